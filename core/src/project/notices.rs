//! What the input itself gives rise to: files that could not be read, syntax errors, duplicate keys.

use super::{Parsed, Project};
use crate::detect;
use crate::finding::{Notice, NoticeLevel};
use crate::source::{Location, MAX_BYTES, Unread};
use crate::span::Span;
use crate::syntax::SyntaxError;
use crate::syntax::yaml::{Kind, Tree};
use crate::text::shorten;

/// Syntax errors shown for one file; the rest is counted.
const SHOWN: usize = 8;

pub(super) fn about_input(project: &Project<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (path, why) in project.sources.unread() {
        unread(path, why, &mut notices);
    }
    for (id, source) in project.texts() {
        let file = project.file(id);
        let at = |span: Span| project.sources.origin(Location::new(id, span));
        let mut push = |level, code, span: Span, message: String, help: Option<String>| {
            notices.push(Notice { level, code, path: source.path().to_owned(), at: Some(at(span)), message, help });
        };
        if file.kind == detect::Kind::Other {
            continue;
        }
        if let Some(offset) = source.first_replaced() {
            push(
                NoticeLevel::Recovered,
                "file/not-utf-8",
                Span::at(offset as usize).clamp(source.text()),
                "this file is not UTF-8 from here on; other bytes were replaced".to_owned(),
                Some("save it as UTF-8".to_owned()),
            );
        }
        if source.text().trim().is_empty()
            && file.kind != detect::Kind::DockerIgnore
            && file.kind != detect::Kind::DotEnv
        {
            push(NoticeLevel::Note, "file/empty", Span::at(0), "this file is empty".to_owned(), None);
            continue;
        }
        let (code, errors) = errors_of(&file.parsed);
        for error in errors.iter().take(SHOWN) {
            push(NoticeLevel::Recovered, code, error.span, error.message.clone(), error.help.clone());
        }
        if errors.len() > SHOWN {
            let rest = errors.len() - SHOWN;
            push(
                NoticeLevel::Recovered,
                code,
                Span::at(0),
                format!("{rest} more syntax errors in this file"),
                Some("mend the first ones; the rest often follows from them".to_owned()),
            );
        }
        if let Parsed::Dockerfile(dockerfile) = &file.parsed {
            for hint in dockerfile.hints.iter().take(SHOWN) {
                push(NoticeLevel::Note, "hint/dockerfile", hint.span, hint.message.clone(), hint.help.clone());
            }
        }
        if let Parsed::Yaml(tree) = &file.parsed {
            if tree.truncated {
                push(
                    NoticeLevel::Incomplete,
                    "syntax/limit",
                    Span::at(0),
                    "this file is larger or deeper than the analysis takes; the rest of it is not analysed".to_owned(),
                    None,
                );
            }
            for (first, again) in tree.duplicate_keys().into_iter().take(SHOWN) {
                let line = source.line_column(tree.node(first).span.start).line;
                let key = shorten(tree.str(again).unwrap_or(""), 40);
                push(
                    NoticeLevel::Recovered,
                    "syntax/duplicate-key",
                    tree.node(again).span,
                    format!("`{key}` is already set in line {line}; the file is refused"),
                    Some("keep one of the two".to_owned()),
                );
            }
            for at in aliases_in_themselves(tree).take(SHOWN) {
                push(
                    NoticeLevel::Recovered,
                    "syntax/alias-in-itself",
                    at,
                    "this alias stands inside the value it repeats; Compose refuses this file".to_owned(),
                    Some("write the value out, or repeat a smaller one".to_owned()),
                );
            }
            let services = tree
                .documents
                .iter()
                .any(|document| tree.get(*document, "services").is_some() || tree.get(*document, "include").is_some());
            if errors.is_empty() && !services && file.kind == detect::Kind::Compose {
                push(
                    NoticeLevel::Note,
                    "compose/no-services",
                    Span::at(0),
                    "this Compose file has no `services`".to_owned(),
                    None,
                );
            }
        }
    }
    notices
}

/// Another policy than the one that counts.
pub(super) fn second_policy(path: &str, nearest: &str) -> Notice {
    Notice {
        level: NoticeLevel::Note,
        code: "policy/second",
        path: path.to_owned(),
        at: None,
        message: format!("this policy does not count: `{}` is nearer to the root", shorten(nearest, 80)),
        help: Some("keep one `plimsoll.toml`, or check this folder by itself".to_owned()),
    }
}

/// Aliases whose anchor is around them. The tree is at most 64 levels deep, so looking upwards is cheap.
fn aliases_in_themselves(tree: &Tree) -> impl Iterator<Item = Span> {
    tree.nodes.iter().filter_map(|node| {
        let Kind::Alias { target: Some(target), .. } = node.kind else { return None };
        let mut above = std::iter::successors(node.parent, |id| tree.node(*id).parent);
        above.any(|id| id == target).then_some(node.span)
    })
}

fn errors_of(parsed: &Parsed) -> (&'static str, &[SyntaxError]) {
    match parsed {
        Parsed::Dockerfile(file) => ("syntax/dockerfile", &file.errors),
        Parsed::Yaml(tree) => ("syntax/yaml", &tree.errors),
        Parsed::DotEnv(file) => ("syntax/env", &file.errors),
        Parsed::DockerIgnore(file) => ("syntax/dockerignore", &file.errors),
        Parsed::Ini(file) => ("syntax/ini", &file.errors),
        Parsed::Nginx(file) => ("syntax/nginx", &file.errors),
        Parsed::RedisConf(file) => ("syntax/redis-conf", &file.errors),
        Parsed::RedisAcl(file) => ("syntax/redis-acl", &file.errors),
        Parsed::Apache(file) => ("syntax/apache", &file.errors),
        Parsed::Caddyfile(file) => ("syntax/caddyfile", &file.errors),
        Parsed::Crontab(file) => ("syntax/crontab", &file.errors),
        Parsed::Php(file) => ("syntax/php", &file.errors),
        Parsed::Jenkinsfile(file) => ("syntax/jenkinsfile", &file.errors),
        Parsed::Makefile(file) => ("syntax/makefile", &file.errors),
        Parsed::Script(file) => ("syntax/script", &file.errors),
        Parsed::Json(file) => ("syntax/json", &file.errors),
        Parsed::Inventory(file) => ("syntax/inventory", &file.errors),
        Parsed::Nothing => ("", &[]),
    }
}

fn unread(path: &str, why: &Unread, notices: &mut Vec<Notice>) {
    let known = detect::by_name(path).is_some();
    let (level, code, message, help) = match why {
        Unread::NotNeeded => return,
        Unread::Binary if !known => return,
        Unread::TooLarge { .. } if !known => return,
        Unread::Binary => (
            NoticeLevel::Incomplete,
            "file/binary",
            "this file holds NUL bytes, so it is not text".to_owned(),
            "save it as UTF-8 text (UTF-16 is not read)",
        ),
        Unread::TooLarge { bytes } => (
            NoticeLevel::Incomplete,
            "file/too-large",
            format!("this file has {bytes} bytes; files over {MAX_BYTES} bytes are not analysed"),
            "split it, or leave generated parts out",
        ),
        Unread::Unreadable { reason } => (
            NoticeLevel::Incomplete,
            "file/unreadable",
            format!("this file could not be read: {}", shorten(reason, 200)),
            "check its permissions",
        ),
    };
    notices.push(Notice { level, code, path: path.to_owned(), at: None, message, help: Some(help.to_owned()) });
}

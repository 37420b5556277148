//! The trees of configuration files.

use super::arena::{Arena, New};
use crate::span::Span;
use crate::syntax::directives::Item;
use crate::syntax::{dockerignore::DockerIgnore, dotenv::DotEnv, ini::Ini, redis_acl::RedisAcl, redis_conf::RedisConf};
use plimsoll_plugin_abi::NodeKind;

/// A file of variables.
pub(super) fn env(arena: &mut Arena<'_>, file: &DotEnv) {
    for entry in &file.entries {
        let value_span = entry.value_span.unwrap_or(Span { start: entry.key_span.end, end: entry.key_span.end });
        arena.add(
            0,
            New {
                kind: NodeKind::Pair,
                key: &entry.key,
                value: entry.value.as_deref().unwrap_or(""),
                span: entry.span,
                value_span,
            },
        );
    }
    arena.comments(&file.comments);
}

/// php.ini, drop-ins, FPM pools.
pub(super) fn ini(arena: &mut Arena<'_>, file: &Ini) {
    for section in &file.sections {
        let parent = match &section.name {
            Some((name, at)) => {
                let end = section.entries.last().map_or(*at, |entry| entry.value_span);
                arena.add(0, New { kind: NodeKind::Section, key: name, value: "", span: at.to(end), value_span: *at })
            }
            None => 0,
        };
        for entry in &section.entries {
            let span = entry.key_span.to(entry.value_span);
            arena.add(
                parent,
                New { kind: NodeKind::Pair, key: &entry.key, value: &entry.value, span, value_span: entry.value_span },
            );
        }
    }
    arena.comments(&file.comments);
}

/// nginx, Apache, Caddy. A stack and no recursion: how deep a file nests must not matter here.
pub(super) fn directives(arena: &mut Arena<'_>, items: &[Item], comments: &[Span]) {
    let mut open: Vec<(u32, &Item)> = items.iter().rev().map(|item| (0, item)).collect();
    while let Some((parent, item)) = open.pop() {
        let kind = if item.block.is_some() { NodeKind::Block } else { NodeKind::Directive };
        let own = arena.as_written(parent, kind, &item.name, item.span, joined(&item.args, item.name_span));
        arguments(arena, own, &item.args);
        open.extend(item.block.iter().flatten().rev().map(|item| (own, item)));
    }
    arena.comments(comments);
}

/// redis.conf.
pub(super) fn redis(arena: &mut Arena<'_>, file: &RedisConf) {
    for directive in &file.directives {
        let name_end = Span { start: directive.span.start, end: directive.span.start };
        let own = arena.as_written(
            0,
            NodeKind::Directive,
            &directive.name,
            directive.span,
            joined(&directive.args, name_end),
        );
        arguments(arena, own, &directive.args);
    }
    arena.comments(&file.comments);
}

/// Users of Redis.
pub(super) fn redis_users(arena: &mut Arena<'_>, file: &RedisAcl) {
    for user in &file.users {
        let value = match (user.rules.first(), user.rules.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span { start: user.name_span.end, end: user.name_span.end },
        };
        let own = arena.as_written(0, NodeKind::Directive, &user.name, user.span, value);
        for rule in &user.rules {
            arena.as_written(own, NodeKind::Argument, "", rule.span, rule.span);
        }
    }
    arena.comments(&file.comments);
}

/// An ignore file.
pub(super) fn ignore(arena: &mut Arena<'_>, file: &DockerIgnore) {
    for pattern in &file.patterns {
        let key = if pattern.negated { "!" } else { "" };
        arena.add(
            0,
            New { kind: NodeKind::Scalar, key, value: &pattern.text, span: pattern.span, value_span: pattern.span },
        );
    }
    arena.comments(&file.comments);
}

fn arguments(arena: &mut Arena<'_>, parent: u32, args: &[(String, Span)]) {
    for (text, span) in args {
        arena.add(parent, New { kind: NodeKind::Argument, key: "", value: text, span: *span, value_span: *span });
    }
}

/// From the first to the last argument; nothing behind the name when there is none.
fn joined(args: &[(String, Span)], name: Span) -> Span {
    match (args.first(), args.last()) {
        (Some((_, first)), Some((_, last))) => first.to(*last),
        _ => Span { start: name.end, end: name.end },
    }
}

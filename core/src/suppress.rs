//! Comments that switch a finding off: `# plimsoll: ignore[network/flat-network] until=2027-01-31 owner=web: reason`.
//!
//! A comment counts at the end of the finding's line or on the lines directly above it; `ignore-file[…]` counts for its whole file.
//! Nothing vanishes: what is switched off is listed with its reason, and a comment that does nothing is a notice.

use crate::date::Date;
use crate::finding::{Finding, Notice, NoticeLevel};
use crate::project::{Parsed, Project};
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::text::shorten;

/// A finding that a comment switches off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The comment.
    pub at: Location,
    /// Its reason.
    pub reason: String,
}

struct Comment {
    at: Location,
    rules: Vec<String>,
    until: Option<Date>,
    reason: String,
    whole_file: bool,
    /// 0-based lines it speaks for.
    lines: (usize, usize),
    used: bool,
}

/// Parts findings from those that comments switch off.
pub(crate) fn apply(project: &Project<'_>, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Suppressed>, Vec<Notice>) {
    let mut notices = Vec::new();
    let mut comments: Vec<Comment> = Vec::new();
    for (id, _) in project.texts() {
        for span in comments_of(&project.file(id).parsed) {
            comments.extend(read(project, id, *span, &mut notices));
        }
    }
    let (mut kept, mut suppressed) = (Vec::new(), Vec::new());
    for finding in findings {
        let line = project.sources.get(finding.primary.source).lines().line(finding.primary.span.start);
        let fixed = project.policy().not_suppressible.iter().any(|rule| *rule == finding.rule);
        let by = comments.iter_mut().find(|comment| {
            !fixed
                && comment.at.source == finding.primary.source
                && comment.until.is_none_or(|until| until >= project.today)
                && comment.rules.iter().any(|rule| *rule == finding.rule)
                && (comment.whole_file || (comment.lines.0..=comment.lines.1).contains(&line))
        });
        match by {
            Some(comment) => {
                comment.used = true;
                suppressed.push(Suppressed { finding, at: comment.at, reason: comment.reason.clone() });
            }
            None => kept.push(finding),
        }
    }
    for comment in &comments {
        let notice = |code, message: String, help: &str| Notice {
            level: NoticeLevel::Note,
            code,
            path: project.path(comment.at.source).to_owned(),
            at: Some(comment.at),
            message,
            help: Some(help.to_owned()),
        };
        if let Some(until) = comment.until.filter(|until| *until < project.today) {
            notices.push(notice(
                "suppress/expired",
                format!("this exception ended on {until}"),
                "mend the finding, or set a new date",
            ));
        } else if !comment.used {
            notices.push(notice("suppress/unused", "this comment switches nothing off".to_owned(), "remove it"));
        }
    }
    (kept, suppressed, notices)
}

fn comments_of(parsed: &Parsed) -> &[Span] {
    match parsed {
        Parsed::Dockerfile(file) => &file.comments,
        Parsed::Yaml(tree) => &tree.comments,
        Parsed::DotEnv(file) => &file.comments,
        Parsed::DockerIgnore(file) => &file.comments,
        Parsed::Ini(file) => &file.comments,
        Parsed::Nginx(file) => &file.comments,
        Parsed::RedisConf(file) => &file.comments,
        Parsed::RedisAcl(file) => &file.comments,
        Parsed::Apache(file) => &file.comments,
        Parsed::Caddyfile(file) => &file.comments,
        Parsed::Crontab(file) => &file.comments,
        Parsed::Php(file) => &file.comments,
        Parsed::Jenkinsfile(file) => &file.comments,
        Parsed::Makefile(file) => &file.comments,
        Parsed::Script(file) => &file.comments,
        Parsed::Inventory(file) => &file.comments,
        Parsed::Json(_) | Parsed::Nothing => &[],
    }
}

fn read(project: &Project<'_>, id: SourceId, span: Span, notices: &mut Vec<Notice>) -> Option<Comment> {
    let source = project.sources.get(id);
    let body = span.slice(source.text()).trim_start_matches(['#', ';', ' ', '\t']).strip_prefix("plimsoll:")?.trim();
    let at = project.sources.origin(Location::new(id, span));
    let mut refuse = |message: &str| {
        notices.push(Notice {
            level: NoticeLevel::Note,
            code: "suppress/malformed",
            path: source.path().to_owned(),
            at: Some(at),
            message: message.to_owned(),
            help: Some("write `plimsoll: ignore[pillar/name] until=2027-01-31 owner=team: reason`".to_owned()),
        });
    };
    let (whole_file, rest) = match (body.strip_prefix("ignore-file["), body.strip_prefix("ignore[")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => {
            refuse("this comment is addressed to plimsoll, but says nothing it understands");
            return None;
        }
    };
    let Some((rules, rest)) = rest.split_once(']') else {
        refuse("the list of rules is not closed with `]`");
        return None;
    };
    let rules: Vec<String> =
        rules.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect();
    let (options, reason) = rest.split_once(':').unwrap_or((rest, ""));
    let mut until = None;
    for option in options.split_whitespace() {
        match option.split_once('=') {
            Some(("until", date)) => match Date::parse(date) {
                Some(date) => until = Some(date),
                None => {
                    refuse(&format!("`{}` is no date", shorten(date, 20)));
                    return None;
                }
            },
            Some(("owner", _)) => {}
            _ => {
                refuse(&format!("`{}` is no option", shorten(option, 20)));
                return None;
            }
        }
    }
    if reason.trim().is_empty() {
        refuse("a reason is missing after the colon");
        return None;
    }
    let line = source.lines().line(span.start);
    let alone = Span { start: source.lines().start(line), end: span.start }.slice(source.text()).trim().is_empty();
    // A comment on its own line speaks for the next line that is none.
    let last = if alone { next_content(project, id, line) } else { line };
    Some(Comment {
        at,
        rules,
        until,
        reason: shorten(reason.trim(), 200),
        whole_file,
        lines: (written_in(project, id, line), written_in(project, id, last)),
        used: false,
    })
}

/// The line of the file around it that a line of a text stands in.
fn written_in(project: &Project<'_>, id: SourceId, line: usize) -> usize {
    if project.sources.embedded_text(id).is_none() {
        return line;
    }
    let start = Span::at(project.sources.get(id).lines().start(line) as usize);
    let at = project.sources.origin(Location::new(id, start));
    project.sources.get(at.source).lines().line(at.span.start)
}

fn next_content(project: &Project<'_>, id: SourceId, line: usize) -> usize {
    let text = project.text(id);
    text.lines()
        .enumerate()
        .skip(line + 1)
        .find(|(_, text)| !text.trim_start().starts_with(['#', ';']) && !text.trim().is_empty())
        .map_or(line, |(at, _)| at)
}

//! A report for people: a snippet for each finding with its evidence across files, then notices, summary and coverage.

use crate::score;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use plimsoll_core::facts::mask;
use plimsoll_core::finding::{Finding, Notice, NoticeLevel};
use plimsoll_core::source::{Location, SourceId, Sources};
use plimsoll_core::text::{count, visible};
use plimsoll_core::{Report, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A line longer than this is shown in part, so that a minified file does not fill the screen.
const MAX_LINE: usize = 400;

/// Rules whose place may be a credential among other words, which no name beside it tells.
const HIDDEN_WHOLE: [&str; 3] =
    ["secrets/secret-in-dockerfile", "secrets/secret-on-command-line", "secrets/composer-credentials-exposed"];

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colours are wanted. The stream decides whether they reach the terminal.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// Texts as they may be shown: secrets hidden, every place where it was.
struct Shown<'a> {
    sources: &'a Sources,
    masked: BTreeMap<SourceId, String>,
}

impl<'a> Shown<'a> {
    fn new(report: &Report, sources: &'a Sources) -> Self {
        let mut masked: BTreeMap<SourceId, String> = BTreeMap::new();
        let places = report.findings.iter().flat_map(|finding| {
            std::iter::once(finding.primary).chain(finding.related.iter().map(|related| related.at))
        });
        for at in places.chain(report.notices.iter().filter_map(|notice| notice.at)) {
            masked.entry(at.source).or_insert_with(|| mask::masked(sources.get(at.source).text()));
        }
        // A credential among the words of a command: only the rule knows it.
        for finding in report.findings.iter().filter(|finding| HIDDEN_WHOLE.contains(&finding.rule.as_ref())) {
            let name = sources.slice(finding.primary).chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
            if let Some(text) = masked.get_mut(&finding.primary.source).filter(|_| !name) {
                *text = mask::masked_at(text, finding.primary.span.range());
            }
        }
        Self { sources, masked }
    }

    fn text(&self, file: SourceId) -> &str {
        self.masked.get(&file).map_or("", String::as_str)
    }
}

/// Renders a report.
#[must_use]
pub fn render(report: &Report, sources: &Sources, style: Style) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() }.term_width(style.width);
    let shown = Shown::new(report, sources);
    let mut out = String::new();
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    for finding in &report.findings {
        let first = explained.insert(finding.rule.as_ref());
        out.push_str(&renderer.render(&[finding_group(finding, &shown, first, style.width)]));
        out.push_str("\n\n");
    }
    for notice in &report.notices {
        out.push_str(&renderer.render(&[notice_group(notice, &shown)]));
        out.push_str("\n\n");
    }
    for question in &report.questions {
        let group = Group::with_title(Level::NOTE.with_name("question").secondary_title(visible(&question.question)))
            .element(Level::HELP.message(visible(&question.answer)));
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    out.push_str(&summary(report));
    out.push_str(&score::line(&report.score));
    out.push('\n');
    out.push_str(&coverage(report));
    out
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::NOTE,
        Severity::Info => Level::INFO,
    }
    .with_name(severity.as_str())
}

fn finding_group<'a>(finding: &'a Finding, shown: &'a Shown<'_>, explain: bool, width: usize) -> Group<'a> {
    let mut group = level(finding.severity)
        .primary_title(visible(&finding.message))
        .id(finding.rule.as_ref())
        .elements(std::iter::empty::<Snippet<'_, annotate_snippets::Annotation<'_>>>());
    let mut places: Vec<(Location, Option<&str>, AnnotationKind)> =
        vec![(finding.primary, None, AnnotationKind::Primary)];
    places.extend(
        finding.related.iter().map(|related| (related.at, Some(related.label.as_str()), AnnotationKind::Context)),
    );
    let mut files: Vec<SourceId> = Vec::new();
    for (at, _, _) in &places {
        if !files.contains(&at.source) {
            files.push(at.source);
        }
    }
    for file in files {
        let here: Vec<_> = places.iter().filter(|(at, _, _)| at.source == file).copied().collect();
        group = group.element(snippet(shown, file, &here));
    }
    if explain {
        group = group.element(Level::NOTE.with_name("why").message(wrapped(&visible(&finding.why), width)));
    }
    let services = affected(finding);
    if !services.is_empty() {
        group = group.element(Level::NOTE.with_name("affects").message(services));
    }
    let fix = finding
        .fixes
        .first()
        .map(|fix| format!(" ({} fix available: {})", fix.safety.as_str(), visible(&fix.title)))
        .unwrap_or_default();
    group.element(Level::HELP.message(wrapped(&format!("{}{fix}", visible(&finding.help)), width)))
}

/// Columns that the margin and the word before a message take.
const MARGIN: usize = 14;

/// A long message in lines that fit. Words are never cut.
fn wrapped(text: &str, width: usize) -> String {
    let most = width.saturating_sub(MARGIN).max(40);
    let mut out = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > most {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

fn affected(finding: &Finding) -> String {
    let services = finding.services.iter().map(|name| visible(name)).collect::<Vec<_>>().join(", ");
    let sure = match finding.confidence {
        plimsoll_core::Confidence::High => String::new(),
        other => format!("confidence {other}"),
    };
    let views = if finding.views.len() > 1 {
        format!("views {}", finding.views.iter().map(|name| visible(name)).collect::<Vec<_>>().join(", "))
    } else {
        String::new()
    };
    [services, views, sure, data(finding)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The days of the tables that it leans on.
fn data(finding: &Finding) -> String {
    let tables: Vec<String> =
        finding.based_on.iter().map(|basis| format!("{} ({})", basis.as_of, basis.title())).collect();
    if tables.is_empty() { String::new() } else { format!("data of {}", tables.join(", ")) }
}

/// The lines of one file from the first place to the last, each place marked.
fn snippet<'a>(
    texts: &'a Shown<'_>,
    file: SourceId,
    places: &[(Location, Option<&str>, AnnotationKind)],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = texts.sources.get(file);
    let (text, lines) = (texts.text(file), source.lines());
    let first = places.iter().map(|(at, _, _)| lines.line(at.span.start)).min().unwrap_or(0);
    let start = lines.start(first) as usize;
    let last = places.iter().map(|(at, _, _)| at.span.end as usize).max().unwrap_or(start);
    let end = text.get(last..).and_then(|rest| rest.find('\n')).map_or(text.len(), |rest| last + rest);
    let window = text.get(start..end).unwrap_or("");
    let cut = window.lines().any(|line| line.len() > MAX_LINE);
    let (shown, offset) = if cut { clipped(text, places, start) } else { (window.to_owned(), start) };
    let length = shown.len();
    let annotations: Vec<_> = places
        .iter()
        .filter_map(|(at, label, kind)| {
            let from = (at.span.start as usize).checked_sub(offset)?.min(length);
            let mut to = (at.span.end as usize).saturating_sub(offset).clamp(from, length);
            // A mark over many lines hides the text it is about: the first line is enough.
            if let Some(feed) = shown.get(from..to).and_then(|text| text.find('\n')) {
                to = from + feed;
            }
            shown.is_char_boundary(from).then_some(())?;
            shown.is_char_boundary(to).then_some(())?;
            let annotation = kind.span(from..to);
            Some(match label {
                Some(label) => annotation.label(visible(label)),
                None => annotation,
            })
        })
        .collect();
    Snippet::source(shown).path(visible(source.path())).line_start(first + 1).annotations(annotations)
}

/// The surroundings of the first place in a line too long to show.
fn clipped(text: &str, places: &[(Location, Option<&str>, AnnotationKind)], start: usize) -> (String, usize) {
    let at = places.first().map_or(start, |(at, _, _)| at.span.start as usize);
    let floor = |mut offset: usize| {
        offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |feed| feed + 1);
    let from = floor(at.saturating_sub(60).max(line_start));
    let to = floor(at + 200);
    let window = text.get(from..to).unwrap_or("");
    (window.lines().next().unwrap_or("").to_owned(), from)
}

fn notice_group<'a>(notice: &'a Notice, shown: &'a Shown<'_>) -> Group<'a> {
    let level = match notice.level {
        NoticeLevel::Incomplete => Level::ERROR.with_name("incomplete"),
        NoticeLevel::Recovered => Level::WARNING.with_name("notice"),
        NoticeLevel::Note => Level::NOTE,
    };
    let title = match notice.at {
        Some(_) => visible(&notice.message),
        None => format!("{}: {}", visible(&notice.path), visible(&notice.message)),
    };
    let mut group = level
        .primary_title(title)
        .id(notice.code)
        .elements(std::iter::empty::<Snippet<'_, annotate_snippets::Annotation<'_>>>());
    if let Some(at) = notice.at {
        group = group.element(snippet(shown, at.source, &[(at, None, AnnotationKind::Primary)]));
    }
    match &notice.help {
        Some(help) => group.element(Level::HELP.message(visible(help))),
        None => group,
    }
}

fn summary(report: &Report) -> String {
    let mut parts: Vec<String> = Severity::ALL
        .iter()
        .filter_map(|severity| {
            let number = report.findings.iter().filter(|finding| finding.severity == *severity).count();
            (number > 0).then(|| format!("{number} {severity}"))
        })
        .collect();
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    } else {
        let total = count(report.findings.len(), "finding");
        parts = vec![format!("{total}: {}", parts.join(", "))];
    }
    if !report.suppressed.is_empty() {
        parts.push(format!("{} suppressed by comments", report.suppressed.len()));
    }
    if !report.questions.is_empty() {
        parts.push(count(report.questions.len(), "open question"));
    }
    let fixable = report
        .findings
        .iter()
        .filter(|finding| finding.fixes.iter().any(|fix| fix.safety == plimsoll_core::Safety::Safe))
        .count();
    if fixable > 0 {
        parts.push(format!("{fixable} with a safe fix (see --diff, --fix)"));
    }
    format!("{}\n", parts.join(" · "))
}

fn coverage(report: &Report) -> String {
    let coverage = &report.coverage;
    let mut line = format!("analysed {} of {}", coverage.files_analysed, count(coverage.files, "file"));
    if coverage.instructions > 0 {
        let _ = write!(line, ", {} of {}", coverage.instructions_analysed, count(coverage.instructions, "instruction"));
    }
    if coverage.services > 0 {
        let views = report.coverage.views.len();
        let _ = write!(line, ", {} in {}", count(coverage.services, "service"), count(views, "view"));
    }
    if coverage.recovered > 0 {
        let _ = write!(line, ", {} recovered", count(coverage.recovered, "place"));
    }
    if report.is_incomplete() {
        line.push_str("; the analysis is incomplete");
    }
    line.push('\n');
    line
}

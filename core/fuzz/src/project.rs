//! Targets that analyse whole projects: several files in one input, each behind a line `==== name`.

use super::spans::check_span;
use super::text;
use plimsoll_core::project::Project;
use plimsoll_core::report::{json, sarif};
use plimsoll_core::source::Location;
use plimsoll_core::{Date, Finding, Options, Safety, Sources, check, plugin};

const TODAY: Date = Date::new(2026, 11, 24);

/// Names that a file of an input may have besides those it gives itself.
const NAMES: [&str; 4] = ["compose.yaml", "compose.override.yaml", "Dockerfile", ".env"];

/// Fixes that are tried for one input: each one analyses the project again.
const MAX_FIXES: usize = 12;

/// The files of an input. A line `==== docker/app.ini` begins a file of that name; what stands before the first is a Compose file.
fn sources(data: &[u8]) -> Sources {
    let text = text(data);
    let mut sources = Sources::new();
    for (index, part) in text.split("\n==== ").enumerate() {
        let (name, body) = match part.split_once('\n') {
            Some((name, body)) if index > 0 && !name.trim().is_empty() => (name.trim(), body),
            _ => (NAMES[index % NAMES.len()], part),
        };
        sources.add(name, body);
    }
    sources
}

fn place(sources: &Sources, at: Location) {
    check_span(sources.get(at.source).text(), at.span);
    assert_eq!(sources.origin(at), at, "a place inside an embedded text");
}

fn finding(sources: &Sources, finding: &Finding) {
    place(sources, finding.primary);
    finding.related.iter().for_each(|related| place(sources, related.at));
    for edit in finding.fixes.iter().flat_map(|fix| &fix.edits) {
        place(sources, Location::new(edit.source, edit.span));
    }
}

/// The whole analysis: every place in every output, and what plug-ins are given.
pub fn compose_project(data: &[u8]) {
    let sources = sources(data);
    let report = check(&sources, &Options::new(TODAY));
    report.findings.iter().for_each(|one| finding(&sources, one));
    for suppressed in &report.suppressed {
        finding(&sources, &suppressed.finding);
        place(&sources, suppressed.at);
    }
    report.notices.iter().filter_map(|notice| notice.at).for_each(|at| place(&sources, at));
    let wire = json::wire(&report, &sources);
    assert!(!sarif::render(&wire).is_empty());
    let project = Project::new(&sources, TODAY);
    let seen = plugin::describe(&project);
    for document in &seen.documents {
        for node in &document.nodes {
            for span in [node.span, node.value_span] {
                assert!(document.text.get(span.start as usize..span.end as usize).is_some());
            }
        }
    }
    let places = seen.entities.iter().filter_map(|entity| entity.origin.as_ref());
    for at in places {
        let text = &seen.documents[at.document as usize].text;
        assert!(text.get(at.span.start as usize..at.span.end as usize).is_some());
    }
}

/// Every fix applies and leaves no new syntax error. When it is safe it leaves fewer findings of its rule; when it is suggested, for
/// a project that parses whole, no more.
pub fn fixes(data: &[u8]) {
    let sources = sources(data);
    let report = check(&sources, &Options::new(TODAY));
    let errors = |report: &plimsoll_core::Report| {
        report.notices.iter().filter(|notice| notice.code.starts_with("syntax/")).count()
    };
    let of = |report: &plimsoll_core::Report, rule: &str| {
        report
            .findings
            .iter()
            .chain(report.suppressed.iter().map(|one| &one.finding))
            .filter(|one| one.rule == rule)
            .count()
    };
    let offered = report.findings.iter().flat_map(|finding| finding.fixes.iter().map(move |fix| (finding, fix)));
    for (finding, fix) in offered.take(MAX_FIXES) {
        let outcome = fix.outcome(&sources);
        let outcome = outcome.unwrap_or_else(|| panic!("{}: `{}` does not apply", finding.rule, fix.title));
        let mut after = sources.clone();
        for (path, text) in outcome {
            after.add(&path, text);
        }
        let again = check(&after, &Options::new(TODAY));
        assert!(errors(&again) <= errors(&report), "{}: `{}` breaks a file", finding.rule, fix.title);
        let (before, left) = (of(&report, &finding.rule), of(&again, &finding.rule));
        if fix.safety == Safety::Safe {
            assert!(left < before, "{}: `{}` leaves {left} of {before} findings", finding.rule, fix.title);
        } else if errors(&report) == 0 {
            assert!(left <= before, "{}: `{}` makes {left} of {before} findings", finding.rule, fix.title);
        }
    }
}

/// Comments that switch findings off: nothing vanishes, and nothing comes up that was not there without them.
pub fn suppress(data: &[u8]) {
    let sources = sources(data);
    let report = check(&sources, &Options::new(TODAY));
    for suppressed in &report.suppressed {
        assert!(!suppressed.reason.is_empty());
        place(&sources, suppressed.at);
        assert!(sources.slice(suppressed.at).contains("plimsoll:"), "{}", sources.slice(suppressed.at));
        assert_eq!(suppressed.at.source, suppressed.finding.primary.source);
    }
    assert!(report.findings.iter().all(|finding| !finding.fingerprint.is_empty()));
}

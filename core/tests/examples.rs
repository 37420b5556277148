//! The examples in the manuals run: every *bad* block raises its rule, every *good* block does not, and fixes keep their word.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "tests say what went wrong by panicking")]

use plimsoll_core::fix::Safety;
use plimsoll_core::rule::{Fixes, Rule};
use plimsoll_core::rules::RULES;
use plimsoll_core::{Date, Options, Report, Sources, check};

const TODAY: Date = Date::new(2026, 11, 24);

/// The fenced files under the headings that start with a word: one project for each heading.
fn projects(rule: &Rule, heading: &str) -> Vec<Sources> {
    let mut projects = Vec::new();
    let mut current: Option<Sources> = None;
    let mut fence: Option<(String, String)> = None;
    for line in rule.manual.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some((path, text)) = &mut fence {
            if line == "```" {
                if let Some(sources) = &mut current {
                    sources.add(path, text.clone());
                }
                fence = None;
            } else {
                text.push_str(line);
                text.push('\n');
            }
        } else if let Some(name) = line.strip_prefix("# ") {
            projects.extend(current.take());
            current = name.starts_with(heading).then(Sources::new);
        } else if let Some(info) = line.strip_prefix("```") {
            let path = info.split_whitespace().find_map(|word| word.strip_prefix("file:"));
            let path = path.unwrap_or_else(|| panic!("{}: the fence `{info}` names no file", rule.id));
            fence = Some((path.to_owned(), String::new()));
        }
    }
    projects.extend(current);
    projects
}

fn analyse(sources: &Sources) -> Report {
    check(sources, &Options::new(TODAY))
}

fn raises(report: &Report, rule: &Rule) -> bool {
    report.findings.iter().any(|finding| finding.rule == rule.id)
}

/// Runs a test for every rule and names all that fail it, not only the first.
fn each_rule(test: fn(&Rule)) {
    let failed: Vec<&str> =
        RULES.iter().filter(|rule| std::panic::catch_unwind(|| test(rule)).is_err()).map(|rule| rule.id).collect();
    assert!(failed.is_empty(), "failed for {}; the reasons are above", failed.join(", "));
}

#[test]
fn bad_examples_raise_their_rule() {
    each_rule(|rule| {
        let projects = projects(rule, "Bad");
        assert!(!projects.is_empty(), "{}: no bad example", rule.id);
        for sources in projects {
            let report = analyse(&sources);
            assert!(raises(&report, rule), "{}: a bad example raises nothing of it", rule.id);
            assert!(
                report.notices.iter().all(|notice| notice.level == plimsoll_core::finding::NoticeLevel::Note),
                "{}: {:?}",
                rule.id,
                report.notices
            );
        }
    });
}

#[test]
fn good_examples_do_not() {
    each_rule(|rule| {
        let projects = projects(rule, "Good");
        assert!(!projects.is_empty(), "{}: no good example", rule.id);
        for sources in projects {
            let report = analyse(&sources);
            let said: Vec<&str> = report
                .findings
                .iter()
                .filter(|finding| finding.rule == rule.id)
                .map(|finding| finding.message.as_str())
                .collect();
            assert!(said.is_empty(), "{}: a good example raises it: {said:?}", rule.id);
        }
    });
}

#[test]
fn fixes_are_what_the_rule_declares() {
    each_rule(|rule| {
        let mut offered = Vec::new();
        for sources in projects(rule, "Bad") {
            let report = analyse(&sources);
            offered.extend(
                report
                    .findings
                    .iter()
                    .filter(|finding| finding.rule == rule.id)
                    .flat_map(|finding| finding.fixes.clone()),
            );
        }
        match rule.fixes {
            Fixes::Safe => assert!(
                offered.iter().any(|fix| fix.safety == Safety::Safe),
                "{}: declares safe fixes, offers none",
                rule.id
            ),
            Fixes::Suggested => assert!(!offered.is_empty(), "{}: declares suggested fixes, offers none", rule.id),
            Fixes::Described => assert!(offered.is_empty(), "{}: declares no edits, offers one", rule.id),
        }
    });
}

#[test]
fn safe_fixes_converge_and_add_nothing() {
    each_rule(|rule| {
        for start in projects(rule, "Bad") {
            let mut sources = start;
            for round in 0.. {
                assert!(round < 12, "{}: safe fixes do not converge", rule.id);
                let report = analyse(&sources);
                let next = report
                    .findings
                    .iter()
                    .filter(|finding| finding.rule == rule.id)
                    .find_map(|finding| finding.fixes.iter().find(|fix| fix.safety == Safety::Safe));
                let Some(fix) = next else { break };
                let outcome =
                    fix.outcome(&sources).unwrap_or_else(|| panic!("{}: `{}` does not apply", rule.id, fix.title));
                for (path, text) in outcome {
                    sources.add(&path, text);
                }
                let after = analyse(&sources);
                for finding in &after.findings {
                    let known = report.findings.iter().any(|before| before.rule == finding.rule);
                    assert!(known, "{}: `{}` raises {}", rule.id, fix.title, finding.rule);
                }
                assert!(
                    after.notices.len() <= report.notices.len(),
                    "{}: `{}` breaks a file: {:?}",
                    rule.id,
                    fix.title,
                    after.notices
                );
            }
        }
    });
}

//! The right name, another shape: every difference is found, and told with its place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll_plugin_linker::{Bounds, Limits, LinkError, plan};
use plimsoll_tests::guests::Guest;

fn shape(from: &str, to: &str) -> String {
    let bytes = Guest::new("guest").interface(from, to).component();
    match plan(&bytes, &Limits::default(), &Bounds::default()) {
        Err(LinkError::Shape(reason)) => reason,
        other => panic!("{from} → {to}: {other:?}"),
    }
}

#[test]
fn records() {
    let cases = [
        ("license: string,", "license: string, more: u32,", "metadata: expected a record of 7 fields, found 8"),
        ("license: string, ", "", "metadata: expected a record of 7 fields, found 6"),
        (
            "title: string, description: string, severity: severity,",
            "title: string, description: string,",
            "rule: expected a record of 8 fields, found 7",
        ),
        ("license: string", "licence: string", "metadata: expected the field `license`, found `licence`"),
        (
            "span { start: u32, end: u32 }",
            "span { end: u32, start: u32 }",
            "span: expected the field `start`, found `end`",
        ),
        ("span { start: u32, end: u32 }", "span { start: u64, end: u32 }", "span.start: expected u32, found u64"),
        (
            "name: string, version: string",
            "name: string, version: list<string>",
            "metadata.version: expected string, found a list",
        ),
        (
            "related { location: location, message: string }",
            "related { location: location, message: u32 }",
            "related.message: expected string, found u32",
        ),
        ("rules: list<rule>", "rules: option<rule>", "metadata.rules: expected a list, found an option"),
        ("nodes: list<node>", "nodes: list<string>", "document.nodes, each: expected the record `node`, found string"),
        ("severity: option<severity>", "severity: severity", "finding.severity: expected an option, found an enum"),
        (
            "replacement: string",
            "replacement: tuple<string, string>",
            "edit.replacement: expected string, found a tuple",
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(shape(from, to), expected);
    }
}

#[test]
fn enums() {
    let severity = "severity { info, low, medium, high, critical }";
    assert_eq!(
        shape(severity, "severity { info, low, medium, high }"),
        "severity: expected an enum of 5 cases, found 4"
    );
    assert_eq!(
        shape(severity, "severity { info, low, medium, critical, high }"),
        "severity: expected the case `high`, found `critical`"
    );
    assert_eq!(
        shape(
            "enum severity { info, low, medium, high, critical }",
            "flags severity { info, low, medium, high, critical }"
        ),
        "rule.severity: expected the enum `severity`, found flags"
    );
    assert_eq!(
        shape("enum fix-safety { safe, suggested }", "variant fix-safety { safe, suggested }"),
        "fix.safety: expected the enum `fix-safety`, found a variant"
    );
}

#[test]
fn functions() {
    let check = "check: func(project: project, settings: string) -> result<list<finding>, error>;";
    let cases = [
        (
            "check: func(settings: string, project: project) -> result<list<finding>, error>;",
            "check: parameter 1: expected the record `project`, found string",
        ),
        (
            "check: func(project: project, settings: list<u8>) -> result<list<finding>, error>;",
            "check: parameter 2: expected string, found a list",
        ),
        (
            "check: func(project: project, settings: string) -> result<list<finding>, string>;",
            "check: result, error: expected the record `error`, found string",
        ),
        (
            "check: func(project: project, settings: string) -> result<list<finding>>;",
            "check: result, error: expected the record `error`, found nothing",
        ),
        (
            "check: func(project: project, settings: string) -> result<_, error>;",
            "check: result, ok: expected a list, found nothing",
        ),
        (
            "check: func(project: project, settings: string) -> list<finding>;",
            "check: result: expected a result, found a list",
        ),
    ];
    for (to, expected) in cases {
        assert_eq!(shape(check, to), expected);
    }
    assert_eq!(
        shape("describe: func() -> metadata;", "describe: func() -> rule;"),
        "metadata: expected a record of 7 fields, found 8"
    );
}

/// As in a component runtime, names of types and of parameters do not count.
#[test]
fn names_of_types_do_not_count() {
    let guest = Guest::new("guest")
        .interface("settings: string) ->", "other: string) ->")
        .interface("record related {", "record elsewhere {")
        .interface("list<related>", "list<elsewhere>");
    plan(&guest.component(), &Limits::default(), &Bounds::default()).unwrap();
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use crate::RequiredLabels;
use plimsoll_plugin_sdk::testing::{Outcome, check};

const OWNER: &str = r#"{ "services": { "net.example.owner": "^[a-z-]+@example\\.net$" }, "values": { "net.example.owner": "web@example.net" } }"#;

fn run(files: &[(&str, &str)], settings: &str) -> Outcome {
    check::<RequiredLabels>(files, settings).unwrap_or_else(|error| panic!("{error}"))
}

fn silent(files: &[(&str, &str)], settings: &str) {
    let lines = run(files, settings).lines();
    assert!(lines.is_empty(), "{lines:?}");
}

/// The first file after the first fix of the only finding.
fn fixed(text: &str, settings: &str) -> Option<String> {
    let outcome = run(&[("compose.yaml", text)], settings);
    assert_eq!(outcome.findings.len(), 1, "{:?}", outcome.lines());
    Some(outcome.fixed(0)?["compose.yaml"].clone())
}

#[test]
fn nothing_is_required_unless_said() {
    silent(&[("compose.yaml", "services:\n  a:\n    image: redis:7\n")], "{}");
}

#[test]
fn a_missing_label_is_added_where_labels_are() {
    let none = "services:\n  a:\n    image: redis:7\n\n  b:\n    image: redis:7 # b\n    labels:\n      net.example.owner: db@example.net\n";
    assert_eq!(
        fixed(none, OWNER).unwrap(),
        none.replacen("redis:7\n", "redis:7\n    labels:\n      net.example.owner: web@example.net\n", 1)
    );
    let mapping = "services:\n  a:\n    labels:\n      x: y  # why\n    image: redis:7\n";
    assert_eq!(
        fixed(mapping, OWNER).unwrap(),
        mapping.replace("# why\n", "# why\n      net.example.owner: web@example.net\n")
    );
    let list = "services:\n  a:\n    image: redis:7\n    labels:\n    - x=y\n";
    assert_eq!(fixed(list, OWNER).unwrap(), format!("{list}    - \"net.example.owner=web@example.net\"\n"));
    let windows = "services:\r\n  a:\r\n    image: redis:7\r\n";
    assert_eq!(
        fixed(windows, OWNER).unwrap(),
        format!("{windows}    labels:\r\n      net.example.owner: web@example.net\r\n")
    );
}

#[test]
fn no_fix_where_it_could_break_something() {
    for text in [
        "services:\n  a: {image: \"redis:7\"}\n",
        "services:\n  a:\n    image: redis:7\n    labels: {x: y}\n",
        "x-base: &base\n  labels:\n    x: y\nservices:\n  a:\n    <<: *base\n    image: redis:7\n",
        "x-labels: &labels\n  x: y\nservices:\n  a:\n    image: redis:7\n    labels: *labels\n",
    ] {
        assert_eq!(fixed(text, OWNER), None, "{text}");
    }
    let without_value = r#"{ "services": { "net.example.owner": "" } }"#;
    assert_eq!(fixed("services:\n  a:\n    image: redis:7\n", without_value), None);
}

#[test]
fn values_are_held_to_their_pattern() {
    let text = "services:\n  a:\n    image: redis:7\n    labels:\n      net.example.owner: 'me'\n";
    let outcome = run(&[("compose.yaml", text)], OWNER);
    assert_eq!(
        outcome.lines(),
        [
            "compose.yaml:5 required-labels/label-value: The label `net.example.owner` of `a` is `me`, which does not match `^[a-z-]+@example\\.net$`"
        ]
    );
    assert_eq!(outcome.fixed(0).unwrap()["compose.yaml"], text.replace("'me'", "web@example.net"));
    let list = "services:\n  a:\n    image: redis:7\n    labels: [net.example.owner=me]\n";
    let outcome = run(&[("compose.yaml", list)], OWNER);
    assert_eq!((outcome.findings.len(), outcome.findings[0].fixes.len()), (1, 0));
}

#[test]
fn what_cannot_be_seen_is_believed() {
    for text in [
        "services:\n  a:\n    image: redis:7\n    labels:\n      net.example.owner: ${OWNER}\n",
        "services:\n  a:\n    image: redis:7\n    label_file: ./labels\n",
        "services:\n  a:\n    image: redis:7\n    deploy: {labels: {net.example.owner: db@example.net}}\n",
        "services:\n  a:\n    image: redis:7\n    deploy:\n      labels:\n        - net.example.owner=db@example.net\n",
    ] {
        silent(&[("compose.yaml", text)], OWNER);
    }
}

#[test]
fn another_view_may_bring_the_label() {
    let base = "services:\n  a:\n    image: redis:7\n";
    let production = "services:\n  a:\n    labels:\n      net.example.owner: db@example.net\n";
    silent(&[("compose.yaml", base), ("compose.prod.yaml", production)], OWNER);
}

#[test]
fn contexts_and_names_may_be_left_out() {
    let files = [("compose.dev.yaml", "services:\n  a:\n    image: redis:7\n")];
    silent(&files, OWNER);
    let everywhere = OWNER.replacen('{', r#"{ "contexts": ["development"], "#, 1);
    assert_eq!(run(&files, &everywhere).findings.len(), 1);
    let exempt = OWNER.replacen('{', r#"{ "exempt": ["a*"], "#, 1);
    silent(&[("compose.yaml", "services:\n  a:\n    image: redis:7\n")], &exempt);
}

#[test]
fn images_are_judged_by_every_stage_below() {
    let settings = r#"{ "images": { "org.opencontainers.image.source": "^https://", "net.example.owner": "" },
                        "values": { "net.example.owner": "web \"core\" $x" } }"#;
    let dockerfile =
        "FROM php:8.4-fpm AS base\nLABEL org.opencontainers.image.source=git@example.net\nFROM base AS app\nRUN true\n";
    let compose = "services:\n  app:\n    build:\n      context: .\n      target: app\n";
    let outcome = run(&[("Dockerfile", dockerfile), ("compose.yaml", compose)], settings);
    assert_eq!(
        outcome.lines(),
        [
            "Dockerfile:2 required-labels/label-value: The label `org.opencontainers.image.source` of the image is `git@example.net`, which does not match `^https://`",
            "Dockerfile:3 required-labels/label-missing: The image of the stage `app` has no label `net.example.owner`",
        ]
    );
    assert_eq!(outcome.findings[1].services, ["app"]);
    assert_eq!(
        outcome.fixed(1).unwrap()["Dockerfile"],
        format!("{dockerfile}LABEL net.example.owner=\"web \\\"core\\\" \\$x\"\n")
    );
}

#[test]
fn an_image_may_get_its_labels_elsewhere() {
    let settings = r#"{ "images": { "net.example.owner": "" }, "labelled_bases": ["registry.example.net/base/*"] }"#;
    let built = |build: &str| format!("services:\n  app:\n    build:\n      context: .\n{build}");
    for (dockerfile, build) in [
        ("FROM registry.example.net/base/php:8\n", ""),
        ("FROM php:8\nARG L\nLABEL $L=x\n", ""),
        ("FROM php:8\nLABEL \"net.example.owner\"=$OWNER\n", ""),
        ("FROM php:8\n", "      labels:\n        - net.example.owner=x\n"),
    ] {
        silent(&[("Dockerfile", dockerfile), ("compose.yaml", &built(build))], settings);
    }
    let compose = "services:\n  app:\n    build:\n      dockerfile_inline: |\n        FROM php:8\n";
    silent(&[("compose.yaml", compose)], settings);
    silent(&[("compose.yaml", "services:\n  app:\n    image: php:8\n")], settings);
}

#[test]
fn settings_are_held_to_their_shape() {
    for (settings, want) in [
        (r#"{ "services": { "a b": "" } }"#, "services: `a b` is no name of a label (letters, digits and . - _ /)"),
        (r#"{ "values": { "a": "b" } }"#, "values: `a` is a label that nothing requires"),
        (
            r#"{ "images": { "a": "^x" }, "values": { "a": "b" } }"#,
            "values: `b` of a does not match its own pattern `^x`",
        ),
    ] {
        assert_eq!(check::<RequiredLabels>(&[], settings).unwrap_err(), want);
    }
    let broken = check::<RequiredLabels>(&[], r#"{ "services": { "a": "(" } }"#).unwrap_err();
    assert!(broken.starts_with("services: the pattern `(` of a: "), "{broken}");
}

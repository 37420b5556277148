#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use crate::BaseImageAllowlist;
use plimsoll_plugin_sdk::testing::{Outcome, check};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn run(files: &[(&str, &str)], settings: &str) -> Outcome {
    check::<BaseImageAllowlist>(files, settings).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn only_images_in_use_count() {
    let dockerfile = "ARG TAG\nFROM composer:2 AS vendor\nFROM ghcr.io/acme/php:8.4 AS app\nCOPY --from=vendor /a /a\n\
                      COPY --from=quay.io/x/tool /t /t\nFROM evil.example.net/x AS unused\n";
    let compose = "services:\n  app:\n    build: {context: ., target: app}\n  db:\n    image: bitnami/mysql:8\n  cache:\n    image: redis:7\n  \
                   unknown:\n    image: ${REGISTRY}/x\n";
    let outcome = run(&[("Dockerfile", dockerfile), ("compose.yaml", compose)], "{}");
    assert_eq!(
        outcome.lines(),
        [
            "Dockerfile:3 base-image-allowlist/image-not-allowed: `ghcr.io/acme/php:8.4` is not from an allowed place: ghcr.io/acme/php matches none of the allowed patterns",
            "Dockerfile:5 base-image-allowlist/image-not-allowed: `quay.io/x/tool` is not from an allowed place: quay.io/x/tool matches none of the allowed patterns",
            "compose.yaml:5 base-image-allowlist/image-not-allowed: `bitnami/mysql:8` is not from an allowed place: docker.io/bitnami/mysql matches none of the allowed patterns",
        ]
    );
    let services: Vec<_> = outcome.findings.iter().map(|finding| finding.services.join(" ")).collect();
    assert_eq!(services, ["app", "app", "db"]);
}

#[test]
fn a_known_replacement_is_offered() {
    let settings =
        r#"{ "allowed": ["r.example.net/**"], "replacements": { "docker.io/library/php": "r.example.net/base/php" } }"#;
    let dockerfile = format!("FROM --platform=linux/amd64 php:8.4@{DIGEST} AS app\n");
    let outcome = run(&[("Dockerfile", &dockerfile)], settings);
    assert_eq!(
        outcome.fixed(0).unwrap()["Dockerfile"],
        format!("FROM --platform=linux/amd64 r.example.net/base/php:8.4@{DIGEST} AS app\n")
    );
    let quoted = run(&[("compose.yaml", "services:\n  a:\n    image: \"php\"  # keep\n")], settings);
    assert_eq!(
        quoted.fixed(0).unwrap()["compose.yaml"],
        "services:\n  a:\n    image: \"r.example.net/base/php\"  # keep\n"
    );
    let variable = run(&[("Dockerfile", "ARG V=8.4\nFROM php:${V}\n")], settings);
    assert_eq!((variable.findings.len(), variable.findings[0].fixes.len()), (1, 0));
}

#[test]
fn a_digest_may_be_required() {
    let files = [("compose.yaml", format!("services:\n  a:\n    image: php:8.4\n  b:\n    image: redis:7@{DIGEST}\n"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let outcome = run(&files, r#"{ "require_digest": true }"#);
    assert_eq!(
        outcome.lines(),
        [
            "compose.yaml:3 base-image-allowlist/image-without-digest: `php:8.4` can change without notice: it has no digest"
        ]
    );
    assert!(run(&files, "").findings.is_empty());
}

#[test]
fn some_images_may_do_without_a_digest() {
    let settings = r#"{ "require_digest": true, "digest_exempt": ["docker.io/library/php"] }"#;
    let outcome = run(&[("compose.yaml", "services:\n  a:\n    image: php:8.4\n  b:\n    image: redis:7\n")], settings);
    assert_eq!(
        outcome.lines(),
        [
            "compose.yaml:5 base-image-allowlist/image-without-digest: `redis:7` can change without notice: it has no digest"
        ]
    );
}

#[test]
fn what_a_service_builds_is_no_foreign_image() {
    let compose = "services:\n  app:\n    build: .\n    image: acme/app:1\n  worker:\n    image: acme/app:1\n";
    assert!(run(&[("Dockerfile", "FROM php:8.4\n"), ("compose.yaml", compose)], "{}").findings.is_empty());
}

#[test]
fn contexts_may_be_left_out() {
    let files = [("compose.dev.yaml", "services:\n  a:\n    image: quay.io/acme/a:1\n")];
    assert_eq!(run(&files, "{}").findings.len(), 1);
    assert!(run(&files, r#"{ "contexts": ["production", "unknown"] }"#).findings.is_empty());
}

#[test]
fn settings_are_held_to_their_shape() {
    for (settings, want) in [
        (
            r#"{ "alowed": [] }"#,
            "unknown field `alowed`, expected one of `allowed`, `require_digest`, `digest_exempt`, `contexts`, `replacements` at line 1 column 10",
        ),
        (r#"{ "allowed": "x" }"#, "invalid type: string \"x\", expected a sequence at line 1 column 16"),
        (
            r#"{ "allowed": ["php"] }"#,
            "allowed[0]: `php` has no registry: write the full name, such as docker.io/library/php",
        ),
        (r#"{ "allowed": ["a/**/b"] }"#, "allowed[0]: `a/**/b` has `**` elsewhere than at the end"),
        (r#"{ "replacements": { "a": "b c" } }"#, "replacements: `b c` for `a` is no image name"),
    ] {
        assert_eq!(check::<BaseImageAllowlist>(&[], settings).unwrap_err(), want);
    }
}

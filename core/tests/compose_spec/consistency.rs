//! What does not fit together.

use crate::{codes, notices};

fn undefined(body: &str, rest: &str) -> Vec<(String, String)> {
    let text = format!("services:\n  it: {{image: x, {body}}}\n{rest}");
    notices(&[("compose.yaml", &text)], "compose/undefined")
}

#[test]
fn names_that_nothing_defines() {
    for (body, what, at) in [
        ("networks: [n]", "network `n`", "n"),
        ("networks: {n: {}}", "network `n`", "n"),
        ("volumes: [\"data:/d\"]", "volume `data`", "\"data:/d\""),
        (
            "volumes: [{type: volume, source: data, target: /d}]",
            "volume `data`",
            "{type: volume, source: data, target: /d}",
        ),
        ("secrets: [s]", "secret `s`", "s"),
        ("configs: [{source: c}]", "config `c`", "{source: c}"),
        ("depends_on: [d]", "service `d`", "d"),
        ("links: [\"d:e\"]", "service `d`", "\"d:e\""),
        ("network_mode: \"service:d\"", "service `d`", "\"service:d\""),
        ("volumes_from: [d]", "service `d`", "d"),
    ] {
        let found = undefined(body, "");
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert!(found[0].0.contains(what), "{body}: {}", found[0].0);
        assert_eq!(found[0].1, at, "{body}");
    }
}

#[test]
fn build_secrets_need_a_definition_too() {
    let files = [("compose.yaml", "services:\n  it: {build: {context: ., secrets: [s]}}\n")];
    assert_eq!(notices(&files, "compose/undefined").len(), 1);
}

#[test]
fn names_that_are_defined() {
    let rest = "networks: {n: }\nvolumes: {data: }\nsecrets: {s: {file: s}}\nconfigs: {c: {file: c}}\n";
    let body =
        "networks: [n, default], volumes: [\"data:/d\", \"/anonymous\", \"./bind:/b\"], secrets: [s], configs: [c]";
    assert_eq!(undefined(body, rest), []);
    assert_eq!(undefined("depends_on: {gone: {condition: service_started, required: false}}", ""), []);
    assert_eq!(undefined("volumes: [\"${V}:/d\"]", ""), [], "nobody knows what it is");
}

#[test]
fn an_override_may_define_what_the_base_uses() {
    let files = [
        ("compose.yaml", "services:\n  it: {image: x, networks: [n]}\nnetworks: {n: }\n"),
        ("compose.prod.yaml", "services:\n  it: {networks: [m]}\nnetworks: {m: }\n"),
    ];
    assert_eq!(codes(&files), Vec::<&str>::new());
}

#[test]
fn an_override_without_its_base_is_not_judged() {
    let files = [("compose.prod.yaml", "services:\n  it: {networks: [n], depends_on: [db]}\n")];
    assert_eq!(codes(&files), Vec::<&str>::new());
}

#[test]
fn a_watch_that_syncs_needs_a_target() {
    let files = [(
        "compose.yaml",
        "services:\n  it:\n    image: x\n    develop: {watch: [{path: ., action: sync}, {path: x, action: rebuild}]}\n",
    )];
    assert_eq!(notices(&files, "compose/conflict").len(), 1);
}

#[test]
fn a_file_that_many_views_share_is_judged_once() {
    let files = [
        ("compose.yaml", "services:\n  it: {image: x, networks: [gone]}\n"),
        ("compose.prod.yaml", "services:\n  it: {user: u}\n"),
        ("compose.dev.yaml", "services:\n  it: {user: u}\n"),
    ];
    assert_eq!(notices(&files, "compose/undefined").len(), 1);
}

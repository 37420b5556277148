//! Which service waits for which.

use crate::{it, notices};

fn dependencies(body: &str) -> Vec<(String, String)> {
    it(body, |it| {
        let all = it.depends_on.iter().cloned().chain(it.implied_dependencies());
        all.map(|dependency| (dependency.service, dependency.condition)).collect()
    })
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn a_list_waits_for_the_start() {
    assert_eq!(dependencies("image: x\ndepends_on: [a]"), pairs(&[("a", "service_started")]));
}

#[test]
fn conditions() {
    for condition in ["service_started", "service_healthy", "service_completed_successfully"] {
        let body = format!("image: x\ndepends_on: {{a: {{condition: {condition}, restart: true}}}}");
        assert_eq!(dependencies(&body), pairs(&[("a", condition)]));
    }
    it("image: x\ndepends_on: {a: {condition: service_started, required: false}}", |it| {
        assert!(!it.depends_on[0].required);
    });
    let files =
        [("compose.yaml", "services:\n  a: {image: x}\n  it: {image: x, depends_on: {a: {condition: healthy}}}\n")];
    assert_eq!(
        notices(&files, "compose/value"),
        [("`condition` cannot be `healthy`".to_owned(), "healthy".to_owned())]
    );
}

#[test]
fn shared_namespaces_links_and_volumes_imply_an_order() {
    for body in [
        "links: [\"a:alias\"]",
        "volumes_from: [\"a:ro\"]",
        "network_mode: \"service:a\"",
        "ipc: \"service:a\"",
        "pid: \"service:a\"",
        "uts: \"service:a\"",
        "cgroup: \"service:a\"",
    ] {
        assert_eq!(dependencies(&format!("image: x\n{body}")), pairs(&[("a", "service_started")]), "{body}");
    }
    for body in ["external_links: [a]", "volumes_from: [\"container:a\"]", "network_mode: \"container:a\"", "pid: host"]
    {
        assert_eq!(dependencies(&format!("image: x\n{body}")), [], "{body}");
    }
}

#[test]
fn a_written_dependency_is_not_implied_again() {
    assert_eq!(
        dependencies("image: x\nlinks: [a]\ndepends_on: {a: {condition: service_healthy}}"),
        pairs(&[("a", "service_healthy")])
    );
}

#[test]
fn cycles_are_noted_where_they_close() {
    for (text, count) in [
        ("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n", 1),
        ("services:\n  a: {image: x, depends_on: [a]}\n", 1),
        ("services:\n  a: {image: x, links: [b]}\n  b: {image: x, network_mode: \"service:a\"}\n", 1),
        ("services:\n  a: {image: x, depends_on: [b, c]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x}\n", 0),
    ] {
        assert_eq!(notices(&[("compose.yaml", text)], "compose/cycle").len(), count, "{text}");
    }
    let files = [(
        "compose.yaml",
        "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x, depends_on: [a]}\n",
    )];
    let found = notices(&files, "compose/cycle");
    assert_eq!(found, [("a, b and c wait for each other".to_owned(), "a".to_owned())]);
}

#[test]
fn long_chains_and_full_meshes_end() {
    let chain: String = (0..3000).map(|n| format!("  s{n}: {{image: x, depends_on: [s{}]}}\n", n + 1)).collect();
    let text = format!("services:\n{chain}  s3000: {{image: x}}\n");
    assert_eq!(notices(&[("compose.yaml", &text)], "compose/cycle").len(), 0);
}

#[test]
fn waiting_for_health_needs_a_health_check() {
    let files = [(
        "compose.yaml",
        "services:\n  a: {image: x, healthcheck: {disable: true}}\n  it: {image: x, depends_on: {a: {condition: service_healthy}}}\n",
    )];
    assert_eq!(notices(&files, "compose/conflict").len(), 1);
}

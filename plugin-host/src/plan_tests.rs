use super::*;
use serde_json::{Value, json};

const COMPOSE: &str = "services:\n  app: {image: 'php:8.4-fpm'}\n";

fn sources() -> Sources {
    let mut sources = Sources::new();
    sources.add("compose.yaml", COMPOSE);
    sources
}

fn at(start: usize, end: usize) -> Value {
    json!({
        "path": "compose.yaml", "start": start, "end": end, "start_utf16": start, "end_utf16": end,
        "line": 2, "column": 1, "end_line": 2, "end_column": 1
    })
}

fn plan(preset: &str) -> Value {
    let edit =
        json!({"location": at(COMPOSE.len(), COMPOSE.len()), "replacement": "networks:\n  fpm: {internal: true}\n"});
    json!({
        "preset": preset, "exact": true,
        "networks": [
            {"name": "fpm", "members": ["web", "app"], "internal": true, "why": "web talks to app."},
            {"name": "edge", "members": ["web"], "internal": false, "why": ""}
        ],
        "excess": [["redis", "db"]],
        "index_before": 0, "index_after": 92, "blast_before": 100, "blast_after": 74,
        "alone": ["cron"],
        "unpublished": [{"label": "db publishes 3306", "location": at(0, 8)}],
        "remarks": ["app \u{1b}[2Jneeds a look"],
        "fix": {"title": "Give each conversation its own network", "safety": "suggested", "edits": [edit], "creates": []},
        "refused": null
    })
}

fn document(plans: &[Value]) -> StackV1 {
    let view = json!({
        "name": "default", "context": "unknown", "running": false, "services": [], "networks": [], "links": [], "needs": [],
        "externals": [],
        "segmentation": {"possible": [], "needed": [], "excess": [], "missing": [], "index": 0},
        "blast": 100, "grade": "F", "starts": [], "cuts": [], "breaches": [], "plans": plans, "boundaries": []
    });
    let whole = json!({
        "version": 1, "tool": {"name": "plimsoll", "version": "0"}, "today": "2026-11-24", "views": [view]
    });
    serde_json::from_value(whole).expect("a document")
}

#[test]
fn a_plan_in_words_with_its_patch() {
    let text = render(&document(&[plan("strict"), plan("balanced")]), "balanced", &sources());
    for part in [
        "default: balanced plan, 2 networks (no better one exists by its own measure)\n",
        "Segmentation index 0 → 92 of 100, blast radius 100 → 74 of 100\n",
        "  fpm: web, app (internal)\n    web talks to app.\n  edge: web (with a way out)\n\n",
        "Still can talk without having to: redis – db\n",
        "Has nobody to talk to: cron\n",
        "No longer published\n  db publishes 3306  compose.yaml:2\n",
        "To know\n  app ␛[2Jneeds a look\n",
        "Other presets\n  strict: 2 networks, segmentation index 92, blast radius 74, 1 pair too many\n",
        "+++ b/compose.yaml\n",
        "+networks:\n+  fpm: {internal: true}\n",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
}

#[test]
fn a_patch_gives_whole_files() {
    let document = document(&[plan("balanced")]);
    let applied = applied(of(&document.views[0], "balanced").expect("a plan"), &sources()).expect("a patch");
    assert_eq!(applied.changed["compose.yaml"], format!("{COMPOSE}networks:\n  fpm: {{internal: true}}\n"));
    assert!(diff(&document, "balanced", &sources()).starts_with("--- a/compose.yaml\n+++ b/compose.yaml\n@@ "));
    assert_eq!(diff(&document, "tiered", &sources()), "");
}

#[test]
fn without_a_patch_it_says_why() {
    let mut refused = plan("balanced");
    refused["fix"] = Value::Null;
    refused["refused"] = json!("compose.yaml is made by a template");
    refused["blast_after"] = Value::Null;
    refused["excess"] = json!([]);
    let text = render(&document(&[refused]), "balanced", &sources());
    assert!(
        text.contains("No patch: compose.yaml is made by a template\n") && text.contains("blast radius 100 of 100\n")
    );
    assert!(text.contains("No pair can talk without having to\n") && !text.contains("Other presets"));
    let mut elsewhere = plan("balanced");
    elsewhere["fix"]["edits"][0]["location"]["path"] = json!("gone.yaml");
    assert!(
        render(&document(&[elsewhere]), "balanced", &sources()).contains("No patch: its edits do not fit the files\n")
    );
    assert!(render(&document(&[]), "balanced", &sources()).contains("so nothing is planned"));
}

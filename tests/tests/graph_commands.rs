//! `map`, `breach` and `plan` as a user meets them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::{TODAY, project, root, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const COMPOSE: &[u8] = b"\
# The shop.
services:
  web:
    image: nginx:1.29-alpine
    ports: ['80:80']
    volumes: ['./nginx.conf:/etc/nginx/conf.d/default.conf:ro']
  app:
    image: php:8.4-fpm
    environment:
      DB_HOST: db
      DB_PASSWORD: correct-horse-battery
      REDIS_HOST: redis
  worker:
    image: php:8.4-cli
    command: php artisan queue:work redis
    environment:
      REDIS_HOST: redis
    volumes: ['/var/run/docker.sock:/var/run/docker.sock']
  db:
    image: mariadb:11.8
    environment:
      MARIADB_ROOT_PASSWORD: correct-horse-battery
  redis:
    image: redis:8.2-alpine
    ports: ['6379:6379']
";

const NGINX: &[u8] = b"server {\n  listen 80;\n  location ~ \\.php$ { fastcgi_pass app:9000; }\n}\n";

fn shop() -> TempDir {
    project(&[("compose.yaml", COMPOSE), ("nginx.conf", NGINX)])
}

fn command(folder: &Path, args: &[&str]) -> plimsoll_tests::Run {
    run(folder, &[args, &["--today", TODAY]].concat())
}

fn validate(document: &str) -> Value {
    let schema = fs::read_to_string(root().join("core/schemas/stack-v1.json")).unwrap();
    // Readers ignore keys that they do not know; what is printed is documented in full.
    let schema = schema.replace("\"additionalProperties\": true", "\"additionalProperties\": false");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    document
}

fn all_of(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
}

#[test]
fn a_map_in_text() {
    let folder = shop();
    let map = command(folder.path(), &["map"]);
    assert_eq!((map.code, map.err.as_str()), (0, ""));
    all_of(&map.out, &["5 services, 1 network", "  1 *web", "● the row can reach the column, and has to"]);
    all_of(&map.out, &["* reached from outside", "Networks\n  default", "app → db: ", "web → app: ", "compose.yaml:"]);
    all_of(&map.out, &["redis  6379", "reached by everyone"]);
    assert!(!map.out.contains("correct-horse-battery"));
}

#[test]
fn a_map_in_every_format() {
    let folder = shop();
    let draw = |format: &str| command(folder.path(), &["map", "--format", format]);
    all_of(&draw("svg").out, &["<svg xmlns=", "<title id=\"title\">", "internet → web", "</svg>\n"]);
    all_of(&draw("dot").out, &["digraph ", "subgraph cluster_0", "internet -> s0"]);
    all_of(&draw("mermaid").out, &["flowchart LR\n", "subgraph n0[\"default\"]", "internet ==> s0"]);
    let json = validate(&draw("json").out);
    assert_eq!(json["views"][0]["services"].as_array().unwrap().len(), 5);
    assert_eq!(json["views"][0]["breaches"], Value::Array(Vec::new()));
    assert_eq!(draw("png").code, 2);
    let file = command(folder.path(), &["map", "--format", "svg", "--out", "map.svg"]);
    assert_eq!((file.code, file.out.as_str()), (0, ""));
    assert!(fs::read_to_string(folder.path().join("map.svg")).unwrap().starts_with("<svg "));
}

#[test]
fn a_breach_of_a_service() {
    let folder = shop();
    let breach = command(folder.path(), &["breach", "--from", "app"]);
    assert_eq!((breach.code, breach.err.as_str()), (0, ""));
    all_of(
        &breach.out,
        &["When app falls, code runs in it as", "Easiest paths\n    1. ", "app → redis", "compose.yaml:"],
    );
    all_of(
        &breach.out,
        &["the host (root)", "The host: T0", "Blast radius ", "What cuts the most\n  1. ", "DB_PASSWORD in app"],
    );
    assert!(!breach.out.contains("correct-horse-battery") && !breach.out.contains("WHEN IT FALLS"));
}

#[test]
fn every_usual_start_begins_with_a_table() {
    let folder = shop();
    let breach = command(folder.path(), &["breach"]);
    assert_eq!(breach.code, 0);
    all_of(&breach.out, &["WHEN IT FALLS", "When web falls", "When app falls", "When worker falls"]);
    let json = validate(&command(folder.path(), &["breach", "--format", "json"]).out);
    let view = &json["views"][0];
    assert_eq!(view["breaches"].as_array().unwrap().len(), view["starts"].as_array().unwrap().len());
}

#[test]
fn slips_are_usage_errors_that_name_what_there_is() {
    let folder = shop();
    let service = command(folder.path(), &["breach", "--from", "ap"]);
    assert_eq!((service.code, service.out.as_str()), (2, ""));
    all_of(&service.err, &["there is no service `ap`", "app, db, redis, web, worker"]);
    for name in ["map", "breach", "plan"] {
        let view = command(folder.path(), &[name, "--view", "staging"]);
        assert_eq!(view.code, 2, "{name}");
        all_of(&view.err, &["there is no deployment `staging`"]);
    }
    let empty = project(&[("README.md", b"nothing")]);
    for name in ["map", "breach", "plan"] {
        let nothing = command(empty.path(), &[name]);
        assert_eq!(nothing.code, 2, "{name}");
        all_of(&nothing.err, &["the files describe no deployment"]);
        let json = command(empty.path(), &[name, "--format", "json"]);
        assert_eq!(validate(&json.out)["views"], Value::Array(Vec::new()));
    }
    assert_eq!(command(folder.path(), &["map", "no-such-folder"]).code, 4);
    assert_eq!(command(folder.path(), &["map", ".", "no-such-folder"]).code, 4);
}

#[test]
fn one_of_several_deployments_is_chosen() {
    let folder = project(&[("a/compose.yaml", COMPOSE), ("b/compose.yaml", COMPOSE)]);
    let svg = command(folder.path(), &["map", "--format", "svg"]);
    assert_eq!(svg.code, 2);
    all_of(&svg.err, &["2 deployments; name one with --view: "]);
    assert_eq!(command(folder.path(), &["map"]).out.matches("Who has to talk to whom").count(), 2);
}

#[test]
fn a_plan_is_shown_printed_and_written() {
    let folder = shop();
    let before = fs::read(folder.path().join("compose.yaml")).unwrap();
    let plan = command(folder.path(), &["plan"]);
    assert_eq!((plan.code, plan.err.as_str()), (0, ""));
    all_of(
        &plan.out,
        &["balanced plan, ", "Segmentation index ", "Networks\n", "Other presets\n  strict: ", "  tiered: "],
    );
    all_of(&plan.out, &["+++ b/compose.yaml", "internal: true"]);
    assert_eq!(fs::read(folder.path().join("compose.yaml")).unwrap(), before, "nothing is written unless asked for");
    let json = validate(&command(folder.path(), &["plan", "--format", "json"]).out);
    assert_eq!(json["views"][0]["plans"].as_array().unwrap().len(), 3);
    let one = validate(&command(folder.path(), &["plan", "--preset", "strict", "--format", "json"]).out);
    assert_eq!(one["views"][0]["plans"][0]["preset"], "strict");
    let diff = command(folder.path(), &["plan", "--format", "diff"]);
    assert!(diff.out.starts_with("--- a/compose.yaml\n+++ b/compose.yaml\n@@ "), "{}", diff.out);
    let index = |folder: &Path| {
        let json: Value = serde_json::from_str(&command(folder, &["map", "--format", "json"]).out).unwrap();
        json["views"][0]["segmentation"]["index"].as_u64().unwrap()
    };
    let was = index(folder.path());
    let written = command(folder.path(), &["plan", "--write"]);
    assert_eq!((written.code, written.out.as_str()), (0, ""));
    all_of(&written.err, &["written: compose.yaml\n", "the balanced plan of "]);
    let text = fs::read_to_string(folder.path().join("compose.yaml")).unwrap();
    assert!(text.starts_with("# The shop.\nservices:\n"), "comments stay");
    assert!(index(folder.path()) > was);
    assert_eq!(command(folder.path(), &["plan", "--write", "--format", "json"]).code, 2);
}

#[test]
fn without_needs_nothing_is_planned() {
    let folder = project(&[("compose.yaml", b"services:\n  a: {image: 'busybox:1'}\n  b: {image: 'busybox:1'}\n")]);
    let plan = command(folder.path(), &["plan"]);
    assert_eq!(plan.code, 0);
    all_of(&plan.out, &["nothing tells who has to talk to whom"]);
    let diff = command(folder.path(), &["plan", "--format", "diff"]);
    assert_eq!((diff.code, diff.out.as_str()), (0, ""));
    all_of(&diff.err, &["no patch for "]);
    assert_eq!(command(folder.path(), &["plan", "--write"]).code, 2);
}

#[test]
fn hostile_names_steer_nothing() {
    let compose =
        "services:\n  \"a\\e[2J\\u202e<script>\": {image: 'php:8.4-fpm', ports: ['80:80']}\n  b: {image: 'redis:8'}\n";
    let folder = project(&[("compose.yaml", compose.as_bytes())]);
    for args in [
        &["map"][..],
        &["map", "--format", "svg"],
        &["map", "--format", "dot"],
        &["map", "--format", "mermaid"],
        &["map", "--format", "json"],
        &["breach"],
        &["plan"],
    ] {
        let run = command(folder.path(), args);
        assert_eq!(run.code, 0, "{args:?}: {}", run.err);
        assert!(!run.out.contains('\u{1b}') && !run.out.contains('\u{202e}'), "{args:?}");
    }
    assert!(!command(folder.path(), &["map", "--format", "svg"]).out.contains("<script"));
}

#[test]
fn how_containers_are_kept_apart() {
    let folder = shop();
    let sheet = command(folder.path(), &["boundaries", "--service", "worker"]);
    assert_eq!((sheet.code, sheet.err.as_str()), (0, ""));
    all_of(&sheet.out, &["worker: ", "Process namespace", "its own processes only", "Capabilities"]);
    assert!(!sheet.out.contains("\nweb: "), "{}", sheet.out);
    let all = command(folder.path(), &["boundaries", "--format", "json"]);
    let document = validate(&all.out);
    assert_eq!(document["views"][0]["boundaries"].as_array().unwrap().len(), 5);
    let none = command(folder.path(), &["boundaries", "--service", "nobody"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("there is no service `nobody`; there are: app, db, redis, web, worker"), "{}", none.err);
}

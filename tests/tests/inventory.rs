//! Recording what runs and reading it again: the collector with an engine that only prints, and the answers in the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]
#![cfg(unix)]

use plimsoll_tests::{project, root, run};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Stands in for `docker`: prints what a test has recorded, and notes what it was asked.
const ENGINE: &str = r#"#!/bin/sh
echo "$*" >> "$0.asked"
data=$(dirname "$0")/data
case "$*" in
"ps -aq --no-trunc"|"images -q --no-trunc"|"network ls -q"|"volume ls -q"|"ps -q --no-trunc") echo one; echo two; echo one ;;
"ps "*) cat "$data/ps.ndjson" ;;
"inspect "*) cat "$data/inspect.json" ;;
"images "*) cat "$data/images.ndjson" ;;
"image inspect "*) cat "$data/image-inspect.json" ;;
"network ls "*) cat "$data/networks.ndjson" ;;
"network inspect "*) cat "$data/network-inspect.json" ;;
"volume ls "*) cat "$data/volumes.ndjson" ;;
"volume inspect "*) cat "$data/volume-inspect.json" ;;
"system df "*) cat "$data/system-df-v.json" ;;
"version "*) cat "$data/version.json" ;;
"info "*) echo "not allowed" >&2; exit 1 ;;
"diff one") cat "$data/diff.txt" ;;
"diff two") i=0; while [ $i -lt 3000 ]; do echo "C /srv/$i"; i=$((i + 1)); done ;;
esac
"#;

fn sh(folder: &Path, engine: &Path, script: &Path) -> Output {
    Command::new("sh").arg(script).current_dir(folder).env("ENGINE", engine).output().unwrap()
}

fn fixture(name: &str) -> String {
    fs::read_to_string(root().join("core/tests/data").join(name)).unwrap()
}

#[test]
fn the_collector_records_without_values_and_is_read_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project(&[]);
    let printed = run(folder.path(), &["inventory", "--collector"]);
    assert_eq!(printed.code, 0);
    let script = folder.path().join("collect.sh");
    fs::write(&script, &printed.out).unwrap();
    assert!(Command::new("sh").arg("-n").arg(&script).status().unwrap().success(), "sh accepts the script");

    let engine = folder.path().join("docker");
    fs::write(&engine, ENGINE).unwrap();
    fs::set_permissions(&engine, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    for file in fs::read_dir(root().join("core/tests/data/inventory")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join("data").join(file.file_name())).unwrap();
    }
    let output = sh(folder.path(), &engine, &script);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let recorded = String::from_utf8(output.stdout).unwrap();
    for secret in ["hunter2", "Wint", "c2VjcmV0", "MYSQL_ROOT_PASSWORD=root"] {
        assert!(!recorded.contains(secret), "{secret}");
    }
    assert!(recorded.contains("\"DB_PASSWORD=<redacted>\",") && recorded.contains("### docker diff one"));
    assert!(recorded.lines().filter(|line| line.starts_with("C /srv/")).count() < 2001, "a long list is cut");
    let asked = fs::read_to_string(folder.path().join("docker.asked")).unwrap();
    let reading =
        ["ps", "inspect", "images", "image inspect", "network", "volume", "system df", "version", "info", "diff"];
    for line in asked.lines() {
        assert!(reading.iter().any(|known| line.starts_with(known)), "{line}");
    }

    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/running.txt"), &recorded).unwrap();
    let answers = run(folder.path(), &["inventory", "in", "-f", "json", "--today", "2026-11-24"]).json();
    assert_eq!(answers["containers"].as_array().unwrap().len(), 5);
    assert_eq!(answers["has_inventory"], true);
    // Larger than files of no known name are read: its beginning tells what it is.
    assert!(recorded.len() > 64 << 10, "{}", recorded.len());
    let report = run(folder.path(), &["check", "in", "-f", "json", "--today", "2026-11-24"]).json();
    assert_eq!(report["files"][0]["kind"], "inventory");
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["rule"] == "isolation/privileged-container")
    );
}

#[test]
fn the_collector_says_when_there_is_no_engine() {
    let folder = project(&[("collect.sh", fs::read(root().join("core/src/collector.sh")).unwrap().as_slice())]);
    let output = sh(folder.path(), Path::new("/no/such/engine"), &folder.path().join("collect.sh"));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("neither docker nor podman"));
}

#[test]
fn answers_for_people() {
    let compose = b"services:\n  nginx: {image: \"nginx:1.27-alpine\", ports: [\"80:80\"]}\n  app: {image: larashop-app}\n  db: {image: \"mysql:8.4.11\"}\n  worker: {image: larashop-app}\n";
    let (running, scan) = (fixture("inventory/running.txt"), fixture("scans/trivy-image.json"));
    let folder =
        project(&[("compose.yaml", compose), ("running.txt", running.as_bytes()), ("scan.json", scan.as_bytes())]);
    let run = run(folder.path(), &["inventory", "--today", "2026-11-24"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for said in [
        "Recorded on 2026-11-24.",
        "Which containers are active? 4 of 5",
        "declared but not running:",
        "worker",
        "orphan",
        "Which images are outdated?",
        "Which services expose ports?",
        "Which workloads have known vulnerabilities?",
        "What runs otherwise than it is declared?",
        "larashop-app-1",
        "Which containers could be made again from these files? ",
        "redis-debug: no",
        "no file declares it",
        "What lies around?",
        "stopped for ",
        "Open questions",
        "docker diff ",
    ] {
        assert!(run.out.contains(said), "{said}: {}", run.out);
    }
}

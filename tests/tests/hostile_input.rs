//! Bad input gets a clear, located notice; the other files' findings stand; nothing panics; time and memory are bounded.
//!
//! `cases` is shared with the browser test, which runs the same inputs through the wasm build.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::hostile::{self, Case};
use plimsoll_tests::{files_below, native_json, project, run, run_with_stdin};
use serde_json::Value;
use std::path::Path;

fn check(folder: &Path) -> (i32, Value) {
    let run = run(folder, &["check", "-f", "json", "--today", "2026-11-24"]);
    (run.code, run.json())
}

#[test]
fn every_bad_input_is_named_and_located() {
    for Case { name, files, code, notice, located } in hostile::cases() {
        let mut all: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        all.push(("other/compose.yaml", hostile::WITNESS));
        let folder = project(&all);
        let (found, report) = check(folder.path());
        assert_eq!(found, code, "{name}: exit code; notices: {}", report["notices"]);
        let notices = report["notices"].as_array().unwrap();
        if let Some(notice) = notice {
            let said = notices
                .iter()
                .find(|said| said["code"] == notice)
                .unwrap_or_else(|| panic!("{name}: no {notice} in {notices:?}"));
            assert_eq!(said["location"].is_object(), located, "{name}: {said}");
        } else {
            assert!(notices.is_empty(), "{name}: {notices:?}");
        }
        let rules: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["location"]["path"] == "other/compose.yaml")
            .map(|finding| finding["rule"].as_str().unwrap())
            .collect();
        assert!(rules.contains(&"isolation/privileged-container"), "{name}: the other file's finding is lost");
        let human = run(folder.path(), &["check", "--today", "2026-11-24"]);
        assert!(human.code == code && human.out.len() < 400_000, "{name}: {} bytes for people", human.out.len());
    }
}

#[test]
fn the_library_says_the_same_as_the_terminal() {
    for Case { name, files, .. } in hostile::cases() {
        let all: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        let folder = project(&all);
        let terminal = run(folder.path(), &["check", "-f", "json", "--today", "2026-11-24"]).out;
        assert_eq!(terminal, native_json(&files_below(folder.path())), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let folder = project(&[("compose.yaml", hostile::WITNESS)]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    std::os::unix::fs::symlink("self", folder.path().join("self")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("Dockerfile")).unwrap();
    let (code, report) = check(folder.path());
    assert_eq!(code, 1, "{report}");
    assert_eq!(report["files"].as_array().unwrap().len(), 1, "links are not followed: {}", report["files"]);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project(&[("compose.yaml", hostile::WITNESS), ("app/Dockerfile", b"FROM php:8.4\n")]);
    let file = folder.path().join("app/Dockerfile");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&file).is_ok() {
        // Root reads everything: a folder in the place of a file is refused to anybody.
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        let run = run(folder.path(), &["check", "-f", "json", "app/Dockerfile/none"]);
        assert_eq!(run.code, 4);
        assert!(run.err.contains("app/Dockerfile/none"), "{}", run.err);
        return;
    }
    let (code, report) = check(folder.path());
    assert_eq!(code, 5);
    assert_eq!(report["notices"][0]["code"], "file/unreadable");
    assert_eq!(report["notices"][0]["path"], "app/Dockerfile");
}

#[test]
fn standard_input_is_bounded() {
    let huge = vec![b'#'; 10 << 20];
    let run = run_with_stdin(&["check", "-", "--stdin-name", "Dockerfile", "-f", "json"], &huge);
    assert_eq!(run.code, 5);
    assert_eq!(run.json()["notices"][0]["code"], "file/too-large");
}

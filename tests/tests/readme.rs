//! What the README says is so: its capture is what the terminal prints, its files exist, its commands are there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::{root, run};
use std::fs;
use std::process::Command;

const OPEN: &str = "<!-- capture -->\n";
const CLOSE: &str = "<!-- /capture -->";

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn the_capture_is_what_the_terminal_prints() {
    let folder = root().join("tests/fixtures/readme");
    let run = run(&folder, &["check", "--today", "2026-11-24", "--fail-on", "never"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let old = readme();
    let start = old.find(OPEN).expect("the capture's start") + OPEN.len();
    let end = start + old[start..].find(CLOSE).expect("the capture's end");
    let wanted = format!("```text\n$ plimsoll check tests/fixtures/readme\n{}```\n", run.out);
    if old[start..end] != wanted {
        fs::write(root().join("README.md"), format!("{}{wanted}{}", &old[..start], &old[end..])).unwrap();
        panic!("the capture in README.md was rewritten; run the test again");
    }
}

#[test]
fn what_it_links_to_exists() {
    for target in readme().split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let local = !target.contains("://") && !target.starts_with('#');
        assert!(!local || root().join(target).exists(), "{target} is not there");
    }
}

#[test]
fn its_commands_are_there() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).current_dir(root()).args(["xtask", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    for command in ["serve", "test"] {
        assert!(readme().contains(&format!("cargo xtask {command}")) && help.contains(command), "{command}: {help}");
    }
    for command in ["check", "rules", "explain"] {
        assert_eq!(run(&root(), &[command, "--help"]).code, 0, "{command}");
    }
}

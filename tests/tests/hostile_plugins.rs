//! Hostile plug-ins: every attack of the list, in the terminal's host and in the page, ends as `plugins/HOSTILE.md` promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll::plugin::cache::Cache;
use plimsoll::plugin::run::{self, Outcome, Request};
use plimsoll::plugin::{Compiler, Host, Limits, Setup};
use plimsoll_core::plugin::{accept, describe, judge};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Finding, Sources};
use plimsoll_plugin_abi as abi;
use plimsoll_tests::attacks::{self, Attack, Expect};
use plimsoll_tests::guests::Guest;
use plimsoll_tests::page::{analysed, no_errors, open, settled};
use plimsoll_tests::plugins::in_worker;
use plimsoll_tests::{TODAY, binary, plimsoll, project, root};
use serde_json::Value;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;

/// The first file starts with a character of two bytes.
const FILES: &[(&str, &[u8])] = &[
    ("Dockerfile", "# ü\nFROM php:8.4-fpm\n".as_bytes()),
    ("compose.yaml", b"services:\n  app:\n    build: .\n    privileged: true\n"),
];

fn sources() -> Sources {
    let mut sources = Sources::new();
    for (path, bytes) in FILES {
        sources.add_bytes(path, bytes);
    }
    sources
}

fn today() -> Date {
    Date::parse(TODAY).unwrap()
}

fn list() -> impl Iterator<Item = Attack> {
    attacks::all().into_iter().flat_map(|group| group.attacks)
}

/// Every attack as a file, and a plug-in that means no harm.
fn files() -> (TempDir, Vec<(Attack, PathBuf)>, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let written = list().map(|attack| {
        let file = folder.path().join(format!("{}.wasm", attack.name));
        fs::write(&file, (attack.bytes)()).unwrap();
        (attack, file)
    });
    let written = written.collect();
    let good = folder.path().join("good.wasm");
    fs::write(&good, Guest::new("good").component()).unwrap();
    (folder, written, good)
}

fn of<'f>(findings: &'f [Finding], name: &'f str) -> impl Iterator<Item = &'f Finding> {
    findings.iter().filter(move |one| one.rule.split('/').next() == Some(name))
}

/// What became of an attack.
fn became(outcome: &Outcome, attack: &Attack) -> Expect {
    let count = of(&outcome.findings, attack.name).count();
    match outcome.failed.first().map(|failed| failed.error.code()) {
        None => Expect::Taken(count),
        Some("findings") => Expect::Partly(count),
        Some(code) => Expect::Refused(code),
    }
}

#[test]
fn the_terminal_holds_what_is_promised() {
    let (folder, written, good) = files();
    let cache = Cache::at(folder.path().join("cache"));
    let setup =
        Setup { limits: Limits::default(), compiler: Compiler::Child(binary().to_path_buf()), cache: Some(cache) };
    let host = Host::new(setup).unwrap();
    let sources = sources();
    let project = Project::new(&sources, today());
    let run = |requests: &[Request]| run::all(requests, &project, &host);
    let alone = run(&[Request::file(&good, "{}")]);
    assert!(alone.failed.is_empty() && alone.findings.len() == 1, "{:?}", alone.failed);
    let mut wrong = Vec::new();
    for (attack, file) in &written {
        let outcome = run(&[Request::file(file, attack.settings), Request::file(&good, "{}")]);
        let end = became(&outcome, attack);
        if end != attack.terminal {
            let said = outcome.failed.first().map(|failed| failed.error.to_string());
            wrong.push(format!("{}: {end:?} instead of {:?}: {said:?}", attack.name, attack.terminal));
        }
        if !of(&outcome.findings, "good").eq(of(&alone.findings, "good")) {
            wrong.push(format!("{}: it changed what the next plug-in finds", attack.name));
        }
        for failed in &outcome.failed {
            let text = format!("{}; {}", failed.error, failed.error.help());
            if text.chars().any(char::is_control) || text.len() > 2_000 {
                wrong.push(format!("{}: its error cannot be printed: {text:?}", attack.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The whole tool, all attacks of one run before the plug-in that means no harm.
#[test]
fn one_run_of_all_of_them_is_bounded_and_leaves_the_rest_alone() {
    let (folder, written, good) = files();
    let stack = project(FILES);
    let check = |format: &str, plugins: &[(&PathBuf, &str)]| {
        let mut command = plimsoll();
        command.current_dir(stack.path()).env("XDG_CACHE_HOME", folder.path().join("cache"));
        command.args(["check", "--today", TODAY, "--format", format]);
        for (file, settings) in plugins {
            command.arg("--plugin").arg(file).arg("--plugin-settings").arg(settings);
        }
        let mut child = command.arg(".").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (read_out, read_err) = (
            std::thread::spawn(move || {
                let mut text = String::new();
                out.read_to_string(&mut text).unwrap();
                text
            }),
            std::thread::spawn(move || {
                let mut text = String::new();
                err.read_to_string(&mut text).unwrap();
                text
            }),
        );
        let mut peak = 0;
        let status = loop {
            peak = peak.max(peak_memory(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        (status.code(), read_out.join().unwrap(), read_err.join().unwrap(), peak)
    };
    let (code, alone, ..) = check("json", &[(&good, "{}")]);
    assert_eq!(code, Some(1));
    let good_only = |json: &str| -> Vec<Value> {
        let report: Value = serde_json::from_str(json).unwrap();
        let attacker =
            |rule: &str| list().any(|attack| rule.starts_with(&format!("{}/", attack.name)) && rule != "secrets/");
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|one| {
                !attacker(one["rule"].as_str().unwrap()) || one["rule"].as_str().unwrap().starts_with("secrets/")
            })
            .cloned()
            .collect()
    };
    for chunk in written.chunks(40) {
        let mut plugins: Vec<(&PathBuf, &str)> = chunk.iter().map(|(attack, file)| (file, attack.settings)).collect();
        plugins.push((&good, "{}"));
        for format in ["json", "human", "sarif"] {
            let (code, out, err, peak) = check(format, &plugins);
            assert_eq!(code, Some(3), "{err}");
            let harmful = |text: &str| {
                text.chars().any(|c| {
                    (c.is_control() && c != '\n' && c != '\t')
                        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                })
            };
            assert!(!harmful(&out), "{format}: what is printed could steer a terminal");
            assert!(!harmful(&err), "{err:?}");
            if format == "json" {
                assert_eq!(good_only(&out), good_only(&alone), "the other findings changed");
            }
            assert!(peak < 1 << 30, "{format}: {peak} bytes of memory");
        }
    }
}

/// The most memory a process has had so far, in bytes; nothing where the system does not tell.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap_or(0) * 1_024
}

#[test]
fn the_page_holds_what_is_promised() {
    let browser = open();
    let sources = sources();
    let project = Project::new(&sources, today());
    let seen = serde_json::to_string(&describe(&project)).unwrap();
    let good = Guest::new("good").component();
    let alone = in_worker(&browser, &good, "{}", &seen, 5_000);
    assert!(alone["error"].is_null(), "{alone}");
    let mut wrong = Vec::new();
    for attack in list() {
        let said = in_worker(&browser, &(attack.bytes)(), attack.settings, &seen, 2_000);
        let end = in_page(&project, &said);
        if end != attack.page {
            let shown: String = said["error"].to_string().chars().take(300).collect();
            wrong.push(format!("{}: {end:?} instead of {:?}: {shown}", attack.name, attack.page));
        }
    }
    assert_eq!(in_worker(&browser, &good, "{}", &seen, 5_000), alone, "the next plug-in says what it said before");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the page makes of a worker's answer: its analysis judges it as the terminal does.
fn in_page(project: &Project<'_>, said: &Value) -> Expect {
    if let Some(code) = said["error"]["code"].as_str() {
        return Expect::Refused(CODES.iter().copied().find(|known| *known == code).unwrap_or("of no known code"));
    }
    let metadata: abi::Metadata = serde_json::from_str(said["about"].as_str().unwrap()).unwrap();
    let findings: Vec<abi::Finding> = serde_json::from_str(said["findings"].as_str().unwrap()).unwrap();
    let limits = Limits::default();
    let accepted = match judge(&metadata, &limits).and_then(|()| accept(project, &metadata, findings, &limits)) {
        Ok(accepted) => accepted,
        Err(_) => return Expect::Refused("refused"),
    };
    let count = accepted.findings.len();
    if accepted.problems.is_empty() { Expect::Taken(count) } else { Expect::Partly(count) }
}

/// The codes that a worker may give.
const CODES: [&str; 24] = [
    "not-wasm",
    "file-too-large",
    "core-module",
    "malformed",
    "imports",
    "no-interface",
    "interface-version",
    "interface-shape",
    "compile-cost",
    "too-many-parts",
    "feature",
    "compile",
    "time",
    "memory",
    "table",
    "stack",
    "result-size",
    "panic",
    "text",
    "value",
    "trap",
    "settings",
    "settings-refused",
    "gave-up",
];

/// Dropped on the page itself: what they say is text, and the page goes on.
#[test]
fn the_page_makes_nothing_of_what_they_say() {
    let browser = open();
    let (_folder, written, _) = files();
    let stack = project(FILES);
    let earlier = analysed(&browser);
    browser.drop_files(&[&stack.path().join("Dockerfile"), &stack.path().join("compose.yaml")]);
    settled(&browser, earlier + 1);
    let title = browser.script("return document.title", &[]);
    let before = browser.script("return document.querySelectorAll('.groups .finding').length", &[]);
    assert!(before.as_u64().unwrap() > 0);
    for name in ["html", "escapes", "turned", "endless-check", "memory-bomb"] {
        let (_, file) = written.iter().find(|(attack, _)| attack.name == name).unwrap();
        browser.drop_files(&[file]);
    }
    browser.wait(
        "what they say",
        "const text = document.body.textContent; return text.includes('html was here') || text.includes('before <img')",
    );
    browser.wait(
        "the one that does not end to be ended",
        "return /longer than|took too long|did not end/.test(document.body.textContent)",
    );
    let harm = browser.script(
        "return [...document.querySelectorAll('img[src=\"x\"], a[href^=\"javascript:\"], script:not([src])')].map(e => e.outerHTML)",
        &[],
    );
    assert_eq!(harm, serde_json::json!([]));
    assert_eq!(browser.script("return document.title", &[]), title);
    let turned = browser.script("return /[\\u202a-\\u202e\\u2066-\\u2069\\u0000-\\u0008\\u001b\\u009b]/.test(document.querySelector('main')?.textContent ?? document.body.textContent)", &[]);
    assert_eq!(turned, serde_json::json!(false), "a control character is shown as it is");
    no_errors(&browser);
}

#[test]
fn the_documentation_is_this_list() {
    let file = root().join("plugins/HOSTILE.md");
    let want = attacks::document();
    if std::env::var_os("PLIMSOLL_BLESS").is_some() {
        fs::write(&file, &want).unwrap();
    }
    let there = fs::read_to_string(&file).unwrap_or_default();
    assert!(there == want, "plugins/HOSTILE.md is not the list of attacks: run this test with PLIMSOLL_BLESS=1");
    let mut names: Vec<&str> = list().map(|attack| attack.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name stands twice");
}

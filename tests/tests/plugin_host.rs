//! The terminal's host: what it gives for plug-ins that mean no harm, and what it holds when they are run again, sealed, or fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll::plugin::run::{self, Outcome, Request};
use plimsoll::plugin::{During, Host, Limits, PluginError, Setup, Stop};
use plimsoll::seal::{SealError, seal};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources};
use plimsoll_tests::guests::Guest;
use plimsoll_tests::plugins::example;
use plimsoll_tests::{TODAY, plimsoll, project};
use std::fs;
use std::path::Path;

fn sources() -> Sources {
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM ghcr.io/acme/php:8.4\n");
    sources.add(
        "compose.yaml",
        "services:\n  app:\n    build: .\n  cache:\n    image: bitnami/redis:7\n  db:\n    image: mariadb:11\n",
    );
    sources
}

fn host(limits: Limits) -> Host {
    Host::new(Setup::in_process(limits)).unwrap()
}

fn run_all(files: &[(&Path, &str)]) -> Outcome {
    let sources = sources();
    let project = Project::new(&sources, Date::parse(TODAY).unwrap());
    let requests: Vec<Request> = files.iter().map(|(file, settings)| Request::file(*file, *settings)).collect();
    run::all(&requests, &project, &host(Limits::default()))
}

#[test]
fn the_example_finds_what_it_should() {
    let plugin = example("base-image-allowlist");
    let settings = r#"{"replacements": {"docker.io/bitnami/redis": "docker.io/library/redis"}}"#;
    let outcome = run_all(&[(&plugin, settings)]);
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    let mut found: Vec<(&str, &str, usize)> = outcome
        .findings
        .iter()
        .map(|one| (one.rule.as_ref(), one.message.split('`').nth(1).unwrap(), one.fixes.len()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("base-image-allowlist/image-not-allowed", "bitnami/redis:7", 1),
            ("base-image-allowlist/image-not-allowed", "ghcr.io/acme/php:8.4", 0)
        ]
    );
    let fix = outcome.findings.iter().find_map(|one| one.fixes.first()).unwrap();
    let fixed = fix.outcome(&sources()).unwrap();
    assert!(fixed["compose.yaml"].contains("image: docker.io/library/redis:7\n"));
}

#[test]
fn the_same_input_gives_the_same_output_and_leaves_nothing_behind() {
    let plugin = example("base-image-allowlist");
    let (first, second) = (run_all(&[(&plugin, "{}")]), run_all(&[(&plugin, "{}")]));
    assert_eq!(first.findings, second.findings);
    let host = host(Limits::default());
    // Counts its calls: a store that lived on would tell.
    let counting = Guest::new("counting").with("(global $calls (mut i32) (i32.const 0))").checking(
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
         (if (i32.gt_u (global.get $calls) (i32.const 1)) (then unreachable))",
    );
    let plugin = host.load(&counting.component()).unwrap();
    let sources = sources();
    let project = Project::new(&sources, Date::parse(TODAY).unwrap());
    let ran: Vec<_> = (0..3).map(|_| host.run(&plugin, &project, "{}").unwrap()).collect();
    assert!(ran.iter().all(|one| one.accepted.findings.len() == 1 && one.fuel == ran[0].fuel && one.fuel > 0));
}

#[test]
fn a_name_belongs_to_one() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one.wasm");
    fs::write(&one, Guest::new("same").component()).unwrap();
    let outcome = run_all(&[(&one, "{}"), (&one, "{}")]);
    assert_eq!(outcome.findings.len(), 1);
    assert!(matches!(outcome.failed[0].error, PluginError::NameTwice(_)));
}

/// The clock is a net below the fuel: it holds when the fuel is, by mistake, without end.
#[test]
fn the_clock_ends_what_fuel_does_not() {
    let host = host(Limits { fuel: u64::MAX / 2, fuel_cap: u64::MAX / 2, ticks: 5, ..Limits::default() });
    let plugin = host.load(&Guest::new("guest").checking("(loop $again (br $again))").component()).unwrap();
    let sources = sources();
    let error = host.run(&plugin, &Project::new(&sources, Date::parse(TODAY).unwrap()), "{}").unwrap_err();
    assert!(matches!(error, PluginError::Run { during: During::Check, stop: Stop::Time }), "{error:?}");
}

/// An interface of the future beside the known one is no reason to refuse a plug-in.
#[test]
fn further_exports_are_ignored() {
    let more = Guest::new("more")
        .interface(
            "world plugin {\n  export rules;\n}",
            "interface later { hello: func() -> u32; }\nworld plugin {\n  export rules;\n  export later;\n}",
        )
        .with("(func (export \"plimsoll:plugin/later@0.1.0#hello\") (result i32) (i32.const 7))");
    let host = host(Limits::default());
    let plugin = host.load(&more.component()).unwrap();
    let sources = sources();
    let project = Project::new(&sources, Date::parse(TODAY).unwrap());
    assert_eq!(host.run(&plugin, &project, "{}").unwrap().accepted.findings.len(), 1);
}

#[test]
fn only_modules_with_the_interface_are_sealed() {
    let (component, inspection) = seal(&Guest::new("guest").module()).unwrap();
    assert!(inspection.imports.is_empty() && host(Limits::default()).load(&component).is_ok());
    assert!(matches!(seal(&component), Err(SealError::Component)));
    assert!(matches!(
        seal(&wat::parse_str("(module)").unwrap()),
        Err(SealError::Plugin(PluginError::NoInterface) | SealError::Encode(_))
    ));
    let import = Guest::new("guest").importing("(import \"env\" \"f\" (func))").module();
    assert!(seal(&import).is_err(), "an import was sealed");
    assert!(matches!(seal(b"garbage"), Err(SealError::Encode(_))));
}

#[test]
fn a_failed_plug_in_is_told_everywhere_and_ends_with_its_own_code() {
    let stack = project(&[("Dockerfile", b"FROM ghcr.io/acme/php:8.4\n")]);
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.wasm");
    fs::write(&bad, Guest::new("guest").checking("unreachable").component()).unwrap();
    let good = example("base-image-allowlist");
    let run = |plugins: &[&Path], more: &[&str]| {
        let mut command = plimsoll();
        command.current_dir(stack.path()).args(["check", ".", "--today", TODAY, "--format", "json"]).args(more);
        for plugin in plugins {
            command.arg("--plugin").arg(plugin);
        }
        let output = command.output().unwrap();
        let json = serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap_or_default();
        (output.status.code(), json, String::from_utf8(output.stderr).unwrap())
    };
    let (code, json, stderr) = run(&[&bad, &good], &[]);
    assert_eq!(code, Some(3), "{stderr}");
    let notice = json["notices"].as_array().unwrap().iter().find(|notice| notice["code"] == "plugin/failed").unwrap();
    assert_eq!(
        (&notice["path"], &notice["message"]),
        (&"bad.wasm".into(), &"the plug-in gave no findings: it panicked while it looked at the project".into())
    );
    assert!(stderr.contains("bad.wasm: it panicked while it looked at the project"), "{stderr}");
    let ours = |json: &serde_json::Value| {
        let findings = json["findings"].as_array().unwrap().iter();
        findings.filter(|one| one["rule"] == "base-image-allowlist/image-not-allowed").count()
    };
    assert_eq!(ours(&json), 1, "the other plug-in's findings stand");
    let (code, json, _) = run(&[&good], &["--plugin-settings", r#"{"allowed": ["ghcr.io/acme/*"]}"#]);
    assert_eq!((ours(&json), code == Some(3)), (0, false));
    let (code, _, stderr) = run(&[&good], &["--plugin-settings", "{not json"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("are no JSON object") && stderr.contains("line 1 column 2"), "{stderr}");
    let (code, _, stderr) = run(&[Path::new("does/not/exist.wasm")], &[]);
    assert!(code == Some(3) && stderr.contains("could not be read"), "{code:?} {stderr}");
}

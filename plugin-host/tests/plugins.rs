//! Plug-ins through the whole host: what they find counts, and whatever a hostile one does is a named error that costs nobody else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
#![allow(missing_docs, unreachable_pub, reason = "a test")]

mod guests;

use guests::Guest;
use plimsoll::plugin::run::{self, Outcome, Request};
use plimsoll::plugin::{During, Host, Limits, PluginError, Stop, build};
use plimsoll::seal::{SealError, seal};
use plimsoll_core::plugin::{Problem, Refusal};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn sources() -> Sources {
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM ghcr.io/acme/php:8.4\n");
    sources.add(
        "compose.yaml",
        "services:\n  app:\n    build: .\n  cache:\n    image: bitnami/redis:7\n  db:\n    image: mariadb:11\n",
    );
    sources
}

/// A folder of this test process.
fn folder() -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plugins-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
    .clone()
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The example plug-in, built once.
fn example() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT
        .get_or_init(|| {
            let out = folder().join("base-image-allowlist.wasm");
            let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/examples/base-image-allowlist");
            let built = build::build(&crate_folder, &out).unwrap();
            assert!(built.component_bytes < 300_000, "{built:?}");
            out
        })
        .clone()
}

fn run_all(files: &[(&Path, &str)]) -> Outcome {
    let sources = sources();
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let requests: Vec<Request> = files
        .iter()
        .map(|(file, settings)| Request { file: file.to_path_buf(), settings: (*settings).to_owned() })
        .collect();
    run::all(&requests, &project, &Limits::default())
}

/// The error of one guest, and that the well-behaved one behind it says what it says alone.
fn error_of(name: &str, bytes: &[u8]) -> PluginError {
    let bad = file(&format!("{name}.wasm"), bytes);
    let good = file(&format!("good-behind-{name}.wasm"), &Guest::new("good").component());
    let mut both = run_all(&[(&bad, "{}"), (&good, "{}")]);
    let alone = run_all(&[(&good, "{}")]);
    assert!(alone.failed.is_empty(), "{:?}", alone.failed);
    assert_eq!(both.findings, alone.findings, "{name} changed the next plug-in's result");
    assert_eq!(both.failed.len(), 1, "{name}: {:?}", both.failed);
    let (path, error) = both.failed.remove(0);
    assert_eq!(path, format!("{name}.wasm"));
    assert!(!error.to_string().is_empty() && !error.help().is_empty());
    error
}

fn stopped(error: &PluginError) -> (During, Stop) {
    match error {
        PluginError::Run { during, stop } => (*during, stop.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_example_finds_what_it_should() {
    let outcome =
        run_all(&[(&example(), r#"{"replacements": {"docker.io/bitnami/redis": "docker.io/library/redis"}}"#)]);
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    let found: Vec<(&str, &str, usize)> = outcome
        .findings
        .iter()
        .map(|one| (one.rule.as_ref(), one.message.split('`').nth(1).unwrap(), one.fixes.len()))
        .collect();
    assert_eq!(
        found,
        [
            ("base-image-allowlist/image-not-allowed", "bitnami/redis:7", 1),
            ("base-image-allowlist/image-not-allowed", "ghcr.io/acme/php:8.4", 0)
        ]
    );
    let fixed = outcome.findings[0].fixes[0].outcome(&sources()).unwrap();
    assert!(fixed["compose.yaml"].contains("image: docker.io/library/redis:7\n"));
}

#[test]
fn the_same_input_gives_the_same_output_and_leaves_nothing_behind() {
    let (first, second) = (run_all(&[(&example(), "{}")]), run_all(&[(&example(), "{}")]));
    assert_eq!(first.findings, second.findings);
    let host = Host::new(Limits::default()).unwrap();
    // Counts its calls: a store that lived on would tell.
    let counting = Guest::new("counting").with("(global $calls (mut i32) (i32.const 0))").checking(
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1))) (if (i32.gt_u (global.get $calls) (i32.const 1)) (then unreachable))",
    );
    let plugin = host.load(&counting.component()).unwrap();
    let sources = sources();
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    for _ in 0..3 {
        assert_eq!(host.run(&plugin, &project, "{}").unwrap().findings.len(), 1);
    }
}

#[test]
fn wrong_settings_are_the_plug_ins_own_located_error() {
    let outcome = run_all(&[(&example(), r#"{"alowed": []}"#)]);
    let [(_, PluginError::Said { settings: true, message })] = outcome.failed.as_slice() else {
        panic!("{:?}", outcome.failed)
    };
    assert!(message.contains("unknown field `alowed`") && message.contains("line 1 column 9"), "{message}");
}

#[test]
fn what_is_no_plug_in_is_refused() {
    let component = Guest::new("guest").component();
    assert!(matches!(error_of("garbage", b"not wasm at all"), PluginError::NotWasm));
    assert!(matches!(error_of("empty-file", b""), PluginError::NotWasm));
    assert!(matches!(error_of("text", b"(component)"), PluginError::NotWasm));
    assert!(matches!(error_of("truncated", &component[..component.len() / 2]), PluginError::Malformed(_)));
    assert!(matches!(error_of("core-module", &Guest::new("guest").module()), PluginError::CoreModule));
    assert!(matches!(error_of("empty-component", &wat::parse_str("(component)").unwrap()), PluginError::NoInterface));
    let wasi =
        wat::parse_str("(component (import \"wasi:cli/environment@0.2.0\" (instance)) (import \"f\" (func)))").unwrap();
    let PluginError::Imports(names) = error_of("imports", &wasi) else { panic!("imports were not refused") };
    assert_eq!(names, ["wasi:cli/environment@0.2.0", "f"]);
    let older = Guest::new("guest").interface("plugin@0.1.0", "plugin@0.0.9").component();
    assert!(matches!(error_of("older", &older), PluginError::Version { plugin_is_older: true, .. }));
    let newer = Guest::new("guest").interface("plugin@0.1.0", "plugin@0.2.0").component();
    assert!(matches!(error_of("newer", &newer), PluginError::Version { plugin_is_older: false, .. }));
    let drifted = Guest::new("guest").interface("license: string,", "license: string, more: u32,").component();
    let PluginError::Shape(reason) = error_of("drifted", &drifted) else {
        panic!("a record with another field was taken")
    };
    assert!(reason.contains("expected record of 7 fields, found 8 fields"), "{reason}");
    let missing = run_all(&[(Path::new("does/not/exist.wasm"), "{}")]);
    assert!(matches!(missing.failed[0].1, PluginError::Unreadable(_)));
}

#[test]
fn a_name_belongs_to_one() {
    assert!(matches!(
        error_of("pillar", &Guest::new("secrets").component()),
        PluginError::Refused(Refusal::NameTaken(_))
    ));
    assert!(matches!(
        error_of("no-kebab", &Guest::new("No Kebab").component()),
        PluginError::Refused(Refusal::Name(_))
    ));
    let one = file("one.wasm", &Guest::new("same").component());
    let outcome = run_all(&[(&one, "{}"), (&one, "{}")]);
    assert_eq!(outcome.findings.len(), 1);
    assert!(matches!(outcome.failed[0].1, PluginError::NameTwice(_)));
}

#[test]
fn what_does_not_end_is_ended() {
    let endless = "(loop $again (br $again))";
    assert_eq!(
        stopped(&error_of("endless", &Guest::new("guest").checking(endless).component())),
        (During::Check, Stop::Fuel)
    );
    assert_eq!(
        stopped(&error_of("endless-describe", &Guest::new("guest").describing(endless).component())),
        (During::Describe, Stop::Fuel)
    );
    let start = Guest::new("guest").with("(func $s (loop $again (br $again))) (start $s)");
    assert_eq!(stopped(&error_of("endless-start", &start.component())), (During::Start, Stop::Fuel));
    let recursion = Guest::new("guest")
        .with("(func $r (param i32) (result i32) (i32.add (call $r (local.get 0)) (i32.const 1)))")
        .checking("(drop (call $r (i32.const 0)))");
    assert_eq!(stopped(&error_of("recursion", &recursion.component())), (During::Check, Stop::Stack));
    assert_eq!(
        stopped(&error_of("panic", &Guest::new("guest").checking("unreachable").component())),
        (During::Check, Stop::Panic)
    );
}

/// The clock is a net below the fuel: it holds when the fuel is, by mistake, without end.
#[test]
fn the_clock_ends_what_fuel_does_not() {
    let host = Host::new(Limits { fuel: u64::MAX / 2, fuel_cap: u64::MAX / 2, ticks: 5, ..Limits::default() }).unwrap();
    let plugin = host.load(&Guest::new("guest").checking("(loop $again (br $again))").component()).unwrap();
    let sources = sources();
    let error = host.run(&plugin, &Project::new(&sources, Date::new(2026, 11, 24)), "{}").unwrap_err();
    assert_eq!(stopped(&error), (During::Check, Stop::Time));
}

#[test]
fn what_takes_too_much_is_stopped() {
    let bomb = Guest::new("guest").checking("(loop $more (drop (memory.grow (i32.const 64))) (br $more))");
    assert_eq!(stopped(&error_of("memory-bomb", &bomb.component())), (During::Check, Stop::Memory));
    let table = Guest::new("guest")
        .with("(table $t 1 funcref)")
        .checking("(loop $more (drop (table.grow $t (ref.null func) (i32.const 10000))) (br $more))");
    assert_eq!(stopped(&error_of("table-bomb", &table.component())), (During::Check, Stop::Table));
    // Every finding is the same few bytes of memory: counting memory alone would let through what fills the host's.
    let copies = "(drop (memory.grow (i32.const 200))) (local.set 0 (i32.const 0))
        (loop $copy
          (memory.copy (i32.add (i32.const 131072) (i32.mul (local.get 0) (i32.const 56))) (i32.const 1500) (i32.const 56))
          (local.set 0 (i32.add (local.get 0) (i32.const 1)))
          (br_if $copy (i32.lt_u (local.get 0) (i32.const 100000))))
        (i32.store (i32.const 1404) (i32.const 131072))";
    let aliased = Guest::new("guest").rule(7_000_000, 50_000).checking(copies).count(100_000);
    assert_eq!(stopped(&error_of("aliased", &aliased.component())), (During::Check, Stop::Result));
    let many = Guest::new("guest").count(u32::MAX);
    assert!(matches!(stopped(&error_of("many", &many.component())).1, Stop::Trap(_) | Stop::Result));
    let locals = "i64 ".repeat(1000);
    let blocks = "(block (nop))".repeat(600);
    let costly = Guest::new("guest").with(&format!("(func (local {locals}) {blocks})"));
    assert!(matches!(
        error_of("compile-bomb", &costly.component()),
        PluginError::CompileCost { cost: 501_000.., limit: 500_000 }
    ));
}

#[test]
fn what_is_wrongly_said_is_left_out() {
    let problem = |name: &str, guest: Guest| match error_of(name, &guest.component()) {
        PluginError::Problems(problems) => problems,
        other => panic!("{other:?}"),
    };
    let span = |start, end| Problem::Span { path: "Dockerfile".to_owned(), start, end };
    assert_eq!(problem("beyond-the-end", Guest::new("guest").at([0, 0, 4_000_000])), [span(0, 4_000_000)]);
    assert_eq!(problem("reversed", Guest::new("guest").at([0, 4, 0])), [span(4, 0)]);
    assert_eq!(problem("no-document", Guest::new("guest").at([99, 0, 0])), [Problem::Document(99)]);
    assert_eq!(problem("undeclared", Guest::new("guest").rule(100, 4)), [Problem::UndeclaredRule("gues".to_owned())]);
    let broken = Guest::new("guest").with("(data (i32.const 2000) \"\\ff\\fe\")").rule(2000, 2);
    assert!(matches!(stopped(&error_of("invalid-text", &broken.component())), (During::Check, Stop::Trap(_))));
}

#[test]
fn only_modules_with_the_interface_are_sealed() {
    let (component, inspection) = seal(&Guest::new("guest").module()).unwrap();
    assert!(inspection.imports.is_empty() && Host::new(Limits::default()).unwrap().load(&component).is_ok());
    assert!(matches!(seal(&component), Err(SealError::Component)));
    assert!(matches!(
        seal(&wat::parse_str("(module)").unwrap()),
        Err(SealError::Plugin(PluginError::NoInterface) | SealError::Encode(_))
    ));
    let import = Guest::new("guest").importing("(import \"env\" \"f\" (func))").module();
    assert!(matches!(seal(&import), Err(SealError::Encode(_))), "{:?}", seal(&import).err());
    assert!(matches!(seal(b"garbage"), Err(SealError::Encode(_))));
}

#[test]
fn a_failed_plug_in_is_told_everywhere_and_ends_with_its_own_code() {
    let project = folder().join("project");
    std::fs::create_dir_all(&project).unwrap();
    std::fs::write(project.join("Dockerfile"), "FROM ghcr.io/acme/php:8.4\n").unwrap();
    let bad = file("bad.wasm", &Guest::new("guest").checking("unreachable").component());
    let run = |plugins: &[&Path], more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.arg("check").arg(&project).args(["--today", "2026-11-24", "--format", "json"]).args(more);
        for plugin in plugins {
            command.arg("--plugin").arg(plugin);
        }
        let output = command.output().unwrap();
        (
            output.status.code(),
            serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap_or_default(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, json, stderr) = run(&[&bad, &example()], &[]);
    assert_eq!(code, Some(3), "{stderr}");
    let notice = json["notices"].as_array().unwrap().iter().find(|notice| notice["code"] == "plugin/failed").unwrap();
    assert_eq!(
        (&notice["path"], &notice["message"]),
        (&"bad.wasm".into(), &"the plug-in gave no findings: it panicked while it looked at the project".into())
    );
    assert!(stderr.contains("bad.wasm: it panicked while it looked at the project"), "{stderr}");
    let ours = |json: &serde_json::Value| {
        json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["rule"] == "base-image-allowlist/image-not-allowed")
            .count()
    };
    assert_eq!(ours(&json), 1, "the other plug-in's findings stand");
    let (code, json, _) = run(&[&example()], &["--plugin-settings", r#"{"allowed": ["ghcr.io/acme/*"]}"#]);
    assert_eq!((ours(&json), code == Some(3)), (0, false));
    let (code, _, stderr) = run(&[&example()], &["--plugin-settings", "{not json"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("are no JSON object") && stderr.contains("line 1 column 2"), "{stderr}");
}

//! Compiling in a child process: what it gives, and that memory, time and the environment are bounded.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test")]

mod host_guest;

use host_guest::{Changes, component};
use plimsoll::plugin::{Compiler, Host, Limits, Plugin, PluginError, Setup};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn load(program: &Path, bytes: &[u8], limits: Limits) -> Result<(Host, Plugin), PluginError> {
    let host = Host::new(Setup { limits, compiler: Compiler::Child(program.to_owned()), cache: None })?;
    let plugin = host.load(bytes)?;
    Ok((host, plugin))
}

fn ours() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_plimsoll"))
}

/// A program of these lines of shell. A process of its own writes it: while a file is open for writing anywhere, it cannot be started.
fn script(folder: &Path, name: &str, lines: &str) -> PathBuf {
    let path = folder.join(name);
    let mut writer = Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
        .arg(&path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    writer.stdin.take().unwrap().write_all(format!("#!/bin/sh\n{lines}\n").as_bytes()).unwrap();
    assert!(writer.wait().unwrap().success());
    path
}

#[test]
fn the_child_compiles_what_this_process_would() {
    let bytes = component("guest", &Changes::default());
    let (host, plugin) = load(ours(), &bytes, Limits::default()).unwrap();
    let here = Host::new(Setup::in_process(Limits::default())).unwrap();
    let same = here.load(&bytes).unwrap();
    assert_eq!((&plugin.metadata, plugin.compiled_bytes), (&same.metadata, same.compiled_bytes));
    assert!(plugin.compile_time.is_some() && !plugin.from_cache);
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM php:8.4\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let (ran, again) = (host.run(&plugin, &project, "{}").unwrap(), here.run(&same, &project, "").unwrap());
    assert_eq!(ran.accepted.findings, again.accepted.findings);
    assert_eq!(ran.accepted.findings.len(), 1);
    assert!(ran.fuel > 0 && ran.fuel == again.fuel);
    assert_eq!(ran.memory_bytes, 65_536);
}

#[test]
fn memory_is_bounded() {
    let bytes = component("guest", &Changes::default());
    let limits = Limits { compile_bytes: 8 << 20, ..Limits::default() };
    let error = load(ours(), &bytes, limits).unwrap_err();
    assert!(matches!(error, PluginError::CompileMemory(8_388_608)), "{error:?}");
    assert_eq!((error.code(), error.to_string().contains("8 MiB")), ("compile-memory", true));
}

#[test]
fn time_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let sleeper = script(folder.path(), "sleeper", "exec sleep 60");
    let limits = Limits { compile_seconds: 1, ..Limits::default() };
    let begun = Instant::now();
    let error = load(&sleeper, &component("guest", &Changes::default()), limits.clone()).unwrap_err();
    assert!(matches!(error, PluginError::CompileTime(1)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    // A compile bomb, with the estimate that would refuse it turned off.
    let locals = "i64 ".repeat(1000);
    let blocks = "(block (br_if 0 (i32.wrap_i64 (local.get 7))) (local.set 9 (i64.add (local.get 8) (local.get 9))))";
    let bomb = Changes { fields: format!("(func (local {locals}) {})", blocks.repeat(30_000)), ..Changes::default() };
    let limits = Limits { function_cost: u64::MAX, file_cost: u64::MAX, ..limits };
    let begun = Instant::now();
    let error = load(ours(), &component("guest", &bomb), limits).unwrap_err();
    assert!(matches!(error, PluginError::CompileTime(1) | PluginError::CompileMemory(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_child_that_ends_without_a_reply_has_crashed() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = component("guest", &Changes::default());
    let crash = |name: &str, lines: &str| match load(&script(folder.path(), name, lines), &bytes, Limits::default()) {
        Err(PluginError::CompileCrashed(reason)) => reason,
        other => panic!("{name}: {other:?}"),
    };
    assert!(
        crash("fails", "echo the register allocator failed >&2; exit 9").contains("9: the register allocator failed")
    );
    assert!(crash("signal", "kill -SEGV $$").contains("11"));
    assert!(crash("garbage", "cat > /dev/null; echo something else").contains("exit status: 0"));
    // More than is read, in either direction: none of it may block.
    assert!(crash("chatter", "yes | head -c 3000000 >&2; yes | head -c 3000000").contains("y y"));
    let said = crash("environment", "env >&2; exit 1");
    assert!(said.contains("RAYON_NUM_THREADS") && !said.contains("CARGO_MANIFEST_DIR"), "{said}");
    assert!(matches!(
        load(&folder.path().join("missing"), &bytes, Limits::default()),
        Err(PluginError::CompileCrashed(_))
    ));
}

#[test]
fn what_the_compiler_refuses_is_told() {
    // The pre-scan has no objection; the types do not match.
    let nested = wat::parse_str("(component (core module (func (result i32) (i64.const 0))))").unwrap();
    let mut bytes = component("guest", &Changes::default());
    // A component section: its kind, its length, the component.
    bytes.push(4);
    let mut length = nested.len();
    while length >= 128 {
        bytes.push(u8::try_from(length % 128).unwrap() | 128);
        length /= 128;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.extend(nested);
    for program in [Some(ours()), None] {
        let compiler = program.map_or(Compiler::InProcess, |program| Compiler::Child(program.to_owned()));
        let host = Host::new(Setup { limits: Limits::default(), compiler, cache: None }).unwrap();
        let error = host.load(&bytes).unwrap_err();
        assert!(matches!(&error, PluginError::Compile(reason) if reason.contains("type mismatch")), "{error:?}");
    }
}

#[test]
fn the_hidden_command_takes_orders_only() {
    let run = |input: &[u8]| -> Output {
        let mut command = Command::new(ours());
        let mut child = command
            .arg("__compile")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    };
    for input in [b"".as_slice(), b"\0asm\x0d\0\x01\0", &[0; 64]] {
        let output = run(input);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), b"".as_slice()));
        assert!(String::from_utf8_lossy(&output.stderr).contains("started by plimsoll itself"), "{output:?}");
    }
}

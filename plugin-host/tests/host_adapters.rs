//! The interface's version decides who talks to a plug-in; what is not known of it is passed over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test")]

mod host_guest;

use host_guest::{Changes, component};
use plimsoll::plugin::{Host, Input, Limits, PluginError, Setup, inspect};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources};

fn host() -> Host {
    Host::new(Setup::in_process(Limits::default())).unwrap()
}

#[test]
fn interfaces_that_are_not_known_are_passed_over() {
    let changes = Changes {
        fields: "(func (export \"plimsoll:plugin/fixes@0.1.0#propose\") (result i32) (i32.const 7))".to_owned(),
        interfaces: vec![("interface fixes { propose: func() -> u32; }".to_owned(), "fixes".to_owned())],
        ..Changes::default()
    };
    let bytes = component("guest", &changes);
    let found = inspect::inspect(&bytes, &Limits::default()).unwrap();
    assert!(found.exports.iter().any(|name| name == "plimsoll:plugin/fixes@0.1.0"), "{:?}", found.exports);
    assert_eq!(found.interface.as_deref(), Some(plimsoll_plugin_abi::INTERFACE));
    let host = host();
    let plugin = host.load(&bytes).unwrap();
    assert_eq!(
        (plugin.interface.as_str(), plugin.digest.as_str()),
        (plimsoll_plugin_abi::INTERFACE, found.sha256.as_str())
    );
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM php:8.4\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    assert_eq!(host.run(&plugin, &project, "{}").unwrap().accepted.findings.len(), 1);
}

#[test]
fn a_later_patch_of_the_same_version_runs() {
    let bytes = component("guest", &Changes { version: Some("0.1.7".to_owned()), ..Changes::default() });
    let host = host();
    let plugin = host.load(&bytes).unwrap();
    assert_eq!(plugin.interface, "plimsoll:plugin/rules@0.1.7");
    let (mut sources, date) = (Sources::new(), Date::new(2026, 11, 24));
    sources.add("Dockerfile", "FROM php:8.4\n");
    assert_eq!(host.run(&plugin, &Project::new(&sources, date), "{}").unwrap().accepted.findings.len(), 1);
}

#[test]
fn another_version_is_refused_before_anything_is_compiled() {
    for (version, older) in [("0.2.0", false), ("1.0.0", false), ("0.0.1", true)] {
        let bytes = component("guest", &Changes { version: Some(version.to_owned()), ..Changes::default() });
        match host().load(&bytes) {
            Err(PluginError::Version { found, plugin_is_older }) => {
                assert_eq!((found.as_str(), plugin_is_older), (version, older))
            }
            other => panic!("{version}: {other:?}"),
        }
    }
}

#[test]
fn a_project_is_described_once_for_several_plug_ins() {
    let host = host();
    let plugins = ["one", "two"].map(|name| host.load(&component(name, &Changes::default())).unwrap());
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM php:8.4\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let input = Input::of(&project);
    assert_eq!((input.bytes(), input.project().documents.len()), (13, 1));
    for plugin in &plugins {
        let shared = host.run_on(plugin, &project, &input, "{}").unwrap();
        let alone = host.run(plugin, &project, "{}").unwrap();
        assert_eq!((shared.accepted.findings, shared.fuel), (alone.accepted.findings, alone.fuel));
    }
}

#[test]
fn settings_are_an_object_of_bounded_size() {
    let host = host();
    let plugin = host.load(&component("guest", &Changes::default())).unwrap();
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM php:8.4\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    for settings in ["", "  ", "{}", "{\"a\": 1}"] {
        assert!(host.run(&plugin, &project, settings).is_ok(), "{settings}");
    }
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(256 << 10));
    for settings in ["[]", "{", "null", large.as_str()] {
        let error = host.run(&plugin, &project, settings).unwrap_err();
        assert_eq!(error.code(), "settings", "{error}");
    }
}

#[test]
fn a_larger_stack_is_given_when_it_is_granted() {
    let recursion = |depth: u32| Changes {
        fields: format!(
            "(func $deeper (param i32) (result i32)
               (if (result i32) (local.get 0)
                 (then (i32.add (call $deeper (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
                 (else (i32.const 0))))
             (global $depth i32 (i32.const {depth}))"
        ),
        checking: "(drop (call $deeper (global.get $depth)))".to_owned(),
        ..Changes::default()
    };
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM php:8.4\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let code = |stack_bytes: u64, depth: u32| {
        let host = Host::new(Setup::in_process(Limits { stack_bytes, ..Limits::default() })).unwrap();
        let plugin = host.load(&component("guest", &recursion(depth))).unwrap();
        host.run(&plugin, &project, "{}").map(drop).map_err(|error| error.code())
    };
    assert_eq!(code(512 << 10, 20_000), Err("stack"));
    assert_eq!(code(2 << 20, 20_000), Ok(()));
    // More than wasmtime takes is as much as it takes.
    assert_eq!(code(1 << 40, 20_000), Ok(()));
    assert_eq!(code(1 << 40, 10_000_000), Err("stack"));
}

//! The corpus once more, through WebAssembly: every stack's reports are the native ones, byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_core::project::Project;
use plimsoll_core::report::stack::Wanted;
use plimsoll_core::{Date, report};
use plimsoll_tests::{TODAY, advisories_for, files_below, native_facts, native_json, native_report, root, sources};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use wasmtime::{Config, Engine, Instance, Memory, Module, Store, TypedFunc};

type Files = BTreeMap<String, Vec<u8>>;

/// Builds the guest where the page is built, with the same settings: what both need is compiled once.
fn guest() -> Vec<u8> {
    xtask::build::ensure_target().unwrap();
    let target: PathBuf = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let status = xtask::tools::cargo()
        .args(["build", "--quiet", "--target", "wasm32-unknown-unknown"])
        // With the page's programs, whose dependencies would otherwise be compiled once more with fewer features.
        .args(
            ["plimsoll-parity", "plimsoll-web", "plimsoll-web-plugin-runner"]
                .iter()
                .flat_map(|name| ["--package", name]),
        )
        // Without any optimisation the analysis is slow and its frames are large.
        .args(
            ["plimsoll-core", "granit-parser"]
                .iter()
                .flat_map(|package| ["--config".to_owned(), format!("profile.dev.package.{package}.opt-level=1")]),
        )
        .arg("--target-dir")
        .arg(&target)
        .env_remove("CARGO_BUILD_TARGET")
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the guest does not compile");
    fs::read(target.join("wasm32-unknown-unknown/debug/plimsoll_parity.wasm")).expect("cargo made the guest")
}

/// The analysis, running as WebAssembly.
struct Guest {
    store: Store<()>,
    memory: Memory,
    room: TypedFunc<u32, u32>,
    analyse: TypedFunc<(), u32>,
    length: TypedFunc<(), u32>,
}

impl Guest {
    fn start(engine: &Engine, module: &Module) -> Self {
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, module, &[]).expect("it imports nothing");
        let memory = instance.get_memory(&mut store, "memory").expect("its memory");
        let room = instance.get_typed_func(&mut store, "room").unwrap();
        let analyse = instance.get_typed_func(&mut store, "analyse").unwrap();
        let length = instance.get_typed_func(&mut store, "length").unwrap();
        Self { store, memory, room, analyse, length }
    }

    /// The reports of files: JSON, SARIF, the document of the map, the answers of the inventory.
    fn reports(&mut self, files: &Files, what: &str) -> [String; 4] {
        let mut input = chunk(TODAY.as_bytes());
        input.extend(chunk(advisories_for(files).unwrap_or_default().as_bytes()));
        input.extend(chunk(what.as_bytes()));
        for (path, bytes) in files {
            input.extend(chunk(path.as_bytes()));
            input.extend(chunk(bytes));
        }
        let at = self.room.call(&mut self.store, u32::try_from(input.len()).unwrap()).unwrap();
        self.memory.write(&mut self.store, at as usize, &input).unwrap();
        let at = self.analyse.call(&mut self.store, ()).unwrap_or_else(|trap| panic!("the analysis trapped: {trap:?}"));
        let length = self.length.call(&mut self.store, ()).unwrap();
        let output = &self.memory.data(&self.store)[at as usize..][..length as usize];
        let mut rest = output;
        let reports = std::array::from_fn(|_| {
            let (text, behind) = text(rest);
            rest = behind;
            text
        });
        assert!(rest.is_empty());
        reports
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
    chunk.extend(bytes);
    chunk
}

fn text(output: &[u8]) -> (String, &[u8]) {
    let (length, rest) = output.split_first_chunk::<4>().expect("a length");
    let (text, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
    (String::from_utf8(text.to_vec()).expect("reports are UTF-8"), rest)
}

#[test]
fn wasm_says_what_this_machine_says() {
    let mut config = Config::new();
    // As much as a browser gives a module's thread.
    config.max_wasm_stack(1 << 20);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, guest()).unwrap();
    assert_eq!(module.imports().len(), 0, "the analysis asks its host for nothing");
    // One instance for all: what an analysis leaves behind must not show in the next.
    let mut guest = Guest::start(&engine, &module);
    let mut stacks = 0;
    let mut all = Files::new();
    for stack in fs::read_dir(root().join("tests/corpus")).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        let name = stack.file_name().to_string_lossy().into_owned();
        let files = files_below(&stack.path());
        same(&mut guest, &name, &files);
        all.extend(files.into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
        stacks += 1;
    }
    assert!(stacks >= 20, "{stacks} stacks");
    same(&mut guest, "the whole corpus", &all);
}

/// Compares everything for a stack; for all of them at once, where plans would take minutes, the map.
fn same(guest: &mut Guest, name: &str, files: &Files) {
    let (what, wanted) = match files.len() {
        0..200 => ("all", Wanted { view: None, breach: vec!["*".to_owned()], plan: true, boundaries: true }),
        _ => ("map", Wanted::default()),
    };
    let [json, sarif, stack, answers] = guest.reports(files, what);
    assert_eq!(json, native_json(files), "{name}");
    let sources = sources(files);
    let wire = report::json::wire(&native_report(files), &sources);
    assert_eq!(sarif, report::sarif::render(&wire), "{name}");
    let facts = native_facts(files);
    let project = Project::with_facts(&sources, Date::parse(TODAY).unwrap(), &facts);
    let native = serde_json::to_string(&report::stack::wire(&project, &wanted)).unwrap();
    assert!(stack == native, "the map of {name} differs");
    let native = serde_json::to_string(&report::answers::answer(&project)).unwrap();
    assert!(answers == native, "the inventory of {name} differs");
}

//! Every seed of the fuzz targets of this crate, through the code that fuzzing runs. The targets stand with all others in `core/fuzz`;
//! the core does not know this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
#![allow(clippy::print_stdout, reason = "the last seed that is named is the one that failed")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test; other tests use the rest")]

mod fuzzed;

use std::fs;
use std::path::Path;

fn run(name: &str, target: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/fuzz");
    assert!(fuzz.join("targets").join(format!("{name}.rs")).is_file());
    let seeds = fs::read_dir(fuzz.join("seeds").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut count = 0;
    for seed in seeds {
        let path = seed.unwrap().path();
        println!("{}", path.display());
        target(&fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count > 2, "{name} has {count} seeds");
}

#[test]
fn linker_seeds() {
    run("linker", fuzzed::linker);
}

#[test]
fn canonical_seeds() {
    run("canonical", fuzzed::canonical);
}

/// A seed that is refused at once would teach the fuzzer nothing.
#[test]
fn a_seed_is_a_plug_in() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/fuzz/seeds/linker/guest");
    let limits = plimsoll_plugin_linker::Limits::default();
    let plan = plimsoll_plugin_linker::plan(&fs::read(file).unwrap(), &limits, &Default::default()).unwrap();
    fuzzed::check_plan(&plan, &limits);
    assert_eq!((plan.modules.len(), plan.interface.as_str()), (1, plimsoll_plugin_abi::INTERFACE));
}

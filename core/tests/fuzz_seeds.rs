//! Every seed of every fuzz target, among them inputs that once failed, through the code that fuzzing runs.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its files, and says what went wrong by panicking"
)]

#[allow(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "it is a crate of its own elsewhere")]
#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Target = (&'static str, fn(&[u8]));

macro_rules! targets {
    ($($name:ident)*) => { [$((stringify!($name), fuzz::$name as fn(&[u8]))),*] };
}

/// Targets of the linker of plug-ins, which runs their seeds itself: the core does not know it.
const ELSEWHERE: [&str; 2] = ["canonical", "linker"];

const TARGETS: [Target; 24] = targets! {
    apache caddyfile compose_project crontab dockerfile dockerignore dotenv fixes image ini interpolate inventory jenkinsfile json
    makefile merge nginx php redis_acl redis_conf script shell suppress yaml
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn stems(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_target_is_here() {
    let here = TARGETS.iter().map(|(name, _)| *name).chain(ELSEWHERE);
    let here: BTreeSet<String> = here.map(str::to_owned).collect();
    assert_eq!(here, stems(&folder("targets")));
}

#[test]
fn seeds() {
    for (name, target) in TARGETS {
        let seeds = fs::read_dir(folder("seeds").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut count = 0;
        for seed in seeds {
            let path = seed.unwrap().path();
            println!("{}", path.display());
            target(&fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count > 0, "{name} has no seed");
    }
}

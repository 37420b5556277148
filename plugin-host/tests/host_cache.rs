//! The cache of compiled plug-ins through the host: what was compiled is used again, and nothing else is.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test")]

mod host_guest;

use host_guest::{Changes, component};
use plimsoll::plugin::{Cache, Compiler, Host, Limits, Setup};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

fn host(folder: &Path, limits: Limits) -> Host {
    let cache = Some(Cache::at(folder.to_owned()));
    Host::new(Setup { limits, compiler: Compiler::InProcess, cache }).unwrap()
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_was_compiled_is_used_again_and_finds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("plugins");
    let bytes = component("guest", &Changes::default());
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM php:8.4\n");
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let first = host(&folder, Limits::default());
    let compiled = first.load(&bytes).unwrap();
    assert!(!compiled.from_cache && compiled.compile_time.is_some());
    let second = host(&folder, Limits::default());
    let again = second.load(&bytes).unwrap();
    assert!(again.from_cache && again.compile_time.is_none());
    assert_eq!(
        (&again.metadata, &again.digest, &again.interface),
        (&compiled.metadata, &compiled.digest, &compiled.interface)
    );
    assert_eq!(again.compiled_bytes, compiled.compiled_bytes);
    let (one, two) = (first.run(&compiled, &project, "{}").unwrap(), second.run(&again, &project, "{}").unwrap());
    assert_eq!((one.accepted.findings, one.fuel), (two.accepted.findings, two.fuel));
    // Another file, and other limits of the inspection, are compiled for themselves.
    assert!(!second.load(&component("other", &Changes::default())).unwrap().from_cache);
    let other = host(&folder, Limits { function_cost: 400_000, ..Limits::default() });
    assert!(!other.load(&bytes).unwrap().from_cache);
    assert_eq!(kept(&folder).len(), 3);
}

#[test]
fn a_changed_artefact_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("plugins");
    let host = host(&folder, Limits::default());
    let bytes = component("guest", &Changes::default());
    host.load(&bytes).unwrap();
    let file = kept(&folder).remove(0);
    let whole = fs::read(&file).unwrap();
    for place in [0, 40, 70, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 0x40;
        fs::write(&file, &changed).unwrap();
        assert!(!host.load(&bytes).unwrap().from_cache, "byte {place}");
        assert_eq!(fs::read(&file).unwrap(), whole, "it is kept again as it should be");
        assert!(host.load(&bytes).unwrap().from_cache);
    }
    // Another plug-in's artefact under this one's name.
    host.load(&component("other", &Changes::default())).unwrap();
    let other = kept(&folder).into_iter().find(|path| *path != file).unwrap();
    fs::copy(&other, &file).unwrap();
    let plugin = host.load(&bytes).unwrap();
    assert!(!plugin.from_cache);
    assert_eq!(plugin.metadata.name, "guest");
}

#[test]
fn a_folder_that_others_can_touch_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("plugins");
    let bytes = component("guest", &Changes::default());
    let host = host(&place, Limits::default());
    host.load(&bytes).unwrap();
    assert!(host.load(&bytes).unwrap().from_cache);
    fs::set_permissions(&place, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(!host.load(&bytes).unwrap().from_cache);
    fs::set_permissions(&place, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(host.load(&bytes).unwrap().from_cache);
    let link = folder.path().join("link");
    symlink(&place, &link).unwrap();
    assert!(!self::host(&link, Limits::default()).load(&bytes).unwrap().from_cache);
    // A file where the folder should be: nothing is kept, and nothing is said.
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(self::host(&file, Limits::default()).load(&bytes).is_ok());
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn what_is_refused_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("plugins");
    let host = host(&folder, Limits { function_cost: 2, ..Limits::default() });
    assert_eq!(host.load(&component("guest", &Changes::default())).unwrap_err().code(), "compile-cost");
    assert!(!folder.exists());
}

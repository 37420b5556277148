#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

fn key(sha256: &str) -> Key {
    Key::new("compiler", sha256, &Limits::default())
}

fn cache() -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("made/for/it"));
    (folder, cache)
}

fn files(cache: &Cache) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(cache.folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_is_kept_comes_back() {
    let (_folder, cache) = cache();
    assert_eq!(cache.get(&key("a")), None);
    cache.put(&key("a"), b"machine code");
    assert_eq!(cache.get(&key("a")).as_deref(), Some(b"machine code".as_slice()));
    assert_eq!(cache.get(&key("b")), None);
    cache.put(&key("a"), b"newer");
    assert_eq!(cache.get(&key("a")).as_deref(), Some(b"newer".as_slice()));
    assert_eq!(files(&cache).len(), 1, "nothing unfinished is left");
    assert_eq!(fs::metadata(cache.folder()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&files(&cache)[0]).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_key_is_of_file_compiler_and_limits() {
    let limits = Limits::default();
    assert_ne!(key("a"), key("b"));
    assert_ne!(key("a"), Key::new("other compiler", "a", &limits));
    assert_ne!(key("a"), Key::new("compiler", "a", &Limits { function_cost: 1, ..limits.clone() }));
    assert_eq!(key("a"), Key::new("compiler", "a", &Limits { fuel: 1, ..limits }));
}

#[test]
fn what_was_changed_is_not_used() {
    let (_folder, cache) = cache();
    cache.put(&key("a"), b"machine code");
    let file = files(&cache).remove(0);
    let whole = fs::read(&file).unwrap();
    for place in [0, 20, 50, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&file, changed).unwrap();
        assert_eq!(cache.get(&key("a")), None, "byte {place}");
    }
    for cut in [0, HEAD - 1, HEAD, whole.len() - 1] {
        fs::write(&file, &whole[..cut]).unwrap();
        assert_eq!(cache.get(&key("a")), None, "cut at {cut}");
    }
    // A whole file under the name of another.
    fs::write(cache.folder().join(key("b").file()), &whole).unwrap();
    fs::set_permissions(cache.folder().join(key("b").file()), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(cache.get(&key("b")), None);
    fs::write(&file, &whole).unwrap();
    assert!(cache.get(&key("a")).is_some());
}

#[test]
fn what_others_can_touch_is_not_used() {
    let (folder, cache) = cache();
    cache.put(&key("a"), b"machine code");
    let file = files(&cache).remove(0);
    for mode in [0o644, 0o620, 0o602] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        assert_eq!(cache.get(&key("a")), None, "{mode:o}");
    }
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    for mode in [0o755, 0o770, 0o701] {
        fs::set_permissions(cache.folder(), Permissions::from_mode(mode)).unwrap();
        assert_eq!(cache.get(&key("a")), None, "{mode:o}");
        cache.put(&key("b"), b"more");
    }
    fs::set_permissions(cache.folder(), Permissions::from_mode(0o700)).unwrap();
    assert_eq!((cache.get(&key("b")), cache.get(&key("a")).is_some()), (None, true));
    // A link to the folder, and a link to the file.
    let link = folder.path().join("link");
    symlink(cache.folder(), &link).unwrap();
    let linked = Cache::at(link);
    assert_eq!(linked.get(&key("a")), None);
    linked.put(&key("c"), b"more");
    assert_eq!(cache.get(&key("c")), None);
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert_eq!(cache.get(&key("a")), None);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let (_folder, cache) = cache();
    cache.put(&key("a"), b"machine code");
    let place = cache.folder().join(key("b").file());
    fs::create_dir(&place).unwrap();
    assert_eq!(cache.get(&key("b")), None);
    cache.put(&key("b"), b"more");
    assert_eq!(cache.get(&key("b")), None, "a folder is in its place");
    let in_a_file = Cache::at(cache.folder().join(key("a").file()).join("below"));
    in_a_file.put(&key("a"), b"x");
    assert_eq!(in_a_file.get(&key("a")), None);
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let (_folder, cache) = cache();
    let cache = cache.with_size(3 * (HEAD as u64 + 100));
    for (age, name) in [(300, "a"), (200, "b"), (100, "c")] {
        cache.put(&key(name), &[7; 100]);
        let file = fs::File::open(cache.folder().join(key(name).file())).unwrap();
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(age)).unwrap();
    }
    assert!(cache.get(&key("a")).is_some(), "now it is the one used last");
    cache.put(&key("d"), &[7; 100]);
    let kept = ["a", "b", "c", "d"].map(|name| cache.get(&key(name)).is_some());
    assert_eq!(kept, [true, false, true, true]);
    cache.put(&key("e"), &[7; 10_000]);
    assert_eq!(cache.get(&key("e")), None, "larger than the whole cache");
    assert!(cache.get(&key("d")).is_some());
}

#[test]
fn unfinished_files_that_nobody_finishes_are_removed() {
    let (_folder, cache) = cache();
    cache.put(&key("a"), b"machine code");
    let (old, new) = (cache.folder().join(".unfinished-1-1"), cache.folder().join(".unfinished-2-2"));
    fs::write(&old, b"").unwrap();
    fs::write(&new, b"").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    fs::File::open(&old).unwrap().set_modified(long_ago).unwrap();
    cache.put(&key("b"), b"machine code");
    assert!(!old.exists() && new.exists());
}

#[test]
fn the_environment_names_the_folder() {
    let of = |variables: &'static [(&'static str, &'static str)]| {
        Cache::of_user(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
            .map(|cache| cache.folder().display().to_string())
    };
    assert_eq!(of(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")]).as_deref(), Some("/c/plimsoll/plugins"));
    assert_eq!(of(&[("HOME", "/h")]).as_deref(), Some("/h/.cache/plimsoll/plugins"));
    assert_eq!(of(&[("XDG_CACHE_HOME", "relative"), ("HOME", "/h")]).as_deref(), Some("/h/.cache/plimsoll/plugins"));
    assert_eq!(of(&[("XDG_CACHE_HOME", ""), ("HOME", "")]), None);
    assert_eq!(of(&[]), None);
}

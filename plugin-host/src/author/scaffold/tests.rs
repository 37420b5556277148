#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use super::*;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[test]
fn names_are_those_a_host_takes() {
    for (name, want) in [
        (
            "My_Rules",
            "no plug-in can be called that: its name `My_Rules` is not kebab-case (lower-case letters, digits and hyphens)",
        ),
        (
            "isolation",
            "no plug-in can be called that: its name `isolation` is that of built-in rules; a plug-in needs a name of its own",
        ),
        ("test", "no plug-in can be called `test`: the word has a meaning of its own; add one, such as test-rules"),
    ] {
        assert_eq!(files(Language::Rust, name).unwrap_err().to_string(), want);
    }
    assert!(RESERVED.is_sorted());
}

#[test]
fn every_language_has_what_a_plug_in_needs() {
    for language in Language::ALL {
        let files = files(language, "house-rules").unwrap();
        for wanted in [".gitignore", "README.md", "wit/plimsoll-plugin.wit"] {
            assert!(files.contains_key(wanted), "{language}: {wanted}: {:?}", files.keys());
        }
        assert!(files.keys().any(|path| path.starts_with("tests/") && path.contains("/project/")), "{language}");
        for (path, text) in &files {
            let open =
                ["{{name}}", "{{module}}", "{{interface}}", "{{plimsoll}}"].iter().find(|place| text.contains(**place));
            assert_eq!(open, None, "{language}: {path}");
        }
    }
}

/// What a plug-in takes along is what this repository tests: nothing is left out, nothing differs.
#[test]
fn the_sdk_is_the_repositorys_own() {
    let files = files(Language::Rust, "house-rules").unwrap();
    let mut compared = 0;
    for (from, to) in [
        ("plugins/abi/src", "vendor/abi/src"),
        ("plugins/abi/wit", "vendor/abi/wit"),
        ("plugins/sdk/src", "vendor/sdk/src"),
    ] {
        let mut folders = vec![repository().join(from)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(repository().join(from)).unwrap().to_string_lossy().into_owned();
                let written = files.get(&format!("{to}/{name}")).unwrap_or_else(|| panic!("{from}/{name} is missing"));
                assert_eq!(*written, std::fs::read_to_string(&path).unwrap(), "{from}/{name}");
                compared += 1;
            }
        }
    }
    for manual in ["abi/VERSIONING.md", "abi/VOCABULARY.md", "sdk/README.md"] {
        let own = std::fs::read_to_string(repository().join("plugins").join(manual)).unwrap();
        assert_eq!(files[&format!("vendor/{manual}")], own, "{manual}");
        compared += 1;
    }
    let vendored = files.keys().filter(|path| path.starts_with("vendor/")).count();
    assert_eq!(vendored, compared + 2, "the sources and two manifests");
}

#[test]
fn its_manifests_stand_alone() {
    let files = files(Language::Rust, "house-rules").unwrap();
    for name in ["vendor/abi/Cargo.toml", "vendor/sdk/Cargo.toml", "Cargo.toml"] {
        let document: toml_edit::DocumentMut = files[name].parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(name == "Cargo.toml" || !files[name].contains("workspace"), "{name}:\n{}", files[name]);
        assert!(document["package"]["version"].as_str().is_some(), "{name}");
    }
    let sdk: toml_edit::DocumentMut = files["vendor/sdk/Cargo.toml"].parse().unwrap();
    assert_eq!(sdk["dependencies"]["plimsoll-plugin-abi"]["path"].as_str(), Some("../abi"));
    assert!(sdk["dependencies"]["wit-bindgen"]["version"].as_str().unwrap().starts_with('='));
    assert!(sdk["dependencies"].get("plimsoll-core").is_none() && sdk.get("features").is_none());
    assert!(
        files["vendor/sdk/Cargo.toml"].contains("cfg(feature, values(\\\"testing\\\"))")
            || files["vendor/sdk/Cargo.toml"].contains("'cfg(feature, values(\"testing\"))'"),
        "{}",
        files["vendor/sdk/Cargo.toml"]
    );
}

#[test]
fn its_lock_file_pins_what_is_tested() {
    let lock = files(Language::Rust, "house-rules").unwrap()["Cargo.lock"].clone();
    let own = std::fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let document: toml_edit::DocumentMut = lock.parse().unwrap();
    let packages = document["package"].as_array_of_tables().unwrap();
    let names: Vec<&str> = packages.iter().filter_map(|one| one["name"].as_str()).collect();
    for wanted in ["house-rules", "plimsoll-plugin-sdk", "plimsoll-plugin-abi", "serde", "serde_json", "wit-bindgen"] {
        assert!(names.contains(&wanted), "{names:?}");
    }
    assert!(!names.contains(&"plimsoll-core"));
    for package in packages.iter().filter_map(|one| one.get("checksum")?.as_str()) {
        assert!(own.contains(package));
    }
}

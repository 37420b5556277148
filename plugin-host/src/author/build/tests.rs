#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use super::*;

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        std::fs::write(folder.path().join(file), "").unwrap();
    }
    folder
}

#[test]
fn the_language_shows_in_the_files() {
    for (files, want) in [
        (vec!["Cargo.toml", "package.json"], Some(Language::Rust)),
        (vec!["package.json"], Some(Language::JavaScript)),
        (vec!["pyproject.toml"], Some(Language::Python)),
        (vec!["plugin.c", "Makefile"], Some(Language::C)),
        (vec!["Makefile"], None),
        (vec![], None),
    ] {
        assert_eq!(language(folder(&files).path()), want, "{files:?}");
    }
}

#[test]
fn a_folder_without_a_plug_in_says_how_to_begin() {
    let error = component(folder(&["notes.txt"]).path()).unwrap_err().to_string();
    assert!(error.ends_with("holds no plug-in: neither Cargo.toml, package.json, pyproject.toml nor plugin.c; `plimsoll plugin new` makes one"), "{error}");
}

/// A component that wants something, and one that offers nothing.
#[test]
fn what_a_toolchain_makes_is_judged() {
    let text = |text: &str| wat::parse_str(text).unwrap();
    let error = |bytes: &[u8]| sealed(bytes).unwrap_err().to_string();
    let wants = error(&text(r#"(component (import "wasi:cli/environment@0.2.0" (instance)))"#));
    assert!(
        wants.contains(
            "`wasi:cli/environment@0.2.0`; a plug-in may import nothing; build it for wasm32-unknown-unknown"
        ),
        "{wants}"
    );
    let module = error(&text("(module (import \"env\" \"now\" (func)))"));
    assert!(module.contains("it wants `env::now`; a plug-in may import nothing; build it for"), "{module}");
    let offers = error(&text("(component)"));
    assert!(offers.contains("it does not export plimsoll:plugin/rules@0.1.0"), "{offers}");
    let module = error(&text("(module)"));
    assert!(!module.is_empty());
    assert!(error(b"junk").contains("it cannot be made a component"));
}

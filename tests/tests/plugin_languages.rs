//! Plug-ins in other languages than Rust: the examples and the templates, built with the compilers that the registries have.
//!
//! JavaScript is part of every test run. Python and C download much and take long: `cargo xtask languages` runs them, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]
#![allow(clippy::print_stdout, reason = "`cargo xtask languages` shows how large and how slow each language is")]

use plimsoll_tests::{binary, root};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;
use xtask::languages::{Language, install, prepare};

/// What every plug-in exports.
const INTERFACE: &str = "plimsoll:plugin/rules@0.1.0";

/// Runs the binary with the caller's environment: it starts Node, Python or a C compiler.
fn plimsoll(args: &[&str]) -> Output {
    let cache = root().join("target/languages/cache");
    Command::new(binary()).env("XDG_CACHE_HOME", &cache).env("NO_COLOR", "1").args(args).output().unwrap()
}

fn succeeds(args: &[&str]) -> String {
    let output = plimsoll(args);
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].map(String::from_utf8_lossy).concat();
    assert!(output.status.success(), "plimsoll {}: {}\n{text}", args.join(" "), output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The example builds to a file that imports nothing, and passes its own tests, in which all of its rules are raised.
fn example(language: Language, most_bytes: u64) {
    let folder = prepare(language).unwrap();
    let start = Instant::now();
    let file = folder.with_extension("wasm");
    let said = succeeds(&["plugin", "build", "--json", text(&folder), "-o", text(&file)]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["language"], &said["interface"]), (&language.as_str().into(), &INTERFACE.into()), "{said}");
    let bytes = said["component_bytes"].as_u64().unwrap();
    assert!(bytes <= most_bytes, "{bytes} bytes");
    let built = start.elapsed();
    let cases = folder.join("tests");
    println!("{}", succeeds(&["plugin", "test", "--strict", "--tests", text(&cases), text(&file)]));
    println!("{}: {bytes} bytes, built in {built:.1?}, all in {:.1?}", language.as_str(), start.elapsed());
}

/// What `plimsoll plugin new` writes builds and passes its own tests.
fn template(language: Language) {
    let compiler = prepare(language).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("fixed-versions");
    succeeds(&["plugin", "new", "fixed-versions", "--lang", language.as_str(), "--into", text(&folder)]);
    lend(language, &compiler, &folder);
    println!("{}", succeeds(&["plugin", "test", "--strict", text(&folder)]));
}

/// The example's compiler is the template's, too: both lock files are the same but for the name.
fn lend(language: Language, from: &Path, to: &Path) {
    #[cfg(unix)]
    std::os::unix::fs::symlink(from.join(language.compiler()), to.join(language.compiler())).unwrap();
    if !to.join(language.compiler()).exists() {
        install(language, to).unwrap();
    }
}

/// A mistake in the source is told with the compiler's own words.
fn mistake(language: Language, file: &str, source: &str, wanted: &str) {
    let compiler = prepare(language).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&compiler).unwrap().flatten().filter(|entry| entry.file_type().unwrap().is_file()) {
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    lend(language, &compiler, folder.path());
    fs::write(folder.path().join(file), source).unwrap();
    let output = plimsoll(&["plugin", "build", text(folder.path()), "-o", text(&folder.path().join("out.wasm"))]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("does not compile") && said.contains(wanted), "{said}");
}

mod js {
    use super::*;

    #[test]
    fn the_example_works() {
        example(Language::JavaScript, 2_000_000);
    }

    #[test]
    fn the_template_works() {
        template(Language::JavaScript);
    }

    #[test]
    fn a_mistake_is_told() {
        mistake(Language::JavaScript, "plugin.js", "export const rules = ;\n", "plugin.js");
    }
}

mod python {
    use super::*;

    #[test]
    #[ignore = "downloads 50 MB and compiles a Python for a minute: cargo xtask languages python"]
    fn the_example_works() {
        example(Language::Python, 24_000_000);
    }

    #[test]
    #[ignore = "downloads 50 MB and compiles a Python for a minute: cargo xtask languages python"]
    fn the_template_works() {
        template(Language::Python);
    }

    #[test]
    #[ignore = "downloads 50 MB: cargo xtask languages python"]
    fn a_mistake_is_told() {
        mistake(Language::Python, "app.py", "class Rules:\n    def describe(self:\n", "SyntaxError");
    }
}

mod c {
    use super::*;

    #[test]
    #[ignore = "downloads 90 MB: cargo xtask languages c"]
    fn the_example_works() {
        example(Language::C, 50_000);
    }

    #[test]
    #[ignore = "downloads 90 MB: cargo xtask languages c"]
    fn the_template_works() {
        template(Language::C);
    }

    #[test]
    #[ignore = "downloads 90 MB: cargo xtask languages c"]
    fn a_mistake_is_told() {
        mistake(Language::C, "plugin.c", "int x = y;\n", "plugin.c:1:9");
    }
}

/// An example is what its language's template makes, with other rules.
#[test]
fn examples_have_the_files_of_their_templates() {
    for (language, files) in [
        (Language::JavaScript, &["plimsoll.js"][..]),
        (Language::Python, &["plimsoll.py", "requirements.txt"]),
        (Language::C, &["plimsoll.h", "plimsoll.c", "requirements.txt"]),
    ] {
        for file in files {
            let read = |folder: PathBuf| fs::read_to_string(folder.join(file)).unwrap();
            let template = read(root().join("plugins/templates").join(language.as_str()));
            assert!(read(language.example()) == template, "{file} of plugins/languages and plugins/templates differ");
        }
    }
    let lock = |folder: PathBuf| -> Value {
        let mut lock: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("package-lock.json")).unwrap()).unwrap();
        lock["name"] = Value::Null;
        lock["packages"][""]["name"] = Value::Null;
        lock
    };
    assert_eq!(lock(Language::JavaScript.example()), lock(root().join("plugins/templates/js")));
}

//! `plimsoll plugin` as an author meets it: each command, what it prints, and what it says when something is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::{Run, binary, files_below, project, root, run};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Runs the binary with the caller's environment, since it starts compilers; its caches are the test's own.
fn tool(folder: &Path, args: &[&str]) -> Run {
    let output = Command::new(binary())
        .current_dir(folder)
        .args(args)
        .env("NO_COLOR", "1")
        .env("XDG_CACHE_HOME", root().join("target/plugin-author-cache"))
        .env("CARGO_TARGET_DIR", root().join("target/plugin-author"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        code: output.status.code().expect("it was not killed"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Numbers and times differ from build to build.
fn scrubbed(text: &str) -> String {
    let text: Vec<char> = text.replace("µs", "ms").chars().collect();
    let digit = |index: usize| text.get(index).is_some_and(char::is_ascii_digit);
    let mut out = String::new();
    for (index, c) in text.iter().enumerate() {
        let inside = matches!(c, '.' | ',') && index > 0 && digit(index - 1) && digit(index + 1);
        match (digit(index) || inside, out.ends_with('#')) {
            (true, true) => {}
            (true, false) => out.push('#'),
            (false, _) => out.push(*c),
        }
    }
    out
}

/// A new plug-in in Rust, and its file: made and built once, outside of this repository.
fn house() -> &'static (TempDir, PathBuf) {
    static MADE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    MADE.get_or_init(|| {
        let world = tempfile::Builder::new().prefix("plimsoll author ").tempdir().unwrap();
        let made = tool(world.path(), &["plugin", "new", "--lang", "rust", "house-rules"]);
        assert_eq!(made.code, 0, "{}", made.err);
        let built = tool(world.path(), &["plugin", "build", "house-rules"]);
        assert_eq!(built.code, 0, "{}", built.err);
        let file = world.path().join("house-rules/house-rules.wasm");
        assert!(file.is_file(), "{}", built.out);
        (world, file)
    })
}

/// The plug-in's file with cases of a test's own beside it.
fn with_cases(cases: &[(&str, &[u8])]) -> TempDir {
    let folder = project(cases);
    fs::copy(&house().1, folder.path().join("house-rules.wasm")).unwrap();
    folder
}

const TWO_IMAGES: &[u8] = b"services:\n  cache:\n    image: redis\n  web:\n    image: nginx:1.29\n";

#[test]
fn a_new_plug_in_says_how_to_go_on() {
    let world = tempfile::tempdir().unwrap();
    for (lang, name, next) in [
        ("rust", "Rust", ""),
        ("js", "JavaScript", "  npm ci\n"),
        ("python", "Python", "  python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt\n"),
        ("c", "C", "  python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt\n"),
    ] {
        let into = format!("in {lang}");
        let made = run(world.path(), &["plugin", "new", "--lang", lang, "house-rules", "--into", &into]);
        let files = files_below(&world.path().join(&into));
        let count = files.len();
        assert_eq!(
            (made.code, made.out.as_str(), made.err.as_str()),
            (
                0,
                format!(
                    "house-rules: a plug-in in {name}, {count} files in {into}\nnext:\n  cd '{into}'\n{next}  plimsoll plugin test\n"
                )
                .as_str(),
                ""
            )
        );
        let wit = &files["wit/plimsoll-plugin.wit"];
        assert_eq!(*wit, fs::read(root().join("plugins/abi/wit/plimsoll-plugin.wit")).unwrap());
        assert!(files.contains_key(".gitignore"), "{:?}", files.keys());
        // Nobody else's files are touched.
        fs::write(world.path().join(&into).join("mine.txt"), "mine").unwrap();
        let again = run(world.path(), &["plugin", "new", "--lang", lang, "house-rules", "--into", &into]);
        assert_eq!(
            (again.code, again.err),
            (
                2,
                format!("error: {into} exists and is not empty; name another folder with --into, or remove it first\n")
            )
        );
    }
}

#[test]
fn names_that_cannot_be_are_refused_before_anything_is_written() {
    let world = tempfile::tempdir().unwrap();
    for (name, want) in [
        (
            "House",
            "error: no plug-in can be called that: its name `House` is not kebab-case (lower-case letters, digits and hyphens)\n",
        ),
        (
            "secrets",
            "error: no plug-in can be called that: its name `secrets` is that of built-in rules; a plug-in needs a name of its own\n",
        ),
        (
            "match",
            "error: no plug-in can be called `match`: the word has a meaning of its own; add one, such as match-rules\n",
        ),
        (
            "../up",
            "error: no plug-in can be called that: its name `../up` is not kebab-case (lower-case letters, digits and hyphens)\n",
        ),
    ] {
        let refused = run(world.path(), &["plugin", "new", "--lang", "rust", name]);
        assert_eq!((refused.code, refused.err.as_str()), (2, want));
    }
    assert!(files_below(world.path()).is_empty());
    let unknown = run(world.path(), &["plugin", "new", "--lang", "perl", "house"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("[possible values: rust, js, python, c]"), "{}", unknown.err);
    // A file stands in the way as much as a folder.
    fs::write(world.path().join("house"), "").unwrap();
    assert_eq!(run(world.path(), &["plugin", "new", "--lang", "c", "house"]).code, 2);
}

#[test]
fn a_build_says_what_was_made() {
    let (world, file) = house();
    let out = world.path().join("other.wasm");
    let built = tool(world.path(), &["plugin", "build", "house-rules", "--json", "-o", out.to_str().unwrap()]);
    assert_eq!(built.code, 0, "{}", built.err);
    let said = built.json();
    assert_eq!(fs::read(&out).unwrap(), fs::read(file).unwrap(), "the same sources make the same file");
    assert_eq!(
        (&said["name"], &said["version"], &said["language"], &said["rules"], &said["interface"]),
        (
            &json!("house-rules"),
            &json!("0.1.0"),
            &json!("rust"),
            &json!(["house-rules/latest-tag"]),
            &json!("plimsoll:plugin/rules@0.1.0")
        )
    );
    assert_eq!(said["component_bytes"], fs::metadata(&out).unwrap().len());
    assert!(said["component_bytes"].as_u64().unwrap() < 300_000, "{said}");
    let human = tool(world.path(), &["plugin", "build", "house-rules"]);
    let lines: Vec<&str> = human.out.lines().collect();
    assert_eq!(lines[0], format!("{}: house-rules 0.1.0, 1 rule", Path::new("house-rules/house-rules.wasm").display()));
    assert_eq!(scrubbed(lines[1]), "  size          # KB (# KB as Rust makes it), # functions");
    assert!(scrubbed(lines[2]).starts_with("  compile cost  # in one function (of #"), "{}", human.out);
    assert_eq!(lines[3], "  interface     plimsoll:plugin/rules@0.1.0, imports nothing");
    assert_eq!(lines[4], format!("  sha256        {}", said["sha256"].as_str().unwrap()));
}

#[test]
fn what_cannot_be_built_says_why() {
    let empty = tempfile::tempdir().unwrap();
    let nothing = tool(empty.path(), &["plugin", "build"]);
    assert_eq!(
        (nothing.code, nothing.err.as_str()),
        (
            2,
            "building .\nerror: . holds no plug-in: neither Cargo.toml, package.json, pyproject.toml nor plugin.c; \
             `plimsoll plugin new` makes one\n"
        )
    );
    assert_eq!(tool(empty.path(), &["plugin", "build", "missing"]).err, "error: missing is no folder\n");
    let manifest = "[package]\nname = \"broken\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    let library = format!("{manifest}[lib]\ncrate-type = [\"cdylib\"]\n");
    let broken = project(&[("Cargo.toml", library.as_bytes()), ("src/lib.rs", b"fn")]);
    let error = tool(broken.path(), &["plugin", "build"]);
    assert_eq!(error.code, 2);
    assert!(error.err.contains("error: the plug-in does not compile (see above)"), "{}", error.err);
    let program = project(&[("Cargo.toml", manifest.as_bytes()), ("src/lib.rs", b"")]);
    let error = tool(program.path(), &["plugin", "build"]);
    assert!(error.err.contains("its Cargo.toml needs `[lib] crate-type = [\"cdylib\", \"rlib\"]`"), "{}", error.err);
    // It compiles, and knows nothing of Plimsoll.
    let other = project(&[("Cargo.toml", library.as_bytes()), ("src/lib.rs", b"")]);
    let error = tool(other.path(), &["plugin", "build"]);
    assert_eq!(error.code, 3);
    assert!(
        error.err.contains("error: . makes no plug-in: it does not export plimsoll:plugin/rules@0.1.0"),
        "{}",
        error.err
    );
    // It wants something of the host.
    let wants = b"#[link(wasm_import_module = \"env\")] unsafe extern \"C\" { fn now() -> u64; }\n\
                  #[unsafe(no_mangle)] pub extern \"C\" fn f() -> u64 { unsafe { now() } }\n";
    let wants = project(&[("Cargo.toml", library.as_bytes()), ("src/lib.rs", wants)]);
    let error = tool(wants.path(), &["plugin", "build"]);
    assert_eq!(error.code, 3);
    let wanted = "error: . makes no plug-in: it wants `env::now`; a plug-in may import nothing; build it for wasm32-unknown-unknown";
    assert!(error.err.contains(wanted), "{}", error.err);
}

#[test]
fn a_new_plug_in_passes_its_own_tests() {
    let (world, _) = house();
    let tested = tool(world.path(), &["plugin", "test", "house-rules", "--strict"]);
    assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
    assert_eq!(
        scrubbed(&tested.out),
        "house-rules #, # cases\n  ok       clean    # findings  # fuel, # MB, # ms\n  \
         ok       finds    # findings  # fuel, # MB, # ms\n  ok       ignored  # findings  # fuel, # MB, # ms\nall passed\n"
    );
}

#[test]
fn a_case_that_differs_fails_and_is_shown() {
    let expect = br#"{"findings": [{"rule": "house-rules/latest-tag", "severity": "high", "at": "compose.yaml:3:12", "message": "`redis` has no fixed version", "services": ["cache"]}]}"#;
    let folder = with_cases(&[
        ("tests/a/project/compose.yaml", TWO_IMAGES),
        ("tests/a/expect.json", expect),
        ("tests/b/project/compose.yaml", TWO_IMAGES),
        ("tests/c/project/compose.yaml", TWO_IMAGES),
        ("tests/c/settings.json", b"{\"ignor\": []}"),
    ]);
    let failed = tool(folder.path(), &["plugin", "test", "house-rules.wasm"]);
    assert_eq!(failed.code, 1, "{}", failed.err);
    let out = scrubbed(&failed.out);
    for part in [
        "  FAILED   a  # finding  # fuel, # MB, # ms\n    expect.json says something else:\n      --- expect.json\n      +++ found\n",
        "      -      \"severity\": \"high\",\n      +      \"severity\": \"medium\",\n",
        "  FAILED   b  # finding  # fuel, # MB, # ms\n    expect.json is missing; when this is what is to be found, write it with `plimsoll plugin test --bless`:\n",
        "  FAILED   c  error\n",
        "warning: no case is without findings: add one that has nothing wrong\n# of # failed\n",
    ] {
        assert!(out.contains(part), "{part}\n---\n{out}");
    }
    // What is found is taken, and is what is expected from then on.
    let blessed = tool(folder.path(), &["plugin", "test", "house-rules.wasm", "--bless"]);
    assert_eq!(blessed.code, 0, "{}{}", blessed.out, blessed.err);
    assert_eq!(blessed.out.matches("  written  ").count(), 3, "{}", blessed.out);
    let again = tool(folder.path(), &["plugin", "test", "house-rules.wasm", "--json"]);
    let report = again.json();
    assert_eq!((again.code, &report["passed"]), (0, &json!(true)));
    assert_eq!(report["coverage"], json!({ "case_without_findings": false, "rules_without_a_case": [] }));
    let error: Value = serde_json::from_slice(&fs::read(folder.path().join("tests/c/expect.json")).unwrap()).unwrap();
    assert_eq!(error["error"]["code"], "settings");
    // Every case has findings or an error: enough to fail where everything has to be tried.
    assert_eq!(tool(folder.path(), &["plugin", "test", "house-rules.wasm", "--strict"]).code, 1);
    let one = tool(folder.path(), &["plugin", "test", "house-rules.wasm", "--strict", "--case", "a"]);
    assert_eq!(one.code, 0, "one case alone tells nothing of the others: {}", one.out);
}

/// A plug-in that breaks its word: a fix that mends nothing, a finding of a rule it does not have, a rule that nobody sees.
const BROKEN_WORD: &[u8] = br#"use plimsoll_plugin_sdk::prelude::*;

pub struct Rules;

impl Plugin for Rules {
    fn metadata() -> Metadata {
        plimsoll_plugin_sdk::metadata!()
            .rule(rule("one", "One", Severity::Low, "One."))
            .rule(rule("two", "Two", Severity::Low, "Two."))
    }

    fn check(project: &Project, _: Settings<'_>) -> Result<Vec<Finding>, Error> {
        let mut found = Vec::new();
        for at in project.services().filter_map(|service| service.image()?.origin()) {
            found.push(finding("one", at, "an image").fix(fix("Rename it").replace(at, "nginx:1")));
            found.push(finding("three", at, "an image"));
        }
        Ok(found)
    }
}

plimsoll_plugin_sdk::export!(Rules);
"#;

#[test]
fn a_plug_in_has_to_keep_its_word() {
    let world = tempfile::tempdir().unwrap();
    let made = tool(world.path(), &["plugin", "new", "--lang", "rust", "word"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let folder = world.path().join("word");
    fs::remove_dir_all(folder.join("tests")).unwrap();
    fs::write(folder.join("src/lib.rs"), BROKEN_WORD).unwrap();
    fs::create_dir_all(folder.join("tests/a/project")).unwrap();
    fs::write(folder.join("tests/a/project/compose.yaml"), "services:\n  cache:\n    image: redis\n").unwrap();
    let tested = tool(world.path(), &["plugin", "test", "word", "--bless"]);
    assert_eq!(tested.code, 1, "{}", tested.err);
    for part in [
        "\n    a finding names the rule `three`, which the plug-in does not declare; such findings are left out\n",
        "\n    the fix `Rename it` of word/one at compose.yaml:3:12 leaves its finding\n",
        "warning: no case raises word/two\nwarning: no case is without findings: add one that has nothing wrong\n1 of 1 failed\n",
    ] {
        assert!(tested.out.contains(part), "{part}\n---\n{}", tested.out);
    }
    assert!(folder.join("tests/a/expect.json").is_file(), "what it finds is written all the same");
}

#[test]
fn cases_that_are_none_are_named() {
    let folder = with_cases(&[("tests/a/expect.json", b"{}")]);
    let test = |args: &[&str]| tool(folder.path(), &[&["plugin", "test", "house-rules.wasm"], args].concat());
    let broken = test(&[]);
    assert_eq!(
        (broken.code, broken.err.as_str()),
        (2, "error: tests/a has no folder `project` with files to look at\n")
    );
    assert_eq!(test(&["--case", "z"]).err, "error: tests holds no case `z`\n");
    let none = test(&["--tests", "nothing"]);
    assert_eq!(
        (none.code, none.err.as_str()),
        (
            2,
            "error: nothing holds no case: put files to look at into nothing/NAME/project, then run `plimsoll plugin test --bless`\n"
        )
    );
    assert_eq!(test(&["--browser"]).code, 2, "a browser needs a page");
}

#[test]
fn a_file_says_everything_it_has() {
    let folder = with_cases(&[]);
    let shown = tool(folder.path(), &["plugin", "inspect", "house-rules.wasm"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    for part in [
        "house-rules 0.1.0, MIT\nImages need a fixed version\n\n  sha256        ",
        "\n  interface     plimsoll:plugin/rules@0.1.0\n  imports       none\n",
        "\nRules\n  house-rules/latest-tag  medium    Image has no fixed version (compose)\n",
        "\nSettings schema\n  {\n",
    ] {
        assert!(shown.out.contains(part), "{part}\n---\n{}", shown.out);
    }
    let said = tool(folder.path(), &["plugin", "inspect", "house-rules.wasm", "--json"]).json();
    assert_eq!((&said["name"], &said["imports"]), (&json!("house-rules"), &json!([])));
    assert_eq!(said["rules"][0]["id"], "latest-tag");
    assert_eq!(said["settings_schema"]["properties"]["ignore"]["type"], "array");
    assert!(
        said["compile_milliseconds"].as_f64().unwrap() > 0.0 && said["compiled_bytes"].as_u64().unwrap() > 0,
        "{said}"
    );
    assert!(said["compile_cost"]["function"].as_u64() < said["compile_cost"]["function_limit"].as_u64(), "{said}");
    let producers: Vec<&str> =
        said["producers"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(producers.contains(&"wit-component"), "{said}");
}

#[test]
fn a_file_that_is_no_plug_in_is_a_named_error() {
    let wants = wat::parse_str("(component (import \"wasi:cli/environment@0.2.0\" (instance)))").unwrap();
    let folder = project(&[("junk.wasm", b"junk"), ("core.wasm", b"\0asm\x01\0\0\0"), ("wants.wasm", &wants)]);
    for (file, want) in [
        (
            "junk.wasm",
            "error: junk.wasm: it is not a WebAssembly file; name a plug-in component, as `plimsoll plugin build` makes it\n",
        ),
        (
            "core.wasm",
            "error: core.wasm: it is a core module, not a component; make a component of it with `plimsoll plugin build`\n",
        ),
        (
            "wants.wasm",
            "error: wants.wasm: it wants `wasi:cli/environment@0.2.0`; a plug-in may import nothing; build it for wasm32-unknown-unknown, or with its toolchain's option to leave WASI out\n",
        ),
    ] {
        for command in ["inspect", "bench", "test"] {
            let run = run(folder.path(), &["plugin", command, file]);
            assert_eq!((run.code, run.err.as_str()), (3, want), "{command}");
        }
    }
    // What it wants is shown all the same.
    let shown = run(folder.path(), &["plugin", "inspect", "wants.wasm"]);
    assert!(shown.out.contains("\n  imports       wasi:cli/environment@0.2.0\n"), "{}", shown.out);
    assert_eq!(run(folder.path(), &["plugin", "inspect", "nothing.wasm"]).code, 3);
}

#[test]
fn costs_are_measured_with_the_analysis_beside_them() {
    let folder = with_cases(&[
        ("tests/a/project/compose.yaml", TWO_IMAGES),
        ("tests/b/project/compose.yaml", TWO_IMAGES),
        ("tests/b/settings.json", b"{\"ignore\": [\"docker.io/library/redis\"]}"),
        ("tests/c/project/compose.yaml", TWO_IMAGES),
        ("tests/c/settings.json", b"{\"ignor\": []}"),
    ]);
    let own = tool(folder.path(), &["plugin", "bench", "house-rules.wasm", "--rounds", "2", "--json"]).json();
    let of = |index: usize| (own["projects"][index]["project"].clone(), own["projects"][index]["findings"].clone());
    assert_eq!((of(0), of(1)), ((json!("a"), json!(1)), (json!("b"), json!(0))));
    assert_eq!(own["projects"].as_array().unwrap().len(), 2, "a case about an error costs nothing");
    for number in ["compile_milliseconds", "cached_load_milliseconds", "compiled_bytes"] {
        assert!(own[number].as_f64().unwrap() > 0.0, "{number}: {own}");
    }
    for number in [
        "without_milliseconds",
        "instantiate_milliseconds",
        "check_milliseconds",
        "warm_milliseconds",
        "fuel",
        "memory_bytes",
    ] {
        assert!(own["projects"][0][number].as_f64().unwrap() > 0.0, "{number}: {own}");
    }
    let named = tool(
        folder.path(),
        &[
            "plugin",
            "bench",
            "house-rules.wasm",
            "tests/a/project",
            "--settings",
            "tests/b/settings.json",
            "--rounds",
            "1",
        ],
    );
    assert_eq!(named.code, 0, "{}", named.err);
    let out = scrubbed(&named.out);
    for part in [
        "house-rules #\n  file          # KB\n  inspect       #",
        "\ntests/a/project: # file, # B, # findings\n  without it    #",
        "\n  memory        # MB\n",
    ] {
        assert!(out.contains(part), "{part}\n---\n{out}");
    }
    let missing = tool(folder.path(), &["plugin", "bench", "house-rules.wasm", "nowhere"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.starts_with("error: nowhere: "), "{}", missing.err);
}

#[test]
fn a_project_is_printed_as_plug_ins_see_it() {
    let folder = project(&[("compose.yaml", TWO_IMAGES)]);
    let seen = run(folder.path(), &["plugin", "project", "."]);
    assert_eq!(seen.code, 0, "{}", seen.err);
    let seen: plimsoll_plugin_abi::Project = serde_json::from_str(&seen.out).unwrap();
    assert_eq!(seen.documents.len(), 1);
    assert_eq!(seen.documents[0].text.as_bytes(), TWO_IMAGES);
    let services: Vec<&str> =
        seen.entities.iter().filter(|one| one.kind == "service").map(|one| one.name.as_str()).collect();
    assert_eq!(services, ["cache", "web"]);
    let today = |run: &Run| serde_json::from_str::<Value>(&run.out).unwrap()["properties"][0]["value"].clone();
    assert_eq!(today(&run(folder.path(), &["plugin", "project"])), "2026-11-24");
    assert_eq!(today(&run(folder.path(), &["plugin", "project", "--today", "2027-01-02", "."])), "2027-01-02");
    assert_eq!(run(folder.path(), &["plugin", "project", "nowhere"]).code, 4);
}

#[test]
fn a_build_without_registries_says_so() {
    let folder = with_cases(&[]);
    let pushed = tool(folder.path(), &["plugin", "push", "house-rules.wasm", "127.0.0.1:1/rules:1"]);
    assert_eq!(pushed.code, 2);
    let pulled = tool(folder.path(), &["plugin", "pull", "127.0.0.1:1/rules:1", "-o", "x.wasm"]);
    assert_eq!(pulled.code, 2);
    assert!(!folder.path().join("x.wasm").exists());
}

/// The page's own worker says the same as the terminal's engine.
#[test]
fn cases_run_in_the_browser_too() {
    let page = root().join("target/test-page");
    xtask::build(&xtask::BuildOptions { release: false, out: page.clone(), progress: false }).expect("the page builds");
    let (world, _) = house();
    let page = page.to_str().unwrap();
    let tested = tool(world.path(), &["plugin", "test", "house-rules", "--browser", "--page", page]);
    assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
    assert!(tested.out.ends_with("all passed, in the terminal's engine and in Chromium\n"), "{}", tested.out);
    let nowhere = tool(world.path(), &["plugin", "test", "house-rules", "--browser", "--page", "nowhere"]);
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere.err.ends_with(
            "error: nowhere holds no plugin-worker.js: --page names the folder that the page was built into\n"
        ),
        "{}",
        nowhere.err
    );
}

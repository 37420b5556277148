//! The same file, the same findings: every plug-in of this repository through wasmtime and through Chromium, on several projects.
//! What the plug-in sees, and the report that its findings are in, are compared byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_core::Date;
use plimsoll_core::plugin::describe;
use plimsoll_core::project::Project;
use plimsoll_tests::browser::Browser;
use plimsoll_tests::page::{no_errors, open};
use plimsoll_tests::plugins::{EXAMPLES, build, cases, example, in_analysis, in_worker};
use plimsoll_tests::{TODAY, advisories_for, files_below, native_facts, plimsoll, root, sources};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Projects that every plug-in looks at, whatever it is made for.
fn projects() -> Vec<PathBuf> {
    ["larashop/vulnerable", "larashop/hardened", "agency-host/vulnerable"]
        .iter()
        .map(|name| root().join("web/gallery").join(name))
        .collect()
}

/// One plug-in on one project, both ways; how many findings are the plug-in's. One that refuses its settings does so in the same words.
fn compare(browser: &Browser, plugin: &Path, settings: &str, folder: &Path) -> usize {
    let files = files_below(folder);
    let sources = sources(&files);
    let facts = native_facts(&files);
    let project = Project::with_facts(&sources, Date::parse(TODAY).unwrap(), &facts);
    let seen = serde_json::to_string(&describe(&project)).unwrap();
    let advisories = advisories_for(&files);

    let first = in_analysis(browser, &files, true, &[], advisories.as_deref());
    assert_eq!(first["project"].as_str(), Some(seen.as_str()), "{}: what plug-ins see", folder.display());
    let said = in_worker(browser, &fs::read(plugin).unwrap(), settings, &seen, 20_000);
    let mut command = plimsoll();
    // Compiled once, not once for each project.
    command.current_dir(folder).env("XDG_CACHE_HOME", root().join("target/test-plugins/cache"));
    command.args(["check", "--today", TODAY, "-f", "json", "--plugin-settings", settings, "--plugin"]).arg(plugin);
    let terminal = command.arg(".").output().unwrap();
    let errors = String::from_utf8_lossy(&terminal.stderr);
    if let Some(message) = said["error"]["message"].as_str() {
        assert!(terminal.status.code() == Some(3) && errors.contains(message), "{message}: {errors}");
        return 0;
    }
    let plugins = [json!({ "about": said["about"], "digest": said["digest"], "findings": said["findings"] })];
    let page = in_analysis(browser, &files, false, &plugins, advisories.as_deref());
    assert_eq!(page["problems"], json!([[]]), "{}", plugin.display());

    assert!(matches!(terminal.status.code(), Some(0 | 1 | 5)), "{errors}");
    let terminal = String::from_utf8(terminal.stdout).unwrap();
    assert_eq!(page["json"].as_str(), Some(terminal.as_str()), "{} on {}", plugin.display(), folder.display());
    serde_json::from_str::<Vec<Value>>(said["findings"].as_str().unwrap()).unwrap().len()
}

#[test]
fn every_example_says_the_same_in_the_terminal_and_in_the_page() {
    let browser = open();
    for name in EXAMPLES {
        let plugin = example(name);
        let mut found = 0;
        for (project, settings) in cases(&root().join("plugins/examples").join(name)) {
            found += compare(&browser, &plugin, &settings, &project);
        }
        assert!(found > 0, "{name}: its fixtures show nothing");
        for project in projects() {
            compare(&browser, &plugin, "{}", &project);
        }
    }
    no_errors(&browser);
}

/// What another language's compiler makes has other modules, and more of them.
#[test]
fn javascript_says_the_same_too() {
    let browser = open();
    let folder = xtask::languages::prepare(xtask::languages::Language::JavaScript).unwrap();
    let plugin = root().join(format!("target/test-plugins/javascript-{}.wasm", std::process::id()));
    fs::create_dir_all(plugin.parent().unwrap()).unwrap();
    build(&folder, &plugin);
    let found: usize =
        cases(&folder).iter().map(|(project, settings)| compare(&browser, &plugin, settings, project)).sum();
    assert!(found > 0, "its fixtures show nothing");
    no_errors(&browser);
}

/// Plug-ins of every published version of the interface.
#[test]
fn golden_plug_ins_say_the_same_too() {
    let browser = open();
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("tests/golden"))
        .unwrap()
        .flatten()
        .flat_map(|version| fs::read_dir(version.path()).unwrap().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "wasm"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no golden plug-in");
    for plugin in files {
        let found: usize = projects().iter().map(|project| compare(&browser, &plugin, "{}", project)).sum();
        assert!(found > 0, "{}", plugin.display());
    }
    no_errors(&browser);
}

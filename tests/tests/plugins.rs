//! One plug-in file, two ways in: `plimsoll check --plugin` and a file dropped on the page say the same, byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::browser::Browser;
use plimsoll_tests::page::{analysed, base64, no_errors, open, settled};
use plimsoll_tests::{TODAY, binary, files_below, project, root, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// One image that is not allowed in each file.
const SMALL: &[(&str, &[u8])] = &[
    ("Dockerfile", b"FROM ghcr.io/acme/php:8.4\n"),
    (
        "compose.yaml",
        b"services:\n  app:\n    build: .\n  cache:\n    image: bitnami/redis:7\n    ports: [\"6379:6379\"]\n  db:\n    image: mariadb:11\n",
    ),
];

/// Letters of several bytes before the places, stages that copy, and an image that is pinned.
const STAGED: &[(&str, &[u8])] = &[
    (
        "docker/Dockerfile",
        "# Größe \u{1f6a2}\nFROM node:22 AS assets\nFROM php:8.4-fpm\nCOPY --from=assets /app /app\nCOPY --from=quay.io/acme/tools:1 /t /t\n"
            .as_bytes(),
    ),
    (
        "compose.yaml",
        "# \u{1f6a2}\nservices:\n  web:\n    build: docker\n  queue:\n    image: \"docker.io/library/redis:7@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n"
            .as_bytes(),
    ),
];
const STAGED_SETTINGS: &str = r#"{"allowed": ["docker.io/library/*"], "require_digest": true, "replacements": {"quay.io/acme/tools": "docker.io/library/tools"}}"#;

/// The example plug-in, built and sealed once by the tool itself.
fn example() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("base-image-allowlist.wasm");
        // With the caller's environment: it starts cargo.
        let output = Command::new(binary())
            .args(["plugin", "build"])
            .arg(root().join("plugins/examples/base-image-allowlist"))
            .arg("-o")
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (folder, file)
    });
    file
}

/// Drops a project's files, which take the example's place.
fn drop_project(browser: &Browser, folder: &Path) {
    let before = analysed(browser);
    let files: Vec<PathBuf> = files_below(folder).keys().map(|name| folder.join(name)).collect();
    browser.drop_files(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    settled(browser, before + 1);
}

/// What the terminal prints for a project with the example plug-in.
fn in_terminal(folder: &Path, settings: &str) -> String {
    let plugin = example().to_str().unwrap();
    let run =
        run(folder, &["check", "--plugin", plugin, "--plugin-settings", settings, "--today", TODAY, "-f", "json", "."]);
    assert!(matches!(run.code, 0 | 1), "{run:?}");
    run.out
}

/// What the page's own worker for plug-ins answers; `{error}` when it gives none.
fn in_worker(browser: &Browser, plugin: &[u8], settings: &str, files: &BTreeMap<String, Vec<u8>>) -> Value {
    let files: Vec<Value> =
        files.iter().map(|(path, bytes)| json!({ "path": path, "base64": base64(bytes) })).collect();
    browser.script_async(
        "const [plugin, settings, today, files, done] = arguments;
         const decode = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
         const worker = new Worker('plugin-worker.js', { type: 'module' });
         worker.onerror = event => done({ error: 'worker: ' + event.message });
         worker.onmessage = ({ data }) => {
           if (data.ready) {
             const decoded = files.map(({ path, base64 }) => ({ path, bytes: decode(base64) }));
             worker.postMessage({ id: 7, name: 'plugin.wasm', bytes: decode(plugin), settings, today, files: decoded });
           } else { worker.terminate(); done(data); }
         };",
        &[json!(base64(plugin)), json!(settings), json!(TODAY), json!(files)],
    )
}

/// The plug-in's findings of a report, worst first as the page lists them.
fn own(report: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|one| one["rule"].as_str().unwrap().starts_with("base-image-allowlist/")).cloned().collect()
}

/// What the page shows of the plug-in's findings: rule, severity's name, message, place.
fn shown(browser: &Browser) -> Value {
    browser.script(
        "return [...document.querySelectorAll('.plugin .finding')].map(f => ['.rule', '.sev', '.finding__message', '.place'].map(c => f.querySelector(c).textContent))",
        &[],
    )
}

/// The same of a report.
fn to_show(report: &str) -> Value {
    let rows = own(report).into_iter().map(|one| {
        let severity = one["severity"].as_str().unwrap();
        let place = format!("{}:{}", one["location"]["path"].as_str().unwrap(), one["location"]["line"]);
        json!([
            one["rule"],
            severity[..1].to_uppercase() + &severity[1..],
            one["message"].as_str().unwrap().replace('`', ""),
            place
        ])
    });
    rows.collect()
}

/// Types settings into the plug-in's field and leaves it by keyboard.
fn set(browser: &Browser, settings: &str) {
    browser.script(
        "const field = document.querySelector('.plugin__field'); field.scrollIntoView(); field.focus(); field.select()",
        &[],
    );
    browser.keys(".plugin__field", &format!("\u{e017}{settings}\u{e004}"));
}

#[test]
fn the_page_says_what_the_terminal_says() {
    let browser = open();
    let plugin = fs::read(example()).unwrap();
    for (files, settings, most) in [(SMALL, "{}", 2), (STAGED, STAGED_SETTINGS, 3), (STAGED, "{}", 1)] {
        let folder = project(files);
        let terminal = in_terminal(folder.path(), settings);
        assert_eq!(own(&terminal).len(), most, "{settings}: {terminal}");
        let answer = in_worker(&browser, &plugin, settings, &files_below(folder.path()));
        assert_eq!(
            (&answer["id"], &answer["problems"], &answer["plugin"]["name"], &answer["plugin"]["rules"]),
            (&json!(7), &json!([]), &json!("base-image-allowlist"), &json!(2)),
            "{answer}"
        );
        assert_eq!(answer["json"].as_str().unwrap(), terminal, "{settings}");
    }
    no_errors(&browser);
}

#[test]
fn a_dropped_plug_in_shows_its_findings_and_takes_settings() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    let own_findings = "return document.querySelectorAll('.groups .finding').length";
    let before = browser.script(own_findings, &[]);
    browser.drop_files(&[example()]);
    browser.wait("the plug-in's findings", "return document.querySelectorAll('.plugin .finding').length === 2");
    assert_eq!(shown(&browser), to_show(&in_terminal(folder.path(), "{}")));
    assert_eq!(browser.script(own_findings, &[]), before, "the page's own findings stand");
    let text =
        |selector: &str| browser.script("return document.querySelector(arguments[0])?.textContent", &[json!(selector)]);
    assert_eq!(text(".plugins__title"), json!("Plug-ins 1"));
    assert_eq!(text(".plugin__title"), json!("base-image-allowlist 0.1.0"));
    assert_eq!(text(".plugin__state"), json!("2 rules, 2 findings"));

    // A place goes to its file and its range.
    let range = own(&in_terminal(folder.path(), "{}"))
        .iter()
        .find(|one| one["location"]["path"] == "compose.yaml")
        .map(|one| one["message"].as_str().unwrap().split('`').nth(1).unwrap().to_owned())
        .unwrap();
    browser.script(
        "[...document.querySelectorAll('.plugin .place')].find(p => p.textContent.startsWith('compose.yaml:')).click()",
        &[],
    );
    browser.wait(
        "the file",
        "return document.querySelector('.tab[aria-selected=true]').textContent.includes('compose.yaml')",
    );
    browser.wait("the range", &format!("return getSelection().toString().includes({range:?})"));

    // Settings: taken, refused by the plug-in, no JSON at all, and taken again.
    let settings = r#"{"allowed": ["ghcr.io/acme/*", "docker.io/library/*"]}"#;
    set(&browser, settings);
    browser.wait("one finding less", "return document.querySelectorAll('.plugin .finding').length === 1");
    assert_eq!(shown(&browser), to_show(&in_terminal(folder.path(), settings)));
    let refused = "const f = document.querySelector('.plugin__field'); const e = document.querySelector('.plugin .notice--error');
         return e && f.getAttribute('aria-invalid') === 'true' && f.getAttribute('aria-describedby').split(' ').includes(e.id) && e.textContent.includes(WORDS)";
    set(&browser, r#"{"alowed": []}"#);
    browser.wait("the plug-in's refusal", &refused.replace("WORDS", "'unknown field alowed'"));
    set(&browser, "{not json");
    browser.wait(
        "the refusal of what is no JSON",
        &refused.replace("WORDS", "'no JSON object: key must be a string at line 1 column 2'"),
    );
    assert_eq!(browser.script(own_findings, &[]), before, "the page's own findings stand");
    set(&browser, settings);
    browser.wait("the finding again", "return !document.querySelector('.plugin .notice--error') && document.querySelectorAll('.plugin .finding').length === 1");

    // The files change, and the plug-in looks again.
    let changed = project(&[("compose.yaml", b"services:\n  a:\n    image: quay.io/one/two:3\n")]);
    drop_project(&browser, changed.path());
    browser.wait(
        "the new finding",
        "return document.querySelector('.plugin .finding')?.textContent.includes('quay.io/one/two')",
    );

    browser.click(".plugin__remove");
    browser.wait("the section to go", "return !document.querySelector('.plugins')");
    assert_eq!(browser.script("return document.activeElement.id", &[]), json!("results"));
    no_errors(&browser);
}

#[test]
fn a_file_that_is_no_plug_in_is_a_named_error() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    let own_findings = "return document.querySelectorAll('.groups .finding').length";
    let before = browser.script(own_findings, &[]);
    assert!(before.as_u64().unwrap() > 0);
    let junk = project(&[("junk.wasm", b"not wasm at all")]);
    browser.drop_files(&[&junk.path().join("junk.wasm")]);
    browser.wait(
        "the error",
        "const e = document.querySelector('.plugin .notice--error[role=alert]')?.innerText; return e?.includes('junk.wasm') && e.includes('It is not a WebAssembly file')",
    );
    // The next one works all the same, and a damaged build of it takes the place of the good one.
    browser.drop_files(&[example()]);
    browser.wait("the plug-in's findings", "return document.querySelectorAll('.plugin .finding').length === 2");
    let plugin = fs::read(example()).unwrap();
    let half = project(&[("base-image-allowlist.wasm", &plugin[..plugin.len() / 2])]);
    browser.drop_files(&[&half.path().join("base-image-allowlist.wasm")]);
    browser.wait(
        "the second error",
        "const e = document.querySelectorAll('.plugin .notice--error'); return e.length === 2 && e[1].innerText.includes('base-image-allowlist.wasm') && !document.querySelector('.plugin .finding')",
    );
    assert_eq!(browser.script(own_findings, &[]), before, "the page's own findings stand");
    no_errors(&browser);
}

/// Every state of the section at once: findings, an error, settings that are refused.
#[test]
fn the_section_is_open_to_everyone() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    let more = project(&[("junk.wasm", b"not wasm at all"), ("twin.wasm", &fs::read(example()).unwrap())]);
    browser.drop_files(&[example()]);
    browser.wait("the plug-in's findings", "return document.querySelectorAll('.plugin .finding').length === 2");
    browser.drop_files(&[&more.path().join("junk.wasm")]);
    browser.drop_files(&[&more.path().join("twin.wasm")]);
    browser.wait(
        "both errors",
        "const e = [...document.querySelectorAll('.plugin .notice--error')].map(e => e.innerText).join(' '); return e.includes('junk.wasm') && e.includes('twin.wasm') && e.includes('belongs to another plug-in')",
    );
    let axe = fs::read_to_string(root().join("tests/vendor/axe.min.js")).unwrap();
    browser.script("[...document.querySelectorAll('.toast [aria-label=Dismiss]')].forEach(b => b.click())", &[]);
    browser.script("document.querySelector('.plugin .finding__toggle').click()", &[]);
    for state in ["found", "refused"] {
        if state == "refused" {
            set(&browser, r#"{"alowed": []}"#);
            browser.wait(
                "the refusal",
                "return document.querySelector('.plugin__field').getAttribute('aria-invalid') === 'true'",
            );
        }
        for theme in ["light", "dark"] {
            for (width, height) in [(1440, 900), (390, 844)] {
                browser.resize(width, height, width < 500);
                browser.script("document.documentElement.dataset.theme = arguments[0]", &[json!(theme)]);
                if width < 500 {
                    browser.script("[...document.querySelectorAll('.switch__btn')].find(b => b.innerText.startsWith('Findings')).click()", &[]);
                }
                browser.wait("the section", "return document.querySelector('.plugins').offsetHeight > 0");
                let edge = if state == "found" { "start" } else { "end" };
                browser.script(
                    "document.querySelector('.plugins').scrollIntoView({ block: arguments[0] })",
                    &[json!(edge)],
                );
                browser.script(&axe, &[]);
                let found = browser.script_async(
                    "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)), e => done([String(e)]))",
                    &[],
                );
                assert_eq!(found, json!([]), "{state}: {theme} at {width}");
                let overflow = browser.script(
                    "const r = document.querySelector('#results'); const d = document.documentElement; return r.scrollWidth > r.clientWidth || d.scrollWidth > d.clientWidth",
                    &[],
                );
                assert_eq!(overflow, json!(false), "{state}: {theme} at {width} scrolls sideways");
                if let Some(folder) = std::env::var_os("PLIMSOLL_PICTURES") {
                    browser.screenshot(&Path::new(&folder).join(format!("plugins-{state}-{theme}-{width}.png")));
                }
            }
        }
    }
    no_errors(&browser);
}

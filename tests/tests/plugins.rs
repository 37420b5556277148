//! One plug-in file, two ways in: `plimsoll check --plugin` and a file dropped on the page say the same, byte for byte. In the page
//! its findings stand in the ordinary list, and the panel of plug-ins shows, configures, switches and keeps them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::browser::Browser;
use plimsoll_tests::page::{analysed, no_errors, open, settled};
use plimsoll_tests::plugins::{example, in_analysis, in_worker};
use plimsoll_tests::{TODAY, files_below, project, root, run};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

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

const NAME: &str = "base-image-allowlist";

/// The plug-in that most of this is about.
fn allowlist() -> PathBuf {
    example(NAME)
}

/// Drops a project's files, which take the example's place.
fn drop_project(browser: &Browser, folder: &Path) {
    let before = analysed(browser);
    let files: Vec<PathBuf> = files_below(folder).keys().map(|name| folder.join(name)).collect();
    browser.drop_files(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    settled(browser, before + 1);
}

/// Drops a plug-in and waits until its findings are in the report.
fn drop_plugin(browser: &Browser, file: &Path) {
    browser.drop_files(&[file]);
    browser.wait("the plug-in", "return document.documentElement.dataset.plugins !== undefined");
    answered(browser);
}

/// Waits until the report holds what all plug-ins say of the present text.
fn answered(browser: &Browser) {
    browser.wait(
        "the plug-ins' answers",
        "const d = document.documentElement.dataset; return d.state === 'ready' && d.plugins !== 'running'",
    );
}

/// Waits for so many findings of plug-ins, none of them of an older text.
fn plugin_findings(browser: &Browser, count: usize) {
    let script = format!(
        "const d = document.documentElement.dataset; if (d.plugins === 'running' || d.state !== 'ready') return false;
         const own = [...document.querySelectorAll('.groups .finding')].filter(f => f.querySelector('.rule').textContent.startsWith('{NAME}/'));
         return own.length === {count} && !own.some(f => f.classList.contains('finding--stale'))"
    );
    browser.wait(&format!("{count} findings of the plug-in"), &script);
}

/// Shows a pane beside the editor, or on a phone.
fn show(browser: &Browser, pane: &str) {
    browser.script(
        "[...document.querySelectorAll('.switch__btn')].filter(b => b.innerText.startsWith(arguments[0])).forEach(b => b.click())",
        &[json!(pane)],
    );
    let selector = if pane == "Plug-ins" { "#plugins" } else { "#findings" };
    browser.wait(pane, &format!("return document.querySelector('{selector}')?.offsetHeight > 0"));
}

fn count(browser: &Browser, selector: &str) -> u64 {
    browser.script("return document.querySelectorAll(arguments[0]).length", &[json!(selector)]).as_u64().unwrap()
}

fn text(browser: &Browser, selector: &str) -> String {
    let text = browser.script("return document.querySelector(arguments[0])?.textContent", &[json!(selector)]);
    text.as_str().unwrap_or_else(|| panic!("no {selector}")).to_owned()
}

/// Types into a field of the panel and leaves it by keyboard.
fn fill(browser: &Browser, selector: &str, text: &str) {
    browser.script(
        "const field = document.querySelector(arguments[0]); field.closest('details')?.setAttribute('open', ''); field.scrollIntoView(); field.focus(); field.select()",
        &[json!(selector)],
    );
    browser.keys(selector, &format!("\u{e017}{text}\u{e004}"));
}

/// What the terminal prints for a project with the example plug-in.
fn in_terminal(folder: &Path, settings: &str) -> String {
    let plugin = allowlist();
    let plugin = plugin.to_str().unwrap();
    let run =
        run(folder, &["check", "--plugin", plugin, "--plugin-settings", settings, "--today", TODAY, "-f", "json", "."]);
    assert!(matches!(run.code, 0 | 1), "{run:?}");
    run.out
}

/// The plug-in's findings of a report.
fn own(report: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(report).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|one| one["rule"].as_str().unwrap().starts_with(&format!("{NAME}/"))).cloned().collect()
}

/// What the page shows: rule, severity's name, message, place of each finding.
fn shown(browser: &Browser) -> Vec<Value> {
    let all = browser.script(
        "return [...document.querySelectorAll('.groups .finding')].map(f => ['.rule', '.sev', '.finding__message', '.place'].map(c => f.querySelector(c).textContent))",
        &[],
    );
    let mut rows = all.as_array().unwrap().clone();
    rows.sort_by_key(ToString::to_string);
    rows
}

/// The same of a report.
fn to_show(report: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(report).unwrap();
    let row = |one: &Value| {
        let severity = one["severity"].as_str().unwrap();
        let place = format!("{}:{}", one["location"]["path"].as_str().unwrap(), one["location"]["line"]);
        json!([
            one["rule"],
            severity[..1].to_uppercase() + &severity[1..],
            one["message"].as_str().unwrap().replace('`', ""),
            place
        ])
    };
    let mut rows: Vec<Value> = report["findings"].as_array().unwrap().iter().map(row).collect();
    rows.sort_by_key(ToString::to_string);
    rows
}

#[test]
fn the_page_says_what_the_terminal_says() {
    let browser = open();
    let plugin = fs::read(allowlist()).unwrap();
    for (files, settings, most) in [(SMALL, "{}", 2), (STAGED, STAGED_SETTINGS, 3), (STAGED, "{}", 1)] {
        let folder = project(files);
        let files = files_below(folder.path());
        let terminal = in_terminal(folder.path(), settings);
        assert_eq!(own(&terminal).len(), most, "{settings}: {terminal}");
        // The three steps of the page: what plug-ins see, what this one says, what is taken of it.
        let described = in_analysis(&browser, &files, true, &[], None);
        let said = in_worker(&browser, &plugin, settings, described["project"].as_str().unwrap(), 10_000);
        let answer = json!({ "about": said["about"], "digest": said["digest"], "findings": said["findings"] });
        let judged = in_analysis(&browser, &files, false, &[answer], None);
        assert_eq!(judged["problems"], json!([[]]), "{said}");
        assert_eq!(judged["json"].as_str().unwrap(), terminal, "{settings}");
        assert!(judged["project"].is_null(), "it was not asked for");
    }
    no_errors(&browser);
}

/// An answer that cannot be used spoils neither the report nor the next answer.
#[test]
fn the_analysis_trusts_no_answer() {
    let browser = open();
    let folder = project(SMALL);
    let files = files_below(folder.path());
    let plugin = fs::read(allowlist()).unwrap();
    let described = in_analysis(&browser, &files, true, &[], None);
    let said = in_worker(&browser, &plugin, "{}", described["project"].as_str().unwrap(), 10_000);
    let good = json!({ "about": said["about"], "digest": said["digest"], "findings": said["findings"] });
    let taken = said["about"].as_str().unwrap().replace(NAME, "network");
    let bad = [
        json!({ "about": "{", "digest": "", "findings": "[]" }),
        json!({ "about": taken, "digest": "", "findings": "[]" }),
        json!({ "about": said["about"], "digest": "", "findings": "no json" }),
    ];
    for bad in bad {
        let other = said["about"].as_str().unwrap().replace(NAME, "another");
        let next = json!({ "about": other, "digest": "", "findings": "[]" });
        let judged = in_analysis(&browser, &files, false, &[bad, good.clone(), next], None);
        // A name that was taken stays taken.
        let refused: Vec<bool> = judged["refused"].as_array().unwrap().iter().map(Value::is_string).collect();
        assert!(refused[0] && !refused[2], "{judged}");
        assert_eq!(own(judged["json"].as_str().unwrap()).len(), if refused[1] { 0 } else { 2 });
    }
    no_errors(&browser);
}

#[test]
fn findings_of_a_plug_in_are_findings_like_all_others() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    let before = count(&browser, ".groups .finding");
    assert_eq!(
        browser.script(
            "return performance.getEntriesByType('resource').filter(r => r.name.includes('plugin-')).length",
            &[]
        ),
        json!(0),
        "nothing of it is fetched before the first plug-in is there"
    );
    drop_plugin(&browser, &allowlist());
    plugin_findings(&browser, 2);
    assert_eq!(shown(&browser), to_show(&in_terminal(folder.path(), "{}")));
    assert_eq!(count(&browser, ".groups .finding"), before + 2, "the page's own findings stand");
    assert!(text(&browser, ".verdict__detail").starts_with(&format!("{} findings", before + 2)));
    let titles = browser.script("return [...document.querySelectorAll('.group__title')].map(t => t.textContent)", &[]);
    assert!(titles.as_array().unwrap().contains(&json!("Image is not from an allowed place")), "{titles}");
    browser.wait(
        "the mark in the editor",
        "return [...document.querySelectorAll('#editor .cm-lintRange')].some(m => m.textContent.includes('bitnami/redis:7'))",
    );

    // The filters know them.
    browser.script("document.querySelector('#filter').focus()", &[]);
    browser.keys("#filter", "bitnami allowlist");
    browser.wait("one finding", "return document.querySelectorAll('.groups .finding').length === 1");
    browser.script("[...document.querySelectorAll('.chip')].find(c => c.textContent.startsWith('High')).click()", &[]);
    browser.wait("nothing", "return document.querySelector('.results')?.textContent.includes('Nothing matches')");
    browser.script(
        "[...document.querySelectorAll('.results .btn')].find(b => b.textContent === 'Clear the filter').click()",
        &[],
    );
    plugin_findings(&browser, 2);

    // A place goes to its file and its range.
    browser.script(
        "[...document.querySelectorAll('.finding')].find(f => f.textContent.includes('ghcr.io/acme/php')).querySelector('.place').click()",
        &[],
    );
    browser.wait(
        "the file",
        "return document.querySelector('.tab[aria-selected=true]').textContent.includes('Dockerfile')",
    );
    browser.wait("the range", "return getSelection().toString().includes('ghcr.io/acme/php')");

    // Another project, and the plug-in looks again.
    let changed = project(&[("compose.yaml", b"services:\n  a:\n    image: quay.io/one/two:3\n")]);
    browser.drop_files(&[&changed.path().join("compose.yaml")]);
    browser.wait(
        "the new finding",
        "return [...document.querySelectorAll('.finding:not(.finding--stale) .finding__message')].some(m => m.textContent.includes('quay.io/one/two'))",
    );
    no_errors(&browser);
}

#[test]
fn a_fix_of_a_plug_in_is_looked_at_and_applied() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    drop_plugin(&browser, &allowlist());
    show(&browser, "Plug-ins");
    fill(&browser, "#plugin-1-field-replacements", "docker.io/bitnami/redis = docker.io/library/redis");
    answered(&browser);
    show(&browser, "Findings");
    plugin_findings(&browser, 2);
    browser.script(
        "const f = [...document.querySelectorAll('.finding')].find(f => f.textContent.includes('bitnami/redis')); const t = f.querySelector('.finding__toggle'); if (t.getAttribute('aria-expanded') !== 'true') t.click()",
        &[],
    );
    let apply = "[...document.querySelectorAll('.finding')].find(f => f.textContent.includes('bitnami/redis')).querySelector('.finding__actions .btn')";
    browser.wait("the fix", &format!("return {apply}?.textContent === 'Apply fix…'"));
    assert!(text(&browser, ".results").contains("Use docker.io/library/redis: suggested, needs a look"));
    browser.script(&format!("{apply}.click()"), &[]);
    browser.wait(
        "the preview",
        "return document.querySelector('#fix .diff__view')?.textContent.includes('docker.io/library/redis:7')",
    );
    assert!(text(&browser, "#fix .dialog__text").starts_with(&format!("{NAME}/image-not-allowed")));
    browser.click("#fix .dialog__foot .btn--primary");
    browser.wait(
        "the new text",
        "return document.querySelector('#editor .cm-content').innerText.includes('image: docker.io/library/redis:7')",
    );
    plugin_findings(&browser, 1);
    no_errors(&browser);
}

#[test]
fn while_someone_types_old_findings_stay_but_do_nothing() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    drop_plugin(&browser, &allowlist());
    plugin_findings(&browser, 2);
    browser.script(
        "window.seen = { least: 99, stale: 0, applied: 0 };
         new MutationObserver(() => {
           const own = [...document.querySelectorAll('.groups .finding')].filter(f => f.querySelector('.rule').textContent.startsWith('base-image-allowlist/'));
           const stale = own.filter(f => f.classList.contains('finding--stale'));
           seen.least = Math.min(seen.least, own.length);
           seen.stale = Math.max(seen.stale, stale.length);
           seen.applied += stale.filter(f => f.querySelector('.finding__actions')).length;
         }).observe(document.querySelector('.results'), { childList: true, subtree: true, attributes: true });",
        &[],
    );
    let before = analysed(&browser);
    browser.click("#editor .cm-content");
    browser.keys("#editor .cm-content", "\u{e009}\u{e011}\u{e000}# a note\n");
    settled(&browser, before + 1);
    plugin_findings(&browser, 2);
    assert_eq!(browser.script("return window.seen", &[]), json!({ "least": 2, "stale": 2, "applied": 0 }));
    no_errors(&browser);
}

#[test]
fn the_panel_says_what_a_plug_in_is_and_switches_it() {
    let browser = open();
    show(&browser, "Plug-ins");
    assert!(text(&browser, "#plugins").contains("A plug-in adds your organisation's own rules"));
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    drop_plugin(&browser, &allowlist());
    show(&browser, "Plug-ins");
    assert_eq!(text(&browser, ".plugin__name"), NAME);
    assert_eq!(text(&browser, ".plugin__version"), "0.1.0");
    browser.wait("the state", "return document.querySelector('.plugin__state').textContent === '2 findings'");
    let facts = text(&browser, ".plugin__facts");
    let report: Value = serde_json::from_str(&in_terminal(folder.path(), "{}")).unwrap();
    let digest = report["plugins"][0]["digest"].as_str().unwrap();
    assert_eq!(text(&browser, ".digest__full"), digest);
    for part in [&format!("{NAME}.wasm"), "KiB", "Licence", "0.1.0", &digest[..12]] {
        assert!(facts.contains(part), "{part}: {facts}");
    }
    let rules = browser.script(
        "return [...document.querySelectorAll('.plugin__rule')].map(r => ['.plugin__check', '.rule', '.sev', '.plugin__count'].map(c => r.querySelector(c).textContent))",
        &[],
    );
    assert_eq!(
        rules,
        json!([
            ["Image is not from an allowed place", "image-not-allowed", "High", "2 findings"],
            ["Image is not pinned to a digest", "image-without-digest", "Medium", "0 findings"]
        ])
    );

    // A rule off and on, by keyboard.
    browser.script("document.querySelector('.plugin__rule input').focus()", &[]);
    browser.press(" ");
    browser.wait("the rule to be off", "return document.querySelector('.plugin__count').textContent === 'off'");
    show(&browser, "Findings");
    plugin_findings(&browser, 0);
    show(&browser, "Plug-ins");
    browser.script("document.querySelector('.plugin__rule input').focus()", &[]);
    browser.press(" ");
    browser.wait("the rule's findings", "return document.querySelector('.plugin__count').textContent === '2 findings'");

    // All of it off and on.
    browser.click(".plugin__switch input");
    browser.wait("it to be off", "return document.querySelector('.plugin__state').textContent === 'Switched off'");
    show(&browser, "Findings");
    plugin_findings(&browser, 0);
    show(&browser, "Plug-ins");
    browser.click(".plugin__switch input");
    show(&browser, "Findings");
    plugin_findings(&browser, 2);

    show(&browser, "Plug-ins");
    browser.click(".plugin__remove");
    browser.wait("the card to go", "return !document.querySelector('.plugin')");
    assert_eq!(browser.script("return document.activeElement.id", &[]), json!("shelf"));
    show(&browser, "Findings");
    plugin_findings(&browser, 0);
    no_errors(&browser);
}

#[test]
fn settings_are_a_form() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    drop_plugin(&browser, &allowlist());
    show(&browser, "Plug-ins");
    let labels =
        browser.script("return [...document.querySelectorAll('.plugin .setting__label')].map(l => l.textContent)", &[]);
    assert_eq!(
        labels,
        json!([
            "Allowed images",
            "Contexts",
            "Images without digest",
            "Replacements",
            "Require a digest",
            "All settings"
        ]),
    );
    let named = "return [...document.querySelectorAll('.setting :is(input, textarea, select)')].every(f => f.labels.length === 1)";
    assert_eq!(browser.script(named, &[]), json!(true));

    fill(&browser, "#plugin-1-field-allowed", "ghcr.io/acme/*\n docker.io/library/* ");
    browser.wait("one finding less", "return document.querySelector('.plugin__state').textContent === '1 finding'");
    let settings = r#"{"allowed": ["ghcr.io/acme/*", "docker.io/library/*"]}"#;
    show(&browser, "Findings");
    plugin_findings(&browser, 1);
    assert_eq!(shown(&browser), to_show(&in_terminal(folder.path(), settings)));

    // A tick asks for more.
    show(&browser, "Plug-ins");
    browser.script("document.querySelector('.setting--flag input').click()", &[]);
    browser.wait(
        "findings about digests",
        "return [...document.querySelectorAll('.plugin__count')].map(c => c.textContent).join() === '1 finding,2 findings'",
    );

    // What is no pair is refused at its field, and nothing is run with it.
    let replacements = "#plugin-1-field-replacements";
    fill(&browser, replacements, "no pair");
    let at_field = "const f = document.querySelector('FIELD'); const e = document.querySelector('FIELD-fault');
         return e && f.getAttribute('aria-invalid') === 'true' && f.getAttribute('aria-describedby').split(' ').includes(e.id) && e.textContent";
    let fault = browser.wait("the fault", &at_field.replace("FIELD", replacements));
    assert_eq!(fault, json!("`no pair` has no `=`: write name = value"));
    assert_eq!(
        browser.script("return document.querySelector(arguments[0]).value", &[json!(replacements)]),
        json!("no pair")
    );
    fill(&browser, replacements, "");
    browser.wait("the fault to go", &format!("return !document.querySelector('{replacements}-fault')"));

    // What the schema refuses stands at its field too; the rest of the page stays as it is.
    let whole = "#plugin-1-settings";
    fill(&browser, whole, r#"{"require_digest": "yes"}"#);
    browser.wait("the schema's fault", &at_field.replace("FIELD", "#plugin-1-field-require_5f_digest"));
    browser.wait("the card's error", "return document.querySelector('.plugin [role=alert].notice--error') !== null");
    fill(&browser, whole, "{not json");
    browser.wait(
        "the refusal",
        "return document.querySelector('#plugin-1-settings-fault')?.textContent.startsWith('This is no JSON object: ')",
    );
    // The plug-in's own judgement.
    fill(&browser, whole, r#"{"allowed": ["php"]}"#);
    browser.wait(
        "the plug-in's refusal",
        "return document.querySelector('.plugin .notice--error')?.textContent.includes('has no registry')",
    );
    show(&browser, "Findings");
    browser.wait(
        "the list to say so",
        "return document.querySelector('.plugin-troubles')?.textContent.includes('base-image-allowlist.wasm gave no findings')",
    );
    browser.click(".plugin-troubles .btn");
    browser.wait("the panel", "return document.querySelector('#plugins') !== null");
    fill(&browser, whole, settings);
    browser.wait("the finding again", "return document.querySelector('.plugin__state').textContent === '1 finding'");
    no_errors(&browser);
}

#[test]
fn plug_ins_come_back_after_a_reload_until_they_are_removed() {
    let browser = open();
    drop_plugin(&browser, &allowlist());
    show(&browser, "Plug-ins");
    fill(&browser, "#plugin-1-field-allowed", "ghcr.io/acme/*");
    answered(&browser);
    browser.script("document.querySelectorAll('.plugin__rule input')[1].click()", &[]);
    browser.wait("the rule to be off", "return document.querySelectorAll('.plugin__count')[1].textContent === 'off'");
    assert!(!text(&browser, "#plugins").contains("this visit only"));
    // Storing takes a moment, and nothing shows its end: the store itself says when it is done.
    let stored = "const done = arguments[0]; const open = indexedDB.open('plimsoll');
         open.onsuccess = () => { const get = open.result.transaction('plugins').objectStore('plugins').getAll();
           get.onsuccess = () => { open.result.close(); done(get.result.map(r => JSON.parse(r))); } };";
    let wait = |what: &str, holds: &dyn Fn(&Value) -> bool| {
        for _ in 0..100 {
            if holds(&browser.script_async(stored, &[])) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("waited in vain for {what}");
    };
    wait("the record", &|all| {
        let Some(one) = all.get(0) else { return false };
        one["settings"].as_str().unwrap().contains("ghcr.io") && one["off"] == json!(["image-without-digest"])
    });
    let address = browser.script("return location.href", &[]);
    let reload = || {
        browser.open(address.as_str().unwrap());
        settled(&browser, 1);
    };
    reload();
    browser.wait("the plug-in", "return document.documentElement.dataset.plugins === 'ready'");
    show(&browser, "Plug-ins");
    assert_eq!(text(&browser, ".plugin__name"), NAME);
    let kept = "return [document.querySelector('.setting textarea').value, ...[...document.querySelectorAll('.plugin__rule input')].map(i => i.checked)]";
    assert_eq!(browser.script(kept, &[]), json!(["ghcr.io/acme/*", true, false]));

    // Switched off it stays known, without being run.
    browser.click(".plugin__switch input");
    wait("the switch", &|all| all[0]["on"] == json!(false));
    reload();
    show(&browser, "Plug-ins");
    browser.wait("the card", "return document.querySelector('.plugin__state')?.textContent === 'Switched off'");
    assert_eq!(text(&browser, ".plugin__name"), NAME);

    browser.click(".plugin__remove");
    wait("the store to be empty", &|all| all == &json!([]));
    reload();
    show(&browser, "Plug-ins");
    assert_eq!(count(&browser, ".plugin"), 0);
    no_errors(&browser);
}

/// A private window of some browsers, a page in a sandboxed frame.
#[test]
fn without_a_store_plug_ins_stay_for_the_visit() {
    let browser = open();
    let source = "Object.defineProperty(window, 'indexedDB', { value: undefined })";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
    let address = browser.script("return location.href", &[]);
    browser.open(address.as_str().unwrap());
    settled(&browser, 1);
    drop_plugin(&browser, &allowlist());
    show(&browser, "Plug-ins");
    browser
        .wait("the note", "return document.querySelector('.shelf .notice')?.textContent.includes('this visit only')");
    assert_eq!(text(&browser, ".plugin__name"), NAME);
    no_errors(&browser);
}

#[test]
fn a_file_that_is_no_plug_in_is_a_named_error() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    let before = count(&browser, ".groups .finding");
    assert!(before > 0);
    let junk = project(&[("junk.wasm", b"not wasm at all")]);
    browser.drop_files(&[&junk.path().join("junk.wasm")]);
    browser.wait(
        "the error in the list",
        "const e = document.querySelector('.plugin-troubles .notice--error[role=alert]')?.innerText; return e?.includes('junk.wasm gave no findings')",
    );
    // The next one works all the same, and a damaged build of it takes the place of the good one.
    drop_plugin(&browser, &allowlist());
    plugin_findings(&browser, 2);
    show(&browser, "Plug-ins");
    assert_eq!((count(&browser, ".plugin"), count(&browser, ".plugin .notice--error")), (2, 1));
    let plugin = fs::read(allowlist()).unwrap();
    let half = project(&[("base-image-allowlist.wasm", &plugin[..plugin.len() / 2])]);
    browser.drop_files(&[&half.path().join("base-image-allowlist.wasm")]);
    browser.wait("the second error", "return document.querySelectorAll('.plugin .notice--error').length === 2");
    assert_eq!(count(&browser, ".plugin"), 2);
    show(&browser, "Findings");
    plugin_findings(&browser, 0);
    assert_eq!(count(&browser, ".groups .finding"), before, "the page's own findings stand");
    no_errors(&browser);
}

/// Every state of the panel at once: findings, errors, settings that are refused.
#[test]
fn the_panel_is_open_to_everyone() {
    let browser = open();
    let folder = project(SMALL);
    drop_project(&browser, folder.path());
    let more = project(&[("junk.wasm", b"not wasm at all"), ("twin.wasm", &fs::read(allowlist()).unwrap())]);
    drop_plugin(&browser, &allowlist());
    drop_plugin(&browser, &more.path().join("junk.wasm"));
    browser.drop_files(&[&more.path().join("twin.wasm")]);
    browser.wait(
        "both errors",
        "const e = document.querySelector('.plugin-troubles')?.innerText ?? ''; return e.includes('junk.wasm') && e.includes('twin.wasm') && e.includes('belongs to base-image-allowlist.wasm')",
    );
    plugin_findings(&browser, 2);
    let axe = fs::read_to_string(root().join("tests/vendor/axe.min.js")).unwrap();
    browser.script("[...document.querySelectorAll('.toast [aria-label=Dismiss]')].forEach(b => b.click())", &[]);
    for state in ["findings", "panel", "refused"] {
        if state == "refused" {
            browser.resize(1440, 900, false);
            show(&browser, "Plug-ins");
            fill(&browser, "#plugin-1-field-replacements", "no pair");
            fill(&browser, "#plugin-1-settings", r#"{"alowed": []}"#);
            browser.wait("the refusal", "return document.querySelectorAll('.plugin .notice--error').length === 3");
        }
        let pane = if state == "findings" { "Findings" } else { "Plug-ins" };
        let scroller = if state == "findings" { "#results" } else { "#shelf" };
        for theme in ["light", "dark"] {
            for (width, height) in [(1440, 900), (390, 844), (360, 740)] {
                browser.resize(width, height, width < 500);
                browser.script("document.documentElement.dataset.theme = arguments[0]", &[json!(theme)]);
                show(&browser, pane);
                browser.script("document.querySelectorAll('.plugin details').forEach(d => d.open = true)", &[]);
                browser.script(&axe, &[]);
                let found = browser.script_async(
                    "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)), e => done([String(e)]))",
                    &[],
                );
                assert_eq!(found, json!([]), "{state}: {theme} at {width}");
                let overflow = browser.script(
                    "const r = document.querySelector(arguments[0]); const d = document.documentElement; return r.scrollWidth > r.clientWidth || d.scrollWidth > d.clientWidth",
                    &[json!(scroller)],
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

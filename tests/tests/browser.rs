//! The playground in a real browser: the same reports as natively, byte for byte; findings while one types; files dropped;
//! no breach of the content security policy; nothing that only a mouse can do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::browser::Browser;
use plimsoll_tests::page::{analysed, base64, no_errors, open, settled};
use plimsoll_tests::{TODAY, files_below, gallery, hostile, native_json, project, root};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// Opens a stack of the gallery by its place in the menu.
fn open_stack(browser: &Browser, name: &str) {
    let before = analysed(browser);
    browser.click("[aria-controls=gallery]");
    let found = browser.script(
        "const item = [...document.querySelectorAll('.menu__item')].find(i => i.querySelector('.menu__name').textContent === arguments[0]); item?.click(); return !!item",
        &[json!(name)],
    );
    assert_eq!(found, Value::Bool(true), "no {name} in the gallery: {}", browser.text());
    settled(browser, before + 1);
}

/// Sends files through the page's own worker, as the page does.
fn in_worker(browser: &Browser, files: &BTreeMap<String, Vec<u8>>) -> String {
    let wanted = files.keys().any(|path| plimsoll_core::facts::advisories::is_wanted_for(path));
    let files: Vec<Value> =
        files.iter().map(|(path, bytes)| json!({ "path": path, "base64": base64(bytes) })).collect();
    let answer = browser.script_async(
        "const [today, files, wanted, done] = arguments;
         const pack = wanted ? fetch('facts/advisories.json').then(answer => answer.text()) : Promise.resolve(undefined);
         pack.then(advisories => {
           const worker = new Worker('worker.js', { type: 'module' });
           worker.onerror = event => done('worker: ' + event.message);
           worker.onmessage = ({ data }) => {
             if (data.ready) {
               const decoded = files.map(({ path, base64 }) => ({ path, bytes: Uint8Array.from(atob(base64), c => c.charCodeAt(0)) }));
               worker.postMessage({ id: 1, today, files: decoded, advisories });
             } else { worker.terminate(); done(data.json ?? 'error: ' + data.error); }
           };
         });",
        &[json!(TODAY), json!(files), json!(wanted)],
    );
    answer.as_str().expect("an answer").to_owned()
}

#[test]
fn the_wasm_build_says_what_the_native_one_says() {
    let browser = open();
    for (name, folder) in gallery() {
        let files = files_below(&folder);
        assert_eq!(in_worker(&browser, &files), native_json(&files), "{name}");
    }
    for hostile::Case { name, files, .. } in hostile::cases() {
        let mut files: BTreeMap<String, Vec<u8>> = files.into_iter().collect();
        files.insert("other/compose.yaml".to_owned(), hostile::WITNESS.to_vec());
        assert_eq!(in_worker(&browser, &files), native_json(&files), "{name}");
    }
    no_errors(&browser);
}

#[test]
fn advisories_are_fetched_once() {
    let browser = open();
    let fetched = || {
        let names = "return performance.getEntriesByType('resource').filter(e => e.name.includes('/facts/')).length";
        browser.script(names, &[]).as_u64().unwrap()
    };
    // The stack that the page opens with has a lock file.
    assert_eq!(fetched(), 1);
    open_stack(&browser, "Agency host");
    for version in ["v11.20.0", "v11.21.0"] {
        let lock = format!("{{\"packages\": [{{\"name\": \"laravel/framework\", \"version\": \"{version}\"}}]}}");
        let folder =
            project(&[("Dockerfile", b"FROM php:8.4.24-fpm-trixie\n".as_slice()), ("composer.lock", lock.as_bytes())]);
        let before = analysed(&browser);
        browser.drop_files(&[&folder.path().join("Dockerfile"), &folder.path().join("composer.lock")]);
        settled(&browser, before + 1);
    }
    assert_eq!(fetched(), 1, "once is enough");
    no_errors(&browser);
}

#[test]
fn findings_follow_the_keys() {
    let browser = open();
    // The last tab that is closed leaves an empty page; a new file takes what is typed.
    open_stack(&browser, "Larashop, hardened");
    let loud = "return document.querySelectorAll('.finding .sev--critical, .finding .sev--high, .finding .sev--medium').length";
    let hardened = browser.script(loud, &[]);
    assert_eq!(hardened, json!(0), "{}", browser.text());
    let before = analysed(&browser);
    browser.script(
        "[...document.querySelectorAll('.tab')].find(t => t.textContent.includes('compose.yaml')).click()",
        &[],
    );
    browser.click("#editor .cm-content");
    browser.press("\u{e009}\u{e010}\u{e009}"); // Control+End
    browser.script(
        "const c = document.querySelector('#editor .cm-content'); c.focus(); const s = getSelection(); s.selectAllChildren(c.lastElementChild ?? c); s.collapseToEnd();",
        &[],
    );
    browser.keys("#editor .cm-content", "\u{e009}\u{e010}\u{e000}\n  intruder: {image: redis}\nservices2: x");
    settled(&browser, before + 1);
    no_errors(&browser);
    let text = browser.script("return document.querySelector('#editor .cm-content').innerText", &[]);
    assert!(text.as_str().unwrap().contains("intruder"), "{text}");
}

#[test]
fn a_fix_is_shown_then_applied_then_undone() {
    let browser = open();
    open_stack(&browser, "Larashop");
    let rule = "datastores/redis-published";
    // A script publishes one, too; this is the one of the Compose file.
    let finding = format!(
        "[...document.querySelectorAll('.finding')].find(f => f.querySelector('.rule').textContent === '{rule}' && f.querySelector('.finding__meta').textContent.includes('docker-compose.yml'))"
    );
    let has_finding = format!("return !!{finding}");
    assert_eq!(browser.script(&has_finding, &[]), json!(true), "{}", browser.text());
    let before = analysed(&browser);
    browser.script(
        &format!(
            "const f = {finding};
             const toggle = f.querySelector('.finding__toggle'); if (toggle.getAttribute('aria-expanded') !== 'true') toggle.click();"
        ),
        &[],
    );
    browser.wait(
        "the fix button",
        &format!(
            "const f = {finding};
             const b = f?.querySelector('.finding__actions .btn--primary'); b?.click(); return !!b"
        ),
    );
    browser.wait("the diff", "return document.querySelector('dialog[open]')?.innerText.includes('6379')");
    browser.script("document.querySelector('dialog[open] .btn--primary').click()", &[]);
    settled(&browser, before + 1);
    browser.wait("the finding to go", &format!("return !(() => {{ {has_finding} }})()"));
    let after = analysed(&browser);
    browser.click("#editor .cm-content");
    browser.keys("#editor .cm-content", "\u{e009}z\u{e000}");
    settled(&browser, after + 1);
    browser.wait("the finding to come back", &has_finding);
    no_errors(&browser);
}

#[test]
fn files_are_dropped_from_the_disk() {
    let browser = open();
    let folder = project(&[("compose.yaml", hostile::WITNESS)]);
    let before = analysed(&browser);
    browser.drop_files(&[&folder.path().join("compose.yaml")]);
    settled(&browser, before + 1);
    browser.wait("the dropped file's finding", "return document.body.innerText.includes('witness')");
    no_errors(&browser);
}

#[test]
fn every_stack_of_the_gallery_opens() {
    let browser = open();
    browser.click("[aria-controls=gallery]");
    let names = browser.script("return [...document.querySelectorAll('.menu__name')].map(n => n.textContent)", &[]);
    browser.press("\u{e00c}");
    let names: Vec<String> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    for name in names {
        open_stack(&browser, &name);
        let shown = browser.script("return document.querySelectorAll('.tab').length", &[]).as_u64().unwrap();
        assert!(shown >= 1, "{name}");
    }
    no_errors(&browser);
}

#[test]
fn the_keyboard_alone_is_enough() {
    let browser = open();
    // Tab from the top to the gallery, open it, take the second stack.
    browser.script("document.activeElement.blur(); window.scrollTo(0, 0)", &[]);
    let reach = |what: &str| {
        for _ in 0..40 {
            browser.press("\u{e004}");
            if browser.script(&format!("return document.activeElement?.matches({what:?})"), &[]) == json!(true) {
                return;
            }
        }
        panic!(
            "Tab does not reach {what}; the focus is on {}",
            browser.script("return document.activeElement?.outerHTML.slice(0, 200)", &[])
        );
    };
    let before = analysed(&browser);
    reach("[aria-controls=gallery]");
    browser.press("\u{e007}");
    browser.wait("the menu", "return document.activeElement?.matches('.menu__item')");
    browser.press("\u{e015}\u{e007}");
    settled(&browser, before + 1);
    // Into the editor and out again: Escape, then Tab.
    browser.script("document.querySelector('#editor .cm-content').focus()", &[]);
    browser.press("\u{e00c}\u{e004}");
    let inside = browser.script("return !!document.activeElement?.closest('#editor')", &[]);
    assert_eq!(inside, json!(false), "Escape and Tab leave the editor");
    no_errors(&browser);
}

#[test]
fn the_collector_is_shown_and_goes_away() {
    let browser = open();
    browser.click("[aria-label='Record what is running']");
    browser
        .wait("the script", "return document.querySelector('#collector .script')?.textContent.startsWith('#!/bin/sh')");
    let axe = fs::read_to_string(root().join("tests/vendor/axe.min.js")).unwrap();
    browser.script(&axe, &[]);
    let found = browser.script_async(
        "const done = arguments[0]; axe.run('#collector').then(r => done(r.violations.map(v => v.id)), e => done([String(e)]))",
        &[],
    );
    assert_eq!(found, json!([]));
    // Copied, or selected to be copied: either is said.
    browser.click("#collector .btn--primary");
    browser.wait(
        "an answer",
        "return /Copied|selected/.test(document.querySelector('#collector .dialog__note').textContent)",
    );
    browser.press("\u{e00c}");
    browser.wait("the dialog to close", "return !document.querySelector('#collector')");
    let focus = browser.script("return document.activeElement?.getAttribute('aria-label')", &[]);
    assert_eq!(focus, json!("Record what is running"), "the focus goes back to the button");
    no_errors(&browser);
}

#[test]
fn nothing_stands_in_the_way_of_assistive_technology() {
    let browser = open();
    let axe = fs::read_to_string(root().join("tests/vendor/axe.min.js")).unwrap();
    for theme in ["light", "dark"] {
        for (width, height) in [(1440, 900), (390, 844)] {
            browser.resize(width, height, width < 500);
            browser.script("document.documentElement.dataset.theme = arguments[0]", &[json!(theme)]);
            browser.script(&axe, &[]);
            let found = browser.script_async(
                "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)), e => done([String(e)]))",
                &[],
            );
            assert_eq!(found, json!([]), "{theme} at {width}");
            let overflow = browser
                .script("return document.documentElement.scrollWidth > document.documentElement.clientWidth", &[]);
            assert_eq!(overflow, json!(false), "{theme} at {width} scrolls sideways");
        }
    }
}

#[test]
fn scanned_text_is_never_markup() {
    let browser = open();
    let compose = "services:\n  \"<img src=x onerror=document.title=1>\":\n    image: \"redis:<b>5</b>\"\n    privileged: true\n    ports: [\"6379:6379\"]\n";
    let folder = project(&[("<i>compose.yaml", compose.as_bytes())]);
    let before = analysed(&browser);
    browser.drop_files(&[&folder.path().join("<i>compose.yaml")]);
    settled(&browser, before + 1);
    let injected = browser.script("return document.querySelectorAll('.app img, .app b > b, .app i').length", &[]);
    assert_eq!(injected, json!(0));
    assert_ne!(browser.script("return document.title", &[]), json!("1"));
    no_errors(&browser);
}

#[test]
fn the_score_and_the_manual_of_a_rule() {
    let browser = open();
    let score = "return document.querySelector('.score__total').textContent";
    let before = browser.script(score, &[]);
    assert!(before.as_str().unwrap().ends_with("/100"), "{before}");
    assert_eq!(browser.script("return document.querySelectorAll('.light').length", &[]), json!(8));
    let fetched = "return performance.getEntriesByType('resource').filter(e => e.name.includes('/rules/')).length";
    assert_eq!(browser.script(fetched, &[]), json!(0), "a manual is fetched when somebody asks");
    browser.script("document.querySelector('.manual > summary').click()", &[]);
    let manual = browser.script_async(
        "const done = arguments[0]; const look = () => {
           const heading = document.querySelector('.manual h5');
           heading ? done(heading.textContent) : setTimeout(look, 50);
         }; look();",
        &[],
    );
    assert_eq!(manual, json!("What it finds"));
    assert_eq!(browser.script(fetched, &[]), json!(1));
    no_errors(&browser);
}

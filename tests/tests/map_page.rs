//! The stack section in a real browser: map, matrix, breach, plan, boundaries and inventory of the stack that the page opens with;
//! with the keyboard alone, at every width, without a breach of the content security policy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::browser::Browser;
use plimsoll_tests::page::{analysed, no_errors, open, settled};
use plimsoll_tests::root;
use serde_json::{Value, json};
use std::fs;

/// Nothing that the section wants is still to come.
const RESTS: &str = "return document.querySelector('#stack-panel')?.getAttribute('aria-busy') === 'false'";

/// Opens the section, and one of its tabs.
fn show(browser: &Browser, tab: &str) {
    if browser.script("return !document.querySelector('#stack')", &[]) == json!(true) {
        browser.script("document.querySelector('.switch--beside .switch__btn:nth-last-child(2)').click()", &[]);
        browser.wait("the section", "return !!document.querySelector('#stack')");
    }
    browser.click(&format!("#stack-{tab}"));
    let shown = format!(
        "return document.querySelector('#stack-panel')?.getAttribute('aria-labelledby') === 'stack-{tab}' && (() => {{ {RESTS} }})()"
    );
    browser.wait(&format!("the tab {tab}"), &shown);
}

/// Clicks on a service that the internet reaches.
fn let_fall(browser: &Browser) {
    browser.script(
        "document.querySelector('.map__box--exposed').dispatchEvent(new MouseEvent('click', { bubbles: true }))",
        &[],
    );
}

fn number(browser: &Browser, selector: &str) -> u64 {
    browser.script("return document.querySelectorAll(arguments[0]).length", &[json!(selector)]).as_u64().unwrap()
}

fn texts(browser: &Browser, selector: &str) -> Vec<String> {
    let found = browser
        .script("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", &[json!(selector)]);
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What axe has to say.
fn violations(browser: &Browser) -> Value {
    let axe = fs::read_to_string(root().join("tests/vendor/axe.min.js")).unwrap();
    browser.script(&axe, &[]);
    browser.script_async(
        "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)), e => done([String(e)]))",
        &[],
    )
}

#[test]
fn the_map_shows_services_and_what_they_fall_with() {
    let browser = open();
    show(&browser, "map");
    let services = number(&browser, ".map__box[data-service]");
    assert!(services >= 5, "{services} services: {}", browser.text());
    assert!(number(&browser, ".map__line--needed") > 1 && number(&browser, ".map__line--excess") > 1);
    assert_eq!(number(&browser, ".fall"), 0);
    // The whole walk by hand: Play begins by itself, Pause ends that, All tells the rest.
    let_fall(&browser);
    browser.wait("the walk", "return document.querySelectorAll('.walk__step').length > 0");
    browser.wait("the first step", "return document.querySelectorAll('.walk__step:not([hidden])').length > 0");
    browser.script(
        "[...document.querySelectorAll('.fall__controls .btn')].find(b => b.textContent === 'All')?.click()",
        &[],
    );
    browser.wait("all steps", "return document.querySelectorAll('.walk__step[hidden]').length === 0");
    assert!(number(&browser, ".map__step") > 0 && number(&browser, ".map__box--start") == 1);
    // What shows a step is a line of a file.
    browser.script("document.querySelector('.walk .place').click()", &[]);
    browser.wait("the editor at that line", "return !!document.activeElement?.closest('#editor')");
    no_errors(&browser);
}

#[test]
fn the_keyboard_alone_lets_a_service_fall() {
    let browser = open();
    show(&browser, "map");
    browser.script("document.querySelector('#stack-map').focus()", &[]);
    browser.press("\u{e014}");
    browser.wait("the next tab", "return document.activeElement?.id === 'stack-matrix'");
    browser.press("\u{e012}");
    browser.wait("the tab before", "return document.activeElement?.id === 'stack-map'");
    for _ in 0..40 {
        browser.press("\u{e004}");
        if browser.script("return !!document.activeElement?.matches('.map__box')", &[]) == json!(true) {
            break;
        }
    }
    browser.wait("what is known about it", "return !!document.querySelector('.about')");
    browser.press("\u{e007}");
    browser.wait("it to fall", "return document.activeElement?.getAttribute('aria-pressed') === 'true'");
    no_errors(&browser);
}

#[test]
fn a_still_page_tells_the_walk_at_once() {
    let browser = open();
    browser.cdp(
        "Emulation.setEmulatedMedia",
        &json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] }),
    );
    show(&browser, "map");
    let_fall(&browser);
    browser.wait("the walk", "return document.querySelectorAll('.walk__step').length > 0");
    assert_eq!(number(&browser, ".walk__step[hidden]"), 0);
    no_errors(&browser);
}

#[test]
fn the_matrix_says_what_the_map_shows() {
    let browser = open();
    show(&browser, "matrix");
    let rows = number(&browser, ".matrix__table tbody tr");
    let cells = number(&browser, ".matrix__table tbody td");
    assert_eq!(cells, rows * (rows + 1), "each service with each, and with the internet");
    let words = browser.script(
        "return [...document.querySelectorAll('.matrix__table tbody td')].every(td => td.getAttribute('aria-label'))",
        &[],
    );
    assert_eq!(words, json!(true), "signs have words");
    assert!(number(&browser, ".matrix__cell--excess") > 0);
    no_errors(&browser);
}

#[test]
fn every_tab_has_something_to_say() {
    let browser = open();
    show(&browser, "breach");
    browser.wait("the breach", "return !!document.querySelector('.breach__score')");
    assert!(!texts(&browser, ".breach .table__caption").is_empty());
    show(&browser, "plan");
    browser.wait("the plans", "return document.querySelectorAll('.plan__preset').length === 3");
    show(&browser, "boundaries");
    browser.wait("the sheets", "return document.querySelectorAll('.sheet').length > 1");
    show(&browser, "inventory");
    browser.wait("the answers", "return document.querySelectorAll('.inventory .table, .inventory .part').length >= 4");
    no_errors(&browser);
}

#[test]
fn a_plan_is_shown_then_applied_and_the_map_follows() {
    let browser = open();
    show(&browser, "map");
    let excess = number(&browser, ".map__line--excess");
    show(&browser, "plan");
    browser.wait("the plan", "return !!document.querySelector('#plan-apply')");
    let before = analysed(&browser);
    browser.click("#plan-apply");
    browser.wait("the patch", "return document.querySelector('dialog[open]')?.innerText.includes('networks')");
    browser.script("document.querySelector('dialog[open] .btn--primary').click()", &[]);
    settled(&browser, before + 1);
    show(&browser, "map");
    let after = number(&browser, ".map__line--excess");
    assert!(after < excess, "{after} unneeded connections after, {excess} before");
    no_errors(&browser);
}

#[test]
fn typing_changes_the_map() {
    let browser = open();
    show(&browser, "map");
    let services = number(&browser, ".map__box[data-service]");
    browser.script("[...document.querySelectorAll('.tab')].find(t => t.textContent.includes('compose')).click()", &[]);
    browser.wait(
        "the Compose file",
        "return document.querySelector('#editor .cm-content')?.innerText.includes('services:')",
    );
    let before = analysed(&browser);
    browser.script(
        "const c = document.querySelector('#editor .cm-content'); const line = [...c.querySelectorAll('.cm-line')].find(l => l.textContent.startsWith('services:')); c.focus(); const s = getSelection(); s.selectAllChildren(line); s.collapseToEnd();",
        &[],
    );
    browser.cdp("Input.insertText", &json!({ "text": "\n  intruder: {image: redis}\n" }));
    settled(&browser, before + 1);
    let more = services + 1;
    browser.wait(
        "the new service",
        &format!("return document.querySelectorAll('.map__box[data-service]').length === {more}"),
    );
    no_errors(&browser);
}

#[test]
fn nothing_of_the_stack_stands_in_the_way_of_assistive_technology() {
    let browser = open();
    for theme in ["light", "dark"] {
        browser.resize(1440, 900, false);
        browser.script("document.documentElement.dataset.theme = arguments[0]", &[json!(theme)]);
        for tab in ["map", "matrix", "breach", "plan", "boundaries", "inventory"] {
            show(&browser, tab);
            assert_eq!(violations(&browser), json!([]), "{tab}, {theme}");
        }
    }
}

#[test]
fn a_phone_shows_one_thing_at_a_time() {
    let browser = open();
    browser.resize(390, 844, true);
    browser.click(".switch:not(.switch--beside) .switch__btn:nth-last-child(2)");
    browser.wait("the map", "return document.querySelectorAll('.map__box').length > 1");
    for tab in ["map", "matrix", "breach", "plan", "boundaries", "inventory"] {
        show(&browser, tab);
        let overflow =
            browser.script("return document.documentElement.scrollWidth > document.documentElement.clientWidth", &[]);
        assert_eq!(overflow, json!(false), "{tab} scrolls sideways");
    }
    assert_eq!(violations(&browser), json!([]));
    let editor = browser.script("return document.querySelector('.pane--files').offsetWidth", &[]);
    assert_eq!(editor, json!(0), "the editor makes room");
    browser.click(".switch:not(.switch--beside) .switch__btn:first-child");
    browser.wait("the editor", "return document.querySelector('.pane--files').offsetWidth > 0");
    assert_eq!(browser.script("return document.querySelector('.side').offsetWidth", &[]), json!(0));
    no_errors(&browser);
}

#[test]
fn scanned_names_are_never_markup() {
    let browser = open();
    let compose = "services:\n  \"<img src=x onerror=document.title=1>\":\n    image: redis\n    ports: [\"6379:6379\"]\n  app:\n    image: php:8.4-fpm\n";
    let folder = plimsoll_tests::project(&[("compose.yaml", compose.as_bytes())]);
    let before = analysed(&browser);
    browser.drop_files(&[&folder.path().join("compose.yaml")]);
    settled(&browser, before + 1);
    for tab in ["map", "matrix", "breach", "plan", "boundaries", "inventory"] {
        show(&browser, tab);
        assert_eq!(number(&browser, "#stack img"), 0, "{tab}");
    }
    assert_ne!(browser.script("return document.title", &[]), json!("1"));
    no_errors(&browser);
}

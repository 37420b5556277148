//! Generates `core/src/facts/drift/table.rs` from `core/data/drift.json`, and checks the data.
//!
//! A stale table is rewritten and the test fails once: the next run compiles what it wrote.
#![allow(clippy::disallowed_methods, reason = "this test is the generator: it reads the data and writes the table")]
#![allow(clippy::panic, reason = "a generator that cannot read its data stops the test run, in helpers too")]

use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

fn data() -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/drift.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("drift.json: {error}"))
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("no text {key} in {row}"))
}

fn list<'a>(data: &'a Value, key: &str) -> &'a [Value] {
    data[key].as_array().unwrap_or_else(|| panic!("no list {key}"))
}

fn quoted(items: &[Value]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("{:?}", item.as_str().unwrap_or_default())).collect();
    format!("&[{}]", items.join(", "))
}

fn variant(text: &str) -> String {
    text.split('-').map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

fn generated() -> String {
    let data = data();
    let meta = &data["_meta"];
    let parts: Vec<i32> = text(meta, "as_of").split('-').map(|part| part.parse().unwrap_or(0)).collect();
    let mut out = format!(
        "// generated from core/data/drift.json by core/tests/drift_table.rs; do not edit\n\n\
         use super::{{ClassRow, DriftClass, StartRow}};\nuse crate::date::Date;\nuse crate::facts::{{FactDate, Level}};\n\n\
         #[rustfmt::skip]\npub(super) const META: FactDate = FactDate {{ table: \"drift\", as_of: Date::new({}, {}, {}), source: {:?}, licence: {:?} }};\n",
        parts[0],
        parts[1],
        parts[2],
        text(meta, "source"),
        text(meta, "licence")
    );
    for key in ["noise", "framework_noise", "data_noise", "executable_endings", "code_endings", "code_roots"] {
        let _ = write!(out, "\n#[rustfmt::skip]\npub(super) static {}: &[&str] = &[\n", key.to_ascii_uppercase());
        for item in list(&data, key) {
            let _ = writeln!(out, "    {item},");
        }
        out.push_str("];\n");
    }
    out.push_str("\n#[rustfmt::skip]\npub(super) static IMAGE_START: &[StartRow] = &[\n");
    for row in list(&data, "image_start") {
        let _ = writeln!(
            out,
            "    StartRow {{ image: {:?}, change: {:?}, path: {:?} }},",
            text(row, "image"),
            text(row, "change").chars().next().unwrap_or('?'),
            text(row, "path")
        );
    }
    out.push_str("];\n\n#[rustfmt::skip]\npub(super) static CLASSES: &[ClassRow] = &[\n");
    for row in list(&data, "classes") {
        let _ = writeln!(
            out,
            "    ClassRow {{ class: DriftClass::{}, level: Level::{}, first: {}, added_only: {}, in_code: {}, globs: {} }},",
            variant(text(row, "class")),
            variant(text(row, "level")),
            row["first"],
            row["added_only"],
            row["in_code"],
            quoted(list(row, "globs"))
        );
    }
    out + "];\n"
}

#[test]
fn the_table_is_what_the_data_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/facts/drift/table.rs");
    let want = generated();
    if std::fs::read_to_string(&path).ok().as_deref() != Some(want.as_str()) {
        std::fs::write(&path, want).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        panic!("regenerated, run again");
    }
}

#[test]
fn the_data_is_in_order() {
    let data = data();
    for key in ["noise", "framework_noise", "data_noise", "executable_endings", "code_endings", "code_roots"] {
        assert!(list(&data, key).windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()), "{key}");
    }
    for pattern in ["noise", "framework_noise", "data_noise", "code_roots"].into_iter().flat_map(|key| list(&data, key))
    {
        assert!(!pattern.as_str().unwrap_or("/").starts_with('/'), "{pattern}");
    }
    for row in list(&data, "classes") {
        assert!(list(row, "globs").iter().all(|glob| !glob.as_str().unwrap_or("/").starts_with('/')), "{row}");
    }
}

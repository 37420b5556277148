//! The rule set about itself: the registry and the tables are what the files say, and every rule owes the same things.
//!
//! The generated parts heal, then fail: a stale part is rewritten, and the test fails once with the request to run it again.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "reads and rewrites the project's own files, and says what went wrong by panicking"
)]

use plimsoll_core::rule::Rule;
use plimsoll_core::rules::{self, RULES};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("core lies in the workspace").to_path_buf()
}

/// Pillar folder → rule files, without endings.
fn files() -> BTreeMap<String, Vec<String>> {
    let folder = root().join("core/src/rules");
    let mut pillars = BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("the rules folder").flatten() {
        if entry.path().is_dir() {
            let mut names: Vec<String> = fs::read_dir(entry.path())
                .expect("a pillar")
                .flatten()
                .filter_map(|file| file.file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
                .filter(|name| name != "mod" && !name.starts_with('_'))
                .collect();
            names.sort();
            pillars.insert(entry.file_name().to_string_lossy().into_owned(), names);
        }
    }
    pillars
}

fn heal(path: &Path, wanted: &str, stale: &mut Vec<String>) {
    let found = fs::read_to_string(path).unwrap_or_default();
    if found != wanted {
        fs::write(path, wanted).expect("the file can be rewritten");
        stale.push(path.strip_prefix(root()).unwrap_or(path).display().to_string());
    }
}

/// Replaces what stands between two marker lines.
fn between(text: &str, open: &str, close: &str, body: &str) -> String {
    let start = text.find(open).unwrap_or_else(|| panic!("the marker {open} is missing"));
    let start = start + text[start..].find('\n').expect("a line end") + 1;
    let end = start + text[start..].find(close).unwrap_or_else(|| panic!("the marker {close} is missing"));
    format!("{}{body}{}", &text[..start], &text[end..])
}

fn table(rules: &[&'static Rule]) -> String {
    let mut out = String::from("| Rule | Severity | Fix | What is wrong |\n|---|---|---|---|\n");
    for rule in rules {
        let name = format!("[`{}`]({}.rs)", rule.id, rule.id.replace('-', "_"));
        out.push_str(&format!("| {name} | {} | {} | {} |\n", rule.severity, rule.fixes.as_str(), rule.title));
    }
    out
}

/// Each pillar with the names of its rules: what fits a README.
fn pillars() -> String {
    let mut out = String::from("| Pillar | Rules |\n|---|---|\n");
    let mut pillars: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in RULES {
        pillars.entry(rule.pillar()).or_default().push(format!("`{}`", rule.name()));
    }
    for (pillar, names) in pillars {
        out.push_str(&format!("| `{pillar}` ({}) | {} |\n", names.len(), names.join(", ")));
    }
    out
}

#[test]
fn the_registry_is_what_the_files_say() {
    let mut stale = Vec::new();
    let pillars = files();
    for (pillar, names) in &pillars {
        let path = root().join("core/src/rules").join(pillar).join("mod.rs");
        let old = fs::read_to_string(&path).unwrap_or_default();
        let doc: String =
            old.lines().take_while(|line| line.starts_with("//!")).map(|line| format!("{line}\n")).collect();
        let doc = if doc.is_empty() { format!("//! Rules about {}.\n", pillar.replace('_', " ")) } else { doc };
        let mut text = format!("{doc}\n// Rewritten by core/tests/registry.rs from the files in this folder.\n");
        for name in names {
            text.push_str(&format!("pub mod {name};\n"));
        }
        heal(&path, &text, &mut stale);
    }
    let path = root().join("core/src/rules/mod.rs");
    let old = fs::read_to_string(&path).expect("rules/mod.rs");
    let mut body = String::new();
    for pillar in pillars.keys() {
        body.push_str(&format!("pub mod {pillar};\n"));
    }
    body.push_str(
        "\n/// Every built-in rule, by pillar and name.\n#[rustfmt::skip]\npub static RULES: &[&Rule] = &[\n",
    );
    for (pillar, names) in &pillars {
        for name in names {
            body.push_str(&format!("    &{pillar}::{name}::RULE,\n"));
        }
    }
    body.push_str("];\n");
    heal(&path, &between(&old, "// <registry>", "// </registry>", &body), &mut stale);
    assert!(stale.is_empty(), "rewritten from the rule files: {}; run the test again", stale.join(", "));
}

#[test]
fn the_tables_are_what_the_rules_say() {
    let mut stale = Vec::new();
    let readme = format!(
        "# Rules\n\nRewritten by `core/tests/registry.rs`. `plimsoll explain RULE` prints a rule's manual.\n\n{}",
        table(RULES)
    );
    heal(&root().join("core/src/rules/README.md"), &readme, &mut stale);
    let path = root().join("README.md");
    let old = fs::read_to_string(&path).expect("README.md");
    heal(&path, &between(&old, "<!-- rules -->", "<!-- /rules -->", &pillars()), &mut stale);
    assert!(stale.is_empty(), "rewritten from the rules: {}; run the test again", stale.join(", "));
}

#[test]
fn identities_are_unique_and_follow_the_files() {
    let expected: Vec<String> = files()
        .iter()
        .flat_map(|(pillar, names)| names.iter().map(move |name| format!("{pillar}/{name}").replace('_', "-")))
        .collect();
    let found: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(found, expected, "a rule's identity is its folder and file name with dashes");
    for rule in RULES {
        assert!(std::ptr::eq(rules::find(rule.id).expect("a known rule"), *rule));
        // `no-…` states a fault too: there is none.
        for order in ["check-", "disallow-", "avoid-", "use-"] {
            assert!(!rule.name().starts_with(order), "{}: a name states the fault, not the order", rule.id);
        }
    }
}

#[test]
fn every_rule_is_documented() {
    for rule in RULES {
        let headings: Vec<&str> = rule.manual.lines().filter_map(|line| line.trim().strip_prefix("# ")).collect();
        for heading in ["What it finds", "Why it matters", "Bad", "Good", "How to fix", "References"] {
            assert!(
                headings.iter().any(|found| found.starts_with(heading)),
                "{}: the manual has no `# {heading}`",
                rule.id
            );
        }
        assert!(rule.title.len() <= 72 && !rule.title.ends_with('.'), "{}: a title is short and no sentence", rule.id);
        assert!(rule.why.ends_with('.') && rule.help.ends_with('.'), "{}: why and help are sentences", rule.id);
        assert!(!rule.references.is_empty(), "{}: references are missing", rule.id);
    }
}

//! The catalogue is whole: every code has its rule, and every statement that the catalogue was made from has a rule or a feature.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_macros,
    reason = "reads the project's own files, and says what is missing"
)]

use plimsoll_core::rules;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Where each feature that a statement names is made. Empty: not yet.
const FEATURES: [(&str, &str); 22] = [
    ("F-4Q", "core/src/report/answers"),
    ("F-BLAST", "core/src/graph/blast.rs"),
    ("F-BLIND", "core/src/finding.rs"),
    ("F-BOUNDARY", "core/src/graph/boundary.rs"),
    ("F-CONTEXT", "core/src/project/context.rs"),
    ("F-DRIFT", "core/src/project/drift.rs"),
    ("F-ENTRY", "core/src/graph/entries.rs"),
    ("F-EXPIRY", "core/src/policy/apply.rs"),
    ("F-INCIDENT", "core/src/graph/visibility.rs"),
    ("F-INVENTORY", "core/src/model/inventory"),
    ("F-LEAK", "core/src/project/leaks.rs"),
    ("F-MATRIX", "core/src/report/map/matrix.rs"),
    ("F-MODEL", "core/src/project/mod.rs"),
    ("F-NEED", "core/src/rules/isolation/privileged_container.rs"),
    ("F-PLAN", "core/src/graph/plan.rs"),
    ("F-POLICY", "core/src/policy.rs"),
    ("F-REPRO", "core/src/engine.rs"),
    ("F-ROLES", "core/src/graph/entries/duties.rs"),
    ("F-SEVEN", "core/src/score/lights.rs"),
    ("F-SIM", "core/src/graph/walk.rs"),
    ("F-TRUST", "core/src/report/trust.rs"),
    ("F-VIEWS", "core/src/project/views.rs"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("core lies in the workspace")
}

fn catalogue() -> Value {
    let text = fs::read_to_string(root().join("core/tests/data/catalogue.json")).expect("the catalogue");
    serde_json::from_str(&text).expect("JSON")
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

/// Code → its rule's identity and its tier.
fn codes(catalogue: &Value) -> BTreeMap<String, (String, u64)> {
    let rules = catalogue["rules"].as_object().expect("rules").iter();
    rules
        .map(|(code, row)| {
            (code.clone(), (row["rule"].as_str().expect("a rule").to_owned(), row["tier"].as_u64().expect("a tier")))
        })
        .collect()
}

#[test]
fn every_code_has_its_rule() {
    let codes = codes(&catalogue());
    assert_eq!(codes.len(), 147);
    let missing = |wanted: fn(u64) -> bool| -> Vec<String> {
        codes
            .iter()
            .filter(|(_, (rule, tier))| wanted(*tier) && rules::find(rule).is_none())
            .map(|(code, (rule, _))| format!("{code} {rule}"))
            .collect()
    };
    println!("optional and missing: {:?}", missing(|tier| tier == 3));
    let missing = missing(|tier| tier < 3);
    assert!(missing.is_empty(), "{} missing:\n{}", missing.len(), missing.join("\n"));
    for rule in rules::RULES {
        assert!(codes.values().any(|(known, _)| known == rule.id), "{} is in no catalogue", rule.id);
    }
}

#[test]
fn every_statement_has_a_rule_or_a_feature() {
    let catalogue = catalogue();
    let codes = codes(&catalogue);
    let statements = catalogue["statements"].as_object().expect("statements");
    assert_eq!(statements.len(), 84);
    let mut open = Vec::new();
    for (statement, row) in statements {
        let (wanted, features) = (names(&row["rules"]), names(&row["features"]));
        let rule = wanted.iter().any(|code| rules::find(&codes[code].0).is_some());
        let feature = features.iter().any(|feature| is_made(feature));
        if !rule && !feature {
            open.push(format!("{statement}: {wanted:?} {features:?}"));
        }
    }
    println!(
        "features to come: {:?}",
        FEATURES.iter().filter(|row| row.1.is_empty()).map(|row| row.0).collect::<Vec<_>>()
    );
    println!("statements without an answer: {open:?}");
    assert!(open.is_empty(), "{open:?}");
}

fn is_made(feature: &str) -> bool {
    let place = FEATURES.iter().find(|row| row.0 == feature).unwrap_or_else(|| panic!("{feature} is in no list")).1;
    assert!(
        place.is_empty() || root().join(place).exists() || root().join(format!("{place}.rs")).exists(),
        "{feature}: {place}"
    );
    !place.is_empty()
}

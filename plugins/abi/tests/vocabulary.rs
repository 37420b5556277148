//! The comments of the WIT and `VOCABULARY.md` say what the table says: both are written from it.
//!
//! With `PLIMSOLL_BLESS` set the files are written, and the test fails once, so that nobody commits without a look.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

#[path = "vocabulary/page.rs"]
mod page;
#[path = "vocabulary/wit.rs"]
mod wit;

use plimsoll_plugin_abi::vocabulary::{self, Count, Key, Value};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Compares a file with what it should be; writes it first when asked to.
fn agrees(path: &str, want: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let is = fs::read_to_string(&file).unwrap_or_default();
    if is == want {
        return;
    }
    if std::env::var_os("PLIMSOLL_BLESS").is_some() {
        fs::write(&file, want).unwrap();
        panic!("{path} was written anew: look at it and run again");
    }
    let line = is.lines().zip(want.lines()).position(|(is, want)| is != want).unwrap_or(0);
    panic!(
        "{path} is not what the vocabulary says, from line {} on: it should be\n{}\nset PLIMSOLL_BLESS=1 to write it",
        line + 1,
        want.lines().nth(line).unwrap_or("")
    );
}

#[test]
fn the_wit_says_what_the_table_says() {
    agrees("wit/plimsoll-plugin.wit", &wit::written(plimsoll_plugin_abi::WIT));
}

#[test]
fn the_page_says_what_the_table_says() {
    agrees("VOCABULARY.md", &page::written());
}

fn keys_of_all() -> Vec<(String, &'static [Key])> {
    let entities = vocabulary::ENTITIES.iter().map(|entity| (format!("entity {}", entity.kind), entity.keys));
    let relations = vocabulary::RELATIONS.iter().map(|relation| (format!("relation {}", relation.kind), relation.keys));
    let others = [
        ("document", vocabulary::DOCUMENT),
        ("project", vocabulary::PROJECT),
        ("finding", vocabulary::FINDING),
        ("rule", vocabulary::RULE),
        ("metadata", vocabulary::METADATA),
    ];
    entities.chain(relations).chain(others.map(|(name, keys)| (name.to_owned(), keys))).collect()
}

fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

#[test]
fn names_are_unique_and_free_of_the_authors_part() {
    for (what, keys) in keys_of_all() {
        let names: BTreeSet<&str> = keys.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), keys.len(), "{what} has a key twice");
        for key in keys {
            assert!(is_kebab(key.name) && !key.name.starts_with("x-"), "{what}: {}", key.name);
            assert!(!key.meaning.is_empty() && !key.meaning.contains('\n'), "{what}: {}", key.name);
            if let Value::OneOf(words) = key.value {
                assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{what}: {}", key.name);
            }
        }
    }
    let kinds: Vec<&str> = (vocabulary::DOCUMENTS.iter().map(|one| one.kind))
        .chain(vocabulary::ENTITIES.iter().map(|one| one.kind))
        .chain(vocabulary::RELATIONS.iter().map(|one| one.kind))
        .collect();
    assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "a kind stands twice");
    assert!(kinds.iter().all(|kind| is_kebab(kind)));
}

#[test]
fn relations_lead_between_entities() {
    for relation in vocabulary::RELATIONS {
        assert!(!relation.ends.is_empty(), "{}", relation.kind);
        for (from, to) in relation.ends {
            assert!(vocabulary::entity(from).is_some() && vocabulary::entity(to).is_some(), "{}", relation.kind);
        }
    }
    for document in vocabulary::DOCUMENTS {
        let kinds: BTreeSet<_> = document.nodes.iter().map(|node| node.kind).collect();
        assert_eq!(kinds.len(), document.nodes.len(), "{} has a kind of node twice", document.kind);
    }
}

#[test]
fn values_are_told_apart() {
    assert!(Value::Flag.fits("true") && Value::Flag.fits("false") && !Value::Flag.fits("yes") && !Value::Flag.fits(""));
    assert!(
        Value::Number.fits("0") && Value::Number.fits("42") && !Value::Number.fits("") && !Value::Number.fits("-1")
    );
    assert!(Value::OneOf(&["a"]).fits("a") && !Value::OneOf(&["a"]).fits("b"));
    assert!(Value::Text.fits("") && Value::Pair.fits("A"));
    assert_eq!(vocabulary::entity("service").map(|entity| entity.kind), Some("service"));
    assert!(vocabulary::entity("nothing").is_none() && vocabulary::relation("nothing").is_none());
    assert!(vocabulary::document("nothing").is_none());
    let view = vocabulary::entity("view").unwrap();
    assert!(view.keys.iter().any(|key| key.name == "file" && key.count == Count::Many));
}

//! The reference page.

use crate::wit::{ends, kebab, quoted};
use plimsoll_plugin_abi::INTERFACE;
use plimsoll_plugin_abi::vocabulary::{self, Count, DOCUMENTS, ENTITIES, Key, RELATIONS, Value};

/// `VOCABULARY.md` as it should be.
pub(crate) fn written() -> String {
    let mut out = format!(
        "# Vocabulary\n\n\
         Every kind, key and value that a plug-in for `{INTERFACE}` may meet. The records of the interface hold them as text, and this \
         set only grows: ignore what you do not know. Keys that start with `x-` are free for plug-ins.\n\n\
         This page is written from `plugins/abi/src/vocabulary`; edit that and run the tests of `plimsoll-plugin-abi` with \
         `PLIMSOLL_BLESS=1`.\n\n\
         How often a key stands: **1** once, **?** at most once, **\\*** any number of times. A flag is `true` or `false`; a pair is \
         `NAME=value`, or `NAME` alone when the value is not known; a number is whole and not negative. Most properties have an \
         origin: where the value is written, after everything that was merged.\n\n"
    );
    out.push_str("## Documents\n\nEvery tree has a `root`, node 0.\n\n");
    for document in DOCUMENTS {
        out.push_str(&format!("### `{}`\n\n{}.\n\n", document.kind, capital(document.meaning)));
        for node in document.nodes {
            out.push_str(&format!("- `{}`: {}\n", kebab(node.kind), node.meaning));
        }
        if !document.nodes.is_empty() {
            out.push('\n');
        }
    }
    out.push_str("Properties of documents:\n\n");
    table(&mut out, vocabulary::DOCUMENT);
    out.push_str("## Entities\n\n");
    for entity in ENTITIES {
        let meaning = capital(entity.meaning);
        out.push_str(&format!("### `{}`\n\n{meaning}. Its name: {}.\n\n", entity.kind, entity.name));
        table(&mut out, entity.keys);
    }
    out.push_str("## Relations\n\n");
    for relation in RELATIONS {
        out.push_str(&format!("### `{}`\n\n{}: {}.\n\n", relation.kind, capital(&ends(relation)), relation.meaning));
        table(&mut out, relation.keys);
    }
    out.push_str("## Other properties\n\n");
    for (of, keys) in [
        ("the project", vocabulary::PROJECT),
        ("a finding", vocabulary::FINDING),
        ("a rule", vocabulary::RULE),
        ("the metadata", vocabulary::METADATA),
    ] {
        if keys.is_empty() {
            out.push_str(&format!("Of {of}: none.\n\n"));
        } else {
            out.push_str(&format!("Of {of}:\n\n"));
            table(&mut out, keys);
        }
    }
    out.trim_end().to_owned() + "\n"
}

fn table(out: &mut String, keys: &[Key]) {
    if keys.is_empty() {
        return;
    }
    out.push_str("| key | | value | meaning |\n|---|---|---|---|\n");
    for key in keys {
        let count = match key.count {
            Count::One => "1",
            Count::Optional => "?",
            Count::Many => "\\*",
        };
        let value = match key.value {
            Value::Text => "text".to_owned(),
            Value::Flag => "flag".to_owned(),
            Value::Number => "number".to_owned(),
            Value::Pair => "pair".to_owned(),
            Value::OneOf(words) => quoted(words),
        };
        out.push_str(&format!("| `{}` | {count} | {value} | {} |\n", key.name, key.meaning.replace('|', "\\|")));
    }
    out.push('\n');
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

//! The generated part of the WIT's comments: in the comment of a record, from the line that starts with `/// Vocabulary` on.

use plimsoll_plugin_abi::NodeKind;
use plimsoll_plugin_abi::vocabulary::{self, Count, DOCUMENTS, Document, ENTITIES, Key, RELATIONS, Relation, Value};

const WIDTH: usize = 130;

/// The text with every generated part written anew.
pub(crate) fn written(wit: &str) -> String {
    let parts = [
        ("node", node()),
        ("document", document()),
        ("entity", entity()),
        ("relation", relation()),
        ("project", vec![properties(vocabulary::PROJECT)]),
        ("finding", vec![properties(vocabulary::FINDING)]),
        ("rule", vec![properties(vocabulary::RULE)]),
        ("metadata", vec![properties(vocabulary::METADATA)]),
    ];
    let mut lines: Vec<String> = wit.lines().map(str::to_owned).collect();
    for (record, part) in parts {
        let head = format!("  record {record} {{");
        let end = lines.iter().position(|line| line.starts_with(&head)).unwrap();
        let comment = lines[..end].iter().rposition(|line| !line.starts_with("  ///")).map_or(0, |before| before + 1);
        let start = lines[comment..end].iter().position(|line| line.starts_with("  /// Vocabulary"));
        let start = start.map_or(end, |start| comment + start);
        let blank = start > comment && lines[start - 1] == "  ///";
        let part = std::iter::once("  ///".to_owned()).chain(part.iter().flat_map(|item| wrapped(item)));
        lines.splice(start - usize::from(blank)..end, part);
    }
    lines.join("\n") + "\n"
}

/// Breaks an item into lines of a comment; what follows the first line of a list's item is indented.
fn wrapped(item: &str) -> Vec<String> {
    let indent = if item.starts_with("- ") { "  /// ".to_owned() + "  " } else { "  /// ".to_owned() };
    let mut lines = vec!["  ///".to_owned()];
    for word in item.split(' ') {
        let last = lines.last_mut().unwrap();
        if last.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{indent}{word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines
}

fn node() -> Vec<String> {
    let mut items = vec!["Vocabulary: the nodes of each kind of document, with what `key` and `value` are:".to_owned()];
    let mut groups: Vec<(Vec<&str>, &Document)> = Vec::new();
    for document in DOCUMENTS.iter().filter(|document| !document.nodes.is_empty()) {
        match groups.iter_mut().find(|(_, first)| first.nodes == document.nodes) {
            Some((kinds, _)) => kinds.push(document.kind),
            None => groups.push((vec![document.kind], document)),
        }
    }
    for (kinds, document) in groups {
        let nodes: Vec<String> =
            document.nodes.iter().map(|node| format!("`{}` ({})", kebab(node.kind), node.meaning)).collect();
        items.push(format!("- {}: {};", quoted(&kinds), nodes.join(", ")));
    }
    let bare: Vec<&str> =
        DOCUMENTS.iter().filter(|document| document.nodes.is_empty()).map(|document| document.kind).collect();
    items.push(format!("- {}: the root alone.", quoted(&bare)));
    items
}

fn document() -> Vec<String> {
    let mut items = vec!["Vocabulary: `kind` is an open set; ignore what you do not know. Today:".to_owned()];
    items.extend(DOCUMENTS.iter().map(|document| format!("- `{}`: {};", document.kind, document.meaning)));
    ended(&mut items);
    items.push(format!("Properties: {}.", listed(vocabulary::DOCUMENT)));
    items
}

fn entity() -> Vec<String> {
    let mut items = vec![
        "Vocabulary: `kind` is an open set; ignore what you do not know. Today, with the keys of the properties (`?` = may be absent, \
         `*` = any number of times) and their words; VOCABULARY.md says what each means:"
            .to_owned(),
    ];
    for entity in ENTITIES {
        items.push(format!(
            "- `{}`, {} (name: {}): {};",
            entity.kind,
            entity.meaning,
            entity.name,
            listed(entity.keys)
        ));
    }
    ended(&mut items);
    items
}

fn relation() -> Vec<String> {
    let mut items = vec!["Vocabulary: `kind` is an open set; ignore what you do not know. Today:".to_owned()];
    for relation in RELATIONS {
        let keys = if relation.keys.is_empty() { String::new() } else { format!("; {}", listed(relation.keys)) };
        items.push(format!("- `{}`, {}: {}{keys};", relation.kind, ends(relation), relation.meaning));
    }
    ended(&mut items);
    items
}

/// `view → service, network; stage → image`.
pub(crate) fn ends(relation: &Relation) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (from, to) in relation.ends {
        match groups.iter_mut().find(|(known, _)| known == from) {
            Some((_, all)) => all.push(to),
            None => groups.push((from, vec![to])),
        }
    }
    groups.iter().map(|(from, to)| format!("{from} → {}", to.join(", "))).collect::<Vec<_>>().join("; ")
}

fn properties(keys: &[Key]) -> String {
    if keys.is_empty() {
        return "Vocabulary: no properties today.".to_owned();
    }
    let keys: Vec<String> = keys.iter().map(|key| format!("{} ({})", name(key), key.meaning)).collect();
    format!("Vocabulary: properties {}.", keys.join(", "))
}

fn listed(keys: &[Key]) -> String {
    let one = |key: &Key| match key.value {
        Value::OneOf(words) => format!("{} ({})", name(key), quoted(words)),
        _ => name(key),
    };
    keys.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A key with the sign of how often it stands.
pub(crate) fn name(key: &Key) -> String {
    let sign = match key.count {
        Count::One => "",
        Count::Optional => "?",
        Count::Many => "*",
    };
    format!("`{}`{sign}", key.name)
}

pub(crate) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Ends a list with a full stop.
fn ended(items: &mut [String]) {
    if let Some(last) = items.last_mut() {
        last.pop();
        last.push('.');
    }
}

/// A node kind as the WIT writes it.
pub(crate) fn kebab(kind: NodeKind) -> String {
    format!("{kind:?}").to_ascii_lowercase()
}

//! The keys that Compose knows, where each may stand, and what it may hold: for "unknown key, did you mean".
//!
//! Compose refuses a file with a key it does not know. Newer versions add keys, so here it is a note, not an error.

mod table;

use crate::model::node::{Entry, Node, Value};
use crate::source::Location;
use crate::syntax::yaml::Type;
use std::collections::BTreeSet;

/// A text.
const TEXT: u8 = 1;
/// `true`, `false`, or a text that says so.
const BOOL: u8 = 2;
/// A number, or a text that says one.
const NUMBER: u8 = 4;
/// A list.
const LIST: u8 = 8;
/// A mapping.
const MAP: u8 = 16;
/// Nothing.
const NULL: u8 = 32;
/// Anything.
const ANY: u8 = 63;

/// Problems listed for one file.
const MAX_PROBLEMS: usize = 40;

/// One key.
#[derive(Clone, Copy)]
struct Key {
    name: &'static str,
    kinds: u8,
    /// What a mapping under it may hold.
    inside: Inside,
    /// What a mapping in a list under it may hold.
    items: &'static [Key],
    /// The texts it may be set to; any when empty.
    values: &'static [&'static str],
    /// What to do instead, where Compose no longer wants it.
    deprecated: &'static str,
}

/// What a mapping may hold.
#[derive(Clone, Copy)]
enum Inside {
    /// Any key.
    Anything,
    /// These keys.
    Keys(&'static [Key]),
    /// Any key, each with a mapping of these.
    Named(&'static [Key]),
}

const fn key(name: &'static str, kinds: u8) -> Key {
    Key { name, kinds, inside: Inside::Anything, items: &[], values: &[], deprecated: "" }
}

impl Key {
    const fn holds(mut self, keys: &'static [Key]) -> Self {
        self.inside = Inside::Keys(keys);
        self
    }

    const fn named(mut self, keys: &'static [Key]) -> Self {
        self.inside = Inside::Named(keys);
        self
    }

    const fn items(mut self, keys: &'static [Key]) -> Self {
        self.items = keys;
        self
    }

    const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    const fn instead(mut self, deprecated: &'static str) -> Self {
        self.deprecated = deprecated;
        self
    }
}

/// Something about a key that Compose does not know or take.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// The key, or the value.
    pub at: Location,
    /// What is wrong.
    pub what: Wrong,
}

/// What is wrong with a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Wrong {
    /// Compose does not know it here.
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands: `services.web.build`.
        place: String,
        /// What was probably meant, or where it belongs.
        meant: Option<String>,
    },
    /// It does not hold what it should.
    Kind {
        /// The key.
        key: String,
        /// What it should hold: `a list or a mapping`.
        wants: String,
    },
    /// It is set to a text that Compose does not know.
    Value {
        /// The key.
        key: String,
        /// The text.
        value: String,
        /// What it may be.
        allowed: &'static [&'static str],
    },
    /// Compose no longer wants it.
    Deprecated {
        /// The key.
        key: String,
        /// What to do instead.
        instead: &'static str,
    },
}

/// Goes through one file's tree, before it is merged.
#[must_use]
pub fn check(root: &Node) -> BTreeSet<Problem> {
    let mut checker = Checker { problems: BTreeSet::new(), path: Vec::new() };
    checker.mapping(root, table::ROOT);
    checker.problems
}

/// Whether a key may stand somewhere, `*` standing for a name: `services.*.build`, `target`.
#[must_use]
pub fn knows(place: &str, name: &str) -> bool {
    let mut keys = table::ROOT;
    let mut named = false;
    for step in place.split('.').filter(|step| !step.is_empty()) {
        if named {
            named = false;
            continue;
        }
        let Some(found) = keys.iter().find(|key| key.name == step.trim_end_matches("[]")) else { return false };
        if step.ends_with("[]") {
            keys = found.items;
            continue;
        }
        match found.inside {
            Inside::Anything => return true,
            Inside::Keys(inner) => keys = inner,
            Inside::Named(inner) => {
                keys = inner;
                named = true;
            }
        }
    }
    named || keys.is_empty() || name.starts_with("x-") || keys.iter().any(|key| key.name == name)
}

struct Checker {
    problems: BTreeSet<Problem>,
    path: Vec<String>,
}

impl Checker {
    fn add(&mut self, at: Location, what: Wrong) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.insert(Problem { at, what });
        }
    }

    fn mapping(&mut self, node: &Node, keys: &'static [Key]) {
        for entry in node.entries() {
            if entry.key.starts_with("x-") {
                continue;
            }
            match keys.iter().find(|known| known.name == entry.key) {
                Some(known) => self.known(entry, known),
                None => {
                    let meant = self.meant(&entry.key, keys);
                    let place = self.path.join(".");
                    self.add(entry.key_at, Wrong::UnknownKey { key: entry.key.clone(), place, meant });
                }
            }
        }
    }

    fn known(&mut self, entry: &Entry, known: &'static Key) {
        if !known.deprecated.is_empty() {
            self.add(entry.key_at, Wrong::Deprecated { key: entry.key.clone(), instead: known.deprecated });
        }
        // `!reset` says that the value does not count.
        if entry.node.tag == Some(crate::model::node::MergeTag::Reset) {
            return;
        }
        if !fits(&entry.node, known.kinds) {
            let wants = wants(known.kinds);
            self.add(entry.node.at(), Wrong::Kind { key: entry.key.clone(), wants });
            return;
        }
        self.value(entry, known);
        self.path.push(entry.key.clone());
        match (&entry.node.value, known.inside) {
            (Value::Mapping(_), Inside::Keys(keys)) => self.mapping(&entry.node, keys),
            (Value::Mapping(entries), Inside::Named(keys)) => {
                for named in entries.iter().filter(|named| !named.key.starts_with("x-")) {
                    self.path.push(named.key.clone());
                    self.mapping(&named.node, keys);
                    self.path.pop();
                }
            }
            (Value::Sequence(items), _) if !known.items.is_empty() => {
                for item in items {
                    self.mapping(item, known.items);
                }
            }
            _ => {}
        }
        self.path.pop();
    }

    fn value(&mut self, entry: &Entry, known: &'static Key) {
        let Some(scalar) = entry.node.scalar().filter(|scalar| scalar.is_known()) else { return };
        if !known.values.is_empty() && !known.values.contains(&scalar.text.as_str()) {
            let (key, value) = (entry.key.clone(), scalar.text.clone());
            self.add(entry.node.at(), Wrong::Value { key, value, allowed: known.values });
        }
    }

    fn meant(&self, key: &str, keys: &'static [Key]) -> Option<String> {
        if let Some(near) = nearest(key, keys) {
            return Some(format!("did you mean `{near}`?"));
        }
        let elsewhere = [
            (table::SERVICE, "a service"),
            (table::BUILD, "`build` of a service"),
            (table::DEPLOY, "`deploy` of a service"),
            (table::HEALTHCHECK, "`healthcheck` of a service"),
            (table::ROOT, "the top of the file"),
        ];
        elsewhere
            .into_iter()
            .find(|(other, _)| !std::ptr::eq(*other, keys) && other.iter().any(|known| known.name == key))
            .map(|(_, place)| format!("it belongs in {place}"))
    }
}

/// Whether a value has one of the kinds. A text that variables decided is cast by Compose, so it may be anything one value can be.
fn fits(node: &Node, kinds: u8) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Sequence(_) => kinds & LIST != 0,
        Value::Mapping(_) => kinds & MAP != 0,
        Value::Scalar(scalar) => {
            let single = kinds & (TEXT | BOOL | NUMBER) != 0;
            if !single || !scalar.is_known() {
                return single;
            }
            let text = kinds & TEXT != 0;
            match scalar.ty {
                Type::Bool(_) => kinds & BOOL != 0 || (text && !scalar.variables.is_empty()),
                Type::Int(_) | Type::Float(_) => kinds & NUMBER != 0 || (text && !scalar.variables.is_empty()),
                Type::Null | Type::Str => {
                    text || (kinds & BOOL != 0 && scalar.as_bool().is_some())
                        || (kinds & NUMBER != 0 && scalar.text.trim().parse::<f64>().is_ok())
                }
            }
        }
    }
}

fn wants(kinds: u8) -> String {
    let named =
        [(TEXT, "a text"), (BOOL, "`true` or `false`"), (NUMBER, "a number"), (LIST, "a list"), (MAP, "a mapping")];
    let words: Vec<&str> = named.into_iter().filter(|(kind, _)| kinds & kind != 0).map(|(_, word)| word).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// The known key that is nearest to a misspelt one.
fn nearest(key: &str, keys: &'static [Key]) -> Option<&'static str> {
    if key.len() > 40 {
        return None;
    }
    let plain = |text: &str| text.chars().filter(|c| *c != '_' && *c != '-').collect::<String>().to_ascii_lowercase();
    let wanted = plain(key);
    let most = if wanted.len() < 5 { 1 } else { 2 };
    keys.iter()
        .filter(|known| known.deprecated.is_empty())
        .map(|known| (distance(&wanted, &plain(known.name)), known.name))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, name)| name)
}

/// How many letters have to change, a swap of neighbours counting as one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&row, j) + usize::from(x != y)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys_are_recognised() {
        for (key, want) in [
            ("enviroment", "environment"),
            ("volume", "volumes"),
            ("port", "ports"),
            ("dependson", "depends_on"),
            ("cap-add", "cap_add"),
            ("privileged_", "privileged"),
            ("imgae", "image"),
        ] {
            assert_eq!(nearest(key, table::SERVICE), Some(want), "{key}");
        }
        assert_eq!(nearest("frobnicate", table::SERVICE), None);
    }

    #[test]
    fn places_of_keys() {
        for (place, key, known) in [
            ("", "services", true),
            ("services.*", "image", true),
            ("services.*", "context", false),
            ("services.*.build", "context", true),
            ("services.*.ports[]", "published", true),
            ("services.*.environment", "ANYTHING", true),
            ("networks.*.ipam.config[]", "subnet", true),
            ("services.*", "x-mine", true),
            ("volumes.*", "size", false),
        ] {
            assert_eq!(knows(place, key), known, "{place} {key}");
        }
    }

    #[test]
    fn the_table_holds_each_key_once() {
        fn walk(keys: &'static [Key], depth: usize) {
            let mut names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
            assert!(depth < 8);
            for key in keys {
                walk(key.items, depth + 1);
                if let Inside::Keys(keys) | Inside::Named(keys) = key.inside {
                    walk(keys, depth + 1);
                }
            }
        }
        walk(table::ROOT, 0);
    }
}

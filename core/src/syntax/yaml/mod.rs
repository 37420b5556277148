//! YAML as an arena of nodes that know where they are written.
//!
//! The tree is a picture of the text, not of the data: aliases are not expanded, `<<` is not merged, duplicate keys stay,
//! and every node carries the span it was written at. What the data means to Compose (go-yaml's reading of scalars, merge
//! keys, aliases) is answered by methods, each of them bounded. Nothing here recurses, so no input can exhaust the stack.

mod build;
mod message;
mod quote;
mod recover;
mod scalar;
mod source;

pub mod edit;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::SyntaxError;
use crate::span::Span;

pub use scalar::{Type, resolve_plain};
pub use source::ScalarMap;

/// The tag that forces a scalar to be a string.
const STR_TAG: &str = "tag:yaml.org,2002:str";

/// How many aliases of aliases are followed. YAML itself cannot chain them, so one is enough; the rest is a guard.
const ALIAS_HOPS: usize = 16;

/// How much of one key is written into a [`Tree::path`].
const PATH_KEY_CHARS: usize = 80;

/// Where reading stops, so that no input costs more than its size warrants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Largest text that is read at all.
    pub bytes: usize,
    /// Most nodes that are kept.
    pub nodes: usize,
    /// Deepest nesting of collections.
    pub depth: usize,
    /// Most errors that are listed.
    pub errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 << 20, nodes: 200_000, depth: 64, errors: 16 }
    }
}

/// Index of a node in [`Tree::nodes`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Id(pub u32);

/// How a scalar is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Without quotes; also an absent value, which has an empty span.
    Plain,
    /// `'single'`
    Single,
    /// `"double"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// How a collection is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Collection {
    /// By indentation.
    Block,
    /// In brackets.
    Flow,
}

/// What a node is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A single value, decoded but not typed: see [`Tree::ty`].
    Scalar {
        /// The text after escapes and folding.
        value: String,
        /// How it is written.
        style: Style,
    },
    /// A list.
    Sequence {
        /// The items in order.
        items: Vec<Id>,
        /// How it is written.
        style: Collection,
    },
    /// Keys and values, in order, duplicates kept.
    Mapping {
        /// Key and value of each pair.
        pairs: Vec<(Id, Id)>,
        /// How it is written.
        style: Collection,
    },
    /// `*name`, never expanded.
    Alias {
        /// The name without `*`.
        name: Span,
        /// The anchored node, when there is one.
        target: Option<Id>,
    },
}

/// A node and where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// The content: quotes or the `|` header included; tag, anchor and trailing blanks excluded.
    pub span: Span,
    /// The tag: where, and its full name (`!reset`, `tag:yaml.org,2002:str`).
    pub tag: Option<(Span, String)>,
    /// `&name`, the `&` included.
    pub anchor: Option<Span>,
    /// The collection it stands in.
    pub parent: Option<Id>,
}

impl Node {
    /// The content together with its tag and anchor.
    #[must_use]
    pub fn outer_span(&self) -> Span {
        let mut span = self.span;
        for property in self.tag.iter().map(|(at, _)| *at).chain(self.anchor) {
            // An absent value with a property: the property is all there is to see.
            span = Span { start: span.start.min(property.start), end: span.end.max(property.end) };
        }
        span
    }

    /// Whether nothing is written: `key:` without a value.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.span.is_empty() && matches!(self.kind, Kind::Scalar { style: Style::Plain, .. })
    }
}

/// A text read as YAML: every document of it, its comments, and what could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    /// All nodes; a parent stands before its children, and siblings stand in the order of the text.
    pub nodes: Vec<Node>,
    /// The root of each document that has one.
    pub documents: Vec<Id>,
    /// Every comment, from `#` to the end of the line, except those in blanked lines.
    pub comments: Vec<Span>,
    /// Syntax errors and unknown aliases, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// Whether a limit cut the reading short.
    pub truncated: bool,
    /// First and last line (0-based, inclusive) of each stretch that was blanked so that the rest could be read.
    pub recovered: Vec<(u32, u32)>,
    /// Place of each node in its parent: index of the pair or item.
    slots: Vec<u32>,
}

/// Reads `text`; never fails.
///
/// On a syntax error the fewest lines that let the reading go on are treated as blank ([`Tree::recovered`]), so the rest of
/// the file is still seen. Offsets always are those of `text`.
#[must_use]
pub fn parse(text: &str, limits: &Limits) -> Tree {
    let built = build::build(text, limits);
    let recoverable = built.failures.first().filter(|failure| !failure.limit);
    let Some(first) = recoverable.cloned().filter(|_| text.len() <= recover::MAX_BYTES) else {
        return finish(built, Vec::new(), &BTreeSet::new(), limits);
    };
    let recovered = recover::recover(text, limits, first);
    let mut rebuilt = build::build(&recovered.text, limits);
    rebuilt.tree.recovered = recovered.blanked;
    finish(rebuilt, recovered.errors, &recovered.lost_anchors, limits)
}

/// Puts the errors of the build and of the recovery into one list.
fn finish(built: build::Built, mut errors: Vec<SyntaxError>, lost_anchors: &BTreeSet<String>, limits: &Limits) -> Tree {
    let mut tree = built.tree;
    for failure in built.failures {
        if !errors.iter().any(|known| known.span == failure.error.span) {
            errors.push(failure.error);
        }
    }
    for (span, name) in built.unknown_aliases {
        // An anchor in a line that could not be read is not the alias's fault.
        if errors.len() >= limits.errors || lost_anchors.contains(&name) {
            continue;
        }
        errors.push(message::unknown_alias(span, &name));
    }
    errors.truncate(limits.errors);
    errors.sort_by_key(|error| (error.span.start, error.span.end));
    tree.errors = errors;
    tree
}

impl Tree {
    /// The node under `id`. An id of another tree gives an absent value, not a panic.
    #[must_use]
    pub fn node(&self, id: Id) -> &Node {
        static NOTHING: Node = Node {
            kind: Kind::Scalar { value: String::new(), style: Style::Plain },
            span: Span { start: 0, end: 0 },
            tag: None,
            anchor: None,
            parent: None,
        };
        self.nodes.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    /// The decoded text of a scalar; `None` for a collection or an alias.
    #[must_use]
    pub fn str(&self, id: Id) -> Option<&str> {
        match &self.node(id).kind {
            Kind::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Key and value of the first pair named `key`; aliases to a mapping are followed, `<<` is not.
    #[must_use]
    pub fn get(&self, map: Id, key: &str) -> Option<(Id, Id)> {
        self.pairs(map).iter().copied().find(|&(k, _)| self.str(k) == Some(key))
    }

    /// The pairs of a mapping, aliases followed; empty for anything else.
    #[must_use]
    pub fn pairs(&self, map: Id) -> &[(Id, Id)] {
        match &self.node(self.deref(map)).kind {
            Kind::Mapping { pairs, .. } => pairs,
            _ => &[],
        }
    }

    /// The items of a sequence, aliases followed; empty for anything else.
    #[must_use]
    pub fn items(&self, sequence: Id) -> &[Id] {
        match &self.node(self.deref(sequence)).kind {
            Kind::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    /// What the scalar is to Compose. Collections and aliases are [`Type::Str`]: look at the kind first.
    #[must_use]
    pub fn ty(&self, id: Id) -> Type {
        let node = self.node(id);
        let Kind::Scalar { value, style: Style::Plain } = &node.kind else {
            return Type::Str;
        };
        if node.tag.as_ref().is_some_and(|(_, tag)| tag == STR_TAG) {
            return Type::Str;
        }
        resolve_plain(value)
    }

    /// The node an alias stands for; anything else is returned as it is, and so is an alias without a target.
    #[must_use]
    pub fn deref(&self, id: Id) -> Id {
        let mut at = id;
        for _ in 0..ALIAS_HOPS {
            match self.node(at).kind {
                Kind::Alias { target: Some(target), .. } => at = target,
                _ => break,
            }
        }
        at
    }

    /// The pairs of a mapping with its `<<` sources merged in: own keys first, then the sources in order, an earlier one
    /// winning. Each pair is where it is written. At most `budget` pairs are visited.
    #[must_use]
    pub fn merged(&self, map: Id, budget: usize) -> Vec<(Id, Id)> {
        let mut merged = Vec::new();
        let mut seen = BTreeSet::new();
        let mut visited = BTreeSet::new();
        let mut pending = vec![map];
        let mut left = budget;
        while let Some(next) = pending.pop() {
            let source = self.deref(next);
            if left == 0 || !visited.insert(source) {
                continue;
            }
            left -= 1;
            match &self.node(source).kind {
                Kind::Sequence { items, .. } => pending.extend(items.iter().take(left).rev()),
                Kind::Mapping { pairs, .. } => {
                    let mut sources = Vec::new();
                    for &(key, value) in pairs {
                        if left == 0 {
                            break;
                        }
                        left -= 1;
                        if self.is_merge(key) {
                            sources.push(value);
                        } else if self.str(key).is_none_or(|name| seen.insert(name)) {
                            merged.push((key, value));
                        }
                    }
                    pending.extend(sources.into_iter().rev());
                }
                _ => {}
            }
        }
        merged
    }

    /// Whether the key is the merge key `<<`.
    #[must_use]
    pub fn is_merge(&self, key: Id) -> bool {
        matches!(&self.node(key).kind, Kind::Scalar { value, style: Style::Plain } if value == "<<")
    }

    /// Keys written more than once in one mapping: the first and each later one. Compose refuses such a file.
    #[must_use]
    pub fn duplicate_keys(&self) -> Vec<(Id, Id)> {
        let mut found = Vec::new();
        for node in &self.nodes {
            let Kind::Mapping { pairs, .. } = &node.kind else { continue };
            let mut first: BTreeMap<&str, Id> = BTreeMap::new();
            for &(key, _) in pairs {
                let Some(name) = self.str(key).filter(|_| !self.is_merge(key)) else { continue };
                match first.get(name) {
                    Some(&known) => found.push((known, key)),
                    None => {
                        first.insert(name, key);
                    }
                }
            }
        }
        found
    }

    /// Place of a node in its parent: the index of its pair or item.
    #[must_use]
    pub fn index(&self, id: Id) -> usize {
        self.slots.get(id.0 as usize).copied().unwrap_or(0) as usize
    }

    /// The key whose value `value` is.
    #[must_use]
    pub fn key_of(&self, value: Id) -> Option<Id> {
        let parent = self.node(value).parent?;
        let Kind::Mapping { pairs, .. } = &self.node(parent).kind else { return None };
        let &(key, at) = pairs.get(self.index(value))?;
        (at == value).then_some(key)
    }

    /// Where the node stands, for people: `services.web.ports[0]`. A key and its value have the same path.
    #[must_use]
    pub fn path(&self, id: Id) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        // Parents stand before their children, so this ends; the depth limit keeps it short.
        while let Some(parent) = self.node(at).parent {
            match &self.node(parent).kind {
                Kind::Mapping { pairs, .. } => {
                    let key = pairs.get(self.index(at)).map_or(at, |pair| pair.0);
                    steps.push(path_step(self.str(key)));
                }
                _ => steps.push(format!("[{}]", self.index(at))),
            }
            at = parent;
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        path
    }

    /// Where a stretch of a scalar's decoded value is written: one port of `"127.0.0.1:80:80"`, one `${VAR}` of a command.
    ///
    /// Falls back to the whole scalar where the text cannot be followed exactly. To ask for several stretches of one
    /// scalar, keep a [`ScalarMap`]: each call of this method walks the scalar anew.
    #[must_use]
    pub fn scalar_source_span(&self, text: &str, id: Id, range: Range<usize>) -> Span {
        self.scalar_map(text, id).span(range)
    }

    /// The map from a scalar's decoded value to its text, for several questions about one scalar.
    #[must_use]
    pub fn scalar_map<'t>(&self, text: &'t str, id: Id) -> ScalarMap<'t> {
        ScalarMap::new(self.node(id), text)
    }

    /// The innermost node that is written at `offset`; its last edge counts, so that a cursor behind a word finds it.
    #[must_use]
    pub fn at(&self, offset: u32) -> Option<Id> {
        let holds = |id: Id| {
            let span = self.node(id).outer_span();
            span.start <= offset && offset <= span.end
        };
        let mut found = None;
        let mut next = last_starting_before(&self.documents, offset, |&id| self.node(id)).copied();
        while let Some(id) = next.filter(|&id| holds(id)) {
            found = Some(id);
            next = match &self.node(id).kind {
                Kind::Sequence { items, .. } => last_starting_before(items, offset, |&id| self.node(id)).copied(),
                Kind::Mapping { pairs, .. } => {
                    let pair = last_starting_before(pairs, offset, |pair| self.node(pair.0));
                    pair.map(|&(key, value)| if holds(value) { value } else { key })
                }
                _ => None,
            };
        }
        found
    }

    /// How many aliases stand for this node.
    #[must_use]
    pub fn alias_count(&self, id: Id) -> usize {
        if self.node(id).anchor.is_none() {
            return 0;
        }
        let is_use = |node: &&Node| matches!(node.kind, Kind::Alias { target, .. } if target == Some(id));
        self.nodes.iter().filter(is_use).count()
    }
}

/// The last of `list` that starts at or before `offset`; the list is in the order of the text.
fn last_starting_before<'t, T>(list: &'t [T], offset: u32, node: impl Fn(&T) -> &'t Node) -> Option<&'t T> {
    let after = list.partition_point(|entry| node(entry).outer_span().start <= offset);
    list.get(after.checked_sub(1)?)
}

/// One step of a path: a bare word as it is, anything else in brackets and quotes.
fn path_step(key: Option<&str>) -> String {
    let Some(key) = key else { return "[?]".to_owned() };
    let bare = |c: char| !c.is_whitespace() && !c.is_control() && !".[]\"".contains(c);
    let mut shown: String = key.chars().take(PATH_KEY_CHARS).collect();
    if shown.len() < key.len() {
        shown.push('…');
    }
    if !shown.is_empty() && shown.chars().all(bare) { shown } else { format!("[{shown:?}]") }
}

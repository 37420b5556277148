//! A YAML tree as Compose sees it: aliases and merge keys followed, variables interpolated, every node still knowing where it is written.

use super::interpolate::{Certainty, interpolate};
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::yaml::{self, Id, Kind, Tree, Type};

/// Nodes one view may make by following aliases: a bomb ends here, real files stay far below.
pub const NODE_BUDGET: usize = 200_000;

/// Levels one document may have after following aliases. The parser allows 64 as written.
const MAX_DEPTH: usize = 96;

/// What a `!reset` or `!override` tag asks of a merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MergeTag {
    /// Remove the value.
    Reset,
    /// Replace the value instead of merging it.
    Override,
}

/// A value and the nodes of the tree it is written in.
#[derive(Clone, Debug)]
pub struct Node {
    /// The file it is written in.
    pub source: SourceId,
    /// Its node in that file's tree.
    pub id: Id,
    /// The mapping or sequence that holds it in that tree.
    pub parent: Option<Id>,
    /// Where its content is written.
    pub span: Span,
    /// The value.
    pub value: Value,
    /// What it asks of a merge.
    pub tag: Option<MergeTag>,
}

/// The value of a [`Node`].
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `~`, `null`.
    Null,
    /// Any other scalar.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys in the order they take effect, each once.
    Mapping(Vec<Entry>),
}

/// One key of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is written.
    pub key_at: Location,
    /// Its value.
    pub node: Node,
}

/// A scalar after interpolation.
#[derive(Clone, PartialEq, Debug)]
pub struct Scalar {
    /// The text.
    pub text: String,
    /// The text as YAML reads it, before interpolation.
    pub raw: String,
    /// Its YAML type; a quoted or interpolated scalar is a string.
    pub ty: Type,
    /// How much of the text is known.
    pub certainty: Certainty,
    /// Variables that took part.
    pub variables: Vec<String>,
    /// Variables without a value that Compose refuses to start without: `${NAME:?message}`.
    pub required: Vec<String>,
}

impl Scalar {
    /// Whether the text is what Compose will use, as far as the files tell.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.certainty != Certainty::Unknown
    }

    /// As Compose casts it where a boolean is asked for.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        }
    }
}

impl Node {
    /// Where it is written.
    #[must_use]
    pub fn at(&self) -> Location {
        Location::new(self.source, self.span)
    }

    /// The node of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Its keys; none when it is no mapping.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// Its items; none when it is no list.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Its items, or itself when it is a scalar: Compose's string-or-list.
    #[must_use]
    pub fn one_or_many(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            Value::Scalar(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// Its scalar.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Its text, known or not.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// Its boolean, where it has one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        self.scalar().and_then(Scalar::as_bool)
    }

    /// How many nodes it is made of, itself included; counting ends at `most`.
    #[must_use]
    pub fn size(&self, most: usize) -> usize {
        let mut count = 0;
        let mut pending = vec![self];
        while let Some(node) = pending.pop() {
            count += 1;
            if count >= most {
                return most;
            }
            match &node.value {
                Value::Sequence(items) => pending.extend(items),
                Value::Mapping(entries) => pending.extend(entries.iter().map(|entry| &entry.node)),
                _ => {}
            }
        }
        count
    }

    /// Whether nothing stands there.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }
}

/// What following one file's tree needs and leaves behind.
pub struct Resolver<'a> {
    source: SourceId,
    tree: &'a Tree,
    text: Option<&'a str>,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    budget: &'a mut usize,
    /// Scalars with a reference that Compose refuses, as written.
    pub refused: Vec<(Location, String)>,
}

impl<'a> Resolver<'a> {
    /// A resolver for one file. `budget` is shared by all files of one analysis.
    pub fn new(
        source: SourceId,
        tree: &'a Tree,
        lookup: &'a dyn Fn(&str) -> Option<String>,
        budget: &'a mut usize,
    ) -> Self {
        Self { source, tree, text: None, lookup, budget, refused: Vec::new() }
    }

    /// The text of the file, so that a part of a scalar can be pointed at.
    #[must_use]
    pub fn with_text(mut self, text: &'a str) -> Self {
        self.text = Some(text);
        self
    }

    /// Resolves one node; `None` when the budget is spent.
    pub fn node(&mut self, id: Id) -> Option<Node> {
        self.resolve(id, 0)
    }

    fn resolve(&mut self, id: Id, depth: usize) -> Option<Node> {
        *self.budget = self.budget.checked_sub(1)?;
        if depth > MAX_DEPTH {
            return None;
        }
        let written = self.tree.node(id);
        let target = self.tree.deref(id);
        let tag =
            written.tag.as_ref().or(self.tree.node(target).tag.as_ref()).and_then(|(_, tag)| match tag.as_str() {
                "!reset" => Some(MergeTag::Reset),
                "!override" => Some(MergeTag::Override),
                _ => None,
            });
        let node = self.tree.node(target);
        let value = match &node.kind {
            Kind::Scalar { value, .. } => self.scalar(target, value),
            Kind::Sequence { items, .. } => {
                let items: Vec<Id> = items.clone();
                Value::Sequence(items.into_iter().filter_map(|item| self.resolve(item, depth + 1)).collect())
            }
            Kind::Mapping { .. } => Value::Mapping(self.mapping(target, depth)),
            Kind::Alias { .. } => Value::Null,
        };
        Some(Node { source: self.source, id: target, parent: node.parent, span: node.span, value, tag })
    }

    fn scalar(&mut self, id: Id, value: &str) -> Value {
        let ty = self.tree.ty(id);
        if ty == Type::Null {
            return Value::Null;
        }
        let read = interpolate(value, self.lookup);
        if let Some(refused) = read.refused {
            let span = self.within(id, value, &refused);
            self.refused.push((Location::new(self.source, span), refused));
        }
        let ty = if read.text == value { ty } else { yaml::resolve_plain(&read.text) };
        Value::Scalar(Scalar {
            text: read.text,
            raw: value.to_owned(),
            ty,
            certainty: read.certainty,
            variables: read.variables,
            required: read.required,
        })
    }

    /// Where a stretch of a scalar is written; the whole scalar where it cannot be followed.
    fn within(&self, id: Id, value: &str, part: &str) -> Span {
        match (self.text, value.find(part)) {
            (Some(text), Some(start)) => self.tree.scalar_source_span(text, id, start..start + part.len()),
            _ => self.tree.node(id).span,
        }
    }

    fn mapping(&mut self, id: Id, depth: usize) -> Vec<Entry> {
        let pairs = self.tree.merged(id, (*self.budget).min(20_000));
        let mut entries: Vec<Entry> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let Some(text) = self.tree.str(key).map(str::to_owned) else { continue };
            let key_at = Location::new(self.source, self.tree.node(key).span);
            match self.resolve(value, depth + 1) {
                Some(node) => entries.push(Entry { key: text, key_at, node }),
                None => break,
            }
        }
        entries
    }
}

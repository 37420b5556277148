//! The vocabulary: every kind, key and value that the strings of the interface's records take, as plain data.
//!
//! The records never change within a version; what they can say grows here. The core's tests hold this table to what it really
//! describes, in both directions, and the comments of the WIT and `VOCABULARY.md` are written from it.

mod documents;
mod entities;
mod relations;
mod said;

pub use documents::{DOCUMENT, DOCUMENTS};
pub use entities::ENTITIES;
pub use relations::RELATIONS;
pub use said::{FINDING, METADATA, PROJECT, RULE};

use crate::NodeKind;

/// A key of properties.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// How often it stands.
    pub count: Count,
    /// What its value can be.
    pub value: Value,
    /// What it means.
    pub meaning: &'static str,
}

/// How often a key stands in one list of properties.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Count {
    /// Once, always.
    One,
    /// Once or not at all.
    Optional,
    /// Any number of times, perhaps none.
    Many,
}

/// What a value can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// Any text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number that is not negative.
    Number,
    /// `NAME=value`, or `NAME` alone when the value is not known.
    Pair,
    /// One of these words. Within a version words are only added: treat one you do not know like the one for what is not known.
    OneOf(&'static [&'static str]),
}

impl Value {
    /// Whether a text is such a value.
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        match self {
            Self::Text | Self::Pair => true,
            Self::Flag => matches!(text, "true" | "false"),
            Self::Number => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
            Self::OneOf(words) => words.contains(&text),
        }
    }
}

/// A kind of document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Document {
    /// `document.kind`.
    pub kind: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// The nodes of its tree besides the root; empty when it is given as text only.
    pub nodes: &'static [Node],
}

/// A kind of node in a kind of document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// `node.kind`.
    pub kind: NodeKind,
    /// What it is, with what `key` and `value` hold.
    pub meaning: &'static str,
}

/// A kind of entity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entity {
    /// `entity.kind`.
    pub kind: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// What `entity.name` holds.
    pub name: &'static str,
    /// Keys of its properties.
    pub keys: &'static [Key],
}

/// A kind of relation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Relation {
    /// `relation.kind`.
    pub kind: &'static str,
    /// Kinds of the entities it leads from and to.
    pub ends: &'static [(&'static str, &'static str)],
    /// What it means.
    pub meaning: &'static str,
    /// Keys of its properties.
    pub keys: &'static [Key],
}

const fn one(name: &'static str, value: Value, meaning: &'static str) -> Key {
    Key { name, count: Count::One, value, meaning }
}

const fn optional(name: &'static str, value: Value, meaning: &'static str) -> Key {
    Key { name, count: Count::Optional, value, meaning }
}

const fn many(name: &'static str, value: Value, meaning: &'static str) -> Key {
    Key { name, count: Count::Many, value, meaning }
}

/// A kind of document.
#[must_use]
pub fn document(kind: &str) -> Option<&'static Document> {
    DOCUMENTS.iter().find(|document| document.kind == kind)
}

/// A kind of entity.
#[must_use]
pub fn entity(kind: &str) -> Option<&'static Entity> {
    ENTITIES.iter().find(|entity| entity.kind == kind)
}

/// A kind of relation.
#[must_use]
pub fn relation(kind: &str) -> Option<&'static Relation> {
    RELATIONS.iter().find(|relation| relation.kind == kind)
}

//! A node of a file's tree.

use super::DocumentRef;
use crate::abi::{Location, Node, NodeKind, Span};

/// A node that knows its document.
#[derive(Clone, Copy, Debug)]
pub struct NodeRef<'p> {
    document: DocumentRef<'p>,
    index: u32,
    data: &'p Node,
}

impl PartialEq for NodeRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document && self.index == other.index
    }
}

impl<'p> NodeRef<'p> {
    pub(super) fn new(document: DocumentRef<'p>, index: u32, data: &'p Node) -> Self {
        Self { document, index, data }
    }

    /// Its shape.
    #[must_use]
    pub fn kind(self) -> NodeKind {
        self.data.kind
    }

    /// Its name.
    #[must_use]
    pub fn key(self) -> &'p str {
        &self.data.key
    }

    /// Its value.
    #[must_use]
    pub fn value(self) -> &'p str {
        &self.data.value
    }

    /// The bytes it covers.
    #[must_use]
    pub fn span(self) -> Span {
        self.data.span
    }

    /// The document it stands in.
    #[must_use]
    pub fn document(self) -> DocumentRef<'p> {
        self.document
    }

    /// Where it is written.
    #[must_use]
    pub fn location(self) -> Location {
        self.document.location(self.data.span)
    }

    /// Where its value is written.
    #[must_use]
    pub fn value_location(self) -> Location {
        self.document.location(self.data.value_span)
    }

    /// Where its name is written, of a pair whose name is written as it is; else all of it.
    #[must_use]
    pub fn key_location(self) -> Location {
        let all = self.text();
        let quote = usize::from(all.starts_with(['"', '\'']));
        match all.get(quote..).filter(|rest| !self.key().is_empty() && rest.starts_with(self.key())) {
            Some(_) => crate::builders::part(self.location(), quote, quote + self.key().len()),
            None => self.location(),
        }
    }

    /// The text of the whole document.
    #[must_use]
    pub fn document_text(self) -> &'p str {
        &self.document.data().text
    }

    /// Its text, as written.
    #[must_use]
    pub fn text(self) -> &'p str {
        let Span { start, end } = self.data.span;
        self.document.data().text.get(start as usize..end as usize).unwrap_or("")
    }

    /// The nodes right below it.
    pub fn children(self) -> impl Iterator<Item = NodeRef<'p>> {
        let tree = self.document.project().tree(self.document.index());
        let first = tree.and_then(|tree| tree.first(self.index));
        std::iter::successors(first, move |&at| tree.and_then(|tree| tree.next(at)))
            .filter_map(move |index| self.document.node(index))
    }

    /// Every node below it, each behind its own parent.
    pub fn descendants(self) -> impl Iterator<Item = NodeRef<'p>> {
        let tree = self.document.project().tree(self.document.index());
        let mut at = self.index;
        std::iter::from_fn(move || {
            let tree = tree?;
            let below = tree.first(at);
            // Nothing below: the next one beside it, or beside the nearest node above it that is still below us.
            let next = below.or_else(|| {
                let mut up = at;
                while up != self.index {
                    if let Some(beside) = tree.next(up) {
                        return Some(beside);
                    }
                    up = self.document.node(up)?.data.parent;
                }
                None
            })?;
            at = next;
            self.document.node(next)
        })
    }

    /// The first node below it, at any depth, with this key.
    #[must_use]
    pub fn find(self, key: &str) -> Option<NodeRef<'p>> {
        self.descendants().find(|node| node.key() == key)
    }

    /// The pair with this key in a mapping; of a pair, in the mapping that is its value.
    #[must_use]
    pub fn get(self, key: &str) -> Option<NodeRef<'p>> {
        self.entries().find(|node| node.key() == key)
    }

    /// The pairs of a mapping; of a pair, those of the mapping that is its value.
    pub fn entries(self) -> impl Iterator<Item = NodeRef<'p>> {
        let mapping = self.mapping().unwrap_or(self);
        mapping.children().filter(|node| node.kind() == NodeKind::Pair)
    }

    /// The items of a list; of a pair, those of the list that is its value.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'p>> {
        let list = match self.kind() {
            NodeKind::Pair => self.children().find(|node| node.kind() == NodeKind::Sequence),
            _ => Some(self),
        };
        list.into_iter().flat_map(NodeRef::children).filter(|node| node.kind() != NodeKind::Flag)
    }

    /// The mapping it is, or that is its value.
    #[must_use]
    pub fn mapping(self) -> Option<NodeRef<'p>> {
        match self.kind() {
            NodeKind::Mapping => Some(self),
            NodeKind::Pair => self.children().find(|node| node.kind() == NodeKind::Mapping),
            _ => None,
        }
    }

    /// The node above it; none above the root.
    #[must_use]
    pub fn parent(self) -> Option<NodeRef<'p>> {
        if self.index == 0 { None } else { self.document.node(self.data.parent) }
    }

    /// The nodes above it, the nearest first.
    pub fn ancestors(self) -> impl Iterator<Item = NodeRef<'p>> {
        // A parent stands before its children, so this ends; text from elsewhere may lie, and must end too.
        std::iter::successors(Some(self), |node| node.parent().filter(|parent| parent.index < node.index)).skip(1)
    }

    /// Its arguments.
    pub fn arguments(self) -> impl Iterator<Item = NodeRef<'p>> {
        self.children().filter(|node| node.kind() == NodeKind::Argument)
    }

    /// A flag of an instruction, such as `from`.
    #[must_use]
    pub fn flag(self, name: &str) -> Option<NodeRef<'p>> {
        self.children().find(|node| node.kind() == NodeKind::Flag && node.key() == name)
    }
}

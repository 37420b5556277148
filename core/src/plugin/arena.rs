//! A document's tree as the list that the boundary asks for.

use crate::span::Span;
use plimsoll_plugin_abi as abi;

/// Nodes of one document in the making. Spans are moved onto character boundaries, so that no plug-in is handed half a letter.
pub(super) struct Arena<'t> {
    text: &'t str,
    nodes: Vec<abi::Node>,
}

/// A node to add.
pub(super) struct New<'v> {
    pub(super) kind: abi::NodeKind,
    pub(super) key: &'v str,
    pub(super) value: &'v str,
    pub(super) span: Span,
    pub(super) value_span: Span,
}

impl<'t> Arena<'t> {
    /// A tree of nothing but its root.
    pub(super) fn new(text: &'t str) -> Self {
        let mut arena = Self { text, nodes: Vec::new() };
        let all = Span::new(0, text.len());
        arena.add(0, New { kind: abi::NodeKind::Root, key: "", value: "", span: all, value_span: all });
        arena
    }

    /// Adds a node; its index.
    pub(super) fn add(&mut self, parent: u32, new: New<'_>) -> u32 {
        let index = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let New { kind, key, value, span, value_span } = new;
        let (span, value_span) = (self.span(span), self.span(value_span));
        self.nodes.push(abi::Node {
            parent: parent.min(index),
            kind,
            key: key.to_owned(),
            value: value.to_owned(),
            span,
            value_span,
        });
        index
    }

    /// Adds a node whose value is as it is written.
    pub(super) fn as_written(&mut self, parent: u32, kind: abi::NodeKind, key: &str, span: Span, value: Span) -> u32 {
        let text = self.text;
        self.add(parent, New { kind, key, value: value.clamp(text).slice(text), span, value_span: value })
    }

    /// Adds comments below the root.
    pub(super) fn comments(&mut self, comments: &[Span]) {
        for &comment in comments {
            self.as_written(0, abi::NodeKind::Comment, "", comment, comment);
        }
    }

    /// The text of the document.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The finished tree.
    pub(super) fn finish(self) -> Vec<abi::Node> {
        self.nodes
    }

    fn span(&self, span: Span) -> abi::Span {
        let span = span.clamp(self.text);
        abi::Span { start: span.start, end: span.end }
    }
}

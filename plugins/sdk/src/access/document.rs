//! A file.

use super::{NodeRef, Project};
use crate::abi::{Document, Location, NodeKind, Span};
use std::ops::Deref;

/// A document that knows its place in the project. Dereferences to the plain data.
#[derive(Clone, Copy, Debug)]
pub struct DocumentRef<'p> {
    project: &'p Project,
    index: u32,
    data: &'p Document,
}

impl Deref for DocumentRef<'_> {
    type Target = Document;
    fn deref(&self) -> &Document {
        self.data
    }
}

impl PartialEq for DocumentRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<'p> DocumentRef<'p> {
    pub(super) fn new(project: &'p Project, index: u32, data: &'p Document) -> Self {
        Self { project, index, data }
    }

    pub(super) fn data(self) -> &'p Document {
        self.data
    }

    pub(crate) fn project(self) -> &'p Project {
        self.project
    }

    pub(crate) fn index(self) -> u32 {
        self.index
    }

    /// A place in it.
    #[must_use]
    pub fn location(self, span: Span) -> Location {
        Location { document: self.index, span }
    }

    /// A line, counted from 1, without its line break; `None` behind the last one.
    #[must_use]
    pub fn at(self, line: u32) -> Option<Location> {
        let before = usize::try_from(line.checked_sub(1)?).ok()?;
        let mut start = 0usize;
        let mut lines = self.data.text.split_inclusive('\n');
        let mut ended = true;
        for _ in 0..before {
            let line = lines.next()?;
            (start, ended) = (start + line.len(), line.ends_with('\n'));
        }
        // The empty line behind the last line break is one too, as in an editor.
        let text = lines.next().or(ended.then_some(""))?.trim_end_matches(['\n', '\r']);
        Some(self.location(span(start, start + text.len())))
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(self, offset: u32) -> (u32, u32) {
        let before = self.data.text.get(..offset as usize).unwrap_or(&self.data.text);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).map_or(0, |text| text.chars().count());
        (count(before.bytes().filter(|&byte| byte == b'\n').count()), count(column))
    }

    /// The root of its tree; none in a document without one.
    #[must_use]
    pub fn root(self) -> Option<NodeRef<'p>> {
        self.node(0)
    }

    /// All nodes in order.
    pub fn all_nodes(self) -> impl Iterator<Item = NodeRef<'p>> {
        (0u32..).zip(&self.data.nodes).map(move |(index, data)| NodeRef::new(self, index, data))
    }

    /// Nodes of one shape.
    pub fn nodes_of(self, kind: NodeKind) -> impl Iterator<Item = NodeRef<'p>> {
        self.all_nodes().filter(move |node| node.kind() == kind)
    }

    /// The innermost node that covers a stretch, comments left aside.
    #[must_use]
    pub fn node_at(self, at: Span) -> Option<NodeRef<'p>> {
        self.way_to(at).last()
    }

    /// The nodes that cover a stretch, from the root inwards.
    pub(super) fn way_to(self, at: Span) -> impl Iterator<Item = NodeRef<'p>> {
        let covers = move |node: &NodeRef<'p>| {
            let span = node.span();
            span.start <= at.start && at.end <= span.end && node.kind() != NodeKind::Comment
        };
        let width = |node: &NodeRef<'p>| node.span().end.saturating_sub(node.span().start);
        std::iter::successors(self.root().filter(covers), move |node| node.children().filter(covers).min_by_key(width))
    }

    /// Instructions of a Dockerfile by keyword, such as `FROM`; those below ONBUILD too.
    pub fn instructions(self, keyword: &'p str) -> impl Iterator<Item = NodeRef<'p>> {
        self.nodes_of(NodeKind::Instruction).filter(move |node| node.key().eq_ignore_ascii_case(keyword))
    }

    /// Directives of a configuration file by name, such as `server_tokens`, at any depth.
    pub fn directives(self, name: &'p str) -> impl Iterator<Item = NodeRef<'p>> {
        self.all_nodes()
            .filter(move |node| matches!(node.kind(), NodeKind::Directive | NodeKind::Block) && node.key() == name)
    }

    /// Pairs by key, at any depth.
    pub fn pairs(self, key: &'p str) -> impl Iterator<Item = NodeRef<'p>> {
        self.nodes_of(NodeKind::Pair).filter(move |node| node.key() == key)
    }

    /// The pair at a path of keys from the top, such as `["networks", "default", "internal"]`.
    #[must_use]
    pub fn pair_at(self, path: &[&str]) -> Option<NodeRef<'p>> {
        let mut nodes = self.root()?.children().filter(|node| node.kind() == NodeKind::Mapping);
        nodes.find_map(|top| path.iter().try_fold(top, |node, key| node.get(key)))
    }

    pub(super) fn node(self, index: u32) -> Option<NodeRef<'p>> {
        Some(NodeRef::new(self, index, self.data.nodes.get(index as usize)?))
    }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: offset(start), end: offset(end) }
}

//! Typed access to the project: documents and their nodes, entities and how they belong together.

use crate::abi::{self, Document, Entity, Location, NodeKind, Relation, Span};
use std::ops::Deref;

/// Everything the plug-in sees. Dereferences to the plain data.
#[derive(Clone, Debug)]
pub struct Project {
    data: abi::Project,
}

impl Deref for Project {
    type Target = abi::Project;
    fn deref(&self) -> &abi::Project {
        &self.data
    }
}

impl Project {
    /// Wraps the plain data.
    #[must_use]
    pub fn new(data: abi::Project) -> Self {
        Self { data }
    }

    /// Documents of a kind, such as `dockerfile`.
    pub fn documents<'p>(&'p self, kind: &'p str) -> impl Iterator<Item = DocumentRef<'p>> {
        self.all_documents().filter(move |doc| doc.kind == kind)
    }

    /// All documents.
    pub fn all_documents(&self) -> impl Iterator<Item = DocumentRef<'_>> {
        (0u32..).zip(&self.data.documents).map(|(index, data)| DocumentRef { index, data })
    }

    /// Entities of a kind, such as `service`.
    pub fn entities<'p>(&'p self, kind: &'p str) -> impl Iterator<Item = EntityRef<'p>> {
        (0u32..).zip(&self.data.entities).filter(move |(_, data)| data.kind == kind).map(|(index, data)| EntityRef {
            project: self,
            index,
            data,
        })
    }

    /// Services of all views.
    pub fn services(&self) -> impl Iterator<Item = EntityRef<'_>> {
        self.entities("service")
    }

    /// Stages of all Dockerfiles.
    pub fn stages(&self) -> impl Iterator<Item = EntityRef<'_>> {
        self.entities("stage")
    }

    /// Image references, one for each place where one is written.
    pub fn images(&self) -> impl Iterator<Item = EntityRef<'_>> {
        self.entities("image")
    }

    /// The day the analysis is made for, `YYYY-MM-DD`.
    #[must_use]
    pub fn today(&self) -> Option<&str> {
        self.data.properties.iter().find(|property| property.key == "today").map(|property| property.value.as_str())
    }

    /// The text at a place.
    #[must_use]
    pub fn text_at(&self, at: Location) -> &str {
        let document = self.data.documents.get(at.document as usize);
        document.and_then(|document| document.text.get(at.span.start as usize..at.span.end as usize)).unwrap_or("")
    }

    fn entity(&self, index: u32) -> Option<EntityRef<'_>> {
        Some(EntityRef { project: self, index, data: self.data.entities.get(index as usize)? })
    }
}

/// A document that knows its place in the project.
#[derive(Clone, Copy, Debug)]
pub struct DocumentRef<'p> {
    index: u32,
    data: &'p Document,
}

impl Deref for DocumentRef<'_> {
    type Target = Document;
    fn deref(&self) -> &Document {
        self.data
    }
}

impl<'p> DocumentRef<'p> {
    /// A place in it.
    #[must_use]
    pub fn location(self, span: Span) -> Location {
        Location { document: self.index, span }
    }

    /// All nodes in order.
    pub fn all_nodes(self) -> impl Iterator<Item = NodeRef<'p>> {
        (0u32..).zip(&self.data.nodes).map(move |(index, data)| NodeRef { document: self, index, data })
    }

    /// Nodes of one shape.
    pub fn nodes_of(self, kind: NodeKind) -> impl Iterator<Item = NodeRef<'p>> {
        self.all_nodes().filter(move |node| node.kind() == kind)
    }

    /// Instructions of a Dockerfile by keyword, such as `FROM`.
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
}

/// A node that knows its document.
#[derive(Clone, Copy, Debug)]
pub struct NodeRef<'p> {
    document: DocumentRef<'p>,
    index: u32,
    data: &'p abi::Node,
}

impl<'p> NodeRef<'p> {
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

    /// The nodes right below it.
    pub fn children(self) -> impl Iterator<Item = NodeRef<'p>> {
        self.document.all_nodes().skip(self.index as usize + 1).filter(move |node| node.data.parent == self.index)
    }

    /// The node above it; none above the root.
    #[must_use]
    pub fn parent(self) -> Option<NodeRef<'p>> {
        if self.index == 0 {
            return None;
        }
        let data = self.document.data.nodes.get(self.data.parent as usize)?;
        Some(NodeRef { document: self.document, index: self.data.parent, data })
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

/// An entity that knows its project.
#[derive(Clone, Copy, Debug)]
pub struct EntityRef<'p> {
    project: &'p Project,
    index: u32,
    data: &'p Entity,
}

impl PartialEq for EntityRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<'p> EntityRef<'p> {
    /// What it is.
    #[must_use]
    pub fn kind(self) -> &'p str {
        &self.data.kind
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'p str {
        &self.data.name
    }

    /// Where it is written.
    #[must_use]
    pub fn origin(self) -> Option<Location> {
        self.data.origin
    }

    /// The first value of a key.
    #[must_use]
    pub fn property(self, key: &str) -> Option<&'p str> {
        self.data.properties.iter().find(|property| property.key == key).map(|property| property.value.as_str())
    }

    /// Every value of a key, each with its place.
    pub fn properties(self, key: &'p str) -> impl Iterator<Item = (&'p str, Option<Location>)> {
        self.data
            .properties
            .iter()
            .filter(move |property| property.key == key)
            .map(|property| (property.value.as_str(), property.origin))
    }

    /// Whether a key says `true`.
    #[must_use]
    pub fn is(self, key: &str) -> bool {
        self.property(key) == Some("true")
    }

    /// Where relations of a kind lead from here.
    pub fn targets(self, kind: &'p str) -> impl Iterator<Item = EntityRef<'p>> {
        self.relations()
            .filter(move |relation| relation.source == self.index && relation.kind == kind)
            .filter_map(move |relation| self.project.entity(relation.target))
    }

    /// Where relations of a kind come from that lead here.
    pub fn sources(self, kind: &'p str) -> impl Iterator<Item = EntityRef<'p>> {
        self.relations()
            .filter(move |relation| relation.target == self.index && relation.kind == kind)
            .filter_map(move |relation| self.project.entity(relation.source))
    }

    fn relations(self) -> impl Iterator<Item = &'p Relation> {
        self.project.data.relations.iter()
    }
}

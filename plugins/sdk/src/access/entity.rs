//! A part of the resolved model.

use super::{NodeRef, Project, Service, Variable, View};
use crate::abi::{Entity, Location, NodeKind, Relation};

/// An entity that knows its project. The kinds have types of their own: [`super::Service`], [`super::Stage`] and others.
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

impl Eq for EntityRef<'_> {}

/// A relation as seen from one of its ends.
#[derive(Clone, Copy, Debug)]
pub struct Link<'p> {
    /// The entity at the other end.
    pub other: EntityRef<'p>,
    data: &'p Relation,
}

impl<'p> Link<'p> {
    /// Where it is written.
    #[must_use]
    pub fn origin(self) -> Option<Location> {
        self.data.origin
    }

    /// Every value of a key, such as `alias`.
    pub fn properties(self, key: &'p str) -> impl Iterator<Item = &'p str> {
        self.data.properties.iter().filter(move |property| property.key == key).map(|property| property.value.as_str())
    }
}

impl<'p> EntityRef<'p> {
    pub(super) fn new(project: &'p Project, index: u32, data: &'p Entity) -> Self {
        Self { project, index, data }
    }

    pub(super) fn project(self) -> &'p Project {
        self.project
    }

    /// Its index, as relations name it.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

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

    /// Where the first value of a key is written.
    #[must_use]
    pub fn property_origin(self, key: &str) -> Option<Location> {
        self.data.properties.iter().find(|property| property.key == key)?.origin
    }

    /// Every value of a key, each with its place.
    pub fn properties(self, key: &'p str) -> impl Iterator<Item = (&'p str, Option<Location>)> {
        self.data
            .properties
            .iter()
            .filter(move |property| property.key == key)
            .map(|property| (property.value.as_str(), property.origin))
    }

    /// The values of a key that are written as `NAME=value`, such as `label`.
    pub fn variables(self, key: &'p str) -> impl Iterator<Item = Variable<'p>> {
        self.properties(key).map(|(text, origin)| Variable::of(text, origin))
    }

    /// Whether a key says `true`.
    #[must_use]
    pub fn is(self, key: &str) -> bool {
        self.property(key) == Some("true")
    }

    /// Name of the view it belongs to.
    #[must_use]
    pub fn view(self) -> Option<&'p str> {
        self.property("view")
    }

    /// The view it belongs to.
    #[must_use]
    pub fn in_view(self) -> Option<View<'p>> {
        self.sources("contains").find(|entity| entity.kind() == "view").map(View::of)
    }

    /// It as a service, when it is one.
    #[must_use]
    pub fn as_service(self) -> Option<Service<'p>> {
        (self.kind() == "service").then(|| Service::of(self))
    }

    /// Where relations of a kind lead from here.
    pub fn targets(self, kind: &'p str) -> impl Iterator<Item = EntityRef<'p>> {
        self.outgoing(kind).map(|link| link.other)
    }

    /// Where relations of a kind come from that lead here.
    pub fn sources(self, kind: &'p str) -> impl Iterator<Item = EntityRef<'p>> {
        self.incoming(kind).map(|link| link.other)
    }

    /// Relations of a kind that start here.
    pub fn outgoing(self, kind: &'p str) -> impl Iterator<Item = Link<'p>> {
        let links = self.project.links().from(&self.project.relations, self.index);
        self.links(links, kind, |relation| relation.target)
    }

    /// Relations of a kind that end here.
    pub fn incoming(self, kind: &'p str) -> impl Iterator<Item = Link<'p>> {
        let links = self.project.links().to(&self.project.relations, self.index);
        self.links(links, kind, |relation| relation.source)
    }

    /// The pair it is written as in a Compose file, such as `app: …` below `services`.
    #[must_use]
    pub fn node(self) -> Option<NodeRef<'p>> {
        let at = self.data.origin?;
        let document = self.project.document_at(at)?;
        let same = |node: &NodeRef<'p>| node.span().start == at.span.start && node.key() == self.name();
        // Looking at every node is what is left when the way down does not lead there.
        let is_pair = |node: &NodeRef<'p>| node.kind() == NodeKind::Pair && same(node);
        document.way_to(at.span).find(is_pair).or_else(|| document.nodes_of(NodeKind::Pair).find(same))
    }

    fn links(self, links: &'p [u32], kind: &'p str, end: fn(&Relation) -> u32) -> impl Iterator<Item = Link<'p>> {
        links.iter().filter_map(move |&index| {
            let data = self.project.relations.get(index as usize).filter(|relation| relation.kind == kind)?;
            Some(Link { other: self.project.entity(end(data))?, data })
        })
    }
}

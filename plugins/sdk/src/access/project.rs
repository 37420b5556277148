//! The project as a whole.

use super::index::{Links, Tree};
use super::{DocumentRef, EntityRef, Image, Network, NodeRef, Secret, Service, Stage, View, Volume};
use crate::abi::{self, Location};
use std::cell::OnceCell;
use std::ops::Deref;

/// Everything the plug-in sees. Dereferences to the plain data.
#[derive(Clone, Debug)]
pub struct Project {
    data: abi::Project,
    trees: Vec<OnceCell<Tree>>,
    other_shells: Vec<OnceCell<bool>>,
    links: OnceCell<Links>,
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
        let trees = data.documents.iter().map(|_| OnceCell::new()).collect();
        let other_shells = data.documents.iter().map(|_| OnceCell::new()).collect();
        Self { data, trees, other_shells, links: OnceCell::new() }
    }

    /// Reads what `plimsoll plugin project FOLDER` prints: a real project for a native test, without a host.
    ///
    /// ```
    /// use plimsoll_plugin_sdk::prelude::*;
    ///
    /// let json = r#"{
    ///   "documents": [{ "path": "Dockerfile", "kind": "dockerfile", "text": "FROM php:8.4\n", "nodes": [], "properties": [] }],
    ///   "entities": [], "relations": [],
    ///   "properties": [{ "key": "today", "value": "2026-11-24", "origin": null }]
    /// }"#;
    /// let project = Project::from_json(json)?;
    /// assert_eq!(project.today(), Some("2026-11-24"));
    /// assert_eq!(project.documents("dockerfile").count(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Says at which line and column the text is no project.
    pub fn from_json(text: &str) -> Result<Self, abi::Error> {
        let input = |error: serde_json::Error| abi::Error {
            kind: abi::ErrorKind::Input,
            message: format!("this is no project as `plimsoll plugin project` prints it: {error}"),
        };
        serde_json::from_str(text).map(Self::new).map_err(input)
    }

    /// Documents of a kind, such as `dockerfile`.
    pub fn documents<'p>(&'p self, kind: &'p str) -> impl Iterator<Item = DocumentRef<'p>> {
        self.all_documents().filter(move |document| document.kind == kind)
    }

    /// A document by its name.
    #[must_use]
    pub fn document(&self, path: &str) -> Option<DocumentRef<'_>> {
        self.all_documents().find(|document| document.path == path)
    }

    /// All documents.
    pub fn all_documents(&self) -> impl Iterator<Item = DocumentRef<'_>> {
        (0u32..).zip(&self.data.documents).map(|(index, data)| DocumentRef::new(self, index, data))
    }

    /// The document a place is in.
    #[must_use]
    pub fn document_at(&self, at: Location) -> Option<DocumentRef<'_>> {
        let data = self.data.documents.get(at.document as usize)?;
        Some(DocumentRef::new(self, at.document, data))
    }

    /// The innermost node that covers a place, comments left aside.
    #[must_use]
    pub fn node_at(&self, at: Location) -> Option<NodeRef<'_>> {
        self.document_at(at)?.node_at(at.span)
    }

    /// Entities of a kind, such as `service`; the ones below have methods of their own.
    pub fn entities<'p>(&'p self, kind: &'p str) -> impl Iterator<Item = EntityRef<'p>> {
        let all = (0u32..).zip(&self.data.entities);
        all.filter(move |(_, data)| data.kind == kind).map(|(index, data)| EntityRef::new(self, index, data))
    }

    /// Deployments: Compose files that are read together, or a Dockerfile nobody builds.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> {
        self.entities("view").map(View::of)
    }

    /// Services of all views, also of those that recorded commands show running.
    pub fn services(&self) -> impl Iterator<Item = Service<'_>> {
        self.entities("service").map(Service::of)
    }

    /// Stages of all Dockerfiles, once for each set of build arguments.
    pub fn stages(&self) -> impl Iterator<Item = Stage<'_>> {
        self.entities("stage").map(Stage::of)
    }

    /// Image references, one for each place where one is written.
    pub fn images(&self) -> impl Iterator<Item = Image<'_>> {
        self.entities("image").map(Image::of)
    }

    /// Networks of all views.
    pub fn networks(&self) -> impl Iterator<Item = Network<'_>> {
        self.entities("network").map(Network::of)
    }

    /// Declared volumes of all views.
    pub fn volumes(&self) -> impl Iterator<Item = Volume<'_>> {
        self.entities("volume").map(Volume::of)
    }

    /// Declared secrets of all views.
    pub fn secrets(&self) -> impl Iterator<Item = Secret<'_>> {
        self.entities("secret").map(Secret::of)
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

    /// A place as `path:line:column`, as a report writes it.
    #[must_use]
    pub fn place(&self, at: Location) -> String {
        match self.document_at(at) {
            Some(document) => {
                let (line, column) = document.line_column(at.span.start);
                format!("{}:{line}:{column}", document.path)
            }
            None => "?".to_owned(),
        }
    }

    /// The pair that a service is written as, `app: …` below `services`: to look at keys the model does not know, or to place a fix.
    ///
    /// `None` when it has no place, as that of a script's `docker run`.
    #[must_use]
    pub fn service_node<'p>(&'p self, service: Service<'p>) -> Option<NodeRef<'p>> {
        service.node()
    }

    /// An entity by its index, as relations name it.
    #[must_use]
    pub fn entity(&self, index: u32) -> Option<EntityRef<'_>> {
        Some(EntityRef::new(self, index, self.data.entities.get(index as usize)?))
    }

    pub(super) fn tree(&self, document: u32) -> Option<&Tree> {
        let nodes = &self.data.documents.get(document as usize)?.nodes;
        Some(self.trees.get(document as usize)?.get_or_init(|| Tree::of(nodes)))
    }

    /// Whether a document's commands are read by no POSIX shell, found once.
    pub(crate) fn other_shell(&self, document: u32, find: impl FnOnce() -> bool) -> bool {
        self.other_shells.get(document as usize).is_none_or(|known| *known.get_or_init(find))
    }

    pub(super) fn links(&self) -> &Links {
        self.links.get_or_init(|| Links::of(&self.data.relations))
    }
}

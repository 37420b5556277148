//! Stages of Dockerfiles.

use super::model::kinds;
use super::{DocumentRef, EntityRef, Image, NodeRef, Service, Variable};
use crate::abi::NodeKind;
use std::ops::Deref;

kinds! {
    /// A stage of a Dockerfile, with one set of build arguments.
    Stage
}

/// What a stage is built on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base<'p> {
    /// An image from a registry.
    Image(Image<'p>),
    /// An earlier stage.
    Stage(Stage<'p>),
    /// Nothing.
    Scratch,
    /// The model does not say.
    Unknown,
}

impl<'p> Stage<'p> {
    /// What it is built on.
    #[must_use]
    pub fn base(self) -> Base<'p> {
        match self.0.targets("builds-from").next() {
            Some(base) if base.kind() == "image" => Base::Image(Image::of(base)),
            Some(base) if base.kind() == "stage" => Base::Stage(Stage::of(base)),
            None if self.property("base-kind") == Some("scratch") => Base::Scratch,
            _ => Base::Unknown,
        }
    }

    /// Itself and the stages it is built on, itself first.
    pub fn chain(self) -> impl Iterator<Item = Stage<'p>> {
        let below = |stage: &Stage<'p>| match stage.base() {
            // A stage is built on an earlier one, so this ends; text from elsewhere may lie, and must end too.
            Base::Stage(base) if base.index() < stage.index() => Some(base),
            _ => None,
        };
        std::iter::successors(Some(self), below)
    }

    /// The image under the whole chain; none when it starts from scratch or the model does not say.
    #[must_use]
    pub fn base_image(self) -> Option<Image<'p>> {
        match self.chain().last()?.base() {
            Base::Image(image) => Some(image),
            _ => None,
        }
    }

    /// The stages it copies or mounts from.
    pub fn copied_stages(self) -> impl Iterator<Item = Stage<'p>> {
        self.0.targets("copies-from").filter(|entity| entity.kind() == "stage").map(Stage::of)
    }

    /// The images it copies or mounts from.
    pub fn copied_images(self) -> impl Iterator<Item = Image<'p>> {
        self.0.targets("copies-from").filter(|entity| entity.kind() == "image").map(Image::of)
    }

    /// Whether some service needs it, if only to copy from it.
    #[must_use]
    pub fn used(self) -> bool {
        self.is("used")
    }

    /// Whether its layers are in an image that runs.
    #[must_use]
    pub fn deployed(self) -> bool {
        self.is("deployed")
    }

    /// The services whose image contains its layers: those that run it, or a stage built on it.
    pub fn services(self) -> impl Iterator<Item = Service<'p>> {
        let all = self.0.project().services();
        all.filter(move |service| service.stage().is_some_and(|stage| stage.chain().any(|one| one == self)))
    }

    /// The labels of this stage itself.
    pub fn labels(self) -> impl Iterator<Item = Variable<'p>> {
        self.0.variables("label")
    }

    /// The Dockerfile it stands in; none when it is written inside of a Compose file.
    #[must_use]
    pub fn document(self) -> Option<DocumentRef<'p>> {
        self.0.project().document_at(self.origin()?).filter(|document| document.kind == "dockerfile")
    }

    /// Its FROM.
    #[must_use]
    pub fn node(self) -> Option<NodeRef<'p>> {
        let at = self.origin()?.span;
        let covers = |node: &NodeRef<'p>| is_from(*node) && node.span().start <= at.start && at.end <= node.span().end;
        top_level(self.document()?).find(covers)
    }

    /// Everything between its FROM and the next one, in order.
    pub fn all_instructions(self) -> impl Iterator<Item = NodeRef<'p>> {
        let from = self.node();
        let document = from.map(NodeRef::document);
        document
            .into_iter()
            .flat_map(top_level)
            .skip_while(move |node| from.is_some_and(|from| *node != from))
            .skip(1)
            .take_while(|node| !is_from(*node))
    }

    /// Its instructions with a keyword, such as `RUN`.
    pub fn instructions(self, keyword: &'p str) -> impl Iterator<Item = NodeRef<'p>> {
        self.all_instructions().filter(move |node| node.key().eq_ignore_ascii_case(keyword))
    }
}

/// The instructions of a Dockerfile, without those below ONBUILD.
fn top_level(document: DocumentRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    document.root().into_iter().flat_map(NodeRef::children).filter(|node| node.kind() == NodeKind::Instruction)
}

fn is_from(node: NodeRef<'_>) -> bool {
    node.key().eq_ignore_ascii_case("FROM")
}

//! A Dockerfile as a build sees it: stages, what each is based on, and texts with their variables expanded.
//!
//! Variables get the values a build would give them: build arguments before defaults, ENV before ARG, each at its place in the file.
//! What only a real build knows (the environment of a base image, the platform) stays unknown and is marked so. ONBUILD triggers run
//! in the stages of the same file that are based on theirs, before those stages' own instructions; those of a base image from
//! elsewhere are not known.

mod build;
mod expand;
mod pattern;
mod stages;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::span::Span;
use crate::syntax::dockerfile::{Dockerfile, Instruction};

pub use expand::{Budget, Variable, expand};

/// Builds the model of a Dockerfile for one set of build arguments.
#[must_use]
pub fn model(file: &Dockerfile, build_args: &BTreeMap<String, String>) -> BuildModel {
    model_with_images(file, build_args, &|_| BTreeMap::new())
}

/// The same, with what is known of the environment of base images: `images` is asked with the reference in FROM.
#[must_use]
pub fn model_with_images(
    file: &Dockerfile,
    build_args: &BTreeMap<String, String>,
    images: &dyn Fn(&Expanded) -> BTreeMap<String, String>,
) -> BuildModel {
    build::build(file, build_args, images)
}

/// The stages of a Dockerfile.
#[derive(Clone, PartialEq, Debug)]
pub struct BuildModel {
    /// Stages in order.
    pub stages: Vec<Stage>,
    /// Build arguments declared before the first FROM: usable in FROM, and in a stage that declares them again.
    pub global_args: BTreeMap<String, Argument>,
    /// For each instruction of the file, its texts expanded.
    pub instructions: Vec<ExpandedInstruction>,
}

/// A text after expansion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expanded {
    /// The text. A variable without a value stands in it as `${NAME}`.
    pub text: String,
    /// Whether every variable had a value.
    pub known: bool,
}

impl Expanded {
    /// A text without a variable.
    pub fn known(text: impl Into<String>) -> Self {
        Self { text: text.into(), known: true }
    }

    /// A text that is not wholly known.
    pub fn unknown(text: impl Into<String>) -> Self {
        Self { text: text.into(), known: false }
    }
}

/// A text after expansion, and where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Located {
    /// The text.
    pub value: Expanded,
    /// Where it is written.
    pub span: Span,
}

/// An environment variable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvValue {
    /// Its value.
    pub value: Expanded,
    /// The pair that sets it.
    pub span: Span,
}

/// A build argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Argument {
    /// The value a build gives it; `None` without a default and without a build argument.
    pub value: Option<Expanded>,
    /// The pair that declares it.
    pub span: Span,
}

/// One instruction with its variables expanded, as far as the builder expands them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExpandedInstruction {
    /// The stage it belongs to.
    pub stage: Option<usize>,
    /// One for each argument of FROM, ADD, COPY, EXPOSE, STOPSIGNAL, USER, VOLUME and WORKDIR; else empty.
    pub args: Vec<Expanded>,
    /// One for each flag.
    pub flags: Vec<Option<Expanded>>,
}

/// One stage.
#[derive(Clone, PartialEq, Debug)]
pub struct Stage {
    /// Its number.
    pub index: usize,
    /// The name behind AS.
    pub alias: Option<(String, Span)>,
    /// What it is based on.
    pub base: Base,
    /// The image in its FROM, or the FROM itself if there is none.
    pub base_span: Span,
    /// Index of its FROM.
    pub from: usize,
    /// Indices of its instructions, without its FROM.
    pub instructions: Range<usize>,
    /// ONBUILD triggers of the stage it is based on: they run before its own instructions.
    pub triggered: Vec<Triggered>,
    /// Indices of its own ONBUILD instructions.
    pub onbuild: Vec<usize>,
    /// The platform its FROM asks for.
    pub platform: Option<Expanded>,
    /// Environment at the end of the stage, with what it inherits from the stage it is based on.
    pub env: BTreeMap<String, EnvValue>,
    /// Build arguments in scope at the end of the stage.
    pub args: BTreeMap<String, Argument>,
    /// The last USER of this stage itself.
    pub user: Option<Located>,
    /// The working directory at its end, if it is set here or in a stage it is based on. A relative path in it is relative to the
    /// working directory of the base image.
    pub workdir: Option<Expanded>,
    /// Index of the last ENTRYPOINT of this stage itself. An index here and below may be that of an ONBUILD of the base, whose
    /// trigger ran in this stage: see [`Instruction::effective`].
    ///
    /// [`Instruction::effective`]: crate::syntax::dockerfile::Instruction::effective
    pub entrypoint: Option<usize>,
    /// Index of the last CMD of this stage itself.
    pub cmd: Option<usize>,
    /// Indices of the SHELL instructions of this stage itself.
    pub shells: Vec<usize>,
    /// Index of the last HEALTHCHECK of this stage itself.
    pub healthcheck: Option<usize>,
    /// Index of the last STOPSIGNAL of this stage itself.
    pub stopsignal: Option<usize>,
    /// Ports of the EXPOSE instructions of this stage itself.
    pub exposed: Vec<Located>,
    /// Paths of the VOLUME instructions of this stage itself.
    pub volumes: Vec<Located>,
    /// Where it takes files from other stages and images.
    pub links: Vec<Link>,
}

/// An ONBUILD trigger that runs in a stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Triggered {
    /// Index of the ONBUILD instruction.
    pub index: usize,
    /// The trigger with its variables expanded as they are in the stage it runs in.
    pub expanded: ExpandedInstruction,
}

/// One instruction that runs in a stage.
#[derive(Clone, Copy, Debug)]
pub struct Step<'m, 'd> {
    /// Its index in the file; that of the ONBUILD for a trigger.
    pub index: usize,
    /// The instruction; for a trigger the one behind ONBUILD.
    pub instruction: &'d Instruction,
    /// Its texts expanded.
    pub expanded: &'m ExpandedInstruction,
    /// Whether it is a trigger of the stage this one is based on.
    pub triggered: bool,
}

/// What a stage is based on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Base {
    /// An image from outside.
    Image(Expanded),
    /// An earlier stage.
    Stage(usize),
    /// Nothing.
    Scratch,
}

/// Files taken from another stage or image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Where from.
    pub source: LinkSource,
    /// How.
    pub kind: LinkKind,
    /// Index of the instruction.
    pub instruction: usize,
    /// The flag that says so.
    pub span: Span,
}

/// Where files are taken from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkSource {
    /// An earlier stage.
    Stage(usize),
    /// An image, or a named build context.
    Image(Expanded),
}

/// How files are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkKind {
    /// `COPY --from`.
    Copy,
    /// `RUN --mount=from=…`.
    Mount,
}

/// The user a container of a stage runs as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EffectiveUser {
    /// The argument of USER.
    pub value: Expanded,
    /// Where it is written.
    pub span: Span,
    /// The stage it is written in.
    pub stage: usize,
}

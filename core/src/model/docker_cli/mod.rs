//! Command lines of `docker` and its kin: what a script runs, builds, copies into and changes.
//!
//! A line is read the way the programs read it: global options, the command, its options with and without values, combined short
//! options. Each word says whether it is known; a word that only a variable fills is never taken for something it may not be.

mod actions;
mod flags;
mod run;
mod words;

#[cfg(test)]
mod tests;

pub use actions::{
    Build, ComposeLine, ComposeVerb, Copy, Exec, Login, NetworkCreate, Place as CopyPlace, Prune, SCANNERS, Scan, Sign,
    build_options, read, run_options,
};
pub use flags::{Flag, Flags, Spec, parse_flags};
pub use run::{Run, name_of_image, service_entry};
pub use words::{Arg, Scope, assignments, expand, expand_text, expression_names};

use super::compose::Text;
use crate::source::Location;

/// The program that is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tool {
    /// `docker`.
    Docker,
    /// `docker-compose`, `docker compose`, `podman-compose`.
    Compose,
    /// `podman`, `nerdctl`: they read the same lines.
    Podman,
    /// `buildah`.
    Buildah,
    /// Kaniko's `executor`.
    Kaniko,
    /// A scanner of images or packages, or a signer.
    Other,
}

/// One command line.
#[derive(Clone, PartialEq, Debug)]
pub struct Invocation {
    /// The program.
    pub tool: Tool,
    /// The daemon it is sent to: `-H`, or `DOCKER_HOST=…` in front.
    pub host: Option<Text>,
    /// `--context`.
    pub context: Option<Text>,
    /// The whole line.
    pub at: Location,
    /// The program and its command: `docker run`.
    pub verb_at: Location,
    /// What it does.
    pub action: Action,
}

/// What a command line does.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// `run`, `create`: a container.
    Run(Box<Run>),
    /// `exec`: a command in a container that runs.
    Exec(Exec),
    /// `build`, `buildx build`, `buildah bud`, Kaniko.
    Build(Box<Build>),
    /// `buildx bake`: the files it reads, the targets it builds.
    Bake {
        /// `-f`.
        files: Vec<Text>,
        /// What is built; empty for `default`.
        targets: Vec<Text>,
        /// `--push`.
        push: bool,
    },
    /// `cp`.
    Copy(Copy),
    /// `commit`: the container and the image it becomes.
    Commit {
        /// The container.
        container: Option<Text>,
        /// The image.
        image: Option<Text>,
    },
    /// `push`.
    Push(Vec<Text>),
    /// `pull`.
    Pull(Vec<Text>),
    /// `tag`: the image, and its further name.
    Tag(Option<Text>, Option<Text>),
    /// `login`.
    Login(Login),
    /// `compose`.
    Compose(Box<ComposeLine>),
    /// `system prune`, `volume prune` and the like.
    Prune(Prune),
    /// `save`, `load`, `import`, `export`: the word, and what is named.
    Archive(String, Vec<Text>),
    /// `network create`.
    NetworkCreate(NetworkCreate),
    /// A scan for vulnerabilities.
    Scan(Scan),
    /// A signature or attestation is made or checked.
    Sign(Sign),
    /// Anything else: the words of the command, as in `image ls`.
    Other(Vec<String>),
}

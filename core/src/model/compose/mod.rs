//! A Compose service as the engine would run it, read from the merged tree. Unreadable values are left out, never guessed.

pub mod mounts;
pub mod ports;

mod read;

pub use read::{networks, resources, service};

use super::Spanned;
use super::interpolate::Certainty;
use super::node::Node;
use crate::source::Location;

/// A text value and how much of it is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The text after interpolation.
    pub text: String,
    /// How much of it is known.
    pub certainty: Certainty,
    /// Variables that took part.
    pub variables: Vec<String>,
    /// Where it is written.
    pub at: Location,
}

impl Text {
    /// Whether the text is what Compose will use, as far as the files tell.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.certainty != Certainty::Unknown
    }
}

/// A process to start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// Its words; a shell form is `sh -c TEXT`.
    pub words: Vec<String>,
    /// Where it is written.
    pub at: Location,
    /// Whether every word is known.
    pub known: bool,
}

impl Command {
    /// The words joined by spaces, the text of `sh -c` included.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.join(" ")
    }
}

/// Where an environment variable comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnvOrigin {
    /// The service's `environment`.
    Compose,
    /// A file named by `env_file`.
    EnvFile,
}

/// One variable of the container's environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvVar {
    /// Its name.
    pub key: String,
    /// Where the name is written.
    pub key_at: Location,
    /// Its value; `None` when it is passed through from the shell.
    pub value: Option<Text>,
    /// Where it comes from.
    pub origin: EnvOrigin,
}

/// A file named by `env_file`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvFile {
    /// The path as written.
    pub path: Text,
    /// Whether Compose fails without it.
    pub required: bool,
}

/// `build`, in either form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Build {
    /// The context as written; `.` when absent.
    pub context: String,
    /// The Dockerfile as written.
    pub dockerfile: Option<String>,
    /// Whether the Dockerfile is written inside the Compose file.
    pub inline: bool,
    /// The stage to build.
    pub target: Option<Text>,
    /// Build arguments: name, value, place.
    pub args: Vec<EnvVar>,
    /// Where it is written.
    pub at: Location,
}

/// A network a service joins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The network's key.
    pub network: String,
    /// Further names of the service on it.
    pub aliases: Vec<String>,
    /// Where it is written.
    pub at: Location,
}

/// What a service waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dependency {
    /// The other service.
    pub service: String,
    /// `service_started`, `service_healthy` or `service_completed_successfully`.
    pub condition: String,
    /// Where it is written.
    pub at: Location,
}

/// A service's health check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Healthcheck {
    /// Switched off.
    Disabled(Location),
    /// A probe runs.
    Probe(Location),
}

/// A secret or config granted to a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The top-level key.
    pub source: String,
    /// The path in the container.
    pub target: String,
    /// Where it is written.
    pub at: Location,
}

/// `post_start`, `pre_stop`, `pre_start`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hook {
    /// The key.
    pub kind: &'static str,
    /// The user it runs as.
    pub user: Option<Text>,
    /// Whether it runs privileged.
    pub privileged: Option<Spanned<bool>>,
    /// Where it is written.
    pub at: Location,
}

/// One service, merged and interpolated.
#[derive(Clone, Debug)]
pub struct ServiceSpec {
    /// Its key.
    pub name: String,
    /// Where the key is written.
    pub at: Location,
    /// The merged mapping; for keys that no field below names, and for edits.
    pub node: Node,
    /// `image`.
    pub image: Option<Text>,
    /// `build`.
    pub build: Option<Build>,
    /// `user`.
    pub user: Option<Text>,
    /// `command`.
    pub command: Option<Command>,
    /// `entrypoint`.
    pub entrypoint: Option<Command>,
    /// `privileged`, where it is known.
    pub privileged: Option<Spanned<bool>>,
    /// `cap_add`.
    pub cap_add: Vec<Text>,
    /// `cap_drop`.
    pub cap_drop: Vec<Text>,
    /// `devices`, as written.
    pub devices: Vec<Text>,
    /// `device_cgroup_rules`.
    pub device_cgroup_rules: Vec<Text>,
    /// `pid`, `ipc`, `uts`, `userns_mode`, `cgroup`: those that are set.
    pub namespaces: Vec<(&'static str, Text)>,
    /// `network_mode`.
    pub network_mode: Option<Text>,
    /// `ports`.
    pub ports: Vec<ports::Port>,
    /// `volumes` and `tmpfs`.
    pub mounts: Vec<mounts::Mount>,
    /// `volumes_from`.
    pub volumes_from: Vec<Text>,
    /// `environment`; entries of `env_file` are added by the project.
    pub environment: Vec<EnvVar>,
    /// `env_file`.
    pub env_files: Vec<EnvFile>,
    /// `networks`.
    pub networks: Vec<Membership>,
    /// `links`: service names.
    pub links: Vec<Text>,
    /// `depends_on`.
    pub depends_on: Vec<Dependency>,
    /// `restart`.
    pub restart: Option<Text>,
    /// `profiles`.
    pub profiles: Vec<Text>,
    /// `healthcheck`.
    pub healthcheck: Option<Healthcheck>,
    /// `labels`.
    pub labels: Vec<EnvVar>,
    /// `secrets`.
    pub secrets: Vec<Grant>,
    /// `configs`.
    pub configs: Vec<Grant>,
    /// Lifecycle hooks.
    pub hooks: Vec<Hook>,
    /// `use_api_socket`.
    pub use_api_socket: Option<Spanned<bool>>,
    /// `group_add`.
    pub group_add: Vec<Text>,
    /// What says that it runs once and ends: `docker run --rm` in the foreground, a pipeline's job. Compose has no such key.
    pub one_shot: Option<Location>,
}

/// A top-level network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Network {
    /// Its key.
    pub name: String,
    /// Where the key is written; `None` for the default network that nobody declared.
    pub at: Option<Location>,
    /// No way out of it, no published port into it.
    pub internal: bool,
    /// Made outside of this project.
    pub external: bool,
    /// `driver`.
    pub driver: Option<String>,
    /// `driver_opts`.
    pub options: Vec<(String, String)>,
}

/// A top-level volume, secret or config.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    /// Its key.
    pub name: String,
    /// Where the key is written.
    pub at: Location,
    /// `file`, as written.
    pub file: Option<Text>,
    /// `content` of a config.
    pub content: Option<Text>,
    /// The host path that a volume's `driver_opts` bind.
    pub device: Option<Text>,
}

impl ServiceSpec {
    /// The service that a Dockerfile alone stands for: nothing but its image is known.
    #[must_use]
    pub fn of_dockerfile(name: &str, at: Location) -> Self {
        let node = Node {
            source: at.source,
            id: crate::syntax::yaml::Id(0),
            parent: None,
            span: at.span,
            value: super::node::Value::Null,
            tag: None,
        };
        Self { node: node.clone(), at, ..read::service(&super::node::Entry { key: name.to_owned(), key_at: at, node }) }
    }
}

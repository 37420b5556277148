//! A Compose service as the engine would run it, read from the merged tree. Unreadable values are left out, never guessed.

pub mod mounts;
pub mod paths;
pub mod ports;
pub mod schema;

mod limits;
mod read;
mod settings;

pub use limits::{Amount, Limits, bytes, duration_seconds};
pub use read::{networks, resources, service};
pub use settings::{BuildOptions, Deploy, ExtraHost, Logging, Probe, SecurityOpt, Ulimit, Watch};

use super::Spanned;
use super::interpolate::Certainty;
use super::node::Node;
use crate::source::Location;
use std::collections::BTreeSet;

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
    /// Whether its lines are taken as they are: no quotes, no `${…}` (`format: raw`).
    pub raw: bool,
}

/// `build`, in either form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Build {
    /// The context as written; `.` when absent.
    pub context: String,
    /// The Dockerfile as written.
    pub dockerfile: Option<String>,
    /// The Dockerfile that is written inside the Compose file: where.
    pub inline: Option<Location>,
    /// The stage to build.
    pub target: Option<Text>,
    /// Build arguments: name, value, place.
    pub args: Vec<EnvVar>,
    /// Everything else that decides what the build may do and see.
    pub options: BuildOptions,
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
    /// Whether the service starts without it.
    pub required: bool,
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
    /// Permissions of the file; `None` leaves it readable by everyone in the container.
    pub mode: Option<u32>,
    /// `uid` and `gid`: its owner.
    pub owner: (Option<Text>, Option<Text>),
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
    /// What it runs.
    pub command: Option<Command>,
    /// `environment`.
    pub environment: Vec<EnvVar>,
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
    /// `security_opt`.
    pub security_opt: Vec<SecurityOpt>,
    /// `read_only`, where it is known.
    pub read_only: Option<Spanned<bool>>,
    /// `init`, where it is known.
    pub init: Option<Spanned<bool>>,
    /// `tty`, where it is known.
    pub tty: Option<Spanned<bool>>,
    /// `stdin_open`, where it is known.
    pub stdin_open: Option<Spanned<bool>>,
    /// `oom_kill_disable`, where it is known.
    pub oom_kill_disable: Option<Spanned<bool>>,
    /// `sysctls`.
    pub sysctls: Vec<EnvVar>,
    /// `ulimits`.
    pub ulimits: Vec<Ulimit>,
    /// Memory, processors and processes it may take, from the service's own keys and from `deploy.resources`.
    pub limits: Limits,
    /// `logging`.
    pub logging: Option<Logging>,
    /// `deploy`.
    pub deploy: Option<Deploy>,
    /// `scale`.
    pub scale: Option<Spanned<u64>>,
    /// `extra_hosts`.
    pub extra_hosts: Vec<ExtraHost>,
    /// `dns`.
    pub dns: Vec<Text>,
    /// `expose`: publishes nothing.
    pub expose: Vec<Text>,
    /// `external_links`.
    pub external_links: Vec<Text>,
    /// `pull_policy`.
    pub pull_policy: Option<Text>,
    /// `platform`.
    pub platform: Option<Text>,
    /// `working_dir`.
    pub working_dir: Option<Text>,
    /// `hostname`.
    pub hostname: Option<Text>,
    /// `container_name`.
    pub container_name: Option<Text>,
    /// `runtime`.
    pub runtime: Option<Text>,
    /// `cgroup_parent`.
    pub cgroup_parent: Option<Text>,
    /// `isolation`.
    pub isolation: Option<Text>,
    /// `storage_opt`.
    pub storage_opt: Vec<EnvVar>,
    /// `credential_spec`: its `config`, `file` or `registry`.
    pub credential_spec: Option<Text>,
    /// `gpus`: where it asks for graphics cards.
    pub gpus: Option<Location>,
    /// `stop_signal`.
    pub stop_signal: Option<Text>,
    /// `stop_grace_period`.
    pub stop_grace_period: Option<Text>,
    /// What `healthcheck` runs and how often.
    pub probe: Option<Probe>,
    /// `develop.watch`.
    pub watch: Vec<Watch>,
    /// `label_file`.
    pub label_files: Vec<EnvFile>,
    /// `annotations`.
    pub annotations: Vec<EnvVar>,
    /// `provider.type`: something else than a container.
    pub provider: Option<Text>,
    /// `models`: the keys.
    pub models: Vec<Text>,
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
    /// `name`: what the engine calls it.
    pub own_name: Option<Text>,
    /// `attachable`, where it is known.
    pub attachable: Option<Spanned<bool>>,
    /// `enable_ipv4`, where it is known.
    pub enable_ipv4: Option<Spanned<bool>>,
    /// `enable_ipv6`, where it is known.
    pub enable_ipv6: Option<Spanned<bool>>,
    /// `ipam.config`: its subnets.
    pub subnets: Vec<Text>,
    /// `labels`.
    pub labels: Vec<EnvVar>,
}

impl Network {
    /// A network of which nothing but the name is known.
    #[must_use]
    pub fn new(name: String, at: Option<Location>) -> Self {
        Self {
            name,
            at,
            internal: false,
            external: false,
            driver: None,
            options: Vec::new(),
            own_name: None,
            attachable: None,
            enable_ipv4: None,
            enable_ipv6: None,
            subnets: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// An option of its driver.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The address that mappings without one are published on.
    #[must_use]
    pub fn host_binding(&self) -> Option<&str> {
        self.option("com.docker.network.bridge.host_binding_ipv4")
    }

    /// Whether its containers can talk to each other; `None` when it does not say, and the engine's own setting holds.
    #[must_use]
    pub fn icc(&self) -> Option<bool> {
        match self.option("com.docker.network.bridge.enable_icc")? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// How the bridge leads out: `nat`, `routed`, `isolated`, …
    #[must_use]
    pub fn gateway_mode(&self) -> Option<&str> {
        self.option("com.docker.network.bridge.gateway_mode_ipv4")
    }
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
    /// `environment`: the variable of the shell that holds it.
    pub environment: Option<Text>,
    /// Made outside of this project.
    pub external: bool,
    /// `driver`.
    pub driver: Option<Text>,
    /// `driver_opts`.
    pub options: Vec<(String, String)>,
    /// `name`: what the engine calls it.
    pub own_name: Option<Text>,
    /// The host path that a volume's `driver_opts` bind.
    pub device: Option<Text>,
    /// `labels`.
    pub labels: Vec<EnvVar>,
}

/// Where a secret or config comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResourceSource<'r> {
    /// A file of the host.
    File(&'r Text),
    /// A variable of the shell.
    Environment(&'r Text),
    /// The Compose file itself.
    Content(&'r Text),
    /// Made outside of this project.
    External,
    /// A driver.
    Driver(&'r Text),
}

impl Resource {
    /// Where it comes from, each source that is named; Compose asks for exactly one.
    #[must_use]
    pub fn sources(&self) -> Vec<ResourceSource<'_>> {
        let file = self.file.as_ref().map(ResourceSource::File);
        let environment = self.environment.as_ref().map(ResourceSource::Environment);
        let content = self.content.as_ref().map(ResourceSource::Content);
        let external = self.external.then_some(ResourceSource::External);
        let driver = self.driver.as_ref().map(ResourceSource::Driver);
        [file, environment, content, external, driver].into_iter().flatten().collect()
    }
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

    /// Where a key is set to a value that no file tells: a variable without a value decides.
    #[must_use]
    pub fn unknown(&self, key: &str) -> Option<Location> {
        let node = self.node.get(key)?;
        node.scalar().filter(|scalar| !scalar.is_known()).map(|_| node.at())
    }

    /// Services whose namespaces, volumes or addresses it uses without `depends_on`: Compose starts them first all the same.
    #[must_use]
    pub fn implied_dependencies(&self) -> Vec<Dependency> {
        let mut known: BTreeSet<String> = self.depends_on.iter().map(|written| written.service.clone()).collect();
        let mut found: Vec<Dependency> = Vec::new();
        let mut add = |name: &str, at: Location| {
            if !name.is_empty() && known.insert(name.to_owned()) {
                let condition = "service_started".to_owned();
                found.push(Dependency { service: name.to_owned(), condition, required: true, at });
            }
        };
        for link in &self.links {
            add(link.text.split(':').next().unwrap_or(""), link.at);
        }
        let modes = self.namespaces.iter().map(|(_, mode)| mode).chain(&self.network_mode);
        for mode in modes {
            add(mode.text.strip_prefix("service:").unwrap_or(""), mode.at);
        }
        for from in &self.volumes_from {
            let text = from.text.as_str();
            if !text.starts_with("container:") {
                add(text.strip_prefix("service:").unwrap_or(text).split(':').next().unwrap_or(""), from.at);
            }
        }
        found
    }

    /// How many containers run: `deploy.replicas`, else `scale`, else one; `None` when a variable decides.
    #[must_use]
    pub fn replicas(&self) -> Option<u64> {
        let deploy = self.node.get("deploy").and_then(|deploy| deploy.get("replicas"));
        match (deploy, self.node.get("scale")) {
            (Some(_), _) => self.deploy.as_ref()?.replicas.map(|replicas| replicas.value),
            (None, Some(_)) => self.scale.map(|scale| scale.value),
            (None, None) => Some(1),
        }
    }

    /// Whether it is started when these profiles are active: a service without profiles always is, and `*` means all.
    #[must_use]
    pub fn runs_with(&self, profiles: &[&str]) -> bool {
        self.profiles.is_empty()
            || profiles.contains(&"*")
            || self.profiles.iter().any(|profile| profiles.contains(&profile.text.as_str()))
    }
}

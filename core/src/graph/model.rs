//! The graph of one deployment as plain data: services with what they hold and how they can be taken, who can open a connection to
//! whom, and who has to. Everything that is computed from it needs nothing else, so it is tested on graphs made by hand.

use crate::source::Location;

/// A service of a graph, by its place in [`Graph::services`].
pub type ServiceId = usize;

/// A text of the project that shows something, and what it shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Evidence {
    /// Where it stands; `None` for what no file says, such as the default of an image.
    pub at: Option<Location>,
    /// What it shows, as a short clause without a full stop. Never holds a secret's value.
    pub label: String,
}

impl Evidence {
    /// A text and what it shows.
    #[must_use]
    pub fn new(at: Location, label: impl Into<String>) -> Self {
        Self { at: Some(at), label: label.into() }
    }

    /// What is known without a text that says so.
    #[must_use]
    pub fn known(label: impl Into<String>) -> Self {
        Self { at: None, label: label.into() }
    }
}

/// A fault or a setting that one change would take away: a rule's finding at a place. Two facts with the same cause go together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cause {
    /// The rule that reports it, such as `datastores/redis-without-auth`; `None` when no rule does.
    pub rule: Option<&'static str>,
    /// What to change, as an imperative: `Give redis a password`.
    pub change: String,
    /// Where.
    pub at: Location,
}

/// An end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum End {
    /// Machines that reach the host from outside.
    Internet,
    /// Ports on the machine's loopback address.
    HostLoopback,
    /// The machine's own services, seen from a container through the gateway of its bridge.
    Host,
    /// The metadata service of a cloud machine, 169.254.169.254.
    Metadata,
    /// A service.
    Service(ServiceId),
    /// A machine outside of the deployment that the files name, by its place in [`Graph::externals`].
    External(usize),
}

/// Why a connection can be opened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LinkKind {
    /// A published port, from other machines.
    Expose,
    /// A port that is published on a loopback address, or that a container on the host's network opens.
    Loopback,
    /// Both are on one network.
    Network,
    /// Both are in one network namespace: 127.0.0.1 is shared too.
    Namespace,
    /// The container is on the host's network: it reaches every container, on internal networks too.
    HostNetwork,
    /// Out through the bridge and back in through a published port.
    Hairpin,
    /// From a container to the machine, at the gateway of its bridge.
    Gateway,
    /// From a container to other machines.
    Egress,
}

impl LinkKind {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expose => "expose",
            Self::Loopback => "loopback",
            Self::Network => "network",
            Self::Namespace => "namespace",
            Self::HostNetwork => "host-network",
            Self::Hairpin => "hairpin",
            Self::Gateway => "gateway",
            Self::Egress => "egress",
        }
    }
}

/// A connection that can be opened, in one direction. A common network gives two.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Link {
    /// Who opens it.
    pub from: End,
    /// Who answers.
    pub to: End,
    /// Why it can be opened.
    pub kind: LinkKind,
    /// Ports of the answering container; empty for all of them.
    pub ports: Vec<u16>,
    /// Networks that carry it, in order.
    pub networks: Vec<String>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What would take it away, when that is a fault of its own: a published port of a database, `network_mode: host`. A common
    /// network is none: the plan of networks is there for it.
    pub cause: Option<Cause>,
}

/// What somebody has at a service.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Can open a connection to it.
    Reached,
    /// Reads and writes what it stores, or uses its console: no code runs there.
    Data,
    /// Runs code in it as its unprivileged user.
    User,
    /// Runs code in it as root.
    Root,
}

impl Level {
    /// Whether code runs in it: then the walk goes on over its networks.
    #[must_use]
    pub fn executes(self) -> bool {
        self >= Self::User
    }

    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Data => "data",
            Self::User => "user",
            Self::Root => "root",
        }
    }
}

/// What kind of way into a service a door is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DoorKind {
    /// A data store that asks for no password.
    OpenStore,
    /// A data store with a default or weak password.
    WeakPassword,
    /// FastCGI: PHP runs what anybody who connects names.
    FastCgi,
    /// An administration API that asks nobody: Caddy 2019, RoadRunner RPC, Node's inspector.
    AdminApi,
    /// The API of the container engine: it controls the host.
    EngineApi,
    /// A console without a login, or that logs in by itself.
    Console,
}

impl DoorKind {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenStore => "open-store",
            Self::WeakPassword => "weak-password",
            Self::FastCgi => "fastcgi",
            Self::AdminApi => "admin-api",
            Self::EngineApi => "engine-api",
            Self::Console => "console",
        }
    }
}

/// A way into a service for whoever can open a connection to one of its ports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Door {
    /// What kind.
    pub kind: DoorKind,
    /// What it gives.
    pub gives: Level,
    /// How hard it is; 1 is a single command.
    pub cost: u8,
    /// Ports it is behind; empty when that is not known: then any connection will do.
    pub ports: Vec<u16>,
    /// Whether only who shares the service's 127.0.0.1 gets there.
    pub loopback_only: bool,
    /// Why it is open, as a short clause: `redis has no password`.
    pub reason: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What would close it; `None` for what the protocol is (FastCGI between a web server and its PHP).
    pub cause: Option<Cause>,
}

/// How one service comes to run code in another without a connection to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum InfluenceKind {
    /// A worker takes jobs from a broker and unserialises them.
    Queue,
    /// PHP unserialises sessions that a store keeps.
    Session,
    /// One writes files that the other executes.
    CodeVolume,
    /// Redis can be told to write a file where PHP executes it.
    RedisFile,
    /// A database administrator has the server run commands.
    DatabaseCommand,
}

impl InfluenceKind {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Session => "session",
            Self::CodeVolume => "code-volume",
            Self::RedisFile => "redis-file",
            Self::DatabaseCommand => "database-command",
        }
    }
}

/// Who has `needs` at `from` gets `gives` at `to`. `DatabaseCommand` has the same service at both ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Influence {
    /// Where somebody is.
    pub from: ServiceId,
    /// What they must have there.
    pub needs: Level,
    /// Where they get to.
    pub to: ServiceId,
    /// What they get there.
    pub gives: Level,
    /// What kind.
    pub kind: InfluenceKind,
    /// How hard it is.
    pub cost: u8,
    /// Why, as a short clause.
    pub reason: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What would take it away.
    pub cause: Option<Cause>,
}

/// How near a container is to the machine it runs on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// The host by design: no exploit is needed.
    T0,
    /// The host with one standard technique, or after becoming root in the container.
    T1,
    /// Secrets of the host or neighbours, without full control.
    T2,
    /// The confinement is weakened.
    T3,
    /// Docker's defaults: a fault in the kernel or the runtime is needed.
    T4,
    /// Hardened.
    T5,
}

impl Tier {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::T0 => "T0",
            Self::T1 => "T1",
            Self::T2 => "T2",
            Self::T3 => "T3",
            Self::T4 => "T4",
            Self::T5 => "T5",
        }
    }

    /// What it means, as a clause.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::T0 => "controls the host by design, without an exploit",
            Self::T1 => "controls the host with one standard technique",
            Self::T2 => "gets secrets of the host or its neighbours",
            Self::T3 => "weakened confinement",
            Self::T4 => "Docker's defaults: a kernel or runtime fault is needed",
            Self::T5 => "hardened",
        }
    }
}

/// Why a container is as near to the host as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EscapeReason {
    /// How near this alone brings it.
    pub tier: Tier,
    /// Why, as a short clause: `the engine's socket is mounted`.
    pub reason: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What would take it away; `None` for T4 and T5.
    pub cause: Option<Cause>,
}

/// What a secret is good for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretClass {
    /// Cloud, payment, registry, source repository, SSH: opens something outside of the deployment.
    Critical,
    /// The application's own key: `APP_KEY`, `APP_SECRET`, salts.
    ApplicationKey,
    /// A login at a data store or service of this deployment.
    Credential,
    /// Anything else.
    Other,
}

impl SecretClass {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::ApplicationKey => "application-key",
            Self::Credential => "credential",
            Self::Other => "other",
        }
    }
}

/// A secret that code in a service can read. Its name only, never its value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeldSecret {
    /// The variable, or the path of the file in the container.
    pub name: String,
    /// What it is good for.
    pub class: SecretClass,
    /// Whether only root in the container can read it.
    pub root_only: bool,
    /// Services that it logs in at.
    pub opens: Vec<ServiceId>,
    /// Systems outside that it opens, by their place in [`Graph::externals`].
    pub opens_external: Vec<usize>,
    /// Whether the login is a superuser's at what it opens: `root` of MySQL, `postgres`, Redis's `default` with everything allowed.
    pub superuser: bool,
    /// Where the service gets it from.
    pub evidence: Vec<Evidence>,
    /// What would take it away from here: set only where the service does not need it.
    pub cause: Option<Cause>,
}

/// How a service could fall in the first place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EntryWay {
    /// How, as a short clause: `uploads are executed as PHP`.
    pub reason: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// The rule that reports it.
    pub rule: Option<&'static str>,
}

/// What watches a service.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WatchKind {
    /// Requests: the access log of a web server, or PHP-FPM's.
    AccessLog,
    /// What the application or PHP logs, at the container's output or in a file that is kept.
    ApplicationLog,
    /// The log of a data store.
    StoreLog,
    /// Logs leave the machine.
    LogShipping,
    /// Metrics are collected.
    Metrics,
    /// Somebody is told: an alert manager, an error tracker.
    Alerting,
    /// A health check that would fail.
    HealthCheck,
    /// An audit trail of the host or the engine.
    Audit,
}

impl WatchKind {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessLog => "access-log",
            Self::ApplicationLog => "application-log",
            Self::StoreLog => "store-log",
            Self::LogShipping => "log-shipping",
            Self::Metrics => "metrics",
            Self::Alerting => "alerting",
            Self::HealthCheck => "health-check",
            Self::Audit => "audit",
        }
    }
}

/// Something of this stack in which an attack on a service would show.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Watch {
    /// What kind.
    pub kind: WatchKind,
    /// What it is, as a short clause: `nginx writes its access log to the container's output`.
    pub what: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// A port that a service publishes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Published {
    /// Address and port of the host, as written.
    pub host: String,
    /// Port of the container.
    pub target: Option<u16>,
    /// `everyone`, `private`, `loopback`, `nobody`, `unknown`.
    pub reach: &'static str,
    /// Where.
    pub at: Location,
}

/// A service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceNode {
    /// Its name.
    pub name: String,
    /// `php-fpm`, `web`, `db` …; `unknown`.
    pub role: &'static str,
    /// `edge`, `app`, `data`, `operations`, `unknown`.
    pub group: &'static str,
    /// Its image, or what it is built from, as written.
    pub image: String,
    /// Two services with the same text run the same build.
    pub build: String,
    /// Where it is declared.
    pub at: Location,
    /// Whether it runs PHP of the project.
    pub is_php: bool,
    /// Whether it works on what users hand in: images, documents, mail.
    pub is_processor: bool,
    /// Whether another machine reaches one of its ports, or a proxy that is reached hands requests on to it.
    pub is_exposed: bool,
    /// Whether code that a web request runs in it is root.
    pub root_for_requests: bool,
    /// Whether its main process is root: what a job or a command runs as.
    pub root_for_jobs: bool,
    /// Whether it stays: a job that ends is no neighbour.
    pub stays: bool,
    /// Networks it is on; none with a `network_mode`.
    pub networks: Vec<String>,
    /// Its `network_mode`, where it has one.
    pub network_mode: Option<String>,
    /// Names under which others find it.
    pub hostnames: Vec<String>,
    /// Ports it listens on, as far as they are known.
    pub ports: Vec<u16>,
    /// Ports it publishes.
    pub published: Vec<Published>,
    /// Why it has to reach machines outside of the deployment; empty when nothing says so.
    pub egress_needed: Vec<Evidence>,
    /// What it does for applications: `sessions`, `queue`, `cache` … with what tells.
    pub duties: Vec<(&'static str, Evidence)>,
    /// Ways into it.
    pub doors: Vec<Door>,
    /// How near it is to the host, each reason with its own tier; the nearest counts.
    pub escapes: Vec<EscapeReason>,
    /// Secrets that code in it can read.
    pub secrets: Vec<HeldSecret>,
    /// How it could fall in the first place.
    pub entries: Vec<EntryWay>,
    /// What would show an attack on it.
    pub watches: Vec<Watch>,
}

impl ServiceNode {
    /// How near it is to the host.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.escapes.iter().map(|reason| reason.tier).min().unwrap_or(Tier::T5)
    }

    /// What code in it runs as, when it falls as the start of a breach: web requests run as the pool's user, commands as the main
    /// process.
    #[must_use]
    pub fn start_level(&self) -> Level {
        let root = match self.role {
            "php-cli" | "unknown" => self.root_for_jobs,
            _ => self.root_for_requests,
        };
        if root { Level::Root } else { Level::User }
    }
}

/// A network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkNode {
    /// Its key; `default` for the one that nobody names.
    pub name: String,
    /// Whether it has no way out.
    pub internal: bool,
    /// Whether it exists apart from this deployment.
    pub external: bool,
    /// Whether its members cannot talk to each other.
    pub isolated: bool,
    /// Where it is declared; `None` for the default one that is not.
    pub at: Option<Location>,
    /// Its members that stay, in the order of the file.
    pub members: Vec<ServiceId>,
}

/// A conversation that has to be possible.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NeededPath {
    /// Who opens the connection.
    pub from: ServiceId,
    /// Who answers.
    pub to: ServiceId,
    /// How sure, in per cent. From 60 on it is needed; below, it is probable and shown as such.
    pub confidence: u8,
    /// What tells.
    pub evidence: Evidence,
}

impl NeededPath {
    /// Whether it is sure enough to be kept by every plan.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.confidence >= crate::facts::needed_paths::NEEDED
    }
}

/// A machine outside that the files name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct External {
    /// Its host name, or the system's name: `aws`, `github`, `smtp.example.com`.
    pub name: String,
    /// What names it.
    pub evidence: Evidence,
}

/// One deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Graph {
    /// The view's name.
    pub view: String,
    /// `production`, `development`, `ci`, `staging`, `unknown`.
    pub context: &'static str,
    /// Whether this is what runs, as commands recorded it, and not what is declared.
    pub is_running: bool,
    /// Its services, in the order of the file. Jobs that end are there too, see [`ServiceNode::stays`].
    pub services: Vec<ServiceNode>,
    /// Its networks, in use or declared.
    pub networks: Vec<NetworkNode>,
    /// Who can open a connection to whom.
    pub links: Vec<Link>,
    /// How code gets from one service to another without a connection.
    pub influences: Vec<Influence>,
    /// Who has to reach whom; each ordered pair once, the surest evidence.
    pub needs: Vec<NeededPath>,
    /// Machines outside that the files name.
    pub externals: Vec<External>,
}

impl Graph {
    /// A service by name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<ServiceId> {
        self.services.iter().position(|service| service.name == name)
    }

    /// Every fault that one change would take away, each once, in order.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let services = || self.services.iter();
        let mut causes: Vec<Cause> = (self.links.iter().filter_map(|link| link.cause.clone()))
            .chain(self.influences.iter().filter_map(|influence| influence.cause.clone()))
            .chain(services().flat_map(|service| service.doors.iter().filter_map(|door| door.cause.clone())))
            .chain(services().flat_map(|service| service.escapes.iter().filter_map(|reason| reason.cause.clone())))
            .chain(services().flat_map(|service| service.secrets.iter().filter_map(|secret| secret.cause.clone())))
            .collect();
        causes.sort();
        causes.dedup();
        causes
    }

    /// The graph after a change: everything with that cause is gone. A container stays at least at Docker's defaults: taking one
    /// fault away hardens nothing else.
    #[must_use]
    pub fn without(&self, cause: &Cause) -> Self {
        let mut graph = self.clone();
        let stays = |of: &Option<Cause>| of.as_ref() != Some(cause);
        graph.links.retain(|link| stays(&link.cause));
        graph.influences.retain(|influence| stays(&influence.cause));
        for service in &mut graph.services {
            service.doors.retain(|door| stays(&door.cause));
            service.secrets.retain(|secret| stays(&secret.cause));
            service.escapes.retain(|reason| stays(&reason.cause));
        }
        graph
    }
}

//! What is computed from a graph, as plain data.

use super::model::{Cause, End, Evidence, Level, LinkKind, SecretClass, ServiceId, Tier};

/// What an attacker does in one step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verb {
    /// Looks who is there: names and ports.
    Enumerate,
    /// Reads what the container holds: environment, files, secrets.
    Read,
    /// Opens a connection that leads no further by itself.
    Connect,
    /// Uses a data store: without a password, with a known one, or with a secret held.
    Access,
    /// Runs code in another service.
    Execute,
    /// Leaves the container for the host.
    Escape,
}

impl Verb {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enumerate => "enumerate",
            Self::Read => "read",
            Self::Connect => "connect",
            Self::Access => "access",
            Self::Execute => "execute",
            Self::Escape => "escape",
        }
    }
}

/// Where an attacker is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Position {
    /// At a service, with this much.
    At(ServiceId, Level),
    /// Root on the machine.
    Host,
    /// A system outside of the deployment, by its place in the graph's externals.
    External(usize),
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// From where.
    pub from: Position,
    /// To where.
    pub to: Position,
    /// What is done.
    pub verb: Verb,
    /// How hard it is.
    pub cost: u8,
    /// How, as a short clause: `redis has no password`.
    pub reason: String,
    /// The connection that carries it; `None` for what needs none.
    pub link: Option<LinkKind>,
    /// Networks that carry it.
    pub networks: Vec<String>,
    /// What shows that it works.
    pub evidence: Vec<Evidence>,
    /// What would take it away.
    pub cause: Option<Cause>,
    /// What of this stack would show it: a log, a metric, an alert. Empty: nothing would.
    pub shown_by: Vec<Evidence>,
}

/// The easiest path to something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// Where it leads.
    pub to: Position,
    /// The sum of its steps.
    pub cost: u32,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// How a data store, a console or a service was reached, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hold {
    /// Runs code there.
    Executes,
    /// Controls it without a password, with a default one, or with a credential that is not its own.
    Controls,
    /// Uses it with the credential that the service that fell needs itself.
    Uses,
    /// Can open a connection; whether it asks for a password is not known, or it does.
    Reaches,
}

impl Hold {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Executes => "executes",
            Self::Controls => "controls",
            Self::Uses => "uses",
            Self::Reaches => "reaches",
        }
    }
}

/// A service that a breach gets to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// The service.
    pub service: ServiceId,
    /// The most that is had there.
    pub level: Level,
    /// How.
    pub hold: Hold,
    /// Why, as a short clause; for `Reaches`, over what.
    pub reason: String,
}

/// A secret that a breach reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadSecret {
    /// Its name; never its value.
    pub name: String,
    /// In which services it is read.
    pub services: Vec<ServiceId>,
    /// What it is good for.
    pub class: SecretClass,
}

/// A service that a breach does not get to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spared {
    /// The service.
    pub service: ServiceId,
    /// What keeps it safe, as a clause: `no network is shared, and it publishes no port`.
    pub why: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

/// One item of a blast radius.
#[derive(Clone, PartialEq, Debug)]
pub struct BlastItem {
    /// What, as a short clause: `redis is controlled without a password`.
    pub what: String,
    /// Its weight, 0 to 1.
    pub weight: f64,
}

/// How much is lost with one service.
#[derive(Clone, PartialEq, Debug)]
pub struct Blast {
    /// 0 (nothing) to 100 (everything).
    pub score: u8,
    /// Its grade: A to 25, B to 45, C to 65, D to 85, F above.
    pub grade: char,
    /// What it is made of, the heaviest first.
    pub items: Vec<BlastItem>,
}

/// What happens when a service falls.
#[derive(Clone, PartialEq, Debug)]
pub struct Breach {
    /// The service that falls.
    pub start: ServiceId,
    /// What code in it runs as.
    pub level: Level,
    /// Names that are found there without opening a connection: services, aliases, container names.
    pub enumerated: Vec<String>,
    /// The easiest path to each thing that is reached beyond a mere connection, the easiest first.
    pub paths: Vec<Path>,
    /// Services that are reached, the worst hold first.
    pub reached: Vec<Reached>,
    /// Secrets that are read.
    pub secrets: Vec<ReadSecret>,
    /// Systems outside that fall with them, by their place in the graph's externals.
    pub externals: Vec<usize>,
    /// Services that are not reached, and why.
    pub spared: Vec<Spared>,
    /// How near to the host it comes, over every service in which code runs.
    pub tier: Tier,
    /// Why: the service and the reason, the nearest first.
    pub escapes: Vec<(ServiceId, String, Vec<Evidence>)>,
    /// Whether it may call out to other machines.
    pub egress: bool,
    /// Whether the metadata service of a cloud machine is within reach.
    pub metadata: bool,
    /// How much is lost.
    pub blast: Blast,
}

/// One change, and what it takes away.
#[derive(Clone, PartialEq, Debug)]
pub struct Cut {
    /// The change.
    pub cause: Cause,
    /// Paths that are gone or harder after it, over all starts that were looked at.
    pub paths_cut: usize,
    /// The stack's blast radius before.
    pub before: u8,
    /// The stack's blast radius after.
    pub after: u8,
}

/// What a breach anywhere in a deployment leads to.
#[derive(Clone, PartialEq, Debug)]
pub struct StackBreach {
    /// Where breaches start unless somebody says otherwise: exposed services, PHP, processors.
    pub starts: Vec<ServiceId>,
    /// One breach for each service that stays, in the order of the file.
    pub breaches: Vec<Breach>,
    /// The stack's blast radius: 0.7 of the worst exposed service, 0.3 of the mean over PHP.
    pub blast: u8,
    /// Its grade.
    pub grade: char,
    /// The three changes that cut the most, the best first.
    pub cuts: Vec<Cut>,
}

/// Pairs of services that can talk, and those that have to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segmentation {
    /// Unordered pairs that share a network or a namespace, the smaller place first, in order.
    pub possible: Vec<(ServiceId, ServiceId)>,
    /// Unordered pairs that have to talk.
    pub needed: Vec<(ServiceId, ServiceId)>,
    /// Pairs that can talk and do not have to.
    pub excess: Vec<(ServiceId, ServiceId)>,
    /// Pairs that have to talk and cannot.
    pub missing: Vec<(ServiceId, ServiceId)>,
    /// 100 × (1 − excess ÷ (all pairs − needed)), rounded; 100 when there is nothing to separate.
    pub index: u8,
}

/// How services are put onto networks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub enum Preset {
    /// No pair too many, however many networks it takes.
    Strict,
    /// A network less is worth a harmless pair.
    #[default]
    Balanced,
    /// edge, app, data and operations: four names, and the pairs that come with them.
    Tiered,
}

impl Preset {
    /// All of them, the tightest first.
    pub const ALL: [Self; 3] = [Self::Strict, Self::Balanced, Self::Tiered];

    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Balanced => "balanced",
            Self::Tiered => "tiered",
        }
    }
}

/// One network of a plan.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PlannedNetwork {
    /// Its key.
    pub name: String,
    /// Its members, in the order of the file.
    pub members: Vec<ServiceId>,
    /// Whether it has no way out.
    pub internal: bool,
    /// Why it is there, as a sentence: `app talks to mysql and redis.`
    pub why: String,
}

/// A plan of networks in which every needed pair shares one and few others do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// How it was made.
    pub preset: Preset,
    /// Whether no better one exists by its own measure (up to twelve services), or it was found greedily.
    pub exact: bool,
    /// Its networks: those that carry needed conversations first, then the ways out.
    pub networks: Vec<PlannedNetwork>,
    /// Pairs that can talk under it and do not have to.
    pub excess: Vec<(ServiceId, ServiceId)>,
    /// The index before and after.
    pub index: (u8, u8),
    /// Services that need no conversation: they get a way out of their own or none.
    pub alone: Vec<ServiceId>,
    /// Ports of data stores that are no longer published under it.
    pub unpublished: Vec<(ServiceId, Evidence)>,
    /// What a reader has to know: needs that are only probable, address pools that run short, namespaces that stay shared.
    pub remarks: Vec<String>,
}

impl Plan {
    /// Whether two services share a network under it.
    #[must_use]
    pub fn joins(&self, a: ServiceId, b: ServiceId) -> bool {
        self.networks.iter().any(|network| network.members.contains(&a) && network.members.contains(&b))
    }
}

/// An end that a renderer names.
impl End {
    /// The service, where it is one.
    #[must_use]
    pub fn service(self) -> Option<ServiceId> {
        match self {
            Self::Service(service) => Some(service),
            _ => None,
        }
    }
}

/// How one boundary of a container stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Standing {
    /// On, as Docker does without being asked.
    OnByDefault,
    /// Off, as Docker leaves it unless it is asked for.
    OffByDefault,
    /// Made stronger here.
    Strengthened,
    /// Weakened here.
    Weakened,
    /// A variable or an image that is not known decides.
    Unknown,
}

impl Standing {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnByDefault => "on-by-default",
            Self::OffByDefault => "off-by-default",
            Self::Strengthened => "strengthened",
            Self::Weakened => "weakened",
            Self::Unknown => "unknown",
        }
    }
}

/// One boundary of a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Boundary {
    /// Its name in every output: `pid-namespace`, `capabilities`, `seccomp`, `user`, `memory` …
    pub name: &'static str,
    /// Its title for people.
    pub title: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What it is now, as a short clause: `shared with the host`, `14 by default, NET_ADMIN added`.
    pub state: String,
    /// Where that is written; empty for what is a default.
    pub evidence: Vec<Evidence>,
}

/// All boundaries of a service's container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BoundarySheet {
    /// The service.
    pub service: String,
    /// Its boundaries, always the same ones in the same order.
    pub boundaries: Vec<Boundary>,
}

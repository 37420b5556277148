//! Every single move that a graph allows, worked out once: what has to be held where, over which connection, for what. The walk
//! then only adds up. A cause can be left out of a walk by its number, which is as if the graph had been built without it.

use super::grip::{Grip, Need};
use super::set::Set;
use crate::graph::model::{
    Cause, Door, DoorKind, End, EscapeReason, Graph, HeldSecret, Influence, Level, Link, LinkKind, ServiceId, Tier,
};
use crate::text::shorten;

/// How much of a name is shown.
pub(in crate::graph) const NAME: usize = 60;

/// A cause by its place in [`Ways::causes`].
pub(in crate::graph) type CauseId = u32;

/// Where a move leads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::graph) enum Goal {
    /// To a service.
    At(ServiceId, Grip),
    /// To the machine.
    Host,
    /// To a system outside.
    External(usize),
}

/// What makes a move possible.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::graph) enum By<'g> {
    /// A door of the service it leads to, or of a service that controls the host.
    Door(&'g Door),
    /// An influence.
    Influence(&'g Influence),
    /// A lack of confinement.
    Escape(&'g EscapeReason),
    /// A secret that opens a system outside, or with which a console logs in for whoever uses it.
    Secret(&'g HeldSecret),
}

/// A move.
#[derive(Clone, Copy, Debug)]
pub(in crate::graph) struct Move<'g> {
    /// What it asks for where it starts.
    pub(in crate::graph) need: Need,
    /// Where it leads.
    pub(in crate::graph) goal: Goal,
    /// How hard it is.
    pub(in crate::graph) cost: u8,
    /// What makes it possible.
    pub(in crate::graph) by: By<'g>,
    /// The connection that it needs.
    pub(in crate::graph) link: Option<&'g Link>,
    /// What would take it away: either of these.
    pub(in crate::graph) causes: [Option<CauseId>; 2],
}

impl Move<'_> {
    /// How near to the host what makes it possible brings it by itself.
    pub(in crate::graph) fn tier(&self) -> Tier {
        match self.by {
            By::Escape(escape) => escape.tier,
            _ => Tier::T0,
        }
    }
}

/// A login that is held somewhere.
#[derive(Clone, Copy, Debug)]
pub(in crate::graph) struct Key<'g> {
    /// The secret.
    pub(in crate::graph) secret: &'g HeldSecret,
    /// The service that it logs in at.
    pub(in crate::graph) opens: ServiceId,
    /// What it gives there.
    pub(in crate::graph) grip: Grip,
    /// What would take it away.
    pub(in crate::graph) cause: Option<CauseId>,
}

/// A connection to a service.
#[derive(Clone, Copy, Debug)]
pub(in crate::graph) struct Hop<'g> {
    /// Who answers.
    pub(in crate::graph) to: ServiceId,
    /// The connection.
    pub(in crate::graph) link: &'g Link,
    /// What would take it away.
    pub(in crate::graph) cause: Option<CauseId>,
}

/// What starts at one service.
#[derive(Clone, Debug)]
pub(in crate::graph) struct Outset<'g> {
    /// Connections to services that stay, by who answers.
    pub(in crate::graph) hops: Vec<Hop<'g>>,
    /// Who is reached whatever cause is left out.
    near: Set,
    /// Who is reached over what a cause would take away.
    pub(in crate::graph) caused: Vec<(ServiceId, Option<CauseId>)>,
    /// Moves, the easiest first.
    pub(in crate::graph) moves: Vec<Move<'g>>,
    /// Logins that are held there.
    pub(in crate::graph) keys: Vec<Key<'g>>,
    /// How near it is to the host, and what would take each reason away.
    pub(in crate::graph) escapes: Vec<(&'g EscapeReason, Option<CauseId>)>,
    /// Secrets that are held there, and what would take each away.
    pub(in crate::graph) secrets: Vec<(&'g HeldSecret, Option<CauseId>)>,
    /// Connections to other machines: what would take each away.
    pub(in crate::graph) egress: Vec<Option<CauseId>>,
    /// Connections to the metadata service: what would take each away.
    pub(in crate::graph) metadata: Vec<Option<CauseId>>,
}

/// Every move of a graph.
pub(in crate::graph) struct Ways<'g> {
    /// The graph.
    pub(in crate::graph) graph: &'g Graph,
    /// Every cause, in order.
    pub(in crate::graph) causes: Vec<&'g Cause>,
    /// What starts at each service.
    pub(in crate::graph) from: Vec<Outset<'g>>,
    /// The place of each service's name among all names: what decides between equals.
    pub(in crate::graph) rank: Vec<usize>,
    /// The same for systems outside.
    pub(in crate::graph) external_rank: Vec<usize>,
    /// Services that something logs in at.
    logins: Set,
}

impl<'g> Ways<'g> {
    /// Works them out.
    pub(in crate::graph) fn of(graph: &'g Graph) -> Self {
        let mut ways = Self {
            graph,
            causes: causes(graph),
            from: Vec::with_capacity(graph.services.len()),
            rank: ranks(graph.services.iter().map(|service| service.name.as_str())),
            external_rank: ranks(graph.externals.iter().map(|external| external.name.as_str())),
            logins: Set::new(graph.services.len()),
        };
        for &opens in graph.services.iter().flat_map(|service| &service.secrets).flat_map(|secret| &secret.opens) {
            ways.logins.add(opens);
        }
        let mut links: Vec<Vec<&Link>> = vec![Vec::new(); graph.services.len()];
        for link in &graph.links {
            if let End::Service(from) = link.from
                && let Some(links) = links.get_mut(from)
            {
                links.push(link);
            }
        }
        let doors = ways.doors();
        ways.from = links.into_iter().enumerate().map(|(from, links)| ways.starting(from, &links, &doors)).collect();
        for influence in &graph.influences {
            ways.add_influence(influence);
        }
        for from in &mut ways.from {
            from.moves.sort_by(|a, b| (a.cost, a.by, a.goal, a.link).cmp(&(b.cost, b.by, b.goal, b.link)));
        }
        ways
    }

    /// The number of a cause.
    pub(in crate::graph) fn cause(&self, cause: Option<&Cause>) -> Option<CauseId> {
        let at = self.causes.binary_search(&cause?).ok()?;
        CauseId::try_from(at).ok()
    }

    /// Whether a service is there to be reached.
    pub(in crate::graph) fn stays(&self, service: ServiceId) -> bool {
        self.graph.services.get(service).is_some_and(|node| node.stays)
    }

    /// Whether something logs in at a service, so that it asks for a password unless a door says otherwise.
    pub(in crate::graph) fn has_login(&self, service: ServiceId) -> bool {
        self.logins.has(service)
    }

    /// The name of a service for a sentence.
    pub(in crate::graph) fn name(&self, service: ServiceId) -> String {
        self.graph.services.get(service).map(|node| shorten(&node.name, NAME)).unwrap_or_default()
    }

    /// The first connection from one service to another without a cause.
    pub(in crate::graph) fn hop(&self, from: ServiceId, to: ServiceId, without: Option<CauseId>) -> Option<&Hop<'g>> {
        let hops = &self.from.get(from)?.hops;
        let first = hops.partition_point(|hop| hop.to < to);
        hops.get(first..)?.iter().take_while(|hop| hop.to == to).find(|hop| kept(hop.cause, without))
    }

    /// Who can be reached from these services.
    pub(in crate::graph) fn near(&self, services: &[ServiceId], without: Option<CauseId>) -> Set {
        let mut all = Set::new(self.graph.services.len());
        for from in services.iter().filter_map(|&service| self.from.get(service)) {
            all.add_all(&from.near);
            for &(to, _) in from.caused.iter().filter(|(_, cause)| kept(*cause, without)) {
                all.add(to);
            }
        }
        all
    }

    fn doors(&self) -> Vec<Vec<(&'g Door, Option<CauseId>)>> {
        let of = |door: &'g Door| (door, self.cause(door.cause.as_ref()));
        self.graph.services.iter().map(|service| service.doors.iter().map(of).collect()).collect()
    }

    fn starting(&self, from: ServiceId, links: &[&'g Link], doors: &[Vec<(&'g Door, Option<CauseId>)>]) -> Outset<'g> {
        let mut start = Outset {
            hops: Vec::with_capacity(links.len()),
            near: Set::new(self.graph.services.len()),
            caused: Vec::new(),
            moves: Vec::new(),
            keys: Vec::new(),
            escapes: Vec::new(),
            secrets: Vec::new(),
            egress: Vec::new(),
            metadata: Vec::new(),
        };
        for &link in links {
            let cause = self.cause(link.cause.as_ref());
            match link.to {
                End::Service(to) if to != from && self.stays(to) => start.hops.push(Hop { to, link, cause }),
                End::Internet => start.egress.push(cause),
                End::Metadata => start.metadata.push(cause),
                _ => {}
            }
        }
        start.hops.sort_by(|a, b| (a.to, a.link.kind, a.link).cmp(&(b.to, b.link.kind, b.link)));
        for hop in &start.hops {
            match hop.cause {
                None => start.near.add(hop.to),
                cause => start.caused.push((hop.to, cause)),
            }
        }
        for hop in &start.hops {
            for &(door, cause) in doors.get(hop.to).into_iter().flatten() {
                if self.carries(hop, door) {
                    self.through(&mut start.moves, hop.to, door, Some(hop.link), [cause, hop.cause]);
                }
            }
        }
        for &(door, cause) in doors.get(from).into_iter().flatten() {
            if door.gives == Level::Root {
                self.through(&mut start.moves, from, door, None, [cause, None]);
            }
        }
        self.add_own(from, &mut start);
        start
    }

    /// Whether a connection gets to a door.
    fn carries(&self, hop: &Hop<'_>, door: &Door) -> bool {
        let shares_loopback = match hop.link.kind {
            LinkKind::Namespace => true,
            LinkKind::HostNetwork => {
                let mode = self.graph.services.get(hop.to).and_then(|service| service.network_mode.as_deref());
                mode == Some("host")
            }
            _ => false,
        };
        if door.loopback_only && !shares_loopback {
            return false;
        }
        let (link, door) = (&hop.link.ports, &door.ports);
        link.is_empty() || door.is_empty() || link.iter().any(|port| door.contains(port))
    }

    /// The moves through a door. The engine's API is the host when whoever uses it may make containers. An engine that runs in a
    /// container of its own has only that one.
    fn through(
        &self,
        moves: &mut Vec<Move<'g>>,
        to: ServiceId,
        door: &'g Door,
        link: Option<&'g Link>,
        causes: [Option<CauseId>; 2],
    ) {
        let goal = Goal::At(to, Grip::of_door(door));
        let one = Move { need: Need::User, goal, cost: door.cost.max(1), by: By::Door(door), link, causes };
        let is_nested = self.graph.services.get(to).is_some_and(|node| node.role == "dind");
        if door.kind == DoorKind::EngineApi && door.gives == Level::Root && !is_nested {
            moves.push(Move { goal: Goal::Host, ..one });
        }
        moves.push(one);
    }

    /// What a service holds itself: how near it is to the host, and its secrets.
    fn add_own(&self, from: ServiceId, start: &mut Outset<'g>) {
        let Some(node) = self.graph.services.get(from) else { return };
        for escape in &node.escapes {
            let cause = self.cause(escape.cause.as_ref());
            start.escapes.push((escape, cause));
            let cost = match escape.tier {
                Tier::T0 => 1,
                Tier::T1 => 2,
                _ => continue,
            };
            // whoever has the console of what administers the engine uses its socket without running code there
            let is_console = node.role == "docker-admin" && escape.tier == Tier::T0;
            start.moves.push(Move {
                need: if is_console { Need::Admin } else { Need::User },
                goal: Goal::Host,
                cost,
                by: By::Escape(escape),
                link: None,
                causes: [cause, None],
            });
        }
        for secret in &node.secrets {
            let cause = self.cause(secret.cause.as_ref());
            start.secrets.push((secret, cause));
            let need = if secret.root_only { Need::Root } else { Need::User };
            for &opens in secret.opens.iter().filter(|&&opens| opens != from && self.stays(opens)) {
                start.keys.push(Key { secret, opens, grip: Grip::of_secret(secret), cause });
            }
            for &external in secret.opens_external.iter().filter(|&&external| external < self.graph.externals.len()) {
                let (goal, by) = (Goal::External(external), By::Secret(secret));
                start.moves.push(Move { need, goal, cost: 1, by, link: None, causes: [cause, None] });
            }
        }
        start.keys.sort_by(|a, b| (a.opens, a.grip, &a.secret.name).cmp(&(b.opens, b.grip, &b.secret.name)));
        if node.role == "db-admin" {
            let moves = console(start);
            start.moves.extend(moves);
        }
    }

    fn add_influence(&mut self, influence: &'g Influence) {
        if !self.stays(influence.to) {
            return;
        }
        let causes = [self.cause(influence.cause.as_ref()), None];
        if let Some(from) = self.from.get_mut(influence.from) {
            from.moves.push(Move {
                need: Need::of(influence),
                goal: Goal::At(influence.to, Grip::of_level(influence.gives)),
                cost: influence.cost,
                by: By::Influence(influence),
                link: None,
                causes,
            });
        }
    }
}

/// Whether something with a cause is there when a cause is left out.
pub(in crate::graph) fn kept(cause: Option<CauseId>, without: Option<CauseId>) -> bool {
    cause.is_none() || cause != without
}

/// What whoever has a console of databases gets: it logs in with what it holds, and nobody has to know it.
fn console<'g>(start: &Outset<'g>) -> Vec<Move<'g>> {
    let over = |key: &Key<'g>| {
        let (key, to) = (*key, key.opens);
        start.hops.iter().filter(move |hop| hop.to == to).map(move |hop| Move {
            need: Need::Admin,
            goal: Goal::At(to, key.grip.without_a_login()),
            cost: 1,
            by: By::Secret(key.secret),
            link: Some(hop.link),
            causes: [key.cause, hop.cause],
        })
    };
    start.keys.iter().filter(|key| !key.secret.root_only).flat_map(over).collect()
}

fn causes(graph: &Graph) -> Vec<&Cause> {
    let services = || graph.services.iter();
    let mut causes: Vec<&Cause> = (graph.links.iter().filter_map(|link| link.cause.as_ref()))
        .chain(graph.influences.iter().filter_map(|influence| influence.cause.as_ref()))
        .chain(services().flat_map(|service| service.doors.iter().filter_map(|door| door.cause.as_ref())))
        .chain(services().flat_map(|service| service.escapes.iter().filter_map(|reason| reason.cause.as_ref())))
        .chain(services().flat_map(|service| service.secrets.iter().filter_map(|secret| secret.cause.as_ref())))
        .collect();
    causes.sort();
    causes.dedup();
    causes
}

fn ranks<'a>(names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let names: Vec<&str> = names.collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&place| (names.get(place), place));
    let mut ranks = vec![0; names.len()];
    for (rank, place) in order.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(place) {
            *slot = rank;
        }
    }
    ranks
}

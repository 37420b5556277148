//! The walk itself: the easiest way to everything that can be had from one service on, by Dijkstra's algorithm over what is had
//! where. Between equals the fewest steps decide, then names, so that the order of connections changes nothing.
//!
//! A login counts wherever code runs: it may be read in one service and used from another.

use super::grip::Grip;
use super::set::Set;
use super::ways::{CauseId, Goal, Key, Move, Ways, kept};
use crate::graph::model::{Level, ServiceId, Tier};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const GRIPS: usize = Grip::ALL.len();

/// How a state was come by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::graph) enum Via {
    /// By a move of a service, from a grip at it.
    Move {
        /// From what.
        from: (ServiceId, Grip),
        /// The move's place among those of the service.
        index: usize,
    },
    /// By a login.
    Key {
        /// From what.
        from: (ServiceId, Grip),
        /// The service that the login is read in.
        holder: ServiceId,
        /// The login's place among those of the holder.
        index: usize,
    },
}

/// How hard something is, and how many steps it takes.
pub(in crate::graph) type Effort = (u32, u32);

/// What a walk found.
pub(in crate::graph) struct Found {
    /// Where it started.
    pub(in crate::graph) start: ServiceId,
    /// Services in which code runs, the start first, the easiest next.
    pub(in crate::graph) executed: Vec<ServiceId>,
    /// Services that a connection can be opened to.
    pub(in crate::graph) near: Set,
    /// Moves that lead to the host, by service and place.
    pub(in crate::graph) to_host: Vec<(ServiceId, usize)>,
    services: usize,
    efforts: Vec<Option<Effort>>,
    vias: Vec<Option<Via>>,
}

impl Found {
    /// How hard something is; `None` when it is not reached.
    pub(in crate::graph) fn effort(&self, goal: Goal) -> Option<Effort> {
        self.efforts.get(state(self.services, goal)).copied().flatten()
    }

    /// How something was come by; `None` for the start and for what is not reached.
    pub(in crate::graph) fn via(&self, goal: Goal) -> Option<Via> {
        self.vias.get(state(self.services, goal)).copied().flatten()
    }

    /// The easiest of these grips at a service, and how hard it is; of equals the firmest.
    pub(in crate::graph) fn easiest(
        &self,
        service: ServiceId,
        wanted: impl Fn(Grip) -> bool,
    ) -> Option<(Effort, Grip)> {
        let grips = Grip::ALL.into_iter().rev().filter(|&grip| wanted(grip));
        grips.filter_map(|grip| Some((self.effort(Goal::At(service, grip))?, grip))).min_by_key(|&(effort, _)| effort)
    }

    /// The firmest grip at a service.
    pub(in crate::graph) fn firmest(&self, service: ServiceId) -> Option<Grip> {
        Grip::ALL.into_iter().rev().find(|&grip| self.effort(Goal::At(service, grip)).is_some())
    }

    /// Whether code runs as root in a service.
    pub(in crate::graph) fn is_root(&self, service: ServiceId) -> bool {
        self.effort(Goal::At(service, Grip::Root)).is_some()
    }

    /// How near to the host it comes: every service in which code runs counts, and every move that leads there.
    pub(in crate::graph) fn tier(&self, ways: &Ways<'_>, without: Option<CauseId>) -> Tier {
        let executed = self.executed.iter().filter_map(|&service| ways.from.get(service));
        let reasons = executed.flat_map(|from| &from.escapes).filter(|(_, cause)| kept(*cause, without));
        reasons.map(|(escape, _)| escape.tier).chain(self.host_moves(ways).map(Move::tier)).min().unwrap_or(Tier::T5)
    }

    /// The moves that lead to the host.
    pub(in crate::graph) fn host_moves<'a, 'g>(
        &'a self,
        ways: &'a Ways<'g>,
    ) -> impl Iterator<Item = &'a Move<'g>> + use<'a, 'g> {
        self.to_host.iter().filter_map(|&(service, index)| ways.from.get(service)?.moves.get(index))
    }

    /// Every cause that plays a part in it: without any other, the walk finds the same.
    pub(in crate::graph) fn causes(&self, ways: &Ways<'_>) -> Vec<CauseId> {
        let mut causes: Vec<Option<CauseId>> = self.host_moves(ways).flat_map(|one| one.causes).collect();
        for via in self.vias.iter().flatten() {
            causes.extend(causes_of(ways, *via));
        }
        for from in self.executed.iter().filter_map(|&service| ways.from.get(service)) {
            causes.extend(from.escapes.iter().map(|(_, cause)| *cause));
            causes.extend(from.secrets.iter().map(|(_, cause)| *cause));
            causes.extend(from.caused.iter().map(|(_, cause)| *cause));
            causes.extend(from.egress.iter().copied());
        }
        let mut causes: Vec<CauseId> = causes.into_iter().flatten().collect();
        causes.sort_unstable();
        causes.dedup();
        causes
    }
}

/// What a step starts from.
pub(in crate::graph) fn origin(via: Via) -> Goal {
    let (Via::Move { from, .. } | Via::Key { from, .. }) = via;
    Goal::At(from.0, from.1)
}

/// What would take away how something was come by: its own cause, and its connection's.
pub(in crate::graph) fn causes_of(ways: &Ways<'_>, via: Via) -> [Option<CauseId>; 2] {
    match via {
        Via::Move { from, index } => {
            ways.from.get(from.0).and_then(|all| all.moves.get(index)).map_or([None, None], |one| one.causes)
        }
        Via::Key { from, holder, index } => {
            let key = ways.from.get(holder).and_then(|all| all.keys.get(index));
            key.map_or([None, None], |key| [key.cause, ways.hop(from.0, key.opens, None).and_then(|hop| hop.cause)])
        }
    }
}

/// Walks from a service, as if one cause were not there.
pub(in crate::graph) fn search(ways: &Ways<'_>, start: ServiceId, without: Option<CauseId>) -> Found {
    let services = ways.graph.services.len();
    let states = services * GRIPS + 1 + ways.graph.externals.len();
    let mut search = Search {
        ways,
        without,
        efforts: vec![None; states],
        vias: vec![None; states],
        settled: vec![false; states],
        queue: BinaryHeap::new(),
        executed: Vec::new(),
        runs: vec![None; services],
        pool: vec![[None; GRIPS]; services],
        pooled: Vec::new(),
        to_host: Vec::new(),
    };
    if let Some(node) = ways.graph.services.get(start) {
        let grip = if node.start_level() == Level::Root { Grip::Root } else { Grip::User };
        search.relax(Goal::At(start, grip), (0, 0), None);
    }
    while let Some(Reverse((effort, _, goal))) = search.queue.pop() {
        search.settle(goal, effort);
    }
    let near = ways.near(&search.executed, without);
    let Search { efforts, vias, executed, mut to_host, .. } = search;
    to_host.sort_unstable();
    to_host.dedup();
    Found { start, executed, near, to_host, services, efforts, vias }
}

/// A walk under way.
struct Search<'a, 'g> {
    ways: &'a Ways<'g>,
    without: Option<CauseId>,
    efforts: Vec<Option<Effort>>,
    vias: Vec<Option<Via>>,
    settled: Vec<bool>,
    queue: BinaryHeap<Reverse<(Effort, usize, Goal)>>,
    /// Services in which code runs, in the order in which they fell.
    executed: Vec<ServiceId>,
    /// What runs in each of them, and how hard it was to get there.
    runs: Vec<Option<(Grip, Effort)>>,
    /// The first login of each kind that was read for each service: who holds it, and where among theirs.
    pool: Vec<[Option<(ServiceId, usize)>; GRIPS]>,
    /// What is in the pool, in the order in which it was read.
    pooled: Vec<(ServiceId, usize)>,
    to_host: Vec<(ServiceId, usize)>,
}

impl Search<'_, '_> {
    /// Takes note of a way to something, if it is better than what is known.
    fn relax(&mut self, goal: Goal, effort: Effort, via: Option<Via>) {
        let state = state(self.ways.graph.services.len(), goal);
        let Some(known) = self.efforts.get_mut(state) else { return };
        if known.is_some_and(|known| known <= effort) {
            return;
        }
        *known = Some(effort);
        if let Some(slot) = self.vias.get_mut(state) {
            *slot = via;
        }
        self.queue.push(Reverse((effort, self.place(goal), goal)));
    }

    /// Where something stands among equals: by name.
    fn place(&self, goal: Goal) -> usize {
        match goal {
            Goal::At(service, grip) => self.ways.rank.get(service).copied().unwrap_or(service) * GRIPS + grip as usize,
            Goal::Host => self.ways.rank.len() * GRIPS,
            Goal::External(external) => {
                let rank = self.ways.external_rank.get(external).copied().unwrap_or(external);
                self.ways.rank.len() * GRIPS + 1 + rank
            }
        }
    }

    /// Goes on from what is reached for good.
    fn settle(&mut self, goal: Goal, effort: Effort) {
        match self.settled.get_mut(state(self.ways.graph.services.len(), goal)) {
            Some(settled) if !*settled => *settled = true,
            _ => return,
        }
        let Goal::At(service, grip) = goal else { return };
        let ways = self.ways;
        let Some(from) = ways.from.get(service) else { return };
        for (index, one) in from.moves.iter().enumerate() {
            if grip.meets(one.need) && one.causes.iter().all(|&cause| kept(cause, self.without)) {
                if one.goal == Goal::Host {
                    self.to_host.push((service, index));
                }
                let via = Via::Move { from: (service, grip), index };
                self.relax(one.goal, (effort.0 + u32::from(one.cost), effort.1 + 1), Some(via));
            }
        }
        if grip.executes() {
            self.run(service, grip, effort);
        }
    }

    /// Code runs in a service now: it uses every login that was read so far, and reads those that are there.
    fn run(&mut self, service: ServiceId, grip: Grip, effort: Effort) {
        let Some(runs) = self.runs.get_mut(service) else { return };
        if runs.is_none() {
            *runs = Some((grip, effort));
            self.executed.push(service);
            for (opens, holder, index) in self.readable() {
                self.log_in(service, opens, (holder, index), effort.0);
            }
        }
        let ways = self.ways;
        for (index, key) in ways.from.get(service).map_or(&[][..], |from| &from.keys).iter().enumerate() {
            let is_readable = (!key.secret.root_only || grip == Grip::Root) && kept(key.cause, self.without);
            if is_readable && self.take(service, index, key) {
                self.use_everywhere(service, index, key, effort.0);
            }
        }
    }

    /// What is in the pool: what each login opens, who holds it, and where among theirs.
    fn readable(&self) -> Vec<(ServiceId, ServiceId, usize)> {
        let slot = |&(opens, grip): &(ServiceId, usize)| {
            let (holder, index) = (*self.pool.get(opens)?.get(grip)?)?;
            Some((opens, holder, index))
        };
        self.pooled.iter().filter_map(slot).collect()
    }

    /// Puts a login into the pool; whether it is the first of its kind.
    fn take(&mut self, holder: ServiceId, index: usize, key: &Key<'_>) -> bool {
        let slot = self.pool.get_mut(key.opens).and_then(|slots| slots.get_mut(key.grip as usize));
        let Some(slot) = slot.filter(|slot| slot.is_none()) else { return false };
        *slot = Some((holder, index));
        self.pooled.push((key.opens, key.grip as usize));
        true
    }

    /// Uses a login where it was read, or else from the first service that fell and has a connection.
    fn use_everywhere(&mut self, holder: ServiceId, index: usize, key: &Key<'_>, cost: u32) {
        let reaches = |&service: &ServiceId| self.ways.hop(service, key.opens, self.without).is_some();
        let from = Some(holder).filter(reaches).or_else(|| self.executed.iter().copied().find(reaches));
        if let Some(from) = from {
            self.log_in(from, key.opens, (holder, index), cost);
        }
    }

    /// Logs in at a service, if there is a connection to it.
    fn log_in(&mut self, from: ServiceId, opens: ServiceId, (holder, index): (ServiceId, usize), cost: u32) {
        let ways = self.ways;
        if from == opens || ways.hop(from, opens, self.without).is_none() {
            return;
        }
        let key = ways.from.get(holder).and_then(|all| all.keys.get(index));
        if let (Some(key), Some((grip, (_, steps)))) = (key, self.runs.get(from).copied().flatten()) {
            let via = Via::Key { from: (from, grip), holder, index };
            self.relax(Goal::At(opens, key.grip), (cost + 1, steps + 1), Some(via));
        }
    }
}

/// The number of what is had where.
fn state(services: usize, goal: Goal) -> usize {
    match goal {
        Goal::At(service, grip) => service * GRIPS + grip as usize,
        Goal::Host => services * GRIPS,
        Goal::External(external) => services * GRIPS + 1 + external,
    }
}

//! Who takes part in a plan, who needs whom, and how much is lost when two talk that do not have to.

use super::super::model::{Graph, NeededPath, ServiceId, ServiceNode};
use super::ways::Foreign;
use crate::facts::needed_paths::PROBABLE;
use std::collections::{BTreeMap, BTreeSet};

/// Services of a field, one bit each.
pub(super) type Set = u128;

/// More services with conversations get no plan: nobody would read it.
const MOST: usize = 120;

/// What a network costs, in the unit of the weights: tenths.
pub(super) const NETWORK: u32 = 15;

/// Services that have conversations, numbered from 0 in the order of the file.
pub(super) struct Field {
    /// Which services of the graph they are.
    pub(super) ids: Vec<ServiceId>,
    /// For each, whom it has to share a network with.
    pub(super) needed: Vec<Set>,
    /// For each, whom it shares a network with that stays whatever is planned.
    pub(super) given: Vec<Set>,
    /// What a pair costs that can talk and does not have to; 0 for those that have to or can anyway.
    weights: Vec<Vec<u32>>,
}

impl Field {
    /// The services of a graph that have conversations; `None` when none is sure, or there are too many.
    pub(super) fn of(graph: &Graph, foreign: &[Foreign]) -> Option<Self> {
        if sure(graph).is_empty() {
            return None;
        }
        let pairs = needed_pairs(graph);
        let mut ids: Vec<ServiceId> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > MOST {
            return None;
        }
        let places: BTreeMap<ServiceId, usize> = ids.iter().enumerate().map(|(place, &id)| (id, place)).collect();
        let mut field = Self {
            needed: vec![0; ids.len()],
            given: vec![0; ids.len()],
            weights: ids.iter().map(|&a| ids.iter().map(|&b| weight_of(graph, a, b)).collect()).collect(),
            ids,
        };
        for foreign in foreign.iter().filter(|foreign| !foreign.isolated) {
            let members = foreign.members.iter().filter_map(|id| places.get(id));
            join(&mut field.given, members.fold(0, |set, &at| set | bit(at)));
        }
        for (a, b) in pairs {
            let (Some(&a), Some(&b)) = (places.get(&a), places.get(&b)) else { continue };
            join(&mut field.needed, bit(a) | bit(b));
        }
        // Who meets on a network that stays needs no other one.
        for (needed, given) in field.needed.iter_mut().zip(&field.given) {
            *needed &= !given;
        }
        Some(field)
    }

    /// How many services there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether a service has conversations.
    pub(super) fn holds(&self, id: ServiceId) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// The services of a set, in the order of the file.
    pub(super) fn members(&self, set: Set) -> Vec<ServiceId> {
        bits(set).filter_map(|place| self.ids.get(place).copied()).collect()
    }

    /// Whom a service has to share a network with.
    pub(super) fn needs(&self, place: usize) -> Set {
        self.needed.get(place).copied().unwrap_or(0)
    }

    /// What it costs when two can talk, in tenths.
    pub(super) fn weight(&self, a: usize, b: usize) -> u32 {
        self.weights.get(a).and_then(|row| row.get(b)).copied().unwrap_or(0)
    }

    /// For each service, with whom it can talk without any cost: by need, or anyway.
    pub(super) fn free(&self) -> Vec<Set> {
        self.needed.iter().zip(&self.given).map(|(needed, given)| needed | given).collect()
    }

    /// What groups cost: each network, and each pair once that can talk and does not have to. In tenths.
    pub(super) fn cost(&self, groups: &[Set]) -> u32 {
        let mut joined = self.free();
        let mut cost = NETWORK * u32::try_from(groups.len()).unwrap_or(u32::MAX / NETWORK);
        for &group in groups {
            for a in bits(group) {
                let new = group & !joined.get(a).copied().unwrap_or(0);
                cost += bits(new).filter(|&b| a < b).map(|b| self.weight(a, b)).sum::<u32>();
            }
            join(&mut joined, group);
        }
        cost
    }
}

/// The set of one service.
pub(super) fn bit(place: usize) -> Set {
    1 << place
}

/// The services of a set.
pub(super) fn bits(set: Set) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let place = left.trailing_zeros() as usize;
        (left != 0).then(|| {
            left &= left - 1;
            place
        })
    })
}

/// Notes that the services of a group can talk to each other.
pub(super) fn join(rows: &mut [Set], group: Set) {
    for place in bits(group) {
        if let Some(row) = rows.get_mut(place) {
            *row |= group & !bit(place);
        }
    }
}

/// Whether a service gets networks of its own: it has no `network_mode`.
pub(super) fn takes_part(graph: &Graph, id: ServiceId) -> bool {
    graph.services.get(id).is_some_and(|service| service.network_mode.is_none())
}

/// In whose network namespace a service is: its own, or that of the service that its `network_mode` names. `None` for the host's
/// and others that no network of the deployment reaches.
pub(super) fn stands_in(graph: &Graph, id: ServiceId) -> Option<ServiceId> {
    let mut at = id;
    // As long as a chain of namespaces may be.
    for _ in 0..8 {
        let service = graph.services.get(at)?;
        let Some(mode) = &service.network_mode else { return Some(at) };
        at = graph.service(mode.strip_prefix("service:")?)?;
    }
    None
}

/// Who has to reach whom, a service in the namespace of another counted as that one. Each once, in order.
///
/// A service of which no need is sure keeps the probable ones: without them it would be cut off from everybody.
pub(super) fn conversations(graph: &Graph) -> Vec<(ServiceId, ServiceId)> {
    let mut found: Vec<(ServiceId, ServiceId)> = sure(graph);
    found.extend(assumed(graph).into_iter().filter_map(|need| places(graph, need)));
    found.sort_unstable();
    found.dedup();
    found
}

/// Who surely has to reach whom.
fn sure(graph: &Graph) -> Vec<(ServiceId, ServiceId)> {
    graph.needs.iter().filter(|need| need.is_needed()).filter_map(|need| places(graph, need)).collect()
}

/// Needs that are only probable, and kept because nothing else is known of one of the two.
pub(super) fn assumed(graph: &Graph) -> Vec<&NeededPath> {
    let known: BTreeSet<ServiceId> = sure(graph).into_iter().flat_map(|(from, to)| [from, to]).collect();
    let lost = |id: &ServiceId| {
        !known.contains(id) && graph.services.get(*id).is_some_and(|service| service.group != "operations")
    };
    (graph.needs.iter())
        .filter(|need| !need.is_needed() && need.confidence >= PROBABLE)
        .filter(|need| places(graph, need).is_some_and(|(from, to)| lost(&from) || lost(&to)))
        .collect()
}

/// The services in whose namespaces the two ends of a need are, where those are not the same.
fn places(graph: &Graph, need: &NeededPath) -> Option<(ServiceId, ServiceId)> {
    let (from, to) = (stands_in(graph, need.from)?, stands_in(graph, need.to)?);
    (from != to).then_some((from, to))
}

/// Pairs that have to share a network, the smaller place first, in order.
pub(super) fn needed_pairs(graph: &Graph) -> Vec<(ServiceId, ServiceId)> {
    let mut pairs: Vec<(ServiceId, ServiceId)> =
        conversations(graph).into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// How much is lost when two services can talk that do not have to, in tenths.
pub(super) fn weight_of(graph: &Graph, a: ServiceId, b: ServiceId) -> u32 {
    match (graph.services.get(a), graph.services.get(b)) {
        (Some(a), Some(b)) => weight(a, b),
        _ => 0,
    }
}

fn weight(a: &ServiceNode, b: &ServiceNode) -> u32 {
    let role = |role: &str| a.role == role || b.role == role;
    let group = |group: &str| a.group == group || b.group == group;
    let both = |group: &str| a.group == group && b.group == group;
    if role("docker-admin") || role("socket-proxy") {
        500
    } else if group("edge") && group("data") {
        200
    } else if group("operations") || role("processor") {
        100
    } else if both("data") {
        10
    } else if group("data") {
        80
    } else if a.build != b.build {
        40
    } else if role("php-fpm") {
        20
    } else {
        3
    }
}

//! Four networks with the names that everybody knows: edge, app, data, ops.

use super::super::model::{Graph, ServiceId};
use super::super::outcome::PlannedNetwork;
use super::field::{Field, Set, bit, bits};
use super::names::unique;
use super::ways::Way;
use std::collections::BTreeSet;

/// The tier that visitors come in by.
const EDGE: &str = "edge";

/// The tiers that are in use, with who is on them: each needed pair is on that of the end that matters more.
pub(super) fn tiers(graph: &Graph, field: &Field) -> Vec<(&'static str, Set)> {
    let mut tiers: [(&'static str, Set); 4] = [(EDGE, 0), ("app", 0), ("data", 0), ("ops", 0)];
    for a in 0..field.len() {
        for b in bits(field.needs(a)) {
            let tier = tier_of(graph, field, a, b);
            if let Some((_, set)) = tiers.iter_mut().find(|(name, _)| *name == tier) {
                *set |= bit(a) | bit(b);
            }
        }
    }
    // What another tier holds as a whole needs none of its own.
    let held = |place: usize, set: Set| {
        (tiers.iter().enumerate())
            .any(|(other, (_, more))| other != place && set & !more == 0 && (set != *more || other < place))
    };
    (tiers.iter().enumerate())
        .filter(|(place, (_, set))| *set != 0 && !held(*place, *set))
        .map(|(_, tier)| *tier)
        .collect()
}

fn tier_of(graph: &Graph, field: &Field, a: usize, b: usize) -> &'static str {
    let group = |place: usize| field.ids.get(place).and_then(|id| graph.services.get(*id)).map(|service| service.group);
    let any = |name: &str| group(a) == Some(name) || group(b) == Some(name);
    if any("operations") {
        "ops"
    } else if any("data") {
        "data"
    } else if any("edge") {
        EDGE
    } else {
        "app"
    }
}

/// The names of groups that are tiers.
pub(super) fn names(graph: &Graph, field: &Field, groups: &[Vec<ServiceId>]) -> Vec<String> {
    let tiers = tiers(graph, field);
    let foreign = graph.networks.iter().filter(|network| network.external || network.isolated);
    let mut taken: BTreeSet<String> = foreign.map(|network| network.name.clone()).collect();
    let name = |group: &Vec<ServiceId>| {
        let tier = tiers.iter().find(|(_, set)| field.members(*set) == *group);
        let name = unique(tier.map_or("app", |(name, _)| name), &taken);
        taken.insert(name.clone());
        name
    };
    groups.iter().map(name).collect()
}

/// Visitors come in by the edge tier itself: it is not internal, and its members need no way out of their own.
pub(super) fn open_edge(networks: &mut [PlannedNetwork], ways: &mut Vec<Way>) {
    let Some(edge) = networks.iter_mut().find(|network| network.name == EDGE) else { return };
    if !ways.iter().any(|way| way.is_entry && way.members.iter().any(|id| edge.members.contains(id))) {
        return;
    }
    edge.internal = false;
    for way in ways.iter_mut() {
        way.members.retain(|id| !edge.members.contains(id));
    }
    ways.retain(|way| !way.members.is_empty());
}

//! Networks for the services of a deployment: every pair that has to talk shares one, and few others do.
//!
//! The needed pairs are covered with groups in which everybody needs everybody, each of which can be a network without any pair too
//! many. Groups are then joined while a network less is worth the pairs that come with it; for up to twelve services the best
//! choice is searched for instead. Such networks need no way out, so each service that publishes a port or calls other machines
//! gets one of its own, on which it meets nobody.

mod applied;
mod cover;
mod exact;
mod field;
mod names;
mod remarks;
mod tiers;
mod ways;
mod why;

#[cfg(test)]
mod tests;

use super::model::{Graph, ServiceId};
use super::outcome::{Plan, PlannedNetwork, Preset};
use super::segment::segmentation;
use field::{Field, Set};

/// Networks that Docker's default address pools hold, less the one of its own bridge.
const POOLS: usize = 30;

/// Networks of one deployment up to which the default pools leave room for others.
const COMFORTABLE: usize = 25;

/// A plan; `None` when nothing tells who talks to whom, or when so many services do that nobody would read it.
#[must_use]
pub fn plan(graph: &Graph, preset: Preset) -> Option<Plan> {
    let foreign = ways::foreign(graph);
    let field = Field::of(graph, &foreign)?;
    let mut ways = ways::ways_out(graph, &field, &foreign, preset);
    let room = POOLS.saturating_sub(foreign.len()).max(2);
    let wished = ways.len();
    ways::fit(graph, &mut ways, room - 1);
    let (mut groups, exact) = groups(graph, &field, preset);
    let covered = groups.len();
    let fits = covered + ways.len() <= room;
    if !fits {
        cover::fit(&field, &mut groups, room - ways.len());
    }
    let crowded = remarks::Crowded { joined: !fits, shared: ways.len() < wished };
    let mut networks = named(graph, &field, groups, preset, &mut ways);
    networks.extend(foreign.iter().filter(|foreign| !foreign.members.is_empty()).map(|foreign| {
        let why = format!("{} exists apart from this deployment and stays as it is.", names::shown(&foreign.name));
        let (name, members) = (foreign.name.clone(), foreign.members.clone());
        PlannedNetwork { name, members, internal: foreign.internal, why }
    }));
    networks.extend(ways.into_iter().map(|way| way.network(graph)));
    let unpublished = ways::unpublished(graph);
    let alone = alone(graph, &field);
    let remarks = remarks::remarks(graph, &networks, &alone, &foreign, crowded);
    let after = segmentation(&applied::applied(graph, &networks));
    let index = (segmentation(graph).index, after.index);
    Some(Plan { preset, exact: exact && fits, networks, excess: after.excess, index, alone, unpublished, remarks })
}

/// The groups of services that share a network, and whether no better ones exist.
fn groups(graph: &Graph, field: &Field, preset: Preset) -> (Vec<Set>, bool) {
    let mut groups = match preset {
        Preset::Tiered => return (tiers::tiers(graph, field).into_iter().map(|(_, group)| group).collect(), true),
        Preset::Strict | Preset::Balanced => cover::cover(field),
    };
    if preset == Preset::Balanced {
        cover::merge(field, &mut groups);
    }
    exact::improve(field, groups, preset == Preset::Strict)
}

/// The groups as networks.
fn named(
    graph: &Graph,
    field: &Field,
    groups: Vec<Set>,
    preset: Preset,
    ways: &mut Vec<ways::Way>,
) -> Vec<PlannedNetwork> {
    let groups: Vec<Vec<ServiceId>> = groups.into_iter().map(|group| field.members(group)).collect();
    let names = match preset {
        Preset::Tiered => tiers::names(graph, field, &groups),
        Preset::Strict | Preset::Balanced => names::of_groups(graph, &groups),
    };
    let mut networks: Vec<PlannedNetwork> = names
        .into_iter()
        .zip(groups)
        .map(|(name, members)| PlannedNetwork { why: why::of_group(graph, &members), name, members, internal: true })
        .collect();
    if preset == Preset::Tiered {
        tiers::open_edge(&mut networks, ways);
    }
    let taken: Vec<String> = networks.iter().map(|network| network.name.clone()).collect();
    names::of_ways(graph, &taken, ways);
    networks
}

/// Services that get networks and need no conversation.
fn alone(graph: &Graph, field: &Field) -> Vec<ServiceId> {
    (0..graph.services.len()).filter(|&id| field::takes_part(graph, id) && !field.holds(id)).collect()
}

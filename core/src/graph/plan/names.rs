//! What the networks of a plan are called: as they are called now where that fits, else after who answers on them.

use super::super::model::{Graph, NetworkNode, ServiceId};
use super::field::conversations;
use super::ways::Way;
use crate::text::shorten;
use std::collections::BTreeSet;

/// Services that a name is made of.
const HEADS: usize = 3;

/// A name as messages show it.
pub(super) fn shown(name: &str) -> String {
    shorten(name, 40)
}

/// The name of a service.
pub(super) fn of(graph: &Graph, id: ServiceId) -> &str {
    graph.services.get(id).map_or("", |service| service.name.as_str())
}

/// Names for groups that talk to each other, in their order.
pub(super) fn of_groups(graph: &Graph, groups: &[Vec<ServiceId>]) -> Vec<String> {
    let mut names = existing(graph, groups);
    let talks = conversations(graph);
    let mut taken: BTreeSet<String> = names.iter().flatten().cloned().collect();
    taken.extend(graph.networks.iter().map(|network| network.name.clone()));
    taken.insert("default".to_owned());
    for (at, group) in groups.iter().enumerate() {
        if names.get(at).is_some_and(Option::is_some) {
            continue;
        }
        let elsewhere =
            |id: &ServiceId| groups.iter().enumerate().any(|(other, members)| other != at && members.contains(id));
        let name = unique(&fresh(graph, group, &talks, &elsewhere), &taken);
        taken.insert(name.clone());
        if let Some(slot) = names.get_mut(at) {
            *slot = Some(name);
        }
    }
    names.into_iter().flatten().collect()
}

/// Servers joined by `_`, data stores first; with the single client where a server is in another group too.
fn fresh(
    graph: &Graph,
    group: &[ServiceId],
    talks: &[(ServiceId, ServiceId)],
    elsewhere: &dyn Fn(&ServiceId) -> bool,
) -> String {
    let answers = |id: &ServiceId| talks.iter().any(|(from, to)| to == id && group.contains(from));
    let (mut servers, clients): (Vec<ServiceId>, Vec<ServiceId>) = group.iter().partition(|id| answers(id));
    let is_data = |id: &ServiceId| graph.services.get(*id).is_some_and(|service| service.group == "data");
    servers.sort_by_key(|id| !is_data(id));
    let mut heads: Vec<&str> = servers.iter().take(HEADS).map(|id| of(graph, *id)).collect();
    match clients.as_slice() {
        &[client] if servers.iter().any(elsewhere) => heads.push(of(graph, client)),
        _ => {}
    }
    heads.join("_")
}

/// For each group the network that has its members already, or all but one of them.
fn existing(graph: &Graph, groups: &[Vec<ServiceId>]) -> Vec<Option<String>> {
    let mut names: Vec<Option<String>> = vec![None; groups.len()];
    for missing in [0, 1] {
        for (slot, group) in names.iter_mut().zip(groups).filter(|(slot, _)| slot.is_none()) {
            let stay: Vec<ServiceId> = group.iter().copied().filter(|&id| stays(graph, id)).collect();
            let fits = |network: &&NetworkNode| {
                let within = network.members.iter().all(|id| stay.contains(id));
                !is_way_out(&network.name)
                    && within
                    && network.members.len() >= 2
                    && network.members.len() + missing == stay.len()
            };
            *slot = reusable(graph).filter(fits).map(|network| network.name.clone()).next();
        }
        // Two groups may fit one network: the first has it.
        let mut seen = BTreeSet::new();
        for slot in &mut names {
            if slot.as_ref().is_some_and(|name| !seen.insert(name.clone())) {
                *slot = None;
            }
        }
    }
    names
}

/// Networks whose name may be kept.
fn reusable(graph: &Graph) -> impl Iterator<Item = &NetworkNode> {
    graph.networks.iter().filter(|network| !network.external && !network.isolated && network.name != "default")
}

/// Whether a name says that it is a way out: an internal network is not called so.
fn is_way_out(name: &str) -> bool {
    name == "edge" || name.contains("egress")
}

fn stays(graph: &Graph, id: ServiceId) -> bool {
    graph.services.get(id).is_some_and(|service| service.stays)
}

/// Gives the ways out their names: `edge` where visitors come in, `egress_` and the service for others.
pub(super) fn of_ways(graph: &Graph, taken: &[String], ways: &mut [Way]) {
    let mut taken: BTreeSet<String> = taken.iter().cloned().collect();
    taken.insert("default".to_owned());
    let foreign = graph.networks.iter().filter(|network| network.external || network.isolated);
    taken.extend(foreign.map(|network| network.name.clone()));
    for way in ways.iter_mut() {
        let same = |network: &&NetworkNode| {
            network.members == way.members && !network.internal && !taken.contains(&network.name)
        };
        way.name = reusable(graph).find(same).map(|network| network.name.clone()).unwrap_or_default();
        taken.insert(way.name.clone());
    }
    for way in ways.iter_mut().filter(|way| way.name.is_empty()) {
        let own = format!("egress_{}", way.members.first().map_or("", |id| of(graph, *id)));
        way.name = if way.is_entry && !taken.contains("edge") { "edge".to_owned() } else { unique(&own, &taken) };
        taken.insert(way.name.clone());
    }
}

/// A name that is not taken yet.
pub(super) fn unique(name: &str, taken: &BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    while candidate.is_empty() || taken.contains(&candidate) {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    candidate
}

//! Ways out: which services need a network that is not internal, and which ports are no longer published.

use super::super::model::{Evidence, Graph, NetworkNode, ServiceId, ServiceNode};
use super::super::outcome::{PlannedNetwork, Preset};
use super::field::{Field, NETWORK, needed_pairs, takes_part, weight_of};
use super::why;
use crate::text::shorten;

/// A network by which services are reached from outside, or reach other machines.
pub(super) struct Way {
    /// Its key; given at the end.
    pub(super) name: String,
    /// Who is on it.
    pub(super) members: Vec<ServiceId>,
    /// Whether visitors come in by it.
    pub(super) is_entry: bool,
}

impl Way {
    /// It as a network of the plan.
    pub(super) fn network(self, graph: &Graph) -> PlannedNetwork {
        let why = why::of_way(graph, &self.members);
        PlannedNetwork { name: self.name, members: self.members, internal: false, why }
    }
}

/// A network that exists apart from the deployment, and who stays on it.
pub(super) struct Foreign {
    /// Its key.
    pub(super) name: String,
    /// Who stays on it.
    pub(super) members: Vec<ServiceId>,
    /// Who leaves it.
    pub(super) leaving: Vec<ServiceId>,
    /// Whether it has no way out.
    pub(super) internal: bool,
    /// Whether its members cannot talk to each other.
    pub(super) isolated: bool,
}

/// Networks that exist apart from the deployment. On them stays what others may hand requests to, and what may use others there; a
/// data store or a tool among strangers is what a plan is made against.
pub(super) fn foreign(graph: &Graph) -> Vec<Foreign> {
    let stays = |id: &ServiceId| {
        graph
            .services
            .get(*id)
            .is_some_and(|service| is_web_entry(service) || service.group == "app" && !service.egress_needed.is_empty())
    };
    (graph.networks.iter().filter(|network| network.external))
        .map(|network| {
            let here = network.members.iter().copied().filter(|id| takes_part(graph, *id));
            let (members, leaving) = here.partition(stays);
            let (internal, isolated) = (network.internal, network.isolated);
            Foreign { name: network.name.clone(), members, leaving, internal, isolated }
        })
        .filter(|foreign| !foreign.members.is_empty() || !foreign.leaving.is_empty())
        .collect()
}

/// The ways out that services need, entries of the web first.
pub(super) fn ways_out(graph: &Graph, field: &Field, kept: &[Foreign], preset: Preset) -> Vec<Way> {
    let is_out = |id: ServiceId| kept.iter().any(|foreign| !foreign.internal && foreign.members.contains(&id));
    let mut entries: Vec<Way> = Vec::new();
    let mut others: Vec<Way> = Vec::new();
    let needed = needed_pairs(graph);
    for (id, service) in graph.services.iter().enumerate() {
        // A job without a conversation mostly downloads or builds something.
        let is_job = !service.stays && !field.holds(id);
        let wants = publishes(service) || !service.egress_needed.is_empty() || is_job || has_way_out(graph, id);
        if !takes_part(graph, id) || is_out(id) || !wants {
            continue;
        }
        if !(publishes(service) && is_web_entry(service)) {
            others.push(Way { name: String::new(), members: vec![id], is_entry: false });
            continue;
        }
        let joins = entries.first_mut().filter(|edge| {
            let price = |&other: &ServiceId| {
                if needed.binary_search(&(other.min(id), other.max(id))).is_ok() {
                    0
                } else {
                    weight_of(graph, other, id)
                }
            };
            let price: u32 = edge.members.iter().map(price).sum();
            price == 0 || preset == Preset::Tiered || preset == Preset::Balanced && price < NETWORK
        });
        match joins {
            Some(edge) => edge.members.push(id),
            None => entries.push(Way { name: String::new(), members: vec![id], is_entry: true }),
        }
    }
    entries.extend(others);
    entries
}

/// Joins ways out when there are more than networks to be had: those of services that are most alike.
pub(super) fn fit(graph: &Graph, ways: &mut Vec<Way>, most: usize) {
    let most = most.max(1);
    if ways.len() <= most {
        return;
    }
    let entries = ways.iter().filter(|way| way.is_entry).count().min(most / 2);
    let mut rest: Vec<ServiceId> = ways.drain(entries..).flat_map(|way| way.members).collect();
    let alike = |id: &ServiceId| graph.services.get(*id).map(|service| (service.group, service.build.as_str(), *id));
    rest.sort_by(|a, b| alike(a).cmp(&alike(b)));
    let size = rest.len().div_ceil(most - entries);
    for members in rest.chunks(size.max(1)) {
        let mut members = members.to_vec();
        members.sort_unstable();
        ways.push(Way { name: String::new(), members, is_entry: false });
    }
}

/// Whether a service publishes a port that stays published.
pub(super) fn publishes(service: &ServiceNode) -> bool {
    service
        .published
        .iter()
        .any(|port| port.reach != "nobody" && !(service.group == "data" && port.reach == "everyone"))
}

/// Whether there is a network that is open and its alone: somebody made it a way out on purpose. A data store has one for its ports.
fn has_way_out(graph: &Graph, id: ServiceId) -> bool {
    let is_data = graph.services.get(id).is_some_and(|service| service.group == "data");
    let own = |network: &NetworkNode| {
        !network.internal && !network.external && network.name != "default" && network.members == [id]
    };
    !is_data && graph.networks.iter().any(own)
}

/// Whether it answers the requests of visitors.
fn is_web_entry(service: &ServiceNode) -> bool {
    service.group == "edge" || matches!(service.role, "php-apache" | "php-app")
}

/// Ports of data stores that every machine reaches: they are not published any more.
pub(super) fn unpublished(graph: &Graph) -> Vec<(ServiceId, Evidence)> {
    let mut found = Vec::new();
    for (id, service) in graph.services.iter().enumerate() {
        if service.group != "data" || !takes_part(graph, id) {
            continue;
        }
        for port in service.published.iter().filter(|port| port.reach == "everyone") {
            let label = format!("{} publishes {}", shorten(&service.name, 40), shorten(&port.host, 40));
            found.push((id, Evidence::new(port.at, label)));
        }
    }
    found
}

//! From a project to its graphs: every service of a deployment as a node, its networks, and who has to talk to whom. What the nodes
//! hold and how they hang together is found by the modules beside this one.

mod exposed;
mod node;

use super::model::{End, Evidence, External, Graph, Link, LinkKind, NeededPath, NetworkNode, ServiceId, ServiceNode};
use super::reach::{self, DOCKER0, own_networks};
use super::{entries, influence};
use crate::facts::needed_paths::Evidence as Basis;
use crate::project::{Project, ServiceRef, View};
use std::collections::BTreeMap;

/// Services of a deployment that are looked at. Pairs grow with the square, and no deployment on one machine comes near it; what is
/// left out is in no part of the graph, so nothing is claimed about it.
const MAX_SERVICES: usize = 500;

/// Machines outside that are connected with the services that name them.
const MAX_EXTERNALS: usize = 64;

/// The graph of one deployment.
#[must_use]
pub fn of(project: &Project<'_>, view: &View) -> Graph {
    let services: Vec<ServiceRef<'_, '_>> = project.services_of(view).take(MAX_SERVICES).collect();
    let externals = entries::externals(&services);
    let mut nodes: Vec<ServiceNode> =
        services.iter().map(|service| node::node(*service, &services, &externals)).collect();
    exposed::mark(&services, &mut nodes);
    let networks = networks(view, &services, &nodes);
    let mut links = reach::links(&services, &nodes, &networks);
    let outside = to_externals(&services, &nodes, &links, &externals);
    links.extend(outside);
    Graph {
        view: view.name.clone(),
        context: view.context.as_str(),
        is_running: project.is_running(view),
        influences: influence::influences(&services),
        needs: needs(&services),
        services: nodes,
        networks,
        links,
        externals,
    }
}

/// The networks of a deployment: those that are declared, and those that somebody is on.
fn networks(view: &View, services: &[ServiceRef<'_, '_>], nodes: &[ServiceNode]) -> Vec<NetworkNode> {
    let mut names = view.used_networks();
    if !names.iter().any(|name| name == DOCKER0) {
        names.push(DOCKER0.to_owned());
    }
    let mut found: Vec<NetworkNode> = names.into_iter().map(|name| network(view, name)).collect();
    let indices: BTreeMap<String, usize> =
        found.iter().enumerate().map(|(index, network)| (network.name.clone(), index)).collect();
    for (id, service) in services.iter().enumerate() {
        if !nodes.get(id).is_some_and(|node| node.stays) {
            continue;
        }
        for name in own_networks(*service) {
            let network = indices.get(name).and_then(|index| found.get_mut(*index));
            if let Some(network) = network.filter(|network| network.members.last() != Some(&id)) {
                network.members.push(id);
            }
        }
    }
    found.retain(|network| network.at.is_some() || !network.members.is_empty());
    found
}

fn network(view: &View, name: String) -> NetworkNode {
    let declared = view.network(&name);
    NetworkNode {
        internal: declared.is_some_and(|network| network.internal),
        external: declared.is_some_and(|network| network.external) || declared.is_none() && name == DOCKER0,
        isolated: view.isolates(&name),
        at: declared.and_then(|network| network.at),
        members: Vec::new(),
        name,
    }
}

/// Every ordered pair that has to talk, or probably has to, once, with its surest evidence. A socket file in a shared volume needs no
/// connection.
fn needs(services: &[ServiceRef<'_, '_>]) -> Vec<NeededPath> {
    let ids: BTreeMap<&str, ServiceId> =
        services.iter().enumerate().map(|(id, service)| (service.name.as_str(), id)).collect();
    let mut found: BTreeMap<(ServiceId, ServiceId), NeededPath> = BTreeMap::new();
    for (from, service) in services.iter().enumerate() {
        let local = service.local_needs().iter().filter(|need| need.evidence == Basis::NetworkMode);
        for need in service.needs().iter().chain(service.probable_needs()).chain(local) {
            let Some(&to) = ids.get(need.to.as_str()).filter(|to| **to != from) else { continue };
            let evidence = Evidence::new(need.at, need.label());
            let path = NeededPath { from, to, confidence: need.weight, evidence };
            let known = found.entry((from, to)).or_insert_with(|| path.clone());
            if known.confidence < path.confidence {
                *known = path;
            }
        }
    }
    found.into_values().collect()
}

/// From services with a way out to the machines outside that they name or log in at.
fn to_externals(
    services: &[ServiceRef<'_, '_>],
    nodes: &[ServiceNode],
    links: &[Link],
    externals: &[External],
) -> Vec<Link> {
    let mut found = Vec::new();
    let ways_out = links.iter().filter(|link| link.kind == LinkKind::Egress && link.to == End::Internet);
    for way_out in ways_out.filter(|_| !externals.is_empty()) {
        let Some(id) = way_out.from.service() else { continue };
        let (Some(service), Some(node)) = (services.get(id), nodes.get(id)) else { continue };
        for (nth, external) in externals.iter().enumerate().take(MAX_EXTERNALS) {
            if uses(*service, node, nth, external) {
                let mut link = Link { to: End::External(nth), ..way_out.clone() };
                link.evidence.push(external.evidence.clone());
                found.push(link);
            }
        }
    }
    found
}

fn uses(service: ServiceRef<'_, '_>, node: &ServiceNode, nth: usize, external: &External) -> bool {
    let at = external.evidence.at;
    let named = |value: &str| external.name.contains('.') && value.contains(external.name.as_str());
    node.secrets.iter().any(|secret| secret.opens_external.contains(&nth))
        || at.is_some() && node.egress_needed.iter().any(|evidence| evidence.at == at)
        || service.variables.iter().filter_map(|variable| variable.value.as_ref()).any(|value| named(&value.text))
}

#[cfg(test)]
mod tests;

//! A graph as it is when a plan is carried out, as far as it matters for who shares a network.

use super::super::model::{End, Graph, Link, LinkKind, NetworkNode, ServiceId};
use super::super::outcome::PlannedNetwork;
use super::field::{stands_in, takes_part};
use std::collections::BTreeMap;

/// The graph with these networks in the place of its own.
pub(super) fn applied(graph: &Graph, networks: &[PlannedNetwork]) -> Graph {
    let mut after = graph.clone();
    for (id, service) in after.services.iter_mut().enumerate() {
        if takes_part(graph, id) {
            service.networks = (networks.iter().filter(|network| network.members.contains(&id)))
                .map(|network| network.name.clone())
                .collect();
        }
    }
    after.networks = networks.iter().map(|network| node(graph, network)).collect();
    after.links.retain(|link| link.kind != LinkKind::Network);
    after.links.extend(links(&after.networks));
    after
}

fn node(graph: &Graph, network: &PlannedNetwork) -> NetworkNode {
    let known = graph.networks.iter().find(|known| known.name == network.name);
    // Who is in the namespace of a member is there too.
    let is_there = |id: &ServiceId| {
        graph.services.get(*id).is_some_and(|service| service.stays)
            && stands_in(graph, *id).is_some_and(|place| network.members.contains(&place))
    };
    NetworkNode {
        name: network.name.clone(),
        internal: network.internal,
        external: known.is_some_and(|known| known.external),
        isolated: known.is_some_and(|known| known.isolated),
        at: known.and_then(|known| known.at),
        members: (0..graph.services.len()).filter(is_there).collect(),
    }
}

/// The connections that common networks allow.
fn links(networks: &[NetworkNode]) -> Vec<Link> {
    let mut carried: BTreeMap<(ServiceId, ServiceId), Vec<String>> = BTreeMap::new();
    for network in networks.iter().filter(|network| !network.isolated) {
        for &from in &network.members {
            for &to in network.members.iter().filter(|to| **to != from) {
                carried.entry((from, to)).or_default().push(network.name.clone());
            }
        }
    }
    carried
        .into_iter()
        .map(|((from, to), networks)| Link {
            from: End::Service(from),
            to: End::Service(to),
            kind: LinkKind::Network,
            ports: Vec::new(),
            networks,
            evidence: Vec::new(),
            cause: None,
        })
        .collect()
}

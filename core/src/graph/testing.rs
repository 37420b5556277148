//! Graphs made by hand, for tests.

use super::model::{End, Graph, Link, LinkKind, NeededPath, NetworkNode, ServiceId, ServiceNode};
use super::model::{EscapeReason, Evidence, Tier};
use crate::source::{Location, SourceId};
use crate::span::Span;
use std::collections::BTreeMap;

/// A place that means nothing.
pub(super) fn nowhere() -> Location {
    Location::new(SourceId(0), Span::new(0, 0))
}

/// A service of a role, at Docker's defaults, on no network.
pub(super) fn service(name: &str, role: &'static str, group: &'static str) -> ServiceNode {
    ServiceNode {
        name: name.to_owned(),
        role,
        group,
        image: format!("{name}:1"),
        build: format!("image {name}:1"),
        at: nowhere(),
        is_php: group == "app",
        is_processor: role == "processor",
        is_exposed: false,
        root_for_requests: false,
        root_for_jobs: true,
        stays: true,
        networks: Vec::new(),
        network_mode: None,
        hostnames: vec![name.to_owned()],
        ports: Vec::new(),
        published: Vec::new(),
        egress_needed: Vec::new(),
        duties: Vec::new(),
        doors: Vec::new(),
        escapes: vec![EscapeReason {
            tier: Tier::T4,
            reason: "root with default capabilities".to_owned(),
            evidence: Vec::new(),
            cause: None,
        }],
        secrets: Vec::new(),
        entries: Vec::new(),
        watches: Vec::new(),
    }
}

/// A graph of these services on these networks, with the links that common networks give.
pub(super) fn graph(
    mut services: Vec<ServiceNode>,
    networks: &[(&str, bool, &[&str])],
    needs: &[(&str, &str)],
) -> Graph {
    let mut nodes = Vec::new();
    for (network, internal, members) in networks {
        let ids: Vec<ServiceId> = services
            .iter()
            .enumerate()
            .filter(|(_, service)| members.contains(&service.name.as_str()))
            .map(|(id, _)| id)
            .collect();
        for &id in &ids {
            services[id].networks.push((*network).to_owned());
        }
        nodes.push(NetworkNode {
            name: (*network).to_owned(),
            internal: *internal,
            external: false,
            isolated: false,
            at: None,
            members: ids,
        });
    }
    let find = |name: &str| services.iter().position(|service| service.name == name).unwrap();
    let needs = needs
        .iter()
        .map(|(from, to)| NeededPath {
            from: find(from),
            to: find(to),
            confidence: 95,
            evidence: Evidence::known("a variable names it"),
        })
        .collect();
    let links = links(&nodes);
    Graph {
        view: "default".to_owned(),
        context: "unknown",
        is_running: false,
        services,
        networks: nodes,
        links,
        influences: Vec::new(),
        needs,
        externals: Vec::new(),
    }
}

fn links(networks: &[NetworkNode]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let mut known: BTreeMap<(End, End), usize> = BTreeMap::new();
    for network in networks {
        for &from in &network.members {
            for &to in &network.members {
                if from == to {
                    continue;
                }
                let ends = (End::Service(from), End::Service(to));
                if let Some(link) = known.get(&ends).and_then(|at| links.get_mut(*at)) {
                    link.networks.push(network.name.clone());
                    continue;
                }
                known.insert(ends, links.len());
                links.push(Link {
                    from: ends.0,
                    to: ends.1,
                    kind: LinkKind::Network,
                    ports: Vec::new(),
                    networks: vec![network.name.clone()],
                    evidence: Vec::new(),
                    cause: None,
                });
            }
            if !network.internal {
                links.push(Link {
                    from: End::Service(from),
                    to: End::Internet,
                    kind: LinkKind::Egress,
                    ports: Vec::new(),
                    networks: vec![network.name.clone()],
                    evidence: Vec::new(),
                    cause: None,
                });
            }
        }
    }
    links
}

//! Who starts after whom, who has to reach whom, and who can.

use super::model::Model;
use super::properties::Properties;
use crate::facts::needed_paths::Evidence;
use crate::graph;
use crate::graph::model::{End, Graph, Link};
use crate::project::View;
use std::collections::{BTreeMap, BTreeSet};

/// Views with more services have no `can-reach`: pairs grow with the square.
const MAX_SERVICES: usize = 100;

/// Adds the relations between the services of a view.
pub(super) fn describe(model: &mut Model<'_, '_>, view: &View, services: &BTreeMap<&str, u32>) {
    let compared = !view.standalone && view.services.len() <= MAX_SERVICES;
    let graph = compared.then(|| graph::of(model.project, view));
    for service in model.project.services_of(view) {
        let Some(&own) = services.get(service.name.as_str()) else { continue };
        for dependency in &service.depends_on {
            let Some(&target) = services.get(dependency.service.as_str()) else { continue };
            let properties =
                Properties::default().add("condition", &dependency.condition).flag("required", dependency.required);
            model.relate("depends-on", own, target, Some(dependency.at), properties);
        }
        for need in service.needs() {
            let Some(&target) = services.get(need.to.as_str()) else { continue };
            let properties = Properties::default()
                .add("evidence", evidence(need.evidence))
                .add("weight", need.weight.to_string())
                .maybe("key", need.key.clone());
            let listening = graph.as_ref().map(|graph| ports_of(graph, &need.to)).unwrap_or_default();
            model.relate("needs", own, target, Some(need.at), ports(properties, listening));
        }
    }
    if let Some(graph) = &graph {
        links(model, graph, services);
    }
}

fn ports_of<'g>(graph: &'g Graph, service: &str) -> &'g [u16] {
    let node = graph.service(service).and_then(|id| graph.services.get(id));
    node.map(|node| node.ports.as_slice()).unwrap_or_default()
}

fn ports(properties: Properties, ports: &[u16]) -> Properties {
    ports.iter().fold(properties, |properties, port| properties.add("port", port.to_string()))
}

fn links(model: &mut Model<'_, '_>, graph: &Graph, services: &BTreeMap<&str, u32>) {
    let entity = |end: End| match end {
        End::Service(id) => services.get(graph.services.get(id)?.name.as_str()).copied(),
        _ => None,
    };
    // Several ways lead to the same outside: each is said once.
    let mut outside: BTreeSet<(u32, &'static str, &'static str)> = BTreeSet::new();
    for link in &graph.links {
        match (entity(link.from), entity(link.to)) {
            (Some(from), Some(to)) => {
                let at = link.evidence.iter().find_map(|evidence| evidence.at);
                model.relate("can-reach", from, to, at, carried(link));
            }
            (Some(own), None) => outside.extend(beyond(link.to).map(|what| (own, "reaches", what))),
            (None, Some(own)) => outside.extend(before(link.from).map(|who| (own, "reached-from", who))),
            (None, None) => {}
        }
    }
    for (own, key, value) in outside {
        model.amend(own, key, value);
    }
}

fn carried(link: &Link) -> Properties {
    let properties = Properties::default().add("by", link.kind.as_str());
    let properties = link.networks.iter().fold(properties, |properties, name| properties.add("network", name));
    ports(properties, &link.ports)
}

fn beyond(end: End) -> Option<&'static str> {
    match end {
        End::Internet => Some("internet"),
        End::Host | End::HostLoopback => Some("host"),
        End::Metadata => Some("metadata"),
        End::Service(_) | End::External(_) => None,
    }
}

fn before(end: End) -> Option<&'static str> {
    match end {
        End::Internet => Some("internet"),
        End::HostLoopback => Some("host-loopback"),
        End::Host | End::Metadata | End::Service(_) | End::External(_) => None,
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Apache => "apache",
        Evidence::Caddy => "caddy",
        Evidence::Command => "command",
        Evidence::DedicatedNetwork => "dedicated-network",
        Evidence::DependsOn => "depends-on",
        Evidence::DependsOnHealthy => "depends-on-healthy",
        Evidence::EnvHost => "env-host",
        Evidence::EnvReplica => "env-replica",
        Evidence::EnvUrl => "env-url",
        Evidence::FrameworkConfig => "framework-config",
        Evidence::Healthcheck => "healthcheck",
        Evidence::Link => "link",
        Evidence::NetworkMode => "network-mode",
        Evidence::Nginx => "nginx",
        Evidence::Observed => "observed",
        Evidence::ProxyDiscovery => "proxy-discovery",
        Evidence::RoleDefault => "role-default",
        Evidence::SharedSocket => "shared-socket",
    }
}

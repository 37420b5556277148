//! Which services another machine reaches: by a published port, on the host's network, or behind a proxy that is reached.

use crate::graph::model::{ServiceId, ServiceNode};
use crate::project::{Reach, ServiceRef};
use std::collections::BTreeMap;

/// Marks the services that another machine reaches. Jobs that end are none.
pub(super) fn mark(services: &[ServiceRef<'_, '_>], nodes: &mut [ServiceNode]) {
    let open: Vec<bool> = services.iter().zip(&*nodes).map(|(service, node)| is_open(*service, node)).collect();
    let routed = |(service, open): (&ServiceRef<'_, '_>, bool)| open || service.route().is_some();
    let mut exposed: Vec<bool> = services.iter().zip(open).map(routed).collect();
    follow_fronts(services, &mut exposed);
    for (node, exposed) in nodes.iter_mut().zip(exposed) {
        node.is_exposed = exposed && node.stays;
    }
}

/// Whether one of its own ports is reached: published, or open on the host's network.
fn is_open(service: ServiceRef<'_, '_>, node: &ServiceNode) -> bool {
    let published = |service: ServiceRef<'_, '_>, listens: Option<&[u16]>| {
        let mut ports = service.service().spec.ports.iter().filter(|port| service.reach(port) == Reach::Everyone);
        ports.any(|port| listens.is_none_or(|listens| listens.iter().any(|number| port.has_target(*number))))
    };
    let joined = || {
        let owner = service.network_mode.as_ref().and_then(|mode| service.joins(mode));
        owner.is_some_and(|owner| published(owner, Some(node.ports.as_slice())))
    };
    published(service, None) || service.host_network().is_some() && !node.ports.is_empty() || joined()
}

/// What a web server that is reached hands requests on to is reached too.
fn follow_fronts(services: &[ServiceRef<'_, '_>], exposed: &mut [bool]) {
    let mut by_host: BTreeMap<&str, Vec<ServiceId>> = BTreeMap::new();
    for (id, service) in services.iter().enumerate() {
        for host in service.hostnames() {
            by_host.entry(host).or_default().push(id);
        }
    }
    let mut fronts: Vec<ServiceId> = (0..exposed.len()).filter(|id| exposed.get(*id) == Some(&true)).collect();
    while let Some(front) = fronts.pop() {
        let Some(web) = services.get(front).and_then(|service| service.web_server()) else { continue };
        for host in web.targets().iter().flat_map(|target| &target.hosts) {
            for &id in by_host.get(host.name.as_str()).into_iter().flatten() {
                if let Some(found @ false) = exposed.get_mut(id) {
                    *found = true;
                    fronts.push(id);
                }
            }
        }
    }
}

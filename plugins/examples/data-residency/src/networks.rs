//! Who is near services with data.

use crate::holdings::Holdings;
use crate::rules::{OPEN, SHARED};
use crate::settings::Residency;
use plimsoll_plugin_sdk::prelude::*;
use std::collections::BTreeMap;

/// Judges the networks of every service with data.
pub(crate) fn check(residency: &Residency, holdings: &Holdings<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for &service in &holdings.services {
        let open: Vec<Network<'_>> = service.networks().filter(|network| !network.internal()).collect();
        found.extend(open.iter().filter_map(|network| foreign_network(residency, service, *network)));
        found.extend(neighbours(service, &open).into_values().filter_map(|near| near.judge(residency, service)));
        if residency.require_internal {
            found.extend(open.iter().filter_map(|network| open_network(service, *network)));
        }
    }
    found
}

/// The region that a label says, when it is one where data may not be.
fn foreign<'v>(
    residency: &Residency,
    mut labels: impl Iterator<Item = Variable<'v>>,
) -> Option<(&'v str, Option<Location>)> {
    let label = labels.find(|label| label.name == residency.region_label)?;
    label.known().filter(|region| !residency.allows_region(region)).map(|region| (region, label.origin))
}

fn foreign_network(residency: &Residency, service: Service<'_>, network: Network<'_>) -> Option<Finding> {
    let (region, at) = foreign(residency, network.labels())?;
    let message = format!(
        "The network `{}` is in the region `{region}`, and `{}` on it holds data",
        network.name(),
        service.name()
    );
    Some(finding(SHARED, at.or(network.origin())?, message).on(service))
}

/// Somebody who reaches a service with data.
struct Neighbour<'p> {
    service: Service<'p>,
    how: String,
}

impl Neighbour<'_> {
    fn judge(self, residency: &Residency, data: Service<'_>) -> Option<Finding> {
        let (region, at) = foreign(residency, self.service.labels())?;
        let (name, how) = (self.service.name(), self.how);
        let message = format!("`{name}` in the region `{region}` reaches `{}`, which holds data, {how}", data.name());
        Some(finding(SHARED, at.or(self.service.origin())?, message).on(self.service).on(data))
    }
}

/// Who reaches a service: over a network with a way out, or without any. By index, so that each is one neighbour.
fn neighbours<'p>(service: Service<'p>, open: &[Network<'p>]) -> BTreeMap<u32, Neighbour<'p>> {
    let mut found = BTreeMap::new();
    for network in open {
        for other in network.services().filter(|other| *other != service) {
            let how = format!("over the network `{}`", network.name());
            found.entry(other.index()).or_insert(Neighbour { service: other, how });
        }
    }
    for link in service.incoming("can-reach") {
        // Networks are looked at above, the internal ones left out.
        let how = match link.properties("by").next() {
            Some("namespace") => "in the same network namespace",
            Some("host-network") => "from the host's network",
            Some("hairpin") => "through a published port",
            _ => continue,
        };
        if let Some(other) = link.other.as_service().filter(|other| *other != service) {
            found.entry(other.index()).or_insert(Neighbour { service: other, how: how.to_owned() });
        }
    }
    found
}

/// A network with a way out.
fn open_network(service: Service<'_>, network: Network<'_>) -> Option<Finding> {
    let node = network.node();
    let written = node.and_then(|node| node.get("internal"));
    // What is made elsewhere may be internal there, and a variable may say so here.
    if network.external() || written.is_some_and(|written| written.value() != "false") {
        return None;
    }
    let message = format!("The network `{}` has a way out, and `{}` on it holds data", network.name(), service.name());
    let at = network.origin().or(service.origin())?;
    Some(finding(OPEN, at, message).on(service).fix(node.and_then(|node| close(network, node, written))))
}

/// Makes it internal; not when that would take a published port's only way in away.
fn close(network: Network<'_>, node: NodeRef<'_>, written: Option<NodeRef<'_>>) -> Option<Fix> {
    if network.services().any(|one| one.ports().next().is_some() && one.networks().count() == 1) {
        return None;
    }
    let fix = fix(format!("Make {} internal", network.name()));
    match written {
        Some(written) => Some(fix.replace(written.value_location(), "true")),
        None => fix.add_key(node, "internal: true"),
    }
}

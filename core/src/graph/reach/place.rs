//! Where a service is on the net: in whose network namespace, and on which networks.

use super::Passage;
use crate::graph::model::{Evidence, NetworkNode, ServiceId};
use crate::model::compose::Network;
use crate::project::ServiceRef;
use crate::source::Location;
use crate::text::shorten;
use std::collections::BTreeMap;

/// The network of containers that are started without one.
pub(in crate::graph) const DOCKER0: &str = "bridge";

/// Services that join each other's namespaces one after the other.
const MAX_JOINS: usize = 8;

/// A network namespace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Space {
    /// That of a service, which brings its networks.
    Own(ServiceId),
    /// The host's.
    Host,
    /// That of a container of which nothing is known, by what names it.
    Foreign(String),
    /// None, or one that a variable decides.
    Nothing,
}

/// Where a service is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The namespace.
    pub(super) space: Space,
    /// The service that brings the namespace; itself unless it joins another.
    pub(super) owner: ServiceId,
    /// Its networks, by their place in the graph, in order.
    pub(super) networks: Vec<usize>,
    /// What says that it is on each.
    shown: Vec<Evidence>,
    /// What says that it is in a namespace that is not its own.
    pub(super) joined: Option<Evidence>,
}

impl Place {
    /// What says that it is on a network.
    pub(super) fn shows(&self, network: usize) -> Option<&Evidence> {
        let nth = self.networks.iter().position(|index| *index == network)?;
        self.shown.get(nth)
    }
}

/// What a `network_mode` asks for.
enum Mode<'p> {
    Own,
    Host,
    Nothing,
    Service(&'p str),
    Container(&'p str),
}

fn mode<'p>(service: ServiceRef<'p, '_>) -> Mode<'p> {
    let Some(mode) = &service.service().spec.network_mode else { return Mode::Own };
    if service.host_network().is_some() {
        return Mode::Host;
    }
    match mode.text.split_once(':') {
        _ if !mode.is_known() || mode.text.contains("${") => Mode::Nothing,
        Some(("service", name)) => Mode::Service(name),
        Some(("container", name)) => Mode::Container(name),
        None if is_docker0(&mode.text) => Mode::Own,
        _ => Mode::Nothing,
    }
}

fn is_docker0(mode: &str) -> bool {
    matches!(mode, "bridge" | "default")
}

/// Networks that a service is on by itself: those it names, the default one of its view, or Docker's own. None when another
/// namespace is used, and none for what runs on networks that were not recorded.
pub(in crate::graph) fn own_networks<'p>(service: ServiceRef<'p, '_>) -> Vec<&'p str> {
    match &service.service().spec.network_mode {
        Some(mode) if mode.is_known() && is_docker0(&mode.text) => vec![DOCKER0],
        None if service.is_running() && service.networks.is_empty() => Vec::new(),
        _ => service.network_names(),
    }
}

/// Where each service is.
pub(super) fn places(services: &[ServiceRef<'_, '_>], networks: &[NetworkNode]) -> Vec<Place> {
    let by_name: BTreeMap<&str, ServiceId> =
        services.iter().enumerate().map(|(id, service)| (service.name.as_str(), id)).collect();
    let by_container: BTreeMap<&str, ServiceId> =
        services.iter().enumerate().filter_map(|(id, service)| Some((service.container_name()?, id))).collect();
    let indices: BTreeMap<&str, usize> =
        networks.iter().enumerate().map(|(index, network)| (network.name.as_str(), index)).collect();
    let key = services.first().and_then(|service| service.project().services_key(service.view()));
    let find = |mode: &Mode<'_>| match mode {
        Mode::Service(name) => by_name.get(name).copied(),
        Mode::Container(name) => by_container.get(name).copied(),
        _ => None,
    };
    let place = |id: ServiceId| -> Place {
        let (space, owner) = space(services, id, &find);
        let joined = services.get(id).and_then(|service| joined_at(*service));
        let (mut on, mut shown) = (Vec::new(), Vec::new());
        if let (Space::Own(_), Some(service)) = (&space, services.get(owner)) {
            for name in own_networks(*service) {
                let Some(&index) = indices.get(name).filter(|index| !on.contains(*index)) else { continue };
                on.push(index);
                shown.push(joined.clone().unwrap_or_else(|| membership(*service, name, key)));
            }
        }
        Place { space, owner, networks: on, shown, joined }
    };
    (0..services.len()).map(place).collect()
}

/// The namespace that a service ends up in, and whose it is.
fn space(
    services: &[ServiceRef<'_, '_>],
    id: ServiceId,
    find: &dyn Fn(&Mode<'_>) -> Option<ServiceId>,
) -> (Space, ServiceId) {
    let mut at = id;
    for _ in 0..MAX_JOINS {
        let Some(service) = services.get(at) else { break };
        let mode = mode(*service);
        match (&mode, find(&mode)) {
            (Mode::Own, _) => return (Space::Own(at), at),
            (Mode::Host, _) => return (Space::Host, at),
            (_, Some(next)) => at = next,
            (Mode::Service(name) | Mode::Container(name), None) => return (Space::Foreign((*name).to_owned()), at),
            (Mode::Nothing, None) => break,
        }
    }
    (Space::Nothing, id)
}

/// What puts a service into a namespace that is not its own.
fn joined_at(service: ServiceRef<'_, '_>) -> Option<Evidence> {
    let what = match mode(service) {
        Mode::Own | Mode::Nothing => return None,
        Mode::Host => format!("{} uses the host's network", service.name),
        Mode::Service(other) | Mode::Container(other) => {
            format!("{} joins the network namespace of {}", service.name, shorten(other, 60))
        }
    };
    service.network_mode.as_ref().map(|mode| Evidence::new(mode.at, what))
}

/// What says that a service is on a network.
fn membership(service: ServiceRef<'_, '_>, network: &str, services_key: Option<Location>) -> Evidence {
    let name = &service.name;
    if let Some(at) = service.joins_at(network) {
        return Evidence::new(at, format!("{name} is on the network {network}"));
    }
    if let Some(mode) = &service.network_mode {
        return Evidence::new(mode.at, format!("{name} is on Docker's own bridge"));
    }
    let at = services_key.unwrap_or(service.at);
    Evidence::new(at, "services that name no network share the default one")
}

/// What each network lets through.
pub(super) fn passages(services: &[ServiceRef<'_, '_>], networks: &[NetworkNode]) -> Vec<Passage> {
    let view = services.first().map(ServiceRef::view);
    let passage = |node: &NetworkNode| {
        let declared = view.and_then(|view| view.network(&node.name));
        Passage {
            out: !node.internal && !declared.is_some_and(|network| option(network, "enable_ip_masquerade", "false")),
            bridged: declared.is_none_or(has_gateway),
            open: !node.isolated,
        }
    };
    networks.iter().map(passage).collect()
}

/// Whether the host has an address on a network: not with drivers that keep it out, nor with the gateway mode that gives it none.
fn has_gateway(network: &Network) -> bool {
    let apart = |driver: &str| matches!(driver, "macvlan" | "ipvlan" | "overlay" | "none");
    let apart = network.driver.as_deref().is_some_and(apart);
    !apart && !option(network, "gateway_mode_ipv4", "isolated")
}

fn option(network: &Network, name: &str, value: &str) -> bool {
    let key = |key: &str| key.strip_prefix("com.docker.network.bridge.") == Some(name);
    network.options.iter().any(|(of, is)| key(of) && is == value)
}

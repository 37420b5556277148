//! Who can open a connection to whom, and what shows it: common networks and namespaces, published ports, the host's network,
//! gateways, and the ways out.
//!
//! Every pair of services that stay is looked at once, with nothing but numbers to compare: what is written about a service, its
//! memberships and its published ports, is gathered before. A `links` entry, `expose` and `depends_on` open no connection.

mod causes;
mod openings;
mod place;

use super::model::{Cause, End, Evidence, Link, LinkKind, NetworkNode, ServiceId, ServiceNode};
use crate::project::{Reach, ServiceRef};
use openings::Opening;
pub(super) use place::{DOCKER0, own_networks};
use place::{Place, Space};

/// Views with more services than this get one text for each connection, and one connection for all published ports: two hundred
/// thousand pairs are held in memory at once.
const BRIEF: usize = 100;

/// Every connection that can be opened, those from outside first, then in the order of the services. Jobs that end have none.
pub(super) fn links(services: &[ServiceRef<'_, '_>], nodes: &[ServiceNode], networks: &[NetworkNode]) -> Vec<Link> {
    let places = place::places(services, networks);
    let openings = openings::openings(services, nodes, &places);
    let passages = place::passages(services, networks);
    let brief = services.len() > BRIEF;
    let hairpins = openings.iter().map(|openings| openings::around(openings, brief)).collect();
    let wiring = Wiring { services, nodes, networks, passages, places, openings, hairpins, brief };
    let staying: Vec<ServiceId> =
        nodes.iter().enumerate().filter(|(_, node)| node.stays).map(|(id, _)| id).take(services.len()).collect();
    let mut links = Vec::new();
    for &to in &staying {
        wiring.exposures(to, &mut links);
    }
    for &from in &staying {
        for &to in staying.iter().filter(|to| **to != from) {
            match wiring.between(from, to) {
                Some(link) => links.push(link),
                None => wiring.around(from, to, &mut links),
            }
        }
        wiring.to_host(from, &mut links);
        wiring.outwards(from, &mut links);
    }
    links
}

/// A network, as far as connections are concerned.
struct Passage {
    /// Whether it leads to other machines.
    out: bool,
    /// Whether the host has an address on it: its gateway, by which it reaches the members, and they the host.
    bridged: bool,
    /// Whether its members can talk to each other.
    open: bool,
}

struct Wiring<'w, 'p, 'a> {
    services: &'w [ServiceRef<'p, 'a>],
    nodes: &'w [ServiceNode],
    networks: &'w [NetworkNode],
    passages: Vec<Passage>,
    places: Vec<Place>,
    openings: Vec<Vec<Opening>>,
    hairpins: Vec<Vec<Opening>>,
    brief: bool,
}

fn ends(from: ServiceId, to: ServiceId) -> (End, End) {
    (End::Service(from), End::Service(to))
}

impl Wiring<'_, '_, '_> {
    /// From other machines, and from the host's loopback address.
    fn exposures(&self, to: ServiceId, links: &mut Vec<Link>) {
        let end = End::Service(to);
        for opening in self.openings.get(to).into_iter().flatten() {
            let (from, kind) = match opening.reach {
                Reach::Everyone => (End::Internet, LinkKind::Expose),
                Reach::Loopback => (End::HostLoopback, LinkKind::Loopback),
                _ => continue,
            };
            links.push(opening.link(from, end, kind));
        }
        let ports = self.nodes.get(to).map(|node| node.ports.clone()).unwrap_or_default();
        if let Some((evidence, cause)) = self.on_host(to).filter(|_| !ports.is_empty()) {
            for (from, kind) in [(End::Internet, LinkKind::Expose), (End::HostLoopback, LinkKind::Loopback)] {
                let (ports, evidence, cause) = (ports.clone(), vec![evidence.clone()], Some(cause.clone()));
                links.push(Link { from, to: end, kind, ports, networks: Vec::new(), evidence, cause });
            }
        }
    }

    /// What says that a service uses the host's network, and what would change that.
    fn on_host(&self, id: ServiceId) -> Option<(Evidence, Cause)> {
        let place = self.places.get(id).filter(|place| place.space == Space::Host)?;
        let service = self.services.get(place.owner)?;
        let at = service.host_network()?;
        let evidence = Evidence::new(at, format!("{} uses the host's network", service.name));
        let change = format!("Put {} on a network of the project instead of the host's", service.name);
        Some((evidence, Cause { rule: Some("isolation/host-network"), change, at }))
    }

    /// Directly from one service to another.
    fn between(&self, from: ServiceId, to: ServiceId) -> Option<Link> {
        let (source, target) = (self.places.get(from)?, self.places.get(to)?);
        match (&source.space, &target.space) {
            (Space::Nothing, _) | (_, Space::Nothing) => None,
            (here, there) if here == there => Some(self.namespace(from, to, source, target)),
            (Space::Own(_), Space::Own(_)) => self.network(from, to, source, target),
            (Space::Host, Space::Own(_)) => self.host_to_container(from, to, target),
            (Space::Own(_), Space::Host) => self.container_to_host(from, to, source),
            _ => None,
        }
    }

    fn namespace(&self, from: ServiceId, to: ServiceId, source: &Place, target: &Place) -> Link {
        let evidence = [&source.joined, &target.joined].into_iter().flatten().cloned().collect();
        let cause = self.on_host(from).map(|(_, cause)| cause);
        let (from, to) = ends(from, to);
        Link { from, to, kind: LinkKind::Namespace, ports: Vec::new(), networks: Vec::new(), evidence, cause }
    }

    fn network(&self, from: ServiceId, to: ServiceId, source: &Place, target: &Place) -> Option<Link> {
        let open = |index: usize| self.passages.get(index).is_some_and(|passage| passage.open);
        let common = source.networks.iter().filter(|index| open(**index) && target.networks.contains(index));
        let mut networks = Vec::new();
        let mut evidence: Vec<Evidence> = Vec::new();
        for &index in common {
            networks.push(self.networks.get(index)?.name.clone());
            if !self.brief || evidence.is_empty() {
                let shown = [source, target].into_iter().filter_map(|place| place.shows(index));
                for shown in shown.take(if self.brief { 1 } else { 2 }) {
                    if evidence.last() != Some(shown) {
                        evidence.push(shown.clone());
                    }
                }
            }
        }
        let (from, to) = ends(from, to);
        let kind = LinkKind::Network;
        (!networks.is_empty()).then(|| Link { from, to, kind, ports: Vec::new(), networks, evidence, cause: None })
    }

    fn host_to_container(&self, from: ServiceId, to: ServiceId, target: &Place) -> Option<Link> {
        let networks = self.names(target, |passage| passage.bridged);
        let (evidence, cause) = self.on_host(from).filter(|_| !networks.is_empty())?;
        let (from, to) = ends(from, to);
        let (kind, evidence) = (LinkKind::HostNetwork, vec![evidence]);
        Some(Link { from, to, kind, ports: Vec::new(), networks, evidence, cause: Some(cause) })
    }

    /// At the gateway of its bridge a container finds what listens on the host, services on the host's network too.
    fn container_to_host(&self, from: ServiceId, to: ServiceId, source: &Place) -> Option<Link> {
        let ports = self.nodes.get(to)?.ports.clone();
        let networks = self.names(source, |passage| passage.bridged);
        let (evidence, cause) = self.on_host(to).filter(|_| !networks.is_empty() && !ports.is_empty())?;
        let (from, to) = ends(from, to);
        let (kind, evidence) = (LinkKind::Gateway, vec![evidence]);
        Some(Link { from, to, kind, ports, networks, evidence, cause: Some(cause) })
    }

    /// Out through the bridge and back in through a published port.
    fn around(&self, from: ServiceId, to: ServiceId, links: &mut Vec<Link>) {
        let (Some(source), Some(hairpins)) = (self.places.get(from), self.hairpins.get(to)) else { return };
        let Some((_, index)) = self.way_out(source).filter(|_| !hairpins.is_empty()) else { return };
        let network = self.networks.get(index).map(|network| network.name.clone());
        for opening in hairpins {
            let (from, to) = ends(from, to);
            let mut link = opening.link(from, to, LinkKind::Hairpin);
            link.networks.extend(network.clone());
            if !self.brief {
                link.evidence.extend(source.shows(index).cloned());
            }
            links.push(link);
        }
    }

    /// The machine itself.
    fn to_host(&self, from: ServiceId, links: &mut Vec<Link>) {
        let Some(source) = self.places.get(from) else { return };
        let end = End::Service(from);
        if let Some((evidence, cause)) = self.on_host(from) {
            let (kind, evidence, cause) = (LinkKind::HostNetwork, vec![evidence], Some(cause));
            let (ports, networks) = (Vec::new(), Vec::new());
            links.push(Link { from: end, to: End::HostLoopback, kind, ports, networks, evidence, cause });
            return;
        }
        let networks = self.names(source, |passage| passage.bridged);
        if networks.is_empty() {
            return;
        }
        let gateway = |evidence, cause| Link {
            from: end,
            to: End::Host,
            kind: LinkKind::Gateway,
            ports: Vec::new(),
            networks: networks.clone(),
            evidence,
            cause,
        };
        let bridged = source.networks.iter().find(|index| self.passages.get(**index).is_some_and(|of| of.bridged));
        let evidence = bridged.and_then(|index| source.shows(*index)).cloned();
        links.push(gateway(evidence.into_iter().collect(), None));
        let Some(service) = self.services.get(from) else { return };
        for (evidence, cause) in causes::gateway(*service) {
            links.push(gateway(vec![evidence], cause));
        }
    }

    /// Other machines, and the metadata service of a cloud's.
    fn outwards(&self, from: ServiceId, links: &mut Vec<Link>) {
        let Some(source) = self.places.get(from) else { return };
        let (networks, evidence, cause) = match (self.on_host(from), self.way_out(source)) {
            (Some((evidence, cause)), _) => (Vec::new(), vec![evidence], Some(cause)),
            (None, Some((evidence, _))) => {
                (self.names(source, |passage| passage.out), evidence.into_iter().collect(), None)
            }
            (None, None) => return,
        };
        for to in [End::Internet, End::Metadata] {
            let (networks, evidence, cause) = (networks.clone(), evidence.clone(), cause.clone());
            let (from, kind, ports) = (End::Service(from), LinkKind::Egress, Vec::new());
            links.push(Link { from, to, kind, ports, networks, evidence, cause });
        }
    }

    /// The first network of a place that leads out.
    fn way_out(&self, place: &Place) -> Option<(Option<Evidence>, usize)> {
        let out = |index: &&usize| self.passages.get(**index).is_some_and(|passage| passage.out);
        let &index = place.networks.iter().find(out)?;
        Some((place.shows(index).cloned(), index))
    }

    /// Networks of a place with a property.
    fn names(&self, place: &Place, wanted: impl Fn(&Passage) -> bool) -> Vec<String> {
        let fits = |index: &&usize| self.passages.get(**index).is_some_and(&wanted);
        place.networks.iter().filter(fits).filter_map(|index| Some(self.networks.get(*index)?.name.clone())).collect()
    }
}

#[cfg(test)]
mod tests;

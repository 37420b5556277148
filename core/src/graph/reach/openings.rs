//! Published ports: who answers on them, and from where they can be reached.

use super::causes;
use super::place::{Place, Space};
use crate::graph::model::{Cause, End, Evidence, Link, LinkKind, ServiceNode};
use crate::model::compose::ports::Port;
use crate::project::{Reach, ServiceRef};

/// Ports of a range that are named one by one.
const MAX_PORTS: usize = 64;

/// A published port.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    /// Ports of the container that answer.
    pub(super) ports: Vec<u16>,
    /// From where.
    pub(super) reach: Reach,
    /// What says so.
    pub(super) evidence: Vec<Evidence>,
    /// What would close it, when a rule reports it.
    pub(super) cause: Option<Cause>,
}

impl Opening {
    /// The connection that it lets through.
    pub(super) fn link(&self, from: End, to: End, kind: LinkKind) -> Link {
        let (ports, evidence, cause) = (self.ports.clone(), self.evidence.clone(), self.cause.clone());
        Link { from, to, kind, ports, networks: Vec::new(), evidence, cause }
    }
}

/// The published ports by which each service is reached: its own, and those of the service whose namespace it joins, as far as it is
/// known to listen there.
pub(super) fn openings(services: &[ServiceRef<'_, '_>], nodes: &[ServiceNode], places: &[Place]) -> Vec<Vec<Opening>> {
    let own: Vec<Vec<Opening>> = services.iter().map(|service| of_service(*service)).collect();
    let opening = |(id, place): (usize, &Place)| -> Vec<Opening> {
        if !matches!(place.space, Space::Own(_)) {
            return Vec::new();
        }
        let all = own.get(place.owner).cloned().unwrap_or_default();
        if place.owner == id {
            return all;
        }
        let listens = nodes.get(id).map(|node| node.ports.as_slice()).unwrap_or_default();
        let here = |mut opening: Opening| {
            opening.ports.retain(|port| listens.contains(port));
            opening.evidence.extend(place.joined.clone());
            (!opening.ports.is_empty()).then_some(opening)
        };
        all.into_iter().filter_map(here).collect()
    };
    places.iter().enumerate().map(opening).collect()
}

fn of_service(service: ServiceRef<'_, '_>) -> Vec<Opening> {
    let open = |port: &Port| {
        let reach = service.reach(port);
        let known = matches!(reach, Reach::Everyone | Reach::Private | Reach::Loopback);
        known.then(|| Opening {
            ports: (port.target.0..=port.target.1).take(MAX_PORTS).collect(),
            reach,
            evidence: vec![Evidence::new(port.at, label(service, port, reach))],
            cause: causes::published(service, port, reach),
        })
    };
    let mut found: Vec<Opening> = Vec::new();
    for opening in service.service().spec.ports.iter().filter_map(open) {
        let same = |known: &&mut Opening| {
            (&known.ports, known.reach, &known.cause) == (&opening.ports, opening.reach, &opening.cause)
        };
        match found.iter_mut().find(same) {
            // IPv4 and IPv6, or two ports of the host for one of the container.
            Some(known) => known.evidence.extend(opening.evidence),
            None => found.push(opening),
        }
    }
    found
}

fn label(service: ServiceRef<'_, '_>, port: &Port, reach: Reach) -> String {
    let whom = match reach {
        Reach::Private => "for machines of a private network",
        Reach::Loopback => "for this machine only",
        _ => "for every machine that reaches the host",
    };
    format!("{} publishes port {} on {} {whom}", service.name, port.target.0, port.host_side())
}

/// What other containers reach by the host's address: everything but the loopback ports. What one change would close stays apart;
/// `brief` joins everything.
pub(super) fn around(openings: &[Opening], brief: bool) -> Vec<Opening> {
    let mut found: Vec<Opening> = Vec::new();
    for opening in openings.iter().filter(|opening| opening.reach != Reach::Loopback) {
        match found.iter_mut().find(|known| brief || known.cause == opening.cause) {
            Some(known) => {
                known.ports.extend(&opening.ports);
                known.evidence.extend(opening.evidence.iter().filter(|_| !brief).cloned());
                known.cause = known.cause.take().filter(|cause| Some(cause) == opening.cause.as_ref());
            }
            None => found.push(opening.clone()),
        }
    }
    for opening in &mut found {
        opening.ports.sort_unstable();
        opening.ports.dedup();
    }
    found
}

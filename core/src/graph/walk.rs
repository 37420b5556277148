//! What happens when a service falls: where somebody gets from there, how, how easily, and what stays out of reach.
//!
//! A breach starts with code running in one service, as the user that it runs as. From there on it takes what the graph has
//! evidence for: doors over connections, logins that are read on the way, files and jobs that another service executes, and what
//! is missing between a container and its host. Only where code runs does it go on over the network; what is stored leads on only
//! where something executes it. Faults in the kernel are never part of a path.

pub(super) mod grip;
mod listing;
pub(super) mod search;
pub(super) mod set;
pub(super) mod steps;
pub(super) mod ways;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(super) mod tests;

use super::model::{Cause, DoorKind, Evidence, Graph, Level, LinkKind, ServiceId, ServiceNode, Tier};
use super::outcome::{Breach, StackBreach};
use super::{blast, cuts};
use search::{Found, search};
use ways::{By, CauseId, Goal, Ways};

/// From how many services on only the usual starts are looked at, and how many of these.
const MANY: usize = 60;

/// What happens when this service falls.
#[must_use]
pub fn breach(graph: &Graph, start: ServiceId) -> Breach {
    let ways = Ways::of(graph);
    tell(&ways, &search(&ways, start, None))
}

/// What happens when any service falls: one breach for each that stays, or, where there are very many, for the usual starts.
#[must_use]
pub fn stack(graph: &Graph) -> StackBreach {
    let ways = Ways::of(graph);
    let starts = starts(graph);
    let staying: Vec<ServiceId> = (0..graph.services.len()).filter(|&service| ways.stays(service)).collect();
    let asked = if staying.len() > MANY { &starts } else { &staying };
    let breaches: Vec<Breach> = asked.iter().map(|&service| tell(&ways, &search(&ways, service, None))).collect();
    let scores: Vec<(ServiceId, u8)> = breaches
        .iter()
        .filter(|breach| starts.contains(&breach.start))
        .map(|breach| (breach.start, breach.blast.score))
        .collect();
    let blast = blast::of_stack(graph, &scores);
    let cuts = cuts::of(&ways, &starts);
    StackBreach { starts, breaches, blast, grade: blast::grade(blast), cuts }
}

/// The easiest way to root on the host by design (T0) from each service that is reached from outside, as the faults that it leans on;
/// of very many services the first.
#[must_use]
pub fn ways_to_host(graph: &Graph) -> Vec<Vec<Cause>> {
    let leads_out = |service: &ServiceNode| {
        service.tier() == Tier::T0 || service.doors.iter().any(|door| door.kind == DoorKind::EngineApi)
    };
    // Most stacks have none, and need no walk to know.
    if !graph.services.iter().any(leads_out) {
        return Vec::new();
    }
    let ways = Ways::of(graph);
    let exposed = graph.services.iter().enumerate().filter(|(_, service)| service.is_exposed && service.stays);
    let faults = |start| {
        let found = search(&ways, start, None);
        let leads = found.effort(Goal::Host).is_some() && found.tier(&ways, None) == Tier::T0;
        let causes = leads.then(|| cuts::along(&ways, &found, Goal::Host))?;
        let cause = |id: CauseId| ways.causes.get(usize::try_from(id).ok()?).map(|cause| (*cause).clone());
        Some(causes.into_iter().filter_map(cause).collect())
    };
    exposed.take(MANY).filter_map(|(start, _)| faults(start)).collect()
}

/// Where breaches start unless somebody says otherwise: what is exposed, PHP, and what works on what users hand in; of very many
/// the first of these, in this order.
pub(super) fn starts(graph: &Graph) -> Vec<ServiceId> {
    let mut starts: Vec<(u8, ServiceId)> = Vec::new();
    for (service, node) in graph.services.iter().enumerate().filter(|(_, node)| node.stays) {
        let place = match (node.is_exposed, node.is_php, node.is_processor) {
            (true, ..) => 0,
            (_, true, _) => 1,
            (_, _, true) => 2,
            _ => continue,
        };
        starts.push((place, service));
    }
    starts.sort_unstable();
    let mut starts: Vec<ServiceId> = starts.into_iter().take(MANY).map(|(_, service)| service).collect();
    starts.sort_unstable();
    starts
}

/// A walk with everything that is told about it.
fn tell(ways: &Ways<'_>, found: &Found) -> Breach {
    let start = ways.graph.services.get(found.start);
    let goes_out = |exits: fn(&ways::Outset<'_>) -> bool| {
        found.executed.iter().filter_map(|&service| ways.from.get(service)).any(exits)
    };
    Breach {
        start: found.start,
        level: start.map_or(Level::User, ServiceNode::start_level),
        enumerated: enumerated(ways, found.start),
        paths: steps::paths(ways, found),
        reached: listing::reached(ways, found),
        secrets: listing::secrets(ways, found),
        externals: listing::externals(ways, found),
        spared: listing::spared(ways, found),
        tier: found.tier(ways, None),
        escapes: escapes(ways, found),
        egress: goes_out(|from| !from.egress.is_empty()),
        metadata: goes_out(|from| !from.metadata.is_empty()),
        blast: blast::blast(ways, found),
    }
}

/// Names that the engine's DNS answers with where a breach starts.
fn enumerated(ways: &Ways<'_>, start: ServiceId) -> Vec<String> {
    let hops = ways.from.get(start).into_iter().flat_map(|from| &from.hops);
    let named = hops.filter(|hop| matches!(hop.link.kind, LinkKind::Network | LinkKind::Namespace));
    let mut names: Vec<String> = named
        .filter_map(|hop| ways.graph.services.get(hop.to))
        .flat_map(|service| service.hostnames.iter().cloned())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What leads to the host or weakens what keeps from it, the nearest first.
fn escapes(ways: &Ways<'_>, found: &Found) -> Vec<(ServiceId, String, Vec<Evidence>)> {
    let mut escapes: Vec<(Tier, usize, ServiceId, String, Vec<Evidence>)> = Vec::new();
    for (place, &service) in found.executed.iter().enumerate() {
        for (escape, _) in ways.from.get(service).into_iter().flat_map(|from| &from.escapes) {
            let reason = match escape.tier {
                Tier::T5 => continue,
                Tier::T4 => format!("{}: only a fault in the kernel or the runtime leads out", escape.reason),
                _ => escape.reason.clone(),
            };
            escapes.push((escape.tier, place, service, reason, escape.evidence.clone()));
        }
    }
    for &(service, index) in &found.to_host {
        let Some(one) = ways.from.get(service).and_then(|from| from.moves.get(index)) else { continue };
        let (at, reason, evidence) = match one.by {
            By::Door(door) => {
                (one.link.and_then(|link| link.to.service()).unwrap_or(service), &door.reason, &door.evidence)
            }
            By::Escape(escape) if !found.executed.contains(&service) => (service, &escape.reason, &escape.evidence),
            _ => continue,
        };
        escapes.push((one.tier(), found.executed.len(), at, reason.clone(), evidence.clone()));
    }
    escapes.sort();
    escapes.dedup_by(|a, b| (a.2, &a.3) == (b.2, &b.3));
    escapes.into_iter().map(|(_, _, service, reason, evidence)| (service, reason, evidence)).collect()
}

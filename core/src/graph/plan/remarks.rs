//! What a reader of a plan has to know before following it.

use super::super::model::{End, Graph, LinkKind, NeededPath, ServiceId};
use super::super::outcome::PlannedNetwork;
use super::field::{assumed, stands_in, takes_part};
use super::names::{of, shown};
use super::ways::Foreign;
use super::why::names;
use super::{COMFORTABLE, POOLS};
use crate::facts::needed_paths::PROBABLE;
use crate::text::shorten;
use std::collections::BTreeSet;

/// Remarks of one kind.
const SHOWN: usize = 12;

/// Whether address pools made the plan coarser.
#[derive(Clone, Copy)]
pub(super) struct Crowded {
    /// Whether networks were joined.
    pub(super) joined: bool,
    /// Whether services had to share a way out.
    pub(super) shared: bool,
}

/// What has to be said, the most important first.
pub(super) fn remarks(
    graph: &Graph,
    networks: &[PlannedNetwork],
    alone: &[ServiceId],
    foreign: &[Foreign],
    crowded: Crowded,
) -> Vec<String> {
    let mut remarks: Vec<String> = pools(networks.len(), crowded).into_iter().collect();
    remarks.extend(probable(graph, networks));
    remarks.extend(cut_off(graph, networks));
    let nowhere: Vec<ServiceId> =
        (alone.iter().copied()).filter(|id| !networks.iter().any(|network| network.members.contains(id))).collect();
    if !nowhere.is_empty() {
        let verb = if nowhere.len() == 1 { "gets" } else { "get" };
        let whom = if nowhere.len() == 1 { "it talks" } else { "they talk" };
        remarks.push(format!("{} {verb} no network: nothing says whom {whom} to", names(graph, &nowhere)));
    }
    remarks.extend(left_alone(graph));
    remarks.extend(foreign.iter().flat_map(|foreign| strangers(graph, foreign)));
    remarks.extend(local_ports(graph));
    remarks
}

fn pools(networks: usize, crowded: Crowded) -> Option<String> {
    const HELP: &str = "set `default-address-pools` with /24 networks in daemon.json";
    if crowded.shared {
        return Some(format!(
            "Docker's default address pools hold {POOLS} networks: services share ways out and meet there; {HELP} before"
        ));
    }
    if crowded.joined {
        return Some(format!(
            "Docker's default address pools hold {POOLS} networks: conversations were joined to fit; {HELP} to part them"
        ));
    }
    (networks > COMFORTABLE).then(|| {
        format!("{networks} networks leave little of Docker's {POOLS} default address pools to other projects; {HELP}")
    })
}

/// Needs that are only probable: those that are not kept, and those that are because nothing else is known of a service.
fn probable(graph: &Graph, networks: &[PlannedNetwork]) -> Vec<String> {
    let together = |a: ServiceId, b: ServiceId| {
        networks.iter().any(|network| network.members.contains(&a) && network.members.contains(&b))
    };
    let said = |need: &NeededPath, what: &str| {
        let (from, to) = (shown(of(graph, need.from)), shown(of(graph, need.to)));
        format!("{from} may need {to} ({}); {what}", shorten(&need.evidence.label, 80))
    };
    let apart = (graph.needs.iter())
        .filter(|need| !need.is_needed() && need.confidence >= PROBABLE)
        .filter(|need| match (stands_in(graph, need.from), stands_in(graph, need.to)) {
            (Some(from), Some(to)) => from != to && !together(from, to),
            _ => false,
        })
        .map(|need| said(need, "the plan does not keep this"));
    let kept = assumed(graph).into_iter().map(|need| said(need, "the plan keeps this, though nothing is sure"));
    apart.take(SHOWN).chain(kept.take(SHOWN)).collect()
}

/// Services that call out today, for all that is known, and cannot any more.
fn cut_off(graph: &Graph, networks: &[PlannedNetwork]) -> Option<String> {
    let out: BTreeSet<ServiceId> = (graph.links.iter())
        .filter(|link| link.kind == LinkKind::Egress && link.to == End::Internet)
        .filter_map(|link| link.from.service())
        .collect();
    let cut: Vec<ServiceId> = (0..graph.services.len())
        .filter(|&id| takes_part(graph, id) && out.contains(&id))
        .filter(|&id| graph.services.get(id).is_some_and(|service| service.group != "data"))
        .filter(|&id| {
            let mut own = networks.iter().filter(|network| network.members.contains(&id)).peekable();
            own.peek().is_some() && own.all(|network| network.internal)
        })
        .collect();
    let verb = if cut.len() == 1 { "has" } else { "have" };
    let calls = if cut.len() == 1 { "it calls" } else { "they call" };
    (!cut.is_empty()).then(|| {
        let names = names(graph, &cut);
        format!("{names} {verb} no way out any more: nothing says that {calls} other machines")
    })
}

/// Services that no plan moves.
fn left_alone(graph: &Graph) -> Vec<String> {
    let modes = graph.services.iter().filter(|service| service.stays).filter_map(|service| {
        let (name, mode) = (shown(&service.name), service.network_mode.as_deref()?);
        Some(match mode.split_once(':') {
            Some(("service", other)) => {
                format!(
                    "{name} stays in the network namespace of {}, which carries its conversations too",
                    shown(other)
                )
            }
            Some(_) => format!("{name} stays in a network namespace of others"),
            None if mode == "host" => {
                format!("{name} stays on the host's network, from which it reaches every container")
            }
            None if mode == "none" => format!("{name} stays without a network"),
            None => format!("{name} stays as it is: its network mode is {}", shown(mode)),
        })
    });
    modes.take(SHOWN).collect()
}

/// Who stays among strangers on a network of others, and who leaves it.
fn strangers(graph: &Graph, foreign: &Foreign) -> Vec<String> {
    let network = shown(&foreign.name);
    let mut said = Vec::new();
    if !foreign.leaving.is_empty() {
        let verb = if foreign.leaving.len() == 1 { "leaves" } else { "leave" };
        let who = names(graph, &foreign.leaving);
        said.push(format!("{who} {verb} {network}, on which other projects may use what is there: look at them first"));
    }
    if foreign.members.len() > 1 {
        let who = names(graph, &foreign.members);
        said.push(format!("{who} stay on {network}, which exists apart from this deployment, and meet there"));
    }
    said
}

/// Data stores that keep a port of the machine itself or of a private network.
fn local_ports(graph: &Graph) -> Option<String> {
    let kept: Vec<ServiceId> = (0..graph.services.len())
        .filter(|&id| takes_part(graph, id))
        .filter(|&id| {
            graph.services.get(id).is_some_and(|service| service.group == "data" && super::ways::publishes(service))
        })
        .collect();
    let verb = if kept.len() == 1 { "keeps a port" } else { "keep ports" };
    (!kept.is_empty())
        .then(|| format!("{} {verb} that not every machine reaches, and a way out with it", names(graph, &kept)))
}

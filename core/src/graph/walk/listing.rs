//! What a walk reached and what it did not, each with its reason; and which secrets are read on the way.

use super::grip::Grip;
use super::search::Found;
use super::steps::last;
use super::ways::{Goal, Hop, NAME, Ways};
use crate::graph::model::{Evidence, Level, LinkKind, NetworkNode, SecretClass, ServiceId, ServiceNode};
use crate::graph::outcome::{Hold, Reached, ReadSecret, Spared};
use crate::text::{list, shorten};
use std::collections::BTreeMap;

/// What is said of what only the host gives.
const BY_HOST: &str = "root on the host controls every container";

/// Services that are reached, the worst hold first.
pub(super) fn reached(ways: &Ways<'_>, found: &Found) -> Vec<Reached> {
    let has_host = found.effort(Goal::Host).is_some();
    let mut reached: Vec<Reached> = others(ways, found)
        .filter_map(|(service, node)| {
            let held = held(ways, found, service).or_else(|| connected(ways, found, service, node));
            if has_host { Some(with_host(service, held)) } else { held }
        })
        .collect();
    reached.sort_by_key(|one| (one.hold, one.service));
    reached
}

/// Secrets that are read, the worst class first.
pub(super) fn secrets(ways: &Ways<'_>, found: &Found) -> Vec<ReadSecret> {
    let mut read: BTreeMap<&str, (SecretClass, Vec<ServiceId>)> = BTreeMap::new();
    for (service, level) in readers(ways, found) {
        for (secret, _) in ways.from.get(service).into_iter().flat_map(|from| &from.secrets) {
            if secret.root_only && level != Level::Root {
                continue;
            }
            let entry = read.entry(&secret.name).or_insert_with(|| (secret.class, Vec::new()));
            entry.0 = entry.0.min(secret.class);
            if entry.1.last() != Some(&service) {
                entry.1.push(service);
            }
        }
    }
    let mut secrets: Vec<ReadSecret> = read
        .into_iter()
        .map(|(name, (class, services))| ReadSecret { name: name.to_owned(), services, class })
        .collect();
    secrets.sort_by(|a, b| (a.class, &a.name).cmp(&(b.class, &b.name)));
    secrets
}

/// Systems outside that fall: what is read opens them.
pub(super) fn externals(ways: &Ways<'_>, found: &Found) -> Vec<usize> {
    let has_host = found.effort(Goal::Host).is_some();
    let opened = |external: usize| {
        let mut secrets = ways.graph.services.iter().filter(|node| node.stays).flat_map(|node| &node.secrets);
        found.effort(Goal::External(external)).is_some()
            || (has_host && secrets.any(|secret| secret.opens_external.contains(&external)))
    };
    (0..ways.graph.externals.len()).filter(|&external| opened(external)).collect()
}

/// Services that are not reached, and why.
pub(super) fn spared(ways: &Ways<'_>, found: &Found) -> Vec<Spared> {
    if found.effort(Goal::Host).is_some() {
        return Vec::new();
    }
    others(ways, found)
        .filter(|&(service, _)| found.firmest(service).is_none() && !found.near.has(service))
        .map(|(service, node)| {
            let (why, evidence) = apart(ways, found, node);
            Spared { service, why, evidence }
        })
        .collect()
}

/// Services that stay, but for the start.
fn others<'a>(ways: &'a Ways<'_>, found: &Found) -> impl Iterator<Item = (ServiceId, &'a ServiceNode)> {
    let start = found.start;
    let all = ways.graph.services.iter().enumerate();
    all.filter(move |&(service, node)| service != start && node.stays)
}

/// Where secrets can be read, and as whom.
fn readers(ways: &Ways<'_>, found: &Found) -> Vec<(ServiceId, Level)> {
    let mut readers: Vec<(ServiceId, Level)> = if found.effort(Goal::Host).is_some() {
        others(ways, found).map(|(service, _)| (service, Level::Root)).chain([(found.start, Level::Root)]).collect()
    } else {
        let level = |service| if found.is_root(service) { Level::Root } else { Level::User };
        found.executed.iter().map(|&service| (service, level(service))).collect()
    };
    readers.sort_unstable();
    readers
}

/// A service that more than a connection is had to, without the host.
fn held(ways: &Ways<'_>, found: &Found, service: ServiceId) -> Option<Reached> {
    let hold = found.firmest(service)?.hold();
    let level = found.firmest(service)?.level();
    let (_, grip): (_, Grip) = found.easiest(service, |grip| grip.hold() == hold)?;
    let reason = last(ways, found, Goal::At(service, grip))?.reason;
    Some(Reached { service, level, hold, reason })
}

fn with_host(service: ServiceId, held: Option<Reached>) -> Reached {
    let reason = match held {
        Some(held) if held.hold == Hold::Executes && held.level == Level::Root => return held,
        Some(held) if held.hold != Hold::Reaches => format!("{}, and {BY_HOST}", held.reason),
        _ => BY_HOST.to_owned(),
    };
    Reached { service, level: Level::Root, hold: Hold::Executes, reason }
}

/// A service that only a connection is had to.
fn connected(ways: &Ways<'_>, found: &Found, service: ServiceId, node: &ServiceNode) -> Option<Reached> {
    if !found.near.has(service) {
        return None;
    }
    let (from, hop) = found.executed.iter().find_map(|&from| Some((from, ways.hop(from, service, None)?)))?;
    let mut reason = format!("from {} {}", ways.name(from), over(hop));
    if node.group == "data" && ways.has_login(service) {
        reason.push_str(", but it asks for a password that nothing reached holds");
    }
    Some(Reached { service, level: Level::Reached, hold: Hold::Reaches, reason })
}

/// What carries a connection, as the end of a clause.
fn over(hop: &Hop<'_>) -> String {
    let networks: Vec<String> = hop.link.networks.iter().map(|name| shorten(name, NAME)).collect();
    let networks: Vec<&str> = networks.iter().map(String::as_str).collect();
    match (hop.link.kind, networks.as_slice()) {
        (LinkKind::Network, [one]) => format!("over the network {one}"),
        (LinkKind::Network, [_, ..]) => format!("over the networks {}", list(&networks)),
        (LinkKind::Namespace, _) => "in the network namespace that they share".to_owned(),
        (LinkKind::HostNetwork, _) => "from the host's network".to_owned(),
        (LinkKind::Hairpin | LinkKind::Expose | LinkKind::Loopback, _) => match hop.link.ports.as_slice() {
            [port] => format!("through its published port {port}"),
            _ => "through its published ports".to_owned(),
        },
        _ => "over the network".to_owned(),
    }
}

/// Why a service is not reached.
fn apart(ways: &Ways<'_>, found: &Found, node: &ServiceNode) -> (String, Vec<Evidence>) {
    let networks = || ways.graph.networks.iter().filter(|network| node.networks.contains(&network.name));
    let shown = || -> Vec<Evidence> {
        let at = |network: &NetworkNode| {
            Some(Evidence::new(network.at?, format!("the network {}", shorten(&network.name, NAME))))
        };
        networks().filter_map(at).collect()
    };
    let fallen: Vec<&ServiceNode> = found.executed.iter().filter_map(|&id| ways.graph.services.get(id)).collect();
    let is_common = |name: &String| fallen.iter().any(|fallen| fallen.networks.contains(name));
    if node.network_mode.as_deref() == Some("none") {
        return ("it has no network".to_owned(), Vec::new());
    }
    if let Some(network) = networks().find(|network| network.isolated && is_common(&network.name)) {
        return (format!("members of the network {} cannot talk to each other", shorten(&network.name, NAME)), shown());
    }
    let why = match node.published.as_slice() {
        [] => "it shares no network with what falls, and publishes no port",
        ports if ports.iter().all(|port| port.reach == "loopback") => {
            "it shares no network with what falls, and publishes ports only on the host's loopback address"
        }
        _ => "it shares no network with what falls, and no way leads out to the ports it publishes",
    };
    (why.to_owned(), shown())
}

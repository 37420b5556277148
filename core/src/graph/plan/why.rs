//! Why a network is there, as a sentence.

use super::super::model::{Graph, ServiceId};
use super::field::conversations;
use super::names::{of, shown};
use crate::text::{list, shorten};
use std::collections::BTreeMap;

/// Names in one list.
const NAMES: usize = 4;
/// Clauses in one sentence.
const CLAUSES: usize = 3;

/// Who talks to whom on it.
pub(super) fn of_group(graph: &Graph, members: &[ServiceId]) -> String {
    let mut servers: BTreeMap<ServiceId, Vec<ServiceId>> = BTreeMap::new();
    for (from, to) in conversations(graph) {
        if members.contains(&from) && members.contains(&to) {
            servers.entry(from).or_default().push(to);
        }
    }
    let mut clauses: Vec<(Vec<ServiceId>, Vec<ServiceId>)> = Vec::new();
    for (client, servers) in servers {
        match clauses.iter_mut().find(|(_, known)| *known == servers) {
            Some((clients, _)) => clients.push(client),
            None => clauses.push((vec![client], servers)),
        }
    }
    let mut written: Vec<String> = clauses
        .iter()
        .take(CLAUSES)
        .map(|(clients, servers)| {
            let verb = if clients.len() == 1 { "talks" } else { "talk" };
            format!("{} {verb} to {}", names(graph, clients), names(graph, servers))
        })
        .collect();
    if clauses.len() > CLAUSES {
        written.push(format!("{} more talk here", clauses.len() - CLAUSES));
    }
    format!("{}.", written.join("; "))
}

/// What its members need a way out for.
pub(super) fn of_way(graph: &Graph, members: &[ServiceId]) -> String {
    let &[id] = members else {
        return format!("{} are reached from outside or call other machines.", names(graph, members));
    };
    let Some(service) = graph.services.get(id) else { return String::new() };
    let name = shown(&service.name);
    let mut clauses = Vec::new();
    if super::ways::publishes(service) {
        let ports: Vec<String> = (service.published.iter().filter(|port| port.reach != "nobody"))
            .take(NAMES)
            .map(|port| shorten(&port.host, 40))
            .collect();
        let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
        clauses.push(format!("publishes {}", list(&ports)));
    }
    if let Some(evidence) = service.egress_needed.first() {
        clauses.push(format!("calls other machines ({})", shorten(&evidence.label, 80)));
    }
    if clauses.is_empty() && service.stays {
        clauses.push("has a way out of its own today".to_owned());
    } else if clauses.is_empty() {
        clauses.push("talks to nobody here, and may have to download what it works on".to_owned());
    }
    format!("{name} {}.", clauses.join(" and "))
}

/// Names of services, not too many.
pub(super) fn names(graph: &Graph, ids: &[ServiceId]) -> String {
    let mut names: Vec<String> = ids.iter().take(NAMES).map(|id| shown(of(graph, *id))).collect();
    if ids.len() > NAMES {
        names.push(format!("{} more", ids.len() - NAMES));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    list(&names)
}

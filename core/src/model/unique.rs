//! Lists of which Compose keeps each entry once, the later one in the place of the earlier: ports, mounts, secrets and the like.

use super::node::{Node, Value};
use crate::source::Location;
use std::collections::BTreeMap;

/// Two entries of one list that are the same to Compose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repeated {
    /// The keys that lead to the list.
    pub path: Vec<String>,
    /// What makes them the same.
    pub key: String,
    /// The first one.
    pub first: Location,
    /// The later one.
    pub again: Location,
    /// What Compose does about it.
    pub outcome: Outcome,
}

/// What Compose does about a repeated entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The later one takes the place of the earlier one.
    Replaced,
    /// The file is refused.
    Refused,
}

type Key = fn(&Node) -> Option<String>;

/// How one list is treated.
enum Treatment {
    /// The later entry replaces the earlier one with the same key.
    Replace(Key),
    /// The same text twice is an error.
    Refuse,
}

/// Goes through a merged tree.
pub(super) fn apply(node: &mut Node, path: &mut Vec<String>, repeated: &mut Vec<Repeated>) {
    match &mut node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                path.push(entry.key.clone());
                apply(&mut entry.node, path, repeated);
                path.pop();
            }
        }
        Value::Sequence(items) => match treatment(path) {
            Some(Treatment::Replace(key)) => {
                let taken = std::mem::take(items);
                *items = replace(taken, key, path, repeated);
            }
            Some(Treatment::Refuse) => refuse(items, path, repeated),
            None => {}
        },
        _ => {}
    }
}

fn treatment(path: &[String]) -> Option<Treatment> {
    let (Some("services"), Some(rest)) = (path.first().map(String::as_str), path.get(2..)) else { return None };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    Some(match rest.as_slice() {
        ["volumes" | "devices"] => Treatment::Replace(mount_target),
        ["secrets"] => Treatment::Replace(secret_target),
        ["configs"] => Treatment::Replace(config_target),
        ["ports"] => Treatment::Replace(port),
        ["extra_hosts"] | ["build", "extra_hosts"] => Treatment::Replace(host),
        ["env_file"] => Treatment::Replace(file),
        [
            "expose" | "cap_add" | "cap_drop" | "profiles" | "links" | "dns" | "dns_opt" | "dns_search" | "tmpfs"
            | "label_file",
        ]
        | ["build", "tags" | "platforms"]
        | ["networks", _, "aliases" | "link_local_ips"] => Treatment::Replace(before_equals),
        ["security_opt" | "group_add" | "external_links" | "device_cgroup_rules"] => Treatment::Refuse,
        _ => return None,
    })
}

fn replace(items: Vec<Node>, key: Key, path: &[String], repeated: &mut Vec<Repeated>) -> Vec<Node> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for item in items {
        let Some(key) = key(&item) else {
            kept.push(item);
            continue;
        };
        match known.get(&key).and_then(|at| kept.get_mut(*at)) {
            Some(earlier) => {
                repeated.push(Repeated {
                    path: path.to_vec(),
                    key,
                    first: earlier.at(),
                    again: item.at(),
                    outcome: Outcome::Replaced,
                });
                *earlier = item;
            }
            None => {
                known.insert(key, kept.len());
                kept.push(item);
            }
        }
    }
    kept
}

fn refuse(items: &[Node], path: &[String], repeated: &mut Vec<Repeated>) {
    let mut known: BTreeMap<&str, Location> = BTreeMap::new();
    for item in items {
        let Some(text) = item.text() else { continue };
        match known.get(text) {
            Some(&first) => repeated.push(Repeated {
                path: path.to_vec(),
                key: text.to_owned(),
                first,
                again: item.at(),
                outcome: Outcome::Refused,
            }),
            None => {
                known.insert(text, item.at());
            }
        }
    }
}

fn before_equals(item: &Node) -> Option<String> {
    item.text().map(|text| text.split('=').next().unwrap_or(text).to_owned())
}

fn file(item: &Node) -> Option<String> {
    item.text().or_else(|| item.get("path")?.text()).map(str::to_owned)
}

/// `host:address` and `host=address` are the same; one host may have several addresses.
fn host(item: &Node) -> Option<String> {
    let text = item.text()?;
    Some(text.split_once(['=', ':']).map_or_else(|| text.to_owned(), |(host, address)| format!("{host}={address}")))
}

fn mount_target(item: &Node) -> Option<String> {
    match item.text() {
        Some(text) => Some(super::compose::mounts::split_short(text).target),
        None => item.get("target")?.text().map(str::to_owned),
    }
}

fn secret_target(item: &Node) -> Option<String> {
    grant_target(item, "/run/secrets/")
}

fn config_target(item: &Node) -> Option<String> {
    grant_target(item, "/")
}

fn grant_target(item: &Node, folder: &str) -> Option<String> {
    let name = match item.text() {
        Some(name) => name,
        None => item.get("target").or_else(|| item.get("source"))?.text()?,
    };
    Some(if name.starts_with('/') { name.to_owned() } else { format!("{folder}{name}") })
}

fn port(item: &Node) -> Option<String> {
    super::compose::ports::merge_key(item)
}

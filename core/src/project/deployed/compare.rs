//! Lists and mappings brought to one form before they are compared: ports, networks, mounts, sets of words.

use super::differ::{Direction, Out};
use super::{absolute, working_dir};
use crate::finding::Severity;
use crate::model::Spanned;
use crate::model::compose::mounts::{Mount as Declared, MountKind};
use crate::model::compose::ports::Port;
use crate::model::inventory::{Container, Details, Image, Mount};
use crate::model::node::{Node, Scalar};
use crate::project::Project;
use crate::source::Location;
use std::collections::{BTreeMap, BTreeSet};

/// So many ports of a range are compared one by one; a longer one as a whole.
const MAX_RANGE: u16 = 256;

/// A declared and a running set of words. Words that only one side has are differences; which side allows more with them is
/// `direction`, the other way round for those that are missing.
pub(super) fn set(
    out: &mut Out<'_, '_, '_>,
    field: &'static str,
    severity: Severity,
    direction: Direction,
    declared: &[Node],
    running: &[Spanned<String>],
    key: &dyn Fn(&str) -> String,
) {
    if declared.iter().any(|node| !node.scalar().is_some_and(Scalar::is_known)) {
        return;
    }
    let wanted: BTreeMap<String, &Node> = declared.iter().filter_map(|node| Some((key(node.text()?), node))).collect();
    let there: BTreeMap<String, &Spanned<String>> = running.iter().map(|text| (key(&text.value), text)).collect();
    let reverse = match direction {
        Direction::Weaker => Direction::Stricter,
        Direction::Stricter => Direction::Weaker,
        Direction::Other => Direction::Other,
    };
    let level = |direction| if direction == Direction::Stricter { Severity::Info } else { severity };
    for (_, text) in there.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
        out.add(field, level(direction), direction, None, Some((text.value.clone(), text.at)));
    }
    for (_, node) in wanted.iter().filter(|(key, _)| !there.contains_key(*key)) {
        out.add(field, level(reverse), reverse, Some((node.text().unwrap_or("").to_owned(), node.at())), None);
    }
}

/// Published ports. What runs beyond what is declared is open without being reviewed.
pub(super) fn ports(out: &mut Out<'_, '_, '_>) {
    let container = out.deployment.container;
    let bindings = container.details.as_ref().map(|details| details.bindings.as_slice());
    let Some(running) = bindings.or(container.ports.as_deref()) else { return };
    let declared = out.service.service.spec.ports.as_slice();
    // `expose` and publishing all exposed ports are not compared.
    if declared.iter().any(|port| !port.known) || (bindings.is_none() && container.is_active() != Some(true)) {
        return;
    }
    let wanted: Vec<Single<'_>> = declared.iter().flat_map(singles).collect();
    let there: Vec<Single<'_>> = running.iter().flat_map(singles).collect();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for port in &there {
        let fits = |other: &Single<'_>| {
            other.target == port.target
                && other.port.protocol == port.port.protocol
                && (other.host.is_none() || other.host == port.host)
        };
        let same_ip = |other: &Single<'_>| other.port.host_ip == port.port.host_ip;
        let exact = wanted.iter().position(|other| fits(other) && same_ip(other));
        if let Some(index) = exact {
            used.insert(index);
            continue;
        }
        let near = wanted.iter().position(&fits);
        used.extend(near);
        let declared = near.and_then(|index| wanted.get(index));
        let wider = declared.is_none_or(|declared| reach(port.port) > reach(declared.port));
        let (severity, direction) =
            if wider { (Severity::High, Direction::Weaker) } else { (Severity::Info, Direction::Stricter) };
        if told.insert(port.port.key()) {
            let wanted = declared.map(|declared| (shown(declared.port), declared.port.at));
            out.add("ports", severity, direction, wanted, Some((shown(port.port), port.port.at)));
        }
    }
    for (index, port) in wanted.iter().enumerate() {
        if !used.contains(&index) && told.insert(port.port.key()) {
            out.add("ports", Severity::Medium, Direction::Stricter, Some((shown(port.port), port.port.at)), None);
        }
    }
}

/// One port of a mapping.
struct Single<'p> {
    host: Option<u16>,
    target: u16,
    port: &'p Port,
}

fn singles(port: &Port) -> Vec<Single<'_>> {
    let count = (port.target.1 - port.target.0).min(MAX_RANGE);
    (0..=count)
        .map(|step| Single {
            host: port.published.map(|(from, _)| from.saturating_add(step)),
            target: port.target.0.saturating_add(step),
            port,
        })
        .collect()
}

/// From where a port can be reached: this machine, a private network, everywhere.
fn reach(port: &Port) -> u8 {
    match (port.is_loopback(), port.is_private()) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    }
}

fn shown(port: &Port) -> String {
    let target = match port.target {
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}-{to}"),
    };
    let host = port.published.map_or_else(String::new, |_| format!("{}:", port.host_side()));
    let protocol = if port.protocol == "tcp" { String::new() } else { format!("/{}", port.protocol) };
    format!("{host}{target}{protocol}")
}

/// Networks by their keys in Compose.
pub(super) fn networks(out: &mut Out<'_, '_, '_>) {
    let container = out.deployment.container;
    let snapshot = &out.deployment.project.inventory;
    let Some(attached) = &container.networks else { return };
    let service = out.service;
    if service.network_mode.is_some() {
        return;
    }
    let project = container.project().map_or("", |label| label.value.as_str());
    let mut there: BTreeMap<String, (&str, Location)> = BTreeMap::new();
    for attachment in attached {
        let network = snapshot.networks.iter().find(|network| network.name.value == attachment.network);
        let label = network.and_then(|network| network.label("com.docker.compose.network"));
        let stripped = attachment.network.strip_prefix(project).and_then(|rest| rest.strip_prefix('_'));
        let key = label.map_or_else(|| stripped.unwrap_or(&attachment.network), |label| label.value.as_str());
        there.insert(key.to_owned(), (&attachment.network, attachment.at));
    }
    let names = service.network_names();
    let whole = out.deployment.project;
    // A network made elsewhere has a name of its own, which may be any.
    let foreign = |name: &str| {
        service.view().network(name).is_some_and(|network| network.external) || renamed(service.view(), whole, name)
    };
    let mut free: usize = names.iter().filter(|name| foreign(name) && !there.contains_key(**name)).count();
    for (key, (name, at)) in &there {
        if names.contains(&key.as_str()) {
            continue;
        }
        if free > 0 {
            free -= 1;
            continue;
        }
        out.add("networks", Severity::High, Direction::Weaker, None, Some(((*name).to_owned(), *at)));
    }
    for name in names.iter().filter(|name| !there.contains_key(**name) && !foreign(name)) {
        let at = service
            .service
            .spec
            .networks
            .iter()
            .find(|membership| membership.network == **name)
            .map_or(service.at, |m| m.at);
        out.add("networks", Severity::Medium, Direction::Other, Some(((*name).to_owned(), at)), None);
    }
}

/// Whether a declared network has a `name` of its own.
fn renamed(view: &crate::project::View, project: &Project<'_>, name: &str) -> bool {
    view.files.iter().any(|&file| {
        let Some(tree) = project.tree(file) else { return false };
        let top = tree.documents.iter().find_map(|document| tree.get(*document, "networks"));
        let network = top.and_then(|(_, networks)| tree.get(networks, name));
        network.is_some_and(|(_, network)| tree.get(network, "name").is_some())
    })
}

/// Whether a mode is what a container has that asks for none.
pub(super) fn mode_is_default(name: &str, value: &str, container: &Container) -> bool {
    match name {
        "network_mode" => {
            matches!(value, "" | "default" | "bridge")
                || container.networks.iter().flatten().any(|attachment| attachment.network == value)
        }
        "ipc" => matches!(value, "" | "private" | "shareable"),
        // The older version of control groups shares the host's by default.
        "cgroup" => matches!(value, "" | "private" | "host"),
        _ => matches!(value, "" | "private"),
    }
}

/// Mounts by their paths in the container.
pub(super) fn mounts(out: &mut Out<'_, '_, '_>, details: &Details, image: Option<&Image>) {
    let container = out.deployment.container;
    let Some(running) = &container.mounts else { return };
    let own = out.service.service;
    if own.mounts.iter().any(|mount| !mount.known) || !own.volumes_from.is_empty() {
        return;
    }
    let path = |text: &str| text.trim_end_matches('/').to_owned();
    let wanted: BTreeMap<String, &Declared> = own.mounts.iter().map(|mount| (path(&mount.target), mount)).collect();
    let grants: BTreeSet<&str> = own.secrets.iter().chain(&own.configs).map(|grant| grant.target.as_str()).collect();
    let there: BTreeMap<String, &Mount> =
        running.iter().filter_map(|mount| Some((path(mount.target.as_deref()?), mount))).collect();
    for (target, mount) in &there {
        match wanted.get(target) {
            Some(declared) => same_mount(out, declared, mount),
            None if grants.contains(target.as_str()) => {}
            None => {
                let of_image = details
                    .image_volumes
                    .iter()
                    .chain(image.iter().flat_map(|image| &image.volumes))
                    .any(|volume| path(volume) == *target);
                let kind = mount.kind.as_deref().unwrap_or("");
                let severity = if kind == "bind" { Severity::High } else { Severity::Medium };
                if !(of_image && kind == "volume") && kind != "tmpfs" {
                    out.add("volumes", severity, Direction::Weaker, None, Some((mount_shown(mount), mount.at)));
                }
            }
        }
    }
    let in_memory = |target: &str| details.tmpfs.iter().any(|pair| path(&pair.key) == target);
    for (target, declared) in &wanted {
        let found = there.contains_key(target) || (declared.kind == MountKind::Tmpfs && in_memory(target));
        if !found {
            let field = if declared.kind == MountKind::Tmpfs { "tmpfs" } else { "volumes" };
            out.add(field, Severity::Medium, Direction::Other, Some((declared_shown(declared), declared.at)), None);
        }
    }
}

fn same_mount(out: &mut Out<'_, '_, '_>, declared: &Declared, mount: &Mount) {
    let container = out.deployment.container;
    let sides = |declared: &Declared, mount: &Mount| {
        (Some((declared_shown(declared), declared.at)), Some((mount_shown(mount), mount.at)))
    };
    let other = match (declared.kind, mount.kind.as_deref()) {
        (MountKind::Bind, Some("bind")) => {
            let source = declared.source.as_deref().unwrap_or("");
            let wanted =
                working_dir(container).filter(|_| !source.starts_with('~')).map(|folder| absolute(&folder, source));
            // Docker Desktop shows the path as its virtual machine sees it.
            wanted.is_some_and(|wanted| mount.source.as_deref().is_some_and(|there| !there.ends_with(&wanted)))
        }
        (MountKind::Volume, Some("volume")) => {
            let (wanted, there) = (declared.source.as_deref().unwrap_or(""), mount.name.as_deref().unwrap_or(""));
            let volume = out.deployment.project.inventory.volumes.iter().find(|volume| volume.name.value == there);
            let key =
                volume.and_then(|volume| volume.label("com.docker.compose.volume")).map(|label| label.value.as_str());
            let known = key == Some(wanted) || there == wanted || there.ends_with(&format!("_{wanted}"));
            // A volume with a name of its own, or made elsewhere, may be called anything.
            !known && out.service.view().volumes.iter().all(|volume| volume.name != wanted)
        }
        (MountKind::Anonymous, Some("volume"))
        | (MountKind::Tmpfs, Some("tmpfs"))
        | (MountKind::Other, _)
        | (_, None) => false,
        _ => true,
    };
    if other {
        let severity = if mount.kind.as_deref() == Some("bind") { Severity::High } else { Severity::Medium };
        let (declared, running) = sides(declared, mount);
        out.add("volumes", severity, Direction::Other, declared, running);
    } else if mount.writable == Some(declared.read_only) && declared.kind != MountKind::Tmpfs {
        let direction = if declared.read_only { Direction::Weaker } else { Direction::Stricter };
        let severity = if declared.read_only { Severity::High } else { Severity::Info };
        let (declared, running) = sides(declared, mount);
        out.add("volumes", severity, direction, declared, running);
    }
}

fn declared_shown(mount: &Declared) -> String {
    let end = if mount.read_only { ":ro" } else { "" };
    match &mount.source {
        Some(source) => format!("{source}:{}{end}", mount.target),
        None => format!("{}{end}", mount.target),
    }
}

fn mount_shown(mount: &Mount) -> String {
    let source = match mount.kind.as_deref() {
        Some("volume") => mount.name.as_deref(),
        _ => mount.source.as_deref(),
    };
    let end = if mount.writable == Some(false) { ":ro" } else { "" };
    format!("{}:{}{end}", source.unwrap_or("?"), mount.target.as_deref().unwrap_or("?"))
}

/// Bytes as Compose reads them: `512m`, `1.5g`, `536870912`.
pub(super) fn number(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let value: f64 = lower.get(..end)?.parse().ok()?;
    let factor: f64 = match lower.get(end..)?.trim() {
        "" | "b" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1_048_576.0,
        "g" | "gb" | "gib" => 1_073_741_824.0,
        "t" | "tb" | "tib" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some((value * factor).round() as i64)
}

/// Billionths of a processor.
pub(super) fn cpus(text: &str) -> Option<i64> {
    let value: f64 = text.trim().parse().ok()?;
    Some((value * 1e9).round() as i64)
}

//! What a container sees for itself: processes, memory segments, networks, names, users, control groups.

use super::{Container, Stand};
use crate::graph::escape::{remaps_users, rootless};
use crate::graph::outcome::{Boundary, Standing};
use crate::model::compose::Text;
use crate::text::{list, shorten};

pub(super) fn rows(container: &Container<'_, '_>) -> Vec<Boundary> {
    vec![
        shared(container, "pid", "its own processes only").named("pid-namespace", "Process namespace"),
        ipc(container).named("ipc-namespace", "IPC namespace"),
        network(container).named("network-namespace", "Network namespace"),
        shared(container, "uts", "its own host name").named("uts-namespace", "UTS namespace"),
        users(container).named("user-namespace", "User namespace"),
        shared(container, "cgroup", "its own, on hosts with cgroup v2").named("cgroup-namespace", "Cgroup namespace"),
    ]
}

fn mode<'p>(container: &Container<'p, '_>, key: &str) -> Option<&'p Text> {
    let spec = &container.service.service().spec;
    spec.namespaces.iter().find(|(name, _)| *name == key).map(|(_, mode)| mode).filter(|mode| !mode.text.is_empty())
}

/// A mode that names the host, another container, or a variable; `None` for what keeps the namespace to itself.
fn joined(key: &str, mode: &Text) -> Option<Stand> {
    let stand = if !mode.is_known() {
        Stand::new(Standing::Unknown, "a variable decides")
    } else if mode.text == "host" {
        Stand::new(Standing::Weakened, "shared with the host")
    } else {
        let (_, other) = mode.text.split_once(':').filter(|(kind, _)| matches!(*kind, "service" | "container"))?;
        Stand::new(Standing::Weakened, format!("shared with {}", shorten(other, 60)))
    };
    Some(stand.with(mode.at, format!("{key}: {}", shorten(&mode.text, 60))))
}

fn shared(container: &Container<'_, '_>, key: &str, own: &str) -> Stand {
    mode(container, key).and_then(|mode| joined(key, mode)).unwrap_or_else(|| Stand::on(own))
}

fn ipc(container: &Container<'_, '_>) -> Stand {
    let Some(mode) = mode(container, "ipc") else { return Stand::on("its own shared memory") };
    if let Some(stand) = joined("ipc", mode) {
        return stand;
    }
    match mode.text.as_str() {
        "none" => Stand::new(Standing::Strengthened, "none").with(mode.at, "ipc: none"),
        "shareable" => Stand::new(Standing::Weakened, "other containers may join it").with(mode.at, "ipc: shareable"),
        _ => Stand::on("its own shared memory"),
    }
}

fn network(container: &Container<'_, '_>) -> Stand {
    let service = container.service;
    if let Some(mode) = service.service().spec.network_mode.as_ref().filter(|mode| !mode.text.is_empty()) {
        let label = || format!("network_mode: {}", shorten(&mode.text, 60));
        if let Some(stand) = joined("network_mode", mode) {
            return stand;
        }
        return match mode.text.as_str() {
            "none" => Stand::new(Standing::Strengthened, "none, it reaches nothing").with(mode.at, label()),
            "bridge" => Stand::on("its own, on Docker's default bridge").with(mode.at, label()),
            other => Stand::on(&format!("its own, on {}", shorten(other, 60))).with(mode.at, label()),
        };
    }
    let names = service.network_names();
    let shown: Vec<&str> = names.iter().take(6).copied().collect();
    let on = if names.len() > shown.len() { format!("{} networks", names.len()) } else { shorten(&list(&shown), 120) };
    if service.only_internal_networks() {
        let mut stand = Stand::new(Standing::Strengthened, format!("its own, without a way out, on {on}"));
        for name in &shown {
            let network = service.view().network(name).and_then(|network| Some((network.at?, network)));
            if let Some((at, network)) = network {
                stand = stand.with(at, format!("{} is internal", shorten(&network.name, 60)));
            }
        }
        return stand;
    }
    Stand::on(&format!("its own, on {on}"))
}

/// Docker makes no namespace for users unless the engine is told to.
fn users(container: &Container<'_, '_>) -> Stand {
    let project = container.service.project();
    if let Some(at) = rootless(project) {
        let state = "the engine is rootless: root of the container is a plain user of the host";
        return Stand::new(Standing::Strengthened, state).with(at, "rootless");
    }
    let none = "none: root of the container is root of the host";
    match (mode(container, "userns_mode"), remaps_users(project)) {
        (Some(mode), _) if !mode.is_known() => {
            Stand::new(Standing::Unknown, "a variable decides").with(mode.at, "userns_mode")
        }
        (Some(mode), Some(at)) if mode.text == "host" => {
            let state = "left out of the engine's remapping: root of the container is root of the host";
            Stand::new(Standing::Weakened, state).with(mode.at, "userns_mode: host").with(at, "the engine remaps users")
        }
        (_, Some(at)) => {
            let state = "users are remapped: root of the container is nobody on the host";
            Stand::new(Standing::Strengthened, state).with(at, "the engine remaps users")
        }
        (Some(mode), None) if mode.text == "host" => Stand::off(none).with(mode.at, "userns_mode: host"),
        (_, None) => Stand::off(none),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compose, row, row_of};

    #[test]
    fn namespaces() {
        for (name, keys, said) in [
            ("pid-namespace", "", "on-by-default: its own processes only"),
            ("pid-namespace", "pid: host", "weakened: shared with the host"),
            ("pid-namespace", "pid: \"service:db\"", "weakened: shared with db"),
            ("pid-namespace", "pid: \"${P}\"", "unknown: a variable decides"),
            ("ipc-namespace", "ipc: private", "on-by-default: its own shared memory"),
            ("ipc-namespace", "ipc: none", "strengthened: none"),
            ("ipc-namespace", "ipc: shareable", "weakened: other containers may join it"),
            ("uts-namespace", "uts: host", "weakened: shared with the host"),
            ("cgroup-namespace", "cgroup: host", "weakened: shared with the host"),
            ("network-namespace", "network_mode: host", "weakened: shared with the host"),
            ("network-namespace", "network_mode: none", "strengthened: none, it reaches nothing"),
            ("network-namespace", "networks: [web, data]", "on-by-default: its own, on web and data"),
            ("user-namespace", "", "off-by-default: none: root of the container is root of the host"),
        ] {
            assert_eq!(row(name, keys), said, "{name} {keys}");
        }
    }

    #[test]
    fn a_network_without_a_way_out() {
        let text = format!("{}networks:\n  data:\n    internal: true\n", compose("image: redis:8\nnetworks: [data]"));
        assert_eq!(
            row_of("network-namespace", &[("compose.yaml", &text)]),
            "strengthened: its own, without a way out, on data"
        );
    }

    #[test]
    fn remapped_users() {
        let daemon = ("daemon.json", "{\"userns-remap\": \"default\"}");
        let run = |keys: &str| row_of("user-namespace", &[("compose.yaml", &compose(keys)), daemon]);
        assert!(run("image: redis:8").starts_with("strengthened: users are remapped"));
        assert!(run("image: redis:8\nuserns_mode: host").starts_with("weakened: left out"));
    }
}

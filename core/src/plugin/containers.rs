//! What runs: containers, as commands have recorded them.

use super::model::Model;
use super::properties::Properties;
use crate::model::inventory::{Container, Details, Mount, Words};

/// Adds every container; their indices, in order.
pub(super) fn describe(model: &mut Model<'_, '_>) -> Vec<u32> {
    let mut indices = Vec::new();
    for container in &model.project.inventory.containers {
        let mut properties = outside(container);
        if let Some(details) = &container.details {
            properties = inside(properties, details);
        }
        let index = model.entity("container", container.name(), Some(container.at()), listed(properties, container));
        if let Some(image) = &container.image {
            let target = model.image(&image.value, true, Some(image.at));
            model.relate("runs", index, target, Some(image.at), Properties::default());
        }
        indices.push(index);
    }
    indices
}

/// What `ps` tells.
fn outside(container: &Container) -> Properties {
    let mut properties = Properties::default().at("id", &container.id.value, container.id.at);
    if let Some(state) = &container.state {
        properties = properties.at("state", state.value.as_str(), state.at);
    }
    if let Some(health) = &container.health {
        properties = properties.at("health", health.value.as_str(), health.at);
    }
    for (key, label) in [("compose-project", container.project()), ("compose-service", container.service())] {
        if let Some(label) = label {
            properties = properties.at(key, &label.value, label.value_at);
        }
    }
    properties
        .recorded("exit-code", container.exit_code.as_ref())
        .recorded("restarts", container.restarts.as_ref())
        .recorded("image", container.image.as_ref())
        .recorded("image-id", container.image_id.as_ref())
}

/// What `inspect` tells.
fn inside(properties: Properties, details: &Details) -> Properties {
    let words = |properties: Properties, key, words: Option<&Words>| match words {
        Some(words) => properties.at(key, words.words.join(" "), words.at),
        None => properties,
    };
    let properties = words(properties, "command", details.command.as_ref());
    let properties = words(properties, "entrypoint", details.entrypoint.as_ref());
    let mut properties = properties
        .recorded("user", details.user.as_ref())
        .switch("privileged", details.privileged.as_ref())
        .switch("read-only", details.read_only.as_ref())
        .all_recorded("security-opt", &details.security_opt)
        .all_recorded("cap-add", &details.cap_add)
        .all_recorded("cap-drop", &details.cap_drop)
        .all_recorded("device", &details.devices)
        .recorded("restart", details.restart.as_ref())
        .recorded("memory-limit", details.memory.as_ref())
        .recorded("pids-limit", details.pids.as_ref())
        .recorded("logging-driver", details.log_driver.as_ref());
    if let Some(cpus) = &details.nano_cpus {
        properties = properties.at("cpu-limit", processors(cpus.value), cpus.at);
    }
    for (name, mode) in &details.modes {
        if let Some(key) = mode_key(name) {
            properties = properties.at(key, &mode.value, mode.at);
        }
    }
    details.env.iter().fold(properties, |properties, variable| properties.at("environment", &variable.key, variable.at))
}

/// What stands in lists.
fn listed(mut properties: Properties, container: &Container) -> Properties {
    for label in container.labels.iter().flatten() {
        properties = properties.at("label", format!("{}={}", label.key, label.value), label.at);
    }
    for attachment in container.networks.iter().flatten() {
        properties = properties.at("network", &attachment.network, attachment.at);
    }
    for port in container.ports.iter().flatten() {
        let (from, to) = port.target;
        let target = if from == to { from.to_string() } else { format!("{from}-{to}") };
        properties = properties.at("port", format!("{}:{target}/{}", port.host_side(), port.protocol), port.at);
    }
    for mount in container.mounts.iter().flatten() {
        properties = properties.at("mount", written(mount), mount.at);
    }
    properties
}

fn written(mount: &Mount) -> String {
    let source = mount.name.as_deref().or(mount.source.as_deref()).unwrap_or_default();
    let access = if mount.writable == Some(false) { ":ro" } else { "" };
    format!("{source}:{}{access}", mount.target.as_deref().unwrap_or_default())
}

/// Billionths as a number with a point: `1500000000` is `1.5`.
fn processors(billionths: i64) -> String {
    let (whole, rest) = (billionths / 1_000_000_000, (billionths % 1_000_000_000).abs());
    match format!("{rest:09}").trim_end_matches('0') {
        "" => whole.to_string(),
        rest => format!("{whole}.{rest}"),
    }
}

fn mode_key(name: &str) -> Option<&'static str> {
    Some(match name {
        "network_mode" => "network-mode",
        "pid" => "pid",
        "ipc" => "ipc",
        "uts" => "uts",
        "userns_mode" => "userns-mode",
        "cgroup" => "cgroup",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_of_processors() {
        let written: Vec<String> =
            [0, 1, 1_500_000_000, 2_000_000_000, i64::MIN].into_iter().map(super::processors).collect();
        assert_eq!(written, ["0", "0.000000001", "1.5", "2", "-9223372036.854775808"]);
    }
}

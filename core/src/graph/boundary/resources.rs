//! What a container may change and take: its root file system, memory, processors, processes, devices.

use super::{Container, Stand};
use crate::graph::outcome::{Boundary, Standing};
use crate::model::compose::{Amount, bytes};
use crate::source::Location;
use crate::text::{list, shorten};

pub(super) fn rows(container: &Container<'_, '_>) -> Vec<Boundary> {
    let limits = &container.service.service().spec.limits;
    let amount = |amount: &Option<Amount>, keys: &[&str], unit: &str| limit(container, amount.as_ref(), keys, unit);
    vec![
        root_filesystem(container).named("root-filesystem", "Root file system"),
        amount(&limits.memory, &["mem_limit", "deploy"], "").named("memory", "Memory limit"),
        processors(container).named("processors", "CPU limit"),
        amount(&limits.pids, &["pids_limit", "deploy"], " processes").named("processes", "PIDs limit"),
        devices(container).named("devices", "Devices"),
    ]
}

fn root_filesystem(container: &Container<'_, '_>) -> Stand {
    let spec = &container.service.service().spec;
    if let Some(at) = spec.unknown("read_only") {
        return Stand::new(Standing::Unknown, "a variable decides").with(at, "read_only");
    }
    match &spec.read_only {
        Some(written) if written.value => {
            Stand::new(Standing::Strengthened, "read-only").with(written.at, "read_only: true")
        }
        Some(written) => Stand::off("writable").with(written.at, "read_only: false"),
        None => Stand::off("writable"),
    }
}

fn limit(container: &Container<'_, '_>, amount: Option<&Amount>, keys: &[&str], unit: &str) -> Stand {
    match amount {
        Some(amount) => {
            let stand = match amount.is_limit() {
                Some(true) => Stand::new(Standing::Strengthened, format!("{}{unit}", shown(amount, unit))),
                Some(false) => Stand::off("no limit"),
                None => Stand::new(Standing::Unknown, "a variable decides"),
            };
            stand.with(amount.text.at, shorten(&amount.text.text, 40))
        }
        None => match unknown(container, keys) {
            Some(at) => Stand::new(Standing::Unknown, "a variable decides").with(at, "set here"),
            None => Stand::off("no limit"),
        },
    }
}

/// A limit as it is written; bytes without a unit in mebibytes.
fn shown(amount: &Amount, unit: &str) -> String {
    const MEBIBYTE: f64 = 1_048_576.0;
    let text = amount.text.text.trim();
    let bare = unit.is_empty() && text.len() > 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    match bytes(text).filter(|_| bare) {
        Some(bytes) => format!("{:.0} MiB", bytes / MEBIBYTE),
        None => shorten(text, 40),
    }
}

fn processors(container: &Container<'_, '_>) -> Stand {
    let limits = &container.service.service().spec.limits;
    if limits.cpus.as_ref().is_some_and(|amount| amount.is_limit() != Some(false)) {
        return limit(container, limits.cpus.as_ref(), &[], " processors");
    }
    if let Some(quota) = limits.cpu_quota.as_ref().filter(|quota| quota.is_limit() != Some(false)) {
        let state = format!("a quota of {} µs", shorten(&quota.text.text, 40));
        return Stand::new(Standing::Strengthened, state).with(quota.text.at, "cpu_quota");
    }
    if let Some(set) = limits.cpuset.as_ref().filter(|set| !set.text.is_empty()) {
        let state = format!("processors {}", shorten(&set.text, 40));
        return Stand::new(Standing::Strengthened, state).with(set.at, "cpuset");
    }
    limit(container, limits.cpus.as_ref(), &["cpus", "deploy"], " processors")
}

fn unknown(container: &Container<'_, '_>, keys: &[&str]) -> Option<Location> {
    keys.iter().find_map(|key| container.service.spec.unknown(key))
}

fn devices(container: &Container<'_, '_>) -> Stand {
    if let Some(stand) = container.by_privilege("every device of the host") {
        return stand;
    }
    let spec = &container.service.service().spec;
    let host = |text: &str| shorten(text.split(':').next().unwrap_or(text), 60);
    let mut found: Vec<(String, Location)> =
        spec.devices.iter().map(|device| (host(&device.text), device.at)).collect();
    let mounts = container.service.host_mounts().into_iter();
    found.extend(
        mounts
            .filter(|mount| mount.path == "/dev" || mount.path.starts_with("/dev/"))
            .map(|mount| (shorten(&mount.path, 60), mount.at)),
    );
    found
        .extend(spec.device_cgroup_rules.iter().map(|rule| (format!("the rule {}", shorten(&rule.text, 40)), rule.at)));
    found.extend(spec.gpus.map(|at| ("graphics cards".to_owned(), at)));
    if found.is_empty() {
        return Stand::on("none of the host's");
    }
    let shown: Vec<&str> = found.iter().take(6).map(|(name, _)| name.as_str()).collect();
    let all = found.len() == shown.len();
    let state = if all { shorten(&list(&shown), 160) } else { format!("{} devices", found.len()) };
    let stand = Stand::new(Standing::Weakened, state);
    found.into_iter().take(20).fold(stand, |stand, (name, at)| stand.with(at, name))
}

#[cfg(test)]
mod tests {
    use super::super::tests::row;

    #[test]
    fn the_root_file_system() {
        assert_eq!(row("root-filesystem", ""), "off-by-default: writable");
        assert_eq!(row("root-filesystem", "read_only: true"), "strengthened: read-only");
        assert_eq!(row("root-filesystem", "read_only: \"${R}\""), "unknown: a variable decides");
    }

    #[test]
    fn limits() {
        for (name, keys, said) in [
            ("memory", "", "off-by-default: no limit"),
            ("memory", "mem_limit: 512m", "strengthened: 512m"),
            ("memory", "mem_limit: 536870912", "strengthened: 512 MiB"),
            ("memory", "mem_limit: 0", "off-by-default: no limit"),
            ("memory", "mem_limit: \"${M}\"", "unknown: a variable decides"),
            ("memory", "deploy: {resources: {limits: {memory: 1G}}}", "strengthened: 1G"),
            ("processors", "cpus: 1.5", "strengthened: 1.5 processors"),
            ("processors", "cpuset: \"0,1\"", "strengthened: processors 0,1"),
            ("processes", "pids_limit: 200", "strengthened: 200 processes"),
            ("processes", "pids_limit: -1", "off-by-default: no limit"),
        ] {
            assert_eq!(row(name, keys), said, "{keys}");
        }
    }

    #[test]
    fn devices_of_the_host() {
        assert_eq!(row("devices", ""), "on-by-default: none of the host's");
        assert_eq!(row("devices", "devices: [\"/dev/net/tun:/dev/net/tun\"]"), "weakened: /dev/net/tun");
        assert_eq!(row("devices", "volumes: [\"/dev:/dev\"]"), "weakened: /dev");
    }
}

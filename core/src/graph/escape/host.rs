//! Ways to the host through its files and devices: what is mounted, and what is handed in.

use super::{Way, Ways};
use crate::facts::Level;
use crate::facts::host_paths::{HostPathRow, PathCategory};
use crate::finding::Severity;
use crate::graph::model::{Evidence, Tier};
use crate::model::compose::Text;
use crate::project::{HostMount, raw_device};
use crate::source::file_name;
use crate::text::shorten;

const PATHS: &str = "mounts/sensitive-host-path-mounted";
const DEVICES: &str = "isolation/dangerous-capability";

pub(super) fn add(ways: &mut Ways<'_, '_>) {
    let service = ways.service;
    for mount in service.host_mounts() {
        if let Some(row) = mount.sensitive()
            && let Some(tier) = tier_of(&mount, row)
        {
            path(ways, &mount, row, tier);
        }
    }
    for device in service.spec.devices.iter().filter(|device| device.is_known()) {
        if let Some(severity) = raw_device(&device.text) {
            handed_in(ways, device, severity);
        }
    }
    let rules = service.spec.device_cgroup_rules.iter().filter(|rule| rule.is_known());
    for rule in rules.filter(|rule| allows_disks(&rule.text)) {
        let cause = ways.cause(DEVICES, "the device rule for every disk", rule.at);
        let evidence = vec![Evidence::new(rule.at, "this allows every disk")];
        ways.add(Way { tier: Tier::T1, reason: "it may use every disk of the host".to_owned(), evidence, cause });
    }
}

/// How near a mounted path brings a container to the host.
fn tier_of(mount: &HostMount<'_>, row: &HostPathRow) -> Option<Tier> {
    let path = mount.path.as_str();
    if path.starts_with("/dev/") {
        // Without the device being handed in as one, it cannot be opened.
        return Some(Tier::T3);
    }
    match (row.path, mount.read_only) {
        // The engine's socket is below it, and opens to whoever may write to it: mounting it read-only changes nothing.
        ("/", true) => return Some(Tier::T0),
        // Terminals of the host are in it.
        ("/dev", _) => return Some(Tier::T1),
        ("/var/www" | "/srv", _) => return Some(Tier::T2),
        ("/proc/sysrq-trigger" | "/sys/kernel/security" | "/var/log" | "/var/log/journal", false) => {
            return Some(Tier::T3);
        }
        _ => {}
    }
    let level = if mount.read_only { row.read_only } else { row.read_write };
    let keys = row.category == PathCategory::Credentials && file_name(row.path) != ".ssh";
    match (level?, mount.read_only) {
        (Level::Critical, false) => Some(Tier::T0),
        (Level::Critical | Level::High, true) => Some(Tier::T2),
        (Level::High, false) if keys => Some(Tier::T2),
        (Level::High, false) => Some(Tier::T1),
        (Level::Medium, false) => Some(Tier::T2),
        _ => None,
    }
}

fn path(ways: &mut Ways<'_, '_>, mount: &HostMount<'_>, row: &HostPathRow, tier: Tier) {
    let path = shorten(&mount.path, 60);
    let how = if mount.read_only { "can be read" } else { "can be written to" };
    let mut evidence = vec![Evidence::new(mount.at, format!("{path} is mounted: {}", HostMount::gives_away(row)))];
    evidence.extend(mount.through.map(|(at, label)| Evidence::new(at, label)));
    let cause = ways.cause(PATHS, &format!("the mount of {path}"), mount.at);
    let socket = if row.path == "/" && mount.read_only { ", the engine's socket with it" } else { "" };
    let reason = format!("{path} of the host {how}{socket}");
    ways.add_for_root(Way { tier, reason, evidence, cause });
}

/// A disk or memory that `devices` hands in. Reading a disk tells every secret; writing to it is root on the host.
fn handed_in(ways: &mut Ways<'_, '_>, device: &Text, severity: Severity) {
    let mut parts = device.text.split(':');
    let name = parts.next().unwrap_or_default();
    let rights = parts.next_back().filter(|rights| !rights.contains('/'));
    let path = shorten(name, 60);
    let memory = matches!(file_name(name), "mem" | "kmem" | "port");
    let tier = if memory || severity < Severity::High {
        Tier::T3
    } else if rights.is_some_and(|rights| !rights.contains('w')) {
        Tier::T2
    } else {
        Tier::T0
    };
    let cause = ways.cause(DEVICES, &format!("the device {path}"), device.at);
    let evidence = vec![Evidence::new(device.at, format!("{path} is handed in"))];
    let reason = match tier {
        Tier::T0 => format!("it has the host's disk {path}"),
        Tier::T2 => format!("it reads the host's disk {path}"),
        _ => format!("it has the host's device {path}"),
    };
    ways.add_for_root(Way { tier, reason, evidence, cause });
}

/// `b *:* rwm` and `a *:* rwm`: every disk, or everything.
fn allows_disks(rule: &str) -> bool {
    let mut words = rule.split_whitespace();
    matches!(words.next(), Some("a" | "b")) && words.next().is_none_or(|numbers| numbers.starts_with('*'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, compose, with};

    fn mounted(mount: &str) -> Vec<String> {
        let mut found = with(&format!("image: php:8.4-cli\nvolumes: [\"{mount}\"]"));
        found.pop();
        found
    }

    #[test]
    fn files_of_the_host() {
        for (mount, said) in [
            ("/:/host", "T0 / of the host can be written to"),
            ("/:/host:ro", "T0 / of the host can be read, the engine's socket with it"),
            ("/etc:/host/etc", "T0 /etc of the host can be written to"),
            ("/etc:/host/etc:ro", "T2 /etc of the host can be read"),
            ("/var/lib/docker:/d:ro", "T2 /var/lib/docker of the host can be read"),
            ("/sys/fs/cgroup:/sys/fs/cgroup", "T1 /sys/fs/cgroup of the host can be written to"),
            ("~/.ssh:/root/.ssh:ro", "T2 ~/.ssh of the host can be read"),
            ("~/.ssh:/root/.ssh", "T1 ~/.ssh of the host can be written to"),
            ("~/.aws:/root/.aws", "T2 ~/.aws of the host can be written to"),
            ("/var/www:/sites:ro", "T2 /var/www of the host can be read"),
            ("/dev/sda:/dev/sda", "T3 /dev/sda of the host can be written to"),
        ] {
            assert_eq!(mounted(mount), [said], "{mount}");
        }
        for mount in
            ["/etc/localtime:/etc/localtime:ro", "/data/app:/data", "./src:/srv", "/sys:/sys:ro", "/var/www/shop:/app"]
        {
            assert!(mounted(mount).is_empty(), "{mount}");
        }
    }

    #[test]
    fn not_root_is_further_away() {
        let keys = "image: php:8.4-cli\nuser: www-data\nvolumes: [\"/etc:/host/etc\"]";
        let found = all(&[("compose.yaml", &compose(keys))]);
        assert_eq!(found[0].tier.as_str(), "T1");
        assert_eq!(found[0].evidence[1].label, "its processes are www-data");
        assert_eq!(found[0].cause.as_ref().unwrap().rule, Some("mounts/sensitive-host-path-mounted"));
    }

    #[test]
    fn devices() {
        let handed = |devices: &str| {
            let mut found = with(&format!("image: php:8.4-cli\n{devices}"));
            found.pop();
            found
        };
        assert_eq!(handed("devices: [\"/dev/sda:/dev/sda\"]"), ["T0 it has the host's disk /dev/sda"]);
        assert_eq!(handed("devices: [\"/dev/sda:/dev/sda:r\"]"), ["T2 it reads the host's disk /dev/sda"]);
        assert_eq!(handed("devices: [\"/dev/mem\"]"), ["T3 it has the host's device /dev/mem"]);
        assert!(handed("devices: [\"/dev/net/tun\", \"/dev/dri\"]").is_empty());
        assert_eq!(handed("device_cgroup_rules: [\"b *:* rwm\"]"), ["T1 it may use every disk of the host"]);
        assert!(handed("device_cgroup_rules: [\"c 10:200 rwm\"]").is_empty());
    }
}

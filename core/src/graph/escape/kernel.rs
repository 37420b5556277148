//! Ways to the host through what the kernel keeps apart: privileges, capabilities, namespaces, profiles, and the name of the host.

use super::{Way, Ways};
use crate::facts::Level;
use crate::facts::capabilities::{self, CapabilityRow};
use crate::graph::model::{Cause, Evidence, Tier};
use crate::model::compose::{SecurityOpt, Text};
use crate::project::first_clause;
use crate::text::shorten;

const CAPABILITY: &str = "isolation/dangerous-capability";
const NAMESPACE: &str = "isolation/host-namespace-shared";
const CONFINEMENT: &str = "isolation/confinement-disabled";

pub(super) fn add(ways: &mut Ways<'_, '_>) {
    let service = ways.service;
    if let Some(privileged) = service.privileged.as_ref().filter(|privileged| privileged.value) {
        let cause = ways.cause("isolation/privileged-container", "privileged: true", privileged.at);
        let evidence = vec![Evidence::new(privileged.at, "every capability and device, no profile")];
        ways.add_for_root(Way { tier: Tier::T0, reason: "it runs privileged".to_owned(), evidence, cause });
    }
    for added in service.spec.cap_add.iter().filter(|added| added.is_known()) {
        if let Some(row) = capabilities::row(&added.text) {
            capability(ways, added, row);
        }
    }
    namespaces(ways);
    confinement(ways);
    gateway(ways);
}

fn capability(ways: &mut Ways<'_, '_>, added: &Text, row: &'static CapabilityRow) {
    let processes = ways.host_namespace("pid");
    let tier = match (row.cap, row.escape_tier) {
        ("SYS_PTRACE", _) => Some(if processes.is_some() { Tier::T0 } else { Tier::T3 }),
        ("NET_ADMIN", _) => Some(Tier::T3),
        (_, "T0") => Some(Tier::T0),
        (_, "T1") => Some(Tier::T1),
        (_, "T2") => Some(Tier::T2),
        (_, "T3") => Some(Tier::T3),
        _ => None,
    };
    let Some(tier) = tier else { return };
    let mut evidence = vec![Evidence::new(added.at, format!("{}: {}", row.cap, first_clause(row.why)))];
    evidence.extend(processes.filter(|_| row.cap == "SYS_PTRACE").map(|at| Evidence::new(at, "pid: host")));
    let may = match row.cap {
        "ALL" => "it has every capability".to_owned(),
        "SYS_ADMIN" => "it may mount file systems and more (SYS_ADMIN)".to_owned(),
        "SYS_MODULE" => "it may load kernel modules (SYS_MODULE)".to_owned(),
        "SYS_PTRACE" if processes.is_some() => "it changes the memory of the host's processes (SYS_PTRACE)".to_owned(),
        cap => format!("the capability {cap} is added"),
    };
    let mut cause = ways.cause(CAPABILITY, &format!("the capability {}", row.cap), added.at);
    if let Some(cause) = cause.as_mut().filter(|_| row.level < Level::Medium) {
        cause.rule = None;
    }
    ways.add_for_root(Way { tier, reason: may, evidence, cause });
}

fn namespaces(ways: &mut Ways<'_, '_>) {
    let daemon = ways.service.project().inventory.daemon.as_ref();
    let is_known = daemon.is_some_and(|daemon| daemon.file.is_some() || daemon.security.is_some());
    // Where users are known not to be remapped, nothing is left out.
    let no_remapping = is_known && super::remaps_users(ways.service.project()).is_none();
    for (key, tier, what) in [
        ("pid", Tier::T2, "it sees every process of the host"),
        ("ipc", Tier::T3, "it shares memory with the host"),
        ("userns_mode", Tier::T3, "it is left out of the remapping of users"),
    ] {
        let at = ways.host_namespace(key).filter(|_| key != "userns_mode" || !no_remapping);
        let Some(at) = at else { continue };
        let cause = ways.cause(NAMESPACE, &format!("{key}: host"), at);
        let evidence = vec![Evidence::new(at, format!("{key}: host"))];
        ways.add(Way { tier, reason: format!("{what} ({key}: host)"), evidence, cause });
    }
    if let Some(at) = ways.service.host_network() {
        let cause = ways.cause("isolation/host-network", "network_mode: host", at);
        let evidence = vec![Evidence::new(at, "network_mode: host")];
        let reason = "it is on the host's network, with every service of the host (network_mode: host)".to_owned();
        ways.add(Way { tier: Tier::T2, reason, evidence, cause });
    }
}

fn confinement(ways: &mut Ways<'_, '_>) {
    let service = ways.service;
    let daemon = service.project().inventory.daemon.as_ref();
    let no_selinux = daemon.and_then(|daemon| daemon.has_security("selinux")) == Some(false);
    let off = |option: &&SecurityOpt| {
        option.is_unconfined() && option.text.is_known() && !(option.name == "label" && no_selinux)
    };
    for option in service.spec.security_opt.iter().filter(off) {
        let what = match option.name.as_str() {
            "seccomp" => "it may make every system call",
            "apparmor" => "it runs without an AppArmor profile",
            "label" => "it runs without SELinux's separation",
            _ => "it sees files of the kernel that are hidden otherwise",
        };
        let text = shorten(&option.text.text, 60);
        let cause = ways.cause(CONFINEMENT, &text, option.text.at);
        let evidence = vec![Evidence::new(option.text.at, text.clone())];
        ways.add(Way { tier: Tier::T3, reason: format!("{what} ({text})"), evidence, cause });
    }
    let says =
        |name: &str| service.is_privileged() || service.spec.security_opt.iter().any(|option| option.name == name);
    let profile = daemon.and_then(|daemon| daemon.setting("seccomp-profile"));
    if let Some(profile) = profile.filter(|profile| profile.value == "unconfined" && !says("seccomp")) {
        ways.add(Way {
            tier: Tier::T3,
            reason: "the engine runs every container without a seccomp profile".to_owned(),
            evidence: vec![Evidence::new(profile.at, "seccomp-profile is unconfined")],
            cause: Some(Cause {
                rule: Some(CONFINEMENT),
                change: "Give the engine its seccomp profile back".to_owned(),
                at: profile.at,
            }),
        });
    }
    let confined = daemon.is_some_and(|daemon| daemon.has_security("apparmor") == Some(true));
    let running = service.container().and_then(|container| container.details.as_ref()?.apparmor.as_ref());
    if let Some(profile) = running.filter(|profile| confined && !says("apparmor") && profile.value == "unconfined") {
        let cause = Cause {
            rule: Some(CONFINEMENT),
            change: format!("Run {} with its AppArmor profile", shorten(&service.name, 60)),
            at: profile.at,
        };
        ways.add(Way {
            tier: Tier::T3,
            reason: "it runs without an AppArmor profile".to_owned(),
            evidence: vec![Evidence::new(profile.at, "the container's profile is unconfined")],
            cause: Some(cause),
        });
    }
}

/// A name for the host. Its services answer there as on any bridge; somebody means to use them.
fn gateway(ways: &mut Ways<'_, '_>) {
    let service = ways.service;
    if service.context.is_development() {
        return;
    }
    for name in service.gateway_names() {
        let at = name.entry.at;
        let host = shorten(&name.entry.host, 60);
        let mut evidence = vec![Evidence::new(at, format!("{host} is the host"))];
        evidence.extend(name.store.map(|store| Evidence::new(store.key_at, format!("{} looks there", store.key))));
        let cause = ways.cause("network/host-gateway-access", &format!("the name {host}"), at);
        ways.add(Way { tier: Tier::T3, reason: format!("it reaches the host by the name {host}"), evidence, cause });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compose, reasons, with};

    fn faults(keys: &str) -> Vec<String> {
        let mut found = with(&format!("image: php:8.4-cli\n{keys}"));
        found.pop();
        found
    }

    #[test]
    fn privileged_by_user() {
        assert_eq!(faults("privileged: true"), ["T0 it runs privileged"]);
        assert_eq!(faults("user: www-data\nprivileged: true"), ["T1 it runs privileged"]);
        assert!(faults("privileged: \"${P}\"").is_empty());
    }

    #[test]
    fn capabilities() {
        for (cap, said) in [
            ("ALL", "T0 it has every capability"),
            ("CAP_SYS_ADMIN", "T0 it may mount file systems and more (SYS_ADMIN)"),
            ("SYS_RAWIO", "T0 the capability SYS_RAWIO is added"),
            ("DAC_READ_SEARCH", "T1 the capability DAC_READ_SEARCH is added"),
            ("BPF", "T1 the capability BPF is added"),
            ("NET_ADMIN", "T3 the capability NET_ADMIN is added"),
            ("SYS_PTRACE", "T3 the capability SYS_PTRACE is added"),
        ] {
            assert_eq!(faults(&format!("cap_add: [{cap}]")), [said]);
        }
        for cap in ["CHOWN", "NET_RAW", "IPC_LOCK", "NO_SUCH", "${CAP}"] {
            assert!(faults(&format!("cap_add: [\"{cap}\"]")).is_empty(), "{cap}");
        }
        assert_eq!(faults("user: www-data\ncap_add: [SYS_MODULE]"), ["T1 it may load kernel modules (SYS_MODULE)"]);
        assert_eq!(
            faults("pid: host\ncap_add: [SYS_PTRACE]")[0],
            "T0 it changes the memory of the host's processes (SYS_PTRACE)"
        );
    }

    #[test]
    fn namespaces_of_the_host() {
        assert_eq!(faults("pid: host"), ["T2 it sees every process of the host (pid: host)"]);
        assert_eq!(
            faults("network_mode: host"),
            ["T2 it is on the host's network, with every service of the host (network_mode: host)"]
        );
        assert_eq!(faults("userns_mode: host"), ["T3 it is left out of the remapping of users (userns_mode: host)"]);
        let text = compose("image: php:8.4-cli\nuserns_mode: host");
        assert_eq!(reasons(&[("compose.yaml", &text), ("daemon.json", "{\"icc\": false}")]).len(), 1);
        assert!(faults("pid: \"service:b\"\nuts: host").is_empty());
    }

    #[test]
    fn profiles_that_are_off() {
        assert_eq!(
            faults("security_opt: [\"apparmor:unconfined\", \"label=disable\"]"),
            [
                "T3 it runs without an AppArmor profile (apparmor:unconfined)",
                "T3 it runs without SELinux's separation (label=disable)",
            ]
        );
        let text = compose("image: php:8.4-cli");
        let daemon = ("daemon.json", "{\"seccomp-profile\": \"unconfined\"}");
        assert_eq!(
            reasons(&[("compose.yaml", &text), daemon])[0],
            "T3 the engine runs every container without a seccomp profile"
        );
        let own = compose("image: php:8.4-cli\nsecurity_opt: [\"seccomp=./own.json\"]");
        assert_eq!(reasons(&[("compose.yaml", &own), daemon]).len(), 1);
    }

    #[test]
    fn a_name_for_the_host() {
        let keys = "extra_hosts: [\"host.docker.internal:host-gateway\"]";
        assert_eq!(faults(keys), ["T3 it reaches the host by the name host.docker.internal"]);
        let text = compose(&format!("image: php:8.4-cli\n{keys}"));
        assert_eq!(reasons(&[("compose.dev.yaml", &text)]).len(), 1);
    }
}

//! `isolation/host-network`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::Project;
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A service with `network_mode: host`, and a container that is started with `--network host`.
    ///
    /// # Why it matters
    /// The container has no network of its own. It reaches everything that listens on the host's loopback address,
    /// every container on every bridge, and the metadata service of a cloud. Whatever it listens on is open on the
    /// host's interfaces without a `ports` entry, and with the default capabilities it can read the traffic.
    ///
    /// Proxies and monitoring agents are *medium*: some of them are made for this. A development view is *low*.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   backup:
    ///     image: registry.example.net/backup:2.1.0
    ///     network_mode: host
    ///     environment:
    ///       DB_HOST: 127.0.0.1
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   backup:
    ///     image: registry.example.net/backup:2.1.0
    ///     networks: [backup]
    ///     environment:
    ///       DB_HOST: db
    /// networks:
    ///   backup:
    ///     internal: true
    /// ```
    ///
    /// # How to fix
    /// Put the service on a network of the project, call the others by their names, and publish the one port that is
    /// needed. For a program that runs on the host itself use `extra_hosts: ["host.docker.internal:host-gateway"]` and
    /// a rule of the host's firewall.
    ///
    /// # References
    /// CIS Docker Benchmark 5.10, OWASP Docker Security Cheat Sheet rule 5, CWE-668, Docker documentation "Host network
    /// driver".
    id: "isolation/host-network",
    title: "Container uses the host's network",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "The container sits on the host's interfaces: it reaches what listens on loopback and on every bridge, and what it listens on itself is open without being published.",
    help: "Put it on a network of the project and publish only the port that is needed; for a program on the host use `extra_hosts` with `host-gateway`.",
    references: ["CIS Docker Benchmark 5.10", "OWASP Docker Security Cheat Sheet rule 5", "NIST SP 800-190 3.4.2", "NIST SP 800-190 3.4.3", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let Some(at) = service.host_network() else { continue };
        let mut draft = Draft::new(at, format!("`{}` uses the network of the host", service.name)).on(service);
        if matches!(service.role.name, "proxy" | "monitor") {
            draft = draft.severity(Severity::Medium);
        }
        if let Some(port) = service.ports.first() {
            draft = draft.because(port.at, "Docker ignores this here, and every other port is open too");
        }
        out.report(draft);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/host-network";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  a:\n    {body}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        for (body, want) in [
            ("image: x:1\n    network_mode: host", "high"),
            ("image: x:1\n    network_mode: \"${MODE:-host}\"", "high"),
            ("image: prom/node-exporter:v1.9.0\n    network_mode: host", "medium"),
            ("image: traefik:3\n    network_mode: host", "medium"),
            ("image: x:1\n    network_mode: none", "none"),
            ("image: x:1\n    network_mode: \"service:b\"", "none"),
            ("image: x:1\n    network_mode: \"${MODE}\"", "none"),
        ] {
            assert_eq!(severity("compose.yaml", body), want, "{body}");
        }
        assert_eq!(severity("compose.dev.yaml", "image: x:1\n    network_mode: host"), "low");
    }

    #[test]
    fn ports_are_evidence() {
        let text = "services:\n  a:\n    image: x:1\n    network_mode: host\n    ports: [\"8080:8080\"]\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].related.len(), 1);
    }

    #[test]
    fn a_script_counts_and_the_other_namespaces_do_not() {
        assert_eq!(findings(RULE, &[("run.sh", "docker run -d --network host x:1\n")]).len(), 1);
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: x:1\n    pid: host\n")]);
    }
}

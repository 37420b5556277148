//! `isolation/host-namespace-shared`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::model::compose::Text;
use crate::project::{Group, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// `pid`, `ipc`, `uts`, `userns_mode` or `cgroup` set to `host`, and a `pid` namespace shared with a service of another zone, such
    /// as a worker with a proxy. The host's network is another rule.
    ///
    /// # Why it matters
    /// With `pid: host` a container sees every process of the host with its command line, and with the same user id or root also its
    /// environment and memory: passwords of other containers among them. `ipc: host` shares the host's shared memory. `userns_mode: host`
    /// switches off the remapping of root for this one container, which only matters where the daemon remaps.
    ///
    /// `pid: host` is *high*, *medium* for monitoring agents that are made for it; `ipc` and `userns_mode` are *medium*, `uts` and
    /// `cgroup` *low*. A development view is two steps lower.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   worker:
    ///     image: registry.example.net/app:1.4.2
    ///     pid: host
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   worker:
    ///     image: registry.example.net/app:1.4.2
    ///     shm_size: 256m
    /// ```
    ///
    /// # How to fix
    /// Remove the key. A program that needs more shared memory gets `shm_size`; a debugger joins one container with
    /// `pid: "service:app"` for as long as it is needed. A monitoring agent that needs the host's processes belongs on a network of its
    /// own.
    ///
    /// # References
    /// CIS Docker Benchmark 5.16, 5.17, 5.21 and 5.31, CWE-653, CWE-668.
    id: "isolation/host-namespace-shared",
    title: "A namespace is shared with the host",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "A namespace shared with the host takes away the wall between this container and everything else that runs there.",
    help: "Remove the key; for more shared memory set `shm_size`.",
    references: ["CIS Docker Benchmark 5.16", "CIS Docker Benchmark 5.17", "CIS Docker Benchmark 5.21", "CIS Docker Benchmark 5.31", "OWASP Docker Security Cheat Sheet rule 3", "NIST SP 800-190 3.4.3", "CWE-653", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for (key, mode) in service.namespaces.iter().filter(|(_, mode)| mode.is_known()) {
            if mode.text == "host" {
                out.report(with_host(service, key, mode));
            } else if let Some(other) = service.joins(mode).filter(|_| *key == "pid") {
                let (mine, theirs) = (service.role.group(), other.role.group());
                if mine != theirs && mine != Group::Unknown && theirs != Group::Unknown {
                    let message = format!(
                        "`{}` sees the processes of `{}`, which belongs to another zone",
                        service.name, other.name
                    );
                    out.report(
                        Draft::new(mode.at, message)
                            .severity(Severity::Medium)
                            .because(other.at, format!("this service is in the {} zone", theirs.as_str()))
                            .on(service),
                    );
                }
            }
        }
    }
}

fn with_host(service: ServiceRef<'_, '_>, key: &str, mode: &Text) -> Draft {
    let (severity, what) = match key {
        "pid" => (Severity::High, "sees every process of the host"),
        "ipc" => (Severity::Medium, "shares the host's shared memory"),
        "userns_mode" => (Severity::Medium, "is left out of the daemon's user remapping, where there is one"),
        "uts" => (Severity::Low, "shares the host's name"),
        _ => (Severity::Low, "sees the host's control groups"),
    };
    let agent = key == "pid" && service.role.name == "monitor";
    let mut draft =
        Draft::new(mode.at, format!("`{}` {what} (`{key}: host`)", service.name)).severity(severity).on(service);
    if agent {
        draft = draft.severity(Severity::Medium).help("An agent that reads the host's processes is made for this: keep it on a network of its own, and publish nothing.");
    } else if key == "ipc" && service.role.group() == Group::Data {
        draft = draft.help("Remove the key and set `shm_size`: a database needs more shared memory, not the host's.");
    }
    let safety = if agent { Safety::Suggested } else { Safety::Safe };
    draft.fix(service.project().remove(safety, format!("Remove `{key}: host`"), mode.at))
}

#[cfg(test)]
mod tests {
    use crate::fix::Safety;
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/host-namespace-shared";

    fn severity(name: &str, image: &str, line: &str) -> String {
        let text = format!("services:\n  a:\n    image: {image}\n    {line}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn every_namespace() {
        for (line, want) in [
            ("pid: host", "high"),
            ("pid: \"${PID_MODE:-host}\"", "high"),
            ("ipc: host", "medium"),
            ("userns_mode: host", "medium"),
            ("uts: host", "low"),
            ("cgroup: host", "low"),
            ("cgroup: private", "none"),
            ("ipc: shareable", "none"),
            ("pid: \"${PID_MODE}\"", "none"),
        ] {
            assert_eq!(severity("compose.yaml", "x:1", line), want, "{line}");
        }
        assert_eq!(severity("compose.dev.yaml", "x:1", "pid: host"), "low");
    }

    #[test]
    fn monitoring_agents_are_medium() {
        let found = findings(
            RULE,
            &[("compose.yaml", "services:\n  a:\n    image: prom/node-exporter:v1.9.0\n    pid: host\n")],
        );
        assert_eq!((found[0].severity.as_str(), found[0].fixes[0].safety), ("medium", Safety::Suggested));
    }

    #[test]
    fn a_neighbour_of_another_zone() {
        let text = |other: &str| {
            format!("services:\n  a:\n    image: php:8.4-fpm\n    pid: \"service:b\"\n  b:\n    image: {other}\n")
        };
        assert_eq!(findings(RULE, &[("compose.yaml", &text("nginx:1.30"))])[0].severity.as_str(), "medium");
        clean(RULE, &[("compose.yaml", &text("php:8.4-fpm"))]);
        clean(RULE, &[("compose.yaml", &text("r.example.net/what:1"))]);
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: php:8.4-fpm\n    pid: \"container:elsewhere\"\n")]);
    }
}

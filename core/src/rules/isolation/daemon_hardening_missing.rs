//! `isolation/daemon-hardening-missing`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::project::Project;
use crate::rule::{Draft, Findings};
use crate::text::list;

declare_rule! {
    /// # What it finds
    /// A Docker daemon whose settings were supplied, as `daemon.json` or `docker info`, and leave the host more open
    /// than it need be: root of a container is root of the host, containers on the default bridge may talk to each
    /// other, the daemon logs for debugging, or it runs experimental features.
    ///
    /// # Why it matters
    /// The daemon's settings are the last wall. With a user namespace, or a rootless daemon, code that gets out of a
    /// container as root is a user without rights on the host. They also hold for every service that somebody forgot to
    /// harden.
    ///
    /// One finding names all that is open. The default bridge counts where a container of the project is on it. From
    /// `daemon.json` alone the confidence is medium, because a rootless daemon does not say so there. Not reported:
    /// Docker Desktop, whose containers run in a virtual machine, and Podman, which has no daemon. Registries without
    /// TLS, TCP sockets of the daemon and log rotation have rules of their own.
    ///
    /// # Bad
    /// ```json file:daemon.json
    /// {
    ///   "log-driver": "local",
    ///   "debug": true
    /// }
    /// ```
    ///
    /// # Good
    /// ```json file:daemon.json
    /// {
    ///   "userns-remap": "default",
    ///   "no-new-privileges": true,
    ///   "live-restore": true,
    ///   "icc": false,
    ///   "log-driver": "local"
    /// }
    /// ```
    ///
    /// # How to fix
    /// Merge `{"userns-remap": "default", "no-new-privileges": true, "live-restore": true, "icc": false}` into
    /// `daemon.json`, and delete `debug` and `experimental`. A remap hides the images and volumes that are there and
    /// changes who owns files in bind mounts, so try it on a spare host first.
    ///
    /// # References
    /// CIS Docker Benchmark 2.2, 2.9 and 2.15, OWASP Docker Security Cheat Sheet rule 11, CWE-693, Docker documentation
    /// "Isolate containers with a user namespace" and "Rootless mode".
    id: "isolation/daemon-hardening-missing",
    title: "The Docker daemon runs without its own protections",
    severity: Info,
    lowered_in_development: 2,
    fixes: Described,
    why: "A user namespace or a rootless daemon makes root of an escaped container a user without rights, and the daemon's defaults also protect services that nobody hardened.",
    help: "Merge `{\"userns-remap\": \"default\", \"no-new-privileges\": true, \"live-restore\": true, \"icc\": false}` into `daemon.json`, and delete `debug` and `experimental`.",
    references: ["CIS Docker Benchmark 2.2", "CIS Docker Benchmark 2.9", "CIS Docker Benchmark 2.15", "OWASP Docker Security Cheat Sheet rule 11", "NIST SP 800-190 3.5.2", "CWE-693"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let gaps = project.daemon_gaps();
    let Some(first) = gaps.first() else { return };
    let said: Vec<&str> = gaps.iter().map(|gap| gap.what).collect();
    let sure = gaps.iter().all(|gap| gap.is_written);
    let draft = Draft::new(first.at, format!("the Docker daemon {}", list(&said))).confidence(if sure {
        Confidence::High
    } else {
        Confidence::Medium
    });
    let others = gaps.iter().filter(|gap| gap.at != first.at);
    out.report(others.fold(draft, |draft, gap| draft.because(gap.at, gap.what)));
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/daemon-hardening-missing";

    fn said(daemon: &str) -> Vec<String> {
        let found = findings(RULE, &[("daemon.json", daemon)]);
        found
            .iter()
            .map(|finding| format!("{} {}: {}", finding.severity, finding.confidence.as_str(), finding.message))
            .collect()
    }

    fn info(options: &str, system: &str) -> String {
        format!(
            "### docker info --format '{{{{json .}}}}'\n{{\"ID\":\"x\",\"Containers\":1,\"ServerVersion\":\"29.0.1\",\"OperatingSystem\":\"{system}\",\"SecurityOptions\":[{options}]}}\n"
        )
    }

    #[test]
    fn every_gap_in_one_finding() {
        assert_eq!(
            said("{\"log-level\": \"debug\", \"experimental\": true}\n"),
            [
                "info medium: the Docker daemon makes root of a container root of the host, logs for debugging and runs experimental features"
            ]
        );
        assert_eq!(
            said("{\"userns-remap\": \"default\", \"debug\": true}\n"),
            ["info high: the Docker daemon logs for debugging"]
        );
        assert_eq!(said("{\"userns-remap\": \"\"}\n").len(), 1);
    }

    #[test]
    fn a_hardened_daemon() {
        clean(RULE, &[("daemon.json", "{\"userns-remap\": \"default\", \"log-level\": \"info\"}\n")]);
    }

    #[test]
    fn docker_info_tells_it_too() {
        let text = info("\"name=seccomp,profile=builtin\"", "Ubuntu 24.04.3 LTS");
        let found = findings(RULE, &[("inventory/docker.txt", &text)]);
        assert_eq!(found[0].confidence.as_str(), "high");
    }

    #[test]
    fn rootless_and_remapped_daemons() {
        for option in ["\"name=rootless\"", "\"name=userns\""] {
            let text = info(option, "Ubuntu 24.04.3 LTS");
            clean(RULE, &[("inventory/docker.txt", &text)]);
            clean(RULE, &[("inventory/docker.txt", &text), ("daemon.json", "{\"icc\": true}\n")]);
        }
    }

    #[test]
    fn docker_desktop_is_a_virtual_machine() {
        let text = info("\"name=seccomp,profile=unconfined\"", "Docker Desktop");
        clean(RULE, &[("inventory/docker.txt", &text)]);
    }

    #[test]
    fn the_default_bridge_counts_where_it_is_used() {
        let daemon = ("daemon.json", "{\"userns-remap\": \"default\"}\n");
        let used = "services:\n  app:\n    image: php:8.4-fpm\n    network_mode: bridge\n";
        assert!(findings(RULE, &[daemon, ("compose.yaml", used)])[0].message.contains("default bridge"));
        clean(RULE, &[daemon, ("compose.yaml", "services:\n  app:\n    image: php:8.4-fpm\n")]);
        clean(RULE, &[("daemon.json", "{\"userns-remap\": \"default\", \"icc\": false}\n"), ("compose.yaml", used)]);
    }

    #[test]
    fn nothing_supplied_says_nothing() {
        clean(RULE, &[("compose.yaml", "services:\n  app:\n    image: php:8.4-fpm\n")]);
    }
}

//! `observability/no-central-observability`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::project::{Context, Project, ServiceRef, View};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A deployment of three services or more in which nothing tells anybody outside of the host what happens: no log
    /// driver that sends logs away, no collector, no metrics, no reporting of errors or traces, nothing that watches
    /// processes.
    ///
    /// # Why it matters
    /// The first question after a break-in is what the container did. Logs that are only on the same host are the
    /// intruder's to delete, and without numbers nobody notices the miner.
    ///
    /// One finding for a deployment, and *info* only: the host itself may gather what no file shows. Say so in
    /// `plimsoll.toml` with `external-observability = true`. Development and pipelines are not looked at.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.30.4-alpine
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///   db:
    ///     image: mysql:8.4.11
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.30.4-alpine
    ///     logging:
    ///       driver: fluentd
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///   db:
    ///     image: mysql:8.4.11
    /// ```
    ///
    /// # How to fix
    /// Begin with the logs: a log driver that sends them away, or a collector such as Fluent Bit, Vector or Alloy on a
    /// network of its own, not on that of the data stores. Then errors (`SENTRY_DSN`, OpenTelemetry), then metrics.
    ///
    /// # References
    /// CIS Docker Benchmark 2.13, OWASP Docker Security Cheat Sheet rule 6, NIST SP 800-190 4.4.4, CWE-778.
    id: "observability/no-central-observability",
    title: "Nothing outside of the host sees what happens",
    severity: Info,
    lowered_in_development: 1,
    fixes: Described,
    why: "Logs that are only on the same host are the intruder's to delete, and without numbers nobody notices that anything is wrong.",
    help: "Send the logs to another machine first, then errors, then metrics; or say `external-observability = true` in plimsoll.toml.",
    references: ["CIS Docker Benchmark 2.13", "OWASP Docker Security Cheat Sheet rule 6", "NIST SP 800-190 4.4.4", "CWE-778"],
}

/// Smaller deployments are mostly parts of one.
const SMALLEST: usize = 3;

fn check(project: &Project<'_>, out: &mut Findings) {
    if project.policy().external_observability {
        return;
    }
    let deployed = |view: &&View| {
        !view.standalone
            && !view.open
            && !project.is_running(view)
            && !matches!(view.context, Context::Development | Context::Ci)
    };
    for view in project.views.iter().filter(deployed) {
        let staying: Vec<ServiceRef<'_, '_>> =
            project.services_of(view).filter(|service| service.runs_here()).collect();
        let Some(first) = staying.first().filter(|_| staying.len() >= SMALLEST && !project.is_observed(view)) else {
            continue;
        };
        let at = project.services_key(view).unwrap_or(first.at);
        let message =
            format!("none of these {} services tells anybody outside of the host what it does", staying.len());
        let draft = Draft::new(at, message).confidence(Confidence::Low);
        for service in &staying {
            out.report(draft.clone().on(*service));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "observability/no-central-observability";
    const STACK: &str =
        "services:\n  web:\n    image: nginx:1.28\n  app:\n    image: php:8.4-fpm\n  db:\n    image: mysql:8.4\n";

    #[test]
    fn one_finding_for_a_deployment() {
        let found = findings(RULE, &[("compose.yaml", STACK)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].services, ["web", "app", "db"]);
    }

    #[test]
    fn any_signal_is_enough() {
        for more in [
            "  c:\n    image: fluent/fluent-bit:4.0\n",
            "  c:\n    image: redis:8\n    logging: {driver: gelf}\n",
            "  c:\n    image: php:8.4-cli\n    environment: {SENTRY_DSN: \"https://k@example.net/1\"}\n",
            "  c:\n    image: prom/prometheus:v3.5.0\n",
        ] {
            clean(RULE, &[("compose.yaml", &format!("{STACK}{more}"))]);
        }
        clean(RULE, &[("compose.yaml", STACK), ("daemon.json", "{\"log-driver\": \"syslog\"}\n")]);
    }

    #[test]
    fn small_deployments_development_and_the_policy() {
        clean(RULE, &[("compose.yaml", "services:\n  web:\n    image: nginx:1.28\n  app:\n    image: php:8.4-fpm\n")]);
        clean(RULE, &[("compose.dev.yaml", STACK)]);
        clean(RULE, &[("compose.yaml", STACK), ("plimsoll.toml", "[policy]\nexternal-observability = true\n")]);
    }
}

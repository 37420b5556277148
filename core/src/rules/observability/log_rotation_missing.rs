//! `observability/log-rotation-missing`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::project::{Context, LogKeeping, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A service that stays running and whose log grows without an end: the driver is `json-file`, by name or by
    /// default, and neither the service nor the daemon sets `max-size`. Also `driver: none`, which keeps nothing.
    ///
    /// # Why it matters
    /// Docker's default driver never deletes a line. One noisy loop fills the disk of the host in an hour, and the
    /// database is the first that cannot write. Without any log, nobody can say afterwards what an attacker did:
    /// *medium*.
    ///
    /// Not reported: drivers that rotate or send elsewhere, daemons whose `daemon.json` sets `max-size` or another
    /// driver, jobs that end, development and pipelines. The daemon's settings are rarely part of a project, so from
    /// Compose alone the confidence is medium.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.30.4-alpine
    ///     restart: unless-stopped
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.30.4-alpine
    ///     restart: unless-stopped
    ///     logging:
    ///       driver: json-file
    ///       options:
    ///         max-size: "10m"
    ///         max-file: "5"
    /// ```
    ///
    /// # How to fix
    /// Set `max-size` and `max-file`, use the driver `local`, which rotates by itself, or send the log to a collector.
    /// Once for the host, in `daemon.json`, is better than once for each service; it counts for containers made
    /// afterwards.
    ///
    /// # References
    /// CIS Docker Benchmark 2.13, CWE-779, CWE-400, Docker documentation "Configure logging drivers".
    id: "observability/log-rotation-missing",
    title: "Log of the container grows without an end",
    severity: Low,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Docker's default log driver never deletes a line, so one noisy loop fills the disk of the host and stops the database.",
    help: "Set `max-size` and `max-file`, or use the driver `local`.",
    references: ["CIS Docker Benchmark 2.13", "OWASP Docker Security Cheat Sheet rule 10", "CWE-779", "CWE-400"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let stays = |service: &ServiceRef<'_, '_>| {
        !service.view().standalone
            && !matches!(service.context, Context::Development | Context::Ci)
            && !service.is_one_shot()
            && !service.is_short_lived()
            && !service.is_partly_known()
    };
    for service in project.services().filter(stays) {
        match service.log_keeping() {
            LogKeeping::Bounded | LogKeeping::Unknown => {}
            LogKeeping::None(at) => {
                let message = format!("`{}` keeps no log at all", service.name);
                let draft = Draft::new(at, message).severity(Severity::Medium).on(service).aspect("none");
                out.report(draft.help("Delete `driver: none`, and bound the log instead."));
            }
            LogKeeping::Unbounded(at) => {
                let sure = service.is_running() || project.daemon_settings_known();
                let message = format!("the log of `{}` grows without an end", service.name);
                let draft = Draft::new(at.unwrap_or(service.at), message)
                    .confidence(if sure { Confidence::High } else { Confidence::Medium })
                    .on(service);
                out.report(draft.fix(bounded(service)));
            }
        }
    }
}

/// The missing bounds, where `logging` or its options are missing. Options that are there keep their text.
fn bounded(service: ServiceRef<'_, '_>) -> Option<Fix> {
    if service.is_running() {
        return None;
    }
    let insert = |mapping, key: &str, block: &str, inline: &str| {
        let project = service.project();
        let title = "Keep five files of 10 MB";
        // A mapping in braces takes an inline value only.
        project
            .insert_key(Safety::Safe, title, mapping, key, block)
            .or_else(|| project.insert_key(Safety::Safe, title, mapping, key, inline))
    };
    let options = "{max-size: \"10m\", max-file: \"5\"}";
    let Some(logging) = service.node.get("logging") else {
        let block = "\n  driver: json-file\n  options:\n    max-size: \"10m\"\n    max-file: \"5\"";
        return insert(&service.node, "logging", block, &format!("{{driver: json-file, options: {options}}}"));
    };
    match logging.get("options") {
        Some(written) => insert(written, "max-size", "\"10m\"", "\"10m\""),
        None => insert(logging, "options", "\n  max-size: \"10m\"\n  max-file: \"5\"", options),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "observability/log-rotation-missing";

    fn said(body: &str) -> Vec<String> {
        let text = format!("services:\n  a:\n    image: nginx:1.28\n    {body}\n");
        let found = findings(RULE, &[("compose.yaml", text.as_str())]);
        found.iter().map(|finding| format!("{} {}", finding.severity, finding.confidence.as_str())).collect()
    }

    #[test]
    fn severities() {
        for (body, want) in [
            ("restart: always", "low medium"),
            ("logging: {driver: json-file}", "low medium"),
            ("logging:\n      driver: json-file\n      options:\n        tag: web", "low medium"),
            ("logging: {driver: none}", "medium high"),
        ] {
            assert_eq!(said(body), [want], "{body}");
        }
    }

    #[test]
    fn logs_that_end() {
        for body in [
            "logging: {driver: local}",
            "logging: {driver: journald}",
            "logging: {options: {max-size: 10m}}",
            "logging: {driver: \"${DRIVER}\"}",
        ] {
            assert_eq!(said(body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn the_daemon_decides_for_all() {
        let compose = ("compose.yaml", "services:\n  a:\n    image: nginx:1.28\n");
        clean(RULE, &[compose, ("daemon.json", "{\"log-driver\": \"local\"}\n")]);
        clean(
            RULE,
            &[compose, ("daemon.json", "{\"log-driver\": \"json-file\", \"log-opts\": {\"max-size\": \"10m\"}}\n")],
        );
        let found = findings(RULE, &[compose, ("daemon.json", "{\"log-driver\": \"json-file\"}\n")]);
        assert_eq!(found[0].confidence.as_str(), "high");
    }

    #[test]
    fn development_jobs_and_dockerfiles_alone() {
        clean(RULE, &[("compose.dev.yaml", "services:\n  a:\n    image: nginx:1.28\n")]);
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  m:\n    image: php:8.4-cli\n    command: php artisan migrate\n    profiles: [tools]\n",
            )],
        );
        clean(RULE, &[("Dockerfile", "FROM nginx:1.28\n")]);
    }

    #[test]
    fn a_shared_block_is_one_finding() {
        let text = "x-log: &log\n  driver: json-file\nservices:\n  a:\n    image: nginx:1.28\n    logging: *log\n  b:\n    image: redis:8\n    logging: *log\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert!(found.len() <= 2, "{found:?}");
    }
}

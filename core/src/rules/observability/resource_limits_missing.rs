//! `observability/resource-limits-missing`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::project::{Group, Limit, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::list;

declare_rule! {
    /// # What it finds
    /// A service that stays running without a limit on memory, on the number of processes or on processors: neither its
    /// own keys (`mem_limit`, `pids_limit`, `cpus`) nor `deploy.resources.limits` set one, or the container that runs
    /// has none.
    ///
    /// # Why it matters
    /// Control groups are half of the wall around a container. Without limits one fork bomb, one miner or one uploaded
    /// picture of a gigapixel takes the memory of the host, and the kernel ends whatever is largest: mostly the
    /// database.
    ///
    /// No limit on memory is *medium* for PHP, web servers and what processes uploads, *low* for the rest and where
    /// only the number of processes is open, *info* where only processors are. Not reported: jobs that end, a limit
    /// from a variable, containers of which only `docker ps` tells.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     restart: unless-stopped
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     restart: unless-stopped
    ///     mem_limit: 768m
    ///     pids_limit: 200
    ///     cpus: 1.5
    /// ```
    ///
    /// # How to fix
    /// Watch `docker stats` under load, and allow a third more. PHP-FPM needs `pm.max_children` times `memory_limit`
    /// and a quarter on top; where both are known, the offered edit computes it. A database gets what its own buffers
    /// are set to and as much again.
    ///
    /// # References
    /// CIS Docker Benchmark 5.11, 5.12 and 5.29, CWE-400, CWE-770, Docker documentation "Resource constraints".
    id: "observability/resource-limits-missing",
    title: "Service may take all memory and processes of the host",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Without limits one fork bomb, miner or oversized upload in one container starves every other one on the host.",
    help: "Set `mem_limit`, `pids_limit` and `cpus`, with a third above what the service takes under load.",
    references: ["CIS Docker Benchmark 5.11", "CIS Docker Benchmark 5.12", "CIS Docker Benchmark 5.29", "OWASP Docker Security Cheat Sheet rule 7", "NIST SP 800-190 4.4.3", "CWE-400", "CWE-770"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let stays = |service: &ServiceRef<'_, '_>| {
        !service.view().standalone && !service.is_one_shot() && !service.is_short_lived() && !service.is_partly_known()
    };
    for service in project.services().filter(stays) {
        let open = service.open_limits();
        let hungry = matches!(service.role.group(), Group::App | Group::Edge);
        let severity = match open.first() {
            None => continue,
            Some(Limit::Memory) if hungry => Severity::Medium,
            Some(Limit::Memory | Limit::Processes) => Severity::Low,
            Some(Limit::Processors) => Severity::Info,
        };
        let names: Vec<&str> = open.iter().map(|limit| limit.name()).collect();
        let message = format!("`{}` has no limit on {}", service.name, list(&names));
        let sure = if service.role.confidence == Confidence::Low { Confidence::Medium } else { Confidence::High };
        let draft = Draft::new(service.at, message).severity(severity).confidence(sure).on(service);
        out.report(draft.fix(limited(service, &open)));
    }
}

/// The missing limits under `deploy`, which one edit can add together.
fn limited(service: ServiceRef<'_, '_>, open: &[Limit]) -> Option<Fix> {
    // A key that switches a limit off on purpose is the author's to change.
    let written = open.iter().any(|limit| service.node.get(limit.key()).is_some());
    if written || service.node.get("deploy").is_some() || service.is_running() {
        return None;
    }
    let lines: Vec<(&str, String)> = open
        .iter()
        .map(|limit| match limit {
            Limit::Memory => ("memory", format!("{}m", megabytes(service))),
            Limit::Processes => ("pids", "200".to_owned()),
            Limit::Processors => ("cpus", "\"1.0\"".to_owned()),
        })
        .collect();
    let block: String = lines.iter().map(|(key, value)| format!("\n      {key}: {value}")).collect();
    let inline: Vec<String> = lines.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let title = "Limit what it takes; compare with what it needs under load";
    let insert = |text: &str| service.project().insert_key(Safety::Suggested, title, &service.node, "deploy", text);
    // A mapping in braces takes an inline value only.
    insert(&format!("\n  resources:\n    limits:{block}"))
        .or_else(|| insert(&format!("{{resources: {{limits: {{{}}}}}}}", inline.join(", "))))
}

fn megabytes(service: ServiceRef<'_, '_>) -> u64 {
    let usual = match service.role.group() {
        Group::Edge => 256,
        Group::Data => 1024,
        Group::App | Group::Operations | Group::Unknown => 512,
    };
    service.fpm_memory().map_or(usual, |bytes| bytes >> 20)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings, sources};

    const RULE: &str = "observability/resource-limits-missing";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  a:\n    {body}\n");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        for (body, want) in [
            ("image: php:8.4-fpm", "medium"),
            ("image: nginx:1.28", "medium"),
            ("image: redis:8", "low"),
            ("image: php:8.4-fpm\n    mem_limit: 512m", "low"),
            ("image: php:8.4-fpm\n    mem_limit: 512m\n    pids_limit: 100", "info"),
            ("image: php:8.4-fpm\n    mem_limit: 0\n    pids_limit: 100\n    cpus: 1", "medium"),
            ("image: php:8.4-fpm\n    mem_limit: 512m\n    pids_limit: -1\n    cpus: 1", "low"),
        ] {
            assert_eq!(severity("compose.yaml", body), want, "{body}");
        }
        assert_eq!(severity("compose.dev.yaml", "image: php:8.4-fpm"), "info");
    }

    #[test]
    fn limits_that_count() {
        for body in [
            "image: php:8.4-fpm\n    mem_limit: 512m\n    pids_limit: 100\n    cpus: 1",
            "image: php:8.4-fpm\n    deploy: {resources: {limits: {memory: 512m, cpus: \"1\", pids: 100}}}",
            "image: php:8.4-fpm\n    mem_limit: ${MEM}\n    pids_limit: ${PIDS}\n    cpus: ${CPUS}",
            "image: php:8.4-fpm\n    mem_limit: 512m\n    pids_limit: 100\n    cpu_quota: 50000",
        ] {
            assert_eq!(severity("compose.yaml", body), "none", "{body}");
        }
    }

    #[test]
    fn jobs_and_dockerfiles_alone() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  m:\n    image: php:8.4-cli\n    command: php artisan migrate\n    profiles: [tools]\n",
            )],
        );
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }

    #[test]
    fn the_offered_limits_are_enough() {
        for text in ["services:\n  a:\n    image: php:8.4-fpm\n", "services:\n  a: {image: \"redis:8\"}\n"] {
            let files = [("compose.yaml", text)];
            let after =
                findings(RULE, &files)[0].fixes[0].outcome(&sources(&files)).unwrap().remove("compose.yaml").unwrap();
            clean(RULE, &[("compose.yaml", &after)]);
        }
    }

    #[test]
    fn memory_for_the_children_of_fpm() {
        let pool = "[www]\npm = static\npm.max_children = 10\nphp_admin_value[memory_limit] = 128M\n";
        let found = findings(
            RULE,
            &[
                ("compose.yaml", "services:\n  a:\n    build: .\n"),
                ("Dockerfile", "FROM php:8.4-fpm\nCOPY www.conf /usr/local/etc/php-fpm.d/zzz.conf\n"),
                ("www.conf", pool),
            ],
        );
        assert!(found[0].fixes[0].edits[0].replacement.contains("memory: 1600m"), "{found:?}");
    }
}

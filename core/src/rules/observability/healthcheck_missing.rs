//! `observability/healthcheck-missing`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::fix::{Fix, Safety};
use crate::project::{Group, HealthSource, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A web server, PHP application, worker or data store that stays running without a health check: none in Compose, none in the
    /// Dockerfile stage, none in the image. Or one that is switched off.
    ///
    /// # Why it matters
    /// Without a probe, Docker calls a process that hangs, or that somebody has replaced, "Up". Nothing restarts it,
    /// `depends_on` cannot wait for it, and the first to notice is a customer.
    ///
    /// Not reported: jobs that end, cron containers, development views, tools beside the application, and images of which it is not
    /// known whether they have a check.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     command: ["redis-server", "--aclfile", "/run/secrets/redis_acl"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     command: ["redis-server", "--aclfile", "/run/secrets/redis_acl"]
    ///     healthcheck:
    ///       test: ["CMD", "redis-cli", "ping"]
    ///       interval: 30s
    /// ```
    ///
    /// # How to fix
    /// Ask the process the cheapest question that shows that it works: `ping` for a data store, a page without a database for a web
    /// server, `ping.path` through `cgi-fcgi` for PHP-FPM, the queue's own monitor for a worker. A distroless image has no shell;
    /// use a program of the image in the `CMD` form.
    ///
    /// # References
    /// CIS Docker Benchmark 4.6 and 5.27, Docker documentation "HEALTHCHECK".
    id: "observability/healthcheck-missing",
    title: "Long-running service has no health check",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Without a probe Docker calls a hung or replaced process up: nothing restarts it, nothing waits for it, and customers notice first.",
    help: "Add a health check that asks the process the cheapest question that shows that it works.",
    references: ["CIS Docker Benchmark 4.6", "CIS Docker Benchmark 5.27", "NIST SP 800-190 4.4.4", "hadolint DL3057"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let watched = |service: &ServiceRef<'_, '_>| {
        let serves = matches!(service.role.group(), Group::Edge | Group::App | Group::Data)
            && service.role.confidence > Confidence::Low;
        serves
            && !service.context.is_development()
            && !service.is_one_shot()
            && !service.runs_cron()
            && (!service.view().standalone || service.role.name != "php-cli")
    };
    for service in project.services().filter(watched) {
        match service.health_source() {
            HealthSource::Probe | HealthSource::Unknown => {}
            HealthSource::Off(at) => out.report(
                Draft::new(at, format!("the health check of `{}` is switched off", service.name))
                    .on(service)
                    .help(help(service)),
            ),
            HealthSource::None => {
                let mut draft = Draft::new(service.at, format!("`{}` has no health check", service.name))
                    .on(service)
                    .help(help(service));
                draft = draft.because_of(service.image_use.at, "neither has this image");
                out.report(draft.fix(probe(service)));
            }
        }
    }
}

/// What to ask a service, by its role.
fn help(service: ServiceRef<'_, '_>) -> &'static str {
    match service.role.name {
        "php-fpm" => {
            "Set `ping.path = /ping` in the pool, add the fcgi package, and probe `SCRIPT_NAME=/ping SCRIPT_FILENAME=/ping REQUEST_METHOD=GET cgi-fcgi -bind -connect 127.0.0.1:9000`."
        }
        "php-cli" => {
            "Probe the worker with its framework, such as `php artisan queue:monitor` or `php bin/console messenger:stats`."
        }
        "web" | "proxy" => "Serve a fixed answer at /healthz and probe it with `wget -qO- http://127.0.0.1/healthz`.",
        _ => "Add a health check that asks the process the cheapest question that shows that it works.",
    }
}

/// The official images' own way of asking; none where it depends on the project.
fn probe(service: ServiceRef<'_, '_>) -> Option<Fix> {
    let test = match service.image_use.reference.as_ref().filter(|_| !service.view().standalone)?.name().as_str() {
        "redis" => "[\"CMD\", \"redis-cli\", \"ping\"]",
        "valkey/valkey" => "[\"CMD\", \"valkey-cli\", \"ping\"]",
        "mysql" => "[\"CMD\", \"mysqladmin\", \"ping\", \"-h\", \"127.0.0.1\"]",
        "mariadb" => "[\"CMD\", \"healthcheck.sh\", \"--connect\", \"--innodb_initialized\"]",
        "postgres" => "[\"CMD-SHELL\", \"pg_isready -U $${POSTGRES_USER:-postgres}\"]",
        "rabbitmq" => "[\"CMD\", \"rabbitmq-diagnostics\", \"-q\", \"ping\"]",
        _ => return None,
    };
    let fragment = format!("\n  test: {test}\n  interval: 30s\n  timeout: 5s");
    let inline = format!("{{test: {test}, interval: 30s, timeout: 5s}}");
    let insert = |text: &str| {
        service.project().insert_key(
            Safety::Suggested,
            "Add the image's own health probe",
            &service.node,
            "healthcheck",
            text,
        )
    };
    // A mapping in braces takes an inline value only.
    insert(&fragment).or_else(|| insert(&inline))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings, sources};

    const RULE: &str = "observability/healthcheck-missing";

    fn said(files: &[(&str, &str)]) -> usize {
        findings(RULE, files).len()
    }

    #[test]
    fn services_without_a_probe() {
        for body in [
            "image: redis:8.2.9",
            "image: nginx:1.30.4",
            "image: php:8.4-fpm",
            "image: php:8.4-cli\n    command: php artisan queue:work",
            "image: redis:8.2.9\n    healthcheck: {interval: 30s}",
        ] {
            assert_eq!(said(&[("compose.yaml", &format!("services:\n  a:\n    {body}\n"))]), 1, "{body}");
        }
    }

    #[test]
    fn a_probe_that_is_switched_off() {
        for off in ["{disable: true}", "{test: [\"NONE\"]}"] {
            let text = format!("services:\n  a:\n    image: redis:8.2.9\n    healthcheck: {off}\n");
            assert!(findings(RULE, &[("compose.yaml", &text)])[0].message.contains("switched off"), "{off}");
        }
        let files = [
            ("compose.yaml", "services:\n  a:\n    build: .\n"),
            ("Dockerfile", "FROM php:8.4-fpm\nHEALTHCHECK NONE\n"),
        ];
        assert!(findings(RULE, &files)[0].message.contains("switched off"));
    }

    #[test]
    fn probes_of_the_service_the_stage_and_the_image() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: redis:8.2.9\n    healthcheck: {test: [\"CMD\", \"redis-cli\", \"ping\"]}\n",
            )],
        );
        clean(
            RULE,
            &[
                ("compose.yaml", "services:\n  a:\n    build: .\n"),
                ("Dockerfile", "FROM php:8.4-fpm AS base\nHEALTHCHECK CMD php-fpm -t\nFROM base\n"),
            ],
        );
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: dunglas/frankenphp:1.9-php8.4\n")]);
    }

    #[test]
    fn an_unknown_image_may_have_one() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: registry.example.net/shop:1\n    command: php-fpm\n  b:\n    image: bitnami/redis:8.2\n",
            )],
        );
    }

    #[test]
    fn jobs_cron_tools_and_development() {
        clean(RULE, &[("compose.dev.yaml", "services:\n  a:\n    image: redis:8.2.9\n")]);
        for body in [
            "image: php:8.4-cli\n    command: php artisan migrate\n    profiles: [tools]",
            "image: php:8.4-cli\n    command: sh -c \"cron && tail -f /var/log/cron.log\"",
            "image: php:8.4-cli\n    command: php artisan schedule:work",
            "image: axllent/mailpit:v1.30.0",
            "image: phpmyadmin:5.2.3",
        ] {
            clean(RULE, &[("compose.yaml", &format!("services:\n  a:\n    {body}\n"))]);
        }
        clean(RULE, &[("Dockerfile", "FROM php:8.4-cli\nCMD [\"php\", \"artisan\", \"queue:work\"]\n")]);
    }

    #[test]
    fn the_offered_probe_is_enough() {
        for text in ["services:\n  a:\n    image: postgres:17.11\n", "services:\n  a: {image: \"mysql:8.4.11\"}\n"] {
            let files = [("compose.yaml", text)];
            let after =
                findings(RULE, &files)[0].fixes[0].outcome(&sources(&files)).unwrap().remove("compose.yaml").unwrap();
            clean(RULE, &[("compose.yaml", &after)]);
        }
    }

    #[test]
    fn a_role_that_is_only_guessed_is_not_reported() {
        clean(RULE, &[("Dockerfile", "FROM alpine:3.24\n"), ("composer.json", "{}\n")]);
    }
}

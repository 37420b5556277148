//! `observability/logs-stay-in-container`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{Context, LogFile, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A log that goes to a file inside of the container and that no mount keeps: Laravel's channels `single` and
    /// `daily`, `error_log` of PHP, the logs of PHP-FPM and its pools, the logs of nginx or Apache in a configuration
    /// of the project. And `WP_DEBUG_LOG` in WordPress, whose file lies in the document root.
    ///
    /// # Why it matters
    /// The file goes with the container: after the redeployment that ends an incident, nobody can say what happened.
    /// Until then no collector sees it, and nothing rotates it.
    ///
    /// `wp-content/debug.log` is *medium*: a browser that asks for it gets paths, queries and addresses. Not reported:
    /// paths below `/dev` and `/proc`, the usual paths of the official web servers, which are links to the container's
    /// output, links that the build makes, files below a mount, development.
    ///
    /// # Bad
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     environment:
    ///       LOG_CHANNEL: single
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . /app
    /// ```
    /// ```json file:composer.json
    /// {"require": {"laravel/framework": "^12.0"}}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     environment:
    ///       LOG_CHANNEL: stderr
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . /app
    /// ```
    /// ```json file:composer.json
    /// {"require": {"laravel/framework": "^12.0"}}
    /// ```
    ///
    /// # How to fix
    /// Write to the container's own output: `LOG_CHANNEL=stderr` for Laravel, `php://stderr` as the path of Monolog in
    /// Symfony, `error_log = /proc/self/fd/2` for PHP and PHP-FPM with `catch_workers_output = yes` and
    /// `decorate_workers_output = no`, `/dev/stdout` for nginx. Docker's log driver takes it from there.
    ///
    /// # References
    /// CIS Docker Benchmark 2.13, NIST SP 800-190 4.4.4, CWE-778, CWE-532, Docker documentation "View container logs".
    id: "observability/logs-stay-in-container",
    title: "Log goes to a file inside of the container",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "The file is deleted with the container, so after an incident nobody can say what happened, and until then no collector sees it.",
    help: "Write to the container's output: `/proc/self/fd/2`, `php://stderr` or `/dev/stdout`.",
    references: ["CIS Docker Benchmark 2.13", "NIST SP 800-190 4.4.4", "CWE-778", "CWE-532"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let deployed = |service: &ServiceRef<'_, '_>| !matches!(service.context, Context::Development | Context::Ci);
    for service in project.declared_services().filter(deployed) {
        for file in service.log_files() {
            out.report(stays(service, &file));
        }
    }
}

fn stays(service: ServiceRef<'_, '_>, file: &LogFile) -> Draft {
    let path = shorten(&file.path, 80);
    let message = format!("{} of `{}` logs to {path}, inside of the container", file.writer, service.name);
    let draft = Draft::new(file.at, message).confidence(Confidence::Medium).on(service);
    if file.in_docroot {
        let help = "Set WP_DEBUG to false in production, or WP_DEBUG_LOG to a path outside of the document root.";
        return draft.severity(Severity::Medium).help(help);
    }
    let project = service.project();
    let written = project.slice(file.at).trim_matches(['"', '\'']);
    let value = written.rsplit('=').next().unwrap_or(written);
    draft.fix(
        file.instead
            .and_then(|to| project.rewrite(Safety::Suggested, "Log to the container's output", file.at, value, to)),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "observability/logs-stay-in-container";
    const DOCKERFILE: (&str, &str) = ("Dockerfile", "FROM php:8.4-fpm\nCOPY php.ini /usr/local/etc/php/php.ini\n");
    const COMPOSE: (&str, &str) = ("compose.yaml", "services:\n  app:\n    build: .\n");

    fn php(ini: &str) -> usize {
        findings(RULE, &[COMPOSE, DOCKERFILE, ("php.ini", ini)]).len()
    }

    #[test]
    fn files_of_php() {
        assert_eq!(php("error_log = /var/log/php/error.log\n"), 1);
        assert_eq!(php("error_log = /proc/self/fd/2\n"), 0);
        assert_eq!(php("error_log = /dev/stderr\n"), 0);
        assert_eq!(php("memory_limit = 128M\n"), 0);
    }

    #[test]
    fn files_that_are_kept_or_linked() {
        let ini = ("php.ini", "error_log = /var/log/php/error.log\n");
        let mounted = (
            "compose.yaml",
            "services:\n  app:\n    build: .\n    volumes: [\"logs:/var/log/php\"]\nvolumes:\n  logs: {}\n",
        );
        clean(RULE, &[mounted, DOCKERFILE, ini]);
        let linked = (
            "Dockerfile",
            "FROM php:8.4-fpm\nCOPY php.ini /usr/local/etc/php/php.ini\nRUN ln -sf /dev/stderr /var/log/php/error.log\n",
        );
        clean(RULE, &[COMPOSE, linked, ini]);
    }

    #[test]
    fn channels_of_laravel() {
        let with = |channel: &str| {
            let compose = format!("services:\n  app:\n    build: .\n    environment: [\"LOG_CHANNEL={channel}\"]\n");
            let composer = "{\"require\": {\"laravel/framework\": \"^12.0\"}}\n";
            findings(RULE, &[("compose.yaml", &compose), DOCKERFILE, ("php.ini", ""), ("composer.json", composer)])
        };
        let found = with("daily");
        assert_eq!((found.len(), found[0].fixes.len()), (1, 1));
        assert_eq!(with("stderr").len(), 0);
        assert_eq!(with("stack").len(), 0);
    }

    #[test]
    fn the_log_of_wordpress_is_public() {
        let config = "<?php\ndefine('WP_DEBUG', true);\ndefine('WP_DEBUG_LOG', true);\n";
        let dockerfile = ("Dockerfile", "FROM wordpress:6.9.1-php8.4-apache\nCOPY . /var/www/html\n");
        let found = findings(RULE, &[COMPOSE, dockerfile, ("wp-config.php", config)]);
        assert_eq!(found[0].severity.as_str(), "medium");
        let outside = config.replace("_LOG', true", "_LOG', '/var/log/wp.log'");
        clean(RULE, &[COMPOSE, dockerfile, ("wp-config.php", &outside)]);
    }

    #[test]
    fn development_is_not_looked_at() {
        let compose = ("compose.dev.yaml", "services:\n  app:\n    build: .\n");
        clean(RULE, &[compose, DOCKERFILE, ("php.ini", "error_log = /var/log/php/error.log\n")]);
    }
}

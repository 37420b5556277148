//! `observability/errors-unlogged-or-debug-logging`

use crate::declare_rule;
use crate::fix::Safety;
use crate::project::{Context, LogFault, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// Logs that say too little or too much in production: `log_errors` off, `error_log = /dev/null` or
    /// `error_reporting = 0` in PHP, `LOG_LEVEL=debug`, `error_log … debug` in nginx, `log-level: debug` of the Docker
    /// daemon.
    ///
    /// # Why it matters
    /// Without errors in the log an attack that fails ten thousand times leaves nothing to see. At the level of
    /// debugging, tokens, queries with their values and personal data stand in the log, and with them whoever reads
    /// logs has them.
    ///
    /// An application's own `.env` counts where it says that it is for production. Not reported: development and
    /// pipelines.
    ///
    /// # Bad
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     environment:
    ///       LOG_LEVEL: debug
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     environment:
    ///       LOG_LEVEL: warning
    /// ```
    ///
    /// # How to fix
    /// `log_errors = On` with `display_errors = Off`, `LOG_LEVEL=info` or `warning`. Where details are needed after an
    /// error, let Monolog's `fingers_crossed` keep them until there is one.
    ///
    /// # References
    /// CIS Docker Benchmark 2.3, OWASP Docker Security Cheat Sheet rule 10, CWE-778, CWE-532.
    id: "observability/errors-unlogged-or-debug-logging",
    title: "Log says nothing of errors, or far too much",
    severity: Low,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Without errors in the log an attack leaves nothing to see; with debug messages the log holds tokens, queries and personal data.",
    help: "Set `log_errors = On`, and the level of the log to `info` or `warning`.",
    references: ["CIS Docker Benchmark 2.3", "OWASP Docker Security Cheat Sheet rule 10", "CWE-778", "CWE-532"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let deployed = |service: &ServiceRef<'_, '_>| !matches!(service.context, Context::Development | Context::Ci);
    for service in project.declared_services().filter(deployed) {
        for fault in service.log_faults() {
            out.report(wrong(service, &fault));
        }
    }
    let level = project.inventory.daemon.as_ref().and_then(|daemon| daemon.setting("log-level"));
    if let Some(level) = level.filter(|level| level.value == "debug") {
        let draft = Draft::new(level.at, "the Docker daemon logs every detail, environments of containers among them");
        out.report(draft.help("Delete `log-level`: its default is `info`."));
    }
}

fn wrong(service: ServiceRef<'_, '_>, fault: &LogFault) -> Draft {
    let project = service.project();
    let title = if fault.silent { "Log errors" } else { "Log without details" };
    let fix = fault.change.as_ref().and_then(|(from, to)| project.rewrite(Safety::Safe, title, fault.at, from, to));
    let draft = Draft::new(fault.at, format!("`{}` {}", service.name, fault.what)).on(service).fix(fix);
    if fault.silent {
        draft.help("Log errors to the container's output, and keep `display_errors` off.")
    } else {
        draft
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "observability/errors-unlogged-or-debug-logging";
    const COMPOSE: (&str, &str) = ("compose.yaml", "services:\n  app:\n    build: .\n");
    const DOCKERFILE: (&str, &str) = ("Dockerfile", "FROM php:8.4-fpm\nCOPY php.ini /usr/local/etc/php/php.ini\n");

    fn php(ini: &str) -> usize {
        findings(RULE, &[COMPOSE, DOCKERFILE, ("php.ini", ini)]).len()
    }

    #[test]
    fn settings_of_php() {
        for (ini, want) in [
            ("log_errors = Off\n", 1),
            ("error_log = /dev/null\n", 1),
            ("error_reporting = 0\n", 1),
            ("log_errors = On\nerror_reporting = E_ALL\nerror_log = /proc/self/fd/2\n", 0),
            ("memory_limit = 128M\n", 0),
        ] {
            assert_eq!(php(ini), want, "{ini}");
        }
    }

    #[test]
    fn levels_of_applications() {
        let with = |name: &str, environment: &str| {
            let text = format!("services:\n  app:\n    image: php:8.4-fpm\n    environment: {environment}\n");
            findings(RULE, &[(name, text.as_str())]).len()
        };
        assert_eq!(with("compose.yaml", "{LOG_LEVEL: debug}"), 1);
        assert_eq!(with("compose.yaml", "[\"LOG_LEVEL=debug\"]"), 1);
        assert_eq!(with("compose.yaml", "{LOG_LEVEL: warning}"), 0);
        assert_eq!(with("compose.dev.yaml", "{LOG_LEVEL: debug}"), 0);
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: redis:8\n    environment: {LOG_LEVEL: debug}\n")]);
    }

    #[test]
    fn an_env_file_counts_when_it_is_for_production() {
        let files = |env: &'static str| {
            [
                COMPOSE,
                ("Dockerfile", "FROM php:8.4-fpm\nCOPY . /app\n"),
                ("composer.json", "{\"require\": {\"laravel/framework\": \"^12\"}}\n"),
                (".env", env),
            ]
        };
        assert_eq!(findings(RULE, &files("APP_ENV=production\nLOG_LEVEL=debug\n")).len(), 1);
        clean(RULE, &files("APP_ENV=local\nLOG_LEVEL=debug\n"));
    }

    #[test]
    fn nginx_and_the_daemon() {
        let nginx = "server {\n  listen 80;\n  error_log /dev/stderr debug;\n}\n";
        let compose = (
            "compose.yaml",
            "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./default.conf:/etc/nginx/conf.d/default.conf:ro\"]\n",
        );
        assert_eq!(findings(RULE, &[compose, ("default.conf", nginx)]).len(), 1);
        clean(RULE, &[compose, ("default.conf", &nginx.replace(" debug", " warn"))]);
        assert_eq!(
            findings(RULE, &[("daemon.json", "{\"log-driver\": \"local\", \"log-level\": \"debug\"}\n")]).len(),
            1
        );
    }
}

//! `identity/cli-worker-root`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::Project;
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A service that starts PHP code itself, as root: `php artisan queue:work`, `horizon` or `schedule:work`, `bin/console
    /// messenger:consume`, `wp cron`, `drush`, a script of its own.
    ///
    /// # Why it matters
    /// php-fpm and Apache hand requests to workers that run as `www-data`. A command-line process does no such thing: the queue worker,
    /// which turns bytes from Redis or RabbitMQ back into objects, runs as the container's user, and without a `USER` that is root. It
    /// is often the one process of the stack that really is.
    ///
    /// A command wrapped in `gosu`, `su-exec`, `setpriv` or `su`, and an entrypoint that gives up root, are not reported. A job that
    /// runs once, such as migrations, is *low*; a development view is *low*. Servers that run PHP (FrankenPHP, Octane, RoadRunner)
    /// are told by the general rule about root.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-cli-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /app/
    /// ```
    /// ```yaml file:compose.yaml
    /// services:
    ///   worker:
    ///     build: .
    ///     command: php artisan queue:work --max-time=3600
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-cli-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /app/
    /// ```
    /// ```yaml file:compose.yaml
    /// services:
    ///   worker:
    ///     build: .
    ///     user: www-data
    ///     command: php artisan queue:work --max-time=3600
    /// ```
    ///
    /// # How to fix
    /// Add `user: www-data` to the worker (82:82 on Alpine, 33:33 on Debian), or end the stage with `USER www-data`, and mount only the
    /// volumes it needs.
    ///
    /// # References
    /// CIS Docker Benchmark 4.1, CWE-250, CWE-502, Docker documentation "Compose file reference", section `user`.
    id: "identity/cli-worker-root",
    title: "A PHP worker runs as root",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "PHP-FPM and Apache hand requests to unprivileged workers, but a command-line process keeps the container's user: this one unserializes jobs as root.",
    help: "Add `user: www-data` to the service, or end its stage with `USER www-data`.",
    references: ["CIS Docker Benchmark 4.1", "OWASP Docker Security Cheat Sheet rule 2", "NIST SP 800-190 3.4.3", "CWE-250", "CWE-502"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let Some(worker) = service.php_worker_as_root() else { continue };
        let user = service.effective_user();
        let mut draft =
            Draft::new(worker.at, format!("`{}` runs `{}` as root", service.name, shorten(&worker.what, 60)))
                .confidence(user.confidence)
                .based_on(user.based_on)
                .because(user.at, "this makes it root, and nothing gives it up")
                .on(service);
        if service.is_one_shot() {
            draft = draft.severity(Severity::Low);
        }
        if let Some(php) = service.php_user() {
            let title = format!("Run as {php}");
            draft = draft.fix(service.set_user(&title, php).or_else(|| service.end_with_user(&title, php)));
        }
        out.report(draft);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "identity/cli-worker-root";

    fn command(name: &str, command: &str) -> Vec<String> {
        let text = format!("services:\n  a:\n    image: php:8.4-fpm\n    command: {command}\n");
        findings(RULE, &[(name, &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn workers() {
        for worker in [
            "php artisan queue:work",
            "[php, artisan, horizon]",
            "php bin/console messenger:consume async -vv",
            "sh -c \"php artisan migrate --force && exec php artisan schedule:work\"",
            "sh -c 'while true; do wp cron event run --due-now; sleep 60; done'",
        ] {
            assert_eq!(command("compose.yaml", worker), ["high"], "{worker}");
        }
        assert_eq!(command("compose.dev.yaml", "php artisan queue:work"), ["low"]);
    }

    #[test]
    fn wrapped_commands() {
        for worker in [
            "gosu www-data php artisan queue:work",
            "su -s /bin/sh www-data -c 'php artisan queue:work'",
            "sh -c 'while :; do su-exec www-data php artisan schedule:run; sleep 60; done'",
            "setpriv --reuid=33 --regid=33 --clear-groups php artisan horizon",
        ] {
            assert_eq!(command("compose.yaml", worker), Vec::<String>::new(), "{worker}");
        }
    }

    #[test]
    fn servers_are_another_rule() {
        for server in ["php-fpm", "php artisan octane:start", "php -S 0.0.0.0:80 -t public"] {
            assert_eq!(command("compose.yaml", server), Vec::<String>::new(), "{server}");
        }
    }

    #[test]
    fn a_job_that_runs_once_is_low() {
        let text = "services:\n  migrate:\n    image: php:8.4-cli\n    command: php artisan migrate --force\n  a:\n    image: php:8.4-fpm\n    depends_on: {migrate: {condition: service_completed_successfully}}\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "low");
    }

    #[test]
    fn another_user_or_an_unknown_image() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: php:8.4-cli\n    user: www-data\n    command: php artisan queue:work\n",
            )],
        );
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: r.example.net/app:1\n    command: php artisan queue:work\n",
            )],
        );
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: serversideup/php:8.4-cli\n    command: php artisan queue:work\n",
            )],
        );
    }

    #[test]
    fn the_command_of_the_image_counts() {
        let found = findings(
            RULE,
            &[("Dockerfile", "FROM php:8.4-cli\nCOPY . /app\nCMD [\"php\", \"/app/artisan\", \"queue:work\"]\n")],
        );
        assert_eq!(found[0].fixes[0].edits[0].replacement, "USER www-data\n");
    }

    #[test]
    fn an_override_is_another_rule() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: wordpress:cli\n    user: root\n    command: wp cron event run\n",
            )],
        );
    }
}

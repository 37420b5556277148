//! `php/development-server-in-production`

use crate::declare_rule;
use crate::project::{Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A deployed container that answers requests with a server made for development: `php -S`, `artisan serve`,
    /// `symfony serve` and their relatives, on an address that others reach.
    ///
    /// # Why it matters
    /// These servers answer one request at a time unless told otherwise, so a single slow one stops the site. They give
    /// away any file below the folder they were started in, have no limits for time and size, and nobody treats their
    /// faults as vulnerabilities: `php -S` up to 7.4.21 sent the source of PHP files. PHP's manual says not to use it
    /// on a public network.
    ///
    /// It is read from the command, from supervisord and s6, and from the variable by which Laravel Sail starts PHP. A
    /// server on loopback is not reached from outside of its container and not reported, nor is Adminer, whose image is
    /// made like this.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . /var/www/html
    /// CMD ["php", "artisan", "serve", "--host=0.0.0.0"]
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . /var/www/html
    /// CMD ["php-fpm"]
    /// ```
    ///
    /// # How to fix
    /// Run PHP-FPM behind nginx, Apache with PHP, FrankenPHP, or Octane. Keep the development server in the development
    /// stage or in `compose.override.yaml`.
    ///
    /// # References
    /// PHP manual "Built-in web server", CWE-489.
    id: "php/development-server-in-production",
    title: "A development server answers the requests",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Servers made for development answer one request at a time, give away any file below their folder, and are not meant to face a network.",
    help: "Serve with PHP-FPM behind nginx, with Apache, FrankenPHP or Octane; keep this command in the development stage.",
    references: ["PHP manual, Built-in web server", "CWE-489"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let deployed = |service: &ServiceRef<'_, '_>| service.is_deployed_for_users() && service.role.name != "db-admin";
    for service in project.services().filter(deployed) {
        let Some(server) = service.development_server() else { continue };
        let fix = service.start_own_server("Start the image's own server", server.at);
        let message = format!("`{}` answers requests with `{}`", service.name, server.name);
        out.report(Draft::new(server.at, message).on(service).fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/development-server-in-production";

    fn found(path: &str, body: &str) -> usize {
        let text = format!("services:\n  app:\n    image: php:8.4-cli\n{body}");
        findings(RULE, &[(path, text.as_str())]).len()
    }

    #[test]
    fn every_way_to_start_one() {
        assert_eq!(found("compose.yaml", "    command: php -S 0.0.0.0:80 -t public\n"), 1);
        assert_eq!(found("compose.yaml", "    command: sh -c \"exec php artisan serve --host 0.0.0.0\"\n"), 1);
        assert_eq!(found("compose.yaml", "    command: [symfony, serve, --allow-all-ip]\n"), 1);
        assert_eq!(found("compose.yaml", "    command: php artisan queue:work\n"), 0);
    }

    #[test]
    fn supervisord_starts_it() {
        let files = [
            (
                "Dockerfile",
                "FROM php:8.4-cli\nCOPY supervisord.conf /etc/supervisord.conf\nCMD [\"supervisord\", \"-c\", \"/etc/supervisord.conf\"]\n",
            ),
            ("supervisord.conf", "[program:web]\ncommand=php artisan serve --host=0.0.0.0\n"),
        ];
        assert_eq!(findings(RULE, &files).len(), 1);
    }

    #[test]
    fn a_command_over_an_image_that_serves_is_dropped() {
        let text = "services:\n  app:\n    image: php:8.4-apache\n    command: php -S 0.0.0.0:80\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found[0].severity.as_str(), "high");
        assert_eq!(found[0].fixes.len(), 1);
    }

    #[test]
    fn loopback_is_not_reached() {
        assert_eq!(found("compose.yaml", "    command: php -S 127.0.0.1:80\n"), 0);
        assert_eq!(found("compose.yaml", "    command: php artisan serve\n"), 0);
        assert_eq!(found("compose.yaml", "    command: php artisan serve\n    network_mode: host\n"), 1);
    }

    #[test]
    fn development_and_pipelines_are_not_judged() {
        assert_eq!(found("compose.dev.yaml", "    command: php -S 0.0.0.0:80\n"), 0);
        assert_eq!(found("compose.yaml", "    command: php -S 0.0.0.0:80\n    profiles: [dev]\n"), 0);
        assert_eq!(found("compose.ci.yaml", "    command: php -S 0.0.0.0:80\n"), 0);
    }

    #[test]
    fn adminer_is_made_like_this() {
        let text = "services:\n  db-admin:\n    image: adminer:5\n    command: php -S 0.0.0.0:8080 -t /var/www/html\n";
        clean(RULE, &[("compose.yaml", text)]);
    }

    #[test]
    fn a_probe_is_no_server() {
        let text = "services:\n  app:\n    image: php:8.4-fpm\n    healthcheck:\n      test: php -S 0.0.0.0:80\n";
        clean(RULE, &[("compose.yaml", text)]);
    }
}

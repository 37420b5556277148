//! `drift/install-at-container-start`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Context, Project, ServiceRef, StartCommand};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A command, entrypoint script or supervised process that installs packages or fetches code each time the container starts:
    /// `composer install`, `npm ci`, `apt-get install`, `apk add`, `pecl install`, `git pull`, `wp plugin install`. Also
    /// migrations that several replicas start at once.
    ///
    /// # Why it matters
    /// Each restart may run other code than the one that was tested; a restart fails when a registry is down; the container needs
    /// a way out and write access to its own code; and a hijacked package reaches production without a build that could be
    /// scanned.
    ///
    /// Behind a test for development, or for a `vendor` folder that is missing, it is *info*. Migrations of several replicas are *low*.
    /// Cache warm-up and single migrations are fine, and so are services that run once, and development.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . .
    /// CMD ["sh", "-c", "composer install --no-dev && exec php-fpm"]
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM composer:2.8.12 AS vendor
    /// COPY composer.json composer.lock ./
    /// RUN composer install --no-dev --no-scripts
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . .
    /// COPY --from=vendor /app/vendor ./vendor
    /// CMD ["php-fpm"]
    /// ```
    ///
    /// # How to fix
    /// Install in the Dockerfile and keep only cache warm-up in the entrypoint. Migrations run once per deployment, as a service of
    /// their own or by `docker compose run --rm`.
    ///
    /// # References
    /// NIST SP 800-190 4.1.1 and 4.4.3, CWE-829.
    id: "drift/install-at-container-start",
    title: "Code or packages are installed at each start",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "Each start may run other code than the tested one, needs a way out and a writable image, and lets a hijacked package into production without a build.",
    help: "Install while the image is built, and keep only cache warm-up in the entrypoint.",
    references: ["NIST SP 800-190 4.1.1", "NIST SP 800-190 4.4.3", "CWE-829"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let short = service.is_one_shot() || service.is_short_lived() || service.is_running();
        if short || matches!(service.context, Context::Development | Context::Ci) {
            continue;
        }
        let several = service.replicas().is_some_and(|replicas| replicas > 1);
        for command in service.start_commands() {
            if let Some(program) = command.installs() {
                out.report(installs(service, &command, &program));
            } else if several && command.migrates() {
                let message = format!("every replica of `{}` runs migrations when it starts", service.name);
                let help =
                    "Run migrations once per deployment, as a service of their own or by `docker compose run --rm`.";
                let draft = Draft::new(command.at, message).severity(Severity::Low).confidence(Confidence::Medium);
                out.report(draft.help(help).aspect("migrations").on(service));
            }
        }
    }
}

fn installs(service: ServiceRef<'_, '_>, command: &StartCommand, program: &str) -> Draft {
    let line = shorten(&command.words.join(" "), 60);
    let subject = if service.view().standalone { "the image".to_owned() } else { format!("`{}`", service.name) };
    let draft = Draft::new(command.at, format!("{subject} runs `{line}` each time it starts"))
        .confidence(Confidence::Medium)
        .aspect(program);
    match command.condition.as_deref().filter(|condition| is_for_development(condition)) {
        Some(condition) => draft
            .severity(Severity::Info)
            .help(format!("It only runs behind `{}`: make sure that the image fulfils that.", shorten(condition, 60))),
        None => draft,
    }
    .on(service)
}

/// A test that a finished image does not pass: for the environment of a developer, or for dependencies that are missing.
fn is_for_development(condition: &str) -> bool {
    let plain = condition.to_ascii_lowercase();
    ["dev", "local", "prod", "vendor", "node_modules", "composer.json", "app_env", "debug"]
        .iter()
        .any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/install-at-container-start";

    fn severities(name: &str, command: &str) -> Vec<String> {
        let text = format!("services:\n  app:\n    image: registry.example.net/app:1\n    command: {command}\n");
        findings(RULE, &[(name, &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn installations() {
        for command in [
            "sh -c 'composer install && php-fpm'",
            "sh -c 'git pull && exec php-fpm'",
            "sh -c 'apk add --no-cache git; exec php-fpm'",
            "sh -c 'npm ci && node server.js'",
        ] {
            assert_eq!(severities("compose.yaml", command), ["medium"], "{command}");
        }
    }

    #[test]
    fn guards() {
        assert!(severities("compose.dev.yaml", "sh -c 'composer install && php-fpm'").is_empty());
        assert!(
            severities("compose.yaml", "sh -c 'php artisan config:cache && php artisan migrate --force && php-fpm'")
                .is_empty()
        );
        let once =
            "services:\n  install:\n    image: composer:2\n    command: composer install\n    profiles: [tools]\n";
        clean(RULE, &[("compose.yaml", once)]);
    }

    #[test]
    fn behind_a_test_for_development() {
        let docker =
            "FROM php:8.4-fpm\nCOPY . .\nCOPY entry.sh /entry.sh\nENTRYPOINT [\"/entry.sh\"]\nCMD [\"php-fpm\"]\n";
        let with = |test: &str| {
            let entry = format!("#!/bin/sh\n{test}\n  composer install\nfi\nexec \"$@\"\n");
            findings(RULE, &[("Dockerfile", docker), ("entry.sh", &entry)]).remove(0).severity.to_string()
        };
        assert_eq!(with("if [ \"$APP_ENV\" = dev ]; then"), "info");
        assert_eq!(with("if [ -z \"$(ls -A vendor/ 2>/dev/null)\" ]; then"), "info");
        assert_eq!(with("if [ -n \"$TOKEN\" ]; then"), "medium");
    }

    #[test]
    fn migrations_of_replicas() {
        let compose = "services:\n  app:\n    image: x:1\n    command: sh -c 'php artisan migrate --force && php-fpm'\n    deploy: {replicas: 3}\n";
        assert_eq!(findings(RULE, &[("compose.yaml", compose)])[0].severity.as_str(), "low");
    }
}

//! `supply-chain/composer-runs-untrusted-code-as-root`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::model::commands::ComposerAction;
use crate::project::{ComposerRun, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// A build in which Composer installs as root and lets scripts of the packages run: no `--no-scripts`, no earlier
    /// `USER`. Also `COMPOSER_ALLOW_SUPERUSER=1` in the environment of the image that is deployed.
    ///
    /// # Why it matters
    /// An install runs code of every package that brings a plug-in or a script. As root it can change any file of the
    /// image, and read what is mounted into the instruction: the token for the private registry, the SSH agent.
    /// Composer switches plug-ins off for root by itself, and the variable switches them on again.
    ///
    /// With a secret or an SSH agent mounted it is *medium*, in the image that is deployed *low*, in a stage that is
    /// thrown away *info*. Not reported: an install with `--no-scripts`, which `dump-autoload` completes later, and
    /// another user than root.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// WORKDIR /app
    /// ENV COMPOSER_ALLOW_SUPERUSER=1
    /// COPY composer.json composer.lock ./
    /// RUN --mount=type=secret,id=composer_auth composer install --no-dev
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// WORKDIR /app
    /// COPY composer.json composer.lock ./
    /// RUN composer install --no-dev --no-scripts
    /// COPY . .
    /// RUN composer dump-autoload --no-dev --classmap-authoritative
    /// ```
    ///
    /// # How to fix
    /// Install with `--no-scripts --no-plugins` as a layer of its own, or as a user of the build stage; write the
    /// autoloader and run the application's own scripts afterwards, without the secret. Name the plug-ins that may run
    /// in `config.allow-plugins`.
    ///
    /// # References
    /// CIS Docker Benchmark 4.1, CWE-250, CWE-829, Composer documentation "How do I install untrusted packages
    /// safely?".
    id: "supply-chain/composer-runs-untrusted-code-as-root",
    title: "Composer runs code of packages as root",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Scripts and plug-ins of every package run with the build's rights: as root they change any file of the image and read what is mounted.",
    help: "Install with `--no-scripts`, and run the application's own scripts in a later instruction.",
    references: ["CIS Docker Benchmark 4.1", "CWE-250", "CWE-829", "Composer, How do I install untrusted packages safely? Is it safe to run Composer as superuser or root?"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.declared_services().filter(|service| !service.context.is_development()) {
        let allowed = service.superuser_allowed();
        let mut reported = false;
        for run in service.composer_runs() {
            if installs(&run) && service.composer_is_root(&run) == Some(true) {
                out.report(as_root(service, &run, allowed));
                reported = true;
            }
        }
        if let Some(at) = allowed.filter(|_| !reported) {
            let message = format!("the image of `{}` lets Composer run plug-ins as root", service.name);
            let draft = Draft::new(at, message).on(service).aspect("variable");
            out.report(
                draft.help("Set COMPOSER_ALLOW_SUPERUSER in the stage that builds, not in the image that is deployed."),
            );
        }
    }
}

/// Whether a call installs packages and lets their scripts run.
fn installs(run: &ComposerRun<'_>) -> bool {
    let adds = matches!(run.action(), ComposerAction::Install | ComposerAction::Update | ComposerAction::Require);
    adds && !run.is_dry() && run.call().is_some_and(|call| !call.no_scripts())
}

fn as_root(service: ServiceRef<'_, '_>, run: &ComposerRun<'_>, allowed: Option<Location>) -> Draft {
    let deployed = service.build_use.as_ref().is_some_and(|used| used.is_final(run.stage));
    let (severity, what) = match (run.sees_secret(), deployed) {
        (true, _) => (Severity::Medium, ", with a secret of the build in reach"),
        (false, true) => (Severity::Low, ""),
        (false, false) => (Severity::Info, ""),
    };
    let message = format!("the build of `{}` runs scripts of packages as root{what}", service.name);
    let project = service.project();
    let written = format!("{} --no-scripts", project.slice(run.action_at()));
    Draft::new(run.at, message)
        .severity(severity)
        .on(service)
        .because_of(allowed, "plug-ins are allowed to run as root here")
        .fix(project.replace_text(Safety::Suggested, "Install without scripts", run.action_at(), &written))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/composer-runs-untrusted-code-as-root";

    fn said(lines: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\n{lines}\n");
        findings(RULE, &[("Dockerfile", text.as_str())]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn severities() {
        assert_eq!(said("RUN composer install --no-dev"), ["low"]);
        assert_eq!(said("RUN --mount=type=secret,id=auth composer install --no-dev"), ["medium"]);
        assert_eq!(said("ENV COMPOSER_ALLOW_SUPERUSER=1"), ["low"]);
        let builder = "FROM composer:2 AS vendor\nRUN composer install\nFROM php:8.4-fpm\nCOPY --from=vendor /app/vendor /app/vendor\n";
        assert_eq!(findings(RULE, &[("Dockerfile", builder)])[0].severity.as_str(), "info");
    }

    #[test]
    fn guards() {
        for lines in [
            "RUN composer install --no-dev --no-scripts && composer dump-autoload",
            "USER www-data\nRUN composer install --no-dev",
            "RUN composer update --lock",
            "RUN composer check-platform-reqs",
        ] {
            assert_eq!(said(lines), Vec::<String>::new(), "{lines}");
        }
        clean(RULE, &[("Dockerfile", "FROM registry.example.net/base:1\nRUN composer install\n")]);
        clean(
            RULE,
            &[(
                "Dockerfile",
                "FROM php:8.4-cli AS b\nENV COMPOSER_ALLOW_SUPERUSER=1\nFROM php:8.4-fpm\nCOPY --from=b /a /a\n",
            )],
        );
        clean(
            RULE,
            &[
                ("compose.dev.yaml", "services:\n  app:\n    build: .\n"),
                ("Dockerfile", "FROM php:8.4-fpm\nRUN composer install\n"),
            ],
        );
    }
}

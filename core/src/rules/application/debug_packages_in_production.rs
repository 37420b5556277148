//! `application/debug-packages-in-production`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{Context, DebugPackage, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A package for debugging in `require` instead of `require-dev`: Telescope, Debugbar, Clockwork, Web Tinker, the Symfony
    /// profiler, Dusk and others; a variable such as `TELESCOPE_ENABLED=true`; the profiler registered for all environments in
    /// `config/bundles.php`.
    ///
    /// # Why it matters
    /// These packages record requests, queries, mails, sessions and exceptions and show them under an address of the
    /// application. With an open gate anybody reads the tokens of other users there; Dusk's routes log in as any user.
    ///
    /// What answers over HTTP is *high*, and *low* where its variable switches it off. Tools that only developers need, such as
    /// PHPUnit, are *low*: they make the image larger and bring files that were entry points before.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     environment:
    ///       APP_ENV: production
    ///       TELESCOPE_ENABLED: "true"
    /// ```
    /// ```json file:composer.json
    /// {
    ///     "require": {
    ///         "laravel/framework": "^12.0",
    ///         "laravel/telescope": "^5.0"
    ///     }
    /// }
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . .
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     environment:
    ///       APP_ENV: production
    /// ```
    /// ```json file:composer.json
    /// {
    ///     "require": {
    ///         "laravel/framework": "^12.0"
    ///     },
    ///     "require-dev": {
    ///         "laravel/telescope": "^5.0"
    ///     }
    /// }
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-trixie
    /// COPY . .
    /// ```
    ///
    /// # How to fix
    /// `composer require --dev laravel/telescope` moves the package, and `composer install --no-dev` leaves it out of the image; register
    /// its provider only in local environments. Where Telescope is wanted in production, set the gate in its provider.
    ///
    /// # References
    /// CWE-489, CWE-215, CWE-532, Laravel documentation "Telescope", section on local-only installation.
    id: "application/debug-packages-in-production",
    title: "A package for debugging is installed for production",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Such packages record requests, queries, mails and tokens and show them under an address of the application, to everybody where the gate is open.",
    help: "Move the package to `require-dev` and install with `--no-dev`, or switch it off and close its gate.",
    references: ["CWE-489", "CWE-215", "CWE-532", "Laravel documentation \"Telescope\""],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        if matches!(service.context, Context::Development | Context::Ci) || service.is_running() {
            continue;
        }
        for package in service.debug_packages() {
            out.report(report(service, &package));
        }
    }
}

fn report(service: ServiceRef<'_, '_>, package: &DebugPackage) -> Draft {
    let name = shorten(&package.name, 60);
    let draft = match (&package.switch, package.switched) {
        (Some(switch), Some(true)) => {
            let message = format!("`{}` switches {name} on with {}", service.name, switch.name);
            let title = format!("Set {} to false", switch.name);
            Draft::new(switch.at, message)
                .because(package.at, "the package is installed for production")
                .fix(service.project().set_setting(Safety::Suggested, title, switch, "false"))
        }
        (Some(switch), Some(false)) => {
            let message = format!("{name} is installed for production, switched off by {}", switch.name);
            let help = "Check the gate in its provider: the variable is all that keeps it closed.";
            Draft::new(package.at, message)
                .severity(Severity::Low)
                .because(switch.at, "this switches it off")
                .help(help)
        }
        _ if package.exposes => Draft::new(package.at, format!("{name} is installed for production")),
        _ => Draft::new(package.at, format!("{name} is installed for production, though only developers need it"))
            .severity(Severity::Low),
    };
    draft.confidence(Confidence::Medium).on(service)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "application/debug-packages-in-production";
    const DOCKERFILE: &str = "FROM php:8.4-fpm\nCOPY . .\n";

    fn said(file: &str, environment: &str, composer: &str) -> Vec<String> {
        let compose = format!("services:\n  app:\n    build: .\n    environment: {{{environment}}}\n");
        let files = [(file, compose.as_str()), ("Dockerfile", DOCKERFILE), ("composer.json", composer)];
        findings(RULE, &files).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    fn requires(package: &str) -> String {
        format!("{{\"require\": {{\"laravel/framework\": \"^12\", \"{package}\": \"*\"}}}}")
    }

    #[test]
    fn severities() {
        assert_eq!(said("compose.yaml", "", &requires("laravel/telescope")), ["high"]);
        assert_eq!(said("compose.yaml", "TELESCOPE_ENABLED: true", &requires("laravel/telescope")), ["high"]);
        assert_eq!(said("compose.yaml", "TELESCOPE_ENABLED: false", &requires("laravel/telescope")), ["low"]);
        assert_eq!(said("compose.yaml", "", &requires("laravel/dusk")), ["high"]);
        assert_eq!(said("compose.yaml", "", &requires("phpunit/phpunit")), ["low"]);
    }

    #[test]
    fn guards() {
        assert!(said("compose.dev.yaml", "", &requires("laravel/telescope")).is_empty());
        let dev = r#"{"require": {"laravel/framework": "^12"}, "require-dev": {"laravel/telescope": "^5"}}"#;
        assert!(said("compose.yaml", "", dev).is_empty());
        assert!(said("compose.yaml", "", &requires("laravel/horizon")).is_empty());
        clean(RULE, &[("composer.json", &requires("laravel/telescope"))]);
    }

    #[test]
    fn a_profiler_for_all_environments() {
        let bundles = |environments: &str| {
            format!(
                "<?php\nreturn [\n  Symfony\\Bundle\\WebProfilerBundle\\WebProfilerBundle::class => [{environments}],\n];\n"
            )
        };
        let with = |bundles: &str| {
            findings(
                RULE,
                &[
                    ("Dockerfile", DOCKERFILE),
                    ("composer.json", "{\"require\": {\"symfony/framework-bundle\": \"^7\"}}"),
                    ("config/bundles.php", bundles),
                ],
            )
            .len()
        };
        assert_eq!(with(&bundles("'all' => true")), 1);
        assert_eq!(with(&bundles("'dev' => true, 'test' => true")), 0);
    }
}

//! `application/debug-or-nonprod-mode`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{ModeKind, Project, RiskyMode, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A variable that puts the application into the mode of a developer's machine in a production or unknown deployment:
    /// `APP_DEBUG`, `APP_ENV`, `SYMFONY_ENV`, `CI_ENVIRONMENT`, `YII_DEBUG`, `TYPO3_CONTEXT`, `MAGE_MODE`, `CRAFT_DEV_MODE`,
    /// `WORDPRESS_DEBUG` and their like, in the service, its `env_file`, an `ENV` of the image, or a `.env` that is built into it;
    /// and `WP_DEBUG` in `wp-config.php`.
    ///
    /// # Why it matters
    /// In this mode an error page shows stack traces, SQL and often the whole environment with its passwords to whoever provokes an
    /// error; Symfony adds the profiler and Laravel's old error page (CVE-2021-3129) ran code.
    ///
    /// What counts is the value the application sees: the service's own before that of the image, and that before `.env`. Laravel's
    /// `APP_ENV=local` alone is *medium*, and so is everything that is published on loopback only.
    ///
    /// # Bad
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-trixie
    ///     environment:
    ///       APP_ENV: production
    ///       APP_DEBUG: "true"
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-trixie
    ///     environment:
    ///       APP_ENV: production
    ///       APP_DEBUG: "false"
    /// ```
    ///
    /// # How to fix
    /// Set `APP_ENV=prod` (Symfony) or `production` (Laravel) and `APP_DEBUG=false` in the service of the deployment, and keep the
    /// values for development in an override file or a stage of their own. Errors belong in the log.
    ///
    /// # References
    /// OWASP Laravel Cheat Sheet, OWASP Symfony Cheat Sheet, CWE-489, CWE-215, CWE-11, CVE-2021-3129.
    id: "application/debug-or-nonprod-mode",
    title: "The application runs in a mode for development",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Error pages and profilers of this mode show stack traces, queries and often all environment variables with their passwords to whoever provokes an error.",
    help: "Set the production value in the deployment, and keep the development value in an override file.",
    references: ["OWASP Laravel Cheat Sheet", "OWASP Symfony Cheat Sheet", "CWE-489", "CWE-215", "CWE-11", "CVE-2021-3129"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for mode in service.risky_modes() {
            out.report(report(service, &mode));
        }
        if !service.context.is_development() {
            out.drafts.extend(wordpress(service));
        }
    }
}

fn report(service: ServiceRef<'_, '_>, mode: &RiskyMode) -> Draft {
    let (name, value) = (&mode.source.name, shorten(&mode.source.value, 30));
    let message = if mode.baked {
        format!("the image of `{}` sets {name}={value} for every deployment", service.name)
    } else {
        format!("`{}` runs with {name}={value}", service.name)
    };
    // A switch only closes; another environment loads another configuration.
    let safety = if mode.kind == ModeKind::Debug { Safety::Safe } else { Safety::Suggested };
    let fix = service.project().set_setting(safety, format!("Set {name} to {}", mode.good), &mode.source, mode.good);
    Draft::new(mode.source.at, message)
        .severity(mode.severity)
        .confidence(mode.confidence)
        .aspect(name)
        .fix(fix)
        .on(service)
}

/// `WP_DEBUG` in the configuration of WordPress.
fn wordpress(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let debug = service.wordpress_constant("WP_DEBUG").filter(|debug| debug.truth() == Some(true))?;
    let display = service.wordpress_constant("WP_DEBUG_DISPLAY").and_then(|display| display.truth());
    let message = format!("WordPress of `{}` shows errors to visitors: WP_DEBUG is true", service.name);
    let help = "Define `WP_DEBUG` as false, or `WP_DEBUG_DISPLAY` as false where errors are to be logged.";
    let draft = Draft::new(debug.at, message).severity(Severity::High).confidence(Confidence::Medium);
    (display != Some(false)).then(|| draft.help(help).aspect("WP_DEBUG").on(service))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "application/debug-or-nonprod-mode";

    fn compose(environment: &str) -> String {
        format!("services:\n  app:\n    image: php:8.4-fpm\n    environment:\n{environment}")
    }

    #[test]
    fn a_switch_is_mended_safely() {
        for environment in
            ["      APP_DEBUG: true\n", "      APP_DEBUG: '1'\n", "      - APP_DEBUG=true\n", "      - APP_DEBUG=1\n"]
        {
            let found = findings(RULE, &[("compose.yaml", &compose(environment))]);
            assert_eq!(found.len(), 1, "{environment}");
            assert_eq!(found[0].severity.as_str(), "critical");
            assert_eq!(found[0].fixes[0].safety.as_str(), "safe", "{environment}");
        }
    }

    #[test]
    fn an_environment_is_only_suggested() {
        let found = findings(RULE, &[("compose.yaml", &compose("      APP_ENV: dev\n"))]);
        assert_eq!(found[0].fixes[0].safety.as_str(), "suggested");
    }

    #[test]
    fn an_image_that_sets_it() {
        let found = findings(RULE, &[("Dockerfile", "FROM php:8.4-fpm\nENV APP_DEBUG=1\nCOPY . .\n")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("every deployment"));
        let overridden = "services:\n  app:\n    build: .\n    environment: {APP_DEBUG: 0}\n";
        clean(RULE, &[("compose.yaml", overridden), ("Dockerfile", "FROM php:8.4-fpm\nENV APP_DEBUG=1\n")]);
    }

    #[test]
    fn development_loopback_and_unknown_values() {
        clean(RULE, &[("compose.override.yaml", &compose("      APP_DEBUG: true\n"))]);
        clean(RULE, &[("compose.yaml", &compose("      APP_DEBUG: ${X}\n"))]);
        let loopback = format!("{}    ports: [\"127.0.0.1:8080:80\"]\n", compose("      APP_DEBUG: 1\n"));
        assert_eq!(findings(RULE, &[("compose.yaml", &loopback)])[0].severity.as_str(), "medium");
    }

    #[test]
    fn wordpress_that_shows_errors() {
        let with = |extra: &str| {
            format!(
                "services:\n  wp:\n    image: wordpress:6\n    environment:\n      WORDPRESS_CONFIG_EXTRA: |\n        {extra}\n"
            )
        };
        let found = findings(RULE, &[("compose.yaml", &with("define('WP_DEBUG', true);"))]);
        assert_eq!(found[0].severity.as_str(), "high");
        clean(RULE, &[("compose.yaml", &with("define('WP_DEBUG', true); define('WP_DEBUG_DISPLAY', false);"))]);
        let logged = format!("{}      WORDPRESS_DEBUG: 1\n", with("define('WP_DEBUG_DISPLAY', false);"));
        clean(RULE, &[("compose.yaml", &logged)]);
    }
}

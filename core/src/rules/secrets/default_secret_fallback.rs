//! `secrets/default-secret-fallback`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Context, Fallback, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A secret that falls back to a value in a file when nobody sets it: `${APP_SECRET:-…}` in the environment of a
    /// service, where the project's `.env` does not set the variable; a placeholder such as `!ChangeMe!` that takes
    /// effect; and `env('JWT_SECRET', '…')` in the configuration of the application.
    ///
    /// # Why it matters
    /// When the variable is forgotten on the server, nothing fails: the stack starts with a secret that stands in the
    /// repository, often in a public template. Whoever knows it signs tokens and logs in to the database.
    ///
    /// It is *high* in Compose files, *medium* in PHP files. A deployment whose own file takes the variable without a
    /// default is not reported; in development and in pipelines it is only told. Empty defaults and switches are no
    /// secrets.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       APP_SECRET: ${APP_SECRET:-ThisTokenIsNotSoSecretChangeIt}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       APP_SECRET: ${APP_SECRET:?set APP_SECRET}
    /// ```
    ///
    /// # How to fix
    /// Ask for the variable with `${APP_SECRET:?set APP_SECRET}`: Compose then refuses to start without it. Keep a
    /// default for local work in `compose.override.yaml` or in an untracked `.env`.
    ///
    /// # References
    /// OWASP Docker Security Cheat Sheet rule 12, CWE-1188, CWE-798, CWE-1392, Docker's documentation "Interpolation".
    id: "secrets/default-secret-fallback",
    title: "Secret has a default that everyone can read",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "When the variable is forgotten, the stack starts all the same, with a secret that stands in the repository.",
    help: "Ask for the variable with ${NAME:?set NAME}, so that the stack refuses to start without it.",
    references: ["OWASP Docker Security Cheat Sheet rule 12", "CWE-1188", "CWE-798", "CWE-1392", "Docker: Interpolation"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for fallback in service.secret_fallbacks() {
            out.report(in_compose(service, &fallback));
        }
        for variable in service.placeholder_secrets() {
            let message =
                format!("`{}` of `{}` is a placeholder that takes effect", shorten(&variable.key, 60), service.name);
            let draft = Draft::new(service.written_at(variable), message).on(service);
            out.report(in_context(service, draft));
        }
    }
    for fallback in project.configured_fallbacks() {
        let message =
            format!("without `{}` the application takes a secret that stands here", shorten(&fallback.name, 60));
        out.report(
            Draft::new(fallback.at, message)
                .severity(Severity::Medium)
                .confidence(Confidence::Medium)
                .help("Leave the default out, and let the application fail when the variable is missing."),
        );
    }
}

fn in_compose(service: ServiceRef<'_, '_>, fallback: &Fallback<'_>) -> Draft {
    let key = fallback.variable.map_or(fallback.name.as_str(), |variable| variable.key.as_str());
    let name = shorten(&fallback.name, 60);
    let message = format!(
        "`{}` of `{}` falls back to {} when `{name}` is not set",
        shorten(key, 60),
        service.name,
        fallback.shown
    );
    let draft = Draft::new(fallback.at, message).on(service);
    // Where people work, the default is what lets them start.
    let local = matches!(service.context, Context::Development | Context::Ci);
    let fix = if local { None } else { fallback.require(service.project()) };
    in_context(service, draft).fix(fix)
}

fn in_context(service: ServiceRef<'_, '_>, draft: Draft) -> Draft {
    match service.context {
        Context::Development | Context::Ci => draft.severity_in_context(Severity::Info),
        _ => draft,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/default-secret-fallback";

    fn compose(environment: &str) -> String {
        format!("services:\n  app:\n    image: registry.example.net/shop:1\n    environment:\n{environment}")
    }

    fn severity(name: &str, environment: &str) -> String {
        let found = findings(RULE, &[(name, &compose(environment)), (".env", "SET=1\n")]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_form() {
        for environment in [
            "      APP_SECRET: ${APP_SECRET:-ThisTokenIsNotSoSecretChangeIt}\n",
            "      - APP_SECRET=${APP_SECRET-!ChangeMe!}\n",
            "      - \"DATABASE_URL=postgresql://${USER_OF_DB:-app}:${DB_PASSWORD:-!ChangeMe!}@db/app\"\n",
            "      JWT_SECRET: ${ANY_NAME:-Zq81kdWinter77}\n",
            "      MERCURE_JWT_SECRET: \"!ChangeThisMercureHubJWTSecretKey!\"\n",
        ] {
            assert_eq!(severity("compose.yaml", environment), "high", "{environment}");
        }
        for environment in [
            "      APP_SECRET: ${APP_SECRET}\n",
            "      APP_SECRET: ${APP_SECRET:?}\n",
            "      APP_SECRET: ${APP_SECRET:-}\n",
            "      APP_ENV: ${APP_ENV:-production}\n",
            "      APP_SECRET: ${SET:-ThisTokenIsNotSoSecretChangeIt}\n",
            "      DB_PASSWORD_FILE: ${DB_PASSWORD_FILE:-/run/secrets/db}\n",
        ] {
            assert_eq!(severity("compose.yaml", environment), "none", "{environment}");
        }
    }

    #[test]
    fn the_edit_asks_for_the_variable() {
        let text = compose("      - \"DATABASE_URL=postgresql://${U:-app}:${DB_PASSWORD:-!ChangeMe!}@db/app\"\n");
        let found = findings(RULE, &[("compose.yaml", &text)]);
        assert_eq!(found[0].fixes.len(), 1);
        assert!(found[0].fixes[0].edits[0].replacement.contains("${U:-app}:${DB_PASSWORD:?set DB_PASSWORD}@"));
        assert!(!found[0].message.contains("ChangeMe"));
    }

    #[test]
    fn the_file_of_the_deployment_decides() {
        let base = compose("      APP_SECRET: ${APP_SECRET:-ThisTokenIsNotSoSecretChangeIt}\n");
        assert_eq!(severity("compose.dev.yaml", "      APP_SECRET: ${APP_SECRET:-!ChangeMe!}\n"), "info");
        let found = findings(
            RULE,
            &[("compose.yaml", &base), ("compose.prod.yaml", &compose("      APP_SECRET: ${APP_SECRET}\n"))],
        );
        assert!(found.iter().all(|finding| finding.views.iter().all(|view| view != "prod")));
    }

    #[test]
    fn data_services_with_placeholders_are_another_rules() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  db:\n    image: postgres:17\n    environment: {POSTGRES_PASSWORD: \"!ChangeMe!\"}\n",
            )],
        );
    }

    #[test]
    fn in_php() {
        let file = |default: &str| format!("<?php\nreturn ['jwt' => ['secret' => env('JWT_SECRET'{default})]];\n");
        assert_eq!(findings(RULE, &[("config/jwt.php", &file(", 'Zq81kdWinter77'"))])[0].severity.as_str(), "medium");
        clean(RULE, &[("config/jwt.php", &file(""))]);
        clean(RULE, &[("config/jwt.php", &file(", null"))]);
    }
}

//! `secrets/secret-over-exposed`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{Exposed, Exposure, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A service that can read secrets it has no use for: a web server, cache, database or console that shares the
    /// application's environment file; an application that is given the database's root password; a web server that is
    /// granted the secret of a data service; a secret that is granted and nowhere named.
    ///
    /// # Why it matters
    /// `env_file: .env` on every service hands the keys of payment, mail and storage to nginx and to the database
    /// console. Whoever breaks into the weakest of them has them all.
    ///
    /// It is *medium*, and *low* for a grant that nothing names. Application, worker and scheduler may share their
    /// secrets, and a data service may have its own password from the same file as its client. What
    /// an image of the project's own reads is not known, so its grants are not judged.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     env_file: .env
    ///   web:
    ///     image: nginx:1.28
    ///     env_file: .env
    ///     ports: ["443:443"]
    /// ```
    /// ```env file:.env
    /// DB_PASSWORD=9fK2mQ7xLr4TzW1c
    /// MAIL_PASSWORD=4TzW1c9fK2mQ7xLr
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     env_file: .env
    ///   web:
    ///     image: nginx:1.28
    ///     ports: ["443:443"]
    /// ```
    /// ```env file:.env
    /// DB_PASSWORD=9fK2mQ7xLr4TzW1c
    /// MAIL_PASSWORD=4TzW1c9fK2mQ7xLr
    /// ```
    ///
    /// # How to fix
    /// Keep one environment file for each kind of service (`app.env`, `db.env`), or grant Compose secrets one by one.
    /// Give a migration service of its own what only migrations need.
    ///
    /// # References
    /// NIST SP 800-190 4.1.4, OWASP Docker Security Cheat Sheet rule 12, CWE-668, CWE-522.
    id: "secrets/secret-over-exposed",
    title: "Service can read secrets that it has no use for",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Whoever breaks into one service has every secret it can read, whether it uses them or not.",
    help: "Give each kind of service an environment file of its own, or grant Compose secrets one by one.",
    references: ["NIST SP 800-190 4.1.4", "OWASP Docker Security Cheat Sheet rule 12", "CWE-668", "CWE-522"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.view().standalone) {
        for exposure in service.over_exposed() {
            out.report(exposed(service, &exposure));
        }
    }
}

fn exposed(service: ServiceRef<'_, '_>, exposure: &Exposure) -> Draft {
    let name = &service.name;
    let (severity, title, message) = match &exposure.how {
        Exposed::SharedFile { with, keys } => {
            let shown: Vec<String> = keys.iter().take(3).map(|key| format!("`{}`", shorten(key, 40))).collect();
            let shown = list(&shown.iter().map(String::as_str).collect::<Vec<_>>());
            let message = format!(
                "`{name}` reads the environment file of `{}` and has {shown} without a use for it",
                shorten(with, 40)
            );
            (Severity::Medium, "Do not read the application's environment file", message)
        }
        Exposed::RootPassword(key) => {
            let message =
                format!("the application `{name}` is given the database's root password in `{}`", shorten(key, 60));
            (Severity::Medium, "", message)
        }
        Exposed::ForeignGrant { secret, with } => {
            let message = format!("`{name}` is granted `{}`, a secret of `{}`", shorten(secret, 60), shorten(with, 40));
            (Severity::Medium, "Do not grant the secret", message)
        }
        Exposed::Unused(secret) => {
            let message =
                format!("`{name}` is granted the secret `{}`, and nothing in it names it", shorten(secret, 60));
            (Severity::Low, "Do not grant the secret", message)
        }
    };
    let fix = exposure.removable.and_then(|at| service.project().remove(Safety::Suggested, title, at));
    Draft::new(exposure.at, message).severity(severity).confidence(Confidence::Medium).on(service).fix(fix)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/secret-over-exposed";
    const ENV: (&str, &str) = (".env", "DB_PASSWORD=9fK2mQ7xLr4TzW1c\nMYSQL_ROOT_PASSWORD=4TzW1c9fK2mQ7xLr\n");
    const APP: &str = "services:\n  app:\n    image: php:8.4-fpm\n    env_file: .env\n";

    #[test]
    fn one_file_for_all() {
        for env_file in [".env", "[.env]", "[{path: .env}]"] {
            let text = format!("{APP}  web:\n    image: nginx:1.28\n    env_file: {env_file}\n");
            let found = findings(
                RULE,
                &[("compose.yaml", &text.replace("MYSQL", "X")), (".env", "DB_PASSWORD=9fK2mQ7xLr4TzW1c\n")],
            );
            assert_eq!((found.len(), found[0].severity.as_str(), found[0].fixes.len()), (1, "medium", 1), "{env_file}");
        }
    }

    #[test]
    fn services_of_one_application_may_share() {
        let text = format!(
            "{APP}  worker:\n    image: php:8.4-cli\n    command: php artisan queue:work\n    env_file: .env\n"
        );
        clean(RULE, &[("compose.yaml", &text), (".env", "DB_PASSWORD=9fK2mQ7xLr4TzW1c\n")]);
        let public = format!("{APP}  web:\n    image: nginx:1.28\n    env_file: .env\n");
        clean(RULE, &[("compose.yaml", &public), (".env", "APP_ENV=production\n")]);
    }

    #[test]
    fn the_password_of_root() {
        assert_eq!(findings(RULE, &[("compose.yaml", APP), ENV])[0].severity.as_str(), "medium");
        let migrate = format!("{APP}    command: php artisan migrate\n");
        clean(RULE, &[("compose.yaml", &migrate), ENV]);
    }

    #[test]
    fn grants() {
        let text = |web: &str| {
            format!(
                "services:\n  db:\n    image: mysql:8.4\n    environment: {{MYSQL_ROOT_PASSWORD_FILE: /run/secrets/root}}\n    secrets: [root]\n  web:\n    image: nginx:1.28\n    secrets: [{web}]\nsecrets:\n  root: {{file: ./root}}\n  tls: {{file: ./tls}}\n"
            )
        };
        let found = findings(RULE, &[("compose.yaml", &text("root"))]);
        assert_eq!((found.len(), found[0].severity.as_str()), (1, "medium"));
        assert_eq!(findings(RULE, &[("compose.yaml", &text("tls"))])[0].severity.as_str(), "low");
        // A configuration that is mounted may name it.
        let mounted = text("tls")
            .replace("image: nginx:1.28", "image: nginx:1.28\n    volumes: [\"./nginx.conf:/etc/nginx/nginx.conf\"]");
        clean(RULE, &[("compose.yaml", &mounted)]);
        let own = text("tls").replace("nginx:1.28", "registry.example.net/shop:1");
        clean(RULE, &[("compose.yaml", &own)]);
    }
}

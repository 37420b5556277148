//! `secrets/env-instead-of-secret-files`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Context, Project, View};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A deployment that hands all its secrets over as environment variables: no Compose secret, no `…_FILE` variable,
    /// no sign of a secret manager. It is told once for the whole deployment.
    ///
    /// # Why it matters
    /// Every process that PHP starts inherits the environment: ImageMagick, git, a shell that an attacker opens.
    /// `phpinfo()` and error pages print it, and `docker inspect` shows it to everyone who may ask the engine.
    ///
    /// It is *low*, and *medium* when `APP_DEBUG` is on, since the error page then shows the values. Development and
    /// pipelines are not reported, and neither is a deployment that has begun to use secret files.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       DB_PASSWORD: ${DB_PASSWORD:?}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       DB_PASSWORD_FILE: /run/secrets/db_password
    ///     secrets: [db_password]
    /// secrets:
    ///   db_password: { file: ./secrets/db_password }
    /// ```
    ///
    /// # How to fix
    /// Grant Compose secrets and name their files. The official database images read `…_FILE`, Symfony reads
    /// `%env(file:DB_PASSWORD_FILE)%`, Laravel needs a line in `config/database.php` or in the entrypoint. Begin with
    /// the passwords of databases and the keys of payment.
    ///
    /// # References
    /// OWASP Docker Security Cheat Sheet rule 12, CIS Docker Benchmark 7.4, NIST SP 800-190 4.1.4, CWE-526, Docker's
    /// documentation "Secrets in Compose".
    id: "secrets/env-instead-of-secret-files",
    title: "All secrets are environment variables",
    severity: Low,
    lowered_in_development: 2,
    fixes: Described,
    why: "Every child process inherits the environment, and phpinfo(), error pages and docker inspect show it.",
    help: "Grant Compose secrets and name their files with …_FILE variables, beginning with the passwords of databases.",
    references: ["OWASP Docker Security Cheat Sheet rule 12", "CIS Docker Benchmark 7.4", "NIST SP 800-190 4.1.4", "CWE-526", "Docker: Secrets in Compose"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in project.views.iter().filter(|view| !view.standalone && !project.is_scripted(view)) {
        if !matches!(view.context, Context::Development | Context::Ci) && !project.has_secret_files(view) {
            whole(project, view, out);
        }
    }
}

/// The same draft for every service that has secrets, so that it is one finding for all of them.
fn whole(project: &Project<'_>, view: &View, out: &mut Findings) {
    let services: Vec<_> = project
        .services_of(view)
        .filter(|service| !matches!(service.context, Context::Development | Context::Ci))
        .filter(|service| !service.secret_variables().is_empty())
        .collect();
    let variables: Vec<_> = services.iter().flat_map(|service| service.secret_variables()).collect();
    let Some(first) = variables.first() else { return };
    let mut keys: Vec<String> = variables.iter().map(|variable| format!("`{}`", shorten(&variable.key, 40))).collect();
    keys.sort();
    keys.dedup();
    let shown = list(&keys.iter().map(String::as_str).take(3).collect::<Vec<_>>());
    let more = if keys.len() > 3 { format!(" and {} more", keys.len() - 3) } else { String::new() };
    let shows = services.iter().any(|service| service.shows_environment());
    let severity = if shows { Severity::Medium } else { Severity::Low };
    let message = format!("this deployment hands its secrets over as variables only: {shown}{more}");
    for service in &services {
        out.report(Draft::new(first.key_at, message.clone()).severity(severity).on(*service));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/env-instead-of-secret-files";
    const TWO: &str = "services:\n  app:\n    image: a:1\n    environment: {DB_PASSWORD: \"${P}\"}\n  worker:\n    image: a:1\n    environment: {MAIL_PASSWORD: \"${Q}\"}\n";

    #[test]
    fn once_for_the_deployment() {
        let found = findings(RULE, &[("compose.yaml", TWO)]);
        assert_eq!((found.len(), found[0].severity.as_str(), found[0].services.len()), (1, "low", 2));
        let debug = TWO.replace("{MAIL_PASSWORD", "{APP_DEBUG: \"true\", MAIL_PASSWORD");
        assert_eq!(findings(RULE, &[("compose.yaml", &debug)])[0].severity.as_str(), "medium");
    }

    #[test]
    fn any_sign_of_secret_files() {
        clean(RULE, &[("compose.dev.yaml", TWO)]);
        clean(RULE, &[("compose.yaml", &format!("{TWO}secrets:\n  x: {{file: ./x}}\n"))]);
        clean(
            RULE,
            &[("compose.yaml", &TWO.replace("{MAIL_PASSWORD", "{MAIL_KEY_FILE: /run/secrets/x, MAIL_PASSWORD"))],
        );
        clean(
            RULE,
            &[("compose.yaml", &TWO.replace("{MAIL_PASSWORD", "{VAULT_ADDR: \"https://vault.test\", MAIL_PASSWORD"))],
        );
        clean(
            RULE,
            &[("compose.yaml", &TWO.replace("image: a:1\n", "image: a:1\n    command: doppler run -- php-fpm\n"))],
        );
    }

    #[test]
    fn variables_without_secrets() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  app:\n    image: a:1\n    environment: {APP_ENV: production, DB_PASSWORD: \"\"}\n",
            )],
        );
    }
}

//! `secrets/literal-secret-in-compose`

use crate::declare_rule;
use crate::facts::secret_files;
use crate::facts::secrets::is_guarded_path;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::compose::EnvVar;
use crate::project::{ComposeSecret, Context, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A password, token or connection string written out in a Compose file: in `environment`, `labels`, `command`, `entrypoint`,
    /// a health check, or the `content` of a config.
    ///
    /// # Why it matters
    /// A Compose file is committed, reviewed, copied to servers and printed by `docker compose config`. The environment it sets is
    /// shown by `docker inspect`, by `phpinfo()` and by error pages that dump `$_SERVER`. Who reads the repository has the password
    /// of production, also years later.
    ///
    /// A key of a cloud, payment or code-hosting provider is *critical*. Values that come from a variable, placeholders, the
    /// documentation's sample keys and `…_FILE` variables are not reported. In development and CI views a weak local password is
    /// not reported either.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       APP_ENV: production
    ///       DATABASE_URL: mysql://shop:Winter2023!@db/shop
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       APP_ENV: production
    ///       DATABASE_URL_FILE: /run/secrets/database_url
    ///     secrets: [database_url]
    /// secrets:
    ///   database_url:
    ///     file: ./secrets/database_url
    /// ```
    ///
    /// # How to fix
    /// Grant a Compose secret and name its file: the official database images read `…_FILE` variables, Symfony reads
    /// `%env(file:DATABASE_URL_FILE)%`, Laravel needs an entrypoint or a helper. At the least, take the value from an untracked
    /// environment file with `${DATABASE_URL:?}`. Then change the value: it is in the history of the repository.
    ///
    /// # References
    /// CIS Docker Benchmark 4.10, OWASP Docker Security Cheat Sheet rule 12, NIST SP 800-190 3.1.4 and 4.1.4, CWE-798, CWE-312,
    /// CWE-526, Docker's documentation "Secrets in Compose".
    id: "secrets/literal-secret-in-compose",
    title: "Secret is written out in a Compose file",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Compose files are committed, copied and printed, and the environment they set shows up in docker inspect, phpinfo() and error pages. Everyone who reads the repository has the secret, also after it was removed.",
    help: "Grant a Compose secret and use a _FILE variable, or take the value from an untracked environment file with ${NAME:?}; then change the value.",
    references: ["CIS Docker Benchmark 4.10", "OWASP Docker Security Cheat Sheet rule 12", "NIST SP 800-190 3.1.4", "NIST SP 800-190 4.1.4", "CWE-798", "CWE-312", "CWE-526", "Docker: Secrets in Compose"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let local = matches!(service.context, Context::Development | Context::Ci);
        for found in service.literal_secrets() {
            let guarded = is_guarded_path(project.path(found.at.source)) && found.secret.severity != Severity::Critical;
            if !(guarded || local && found.secret.weak) {
                out.report(literal(service, found));
            }
        }
    }
}

fn literal(service: ServiceRef<'_, '_>, found: ComposeSecret<'_>) -> Draft {
    let message = format!("`{}` of `{}` holds {}", shorten(&found.place, 60), service.name, found.secret.describe());
    let draft =
        Draft::new(found.at, message).severity(found.secret.severity).confidence(found.secret.confidence).on(service);
    match found.variable {
        Some(variable) => draft.help(help(service, variable)).fix(from_variable(service, variable)),
        None => draft.help(format!("Take it out of {}: grant a Compose secret and let the process read it from the file; then change the value.", found.place)),
    }
}

fn help(service: ServiceRef<'_, '_>, variable: &EnvVar) -> String {
    let support = service.image_use.reference.as_ref().and_then(secret_files::support);
    match support.and_then(|support| support.file_variable(&variable.key)) {
        Some(name) if !service.image_use.is_base => {
            format!(
                "Grant a Compose secret and set {name} to its path: this image reads it. Then change the value, it is in the repository's history."
            )
        }
        _ => format!(
            "Grant a Compose secret and let the application read its file, or take {} from an untracked environment file. Then change the value, it is in the repository's history.",
            shorten(&variable.key, 60)
        ),
    }
}

/// Needs a look: the value has to be set elsewhere first.
fn from_variable(service: ServiceRef<'_, '_>, variable: &EnvVar) -> Option<Fix> {
    let name = &variable.key;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let at = variable.value.as_ref()?.at;
    let reference = format!("${{{name}:?set {name}}}");
    let title = format!("Take `{}` from an untracked environment file", shorten(name, 60));
    let project = service.project();
    // A list item is one scalar, `NAME=value`.
    let item = service
        .node
        .get("environment")?
        .items()
        .iter()
        .find(|item| item.span.contains(at.span))
        .map(crate::model::node::Node::at);
    match item {
        _ if !plain => None,
        Some(item) => project.replace(Safety::Suggested, title, item, &format!("{name}={reference}")),
        None => project.replace(Safety::Suggested, title, at, &reference),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/literal-secret-in-compose";

    fn severities(name: &str, body: &str) -> Vec<String> {
        let text = format!("services:\n  app:\n    image: registry.example.net/shop:1\n{body}");
        findings(RULE, &[(name, text.as_str()), (".env", "PASS_FROM_ENV=Winter2023!\n")])
            .into_iter()
            .map(|finding| finding.severity.to_string())
            .collect()
    }

    #[test]
    fn every_place() {
        let stripe = ["sk_", "live_", "a1B2c3D4e5F6g7H8i9J0"].concat();
        for (body, want) in [
            ("    environment: {DB_PASSWORD: Winter2023!}\n", "high"),
            ("    environment: [DB_PASSWORD=Winter2023!]\n", "high"),
            ("    environment:\n      - \"MAILER_DSN=smtp://bob:Winter2023!@mail:25\"\n", "high"),
            ("    environment: {MYSQL_ROOT_PASSWORD: root}\n", "high"),
            (&format!("    environment: {{STRIPE_SECRET: {stripe}}}\n"), "critical"),
            ("    environment:\n      DATABASE_URL: mysql://${DB_USER:-app}:Winter2023!@db/x\n", "high"),
            ("    labels: {net.acme.token: Zq81kdWinter77}\n", "high"),
            ("    command: [redis-server, --requirepass, Winter2023!]\n", "high"),
            ("    command: sh -c 'mysql -uroot -pWinter2023 app'\n", "high"),
            ("    healthcheck: {test: [CMD, redis-cli, -a, Winter2023!, ping]}\n", "high"),
        ] {
            assert_eq!(severities("compose.yaml", body), [want], "{body}");
        }
        let config = "services:\n  app:\n    image: a:1\n    configs: [c]\nconfigs:\n  c:\n    content: |\n      define('DB_PASSWORD', 'Winter2023!');\n";
        assert_eq!(findings(RULE, &[("compose.yaml", config)]).len(), 1);
    }

    #[test]
    fn variables_and_placeholders_are_not_literal() {
        for body in [
            "    environment: {DB_PASSWORD: \"${DB_PASSWORD}\"}\n",
            "    environment: {DB_PASSWORD: \"${PASS_FROM_ENV}\"}\n",
            "    environment: {DB_PASSWORD: \"${DB_PASSWORD:-Winter2023!}\"}\n",
            "    environment: [DB_PASSWORD]\n",
            "    environment: {DB_PASSWORD_FILE: /run/secrets/db}\n",
            "    environment: {DB_PASSWORD: changeme}\n",
            "    environment: {AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE, AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY}\n",
            "    environment: {PUSHER_APP_KEY: a1b2c3d4e5f6a7b8c9d0}\n",
            "    command: [redis-server, --requirepass, \"${PASS_FROM_ENV}\"]\n",
            "    env_file: .env\n",
        ] {
            assert_eq!(severities("compose.yaml", body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn development_keeps_its_weak_passwords() {
        assert_eq!(
            severities("compose.dev.yaml", "    environment: {MYSQL_ROOT_PASSWORD: root}\n"),
            Vec::<String>::new()
        );
        assert_eq!(
            severities("compose.ci.yaml", "    environment: {MYSQL_ROOT_PASSWORD: root}\n"),
            Vec::<String>::new()
        );
        assert_eq!(severities("compose.dev.yaml", "    environment: {MYSQL_ROOT_PASSWORD: Winter2023!}\n"), ["low"]);
    }

    #[test]
    fn one_anchor_is_one_finding_and_documentation_none() {
        let text = "x-env: &env\n  DB_PASSWORD: Winter2023!\nservices:\n  a:\n    image: a:1\n    environment: *env\n  b:\n    image: b:1\n    environment: *env\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!((found.len(), found[0].services.len()), (1, 2));
        clean(RULE, &[("docs/compose.yaml", text)]);
    }

    #[test]
    fn the_image_says_which_file_variable_it_reads() {
        let text = "services:\n  db:\n    image: mysql:8.4\n    environment: {MYSQL_ROOT_PASSWORD: Winter2023!}\n";
        assert!(findings(RULE, &[("compose.yaml", text)])[0].help.contains("MYSQL_ROOT_PASSWORD_FILE"));
    }
}

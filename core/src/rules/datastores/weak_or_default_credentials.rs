//! `datastores/weak-or-default-credentials`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Context, Project, Reach, ServiceRef, WeakCredential, Weakness};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A database, queue, object store or console whose password is no protection: one of the first that anybody tries,
    /// the name of its user, database or service, or shorter than twelve characters; and RabbitMQ, MinIO or Grafana
    /// without a password of their own, which start with a published one.
    ///
    /// # Why it matters
    /// `root`/`root`, `guest`/`guest` and `minioadmin`/`minioadmin` are tried by every scanner within seconds, and by
    /// everyone who has a foothold in another container. The image of RabbitMQ also allows `guest` to log in from other
    /// machines.
    ///
    /// It is *high*, a short password *medium*, and one step more when a port is published to other machines. A
    /// development view is *low*, a pipeline is not reported. Values that come from a default, as in `${NAME:-root}`,
    /// are another rule's; what a file holds that was not supplied is not judged.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   db:
    ///     image: mysql:8.4.7
    ///     environment:
    ///       MYSQL_ROOT_PASSWORD: root
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   db:
    ///     image: mysql:8.4.7
    ///     environment:
    ///       MYSQL_ROOT_PASSWORD_FILE: /run/secrets/mysql_root
    ///     secrets: [mysql_root]
    /// secrets:
    ///   mysql_root: { file: ./secrets/mysql_root }
    /// ```
    ///
    /// # How to fix
    /// Make a password with `openssl rand -base64 24`, keep it as a secret outside of the repository, and change it in
    /// the service: most images read the variable only when their data folder is empty, so a database that exists needs
    /// `ALTER USER`.
    ///
    /// # References
    /// OWASP Docker Security Cheat Sheet rule 12, CWE-521, CWE-798, CWE-1392, CWE-1393.
    id: "datastores/weak-or-default-credentials",
    title: "Data service has a password that anybody guesses",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Such passwords are in the dictionary of every scanner, and everyone who has a foothold in another container tries them first.",
    help: "Make a random password with `openssl rand -base64 24`, hand it over as a secret, and change it in the running service too.",
    references: ["OWASP Docker Security Cheat Sheet rule 12", "CWE-521", "CWE-798", "CWE-1392", "CWE-1393"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    // The services of a pipeline are empty and gone after the job.
    let serving = project.services().filter(|service| !service.view().standalone && service.context != Context::Ci);
    for service in serving {
        for weak in service.weak_credentials() {
            out.report(guessed(service, &weak));
        }
    }
}

fn guessed(service: ServiceRef<'_, '_>, weak: &WeakCredential) -> Draft {
    let (name, key) = (&service.name, shorten(&weak.key, 60));
    let published = service.ports.iter().find(|port| service.reach(port) == Reach::Everyone);
    let (severity, message) = match weak.weakness {
        Weakness::Common => {
            (Severity::High, format!("`{key}` of `{name}` is one of the first passwords that anybody tries"))
        }
        Weakness::Name => {
            (Severity::High, format!("`{key}` of `{name}` is the name of its user, its database or itself"))
        }
        Weakness::Short => (Severity::Medium, format!("`{key}` of `{name}` has fewer than 12 characters")),
        // Grafana asks for a new one at the first login.
        Weakness::Default(user, "Grafana") => {
            (Severity::Medium, format!("`{name}` sets no `{key}`: Grafana starts with the login `{user}`/`{user}`"))
        }
        Weakness::Default(user, product) => {
            (Severity::High, format!("`{name}` sets no `{key}`: {product} starts with the login `{user}`/`{user}`"))
        }
    };
    let severity = match (severity, published) {
        (Severity::High, Some(_)) => Severity::Critical,
        (_, Some(_)) => Severity::High,
        (severity, None) => severity,
    };
    let draft = Draft::new(weak.at, message)
        .confidence(if matches!(weak.weakness, Weakness::Default(..)) { Confidence::Medium } else { Confidence::High })
        .on(service)
        .because_of(weak.used_at, format!("`{name}` takes it here"))
        .because_of(published.map(|port| port.at), "published here");
    if service.context.is_development() { draft.severity_in_context(Severity::Low) } else { draft.severity(severity) }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "datastores/weak-or-default-credentials";

    fn severities(name: &str, body: &str) -> Vec<String> {
        let text = format!("services:\n  data:\n{body}");
        let found = findings(RULE, &[(name, text.as_str()), (".env", "ROOT=root\n")]);
        found.into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn by_value() {
        let mysql = |environment: &str| format!("    image: mysql:8.4\n    environment: {environment}\n");
        for (environment, want) in [
            ("{MYSQL_ROOT_PASSWORD: root}", vec!["high"]),
            ("{MYSQL_ROOT_PASSWORD: \"${ROOT}\"}", vec!["high"]),
            ("{MYSQL_ROOT_PASSWORD: Winter7a}", vec!["medium"]),
            ("{MYSQL_USER: warehouse, MYSQL_PASSWORD: warehouse}", vec!["high"]),
            ("{MYSQL_ROOT_PASSWORD: 9fK2mQ7xLr4TzW1c}", vec![]),
            ("{MYSQL_ROOT_PASSWORD: \"${UNKNOWN}\"}", vec![]),
            ("{MYSQL_ROOT_PASSWORD: \"${UNKNOWN:-root}\"}", vec![]),
            ("{MYSQL_ROOT_PASSWORD_FILE: /run/secrets/x}", vec![]),
            ("{MYSQL_RANDOM_ROOT_PASSWORD: \"1\"}", vec![]),
        ] {
            assert_eq!(severities("compose.yaml", &mysql(environment)), want, "{environment}");
        }
        let published = format!("{}    ports: [\"3306:3306\"]\n", mysql("{MYSQL_ROOT_PASSWORD: root}"));
        assert_eq!(severities("compose.yaml", &published), ["critical"]);
        assert_eq!(severities("compose.dev.yaml", &published), ["low"]);
        assert!(severities("compose.ci.yaml", &published).is_empty());
    }

    #[test]
    fn defaults_of_products() {
        for (image, want) in [
            ("rabbitmq:4.2-management", "high"),
            ("minio/minio:RELEASE.2025-09-07T16-13-09Z", "high"),
            ("grafana/grafana:12.2.0", "medium"),
        ] {
            assert_eq!(severities("compose.yaml", &format!("    image: {image}\n")), [want], "{image}");
        }
        for body in [
            "    image: rabbitmq:4.2\n    environment: {RABBITMQ_DEFAULT_PASS: \"${PASS}\"}\n",
            "    image: rabbitmq:4.2\n    env_file: not-supplied.env\n",
            "    image: rabbitmq:4.2\n    volumes: [\"./definitions.json:/etc/rabbitmq/definitions.json\"]\n",
            "    image: grafana/grafana:12.2.0\n    environment: {GF_SECURITY_ADMIN_PASSWORD__FILE: /run/secrets/g}\n",
        ] {
            assert!(severities("compose.yaml", body).is_empty(), "{body}");
        }
    }

    #[test]
    fn the_place_is_where_the_value_is_written() {
        let text = "services:\n  db:\n    image: mysql:8.4\n    environment: {MYSQL_ROOT_PASSWORD: \"${ROOT}\", MYSQL_PASSWORD: \"${ROOT}\"}\n";
        let found = findings(RULE, &[("compose.yaml", text), (".env", "ROOT=root\n")]);
        assert_eq!((found.len(), found[0].related.len()), (1, 2));
        assert!(!found[0].message.contains("`root`"));
    }

    #[test]
    fn clients_and_examples_are_not_judged() {
        let app = "services:\n  app:\n    image: registry.example.net/shop:1\n    environment: {DB_PASSWORD: root}\n";
        clean(RULE, &[("compose.yaml", app)]);
        clean(RULE, &[(".env.example", "MYSQL_ROOT_PASSWORD=root\n")]);
    }
}

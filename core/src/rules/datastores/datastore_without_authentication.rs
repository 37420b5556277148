//! `datastores/datastore-without-authentication`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{Context, OpenDoor, Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A database, search engine or queue that lets in everyone who can connect: MySQL or MariaDB with an empty root
    /// password or `skip-grant-tables`, PostgreSQL that trusts other machines, MongoDB without a root user,
    /// Elasticsearch or OpenSearch with security switched off, Meilisearch without a master key, Solr without
    /// `security.json`, Neo4j or ClickHouse without a password, NATS without users; and `mc anonymous set public`,
    /// which lets everyone write to a bucket.
    ///
    /// # Why it matters
    /// Without a login, the network is the only lock, and every container beside it has the key. One hole in one of
    /// them, or a port that is published for a minute, is enough to read, change and delete everything.
    ///
    /// Published to other machines it is *critical*, else *high*; a message server, which stores nothing, is *medium*.
    /// In development it is two steps lower, in a pipeline it is only told. Redis has a rule of its own. Memcached and
    /// beanstalkd know no login: for them the network counts. A container that reads variables from a file that was not
    /// supplied is only reported for what the other files say.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { DATABASE_URL: "postgresql://shop@db/shop" }
    ///   db:
    ///     image: postgres:17.7
    ///     environment:
    ///       POSTGRES_HOST_AUTH_METHOD: trust
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { DATABASE_URL_FILE: /run/secrets/database_url }
    ///     secrets: [database_url]
    ///   db:
    ///     image: postgres:17.7
    ///     environment:
    ///       POSTGRES_PASSWORD_FILE: /run/secrets/db_password
    ///     secrets: [db_password]
    /// secrets:
    ///   database_url: { file: ./secrets/database_url }
    ///   db_password: { file: ./secrets/db_password }
    /// ```
    ///
    /// # How to fix
    /// Remove the switch and set a password through a secret: the official images read `MYSQL_ROOT_PASSWORD_FILE`,
    /// `POSTGRES_PASSWORD_FILE`, `MONGO_INITDB_ROOT_PASSWORD_FILE`. These variables only count for an empty data
    /// folder: in a database that exists, set the password with SQL, then change `pg_hba.conf` to `scram-sha-256`. The
    /// offered edit closes the door; the container asks for the password then.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, CWE-306, CWE-258, CWE-1188, documentation of the official images mysql, postgres and
    /// mongo.
    id: "datastores/datastore-without-authentication",
    title: "Data service lets everyone in without a login",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Whoever can open a connection owns the data. Every container on the network can, and so can other machines once a port is published.",
    help: "Remove the switch that turns the login off, and set a password through a secret and its _FILE variable.",
    references: ["CIS Docker Benchmark 5.9", "CWE-306", "CWE-258", "CWE-1188"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.view().standalone) {
        if let Some(door) = service.open_door() {
            out.report(open(service, &door));
        }
        if let Some(at) = service.opens_bucket() {
            let message =
                format!("`{}` lets everyone read and write a bucket: `mc anonymous set public`", service.name);
            out.report(bucket(Draft::new(at, message).on(service)));
        }
    }
    for at in project.opened_buckets() {
        let message = "a script lets everyone read and write a bucket: `mc anonymous set public`";
        out.report(bucket(Draft::new(at, message)));
    }
}

fn open(service: ServiceRef<'_, '_>, door: &OpenDoor<'_>) -> Draft {
    let port = service.ports.iter().find(|port| service.reach(port) == Reach::Everyone);
    let published = port.is_some() || service.host_network().is_some();
    let (severity, who) = match published {
        _ if door.passing => (Severity::Medium, "every client"),
        true => (Severity::Critical, "every machine that reaches this host"),
        false => (Severity::High, "every container that reaches it"),
    };
    let product = service.data_product().map_or("the service", |product| product.name());
    let message = format!("{product} in `{}` lets {who} in without a password: {}", service.name, door.what);
    let draft = Draft::new(door.at, message)
        .confidence(door.confidence)
        .on(service)
        .because_of(port.map(|port| port.at), "published here")
        .fix(close(service, door));
    // A pipeline's own database is empty and gone after the job.
    if service.context == Context::Ci { draft.severity_in_context(Severity::Info) } else { draft.severity(severity) }
}

fn close(service: ServiceRef<'_, '_>, door: &OpenDoor<'_>) -> Option<Fix> {
    let (variable, closed) = door.switch?;
    let name = shorten(&variable.key, 60);
    match closed {
        Some(value) => service.set_variable(Safety::Suggested, &format!("Set `{name}` to {value}"), variable, value),
        None => service.unset_variable(Safety::Suggested, &format!("Remove `{name}`"), variable),
    }
}

fn bucket(draft: Draft) -> Draft {
    draft.severity(Severity::Medium).help(
        "Use `mc anonymous set download` for files that everyone may read, and let the application write with its own key.",
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "datastores/datastore-without-authentication";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  db:\n{body}");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_reach() {
        let empty = "    image: mysql:8.4\n    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: \"yes\"}\n";
        assert_eq!(severity("compose.yaml", empty), "high");
        assert_eq!(severity("compose.yaml", &format!("{empty}    ports: [\"3306:3306\"]\n")), "critical");
        assert_eq!(severity("compose.yaml", &format!("{empty}    ports: [\"127.0.0.1:3306:3306\"]\n")), "high");
        assert_eq!(severity("compose.dev.yaml", empty), "low");
        assert_eq!(severity("compose.ci.yaml", empty), "info");
        assert_eq!(severity("compose.yaml", "    image: nats:2.11\n    ports: [\"4222:4222\"]\n"), "medium");
        assert_eq!(severity("compose.yaml", "    image: memcached:1.6\n"), "none");
    }

    #[test]
    fn every_form_of_environment_is_edited() {
        for environment in ["{MYSQL_ALLOW_EMPTY_PASSWORD: 1}", "[MYSQL_ALLOW_EMPTY_PASSWORD=1]"] {
            let text = format!("services:\n  db:\n    image: mysql:8.4\n    environment: {environment}\n");
            assert_eq!(findings(RULE, &[("compose.yaml", &text)])[0].fixes.len(), 1, "{environment}");
        }
        let text =
            "services:\n  s:\n    image: elasticsearch:9.1.0\n    environment:\n      - xpack.security.enabled=false\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].fixes.len(), 1);
    }

    #[test]
    fn a_password_closes_it() {
        let text = "services:\n  db:\n    image: mysql:8.4\n    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 1, MYSQL_ROOT_PASSWORD: \"${P:?}\"}\n";
        clean(RULE, &[("compose.yaml", text)]);
    }

    #[test]
    fn access_rules_of_postgres() {
        let compose = "services:\n  db:\n    image: postgres:17\n    volumes: [\"./pg_hba.conf:/etc/pg_hba.conf\"]\n";
        let rules =
            |method: &str| format!("local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all all {method}\n");
        assert_eq!(findings(RULE, &[("compose.yaml", compose), ("pg_hba.conf", &rules("trust"))]).len(), 1);
        clean(RULE, &[("compose.yaml", compose), ("pg_hba.conf", &rules("scram-sha-256"))]);
    }

    #[test]
    fn buckets() {
        let text = "services:\n  init:\n    image: minio/mc:RELEASE.2025-08-13T08-35-41Z\n    entrypoint: sh -c \"mc alias set s http://s3:9000 && mc anonymous set public s/media\"\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "medium");
        clean(RULE, &[("compose.yaml", &text.replace("public", "download"))]);
        assert_eq!(findings(RULE, &[("init.sh", "#!/bin/sh\nmc anonymous set public s/media\n")]).len(), 1);
    }
}

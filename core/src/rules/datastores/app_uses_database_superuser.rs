//! `datastores/app-uses-database-superuser`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Project, Reach, ServiceRef, SuperuserLogin};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// An application that connects to its database as `root`, `postgres`, `sa` or `elastic`, or as the user that the
    /// image makes a superuser (`POSTGRES_USER`, `MONGO_INITDB_ROOT_USERNAME`); and a MySQL server that lets root log
    /// in from every address.
    ///
    /// # Why it matters
    /// One SQL injection then reads and writes files of the database's container (`LOAD_FILE`, `COPY … TO PROGRAM` runs
    /// commands), drops every database beside its own, and makes users that stay.
    ///
    /// It is *high*. The image of PostgreSQL makes its `POSTGRES_USER` a superuser, which is how most stacks begin:
    /// there it is *medium* as long as the database is not published. A service that only migrates or dumps may be the
    /// owner.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       DB_HOST: db
    ///       DB_USERNAME: root
    ///   db:
    ///     image: mysql:8.4.7
    ///     environment:
    ///       MYSQL_ROOT_PASSWORD_FILE: /run/secrets/mysql_root
    ///     secrets: [mysql_root]
    /// secrets:
    ///   mysql_root: { file: ./secrets/mysql_root }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment:
    ///       DB_HOST: db
    ///       DB_USERNAME: shop_app
    ///   db:
    ///     image: mysql:8.4.7
    ///     environment:
    ///       MYSQL_ROOT_PASSWORD_FILE: /run/secrets/mysql_root
    ///       MYSQL_USER: shop_app
    ///       MYSQL_PASSWORD_FILE: /run/secrets/mysql_app
    ///       MYSQL_DATABASE: shop
    ///     secrets: [mysql_root, mysql_app]
    /// secrets:
    ///   mysql_root: { file: ./secrets/mysql_root }
    ///   mysql_app: { file: ./secrets/mysql_app }
    /// ```
    ///
    /// # How to fix
    /// MySQL and MariaDB make a limited user from `MYSQL_USER` and `MYSQL_PASSWORD_FILE`. For PostgreSQL add a script
    /// to `/docker-entrypoint-initdb.d`: `CREATE ROLE shop_app LOGIN PASSWORD '…'; GRANT SELECT, INSERT, UPDATE, DELETE
    /// ON ALL TABLES IN SCHEMA public TO shop_app;`, and let a migration service of its own keep the owner. Set
    /// `MYSQL_ROOT_HOST: localhost`.
    ///
    /// # References
    /// CWE-250, CWE-269, documentation of the official image postgres, "POSTGRES_USER".
    id: "datastores/app-uses-database-superuser",
    title: "Application connects as the database's superuser",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "One SQL injection as a superuser reads files, runs commands in the database's container, and drops every other database.",
    help: "Give the application a user of its own that may only read and write its tables, and keep the owner for migrations.",
    references: ["CWE-250", "CWE-269"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.view().standalone) {
        for login in service.superuser_logins() {
            out.report(superuser(service, &login));
        }
        if let Some(at) = service.remote_root() {
            let message = format!("`{}` lets root log in from every address", service.name);
            out.report(
                Draft::new(at, message)
                    .severity(Severity::Medium)
                    .on(service)
                    .help("Set it to `localhost`, and give the application a user of its own."),
            );
        }
    }
}

fn superuser(service: ServiceRef<'_, '_>, login: &SuperuserLogin<'_>) -> Draft {
    let server = login.server.and_then(|name| service.project().service(service.view(), name));
    let published = server
        .and_then(|server| server.ports.iter().find(|port| server.reach(port) == Reach::Everyone).map(|port| port.at));
    let severity = if login.by_image && published.is_none() { Severity::Medium } else { Severity::High };
    let target = login.server.map_or("its database".to_owned(), |name| format!("`{}`", shorten(name, 60)));
    let message = format!("`{}` connects to {target} as `{}`, a superuser", service.name, shorten(&login.user, 40));
    Draft::new(login.at, message)
        .severity(severity)
        .confidence(if login.server.is_some() { login.confidence } else { Confidence::Medium })
        .on(service)
        .because_of(login.granted_at, "the image gives this user every right")
        .because_of(published, "the database is published here")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "datastores/app-uses-database-superuser";

    fn severities(name: &str, app: &str, db: &str) -> Vec<String> {
        let text = format!("services:\n  app:\n    image: registry.example.net/shop:1\n{app}  db:\n{db}");
        let found = findings(RULE, &[(name, text.as_str())]);
        found.into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    const POSTGRES: &str =
        "    image: postgres:17\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: \"${P}\"}\n";
    const MYSQL: &str = "    image: mysql:8.4\n";

    #[test]
    fn by_product() {
        for (app, db, want) in [
            ("{DB_HOST: db, DB_USERNAME: root}", MYSQL, vec!["high"]),
            ("{DATABASE_URL: \"mysql://root:${P}@db/shop\"}", MYSQL, vec![]),
            ("{DATABASE_URL: \"mysql://root:Zq81kdWinter77@db/shop\"}", MYSQL, vec!["high"]),
            ("{DATABASE_URL: \"postgresql://shop:Zq81kdWinter77@db/shop\"}", POSTGRES, vec!["medium"]),
            ("{DB_HOST: db, DB_CONNECTION: pgsql, DB_USERNAME: postgres}", POSTGRES, vec!["medium"]),
            ("{DB_HOST: db, DB_CONNECTION: pgsql, DB_USERNAME: shop_app}", POSTGRES, vec![]),
            ("{DB_HOST: db, DB_USERNAME: \"${USER_OF_DB}\"}", MYSQL, vec![]),
        ] {
            assert_eq!(severities("compose.yaml", &format!("    environment: {app}\n"), db), want, "{app}");
        }
        let mongo = "    image: mongo:8\n    environment: {MONGO_INITDB_ROOT_USERNAME: admin}\n";
        let app = "    environment: {MONGODB_URL: \"mongodb://admin:Zq81kdWinter77@db/shop?authSource=admin\"}\n";
        assert_eq!(severities("compose.yaml", app, mongo), ["high"]);
    }

    #[test]
    fn published_or_in_development() {
        let app = "    environment: {DATABASE_URL: \"postgresql://shop:Zq81kdWinter77@db/shop\"}\n";
        let published = format!("{POSTGRES}    ports: [\"5432:5432\"]\n");
        assert_eq!(severities("compose.yaml", app, &published), ["high"]);
        assert_eq!(severities("compose.dev.yaml", app, POSTGRES), ["info"]);
    }

    #[test]
    fn a_migration_may_be_the_owner() {
        let app = "    command: php artisan migrate --force\n    environment: {DB_HOST: db, DB_USERNAME: root}\n";
        assert!(severities("compose.yaml", app, MYSQL).is_empty());
    }

    #[test]
    fn root_from_everywhere() {
        let db = "    image: mysql:8.4\n    environment: {MYSQL_ROOT_HOST: \"%\"}\n";
        assert_eq!(severities("compose.yaml", "", db), ["medium"]);
        clean(RULE, &[("compose.yaml", "services:\n  db:\n    image: mysql:8.4\n")]);
    }

    #[test]
    fn consoles_are_no_applications() {
        let text = "services:\n  pma:\n    image: phpmyadmin:5.2\n    environment: {MYSQL_USER: root}\n";
        clean(RULE, &[("compose.yaml", text)]);
    }
}

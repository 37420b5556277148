//! Databases that run commands for their administrators.
//!
//! PostgreSQL does: `COPY … FROM PROGRAM` is open to every superuser. MySQL and MariaDB only run what lies in their folder of
//! plug-ins, which belongs to root in the official images while the server does not, so their root gets all data and no command.

use crate::graph::doors::{cause, main_level, name_of};
use crate::graph::model::{Cause, Evidence, Influence, InfluenceKind, Level, ServiceId};
use crate::project::{DataProduct, ServiceRef, Weakness};
use crate::text::shorten;

/// How hard it is: the command has to be written, its output read back through a table.
const COST: u8 = 3;

/// Commands in the containers of databases, once for each way to be their superuser.
pub(super) fn commands(services: &[ServiceRef<'_, '_>]) -> Vec<Influence> {
    let servers: Vec<(ServiceId, ServiceRef<'_, '_>)> = services
        .iter()
        .enumerate()
        .filter(|(_, service)| service.data_product() == Some(DataProduct::Postgres))
        .map(|(id, service)| (id, *service))
        .collect();
    let mut found = Vec::new();
    for (id, server) in &servers {
        found.extend(by_itself(*id, *server));
    }
    if !servers.is_empty() {
        for client in services {
            for login in client.superuser_logins() {
                let server = servers.iter().find(|(_, server)| login.server == Some(server.name.as_str()));
                let Some((id, server)) = server else { continue };
                let (name, user) = (name_of(*client), shorten(&login.user, 40));
                let mut evidence = vec![Evidence::new(login.at, format!("{name} connects as {user}"))];
                evidence.extend(login.granted_at.map(|at| Evidence::new(at, "the image gives this user every right")));
                let change = format!("Give {name} a database user without superuser rights");
                let closed = cause("datastores/app-uses-database-superuser", login.at, change);
                found.push(command(*id, *server, evidence, closed));
            }
        }
    }
    found
}

/// Where the server itself lets anybody be superuser: it trusts every connection, or the password is a known one.
fn by_itself(id: ServiceId, server: ServiceRef<'_, '_>) -> Vec<Influence> {
    let name = name_of(server);
    let mut found = Vec::new();
    if let Some(open) = server.open_door() {
        let closed =
            cause("datastores/datastore-without-authentication", open.at, format!("Ask for a login at {name}"));
        let evidence = vec![Evidence::new(open.at, "whoever connects may be its superuser")];
        found.push(command(id, server, evidence, closed));
    }
    // The image's own user is a superuser.
    let own = ["POSTGRES_PASSWORD", "POSTGRESQL_POSTGRES_PASSWORD"];
    for weak in server.weak_credentials().iter().filter(|weak| own.contains(&weak.key.as_str())) {
        if weak.weakness == Weakness::Short {
            continue;
        }
        let change = format!("Give {name} a random {}", weak.key);
        let closed = cause("datastores/weak-or-default-credentials", weak.at, change);
        let evidence = vec![Evidence::new(weak.at, "the password of its superuser is one that anybody tries")];
        found.push(command(id, server, evidence, closed));
    }
    found
}

fn command(id: ServiceId, server: ServiceRef<'_, '_>, evidence: Vec<Evidence>, cause: Cause) -> Influence {
    Influence {
        from: id,
        needs: Level::Data,
        to: id,
        gives: main_level(server),
        kind: InfluenceKind::DatabaseCommand,
        cost: COST,
        reason: format!("a superuser of {} runs commands in its container", name_of(server)),
        evidence,
        cause: Some(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::of;
    use super::*;

    fn with(image: &str, server: &str, client: &str) -> Vec<(String, Influence)> {
        let text = format!(
            "services:\n  db:\n    image: {image}\n    environment: {{{server}}}\n  app:\n    image: php:8.4-fpm\n    environment: {{{client}}}\n"
        );
        of(&[("compose.yaml", &text)])
    }

    fn rules(found: &[(String, Influence)]) -> Vec<&'static str> {
        found.iter().filter_map(|(_, one)| one.cause.as_ref()?.rule).collect()
    }

    #[test]
    fn superusers_of_postgres() {
        let trust = with("postgres:17", "POSTGRES_HOST_AUTH_METHOD: trust", "A: b");
        assert_eq!(rules(&trust), ["datastores/datastore-without-authentication"]);
        let one = &trust[0].1;
        assert_eq!((one.from, one.to, one.needs, one.gives, one.cost), (0, 0, Level::Data, Level::User, 3));
        let weak = with("postgres:17", "POSTGRES_PASSWORD: postgres", "A: b");
        assert_eq!(rules(&weak), ["datastores/weak-or-default-credentials"]);
        let login = with(
            "postgres:17",
            "POSTGRES_PASSWORD: Zq81kdWinter77x",
            "DATABASE_URL: \"postgresql://postgres:Zq81kdWinter77x@db/x\"",
        );
        assert_eq!(rules(&login), ["datastores/app-uses-database-superuser"]);
    }

    #[test]
    fn nobody_else() {
        let user = with(
            "postgres:17",
            "POSTGRES_USER: owner, POSTGRES_PASSWORD: Zq81kdWinter77x",
            "DATABASE_URL: \"postgresql://app:x@db/x\"",
        );
        assert!(user.is_empty());
        assert!(with("mysql:8.4", "MYSQL_ROOT_PASSWORD: root", "DB_HOST: db, DB_USERNAME: root").is_empty());
    }
}

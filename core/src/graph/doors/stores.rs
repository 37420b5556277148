//! Data stores that ask for no password, or for one that anybody guesses.

use super::{bare, cause, known_ports, name_of};
use crate::graph::model::{Door, DoorKind, Evidence, Level};
use crate::project::{ServiceRef, WeakCredential, Weakness};

/// Addresses from which only the container itself connects.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The doors of a data store, or of a tool with a password of its own.
pub(super) fn doors(service: ServiceRef<'_, '_>) -> Vec<Door> {
    let mut found: Vec<Door> = Vec::new();
    found.extend(redis(service));
    found.extend(memcached(service));
    found.extend(without_login(service));
    found.extend(service.weak_credentials().iter().filter_map(|weak| guessed(service, weak)));
    found
}

/// A server of the Redis family without a password.
fn redis(service: ServiceRef<'_, '_>) -> Option<Door> {
    if !service.is_redis() {
        return None;
    }
    let settings = service.redis_settings();
    if settings.has_authentication() || settings.is_unseen() || settings.port == Some(0) {
        return None;
    }
    let name = name_of(service);
    let at = settings.explicitly_open.or(settings.at).unwrap_or(service.at);
    let mut evidence = vec![Evidence::new(at, "nothing here asks for a password")];
    let off = settings.protected_mode_off.filter(|off| *off != at);
    evidence.extend(off.map(|off| Evidence::new(off, "protected mode is off")));
    // Who listens on loopback alone is reported by nobody: only who shares its network namespace gets there.
    let closed = (!settings.loopback_only)
        .then(|| cause("datastores/redis-without-authentication", at, format!("Give {name} a password")));
    Some(Door {
        loopback_only: settings.loopback_only,
        ..store(service, vec![settings.port.unwrap_or(6379)], format!("{name} has no password"), evidence, closed)
    })
}

/// Memcached. Its protocol has no login unless SASL is switched on, and no rule asks for that.
fn memcached(service: ServiceRef<'_, '_>) -> Option<Door> {
    if !service.is_memcached() {
        return None;
    }
    let at = service.image_use.at.unwrap_or(service.at);
    let evidence = vec![Evidence::new(at, "Memcached asks nobody for a password")];
    Some(store(service, vec![11211], format!("{} asks nobody for a password", name_of(service)), evidence, None))
}

/// Any other data service whose login is switched off or was never set up.
fn without_login(service: ServiceRef<'_, '_>) -> Option<Door> {
    let open = service.open_door()?;
    let name = name_of(service);
    let closed = cause("datastores/datastore-without-authentication", open.at, format!("Ask for a login at {name}"));
    let product = service.data_product().map_or("the service", |product| product.name());
    let evidence = vec![Evidence::new(open.at, bare(&open.what))];
    let reason = format!("{product} in {name} lets everybody in without a login");
    Some(store(service, known_ports(service), reason, evidence, Some(closed)))
}

/// A password that everybody tries first. A short one takes more than a try.
fn guessed(service: ServiceRef<'_, '_>, weak: &WeakCredential) -> Option<Door> {
    let name = name_of(service);
    let key = bare(&weak.key);
    let reason = match weak.weakness {
        Weakness::Short => return None,
        Weakness::Common => format!("{key} of {name} is one of the first passwords that anybody tries"),
        Weakness::Name => format!("{key} of {name} is the name of its user, its database or itself"),
        Weakness::Default(user, product) => format!("{product} in {name} starts with the login {user}/{user}"),
    };
    let mut evidence = vec![Evidence::new(weak.at, reason.clone())];
    evidence.extend(weak.used_at.map(|at| Evidence::new(at, format!("{name} takes it here"))));
    let closed = cause("datastores/weak-or-default-credentials", weak.at, format!("Give {name} a random {key}"));
    let (loopback_only, from) = root_at_home(service, &weak.key);
    evidence.extend(from);
    Some(Door {
        kind: DoorKind::WeakPassword,
        loopback_only,
        ..store(service, known_ports(service), reason, evidence, Some(closed))
    })
}

/// Whether the password is that of a MySQL root who may log in from the container itself only, and what says so.
fn root_at_home(service: ServiceRef<'_, '_>, key: &str) -> (bool, Option<Evidence>) {
    if !matches!(key, "MYSQL_ROOT_PASSWORD" | "MARIADB_ROOT_PASSWORD") {
        return (false, None);
    }
    let host = ["MYSQL_ROOT_HOST", "MARIADB_ROOT_HOST"].iter().find_map(|key| {
        let value = service.service().variable(key)?.value.as_ref().filter(|value| value.is_known())?;
        LOOPBACK.contains(&value.text.trim()).then_some(value.at)
    });
    (host.is_some(), host.map(|at| Evidence::new(at, "root may log in from here only")))
}

fn store(
    service: ServiceRef<'_, '_>,
    ports: Vec<u16>,
    reason: String,
    evidence: Vec<Evidence>,
    cause: Option<crate::graph::model::Cause>,
) -> Door {
    let ports = if ports.is_empty() { known_ports(service) } else { ports };
    Door {
        kind: DoorKind::OpenStore,
        gives: Level::Data,
        cost: 1,
        ports,
        loopback_only: false,
        reason,
        evidence,
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::one;
    use super::*;

    #[test]
    fn redis_without_a_password() {
        let open = one("redis:8", "");
        assert_eq!((open.len(), open[0].kind, open[0].gives, open[0].cost), (1, DoorKind::OpenStore, Level::Data, 1));
        assert_eq!((open[0].reason.as_str(), open[0].ports.as_slice()), ("a has no password", &[6379][..]));
        assert_eq!(open[0].cause.as_ref().unwrap().rule, Some("datastores/redis-without-authentication"));
        assert_eq!(one("redis:8", "    command: redis-server --port 7000\n")[0].ports, [7000]);
        let local = one("redis:8", "    command: redis-server --bind 127.0.0.1\n");
        assert!(local[0].loopback_only && local[0].cause.is_none());
        for closed in ["--requirepass x", "--port 0", "--aclfile /run/secrets/acl", "/etc/redis/redis.conf"] {
            assert!(one("redis:8", &format!("    command: redis-server {closed}\n")).is_empty(), "{closed}");
        }
    }

    #[test]
    fn stores_without_a_login() {
        for (image, lines) in [
            ("postgres:17", "    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n"),
            ("mysql:8.4", "    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 1}\n"),
            ("mongo:8", ""),
            ("elasticsearch:9.1.0", "    environment: [xpack.security.enabled=false]\n"),
        ] {
            let open = one(image, lines);
            assert_eq!((open.len(), open[0].kind, open[0].gives), (1, DoorKind::OpenStore, Level::Data), "{image}");
            assert!(!open[0].ports.is_empty(), "{image}");
            assert_eq!(open[0].cause.as_ref().unwrap().rule, Some("datastores/datastore-without-authentication"));
        }
        let memcached = one("memcached:1.6", "");
        assert_eq!((memcached[0].ports.as_slice(), memcached[0].cause.is_none()), (&[11211][..], true));
        assert!(one("memcached:1.6", "    command: memcached -S\n").is_empty());
        assert!(one("elasticsearch:9.1.0", "").is_empty());
        assert!(one("postgres:17", "    environment: {POSTGRES_PASSWORD_FILE: /run/secrets/x}\n").is_empty());
    }

    #[test]
    fn passwords_that_are_guessed() {
        let root = one("mysql:8.4", "    environment: {MYSQL_ROOT_PASSWORD: root}\n");
        assert_eq!((root.len(), root[0].kind, root[0].loopback_only), (1, DoorKind::WeakPassword, false));
        assert_eq!(root[0].cause.as_ref().unwrap().change, "Give a a random MYSQL_ROOT_PASSWORD");
        let home = one("mysql:8.4", "    environment: {MYSQL_ROOT_PASSWORD: root, MYSQL_ROOT_HOST: localhost}\n");
        assert!(home[0].loopback_only);
        let queue = one("rabbitmq:4", "");
        assert_eq!(queue[0].reason, "RabbitMQ in a starts with the login guest/guest");
        assert!(queue[0].ports.contains(&5672));
        for closed in ["MYSQL_ROOT_PASSWORD: Zq81kd7xPw", "MYSQL_ROOT_PASSWORD: \"${P}\""] {
            assert!(one("mysql:8.4", &format!("    environment: {{{closed}}}\n")).is_empty(), "{closed}");
        }
    }
}

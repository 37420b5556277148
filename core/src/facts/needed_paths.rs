//! What tells that one service has to reach another, and how surely. Own table (`core/data/needed_paths.json`, 2026-08-23).

use super::{glob, tables};

/// From this weight on, an edge is needed.
pub const NEEDED: u8 = tables::needed_paths::NEEDED;
/// From this weight on, an edge is probable; below it, nothing is known.
pub const PROBABLE: u8 = tables::needed_paths::PROBABLE;
/// What a value weighs that a web server or a data store only has because it shares the application's `env_file`.
pub const SHARED_ENV_FILE: u8 = tables::needed_paths::SHARED_ENV_FILE;

/// A kind of evidence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Evidence {
    /// Apache's configuration hands requests on.
    Apache,
    /// Caddy's configuration hands requests on.
    Caddy,
    /// A command waits for it or names it.
    Command,
    /// A declared network with one server and its clients alone.
    DedicatedNetwork,
    /// `depends_on`: start order only.
    DependsOn,
    /// `depends_on` with `service_healthy`.
    DependsOnHealthy,
    /// A variable whose key is for a host.
    EnvHost,
    /// A variable for a replica or a sentinel.
    EnvReplica,
    /// A URL in a variable.
    EnvUrl,
    /// A framework's or collector's configuration file.
    FrameworkConfig,
    /// A probe.
    Healthcheck,
    /// `links`.
    Link,
    /// `network_mode: service:x`.
    NetworkMode,
    /// nginx's configuration hands requests on.
    Nginx,
    /// A connection that was seen while running.
    Observed,
    /// Labels or variables by which a proxy finds its backends.
    ProxyDiscovery,
    /// The usual partner of its role, when there is exactly one.
    RoleDefault,
    /// A socket file in a volume that both mount: needed, but no network edge.
    SharedSocket,
}

/// How much one kind of evidence weighs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EvidenceRow {
    /// The kind.
    pub kind: Evidence,
    /// Percent.
    pub weight: u8,
    /// Directives, labels or variables that are this evidence; empty where the kind says it all. `*` stands for anything.
    pub directives: &'static [&'static str],
}

/// What a data service does for an application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DutyRow {
    /// `sessions`, `queue`, `cache`, `locks`, `rate-limit`, `broadcast`.
    pub duty: &'static str,
    /// Variables that tell, `*` standing for anything.
    pub keys: &'static [&'static str],
    /// Settings of PHP and frameworks that tell.
    pub settings: &'static [&'static str],
}

/// The weight of a kind of evidence.
#[must_use]
pub fn weight(kind: Evidence) -> u8 {
    evidence().iter().find(|row| row.kind == kind).map_or(0, |row| row.weight)
}

/// All kinds of evidence.
#[must_use]
pub fn evidence() -> &'static [EvidenceRow] {
    tables::needed_paths::EVIDENCE
}

/// Whether a variable's key is for a host: it ends in a word such as `HOST`, `URL` or `DSN`.
#[must_use]
pub fn is_host_key(key: &str) -> bool {
    let word = key.rsplit('_').next().unwrap_or(key).to_ascii_uppercase();
    tables::needed_paths::HOST_WORDS.binary_search(&word.as_str()).is_ok() || key.eq_ignore_ascii_case("PGHOST")
}

/// Whether a variable's key is for a replica or a sentinel.
#[must_use]
pub fn is_replica_key(key: &str) -> bool {
    let key = key.to_ascii_uppercase();
    tables::needed_paths::REPLICA_KEYS.iter().any(|pattern| glob::name(pattern, &key))
}

/// What the service that a variable names does for the application.
pub fn duties_of_key(key: &str) -> impl Iterator<Item = &'static str> + use<> {
    let key = key.to_ascii_uppercase();
    duties().iter().filter(move |row| row.keys.iter().any(|pattern| glob::name(pattern, &key))).map(|row| row.duty)
}

/// All duties, by name.
#[must_use]
pub fn duties() -> &'static [DutyRow] {
    tables::needed_paths::DUTIES
}

/// Roles, or the starts of their names, that usually have to reach each other: from, to.
#[must_use]
pub fn role_defaults() -> &'static [(&'static str, &'static str)] {
    tables::needed_paths::ROLE_DEFAULTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights() {
        assert_eq!((weight(Evidence::Nginx), weight(Evidence::EnvUrl), weight(Evidence::RoleDefault)), (100, 95, 40));
        assert!(weight(Evidence::DependsOn) >= NEEDED && weight(Evidence::Healthcheck) < NEEDED);
        assert!(weight(Evidence::RoleDefault) >= PROBABLE && SHARED_ENV_FILE < PROBABLE);
        assert!(evidence().iter().any(|row| row.directives.contains(&"fastcgi_pass")));
        assert!(role_defaults().contains(&("web", "php-fpm")));
    }

    #[test]
    fn keys() {
        for key in ["DB_HOST", "DATABASE_URL", "PGHOST", "KAFKA_BROKERS", "redis_host", "HOST"] {
            assert!(is_host_key(key), "{key}");
        }
        for key in ["DB_PORT", "GHOST", "HOST_KEY", ""] {
            assert!(!is_host_key(key), "{key}");
        }
        assert!(is_replica_key("REDIS_SENTINEL_HOSTS") && is_replica_key("DB_READ_HOST") && !is_replica_key("DB_HOST"));
        assert_eq!(duties_of_key("SESSION_DRIVER").collect::<Vec<_>>(), ["sessions"]);
        assert_eq!(duties_of_key("HORIZON_PREFIX").collect::<Vec<_>>(), ["queue"]);
        assert_eq!(duties_of_key("APP_NAME").count(), 0);
    }
}

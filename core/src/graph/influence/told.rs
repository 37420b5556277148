//! What the services of a graph are told about each other, and which service a host name stands for.

use crate::facts::needed_paths::duties_of_key;
use crate::graph::model::ServiceId;
use crate::project::ServiceRef;
use crate::source::Location;
use std::collections::BTreeMap;

/// A variable with a known value: of a container, or of the `.env` that its PHP application reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::graph) struct Told {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where the value is written.
    pub at: Location,
    /// Whether it is the application's own file that sets it, and not the container's environment.
    pub from_application: bool,
}

/// What a service is told: its environment first, then what only the files of its application set.
pub(in crate::graph) fn told(service: ServiceRef<'_, '_>) -> Vec<Told> {
    let own = service.service().variables.iter().filter_map(|variable| {
        let value = variable.value.as_ref().filter(|value| value.is_known())?;
        Some(Told { key: variable.key.clone(), value: value.text.clone(), at: value.at, from_application: false })
    });
    let mut found: Vec<Told> = own.collect();
    if service.role.is_php()
        && let Some(folder) = service.application_folder()
    {
        let read = service.project().application_environment(&folder).variables.into_values();
        let new = read.filter(|variable| service.variable(&variable.key).is_none());
        found.extend(new.filter_map(|variable| {
            Some(Told { key: variable.key, value: variable.value?, at: variable.at, from_application: true })
        }));
    }
    found
}

/// The value of a variable, where it is told and not empty.
pub(in crate::graph) fn value_of<'t>(told: &'t [Told], key: &str) -> Option<&'t Told> {
    told.iter().find(|one| one.key == key && !one.value.trim().is_empty())
}

/// Which service a host name stands for.
pub(in crate::graph) struct Hosts<'s>(BTreeMap<&'s str, ServiceId>);

impl<'s> Hosts<'s> {
    /// The names of these services. The first service of a name has it.
    pub(in crate::graph) fn of(services: &'s [ServiceRef<'_, '_>]) -> Self {
        let mut names = BTreeMap::new();
        for (id, service) in services.iter().enumerate() {
            for name in service.hostnames() {
                names.entry(name).or_insert(id);
            }
        }
        Self(names)
    }

    /// The service of a host name.
    pub(in crate::graph) fn find(&self, host: &str) -> Option<ServiceId> {
        self.0.get(host).copied()
    }

    /// The first service that an address names.
    pub(in crate::graph) fn in_value(&self, value: &str) -> Option<ServiceId> {
        hosts_in(value).into_iter().find_map(|host| self.find(host))
    }
}

/// The hosts of an address: of a URL, or of a list of hosts with their ports.
pub(in crate::graph) fn hosts_in(value: &str) -> Vec<&str> {
    let value = value.trim().trim_matches(['"', '\'']);
    let authority = match value.split_once("://") {
        Some((_, rest)) => {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
            authority.rsplit_once('@').map_or(authority, |(_, host)| host)
        }
        None if value.contains(['/', '{', '$']) || value.contains(char::is_whitespace) => return Vec::new(),
        None => value,
    };
    let bare = |part: &str| part.split_once(':').map_or(part.len(), |(host, _)| host.len());
    authority.split(',').filter_map(|part| part.get(..bare(part))).filter(|host| !host.is_empty()).collect()
}

/// A store that an application uses for something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Use {
    /// The store.
    pub store: ServiceId,
    /// What tells.
    pub at: Location,
}

/// The stores that an application is told to use for a duty, `queue` or `sessions`, each once.
pub(super) fn stores_for(duty: &str, told: &[Told], hosts: &Hosts<'_>) -> Vec<Use> {
    let mut found: Vec<Use> = Vec::new();
    for one in told.iter().filter(|one| duties_of_key(&one.key).any(|known| known == duty)) {
        let store = match addresses_of(one.value.trim(), duty) {
            [] => named_by(one, hosts),
            keys => keys.iter().find_map(|key| value_of(told, key)).and_then(|host| hosts.in_value(&host.value)),
        };
        let new = |store: &ServiceId| found.iter().all(|known| known.store != *store);
        if let Some(store) = store.filter(new) {
            found.push(Use { store, at: one.at });
        }
    }
    found
}

/// The store that the value of a variable names itself: a connection string, or a host behind a name that announces one.
fn named_by(one: &Told, hosts: &Hosts<'_>) -> Option<ServiceId> {
    let key = one.key.to_ascii_uppercase();
    let address = ["_HOST", "_URL", "_DSN", "_URI"].iter().any(|ending| key.ends_with(ending));
    (address || one.value.contains("://")).then(|| hosts.in_value(&one.value)).flatten()
}

/// Where a driver's address stands, the first that is set counts.
fn addresses_of(driver: &str, duty: &str) -> &'static [&'static str] {
    match driver {
        "redis" | "phpredis" | "predis" if duty == "queue" => &["REDIS_QUEUE_HOST", "REDIS_URL", "REDIS_HOST"],
        "redis" | "phpredis" | "predis" => &["REDIS_SESSION_HOST", "REDIS_URL", "REDIS_HOST"],
        "memcached" => &["MEMCACHED_HOST"],
        "database" | "pdo" => &["DB_HOST", "DATABASE_URL", "DB_URL"],
        "rabbitmq" | "amqp" => &["RABBITMQ_HOST", "RABBITMQ_URL", "RABBITMQ_DSN", "AMQP_URL"],
        "beanstalkd" => &["BEANSTALKD_HOST", "BEANSTALK_HOST"],
        _ if driver.starts_with("doctrine://") => &["DATABASE_URL"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_addresses() {
        for (value, hosts) in [
            ("redis", vec!["redis"]),
            ("redis:6379", vec!["redis"]),
            ("amqp://guest:guest@rabbitmq:5672/%2f/messages", vec!["rabbitmq"]),
            ("mongodb://u:p@a:1,b:2/db", vec!["a", "b"]),
            ("\"postgresql://db/x\"", vec!["db"]),
            ("/run/redis.sock", vec![]),
            ("${HOST}", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(hosts_in(value), hosts, "{value}");
        }
    }

    #[test]
    fn drivers() {
        assert_eq!(addresses_of("redis", "queue").first(), Some(&"REDIS_QUEUE_HOST"));
        assert_eq!(addresses_of("doctrine://default", "queue"), ["DATABASE_URL"]);
        assert!(addresses_of("sync", "queue").is_empty());
    }
}

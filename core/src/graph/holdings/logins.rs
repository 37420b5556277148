//! Where a secret logs in: at the store whose host stands next to it, at the store that is granted the same secret, or at the only
//! store of the kind that its name says.

use super::Held;
use super::classes::{Store, class_of, is_store, store_of, system_of};
use crate::graph::influence::told::{Told, hosts_in, value_of};
use crate::graph::model::{External, SecretClass, ServiceId};
use crate::project::{DataProduct, ServiceRef};

/// Ends of names of logins; what stands before them stands before the host too.
const ENDINGS: [&str; 11] = [
    "ROOT_PASSWORD",
    "SECRET_ACCESS_KEY",
    "MASTER_KEY",
    "SECRET_KEY",
    "API_KEY",
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "TOKEN",
    "KEY",
];
/// Ends of names of the hosts beside them.
const HOSTS: [&str; 10] =
    ["HOST", "HOSTNAME", "SERVER", "URL", "DSN", "ENDPOINT", "ENDPOINT_URL", "HOSTS", "NODES", "ADDR"];

/// Passwords of the users that images make superusers.
const IMAGE_OWN: [&str; 2] = ["POSTGRES_PASSWORD", "RABBITMQ_DEFAULT_PASS"];

/// Everything that is asked to tell where a secret logs in.
pub(super) struct Setting<'s, 'p, 'a> {
    /// All services.
    pub services: &'s [ServiceRef<'p, 'a>],
    /// The one that holds it.
    pub own: Option<ServiceId>,
    /// Systems outside.
    pub externals: &'s [External],
    /// What the service is told.
    pub told: &'s [Told],
}

/// What a secret opens.
#[derive(Default, Debug)]
pub(super) struct Opened {
    /// Stores of the deployment.
    pub services: Vec<ServiceId>,
    /// Systems outside.
    pub externals: Vec<usize>,
    /// Whether the login is a superuser's there.
    pub superuser: bool,
}

/// What a secret opens, as far as the files tell.
pub(super) fn opened(setting: &Setting<'_, '_, '_>, held: &Held) -> Opened {
    let mut found = Opened::default();
    // What an application signs with logs in nowhere.
    if class_of(&held.key, held.value.as_deref()) == SecretClass::ApplicationKey {
        return found;
    }
    let address = address(setting, held);
    match &address {
        Some(address) => {
            for host in hosts_in(address) {
                match setting.host(host) {
                    Some(id) => found.services.push(id),
                    None => found.externals.extend(setting.external(host)),
                }
            }
        }
        None => {
            found.services.extend(setting.sharing(held));
            if found.services.is_empty() {
                found.services.extend(setting.only_one(&held.key));
            }
        }
    }
    found.services.retain(|id| setting.is_other_store(*id));
    found.services.sort_unstable();
    found.services.dedup();
    if found.services.is_empty() {
        found.externals.extend(system_of(&held.key).and_then(|system| setting.external(system)));
    }
    found.externals.sort_unstable();
    found.externals.dedup();
    let user = user(setting, held, address.as_deref());
    found.superuser = found.services.iter().filter_map(|id| setting.services.get(*id)).any(|server| {
        let there = held.granted.as_deref().and_then(|source| key_at(*server, source));
        let own = there.as_deref().is_some_and(|key| IMAGE_OWN.contains(&key));
        own || is_superuser(*server, there.as_deref().unwrap_or(&held.key), user.as_deref())
    });
    found
}

/// The variable by which a server reads a secret that it is granted too: what the password is there.
fn key_at(server: ServiceRef<'_, '_>, source: &str) -> Option<String> {
    let grant = server.secrets.iter().find(|grant| grant.source == source)?;
    server.service().variables.iter().find_map(|variable| {
        let path = variable.value.as_ref()?.text.trim();
        let key = variable.key.strip_suffix("_FILE").filter(|_| path == grant.target)?;
        Some(key.trim_end_matches('_').to_owned())
    })
}

/// The address that a login is for: the connection string itself, else what stands beside it.
fn address(setting: &Setting<'_, '_, '_>, held: &Held) -> Option<String> {
    if let Some(value) = held.value.as_ref().filter(|value| value.contains("://")) {
        return Some(value.clone());
    }
    let mut starts = prefix(&held.key).into_iter().collect::<Vec<_>>();
    // The application's host, where a login is named after the product.
    if matches!(store_of(&held.key), Some(Store::Database(_))) {
        starts.push("DB_");
    }
    let beside = |start: &&str| HOSTS.iter().find_map(|end| value_of(setting.told, &format!("{start}{end}")));
    starts.iter().find_map(beside).map(|one| one.value.clone())
}

/// What stands before the ending of a login's name: `DB_` of `DB_PASSWORD`.
fn prefix(key: &str) -> Option<&str> {
    ENDINGS.iter().find_map(|end| {
        let at = key.len().checked_sub(end.len())?;
        let (start, ending) = (key.get(..at)?, key.get(at..)?);
        ending.eq_ignore_ascii_case(end).then_some(start)
    })
}

/// The user of a login: in the connection string, else in the variable beside it.
fn user(setting: &Setting<'_, '_, '_>, held: &Held, address: Option<&str>) -> Option<String> {
    if let Some((login, _)) = address
        .and_then(|address| address.split_once("://"))
        .and_then(|(_, rest)| rest.split(['/', '?']).next())
        .and_then(|authority| authority.rsplit_once('@'))
    {
        return login.split(':').next().map(str::to_owned);
    }
    let start = prefix(&held.key)?;
    let beside =
        |start: &str| ["USERNAME", "USER"].iter().find_map(|end| value_of(setting.told, &format!("{start}{end}")));
    beside(start).map(|one| one.value.trim().to_owned())
}

impl<'p, 'a> Setting<'_, 'p, 'a> {
    /// The service of a host name: its own name before the further names of others, which have to be looked for.
    fn host(&self, host: &str) -> Option<ServiceId> {
        let named = self.services.iter().position(|service| service.name == host);
        named.or_else(|| self.services.iter().position(|service| service.hostnames().contains(&host)))
    }

    fn external(&self, name: &str) -> Option<usize> {
        self.externals.iter().position(|external| external.name.eq_ignore_ascii_case(name))
    }

    /// Whether the service that holds the secret is of some kind itself.
    fn is_itself(&self, kind: impl Fn(ServiceRef<'p, 'a>) -> bool) -> bool {
        self.own.and_then(|own| self.services.get(own)).is_some_and(|own| kind(*own))
    }

    /// Whether it is a store, and not the service itself.
    fn is_other_store(&self, id: ServiceId) -> bool {
        self.own != Some(id) && self.services.get(id).is_some_and(|store| is_store(*store))
    }

    /// Stores that are granted the same secret: that is where it is asked for.
    fn sharing(&self, held: &Held) -> Vec<ServiceId> {
        let Some(source) = held.granted.as_deref().filter(|_| !self.is_itself(is_store)) else { return Vec::new() };
        let grants = |service: &ServiceRef<'_, '_>| service.secrets.iter().any(|grant| grant.source == source);
        let stores = self.services.iter().enumerate().filter(|(_, other)| grants(other) && is_store(**other));
        stores.map(|(id, _)| id).collect()
    }

    /// The only store of the kind that a name says. A store's own login is not one for others of its kind.
    fn only_one(&self, key: &str) -> Option<ServiceId> {
        let kind = store_of(key).filter(|kind| !self.is_itself(|own| kind.is(own)))?;
        let mut stores = self.services.iter().enumerate().filter(|(_, other)| kind.is(**other)).map(|(id, _)| id);
        let first = stores.next()?;
        stores.next().is_none().then_some(first)
    }
}

/// Whether a login is a superuser's at a store. Without a user, Redis takes it as its default user, who may do everything unless an
/// ACL file says otherwise.
fn is_superuser(server: ServiceRef<'_, '_>, key: &str, user: Option<&str>) -> bool {
    let upper = key.to_ascii_uppercase();
    if ["ROOT_PASS", "ADMINPASSWORD", "MASTER_KEY"].iter().any(|word| upper.contains(word)) {
        return true;
    }
    if server.is_redis() {
        return matches!(user, None | Some("" | "default")) && server.redis_settings().acl_file.is_none();
    }
    let Some(user) = user else { return false };
    let own = |key: &str| {
        let value = server.service().variable(key).and_then(|variable| variable.value.as_ref());
        value.is_some_and(|value| value.is_known() && value.text == user)
    };
    match server.data_product() {
        Some(DataProduct::MySql | DataProduct::MariaDb) => user == "root",
        Some(DataProduct::Postgres) => user == "postgres" || own("POSTGRES_USER"),
        Some(DataProduct::MongoDb) => own("MONGO_INITDB_ROOT_USERNAME") || user == "root",
        Some(DataProduct::Elasticsearch) => user == "elastic",
        Some(DataProduct::OpenSearch) => user == "admin",
        Some(DataProduct::RabbitMq) => user == "guest" || own("RABBITMQ_DEFAULT_USER"),
        Some(DataProduct::Minio) => user == "minioadmin" || own("MINIO_ROOT_USER"),
        Some(DataProduct::ClickHouse) => user == "default",
        Some(DataProduct::Neo4j) => user == "neo4j",
        Some(_) => false,
        None => matches!(user, "root" | "sa" | "postgres"),
    }
}

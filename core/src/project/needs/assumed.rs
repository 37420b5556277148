//! What is only assumed: the usual partner of a role, and what a variable or secret without a known value is for. Only where exactly
//! one service can be meant, and never more than probable.

use super::Found;
use super::statements::Statement;
use crate::facts::needed_paths::{self, Evidence, is_host_key};
use crate::model::compose::EnvOrigin;
use crate::project::ServiceRef;
use crate::source::Location;

/// Words of variables, and the role of what they are for.
const WORDS: [(&str, &str); 26] = [
    ("AMQP", "queue"),
    ("BROKER", "queue"),
    ("BROKERS", "queue"),
    ("CACHE", "cache"),
    ("DATABASE", "db"),
    ("DB", "db"),
    ("DOCTRINE", "db"),
    ("ELASTIC", "search"),
    ("ELASTICSEARCH", "search"),
    ("KAFKA", "queue"),
    ("MARIADB", "db"),
    ("MEILISEARCH", "search"),
    ("MEMCACHED", "cache"),
    ("MINIO", "object"),
    ("MONGO", "db"),
    ("MONGODB", "db"),
    ("MYSQL", "db"),
    ("OPENSEARCH", "search"),
    ("PG", "db"),
    ("PGHOST", "db"),
    ("POSTGRES", "db"),
    ("POSTGRESQL", "db"),
    ("RABBITMQ", "queue"),
    ("REDIS", "cache"),
    ("SEARCH", "search"),
    ("VALKEY", "cache"),
];

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// Adds what it probably needs.
    pub(super) fn assume(self, statements: &[Statement<'_>], found: &mut Found<'p, 'a>) {
        for (key, at) in self.unknown_hosts() {
            if let Some(role) = role_of(key)
                && let Some(other) = self.only_partner(role, found)
            {
                found.add(&other.name, Evidence::RoleDefault, at, Some(key));
            }
        }
        for (from, to) in needed_paths::role_defaults() {
            // Who is told of another one of the kind, by whatever address, has no usual partner.
            let told = |statement: &Statement<'_>| {
                let key = statement.key.as_deref().unwrap_or("");
                statement.text().is_some_and(|text| !text.is_empty()) && is_host_key(key) && role_of(key) == Some(*to)
            };
            if !self.role.name.starts_with(from) || statements.iter().any(told) {
                continue;
            }
            if let Some(other) = self.only_partner(to, found) {
                found.add(&other.name, Evidence::RoleDefault, self.at, None);
            }
        }
    }

    /// Variables and secrets that are for a host and whose value no file tells.
    fn unknown_hosts(self) -> Vec<(&'p str, Location)> {
        let own_only = self.has_own_values_only();
        let unknown = self.service.variables.iter().filter(|variable| {
            let counts = !own_only || variable.origin == EnvOrigin::Compose;
            counts && is_host_key(&variable.key) && variable.value.as_ref().is_none_or(|value| !value.is_known())
        });
        let mut found: Vec<(&'p str, Location)> =
            unknown.map(|variable| (variable.key.as_str(), variable.key_at)).collect();
        if !own_only {
            let secrets = self.service.spec.secrets.iter();
            found.extend(
                secrets.filter(|grant| is_host_key(&grant.source)).map(|grant| (grant.source.as_str(), grant.at)),
            );
        }
        found
    }

    /// The one service of a role that it can reach; `None` when it needs one of the role already, or when there are several.
    fn only_partner(self, role: &str, found: &Found<'p, 'a>) -> Option<ServiceRef<'p, 'a>> {
        let mut candidates = self.others().filter(|other| other.role.name == role);
        let (one, second) = (candidates.next()?, candidates.next());
        let needed = |name: &str| name == one.name;
        let alone = second.is_none() && !found.has(&needed);
        (alone && self.shares_network(one) && !one.is_one_shot()).then_some(one)
    }
}

/// The role of what a variable is for.
fn role_of(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_uppercase();
    let of = |word: &str| WORDS.binary_search_by_key(&word, |(word, _)| word).ok().and_then(|at| WORDS.get(at));
    key.split('_').find_map(of).map(|(_, role)| *role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_variables() {
        assert!(WORDS.is_sorted_by_key(|(word, _)| *word));
        assert_eq!(role_of("DATABASE_URL"), Some("db"));
        assert_eq!(role_of("WORDPRESS_DB_HOST"), Some("db"));
        assert_eq!(role_of("amqp_dsn"), Some("queue"));
        assert_eq!(role_of("APP_URL"), None);
    }
}

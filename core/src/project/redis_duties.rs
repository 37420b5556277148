//! What the applications of a view keep in one Redis: a cache, which may be lost, beside things that may not.

use super::needs::names_host;
use super::{Project, RedisSettings, ServiceRef, View};
use crate::facts::needed_paths::duties_of_key;
use crate::source::Location;

/// One thing that an application keeps in a Redis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedisDuty {
    /// `cache`, `sessions`, `queue`, `locks` or `rate-limit`.
    pub duty: &'static str,
    /// The number of the database.
    pub database: String,
    /// The user, where a URL names one.
    pub user: String,
    /// What tells.
    pub at: Location,
}

/// A Redis that holds a cache and other things.
#[derive(Clone, Debug)]
pub struct MixedRedis<'p, 'a> {
    /// The server.
    pub server: ServiceRef<'p, 'a>,
    /// What tells of the cache.
    pub cache: RedisDuty,
    /// What else it holds and may not lose, each duty once.
    pub durable: Vec<RedisDuty>,
    /// Its set-up.
    pub settings: RedisSettings,
}

impl MixedRedis<'_, '_> {
    /// The policy by which it drops keys when its memory is full, when it does.
    #[must_use]
    pub fn evicts(&self) -> Option<(&str, Location)> {
        let (policy, at) = self.settings.eviction.as_ref().filter(|_| self.settings.bounded)?;
        (policy.starts_with("allkeys-") || policy.starts_with("volatile-")).then_some((policy.as_str(), *at))
    }

    /// Things that the policy may drop: `volatile-*` takes only keys that expire, which jobs do not.
    #[must_use]
    pub fn lost(&self) -> Vec<&'static str> {
        let Some((policy, _)) = self.evicts() else { return Vec::new() };
        let all = policy.starts_with("allkeys-");
        self.durable.iter().map(|one| one.duty).filter(|duty| all || *duty != "queue").collect()
    }

    /// Whether everything else is in another database, or belongs to another user, than the cache.
    #[must_use]
    pub fn is_separated(&self) -> bool {
        let apart = |one: &RedisDuty| one.database != self.cache.database || one.user != self.cache.user;
        self.durable.iter().all(apart)
    }
}

impl<'a> Project<'a> {
    /// Redis servers of a view that hold a cache and other things.
    #[must_use]
    pub fn mixed_redis<'p>(&'p self, view: &'p View) -> Vec<MixedRedis<'p, 'a>> {
        let mut found = Vec::new();
        if !view.is_comparable() {
            return found;
        }
        for server in self.services_of(view).filter(|service| service.is_redis()) {
            let mut cache: Option<RedisDuty> = None;
            let mut durable: Vec<RedisDuty> = Vec::new();
            for client in self.services_of(view).filter(|service| service.role.is_php()) {
                for duty in client.redis_duties(server) {
                    if duty.duty == "cache" {
                        cache.get_or_insert(duty);
                    } else if !durable.iter().any(|known| known.duty == duty.duty) {
                        durable.push(duty);
                    }
                }
            }
            if let Some(cache) = cache.filter(|_| !durable.is_empty()) {
                found.push(MixedRedis { server, cache, durable, settings: server.redis_settings() });
            }
        }
        found
    }
}

impl ServiceRef<'_, '_> {
    /// What its application keeps in a Redis.
    fn redis_duties(self, server: ServiceRef<'_, '_>) -> Vec<RedisDuty> {
        let told = self.told();
        let value = |name: &str| {
            let set = told.iter().find(|(key, value, _)| key.as_str() == name && !value.is_empty());
            set.map(|(_, value, _)| value.as_str())
        };
        let names = server.hostnames();
        let is_server = |text: &str| names.iter().any(|name| names_host(text, name));
        let mut found = Vec::new();
        for (key, text, at) in &told {
            let told_by_key = duties_of_key(key).find(|duty| *duty != "broadcast");
            let Some(duty) = told_by_key.or_else(|| cache_url(key)) else { continue };
            // Laravel names the driver; the connection has variables of its own.
            if text == "redis" && !key.ends_with("_HOST") {
                let own = match duty {
                    "cache" => "REDIS_CACHE_HOST",
                    "queue" => "REDIS_QUEUE_HOST",
                    _ => "REDIS_SESSION_HOST",
                };
                let host = value(own).or_else(|| value("REDIS_URL")).or_else(|| value("REDIS_HOST"));
                if host.is_some_and(is_server) {
                    let database = match duty {
                        "cache" => value("REDIS_CACHE_DB").unwrap_or("1"),
                        _ => value("REDIS_DB").unwrap_or("0"),
                    };
                    found.push(RedisDuty { duty, database: database.to_owned(), user: String::new(), at: *at });
                }
            } else if is_server(text) && (text.contains("://") || key.ends_with("_HOST")) {
                found.push(RedisDuty { duty, database: database_of(text), user: user_of(text), at: *at });
            }
        }
        found.extend(self.php_sessions_in(&is_server));
        found
    }

    /// The sessions that PHP itself keeps in a server.
    fn php_sessions_in(self, is_server: &dyn Fn(&str) -> bool) -> Option<RedisDuty> {
        let settings = self.php_settings();
        let handler = settings.setting("session.save_handler");
        let path = settings.setting("session.save_path").text?;
        let at = handler.at?;
        let kept = handler.text.as_deref() == Some("redis") && is_server(&path);
        kept.then(|| RedisDuty { duty: "sessions", database: database_of(&path), user: String::new(), at })
    }
}

/// The duty of variables that hold the URL of a cache.
fn cache_url(key: &str) -> Option<&'static str> {
    matches!(key, "CACHE_DSN" | "CACHE_URL" | "REDIS_CACHE_URL" | "REDIS_CACHE_HOST" | "REDIS_CACHE_DSN")
        .then_some("cache")
}

/// The number of the database in a URL: a path of digits, or an option.
fn database_of(url: &str) -> String {
    let digits = |text: &str| {
        let number: String = text.chars().take_while(char::is_ascii_digit).collect();
        Some(number).filter(|number| !number.is_empty())
    };
    let option = ["dbindex=", "database=", "db="].iter().find_map(|name| url.split_once(name)).map(|(_, rest)| rest);
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    option.and_then(digits).or_else(|| path.and_then(digits)).unwrap_or_else(|| "0".to_owned())
}

/// The user that a URL names.
fn user_of(url: &str) -> String {
    let login = url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map_or("", |(login, _)| login);
    login.split(':').next().unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{database_of, user_of};
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// What the one server holds beside the cache, whether it is separated, and what it may lose.
    fn mixed(variables: &str, command: &str) -> Option<(Vec<&'static str>, bool, Vec<&'static str>)> {
        let text = format!(
            "services:\n  app:\n    image: php:8.4-fpm\n    environment: {{{variables}}}\n  redis:\n    image: redis:8\n    command: redis-server {command}\n"
        );
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let mixed = project.mixed_redis(&project.views[0]);
        let one = mixed.first()?;
        Some((one.durable.iter().map(|duty| duty.duty).collect(), one.is_separated(), one.lost()))
    }

    const LARAVEL: &str = "REDIS_HOST: redis, CACHE_STORE: redis, QUEUE_CONNECTION: redis, SESSION_DRIVER: redis";

    #[test]
    fn drivers_of_laravel() {
        let (durable, separated, lost) = mixed(LARAVEL, "--save ''").unwrap();
        assert_eq!((durable, separated, lost.len()), (vec!["queue", "sessions"], true, 0));
        let (_, _, lost) = mixed(LARAVEL, "--maxmemory 1gb --maxmemory-policy allkeys-lru").unwrap();
        assert_eq!(lost, ["queue", "sessions"]);
        let (_, _, lost) = mixed(LARAVEL, "--maxmemory 1gb --maxmemory-policy volatile-lru").unwrap();
        assert_eq!(lost, ["sessions"]);
        assert!(mixed(LARAVEL, "--maxmemory-policy allkeys-lru").unwrap().2.is_empty(), "memory without a bound");
        assert!(!mixed(&format!("{LARAVEL}, REDIS_CACHE_DB: 0"), "").unwrap().1);
        assert!(mixed("REDIS_HOST: redis, CACHE_STORE: file, QUEUE_CONNECTION: redis", "").is_none());
        assert!(mixed(&format!("{LARAVEL}, REDIS_CACHE_HOST: other"), "").is_none(), "the cache has its own");
    }

    #[test]
    fn urls_of_symfony() {
        let same = "CACHE_DSN: \"redis://redis:6379\", LOCK_DSN: \"redis://redis:6379\", MESSENGER_TRANSPORT_DSN: \"redis://redis:6379/messages\"";
        assert_eq!(mixed(same, "").unwrap(), (vec!["locks", "queue"], false, vec![]));
        let apart = "CACHE_DSN: \"redis://redis:6379/1\", LOCK_DSN: \"redis://redis:6379/2\"";
        assert!(mixed(apart, "").unwrap().1);
    }

    #[test]
    fn parts_of_urls() {
        assert_eq!(database_of("redis://redis:6379/3"), "3");
        assert_eq!(database_of("redis://redis:6379/messages?dbindex=2"), "2");
        assert_eq!(database_of("tcp://redis:6379"), "0");
        assert_eq!((user_of("redis://app:x@redis"), user_of("redis://redis")), ("app".to_owned(), String::new()));
    }
}

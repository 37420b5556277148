//! What a data store does for applications: sessions, queue, cache, locks. It decides what somebody who controls it can do to them.

use super::told::{hosts, told};
use crate::facts::needed_paths::duties_of_key;
use crate::graph::model::Evidence;
use crate::project::{Group, ServiceRef};
use crate::source::Location;
use crate::text::shorten;

/// What a store does for its clients, each duty once, with what tells.
pub(in crate::graph) fn duties(service: ServiceRef<'_, '_>) -> Vec<(&'static str, Evidence)> {
    let mut found: Vec<(&'static str, Evidence)> = Vec::new();
    if service.role.group() != Group::Data {
        return found;
    }
    for client in service.others().filter(|client| client.role.group() == Group::App) {
        let mut needs = client.needs().iter().chain(client.probable_needs());
        if !needs.any(|need| need.to == service.name) {
            continue;
        }
        for (duty, at, key) in of_client(client, service) {
            if !found.iter().any(|(known, _)| *known == duty) {
                let label = format!("{} of {}", shorten(&key, 60), shorten(&client.name, 60));
                found.push((duty, Evidence::new(at, label)));
            }
        }
    }
    found.sort_by_key(|(duty, _)| *duty);
    found
}

/// What one application keeps in a store.
fn of_client(client: ServiceRef<'_, '_>, store: ServiceRef<'_, '_>) -> Vec<(&'static str, Location, String)> {
    let told = told(client);
    let names: Vec<String> = store.hostnames().into_iter().map(str::to_ascii_lowercase).collect();
    let names_store = |key: &str, value: &str| hosts(key, value).iter().any(|host| names.contains(host));
    let value = |key: &str| {
        let set = told.iter().find(|one| one.key == key);
        set.and_then(|one| one.value.as_deref()).filter(|value| !value.is_empty())
    };
    let mut found = Vec::new();
    for one in &told {
        let Some(text) = one.value.as_deref() else { continue };
        let duty = duties_of_key(&one.key).next().or_else(|| of_cache_url(&one.key));
        let Some(duty) = duty else { continue };
        // Laravel names the driver; the connection has variables of its own.
        let own = match duty {
            "cache" => "REDIS_CACHE_HOST",
            "queue" => "REDIS_QUEUE_HOST",
            _ => "REDIS_SESSION_HOST",
        };
        let elsewhere = store.is_redis() && value(own).is_some_and(|host| !names_store(own, host));
        if names_store(&one.key, text) || is_driver(store, text) && !elsewhere {
            found.push((duty, one.at, one.key.clone()));
        }
    }
    found.extend(php_sessions(client, &names));
    if let Some(constant) = client.wordpress_constant("WP_REDIS_HOST")
        && constant.value.text().is_some_and(|host| names_store("WP_REDIS_HOST", host))
    {
        found.push(("cache", constant.at, "WP_REDIS_HOST".to_owned()));
    }
    // Nobody keeps a broker for anything else.
    if store.role.name == "queue" && found.is_empty() {
        let needs = client.needs().iter().chain(client.probable_needs());
        let own = needs.filter(|need| need.to == store.name);
        let key = |key: &Option<String>| key.clone().unwrap_or_else(|| "the connection".to_owned());
        found.extend(own.map(|need| ("queue", need.at, key(&need.key))));
    }
    found
}

/// Sessions that PHP itself keeps in a store.
fn php_sessions(client: ServiceRef<'_, '_>, names: &[String]) -> Option<(&'static str, Location, String)> {
    let settings = client.php_settings();
    let handler = settings.setting("session.save_handler");
    let at = handler.at?;
    let kept = matches!(handler.text.as_deref(), Some("redis" | "rediscluster" | "memcached" | "memcache"));
    let path = settings.setting("session.save_path").text.filter(|_| kept)?;
    hosts("SAVE_HOST", &path)
        .iter()
        .any(|host| names.contains(host))
        .then(|| ("sessions", at, "session.save_handler".to_owned()))
}

/// Whether a value is the name of the driver for a store.
fn is_driver(store: ServiceRef<'_, '_>, value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    match store.role.name {
        _ if store.is_redis() => matches!(value.as_str(), "redis" | "phpredis" | "predis"),
        "cache" => matches!(value.as_str(), "memcached" | "memcache"),
        "db" => matches!(value.as_str(), "database" | "pdo"),
        "queue" => matches!(value.as_str(), "rabbitmq" | "amqp" | "beanstalkd"),
        _ => false,
    }
}

fn of_cache_url(key: &str) -> Option<&'static str> {
    matches!(key, "CACHE_DSN" | "CACHE_URL" | "REDIS_CACHE_URL" | "REDIS_CACHE_HOST" | "REDIS_CACHE_DSN")
        .then_some("cache")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn found(variables: &str, store: &str) -> Vec<&'static str> {
        let text = format!(
            "services:\n  app:\n    image: php:8.4-fpm\n    environment: {{{variables}}}\n  worker:\n    image: php:8.4-cli\n    command: php artisan queue:work\n    environment: {{{variables}}}\n  redis:\n    image: redis:8\n  mysql:\n    image: mysql:8.4.11\n  mq:\n    image: rabbitmq:4\n"
        );
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let store = project.services().find(|service| service.name == store).unwrap();
        duties(store).into_iter().map(|(duty, _)| duty).collect()
    }

    #[test]
    fn drivers_of_laravel() {
        let laravel =
            "REDIS_HOST: redis, DB_HOST: mysql, CACHE_STORE: redis, QUEUE_CONNECTION: redis, SESSION_DRIVER: database";
        assert_eq!(found(laravel, "redis"), ["cache", "queue"]);
        assert_eq!(found(laravel, "mysql"), ["sessions"]);
        assert!(found("DB_HOST: mysql", "mysql").is_empty());
        assert_eq!(found(&format!("{laravel}, REDIS_CACHE_HOST: other"), "redis"), ["queue"], "the cache has its own");
    }

    #[test]
    fn the_cache_of_wordpress() {
        let text = "services:\n  wp:\n    image: wordpress:6\n    environment:\n      WORDPRESS_CONFIG_EXTRA: |\n        define('WP_REDIS_HOST', 'redis');\n  redis:\n    image: redis:8\n";
        let sources = sources(&[("compose.yaml", text)]);
        let project = Project::new(&sources, TODAY);
        let store = project.services().find(|service| service.name == "redis").unwrap();
        assert_eq!(duties(store).into_iter().map(|(duty, _)| duty).collect::<Vec<_>>(), ["cache"]);
    }

    #[test]
    fn urls_of_symfony() {
        let symfony = "LOCK_DSN: \"redis://redis:6379\", MESSENGER_TRANSPORT_DSN: \"amqp://u:p@mq:5672/%2f\"";
        assert_eq!(found(symfony, "redis"), ["locks"]);
        assert_eq!(found(symfony, "mq"), ["queue"]);
        assert_eq!(found("AMQP_HOST: mq", "mq"), ["queue"]);
    }
}

//! What PHP unserializes: jobs of a queue and sessions. Whoever writes them in the store chooses the objects that PHP makes of them.

use super::told::{Hosts, Told, Use, stores_for, value_of};
use crate::graph::doors::{main_level, name_of, request_level};
use crate::graph::model::{Evidence, Influence, InfluenceKind, Level};
use crate::project::{Sapi, ServiceRef};
use crate::source::Location;

/// Commands that take jobs from a queue.
const WORKERS: [&str; 8] = [
    "queue:work",
    "queue:listen",
    "horizon",
    "messenger:consume",
    "messenger:consume-messages",
    "queue/listen",
    "enqueue:consume",
    "rabbitmq:consumer",
];
/// How hard it is to have an object run code: the classes of the application have to be known.
const COST: u8 = 3;

/// A process that takes jobs.
struct Worker {
    at: Location,
    level: Level,
    on_redis: bool,
}

/// Workers and the brokers that they take jobs from.
pub(super) fn queues(services: &[ServiceRef<'_, '_>], told: &[Vec<Told>], hosts: &Hosts<'_>) -> Vec<Influence> {
    let mut found = Vec::new();
    for (to, (service, told)) in services.iter().zip(told).enumerate() {
        let Some(worker) = worker(*service) else { continue };
        for broker in brokers(*service, services, told, hosts, &worker) {
            let Some(store) = services.get(broker.store).filter(|_| broker.store != to) else { continue };
            let (from_name, to_name) = (name_of(*store), name_of(*service));
            found.push(Influence {
                from: broker.store,
                needs: Level::Data,
                to,
                gives: worker.level,
                kind: InfluenceKind::Queue,
                cost: COST,
                reason: format!("{to_name} unserializes the jobs that it takes from {from_name}"),
                evidence: vec![
                    Evidence::new(broker.at, format!("{from_name} keeps the queue")),
                    Evidence::new(worker.at, format!("{to_name} takes jobs")),
                ],
                cause: None,
            });
        }
    }
    found
}

/// The brokers of a worker: what its driver or its connection string names, and message queues that it has to reach.
fn brokers(
    service: ServiceRef<'_, '_>,
    services: &[ServiceRef<'_, '_>],
    told: &[Told],
    hosts: &Hosts<'_>,
    worker: &Worker,
) -> Vec<Use> {
    let mut found = stores_for("queue", told, hosts);
    // Horizon works with Redis alone, and `queue:work redis` names its connection.
    let redis = ["REDIS_URL", "REDIS_HOST"].iter().find_map(|key| value_of(told, key)).filter(|_| worker.on_redis);
    let redis = redis.and_then(|one| Some(Use { store: hosts.in_value(&one.value)?, at: one.at }));
    let needed = service.needs().iter().filter_map(|need| {
        let store = hosts.find(&need.to)?;
        services.get(store).filter(|store| store.role.name == "queue").map(|_| Use { store, at: need.at })
    });
    for one in redis.into_iter().chain(needed) {
        if found.iter().all(|known| known.store != one.store) {
            found.push(one);
        }
    }
    found
}

/// The process of a service that takes jobs.
fn worker(service: ServiceRef<'_, '_>) -> Option<Worker> {
    if service.is_one_shot() {
        return None;
    }
    let takes = |word: &str| WORKERS.contains(&word.trim_matches(['"', '\'']));
    let command = service.start_commands().into_iter().find(|command| command.args().iter().any(|word| takes(word)))?;
    let names_redis = command.args().windows(2).any(
        |pair| matches!(pair, [work, connection] if work.starts_with("queue:") && connection.trim_matches(['"', '\'']) == "redis"),
    );
    let process = service.processes().into_iter().filter(|_| command.supervised);
    let root = process
        .filter(|process| process.at == command.at)
        .find_map(|process| process.runs_as_root())
        .map(|root| if root { Level::Root } else { Level::User });
    Some(Worker {
        at: command.at,
        level: root.unwrap_or_else(|| main_level(service)),
        on_redis: command.has("horizon") || names_redis,
    })
}

/// Services that answer requests with PHP and the stores that keep their sessions.
pub(super) fn sessions(services: &[ServiceRef<'_, '_>], told: &[Vec<Told>], hosts: &Hosts<'_>) -> Vec<Influence> {
    let mut found = Vec::new();
    for (to, (service, told)) in services.iter().zip(told).enumerate() {
        if !answers_requests(*service) {
            continue;
        }
        let mut stores = stores_for("sessions", told, hosts);
        let of_php = php_sessions(*service, hosts).filter(|one| stores.iter().all(|known| known.store != one.store));
        stores.extend(of_php);
        for kept in stores {
            let Some(store) = services.get(kept.store).filter(|_| kept.store != to) else { continue };
            let (from_name, to_name) = (name_of(*store), name_of(*service));
            found.push(Influence {
                from: kept.store,
                needs: Level::Data,
                to,
                gives: request_level(*service),
                kind: InfluenceKind::Session,
                cost: COST,
                reason: format!("{to_name} unserializes the sessions that {from_name} keeps"),
                evidence: vec![Evidence::new(kept.at, format!("{from_name} keeps the sessions"))],
                cause: None,
            });
        }
    }
    found
}

/// Whether a service answers requests with PHP.
pub(super) fn answers_requests(service: ServiceRef<'_, '_>) -> bool {
    if !service.role.is_php() || service.is_one_shot() || service.runs_php_jobs() {
        return false;
    }
    let sapi = service.php_sapi();
    sapi.is_web() || sapi == Sapi::Unknown && service.role.name != "php-cli"
}

/// The store that PHP itself keeps sessions in.
fn php_sessions(service: ServiceRef<'_, '_>, hosts: &Hosts<'_>) -> Option<Use> {
    let settings = service.php_settings();
    let handler = settings.setting("session.save_handler");
    let remote = matches!(handler.text.as_deref(), Some("redis" | "rediscluster" | "memcached"));
    let path = settings.setting("session.save_path").text.filter(|_| remote)?;
    Some(Use { store: hosts.in_value(&path)?, at: handler.at? })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{names, of};
    use super::*;

    const REDIS: &str = "  redis:\n    image: redis:8\n";

    fn laravel(environment: &str, command: &str) -> Vec<String> {
        let text = format!(
            "services:\n  worker:\n    image: php:8.4-cli\n    command: {command}\n    environment: {{REDIS_HOST: redis, {environment}}}\n{REDIS}"
        );
        names(&text)
    }

    #[test]
    fn jobs_of_laravel() {
        assert_eq!(laravel("QUEUE_CONNECTION: redis", "php artisan queue:work"), ["redis→worker queue"]);
        assert_eq!(laravel("APP_ENV: production", "php artisan horizon"), ["redis→worker queue"]);
        assert_eq!(laravel("APP_ENV: production", "php artisan queue:work redis --tries=3"), ["redis→worker queue"]);
        assert!(laravel("QUEUE_CONNECTION: sync", "php artisan queue:work").is_empty());
        assert!(laravel("QUEUE_CONNECTION: redis", "php artisan schedule:work").is_empty());
        assert!(laravel("QUEUE_CONNECTION: redis, REDIS_QUEUE_HOST: other", "php artisan queue:work").is_empty());
        let shell = laravel("QUEUE_CONNECTION: redis", "sh -c 'php artisan migrate && exec php artisan queue:work'");
        assert_eq!(shell, ["redis→worker queue"]);
    }

    #[test]
    fn jobs_of_symfony() {
        let text = "services:\n  consumer:\n    image: php:8.4-cli\n    command: php bin/console messenger:consume async\n    environment: {MESSENGER_TRANSPORT_DSN: \"amqp://u:p@rabbitmq:5672/%2f/messages\"}\n  rabbitmq:\n    image: rabbitmq:4\n";
        let found = of(&[("compose.yaml", text)]);
        assert_eq!(found.len(), 1);
        let one = &found[0].1;
        assert_eq!((one.needs, one.gives, one.cost), (Level::Data, Level::Root, 3));
        assert_eq!(one.reason, "consumer unserializes the jobs that it takes from rabbitmq");
        let user = text.replace("php:8.4-cli", "php:8.4-cli\n    user: www-data");
        assert_eq!(of(&[("compose.yaml", &user)])[0].1.gives, Level::User);
        let doctrine = text.replace("amqp://u:p@rabbitmq:5672/%2f/messages", "doctrine://default");
        assert!(names(&doctrine).is_empty());
    }

    #[test]
    fn a_supervised_worker() {
        let compose = "services:\n  app:\n    build: .\n    environment: {QUEUE_CONNECTION: redis, REDIS_HOST: redis}\n  redis:\n    image: redis:8\n";
        let dockerfile = "FROM php:8.4-fpm\nCOPY supervisord.conf /etc/supervisor/supervisord.conf\nCMD [\"supervisord\", \"-c\", \"/etc/supervisor/supervisord.conf\"]\n";
        let conf = "[program:worker]\ncommand=php /app/artisan queue:work\nuser=www-data\n";
        let found = of(&[("compose.yaml", compose), ("Dockerfile", dockerfile), ("supervisord.conf", conf)]);
        let queue = found.iter().find(|(name, _)| name == "redis→app queue");
        assert_eq!(queue.map(|(_, one)| one.gives), Some(Level::User));
    }

    #[test]
    fn sessions_of_applications() {
        let app = |environment: &str| {
            names(&format!(
                "services:\n  app:\n    image: php:8.4-fpm\n    environment: {{REDIS_HOST: redis, {environment}}}\n{REDIS}"
            ))
        };
        assert_eq!(app("SESSION_DRIVER: redis"), ["redis→app session"]);
        assert!(app("SESSION_DRIVER: file").is_empty());
        assert!(app("SESSION_DRIVER: redis, REDIS_URL: \"redis://cache.example.net\"").is_empty());
        let worker = format!(
            "services:\n  w:\n    image: php:8.4-cli\n    command: php artisan queue:work\n    environment: {{REDIS_HOST: redis, SESSION_DRIVER: redis}}\n{REDIS}"
        );
        assert!(names(&worker).is_empty());
    }

    #[test]
    fn sessions_of_php_itself() {
        let compose = "services:\n  app:\n    image: php:8.4-apache\n    volumes: [\"./s.ini:/usr/local/etc/php/conf.d/s.ini\"]\n  redis:\n    image: redis:8\n";
        let ini = "session.save_handler = redis\nsession.save_path = \"tcp://redis:6379\"\n";
        let found = of(&[("compose.yaml", compose), ("s.ini", ini)]);
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["redis→app session"]);
    }
}

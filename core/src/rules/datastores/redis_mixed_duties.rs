//! `datastores/redis-mixed-duties`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{MixedRedis, Project};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// One Redis that holds the cache of an application together with things that may not be lost: its sessions, its
    /// queue, its locks, its rate limits. *Medium* where a policy for full memory may drop jobs or locks.
    ///
    /// # Why it matters
    /// A cache should forget, a queue must not. With `allkeys-lru` a full cache silently deletes jobs, and with every
    /// eviction policy a lock may vanish while its holder still works. And code that may write the cache may read and
    /// forge the sessions.
    ///
    /// The variables of the application tell what it keeps where: the drivers of Laravel, the URLs of Symfony, PHP's
    /// own session handler. A policy counts only with `maxmemory`, and `volatile-*` spares jobs, which do not expire.
    /// Without such a policy, one more duty beside the cache is fine, and so are separate databases or users.
    /// Development views are not asked.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     environment:
    ///       REDIS_HOST: redis
    ///       CACHE_STORE: redis
    ///       SESSION_DRIVER: redis
    ///       QUEUE_CONNECTION: redis
    ///   redis:
    ///     image: redis:8
    ///     command: redis-server --maxmemory 256mb --maxmemory-policy allkeys-lru
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     environment:
    ///       REDIS_HOST: redis-state
    ///       REDIS_CACHE_HOST: redis-cache
    ///       CACHE_STORE: redis
    ///       SESSION_DRIVER: redis
    ///       QUEUE_CONNECTION: redis
    ///   redis-state:
    ///     image: redis:8
    ///     command: redis-server --appendonly yes --maxmemory 256mb --maxmemory-policy noeviction
    ///   redis-cache:
    ///     image: redis:8
    ///     command: redis-server --save "" --maxmemory 256mb --maxmemory-policy allkeys-lru
    /// ```
    ///
    /// # How to fix
    /// Run two: one for the cache, with `allkeys-lru` and without persistence, and one for the rest, with `noeviction`
    /// and `appendonly yes`. Give each a user of its own. In Laravel `config/database.php` names the host of the cache.
    ///
    /// # References
    /// CWE-653, Laravel documentation "Redis", Symfony documentation "The Lock Component".
    id: "datastores/redis-mixed-duties",
    title: "One Redis holds the cache and what may not be lost",
    severity: Info,
    lowered_in_development: 2,
    fixes: Described,
    why: "A cache forgets when its memory is full, and jobs, locks and sessions in the same Redis are forgotten with it; who may write the cache may also forge the sessions.",
    help: "Run two: one for the cache with an eviction policy, one for the rest with `noeviction`, each with a user of its own.",
    references: ["CWE-653", "Laravel documentation: Redis", "Symfony documentation: The Lock Component"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in project.views.iter().filter(|view| !view.standalone) {
        for mixed in project.mixed_redis(view) {
            if !mixed.server.context.is_development()
                && let Some(draft) = judged(&mixed)
            {
                out.report(draft);
            }
        }
    }
}

fn judged(mixed: &MixedRedis<'_, '_>) -> Option<Draft> {
    let server = mixed.server;
    let names: Vec<&str> = mixed.durable.iter().map(|one| label(one.duty)).collect();
    let holds = format!("`{}` holds the cache together with {}", server.name, list(&names));
    let lost = mixed.lost();
    let draft = match mixed.evicts().filter(|_| lost.iter().any(|duty| matches!(*duty, "queue" | "locks"))) {
        Some((policy, at)) => {
            let message = format!("{holds}, and `{}` drops them when memory is full", shorten(policy, 40));
            Draft::new(at, message).severity(Severity::Medium)
        }
        None if mixed.durable.len() > 1 && !(mixed.is_separated() && lost.is_empty()) => Draft::new(server.at, holds),
        None => return None,
    };
    let draft = draft.confidence(Confidence::Medium).on(server).because(mixed.cache.at, "the cache");
    Some(mixed.durable.iter().fold(draft, |draft, one| draft.because(one.at, label(one.duty))))
}

fn label(duty: &str) -> &'static str {
    match duty {
        "sessions" => "the sessions",
        "queue" => "the queue",
        "locks" => "the locks",
        _ => "the rate limits",
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "datastores/redis-mixed-duties";
    const LARAVEL: &str = "REDIS_HOST: redis, CACHE_STORE: redis, QUEUE_CONNECTION: redis, SESSION_DRIVER: redis";

    fn compose(variables: &str, command: &str) -> String {
        format!(
            "services:\n  app:\n    image: php:8.4-fpm\n    environment: {{{variables}}}\n  redis:\n    image: redis:8\n    command: redis-server {command}\n"
        )
    }

    fn severity(variables: &str, command: &str) -> String {
        let text = compose(variables, command);
        findings(RULE, &[("compose.yaml", &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn policies_that_drop_jobs() {
        assert_eq!(severity(LARAVEL, "--maxmemory 1gb --maxmemory-policy allkeys-lru"), "medium");
        let jobs = "REDIS_HOST: redis, CACHE_STORE: redis, QUEUE_CONNECTION: redis";
        assert_eq!(severity(jobs, "--maxmemory 1gb --maxmemory-policy allkeys-lfu"), "medium");
        assert_eq!(severity(jobs, "--maxmemory 1gb --maxmemory-policy volatile-lru"), "none");
    }

    #[test]
    fn policies_that_spare_jobs() {
        assert_eq!(severity(LARAVEL, "--maxmemory 1gb --maxmemory-policy volatile-lru"), "info");
        assert_eq!(severity(LARAVEL, "--maxmemory 1gb --maxmemory-policy noeviction"), "none");
        assert_eq!(severity(LARAVEL, "--maxmemory-policy allkeys-lru"), "none");
    }

    #[test]
    fn databases_that_are_not_separate() {
        assert_eq!(severity(&format!("{LARAVEL}, REDIS_CACHE_DB: 0"), ""), "info");
        let url = "\"redis://redis:6379\"";
        assert_eq!(severity(&format!("CACHE_DSN: {url}, LOCK_DSN: {url}, MESSENGER_TRANSPORT_DSN: {url}"), ""), "info");
        assert_eq!(severity(&format!("CACHE_DSN: {url}, LOCK_DSN: {url}"), ""), "none", "one duty beside the cache");
    }

    #[test]
    fn users_that_are_separate() {
        let variables = "CACHE_DSN: \"redis://cache:a@redis\", LOCK_DSN: \"redis://app:b@redis\", MESSENGER_TRANSPORT_DSN: \"redis://app:b@redis\"";
        assert_eq!(severity(variables, ""), "none");
    }

    #[test]
    fn servers_of_their_own() {
        let variables = format!("{LARAVEL}, REDIS_CACHE_HOST: other");
        assert_eq!(severity(&variables, "--maxmemory 1gb --maxmemory-policy allkeys-lru"), "none");
    }

    #[test]
    fn development() {
        let text = compose(LARAVEL, "--maxmemory 1gb --maxmemory-policy allkeys-lru");
        clean(RULE, &[("compose.dev.yaml", &text)]);
    }
}

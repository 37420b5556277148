// generated from core/data/needed_paths.json by core/tests/facts_tables.rs; do not edit

use crate::date::Date;
use crate::facts::FactDate;
use crate::facts::needed_paths::{DutyRow, Evidence, EvidenceRow};

#[rustfmt::skip]
pub(crate) const META: FactDate = FactDate { table: "needed_paths", as_of: Date::new(2026, 8, 23), source: "own table: which text tells that one service has to reach another", licence: "own work" };

pub(crate) const NEEDED: u8 = 60;

pub(crate) const PROBABLE: u8 = 30;

pub(crate) const SHARED_ENV_FILE: u8 = 20;

#[rustfmt::skip]
pub(crate) static EVIDENCE: &[EvidenceRow] = &[
    EvidenceRow { kind: Evidence::Apache, weight: 100, directives: &["BalancerMember", "ProxyPass", "ProxyPassMatch", "ProxyPassReverse", "SetHandler"] },
    EvidenceRow { kind: Evidence::Caddy, weight: 100, directives: &["forward_auth", "php_fastcgi", "reverse_proxy"] },
    EvidenceRow { kind: Evidence::Command, weight: 80, directives: &[] },
    EvidenceRow { kind: Evidence::DedicatedNetwork, weight: 60, directives: &[] },
    EvidenceRow { kind: Evidence::DependsOn, weight: 60, directives: &[] },
    EvidenceRow { kind: Evidence::DependsOnHealthy, weight: 70, directives: &[] },
    EvidenceRow { kind: Evidence::EnvHost, weight: 95, directives: &[] },
    EvidenceRow { kind: Evidence::EnvReplica, weight: 90, directives: &[] },
    EvidenceRow { kind: Evidence::EnvUrl, weight: 95, directives: &[] },
    EvidenceRow { kind: Evidence::FrameworkConfig, weight: 80, directives: &[] },
    EvidenceRow { kind: Evidence::Healthcheck, weight: 50, directives: &[] },
    EvidenceRow { kind: Evidence::Link, weight: 70, directives: &[] },
    EvidenceRow { kind: Evidence::NetworkMode, weight: 100, directives: &[] },
    EvidenceRow { kind: Evidence::Nginx, weight: 100, directives: &["fastcgi_pass", "grpc_pass", "memcached_pass", "proxy_pass", "redis_pass", "server", "uwsgi_pass"] },
    EvidenceRow { kind: Evidence::Observed, weight: 95, directives: &[] },
    EvidenceRow { kind: Evidence::ProxyDiscovery, weight: 90, directives: &["VIRTUAL_HOST", "backend", "server", "traefik.enable", "traefik.http.services.*.loadbalancer.server.*"] },
    EvidenceRow { kind: Evidence::RoleDefault, weight: 40, directives: &[] },
    EvidenceRow { kind: Evidence::SharedSocket, weight: 90, directives: &[] },
];

#[rustfmt::skip]
pub(crate) static HOST_WORDS: &[&str] = &[
    "ADDR",
    "ADDRESS",
    "BROKER",
    "BROKERS",
    "DSN",
    "ENDPOINT",
    "HOST",
    "HOSTNAME",
    "HOSTS",
    "NODE",
    "NODES",
    "SERVER",
    "SERVERS",
    "TARGET",
    "UPSTREAM",
    "URI",
    "URL",
];

#[rustfmt::skip]
pub(crate) static REPLICA_KEYS: &[&str] = &[
    "*REPLICA_HOST*",
    "*SENTINEL*",
    "DB_READ_HOST",
    "DB_WRITE_HOST",
];

#[rustfmt::skip]
pub(crate) static DUTIES: &[DutyRow] = &[
    DutyRow { duty: "broadcast", keys: &["BROADCAST_CONNECTION", "BROADCAST_DRIVER", "MERCURE_URL", "REVERB_*", "SOKETI_*"], settings: &[] },
    DutyRow { duty: "cache", keys: &["CACHE_DRIVER", "CACHE_STORE", "WP_REDIS_HOST"], settings: &["cache.adapter.redis"] },
    DutyRow { duty: "locks", keys: &["CACHE_LOCK*", "LOCK_DSN"], settings: &[] },
    DutyRow { duty: "queue", keys: &["HORIZON_*", "MESSENGER_TRANSPORT_DSN", "QUEUE_CONNECTION", "QUEUE_DRIVER"], settings: &[] },
    DutyRow { duty: "rate-limit", keys: &["LIMITER_*", "RATE_LIMITER_*"], settings: &[] },
    DutyRow { duty: "sessions", keys: &["REDIS_SESSION_*", "SESSION_DRIVER"], settings: &["framework.session.handler_id", "session.save_handler"] },
];

#[rustfmt::skip]
pub(crate) static ROLE_DEFAULTS: &[(&str, &str)] = &[
    ("php", "cache"),
    ("php", "db"),
    ("web", "php-fpm"),
];

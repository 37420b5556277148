//! In what of this stack an attack would show: logs, metrics, alerts, audit trails. A watch is claimed only where a file or an image
//! says that it is there, and a step is shown only by what would hold a trace of it. Metrics and probes tell of load and of
//! failures, not of somebody who is careful.

mod around;
mod logs;

use super::model::{DoorKind, Evidence, Graph, InfluenceKind, ServiceId, Watch, WatchKind};
use super::outcome::{Position, Verb};
use crate::project::ServiceRef;

/// How a watch of PHP-FPM's own access log begins: the only one that shows FastCGI that comes past the web server.
const FPM_LOG: &str = "PHP-FPM logs";

/// How a watch of Caddy's interface for administration begins; the log of its sites does not show it.
const ADMIN_LOG: &str = "Caddy logs requests to its admin interface";

/// What watches a service.
pub(super) fn watches(service: ServiceRef<'_, '_>) -> Vec<Watch> {
    let mut found = Vec::new();
    logs::add(service, &mut found);
    around::add(service, &mut found);
    found.sort_by_key(|watch| watch.kind);
    found
}

/// Which of the watches of the services at both ends would show a step. Empty where none would: reading what is there, looking
/// around, a password that is used as its owner would use it.
#[must_use]
pub fn shows(graph: &Graph, verb: Verb, from: Position, to: Position) -> Vec<Evidence> {
    match (verb, from, to) {
        (Verb::Connect, _, Position::At(service, _)) => of(graph, service, &|watch| watch.kind == WatchKind::StoreLog),
        // A console writes requests into its log, a store connections.
        (Verb::Access, _, Position::At(service, _)) => {
            of(graph, service, &|watch| matches!(watch.kind, WatchKind::StoreLog | WatchKind::AccessLog))
        }
        (Verb::Execute, from, Position::At(service, _)) => executes(graph, from, service),
        (Verb::Escape, Position::At(service, _), _) => of(graph, service, &|watch| watch.kind == WatchKind::Audit),
        _ => Vec::new(),
    }
}

/// What shows that code begins to run in a service.
fn executes(graph: &Graph, from: Position, service: ServiceId) -> Vec<Evidence> {
    let Some(node) = graph.services.get(service) else { return Vec::new() };
    let executing = || node.doors.iter().filter(|door| door.gives.executes());
    let doors = |wanted: &[DoorKind]| executing().any(|door| wanted.contains(&door.kind));
    let fastcgi = doors(&[DoorKind::FastCgi]);
    let admin = doors(&[DoorKind::AdminApi]);
    // A file that lands among the code is asked for by a request.
    let requests = doors(&[DoorKind::Console]) || by_file(graph, from, service);
    of(graph, service, &|watch: &Watch| match watch.kind {
        WatchKind::Audit => true,
        WatchKind::AccessLog if fastcgi => watch.what.starts_with(FPM_LOG),
        WatchKind::AccessLog => requests,
        WatchKind::ApplicationLog => admin && watch.what.starts_with(ADMIN_LOG),
        _ => false,
    })
}

/// Whether the code comes as a file that the service executes.
fn by_file(graph: &Graph, from: Position, to: ServiceId) -> bool {
    let Position::At(from, _) = from else { return false };
    graph.influences.iter().any(|influence| {
        influence.from == from
            && influence.to == to
            && matches!(influence.kind, InfluenceKind::CodeVolume | InfluenceKind::RedisFile)
    })
}

fn of(graph: &Graph, service: ServiceId, wanted: &dyn Fn(&Watch) -> bool) -> Vec<Evidence> {
    let watches = graph.services.get(service).map(|service| service.watches.as_slice()).unwrap_or_default();
    let chosen = watches.iter().filter(|watch| wanted(watch));
    chosen
        .map(|watch| Evidence {
            at: watch.evidence.first().and_then(|evidence| evidence.at),
            label: watch.what.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::model::{Door, Level};
    use crate::graph::testing::{graph, service};
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// What watches a service of files.
    fn watched(files: &[(&str, &str)], name: &str) -> Vec<String> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let service = project.services().find(|service| service.name == name).unwrap();
        watches(service).into_iter().map(|watch| format!("{} {}", watch.kind.as_str(), watch.what)).collect()
    }

    fn has(found: &[String], kind: &str) -> bool {
        found.iter().any(|watch| watch.starts_with(kind))
    }

    #[test]
    fn access_logs() {
        let compose = "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n  caddy:\n    image: caddy:2.11.4\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile\"]\n";
        let caddy = ("Caddyfile", ":80 {\n\tphp_fastcgi app:9000\n}\n");
        let site = ("site.conf", "server {\n  location / { fastcgi_pass app:9000; }\n}\n");
        let files = [("compose.yaml", compose), site, caddy];
        assert!(has(&watched(&files, "web"), "access-log nginx"), "{:?}", watched(&files, "web"));
        assert!(has(&watched(&files, "app"), "access-log PHP-FPM"), "{:?}", watched(&files, "app"));
        assert!(!has(&watched(&files, "caddy"), "access-log"), "Caddy logs no requests by itself");
        assert!(has(&watched(&files, "caddy"), "application-log Caddy logs requests to its admin"));
        let off = ("site.conf", "server {\n  access_log off;\n  location / { fastcgi_pass app:9000; }\n}\n");
        let logs = ("Caddyfile", ":80 {\n\tlog\n\tphp_fastcgi app:9000\n}\n");
        let files = [("compose.yaml", compose), off, logs];
        assert!(!has(&watched(&files, "web"), "access-log"));
        assert!(has(&watched(&files, "caddy"), "access-log Caddy"));
        let thrown = compose.replace("image: nginx:1.30.4\n", "image: nginx:1.30.4\n    logging: {driver: none}\n");
        assert!(!has(&watched(&[("compose.yaml", &thrown), site, caddy], "web"), "access-log"), "nobody keeps it");
    }

    #[test]
    fn logs_of_consoles() {
        let compose = "services:\n  pma:\n    image: phpmyadmin:5\n  fpm:\n    image: phpmyadmin:5-fpm\n  traefik:\n    image: traefik:v3\n    command: --accesslog=true --api\n  quiet:\n    image: traefik:v3\n    command: --api\n";
        let shows = |name: &str| has(&watched(&[("compose.yaml", compose)], name), "access-log");
        assert!(shows("pma") && shows("traefik") && !shows("quiet"));
        let fpm = watched(&[("compose.yaml", compose)], "fpm");
        assert!(!fpm.iter().any(|watch| watch.contains("Apache")), "{fpm:?}");
    }

    #[test]
    fn logs_of_stores() {
        let compose = "services:\n  a:\n    image: redis:8\n  b:\n    image: postgres:18\n    command: postgres -c log_connections=on\n  c:\n    image: postgres:18\n  d:\n    image: rabbitmq:4\n  e:\n    image: mysql:8.4.11\n    command: --general-log=1\n  f:\n    image: mysql:8.4.11\n";
        let shows = |name: &str| has(&watched(&[("compose.yaml", compose)], name), "store-log");
        assert_eq!(["a", "b", "c", "d", "e", "f"].map(shows), [false, true, false, true, true, false]);
    }

    #[test]
    fn who_else_watches() {
        let compose = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {SENTRY_DSN: \"https://x@sentry.example.net/1\"}\n    logging: {driver: fluentd}\n    healthcheck: {test: \"true\"}\n  prometheus:\n    image: prom/prometheus:v3.5.0\n    volumes: [\"./prometheus.yml:/etc/prometheus/prometheus.yml:ro\"]\n  falco:\n    image: falcosecurity/falco:0.41.0\n    privileged: true\n    volumes: [\"/var/run/docker.sock:/host/var/run/docker.sock\"]\n";
        let config = ("prometheus.yml", "scrape_configs:\n  - static_configs:\n      - targets: [\"app:9253\"]\n");
        let found = watched(&[("compose.yaml", compose), config], "app");
        for kind in ["log-shipping", "metrics", "alerting", "health-check", "audit"] {
            assert!(has(&found, kind), "{kind}: {found:?}");
        }
        assert!(found.iter().all(|watch| !watch.contains("sentry.example.net")), "{found:?}");
        let alone = watched(&[("compose.yaml", "services:\n  app:\n    image: php:8.4-fpm\n")], "app");
        assert!(!has(&alone, "metrics") && !has(&alone, "audit") && !has(&alone, "alerting"), "{alone:?}");
    }

    #[test]
    fn an_admin_interface_has_a_log_of_its_own() {
        let mut php = service("php", "php-app", "app");
        php.doors = vec![Door {
            kind: DoorKind::AdminApi,
            gives: Level::User,
            cost: 1,
            ports: vec![2019],
            loopback_only: false,
            reason: "anybody may change the configuration".to_owned(),
            evidence: Vec::new(),
            cause: None,
        }];
        let sites = watch(WatchKind::AccessLog, "Caddy logs requests");
        php.watches = vec![sites, watch(WatchKind::ApplicationLog, ADMIN_LOG)];
        let graph = graph(vec![service("web", "web", "edge"), php], &[], &[]);
        let (from, to) = (Position::At(0, Level::User), Position::At(1, Level::User));
        let shown = shows(&graph, Verb::Execute, from, to);
        assert_eq!(shown.iter().map(|evidence| evidence.label.as_str()).collect::<Vec<_>>(), [ADMIN_LOG]);
    }

    fn watch(kind: WatchKind, what: &str) -> Watch {
        Watch { kind, what: what.to_owned(), evidence: Vec::new() }
    }

    #[test]
    fn what_shows_a_step() {
        let mut app = service("app", "php-fpm", "app");
        app.watches = vec![watch(WatchKind::AccessLog, "nginx logs requests"), watch(WatchKind::Metrics, "metrics")];
        app.doors = vec![Door {
            kind: DoorKind::FastCgi,
            gives: Level::User,
            cost: 1,
            ports: vec![9000],
            loopback_only: false,
            reason: "FastCGI has no login".to_owned(),
            evidence: Vec::new(),
            cause: None,
        }];
        let mut store = service("mq", "queue", "data");
        store.watches = vec![watch(WatchKind::StoreLog, "RabbitMQ logs every connection")];
        let mut graph = graph(vec![service("web", "web", "edge"), app, store], &[], &[]);
        let at = |service| Position::At(service, Level::User);
        let said = |graph: &Graph, verb, from, to| {
            shows(graph, verb, from, to).into_iter().map(|evidence| evidence.label).collect::<Vec<_>>()
        };
        assert!(said(&graph, Verb::Execute, at(0), at(1)).is_empty(), "nginx does not see what goes past it");
        graph.services[1].watches.push(watch(WatchKind::AccessLog, "PHP-FPM logs every request"));
        assert_eq!(said(&graph, Verb::Execute, at(0), at(1)), ["PHP-FPM logs every request"]);
        assert_eq!(said(&graph, Verb::Access, at(1), at(2)), ["RabbitMQ logs every connection"]);
        assert_eq!(said(&graph, Verb::Connect, at(1), at(2)), ["RabbitMQ logs every connection"]);
        assert!(said(&graph, Verb::Read, at(1), at(1)).is_empty());
        assert!(said(&graph, Verb::Enumerate, at(1), at(1)).is_empty());
        assert!(said(&graph, Verb::Escape, at(1), Position::Host).is_empty());
        graph.services[1].watches.push(watch(WatchKind::Audit, "falco watches what processes do"));
        assert_eq!(said(&graph, Verb::Escape, at(1), Position::Host), ["falco watches what processes do"]);
        assert!(said(&graph, Verb::Access, at(1), Position::External(0)).is_empty());
        assert!(said(&graph, Verb::Access, at(1), at(99)).is_empty());
    }
}

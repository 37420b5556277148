//! What the model says of services, what they use, and what runs.

use super::describe;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};
use plimsoll_plugin_abi as abi;

fn described(files: &[(&str, &str)]) -> abi::Project {
    let sources = sources(files);
    describe(&Project::new(&sources, TODAY))
}

fn entity<'d>(described: &'d abi::Project, kind: &str, name: &str) -> &'d abi::Entity {
    let is = |entity: &&abi::Entity| entity.kind == kind && entity.name == name;
    described.entities.iter().find(is).unwrap_or_else(|| panic!("no {kind} {name}"))
}

fn values<'e>(entity: &'e abi::Entity, key: &str) -> Vec<&'e str> {
    entity.properties.iter().filter(|property| property.key == key).map(|property| property.value.as_str()).collect()
}

/// Relations of a kind as `source target key=value …`.
fn relations(described: &abi::Project, kind: &str) -> Vec<String> {
    let end = |index: u32| described.entities[index as usize].name.as_str();
    let line = |relation: &abi::Relation| {
        let keys = relation.properties.iter().map(|property| format!(" {}={}", property.key, property.value));
        format!("{} {}{}", end(relation.source), end(relation.target), keys.collect::<String>())
    };
    described.relations.iter().filter(|relation| relation.kind == kind).map(line).collect()
}

#[test]
fn a_service_says_what_organisations_ask_for() {
    let described = described(&[
        ("compose.yaml", include_str!("testing/compose.yaml")),
        ("docker/app.Dockerfile", include_str!("testing/app.Dockerfile")),
        (".env", "COMPOSE_PROFILES=extra\n"),
    ]);
    let app = entity(&described, "service", "app");
    for (key, want) in [
        ("memory-limit", "134217728"),
        ("memory-reservation", "67108864"),
        ("cpu-limit", "0.5"),
        ("pids-limit", "100"),
        ("health-check", "command"),
        ("read-only", "true"),
        ("security-opt", "no-new-privileges"),
        ("userns-mode", "host"),
        ("logging-driver", "json-file"),
        ("logging-option", "max-size=10m"),
        ("ulimit", "nofile=1:2"),
        ("extra-host", "x=10.0.0.1"),
        ("env-file", "app.env"),
        ("command", "php-fpm"),
        ("label", "owner=team"),
        ("build-target", "prod"),
        ("replicas", "1"),
    ] {
        assert_eq!(values(app, key), [want], "{key}");
    }
    let back = entity(&described, "network", "back");
    assert_eq!(values(back, "label"), ["region=eu"]);
    assert_eq!(values(back, "driver-option"), ["com.docker.network.bridge.name=br0"]);
    assert_eq!((values(back, "engine-name"), values(back, "subnet")), (vec!["shop-back"], vec!["10.1.0.0/24"]));
    let data = entity(&described, "volume", "data");
    assert_eq!((values(data, "label"), values(data, "device")), (vec!["region=eu"], vec!["/srv/data"]));
    let prod = entity(&described, "stage", "prod");
    assert_eq!((values(prod, "label"), values(prod, "user")), (vec!["owner=team"], vec!["app"]));
    let mount = entity(&described, "mount", "/src");
    assert_eq!((values(mount, "target"), values(mount, "read-only")), (vec!["/src"], vec!["true"]));
    assert!(values(mount, "option").contains(&"z"), "{mount:?}");
    assert!(relations(&described, "reads-config").iter().any(|line| line.starts_with("app conf target=")));
    assert_eq!(relations(&described, "depends-on"), ["app cache condition=service_started required=true"]);
    let needs = relations(&described, "needs");
    assert!(needs.contains(&"app cache evidence=env-host weight=95 key=REDIS_HOST port=6379".to_owned()), "{needs:?}");
    let reach = relations(&described, "can-reach");
    assert!(reach.contains(&"app cache by=network network=back".to_owned()), "{reach:?}");
    assert!(!reach.iter().any(|line| line.contains("meter")), "no network leads to it: {reach:?}");
    let port = entity(&described, "port", "8080:80/tcp");
    assert_eq!(values(port, "reach"), ["everyone"]);
    let web = entity(&described, "service", "web");
    assert_eq!(values(web, "reached-from"), ["internet"]);
    assert!(values(web, "reaches").contains(&"internet"));
    assert_eq!(values(entity(&described, "service", "meter"), "reaches"), [""; 0]);
}

#[test]
fn health_checks_are_found_where_they_are_written() {
    let described = described(&[
        (
            "compose.yaml",
            "services:\n  off:\n    image: redis:7\n    healthcheck: {disable: true}\n  bare:\n    image: redis:7\n  own:\n    \
             image: registry.example.net/thing:1\n  built:\n    build: .\n",
        ),
        ("Dockerfile", "FROM php:8.4-fpm\nHEALTHCHECK CMD true\n"),
    ]);
    let health = |name: &str| {
        let service = entity(&described, "service", name);
        let property = service.properties.iter().find(|property| property.key == "health-check").unwrap();
        let written = property.origin.map(|at| {
            let document = &described.documents[at.document as usize];
            (document.path.as_str(), &document.text[at.span.start as usize..at.span.end as usize])
        });
        (property.value.as_str(), written)
    };
    assert_eq!(health("off").0, "disabled");
    assert_eq!(health("off").1.map(|(path, _)| path), Some("compose.yaml"));
    assert_eq!(health("bare"), ("none", None));
    assert_eq!(health("own"), ("unknown", None));
    let (value, written) = health("built");
    assert_eq!(value, "command");
    let (path, text) = written.unwrap();
    assert!(path == "Dockerfile" && text.starts_with("HEALTHCHECK"), "{path}: {text}");
}

#[test]
fn containers_are_told_without_their_values() {
    let described = described(&[("inventory/docker-inspect.json", include_str!("testing/docker-inspect.json"))]);
    let container = entity(&described, "container", "shop-cache-1");
    for (key, want) in [
        ("state", "running"),
        ("health", "healthy"),
        ("compose-service", "cache"),
        ("cpu-limit", "1.5"),
        ("memory-limit", "134217728"),
        ("environment", "A"),
        ("mount", "shop_data:/data:ro"),
        ("network", "shop_back"),
        ("user", "999"),
    ] {
        assert_eq!(values(container, key), [want], "{key}");
    }
    assert!(described.entities.iter().any(|view| view.kind == "view" && values(view, "running") == ["true"]));
    assert_eq!(relations(&described, "runs-as"), ["cache shop-cache-1"]);
}

#[test]
fn pairs_are_bounded() {
    let stack = |count: usize| {
        let services: String = (0..count).map(|nth| format!("  s{nth}:\n    image: redis:7\n")).collect();
        format!("services:\n{services}")
    };
    assert_eq!(relations(&described(&[("compose.yaml", &stack(3))]), "can-reach").len(), 6);
    let many = described(&[("compose.yaml", &stack(101))]);
    assert_eq!(relations(&many, "can-reach").len(), 0);
    assert_eq!(many.entities.iter().filter(|entity| entity.kind == "service").count(), 101);
}

#[test]
fn a_broken_file_says_so() {
    let described = described(&[("Dockerfile", "FROM a\n"), ("other.Dockerfile", "FROM\n")]);
    let broken: Vec<bool> = described.documents.iter().map(|document| !document.properties.is_empty()).collect();
    assert_eq!(broken, [false, true]);
}

//! The handles on a real project.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll_plugin_sdk::prelude::*;
use plimsoll_plugin_sdk::{shell, testing};

const DOCKERFILE: &str = "\
FROM composer:2 AS vendor
RUN composer install
FROM registry.example.net:5000/base/php:8.4@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef AS base
ENV A=b
RUN apk add git \\
    curl
ONBUILD RUN never
FROM base AS app
COPY --from=vendor /app /app
LABEL owner=web
RUN [\"make\", \"all\"]
";

const COMPOSE: &str = "\
services:
  app:
    build: {context: ., target: app}
    environment:
      APP_ENV: production
      FROM_SHELL:
    labels: [owner=web, \"note=a=b\"]
    networks: [back]
    ports: [\"127.0.0.1:8080:80\"]
    depends_on: [cache]
  cache:
    image: redis:7
    user: \"1000\"
    networks: [back]
    volumes:
      - store:/data
      - ./redis.conf:/etc/redis.conf:ro
networks:
  back: {internal: true, driver: bridge}
volumes:
  store:
";

fn project() -> Project {
    testing::project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE), (".env", "X=1\nY=2\n")])
}

fn service<'p>(project: &'p Project, name: &str) -> Service<'p> {
    project.services().find(|service| service.name() == name).unwrap()
}

#[test]
fn services_say_what_they_are() {
    let project = project();
    let (app, cache) = (service(&project, "app"), service(&project, "cache"));
    assert_eq!((cache.role(), cache.group(), cache.context()), ("cache", "data", Context::Unknown));
    assert_eq!((cache.user(), app.image().is_none(), app.declared()), (Some("1000"), true, true));
    let image = cache.image().unwrap();
    assert_eq!((image.registry(), image.repository()), (Some("docker.io"), Some("docker.io/library/redis")));
    assert_eq!((image.tag(), image.digest(), image.known(), image.written_name()), (Some("7"), None, true, "redis"));
    let variable = |name: &str| app.variable(name).map(|variable| variable.value);
    assert_eq!(
        (variable("APP_ENV"), variable("FROM_SHELL"), variable("NONE")),
        (Some(Some("production")), Some(None), None)
    );
    assert_eq!(app.label("note").unwrap().known(), Some("a=b"));
    assert_eq!(app.labels().map(|label| label.name).collect::<Vec<_>>(), ["owner", "note"]);
    let port = app.ports().next().unwrap();
    assert_eq!(
        (port.host_ip(), port.published(), port.target(), port.protocol()),
        (Some("127.0.0.1"), Some("8080"), Some("80"), Some("tcp"))
    );
    assert_eq!(project.views().next().unwrap().services().count(), 2);
    assert_eq!(cache.in_view().unwrap().files().collect::<Vec<_>>(), ["compose.yaml"]);
}

#[test]
fn services_know_what_belongs_to_them() {
    let project = project();
    let (app, cache) = (service(&project, "app"), service(&project, "cache"));
    let network = app.networks().next().unwrap();
    assert!(network.internal() && !network.external());
    assert_eq!((network.name(), network.driver()), ("back", Some("bridge")));
    assert_eq!(network.services().map(|one| one.name()).collect::<Vec<_>>(), ["app", "cache"]);
    let mounts: Vec<_> = cache.mounts().map(|mount| (mount.name(), mount.mount_type(), mount.read_only())).collect();
    assert_eq!(mounts, [("/data", "volume", false), ("/etc/redis.conf", "bind", true)]);
    let mount = cache.mounts().next().unwrap();
    let volume = mount.volume().unwrap();
    assert_eq!((volume.name(), volume.mounts().count(), mount.service() == Some(cache)), ("store", 1, true));
    assert_eq!(cache.in_view().unwrap().resolve("./redis.conf").as_deref(), Some("redis.conf"));
    assert_eq!(cache.in_view().unwrap().resolve("/etc"), None);
}

#[test]
fn stages_know_their_instructions() {
    let project = project();
    let app = service(&project, "app").stage().unwrap();
    assert_eq!((app.name(), app.deployed(), app.used()), ("app", true, true));
    let keys = |stage: Stage<'_>| stage.all_instructions().map(|node| node.key().to_owned()).collect::<Vec<_>>();
    assert_eq!(keys(app), ["COPY", "LABEL", "RUN"]);
    let Base::Stage(base) = app.base() else { panic!("{:?}", app.name()) };
    assert_eq!(keys(base), ["ENV", "RUN", "ONBUILD"]);
    assert_eq!(base.instructions("run").count(), 1, "what ONBUILD triggers is no instruction of this stage");
    assert_eq!(app.chain().map(|stage| stage.name()).collect::<Vec<_>>(), ["app", "base"]);
    let image = app.base_image().unwrap();
    assert_eq!(
        (image.registry(), image.written_name()),
        (Some("registry.example.net:5000"), "registry.example.net:5000/base/php")
    );
    assert_eq!(app.copied_stages().map(|stage| stage.name()).collect::<Vec<_>>(), ["vendor"]);
    assert_eq!(app.copied_images().count(), 0);
    assert_eq!(base.services().map(|one| one.name()).collect::<Vec<_>>(), ["app"]);
    let vendor = project.stages().find(|stage| stage.name() == "vendor").unwrap();
    assert_eq!((vendor.deployed(), keys(vendor)), (false, vec!["RUN".to_owned()]));
    assert!(matches!(vendor.base(), Base::Image(_)));
    assert_eq!(vendor.node().unwrap().text(), "FROM composer:2 AS vendor");
}

#[test]
fn commands_are_at_their_places() {
    let project = project();
    let app = service(&project, "app").stage().unwrap();
    let runs = app.chain().flat_map(|stage| stage.instructions("RUN"));
    let words: Vec<Vec<String>> = runs
        .flat_map(shell::commands)
        .map(|command| command.words.iter().map(|word| word.text.clone()).collect())
        .collect();
    assert_eq!(words, [vec!["make", "all"], vec!["apk", "add", "git", "curl"]]);
    let base = app.chain().nth(1).unwrap();
    let run = base.instructions("RUN").next().unwrap();
    let curl = &shell::commands(run)[0].words[3];
    assert_eq!((project.text_at(curl.at), project.place(curl.at).as_str()), ("curl", "Dockerfile:6:5"));
}

#[test]
fn nodes_are_found() {
    let project = project();
    let node = project.service_node(service(&project, "app")).unwrap();
    assert_eq!((node.key(), node.kind(), project.text_at(node.key_location())), ("app", NodeKind::Pair, "app"));
    assert_eq!(node.get("environment").unwrap().get("APP_ENV").unwrap().value(), "production");
    assert_eq!(node.get("labels").unwrap().items().map(NodeRef::value).collect::<Vec<_>>(), ["owner=web", "note=a=b"]);
    assert_eq!(node.find("target").unwrap().value(), "app");
    assert_eq!(node.ancestors().find(|node| node.kind() == NodeKind::Pair).unwrap().key(), "services");
    let document = node.document();
    assert_eq!(document.pair_at(&["networks", "back", "internal"]).unwrap().value(), "true");
    assert!(document.pair_at(&["networks", "front"]).is_none());
    let all: Vec<NodeRef<'_>> = document.root().unwrap().descendants().collect();
    assert_eq!(all.len() + 1, document.nodes.len(), "every node is below the root, once");
    let below: Vec<NodeRef<'_>> = node.descendants().collect();
    assert!(below.iter().all(|one| one.ancestors().any(|above| above == node)) && !below.contains(&node));
    let at = project.entities("network").next().unwrap().origin().unwrap();
    assert_eq!(project.node_at(at).unwrap().key(), "back");
}

#[test]
fn lines_are_counted_from_one() {
    let project = project();
    let env = project.document(".env").unwrap();
    let line = |number: u32| env.at(number).map(|at| project.text_at(at).to_owned());
    assert_eq!((line(0), line(1), line(2)), (None, Some("X=1".to_owned()), Some("Y=2".to_owned())));
    assert_eq!((line(3), line(4)), (Some(String::new()), None));
    assert_eq!((env.line_column(0), env.line_column(6), env.line_column(99)), ((1, 1), (2, 3), (3, 1)));
    assert!(project.document("nothing").is_none());
}

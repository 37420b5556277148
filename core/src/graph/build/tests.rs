use super::*;
use crate::rules::testing::{TODAY, sources};

fn with<T>(files: &[(&str, &str)], question: impl Fn(&Graph) -> T) -> T {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    question(&of(&project, &project.views[0]))
}

fn compose<T>(text: &str, question: impl Fn(&Graph) -> T) -> T {
    with(&[("compose.yaml", text)], question)
}

/// The names of services with a property.
fn names(graph: &Graph, wanted: impl Fn(&ServiceNode) -> bool) -> Vec<&str> {
    graph.services.iter().filter(|service| wanted(service)).map(|service| service.name.as_str()).collect()
}

#[test]
fn jobs_are_there_and_no_members() {
    let text = "services:\n  app:\n    image: php:8.4-fpm\n    depends_on:\n      migrate: {condition: service_completed_successfully}\n  migrate:\n    image: php:8.4-cli\n";
    compose(text, |graph| {
        assert_eq!(names(graph, |_| true), ["app", "migrate"]);
        assert_eq!(names(graph, |service| service.stays), ["app"]);
        assert_eq!(graph.networks.iter().map(|network| network.members.clone()).collect::<Vec<_>>(), [[0]]);
        assert!(graph.links.iter().all(|link| link.from != End::Service(1) && link.to != End::Service(1)));
    });
}

#[test]
fn networks_that_are_declared_or_used() {
    let text = "services:\n  a:\n    image: x:1\n    networks: [front, data]\n  b:\n    image: x:1\n    network_mode: bridge\n  c:\n    image: x:1\n    network_mode: host\nnetworks:\n  front: {}\n  data: {internal: true}\n  theirs: {external: true}\n  quiet: {driver_opts: {com.docker.network.bridge.enable_icc: \"false\"}}\n";
    compose(text, |graph| {
        let flags = |n: &NetworkNode| (n.name.clone(), n.internal, n.external, n.isolated);
        let all: Vec<_> = graph.networks.iter().map(flags).collect();
        assert_eq!(
            all,
            [
                ("front".to_owned(), false, false, false),
                ("data".to_owned(), true, false, false),
                ("theirs".to_owned(), false, true, false),
                ("quiet".to_owned(), false, false, true),
                ("bridge".to_owned(), false, true, false),
            ]
        );
        let members: Vec<_> = graph.networks.iter().map(|network| network.members.as_slice()).collect();
        assert_eq!(members, [&[0][..], &[0], &[], &[], &[1]]);
        assert!(graph.services[1].networks.is_empty() && graph.services[1].network_mode.as_deref() == Some("bridge"));
    });
}

#[test]
fn who_runs_as_root() {
    let text = "services:\n  fpm:\n    image: php:8.4-fpm\n  worker:\n    image: php:8.4-fpm\n    command: php artisan queue:work\n  web:\n    image: nginx:1.30.4\n  own:\n    image: php:8.4-cli\n    user: \"1000\"\n  redis:\n    image: redis:8.2.9\n  any:\n    image: registry.example.net/x:1\n";
    compose(text, |graph| {
        assert_eq!(names(graph, |service| service.root_for_requests), ["worker"]);
        assert_eq!(names(graph, |service| service.root_for_jobs), ["fpm", "worker", "web"]);
    });
}

#[test]
fn ports_that_are_listened_on() {
    let text = "services:\n  fpm:\n    image: php:8.4-fpm\n  worker:\n    image: php:8.4-fpm\n    command: php artisan queue:work\n  web:\n    image: nginx:1.30.4\n    ports: [\"80:8080\"]\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  redis:\n    image: redis:8.2.9\n    command: redis-server --port 6380\n  any:\n    image: registry.example.net/x:1\n    expose: [\"9001\", \"9100-9101/tcp\", \"${P}\"]\n  db:\n    image: mysql:8.4.11\n";
    with(&[("compose.yaml", text), ("site.conf", "server { listen 8080; root /srv; }\n")], |graph| {
        let ports: Vec<_> = graph.services.iter().map(|service| service.ports.as_slice()).collect();
        assert_eq!(ports[..5], [&[9000][..], &[], &[8080], &[6380], &[9001, 9100, 9101]]);
        assert!(ports[5].contains(&3306));
    });
}

#[test]
fn who_is_exposed() {
    let text = "services:\n  web:\n    image: nginx:1.30.4\n    ports: [\"80:80\"]\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n  pma:\n    image: phpmyadmin:5.2.3\n    ports: [\"127.0.0.1:8080:80\"]\n  db:\n    image: mysql:8.4.11\n    ports: [\"10.0.0.5:3306:3306\"]\n  agent:\n    image: redis:8.2.9\n    network_mode: host\n  blind:\n    image: registry.example.net/x:1\n    network_mode: host\n  vpn:\n    image: registry.example.net/vpn:1\n    ports: [\"5432:5432\"]\n  behind:\n    image: postgres:17\n    network_mode: service:vpn\n  routed:\n    image: registry.example.net/x:1\n    environment: {VIRTUAL_HOST: x.example.net}\n";
    let site = "server { listen 80; location / { fastcgi_pass app:9000; } }\n";
    with(&[("compose.yaml", text), ("site.conf", site)], |graph| {
        assert_eq!(names(graph, |service| service.is_exposed), ["web", "app", "agent", "vpn", "behind", "routed"]);
        let reach: Vec<&str> = graph.services.iter().flat_map(|s| &s.published).map(|port| port.reach).collect();
        assert_eq!(reach, ["everyone", "loopback", "private", "everyone"]);
    });
}

#[test]
fn the_same_build_has_the_same_text() {
    let text = "services:\n  app:\n    build: {context: ., target: prod}\n    image: shop:1\n  worker:\n    image: shop:1\n  job:\n    build: {context: ., target: prod}\n  web:\n    build: {context: ., target: web}\n  redis:\n    image: redis:8\n  cache:\n    image: redis:8\n";
    let dockerfile = "FROM php:8.4-fpm AS prod\nFROM nginx:1.30.4 AS web\n";
    with(&[("compose.yaml", text), ("Dockerfile", dockerfile)], |graph| {
        let build: Vec<&str> = graph.services.iter().map(|service| service.build.as_str()).collect();
        assert!(build[0] == build[1] && build[0] == build[2] && build[0] != build[3] && build[4] == build[5]);
        let images: Vec<&str> = graph.services.iter().map(|service| service.image.as_str()).collect();
        assert_eq!(images[..4], ["shop:1", "shop:1", "Dockerfile (prod)", "Dockerfile (web)"]);
    });
}

#[test]
fn needs_once_for_each_direction() {
    let text = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db, DB_WRITE_HOST: db}\n    depends_on: [db]\n  db:\n    image: mysql:8.4.11\n";
    compose(text, |graph| {
        let needs: Vec<_> = graph.needs.iter().map(|need| (need.from, need.to, need.is_needed())).collect();
        assert_eq!(needs, [(0, 1, true)]);
        assert!(graph.needs[0].evidence.at.is_some());
    });
}

#[test]
fn a_view_that_is_too_large_is_cut() {
    let mut text = "services:\n".to_owned();
    for nth in 0..MAX_SERVICES + 20 {
        text.push_str(&format!("  s{nth}:\n    image: x:1\n    networks: [n{nth}]\n"));
    }
    compose(&text, |graph| {
        assert_eq!((graph.services.len(), graph.networks.len()), (MAX_SERVICES, MAX_SERVICES));
        assert!(graph.links.iter().all(|link| !matches!((link.from, link.to), (End::Service(_), End::Service(_)))));
    });
}

#[test]
fn machines_outside_and_who_names_them() {
    let text = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {MAIL_HOST: smtp.example.net}\n  worker:\n    image: php:8.4-cli\n    networks: [inside]\n    environment: {MAIL_HOST: smtp.example.net}\n  db:\n    image: mysql:8.4.11\nnetworks:\n  inside: {internal: true}\n";
    compose(text, |graph| {
        let outside = |link: &&Link| matches!(link.to, End::External(_));
        let ends: Vec<_> = graph.links.iter().filter(outside).map(|link| (link.from, link.to, link.kind)).collect();
        assert_eq!(ends, [(End::Service(0), End::External(0), LinkKind::Egress)]);
        assert_eq!(graph.externals[0].name, "smtp.example.net");
    });
}

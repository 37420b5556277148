use super::*;
use crate::graph::model::Graph;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};

fn with<T>(text: &str, question: impl Fn(&Graph) -> T) -> T {
    let sources = sources(&[("compose.yaml", text)]);
    let project = Project::new(&sources, TODAY);
    question(&crate::graph::of(&project, &project.views[0]))
}

fn name(graph: &Graph, end: End) -> &str {
    match end {
        End::Service(id) => &graph.services[id].name,
        End::Internet => "internet",
        End::HostLoopback => "loopback",
        End::Host => "host",
        End::Metadata => "metadata",
        End::External(_) => "external",
    }
}

/// `from kind→to:ports` of the links of some kinds.
fn links(text: &str, kinds: &[LinkKind]) -> Vec<String> {
    with(text, |graph| {
        let wanted = graph.links.iter().filter(|link| kinds.contains(&link.kind));
        wanted
            .map(|link| {
                assert!(link.evidence.iter().all(|evidence| evidence.at.is_some()) && !link.evidence.is_empty());
                let ports: Vec<String> = link.ports.iter().map(u16::to_string).collect();
                format!("{}→{}:{}", name(graph, link.from), name(graph, link.to), ports.join(","))
            })
            .collect()
    })
}

/// The rules of the links of a kind, each once.
fn rules(text: &str, kind: LinkKind) -> Vec<&'static str> {
    with(text, |graph| {
        let links = graph.links.iter().filter(|link| link.kind == kind);
        let mut rules: Vec<&str> = links.filter_map(|link| link.cause.as_ref()?.rule).collect();
        rules.dedup();
        rules
    })
}

const APART: &str =
    "services:\n  a:\n    image: x:1\n    networks: [front]\n  b:\n    image: mysql:8.4.11\n    networks: [back]\n";
const NETWORKS: &str = "networks:\n  front: {}\n  back: {}\n";

#[test]
fn one_link_for_each_direction_of_common_networks() {
    let text = "services:\n  a:\n    image: x:1\n    networks: [n, m]\n  b:\n    image: x:1\n    networks: [m, n]\n  c:\n    image: x:1\n    networks: [o]\nnetworks: {n: {}, m: {}, o: {}}\n";
    assert_eq!(links(text, &[LinkKind::Network]), ["a→b:", "b→a:"]);
    with(text, |graph| {
        let link = graph.links.iter().find(|link| link.kind == LinkKind::Network).unwrap();
        assert_eq!((link.networks.join(","), link.evidence.len(), link.cause.is_none()), ("n,m".to_owned(), 4, true));
    });
}

#[test]
fn the_default_network_is_shown_by_the_services_key() {
    let text = "services:\n  a:\n    image: x:1\n  b:\n    image: x:1\n";
    with(text, |graph| {
        let link = graph.links.iter().find(|link| link.kind == LinkKind::Network).unwrap();
        let labels: Vec<&str> = link.evidence.iter().map(|evidence| evidence.label.as_str()).collect();
        assert_eq!(labels, ["services that name no network share the default one"]);
        assert_eq!(link.evidence[0].at.unwrap().span.start, 0);
    });
}

#[test]
fn isolated_members_do_not_talk() {
    let text = "services:\n  a:\n    image: x:1\n  b:\n    image: x:1\nnetworks:\n  default: {driver_opts: {com.docker.network.bridge.enable_icc: \"false\"}}\n";
    assert!(links(text, &[LinkKind::Network]).is_empty());
    let text = text.replacen("image: x:1", "image: mysql:8.4.11\n    ports: [\"3306:3306\"]", 1);
    assert_eq!(links(&text, &[LinkKind::Hairpin]), ["b→a:3306"]);
}

#[test]
fn a_joined_namespace_brings_its_networks() {
    let text = "services:\n  vpn:\n    image: x:1\n    networks: [n]\n    ports: [\"5432:5432\"]\n  db:\n    image: postgres:17\n    network_mode: service:vpn\n  tool:\n    image: x:1\n    network_mode: container:vpn-1\n  app:\n    image: x:1\n    networks: [n]\nnetworks: {n: {}}\n";
    assert_eq!(links(text, &[LinkKind::Namespace]), ["vpn→db:", "db→vpn:"]);
    assert_eq!(links(text, &[LinkKind::Network]), ["vpn→app:", "db→app:", "app→vpn:", "app→db:"]);
    assert_eq!(links(text, &[LinkKind::Expose]), ["internet→vpn:5432", "internet→db:5432"]);
    let named = text.replace("network_mode: service:vpn", "network_mode: service:${VPN}");
    assert!(links(&named, &[LinkKind::Namespace]).is_empty());
    let container = text.replacen("image: x:1", "container_name: vpn-1\n    image: x:1", 1);
    assert_eq!(links(&container, &[LinkKind::Namespace]).len(), 6);
}

#[test]
fn the_hosts_network_reaches_everybody() {
    let text = "services:\n  agent:\n    image: redis:8.2.9\n    network_mode: host\n  db:\n    image: mysql:8.4.11\n    networks: [in]\n  lan:\n    image: x:1\n    networks: [wire]\n  off:\n    image: x:1\n    network_mode: none\nnetworks:\n  in: {internal: true}\n  wire: {driver: macvlan}\n";
    assert_eq!(links(text, &[LinkKind::HostNetwork]), ["agent→db:", "agent→loopback:"]);
    assert_eq!(rules(text, LinkKind::HostNetwork), ["isolation/host-network"]);
    assert_eq!(links(text, &[LinkKind::Expose]), ["internet→agent:6379"]);
    assert_eq!(links(text, &[LinkKind::Loopback]), ["loopback→agent:6379"]);
    assert_eq!(links(text, &[LinkKind::Gateway]), ["db→agent:6379", "db→host:"]);
    assert_eq!(links(text, &[LinkKind::Egress]).len(), 4);
}

#[test]
fn around_the_networks_by_a_published_port() {
    let text = |ports: &str| {
        let service = format!("mysql:8.4.11\n    ports: [{ports}]\n");
        APART.replace("mysql:8.4.11\n", &service) + NETWORKS
    };
    assert_eq!(links(&text("\"3306:3306\""), &[LinkKind::Hairpin]), ["a→b:3306"]);
    assert_eq!(rules(&text("\"3306:3306\""), LinkKind::Hairpin), ["datastores/datastore-published"]);
    assert_eq!(links(&text("\"10.0.0.5:3306:3306\""), &[LinkKind::Hairpin, LinkKind::Expose]), ["a→b:3306"]);
    assert!(links(&text("\"127.0.0.1:3306:3306\""), &[LinkKind::Hairpin, LinkKind::Expose]).is_empty());
    assert_eq!(links(&text("\"127.0.0.1:3306:3306\""), &[LinkKind::Loopback]), ["loopback→b:3306"]);
    assert!(links(&text("\"${BIND}:3306:3306\""), &[LinkKind::Hairpin, LinkKind::Expose]).is_empty());
    // Without a way out there is no way around, and what is only on internal networks publishes nothing.
    for inside in ["front: {}", "back: {}"] {
        let text = text("\"3306:3306\"").replace(inside, &inside.replace("{}", "{internal: true}"));
        assert!(links(&text, &[LinkKind::Hairpin]).is_empty(), "{inside}");
    }
}

#[test]
fn ports_with_different_causes_stay_apart() {
    let text = "services:\n  a:\n    image: x:1\n    networks: [front]\n  b:\n    image: rabbitmq:4-management\n    networks: [back]\n    ports: [\"5672:5672\", \"15672:15672\"]\n  web:\n    image: nginx:1.30.4\n    networks: [web]\n    ports: [\"80:80\", \"443:443\"]\nnetworks: {front: {}, back: {}, web: {}}\n";
    let found = links(text, &[LinkKind::Hairpin]);
    assert_eq!(found, ["a→b:5672", "a→b:15672", "a→web:80,443", "b→web:80,443", "web→b:5672", "web→b:15672"]);
    let wanted = ["datastores/datastore-published", "network/admin-or-dev-ui-published"];
    assert_eq!(rules(text, LinkKind::Expose), wanted);
}

#[test]
fn what_a_published_port_is_reported_as() {
    for (image, port, rule) in [
        ("redis:8.2.9", "6379:6379", "datastores/redis-published"),
        ("php:8.4-fpm", "9000:9000", "network/fpm-port-published"),
        ("phpmyadmin:5.2.3", "8080:80", "network/admin-or-dev-ui-published"),
        ("gotenberg/gotenberg:8.36.0", "3000:3000", "network/internal-port-published"),
        ("portainer/portainer-ce:2.33.0", "9443:9443", "control-plane/socket-holder-exposed"),
        ("tecnativa/docker-socket-proxy:v0.4.1", "2375:2375", "control-plane/socket-proxy-reachable"),
        ("docker:29-dind", "2375:2375", "control-plane/docker-api-over-tcp"),
        ("nginx:1.30.4", "80:80", ""),
        ("php:8.4-apache", "80:80", ""),
    ] {
        let text = format!("services:\n  a:\n    image: {image}\n    ports: [\"{port}\"]\n");
        assert_eq!(rules(&text, LinkKind::Expose).first().copied().unwrap_or_default(), rule, "{image}");
    }
}

#[test]
fn two_mappings_of_one_port_are_one_way_in() {
    let text = "services:\n  web:\n    image: nginx:1.30.4\n    ports: [\"80:80\", \"8080:80\", \"127.0.0.1:81:80\"]\n";
    assert_eq!(links(text, &[LinkKind::Expose, LinkKind::Loopback]), ["internet→web:80", "loopback→web:80"]);
    with(text, |graph| assert_eq!(graph.links[0].evidence.len(), 2));
}

#[test]
fn ways_out() {
    let text = "services:\n  a:\n    image: x:1\n    networks: [in]\n  b:\n    image: x:1\n    networks: [in, out]\n  c:\n    image: x:1\n    networks: [still]\nnetworks:\n  in: {internal: true}\n  out: {}\n  still: {driver_opts: {com.docker.network.bridge.enable_ip_masquerade: \"false\"}}\n";
    assert_eq!(links(text, &[LinkKind::Egress]), ["b→internet:", "b→metadata:"]);
}

#[test]
fn the_gateway_and_its_name() {
    let text = "services:\n  a:\n    image: x:1\n    extra_hosts: [\"host.docker.internal:host-gateway\"]\n  b:\n    image: x:1\n    networks: [none]\nnetworks:\n  none: {internal: true, driver_opts: {com.docker.network.bridge.gateway_mode_ipv4: isolated}}\n";
    assert_eq!(links(text, &[LinkKind::Gateway]), ["a→host:", "a→host:"]);
    assert_eq!(rules(text, LinkKind::Gateway), ["network/host-gateway-access"]);
}

#[test]
fn many_services_share_their_evidence() {
    let mut text = "services:\n".to_owned();
    for nth in 0..BRIEF + 1 {
        text.push_str(&format!("  s{nth}:\n    image: x:1\n    ports: [\"80\", \"81\"]\n    networks: [n]\n"));
    }
    text.push_str("  apart:\n    image: x:1\n    networks: [m]\nnetworks: {n: {}, m: {}}\n");
    with(&text, |graph| {
        let of = |kind: LinkKind| graph.links.iter().filter(move |link| link.kind == kind);
        assert_eq!(of(LinkKind::Network).count(), (BRIEF + 1) * BRIEF);
        assert!(of(LinkKind::Network).all(|link| link.evidence.len() == 1));
        assert_eq!(of(LinkKind::Hairpin).count(), BRIEF + 1);
        assert!(of(LinkKind::Hairpin).all(|link| link.ports == [80, 81]));
    });
}

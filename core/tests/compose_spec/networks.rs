//! Networks and `network_mode`.

use crate::{default, it, notices, service};

#[test]
fn a_list_and_a_mapping() {
    let files = [(
        "compose.yaml",
        "services:\n  a: {image: x, networks: [n, m]}\n  b:\n    image: x\n    networks:\n      n: {aliases: [bb], ipv4_address: 10.0.0.2, ipv6_address: \"fd00::2\", mac_address: \"02:42:ac:11:00:02\", priority: 1, gw_priority: 2, interface_name: eth9}\n      m:\nnetworks: {n: , m: }\n",
    )];
    default(&files, |_, view| {
        for name in ["a", "b"] {
            let names: Vec<&str> =
                service(view, name).networks.iter().map(|membership| membership.network.as_str()).collect();
            assert_eq!(names, ["n", "m"]);
        }
        assert_eq!(service(view, "b").networks[0].aliases, ["bb"]);
    });
    assert!(notices(&files, "compose/unknown-key").is_empty());
}

#[test]
fn services_without_networks_meet_on_the_default_one() {
    let files = [(
        "compose.yaml",
        "services:\n  a: {image: x}\n  b: {image: x}\n  c: {image: x, networks: [n]}\n  d: {image: x, networks: [n, default]}\nnetworks: {n: {}}\n",
    )];
    default(&files, |project, view| {
        let of = |name: &str| project.service(view, name).unwrap();
        assert!(of("a").shares_network(of("b")));
        assert!(!of("a").shares_network(of("c")));
        assert!(of("a").shares_network(of("d")) && of("c").shares_network(of("d")));
    });
}

#[test]
fn the_default_network_can_be_set_up() {
    let files = [("compose.yaml", "services:\n  a: {image: x}\nnetworks: {default: {internal: true}}\n")];
    default(&files, |project, view| assert!(project.service(view, "a").unwrap().only_internal_networks()));
    assert!(notices(&files, "compose/undefined").is_empty());
}

#[test]
fn a_network_mode_takes_the_place_of_networks() {
    for mode in ["none", "host", "service:b", "container:c"] {
        it(&format!("image: x\nnetwork_mode: \"{mode}\""), |it| assert!(it.network_names().is_empty(), "{mode}"));
    }
}

#[test]
fn networks_and_network_mode_exclude_each_other() {
    let files = [(
        "compose.yaml",
        "services:\n  it:\n    image: x\n    network_mode: none\n    networks: [n]\nnetworks: {n: {}}\n",
    )];
    assert_eq!(
        notices(&files, "compose/conflict"),
        [("`networks` and `network_mode: none` exclude each other".to_owned(), "n".to_owned())]
    );
}

#[test]
fn ports_have_no_effect_on_the_host_network() {
    let files = [("compose.yaml", "services:\n  it: {image: x, network_mode: host, ports: [\"80:80\"]}\n")];
    assert_eq!(notices(&files, "compose/no-effect").len(), 1);
}

#[test]
fn top_level_networks() {
    let text = r#"services: {a: {image: x}}
networks:
  n:
    internal: true
    name: real
    attachable: true
    enable_ipv4: false
    enable_ipv6: true
    driver: bridge
    driver_opts:
      com.docker.network.bridge.enable_icc: "false"
      com.docker.network.bridge.host_binding_ipv4: 127.0.0.1
      com.docker.network.bridge.gateway_mode_ipv4: isolated
    ipam: {driver: default, config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1, ip_range: 10.0.0.128/25, aux_addresses: {h: 10.0.0.9}}]}
  m: {external: true, name: shared}
  o: {external: {name: old}}
"#;
    default(&[("compose.yaml", text)], |_, view| {
        let n = view.network("n").unwrap();
        assert!(n.internal && n.attachable.unwrap().value && n.enable_ipv6.unwrap().value);
        assert!(!n.enable_ipv4.unwrap().value);
        assert_eq!(n.own_name.as_ref().unwrap().text, "real");
        assert_eq!((n.icc(), n.host_binding(), n.gateway_mode()), (Some(false), Some("127.0.0.1"), Some("isolated")));
        assert_eq!(n.subnets[0].text, "10.0.0.0/24");
        assert!(view.network("m").unwrap().external && view.network("o").unwrap().external);
        assert_eq!(view.network("o").unwrap().own_name.as_ref().unwrap().text, "old");
    });
}

#[test]
fn extra_hosts_and_dns() {
    for body in [
        "extra_hosts: [\"a=10.0.0.1\", \"b:host-gateway\", \"c:[::1]\"]",
        "extra_hosts: {a: 10.0.0.1, b: host-gateway, c: \"::1\"}",
    ] {
        it(&format!("image: x\n{body}\ndns: 1.1.1.1\ndns_search: [example.net]"), |it| {
            let hosts: Vec<(&str, &str)> =
                it.extra_hosts.iter().map(|host| (host.host.as_str(), host.address.as_str())).collect();
            assert_eq!(hosts, [("a", "10.0.0.1"), ("b", "host-gateway"), ("c", "::1")]);
            assert_eq!(it.dns[0].text, "1.1.1.1");
        });
    }
}

//! Every way to publish a port.

use crate::it;
use plimsoll_core::model::compose::ports::Port;
use plimsoll_core::project::Reach;

type Shape<'t> = (Option<&'t str>, Option<(u16, u16)>, (u16, u16), &'t str);

fn shape(port: &Port) -> Shape<'_> {
    (port.host_ip.as_deref(), port.published, port.target, port.protocol.as_str())
}

#[test]
fn the_short_syntax() {
    for (text, want) in [
        ("80", (None, None, (80, 80), "tcp")),
        ("\"80\"", (None, None, (80, 80), "tcp")),
        ("\"8080:80\"", (None, Some((8080, 8080)), (80, 80), "tcp")),
        ("\"3000-3005\"", (None, None, (3000, 3005), "tcp")),
        ("\"9090-9091:8080-8081\"", (None, Some((9090, 9091)), (8080, 8081), "tcp")),
        ("\"8000-9000:80\"", (None, Some((8000, 9000)), (80, 80), "tcp")),
        ("\"127.0.0.1:8001:8001\"", (Some("127.0.0.1"), Some((8001, 8001)), (8001, 8001), "tcp")),
        ("\"127.0.0.1:5000-5010:5000-5010\"", (Some("127.0.0.1"), Some((5000, 5010)), (5000, 5010), "tcp")),
        ("\"6060:6060/udp\"", (None, Some((6060, 6060)), (6060, 6060), "udp")),
        ("\"[::1]:6001:6001\"", (Some("::1"), Some((6001, 6001)), (6001, 6001), "tcp")),
        ("\"::1:6001:6001\"", (Some("::1"), Some((6001, 6001)), (6001, 6001), "tcp")),
        ("\"127.0.0.1::80\"", (Some("127.0.0.1"), None, (80, 80), "tcp")),
    ] {
        it(&format!("image: x\nports: [{text}]"), |it| assert_eq!(shape(&it.ports[0]), want, "{text}"));
    }
}

#[test]
fn an_empty_address_is_every_interface() {
    for text in [":8080:80", "0.0.0.0:8080:80", "8080:80", "[::]:8080:80"] {
        it(&format!("image: x\nports: [\"{text}\"]"), |it| {
            assert_eq!(shape(&it.ports[0]), (None, Some((8080, 8080)), (80, 80), "tcp"), "{text}");
            assert_eq!(it.reach(&it.ports[0]), Reach::Everyone, "{text}");
        });
    }
}

#[test]
fn the_long_syntax() {
    it(
        "image: x\nports:\n  - name: web\n    target: 80\n    published: \"8080-8090\"\n    host_ip: 127.0.0.1\n    protocol: tcp\n    app_protocol: http\n    mode: host",
        |it| {
            assert_eq!(shape(&it.ports[0]), (Some("127.0.0.1"), Some((8080, 8090)), (80, 80), "tcp"));
        },
    );
    it("image: x\nports: [{target: 80, published: 8080}, {target: 53, protocol: udp}]", |it| {
        assert_eq!(shape(&it.ports[0]), (None, Some((8080, 8080)), (80, 80), "tcp"));
        assert_eq!(shape(&it.ports[1]), (None, None, (53, 53), "udp"));
    });
}

#[test]
fn a_colon_in_a_default_separates_nothing() {
    it("image: x\nports: [\"${BIND:-127.0.0.1}:${PORT:-8080}:80\"]", |it| {
        assert_eq!(shape(&it.ports[0]), (Some("127.0.0.1"), Some((8080, 8080)), (80, 80), "tcp"));
        assert!(it.ports[0].known);
    });
    it("image: x\nports: [\"${PORT}:80\"]", |it| {
        assert_eq!(it.ports[0].published, None);
        assert!(!it.ports[0].known);
    });
}

#[test]
fn a_sexagesimal_looking_port_is_text() {
    it("image: x\nports: [22:22]", |it| assert_eq!(shape(&it.ports[0]), (None, Some((22, 22)), (22, 22), "tcp")));
}

#[test]
fn expose_publishes_nothing() {
    it("image: x\nexpose: [\"3000\", 8000]", |it| {
        assert!(it.ports.is_empty());
        assert_eq!(it.expose.len(), 2);
    });
}

#[test]
fn the_host_network_ignores_ports() {
    it("image: x\nnetwork_mode: host\nports: [\"80:80\"]", |it| assert_eq!(it.reach(&it.ports[0]), Reach::Ignored));
}

#[test]
fn nothing_is_published_from_internal_networks() {
    let files = [(
        "compose.yaml",
        "services:\n  it: {image: x, ports: [\"80:80\"], networks: [n]}\nnetworks: {n: {internal: true}}\n",
    )];
    crate::default(&files, |project, view| {
        let it = project.service(view, "it").unwrap();
        assert_eq!(it.reach(&it.ports[0]), Reach::Nobody);
    });
}

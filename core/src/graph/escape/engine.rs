//! Ways to the host through the container engine: its socket, its API over TCP. Whoever gives it orders starts a container with the
//! host's disk in it.

use super::{Way, Ways};
use crate::detect::Kind;
use crate::finding::Severity;
use crate::graph::model::{Cause, Evidence, Tier};
use crate::project::{Access, HostMount, Privilege};
use crate::source::{Location, file_name};
use crate::text::shorten;

const SOCKET: &str = "control-plane/docker-socket-mounted";
const TCP: &str = "control-plane/docker-api-over-tcp";

pub(super) fn add(ways: &mut Ways<'_, '_>) {
    let service = ways.service;
    for mount in service.host_mounts() {
        if let Some(severity) = mount.control_socket() {
            mounted(ways, &mount, severity);
        }
    }
    if let Some(socket) = service.use_api_socket.as_ref().filter(|socket| socket.value) {
        let cause = ways.cause(SOCKET, "use_api_socket", socket.at);
        let evidence = vec![Evidence::new(socket.at, "the engine's socket is handed in here")];
        socket_way(ways, "it has the engine's socket".to_owned(), Tier::T0, evidence, cause);
    }
    over_tcp(ways);
    listening(ways);
}

fn mounted(ways: &mut Ways<'_, '_>, mount: &HostMount<'_>, severity: Severity) {
    let path = shorten(&mount.path, 60);
    let mut evidence = vec![Evidence::new(mount.at, format!("{path} is mounted"))];
    evidence.extend(mount.through.map(|(at, label)| Evidence::new(at, label)));
    // The socket of an engine that one user runs for itself controls that user's containers, not the host.
    let own = severity < Severity::Critical;
    let reason = match (own, mount.is_directory_of_sockets()) {
        (true, _) => "the socket of a rootless engine is mounted".to_owned(),
        (false, true) => format!("{path} is mounted, which holds the engine's socket"),
        (false, false) => "the engine's socket is mounted".to_owned(),
    };
    let tier = if own { Tier::T1 } else { Tier::T0 };
    let cause = ways.cause(SOCKET, &format!("the mount of {path}"), mount.at);
    socket_way(ways, reason, tier, evidence, cause);
}

/// The socket opens to root and to its group. A socket proxy is made for it: nothing is there to remove.
fn socket_way(ways: &mut Ways<'_, '_>, reason: String, tier: Tier, mut evidence: Vec<Evidence>, cause: Option<Cause>) {
    let cause = cause.filter(|_| !ways.service.is_socket_proxy());
    let (opens, shown) = opens_socket(ways);
    evidence.extend(shown);
    let tier = if opens { tier } else { tier.max(Tier::T1) };
    ways.add_as_is(Way { tier, reason, evidence, cause });
}

/// Whether its processes may open the engine's socket, and what tells. Beside workers that are not root, what watches containers for a
/// proxy is root; PHP is among the workers.
fn opens_socket(ways: &Ways<'_, '_>) -> (bool, Vec<Evidence>) {
    let service = ways.service;
    let user = super::posture::user_evidence(&ways.user);
    let is_root = match ways.user.privilege {
        // It was mounted to be used, and images that use it are root.
        Privilege::Root | Privilege::Sudo | Privilege::Unknown => true,
        Privilege::RootMaster => !service.role.is_php(),
        Privilege::Drops | Privilege::NonRoot => false,
    };
    if is_root || ways.inside == super::Inside::Root {
        return (true, vec![user]);
    }
    if let Some(group) = service.spec.group_add.first() {
        let label = format!("the group {} opens the socket", shorten(&group.text, 40));
        return (true, vec![user, Evidence::new(group.at, label)]);
    }
    let in_group = ways.user.name.as_deref().is_some_and(|name| name.ends_with(":docker"));
    let admissions = service.engine_admissions().into_iter().map(|admission| {
        let label = match admission.access {
            Access::Group(name) => format!("{} joins the group docker", shorten(&name, 40)),
            Access::Everybody => "everybody may use the socket".to_owned(),
        };
        Evidence::new(admission.at, label)
    });
    let shown: Vec<Evidence> = std::iter::once(user).chain(admissions.take(3)).collect();
    (in_group, shown)
}

/// The host's own engine, used over TCP without certificates.
fn over_tcp(ways: &mut Ways<'_, '_>) {
    let service = ways.service;
    let Some(used) = service.engine_use().filter(|used| service.beside(&used.host).is_none()) else { return };
    let gateway = service.gateway_names().into_iter().any(|name| name.entry.host == used.host);
    let host = gateway
        || matches!(used.host.as_str(), "host.docker.internal" | "gateway.docker.internal" | "172.17.0.1")
        || (service.host_network().is_some() && used.is_near() && !used.host.contains("proxy"));
    if !host {
        return;
    }
    let address = shorten(&used.address, 60);
    let cause = Cause { rule: Some(TCP), change: format!("Use {address} with certificates only"), at: used.at };
    ways.add_as_is(Way {
        tier: Tier::T0,
        reason: "it gives orders to the host's engine over TCP".to_owned(),
        evidence: vec![Evidence::new(used.at, format!("{address}, without TLS"))],
        cause: Some(cause),
    });
}

/// The engine listens for everybody who reaches the host: every container with a network does.
fn listening(ways: &mut Ways<'_, '_>) {
    let service = ways.service;
    let project = service.project();
    let is_unit = |at: Location| file_name(project.path(at.source)).ends_with(".service");
    let is_setting = |at: Location| project.file(at.source).kind == Kind::DaemonJson;
    // Looking for listeners reads every script: only where one of these could hold one.
    let has_settings = project
        .files
        .iter()
        .any(|file| file.kind == Kind::DaemonJson || file_name(project.path(file.source)).ends_with(".service"));
    if !has_settings || service.network_mode.as_ref().is_some_and(|mode| mode.text == "none") {
        return;
    }
    let on_host = service.host_network().is_some();
    let listeners = project.engine_listeners();
    let mut open = listeners.into_iter().filter(|listener| is_unit(listener.at) || is_setting(listener.at));
    let Some(listener) = open.find(|listener| on_host || !listener.loopback) else { return };
    let address = shorten(&listener.address, 60);
    ways.add_as_is(Way {
        tier: Tier::T0,
        reason: "the host's engine takes orders over TCP from everybody".to_owned(),
        evidence: vec![Evidence::new(listener.at, format!("it listens on {address} without certificates"))],
        cause: Some(Cause {
            rule: Some(TCP),
            change: format!("Let the engine ask for certificates on {address}"),
            at: listener.at,
        }),
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, compose, reasons, with};

    const MOUNT: &str = "volumes: [\"/var/run/docker.sock:/var/run/docker.sock:ro\"]";

    fn socket(keys: &str) -> String {
        with(&format!("{keys}\n{MOUNT}")).remove(0)
    }

    #[test]
    fn the_socket_opens_to_root_and_its_group() {
        assert_eq!(socket("image: php:8.4-cli"), "T0 the engine's socket is mounted");
        assert_eq!(socket("image: php:8.4-cli\nuser: www-data"), "T1 the engine's socket is mounted");
        assert_eq!(
            socket("image: php:8.4-cli\nuser: www-data\ngroup_add: [\"999\"]"),
            "T0 the engine's socket is mounted"
        );
        assert_eq!(socket("image: php:8.4-fpm"), "T1 the engine's socket is mounted");
        assert_eq!(socket("image: nginxproxy/nginx-proxy:1.7"), "T0 the engine's socket is mounted");
    }

    #[test]
    fn the_change_removes_the_mount_but_for_a_proxy() {
        let cause = |image: &str| {
            let text = compose(&format!("image: {image}\n{MOUNT}"));
            all(&[("compose.yaml", &text)]).remove(0).cause
        };
        let found = cause("php:8.4-cli").unwrap();
        assert_eq!(found.rule, Some("control-plane/docker-socket-mounted"));
        assert_eq!(found.change, "Remove the mount of /var/run/docker.sock from a");
        assert!(cause("tecnativa/docker-socket-proxy:0.3").is_none());
    }

    #[test]
    fn other_ways_to_a_socket() {
        assert_eq!(with("image: php:8.4-cli\nuse_api_socket: true")[0], "T0 it has the engine's socket");
        assert_eq!(
            with("image: php:8.4-cli\nvolumes: [\"/var/run:/host/run:ro\"]")[0],
            "T0 /var/run is mounted, which holds the engine's socket"
        );
        assert_eq!(
            with("image: php:8.4-cli\nvolumes: [\"/run/user/1000/docker.sock:/s\"]")[0],
            "T1 the socket of a rootless engine is mounted"
        );
    }

    #[test]
    fn the_api_over_tcp() {
        let keys = "image: docker:28-cli\nextra_hosts: [\"host.docker.internal:host-gateway\"]\nenvironment:\n  DOCKER_HOST: tcp://host.docker.internal:2375";
        assert_eq!(with(keys)[0], "T0 it gives orders to the host's engine over TCP");
        let beside = "services:\n  a:\n    image: docker:28-cli\n    environment: {DOCKER_HOST: \"tcp://dind:2375\"}\n  dind:\n    image: docker:28-dind\n";
        assert_eq!(reasons(&[("compose.yaml", beside)]).len(), 1);
    }

    #[test]
    fn an_engine_that_listens_for_everybody() {
        let text = compose("image: php:8.4-cli");
        let run = |address: &str, text: &str| {
            let daemon = format!("{{\"hosts\": [\"tcp://{address}:2375\"]}}");
            reasons(&[("compose.yaml", text), ("daemon.json", &daemon)])
        };
        assert_eq!(run("0.0.0.0", &text)[0], "T0 the host's engine takes orders over TCP from everybody");
        assert_eq!(run("127.0.0.1", &text), ["T4 root with default capabilities"]);
        let on_host = compose("image: php:8.4-cli\nnetwork_mode: host");
        assert_eq!(run("127.0.0.1", &on_host)[0], "T0 the host's engine takes orders over TCP from everybody");
        let alone = compose("image: php:8.4-cli\nnetwork_mode: none");
        assert_eq!(run("0.0.0.0", &alone).len(), 1);
    }
}

//! The API of a container engine over TCP: an engine in a container, a socket proxy that lets too much through.

use super::{cause, main_level, name_of};
use crate::graph::model::{Cause, Door, DoorKind, Evidence, Level};
use crate::model::compose::EnvVar;
use crate::project::{Passed, ServiceRef};
use crate::source::Location;
use crate::text::shorten;

/// Port of the API without certificates.
const PLAIN: u16 = 2375;

/// The engine that a service hands on, or that runs in it.
pub(super) fn doors(service: ServiceRef<'_, '_>) -> Vec<Door> {
    let found = if service.is_socket_proxy() { proxy(service) } else { own_engine(service) };
    found.into_iter().collect()
}

/// A socket proxy: what its switches let through, the worst of it. One without switches hands the whole socket on.
fn proxy(service: ServiceRef<'_, '_>) -> Option<Door> {
    const RULE: &str = "control-plane/socket-proxy-overprivileged";
    let name = name_of(service);
    let off = |part: &EnvVar| cause(RULE, part.key_at, format!("Switch {} of {name} off", shorten(&part.key, 40)));
    let on = |part: &EnvVar| Evidence::new(part.key_at, format!("{} is on", shorten(&part.key, 40)));
    let without_code = |reason: String, part: &EnvVar| Some(door(Level::Data, reason, vec![on(part)], off(part)));
    match service.passed_by_proxy().first() {
        Some(Passed::Creating(post, part)) => {
            let reason = format!("{name} lets its clients make or enter containers");
            Some(door(Level::Root, reason, vec![on(post), on(part)], off(post)))
        }
        Some(Passed::Telling(part)) => without_code(format!("{name} hands out secrets of the engine"), part),
        Some(Passed::Steering(part)) => {
            without_code(format!("{name} lets its clients start and stop containers"), part)
        }
        Some(Passed::Reading(part)) => without_code(format!("{name} shows the environment of every container"), part),
        None => raw_socket(service, &name),
    }
}

/// A service that is no proxy of the known kind, has the socket and offers port 2375.
fn raw_socket(service: ServiceRef<'_, '_>, name: &str) -> Option<Door> {
    if service.role.name == "socket-proxy" {
        return None;
    }
    let image = service.image_use.reference.as_ref().map_or("", |image| image.path.as_str());
    let socket = service.engine_socket().filter(|_| !image.contains("socket-proxy"))?;
    let evidence = vec![Evidence::new(socket, "here it gets the engine's socket")];
    let change = format!("Take the engine's socket away from {name}");
    let closed = cause("control-plane/docker-socket-mounted", socket, change);
    Some(door(Level::Root, format!("{name} hands the engine's socket on over TCP"), evidence, closed))
}

/// An engine of its own that listens without certificates. The official image asks for them unless it is told not to.
fn own_engine(service: ServiceRef<'_, '_>) -> Option<Door> {
    if service.role.name != "dind" {
        return None;
    }
    let (at, what) = plain(service)?;
    let name = name_of(service);
    let change = format!("Let the engine of {name} ask for certificates");
    let closed = cause("control-plane/docker-api-over-tcp", at, change);
    let reason = format!("the engine in {name} takes orders from anybody");
    let open = door(Level::Root, reason, vec![Evidence::new(at, what)], closed);
    // Rootless, the engine's containers are not root of the container around them.
    let rootless = service.image_use.text.contains("rootless");
    Some(Door { gives: if rootless { main_level(service) } else { Level::Root }, ..open })
}

/// What says that an engine listens without certificates.
fn plain(service: ServiceRef<'_, '_>) -> Option<(Location, &'static str)> {
    let main = service.main_command();
    let text = main.words.join(" ");
    if text.contains("--tlsverify") {
        return None;
    }
    if let Some(variable) = service.service().variable("DOCKER_TLS_CERTDIR")
        && variable.value.as_ref().is_some_and(|value| value.is_known() && value.text.trim().is_empty())
    {
        return Some((variable.key_at, "an empty DOCKER_TLS_CERTDIR switches certificates off"));
    }
    if let Some(at) = main.at.filter(|_| text.contains("tcp://") && !text.contains("tcp://127.")) {
        return Some((at, "it listens on TCP without certificates"));
    }
    if let Some(port) = service.ports.iter().find(|port| port.has_target(PLAIN)) {
        return Some((port.at, "it publishes the port without certificates"));
    }
    let used = service.others().find_map(|client| {
        let used = client.engine_use()?;
        service.hostnames().contains(&used.host.as_str()).then_some(used.at)
    });
    used.map(|at| (at, "a client uses it without certificates"))
}

fn door(gives: Level, reason: String, evidence: Vec<Evidence>, cause: Cause) -> Door {
    Door {
        kind: DoorKind::EngineApi,
        gives,
        cost: 1,
        ports: vec![PLAIN],
        loopback_only: false,
        reason,
        evidence,
        cause: Some(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::one;
    use super::*;

    #[test]
    fn socket_proxies() {
        let proxy = |environment: &str| {
            one(
                "tecnativa/docker-socket-proxy:v0.4.1",
                &format!(
                    "    environment: {{{environment}}}\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock:ro\"]\n"
                ),
            )
        };
        let open = proxy("CONTAINERS: 1, POST: 1");
        assert_eq!((open.len(), open[0].kind, open[0].gives), (1, DoorKind::EngineApi, Level::Root));
        assert_eq!(open[0].cause.as_ref().unwrap().rule, Some("control-plane/socket-proxy-overprivileged"));
        assert_eq!(proxy("CONTAINERS: 1")[0].gives, Level::Data);
        assert!(proxy("EVENTS: 1").is_empty());
    }

    #[test]
    fn a_socket_handed_on() {
        let lines = "    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n    expose: [\"2375\"]\n";
        let open = one("alpine/socat", lines);
        assert_eq!((open.len(), open[0].gives, open[0].ports.as_slice()), (1, Level::Root, &[2375][..]));
    }

    #[test]
    fn an_engine_in_a_container() {
        let engine = |lines: &str| one("docker:29-dind", &format!("    privileged: true\n{lines}"));
        assert!(engine("").is_empty());
        assert_eq!(engine("    environment: {DOCKER_TLS_CERTDIR: \"\"}\n")[0].gives, Level::Root);
        assert_eq!(engine("    command: dockerd -H tcp://0.0.0.0:2375\n").len(), 1);
        assert!(engine("    environment: {DOCKER_TLS_CERTDIR: /certs}\n").is_empty());
        let used = "  ci:\n    image: x/ci:1\n    environment: {DOCKER_HOST: \"tcp://a:2375\"}\n";
        assert_eq!(engine(used).len(), 1);
    }
}

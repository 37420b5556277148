//! `control-plane/socket-holder-exposed`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Group, Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// A service that holds the engine's socket, or a tool that administers Docker, which other machines reach by a
    /// published port or a proxy's route; and such a tool on a network with web servers or PHP.
    ///
    /// # Why it matters
    /// Whoever gets into it is root on the host: by a guessed login, by a vulnerability of the dashboard, or by being
    /// the first to open a fresh Portainer, which then asks for a new administrator's password.
    ///
    /// Published, it is *critical* for tools, proxies and what serves users, and *high* for the rest; one step less
    /// where a proxy asks for a login first. On a common network with web servers or PHP it is *high*. A tool that is
    /// published on loopback only, on a network of its own, is not reported; nor are socket proxies, which have a rule
    /// of their own, and services that only watch and serve nobody.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   portainer:
    ///     image: portainer/portainer-ce:2.33.2
    ///     ports: ["9443:9443"]
    ///     volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   portainer:
    ///     image: portainer/portainer-ce:2.33.2
    ///     ports: ["127.0.0.1:9443:9443"]
    ///     volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
    ///     networks: [ops]
    /// networks:
    ///   ops: {}
    /// ```
    ///
    /// # How to fix
    /// Publish the tool on `127.0.0.1` and come in through an SSH tunnel or a VPN, give it a network of its own, or
    /// take it out of production. A proxy that faces the internet gets its events from a socket proxy, or its routes
    /// from a file.
    ///
    /// # References
    /// CIS Docker Benchmark 5.14 and 5.32, CWE-306, CWE-668.
    id: "control-plane/socket-holder-exposed",
    title: "A service that controls Docker is reachable",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A service with the engine's socket is one login, one vulnerability or one first visit away from root on the host.",
    help: "Publish it on 127.0.0.1 and use an SSH tunnel, give it a network of its own, or take it out of production.",
    references: ["CIS Docker Benchmark 5.14", "CIS Docker Benchmark 5.32", "OWASP Docker Security Cheat Sheet rule 1", "NIST SP 800-190 3.3.1", "CWE-306", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.view().standalone && !service.is_socket_proxy()) {
        let socket = service.engine_socket();
        if socket.is_none() && service.role.name != "docker-admin" {
            continue;
        }
        if let Some(draft) = published(service).or_else(|| routed(service)).or_else(|| among_applications(service)) {
            out.report(draft.because_of(socket, "here it gets the engine's socket"));
        }
    }
}

/// How bad it is when users reach it.
fn severity(service: ServiceRef<'_, '_>) -> Severity {
    let faces_users = service.role.is_web_entry() || service.role.is_php();
    if service.role.group() == Group::Operations || faces_users { Severity::Critical } else { Severity::High }
}

fn published(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let ports = service.ports_with(Reach::Everyone);
    let first = ports.first()?;
    let message = format!(
        "`{}` controls Docker and is published on {} for every machine that reaches this host",
        service.name,
        first.host_side()
    );
    let draft = Draft::new(first.at, message).severity(severity(service)).on(service);
    // What users come for has to stay open; there the socket has to go.
    Some(if service.role.is_web_entry() {
        draft.help(
            "Remove the socket: it gets its events through a socket proxy with POST=0, or its routes from a file.",
        )
    } else {
        draft.fix(service.project().bind_all_to_loopback(service, &ports))
    })
}

fn routed(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let route = service.route()?;
    let message = format!("`{}` controls Docker, and a proxy lets users reach it", service.name);
    let draft = Draft::new(route.at, message).on(service);
    Some(match route.guard {
        Some(at) => draft.severity(severity(service).lowered(1)).because(at, "this stands in front of it"),
        None => draft.severity(severity(service)),
    })
}

/// A tool that listens, on a network with what users reach.
fn among_applications(service: ServiceRef<'_, '_>) -> Option<Draft> {
    if service.role.group() != Group::Operations || !service.listens() {
        return None;
    }
    let near: Vec<ServiceRef<'_, '_>> =
        service.neighbours().filter(|other| matches!(other.role.group(), Group::Edge | Group::App)).collect();
    let first = near.first()?;
    let others = if near.len() > 1 { format!(" and {} more", near.len() - 1) } else { String::new() };
    let message = format!("`{}` controls Docker, and `{}`{others} can reach it", service.name, first.name);
    let at: Location = service.networks.first().map_or(service.at, |membership| membership.at);
    Some(Draft::new(at, message).severity(Severity::High).on(service).because(first.at, "it shares a network with it"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "control-plane/socket-holder-exposed";
    const SOCKET: &str = "    volumes: [\"/var/run/docker.sock:/var/run/docker.sock:ro\"]\n";

    fn severity(name: &str, text: &str) -> String {
        findings(RULE, &[(name, text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    fn of(lines: &str) -> String {
        severity("compose.yaml", &format!("services:\n  a:\n    image: {lines}\n{SOCKET}"))
    }

    #[test]
    fn published_holders() {
        assert_eq!(of("portainer/portainer-ce:2.33.2\n    ports: [\"9443:9443\", \"8000:8000\"]"), "critical");
        assert_eq!(of("traefik:v3.5\n    ports: [\"80:80\"]"), "critical");
        assert_eq!(of("registry.example.net/tool:1\n    ports: [\"8088:8088\"]"), "high");
        assert_eq!(of("portainer/portainer-ce:2.33.2\n    ports: [\"127.0.0.1:9443:9443\"]"), "none");
    }

    #[test]
    fn tools_count_without_the_socket_too() {
        let text = "services:\n  a:\n    image: amir20/dozzle:v8\n    ports: [\"8080:8080\"]\n";
        assert_eq!(severity("compose.yaml", text), "critical");
        assert_eq!(severity("compose.dev.yaml", text), "medium");
    }

    #[test]
    fn a_proxy_that_asks_for_a_login() {
        let rule =
            "portainer/portainer-ce:2.33.2\n    labels:\n      traefik.http.routers.p.rule: Host(`p.example.org`)";
        assert_eq!(of(rule), "critical");
        assert_eq!(of(&format!("{rule}\n      traefik.http.routers.p.middlewares: auth@file")), "high");
    }

    #[test]
    fn a_network_with_applications() {
        let with = |image: &str| {
            severity(
                "compose.yaml",
                &format!("services:\n  a:\n    image: {image}\n{SOCKET}  app:\n    image: php:8.4-fpm\n"),
            )
        };
        assert_eq!(with("amir20/dozzle:v8"), "high");
        assert_eq!(with("containrrr/watchtower:1.7.1"), "none", "it serves nobody");
        assert_eq!(with("registry.example.net/backup:1"), "none");
    }

    #[test]
    fn a_network_of_its_own() {
        let text = format!(
            "services:\n  a:\n    image: amir20/dozzle:v8\n    networks: [ops]\n{SOCKET}  app:\n    image: php:8.4-fpm\nnetworks:\n  ops: {{}}\n"
        );
        clean(RULE, &[("compose.yaml", &text)]);
    }

    #[test]
    fn socket_proxies_have_their_own_rule() {
        let text = format!(
            "services:\n  a:\n    image: tecnativa/docker-socket-proxy:v0.4.1\n    ports: [\"2375:2375\"]\n{SOCKET}"
        );
        clean(RULE, &[("compose.yaml", &text)]);
    }
}

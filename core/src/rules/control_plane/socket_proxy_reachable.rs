//! `control-plane/socket-proxy-reachable`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{Group, Passed, Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A socket proxy whose port is published, or that shares a network with services which are not its clients.
    ///
    /// # Why it matters
    /// The proxy knows no logins: whoever opens a connection to port 2375 may do what it lets through, from reading the
    /// passwords in the environment of every container to making a container of his own.
    ///
    /// Published to other machines, it is *critical* when it lets changes through, else *high*; on loopback it is
    /// *medium*. On a network with PHP or web servers that are not its clients it is *high*, with other services
    /// *medium*. Its clients are those whose environment, command or `depends_on` names it.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   socket-proxy:
    ///     image: tecnativa/docker-socket-proxy:v0.4.1
    ///     ports: ["2375:2375"]
    ///     volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   traefik:
    ///     image: traefik:v3.7.8
    ///     command: ["--providers.docker.endpoint=tcp://socket-proxy:2375"]
    ///     networks: [front, docker]
    ///   socket-proxy:
    ///     image: tecnativa/docker-socket-proxy:v0.4.1
    ///     volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]
    ///     networks: [docker]
    /// networks:
    ///   front: {}
    ///   docker: { internal: true }
    /// ```
    ///
    /// # How to fix
    /// Publish nothing, and give the proxy a network with `internal: true` that only its clients join.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9 and 5.14, CWE-306, CWE-668.
    id: "control-plane/socket-proxy-reachable",
    title: "Socket proxy is reachable beyond its clients",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A socket proxy knows no logins: whoever opens a connection to it uses the engine's API as far as it lets through.",
    help: "Publish nothing, and put the proxy on an internal network that only its clients join.",
    references: ["CIS Docker Benchmark 5.9", "CIS Docker Benchmark 5.14", "OWASP Docker Security Cheat Sheet rule 5", "NIST SP 800-190 3.3.3", "CWE-306", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.view().standalone && service.is_socket_proxy()) {
        let published = service.ports.iter().filter_map(|port| published(service, port));
        for draft in published.chain(strangers(service)) {
            out.report(draft);
        }
    }
}

fn published(service: ServiceRef<'_, '_>, port: &Port) -> Option<Draft> {
    let changes = service.passed_by_proxy().iter().any(|passed| matches!(passed, Passed::Creating(..)));
    let severity = match service.reach(port) {
        Reach::Everyone | Reach::Private if changes => Severity::Critical,
        Reach::Everyone | Reach::Private => Severity::High,
        Reach::Loopback => Severity::Medium,
        Reach::Nobody | Reach::Ignored | Reach::Unknown => return None,
    };
    let what = if changes { "with the right to make containers" } else { "without a login" };
    let message = format!("`{}` offers the Docker API on {}, {what}", service.name, port.host_side());
    Some(Draft::new(port.at, message).severity(severity).on(service).fix(service.project().remove(
        Safety::Suggested,
        "Remove the published port",
        port.at,
    )))
}

/// Services on its networks that are not its clients.
fn strangers(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let strangers = service.unneeded_neighbours();
    let serves = |other: &ServiceRef<'_, '_>| matches!(other.role.group(), Group::Edge | Group::App);
    let worst = strangers.iter().find(|other| serves(other)).or(strangers.first())?;
    let severity = if serves(worst) { Severity::High } else { Severity::Medium };
    let message = match strangers.len() {
        1 => format!("`{}` can use the Docker API of `{}` and is no client of it", worst.name, service.name),
        more => format!(
            "`{}` and {} more can use the Docker API of `{}` and are no clients of it",
            worst.name,
            more - 1,
            service.name
        ),
    };
    let at = service.networks.first().map_or(service.at, |membership| membership.at);
    let mut draft = Draft::new(at, message).severity(severity).on(service);
    for other in strangers.iter().take(3) {
        draft = draft.because(other.at, format!("`{}` shares a network with it", other.name));
    }
    Some(draft)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "control-plane/socket-proxy-reachable";
    const PROXY: &str = "  sp:\n    image: tecnativa/docker-socket-proxy:v0.4.1\n";

    fn severity(name: &str, rest: &str) -> String {
        let text = format!("services:\n{PROXY}{rest}");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn published_proxies() {
        for (rest, want) in [
            ("    ports: [\"2375:2375\"]\n", "high"),
            ("    ports: [\"2375:2375\"]\n    environment: {CONTAINERS: 1, POST: 1}\n", "critical"),
            ("    ports: [\"127.0.0.1:2375:2375\"]\n", "medium"),
            ("", "none"),
        ] {
            assert_eq!(severity("compose.yaml", rest), want, "{rest}");
        }
        assert_eq!(severity("compose.dev.yaml", "    ports: [\"2375:2375\"]\n"), "low");
    }

    #[test]
    fn strangers_on_its_network() {
        assert_eq!(severity("compose.yaml", "  app:\n    image: php:8.4-fpm\n"), "high");
        assert_eq!(severity("compose.yaml", "  db:\n    image: mysql:8.4\n"), "medium");
    }

    #[test]
    fn clients_may() {
        let client = "  traefik:\n    image: traefik:v3.5\n    environment: {DOCKER_HOST: \"tcp://sp:2375\"}\n";
        assert_eq!(severity("compose.yaml", client), "none");
    }

    #[test]
    fn other_services_are_none_of_it() {
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: docker:29-dind\n    ports: [\"2375:2375\"]\n")]);
    }
}

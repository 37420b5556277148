//! `control-plane/docker-api-over-tcp`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{Context, EngineListener, EngineUse, Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// The Docker API over TCP without certificates: `hosts` in `daemon.json` and `dockerd -H tcp://…` without
    /// `tlsverify`, a published port 2375, and a `DOCKER_HOST` or `docker -H` that talks to such an engine.
    ///
    /// # Why it matters
    /// The API has no login. Whoever opens a connection starts a container with the host's disk in it and is root
    /// there; the port is scanned for all the time. A client that talks to it unencrypted hands every password in its
    /// containers' environment to the network, and shows that the port is open.
    ///
    /// A listener on a loopback address, and a client of a container beside it, are *high*. A client of a socket proxy
    /// of the same stack is not reported, nor are `ssh://`, TLS on port 2376, and a pipeline's own Docker-in-Docker.
    ///
    /// # Bad
    /// ```json file:daemon.json
    /// {
    ///   "hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"]
    /// }
    /// ```
    ///
    /// # Good
    /// ```json file:daemon.json
    /// {
    ///   "hosts": ["unix:///var/run/docker.sock"]
    /// }
    /// ```
    ///
    /// # How to fix
    /// Let the engine listen on its local socket only and come in by SSH: `docker context create prod --docker
    /// host=ssh://deploy@prod`. Where TCP has to be, use port 2376 with `tlsverify`, `tlscacert` and a certificate for
    /// each client, behind a firewall.
    ///
    /// # References
    /// CIS Docker Benchmark 2.7, CWE-306, CWE-319, Docker documentation "Protect the Docker daemon socket".
    id: "control-plane/docker-api-over-tcp",
    title: "The Docker API is open over TCP without certificates",
    severity: Critical,
    lowered_in_development: 1,
    fixes: Suggested,
    why: "The Docker API has no login: whoever reaches the port is root on that machine, and the port is scanned for all the time.",
    help: "Use the local socket and an ssh:// context, or port 2376 with tlsverify and a certificate for each client.",
    references: ["CIS Docker Benchmark 2.7", "OWASP Docker Security Cheat Sheet rule 1", "NIST SP 800-190 3.3.1", "CWE-306", "CWE-319"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for listener in project.engine_listeners() {
        out.report(listens(project, &listener));
    }
    // A pipeline's engine is mostly the container beside the job.
    for used in project.engine_uses().into_iter().filter(|used| !used.is_near()) {
        let message = format!("{} is a Docker engine that is used without TLS", shorten(&used.address, 60));
        out.report(Draft::new(used.at, message).severity(Severity::Critical));
    }
    for service in project.services() {
        for port in service.ports.iter().filter(|port| is_plain_api(service, port)) {
            match service.reach(port) {
                Reach::Everyone | Reach::Private => out.report(published(service, port, Severity::Critical)),
                Reach::Loopback => out.report(published(service, port, Severity::High)),
                Reach::Nobody | Reach::Ignored | Reach::Unknown => {}
            }
        }
        if let Some(used) = service.engine_use() {
            uses(service, &used).into_iter().for_each(|draft| out.report(draft));
        }
    }
}

fn listens(project: &Project<'_>, listener: &EngineListener) -> Draft {
    let who = if listener.loopback { "every process of this machine" } else { "every machine that reaches it" };
    let message = format!("the engine takes orders on {} from {who}", shorten(&listener.address, 60));
    Draft::new(listener.at, message)
        .severity(if listener.loopback { Severity::High } else { Severity::Critical })
        .fix(project.remove_listener(listener))
}

/// Port 2375 of a service that is no socket proxy and does not hand on the host's own socket: those have a rule of
/// their own.
fn is_plain_api(service: ServiceRef<'_, '_>, port: &Port) -> bool {
    let plain = port.has_target(2375) || port.published.is_some_and(|(first, last)| (first..=last).contains(&2375));
    plain && port.protocol == "tcp" && !service.is_socket_proxy()
}

fn published(service: ServiceRef<'_, '_>, port: &Port, severity: Severity) -> Draft {
    let message = format!(
        "`{}` publishes the Docker API on {}, where nobody is asked for a certificate",
        service.name,
        port.host_side()
    );
    let known = service.role.name == "dind" || port.has_target(2375);
    Draft::new(port.at, message)
        .severity(severity)
        .confidence(if known { Confidence::High } else { Confidence::Medium })
        .on(service)
        .fix(service.project().remove(Safety::Suggested, "Remove the published port", port.at))
}

/// The client's side; none when the engine is a socket proxy of the same stack.
fn uses(service: ServiceRef<'_, '_>, used: &EngineUse) -> Option<Draft> {
    let beside = service.beside(&used.host);
    let proxy = beside.is_some_and(ServiceRef::is_socket_proxy) || beside.is_none() && used.host.contains("proxy");
    if proxy || service.context == Context::Ci {
        return None;
    }
    let near = beside.is_some() || used.is_near();
    let message =
        format!("`{}` gives orders to a Docker engine without TLS, {}", service.name, shorten(&used.address, 60));
    Some(
        Draft::new(used.at, message)
            .severity(if near { Severity::High } else { Severity::Critical })
            .on(service)
            .because_of(beside.map(|engine| engine.at), "this engine asks nobody for a certificate"),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "control-plane/docker-api-over-tcp";

    fn severity(name: &str, text: &str) -> String {
        findings(RULE, &[(name, text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn engines_that_listen() {
        assert_eq!(severity("daemon.json", "{\"hosts\": [\"fd://\", \"tcp://0.0.0.0:2375\"]}"), "critical");
        assert_eq!(severity("daemon.json", "{\"hosts\": [\"tcp://127.0.0.1:2375\", \"fd://\"]}"), "high");
        assert_eq!(severity("daemon.json", "{\"hosts\": [\"tcp://0.0.0.0:2376\"], \"tlsverify\": true}"), "none");
        assert_eq!(severity("setup.sh", "#!/bin/sh\ndockerd -H tcp://0.0.0.0:2375\n"), "critical");
    }

    #[test]
    fn clients() {
        let client = |value: &str| {
            severity(
                "compose.yaml",
                &format!("services:\n  a:\n    image: php:8.4-cli\n    environment: {{DOCKER_HOST: \"{value}\"}}\n"),
            )
        };
        assert_eq!(client("tcp://build.example.org:2375"), "critical");
        assert_eq!(client("tcp://dind:2375"), "high");
        for good in [
            "ssh://deploy@prod",
            "tcp://build.example.org:2376",
            "unix:///var/run/docker.sock",
            "${ENGINE}",
            "tcp://socket-proxy:2375",
        ] {
            assert_eq!(client(good), "none", "{good}");
        }
        assert_eq!(severity("deploy.sh", "#!/bin/sh\ndocker -H tcp://10.0.0.5:2375 ps\n"), "critical");
    }

    #[test]
    fn an_empty_variable_switches_tls_off() {
        let client = |verify: &str| {
            let text = format!(
                "services:\n  a:\n    image: php:8.4-cli\n    environment: {{DOCKER_HOST: \"tcp://10.0.0.5:2376\", DOCKER_TLS_VERIFY: \"{verify}\"}}\n"
            );
            severity("compose.yaml", &text)
        };
        assert_eq!(client(""), "critical");
        assert_eq!(client("1"), "none");
    }

    #[test]
    fn a_published_port() {
        let dind = |port: &str| {
            severity("compose.yaml", &format!("services:\n  a:\n    image: docker:29-dind\n    ports: [\"{port}\"]\n"))
        };
        assert_eq!(dind("2375:2375"), "critical");
        assert_eq!(dind("127.0.0.1:2375:2375"), "high");
        assert_eq!(dind("2376:2376"), "none");
    }

    #[test]
    fn a_socket_proxy_of_the_stack_is_judged_elsewhere() {
        let text = "services:\n  traefik:\n    image: traefik:v3.5\n    environment: {DOCKER_HOST: \"tcp://sp:2375\"}\n  sp:\n    image: tecnativa/docker-socket-proxy:v0.4.1\n    ports: [\"2375:2375\"]\n";
        clean(RULE, &[("compose.yaml", text)]);
    }

    #[test]
    fn a_pipelines_own_engine() {
        let text = "build:\n  image: docker:29\n  services: [\"docker:29-dind\"]\n  variables: {DOCKER_HOST: \"tcp://docker:2375\", DOCKER_TLS_CERTDIR: \"\"}\n  script: [docker build .]\n";
        clean(RULE, &[(".gitlab-ci.yml", text)]);
    }
}

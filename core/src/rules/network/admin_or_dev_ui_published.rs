//! `network/admin-or-dev-ui-published`

use crate::declare_rule;
use crate::facts::ports;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{Console, Project, Reach, Route, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A tool for administration or development that other machines reach, by a published port or through a proxy:
    /// phpMyAdmin, Adminer, pgAdmin, Kibana, Grafana, Prometheus, Jenkins, Mailpit, the consoles of RabbitMQ and MinIO.
    /// On any other service, the ports of Vite, Node's inspector, Selenium and their like.
    ///
    /// # Why it matters
    /// Such tools stand next to the data, have default logins or none, and are updated last. A mail catcher shows the
    /// links with which passwords are reset, and Node's inspector executes whatever it is sent.
    ///
    /// Monitoring is *medium*, Node's inspector *critical*. A proxy that asks for a login first makes it *medium*, a
    /// Grafana with its own password and no anonymous access is *low*, and a development view is two steps lower.
    /// Loopback and private addresses are not reported. What administers Docker itself has a rule of its own.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   phpmyadmin:
    ///     image: phpmyadmin:5.2.3
    ///     environment: { PMA_HOST: mysql }
    ///     ports: ["8080:80"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   phpmyadmin:
    ///     image: phpmyadmin:5.2.3
    ///     environment: { PMA_HOST: mysql }
    ///     profiles: ["debug"]
    ///     ports: ["127.0.0.1:8080:80"]
    /// ```
    ///
    /// # How to fix
    /// Publish on `127.0.0.1` and go through an SSH tunnel, or put the tool behind a proxy that asks for a login. What
    /// only development needs moves to `compose.override.yaml` or a profile; a mail catcher has no place in production.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9 and 5.14, CWE-306, CWE-749, CWE-489.
    id: "network/admin-or-dev-ui-published",
    title: "Administration or development tool is published",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Tools for administration and development stand next to the data, with default logins or none, and are the first thing that scanners try.",
    help: "Publish it on 127.0.0.1 and use an SSH tunnel, or move it to a development profile.",
    references: ["CIS Docker Benchmark 5.9", "CIS Docker Benchmark 5.14", "OWASP Docker Security Cheat Sheet rule 5a", "NIST SP 800-190 3.3.1", "CWE-306", "CWE-749", "CWE-489"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let mut published = false;
        for port in &service.ports {
            let Some(console) = service.console_on(port) else { continue };
            match service.reach(port) {
                Reach::Everyone => {
                    published = true;
                    out.report(by_port(service, port, &console));
                }
                Reach::Nobody if service.network_mode.is_none() && service.is_console() => {
                    out.report(dead(service, port));
                }
                Reach::Unknown => out.ask(
                    format!(
                        "On which address does `{}` publish {}? `{}` has no value here",
                        service.name,
                        console.what,
                        crate::text::shorten(project.slice(port.at), 60)
                    ),
                    "set the variable in the project's .env, or give it a default",
                ),
                Reach::Nobody | Reach::Private | Reach::Loopback | Reach::Ignored => {}
            }
        }
        // One way in is enough to report; the nearer one is the port.
        if let Some((route, console)) = service.route().zip(service.console()).filter(|_| !published) {
            out.report(by_route(service, route, &console));
        }
    }
}

fn by_port(service: ServiceRef<'_, '_>, port: &Port, console: &Console) -> Draft {
    let message = format!(
        "`{}` publishes {} on {} for every machine that reaches this host",
        service.name,
        console.what,
        port.host_side()
    );
    let project = service.project();
    judged(service, Draft::new(port.at, message), console)
        .based_on(ports::BASIS)
        .fix(project.bind_to_loopback(service, port))
        .fix(project.remove(Safety::Safe, "Remove the published port", port.at))
}

fn by_route(service: ServiceRef<'_, '_>, route: Route, console: &Console) -> Draft {
    let guard = if route.guard.is_some() { ", though not without a login or a known address" } else { "" };
    let message = format!("a proxy lets users reach `{}`, {}{guard}", service.name, console.what);
    let draft = judged(service, Draft::new(route.at, message), console);
    match route.guard {
        Some(at) => draft.severity(console.severity.min(Severity::Medium)).because(at, "this stands in front of it"),
        None => draft,
    }
    .help("Take the route away and use an SSH tunnel, or let the proxy ask for a login before it hands requests on.")
}

fn judged(service: ServiceRef<'_, '_>, draft: Draft, console: &Console) -> Draft {
    let draft =
        draft.confidence(console.confidence).on(service).because_of(service.image_use.at, "the service is this image");
    match service.closed_grafana() {
        Some(at) => draft.severity(Severity::Low).because(at, "it asks for a password of its own"),
        None => draft.severity(console.severity),
    }
}

fn dead(service: ServiceRef<'_, '_>, port: &Port) -> Draft {
    let message = format!(
        "`{}` publishes port {}, but is only on internal networks: the mapping is dead",
        service.name, port.target.0
    );
    Draft::new(port.at, message)
        .severity_in_context(Severity::Info)
        .confidence(Confidence::High)
        .on(service)
        .fix(service.project().remove(Safety::Safe, "Remove the published port", port.at))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/admin-or-dev-ui-published";

    fn severity(name: &str, lines: &str) -> String {
        let text = format!("services:\n  ui:\n    image: {lines}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn tools_by_image_and_by_port() {
        for (lines, want) in [
            ("adminer:5\n    ports: [\"8080:8080\"]", "high"),
            ("axllent/mailpit:v1.30.0\n    ports: [\"8025:8025\"]", "high"),
            ("prom/prometheus:v3.0.0\n    ports: [\"9090:9090\"]", "medium"),
            ("rabbitmq:4-management\n    ports: [\"15672:15672\"]", "high"),
            ("node:24\n    ports: [\"5173:5173\"]", "high"),
            ("node:24\n    ports: [\"9229:9229\"]", "critical"),
            ("php:8.4-apache\n    ports: [\"80:80\"]", "none"),
            ("registry.example.net/app:1\n    ports: [\"3000:3000\"]", "none"),
        ] {
            assert_eq!(severity("compose.yaml", lines), want, "{lines}");
        }
    }

    #[test]
    fn addresses() {
        for port in ["127.0.0.1:8080:8080", "10.0.0.5:8080:8080", "${BIND}:8080:8080"] {
            assert_eq!(severity("compose.yaml", &format!("adminer:5\n    ports: [\"{port}\"]")), "none", "{port}");
        }
    }

    #[test]
    fn development_is_low() {
        assert_eq!(severity("compose.dev.yaml", "adminer:5\n    ports: [\"8080:8080\"]"), "low");
        assert_eq!(severity("compose.yaml", "adminer:5\n    profiles: [debug]\n    ports: [\"8080:8080\"]"), "low");
    }

    #[test]
    fn a_proxy_in_front() {
        let rule = "adminer:5\n    labels:\n      traefik.http.routers.ui.rule: Host(`db.example.org`)";
        assert_eq!(severity("compose.yaml", rule), "high");
        let guarded = format!("{rule}\n      traefik.http.routers.ui.middlewares: auth@file");
        assert_eq!(severity("compose.yaml", &guarded), "medium");
    }

    #[test]
    fn grafana_with_a_password() {
        let open = "grafana/grafana:12\n    ports: [\"3000:3000\"]";
        assert_eq!(severity("compose.yaml", open), "medium");
        let closed = format!("{open}\n    environment: {{GF_SECURITY_ADMIN_PASSWORD: \"${{P:?}}\"}}");
        assert_eq!(severity("compose.yaml", &closed), "low");
        let anonymous =
            format!("{open}\n    environment: {{GF_SECURITY_ADMIN_PASSWORD: x, GF_AUTH_ANONYMOUS_ENABLED: \"true\"}}");
        assert_eq!(severity("compose.yaml", &anonymous), "medium");
    }

    #[test]
    fn an_internal_network_makes_it_dead() {
        let text = "services:\n  ui:\n    image: adminer:5\n    networks: [data]\n    ports: [\"8080:8080\"]\nnetworks:\n  data: {internal: true}\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "info");
    }

    #[test]
    fn what_administers_docker_has_its_own_rule() {
        for image in [
            "portainer/portainer-ce:2.33.0\n    ports: [\"9443:9443\"]",
            "gcr.io/cadvisor/cadvisor:v0.52.0\n    ports: [\"8080:8080\"]\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock:ro\"]",
        ] {
            clean(RULE, &[("compose.yaml", &format!("services:\n  a:\n    image: {image}\n"))]);
        }
    }
}

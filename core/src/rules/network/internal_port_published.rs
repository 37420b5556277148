//! `network/internal-port-published`

use crate::declare_rule;
use crate::facts::Level;
use crate::facts::ports::{self, PortRow};
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{Group, Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A published port of a service that only other containers should reach: a PDF or image processor, a worker, a metrics
    /// exporter, a registry, SSH in a container. Also a published range of several ports, and a mapping that cannot work because the
    /// service is on internal networks only (*info*).
    ///
    /// Web servers, proxies and PHP images that serve HTTP are the entry and are not reported. Redis, other data stores, PHP-FPM,
    /// consoles and the Docker API have rules of their own.
    ///
    /// # Why it matters
    /// A mapping without an address opens the port on every interface, IPv4 and IPv6, and Docker's rules come before those of
    /// `ufw` and `firewalld`: the port is open even where the firewall says deny. Such services have no login, because they were
    /// made for a private network.
    ///
    /// On a loopback or private address it is not reported, nor where the network binds to loopback by
    /// `com.docker.network.bridge.host_binding_ipv4`. A development view is *low*.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   gotenberg:
    ///     image: gotenberg/gotenberg:8.36.0
    ///     ports: ["3000:3000"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   gotenberg:
    ///     image: gotenberg/gotenberg:8.36.0
    ///     ports: ["127.0.0.1:3000:3000"]
    /// ```
    ///
    /// # How to fix
    /// Delete the mapping: containers on the same network reach each other without it. To look at the service from this machine,
    /// publish it on `127.0.0.1`; from elsewhere, use an SSH tunnel.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9 and 5.14, CWE-668, Docker documentation "Packet filtering and firewalls".
    id: "network/internal-port-published",
    title: "Port of an internal service is published",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Docker opens a published port on every interface and ahead of the host's firewall. Services made for a private network have no login to stop whoever connects.",
    help: "Remove the mapping, which other containers do not need, or publish on 127.0.0.1.",
    references: ["CIS Docker Benchmark 5.9", "CIS Docker Benchmark 5.14", "OWASP Docker Security Cheat Sheet rule 5a", "NIST SP 800-190 3.4.2", "CWE-668", "CWE-1327"],
}

/// What is known of a port that should stay inside.
struct Inside {
    severity: Severity,
    what: String,
    confidence: Confidence,
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        // Data stores, consoles and sockets are reported by rules that know them.
        let elsewhere = matches!(service.role.group(), Group::Data)
            || service.is_redis()
            || (service.role.group() == Group::Operations
                && !matches!(service.role.name, "registry" | "secrets" | "dind"));
        if elsewhere {
            continue;
        }
        for port in &service.ports {
            let reach = service.reach(port);
            if reach == Reach::Nobody && service.network_mode.is_none() {
                out.report(dead(service, port));
                continue;
            }
            let Some(inside) = inside(service, port) else { continue };
            match reach {
                Reach::Everyone => out.report(published(service, port, inside)),
                Reach::Unknown => out.ask(
                    format!(
                        "On which address does `{}` publish port {}? `{}` has no value here",
                        service.name,
                        port.target.0,
                        crate::text::shorten(project.slice(port.at), 60)
                    ),
                    "set the variable in the project's .env, or give it a default",
                ),
                Reach::Private | Reach::Loopback | Reach::Nobody | Reach::Ignored => {}
            }
        }
    }
}

/// Why a port is not one for users; `None` for an entry, and where nothing tells.
fn inside(service: ServiceRef<'_, '_>, port: &Port) -> Option<Inside> {
    let elsewhere = service.is_fpm() && port.has_target(9000) || service.console_on(port).is_some();
    if service.role.is_web_entry() || elsewhere {
        return None;
    }
    let of_role =
        |what: &str, severity| Some(Inside { severity, what: what.to_owned(), confidence: service.role.confidence });
    match service.role.name {
        "processor" => return of_role("a document or image processor", Severity::High),
        "registry" => return of_role("an image registry", Severity::High),
        "secrets" => return of_role("a secret store", Severity::High),
        _ => {}
    }
    let row = ports::by_port(port.target.0, port.protocol == "udp").first().filter(|_| port.target.0 == port.target.1);
    if let Some(row) = row.filter(|row| matches!(row.class, "queue" | "app-internal" | "monitor" | "mail" | "admin")) {
        return Some(Inside {
            severity: severity(row),
            what: format!("usually {}", row.service),
            confidence: if row.ambiguous_with.is_empty() { Confidence::Medium } else { Confidence::Low },
        });
    }
    let (first, last) = port.target;
    (first != last).then(|| Inside {
        severity: Severity::Medium,
        what: format!("a range of {} ports", u32::from(last - first) + 1),
        confidence: Confidence::Medium,
    })
}

fn severity(row: &PortRow) -> Severity {
    match row.level {
        Level::Info => Severity::Info,
        Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High | Level::Critical => Severity::High,
    }
}

fn published(service: ServiceRef<'_, '_>, port: &Port, inside: Inside) -> Draft {
    let project = service.project();
    let message = format!(
        "`{}` publishes port {} on {} for every machine that reaches this host: {}",
        service.name,
        port.target.0,
        port.host_side(),
        inside.what
    );
    Draft::new(port.at, message)
        .severity(inside.severity)
        .confidence(inside.confidence)
        .based_on(ports::BASIS)
        .on(service)
        .because_of(service.image_use.at, "the service is this image")
        .fix(project.bind_to_loopback(service, port))
        .fix(project.remove(Safety::Safe, "Remove the published port", port.at))
}

fn dead(service: ServiceRef<'_, '_>, port: &Port) -> Draft {
    let mut draft = Draft::new(
        port.at,
        format!(
            "`{}` publishes port {}, but is only on internal networks: the mapping is dead",
            service.name, port.target.0
        ),
    )
    .severity_in_context(Severity::Info)
    .on(service)
    .help("Remove the mapping, or add a network that is not internal if the port is meant to be reached.");
    for membership in &service.networks {
        draft = draft.because(membership.at, "internal");
    }
    draft
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/internal-port-published";

    fn severity(name: &str, image: &str, ports: &str) -> String {
        let text = format!("services:\n  a:\n    image: {image}\n    ports: {ports}\n");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_role_and_by_port() {
        for (image, ports, want) in [
            ("gotenberg/gotenberg:8.36.0", "[\"3000:3000\"]", "high"),
            ("gotenberg/gotenberg:8.36.0", "[\"3000\"]", "high"),
            ("gotenberg/gotenberg:8.36.0", "[{target: 3000, published: 3000}]", "high"),
            ("registry:3.0.0", "[\"5000:5000\"]", "high"),
            ("atmoz/sftp:alpine", "[\"2222:22\"]", "medium"),
            ("registry.example.net/ws:1.0", "[\"6001:6001\"]", "high"),
            ("registry.example.net/ftp:1.0", "[\"30000-30009:30000-30009\"]", "medium"),
            ("php:8.4-cli", "[\"9253:9253\"]", "low"),
        ] {
            assert_eq!(severity("compose.yaml", image, ports), want, "{image} {ports}");
        }
    }

    #[test]
    fn entries_and_what_other_rules_report() {
        for (image, ports) in [
            ("nginx:1.30.4", "[\"80:80\"]"),
            ("traefik:3.7", "[\"80:80\", \"443:443\"]"),
            ("php:8.4-apache", "[\"8080:80\"]"),
            ("dunglas/frankenphp:1.9-php8.4", "[\"443:443/udp\"]"),
            ("registry.example.net/app:1.0", "[\"8080:8080\"]"),
            ("registry.example.net/app:1.0", "[\"3000:3000\"]"),
            ("mysql:8.4.11", "[\"3306:3306\"]"),
            ("rabbitmq:4.3.5", "[\"5672:5672\"]"),
            ("redis:8.2.9", "[\"6379:6379\"]"),
            ("php:8.4-fpm", "[\"9000:9000\"]"),
            ("phpmyadmin:5.2.3", "[\"8081:80\"]"),
            ("axllent/mailpit:v1.30.0", "[\"1025:1025\"]"),
        ] {
            assert_eq!(severity("compose.yaml", image, ports), "none", "{image} {ports}");
        }
    }

    #[test]
    fn addresses_that_others_do_not_reach() {
        for ports in [
            "[\"127.0.0.1:3000:3000\"]",
            "[\"[::1]:3000:3000\"]",
            "[\"10.0.0.5:3000:3000\"]",
            "[\"${BIND:-127.0.0.1}:3000:3000\"]",
            "[\"${BIND}:3000:3000\"]",
        ] {
            assert_eq!(severity("compose.yaml", "gotenberg/gotenberg:8.36.0", ports), "none", "{ports}");
        }
    }

    #[test]
    fn development_is_low() {
        assert_eq!(severity("compose.dev.yaml", "gotenberg/gotenberg:8.36.0", "[\"3000:3000\"]"), "low");
    }

    #[test]
    fn a_dead_mapping_is_info() {
        let text = "services:\n  a:\n    image: nginx:1.30.4\n    networks: [n]\n    ports: [\"80:80\"]\nnetworks: {n: {internal: true}}\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found[0].severity.as_str(), "info");
    }

    #[test]
    fn a_network_may_bind_to_loopback() {
        let text = "services:\n  a:\n    image: gotenberg/gotenberg:8.36.0\n    ports: [\"3000:3000\"]\nnetworks:\n  default:\n    driver_opts: {com.docker.network.bridge.host_binding_ipv4: 127.0.0.1}\n";
        clean(RULE, &[("compose.yaml", text)]);
    }

    #[test]
    fn mappings_that_docker_ignores() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  a:\n    image: gotenberg/gotenberg:8.36.0\n    network_mode: host\n    ports: [\"3000:3000\"]\n",
            )],
        );
    }

    #[test]
    fn both_fixes_are_offered() {
        let text = "services:\n  a:\n    image: gotenberg/gotenberg:8.36.0\n    ports:\n      - \"3000:3000\"\n      - target: 3001\n        published: \"3001\"\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|finding| finding.fixes.len() == 2), "{found:?}");
    }

    #[test]
    fn an_old_table_lowers_the_confidence() {
        let files = crate::rules::testing::sources(&[(
            "compose.yaml",
            "services:\n  a:\n    image: gotenberg/gotenberg:8.36.0\n    ports: [\"3000:3000\"]\n",
        )]);
        let sure = |year| {
            let project = crate::project::Project::new(&files, crate::date::Date::new(year, 11, 24));
            crate::engine::run(&super::RULE, &project).0[0].confidence.as_str()
        };
        assert_eq!((sure(2026), sure(2027)), ("high", "medium"));
    }
}

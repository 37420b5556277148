//! `datastores/datastore-published`

use crate::declare_rule;
use crate::facts::ports;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{Group, Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A database, Memcached, a message queue, a search engine or an object store whose port is published on an address
    /// that other machines reach. Without a known image, a port number that is typical of one counts too.
    ///
    /// Redis has a rule of its own, and so have the web consoles that some of these servers bring along.
    ///
    /// # Why it matters
    /// The data lies behind one password, and scanners try the usual ones within minutes of a port being open. Docker
    /// opens a published port ahead of `ufw` and `firewalld`, so "deny" in the host's firewall does not close it.
    ///
    /// It is *critical* when the server asks for no login: Memcached always, others by how they are set up. A private
    /// address, and members of a replication cluster, are *medium*; a development view is *low*. A loopback address is
    /// not reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     ports: ["3306:3306"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     ports: ["127.0.0.1:3306:3306"]
    /// ```
    ///
    /// # How to fix
    /// Remove the mapping: containers on the same network reach the server without it. For administration use `docker
    /// compose exec mysql mysql`, or publish on `127.0.0.1` and go through an SSH tunnel.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9 and 5.14, CWE-668, Docker documentation "Packet filtering and firewalls".
    id: "datastores/datastore-published",
    title: "A data store is published to other machines",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Passwords of open databases are guessed within minutes, and Docker opens a published port ahead of the host's firewall.",
    help: "Remove the mapping, which other containers do not need, or publish on 127.0.0.1 and use an SSH tunnel.",
    references: ["CIS Docker Benchmark 5.9", "CIS Docker Benchmark 5.14", "OWASP Docker Security Cheat Sheet rule 5a", "NIST SP 800-190 3.4.2", "CWE-668", "CWE-1327"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_redis()) {
        for port in &service.ports {
            let Some((what, confidence)) = data_port(service, port) else { continue };
            match service.reach(port) {
                Reach::Loopback | Reach::Ignored => {}
                // A dead mapping of a service that nobody knows is reported as such.
                Reach::Nobody if service.role.group() != Group::Data => {}
                Reach::Unknown => out.ask(
                    format!(
                        "On which address does `{}` publish its data? `{}` has no value here",
                        service.name,
                        crate::text::shorten(project.slice(port.at), 60)
                    ),
                    "set the variable in the project's .env, or give it a default",
                ),
                reach => out.report(published(service, port, reach, &what).confidence(confidence)),
            }
        }
    }
}

/// What a port gives access to, when that is stored data or messages.
fn data_port(service: ServiceRef<'_, '_>, port: &Port) -> Option<(String, Confidence)> {
    let row = ports::by_port(port.target.0, port.protocol == "udp").first();
    match service.role.group() {
        // Consoles and figures are not the data.
        Group::Data if !row.is_some_and(|row| row.console_of(service.role.name)) => {
            Some((service.role.data_name().to_owned(), service.role.confidence))
        }
        Group::Unknown => row
            .filter(|row| row.class == "datastore" && row.ambiguous_with.is_empty())
            .map(|row| (format!("what is usually {}", row.service), Confidence::Medium)),
        _ => None,
    }
}

fn published(service: ServiceRef<'_, '_>, port: &Port, reach: Reach, what: &str) -> Draft {
    let (name, host) = (&service.name, port.host_side());
    let door = service.open_door().filter(|_| service.role.group() == Group::Data);
    let open = door.is_some() || service.is_memcached();
    let (severity, message) = match reach {
        Reach::Nobody => (
            Severity::Info,
            format!("`{name}` publishes {what} on {host}, but has no network that is reachable: the mapping is dead"),
        ),
        Reach::Private => {
            (Severity::Medium, format!("`{name}` publishes {what} on {host}, an address of a private network"))
        }
        _ if open => (Severity::Critical, format!("`{name}` publishes {what} on {host}, and it asks for no login")),
        _ => (
            if service.replicates().is_some() { Severity::Medium } else { Severity::High },
            format!("`{name}` publishes {what} on {host} for every machine that reaches this host"),
        ),
    };
    let severity = if service.context.is_development() { severity.min(Severity::Low) } else { severity };
    let mut draft = Draft::new(port.at, message)
        .severity_in_context(severity)
        .on(service)
        .because_of(service.image_use.at, "the service is this image")
        .because_of(service.replicates(), "it takes part in replication, which may need the port");
    if let Some(door) = door {
        draft = draft.because(door.at, door.what);
    }
    let project = service.project();
    draft.fix(project.bind_to_loopback(service, port).filter(|_| reach == Reach::Everyone)).fix(project.remove(
        Safety::Safe,
        "Remove the published port",
        port.at,
    ))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "datastores/datastore-published";

    fn severity(name: &str, lines: &str) -> String {
        let text = format!("services:\n  db:\n    image: {lines}\n");
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn every_kind_of_store() {
        for image in [
            "mysql:8.4\n    ports: [\"3306:3306\"]",
            "postgres:17\n    ports: [\"${FORWARD_DB_PORT:-5432}:5432\"]",
            "rabbitmq:4\n    ports: [\"5672:5672\"]",
            "minio/minio:latest\n    ports: [\"9000:9000\"]",
            "registry.example.net/db:1\n    ports: [\"5432:5432\"]",
        ] {
            assert_eq!(severity("compose.yaml", image), "high", "{image}");
        }
    }

    #[test]
    fn without_a_login() {
        for image in [
            "memcached:1.6\n    ports: [\"11211:11211\"]",
            "mysql:8.4\n    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: \"1\"}\n    ports: [\"3306:3306\"]",
        ] {
            assert_eq!(severity("compose.yaml", image), "critical", "{image}");
        }
    }

    #[test]
    fn addresses() {
        for (ports, want) in [
            ("127.0.0.1:3306:3306", "none"),
            ("[::1]:3306:3306", "none"),
            ("10.0.0.5:3306:3306", "medium"),
            ("0.0.0.0:3306:3306", "high"),
            ("${BIND}:3306:3306", "none"),
        ] {
            assert_eq!(severity("compose.yaml", &format!("mysql:8.4\n    ports: [\"{ports}\"]")), want, "{ports}");
        }
    }

    #[test]
    fn development_is_low() {
        assert_eq!(severity("compose.dev.yaml", "mysql:8.4\n    ports: [\"3306:3306\"]"), "low");
        assert_eq!(severity("compose.dev.yaml", "memcached:1.6\n    ports: [\"11211:11211\"]"), "low");
    }

    #[test]
    fn replication_may_need_it() {
        let image = "mysql:8.4\n    command: mysqld --server-id=2 --log-bin\n    ports: [\"3306:3306\"]";
        assert_eq!(severity("compose.yaml", image), "medium");
    }

    #[test]
    fn an_internal_network_makes_it_dead() {
        let text = "services:\n  db:\n    image: mysql:8.4\n    networks: [data]\n    ports: [\"3306:3306\"]\nnetworks:\n  data: {internal: true}\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "info");
    }

    #[test]
    fn redis_and_consoles_have_their_own_rules() {
        for image in [
            "redis:8\n    ports: [\"6379:6379\"]",
            "rabbitmq:4-management\n    ports: [\"15672:15672\"]",
            "minio/minio:latest\n    ports: [\"9001:9001\"]",
            "registry.example.net/app:1\n    ports: [\"9000:9000\"]",
        ] {
            clean(RULE, &[("compose.yaml", &format!("services:\n  a:\n    image: {image}\n"))]);
        }
    }
}

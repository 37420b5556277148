//! `network/published-port-bypasses-segmentation`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::model::compose::ports::Port;
use crate::project::{Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A data store, a tool or an internal service that is kept on a network apart from others, and publishes a port on
    /// an address of the host that those others reach all the same.
    ///
    /// # Why it matters
    /// Networks part containers from each other, not from the host: a published port answers on the host's address, and
    /// every container with a way out connects to it there. For this port, the separate networks achieve nothing, not
    /// even behind a firewall that keeps other machines away.
    ///
    /// Not reported: web servers and proxies, which are there for everybody; ports on loopback; services that are only
    /// on internal networks or that need the port; stacks with one network for everything.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { DB_HOST: postgres }
    ///     networks: [data]
    ///   mailer:
    ///     image: registry.example.net/mailer:2.0.0
    ///     networks: [jobs]
    ///   postgres:
    ///     image: postgres:17.6
    ///     ports: ["5432:5432"]
    ///     networks: [data]
    /// networks:
    ///   data: {}
    ///   jobs: {}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { DB_HOST: postgres }
    ///     networks: [data]
    ///   mailer:
    ///     image: registry.example.net/mailer:2.0.0
    ///     networks: [jobs]
    ///   postgres:
    ///     image: postgres:17.6
    ///     networks: [data]
    /// networks:
    ///   data: {}
    ///   jobs: {}
    /// ```
    ///
    /// # How to fix
    /// Remove the mapping, or publish on `127.0.0.1`: containers do not reach the host's loopback address.
    ///
    /// # References
    /// CIS Docker Benchmark 5.14, CWE-923, Docker documentation "Port publishing and mapping".
    id: "network/published-port-bypasses-segmentation",
    title: "A published port leads around the separate networks",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A published port answers on the host's address, and containers of every other network with a way out connect to it there.",
    help: "Remove the mapping, or publish on 127.0.0.1, which containers do not reach.",
    references: ["CIS Docker Benchmark 5.14", "NIST SP 800-190 3.3.3", "CWE-923"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_kept_inside() && service.is_set_apart()) {
        let mut ports = service.ports_with(Reach::Everyone);
        ports.extend(service.ports_with(Reach::Private));
        let others = service.kept_away();
        if let (Some(first), Some(other)) = (ports.first(), others.first()) {
            out.report(bypassed(service, &ports, first, *other, others.len()));
        }
    }
}

fn bypassed(
    service: ServiceRef<'_, '_>,
    ports: &[&Port],
    first: &Port,
    other: ServiceRef<'_, '_>,
    number: usize,
) -> Draft {
    let more = if number > 1 { format!(" and {} more", number - 1) } else { String::new() };
    let message = format!(
        "`{}`{more} can reach `{}` on the host's port {}, though they share no network",
        other.name,
        service.name,
        first.host_side()
    );
    Draft::new(first.at, message)
        .confidence(if service.role.confidence == Confidence::Low { Confidence::Low } else { Confidence::High })
        .on(service)
        .because(other.at, format!("`{}` is kept away from it by its networks", other.name))
        .fix(service.project().bind_all_to_loopback(service, ports))
        .fix(service.project().remove(crate::fix::Safety::Suggested, "Remove the published port", first.at))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/published-port-bypasses-segmentation";

    fn stack(port: &str, other: &str, jobs: &str) -> String {
        format!(
            "services:\n  db:\n    image: mysql:8.4\n    ports: [\"{port}\"]\n    networks: [data]\n  worker:\n    image: php:8.4-cli\n    networks: [{other}]\nnetworks:\n  data: {{}}\n  jobs: {{{jobs}}}\n"
        )
    }

    #[test]
    fn ports_of_the_host() {
        for port in ["3306:3306", "172.17.0.1:3306:3306"] {
            let found = findings(RULE, &[("compose.yaml", &stack(port, "jobs", ""))]);
            assert_eq!(found[0].severity.as_str(), "medium", "{port}");
        }
        let found = findings(RULE, &[("compose.dev.yaml", &stack("3306:3306", "jobs", ""))]);
        assert_eq!(found[0].severity.as_str(), "info");
    }

    #[test]
    fn who_is_not_meant() {
        clean(RULE, &[("compose.yaml", &stack("127.0.0.1:3306:3306", "jobs", ""))]);
        clean(RULE, &[("compose.yaml", &stack("3306:3306", "jobs", "internal: true"))]);
        clean(RULE, &[("compose.yaml", &stack("3306:3306", "jobs, data", ""))]);
    }

    #[test]
    fn who_needs_it() {
        let text =
            stack("3306:3306", "jobs", "").replace("php:8.4-cli\n", "php:8.4-cli\n    environment: {DB_HOST: db}\n");
        clean(RULE, &[("compose.yaml", &text)]);
    }

    #[test]
    fn an_entry_is_there_for_everybody() {
        clean(RULE, &[("compose.yaml", &stack("80:80", "jobs", "").replace("mysql:8.4", "nginx:1.28"))]);
    }

    #[test]
    fn one_network_for_everything() {
        let text =
            "services:\n  db:\n    image: mysql:8.4\n    ports: [\"3306:3306\"]\n  worker:\n    image: php:8.4-cli\n";
        clean(RULE, &[("compose.yaml", text)]);
    }
}

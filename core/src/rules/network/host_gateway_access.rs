//! `network/host-gateway-access`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{GatewayName, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A service outside of development with a name for its host in `extra_hosts`: the address `host-gateway`, or
    /// `172.17.0.1`, the address that Docker gives the host by default.
    ///
    /// # Why it matters
    /// Programs that listen on all addresses of the host, such as a database, a panel or an agent, were never meant for
    /// containers. The name is most often left over from a debugger, and shows code that broke in where to look next.
    ///
    /// Where a variable points a data store at that name, the database listens for containers and the finding is
    /// *medium*: there is no network between the two that could be closed. Development views are not asked. Without the
    /// entry the host keeps its address, so close what listens on it too.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     extra_hosts:
    ///       - "host.docker.internal:host-gateway"
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    /// ```
    /// ```yaml file:compose.override.yaml
    /// services:
    ///   app:
    ///     extra_hosts:
    ///       - "host.docker.internal:host-gateway"
    /// ```
    ///
    /// # How to fix
    /// Move the entry to `compose.override.yaml`, which developers read and the server does not. For a database of the
    /// host, mount its socket, or let it listen on one address that a firewall opens for this network only.
    ///
    /// # References
    /// NIST SP 800-190 3.4.2, CWE-668, Docker documentation "Networking".
    id: "network/host-gateway-access",
    title: "Service is given a name for its host",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "The name leads from the container to whatever listens on the host, such as databases and panels that were never meant for it.",
    help: "Move the entry to the override file for development; for a database of the host, mount its socket or open one firewalled address.",
    references: ["NIST SP 800-190 3.4.2", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.lasting_services().into_iter().filter(|service| !service.context.is_development()) {
        for name in service.gateway_names() {
            out.report(named(service, &name));
        }
    }
}

fn named(service: ServiceRef<'_, '_>, name: &GatewayName<'_>) -> Draft {
    let host = shorten(&name.entry.host, 60);
    let at = name.entry.at;
    if let Some(store) = name.store {
        let message = format!("`{}` uses a data store of its host by the name `{host}`", service.name);
        return Draft::new(at, message)
            .severity(Severity::Medium)
            .because(store.key_at, "this variable names the host")
            .on(service)
            .help("Mount the socket of the database, or let it listen on one address that a firewall opens for this network only.");
    }
    let message = format!("`{}` reaches what listens on its host by the name `{host}`", service.name);
    let title = format!("Remove the name `{host}` of the host");
    Draft::new(at, message).on(service).fix(service.project().remove(Safety::Suggested, title, at))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/host-gateway-access";

    fn severity(file: &str, body: &str) -> String {
        let text = format!("services:\n  app:\n    image: php:8.4-fpm\n    {body}\n");
        findings(RULE, &[(file, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn ways_to_name_the_host() {
        for body in [
            "extra_hosts: [\"host.docker.internal:host-gateway\"]",
            "extra_hosts: [\"host.docker.internal=host-gateway\"]",
            "extra_hosts:\n      - \"host.docker.internal:host-gateway\"\n      - \"api.example.net:203.0.113.5\"",
            "extra_hosts:\n      host.docker.internal: host-gateway",
            "extra_hosts: [\"docker-host:172.17.0.1\"]",
        ] {
            assert_eq!(severity("compose.yaml", body), "low", "{body}");
        }
    }

    #[test]
    fn a_database_of_the_host() {
        let body =
            "extra_hosts: [\"host.docker.internal:host-gateway\"]\n    environment: {DB_HOST: host.docker.internal}";
        assert_eq!(severity("compose.yaml", body), "medium");
        let body = "extra_hosts: [\"host.docker.internal:host-gateway\"]\n    environment: {DB_HOST: db.example.net}";
        assert_eq!(severity("compose.yaml", body), "low");
    }

    #[test]
    fn other_machines() {
        assert_eq!(severity("compose.yaml", "extra_hosts: [\"db:10.0.0.5\"]"), "none");
        assert_eq!(severity("compose.yaml", "extra_hosts: [\"db:${ADDRESS}\"]"), "none");
    }

    #[test]
    fn development() {
        let body = "extra_hosts: [\"host.docker.internal:host-gateway\"]";
        assert_eq!(severity("compose.dev.yaml", body), "none");
        clean(
            RULE,
            &[
                ("compose.yaml", "services:\n  app:\n    image: php:8.4-fpm\n"),
                ("compose.override.yaml", &format!("services:\n  app:\n    {body}\n")),
            ],
        );
    }

    #[test]
    fn a_fix_only_where_nothing_needs_the_name() {
        let plain = "services:\n  app:\n    image: php:8.4-fpm\n    extra_hosts:\n      - \"host.docker.internal:host-gateway\"\n";
        assert!(!findings(RULE, &[("compose.yaml", plain)])[0].fixes.is_empty());
        let used = format!("{plain}    environment:\n      REDIS_HOST: host.docker.internal\n");
        assert!(findings(RULE, &[("compose.yaml", &used)])[0].fixes.is_empty());
    }
}

//! `network/data-network-not-internal`

use super::flat_network;
use crate::declare_rule;
use crate::finding::Confidence;
use crate::model::compose::Network;
use crate::project::{Group, Project, View};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A network of data stores without `internal: true`, on which nobody needs a way out: the stores publish nothing,
    /// and each other member is on a further network that leads out.
    ///
    /// # Why it matters
    /// A database server has no reason to call the internet. With a default route, code in it fetches its tools and
    /// carries the dump away in one step; without one, it has to go through the application first.
    ///
    /// Not reported: external networks, stores that replicate to other hosts or back up to an object store, members for
    /// which this network is the only one that leads out, and networks that services of every zone share, which is a
    /// finding of its own.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     networks: [front, data]
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     networks: [data]
    /// networks:
    ///   front: {}
    ///   data: {}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     networks: [front, data]
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     networks: [data]
    /// networks:
    ///   front: {}
    ///   data: { internal: true }
    /// ```
    ///
    /// # How to fix
    /// Add `internal: true`. From Engine 28 on, the driver option `com.docker.network.bridge.gateway_mode_ipv4:
    /// isolated` also takes away the host's own address on the network.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, CWE-923, Docker documentation "Networks top-level element", `internal`.
    id: "network/data-network-not-internal",
    title: "Network of data stores leads to the internet",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A database server has no reason to call the internet; with a default route, code in it fetches its tools and carries the data away directly.",
    help: "Add `internal: true` to the network.",
    references: ["CIS Docker Benchmark 5.9", "OWASP Docker Security Cheat Sheet rule 5", "NIST SP 800-190 3.4.2", "NIST SP 800-190 4.4.2", "CWE-923"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in project.views.iter().filter(|view| !view.standalone && view.is_comparable()) {
        for network in view.networks.iter().filter(|network| project.could_be_internal(view, network)) {
            if flat_network::severity(view, &network.name, &project.members(view, &network.name)).is_none() {
                report(project, view, network, out);
            }
        }
    }
}

fn report(project: &Project<'_>, view: &View, network: &Network, out: &mut Findings) {
    let members = project.members(view, &network.name);
    let stores: Vec<_> = members.iter().filter(|member| member.role.group() == Group::Data).collect();
    let names: Vec<String> = stores.iter().take(3).map(|store| format!("`{}`", store.name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(at) = network.at else { return };
    let message = format!(
        "the network `{}` leads to the internet, and nobody on it needs that, least of all {}",
        shorten(&network.name, 40),
        list(&names)
    );
    let draft = Draft::new(at, message).confidence(Confidence::Medium).fix(project.make_internal(network));
    for store in stores {
        out.report(draft.clone().on(*store));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/data-network-not-internal";

    fn stack(app: &str, db: &str, network: &str) -> String {
        format!(
            "services:\n  app:\n    image: php:8.4-fpm\n    networks: [{app}]\n  db:\n    image: mysql:8.4\n    networks: [data]\n{db}networks:\n  data:{network}\n  front: {{}}\n"
        )
    }

    #[test]
    fn a_network_that_nobody_leaves_by() {
        for network in ["", " {}", "\n    driver: bridge"] {
            let found = findings(RULE, &[("compose.yaml", &stack("front, data", "", network))]);
            assert_eq!(found[0].severity.as_str(), "medium", "{network}");
            assert_eq!(found[0].fixes.len(), 1, "{network}");
        }
        let found = findings(RULE, &[("compose.dev.yaml", &stack("front, data", "", " {}"))]);
        assert_eq!(found[0].severity.as_str(), "info");
    }

    #[test]
    fn somebody_needs_it() {
        clean(RULE, &[("compose.yaml", &stack("data", "", " {}"))]);
        clean(RULE, &[("compose.yaml", &stack("front, data", "    ports: [\"3306:3306\"]\n", " {}"))]);
        clean(RULE, &[("compose.yaml", &stack("front, data", "    command: mysqld --server-id=1\n", " {}"))]);
        clean(RULE, &[("compose.yaml", &stack("front, data", "    environment: {S3_BUCKET: x}\n", " {}"))]);
    }

    #[test]
    fn internal_and_external_ones() {
        clean(RULE, &[("compose.yaml", &stack("front, data", "", " {internal: true}"))]);
        clean(RULE, &[("compose.yaml", &stack("front, data", "", " {external: true}"))]);
    }

    #[test]
    fn a_flat_network_is_another_finding() {
        let nginx = "services:\n  nginx:\n    image: nginx:1.28\n    networks: [front, data]\n";
        let text = stack("front, data", "", " {}").replace("services:\n", nginx);
        clean(RULE, &[("compose.yaml", &text)]);
    }
}

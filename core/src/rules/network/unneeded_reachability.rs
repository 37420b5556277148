//! `network/unneeded-reachability`

use super::flat_network;
use crate::declare_rule;
use crate::fix::{Fix, Safety};
use crate::project::{Project, ServiceRef, View};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A web server or proxy, a mail catcher, a build server, a tool that administers Docker, or a document or image
    /// processor on a network with data stores, where nothing says that it talks to them.
    ///
    /// # Why it matters
    /// The shortcut leaves the application out: who takes over the web server, or makes a PDF renderer fetch a URL,
    /// talks to the database directly, on every port it has.
    ///
    /// What is needed is read from hosts in the environment, from proxy configuration and from `depends_on`. A network
    /// on which services of every zone meet is one finding of its own and not repeated here. Database tools and
    /// monitoring count as needing their stores, and services whose environment was not supplied are left out.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   nginx:
    ///     image: nginx:1.30.4-alpine
    ///     networks: [front, data]
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { DB_HOST: mysql }
    ///     networks: [front, app]
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     networks: [data, app]
    /// networks:
    ///   front: {}
    ///   data: { internal: true }
    ///   app: { internal: true }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   nginx:
    ///     image: nginx:1.30.4-alpine
    ///     networks: [front]
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { DB_HOST: mysql }
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
    /// Take the service off the network, or give the store and its clients one of their own. Where a service turns out
    /// to need the store, say so with `depends_on` or a variable that names the host.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, CWE-923, Docker documentation "Networking in Compose".
    id: "network/unneeded-reachability",
    title: "A service reaches data stores that it does not need",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Who takes over a web server or a tool on the same network talks to the data store directly, on every port it has.",
    help: "Take the service off the network, or give the store and its clients a network of their own.",
    references: ["CIS Docker Benchmark 5.9", "OWASP Docker Security Cheat Sheet rule 5", "NIST SP 800-190 3.3.3", "CWE-923"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in project.views.iter().filter(|view| project.tells_needs(view)) {
        for network in view.used_networks().iter().filter(|network| !view.isolates(network)) {
            if is_flat(project, view, network) {
                continue; // reported as a whole
            }
            let members = project.members(view, network);
            for &stranger in &members {
                let stores: Vec<_> = members.iter().copied().filter(|store| store.is_shortcut_from(stranger)).collect();
                if !stores.is_empty() {
                    out.report(reaches(project, view, network, stranger, &stores));
                }
            }
        }
    }
}

/// Whether services of every zone meet on a network, in this view or in another one that is made of the same lines.
fn is_flat(project: &Project<'_>, view: &View, network: &str) -> bool {
    let place = |view: &View| view.network(network).and_then(|found| found.at).or_else(|| project.services_key(view));
    let here = place(view);
    let same = |other: &&View| std::ptr::eq(*other, view) || here.is_some() && place(other) == here;
    let views = project.views.iter().filter(|other| !other.standalone && other.is_comparable());
    views.filter(same).any(|other| {
        let members = project.members(other, network);
        flat_network::severity(other, network, &members).is_some()
    })
}

fn reaches(
    project: &Project<'_>,
    view: &View,
    network: &str,
    stranger: ServiceRef<'_, '_>,
    stores: &[ServiceRef<'_, '_>],
) -> Draft {
    let names: Vec<String> = stores.iter().take(3).map(|store| format!("`{}`", store.name)).collect();
    let mut shown: Vec<&str> = names.iter().map(String::as_str).collect();
    if stores.len() > shown.len() {
        shown.push("more");
    }
    let message = format!(
        "`{}` reaches {} on the network `{}` without a need",
        stranger.name,
        list(&shown),
        shorten(network, 40)
    );
    let mut draft = Draft::new(stranger.joins_at(network).unwrap_or(stranger.at), message)
        .confidence(stranger.role.confidence)
        .on(stranger)
        .aspect(network);
    for store in stores.iter().take(3) {
        let at = store.joins_at(network).unwrap_or(store.at);
        draft = draft.because(at, format!("`{}` is never told about `{}`", stranger.name, store.name));
    }
    let plan = project.plan_networks(view);
    draft.fix(leave(project, stranger, network)).fix(plan.and_then(|plan| plan.fix.clone()))
}

/// Takes a service off a network on which it needs nobody.
fn leave(project: &Project<'_>, client: ServiceRef<'_, '_>, network: &str) -> Option<Fix> {
    let at = client.joins_at(network).filter(|_| client.can_leave(network))?;
    project.remove(Safety::Suggested, format!("Take `{}` off the network `{}`", client.name, shorten(network, 40)), at)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/unneeded-reachability";
    const NETWORKS: &str = "networks:\n  data: {internal: true}\n  front: {}\n";

    /// A store, the application that needs it elsewhere, and one more service on the network `data`.
    fn with(service: &str) -> String {
        format!(
            "services:\n  app:\n    image: php:8.4-fpm\n    environment: {{DB_HOST: db}}\n    networks: [front]\n  db:\n    image: mysql:8.4\n    networks: [data, front]\n  x:\n    networks: [data]\n    image: {service}\n{NETWORKS}"
        )
    }

    fn found(service: &str) -> usize {
        findings(RULE, &[("compose.yaml", &with(service))]).len()
    }

    #[test]
    fn who_does_not_need_a_store() {
        for service in ["nginx:1.28", "traefik:v3.5", "axllent/mailpit:v1.30.0", "gotenberg/gotenberg:8.36.0"] {
            assert_eq!(found(service), 1, "{service}");
        }
    }

    #[test]
    fn who_may_need_it() {
        for service in [
            "php:8.4-fpm",
            "adminer:5",
            "prom/mysqld-exporter:v0.17.0",
            "registry.example.net/x:1",
            "nginx:1.28\n    depends_on: [db]",
            "nginx:1.28\n    environment: {DB_HOST: db}",
            "nginx:1.28\n    env_file: [missing.env]",
        ] {
            assert_eq!(found(service), 0, "{service}");
        }
    }

    #[test]
    fn development_is_info() {
        assert_eq!(findings(RULE, &[("compose.dev.yaml", &with("nginx:1.28"))])[0].severity.as_str(), "info");
    }

    #[test]
    fn a_flat_network_is_reported_as_a_whole() {
        let text = "services:\n  nginx:\n    image: nginx:1.28\n    ports: [\"80:80\"]\n    depends_on: [app]\n  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db}\n  db:\n    image: mysql:8.4\n";
        clean(RULE, &[("compose.yaml", text)]);
    }

    #[test]
    fn flat_together_with_another_file() {
        let both = "services:\n  app:\n    image: php:8.4-fpm\n    networks: [data]\n";
        clean(RULE, &[("compose.yaml", &with("nginx:1.28")), ("compose.override.yaml", both)]);
    }

    #[test]
    fn containers_that_cannot_talk() {
        let text = with("nginx:1.28").replace(
            "data: {internal: true}",
            "data: {driver_opts: {com.docker.network.bridge.enable_icc: \"false\"}}",
        );
        clean(RULE, &[("compose.yaml", &text)]);
    }
}

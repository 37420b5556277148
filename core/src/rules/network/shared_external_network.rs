//! `network/shared-external-network`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Foreign, Group, Project, ServiceRef, Stranger};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A data store or a tool on a network that was made outside of its project (`external: true`), such as the `proxy`
    /// network that every site of a host joins; and PHP on one where, by the supplied inventory, containers of other
    /// projects are.
    ///
    /// # Why it matters
    /// Everything on that network reaches everything else, across projects: the PHP of one customer opens a connection
    /// to the database of another. Names clash as well: when two projects have a service `redis` there, each gets the
    /// other's now and then.
    ///
    /// It is *high* for a network whose name says that a proxy shares it, or where others are seen; *medium* with
    /// little confidence where only `external` is known. Proxies, web servers and tools with a route of the proxy's
    /// belong there and are not reported; nor are networks that another supplied Compose file makes, and those on which
    /// the inventory shows this project alone.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   nginx:
    ///     image: nginx:1.30.4-alpine
    ///     networks: [proxy]
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     networks: [proxy]
    /// networks:
    ///   proxy: { external: true }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   nginx:
    ///     image: nginx:1.30.4-alpine
    ///     networks: [proxy, internal]
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     networks: [internal]
    /// networks:
    ///   proxy: { external: true }
    ///   internal: { internal: true }
    /// ```
    ///
    /// # How to fix
    /// Let only the web server join the shared network, and give the rest a network of the project. Better still, each
    /// project gets a network of its own that the proxy joins. Services that stay need names that no other project has.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, CWE-653.
    id: "network/shared-external-network",
    title: "Internal service is on a network shared between projects",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "On a network that projects share, the code of one reaches the databases and PHP of the others, and equal names answer for each other.",
    help: "Let only the web server join the shared network, and put the rest on a network of the project.",
    references: ["CIS Docker Benchmark 5.9", "OWASP Docker Security Cheat Sheet rule 5", "NIST SP 800-190 3.3.3", "NIST SP 800-190 3.3.4", "CWE-653"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let judged = |service: &ServiceRef<'_, '_>| service.view().is_comparable() && !service.faces_proxy();
    for service in project.declared_services().filter(judged) {
        for foreign in service.foreign_networks() {
            let draft = match &foreign.projects {
                Some(strangers) => strangers.first().and_then(|stranger| seen(service, &foreign, strangers, stranger)),
                None => declared(service, &foreign),
            };
            draft.into_iter().for_each(|draft| out.report(draft));
        }
    }
}

/// Whether it has no business on a network with others. Monitoring has.
fn is_private(service: ServiceRef<'_, '_>) -> bool {
    match service.role.group() {
        Group::Data => true,
        Group::Operations => !matches!(service.role.name, "monitor" | "registry" | "secrets"),
        _ => false,
    }
}

/// Others are on the network.
fn seen(service: ServiceRef<'_, '_>, foreign: &Foreign<'_>, strangers: &[Stranger], first: &Stranger) -> Option<Draft> {
    let private = is_private(service);
    if !private && !service.role.is_php() {
        return None;
    }
    let twin = strangers.iter().find(|stranger| stranger.service == service.name);
    let clash = if twin.is_some() { ", which has a service of the same name" } else { "" };
    let stranger = twin.unwrap_or(first);
    let message = format!(
        "`{}` is on `{}` together with the project `{}`{clash}",
        service.name,
        shorten(&foreign.network, 40),
        shorten(&stranger.project, 40)
    );
    let severity = if private { Severity::High } else { Severity::Medium };
    let draft = Draft::new(foreign.membership.at, message).severity(severity).on(service);
    Some(draft.because(stranger.at, "it is on the same network"))
}

/// Nothing tells who else is there.
fn declared(service: ServiceRef<'_, '_>, foreign: &Foreign<'_>) -> Option<Draft> {
    let message =
        format!("`{}` is on `{}`, which was made outside of this project", service.name, shorten(&foreign.network, 40));
    let (severity, confidence) =
        if foreign.shared { (Severity::High, Confidence::Medium) } else { (Severity::Medium, Confidence::Low) };
    let at = service.view().network(&foreign.membership.network).and_then(|network| network.at);
    is_private(service).then(|| {
        Draft::new(foreign.membership.at, message)
            .severity(severity)
            .confidence(confidence)
            .on(service)
            .because_of(at, "the network is external")
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/shared-external-network";

    fn stack(service: &str, network: &str) -> String {
        format!(
            "services:\n  db:\n    networks: [{network}]\n    image: {service}\nnetworks:\n  {network}: {{external: true}}\n"
        )
    }

    fn severity(name: &str, service: &str, network: &str) -> String {
        let text = stack(service, network);
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn stores_and_tools() {
        assert_eq!(severity("compose.yaml", "mysql:8.4", "proxy"), "high");
        assert_eq!(severity("compose.yaml", "adminer:5", "traefik_web"), "high");
        assert_eq!(severity("compose.yaml", "mysql:8.4", "backend"), "medium");
        assert_eq!(severity("compose.dev.yaml", "mysql:8.4", "proxy"), "low");
    }

    #[test]
    fn who_belongs_there() {
        for service in [
            "nginx:1.28",
            "php:8.4-apache",
            "php:8.4-fpm",
            "prom/prometheus:v3.0.0",
            "adminer:5\n    labels: [traefik.enable=true]",
            "adminer:5\n    environment: {VIRTUAL_HOST: db.example.org}",
        ] {
            assert_eq!(severity("compose.yaml", service, "proxy"), "none", "{service}");
        }
    }

    #[test]
    fn a_network_that_another_file_makes() {
        let other = "name: n\nservices:\n  app:\n    image: php:8.4-fpm\nnetworks:\n  back: {name: proxy}\n";
        clean(RULE, &[("db/compose.yaml", &stack("mysql:8.4", "proxy")), ("app/compose.yaml", other)]);
    }

    fn inventory(other: &str) -> String {
        let container = |name: &str, project: &str, service: &str| {
            format!(
                "{{\"Id\": \"{name}aaaaaaaaaaaa\", \"Name\": \"/{name}\", \"Created\": \"2026-11-20T10:00:00Z\", \"State\": {{\"Status\": \"running\", \"Running\": true}}, \"Config\": {{\"Image\": \"php:8.4-fpm\", \"Labels\": {{\"com.docker.compose.project\": \"{project}\", \"com.docker.compose.service\": \"{service}\"}}}}, \"HostConfig\": {{}}, \"Mounts\": [], \"NetworkSettings\": {{\"Networks\": {{\"proxy\": {{}}}}}}}}"
            )
        };
        let both = [container("a1", "shop", "db"), container("b2", other, "app")].join(", ");
        format!("### docker inspect a1 b2\n[{both}]\n### docker network inspect proxy\n{NETWORK}\n")
    }

    const NETWORK: &str = "[{\"Name\": \"proxy\", \"Id\": \"f00f00f00f00\", \"Driver\": \"bridge\", \"Internal\": false, \"Containers\": {\"a1\": {\"Name\": \"a1\"}, \"b2\": {\"Name\": \"b2\"}}}]";

    #[test]
    fn who_else_is_there() {
        let compose = format!("name: shop\n{}", stack("php:8.4-fpm", "proxy"));
        let files = |inventory: &str| findings(RULE, &[("compose.yaml", &compose), ("running.txt", inventory)]).len();
        assert_eq!(files(&inventory("blog")), 1);
        assert_eq!(files(&inventory("shop")), 0);
    }
}

//! `network/flat-network`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Group, NetworkPlan, Project, ServiceRef, View, pair};
use crate::rule::{Draft, Findings};
use crate::text::{count, list, shorten};

declare_rule! {
    /// # What it finds
    /// A network that holds services of at least three zones (web servers, PHP, data stores, administration), among them
    /// pairs that do not need to talk to each other. A Compose file without `networks` has such a network: the default one.
    ///
    /// # Why it matters
    /// Docker filters between networks, never inside one: each member opens sockets to every port of each other member. One
    /// vulnerability in PHP, in the mail catcher or in a database tool then reaches Redis, FPM on port 9000 and every console.
    /// Networks are the only wall Compose offers for free.
    ///
    /// It is *critical* when a container that administers Docker is a member, *low* for a stack of three services, and *info* in a
    /// development view. Networks with `com.docker.network.bridge.enable_icc: "false"` are not reported, nor are those in which
    /// every pair is needed. What is needed is read from hosts in the environment, from proxy configuration and from `depends_on`.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   nginx:
    ///     image: nginx:1.30.4-alpine
    ///     ports: ["80:80"]
    ///     depends_on: [app]
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     command: php-fpm
    ///     environment: { DB_HOST: mysql, MAIL_HOST: mail }
    ///   mysql:
    ///     image: mysql:8.4.11
    ///   mail:
    ///     image: axllent/mailpit:v1.30.0
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   nginx:
    ///     image: nginx:1.30.4-alpine
    ///     ports: ["80:80"]
    ///     depends_on: [app]
    ///     networks: [edge, fpm]
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     command: php-fpm
    ///     environment: { DB_HOST: mysql, MAIL_HOST: mail }
    ///     networks: [fpm, db, mail]
    ///   mysql:
    ///     image: mysql:8.4.11
    ///     networks: [db]
    ///   mail:
    ///     image: axllent/mailpit:v1.30.0
    ///     networks: [mail]
    /// networks:
    ///   edge: {}
    ///   fpm: { internal: true }
    ///   db: { internal: true }
    ///   mail: { internal: true }
    /// ```
    ///
    /// # How to fix
    /// Give each conversation its own network, `internal: true` where nobody has to call out, and put on it only who takes part.
    /// The finding proposes a plan that keeps every pair the files show to be needed; check it against what the files do not show,
    /// such as calls to other companies, which need a network that is not internal.
    ///
    /// # References
    /// CIS Docker Benchmark 2.2 and 5.30, CWE-653, CWE-923, Docker documentation "Networking in Compose".
    id: "network/flat-network",
    title: "Services of every zone share one network",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Containers on one network reach each other on every port. One vulnerability in the application or in a tool then reaches Redis, the database and PHP-FPM.",
    help: "Give each conversation its own network, internal where nobody calls out, and put on it only the services that take part.",
    references: ["CIS Docker Benchmark 2.2", "CIS Docker Benchmark 5.30", "OWASP Docker Security Cheat Sheet rule 5", "NIST SP 800-190 3.3.3", "CWE-653", "CWE-923"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    // Who talks to whom is read from values of the environment; an inventory without them says nothing of it.
    let says = |view: &View| !project.is_running(view) || !project.needed_pairs(view).is_empty();
    for view in project.views.iter().filter(|view| !view.standalone && view.is_comparable() && says(view)) {
        for network in view.used_networks().iter().filter(|network| !view.isolates(network)) {
            let members = project.members(view, network);
            if let Some(severity) = severity(view, network, &members) {
                report(project, view, network, &members, severity, out);
            }
        }
    }
}

/// How bad a network is by its members; `None` when fewer than three zones meet on it.
pub(super) fn severity(view: &View, network: &str, members: &[ServiceRef<'_, '_>]) -> Option<Severity> {
    let has = |group| members.iter().any(|member| member.role.group() == group);
    // A PHP image that is published itself is the web server too; not on a network that nothing outside reaches.
    let internal = view.network(network).is_some_and(|network| network.internal);
    let published = |member: &ServiceRef<'_, '_>| member.role.is_web_entry() && !member.ports.is_empty();
    let edge = has(Group::Edge) || !internal && members.iter().any(published);
    let zones =
        [edge, has(Group::App), has(Group::Data), has(Group::Operations)].into_iter().filter(|zone| *zone).count();
    if members.len() < 3 || zones < 3 {
        return None;
    }
    Some(match members.len() {
        _ if view.context.is_development() => Severity::Info,
        3 if view.services.len() <= 3 => Severity::Low,
        3 => Severity::Medium,
        _ if members.iter().any(|member| matches!(member.role.name, "docker-admin" | "socket-proxy")) => {
            Severity::Critical
        }
        _ if edge && has(Group::App) && has(Group::Data) => Severity::High,
        _ => Severity::Medium,
    })
}

fn report(
    project: &Project<'_>,
    view: &View,
    network: &str,
    members: &[ServiceRef<'_, '_>],
    severity: Severity,
    out: &mut Findings,
) {
    let needed = project.needed_pairs(view);
    let excess: Vec<(&ServiceRef<'_, '_>, &ServiceRef<'_, '_>)> = members
        .iter()
        .enumerate()
        .flat_map(|(at, a)| members.iter().skip(at + 1).map(move |b| (a, b)))
        .filter(|(a, b)| !needed.contains(&pair(&a.name, &b.name)))
        .collect();
    let declared = view.network(network).and_then(|network| network.at);
    // The pair that says most: what faces the internet next to data.
    let worst = excess.iter().max_by_key(|(a, b)| {
        (a.role.group() != b.role.group(), a.role.group() == Group::Data || b.role.group() == Group::Data)
    });
    let (Some(at), Some((a, b))) = (declared.or_else(|| project.services_key(view)), worst) else { return };
    let message = format!(
        "{} share {}; {} of {} do not need to talk, such as `{}` and `{}`",
        count(members.len(), "service"),
        if network == "default" {
            "the default network".to_owned()
        } else {
            format!("the network `{}`", shorten(network, 40))
        },
        excess.len(),
        count(members.len() * (members.len() - 1) / 2, "pair"),
        a.name,
        b.name
    );
    let plan = project.plan_networks(view);
    let mut draft = Draft::new(at, message).severity_in_context(severity).aspect(network);
    if members.iter().any(|member| member.role.group() != Group::Unknown && member.role.confidence == Confidence::Low) {
        draft = draft.confidence(Confidence::Medium);
    }
    for member in members.iter().filter(|member| member.role.name == "docker-admin") {
        draft = draft.because(member.at, format!("`{}` administers Docker and is on it too", member.name));
    }
    draft = draft
        .because(a.at, format!("`{}` reaches `{}` from here", a.name, b.name))
        .because(b.at, format!("`{}` is never told about `{}`", b.name, a.name));
    if let Some(plan) = &plan {
        draft = draft.help(described(plan)).fix(plan.fix.clone());
    }
    for member in members {
        out.report(draft.clone().on(*member));
    }
}

/// The plan in a sentence for each network.
fn described(plan: &NetworkPlan) -> String {
    let name = |id: &usize| plan.graph.services.get(*id).map_or("", |service| service.name.as_str());
    let lines: Vec<String> = (plan.plan.networks.iter())
        .map(|network| {
            let members: Vec<&str> = network.members.iter().map(name).collect();
            format!("`{}`{} with {}", network.name, if network.internal { " (internal)" } else { "" }, list(&members))
        })
        .collect();
    format!("A plan that keeps every pair the files show to be needed: {}.", lines.join("; "))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings, sources};

    const RULE: &str = "network/flat-network";
    const FOUR: &str = "  nginx:\n    image: nginx:1.30.4\n    ports: [\"80:80\"]\n    depends_on: [app]\n  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db, REDIS_HOST: redis}\n  db:\n    image: mysql:8.4.11\n  redis:\n    image: redis:8.2.9\n";

    fn severity(name: &str, text: &str) -> String {
        findings(RULE, &[(name, text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        let stack = format!("services:\n{FOUR}");
        assert_eq!(severity("compose.yaml", &stack), "high");
        assert_eq!(severity("compose.dev.yaml", &stack), "info");
        assert_eq!(
            severity("compose.yaml", &format!("{stack}  portainer:\n    image: portainer/portainer-ce:2.33.1\n")),
            "critical"
        );
        let three = "services:\n  nginx:\n    image: nginx:1.30.4\n  app:\n    image: php:8.4-fpm\n  db:\n    image: mysql:8.4.11\n";
        assert_eq!(severity("compose.yaml", three), "low");
        assert_eq!(
            severity("compose.yaml", &format!("{three}  tool:\n    image: alpine:3.24\n    networks: [other]\n")),
            "medium"
        );
        let tools = "services:\n  app:\n    image: php:8.4-fpm\n  db:\n    image: mysql:8.4.11\n  redis:\n    image: redis:8.2.9\n  pma:\n    image: phpmyadmin:5.2.3\n";
        assert_eq!(severity("compose.yaml", tools), "medium");
    }

    #[test]
    fn one_finding_names_every_member() {
        let found = findings(RULE, &[("compose.yaml", &format!("services:\n{FOUR}"))]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].services, ["nginx", "app", "db", "redis"]);
        assert!(found[0].message.contains("3 of 6 pairs"), "{}", found[0].message);
    }

    #[test]
    fn the_plan_leaves_nothing_to_report() {
        let files = [("compose.yaml", format!("services:\n{FOUR}"))];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = findings(RULE, &files);
        let after = found[0].fixes[0].outcome(&sources(&files)).unwrap().remove("compose.yaml").unwrap();
        clean(RULE, &[("compose.yaml", &after)]);
    }

    #[test]
    fn traffic_that_is_switched_off_is_no_fault() {
        let text = format!(
            "services:\n{FOUR}networks:\n  default:\n    driver_opts: {{com.docker.network.bridge.enable_icc: \"false\"}}\n"
        );
        clean(RULE, &[("compose.yaml", &text)]);
    }

    #[test]
    fn a_published_application_is_the_edge_too() {
        let text = "services:\n  app:\n    image: php:8.4-apache\n    ports: [\"80:80\"]\n    environment: {DB_HOST: db}\n  db:\n    image: mysql:8.4.11\n  redis:\n    image: redis:8.2.9\n  worker:\n    image: php:8.4-cli\n    command: php artisan queue:work\n";
        assert_eq!(severity("compose.yaml", text), "high");
        clean(RULE, &[("compose.yaml", &text.replace("    ports: [\"80:80\"]\n", ""))]);
        clean(RULE, &[("compose.yaml", &format!("{text}networks:\n  default:\n    internal: true\n"))]);
    }

    #[test]
    fn where_every_pair_is_needed_nothing_is_flat() {
        let text = "services:\n  web:\n    image: nginx:1.30.4\n    depends_on: [app, db]\n  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db}\n  db:\n    image: mysql:8.4.11\n";
        clean(RULE, &[("compose.yaml", text)]);
    }

    #[test]
    fn jobs_tools_and_the_host_network_are_no_members() {
        let text = "services:\n  web:\n    image: nginx:1.30.4\n    depends_on: [app]\n  app:\n    image: php:8.4-fpm\n  pma:\n    image: phpmyadmin:5.2.3\n    profiles: [debug]\n  db:\n    image: mysql:8.4.11\n    network_mode: host\n";
        clean(RULE, &[("compose.yaml", text)]);
    }

    #[test]
    fn a_very_large_file_is_not_compared() {
        let mut text = format!("services:\n{FOUR}");
        for number in 0..200 {
            text.push_str(&format!("  s{number}:\n    image: mysql:8.4.11\n"));
        }
        clean(RULE, &[("compose.yaml", &text)]);
    }
}

//! `datastores/redis-without-authentication`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::project::{Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::list;

declare_rule! {
    /// # What it finds
    /// A Redis, Valkey, KeyDB or Dragonfly server that asks nobody for a password: no `requirepass`, no ACL file and no `user` line
    /// with a password, neither on the command line nor in the configuration file it reads; or a default user with `nopass`.
    ///
    /// # Why it matters
    /// Every container that shares a network with it owns the sessions, the cache and the queued jobs. PHP workers
    /// unserialize what they take from the queue, so a foothold anywhere becomes code in the worker. Protected mode does not help:
    /// the official image is built with it off.
    ///
    /// It is *critical* when the port is published to other machines, *high* when a container can reach it that has no need to,
    /// and *medium* when only its clients can. A development view is two steps lower. A server on a Unix socket or on its own
    /// loopback address is not reported; a configuration file that was not supplied is asked for.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { REDIS_HOST: redis }
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     command: redis-server --protected-mode no
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     environment: { REDIS_HOST: redis, REDIS_USERNAME: app }
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     command: ["redis-server", "--aclfile", "/run/secrets/redis_acl"]
    ///     secrets: [redis_acl]
    /// secrets:
    ///   redis_acl: { file: ./secrets/redis.acl }
    /// ```
    ///
    /// # How to fix
    /// Best is an ACL file as a secret, with `user default off` and a user for each application that may do what it needs:
    /// `user app on >… ~app:* &* +@all -@dangerous`. Clients then get `REDIS_USERNAME` and `REDIS_PASSWORD`. The offered edit asks
    /// for one password from a variable, which is less, but a start; tell it to the clients as well.
    ///
    /// # References
    /// CWE-306, CWE-1188, Redis documentation "Security" and "ACL".
    id: "datastores/redis-without-authentication",
    title: "Redis asks nobody for a password",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Every container that reaches it owns the sessions and the queued jobs, and workers execute what they unserialize from the queue. The official image runs with protected mode off.",
    help: "Give Redis an ACL file as a secret, with the default user off and a user for each application.",
    references: ["CIS Docker Benchmark 5.9", "OWASP Docker Security Cheat Sheet rule 5", "CWE-306", "CWE-1188"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.view().standalone && service.is_redis()) {
        let settings = service.redis_settings();
        if settings.has_authentication() || settings.port == Some(0) || settings.loopback_only {
            continue;
        }
        if settings.is_unseen() {
            let (what, answer) = match &settings.unseen_file {
                Some(file) => (
                    format!("its settings in {file} were not supplied"),
                    format!("add the file that is mounted at {file}"),
                ),
                None => (
                    "its command holds a variable or a script".to_owned(),
                    "set the variable in the project's .env, or add the script's redis.conf".to_owned(),
                ),
            };
            out.ask(
                format!("Does `{}` ask for a password? {}", service.name, crate::text::shorten(&what, 120)),
                crate::text::shorten(&answer, 120),
            );
            continue;
        }
        out.report(open(service));
    }
}

fn open(service: ServiceRef<'_, '_>) -> Draft {
    let settings = service.redis_settings();
    let port = service
        .ports
        .iter()
        .find(|port| port.has_target(settings.port.unwrap_or(6379)) && service.reach(port) == Reach::Everyone);
    let others = service.unneeded_neighbours();
    let names: Vec<String> = others.iter().map(|other| format!("`{}`", other.name)).collect();
    let shown: Vec<&str> = names.iter().map(String::as_str).take(3).collect();
    let more =
        if names.len() > shown.len() { format!(" and {} more", names.len() - shown.len()) } else { String::new() };
    let published = port.is_some() || service.host_network().is_some();
    let (severity, who) = if published {
        (Severity::Critical, "and is open to other machines".to_owned())
    } else if others.is_empty() {
        (Severity::Medium, "to any process in the containers that use it".to_owned())
    } else {
        (
            Severity::High,
            format!(
                "and {}{more} can reach it without a need to",
                if more.is_empty() { list(&shown) } else { shown.join(", ") }
            ),
        )
    };
    let asks = if published || !others.is_empty() {
        "asks nobody for a password"
    } else {
        "gives everything without a password"
    };
    let at = settings.explicitly_open.or(settings.at).unwrap_or(service.at);
    let mut draft = Draft::new(at, format!("`{}` {asks} {who}", service.name))
        .severity(severity)
        .confidence(if service.image_use.row().is_some_and(|row| row.role == "cache") {
            Confidence::High
        } else {
            Confidence::Medium
        })
        .on(service)
        .because_of(port.map(|port| port.at), "published here")
        .because_of(
            settings.protected_mode_off.filter(|off| *off != at),
            "protected mode is off here, as in the official image without this",
        );
    for other in others.iter().take(3) {
        draft = draft.because(other.at, format!("`{}` can reach it and is never told about it", other.name));
    }
    for client in service.neighbours() {
        let empty = client.variables.iter().find(|variable| {
            variable.key == "REDIS_PASSWORD"
                && variable.value.as_ref().is_some_and(|value| matches!(value.text.as_str(), "" | "null"))
        });
        draft = draft.because_of(
            empty.map(|variable| variable.key_at),
            format!("`{}` connects without a password", client.name),
        );
    }
    draft.fix(ask_for_password(service))
}

/// A password from a variable, on the command line that is there or on a new one.
fn ask_for_password(service: ServiceRef<'_, '_>) -> Option<Fix> {
    const TITLE: &str = "Ask for the password in REDIS_PASSWORD";
    let project = service.project();
    if service.build.is_some() || service.entrypoint.is_some() {
        return None;
    }
    match service.node.get("command") {
        Some(command) => {
            let line = command.scalar()?.raw.replace(" --protected-mode no", "");
            project.replace(
                Safety::Suggested,
                TITLE,
                command.at(),
                &format!("{line} --requirepass \"${{REDIS_PASSWORD:?}}\""),
            )
        }
        None => {
            let server = match service.image_use.reference.as_ref()?.name().as_str() {
                "redis" => "redis-server",
                "valkey/valkey" => "valkey-server",
                _ => return None,
            };
            let words = format!("[\"{server}\", \"--requirepass\", \"${{REDIS_PASSWORD:?}}\"]");
            project.insert_key(Safety::Suggested, TITLE, &service.node, "command", &words)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings, sources};

    const RULE: &str = "datastores/redis-without-authentication";
    const APP: &str = "  app:\n    image: php:8.4-fpm\n    environment: {REDIS_HOST: redis}\n";

    fn severity(name: &str, text: &str) -> String {
        findings(RULE, &[(name, text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    fn alone(body: &str) -> String {
        severity("compose.yaml", &format!("services:\n{APP}  redis:\n    image: redis:8.2.9\n{body}"))
    }

    #[test]
    fn severities_by_who_can_reach_it() {
        assert_eq!(alone(""), "medium");
        assert_eq!(alone("    ports: [\"6379:6379\"]\n"), "critical");
        assert_eq!(alone("    ports: [\"127.0.0.1:6379:6379\"]\n"), "medium");
        assert_eq!(alone("    network_mode: host\n"), "critical");
        assert_eq!(alone("  mail:\n    image: axllent/mailpit:v1.30.0\n"), "high");
        assert_eq!(
            severity("compose.dev.yaml", &format!("services:\n{APP}  redis:\n    image: redis:8.2.9\n")),
            "info"
        );
    }

    #[test]
    fn ways_to_be_open() {
        for body in [
            "    command: redis-server --appendonly yes\n",
            "    command: redis-server --requirepass \"\"\n",
            "    command: [\"redis-server\", \"--user\", \"default on nopass ~* +@all\"]\n",
        ] {
            assert_eq!(alone(body), "medium", "{body}");
        }
        let bitnami =
            "services:\n  redis:\n    image: bitnami/redis:8.2\n    environment: {ALLOW_EMPTY_PASSWORD: \"yes\"}\n";
        assert_eq!(severity("compose.yaml", bitnami), "medium");
    }

    #[test]
    fn ways_to_ask() {
        for body in [
            "    command: redis-server --requirepass ${REDIS_PASSWORD}\n",
            "    command: [redis-server, --aclfile, /run/secrets/acl]\n",
            "    command: redis-server --port 0 --unixsocket /run/redis.sock\n",
            "    command: redis-server --bind 127.0.0.1\n",
        ] {
            assert_eq!(alone(body), "none", "{body}");
        }
    }

    #[test]
    fn a_file_that_was_not_supplied_is_asked_for() {
        let text = "services:\n  redis:\n    image: redis:8.2.9\n    command: redis-server /etc/redis.conf\n";
        clean(RULE, &[("compose.yaml", text)]);
        let files = sources(&[("compose.yaml", text)]);
        let project = crate::project::Project::new(&files, crate::rules::testing::TODAY);
        assert_eq!(crate::engine::run(&super::RULE, &project).1.len(), 1);
    }

    #[test]
    fn clients_and_exporters_are_no_servers() {
        for body in [
            "image: oliver006/redis_exporter:v1.62.0",
            "image: redis:8.2.9\n    command: redis-cli -h redis info",
            "image: redis:8.2.9\n    command: redis-sentinel /etc/sentinel.conf",
        ] {
            clean(RULE, &[("compose.yaml", &format!("services:\n  x:\n    {body}\n"))]);
        }
    }

    #[test]
    fn the_edit_asks_for_a_password() {
        for body in ["", "    command: redis-server --protected-mode no\n"] {
            let text = format!("services:\n{APP}  redis:\n    image: redis:8.2.9\n{body}");
            let files = [("compose.yaml", text.as_str())];
            let found = findings(RULE, &files);
            let after = found[0].fixes[0].outcome(&sources(&files)).unwrap().remove("compose.yaml").unwrap();
            clean(RULE, &[("compose.yaml", &after)]);
        }
    }

    #[test]
    fn a_dockerfile_alone_does_not_say_how_it_is_run() {
        clean(RULE, &[("Dockerfile", "FROM redis:8.2.9\nCOPY data/ /data/\n")]);
    }
}

//! `datastores/redis-published`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{Project, Reach, RedisSettings, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// A Redis, Valkey, KeyDB or Dragonfly server whose port is published on an address that other machines reach.
    ///
    /// # Why it matters
    /// Redis holds sessions, queued jobs, cache, locks and rate limits. The official image is built with protected mode off, so a
    /// published port without a password is open to everybody: sessions are taken over, queued PHP objects are replaced by the
    /// attacker's own, keys are deleted for ransom. Docker publishes a port ahead of `ufw` and `firewalld`; "deny all" there does
    /// not close it.
    ///
    /// With a password it is *high*: one leaked `.env` opens it. On a loopback address it is *low*, fine for local debugging. In a
    /// development view it is *medium* without a password, and *low* with one.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     ports: ["6379:6379"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/app:1.4.2
    ///     environment: { REDIS_HOST: redis }
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     expose: ["6379"]
    /// ```
    ///
    /// # How to fix
    /// Remove the mapping: other containers reach `redis:6379` without it. To look inside, use
    /// `docker compose exec redis redis-cli`, or publish on `127.0.0.1` in `compose.override.yaml`.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9 and 5.14, CWE-306, CWE-668, the Redis image's documentation, section "Security".
    id: "datastores/redis-published",
    title: "Redis is published to other machines",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Redis holds sessions and queued jobs, and Docker publishes its port ahead of the host's firewall. The official image runs with protected mode off, so without a password anyone who connects owns them.",
    help: "Remove the mapping; containers reach Redis over their network without it. For debugging, publish on 127.0.0.1 in an override file.",
    references: ["CIS Docker Benchmark 5.9", "CIS Docker Benchmark 5.14", "OWASP Docker Security Cheat Sheet rule 5a", "NIST SP 800-190 3.4.2", "CWE-306", "CWE-668"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_redis()) {
        let settings = service.redis_settings();
        if settings.port == Some(0) || settings.loopback_only {
            continue; // a Unix socket, or an address that no mapping reaches
        }
        let listening = settings.port.unwrap_or(6379);
        if let Some(at) = service.host_network() {
            out.report(on_the_host(service, at, listening));
        }
        for port in service.ports.iter().filter(|port| port.has_target(listening)) {
            match service.reach(port) {
                Reach::Ignored => {}
                Reach::Unknown => out.ask(
                    format!(
                        "On which address does `{}` publish Redis? `{}` has no value here",
                        service.name,
                        crate::text::shorten(project.slice(port.at), 60)
                    ),
                    "set the variable in the project's .env, or give it a default",
                ),
                reach => out.report(published(service, port, reach, &settings)),
            }
        }
    }
}

fn severity(service: ServiceRef<'_, '_>, settings: &RedisSettings) -> Severity {
    let development = service.context.is_development();
    match settings.has_authentication() {
        true if settings.requires_client_certificates => Severity::Medium,
        true if development => Severity::Low,
        true => Severity::High,
        false if development => Severity::Medium,
        false if settings.is_unseen() => Severity::High,
        false => Severity::Critical,
    }
}

fn published(service: ServiceRef<'_, '_>, port: &Port, reach: Reach, settings: &RedisSettings) -> Draft {
    let (name, host) = (&service.name, port.host_side());
    let (severity, message) = match reach {
        Reach::Nobody => (
            Severity::Info,
            format!("`{name}` publishes Redis on {host}, but has no network that is reachable: the mapping is dead"),
        ),
        Reach::Loopback => (
            Severity::Low,
            format!(
                "`{name}` publishes Redis on this machine's port {host}: fine for debugging, not needed in production"
            ),
        ),
        Reach::Private => {
            (Severity::Low, format!("`{name}` publishes Redis on {host}, an address of a private network"))
        }
        _ if settings.has_authentication() || settings.is_unseen() => (
            severity(service, settings),
            format!("`{name}` publishes Redis on {host} for every machine that reaches this host"),
        ),
        _ => (severity(service, settings), format!("`{name}` publishes Redis on {host} without a password")),
    };
    let sure = service.image_use.row().is_some_and(|row| row.role == "cache") && !settings.is_unseen();
    let mut draft = Draft::new(port.at, message)
        .severity_in_context(severity)
        .confidence(if sure { Confidence::High } else { Confidence::Medium })
        .on(service);
    if reach == Reach::Everyone && !settings.has_authentication() && !settings.is_unseen() {
        draft = draft.because(settings.at.unwrap_or(service.at), "no password and no ACL file here");
    }
    draft.fix(service.project().remove(Safety::Safe, "Remove the published port", port.at))
}

/// With the host's network there is no mapping to remove: the server itself listens on the host.
fn on_the_host(service: ServiceRef<'_, '_>, at: Location, listening: u16) -> Draft {
    let settings = service.redis_settings();
    let how = if settings.has_authentication() || settings.is_unseen() { "" } else { " without a password" };
    Draft::new(
        at,
        format!("`{}` uses the host's network: Redis listens on the host's port {listening}{how}", service.name),
    )
    .severity_in_context(severity(service, &settings))
    .confidence(Confidence::Medium)
    .on(service)
    .help("Remove `network_mode: host`, or bind Redis to 127.0.0.1.")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "datastores/redis-published";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  redis:\n    image: redis:8.2.9-alpine\n{body}");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn every_way_to_publish() {
        for (ports, want) in [
            ("[\"6379:6379\"]", "critical"),
            ("[\"0.0.0.0:16379:6379\"]", "critical"),
            ("[\"${FORWARD_REDIS_PORT:-6379}:6379\"]", "critical"),
            ("[{target: 6379, published: \"6379\"}]", "critical"),
            ("[\"127.0.0.1:6379:6379\"]", "low"),
            ("[\"[::1]:6379:6379\"]", "low"),
            ("[\"${BIND:-127.0.0.1}:6379:6379\"]", "low"),
            ("[{target: 6379, published: \"6379\", host_ip: 127.0.0.1}]", "low"),
            ("[\"8001:8001\"]", "none"),
        ] {
            assert_eq!(severity("compose.yaml", &format!("    ports: {ports}\n")), want, "{ports}");
        }
    }

    #[test]
    fn a_password_lowers_it() {
        assert_eq!(
            severity(
                "compose.yaml",
                "    command: redis-server --requirepass \"${REDIS_PASSWORD:?}\"\n    ports: [\"6379:6379\"]\n"
            ),
            "high"
        );
        assert_eq!(
            severity(
                "compose.yaml",
                "    command: [redis-server, --aclfile, /run/secrets/acl]\n    ports: [\"6379:6379\"]\n"
            ),
            "high"
        );
    }

    #[test]
    fn development_lowers_it() {
        assert_eq!(severity("compose.dev.yaml", "    ports: [\"6379:6379\"]\n"), "medium");
    }

    #[test]
    fn another_port_of_its_own() {
        assert_eq!(
            severity("compose.yaml", "    command: redis-server --port 7000\n    ports: [\"7000:7000\"]\n"),
            "critical"
        );
        assert_eq!(
            severity(
                "compose.yaml",
                "    command: redis-server --port 0 --unixsocket /run/r.sock\n    ports: [\"6379:6379\"]\n"
            ),
            "none"
        );
    }

    #[test]
    fn an_internal_network_makes_it_dead() {
        let text = "services:\n  redis:\n    image: redis:8.2.9\n    networks: [data]\n    ports: [\"6379:6379\"]\nnetworks:\n  data:\n    internal: true\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "info");
    }

    #[test]
    fn exporters_and_commanders_are_not_redis() {
        clean(
            RULE,
            &[(
                "compose.yaml",
                "services:\n  x:\n    image: oliver006/redis_exporter:v1.62.0\n    ports: [\"6379:6379\"]\n",
            )],
        );
    }

    #[test]
    fn a_network_may_bind_to_loopback() {
        let text = "services:\n  redis:\n    image: redis:8.2.9\n    ports: [\"6379:6379\"]\nnetworks:\n  default:\n    driver_opts:\n      com.docker.network.bridge.host_binding_ipv4: 127.0.0.1\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "low");
    }

    #[test]
    fn an_unknown_address_is_asked_for() {
        assert_eq!(severity("compose.yaml", "    ports: [\"${BIND}:6379:6379\"]\n"), "none");
    }

    #[test]
    fn a_private_address_is_low() {
        assert_eq!(severity("compose.yaml", "    ports: [\"10.0.0.5:6379:6379\"]\n"), "low");
    }

    #[test]
    fn settings_that_were_not_supplied_are_not_called_open() {
        assert_eq!(
            severity("compose.yaml", "    command: redis-server /etc/redis.conf\n    ports: [\"6379:6379\"]\n"),
            "high"
        );
    }

    #[test]
    fn the_network_of_the_host() {
        assert_eq!(severity("compose.yaml", "    network_mode: host\n    ports: [\"6379:6379\"]\n"), "critical");
        assert_eq!(
            severity("compose.yaml", "    network_mode: host\n    command: redis-server --bind 127.0.0.1\n"),
            "none"
        );
    }
}

//! `datastores/redis-published`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{Project, ServiceRef};
use crate::rule::{Draft, Findings};

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
        let listening = service.redis_settings().port;
        if listening == Some(0) {
            continue; // a Unix socket only
        }
        for port in service.ports.iter().filter(|port| port.has_target(listening.unwrap_or(6379))) {
            out.report(published(service, port));
        }
    }
}

fn published(service: ServiceRef<'_, '_>, port: &Port) -> Draft {
    let settings = service.redis_settings();
    let protected = settings.has_authentication();
    let development = service.context.is_development();
    let severity = match (port.is_exposed(), protected) {
        (false, _) => Severity::Low,
        (true, _) if service.only_internal_networks() => Severity::Info,
        (true, true) if settings.requires_client_certificates => Severity::Medium,
        (true, true) if development => Severity::Low,
        (true, true) => Severity::High,
        (true, false) if development => Severity::Medium,
        (true, false) => Severity::Critical,
    };
    let message = if port.is_loopback() {
        format!("`{}` publishes Redis on {}: fine for debugging, not needed in production", service.name, port.host_side())
    } else if severity == Severity::Info {
        format!("`{}` publishes Redis on {}, but is only on internal networks: the mapping is dead", service.name, port.host_side())
    } else if protected {
        format!("`{}` publishes Redis on {} for every machine that reaches this host", service.name, port.host_side())
    } else {
        format!("`{}` publishes Redis on {} without a password", service.name, port.host_side())
    };
    let mut draft = Draft::new(port.at, message)
        .severity_in_context(severity)
        .confidence(if service.role.confidence == Confidence::High { Confidence::High } else { Confidence::Medium })
        .on(service);
    if !protected && port.is_exposed() {
        draft = draft.because(settings.at.unwrap_or(service.at), "no password and no ACL file here");
    }
    draft.fix(service.project().remove(Safety::Safe, "Remove the published port", port.at))
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
        assert_eq!(severity("compose.yaml", "    command: redis-server --requirepass \"${REDIS_PASSWORD:?}\"\n    ports: [\"6379:6379\"]\n"), "high");
        assert_eq!(severity("compose.yaml", "    command: [redis-server, --aclfile, /run/secrets/acl]\n    ports: [\"6379:6379\"]\n"), "high");
    }

    #[test]
    fn development_lowers_it() {
        assert_eq!(severity("compose.dev.yaml", "    ports: [\"6379:6379\"]\n"), "medium");
    }

    #[test]
    fn another_port_of_its_own() {
        assert_eq!(severity("compose.yaml", "    command: redis-server --port 7000\n    ports: [\"7000:7000\"]\n"), "critical");
        assert_eq!(severity("compose.yaml", "    command: redis-server --port 0 --unixsocket /run/r.sock\n    ports: [\"6379:6379\"]\n"), "none");
    }

    #[test]
    fn an_internal_network_makes_it_dead() {
        let text = "services:\n  redis:\n    image: redis:8.2.9\n    networks: [data]\n    ports: [\"6379:6379\"]\nnetworks:\n  data:\n    internal: true\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "info");
    }

    #[test]
    fn exporters_and_commanders_are_not_redis() {
        clean(RULE, &[("compose.yaml", "services:\n  x:\n    image: oliver006/redis_exporter:v1.62.0\n    ports: [\"6379:6379\"]\n")]);
    }
}

//! `network/fpm-port-published`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::compose::ports::Port;
use crate::project::{FpmListen, Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// The FastCGI port of a PHP-FPM service, 9000 unless a pool file says otherwise, published by Compose or opened on the host
    /// by `network_mode: host`.
    ///
    /// # Why it matters
    /// FastCGI has no login. Whoever connects names the script and the PHP settings of the request: with
    /// `auto_prepend_file=php://input` the body of the request is executed, in the name of any `.php` file that exists. A reachable
    /// port 9000 is remote code execution without a vulnerability.
    ///
    /// On a loopback address it is *medium*: every user and every web page that reaches local ports of this machine can do it. In a
    /// development view it is *high*. A service is taken for FPM by its image, its command, or because nginx hands requests to it;
    /// port 9000 of MinIO, Portainer, SonarQube or ClickHouse is something else. A pool on a Unix socket is not reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     command: php-fpm
    ///     ports: ["9000:9000"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     command: php-fpm
    ///     expose: ["9000"]
    /// ```
    ///
    /// # How to fix
    /// Remove the mapping; the web server reaches `app:9000` over their common network. A Unix socket in a volume that only the two
    /// share is narrower still.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9 and 5.14, CWE-306, CWE-668, PHP manual "FPM configuration", `listen.allowed_clients`.
    id: "network/fpm-port-published",
    title: "PHP-FPM is reachable from outside",
    severity: Critical,
    lowered_in_development: 1,
    fixes: Safe,
    why: "FastCGI has no login: whoever connects to the port chooses PHP's settings for the request and executes code with them.",
    help: "Remove the mapping; the web server reaches PHP-FPM over their common network.",
    references: ["CIS Docker Benchmark 5.9", "CIS Docker Benchmark 5.14", "OWASP Docker Security Cheat Sheet rule 5a", "CWE-306", "CWE-668", "PHP manual, listen.allowed_clients"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_fpm()) {
        let FpmListen::Port(listening, pool) = service.fpm_listen() else { continue };
        if let Some(at) = service.host_network() {
            let message =
                format!("`{}` uses the host's network: PHP-FPM listens on the host's port {listening}", service.name);
            let draft = Draft::new(at, message)
                .confidence(Confidence::Medium)
                .on(service)
                .because_of(pool, "the pool listens here");
            out.report(
                draft.help("Remove `network_mode: host`, or let the pool listen on 127.0.0.1 or a Unix socket."),
            );
        }
        for port in service.ports.iter().filter(|port| port.protocol == "tcp" && port.has_target(listening)) {
            match service.reach(port) {
                Reach::Ignored => {}
                Reach::Unknown => out.ask(
                    format!(
                        "On which address does `{}` publish PHP-FPM? `{}` has no value here",
                        service.name,
                        crate::text::shorten(project.slice(port.at), 60)
                    ),
                    "set the variable in the project's .env, or give it a default",
                ),
                reach => out.report(published(service, port, reach).because_of(pool, "the pool listens here")),
            }
        }
    }
}

fn published(service: ServiceRef<'_, '_>, port: &Port, reach: Reach) -> Draft {
    let name = &service.name;
    let (severity, message) = match reach {
        Reach::Nobody => (
            Severity::Info,
            format!("`{name}` publishes PHP-FPM, but has no network that is reachable: the mapping is dead"),
        ),
        Reach::Loopback => (
            Severity::Medium,
            format!(
                "`{name}` publishes PHP-FPM on this machine's port {}: every local user can execute code in it",
                port.host_side()
            ),
        ),
        Reach::Private => (
            Severity::High,
            format!(
                "`{name}` publishes PHP-FPM on {}, an address of a private network: every machine there can execute code in it",
                port.host_side()
            ),
        ),
        _ => (
            Severity::Critical,
            format!("`{name}` publishes PHP-FPM on {}: whoever reaches it executes code", port.host_side()),
        ),
    };
    let literal = service.image_use.row().is_some_and(|row| row.role == "php-fpm")
        || service.main_command().words.iter().any(|word| word.contains("php-fpm"));
    let confidence = if literal { Confidence::High } else { Confidence::Medium };
    Draft::new(port.at, message)
        .severity(severity)
        .confidence(confidence)
        .on(service)
        .because_of(service.main_command().at.or(service.image_use.at), "this starts PHP-FPM")
        .fix(service.project().remove(Safety::Safe, "Remove the published port", port.at))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/fpm-port-published";

    fn severity(name: &str, body: &str) -> String {
        let text = format!("services:\n  app:\n{body}");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        for (ports, want) in [
            ("[\"9000:9000\"]", "critical"),
            ("[\"9000\"]", "critical"),
            ("[\"127.0.0.1:9000:9000\"]", "medium"),
            ("[\"10.0.0.5:9000:9000\"]", "high"),
            ("[\"${BIND}:9000:9000\"]", "none"),
            ("[\"8080:80\"]", "none"),
        ] {
            assert_eq!(
                severity("compose.yaml", &format!("    image: php:8.4-fpm\n    ports: {ports}\n")),
                want,
                "{ports}"
            );
        }
        assert_eq!(severity("compose.dev.yaml", "    image: php:8.4-fpm\n    ports: [\"9000:9000\"]\n"), "high");
    }

    #[test]
    fn port_9000_of_something_else() {
        for image in [
            "minio/minio:latest",
            "portainer/portainer-ce:2.33.1",
            "sonarqube:26.1",
            "clickhouse/clickhouse-server:26.3",
            "registry.example.net/app:1",
        ] {
            assert_eq!(
                severity("compose.yaml", &format!("    image: {image}\n    ports: [\"9000:9000\"]\n")),
                "none",
                "{image}"
            );
        }
    }

    #[test]
    fn a_worker_of_the_same_image_is_no_fpm() {
        assert_eq!(
            severity(
                "compose.yaml",
                "    image: php:8.4-fpm\n    command: php artisan queue:work\n    ports: [\"9000:9000\"]\n"
            ),
            "none"
        );
    }

    #[test]
    fn the_pool_says_where_it_listens() {
        let compose = "services:\n  app:\n    image: php:8.4-fpm\n    ports: [\"9000:9000\", \"9100:9100\"]\n    volumes: [\"./docker/php-fpm.d/zzz.conf:/usr/local/etc/php-fpm.d/zzz.conf:ro\"]\n";
        let with = |listen: &str| {
            findings(
                RULE,
                &[
                    ("compose.yaml", compose),
                    ("docker/php-fpm.d/zzz.conf", &format!("[www]\npm = static\nlisten = {listen}\n")),
                ],
            )
        };
        assert_eq!(with("9100").len(), 1);
        assert_eq!(with("0.0.0.0:9100").len(), 1);
        assert!(with("/run/php/fpm.sock").is_empty());
        assert!(with("127.0.0.1:9000").is_empty());
    }

    #[test]
    fn a_dead_mapping_is_info() {
        assert_eq!(
            severity(
                "compose.yaml",
                "    image: php:8.4-fpm\n    networks: [n]\n    ports: [\"9000:9000\"]\nnetworks: {n: {internal: true}}\n"
            ),
            "info"
        );
    }

    #[test]
    fn a_network_may_bind_to_loopback() {
        let text = "    image: php:8.4-fpm\n    ports: [\"9000:9000\"]\nnetworks:\n  default:\n    driver_opts: {com.docker.network.bridge.host_binding_ipv4: 127.0.0.1}\n";
        assert_eq!(severity("compose.yaml", text), "medium");
    }

    #[test]
    fn the_network_of_the_host() {
        assert_eq!(severity("compose.yaml", "    image: php:8.4-fpm\n    network_mode: host\n"), "critical");
    }

    #[test]
    fn nginx_tells_who_answers() {
        let compose = "services:\n  web:\n    image: nginx:1.30.4\n  app:\n    image: registry.example.net/shop:1\n    ports: [\"9000:9000\"]\n";
        assert_eq!(
            findings(
                RULE,
                &[
                    ("compose.yaml", compose),
                    ("nginx/default.conf", "server {\n  location / { fastcgi_pass app:9000; }\n}\n")
                ]
            )
            .len(),
            1
        );
        clean(RULE, &[("compose.yaml", compose)]);
    }
}

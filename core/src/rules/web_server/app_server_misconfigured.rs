//! `web-server/app-server-misconfigured`

use crate::declare_rule;
use crate::fix::{Fix, Safety};
use crate::project::{Project, ServerFlaw, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// Switches of servers that keep PHP running: the RPC port of RoadRunner on all addresses, a static folder that is the whole
    /// application or sends scripts, a published status page; `--watch` of Octane and FrankenPHP; `debug` and `tls internal` of
    /// Caddy; the demonstration of Mercure, or every origin let in.
    ///
    /// # Why it matters
    /// Through the RPC port any container restarts the workers and reads and writes what RoadRunner keeps: *high*, like a static
    /// folder with `.env` in it. A server that watches files restarts under load and needs its code writable. Switches of
    /// development are not reported in a development view.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     ports: ["8080:8080"]
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-cli
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// WORKDIR /app
    /// COPY .rr.yaml /app/.rr.yaml
    /// COPY src/ /app/src/
    /// CMD ["rr", "serve"]
    /// ```
    /// ```yaml file:.rr.yaml
    /// version: "3"
    /// server:
    ///   command: php src/worker.php
    /// rpc:
    ///   listen: tcp://0.0.0.0:6001
    /// http:
    ///   address: 0.0.0.0:8080
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     ports: ["8080:8080"]
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-cli
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// WORKDIR /app
    /// COPY .rr.yaml /app/.rr.yaml
    /// COPY src/ /app/src/
    /// CMD ["rr", "serve"]
    /// ```
    /// ```yaml file:.rr.yaml
    /// version: "3"
    /// server:
    ///   command: php src/worker.php
    /// rpc:
    ///   listen: tcp://127.0.0.1:6001
    /// http:
    ///   address: 0.0.0.0:8080
    /// ```
    ///
    /// # How to fix
    /// Bind RPC to 127.0.0.1, serve `public` and forbid `.php`, leave watching, debugging and demonstrations to the files for
    /// development.
    ///
    /// # References
    /// CWE-306, CWE-489, CWE-942, RoadRunner documentation "RPC", FrankenPHP documentation "Deploying in Production", Mercure
    /// documentation "Configuration".
    id: "web-server/app-server-misconfigured",
    title: "Application server runs with an open or a development switch",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Servers that keep PHP running have control ports and development switches of their own, and their defaults are made for a laptop.",
    help: "Bind control ports to 127.0.0.1, and leave watching, debugging and demonstrations to development.",
    references: ["CWE-306", "CWE-489", "CWE-942", "RoadRunner documentation, RPC", "Mercure documentation, Configuration"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let judged = |flaw: &ServerFlaw| !(flaw.fine_in_development && service.context.is_development());
        for flaw in service.server_flaws().into_iter().filter(judged) {
            let message = format!("`{}` {}", service.name, flaw.what);
            out.report(Draft::new(flaw.at, message).on(service).severity(flaw.severity).fix(fix(service, &flaw)));
        }
    }
}

fn fix(service: ServiceRef<'_, '_>, flaw: &ServerFlaw) -> Option<Fix> {
    service.project().replace(Safety::Suggested, format!("Set {}", flaw.better?), flaw.at, flaw.better?)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/app-server-misconfigured";

    fn roadrunner(config: &str) -> Vec<String> {
        let files = [
            ("compose.yaml", "services:\n  app:\n    build: .\n"),
            ("Dockerfile", "FROM php:8.4-cli\nWORKDIR /app\nCOPY . /app\nCMD [\"rr\", \"serve\"]\n"),
            (".rr.yaml", config),
        ];
        said(&files)
    }

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files)
            .into_iter()
            .map(|finding| format!("{} {}", finding.severity, finding.fixes.len()))
            .collect()
    }

    #[test]
    fn roadrunner_listens_and_serves() {
        assert_eq!(roadrunner("rpc:\n  listen: tcp://0.0.0.0:6001\n"), ["high 1"]);
        assert_eq!(roadrunner("http:\n  static:\n    dir: .\n    forbid: [\".php\"]\n"), ["high 1"]);
        assert_eq!(roadrunner("http:\n  static:\n    dir: public\n    forbid: [\".htaccess\"]\n"), ["medium 0"]);
        for fine in [
            "rpc:\n  listen: tcp://127.0.0.1:6001\n",
            "rpc:\n  listen: unix:///run/rr.sock\n",
            "http:\n  static:\n    dir: public\n    forbid: [\".php\", \".htaccess\"]\n",
            "status:\n  address: 0.0.0.0:2114\n",
        ] {
            assert!(roadrunner(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn watching_is_for_development() {
        let octane = "services:\n  app:\n    image: registry.example.net/app:1\n    command: php artisan octane:start --server=frankenphp --watch\n";
        assert_eq!(said(&[("compose.yaml", octane)]), ["medium 0"]);
        assert!(said(&[("compose.dev.yaml", octane)]).is_empty());
    }

    #[test]
    fn caddy_and_mercure() {
        let compose = "services:\n  app:\n    image: dunglas/frankenphp:1.9\n    volumes: [\"./Caddyfile:/etc/frankenphp/Caddyfile:ro\"]\n";
        let caddy = |options: &str, mercure: &str| {
            let text = format!(
                "{{\n\tfrankenphp\n{options}}}\n:80 {{\n\troot * /app/public\n\tmercure {{\n{mercure}\t}}\n\tphp_server\n}}\n"
            );
            said(&[("compose.yaml", compose), ("Caddyfile", &text)])
        };
        assert_eq!(caddy("\tdebug\n", "\t\tpublisher_jwt x\n"), ["low 0"]);
        assert_eq!(caddy("", "\t\tdemo\n"), ["medium 0"]);
        assert_eq!(caddy("", "\t\tanonymous\n\t\tcors_origins *\n"), ["medium 0"]);
        assert!(caddy("", "\t\tanonymous\n\t\tcors_origins https://shop.example.net\n").is_empty());
    }
}

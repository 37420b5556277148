//! `web-server/trusted-proxies-wildcard`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::web::{Directive, Software, Value};
use crate::project::{ApplicationVariable, Project, ServiceRef, Web, trusts_everybody};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// Somebody who believes the `X-Forwarded-…` headers of everybody: an application with `TRUSTED_PROXIES` of `*`, `0.0.0.0/0` or
    /// `REMOTE_ADDR`, nginx with `set_real_ip_from 0.0.0.0/0`, Caddy with `trusted_proxies static 0.0.0.0/0`, Traefik with
    /// `forwardedHeaders.insecure`.
    ///
    /// # Why it matters
    /// The headers say who the visitor is, which host was asked for and whether by TLS. Whoever may set them chooses an address for
    /// every rate limit and every list of allowed addresses, and a host for the link in a mail that resets a password.
    ///
    /// An application that no published port leads to is *info*: its proxy decides what arrives.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: dunglas/frankenphp:1.9-php8.4
    ///     environment:
    ///       TRUSTED_PROXIES: 0.0.0.0/0
    ///     ports: ["443:443"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: dunglas/frankenphp:1.9-php8.4
    ///     environment:
    ///       TRUSTED_PROXIES: private_ranges
    ///     ports: ["443:443"]
    /// ```
    ///
    /// # How to fix
    /// Name the proxy's address or the network it stands in. Symfony knows `private_ranges` since 7.1, Caddy does too.
    ///
    /// # References
    /// CWE-348, CWE-290, CWE-644, Symfony documentation "How to Configure Symfony to Work behind a Load Balancer or a Reverse
    /// Proxy".
    id: "web-server/trusted-proxies-wildcard",
    title: "Forwarded headers of everybody are believed",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Whoever may set X-Forwarded-For and X-Forwarded-Host chooses an address for rate limits and access lists, and a host for links in mails.",
    help: "Trust the proxy's address or its network only.",
    references: ["CWE-348", "CWE-290", "CWE-644", "Symfony documentation, How to Configure Symfony to Work behind a Load Balancer or a Reverse Proxy"],
}

const PRIVATE: &str = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        if let Some(variable) = service.trusted_proxies().filter(trusts_all) {
            out.report(application(service, &variable));
        }
        if let Some(at) = service.insecure_forwarded_headers() {
            let message = format!("Traefik in `{}` believes the forwarded headers of every visitor", service.name);
            let fix = project.remove(Safety::Suggested, "Remove the option", at);
            out.report(Draft::new(at, message).on(service).fix(fix));
        }
        let Some(web) = service.web_server() else { continue };
        for (directive, value) in server(web) {
            let software = web.software.as_str();
            let message = format!("{software} in `{}` believes the forwarded headers of every address", service.name);
            out.report(Draft::new(directive.at, message).on(service).fix(narrower(service, web, value)));
        }
    }
}

fn trusts_all(variable: &ApplicationVariable) -> bool {
    variable.value.as_deref().is_some_and(trusts_everybody)
}

fn application(service: ServiceRef<'_, '_>, variable: &ApplicationVariable) -> Draft {
    let value = crate::text::shorten(variable.value.as_deref().unwrap_or(""), 40);
    let message = format!("`{}` believes the forwarded headers of everybody: TRUSTED_PROXIES is {value}", service.name);
    let title = "Trust private networks only";
    let fix = service.project().replace(Safety::Suggested, title, variable.at, PRIVATE);
    let draft = Draft::new(variable.at, message).on(service).confidence(Confidence::Medium).fix(fix);
    match service.entrance() {
        Some((_, at)) => draft.because(at, "visitors reach it through this port"),
        None => draft.severity(Severity::Info),
    }
}

/// The directives of a web server that name proxies, those that name everybody, each with the word that does.
fn server(web: &Web) -> impl Iterator<Item = (&Directive, &Value)> {
    let name = match web.software {
        Software::Nginx => "set_real_ip_from",
        Software::Apache => "remoteiptrustedproxy",
        Software::Caddy => "trusted_proxies",
    };
    let everybody = |value: &&Value| matches!(value.text.as_str(), "0.0.0.0/0" | "::/0");
    web.all(name).filter_map(move |directive| Some((directive, directive.args.iter().find(everybody)?)))
}

fn narrower(service: ServiceRef<'_, '_>, web: &Web, value: &Value) -> Option<Fix> {
    let network = match web.software {
        Software::Caddy => "private_ranges",
        _ if value.text == "::/0" => "fd00::/8",
        _ => "172.16.0.0/12",
    };
    service.project().replace_in_web(Safety::Suggested, "Trust Docker's networks only", web, value.at, network)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/trusted-proxies-wildcard";

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files)
            .into_iter()
            .map(|finding| format!("{} {}", finding.severity, finding.fixes.len()))
            .collect()
    }

    fn application(value: &str, ports: &str) -> Vec<String> {
        let compose = format!(
            "services:\n  app:\n    image: dunglas/frankenphp:1.9\n    environment:\n      TRUSTED_PROXIES: \"{value}\"\n{ports}"
        );
        said(&[("compose.yaml", &compose)])
    }

    #[test]
    fn the_application() {
        let published = "    ports: [\"443:443\"]\n";
        for value in ["*", "**", "0.0.0.0/0", "127.0.0.1, REMOTE_ADDR"] {
            assert_eq!(application(value, published), ["medium 1"], "{value}");
        }
        for value in ["private_ranges", "10.0.0.0/8", "${PROXIES}", ""] {
            assert!(application(value, published).is_empty(), "{value}");
        }
        assert_eq!(application("*", ""), ["info 1"]);
        assert_eq!(application("*", "    ports: [\"127.0.0.1:443:443\"]\n"), ["info 1"]);
    }

    #[test]
    fn behind_a_published_nginx() {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    ports: [\"80:80\"]\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n    environment:\n      TRUSTED_PROXIES: \"*\"\n";
        let site = "server {\n  root /srv;\n  location ~ \\.php$ { fastcgi_pass app:9000; }\n}\n";
        assert_eq!(said(&[("compose.yaml", compose), ("site.conf", site)]), ["medium 1"]);
    }

    #[test]
    fn web_servers_and_traefik() {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n";
        let nginx = |from: &str| {
            let site = format!("server {{\n  set_real_ip_from {from};\n  real_ip_header X-Forwarded-For;\n}}\n");
            said(&[("compose.yaml", compose), ("site.conf", &site)])
        };
        assert_eq!(nginx("0.0.0.0/0"), ["medium 1"]);
        assert!(nginx("172.18.0.0/16").is_empty());
        let caddy =
            "services:\n  web:\n    image: caddy:2.11\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile:ro\"]\n";
        let site = "{\n\tservers {\n\t\ttrusted_proxies static 0.0.0.0/0\n\t}\n}\n:80 {\n\trespond ok\n}\n";
        assert_eq!(said(&[("compose.yaml", caddy), ("Caddyfile", site)]), ["medium 1"]);
        let traefik = |value: &str| {
            let compose = format!(
                "services:\n  proxy:\n    image: traefik:v3.6\n    command:\n      - --providers.docker\n      - --entryPoints.web.forwardedHeaders.insecure{value}\n"
            );
            said(&[("compose.yaml", &compose)])
        };
        assert_eq!(traefik("=true"), ["medium 1"]);
        assert_eq!(traefik(""), ["medium 1"]);
        assert!(traefik("=false").is_empty());
    }
}

//! `network/plain-http-published`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::project::{PlainHttp, Project};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A web server whose HTTP port other machines reach, in a stack in which nothing speaks of HTTPS: no port 443, no
    /// certificate, no host name for which Caddy or Traefik gets one, no address with `https://`, no proxy or load
    /// balancer in front. Also nginx with `ssl_protocols` that still offers SSLv3, TLSv1 or TLSv1.1.
    ///
    /// # Why it matters
    /// Passwords and session cookies cross every network on the way in clear text, and whoever is on it can change what
    /// users see.
    ///
    /// The confidence is low, because what ends TLS may stand elsewhere: a line such as `APP_URL=https://…` or a remark
    /// that names the load balancer settles it. It is higher where a file says `http://` or `auto_https off`.
    /// Development views and loopback addresses are not reported, nor are ports other than 80 unless the view is called
    /// production.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   php:
    ///     image: dunglas/frankenphp:1.9-php8.4
    ///     environment: { SERVER_NAME: ":80" }
    ///     ports: ["80:80"]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   php:
    ///     image: dunglas/frankenphp:1.9-php8.4
    ///     environment: { SERVER_NAME: shop.example.net }
    ///     ports: ["80:80", "443:443", "443:443/udp"]
    /// ```
    ///
    /// # How to fix
    /// Let Caddy, Traefik or nginx get a certificate, or end TLS at a load balancer and publish this port to it alone.
    /// Then redirect HTTP, send `Strict-Transport-Security` and set `session.cookie_secure`.
    ///
    /// # References
    /// CWE-319, OWASP Transport Layer Security Cheat Sheet.
    id: "network/plain-http-published",
    title: "Users reach the application without TLS",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "Without TLS, passwords and session cookies cross the network in clear text, and whoever is on the way can change what users see.",
    help: "Get certificates by Caddy, Traefik or nginx, or end TLS at a load balancer and say so in the files.",
    references: ["CWE-319", "CWE-326", "OWASP Transport Layer Security Cheat Sheet"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in project.views.iter().filter(|view| !view.standalone) {
        for plain in project.plain_http(view).iter().filter(|plain| !plain.service.context.is_development()) {
            out.report(by_http(plain));
        }
    }
    for service in project.services() {
        for (protocol, at) in service.old_tls() {
            let message = format!("`{}` still speaks {protocol}, which is broken", service.name);
            out.report(Draft::new(at, message).on(service).help("Leave TLSv1.2 and TLSv1.3 in `ssl_protocols`."));
        }
    }
}

fn by_http(plain: &PlainHttp<'_, '_>) -> Draft {
    let message = format!(
        "`{}` is published on {} by HTTP, and nothing in these files speaks of HTTPS",
        plain.service.name,
        plain.port.host_side()
    );
    Draft::new(plain.port.at, message)
        .confidence(if plain.said.is_some() { Confidence::Medium } else { Confidence::Low })
        .on(plain.service)
        .because_of(plain.said, "here HTTP is meant")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/plain-http-published";
    const WEB: &str = "services:\n  web:\n    image: nginx:1.28\n    ports: [\"80:80\"]\n";

    #[test]
    fn http_alone() {
        let found = findings(RULE, &[("compose.yaml", WEB)]);
        assert_eq!((found[0].severity.as_str(), found[0].confidence.as_str()), ("medium", "low"));
        let said = format!("{WEB}    environment: {{APP_URL: \"http://shop.example.org\"}}\n");
        assert_eq!(findings(RULE, &[("compose.yaml", &said)])[0].confidence.as_str(), "medium");
    }

    #[test]
    fn somebody_else_speaks_tls() {
        clean(RULE, &[("compose.yaml", &format!("{WEB}    environment: {{APP_URL: \"https://shop.example.org\"}}\n"))]);
        clean(RULE, &[("compose.yaml", &WEB.replace("80:80", "127.0.0.1:80:80"))]);
        clean(RULE, &[("compose.dev.yaml", WEB)]);
        clean(RULE, &[("compose.yaml", &WEB.replace("nginx:1.28", "mysql:8.4"))]);
    }

    #[test]
    fn old_protocols() {
        let compose = format!("{WEB}    volumes: [\"./n.conf:/etc/nginx/conf.d/default.conf:ro\"]\n");
        let of = |protocols: &str| {
            let conf = format!("server {{ listen 443 ssl; ssl_certificate /c; ssl_protocols {protocols}; }}\n");
            findings(RULE, &[("compose.yaml", &compose), ("n.conf", &conf)]).len()
        };
        assert_eq!(of("TLSv1.2 TLSv1.3"), 0);
        assert_eq!(of("TLSv1 TLSv1.2"), 1);
    }
}

//! `web-server/version-disclosure-and-headers`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::web::{Directive, Server, Software};
use crate::project::{Project, ServiceRef, Web, WebSource};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A web server that tells its version (`server_tokens` of nginx on or not set, `ServerTokens` of Apache other than `Prod`), an
    /// ini file that lets PHP tell its own (`expose_php = On`), a `location` of nginx whose `add_header` drops the headers of the
    /// server around it, and a server that sends none of the headers that defend a browser.
    ///
    /// # Why it matters
    /// With the version, a scanner knows which exploits to send. Without `X-Content-Type-Options`, `Content-Security-Policy` and
    /// their kin, a browser guesses types, shows the page in frames, and runs what an attacker has put into it.
    ///
    /// Missing headers are *info*: the application or a proxy in front may send them. Where a package of the application does, or
    /// where the configuration was not supplied, nothing is said.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     listen 80;
    ///     root /srv/public;
    ///     add_header X-Content-Type-Options nosniff always;
    ///     location ~ /\.(?!well-known) {
    ///         deny all;
    ///     }
    /// }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     listen 80;
    ///     root /srv/public;
    ///     server_tokens off;
    ///     add_header X-Content-Type-Options nosniff always;
    ///     location ~ /\.(?!well-known) {
    ///         deny all;
    ///     }
    /// }
    /// ```
    ///
    /// # How to fix
    /// `server_tokens off;`, `ServerTokens Prod`, `expose_php = Off`. Send at least `X-Content-Type-Options: nosniff`,
    /// `X-Frame-Options` or `frame-ancestors`, and `Referrer-Policy`; repeat them in every location of nginx that has an
    /// `add_header` of its own, or keep them in a file that is included.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet "expose_php", OWASP Secure Headers Project, CWE-200, CWE-693.
    id: "web-server/version-disclosure-and-headers",
    title: "Server tells its version or sends no protective headers",
    severity: Low,
    lowered_in_development: 2,
    fixes: Safe,
    why: "A version tells a scanner which exploits to send, and without protective headers a browser guesses types and shows the page in foreign frames.",
    help: "Switch the version off, and send X-Content-Type-Options, a frame policy and Referrer-Policy from the server.",
    references: ["OWASP PHP Configuration Cheat Sheet", "OWASP Secure Headers Project", "CWE-200", "CWE-693"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        if let Some(web) = service.web_server().filter(|web| web.is_whole() && web.source != WebSource::ImageDefault) {
            tells_version(service, web, out);
            headers(service, web, out);
        }
        if let Some(at) = service.announces_php() {
            let message = format!("PHP in `{}` tells its version in every response", service.name);
            let fix = project.replace_text(Safety::Safe, "Let PHP keep its version to itself", at, "Off");
            out.report(Draft::new(at, message).on(service).fix(fix));
        }
    }
}

/// One finding for all servers of a service.
fn tells_version(service: ServiceRef<'_, '_>, web: &Web, out: &mut Findings) {
    let setting = |server: &Server| match web.software {
        Software::Nginx => web.setting(server.node, "server_tokens"),
        _ => web.setting(server.node, "servertokens"),
    };
    let open = |server: &&Server| match web.software {
        Software::Nginx => setting(server).is_none_or(|tokens| tokens.arg(0) == Some("on")),
        Software::Apache => setting(server)
            .and_then(|tokens| tokens.arg(0))
            .is_none_or(|tokens| !matches!(tokens.to_ascii_lowercase().as_str(), "prod" | "productonly")),
        Software::Caddy => false, // it tells its name only
    };
    let servers: Vec<&Server> = web.own_servers().take(32).filter(open).collect();
    let Some(first) = servers.first() else { return };
    let written = setting(first).filter(|directive| !directive.of_image);
    let message = format!("{} in `{}` tells its version in every response", web.software.as_str(), service.name);
    let mut draft = Draft::new(written.map_or(first.at, |directive| directive.at), message).on(service);
    if web.software == Software::Apache {
        draft = draft.help("Set `ServerTokens Prod` and `ServerSignature Off` outside of the virtual hosts.");
    }
    out.report(draft.fix(silent(service, web, &servers, written)));
}

fn silent(service: ServiceRef<'_, '_>, web: &Web, servers: &[&Server], written: Option<&Directive>) -> Option<Fix> {
    let (project, title) = (service.project(), "Keep the version back");
    let word = if web.software == Software::Nginx { "off" } else { "Prod" };
    if let Some(value) = written.and_then(|directive| directive.args.first()) {
        return project.replace_in_web(Safety::Safe, title, web, value.at, word);
    }
    if web.software != Software::Nginx {
        return None;
    }
    let mut fix = Fix::new(Safety::Safe, title);
    for server in servers {
        let one = project.insert_directive(Safety::Safe, title, web, server.node, &["server_tokens off;"])?;
        fix.edits.extend(one.edits);
    }
    Some(fix)
}

fn headers(service: ServiceRef<'_, '_>, web: &Web, out: &mut Findings) {
    for (route, lost) in web.dropped_headers() {
        let names = lost.iter().map(|header| header.name.as_str()).collect::<Vec<_>>().join(", ");
        let message = format!(
            "responses of this location of `{}` lack {}: its own add_header replaces those of the server",
            service.name,
            crate::text::shorten(&names, 80)
        );
        let draft = Draft::new(route.at, message).on(service).aspect("dropped");
        out.report(lost.iter().take(3).fold(draft, |draft, header| draft.because(header.at, "set here")));
    }
    let page = web.own_servers().find(|server| {
        let answer = web.answer(server, "/index.html");
        answer.sends_file("/index.html") == Some(true)
    });
    if let Some(server) = page.filter(|_| web.security_headers().is_empty() && !service.application_sends_headers()) {
        let software = web.software.as_str();
        let message = format!("{software} in `{}` sends none of the headers that defend a browser", service.name);
        out.report(
            Draft::new(server.at, message)
                .on(service)
                .severity(Severity::Info)
                .confidence(Confidence::Medium)
                .aspect("headers"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "web-server/version-disclosure-and-headers";
    const COMPOSE: &str =
        "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n";

    fn nginx(site: &str) -> Vec<String> {
        said(&[("compose.yaml", COMPOSE), ("site.conf", site)])
    }

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files)
            .into_iter()
            .map(|finding| format!("{} {}", finding.severity, finding.fixes.len()))
            .collect()
    }

    #[test]
    fn the_version_of_nginx() {
        let sniff = "add_header X-Content-Type-Options nosniff;";
        assert_eq!(nginx(&format!("server {{\n  {sniff}\n}}\nserver {{\n  listen 81;\n  {sniff}\n}}\n")), ["low 1"]);
        assert_eq!(nginx(&format!("server {{\n  server_tokens on;\n  {sniff}\n}}\n")), ["low 1"]);
        assert!(nginx(&format!("server {{\n  server_tokens off;\n  {sniff}\n}}\n")).is_empty());
        assert!(nginx(&format!("server_tokens off;\nserver {{\n  {sniff}\n}}\n")).is_empty());
    }

    #[test]
    fn headers_missing_and_dropped() {
        assert_eq!(nginx("server {\n  server_tokens off;\n  root /srv;\n}\n"), ["info 0"]);
        assert!(nginx("server {\n  server_tokens off;\n  location / { proxy_pass http://app:80; }\n}\n").is_empty());
        let dropped = "server {\n  server_tokens off;\n  root /srv;\n  add_header X-Frame-Options DENY;\n  location /a { add_header Cache-Control x; }\n}\n";
        assert_eq!(nginx(dropped), ["low 0"]);
    }

    #[test]
    fn an_application_that_sends_them() {
        let files = [
            (
                "compose.yaml",
                "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    build: .\n",
            ),
            (
                "site.conf",
                "server {\n  server_tokens off;\n  root /srv;\n  location ~ \\.php$ { fastcgi_pass app:9000; }\n}\n",
            ),
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY . /srv\n"),
            ("composer.json", "{\"require\": {\"nelmio/security-bundle\": \"^3\"}}"),
        ];
        assert!(said(&files).is_empty());
    }

    #[test]
    fn apache_and_php() {
        let compose = "services:\n  web:\n    image: php:8.4-apache\n    volumes: [\"./site.conf:/etc/apache2/sites-enabled/000-default.conf\", \"./php.ini:/usr/local/etc/php/php.ini:ro\"]\n";
        let site = "ServerTokens Full\n<VirtualHost *:80>\nDocumentRoot /srv\nHeader set X-Frame-Options DENY\n</VirtualHost>\n";
        let files = |ini: &'static str| [("compose.yaml", compose), ("site.conf", site), ("php.ini", ini)];
        assert_eq!(said(&files("expose_php = On\n")), ["low 1", "low 1"]);
        assert_eq!(said(&files("expose_php = Off\n")), ["low 1"]);
    }

    #[test]
    fn what_was_not_supplied() {
        clean(RULE, &[("compose.yaml", "services:\n  web:\n    image: nginx:1.28\n")]);
        assert!(nginx("server {\n  include /etc/nginx/snippets/headers.conf;\n  root /srv;\n}\n").is_empty());
    }
}

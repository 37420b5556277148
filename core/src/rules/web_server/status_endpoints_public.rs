//! `web-server/status-endpoints-public`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::web::{Outcome, Server, Software, StatusPage};
use crate::project::{Project, ServiceRef, Web};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// A page on which a server tells about itself, and that everybody may ask for: `stub_status` of nginx, `server-status` and
    /// `server-info` of Apache, `metrics` of Caddy, the status page of PHP-FPM (`pm.status_path`).
    ///
    /// # Why it matters
    /// The full page of PHP-FPM lists the addresses that are being requested, with tokens in them, and the paths of scripts.
    /// `server-status` shows the addresses of other visitors, `server-info` the whole configuration. All of them tell an attacker
    /// how much more it takes to fill the workers.
    ///
    /// A location that hands `/metrics`, or a page called after PHP-FPM's, on to another program is *low*: what is behind it is not
    /// known. A page that answers `127.0.0.1` or private addresses only, asks for a password, or has a listener of its own
    /// (`pm.status_listen`) is fine.
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
    ///     location /nginx_status {
    ///         stub_status;
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
    ///     location = /nginx_status {
    ///         stub_status;
    ///         allow 127.0.0.1;
    ///         deny all;
    ///     }
    /// }
    /// ```
    ///
    /// # How to fix
    /// Let only the addresses in that ask for the page: the container itself, or the network of the monitoring. PHP-FPM has
    /// `pm.status_listen` for a port of its own.
    ///
    /// # References
    /// CWE-200, CWE-497, PHP manual "FPM status page", nginx documentation of `stub_status`.
    id: "web-server/status-endpoints-public",
    title: "Status page is open to everybody",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Status pages show requests of other visitors with their tokens, paths of scripts, and how much more load it takes to stop the server.",
    help: "Allow the addresses of the monitoring only, or give PHP-FPM a listener of its own with pm.status_listen.",
    references: ["CWE-200", "CWE-497", "PHP manual, FPM status page"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server() else { continue };
        let mut open = web.status_pages();
        open.retain(|page| page.open == Some(true) && is_whole_at(web, page.at));
        let of_image = |page: &StatusPage| web.tree.nodes.iter().any(|node| node.of_image && node.at == page.at);
        let written = |page: &StatusPage| open.iter().any(|other| other.path == page.path && !of_image(other));
        for page in open.iter().filter(|page| !of_image(page) || !written(page)) {
            let path = page.path.as_deref().unwrap_or_default();
            let message = format!("{} in `{}` shows {path} to everybody", web.software.as_str(), service.name);
            out.report(Draft::new(page.at, message).on(service).fix(for_itself(service, web, page.at)));
        }
        for (path, set_at) in service.fpm_status_paths() {
            for server in web.own_servers().take(32) {
                if let Some(at) = shows(web, server, &path) {
                    let message = format!("`{}` shows the status page of PHP-FPM at {path} to everybody", service.name);
                    out.report(
                        Draft::new(at, message)
                            .on(service)
                            .because_of(set_at, "switches the page on")
                            .fix(for_itself(service, web, at)),
                    );
                }
            }
        }
        let reported = service.fpm_status_paths();
        for (at, path) in
            passed_on(web).into_iter().filter(|(_, path)| !reported.iter().any(|(known, _)| known == path))
        {
            let message = format!("`{}` hands {path} on for everybody", service.name);
            let draft = Draft::new(at, message).on(service).severity(Severity::Low).confidence(Confidence::Medium);
            out.report(draft.fix(for_itself(service, web, at)));
        }
    }
}

/// The location that hands the path of PHP-FPM's status page on as it is, for a client from anywhere.
fn shows(web: &Web, server: &Server, path: &str) -> Option<Location> {
    let answer = web.answer_without_file(server, path);
    let at = web.block_of(&answer).at;
    (answer.outcome == Outcome::Php && answer.path == path && is_whole_at(web, at)).then_some(at)
}

/// Whether no include that was not supplied may hold the rule that keeps visitors out.
fn is_whole_at(web: &Web, at: Location) -> bool {
    let node = web.tree.nodes.iter().position(|node| node.at == at);
    node.is_none_or(|node| web.is_whole_in(node))
}

/// Metrics of another server, and pages of PHP-FPM by their name, that a location of its own hands on.
fn passed_on(web: &Web) -> Vec<(Location, String)> {
    let mut found = Vec::new();
    for server in web.own_servers().take(32) {
        for route in server.routes.iter().take(200) {
            let path = route.matcher.trim_end_matches(['/', '*']);
            let of_server = matches!(path, "/metrics" | "/server-status" | "/server-info" | "/nginx_status");
            let of_fpm = path.contains("fpm") && (path.contains("status") || path.contains("ping"));
            let outcome = if of_server || of_fpm { web.answer(server, path).outcome } else { continue };
            if !is_whole_at(web, route.at) {
                continue;
            }
            if of_server && outcome == Outcome::Proxied || of_fpm && outcome == Outcome::Php {
                found.push((route.at, path.to_owned()));
            }
        }
    }
    found
}

/// Only the container itself may ask.
fn for_itself(service: ServiceRef<'_, '_>, web: &Web, at: Location) -> Option<Fix> {
    let tree = &web.tree;
    let node = tree.nodes.iter().position(|node| node.at == at && node.name.starts_with("location"))?;
    let lines: &[&str] = match web.software {
        Software::Nginx => &["allow 127.0.0.1;", "deny all;"],
        Software::Apache if tree.last(node, "require").is_none() => &["Require local"],
        _ => return None,
    };
    service.project().insert_directive(Safety::Suggested, "Allow the container itself only", web, node, lines)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "web-server/status-endpoints-public";

    fn nginx(location: &str, pool: &str) -> Vec<String> {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n    volumes: [\"./pool.conf:/usr/local/etc/php-fpm.d/zz-pool.conf:ro\"]\n";
        let site = format!(
            "server {{\n  root /srv;\n  {location}\n  location / {{ try_files $uri /index.php; }}\n  location ~ \\.php$ {{ fastcgi_pass app:9000; }}\n}}\n"
        );
        findings(RULE, &[("compose.yaml", compose), ("site.conf", &site), ("pool.conf", pool)])
            .into_iter()
            .map(|finding| format!("{} {}", finding.severity, finding.fixes.len()))
            .collect()
    }

    const STATUS: &str = "[www]\npm.status_path = /fpm-status\n";

    #[test]
    fn pages_of_nginx() {
        assert_eq!(nginx("location /s { stub_status; }", "[www]\n"), ["medium 1"]);
        assert_eq!(nginx("location /metrics { proxy_pass http://app:9253; }", "[www]\n"), ["low 1"]);
        for guard in [
            "allow 127.0.0.1; deny all;",
            "allow 10.0.0.0/8; deny all;",
            "auth_basic x; auth_basic_user_file y;",
            "internal;",
            "include /etc/nginx/snippets/office.conf;",
        ] {
            assert!(nginx(&format!("location /s {{ stub_status; {guard} }}"), "[www]\n").is_empty(), "{guard}");
        }
    }

    #[test]
    fn the_page_of_fpm() {
        assert_eq!(nginx("location = /fpm-status { fastcgi_pass app:9000; }", STATUS), ["medium 1"]);
        assert!(
            nginx("location = /fpm-status { allow 127.0.0.1; deny all; fastcgi_pass app:9000; }", STATUS).is_empty()
        );
        // No pool has the page, but the door to it is open.
        assert_eq!(nginx("location = /fpm-status { fastcgi_pass app:9000; }", "[www]\n"), ["low 1"]);
        assert!(nginx("location = /orders-status { fastcgi_pass app:9000; }", "[www]\n").is_empty());
        let apart = "[www]\npm.status_path = /status\npm.status_listen = 127.0.0.1:9001\n";
        assert!(nginx("location = /status { fastcgi_pass app:9000; }", apart).is_empty());
        // The front controller answers what no location names.
        assert!(nginx("", STATUS).is_empty());
    }

    #[test]
    fn apache_and_its_image() {
        clean(RULE, &[("compose.yaml", "services:\n  web:\n    image: php:8.4-apache\n")]);
        let compose = "services:\n  web:\n    image: php:8.4-apache\n    volumes: [\"./site.conf:/etc/apache2/sites-enabled/000-default.conf\"]\n";
        let site = "<VirtualHost *:80>\n    DocumentRoot /var/www/html\n    <Location /info>\n        SetHandler server-info\n    </Location>\n</VirtualHost>\n";
        let found = findings(RULE, &[("compose.yaml", compose), ("site.conf", site)]);
        assert_eq!((found.len(), found[0].fixes.len()), (1, 1));
    }
}

//! `web-server/directory-listing-or-traversal`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::web::{Directive, Route};
use crate::project::{Project, ServiceRef, Web};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A web server that lists what is in a folder (`autoindex on`, `Options Indexes`, `file_server browse`), a `location` of nginx
    /// without a `/` at its end whose `alias` has one, and `merge_slashes off`.
    ///
    /// # Why it matters
    /// A listing shows everybody the backups, exports and uploads that nobody would have guessed. With `location /files` and
    /// `alias /srv/files/`, a request for `/files../.env` reads `/srv/.env`: what follows the location is put behind the alias,
    /// `..` included. That is *high*. With `merge_slashes off`, `//admin` passes rules that were written for `/admin`: *low*.
    ///
    /// A server that runs no PHP and hands nothing on is there to offer files: its listing is not reported. Neither are listings
    /// that an image brings along.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    ///   app:
    ///     image: php:8.4-fpm
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     root /srv/public;
    ///     location ~ /\.(?!well-known) {
    ///         deny all;
    ///     }
    ///     location /files {
    ///         alias /srv/files/;
    ///     }
    ///     location = /index.php {
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME /srv/public/index.php;
    ///         fastcgi_pass app:9000;
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
    ///   app:
    ///     image: php:8.4-fpm
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     root /srv/public;
    ///     location ~ /\.(?!well-known) {
    ///         deny all;
    ///     }
    ///     location /files/ {
    ///         alias /srv/files/;
    ///     }
    ///     location = /index.php {
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME /srv/public/index.php;
    ///         fastcgi_pass app:9000;
    ///     }
    /// }
    /// ```
    ///
    /// # How to fix
    /// Write the location with the same `/` at its end as the alias. Switch listings off; where people need one, offer it from a
    /// server of its own.
    ///
    /// # References
    /// CWE-548, CWE-22, nginx documentation of `alias`, Gixy rule "alias_traversal".
    id: "web-server/directory-listing-or-traversal",
    title: "Folders are listed, or can be left through an alias",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Safe,
    why: "A listing shows everybody the backups and uploads in a folder. An alias behind a location without a slash lets `/files../` read the folder above it.",
    help: "Switch the listing off, and end the location with a `/` where its alias ends with one.",
    references: ["CWE-548", "CWE-22", "Gixy alias_traversal", "nginx documentation, alias"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server() else { continue };
        let offers_files = web.php_routes().is_empty() && web.targets().is_empty();
        for listing in web.listings().into_iter().filter(|listing| !listing.of_image && !offers_files) {
            out.report(listed(service, web, listing));
        }
        for (route, alias) in web.traversable_aliases() {
            out.report(traversable(service, web, route, alias));
        }
        for merge in web.all("merge_slashes").filter(|merge| merge.arg(0) == Some("off")) {
            let fix = merge
                .args
                .first()
                .and_then(|off| project.replace_in_web(Safety::Safe, "Merge slashes again", web, off.at, "on"));
            let message = format!("nginx in `{}` tells `//admin` from `/admin`", service.name);
            out.report(Draft::new(merge.at, message).on(service).severity(Severity::Low).fix(fix));
        }
    }
}

fn listed(service: ServiceRef<'_, '_>, web: &Web, listing: &Directive) -> Draft {
    let message = format!("{} in `{}` lists what is in a folder", web.software.as_str(), service.name);
    let fix = service.project().switch_off_listing(Safety::Safe, web, listing);
    Draft::new(listing.at, message).on(service).fix(fix)
}

fn traversable(service: ServiceRef<'_, '_>, web: &Web, route: &Route, alias: &Directive) -> Draft {
    let path = crate::text::shorten(&route.matcher, 60);
    let message = format!("`{path}../` leaves the folder that nginx in `{}` serves at `{path}`", service.name);
    Draft::new(route.at, message)
        .on(service)
        .severity(Severity::High)
        .because(alias.at, "what follows the location is put behind this path")
        .help("End the location with a `/`, as its alias does.")
        .fix(with_slash(service, web, route))
}

fn with_slash(service: ServiceRef<'_, '_>, web: &Web, route: &Route) -> Option<Fix> {
    let path = web.tree.node(route.node).args.last().filter(|path| path.text == route.matcher)?;
    let written = service.project().slice(path.at);
    if written != path.text {
        return None;
    }
    let with_slash = format!("{}/", route.matcher);
    service.project().replace_in_web(Safety::Safe, "End the location with a slash", web, path.at, &with_slash)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/directory-listing-or-traversal";
    const PHP: &str = "location = /index.php { fastcgi_pass app:9000; }";

    fn found(image: &str, target: &str, site: &str) -> Vec<String> {
        let file = if target.ends_with("Caddyfile") { "Caddyfile" } else { "site.conf" };
        let compose = format!(
            "services:\n  web:\n    image: {image}\n    volumes: [\"./{file}:{target}\"]\n  app:\n    image: php:8.4-fpm\n"
        );
        findings(RULE, &[("compose.yaml", &compose), (file, site)])
            .into_iter()
            .map(|finding| format!("{} {}", finding.severity, finding.fixes.len()))
            .collect()
    }

    fn nginx(body: &str) -> Vec<String> {
        found(
            "nginx:1.28",
            "/etc/nginx/conf.d/default.conf",
            &format!("server {{\n  root /srv;\n  {PHP}\n  {body}\n}}\n"),
        )
    }

    #[test]
    fn nginx_lists_and_leaves() {
        assert_eq!(nginx("autoindex on;"), ["medium 1"]);
        assert_eq!(nginx("location /static { alias /srv/static/; }"), ["high 1"]);
        assert_eq!(nginx("location ^~ /static { alias /srv/static/; }"), ["high 1"]);
        assert_eq!(nginx("merge_slashes off;"), ["low 1"]);
        assert!(nginx("autoindex off;").is_empty());
        assert!(nginx("location /static/ { alias /srv/static/; }").is_empty());
        assert!(nginx("location /static { alias /srv/static; }").is_empty());
        assert!(nginx("location = /a { alias /srv/a/; }").is_empty());
    }

    #[test]
    fn a_server_that_only_offers_files() {
        let site = "server {\n  root /srv;\n  autoindex on;\n}\n";
        assert!(found("nginx:1.28", "/etc/nginx/conf.d/default.conf", site).is_empty());
    }

    #[test]
    fn apache_and_caddy() {
        for options in ["Options +Indexes +FollowSymLinks", "Options Indexes FollowSymLinks", "Options Indexes"] {
            let site = format!(
                "<VirtualHost *:80>\nDocumentRoot /srv\n<Directory /srv>\n{options}\nRequire all granted\n</Directory>\n</VirtualHost>\n"
            );
            assert_eq!(
                found("php:8.4-apache", "/etc/apache2/sites-enabled/000-default.conf", &site),
                ["medium 1"],
                "{options}"
            );
        }
        for server in ["file_server browse", "file_server {\n\t\tbrowse\n\t\thide .git\n\t}"] {
            let site = format!(":80 {{\n\troot * /srv\n\tphp_fastcgi app:9000\n\t{server}\n}}\n");
            assert_eq!(found("caddy:2.11", "/etc/caddy/Caddyfile", &site), ["medium 1"], "{server}");
        }
    }

    #[test]
    fn what_an_image_brings_along() {
        let httpd = "services:\n  web:\n    image: httpd:2.4\n";
        assert!(findings(RULE, &[("compose.yaml", httpd)]).is_empty());
    }
}

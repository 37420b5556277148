//! `web-server/dotfiles-served`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::web::{Server, Software};
use crate::project::{PlacedFile, Project, ServiceRef, Web, WebSource};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// A server of nginx, Apache or Caddy that sends the file when somebody asks for `/.env` or `/.git/config`: no rule keeps back
    /// names that begin with a dot.
    ///
    /// # Why it matters
    /// Scanners ask every address for these two files all day. `.env` holds the application's key and the database's password,
    /// `.git` gives away the source with its history. None of the servers keeps them back by itself: Apache hides `.ht*` only, nginx
    /// and Caddy nothing.
    ///
    /// It is *high* when the folder that is served is known to hold such a file, or is the application's own folder. Otherwise it
    /// is *low*: nothing is lost today, and everything on the day somebody copies a file too many. An image's own configuration is
    /// reported only in the first case.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes:
    ///       - ./site.conf:/etc/nginx/conf.d/default.conf:ro
    ///       - ./public:/srv/public:ro
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     listen 80;
    ///     root /srv/public;
    ///     location / {
    ///         try_files $uri $uri/ =404;
    ///     }
    /// }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes:
    ///       - ./site.conf:/etc/nginx/conf.d/default.conf:ro
    ///       - ./public:/srv/public:ro
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     listen 80;
    ///     root /srv/public;
    ///     location ~ /\.(?!well-known) {
    ///         deny all;
    ///     }
    ///     location / {
    ///         try_files $uri $uri/ =404;
    ///     }
    /// }
    /// ```
    ///
    /// # How to fix
    /// nginx: `location ~ /\.(?!well-known) { deny all; }` in front of the other locations. Apache:
    /// `RedirectMatch 404 "/\.(?!well-known)"`. Caddy: a matcher with `path */.*` that is answered with 404. Leave `.well-known`
    /// open: certificates are renewed through it. And keep such files out of the image.
    ///
    /// # References
    /// CWE-538, CWE-552, Laravel documentation "Deployment: Nginx".
    id: "web-server/dotfiles-served",
    title: "Web server sends files such as .env and .git",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Scanners ask every address for /.env and /.git/config. They hold passwords, keys and the source with its history, and no web server keeps them back by itself.",
    help: "Refuse every path with a part that begins with a dot, except `.well-known`.",
    references: ["CWE-538", "CWE-552", "OWASP WSTG-CONF-04", "Laravel documentation, Deployment: Nginx"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server().filter(|web| web.is_whole()) else { continue };
        for server in web.own_servers().take(32).filter(|server| server.root.is_some()) {
            if web.answer(server, "/.env").sends_file("/.env") == Some(true) {
                judge(service, web, server, out);
            }
        }
    }
}

fn judge(service: ServiceRef<'_, '_>, web: &Web, server: &Server, out: &mut Findings) {
    let evidence = dotfile(service, web, server);
    if evidence.is_none() && web.source == WebSource::ImageDefault {
        return;
    }
    let message = format!("{} in `{}` sends files such as /.env and /.git/config", web.software.as_str(), service.name);
    let draft = Draft::new(server.at, message).on(service);
    let draft = match evidence {
        Some((at, label)) => draft.because(at, label),
        None => draft.severity(Severity::Low),
    };
    out.report(draft.fix(refuse(service, web, server)));
}

/// A file with a dot that the server sends, or what shows that the folder is the application's own.
fn dotfile(service: ServiceRef<'_, '_>, web: &Web, server: &Server) -> Option<(Location, String)> {
    if let Some(served) = service.served_application(server).filter(|served| served.beside_server) {
        return Some((served.at, "the application's whole folder is served, `.env` too".to_owned()));
    }
    let sent = |file: &PlacedFile| {
        let path = format!("/{}", file.below);
        is_private(&file.below) && web.answer(server, &path).sends_file(&path) == Some(true)
    };
    let root = server.root.as_ref().filter(|root| root.is_known() && root.text.starts_with('/'))?;
    let file = service.files_in_container(&root.text).into_iter().find(sent)?;
    Some((file.at, format!("puts `{}` into the folder that is served", crate::text::shorten(&file.below, 60))))
}

/// What holds secrets or the source; `.gitignore`, `.editorconfig` and alike do not.
fn is_private(below: &str) -> bool {
    const PRIVATE: [&str; 11] =
        [".git", ".svn", ".hg", ".ssh", ".aws", ".docker", ".htpasswd", ".npmrc", ".netrc", ".pgpass", ".my.cnf"];
    const TEMPLATES: [&str; 4] = [".env.example", ".env.dist", ".env.sample", ".env.template"];
    let environment = |part: &str| part.starts_with(".env") && !TEMPLATES.contains(&part);
    below.split('/').any(|part| PRIVATE.contains(&part) || environment(part))
}

fn refuse(service: ServiceRef<'_, '_>, web: &Web, server: &Server) -> Option<Fix> {
    let grouped = ["handle", "handle_path", "route"];
    let lines: &[&str] = match web.software {
        Software::Nginx => &["location ~ /\\.(?!well-known) {", "\tdeny all;", "}"],
        Software::Apache => &["RedirectMatch 404 \"/\\.(?!well-known)\""],
        Software::Caddy if web.tree.children(server.node).any(|(_, child)| grouped.contains(&child.name.as_str())) => {
            &[
                "@dotfiles {",
                "\tpath */.*",
                "\tnot path /.well-known/*",
                "}",
                "handle @dotfiles {",
                "\trespond 404",
                "}",
            ]
        }
        Software::Caddy => &["@dotfiles {", "\tpath */.*", "\tnot path /.well-known/*", "}", "respond @dotfiles 404"],
    };
    service.project().insert_directive(Safety::Safe, "Refuse names that begin with a dot", web, server.node, lines)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "web-server/dotfiles-served";

    fn nginx(site: &str) -> Vec<String> {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\", \"./public:/srv:ro\"]\n";
        severities(&[("compose.yaml", compose), ("site.conf", site)])
    }

    fn caddy(site: &str) -> Vec<String> {
        let compose =
            "services:\n  web:\n    image: caddy:2.11\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile:ro\"]\n";
        severities(&[("compose.yaml", compose), ("Caddyfile", site)])
    }

    fn severities(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn what_denies_them() {
        for rule in ["location ~ /\\. { deny all; }", "location ~ /\\.(?!well-known).* { return 404; }"] {
            assert!(nginx(&format!("server {{\n  root /srv;\n  {rule}\n}}\n")).is_empty(), "{rule}");
        }
        assert_eq!(nginx("server {\n  root /srv;\n}\n"), ["low"]);
        assert_eq!(nginx("server { root /srv; location / { try_files $uri =404; } }\n"), ["low"]);
    }

    #[test]
    fn a_server_that_serves_no_files() {
        assert!(nginx("server {\n  root /srv;\n  return 301 https://$host$request_uri;\n}\n").is_empty());
        assert!(nginx("server {\n  location / { proxy_pass http://app:8080; }\n}\n").is_empty());
    }

    #[test]
    fn an_include_that_was_not_supplied_may_deny_them() {
        assert!(nginx("server {\n  root /srv;\n  include /etc/nginx/snippets/deny.conf;\n}\n").is_empty());
    }

    #[test]
    fn a_dotfile_in_the_folder() {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\", \"./public:/srv:ro\"]\n";
        let files = [
            ("compose.yaml", compose),
            ("site.conf", "server {\n  root /srv;\n}\n"),
            ("public/.env.production", "A=1\n"),
        ];
        assert_eq!(severities(&files), ["high"]);
        let files = [
            ("compose.yaml", compose),
            ("site.conf", "server {\n  root /srv;\n}\n"),
            ("public/.gitignore", "*\n"),
            ("public/.env.example", "A=\n"),
            ("public/.well-known/security.txt", "x"),
        ];
        assert_eq!(severities(&files), ["low"]);
    }

    #[test]
    fn caddy_with_and_without_groups() {
        assert_eq!(caddy(":80 {\n\troot * /srv\n\tfile_server\n}\n"), ["low"]);
        assert_eq!(caddy(":80 {\n\troot * /srv\n\thandle {\n\t\tfile_server\n\t}\n}\n"), ["low"]);
        assert!(caddy(":80 {\n\troot * /srv\n\tfile_server {\n\t\thide .*\n\t}\n}\n").is_empty());
    }

    #[test]
    fn apache_with_a_site_of_its_own() {
        let compose = "services:\n  web:\n    image: php:8.4-apache\n    volumes: [\"./site.conf:/etc/apache2/sites-enabled/000-default.conf\"]\n";
        let site = "<VirtualHost *:80>\n    DocumentRoot /var/www/html\n</VirtualHost>\n";
        assert_eq!(severities(&[("compose.yaml", compose), ("site.conf", site)]), ["low"]);
    }

    #[test]
    fn the_images_own_configuration() {
        clean(RULE, &[("compose.yaml", "services:\n  web:\n    image: nginx:1.28\n")]);
        let files = [
            ("compose.yaml", "services:\n  web:\n    build: .\n"),
            ("Dockerfile", "FROM php:8.4-apache\nCOPY . /var/www/html/\n"),
            (".env", "A=1\n"),
        ];
        assert_eq!(severities(&files), ["high"]);
    }
}

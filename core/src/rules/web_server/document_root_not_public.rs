//! `web-server/document-root-not-public`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::web::{Server, Software};
use crate::project::{Project, ServedApplication, ServiceRef, Web, WebSource};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A web server whose document root is the folder of an application that has a folder of its own for this: `public` of Laravel
    /// and Symfony, `web` of Drupal and Craft, `webroot` of CakePHP, `pub` of Magento. The files that are copied or mounted, or
    /// else the working directory of the image, tell where the application lies.
    ///
    /// # Why it matters
    /// Everything in the project can then be asked for by its path: `.env`, `composer.lock`, `storage/logs/laravel.log`, the
    /// repository, scripts in `vendor/` that were never meant to run by themselves. That a rewrite sends pages to
    /// `public/index.php` changes nothing, since files that exist are sent before.
    ///
    /// Where rules refuse or rewrite those paths it is *high*: one forgotten path is enough. WordPress, Joomla and Nextcloud are
    /// served from their own folder and are not reported, nor are old releases of Drupal and TYPO3 without a public folder.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-apache
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . /var/www/html/
    /// ```
    /// ```json file:composer.json
    /// {"require": {"laravel/framework": "^12.0"}}
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-apache
    /// ENV APACHE_DOCUMENT_ROOT=/var/www/html/public
    /// RUN sed -ri -e 's!/var/www/html!${APACHE_DOCUMENT_ROOT}!g' /etc/apache2/sites-available/*.conf
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . /var/www/html/
    /// ```
    /// ```json file:composer.json
    /// {"require": {"laravel/framework": "^12.0"}}
    /// ```
    ///
    /// # How to fix
    /// Point `root`, `DocumentRoot` or Caddy's `root` at the public folder. In the image of PHP with Apache, set
    /// `APACHE_DOCUMENT_ROOT` and let `sed` put it into the site, as the image's documentation shows.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet "doc_root", CWE-538, CWE-552, Laravel documentation "Deployment: Nginx", Symfony
    /// documentation "Configuring a web server".
    id: "web-server/document-root-not-public",
    title: "Document root is the whole application",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Everything in the project can be asked for by its path: .env, logs, the lock file, the repository, scripts in vendor/.",
    help: "Point the document root at the application's public folder.",
    references: ["OWASP PHP Configuration Cheat Sheet", "CWE-538", "CWE-552", "Laravel documentation, Deployment: Nginx", "Symfony documentation, Configuring a web server"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server().filter(|web| web.source != WebSource::Unseen) else { continue };
        for server in web.own_servers().take(32) {
            if let (Some(served), Some(root)) = (service.served_application(server), server.root.as_ref()) {
                if !serves_anything(web, server) {
                    continue;
                }
                let name = served.app.framework.map_or("the application", |framework| framework.name());
                let message = format!(
                    "{} in `{}` serves the whole folder of {name} instead of {}",
                    web.software.as_str(),
                    service.name,
                    served.public
                );
                let sure = served.seen && served.beside_server;
                let evidence =
                    if served.seen { "puts the application there" } else { "the application is built into this image" };
                out.report(
                    Draft::new(root.at, message)
                        .on(service)
                        .severity(severity(web, server, &served))
                        .confidence(if sure { Confidence::High } else { Confidence::Medium })
                        .because(served.at, evidence)
                        .help(format!("Serve {} instead.", served.public))
                        .fix(fix(service, web, server, &served)),
                );
            }
        }
    }
}

/// A server that only sends people elsewhere, or hands everything on, serves no folder.
fn serves_anything(web: &Web, server: &Server) -> bool {
    ["/zz.css", "/index.php"].iter().any(|path| {
        let answer = web.answer(server, path);
        answer.sends_file(path) != Some(false) || answer.runs_script(path) == Some(true)
    })
}

fn severity(web: &Web, server: &Server, served: &ServedApplication) -> Severity {
    const PRIVATE: [&str; 3] = ["/.env", "/composer.lock", "/storage/logs/laravel.log"];
    let sent = PRIVATE.iter().any(|path| web.answer(server, path).sends_file(path) == Some(true));
    if sent && web.is_whole() && served.beside_server { Severity::Critical } else { Severity::High }
}

fn fix(service: ServiceRef<'_, '_>, web: &Web, server: &Server, served: &ServedApplication) -> Option<Fix> {
    let (project, root) = (service.project(), server.root.as_ref()?);
    let title = "Serve the public folder";
    if web.source == WebSource::ImageDefault && web.software == Software::Apache {
        let lines = format!(
            "ENV APACHE_DOCUMENT_ROOT={}\nRUN sed -ri -e 's!/var/www/html!${{APACHE_DOCUMENT_ROOT}}!g' /etc/apache2/sites-available/*.conf",
            served.public
        );
        let from = service.image_use.at.filter(|at| project.dockerfile(at.source).is_some())?;
        return project.insert_instruction(Safety::Suggested, title, from, &lines);
    }
    let plain = project.slice(root.at).trim_end_matches('/') == root.text.trim_end_matches('/');
    plain.then(|| project.replace_in_web(Safety::Suggested, title, web, root.at, &served.public)).flatten()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/document-root-not-public";
    const LARAVEL: &str = "{\"require\": {\"laravel/framework\": \"^12.0\"}}";

    fn nginx(site: &str, more: &[(&str, &str)]) -> Vec<String> {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\", \"./:/var/www/html:ro\"]\n  app:\n    image: php:8.4-fpm\n    volumes: [\"./:/var/www/html\"]\n";
        let mut files = vec![("compose.yaml", compose), ("site.conf", site)];
        files.extend(more);
        said(&files)
    }

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files)
            .into_iter()
            .map(|finding| format!("{} {} {}", finding.severity, finding.confidence.as_str(), finding.fixes.len()))
            .collect()
    }

    fn site(root: &str, more: &str) -> String {
        format!(
            "server {{\n  root {root};\n  {more}\n  location / {{ try_files $uri $uri/ /public/index.php?$query_string; }}\n  location ~ \\.php$ {{ fastcgi_pass app:9000; }}\n}}\n"
        )
    }

    #[test]
    fn the_root_of_the_project() {
        let laravel = [("composer.json", LARAVEL)];
        assert_eq!(nginx(&site("/var/www/html", ""), &laravel), ["critical high 1"]);
        assert_eq!(nginx(&site("/var/www/html/", ""), &laravel), ["critical high 1"]);
        assert!(nginx(&site("/var/www/html/public", ""), &laravel).is_empty());
        assert!(nginx(&site("/srv/other", ""), &laravel).is_empty());
    }

    #[test]
    fn rules_that_keep_the_rest_back() {
        let denied = "location ~ /\\. { deny all; }\n  location ~ ^/(composer|storage|vendor) { deny all; }";
        assert_eq!(nginx(&site("/var/www/html", denied), &[("composer.json", LARAVEL)]), ["high high 1"]);
    }

    #[test]
    fn applications_that_are_served_from_their_folder() {
        assert!(nginx(&site("/var/www/html", ""), &[("wp-config.php", "<?php")]).is_empty());
        let drupal = "{\"require\": {\"drupal/core\": \"^7\"}}";
        assert!(nginx(&site("/var/www/html", ""), &[("composer.json", drupal)]).is_empty());
        assert_eq!(
            nginx(&site("/var/www/html", ""), &[("composer.json", drupal), ("web/index.php", "<?php")]),
            ["critical high 1"]
        );
    }

    #[test]
    fn a_server_that_only_redirects() {
        let redirect = "server {\n  root /var/www/html;\n  return 301 https://$host$request_uri;\n}\n";
        assert!(nginx(redirect, &[("composer.json", LARAVEL)]).is_empty());
    }

    #[test]
    fn caddy_and_the_working_directory() {
        let files = [
            ("compose.yaml", "services:\n  web:\n    build: .\n"),
            (
                "Dockerfile",
                "FROM dunglas/frankenphp:1.9\nWORKDIR /app\nCOPY --from=x /a /app\nCOPY Caddyfile /etc/frankenphp/Caddyfile\n",
            ),
            ("Caddyfile", "{\n\tfrankenphp\n}\n:80 {\n\troot * /app\n\tphp_server\n}\n"),
            ("composer.json", LARAVEL),
        ];
        assert_eq!(said(&files), ["critical medium 1"]);
    }
}

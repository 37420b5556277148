//! `web-server/php-executes-in-upload-directory`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::web::{Server, Software};
use crate::project::{Project, ServiceRef, UploadFolder, Web};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A web server that runs PHP scripts in a folder visitors upload to: a writable volume below the document root that is called
    /// `uploads`, `files`, `media` or alike, such a folder that the build makes writable for everybody, or the folder in which
    /// WordPress or Drupal keeps uploads.
    ///
    /// # Why it matters
    /// An upload form that lets one file too many through is then enough: `shell.php` is stored, asked for by its address, and
    /// runs with everything the application may do. A folder that only sends files turns the same hole into a nuisance.
    /// `noexec` on the volume does not help: PHP reads the script, the kernel executes nothing.
    ///
    /// A folder that only the application's habit makes writable, and nothing in the project, is *high*. Behind Apache, Drupal
    /// protects its folder itself.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes:
    ///       - ./site.conf:/etc/nginx/conf.d/default.conf:ro
    ///       - uploads:/srv/public/uploads:ro
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     volumes: ["uploads:/srv/public/uploads"]
    /// volumes:
    ///   uploads:
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     root /srv/public;
    ///     location ~ \.php$ {
    ///         try_files $uri =404;
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
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
    ///     volumes:
    ///       - ./site.conf:/etc/nginx/conf.d/default.conf:ro
    ///       - uploads:/srv/public/uploads:ro
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///     volumes: ["uploads:/srv/public/uploads"]
    /// volumes:
    ///   uploads:
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     root /srv/public;
    ///     location ~* ^/uploads/.*\.(?:php|phtml|phar)$ {
    ///         deny all;
    ///     }
    ///     location ~ \.php$ {
    ///         try_files $uri =404;
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass app:9000;
    ///     }
    /// }
    /// ```
    ///
    /// # How to fix
    /// Refuse scripts below the folder, in front of the location that runs PHP; better, keep uploads outside of the document root,
    /// or let only the front controller run.
    ///
    /// # References
    /// OWASP File Upload Cheat Sheet, CWE-434, WordPress documentation "Hardening WordPress".
    id: "web-server/php-executes-in-upload-directory",
    title: "PHP runs in a folder that visitors upload to",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "One upload that should not have been let through becomes a script that runs with everything the application may do.",
    help: "Refuse scripts below the folder, in front of the location that runs PHP, or keep uploads outside of the document root.",
    references: ["OWASP File Upload Cheat Sheet", "CWE-434", "WordPress documentation, Hardening WordPress"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server().filter(|web| web.is_whole()) else { continue };
        for server in web.own_servers().take(32) {
            let Some(root) = server.root.as_ref().filter(|root| root.is_known()) else { continue };
            let runs = |folder: &UploadFolder| {
                let script = format!("{}/x.php", folder.path);
                web.answer(server, &script).runs_script(&script) == Some(true)
            };
            let folders: Vec<UploadFolder> = service.upload_folders(&root.text).into_iter().filter(runs).collect();
            if let Some(draft) = executes(service, web, server, &folders) {
                out.report(draft);
            }
        }
    }
}

fn executes(service: ServiceRef<'_, '_>, web: &Web, server: &Server, folders: &[UploadFolder]) -> Option<Draft> {
    let first = folders.first()?;
    let answer = web.answer(server, &format!("{}/x.php", first.path));
    let names = folders.iter().map(|folder| folder.path.as_str()).collect::<Vec<_>>().join(", ");
    let message = format!(
        "{} in `{}` runs PHP scripts below {}, where visitors upload",
        web.software.as_str(),
        service.name,
        crate::text::shorten(&names, 80)
    );
    let explicit = folders.iter().any(|folder| folder.explicit);
    let draft = Draft::new(web.block_of(&answer).at, message)
        .on(service)
        .severity(if explicit { Severity::Critical } else { Severity::High })
        .confidence(Confidence::Medium)
        .fix(refuse(service, web, server, folders));
    Some(folders.iter().fold(draft, |draft, folder| draft.because(folder.at, folder.label.clone())))
}

fn refuse(service: ServiceRef<'_, '_>, web: &Web, server: &Server, folders: &[UploadFolder]) -> Option<Fix> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    if !folders.iter().all(|folder| folder.path.chars().all(plain)) {
        return None;
    }
    let escaped = folders.iter().map(|folder| folder.path.trim_start_matches('/').replace('.', "\\."));
    let expression = match escaped.collect::<Vec<_>>().as_slice() {
        [one] => format!("^/{one}/.*\\.(?:php|phtml|phar)$"),
        all => format!("^/(?:{})/.*\\.(?:php|phtml|phar)$", all.join("|")),
    };
    let lines = match web.software {
        Software::Nginx => vec![format!("location ~* {expression} {{"), "\tdeny all;".to_owned(), "}".to_owned()],
        Software::Apache => vec![
            format!("<LocationMatch \"{expression}\">"),
            "\tRequire all denied".to_owned(),
            "</LocationMatch>".to_owned(),
        ],
        Software::Caddy => vec![
            format!("@scripts path_regexp {expression}"),
            "handle @scripts {".to_owned(),
            "\terror 403".to_owned(),
            "}".to_owned(),
        ],
    };
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let title = "Refuse scripts where visitors upload";
    service.project().insert_directive(Safety::Suggested, title, web, server.node, &lines)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/php-executes-in-upload-directory";
    const RUNS: &str = "location ~ \\.php$ { try_files $uri =404; fastcgi_pass app:9000; }";

    fn said(app: &str, volumes: &str, locations: &str) -> Vec<String> {
        let compose = format!(
            "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: {app}\n    volumes: [{volumes}]\nvolumes:\n  v:\n"
        );
        let site = format!("server {{\n  root /srv;\n  {locations}\n}}\n");
        findings(RULE, &[("compose.yaml", &compose), ("site.conf", &site)])
            .into_iter()
            .map(|finding| format!("{} {}", finding.severity, finding.fixes.len()))
            .collect()
    }

    #[test]
    fn volumes_below_the_document_root() {
        for target in ["/srv/uploads", "/srv/sites/default/files", "/srv/pub/media"] {
            assert_eq!(said("php:8.4-fpm", &format!("\"v:{target}\""), RUNS), ["critical 1"], "{target}");
        }
        for volume in ["\"v:/srv/uploads:ro\"", "\"v:/data/uploads\"", "\"v:/srv/code\"", ""] {
            assert!(said("php:8.4-fpm", volume, RUNS).is_empty(), "{volume}");
        }
    }

    #[test]
    fn what_keeps_scripts_from_running() {
        for location in [
            "location ~* ^/uploads/.*\\.php$ { deny all; }",
            "location ^~ /uploads/ { }",
            "location ~ ^/index\\.php(/|$) { fastcgi_pass app:9000; }\n  location ~ \\.php$ { return 404; }",
        ] {
            assert!(
                said("php:8.4-fpm", "\"v:/srv/uploads\"", &format!("{location}\n  {RUNS}")).is_empty(),
                "{location}"
            );
        }
    }

    #[test]
    fn the_habit_of_wordpress() {
        assert_eq!(said("wordpress:6.9-fpm", "", RUNS), ["high 1"]);
    }

    #[test]
    fn drupal_protects_its_folder_behind_apache() {
        let compose = "services:\n  web:\n    image: drupal:11-apache\n    volumes: [\"v:/var/www/html/sites/default/files\"]\nvolumes:\n  v:\n";
        assert!(findings(RULE, &[("compose.yaml", compose)]).is_empty());
        assert_eq!(said("drupal:11-fpm", "", RUNS), ["high 1"]);
    }

    #[test]
    fn caddy_refuses_too() {
        let compose = "services:\n  web:\n    image: dunglas/frankenphp:1.9\n    volumes: [\"./Caddyfile:/etc/frankenphp/Caddyfile:ro\", \"v:/app/public/uploads\"]\nvolumes:\n  v:\n";
        let caddy = |more: &str| format!(":80 {{\n\troot * /app/public\n{more}\tphp_server\n}}\n");
        let found = findings(RULE, &[("compose.yaml", compose), ("Caddyfile", &caddy(""))]);
        assert_eq!((found.len(), found[0].fixes.len()), (1, 1));
        let denied = caddy("\t@up path /uploads/*.php\n\terror @up 403\n");
        assert!(findings(RULE, &[("compose.yaml", compose), ("Caddyfile", &denied)]).is_empty());
    }
}

//! `web-server/apache-override-or-handler-risk`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::web::Directive;
use crate::project::{Framework, Project, ServiceRef, Web};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// An Apache that leaves too much to names and files: `AddHandler` for PHP, or `AddType` for an extension that is not PHP's;
    /// `.htaccess` files that count (`AllowOverride All`) in a folder somebody can write to; `Require all granted` for `/`; modules
    /// such as `info`, `userdir` and `cgi` that the build switches on.
    ///
    /// # Why it matters
    /// `AddHandler` looks at every part of a name: `shell.php.jpg` is run although it ends in `.jpg`, and with `.html` among the
    /// types every uploaded page runs: *high*. Whoever writes one `.htaccess` into a volume below the document root turns any
    /// extension into PHP and lifts every other rule. The official image sets `AllowOverride All` for `/var/www/`.
    ///
    /// `<FilesMatch "\.php$">` with `SetHandler` is what the image does, and is fine. WordPress needs overrides for its addresses
    /// unless they stand in the site: *low*. Modules are *low*.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: php:8.4-apache
    ///     volumes: ["./site.conf:/etc/apache2/sites-enabled/000-default.conf:ro"]
    /// ```
    /// ```apache file:site.conf
    /// <VirtualHost *:80>
    ///     DocumentRoot /var/www/html/public
    ///     AddHandler application/x-httpd-php .php .phtml
    /// </VirtualHost>
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: php:8.4-apache
    ///     volumes: ["./site.conf:/etc/apache2/sites-enabled/000-default.conf:ro"]
    /// ```
    /// ```apache file:site.conf
    /// <VirtualHost *:80>
    ///     DocumentRoot /var/www/html/public
    ///     <FilesMatch "\.php$">
    ///         SetHandler application/x-httpd-php
    ///     </FilesMatch>
    /// </VirtualHost>
    /// ```
    ///
    /// # How to fix
    /// Choose scripts by the end of their name with `FilesMatch`. Set `AllowOverride None` and put the rules into the virtual host;
    /// at least set it for the folders that are written to.
    ///
    /// # References
    /// CWE-434, CWE-732, Apache documentation of mod_mime "Files with multiple extensions", the PHP image's `docker-php.conf`.
    id: "web-server/apache-override-or-handler-risk",
    title: "Apache lets names or .htaccess files decide what runs",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "AddHandler runs shell.php.jpg, and one .htaccess in a folder that can be written to turns any file into a script.",
    help: "Choose scripts with `<FilesMatch \"\\.php$\">`, and set `AllowOverride None` where files are written.",
    references: ["CWE-434", "CWE-732", "Apache documentation, mod_mime, Files with multiple extensions", "Docker Official Image php, docker-php.conf"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server() else { continue };
        for handler in web.loose_php_handlers() {
            let message = format!(
                "Apache in `{}` runs PHP by any part of a file's name, or for other files than scripts",
                service.name
            );
            let draft = Draft::new(handler.at, message).on(service).severity(Severity::High);
            out.report(draft.fix(by_the_end(service, web, handler)));
        }
        if let Some(draft) = overridden(service) {
            out.report(draft);
        }
        if let Some(require) = web.grants_everything() {
            let message = format!("Apache in `{}` lets requests reach the whole file system", service.name);
            let fix = require.args.get(1).and_then(|granted| {
                project.replace_in_web(Safety::Suggested, "Deny the root of the file system", web, granted.at, "denied")
            });
            out.report(Draft::new(require.at, message).on(service).fix(fix));
        }
        for (module, what, at) in web.risky_modules() {
            let message = format!("Apache in `{}` has the module {module}, which {what}", service.name);
            out.report(Draft::new(at, message).on(service).severity(Severity::Low).aspect(module));
        }
    }
}

fn by_the_end(service: ServiceRef<'_, '_>, web: &Web, handler: &Directive) -> Option<Fix> {
    let set = format!("\tSetHandler {}", handler.arg(0)?);
    let lines = ["<FilesMatch \"\\.php$\">", set.as_str(), "</FilesMatch>"];
    let title = "Choose scripts by the end of their name";
    service.project().replace_directive(Safety::Suggested, title, web, handler, &lines)
}

fn overridden(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let (of_image, at, folder) = service.override_in_writable_folder()?;
    let image = service.image_use.reference.as_ref().map_or("", |image| image.path.as_str());
    let needs_it = image == "wordpress"
        || service.php_application().is_some_and(|app| app.framework == Some(Framework::WordPress));
    let message = format!(
        "a .htaccess that somebody writes below {} of `{}` decides what Apache runs there",
        folder.path, service.name
    );
    let draft = Draft::new(at, message)
        .on(service)
        .severity(if needs_it { Severity::Low } else { Severity::Medium })
        .confidence(Confidence::Medium)
        .aspect("override")
        .because(folder.at, folder.label);
    let help =
        "Set `AllowOverride None` for this folder in a site of your own; the image allows everything below /var/www/.";
    Some(if of_image.is_empty() { draft } else { draft.help(help) })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/apache-override-or-handler-risk";

    fn said(image: &str, volumes: &str, site: &str) -> Vec<String> {
        let compose = format!(
            "services:\n  web:\n    image: {image}\n    volumes: [\"./site.conf:/etc/apache2/sites-enabled/000-default.conf:ro\"{volumes}]\nvolumes:\n  v:\n"
        );
        let site = format!("<VirtualHost *:80>\n    DocumentRoot /var/www/html\n{site}</VirtualHost>\n");
        findings(RULE, &[("compose.yaml", &compose), ("site.conf", &site)])
            .into_iter()
            .map(|finding| format!("{} {}", finding.severity, finding.fixes.len()))
            .collect()
    }

    #[test]
    fn handlers() {
        assert_eq!(said("php:8.4-apache", "", "    AddHandler application/x-httpd-php .php\n"), ["high 1"]);
        assert_eq!(said("php:8.4-apache", "", "    AddType application/x-httpd-php .php .html\n"), ["high 1"]);
        for fine in ["AddType application/x-httpd-php .php", "AddHandler cgi-script .cgi", "AddType image/webp .webp"] {
            assert!(said("php:8.4-apache", "", &format!("    {fine}\n")).is_empty(), "{fine}");
        }
    }

    #[test]
    fn overrides_where_somebody_writes() {
        assert_eq!(said("php:8.4-apache", ", \"v:/var/www/html/uploads\"", ""), ["medium 0"]);
        assert_eq!(said("wordpress:6.9-apache", ", \"v:/var/www/html\"", ""), ["low 0"]);
        assert!(said("php:8.4-apache", ", \"v:/var/www/html/uploads:ro\"", "").is_empty());
        assert!(said("php:8.4-apache", ", \"v:/data\"", "").is_empty());
        let none = "    <Directory /var/www/html/uploads>\n        AllowOverride None\n    </Directory>\n";
        assert!(said("php:8.4-apache", ", \"v:/var/www/html/uploads\"", none).is_empty());
    }

    #[test]
    fn the_root_of_the_file_system() {
        let granted = "    <Directory />\n        Require all granted\n    </Directory>\n";
        assert_eq!(said("php:8.4-apache", "", granted), ["medium 1"]);
        assert!(said("php:8.4-apache", "", &granted.replace("granted", "denied")).is_empty());
    }

    #[test]
    fn modules() {
        let files = |module: &str| format!("FROM php:8.4-apache\nRUN a2enmod {module}\n");
        assert_eq!(findings(RULE, &[("Dockerfile", &files("info"))])[0].severity.as_str(), "low");
        assert!(findings(RULE, &[("Dockerfile", &files("rewrite"))]).is_empty());
    }
}

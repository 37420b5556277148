//! `web-server/sensitive-files-in-document-root`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{ExposedFile, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use std::collections::BTreeMap;

declare_rule! {
    /// # What it finds
    /// Files below the document root that nobody means to publish, and that the web server sends or runs: database dumps, archives
    /// and backup copies, a repository, private keys, `phpinfo()` pages, database clients in one file, logs, the list of packages
    /// or the Dockerfile at the top. A path that the configuration refuses is not reported, and neither is `vendor/`.
    ///
    /// # Why it matters
    /// `dump.sql`, `backup.zip`, `adminer.php` and `info.php` are on every scanner's list. A dump is the database, `phpinfo()`
    /// prints the environment with its passwords, and `config.php.bak` is sent as text because it does not end in `.php`.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     build: .
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-apache
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY public/ /var/www/html/
    /// ```
    /// ```php file:public/info.php
    /// <?php phpinfo();
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     build: .
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-apache
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY public/ /var/www/html/
    /// ```
    /// ```php file:public/index.php
    /// <?php require '../vendor/autoload.php';
    /// ```
    ///
    /// # How to fix
    /// Delete the file, name it in `.dockerignore`, and look into the access log whether somebody has fetched it. What a dump or a
    /// copy of the configuration held is no secret any more.
    ///
    /// # References
    /// CWE-538, CWE-552, CWE-530, OWASP WSTG-CONF-04.
    id: "web-server/sensitive-files-in-document-root",
    title: "Files that nobody means to publish are served",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Dumps, backups, phpinfo() pages and database clients are on every scanner's list: they give away the data, the passwords, or a way in.",
    help: "Delete the files or name them in .dockerignore, and keep the document root to what visitors may have.",
    references: ["CWE-538", "CWE-552", "CWE-530", "OWASP WSTG-CONF-04"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let mut by_place: BTreeMap<Location, Vec<ExposedFile>> = BTreeMap::new();
        for exposed in service.exposed_files() {
            by_place.entry(exposed.file.at).or_default().push(exposed);
        }
        for (at, files) in by_place {
            out.report(exposed(service, at, &files));
        }
    }
}

/// One finding for what one mount or one `COPY` puts there.
fn exposed(service: ServiceRef<'_, '_>, at: Location, files: &[ExposedFile]) -> Draft {
    const SHOWN: usize = 4;
    let named = |file: &ExposedFile| format!("{} ({})", crate::text::shorten(&file.file.below, 60), file.what);
    let mut names = files.iter().take(SHOWN).map(named).collect::<Vec<_>>().join(", ");
    if files.len() > SHOWN {
        names.push_str(&format!(" and {} more", files.len() - SHOWN));
    }
    let severity = files.iter().map(|file| file.severity).max().unwrap_or(Severity::High);
    let message = format!("the web server of `{}` gives away {names}", service.name);
    let draft = Draft::new(at, message).on(service).severity(severity);
    match files.first() {
        Some(file) => draft.because(file.served_by, "this answers requests for it"),
        None => draft,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/sensitive-files-in-document-root";
    const COMPOSE: &str = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\", \"./src:/srv:ro\"]\n";

    fn said(file: &str, rules: &str) -> Vec<String> {
        let site = format!("server {{\n  root /srv/public;\n  {rules}\n}}\n");
        findings(RULE, &[("compose.yaml", COMPOSE), ("site.conf", &site), (file, "<?php phpinfo();")])
            .into_iter()
            .map(|finding| finding.severity.to_string())
            .collect()
    }

    #[test]
    fn what_is_on_every_list() {
        for (file, want) in [
            ("src/public/dump.sql", "high"),
            ("src/public/backup.tar.gz", "high"),
            ("src/public/config.php.bak", "high"),
            ("src/public/.git/config", "high"),
            ("src/public/test.php", "high"),
            ("src/public/composer.json", "medium"),
            ("src/public/.DS_Store", "low"),
        ] {
            assert_eq!(said(file, ""), [want], "{file}");
        }
    }

    #[test]
    fn what_is_not_served() {
        for file in [
            "src/dump.sql",
            "src/composer.json",
            "src/public/app.js.gz",
            "src/public/vendor/a/b.sql",
            "src/public/wp-admin/install.php",
        ] {
            let text = if file.ends_with(".php") { "location ~ \\.php$ { return 404; }" } else { "" };
            assert!(said(file, text).is_empty(), "{file}");
        }
        assert!(said("src/public/dump.sql", "location ~ \\.sql$ { deny all; }").is_empty());
        assert!(said("src/public/.git/config", "location ~ /\\. { deny all; }").is_empty());
    }

    #[test]
    fn a_file_that_is_named_and_was_not_supplied() {
        let found = findings(RULE, &[("Dockerfile", "FROM wordpress:6.9-apache\nCOPY dump.sql /var/www/html/\n")]);
        assert_eq!((found.len(), found[0].severity.as_str()), (1, "high"));
    }

    #[test]
    fn several_of_one_mount_are_one_finding() {
        let site = "server {\n  root /srv;\n}\n";
        let files = [
            ("compose.yaml", COMPOSE),
            ("site.conf", site),
            ("src/a.sql", "x"),
            ("src/b.zip", "x"),
            ("src/composer.lock", "{}"),
        ];
        let found = findings(RULE, &files);
        assert_eq!((found.len(), found[0].severity.as_str()), (1, "high"));
    }
}

//! `php/fpm-limit-extensions-cleared`

use crate::declare_rule;
use crate::fix::Safety;
use crate::project::{FpmPool, Project, ServiceRef, SettingSource};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A pool of PHP-FPM whose `security.limit_extensions` is empty, or names kinds of files that are no PHP: images,
    /// text, styles.
    ///
    /// # Why it matters
    /// This list is the last check before a file is executed. With `cgi.fix_pathinfo` a request for
    /// `/uploads/photo.jpg/x.php` asks FPM to run `photo.jpg`; with the default list FPM refuses, with this one it runs
    /// what somebody uploaded as a picture.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY pool.conf /usr/local/etc/php-fpm.d/zzz-app.conf
    /// ```
    /// ```ini file:pool.conf
    /// [www]
    /// security.limit_extensions =
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY pool.conf /usr/local/etc/php-fpm.d/zzz-app.conf
    /// ```
    /// ```ini file:pool.conf
    /// [www]
    /// security.limit_extensions = .php
    /// ```
    ///
    /// # How to fix
    /// Set it to `.php`. Where an old site needs PHP in pages with another ending, give these pages a pool of their
    /// own.
    ///
    /// # References
    /// CWE-434, CWE-552, PHP manual "security.limit_extensions".
    id: "php/fpm-limit-extensions-cleared",
    title: "PHP-FPM executes files that are no PHP",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "The list of endings is the last check before a file is executed; without it an uploaded picture runs as PHP.",
    help: "Set security.limit_extensions to .php.",
    references: ["CWE-434", "CWE-552", "PHP manual, security.limit_extensions"],
}

/// Endings of files that people upload or that hold no code.
const HARMFUL: [&str; 17] = [
    ".", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".ico", ".html", ".htm", ".txt", ".css", ".js", ".json",
    ".xml", ".pdf", ".log",
];

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_partly_known()) {
        service.fpm_pools().iter().filter_map(|pool| cleared(service, pool)).for_each(|draft| out.report(draft));
    }
}

fn cleared(service: ServiceRef<'_, '_>, pool: &FpmPool) -> Option<Draft> {
    const NAME: &str = "security.limit_extensions";
    let directive = pool.directive(NAME)?;
    let (at, value) = (directive.at?, directive.value.clone()?);
    let extensions = pool.limit_extensions()?;
    let harmful = extensions.iter().find(|extension| HARMFUL.contains(&extension.to_ascii_lowercase().as_str()));
    let what = match harmful {
        _ if extensions.is_empty() => "files of every kind".to_owned(),
        Some(extension) => format!("`{}` files", shorten(extension, 20)),
        None => return None,
    };
    let source = SettingSource { at, name: NAME.to_owned(), value };
    let fix = service.project().set_setting(Safety::Safe, "Execute `.php` files only", &source, ".php");
    Some(Draft::new(at, format!("PHP-FPM of `{}` executes {what}", service.name)).on(service).fix(fix))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/fpm-limit-extensions-cleared";
    const BUILD: &str = "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n";

    fn found(line: &str) -> usize {
        let pool = format!("[www]\n{line}\npm.max_children = 5\n");
        findings(RULE, &[("Dockerfile", BUILD), ("pool.conf", &pool)]).len()
    }

    #[test]
    fn lists_that_are_too_long() {
        assert_eq!(found("security.limit_extensions ="), 1);
        assert_eq!(found("security.limit_extensions = \"\""), 1);
        assert_eq!(found("security.limit_extensions = .php .JPG"), 1);
        assert_eq!(found("security.limit_extensions = .php .html"), 1);
    }

    #[test]
    fn php_alone_is_fine() {
        assert_eq!(found("security.limit_extensions = .php"), 0);
        assert_eq!(found("security.limit_extensions = .php .phar .php8"), 0);
        assert_eq!(found("pm.max_requests = 500"), 0);
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }

    #[test]
    fn the_file_that_wins_counts() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY pools/ /usr/local/etc/php-fpm.d/\n"),
            ("pools/a.conf", "[www]\nsecurity.limit_extensions =\n"),
            ("pools/zzz.conf", "[www]\nsecurity.limit_extensions = .php\n"),
        ];
        clean(RULE, &files);
    }
}

//! `php/fpm-environment-exposed`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{FpmPool, Project, Sapi, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A pool of PHP-FPM that keeps the container's environment, `clear_env = no`, where this environment holds
    /// secrets. The official image ships its pool like that.
    ///
    /// # Why it matters
    /// Every worker then has every password in `getenv()`, `$_SERVER` and `/proc/self/environ`, whether its code uses
    /// it or not, and so has every program that it starts. `phpinfo()` and the error page of a framework print them.
    ///
    /// It is *medium* where the web server runs a page with `phpinfo()` or `APP_DEBUG` is on, else a note. The note is
    /// left out in a deployment that uses no secret files at all, which is a finding of its own.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     environment:
    ///       APP_DEBUG: "true"
    ///       DB_PASSWORD: ${DB_PASSWORD:?}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     environment:
    ///       APP_DEBUG: "false"
    ///       DB_PASSWORD_FILE: /run/secrets/db_password
    ///     secrets: [db_password]
    /// secrets:
    ///   db_password: { file: ./secrets/db_password }
    /// ```
    ///
    /// # How to fix
    /// Grant the secrets as files and let the application read them. Or set `clear_env = yes` in the pool and pass on
    /// what the application needs, one line each: `env[DB_HOST] = $DB_HOST`. Take away pages with `phpinfo()`, and
    /// switch `APP_DEBUG` off.
    ///
    /// # References
    /// CWE-526, PHP manual "clear_env".
    id: "php/fpm-environment-exposed",
    title: "PHP-FPM hands all secrets of the environment to its workers",
    severity: Info,
    lowered_in_development: 2,
    fixes: Described,
    why: "Every worker and every program it starts has all passwords in its environment, and phpinfo() prints them.",
    help: "Grant the secrets as files, or set clear_env to yes and pass on with env[…] what the application needs.",
    references: ["CWE-526", "PHP manual, clear_env"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.serves_php() && service.php_sapi() == Sapi::Fpm) {
        let pools = service.fpm_pools();
        if let Some(pool) = pools.iter().find(|pool| pool.clears_environment() == Some(false)) {
            out.drafts.extend(exposed(service, pool));
        }
    }
}

fn exposed(service: ServiceRef<'_, '_>, pool: &FpmPool) -> Option<Draft> {
    let secrets = service.secret_variables();
    let first = secrets.first()?;
    let printed = printed(service);
    if printed.is_none() && !service.project().has_secret_files(service.view()) {
        return None;
    }
    let mut keys: Vec<String> = secrets.iter().map(|secret| format!("`{}`", shorten(&secret.key, 40))).collect();
    keys.sort();
    keys.dedup();
    let shown = list(&keys.iter().map(String::as_str).take(3).collect::<Vec<_>>());
    let more = if keys.len() > 3 { format!(" and {} more", keys.len() - 3) } else { String::new() };
    let end = if printed.is_some() { ", and a page may print them" } else { "" };
    let message = format!("every PHP worker of `{}` has {shown}{more} in its environment{end}", service.name);
    let at = pool.directive("clear_env").and_then(|directive| directive.at);
    let mut draft = Draft::new(at.unwrap_or(first.key_at), message)
        .severity(if printed.is_some() { Severity::Medium } else { Severity::Info })
        .on(service)
        .because_of(at.map(|_| first.key_at), "a secret in the environment");
    if let Some((at, label)) = printed {
        draft = draft.because(at, label);
    }
    Some(draft)
}

/// What prints the environment to visitors.
fn printed(service: ServiceRef<'_, '_>) -> Option<(Location, String)> {
    let page = service.environment_pages().into_iter().next();
    let by_page = page.map(|page| {
        let name = shorten(&page.file.below, 60);
        (page.file.at, format!("puts /{name} there, which calls phpinfo()"))
    });
    let on_errors = || {
        let mode = service.environment_on_error_pages()?;
        Some((mode.source.at, format!("error pages show details: {} is on", mode.source.name)))
    };
    by_page.or_else(on_errors)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/fpm-environment-exposed";
    const FILES: &str = "secrets:\n  x: {file: ./x}\n";

    fn app(image: &str, environment: &str) -> String {
        format!("services:\n  app:\n    {image}\n    environment: {{{environment}}}\n")
    }

    fn severity(compose: &str) -> String {
        let found = findings(RULE, &[("compose.yaml", compose)]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn what_prints_decides() {
        let secret = app("image: php:8.4-fpm", "DB_PASSWORD: \"${P}\"");
        assert_eq!(severity(&secret), "none");
        assert_eq!(severity(&format!("{secret}{FILES}")), "info");
        assert_eq!(severity(&app("image: php:8.4-fpm", "DB_PASSWORD: \"${P}\", APP_DEBUG: \"true\"")), "medium");
    }

    #[test]
    fn a_page_with_phpinfo() {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\", \"./src:/srv:ro\"]\n  app:\n    image: php:8.4-fpm\n    volumes: [\"./src:/srv:ro\"]\n    environment: {DB_PASSWORD: \"${P}\"}\n";
        let site = "server {\n  root /srv;\n  location ~ \\.php$ { fastcgi_pass app:9000; }\n}\n";
        let files = |page| [("compose.yaml", compose), ("site.conf", site), ("src/info.php", page)];
        assert_eq!(findings(RULE, &files("<?php phpinfo();"))[0].severity.as_str(), "medium");
        clean(RULE, &files("<?php echo 'about us';"));
    }

    #[test]
    fn without_secrets() {
        let debug = "DB_HOST: db, APP_DEBUG: \"true\"";
        clean(RULE, &[("compose.yaml", &app("image: php:8.4-fpm", debug))]);
        let file = format!("{debug}, DB_PASSWORD_FILE: /run/secrets/p");
        clean(RULE, &[("compose.yaml", &app("image: php:8.4-fpm", &file))]);
    }

    #[test]
    fn a_pool_with_a_list() {
        let compose = app("build: .", "DB_PASSWORD: \"${P}\", APP_DEBUG: \"true\"");
        let build = "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n";
        let files = |pool| [("compose.yaml", compose.as_str()), ("Dockerfile", build), ("pool.conf", pool)];
        clean(RULE, &files("[www]\nclear_env = yes\nenv[DB_PASSWORD] = $DB_PASSWORD\n"));
        assert_eq!(findings(RULE, &files("[www]\nclear_env = no\n")).len(), 1);
    }

    #[test]
    fn others_are_not_judged() {
        let environment = "DB_PASSWORD: \"${P}\", APP_DEBUG: \"true\"";
        clean(RULE, &[("compose.yaml", &app("image: php:8.4-apache", environment))]);
        clean(RULE, &[("compose.yaml", &app("image: example/php:1\n    command: php-fpm", environment))]);
        clean(RULE, &[("compose.dev.yaml", &app("image: php:8.4-fpm", environment))]);
    }
}

//! `identity/fpm-allows-root`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{Privilege, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A PHP-FPM pool with `user = root` or `group = root`, and PHP-FPM that is started with `-R`
    /// (`--allow-to-run-as-root`).
    ///
    /// # Why it matters
    /// FPM's master is root so that its workers need not be. With such a pool every request runs as uid 0: one hole in
    /// the application is root in the container. FPM refuses that by itself, and `-R` is the switch that makes it
    /// agree.
    ///
    /// A pool with `user = root` is *critical*, one with the group alone *high*. `-R` without such a pool changes
    /// nothing yet and is *low*, *medium* where the pools are not known. Where the container itself does not run as
    /// root, FPM ignores both, and nothing is said. Pools that no image reads are not judged.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY www.conf /usr/local/etc/php-fpm.d/www.conf
    /// CMD ["php-fpm", "-R"]
    /// ```
    /// ```ini file:www.conf
    /// [www]
    /// user = root
    /// group = www-data
    /// pm = static
    /// pm.max_children = 8
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY www.conf /usr/local/etc/php-fpm.d/www.conf
    /// CMD ["php-fpm"]
    /// ```
    /// ```ini file:www.conf
    /// [www]
    /// user = www-data
    /// group = www-data
    /// pm = static
    /// pm.max_children = 8
    /// ```
    ///
    /// # How to fix
    /// Let the pool say `user = www-data` and `group = www-data`, and start `php-fpm` without `-R`. Give that user the
    /// folders it has to write to, and only those.
    ///
    /// # References
    /// CIS Docker Benchmark 4.1, OWASP Docker Security Cheat Sheet rule 2, CWE-250, PHP manual "FPM configuration".
    id: "identity/fpm-allows-root",
    title: "PHP-FPM may run its workers as root",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Workers that are root run every request as uid 0, so one hole in the application is root in the container.",
    help: "Set `user = www-data` and `group = www-data` in the pool, and start `php-fpm` without `-R`.",
    references: ["CIS Docker Benchmark 4.1", "OWASP Docker Security Cheat Sheet rule 2", "CWE-250", "PHP manual, FPM configuration"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_fpm()) {
        // FPM takes no other user than its own when that is not root.
        if service.effective_user().privilege == Privilege::NonRoot {
            continue;
        }
        pools(service, out);
        option(service, out);
    }
}

fn pools(service: ServiceRef<'_, '_>, out: &mut Findings) {
    for pool in service.fpm_pools() {
        for (name, severity) in [("user", Severity::Critical), ("group", Severity::High)] {
            let Some(directive) = pool.directive(name) else { continue };
            let root = matches!(directive.value.as_deref(), Some("root" | "0"));
            let Some(at) = directive.at.filter(|_| root) else { continue };
            let pool = shorten(pool.name.as_deref().unwrap_or("a pool"), 40);
            let message = match name {
                "user" => format!("`{}` runs the workers of its pool {pool} as root", service.name),
                _ => format!("`{}` gives the workers of its pool {pool} the group root", service.name),
            };
            let user = service.php_user().unwrap_or("www-data");
            let title = format!("Set `{name} = {user}`");
            out.report(Draft::new(at, message).severity(severity).on(service).fix(service.project().replace_setting(
                Safety::Safe,
                &title,
                at,
                user,
            )));
        }
    }
}

fn option(service: ServiceRef<'_, '_>, out: &mut Findings) {
    let Some(found) = service.fpm_root_option() else { return };
    let pools = service.fpm_pools();
    let root = |value: Option<&str>| matches!(value, Some("root" | "0"));
    if pools.iter().any(|pool| root(pool.value("user")) || root(pool.value("group"))) {
        return; // the pool is what has to change first
    }
    let known = !pools.is_empty() && pools.iter().all(|pool| pool.complete && pool.value("user").is_some());
    let severity = if known { Severity::Low } else { Severity::Medium };
    let option = shorten(&found.option, 40);
    let message = format!("`{}` starts PHP-FPM with `{option}`, which lets pools run as root", service.name);
    let title = format!("Start PHP-FPM without `{option}`");
    out.report(
        Draft::new(found.at, message).severity(severity).on(service).fix(service.project().remove_start_option(
            Safety::Safe,
            &title,
            &found,
        )),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "identity/fpm-allows-root";

    fn said(dockerfile: &str, pool: &str) -> Vec<String> {
        let files = [("Dockerfile", dockerfile), ("www.conf", pool)];
        findings(RULE, &files).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    const COPY: &str = "FROM php:8.4-fpm\nCOPY www.conf /usr/local/etc/php-fpm.d/www.conf\n";

    #[test]
    fn pools_and_the_option() {
        assert_eq!(said(COPY, "[www]\nuser = root\ngroup = www-data\n"), ["critical"]);
        assert_eq!(said(COPY, "[www]\nuser = root\ngroup = root\n"), ["critical", "high"]);
        assert_eq!(said(COPY, "[www]\nuser = www-data\ngroup = www-data\n"), Vec::<String>::new());
        assert_eq!(said("FROM php:8.4-fpm\nCMD [\"php-fpm\", \"-R\"]\n", "[www]\nuser = www-data\n"), ["low"]);
        assert!(said("FROM php:8.4-fpm\nCMD [\"php-fpm\", \"-F\"]\n", "[www]\nuser = www-data\n").is_empty());
    }

    #[test]
    fn a_command_in_compose_is_mended() {
        let text = "services:\n  a:\n    image: php:8.4-fpm\n    command: php-fpm --allow-to-run-as-root\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found[0].fixes.len(), 1);
    }

    #[test]
    fn guards() {
        assert_eq!(said(COPY, "[www]\n;user = root\nuser = www-data\n"), Vec::<String>::new());
        assert_eq!(said(&format!("{COPY}USER www-data\n"), "[www]\nuser = root\n"), Vec::<String>::new());
        assert_eq!(said("FROM php:8.4-fpm\n", "[www]\nuser = root\n"), Vec::<String>::new());
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: nginx:1.28\n    command: nginx -R\n")]);
    }
}

//! `php/memory-budget-exceeded`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{FpmBudget, PhpSettings, Project, Sapi, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// PHP-FPM whose children together may take more memory than their container has: `pm.max_children` times
    /// `memory_limit`, and the cache of opcode, against the container's limit. Also requests without any limit of
    /// memory, and without any limit of time.
    ///
    /// # Why it matters
    /// A few expensive requests at once, which anybody can send, then make the kernel kill PHP-FPM in the middle of
    /// other people's requests; without a limit of the container it is the host that runs out, with the database on it.
    ///
    /// A quarter more than the limit is let pass, because not every child is at its limit. Without a limit of the
    /// container more than 4 GB is *low*, and so is a request that may run for ever. Workers on the command line
    /// usually have no limit and are not judged.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     mem_limit: 1g
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// COPY php.ini /usr/local/etc/php/php.ini
    /// COPY pool.conf /usr/local/etc/php-fpm.d/zzz-app.conf
    /// ```
    /// ```ini file:php.ini
    /// memory_limit = 512M
    /// ```
    /// ```ini file:pool.conf
    /// [www]
    /// pm.max_children = 50
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build: .
    ///     mem_limit: 1g
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// COPY php.ini /usr/local/etc/php/php.ini
    /// COPY pool.conf /usr/local/etc/php-fpm.d/zzz-app.conf
    /// ```
    /// ```ini file:php.ini
    /// memory_limit = 128M
    /// ```
    /// ```ini file:pool.conf
    /// [www]
    /// pm.max_children = 6
    /// ```
    ///
    /// # How to fix
    /// Take the container's limit, subtract the cache and 32 MB, divide by `memory_limit`: that many children fit.
    /// Lower `memory_limit` first, it is rarely needed in full; or give the container more.
    ///
    /// # References
    /// CIS Docker Benchmark 5.11, OWASP PHP Configuration Cheat Sheet, CWE-400, CWE-770.
    id: "php/memory-budget-exceeded",
    title: "PHP-FPM may take more than its container has",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A few expensive requests at once make the kernel kill PHP-FPM, or take the memory of the whole host.",
    help: "Set pm.max_children to the container's limit, less the cache and 32 MB, divided by memory_limit.",
    references: ["CIS Docker Benchmark 5.11", "OWASP Docker Security Cheat Sheet rule 7", "OWASP PHP Configuration Cheat Sheet", "CWE-400", "CWE-770"],
}

/// More than this is much for a container that nothing limits.
const MUCH: u64 = 4 << 30;

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers() {
        let drafts = [unlimited(service, &settings), endless(service, &settings)];
        drafts.into_iter().flatten().for_each(|draft| out.report(draft));
    }
    for service in project.services().filter(|service| service.serves_php()) {
        if let Some(draft) = service.fpm_budget().and_then(|budget| exceeded(service, &budget)) {
            out.report(draft);
        }
    }
}

fn exceeded(service: ServiceRef<'_, '_>, budget: &FpmBudget) -> Option<Draft> {
    let (limit, limit_at) = container_limit(service)?;
    let (severity, against) = match limit {
        Some(limit) if budget.total > limit.saturating_add(limit / 4) => {
            (Severity::Medium, format!("the container has {}", size(limit)))
        }
        None if budget.total > MUCH => (Severity::Low, "nothing limits the container".to_owned()),
        _ => return None,
    };
    let source = budget.children_source.as_ref();
    let at = source.map(|source| source.at).or(budget.each_at).or(limit_at)?;
    let message = format!(
        "PHP-FPM of `{}` may take {} ({} children of {}), and {against}",
        service.name,
        size(budget.total),
        budget.children,
        size(budget.each)
    );
    let fitting = limit.and_then(|limit| budget.fitting(limit));
    let fix = source.zip(fitting).and_then(|(source, children)| {
        let title = format!("Set `pm.max_children` to {children}");
        service.project().set_setting(Safety::Suggested, title, source, &children.to_string())
    });
    let draft = Draft::new(at, message).severity(severity).on(service);
    let draft = draft.because_of(budget.each_at.filter(|each| *each != at), "each child may take this much");
    Some(draft.because_of(limit_at.filter(|limit| *limit != at), "the container may take this much").fix(fix))
}

/// The container's limit, `None` inside when nothing sets one; `None` when that is not known.
fn container_limit(service: ServiceRef<'_, '_>) -> Option<(Option<u64>, Option<Location>)> {
    let Some(memory) = &service.limits.memory else {
        let unknown = service.unknown("mem_limit").or_else(|| service.unknown("deploy"));
        return (unknown.is_none() && !service.view().standalone).then_some((None, None));
    };
    match memory.is_limit()? {
        true => Some((memory.value.map(|bytes| bytes as u64), Some(memory.text.at))),
        false => Some((None, Some(memory.text.at))),
    }
}

fn size(bytes: u64) -> String {
    let megabytes = bytes >> 20;
    if megabytes < 2048 { format!("{megabytes} MB") } else { format!("{} GB", megabytes >> 10) }
}

/// Requests that may take any amount of memory.
fn unlimited(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> Option<Draft> {
    let setting = settings.setting("memory_limit");
    let source = service.setting_source(&setting).filter(|_| setting.bytes().is_some_and(|bytes| bytes < 0))?;
    let fix = service.project().set_setting(Safety::Suggested, "Set `memory_limit` to 256M", &source, "256M");
    let message = format!("one request to `{}` may take any amount of memory: memory_limit is -1", service.name);
    Some(Draft::new(source.at, message).aspect("memory").on(service).fix(fix))
}

/// Requests that may run for ever.
fn endless(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> Option<Draft> {
    let setting = settings.setting("max_execution_time");
    let source = service.setting_source(&setting).filter(|_| setting.bytes() == Some(0))?;
    let ends = |value: &str| !matches!(value.trim(), "" | "0" | "0s");
    let pools = service.fpm_pools();
    let ended = pools.iter().any(|pool| pool.value("request_terminate_timeout").is_none_or(ends));
    if settings.sapi != Sapi::Fpm || pools.is_empty() || ended {
        return None;
    }
    let fix = service.project().set_setting(Safety::Suggested, "End requests after 30 seconds", &source, "30");
    let message = format!("a request to `{}` may run for ever: neither PHP nor PHP-FPM ends it", service.name);
    Some(Draft::new(source.at, message).aspect("time").severity(Severity::Low).on(service).fix(fix))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "php/memory-budget-exceeded";
    const BUILD: &str =
        "FROM php:8.4-fpm\nCOPY php.ini /usr/local/etc/php/php.ini\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n";

    fn severities(ini: &str, pool: &str, body: &str) -> Vec<String> {
        let pool = format!("[www]\n{pool}\n");
        let compose = format!("services:\n  app:\n    build: .\n{body}");
        let files =
            [("Dockerfile", BUILD), ("php.ini", ini), ("pool.conf", pool.as_str()), ("compose.yaml", compose.as_str())];
        findings(RULE, &files).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn the_sum_decides() {
        let many = "pm.max_children = 50";
        assert_eq!(severities("memory_limit = 512M\n", many, "    mem_limit: 1g\n"), ["medium"]);
        assert_eq!(severities("memory_limit = 128M\n", "pm.max_children = 8", "    mem_limit: 1g\n"), [""; 0]);
        assert_eq!(severities("memory_limit = 512M\n", many, ""), ["low"]);
        assert_eq!(severities("memory_limit = 64M\n", many, ""), [""; 0]);
    }

    #[test]
    fn what_is_not_known_is_not_counted() {
        assert_eq!(severities("memory_limit = 512M\n", "pm.max_children = 50", "    mem_limit: ${LIMIT}\n"), [""; 0]);
        assert_eq!(
            severities("memory_limit = 512M\n", "pm.max_children = ${CHILDREN}", "    mem_limit: 1g\n"),
            [""; 0]
        );
    }

    #[test]
    fn no_limit_at_all() {
        assert_eq!(severities("memory_limit = -1\n", "pm.max_children = 5", ""), ["medium"]);
        let worker = "    command: php artisan queue:work\n";
        assert_eq!(severities("memory_limit = -1\n", "pm.max_children = 5", worker), [""; 0]);
    }

    #[test]
    fn requests_that_never_end() {
        let ini = "memory_limit = 128M\nmax_execution_time = 0\n";
        assert_eq!(severities(ini, "pm.max_children = 5", ""), ["low"]);
        assert_eq!(severities(ini, "request_terminate_timeout = 60s", ""), [""; 0]);
    }

    #[test]
    fn the_fix_has_the_number_that_fits() {
        let compose = "services:\n  app:\n    build: .\n    mem_limit: 1g\n";
        let files = [
            ("Dockerfile", BUILD),
            ("php.ini", "memory_limit = 128M\n"),
            ("pool.conf", "[www]\npm.max_children = 20\n"),
            ("compose.yaml", compose),
        ];
        assert_eq!(findings(RULE, &files)[0].fixes[0].title, "Set `pm.max_children` to 7");
    }
}

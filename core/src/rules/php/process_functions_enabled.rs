//! `php/process-functions-enabled`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::project::{FpmPool, Layout, PhpSettings, Project, Sapi, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// PHP that serves requests and may start programs: no `disable_functions` in its settings or its pool.
    ///
    /// # Why it matters
    /// `exec`, `system`, `proc_open` and their relatives turn a fault of the application into a shell in the container.
    /// Nothing that comes with a FastCGI request switches such a function on again. It is a second line of defence, so
    /// the finding is *low*; it is a note where `composer.lock` has packages that start programs, or was not supplied.
    ///
    /// Workers on the command line are not judged: give the list to the pool, `php_admin_value[disable_functions]`, and
    /// not to `php.ini`, so that Composer and consoles keep working.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /var/www/html/
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY pool.conf /usr/local/etc/php-fpm.d/zzz-app.conf
    /// COPY src/ /var/www/html/
    /// ```
    /// ```ini file:pool.conf
    /// [www]
    /// php_admin_value[disable_functions] = exec,passthru,shell_exec,system,popen,proc_open,pcntl_exec,phpinfo
    /// ```
    ///
    /// # How to fix
    /// Add `php_admin_value[disable_functions]` to the pool, without the functions that the application needs; `grep`
    /// its code and its packages for them first.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet "PHP executable handling", CWE-78.
    id: "php/process-functions-enabled",
    title: "Requests may start programs",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Functions that start programs turn a fault of the application into a shell in the container.",
    help: "Add php_admin_value[disable_functions] to the pool, without the functions that the application needs.",
    references: ["OWASP PHP Configuration Cheat Sheet", "CWE-78"],
}

/// Packages that start programs to serve requests.
const STARTERS: [&str; 9] = [
    "symfony/process",
    "laravel/horizon",
    "spatie/browsershot",
    "knplabs/knp-snappy",
    "barryvdh/laravel-snappy",
    "mikehaertl/phpwkhtmltopdf",
    "php-ffmpeg/php-ffmpeg",
    "spatie/image-optimizer",
    "imagine/imagine",
];

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers().filter(|(_, settings)| settings.sapi.is_web()) {
        if settings.list("disable_functions").is_some_and(|list| list.is_empty()) {
            out.report(enabled(service, &settings));
        }
    }
}

fn enabled(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> Draft {
    let pool = service.fpm_pools().iter().find_map(FpmPool::own_line);
    let at = pool.or(service.image_use.at).unwrap_or(service.at);
    let starter = starter(service);
    let message = format!("code that runs in `{}` may start programs: no function is disabled", service.name);
    let functions = match starter {
        Some(_) => "passthru,shell_exec,system,popen,pcntl_exec,dl,show_source,phpinfo",
        None => "exec,passthru,shell_exec,system,popen,proc_open,pcntl_exec,dl,show_source,phpinfo",
    };
    Draft::new(at, message)
        .severity(if starter.is_none() && knows_packages(service) { Severity::Low } else { Severity::Info })
        .confidence(Confidence::Medium)
        .on(service)
        .because_of(starter, "this package starts programs")
        .fix(disabled(service, settings, pool, functions))
}

/// Whether the packages of the application are known: without them nobody can say that nothing starts programs.
fn knows_packages(service: ServiceRef<'_, '_>) -> bool {
    service.application_folder().is_some_and(|folder| service.project().composer_lock(&folder).is_some())
}

fn starter(service: ServiceRef<'_, '_>) -> Option<Location> {
    let lock = service.project().composer_lock(&service.application_folder()?)?;
    STARTERS.iter().find_map(|name| lock.package(name).filter(|package| !package.dev)).map(|package| package.name_at)
}

fn disabled(
    service: ServiceRef<'_, '_>,
    settings: &PhpSettings,
    pool: Option<Location>,
    functions: &str,
) -> Option<Fix> {
    let project = service.project();
    let title = "Disable what starts programs in the pool";
    let line = format!("php_admin_value[disable_functions] = {functions}");
    if let Some(at) = pool {
        return project.insert_setting(Safety::Suggested, title, at, &line);
    }
    if settings.sapi != Sapi::Fpm || settings.layout != Layout::Official {
        return None;
    }
    let run = format!("RUN printf '[www]\\n{line}\\n' > /usr/local/etc/php-fpm.d/zzz-functions.conf");
    project.insert_instruction(Safety::Suggested, title, service.only_stage()?, &run)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/process-functions-enabled";
    const BUILD: (&str, &str) = ("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\n");

    fn severity(files: &[(&str, &str)]) -> String {
        findings(RULE, files).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn nothing_is_disabled() {
        let lock = "{\"packages\": [{\"name\": \"monolog/monolog\", \"version\": \"3.9.0\"}]}";
        assert_eq!(severity(&[BUILD, ("composer.lock", lock)]), "low");
    }

    #[test]
    fn what_the_application_needs_is_not_known_without_its_lock_file() {
        assert_eq!(severity(&[BUILD]), "info");
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4-apache\n")]), "info");
    }

    #[test]
    fn packages_that_start_programs_make_it_a_note() {
        let lock = "{\"packages\": [{\"name\": \"symfony/process\", \"version\": \"v7.1.0\"}]}";
        assert_eq!(severity(&[BUILD, ("composer.lock", lock)]), "info");
    }

    #[test]
    fn the_pool_is_mended() {
        let build = "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n";
        let found = findings(RULE, &[("Dockerfile", build), ("pool.conf", "[www]\npm.max_children = 5\n")]);
        assert_eq!(found[0].fixes.len(), 1);
        let pool = "[www]\nphp_admin_value[disable_functions] = exec,system\n";
        clean(RULE, &[("Dockerfile", build), ("pool.conf", pool)]);
    }

    #[test]
    fn a_list_in_the_settings_counts() {
        let build = "FROM php:8.4-fpm\nCOPY app.ini /usr/local/etc/php/conf.d/\n";
        clean(RULE, &[("Dockerfile", build), ("app.ini", "disable_functions = exec\n")]);
    }

    #[test]
    fn workers_and_development_are_not_judged() {
        clean(RULE, &[("Dockerfile", "FROM php:8.4-cli\nCMD [\"php\", \"worker.php\"]\n")]);
        clean(RULE, &[BUILD, ("compose.dev.yaml", "services:\n  app:\n    build: .\n")]);
    }
}

//! `php/opcache-revalidates-in-production`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{Layout, PhpSettings, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// An image with its own code in which OPcache looks at the files of that code again and again, or is switched off.
    ///
    /// # Why it matters
    /// With `opcache.validate_timestamps = 1`, the default, a PHP file that somebody drops or edits in the container is
    /// live two seconds later. With 0 a file that was compiled stays as it is until the container is replaced: what
    /// runs is what was built. PHP also saves a look at every file for every request.
    ///
    /// Only PHP that serves requests with code of its image is judged, and only where OPcache is known to be loaded.
    /// Where the root file system is read-only, and for systems that update themselves, it is a note; so is OPcache
    /// that is switched off.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// RUN docker-php-ext-install opcache
    /// COPY opcache.ini $PHP_INI_DIR/conf.d/
    /// COPY src/ /var/www/html/
    /// ```
    /// ```ini file:opcache.ini
    /// opcache.memory_consumption = 192
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// RUN docker-php-ext-install opcache
    /// COPY opcache.ini $PHP_INI_DIR/conf.d/
    /// COPY src/ /var/www/html/
    /// ```
    /// ```ini file:opcache.ini
    /// opcache.memory_consumption = 192
    /// opcache.validate_timestamps = 0
    /// ```
    ///
    /// # How to fix
    /// Set `opcache.validate_timestamps = 0` in the settings of the deployed stage; with `serversideup/php`, the
    /// variable `PHP_OPCACHE_VALIDATE_TIMESTAMPS=0`. The development stage needs 1.
    ///
    /// # References
    /// Symfony documentation "Performance", section "Don't Check PHP Files Timestamps", PHP manual "OPcache
    /// configuration".
    id: "php/opcache-revalidates-in-production",
    title: "PHP takes up changed files while it runs",
    severity: Low,
    lowered_in_development: 2,
    fixes: Safe,
    why: "A PHP file that is dropped or edited in the container is live within seconds; without the check only a new container changes what runs.",
    help: "Set opcache.validate_timestamps to 0 in the settings of the deployed stage.",
    references: ["Symfony documentation, Performance", "PHP manual, OPcache configuration"],
}

const NAME: &str = "opcache.validate_timestamps";

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers() {
        if !settings.sapi.is_web() || !service.runs_code_of_image() {
            continue;
        }
        let off = settings.flag("opcache.enable") == Some(false);
        let source = service.setting_source(&settings.setting("opcache.enable"));
        if let Some(source) = source.filter(|_| off && settings.layout.is_known()) {
            let fix = project.set_setting(Safety::Suggested, "Switch OPcache on", &source, "1");
            let message = format!("`{}` compiles every file for every request: OPcache is off", service.name);
            out.report(Draft::new(source.at, message).aspect("off").severity(Severity::Info).on(service).fix(fix));
        }
        if settings.caches_opcode() == Some(true) && settings.flag(NAME) == Some(true) {
            out.report(revalidates(service, &settings));
        }
    }
}

fn revalidates(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> Draft {
    let source = service.setting_source(&settings.setting(NAME));
    let at = source.as_ref().map(|source| source.at).or(service.image_use.at).unwrap_or(service.at);
    let locked = service.read_only.as_ref().is_some_and(|read_only| read_only.value);
    let severity = if locked || service.packaged_application().is_some() { Severity::Info } else { Severity::Low };
    let title = "Look at no file twice";
    let fix = match &source {
        Some(source) => service.project().set_setting(Safety::Safe, title, source, "0"),
        None => added(service, settings, title),
    };
    let message = format!("PHP of `{}` takes up changed files while it runs", service.name);
    Draft::new(at, message).severity(severity).on(service).fix(fix)
}

/// Adds the setting: below another one of OPcache, else to the image, where only the deployed stage is changed by it.
fn added(service: ServiceRef<'_, '_>, settings: &PhpSettings, title: &str) -> Option<Fix> {
    let project = service.project();
    let beside = settings.names().filter(|name| name.starts_with("opcache.")).find_map(|name| settings.set_at(name));
    if let Some(fix) = beside
        .filter(|at| !project.is_for_development(*at))
        .and_then(|at| project.insert_setting(Safety::Safe, title, at, &format!("{NAME} = 0")))
    {
        return Some(fix);
    }
    let line = match settings.layout {
        Layout::Official => "RUN echo 'opcache.validate_timestamps=0' > \"$PHP_INI_DIR/conf.d/zz-opcache.ini\"",
        Layout::ServersideUp => "ENV PHP_OPCACHE_VALIDATE_TIMESTAMPS=0",
        _ => return None,
    };
    project.insert_instruction(Safety::Safe, title, service.only_stage()?, line)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/opcache-revalidates-in-production";

    fn severity(build: &str, body: &str) -> String {
        let compose = format!("services:\n  app:\n    build: .\n{body}");
        let found = findings(RULE, &[("Dockerfile", build), ("compose.yaml", &compose)]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    const BUILD: &str = "FROM php:8.4-fpm\nRUN docker-php-ext-install opcache\nCOPY src/ /var/www/html/\n";

    #[test]
    fn the_default_and_the_written_value() {
        assert_eq!(severity(BUILD, ""), "low");
        let set = |value: &str| {
            format!("{BUILD}RUN echo 'opcache.validate_timestamps={value}' > /usr/local/etc/php/conf.d/zz.ini\n")
        };
        assert_eq!(severity(&set("1"), ""), "low");
        assert_eq!(severity(&set("0"), ""), "none");
    }

    #[test]
    fn the_fix_of_a_default_is_an_instruction() {
        let found = findings(RULE, &[("Dockerfile", BUILD)]);
        assert_eq!(found[0].fixes.len(), 1);
        let stages =
            "FROM php:8.4-fpm AS base\nRUN docker-php-ext-install opcache\nFROM base\nCOPY src/ /var/www/html/\n";
        assert_eq!(findings(RULE, &[("Dockerfile", stages)])[0].fixes.len(), 0);
    }

    #[test]
    fn notes() {
        assert_eq!(severity(BUILD, "    read_only: true\n"), "info");
        let off = format!("{BUILD}RUN echo 'opcache.enable=0' > /usr/local/etc/php/conf.d/zz.ini\n");
        assert_eq!(severity(&off, ""), "info");
        assert_eq!(severity("FROM wordpress:6.8-fpm\nCOPY theme/ /var/www/html/wp-content/themes/x/\n", ""), "info");
    }

    #[test]
    fn code_that_is_mounted_has_to_be_looked_at() {
        assert_eq!(severity(BUILD, "    volumes: [\"./src:/var/www/html\"]\n"), "none");
        clean(RULE, &[("compose.yaml", "services:\n  app:\n    image: php:8.5-fpm\n")]);
    }

    #[test]
    fn no_cache_nothing_to_look_at() {
        assert_eq!(severity("FROM php:8.4-fpm\nCOPY src/ /var/www/html/\n", ""), "none");
    }

    #[test]
    fn workers_and_development_are_not_judged() {
        assert_eq!(severity(BUILD, "    command: php artisan queue:work\n"), "none");
        clean(RULE, &[("Dockerfile", BUILD), ("compose.dev.yaml", "services:\n  app:\n    build: .\n")]);
    }
}

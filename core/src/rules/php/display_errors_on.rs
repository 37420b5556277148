//! `php/display-errors-on`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::fix::Safety;
use crate::project::{PhpSettings, Project, Sapi, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A file, a variable or a command of the project that switches `display_errors` on for PHP that serves users.
    ///
    /// # Why it matters
    /// An error page then carries the path of the file, the query, and often the values of variables to whoever
    /// provokes it. With `zend.exception_ignore_args = Off` the arguments of every call are in it as well: passwords
    /// that were handed to a connection.
    ///
    /// What counts is what PHP ends up with: a drop-in whose name sorts later, `-d` of the command, the pool's
    /// `php_value`, `.user.ini`, and `php_admin_value` over all of them. `stderr` is fine, because it goes to the log.
    /// Workers and development views are not judged, nor are files whose name says that they are for development. Where
    /// no line sets it and PHP's default applies, the missing `php.ini` is the fault, and another rule reports it.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY docker/app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:docker/app.ini
    /// memory_limit = 128M
    /// display_errors = On
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY docker/app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:docker/app.ini
    /// memory_limit = 128M
    /// display_errors = Off
    /// log_errors = On
    /// ```
    ///
    /// # How to fix
    /// Set `display_errors = Off` where it is switched on, and `log_errors = On`: errors then go to the container's
    /// log. Keep the other value in a file that only the development stage copies.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet "PHP error handling", CWE-209, CWE-215.
    id: "php/display-errors-on",
    title: "PHP shows its errors to visitors",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Error messages carry paths, queries and values of variables to whoever provokes one.",
    help: "Set display_errors to Off and log_errors to On; keep the other value in a file that only the development stage copies.",
    references: ["OWASP PHP Configuration Cheat Sheet", "CWE-209", "CWE-215"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers() {
        if settings.flag("display_errors") == Some(true)
            && let Some(draft) = shown(service, &settings)
        {
            out.report(draft);
        }
    }
}

fn shown(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> Option<Draft> {
    let project = service.project();
    let source = service.setting_source(&settings.setting("display_errors"))?;
    if project.is_for_development(source.at) {
        return None;
    }
    let arguments = settings.setting("zend.exception_ignore_args");
    let with = if arguments.flag() == Some(false) { ", with the arguments of calls" } else { "" };
    let sure = settings.sapi != Sapi::Unknown && settings.layout.is_known();
    let draft = Draft::new(source.at, format!("`{}` shows PHP's errors to visitors{with}", service.name))
        .confidence(if sure { Confidence::High } else { Confidence::Medium })
        .on(service)
        .because_of(arguments.at.filter(|_| !with.is_empty()), "stack traces keep their arguments");
    Some(draft.fix(project.set_setting(Safety::Safe, "Switch `display_errors` off", &source, off(&source.value))))
}

/// `Off` in the writer's own manner.
fn off(value: &str) -> &'static str {
    match value {
        "1" => "0",
        "on" => "off",
        "true" => "false",
        _ => "Off",
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/display-errors-on";
    const BUILD: &str = "FROM php:8.4-fpm\nCOPY conf/ /usr/local/etc/php/conf.d/\n";

    fn severity(ini: &str) -> String {
        let found = findings(RULE, &[("Dockerfile", BUILD), ("conf/app.ini", ini)]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn every_value() {
        for (value, want) in
            [("On", "high"), ("1", "high"), ("stdout", "high"), ("Off", "none"), ("stderr", "none"), ("0", "none")]
        {
            assert_eq!(severity(&format!("display_errors = {value}\n")), want, "{value}");
        }
    }

    #[test]
    fn arguments_are_named() {
        let ini = "display_errors = On\nzend.exception_ignore_args = Off\n";
        let found = findings(RULE, &[("Dockerfile", BUILD), ("conf/app.ini", ini)]);
        assert!(found[0].message.contains("arguments"), "{}", found[0].message);
        assert_eq!(found[0].related.len(), 1);
    }

    #[test]
    fn what_php_ends_up_with_counts() {
        let on = ("conf/app.ini", "display_errors = On\n");
        clean(RULE, &[("Dockerfile", BUILD), on, ("conf/zz.ini", "display_errors = Off\n")]);
        let pool = "[www]\nphp_admin_flag[display_errors] = off\n";
        let build = format!("{BUILD}COPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n");
        clean(RULE, &[("Dockerfile", &build), on, ("pool.conf", pool)]);
    }

    #[test]
    fn a_variable_is_the_place() {
        let compose = "services:\n  app:\n    image: serversideup/php:8.4-fpm-nginx\n    environment:\n      PHP_DISPLAY_ERRORS: \"On\"\n";
        let found = findings(RULE, &[("compose.yaml", compose)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].fixes.len(), 1);
    }

    #[test]
    fn htaccess_counts_for_apache() {
        let files = [
            ("Dockerfile", "FROM php:8.4-apache\nCOPY src/ /var/www/html/\n"),
            ("src/.htaccess", "php_flag display_errors on\n"),
        ];
        assert_eq!(findings(RULE, &files).len(), 1);
    }

    #[test]
    fn workers_and_development_are_not_judged() {
        let on = ("conf/app.ini", "display_errors = On\n");
        let view = |path: &str, body: &str| {
            let text = format!("services:\n  app:\n    build: .\n{body}");
            clean(RULE, &[("Dockerfile", BUILD), on, (path, text.as_str())]);
        };
        view("compose.dev.yaml", "");
        view("compose.yaml", "    command: php artisan queue:work\n");
        clean(RULE, &[("Dockerfile", BUILD), ("conf/app.dev.ini", "display_errors = On\n")]);
    }

    #[test]
    fn defaults_are_not_this_rules_business() {
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
        let copied = "FROM php:8.4-fpm\nRUN cp $PHP_INI_DIR/php.ini-development $PHP_INI_DIR/php.ini\n";
        clean(RULE, &[("Dockerfile", copied)]);
    }
}

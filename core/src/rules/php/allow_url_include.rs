//! `php/allow-url-include`

use crate::declare_rule;
use crate::fix::Safety;
use crate::project::{Project, Sapi, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A setting that lets PHP's `include` and `require` load code from an address: `allow_url_include`.
    ///
    /// # Why it matters
    /// One `include $_GET['page'] . '.php'` anywhere in the application or in a plug-in then runs code that the visitor
    /// hosts. PHP has it off since 5.2, calls it deprecated since 7.4, and still honours it. No application of today
    /// needs it.
    ///
    /// `allow_url_fopen` is another switch: many applications read addresses with it, and it is not reported.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-apache
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// allow_url_include = On
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-apache
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// allow_url_include = Off
    /// ```
    ///
    /// # How to fix
    /// Switch it off. Where the application includes an address of its own, fetch the data with an HTTP client and read
    /// it as data.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet, CWE-98, CWE-829.
    id: "php/allow-url-include",
    title: "PHP may include code from an address",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Safe,
    why: "One include whose path a visitor can influence then runs code that the visitor hosts.",
    help: "Switch allow_url_include off; fetch data with an HTTP client instead of including it.",
    references: ["OWASP PHP Configuration Cheat Sheet", "CWE-98", "CWE-829"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let runs_php = |service: &ServiceRef<'_, '_>| {
        !service.is_partly_known() && (service.role.is_php() || service.php_sapi() != Sapi::Unknown)
    };
    for service in project.services().filter(runs_php) {
        for settings in service.php_settings_by_pool() {
            let setting = settings.setting("allow_url_include");
            if setting.flag() != Some(true) {
                continue;
            }
            let Some(source) = service.setting_source(&setting) else { continue };
            let fix = project.set_setting(Safety::Safe, "Switch `allow_url_include` off", &source, "0");
            let message = format!("`{}` lets `include` load code from any address", service.name);
            out.report(Draft::new(source.at, message).on(service).fix(fix));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/allow-url-include";

    fn severities(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn wherever_it_is_set() {
        let run = "FROM php:8.4-fpm\nRUN echo 'allow_url_include=1' > /usr/local/etc/php/conf.d/a.ini\n";
        assert_eq!(severities(&[("Dockerfile", run)]), ["critical"]);
        let copy = "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/\n";
        let pool = "[www]\nphp_admin_flag[allow_url_include] = on\n";
        assert_eq!(severities(&[("Dockerfile", copy), ("pool.conf", pool)]), ["critical"]);
        let heredoc = "FROM php:8.4-fpm\nCOPY <<EOF /usr/local/etc/php/conf.d/a.ini\nallow_url_include = On\nEOF\n";
        assert_eq!(severities(&[("Dockerfile", heredoc)]), ["critical"]);
    }

    #[test]
    fn one_file_of_two_services_is_one_finding() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY a.ini /usr/local/etc/php/conf.d/\n"),
            ("a.ini", "allow_url_include = yes\n"),
            ("compose.yaml", "services:\n  app:\n    build: .\n  admin:\n    build: .\n"),
        ];
        assert_eq!(severities(&files), ["critical"]);
    }

    #[test]
    fn a_development_view_is_lower() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY a.ini /usr/local/etc/php/conf.d/\n"),
            ("a.ini", "allow_url_include = On\n"),
            ("compose.dev.yaml", "services:\n  app:\n    build: .\n"),
        ];
        assert_eq!(severities(&files), ["medium"]);
    }

    #[test]
    fn off_and_its_neighbour_are_fine() {
        let build = "FROM php:8.4-fpm\nCOPY a.ini /usr/local/etc/php/conf.d/\n";
        for line in ["allow_url_include = Off\n", "allow_url_fopen = On\n", "; allow_url_include = On\n"] {
            clean(RULE, &[("Dockerfile", build), ("a.ini", line)]);
        }
    }
}

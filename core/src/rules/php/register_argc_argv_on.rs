//! `php/register-argc-argv-on`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{PhpSettings, Project, RequestArguments, ServiceRef, SettingOrigin};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// `register_argc_argv` switched on for PHP that serves requests; and PHP without a `php.ini`, where it is on by
    /// default, under a version of Laravel or of Symfony's runtime that takes options from it.
    ///
    /// # Why it matters
    /// A query string then becomes command-line arguments. `?--env=local` makes an old Laravel run as on a developer's
    /// machine (CVE-2024-52301), `?+--env=dev` an old Symfony (CVE-2024-50340), both with their debugging pages. Where
    /// a visitor can choose a file that is included, `pearcmd.php`, which the official image carries, writes a file of
    /// his choice with them.
    ///
    /// With a version that ignores them it is *low*, where the version is not known *medium*. Workers read real
    /// arguments and are not judged. A missing `php.ini` alone is reported by another rule.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.3-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// register_argc_argv = On
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.3-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// register_argc_argv = Off
    /// ```
    ///
    /// # How to fix
    /// Set `register_argc_argv = Off`, as `php.ini-production` does; the command line has its arguments all the same.
    /// Update the framework.
    ///
    /// # References
    /// CVE-2024-52301, CVE-2024-50340, CWE-88, CWE-1188, PHP manual "register_argc_argv".
    id: "php/register-argc-argv-on",
    title: "A query string becomes command-line arguments",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Frameworks switch their environment by such arguments, and with pearcmd.php they turn an included file into a written one.",
    help: "Set register_argc_argv to Off, as php.ini-production does, and update the framework.",
    references: ["CVE-2024-52301", "CVE-2024-50340", "CWE-88", "CWE-1188", "PHP manual, register_argc_argv"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers().filter(|(_, settings)| settings.sapi.is_web()) {
        if settings.flag("register_argc_argv") == Some(true)
            && let Some(draft) = taken(service, &settings)
        {
            out.report(draft);
        }
    }
}

fn taken(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> Option<Draft> {
    let project = service.project();
    let setting = settings.setting("register_argc_argv");
    let arguments = service.request_arguments();
    if let Some(source) = service.setting_source(&setting) {
        let framework = service.php_application().is_some_and(|app| app.framework.is_some());
        let severity = match &arguments {
            RequestArguments::Ignored => Severity::Low,
            RequestArguments::Unknown if framework => Severity::Medium,
            RequestArguments::Unknown | RequestArguments::Taken { .. } => Severity::High,
        };
        let message = format!("`{}` turns query strings into command-line arguments", service.name);
        let draft = Draft::new(source.at, message).severity(severity).confidence(Confidence::Medium).on(service);
        let draft = match arguments {
            RequestArguments::Taken { weakness, at, .. } => draft.because(at, format!("this version has {weakness}")),
            _ => draft,
        };
        return Some(draft.fix(project.set_setting(Safety::Safe, "Switch it off", &source, "Off")));
    }
    // The default alone is the business of the rule about a missing php.ini; here a weakness stands on it.
    let RequestArguments::Taken { package, version, weakness, at } = arguments else { return None };
    let message = format!(
        "`{}` runs {package} {version}, which has {weakness}, and PHP's default passes query strings on to it",
        service.name
    );
    (setting.origin == SettingOrigin::Default).then(|| {
        Draft::new(at, message)
            .aspect("default")
            .confidence(Confidence::Medium)
            .on(service)
            .because_of(service.image_use.at, "nothing that this image reads sets register_argc_argv")
            .help("Update the package, and put php.ini-production in place.")
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/register-argc-argv-on";
    const BUILD: (&str, &str) = ("Dockerfile", "FROM php:8.3-fpm\nCOPY a.ini /usr/local/etc/php/conf.d/\nCOPY . .\n");
    const ON: (&str, &str) = ("a.ini", "register_argc_argv = On\n");

    fn severity(files: &[(&str, &str)]) -> String {
        findings(RULE, files).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    fn lock(version: &str) -> String {
        format!("{{\"packages\": [{{\"name\": \"laravel/framework\", \"version\": \"{version}\"}}]}}")
    }

    #[test]
    fn the_framework_decides() {
        assert_eq!(severity(&[BUILD, ON]), "high");
        assert_eq!(severity(&[BUILD, ON, ("composer.lock", &lock("v11.20.0"))]), "high");
        assert_eq!(severity(&[BUILD, ON, ("composer.lock", &lock("v11.40.0"))]), "low");
        let manifest = "{\"require\": {\"laravel/framework\": \"^11.0\"}}";
        assert_eq!(severity(&[BUILD, ON, ("composer.json", manifest)]), "medium");
    }

    #[test]
    fn the_default_counts_where_a_weakness_stands_on_it() {
        let build = ("Dockerfile", "FROM php:8.2-fpm\nCOPY . .\n");
        assert_eq!(severity(&[build, ("composer.lock", &lock("v11.20.0"))]), "high");
        clean(RULE, &[build, ("composer.lock", &lock("v11.40.0"))]);
        clean(RULE, &[build]);
    }

    #[test]
    fn the_production_settings_have_it_off() {
        let build = "FROM php:8.2-fpm\nRUN mv $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini\nCOPY . .\n";
        clean(RULE, &[("Dockerfile", build), ("composer.lock", &lock("v11.20.0"))]);
        clean(RULE, &[BUILD, ("a.ini", "register_argc_argv = Off\n")]);
    }

    #[test]
    fn the_command_line_has_real_arguments() {
        let compose = "services:\n  worker:\n    build: .\n    command: php artisan queue:work\n";
        clean(RULE, &[BUILD, ON, ("compose.yaml", compose)]);
        clean(RULE, &[("Dockerfile", "FROM php:8.3-cli\nCOPY a.ini /usr/local/etc/php/conf.d/\n"), ON]);
    }

    #[test]
    fn development_views_are_not_judged() {
        clean(RULE, &[BUILD, ON, ("compose.dev.yaml", "services:\n  app:\n    build: .\n")]);
    }
}

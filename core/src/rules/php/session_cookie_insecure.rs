//! `php/session-cookie-insecure`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{ContainerVariable, Framework, PhpSettings, Project, ServiceRef, SettingSource};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A setting of the project that weakens the session: the cookie may be read by scripts or sent without TLS, the
    /// session's number may come from the address or from the visitor, or Laravel's `SESSION_SECURE_COOKIE` is off
    /// although the address is HTTPS.
    ///
    /// # Why it matters
    /// Whoever has the cookie is logged in. Without `httponly` a single script that gets into a page takes it; without
    /// `secure` one request over plain HTTP shows it to the network; a number that PHP accepts from outside lets an
    /// attacker choose the session before the victim logs in.
    ///
    /// `cookie_secure` and `SESSION_SECURE_COOKIE` are judged only where something tells of HTTPS: an address, or a
    /// published port 443. Values that PHP's own `php.ini` carries, `use_strict_mode = 0` and an empty
    /// `cookie_httponly`, are *low*. Laravel, Symfony and what is built on them set their own cookies: for them a line
    /// in `php.ini` is a note, and these values are not reported.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// session.cookie_httponly = 0
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// session.cookie_httponly = 1
    /// session.cookie_secure = 1
    /// session.cookie_samesite = Lax
    /// session.use_strict_mode = 1
    /// ```
    ///
    /// # How to fix
    /// Set `session.cookie_httponly`, `session.cookie_secure`, `session.use_strict_mode` and `session.use_only_cookies`
    /// to 1, `session.use_trans_sid` to 0 and `session.cookie_samesite` to `Lax`. Behind a proxy that ends TLS, let the
    /// framework trust it.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet "PHP session handling", OWASP Session Management Cheat Sheet, CWE-614,
    /// CWE-1004, CWE-1275, CWE-384.
    id: "php/session-cookie-insecure",
    title: "The session cookie is not protected",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Whoever has the session cookie is logged in: scripts, plain HTTP and numbers chosen from outside are the ways to get one.",
    help: "Set cookie_httponly, cookie_secure, use_strict_mode and use_only_cookies to 1, use_trans_sid to 0, and cookie_samesite to Lax.",
    references: ["OWASP PHP Configuration Cheat Sheet", "OWASP Session Management Cheat Sheet", "CWE-614", "CWE-1004", "CWE-1275", "CWE-384"],
}

/// A setting, the value it should have, and what is so with the other one.
const FLAGS: [(&str, bool, &str); 4] = [
    ("session.cookie_httponly", true, "lets scripts read the session cookie"),
    ("session.use_strict_mode", true, "takes session numbers that the visitor made up"),
    ("session.use_only_cookies", true, "takes the session's number from the address"),
    ("session.use_trans_sid", false, "writes the session's number into links"),
];

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers() {
        for (name, wanted, what) in FLAGS {
            if settings.flag(name) == Some(!wanted) {
                report(service, &settings, name, what, if wanted { "1" } else { "0" }, out);
            }
        }
        let insecure = settings.flag("session.cookie_secure") == Some(false);
        let written = service.setting_source(&settings.setting("session.cookie_secure")).is_some();
        if insecure && written && service.answers_https().is_some() {
            report(service, &settings, "session.cookie_secure", "sends the session cookie without TLS, too", "1", out);
        }
        let same_site = settings.setting("session.cookie_samesite");
        if insecure && same_site.text.is_some_and(|text| text.eq_ignore_ascii_case("none")) {
            let what = "sends the session cookie with requests of other sites, and without TLS";
            report(service, &settings, "session.cookie_samesite", what, "Lax", out);
        }
        if let Some(draft) = framework_cookie(service) {
            out.report(draft);
        }
    }
}

fn report(
    service: ServiceRef<'_, '_>,
    settings: &PhpSettings,
    name: &str,
    what: &str,
    wanted: &str,
    out: &mut Findings,
) {
    let Some(source) = service.setting_source(&settings.setting(name)) else { return };
    let usual = source.value.is_empty() || name == "session.use_strict_mode";
    let own_cookies = service.php_application().and_then(|app| app.framework).is_some_and(sets_own_cookies);
    let severity = match (usual, own_cookies) {
        (true, true) => return,
        (false, true) => Severity::Info,
        (true, false) => Severity::Low,
        (false, false) => Severity::Medium,
    };
    let fix = service.project().set_setting(Safety::Safe, format!("Set `{name}` to {wanted}"), &source, wanted);
    out.report(
        Draft::new(source.at, format!("`{}` {what}", service.name))
            .severity(severity)
            .confidence(Confidence::Medium)
            .on(service)
            .because_of(service.answers_https().filter(|_| name == "session.cookie_secure"), "users come by HTTPS")
            .fix(fix),
    );
}

fn sets_own_cookies(framework: Framework) -> bool {
    matches!(
        framework,
        Framework::Laravel
            | Framework::Statamic
            | Framework::Symfony
            | Framework::Shopware
            | Framework::Contao
            | Framework::Typo3
    )
}

/// Laravel's own switch, where users come by HTTPS.
fn framework_cookie(service: ServiceRef<'_, '_>) -> Option<Draft> {
    const NAME: &str = "SESSION_SECURE_COOKIE";
    let project = service.project();
    let (value, at) = match service.container_variable(NAME) {
        ContainerVariable::Value(value, at) => (value, at?),
        ContainerVariable::Unknown if service.variable(NAME).is_some() => return None,
        _ => {
            let environment = project.application_environment(&service.application_folder()?);
            let variable = environment.get(NAME)?;
            (variable.value.clone()?, variable.at)
        }
    };
    let https = service.answers_https().filter(|_| matches!(value.as_str(), "false" | "0" | "(false)"))?;
    let source = SettingSource { at, name: NAME.to_owned(), value };
    let message = format!("`{}` sends the session cookie without TLS, too", service.name);
    let fix = project.set_setting(Safety::Safe, format!("Set `{NAME}` to true"), &source, "true");
    let draft = Draft::new(at, message).confidence(Confidence::Medium).on(service);
    Some(draft.because(https, "users come by HTTPS").fix(fix))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/session-cookie-insecure";
    const BUILD: &str = "FROM php:8.4-fpm\nCOPY conf/ /usr/local/etc/php/conf.d/\n";

    fn severity(files: &[(&str, &str)]) -> String {
        findings(RULE, files).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    fn ini(line: &str) -> String {
        severity(&[("Dockerfile", BUILD), ("conf/app.ini", &format!("{line}\n"))])
    }

    #[test]
    fn every_setting() {
        for (line, want) in [
            ("session.cookie_httponly = Off", "medium"),
            ("session.cookie_httponly =", "low"),
            ("session.use_strict_mode = 0", "low"),
            ("session.use_only_cookies = 0", "medium"),
            ("session.use_trans_sid = 1", "medium"),
            ("session.cookie_samesite = None", "medium"),
            ("session.cookie_samesite = None\nsession.cookie_secure = 1", "none"),
            ("session.cookie_httponly = 1", "none"),
            ("session.use_strict_mode = 1", "none"),
            ("session.use_trans_sid = 0", "none"),
            ("session.cookie_secure = 0", "none"),
        ] {
            assert_eq!(ini(line), want, "{line}");
        }
    }

    #[test]
    fn https_makes_a_plain_cookie_a_fault() {
        let with = |ports: &str| {
            let compose =
                format!("services:\n  app:\n    build: .\n  web:\n    image: nginx:1.28\n    ports: [\"{ports}\"]\n");
            let line = ("conf/app.ini", "session.cookie_secure = 0\n");
            severity(&[("Dockerfile", BUILD), line, ("compose.yaml", &compose)])
        };
        assert_eq!(with("443:443"), "medium");
        assert_eq!(with("80:80"), "none");
    }

    #[test]
    fn frameworks_with_cookies_of_their_own() {
        let lock = "{\"packages\": [{\"name\": \"laravel/framework\", \"version\": \"v12.1.0\"}]}";
        let with = |line: &str| severity(&[("Dockerfile", BUILD), ("conf/app.ini", line), ("composer.lock", lock)]);
        assert_eq!(with("session.cookie_httponly = 0\n"), "info");
        assert_eq!(with("session.use_strict_mode = 0\n"), "none");
    }

    #[test]
    fn laravels_switch() {
        let with = |body: &str| {
            let text = format!("services:\n  app:\n    image: php:8.4-fpm\n    environment:\n{body}");
            severity(&[("compose.yaml", &text)])
        };
        let off = "      SESSION_SECURE_COOKIE: \"false\"\n";
        assert_eq!(with(&format!("{off}      APP_URL: https://example.com\n")), "medium");
        assert_eq!(with(&format!("{off}      APP_URL: http://example.com\n")), "none");
        let on = "      SESSION_SECURE_COOKIE: \"true\"\n      APP_URL: https://example.com\n";
        assert_eq!(with(on), "none");
    }

    #[test]
    fn laravels_environment_file() {
        let files = [
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\n"),
            ("artisan", "#!/usr/bin/env php\n<?php\n"),
            ("composer.json", "{\"require\": {\"laravel/framework\": \"^12.0\"}}"),
            (".env", "APP_URL=https://shop.example.com\nSESSION_SECURE_COOKIE=false\n"),
            ("compose.yaml", "services:\n  app:\n    build: .\n"),
        ];
        assert_eq!(severity(&files), "medium");
    }

    #[test]
    fn development_and_defaults_are_not_judged() {
        let line = ("conf/app.ini", "session.cookie_httponly = 0\n");
        clean(RULE, &[("Dockerfile", BUILD), line, ("compose.dev.yaml", "services:\n  app:\n    build: .\n")]);
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }
}

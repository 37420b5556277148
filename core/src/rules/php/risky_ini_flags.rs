//! `php/risky-ini-flags`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{PhpSettings, Privilege, Project, ServiceRef, php_bool};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Settings that open a door PHP keeps shut for requests: `ffi.enable = true`, `enable_dl = On`, `phar.readonly =
    /// 0`, code that is loaded from a folder everybody may write to (`auto_prepend_file`, `extension`),
    /// `opcache.preload_user = root`, `zend.assertions = 1`, `mail.add_x_header = On`.
    ///
    /// # Why it matters
    /// FFI calls any function of the C library, past `disable_functions` and `open_basedir`; `dl()` loads a library
    /// into the process; a writable archive is where object injection begins. A file that is prepended to every request
    /// from `/tmp` is a place where one written file stays for ever.
    ///
    /// Code from a writable folder is *high*, assertions *low*, the mail header a note. Only
    /// what a line of the project sets is reported, and only for PHP that serves requests.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// ffi.enable = true
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// ffi.enable = preload
    /// ```
    ///
    /// # How to fix
    /// Go back to PHP's safe value. What builds archives or tests assertions has its own settings in the stage that
    /// does it.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet, CWE-94, CWE-276.
    id: "php/risky-ini-flags",
    title: "A PHP setting opens what is shut for good reason",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Safe,
    why: "These switches give requests powers that PHP withholds: native calls, loading of libraries, code from writable folders.",
    help: "Go back to PHP's safe value; give the stage that builds or tests its own settings.",
    references: ["OWASP PHP Configuration Cheat Sheet", "CWE-94", "CWE-276"],
}

/// A setting that should not be so.
struct Risk {
    name: &'static str,
    /// Whether a value is the bad one.
    is: fn(&str) -> bool,
    severity: Severity,
    /// What is so then.
    what: &'static str,
    /// The value that mends it.
    better: Option<(&'static str, Safety)>,
}

const RISKS: [Risk; 9] = [
    Risk {
        name: "ffi.enable",
        is: php_bool,
        severity: Severity::Medium,
        what: "lets every request call native functions",
        better: Some(("preload", Safety::Safe)),
    },
    Risk {
        name: "enable_dl",
        is: php_bool,
        severity: Severity::Medium,
        what: "lets scripts load libraries into the process",
        better: Some(("Off", Safety::Safe)),
    },
    Risk {
        name: "phar.readonly",
        is: is_off,
        severity: Severity::Medium,
        what: "lets requests write PHP archives",
        better: Some(("1", Safety::Safe)),
    },
    Risk {
        name: "auto_prepend_file",
        is: is_writable,
        severity: Severity::High,
        what: "starts every request with a file from a folder that is written to",
        better: Some(("none", Safety::Suggested)),
    },
    Risk {
        name: "auto_append_file",
        is: is_writable,
        severity: Severity::High,
        what: "ends every request with a file from a folder that is written to",
        better: Some(("none", Safety::Suggested)),
    },
    Risk {
        name: "extension",
        is: is_writable,
        severity: Severity::High,
        what: "loads an extension from a folder that is written to",
        better: None,
    },
    Risk {
        name: "opcache.preload_user",
        is: is_root,
        severity: Severity::Medium,
        what: "preloads the application's code as root",
        better: Some(("www-data", Safety::Suggested)),
    },
    Risk {
        name: "zend.assertions",
        is: is_one,
        severity: Severity::Low,
        what: "evaluates assertions, which are for development",
        better: Some(("-1", Safety::Safe)),
    },
    Risk {
        name: "mail.add_x_header",
        is: php_bool,
        severity: Severity::Info,
        what: "names the sending script in every mail",
        better: Some(("Off", Safety::Safe)),
    },
];

fn is_off(value: &str) -> bool {
    !php_bool(value)
}

fn is_root(value: &str) -> bool {
    value == "root"
}

fn is_one(value: &str) -> bool {
    value == "1"
}

/// Whether a path lies where everybody, or the application, writes.
fn is_writable(path: &str) -> bool {
    let below = ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|folder| path.starts_with(folder));
    below || ["/uploads/", "/upload/", "/storage/app/"].iter().any(|folder| path.contains(folder))
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers() {
        for risk in &RISKS {
            let setting = settings.setting(risk.name);
            if !setting.text.as_deref().is_some_and(risk.is) {
                continue;
            }
            let Some(source) = service.setting_source(&setting) else { continue };
            let idle = risk.name == "opcache.preload_user" && !preloads_as_root(service, &settings);
            if idle || project.is_for_development(source.at) {
                continue;
            }
            let fix = risk.better.and_then(|(value, safety)| {
                project.set_setting(safety, format!("Set `{}` to {value}", risk.name), &source, value)
            });
            let message = format!("`{}` {}: {} = {}", service.name, risk.what, risk.name, shorten(&source.value, 60));
            out.report(Draft::new(source.at, message).severity(risk.severity).on(service).fix(fix));
        }
    }
}

/// Whether something is preloaded, by a process that is root: for any other the setting is idle.
fn preloads_as_root(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> bool {
    let preload = settings.setting("opcache.preload").text;
    let user = service.effective_user();
    let root = user.is_known_root() || user.privilege == Privilege::RootMaster;
    preload.is_some_and(|preload| !preload.is_empty()) && root
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/risky-ini-flags";
    const BUILD: &str = "FROM php:8.4-fpm\nCOPY app.ini /usr/local/etc/php/conf.d/\n";

    fn severity(line: &str) -> String {
        let found = findings(RULE, &[("Dockerfile", BUILD), ("app.ini", &format!("{line}\n"))]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn every_setting() {
        for (line, want) in [
            ("ffi.enable = true", "medium"),
            ("ffi.enable = preload", "none"),
            ("enable_dl = On", "medium"),
            ("phar.readonly = Off", "medium"),
            ("phar.readonly = On", "none"),
            ("auto_prepend_file = /tmp/prepend.php", "high"),
            ("auto_prepend_file = /var/www/html/public/uploads/a.php", "high"),
            ("auto_prepend_file = /opt/agent/prepend.php", "none"),
            ("auto_append_file =", "none"),
            ("extension = /tmp/x.so", "high"),
            ("extension = redis", "none"),
            ("opcache.preload_user = root", "none"),
            ("opcache.preload = /app/preload.php\nopcache.preload_user = root", "medium"),
            ("opcache.preload_user = www-data", "none"),
            ("zend.assertions = 1", "low"),
            ("zend.assertions = -1", "none"),
            ("mail.add_x_header = On", "info"),
        ] {
            assert_eq!(severity(line), want, "{line}");
        }
    }

    #[test]
    fn defaults_are_not_reported() {
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }

    #[test]
    fn the_command_line_is_not_judged() {
        let cli = "FROM php:8.4-cli\nCOPY app.ini /usr/local/etc/php/conf.d/\n";
        clean(RULE, &[("Dockerfile", cli), ("app.ini", "phar.readonly = 0\n")]);
        let stages = "FROM php:8.4-cli AS build\nRUN echo 'phar.readonly=0' > /usr/local/etc/php/conf.d/a.ini\nFROM php:8.4-fpm\n";
        clean(RULE, &[("Dockerfile", stages)]);
    }

    #[test]
    fn files_and_views_of_development_are_not_judged() {
        let copy = "FROM php:8.4-fpm\nCOPY app.dev.ini /usr/local/etc/php/conf.d/\n";
        clean(RULE, &[("Dockerfile", copy), ("app.dev.ini", "zend.assertions = 1\n")]);
        let compose = ("compose.dev.yaml", "services:\n  app:\n    build: .\n");
        clean(RULE, &[("Dockerfile", BUILD), ("app.ini", "enable_dl = On\n"), compose]);
    }
}

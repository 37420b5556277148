//! What an application and its servers write to logs, and where to.

use super::{ContainerVariable, Framework, Project, ServiceRef, View, WebSource};
use crate::fix::{Fix, Safety};
use crate::source::{Location, join};
use crate::syntax::yaml::edit::TextEdit;

/// A log that is written to a file inside of the container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogFile {
    /// What writes it, for a message: "PHP", "Laravel".
    pub writer: &'static str,
    /// The path, as written.
    pub path: String,
    /// What says so.
    pub at: Location,
    /// Whether the file lies where a browser may reach it.
    pub in_docroot: bool,
    /// What to write instead, where one value is enough.
    pub instead: Option<&'static str>,
}

/// What a log says too much or too little.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogFault {
    /// What is wrong, with the setting.
    pub what: String,
    /// Where it is set.
    pub at: Location,
    /// Whether nothing is logged; else too much is.
    pub silent: bool,
    /// What is written there, and what to write instead.
    pub change: Option<(String, &'static str)>,
}

/// Kinds of signals by which somebody outside of a stack learns what happens in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Signal {
    /// Logs leave the host.
    Logs,
    /// Something measures.
    Metrics,
    /// Errors or traces are reported.
    Errors,
    /// Something watches what processes do.
    Runtime,
}

/// Words of image names, and what a container of such an image gathers.
const COLLECTORS: [(&str, Signal); 30] = [
    ("fluent-bit", Signal::Logs),
    ("fluentd", Signal::Logs),
    ("vector", Signal::Logs),
    ("promtail", Signal::Logs),
    ("alloy", Signal::Logs),
    ("filebeat", Signal::Logs),
    ("logstash", Signal::Logs),
    ("loki", Signal::Logs),
    ("graylog", Signal::Logs),
    ("seq", Signal::Logs),
    ("syslog-ng", Signal::Logs),
    ("dozzle-agent", Signal::Logs),
    ("agent", Signal::Metrics),
    ("telegraf", Signal::Metrics),
    ("prometheus", Signal::Metrics),
    ("node-exporter", Signal::Metrics),
    ("cadvisor", Signal::Metrics),
    ("netdata", Signal::Metrics),
    ("zabbix-agent", Signal::Metrics),
    ("zabbix-agent2", Signal::Metrics),
    ("metricbeat", Signal::Metrics),
    ("victoria-metrics", Signal::Metrics),
    ("opentelemetry-collector", Signal::Errors),
    ("opentelemetry-collector-contrib", Signal::Errors),
    ("sentry", Signal::Errors),
    ("glitchtip", Signal::Errors),
    ("falco", Signal::Runtime),
    ("tetragon", Signal::Runtime),
    ("tracee", Signal::Runtime),
    ("wazuh-agent", Signal::Runtime),
];

/// Variables that name a service which errors or traces are reported to.
const REPORTERS: [&str; 11] = [
    "SENTRY_DSN",
    "SENTRY_LARAVEL_DSN",
    "BUGSNAG_API_KEY",
    "FLARE_KEY",
    "ROLLBAR_TOKEN",
    "HONEYBADGER_API_KEY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "NEW_RELIC_LICENSE_KEY",
    "DD_AGENT_HOST",
    "DD_API_KEY",
    "ELASTIC_APM_SERVER_URL",
];

/// Log drivers that keep everything on the host.
const LOCAL_DRIVERS: [&str; 5] = ["json-file", "local", "none", "journald", "k8s-file"];

impl ServiceRef<'_, '_> {
    /// What an application variable is and where it is set: in the container's environment, else in the application's
    /// own files where these say that they are for production.
    #[must_use]
    pub fn deployed_variable(self, key: &str) -> Option<(String, Location)> {
        if let ContainerVariable::Value(value, at) = self.container_variable(key) {
            return Some((value, at?));
        }
        // Set to something that the files do not tell: then no file of the application counts.
        if self.variable(key).is_some() {
            return None;
        }
        let environment = self.project.application_environment(&self.application_folder()?);
        let production = environment.get("APP_ENV").and_then(|variable| variable.value.as_deref());
        if !matches!(production, Some("production" | "prod")) {
            return None;
        }
        let variable = environment.get(key)?;
        Some((variable.value.clone()?, variable.at))
    }

    /// Logs that are written to files of its container, and that no mount keeps.
    #[must_use]
    pub fn log_files(self) -> Vec<LogFile> {
        let mut found = Vec::new();
        let app = self.php_application().filter(|_| self.role.is_php());
        let framework = app.as_ref().and_then(|app| app.framework);
        let kept =
            self.mounts.iter().any(|mount| mount.target.ends_with("/logs") || mount.target.ends_with("/storage"));
        if matches!(framework, Some(Framework::Laravel | Framework::Statamic)) && !kept {
            let channel =
                self.deployed_variable("LOG_CHANNEL").filter(|(value, _)| matches!(value.as_str(), "single" | "daily"));
            if let Some((_, at)) = channel {
                let path = "storage/logs".to_owned();
                found.push(LogFile { writer: "Laravel", path, at, in_docroot: false, instead: Some("stderr") });
            }
        }
        if self.php_sapi().is_web() || self.role.is_php() {
            let setting = self.php_settings().setting("error_log");
            self.add("PHP", setting.text, setting.at, &mut found);
            for (name, writer) in [("access.log", "the pool of PHP-FPM"), ("slowlog", "the slow log of PHP-FPM")] {
                for pool in self.fpm_pools() {
                    let directive = pool.directive(name);
                    self.add(
                        writer,
                        directive.and_then(|one| one.value.clone()),
                        directive.and_then(|one| one.at),
                        &mut found,
                    );
                }
            }
            let configuration = self.fpm_configuration();
            let global = configuration.global.get("error_log");
            self.add("PHP-FPM", global.and_then(|one| one.value.clone()), global.and_then(|one| one.at), &mut found);
        }
        if let Some(web) = self.web_server().filter(|web| web.source == WebSource::Project) {
            let names = ["access_log", "error_log", "customlog", "errorlog"];
            for directive in names.iter().flat_map(|name| web.config.all(name)).filter(|one| !one.of_image) {
                let path = directive.arg(0).map(str::to_owned);
                self.add("the web server", path, Some(directive.at), &mut found);
            }
        }
        found.extend(app.and_then(|app| self.wordpress_log(&app.folder)));
        found
    }

    fn add(self, writer: &'static str, path: Option<String>, at: Option<Location>, found: &mut Vec<LogFile>) {
        let (Some(path), Some(at)) = (path, at) else { return };
        // The official images link the usual files of nginx and Apache to the container's output.
        let linked =
            ["/dev/", "/proc/", "/var/log/nginx/", "/var/log/apache2/", "/var/log/httpd/", "/usr/local/apache2/logs/"];
        let local = path.starts_with('/') && !linked.iter().any(|folder| path.starts_with(folder));
        let kept =
            self.mounts.iter().any(|mount| path.starts_with(&format!("{}/", mount.target.trim_end_matches('/'))));
        if local && !kept && !self.links_file(&path) {
            found.push(LogFile { writer, path, at, in_docroot: false, instead: None });
        }
    }

    /// Whether its build makes a link of a file.
    fn links_file(self, path: &str) -> bool {
        self.build_use.as_ref().is_some_and(|used| {
            let links = used.commands_of(self.project, "ln");
            links.iter().any(|(command, _)| command.operands().any(|word| word.text == path))
        })
    }

    fn wordpress_log(self, folder: &str) -> Option<LogFile> {
        let config = self.project.php_config(&join(folder, "wp-config.php"))?;
        let constant = config.constant("WP_DEBUG_LOG").filter(|constant| !constant.conditional)?;
        // A path of its own may lie anywhere.
        let on = constant.truth() == Some(true) && constant.written().is_none_or(|text| !text.starts_with('/'));
        let debug = config.constant("WP_DEBUG").and_then(|debug| debug.truth()) == Some(true);
        (on && debug).then(|| LogFile {
            writer: "WordPress",
            path: "wp-content/debug.log".to_owned(),
            at: constant.at,
            in_docroot: true,
            instead: None,
        })
    }

    /// What its logs say too much or too little.
    #[must_use]
    pub fn log_faults(self) -> Vec<LogFault> {
        let mut found = Vec::new();
        let php = self.role.is_php();
        if php
            && let Some((value, at)) =
                self.deployed_variable("LOG_LEVEL").filter(|(value, _)| value.eq_ignore_ascii_case("debug"))
        {
            let what = "logs every detail: LOG_LEVEL is debug".to_owned();
            found.push(LogFault { what, at, silent: false, change: Some((value, "info")) });
        }
        if php {
            let settings = self.php_settings();
            let off = settings.setting("log_errors");
            if let Some(at) = off.at.filter(|_| off.flag() == Some(false)) {
                let change = off.text.clone().filter(|text| !text.is_empty()).map(|text| (text, "On"));
                found.push(LogFault {
                    what: "logs no errors of PHP: log_errors is off".to_owned(),
                    at,
                    silent: true,
                    change,
                });
            }
            let nowhere = settings.setting("error_log");
            if let Some(at) = nowhere.at.filter(|_| nowhere.text.as_deref() == Some("/dev/null")) {
                let change = Some(("/dev/null".to_owned(), "/proc/self/fd/2"));
                found.push(LogFault {
                    what: "throws its errors away: error_log is /dev/null".to_owned(),
                    at,
                    silent: true,
                    change,
                });
            }
            let none = settings.setting("error_reporting");
            if let Some(at) = none.at.filter(|_| none.text.as_deref() == Some("0")) {
                found.push(LogFault {
                    what: "reports no errors: error_reporting is 0".to_owned(),
                    at,
                    silent: true,
                    change: None,
                });
            }
        }
        if let Some(web) = self.web_server() {
            let debug = web.config.all("error_log").find(|one| !one.of_image && one.arg(1) == Some("debug"));
            if let Some(directive) = debug {
                let what = "logs every detail of requests: error_log has the level debug".to_owned();
                found.push(LogFault { what, at: directive.at, silent: false, change: None });
            }
        }
        found
    }

    /// The signals that it sends to somebody outside of it, or gathers from others.
    #[must_use]
    pub fn signals(self) -> Vec<Signal> {
        let mut found = Vec::new();
        let driver = self.logging.as_ref().and_then(|logging| logging.driver.as_ref());
        if driver.is_some_and(|driver| !driver.is_known() || !LOCAL_DRIVERS.contains(&driver.text.as_str())) {
            found.push(Signal::Logs);
        }
        let path = self.image_use.reference.as_ref().map(|image| image.path.clone()).unwrap_or_default();
        let parts = || path.split('/');
        found
            .extend(COLLECTORS.iter().filter(|(word, _)| parts().any(|part| part == *word)).map(|(_, signal)| *signal));
        if path.ends_with("exporter") || self.role.name == "monitor" {
            found.push(Signal::Metrics);
        }
        let reports = |key: &&str| {
            self.variable(key)
                .is_some_and(|variable| variable.value.as_ref().is_none_or(|value| !value.text.is_empty()))
        };
        if REPORTERS.iter().any(reports) {
            found.push(Signal::Errors);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Project<'_> {
    /// Whether anything in a view sends signals to somebody outside of it, or gathers them.
    #[must_use]
    pub fn is_observed(&self, view: &View) -> bool {
        let driver = self.daemon_log_driver().is_some_and(|driver| !LOCAL_DRIVERS.contains(&driver));
        driver || self.services_of(view).any(|service| !service.signals().is_empty())
    }

    /// Writes another value in the place of one, in whatever file it stands: an environment file, Compose, an ini file,
    /// a Dockerfile.
    #[must_use]
    pub fn rewrite(&self, safety: Safety, title: &str, at: Location, from: &str, to: &str) -> Option<Fix> {
        let written = self.slice(at);
        let bare = written.trim_matches(['"', '\'']);
        if self.is_recorded(at) {
            return None;
        }
        // An item `KEY=value` of a list, or a pair of a Dockerfile.
        let stem = bare.strip_suffix(from)?;
        if !stem.is_empty() && !stem.ends_with(['=', ' ']) {
            return None;
        }
        let value = format!("{stem}{to}");
        let quoted = written.replacen(bare, &value, 1);
        if self.tree(at.source).is_some() {
            // The value of a list's item is a part of its scalar.
            let part =
                || self.yaml_fix(safety, title, at.source, vec![TextEdit { span: at.span, text: quoted.clone() }]);
            return self.replace(safety, title, at, &value).or_else(part);
        }
        if self.dockerfile(at.source).is_some() {
            return self.replace_text(safety, title, at, &quoted);
        }
        Some(Fix::new(safety, title).replace(at.source, at.span, quoted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn first<T>(files: &[(&str, &str)], ask: fn(ServiceRef<'_, '_>) -> T) -> T {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        ask(project.services().next().unwrap())
    }

    const LARAVEL: (&str, &str) = ("composer.json", "{\"require\": {\"laravel/framework\": \"^12.0\"}}\n");

    #[test]
    fn logs_in_files() {
        let dockerfile = ("Dockerfile", "FROM php:8.4-fpm\nCOPY php.ini /usr/local/etc/php/php.ini\n");
        let compose = ("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      LOG_CHANNEL: daily\n");
        let files = first(&[compose, dockerfile, LARAVEL, ("php.ini", "error_log = /var/log/php.log\n")], |service| {
            service.log_files()
        });
        assert_eq!(files.iter().map(|one| one.writer).collect::<Vec<_>>(), ["Laravel", "PHP"]);
        let quiet = ("php.ini", "error_log = /proc/self/fd/2\n");
        let compose =
            ("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      LOG_CHANNEL: stderr\n");
        assert!(first(&[compose, dockerfile, LARAVEL, quiet], |service| service.log_files()).is_empty());
    }

    #[test]
    fn what_logs_say() {
        let dockerfile = ("Dockerfile", "FROM php:8.4-fpm\nCOPY php.ini /usr/local/etc/php/php.ini\n");
        let compose = ("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      LOG_LEVEL: debug\n");
        let faults =
            first(&[compose, dockerfile, LARAVEL, ("php.ini", "log_errors = Off\n")], |service| service.log_faults());
        assert_eq!(faults.iter().map(|one| one.silent).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn signals_of_services() {
        let of = |body: &str| {
            first(&[("compose.yaml", &format!("services:\n  a:\n    {body}\n"))], |service| service.signals())
        };
        assert_eq!(of("image: php:8.4-fpm"), []);
        assert_eq!(of("image: php:8.4-fpm\n    logging: {driver: fluentd}"), [Signal::Logs]);
        assert_eq!(
            of("image: php:8.4-fpm\n    environment: {SENTRY_DSN: \"https://x@example.net/1\"}"),
            [Signal::Errors]
        );
        assert_eq!(of("image: grafana/promtail:3.5.0").first(), Some(&Signal::Logs));
        assert_eq!(of("image: php:8.4-fpm\n    logging: {driver: json-file}"), []);
    }
}

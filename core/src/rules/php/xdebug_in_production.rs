//! `php/xdebug-in-production`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Project, ServiceRef, Xdebug, XdebugMode};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// Xdebug in an image that is deployed, and pcov.
    ///
    /// # Why it matters
    /// With `xdebug.mode=debug` PHP opens a connection to a debugger, and whoever answers it reads every variable and
    /// runs any code in the process. `discover_client_host` makes it connect to whoever sent the request. `develop`
    /// shows stack traces with values; profiling and tracing write files of request data. Even idle it costs a large
    /// part of the speed.
    ///
    /// It is *critical* when its mode is `debug` or `develop`, or when it connects back; *high* when it is loaded and
    /// nothing says what it does; *medium* when it is switched off, or built and not switched on; *low* when
    /// `XDEBUG_MODE` has the default `off` and another environment may change it. Where a condition of the build
    /// decides, it is *low*; pcov, which only counts lines, is *low*, too. Development and pipeline views are not
    /// judged, nor are stages that the deployed one does not stand on.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// RUN pecl install xdebug && docker-php-ext-enable xdebug
    /// ENV XDEBUG_MODE=debug
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm AS base
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// FROM base AS dev
    /// RUN pecl install xdebug && docker-php-ext-enable xdebug
    /// FROM base AS prod
    /// COPY . /var/www/html
    /// ```
    ///
    /// # How to fix
    /// Install it in a stage for development that stands on the common one, and build the deployed image from another
    /// stage.
    ///
    /// # References
    /// Xdebug documentation "discover_client_host" and "mode", CWE-489, CWE-215, NIST SP 800-190 3.1.2.
    id: "php/xdebug-in-production",
    title: "A debugger is part of the deployed image",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "A debugging connection of Xdebug reads every variable and runs any code in the process; even idle it slows PHP down.",
    help: "Install it in a stage for development only, and deploy a stage that does not stand on that one.",
    references: ["Xdebug documentation, mode", "Xdebug documentation, discover_client_host", "CWE-489", "CWE-215", "NIST SP 800-190 3.1.2"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.is_deployed_for_users()) {
        if let Some(xdebug) = service.xdebug() {
            out.report(debugger(service, &xdebug));
        }
        if let Some(at) = service.php_settings().extension("pcov") {
            let fix = project.without_extension("Leave pcov out of the image", at, "pcov");
            let message = format!("`{}` runs an image with pcov, which measures the coverage of tests", service.name);
            out.report(Draft::new(at, message).aspect("pcov").severity(Severity::Low).on(service).fix(fix));
        }
    }
}

fn debugger(service: ServiceRef<'_, '_>, xdebug: &Xdebug) -> Draft {
    let connects = xdebug.connects_back.filter(|_| xdebug.mode > XdebugMode::Off);
    let (severity, how) = match xdebug.mode {
        _ if connects.is_some() => (Severity::Critical, "it connects to whoever asks"),
        XdebugMode::Debugs => (Severity::Critical, "it is switched on"),
        XdebugMode::Loaded => (Severity::High, "it is loaded"),
        XdebugMode::Off => (Severity::Medium, "it is not switched on"),
        XdebugMode::Conditional => (Severity::Low, "a condition of the build decides"),
        XdebugMode::OffByDefault => (Severity::Low, "it is off unless the environment says otherwise"),
    };
    let fix = service.project().without_extension("Leave Xdebug out of the image", xdebug.at, "xdebug");
    let sure = if xdebug.mode == XdebugMode::Conditional { Confidence::Low } else { Confidence::High };
    Draft::new(xdebug.at, format!("`{}` runs an image with Xdebug: {how}", service.name))
        .severity(severity)
        .confidence(sure)
        .on(service)
        .because_of(xdebug.mode_at, "this sets its mode")
        .because_of(connects, "this lets it connect to whoever sends a request")
        .fix(fix)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/xdebug-in-production";
    const BUILT: &str = "FROM php:8.4-fpm\nRUN pecl install xdebug && docker-php-ext-enable xdebug\n";

    fn severity(files: &[(&str, &str)]) -> String {
        findings(RULE, files).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn what_it_does_decides() {
        let with = |line: &str| severity(&[("Dockerfile", &format!("{BUILT}{line}\n"))]);
        assert_eq!(with(""), "high");
        assert_eq!(with("ENV XDEBUG_MODE=debug,develop"), "critical");
        assert_eq!(with("ENV XDEBUG_MODE=off"), "medium");
        assert_eq!(with("RUN echo 'xdebug.mode=debug' > /usr/local/etc/php/conf.d/zz.ini"), "critical");
        assert_eq!(with("RUN echo 'xdebug.discover_client_host=1' > /usr/local/etc/php/conf.d/zz.ini"), "critical");
        assert_eq!(with("RUN echo 'xdebug.mode=off' > /usr/local/etc/php/conf.d/zz.ini"), "medium");
    }

    #[test]
    fn built_and_not_switched_on() {
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4-fpm\nRUN pecl install xdebug\n")]), "medium");
    }

    #[test]
    fn a_default_that_another_environment_changes() {
        let compose = "services:\n  app:\n    build: .\n    environment:\n      XDEBUG_MODE: \"${XDEBUG_MODE:-off}\"\n";
        assert_eq!(severity(&[("Dockerfile", BUILT), ("compose.yaml", compose)]), "low");
    }

    #[test]
    fn a_condition_of_the_build() {
        let run = "if [ -n \"$DEBUG\" ]; then pecl install xdebug && docker-php-ext-enable xdebug; fi";
        assert_eq!(severity(&[("Dockerfile", &format!("FROM php:8.4-fpm\nARG DEBUG=\nRUN {run}\n"))]), "low");
    }

    #[test]
    fn one_word_of_several_is_taken_out() {
        for run in [
            "install-php-extensions gd xdebug intl",
            "pecl install xdebug-3.4.5 redis && docker-php-ext-enable xdebug redis",
        ] {
            let found = findings(RULE, &[("Dockerfile", &format!("FROM php:8.4-fpm\nRUN {run}\n"))]);
            assert_eq!(found[0].fixes.len(), 1, "{run}");
        }
    }

    #[test]
    fn pcov_is_low() {
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4-fpm\nRUN install-php-extensions pcov\n")]), "low");
    }

    #[test]
    fn stages_that_are_not_deployed() {
        let text = "FROM php:8.4-fpm AS base\nFROM base AS dev\nRUN install-php-extensions xdebug\nFROM base AS prod\n";
        clean(RULE, &[("Dockerfile", text)]);
        let compose = "services:\n  app:\n    build: {context: ., target: dev}\n";
        clean(RULE, &[("Dockerfile", text), ("compose.override.yaml", compose)]);
    }

    #[test]
    fn development_views_are_not_judged() {
        let sail = "services:\n  app:\n    build: .\n    environment: {LARAVEL_SAIL: 1}\n";
        clean(RULE, &[("Dockerfile", BUILT), ("compose.yaml", sail)]);
        let compose = "services:\n  app:\n    build: .\n";
        clean(RULE, &[("Dockerfile", BUILT), ("compose.dev.yaml", compose)]);
        clean(RULE, &[("Dockerfile", BUILT), ("compose.ci.yaml", compose)]);
    }
}

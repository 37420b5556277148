//! Variables that put a PHP application into the mode it has on a developer's machine: error pages with the environment in them,
//! profilers, consoles in the browser.

use super::{ContainerVariable, Context, Framework, Reach, ServiceRef, SettingSource};
use crate::finding::{Confidence, Severity};
use crate::model::compose::EnvOrigin;
use crate::source::Location;

/// What a variable switches on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ModeKind {
    /// Debugging: `true` or `false`.
    Debug,
    /// The name of an environment.
    Environment,
}

/// One variable that puts an application into a mode for development.
#[derive(Clone, Debug)]
pub struct RiskyMode {
    /// The variable and its value, and where it is set.
    pub source: SettingSource,
    /// What it switches on.
    pub kind: ModeKind,
    /// How bad it is on a server.
    pub severity: Severity,
    /// How sure it is that the application reads this value.
    pub confidence: Confidence,
    /// The value for a server.
    pub good: &'static str,
    /// Whether the image sets it, so that each deployment that forgets the variable has it.
    pub baked: bool,
}

/// A variable, the beginnings of values that are for development, and the value for a server.
struct Row {
    key: &'static str,
    kind: ModeKind,
    bad: &'static [&'static str],
    good: &'static str,
    severity: Severity,
    only: Option<Framework>,
}

const ON: &[&str] = &["1", "true", "on", "yes"];
const DEV: &[&str] = &["dev", "development", "local", "test", "testing", "debug"];

const fn debug(key: &'static str, good: &'static str, severity: Severity, only: Option<Framework>) -> Row {
    Row { key, kind: ModeKind::Debug, bad: ON, good, severity, only }
}

const fn named(key: &'static str, good: &'static str, severity: Severity, only: Option<Framework>) -> Row {
    Row { key, kind: ModeKind::Environment, bad: DEV, good, severity, only }
}

const ROWS: [Row; 15] = [
    debug("APP_DEBUG", "false", Severity::Critical, None),
    named("APP_ENV", "prod", Severity::High, None),
    named("SYMFONY_ENV", "prod", Severity::Critical, None),
    named("CI_ENVIRONMENT", "production", Severity::Critical, None),
    debug("YII_DEBUG", "false", Severity::Critical, None),
    named("YII_ENV", "prod", Severity::High, None),
    debug("DEBUG", "false", Severity::Critical, Some(Framework::CakePhp)),
    named("TYPO3_CONTEXT", "Production", Severity::High, None),
    Row {
        key: "MAGE_MODE",
        kind: ModeKind::Environment,
        bad: &["developer"],
        good: "production",
        severity: Severity::High,
        only: None,
    },
    named("CRAFT_ENVIRONMENT", "production", Severity::Medium, None),
    debug("CRAFT_DEV_MODE", "false", Severity::High, None),
    // The image tests for text: `false` is true.
    Row {
        key: "WORDPRESS_DEBUG",
        kind: ModeKind::Debug,
        bad: &["1", "true", "on", "yes", "false", "off", "no"],
        good: "0",
        severity: Severity::High,
        only: None,
    },
    debug("WP_DEBUG", "false", Severity::High, None),
    named("WP_ENV", "production", Severity::High, None),
    named("WP_ENVIRONMENT_TYPE", "production", Severity::Medium, None),
];

impl ServiceRef<'_, '_> {
    /// Variables that put its application into a mode for development. Nothing for containers of developers and of pipelines,
    /// and for those without PHP.
    #[must_use]
    pub fn risky_modes(self) -> Vec<RiskyMode> {
        let is_php = self.role.is_php() || self.php_application().is_some();
        if !is_php || matches!(self.context, Context::Development | Context::Ci) || self.builds_for_development() {
            return Vec::new();
        }
        let framework = self.php_application().and_then(|app| app.framework);
        let mut found: Vec<RiskyMode> = ROWS
            .iter()
            .filter(|row| row.only.is_none() || row.only == framework)
            .filter_map(|row| self.risky(row, framework))
            .collect();
        if self.hides_wordpress_errors() {
            found.retain(|mode| !matches!(mode.source.name.as_str(), "WORDPRESS_DEBUG" | "WP_DEBUG"));
        }
        found
    }

    fn risky(self, row: &Row, framework: Option<Framework>) -> Option<RiskyMode> {
        let (value, at, mut confidence, baked) = self.mode_value(row.key)?;
        let plain = value.trim().to_ascii_lowercase();
        // `Development/Docker` of TYPO3.
        let word = plain.split('/').next().unwrap_or("");
        if !row.bad.contains(&word) {
            return None;
        }
        let severity = match (row.key, framework) {
            ("APP_ENV", Some(Framework::Symfony | Framework::Shopware | Framework::Contao)) => Severity::Critical,
            ("APP_ENV", Some(Framework::Laravel | Framework::Statamic)) if !baked => Severity::Medium,
            ("APP_ENV", None) => {
                confidence = confidence.min(Confidence::Medium);
                row.severity
            }
            ("APP_DEBUG", None) => {
                confidence = confidence.min(Confidence::Medium);
                row.severity
            }
            _ => row.severity,
        };
        let good = match (row.key, framework) {
            ("APP_ENV", Some(Framework::Laravel | Framework::Statamic)) => "production",
            ("APP_DEBUG", _) if plain == "1" => "0",
            _ => row.good,
        };
        let severity = if self.is_published_on_loopback_only() { severity.min(Severity::Medium) } else { severity };
        let source = SettingSource { at, name: row.key.to_owned(), value };
        Some(RiskyMode { source, kind: row.kind, severity, confidence, good, baked })
    }

    /// The value a variable has for the application: the container's own, else that of the `.env` files that reach the image.
    fn mode_value(self, key: &str) -> Option<(String, Location, Confidence, bool)> {
        match self.container_variable(key) {
            ContainerVariable::Value(value, Some(at)) => {
                let own = self.variable(key);
                let from_file = own.is_some_and(|variable| variable.origin == EnvOrigin::EnvFile);
                let confidence = if from_file { Confidence::Medium } else { Confidence::High };
                Some((value, at, confidence, own.is_none()))
            }
            ContainerVariable::Value(_, None) | ContainerVariable::Unknown => None,
            ContainerVariable::Unset => {
                let folder = self.application_folder()?;
                let environment = self.project().application_environment(&folder);
                let variable = environment.get(key)?;
                let reaches = self.env_reaches_image(variable.at);
                let value = variable.value.clone().filter(|_| reaches)?;
                Some((value, variable.at, Confidence::Medium, false))
            }
        }
    }

    /// Whether an environment file of the application is part of what is built or mounted, and not one of the developer's own.
    fn env_reaches_image(self, at: Location) -> bool {
        let project = self.project();
        let path = project.path(at.source);
        if project.is_ignored_by_git(project.path(at.source)) {
            return false;
        }
        let builder = self.image_source();
        let Some(used) = builder.service().build_use.as_ref() else { return true };
        let Some(context) = used.context.as_deref() else { return false };
        let inside = if context.is_empty() {
            Some(path)
        } else {
            path.strip_prefix(context).map(|rest| rest.trim_start_matches('/'))
        };
        let Some(inside) = inside else { return false };
        used.context_files(project).contains(&inside)
            && used.copies(project).iter().any(|copied| copied.taking(inside).is_some())
    }

    /// Whether the stage that it is built from is named for development.
    fn builds_for_development(self) -> bool {
        let builder = self.image_source();
        let stage = builder.service().build_use.as_ref().and_then(|used| used.model.stages.get(used.stage?));
        let alias = stage.and_then(|stage| stage.alias.as_ref());
        alias.and_then(|(name, _)| Context::of_name(name)).is_some_and(Context::is_development)
    }

    /// Whether everything that its view publishes is for this machine only.
    fn is_published_on_loopback_only(self) -> bool {
        let services = || self.project().services_of(self.view());
        let mut reaches = services().flat_map(|service| {
            let all: Vec<Reach> = service.ports.iter().map(|port| service.reach(port)).collect();
            all
        });
        let published = services().any(|service| !service.ports.is_empty());
        published && reaches.all(|reach| matches!(reach, Reach::Loopback | Reach::Nobody))
    }

    /// Whether WordPress is told to show no errors: it may log them.
    fn hides_wordpress_errors(self) -> bool {
        self.wordpress_constant("WP_DEBUG_DISPLAY").and_then(|found| found.truth()) == Some(false)
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn modes(files: &[(&str, &str)]) -> Vec<(String, &'static str, &'static str)> {
        let files = sources(files);
        let project = Project::new(&files, TODAY);
        let all = project.services().flat_map(|service| service.risky_modes()).collect::<Vec<_>>();
        all.into_iter().map(|mode| (mode.source.name, mode.severity.as_str(), mode.good)).collect()
    }

    fn compose(environment: &str) -> String {
        format!("services:\n  app:\n    image: php:8.4-fpm\n    environment:\n      {environment}\n")
    }

    #[test]
    fn variables() {
        for (variable, severity) in [
            ("APP_DEBUG: \"true\"", "critical"),
            ("APP_DEBUG: 1", "critical"),
            ("APP_ENV: local", "high"),
            ("SYMFONY_ENV: dev", "critical"),
            ("CI_ENVIRONMENT: development", "critical"),
            ("TYPO3_CONTEXT: Development/Docker", "high"),
            ("MAGE_MODE: developer", "high"),
            ("CRAFT_DEV_MODE: \"true\"", "high"),
            ("WORDPRESS_DEBUG: 1", "high"),
            ("WP_ENV: development", "high"),
        ] {
            let found = modes(&[("compose.yaml", &compose(variable))]);
            assert_eq!(found.iter().map(|found| found.1).collect::<Vec<_>>(), [severity], "{variable}");
        }
        for variable in
            ["APP_DEBUG: \"false\"", "APP_ENV: prod", "APP_ENV: production", "APP_DEBUG: \"${X}\"", "DEBUG: 1"]
        {
            assert!(modes(&[("compose.yaml", &compose(variable))]).is_empty(), "{variable}");
        }
    }

    #[test]
    fn frameworks_decide() {
        let built = "services:\n  app:\n    build: .\n    environment: {APP_ENV: local}\n";
        let docker = "FROM php:8.4-fpm\nCOPY . .\n";
        let of = |package: &str| {
            let composer = format!("{{\"require\": {{\"{package}\": \"*\"}}}}");
            modes(&[("compose.yaml", built), ("Dockerfile", docker), ("composer.json", &composer)])
        };
        assert_eq!(of("laravel/framework"), [("APP_ENV".to_owned(), "medium", "production")]);
        assert_eq!(of("symfony/framework-bundle"), [("APP_ENV".to_owned(), "critical", "prod")]);
    }

    #[test]
    fn the_environment_file_of_the_application() {
        let built = "services:\n  app:\n    build: .\n";
        let composer = "{\"require\": {\"symfony/framework-bundle\": \"*\"}}";
        let with = |docker: &str, more: &[(&str, &str)]| {
            let mut files = vec![
                ("compose.yaml", built),
                ("Dockerfile", docker),
                ("composer.json", composer),
                (".env", "APP_ENV=dev\n"),
            ];
            files.extend(more);
            modes(&files).len()
        };
        let plain = "FROM php:8.4-fpm\nCOPY . .\n";
        assert_eq!(with(plain, &[]), 1);
        assert_eq!(with("FROM php:8.4-fpm\nENV APP_ENV=prod\nCOPY . .\n", &[]), 0);
        assert_eq!(with(plain, &[(".dockerignore", ".env\n")]), 0);
        assert_eq!(with(plain, &[(".gitignore", "/.env\n")]), 0);
    }

    #[test]
    fn developers_and_loopback() {
        assert!(modes(&[("compose.dev.yaml", &compose("APP_DEBUG: 1"))]).is_empty());
        let loopback = format!("{}    ports: [\"127.0.0.1:80:80\"]\n", compose("APP_DEBUG: 1"));
        assert_eq!(modes(&[("compose.yaml", &loopback)])[0].1, "medium");
        let stage = "FROM php:8.4-fpm AS app_dev\nENV APP_DEBUG=1\n";
        assert!(modes(&[("Dockerfile", stage)]).is_empty());
    }
}

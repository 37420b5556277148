//! Composer packages for debugging that an application requires for production, and the switches they have.

use super::{ContainerVariable, ServiceRef, SettingSource};
use crate::model::php::PhpConfig;
use crate::source::{Location, join};

/// A package for debugging.
#[derive(Clone, Debug)]
pub struct DebugPackage {
    /// Its name; the class of a bundle that `config/bundles.php` registers.
    pub name: String,
    /// Where it is required, or registered.
    pub at: Location,
    /// Whether it shows requests, queries or code over HTTP.
    pub exposes: bool,
    /// The variable that decides whether it is on, where the files set it.
    pub switch: Option<SettingSource>,
    /// What that variable says.
    pub switched: Option<bool>,
}

/// Packages that answer HTTP requests with what they have recorded, and the variables that switch them.
const EXPOSING: [(&str, Option<&str>); 8] = [
    ("barryvdh/laravel-debugbar", Some("DEBUGBAR_ENABLED")),
    ("fruitcake/laravel-debugbar", Some("DEBUGBAR_ENABLED")),
    ("laravel/telescope", Some("TELESCOPE_ENABLED")),
    ("itsgoingd/clockwork", Some("CLOCKWORK_ENABLE")),
    ("spatie/laravel-web-tinker", None),
    ("symfony/web-profiler-bundle", None),
    ("laravel/dusk", None),
    ("beyondcode/laravel-query-detector", Some("QUERY_DETECTOR_ENABLED")),
];

/// Packages that only developers need.
const TOOLS: [&str; 12] = [
    "spatie/laravel-ray",
    "symfony/debug-bundle",
    "symfony/maker-bundle",
    "filp/whoops",
    "tracy/tracy",
    "phpunit/phpunit",
    "pestphp/pest",
    "laravel/sail",
    "barryvdh/laravel-ide-helper",
    "phpstan/phpstan",
    "larastan/larastan",
    "friendsofphp/php-cs-fixer",
];

impl ServiceRef<'_, '_> {
    /// Packages for debugging that its application requires for production.
    #[must_use]
    pub fn debug_packages(self) -> Vec<DebugPackage> {
        let Some(folder) = self.application_folder() else { return Vec::new() };
        let mut found = Vec::new();
        if let Some(manifest) = self.project().composer_manifest(&folder).filter(|manifest| !manifest.is_library()) {
            let exposing = EXPOSING.into_iter().map(|(name, switch)| (name, switch, true));
            for (name, switch, exposes) in exposing.chain(TOOLS.into_iter().map(|name| (name, None, false))) {
                let Some(required) = manifest.requires(name) else { continue };
                let (source, switched) = switch.map_or((None, None), |switch| self.switch(switch));
                found.push(DebugPackage {
                    name: name.to_owned(),
                    at: required.package_at,
                    exposes,
                    switch: source,
                    switched,
                });
            }
        }
        if let Some(config) = self.project().php_config(&join(&folder, "config/bundles.php")) {
            found.extend(profiler(config));
        }
        found
    }

    /// Where a switch is set, and what to.
    fn switch(self, name: &str) -> (Option<SettingSource>, Option<bool>) {
        let ContainerVariable::Value(value, at) = self.container_variable(name) else { return (None, None) };
        let on = match value.to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Some(true),
            "false" | "0" | "off" | "no" | "" => Some(false),
            _ => None,
        };
        (at.map(|at| SettingSource { at, name: name.to_owned(), value }), on)
    }
}

/// Symfony's profiler, when it is registered for production.
fn profiler(config: PhpConfig<'_>) -> Option<DebugPackage> {
    let (class, _, at) = config.bundles().into_iter().find(|(class, environments, _)| {
        class.contains("WebProfilerBundle") && environments.iter().any(|name| matches!(*name, "all" | "prod"))
    })?;
    let name = class.rsplit('\\').find(|part| *part != "class").unwrap_or(class);
    let name = name.split("::").next().unwrap_or(name).to_owned();
    Some(DebugPackage { name, at, exposes: true, switch: None, switched: None })
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn packages(environment: &str, files: &[(&str, &str)]) -> Vec<(String, bool, Option<bool>)> {
        let compose = format!("services:\n  app:\n    build: .\n    environment: {{{environment}}}\n");
        let mut all = vec![("compose.yaml", compose.as_str()), ("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\n")];
        all.extend(files);
        let files = sources(&all);
        let project = Project::new(&files, TODAY);
        let found = project.services().flat_map(|service| service.debug_packages()).collect::<Vec<_>>();
        found.into_iter().map(|package| (package.name, package.exposes, package.switched)).collect()
    }

    #[test]
    fn what_is_required_for_production() {
        let composer = r#"{"require": {"laravel/framework": "^12", "laravel/telescope": "^5", "phpunit/phpunit": "^12"}, "require-dev": {"barryvdh/laravel-debugbar": "^3"}}"#;
        let found = packages("TELESCOPE_ENABLED: \"false\"", &[("composer.json", composer)]);
        assert_eq!(
            found,
            [("laravel/telescope".to_owned(), true, Some(false)), ("phpunit/phpunit".to_owned(), false, None)]
        );
    }

    #[test]
    fn bundles_of_symfony() {
        let composer = ("composer.json", r#"{"require": {"symfony/framework-bundle": "^7"}}"#);
        let bundles = |environments: &str| {
            let text = format!(
                "<?php\nreturn [\n  Symfony\\Bundle\\WebProfilerBundle\\WebProfilerBundle::class => [{environments}],\n];\n"
            );
            packages("", &[composer, ("config/bundles.php", &text)])
        };
        assert_eq!(bundles("'all' => true")[0].0, "WebProfilerBundle");
        assert!(bundles("'dev' => true, 'test' => true").is_empty());
    }
}

//! What the PHP files of an application configure: `wp-config.php`, Laravel's and Symfony's `config/*.php`, `.env.local.php`.

use crate::source::{Location, SourceId};
use crate::syntax::php::{Entry, Php, ValueKind};
use std::collections::BTreeMap;

/// A PHP file of the project.
#[derive(Clone, Copy, Debug)]
pub struct PhpConfig<'p> {
    /// The file.
    pub source: SourceId,
    /// Its content.
    pub php: &'p Php,
}

/// What is known of a constant or an entry.
#[derive(Clone, PartialEq, Debug)]
pub struct Configured {
    /// What it is set to.
    pub value: ValueKind,
    /// Where the value is written.
    pub at: Location,
    /// Where its name is written.
    pub name_at: Location,
    /// Whether it stands behind a condition.
    pub conditional: bool,
}

impl Configured {
    /// What it is as a boolean; `None` when it is not known. An environment variable counts with nothing: it may be set.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        self.value.truth()
    }

    /// The text that is written here: a literal, or the default of an environment variable.
    #[must_use]
    pub fn written(&self) -> Option<&str> {
        match &self.value {
            ValueKind::Environment { default: Some(default), .. } => default.text(),
            value => value.text(),
        }
    }

    /// The environment variable that decides it.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        match &self.value {
            ValueKind::Environment { key, .. } => Some(key),
            _ => None,
        }
    }
}

/// Keys and salts of WordPress.
pub const WORDPRESS_KEYS: [&str; 8] = [
    "AUTH_KEY",
    "SECURE_AUTH_KEY",
    "LOGGED_IN_KEY",
    "NONCE_KEY",
    "AUTH_SALT",
    "SECURE_AUTH_SALT",
    "LOGGED_IN_SALT",
    "NONCE_SALT",
];

impl<'p> PhpConfig<'p> {
    /// A constant: `DB_PASSWORD`, `WP_DEBUG`, `DISALLOW_FILE_EDIT`.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<Configured> {
        let constant = self.php.constant(name)?;
        Some(Configured {
            value: constant.value.kind.clone(),
            at: Location::new(self.source, constant.value.span),
            name_at: Location::new(self.source, constant.name_span),
            conditional: constant.conditional,
        })
    }

    /// An entry by its path: `connections`, `mysql`, `password`.
    #[must_use]
    pub fn entry(&self, path: &[&str]) -> Option<Configured> {
        self.php.get(path).map(|entry| self.configured(entry))
    }

    /// Every entry with its path and what it is set to.
    #[must_use]
    pub fn entries(&self) -> Vec<(Vec<&'p str>, Configured)> {
        let all = self.php.entries.iter().enumerate();
        all.map(|(index, entry)| (self.php.path(index), self.configured(entry))).collect()
    }

    fn configured(&self, entry: &Entry) -> Configured {
        Configured {
            value: entry.value.kind.clone(),
            at: Location::new(self.source, entry.value.span),
            name_at: Location::new(self.source, entry.key_span),
            conditional: entry.conditional,
        }
    }

    /// The bundles of Symfony's `config/bundles.php`: class, and the environments they are switched on for.
    #[must_use]
    pub fn bundles(&self) -> Vec<(&'p str, Vec<&'p str>, Location)> {
        let mut found: Vec<(&'p str, Vec<&'p str>, Location)> = Vec::new();
        let mut place: BTreeMap<usize, usize> = BTreeMap::new();
        for (index, entry) in self.php.entries.iter().enumerate() {
            match entry.parent {
                None if entry.variable.is_none() && entry.key.contains('\\') => {
                    place.insert(index, found.len());
                    found.push((&entry.key, Vec::new(), Location::new(self.source, entry.key_span)));
                }
                Some(parent) if entry.value.truth() == Some(true) => {
                    if let Some((_, environments, _)) = place.get(&parent).and_then(|at| found.get_mut(*at)) {
                        environments.push(&entry.key);
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// Whether a file that begins so is Laravel's `artisan` or Symfony's `bin/console`: the program, or nothing.
#[must_use]
pub fn console(path: &str, text: &str) -> Option<&'static str> {
    let head: String = text.chars().take(4096).collect();
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "artisan" && (head.contains("bootstrap/app.php") || head.contains("LARAVEL_START")) {
        return Some("artisan");
    }
    if path.ends_with("bin/console") && (head.contains("Symfony") || head.contains("autoload_runtime.php")) {
        return Some("bin/console");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::php::parse;

    #[test]
    fn constants_and_entries() {
        let text = "<?php\ndefine('DB_PASSWORD', getenv_docker('P', 'example'));\ndefine('WP_DEBUG', true);\n\
            return ['redis' => ['password' => env('REDIS_PASSWORD', null)]];\n";
        let php = parse(text);
        let config = PhpConfig { source: SourceId(0), php: &php };
        let password = config.constant("DB_PASSWORD").unwrap();
        assert_eq!((password.written(), password.variable(), password.truth()), (Some("example"), Some("P"), None));
        assert_eq!(config.constant("WP_DEBUG").unwrap().truth(), Some(true));
        let entry = config.entry(&["redis", "password"]).unwrap();
        assert_eq!((entry.variable(), entry.written()), (Some("REDIS_PASSWORD"), None));
        assert_eq!(config.entries().len(), 2);
    }

    #[test]
    fn bundles_of_symfony() {
        let text = "<?php\nreturn [\n  Symfony\\Bundle\\FrameworkBundle\\FrameworkBundle::class => ['all' => true],\n\
            \x20 Symfony\\Bundle\\WebProfilerBundle\\WebProfilerBundle::class => ['dev' => true, 'test' => true, 'prod' => false],\n];\n";
        let php = parse(text);
        let config = PhpConfig { source: SourceId(0), php: &php };
        let bundles = config.bundles();
        assert_eq!(bundles.len(), 2);
        assert_eq!(bundles[1].1, ["dev", "test"]);
        assert_eq!(bundles[0].2.span.slice(text), "Symfony\\Bundle\\FrameworkBundle\\FrameworkBundle::class");
    }

    #[test]
    fn consoles() {
        assert_eq!(console("artisan", "#!/usr/bin/env php\n<?php\ndefine('LARAVEL_START', 1);\n"), Some("artisan"));
        assert_eq!(console("app/bin/console", "<?php\nrequire 'vendor/autoload_runtime.php';\n"), Some("bin/console"));
        assert_eq!(console("bin/console", "#!/bin/sh\n"), None);
    }
}

//! What an organisation does not want in its images.

use plimsoll_plugin_sdk::prelude::{Context, Error, settings_error};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings as a schema, for editors and `plimsoll plugin inspect`.
pub(crate) const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Policy {
    packages: Vec<String>,
    extensions: Vec<String>,
    base_images: BTreeMap<String, String>,
    development_stages: Vec<String>,
    contexts: Vec<Context>,
}

impl Default for Policy {
    fn default() -> Self {
        let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Self {
            packages: own(&["openssh-server", "openssh", "sudo", "telnet", "netcat-*", "nmap", "gdb", "strace"]),
            extensions: own(&["xdebug", "pcov"]),
            base_images: BTreeMap::new(),
            development_stages: own(&[
                "dev",
                "dev-*",
                "*-dev",
                "*_dev",
                "*develop*",
                "*debug*",
                "test",
                "test-*",
                "*-test",
                "*_test",
            ]),
            contexts: Context::deployed(),
        }
    }
}

impl Policy {
    /// Refuses what can only be a slip.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        for (pattern, replacement) in &self.base_images {
            let tag = pattern.rsplit('/').next().unwrap_or(pattern);
            if !pattern.contains('/') || !tag.contains(':') {
                return Err(settings_error(format!(
                    "base_images: `{pattern}` is no full name with a tag, such as docker.io/library/php:*-apache"
                )));
            }
            if replacement.contains(char::is_whitespace) || stars(replacement) > stars(pattern) {
                return Err(settings_error(format!(
                    "base_images: `{replacement}` cannot be made from what `{pattern}` matches"
                )));
            }
        }
        Ok(())
    }

    /// Whether the rules hold in a context.
    pub(crate) fn hold_in(&self, context: Context) -> bool {
        self.contexts.contains(&context)
    }

    /// Whether a stage is for development alone.
    pub(crate) fn is_for_development(&self, stage: &str) -> bool {
        let stage = stage.to_ascii_lowercase();
        self.development_stages.iter().any(|pattern| captured(pattern, &stage).is_some())
    }

    /// Whether a package must not be installed.
    pub(crate) fn forbids_package(&self, name: &str) -> bool {
        self.packages.iter().any(|pattern| captured(pattern, name).is_some())
    }

    /// Whether an extension must not be installed.
    pub(crate) fn forbids_extension(&self, name: &str) -> bool {
        self.extensions.iter().any(|extension| extension.eq_ignore_ascii_case(name))
    }

    /// The pattern that forbids a base image, and what to use instead.
    pub(crate) fn forbidden_base(&self, name: &str) -> Option<(&str, Option<String>)> {
        self.base_images.iter().find_map(|(pattern, replacement)| {
            let pieces = captured(pattern, name)?;
            Some((pattern.as_str(), (!replacement.is_empty()).then(|| filled(replacement, &pieces))))
        })
    }
}

fn stars(text: &str) -> usize {
    text.matches('*').count()
}

/// What each `*` of a pattern stands for in a name; `None` when the pattern does not match. Each takes as little as it can, the last
/// one the rest.
fn captured<'n>(pattern: &str, name: &'n str) -> Option<Vec<&'n str>> {
    let mut pieces = pattern.split('*');
    let mut rest = name.strip_prefix(pieces.next()?)?;
    let mut pieces: Vec<&str> = pieces.collect();
    let mut found = Vec::with_capacity(pieces.len());
    let Some(last) = pieces.pop() else { return rest.is_empty().then_some(found) };
    for piece in pieces {
        let (before, behind) = rest.split_once(piece)?;
        found.push(before);
        rest = behind;
    }
    found.push(rest.strip_suffix(last)?);
    Some(found)
}

fn filled(replacement: &str, pieces: &[&str]) -> String {
    let mut pieces = pieces.iter();
    let mut parts = replacement.split('*');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push_str(pieces.next().copied().unwrap_or(""));
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{captured, filled};

    #[test]
    fn patterns_capture() {
        assert_eq!(captured("php:*-apache", "php:8.4-apache"), Some(vec!["8.4"]));
        assert_eq!(captured("php:*-apache*", "php:8.4-apache-bookworm"), Some(vec!["8.4", "-bookworm"]));
        assert_eq!(captured("php:*-apache", "php:8.4-fpm"), None);
        assert_eq!(captured("php", "php"), Some(Vec::new()));
        assert_eq!(captured("php", "php8"), None);
        assert_eq!(captured("*", "x"), Some(vec!["x"]));
    }

    #[test]
    fn replacements_are_filled() {
        assert_eq!(filled("php:*-fpm*", &["8.4", "-bookworm"]), "php:8.4-fpm-bookworm");
        assert_eq!(filled("php:8.4-fpm", &["8.3"]), "php:8.4-fpm");
    }
}

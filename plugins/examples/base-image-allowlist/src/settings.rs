//! What an organisation allows.

use plimsoll_plugin_sdk::pattern;
use plimsoll_plugin_sdk::prelude::{Context, Error, settings_error};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings as a schema, for editors and `plimsoll plugin inspect`.
pub(crate) const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Allowlist {
    pub(crate) allowed: Vec<String>,
    pub(crate) require_digest: bool,
    pub(crate) digest_exempt: Vec<String>,
    pub(crate) contexts: Vec<Context>,
    pub(crate) replacements: BTreeMap<String, String>,
}

impl Default for Allowlist {
    fn default() -> Self {
        Self {
            allowed: vec!["docker.io/library/*".to_owned()],
            require_digest: false,
            digest_exempt: Vec::new(),
            // What a developer runs comes from the same places: their machine holds credentials too.
            contexts: vec![Context::Production, Context::Staging, Context::Unknown, Context::Ci, Context::Development],
            replacements: BTreeMap::new(),
        }
    }
}

impl Allowlist {
    /// Refuses what can only be a slip.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        patterns("allowed", &self.allowed)?;
        patterns("digest_exempt", &self.digest_exempt)?;
        match self.replacements.iter().find(|(_, new)| new.is_empty() || new.contains(char::is_whitespace)) {
            Some((old, new)) => Err(settings_error(format!("replacements: `{new}` for `{old}` is no image name"))),
            None => Ok(()),
        }
    }

    /// Whether some pattern matches a full name.
    pub(crate) fn allows(&self, repository: &str) -> bool {
        self.allowed.iter().any(|pattern| matches(pattern, repository))
    }

    /// Whether an image of this name must be pinned to a digest.
    pub(crate) fn needs_digest(&self, repository: &str) -> bool {
        self.require_digest && !self.digest_exempt.iter().any(|pattern| matches(pattern, repository))
    }
}

/// Refuses patterns that can match nothing, or not what they seem to.
fn patterns(key: &str, patterns: &[String]) -> Result<(), Error> {
    for (index, pattern) in patterns.iter().enumerate() {
        let place = format!("{key}[{index}]: `{pattern}`");
        if !pattern.contains('/') {
            return Err(settings_error(format!(
                "{place} has no registry: write the full name, such as docker.io/library/{pattern}"
            )));
        }
        if pattern.strip_suffix("/**").unwrap_or(pattern).contains("**") {
            return Err(settings_error(format!("{place} has `**` elsewhere than at the end")));
        }
    }
    Ok(())
}

fn matches(pattern: &str, name: &str) -> bool {
    if let Some(prefix) = pattern.strip_suffix("/**") {
        let parts = prefix.split('/').count();
        let mut rest = name.split('/');
        let head: Vec<&str> = rest.by_ref().take(parts).collect();
        return rest.next().is_some() && matches(prefix, &head.join("/"));
    }
    pattern.split('/').count() == name.split('/').count()
        && pattern.split('/').zip(name.split('/')).all(|(pattern, part)| pattern::matches(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, name, want) in [
            ("docker.io/library/*", "docker.io/library/php", true),
            ("docker.io/library/*", "docker.io/bitnami/redis", false),
            ("docker.io/library/*", "docker.io/library/a/b", false),
            ("registry.example.net/**", "registry.example.net/a/b/c", true),
            ("registry.example.net/**", "registry.example.net", false),
            ("registry.example.net/**", "registry.example.network/a", false),
            ("*.example.net/base/php*", "eu.example.net/base/php-fpm", true),
            ("docker.io/library/p*p", "docker.io/library/php", true),
            ("docker.io/library/p*p", "docker.io/library/p", false),
            ("docker.io/library/php", "docker.io/library/php", true),
        ] {
            assert_eq!(matches(pattern, name), want, "{pattern} {name}");
        }
    }
}

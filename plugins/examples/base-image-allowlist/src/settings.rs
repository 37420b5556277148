//! What an organisation allows.

use plimsoll_plugin_sdk::plugin::settings_error;
use plimsoll_plugin_sdk::prelude::Error;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings as a schema, for editors and `plimsoll plugin inspect`.
pub(crate) const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "allowed": {
      "description": "Patterns of full image names without tag: `docker.io/library/*`, `registry.example.net/base/**`",
      "type": "array",
      "items": { "type": "string", "minLength": 1 },
      "default": ["docker.io/library/*"]
    },
    "require_digest": {
      "description": "Whether allowed images must be pinned to a digest",
      "type": "boolean",
      "default": false
    },
    "replacements": {
      "description": "Full names of images and the names to use instead",
      "type": "object",
      "additionalProperties": { "type": "string", "minLength": 1 }
    }
  }
}"#;

/// The settings.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Allowlist {
    pub(crate) allowed: Vec<String>,
    pub(crate) require_digest: bool,
    pub(crate) replacements: BTreeMap<String, String>,
}

impl Default for Allowlist {
    fn default() -> Self {
        Self { allowed: vec!["docker.io/library/*".to_owned()], require_digest: false, replacements: BTreeMap::new() }
    }
}

impl Allowlist {
    /// Refuses what can only be a slip.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        for (index, pattern) in self.allowed.iter().enumerate() {
            let place = || format!("allowed[{index}]: `{pattern}`");
            if !pattern.contains('/') {
                return Err(settings_error(format!(
                    "{} has no registry: write the full name, such as docker.io/library/{pattern}",
                    place()
                )));
            }
            if pattern.strip_suffix("/**").unwrap_or(pattern).contains("**") {
                return Err(settings_error(format!("{} has `**` elsewhere than at the end", place())));
            }
        }
        match self.replacements.iter().find(|(_, new)| new.is_empty() || new.contains(char::is_whitespace)) {
            Some((old, new)) => Err(settings_error(format!("replacements: `{new}` for `{old}` is no image name"))),
            None => Ok(()),
        }
    }

    /// Whether some pattern matches a full name.
    pub(crate) fn allows(&self, repository: &str) -> bool {
        self.allowed.iter().any(|pattern| matches(pattern, repository))
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    if let Some(prefix) = pattern.strip_suffix("/**") {
        let parts = prefix.split('/').count();
        let mut rest = name.split('/');
        let head: Vec<&str> = rest.by_ref().take(parts).collect();
        return rest.next().is_some() && matches(prefix, &head.join("/"));
    }
    pattern.split('/').count() == name.split('/').count()
        && pattern.split('/').zip(name.split('/')).all(|(pattern, part)| part_matches(pattern, part))
}

/// One part between slashes; each `*` takes as little as it can, which is enough since the last piece must end the part.
fn part_matches(pattern: &str, part: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == part };
    let Some(mut part) = part.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or("");
    for piece in pieces {
        match part.split_once(piece) {
            Some((_, behind)) => part = behind,
            None => return false,
        }
    }
    part.ends_with(last)
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

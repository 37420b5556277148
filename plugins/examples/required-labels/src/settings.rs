//! What an organisation asks for.

use plimsoll_plugin_sdk::pattern::matches;
use plimsoll_plugin_sdk::prelude::{Context, Error, settings_error};
use regex_lite::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings as a schema, for editors and `plimsoll plugin inspect`.
pub(crate) const SCHEMA: &str = include_str!("../settings.schema.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    services: BTreeMap<String, String>,
    images: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    labelled_bases: Vec<String>,
    exempt: Vec<String>,
    contexts: Vec<Context>,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            services: BTreeMap::new(),
            images: BTreeMap::new(),
            values: BTreeMap::new(),
            labelled_bases: Vec::new(),
            exempt: Vec::new(),
            contexts: Context::deployed(),
        }
    }
}

/// A label that must be there.
pub(crate) struct Required {
    pub(crate) name: String,
    /// What its value has to match, and the pattern's text.
    pub(crate) pattern: Option<(Regex, String)>,
    /// The value that a fix may write.
    pub(crate) value: Option<String>,
}

impl Required {
    /// The pattern that a value does not match.
    pub(crate) fn refuses(&self, value: &str) -> Option<&str> {
        self.pattern.as_ref().filter(|(pattern, _)| !pattern.is_match(value)).map(|(_, text)| text.as_str())
    }
}

/// The settings.
pub(crate) struct Rules {
    pub(crate) services: Vec<Required>,
    pub(crate) images: Vec<Required>,
    labelled_bases: Vec<String>,
    exempt: Vec<String>,
    contexts: Vec<Context>,
}

impl Rules {
    /// Reads the settings.
    pub(crate) fn of(settings: plimsoll_plugin_sdk::prelude::Settings<'_>) -> Result<Self, Error> {
        let written: Written = settings.parse()?;
        let required = |key: &str, labels: &BTreeMap<String, String>| -> Result<Vec<Required>, Error> {
            labels.iter().map(|(name, pattern)| required(key, name, pattern, written.values.get(name))).collect()
        };
        let rules = Self {
            services: required("services", &written.services)?,
            images: required("images", &written.images)?,
            labelled_bases: written.labelled_bases,
            exempt: written.exempt,
            contexts: written.contexts,
        };
        let asked = |name: &String| written.services.contains_key(name) || written.images.contains_key(name);
        match written.values.keys().find(|name| !asked(name)) {
            Some(name) => Err(settings_error(format!("values: `{name}` is a label that nothing requires"))),
            None => Ok(rules),
        }
    }

    /// Whether the rules hold for a service.
    pub(crate) fn hold_for(&self, service: plimsoll_plugin_sdk::prelude::Service<'_>) -> bool {
        service.declared()
            && self.contexts.contains(&service.context())
            && !self.exempt.iter().any(|pattern| matches(pattern, service.name()))
    }

    /// Whether a base image is known to bring labels with it.
    pub(crate) fn is_labelled(&self, repository: &str) -> bool {
        self.labelled_bases.iter().any(|pattern| matches(pattern, repository))
    }
}

fn required(key: &str, name: &str, pattern: &str, value: Option<&String>) -> Result<Required, Error> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(settings_error(format!("{key}: `{name}` is no name of a label (letters, digits and . - _ /)")));
    }
    let compiled = match pattern {
        "" => None,
        pattern => match Regex::new(pattern) {
            Ok(regex) => Some((regex, pattern.to_owned())),
            Err(error) => return Err(settings_error(format!("{key}: the pattern `{pattern}` of {name}: {error}"))),
        },
    };
    let required = Required { name: name.to_owned(), pattern: compiled, value: value.cloned() };
    match value.filter(|value| required.refuses(value).is_some()) {
        Some(value) => {
            Err(settings_error(format!("values: `{value}` of {name} does not match its own pattern `{pattern}`")))
        }
        None => Ok(required),
    }
}

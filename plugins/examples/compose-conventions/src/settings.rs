//! What an organisation agreed on.

use plimsoll_plugin_sdk::pattern::matches;
use plimsoll_plugin_sdk::prelude::{Context, Error, Service, Settings, settings_error};
use regex_lite::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings as a schema, for editors and `plimsoll plugin inspect`.
pub(crate) const SCHEMA: &str = include_str!("../settings.schema.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    service_names: String,
    network_names: String,
    volume_names: String,
    variable_names: String,
    variable_groups: Vec<String>,
    exempt_variables: Vec<String>,
    required_variables: BTreeMap<String, Vec<String>>,
    env_file: bool,
    container_name: bool,
    restart: BTreeMap<Context, Vec<String>>,
    exempt: Vec<String>,
    contexts: Vec<Context>,
}

impl Default for Written {
    fn default() -> Self {
        let proxies = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"];
        Self {
            // What a name in DNS may be: that is how other services call it.
            service_names: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$".to_owned(),
            network_names: String::new(),
            volume_names: String::new(),
            variable_names: "^[A-Z][A-Z0-9_]*$".to_owned(),
            variable_groups: vec!["app".to_owned()],
            exempt_variables: proxies.map(str::to_owned).to_vec(),
            required_variables: BTreeMap::new(),
            env_file: true,
            container_name: false,
            restart: BTreeMap::new(),
            exempt: Vec::new(),
            contexts: Context::deployed(),
        }
    }
}

/// A pattern that names have to match, with its text.
pub(crate) struct Pattern {
    regex: Regex,
    /// The pattern as written.
    pub(crate) text: String,
}

impl Pattern {
    fn of(key: &str, text: String) -> Result<Option<Self>, Error> {
        if text.is_empty() {
            return Ok(None);
        }
        match Regex::new(&text) {
            Ok(regex) => Ok(Some(Self { regex, text })),
            Err(error) => Err(settings_error(format!("{key}: the pattern `{text}`: {error}"))),
        }
    }

    /// Whether a name is as it should be.
    pub(crate) fn allows(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }
}

/// The settings.
pub(crate) struct Conventions {
    pub(crate) service_names: Option<Pattern>,
    pub(crate) network_names: Option<Pattern>,
    pub(crate) volume_names: Option<Pattern>,
    pub(crate) variable_names: Option<Pattern>,
    pub(crate) env_file: bool,
    pub(crate) container_name: bool,
    variable_groups: Vec<String>,
    exempt_variables: Vec<String>,
    required_variables: BTreeMap<String, Vec<String>>,
    restart: BTreeMap<Context, Vec<String>>,
    exempt: Vec<String>,
    contexts: Vec<Context>,
}

impl Conventions {
    /// Reads the settings.
    pub(crate) fn of(settings: Settings<'_>) -> Result<Self, Error> {
        let written: Written = settings.parse()?;
        Ok(Self {
            service_names: Pattern::of("service_names", written.service_names)?,
            network_names: Pattern::of("network_names", written.network_names)?,
            volume_names: Pattern::of("volume_names", written.volume_names)?,
            variable_names: Pattern::of("variable_names", written.variable_names)?,
            env_file: written.env_file,
            container_name: written.container_name,
            variable_groups: written.variable_groups,
            exempt_variables: written.exempt_variables,
            required_variables: written.required_variables,
            restart: written.restart,
            exempt: written.exempt,
            contexts: written.contexts,
        })
    }

    /// Whether the rules hold in a context.
    pub(crate) fn hold_in(&self, context: Context) -> bool {
        self.contexts.contains(&context)
    }

    /// Whether no rule looks at a service.
    pub(crate) fn is_exempt(&self, service: Service<'_>) -> bool {
        !service.declared() || self.exempt.iter().any(|pattern| matches(pattern, service.name()))
    }

    /// Whether a service is the organisation's own, so that it chose the names of its variables.
    pub(crate) fn names_variables_of(&self, service: Service<'_>) -> bool {
        self.variable_groups.iter().any(|group| group == service.group())
    }

    /// Whether a variable may have any name.
    pub(crate) fn is_exempt_variable(&self, name: &str) -> bool {
        self.exempt_variables.iter().any(|pattern| matches(pattern, name))
    }

    /// The variables that a role must have.
    pub(crate) fn required_of(&self, role: &str) -> &[String] {
        self.required_variables.get(role).map(Vec::as_slice).unwrap_or_default()
    }

    /// The restart policies that are allowed in a context; none when any is.
    pub(crate) fn restart_in(&self, context: Context) -> Option<&[String]> {
        self.restart.get(&context).map(Vec::as_slice).filter(|allowed| !allowed.is_empty())
    }
}

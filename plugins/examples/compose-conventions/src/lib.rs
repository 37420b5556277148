//! Names, environment and restart policies of Compose services, as an organisation agreed on.
//!
//! The rules look at the resolved model, so that a value counts wherever it comes from: another file, an anchor, `extends`. Variables
//! are judged by their names only; whether a value is a secret is not asked here.
//!
//! README.md is its manual.

mod names;
mod rules;
mod services;
mod settings;
mod variables;

#[cfg(test)]
mod tests;

use plimsoll_plugin_sdk::prelude::*;
use settings::Conventions;

/// The plug-in.
pub struct ComposeConventions;

impl Plugin for ComposeConventions {
    fn metadata() -> Metadata {
        plimsoll_plugin_sdk::metadata!(settings::SCHEMA).rules(rules::all())
    }

    fn check(project: &Project, settings: Settings<'_>) -> Result<Vec<Finding>, Error> {
        let conventions = Conventions::of(settings)?;
        let mut found = names::check(project, &conventions);
        found.extend(variables::check(project, &conventions));
        found.extend(services::check(project, &conventions));
        Ok(found)
    }
}

plimsoll_plugin_sdk::export!(ComposeConventions);

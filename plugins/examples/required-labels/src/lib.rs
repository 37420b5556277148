//! Labels that say who owns a service or an image, and whatever else an organisation wants to know of each.
//!
//! Services are judged by their labels after merge, images by the `LABEL`s of every stage below the one that runs. What cannot be
//! seen is believed: labels of a file that is not here, a name with a variable in it, base images that bring their own.
//!
//! README.md is its manual.

mod images;
mod services;
mod settings;

#[cfg(test)]
mod tests;

use plimsoll_plugin_sdk::prelude::*;
use settings::Rules;

/// A label is not there.
pub(crate) const MISSING: &str = "label-missing";
/// A label is there and its value is not of the kind that is asked for.
pub(crate) const VALUE: &str = "label-value";

/// The plug-in.
pub struct RequiredLabels;

impl Plugin for RequiredLabels {
    fn metadata() -> Metadata {
        plimsoll_plugin_sdk::metadata!(settings::SCHEMA)
            .rule(
                rule(
                    MISSING,
                    "Required label is missing",
                    Severity::Medium,
                    "When a container misbehaves at night, its labels are what says whose it is. Inventories, bills and alerts are \
                     sorted by them; what has none belongs to nobody.",
                )
                .help("Add the label to the service, or to the last stage of the Dockerfile.")
                .kinds(&["compose", "dockerfile"])
                .tags(&["ownership"]),
            )
            .rule(
                rule(
                    VALUE,
                    "Label has another value than it may have",
                    Severity::Low,
                    "Whoever looks for a team by its name does not find a service that spells it another way.",
                )
                .help("Write one of the values that the organisation knows.")
                .kinds(&["compose", "dockerfile"])
                .tags(&["ownership"]),
            )
    }

    fn check(project: &Project, settings: Settings<'_>) -> Result<Vec<Finding>, Error> {
        let rules = Rules::of(settings)?;
        let mut found = services::check(project, &rules);
        found.extend(images::check(project, &rules));
        Ok(found)
    }
}

/// `a`, `a` and `b`, `a`, `b` and `c`.
pub(crate) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

plimsoll_plugin_sdk::export!(RequiredLabels);

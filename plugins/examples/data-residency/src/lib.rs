//! Data stays where it may be: volumes on allowed drivers, devices and regions, bind mounts in allowed folders, and networks shared only
//! with services that are allowed to be near it.
//!
//! What holds data is told by a label, by a volume's name, or by a service's role. A region is what a label or an option of a driver
//! says; where nothing says it, nothing is wrong unless the settings require it.
//!
//! README.md is its manual.

mod holdings;
mod mounts;
mod networks;
mod rules;
mod settings;
mod volumes;

#[cfg(test)]
mod tests;

use holdings::Holdings;
use plimsoll_plugin_sdk::prelude::*;
use settings::Residency;

/// The plug-in.
pub struct DataResidency;

impl Plugin for DataResidency {
    fn metadata() -> Metadata {
        plimsoll_plugin_sdk::metadata!(settings::SCHEMA).rules(rules::all())
    }

    fn check(project: &Project, settings: Settings<'_>) -> Result<Vec<Finding>, Error> {
        let residency: Residency = settings.parse()?;
        residency.validate()?;
        let holdings = Holdings::of(project, &residency);
        let mut found = volumes::check(project, &residency, &holdings);
        found.extend(mounts::check(&residency, &holdings));
        found.extend(networks::check(&residency, &holdings));
        Ok(found)
    }
}

/// `a`, `b`, `c`.
pub(crate) fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

plimsoll_plugin_sdk::export!(DataResidency);

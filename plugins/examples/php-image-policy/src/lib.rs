//! Packages, PHP extensions and base images that an organisation does not want in the PHP images it deploys.
//!
//! Only stages whose layers are in an image that runs are looked at: what a build stage needs is its own affair. A command that may
//! not run, a name that a variable makes, and what the same build takes out again say nothing.
//!
//! README.md is its manual.

mod bases;
mod installs;
mod runs;
mod settings;

#[cfg(test)]
mod tests;

use plimsoll_plugin_sdk::prelude::*;
use settings::Policy;
use std::collections::BTreeSet;

pub(crate) const PACKAGE: &str = "forbidden-package";
pub(crate) const EXTENSION: &str = "forbidden-extension";
pub(crate) const BASE: &str = "forbidden-base-image";

/// The plug-in.
pub struct PhpImagePolicy;

impl Plugin for PhpImagePolicy {
    fn metadata() -> Metadata {
        let rules = [
            rule(
                PACKAGE,
                "Forbidden package in a deployed image",
                Severity::Medium,
                "Whoever gets into the container finds these tools ready: to look around, to move on, to become somebody else. What \
                 the application does not need, it should not have.",
            )
            .help("Take the package out, or install it in a stage of its own that is not deployed."),
            rule(
                EXTENSION,
                "Forbidden PHP extension in a deployed image",
                Severity::High,
                "A debugger or a coverage driver slows every request down, and shows the source and its variables to whoever can \
                 reach it.",
            )
            .help("Install the extension in a stage for development, built on the one that is deployed."),
            rule(
                BASE,
                "Forbidden base image",
                Severity::Medium,
                "The organisation builds on other images: these ones are no longer maintained, or not in the way it needs.",
            )
            .help("Use the image that the organisation names instead."),
        ];
        let rules = rules.into_iter().map(|rule| rule.kinds(&["dockerfile"]).tags(&["php", "images"]));
        plimsoll_plugin_sdk::metadata!(settings::SCHEMA).rules(rules)
    }

    fn check(project: &Project, settings: Settings<'_>) -> Result<Vec<Finding>, Error> {
        let policy: Policy = settings.parse()?;
        policy.validate()?;
        let mut found = Vec::new();
        let mut images = BTreeSet::new();
        for service in project.services().filter(|service| service.declared() && policy.hold_in(service.context())) {
            if let Some(image) = service.image().filter(|image| images.insert(image.index())) {
                found.extend(bases::judge(project, &policy, image, service));
            }
            let Some(stage) = service.stage() else { continue };
            if stage.chain().any(|stage| policy.is_for_development(stage.name())) {
                continue;
            }
            found.extend(runs::judge(&policy, stage).into_iter().map(|finding| finding.on(service)));
            let base = stage.base_image();
            found.extend(base.and_then(|image| bases::judge(project, &policy, image, service)));
        }
        Ok(found)
    }
}

plimsoll_plugin_sdk::export!(PhpImagePolicy);

//! Names of services, networks and volumes.

use crate::rules::{NETWORK_NAME, SERVICE_NAME, VOLUME_NAME};
use crate::settings::{Conventions, Pattern};
use plimsoll_plugin_sdk::prelude::*;

/// Judges every name.
pub(crate) fn check(project: &Project, conventions: &Conventions) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(pattern) = &conventions.service_names {
        let services = project.services().filter(|service| !conventions.is_exempt(*service));
        for service in services.filter(|service| conventions.hold_in(service.context())) {
            found.extend(judge(SERVICE_NAME, *service, pattern).map(|finding| finding.on(service)));
        }
    }
    let of_view = |entity: &EntityRef<'_>| {
        entity.in_view().is_some_and(|view| !view.running() && conventions.hold_in(view.context()))
    };
    if let Some(pattern) = &conventions.network_names {
        // Compose itself calls a network `default`.
        let networks = project.entities("network").filter(|network| network.name() != "default").filter(of_view);
        found.extend(networks.filter_map(|network| judge(NETWORK_NAME, network, pattern)));
    }
    if let Some(pattern) = &conventions.volume_names {
        let volumes = project.entities("volume").filter(of_view);
        found.extend(volumes.filter_map(|volume| judge(VOLUME_NAME, volume, pattern)));
    }
    found
}

fn judge(rule: &str, entity: EntityRef<'_>, pattern: &Pattern) -> Option<Finding> {
    // Only what is written as a key of a Compose file was named by somebody who could have named it otherwise.
    let node = entity.node().filter(|node| node.document().kind == "compose")?;
    let message = format!("The {} `{}` does not match `{}`", entity.kind(), entity.name(), pattern.text);
    (!pattern.allows(entity.name())).then(|| finding(rule, node.key_location(), message))
}

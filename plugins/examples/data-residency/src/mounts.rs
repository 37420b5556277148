//! Folders of the host that services with data keep it in.

use crate::holdings::{Holdings, holds, is_data};
use crate::listed;
use crate::rules::BIND;
use crate::settings::Residency;
use plimsoll_plugin_sdk::prelude::*;

/// Judges every bind mount of a service with data.
pub(crate) fn check(residency: &Residency, holdings: &Holdings<'_>) -> Vec<Finding> {
    // A service that only mounts a volume with data is no store itself: what else it mounts is its own affair.
    let services = holdings.services.iter().filter(|service| holds(**service, residency));
    let mounts = services.flat_map(|service| service.mounts().map(move |mount| (*service, mount)));
    let binds = mounts.filter(|(_, mount)| mount.mount_type() == "bind" && is_data(*mount, residency));
    binds.filter_map(|(service, mount)| judge(residency, service, mount)).collect()
}

fn judge(residency: &Residency, service: Service<'_>, mount: Mount<'_>) -> Option<Finding> {
    let (source, at, name) = (mount.source()?, mount.origin()?, service.name());
    let message = if source.starts_with('.') && !residency.relative_paths {
        format!("`{name}` keeps its data in `{source}`, wherever the project's folder is")
    } else if residency.allows_path(source) == Some(false) {
        format!("`{name}` keeps its data in `{source}`; allowed are {}", listed(&residency.host_paths))
    } else {
        return None;
    };
    Some(finding(BIND, at, message).on(service))
}

//! Which services and volumes hold data.

use crate::settings::Residency;
use plimsoll_plugin_sdk::prelude::*;
use std::collections::BTreeSet;

/// What holds data, of the deployments that the rules hold in.
pub(crate) struct Holdings<'p> {
    /// Services with data.
    pub(crate) services: Vec<Service<'p>>,
    /// Volumes with data.
    pub(crate) volumes: Vec<Volume<'p>>,
}

impl<'p> Holdings<'p> {
    /// Looks at every service and volume.
    pub(crate) fn of(project: &'p Project, residency: &Residency) -> Self {
        let by_itself =
            |volume: Volume<'p>| residency.is_classed(volume.labels()) || residency.names_data(volume.name());
        let (mut services, mut volumes, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        let judged = |service: &Service<'p>| service.declared() && residency.hold_in(service.context());
        for service in project.services().filter(judged) {
            let by_role = holds(service, residency);
            let mut with_data = by_role;
            for (mount, volume) in service.mounts().filter_map(|mount| Some((mount, mount.volume()?))) {
                if by_itself(volume) || (by_role && is_data(mount, residency)) {
                    with_data = true;
                    if seen.insert(volume.index()) {
                        volumes.push(volume);
                    }
                }
            }
            if with_data {
                services.push(service);
            }
        }
        // Nobody mounts it: its deployment tells whether the rules hold for it.
        let judged = |volume: &Volume<'p>| {
            let view = volume.in_view();
            view.is_some_and(|view| !view.running() && residency.hold_in(view.context()))
        };
        let unmounted = project.volumes().filter(|volume| volume.mounts().next().is_none() && by_itself(*volume));
        volumes.extend(unmounted.filter(judged));
        Self { services, volumes }
    }
}

/// Whether a service holds data by its label or role, whatever it mounts.
pub(crate) fn holds(service: Service<'_>, residency: &Residency) -> bool {
    residency.is_classed(service.labels()) || residency.is_data_role(service.role())
}

/// Whether a service with data keeps it in a mount: the rest is configuration.
pub(crate) fn is_data(mount: Mount<'_>, residency: &Residency) -> bool {
    mount.known() && !mount.read_only() && residency.is_data_path(mount.name())
}

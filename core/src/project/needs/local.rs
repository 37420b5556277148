//! Needs that no network carries: a socket file in a volume that two services mount, and a network namespace that they share.

use super::Found;
use crate::facts::needed_paths::Evidence;
use crate::model::compose::mounts::{Mount, MountKind};
use crate::project::network::MAX_COMPARED;
use crate::project::{Group, ServiceRef, overlap};

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// Adds the services whose socket it uses, and the one whose network it is in.
    pub(super) fn find_local(self, found: &mut Found<'p, 'a>) {
        if let Some(mode) = &self.service.network_mode
            && let Some(other) = self.joins(mode)
        {
            found.add(&other.name, Evidence::NetworkMode, mode.at, None);
        }
        let sockets = self.socket_mounts();
        if sockets.is_empty() {
            return;
        }
        for other in self.others().take(MAX_COMPARED).filter(|other| self.is_client_of(*other)) {
            let shared = sockets.iter().find(|mine| other.service.mounts.iter().any(|theirs| overlap(mine, theirs)));
            if let Some(mount) = shared {
                found.add(&other.name, Evidence::SharedSocket, mount.at, None);
            }
        }
    }

    /// Whether it is of a kind that talks to the other over a socket file.
    fn is_client_of(self, other: ServiceRef<'_, '_>) -> bool {
        match other.role.name {
            "php-fpm" => self.role.group() == Group::Edge,
            "db" | "cache" => self.role.group() == Group::App,
            _ => false,
        }
    }

    /// Volumes and folders of the project that hold socket files, by where they are mounted or by what its web server says.
    fn socket_mounts(self) -> Vec<&'p Mount> {
        let named = if self.role.group() == Group::Edge { self.socket_targets() } else { Vec::new() };
        let holds = |mount: &&Mount| {
            let target = mount.target.trim_end_matches('/');
            let of_project = match mount.kind {
                MountKind::Volume => true,
                MountKind::Bind => mount.source.as_deref().is_some_and(|source| source.starts_with('.')),
                _ => false,
            };
            let usual = target.starts_with("/run/") || target.starts_with("/var/run") || target.contains("sock");
            let is_named = named.iter().any(|path| path.strip_prefix(target).is_some_and(|rest| rest.starts_with('/')));
            of_project && (usual || is_named)
        };
        self.service.mounts.iter().filter(holds).collect()
    }
}

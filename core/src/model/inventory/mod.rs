//! What runs on a machine, read from output of `docker` commands: containers, images, volumes, networks, the daemon.
//!
//! Several outputs about one object are joined by id and name; the more detailed one wins, and every place that tells of it is
//! kept. Nothing that no output tells is presented as known.

mod container;
mod details;
mod join;
mod objects;
mod ports;
#[cfg(test)]
mod tests;
mod value;

pub use container::{Attachment, Container, Exposed, Health, Label, Mount, State, is_id};
pub use details::{Details, EnvKey, Pair, Probe, Words};
pub use join::{Input, snapshot};
pub use objects::{Daemon, Diff, Image, Network, UsageRow, Volume};
pub use value::{Moment, age_hours, size_bytes, token};

use crate::model::Spanned;
use crate::source::Location;

/// Which lists are complete, so that what is missing from them is missing on the machine.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Lists {
    /// All containers, stopped ones too.
    pub containers: bool,
    /// All images.
    pub images: bool,
    /// All volumes.
    pub volumes: bool,
    /// All networks.
    pub networks: bool,
}

/// The hash of a service as declared, from `docker compose config --hash`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceHash {
    /// The service.
    pub service: Spanned<String>,
    /// Its hash.
    pub hash: Spanned<String>,
}

/// Everything the supplied output says, joined.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Snapshot {
    /// Containers, in the order they are first mentioned.
    pub containers: Vec<Container>,
    /// Images.
    pub images: Vec<Image>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// Networks.
    pub networks: Vec<Network>,
    /// File system changes.
    pub diffs: Vec<Diff>,
    /// Hashes of services as declared.
    pub hashes: Vec<ServiceHash>,
    /// Disk usage.
    pub usage: Vec<UsageRow>,
    /// The daemon, when anything tells of it.
    pub daemon: Option<Daemon>,
    /// Which lists are complete.
    pub lists: Lists,
    /// Whether there are more objects than are compared.
    pub truncated: bool,
    /// When it was recorded, as far as the output tells.
    pub taken: Option<Spanned<Moment>>,
}

impl Snapshot {
    /// Whether no output was supplied.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A container by its name or the beginning of its id.
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&Container> {
        let by_name = |container: &&Container| container.names.iter().any(|known| known.value == name);
        let by_id = |container: &&Container| same_id(&container.id.value, name);
        self.containers.iter().find(by_name).or_else(|| self.containers.iter().find(by_id))
    }

    /// The image a container runs: by its id, else by its name.
    #[must_use]
    pub fn image_of(&self, container: &Container) -> Option<&Image> {
        match &container.image_id {
            Some(id) => self.images.iter().find(|image| same_id(&image.id.value, &id.value)),
            None => self.image(&container.image.as_ref()?.value),
        }
    }

    /// The image that carries a name now, or has this id.
    #[must_use]
    pub fn image(&self, name: &str) -> Option<&Image> {
        if is_id(name) {
            return self.images.iter().find(|image| same_id(&image.id.value, name));
        }
        let wanted = with_tag(name);
        self.images.iter().find(|image| {
            image.tags.iter().any(|tag| with_tag(&tag.value) == wanted)
                || image.digests.iter().any(|digest| digest.value == wanted)
        })
    }

    /// The containers that run an image.
    pub fn users_of<'s>(&'s self, image: &'s Image) -> impl Iterator<Item = &'s Container> {
        self.containers.iter().filter(move |container| match &container.image_id {
            Some(id) => same_id(&image.id.value, &id.value),
            None => container.image.as_ref().is_some_and(|name| {
                same_id(&image.id.value, &name.value)
                    || image.tags.iter().any(|tag| with_tag(&tag.value) == with_tag(&name.value))
            }),
        })
    }

    /// The changes of a container's file system; `None` when `diff` was not supplied for it.
    #[must_use]
    pub fn diff_of(&self, container: &Container) -> Option<&Diff> {
        self.diffs.iter().find(|diff| {
            diff.container.as_ref().is_some_and(|name| {
                container.names.iter().any(|known| known.value == name.value)
                    || same_id(&container.id.value, &name.value)
            })
        })
    }

    /// The declared hash of a service.
    #[must_use]
    pub fn hash_of(&self, service: &str) -> Option<&ServiceHash> {
        self.hashes.iter().find(|hash| hash.service.value == service)
    }

    /// The containers that use a volume; `None` when the containers or their mounts are not all known.
    #[must_use]
    pub fn volume_users(&self, volume: &Volume) -> Option<Vec<&Container>> {
        if !self.lists.containers || self.containers.iter().any(|container| container.mounts.is_none()) {
            return None;
        }
        let uses = |mount: &Mount| {
            mount.name.as_deref().is_some_and(|name| {
                name == volume.name.value
                    || name.strip_suffix('…').is_some_and(|start| volume.name.value.starts_with(start))
            })
        };
        Some(self.containers.iter().filter(|container| container.mounts.iter().flatten().any(uses)).collect())
    }

    /// The containers on a network, stopped ones too; `None` when the containers or their networks are not all known.
    #[must_use]
    pub fn network_users(&self, network: &Network) -> Option<Vec<&Container>> {
        if !self.lists.containers || self.containers.iter().any(|container| container.networks.is_none()) {
            return None;
        }
        let on = |attachment: &Attachment| attachment.network == network.name.value;
        Some(self.containers.iter().filter(|container| container.networks.iter().flatten().any(on)).collect())
    }

    /// Any place in the supplied output, for what is about the machine as a whole.
    #[must_use]
    pub fn at(&self) -> Option<Location> {
        let container = self.containers.first().map(Container::at);
        container
            .or_else(|| self.images.first().map(|image| image.id.at))
            .or_else(|| self.diffs.first().map(|diff| diff.at))
    }
}

/// The beginning of an id, as Docker shows it.
#[must_use]
pub fn short(id: &str) -> &str {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    digits.get(..12).unwrap_or(digits)
}

/// Whether two ids are the same, one of them perhaps shortened.
#[must_use]
pub fn same_id(a: &str, b: &str) -> bool {
    let (a, b) = (a.strip_prefix("sha256:").unwrap_or(a), b.strip_prefix("sha256:").unwrap_or(b));
    a.len().min(b.len()) >= 4 && (a.starts_with(b) || b.starts_with(a))
}

/// A name as Docker completes it: `php` is `php:latest`; Docker Hub's own prefixes are left out.
#[must_use]
pub fn with_tag(name: &str) -> String {
    let name = ["docker.io/library/", "docker.io/", "library/"]
        .iter()
        .fold(name, |name, prefix| name.strip_prefix(prefix).unwrap_or(name));
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || name.contains('@') { name.to_owned() } else { format!("{name}:latest") }
}

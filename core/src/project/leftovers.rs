//! What lies around on a machine: containers that ended, and images, volumes and networks that nothing uses.

use super::{Context, Project, ServiceRef, View};
use crate::finding::Severity;
use crate::model::inventory::{Container, Image, Label, Network, Volume, is_id, short, with_tag};
use crate::source::Location;
use std::collections::{BTreeMap, BTreeSet};

/// What makes a container that nobody looks after dangerous.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Danger {
    /// It publishes a port to other machines.
    Port,
    /// It publishes a port of a data store to other machines.
    DataPort,
    /// It has the engine's socket.
    Socket,
    /// It has every right of the host.
    Privileged,
}

impl Danger {
    /// What is so, for a message.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Port => "publishes a port",
            Self::DataPort => "publishes a data store",
            Self::Socket => "has the engine's socket",
            Self::Privileged => "runs privileged",
        }
    }
}

/// Whether a label says that something is left on purpose: `keep=true`.
#[must_use]
pub fn is_kept(labels: Option<&[Label]>) -> bool {
    let asks = |label: &Label| label.key.rsplit('.').next() == Some("keep") && label.value.eq_ignore_ascii_case("true");
    labels.is_some_and(|labels| labels.iter().any(asks))
}

impl Project<'_> {
    /// Whether the machine that was recorded is a developer's: Docker Desktop, or nothing but development stacks run on it.
    #[must_use]
    pub fn is_development_machine(&self) -> bool {
        let desktop = self.inventory.daemon.as_ref().and_then(crate::model::inventory::Daemon::is_desktop);
        let mut running = self.views.iter().filter(|view| self.is_running(view)).peekable();
        desktop == Some(true) || running.peek().is_some() && running.all(|view| view.context == Context::Development)
    }

    /// A severity as it counts on the machine that was recorded.
    #[must_use]
    pub fn on_this_machine(&self, severity: Severity) -> Severity {
        severity.lowered(if self.is_development_machine() { 2 } else { 0 })
    }

    /// Images that no container uses, stopped ones counted, where that is known.
    #[must_use]
    pub fn unused_images(&self) -> Vec<&Image> {
        let inventory = &self.inventory;
        let listed = inventory.lists.containers
            && !inventory.truncated
            && inventory.containers.iter().all(|container| container.image.is_some() || container.image_id.is_some());
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for container in &inventory.containers {
            match (&container.image_id, &container.image) {
                (Some(id), _) => ids.insert(short(&id.value)),
                (None, Some(name)) if is_id(&name.value) => ids.insert(short(&name.value)),
                (None, Some(name)) => names.insert(with_tag(&name.value)),
                (None, None) => false,
            };
        }
        let used = |image: &Image| {
            ids.contains(short(&image.id.value)) || image.tags.iter().any(|tag| names.contains(&with_tag(&tag.value)))
        };
        let nobody = |image: &Image| image.containers.as_ref().map_or(listed, |count| count.value == 0);
        inventory.images.iter().filter(|image| nobody(image) && !used(image)).collect()
    }

    /// Names of the images that declared services run, build on or copy from, with their tags.
    #[must_use]
    pub fn declared_image_names(&self) -> BTreeSet<String> {
        let used = self.declared_services().flat_map(|service| {
            let own = service.image.as_ref().filter(|image| image.is_known()).map(|image| with_tag(&image.text));
            own.into_iter().chain(service.images().into_iter().map(|image| with_tag(&image.reference.familiar())))
        });
        used.collect()
    }

    /// Volumes that no container uses, with whether Docker itself counted.
    #[must_use]
    pub fn unused_volumes(&self) -> Vec<(&Volume, bool)> {
        let inventory = &self.inventory;
        let unused = |volume: &Volume| match &volume.links {
            Some(links) => (links.value == 0).then_some(true),
            None => inventory.volume_users(volume)?.is_empty().then_some(false),
        };
        if inventory.truncated {
            return Vec::new();
        }
        inventory.volumes.iter().filter_map(|volume| Some((volume, unused(volume)?))).collect()
    }

    /// User-defined networks that no container is on, stopped ones counted.
    #[must_use]
    pub fn unused_networks(&self) -> Vec<&Network> {
        let inventory = &self.inventory;
        let unused = |network: &&Network| {
            !network.is_built_in()
                && network.members.as_ref().is_none_or(Vec::is_empty)
                && inventory.network_users(network).is_some_and(|users| users.is_empty())
        };
        if inventory.truncated {
            return Vec::new();
        }
        inventory.networks.iter().filter(unused).collect()
    }

    /// The declared views, by the names of their Compose projects.
    #[must_use]
    pub fn declared_projects(&self) -> BTreeMap<String, &View> {
        let declared = self.views.iter().filter(|view| !view.standalone && !self.is_running(view));
        declared.rev().filter_map(|view| Some((self.project_name(view)?, view))).collect()
    }

    /// Compose projects of which any container is known, stopped ones counted.
    #[must_use]
    pub fn projects_with_containers(&self) -> BTreeSet<&str> {
        let projects = self.inventory.containers.iter().filter_map(Container::project);
        projects.map(|label| label.value.as_str()).collect()
    }
}

impl<'a> Project<'a> {
    /// The containers that run, each with the service that stands for it, by id.
    #[must_use]
    pub fn running_by_id(&self) -> BTreeMap<&str, ServiceRef<'_, 'a>> {
        let mut found = BTreeMap::new();
        for service in self.running_services() {
            for container in service.containers() {
                found.insert(container.id.value.as_str(), service);
            }
        }
        found
    }
}

impl ServiceRef<'_, '_> {
    /// What would make it dangerous when nobody looks after it, the worst last, each with its place.
    #[must_use]
    pub fn dangers(self) -> Vec<(Danger, Location)> {
        let mut found: Vec<(Danger, Location)> = Vec::new();
        if let Some(port) = self.ports.iter().find(|port| port.is_exposed()) {
            let data = self.role.group() == super::Group::Data;
            found.push((if data { Danger::DataPort } else { Danger::Port }, port.at));
        }
        found.extend(
            self.host_mounts()
                .iter()
                .find(|mount| mount.control_socket().is_some())
                .map(|mount| (Danger::Socket, mount.at)),
        );
        found.extend(self.privileged.as_ref().filter(|flag| flag.value).map(|flag| (Danger::Privileged, flag.at)));
        found
    }
}

impl Image {
    /// Where it is listed: its first name, else its id.
    #[must_use]
    pub fn evidence_at(&self) -> Location {
        self.tags.first().map_or(self.id.at, |tag| tag.at)
    }
}

impl Container {
    /// Whether an orchestrator made it that cleans up after itself: Swarm, Kubernetes, Nomad.
    #[must_use]
    pub fn is_of_cluster(&self) -> bool {
        self.is_managed() == Some(true) && self.project().is_none()
    }

    /// Whether a unit of systemd or a tool of the pipeline starts it and takes it away: builders, helpers of runners, test containers.
    #[must_use]
    pub fn is_of_tool(&self) -> bool {
        let labelled = self.labels.iter().flatten().any(|label| {
            label.key == "PODMAN_SYSTEMD_UNIT"
                || label.key.starts_with("com.gitlab.gitlab-runner.")
                || label.key.starts_with("org.testcontainers")
        });
        let named = ["buildx_", "runner-", "testcontainers-"].iter().any(|prefix| self.name().starts_with(prefix));
        let image = self.image_name().map_or("", |image| image.value.as_str());
        labelled
            || named
            || ["moby/buildkit", "testcontainers/ryuk", "gitlab-runner-helper"].iter().any(|part| image.contains(part))
    }

    /// Whether a label names who answers for it.
    #[must_use]
    pub fn has_owner(&self) -> bool {
        self.labels.iter().flatten().any(|label| {
            matches!(label.key.rsplit('.').next(), Some("owner" | "team" | "contact")) && !label.value.is_empty()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn what_nothing_uses() {
        let text = include_str!("../../tests/data/inventory/running.txt");
        let sources = sources(&[("running.txt", text)]);
        let project = Project::new(&sources, TODAY);
        let names: Vec<&str> = project.unused_images().iter().map(|image| image.name()).collect();
        assert_eq!(names, ["php:7.4-fpm"]);
        let names: Vec<&str> =
            project.unused_volumes().iter().map(|(volume, _)| volume.name.value.get(..4).unwrap()).collect();
        assert_eq!(names, ["olds"]);
        let names: Vec<&str> = project.unused_networks().iter().map(|network| network.name.value.as_str()).collect();
        assert_eq!(names, ["oldshop_default"]);
        assert!(!project.is_development_machine() && project.projects_with_containers().contains("larashop"));
        assert!(project.declared_projects().is_empty());
    }

    #[test]
    fn what_is_dangerous() {
        let text = "{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"redis-debug\",\"Image\":\"redis:8\",\"Status\":\"Up 3 days\",\"State\":\"running\",\"Ports\":\"0.0.0.0:6380->6379/tcp\",\"Labels\":\"team=web\"}\n";
        let sources = sources(&[("ps.ndjson", text)]);
        let project = Project::new(&sources, TODAY);
        let service = project.running_services().next().unwrap();
        assert_eq!(service.dangers().iter().map(|(danger, _)| *danger).collect::<Vec<_>>(), [Danger::DataPort]);
        let container = service.container().unwrap();
        assert!(container.has_owner() && !container.is_of_tool() && !container.is_of_cluster());
        assert!(project.running_by_id().contains_key("0a1b2c3d4e5f"));
    }
}

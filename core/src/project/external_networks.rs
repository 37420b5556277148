//! Networks that were made outside of a project, and who else is on them.

use super::{Project, ServiceRef};
use crate::model::compose::{Membership, Network};
use crate::model::inventory;
use crate::source::Location;
use std::collections::BTreeSet;

/// Words in the name of a network that a proxy shares with every project on the host.
const SHARED: [&str; 9] = ["proxy", "traefik", "web", "public", "frontend", "edge", "ingress", "caddy", "shared"];

/// A service's place on a network that was made outside of its project.
#[derive(Clone, Debug)]
pub struct Foreign<'p> {
    /// Where it joins.
    pub membership: &'p Membership,
    /// The name that the engine knows the network by.
    pub network: String,
    /// Whether by its name it is one that a proxy shares with every project.
    pub shared: bool,
    /// Other Compose projects that are on it, by the supplied inventory; `None` when that does not tell.
    pub projects: Option<Vec<Stranger>>,
}

/// A container of another project on the same network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stranger {
    /// Its project.
    pub project: String,
    /// Its service.
    pub service: String,
    /// Where it is recorded.
    pub at: Location,
}

impl<'p> ServiceRef<'p, '_> {
    /// Networks it joins that were made outside, and by no other Compose file that was supplied.
    #[must_use]
    pub fn foreign_networks(self) -> Vec<Foreign<'p>> {
        let (project, view) = (self.project(), self.view());
        let mut found = Vec::new();
        for membership in &self.service.spec.networks {
            let Some(network) = view.network(&membership.network).filter(|network| network.external) else { continue };
            let name = engine_name(network);
            if project.makes_network(name) {
                continue;
            }
            let words = name.split(|c: char| !c.is_ascii_alphanumeric());
            found.push(Foreign {
                membership,
                network: name.to_owned(),
                shared: words.into_iter().any(|word| SHARED.contains(&word.to_ascii_lowercase().as_str())),
                projects: project.strangers_on(name, self),
            });
        }
        found
    }

    /// Whether it answers requests that a proxy brings over such a network: the proxy, the web server, a tool with a
    /// route.
    #[must_use]
    pub fn faces_proxy(self) -> bool {
        let mut labels = self.labels.iter();
        self.role.is_web_entry()
            || labels.any(|label| label.key.starts_with("traefik.") || label.key.starts_with("caddy"))
            || self.variable("VIRTUAL_HOST").is_some()
    }
}

impl Project<'_> {
    /// Whether a Compose file that was supplied makes a network of this name.
    fn makes_network(&self, name: &str) -> bool {
        self.views.iter().any(|view| {
            let own = view.project_name.as_ref().map_or("", |own| own.text.as_str());
            let made = |network: &Network| {
                let written = network.own_name.as_ref().map(|text| text.text.as_str());
                !network.external
                    && !self.is_running(view)
                    && (written == Some(name) || written.is_none() && name == format!("{own}_{}", network.name))
            };
            view.networks.iter().any(made)
        })
    }

    /// Containers of other projects on a network of the engine; `None` when the inventory does not tell who is on it.
    fn strangers_on(&self, name: &str, service: ServiceRef<'_, '_>) -> Option<Vec<Stranger>> {
        let on = |container: &&inventory::Container| {
            container.networks.iter().flatten().any(|attachment| attachment.network == name)
        };
        let users: Vec<&inventory::Container> = self.inventory.containers.iter().filter(on).collect();
        let inspected =
            self.inventory.networks.iter().any(|network| network.name.value == name && network.members.is_some());
        let label = |container: &&inventory::Container| container.project().map(|label| label.value.clone());
        // The service's own project is known by its own container there.
        let own: BTreeSet<String> = users
            .iter()
            .filter(|container| container.service().is_some_and(|label| label.value == service.name))
            .filter_map(label)
            .collect();
        let own = match &service.view().project_name {
            Some(project) if project.is_known() => BTreeSet::from([project.text.clone()]),
            _ => own.into_iter().take(1).collect(),
        };
        let stranger = |container: &&inventory::Container| {
            let project = label(container).filter(|project| !own.contains(project))?;
            let service = container.service().map(|label| label.value.clone()).unwrap_or_default();
            Some(Stranger { project, service, at: container.at() })
        };
        let strangers: Vec<Stranger> = users.iter().filter_map(stranger).collect();
        let complete = inspected || self.inventory.lists.containers;
        (!own.is_empty() && (complete || !strangers.is_empty())).then_some(strangers)
    }
}

fn engine_name(network: &Network) -> &str {
    network.own_name.as_ref().map_or(network.name.as_str(), |name| name.text.as_str())
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn foreign(files: &[(&str, &str)]) -> Vec<(String, bool)> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let service = project.services().find(|service| service.name == "db").unwrap();
        service.foreign_networks().into_iter().map(|foreign| (foreign.network, foreign.shared)).collect()
    }

    #[test]
    fn networks_from_outside() {
        let compose = |network: &str| {
            format!("services:\n  db:\n    image: mysql:8.4\n    networks: [n]\nnetworks:\n  n: {{{network}}}\n")
        };
        assert_eq!(foreign(&[("compose.yaml", &compose("external: true, name: proxy"))]), [("proxy".to_owned(), true)]);
        assert_eq!(foreign(&[("compose.yaml", &compose("external: true"))]), [("n".to_owned(), false)]);
        assert!(foreign(&[("compose.yaml", &compose(""))]).is_empty());
    }

    #[test]
    fn networks_of_another_file() {
        let compose =
            "services:\n  db:\n    image: mysql:8.4\n    networks: [n]\nnetworks:\n  n: {external: true, name: back}\n";
        let other = "services:\n  app:\n    image: php:8.4-fpm\n    networks: [n]\nnetworks:\n  n: {name: back}\n";
        assert!(foreign(&[("db/compose.yaml", compose), ("app/compose.yaml", other)]).is_empty());
    }
}

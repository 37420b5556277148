//! Networks that are there for one server: whoever declares a network of its own for a data store, and puts nobody on it but the
//! store's neighbours in the order edge → application → data, says who talks to it.

use super::Found;
use crate::facts::needed_paths::Evidence;
use crate::project::{Group, ServiceRef};

/// A network with more members is no longer there for one conversation.
const MOST_MEMBERS: usize = 6;

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// Adds the servers of networks that are there for them.
    pub(super) fn find_dedicated(self, found: &mut Found<'p, 'a>) {
        let Some(own) = zone(self) else { return };
        for membership in &self.service.spec.networks {
            let declared = self.view.network(&membership.network).filter(|network| !network.external);
            if membership.network == "default" || declared.is_none() || self.view.isolates(&membership.network) {
                continue;
            }
            if let Some(server) = self.server_of(&membership.network)
                && zone(server).is_some_and(|zone| zone == own + 1)
            {
                found.add(&server.name, Evidence::DedicatedNetwork, membership.at, None);
            }
        }
    }

    /// The one server of a network, when everybody else there is one zone before it.
    fn server_of(self, network: &str) -> Option<ServiceRef<'p, 'a>> {
        let members: Vec<ServiceRef<'p, 'a>> =
            self.project.members(self.view, network).into_iter().take(MOST_MEMBERS + 1).collect();
        if members.len() > MOST_MEMBERS {
            return None;
        }
        let zones = members.iter().map(|member| zone(*member)).collect::<Option<Vec<u8>>>()?;
        let last = *zones.iter().max()?;
        let mut servers = members.iter().zip(&zones).filter(|(_, zone)| **zone == last);
        let (server, _) = servers.next()?;
        let alone = servers.next().is_none() && zones.iter().filter(|zone| **zone != last).all(|zone| zone + 1 == last);
        alone.then_some(*server)
    }
}

/// How far behind the edge a service stands; `None` for operations, which stand beside.
fn zone(service: ServiceRef<'_, '_>) -> Option<u8> {
    match service.role.group() {
        Group::Edge => Some(0),
        Group::Data => Some(2),
        Group::App if service.role.name == "processor" => Some(2),
        Group::App | Group::Unknown => Some(1),
        Group::Operations => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn needs(services: &[(&str, &str, &str)], networks: &str) -> Vec<String> {
        let mut text = String::from("services:\n");
        for (name, image, on) in services {
            text += &format!("  {name}:\n    image: {image}\n    networks: [{on}]\n");
        }
        text += &format!("networks:\n{networks}");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let needs = project.services().flat_map(|service| service.needs());
        needs.map(|need| format!("{}→{}: {}", need.from, need.to, need.label())).collect()
    }

    const APP: (&str, &str, &str) = ("app", "php:8.4-fpm", "front, db");
    const DB: (&str, &str, &str) = ("db", "mysql:8.4.11", "db");

    #[test]
    fn a_network_for_one_store_and_one_for_one_application() {
        let web = ("web", "nginx:1.30.4", "front");
        let worker = ("worker", "acme/worker:1", "db");
        let found = needs(&[web, APP, worker, DB], "  front: {}\n  db: {internal: true}\n");
        assert_eq!(
            found,
            [
                "web→app: it shares a network of its own with app",
                "app→db: it shares a network of its own with db",
                "worker→db: it shares a network of its own with db"
            ]
        );
    }

    #[test]
    fn networks_that_say_nothing() {
        let two = ("cache", "redis:8.2.9", "db");
        let web = ("web", "nginx:1.30.4", "db");
        let console = ("pma", "phpmyadmin:5.2.3", "db");
        for other in [two, web, console] {
            assert!(needs(&[APP, DB, other], "  front: {}\n  db: {}\n").is_empty(), "{other:?}");
        }
        assert!(needs(&[APP, DB], "  front: {}\n  db: {external: true}\n").is_empty(), "others may be on it");
        let flat = [("app", "php:8.4-fpm", "default"), ("db", "mysql:8.4.11", "default")];
        assert!(needs(&flat, "  default: {}\n").is_empty(), "the default network is nobody's own");
    }
}

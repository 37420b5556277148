//! Ways between services that nobody needs, and how to close one without closing another.

use super::{Group, Project, ServiceRef, View, pair};
use crate::finding::Confidence;
use crate::source::Location;

impl Project<'_> {
    /// Whether the files tell who talks to whom in a view: something is declared, few enough services to compare, and
    /// at least one need.
    #[must_use]
    pub fn tells_needs(&self, view: &View) -> bool {
        !view.standalone && view.is_comparable() && !self.needed_pairs(view).is_empty()
    }
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// Where it joins a network; `None` for the default one that it does not name.
    #[must_use]
    pub fn joins_at(self, network: &str) -> Option<Location> {
        self.networks.iter().find(|membership| membership.network == network).map(|membership| membership.at)
    }

    /// Whether it is a data store that the other service, which is none of its clients by what it is or by what it is
    /// told, has no business with.
    #[must_use]
    pub fn is_shortcut_from(self, other: ServiceRef<'_, '_>) -> bool {
        let stranger = other.role.group() == Group::Edge
            || matches!(other.role.name, "mail-dev" | "dev" | "ci" | "docker-admin" | "socket-proxy" | "processor");
        let sure = other.role.confidence != Confidence::Low && other.environment_is_supplied();
        self.role.group() == Group::Data && stranger && sure && !self.talks_to(other)
    }

    /// Whether one of the two has to reach the other.
    #[must_use]
    pub fn talks_to(self, other: ServiceRef<'_, '_>) -> bool {
        self.name == other.name
            || self.needs().iter().any(|need| need.to == other.name)
            || other.needs().iter().any(|need| need.to == self.name)
    }

    /// Whether it is there for other containers and not for users: a data store, a tool, PHP-FPM, a processor.
    #[must_use]
    pub fn is_kept_inside(self) -> bool {
        matches!(self.role.group(), Group::Data | Group::Operations)
            || matches!(self.role.name, "processor" | "php-fpm")
    }

    /// Whether it is on networks that are declared, apart from the rest of its view.
    #[must_use]
    pub fn is_set_apart(self) -> bool {
        self.view().is_comparable() && !self.networks.is_empty() && self.network_mode.is_none()
    }

    /// Services that share no network with it and do not need it, but have a way out and so reach the host's ports.
    #[must_use]
    pub fn kept_away(self) -> Vec<ServiceRef<'p, 'a>> {
        self.others()
            .filter(|other| other.runs_here() && other.network_mode.is_none() && !other.only_internal_networks())
            .filter(|other| !self.shares_network(*other) && !self.talks_to(*other))
            .collect()
    }

    /// Whether it may leave a network: it is on another one, and reaches over that everybody here that it has to reach.
    #[must_use]
    pub fn can_leave(self, network: &str) -> bool {
        let rest: Vec<&str> = self.network_names().into_iter().filter(|name| *name != network).collect();
        let needed = self.project().needed_pairs(self.view());
        let keeps = |other: &ServiceRef<'_, '_>| other.network_names().iter().any(|name| rest.contains(name));
        !rest.is_empty()
            && self
                .others()
                .filter(|other| other.network_names().contains(&network))
                .filter(|other| needed.contains(&pair(&self.name, &other.name)))
                .all(|other| keeps(&other))
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn leaving_a_network() {
        let text = "services:\n  web:\n    image: nginx:1.28\n    depends_on: [app]\n    networks: [front, data]\n  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db}\n    networks: [front, data]\n  db:\n    image: mysql:8.4\n    networks: [data]\nnetworks:\n  front: {}\n  data: {}\n";
        let sources = sources(&[("compose.yaml", text)]);
        let project = Project::new(&sources, TODAY);
        let find = |name: &str| project.services().find(|service| service.name == name).unwrap();
        assert!(find("web").can_leave("data"));
        assert!(!find("app").can_leave("data"), "it needs the database there");
        assert!(!find("db").can_leave("data"), "it has no other network");
        assert!(find("db").is_shortcut_from(find("web")));
        assert!(!find("db").is_shortcut_from(find("app")));
        assert!(project.tells_needs(&project.views[0]));
    }
}

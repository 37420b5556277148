//! Who can open a socket to whom: what a published port is reachable from, who shares a network, and which pairs do not need to.

use super::{Project, ServiceRef, View};
use crate::fix::{Fix, Safety};
use crate::model::compose::ports::Port;
use crate::source::Location;
use std::collections::BTreeSet;

/// Views with more services than this are not compared pair by pair: no real stack has so many, and pairs grow with the square.
pub(super) const MAX_COMPARED: usize = 200;

/// The bridge option that gives mappings without an address one.
const HOST_BINDING: &str = "com.docker.network.bridge.host_binding_ipv4";
/// The bridge option that stops containers of one network from talking to each other.
const ENABLE_ICC: &str = "com.docker.network.bridge.enable_icc";

/// From where a published port can be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Any machine that reaches the host.
    Everyone,
    /// Machines of a private network.
    Private,
    /// This machine only.
    Loopback,
    /// Nobody: the service is only on internal networks, or has no network.
    Nobody,
    /// Docker ignores the mapping: the service uses the network of the host or of another container.
    Ignored,
    /// A variable without a value decides.
    Unknown,
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// From where a port that it publishes can be reached.
    #[must_use]
    pub fn reach(self, port: &Port) -> Reach {
        match self.network_mode.as_ref().map(|mode| mode.text.as_str()) {
            Some("none") => return Reach::Nobody,
            Some("bridge" | "default") | None => {}
            Some(mode) if mode.contains("${") => return Reach::Unknown,
            Some(_) => return Reach::Ignored,
        }
        if port.host_ip.as_deref().is_some_and(|ip| ip.contains("${")) {
            return Reach::Unknown;
        }
        if self.only_internal_networks() {
            return Reach::Nobody;
        }
        if port.is_loopback() {
            return Reach::Loopback;
        }
        if port.is_private() {
            return Reach::Private;
        }
        let written = self.project.slice(port.at);
        if port.host_ip.is_none() {
            // The network's own address counts only for mappings that name none; 0.0.0.0 is a name.
            let named = ["0.0.0.0", "[::]"].iter().any(|all| written.contains(all));
            if !named && self.binds_to_loopback() {
                return Reach::Loopback;
            }
            // `${REDIS_PORT}:6379` is open on some port; `${REDIS}:6379` may hold an address too.
            if !port.known && port.published.is_none() && !written.to_ascii_uppercase().contains("PORT") {
                return Reach::Unknown;
            }
        }
        Reach::Everyone
    }

    /// Whether its networks publish on a loopback address by default.
    fn binds_to_loopback(self) -> bool {
        let names = self.network_names();
        let mut open =
            names.iter().filter_map(|name| self.view.network(name)).filter(|network| !network.internal).peekable();
        // A network that is not declared has no option.
        let declared = names.iter().all(|name| self.view.network(name).is_some());
        declared
            && open.peek().is_some()
            && open.all(|network| {
                network.options.iter().any(|(key, value)| key == HOST_BINDING && value.starts_with("127."))
            })
    }

    /// The network mode, where it is the host's: every port it listens on is a port of the host.
    #[must_use]
    pub fn host_network(self) -> Option<Location> {
        self.network_mode.as_ref().filter(|mode| mode.text == "host").map(|mode| mode.at)
    }

    /// Services that can open a socket to it over a common network.
    pub fn neighbours(self) -> impl Iterator<Item = ServiceRef<'p, 'a>> {
        let open: Vec<&'p str> = self.network_names().into_iter().filter(|name| !self.view.isolates(name)).collect();
        let compared = self.view.is_comparable();
        self.others().filter(move |other| {
            compared && other.runs_here() && other.network_names().iter().any(|name| open.contains(name))
        })
    }

    /// Whether it is started with its view and stays: not a one-shot, not behind a development profile of another view.
    #[must_use]
    pub fn runs_here(self) -> bool {
        !self.is_one_shot() && (self.view.context.is_development() || !self.context.is_development())
    }

    /// Neighbours that neither need it nor are needed by it.
    #[must_use]
    pub fn unneeded_neighbours(self) -> Vec<ServiceRef<'p, 'a>> {
        let needed = self.project.needed_pairs(self.view);
        self.neighbours().filter(|other| !needed.contains(&pair(&self.name, &other.name))).collect()
    }
}

impl View {
    /// Whether it has few enough services to compare them pair by pair.
    #[must_use]
    pub fn is_comparable(&self) -> bool {
        self.services.len() <= MAX_COMPARED
    }

    /// Whether containers on a network cannot talk to each other.
    #[must_use]
    pub fn isolates(&self, network: &str) -> bool {
        self.network(network).is_some_and(|network| {
            network.options.iter().any(|(key, value)| key == ENABLE_ICC && matches!(value.as_str(), "false" | "0"))
        })
    }

    /// Networks that its services are on, declared ones first, in order.
    #[must_use]
    pub fn used_networks(&self) -> Vec<String> {
        let mut names: Vec<String> = self.networks.iter().map(|network| network.name.clone()).collect();
        for service in &self.services {
            for membership in &service.networks {
                if !names.contains(&membership.network) {
                    names.push(membership.network.clone());
                }
            }
        }
        if !names.iter().any(|name| name == "default") {
            names.push("default".to_owned());
        }
        names
    }
}

/// Two names, the smaller first.
#[must_use]
pub fn pair(a: &str, b: &str) -> (String, String) {
    if a <= b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) }
}

impl<'a> Project<'a> {
    /// Services that stay on a network of a view.
    #[must_use]
    pub fn members<'p>(&'p self, view: &'p View, network: &str) -> Vec<ServiceRef<'p, 'a>> {
        self.services_of(view)
            .filter(|service| service.runs_here() && service.network_names().contains(&network))
            .collect()
    }

    /// Pairs of services that have to talk, in either direction.
    #[must_use]
    pub fn needed_pairs(&self, view: &View) -> BTreeSet<(String, String)> {
        self.services_of(view).flat_map(ServiceRef::needs).map(|need| pair(&need.from, &need.to)).collect()
    }

    /// Publishes a port on loopback only: the short form gets an address, the long form a key.
    #[must_use]
    pub fn bind_to_loopback(&self, service: ServiceRef<'_, '_>, port: &Port) -> Option<Fix> {
        const TITLE: &str = "Publish on 127.0.0.1 only";
        let item = service.node.get("ports")?.items().iter().find(|item| item.at() == port.at)?;
        match item.scalar() {
            Some(scalar) => {
                let bare = scalar.raw.strip_prefix("0.0.0.0:").unwrap_or(&scalar.raw);
                let value = match bare.matches(':').count() {
                    // A colon inside `${…:-…}` counts too; such an item is left to the author.
                    0 if !bare.contains('-') => format!("127.0.0.1::{bare}"),
                    1 if !bare.contains("${") => format!("127.0.0.1:{bare}"),
                    _ => return None,
                };
                self.replace(Safety::Safe, TITLE, port.at, &value)
            }
            None => match item.get("host_ip") {
                Some(address) => self.replace(Safety::Safe, TITLE, address.at(), "127.0.0.1"),
                None => self.insert_key(Safety::Safe, TITLE, item, "host_ip", "127.0.0.1"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn reach(body: &str) -> Reach {
        let text = format!("services:\n  a:\n    image: x:1\n{body}");
        let sources = sources(&[("compose.yaml", text.as_str())]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        service.reach(&service.ports[0])
    }

    #[test]
    fn where_a_port_is_reachable_from() {
        let on = "    networks: [n]\n";
        for (body, want) in [
            ("    ports: [\"80:80\"]\n".to_owned(), Reach::Everyone),
            ("    ports: [\"10.0.0.5:80:80\"]\n".to_owned(), Reach::Private),
            ("    ports: [\"127.0.0.1:80:80\"]\n".to_owned(), Reach::Loopback),
            ("    ports: [\"${BIND}:80:80\"]\n".to_owned(), Reach::Unknown),
            ("    ports: [\"${WHERE}:80\"]\n".to_owned(), Reach::Unknown),
            ("    ports: [\"${APP_PORT}:80\"]\n".to_owned(), Reach::Everyone),
            ("    ports: [\"${APP_PORT:-80}:80\"]\n".to_owned(), Reach::Everyone),
            ("    network_mode: none\n    ports: [\"80:80\"]\n".to_owned(), Reach::Nobody),
            ("    network_mode: host\n    ports: [\"80:80\"]\n".to_owned(), Reach::Ignored),
            ("    network_mode: service:vpn\n    ports: [\"80:80\"]\n".to_owned(), Reach::Ignored),
            (format!("{on}    ports: [\"80:80\"]\nnetworks: {{n: {{internal: true}}}}\n"), Reach::Nobody),
            (
                format!(
                    "{on}    ports: [\"80:80\"]\nnetworks: {{n: {{driver_opts: {{com.docker.network.bridge.host_binding_ipv4: 127.0.0.1}}}}}}\n"
                ),
                Reach::Loopback,
            ),
            (
                format!(
                    "{on}    ports: [\"0.0.0.0:80:80\"]\nnetworks: {{n: {{driver_opts: {{com.docker.network.bridge.host_binding_ipv4: 127.0.0.1}}}}}}\n"
                ),
                Reach::Everyone,
            ),
            (format!("{on}    ports: [\"80:80\"]\nnetworks: {{n: {{external: true}}}}\n"), Reach::Everyone),
        ] {
            assert_eq!(reach(&body), want, "{body}");
        }
    }

    #[test]
    fn who_does_not_need_whom() {
        let text = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {REDIS_HOST: redis}\n  redis:\n    image: redis:8.2.9\n  pma:\n    image: phpmyadmin:5.2.3\n  tool:\n    image: alpine:3.24\n    profiles: [debug]\n";
        let sources = sources(&[("compose.yaml", text)]);
        let project = Project::new(&sources, TODAY);
        let redis = project.service(&project.views[0], "redis").unwrap();
        let names: Vec<&str> = redis.unneeded_neighbours().iter().map(|other| other.service.name.as_str()).collect();
        assert_eq!(names, ["pma"]);
    }

    #[test]
    fn without_traffic_inside_there_are_no_neighbours() {
        let text = "services:\n  a:\n    image: x:1\n  b:\n    image: y:1\nnetworks:\n  default:\n    driver_opts:\n      com.docker.network.bridge.enable_icc: \"false\"\n";
        let sources = sources(&[("compose.yaml", text)]);
        let project = Project::new(&sources, TODAY);
        assert_eq!(project.services().next().unwrap().neighbours().count(), 0);
    }
}

//! Which service has to reach which: what the files say themselves, each with what tells and how surely.
//!
//! Values of the environment, upstreams of web servers, commands, `depends_on` and networks of their own make a need. Probes, and the usual partner of a
//! role where there is exactly one, make it probable only. Socket files in shared volumes and shared network namespaces are needs
//! that no network carries.

mod assumed;
mod configured;
mod dedicated;
mod local;
mod proxies;
mod statements;
mod text;

pub(super) use text::names_host;

use super::network::MAX_COMPARED;
use super::{Project, ServiceRef, View};
use crate::facts::needed_paths::{self, Evidence, NEEDED};
use crate::source::Location;
use crate::text::shorten;
use configured::ConfiguredHost;

/// From this weight on, no other value is looked for.
const SURE: u8 = 95;

/// Finds every service's needs. Once: several rules ask, and finding them looks at every pair.
pub(super) fn assign(project: &mut Project<'_>) {
    let configured = configured::hosts(project);
    let needs: Vec<Vec<Vec<Need>>> = project
        .views
        .iter()
        .map(|view| project.services_of(view).map(|service| service.find_needs(&configured)).collect())
        .collect();
    for (view, needs) in project.views.iter_mut().zip(needs) {
        for (service, needs) in view.services.iter_mut().zip(needs) {
            service.needs = needs;
        }
    }
}

/// One needed conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// Who opens the connection.
    pub from: String,
    /// Who answers.
    pub to: String,
    /// What tells.
    pub at: Location,
    /// What kind of evidence that is.
    pub evidence: Evidence,
    /// How sure it is, in per cent.
    pub weight: u8,
    /// The variable, entry or secret that tells, where it is one.
    pub key: Option<String>,
}

impl Need {
    /// Whether no network carries it: a socket file in a shared volume, a shared network namespace.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self.evidence, Evidence::SharedSocket | Evidence::NetworkMode)
    }

    /// What tells, as a short clause. Holds no value.
    #[must_use]
    pub fn label(&self) -> String {
        let to = shorten(&self.to, 60);
        let what = match (self.evidence, &self.key) {
            (Evidence::RoleDefault, Some(key)) => {
                return format!("{} is not known, and {to} is the only candidate", shorten(key, 60));
            }
            (_, Some(key)) => return format!("{} names {to}", shorten(key, 60)),
            (Evidence::Apache, None) => "Apache hands requests on to",
            (Evidence::Caddy, None) => "Caddy hands requests on to",
            (Evidence::Nginx, None) => "nginx hands requests on to",
            (Evidence::ProxyDiscovery, None) => "the proxy hands requests on to",
            (Evidence::Command, None) => "its command names",
            (Evidence::DependsOn, None) => "it starts after",
            (Evidence::DependsOnHealthy, None) => "it waits for the health of",
            (Evidence::EnvHost | Evidence::EnvReplica | Evidence::EnvUrl, None) => "a variable names",
            (Evidence::FrameworkConfig, None) => "a configuration file names",
            (Evidence::Healthcheck, None) => "its health check asks",
            (Evidence::Link, None) => "it is linked to",
            (Evidence::NetworkMode, None) => "it uses the network of",
            (Evidence::Observed, None) => "a connection was seen to",
            (Evidence::SharedSocket, None) => "it shares the folder of a socket with",
            (Evidence::DedicatedNetwork, None) => "it shares a network of its own with",
            (Evidence::RoleDefault, None) => return format!("{to} is the only usual partner of its role"),
        };
        format!("{what} {to}")
    }
}

impl<'p> ServiceRef<'p, '_> {
    /// The services this one has to reach over a network, each once, with the surest text that tells.
    #[must_use]
    pub fn needs(self) -> &'p [Need] {
        self.needs_of(Class::Sure)
    }

    /// The services that it probably has to reach: something hints at it, and nothing says it.
    #[must_use]
    pub fn probable_needs(self) -> &'p [Need] {
        self.needs_of(Class::Probable)
    }

    /// The services that it talks to without a network: over a socket file in a shared volume, or in one network namespace.
    #[must_use]
    pub fn local_needs(self) -> &'p [Need] {
        self.needs_of(Class::Local)
    }

    fn needs_of(self, class: Class) -> &'p [Need] {
        let needs = &self.service.needs;
        let start = needs.partition_point(|need| Class::of(need) < class);
        let end = needs.partition_point(|need| Class::of(need) <= class);
        needs.get(start..end).unwrap_or(&[])
    }

    fn find_needs(self, configured: &[ConfiguredHost]) -> Vec<Need> {
        let mut found = Found { service: self, needs: Vec::new() };
        let statements = self.statements(configured);
        let upstreams = self.upstreams();
        for other in self.others().take(MAX_COMPARED) {
            let hosts = other.hostnames();
            for statement in &statements {
                if statement.names(&hosts) {
                    found.add(&other.name, statement.evidence, statement.at, statement.key.as_deref());
                    // Those that tell most come first.
                    if needed_paths::weight(statement.evidence) >= SURE {
                        break;
                    }
                }
            }
            if let Some((evidence, at)) = upstreams.to(&hosts) {
                found.add(&other.name, evidence, at, None);
            }
            // A proxy that finds its backends by label or variable needs each service that asks for it.
            if self.role.name == "proxy"
                && let Some(at) = other.asks_for_proxy()
            {
                found.add(&other.name, Evidence::ProxyDiscovery, at, None);
            }
        }
        for dependency in &self.depends_on {
            let evidence = match dependency.condition.as_str() {
                "service_completed_successfully" => continue,
                "service_healthy" => Evidence::DependsOnHealthy,
                _ => Evidence::DependsOn,
            };
            found.add(&dependency.service, evidence, dependency.at, None);
        }
        for link in &self.links {
            found.add(link.text.split(':').next().unwrap_or(""), Evidence::Link, link.at, None);
        }
        self.find_dedicated(&mut found);
        self.find_local(&mut found);
        self.assume(&statements, &mut found);
        found.in_order()
    }

    /// Names under which other services find it.
    #[must_use]
    pub fn hostnames(&self) -> Vec<&str> {
        let mut names = vec![self.name.as_str()];
        names.extend(
            self.service.spec.networks.iter().flat_map(|membership| membership.aliases.iter().map(String::as_str)),
        );
        if let Some(name) = self.node.get("container_name").and_then(crate::model::node::Node::text) {
            names.push(name);
        }
        names
    }
}

/// What becomes of a need: the order in which a service keeps them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Class {
    Sure,
    Probable,
    Local,
}

impl Class {
    fn of(need: &Need) -> Self {
        match need.is_local() {
            true => Self::Local,
            false if need.weight >= NEEDED => Self::Sure,
            false => Self::Probable,
        }
    }
}

/// What is found of one service.
struct Found<'p, 'a> {
    service: ServiceRef<'p, 'a>,
    needs: Vec<Need>,
}

impl Found<'_, '_> {
    /// Adds a need; of two for the same service the surer one stays. What a network does not carry is kept apart.
    fn add(&mut self, to: &str, evidence: Evidence, at: Location, key: Option<&str>) {
        if to == self.service.name || !self.service.view.has_service(to) {
            return;
        }
        let (from, to) = (self.service.name.clone(), to.to_owned());
        let key = key.map(str::to_owned);
        let need = Need { from, to, at, evidence, weight: needed_paths::weight(evidence), key };
        match self.needs.iter_mut().find(|known| known.to == need.to && known.is_local() == need.is_local()) {
            Some(known) if known.weight < need.weight => *known = need,
            Some(_) => {}
            None => self.needs.push(need),
        }
    }

    /// Whether one of the services that it needs is wanted.
    fn has(&self, wanted: &dyn Fn(&str) -> bool) -> bool {
        self.needs.iter().any(|need| need.weight >= NEEDED && wanted(&need.to))
    }

    /// The needs, the sure ones first. What is only probable is dropped where another one of the same pair is known.
    fn in_order(self) -> Vec<Need> {
        let mut needs = self.needs;
        let sockets: Vec<String> = needs.iter().filter(|need| need.is_local()).map(|need| need.to.clone()).collect();
        needs.retain(|need| Class::of(need) != Class::Probable || !sockets.contains(&need.to));
        needs.retain(|need| need.weight >= needed_paths::PROBABLE);
        needs.sort_by_key(Class::of);
        needs
    }
}

impl View {
    /// Whether a service of the view has this name.
    #[must_use]
    pub fn has_service(&self, name: &str) -> bool {
        self.services.iter().any(|service| service.name == name)
    }
}

#[cfg(test)]
#[path = "needs/tests.rs"]
mod tests;

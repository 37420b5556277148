//! Which service has to reach which: what the files say themselves, nothing guessed from names.

use super::{ServiceRef, View};
use crate::source::Location;

/// One needed conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// Who opens the connection.
    pub from: String,
    /// Who answers.
    pub to: String,
    /// What tells.
    pub at: Location,
}

impl<'p> ServiceRef<'p, '_> {
    /// The services this one has to reach, each with the text that tells.
    #[must_use]
    pub fn needs(self) -> Vec<Need> {
        let mut needs: Vec<Need> = Vec::new();
        let mut add = |to: &str, at: Location| {
            if !needs.iter().any(|need| need.to == to) {
                needs.push(Need { from: self.name.clone(), to: to.to_owned(), at });
            }
        };
        for other in self.others() {
            for variable in &self.variables {
                if let Some(value) = &variable.value
                    && other.hostnames().iter().any(|host| names_host(&value.text, host))
                {
                    add(&other.name, value.at);
                }
            }
            if let Some(command) = self.own_command()
                && other.hostnames().iter().any(|host| command.words.iter().any(|word| names_host(word, host)))
            {
                add(&other.name, command.at);
            }
            if let Some(at) = self.proxies_to(other) {
                add(&other.name, at);
            }
            // A proxy that finds its backends by label or variable needs each service that asks for it.
            if self.role.name == "proxy" && other.asks_for_proxy() {
                add(&other.name, other.at);
            }
        }
        for dependency in &self.depends_on {
            if dependency.condition != "service_completed_successfully" {
                add(&dependency.service, dependency.at);
            }
        }
        for link in &self.links {
            add(link.text.split(':').next().unwrap_or(""), link.at);
        }
        needs
    }

    /// Names under which other services find it.
    #[must_use]
    pub fn hostnames(&self) -> Vec<&str> {
        let mut names = vec![self.name.as_str()];
        names.extend(self.service.spec.networks.iter().flat_map(|membership| membership.aliases.iter().map(String::as_str)));
        if let Some(name) = self.node.get("container_name").and_then(crate::model::node::Node::text) {
            names.push(name);
        }
        names
    }

    fn proxies_to(self, other: ServiceRef<'_, '_>) -> Option<Location> {
        if self.role.group() != super::Group::Edge {
            return None;
        }
        for file in &self.project.files {
            let super::Parsed::Nginx(nginx) = &file.parsed else { continue };
            for name in ["fastcgi_pass", "proxy_pass", "uwsgi_pass", "server"] {
                for item in nginx.find(name) {
                    if let Some((target, span)) = item.args.first()
                        && other.hostnames().iter().any(|host| names_host(target, host))
                    {
                        return Some(Location::new(file.source, *span));
                    }
                }
            }
        }
        None
    }

    fn asks_for_proxy(&self) -> bool {
        self.variable("VIRTUAL_HOST").is_some() || self.labels.iter().any(|label| label.key.starts_with("traefik.http.routers") || label.key == "traefik.enable")
    }
}

/// Whether a value names a host: alone, with a port, or inside a URL.
fn names_host(value: &str, host: &str) -> bool {
    if host.is_empty() {
        return false;
    }
    let mut rest = value;
    let mut before = None;
    while let Some(at) = rest.find(host) {
        let previous = rest.get(..at).and_then(|text| text.chars().next_back()).or(before);
        let next = rest.get(at + host.len()..).and_then(|text| text.chars().next());
        let starts = previous.is_none_or(|c| matches!(c, '@' | '/' | ',' | ' ' | ';'));
        let ends = next.is_none_or(|c| matches!(c, ':' | '/' | ',' | '?' | ' ' | ';'));
        // `/mysql/` inside a path is no host: a slash before must be the second of `//`.
        let path = previous == Some('/') && !rest.get(..at).is_some_and(|text| text.ends_with("//"));
        if starts && ends && !path {
            return true;
        }
        before = host.chars().next_back();
        rest = rest.get(at + host.len()..).unwrap_or("");
    }
    false
}

impl View {
    /// Whether a service of the view has this name.
    #[must_use]
    pub fn has_service(&self, name: &str) -> bool {
        self.services.iter().any(|service| service.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::names_host;

    #[test]
    fn hosts_in_values() {
        for value in ["redis", "redis:6379", "redis://redis:6379/0", "tcp://redis:6379?x=1", "mysql://u:p@redis/db", "a:1,redis:2"] {
            assert!(names_host(value, "redis"), "{value}");
        }
        for value in ["redis-cluster", "myredis", "/var/lib/redis/x", "predis", ""] {
            assert!(!names_host(value, "redis"), "{value}");
        }
    }
}

//! Whom a web server or proxy hands requests to.

use super::text::names_host;
use crate::facts::needed_paths::Evidence;
use crate::model::web::{Software, Target};
use crate::project::{Group, Parsed, ServiceRef};
use crate::source::{Location, file_name};
use crate::span::Span;

/// Whom one service hands requests to.
pub(super) struct Upstreams<'s> {
    kind: Evidence,
    targets: Vec<Target>,
    /// Backends of HAProxy, with the rest of their line.
    backends: Vec<(&'s str, Location)>,
}

impl Upstreams<'_> {
    /// What hands requests to one of the hosts.
    pub(super) fn to(&self, hosts: &[&str]) -> Option<(Evidence, Location)> {
        let to = self.targets.iter().find(|target| target.hosts.iter().any(|host| hosts.contains(&host.name.as_str())));
        if let Some(target) = to {
            return Some((self.kind, target.value.at));
        }
        let named = |text: &str| hosts.iter().any(|host| names_host(text, host));
        let line = self.backends.iter().find(|(text, _)| named(text));
        line.map(|(_, at)| (Evidence::ProxyDiscovery, *at))
    }
}

impl<'a> ServiceRef<'_, 'a> {
    /// Whom its configuration hands requests to.
    pub(super) fn upstreams(self) -> Upstreams<'a> {
        let web = self.web_server();
        let kind = match web.map(|web| web.config.software) {
            Some(Software::Apache) => Evidence::Apache,
            Some(Software::Caddy) => Evidence::Caddy,
            _ => Evidence::Nginx,
        };
        let targets = web.map(|web| web.targets()).unwrap_or_default();
        Upstreams { kind, targets, backends: self.backends() }
    }

    /// Socket files that its configuration hands requests to.
    pub(super) fn socket_targets(self) -> Vec<String> {
        let targets = self.web_server().map(|web| web.targets()).unwrap_or_default();
        targets.into_iter().filter_map(|target| target.unix).collect()
    }

    /// HAProxy's configuration is not read, but its backends stand on lines of their own.
    fn backends(self) -> Vec<(&'a str, Location)> {
        let mut found = Vec::new();
        if self.role.group() != Group::Edge {
            return found;
        }
        for file in self.project.files.iter().filter(|file| matches!(file.parsed, Parsed::Nothing)) {
            let name = file_name(self.project.path(file.source));
            if !(name.ends_with(".cfg") || name.starts_with("haproxy")) {
                continue;
            }
            let mut at = 0;
            for line in self.project.text(file.source).split_inclusive('\n') {
                let text = line.trim();
                let directive = text.split_whitespace().next().unwrap_or("");
                if matches!(directive, "server" | "server-template") {
                    let start = at + line.len() - line.trim_start().len();
                    let rest = text.get(directive.len()..).unwrap_or("").trim();
                    found.push((rest, Location::new(file.source, Span::new(start, start + text.len()))));
                }
                at += line.len();
            }
        }
        found
    }

    /// The label or variable by which it asks a proxy for requests.
    pub(super) fn asks_for_proxy(self) -> Option<Location> {
        if let Some(variable) = self.service.variable("VIRTUAL_HOST") {
            return Some(variable.key_at);
        }
        let value = |name: &str| {
            let label = self.service.labels.iter().find(|label| label.key == name)?;
            label.value.as_ref().map(|value| value.text.as_str())
        };
        if value("traefik.enable").is_some_and(|text| text.eq_ignore_ascii_case("false")) {
            return None;
        }
        let asks = ["traefik.http.routers", "traefik.http.services", "traefik.tcp.routers", "caddy.reverse_proxy"];
        let label = self
            .service
            .labels
            .iter()
            .find(|label| label.key == "traefik.enable" || asks.iter().any(|start| label.key.starts_with(start)));
        label.map(|label| label.key_at)
    }
}

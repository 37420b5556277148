//! Ways from outside to a service: its published ports, and the proxies that hand requests to it, with what stands in
//! front there.

use super::network::MAX_COMPARED;
use super::{Group, Project, Reach, ServiceRef};
use crate::fix::{Fix, Safety};
use crate::model::compose::ports::Port;
use crate::model::web::Handler;
use crate::source::Location;

/// Words in the name of a middleware that asks who comes.
const GUARDS: [&str; 8] = ["auth", "allow", "whitelist", "oidc", "oauth", "restrict", "vpn", "sso"];

/// Directives of web servers that ask who comes.
const GUARDING_DIRECTIVES: [&str; 8] =
    ["auth_basic", "auth_request", "deny", "basic_auth", "basicauth", "forward_auth", "authtype", "require"];

/// A proxy hands requests from outside to a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route {
    /// The label, variable or directive that says so.
    pub at: Location,
    /// What asks who comes, before requests get through: a login, a list of addresses.
    pub guard: Option<Location>,
}

impl<'p> ServiceRef<'p, '_> {
    /// How a proxy hands it requests: by labels for Traefik or Caddy, by `VIRTUAL_HOST`, or by the configuration of a
    /// web server of its view that is published. Names that only mean this machine, such as `mail.localhost`, are no
    /// way from outside.
    #[must_use]
    pub fn route(self) -> Option<Route> {
        self.route_by_labels().or_else(|| self.route_by_variable()).or_else(|| self.route_by_web_server())
    }

    fn route_by_labels(self) -> Option<Route> {
        let labels = &self.service.spec.labels;
        let text = |key: &str| labels.iter().find(|label| label.key == key).and_then(|label| label.value.as_ref());
        if text("traefik.enable").is_some_and(|value| value.text.eq_ignore_ascii_case("false")) {
            return None;
        }
        let rule = labels.iter().find(|label| {
            (label.key == "caddy" || label.key.starts_with("traefik.http.routers.") && label.key.ends_with(".rule"))
                && label.value.as_ref().is_none_or(|value| !is_local_name(&value.text))
        })?;
        let guard = labels.iter().find(|label| {
            let value = label.value.as_ref().map_or("", |value| value.text.as_str()).to_ascii_lowercase();
            let named = label.key.starts_with("traefik.http.routers.")
                && label.key.ends_with(".middlewares")
                && GUARDS.iter().any(|word| value.contains(word));
            let caddy =
                label.key.starts_with("caddy") && GUARDING_DIRECTIVES.iter().any(|word| label.key.contains(word));
            named || caddy || defines_guard(&label.key)
        });
        Some(Route { at: rule.key_at, guard: guard.map(|label| label.key_at) })
    }

    fn route_by_variable(self) -> Option<Route> {
        let variable = self.service.variable("VIRTUAL_HOST")?;
        let local = variable.value.as_ref().is_some_and(|value| value.text.is_empty() || is_local_name(&value.text));
        (!local).then_some(Route { at: variable.key_at, guard: None })
    }

    fn route_by_web_server(self) -> Option<Route> {
        let hosts = self.hostnames();
        self.others()
            .take(MAX_COMPARED)
            .filter(|edge| edge.role.group() == Group::Edge)
            .filter(|edge| edge.ports.iter().any(|port| edge.reach(port) == Reach::Everyone))
            .filter_map(ServiceRef::web_server)
            .find_map(|web| {
                let routes = web.config.servers.iter().flat_map(|server| &server.routes);
                let mut proxied = routes.filter_map(|route| match &route.handler {
                    Handler::Proxy(target) => Some((route, target)),
                    _ => None,
                });
                let (route, target) =
                    proxied.find(|(_, target)| target.hosts.iter().any(|host| hosts.contains(&host.name.as_str())))?;
                let guard = GUARDING_DIRECTIVES.iter().find_map(|name| {
                    let directive = web.config.setting(route.node, name)?;
                    let first = directive.args.first().map_or("", |value| value.text.as_str());
                    let off = matches!(first, "off" | "all granted");
                    (!off).then_some(directive.at)
                });
                Some(Route { at: target.value.at, guard })
            })
    }

    /// Where it gets the socket of the container engine.
    #[must_use]
    pub fn engine_socket(self) -> Option<Location> {
        let by_key = self.use_api_socket.as_ref().filter(|socket| socket.value).map(|socket| socket.at);
        let mut mounts = self.host_mounts().into_iter();
        mounts.find(|mount| mount.control_socket().is_some()).map(|mount| mount.at).or(by_key)
    }

    /// Ports that it publishes for one kind of reach.
    #[must_use]
    pub fn ports_with(self, reach: Reach) -> Vec<&'p Port> {
        self.service.spec.ports.iter().filter(|port| self.reach(port) == reach).collect()
    }
}

impl Project<'_> {
    /// Publishes all these ports on loopback only; nothing when one of them cannot be written so.
    #[must_use]
    pub fn bind_all_to_loopback(&self, service: ServiceRef<'_, '_>, ports: &[&Port]) -> Option<Fix> {
        let title =
            if ports.len() == 1 { "Publish on 127.0.0.1 only" } else { "Publish these ports on 127.0.0.1 only" };
        let mut all = Fix::new(Safety::Suggested, title);
        for port in ports {
            all.edits.extend(self.bind_to_loopback(service, port)?.edits);
        }
        Some(all).filter(|fix| !fix.edits.is_empty())
    }
}

/// Whether a label defines a middleware that asks who comes.
fn defines_guard(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let kinds = ["basicauth", "digestauth", "forwardauth", "ipallowlist", "ipwhitelist"];
    key.starts_with("traefik.http.middlewares.") && kinds.iter().any(|kind| key.contains(kind))
}

/// Whether a host name, or a rule that holds one, is only known on this machine or in a test network.
fn is_local_name(text: &str) -> bool {
    let names = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
    let local = |name: &str| {
        name == "localhost" || [".localhost", ".test", ".local"].iter().any(|ending| name.ends_with(ending))
    };
    names.into_iter().any(local)
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// Whether the service `ui` is routed, and whether something guards the route.
    fn route(files: &[(&str, &str)]) -> Option<bool> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let ui = project.services().find(|service| service.name == "ui").unwrap();
        ui.route().map(|route| route.guard.is_some())
    }

    fn labels(labels: &str) -> Option<bool> {
        route(&[("compose.yaml", &format!("services:\n  ui:\n    image: adminer:5\n    labels: [{labels}]\n"))])
    }

    #[test]
    fn labels_of_proxies() {
        assert_eq!(labels("\"traefik.http.routers.ui.rule=Host(`ui.example.org`)\""), Some(false));
        assert_eq!(labels("\"traefik.http.routers.ui.rule=Host(`ui.localhost`)\""), None);
        assert_eq!(labels("traefik.enable=false, \"traefik.http.routers.ui.rule=Host(`ui.example.org`)\""), None);
        assert_eq!(labels("traefik.enable=true"), None);
        let guarded =
            "\"traefik.http.routers.ui.rule=Host(`ui.example.org`)\", traefik.http.routers.ui.middlewares=auth@file";
        assert_eq!(labels(guarded), Some(true));
        assert_eq!(labels("caddy=ui.example.org, caddy.basic_auth.admin=x"), Some(true));
    }

    #[test]
    fn a_variable_for_nginx_proxy() {
        let text = "services:\n  ui:\n    image: adminer:5\n    environment: {VIRTUAL_HOST: ui.example.org}\n";
        assert_eq!(route(&[("compose.yaml", text)]), Some(false));
    }

    #[test]
    fn the_configuration_of_a_published_web_server() {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    ports: [\"80:80\"]\n    volumes: [\"./n.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  ui:\n    image: adminer:5\n";
        let open = "server { listen 80; location /db/ { proxy_pass http://ui:8080/; } }\n";
        let closed = "server { listen 80; location /db/ { auth_basic x; auth_basic_user_file /p; proxy_pass http://ui:8080/; } }\n";
        assert_eq!(route(&[("compose.yaml", compose), ("n.conf", open)]), Some(false));
        assert_eq!(route(&[("compose.yaml", compose), ("n.conf", closed)]), Some(true));
        let inside = compose.replace("    ports: [\"80:80\"]\n", "");
        assert_eq!(route(&[("compose.yaml", &inside), ("n.conf", open)]), None);
    }

    #[test]
    fn the_socket_of_the_engine() {
        let text = "services:\n  ui:\n    image: x\n    volumes: [\"/var/run/docker.sock:/s:ro\"]\n  b:\n    image: x\n    volumes: [\"./run:/s\"]\n";
        let sources = sources(&[("compose.yaml", text)]);
        let project = Project::new(&sources, TODAY);
        let holders: Vec<bool> = project.services().map(|service| service.engine_socket().is_some()).collect();
        assert_eq!(holders, [true, false]);
    }
}

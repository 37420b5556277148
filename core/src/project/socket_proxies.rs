//! Socket proxies: what stands between the engine's socket and its clients, and what it lets through.

use super::ServiceRef;
use crate::model::compose::EnvVar;
use crate::source::file_name;

/// Parts of the API behind which a container can be made or entered, when changes are allowed.
const CREATING: [&str; 9] =
    ["CONTAINERS", "EXEC", "BUILD", "IMAGES", "SERVICES", "VOLUMES", "SWARM", "PLUGINS", "COMMIT"];
/// Parts of the API that hand out secrets.
const TELLING: [&str; 3] = ["SECRETS", "AUTH", "CONFIGS"];
/// Switches that let containers be stopped and started.
const STEERING: [&str; 4] = ["ALLOW_START", "ALLOW_STOP", "ALLOW_RESTARTS", "ALLOW_PAUSE"];

/// What a socket proxy lets through beyond looking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Passed<'p> {
    /// Containers can be made or entered: the switch for changes, and a part of the API.
    Creating(&'p EnvVar, &'p EnvVar),
    /// Secrets can be read.
    Telling(&'p EnvVar),
    /// Containers can be stopped and started.
    Steering(&'p EnvVar),
    /// The environment of every container, and its files, can be read.
    Reading(&'p EnvVar),
}

impl<'p> ServiceRef<'p, '_> {
    /// Whether it offers the engine's API to others: an image made for it, or a service with the socket that says it
    /// listens on 2375.
    #[must_use]
    pub fn is_socket_proxy(self) -> bool {
        let listens =
            self.expose.iter().any(|port| port.text == "2375") || self.ports.iter().any(|port| port.has_target(2375));
        let image = self.image_use.reference.as_ref();
        let named = image.is_some_and(|image| file_name(&image.path).contains("socket-proxy"));
        self.role.name == "socket-proxy" || named || listens && self.engine_socket().is_some()
    }

    /// What it lets through, the worst first. Only switches of the proxies that read them from the environment.
    #[must_use]
    pub fn passed_by_proxy(self) -> Vec<Passed<'p>> {
        let on = |key: &str| {
            self.service.variables.iter().find(|variable| {
                let value = variable.value.as_ref().filter(|value| value.is_known());
                let on = |text: &str| text.trim() == "1" || text.trim().eq_ignore_ascii_case("true");
                variable.key == key && value.is_some_and(|value| on(&value.text))
            })
        };
        let mut found = Vec::new();
        let post = on("POST");
        if let Some((post, part)) = post.zip(CREATING.iter().find_map(|key| on(key))) {
            found.push(Passed::Creating(post, part));
        }
        found.extend(TELLING.iter().find_map(|key| on(key)).map(Passed::Telling));
        if found.is_empty() {
            found.extend(STEERING.iter().find_map(|key| on(key)).map(Passed::Steering));
        }
        if found.is_empty() {
            found.extend(on("CONTAINERS").map(Passed::Reading));
        }
        found
    }

    /// Whether it answers on a port, as far as is known: its image serves one, or the service names one. Watchtower
    /// only does so when its HTTP interface is switched on.
    #[must_use]
    pub fn listens(self) -> bool {
        let image = self.image_use.reference.as_ref().map(|image| file_name(&image.path)).unwrap_or("");
        if image == "watchtower" {
            return self.service.variables.iter().any(|variable| variable.key.starts_with("WATCHTOWER_HTTP_API"));
        }
        !self.ports.is_empty()
            || !self.expose.is_empty()
            || self.image_use.row().is_some_and(|row| !row.ports.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn with<T>(lines: &str, question: impl Fn(ServiceRef<'_, '_>) -> T) -> T {
        let text = format!("services:\n  sp:\n    image: {lines}\n");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        question(project.services().next().unwrap())
    }

    #[test]
    fn proxies() {
        let socket = "\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock:ro\"]";
        assert!(with("tecnativa/docker-socket-proxy:v0.4.1", |service| service.is_socket_proxy()));
        assert!(with("ghcr.io/x/socket-proxy:1", |service| service.is_socket_proxy()));
        assert!(with(&format!("alpine/socat{socket}\n    expose: [\"2375\"]"), |service| service.is_socket_proxy()));
        assert!(!with(&format!("alpine/socat{socket}"), |service| service.is_socket_proxy()));
        assert!(!with("docker:29-dind\n    ports: [\"2375:2375\"]", |service| service.is_socket_proxy()));
    }

    #[test]
    fn what_is_let_through() {
        let kind = |environment: &str| {
            with(&format!("tecnativa/docker-socket-proxy\n    environment: {{{environment}}}"), |service| {
                service.passed_by_proxy().first().map(|passed| match passed {
                    Passed::Creating(..) => "creating",
                    Passed::Telling(_) => "telling",
                    Passed::Steering(_) => "steering",
                    Passed::Reading(_) => "reading",
                })
            })
        };
        assert_eq!(kind("CONTAINERS: 1, POST: 1"), Some("creating"));
        assert_eq!(kind("CONTAINERS: 1, POST: 0, SECRETS: 1"), Some("telling"));
        assert_eq!(kind("CONTAINERS: 1, ALLOW_RESTARTS: 1"), Some("steering"));
        assert_eq!(kind("CONTAINERS: \"1\""), Some("reading"));
        assert_eq!(kind("POST: 1"), None);
        assert_eq!(kind("CONTAINERS: \"${C}\""), None);
        assert_eq!(kind("EVENTS: 1"), None);
    }

    #[test]
    fn who_answers() {
        assert!(with("amir20/dozzle:v8", |service| service.listens()));
        assert!(!with("containrrr/watchtower:1", |service| service.listens()));
        assert!(!with("x/y:1", |service| service.listens()));
    }
}

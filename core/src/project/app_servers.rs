//! Switches of servers that run PHP without a web server in front, RoadRunner, Octane, FrankenPHP with Mercure, that belong to
//! development, or open a door to the server itself.

use super::{Reach, ServiceRef};
use crate::finding::Severity;
use crate::model::Spanned;
use crate::model::roadrunner::{self, RoadRunner};
use crate::model::web::Directive;
use crate::source::Location;

/// Something that a server which runs PHP should not have in production.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerFlaw {
    /// Where it is set.
    pub at: Location,
    /// What is so, to follow the service's name: "lets …".
    pub what: String,
    /// How bad that is.
    pub severity: Severity,
    /// What the value should be, where a word in a YAML file can be replaced by it.
    pub better: Option<&'static str>,
    /// Whether it is wrong only where users are served.
    pub fine_in_development: bool,
}

impl ServerFlaw {
    fn new(at: Location, severity: Severity, what: impl Into<String>) -> Self {
        Self { at, what: what.into(), severity, better: None, fine_in_development: false }
    }

    fn better(mut self, value: &'static str) -> Self {
        self.better = Some(value);
        self
    }

    fn of_development(mut self) -> Self {
        self.fine_in_development = true;
        self
    }
}

impl ServiceRef<'_, '_> {
    /// What is wrong with the server that runs its PHP.
    #[must_use]
    pub fn server_flaws(self) -> Vec<ServerFlaw> {
        let mut found = Vec::new();
        if let Some(config) = self.roadrunner() {
            self.roadrunner_flaws(&config, &mut found);
        }
        self.watching(&mut found);
        self.caddy_flaws(&mut found);
        found
    }

    fn roadrunner_flaws(self, config: &RoadRunner, found: &mut Vec<ServerFlaw>) {
        let open = |address: &&Spanned<String>| roadrunner::is_open(&address.value) == Some(true);
        if let Some(rpc) = config.rpc.as_ref().filter(open) {
            let what = "lets every container on its networks control RoadRunner through its RPC port";
            found.push(ServerFlaw::new(rpc.at, Severity::High, what).better("tcp://127.0.0.1:6001"));
        }
        if let Some(folder) = &config.static_folder {
            let whole = matches!(folder.value.trim_end_matches('/'), "." | "" | "/app" | "/var/www" | "/var/www/html");
            let scripts = config.static_forbidden.iter().any(|extension| extension.value == ".php");
            if whole {
                let what = "sends every file of the application's folder";
                found.push(ServerFlaw::new(folder.at, Severity::High, what).better("public"));
            } else if !scripts {
                let what = "sends the text of PHP scripts: `.php` is not among the forbidden extensions";
                found.push(ServerFlaw::new(folder.at, Severity::Medium, what));
            }
        }
        for (name, address) in [("status", &config.status), ("metrics", &config.metrics)] {
            let Some(address) = address.as_ref().filter(open) else { continue };
            let port = address.value.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
            let mut mappings =
                self.service().ports.iter().filter(|mapping| port.is_some_and(|port| mapping.has_target(port)));
            if let Some(mapping) = mappings.find(|mapping| self.reach(mapping) == Reach::Everyone) {
                let what = format!("publishes the {name} page of RoadRunner");
                found.push(ServerFlaw::new(mapping.at, Severity::Medium, what));
            }
        }
        if let Some(debug) = config.pool_setting("debug").filter(|debug| debug.value == "true") {
            let what = "starts a new worker of RoadRunner for every request, as for development";
            found.push(ServerFlaw::new(debug.at, Severity::Low, what).better("false").of_development());
        }
    }

    /// `octane:start --watch`, `frankenphp run --watch`, a worker that watches files.
    fn watching(self, found: &mut Vec<ServerFlaw>) {
        let command = self.main_command();
        let serves = command.words.iter().any(|word| word.contains("octane:start") || word.ends_with("frankenphp"));
        let watches = command.words.iter().any(|word| word.split_whitespace().any(|word| word == "--watch"));
        let what = "watches files for changes and restarts, as for development";
        if let Some(at) = command.at.filter(|_| serves && watches) {
            found.push(ServerFlaw::new(at, Severity::Medium, what).of_development());
        }
        let variable = self.service().variable("FRANKENPHP_WORKER_CONFIG").and_then(|variable| variable.value.as_ref());
        if let Some(value) = variable.filter(|value| value.text.split_whitespace().any(|word| word == "watch")) {
            found.push(ServerFlaw::new(value.at, Severity::Medium, what).of_development());
        }
    }

    fn caddy_flaws(self, found: &mut Vec<ServerFlaw>) {
        let Some(web) = self.web_server().filter(|web| web.admin.is_some()) else { return };
        let tree = &web.config.tree;
        for (global, _) in tree.named(0, "global") {
            if let Some(debug) = tree.last(global, "debug") {
                let what = "logs everything that passes Caddy, as for development";
                found.push(ServerFlaw::new(debug.at, Severity::Low, what).of_development());
            }
        }
        for tls in web.config.all("tls").filter(|tls| tls.arg(0) == Some("internal")) {
            let what = "has a certificate that no browser trusts";
            found.push(ServerFlaw::new(tls.at, Severity::Low, what).of_development());
        }
        for (index, _) in tree.nodes.iter().enumerate().filter(|(_, node)| node.name == "mercure") {
            let option = |name: &str| tree.last(index, name);
            let any = |directive: &&Directive| directive.args.iter().any(|value| value.text == "*");
            if let Some(demo) = option("demo").or_else(|| option("ui")) {
                let what = "shows the demonstration of Mercure, with tools to subscribe and publish";
                found.push(ServerFlaw::new(demo.at, Severity::Medium, what).of_development());
            }
            if let Some(origins) = option("publish_origins").filter(any) {
                let what = "lets pages of every origin publish to Mercure";
                found.push(ServerFlaw::new(origins.at, Severity::Medium, what).of_development());
            }
            if let Some(origins) = option("cors_origins").filter(any).filter(|_| option("anonymous").is_some()) {
                let what = "lets pages of every origin subscribe to Mercure without a token";
                found.push(ServerFlaw::new(origins.at, Severity::Medium, what).of_development());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn roadrunner_of_an_image() {
        let rr = "rpc:\n  listen: tcp://0.0.0.0:6001\nhttp:\n  address: 0.0.0.0:8080\n  static:\n    dir: public\n    forbid: [\".htaccess\"]\nstatus:\n  address: 0.0.0.0:2114\n";
        let compose = "services:\n  app:\n    build: .\n    ports: [\"8080:8080\", \"2114:2114\"]\n";
        let dockerfile = "FROM php:8.4-cli\nWORKDIR /app\nCOPY . /app\nCMD [\"rr\", \"serve\"]\n";
        let sources = sources(&[("compose.yaml", compose), ("Dockerfile", dockerfile), (".rr.yaml", rr)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        let found: Vec<_> = service.server_flaws().into_iter().map(|flaw| flaw.severity.as_str()).collect();
        assert_eq!(found, ["high", "medium", "medium"]);
    }
}

//! Tools for administration and development: which service is one, and which ports show one.

use super::{Group, ServiceRef};
use crate::facts::ports::{self, PortRow};
use crate::finding::{Confidence, Severity};
use crate::model::compose::ports::Port;
use crate::source::{Location, file_name};

/// A tool for administration or development.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Console {
    /// What it is: "a database administration tool".
    pub what: String,
    /// How bad it is when other machines reach it.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
}

impl ServiceRef<'_, '_> {
    /// Whether the whole service is a tool for administration or development that users open. What administers Docker
    /// is none of these, nor what only sends or collects.
    #[must_use]
    pub fn is_console(self) -> bool {
        self.console().is_some()
    }

    /// What tool it is by its role. Who holds the engine's socket is more than a tool.
    #[must_use]
    pub fn console(self) -> Option<Console> {
        let (what, severity) = match self.role.name {
            "db-admin" => ("a database administration tool", Severity::High),
            "admin" => ("an administration tool", Severity::High),
            "mail-dev" => ("a mail catcher", Severity::High),
            "dev" => ("a development tool", Severity::High),
            "ci" => ("a build server", Severity::High),
            "monitor" => ("a monitoring tool", Severity::Medium),
            _ => return None,
        };
        let console = Console { what: what.to_owned(), severity, confidence: self.role.confidence };
        Some(console).filter(|_| self.engine_socket().is_none())
    }

    /// The tool that a published port shows: the service itself, the console of a data store, or what usually listens
    /// there.
    #[must_use]
    pub fn console_on(self, port: &Port) -> Option<Console> {
        if let Some(console) = self.console() {
            return Some(console);
        }
        // A number says little about a server of which is known what it serves.
        if self.role.group() == Group::Operations || self.role.is_web_entry() {
            return None;
        }
        let row = ports::by_port(port.target.0, port.protocol == "udp").first()?;
        let shown = match self.role.group() {
            Group::Data => row.console_of(self.role.name),
            _ => matches!(row.class, "admin-ui" | "dev") && row.ambiguous_with.is_empty(),
        };
        // Xdebug connects to the developer, and nothing listens in the container.
        (shown && port.target.0 == port.target.1 && !matches!(row.port, 9003)).then(|| Console {
            what: format!("what is usually {}", row.service),
            severity: severity(row),
            confidence: Confidence::Medium,
        })
    }

    /// What says that it is a Grafana that asks for a password of its own and lets nobody in without one.
    #[must_use]
    pub fn closed_grafana(self) -> Option<Location> {
        let image = self.image_use.reference.as_ref().filter(|image| file_name(&image.path).starts_with("grafana"))?;
        let on = |key: &str| {
            self.variable(key)
                .and_then(|variable| variable.value.as_ref())
                .is_some_and(|value| !value.is_known() || value.text.eq_ignore_ascii_case("true"))
        };
        let password = self.service.variables.iter().find(|variable| {
            matches!(variable.key.as_str(), "GF_SECURITY_ADMIN_PASSWORD" | "GF_SECURITY_ADMIN_PASSWORD__FILE")
                && variable.value.as_ref().is_none_or(|value| !matches!(value.text.as_str(), "" | "admin"))
        });
        password
            .filter(|_| !image.path.ends_with("loki") && !on("GF_AUTH_ANONYMOUS_ENABLED"))
            .map(|variable| variable.key_at)
    }
}

fn severity(row: &PortRow) -> Severity {
    super::severity_of(row.level).max(Severity::Low)
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn consoles(lines: &str) -> Vec<String> {
        let text = format!("services:\n  ui:\n    image: {lines}\n");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        service.ports.iter().filter_map(|port| service.console_on(port)).map(|console| console.what).collect()
    }

    #[test]
    fn tools_and_ports() {
        assert_eq!(consoles("adminer:5\n    ports: [\"1:1\"]"), ["a database administration tool"]);
        assert_eq!(consoles("node:24\n    ports: [\"5173:5173\"]"), ["what is usually Vite dev server"]);
        assert_eq!(
            consoles("minio/minio:latest\n    ports: [\"9000:9000\", \"9001:9001\"]"),
            ["what is usually MinIO console"]
        );
        assert!(consoles("x/app:1\n    ports: [\"8080:8080\", \"9003:9003\", \"3000:3000\"]").is_empty());
        assert!(consoles("portainer/portainer-ce:2\n    ports: [\"9443:9443\"]").is_empty());
    }

    #[test]
    fn grafana() {
        let closed = |environment: &str| {
            let text = format!("services:\n  ui:\n    image: grafana/grafana:12\n    environment: {{{environment}}}\n");
            let sources = sources(&[("compose.yaml", &text)]);
            Project::new(&sources, TODAY).services().next().unwrap().closed_grafana().is_some()
        };
        assert!(closed("GF_SECURITY_ADMIN_PASSWORD: x"));
        assert!(!closed("GF_SECURITY_ADMIN_PASSWORD: admin"));
        assert!(!closed("GF_SECURITY_ADMIN_PASSWORD: x, GF_AUTH_ANONYMOUS_ENABLED: \"true\""));
        assert!(!closed(""));
    }
}

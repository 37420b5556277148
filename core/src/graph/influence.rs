//! How one service comes to run code in another without a connection to it: through a queue, a session, a volume with code, or a
//! database that runs commands.
//!
//! Every influence needs a text that says so: a driver that names the store, a mount of the same files, a login as superuser.

mod code;
mod database;
mod payload;
mod sockets;
pub(super) mod told;

use super::model::Influence;
use crate::project::ServiceRef;
use told::{Hosts, Told};

/// Every influence between the services, queues first, then sessions, code and databases, each in the order of the services.
pub(super) fn influences(services: &[ServiceRef<'_, '_>]) -> Vec<Influence> {
    let hosts = Hosts::of(services);
    let told: Vec<Vec<Told>> = services.iter().map(|service| told::told(*service)).collect();
    let mut found = payload::queues(services, &told, &hosts);
    found.extend(payload::sessions(services, &told, &hosts));
    found.extend(code::volumes(services));
    found.extend(sockets::shared_sockets(services));
    found.extend(code::redis_files(services));
    found.extend(database::commands(services));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    /// The influences of the first view, with the names of the services.
    pub(super) fn of(files: &[(&str, &str)]) -> Vec<(String, Influence)> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let services: Vec<ServiceRef<'_, '_>> = project.services_of(&project.views[0]).collect();
        let found = influences(&services);
        let named = |one: Influence| {
            assert!(!one.reason.contains('`') && !one.reason.ends_with('.'), "{}", one.reason);
            assert!(!one.evidence.is_empty(), "{}", one.reason);
            (format!("{}→{} {}", services[one.from].name, services[one.to].name, one.kind.as_str()), one)
        };
        found.into_iter().map(named).collect()
    }

    /// Only what leads where and how.
    pub(super) fn names(compose: &str) -> Vec<String> {
        of(&[("compose.yaml", compose)]).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn nothing_without_a_text_that_says_so() {
        let text = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {DB_HOST: db, REDIS_HOST: redis}\n  redis:\n    image: redis:8\n  db:\n    image: postgres:17\n";
        assert!(names(text).is_empty());
        assert!(names("services: {}\n").is_empty());
    }
}

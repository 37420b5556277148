//! The four questions about a stack, answered from what was supplied: which containers are active, which images are outdated, which
//! services expose ports, which workloads have known vulnerabilities. Beside them, where an inventory was supplied: how what runs
//! differs from what is declared, what was changed inside of containers, which of them could be built again, and what lies around.
//! Plain data; where no inventory was supplied, what is declared.

mod containers;
mod drift;
mod images;
mod ports;
mod questions;
mod rebuild;
mod stale;
mod vulnerabilities;

pub use containers::ContainerRow;
pub use drift::{ChangeRow, DriftRow};
pub use images::ImageRow;
pub use ports::PortRow;
pub use questions::OpenQuestion;
pub use rebuild::RebuildRow;
pub use stale::StaleRow;
pub use vulnerabilities::VulnerableRow;

use crate::graph::{self, model::Graph};
use crate::project::{Project, View};
use crate::report::trust::{self, TrustRow};
use serde::{Deserialize, Serialize};

/// The answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answers {
    /// When the inventory was recorded, as a day; `None` without an inventory or without a date in it.
    pub recorded: Option<String>,
    /// Whether containers were supplied: without them the answers speak of what is declared.
    pub has_inventory: bool,
    /// Containers, active ones first.
    pub containers: Vec<ContainerRow>,
    /// Declared services that run nowhere, as `view/service`.
    pub missing: Vec<String>,
    /// Images in use, the most outdated first.
    pub images: Vec<ImageRow>,
    /// Published ports, the widest open first.
    pub ports: Vec<PortRow>,
    /// Services with what scans say of them, the worst first.
    pub vulnerabilities: Vec<VulnerableRow>,
    /// Parts of the engine in versions that attackers are known to use.
    #[serde(default)]
    pub engine: Vec<String>,
    /// Where containers differ from what is declared, container by container, the worst first.
    #[serde(default)]
    pub drift: Vec<DriftRow>,
    /// What was changed inside of containers since they were made.
    #[serde(default)]
    pub changes: Vec<ChangeRow>,
    /// Whether each active container could be made again from the supplied files, those that could not first.
    #[serde(default)]
    pub rebuild: Vec<RebuildRow>,
    /// What lies around on the machine.
    #[serde(default)]
    pub stale: Vec<StaleRow>,
    /// The bill of trust: what is taken from others, what nothing holds first.
    #[serde(default)]
    pub trust: Vec<TrustRow>,
    /// What is not known, and the one command that tells.
    pub questions: Vec<OpenQuestion>,
}

/// Answers the four questions.
#[must_use]
pub fn answer(project: &Project<'_>) -> Answers {
    let has_inventory = !project.inventory.containers.is_empty();
    let shown = |view: &&View| project.is_running(view) == has_inventory && (has_inventory || !view.standalone);
    let views: Vec<&View> = project.views.iter().filter(shown).collect();
    let services = || views.iter().flat_map(|view| project.services_of(view));
    let published = views.iter().filter(|view| publishes(view));
    let graphs: Vec<Graph> = published.map(|view| graph::of(project, view)).collect();
    let deployments = project.deployments();
    let missing = project
        .views
        .iter()
        .flat_map(|view| project.declared_but_missing(view))
        .map(|service| format!("{}/{}", service.view().name, service.name))
        .collect();
    Answers {
        recorded: project.inventory.taken.as_ref().map(|taken| taken.value.date().to_string()),
        has_inventory,
        containers: containers::rows(project, &deployments),
        missing,
        images: images::rows(project, services()),
        ports: ports::rows(services(), &graphs),
        vulnerabilities: vulnerabilities::rows(project, &deployments, services()),
        engine: vulnerabilities::engine(project),
        drift: drift::rows(&deployments),
        changes: drift::changes(project, &deployments),
        rebuild: rebuild::rows(project, &deployments),
        stale: stale::rows(project, &deployments),
        trust: trust::bill(project),
        questions: questions::rows(project, has_inventory, &deployments, services()),
    }
}

fn publishes(view: &View) -> bool {
    view.services.iter().any(|service| !service.ports.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    const RUNNING: &str = include_str!("../../tests/data/inventory/running.txt");
    const SCAN: &str = include_str!("../../tests/data/scans/trivy-image.json");

    #[test]
    fn four_answers_from_an_inventory() {
        let files = sources(&[("running.txt", RUNNING), ("scan.json", SCAN)]);
        let answers = answer(&Project::new(&files, TODAY));
        assert_eq!((answers.recorded.as_deref(), answers.has_inventory), (Some("2026-11-24"), true));
        let states: Vec<String> =
            answers.containers.iter().map(|row| format!("{} {} {}", row.name, row.state, row.standing)).collect();
        assert_eq!(
            states,
            [
                "redis-debug running unmanaged",
                "larashop-app-1 running other project",
                "larashop-db-1 running other project",
                "larashop-nginx-1 running other project",
                "larashop-horizon-1 exited other project",
            ]
        );
        let images: Vec<(&str, bool)> = answers.images.iter().map(|row| (row.image.as_str(), row.outdated)).collect();
        assert_eq!(images[0], ("nginx:1.27-alpine", true));
        assert!(
            answers.images[0].end_of_life.as_deref().unwrap().contains("nginx 1.27 ended on"),
            "{:?}",
            answers.images[0]
        );
        assert_eq!(answers.images[0].age_days, Some(587));
        let ports: Vec<String> = answers
            .ports
            .iter()
            .map(|row| format!("{} {}->{} {}", row.service, row.host, row.target, row.reach))
            .collect();
        assert!(ports.contains(&"redis-debug 6380->6379 everyone".to_owned()), "{ports:?}");
        assert_eq!(ports.last().unwrap(), "db 127.0.0.1:3306->3306 this machine");
        let worst = &answers.vulnerabilities[0];
        assert_eq!((worst.service.as_str(), worst.critical, worst.fixable, worst.scan_age_days), ("db", 1, 1, Some(4)));
        let commands: Vec<&str> = answers.questions.iter().map(|question| question.answer.as_str()).collect();
        assert!(
            commands.iter().any(|command| command.starts_with("docker diff "))
                && commands.iter().any(|command| command.starts_with("trivy image ")),
            "{commands:?}"
        );
    }

    #[test]
    fn without_an_inventory_the_declared_services_answer() {
        let compose = "services:\n  app:\n    image: php:8.1.0-fpm\n    ports: [\"8080:80\"]\n";
        let files = sources(&[("compose.yaml", compose)]);
        let answers = answer(&Project::new(&files, TODAY));
        assert!(
            !answers.has_inventory
                && answers.containers.is_empty()
                && answers.questions[0].answer.contains("--collector")
        );
        assert!(answers.images[0].end_of_life.is_some() && answers.images[0].newer.is_some());
        assert_eq!(answers.ports[0].reach, "everyone");
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let files = sources(&[("running.txt", RUNNING), ("scan.json", SCAN)]);
        let answers = answer(&Project::new(&files, TODAY));
        let text = serde_json::to_string(&answers).unwrap();
        assert_eq!(serde_json::from_str::<Answers>(&text).unwrap(), answers);
        assert_eq!(answers.rebuild.len(), 4, "only what is active: {:?}", answers.rebuild);
        assert!(answers.rebuild.iter().all(|row| !row.reasons.is_empty()));
    }
}

//! The four questions about a stack, answered from what was supplied: which containers are active, which images are outdated, which
//! services expose ports, which workloads have known vulnerabilities. Plain data; where no inventory was supplied, what is declared.

use crate::facts::eol;
use crate::finding::Severity;
use crate::image::Precision;
use crate::model::inventory::{Container, Moment};
use crate::project::{ImagePart, Project, ServiceRef, Standing, UsedImage, View};
use serde::Serialize;
use std::collections::BTreeMap;

/// The answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
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
    /// What is not known, and the one command that tells.
    pub questions: Vec<OpenQuestion>,
}

/// A container.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ContainerRow {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Its Compose project.
    pub project: Option<String>,
    /// `running`, `exited` and so on; `unknown`.
    pub state: String,
    /// What its health check says.
    pub health: Option<String>,
    /// For how many hours it has been up, or stopped.
    pub hours: Option<i64>,
    /// `declared`, `orphan`, `one-off`, `other project`, `unmanaged`, `unknown`.
    pub standing: &'static str,
}

/// An image in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ImageRow {
    /// Its name.
    pub image: String,
    /// Services and containers that use it.
    pub used_by: Vec<String>,
    /// How old its build is, in days.
    pub age_days: Option<i64>,
    /// The product line that has ended, and when.
    pub end_of_life: Option<String>,
    /// A newer release of the same line.
    pub newer: Option<String>,
    /// Whether its tag moves.
    pub floating: bool,
    /// Whether anything of this makes it outdated.
    pub outdated: bool,
}

/// A published port.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PortRow {
    /// The service or container.
    pub service: String,
    /// Its view.
    pub view: String,
    /// What it is for.
    pub role: &'static str,
    /// Address and port of the host.
    pub host: String,
    /// Port of the container, with its protocol unless that is TCP.
    pub target: String,
    /// `everyone`, `a private network`, `this machine`.
    pub reach: &'static str,
}

/// What scans say of a service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct VulnerableRow {
    /// The service or container.
    pub service: String,
    /// Its view.
    pub view: String,
    /// Whether a report about it was supplied.
    pub scanned: bool,
    /// Critical ones.
    pub critical: usize,
    /// High ones.
    pub high: usize,
    /// Others.
    pub other: usize,
    /// Critical and high ones that have a fix.
    pub fixable: usize,
    /// Days since the newest scan.
    pub scan_age_days: Option<i64>,
    /// Whether it publishes a port to other machines.
    pub exposed: bool,
}

/// What is not known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OpenQuestion {
    /// The question.
    pub question: String,
    /// The command to run, or the file to supply.
    pub answer: String,
}

/// Answers the four questions.
#[must_use]
pub fn answer(project: &Project<'_>) -> Answers {
    let has_inventory = !project.inventory.containers.is_empty();
    let shown = |view: &&View| project.is_running(view) == has_inventory && (has_inventory || !view.standalone);
    let views: Vec<&View> = project.views.iter().filter(shown).collect();
    let services = || views.iter().flat_map(|view| project.services_of(view));
    let missing = project
        .views
        .iter()
        .flat_map(|view| project.declared_but_missing(view))
        .map(|service| format!("{}/{}", service.view().name, service.name))
        .collect();
    Answers {
        recorded: project.inventory.taken.as_ref().map(|taken| taken.value.date().to_string()),
        has_inventory,
        containers: containers(project),
        missing,
        images: images(project, services()),
        ports: ports(services()),
        vulnerabilities: vulnerabilities(services()),
        questions: questions(project, has_inventory, services()),
    }
}

fn containers(project: &Project<'_>) -> Vec<ContainerRow> {
    let now = project.inventory_time();
    let mut rows: Vec<ContainerRow> = project
        .deployments()
        .iter()
        .map(|deployment| {
            let container = deployment.container;
            ContainerRow {
                name: container.name().to_owned(),
                image: image_name(project, container),
                project: container.project().map(|label| label.value.clone()),
                state: container.state.as_ref().map_or("unknown", |state| state.value.as_str()).to_owned(),
                health: container.health.as_ref().map(|health| health.value.as_str().to_owned()),
                hours: hours(container, now),
                standing: match deployment.standing {
                    Standing::Declared(_) => "declared",
                    Standing::Orphan { .. } => "orphan",
                    Standing::OneOff => "one-off",
                    Standing::OtherProject => "other project",
                    Standing::Unmanaged => "unmanaged",
                    Standing::Unknown => "unknown",
                },
            }
        })
        .collect();
    let active = |row: &ContainerRow| matches!(row.state.as_str(), "running" | "paused" | "restarting" | "unknown");
    rows.sort_by(|a, b| (!active(a), &a.project, &a.name).cmp(&(!active(b), &b.project, &b.name)));
    rows
}

fn hours(container: &Container, now: Moment) -> Option<i64> {
    container.uptime_hours(now).or_else(|| container.stopped_hours(now))
}

fn image_name(project: &Project<'_>, container: &Container) -> String {
    let image = container.image.as_ref().map_or("unknown", |image| image.value.as_str());
    let tagged = project.inventory.image_of(container).and_then(|image| image.tags.first());
    if container.image_name().is_none() {
        return tagged.map_or_else(|| crate::model::inventory::short(image).to_owned(), |tag| tag.value.clone());
    }
    image.to_owned()
}

fn images<'p, 'a: 'p>(project: &'p Project<'a>, services: impl Iterator<Item = ServiceRef<'p, 'a>>) -> Vec<ImageRow> {
    let mut rows: BTreeMap<String, ImageRow> = BTreeMap::new();
    for service in services {
        for used in service.images().iter().filter(|used| matches!(used.part, ImagePart::Runs | ImagePart::Base)) {
            let name = used.reference.to_string();
            let row = rows.entry(name.clone()).or_insert_with(|| image_row(project, service, used, name));
            if !row.used_by.contains(&service.name) && row.used_by.len() < 1000 {
                row.used_by.push(service.name.clone());
            }
        }
    }
    let mut rows: Vec<ImageRow> = rows.into_values().collect();
    // Ended lines first, then age, then patches behind, then moving tags.
    rows.sort_by_key(|row| {
        let old = row.age_days.is_some_and(|days| days > 180);
        (
            row.end_of_life.is_none(),
            !old,
            row.newer.is_none(),
            !row.floating,
            std::cmp::Reverse(row.age_days),
            row.image.clone(),
        )
    });
    rows
}

fn image_row(project: &Project<'_>, service: ServiceRef<'_, '_>, used: &UsedImage, image: String) -> ImageRow {
    let built = service.container().and_then(|container| project.inventory.image_of(container));
    let built = built.or_else(|| project.inventory.image(&image));
    let age_days = built.and_then(|image| image.age_days(project.today));
    let ended = used.reference.versions().into_iter().find_map(|version| {
        let product = eol::product(version.product)?;
        let cycle = product.cycle(&version.cycle_hint)?;
        let when = cycle.eol.date().map_or_else(String::new, |date| format!(" on {date}"));
        cycle.is_over(project.today).then(|| format!("{} {} ended{when}", product.title, version.cycle_hint))
    });
    let newer = project.newest_tag(used).filter(|tag| {
        let exact = used.reference.precision() == Precision::Patch;
        exact && used.reference.tag.as_deref() != Some(tag.as_str())
    });
    let floating = matches!(used.reference.precision(), Precision::None | Precision::Floating);
    let outdated = ended.is_some() || newer.is_some() || age_days.is_some_and(|days| days > 180);
    ImageRow { image, used_by: Vec::new(), age_days, end_of_life: ended, newer, floating, outdated }
}

fn ports<'p, 'a: 'p>(services: impl Iterator<Item = ServiceRef<'p, 'a>>) -> Vec<PortRow> {
    let mut rows: Vec<(u8, PortRow)> = Vec::new();
    for service in services {
        for port in &service.ports {
            let (rank, reach) = match (port.is_loopback(), port.is_private()) {
                (true, _) => (2, "this machine"),
                (false, true) => (1, "a private network"),
                (false, false) => (0, "everyone"),
            };
            let range = |(from, to): (u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
            let protocol = if port.protocol == "tcp" { String::new() } else { format!("/{}", port.protocol) };
            rows.push((
                rank,
                PortRow {
                    service: service.name.clone(),
                    view: service.view().name.clone(),
                    role: service.role.name,
                    host: port.host_side(),
                    target: format!("{}{protocol}", range(port.target)),
                    reach,
                },
            ));
        }
    }
    rows.sort_by(|(a, first), (b, second)| (a, &first.view, &first.service).cmp(&(b, &second.view, &second.service)));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn vulnerabilities<'p, 'a: 'p>(services: impl Iterator<Item = ServiceRef<'p, 'a>>) -> Vec<VulnerableRow> {
    let mut rows: Vec<VulnerableRow> = services
        .map(|service| {
            let found = service.vulnerabilities();
            let of = |severity: Severity| found.iter().filter(|found| found.severity == Some(severity)).count();
            let (critical, high) = (of(Severity::Critical), of(Severity::High));
            let fixable =
                found.iter().filter(|found| found.fixed.is_some() && found.severity >= Some(Severity::High)).count();
            VulnerableRow {
                service: service.name.clone(),
                view: service.view().name.clone(),
                scanned: service.is_scanned(),
                critical,
                high,
                other: found.len() - critical - high,
                fixable,
                scan_age_days: service.scan_age_days(),
                exposed: service.ports.iter().any(|port| port.is_exposed()),
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        (b.critical, b.high, b.exposed, b.other, a.scanned)
            .cmp(&(a.critical, a.high, a.exposed, a.other, b.scanned))
            .then_with(|| (&a.view, &a.service).cmp(&(&b.view, &b.service)))
    });
    rows
}

fn questions<'p, 'a: 'p>(
    project: &'p Project<'a>,
    has_inventory: bool,
    services: impl Iterator<Item = ServiceRef<'p, 'a>>,
) -> Vec<OpenQuestion> {
    let mut open: Vec<OpenQuestion> = Vec::new();
    if !has_inventory {
        open.push(OpenQuestion {
            question: "What is running? No inventory was supplied; the answers speak of what is declared".to_owned(),
            answer:
                "plimsoll inventory --collector > collect.sh, then sh collect.sh > running.txt where the containers run"
                    .to_owned(),
        });
    }
    let asked = project.questions.iter().filter(|question| question.rule == "project/inventory");
    open.extend(
        asked.map(|question| OpenQuestion { question: question.question.clone(), answer: question.answer.clone() }),
    );
    let unscanned: Vec<ServiceRef<'_, '_>> = services.filter(|service| !service.is_scanned()).collect();
    let image = |service: &ServiceRef<'_, '_>| {
        let container = service.container().and_then(Container::image_name).map(|image| image.value.clone());
        container.or_else(|| service.image.as_ref().filter(|image| image.is_known()).map(|image| image.text.clone()))
    };
    if let Some(image) = unscanned.iter().find_map(image) {
        let names: Vec<&str> = unscanned.iter().map(|service| service.name.as_str()).take(6).collect();
        open.push(OpenQuestion {
            question: format!(
                "Which known vulnerabilities are in {}? No scan of them was supplied",
                crate::text::list(&names)
            ),
            answer: format!("trivy image --format json {}", crate::text::shorten(&image, 100)),
        });
    }
    open
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
}

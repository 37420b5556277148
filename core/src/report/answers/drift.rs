//! How what runs differs from what is declared, and what was changed inside of containers.

use crate::facts::drift::DriftClass;
use crate::finding::Severity;
use crate::project::{Deployment, Direction, Drift, Project, severity_of};
use crate::text::shorten;
use serde::{Deserialize, Serialize};

/// How many paths of a class are shown.
const EXAMPLES: usize = 3;

/// A field that runs otherwise than it is declared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DriftRow {
    /// The service.
    pub service: String,
    /// Its view.
    pub view: String,
    /// The container.
    pub container: String,
    /// The field as Compose calls it; `config-hash` where the container was made from an earlier state of the files.
    pub field: String,
    /// What is declared; `None` when nothing is.
    pub declared: Option<String>,
    /// What runs; `None` when it is missing there. Values of environment variables are left out.
    pub running: Option<String>,
    /// How bad it is: `critical` to `low`.
    pub level: String,
    /// `weaker` where what runs allows more than what is declared, `stricter`, `other`.
    pub direction: String,
}

/// Changes of one kind inside of a container.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChangeRow {
    /// The container.
    pub container: String,
    /// The service that declares it.
    pub service: Option<String>,
    /// What the changes mean: `malware-like`, `packages`, `application-code` …; `owners-or-modes` for very many at once.
    pub class: String,
    /// How bad the worst of them is.
    pub level: String,
    /// How many.
    pub count: usize,
    /// Some of them as `docker diff` prints them: `A /var/www/html/x.php`.
    pub examples: Vec<String>,
    /// Whether the output was cut off, so that there may be more.
    pub cut: bool,
}

/// Differences of every container whose Compose files were supplied in full.
pub(super) fn rows(deployments: &[Deployment<'_, '_>]) -> Vec<DriftRow> {
    let mut rows: Vec<DriftRow> = Vec::new();
    for deployment in deployments.iter().filter(|deployment| deployment.container.is_active() != Some(false)) {
        rows.extend(of_container(deployment));
    }
    rows
}

fn of_container(deployment: &Deployment<'_, '_>) -> Vec<DriftRow> {
    let Some(service) = deployment.declared().filter(|_| deployment.files_not_supplied().is_empty()) else {
        return Vec::new();
    };
    let row = |field: &str, declared: Option<&str>, running: Option<&str>, level: Severity, direction: &str| DriftRow {
        service: service.name.clone(),
        view: service.view().name.clone(),
        container: deployment.container.name().to_owned(),
        field: field.to_owned(),
        declared: declared.map(|text| shorten(text, 200)),
        running: running.map(|text| shorten(text, 200)),
        level: level.as_str().to_owned(),
        direction: direction.to_owned(),
    };
    let mut differences = deployment.differences();
    differences.retain(|difference| difference.severity > Severity::Info);
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.severity));
    if differences.is_empty() && deployment.outdated_hash().is_some() {
        let (now, then) = ("the files as they are now", "an earlier state of the files");
        return vec![row("config-hash", Some(now), Some(then), Severity::Medium, "other")];
    }
    differences
        .iter()
        .map(|difference| {
            let direction = match difference.direction {
                Direction::Weaker => "weaker",
                Direction::Stricter => "stricter",
                Direction::Other => "other",
            };
            let (declared, running) = (difference.declared.as_deref(), difference.running.as_deref());
            row(difference.field, declared, running, difference.severity, direction)
        })
        .collect()
}

/// What `docker diff` says of each container, by class, the worst first.
pub(super) fn changes(project: &Project<'_>, deployments: &[Deployment<'_, '_>]) -> Vec<ChangeRow> {
    let mut rows: Vec<ChangeRow> = Vec::new();
    for deployment in deployments {
        if let Some(drift) = project.drift(deployment.container) {
            let service = deployment.declared().map(|service| service.name.clone());
            rows.extend(of_diff(&drift, service.as_deref()));
        }
    }
    rows
}

fn of_diff(drift: &Drift<'_>, service: Option<&str>) -> Vec<ChangeRow> {
    let row = |class: &str, level: Severity, count: usize, examples: Vec<String>| ChangeRow {
        container: drift.container.name().to_owned(),
        service: service.map(str::to_owned),
        class: class.to_owned(),
        level: level.as_str().to_owned(),
        count,
        examples,
        cut: drift.cut,
    };
    let mut found: Vec<(Severity, ChangeRow)> = Vec::new();
    for class in CLASSES {
        let Some(worst) = drift.of(class).map(|change| severity_of(change.level)).max() else { continue };
        let shown = drift.of(class).take(EXAMPLES);
        let examples = shown.map(|one| format!("{} {}", one.change.kind.letter(), shorten(&one.change.path, 120)));
        found.push((worst, row(class.as_str(), worst, drift.of(class).count(), examples.collect())));
    }
    for mass in &drift.mass {
        let level = Severity::Medium;
        found.push((level, row("owners-or-modes", level, mass.count, vec![shorten(&mass.folder, 120)])));
    }
    found.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    found.into_iter().map(|(_, row)| row).collect()
}

const CLASSES: [DriftClass; 10] = [
    DriftClass::MalwareLike,
    DriftClass::ExecutablePhpAdded,
    DriftClass::Packages,
    DriftClass::PackageLists,
    DriftClass::RuntimeConfig,
    DriftClass::Binaries,
    DriftClass::ApplicationCode,
    DriftClass::InteractiveSession,
    DriftClass::StateOutsideVolume,
    DriftClass::Other,
];

#[cfg(test)]
mod tests {
    use super::super::answer;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    const RUNNING: &str = include_str!("../../../tests/data/inventory/running.txt");
    const COMPOSE: &str = "name: larashop\nservices:\n  nginx:\n    image: nginx:1.28-alpine\n    ports: [\"80:80\"]\n  app:\n    build: .\n    image: larashop-app\n    privileged: false\n  db:\n    image: mysql:8.4.11\n";

    #[test]
    fn declared_against_running() {
        let prod = "services:\n  app:\n    environment: {APP_ENV: production}\n";
        let files = sources(&[("running.txt", RUNNING), ("compose.yaml", COMPOSE), ("compose.prod.yaml", prod)]);
        let answers = answer(&Project::new(&files, TODAY));
        let field = |container: &str, field: &str| {
            answers.drift.iter().find(|row| row.container == container && row.field == field).cloned()
        };
        let image = field("larashop-nginx-1", "image").unwrap_or_else(|| panic!("{:?}", answers.drift));
        assert_eq!(image.declared.as_deref(), Some("nginx:1.28-alpine"));
        assert!(image.running.unwrap().contains("nginx:1.27-alpine"));
        assert_eq!((image.service.as_str(), image.direction.as_str()), ("nginx", "other"));
        assert!(answers.drift.iter().all(|row| row.level != "info"));

        let without = sources(&[("running.txt", RUNNING), ("compose.yaml", COMPOSE)]);
        assert!(answer(&Project::new(&without, TODAY)).drift.is_empty(), "a file that is not known may say it");
    }

    #[test]
    fn changes_inside_of_a_container() {
        let ps = "{\"ID\":\"0123456789ab\",\"Names\":\"app\",\"Image\":\"php:8.4-fpm\",\"State\":\"running\",\"Labels\":\"\",\"Ports\":\"\"}\n";
        let diff =
            "C /var\nC /var/www\nA /var/www/html/public/shell.php\nC /var/www/html/index.php\nA /root/.bash_history\n";
        let files = sources(&[("docker-ps.ndjson", ps), ("docker-diff-app.txt", diff)]);
        let answers = answer(&Project::new(&files, TODAY));
        let said: Vec<String> =
            answers.changes.iter().map(|row| format!("{} {} {}", row.class, row.count, row.examples[0])).collect();
        assert!(said.contains(&"executable-php-added 1 A /var/www/html/public/shell.php".to_owned()), "{said:?}");
        assert!(said.contains(&"application-code 1 C /var/www/html/index.php".to_owned()), "{said:?}");
        assert_eq!(answers.changes[0].container, "app");
    }
}

//! Which workloads have known vulnerabilities? From scans, from locked packages, and from versions that attackers are known to use.

use crate::facts::known_exploited::Verdict;
use crate::finding::Severity;
use crate::project::{AttackedComponent, Deployment, Project, ServiceRef, VulnerablePackage};
use crate::text::{list, shorten};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many packages of a service are named.
const MAX_NAMED: usize = 50;

/// What is known of a service's vulnerabilities.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
    /// Locked packages of its application with known vulnerabilities, as `name version (advisory)`; what is only for development is
    /// left out.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Images and packages of it in versions that attackers are known to use.
    #[serde(default)]
    pub exploited: Vec<String>,
}

/// A service by view and name.
type Key = (String, String);

/// Names of vulnerable packages, and of those among them that are attacked.
type Packages = BTreeMap<Key, (Vec<String>, Vec<String>)>;

pub(super) fn rows<'p, 'a: 'p>(
    project: &'p Project<'a>,
    deployments: &[Deployment<'_, '_>],
    services: impl Iterator<Item = ServiceRef<'p, 'a>>,
) -> Vec<VulnerableRow> {
    let (packages, declared) = (locked(project), declared(deployments));
    let mut rows: Vec<VulnerableRow> = services
        .map(|service| {
            let found = service.vulnerabilities();
            let of = |severity: Severity| found.iter().filter(|found| found.severity == Some(severity)).count();
            let (critical, high) = (of(Severity::Critical), of(Severity::High));
            let fixable =
                found.iter().filter(|found| found.fixed.is_some() && found.severity >= Some(Severity::High)).count();
            let own = key(service);
            let container = service.container().and_then(|container| declared.get(container.id.value.as_str()));
            let (packages, attacked) = packages.get(container.unwrap_or(&own)).cloned().unwrap_or_default();
            let mut exploited: Vec<String> =
                service.attacked_images().iter().filter(|one| is_certain(one)).map(component).collect();
            exploited.extend(attacked);
            exploited.dedup();
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
                packages,
                exploited,
            }
        })
        .collect();
    let rank = |row: &VulnerableRow| {
        (row.exploited.len(), row.critical, row.high, row.exposed, row.packages.len(), row.other, !row.scanned)
    };
    rows.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| (&a.view, &a.service).cmp(&(&b.view, &b.service))));
    rows
}

/// Parts of the engine in versions that attackers are known to use.
pub(super) fn engine(project: &Project<'_>) -> Vec<String> {
    project.attacked_engine().iter().filter(|one| is_certain(one)).map(component).collect()
}

/// What may be a fixed patch, or needs something that is not known to be so, is told by the rule, not counted here.
fn is_certain(found: &AttackedComponent) -> bool {
    found.verdict == Verdict::Affected && found.met == Some(true)
}

fn component(found: &AttackedComponent) -> String {
    let ids = if found.row.ids.is_empty() { String::new() } else { format!(" ({})", list(found.row.ids)) };
    format!("{} {}: {}{ids}", found.row.component, shorten(&found.version, 40), found.row.title)
}

/// The vulnerable packages of every declared service.
fn locked(project: &Project<'_>) -> Packages {
    let mut found = Packages::new();
    for folder in project.locked_folders() {
        let packages: Vec<VulnerablePackage> =
            project.vulnerable_packages(folder).into_iter().filter(|package| !package.dev).collect();
        if packages.is_empty() {
            continue;
        }
        let all: Vec<String> = packages.iter().take(MAX_NAMED).map(package).collect();
        let attacked = packages.iter().filter(|package| package.attacked.is_some()).take(MAX_NAMED);
        let attacked: Vec<String> = attacked.map(package).collect();
        for service in project.services_of_folder(folder) {
            found.insert(key(service), (all.clone(), attacked.clone()));
        }
    }
    found
}

fn package(package: &VulnerablePackage) -> String {
    let first = package.ids.first().map_or("", String::as_str);
    let more = match package.ids.len() {
        0 | 1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    format!("{} {} ({}{more})", shorten(&package.name, 80), shorten(&package.version, 40), shorten(first, 40))
}

/// The declared service of each container, by the container's id.
fn declared<'d>(deployments: &'d [Deployment<'_, '_>]) -> BTreeMap<&'d str, Key> {
    let known = deployments
        .iter()
        .filter_map(|deployment| Some((deployment.container.id.value.as_str(), key(deployment.declared()?))));
    known.collect()
}

fn key(service: ServiceRef<'_, '_>) -> Key {
    (service.view().name.clone(), service.name.clone())
}

#[cfg(test)]
mod tests {
    use super::super::answer;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn locked_packages_and_attacked_images() {
        let lock = "{\"packages\": [{\"name\": \"acme/shop\", \"version\": \"1.0.0\"}], \"packages-dev\": [{\"name\": \"acme/test\", \"version\": \"1.0.0\"}]}";
        let audit = "{\"advisories\": {\"acme/shop\": [{\"advisoryId\": \"PKSA-1\", \"packageName\": \"acme/shop\", \"affectedVersions\": \"<1.1\", \"title\": \"Code runs\", \"cve\": \"CVE-2026-1\", \"link\": \"\", \"reportedAt\": \"2026-01-01T00:00:00+00:00\", \"severity\": \"high\", \"sources\": []}]}, \"abandoned\": {}}";
        let compose = "services:\n  app:\n    build: .\n  cache:\n    image: redis:8.2.0\n";
        let dockerfile = "FROM php:8.4-fpm\nWORKDIR /var/www/html\nCOPY . .\nRUN composer install\n";
        let files = sources(&[
            ("compose.yaml", compose),
            ("Dockerfile", dockerfile),
            ("composer.lock", lock),
            ("composer.json", "{\"require\": {\"acme/shop\": \"^1\"}}"),
            ("composer-audit.json", audit),
        ]);
        let answers = answer(&Project::new(&files, TODAY));
        let row = |name: &str| answers.vulnerabilities.iter().find(|row| row.service == name).unwrap().clone();
        assert_eq!(row("app").packages, ["acme/shop 1.0.0 (CVE-2026-1)"]);
        assert!(row("app").exploited.is_empty() && row("cache").packages.is_empty());
        assert!(!row("cache").exploited.is_empty(), "{:?}", row("cache"));
        assert_eq!(answers.vulnerabilities[0].service, "cache", "what is attacked comes first");
    }
}

//! Composer packages with known vulnerabilities: by the advisories, by reports of `composer audit`, by the list of what
//! is attacked.

use super::{Project, ServiceRef};
use crate::detect::Kind;
use crate::facts::Basis;
use crate::facts::eol::compare_versions;
use crate::facts::known_exploited::{self, Kind as Component, KnownExploited, Verdict};
use crate::finding::Severity;
use crate::model::composer::{Manifest, Package, Requirement};
use crate::model::scans::{Format, Report};
use crate::source::{Location, folder, join};

/// A locked package with known vulnerabilities.
#[derive(Clone, Debug)]
pub struct VulnerablePackage {
    /// Its name.
    pub name: String,
    /// The locked version.
    pub version: String,
    /// Where the version is written.
    pub at: Location,
    /// Whether only `require-dev` asks for it.
    pub dev: bool,
    /// The numbers of its vulnerabilities, each once.
    pub ids: Vec<String>,
    /// What the first of them is.
    pub title: String,
    /// The first version without any of them, as far as that is known.
    pub fixed: Option<String>,
    /// How bad the worst is, where a report says so.
    pub severity: Option<Severity>,
    /// What attackers are known to use.
    pub attacked: Option<&'static KnownExploited>,
    /// Where a report names it.
    pub reported: Option<Location>,
    /// The tables that know of it.
    pub based_on: Vec<Basis>,
}

impl VulnerablePackage {
    fn new(package: &Package) -> Self {
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            at: package.at,
            dev: package.dev,
            ids: Vec::new(),
            title: String::new(),
            fixed: None,
            severity: None,
            attacked: None,
            reported: None,
            based_on: Vec::new(),
        }
    }

    fn add(&mut self, id: &str, title: &str, fixed: Option<&str>) {
        if self.ids.iter().any(|known| known == id) {
            return;
        }
        if self.ids.is_empty() {
            title.clone_into(&mut self.title);
        }
        self.ids.push(id.to_owned());
        if let Some(fixed) = fixed
            && self.fixed.as_deref().is_none_or(|known| compare_versions(known, fixed).is_lt())
        {
            self.fixed = Some(fixed.to_owned());
        }
    }
}

/// A locked package that its author has given up.
#[derive(Clone, Debug)]
pub struct AbandonedPackage {
    /// Its name.
    pub name: String,
    /// What replaces it, where its author says so.
    pub replaced_by: Option<String>,
    /// Where that is written.
    pub at: Location,
    /// Whether only `require-dev` asks for it.
    pub dev: bool,
}

impl Manifest {
    /// Requirements of production that take any version, or whatever a branch holds.
    pub fn loose_requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.require.iter().filter(|required| {
            let constraint = required.constraint.value.trim();
            !required.is_platform() && (constraint.starts_with("dev-") || matches!(constraint, "*" | ">=0" | "@dev"))
        })
    }
}

impl<'a> Project<'a> {
    /// The folders whose `composer.lock` was supplied, in the order of their names; those of installed packages are
    /// left out.
    #[must_use]
    pub fn locked_folders(&self) -> Vec<&str> {
        self.files_of(Kind::ComposerLock)
            .map(|file| folder(self.path(file.source)))
            .filter(|folder| !folder.split('/').any(|part| matches!(part, "vendor" | "node_modules")))
            .collect()
    }

    /// The folders whose `composer.json` was supplied, in the order of their names; those of installed packages are
    /// left out.
    #[must_use]
    pub fn manifest_folders(&self) -> Vec<&str> {
        self.files_of(Kind::ComposerJson)
            .map(|file| folder(self.path(file.source)))
            .filter(|folder| !folder.split('/').any(|part| matches!(part, "vendor" | "node_modules")))
            .collect()
    }

    /// The services that run the application of a folder.
    #[must_use]
    pub fn services_of_folder(&self, folder: &str) -> Vec<ServiceRef<'_, 'a>> {
        self.declared_services().filter(|service| service.application_folder().as_deref() == Some(folder)).collect()
    }

    /// The locked packages of a folder with known vulnerabilities, in the order of the lock file.
    #[must_use]
    pub fn vulnerable_packages(&self, folder: &str) -> Vec<VulnerablePackage> {
        let Some(lock) = self.composer_lock(folder) else { return Vec::new() };
        let audits = self.audits_of(folder);
        let mut found = Vec::new();
        for package in &lock.packages {
            let mut one = VulnerablePackage::new(package);
            for report in &audits {
                for listed in report.vulnerabilities.iter().filter(|listed| listed.package == package.name) {
                    one.add(&listed.id, listed.title.as_deref().unwrap_or(""), listed.fixed.as_deref());
                    one.severity = one.severity.max(listed.severity);
                    one.reported = one.reported.or(Some(listed.at));
                }
            }
            if let Some(pack) = self.facts.advisories() {
                for advisory in pack.affected(&package.name, &package.version) {
                    one.add(&advisory.id, &advisory.title, advisory.fixed_in(&package.version));
                    one.based_on = vec![pack.basis()];
                }
            }
            let attacked = known_exploited::of(Component::Composer, &package.name)
                .filter(|row| row.judge(&package.version) == Some(Verdict::Affected))
                .max_by_key(|row| row.level);
            if let Some(row) = attacked {
                for id in row.ids {
                    one.add(id, row.title, row.fixed_in(&package.version).as_deref());
                }
                one.attacked = Some(row);
                one.based_on.push(known_exploited::BASIS);
            }
            if !one.ids.is_empty() {
                found.push(one);
            }
        }
        found
    }

    /// The locked packages of a folder that are only for development and in a version that attackers are known to use.
    #[must_use]
    pub fn attacked_dev_packages(&self, folder: &str) -> Vec<VulnerablePackage> {
        self.vulnerable_packages(folder).into_iter().filter(|one| one.dev && one.attacked.is_some()).collect()
    }

    /// The locked packages of a folder whose authors have given them up.
    #[must_use]
    pub fn abandoned_packages(&self, folder: &str) -> Vec<AbandonedPackage> {
        let Some(lock) = self.composer_lock(folder) else { return Vec::new() };
        let given_up = |package: &Package| {
            let said = package.abandoned.as_ref()?;
            Some(AbandonedPackage {
                name: package.name.clone(),
                replaced_by: said.value.clone(),
                at: said.at,
                dev: package.dev,
            })
        };
        lock.packages.iter().filter_map(given_up).collect()
    }

    /// Whether something tells which locked packages of a folder are vulnerable: advisories, or a report of `composer
    /// audit`.
    #[must_use]
    pub fn knows_vulnerable_packages(&self, folder: &str) -> bool {
        self.facts.advisories().is_some() || !self.audits_of(folder).is_empty()
    }

    fn audits_of(&self, folder: &str) -> Vec<&Report> {
        let path = join(folder, "composer.lock");
        let about = |report: &&Report| {
            report.format == Format::ComposerAudit && report.artifact.files.iter().any(|file| join("", file) == path)
        };
        self.scans.iter().filter(about).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn advisories_reports_and_what_is_attacked() {
        let lock = "{\"packages\": [\n  {\"name\": \"acme/shop\", \"version\": \"1.1.0\"},\n  {\"name\": \"livewire/livewire\", \"version\": \"v3.5.0\"},\n  {\"name\": \"acme/old\", \"version\": \"1.0.0\", \"abandoned\": \"acme/new\"}\n], \"packages-dev\": []}\n";
        let pack = r#"{"_meta": {"as_of": "2026-11-20"}, "packages": {"acme/shop": [
          {"id": "CVE-2026-1", "title": "one", "affected": ["<1.2.3"]}, {"id": "CVE-2026-2", "title": "two", "affected": ["<1.1.5"]}]}}"#;
        let mut facts = Facts::default();
        facts.read("advisories.json", pack).unwrap();
        let sources = sources(&[("composer.lock", lock), ("Dockerfile", "FROM php:8.4-fpm\n")]);
        let project = Project::with_facts(&sources, TODAY, &facts);
        let found = project.vulnerable_packages("");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].ids, ["CVE-2026-1", "CVE-2026-2"]);
        assert_eq!(found[0].fixed.as_deref(), Some("1.2.3"));
        assert!(found[0].attacked.is_none() && found[1].attacked.is_some());
        assert_eq!(project.abandoned_packages("")[0].replaced_by.as_deref(), Some("acme/new"));
        assert!(project.knows_vulnerable_packages(""));
        assert_eq!(project.locked_folders(), [""]);
        assert_eq!(project.services_of_folder("").len(), 1);
        assert!(!Project::new(&sources, TODAY).knows_vulnerable_packages(""));
    }
}

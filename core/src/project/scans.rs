//! Which scan report is about which service: by image id, digest, name, or lock file.

use super::{Project, ServiceRef};
use crate::detect::Kind;
use crate::model::inventory::{same_id, with_tag};
use crate::model::scans::{self, Artifact, Format, Report, Vulnerability};
use crate::project::Parsed;
use crate::source::{file_name, folder, join};
use std::collections::BTreeSet;

/// Reads every report.
pub(super) fn read(project: &Project<'_>) -> Vec<Report> {
    let mut reports = Vec::new();
    for (id, source) in project.sources.iter() {
        let file = project.file(id);
        let (Parsed::Json(json), Kind::ScanReport) = (&file.parsed, file.kind) else { continue };
        for mut report in scans::read(id, json) {
            if report.format == Format::ComposerAudit {
                report.artifact.files.extend(audited_lock(project, source.path()));
            }
            reports.push(report);
        }
    }
    reports
}

/// `composer audit` does not say which lock file it read: the one beside the report, else the only one.
fn audited_lock(project: &Project<'_>, report: &str) -> Option<String> {
    let beside = join(folder(report), "composer.lock");
    if project.sources.knows(&beside) {
        return Some(beside);
    }
    let mut locks = project.sources.paths().filter(|path| file_name(path) == "composer.lock");
    match (locks.next(), locks.next()) {
        (Some(only), None) => Some(only.to_owned()),
        _ => None,
    }
}

/// What a service can be recognised by.
struct Identity {
    ids: Vec<String>,
    digests: Vec<String>,
    names: Vec<String>,
    context: Option<String>,
}

impl<'p> ServiceRef<'p, '_> {
    fn identity(self) -> Identity {
        let snapshot = &self.project.inventory;
        let mut identity = Identity { ids: Vec::new(), digests: Vec::new(), names: Vec::new(), context: None };
        let declared =
            self.service.spec.image.as_ref().filter(|image| image.is_known()).map(|image| image.text.clone());
        identity.context = self.build_use.as_ref().and_then(|used| used.context.clone());
        let mut images = Vec::new();
        for container in self.containers() {
            identity.ids.extend(container.image_id.iter().map(|id| id.value.clone()));
            identity.names.extend(container.image_name().map(|name| with_tag(&name.value)));
            images.extend(snapshot.image_of(container));
        }
        if let Some(declared) = declared.filter(|_| !self.is_running()) {
            images.extend(snapshot.image(&declared));
            if let Some((name, digest)) = declared.split_once('@') {
                identity.digests.push(digest.to_owned());
                identity.names.push(with_tag(name));
            } else {
                identity.names.push(with_tag(&declared));
            }
        }
        for image in images {
            identity.ids.push(image.id.value.clone());
            identity.digests.extend(image.digests.iter().map(|digest| digest.value.clone()));
        }
        identity
    }

    /// The reports about it: scans and bills of materials.
    #[must_use]
    pub fn scan_reports(self) -> Vec<&'p Report> {
        if self.project.scans.is_empty() {
            return Vec::new();
        }
        let identity = self.identity();
        self.project.scans.iter().filter(|report| fits(&identity, &report.artifact)).collect()
    }

    /// Its known vulnerabilities by the supplied reports, each once, the worst first.
    #[must_use]
    pub fn vulnerabilities(self) -> Vec<&'p Vulnerability> {
        let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
        let all = self.scan_reports().into_iter().flat_map(|report| &report.vulnerabilities);
        let mut found: Vec<&Vulnerability> = all.filter(|found| seen.insert((&found.id, &found.package))).collect();
        found.sort_by(|a, b| (b.severity, &a.package, &a.id).cmp(&(a.severity, &b.package, &b.id)));
        found
    }

    /// Whether a report says what is wrong with it: a bill of materials alone does not.
    #[must_use]
    pub fn is_scanned(self) -> bool {
        self.scan_reports()
            .iter()
            .any(|report| !report.format.is_bill_of_materials() || !report.vulnerabilities.is_empty())
    }

    /// Days since its newest scan; `None` when no report has a date.
    #[must_use]
    pub fn scan_age_days(self) -> Option<i64> {
        let today = self.project.today;
        let made = self.scan_reports().into_iter().filter(|report| !report.format.is_bill_of_materials());
        made.filter_map(|report| Some(report.made.as_ref()?.value.date().days_until(today).max(0))).min()
    }

    /// Whether a bill of materials of its image was supplied.
    #[must_use]
    pub fn has_bill_of_materials(self) -> bool {
        self.scan_reports().iter().any(|report| report.format.is_bill_of_materials())
    }
}

impl<'a> Project<'a> {
    /// Reports that are about none of the services.
    #[must_use]
    pub fn unmatched_reports(&self) -> Vec<&Report> {
        let identities: Vec<Identity> = self.services().map(ServiceRef::identity).collect();
        self.scans.iter().filter(|report| !identities.iter().any(|identity| fits(identity, &report.artifact))).collect()
    }
}

fn fits(identity: &Identity, artifact: &Artifact) -> bool {
    if artifact.is_files {
        // A report about the files of a folder is about what is built from it.
        let Some(context) = &identity.context else { return false };
        return artifact.files.iter().any(|file| {
            let own = join("", file.trim_start_matches('/'));
            let place = folder(&own);
            place == context || place.ends_with(&format!("/{context}")) || (context.is_empty() && place.is_empty())
        });
    }
    if artifact.ids.iter().any(|id| identity.ids.iter().any(|own| same_id(own, id))) {
        return true;
    }
    let digest = |text: &str| text.rsplit_once('@').map_or(text, |(_, digest)| digest).to_owned();
    if artifact.digests.iter().any(|found| identity.digests.iter().any(|own| digest(own) == digest(found))) {
        return true;
    }
    // Two ids that both are known and differ are two images, whatever they are called.
    if !artifact.ids.is_empty() && !identity.ids.is_empty() {
        return false;
    }
    let named = artifact.tags.iter().map(String::as_str).chain(artifact.name.iter().map(|name| name.value.as_str()));
    named.map(with_tag).any(|name| identity.names.contains(&name))
}

#[cfg(test)]
#[path = "scans_tests.rs"]
mod tests;

//! Reports of vulnerability scans and bills of materials: Trivy, Grype, SARIF of several scanners, `composer audit`, CycloneDX, SPDX.
//!
//! What a report is, its keys tell. What it is about (an image by id, digest or name; lock files) is kept for joining it to
//! services.

mod bills;
mod scanners;
#[cfg(test)]
mod tests;

use crate::finding::Severity;
use crate::model::Spanned;
use crate::model::inventory::Moment;
use crate::source::{Location, SourceId};
use crate::syntax::json::{Json, Value};

/// Further vulnerabilities of one report are counted, not listed.
const MAX_LISTED: usize = 20_000;

/// The format of a report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Format {
    /// `trivy … --format json`.
    Trivy,
    /// `grype … -o json`.
    Grype,
    /// SARIF 2.1.0 of a scanner.
    Sarif,
    /// `composer audit --format=json`.
    ComposerAudit,
    /// CycloneDX, a bill of materials.
    CycloneDx,
    /// SPDX, a bill of materials.
    Spdx,
}

impl Format {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trivy => "trivy",
            Self::Grype => "grype",
            Self::Sarif => "sarif",
            Self::ComposerAudit => "composer-audit",
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
        }
    }

    /// Whether it lists what is inside, not what is wrong with it.
    #[must_use]
    pub fn is_bill_of_materials(self) -> bool {
        matches!(self, Self::CycloneDx | Self::Spdx)
    }
}

/// What a report is about.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Artifact {
    /// Its name as the report gives it: an image, a folder.
    pub name: Option<Spanned<String>>,
    /// Ids of the image.
    pub ids: Vec<String>,
    /// Names of the image with digests, or digests alone.
    pub digests: Vec<String>,
    /// Names of the image with tags.
    pub tags: Vec<String>,
    /// Lock files that were read, as the report names them; of a report about files only.
    pub files: Vec<String>,
    /// Whether it is about files, not about an image.
    pub is_files: bool,
}

/// One known vulnerability of one package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vulnerability {
    /// `CVE-…`, `GHSA-…`, `PKSA-…`; a CVE number where the report has one.
    pub id: String,
    /// The package.
    pub package: String,
    /// The version that is there.
    pub installed: Option<String>,
    /// The first version without it; `None` when there is none yet.
    pub fixed: Option<String>,
    /// How bad it is; `None` when the report does not know.
    pub severity: Option<Severity>,
    /// What it is, in a few words.
    pub title: Option<String>,
    /// Where it is written.
    pub at: Location,
}

/// One report.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// Its text.
    pub source: SourceId,
    /// Its format.
    pub format: Format,
    /// The tool that wrote it, where the report says.
    pub tool: Option<String>,
    /// What it is about.
    pub artifact: Artifact,
    /// What it found.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Packages it names as abandoned, with what replaces them.
    pub abandoned: Vec<(Spanned<String>, Option<String>)>,
    /// How many packages it lists; 0 when it lists only vulnerable ones.
    pub packages: usize,
    /// When it was made.
    pub made: Option<Spanned<Moment>>,
    /// Where it starts.
    pub at: Location,
    /// Whether it lists more vulnerabilities than are kept.
    pub truncated: bool,
}

impl Report {
    pub(super) fn new(source: SourceId, format: Format, root: &Value) -> Self {
        let start = root.span.start as usize;
        Self {
            source,
            format,
            tool: None,
            artifact: Artifact::default(),
            vulnerabilities: Vec::new(),
            abandoned: Vec::new(),
            packages: 0,
            made: None,
            at: Location::new(source, crate::span::Span::new(start, start + 1)),
            truncated: false,
        }
    }

    fn push(&mut self, vulnerability: Vulnerability) {
        if self.vulnerabilities.len() >= MAX_LISTED {
            self.truncated = true;
        } else {
            self.vulnerabilities.push(vulnerability);
        }
    }

    /// How many vulnerabilities have a severity, and how many of those have a fix.
    #[must_use]
    pub fn count(&self, severity: Severity) -> (usize, usize) {
        let of = || self.vulnerabilities.iter().filter(|found| found.severity == Some(severity));
        (of().count(), of().filter(|found| found.fixed.is_some()).count())
    }
}

/// Reads the reports in a text.
#[must_use]
pub fn read(source: SourceId, json: &Json) -> Vec<Report> {
    json.documents.iter().filter_map(|root| report(source, root)).collect()
}

fn report(source: SourceId, root: &Value) -> Option<Report> {
    let has = |key: &str| root.get(key).is_some();
    if has("bomFormat") {
        Some(bills::cyclonedx(source, root))
    } else if has("spdxVersion") || has("@graph") {
        Some(bills::spdx(source, root))
    } else if has("runs") {
        Some(scanners::sarif(source, root))
    } else if has("matches") {
        Some(scanners::grype(source, root))
    } else if has("advisories") {
        Some(scanners::composer_audit(source, root))
    } else if has("ArtifactName") || has("Results") {
        Some(scanners::trivy(source, root))
    } else {
        None
    }
}

/// A severity in a scanner's words.
fn severity(text: &str) -> Option<Severity> {
    Some(match text.to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" | "important" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" => Severity::Low,
        "negligible" | "info" | "none" => Severity::Info,
        _ => return None,
    })
}

fn text(value: &Value, path: &[&str]) -> Option<String> {
    value.at(path)?.text().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    value.map(Value::items).unwrap_or_default().iter().filter_map(|item| item.str().map(str::to_owned)).collect()
}

fn spanned(source: SourceId, value: Option<&Value>) -> Option<Spanned<String>> {
    let value = value?;
    Some(Spanned::new(value.text()?.to_owned(), Location::new(source, value.span)))
}

fn moment(source: SourceId, value: Option<&Value>) -> Option<Spanned<Moment>> {
    let value = value?;
    Some(Spanned::new(Moment::parse(value.text()?)?, Location::new(source, value.span)))
}

//! What an organisation asks for: `plimsoll.toml`. Allowed registries and publishers, digests, thresholds, and exceptions with an
//! owner and an end.
//!
//! A key that is misspelt or a value of the wrong kind is a located notice; everything else in the file still counts.

mod apply;
pub mod plugins;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use apply::apply;
pub use read::read;

use crate::date::Date;
use crate::facts::glob;
use crate::finding::{Finding, Severity};
use crate::image::ImageRef;
use crate::source::{Location, SourceId};
use crate::span::Span;
use std::collections::BTreeMap;

/// The name of the file.
pub const FILE_NAME: &str = "plimsoll.toml";

/// What the organisation asks for. Without a file, nothing beyond the rules.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Policy {
    /// Registries that images may come from; `*` stands for any run of characters. Empty: no list.
    pub allowed_registries: Vec<String>,
    /// Publishers, the namespaces of images, that are trusted besides the known ones. Empty: no list.
    pub allowed_publishers: Vec<String>,
    /// Whether images in production have to be pinned by digest. `None`: not said.
    pub require_digest: Option<bool>,
    /// Logs, metrics and alerts are collected by the platform, outside these files.
    pub external_observability: bool,
    /// The registry scans images, outside these files.
    pub registry_scanning: bool,
    /// Days after which an image that runs counts as stale. `None`: the rule's own.
    pub stale_image_days: Option<i64>,
    /// Findings from this severity on fail a run that names no threshold itself.
    pub fail_on: Option<Severity>,
    /// A run fails below this score, 0 to 100.
    pub minimum_score: Option<u8>,
    /// Rules whose findings no comment and no exception switches off.
    pub not_suppressible: Vec<String>,
    /// Rules that are switched off.
    pub ignored_rules: Vec<(String, Location)>,
    /// Severities other than the rules' own.
    pub severities: BTreeMap<String, Severity>,
    /// Findings that are accepted for a time.
    pub exceptions: Vec<Exception>,
    /// Plug-ins it names. They count only in a file that the user names, never in one that is part of what is checked.
    pub plugins: plugins::Plugins,
    /// The file.
    pub source: Option<SourceId>,
}

/// A finding that is accepted until a day, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// The rule.
    pub rule: String,
    /// The files it is accepted in, as a pattern in which `**` stands for any folders. `None`: all.
    pub path: Option<String>,
    /// The services it is accepted for. Empty: all.
    pub services: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Its last day.
    pub until: Date,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub at: Location,
}

impl Policy {
    /// The file, as a place.
    #[must_use]
    pub fn location(&self) -> Option<Location> {
        self.source.map(|source| Location::new(source, Span::at(0)))
    }

    /// Whether an image's registry is on the list; `None` without a list.
    #[must_use]
    pub fn allows_registry(&self, image: &ImageRef) -> Option<bool> {
        (!self.allowed_registries.is_empty()).then(|| {
            self.allowed_registries
                .iter()
                .any(|pattern| glob::name(pattern, image.registry.as_deref().unwrap_or("docker.io")))
        })
    }

    /// Whether the publisher of an image is on the list of those that are trusted besides the known ones.
    #[must_use]
    pub fn trusts_publisher(&self, publisher: &str) -> bool {
        self.allowed_publishers.iter().any(|pattern| glob::name(pattern, publisher))
    }
}

impl Exception {
    /// Whether it speaks of a finding of a file.
    #[must_use]
    pub fn covers(&self, finding: &Finding, path: &str) -> bool {
        finding.rule == self.rule
            && self.path.as_deref().is_none_or(|pattern| glob::path(pattern, path))
            && (self.services.is_empty()
                || !finding.services.is_empty()
                    && finding.services.iter().all(|service| self.services.iter().any(|known| known == service)))
    }
}

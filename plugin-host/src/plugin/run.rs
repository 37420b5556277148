//! All plug-ins of one run: what they found, and which failed.

use super::{Host, Limits, Plugin, PluginError};
use plimsoll_core::Report;
use plimsoll_core::finding::{Finding, Notice, NoticeLevel};
use plimsoll_core::project::Project;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A plug-in to run: its file and its settings as JSON text.
#[derive(Clone, Debug)]
pub struct Request {
    /// The component.
    pub file: PathBuf,
    /// JSON text; `{}` when none are given.
    pub settings: String,
}

/// What the plug-ins of one run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What they found.
    pub findings: Vec<Finding>,
    /// Those that failed: file and reason.
    pub failed: Vec<(String, PluginError)>,
}

/// Runs plug-ins on a project, one after another. None can stop the next.
#[must_use]
pub fn all(requests: &[Request], project: &Project<'_>, limits: &Limits) -> Outcome {
    let mut outcome = Outcome::default();
    if requests.is_empty() {
        return outcome;
    }
    let host = match Host::new(limits.clone()) {
        Ok(host) => host,
        Err(error) => {
            outcome.failed.push((requests.first().map(|one| name(&one.file)).unwrap_or_default(), error));
            return outcome;
        }
    };
    let mut names = BTreeSet::new();
    for request in requests {
        match one(&host, request, project, limits, &mut names) {
            Ok(accepted) => {
                outcome.findings.extend(accepted.findings);
                if !accepted.problems.is_empty() {
                    outcome.failed.push((name(&request.file), PluginError::Problems(accepted.problems)));
                }
            }
            Err(error) => outcome.failed.push((name(&request.file), error)),
        }
    }
    outcome
}

fn one(
    host: &Host,
    request: &Request,
    project: &Project<'_>,
    limits: &Limits,
    names: &mut BTreeSet<String>,
) -> Result<plimsoll_core::plugin::Accepted, PluginError> {
    let plugin: Plugin = host.load(&read(&request.file, limits.file_bytes)?)?;
    if !names.insert(plugin.metadata.name.clone()) {
        return Err(PluginError::NameTwice(plugin.metadata.name));
    }
    host.run(&plugin, project, &request.settings)
}

/// Reads a file that may be larger than memory: only as much as tells that it is too large.
fn read(file: &Path, limit: usize) -> Result<Vec<u8>, PluginError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(PluginError::Unreadable)?;
    let size = opened.metadata().map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(usize::MAX));
    if size > limit {
        return Err(PluginError::TooLarge { bytes: size, limit });
    }
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    opened.take(limit).read_to_end(&mut bytes).map_err(PluginError::Unreadable)?;
    Ok(bytes)
}

impl Outcome {
    /// Tells of the failed plug-ins in a report.
    pub fn tell(&self, report: &mut Report) {
        for (file, error) in &self.failed {
            let what = match error {
                PluginError::Problems(_) => "the plug-in gave findings that cannot be used",
                _ => "the plug-in gave no findings",
            };
            report.notices.push(Notice {
                level: NoticeLevel::Recovered,
                code: "plugin/failed",
                path: file.clone(),
                at: None,
                message: format!("{what}: {error}"),
                help: Some(error.help().to_owned()),
            });
        }
        // The order every report has.
        report.notices.sort_by(|a, b| (&a.path, a.at, a.code, &a.message).cmp(&(&b.path, b.at, b.code, &b.message)));
    }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

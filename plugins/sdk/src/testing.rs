//! Runs a plug-in on files without WebAssembly: what the host does, in one process.

use crate::access::Project;
use crate::plugin::{Plugin, Settings};
use plimsoll_core::plugin as boundary;
use plimsoll_core::{Date, Finding, Sources};
use std::collections::BTreeMap;

/// The day tests are made for.
const TODAY: Date = Date::new(2026, 11, 24);

/// What a plug-in said about some files.
#[derive(Debug)]
pub struct Outcome {
    /// What it found, as it stands in a report.
    pub findings: Vec<Finding>,
    sources: Sources,
}

impl Outcome {
    /// Each finding as `path:line rule: message`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |finding: &Finding| {
            let source = self.sources.get(finding.primary.source);
            format!(
                "{}:{} {}: {}",
                source.path(),
                source.line_column(finding.primary.span.start).line,
                finding.rule,
                finding.message
            )
        };
        self.findings.iter().map(line).collect()
    }

    /// The files that the first fix of a finding changes, with their new texts.
    #[must_use]
    pub fn fixed(&self, finding: usize) -> Option<BTreeMap<String, String>> {
        self.findings.get(finding)?.fixes.first()?.outcome(&self.sources)
    }
}

/// The project that a plug-in is given for files, as names and texts.
#[must_use]
pub fn project(files: &[(&str, &str)]) -> Project {
    let sources = sources(files);
    Project::new(boundary::describe(&plimsoll_core::project::Project::new(&sources, TODAY)))
}

/// Runs a plug-in on files, given as names and texts.
///
/// # Errors
/// What a report would say: the plug-in's own error, or why the host does not take a finding.
pub fn check<P: Plugin>(files: &[(&str, &str)], settings: &str) -> Result<Outcome, String> {
    let sources = sources(files);
    let metadata = P::metadata();
    let findings = {
        let project = plimsoll_core::project::Project::new(&sources, TODAY);
        let said = P::check(&Project::new(boundary::describe(&project)), Settings::new(settings))
            .map_err(|error| error.message)?;
        let accepted = boundary::accept(&project, &metadata, said, &plimsoll_plugin_abi::Limits::default())
            .map_err(|error| error.to_string())?;
        if let Some(problem) = accepted.problems.first() {
            return Err(problem.to_string());
        }
        accepted.findings
    };
    Ok(Outcome { findings, sources })
}

fn sources(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path, *text);
    }
    sources
}

//! Applies fixes, one after another, each to the outcome of the one before.

use plimsoll_core::finding::Finding;
use plimsoll_core::policy::FILE_NAME;
use plimsoll_core::source::{SourceId, file_name};
use plimsoll_core::{Options, Report, Safety, Sources, check};
use similar::TextDiff;
use std::collections::BTreeMap;

/// Rounds after which fixes are taken for not converging. Each round applies one fix.
const MAX_FIXES: usize = 200;

/// What applying fixes came to.
#[derive(Debug)]
pub struct Applied {
    /// New texts by name, only those that changed.
    pub changed: BTreeMap<String, String>,
    /// What was done, in order: rule and title.
    pub done: Vec<(String, String)>,
}

/// Applies fixes of a safety or safer until none is left.
#[must_use]
pub fn all(sources: &Sources, options: &Options<'_>, least: Safety) -> Applied {
    with(sources, least, |now| check(now, options))
}

/// The same with an analysis of one's own.
#[must_use]
pub fn with(sources: &Sources, least: Safety, analyse: impl Fn(&Sources) -> Report) -> Applied {
    let mut now = sources.clone();
    let mut applied = Applied { changed: BTreeMap::new(), done: Vec::new() };
    let mut tried: Vec<(String, String)> = Vec::new();
    while applied.done.len() < MAX_FIXES {
        let report = analyse(&now);
        let next = report.findings.iter().find_map(|finding| Some((finding, candidate(finding, &now, least, &tried)?)));
        let Some((finding, fix)) = next else { break };
        // A fix that leaves its finding is not offered again, so that this ends.
        tried.push((finding.fingerprint.clone(), fix.title.clone()));
        if let Some(outcome) = fix.outcome(&now) {
            for (path, text) in outcome {
                now.add(&path, text.clone());
                applied.changed.insert(path, text);
            }
            applied.done.push((finding.rule.to_string(), fix.title.clone()));
        }
    }
    applied
}

fn candidate<'a>(
    finding: &'a Finding,
    now: &Sources,
    least: Safety,
    tried: &[(String, String)],
) -> Option<&'a plimsoll_core::Fix> {
    finding.fixes.iter().find(|fix| {
        fix.safety >= least
            && !tried.iter().any(|(print, title)| *print == finding.fingerprint && *title == fix.title)
            && !fix.edits.iter().any(|edit| is_policy(now, edit.source))
    })
}

/// What may run and what counts is for people to decide: no fix, and least of all a plug-in's, edits that.
fn is_policy(now: &Sources, id: SourceId) -> bool {
    now.named_policy() == Some(id) || file_name(now.get(id).path()) == FILE_NAME
}

/// A unified diff of everything that changed.
#[must_use]
pub fn diff(sources: &Sources, applied: &Applied) -> String {
    let mut out = String::new();
    for (path, after) in &applied.changed {
        let before = sources.id(path).map_or("", |id| sources.get(id).text());
        let old = if sources.knows(path) { format!("a/{path}") } else { "/dev/null".to_owned() };
        out.push_str(
            &TextDiff::from_lines(before, after).unified_diff().header(&old, &format!("b/{path}")).to_string(),
        );
    }
    out
}

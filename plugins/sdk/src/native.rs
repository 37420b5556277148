//! Runs a plug-in on a project in JSON, without WebAssembly and without a host: for native tests in a plug-in's own crate.
//!
//! `plimsoll plugin project FOLDER > tests/project.json` writes such a project.
//!
//! ```
//! use plimsoll_plugin_sdk::{native, prelude::*};
//!
//! struct Shouting;
//!
//! impl Plugin for Shouting {
//!     fn metadata() -> Metadata {
//!         plimsoll_plugin_sdk::metadata!().rule(rule("shouting", "Shouting path", Severity::Info, "It is loud."))
//!     }
//!
//!     fn check(project: &Project, _: Settings<'_>) -> Result<Vec<Finding>, Error> {
//!         let loud = project.all_documents().filter(|document| document.path.chars().all(char::is_uppercase));
//!         Ok(loud.filter_map(|document| Some(finding("shouting", document.at(1)?, "This name shouts"))).collect())
//!     }
//! }
//!
//! let json = r#"{ "documents": [{ "path": "LOUD", "kind": "dockerfile", "text": "FROM x\n", "nodes": [], "properties": [] }],
//!                 "entities": [], "relations": [], "properties": [] }"#;
//! assert_eq!(native::check::<Shouting>(json, "{}")?.lines(), ["LOUD:1:1 shouting: This name shouts"]);
//! # Ok::<(), Error>(())
//! ```

use crate::abi::{Edit, Error, Finding};
use crate::access::Project;
use crate::plugin::{Plugin, Settings};
use std::collections::BTreeMap;

/// What a plug-in said of a project.
#[derive(Clone, Debug)]
pub struct Said {
    /// The project.
    pub project: Project,
    /// What it found, in its own order.
    pub findings: Vec<Finding>,
}

impl Said {
    /// Each finding as `path:line:column rule: message`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |one: &Finding| format!("{} {}: {}", self.project.place(one.location), one.rule, one.message);
        self.findings.iter().map(line).collect()
    }

    /// The files that the first fix of a finding changes, with their new texts; `None` when it has no fix, or one that does not fit.
    #[must_use]
    pub fn fixed(&self, finding: usize) -> Option<BTreeMap<String, String>> {
        let fix = self.findings.get(finding)?.fixes.first()?;
        let mut by_document: BTreeMap<u32, Vec<&Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            by_document.entry(edit.location.document).or_default().push(edit);
        }
        let changed = by_document.into_iter().map(|(index, edits)| {
            let document = self.project.documents.get(index as usize)?;
            Some((document.path.clone(), apply(&document.text, edits)?))
        });
        changed.collect()
    }
}

/// Runs a plug-in on a project as `plimsoll plugin project` prints it.
///
/// # Errors
/// The plug-in's own error, or that the text is no project.
pub fn check<P: Plugin>(project: &str, settings: &str) -> Result<Said, Error> {
    let project = Project::from_json(project)?;
    let findings = P::check(&project, Settings::new(settings))?;
    Ok(Said { project, findings })
}

/// The text with all edits; `None` when two overlap or one does not fit.
fn apply(text: &str, mut edits: Vec<&Edit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.location.span);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0usize);
    for edit in edits {
        let (start, end) = (edit.location.span.start as usize, edit.location.span.end as usize);
        out.push_str(text.get(at..start)?);
        text.get(start..end)?;
        out.push_str(&edit.replacement);
        at = end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::abi::{Edit, Location, Span};

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { location: Location { document: 0, span: Span { start, end } }, replacement: text.to_owned() }
    }

    #[test]
    fn edits_apply_in_the_order_of_their_places() {
        let edits = [edit(3, 4, "X"), edit(0, 1, ""), edit(2, 2, "-")];
        assert_eq!(apply("abcde", edits.iter().collect()).as_deref(), Some("b-cXe"));
    }

    #[test]
    fn edits_that_do_not_fit_are_none() {
        for edits in
            [[edit(0, 2, ""), edit(1, 3, "")], [edit(0, 9, ""), edit(9, 9, "")], [edit(1, 2, ""), edit(3, 3, "")]]
        {
            assert_eq!(apply("aüb", edits.iter().collect()), None, "{edits:?}");
        }
    }
}

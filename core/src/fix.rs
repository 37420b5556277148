//! Edits that mend a finding. They keep comments and formatting, and are offered only when the result still parses.

use crate::source::{SourceId, Sources, normalise};
use crate::span::Span;
use std::collections::BTreeMap;

/// Whether a fix may be applied without a look.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Safety {
    /// Needs a look: it may change what the stack does.
    Suggested,
    /// Only tightens; no needed path and no web port is lost.
    Safe,
}

impl Safety {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suggested => "suggested",
            Self::Safe => "safe",
        }
    }
}

/// Replace the text under a span.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edit {
    /// The text to change.
    pub source: SourceId,
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A file to create, or to put in the place of one that is only known by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NewFile {
    /// Its name.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// One way to mend a finding: all its edits together or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, as an order: "Publish on loopback only".
    pub title: String,
    /// Whether it may be applied without a look.
    pub safety: Safety,
    /// Edits to known texts.
    pub edits: Vec<Edit>,
    /// Files to create.
    pub creates: Vec<NewFile>,
}

impl Fix {
    /// A fix without edits yet.
    pub fn new(safety: Safety, title: impl Into<String>) -> Self {
        Self { title: title.into(), safety, edits: Vec::new(), creates: Vec::new() }
    }

    /// Adds one replacement.
    #[must_use]
    pub fn replace(mut self, source: SourceId, span: Span, replacement: impl Into<String>) -> Self {
        self.edits.push(Edit { source, span, replacement: replacement.into() });
        self
    }

    /// Adds a file to create.
    #[must_use]
    pub fn create(mut self, path: &str, text: impl Into<String>) -> Self {
        self.creates.push(NewFile { path: normalise(path), text: text.into() });
        self
    }

    /// The new text of every file it touches, by name; `None` when its edits overlap or do not fit the texts.
    #[must_use]
    pub fn outcome(&self, sources: &Sources) -> Option<BTreeMap<String, String>> {
        let mut by_source: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
        for edit in &self.edits {
            by_source.entry(edit.source).or_default().push(edit);
        }
        let mut out = BTreeMap::new();
        for (id, edits) in by_source {
            let source = sources.get(id);
            out.insert(source.path().to_owned(), apply(source.text(), edits)?);
        }
        for file in &self.creates {
            if sources.knows(&file.path) || out.insert(file.path.clone(), file.text.clone()).is_some() {
                return None;
            }
        }
        Some(out)
    }
}

/// Applies edits of one text; `None` when two overlap or one does not fit.
fn apply(text: &str, mut edits: Vec<&Edit>) -> Option<String> {
    edits.sort();
    let mut out = String::with_capacity(text.len());
    let mut at = 0usize;
    for edit in edits {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start)?);
        text.get(range.clone())?;
        out.push_str(&edit.replacement);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_together_or_not_at_all() {
        let mut sources = Sources::new();
        sources.add("a", "one two three");
        let id = sources.id("a").unwrap();
        let fix = Fix::new(Safety::Safe, "x").replace(id, Span::new(8, 13), "3").replace(id, Span::new(0, 3), "1");
        assert_eq!(fix.outcome(&sources).unwrap()["a"], "1 two 3");
        let overlap = fix.replace(id, Span::new(2, 5), "");
        assert!(overlap.outcome(&sources).is_none());
        assert!(Fix::new(Safety::Safe, "x").create("a", "").outcome(&sources).is_none());
    }
}

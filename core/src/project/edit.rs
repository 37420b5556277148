//! Edits that rules offer. Each is tried: when the result has a new syntax error or loses a comment, there is no edit.

use super::Project;
use crate::fix::{Fix, Safety};
use crate::model::node::Node;
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::dockerfile;
use crate::syntax::yaml::edit::{self, TextEdit};
use crate::syntax::yaml::{Id, Kind, Tree};

impl Project<'_> {
    /// Removes a list item, or a key with its value, from a YAML file. `at` is the item, the key or the value.
    #[must_use]
    pub fn remove(&self, safety: Safety, title: impl Into<String>, at: Location) -> Option<Fix> {
        let (tree, text, id) = self.written(at)?;
        let parent = tree.node(id).parent?;
        let edits = match &tree.node(parent).kind {
            Kind::Sequence { .. } => edit::remove_item(tree, text, parent, id)?,
            Kind::Mapping { pairs, .. } => {
                let (key, _) = pairs.iter().find(|(key, value)| *key == id || *value == id)?;
                edit::remove_key(tree, text, parent, tree.str(*key)?)?
            }
            _ => return None,
        };
        self.yaml_fix(safety, title, at.source, edits)
    }

    /// Replaces a scalar of a YAML file, keeping its quotes.
    #[must_use]
    pub fn replace(&self, safety: Safety, title: impl Into<String>, at: Location, value: &str) -> Option<Fix> {
        let (tree, text, id) = self.written(at)?;
        let edits = edit::replace_scalar(tree, text, id, value)?;
        self.yaml_fix(safety, title, at.source, edits)
    }

    /// Adds a key to a mapping of a YAML file. `fragment` is an inline value, or starts with a line feed and is indented from the key.
    #[must_use]
    pub fn insert_key(
        &self,
        safety: Safety,
        title: impl Into<String>,
        mapping: &Node,
        key: &str,
        fragment: &str,
    ) -> Option<Fix> {
        let tree = self.tree(mapping.source)?;
        let edits = edit::insert_key(tree, self.text(mapping.source), mapping.id, key, fragment)?;
        self.yaml_fix(safety, title, mapping.source, edits)
    }

    /// Adds an instruction on a line of its own after another one of a Dockerfile.
    #[must_use]
    pub fn insert_instruction(
        &self,
        safety: Safety,
        title: impl Into<String>,
        after: Location,
        line: &str,
    ) -> Option<Fix> {
        let text = self.text(after.source);
        let end = after.span.end as usize;
        let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let (at, inserted) = match text.get(end..)?.find('\n') {
            Some(rest) => (end + rest + 1, format!("{line}{feed}")),
            None => (text.len(), format!("{feed}{line}")),
        };
        self.dockerfile_fix(safety, title, after.source, Span::at(at), &inserted)
    }

    /// Replaces a piece of a Dockerfile, or a bare word of a script by another one.
    #[must_use]
    pub fn replace_text(&self, safety: Safety, title: impl Into<String>, at: Location, text: &str) -> Option<Fix> {
        if self.dockerfile(at.source).is_none() {
            // Such a word means the same to a shell, to make and to Groovy, so nothing has to be read again.
            let bare = |text: &str| {
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b':' | b'@');
                !text.is_empty() && text.bytes().all(plain)
            };
            return (bare(self.slice(at)) && bare(text))
                .then(|| Fix::new(safety, title).replace(at.source, at.span, text));
        }
        self.dockerfile_fix(safety, title, at.source, at.span, text)
    }

    /// Removes a whole instruction of a Dockerfile with its line end.
    #[must_use]
    pub fn remove_instruction(&self, safety: Safety, title: impl Into<String>, at: Location) -> Option<Fix> {
        let text = self.text(at.source);
        let end =
            text.get(at.span.end as usize..)?.find('\n').map_or(text.len(), |rest| at.span.end as usize + rest + 1);
        self.dockerfile_fix(safety, title, at.source, Span::new(at.span.start as usize, end), "")
    }

    fn written(&self, at: Location) -> Option<(&Tree, &str, Id)> {
        let tree = self.tree(at.source)?;
        let index = tree.nodes.iter().position(|node| node.span == at.span)?;
        Some((tree, self.text(at.source), Id(u32::try_from(index).ok()?)))
    }

    /// Trying an edit reads text again. With this budget a file of ten thousand findings costs no more than one of a hundred.
    pub(super) fn may_try(&self, bytes: usize) -> Option<()> {
        let left = self.trial_bytes.get().checked_sub(bytes)?;
        self.trial_bytes.set(left);
        Some(())
    }

    pub(super) fn yaml_fix(
        &self,
        safety: Safety,
        title: impl Into<String>,
        source: SourceId,
        edits: Vec<TextEdit>,
    ) -> Option<Fix> {
        let (tree, text) = (self.tree(source)?, self.text(source));
        let alone = edit::neighbourhood(tree, text, &edits).is_some_and(|region| {
            let moved: Vec<TextEdit> = edits.iter().map(|edit| within(region, edit)).collect();
            self.may_try(region.len()).is_some() && edit::verified(region.slice(text), &moved).is_some()
        });
        if !alone {
            self.may_try(text.len())?;
            edit::verified_against(tree, text, &edits)?;
        }
        Some(edits.into_iter().fold(Fix::new(safety, title), |fix, edit| fix.replace(source, edit.span, edit.text)))
    }

    fn dockerfile_fix(
        &self,
        safety: Safety,
        title: impl Into<String>,
        source: SourceId,
        span: Span,
        replacement: &str,
    ) -> Option<Fix> {
        self.may_try(self.text(source).len())?;
        // What a command has recorded is no place to mend anything.
        if self.is_recorded(Location::new(source, span)) {
            return None;
        }
        let mut after = self.text(source).to_owned();
        after.get(span.range())?;
        after.replace_range(span.range(), replacement);
        let before = self.dockerfile(source).map_or(0, |file| file.errors.len());
        if dockerfile::parse(&after).errors.len() > before {
            return None;
        }
        let fix = Fix::new(safety, title);
        let Some(embedded) = self.sources.embedded_text(source) else {
            return Some(fix.replace(source, span, replacement));
        };
        let host = embedded.at.source;
        self.may_try(2 * self.text(host).len())?;
        let edit = super::embedded::edit(self, source, embedded, span, replacement, &after)?;
        Some(fix.replace(host, edit.span, edit.text))
    }
}

/// An edit as seen from the start of a region that holds it.
fn within(region: Span, edit: &TextEdit) -> TextEdit {
    let start = region.start;
    TextEdit {
        span: Span { start: edit.span.start.saturating_sub(start), end: edit.span.end.saturating_sub(start) },
        text: edit.text.clone(),
    }
}

//! Where things are written in the files of a view, and the edits that are gathered for each file.

use crate::fix::{Fix, Safety};
use crate::project::{Project, View};
use crate::source::SourceId;
use crate::span::Span;
use crate::syntax::yaml::edit::{self, TextEdit};
use crate::syntax::yaml::{Collection, Id, Kind, Tree};
use std::collections::BTreeMap;

/// A node of a file of the view.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) file: SourceId,
    pub(super) id: Id,
}

/// Gathers the edits of one patch.
pub(super) struct Writer<'p, 'a> {
    pub(super) project: &'p Project<'a>,
    pub(super) view: &'p View,
    /// Each file's tree without its anchors: a mapping that others merge may be changed where each of them gets keys of its own.
    bare: BTreeMap<SourceId, Tree>,
    edits: BTreeMap<SourceId, Vec<TextEdit>>,
}

impl<'p, 'a> Writer<'p, 'a> {
    pub(super) fn new(project: &'p Project<'a>, view: &'p View) -> Self {
        let mut bare = BTreeMap::new();
        for &file in &view.files {
            if let Some(tree) = project.tree(file) {
                let mut tree = tree.clone();
                tree.nodes.iter_mut().for_each(|node| node.anchor = None);
                bare.insert(file, tree);
            }
        }
        Self { project, view, bare, edits: BTreeMap::new() }
    }

    /// The tree of a file.
    pub(super) fn tree(&self, file: SourceId) -> Option<&'p Tree> {
        self.project.tree(file)
    }

    /// The text of a file.
    pub(super) fn text(&self, file: SourceId) -> &'a str {
        self.project.text(file)
    }

    /// An entry of a top-level section, in every file of the view that has it, in the order of merging.
    pub(super) fn entries(&self, section: &str, name: &str) -> Vec<Place> {
        let mut found = Vec::new();
        for &file in &self.view.files {
            let Some(tree) = self.tree(file) else { continue };
            for &document in &tree.documents {
                let entry = tree.get(document, section).and_then(|(_, entries)| tree.get(entries, name));
                found.extend(entry.map(|(_, id)| Place { file, id }));
            }
        }
        found
    }

    /// Adds edits of a file.
    pub(super) fn add(&mut self, file: SourceId, edits: Vec<TextEdit>) {
        self.edits.entry(file).or_default().extend(edits);
    }

    /// Replaces the text under a span.
    pub(super) fn replace(&mut self, file: SourceId, span: Span, text: String) {
        self.add(file, vec![TextEdit { span, text }]);
    }

    /// Adds a key to a mapping, whether others merge that mapping or not.
    pub(super) fn insert_key(&mut self, at: Place, key: &str, fragment: &str) -> Option<()> {
        let edits = edit::insert_key(self.bare.get(&at.file)?, self.text(at.file), at.id, key, fragment)?;
        self.add(at.file, edits);
        Some(())
    }

    /// Removes a key of a mapping, whether others merge that mapping or not.
    pub(super) fn remove_key(&mut self, at: Place, key: &str) -> Option<()> {
        let edits = edit::remove_key(self.bare.get(&at.file)?, self.text(at.file), at.id, key)?;
        self.add(at.file, edits);
        Some(())
    }

    /// The fix that makes all edits.
    pub(super) fn finish(self, title: &str) -> Result<Fix, String> {
        let mut fix = Fix::new(Safety::Suggested, title);
        // By name, not by number: the order in which files are handed in changes nothing.
        let mut files: Vec<(SourceId, Vec<TextEdit>)> = self.edits.into_iter().collect();
        files.sort_by_key(|(file, _)| self.project.path(*file));
        for (file, edits) in files {
            let part = self.project.compose_fix(title, file, edits).ok_or_else(|| {
                format!(
                    "{} is written in a way that cannot be changed safely: put the networks of the plan there by hand",
                    super::shown(self.project.path(file))
                )
            })?;
            fix.edits.extend(part.edits);
        }
        Ok(fix)
    }
}

/// The text of a collection in brackets, from its entries.
pub(super) fn brackets(entries: &[String], mapping: bool) -> String {
    let (open, close) = if mapping { ('{', '}') } else { ('[', ']') };
    format!("{open}{}{close}", entries.join(", "))
}

/// Entries on lines of their own, all as far in as the first one stands.
pub(super) fn lines(text: &str, first: Span, entries: &[String]) -> String {
    let start = first.start as usize;
    let before = text.get(..start).unwrap_or("");
    let line = before.rfind('\n').map_or(before, |at| before.get(at + 1..).unwrap_or(""));
    let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
    entries.join(&format!("{feed}{}", " ".repeat(line.chars().count())))
}

/// Whether a collection is written in brackets.
pub(super) fn is_flow(tree: &Tree, id: Id) -> bool {
    matches!(
        tree.node(id).kind,
        Kind::Mapping { style: Collection::Flow, .. } | Kind::Sequence { style: Collection::Flow, .. }
    )
}

/// The text of a key and its value.
pub(super) fn pair_text(tree: &Tree, text: &str, (key, value): (Id, Id)) -> String {
    tree.node(key).outer_span().to(tree.node(value).outer_span()).slice(text).to_owned()
}

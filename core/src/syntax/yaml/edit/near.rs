//! How far an edit can reach: the smallest entry of the outer block mappings that holds it.
//!
//! Entries of a block mapping stand one after another and end where the next key begins at the same indentation. When an edit
//! lies in one entry, and the entry alone still reads as it did, the rest of the file cannot have changed. Reading one service
//! instead of the whole file is what keeps a file with hundreds of findings fast.

use super::super::{Collection, Kind, Tree};
use super::{Span, TextEdit};

/// Levels that are descended: `services`, then one service.
const LEVELS: usize = 2;

/// The entry that holds all edits; `None` when only the whole file will do.
#[must_use]
pub fn neighbourhood(tree: &Tree, text: &str, edits: &[TextEdit]) -> Option<Span> {
    let &[document] = tree.documents.as_slice() else { return None };
    if !tree.errors.is_empty() {
        return None;
    }
    let hull = edits.iter().map(|edit| edit.span).reduce(Span::to)?;
    let mut region = Span::new(0, text.len());
    let mut map = document;
    for _ in 0..LEVELS {
        let Kind::Mapping { pairs, style: Collection::Block } = &tree.node(map).kind else { return None };
        let start_of =
            |index: usize| pairs.get(index).map(|(key, _)| line_start(text, tree.node(*key).outer_span().start));
        let after =
            pairs.partition_point(|(key, _)| line_start(text, tree.node(*key).outer_span().start) <= hull.start);
        let mut index = after.checked_sub(1)?;
        // What is inserted where the next key begins belongs to the entry before.
        if hull.is_empty() && start_of(index) == Some(hull.start) {
            index = index.checked_sub(1)?;
        }
        let (key, value) = pairs.get(index)?;
        let start = start_of(index)?;
        let end = start_of(index + 1).unwrap_or(region.end);
        let indentation = Span { start, end: tree.node(*key).outer_span().start };
        if !indentation.slice(text).bytes().all(|byte| byte == b' ') || hull.start < start || hull.end > end {
            return None;
        }
        region = Span { start, end };
        map = *value;
    }
    Some(region)
}

fn line_start(text: &str, offset: u32) -> u32 {
    let before = text.get(..offset as usize).unwrap_or("");
    before.rfind('\n').map_or(0, |at| u32::try_from(at + 1).unwrap_or(offset))
}

//! Edits inside `[…]` and `{…}`, on one line only.

use super::super::{Id, Kind, Tree};
use super::{Span, TextEdit, pair_span};

/// Adds an entry before the closing bracket.
pub(super) fn append(tree: &Tree, text: &str, collection: Id, entry: &str) -> Option<TextEdit> {
    let node = tree.node(collection);
    let written = node.span.slice(text);
    let close = node.span.end.checked_sub(1)? as usize;
    let brackets = written.starts_with(['[', '{']) && written.ends_with([']', '}']);
    if !brackets || written.contains('\n') || entry.contains('\n') {
        return None;
    }
    let last = match &node.kind {
        Kind::Sequence { items, .. } => items.last().map(|&item| tree.node(item).outer_span()),
        Kind::Mapping { pairs, .. } => pairs.last().map(|&pair| pair_span(tree, pair)),
        _ => return None,
    };
    let Some(last) = last else {
        let span = Span::new(node.span.start as usize + 1, close);
        return Some(TextEdit { span, text: entry.to_owned() });
    };
    let end = last.end as usize;
    let gap = text.get(end..close)?;
    match gap.find(',') {
        // `[a, ]` has its comma already and gets it back behind the new entry.
        Some(comma) => Some(TextEdit::insert(end + comma + 1, format!(" {entry},"))),
        None => Some(TextEdit::insert(end, format!(", {entry}"))),
    }
}

/// Removes one of several entries, whose spans are given, with the comma that separates it.
pub(super) fn remove(text: &str, collection: Span, entries: &[Span], place: usize) -> Option<TextEdit> {
    if collection.slice(text).contains('\n') {
        return None;
    }
    let entry = entries.get(place)?;
    let range = match entries.get(place + 1) {
        Some(next) => entry.start..next.start,
        None => entries.get(place.checked_sub(1)?)?.end..entry.end,
    };
    Some(TextEdit::remove(range.start as usize..range.end as usize))
}

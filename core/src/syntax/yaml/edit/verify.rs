//! The last gate before an edit is offered: read the result and make sure that nothing else changed.

use super::super::{Id, Kind, Limits, Style, Tree, parse};
use super::{Span, TextEdit, apply};

/// The edited text, if reading it shows no new error, the same comments (except in what was removed), and the same values
/// in the same places everywhere but in the edits.
#[must_use]
pub fn verified(text: &str, edits: &[TextEdit]) -> Option<String> {
    verified_against(&parse(text, &Limits::default()), text, edits)
}

/// As [`verified`], with the tree of `text` at hand.
#[must_use]
pub fn verified_against(before: &Tree, text: &str, edits: &[TextEdit]) -> Option<String> {
    let edited = apply(text, edits)?;
    let after = parse(&edited, &Limits::default());
    let moves = Moves::new(edits);
    let unharmed = !after.truncated
        && no_new_error(before, &after)
        && before.documents.len() == after.documents.len()
        && comments(before, &moves, text) == comments_after(&after, &moves, &edited)
        && leaves(before, |span| moves.moved(span)) == leaves(&after, |span| moves.untouched(span));
    unharmed.then_some(edited)
}

fn no_new_error(before: &Tree, after: &Tree) -> bool {
    let mut known: Vec<_> = before.errors.iter().map(|error| &error.message).collect();
    after.errors.iter().all(|error| {
        let place = known.iter().position(|message| **message == error.message);
        place.map(|place| known.swap_remove(place)).is_some()
    })
}

/// What the edits do to positions outside them.
struct Moves {
    /// Replaced span, and the span of its replacement in the new text; in order.
    steps: Vec<(Span, Span)>,
}

impl Moves {
    fn new(edits: &[TextEdit]) -> Self {
        let mut ordered: Vec<_> = edits.iter().collect();
        ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let mut steps = Vec::new();
        let (mut added, mut removed) = (0, 0);
        for edit in ordered {
            let start = edit.span.start as usize + added - removed;
            steps.push((edit.span, Span::new(start, start + edit.text.len())));
            added += edit.text.len();
            removed += edit.span.len();
        }
        Self { steps }
    }

    /// Where an old span stands now; `None` when an edit touches it.
    fn moved(&self, span: Span) -> Option<Span> {
        let passed = self.steps.partition_point(|(old, _)| old.end <= span.start);
        if self.steps.get(passed).is_some_and(|(old, _)| old.start < span.end) {
            return None;
        }
        let (old_end, new_end) = match passed.checked_sub(1).and_then(|last| self.steps.get(last)) {
            Some((old, new)) => (old.end, new.end),
            None => (0, 0),
        };
        let move_by = |offset: u32| (offset - old_end + new_end) as usize;
        Some(Span::new(move_by(span.start), move_by(span.end)))
    }

    /// A span of the new text, unless a replacement touches it.
    fn untouched(&self, span: Span) -> Option<Span> {
        let passed = self.steps.partition_point(|(_, new)| new.end <= span.start);
        let touched = self.steps.get(passed).is_some_and(|(_, new)| new.start < span.end);
        (!touched).then_some(span)
    }
}

fn comments<'t>(tree: &Tree, moves: &Moves, text: &'t str) -> Vec<&'t str> {
    let kept = tree.comments.iter().filter(|&&span| moves.moved(span).is_some());
    kept.map(|span| span.slice(text)).collect()
}

fn comments_after<'t>(tree: &Tree, moves: &Moves, text: &'t str) -> Vec<&'t str> {
    let old = tree.comments.iter().filter(|&&span| moves.untouched(span).is_some());
    old.map(|span| span.slice(text)).collect()
}

/// Everything that holds a value: where it is written, the keys it stands under, and what it says.
fn leaves(tree: &Tree, place: impl Fn(Span) -> Option<Span>) -> Vec<(Span, u64, String)> {
    let keys = key_paths(tree, &place);
    let mut found: Vec<_> = tree
        .nodes
        .iter()
        .zip(&keys)
        // An absent value may be filled, and has no text by which to follow it.
        .filter(|(node, _)| !node.is_absent())
        .filter_map(|(node, &path)| {
            let value = match &node.kind {
                Kind::Scalar { value, style } => {
                    let tag = node.tag.as_ref().map_or("", |(_, tag)| tag);
                    format!("{}{tag} {value}", if *style == Style::Plain { "" } else { "'" })
                }
                Kind::Alias { target, .. } => format!("* {}", target.is_some()),
                _ => return None,
            };
            Some((place(node.span)?, path, value))
        })
        .collect();
    found.sort();
    found
}

/// A hash of the keys above each node. Indices are left out, since removing an item moves those behind it, and so are the
/// names of keys that are edited.
fn key_paths(tree: &Tree, place: impl Fn(Span) -> Option<Span>) -> Vec<u64> {
    let mut paths: Vec<u64> = Vec::with_capacity(tree.nodes.len());
    for (index, node) in tree.nodes.iter().enumerate() {
        let id = Id(u32::try_from(index).unwrap_or(u32::MAX));
        let above = node.parent.and_then(|parent| paths.get(parent.0 as usize)).copied().unwrap_or(1);
        let step = match node.parent.map(|parent| &tree.node(parent).kind) {
            Some(Kind::Mapping { .. }) => {
                let key = tree.key_of(id).filter(|&key| place(tree.node(key).span).is_some());
                key.and_then(|key| tree.str(key)).unwrap_or("?")
            }
            Some(_) => "[]",
            None => "",
        };
        paths.push(step.bytes().chain([0]).fold(above, mix));
    }
    paths
}

/// FNV-1a.
fn mix(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

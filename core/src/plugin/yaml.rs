//! A YAML tree: the picture of the text, aliases not followed.

use super::arena::{Arena, New};
use crate::span::Span;
use crate::syntax::yaml::{Id, Kind, Tree};
use plimsoll_plugin_abi::NodeKind;

/// Fills the tree. A stack and no recursion: how deep a file nests must not matter here.
pub(super) fn fill(arena: &mut Arena<'_>, tree: &Tree) {
    let mut open: Vec<(u32, Id)> = tree.documents.iter().rev().map(|&id| (0, id)).collect();
    while let Some((parent, id)) = open.pop() {
        let node = tree.node(id);
        match &node.kind {
            Kind::Scalar { .. } | Kind::Alias { .. } => {
                let (key, value) = leaf(arena.text(), tree, id);
                let own = arena.add(
                    parent,
                    New { kind: NodeKind::Scalar, key, value: &value, span: node.span, value_span: node.span },
                );
                properties(arena, own, tree, id);
            }
            Kind::Sequence { items, .. } => {
                let own = arena.add(
                    parent,
                    New { kind: NodeKind::Sequence, key: "", value: "", span: node.span, value_span: node.span },
                );
                properties(arena, own, tree, id);
                open.extend(items.iter().rev().map(|&item| (own, item)));
            }
            Kind::Mapping { pairs, .. } => {
                let own = arena.add(
                    parent,
                    New { kind: NodeKind::Mapping, key: "", value: "", span: node.span, value_span: node.span },
                );
                properties(arena, own, tree, id);
                // All keys first: what stands below them follows, each behind its own key.
                let mut below = Vec::new();
                for &(key, value) in pairs {
                    below.extend(pair(arena, own, tree, key, value).map(|pair| (pair, value)));
                }
                open.extend(below.into_iter().rev());
            }
        }
    }
    arena.comments(&tree.comments);
}

/// Adds a key; its index when its value needs nodes of its own.
fn pair(arena: &mut Arena<'_>, mapping: u32, tree: &Tree, key: Id, value: Id) -> Option<u32> {
    let written = tree.node(value);
    let span = tree.node(key).span.to(written.outer_span());
    let name = tree.str(key).unwrap_or("");
    let plain = matches!(written.kind, Kind::Scalar { .. });
    let text = if plain { leaf(arena.text(), tree, value).1 } else { String::new() };
    let own = arena.add(mapping, New { kind: NodeKind::Pair, key: name, value: &text, span, value_span: written.span });
    if plain {
        properties(arena, own, tree, value);
        None
    } else {
        Some(own)
    }
}

fn leaf(text: &str, tree: &Tree, id: Id) -> (&'static str, String) {
    match &tree.node(id).kind {
        Kind::Alias { name, .. } => ("alias", (*name).clamp(text).slice(text).to_owned()),
        _ => ("", tree.str(id).unwrap_or("").to_owned()),
    }
}

/// Tag and anchor of a node.
fn properties(arena: &mut Arena<'_>, own: u32, tree: &Tree, id: Id) {
    let node = tree.node(id);
    if let Some((span, name)) = &node.tag {
        arena.add(own, New { kind: NodeKind::Flag, key: "tag", value: name, span: *span, value_span: *span });
    }
    if let Some(anchor) = node.anchor {
        let name = Span { start: anchor.start.saturating_add(1).min(anchor.end), end: anchor.end };
        arena.as_written(own, NodeKind::Flag, "anchor", anchor, name);
    }
}

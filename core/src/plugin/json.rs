//! A JSON tree: composer.json, daemon.json.

use super::arena::{Arena, New};
use crate::span::Span;
use crate::syntax::json::{Json, Kind, Value};
use plimsoll_plugin_abi::NodeKind;

/// Fills the tree. A stack and no recursion: how deep a file nests must not matter here.
pub(super) fn fill(arena: &mut Arena<'_>, json: &Json) {
    let mut open: Vec<(u32, &Value)> = json.documents.iter().rev().map(|value| (0, value)).collect();
    while let Some((parent, value)) = open.pop() {
        let mut node = |kind, text: &str| add(arena, parent, (kind, "", text), (value.span, value.span));
        match &value.kind {
            Kind::Object(members) => {
                let own = node(NodeKind::Mapping, "");
                // All keys first: what stands below them follows, each behind its own key.
                let mut below = Vec::new();
                for member in members {
                    let text = scalar(&member.value);
                    let words = (NodeKind::Pair, member.key.as_str(), text.unwrap_or_default());
                    let pair = add(arena, own, words, (member.key_span.to(member.value.span), member.value.span));
                    below.extend(text.is_none().then_some((pair, &member.value)));
                }
                open.extend(below.into_iter().rev());
            }
            Kind::Array(items) => {
                let own = node(NodeKind::Sequence, "");
                open.extend(items.iter().rev().map(|item| (own, item)));
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                node(NodeKind::Scalar, scalar(value).unwrap_or_default());
            }
        }
    }
}

fn add(arena: &mut Arena<'_>, parent: u32, words: (NodeKind, &str, &str), spans: (Span, Span)) -> u32 {
    let ((kind, key, value), (span, value_span)) = (words, spans);
    arena.add(parent, New { kind, key, value, span, value_span })
}

/// The text of what is no collection.
fn scalar(value: &Value) -> Option<&str> {
    match &value.kind {
        Kind::Null => Some("null"),
        Kind::Bool(true) => Some("true"),
        Kind::Bool(false) => Some("false"),
        Kind::Number(text) | Kind::String(text) => Some(text),
        Kind::Array(_) | Kind::Object(_) => None,
    }
}

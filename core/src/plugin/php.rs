//! A PHP file's tree: constants, and what is assigned or stands in arrays. Nothing is computed.

use super::arena::{Arena, New};
use crate::span::Span;
use crate::syntax::php::{Php, Value, ValueKind};
use plimsoll_plugin_abi::NodeKind;

/// Fills the tree.
pub(super) fn fill(arena: &mut Arena<'_>, file: &Php) {
    for constant in &file.constants {
        pair(arena, 0, &constant.name, constant.span, &constant.value);
    }
    let mut indices: Vec<u32> = Vec::new();
    for entry in &file.entries {
        // Entries stand behind the one they are in.
        let parent = entry.parent.and_then(|parent| indices.get(parent).copied()).unwrap_or(0);
        let own = pair(arena, parent, &entry.key, entry.key_span.to(entry.value.span), &entry.value);
        indices.push(own);
    }
    arena.comments(&file.comments);
}

fn pair(arena: &mut Arena<'_>, parent: u32, key: &str, span: Span, value: &Value) -> u32 {
    let (text, value_span) = (literal(&value.kind), value.span);
    arena.add(parent, New { kind: NodeKind::Pair, key, value: text, span, value_span })
}

fn literal(kind: &ValueKind) -> &str {
    match kind {
        ValueKind::String(text) | ValueKind::Number(text) | ValueKind::Constant(text) => text,
        ValueKind::Bool(true) => "true",
        ValueKind::Bool(false) => "false",
        ValueKind::Null => "null",
        ValueKind::Array | ValueKind::Environment { .. } | ValueKind::Unknown => "",
    }
}

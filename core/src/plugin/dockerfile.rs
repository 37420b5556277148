//! A Dockerfile's tree: directives, instructions with everything in them, comments.

use super::arena::{Arena, New};
use crate::span::Span;
use crate::syntax::dockerfile::{Dockerfile, Instruction, Keyword};
use plimsoll_plugin_abi::NodeKind;

/// How deep ONBUILD inside ONBUILD is followed; Docker allows none.
const MAX_TRIGGERS: usize = 4;

/// Fills the tree.
pub(super) fn fill(arena: &mut Arena<'_>, file: &Dockerfile) {
    let mut comments = file.comments.iter().copied().peekable();
    for directive in &file.directives {
        arena.add(
            0,
            New {
                kind: NodeKind::Directive,
                key: &directive.name,
                value: &directive.value,
                span: directive.span,
                value_span: directive.span,
            },
        );
    }
    for item in &file.instructions {
        while let Some(comment) = comments.next_if(|comment| comment.start < item.span.start) {
            arena.comments(&[comment]);
        }
        instruction(arena, 0, item, MAX_TRIGGERS);
    }
    for comment in comments {
        arena.comments(&[comment]);
    }
}

fn instruction(arena: &mut Arena<'_>, parent: u32, item: &Instruction, triggers: usize) {
    let written = item.keyword_span.clamp(arena.text()).slice(arena.text()).to_ascii_uppercase();
    let key = if item.keyword == Keyword::Unknown { written.as_str() } else { item.keyword.as_str() };
    let value = trimmed(
        arena.text(),
        Span { start: item.keyword_span.end, end: item.header_span.end.max(item.keyword_span.end) },
    );
    let own = arena.as_written(parent, NodeKind::Instruction, key, item.span, value);
    for flag in &item.flags {
        let value_span = flag.value_span.unwrap_or(Span { start: flag.span.end, end: flag.span.end });
        arena.add(
            own,
            New {
                kind: NodeKind::Flag,
                key: &flag.name,
                value: flag.value.as_deref().unwrap_or(""),
                span: flag.span,
                value_span,
            },
        );
    }
    for arg in &item.args {
        arena.add(
            own,
            New { kind: NodeKind::Argument, key: "", value: &arg.text, span: arg.span, value_span: arg.span },
        );
    }
    for pair in &item.pairs {
        let value_span = pair.value_span.unwrap_or(Span { start: pair.key_span.end, end: pair.key_span.end });
        arena.add(
            own,
            New {
                kind: NodeKind::Pair,
                key: &pair.key,
                value: pair.value.as_deref().unwrap_or(""),
                span: pair.span(),
                value_span,
            },
        );
    }
    for heredoc in &item.heredocs {
        arena.as_written(own, NodeKind::Heredoc, &heredoc.name, heredoc.marker.to(heredoc.body), heredoc.body);
    }
    if let Some(trigger) = item.trigger.as_deref().filter(|_| triggers > 0) {
        instruction(arena, own, trigger, triggers - 1);
    }
}

/// A span without the blanks at its ends.
fn trimmed(text: &str, span: Span) -> Span {
    let span = span.clamp(text);
    let written = span.slice(text);
    let start = span.range().start + (written.len() - written.trim_start().len());
    Span::new(start, start + written.trim().len())
}

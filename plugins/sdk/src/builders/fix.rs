//! Fixes.

use super::lines::{Lines, indented, stretch};
use crate::abi::{Edit, Fix, FixSafety, Location, NodeKind, Span};
use crate::access::NodeRef;

/// A fix without edits; its title is an order.
#[must_use]
pub fn fix(title: impl Into<String>) -> Fix {
    Fix { title: title.into(), safety: FixSafety::Suggested, edits: Vec::new() }
}

/// Steps of a fix.
///
/// Steps that work on lines give `None` where the file is not laid out in lines, as in `{a: 1, b: 2}`: no fix is better than one that
/// breaks a file.
pub trait BuildFix: Sized {
    /// Replaces what stands at a place.
    #[must_use]
    fn replace(self, at: Location, replacement: impl Into<String>) -> Self;

    /// Inserts text in front of a place.
    #[must_use]
    fn insert_at_start(self, at: Location, text: impl Into<String>) -> Self;

    /// Inserts text behind a place.
    #[must_use]
    fn insert_at_end(self, at: Location, text: impl Into<String>) -> Self;

    /// Inserts lines above a node, as far in as the node is.
    #[must_use]
    fn insert_before(self, node: NodeRef<'_>, lines: &str) -> Option<Self>;

    /// Inserts lines below a node, as far in as the node is.
    #[must_use]
    fn insert_after(self, node: NodeRef<'_>, lines: &str) -> Option<Self>;

    /// Adds a key with its value below the last key of a mapping: `node` is the mapping, the pair whose value it is, or a pair without
    /// a value. `lines` is YAML as it would stand at the left margin: `labels:\n  owner: web`.
    #[must_use]
    fn add_key(self, node: NodeRef<'_>, lines: &str) -> Option<Self>;

    /// Adds items below the last one of a list: `node` is the list, or the pair whose value it is; each item is one line of YAML.
    #[must_use]
    fn add_items(self, node: NodeRef<'_>, items: &[String]) -> Option<Self>;

    /// Removes the lines of a node. Nothing but a comment may stand beside it, and of a mapping or list something must be left.
    #[must_use]
    fn remove_line(self, node: NodeRef<'_>) -> Option<Self>;
}

impl BuildFix for Fix {
    fn replace(mut self, location: Location, replacement: impl Into<String>) -> Self {
        self.edits.push(Edit { location, replacement: replacement.into() });
        self
    }

    fn insert_at_start(self, at: Location, text: impl Into<String>) -> Self {
        let Span { start, .. } = at.span;
        self.replace(Location { span: Span { start, end: start }, ..at }, text)
    }

    fn insert_at_end(self, at: Location, text: impl Into<String>) -> Self {
        let Span { end, .. } = at.span;
        self.replace(Location { span: Span { start: end, end }, ..at }, text)
    }

    fn insert_before(self, node: NodeRef<'_>, lines: &str) -> Option<Self> {
        let at = Lines::of(node)?;
        // Above an item's own first line nothing stands beside it.
        let indentation = at.indentation().filter(|_| !in_flow(node) && at.begins())?;
        let text = format!("{}{}", indented(lines, &indentation, at.eol()), at.eol());
        stretch(node, at.start, at.start).map(|at| self.replace(at, text))
    }

    fn insert_after(self, node: NodeRef<'_>, lines: &str) -> Option<Self> {
        let at = Lines::of(node)?;
        let indentation = at.indentation().filter(|_| !in_flow(node) && !at.followed())?;
        let text = format!("{}{}", at.eol(), indented(lines, &indentation, at.eol()));
        stretch(node, at.end, at.end).map(|at| self.replace(at, text))
    }

    fn add_key(self, node: NodeRef<'_>, lines: &str) -> Option<Self> {
        let Some(mapping) = node.mapping() else {
            // `data:` with nothing behind it.
            let Span { start, end } = node.value_location().span;
            let empty = node.kind() == NodeKind::Pair && start == end && node.children().next().is_none();
            return if empty { self.insert_after(node, &indented(lines, "  ", "\n")) } else { None };
        };
        if in_flow(mapping) {
            return None;
        }
        let last = mapping.entries().max_by_key(|pair| pair.span().start)?;
        self.insert_after(last, lines)
    }

    fn add_items(self, node: NodeRef<'_>, items: &[String]) -> Option<Self> {
        let last = node.items().max_by_key(|item| item.span().start)?;
        let at = Lines::of(last)?;
        let one_line = items.iter().all(|item| !item.contains(['\n', '\r']));
        let dash = at.dash().filter(|_| one_line && !in_flow(last) && !at.followed())?;
        let text: String = items.iter().map(|item| format!("{}{dash}- {item}", at.eol())).collect();
        stretch(last, at.end, at.end).map(|at| self.replace(at, text))
    }

    fn remove_line(self, node: NodeRef<'_>) -> Option<Self> {
        let at = Lines::of(node)?;
        let parent = node.parent()?;
        let siblings = parent.children().filter(|other| !matches!(other.kind(), NodeKind::Flag | NodeKind::Comment));
        let collection = matches!(parent.kind(), NodeKind::Mapping | NodeKind::Sequence);
        let left = !collection || siblings.count() > 1;
        // Of an item `- text`, the dash goes too.
        let alone = at.begins() || (parent.kind() == NodeKind::Sequence && at.dash().is_some());
        if in_flow(node) || !left || !alone || at.followed() {
            return None;
        }
        stretch(node, at.start, at.end_with_break()).map(|at| self.replace(at, ""))
    }
}

/// Whether it stands in braces or brackets, where lines mean nothing.
fn in_flow(node: NodeRef<'_>) -> bool {
    let braces = |node: NodeRef<'_>| {
        matches!(node.kind(), NodeKind::Mapping | NodeKind::Sequence) && node.text().starts_with(['{', '['])
    };
    (node.kind() == NodeKind::Mapping && braces(node)) || node.ancestors().any(braces)
}

//! Where lines begin and end, and what stands before something on its line.

use crate::abi::{Location, Span};
use crate::access::NodeRef;

/// A node's lines, as far as an edit of whole lines needs them.
pub(super) struct Lines<'t> {
    text: &'t str,
    /// First byte of the node's first line.
    pub(super) start: usize,
    /// End of the node's last line, before its line break.
    pub(super) end: usize,
    node_start: usize,
    node_end: usize,
}

impl<'t> Lines<'t> {
    /// The lines of a node; a value's line breaks at its end are not part of it.
    pub(super) fn of(node: NodeRef<'t>) -> Option<Self> {
        let text = node.document_text();
        let (node_start, written) = (node.span().start as usize, node.text());
        let node_end = node_start + written.trim_end().len();
        let start = text.get(..node_start)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(node_end..)?;
        let end = node_end + rest.find('\n').map_or(rest.len(), |at| at);
        let end = if text.get(..end)?.ends_with('\r') { end - 1 } else { end };
        Some(Self { text, start, end: end.max(node_end), node_start, node_end })
    }

    /// The line break that the document uses.
    pub(super) fn eol(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The blanks that a line beside the node has to begin with. An item's `- ` counts as blanks; anything else before the node means
    /// that it does not begin its line.
    pub(super) fn indentation(&self) -> Option<String> {
        let before = self.before();
        if self.begins() {
            return Some(before.to_owned());
        }
        before.chars().all(|c| matches!(c, ' ' | '-')).then(|| " ".repeat(before.len()))
    }

    /// Whether only blanks stand before the node on its first line.
    pub(super) fn begins(&self) -> bool {
        self.before().chars().all(|c| matches!(c, ' ' | '\t'))
    }

    /// The blanks before the dash, of a node that is the first thing behind its own.
    pub(super) fn dash(&self) -> Option<&'t str> {
        let before = self.before();
        (before.trim() == "-").then(|| before.split('-').next().unwrap_or(""))
    }

    fn before(&self) -> &'t str {
        self.text.get(self.start..self.node_start).unwrap_or("?")
    }

    /// Whether something other than a comment stands behind it on its last line.
    pub(super) fn followed(&self) -> bool {
        let behind = self.text.get(self.node_end..self.end).unwrap_or("x").trim_start();
        !behind.is_empty() && !behind.starts_with('#')
    }

    /// End of the last line with its line break.
    pub(super) fn end_with_break(&self) -> usize {
        let rest = self.text.get(self.end..).unwrap_or("");
        self.end + if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) }
    }
}

/// A text with every line moved in, lines of nothing left empty.
pub(super) fn indented(text: &str, indentation: &str, eol: &str) -> String {
    let line = |line: &str| if line.is_empty() { String::new() } else { format!("{indentation}{line}") };
    text.trim_end_matches(['\n', '\r']).lines().map(line).collect::<Vec<_>>().join(eol)
}

/// A stretch of a node's document as a place.
pub(super) fn stretch(node: NodeRef<'_>, start: usize, end: usize) -> Option<Location> {
    let span = Span { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? };
    Some(node.document().location(span))
}

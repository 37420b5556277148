//! Changes to a YAML text that leave everything else as it is: comments, order, quoting, indentation, line endings.
//!
//! Each function answers with the edits, or with `None` where a change cannot be made safely. What they refuse on purpose:
//! explicit `? key`, flow collections over several lines or with comments in them, and anything inside an anchored node that
//! aliases use elsewhere (the change would have more effects than were asked for). Whatever they answer still has to pass
//! [`verified`] before it is offered.

mod flow;
mod lines;
mod near;
mod verify;

use std::ops::Range;

use super::quote::{needs_escape, single_quoted};
use super::{Collection, Id, Kind, Style, Tree};
use crate::span::Span;
use lines::{column, line_end, line_start, newline, next_line};

pub use super::quote::quote_if_needed;
pub use near::neighbourhood;
pub use verify::{verified, verified_against};

/// Replaces the text under `span`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextEdit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl TextEdit {
    fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { span: Span::at(at), text: text.into() }
    }

    fn remove(range: Range<usize>) -> Self {
        Self { span: Span::new(range.start, range.end), text: String::new() }
    }
}

/// The text after all edits, in whatever order they are given; `None` when two overlap or one does not fit the text.
#[must_use]
pub fn apply(text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut ordered: Vec<&TextEdit> = edits.iter().collect();
    // Stable: of two insertions at one place the first given comes first.
    ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in ordered {
        let range = edit.span.range();
        // Also refuses an edit that starts before the end of the last one.
        out.push_str(text.get(done..range.start)?);
        text.get(range.clone())?;
        out.push_str(&edit.text);
        done = range.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Gives a scalar a new value in its own style of quoting. An absent value (`key:`) is filled in.
#[must_use]
pub fn replace_scalar(tree: &Tree, text: &str, id: Id, value: &str) -> Option<Vec<TextEdit>> {
    let node = tree.node(id);
    let Kind::Scalar { style, .. } = &node.kind else { return None };
    if is_shared(tree, id) {
        return None;
    }
    if node.is_absent() {
        let at = node.span.start as usize;
        let before = text.get(..at)?;
        if node.outer_span() != node.span || !before.trim_end_matches(' ').ends_with([':', '-']) {
            return None;
        }
        let space = if before.ends_with(' ') { "" } else { " " };
        return Some(vec![TextEdit::insert(at, format!("{space}{}", quote_if_needed(value)))]);
    }
    let written = match style {
        Style::Single if !value.chars().any(needs_escape) => single_quoted(value),
        Style::Double if !value.chars().any(|c| needs_escape(c) || matches!(c, '"' | '\\')) => {
            format!("\"{value}\"")
        }
        _ => quote_if_needed(value),
    };
    Some(vec![TextEdit { span: node.span, text: written }])
}

/// Adds `key: fragment` at the end of a mapping, or under a key that has no value yet.
///
/// The fragment is an inline value, or starts with a line feed and is indented relative to the key.
#[must_use]
pub fn insert_key(
    tree: &Tree,
    text: &str,
    mapping_or_empty_value: Id,
    key: &str,
    fragment: &str,
) -> Option<Vec<TextEdit>> {
    let id = mapping_or_empty_value;
    if is_shared(tree, id) || tree.get(id, key).is_some() {
        return None;
    }
    let key = quote_if_needed(key);
    let space = if fragment.starts_with('\n') { "" } else { " " };
    match &tree.node(id).kind {
        Kind::Mapping { pairs, style: Collection::Block } => {
            let first = outer_start(tree, pairs.first()?.0);
            if is_explicit_key(text, first) {
                return None;
            }
            let pad = " ".repeat(column(text, first));
            let body = indented(fragment, newline(text), &pad);
            let line = format!("{pad}{key}:{space}{body}");
            Some(vec![insert_line(text, insertion_point(tree, text, id), &line)])
        }
        Kind::Mapping { style: Collection::Flow, .. } => {
            flow::append(tree, text, id, &format!("{key}: {fragment}")).map(|edit| vec![edit])
        }
        Kind::Scalar { value, style: Style::Plain } if matches!(value.as_str(), "" | "~" | "null") => {
            let owner = tree.key_of(id)?;
            let node = tree.node(id);
            let in_flow = tree.node(owner).parent.is_none_or(|parent| !is_block(tree, parent));
            let key_start = outer_start(tree, owner);
            if in_flow || node.outer_span() != node.span || is_explicit_key(text, key_start) {
                return None;
            }
            let pad = " ".repeat(column(text, key_start) + indent_unit(tree, text));
            let body = indented(fragment, newline(text), &pad);
            let child = format!("{}{pad}{key}:{space}{body}", newline(text));
            let value_end = node.span.end as usize;
            let mut edits = vec![TextEdit::insert(line_end(text, value_end), child)];
            if !node.span.is_empty() {
                // `web: ~`: the null gives way.
                let before = text.get(..node.span.start as usize)?.trim_end_matches([' ', '\t']).len();
                edits.insert(0, TextEdit::remove(before..value_end));
            }
            Some(edits)
        }
        _ => None,
    }
}

/// Removes a key and its value. The only key of a mapping is not removed: that would make the value null.
#[must_use]
pub fn remove_key(tree: &Tree, text: &str, mapping: Id, key: &str) -> Option<Vec<TextEdit>> {
    let Kind::Mapping { pairs, .. } = &tree.node(mapping).kind else { return None };
    let mut places = pairs.iter().enumerate().filter(|(_, pair)| tree.str(pair.0) == Some(key));
    let (place, _) = places.next()?;
    // Of two equal keys, which one is meant?
    if places.next().is_some() {
        return None;
    }
    remove_pair(tree, text, mapping, place)
}

/// Removes an item of a sequence. The last item takes its key with it, unless that is the mapping's only key.
#[must_use]
pub fn remove_item(tree: &Tree, text: &str, sequence: Id, item: Id) -> Option<Vec<TextEdit>> {
    let Kind::Sequence { items, style } = &tree.node(sequence).kind else { return None };
    let place = items.iter().position(|&other| other == item)?;
    if is_shared(tree, item) {
        return None;
    }
    if items.len() == 1 {
        tree.key_of(sequence)?;
        let parent = tree.node(sequence).parent?;
        return remove_pair(tree, text, parent, tree.index(sequence));
    }
    if *style == Collection::Flow {
        let ranges: Vec<_> = items.iter().map(|&item| tree.node(item).outer_span()).collect();
        return flow::remove(text, tree.node(sequence).span, &ranges, place).map(|edit| vec![edit]);
    }
    let dash = super::build::dash_before(text, outer_start(tree, item)) as usize;
    let start = line_start(text, dash);
    if !text.get(dash..)?.starts_with('-') || !is_spaces(text.get(start..dash)?) {
        return None;
    }
    Some(vec![TextEdit::remove(whole_lines(text, start, insertion_point(tree, text, item)))])
}

/// Adds an item at the end of a sequence. A fragment of several lines is indented under the dash.
#[must_use]
pub fn append_item(tree: &Tree, text: &str, sequence: Id, fragment: &str) -> Option<Vec<TextEdit>> {
    let node = tree.node(sequence);
    let Kind::Sequence { items, style } = &node.kind else { return None };
    if is_shared(tree, sequence) {
        return None;
    }
    if *style == Collection::Flow {
        return flow::append(tree, text, sequence, fragment).map(|edit| vec![edit]);
    }
    items.first()?;
    let dash = node.span.start as usize;
    if !text.get(dash..)?.starts_with('-') {
        return None;
    }
    let pad = " ".repeat(column(text, dash));
    let body = indented(fragment, newline(text), &format!("{pad}  "));
    Some(vec![insert_line(text, insertion_point(tree, text, sequence), &format!("{pad}- {body}"))])
}

fn remove_pair(tree: &Tree, text: &str, mapping: Id, place: usize) -> Option<Vec<TextEdit>> {
    let Kind::Mapping { pairs, style } = &tree.node(mapping).kind else { return None };
    let &(key, value) = pairs.get(place)?;
    if pairs.len() < 2 || is_shared(tree, value) || is_shared(tree, mapping) {
        return None;
    }
    if *style == Collection::Flow {
        let ranges: Vec<_> = pairs.iter().map(|&pair| pair_span(tree, pair)).collect();
        return flow::remove(text, tree.node(mapping).span, &ranges, place).map(|edit| vec![edit]);
    }
    let key_start = outer_start(tree, key);
    if is_explicit_key(text, key_start) {
        return None;
    }
    let start = line_start(text, key_start);
    if is_spaces(text.get(start..key_start)?) {
        let end = insertion_point(tree, text, value).max(next_line(text, tree.node(key).span.end as usize));
        return Some(vec![TextEdit::remove(whole_lines(text, start, end))]);
    }
    // `- key:`: keep the dash and pull the next key up to it.
    let following = outer_start(tree, pairs.get(place + 1)?.0);
    let gap = text.get(key_start..following)?;
    if place != 0 || gap.contains('#') || is_explicit_key(text, following) {
        return None;
    }
    Some(vec![TextEdit::remove(key_start..following)])
}

/// Whole lines; without a line break at the end of the text, the break before them goes instead.
fn whole_lines(text: &str, start: usize, end: usize) -> Range<usize> {
    let unterminated = end >= text.len() && !text.ends_with('\n');
    let before = text.get(..start).unwrap_or("");
    match before.strip_suffix('\n').filter(|_| unterminated) {
        Some(rest) => rest.strip_suffix('\r').unwrap_or(rest).len()..end,
        None => start..end,
    }
}

/// Whether the node, or a node around it, is used by an alias elsewhere, or is an alias itself.
fn is_shared(tree: &Tree, id: Id) -> bool {
    let mut at = Some(id);
    while let Some(next) = at {
        if matches!(tree.node(next).kind, Kind::Alias { .. }) || tree.alias_count(next) > 0 {
            return true;
        }
        at = tree.node(next).parent;
    }
    false
}

fn is_block(tree: &Tree, id: Id) -> bool {
    matches!(
        tree.node(id).kind,
        Kind::Mapping { style: Collection::Block, .. } | Kind::Sequence { style: Collection::Block, .. }
    )
}

/// Start of the node with its tag and anchor.
fn outer_start(tree: &Tree, id: Id) -> usize {
    tree.node(id).outer_span().start as usize
}

/// From the key to the end of its value.
fn pair_span(tree: &Tree, (key, value): (Id, Id)) -> Span {
    tree.node(key).outer_span().to(tree.node(value).outer_span())
}

/// Whether a `?` stands before the key on its line.
fn is_explicit_key(text: &str, key_start: usize) -> bool {
    text.get(line_start(text, key_start)..key_start).is_none_or(|before| before.contains('?'))
}

fn is_spaces(text: &str) -> bool {
    text.bytes().all(|b| b == b' ')
}

/// The file's step of indentation: that of the first mapping in a mapping.
fn indent_unit(tree: &Tree, text: &str) -> usize {
    const USUAL: usize = 2;
    let step = |&(key, value): &(Id, Id)| {
        let child = match &tree.node(value).kind {
            Kind::Mapping { pairs, style: Collection::Block } => pairs.first()?.0,
            _ => return None,
        };
        let outer = column(text, outer_start(tree, key));
        column(text, outer_start(tree, child)).checked_sub(outer).filter(|&step| step > 0)
    };
    let pairs = tree.nodes.iter().filter_map(|node| match &node.kind {
        Kind::Mapping { pairs, style: Collection::Block } => Some(pairs),
        _ => None,
    });
    pairs.flatten().find_map(step).unwrap_or(USUAL)
}

/// A fragment with the file's line ending and its further lines indented; empty lines stay empty.
fn indented(fragment: &str, newline: &str, pad: &str) -> String {
    let mut lines = fragment.split('\n');
    let mut out = lines.next().unwrap_or("").to_owned();
    for line in lines {
        out.push_str(newline);
        if !line.is_empty() {
            out.push_str(pad);
            out.push_str(line);
        }
    }
    out
}

/// Inserts a line before the line that starts at `at`, or at the end of a text without a final line break.
fn insert_line(text: &str, at: usize, line: &str) -> TextEdit {
    let newline = newline(text);
    if at >= text.len() && !text.is_empty() && !text.ends_with('\n') {
        TextEdit::insert(text.len(), format!("{newline}{line}"))
    } else {
        TextEdit::insert(at, format!("{line}{newline}"))
    }
}

/// Start of the line after the last one that belongs to the node, a comment at the end of that line included.
fn insertion_point(tree: &Tree, text: &str, id: Id) -> usize {
    let mut end = 0;
    let mut at = id;
    loop {
        let node = tree.node(at);
        end = end.max(node.outer_span().end as usize);
        at = match &node.kind {
            Kind::Mapping { pairs, style: Collection::Block } => match pairs.last() {
                Some(&(key, value)) => {
                    end = end.max(tree.node(key).span.end as usize);
                    value
                }
                None => break,
            },
            Kind::Sequence { items, style: Collection::Block } => match items.last() {
                Some(&item) => item,
                None => break,
            },
            Kind::Scalar { value, style: Style::Literal | Style::Folded } => {
                let header = node.span.slice(text).lines().next().unwrap_or("");
                let header = header.split('#').next().unwrap_or("");
                if header.contains('+') {
                    end = lines::skip_blank_lines(text, end, value);
                }
                break;
            }
            _ => break,
        };
    }
    next_line(text, end)
}

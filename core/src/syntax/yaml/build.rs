//! From granit-parser's events to our tree. Nothing else in the core knows that parser.

use std::collections::BTreeMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, StructureStyle, Tag, options};

use super::{Collection, Id, Kind, Limits, Node, Style, SyntaxError, Tree, message};
use crate::span::Span;

/// YAML's own limit for a key without `?`.
const LONGEST_SIMPLE_KEY: usize = 1024;

/// The parser's default of 96 refuses a long comment block between `key:` and its value.
const BUFFERED_COMMENTS: usize = 1 << 20;

/// A `%TAG` prefix longer than this is left out of tag names, so that many tags cannot multiply it.
const LONGEST_TAG_HANDLE: usize = 128;

/// A tree, and what went wrong while it was built.
pub(super) struct Built {
    pub(super) tree: Tree,
    pub(super) failures: Vec<Failure>,
    /// Where, and the name without `*`.
    pub(super) unknown_aliases: Vec<(Span, String)>,
}

/// A point at which the parser gave up.
#[derive(Clone)]
pub(super) struct Failure {
    pub(super) error: SyntaxError,
    /// Whether a limit is the reason: then there is nothing to repair.
    pub(super) limit: bool,
}

/// Builds the tree of `text` without repairing anything.
pub(super) fn build(text: &str, limits: &Limits) -> Built {
    let mut builder = Builder {
        text,
        limits,
        built: Built { tree: Tree::default(), failures: Vec::new(), unknown_aliases: Vec::new() },
        open: Vec::new(),
        anchors: BTreeMap::new(),
        token_end: 0,
    };
    if text.len() > limits.bytes {
        builder.stop(message::too_large(limits.bytes));
    } else {
        builder.run();
    }
    builder.close_all();
    builder.built
}

fn parser_options(limits: &Limits) -> Options {
    options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
        simple_key_max_lookahead: LONGEST_SIMPLE_KEY,
        max_buffered_comment_events: BUFFERED_COMMENTS,
        // Both as libyaml does, from which go-yaml was translated.
        block_scalar_eof_without_line_feed: true,
        bom_inside_document_as_content: true,
    }
}

/// A collection whose end has not been seen.
struct Open {
    id: Id,
    /// A key that waits for its value.
    key: Option<Id>,
}

struct Builder<'t> {
    text: &'t str,
    limits: &'t Limits,
    built: Built,
    open: Vec<Open>,
    /// The parser's number of each anchor of this document.
    anchors: BTreeMap<usize, Id>,
    /// End of the last token: a block scalar's header stands after it.
    token_end: usize,
}

impl Builder<'_> {
    fn run(&mut self) {
        let mut parser = Parser::new_from_str_with_options(self.text, parser_options(self.limits));
        loop {
            match parser.next_event() {
                None | Some(Ok((Event::StreamEnd, _))) => return,
                Some(Ok((event, span))) => {
                    if !self.event(event, &span) {
                        return;
                    }
                }
                Some(Err(error)) => {
                    self.failure(&error);
                    self.close_all();
                    let more = self.built.failures.len() < self.limits.errors;
                    if !more || !matches!(parser.proceed_next_document(), Ok(true)) {
                        return;
                    }
                }
            }
        }
    }

    /// Takes one event; `false` means stop.
    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) -> bool {
        let range = span.byte_range().unwrap_or(0..0);
        let here = Span::new(range.start, range.end).clamp(self.text);
        let tag = |tag: Option<&Tag>| {
            let at = span.tag_span().and_then(|span| span.byte_range()).unwrap_or(range.clone());
            tag.map(|tag| (Span::new(at.start, at.end).clamp(self.text), tag_name(tag)))
        };
        match event {
            Event::Comment(..) => {
                // Comments between a node's properties and its content arrive before the node.
                self.built.tree.comments.push(here);
                true
            }
            Event::Anchor(number, _) => {
                if let Some(&id) = self.anchors.get(&number)
                    && let Some(node) = self.built.tree.nodes.get_mut(id.0 as usize)
                {
                    node.anchor = Some(here);
                }
                true
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.close(Some(here));
                true
            }
            Event::DocumentEnd => {
                self.close_all();
                true
            }
            Event::Scalar(value, style, anchor, scalar_tag) => {
                let style = scalar_style(style);
                let absent = style == Style::Plain && here.is_empty();
                // The parser calls an absent value `~`, and places it before the colon.
                let value = if absent { String::new() } else { value.into_owned() };
                let here = if absent { self.after_colon(here) } else { here };
                let tag = tag(scalar_tag.as_deref());
                let at = match style {
                    Style::Literal | Style::Folded => {
                        let after = tag.as_ref().map_or(0, |(at, _)| at.end as usize);
                        block_scalar_span(self.text, self.token_end.max(after), here)
                    }
                    _ => here,
                };
                self.add(Kind::Scalar { value, style }, at, tag, anchor)
            }
            Event::MappingStart(style, anchor, map_tag) => {
                let kind = Kind::Mapping { pairs: Vec::new(), style: collection_style(style) };
                self.add(kind, here, tag(map_tag.as_deref()), anchor)
            }
            Event::SequenceStart(style, anchor, sequence_tag) => {
                let kind = Kind::Sequence { items: Vec::new(), style: collection_style(style) };
                self.add(kind, here, tag(sequence_tag.as_deref()), anchor)
            }
            Event::Alias(number) => {
                let target = self.anchors.get(&number).copied();
                self.add(Kind::Alias { name: without_star(here), target }, here, None, 0)
            }
            Event::UnresolvedAlias(name) => {
                if self.built.unknown_aliases.len() < self.limits.errors {
                    self.built.unknown_aliases.push((here, name.into_owned()));
                }
                self.add(Kind::Alias { name: without_star(here), target: None }, here, None, 0)
            }
            _ => true,
        }
    }

    /// The place of an absent value that was given as that of its colon.
    fn after_colon(&self, colon: Span) -> Span {
        let is_value = self.open.last().is_some_and(|open| open.key.is_some());
        let at = colon.start as usize;
        if is_value && self.text.as_bytes().get(at) == Some(&b':') { Span::at(at + 1) } else { colon }
    }

    /// Appends a node and hangs it under the innermost open collection; `false` when a limit forbids it.
    fn add(&mut self, kind: Kind, span: Span, tag: Option<(Span, String)>, anchor: usize) -> bool {
        let tree = &mut self.built.tree;
        let is_collection = matches!(kind, Kind::Mapping { .. } | Kind::Sequence { .. });
        if tree.nodes.len() >= self.limits.nodes {
            self.stop(message::too_many_nodes(span, self.limits.nodes));
            return false;
        }
        if is_collection && self.open.len() >= self.limits.depth {
            self.stop(message::too_deep(span));
            return false;
        }
        // A collection's own token is at most its bracket.
        let token = if is_collection { span.end.min(span.start + 1) } else { span.end };
        self.token_end = self.token_end.max(token as usize);

        let id = Id(u32::try_from(tree.nodes.len()).unwrap_or(u32::MAX));
        let parent = self.open.last().map(|open| open.id);
        tree.nodes.push(Node { kind, span, tag, anchor: None, parent });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        let slot = match self.open.last_mut() {
            None => {
                tree.documents.push(id);
                tree.documents.len() - 1
            }
            Some(open) => match tree.nodes.get_mut(open.id.0 as usize).map(|node| &mut node.kind) {
                Some(Kind::Sequence { items, .. }) => {
                    items.push(id);
                    items.len() - 1
                }
                Some(Kind::Mapping { pairs, .. }) => match open.key.take() {
                    None => {
                        open.key = Some(id);
                        pairs.len()
                    }
                    Some(key) => {
                        pairs.push((key, id));
                        pairs.len() - 1
                    }
                },
                _ => 0,
            },
        };
        tree.slots.push(u32::try_from(slot).unwrap_or(u32::MAX));
        if is_collection {
            self.open.push(Open { id, key: None });
        }
        true
    }

    /// Closes the innermost collection and gives it the span of what it holds. `end` is the closing bracket's place, where
    /// the end was seen at all.
    fn close(&mut self, end: Option<Span>) {
        let Some(open) = self.open.pop() else { return };
        self.complete_pair(&open);
        let tree = &self.built.tree;
        let node = tree.node(open.id);
        let (flow, first, last) = match &node.kind {
            Kind::Sequence { items, style } => {
                (*style == Collection::Flow, items.first().copied(), items.last().copied())
            }
            Kind::Mapping { pairs, style } => {
                (*style == Collection::Flow, pairs.first().map(|p| p.0), pairs.last().map(|p| p.1))
            }
            _ => return,
        };
        let is_sequence = matches!(node.kind, Kind::Sequence { .. });
        let written = node.span;
        let first_start = first.map(|id| tree.node(id).outer_span().start);
        let last_end = last.map_or(written.start, |id| tree.node(id).outer_span().end);
        let span = if flow {
            // `[a: b]` holds a mapping without brackets; its end token is empty.
            let close = end.map_or(written.end, |end| end.end);
            Span { start: written.start, end: close.max(last_end).max(written.end) }
        } else {
            let start = match first_start {
                Some(start) if is_sequence => dash_before(self.text, start as usize),
                Some(start) => start,
                None => written.start,
            };
            Span { start, end: last_end.max(start) }
        };
        if let Some(node) = self.built.tree.nodes.get_mut(open.id.0 as usize) {
            node.span = span.clamp(self.text);
        }
    }

    /// A key whose value was never reached (an error in between) gets an absent value, so that the key is not lost.
    fn complete_pair(&mut self, open: &Open) {
        let Some(key) = open.key else { return };
        let tree = &mut self.built.tree;
        let end = tree.node(key).outer_span().end;
        let value = Id(u32::try_from(tree.nodes.len()).unwrap_or(u32::MAX));
        let mut slot = 0;
        if let Some(Kind::Mapping { pairs, .. }) = tree.nodes.get_mut(open.id.0 as usize).map(|node| &mut node.kind) {
            slot = pairs.len();
            pairs.push((key, value));
        }
        tree.nodes.push(Node {
            kind: Kind::Scalar { value: String::new(), style: Style::Plain },
            span: Span { start: end, end },
            tag: None,
            anchor: None,
            parent: Some(open.id),
        });
        tree.slots.push(u32::try_from(slot).unwrap_or(u32::MAX));
    }

    /// Closes what an error or the end of a document left open; anchors end with their document.
    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.close(None);
        }
        self.anchors.clear();
    }

    fn failure(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(0);
        let at = Span::at(at).clamp(self.text).start as usize;
        let kind = error.kind();
        let limit = matches!(
            kind,
            granit_parser::ErrorKind::RecursionLimitExceeded | granit_parser::ErrorKind::TooManyComments
        );
        let context = message::Context { text: self.text, tree: &self.built.tree, bracket: self.open_bracket() };
        let error = message::explain(&context, at, kind, error.info());
        if limit {
            self.stop(error);
        } else {
            self.built.failures.push(Failure { error, limit });
        }
    }

    fn stop(&mut self, error: SyntaxError) {
        self.built.tree.truncated = true;
        self.built.failures.push(Failure { error, limit: true });
    }

    /// The innermost bracket that is still open.
    fn open_bracket(&self) -> Option<Span> {
        let starts = self.open.iter().rev().map(|open| self.built.tree.node(open.id).span.start as usize);
        let mut brackets = starts.filter(|&at| matches!(self.text.as_bytes().get(at), Some(b'[' | b'{')));
        brackets.next().map(|at| Span::new(at, at + 1))
    }
}

fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn collection_style(style: StructureStyle) -> Collection {
    if style == StructureStyle::Flow { Collection::Flow } else { Collection::Block }
}

fn tag_name(tag: &Tag) -> String {
    let handle = tag.handle();
    if handle.len() > LONGEST_TAG_HANDLE { tag.suffix().to_owned() } else { format!("{handle}{}", tag.suffix()) }
}

fn without_star(alias: Span) -> Span {
    Span { start: (alias.start + 1).min(alias.end), end: alias.end }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The `-` before an item; blanks and comment lines may stand between. Without one, the item's own start.
pub(super) fn dash_before(text: &str, item: usize) -> u32 {
    let bytes = text.as_bytes();
    let none = u32::try_from(item).unwrap_or(u32::MAX);
    let mut at = item;
    while let Some(before) = at.checked_sub(1) {
        match bytes.get(before) {
            Some(b'-') => return u32::try_from(before).unwrap_or(none),
            Some(&byte) if is_blank(byte) => at = before,
            _ => {
                // The end of a comment: go on before its `#`. The whole line is read once, so this stays linear.
                let line = bytes.get(..=before).unwrap_or(&[]);
                let start = line.iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
                match line.get(start..).unwrap_or(&[]).iter().position(|&b| b == b'#') {
                    Some(hash) => at = start + hash,
                    None => return none,
                }
            }
        }
    }
    none
}

/// The parser's span of a block scalar starts at its first content character and runs into the next line's indentation.
/// Ours starts at the `|` or `>`, which is searched from the end of the token before, and ends at the last visible character.
fn block_scalar_span(text: &str, from: usize, content: Span) -> Span {
    let bytes = text.as_bytes();
    let start = content.start as usize;
    let seen = bytes.get(..content.end as usize).unwrap_or(&[]);
    let blanks = seen.iter().rev().take_while(|&&b| is_blank(b)).count();
    let end = seen.len() - blanks;
    let mut at = from.min(start);
    let mut after_blank = true;
    // The parser may already start at the header when there is no content.
    while at <= start {
        match bytes.get(at) {
            Some(b'|' | b'>') => {
                let modifiers = bytes.get(at + 1..).unwrap_or(&[]).iter();
                let header = 1 + modifiers.take_while(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-')).count();
                return Span::new(at, end.max(at + header)).clamp(text);
            }
            Some(b'#') if after_blank => at = skip_until(bytes, at, |b| matches!(b, b'\n' | b'\r')),
            Some(b'&' | b'!') => at = skip_until(bytes, at, is_blank),
            Some(&byte) => {
                after_blank = is_blank(byte);
                at += 1;
                continue;
            }
            None => break,
        }
        after_blank = true;
    }
    Span::new(start, end.max(start)).clamp(text)
}

fn skip_until(bytes: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or(&[]);
    from + rest.iter().position(|&b| stop(b)).unwrap_or(rest.len()).max(1)
}

//! From a position in a scalar's decoded value back to the text it was written as.

use std::ops::Range;

use super::{Kind, Node, Style};
use crate::span::Span;
use crate::syntax::shell::SourceMap;

/// Where each part of one scalar's value is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScalarMap<'t> {
    text: &'t str,
    whole: Span,
    /// How long the value is.
    length: usize,
    /// In order; empty when the text could not be followed.
    runs: Vec<Run>,
}

/// Some bytes of the value and the bytes of the text they come from. Equal lengths mean the same bytes, one by one;
/// otherwise it is an escape, which only makes sense as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Run {
    value: Range<usize>,
    text: Range<usize>,
    escape: bool,
}

impl<'t> ScalarMap<'t> {
    /// Follows `node`, a scalar, through `text`.
    pub(super) fn new(node: &Node, text: &'t str) -> Self {
        let whole = node.span;
        let Kind::Scalar { value, style } = &node.kind else {
            return Self { text, whole, length: 0, runs: Vec::new() };
        };
        let mut walk = Walk { text, value, at: whole.start as usize, done: 0, runs: Vec::new() };
        let end = whole.end as usize;
        let followed = match style {
            Style::Plain => walk.lines(end, Style::Plain),
            Style::Single | Style::Double => {
                walk.at += 1;
                walk.lines(end.saturating_sub(1), *style)
            }
            Style::Literal | Style::Folded => walk.block(end),
        };
        let runs = if followed.is_some() { walk.runs } else { Vec::new() };
        Self { text, whole, length: value.len(), runs }
    }

    /// The same as a map that others can be put on top of. Where the scalar could not be followed, every part of the value has the
    /// whole scalar's span.
    #[must_use]
    pub fn source_map(&self) -> SourceMap {
        self.exact_map().unwrap_or_else(|| {
            let mut map = SourceMap::default();
            map.push(self.length, self.whole);
            map
        })
    }

    /// Where `range` of the decoded value is written; the whole scalar where that is not known.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let Some(start) = self.place(range.start, true) else { return self.whole };
        if range.end <= range.start {
            return Span::at(start).clamp(self.text);
        }
        match self.place(range.end, false) {
            Some(end) if end >= start => Span::new(start, end).clamp(self.text),
            _ => self.whole,
        }
    }

    /// The same as a map that others can be put on top of; `None` where the text could not be followed.
    #[must_use]
    pub fn exact_map(&self) -> Option<SourceMap> {
        let mut map = SourceMap::default();
        for run in &self.runs {
            map.push(run.value.len(), Span::new(run.text.start, run.text.end));
        }
        // Line feeds at the end of a block scalar lie behind its span.
        let end = self.runs.last()?.text.end;
        let mut at = end;
        for _ in map.len()..self.length {
            let rest = self.text.get(at..).unwrap_or("");
            let written = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
            map.push(1, Span::new(at, at + written));
            at += written;
        }
        Some(map)
    }

    /// The text offset of a value offset: of the byte that starts there, or of the byte that ends there.
    fn place(&self, offset: usize, starts: bool) -> Option<usize> {
        let after =
            self.runs.partition_point(|run| if starts { run.value.end <= offset } else { run.value.end < offset });
        let run = match self.runs.get(after) {
            Some(run) => run,
            // One past the last byte of the value.
            None => {
                let last = self.runs.last()?;
                return (last.value.end == offset).then_some(last.text.end);
            }
        };
        if offset < run.value.start {
            return None;
        }
        Some(match (run.escape, starts) {
            (false, _) => run.text.start + (offset - run.value.start),
            (true, true) => run.text.start,
            (true, false) => run.text.end,
        })
    }
}

/// Reads the text and checks every step against the value; any surprise ends the walk.
struct Walk<'t> {
    text: &'t str,
    value: &'t str,
    /// Next byte of the text.
    at: usize,
    /// Bytes of the value that are accounted for.
    done: usize,
    runs: Vec<Run>,
}

impl Walk<'_> {
    /// The next `length` bytes of the text are the next bytes of the value.
    fn same(&mut self, length: usize) -> Option<()> {
        let text = self.text.get(self.at..self.at + length)?;
        if self.value.get(self.done..self.done + length)? != text {
            return None;
        }
        let (value, text) = (self.done..self.done + length, self.at..self.at + length);
        match self.runs.last_mut().filter(|run| !run.escape && run.text.end == self.at) {
            Some(run) => (run.value.end, run.text.end) = (value.end, text.end),
            None => self.runs.push(Run { value, text, escape: false }),
        }
        self.at += length;
        self.done += length;
        Some(())
    }

    /// The next `written` bytes of the text make the next `decoded` bytes of the value.
    fn escape(&mut self, written: usize, decoded: usize) -> Option<()> {
        self.value.get(self.done..self.done + decoded)?;
        self.text.get(self.at..self.at + written)?;
        let (value, text) = (self.done..self.done + decoded, self.at..self.at + written);
        self.runs.push(Run { value, text, escape: true });
        self.at += written;
        self.done += decoded;
        Some(())
    }

    fn next_in_value(&self) -> Option<char> {
        self.value.get(self.done..)?.chars().next()
    }

    /// Plain and quoted scalars up to `end`.
    fn lines(&mut self, end: usize, style: Style) -> Option<()> {
        while self.at < end {
            let rest = self.text.get(self.at..end)?;
            let c = rest.chars().next()?;
            match c {
                ' ' | '\t' | '\r' | '\n' => {
                    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
                    if rest.get(..blanks)?.contains(['\r', '\n']) { self.fold(blanks)? } else { self.same(blanks)? }
                }
                '\'' if style == Style::Single => self.escape(2, 1)?,
                '\\' if style == Style::Double => self.backslash(rest)?,
                c => self.same(c.len_utf8())?,
            }
        }
        (self.done == self.value.len()).then_some(())
    }

    /// Blanks with line breaks become one space, or a line feed for each further break, or nothing after a backslash.
    fn fold(&mut self, blanks: usize) -> Option<()> {
        let breaks = self.text.get(self.at..self.at + blanks)?.matches('\n').count();
        let feeds = breaks.saturating_sub(1).max(1);
        let value = self.value.get(self.done..)?;
        let decoded = value.bytes().take(feeds).take_while(|&b| b == b'\n').count();
        let decoded = if decoded == 0 { usize::from(value.starts_with(' ')) } else { decoded };
        self.escape(blanks, decoded)
    }

    fn backslash(&mut self, rest: &str) -> Option<()> {
        let next = rest.chars().nth(1)?;
        let written = match next {
            'x' => 4,
            'u' => 6,
            'U' => 10,
            '\r' | '\n' => {
                let blanks = rest.get(1..)?.trim_start_matches([' ', '\t', '\r', '\n']);
                return self.escape(rest.len() - blanks.len(), 0);
            }
            c => 1 + c.len_utf8(),
        };
        let decoded = self.next_in_value()?.len_utf8();
        // A surrogate pair is two escapes for one character.
        let pair = next == 'u' && decoded == 4;
        self.escape(if pair { 12 } else { written }, decoded)
    }

    /// Block scalars: the header line, then lines without their indentation.
    fn block(&mut self, end: usize) -> Option<()> {
        let all = self.text.get(self.at..end)?;
        let header = all.split('\n').next()?;
        let explicit = header.chars().find(char::is_ascii_digit).filter(|_| !header.contains('#'));
        let body = all.get(header.len() + 1..)?;
        let first = body.split('\n').find(|line| !line.trim().is_empty())?;
        let indentation = first.len() - first.trim_start_matches(' ').len();
        if explicit.is_some() {
            // The number counts from the parent's indentation, which is not known here.
            return None;
        }
        self.at += header.len() + 1;
        for line in body.split('\n') {
            let start = self.at;
            let content = line.strip_suffix('\r').unwrap_or(line);
            let indented = content.len() - content.trim_start_matches(' ').len();
            self.at += indented.min(indentation);
            let left = start + content.len() - self.at;
            if left > 0 {
                self.same(left)?;
            }
            let breaks = self.value.get(self.done..)?;
            let decoded = usize::from(breaks.starts_with(['\n', ' ']) && start + line.len() < end);
            let written = line.len() - content.len() + 1;
            if decoded == 1 {
                self.escape(written, 1)?;
            } else {
                self.at += written;
            }
        }
        // What the span leaves out is line feeds at the end.
        self.value.get(self.done..)?.bytes().all(|b| b == b'\n').then_some(())
    }
}

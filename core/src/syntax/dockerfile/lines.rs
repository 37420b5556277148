//! Physical lines, and the logical lines that continuation joins them to.

use std::borrow::Cow;

use super::{Dockerfile, Keyword};
use crate::span::Span;
use crate::syntax::SyntaxError;
use crate::syntax::shell::SourceMap;

/// A physical line, without its line end.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
    /// Where the next line starts.
    pub(super) next: usize,
}

/// The line that starts at `start`, or `None` at the end of the text.
pub(super) fn line(text: &str, start: usize) -> Option<Line<'_>> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let next = rest.find('\n').map_or(text.len(), |newline| start + newline + 1);
    let text = text.get(start..next)?.trim_end_matches(['\r', '\n']);
    Some(Line { text, start, next })
}

impl Line<'_> {
    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// From the first to the last character that is no white space; empty at the start of a blank line.
    fn span(&self) -> Span {
        let trimmed = self.text.trim();
        let start = if trimmed.is_empty() { self.start } else { self.start + self.indent() };
        Span::new(start, start + trimmed.len())
    }
}

/// An instruction's text, joined, with the way back to the file.
pub(super) struct LogicalLine<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) map: SourceMap,
    /// From the first to the last physical line.
    pub(super) span: Span,
    /// Where the next line starts.
    pub(super) next: usize,
}

/// The next logical line from `at`; comments on the way are kept.
pub(super) fn logical_line<'t>(text: &'t str, mut at: usize, file: &mut Dockerfile) -> Option<LogicalLine<'t>> {
    let first = loop {
        let line = line(text, at)?;
        at = line.next;
        if line.text.trim_start().starts_with('#') {
            file.comments.push(line.span());
        } else if !line.text.trim().is_empty() {
            break line;
        }
    };
    let mut span = first.span();
    let mut map = SourceMap::default();
    let start = first.start + first.indent();
    let content = first.text.trim_start();
    let Some(kept) = continued(content, file.escape) else {
        map.push(content.len(), Span::new(start, start + content.len()));
        return Some(LogicalLine { text: Cow::Borrowed(content), map, span, next: at });
    };
    let mut joined = String::from(kept);
    map.push(kept.len(), Span::new(start, start + kept.len()));
    while let Some(line) = line(text, at) {
        at = line.next;
        span = span.to(line.span());
        if line.text.trim_start().starts_with('#') {
            file.comments.push(line.span());
            continue;
        }
        if line.text.trim().is_empty() {
            continue;
        }
        hint_at_swallowed(&line, &joined, &mut file.hints);
        let kept = continued(line.text, file.escape);
        let content = kept.unwrap_or(line.text);
        joined.push_str(content);
        map.push(content.len(), Span::new(line.start, line.start + content.len()));
        if kept.is_none() {
            break;
        }
    }
    Some(LogicalLine { text: Cow::Owned(joined), map, span, next: at })
}

/// What a line adds to its logical line if the next line continues it: the text before the escape character at its end. A doubled
/// escape character at the end does not continue.
fn continued(line: &str, escape: char) -> Option<&str> {
    let kept = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!kept.ends_with(escape)).then_some(kept)
}

/// The builder reads such a line as part of the instruction above; whoever wrote it hardly meant that.
fn hint_at_swallowed(line: &Line<'_>, joined: &str, hints: &mut Vec<SyntaxError>) {
    let Some(keyword) = starts_instruction(line.text, true).filter(|_| line.indent() == 0) else {
        return;
    };
    // Only the first letters are looked at: the joined text grows with every line.
    let begins = |word: &str| joined.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let inner = begins("ONBUILD") || begins("HEALTHCHECK");
    if inner {
        return;
    }
    let keyword = keyword.as_str();
    let span = Span::new(line.start, line.start + keyword.len());
    let message = format!(
        "this {keyword} is read as part of the instruction above, because the line before ends in a continuation"
    );
    hints.push(SyntaxError::new(span, message).with_help("remove the escape character at the end of the line before"));
}

/// The keyword a line begins with, if it looks like an instruction; in upper case only, if so asked.
pub(super) fn starts_instruction(line: &str, upper_case: bool) -> Option<Keyword> {
    let line = line.trim_start();
    let end = line.find([' ', '\t']).unwrap_or(line.len());
    let word = line.get(..end)?;
    let keyword = Keyword::parse(word);
    (keyword != Keyword::Unknown && (!upper_case || word == keyword.as_str())).then_some(keyword)
}

//! Words of a Caddyfile: bare, in double quotes, in backticks, and heredocs.

use super::Parser;
use crate::span::Span;

/// What was looked for to the end of the file once and not found.
#[derive(Default)]
pub(super) struct Unclosed {
    /// A double quote.
    quote: bool,
    /// A backtick.
    backtick: bool,
    /// Heredocs that were never ended: after a few, no more are looked for.
    heredocs: usize,
}

/// Heredocs without an end that are looked for.
const MAX_OPEN_HEREDOCS: usize = 4;

impl Parser<'_> {
    /// The word that begins here, and where it ends.
    pub(super) fn read_word(&mut self) -> (String, usize) {
        let rest = self.rest();
        if rest.starts_with('"') {
            return self.quoted();
        }
        if rest.starts_with('`') {
            return self.raw();
        }
        if rest.starts_with("<<")
            && let Some(found) = self.heredoc()
        {
            return found;
        }
        self.bare()
    }

    /// Up to a blank. `{$NAME:a default}` is part of the word, blanks included, since it is replaced before words are told apart.
    fn bare(&self) -> (String, usize) {
        let mut word = String::new();
        let mut at = self.at;
        while let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) {
            let after = self.text.get(at + c.len_utf8()..).unwrap_or("");
            match c {
                ' ' | '\t' | '\r' | '\n' => break,
                // Only what would begin something can be escaped.
                '\\' if after.starts_with(['"', '<', '`']) && word.is_empty() => {}
                '\\' if after.starts_with(['\n']) || after.starts_with("\r\n") => break,
                '{' if after.starts_with('$') => {
                    let line = after.split('\n').next().unwrap_or("");
                    let length = line.find('}').map_or(0, |end| end + 1);
                    word.push('{');
                    word.push_str(after.get(..length).unwrap_or(""));
                    at += length;
                }
                c => word.push(c),
            }
            at += c.len_utf8();
        }
        (word, at)
    }

    /// In double quotes, over lines; `\"` is a quote.
    fn quoted(&mut self) -> (String, usize) {
        if !self.unclosed.quote {
            let mut word = String::new();
            let mut chars = self.rest().char_indices().skip(1).peekable();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => return (word, self.at + at + 1),
                    '\\' if chars.peek().is_some_and(|(_, next)| matches!(next, '"' | '\\')) => {
                        // A backslash stays before anything but a quote.
                        let next = chars.next().map_or('"', |(_, next)| next);
                        if next != '"' {
                            word.push('\\');
                        }
                        word.push(next);
                    }
                    c => word.push(c),
                }
            }
            self.unclosed.quote = true;
        }
        self.rest_of_line("this quote is never closed")
    }

    /// In backticks, over lines; nothing is escaped.
    fn raw(&mut self) -> (String, usize) {
        if !self.unclosed.backtick {
            let body = self.rest().get(1..).unwrap_or("");
            if let Some(end) = body.find('`') {
                return (body.get(..end).unwrap_or("").to_owned(), self.at + end + 2);
            }
            self.unclosed.backtick = true;
        }
        self.rest_of_line("this backtick is never closed")
    }

    /// A quote that is never closed was most likely meant to close before the end of its line.
    fn rest_of_line(&mut self, message: &str) -> (String, usize) {
        let start = self.at;
        let line = self.rest().split('\n').next().unwrap_or("").trim_end_matches(['\r', ' ', '\t', '{']);
        let end = start + line.len().max(1);
        self.error(Span::new(start, start + 1), message, "close it at the end of the value");
        (self.text.get(start + 1..end).unwrap_or("").to_owned(), end)
    }

    /// `<<EOF`, lines, and `EOF` at the end of a line; the indentation of the end is taken off every line. `None` when it is no heredoc.
    fn heredoc(&mut self) -> Option<(String, usize)> {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or("");
        let marker = line.trim_end_matches('\r').get(2..)?.to_owned();
        let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if marker.is_empty() || !marker.chars().all(valid) || self.unclosed.heredocs >= MAX_OPEN_HEREDOCS {
            return None;
        }
        let start = line.len() + 1;
        let mut at = start;
        let mut lines: Vec<&str> = Vec::new();
        for line in rest.get(start..).unwrap_or("").split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let indent = content.len() - content.trim_start_matches([' ', '\t']).len();
            let ends = content.get(indent..).and_then(|text| text.strip_prefix(marker.as_str()));
            if ends.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t'])) {
                let taken = |line: &&str| {
                    let has = line.len() - line.trim_start_matches([' ', '\t']).len();
                    line.get(has.min(indent)..).unwrap_or("").to_owned()
                };
                let text = lines.iter().map(taken).collect::<Vec<_>>().join("\n");
                return Some((text, self.at + at + indent + marker.len()));
            }
            lines.push(content);
            at += line.len();
        }
        self.unclosed.heredocs += 1;
        let span = Span::new(self.at, self.at + 2 + marker.len());
        let help = format!("write `{marker}` on a line of its own where the text ends");
        self.error(span, "this heredoc is never ended", &help);
        None
    }
}

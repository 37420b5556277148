//! Laravel's dialect: `vlucas/phpdotenv`.

use super::{Parser, Quote, is_space};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn laravel_variable(&mut self) {
        let start = self.at;
        self.step_over_export();
        let key_start = self.at;
        let end = self.content_end();
        let line = self.text.get(key_start..end).unwrap_or("");
        let length = line.find('=').unwrap_or(line.len());
        let name = line.get(..length).unwrap_or("").trim_end_matches(is_space);
        let key_span = Span::new(key_start, key_start + name.len());
        if name.is_empty() {
            self.error(Span::new(key_start, key_start + 1), "there is no name before this", "write NAME=value");
            self.at = self.line_end();
            return;
        }
        let bad = name.char_indices().find(|&(_, c)| !c.is_alphanumeric() && !matches!(c, '_' | '.'));
        if let Some((place, bad)) = bad {
            let place = Span::new(key_start + place, key_start + place + bad.len_utf8());
            let message = format!("`{}` cannot be part of a variable's name", bad.escape_debug());
            self.error(place, message, "write NAME=value");
            self.at = self.line_end();
            return;
        }
        if length == line.len() {
            self.push(start, key_span, None, Quote::None, false);
            self.at = self.line_end();
            return;
        }
        self.at = key_start + length + 1;
        self.at += self.rest().len() - self.rest().trim_start_matches(is_space).len();
        let read = match self.rest().bytes().next() {
            Some(b'"') => self.laravel_double(),
            Some(b'\'') => self.laravel_single(),
            _ => Some(self.laravel_unquoted()),
        };
        if let Some((value, span, quote)) = read {
            self.push(start, key_span, Some((value, span)), quote, false);
            self.laravel_rest(quote);
        } else {
            self.at = self.line_end();
        }
    }

    /// A value without quotes ends at a blank or at `#`.
    fn laravel_unquoted(&mut self) -> (String, Span, Quote) {
        let (start, end) = (self.at, self.content_end());
        let line = self.text.get(start..end).unwrap_or("");
        let written = line.split(|c: char| is_space(c) || c == '#').next().unwrap_or("");
        self.at = start + written.len();
        (dollars(written), Span::new(start, self.at), Quote::None)
    }

    /// `'…'` on one line, without escapes.
    fn laravel_single(&mut self) -> Option<(String, Span, Quote)> {
        let (start, end) = (self.at, self.content_end());
        let inside = self.text.get(start + 1..end).unwrap_or("");
        let Some(length) = inside.find('\'') else {
            let open = Span::new(start, start + 1);
            self.error(open, "this quote is never closed", "add the closing quote at the end of the value");
            return None;
        };
        self.at = start + 1 + length + 1;
        Some((inside.get(..length).unwrap_or("").to_owned(), Span::new(start, self.at), Quote::Single))
    }

    /// `"…"`, also over several lines.
    fn laravel_double(&mut self) -> Option<(String, Span, Quote)> {
        let start = self.at;
        let Some(end) = self.closing_quote(b'"') else {
            let open = Span::new(start, start + 1);
            self.error(open, "this quote is never closed", "add the closing quote at the end of the value");
            return None;
        };
        let mut value = String::new();
        let mut rest = self.text.get(start + 1..end).unwrap_or("");
        while let Some(place) = rest.find('\\') {
            value.push_str(&dollars(rest.get(..place).unwrap_or("")));
            let at = end - rest.len() + place;
            let escaped = rest.get(place + 1..).and_then(|after| after.chars().next());
            match escaped {
                Some(c @ ('"' | '\\')) => value.push(c),
                Some('$') => value.push_str("$$"),
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some('f') => value.push('\u{c}'),
                Some('v') => value.push('\u{b}'),
                _ => {
                    let length = 1 + escaped.map_or(0, char::len_utf8);
                    let help = "write `\\\\` for a backslash, or use single quotes";
                    self.error(Span::new(at, at + length), "this escape is not known to phpdotenv", help);
                    value.push('\\');
                    value.extend(escaped);
                }
            }
            rest = rest.get(place + 1 + escaped.map_or(0, char::len_utf8)..).unwrap_or("");
        }
        value.push_str(&dollars(rest));
        self.at = end + 1;
        Some((value, Span::new(start, end + 1), Quote::Double))
    }

    /// What follows a value: nothing or a comment.
    fn laravel_rest(&mut self, quote: Quote) {
        let (from, end) = (self.at, self.content_end());
        let rest = self.text.get(from..end).unwrap_or("");
        let text = rest.trim_start_matches(is_space);
        let start = end - text.len();
        if text.starts_with('#') {
            self.out.comments.push(Span::new(start, end));
        } else if !text.is_empty() {
            let (message, help) = if quote == Quote::None {
                ("a blank ends this value, and more text follows", "put the value in double quotes")
            } else {
                ("text follows the closing quote", "put all of the value between the quotes")
            };
            self.error(Span::new(start, end), message, help);
        }
        self.at = self.line_end();
    }
}

/// A dollar sign that starts no `${…}` is one: written `$$`, as everywhere.
fn dollars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('$') {
        let (before, from) = rest.split_at(place);
        out.push_str(before);
        out.push_str(if from.starts_with("${") { "$" } else { "$$" });
        rest = from.get(1..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

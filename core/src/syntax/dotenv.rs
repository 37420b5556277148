//! `.env` files in the dialects of those who read them: Docker Compose (compose-go's `dotenv` package), `docker run --env-file`,
//! Laravel (phpdotenv) and Symfony.
//!
//! Values are unquoted and unescaped as the reader does it, but `${…}` is left as written: what it means depends on other files
//! and on the shell. The real readers stop at the first error; this reading goes on with the next line.

mod phpdotenv;
mod raw;
mod symfony;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_dialects;

use super::SyntaxError;
use crate::span::Span;
use std::cell::Cell;

/// Larger files are not read; a real one is a few kilobytes.
const MAX_BYTES: usize = 4 << 20;
/// Further entries are not read.
const MAX_ENTRIES: usize = 100_000;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// Who reads a file, and so what its quotes, comments and variables mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dialect {
    /// Docker Compose: `.env` beside the Compose file, and `env_file`.
    #[default]
    Compose,
    /// `docker run --env-file`, and Compose's `format: raw`: the text behind `=` is the value, quotes and all.
    Raw,
    /// Laravel and others that use `vlucas/phpdotenv`: `${NAME}` and no `$NAME`; a blank ends an unquoted value.
    Laravel,
    /// Symfony's Dotenv component: `$NAME`, `${NAME:-default}`, `$(command)`.
    Symfony,
}

/// A file of variables.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DotEnv {
    /// Who it was read as.
    pub dialect: Dialect,
    /// The variables in order; a later one of the same name wins.
    pub entries: Vec<Entry>,
    /// Comments, from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// One variable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name, without `export`.
    pub key: String,
    /// Where the name is written.
    pub key_span: Span,
    /// The value; `None` for a bare `KEY`, which takes the value of the shell. In a value that interpolates, `$$` stands for
    /// a dollar sign, as everywhere in Compose; the other dialects are brought into that form.
    pub value: Option<String>,
    /// Where the value is written, quotes included; empty after `KEY=`.
    pub value_span: Option<Span>,
    /// How the value is quoted.
    pub quote: Quote,
    /// From `export` or the name to the end of the value.
    pub span: Span,
    /// Whether the output of a command takes part, as in Symfony's `$(…)`: then the value is not known.
    pub computed: bool,
}

impl Entry {
    /// Whether the reader replaces `${NAME}` in the value. Never so with [`Dialect::Raw`], whose values are all [`Quote::Raw`].
    #[must_use]
    pub fn interpolates(&self) -> bool {
        self.value.is_some() && !matches!(self.quote, Quote::Single | Quote::Raw)
    }
}

/// How a value is quoted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quote {
    /// Not at all: to the end of the line or to ` #`.
    None,
    /// `'…'`: only `\'` is an escape, and nothing is interpolated.
    Single,
    /// `"…"`: escapes and interpolation.
    Double,
    /// The dialect has no quotes: they are part of the value.
    Raw,
    /// Quoted and unquoted parts one after the other, as Symfony allows them.
    Mixed,
}

impl DotEnv {
    /// The entry that wins for this name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }
}

/// Reads a file of variables as Compose does; never fails.
#[must_use]
pub fn parse(text: &str) -> DotEnv {
    parse_as(text, Dialect::Compose)
}

/// Reads a file of variables as one of its readers does; never fails.
#[must_use]
pub fn parse_as(text: &str, dialect: Dialect) -> DotEnv {
    let out = DotEnv { dialect, ..DotEnv::default() };
    let mut parser = Parser { text, at: 0, out, no_close_before: [0; 2], line: Cell::default() };
    if text.len() > MAX_BYTES {
        parser.error(Span::at(0), format!("this file is larger than {MAX_BYTES} bytes and was not read"), "");
        return parser.out;
    }
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    while parser.statement() {}
    parser.out
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    out: DotEnv,
    /// For `'` and `"`: a search for the closing quote ran to here in vain, so later ones need not repeat it.
    no_close_before: [usize; 2],
    /// From where the end of a line was looked for, and that end: a line may hold very many variables.
    line: Cell<(usize, usize)>,
}

/// Compose's idea of a space within a line.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// End of the line `at` stands on.
    fn line_end(&self) -> usize {
        let (from, end) = self.line.get();
        if from < self.at && self.at <= end {
            return end;
        }
        let end = self.at + self.rest().find('\n').unwrap_or(self.rest().len());
        self.line.set((self.at, end));
        end
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            let error = SyntaxError::new(span, message);
            self.out.errors.push(if help.is_empty() { error } else { error.with_help(help) });
        }
    }

    /// Reads one comment or variable; `false` at the end.
    fn statement(&mut self) -> bool {
        let blank = self.rest().len() - self.rest().trim_start_matches(|c| is_space(c) || c == '\n').len();
        self.at += blank;
        if self.rest().is_empty() {
            return false;
        }
        if self.rest().starts_with('#') {
            let end = self.line_end();
            let comment = self.text.get(self.at..end).unwrap_or("").trim_end_matches('\r');
            self.out.comments.push(Span::new(self.at, self.at + comment.len()));
            self.at = end;
            return true;
        }
        if self.out.entries.len() >= MAX_ENTRIES {
            let here = Span::at(self.at);
            self.error(here, format!("there are more than {MAX_ENTRIES} variables; the rest was not read"), "");
            return false;
        }
        match self.out.dialect {
            Dialect::Compose => self.variable(),
            Dialect::Raw => self.raw_variable(),
            Dialect::Laravel => self.laravel_variable(),
            Dialect::Symfony => self.symfony_variable(),
        }
        true
    }

    /// `export ` in front of a name.
    fn step_over_export(&mut self) {
        if let Some(after) = self.rest().strip_prefix("export").filter(|after| after.starts_with(is_space)) {
            self.at += self.rest().len() - after.trim_start_matches(is_space).len();
        }
    }

    /// Adds a variable. `value` and where it is written; `None` for a bare name.
    fn push(&mut self, start: usize, key_span: Span, value: Option<(String, Span)>, quote: Quote, computed: bool) {
        let end = value.as_ref().map_or(key_span.end, |(_, span)| span.end);
        let span = Span { start: Span::at(start).start, end };
        let (value, value_span) = value.unzip();
        let key = key_span.slice(self.text).to_owned();
        self.out.entries.push(Entry { key, key_span, value, value_span, quote, span, computed });
    }

    /// The end of the line at hand without its carriage return.
    fn content_end(&self) -> usize {
        let end = self.line_end();
        let line = self.text.get(self.at..end).unwrap_or("");
        self.at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    fn variable(&mut self) {
        let start = self.at;
        self.step_over_export();
        let end = self.line_end();
        let line = self.text.get(self.at..end).unwrap_or("");
        let key_length = line.find(['=', ':']).unwrap_or(line.len());
        let name = line.get(..key_length).unwrap_or("").trim_end_matches(is_space);
        let key_span = Span::new(self.at, self.at + name.len());
        let allowed = |c: char| c.is_alphanumeric() || is_space(c) || "_.-[]".contains(c);
        if let Some((place, bad)) = name.char_indices().find(|&(_, c)| !allowed(c)) {
            let place = self.at + place;
            let message = format!("`{}` cannot be part of a variable's name", bad.escape_debug());
            self.error(Span::new(place, place + bad.len_utf8()), message, "write NAME=value");
            self.at = end;
            return;
        }
        if name.is_empty() {
            // The `=`, or an `export` with nothing behind it.
            let span = match line.chars().next() {
                Some(first) => Span::new(self.at, self.at + first.len_utf8()),
                None => Span::new(start, start + "export".len()),
            };
            self.error(span, "there is no name here", "write NAME=value");
            self.at = end;
            return;
        }
        if name.contains(is_space) {
            self.error(key_span, "a variable's name cannot contain a space", "write NAME=value");
            self.at = end;
            return;
        }
        let assigned = line.len() > key_length;
        if !assigned {
            self.push(start, key_span, None, Quote::None, false);
            self.at = end;
            return;
        }
        self.at += key_length + 1;
        self.at += self.rest().len() - self.rest().trim_start_matches(is_space).len();
        let Some((value, value_span, quote)) = self.value() else { return };
        self.push(start, key_span, Some((value, value_span)), quote, false);
    }

    fn value(&mut self) -> Option<(String, Span, Quote)> {
        let start = self.at;
        let (quote, kind) = match self.rest().bytes().next() {
            Some(b'\'') => (b'\'', Quote::Single),
            Some(b'"') => (b'"', Quote::Double),
            _ => return Some(self.unquoted()),
        };
        let Some(end) = self.closing_quote(quote) else {
            let end = self.line_end();
            let open = Span::new(start, start + 1);
            self.error(open, "this quote is never closed", "add the closing quote at the end of the value");
            self.at = end;
            return None;
        };
        let inside = self.text.get(start + 1..end).unwrap_or("");
        let quote_escaped = unescape_quotes(inside, char::from(quote));
        let value = if kind == Quote::Double { expand_escapes(&quote_escaped) } else { quote_escaped };
        self.at = end + 1;
        Some((value, Span::new(start, end + 1), kind))
    }

    fn unquoted(&mut self) -> (String, Span, Quote) {
        let (start, end) = (self.at, self.line_end());
        let line = self.text.get(start..end).unwrap_or("");
        // Compose cuts at a space before `#`; without the space it is part of the value.
        let value = line.split(" #").next().unwrap_or("");
        if value.len() < line.len() {
            let comment = Span::new(start + value.len() + 1, start + line.trim_end_matches('\r').len());
            self.out.comments.push(comment);
        }
        let value = value.trim_end();
        self.at = end;
        (value.to_owned(), Span::new(start, start + value.len()), Quote::None)
    }

    /// The unescaped quote that ends the value, which may be lines away.
    fn closing_quote(&mut self, quote: u8) -> Option<usize> {
        let known = self.no_close_before.get_mut(usize::from(quote == b'"'))?;
        if self.at < *known {
            return None;
        }
        let mut escaped = false;
        let inside = self.text.as_bytes().get(self.at + 1..).unwrap_or(&[]);
        for (place, &byte) in inside.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                byte if byte == quote => return Some(self.at + 1 + place),
                _ => {}
            }
        }
        *known = self.text.len();
        None
    }
}

/// `\"` in double quotes and `\'` in single quotes stand for the quote; other backslashes stay for now.
fn unescape_quotes(inside: &str, quote: char) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(next) if next == quote => out.push(quote),
            Some(next) => out.extend(['\\', next]),
            None => out.push('\\'),
        }
    }
    out
}

/// The escapes of double quotes. An unknown one stays as it is.
fn expand_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        out.push_str(rest.get(..place).unwrap_or(""));
        let after = rest.get(place + 1..).unwrap_or("");
        let mut length = 1;
        match after.bytes().next() {
            Some(b'a') => out.push('\u{7}'),
            Some(b'b') => out.push('\u{8}'),
            Some(b'f') => out.push('\u{c}'),
            Some(b'n') => out.push('\n'),
            Some(b'r') => out.push('\r'),
            Some(b't') => out.push('\t'),
            Some(b'v') => out.push('\u{b}'),
            Some(b'"') => out.push('"'),
            Some(b'\\') => out.push('\\'),
            // Interpolation comes after this, and spells a dollar sign `$$`.
            Some(b'$') => out.push_str("$$"),
            Some(b'0') => {
                let octal = after.bytes().skip(1).take(3).take_while(|b| (b'0'..b'8').contains(b)).count();
                length += octal;
                let digits = after.get(1..=octal).unwrap_or("");
                let code = u32::from_str_radix(if octal == 0 { "0" } else { digits }, 8).unwrap_or(0);
                out.extend(char::from_u32(code));
            }
            _ => {
                out.push('\\');
                length = 0;
            }
        }
        rest = after.get(length..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

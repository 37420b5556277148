//! PHP's ini files: `php.ini`, `conf.d/*.ini`, and the pool files of PHP-FPM; and supervisord's, which Python reads.

mod supervisor;
#[cfg(test)]
mod tests;

pub use supervisor::parse_supervisor;

use super::SyntaxError;
use crate::span::Span;

/// Larger files are not read; a full php.ini is 75 kilobytes.
const MAX_BYTES: usize = 4 << 20;
/// Further entries and sections are not read.
const MAX_ENTRIES: usize = 100_000;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// An ini file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ini {
    /// The sections in order. The first has no name and holds what stands before any header.
    pub sections: Vec<Section>,
    /// Comments, from `;` or `#` to the end of the line.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// A section. PHP itself ignores section names (except `[PATH=…]` and `[HOST=…]`); in a pool file they name the pool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Section {
    /// The name and where it is written, brackets excluded.
    pub name: Option<(String, Span)>,
    /// The settings in order.
    pub entries: Vec<Entry>,
}

/// One setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name as written, `key[sub]` included.
    pub key: String,
    /// Where the name is written.
    pub key_span: Span,
    /// The value, quotes removed; empty for a bare key. `${VAR}` is left as written.
    pub value: String,
    /// Where the value is written, quotes included.
    pub value_span: Span,
}

impl Entry {
    /// `key` and `sub` of `key[sub]`, as in `php_admin_value[memory_limit]`.
    #[must_use]
    pub fn subscript(&self) -> Option<(&str, &str)> {
        let (key, sub) = self.key.split_once('[')?;
        Some((key.trim(), sub.strip_suffix(']')?.trim()))
    }
}

impl Ini {
    /// The entry that wins for this name: the last one, whatever its section.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().filter(|entry| entry.key == key).last()
    }

    /// All entries in order, whatever their section.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.sections.iter().flat_map(|section| &section.entries)
    }
}

/// What a value means as a boolean to PHP; `None` where PHP has no opinion (it would say false).
#[must_use]
pub fn truthy(value: &str) -> Option<bool> {
    let value = value.trim();
    let is = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is(&["1", "on", "yes", "true"]) {
        Some(true)
    } else if is(&["", "0", "off", "no", "false", "none", "null"]) {
        Some(false)
    } else {
        value.parse::<i64>().ok().map(|number| number != 0)
    }
}

/// Reads an ini file; never fails.
#[must_use]
pub fn parse(text: &str) -> Ini {
    let mut parser = Parser { text, at: 0, out: Ini::default(), entries: 0, one_line_until: 0 };
    parser.out.sections.push(Section::default());
    if text.len() > MAX_BYTES {
        parser.error(Span::at(0), format!("this file is larger than {MAX_BYTES} bytes and was not read"), "");
        return parser.out;
    }
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    while parser.at < text.len() && parser.line() {}
    parser.out
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    out: Ini,
    entries: usize,
    /// Quotes that open before this do not close on a later line: that was tried. Keeps hostile input linear.
    one_line_until: usize,
}

impl<'t> Parser<'t> {
    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            let error = SyntaxError::new(span, message);
            self.out.errors.push(if help.is_empty() { error } else { error.with_help(help) });
        }
    }

    /// End of the line `from` stands on, before its line break.
    fn line_end(&self, from: usize) -> usize {
        let rest = self.slice(from, self.text.len());
        let line = rest.split('\n').next().unwrap_or("");
        from + line.strip_suffix('\r').unwrap_or(line).len()
    }

    fn skip_break(&mut self, end: usize) {
        let rest = self.slice(end, self.text.len());
        let after = rest.strip_prefix('\r').unwrap_or(rest);
        self.at = self.text.len() - after.strip_prefix('\n').unwrap_or(after).len();
    }

    /// Reads one line, and the further lines of a value in quotes; `false` stops.
    fn line(&mut self) -> bool {
        let end = self.line_end(self.at);
        let line = self.slice(self.at, end);
        let start = self.at + (line.len() - line.trim_start().len());
        let content = line.trim();
        if content.is_empty() {
            self.skip_break(end);
            return true;
        }
        if content.starts_with([';', '#']) {
            self.out.comments.push(Span::new(start, end));
            self.skip_break(end);
            return true;
        }
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            self.error(Span::at(start), format!("there are more than {MAX_ENTRIES} lines; the rest was not read"), "");
            return false;
        }
        let end = if content.starts_with('[') { self.header(start, end) } else { self.entry(start, end) };
        self.skip_break(end);
        true
    }

    fn header(&mut self, start: usize, end: usize) -> usize {
        let inside = self.slice(start + 1, end);
        let Some(close) = inside.find(']') else {
            self.error(Span::new(start, start + 1), "this section's `[` is never closed", "add the closing `]`");
            return end;
        };
        let name = inside.get(..close).unwrap_or("");
        let lead = name.len() - name.trim_start().len();
        let span = Span::new(start + 1 + lead, start + 1 + lead + name.trim().len());
        let name = Some((name.trim().to_owned(), span));
        self.out.sections.push(Section { name, entries: Vec::new() });
        let after = start + 1 + close + 1;
        let rest = self.slice(after, end);
        let comment = after + (rest.len() - rest.trim_start().len());
        if rest.trim_start().starts_with([';', '#']) {
            self.out.comments.push(Span::new(comment, end));
        } else if !rest.trim().is_empty() {
            self.error(Span::new(comment, end), "there is text after the section's name", "");
        }
        end
    }

    fn entry(&mut self, start: usize, end: usize) -> usize {
        let line = self.slice(start, end);
        // A bare key may carry a comment, too.
        let stop = line.find(['=', ';']).unwrap_or(line.len());
        let key = line.get(..stop).unwrap_or("").trim_end();
        let key_span = Span::new(start, start + key.len());
        if key.is_empty() {
            self.error(Span::new(start, start + 1), "there is no name before `=`", "write `name = value`");
            return end;
        }
        let mut entry =
            Entry { key: key.to_owned(), key_span, value: String::new(), value_span: Span::at(start + key.len()) };
        let mut after = start + stop;
        let mut end = end;
        if self.slice(after, end).starts_with('=') {
            after += 1;
            (entry.value, entry.value_span, after, end) = self.value(after, end);
        }
        if self.slice(after, end).starts_with(';') {
            self.out.comments.push(Span::new(after, end));
        }
        if let Some(section) = self.out.sections.last_mut() {
            section.entries.push(entry);
        }
        end
    }

    /// Reads a value of quoted and bare parts up to `;`. Answers with it, its span, where it stopped, and its line's end.
    fn value(&mut self, from: usize, line_end: usize) -> (String, Span, usize, usize) {
        let mut end = line_end;
        let blanks = self.slice(from, end).len() - self.slice(from, end).trim_start().len();
        let start = from + blanks;
        let mut at = start;
        let mut value = String::new();
        // What must not be trimmed away at the end: the inside of quotes.
        let (mut solid, mut solid_at) = (0, start);
        while let Some(c) = self.slice(at, end).chars().next() {
            match c {
                ';' => break,
                '"' | '\'' => match self.closing_quote(at, c, end) {
                    Some(close) => {
                        value.push_str(&unescape(self.slice(at + 1, close), c));
                        at = close + 1;
                        end = self.line_end(at);
                        (solid, solid_at) = (value.len(), at);
                    }
                    None => {
                        let open = Span::new(at, at + 1);
                        self.error(open, "this quote is never closed", "add the closing quote at the end of the value");
                        value.push_str(self.slice(at + 1, end));
                        at = end;
                    }
                },
                c => {
                    value.push(c);
                    at += c.len_utf8();
                }
            }
        }
        let bare = value.get(solid..).unwrap_or("").trim_end().len();
        let written = self.slice(solid_at, at).trim_end().len();
        value.truncate(solid + bare);
        (value, Span::new(start, solid_at + written), at, end)
    }

    /// The quote that closes the one at `open`. A value over several lines counts only when nothing but a comment follows
    /// it; otherwise the closing quote is missing and the next value's opening quote was found.
    fn closing_quote(&mut self, open: usize, quote: char, line_end: usize) -> Option<usize> {
        let rest = if open < self.one_line_until {
            self.slice(open + 1, line_end)
        } else {
            self.slice(open + 1, self.text.len())
        };
        let mut escaped = false;
        for (place, byte) in rest.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quote == '"' => escaped = true,
                _ if char::from(byte) == quote => {
                    let close = open + 1 + place;
                    let after = self.slice(close + 1, self.line_end(close + 1)).trim_start();
                    if close < line_end || after.is_empty() || after.starts_with(';') {
                        return Some(close);
                    }
                    self.one_line_until = close;
                    return None;
                }
                _ => {}
            }
        }
        self.one_line_until = self.one_line_until.max(open + 1 + rest.len());
        None
    }
}

/// In double quotes a backslash escapes a quote or itself; everywhere else it is a backslash.
fn unescape(inside: &str, quote: char) -> String {
    if quote == '\'' {
        return inside.to_owned();
    }
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.next_if(|&next| c == '\\' && matches!(next, '"' | '\\' | '\''));
        out.push(escaped.unwrap_or(c));
    }
    out
}

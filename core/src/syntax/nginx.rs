//! nginx's configuration: directives with arguments, and blocks of them. Variables stay as written.

#[cfg(test)]
mod tests;

pub use super::directives::Item;

use super::{SyntaxError, directives};
use crate::span::Span;

/// Larger files are not read.
const MAX_BYTES: usize = 4 << 20;
/// Further directives and arguments are not read.
const MAX_WORDS: usize = 200_000;
/// Deeper blocks are read, but not kept.
const MAX_DEPTH: usize = 64;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// A configuration file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nginx {
    /// The directives at the top.
    pub items: Vec<Item>,
    /// Comments, from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

impl Nginx {
    /// Every directive in the order of the text, whatever its depth.
    #[must_use]
    pub fn walk(&self) -> Vec<&Item> {
        directives::walk(&self.items)
    }

    /// Every directive of this name in the order of the text, whatever its depth.
    #[must_use]
    pub fn find(&self, name: &str) -> Vec<&Item> {
        directives::find(&self.items, name)
    }
}

/// Reads a configuration file; never fails.
#[must_use]
pub fn parse(text: &str) -> Nginx {
    let mut parser = Parser {
        text,
        at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
        out: Nginx::default(),
        open: Vec::new(),
        too_deep: 0,
        words: Vec::new(),
        count: 0,
        one_line_until: 0,
    };
    if text.len() > MAX_BYTES {
        parser.error(Span::at(0), format!("this file is larger than {MAX_BYTES} bytes and was not read"), "");
        return parser.out;
    }
    while parser.token() {}
    parser.finish();
    parser.out
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    out: Nginx,
    /// Directives whose block is open, each with the items of its block so far, and the place of its `{`.
    open: Vec<(Item, usize)>,
    /// How many blocks are open beyond the deepest that is kept.
    too_deep: usize,
    /// The words of the directive that is being read.
    words: Vec<(String, Span)>,
    count: usize,
    /// A quote that opens before this is not closed at all: that was looked for once.
    one_line_until: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            let error = SyntaxError::new(span, message);
            self.out.errors.push(if help.is_empty() { error } else { error.with_help(help) });
        }
    }

    /// Reads one token; `false` at the end.
    fn token(&mut self) -> bool {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
        let here = Span::new(self.at, self.at + 1);
        match self.rest().chars().next() {
            None => return false,
            Some('#') => {
                let line = self.rest().split('\n').next().unwrap_or("").trim_end_matches('\r');
                let span = Span::new(self.at, self.at + line.len());
                self.at = span.range().end;
                self.out.comments.push(span);
            }
            Some(';') => {
                self.at += 1;
                match self.directive(here.end) {
                    Some(item) => self.push(item),
                    None => self.error(here, "this `;` ends no directive", "remove it"),
                }
            }
            Some('{') => self.open_block(here),
            Some('}') => self.close_block(here),
            Some(c) => {
                self.count += 1;
                if self.count > MAX_WORDS {
                    let message = format!("there are more than {MAX_WORDS} words; the rest was not read");
                    self.error(here.clamp(self.text), message, "");
                    return false;
                }
                let (word, end) = if matches!(c, '"' | '\'') { self.quoted(c) } else { self.bare() };
                self.words.push((word, Span::new(self.at, end)));
                self.at = end;
            }
        }
        true
    }

    /// A directive from the words so far, which ends at `end`.
    fn directive(&mut self, end: u32) -> Option<Item> {
        let mut words = std::mem::take(&mut self.words).into_iter();
        let (name, name_span) = words.next()?;
        let span = Span { start: name_span.start, end };
        Some(Item { name, name_span, args: words.collect(), block: None, span })
    }

    fn push(&mut self, item: Item) {
        if self.too_deep > 0 {
            return;
        }
        match self.open.last_mut() {
            Some((parent, _)) => parent.block.get_or_insert_default().push(item),
            None => self.out.items.push(item),
        }
    }

    fn open_block(&mut self, brace: Span) {
        self.at += 1;
        let Some(mut item) = self.directive(brace.end) else {
            self.error(brace, "this `{` belongs to no directive", "write a directive such as `server` before it");
            // Its `}` must still find a partner.
            self.too_deep += usize::from(self.too_deep > 0);
            if self.too_deep == 0 {
                let (name, name_span) = (String::new(), Span::at(brace.range().start));
                let item = Item { name, name_span, args: Vec::new(), block: Some(Vec::new()), span: brace };
                self.keep_open(item, brace);
            }
            return;
        };
        if item.name.ends_with("_by_lua_block") {
            // What follows is Lua, not configuration.
            let end = self.lua_end();
            self.at = end;
            item.block = Some(Vec::new());
            item.span = item.span.to(Span::at(end));
            self.push(item);
            return;
        }
        item.block = Some(Vec::new());
        self.keep_open(item, brace);
    }

    fn keep_open(&mut self, item: Item, brace: Span) {
        if self.too_deep > 0 || self.open.len() >= MAX_DEPTH {
            if self.too_deep == 0 {
                self.error(brace, "the nesting is too deep; this block was not read", "");
            }
            self.too_deep += 1;
        } else {
            self.open.push((item, brace.range().start));
        }
    }

    fn close_block(&mut self, brace: Span) {
        self.at += 1;
        self.unfinished();
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        match self.open.pop() {
            Some((mut item, _)) => {
                item.span.end = brace.end;
                self.push(item);
            }
            None => self.error(brace, "this `}` closes nothing", "remove it, or look for a missing `{` above"),
        }
    }

    /// Words that no `;` follows: the directive is kept, but said to be incomplete.
    fn unfinished(&mut self) {
        let end = self.words.last().map_or(0, |(_, span)| span.end);
        let Some(item) = self.directive(end) else { return };
        let message = format!("`{}` is not ended by `;`", shorten(&item.name));
        self.error(item.span, message, "add `;` after its last argument");
        self.push(item);
    }

    fn finish(&mut self) {
        self.unfinished();
        while let Some((mut item, brace)) = self.open.pop() {
            let message = format!("the block of `{}` is never closed", shorten(&item.name));
            self.error(Span::new(brace, brace + 1), message, "add the closing `}`");
            item.span = item.span.to(Span::at(self.at));
            self.push(item);
        }
        self.out.errors.sort_by_key(|error| error.span);
    }

    /// A word without quotes: up to a space, `;` or `{`. `${name}` is part of the word.
    fn bare(&self) -> (String, usize) {
        let mut word = String::new();
        let mut at = self.at;
        while let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) {
            let after = self.text.get(at + c.len_utf8()..).unwrap_or("");
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '{' => break,
                '$' if after.starts_with('{') => {
                    word.push_str("${");
                    at += 2;
                }
                '\\' => at += escape(after, &mut word),
                c => {
                    word.push(c);
                    at += c.len_utf8();
                }
            }
        }
        (word, at)
    }

    /// A word in quotes, which may run over lines.
    fn quoted(&mut self, quote: char) -> (String, usize) {
        let start = self.at;
        let mut word = String::new();
        let mut at = start + 1;
        let mut searched = self.text.len();
        if start < self.one_line_until {
            searched = start + self.rest().find('\n').unwrap_or(self.rest().len());
        }
        while let Some(c) = self.text.get(at..searched).and_then(|rest| rest.chars().next()) {
            let after = self.text.get(at + c.len_utf8()..).unwrap_or("");
            match c {
                c if c == quote => {
                    if after.starts_with(|c: char| !" \t\r\n;{)".contains(c)) {
                        let next = after.chars().next().map_or(0, char::len_utf8);
                        let span = Span::new(at + 1, at + 1 + next);
                        self.error(span, "a closing quote must be followed by a space, `;` or `{`", "");
                    }
                    return (word, at + 1);
                }
                '\\' => at += escape(after, &mut word),
                c => {
                    word.push(c);
                    at += c.len_utf8();
                }
            }
        }
        self.one_line_until = self.one_line_until.max(searched);
        let open = Span::new(start, start + 1);
        self.error(open, "this quote is never closed", "add the closing quote at the end of the value");
        // Most likely it was meant to close before the end of its line.
        let line = self.rest().split('\n').next().unwrap_or("");
        let line = line.trim_end_matches(['\r', ' ', '\t', ';', '{']);
        let end = start + line.len().max(1);
        (self.text.get(start + 1..end).unwrap_or("").to_owned(), end)
    }

    /// End of a Lua block: its matching brace, strings and comments skipped.
    fn lua_end(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut depth = 1;
        let mut quote = None;
        let mut at = self.at;
        while let Some(&byte) = bytes.get(at) {
            match (quote, byte) {
                (Some(_), b'\\') => at += 1,
                // Lua's short strings end with their line.
                (Some(open), byte) if byte == open || byte == b'\n' => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'[') => at = self.lua_long(at).unwrap_or(at),
                (None, b'-') if bytes.get(at + 1) == Some(&b'-') => {
                    at = self.lua_long(at + 2).unwrap_or_else(|| {
                        let comment = bytes.get(at..).unwrap_or(&[]);
                        at + comment.iter().position(|&b| b == b'\n').unwrap_or(comment.len())
                    });
                }
                (None, b'{') => depth += 1,
                (None, b'}') => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        self.text.len()
    }

    /// Last byte of a `[[…]]` or `[==[…]==]` of Lua that opens here; one that is never closed reaches to the end.
    fn lua_long(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?.strip_prefix('[')?;
        let level = rest.bytes().take_while(|&byte| byte == b'=').count().min(16);
        let body = rest.get(level..)?.strip_prefix('[')?;
        let close = format!("]{}]", "=".repeat(level));
        let end = body.find(&close).map_or(body.len(), |found| found + close.len());
        Some((at + level + 2 + end).saturating_sub(1))
    }
}

/// Appends what follows a backslash, and says how long the escape is. An unknown escape keeps its backslash: regular
/// expressions in `location` need no doubling.
fn escape(after: &str, word: &mut String) -> usize {
    match after.chars().next() {
        Some(c @ ('"' | '\'' | '\\')) => word.push(c),
        Some('t') => word.push('\t'),
        Some('r') => word.push('\r'),
        Some('n') => word.push('\n'),
        Some(c) => word.extend(['\\', c]),
        None => word.push('\\'),
    }
    1 + after.chars().next().map_or(0, char::len_utf8)
}

/// A name for a message.
fn shorten(name: &str) -> String {
    name.chars().take(40).collect()
}

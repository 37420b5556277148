//! Apache httpd's configuration and `.htaccess`: directives with arguments, and sections of them. Variables stay as written.

#[cfg(test)]
mod tests;

pub use super::directives::Item;

use super::{SyntaxError, directives};
use crate::span::Span;

/// Larger files are not read.
const MAX_BYTES: usize = 4 << 20;
/// Further directives and arguments are not read.
const MAX_WORDS: usize = 200_000;
/// Deeper sections are read, but not kept.
const MAX_DEPTH: usize = 64;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// Sections that Apache and its usual modules know.
const SECTIONS: [&str; 25] = [
    "authnprovideralias",
    "authzprovideralias",
    "directory",
    "directorymatch",
    "else",
    "elseif",
    "files",
    "filesmatch",
    "if",
    "ifdefine",
    "ifdirective",
    "iffile",
    "ifmodule",
    "ifsection",
    "ifversion",
    "limit",
    "limitexcept",
    "location",
    "locationmatch",
    "macro",
    "proxy",
    "proxymatch",
    "requireall",
    "requireany",
    "virtualhost",
];

/// A file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Apache {
    /// The directives at the top. A section is a directive with a block; its name has no `<`.
    pub items: Vec<Item>,
    /// Whole-line comments; a `\` at their end takes the next line in. Apache has no others.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

impl Apache {
    /// Every directive in the order of the text, whatever its depth.
    #[must_use]
    pub fn walk(&self) -> Vec<&Item> {
        directives::walk(&self.items)
    }

    /// Every directive of this name, in lower case, in the order of the text, whatever its depth.
    #[must_use]
    pub fn find(&self, name: &str) -> Vec<&Item> {
        directives::find(&self.items, name)
    }
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Apache {
    let mut parser = Parser { text, out: Apache::default(), open: Vec::new(), too_deep: Vec::new(), count: 0 };
    if text.len() > MAX_BYTES {
        parser.error(Span::at(0), format!("this file is larger than {MAX_BYTES} bytes and was not read"), "");
        return parser.out;
    }
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while at < text.len() {
        let end = logical_end(text, at);
        if !parser.line(at, end) {
            break;
        }
        at = end;
    }
    parser.finish();
    parser.out
}

/// End of the line that starts here, with those that a `\` before the line feed joins to it.
fn logical_end(text: &str, start: usize) -> usize {
    let mut at = start;
    loop {
        let rest = text.get(at..).unwrap_or("");
        let Some(feed) = rest.find('\n') else { return text.len() };
        let line = rest.get(..feed).unwrap_or("");
        at += feed + 1;
        if !line.strip_suffix('\r').unwrap_or(line).ends_with('\\') {
            return at;
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    out: Apache,
    /// Sections that are open, each with its directives so far.
    open: Vec<Item>,
    /// Names of the sections that are open beyond the deepest that is kept.
    too_deep: Vec<String>,
    count: usize,
}

impl Parser<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            let error = SyntaxError::new(span, message);
            self.out.errors.push(if help.is_empty() { error } else { error.with_help(help) });
        }
    }

    /// Reads one logical line; `false` when the limit is reached.
    fn line(&mut self, start: usize, end: usize) -> bool {
        let line = self.text.get(start..end).unwrap_or("");
        let content = line.trim_end_matches(['\n', '\r', ' ', '\t']);
        let lead = content.len() - content.trim_start_matches([' ', '\t', '\u{b}', '\u{c}']).len();
        let (from, to) = (start + lead, start + content.len());
        let body = self.text.get(from..to).unwrap_or("");
        if body.starts_with('#') {
            self.out.comments.push(Span::new(from, to));
        } else if let Some(name) = body.strip_prefix("</") {
            self.close(name.trim_end_matches('>').trim(), from, to);
        } else if body.starts_with('<') {
            return self.section(from, to);
        } else if !body.is_empty() && body != "\\" {
            let words = self.words(from, to);
            let Some(item) = words.and_then(|words| item_of(words, Span::new(from, to), None)) else { return false };
            self.push(item);
        }
        true
    }

    /// `<Directory "/srv">`.
    fn section(&mut self, from: usize, to: usize) -> bool {
        let body = self.text.get(from..to).unwrap_or("");
        let (inner, text_after) = match (body.ends_with('>'), body.rfind('>')) {
            (true, _) => (to - 1, None),
            (false, None) => {
                self.error(Span::new(from, to), "this section is not closed by `>`", "add `>` at the end of the line");
                (to, None)
            }
            // `<IfVersion >= 2.4` has a `>` that closes nothing.
            (false, Some(close)) if body.get(close + 1..).is_some_and(|rest| rest.trim().starts_with('=')) => {
                self.error(Span::new(from, to), "this section is not closed by `>`", "add `>` at the end of the line");
                (to, None)
            }
            (false, Some(close)) => (from + close, Some(Span::new(from + close + 1, to))),
        };
        if let Some(after) = text_after {
            self.error(after, "nothing may follow the `>` of a section", "put it on a line of its own");
        }
        let Some(words) = self.words(from + 1, inner) else { return false };
        let name = Span::new(from, from + 1);
        let Some(item) = item_of(words, Span::new(from, to), Some(Vec::new())) else {
            self.error(name, "this `<` opens no section", "write a name such as `Directory` after it");
            return true;
        };
        if self.open.len() >= MAX_DEPTH || !self.too_deep.is_empty() {
            if self.too_deep.is_empty() {
                self.error(item.span, "the nesting is too deep; this section was not read", "");
            }
            self.too_deep.push(item.name);
        } else {
            self.open.push(item);
        }
        true
    }

    /// `</Directory>`.
    fn close(&mut self, name: &str, from: usize, to: usize) {
        let span = Span::new(from, to);
        let wanted = name.to_ascii_lowercase();
        if !self.text.get(from..to).unwrap_or("").ends_with('>') {
            self.error(span, "this tag is not closed by `>`", "add `>`");
        }
        if self.too_deep.pop().is_some() {
            return;
        }
        let Some(depth) = self.open.iter().rposition(|item| item.name == wanted) else {
            let message = match self.open.last() {
                Some(open) => format!("`</{}>` does not close `<{}>`", shorten(name), shorten(&open.name)),
                None => format!("`</{}>` closes nothing", shorten(name)),
            };
            let help = self.open.last().map(|open| format!("write `</{}>`", shorten(&open.name)));
            self.error(span, message, help.as_deref().unwrap_or("remove it"));
            // A misspelt tag was meant for the open section; one that exists may have lost its opening one.
            if !SECTIONS.contains(&wanted.as_str())
                && let Some(item) = self.open.pop()
            {
                self.closed(item, to);
            }
            return;
        };
        while self.open.len() > depth + 1 {
            let Some(item) = self.open.pop() else { break };
            self.never_closed(&item);
            self.closed(item, from);
        }
        if let Some(item) = self.open.pop() {
            self.closed(item, to);
        }
    }

    fn never_closed(&mut self, item: &Item) {
        let name = shorten(&item.name);
        self.error(item.header(), format!("`<{name}>` is never closed"), &format!("add `</{name}>`"));
    }

    fn closed(&mut self, mut item: Item, end: usize) {
        item.span = item.span.to(Span::at(end));
        self.push(item);
    }

    fn push(&mut self, item: Item) {
        if !self.too_deep.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(parent) => parent.block.get_or_insert_default().push(item),
            None => self.out.items.push(item),
        }
    }

    fn finish(&mut self) {
        self.too_deep.clear();
        while let Some(item) = self.open.pop() {
            self.never_closed(&item);
            self.closed(item, self.text.len());
        }
        self.out.errors.sort_by_key(|error| error.span);
    }

    /// The words of a logical line; `None` when there are too many in the file.
    fn words(&mut self, from: usize, to: usize) -> Option<Vec<(String, Span)>> {
        let mut words: Vec<(String, Span)> = Vec::new();
        let mut at = from;
        loop {
            at = self.skip_blanks(at, to);
            let Some(first) = self.text.get(at..to).and_then(|rest| rest.chars().next()) else { break };
            self.count += 1;
            if self.count > MAX_WORDS {
                let message = format!("there are more than {MAX_WORDS} words; the rest was not read");
                self.error(Span::at(at), message, "");
                return None;
            }
            // Old files give the text of an error page behind a quote that is never closed.
            let tolerant = words.first().is_some_and(|(name, _)| name.eq_ignore_ascii_case("errordocument"));
            let quote = Some(first).filter(|c| matches!(c, '"' | '\'') && !words.is_empty());
            let (word, end, closed) = self.word(at, to, quote);
            if !closed && !tolerant {
                let open = Span::new(at, at + 1);
                self.error(open, "this quote is never closed", "add the closing quote at the end of the value");
            }
            words.push((word, Span::new(at, end)));
            at = end;
        }
        Some(words)
    }

    fn skip_blanks(&self, mut at: usize, to: usize) -> usize {
        while let Some(rest) = self.text.get(at..to) {
            let skipped = if rest.starts_with([' ', '\t', '\r', '\n', '\u{b}', '\u{c}']) {
                1
            } else if rest.starts_with("\\\n") {
                2
            } else if rest.starts_with("\\\r\n") {
                3
            } else if rest == "\\" {
                1
            } else {
                break;
            };
            at += skipped;
        }
        at
    }

    /// One word, where it ends, and whether its quote is closed.
    fn word(&self, start: usize, to: usize, quote: Option<char>) -> (String, usize, bool) {
        let mut word = String::new();
        let mut at = start + usize::from(quote.is_some());
        while let Some(c) = self.text.get(at..to).and_then(|rest| rest.chars().next()) {
            let after = self.text.get(at + c.len_utf8()..to).unwrap_or("");
            match (c, quote) {
                (c, Some(open)) if c == open => return (word, at + 1, true),
                (' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}', None) => break,
                ('\\', _) if after.starts_with('\n') => at += 1,
                ('\\', _) if after.starts_with("\r\n") => at += 2,
                ('\\', Some(open)) if after.starts_with(['\\', open]) => {
                    word.extend(after.chars().next());
                    at += 1;
                }
                (c, _) => word.push(c),
            }
            at += c.len_utf8();
        }
        (word, at.min(to), quote.is_none())
    }
}

/// A directive of the words of its line.
fn item_of(words: Vec<(String, Span)>, span: Span, block: Option<Vec<Item>>) -> Option<Item> {
    let mut words = words.into_iter();
    let (name, name_span) = words.next()?;
    Some(Item { name: name.to_ascii_lowercase(), name_span, args: words.collect(), block, span })
}

/// A name for a message.
fn shorten(name: &str) -> String {
    name.chars().take(40).collect()
}

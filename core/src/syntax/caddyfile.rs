//! Caddy's configuration, FrankenPHP's too: directives with arguments, and blocks of them. Placeholders stay as written.

#[cfg(test)]
mod tests;
mod words;

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

/// A file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Caddyfile {
    /// The lines at the top, each with its block. The name of a site is its first address; of the global options it is empty.
    pub items: Vec<Item>,
    /// Comments, from `#` to the end of the line.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// What stands at the top of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part<'t> {
    /// The options for all sites.
    Global(&'t Item),
    /// `(name) { … }`: what `import name` repeats. The name has no parentheses.
    Snippet(&'t str, &'t Item),
    /// A site: its addresses, and its directives.
    Site {
        /// Where the site begins.
        span: Span,
        /// As written, without commas.
        addresses: Vec<(String, Span)>,
        /// Its directives.
        body: &'t [Item],
    },
    /// `import`, or a variable of the environment in the place of a part.
    Other(&'t Item),
}

impl Caddyfile {
    /// What stands at the top.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        parts(&self.items)
    }

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

/// What stands at the top of a file, given its lines there. A file with one site may leave its braces out: then all that follows the addresses belongs to it.
#[must_use]
pub fn parts(items: &[Item]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let snippet = item.name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
        if item.name.is_empty() && item.args.is_empty() && item.block.is_some() {
            parts.push(Part::Global(item));
        } else if let Some(name) = snippet.filter(|_| item.block.is_some()) {
            parts.push(Part::Snippet(name, item));
        } else if item.name == "import" || item.block.is_none() && item.name.starts_with("{$") {
            parts.push(Part::Other(item));
        } else if item.block.is_some() {
            parts.push(Part::Site { span: item.header(), addresses: addresses(item), body: item.items() });
        } else {
            let body = items.get(index + 1..).unwrap_or(&[]);
            parts.push(Part::Site { span: item.header(), addresses: addresses(item), body });
            break;
        }
    }
    parts
}

fn addresses(item: &Item) -> Vec<(String, Span)> {
    std::iter::once((&item.name, item.name_span))
        .chain(item.args.iter().map(|(word, span)| (word, *span)))
        .flat_map(|(word, span)| word.split(',').map(move |part| (part.to_owned(), span)))
        .filter(|(word, _)| !word.is_empty())
        .collect()
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Caddyfile {
    let mut parser = Parser {
        text,
        at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
        out: Caddyfile::default(),
        open: Vec::new(),
        too_deep: 0,
        words: Vec::new(),
        count: 0,
        unclosed: words::Unclosed::default(),
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
    out: Caddyfile,
    /// Directives whose block is open, each with the items of its block so far, and the place of its `{`.
    open: Vec<(Item, usize)>,
    /// How many blocks are open beyond the deepest that is kept.
    too_deep: usize,
    /// The words of the line that is being read.
    words: Vec<(String, Span)>,
    count: usize,
    unclosed: words::Unclosed,
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
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r']).len();
        let here = Span::new(self.at, self.at + 1);
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        let alone = rest.get(1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        match first {
            '\n' => {
                self.at += 1;
                self.end_line();
            }
            '#' => {
                let line = rest.split('\n').next().unwrap_or("").trim_end_matches('\r');
                let span = Span::new(self.at, self.at + line.len());
                self.at = span.range().end;
                self.out.comments.push(span);
            }
            '\\' if rest.starts_with("\\\n") => self.at += 2,
            '\\' if rest.starts_with("\\\r\n") => self.at += 3,
            '{' if alone => self.open_block(here),
            '}' if alone => self.close_block(here),
            _ => {
                self.count += 1;
                if self.count > MAX_WORDS {
                    let message = format!("there are more than {MAX_WORDS} words; the rest was not read");
                    self.error(here.clamp(self.text), message, "");
                    return false;
                }
                self.word();
            }
        }
        true
    }

    /// Appends one word to the line.
    fn word(&mut self) {
        let start = self.at;
        let (mut word, end) = self.read_word();
        self.at = end;
        let glued = end - start > 1
            && word.ends_with('{')
            && self.text.get(start..end).is_some_and(|raw| raw.ends_with('{') && !raw.ends_with("\\{"))
            && self.text.get(end..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']));
        if glued {
            word.pop();
            let brace = Span::new(end - 1, end);
            self.error(brace, "a space is missing before this `{`", "put a space between the two");
            self.words.push((word, Span::new(start, end - 1)));
            self.at = end - 1;
            self.open_block(brace);
            return;
        }
        self.words.push((word, Span::new(start, end)));
    }

    fn item(&mut self, end: u32) -> Option<Item> {
        let mut words = std::mem::take(&mut self.words).into_iter();
        let (name, name_span) = words.next()?;
        let args: Vec<(String, Span)> = words.collect();
        Some(Item { name, name_span, args, block: None, span: Span { start: name_span.start, end } })
    }

    fn end_line(&mut self) {
        let Some((last, span)) = self.words.last() else { return };
        // An address may be followed by the next one on a line of its own.
        if self.open.is_empty() && self.too_deep == 0 && last.ends_with(',') {
            return;
        }
        let end = span.end;
        if let Some(item) = self.item(end) {
            self.push(item);
        }
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
        let nameless = Item {
            name: String::new(),
            name_span: Span::at(brace.range().start),
            args: Vec::new(),
            block: None,
            span: brace,
        };
        let top = self.open.is_empty() && self.too_deep == 0;
        let item = self.item(brace.end);
        if item.is_none() && !(top && self.out.items.is_empty()) {
            // `example.com` with its `{` on the next line.
            let adopted = top.then(|| self.out.items.pop_if(|last| last.block.is_none() && last.name != "import"));
            match adopted.flatten() {
                Some(before) => {
                    self.keep_open(before, brace);
                    self.after_brace(brace);
                    return;
                }
                None if top => {
                    let help = "put the global options first, or write a site's address before the `{`";
                    self.error(brace, "only the first block of the file may have no address", help);
                }
                None => {
                    self.error(brace, "this `{` belongs to no directive", "put it at the end of the directive's line")
                }
            }
        }
        self.keep_open(item.unwrap_or(nameless), brace);
        self.after_brace(brace);
    }

    fn after_brace(&mut self, brace: Span) {
        let line = self.rest().split('\n').next().unwrap_or("").trim();
        if !line.is_empty() && !line.starts_with('#') {
            self.error(brace, "a line feed must follow this `{`", "begin the block's content on the next line");
        }
    }

    fn keep_open(&mut self, mut item: Item, brace: Span) {
        item.block = Some(Vec::new());
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
        if !self.words.is_empty() {
            self.error(brace, "this `}` must be the first on its line", "put it on a line of its own");
            let end = self.words.last().map_or(0, |(_, span)| span.end);
            if let Some(item) = self.item(end) {
                self.push(item);
            }
        }
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

    fn finish(&mut self) {
        let end = self.words.last().map_or(0, |(_, span)| span.end);
        if let Some(item) = self.item(end) {
            self.push(item);
        }
        self.too_deep = 0;
        while let Some((mut item, brace)) = self.open.pop() {
            let message = if item.name.is_empty() {
                "this block is never closed".to_owned()
            } else {
                format!("the block of `{}` is never closed", item.name.chars().take(40).collect::<String>())
            };
            self.error(Span::new(brace, brace + 1), message, "add the closing `}`");
            item.span = item.span.to(Span::at(self.at));
            self.push(item);
        }
        self.out.errors.sort_by_key(|error| error.span);
    }
}

//! Cuts PHP text into tokens.

use super::super::SyntaxError;
use super::{MAX_ERRORS, MAX_TOKENS};
use crate::span::Span;
use std::cell::Cell;

/// Here-documents whose end was looked for in vain; after these, no further search is made.
const MAX_VAIN_SEARCHES: usize = 16;

/// One token.
#[derive(Clone, PartialEq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is written.
    pub span: Span,
}

/// What a token is.
#[derive(Clone, PartialEq, Debug)]
pub enum TokenKind {
    /// Text outside of PHP.
    Html,
    /// A string or here-document.
    String {
        /// Its text, escapes resolved; variables as written.
        value: String,
        /// Whether a variable takes part.
        interpolated: bool,
    },
    /// A number as written.
    Number(String),
    /// A name, with its namespace.
    Name(String),
    /// A variable, without `$`.
    Variable(String),
    /// Anything else, the longest operator that fits.
    Punctuation(&'static str),
}

/// The tokens of a text.
pub(super) struct Cut {
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Span>,
    pub(super) errors: Vec<SyntaxError>,
}

/// Operators, the longest first.
const OPERATORS: [&str; 58] = [
    "<=>", "**=", "...", "===", "!==", "<<=", ">>=", "??=", "?->", "=>", "->", "::", "==", "!=", "<>", "<=", ">=",
    "&&", "||", "??", "++", "--", "+=", "-=", "*=", "/=", ".=", "%=", "&=", "|=", "^=", "<<", ">>", "**", "#[", "=",
    "<", ">", "+", "-", "*", "/", ".", "%", "&", "|", "^", "~", "!", "?", ":", ";", ",", "(", ")", "[", "]", "{",
];

pub(super) fn tokens(text: &str) -> Cut {
    let mut cutter = Cutter {
        text,
        at: 0,
        out: Cut { tokens: Vec::new(), comments: Vec::new(), errors: Vec::new() },
        one_line_until: [0; 2],
        vain_searches: 0,
        line: Cell::default(),
    };
    if text.starts_with('\u{feff}') {
        cutter.at = '\u{feff}'.len_utf8();
    }
    cutter.html();
    while cutter.at < text.len() && cutter.out.tokens.len() < MAX_TOKENS {
        cutter.token();
    }
    if cutter.at < text.len() {
        let here = Span::at(cutter.at);
        cutter.error(here, format!("there are more than {MAX_TOKENS} tokens; the rest was not read"), "");
    }
    cutter.out
}

struct Cutter<'t> {
    text: &'t str,
    at: usize,
    out: Cut,
    /// For `'` and `"`: strings that open before this end on their own line; that was tried. Keeps hostile input linear.
    one_line_until: [usize; 2],
    vain_searches: usize,
    /// From where the end of a line was looked for, and that end.
    line: Cell<(usize, usize)>,
}

/// Whether a name may start with this.
fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

/// Whether a name may go on with this.
fn in_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit()
}

impl<'t> Cutter<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            let error = SyntaxError::new(span, message);
            self.out.errors.push(if help.is_empty() { error } else { error.with_help(help) });
        }
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.out.tokens.push(Token { kind, span: Span::new(start, self.at) });
    }

    /// End of the line `from` stands on, before its line break. Remembered, because one line may hold very many strings.
    fn line_end(&self, from: usize) -> usize {
        let (start, end) = self.line.get();
        if start <= from && from <= end && end > 0 {
            return end;
        }
        let rest = self.slice(from, self.text.len());
        let line = rest.split('\n').next().unwrap_or("");
        let end = from + line.strip_suffix('\r').unwrap_or(line).len();
        self.line.set((from, end));
        end
    }

    /// Steps over text outside of PHP and the tag that ends it.
    fn html(&mut self) {
        let start = self.at;
        let mut open = None;
        for (place, _) in self.rest().match_indices("<?") {
            let after = self.slice(start + place + 2, self.text.len());
            let named = after.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("php"));
            let tag = if named
                && after.get(3..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
            {
                5
            } else if after.starts_with('=') {
                3
            } else if after.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("xml")) || named {
                continue;
            } else {
                2
            };
            open = Some((start + place, start + place + tag));
            break;
        }
        let (end, next) = open.unwrap_or((self.text.len(), self.text.len()));
        if end > start {
            self.at = end;
            self.push(TokenKind::Html, start);
        }
        self.at = next;
    }

    fn token(&mut self) {
        let start = self.at;
        let Some(c) = self.rest().chars().next() else { return };
        match c {
            c if c.is_ascii_whitespace() => {
                self.at += self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_whitespace()).len();
            }
            '?' if self.rest().starts_with("?>") => {
                self.at += 2;
                // The end of a block ends a statement.
                self.push(TokenKind::Punctuation(";"), start);
                self.html();
            }
            '#' if !self.rest().starts_with("#[") => self.line_comment(),
            '/' if self.rest().starts_with("//") => self.line_comment(),
            '/' if self.rest().starts_with("/*") => self.block_comment(),
            '\'' | '"' => self.string(c),
            '`' => self.shell(),
            '<' if self.rest().starts_with("<<<") && self.heredoc() => {}
            '0'..='9' => self.number(),
            '.' if self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => self.number(),
            '$' => self.variable(),
            c if starts_name(c) || c == '\\' => self.name(),
            '}' => {
                self.at += 1;
                self.push(TokenKind::Punctuation("}"), start);
            }
            c => match OPERATORS.iter().find(|operator| self.rest().starts_with(**operator)) {
                Some(operator) => {
                    self.at += operator.len();
                    self.push(TokenKind::Punctuation(operator), start);
                }
                None => {
                    self.at += c.len_utf8();
                    if c != '@' {
                        self.error(Span::new(start, self.at), format!("`{}` cannot stand here", c.escape_debug()), "");
                    }
                }
            },
        }
    }

    /// `//` and `#`, which end with their line or before `?>`.
    fn line_comment(&mut self) {
        let start = self.at;
        let end = self.line_end(start);
        let comment = self.slice(start, end);
        self.at = start + comment.find("?>").unwrap_or(comment.len());
        self.out.comments.push(Span::new(start, self.at));
    }

    fn block_comment(&mut self) {
        let start = self.at;
        match self.slice(start + 2, self.text.len()).find("*/") {
            Some(length) => self.at = start + 2 + length + 2,
            None => {
                self.error(Span::new(start, start + 2), "this comment is never closed", "add `*/`");
                self.at = self.text.len();
            }
        }
        self.out.comments.push(Span::new(start, self.at));
    }

    fn string(&mut self, quote: char) {
        let start = self.at;
        let (end, close) = match self.closing_quote(start, quote) {
            Some(close) => (close, close + 1),
            None => {
                let help = "add the closing quote at the end of the value";
                self.error(Span::new(start, start + 1), "this quote is never closed", help);
                // What ends an item most likely belongs to the code.
                let line = self.slice(start + 1, self.line_end(start + 1));
                let end = start + 1 + line.trim_end_matches([',', ';', ')', ']', ' ', '\t']).len();
                (end, end)
            }
        };
        let inside = self.slice(start + 1, end);
        self.at = close.max(start + 1);
        let kind = if quote == '\'' {
            TokenKind::String { value: single_quoted(inside), interpolated: false }
        } else {
            double_quoted(inside, Some('"'))
        };
        self.push(kind, start);
    }

    /// The unescaped quote that ends a string. One over several lines counts only when no name follows it at once: otherwise the
    /// closing quote is missing and the next string's opening quote was found.
    fn closing_quote(&mut self, open: usize, quote: char) -> Option<usize> {
        let known = self.one_line_until.get(usize::from(quote == '"')).copied().unwrap_or(0);
        let line_end = self.line_end(open);
        let rest = if open < known { self.slice(open + 1, line_end) } else { self.slice(open + 1, self.text.len()) };
        let mut escaped = false;
        let mut found = None;
        for (place, byte) in rest.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                _ if char::from(byte) == quote => {
                    found = Some(open + 1 + place);
                    break;
                }
                _ => {}
            }
        }
        let after = |close: usize| self.slice(close + 1, self.text.len()).chars().next();
        let sound = |close: &usize| *close < line_end || after(*close).is_none_or(|c| !in_name(c) && c != '$');
        let tried = found.unwrap_or(open + 1 + rest.len());
        let found = found.filter(sound);
        if found.is_none()
            && let Some(limit) = self.one_line_until.get_mut(usize::from(quote == '"'))
        {
            *limit = tried.max(*limit);
        }
        found
    }

    /// `` `command` ``: what it gives is not known.
    fn shell(&mut self) {
        let start = self.at;
        let line = self.slice(start + 1, self.line_end(start));
        match line.find('`') {
            Some(length) => self.at = start + 1 + length + 1,
            None => {
                self.error(Span::new(start, start + 1), "this quote is never closed", "");
                self.at = start + 1 + line.len();
            }
        }
        self.push(TokenKind::String { value: String::new(), interpolated: true }, start);
    }

    /// `<<<NAME`, `<<<"NAME"`, `<<<'NAME'`; `false`, nothing read, when it is none.
    fn heredoc(&mut self) -> bool {
        let start = self.at;
        let head = self.slice(start + 3, self.line_end(start));
        let trimmed = head.trim_start_matches([' ', '\t']);
        let (quote, after) = match trimmed.chars().next() {
            Some(quote @ ('\'' | '"')) => (Some(quote), trimmed.get(1..).unwrap_or("")),
            _ => (None, trimmed),
        };
        let length = after.find(|c| !in_name(c)).unwrap_or(after.len());
        let name = after.get(..length).unwrap_or("");
        let tail = after.get(length..).unwrap_or("");
        let closes = quote.is_none_or(|quote| tail.strip_prefix(quote).is_some_and(str::is_empty));
        if name.is_empty() || !name.starts_with(starts_name) || !closes || quote.is_none() && !tail.is_empty() {
            return false;
        }
        let body = self.after_break(self.line_end(start));
        let Some((end, indent, next)) = self.heredoc_end(body, name) else {
            let help = "end it with its name at the start of a line";
            let head = Span::new(start, self.line_end(start));
            self.error(head, "this here-document is never closed", help);
            self.at = self.line_end(start);
            self.push(TokenKind::String { value: String::new(), interpolated: true }, start);
            return true;
        };
        let raw = self.slice(body, end);
        let raw = raw.strip_suffix('\n').map_or(raw, |raw| raw.strip_suffix('\r').unwrap_or(raw));
        let unindented = |line: &str| {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            line.get(blanks.min(indent)..).unwrap_or("").to_owned()
        };
        let text =
            if indent == 0 { raw.to_owned() } else { raw.split('\n').map(unindented).collect::<Vec<_>>().join("\n") };
        self.at = next;
        let kind = if quote == Some('\'') {
            TokenKind::String { value: text, interpolated: false }
        } else {
            double_quoted(&text, None)
        };
        self.push(kind, start);
        true
    }

    fn after_break(&self, end: usize) -> usize {
        let rest = self.slice(end, self.text.len());
        let after = rest.strip_prefix('\r').unwrap_or(rest);
        self.text.len() - after.strip_prefix('\n').unwrap_or(after).len()
    }

    /// The line that ends a here-document: where it starts, how far it is indented, and where its name ends.
    fn heredoc_end(&mut self, body: usize, name: &str) -> Option<(usize, usize, usize)> {
        if self.vain_searches >= MAX_VAIN_SEARCHES {
            return None;
        }
        let mut at = body;
        for line in self.slice(body, self.text.len()).split_inclusive('\n') {
            let word = line.trim_start_matches([' ', '\t']);
            if word.strip_prefix(name).is_some_and(|rest| !rest.starts_with(in_name)) {
                let indent = line.len() - word.len();
                return Some((at, indent, at + indent + name.len()));
            }
            at += line.len();
        }
        self.vain_searches += 1;
        None
    }

    fn number(&mut self) {
        let start = self.at;
        let mut previous = ' ';
        let hexadecimal = self.rest().starts_with("0x") || self.rest().starts_with("0X");
        for c in self.rest().chars() {
            let sign = matches!(c, '+' | '-') && matches!(previous, 'e' | 'E') && !hexadecimal;
            if !(c.is_ascii_alphanumeric() || c == '_' || sign || c == '.' && previous != '.') {
                break;
            }
            self.at += 1;
            previous = c;
        }
        // `1...$x` and `1 . 'a'` written together: the dot at the end is an operator.
        if previous == '.' && self.rest().starts_with('.') {
            self.at -= 1;
        }
        let text = self.slice(start, self.at).replace('_', "");
        self.push(TokenKind::Number(text), start);
    }

    fn variable(&mut self) {
        let start = self.at;
        let name = self.slice(start + 1, self.text.len());
        let length = if name.starts_with(starts_name) { name.find(|c| !in_name(c)).unwrap_or(name.len()) } else { 0 };
        self.at = start + 1 + length;
        self.push(TokenKind::Variable(name.get(..length).unwrap_or("").to_owned()), start);
    }

    fn name(&mut self) {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !in_name(c) && c != '\\').unwrap_or(rest.len());
        self.push(TokenKind::Name(self.slice(start, self.at).to_owned()), start);
    }
}

/// `\\` and `\'` are the only escapes.
fn single_quoted(inside: &str) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut chars = inside.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.next_if(|&next| c == '\\' && matches!(next, '\\' | '\''));
        out.push(escaped.unwrap_or(c));
    }
    out
}

/// The escapes of double quotes and here-documents; a variable stays as it is written. `quote` is what `\` may escape besides.
fn double_quoted(inside: &str, quote: Option<char>) -> TokenKind {
    let mut value = String::with_capacity(inside.len());
    let mut interpolated = false;
    let mut rest = inside;
    while let Some(place) = rest.find(['\\', '$']) {
        value.push_str(rest.get(..place).unwrap_or(""));
        let from = rest.get(place..).unwrap_or("");
        let next = from.chars().nth(1);
        if from.starts_with('$') {
            interpolated |= next.is_some_and(|c| starts_name(c) || c == '{') || value.ends_with('{') && next.is_some();
            value.push('$');
            rest = from.get(1..).unwrap_or("");
            continue;
        }
        let (character, length) = escape(from, quote);
        match character {
            Some(character) => value.push(character),
            None => value.push('\\'),
        }
        rest = from.get(length..).unwrap_or("");
    }
    value.push_str(rest);
    TokenKind::String { value, interpolated }
}

/// What the escape at the start of `from` stands for, and its length; `None` for a backslash that is one.
fn escape(from: &str, quote: Option<char>) -> (Option<char>, usize) {
    let digits = |skip: usize, most: usize, radix: u32| {
        let text = from.get(skip..).unwrap_or("");
        let length = text.bytes().take(most).take_while(|byte| char::from(*byte).is_digit(radix)).count();
        (u32::from_str_radix(text.get(..length).unwrap_or(""), radix).ok().and_then(char::from_u32), length)
    };
    match from.chars().nth(1) {
        Some('n') => (Some('\n'), 2),
        Some('t') => (Some('\t'), 2),
        Some('r') => (Some('\r'), 2),
        Some('v') => (Some('\u{b}'), 2),
        Some('e') => (Some('\u{1b}'), 2),
        Some('f') => (Some('\u{c}'), 2),
        Some(c @ ('\\' | '$')) => (Some(c), 2),
        Some(c) if Some(c) == quote => (Some(c), 2),
        Some('0'..='7') => {
            let (character, length) = digits(1, 3, 8);
            (character, 1 + length)
        }
        Some('x') => match digits(2, 2, 16) {
            (Some(character), length) => (Some(character), 2 + length),
            (None, _) => (None, 1),
        },
        Some('u') if from.starts_with("\\u{") => match digits(3, 6, 16) {
            (Some(character), length) if from.get(3 + length..).is_some_and(|rest| rest.starts_with('}')) => {
                (Some(character), 3 + length + 1)
            }
            _ => (None, 1),
        },
        _ => (None, 1),
    }
}

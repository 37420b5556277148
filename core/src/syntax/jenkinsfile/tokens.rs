//! Groovy as a row of words, strings and signs.

use super::{Jenkinsfile, MAX_ERRORS, Text};
use crate::span::Span;
use crate::syntax::SyntaxError;
use crate::syntax::shell::SourceMap;

/// A token.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    /// A name, with the dots in it: `docker.image`, `env.TAG`.
    Word(String, Span),
    /// A string.
    Text(Text),
    /// Any other character that is no blank.
    Sign(char, Span),
    /// The end of a line.
    LineEnd,
}

impl Token {
    pub(super) fn is(&self, sign: char) -> bool {
        matches!(self, Self::Sign(c, _) if *c == sign)
    }
}

/// Every token; comments and errors go to `out`.
pub(super) fn tokens(text: &str, out: &mut Jenkinsfile) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), out, no_slashy_before: 0, unclosed: Vec::new() };
    lexer.read();
    lexer.tokens
}

struct Lexer<'t, 'o> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    out: &'o mut Jenkinsfile,
    /// No `/…/` that begins before here is closed on its line.
    no_slashy_before: usize,
    /// Delimiters whose search reached the end of the text: not searched for again.
    unclosed: Vec<&'static str>,
}

impl<'t> Lexer<'t, '_> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn read(&mut self) {
        if self.rest().starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        if self.rest().starts_with("#!") {
            self.comment(self.line_length());
        }
        while let Some(c) = self.rest().chars().next() {
            let rest = self.rest();
            let start = self.at;
            if c == '\n' {
                self.tokens.push(Token::LineEnd);
                self.at += 1;
            } else if c.is_whitespace() {
                self.at += c.len_utf8();
            } else if rest.starts_with("//") {
                self.comment(self.line_length());
            } else if rest.starts_with("/*") {
                let length = self.find("*/", 2).map_or(rest.len(), |end| end + 2);
                self.comment(length);
            } else if let Some((open, close)) = quote(rest) {
                self.string(open, close);
            } else if c == '/' && self.slashy_may_start() && self.slashy() {
            } else if c.is_alphanumeric() || c == '_' {
                let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
                let length = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
                let name = rest.get(..length).unwrap_or("").trim_end_matches('.');
                self.at += name.len().max(1);
                self.tokens.push(Token::Word(name.to_owned(), Span::new(start, self.at)));
            } else {
                self.at += c.len_utf8();
                self.tokens.push(Token::Sign(c, Span::new(start, self.at)));
            }
        }
    }

    fn line_length(&self) -> usize {
        let rest = self.rest();
        rest.find('\n').unwrap_or(rest.len())
    }

    fn comment(&mut self, length: usize) {
        let written = self.rest().get(..length).unwrap_or("").trim_end();
        self.out.comments.push(Span::new(self.at, self.at + written.len()));
        self.at += length;
    }

    /// Where a delimiter stands, from here on; searched to the end of the text at most once in vain.
    fn find(&mut self, delimiter: &'static str, from: usize) -> Option<usize> {
        if self.unclosed.contains(&delimiter) {
            return None;
        }
        let found = self.rest().get(from..).and_then(|rest| rest.find(delimiter)).map(|at| at + from);
        if found.is_none() {
            self.unclosed.push(delimiter);
        }
        found
    }

    /// `/` divides behind a value; behind a sign or at the start of an argument it opens a pattern.
    fn slashy_may_start(&self) -> bool {
        self.at >= self.no_slashy_before
            && match self.tokens.last() {
                Some(Token::Sign(c, _)) => matches!(c, '(' | ',' | '=' | '~' | '[' | ':'),
                Some(Token::Word(word, _)) => matches!(word.as_str(), "sh" | "echo" | "return"),
                _ => false,
            }
    }

    /// `/pattern/` on one line.
    fn slashy(&mut self) -> bool {
        let line = self.rest().get(..self.line_length()).unwrap_or("");
        let mut escaped = true;
        for (at, c) in line.char_indices() {
            if c == '/' && !escaped && at > 0 {
                let span = Span::new(self.at, self.at + at + 1);
                let inner = Span::new(self.at + 1, self.at + at);
                let text = inner.slice(self.text).to_owned();
                let literal = !text.contains('$');
                self.at += at + 1;
                self.tokens.push(Token::Text(Text { text, literal, span, map: SourceMap::verbatim(inner) }));
                return true;
            }
            escaped = c == '\\' || at == 0;
        }
        self.no_slashy_before = self.at + line.len();
        false
    }

    fn string(&mut self, open: &'static str, close: &'static str) {
        let start = self.at;
        let double = open.starts_with('"') || open == "$/";
        let triple = open.len() > 1;
        let mut text = String::new();
        let mut map = SourceMap::default();
        let mut literal = true;
        let mut at = start + open.len();
        let mut closed = false;
        map.push(0, Span::at(at));
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with(close) {
                at += close.len();
                closed = true;
                break;
            }
            let c = rest.chars().next().unwrap_or_default();
            if c == '\n' && !triple {
                break;
            }
            let (piece, length) = match c {
                '\\' if open != "$/" => escape(rest),
                '$' if double => {
                    let after = rest.get(1..).and_then(|rest| rest.chars().next());
                    literal &= !after.is_some_and(|c| c.is_alphabetic() || matches!(c, '{' | '_'));
                    (None, 1)
                }
                _ => {
                    let more = rest.get(c.len_utf8()..).unwrap_or("");
                    let length = more.find(['\'', '"', '\\', '$', '\n', '/']).unwrap_or(more.len());
                    (None, c.len_utf8() + length)
                }
            };
            let decoded = piece.as_deref().unwrap_or_else(|| rest.get(..length).unwrap_or(""));
            text.push_str(decoded);
            map.push(decoded.len(), Span::new(at, at + length));
            at += length;
        }
        self.at = at;
        if !closed && self.out.errors.len() < MAX_ERRORS {
            let error = SyntaxError::new(Span::new(start, start + open.len()), "this string is never closed")
                .with_help(if triple {
                    format!("add `{close}`")
                } else {
                    format!("add `{close}` on the same line, or use three quotes for several lines")
                });
            self.out.errors.push(error);
        }
        self.tokens.push(Token::Text(Text { text, literal, span: Span::new(start, at), map }));
    }
}

/// The delimiters of the string that a text begins with.
fn quote(rest: &str) -> Option<(&'static str, &'static str)> {
    [("'''", "'''"), ("\"\"\"", "\"\"\""), ("'", "'"), ("\"", "\""), ("$/", "/$")]
        .into_iter()
        .find(|(open, _)| rest.starts_with(open))
}

/// What an escape stands for, where it is not the text itself, and its length.
fn escape(rest: &str) -> (Option<String>, usize) {
    let Some(c) = rest.chars().nth(1) else { return (None, 1) };
    let length = 1 + c.len_utf8();
    let decoded = match c {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'b' => "\u{8}".to_owned(),
        'f' => "\u{c}".to_owned(),
        '\n' => String::new(),
        '\r' if rest.get(2..).is_some_and(|rest| rest.starts_with('\n')) => return (Some(String::new()), 3),
        'u' => {
            let digits = rest.get(2..6).unwrap_or("");
            match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                Some(character) => return (Some(character.to_string()), 6),
                None => "u".to_owned(),
            }
        }
        other => other.to_string(),
    };
    (Some(decoded), length)
}

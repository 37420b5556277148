//! The exec form: a JSON array of strings, read as strictly as Go does.

use std::ops::Range;

use crate::span::Span;
use crate::syntax::shell::SourceMap;

/// How deep arrays and objects may nest before the text is taken for no JSON.
const MAX_DEPTH: u8 = 64;

/// One decoded string.
pub(super) struct Element {
    pub(super) text: String,
    /// With its quotes.
    pub(super) range: Range<usize>,
    /// From `text` to the line it was read from.
    pub(super) map: SourceMap,
}

/// Why a text is no array of strings.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// No JSON array at all: the text is in shell form.
    NotJson,
    /// A JSON array with something else than strings, which the builder refuses.
    NotStrings,
}

/// Reads `range` of `line` as an array of strings.
pub(super) fn strings(line: &str, range: Range<usize>) -> Result<Vec<Element>, Refusal> {
    let mut reader = Reader { line, at: range.start, end: range.end };
    reader.blank();
    if !reader.eat(b'[') {
        return Err(Refusal::NotJson);
    }
    let mut elements = Vec::new();
    let mut only_strings = true;
    reader.blank();
    if !reader.eat(b']') {
        loop {
            reader.blank();
            match reader.peek() {
                Some(b'"') => elements.push(reader.string().ok_or(Refusal::NotJson)?),
                _ => {
                    only_strings = false;
                    reader.value(1).ok_or(Refusal::NotJson)?;
                }
            }
            reader.blank();
            if reader.eat(b']') {
                break;
            }
            if !reader.eat(b',') {
                return Err(Refusal::NotJson);
            }
        }
    }
    reader.blank();
    match (reader.at == reader.end, only_strings) {
        (false, _) => Err(Refusal::NotJson),
        (true, false) => Err(Refusal::NotStrings),
        (true, true) => Ok(elements),
    }
}

struct Reader<'l> {
    line: &'l str,
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied().filter(|_| self.at < self.end)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Steps over any value.
    fn value(&mut self, depth: u8) -> Option<()> {
        if depth >= MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'[' => self.members(depth, b']', false),
            b'{' => self.members(depth, b'}', true),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.number(),
        }
    }

    fn members(&mut self, depth: u8, close: u8, keyed: bool) -> Option<()> {
        self.at += 1;
        self.blank();
        if self.eat(close) {
            return Some(());
        }
        loop {
            self.blank();
            if keyed {
                self.string()?;
                self.blank();
                if !self.eat(b':') {
                    return None;
                }
                self.blank();
            }
            self.value(depth + 1)?;
            self.blank();
            if self.eat(close) {
                return Some(());
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        let found = self.line.get(self.at..self.end)?.starts_with(word);
        self.at += word.len();
        found.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<Element> {
        let start = self.at;
        if !self.eat(b'"') {
            return None;
        }
        let mut text = String::new();
        let mut map = SourceMap::default();
        // Says where the text stands even if it is empty.
        map.push(0, Span::at(self.at));
        loop {
            let from = self.at;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(Element { text, range: start..self.at, map });
                }
                b'\\' => {
                    let character = self.escape()?;
                    text.push(character);
                    map.push(character.len_utf8(), Span::new(from, self.at));
                }
                byte if byte < b' ' => return None,
                _ => {
                    while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                        self.at += 1;
                    }
                    text.push_str(self.line.get(from..self.at)?);
                    map.push(self.at - from, Span::new(from, self.at));
                }
            }
        }
    }

    /// One escape sequence; two, if they are the halves of one character.
    fn escape(&mut self) -> Option<char> {
        self.at += 1;
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hexadecimal()?;
                if let Some(character) = char::from_u32(high) {
                    return Some(character);
                }
                let after_high = self.at;
                let low = if high < 0xDC00 && self.eat(b'\\') && self.eat(b'u') { self.hexadecimal() } else { None };
                let low = low.filter(|low| (0xDC00..0xE000).contains(low));
                let pair = low.and_then(|low| char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
                if pair.is_none() {
                    self.at = after_high;
                }
                pair.unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = self.line.get(self.at..self.at + 4).filter(|_| self.at + 4 <= self.end)?;
        self.at += 4;
        digits.chars().try_fold(0, |value, digit| Some(value * 16 + digit.to_digit(16)?))
    }
}

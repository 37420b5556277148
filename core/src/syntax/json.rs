//! JSON with a place for every value: one document, or one document after another as in JSON Lines.

#[cfg(test)]
mod tests;

use super::SyntaxError;
use crate::span::Span;

/// Larger texts are not read.
const MAX_BYTES: usize = 4 << 20;
/// Further values are not read.
const MAX_VALUES: usize = 1_000_000;
/// What is nested deeper is stepped over. Also bounds the recursion of everything that walks the tree.
const MAX_DEPTH: usize = 64;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// A text of JSON documents.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Json {
    /// The documents in order: one for a `.json` file, one a line for JSON Lines.
    pub documents: Vec<Value>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
    /// Whether the text is larger or deeper than is read.
    pub truncated: bool,
}

/// One value.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Where it is written, quotes and brackets included.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// `null`, or a value that could not be read.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written, so that nothing is rounded.
    Number(String),
    /// A string, escapes resolved.
    String(String),
    /// `[…]`.
    Array(Vec<Value>),
    /// `{…}` in the order of the text. Of equal keys the last one counts.
    Object(Vec<Member>),
}

/// `"key": value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// The key, escapes resolved.
    pub key: String,
    /// Where the key is written, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Value,
}

impl Json {
    /// The only or first document.
    #[must_use]
    pub fn root(&self) -> Option<&Value> {
        self.documents.first()
    }
}

impl Value {
    /// The value of a key of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.member(key).map(|member| &member.value)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// A member of an object.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|member| member.key == key)
    }

    /// The members of an object; none of anything else.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of an array; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string or a number as written.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) | Kind::Number(text) => Some(text),
            _ => None,
        }
    }

    /// A boolean.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match &self.kind {
            Kind::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self.kind, Kind::Object(_))
    }
}

/// Reads a text; never fails. After an error it goes on at the next comma, bracket or line.
#[must_use]
pub fn parse(text: &str) -> Json {
    parse_within(text, Span::new(0, text.len()))
}

/// Reads a part of a text, with places in the whole of it.
#[must_use]
pub fn parse_within(text: &str, part: Span) -> Json {
    let part = part.clamp(text);
    let text = text.get(..part.end as usize).unwrap_or("");
    let mut reader = Reader { text, at: part.start as usize, out: Json::default(), values: 0 };
    if part.len() > MAX_BYTES {
        reader.error(Span::at(0), format!("this file is larger than {MAX_BYTES} bytes and was not read"), "");
        reader.out.truncated = true;
        return reader.out;
    }
    if part.start == 0 && text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    reader.documents();
    reader.out
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    out: Json,
    values: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            let error = SyntaxError::new(span, message);
            self.out.errors.push(if help.is_empty() { error } else { error.with_help(help) });
        }
    }

    /// The place of the character at hand, or of the end.
    fn here(&self) -> Span {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        Span::new(self.at, self.at + length)
    }

    fn documents(&mut self) {
        loop {
            self.blanks();
            if self.at >= self.text.len() {
                return;
            }
            let start = self.at;
            match self.value(0) {
                Some(value) => self.out.documents.push(value),
                None => {
                    // Whatever this line is, the next one may be a document again.
                    self.error(self.here(), "this is not JSON", "write one value, or one value on each line");
                    let line = self.rest().find('\n').map_or(self.text.len(), |end| self.at + end + 1);
                    self.at = line.max(start + 1);
                }
            }
            if self.out.truncated {
                return;
            }
        }
    }

    /// Reads a value; `None`, nothing read, where none starts.
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.values += 1;
        if self.values > MAX_VALUES {
            if !self.out.truncated {
                let message = format!("there are more than {MAX_VALUES} values; the rest was not read");
                self.error(self.here(), message, "");
            }
            self.out.truncated = true;
            self.at = self.text.len();
            return None;
        }
        let start = self.at;
        let kind = match self.peek()? {
            b'{' | b'[' if depth >= MAX_DEPTH => {
                self.out.truncated = true;
                self.error(self.here(), format!("this is nested more than {MAX_DEPTH} deep and was not read"), "");
                self.step_over();
                Kind::Null
            }
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => Kind::String(self.string()),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.word()?,
        };
        Some(Value { kind, span: Span::new(start, self.at) })
    }

    /// Steps over a nested value without recursion.
    fn step_over(&mut self) {
        let mut open = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }

    fn word(&mut self) -> Option<Kind> {
        let end = self.rest().find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest().len());
        let word = self.rest().get(..end)?;
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => return None,
        };
        self.at += end;
        Some(kind)
    }

    fn number(&mut self) -> Kind {
        let in_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest().find(|c| !in_number(c)).unwrap_or(self.rest().len());
        let text = self.rest().get(..end).unwrap_or("").to_owned();
        self.at += end;
        Kind::Number(text)
    }

    fn object(&mut self, depth: usize) -> Kind {
        let open = self.here();
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Kind::Object(members);
                }
                Some(b'"') => {
                    let start = self.at;
                    let key = self.string();
                    let key_span = Span::new(start, self.at);
                    self.blanks();
                    let value = if self.peek() == Some(b':') {
                        self.at += 1;
                        self.blanks();
                        self.value(depth + 1)
                    } else {
                        None
                    };
                    let value = value.unwrap_or_else(|| {
                        self.error(key_span, "this key has no value", "write `\"key\": value`");
                        Value { kind: Kind::Null, span: Span::at(key_span.end as usize) }
                    });
                    members.push(Member { key, key_span, value });
                    if !self.separator(b'}') {
                        return self.unclosed(open, Kind::Object(members));
                    }
                }
                None => return self.unclosed(open, Kind::Object(members)),
                Some(_) => {
                    self.error(self.here(), "a key in double quotes is expected here", "write `\"key\": value`");
                    if !self.resume(b'}') {
                        return self.unclosed(open, Kind::Object(members));
                    }
                }
            }
        }
    }

    fn array(&mut self, depth: usize) -> Kind {
        let open = self.here();
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Kind::Array(items);
                }
                None => return self.unclosed(open, Kind::Array(items)),
                Some(_) => {
                    match self.value(depth + 1) {
                        Some(item) => items.push(item),
                        None => {
                            self.error(self.here(), "a value is expected here", "");
                            if !self.resume(b']') {
                                return self.unclosed(open, Kind::Array(items));
                            }
                            continue;
                        }
                    }
                    if !self.separator(b']') {
                        return self.unclosed(open, Kind::Array(items));
                    }
                }
            }
        }
    }

    fn unclosed(&mut self, open: Span, kind: Kind) -> Kind {
        if !self.out.truncated {
            self.error(open, "this bracket is never closed", "add the closing bracket");
        }
        kind
    }

    /// After a member or an item: steps over `,`, stays before `close`; otherwise an error and the next place to go on. `false`
    /// at the end of the text and at a bracket of another kind.
    fn separator(&mut self, close: u8) -> bool {
        self.blanks();
        match self.peek() {
            Some(b',') => {
                let comma = self.here();
                self.at += 1;
                self.blanks();
                if self.peek() == Some(close) {
                    self.error(comma, "nothing follows this comma", "remove the comma");
                }
                true
            }
            Some(byte) if byte == close => true,
            None => false,
            Some(b'"') => {
                self.error(Span::at(self.at), "a comma is missing here", "put a comma between two entries");
                true
            }
            Some(_) => {
                self.error(self.here(), "a comma is expected here", "put a comma between two entries");
                self.resume(close)
            }
        }
    }

    /// Steps to where reading can go on: behind the next comma or line, or before a closing bracket. `false` when that bracket
    /// is not `close` or the text ends.
    fn resume(&mut self, close: u8) -> bool {
        while let Some(byte) = self.peek() {
            match byte {
                b'}' | b']' => return byte == close,
                b',' | b'\n' => {
                    self.at += 1;
                    return true;
                }
                b'"' => {
                    self.string();
                }
                _ => self.at += 1,
            }
        }
        false
    }

    /// Reads a string; it ends at its line's end when its quote is never closed.
    fn string(&mut self) -> String {
        let open = self.here();
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(['"', '\\', '\n']).unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or(""));
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return out;
                }
                Some(b'\\') => self.escape(&mut out),
                _ => {
                    self.error(open, "this quote is never closed", "add the closing quote");
                    return out;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String) {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.rest().chars().next() else { return };
        if c == '\n' {
            return;
        }
        self.at += c.len_utf8();
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            '"' | '\\' | '/' => out.push(c),
            'u' => out.push(self.unicode(start)),
            _ => {
                self.error(Span::new(start, self.at), "JSON has no such escape", "write `\\\\` for a backslash");
                out.push('\\');
                out.push(c);
            }
        }
    }

    /// `\uXXXX`, a pair of surrogates included.
    fn unicode(&mut self, start: usize) -> char {
        let Some(first) = self.hex() else {
            self.error(Span::new(start, self.at), "four hexadecimal digits must follow `\\u`", "");
            return char::REPLACEMENT_CHARACTER;
        };
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        let back = self.at;
        if self.rest().starts_with("\\u") {
            self.at += 2;
            if let Some(second) = self.hex().filter(|second| (0xdc00..0xe000).contains(second)) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
        }
        self.at = back;
        char::REPLACEMENT_CHARACTER
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

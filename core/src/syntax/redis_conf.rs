//! Redis (and Valkey) configuration: `redis.conf`, and the same directives given on the command line.

#[cfg(test)]
mod tests;

use super::SyntaxError;
use crate::span::Span;

/// Larger files are not read; the annotated default is 110 kilobytes.
const MAX_BYTES: usize = 4 << 20;
/// Further directives are not read.
const MAX_DIRECTIVES: usize = 100_000;
/// Further words of one directive are not read.
const MAX_WORDS: usize = 4096;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// A configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RedisConf {
    /// The directives in order; of most, the last one counts.
    pub directives: Vec<Directive>,
    /// Whole-line comments. Redis has no others.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// The name in lower case.
    pub name: String,
    /// The whole line without the blanks around it.
    pub span: Span,
    /// The arguments, unquoted, and where each is written, quotes included.
    pub args: Vec<(String, Span)>,
}

impl RedisConf {
    /// The last directive of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().rev().find(|directive| directive.name == name)
    }
}

/// Reads a configuration file; never fails.
#[must_use]
pub fn parse(text: &str) -> RedisConf {
    let mut out = RedisConf::default();
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes and was not read");
        out.errors.push(SyntaxError::new(Span::at(0), message));
        return out;
    }
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let blanks = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{feff}');
        let start = line_start + (line.len() - line.trim_start_matches(blanks).len());
        let content = line.trim_matches(blanks);
        line_start += line.len();
        let span = Span::new(start, start + content.len());
        if content.is_empty() {
            continue;
        }
        if content.starts_with('#') {
            out.comments.push(span);
            continue;
        }
        if out.directives.len() >= MAX_DIRECTIVES {
            let message = format!("there are more than {MAX_DIRECTIVES} directives; the rest was not read");
            out.errors.push(SyntaxError::new(Span::at(start), message));
            break;
        }
        let (words, error) = split_words(content, start);
        if let Some(error) = error.filter(|_| out.errors.len() < MAX_ERRORS) {
            out.errors.push(error);
        }
        let mut words = words.into_iter();
        if let Some((name, _)) = words.next() {
            out.directives.push(Directive { name: name.to_ascii_lowercase(), span, args: words.collect() });
        }
    }
    out
}

/// Directives given on the command line, `redis-server [file] --port 0 --requirepass x`: a word that starts with `--` begins
/// a directive, and may hold its arguments, too (`"--port 0"`). What stands before the first one is left out.
#[must_use]
pub fn from_args(args: &[String]) -> Vec<(String, Vec<String>)> {
    let mut directives: Vec<(String, Vec<String>)> = Vec::new();
    for word in args {
        match word.strip_prefix("--").filter(|name| !name.is_empty()) {
            Some(directive) => {
                let mut words = split_words(directive, 0).0.into_iter().map(|(word, _)| word);
                let name = words.next().unwrap_or_default().to_ascii_lowercase();
                directives.push((name, words.collect()));
            }
            None => {
                if let Some((_, arguments)) = directives.last_mut() {
                    arguments.push(word.clone());
                }
            }
        }
    }
    directives
}

/// Splits a line the way Redis does. `offset` is where the line stands in the text. Words after an error are not read.
fn split_words(line: &str, offset: usize) -> (Vec<(String, Span)>, Option<SyntaxError>) {
    let mut words = Vec::new();
    let mut at = 0;
    while words.len() < MAX_WORDS {
        let rest = line.get(at..).unwrap_or("");
        at += rest.len() - rest.trim_start().len();
        if at >= line.len() {
            break;
        }
        match read_word(line, at) {
            Ok((word, end)) => {
                words.push((word, Span::new(offset + at, offset + end)));
                at = end;
            }
            Err((place, message, help)) => {
                let length = line.get(place..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                let span = Span::new(offset + place, offset + place + length);
                return (words, Some(SyntaxError::new(span, message).with_help(help)));
            }
        }
    }
    (words, None)
}

type WordError = (usize, &'static str, &'static str);

/// One word from `start`: bare, with quoted parts; and where it ends.
fn read_word(line: &str, start: usize) -> Result<(String, usize), WordError> {
    const TEXT_AFTER: WordError = (0, "a closing quote must be followed by a space", "add a space, or quote the whole");
    let mut word = Vec::new();
    let mut open: Option<(char, usize)> = None;
    let mut at = start;
    while let Some(c) = line.get(at..).and_then(|rest| rest.chars().next()) {
        let next = line.get(at + c.len_utf8()..).unwrap_or("");
        match open {
            Some((quote, _)) if c == quote => {
                if !next.is_empty() && !next.starts_with(char::is_whitespace) {
                    return Err((at + 1, TEXT_AFTER.1, TEXT_AFTER.2));
                }
                return Ok((lossy(word), at + 1));
            }
            Some(('"', _)) if c == '\\' && !next.is_empty() => {
                let (byte, length) = escape(next);
                word.extend(byte);
                at += 1 + length;
                continue;
            }
            Some(('\'', _)) if c == '\\' && next.starts_with('\'') => {
                word.push(b'\'');
                at += 2;
                continue;
            }
            None if c.is_whitespace() => break,
            // Redis opens a quote in the midst of a word, too.
            None if matches!(c, '"' | '\'') => {
                open = Some((c, at));
                at += 1;
                continue;
            }
            _ => {}
        }
        word.extend(c.encode_utf8(&mut [0; 4]).bytes());
        at += c.len_utf8();
    }
    match open {
        Some((_, place)) => Err((place, "this quote is never closed", "add the closing quote at the end of the value")),
        None => Ok((lossy(word), at)),
    }
}

/// The bytes an escape in double quotes stands for, and how much follows the backslash.
fn escape(after: &str) -> (Vec<u8>, usize) {
    let hex = after.strip_prefix('x').and_then(|digits| digits.get(..2));
    let digits = hex.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        return (vec![byte], 3);
    }
    let Some(c) = after.chars().next() else { return (Vec::new(), 0) };
    let decoded = match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'a' => '\u{7}',
        other => other,
    };
    (decoded.to_string().into_bytes(), c.len_utf8())
}

/// Redis values are bytes; `\xff` can make them something other than UTF-8.
fn lossy(word: Vec<u8>) -> String {
    String::from_utf8(word).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

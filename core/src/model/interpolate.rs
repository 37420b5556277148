//! Compose variable interpolation: `$NAME`, `${NAME}` and its operators, nested, with what is known about the result.

use crate::span::Span;
use crate::syntax::shell::SourceMap;
use std::ops::Range;

/// How much is known of a text after interpolation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Certainty {
    /// Literal, or a variable that the project's `.env` sets.
    Known,
    /// A default took part: this is the value unless the shell sets the variable.
    Defaulted,
    /// A variable without a value took part; the text still holds `${NAME}` for it.
    Unknown,
}

/// A text after interpolation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interpolated {
    /// The text.
    pub text: String,
    /// How much of it is known.
    pub certainty: Certainty,
    /// A variable reference that Compose refuses, as written.
    pub refused: Option<String>,
    /// The variables that took part, in order of appearance.
    pub variables: Vec<String>,
    /// Where each byte of the result stands in the text: `$$` and a reference map as a whole.
    pub map: SourceMap,
    /// Those of them that have no value and that Compose refuses to start without: `${NAME:?message}`.
    pub required: Vec<String>,
}

/// Nested defaults deeper than this are left as written.
const MAX_DEPTH: usize = 48;

/// Interpolates `text`; `lookup` gives the value of a variable where one is known.
pub fn interpolate(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Interpolated {
    let mut out = Interpolated {
        text: String::with_capacity(text.len()),
        certainty: Certainty::Known,
        refused: None,
        variables: Vec::new(),
        map: SourceMap::default(),
        required: Vec::new(),
    };
    expand(text, lookup, &mut out, 0);
    out
}

fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>, out: &mut Interpolated, depth: usize) {
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        let (before, from) = rest.split_at(dollar);
        out.text.push_str(before);
        let start = text.len() - from.len();
        out.mark(depth, start - dollar..start);
        let after = from.get(1..).unwrap_or("");
        rest = match after.bytes().next() {
            Some(b'$') => {
                out.text.push('$');
                after.get(1..).unwrap_or("")
            }
            Some(b'{') => match closing_brace(after) {
                Some(close) => {
                    let inner = after.get(1..close).unwrap_or("");
                    braced(inner, lookup, out, depth);
                    after.get(close + 1..).unwrap_or("")
                }
                None => {
                    refuse(from, out);
                    ""
                }
            },
            Some(byte) if is_name_start(byte) => {
                let name = name_at(after);
                variable(name, lookup(name), out);
                after.get(name.len()..).unwrap_or("")
            }
            // `$1`, `$ ` and a `$` at the end are literal to Compose.
            _ => {
                out.text.push('$');
                after
            }
        };
        out.mark(depth, start..text.len() - rest.len());
    }
    out.text.push_str(rest);
    out.mark(depth, text.len() - rest.len()..text.len());
}

impl Interpolated {
    /// Notes that what was added to the text since the last mark comes from `source`. Nested texts belong to the reference around
    /// them.
    fn mark(&mut self, depth: usize, source: Range<usize>) {
        if depth == 0 {
            self.map.push(self.text.len() - self.map.len(), Span::new(source.start, source.end));
        }
    }
}

fn braced(inner: &str, lookup: &dyn Fn(&str) -> Option<String>, out: &mut Interpolated, depth: usize) {
    let name = name_at(inner);
    let operator = inner.get(name.len()..).unwrap_or("");
    if name.is_empty() || depth >= MAX_DEPTH {
        refuse(&format!("${{{inner}}}"), out);
        return;
    }
    let (colon, operator) = match operator.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, operator),
    };
    let value = lookup(name);
    let present = value.as_deref().is_some_and(|value| !(colon && value.is_empty()));
    let word = operator.get(1..).unwrap_or("");
    match operator.bytes().next() {
        None if !colon => variable(name, value, out),
        Some(b'-') if present => variable(name, value, out),
        Some(b'-') => {
            out.variables.push(name.to_owned());
            out.certainty = out.certainty.max(Certainty::Defaulted);
            expand(word, lookup, out, depth + 1);
        }
        Some(b'?') => {
            if !present {
                out.required.push(name.to_owned());
            }
            variable(name, value.filter(|_| present), out);
        }
        Some(b'+') => {
            out.variables.push(name.to_owned());
            if present {
                expand(word, lookup, out, depth + 1);
            } else if value.is_none() {
                // Unset here, but the shell may set it: the text is empty only if it does not.
                out.certainty = out.certainty.max(Certainty::Defaulted);
            }
        }
        _ => refuse(&format!("${{{inner}}}"), out),
    }
}

fn variable(name: &str, value: Option<String>, out: &mut Interpolated) {
    out.variables.push(name.to_owned());
    match value {
        Some(value) => out.text.push_str(&value),
        None => {
            out.certainty = Certainty::Unknown;
            out.text.push_str("${");
            out.text.push_str(name);
            out.text.push('}');
        }
    }
}

fn refuse(written: &str, out: &mut Interpolated) {
    out.certainty = Certainty::Unknown;
    out.text.push_str(written);
    out.refused.get_or_insert_with(|| written.to_owned());
}

/// Index of the brace that closes the `{` at index 0.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' if at == 0 || bytes.get(at - 1) == Some(&b'$') => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn name_at(text: &str) -> &str {
    if !text.bytes().next().is_some_and(is_name_start) {
        return "";
    }
    let end = text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> (String, Certainty) {
        let lookup = |name: &str| match name {
            "SET" => Some("v".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let out = interpolate(text, &lookup);
        (out.text, out.certainty)
    }

    #[test]
    fn every_operator() {
        use Certainty::{Defaulted, Known, Unknown};
        for (text, want, certainty) in [
            ("a$SET-${SET}", "av-v", Known),
            ("${SET:-d}${EMPTY:-d}${EMPTY-d}", "vd", Defaulted),
            ("${NO:-a${SET}${NO2:-b}}", "avb", Defaulted),
            ("${NO}", "${NO}", Unknown),
            ("${NO:?must be set}", "${NO}", Unknown),
            ("${SET:+alt}${EMPTY:+alt}${EMPTY+alt}", "altalt", Known),
            ("$$SET $1 $", "$SET $1 $", Known),
            ("${NO:-}", "", Defaulted),
            ("${PORT:-127.0.0.1:80}:80", "127.0.0.1:80:80", Defaulted),
        ] {
            assert_eq!(run(text), (want.to_owned(), certainty), "{text}");
        }
    }

    #[test]
    fn what_compose_refuses_is_kept_as_written() {
        for text in ["${", "${}", "${A B}", "${A:=b}"] {
            let out = interpolate(text, &|_| None);
            assert_eq!((out.text.as_str(), out.certainty), (text, Certainty::Unknown));
            assert_eq!(out.refused.as_deref(), Some(text));
        }
    }

    #[test]
    fn every_byte_of_the_result_has_a_place() {
        let text = "a$$b${SET:-x}c${NO}é";
        let out = interpolate(text, &|name| (name == "SET").then(|| "value".to_owned()));
        assert_eq!(out.text, "a$bvaluec${NO}é");
        let at = |found: &str| {
            let start = out.text.find(found).unwrap();
            out.map.span(start..start + found.len()).slice(text)
        };
        assert_eq!(at("a"), "a");
        assert_eq!(at("$b"), "$$b");
        assert_eq!(at("value"), "${SET:-x}");
        assert_eq!(at("c${NO}"), "c${NO}");
        assert_eq!(at("é"), "é");
        assert_eq!(out.map.len(), out.text.len());
    }

    #[test]
    fn deep_nesting_ends() {
        let text = "${A:-".repeat(100_000) + &"}".repeat(100_000);
        let out = interpolate(&text, &|_| None);
        assert!(out.refused.is_some());
    }
}

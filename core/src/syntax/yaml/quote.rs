//! Writing a string so that every YAML loader reads the same string back.

use super::{Type, resolve_plain};

/// Words that YAML 1.1 loaders (PHP's, Python's) read as booleans.
const BOOLEAN_WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];

/// `value` as a YAML scalar, quoted only where that is needed or where another loader would disagree.
#[must_use]
pub fn quote_if_needed(value: &str) -> String {
    if is_safe_plain(value) {
        value.to_owned()
    } else if value.chars().any(needs_escape) {
        escaped(value)
    } else if value.contains(['"', '\\']) {
        single_quoted(value)
    } else {
        format!("\"{value}\"")
    }
}

/// `value` in single quotes; it must hold nothing that needs an escape.
pub(super) fn single_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Whether the character can only be written as an escape in double quotes.
pub(super) fn needs_escape(c: char) -> bool {
    // Line separators and the byte order mark are no control characters, yet loaders disagree on them.
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether the text, unquoted, is this very string to every loader and in every position, flow collections included.
fn is_safe_plain(value: &str) -> bool {
    let Some(first) = value.chars().next() else { return false };
    !first.is_ascii_digit()
        && !"-?:,[]{}#&*!|>'\"%@` \t=<~".contains(first)
        && !value.ends_with([' ', '\t', ':'])
        && !value.contains(": ")
        && !value.contains(" #")
        && !value.contains([',', '[', ']', '{', '}'])
        && !value.chars().any(needs_escape)
        && !BOOLEAN_WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
        && resolve_plain(value) == Type::Str
}

/// `value` in double quotes with escapes.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_escape(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

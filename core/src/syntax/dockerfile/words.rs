//! How the rest of an instruction is cut: white space, words with quotes, flags, and the removal of quotes.

use std::ops::Range;

/// White space between arguments. Only these: a no-break space is part of a word.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\u{b}' | '\u{c}')
}

/// A part of a text.
pub(super) fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or("")
}

/// The range without white space at both ends; empty at its start if there is nothing else.
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let whole = part(text, range.clone());
    let trimmed = whole.trim();
    if trimmed.is_empty() {
        return range.start..range.start;
    }
    let start = range.start + whole.len() - whole.trim_start().len();
    start..start + trimmed.len()
}

/// Cuts at white space, without regard to quotes.
pub(super) fn fields(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut fields = Vec::new();
    let mut start = None;
    for (offset, character) in part(text, range.clone()).char_indices() {
        let at = range.start + offset;
        match start {
            Some(from) if is_blank(character) => {
                fields.push(from..at);
                start = None;
            }
            None if !is_blank(character) => start = Some(at),
            _ => {}
        }
    }
    fields.extend(start.map(|from| from..range.end));
    fields
}

/// Cuts at white space outside quotes. Quotes and escapes are kept, except an escape character at the very end, which escapes nothing.
pub(super) fn words(text: &str, range: Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut escaped = false;
    for (offset, character) in part(text, range.clone()).char_indices() {
        let at = range.start + offset;
        if escaped {
            escaped = false;
            continue;
        }
        if start.is_none() {
            if character.is_whitespace() {
                continue;
            }
            start = Some(at);
        }
        match quote {
            None if character.is_whitespace() => {
                words.extend(start.take().map(|from| from..at));
            }
            None if matches!(character, '\'' | '"') => quote = Some(character),
            Some(open) if character == open => quote = None,
            _ => escaped = character == escape && quote != Some('\''),
        }
    }
    if let Some(from) = start {
        let end = if escaped { range.end - escape.len_utf8() } else { range.end };
        if from < end {
            words.push(from..end);
        }
    }
    words
}

/// A flag word: its text without quotes and where it is written.
pub(super) struct FlagWord {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// Cuts the flags off the front: words that begin with `--`, up to a lone `--`. Returns them and the start of what follows.
pub(super) fn flags(text: &str, range: Range<usize>) -> (Vec<FlagWord>, usize) {
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        let rest = part(text, at..range.end);
        at += rest.len() - rest.trim_start().len();
        if !part(text, at..range.end).starts_with("--") {
            return (flags, at);
        }
        let flag = flag_word(text, at..range.end);
        at = flag.range.end;
        if flag.text == "--" {
            return (flags, at);
        }
        flags.push(flag);
    }
}

fn flag_word(text: &str, range: Range<usize>) -> FlagWord {
    let mut word = String::new();
    let mut quote = None;
    let mut escaped = false;
    for (offset, character) in part(text, range.clone()).char_indices() {
        if escaped {
            escaped = false;
            word.push(character);
            continue;
        }
        match quote {
            None if character.is_whitespace() => {
                let end = range.start + offset;
                return FlagWord { text: word, range: range.start..end };
            }
            None if matches!(character, '\'' | '"') => quote = Some(character),
            Some(open) if character == open => quote = None,
            _ if character == '\\' => escaped = true,
            _ => word.push(character),
        }
    }
    FlagWord { text: word, range }
}

/// Removes quotes and escapes as the builder does when it expands a word, but leaves variables as they are. A quote that is never
/// closed leaves the text unchanged, because the builder refuses it.
pub(super) fn unquote(raw: &str, escape: char) -> String {
    unquote_closed(raw, escape).unwrap_or_else(|| raw.to_owned())
}

/// The same, or `None` if a quote is never closed.
pub(super) fn unquote_closed(raw: &str, escape: char) -> Option<String> {
    if !raw.contains(['\'', '"', escape]) {
        return Some(raw.to_owned());
    }
    let mut text = String::with_capacity(raw.len());
    let mut quote = None;
    let mut rest = raw;
    let mut braces_close = true;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or("");
        rest = after;
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if character == open => quote = None,
            (Some('\''), _) => text.push(character),
            (_, '$') if braces_close && after.starts_with('{') => {
                text.push('$');
                // Quotes in `${…}` belong to its operand. Without a closing brace none later can have one either.
                let length = braced(after);
                braces_close = length > 0;
                text.push_str(after.get(..length).unwrap_or(""));
                rest = after.get(length..).unwrap_or("");
            }
            (_, _) if character == escape => {
                let Some(next) = after.chars().next() else {
                    // At the very end it escapes nothing; within quotes that are never closed nothing counts anyway.
                    continue;
                };
                if quote == Some('"') && !matches!(next, '"' | '$') && next != escape {
                    text.push(character);
                }
                text.push(next);
                rest = after.get(next.len_utf8()..).unwrap_or("");
            }
            _ => text.push(character),
        }
    }
    quote.is_none().then_some(text)
}

/// Length of the `{…}` that `text` starts with, nested braces included; 0 if it is never closed.
fn braced(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    0
}

//! Scanned text is untrusted: what of it may be shown, and how.

/// Replaces what could steer a terminal or hide text: control characters, bidirectional overrides, line separators.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            c if c.is_control() => control_picture(c),
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

fn control_picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

/// At most `limit` characters of a text, on one line, made visible; an ellipsis says that something is left out.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    let clean = visible(text);
    if clean.chars().count() <= limit {
        return clean;
    }
    let mut short: String = clean.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 service`, `2 services`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(visible("a\u{1b}[31m\r\nb\u{202e}"), "a\u{241b}[31m\u{240d}\u{240a}b\u{fffd}");
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(count(2, "service"), "2 services");
    }
}

//! A plug-in's words are untrusted: how much of them is shown, and what of it could steer a screen.
//!
//! The same as the core's `text`, which this crate cannot use: the runner in the page is small because it has no core.

/// At most `limit` characters of a text, on one line; control and direction characters are replaced.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    let clean = |c: char| match c {
        '\t' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        c => c,
    };
    if text.chars().nth(limit).is_none() {
        return text.chars().map(clean).collect();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).map(clean).collect();
    short.push('…');
    short
}

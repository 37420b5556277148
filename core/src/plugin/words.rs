//! A plug-in's words: what of them may be shown, and what may be a name.

use crate::text::visible;

/// A text of a plug-in on one line, without what could steer a terminal, turn the direction of writing or hide.
pub(super) fn prose(text: &str) -> String {
    let one_line = match text.contains(['\n', '\r']) {
        true => text.split_whitespace().collect::<Vec<_>>().join(" "),
        false => text.to_owned(),
    };
    visible(&one_line).chars().map(|c| if is_invisible(c) { '\u{fffd}' } else { c }).collect()
}

/// Characters that are not seen and are no control characters: they make two different names look the same.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Characters that no edit may insert: they make a file look different from what it is, or steer the terminal that shows it.
pub(super) fn deceives(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || is_invisible(c)
}

/// Lower-case letters, digits and single hyphens, starting with a letter.
pub(super) fn is_kebab(name: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('-').all(part)
}

/// Whether a text is an address that may be a link: of the web, and nothing in it that a reader would not see.
pub(super) fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'`'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shown_as_they_are() {
        assert_eq!(prose("a\n  b\r\nc"), "a b c");
        assert_eq!(prose("\u{1b}]0;x\u{7}"), "\u{241b}]0;x\u{2407}");
        assert_eq!(prose("a\u{202e}b\u{ad}\u{e0041}\u{2060}"), "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(prose("Größe 🚢 <b>&amp;</b>"), "Größe 🚢 <b>&amp;</b>");
    }

    #[test]
    fn edits_insert_what_is_seen() {
        assert!(!"FROM a\r\n\tRUN 'ü🚢' — ü".chars().any(deceives));
        for c in [
            '\u{1b}',
            '\0',
            '\u{7f}',
            '\u{9b}',
            '\u{202e}',
            '\u{2067}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{feff}',
            '\u{e0020}',
        ] {
            assert!(deceives(c), "{c:?}");
        }
    }

    #[test]
    fn links_lead_to_the_web() {
        for url in ["https://rules.example/a?b=c#d", "http://wiki.internal:8080/x"] {
            assert!(is_web(url), "{url}");
        }
        for url in [
            "",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "file:///etc",
            "HTTPS://x",
            "https://a b",
            "https://a\u{202e}",
            "https://a\"x",
        ] {
            assert!(!is_web(url), "{url}");
        }
    }
}

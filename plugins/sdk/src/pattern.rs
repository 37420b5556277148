//! Patterns as people write them into settings.

/// Whether a text matches a pattern in which `*` stands for any run of characters, none included.
///
/// ```
/// use plimsoll_plugin_sdk::pattern::matches;
///
/// assert!(matches("team-*", "team-shop"));
/// assert!(!matches("team-*", "shop"));
/// ```
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or("");
    // Each `*` takes as little as it can, which is enough since the last piece must end the text.
    for piece in pieces {
        match text.split_once(piece) {
            Some((_, behind)) => text = behind,
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, text, want) in [
            ("db", "db", true),
            ("db", "db2", false),
            ("test-*", "test-db", true),
            ("*-debug", "web-debug", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), want, "{pattern} {text}");
        }
    }
}

//! Text for YAML.

/// A text as a YAML value that reads back as this very text: quoted where it would else be a number, a flag or something else.
///
/// ```
/// use plimsoll_plugin_sdk::prelude::yaml_text;
///
/// assert_eq!(yaml_text("web-team"), "web-team");
/// assert_eq!(yaml_text("yes"), r#""yes""#);
/// assert_eq!(yaml_text("8.4"), r#""8.4""#);
/// assert_eq!(yaml_text("a: \"b\""), r#""a: \"b\"""#);
/// ```
#[must_use]
pub fn yaml_text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether every reader takes it for a text as it stands.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 12] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf", "infinity"];
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@' | '+');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(safe)
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::yaml_text;

    #[test]
    fn what_is_no_plain_text_is_quoted() {
        for (text, want) in [
            ("team@example.net", "team@example.net"),
            ("/srv/data", "/srv/data"),
            ("", "\"\""),
            ("null", "\"null\""),
            ("No", "\"No\""),
            ("-x", "\"-x\""),
            ("@x", "\"@x\""),
            ("1e3", "\"1e3\""),
            ("a #b", "\"a #b\""),
            ("a\nb\\", "\"a\\nb\\\\\""),
            ("a\u{1b}", "\"a\\U0000001b\""),
            ("ü", "\"ü\""),
        ] {
            assert_eq!(yaml_text(text), want);
        }
    }
}

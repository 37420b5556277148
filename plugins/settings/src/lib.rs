//! The settings of a plug-in: held against its JSON Schema, and the form that the schema asks for.
//!
//! The schema comes with the plug-in, so it is as little trusted as the plug-in: nothing is fetched, references may only lead into
//! the schema itself, patterns match in linear time, and the work of one validation is counted and bounded. General validators of
//! JSON Schema promise none of this, and this one runs in a page, too.

pub mod form;
mod refer;

#[cfg(feature = "validate")]
mod keywords;
#[cfg(feature = "validate")]
mod number;
#[cfg(feature = "validate")]
mod place;
#[cfg(feature = "validate")]
mod schema;
#[cfg(feature = "validate")]
mod validate;
#[cfg(feature = "validate")]
mod values;

#[cfg(feature = "validate")]
pub use schema::check_schema;
#[cfg(feature = "validate")]
pub use validate::validate;

/// Bytes of a schema. No description of a plug-in may be larger.
pub const MAX_SCHEMA_BYTES: usize = 256 << 10;

/// Bytes of settings.
pub const MAX_SETTINGS_BYTES: usize = 256 << 10;

/// Faults that are listed: who sees twenty starts with the first.
pub const MAX_FAULTS: usize = 20;

/// What is wrong at one place of the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The place, as a JSON Pointer. Empty for the settings as a whole, and for a fault of the schema itself.
    pub pointer: String,
    /// What is wrong, with the name of the setting.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// At most so many characters of a stranger's text, without what could steer a terminal or hide text.
pub(crate) fn shown(text: &str, limit: usize) -> String {
    let mut short: String = text
        .chars()
        .take(limit)
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            c => c,
        })
        .collect();
    if text.chars().nth(limit).is_some() {
        short.pop();
        short.push('…');
    }
    short
}

/// A key as one part of a JSON Pointer.
#[cfg(feature = "validate")]
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_cannot_steer() {
        assert_eq!(shown("a\u{1b}[31m\n\u{202e}", 20), "a\u{fffd}[31m \u{fffd}");
        assert_eq!(shown("abcdef", 4), "abc…");
        assert_eq!(shown("abcd", 4), "abcd");
    }

    #[cfg(feature = "validate")]
    #[test]
    fn a_key_in_a_pointer() {
        assert_eq!(escape("a/b~c"), "a~1b~0c");
    }
}

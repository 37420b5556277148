//! Why one finding of a plug-in does not count.

use crate::text::{shorten, visible};
use std::fmt;

/// Why one finding is left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// Its rule is not declared.
    UndeclaredRule(String),
    /// It names a document that does not exist.
    Document(u32),
    /// A span does not fit its text, or cuts a character.
    Span {
        /// The document's name.
        path: String,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// Two edits of a fix overlap.
    Overlap(String),
    /// A text is too long, or a list has too many entries: what, and the limit.
    TooMuch(&'static str, u64),
    /// An edit inserts control characters, or characters that are not seen or turn the direction of writing.
    Control(String),
    /// It says nothing.
    NoMessage,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UndeclaredRule(id) => {
                write!(f, "a finding names the rule `{}`, which the plug-in does not declare", shorten(id, 60))
            }
            Self::Document(index) => write!(f, "a finding points into document {index}, which does not exist"),
            Self::Span { path, start, end } => write!(
                f,
                "a finding points at bytes {start} to {end} of {}, which is no stretch of its text",
                visible(path)
            ),
            Self::Overlap(title) => write!(f, "the edits of the fix `{}` overlap", shorten(title, 60)),
            Self::TooMuch(what, limit) => write!(f, "a finding has {what} beyond the limit of {limit}"),
            Self::Control(title) => {
                write!(f, "the fix `{}` would insert control or invisible characters", shorten(title, 60))
            }
            Self::NoMessage => write!(f, "a finding has no message"),
        }
    }
}

impl std::error::Error for Problem {}

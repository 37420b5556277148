//! PHP source, as far as strings, calls and defines go.

use super::SyntaxError;
use crate::span::Span;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Php {
    /// Comments.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(_text: &str) -> Php {
    Php::default()
}

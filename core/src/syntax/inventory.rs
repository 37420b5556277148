//! Output of `docker` commands: JSON, JSON Lines, or the text of `docker diff`.

use super::SyntaxError;
use crate::span::Span;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Inventory {
    /// Comments.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(_text: &str) -> Inventory {
    Inventory::default()
}

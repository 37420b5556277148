//! Caddy's configuration: directives with arguments, and blocks of them.

use super::SyntaxError;
use crate::span::Span;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Caddyfile {
    /// Comments.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(_text: &str) -> Caddyfile {
    Caddyfile::default()
}

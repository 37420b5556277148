//! Jenkins pipelines: the strings of a Groovy text that are shell, images and credentials.

use super::SyntaxError;
use crate::span::Span;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Jenkinsfile {
    /// Comments.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(_text: &str) -> Jenkinsfile {
    Jenkinsfile::default()
}

//! One parser per format. Each is a total function from text to a tree with exact byte spans, comments kept and errors as values.
//!
//! A parser knows nothing of other formats, of the model, or of rules.

pub mod apache;
pub mod caddyfile;
pub mod crontab;
pub mod directives;
pub mod dockerfile;
pub mod dockerignore;
pub mod dotenv;
pub mod ini;
pub mod inventory;
pub mod jenkinsfile;
pub mod json;
pub mod makefile;
pub mod nginx;
pub mod php;
pub mod redis_acl;
pub mod redis_conf;
pub mod script;
pub mod shell;
pub mod yaml;

use crate::span::Span;

/// What a parser could not read, and where. Never a reason to stop: the tree holds everything else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// The smallest text that explains the error.
    pub span: Span,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do next, where there is something better to say than the message.
    pub help: Option<String>,
}

impl SyntaxError {
    /// An error without a further hint.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

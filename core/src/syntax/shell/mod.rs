//! Shell commands: which programs a piece of shell text runs, with which words, and how they are joined.
//!
//! Not a full grammar: it finds simple commands (inside lists, pipelines, compound commands, functions and substitutions), their
//! words, assignments and redirections, and steps over the rest. It is total, linear and recurses at most [`MAX_DEPTH`] deep, so
//! hostile text costs no more than its length. Expansion is out of scope: a word says whether its text is all there is to it.

mod command;
mod invocation;
mod nested;
mod reader;
mod redirect;
mod source_map;
mod word;
mod wrappers;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::span::Span;

pub use invocation::{command_string, is_shell, unquote};
pub use nested::{
    Handed, MAX_LEVELS, Piece, Place, follow, follow_with, input_of_shells, sh_argument, ssh_destination,
};
pub use source_map::SourceMap;

/// How deep subshells and substitutions are followed; text nested deeper is stepped over unread.
pub const MAX_DEPTH: u16 = 40;

/// Reads shell text. Spans are relative to `text`.
#[must_use]
pub fn parse(text: &str) -> Script {
    reader::read(text)
}

/// Everything a piece of shell text may run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Script {
    /// Simple commands in source order; a command stands before those in its own substitutions.
    pub commands: Vec<Command>,
    /// Names of the functions defined.
    pub functions: Vec<Word>,
    /// Here-documents, in the order of their bodies.
    pub heredocs: Vec<HereDocument>,
    /// From `#` to the end of the line.
    pub comments: Vec<Span>,
    /// What was opened first and never closed: a quote, a substitution, a here-document.
    pub unclosed: Option<Span>,
}

/// One simple command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// What stands between the command before it and this one.
    pub before: Operator,
    /// How many subshells and substitutions it is inside of.
    pub depth: u16,
    /// Leading `NAME=value` words.
    pub assignments: Vec<Word>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Redirections, wherever they stood.
    pub redirects: Vec<Redirect>,
    /// From its first to its last word or redirection.
    pub span: Span,
    /// Commands with the same number are stages of one pipeline.
    pub pipeline: u32,
}

/// What joins a command to the one before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Operator {
    /// Nothing: the first command of the text.
    Start,
    /// `|` or `|&`.
    Pipe,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `;`, a new line, or the edge of a compound command.
    Sequence,
    /// `&`: the one before runs in the background.
    Background,
    /// The first command of a subshell or substitution.
    Open,
}

/// One word after quote removal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// Text without quotes; expansions are kept as they are written.
    pub text: String,
    /// Whether `text` is the whole truth: no expansion took part.
    pub literal: bool,
    /// Whether any part was quoted or escaped.
    pub quoted: bool,
    /// The word as written, quotes included.
    pub span: Span,
}

/// One redirection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redirect {
    /// The operator without the file descriptor, as in `>>`.
    pub operator: String,
    /// The file descriptor in front of the operator, where one is written.
    pub file_descriptor: Option<u32>,
    /// File, descriptor or here-document name.
    pub target: Word,
    /// Descriptor, operator and target.
    pub span: Span,
}

/// The body of a `<<` redirection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HereDocument {
    /// Span of the name in the redirection: equals the `target.span` of its [`Redirect`].
    pub marker: Span,
    /// The delimiter without quotes.
    pub name: String,
    /// The raw lines, without the line of the delimiter.
    pub body: Span,
    /// Whether the shell expands variables in it.
    pub expand: bool,
}

impl Script {
    /// The commands grouped by pipeline, pipelines in source order.
    #[must_use]
    pub fn pipelines(&self) -> Vec<Vec<&Command>> {
        let mut order = BTreeMap::new();
        let mut groups: Vec<Vec<&Command>> = Vec::new();
        for command in &self.commands {
            let group = *order.entry(command.pipeline).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(group) {
                group.push(command);
            }
        }
        groups
    }

    /// The same script with every span moved by `map`, as when its text was cut out of a larger one.
    #[must_use]
    pub fn map_spans(mut self, map: impl Fn(Span) -> Span) -> Self {
        let word = |word: &mut Word| word.span = map(word.span);
        for command in &mut self.commands {
            command.span = map(command.span);
            command.assignments.iter_mut().for_each(word);
            command.words.iter_mut().for_each(word);
            for redirect in &mut command.redirects {
                redirect.span = map(redirect.span);
                word(&mut redirect.target);
            }
        }
        self.functions.iter_mut().for_each(word);
        for heredoc in &mut self.heredocs {
            heredoc.marker = map(heredoc.marker);
            heredoc.body = map(heredoc.body);
        }
        self.comments.iter_mut().for_each(|comment| *comment = map(*comment));
        self.unclosed = self.unclosed.map(&map);
        self
    }
}

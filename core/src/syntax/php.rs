//! PHP source, as far as literals go: constants, array entries with their path, assignments, calls, and what is read from the
//! environment. Nothing is executed; whatever is no literal is unknown.
//!
//! The text is cut into tokens exactly as PHP does it (inline HTML, comments, all kinds of strings, here-documents). On top of the
//! tokens, a reading that knows brackets, commas, `=>` and calls, and steps over the rest: a configuration file is understood, a
//! program is not.

mod reader;
mod tokens;

#[cfg(test)]
mod tests;

use super::SyntaxError;
use crate::span::Span;

pub use tokens::{Token, TokenKind};

/// Larger files are not read; a configuration file is a few kilobytes.
const MAX_BYTES: usize = 4 << 20;
/// Further tokens are not read.
const MAX_TOKENS: usize = 1_000_000;
/// Brackets nested deeper are stepped over.
const MAX_DEPTH: usize = 64;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Php {
    /// Constants that are defined: `define('NAME', value)`, `const NAME = value`, `Config::define('NAME', value)`.
    pub constants: Vec<Constant>,
    /// Array entries and assignments, in order. The path of an entry leads over its parents: see [`Php::path`].
    pub entries: Vec<Entry>,
    /// Environment variables that are read.
    pub environment: Vec<EnvUse>,
    /// Calls of functions by name, static methods as `Class::method`.
    pub calls: Vec<Call>,
    /// Comments, with `//`, `#`, `/*` and `*/`.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// A defined constant.
#[derive(Clone, PartialEq, Debug)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Where the name is written, quotes included.
    pub name_span: Span,
    /// Its value.
    pub value: Value,
    /// From `define` or `const` to the end of the value or the closing bracket.
    pub span: Span,
    /// Whether it stands behind a condition or in a block, so that it may not be reached.
    pub conditional: bool,
}

/// `'key' => value`, an item of a list, or `$name['key'] = value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The entry whose array this one is in; `None` at the top.
    pub parent: Option<usize>,
    /// The variable that is assigned to, without `$`; only at the top, `None` for an array that is returned or passed on.
    pub variable: Option<String>,
    /// The key: that of the array, the position in a list, a class or constant by its name; for an assignment the last subscript,
    /// or the variable itself when there is none.
    pub key: String,
    /// All subscripts of the variable that is assigned to, the key included.
    pub subscripts: Vec<String>,
    /// Where the key is written, quotes included; for an item of a list, where the item is.
    pub key_span: Span,
    /// The value.
    pub value: Value,
    /// Whether it stands behind a condition or in a block.
    pub conditional: bool,
}

/// An environment variable that is read.
#[derive(Clone, PartialEq, Debug)]
pub struct EnvUse {
    /// Its name.
    pub key: String,
    /// Where the name is written, quotes included.
    pub key_span: Span,
    /// What is used without it, as far as it is written beside it.
    pub default: Option<Value>,
    /// The whole expression: `env('KEY', 1)`, `$_ENV['KEY']`.
    pub span: Span,
}

/// A call.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// The function as written, without a leading `\`.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// The arguments.
    pub args: Vec<Value>,
    /// From the name to the closing bracket.
    pub span: Span,
}

/// A value and where it is written.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where it is written, quotes and brackets included.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub enum ValueKind {
    /// A string without a variable in it, escapes resolved; also several joined with `.`.
    String(String),
    /// A number as written, with its sign.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// `[…]` or `array(…)`; its entries are entries of the file.
    Array,
    /// A class or another constant by its name: `E_ALL`, `Foo::class`.
    Constant(String),
    /// Read from the environment.
    Environment {
        /// The variable.
        key: String,
        /// The value without it, when it is a literal.
        default: Option<Box<ValueKind>>,
    },
    /// Anything that is computed.
    Unknown,
}

impl Value {
    /// The text of a literal string or number.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.kind.text()
    }

    /// What PHP takes the literal for as a boolean; `None` for what is not known.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        self.kind.truth()
    }
}

impl ValueKind {
    /// The text of a literal string or number.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// What PHP takes the literal for as a boolean; `None` for what is not known.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Null => Some(false),
            Self::String(text) => Some(!matches!(text.as_str(), "" | "0")),
            Self::Number(text) => Some(text.bytes().any(|byte| (b'1'..=b'9').contains(&byte))),
            Self::Array | Self::Constant(_) | Self::Environment { .. } | Self::Unknown => None,
        }
    }
}

impl Php {
    /// The constant of this name. Of several definitions PHP keeps the first; one that is reached for sure comes before one behind a
    /// condition, unless that is the only one.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        let mut named = self.constants.iter().filter(|constant| constant.name == name);
        let first = named.next()?;
        if first.conditional { named.find(|constant| !constant.conditional).or(Some(first)) } else { Some(first) }
    }

    /// The keys that lead to an entry, its own last.
    #[must_use]
    pub fn path(&self, index: usize) -> Vec<&str> {
        let mut path: Vec<&str> = Vec::new();
        let mut next = Some(index);
        while let Some(entry) = next.and_then(|index| self.entries.get(index)) {
            match entry.variable {
                Some(_) => path.extend(entry.subscripts.iter().rev().map(String::as_str)),
                None => path.push(&entry.key),
            }
            // A parent always stands before its children.
            next = entry.parent.filter(|parent| next.is_some_and(|own| *parent < own));
        }
        path.reverse();
        path
    }

    /// The variable at the top of an entry's path, without `$`.
    #[must_use]
    pub fn variable_of(&self, index: usize) -> Option<&str> {
        let mut at = index;
        while let Some(parent) = self.entries.get(at)?.parent.filter(|parent| *parent < at) {
            at = parent;
        }
        self.entries.get(at)?.variable.as_deref()
    }

    /// The last entry at a path of keys, whatever variable it belongs to.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<&Entry> {
        let last = path.last()?;
        let (_, entry) = self
            .entries
            .iter()
            .enumerate()
            .rev()
            .find(|(index, entry)| entry.key == *last && self.path(*index) == path)?;
        Some(entry)
    }

    /// The last assignment to a variable, `name` without `$`, with these subscripts.
    #[must_use]
    pub fn assigned(&self, name: &str, subscripts: &[&str]) -> Option<&Entry> {
        let found = self.entries.iter().enumerate().rev().find(|(index, entry)| {
            let key = subscripts.last().copied().unwrap_or(name);
            entry.key == key && self.variable_of(*index) == Some(name) && self.path(*index) == subscripts
        });
        found.map(|(_, entry)| entry)
    }

    /// The entries directly in the array of an entry, or those at the top with `None`.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().enumerate().filter(move |(_, entry)| entry.parent == parent)
    }

    /// Calls of a function, its name in any case.
    pub fn calls_of<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p Call> {
        self.calls.iter().filter(move |call| call.name.eq_ignore_ascii_case(name))
    }
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Php {
    let mut out = Php::default();
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes and was not read");
        out.errors.push(SyntaxError::new(Span::at(0), message));
        return out;
    }
    let cut = tokens::tokens(text);
    out.comments = cut.comments;
    out.errors = cut.errors;
    reader::read(text, &cut.tokens, &mut out);
    out
}

/// The tokens of a file, without comments and blanks; those of inline HTML are one each.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    if text.len() > MAX_BYTES { Vec::new() } else { tokens::tokens(text).tokens }
}

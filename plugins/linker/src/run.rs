//! How a run ends early, in the words of the terminal.

use crate::text::shorten;
use std::fmt;

/// What a plug-in was doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum During {
    /// Being set up.
    Start,
    /// Saying what it is.
    Describe,
    /// Looking at a project.
    Check,
}

impl fmt::Display for During {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "while it was set up",
            Self::Describe => "while it described itself",
            Self::Check => "while it looked at the project",
        })
    }
}

/// How a run ended early. A browser has no fuel; what takes too long is ended from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// It asked for more memory than it may have.
    Memory,
    /// It asked for more table elements than it may have.
    Table,
    /// It called itself too deep.
    Stack,
    /// What it returned is larger than is read.
    Result,
    /// It gave up: a panic, or an abort of its language's runtime.
    Panic,
    /// A text of it is not UTF-8.
    Text,
    /// A value of it is none of its type: a case or a discriminant that does not exist, or an address outside of its memory.
    Value(String),
    /// Any other trap.
    Trap(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => write!(f, "it asked for more memory than it may have"),
            Self::Table => write!(f, "it asked for larger tables than it may have"),
            Self::Stack => write!(f, "it called itself too deep"),
            Self::Result => write!(f, "it returned more than is read"),
            Self::Panic => write!(f, "it panicked"),
            Self::Text => write!(f, "it returned a text that is not UTF-8"),
            Self::Value(reason) => {
                write!(f, "it returned what is no value of its interface ({})", shorten(reason, 200))
            }
            Self::Trap(reason) => write!(f, "it failed ({})", shorten(reason, 200)),
        }
    }
}

impl Stop {
    /// The kind of end, in a word that does not change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Stack => "stack",
            Self::Result => "result-size",
            Self::Panic => "panic",
            Self::Text => "text",
            Self::Value(_) => "value",
            Self::Trap(_) => "trap",
        }
    }

    /// What a browser's words for a trap mean. No two browsers use the same, and none gives a code.
    #[must_use]
    pub fn of_browser(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        // Chromium: `unreachable`; Firefox: `unreachable executed`; Safari: `Unreachable code should not be executed`.
        if says(&["unreachable"]) {
            Self::Panic
        } else if says(&["call stack", "recursion", "stack overflow"]) {
            Self::Stack
        } else if says(&["could not allocate memory", "out of memory", "cannot allocate"]) {
            Self::Memory
        } else {
            Self::Trap(text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_words_for_traps() {
        assert_eq!(Stop::of_browser("unreachable"), Stop::Panic);
        assert_eq!(Stop::of_browser("Unreachable code should not be executed (evaluating '…')"), Stop::Panic);
        assert_eq!(Stop::of_browser("Maximum call stack size exceeded"), Stop::Stack);
        assert_eq!(Stop::of_browser("too much recursion"), Stop::Stack);
        assert_eq!(Stop::of_browser("WebAssembly.Memory(): could not allocate memory"), Stop::Memory);
        let other = Stop::of_browser("divide by zero");
        assert_eq!((other.code(), other.to_string().as_str()), ("trap", "it failed (divide by zero)"));
    }
}

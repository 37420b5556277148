//! Shell scripts: every command of the file, also those that it hands to shells inside of it (`sh -c`, `ssh`, `docker exec … sh -c`,
//! here-documents), with spans of the file.

#[cfg(test)]
mod tests;

use super::SyntaxError;
use super::shell::{self, HereDocument, Piece, SourceMap, Word};
use crate::span::Span;

/// Larger scripts are not read; `get.docker.com` has 23 kilobytes.
const MAX_BYTES: usize = 2 << 20;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Script {
    /// The first line, when it names the program that runs the file.
    pub shebang: Option<Shebang>,
    /// The file's own text, then what it hands to other shells. Empty when the file is for a program that is no shell.
    pub pieces: Vec<Piece>,
    /// Comments, without the shebang.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// `#!/bin/sh -e`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shebang {
    /// The program's name without its directory; the one behind `env`.
    pub program: String,
    /// The whole line.
    pub span: Span,
}

impl Script {
    /// Every command, the file's own first.
    pub fn commands(&self) -> impl Iterator<Item = (&Piece, &shell::Command)> {
        self.pieces.iter().flat_map(|piece| piece.script.commands.iter().map(move |command| (piece, command)))
    }

    /// Names of the functions that the file defines.
    #[must_use]
    pub fn functions(&self) -> &[Word] {
        self.pieces.first().map_or(&[], |piece| &piece.script.functions)
    }

    /// The file's own here-documents.
    #[must_use]
    pub fn heredocs(&self) -> &[HereDocument] {
        self.pieces.first().map_or(&[], |piece| &piece.script.heredocs)
    }
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Script {
    let mut out = Script { shebang: shebang(text), ..Script::default() };
    if text.len() > MAX_BYTES {
        let message = format!("this script is larger than {MAX_BYTES} bytes and was not read");
        out.errors.push(SyntaxError::new(Span::at(0), message));
        return out;
    }
    if out.shebang.as_ref().is_some_and(|shebang| !shell::is_shell(&shebang.program)) {
        return out;
    }
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = Span::new(start, text.len());
    out.pieces = shell::follow(body.slice(text), &SourceMap::verbatim(body));
    if let Some(own) = out.pieces.first() {
        let shebang = out.shebang.as_ref().map(|shebang| shebang.span.start);
        out.comments = own.script.comments.iter().copied().filter(|comment| Some(comment.start) != shebang).collect();
        out.comments.sort_unstable();
        out.errors.extend(own.script.unclosed.map(|span| unclosed(span, text)));
    }
    out
}

/// The program that a first line such as `#!/usr/bin/env -S bash -e` names.
#[must_use]
pub fn shebang(text: &str) -> Option<Shebang> {
    let line = text.strip_prefix('\u{feff}').unwrap_or(text).lines().next()?;
    let start = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let words = line.strip_prefix("#!")?.split_whitespace();
    let named = |word: &&str| {
        let name = word.rsplit('/').next().unwrap_or("");
        name != "env" && !name.starts_with('-') && !name.contains('=')
    };
    let program = words.into_iter().find(named)?.rsplit('/').next()?.to_owned();
    Some(Shebang { program, span: Span::new(start, start + line.trim_end().len()) })
}

/// What was opened and never closed, in the words of who wrote it.
pub(super) fn unclosed(span: Span, text: &str) -> SyntaxError {
    let before = text.get(..span.range().start).unwrap_or("");
    let (message, help) = match span.slice(text) {
        "'" | "\"" => ("this quote is never closed", "add the closing quote where the text ends"),
        "`" => ("this backtick is never closed", "add the closing backtick, or use `$(…)`"),
        "(" | "$" => ("this parenthesis is never closed", "add the closing `)`"),
        "{" => ("this brace is never closed", "add the closing `}`"),
        "" => ("the file ends before a parenthesis or quote is closed", "look for the opening one without its partner"),
        _ if before.trim_end_matches('-').trim_end().ends_with("<<") => {
            ("this here-document never ends", "write its delimiter alone on a line")
        }
        _ => ("this is never closed", "look for the quote or parenthesis that opens here"),
    };
    SyntaxError::new(span, message).with_help(help)
}

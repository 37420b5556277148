//! Syntax errors in words that a developer can act on, and spans that point at the cause rather than at where the parser stopped.

use granit_parser::ErrorKind;

use super::{SyntaxError, Tree};
use crate::span::Span;

/// What is known where the parser stopped.
pub(super) struct Context<'t> {
    pub(super) text: &'t str,
    /// What was read so far.
    pub(super) tree: &'t Tree,
    /// The innermost open bracket.
    pub(super) bracket: Option<Span>,
}

/// Turns what the parser said at byte `at` into a located message.
pub(super) fn explain(context: &Context<'_>, at: usize, kind: &ErrorKind, info: String) -> SyntaxError {
    let text = context.text;
    let quoted = matches!(kind, ErrorKind::UnclosedQuotedScalar);
    if let Some(tab) = tab_in_indentation(text, at).filter(|_| !quoted) {
        return SyntaxError::new(tab, "a tab cannot indent YAML").with_help("use spaces");
    }
    let here = character(text, at);
    let line = rest_of_line(text, at);
    let whole_line = rest_of_line(text, line_content(text, at));
    if let Some(bracket) = context.bracket.filter(|_| notices_open_bracket(kind)) {
        // On a later line, a bracket that was not closed is likelier than a mistake within it.
        if text.get(bracket.end as usize..at).is_some_and(|between| between.contains('\n')) {
            return never_closed(bracket, bracket.slice(text));
        }
    }
    match kind {
        ErrorKind::UnclosedQuotedScalar => SyntaxError::new(here, "this quote is never closed")
            .with_help("add the closing quote at the end of the value"),
        ErrorKind::DocumentIndicatorInQuotedScalar => {
            SyntaxError::new(here, "a new document starts inside a quoted value")
                .with_help("close the quote before this line")
        }
        ErrorKind::UnclosedFlowCollection { open } => never_closed(here, if *open == '{' { "{" } else { "[" }),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            SyntaxError::new(here, format!("this `{open}` is closed by `{close}`"))
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            SyntaxError::new(here, "this bracket closes nothing").with_help("remove it, or quote the value")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            SyntaxError::new(here, "expected `,` or the closing bracket")
        }
        ErrorKind::MappingValueNotAllowed => second_colon(context, at),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => not_a_pair(line),
        ErrorKind::ExpectedBlockMappingKey if whole_line.slice(text).starts_with("- ") => {
            SyntaxError::new(whole_line, "a list item cannot stand among `key: value` pairs")
                .with_help("indent it under the key it belongs to")
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
            SyntaxError::new(line, "the indentation of this line matches no line above it")
                .with_help("align it with its neighbours")
        }
        ErrorKind::ExpectedBlockSequenceEntry => SyntaxError::new(line, "expected a list item that starts with `- `")
            .with_help("indent the line under the item above, or move the key out of the list"),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => {
            SyntaxError::new(here, "a list item with `-` cannot stand here")
                .with_help("put it on its own line below the key, or quote the value")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            SyntaxError::new(here, format!("an unquoted value cannot start with `{character}`"))
                .with_help("put the value in quotes")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            SyntaxError::new(line, "there is text after the closing quote")
                .with_help("quote the whole value, or double the quote inside it")
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => {
            SyntaxError::new(here, "this value in double quotes has an escape that YAML does not know")
                .with_help("double the backslash, or use single quotes")
        }
        ErrorKind::ExpectedNodeContent => SyntaxError::new(here, "expected a value here"),
        ErrorKind::MissingAnchorOrAliasName => {
            SyntaxError::new(here, "an anchor or alias needs a name").with_help("or quote the value")
        }
        ErrorKind::UndeclaredTagHandle => SyntaxError::new(here, "this tag's prefix is not declared"),
        ErrorKind::MappingKeyNotAllowed => SyntaxError::new(here, "a key cannot start here"),
        ErrorKind::InvalidBlockScalarHeader => SyntaxError::new(here, "nothing may follow `|` or `>` on its line"),
        ErrorKind::InvalidBlockScalarIndent => {
            SyntaxError::new(line, "this line is indented less than the block of text it belongs to")
        }
        ErrorKind::RecursionLimitExceeded => too_deep(here),
        _ => SyntaxError::new(here, info),
    }
}

/// An alias without an anchor.
pub(super) fn unknown_alias(span: Span, name: &str) -> SyntaxError {
    SyntaxError::new(span, format!("nothing is anchored as `&{name}`"))
        .with_help("define the anchor above this line, in the same document")
}

/// A text that is not read at all.
pub(super) fn too_large(limit: usize) -> SyntaxError {
    SyntaxError::new(Span::at(0), format!("this file is larger than {limit} bytes and was not read"))
}

/// A text with more nodes than are kept.
pub(super) fn too_many_nodes(span: Span, limit: usize) -> SyntaxError {
    SyntaxError::new(span, format!("there are more than {limit} values; the rest was not read"))
}

/// Collections in collections in collections.
pub(super) fn too_deep(span: Span) -> SyntaxError {
    SyntaxError::new(span, "the nesting is too deep; the rest was not read")
}

/// `: ` where no key can be. Usually the line above lacks its colon, or this line is indented too deep.
fn second_colon(context: &Context<'_>, at: usize) -> SyntaxError {
    let text = context.text;
    let last = context.tree.nodes.last().map(|node| node.span).filter(|span| span.end as usize == at);
    if let Some(scalar) = last.filter(|span| span.slice(text).contains(['\n', '\r'])) {
        // What looked like a key was read as the continuation of the lines above.
        let start = scalar.start as usize;
        let before = text.get(line_start(text, start)..start).unwrap_or("");
        if before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return not_a_pair(rest_of_line(text, start));
        }
        let key = rest_of_line(text, line_content(text, at));
        return SyntaxError::new(key, "this line is indented deeper than the value above, which it would continue")
            .with_help("align it with the key above");
    }
    SyntaxError::new(character(text, at), "a second `: ` cannot stand on this line")
        .with_help("quote the value if the colon is part of it, or start a new line")
}

/// Whether the error may be the first sign of a bracket that was not closed on its line.
fn notices_open_bracket(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::BlockEntryInFlowCollection
            | ErrorKind::MappingValueNotAllowed
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::ExpectedNodeContent
    )
}

fn never_closed(bracket: Span, open: &str) -> SyntaxError {
    let close = if open == "{" { '}' } else { ']' };
    SyntaxError::new(bracket, format!("`{open}` is never closed"))
        .with_help(format!("add the closing `{close}`, or look for a missing `,`"))
}

fn not_a_pair(line: Span) -> SyntaxError {
    SyntaxError::new(line, "this line is not a `key: value` pair").with_help("add `:` and a space after the key")
}

/// The character at `at`; at the end of the text, the empty span there.
fn character(text: &str, at: usize) -> Span {
    let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::new(at, at + length)
}

/// From `at` to the last visible character of its line.
fn rest_of_line(text: &str, at: usize) -> Span {
    let rest = text.get(at..).unwrap_or("");
    let line = rest.lines().next().unwrap_or("").trim_end();
    if line.is_empty() { character(text, at) } else { Span::new(at, at + line.len()) }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// First visible character of the line `at` stands on.
fn line_content(text: &str, at: usize) -> usize {
    let start = line_start(text, at);
    let line = text.get(start..).unwrap_or("");
    start + (line.len() - line.trim_start_matches([' ', '\t']).len())
}

/// The tabs that indent the line `at` stands on, or the next line when the parser stopped at a value that runs into it.
fn tab_in_indentation(text: &str, at: usize) -> Option<Span> {
    let start = line_start(text, at);
    let following = text.get(at..).and_then(|rest| rest.find('\n')).map(|newline| at + newline + 1);
    [Some(start), following].into_iter().flatten().find_map(|start| {
        let line = text.get(start..)?;
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        let blank = line.get(indentation..)?.starts_with(['\n', '\r', '#']);
        let tab = line.get(..indentation)?.find('\t').filter(|_| !blank)?;
        Some(Span::new(start + tab, start + indentation))
    })
}

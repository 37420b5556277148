//! `sh -c "…"`: shell text handed to a shell as an argument.

use super::SourceMap;
use super::word::ansi_escape;
use crate::span::Span;

/// Programs that run shell text given with `-c` or on standard input.
const SHELLS: [&str; 7] = ["sh", "bash", "ash", "dash", "ksh", "mksh", "zsh"];

/// Whether a program, with or without its directory, is a POSIX-like shell.
#[must_use]
pub fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    SHELLS.contains(&name)
}

/// Which of `words`, a command line that starts with its program, is shell text to run: the one after the `-c` of a shell, or of `su`.
#[must_use]
pub fn command_string(words: &[&str]) -> Option<usize> {
    let (program, args) = words.split_first()?;
    let name = program.rsplit('/').next().unwrap_or(program);
    if matches!(name, "su" | "runuser") {
        let option = args.iter().position(|word| matches!(*word, "-c" | "--command"))?;
        return (option + 1 < args.len()).then_some(option + 2);
    }
    if !is_shell(program) {
        return None;
    }
    let mut at = 0;
    let mut found = false;
    while let Some(word) = args.get(at) {
        if !word.starts_with(['-', '+']) || *word == "-" || *word == "--" {
            break;
        }
        if !word.starts_with("--") {
            found |= word.starts_with('-') && word.contains('c');
            // `-o pipefail` and `-eo pipefail` take the next word.
            if word.ends_with(['o', 'O']) {
                at += 1;
            }
        }
        at += 1;
    }
    (found && at < args.len()).then_some(at + 1)
}

/// Removes the quotes of a literal word as written, and says where each byte of the result stands in `raw`.
#[must_use]
pub fn unquote(raw: &str) -> (String, SourceMap) {
    let mut text = String::new();
    let mut map = SourceMap::default();
    let mut at = 0;
    let mut quote = None;
    let mut push = |piece: &str, start: usize, len: usize| {
        text.push_str(piece);
        map.push(piece.len(), Span::new(start, start + len));
    };
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let mut characters = rest.chars();
        let first = characters.next().unwrap_or_default();
        let second = characters.next();
        let both = first.len_utf8() + second.map_or(0, char::len_utf8);
        at += match (quote, first) {
            (Some('\''), '\'') | (Some('$'), '\'') | (Some('"'), '"') => {
                quote = None;
                1
            }
            (None, '\'' | '"') => {
                quote = Some(first);
                1
            }
            (None, '$') if second == Some('\'') => {
                quote = Some('$');
                2
            }
            (None, '$') if second == Some('"') => 1,
            (None | Some('"'), '\\') if second == Some('\n') => 2,
            (Some('$'), '\\') => {
                let (character, len) = ansi_escape(rest);
                push(character.encode_utf8(&mut [0; 4]), at, len);
                len
            }
            (None, '\\') => {
                push(rest.get(1..both).unwrap_or(""), at + 1, both - 1);
                both
            }
            (Some('"'), '\\') if matches!(second, Some('"' | '$' | '`' | '\\')) => {
                push(rest.get(1..both).unwrap_or(""), at + 1, both - 1);
                both
            }
            _ => {
                let more = rest.get(first.len_utf8()..).unwrap_or("");
                let len = first.len_utf8() + more.find(['\'', '"', '\\', '$']).unwrap_or(more.len());
                push(rest.get(..len).unwrap_or(""), at, len);
                len
            }
        };
    }
    (text, map)
}

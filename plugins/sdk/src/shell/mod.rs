//! The commands of a RUN, word by word: enough of a shell to see which program is started with which arguments, and no more.
//!
//! ```
//! use plimsoll_plugin_sdk::prelude::*;
//! use plimsoll_plugin_sdk::shell;
//!
//! fn downloads(project: &Project) -> Vec<Finding> {
//!     let stages = project.stages().filter(|stage| stage.deployed());
//!     let commands = stages.flat_map(|stage| stage.instructions("RUN")).flat_map(shell::commands);
//!     let curl = commands.filter(|command| command.program() == Some("curl"));
//!     curl.filter_map(|command| Some(finding("download", command.words.first()?.at, "A file is downloaded"))).collect()
//! }
//! ```
//!
//! What cannot be read for sure is left out: substitutions and globs make a [`Word`] that is not known, a shell other than POSIX's and
//! text behind an unclosed quote give no commands at all.

mod reader;

use crate::abi::{Location, NodeKind, Span};
use crate::access::NodeRef;
use reader::{End, Piece, Reader};

/// A word of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// Its text without quotes.
    pub text: String,
    /// Where it is written, quotes included.
    pub at: Location,
    /// Whether the text is what the program is given: no variable, no substitution, no pattern of files.
    pub known: bool,
}

/// A program with its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// Its words, the program first; assignments and redirections are left out.
    pub words: Vec<Word>,
    /// Whether it may not be run: it stands in an `if`, a loop or a function, behind `||`, or behind a test and `&&`.
    pub conditional: bool,
}

impl Command {
    /// The program's name without its folder, when it is known; what `sudo`, `env` and the like start is the program.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        let first = self.words.first().filter(|word| word.known)?;
        Some(first.text.rsplit('/').next().unwrap_or(&first.text))
    }

    /// Its arguments.
    #[must_use]
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// The commands of a RUN, those of its here-documents too when the shell runs them.
#[must_use]
pub fn commands(run: NodeRef<'_>) -> Vec<Command> {
    if run.kind() != NodeKind::Instruction || !run.key().eq_ignore_ascii_case("RUN") || has_other_shell(run) {
        return Vec::new();
    }
    let at = run.value_location();
    let flags_end = run.children().filter(|node| node.kind() == NodeKind::Flag).map(|flag| flag.span().end).max();
    let start = flags_end.unwrap_or(0).max(at.span.start);
    let span = Span { start, end: at.span.end.max(start) };
    let text = run.document_text().get(span.start as usize..span.end as usize).unwrap_or("");
    // `[ -f x ]` is a command of the shell; only a list of strings is the exec form.
    if text.trim_start().starts_with('[') && serde_json::from_str::<Vec<String>>(text).is_ok() {
        return exec_form(run);
    }
    let document = run.document();
    let mut all = read(text, true, &|range| document.location(shifted(range, span.start)));
    if all.is_empty() && text.trim_start().starts_with("<<") {
        for body in run.children().filter(|node| node.kind() == NodeKind::Heredoc) {
            let at = body.value_location();
            let script = run.document_text().get(at.span.start as usize..at.span.end as usize).unwrap_or("");
            if is_script_of_shell(script) {
                all.extend(read(script, false, &|range| document.location(shifted(range, at.span.start))));
            }
        }
    }
    all
}

fn shifted(range: (usize, usize), by: u32) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(by);
    Span { start: offset(range.0), end: offset(range.1) }
}

/// Whether lines are continued by another character, as on Windows, or SHELL was set to something that is no POSIX shell.
fn has_other_shell(run: NodeRef<'_>) -> bool {
    let document = run.document();
    let posix = |node: NodeRef<'_>| {
        let program = node.arguments().next().map_or("", NodeRef::value);
        matches!(program.rsplit('/').next().unwrap_or(""), "sh" | "bash" | "ash" | "dash" | "zsh")
    };
    let find = || {
        document.directives("escape").any(|directive| directive.value() != "\\")
            || document.instructions("SHELL").any(|node| !posix(node))
    };
    document.project().other_shell(document.index(), find)
}

fn exec_form(run: NodeRef<'_>) -> Vec<Command> {
    let word = |node: NodeRef<'_>| Word { text: node.value().to_owned(), at: node.location(), known: true };
    let words: Vec<Word> = run.arguments().map(word).collect();
    if words.is_empty() { Vec::new() } else { vec![Command { words, conditional: false }] }
}

/// Whether a here-document without a command is run by a shell: its first line may name another interpreter.
fn is_script_of_shell(script: &str) -> bool {
    match script.strip_prefix("#!") {
        Some(rest) => {
            let line = rest.lines().next().unwrap_or("");
            line.split(['/', ' ']).any(|part| matches!(part, "sh" | "bash" | "ash" | "dash"))
        }
        None => true,
    }
}

/// Reads commands. In a Dockerfile's own text, lines that go on with a backslash are one, with comments between them.
fn read(text: &str, continued: bool, place: &dyn Fn((usize, usize)) -> Location) -> Vec<Command> {
    let mut blocks = Blocks::default();
    let mut commands = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    let mut reader = Reader::new(text, continued);
    loop {
        match reader.piece() {
            Piece::Word { text, range, known } => words.push(Word { text, at: place(range), known }),
            Piece::End(end) => {
                let conditional = blocks.take(&mut words, end);
                strip(&mut words);
                if !words.is_empty() {
                    commands.push(Command { words: std::mem::take(&mut words), conditional });
                }
                if end == End::Text {
                    return commands;
                }
            }
            // From here on nothing is sure; what was read before stands.
            Piece::Unclear => return commands,
        }
    }
}

/// What decides whether a command is run.
#[derive(Default)]
struct Blocks {
    depth: usize,
    /// Behind `||`, or behind a test and `&&`.
    chance: bool,
}

impl Blocks {
    /// Takes the shell's own words off a command; whether the command may not be run.
    fn take(&mut self, words: &mut Vec<Word>, end: End) -> bool {
        while let Some(first) = words.first() {
            match first.text.as_str() {
                "if" | "while" | "until" => self.depth += 1,
                // These are followed by names, not by a command.
                "for" | "case" | "select" | "function" => {
                    self.depth += 1;
                    words.clear();
                    break;
                }
                "fi" | "done" | "esac" => self.depth = self.depth.saturating_sub(1),
                "{" | "}" | "then" | "else" | "elif" | "do" | "!" | "time" => {}
                _ => break,
            }
            words.remove(0);
        }
        let conditional = self.depth > 0 || self.chance;
        let tests = words.first().is_some_and(|word| matches!(word.text.as_str(), "[" | "[[" | "test"));
        self.chance = match end {
            End::Or => true,
            End::And => self.chance || tests,
            End::Pipe => self.chance,
            End::Command | End::Text => false,
            End::Function => {
                // The end of a function is not looked for: whether it is called is not known, so all of the rest may not run.
                self.depth += 1;
                words.clear();
                false
            }
        };
        conditional
    }
}

/// Takes assignments and programs that only start another one off a command.
fn strip(words: &mut Vec<Word>) {
    while let Some(first) = words.first() {
        let wrapper =
            matches!(first.text.as_str(), "sudo" | "env" | "exec" | "command" | "nice" | "eatmydata" | "nohup");
        let name = first.text.split_once('=').map(|(name, _)| name);
        let assigns =
            name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        if !wrapper && !assigns {
            return;
        }
        words.remove(0);
        // Options of a wrapper may take values that look like a program: then nothing is said.
        if wrapper && words.first().is_some_and(|word| word.text.starts_with('-')) {
            words.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, read};
    use crate::abi::{Location, Span};

    fn commands(text: &str, continued: bool) -> Vec<Command> {
        let place = |(start, end): (usize, usize)| {
            let span = Span { start: u32::try_from(start).unwrap_or(0), end: u32::try_from(end).unwrap_or(0) };
            Location { document: 0, span }
        };
        read(text, continued, &place)
    }

    /// Each command as its words, `?` in front when it may not run, `~` in front of words that are not known.
    fn shown(text: &str) -> Vec<String> {
        let word = |word: &super::Word| format!("{}{}", if word.known { "" } else { "~" }, word.text);
        let show = |command: &Command| {
            let words: Vec<String> = command.words.iter().map(word).collect();
            format!("{}{}", if command.conditional { "?" } else { "" }, words.join(" "))
        };
        commands(text, true).iter().map(show).collect()
    }

    #[test]
    fn commands_are_taken_apart() {
        assert_eq!(
            shown(
                "set -eux; apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y \"git\" 'a b' 2>/dev/null | tee x"
            ),
            ["set -eux", "apt-get update", "apt-get install -y git a b", "tee x"]
        );
        assert_eq!(shown("a >&2 <in >> out b & c"), ["a b", "c"]);
        assert_eq!(shown("(a; b) && { c; }"), ["a", "b", "c"]);
        assert_eq!(shown("sudo apk add x"), ["apk add x"]);
        assert_eq!(shown("sudo -u root apk add x; y"), ["y"]);
    }

    #[test]
    fn continued_lines_are_one() {
        let text = "apk add \\\n    git \\\n    # why\n\n    cu\\\nrl \\\n  && b";
        assert_eq!(shown(text), ["apk add git curl", "b"]);
        assert_eq!(shown("a # all of it\\\n b"), ["a"]);
        let git = &commands(text, true)[0].words[2];
        assert_eq!(&text[git.at.span.start as usize..git.at.span.end as usize], "git");
    }

    #[test]
    fn a_script_has_lines_of_its_own() {
        let found = commands("a\n# c\nb \\\n  d\n", false);
        let words: Vec<Vec<&str>> =
            found.iter().map(|command| command.words.iter().map(|word| word.text.as_str()).collect()).collect();
        assert_eq!(words, [vec!["a"], vec!["b", "d"]]);
    }

    #[test]
    fn what_is_not_known_is_marked() {
        assert_eq!(
            shown("a $X \"$Y\" '$Z' `ls` $(echo \"a)\" b) x* {a,b} \\$ ~ b~=1"),
            ["a ~$X ~$Y $Z ~`ls` ~$(echo \"a)\" b) ~x* ~{a,b} $ ~~ b~=1"]
        );
        assert_eq!(shown("a; b 'open"), ["a"]);
        assert_eq!(shown("a; b $(open"), ["a"]);
    }

    #[test]
    fn what_may_not_run_is_marked() {
        assert_eq!(shown("if [ -n \"$D\" ]; then a; else b; fi; c"), ["?[ -n ~$D ]", "?a", "?b", "c"]);
        assert_eq!(shown("[ -f x ] && a && b; c || d; e"), ["[ -f x ]", "?a", "?b", "c", "?d", "e"]);
        assert_eq!(shown("for x in a b; do c; done; d"), ["?c", "d"]);
        assert_eq!(shown("f() { a; }; b"), ["?a", "?b"]);
    }
}

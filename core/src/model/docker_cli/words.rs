//! Words of a command line with the variables that the script sets, and what stays unknown.

use crate::model::compose::Text;
use crate::model::interpolate::Certainty;
use crate::source::{Location, SourceId};
use crate::syntax::shell::{Piece, Place, Word};
use std::collections::{BTreeMap, BTreeSet};

/// Defaults inside of defaults are followed this deep.
const MAX_DEPTH: usize = 16;
/// Longest text that a word expands to.
const MAX_TEXT: usize = 64 << 10;
/// Longer texts of variables are not kept.
const MAX_VALUE: usize = 1024;
/// Most words that one word is split into.
const MAX_SPLIT: usize = 200;

/// One word of a command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arg {
    /// Its text; a part that is not known stands as `${NAME}`.
    pub value: Text,
    /// It is nothing but a variable without quotes and without a value: it may be several words, or none.
    pub loose: bool,
}

impl Arg {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.value.text
    }
}

/// What variables stand for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// `None` for a variable that is set, but not to one text.
    values: BTreeMap<String, Option<(String, Certainty)>>,
}

impl Scope {
    /// Sets a variable over what was known of it: a job's own variable over the pipeline's.
    pub fn replace(&mut self, name: &str, value: Option<(String, Certainty)>) {
        self.values.insert(name.to_owned(), value);
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(String, Certainty)> {
        self.values.get(name).cloned().flatten()
    }

    /// Whether a variable is set, to whatever.
    #[must_use]
    pub fn sets(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// This scope and what pieces of shell assign on top of it. What they assign once and literally is known.
    #[must_use]
    pub fn with(&self, pieces: &[Piece]) -> Self {
        let pieces = || pieces.iter().filter(|piece| !matches!(piece.place, Place::Container(_)));
        // A function runs after what stands below it, so what is set in two ways is unknown everywhere.
        let mut first: BTreeMap<&str, Option<(String, bool)>> = BTreeMap::new();
        let mut open: BTreeSet<&str> = BTreeSet::new();
        for (name, value) in pieces().flat_map(assignments) {
            if let Some(known) = first.get(name) {
                if *known != value {
                    open.insert(name);
                }
            } else {
                first.insert(name, value);
            }
        }
        let mut scope = self.clone();
        for (name, value) in pieces().flat_map(assignments) {
            // `TAG=${TAG:-1}` gives its default.
            let before = scope.values.remove(name);
            let value = value.filter(|_| !open.contains(name)).and_then(|(text, literal)| {
                let read = if literal { (text, Certainty::Known) } else { expand_text(&text, &scope, &mut Vec::new()) };
                (read.1 != Certainty::Unknown && read.0.len() <= MAX_VALUE).then_some(read)
            });
            // The second time round the same text is read the same way.
            scope
                .replace(name, value.or_else(|| before.flatten().filter(|_| !open.contains(name) && !self.sets(name))));
        }
        scope
    }
}

/// Variables that a piece sets, in order: the name, and the text with whether it is literal. `None` where it is no text: `read x`,
/// `for x in …`, `x+=…`.
pub fn assignments(piece: &Piece) -> impl Iterator<Item = (&str, Option<(String, bool)>)> {
    piece.script.commands.iter().flat_map(|command| {
        let declares = matches!(
            command.words.first().map(|word| word.text.as_str()),
            Some("export" | "readonly" | "local" | "declare" | "typeset")
        );
        let mut found: Vec<(&str, Option<(String, bool)>)> = Vec::new();
        let own: &[Word] = if command.words.is_empty() { &command.assignments } else { &[] };
        let declared: &[Word] = if declares { command.words.get(1..).unwrap_or(&[]) } else { &[] };
        for word in own.iter().chain(declared) {
            let Some((name, value)) = word.text.split_once('=') else { continue };
            match name.strip_suffix('+') {
                Some(name) => found.push((name, None)),
                None if name.contains('[') || value.starts_with('(') && !word.literal => found.push((name, None)),
                None => found.push((name, Some((value.to_owned(), word.literal)))),
            }
        }
        let second = command.words.get(1).map(|word| word.text.as_str());
        match (command.words.first().map(|word| word.text.as_str()), second) {
            (Some("for" | "select"), Some(name)) => found.push((name, None)),
            (Some("read" | "mapfile" | "readarray" | "getopts" | "unset"), _) => {
                found.extend(command.words.iter().skip(1).map(|word| (word.text.as_str(), None)));
            }
            _ => {}
        }
        found
    })
}

/// A word of the file as arguments: one, or several where a known variable without quotes holds blanks. `budget` is what expansion
/// may still add, for all words of one analysis together.
#[must_use]
pub fn expand(word: &Word, scope: &Scope, source: SourceId, budget: &mut usize) -> Vec<Arg> {
    let at = Location::new(source, word.span);
    let text = |text: String, certainty, variables| Text { text, certainty, variables, at };
    if word.literal {
        return vec![Arg { value: text(word.text.clone(), Certainty::Known, Vec::new()), loose: false }];
    }
    let mut variables = Vec::new();
    let (expanded, certainty) = expand_text(&word.text, scope, &mut variables);
    let added = expanded.len().saturating_sub(word.text.len());
    if added > *budget {
        return vec![Arg { value: text(word.text.clone(), Certainty::Unknown, variables), loose: false }];
    }
    *budget -= added;
    if !word.quoted && certainty != Certainty::Unknown {
        // The shell splits what comes out of a variable, and drops it when it is empty.
        let parts = expanded.split_whitespace().take(MAX_SPLIT);
        return parts
            .map(|part| Arg { value: text(part.to_owned(), certainty, variables.clone()), loose: false })
            .collect();
    }
    // `"$@"` and `"${args[@]}"` are many words in spite of their quotes.
    let many = expanded.contains("[@]") || expanded == "${@}";
    let whole = expanded.starts_with("${") && expanded.find('}') == Some(expanded.len() - 1);
    let loose = certainty == Certainty::Unknown && (many || !word.quoted) && whole;
    vec![Arg { value: text(expanded, certainty, variables), loose }]
}

/// A text with its expansions, as in double quotes. Names of variables that took part are added to `variables`.
#[must_use]
pub fn expand_text(text: &str, scope: &Scope, variables: &mut Vec<String>) -> (String, Certainty) {
    let mut out = Out { text: String::with_capacity(text.len()), certainty: Certainty::Known };
    read(text, scope, variables, &mut out, 0);
    (out.text, out.certainty)
}

struct Out {
    text: String,
    certainty: Certainty,
}

impl Out {
    fn unknown(&mut self, name: &str, variables: &mut Vec<String>) {
        variables.push(name.to_owned());
        self.certainty = Certainty::Unknown;
        self.text.push_str("${");
        self.text.push_str(name);
        self.text.push('}');
    }
}

fn read(text: &str, scope: &Scope, variables: &mut Vec<String>, out: &mut Out, depth: usize) {
    let mut rest = text;
    while let Some(at) = rest.find(['$', '`']) {
        if out.text.len() > MAX_TEXT {
            out.certainty = Certainty::Unknown;
            return;
        }
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.text.push_str(before);
        let after = from.get(1..).unwrap_or("");
        let length = if from.starts_with('`') {
            match after.find('`') {
                Some(end) => {
                    command(after.get(..end).unwrap_or(""), variables, out);
                    end + 2
                }
                None => literal(from, out),
            }
        } else {
            match after.chars().next() {
                Some('(') => match closing(after, '(', ')') {
                    Some(end) => {
                        command(after.get(1..end).unwrap_or("").trim_matches(['(', ')']), variables, out);
                        end + 2
                    }
                    None => literal(from, out),
                },
                Some('{') if after.starts_with("{{") => match after.find("}}") {
                    Some(end) => {
                        expression(after.get(2..end).unwrap_or("").trim(), scope, variables, out);
                        end + 3
                    }
                    None => literal(from, out),
                },
                Some('{') => match closing(after, '{', '}') {
                    Some(end) => {
                        braced(after.get(1..end).unwrap_or(""), scope, variables, out, depth);
                        end + 2
                    }
                    None => literal(from, out),
                },
                Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                    let name = name_at(after);
                    variable(name, scope, variables, out);
                    1 + name.len()
                }
                Some(c @ ('0'..='9' | '@' | '*' | '#' | '?' | '$' | '!' | '-')) => {
                    out.unknown(&c.to_string(), variables);
                    2
                }
                _ => {
                    out.text.push('$');
                    1
                }
            }
        };
        rest = from.get(length..).unwrap_or("");
    }
    out.text.push_str(rest);
}

/// What never closes is kept as it is written; nothing behind it is known.
fn literal(from: &str, out: &mut Out) -> usize {
    out.certainty = Certainty::Unknown;
    out.text.push_str(from);
    from.len()
}

/// A command substitution. Of a folder's own name it is known at least what it means.
fn command(inside: &str, variables: &mut Vec<String>, out: &mut Out) {
    let first = inside.split_whitespace().next().unwrap_or("command");
    let name = if first == "pwd" { "PWD" } else { first.rsplit('/').next().unwrap_or(first) };
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
    out.unknown(if plain.is_empty() { "command" } else { &plain }, variables);
}

/// `${{ github.sha }}`: `env.NAME` is looked up, everything else stays a name.
fn expression(inside: &str, scope: &Scope, variables: &mut Vec<String>, out: &mut Out) {
    if let Some(key) = inside.strip_prefix("env.").filter(|key| name_at(key) == *key) {
        return variable(key, scope, variables, out);
    }
    let names = expression_names(inside);
    let first = names.first().copied().unwrap_or("expression").to_owned();
    variables.extend(names.iter().skip(1).map(|name| (*name).to_owned()));
    out.unknown(&first, variables);
}

/// The values that an expression of GitHub Actions takes part of: `github.ref`, `secrets.TOKEN`.
#[must_use]
pub fn expression_names(inside: &str) -> Vec<&str> {
    const CONTEXTS: [&str; 12] =
        ["github", "secrets", "env", "vars", "inputs", "matrix", "steps", "needs", "job", "jobs", "runner", "strategy"];
    let mut names: Vec<&str> = Vec::new();
    // Text in quotes names nothing.
    for (index, part) in inside.split('\'').enumerate() {
        if index % 2 == 1 {
            continue;
        }
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '*');
        for name in part.split(|c| !word(c)).filter(|name| !name.is_empty()).take(64) {
            let context = name.split('.').next().unwrap_or("");
            if CONTEXTS.contains(&context) && !names.contains(&name) && names.len() < 64 {
                names.push(name);
            }
        }
    }
    names
}

fn variable(name: &str, scope: &Scope, variables: &mut Vec<String>, out: &mut Out) {
    match scope.get(name) {
        Some((value, certainty)) => {
            variables.push(name.to_owned());
            out.text.push_str(&value);
            out.certainty = out.certainty.max(certainty);
        }
        None => out.unknown(name, variables),
    }
}

fn braced(inner: &str, scope: &Scope, variables: &mut Vec<String>, out: &mut Out, depth: usize) {
    let name = match name_at(inner) {
        "" => {
            inner.get(..1).filter(|c| c.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'@' | b'*'))).unwrap_or("")
        }
        name => name,
    };
    let operator = inner.get(name.len()..).unwrap_or("");
    let value = scope.get(name);
    let (colon, operator) = match operator.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, operator),
    };
    let word = operator.get(1..).unwrap_or("");
    let present = value.as_ref().is_some_and(|(value, _)| !(colon && value.is_empty()));
    match operator.bytes().next() {
        _ if name.is_empty() || depth >= MAX_DEPTH => out.unknown(inner, variables),
        None if !colon => variable(name, scope, variables, out),
        Some(b'-' | b'=') if present => variable(name, scope, variables, out),
        // Set to something that is not known: the default does not tell.
        Some(b'-' | b'=') if scope.sets(name) && value.is_none() => out.unknown(name, variables),
        Some(b'-' | b'=') => {
            variables.push(name.to_owned());
            out.certainty = out.certainty.max(Certainty::Defaulted);
            read(without_quotes(word), scope, variables, out, depth + 1);
        }
        Some(b'?') => variable(name, scope, variables, out),
        Some(b'+') if present => read(word, scope, variables, out, depth + 1),
        Some(b'[') => out.unknown(inner, variables),
        _ => out.unknown(name, variables),
    }
}

/// A default in quotes, `${TAG:-"1.2"}`, without them.
fn without_quotes(word: &str) -> &str {
    ['"', '\''].iter().find_map(|quote| word.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(word)
}

fn name_at(text: &str) -> &str {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return "";
    }
    let end = text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

/// Where the sign closes that a text begins with.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

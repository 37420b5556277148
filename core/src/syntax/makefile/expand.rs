//! What make puts in the place of references before a shell reads the line.

use std::collections::BTreeMap;

use super::{Assign, Logical, RecipeLine, Rule, Variable};
use crate::span::Span;
use crate::syntax::shell::{self, SourceMap};

/// How deep variables are followed into variables.
const MAX_DEPTH: usize = 24;
/// Longest text a variable may stand for.
const MAX_VALUE: usize = 16 << 10;
/// Most prerequisites that `$^` stands for.
const MAX_NAMES: usize = 64;
/// Longest target that `$@` stands for.
const MAX_NAME: usize = 256;
/// What all expansions of a file may produce: `A = $(B)$(B)` doubles with every line.
const BUDGET: usize = 4 << 20;

/// Expands the recipes of one file.
pub(super) struct Expander<'v> {
    values: BTreeMap<&'v str, Known<'v>>,
    budget: usize,
}

enum Known<'v> {
    /// Set once, unconditionally; or appended to.
    Text(Vec<&'v str>),
    /// Set in several ways, or by a shell.
    Open,
}

impl<'v> Expander<'v> {
    pub(super) fn new(variables: &'v [Variable]) -> Self {
        let mut values: BTreeMap<&str, Known<'v>> = BTreeMap::new();
        for variable in variables {
            let name = variable.name.as_str();
            let plain = !variable.conditional && variable.target.is_none() && variable.assign != Assign::Shell;
            let known = match values.remove(name) {
                None if plain => Known::Text(vec![&variable.value]),
                Some(Known::Text(mut parts)) if plain && variable.assign == Assign::Append => {
                    parts.push(&variable.value);
                    Known::Text(parts)
                }
                // A default below an assignment changes nothing.
                Some(known) if variable.assign == Assign::Default && plain => known,
                _ => Known::Open,
            };
            values.insert(name, known);
        }
        Self { values, budget: BUDGET }
    }

    /// The lines of a recipe as a shell reads them.
    pub(super) fn recipe(&mut self, text: &str, rule: &Rule, lines: &[Logical], one_shell: bool) -> Vec<RecipeLine> {
        let mut out: Vec<RecipeLine> = Vec::new();
        let mut whole = (String::new(), SourceMap::default());
        for line in lines {
            let raw = line.span.slice(text);
            // The recipe prefix is one character, a tab unless `.RECIPEPREFIX` says otherwise; blanks may follow it.
            let body = raw.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '@' | '-' | '+' | '>'));
            let prefix = raw.get(..raw.len() - body.len()).unwrap_or("");
            let start = line.span.range().start + prefix.len();
            let body = body.trim_end();
            if body.is_empty() {
                continue;
            }
            let span = Span::new(start, start + body.len());
            let (derived, map) = self.line(body, start, rule);
            if one_shell {
                if !whole.0.is_empty() {
                    whole.0.push('\n');
                    whole.1.push(1, Span::at(start));
                }
                whole.0.push_str(&derived);
                whole.1.append(&map);
            }
            if !one_shell || out.is_empty() {
                let (silent, may_fail) = (prefix.contains('@'), prefix.contains('-'));
                let pieces = if one_shell { Vec::new() } else { shell::follow(&derived, &map) };
                out.push(RecipeLine { silent, may_fail, span, pieces });
            } else if let Some(first) = out.first_mut() {
                first.span = first.span.to(span);
            }
        }
        if let Some(first) = out.first_mut().filter(|_| one_shell) {
            first.pieces = shell::follow(&whole.0, &whole.1);
        }
        out
    }

    /// One line: references replaced, `$$` a dollar sign, the tab of continued lines gone.
    fn line(&mut self, body: &str, start: usize, rule: &Rule) -> (String, SourceMap) {
        let mut derived = String::with_capacity(body.len());
        let mut map = SourceMap::default();
        let mut at = 0;
        let mut finder = Finder::default();
        while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
            let length = if let Some(reference) = finder.find(rest) {
                let value = self.value(&reference, rule, 0);
                derived.push_str(&value);
                map.push(value.len(), Span::new(start + at, start + at + reference.length));
                reference.length
            } else if rest.starts_with("\n\t") {
                derived.push('\n');
                map.push(1, Span::new(start + at, start + at + 1));
                2
            } else {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let more = rest.get(first..).unwrap_or("");
                let length = first + more.find(['$', '\n']).unwrap_or(more.len());
                derived.push_str(rest.get(..length).unwrap_or(""));
                map.push(length, Span::new(start + at, start + at + length));
                length
            };
            at += length;
        }
        (derived, map)
    }

    /// What a reference stands for. What is not known becomes an expansion that the shell would have to make, so that nobody takes
    /// it for text.
    fn value(&mut self, reference: &Reference<'_>, rule: &Rule, depth: usize) -> String {
        let unknown = |name: &str| {
            let plain: String = name.chars().take(40).filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            format!("${{{}}}", if plain.is_empty() { "make" } else { &plain })
        };
        let name = reference.name;
        let literal = |name: &str| !name.contains(['$', '%']);
        match name {
            "$" => return "$".to_owned(),
            "@" => {
                return match rule.targets.as_slice() {
                    [target] if literal(&target.text) && target.text.len() <= MAX_NAME => target.text.clone(),
                    _ => unknown("target"),
                };
            }
            "<" | "^" => {
                let wanted = if name == "<" { 1 } else { usize::MAX };
                let names: Vec<&str> =
                    rule.prerequisites.iter().take(wanted.min(MAX_NAMES + 1)).map(|name| name.text.as_str()).collect();
                let known = !names.is_empty() && names.len() <= MAX_NAMES && names.iter().all(|name| literal(name));
                let text = if known { names.join(" ") } else { String::new() };
                if text.is_empty() || text.len() > self.budget.min(MAX_VALUE) {
                    return unknown("prerequisites");
                }
                self.budget -= text.len();
                return text;
            }
            // Where make runs is where the shell runs.
            "CURDIR" | "PWD" => return "${PWD}".to_owned(),
            "MAKE" => return "make".to_owned(),
            _ => {}
        }
        if let Some(command) = name.strip_prefix("shell ") {
            // The command is run all the same; its output is not known.
            return if command.contains([')', '$', '`']) { unknown("shell") } else { format!("$({})", command.trim()) };
        }
        let Some(Known::Text(parts)) = self.values.get(name) else {
            return unknown(name.split([' ', ':', ',']).next().unwrap_or(""));
        };
        let raw = parts.join(" ");
        if depth >= MAX_DEPTH || raw.len() > MAX_VALUE || self.budget < raw.len() {
            return unknown(name);
        }
        self.budget -= raw.len();
        let mut out = String::new();
        let mut at = 0;
        let mut finder = Finder::default();
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            at += if let Some(inner) = finder.find(rest) {
                out.push_str(&self.value(&inner, rule, depth + 1));
                inner.length
            } else {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let more = rest.get(first..).unwrap_or("");
                let length = first + more.find('$').unwrap_or(more.len());
                out.push_str(rest.get(..length).unwrap_or(""));
                length
            };
            if out.len() > MAX_VALUE {
                return unknown(name);
            }
        }
        out
    }
}

/// A reference: `$(name)`, `${name}`, `$x`, `$$`.
struct Reference<'t> {
    name: &'t str,
    length: usize,
}

/// Finds references. A search for a closing parenthesis that fails is paid for by the length of the text, so after a few of them
/// the rest of a line is taken as it is written.
#[derive(Default)]
struct Finder {
    failures: u8,
}

impl Finder {
    const MAX_FAILURES: u8 = 16;

    /// The reference that a text begins with.
    fn find<'t>(&mut self, text: &'t str) -> Option<Reference<'t>> {
        let after = text.strip_prefix('$').filter(|_| self.failures < Self::MAX_FAILURES)?;
        let close = match after.chars().next()? {
            '(' => ')',
            '{' => '}',
            c => return Some(Reference { name: after.get(..c.len_utf8())?, length: 1 + c.len_utf8() }),
        };
        let found = closing(after, close);
        self.failures += u8::from(found.is_none());
        let at = found?;
        Some(Reference { name: after.get(1..at)?, length: 1 + at + 1 })
    }
}

/// Where the parenthesis or brace closes that a text begins with, on the same logical line.
fn closing(text: &str, close: char) -> Option<usize> {
    let open = if close == ')' { '(' } else { '{' };
    let mut depth = 0usize;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        } else if c == '\n' && before != '\\' {
            return None;
        }
        if c != '\r' {
            before = c;
        }
    }
    None
}

//! Makefiles: variables, targets, and the shell lines of their recipes, expanded where the variables are written out.
//!
//! Make replaces `$(NAME)` by text before a shell sees the line. [`RecipeLine::pieces`] holds what that shell then reads: its spans
//! are spans of the file, and everything that a variable stands for has the span of `$(NAME)`.

mod expand;
mod lines;
#[cfg(test)]
mod tests;

use super::SyntaxError;
use super::shell::{self, Piece};
use crate::span::Span;
use expand::Expander;
use lines::{Logical, logical_lines};

/// Larger files are not read.
const MAX_BYTES: usize = 2 << 20;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Makefile {
    /// Assignments, in order.
    pub variables: Vec<Variable>,
    /// Rules, in order. `.PHONY` and other special targets are among them.
    pub rules: Vec<Rule>,
    /// Files that are read in at that place; they are not followed.
    pub includes: Vec<Include>,
    /// `.ONESHELL`: the lines of a recipe are one script.
    pub one_shell: bool,
    /// Comments, also those behind a line.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// How a variable is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assign {
    /// `=`: expanded where it is used.
    Recursive,
    /// `:=`, `::=`, `:::=`: expanded here.
    Simple,
    /// `?=`: only when the environment or a line above did not set it.
    Default,
    /// `+=`.
    Append,
    /// `!=`: the output of a shell command.
    Shell,
}

/// One assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// How it is set.
    pub assign: Assign,
    /// The text as written, continued lines joined by a space, references not expanded.
    pub value: String,
    /// Where the text is written.
    pub value_span: Span,
    /// Whether it is only set when a condition (`ifdef`, `ifeq`) holds.
    pub conditional: bool,
    /// The target it is set for, when not for all.
    pub target: Option<String>,
}

/// A name in a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// The text, references not expanded.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A rule: targets, what they need, and how they are made.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// What it makes.
    pub targets: Vec<Name>,
    /// What has to be there first.
    pub prerequisites: Vec<Name>,
    /// The shell lines. With `.ONESHELL` there is one, that holds the whole recipe.
    pub recipe: Vec<RecipeLine>,
    /// The line that names the targets.
    pub span: Span,
}

/// One line of a recipe, with the lines that a backslash joins to it.
#[derive(Clone, PartialEq, Debug)]
pub struct RecipeLine {
    /// `@`: it is not printed.
    pub silent: bool,
    /// `-`: it may fail.
    pub may_fail: bool,
    /// The line without its tab and prefixes.
    pub span: Span,
    /// What its shell reads, and what it hands to other shells.
    pub pieces: Vec<Piece>,
}

/// `include`, `-include`, `sinclude`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Include {
    /// The names as written.
    pub path: String,
    /// Where they are written.
    pub span: Span,
    /// Whether it may be missing.
    pub optional: bool,
}

impl Makefile {
    /// Every command of every recipe, with the rule it belongs to.
    pub fn commands(&self) -> impl Iterator<Item = (&Rule, &Piece, &shell::Command)> {
        self.rules.iter().flat_map(|rule| {
            rule.recipe
                .iter()
                .flat_map(|line| &line.pieces)
                .flat_map(move |piece| piece.script.commands.iter().map(move |command| (rule, piece, command)))
        })
    }

    /// The last assignment to a variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().rev().find(|variable| variable.name == name && variable.target.is_none())
    }
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Makefile {
    let mut reader =
        Reader { text, out: Makefile::default(), drafts: Vec::new(), conditions: Vec::new(), prefix: '\t' };
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes and was not read");
        reader.out.errors.push(SyntaxError::new(Span::at(0), message));
        return reader.out;
    }
    reader.read();
    let Reader { mut out, drafts, .. } = reader;
    let mut expander = Expander::new(&out.variables);
    for (rule, lines) in out.rules.iter_mut().zip(drafts) {
        rule.recipe = expander.recipe(text, rule, &lines, out.one_shell);
    }
    for rule in &out.rules {
        for line in &rule.recipe {
            if let Some(own) = line.pieces.first() {
                out.comments.extend(own.script.comments.iter().copied().filter(|span| !span.is_empty()));
            }
        }
    }
    out.comments.sort_unstable();
    out.comments.dedup();
    out
}

/// The lines of one recipe before expansion.
type Draft = Vec<Logical>;

struct Reader<'t> {
    text: &'t str,
    out: Makefile,
    /// The recipe of each rule.
    drafts: Vec<Draft>,
    /// Where each open `ifdef`, `ifeq` … stands.
    conditions: Vec<Span>,
    /// `.RECIPEPREFIX`.
    prefix: char,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut lines = logical_lines(self.text).peekable();
        // Whether a line that begins with a tab belongs to a recipe.
        let mut in_rule = false;
        while let Some(line) = lines.next() {
            let raw = line.span.slice(self.text);
            if in_rule && raw.starts_with(self.prefix) {
                self.recipe_line(line);
                continue;
            }
            let content = raw.trim();
            if content.is_empty() {
                continue;
            }
            let start = line.span.range().start + (raw.len() - raw.trim_start().len());
            if content.starts_with('#') {
                self.out.comments.push(Span::new(start, start + content.len()));
                continue;
            }
            if let Some(name) = content.strip_prefix("define").filter(|rest| rest.starts_with([' ', '\t'])) {
                self.define(name, start + "define".len(), &mut lines);
                continue;
            }
            let (code, comment) = without_comment(content);
            if let Some(at) = comment {
                self.out.comments.push(Span::new(start + at, start + content.len()));
            }
            in_rule = self.statement(code.trim_end(), start, in_rule);
        }
        for open in std::mem::take(&mut self.conditions) {
            self.error(open, "this condition is never closed", "add `endif`");
        }
    }

    fn error(&mut self, span: Span, message: &str, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            self.out.errors.push(SyntaxError::new(span, message).with_help(help));
        }
    }

    fn recipe_line(&mut self, line: Logical) {
        if let Some(draft) = self.drafts.last_mut() {
            draft.push(line);
        }
    }

    /// One line that is no recipe line. Returns whether recipe lines may follow.
    fn statement(&mut self, code: &str, start: usize, in_rule: bool) -> bool {
        let word = code.split([' ', '\t', '(']).next().unwrap_or("");
        match word {
            "ifdef" | "ifndef" | "ifeq" | "ifneq" => {
                self.conditions.push(Span::new(start, start + code.len()));
                return in_rule;
            }
            "else" => return in_rule,
            "endif" => {
                if self.conditions.pop().is_none() {
                    self.error(
                        Span::new(start, start + code.len()),
                        "no condition is open here",
                        "remove this `endif`",
                    );
                }
                return in_rule;
            }
            "include" | "-include" | "sinclude" => {
                let rest = code.get(word.len()..).unwrap_or("");
                let path = rest.trim();
                let at = start + word.len() + (rest.len() - rest.trim_start().len());
                let span = Span::new(at, at + path.len());
                self.out.includes.push(Include { path: path.to_owned(), span, optional: word != "include" });
                return false;
            }
            "vpath" | "unexport" | "undefine" | "load" | "-load" | "endef" => return false,
            _ => {}
        }
        if self.assignment(code, start, None) {
            return false;
        }
        if word == "export" {
            return false;
        }
        if let Some(colon) = rule_colon(code) {
            self.rule(code, colon, start);
            return true;
        }
        // A line of nothing but a function call: `$(eval …)`, `$(info …)`.
        if !code.starts_with('$') {
            self.error(
                Span::new(start, start + code.len()),
                "this line is no rule, no variable and no recipe",
                "recipe lines begin with a tab; rules have a colon behind their targets",
            );
        }
        false
    }

    /// `NAME = text`, with or without `export`, `override`, `private` in front.
    fn assignment(&mut self, code: &str, start: usize, target: Option<&str>) -> bool {
        let Some((at, length, assign)) = assign_operator(code) else { return false };
        let left = code.get(..at).unwrap_or("");
        let mut name = left.trim();
        for word in ["export", "override", "private", "export"] {
            name = name.strip_prefix(word).filter(|rest| rest.starts_with([' ', '\t'])).map_or(name, str::trim_start);
        }
        if name.is_empty() || name.contains([' ', '\t', ':', '#']) {
            return false;
        }
        let name_end = start + left.trim_end().len();
        let right = code.get(at + length..).unwrap_or("");
        let value = right.trim();
        let value_start = start + at + length + (right.len() - right.trim_start().len());
        if name == ".RECIPEPREFIX" {
            self.prefix = value.chars().next().unwrap_or('\t');
        }
        self.out.variables.push(Variable {
            name: name.to_owned(),
            name_span: Span::new(name_end - name.len(), name_end),
            assign,
            value: joined(value),
            value_span: Span::new(value_start, value_start + value.len()),
            conditional: !self.conditions.is_empty(),
            target: target.map(str::to_owned),
        });
        true
    }

    fn rule(&mut self, code: &str, colon: usize, start: usize) {
        let (left, right) = code.split_at_checked(colon).unwrap_or((code, ""));
        let colons = right.len() - right.trim_start_matches([':', '&']).len();
        let behind = right.get(colons..).unwrap_or("");
        let behind_start = start + colon + colons;
        let targets = names(left, start);
        let first = targets.first().map(|name| name.text.clone()).unwrap_or_default();
        let trimmed = behind.trim_start();
        if self.assignment(trimmed, behind_start + behind.len() - trimmed.len(), Some(&first)) {
            return;
        }
        if first == ".ONESHELL" {
            self.out.one_shell = true;
        }
        // `target: a b; command`
        let (needs, command) = match behind.split_once(';') {
            Some((needs, command)) => (needs, Some((command, behind_start + needs.len() + 1))),
            None => (behind, None),
        };
        // `a | b`: what stands behind the bar has to be there, whatever its age.
        let prerequisites = names(needs, behind_start).into_iter().filter(|name| name.text != "|").collect();
        self.out.rules.push(Rule {
            targets,
            prerequisites,
            recipe: Vec::new(),
            span: Span::new(start, start + code.len()),
        });
        self.drafts.push(Vec::new());
        if let Some((command, at)) = command.filter(|(command, _)| !command.trim().is_empty()) {
            self.recipe_line(Logical { span: Span::new(at, at + command.len()) });
        }
    }

    /// `define NAME` up to `endef`.
    fn define(&mut self, head: &str, at: usize, lines: &mut std::iter::Peekable<impl Iterator<Item = Logical>>) {
        let name_start = at + head.len() - head.trim_start().len();
        let name = head.trim().trim_end_matches(['=', ':', '?', '+']).trim_end();
        let body_start = lines.peek().map_or(self.text.len(), |line| line.span.range().start);
        let mut end = body_start;
        let mut closed = false;
        for line in lines.by_ref() {
            let raw = line.span.slice(self.text).trim();
            if raw == "endef" || raw.starts_with("endef ") || raw.starts_with("endef#") {
                closed = true;
                break;
            }
            end = line.span.range().end;
        }
        let name_span = Span::new(name_start, name_start + name.len());
        if !closed {
            self.error(name_span, "this definition is never closed", "add `endef`");
        }
        let value_span = Span::new(body_start, end.max(body_start));
        self.out.variables.push(Variable {
            name: name.to_owned(),
            name_span,
            assign: Assign::Recursive,
            value: value_span.slice(self.text).to_owned(),
            value_span,
            conditional: !self.conditions.is_empty(),
            target: None,
        });
    }
}

/// Words with their places; references keep their blanks: `$(call x, y)` is one.
fn names(text: &str, start: usize) -> Vec<Name> {
    let mut found = Vec::new();
    let mut from = None;
    let mut depth = 0usize;
    let mut push = |from: &mut Option<usize>, end: usize| {
        if let Some(begin) = from.take() {
            let text = text.get(begin..end).unwrap_or("").to_owned();
            found.push(Name { text, span: Span::new(start + begin, start + end) });
        }
    };
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
            || byte == b'\\' && matches!(text.as_bytes().get(at + 1), Some(b'\n' | b'\r'));
        if blank && depth == 0 {
            push(&mut from, at);
        } else {
            from.get_or_insert(at);
        }
    }
    push(&mut from, text.len());
    found
}

/// The code of a line and where its comment begins. `\#` begins none.
fn without_comment(line: &str) -> (&str, Option<usize>) {
    let bytes = line.as_bytes();
    let found =
        (0..bytes.len()).find(|&at| bytes.get(at) == Some(&b'#') && (at == 0 || bytes.get(at - 1) != Some(&b'\\')));
    match found {
        Some(at) => (line.get(..at).unwrap_or(""), Some(at)),
        None => (line, None),
    }
}

/// The first assignment operator outside of references that no rule's colon stands before: its place, length and kind.
fn assign_operator(code: &str) -> Option<(usize, usize, Assign)> {
    let bytes = code.as_bytes();
    let mut depth = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            b'=' => return Some((at, 1, Assign::Recursive)),
            b'?' | b'+' | b'!' if bytes.get(at + 1) == Some(&b'=') => {
                let assign = match byte {
                    b'?' => Assign::Default,
                    b'+' => Assign::Append,
                    _ => Assign::Shell,
                };
                return Some((at, 2, assign));
            }
            b':' => {
                let colons = bytes.iter().skip(at).take(4).take_while(|byte| **byte == b':').count();
                return (bytes.get(at + colons) == Some(&b'=')).then_some((at, colons + 1, Assign::Simple));
            }
            _ => {}
        }
    }
    None
}

/// The colon behind a rule's targets, outside of references. A drive letter or an escaped colon is none.
fn rule_colon(code: &str) -> Option<usize> {
    let bytes = code.as_bytes();
    let mut depth = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && (at == 0 || bytes.get(at - 1) != Some(&b'\\')) => {
                return Some(if at > 0 && bytes.get(at - 1) == Some(&b'&') { at - 1 } else { at });
            }
            _ => {}
        }
    }
    None
}

/// Continued lines as make joins them: a backslash, the line feed and the blanks around become one space.
fn joined(value: &str) -> String {
    if !value.contains("\\\n") && !value.contains("\\\r\n") {
        return value.to_owned();
    }
    let lines: Vec<&str> = value.lines().map(|line| line.trim().trim_end_matches('\\').trim_end()).collect();
    lines.join(" ")
}

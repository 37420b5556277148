//! Reads one instruction from its logical line.

use std::ops::Range;

use super::json::{self, Refusal};
use super::lines::LogicalLine;
use super::words::{self, is_blank, part, trim, unquote};
use super::{Arg, Body, Flag, Form, Healthcheck, Instruction, Keyword, Pair};
use crate::span::Span;
use crate::syntax::SyntaxError;
use crate::syntax::shell::SourceMap;

/// Reads instructions of one logical line. Ranges are ranges of its joined text.
pub(super) struct Reader<'l> {
    line: &'l str,
    map: &'l SourceMap,
    escape: char,
    errors: &'l mut Vec<SyntaxError>,
    hints: &'l mut Vec<SyntaxError>,
}

impl<'l> Reader<'l> {
    pub(super) fn new(
        line: &'l LogicalLine<'_>,
        escape: char,
        errors: &'l mut Vec<SyntaxError>,
        hints: &'l mut Vec<SyntaxError>,
    ) -> Self {
        Self { line: &line.text, map: &line.map, escape, errors, hints }
    }

    /// Reads the instruction in `range`. One behind ONBUILD is `nested`: an ONBUILD there is not followed again.
    pub(super) fn instruction(&mut self, range: Range<usize>, nested: bool) -> Instruction {
        let range = trim(self.line, range);
        let keyword_end = range.start + part(self.line, range.clone()).find(is_blank).unwrap_or(range.len());
        let keyword = Keyword::parse(part(self.line, range.start..keyword_end));
        let (flags, rest) = words::flags(self.line, keyword_end..range.end);
        let rest = trim(self.line, rest..range.end);
        let flags = flags.into_iter().map(|flag| self.flag(&flag)).collect();
        let mut instruction = Instruction {
            keyword,
            keyword_span: self.map.span(range.start..keyword_end),
            span: self.map.span(range.clone()),
            header_span: self.map.span(range),
            flags,
            form: Form::Words,
            args: Vec::new(),
            pairs: Vec::new(),
            heredocs: Vec::new(),
            body: None,
            healthcheck: None,
            trigger: None,
            foreign_shell: false,
            tentative: false,
        };
        self.arguments(&mut instruction, rest, nested);
        instruction
    }

    fn flag(&self, flag: &words::FlagWord) -> Flag {
        let name = flag.text.strip_prefix("--").unwrap_or(&flag.text);
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, None),
        };
        let raw = part(self.line, flag.range.clone());
        let value_span = value.as_ref().and_then(|_| raw.find('=')).map(|equals| {
            let start = flag.range.start + equals + 1;
            self.map.span(start..flag.range.end)
        });
        Flag { name: name.to_owned(), value, span: self.map.span(flag.range.clone()), value_span }
    }

    fn arguments(&mut self, instruction: &mut Instruction, rest: Range<usize>, nested: bool) {
        match instruction.keyword {
            Keyword::From | Keyword::Expose => self.fields(instruction, rest),
            Keyword::Add | Keyword::Copy | Keyword::Volume => {
                if !self.exec_form(instruction, rest.clone()) {
                    self.fields(instruction, rest);
                }
            }
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => self.exec_or_shell_form(instruction, rest),
            Keyword::Shell => {
                if !self.exec_form(instruction, rest.clone()) {
                    self.raw(instruction, rest);
                }
            }
            Keyword::User | Keyword::Workdir | Keyword::Stopsignal | Keyword::Maintainer | Keyword::Unknown => {
                self.raw(instruction, rest);
            }
            Keyword::Arg => self.build_arguments(instruction, rest),
            Keyword::Env | Keyword::Label => self.key_values(instruction, rest),
            Keyword::Healthcheck => self.healthcheck(instruction, rest),
            Keyword::Onbuild if nested => self.raw(instruction, rest),
            Keyword::Onbuild => {
                if !rest.is_empty() {
                    instruction.trigger = Some(Box::new(self.instruction(rest, true)));
                }
            }
        }
    }

    fn arg(&self, range: Range<usize>) -> Arg {
        Arg { text: part(self.line, range.clone()).to_owned(), span: self.map.span(range), map: None }
    }

    fn fields(&self, instruction: &mut Instruction, rest: Range<usize>) {
        let fields = words::fields(self.line, rest).into_iter();
        instruction.args.extend(fields.map(|range| self.arg(range)));
    }

    /// The whole rest as one argument.
    fn raw(&self, instruction: &mut Instruction, rest: Range<usize>) {
        if !rest.is_empty() {
            instruction.args.push(self.arg(rest));
        }
    }

    /// Whether the rest is a JSON array of strings.
    fn exec_form(&mut self, instruction: &mut Instruction, rest: Range<usize>) -> bool {
        match json::strings(self.line, rest.clone()) {
            Ok(elements) => {
                instruction.form = Form::Json;
                instruction.args.extend(elements.into_iter().map(|element| Arg {
                    text: element.text,
                    span: self.map.span(element.range),
                    map: Some(self.map.compose(&element.map)),
                }));
                true
            }
            Err(Refusal::NotStrings) => {
                let message = "a JSON array of arguments must hold nothing but strings";
                let help = "put every element in double quotes";
                self.errors.push(SyntaxError::new(self.map.span(rest), message).with_help(help));
                false
            }
            Err(Refusal::NotJson) => {
                self.hint_at_json(instruction.keyword, rest);
                false
            }
        }
    }

    /// `CMD ['a']` runs a program called `['a']`. A `[` with a space behind it is more likely the shell's test command.
    fn hint_at_json(&mut self, keyword: Keyword, rest: Range<usize>) {
        let text = part(self.line, rest.clone());
        let Some(inside) = text.strip_prefix('[') else { return };
        if text.starts_with("[[") || (keyword == Keyword::Run && inside.starts_with(char::is_whitespace)) {
            return;
        }
        let message = "this looks like the exec form but is no valid JSON array, so it is read as plain text";
        let help = "write a JSON array of double-quoted strings and nothing after it";
        self.hints.push(SyntaxError::new(self.map.span(rest), message).with_help(help));
    }

    fn exec_or_shell_form(&mut self, instruction: &mut Instruction, rest: Range<usize>) {
        if self.exec_form(instruction, rest.clone()) {
            return;
        }
        instruction.form = Form::Shell;
        self.raw(instruction, rest.clone());
        if !rest.is_empty() {
            instruction.body = Some(Body { text: part(self.line, rest.clone()).to_owned(), map: self.map.slice(rest) });
        }
    }

    fn healthcheck(&mut self, instruction: &mut Instruction, rest: Range<usize>) {
        let text = part(self.line, rest.clone());
        let kind = rest.start..rest.start + text.find(char::is_whitespace).unwrap_or(text.len());
        if kind.is_empty() {
            return;
        }
        let command = trim(self.line, kind.end..rest.end);
        let word = part(self.line, kind.clone());
        let is_command = word.eq_ignore_ascii_case("CMD");
        let span = self.map.span(kind.clone());
        instruction.args.push(self.arg(kind));
        if is_command {
            instruction.healthcheck = Some(Healthcheck::Cmd);
            self.exec_or_shell_form(instruction, command);
        } else {
            if word.eq_ignore_ascii_case("NONE") {
                instruction.healthcheck = Some(Healthcheck::None { span });
            }
            self.raw(instruction, command);
        }
    }

    fn build_arguments(&mut self, instruction: &mut Instruction, rest: Range<usize>) {
        instruction.form = Form::Pairs;
        for word in words::words(self.line, rest, self.escape) {
            instruction.args.push(self.arg(word.clone()));
            let pair = match part(self.line, word.clone()).find('=') {
                Some(equals) => self.assignment(word, equals),
                None => self.pair(word, None),
            };
            instruction.pairs.push(pair);
        }
    }

    fn key_values(&mut self, instruction: &mut Instruction, rest: Range<usize>) {
        instruction.form = Form::Pairs;
        let words = words::words(self.line, rest.clone(), self.escape);
        let Some(first) = words.first().cloned() else { return };
        instruction.args.extend(words.iter().map(|word| self.arg(word.clone())));
        if !part(self.line, first).contains('=') {
            return self.legacy_key_value(instruction, rest);
        }
        for word in words {
            if let Some(equals) = part(self.line, word.clone()).find('=') {
                let pair = self.assignment(word, equals);
                instruction.pairs.push(pair);
                continue;
            }
            let message = format!("{} needs the form name=value here, and there is no =", instruction.keyword.as_str());
            let error = SyntaxError::new(self.map.span(word), message);
            self.errors.push(error.with_help("write name=value, and quote a value that holds spaces"));
        }
    }

    /// `ENV key the rest is the value`.
    fn legacy_key_value(&mut self, instruction: &mut Instruction, rest: Range<usize>) {
        let key_end = rest.start + part(self.line, rest.clone()).find(is_blank).unwrap_or(rest.len());
        let value = trim(self.line, key_end..rest.end);
        if value.is_empty() {
            let keyword = instruction.keyword.as_str();
            let error = SyntaxError::new(self.map.span(rest.clone()), format!("{keyword} has a name but no value"));
            let name = part(self.line, rest);
            self.errors.push(error.with_help(format!("write {keyword} {name}=value")));
            return;
        }
        let pair = self.pair(rest.start..key_end, Some(value));
        instruction.pairs.push(pair);
    }

    fn assignment(&mut self, word: Range<usize>, equals: usize) -> Pair {
        let equals = word.start + equals;
        self.pair(word.start..equals, Some(equals + 1..word.end))
    }

    fn pair(&mut self, key: Range<usize>, value: Option<Range<usize>>) -> Pair {
        let raw_value = value.clone().map(|range| part(self.line, range).to_owned());
        let value_span = value.map(|range| self.map.span(range));
        if let (Some(raw), Some(span)) = (&raw_value, value_span) {
            self.hint_at_quote(raw, span);
        }
        Pair {
            key: unquote(part(self.line, key.clone()), self.escape),
            key_span: self.map.span(key),
            value: raw_value.as_deref().map(|raw| unquote(raw, self.escape)),
            value_span,
            raw_value,
        }
    }

    /// A quote that is never closed passes the builder's parser and fails when the value is expanded.
    fn hint_at_quote(&mut self, raw: &str, span: Span) {
        if words::unquote_closed(raw, self.escape).is_none() {
            let message = "this value holds a quote that is never closed";
            self.hints.push(SyntaxError::new(span, message).with_help("close the quote, or escape it if it is meant"));
        }
    }
}

//! Dockerfiles as BuildKit reads them: parser directives, logical lines, flags, the arguments of each instruction, here-documents.
//!
//! Unlike BuildKit it never gives up: a bad instruction costs only itself, and an unterminated here-document is ended at the next
//! line that looks like an instruction. Every offset is a byte of the text that was given, a byte order mark and CRLF included.
//!
//! What is deliberately absent: expansion of variables and the graph of stages, which are [`crate::model::dockerfile`].

mod body;
mod directives;
mod flags;
mod heredoc;
mod instruction;
mod json;
mod keyword;
mod lines;
mod scripts;
mod validate;
mod words;

#[cfg(test)]
mod tests;

use super::SyntaxError;
use super::shell::{SourceMap, is_shell};
use crate::span::Span;
use std::collections::BTreeMap;

pub use body::Body;
pub use flags::{
    CopyOptions, FlagValue, HealthOptions, Mount, MountKind, MountOption, RunNetwork, RunSecurity, milliseconds,
};
pub use keyword::Keyword;
pub use scripts::{ScriptSource, ShellScript};

use heredoc::Terminators;
use instruction::Reader;

/// Reads a Dockerfile.
#[must_use]
pub fn parse(text: &str) -> Dockerfile {
    let mut file = Dockerfile {
        directives: Vec::new(),
        escape: '\\',
        instructions: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
        hints: Vec::new(),
    };
    let mut at = directives::read(text, &mut file);
    let mut terminators = Terminators::new(text);
    let mut tentative = false;
    while let Some(line) = lines::logical_line(text, at, &mut file) {
        at = line.next;
        if line.text.trim().is_empty() {
            continue;
        }
        let mut reader = Reader::new(&line, file.escape, &mut file.errors, &mut file.hints);
        let mut instruction = reader.instruction(0..line.text.len(), false);
        let markers = if instruction.takes_heredocs() { heredoc::markers(&line.text) } else { Vec::new() };
        instruction.set_spans(line.span, line.span);
        instruction.set_tentative(tentative);
        if !markers.is_empty() {
            let upper_case = !line.text.trim_start().starts_with(|c: char| c.is_ascii_lowercase());
            let bodies = terminators.bodies(markers, &line, upper_case, &mut file.errors);
            at = bodies.next;
            tentative |= bodies.rewound;
            instruction.set_spans(line.span.to(Span::at(bodies.end)), line.span);
            instruction.set_heredocs(bodies.heredocs);
        }
        file.instructions.push(instruction);
    }
    shells(&mut file.instructions);
    validate::check(text, &mut file);
    file
}

/// Notes which instructions are read by something other than a POSIX-like shell. SHELL lasts to the end of its stage, and is
/// inherited by stages based on it.
fn shells(instructions: &mut [Instruction]) {
    let mut stages: BTreeMap<String, bool> = BTreeMap::new();
    let mut name = String::new();
    let mut foreign = false;
    for instruction in instructions {
        match instruction.keyword {
            Keyword::From => {
                let base = instruction.args.first().map(|arg| arg.text.to_ascii_lowercase()).unwrap_or_default();
                foreign = stages.get(&base).copied().unwrap_or(false);
                name = instruction.args.get(2).map(|arg| arg.text.to_ascii_lowercase()).unwrap_or_default();
                stages.insert(name.clone(), foreign);
            }
            Keyword::Shell if instruction.form == Form::Json => {
                foreign = !instruction.args.iter().any(|arg| is_shell(&arg.text));
                stages.insert(name.clone(), foreign);
            }
            _ => {}
        }
        instruction.foreign_shell = foreign;
    }
}

/// A Dockerfile, read.
#[derive(Clone, PartialEq, Debug)]
pub struct Dockerfile {
    /// `# syntax=…`, `# escape=…` and `# check=…` at the top.
    pub directives: Vec<Directive>,
    /// The character that continues lines and escapes in arguments.
    pub escape: char,
    /// Instructions in order.
    pub instructions: Vec<Instruction>,
    /// Comments from `#` to the end of their line, those between continued lines included. Not directives, not in here-documents.
    pub comments: Vec<Span>,
    /// What the builder would refuse, in source order.
    pub errors: Vec<SyntaxError>,
    /// What the builder accepts but hardly means what was meant, such as `CMD ['a']`.
    pub hints: Vec<SyntaxError>,
}

/// A parser directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// Lower-case name.
    pub name: String,
    /// Text after `=`, trimmed.
    pub value: String,
    /// The whole line from `#`.
    pub span: Span,
}

/// One instruction.
#[derive(Clone, PartialEq, Debug)]
pub struct Instruction {
    /// Which instruction.
    pub keyword: Keyword,
    /// The keyword as written.
    pub keyword_span: Span,
    /// Everything that belongs to it, with continued lines and here-documents, without the last newline.
    pub span: Span,
    /// The logical line, without here-documents.
    pub header_span: Span,
    /// `--name` and `--name=value` words before the arguments.
    pub flags: Vec<Flag>,
    /// How the arguments are written.
    pub form: Form,
    /// Arguments as BuildKit's parser cuts them, quotes kept; strings of the exec form are decoded. HEALTHCHECK begins with its
    /// type. ONBUILD has none: see `trigger`.
    pub args: Vec<Arg>,
    /// Keys and values of ENV, LABEL and ARG.
    pub pairs: Vec<Pair>,
    /// Here-documents of RUN, COPY and ADD, in the order of their bodies.
    pub heredocs: Vec<Heredoc>,
    /// Shell text of RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD in shell form.
    pub body: Option<Body>,
    /// What a HEALTHCHECK says.
    pub healthcheck: Option<Healthcheck>,
    /// The instruction behind ONBUILD.
    pub trigger: Option<Box<Instruction>>,
    /// Its shell form is not read by a POSIX-like shell: SHELL names another, such as PowerShell.
    pub foreign_shell: bool,
    /// It stands after an unterminated here-document, so it may be text of that document.
    pub tentative: bool,
}

/// How arguments are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// A JSON array: the exec form.
    Json,
    /// Text for a shell.
    Shell,
    /// Words, or one raw word as for USER.
    Words,
    /// Keys and values.
    Pairs,
}

/// A flag of an instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flag {
    /// Name without dashes.
    pub name: String,
    /// Text after `=`, quotes removed.
    pub value: Option<String>,
    /// The whole flag.
    pub span: Span,
    /// The value as written.
    pub value_span: Option<Span>,
}

/// One argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arg {
    /// Its text; see [`Instruction::args`].
    pub text: String,
    /// Where it is written; with its quotes for a JSON string.
    pub span: Span,
    /// Where each byte of `text` stands, for JSON strings.
    pub(crate) map: Option<SourceMap>,
}

/// A key with a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The key, quotes removed.
    pub key: String,
    /// The key as written.
    pub key_span: Span,
    /// The value, quotes and escapes removed, variables not expanded. `None` only for `ARG NAME`.
    pub value: Option<String>,
    /// The value as written.
    pub value_span: Option<Span>,
    /// The value as written, continued lines joined: what expansion starts from.
    pub raw_value: Option<String>,
}

impl Pair {
    /// Key and value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.value_span.map_or(self.key_span, |value| self.key_span.to(value))
    }
}

/// A here-document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heredoc {
    /// The delimiter, quotes removed.
    pub name: String,
    /// The `<<` word in the instruction.
    pub marker: Span,
    /// The raw lines, without the line of the delimiter.
    pub body: Span,
    /// Whether variables in it are expanded: no part of the delimiter is quoted.
    pub expand: bool,
    /// `<<-`: leading tabs are removed from the lines.
    pub strip_tabs: bool,
    /// The number in front of `<<`, else 0.
    pub file_descriptor: u32,
    /// Whether the line of the delimiter was found.
    pub terminated: bool,
}

/// What a HEALTHCHECK says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Healthcheck {
    /// `HEALTHCHECK NONE` switches an inherited check off.
    None {
        /// The word `NONE`.
        span: Span,
    },
    /// `HEALTHCHECK CMD …`.
    Cmd,
}

impl Dockerfile {
    /// The directive with a lower-case name.
    #[must_use]
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().find(|directive| directive.name == name)
    }
}

impl Instruction {
    /// The first flag with this name.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// All flags with this name.
    pub fn flags_named<'i>(&'i self, name: &'i str) -> impl Iterator<Item = &'i Flag> {
        self.flags.iter().filter(move |flag| flag.name == name)
    }

    /// The instruction that takes effect: the one behind ONBUILD, else itself.
    #[must_use]
    pub fn effective(&self) -> &Instruction {
        self.trigger.as_deref().unwrap_or(self)
    }

    /// Every piece of shell this instruction runs: shell-form text, here-documents that are scripts, and the text handed to a
    /// `sh -c`. Spans are spans of the file. Nothing where SHELL names another kind of shell.
    #[must_use]
    pub fn scripts(&self, text: &str) -> Vec<ShellScript> {
        scripts::scripts(self, text)
    }

    /// Whether this instruction, or the one behind ONBUILD, may have here-documents.
    fn takes_heredocs(&self) -> bool {
        match &self.trigger {
            Some(trigger) => trigger.takes_heredocs(),
            None => matches!(self.keyword, Keyword::Run | Keyword::Copy | Keyword::Add) && self.form != Form::Json,
        }
    }

    fn set_heredocs(&mut self, heredocs: Vec<Heredoc>) {
        match &mut self.trigger {
            Some(trigger) => trigger.set_heredocs(heredocs),
            None => self.heredocs = heredocs,
        }
    }

    fn set_tentative(&mut self, tentative: bool) {
        self.tentative = tentative;
        if let Some(trigger) = &mut self.trigger {
            trigger.set_tentative(tentative);
        }
    }

    /// Sets the spans, those of a trigger from its own keyword on.
    fn set_spans(&mut self, span: Span, header: Span) {
        self.span = span;
        self.header_span = header;
        if let Some(trigger) = &mut self.trigger {
            let start = trigger.keyword_span.start;
            trigger.set_spans(Span { start, ..span }, Span { start, ..header });
        }
    }
}

//! The pieces of shell an instruction runs.

use std::collections::BTreeSet;

use super::{Form, Heredoc, Instruction, Keyword};
use crate::span::Span;
use crate::syntax::shell::{self, Command, Operator, Script, SourceMap};

/// How many times `sh -c` is followed inside `sh -c`.
const MAX_LEVELS: u8 = 4;

/// A piece of shell text, read. Its spans are spans of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShellScript {
    /// The commands.
    pub script: Script,
    /// What the text is.
    pub source: ScriptSource,
    /// Where the text stands.
    pub span: Span,
}

/// Where a piece of shell text comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScriptSource {
    /// The shell form of the instruction.
    Body,
    /// The here-document with this index.
    Heredoc(usize),
    /// The argument of `sh -c`.
    Argument,
}

pub(super) fn scripts(instruction: &Instruction, text: &str) -> Vec<ShellScript> {
    if let Some(trigger) = &instruction.trigger {
        return scripts(trigger, text);
    }
    let mut out = Vec::new();
    match (&instruction.body, instruction.form) {
        (Some(_), _) if instruction.foreign_shell => {}
        (Some(body), _) => {
            let script = shell::parse(&body.text);
            let documents = shell_documents(instruction, &script, text);
            if !is_only_heredocs(&script) {
                push(&mut out, script, &body.text, &body.map, ScriptSource::Body, 0);
            }
            for (index, heredoc) in documents {
                let map = SourceMap::verbatim(heredoc.body);
                let script = heredoc.body.slice(text);
                push(&mut out, shell::parse(script), script, &map, ScriptSource::Heredoc(index), 0);
            }
        }
        (None, Form::Json) if instruction.keyword != Keyword::Shell => exec_form(&mut out, instruction),
        _ => {}
    }
    out
}

/// Adds a script and, behind it, the scripts its commands hand to a shell.
fn push(out: &mut Vec<ShellScript>, script: Script, text: &str, map: &SourceMap, source: ScriptSource, level: u8) {
    let mut arguments = Vec::new();
    if level < MAX_LEVELS {
        for command in &script.commands {
            arguments.extend(argument(command, text));
        }
    }
    let script = script.map_spans(|span| map.span(span.range()));
    out.push(ShellScript { script, source, span: map.span(0..map.len()) });
    for (argument, inner) in arguments {
        push(out, shell::parse(&argument), &argument, &map.compose(&inner), ScriptSource::Argument, level + 1);
    }
}

/// The text a command hands to a shell, with the way back to the text of the command.
fn argument(command: &Command, text: &str) -> Option<(String, SourceMap)> {
    let words = command.unwrapped();
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let word = words.get(shell::command_string(&texts)?).filter(|word| word.literal)?;
    let (decoded, map) = shell::unquote(word.span.slice(text));
    Some((decoded, SourceMap::verbatim(word.span).compose(&map)))
}

/// `["sh", "-c", "…"]`, also behind programs such as `tini --`.
fn exec_form(out: &mut Vec<ShellScript>, instruction: &Instruction) {
    let health = usize::from(instruction.keyword == Keyword::Healthcheck);
    let args = instruction.args.get(health..).unwrap_or(&[]);
    let texts: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
    let found = texts.iter().enumerate().find_map(|(at, text)| {
        let rest = texts.get(at..).filter(|_| at == 0 || shell::is_shell(text))?;
        shell::command_string(rest).map(|index| at + index)
    });
    let Some((arg, map)) = found.and_then(|index| args.get(index)).and_then(|arg| Some((arg, arg.map.as_ref()?)))
    else {
        return;
    };
    push(out, shell::parse(&arg.text), &arg.text, map, ScriptSource::Argument, 0);
}

/// `RUN <<EOF`: nothing but here-documents, which are then the script.
fn is_only_heredocs(script: &Script) -> bool {
    let [command] = script.commands.as_slice() else { return false };
    command.words.is_empty()
        && command.assignments.is_empty()
        && command.redirects.iter().all(|redirect| redirect.operator.starts_with("<<"))
}

/// The here-documents that a shell runs: alone behind RUN without another interpreter in their first line, or as the input of a shell.
fn shell_documents<'i>(instruction: &'i Instruction, script: &Script, text: &str) -> Vec<(usize, &'i Heredoc)> {
    let documents = instruction.heredocs.iter().enumerate();
    if is_only_heredocs(script) {
        return documents.filter(|(_, heredoc)| !has_other_interpreter(heredoc.body.slice(text))).collect();
    }
    let names = input_of_shells(script);
    documents.filter(|(_, heredoc)| names.contains(heredoc.name.as_str())).collect()
}

/// A first line such as `#!/usr/bin/env python3`.
fn has_other_interpreter(script: &str) -> bool {
    let first = script.lines().next().unwrap_or("");
    let Some(line) = first.trim_start().strip_prefix("#!") else { return false };
    let mut words = line.split_whitespace().skip_while(|word| word.ends_with("/env") || word.starts_with('-'));
    words.next().is_some_and(|program| !shell::is_shell(program))
}

/// Names of here-documents that reach a shell as its input: `bash <<EOF` and `cat <<EOF | sh`.
fn input_of_shells(script: &Script) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for pipeline in script.pipelines() {
        for (at, command) in pipeline.iter().enumerate() {
            let prints = command.program() == Some("cat") && command.program_args().is_empty();
            let next = pipeline.get(at + 1).filter(|next| prints && next.before == Operator::Pipe);
            if reads_script(command) || next.is_some_and(|next| reads_script(next)) {
                let documents = command.redirects.iter().filter(|redirect| redirect.operator.starts_with("<<"));
                names.extend(documents.map(|redirect| redirect.target.text.as_str()));
            }
        }
    }
    names
}

/// A shell that is given neither a file nor `-c`.
fn reads_script(command: &Command) -> bool {
    command.program().is_some_and(shell::is_shell)
        && !command.has_flag("-c")
        && (command.has_flag("-s") || command.operands().next().is_none())
}

//! The pieces of shell an instruction runs.

use super::{Form, Heredoc, Instruction, Keyword};
use crate::span::Span;
use crate::syntax::shell::{self, Script, SourceMap};

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
                push(&mut out, script, &body.text, &body.map, ScriptSource::Body);
            }
            for (index, heredoc) in documents {
                let map = SourceMap::verbatim(heredoc.body);
                let script = heredoc.body.slice(text);
                push(&mut out, shell::parse(script), script, &map, ScriptSource::Heredoc(index));
            }
        }
        (None, Form::Json) if instruction.keyword != Keyword::Shell => exec_form(&mut out, instruction),
        _ => {}
    }
    out
}

/// Adds a script and, behind it, the scripts its commands hand to a shell of the same container.
fn push(out: &mut Vec<ShellScript>, script: Script, text: &str, map: &SourceMap, source: ScriptSource) {
    let pieces = shell::follow_with(script, text, map, &shell::sh_argument);
    out.extend(pieces.into_iter().enumerate().map(|(index, piece)| ShellScript {
        script: piece.script,
        source: if index == 0 { source } else { ScriptSource::Argument },
        span: piece.span,
    }));
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
    push(out, shell::parse(&arg.text), &arg.text, map, ScriptSource::Argument);
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
    let names = shell::input_of_shells(script);
    documents.filter(|(_, heredoc)| names.contains(heredoc.name.as_str())).collect()
}

/// A first line such as `#!/usr/bin/env python3`.
fn has_other_interpreter(script: &str) -> bool {
    let first = script.lines().next().unwrap_or("");
    let Some(line) = first.trim_start().strip_prefix("#!") else { return false };
    let mut words = line.split_whitespace().skip_while(|word| word.ends_with("/env") || word.starts_with('-'));
    words.next().is_some_and(|program| !shell::is_shell(program))
}

use super::*;
use crate::span::LineIndex;

#[path = "tests_recovery.rs"]
mod recovery;
#[path = "tests_robust.rs"]
mod robust;
#[path = "tests_typing.rs"]
mod typing;

const GOLDEN: &str = include_str!("../../../tests/data/dockerfile-golden.json");

fn only(text: &str) -> Instruction {
    let file = parse(text);
    assert_eq!(file.instructions.len(), 1, "{text}");
    file.instructions.into_iter().next().unwrap()
}

fn keywords(file: &Dockerfile) -> Vec<&'static str> {
    file.instructions.iter().map(|instruction| instruction.keyword.as_str()).collect()
}

/// The arguments in BuildKit's own arrangement.
fn buildkit_args(instruction: &Instruction) -> Vec<String> {
    if let Some(trigger) = &instruction.trigger {
        let mut args = vec![trigger.keyword.as_str().to_owned()];
        args.extend(buildkit_args(trigger));
        return args;
    }
    if matches!(instruction.keyword, Keyword::Env | Keyword::Label) {
        let legacy = instruction.args.first().is_some_and(|arg| !arg.text.contains('='));
        let pairs = instruction.pairs.iter();
        let separator = if legacy { "" } else { "=" };
        return pairs
            .flat_map(|pair| [pair.key.clone(), pair.raw_value.clone().unwrap_or_default(), separator.to_owned()])
            .collect();
    }
    instruction.args.iter().map(|arg| arg.text.clone()).collect()
}

fn heredocs(instruction: &Instruction) -> &[Heredoc] {
    instruction.trigger.as_deref().map_or(&instruction.heredocs, |trigger| &trigger.heredocs)
}

fn strings(value: &serde_json::Value) -> Vec<&str> {
    value.as_array().map(|list| list.iter().filter_map(serde_json::Value::as_str).collect()).unwrap_or_default()
}

#[test]
fn reads_what_buildkit_reads() {
    let snippets: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let mut valid = 0;
    for snippet in snippets.as_array().unwrap() {
        let (name, source) = (snippet["name"].as_str().unwrap(), snippet["source"].as_str().unwrap());
        let buildkit = &snippet["buildkit"];
        let file = parse(source);
        robust::assert_spans(source, &file);
        if buildkit.get("parse_err").is_some() || buildkit.get("ins_err").is_some() {
            assert!(!file.errors.is_empty(), "{name}: nothing is reported");
        } else {
            valid += 1;
            assert_eq!(file.errors, [], "{name}");
        }
        let Some(expected) = buildkit["ins"].as_array() else { continue };
        assert_eq!(file.instructions.len(), expected.len(), "{name}");
        let lines = LineIndex::new(source);
        for (instruction, expected) in file.instructions.iter().zip(expected) {
            let line = |offset: u32| lines.line(offset) as u64 + 1;
            let word = instruction.keyword_span.slice(source).replace("\\\n", "");
            assert_eq!(Some(word.as_str()), expected["cmd"].as_str(), "{name}");
            assert_eq!(Some(line(instruction.span.start)), expected["start"].as_u64(), "{name}");
            assert_eq!(Some(line(instruction.span.end)), expected["end"].as_u64(), "{name}");
            let flags: Vec<String> = instruction
                .flags
                .iter()
                .map(|flag| match &flag.value {
                    Some(value) => format!("--{}={value}", flag.name),
                    None => format!("--{}", flag.name),
                })
                .collect();
            assert_eq!(flags, strings(&expected["flags"]), "{name}");
            assert_eq!(Some(instruction.form == Form::Json), expected["json"].as_bool(), "{name}");
            let bodies: Vec<&str> = heredocs(instruction).iter().map(|heredoc| heredoc.body.slice(source)).collect();
            assert_eq!(bodies, strings(&expected["heredocs"]), "{name}");
            if instruction.keyword != Keyword::Unknown {
                assert_eq!(buildkit_args(instruction), strings(&expected["args"]), "{name}");
            }
        }
    }
    assert_eq!(valid, 77);
}

#[test]
fn errors_stand_where_the_mistake_is() {
    let cases = [
        ("FROM ab\nRUN <<EOF\necho hi\nUSER app\n", "<<EOF", "EOF"),
        ("# escape=\\\n# escape=`\nFROM ab\n", "# escape=`", "one of the two"),
        ("FROM ab\nRUN\u{a0}x\n", "RUN\u{a0}x", "did you mean RUN"),
        ("", "", "FROM"),
        ("# a\n\n# b\n", "", "FROM"),
        ("FROM\nRUN xx\n", "FROM", "FROM image"),
        ("FROM a AS\nRUN xx\n", "FROM a AS", "AS name"),
        ("FROM a b c d e\n", "d e", "AS name"),
        ("FROM ab\nCOPY x\n", "COPY x", "COPY source destination"),
        ("FROM ab\nRUNN x\n", "RUNN", "did you mean RUN?"),
        ("FROM ab\nCPOY x y\n", "CPOY", "did you mean COPY?"),
        ("FROM ab\n@@@ ??\n", "@@@", "begin the line"),
        ("FROM ab\nEOF\n", "EOF", "begin the line"),
        ("FROM ab\nCOPY --form=x a b\n", "--form=x", "--from"),
        ("FROM ab\nCOPY --from=x --from=y a b\n", "--from=y", "only one"),
        ("FROM ab\nUSER --x app\n", "--x", "no flags"),
        ("FROM ab\nCOPY --link=perhaps a b\n", "--link=perhaps", "--link alone"),
        ("FROM ab\nCOPY --chown a b\n", "--chown", "--chown=value"),
        ("RUN a\nFROM b\n", "RUN", "below a FROM"),
        ("FROM ab\nONBUILD ONBUILD RUN x\n", "ONBUILD", "second"),
        ("FROM ab\nONBUILD FROM x\n", "FROM", "remove"),
        ("FROM ab\nONBUILD COPY x\n", "COPY x", "destination"),
        ("FROM ab\nONBUILD\n", "ONBUILD", "later"),
        ("FROM ab\nHEALTHCHECK\n", "HEALTHCHECK", "NONE"),
        ("FROM ab\nHEALTHCHECK CMD\n", "HEALTHCHECK CMD", "command"),
        ("FROM ab\nHEALTHCHECK NONE x\n", "x", "remove"),
        ("FROM ab\nHEALTHCHECK curl x\n", "curl", "HEALTHCHECK CMD"),
        ("FROM ab\nENV A\n", "A", "ENV A=value"),
        ("FROM ab\nENV A=1 B\n", "B", "name=value"),
        ("FROM ab\nENV\n", "ENV", "NAME=value"),
        ("FROM ab\nSHELL /bin/sh\n", "SHELL /bin/sh", "SHELL ["),
        ("FROM ab\nCMD [1, 2]\n", "[1, 2]", "double quotes"),
        ("FROM ab\nUSER\n", "USER", "name or number"),
        ("FROM ab AS 9x\n", "9x", "another name"),
    ];
    for (source, place, help) in cases {
        let file = parse(source);
        let found = file.errors.iter().any(|error| {
            error.span.slice(source) == place && error.help.as_deref().is_some_and(|text| text.contains(help))
        });
        assert!(found, "{source:?} should point at {place:?} and say {help:?}: {:?}", file.errors);
    }
}

#[test]
fn hints_at_what_is_hardly_meant() {
    let hints = |text: &str| parse(text).hints.len();
    assert_eq!(hints("FROM a\nCMD ['a']\n"), 1);
    assert_eq!(hints("FROM a\nRUN [ -f x ] && y\n"), 0);
    assert_eq!(hints("FROM a\nRUN b \\\nUSER c\n"), 1);
    assert_eq!(hints("FROM a\nHEALTHCHECK --interval=5s \\\nCMD c\n"), 0);
    assert_eq!(hints("FROM a\nENV B=\"c\n"), 1);
    assert_eq!(hints("FROM a\nENV B=${C:-\"d\"}\n"), 0);
}

#[test]
fn flags_keep_name_value_and_place() {
    let source = "COPY --from=\"b c\" \\\n  --link --chown=a:b x y";
    let copy = only(source);
    assert_eq!(copy.flag("from").unwrap().value.as_deref(), Some("b c"));
    assert_eq!(copy.flag("from").unwrap().value_span.unwrap().slice(source), "\"b c\"");
    assert_eq!(copy.flag("link").unwrap().value, None);
    assert_eq!(copy.flag("chown").unwrap().span.slice(source), "--chown=a:b");
    let run = only("RUN --mount=a --mount=b x");
    assert_eq!(run.flags_named("mount").count(), 2);
    assert_eq!(run.body.unwrap().text, "x");
}

#[test]
fn pairs_keep_key_value_and_place() {
    let source = "ENV A=\"x y\" B='$z' C=a\\ b \\\n  D= E=\"${F:-g h}\"";
    let env = only(source);
    let pairs: Vec<(&str, Option<&str>, &str)> = env
        .pairs
        .iter()
        .map(|pair| (pair.key.as_str(), pair.value.as_deref(), pair.value_span.unwrap().slice(source)))
        .collect();
    assert_eq!(
        pairs,
        [
            ("A", Some("x y"), "\"x y\""),
            ("B", Some("$z"), "'$z'"),
            ("C", Some("a b"), "a\\ b"),
            ("D", Some(""), ""),
            ("E", Some("${F:-g h}"), "\"${F:-g h}\"")
        ]
    );
    let arg = only("ARG A B=c");
    assert_eq!(arg.pairs[0].value, None);
    assert_eq!(arg.pairs[1].value.as_deref(), Some("c"));
    assert_eq!(only("ENV A b c").pairs[0].value.as_deref(), Some("b c"));
}

#[test]
fn bodies_map_back_across_continuations() {
    let source = "RUN apt-get \\\n# why\n\n  install é \\\r\n  curl";
    let run = only(source);
    let body = run.body.as_ref().unwrap();
    let at = body.text.find("curl").unwrap();
    assert_eq!(body.span(at..at + 4).slice(source), "curl");
    let scripts = run.scripts(source);
    assert_eq!(scripts.len(), 1);
    for word in &scripts[0].script.commands[0].words {
        assert_eq!(word.span.slice(source), word.text);
    }
    assert_eq!(scripts[0].script.commands[0].span.slice(source), source.trim_start_matches("RUN "));
}

fn programs(source: &str) -> Vec<(ScriptSource, Vec<String>)> {
    let file = parse(source);
    robust::assert_spans(source, &file);
    let scripts = file.instructions.iter().flat_map(|instruction| instruction.scripts(source));
    scripts
        .map(|script| {
            let names = script.script.commands.iter().filter_map(|command| command.program().map(str::to_owned));
            (script.source, names.collect())
        })
        .collect()
}

#[test]
fn scripts_of_every_kind() {
    use ScriptSource::{Argument, Body, Heredoc};
    type Expected = &'static [(ScriptSource, &'static [&'static str])];
    let cases: [(&str, Expected); 15] = [
        ("RUN a && b", &[(Body, &["a", "b"])]),
        ("ENTRYPOINT exec a", &[(Body, &["a"])]),
        ("HEALTHCHECK CMD a || b", &[(Body, &["a", "b"])]),
        ("ONBUILD RUN a", &[(Body, &["a"])]),
        ("RUN <<EOF\na\nb\nEOF\n", &[(Heredoc(0), &["a", "b"])]),
        ("RUN <<EOF\n#!/usr/bin/env python3\na\nEOF\n", &[]),
        ("RUN <<EOF\n#!/bin/bash\na\nEOF\n", &[(Heredoc(0), &["a"])]),
        ("RUN python3 <<EOF\na\nEOF\n", &[(Body, &["python3"])]),
        ("RUN bash -e <<EOF\na\nEOF\n", &[(Body, &["bash"]), (Heredoc(0), &["a"])]),
        ("RUN cat <<EOF | sh\na\nEOF\n", &[(Body, &["cat", "sh"]), (Heredoc(0), &["a"])]),
        ("RUN cat <<EOF > x\na\nEOF\n", &[(Body, &["cat"])]),
        ("RUN sh -c 'a; b'", &[(Body, &["sh"]), (Argument, &["a", "b"])]),
        ("RUN sh -c \"a; sh -c 'b'\"", &[(Body, &["sh"]), (Argument, &["a", "sh"]), (Argument, &["b"])]),
        ("CMD [\"tini\", \"--\", \"sh\", \"-c\", \"a \\\"b\\\" && c\"]", &[(Argument, &["a", "c"])]),
        ("HEALTHCHECK CMD [\"sh\", \"-c\", \"a | b\"]", &[(Argument, &["a", "b"])]),
    ];
    for (source, expected) in cases {
        let expected: Vec<(ScriptSource, Vec<String>)> = expected
            .iter()
            .map(|(source, names)| (*source, names.iter().map(|name| (*name).to_owned()).collect()))
            .collect();
        assert_eq!(programs(source), expected, "{source}");
    }
}

#[test]
fn spans_inside_handed_over_text_are_spans_of_the_file() {
    for source in
        ["CMD [\"sh\", \"-c\", \"a \\\"b c\\\" && \\u0064ef ghi\"]", "RUN x && sh -c \"a \\\"b c\\\" && \\\n def ghi\""]
    {
        let script = only(source).scripts(source).pop().unwrap();
        assert_eq!(script.source, ScriptSource::Argument);
        let last = script.script.commands.last().unwrap();
        assert_eq!(last.name(), Some("def"));
        assert_eq!(last.words[1].span.slice(source), "ghi");
        assert_eq!(script.script.commands[0].words[1].text, "b c");
    }
}

#[test]
fn byte_order_mark_and_line_ends_count() {
    let source = "\u{feff}# syntax=a\r\nFROM b\r\n\r\nRUN <<E\r\nc\r\nE\r\nUSER d";
    let file = parse(source);
    assert_eq!(file.directive("syntax").unwrap().value, "a");
    assert_eq!(keywords(&file), ["FROM", "RUN", "USER"]);
    assert_eq!(file.instructions[0].span.slice(source), "FROM b");
    assert_eq!(file.instructions[1].span.slice(source), "RUN <<E\r\nc\r\nE");
    assert_eq!(file.instructions[1].header_span.slice(source), "RUN <<E");
    assert_eq!(file.instructions[2].args[0].span.slice(source), "d");
}

#[test]
fn comments_are_kept_and_directives_are_none() {
    let source = "# syntax=a\n# one\nFROM b\nRUN c \\\n  # two\n  d\nRUN <<E\n# three\nE\n";
    let file = parse(source);
    let comments: Vec<&str> = file.comments.iter().map(|span| span.slice(source)).collect();
    assert_eq!(comments, ["# one", "# two"]);
}

#[test]
fn here_documents_of_onbuild_belong_to_the_trigger() {
    let source = "FROM a\nONBUILD COPY <<E /x\nb\nE\nUSER c\n";
    let file = parse(source);
    assert_eq!(keywords(&file), ["FROM", "ONBUILD", "USER"]);
    let trigger = file.instructions[1].trigger.as_ref().unwrap();
    assert_eq!(trigger.heredocs[0].body.slice(source), "b\n");
    assert_eq!(trigger.span.slice(source), "COPY <<E /x\nb\nE");
}

#[test]
fn here_documents_with_descriptors_and_substitutions() {
    let file = parse("FROM a\nRUN 3<<E cat\nb\nE\nRUN echo ${x[0]} <<F\nUSER d\n");
    assert_eq!(file.instructions[1].heredocs[0].file_descriptor, 3);
    // The builder cannot read `${x[0]}` and then sees no here-document.
    assert_eq!(keywords(&file), ["FROM", "RUN", "RUN", "USER"]);
    assert!(!file.instructions[3].tentative);
}

#[test]
fn text_for_another_shell_is_no_shell_script() {
    let text = "FROM a AS base\nRUN x\nSHELL [\"powershell\", \"-Command\"]\nRUN y\nCMD [\"sh\", \"-c\", \"z\"]\nFROM BASE\nRUN y\nFROM b\nRUN x\nSHELL [\"/usr/bin/env\", \"bash\", \"-c\"]\nRUN x\n";
    let file = parse(text);
    let scripts: Vec<usize> = [1, 3, 4, 6, 8, 10].map(|index| file.instructions[index].scripts(text).len()).into();
    assert_eq!(scripts, [1, 0, 1, 0, 1, 1]);
}

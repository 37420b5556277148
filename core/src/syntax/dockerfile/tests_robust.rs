//! No text makes the parser panic, lose its place or take longer than its length allows.

use super::super::{Arg, Dockerfile, Instruction, parse};
use crate::span::Span;
use crate::syntax::shell::Script;

/// Every span lies in the text, on character boundaries, inside its instruction; instructions follow one another.
pub(super) fn assert_spans(text: &str, file: &Dockerfile) {
    let check = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} does not fit {text:?}");
    let mut end = 0;
    for instruction in &file.instructions {
        assert!(instruction.span.start >= end, "instructions overlap in {text:?}");
        end = instruction.span.end;
        assert_instruction(text, instruction, &check);
        for script in instruction.scripts(text) {
            check(script.span);
            assert_script(&script.script, instruction, &check);
        }
    }
    let directives = file.directives.iter().map(|directive| directive.span);
    let errors = file.errors.iter().chain(&file.hints).map(|error| error.span);
    file.comments.iter().copied().chain(directives).chain(errors).for_each(check);
}

fn assert_instruction(text: &str, instruction: &Instruction, check: &impl Fn(Span)) {
    let inside = |span: Span| {
        check(span);
        assert!(instruction.span.contains(span), "{span:?} outside {:?} in {text:?}", instruction.span);
    };
    inside(instruction.keyword_span);
    inside(instruction.header_span);
    for flag in &instruction.flags {
        inside(flag.span);
        flag.value_span.into_iter().for_each(inside);
    }
    for Arg { text: arg, span, map } in &instruction.args {
        inside(*span);
        let written = span.slice(text);
        if map.is_none() && !written.contains('\n') {
            assert_eq!(written, arg, "in {text:?}");
        }
    }
    for pair in &instruction.pairs {
        inside(pair.span());
    }
    for heredoc in &instruction.heredocs {
        inside(heredoc.marker);
        check(heredoc.body);
    }
    if let Some(body) = &instruction.body {
        for (at, character) in body.text.char_indices() {
            let span = body.span(at..at + character.len_utf8());
            inside(span);
            assert_eq!(span.slice(text).chars().next(), Some(character));
        }
    }
    if let Some(trigger) = &instruction.trigger {
        inside(trigger.span);
        assert_instruction(text, trigger, check);
    }
}

fn assert_script(script: &Script, instruction: &Instruction, check: &impl Fn(Span)) {
    for command in &script.commands {
        check(command.span);
        for word in command.words.iter().chain(&command.assignments) {
            check(word.span);
            assert!(instruction.span.contains(word.span));
        }
    }
}

const SAMPLES: [&str; 3] = [
    "# syntax=docker/dockerfile:1\nARG V=8.3\nFROM php:${V}-fpm AS base\nRUN --mount=type=cache,target=/x \\\n  # why\n  apt-get update && \\\n  sh -c \"echo \\\"é\\\"\"\nCOPY --from=base [\"a b\", \"/c\"]\nCMD [\"php\", \"-r\", \"echo \\u00e9;\"]\n",
    "\u{feff}FROM a AS b\r\nENV A=\"x y\" \\\r\n\r\n  B='é' C=$D\r\nRUN <<-'E O' cat <<F | sh\r\n\tone\r\n\tE O\r\ntwo\r\nF\r\nHEALTHCHECK --interval=5s CMD curl x || exit 1\r\nONBUILD COPY <<G /d\r\nh\r\nG\r\n",
    "# escape=`\nFROM mcr\nSHELL [\"powershell\", \"-c\"]\nRUN dir `\n  c:\\\nUSER x\nLABEL a b c\nEXPOSE 80 443\nSTOPSIGNAL SIGQUIT",
];

#[test]
fn every_prefix_keeps_the_instructions_that_are_complete() {
    for sample in SAMPLES {
        let whole = parse(sample);
        assert_spans(sample, &whole);
        for at in 0..=sample.len() {
            let Some(prefix) = sample.get(..at) else { continue };
            let file = parse(prefix);
            assert_spans(prefix, &file);
            for (expected, found) in whole.instructions.iter().zip(&file.instructions) {
                let complete = expected.span.range().end < at;
                if complete {
                    assert_eq!(found, expected, "cut at {at}");
                }
            }
            let complete = whole.instructions.iter().filter(|instruction| instruction.span.range().end < at).count();
            assert!(file.instructions.len() >= complete, "cut at {at}");
        }
        for at in 0..sample.len() {
            if let Some(rest) = sample.get(at..) {
                assert_spans(rest, &parse(rest));
            }
        }
    }
}

#[test]
fn every_dropped_byte_is_survived() {
    for sample in SAMPLES {
        for (at, character) in sample.char_indices() {
            let without = [&sample[..at], &sample[at + character.len_utf8()..]].concat();
            assert_spans(&without, &parse(&without));
            let doubled = [&sample[..at], &sample[at..at + character.len_utf8()], &sample[at..]].concat();
            assert_spans(&doubled, &parse(&doubled));
        }
    }
}

/// Hostile texts of about `size` bytes.
fn hostile(size: usize) -> Vec<(&'static str, String)> {
    let fill = |unit: &str| unit.repeat(size / unit.len());
    let from = |text: String| format!("FROM a\n{text}");
    let numbered = |line: fn(usize) -> String| (0..size / 12).map(line).collect::<String>();
    vec![
        ("continuations", from(format!("RUN a {}", fill("\\\n")))),
        ("continued keywords", from(fill("RUN a \\\n"))),
        ("comments in continuations", from(format!("RUN a \\\n{}", fill("# c\n")))),
        ("blank continuations", from(format!("RUN a \\\n{}b", fill("\n")))),
        ("markers on one line", from(format!("RUN {}\nA\n", fill("<<A ")))),
        ("markers with bodies", from(format!("RUN {}\n{}", "<<A ".repeat(size / 8), "A\n".repeat(size / 4)))),
        ("shells with markers", from(format!("RUN sh {}\n{}", "<<A ".repeat(size / 8), "A\n".repeat(size / 4)))),
        ("unterminated here-documents", from(numbered(|n| format!("RUN <<A{n}\n")))),
        ("late delimiter", from(format!("{}A\n", fill("RUN <<-A\n")))),
        ("one long line", from(format!("RUN {}", fill("a")))),
        ("one long word of unicode", from(format!("USER {}", fill("é")))),
        ("spaces", from(format!("RUN a{}", fill(" ")))),
        ("substitutions", from(format!("RUN {}", fill("$(")))),
        ("parentheses", from(format!("RUN {}", fill("((((")))),
        ("braces", from(format!("ENV A={}", fill("${")))),
        ("nested braces", from(format!("ENV A={}{}", "${a:-".repeat(size / 6), "}".repeat(size / 6)))),
        ("braces with a marker", from(format!("RUN {} <<A\nA\n", fill("${a:-")))),
        ("quotes", from(format!("ENV {}", fill("A='\" ")))),
        ("pairs", from(format!("ENV {}", fill("A=1 ")))),
        ("flags", from(format!("COPY {} a b", fill("--a ")))),
        ("arrays", from(format!("CMD {}", fill("[")))),
        ("nested arrays", from(format!("CMD [{}{}]", "[".repeat(size / 2), "]".repeat(size / 2)))),
        ("strings", from(format!("CMD [{}\"\"]", fill("\"a\",")))),
        ("escapes in a string", from(format!("CMD [\"{}\"]", fill("\\n")))),
        ("shells in an array", from(format!("CMD [{}\"\"]", fill("\"sh\",")))),
        ("nested shells", from(format!("RUN {} a", fill("sh -c ")))),
        ("triggers", from(fill("ONBUILD "))),
        ("directives", fill("# a=b\n")),
        ("unknown words", from(fill("x\n"))),
        ("stages", fill("FROM a AS b\n")),
    ]
}

#[test]
fn hostile_texts_are_read() {
    let mut texts = hostile(400_000);
    texts.push(("250,000 markers", format!("FROM a\nRUN {}\nA\n", "<<A ".repeat(250_000))));
    texts.push(("a line of a megabyte", format!("FROM a\nRUN {}\n", "a ".repeat(500_000))));
    for (name, text) in texts {
        let file = parse(&text);
        assert!(!file.instructions.is_empty() || name == "directives", "{name}");
        for instruction in &file.instructions {
            for script in instruction.scripts(&text) {
                assert!(script.span.range().end <= text.len(), "{name}");
            }
        }
    }
    assert_spans_of_small_ones();
}

fn assert_spans_of_small_ones() {
    for (_, text) in hostile(2_000) {
        assert_spans(&text, &parse(&text));
    }
}

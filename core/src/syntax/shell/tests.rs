use super::*;

/// Commands as `operator name arg …`, one per line.
fn shown(text: &str) -> Vec<String> {
    let script = parse(text);
    assert_spans(text, &script);
    let commands = script.commands.iter().map(|command| {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        format!("{:?} {}", command.before, words.join(" "))
    });
    commands.collect()
}

fn names(text: &str) -> Vec<String> {
    parse(text).commands.iter().filter_map(|command| command.name().map(str::to_owned)).collect()
}

/// Every span lies in the text on character boundaries, and literal unquoted words slice back to themselves.
fn assert_spans(text: &str, script: &Script) {
    let check = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} does not fit {text:?}");
    for command in &script.commands {
        check(command.span);
        for word in command.words.iter().chain(&command.assignments) {
            check(word.span);
            assert!(command.span.contains(word.span));
            let (decoded, map) = unquote(word.span.slice(text));
            if word.literal {
                assert_eq!(decoded, word.text, "in {text:?}");
                assert_eq!(map.len(), decoded.len());
            }
            if word.literal && !word.quoted && !word.span.slice(text).contains('\\') {
                assert_eq!(word.span.slice(text), word.text);
            }
        }
        for redirect in &command.redirects {
            check(redirect.span);
            check(redirect.target.span);
        }
    }
    for heredoc in &script.heredocs {
        check(heredoc.marker);
        check(heredoc.body);
    }
    script.unclosed.iter().copied().for_each(check);
}

#[test]
fn lists_and_pipelines() {
    assert_eq!(
        shown("apt-get update && apt-get install -y curl; a || b & c | d |& e"),
        [
            "Start apt-get update",
            "And apt-get install -y curl",
            "Sequence a",
            "Or b",
            "Background c",
            "Pipe d",
            "Pipe e"
        ]
    );
    let script = parse("curl -sS x | bash -s -- --flag && a | b\nc");
    let pipelines: Vec<usize> = script.pipelines().iter().map(Vec::len).collect();
    assert_eq!(pipelines, [2, 2, 1]);
    assert_eq!(shown("a |\n b &&\n c"), ["Start a", "Pipe b", "And c"]);
}

#[test]
fn a_subshell_keeps_its_pipeline() {
    for text in ["(curl x) | sh", "{ curl x; } | sh", "curl x | (sh)"] {
        let script = parse(text);
        let [first, last] = script.commands.as_slice() else { panic!("{text}") };
        assert_eq!(first.pipeline, last.pipeline, "{text}");
    }
}

#[test]
fn compound_commands() {
    assert_eq!(
        shown("if [ -f x ]; then a; elif b; then c; else d; fi; while e; do f; done"),
        ["Start [ -f x ]", "Sequence a", "Sequence b", "Sequence c", "Sequence d", "Sequence e", "Sequence f"]
    );
    assert_eq!(names("set -e; ! a && { b; c; } || d"), ["set", "a", "b", "c", "d"]);
    assert_eq!(names("(cd x && make) && (a; (b))"), ["cd", "make", "a", "b"]);
    assert_eq!(names("[[ $a == b && ( -f c || d ) ]] && e"), ["[[", "e"]);
    assert_eq!(names("(( i < 3 )) && a"), ["a"]);
    assert_eq!(names("((a); b)"), ["a", "b"]);
}

#[test]
fn case_patterns_are_no_commands() {
    assert_eq!(
        names("case \"$x\" in a|b) one; two;; (c) three ;; *) four;; esac; five"),
        ["case", "one", "two", "three", "four", "five"]
    );
    assert_eq!(names("x=$(case $y in a) one;; esac); two"), ["case", "one", "two"]);
    assert_eq!(
        names("case x in a) case y in b) one;; esac; two;; esac; three"),
        ["case", "case", "one", "two", "three"]
    );
}

#[test]
fn functions() {
    let script = parse("f() { a; }; function g { b; }; function h() { c; }; f");
    let functions: Vec<&str> = script.functions.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(functions, ["f", "g", "h"]);
    assert_eq!(names("f() { a; }; function g { b; }; function h() { c; }; f"), ["a", "b", "c", "f"]);
}

#[test]
fn quotes_and_escapes() {
    let script = parse(r#"a 'b c' "d \"e\" \d $f" g\ h $'i\tj\x41' "k"l'm' é"#);
    let words: Vec<(&str, bool, bool)> =
        script.commands[0].words.iter().map(|word| (word.text.as_str(), word.literal, word.quoted)).collect();
    assert_eq!(
        words,
        [
            ("a", true, false),
            ("b c", true, true),
            (r#"d "e" \d $f"#, false, true),
            ("g h", true, true),
            ("i\tjA", true, true),
            ("klm", true, true),
            ("é", true, false),
        ]
    );
    assert_eq!(names("echo 'a; b' \"&& c\" \\; d"), ["echo"]);
    assert!(parse("echo 'a").unclosed.is_some());
    assert!(parse("echo \"a").unclosed.is_some());
    assert!(parse("echo $(a").unclosed.is_some());
    assert!(parse("echo 'a' \"b\" $(c) `d` ${e}").unclosed.is_none());
}

#[test]
fn substitutions_hold_commands() {
    assert_eq!(names("echo \"$(a | b)\" `c` <(d) > >(e)"), ["echo", "a", "b", "c", "d", "e"]);
    assert_eq!(names("echo `# a comment` b && c"), ["echo", "c"]);
    assert_eq!(names("x=$((1 + 2)) y"), ["y"]);
    assert_eq!(names("a=(b c) d=$(e) f"), ["f", "e"]);
}

#[test]
fn comments() {
    assert_eq!(names("a # b; c\nd#e; f"), ["a", "d#e", "f"]);
}

#[test]
fn redirects() {
    let script = parse("a >b 2>&1 <c >>d &>e <<<f 3>g");
    let redirects: Vec<(&str, Option<u32>, &str)> = script.commands[0]
        .redirects
        .iter()
        .map(|redirect| (redirect.operator.as_str(), redirect.file_descriptor, redirect.target.text.as_str()))
        .collect();
    assert_eq!(
        redirects,
        [
            (">", None, "b"),
            (">&", Some(2), "1"),
            ("<", None, "c"),
            (">>", None, "d"),
            ("&>", None, "e"),
            ("<<<", None, "f"),
            (">", Some(3), "g")
        ]
    );
    assert_eq!(script.commands[0].words.len(), 1);
}

#[test]
fn here_documents() {
    let text = "cat <<A <<-'B' >x && y\n1; z\nA\n\t2\n\tB\nw";
    let script = parse(text);
    let bodies: Vec<(&str, &str, bool)> =
        script.heredocs.iter().map(|doc| (doc.name.as_str(), doc.body.slice(text), doc.expand)).collect();
    assert_eq!(bodies, [("A", "1; z\n", true), ("B", "\t2\n", false)]);
    assert_eq!(names(text), ["cat", "y", "w"]);
    assert_eq!(script.heredocs[0].marker, script.commands[0].redirects[0].target.span);
    assert!(script.unclosed.is_none());
    assert!(parse("cat <<A\nb").unclosed.is_some());
}

#[test]
fn assignments() {
    let script = parse("A=1 B+=2 c[0]=3 d E=4; F=5");
    assert_eq!(script.commands[0].assignments.len(), 3);
    assert_eq!(script.commands[0].name(), Some("d"));
    assert_eq!(script.commands[0].args().len(), 1);
    assert_eq!(script.commands[1].name(), None);
}

#[test]
fn wrappers_come_off() {
    let cases = [
        ("sudo -u www-data -E apt-get install", "apt-get"),
        ("env -i A=1 B=2 php -v", "php"),
        ("exec gosu app php-fpm", "php-fpm"),
        ("nice -n 10 time make", "make"),
        ("timeout -k 5 10 curl x", "curl"),
        ("tini -- php", "php"),
        ("/usr/bin/sudo sh -c x", "sh"),
        ("xargs -0 -n 1 rm -f", "rm"),
        ("sudo", "sudo"),
    ];
    for (text, program) in cases {
        assert_eq!(parse(text).commands[0].program(), Some(program), "{text}");
    }
    assert_eq!(parse("/usr/bin/apt-get x").commands[0].name(), Some("apt-get"));
    assert_eq!(parse("$x y").commands[0].name(), None);
}

#[test]
fn options() {
    let script = parse("sudo apt-get -qy -o=yes --no-install-recommends --color=auto -t stable install a -- -z");
    let command = &script.commands[0];
    for flag in ["-q", "-y", "-o", "--no-install-recommends", "--color", "-t"] {
        assert!(command.has_flag(flag), "{flag}");
    }
    for flag in ["-e", "-z", "--no", "-qy2"] {
        assert!(!command.has_flag(flag), "{flag}");
    }
    assert_eq!(command.flag_value("--color").map(|found| found.0), Some("auto"));
    assert_eq!(command.flag_value("-t").map(|found| found.0), Some("stable"));
    let operands: Vec<&str> = command.operands().map(|word| word.text.as_str()).collect();
    assert_eq!(operands, ["stable", "install", "a", "-z"]);
}

#[test]
fn command_strings() {
    let found = |words: &[&str]| command_string(words).map(|at| words[at].to_owned());
    assert_eq!(found(&["sh", "-c", "a"]).as_deref(), Some("a"));
    assert_eq!(found(&["/bin/bash", "-eo", "pipefail", "-lc", "a", "b"]).as_deref(), Some("a"));
    assert_eq!(found(&["su", "app", "-c", "a"]).as_deref(), Some("a"));
    assert_eq!(found(&["sh", "a.sh", "-c"]), None);
    assert_eq!(found(&["sh", "-c"]), None);
    assert_eq!(found(&["python", "-c", "a"]), None);
}

#[test]
fn unquoting_maps_back() {
    let raw = r#""a\"b"'c d'\e"#;
    let (text, map) = unquote(raw);
    assert_eq!(text, "a\"bc de");
    assert_eq!(map.span(1..2).slice(raw), "\"");
    assert_eq!(map.span(3..6).slice(raw), "c d");
    assert_eq!(map.span(6..7).slice(raw), "e");
}

#[test]
fn hostile_shapes_stay_cheap() {
    let shapes = [
        "$(",
        "((((",
        "(",
        "`",
        "${",
        "<<A ",
        "'",
        "\"",
        "\"$(",
        "case x in ",
        "[[ ",
        "x=(",
        "{ ",
        "if ",
        "<(",
        "$((",
        "\\",
        "a|",
        "&",
        ";;",
        "é",
        "$'",
        "0<",
        "<<<",
        "f()",
        "((a)",
        "`$(",
        "# ",
    ];
    for shape in shapes {
        let text = shape.repeat(100_000);
        let script = parse(&text);
        assert!(script.commands.len() <= text.len(), "{shape}");
        let script = parse(&format!("{text}\n{}", "A\n".repeat(1000)));
        for command in script.commands.iter().take(100) {
            assert!(text.len() + 2002 >= command.span.range().end);
        }
    }
}

#[test]
fn every_prefix_and_every_cut_is_read() {
    let text = "set -eux; case \"$x\" in a|b) echo \"é ${y:-z} `c` $(d 'e')\" >f 2>&1;; esac; cat <<-'E' | sh\n\tg\n\tE\nh $'\\u00e9' ((1)) [[ a ]]";
    for at in 0..=text.len() {
        for piece in [text.get(..at), text.get(at..)].into_iter().flatten() {
            assert_spans(piece, &parse(piece));
        }
    }
}

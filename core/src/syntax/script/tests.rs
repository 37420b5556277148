use super::*;
use crate::syntax::shell::Place;

const DEPLOY: &str = "#!/usr/bin/env bash\n# brings it up\nset -euo pipefail\nIMAGE=php:8.4\ndeploy() {\n  docker run -d --name app \\\n    -p 80:80 \"$IMAGE\" # web\n}\nssh root@shop 'docker exec app sh -c \"apt-get update\"'\ncat > x.env <<EOF\nA=1\nEOF\ndeploy\n";

#[test]
fn a_whole_script() {
    let script = parse(DEPLOY);
    assert_eq!(script.errors, []);
    let shebang = script.shebang.as_ref().unwrap();
    assert_eq!((shebang.program.as_str(), shebang.span.slice(DEPLOY)), ("bash", "#!/usr/bin/env bash"));
    let comments: Vec<&str> = script.comments.iter().map(|span| span.slice(DEPLOY)).collect();
    assert_eq!(comments, ["# brings it up", "# web"]);
    assert_eq!(script.functions()[0].text, "deploy");
    assert_eq!(script.heredocs()[0].body.slice(DEPLOY), "A=1\n");
    let run = script.commands().find(|(_, command)| command.words.iter().any(|word| word.text == "run")).unwrap().1;
    assert_eq!(run.span.slice(DEPLOY), "docker run -d --name app \\\n    -p 80:80 \"$IMAGE\"");
    assert_eq!(run.words[7].span.slice(DEPLOY), "\"$IMAGE\"");
    let (piece, inner) = script.commands().last().unwrap();
    assert_eq!((inner.span.slice(DEPLOY), &piece.place), ("apt-get update", &Place::Container(Some("app".into()))));
}

#[test]
fn other_interpreters_are_left_alone() {
    for text in ["#!/usr/bin/env python3\nprint('\n", "#!/usr/bin/php\n<?php echo \"x;\n"] {
        let script = parse(text);
        assert!(script.pieces.is_empty() && script.errors.is_empty(), "{text}");
    }
    assert_eq!(parse("#!/usr/bin/env -S A=1 bash -e\n").shebang.unwrap().program, "bash");
}

#[test]
fn errors_say_what_was_opened() {
    for (text, message, at) in [
        ("echo 'a\ndocker ps\n", "this quote is never closed", "'"),
        ("docker ps\nx=$(docker ps\n", "this parenthesis is never closed", "("),
        ("cat <<EOF\na\n", "this here-document never ends", "E"),
    ] {
        let script = parse(text);
        assert_eq!((script.errors[0].message.as_str(), script.errors[0].span.slice(text)), (message, at), "{text}");
        assert!(!script.pieces[0].script.commands.is_empty());
    }
}

#[test]
fn carriage_returns_byte_order_mark_and_other_letters() {
    let text = "\u{feff}#!/bin/sh\r\n# größer\r\ndocker run -d 'bücher:1'\r\n";
    let script = parse(text);
    assert_eq!(script.shebang.as_ref().unwrap().span.slice(text), "#!/bin/sh");
    assert_eq!(script.comments.iter().map(|span| span.slice(text)).collect::<Vec<_>>(), ["# größer"]);
    let words: Vec<&str> = script.commands().next().unwrap().1.words.iter().map(|w| w.span.slice(text)).collect();
    assert_eq!(words, ["docker", "run", "-d", "'bücher:1'"]);
}

#[test]
fn every_prefix_and_every_gap_is_survived() {
    for (at, _) in DEPLOY.char_indices() {
        let _ = parse(&DEPLOY[..at]);
        let mut gap = DEPLOY.to_owned();
        gap.remove(at);
        for (_, command) in parse(&gap).commands() {
            assert!(gap.get(command.span.range()).is_some());
        }
    }
}

#[test]
fn hostile_sizes() {
    for unit in ["$(", "`", "'", "<<A\n", "ssh h '", "\"$(", "((", "${", "case a in ", "a=("] {
        let text = unit.repeat(200_000 / unit.len());
        let _ = parse(&text);
    }
}

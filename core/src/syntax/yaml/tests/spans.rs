use super::*;

/// Each node that is written, as it is written.
fn written(text: &str) -> Vec<&str> {
    let tree = read(text);
    assert_eq!(tree.errors, [], "{text:?}");
    tree.nodes.iter().filter(|node| !node.is_absent()).map(|node| node.span.slice(text)).collect()
}

#[test]
fn nodes_span_their_content() {
    let cases: &[(&str, &[&str])] = &[
        ("a: 'b' # c\n", &["a: 'b'", "a", "'b'"]),
        ("a: \"b\" # c\n", &["a: \"b\"", "a", "\"b\""]),
        ("a: b c # d\n", &["a: b c", "a", "b c"]),
        ("a: |  # c\n  x\n   y\n\nb: 1\n", &["a: |  # c\n  x\n   y\n\nb: 1", "a", "|  # c\n  x\n   y", "b", "1"]),
        ("a: !t &x >2-\n   x\n", &["a: !t &x >2-\n   x", "a", ">2-\n   x"]),
        ("a: |+\n\n\nb: 1", &["a: |+\n\n\nb: 1", "a", "|+", "b", "1"]),
        ("'a|b': |\n  x", &["'a|b': |\n  x", "'a|b'", "|\n  x"]),
        ("a: # b|c\n  |\n  x\n", &["a: # b|c\n  |\n  x", "a", "|\n  x"]),
        ("[a, {b: c}, [d]]", &["[a, {b: c}, [d]]", "a", "{b: c}", "b", "c", "[d]", "d"]),
        ("[a: b, c]", &["[a: b, c]", "a: b", "a", "b", "c"]),
        ("- a\n-\n  # c - d\n  b\n", &["- a\n-\n  # c - d\n  b", "a", "b"]),
        ("k:\n- a\n- b\n", &["k:\n- a\n- b", "k", "- a\n- b", "a", "b"]),
        ("- - a\n  - b\n", &["- - a\n  - b", "- a\n  - b", "a", "b"]),
        ("k: &x !t\n  - a\n", &["k: &x !t\n  - a", "k", "- a", "a"]),
        ("k: &x b\n", &["k: &x b", "k", "b"]),
        ("é: ü\r\nb: |\r\n  ö\r\nc: d\r\n", &["é: ü\r\nb: |\r\n  ö\r\nc: d", "é", "ü", "b", "|\r\n  ö", "c", "d"]),
        ("\u{feff}a: b\n", &["a: b", "a", "b"]),
        ("a:\n  b:\nc: d", &["a:\n  b:\nc: d", "a", "b:", "b", "c", "d"]),
        ("a: b\n---\nc\n", &["a: b", "a", "b", "c"]),
        ("a: x\n  y\n", &["a: x\n  y", "a", "x\n  y"]),
    ];
    for (text, want) in cases {
        assert_eq!(written(text), *want, "{text:?}");
    }
}

#[test]
fn an_absent_value_is_where_it_would_be_written() {
    let text = "a:   # c\nb:\n  - \n";
    let tree = read(text);
    assert_eq!(tree.node(at(&tree, "a")).span, Span::at(2));
    assert!(tree.node(at(&tree, "a")).is_absent());
    assert_eq!(tree.node(at(&tree, "b.0")).span.start, 16);
}

#[test]
fn tags_anchors_and_comments_have_spans() {
    let text = "# é\na: !reset &anchor [1] # two\nb: *anchor\n";
    let tree = read(text);
    let node = tree.node(at(&tree, "a"));
    assert_eq!(node.tag.as_ref().unwrap().0.slice(text), "!reset");
    assert_eq!(node.anchor.unwrap().slice(text), "&anchor");
    assert_eq!(node.outer_span().slice(text), "!reset &anchor [1]");
    let Kind::Alias { name, .. } = tree.node(at(&tree, "b")).kind else { panic!("no alias") };
    assert_eq!(name.slice(text), "anchor");
    let comments: Vec<_> = tree.comments.iter().map(|span| span.slice(text)).collect();
    assert_eq!(comments, ["# é", "# two"]);
}

#[test]
fn parts_of_scalars_are_found_in_the_text() {
    let cases: &[(&str, &str, &str)] = &[
        ("a: 127.0.0.1:80:8080", "80:", "80:"),
        ("a: \"127.0.0.1:80:8080\"", ":8080", ":8080"),
        ("a: 'it''s ${X} é'", "${X}", "${X}"),
        ("a: 'it''s ${X} é'", "t's", "t''s"),
        ("a: \"x\\ty ${X}\"", "${X}", "${X}"),
        ("a: \"x\\u00e9 ${X}\"", "é", "\\u00e9"),
        ("a: \"\\ud83d\\ude00 ${X}\"", "${X}", "${X}"),
        ("a: \"x\n\n  y ${X}\"", "y ${X}", "y ${X}"),
        ("a: \"x \\\n  y ${X}\"", "${X}", "${X}"),
        ("a: x\n  y ${X}", "${X}", "${X}"),
        ("a: |\n  x\n    y ${X}\n  z\n", "y ${X}", "y ${X}"),
        ("a: |\r\n  x\r\n  y ${X}\r\n", "${X}", "${X}"),
        ("a: >-\n  x\n  y ${X}\n\n  z ${Y}\n", "${Y}", "${Y}"),
        ("a: |\n\n  x\n\n  y ${X}", "${X}", "${X}"),
    ];
    for (text, part, want) in cases {
        let tree = read(text);
        let id = at(&tree, "a");
        let start = tree.str(id).unwrap().find(part).unwrap_or_else(|| panic!("{part} in {text:?}"));
        let span = tree.scalar_source_span(text, id, start..start + part.len());
        assert_eq!(span.slice(text), *want, "{part} in {text:?}");
    }
    // Where it cannot be followed, and out of range: the whole.
    let text = "a: |2\n   x\n";
    let tree = read(text);
    let id = at(&tree, "a");
    assert_eq!(tree.scalar_source_span(text, id, 1..2), tree.node(id).span);
    assert_eq!(tree.scalar_source_span(text, id, 90..99), tree.node(id).span);
}

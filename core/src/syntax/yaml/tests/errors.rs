use super::*;

/// Text, what the error points at, a part of the message.
const CASES: &[(&str, &str, &str)] = &[
    ("a:\n  b: 1\n\tc: 2\nd: 3\n", "\t", "a tab cannot indent YAML"),
    ("a:\n\t- b\nd: 3\n", "\t", "a tab cannot indent YAML"),
    ("a: \"x\nb: 1\nd: 3\n", "\"", "never closed"),
    ("a: 'x\nb: 1\nd: 3\n", "'", "never closed"),
    ("a: [1, 2\nd: 3\n", "[", "`[` is never closed"),
    ("a: {b: 1\nd: 3\n", "{", "`{` is never closed"),
    ("a: [1}\nd: 3\n", "[", "is closed by `}`"),
    ("a: }\nd: 3\n", "}", "closes nothing"),
    ("a: b: c\nd: 3\n", ":", "a second `: `"),
    ("a: 1\n b: 2\nd: 3\n", "b: 2", "indented deeper"),
    ("w:\n  image nginx\n  p: 1\nd: 3\n", "image nginx", "not a `key: value` pair"),
    ("a: 1\nfoo\nd: 3\n", "foo", "not a `key: value` pair"),
    ("a:\n   b: 1\n  c: 2\nd: 3\n", "c: 2", "matches no line above"),
    ("a: @x\nd: 3\n", "@", "cannot start with `@`"),
    ("a: `x`\nd: 3\n", "`", "cannot start with"),
    ("a: 'x' y\nd: 3\n", "y", "after the closing quote"),
    ("a: \"\\q\"\nd: 3\n", "\"", "escape"),
    ("d: 3\na: *nope\n", "*nope", "nothing is anchored as `&nope`"),
    ("a: 1\n- b\nd: 3\n", "- b", "list item"),
];

#[test]
fn errors_read_well_and_point_at_the_cause() {
    for (text, place, message) in CASES {
        let tree = read(text);
        assert!(!tree.errors.is_empty(), "{text:?}");
        let error = &tree.errors[0];
        assert!(error.message.contains(message), "{text:?}: {error:?}");
        assert_eq!(error.span.slice(text), *place, "{text:?}: {error:?}");
    }
    assert_eq!(read(CASES[0].0).errors[0].help.as_deref(), Some("use spaces"));
}

#[test]
fn one_error_does_not_hide_the_rest() {
    for (text, ..) in CASES {
        let tree = read(text);
        assert_eq!(tree.errors.len(), 1, "{text:?}: {:?}", tree.errors);
        let d = tree.get(tree.documents[0], "d").unwrap_or_else(|| panic!("{text:?}"));
        assert_eq!(tree.str(d.1), Some("3"), "{text:?}");
    }
}

const COMPOSE: &str = "services:\n  web:\n    image: nginx\n    ports:\n      - \"80:80\"\n      - \"81:81\"\n  db:\n    image: mysql\n    environment:\n      A: b\nvolumes:\n  data: {}\n";

#[test]
fn a_typo_costs_little() {
    let typos = [
        ("    image: nginx", "    image nginx", "missing colon"),
        ("      - \"81:81\"", "      - \"81:81", "missing quote"),
        ("    image: mysql", "\timage: mysql", "tab"),
        ("    environment:", "   environment:", "indentation"),
        ("    image: nginx", "    image: [nginx", "open bracket"),
        ("    image: mysql", "    image: a: b", "two colons"),
        ("    image: mysql", "    image: @x", "reserved character"),
    ];
    let total = read(COMPOSE).nodes.iter().filter(|node| matches!(node.kind, Kind::Scalar { .. })).count();
    for (from, to, what) in typos {
        let text = COMPOSE.replacen(from, to, 1);
        let tree = read(&text);
        assert!(!tree.errors.is_empty(), "{what}");
        assert!(!tree.recovered.is_empty(), "{what}");
        let kept = tree.nodes.iter().filter(|node| matches!(node.kind, Kind::Scalar { .. })).count();
        assert!(kept + 5 >= total, "{what}: {kept} of {total} scalars");
        assert!(tree.get(tree.documents[0], "volumes").is_some(), "{what}");
        let bad_line = text.lines().zip(COMPOSE.lines()).position(|(a, b)| a != b).unwrap();
        let index = crate::span::LineIndex::new(&text);
        let error_line = index.line(tree.errors[0].span.start);
        assert!(error_line.abs_diff(bad_line) <= 1, "{what}: line {error_line}, not {bad_line}");
    }
}

#[test]
fn several_errors_are_all_found() {
    let tree = read("a: @x\nb: 1\nc: @y\nd: 2\ne: 'x' y\nf: 3\n");
    assert_eq!(tree.errors.len(), 3, "{:?}", tree.errors);
    assert_eq!(tree.recovered, [(0, 0), (2, 2), (4, 4)]);
    for key in ["b", "d", "f"] {
        assert!(tree.get(tree.documents[0], key).is_some());
    }
    let many = read(&"a: @x\n".repeat(100));
    assert_eq!(many.errors.len(), 16);
}

#[test]
fn an_anchor_in_a_bad_line_is_not_unknown() {
    let tree = read("a: &x 'b' c\nd: *x\ne: *y\n");
    let messages: Vec<_> = tree.errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(messages, ["there is text after the closing quote", "nothing is anchored as `&y`"]);
}

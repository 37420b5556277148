use super::*;

#[test]
fn plain_scalars_have_the_types_compose_gives_them() {
    let float = Type::Float;
    let cases = [
        ("", Type::Null),
        ("~", Type::Null),
        ("null", Type::Null),
        ("nULL", Type::Str),
        ("true", Type::Bool(true)),
        ("False", Type::Bool(false)),
        ("yes", Type::Str),
        ("no", Type::Str),
        ("on", Type::Str),
        ("off", Type::Str),
        ("y", Type::Str),
        ("n", Type::Str),
        ("22:22", Type::Str),
        ("190:20:30", Type::Str),
        ("0644", Type::Int(420)),
        ("0o644", Type::Int(420)),
        ("0x1F", Type::Int(31)),
        ("1_000", Type::Int(1000)),
        ("0b11", Type::Int(3)),
        ("-12", Type::Int(-12)),
        ("+12", Type::Int(12)),
        ("-0b11", Type::Int(-3)),
        ("08", float(8.0)),
        ("1.10", float(1.1)),
        ("1.", float(1.0)),
        (".5", float(0.5)),
        ("1e3", float(1000.0)),
        ("1e", Type::Str),
        ("1e+", Type::Str),
        (".inf", float(f64::INFINITY)),
        ("-.INF", float(f64::NEG_INFINITY)),
        (".", Type::Str),
        ("1.2.3", Type::Str),
        ("2001-01-01", Type::Str),
        ("0x", Type::Str),
        ("0x+5", Type::Str),
        ("-", Type::Str),
        ("é", Type::Str),
        ("_1", Type::Str),
        ("9223372036854775807", Type::Int(i64::MAX)),
        ("-9223372036854775808", Type::Int(i64::MIN)),
        ("nginx", Type::Str),
    ];
    for (text, want) in cases {
        assert_eq!(resolve_plain(text), want, "{text:?}");
    }
    assert!(matches!(resolve_plain(".nan"), Type::Float(number) if number.is_nan()));
}

#[test]
fn quotes_and_tags_make_strings() {
    let tree = read("a: '22'\nb: \"true\"\nc: !!str 22\nd: 22\ne: |\n  1\nf: !reset null\ng:\nh: !!str\n");
    for key in ["a", "b", "c", "e", "h"] {
        assert_eq!(tree.ty(at(&tree, key)), Type::Str, "{key}");
    }
    assert_eq!(tree.ty(at(&tree, "d")), Type::Int(22));
    assert_eq!(tree.ty(at(&tree, "f")), Type::Null);
    assert_eq!(tree.ty(at(&tree, "g")), Type::Null);
    assert_eq!(tree.node(at(&tree, "f")).tag.as_ref().unwrap().1, "!reset");
}

#[test]
fn merge_keys_follow_go_yaml() {
    let tree = read(
        "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nm:\n  <<: [*x, *y]\n  a: 0\nn:\n  <<: *x\n  q: '<<'\nz: {'<<': *x}\n",
    );
    let view = |path: &str| {
        let pairs = tree.merged(at(&tree, path), 100);
        pairs
            .iter()
            .map(|&(k, v)| format!("{}={}", tree.str(k).unwrap(), tree.str(v).unwrap_or("*")))
            .collect::<Vec<_>>()
    };
    assert_eq!(view("m"), ["a=0", "b=1", "c=2"]);
    assert_eq!(view("n"), ["q=<<", "a=1", "b=1"]);
    assert_eq!(view("z"), ["<<=*"]);
    assert_eq!(tree.merged(at(&tree, "m"), 3).len(), 1);
}

#[test]
fn aliases_are_kept_and_followed() {
    let tree = read("a: &a {k: v}\nb: *a\nc: *b\n");
    let b = at(&tree, "b");
    assert!(matches!(tree.node(b).kind, Kind::Alias { target: Some(_), .. }));
    assert_eq!(tree.deref(b), at(&tree, "a"));
    assert_eq!(tree.get(b, "k").map(|(_, value)| tree.str(value)), Some(Some("v")));
    assert_eq!(tree.alias_count(at(&tree, "a")), 1);
    assert_eq!(tree.errors.len(), 1);
    assert_eq!(tree.errors[0].message, "nothing is anchored as `&b`");
    let c = at(&tree, "c");
    assert_eq!(tree.deref(c), c);
}

#[test]
fn duplicate_keys_are_reported_with_the_first() {
    let text = "a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n";
    let tree = read(text);
    let found: Vec<_> =
        tree.duplicate_keys().iter().map(|&(x, y)| (tree.node(x).span.start, tree.node(y).span.start)).collect();
    assert_eq!(found, [(0, 21), (0, 26), (9, 15)]);
    assert_eq!(tree.errors, []);
    assert_eq!(tree.str(at(&tree, "a")), Some("1"));
}

#[test]
fn paths_read_like_code() {
    let tree = read("services:\n  web:\n    ports:\n      - 80\n      - {a.b: 1}\n? [x]\n: 2\n");
    let ports = at(&tree, "services.web.ports");
    assert_eq!(tree.path(tree.items(ports)[0]), "services.web.ports[0]");
    let (key, value) = tree.get(tree.items(ports)[1], "a.b").unwrap();
    assert_eq!(tree.path(value), "services.web.ports[1][\"a.b\"]");
    assert_eq!(tree.path(key), tree.path(value));
    assert_eq!(tree.key_of(value), Some(key));
    assert_eq!(tree.key_of(key), None);
    assert_eq!(tree.path(tree.documents[0]), "");
    assert_eq!(tree.path(tree.pairs(tree.documents[0])[1].1), "[?]");
}

#[test]
fn at_finds_the_innermost_node() {
    let text = "a:\n  - b: &x cc # d\n    e: f\n";
    let tree = read(text);
    let found = |offset: u32| tree.at(offset).and_then(|id| tree.str(id));
    assert_eq!(found(0), Some("a"));
    assert_eq!(found(7), Some("b"));
    assert_eq!(found(11), Some("cc"));
    assert_eq!(found(14), Some("cc"));
    assert_eq!(found(28), Some("f"));
    assert_eq!(read("").at(0), None);
}

#[test]
fn several_documents_and_none() {
    let tree = read("a: 1\n---\nb: 2\n...\n# c\n---\n");
    assert_eq!(tree.documents.len(), 3);
    assert_eq!(tree.str(tree.get(tree.documents[1], "b").unwrap().1), Some("2"));
    assert_eq!(tree.ty(tree.documents[2]), Type::Null);
    for empty in ["", "\n\n", "# only\n", "\u{feff}"] {
        let tree = read(empty);
        assert_eq!((tree.documents.len(), tree.errors.len()), (0, 0), "{empty:?}");
    }
    // Anchors end with their document.
    assert_eq!(read("a: &x 1\n---\nb: *x\n").errors.len(), 1);
}

#[test]
fn a_long_comment_block_is_fine() {
    let text = format!("a:\n{}  b: 1\n", "  # c\n".repeat(5000));
    let tree = read(&text);
    assert_eq!((tree.errors.len(), tree.comments.len()), (0, 5000));
}

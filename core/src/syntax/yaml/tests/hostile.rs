use super::*;

#[test]
fn deep_nesting_is_refused_with_a_place() {
    for text in [
        "[".repeat(10_000),
        "{a: ".repeat(10_000),
        "- ".repeat(10_000),
        (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth % 200))).collect(),
        (0..300).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
    ] {
        let tree = read(&text);
        assert!(!tree.errors.is_empty());
        assert!(tree.errors.iter().all(|error| (error.span.end as usize) <= text.len()));
        for index in 0..tree.nodes.len() {
            let mut depth = 0;
            let mut node = &tree.nodes[index];
            while let Some(parent) = node.parent {
                node = tree.node(parent);
                depth += 1;
            }
            assert!(depth <= 64);
        }
    }
}

#[test]
fn alias_bombs_do_not_explode() {
    let mut text = String::from("a0: &a0 [x]\n");
    for level in 1..60 {
        text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", ")));
    }
    let tree = read(&text);
    assert_eq!(tree.errors, []);
    assert!(tree.nodes.len() < 1000);
    let mut text = String::from("m0: &m0 {a: 1}\n");
    for level in 1..60 {
        text.push_str(&format!("m{level}: &m{level} {{<<: [{}]}}\n", vec![format!("*m{}", level - 1); 9].join(", ")));
    }
    let tree = read(&text);
    assert!(tree.merged(at(&tree, "m59"), 1000).len() <= 1);
    // A collection that contains itself.
    let tree = read("a: &a [*a]\nb: &b {<<: *b}\n");
    assert_eq!(tree.merged(at(&tree, "b"), 100), []);
}

#[test]
fn large_inputs_are_bounded() {
    let line = format!("a: {}\nb: 1\n", "x".repeat(1 << 20));
    let tree = read(&line);
    assert_eq!(tree.str(at(&tree, "b")), Some("1"));

    let tree = read(&"a: 1\n".repeat(2 << 20));
    assert!(tree.truncated && tree.nodes.is_empty());
    assert_eq!(tree.errors.len(), 1);
    assert!(tree.errors[0].message.contains("larger than"));

    let tree = read(&"- 1\n".repeat(300_000));
    assert!(tree.truncated);
    assert_eq!(tree.errors.len(), 1);
    assert!(tree.nodes.len() <= 200_064);

    // Too large to be repaired: the text before the error is still read.
    let text = format!("a: 1\nb: @x\n{}", "# c\n".repeat(100_000));
    let tree = read(&text);
    assert_eq!(tree.errors.len(), 1);
    assert!(tree.recovered.is_empty());
    assert_eq!(tree.str(at(&tree, "a")), Some("1"));
}

#[test]
fn an_id_of_another_tree_is_harmless() {
    let tree = read("a: 1");
    let id = Id(99);
    assert!(tree.node(id).is_absent());
    assert_eq!((tree.path(id), tree.index(id), tree.pairs(id).len()), (String::new(), 0, 0));
}

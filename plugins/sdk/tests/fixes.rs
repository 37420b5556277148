//! Edits of whole lines on real files.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll_plugin_sdk::prelude::*;
use plimsoll_plugin_sdk::testing;

/// The text after a fix at the pair of a path, or `None` when it gives none.
fn after(text: &str, path: &[&str], build: impl Fn(Fix, NodeRef<'_>) -> Option<Fix>) -> Option<String> {
    let project = testing::project(&[("compose.yaml", text)]);
    let node = project.document("compose.yaml")?.pair_at(path).unwrap();
    let fix = build(fix("Do it"), node)?;
    let [edit] = fix.edits.as_slice() else { panic!("{fix:?}") };
    let span = edit.location.span;
    let (head, tail) = (&text[..span.start as usize], &text[span.end as usize..]);
    Some(format!("{head}{}{tail}", edit.replacement))
}

const APP: [&str; 2] = ["services", "app"];
const IMAGE: [&str; 3] = ["services", "app", "image"];

#[test]
fn keys_are_added_below_the_last_one() {
    let add = |fix: Fix, node: NodeRef<'_>| fix.add_key(node, "labels:\n  a: b");
    let text = "services:\n  app:\n    image: x # why\n    environment:\n      A: |\n        one\n\n        two\n\n  other:\n    image: y\n";
    assert_eq!(
        after(text, &APP, add).unwrap(),
        text.replace("        two\n", "        two\n    labels:\n      a: b\n")
    );
    assert_eq!(
        after("services:\n  app:\n    image: x", &APP, add).unwrap(),
        "services:\n  app:\n    image: x\n    labels:\n      a: b"
    );
    assert_eq!(
        after("services:\r\n  app:\r\n    image: x\r\n", &APP, add).unwrap(),
        "services:\r\n  app:\r\n    image: x\r\n    labels:\r\n      a: b\r\n"
    );
    assert_eq!(
        after("services:\n  app: # none yet\n  other:\n    image: y\n", &APP, add).unwrap(),
        "services:\n  app: # none yet\n    labels:\n      a: b\n  other:\n    image: y\n"
    );
    for flow in [
        "services:\n  app: {image: x}\n",
        "services: {app: {image: x}}\n",
        "services:\n  app: ~\n",
        "services:\n  app: {}\n",
    ] {
        assert_eq!(after(flow, &APP, add), None, "{flow}");
    }
}

#[test]
fn lines_are_removed_when_nothing_else_stands_on_them() {
    let remove = |fix: Fix, node: NodeRef<'_>| fix.remove_line(node);
    let text = "services:\n  app:\n    image: x # why\n    user: y\n";
    assert_eq!(after(text, &IMAGE, remove).unwrap(), "services:\n  app:\n    user: y\n");
    let last = "services:\n  app:\n    user: y\n    image: x";
    assert_eq!(after(last, &IMAGE, remove).unwrap(), "services:\n  app:\n    user: y\n");
    let block = "services:\n  app:\n    environment:\n      A: b\n      C: d\n    user: y\n";
    assert_eq!(after(block, &["services", "app", "environment"], remove).unwrap(), "services:\n  app:\n    user: y\n");
    for text in ["services:\n  app:\n    image: x\n", "services:\n  app: {image: x, user: y}\n"] {
        assert_eq!(after(text, &IMAGE, remove), None, "{text}");
    }
}

#[test]
fn lines_are_inserted_beside_a_node() {
    let text = "services:\n  app:\n    image: x\n";
    let above = |fix: Fix, node: NodeRef<'_>| fix.insert_before(node, "# one\n# two\n");
    assert_eq!(after(text, &IMAGE, above).unwrap(), "services:\n  app:\n    # one\n    # two\n    image: x\n");
    let below = |fix: Fix, node: NodeRef<'_>| fix.insert_after(node, "user: y");
    assert_eq!(after(text, &IMAGE, below).unwrap(), "services:\n  app:\n    image: x\n    user: y\n");
    assert_eq!(after("services: {app: {image: x}}\n", &IMAGE, below), None);
    assert_eq!(after("services: {app: {image: x}}\n", &IMAGE, above), None);
}

#[test]
fn items_are_added_to_lists() {
    let add = |fix: Fix, node: NodeRef<'_>| fix.add_items(node, &["b".to_owned(), "c".to_owned()]);
    let path = ["services", "app", "profiles"];
    let text = "services:\n  app:\n    profiles:\n    - a # first\n    image: x\n";
    assert_eq!(after(text, &path, add).unwrap(), text.replace("# first\n", "# first\n    - b\n    - c\n"));
    assert_eq!(after("services:\n  app:\n    profiles: [a]\n", &path, add), None);
    assert_eq!(after("services:\n  app:\n    profiles: []\n", &path, add), None);
    let items = "services:\n  app:\n    profiles:\n      - a\n      - b\n";
    let remove = |fix: Fix, node: NodeRef<'_>| fix.remove_line(node.items().next().unwrap());
    assert_eq!(after(items, &path, remove).unwrap(), "services:\n  app:\n    profiles:\n      - b\n");
}

#[test]
fn instructions_have_lines_too() {
    let text = "FROM php:8.4 AS app\nRUN a \\\n  b\nRUN <<EOF\nc\nEOF\n";
    let project = testing::project(&[("Dockerfile", text)]);
    let runs: Vec<NodeRef<'_>> = project.document("Dockerfile").unwrap().instructions("RUN").collect();
    let insert = |node: NodeRef<'_>| {
        let fix = fix("Do it").insert_after(node, "USER app").unwrap();
        let at = fix.edits[0].location.span.start as usize;
        format!("{}{}{}", &text[..at], fix.edits[0].replacement, &text[at..])
    };
    assert_eq!(insert(runs[0]), text.replace("  b\n", "  b\nUSER app\n"));
    assert_eq!(insert(runs[1]), text.replace("EOF\n", "EOF\nUSER app\n").replacen("EOF\nUSER app\nc", "EOF\nc", 1));
}

#[test]
fn a_project_goes_through_json() {
    let project = testing::project(&[("compose.yaml", "services:\n  app:\n    image: x\n")]);
    let json = serde_json::to_string(&*project).unwrap();
    let again = Project::from_json(&json).unwrap();
    assert_eq!(again.services().next().unwrap().image().unwrap().text(), "x");
    let error = Project::from_json("{").unwrap_err();
    assert!(error.kind == ErrorKind::Input && error.message.contains("plimsoll plugin project"), "{error:?}");
}

use super::super::edit::*;
use super::*;

const FILE: &str = "# head\nservices:\n  web: # w\n    image: nginx # i\n    ports:\n      - \"80:80\" # p\n      - 81:81\n    # tail of web\n  db:\n    image: 'mysql'\n    cap_add: [NET_ADMIN, SYS_TIME]\n    labels: {a: b, c: d}\n  empty:\n  nothing: ~ # n\nlast: |\n  text\n";

/// Applies and verifies; the result differs from the old text only where `-` and `+` say so.
fn check(text: &str, edits: Option<Vec<TextEdit>>, from: &str, to: &str) {
    let edits = edits.unwrap_or_else(|| panic!("refused: {from:?} -> {to:?}"));
    let got = verified(text, &edits).unwrap_or_else(|| panic!("not verified: {:?}", apply(text, &edits)));
    assert!(text.contains(from), "{from:?}");
    assert_eq!(got, text.replacen(from, to, 1));
}

type Edits = Option<Vec<TextEdit>>;

/// The operation, and what it changes in `FILE`.
fn operations(tree: &Tree, text: &str) -> Vec<(Edits, &'static str, &'static str)> {
    let id = |path: &str| at(tree, path);
    vec![
        (replace_scalar(tree, text, id("services.web.image"), "nginx:1.27"), "image: nginx", "image: nginx:1.27"),
        (replace_scalar(tree, text, id("services.db.image"), "it's"), "'mysql'", "'it''s'"),
        (replace_scalar(tree, text, id("services.web.ports.0"), "127.0.0.1:80:80"), "80:80", "127.0.0.1:80:80"),
        (replace_scalar(tree, text, id("services.web.ports.1"), "82:81"), "81:81", "\"82:81\""),
        (replace_scalar(tree, text, id("services.empty"), "x"), "empty:", "empty: x"),
        (
            insert_key(tree, text, id("services.web"), "read_only", "true"),
            "      - 81:81\n",
            "      - 81:81\n    read_only: true\n",
        ),
        (
            insert_key(tree, text, id("services.web"), "cap_drop", "\n  - ALL"),
            "      - 81:81\n",
            "      - 81:81\n    cap_drop:\n      - ALL\n",
        ),
        (insert_key(tree, text, id("services.db.labels"), "e", "f"), "c: d}", "c: d, e: f}"),
        (insert_key(tree, text, id("services.empty"), "image", "x"), "empty:\n", "empty:\n    image: x\n"),
        (
            insert_key(tree, text, id("services.nothing"), "image", "x"),
            "nothing: ~ # n\n",
            "nothing: # n\n    image: x\n",
        ),
        (remove_key(tree, text, id("services.web"), "image"), "    image: nginx # i\n", ""),
        (remove_key(tree, text, id("services.web"), "ports"), "    ports:\n      - \"80:80\" # p\n      - 81:81\n", ""),
        (remove_key(tree, text, id("services.db.labels"), "a"), "{a: b, c: d}", "{c: d}"),
        (remove_key(tree, text, id("services.db.labels"), "c"), "{a: b, c: d}", "{a: b}"),
        (remove_item(tree, text, id("services.web.ports"), id("services.web.ports.0")), "      - \"80:80\" # p\n", ""),
        (remove_item(tree, text, id("services.web.ports"), id("services.web.ports.1")), "      - 81:81\n", ""),
        (remove_item(tree, text, id("services.db.cap_add"), id("services.db.cap_add.0")), "NET_ADMIN, ", ""),
        (remove_item(tree, text, id("services.db.cap_add"), id("services.db.cap_add.1")), ", SYS_TIME", ""),
        (append_item(tree, text, id("services.web.ports"), "\"82:82\""), "- 81:81\n", "- 81:81\n      - \"82:82\"\n"),
        (
            append_item(tree, text, id("services.web.ports"), "target: 82\nmode: host"),
            "- 81:81\n",
            "- 81:81\n      - target: 82\n        mode: host\n",
        ),
        (append_item(tree, text, id("services.db.cap_add"), "X"), "SYS_TIME]", "SYS_TIME, X]"),
    ]
}

#[test]
fn edits_change_only_what_they_are_asked_for() {
    let tree = read(FILE);
    for (edits, from, to) in operations(&tree, FILE) {
        check(FILE, edits, from, to);
    }
}

#[test]
fn line_endings_are_kept() {
    let text = FILE.replace('\n', "\r\n");
    let tree = read(&text);
    for (edits, from, to) in operations(&tree, &text) {
        check(&text, edits, &from.replace('\n', "\r\n"), &to.replace('\n', "\r\n"));
    }
}

#[test]
fn a_missing_final_newline_stays_missing() {
    let text = "a:\n  b: 1\n  c:\n    - x\n    - y";
    let tree = read(text);
    let done = |edits: Edits| verified(text, &edits.unwrap()).unwrap();
    assert_eq!(done(insert_key(&tree, text, at(&tree, "a"), "d", "2")), "a:\n  b: 1\n  c:\n    - x\n    - y\n  d: 2");
    assert_eq!(done(append_item(&tree, text, at(&tree, "a.c"), "z")), "a:\n  b: 1\n  c:\n    - x\n    - y\n    - z");
    assert_eq!(done(remove_item(&tree, text, at(&tree, "a.c"), at(&tree, "a.c.1"))), "a:\n  b: 1\n  c:\n    - x");
    assert_eq!(done(remove_key(&tree, text, at(&tree, "a"), "c")), "a:\n  b: 1");
    // A block of text at the end would gain a line feed.
    let text = "a: 1\nb: |\n  x";
    let tree = read(text);
    assert_eq!(verified(text, &insert_key(&tree, text, tree.documents[0], "c", "2").unwrap()), None);
}

#[test]
fn items_and_keys_take_their_place_with_them() {
    let text = "web:\n  image: x\n  cap_add:\n    - ALL\nonly:\n  cap_add: [ALL]\n";
    let tree = read(text);
    let edits = remove_item(&tree, text, at(&tree, "web.cap_add"), at(&tree, "web.cap_add.0"));
    check(text, edits, "  cap_add:\n    - ALL\n", "");
    assert_eq!(remove_item(&tree, text, at(&tree, "only.cap_add"), at(&tree, "only.cap_add.0")), None);
    let text = "- a: 1\n  b: 2\n- c: 3\n";
    let tree = read(text);
    check(text, remove_key(&tree, text, at(&tree, "0"), "a"), "a: 1\n  b: 2", "b: 2");
    assert_eq!(remove_key(&tree, text, at(&tree, "1"), "c"), None);
    check(text, insert_key(&tree, text, at(&tree, "0"), "d", "4"), "  b: 2\n", "  b: 2\n  d: 4\n");
}

#[test]
fn unsafe_edits_are_refused() {
    let text = "a: &x\n  k: [1, 2]\nb: *x\nc:\n  ? q\n  : r\nd: [1,\n  2]\ne: {<<: *x, f: 1}\n";
    let tree = read(text);
    assert_eq!(replace_scalar(&tree, text, at(&tree, "a.k.0"), "3"), None, "shared");
    assert_eq!(insert_key(&tree, text, at(&tree, "a"), "z", "1"), None, "shared");
    assert_eq!(insert_key(&tree, text, at(&tree, "b"), "z", "1"), None, "through an alias");
    assert_eq!(remove_item(&tree, text, at(&tree, "a.k"), at(&tree, "a.k.0")), None, "shared");
    assert_eq!(insert_key(&tree, text, at(&tree, "c"), "z", "1"), None, "explicit key");
    assert_eq!(append_item(&tree, text, at(&tree, "d"), "3"), None, "flow over lines");
    assert_eq!(insert_key(&tree, text, at(&tree, "e"), "f", "1"), None, "exists");
    assert_eq!(insert_key(&tree, text, at(&tree, "e"), "g", "\n  - 1"), None, "block in flow");
    let text = "a: &x # c\n  k: 1\n";
    let tree = read(text);
    check(text, insert_key(&tree, text, at(&tree, "a"), "z", "1"), "k: 1\n", "k: 1\n  z: 1\n");
}

#[test]
fn kept_line_feeds_stay_with_their_text() {
    let text = "a:\n  b: |+\n    x\n\n\nc: 1\n";
    let tree = read(text);
    check(text, insert_key(&tree, text, at(&tree, "a"), "d", "2"), "\n\n\nc", "\n\n\n  d: 2\nc");
}

#[test]
fn apply_refuses_what_does_not_fit() {
    let edit = |start, end, text: &str| TextEdit { span: Span::new(start, end), text: text.to_owned() };
    assert_eq!(apply("abc", &[edit(2, 3, "z"), edit(0, 1, "x")]).as_deref(), Some("xbz"));
    assert_eq!(apply("abc", &[edit(1, 1, "x"), edit(1, 1, "y")]).as_deref(), Some("axybc"));
    assert_eq!(apply("abc", &[edit(0, 2, ""), edit(1, 3, "")]), None);
    assert_eq!(apply("abc", &[edit(2, 9, "")]), None);
    assert_eq!(apply("é", &[edit(1, 2, "")]), None);
}

#[test]
fn verification_catches_side_effects() {
    let edit = |start, end, text: &str| [TextEdit { span: Span::new(start, end), text: text.to_owned() }];
    let text = "a: 1 # c\nb: 2\n";
    assert!(verified(text, &edit(3, 4, "9")).is_some());
    assert_eq!(verified(text, &edit(3, 4, "'9")), None, "a new error");
    assert_eq!(verified(text, &edit(3, 5, "1")), None, "the comment is lost");
    assert!(verified(text, &edit(3, 4, "1 # d\nz: 1")).is_some());
    assert_eq!(verified(text, &edit(9, 9, "  ")), None, "b moves into a");
    assert_eq!(verified(text, &edit(8, 9, " ")), None, "b is swallowed");
}

#[test]
fn strings_are_quoted_where_a_loader_could_differ() {
    let cases = [
        ("nginx", "nginx"),
        ("nginx:1.27", "nginx:1.27"),
        ("", "\"\""),
        ("80:80", "\"80:80\""),
        ("1.27", "\"1.27\""),
        ("yes", "\"yes\""),
        ("Off", "\"Off\""),
        ("true", "\"true\""),
        ("null", "\"null\""),
        ("~", "\"~\""),
        ("a: b", "\"a: b\""),
        ("a:", "\"a:\""),
        ("a #b", "\"a #b\""),
        ("a#b", "a#b"),
        ("- a", "\"- a\""),
        ("*a", "\"*a\""),
        ("a,b", "\"a,b\""),
        ("${A}", "\"${A}\""),
        ("say \"x\"", "say \"x\""),
        ("\"x\"", "'\"x\"'"),
        ("C:\\x", "C:\\x"),
        ("\\: x", "'\\: x'"),
        ("it's", "it's"),
        ("a\nb", "\"a\\nb\""),
        ("a\u{85}b", "\"a\\u0085b\""),
        ("\u{feff}a", "\"\\ufeffa\""),
        ("a\u{2028}\"", "\"a\\u2028\\\"\""),
        (" a", "\" a\""),
        ("é", "é"),
    ];
    for (value, want) in cases {
        assert_eq!(quote_if_needed(value), want);
        let text = format!("a: {want}\nb: [{want}]\n");
        let tree = read(&text);
        assert_eq!(tree.errors, [], "{text:?}");
        for path in ["a", "b.0"] {
            assert_eq!((tree.str(at(&tree, path)), tree.ty(at(&tree, path))), (Some(value), Type::Str), "{text:?}");
        }
    }
}

#[test]
fn every_edit_of_the_seeds_is_verified_or_rightly_refused() {
    for seed in fuzz::SEEDS.iter().filter(|seed| read(seed).errors.is_empty()) {
        for text in [(*seed).to_owned(), seed.replace('\n', "\r\n").replace("\r\r", "\r")] {
            let tree = read(&text);
            for edits in fuzz::all_edits(&tree, &text) {
                assert!(verified(&text, &edits).is_some(), "{edits:?} on {text:?} gives {:?}", apply(&text, &edits));
            }
        }
    }
}

/// What is fine in one service alone is fine in the whole file. The other way round, the whole file is asked as well.
#[test]
fn an_edit_reaches_no_further_than_its_neighbourhood() {
    let stack = "x-base: &base {restart: always} # shared\nservices:\n  # first\n  web:\n    <<: *base\n    image: nginx # tag?\n    \
                 ports:\n      - \"80:80\" # web\n      - 443:443\n\n  php:\n    image: 'php:8.4'\n    command: |\n      a\n      b\n    \
                 environment: {A: 1, B: two}\n  db: {image: mysql}\nvolumes:\n  data:\n";
    let mut local = 0;
    for text in [stack.to_owned(), stack.replace('\n', "\r\n"), stack.trim_end().to_owned()] {
        let tree = read(&text);
        assert!(tree.errors.is_empty(), "{:?}", tree.errors);
        for edits in fuzz::all_edits(&tree, &text) {
            let Some(region) = neighbourhood(&tree, &text, &edits) else { continue };
            let inside: Vec<TextEdit> = edits
                .iter()
                .map(|edit| TextEdit {
                    span: Span { start: edit.span.start - region.start, end: edit.span.end - region.start },
                    text: edit.text.clone(),
                })
                .collect();
            let alone = verified(region.slice(&text), &inside).is_some();
            assert!(!alone || verified(&text, &edits).is_some(), "{edits:?} in {:?}", region.slice(&text));
            local += usize::from(alone);
        }
    }
    assert!(local > 50, "only {local} edits stay in one service");
}

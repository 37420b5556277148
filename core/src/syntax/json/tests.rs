use super::*;

fn root(text: &str) -> Value {
    parse(text).root().cloned().unwrap()
}

#[test]
fn reads_what_serde_reads() {
    let text = r#"{"a": [1, -2.5e3, true, false, null], "b": {"c": "x\ny \u00e9 \ud83d\ude00 \/"}, "a": "last"}"#;
    let parsed = parse(text);
    assert_eq!(parsed.errors, []);
    let root = parsed.root().unwrap();
    assert_eq!(root.at(&["b", "c"]).unwrap().str(), Some("x\ny é 😀 /"));
    assert_eq!(root.get("a").unwrap().str(), Some("last"), "the last of equal keys counts");
    let first = &root.members()[0].value;
    assert_eq!(first.items()[0].integer(), Some(1));
    assert_eq!(first.items()[1].text(), Some("-2.5e3"));
    assert_eq!(first.items()[2].bool(), Some(true));
    assert!(first.items()[4].is_null());
}

#[test]
fn places_are_exact() {
    let text = "{\n  \"require\": {\"php\": \"^8.4\"}\n}\n";
    let root = root(text);
    let member = root.get("require").unwrap().member("php").unwrap();
    assert_eq!(member.key_span.slice(text), "\"php\"");
    assert_eq!(member.value.span.slice(text), "\"^8.4\"");
    assert_eq!(root.span.slice(text), text.trim());
}

#[test]
fn one_document_on_each_line() {
    let parsed = parse("{\"a\": 1}\n\nnonsense here\n{\"a\": 2}\n[3]\n");
    assert_eq!(parsed.documents.len(), 3);
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(parsed.documents[1].get("a").unwrap().integer(), Some(2));
}

#[test]
fn one_typo_hides_nothing_else() {
    for (text, message) in [
        ("{\"a\": 1 \"b\": 2}", "a comma is missing here"),
        ("{\"a\": 1,, \"b\": 2}", "a key in double quotes is expected here"),
        ("{\"a\": 1, \"b\": 2,}", "nothing follows this comma"),
        ("{\"a\": 1, c: 3, \"b\": 2}", "a key in double quotes is expected here"),
        ("{\"x\": \"open,\n \"a\": 1, \"b\": 2}", "this quote is never closed"),
        ("{\"a\": 1, \"x\":, \"b\": 2}", "this key has no value"),
        ("{\"a\": 1, \"b\": 2", "this bracket is never closed"),
        ("{\"a\": 1, \"x\": [1, oops, 2], \"b\": 2}", "a value is expected here"),
    ] {
        let parsed = parse(text);
        assert_eq!(parsed.errors.first().map(|error| error.message.as_str()), Some(message), "{text}");
        let root = parsed.root().unwrap();
        assert_eq!(root.get("b").and_then(Value::integer), Some(2), "{text}: {parsed:?}");
        assert_eq!(root.get("a").and_then(Value::integer), Some(1), "{text}");
    }
}

#[test]
fn every_prefix_and_every_hole_is_survived() {
    let text = "{\"a\": [1, {\"b\": \"\\u00e9\\\\ é\"}, null], \"c\": {\"d\": true}}\n[\"x\"]\n";
    for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
        let parsed = parse(&text[..end]);
        for error in &parsed.errors {
            assert_eq!(error.span.clamp(&text[..end]), error.span);
        }
        let mut holed = text.to_owned();
        if let Some(c) = text[end..].chars().next() {
            holed.replace_range(end..end + c.len_utf8(), "");
            let _ = parse(&holed);
        }
    }
}

#[test]
fn depth_and_closing_brackets_alone_are_bounded() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let parsed = parse(&deep);
    assert!(parsed.truncated && parsed.documents.len() == 1);
    let _ = parse(&"{\"a\":".repeat(50_000));
    let _ = parse(&"]}".repeat(50_000));
    let _ = parse(&"[{\"".repeat(50_000));
}

use super::*;

/// Key, value, and quote of each entry.
fn read(text: &str) -> Vec<(String, Option<String>, Quote)> {
    let file = parse(text);
    file.entries.into_iter().map(|entry| (entry.key, entry.value, entry.quote)).collect()
}

#[test]
fn reads_values_as_compose_does() {
    let cases: &[(&str, Option<&str>)] = &[
        ("A=b", Some("b")),
        ("A=", Some("")),
        ("A", None),
        ("export A=b", Some("b")),
        ("export\tA=b", Some("b")),
        ("  A = b  ", Some("b")),
        ("A: b", Some("b")),
        ("A=b # comment", Some("b")),
        ("A=b#c", Some("b#c")),
        ("A=b\t#c", Some("b\t#c")),
        ("A=#c", Some("#c")),
        ("A=b=c:d", Some("b=c:d")),
        ("A=\"b # c\" # d", Some("b # c")),
        ("A='b # c'", Some("b # c")),
        ("A=\"b\\nc\"", Some("b\nc")),
        ("A='b\\nc'", Some("b\\nc")),
        ("A=b\\nc", Some("b\\nc")),
        ("A='it\\'s'", Some("it's")),
        ("A=\"say \\\"x\\\"\"", Some("say \"x\"")),
        ("A=\"b\nc\"", Some("b\nc")),
        ("A='b\nc'", Some("b\nc")),
        ("A=\"${B:-x} $C\"", Some("${B:-x} $C")),
        ("A=\"\\$B\"", Some("$$B")),
        ("A=\"\\x\"", Some("\\x")),
        ("A=\"\\041\"", Some("!")),
        ("A=\"\\\\n\"", Some("\\n")),
        ("A=it's", Some("it's")),
        ("A=\"\"", Some("")),
        ("A=a b", Some("a b")),
    ];
    for (text, want) in cases {
        let file = parse(text);
        assert_eq!(file.errors, [], "{text:?}");
        assert_eq!(file.entries.len(), 1, "{text:?}");
        assert_eq!(file.entries[0].key, "A", "{text:?}");
        assert_eq!(file.entries[0].value.as_deref(), *want, "{text:?}");
    }
}

#[test]
fn entries_follow_each_other() {
    let none = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()), Quote::None);
    assert_eq!(read("\u{feff}# c\r\nA=1\r\n\r\nB=2\r\n"), [none("A", "1"), none("B", "2")]);
    assert_eq!(read("A\nB=2")[0], ("A".to_owned(), None, Quote::None));
    // Compose starts a new statement right behind a closing quote.
    assert_eq!(read("A='1' B=2")[1], none("B", "2"));
    assert_eq!(parse("A=1\nA=2").get("A").unwrap().value.as_deref(), Some("2"));
}

#[test]
fn spans_point_at_the_text() {
    let text = "# c\nexport KEY = \"é\" # d\nB=x # e\r\n";
    let file = parse(text);
    let entry = &file.entries[0];
    assert_eq!(entry.key_span.slice(text), "KEY");
    assert_eq!(entry.value_span.unwrap().slice(text), "\"é\"");
    assert_eq!(entry.span.slice(text), "export KEY = \"é\"");
    let comments: Vec<_> = file.comments.iter().map(|span| span.slice(text)).collect();
    assert_eq!(comments, ["# c", "# d", "# e"]);
}

#[test]
fn errors_are_located_and_do_not_stop_the_reading() {
    let text = "A=\"open\nB-1=ok\nC D=1\n=x\nE$=1\nF=2\n";
    let file = parse(text);
    let found: Vec<_> = file.errors.iter().map(|error| error.span.slice(text)).collect();
    assert_eq!(found, ["\"", "C D", "=", "$"]);
    let keys: Vec<_> = file.entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["B-1", "F"]);
}

#[test]
fn hostile_input_is_linear_and_safe() {
    assert_eq!(parse(&"A=\"\\\"\n".repeat(200_000)).errors.len(), 16);
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
    crate::syntax::yaml::tests::fuzz::mutate(
        &["export A=\"b\\n\\\"c\" # d\nB='x\ny'\nC: é\nD\n", "\u{feff}A=1\r\n# x\r\nB=\"${C:-\\$d}\"\r\n"],
        "=:'\"\\#\n\r $é\u{85}\u{a0}",
        |text| {
            let file = parse(text);
            let spans = file.entries.iter().flat_map(|e| [Some(e.key_span), e.value_span, Some(e.span)]).flatten();
            spans.chain(file.comments).chain(file.errors.into_iter().map(|e| e.span)).collect()
        },
    );
}

#[test]
fn an_export_of_nothing_has_a_place() {
    for text in ["export ", "export \nA=1\n", "=1", "export =1"] {
        let file = parse(text);
        assert_eq!(file.errors.len(), 1, "{text}");
        assert!(!file.errors[0].span.slice(text).is_empty(), "{text}");
    }
}

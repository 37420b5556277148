use super::*;

fn value(text: &str, dialect: Dialect) -> Option<String> {
    let file = parse_as(text, dialect);
    assert_eq!(file.errors, [], "{text:?}");
    assert_eq!(file.entries.len(), 1, "{text:?}");
    assert_eq!(file.entries[0].key, "A", "{text:?}");
    file.entries[0].value.clone()
}

/// The text each error points at.
fn errors(text: &str, dialect: Dialect) -> Vec<String> {
    parse_as(text, dialect).errors.iter().map(|error| error.span.slice(text).to_owned()).collect()
}

#[test]
fn raw_takes_the_text_as_it_is() {
    for (text, want) in [
        ("A=\"b\"", Some("\"b\"")),
        ("A='b' # c", Some("'b' # c")),
        ("A=$B ${C}", Some("$B ${C}")),
        ("  A= b \r\n", Some(" b ")),
        ("A=", Some("")),
        ("A", None),
        ("A=b=c", Some("b=c")),
        ("A=b\\n", Some("b\\n")),
    ] {
        assert_eq!(value(text, Dialect::Raw).as_deref(), want, "{text:?}");
    }
    let text = "# c\nexport A=1\n=x\nB=\"y\"\n";
    let file = parse_as(text, Dialect::Raw);
    assert_eq!(errors(text, Dialect::Raw), ["export A", "="]);
    assert_eq!(file.comments[0].slice(text), "# c");
    assert_eq!(file.entries[0].value_span.unwrap().slice(text), "\"y\"");
    assert!(!file.entries[0].interpolates());
}

#[test]
fn laravel_reads_as_phpdotenv() {
    for (text, want) in [
        ("A=b", Some("b")),
        ("export A=b", Some("b")),
        ("A=b#c", Some("b")),
        ("A=b # c", Some("b")),
        ("A= \"b # c\" # d", Some("b # c")),
        ("A='b ${C}'", Some("b ${C}")),
        ("A='it\\n'", Some("it\\n")),
        ("A=\"b\\n\\\"c\\\\\\$D\"", Some("b\n\"c\\$$D")),
        ("A=\"one\ntwo\"", Some("one\ntwo")),
        ("A=${B}/c", Some("${B}/c")),
        ("A=\"$B ${C}\"", Some("$$B ${C}")),
        ("A=", Some("")),
        ("A=#c", Some("")),
        ("A", None),
    ] {
        assert_eq!(value(text, Dialect::Laravel).as_deref(), want, "{text:?}");
    }
    let text = "A=b c\nB-1=x\nC=\"a\\qb\"\nD='open\nE=\"x\" y # z\nF=1\n";
    assert_eq!(errors(text, Dialect::Laravel), ["c", "-", "\\q", "'", "y # z"]);
    let file = parse_as(text, Dialect::Laravel);
    let keys: Vec<&str> = file.entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["A", "C", "E", "F"]);
    assert_eq!(file.get("E").unwrap().value_span.unwrap().slice(text), "\"x\"");
    assert_eq!(file.get("E").unwrap().span.slice(text), "E=\"x\"");
}

#[test]
fn symfony_reads_as_its_component() {
    for (text, want) in [
        ("A=b", Some("b")),
        ("export A=b", Some("b")),
        ("A=b # c", Some("b")),
        ("A=b#c", Some("b#c")),
        ("A= # c", Some("")),
        ("A=", Some("")),
        ("A='b $C \\n'", Some("b $C \\n")),
        ("A=\"b\\n\\\"c\\\" \\\\ \\$D $E\"", Some("b\n\"c\" \\ $$D $E")),
        ("A=\"one\ntwo\"", Some("one\ntwo")),
        ("A='one\ntwo'", Some("one\ntwo")),
        ("A=a'b $c'\"d\"", Some("ab $$cd")),
        ("A=${B:-x y}", Some("${B:-x y}")),
        ("A=\\'b", Some("'b")),
        ("A=b\r\n", Some("b")),
        ("export A", None),
    ] {
        assert_eq!(value(text, Dialect::Symfony).as_deref(), want, "{text:?}");
    }
    let text = "A=$(echo \"x\") # c\nB=\"$(id)\"\nC=d\n";
    let file = parse_as(text, Dialect::Symfony);
    let computed: Vec<bool> = file.entries.iter().map(|entry| entry.computed).collect();
    assert_eq!(computed, [true, true, false]);
    assert_eq!(file.entries[0].value_span.unwrap().slice(text), "$(echo \"x\")");
    assert_eq!(file.comments[0].slice(text), "# c");
    let text = "A =1\nB= 1\nC=a b\n1D=x\nE='open\nF=\"g\n";
    assert_eq!(errors(text, Dialect::Symfony), [" ", " ", "a b", "=", "'", "\""]);
    let file = parse_as("A='x' # c\nB='é'\"ü\"\n", Dialect::Symfony);
    assert_eq!((file.entries[0].quote, file.entries[1].quote), (Quote::Single, Quote::Mixed));
    let file = parse_as("A='x$y'\nB='x$y'\"z\"", Dialect::Symfony);
    assert!(!file.entries[0].interpolates() && file.entries[1].interpolates());
}

#[test]
fn every_span_of_every_mutant_fits_in_every_dialect() {
    assert_eq!(parse(&"A='1' ".repeat(200_000)).entries.len(), MAX_ENTRIES);
    for dialect in [Dialect::Raw, Dialect::Laravel, Dialect::Symfony] {
        assert!(parse_as(&"A='\n".repeat(200_000), dialect).errors.len() <= 16);
        assert!(parse_as(&"A=\"\\\"\n".repeat(200_000), dialect).errors.len() <= 16);
        assert!(parse_as(&"A=''''''".repeat(100_000), dialect).errors.len() <= 16);
        crate::syntax::yaml::tests::fuzz::mutate(
            &["export A=\"b\\n\\\"c\" # d\nB='x\ny'z$(a)\nC= é\nD\n", "\u{feff}A=1\r\n# x\r\nB=\"${C:-\\$d}\"\r\n"],
            "=:'\"\\#\n\r $é(){}",
            |text| {
                let file = parse_as(text, dialect);
                let spans = file.entries.iter().flat_map(|e| [Some(e.key_span), e.value_span, Some(e.span)]).flatten();
                spans.chain(file.comments).chain(file.errors.into_iter().map(|e| e.span)).collect()
            },
        );
    }
}

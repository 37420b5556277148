use super::*;

const TEXT: &str = "# users\nuser default off\nuser app on >S3cret #abc ~shop:* %R~cache:* &* +@all -@dangerous -@admin +info (~tmp:* +get|x)\n";

#[test]
fn rules_with_their_places() {
    let acl = parse(TEXT);
    assert_eq!(acl.errors, []);
    assert_eq!(acl.comments[0].slice(TEXT), "# users");
    assert!(acl.user("default").unwrap().enabled().is_none());
    let app = acl.user("app").unwrap();
    let spans: Vec<&str> = app.rules.iter().map(|rule| rule.span.slice(TEXT)).collect();
    assert_eq!(
        spans,
        [
            "on",
            ">S3cret",
            "#abc",
            "~shop:*",
            "%R~cache:*",
            "&*",
            "+@all",
            "-@dangerous",
            "-@admin",
            "+info",
            "(~tmp:* +get|x)"
        ]
    );
    assert_eq!(app.rules[4].kind, RuleKind::Keys { pattern: "cache:*".into(), read: true, write: false });
    let RuleKind::Selector(inside) = &app.rules[10].kind else { panic!("{:?}", app.rules[10]) };
    assert_eq!(inside.iter().map(|rule| rule.span.slice(TEXT)).collect::<Vec<_>>(), ["~tmp:*", "+get|x"]);
    assert_eq!(app.plain_passwords().map(|(password, _)| password).collect::<Vec<_>>(), ["S3cret"]);
    assert!(app.asks_for_password() && app.allows_category("dangerous").is_none() && app.all_keys().is_none());
    assert_eq!(app.allows_category("read").unwrap().span.slice(TEXT), "+@all");
}

#[test]
fn the_last_word_counts() {
    let user = |rules: &str| parse(&format!("user default {rules}\n")).users.remove(0);
    assert!(user("on nopass ~* &* +@all").without_password().is_some());
    assert!(user("nopass on >x").without_password().is_none());
    assert!(user("on nopass resetpass").without_password().is_none());
    assert!(user("on off").enabled().is_none());
    assert!(user("on allkeys allcommands reset").all_keys().is_none());
    assert!(user("on NOPASS AllKeys").all_keys().is_some());
}

#[test]
fn errors_and_what_is_read_all_the_same() {
    let text = "usr app on\nuser app on bogus\nuser b on (+get\nuser c on \"un\n";
    let acl = parse(text);
    let said: Vec<(&str, &str)> =
        acl.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        said,
        [
            ("\"", "this quote is never closed"),
            ("usr app on", "every line of an ACL file begins with `user` and a name"),
            ("bogus", "Redis knows no ACL rule of this form"),
            ("(+get", "this selector is never closed"),
        ]
    );
    assert_eq!(acl.users.len(), 3);
}

#[test]
fn line_ends_marks_prefixes_and_sizes() {
    let text = "\u{feff}user büro on >ü \r\n";
    let acl = parse(text);
    assert_eq!(acl.users[0].name_span.slice(text), "büro");
    assert_eq!(acl.users[0].plain_passwords().next().unwrap().1.slice(text), ">ü");
    for (at, _) in TEXT.char_indices() {
        let _ = parse(&TEXT[..at]);
        let mut gap = TEXT.to_owned();
        gap.remove(at);
        for user in parse(&gap).users {
            assert!(user.rules.iter().all(|rule| gap.get(rule.span.range()).is_some()));
        }
    }
    let _ = parse(&format!("user a {}", "(".repeat(500_000)));
    let _ = parse(&format!("user a {}", "( ".repeat(500_000)));
    let _ = parse(&"user a on\n".repeat(100_000));
}

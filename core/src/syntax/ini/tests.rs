use super::*;

#[test]
fn reads_php_ini() {
    let text = "; top\nengine = On\n[PHP]\nmemory_limit=128M ; per request\ndisable_functions = \"exec, system\"\n\
        error_log =\nbare\nextension=pdo.so\r\nextension = \"a\\\"b\" ; x\npath = ${HOME}/x\nsq='a;b'\n";
    let ini = parse(text);
    assert_eq!(ini.errors, []);
    let all: Vec<_> = ini.entries().map(|entry| (entry.key.as_str(), entry.value.as_str())).collect();
    assert_eq!(
        all,
        [
            ("engine", "On"),
            ("memory_limit", "128M"),
            ("disable_functions", "exec, system"),
            ("error_log", ""),
            ("bare", ""),
            ("extension", "pdo.so"),
            ("extension", "a\"b"),
            ("path", "${HOME}/x"),
            ("sq", "a;b"),
        ]
    );
    let limit = ini.get("memory_limit").unwrap();
    assert_eq!((limit.key_span.slice(text), limit.value_span.slice(text)), ("memory_limit", "128M"));
    assert_eq!(ini.get("disable_functions").unwrap().value_span.slice(text), "\"exec, system\"");
    let comments: Vec<_> = ini.comments.iter().map(|span| span.slice(text)).collect();
    assert_eq!(comments, ["; top", "; per request", "; x"]);
    assert_eq!(ini.sections.len(), 2);
    assert_eq!(ini.get("extension").unwrap().value, "a\"b");
}

#[test]
fn reads_pools() {
    let text =
        "[www]\nuser = www-data\n# old comment\nphp_admin_value[memory_limit] = 64M\nenv[PATH] = /bin\n[ api ] ; c\n";
    let ini = parse(text);
    assert_eq!(ini.errors, []);
    let (name, span) = ini.sections[2].name.as_ref().unwrap();
    assert_eq!((name.as_str(), span.slice(text)), ("api", "api"));
    let admin = &ini.sections[1].entries[1];
    assert_eq!(admin.subscript(), Some(("php_admin_value", "memory_limit")));
    assert_eq!(ini.comments.len(), 2);
}

#[test]
fn values_may_have_several_lines_only_when_the_quote_closes_cleanly() {
    let text = "a = \"one\ntwo\" ; c\nb = 1\n";
    let ini = parse(text);
    assert_eq!(ini.get("a").unwrap().value, "one\ntwo");
    assert_eq!(ini.get("b").unwrap().value, "1");
    let broken = "a = \"one\nb = \"two\"\nc = 3\n";
    let ini = parse(broken);
    assert_eq!(ini.errors.len(), 1);
    assert_eq!(ini.errors[0].span, Span::new(4, 5));
    assert_eq!(ini.get("b").unwrap().value, "two");
    assert_eq!(ini.get("c").unwrap().value, "3");
}

#[test]
fn booleans_as_php_reads_them() {
    for (text, want) in [
        ("On", Some(true)),
        ("yes", Some(true)),
        ("TRUE", Some(true)),
        ("1", Some(true)),
        ("2", Some(true)),
        ("Off", Some(false)),
        ("no", Some(false)),
        ("", Some(false)),
        ("none", Some(false)),
        ("0", Some(false)),
        ("stderr", None),
    ] {
        assert_eq!(truthy(text), want, "{text}");
    }
}

#[test]
fn errors_are_located() {
    let text = "[open\n= x\n[a] b\nk = v\n";
    let ini = parse(text);
    let found: Vec<_> = ini.errors.iter().map(|error| error.span.slice(text)).collect();
    assert_eq!(found, ["[", "=", "b"]);
    assert_eq!(ini.get("k").unwrap().value, "v");
}

#[test]
fn hostile_input_is_linear_and_safe() {
    let mut text = "a=\\\"\n".repeat(200_000);
    assert!(!parse(&text).errors.is_empty());
    text.push_str("\" x");
    assert!(!parse(&text).errors.is_empty());
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
    crate::syntax::yaml::tests::fuzz::mutate(
        &["; c\n[x]\na = \"b\\\"c\nd\" ; e\nk[é] = 'f'\r\n# g\nh\n", "a=1;b\n[p] ; q\nb = \"x\" y 'z'\n"],
        "[]=;#\"'\\\n\r é",
        |text| {
            let ini = parse(text);
            let names = ini.sections.iter().filter_map(|s| s.name.as_ref().map(|n| n.1));
            let spans = ini.entries().flat_map(|e| [e.key_span, e.value_span]);
            let errors = ini.errors.iter().map(|e| e.span);
            names.chain(spans).chain(errors).chain(ini.comments.iter().copied()).collect()
        },
    );
}

#[test]
fn many_quotes_on_one_line_are_read_once() {
    // With the line looked through for each of them this would take minutes.
    let ini = parse(&format!("a = {}", "\"'".repeat(500_000)));
    assert_eq!(ini.entries().count(), 1);
    let ini = parse(&format!("a = {}", "\"b\"".repeat(300_000)));
    assert_eq!(ini.get("a").unwrap().value.len(), 300_000);
}

#[test]
fn supervisor_is_read_as_python_does() {
    let text = "\u{feff}; c\n[supervisord]\nnodaemon=true ; foreground\r\n[program:web]\nCommand = php -r 'a;b#c' --x=1\n\
        environment: A=\"1\",\n  # inside\n    B='2' # two\n\nuser=www-data\n[inet_http_server]\nport = *:9001\npassword =\n";
    let ini = parse_supervisor(text);
    assert_eq!(ini.errors, []);
    let all: Vec<_> = ini.entries().map(|entry| (entry.key.as_str(), entry.value.as_str())).collect();
    assert_eq!(
        all,
        [
            ("nodaemon", "true"),
            ("command", "php -r 'a;b#c' --x=1"),
            ("environment", "A=\"1\",\nB='2'"),
            ("user", "www-data"),
            ("port", "*:9001"),
            ("password", ""),
        ]
    );
    let names: Vec<_> = ini.sections.iter().filter_map(|section| section.name.as_ref()).collect();
    assert_eq!(
        names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["supervisord", "program:web", "inet_http_server"]
    );
    assert_eq!(names[1].1.slice(text), "program:web");
    let command = ini.get("command").unwrap();
    assert_eq!((command.key_span.slice(text), command.value_span.slice(text)), ("Command", "php -r 'a;b#c' --x=1"));
    let comments: Vec<_> = ini.comments.iter().map(|span| span.slice(text)).collect();
    assert_eq!(comments, ["; c", "; foreground", "# inside", "# two"]);
    let broken = "[open\nno value\n= x\n[ok]\na=1\n";
    let ini = parse_supervisor(broken);
    assert_eq!(ini.errors.iter().map(|error| error.span.slice(broken)).collect::<Vec<_>>(), ["[", "no value", "="]);
    assert_eq!(ini.get("a").unwrap().value, "1");
    crate::syntax::yaml::tests::fuzz::mutate(
        &["; c\n[x]\na = b ; c\n  d\n\ne: f\r\n# g\nh\n", "\u{feff}[p:é] ; q\nb=#x\n\t y 'z'\n"],
        "[]=:;#\"\n\r\t é",
        |text| {
            let ini = parse_supervisor(text);
            let names = ini.sections.iter().filter_map(|s| s.name.as_ref().map(|n| n.1));
            let spans = ini.entries().flat_map(|e| [e.key_span, e.value_span]);
            let errors = ini.errors.iter().map(|e| e.span);
            names.chain(spans).chain(errors).chain(ini.comments.iter().copied()).collect()
        },
    );
}

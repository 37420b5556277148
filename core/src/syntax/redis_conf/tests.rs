use super::*;

fn args(conf: &RedisConf, name: &str) -> Vec<String> {
    conf.get(name).unwrap().args.iter().map(|(word, _)| word.clone()).collect()
}

#[test]
fn reads_directives() {
    let text = "# c\nBIND 127.0.0.1 -::1\nrequirepass \"p a\\\"s\\x21\\n\"\nrename-command CONFIG ''\r\nuser 'it\\'s'\n  save \"\"\nx a#b\n";
    let conf = parse(text);
    assert_eq!(conf.errors, []);
    assert_eq!(args(&conf, "bind"), ["127.0.0.1", "-::1"]);
    assert_eq!(args(&conf, "requirepass"), ["p a\"s!\n"]);
    assert_eq!(args(&conf, "rename-command"), ["CONFIG", ""]);
    assert_eq!(args(&conf, "user"), ["it's"]);
    assert_eq!(args(&conf, "save"), [""]);
    assert_eq!(args(&conf, "x"), ["a#b"]);
    let bind = conf.get("bind").unwrap();
    assert_eq!(bind.span.slice(text), "BIND 127.0.0.1 -::1");
    assert_eq!(bind.args[1].1.slice(text), "-::1");
    assert_eq!(conf.get("rename-command").unwrap().args[1].1.slice(text), "''");
    assert_eq!(conf.comments[0].slice(text), "# c");
}

#[test]
fn errors_are_located_and_the_next_line_is_read() {
    let text = "requirepass \"open\nport 0\nuser \"a\"b\nport 1\n";
    let conf = parse(text);
    assert_eq!(conf.errors.len(), 2);
    assert_eq!(conf.errors[0].span, Span::new(12, 13));
    assert_eq!(conf.errors[1].span.slice(text), "b");
    assert_eq!(args(&conf, "port"), ["1"]);
}

#[test]
fn reads_a_command_line() {
    let words = |line: &[&str]| from_args(&line.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
    let want =
        |name: &str, args: &[&str]| (name.to_owned(), args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>());
    assert_eq!(
        words(&[
            "redis-server",
            "/etc/redis.conf",
            "--port",
            "0",
            "--Save",
            "60",
            "1",
            "--appendonly yes",
            "--requirepass",
            "a b"
        ]),
        [want("port", &["0"]), want("save", &["60", "1"]), want("appendonly", &["yes"]), want("requirepass", &["a b"])]
    );
    assert_eq!(words(&["redis-server"]), []);
    assert_eq!(words(&["--", "x"]), []);
}

#[test]
fn hostile_input_is_linear_and_safe() {
    assert!(parse(&"a \"".repeat(100_000)).errors.len() <= 16);
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
    crate::syntax::yaml::tests::fuzz::mutate(
        &["# c\nbind 127.0.0.1\nrequirepass \"p\\x41\\\"é\"\nuser 'a\\'b'\r\n"],
        "\"'\\#x \n\ré\u{a0}",
        |text| {
            let conf = parse(text);
            let spans = conf.directives.iter().flat_map(|d| d.args.iter().map(|a| a.1).chain([d.span]));
            spans.chain(conf.comments.iter().copied()).chain(conf.errors.iter().map(|e| e.span)).collect()
        },
    );
}

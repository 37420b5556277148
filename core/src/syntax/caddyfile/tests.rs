use super::*;

fn args(item: &Item) -> Vec<&str> {
    item.args.iter().map(|(word, _)| word.as_str()).collect()
}

const SITE: &str = "# top\n{\n\tadmin {$CADDY_ADMIN:localhost:2019}\n\tservers {\n\t\ttrusted_proxies static \\\n10.0.0.0/8 \\\n::1\n\t}\n}\n\
(common) {\n\tencode gzip # c\n}\n{$EXTRA}\nexample.com, www.example.com,\n:8080 {\n\timport common\n\t@api path /api/* \"/a b\"\n\t\
reverse_proxy @api app:80 {\n\t\theader_up Host {upstream_hostport}\n\t}\n\trespond /x#y `say \"hi\"` 200\n\trespond <<EOF\n\t\tone\n\t\t\ttwo\n\t\tEOF 404\n\t\
root * {$ROOT:/srv/my app}\n}\n";

#[test]
fn reads_blocks_and_arguments() {
    let file = parse(SITE);
    assert_eq!(file.errors, []);
    assert_eq!(args(file.find("admin")[0]), ["{$CADDY_ADMIN:localhost:2019}"]);
    assert_eq!(args(file.find("trusted_proxies")[0]), ["static", "10.0.0.0/8", "::1"]);
    assert_eq!(args(file.find("@api")[0]), ["path", "/api/*", "/a b"]);
    assert_eq!(args(file.find("header_up")[0]), ["Host", "{upstream_hostport}"]);
    assert_eq!(args(file.find("respond")[0]), ["/x#y", "say \"hi\"", "200"]);
    assert_eq!(args(file.find("respond")[1]), ["one\n\ttwo", "404"]);
    assert_eq!(args(file.find("root")[0]), ["*", "{$ROOT:/srv/my app}"]);
    assert_eq!(file.comments.iter().map(|span| span.slice(SITE)).collect::<Vec<_>>(), ["# top", "# c"]);
    let proxy = file.find("reverse_proxy")[0];
    assert_eq!(proxy.header().slice(SITE), "reverse_proxy @api app:80");
    assert!(proxy.span.slice(SITE).ends_with("hostport}\n\t}"));
    let parts = file.parts();
    assert!(matches!(parts[0], Part::Global(_)) && matches!(parts[1], Part::Snippet("common", _)));
    assert!(matches!(parts[2], Part::Other(item) if item.name == "{$EXTRA}"));
    let Part::Site { addresses, body, .. } = &parts[3] else { panic!("{parts:?}") };
    assert_eq!(
        addresses.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(),
        ["example.com", "www.example.com", ":8080"]
    );
    assert_eq!(body.len(), 6);
}

#[test]
fn one_site_without_braces() {
    let file = parse("localhost\n\nroot * /srv\nphp_fastcgi app:9000\nhandle {\n\tabort\n}\n");
    assert_eq!(file.errors, []);
    let [Part::Site { addresses, body, .. }] = &file.parts()[..] else { panic!() };
    assert_eq!((addresses[0].0.as_str(), body.len()), ("localhost", 3));
}

#[test]
fn errors_are_located_and_the_rest_is_read() {
    let text = "{ admin off }\nexample.com{\n\troot * /srv\n}\n}\na.test {\n\trespond \"x\n\tfile_server\n";
    let file = parse(text);
    let found: Vec<_> = file.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        found,
        [
            ("{", "a line feed must follow this `{`"),
            ("}", "this `}` must be the first on its line"),
            ("{", "a space is missing before this `{`"),
            ("}", "this `}` closes nothing"),
            ("{", "the block of `a.test` is never closed"),
            ("\"", "this quote is never closed"),
        ]
    );
    assert_eq!(args(file.find("admin")[0]), ["off"]);
    assert_eq!(file.find("root").len() + file.find("file_server").len(), 2);
    let next_line = parse("a.test\n{\n\troot * /x\n}\n");
    assert!(matches!(&next_line.parts()[..], [Part::Site { body, .. }] if body.len() == 1));
    assert_eq!(parse("a {\n respond <<X\n hi\n}\n").errors.len(), 1);
}

#[test]
fn hostile_input_is_linear_and_safe() {
    let deep = parse(&format!("{}b\n{}", "a {\n".repeat(10_000), "}\n".repeat(10_000)));
    assert_eq!((deep.errors.len(), deep.walk().len()), (1, MAX_DEPTH));
    for hostile in ["\"\n", "`\n", "a <<E\n", "{ ", "} ", "a, \n", "{$ ", "a{\n", "\\\n"] {
        assert!(parse(&hostile.repeat(100_000)).errors.len() <= MAX_ERRORS, "{hostile:?}");
    }
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
    for end in (0..SITE.len()).filter(|end| SITE.is_char_boundary(*end)) {
        let _ = parse(&SITE[..end]).parts();
    }
    crate::syntax::yaml::tests::fuzz::mutate(
        &[SITE, "\u{feff}é.test {\r\n\trespond \"é\"\r\n}\r\n"],
        "{}\"`\\#<$@,E \n\ré",
        |text| {
            let file = parse(text);
            let _ = file.parts();
            let spans = file.walk().into_iter().flat_map(|i| i.args.iter().map(|a| a.1).chain([i.name_span, i.span]));
            spans.chain(file.comments.iter().copied()).chain(file.errors.iter().map(|e| e.span)).collect()
        },
    );
}

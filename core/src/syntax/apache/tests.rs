use super::*;

fn args(item: &Item) -> Vec<&str> {
    item.args.iter().map(|(word, _)| word.as_str()).collect()
}

const SITE: &str = "# top \\\n goes on\nServerTokens Prod\n<VirtualHost *:80 [::]:80>\n  DocumentRoot \"/srv/my app\"\n  \
<Directory /srv>\n    Options -Indexes \\\n      +FollowSymLinks\n    <IfVersion >= 2.4>\n      Require all granted\n    \
</IfVersion>\n  </Directory>\n  RewriteCond %{REQUEST_URI} \\.php$ [NC]\n  LogFormat \"%h \\\"%r\\\"\" x\n</VirtualHost>\n";

#[test]
fn reads_sections_and_arguments() {
    let conf = parse(SITE);
    assert_eq!(conf.errors, []);
    assert_eq!(args(conf.find("documentroot")[0]), ["/srv/my app"]);
    assert_eq!(conf.find("documentroot")[0].args[0].1.slice(SITE), "\"/srv/my app\"");
    assert_eq!(args(conf.find("virtualhost")[0]), ["*:80", "[::]:80"]);
    assert_eq!(args(conf.find("options")[0]), ["-Indexes", "+FollowSymLinks"]);
    assert_eq!(args(conf.find("ifversion")[0]), [">=", "2.4"]);
    assert_eq!(args(conf.find("rewritecond")[0]), ["%{REQUEST_URI}", "\\.php$", "[NC]"]);
    assert_eq!(args(conf.find("logformat")[0]), ["%h \"%r\"", "x"]);
    assert_eq!(conf.comments.iter().map(|span| span.slice(SITE)).collect::<Vec<_>>(), ["# top \\\n goes on"]);
    let directory = conf.find("directory")[0];
    assert!(directory.span.slice(SITE).starts_with("<Directory /srv>"));
    assert!(directory.span.slice(SITE).ends_with("</Directory>"));
    assert_eq!(directory.header().slice(SITE), "Directory /srv");
    assert_eq!(conf.items.len(), 2);
}

#[test]
fn tags_that_do_not_fit_cost_little() {
    let text = "<VirtualHost *:80>\n<Directory /a>\nOptions None\n</VirtualHost>\nA b\n</Files>\n<Files x>\nC d\n</Filez>\nE f\n";
    let conf = parse(text);
    let found: Vec<_> = conf.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        found,
        [
            ("Directory /a", "`<directory>` is never closed"),
            ("</Files>", "`</Files>` closes nothing"),
            ("</Filez>", "`</Filez>` does not close `<files>`"),
        ]
    );
    assert_eq!(
        conf.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(),
        ["virtualhost", "a", "files", "e"]
    );
}

#[test]
fn open_quotes_and_brackets() {
    let text = "Alias /a \"/b c\nDirectoryIndex x\n<Files x\nRequire all denied\n</Files>\nErrorDocument 404 \"Gone\n";
    let conf = parse(text);
    assert_eq!(conf.errors.len(), 2, "{:?}", conf.errors);
    assert_eq!(args(conf.find("alias")[0]), ["/a", "/b c"]);
    assert_eq!(args(conf.find("directoryindex")[0]), ["x"]);
    assert_eq!(conf.find("files")[0].items().len(), 1);
    assert_eq!(args(conf.find("errordocument")[0]), ["404", "Gone"]);
}

#[test]
fn line_endings_and_marks() {
    let conf = parse("\u{feff}Options \\\r\n  All\r\n# é\r\nServerName caf\u{e9}\r\n");
    assert_eq!(conf.errors, []);
    assert_eq!((args(conf.find("options")[0]), args(conf.find("servername")[0])), (vec!["All"], vec!["café"]));
}

#[test]
fn hostile_input_is_linear_and_safe() {
    let deep = parse(&format!("{}A b\n{}", "<If x>\n".repeat(10_000), "</If>\n".repeat(10_000)));
    assert_eq!((deep.errors.len(), deep.walk().len()), (1, MAX_DEPTH));
    assert!(parse(&"</x>\n".repeat(100_000)).errors.len() <= MAX_ERRORS);
    assert!(parse(&"a \"\\\n".repeat(100_000)).errors.len() <= MAX_ERRORS);
    assert!(parse(&"<".repeat(100_000)).errors.len() <= MAX_ERRORS);
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
    for end in (0..SITE.len()).filter(|end| SITE.is_char_boundary(*end)) {
        let _ = parse(&SITE[..end]);
    }
    crate::syntax::yaml::tests::fuzz::mutate(
        &[SITE, "<Files \"é\">\r\nA \\\r\n 'b\r\n</Files>\r\n"],
        "<>/\"'\\# \n\ré",
        |text| {
            let conf = parse(text);
            let spans = conf.walk().into_iter().flat_map(|i| i.args.iter().map(|a| a.1).chain([i.name_span, i.span]));
            spans.chain(conf.comments.iter().copied()).chain(conf.errors.iter().map(|e| e.span)).collect()
        },
    );
}

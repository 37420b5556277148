use super::*;

fn args(item: &Item) -> Vec<&str> {
    item.args.iter().map(|(word, _)| word.as_str()).collect()
}

const SITE: &str = "# top\nuser www-data;\nhttp {\n  server { # s\n    listen 80;\n    root \"/srv/my app\";\n\
    location ~ ^/(a|b)\\.php$ {\n      fastcgi_param SCRIPT_FILENAME $document_root${fastcgi_script_name}x;\n    }\n\
    return 200 'it\\'s; {ok}';\n  }\n}\n";

#[test]
fn reads_blocks_and_arguments() {
    let conf = parse(SITE);
    assert_eq!(conf.errors, []);
    assert_eq!(conf.items.len(), 2);
    assert_eq!(args(conf.find("root")[0]), ["/srv/my app"]);
    assert_eq!(args(conf.find("location")[0]), ["~", "^/(a|b)\\.php$"]);
    assert_eq!(args(conf.find("fastcgi_param")[0])[1], "$document_root${fastcgi_script_name}x");
    assert_eq!(args(conf.find("return")[0]), ["200", "it's; {ok}"]);
    let names: Vec<_> = conf.walk().iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["user", "http", "server", "listen", "root", "location", "fastcgi_param", "return"]);
    let root = conf.find("root")[0];
    assert_eq!(root.span.slice(SITE), "root \"/srv/my app\";");
    assert_eq!((root.name_span.slice(SITE), root.args[0].1.slice(SITE)), ("root", "\"/srv/my app\""));
    let location = conf.find("location")[0].span.slice(SITE);
    assert!(location.starts_with("location ~") && location.ends_with('}'));
    let comments: Vec<_> = conf.comments.iter().map(|span| span.slice(SITE)).collect();
    assert_eq!(comments, ["# top", "# s"]);
}

#[test]
fn lua_is_not_configuration() {
    let text = "location / { content_by_lua_block { if x then ngx.say(\"}\") end -- }\n t = {1} } gzip on; }";
    let conf = parse(text);
    assert_eq!(conf.errors, []);
    assert_eq!(args(conf.find("gzip")[0]), ["on"]);
    assert!(conf.find("content_by_lua_block")[0].block.as_ref().unwrap().is_empty());
}

#[test]
fn errors_are_located_and_the_rest_is_read() {
    let text = "server {\n  listen 80\n}\nroot /x;\n}\n;\nhttp { a b;\n";
    let conf = parse(text);
    let found: Vec<_> = conf.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        found,
        [
            ("listen 80", "`listen` is not ended by `;`"),
            ("}", "this `}` closes nothing"),
            (";", "this `;` ends no directive"),
            ("{", "the block of `http` is never closed"),
        ]
    );
    assert_eq!((conf.find("listen").len(), conf.find("root").len(), conf.find("a").len()), (1, 1, 1));
}

#[test]
fn an_open_quote_costs_one_line() {
    let text = "a 'x;\nb y;\n";
    let conf = parse(text);
    assert_eq!(conf.errors[0].span, Span::new(2, 3));
    assert_eq!(args(conf.find("a")[0]), ["x"]);
    assert_eq!(args(conf.find("b")[0]), ["y"]);
}

#[test]
fn hostile_input_is_linear_and_safe() {
    let deep = parse(&format!("{}a b;{}", "x {".repeat(10_000), "}".repeat(10_000)));
    assert_eq!(deep.errors.len(), 1);
    assert_eq!(deep.walk().len(), MAX_DEPTH);
    assert!(!parse(&"a \\\"\"\n".repeat(100_000)).items.is_empty());
    assert!(parse(&"{".repeat(100_000)).errors.len() <= 16);
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
    crate::syntax::yaml::tests::fuzz::mutate(
        &[SITE, "a_by_lua_block { x }\r\nb \"é\" {}\n"],
        "{};\"'\\#$ \n\ré",
        |text| {
            let conf = parse(text);
            let spans = conf.walk().into_iter().flat_map(|i| i.args.iter().map(|a| a.1).chain([i.name_span, i.span]));
            spans.chain(conf.comments.iter().copied()).chain(conf.errors.iter().map(|e| e.span)).collect()
        },
    );
}

#[test]
fn maps_and_long_strings_of_lua() {
    let text = "map $host $root { default /a; ~^b\\.(?<x>.+)$ \"/b/$x\"; \"\" \"\"; include m.conf; }\n\
geo $inside { default 0; 10.0.0.0/8 1; }\nsplit_clients \"${remote_addr}x\" $v { 0.5% .one; * \"\"; }\n\
init_by_lua_block { --[[ } ]] local s = [==[ }} ]==] t = a[b[1]] -- }\n }\ngzip on;\n";
    let conf = parse(text);
    assert_eq!(conf.errors, []);
    assert_eq!(conf.find("map")[0].items().len(), 4);
    assert_eq!(args(conf.find("split_clients")[0]), ["${remote_addr}x", "$v"]);
    assert_eq!(args(conf.find("gzip")[0]), ["on"]);
}

use super::*;

fn constants(text: &str) -> Vec<(String, ValueKind, bool)> {
    let php = parse(text);
    assert_eq!(php.errors, []);
    php.constants.into_iter().map(|constant| (constant.name, constant.value.kind, constant.conditional)).collect()
}

fn string(text: &str) -> ValueKind {
    ValueKind::String(text.to_owned())
}

fn value(text: &str) -> ValueKind {
    let php = parse(&format!("<?php $x = {text};"));
    assert_eq!(php.errors, [], "{text}");
    let entry = php.assigned("x", &[]).unwrap();
    assert_eq!(entry.value.span.slice(&format!("<?php $x = {text};")), text);
    entry.value.kind.clone()
}

#[test]
fn literals() {
    let environment = |key: &str, default: Option<ValueKind>| ValueKind::Environment {
        key: key.to_owned(),
        default: default.map(Box::new),
    };
    for (text, want) in [
        (r"'a\'b\\c\n'", string(r"a'b\c\n")),
        (r#""a\"b\n\x41\101\u{e9}\q\$""#, string("a\"b\nAAé\\q$")),
        ("\"a $b\"", ValueKind::Unknown),
        ("\"a {$b->c}\"", ValueKind::Unknown),
        ("\"5$ and ${\"", ValueKind::Unknown),
        ("\"5$\"", string("5$")),
        ("'a' . 'b' . 'c'", string("abc")),
        ("'a' . $b", ValueKind::Unknown),
        ("-12", ValueKind::Number("-12".into())),
        ("1_000.5e-3", ValueKind::Number("1000.5e-3".into())),
        ("0xFF", ValueKind::Number("0xFF".into())),
        ("1 + 2", ValueKind::Unknown),
        ("TRUE", ValueKind::Bool(true)),
        ("!true", ValueKind::Bool(false)),
        ("Null", ValueKind::Null),
        ("E_ALL", ValueKind::Constant("E_ALL".into())),
        ("\\App\\Kernel::class", ValueKind::Constant("App\\Kernel".into())),
        ("PDO::ATTR_X", ValueKind::Constant("PDO::ATTR_X".into())),
        ("('x')", string("x")),
        ("[1, 2]", ValueKind::Array),
        ("array(1)", ValueKind::Array),
        ("env('A')", environment("A", None)),
        ("env('A', 'b')", environment("A", Some(string("b")))),
        ("(bool) env('A', false)", environment("A", Some(ValueKind::Bool(false)))),
        ("!!getenv_docker('A', '')", environment("A", Some(string("")))),
        ("getenv('A')", environment("A", None)),
        ("getenv('A') ?: 'b'", environment("A", Some(string("b")))),
        ("$_ENV['A'] ?? 'b'", environment("A", Some(string("b")))),
        ("$_SERVER['A']", environment("A", None)),
        ("trim(getenv('A'))", ValueKind::Unknown),
        ("$y ? 'a' : 'b'", ValueKind::Unknown),
        ("fn ($a) => $a['b']", ValueKind::Unknown),
        ("function () use ($a) { return ['x' => 1]; }", ValueKind::Unknown),
        ("match ($y) { 'a' => 1, default => 2 }", ValueKind::Unknown),
        ("new Foo('a')", ValueKind::Unknown),
        ("$a->b()['c']", ValueKind::Unknown),
        ("`id`", ValueKind::Unknown),
        ("<<<'X'\n  a\n   b\n  X", string("a\n b")),
        ("<<<X\na\\tb\nX", string("a\tb")),
        ("<<<\"X\"\na $b\nX", ValueKind::Unknown),
    ] {
        assert_eq!(value(text), want, "{text}");
    }
}

#[test]
fn wordpress_configuration() {
    let text = "<?php\n// ** Database ** //\ndefine( 'DB_PASSWORD', getenv_docker('WORDPRESS_DB_PASSWORD', 'example') );\n\
        define('AUTH_KEY', 'x?>y'); # salt\n$table_prefix = 'wp_';\ndefine( 'WP_DEBUG', !!getenv_docker('WORDPRESS_DEBUG', '') );\n\
        if (! defined('FS_METHOD')) define('FS_METHOD', 'direct');\nif (x()) {\n\tdefine('WP_DEBUG_LOG', true);\n}\n\
        const DISALLOW_FILE_EDIT = true, A = 'b';\nConfig::define('SALT', 'c');\n";
    let found = constants(text);
    let names: Vec<(&str, bool)> = found.iter().map(|(name, _, conditional)| (name.as_str(), *conditional)).collect();
    assert_eq!(
        names,
        [
            ("DB_PASSWORD", false),
            ("AUTH_KEY", false),
            ("WP_DEBUG", false),
            ("FS_METHOD", true),
            ("WP_DEBUG_LOG", true),
            ("DISALLOW_FILE_EDIT", false),
            ("A", false),
            ("SALT", false),
        ]
    );
    assert_eq!(found[1].1, string("x?>y"));
    let php = parse(text);
    let password = php.constant("DB_PASSWORD").unwrap();
    assert_eq!(password.name_span.slice(text), "'DB_PASSWORD'");
    assert_eq!(password.value.span.slice(text), "getenv_docker('WORDPRESS_DB_PASSWORD', 'example')");
    assert_eq!(password.span.slice(text), "define( 'DB_PASSWORD', getenv_docker('WORDPRESS_DB_PASSWORD', 'example') )");
    assert_eq!(php.environment[0].default.as_ref().unwrap().span.slice(text), "'example'");
    assert_eq!(php.environment[0].key_span.slice(text), "'WORDPRESS_DB_PASSWORD'");
    assert_eq!(php.assigned("table_prefix", &[]).unwrap().value.span.slice(text), "'wp_'");
    let comments: Vec<&str> = php.comments.iter().map(|span| span.slice(text)).collect();
    assert_eq!(comments, ["// ** Database ** //", "# salt"]);
    assert_eq!(php.constant("FS_METHOD").unwrap().value.text(), Some("direct"));
}

#[test]
fn paths_of_entries() {
    let text = "<?php\nreturn [\n  'default' => env('DB', 'mysql'),\n  'connections' => [\n    'mysql' => [\n      'password' => 'geheim', // é\n\
        \x20     'options' => extension_loaded('pdo_mysql') ? array_filter([PDO::X => env('CA')]) : [],\n    ],\n  ],\n\
        \x20 'list' => ['a', ['b' => 1]],\n];\n";
    let php = parse(text);
    assert_eq!(php.errors, []);
    let paths: Vec<String> = (0..php.entries.len()).map(|index| php.path(index).join(".")).collect();
    assert_eq!(
        paths,
        [
            "default",
            "connections",
            "connections.mysql",
            "connections.mysql.password",
            "connections.mysql.options",
            "connections.mysql.options.PDO::X",
            "list",
            "list.0",
            "list.1",
            "list.1.b",
        ]
    );
    let password = php.get(&["connections", "mysql", "password"]).unwrap();
    assert_eq!((password.key_span.slice(text), password.value.span.slice(text)), ("'password'", "'geheim'"));
    assert_eq!(php.comments[0].slice(text), "// é");
    assert_eq!(php.environment.len(), 2);
    assert_eq!(php.children(Some(1)).count(), 1);
}

#[test]
fn assignments_with_subscripts() {
    let text = "<?php\n$databases['default']['default'] = array('password' => 'p', 'x' => $y);\n$settings['hash_salt'] = 'h';\n\
        $x['x'] = 1;\n$CONFIG = ['a' => ['b' => 2]];\n$list[] = 3;\n$a['k'][$i] = 4;\n";
    let php = parse(text);
    assert_eq!(php.errors, []);
    assert_eq!(php.assigned("databases", &["default", "default", "password"]).unwrap().value.text(), Some("p"));
    assert_eq!(php.assigned("settings", &["hash_salt"]).unwrap().value.text(), Some("h"));
    assert_eq!(php.assigned("x", &["x"]).unwrap().value.text(), Some("1"));
    assert_eq!(php.assigned("CONFIG", &["a", "b"]).unwrap().value.text(), Some("2"));
    assert!(php.assigned("list", &[]).is_none() && php.assigned("a", &["k"]).is_none());
}

#[test]
fn calls_and_html() {
    let text = "#!/usr/bin/env php\n<html><?= phpinfo() ?>\n<?xml x?><?php\n#[Attribute('x')]\nfunction f() { \\ini_set('display_errors', '1'); }\n";
    let php = parse(text);
    assert_eq!(php.errors, []);
    let calls: Vec<(&str, &str)> = php.calls.iter().map(|call| (call.name.as_str(), call.span.slice(text))).collect();
    assert_eq!(
        calls,
        [
            ("phpinfo", "phpinfo()"),
            ("Attribute", "Attribute('x')"),
            ("f", "f()"),
            ("ini_set", "\\ini_set('display_errors', '1')")
        ]
    );
    assert_eq!(php.calls_of("INI_SET").next().unwrap().args[0].text(), Some("display_errors"));
    assert!(php.comments.is_empty());
}

#[test]
fn errors_are_located_and_do_not_hide_the_rest() {
    let text = "<?php\nreturn ['a' => 'open,\n 'b' => 'two',\n 'c' => ['d' => 3;\ndefine('X', 1);\n/* open";
    let php = parse(text);
    let found: Vec<(&str, &str)> =
        php.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        found,
        [
            ("'", "this quote is never closed"),
            ("/*", "this comment is never closed"),
            ("[", "this bracket is never closed"),
            ("[", "this bracket is never closed"),
        ]
    );
    assert_eq!(php.get(&["b"]).unwrap().value.text(), Some("two"));
    assert_eq!(php.constant("X").unwrap().value.text(), Some("1"));
    let php = parse("<?php $a = <<<X\nnever\n; $b = 2;");
    assert_eq!(php.errors.len(), 1);
    assert_eq!(php.assigned("b", &[]).unwrap().value.text(), Some("2"));
    let crlf = "\u{feff}<?php\r\n// a\r\n$x = <<<E\r\na\r\nb\r\nE;\r\n$y = 'z';\r\n";
    let php = parse(crlf);
    assert_eq!(php.errors, []);
    assert_eq!(php.comments[0].slice(crlf), "// a");
    assert_eq!(php.assigned("x", &[]).unwrap().value.text(), Some("a\r\nb"));
}

#[test]
fn hostile_input_is_linear_and_safe() {
    for (piece, many) in [
        ("[", 400_000),
        ("(bool)", 200_000),
        ("(", 400_000),
        ("{", 400_000),
        ("$a=", 200_000),
        ("'\\'\n", 300_000),
        ("\"x\nx", 200_000),
        ("<<<A\n", 200_000),
        ("fn()=>", 150_000),
        ("['a'=>", 150_000),
        ("define('a',", 100_000),
        ("?><?php ", 200_000),
        ("-", 400_000),
    ] {
        let text = format!("<?php {}", piece.repeat(many));
        let php = parse(&text);
        assert!(php.errors.len() <= MAX_ERRORS + 1, "{piece}");
    }
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
}

#[test]
fn every_span_of_every_mutant_fits() {
    crate::syntax::yaml::tests::fuzz::mutate(
        &[
            "<?php\n// c\ndefine('A', env(\"B\\n\", -1) . 'é');\nreturn ['x' => [1, Foo::class => true], $y['z'] ?? null];\n",
            "<html>\r\n<?= $a['b'] = array('c' => <<<'X'\n  d\n  X), fn($x) => match(1) { 2 => 3 } ?>\r\n",
            "<?php if (!defined('K')) { const L = 'm' . 'n'; } #[A] /* o */ $p = getenv('Q') ?: \"r $s {$t}\";",
        ],
        "<?php'\"[](){}=>,;.:$\\/*#\n\r é-!&1",
        |text| {
            let php = parse(text);
            let mut spans = php.comments.clone();
            spans.extend(php.errors.iter().map(|error| error.span));
            spans.extend(php.constants.iter().flat_map(|one| [one.name_span, one.value.span, one.span]));
            spans.extend(php.entries.iter().flat_map(|one| [one.key_span, one.value.span]));
            spans.extend(php.environment.iter().flat_map(|one| [one.key_span, one.span]));
            spans.extend(php.calls.iter().flat_map(|one| [one.name_span, one.span]));
            for index in 0..php.entries.len() {
                let path = php.path(index);
                assert!(path.len() <= MAX_DEPTH * 8 + 8, "{text:?}");
            }
            spans
        },
    );
}

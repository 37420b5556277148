use super::*;

#[test]
fn single_patterns_match_as_in_patternmatcher() {
    // From moby/patternmatcher's documented behaviour: pattern, path, does it (or a parent) match.
    let cases: &[(&str, &str, bool)] = &[
        ("**", "file", true),
        ("**", "dir/file", true),
        ("**/", "dir/file", true),
        ("**/**", "dir/file", true),
        ("dir/**", "dir/file", true),
        ("dir/**", "dir/dir2/file", true),
        ("dir/**", "dirs/file", false),
        ("**/dir", "dir", true),
        ("**/dir", "dir/file", true),
        ("**/dir2/*", "dir/dir2/file", true),
        ("**/dir2/*", "dir/dir2/dir2/file", true),
        ("**/dir2/**", "dir/dir2/dir2/file", true),
        ("**file", "file", true),
        ("**file", "dir/file", true),
        ("**/file", "dir/file", true),
        ("**file", "dir/dir/file", true),
        ("**/file", "dir/dir/file", true),
        ("**/file*", "dir/dir/file.txt", true),
        ("**/file*txt", "dir/dir/file.txt", true),
        ("**/file*.txt*", "dir/dir/file.txt", true),
        ("**/**/*.txt", "dir/dir/file.txt", true),
        ("**/**/*.txt2", "dir/dir/file.txt", false),
        ("**/*.txt", "file.txt", true),
        ("**/**/*.txt", "file.txt", true),
        ("a**/*.txt", "a/file.txt", true),
        ("a**/*.txt", "a/dir/file.txt", true),
        ("a/*.txt", "a/dir/file.txt", false),
        ("a/*.txt", "a/file.txt", true),
        ("a/*.txt**", "a/file.txt", true),
        ("a[b-d]e", "ae", false),
        ("a[b-d]e", "ace", true),
        ("a[b-d]e", "aae", false),
        ("a[^b-d]e", "aze", true),
        ("a[^b-d]e", "ace", false),
        (".*", ".foo", true),
        (".*", "foo", false),
        ("abc.def", "abcdef", false),
        ("abc.def", "abc.def", true),
        ("abc?def", "abcZdef", true),
        ("abc?def", "abcdef", false),
        ("abc?def", "abc/def", false),
        ("a\\*b", "a*b", true),
        ("a\\*b", "axb", false),
        ("a\\\\b", "a\\b", true),
        ("\\[a]", "[a]", true),
        ("**/foo/bar", "foo/bar", true),
        ("**/foo/bar", "dir/foo/bar", true),
        ("**/foo/bar", "dir/dir2/foo/bar", true),
        ("abc/**", "abc", false),
        ("abc/**", "abc/def", true),
        ("abc/**", "abc/def/ghi", true),
        ("**/.foo", ".foo", true),
        ("**/.foo", "bar.foo", false),
        ("a(b)c/def", "a(b)c/def", true),
        ("a(b)c/def", "a(b)c/xyz", false),
        ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
        ("dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true),
        // One star stops at a slash; a directory takes its contents along.
        ("*", "a/b/c", true),
        ("*/b", "a/b/c", true),
        ("*/b", "b", false),
        ("*.log", "dir/x.log", false),
        ("*.log", "x.log", true),
        ("node_modules", "node_modules/a/b.js", true),
        ("node_modules", "app/node_modules/a", false),
        ("**/node_modules", "app/node_modules/a", true),
        ("node_modules", "node_modules2", false),
        // Written forms that mean the same after cleaning.
        ("/foo", "foo", true),
        ("./foo", "foo", true),
        ("foo/", "foo/x", true),
        ("foo//bar", "foo/bar", true),
        ("foo/../bar", "bar", true),
        ("foo/bar/..", "foo/x", true),
        ("../foo", "foo", false),
        (".", "foo", false),
        ("é*", "éa", true),
        ("[à-ü]", "é", true),
    ];
    for &(pattern, path, want) in cases {
        let file = parse(pattern);
        assert_eq!(file.errors, [], "{pattern}");
        assert_eq!(file.excludes(path), want, "{pattern} on {path}");
    }
}

#[test]
fn order_and_exceptions() {
    let file = parse("*.md\n!README*.md\nREADME-secret.md\n");
    assert!(file.excludes("a.md"));
    assert!(!file.excludes("README.md"));
    assert!(file.excludes("README-secret.md"));
    assert_eq!(file.deciding("README-secret.md"), Some(2));
    assert_eq!(file.deciding("README.md"), Some(1));
    assert_eq!(file.deciding("x.txt"), None);

    let file = parse("*.md\nREADME-secret.md\n!README*.md\n");
    assert!(!file.excludes("README-secret.md"));

    // Unlike in git, a file can come back out of an excluded directory.
    let file = parse("docs\n!docs/README.md\n");
    assert!(!file.excludes("docs/README.md"));
    assert!(file.excludes("docs/a.md"));
    // The usual allow list.
    let file = parse("**\n!src\n! /composer.json\nsrc/tests\n");
    assert!(!file.excludes("src/a.php") && !file.excludes("composer.json"));
    assert!(file.excludes("src/tests/a.php") && file.excludes(".env"));
}

#[test]
fn a_directory_is_judged_before_what_is_in_it() {
    for (text, path, want) in [
        // `!a` is not asked about `a`, which nothing excludes, so it does not bring `a/b` back.
        ("a/b\n!a\n", "a/b/c", true),
        ("a/b\n!a\n", "a/c", false),
        ("a/b\n!a/**\n", "a/b/c", false),
        ("a\n!a/b\na/b/c\n", "a/b/c/d", true),
        ("a\n!a/b\na/b/c\n", "a/b/d", false),
        ("*\n!src\n", "src/x/y", false),
        ("*\n!src\n", "other/src", true),
        ("**\n!**/*.md\n", "docs/a.md", false),
        ("*\n!*.md\n", "docs/a.md", true),
        ("src\n!src\n", "src/a", false),
        ("!src\nsrc\n", "src/a", true),
        ("SRC\n", "src/a", false),
        ("a b\\ c\n", "a b c", true),
        ("\\!a\n", "!a", true),
        ("/\n!a\n", "b", false),
        ("./**\n!./a\n", "a/b", false),
        ("a/\n!a/b/\n", "a/b/c", false),
    ] {
        assert_eq!(parse(text).excludes(path), want, "{text:?} on {path}");
    }
}

#[test]
fn deep_paths_and_many_patterns_are_linear() {
    let deep = "a/".repeat(2000);
    let file = parse(&format!("{}b\n!x\n", "**/".repeat(1300)));
    assert!(!file.excludes(&deep));
    let many = parse(&format!("{}!y\n", "*z\n".repeat(2000)));
    assert!(!many.excludes(&deep));
}

#[test]
fn lines_as_docker_reads_them() {
    let text = "\u{feff}# c\n #not a comment\n\n  a b \r\n!  c\n";
    let file = parse(text);
    let patterns: Vec<_> = file.patterns.iter().map(|p| (p.text.as_str(), p.negated, p.span.slice(text))).collect();
    assert_eq!(patterns, [("#not a comment", false, "#not a comment"), ("a b", false, "a b"), ("c", true, "!  c")]);
    assert_eq!(file.comments[0].slice(text), "# c");
    assert!(file.excludes("./a b/") && file.excludes("a b/c"));
}

#[test]
fn bad_patterns_are_errors_and_match_nothing() {
    for pattern in ["[", "[a", "a[]", "[]a]", "[a-]", "[-x]", "a\\", "!", "![", "[z-a]"] {
        let file = parse(pattern);
        assert_eq!(file.errors.len(), 1, "{pattern}");
        assert_eq!(file.errors[0].span, Span::new(0, pattern.len()), "{pattern}");
        assert!(!file.excludes("a"), "{pattern}");
    }
}

#[test]
fn hostile_input_is_linear_and_safe() {
    let file = parse(&format!("{}b", "*a".repeat(2000)));
    assert!(!file.excludes(&"a".repeat(4000)));
    let file = parse(&format!("{}b", "**/".repeat(1300)));
    assert!(!file.excludes(&"a/".repeat(2000)));
    assert_eq!(parse(&"x".repeat(5 << 20)).errors.len(), 1);
    crate::syntax::yaml::tests::fuzz::mutate(
        &["# c\n**/node_modules\n!a/[b-d]?/*.é\n/x/../y\n\\#z\n", "\u{feff}*\r\n!src\r\n**.txt\n"],
        "*!?[]^-\\/#.\n\ré ",
        |text| {
            let file = parse(text);
            for path in ["a/b/c.é", "node_modules/x", ".", "", "//"] {
                assert_eq!(file.excludes(path), file.deciding(path).is_some_and(|i| !file.patterns[i].negated));
                for pattern in &file.patterns {
                    let hits = pattern.glob.hits(path);
                    assert_eq!(hits.len(), glob::ends(path).count(), "{path}");
                    assert_eq!(hits.contains(&true), pattern.glob.matches_or_parent(path), "{path}");
                }
            }
            let spans = file.patterns.iter().map(|p| p.span);
            spans.chain(file.comments.iter().copied()).chain(file.errors.iter().map(|e| e.span)).collect()
        },
    );
}

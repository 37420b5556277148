//! Inputs that nobody should have to survive, and what is said of each. The terminal and the wasm build get the same ones.

/// A file with a finding that must stand whatever happens beside it.
pub const WITNESS: &[u8] = b"services:\n  witness:\n    image: registry.example.net/witness:1.0.0\n    privileged: true\n    healthcheck: {test: [CMD, \"true\"]}\n";

/// A bad input.
pub struct Case {
    /// What it is.
    pub name: &'static str,
    /// Its files.
    pub files: Vec<(String, Vec<u8>)>,
    /// The exit code beside a witness with findings.
    pub code: i32,
    /// The notice it gets.
    pub notice: Option<&'static str>,
    /// Whether the notice has a place in the text.
    pub located: bool,
}

fn case(
    name: &'static str,
    path: &str,
    bytes: impl Into<Vec<u8>>,
    code: i32,
    notice: impl Into<Option<&'static str>>,
) -> Case {
    let notice = notice.into();
    Case {
        name,
        files: vec![(path.to_owned(), bytes.into())],
        code,
        notice,
        located: notice
            .is_some_and(|code| !code.starts_with("file/") || code == "file/not-utf-8" || code == "file/empty"),
    }
}

/// Every bad input.
#[must_use]
pub fn cases() -> Vec<Case> {
    let nested =
        |open: &str, close: &str, depth: usize| format!("services: {}1{}\n", open.repeat(depth), close.repeat(depth));
    let deep_block = format!("  {}x\n", "- ".repeat(10_000));
    let bomb = {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let item = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![item; 10].join(", ")));
        }
        text + "services:\n  a:\n    image: x:1\n    environment: *a11\n"
    };
    vec![
        case("empty Dockerfile", "Dockerfile", "", 1, "file/empty"),
        case("empty Compose file", "compose.yaml", "\n \n", 1, "file/empty"),
        case("binary", "Dockerfile", b"\x7fELF\0\0\0".as_slice(), 5, "file/binary"),
        case("UTF-16", "compose.yaml", b"\xff\xfes\0e\0r\0v\0i\0c\0e\0s\0:\0".as_slice(), 5, "file/binary"),
        case("10 MB", "Dockerfile", vec![b'#'; 10 << 20], 5, "file/too-large"),
        case("10 MB of YAML", "compose.yaml", "a: b\n".repeat(2 << 20), 5, "file/too-large"),
        case(
            "not UTF-8",
            "Dockerfile",
            b"FROM php:8.4.24-fpm-alpine3.24\nLABEL a=\"caf\xe9\"\n".as_slice(),
            1,
            "file/not-utf-8",
        ),
        case("CRLF", "compose.yaml", "services:\r\n  a:\r\n    image: x:1.2.3\r\n", 1, None),
        case("byte order mark", "compose.yaml", "\u{feff}services:\n  a:\n    image: x:1.2.3\n", 1, None),
        case("byte order mark in a Dockerfile", "Dockerfile", "\u{feff}FROM php:8.4.24-fpm-alpine3.24\n", 1, None),
        case("unclosed quote", "compose.yaml", "services:\n  a:\n    image: \"x:1\n    user: root\n", 1, "syntax/yaml"),
        case(
            "unclosed quote in RUN",
            "Dockerfile",
            "FROM php:8.4.24-fpm-alpine3.24\nRUN echo \"a\nUSER www-data\n",
            1,
            None,
        ),
        case(
            "unclosed list in COPY",
            "Dockerfile",
            "FROM php:8.4.24-fpm-alpine3.24\nCOPY [\"a\", \"b\nUSER www-data\n",
            1,
            "hint/dockerfile",
        ),
        case(
            "unterminated here-document",
            "Dockerfile",
            "FROM php:8.4.24-fpm-alpine3.24\nRUN <<EOF\necho a\nUSER www-data\n",
            1,
            "syntax/dockerfile",
        ),
        case(
            "unknown instruction",
            "Dockerfile",
            "FROM php:8.4.24-fpm-alpine3.24\nRUNN echo a\n",
            1,
            "syntax/dockerfile",
        ),
        case("tabs in YAML", "compose.yaml", "services:\n\ta:\n\t\timage: x:1\n", 1, "syntax/yaml"),
        case(
            "duplicate keys",
            "compose.yaml",
            "services:\n  a:\n    image: x:1.2.3\n    image: y:1.2.3\n",
            1,
            "syntax/duplicate-key",
        ),
        case("alias bomb", "compose.yaml", bomb, 5, "compose/too-many-nodes"),
        case("alias of itself", "compose.yaml", "services: &s\n  a: *s\n", 1, "syntax/alias-in-itself"),
        case(
            "1 MB line of YAML",
            "compose.yaml",
            format!("services:\n  a:\n    image: x:1.2.3\n    command: \"{}\"\n", "x".repeat(1 << 20)),
            1,
            None,
        ),
        case(
            "1 MB line in RUN",
            "Dockerfile",
            format!("FROM php:8.4.24-fpm-alpine3.24\nRUN echo {}\n", "x".repeat(1 << 20)),
            1,
            None,
        ),
        case("10,000 deep flow", "compose.yaml", nested("[", "]", 10_000), 5, "syntax/yaml"),
        case("10,000 deep flow mappings", "compose.yaml", nested("{a: ", "}", 10_000), 5, "syntax/yaml"),
        case("10,000 deep blocks", "compose.yaml", format!("services:\n{deep_block}"), 5, "syntax/yaml"),
        case(
            "100,000 deep substitution",
            "Dockerfile",
            format!("FROM php:8.4.24-fpm-alpine3.24\nRUN {}\n", "$(".repeat(100_000)),
            1,
            None,
        ),
        case(
            "100,000 deep variable",
            "Dockerfile",
            format!("FROM php:8.4.24-fpm-alpine3.24\nENV A={}\n", "${A:-".repeat(100_000)),
            1,
            None,
        ),
        case(
            "extends itself",
            "compose.yaml",
            "services:\n  a:\n    extends: a\n    image: x:1.2.3\n  b:\n    extends: c\n    image: x:1.2.3\n  c:\n    extends: b\n    image: x:1.2.3\n",
            1,
            "compose/extends",
        ),
        case(
            "includes itself",
            "compose.yaml",
            "include: [compose.yaml]\nservices:\n  a:\n    image: x:1.2.3\n",
            1,
            None,
        ),
        case("a stage from itself", "Dockerfile", "FROM b AS a\nFROM a AS b\nFROM b AS a\n", 1, None),
    ]
}

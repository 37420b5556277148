//! How the time of an analysis grows with hostile input: `cargo bench -p plimsoll-core --bench growth`.
//!
//! Each shape is analysed at one size and at eight times that size, in one run on one machine; the ratio is what counts.
//! Linear time gives about 8, squared time about 64. A ratio that is not linear ends the run with a failure.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "a benchmark measures and prints; no result of the analysis depends on it"
)]

use plimsoll_core::{Date, Options, Sources, check};
use std::process::ExitCode;
use std::time::Instant;

/// Ratios above this are not linear, whatever else the machine is doing.
const MOST: f64 = 24.0;
/// Times below this say nothing, in milliseconds.
const LEAST: f64 = 4.0;

/// A name, the file it is for, and what it repeats.
const SHAPES: &[(&str, &str, &str, &str)] = &[
    ("instructions", "Dockerfile", "FROM php:8.4-fpm\n", "RUN apt-get install -y git && chmod 777 /x\n"),
    ("continuations", "Dockerfile", "FROM a\nRUN x", " \\\n y"),
    ("comments in a continuation", "Dockerfile", "FROM a\nRUN x \\\n", "# c\n"),
    ("here-document markers", "Dockerfile", "FROM a\nRUN x ", "<<A "),
    ("substitutions", "Dockerfile", "FROM a\nRUN ", "$("),
    ("parentheses", "Dockerfile", "FROM a\nRUN ", "(("),
    ("nested variables", "Dockerfile", "FROM a\nENV A=", "${A:-"),
    ("variables", "Dockerfile", "FROM a\nENV A=", "$A"),
    ("stages", "Dockerfile", "", "FROM a AS b\nCOPY --from=b . .\n"),
    ("quotes", "Dockerfile", "FROM a\nRUN ", "\"'"),
    ("list items", "compose.yaml", "services:\n  a:\n    image: b:1\n    environment:\n", "      - KEY=value\n"),
    ("flow depth", "compose.yaml", "services: ", "["),
    ("tabs", "compose.yaml", "services:\n", "\ta: b\n"),
    ("ports", "compose.yaml", "services:\n  a:\n    image: b:1\n    ports:\n", "      - \"1:1\"\n"),
    ("ignore patterns", ".dockerignore", "", "**/a*b*c\n"),
    ("environment", ".env", "", "A=${B:-c}\n"),
    ("triggers", "Dockerfile", "FROM a AS b\n", "ONBUILD RUN x\nFROM b\n"),
    ("mounts", "Dockerfile", "FROM a\nRUN ", "--mount=type=cache,target=/a "),
    ("inline Dockerfile", "compose.yaml", INLINE, "        RUN chmod 777 /x\n"),
    ("dollars in an inline Dockerfile", "compose.yaml", INLINE, "        RUN $$A ${B:-c}\n"),
    ("folded lines", "compose.yaml", "services:\n  a:\n    image: >\n", "      a\n\n"),
    ("double-quoted escapes", "compose.yaml", "services:\n  a:\n    image: \"", "\\n\\u00e9"),
    ("open quotes", ".env", "", "A=\"b\n"),
    ("sections", "docker/php/php.ini", "", "[a]\nb = c ; d\n"),
    ("quotes in settings", "docker/php/php.ini", "a = ", "\"'"),
    ("nested blocks", "nginx.conf", "", "a { "),
    ("closing braces", "nginx.conf", "", "} "),
    ("directives", "redis.conf", "", "save 900 \"1\"\n"),
    ("users", "users.acl", "", "user a on >b ~c* +@all\n"),
    ("nested sections", "httpd.conf", "", "<IfModule a>\n"),
    ("closed sections", "httpd.conf", "", "</IfModule>\n"),
    ("Apache continuations", "httpd.conf", "Options", " \\\n a"),
    ("Caddy blocks", "Caddyfile", "a ", "{\nb "),
    ("Caddy here-documents", "Caddyfile", "a {\n", "b <<C\n"),
    ("Caddy quotes", "Caddyfile", "a ", "`\""),
    ("cron lines", "crontab", "", "* * * * * root a && b\n"),
    ("cron ranges", "crontab", "", "1,"),
    ("PHP strings", "config/app.php", "<?php return [", "'a' => \"b\", "),
    ("PHP arrays", "config/app.php", "<?php return ", "["),
    ("PHP comments", "config/app.php", "<?php ", "/* "),
    ("PHP here-documents", "config/app.php", "<?php $a = ", "<<<A\n"),
    ("pipeline blocks", "Jenkinsfile", "pipeline ", "{ sh 'a' "),
    ("pipeline quotes", "Jenkinsfile", "sh ", "'''\""),
    ("pipeline comments", "Jenkinsfile", "", "/* "),
    ("rules", "Makefile", "", "a: b\n\tdocker run a\n"),
    ("Makefile continuations", "Makefile", "a:\n\tb", " \\\n\tc"),
    ("Makefile variables", "Makefile", "A = ", "$(A"),
    ("script here-documents", "entrypoint.sh", "#!/bin/sh\n", "cat <<A\n"),
    ("script lines", "entrypoint.sh", "#!/bin/sh\n", "chmod 777 /a\n"),
    ("script quotes", "entrypoint.sh", "#!/bin/sh\na ", "\"$(b '"),
    ("members", "composer.json", "{\"a\": 1", ", \"b\": [1, \"c\"]"),
    ("nested arrays", "composer.json", "", "["),
    ("open objects", "composer.json", "", "{\"a\":"),
    ("containers", "docker-inspect.json", "[{}", ",{\"Name\":\"/a\",\"Config\":{\"Image\":\"b\"}}"),
    (
        "container lines",
        "docker-ps.txt",
        "CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n",
        "a   b   \"c\"   1 day ago   Up 1 day   80/tcp   d\n",
    ),
    ("suppressing comments", "Dockerfile", "FROM a\n", "# plimsoll: ignore[a/b]: c\nRUN chmod 777 /a\n"),
    ("references", "compose.yaml", "services:\n  a:\n    image: \"", "${A:-${B}}"),
    ("pipeline steps", ".gitlab-ci.yml", "a:\n  script:\n", "    - docker run a\n"),
];

const INLINE: &str = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM php:8.4\n";

fn main() -> ExitCode {
    let mut failed = false;
    println!("{:32} {:>10} {:>10} {:>7}", "shape", "small ms", "large ms", "ratio");
    for (name, path, head, unit) in SHAPES {
        let spent = |bytes: usize| {
            let mut sources = Sources::new();
            sources.add(path, format!("{head}{}", unit.repeat(bytes / unit.len())));
            let run = || {
                let start = Instant::now();
                let report = check(&sources, &Options::new(Date::new(2026, 11, 24)));
                assert!(report.files.len() == 1);
                start.elapsed().as_secs_f64() * 1e3
            };
            (0..3).map(|_| run()).fold(f64::MAX, f64::min)
        };
        let measure = || {
            let (small, large) = (spent(16_000), spent(128_000));
            (small, large, large / small.max(0.01))
        };
        let worse = |(_, large, ratio): (f64, f64, f64)| large > LEAST && ratio > MOST;
        let mut times = measure();
        if worse(times) {
            // Once more: the machine may have been busy.
            times = measure();
        }
        let (small, large, ratio) = times;
        let remark = if worse(times) { "  not linear" } else { "" };
        println!("{name:32} {small:>10.2} {large:>10.2} {ratio:>7.1}{remark}");
        failed |= worse(times);
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

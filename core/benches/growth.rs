//! How the time of an analysis grows with hostile input: `cargo bench -p plimsoll-core --bench growth`.
//!
//! Each shape is analysed at one size and at eight times that size, in one run on one machine; the ratio is what counts.
//! Linear time gives about 8, squared time about 64.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "a benchmark measures and prints; no result of the analysis depends on it"
)]

use plimsoll_core::{Date, Options, Sources, check};
use std::time::Instant;

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
];

fn main() {
    println!("{:28} {:>10} {:>10} {:>7}", "shape", "small ms", "large ms", "ratio");
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
        let (small, large) = (spent(16_000), spent(128_000));
        println!("{name:28} {small:>10.2} {large:>10.2} {:>7.1}", large / small.max(0.01));
    }
}

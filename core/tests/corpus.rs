//! The corpus in `tests/corpus`: files shaped like real stacks, in every dialect. Each is recognised and analysed to its last
//! line, the order in which files come changes nothing, and what is found is kept as a snapshot, to be judged when it changes.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its files, and says what went wrong by panicking"
)]

use plimsoll_core::detect::{self, Kind};
use plimsoll_core::finding::{Notice, NoticeLevel};
use plimsoll_core::report::json;
use plimsoll_core::{Date, Options, Report, Sources, check};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Fewer files would be no corpus.
const LEAST: usize = 150;

/// Files that real stacks hold too and that nobody needs to understand: known by name, read for secrets at most.
const NOT_OURS: &[&str] = &["image-factory/docker-bake.hcl", "magento-varnish/docker/varnish/default.vcl"];

type Files = BTreeMap<String, Vec<u8>>;

/// The corpus: stack → path in it → bytes.
fn corpus() -> BTreeMap<String, Files> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    let mut stacks: BTreeMap<String, Files> = BTreeMap::new();
    for stack in fs::read_dir(&root).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        let files = stacks.entry(stack.file_name().to_string_lossy().into_owned()).or_default();
        let mut folders = vec![stack.path()];
        while let Some(folder) = folders.pop() {
            let paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
            for path in paths {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(stack.path()).unwrap().to_string_lossy().replace('\\', "/");
                    files.insert(name, fs::read(path).unwrap());
                }
            }
        }
    }
    stacks
}

fn analyse<'f>(files: impl Iterator<Item = (&'f String, &'f Vec<u8>)>) -> (Sources, Report) {
    let mut sources = Sources::new();
    for (path, bytes) in files {
        sources.add_bytes(path, bytes);
    }
    let report = check(&sources, &Options::new(Date::new(2026, 11, 24)));
    (sources, report)
}

#[test]
fn it_is_large_enough() {
    let corpus = corpus();
    let files: usize = corpus.values().map(BTreeMap::len).sum();
    assert!(files >= LEAST && corpus.len() >= 20, "{files} files in {} stacks", corpus.len());
}

#[test]
fn every_file_is_recognised() {
    let mut unknown = Vec::new();
    for (stack, files) in corpus() {
        for (path, bytes) in files {
            let text = String::from_utf8(bytes).unwrap_or_else(|_| panic!("{stack}/{path} is not UTF-8"));
            let name = format!("{stack}/{path}");
            if detect::kind(&path, &text) == Kind::Other {
                unknown.push(name);
            }
        }
    }
    assert_eq!(unknown, NOT_OURS, "what is not recognised is listed in `NOT_OURS`, and nothing else is");
}

#[test]
fn every_format_occurs() {
    let mut seen: Vec<&str> = Vec::new();
    for files in corpus().into_values() {
        seen.extend(files.iter().map(|(path, bytes)| detect::kind(path, &String::from_utf8_lossy(bytes)).as_str()));
    }
    let all = [
        "dockerfile",
        "compose",
        "env",
        "dockerignore",
        "php-ini",
        "fpm-pool",
        "nginx",
        "redis-conf",
        "redis-acl",
        "apache",
        "htaccess",
        "caddyfile",
        "supervisord",
        "crontab",
        "roadrunner",
        "composer-json",
        "composer-lock",
        "php",
        "gitlab-ci",
        "github-workflow",
        "jenkinsfile",
        "makefile",
        "script",
        "daemon-json",
        "inventory",
        "scan-report",
    ];
    let missing: Vec<&str> = all.into_iter().filter(|kind| !seen.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_file_is_analysed_to_its_last_line() {
    let mut gaps = String::new();
    for (stack, files) in corpus() {
        let (_, report) = analyse(files.iter());
        let lost = |notice: &&Notice| notice.level > NoticeLevel::Note || notice.code.starts_with("syntax/");
        for notice in report.notices.iter().filter(lost) {
            let _ = writeln!(gaps, "{stack}/{} {}: {}", notice.path, notice.code, notice.message);
        }
        let coverage = &report.coverage;
        let whole = (coverage.files_analysed, coverage.instructions_analysed, coverage.recovered);
        if whole != (coverage.files, coverage.instructions, 0) {
            let _ = writeln!(gaps, "{stack}: {coverage:?}");
        }
    }
    assert!(gaps.is_empty(), "{gaps}");
}

#[test]
fn the_order_of_files_changes_nothing() {
    for (stack, files) in corpus() {
        let (sources, forwards) = analyse(files.iter());
        let (reversed, backwards) = analyse(files.iter().rev());
        assert_eq!(json::render(&forwards, &sources), json::render(&backwards, &reversed), "{stack}");
    }
}

#[test]
fn what_is_found_is_known() {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        for (stack, files) in corpus() {
            let (sources, report) = analyse(files.iter());
            insta::assert_snapshot!(format!("corpus_{stack}"), lines(&sources, &report));
        }
    });
}

/// A report in a few lines: what, where, for whom; then notices and questions.
fn lines(sources: &Sources, report: &Report) -> String {
    let mut lines = String::new();
    for finding in &report.findings {
        let source = sources.get(finding.primary.source);
        let line = source.line_column(finding.primary.span.start).line;
        let (severity, rule, services) = (finding.severity, &finding.rule, finding.services.join(", "));
        let _ = writeln!(lines, "{severity} {rule} {}:{line} [{services}]", source.path());
    }
    for notice in &report.notices {
        let _ = writeln!(lines, "! {} {}: {}", notice.code, notice.path, notice.message);
    }
    for question in &report.questions {
        let _ = writeln!(lines, "? {}: {}", question.rule, question.question);
    }
    lines
}

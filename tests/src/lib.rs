//! What the end-to-end tests share: the built binary in a scrubbed world, projects on disk, the gallery.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "everything here runs in tests, where a panic is the way to say what went wrong"
)]

pub mod attacks;
pub mod browser;
pub mod guests;
pub mod hostile;
pub mod page;
pub mod plugins;

use plimsoll_core::facts::{Facts, advisories};
use plimsoll_core::{Date, Options, Sources, check, report};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The day tests are made for.
pub const TODAY: &str = "2026-11-24";

/// The workspace's folder.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The built binary: the one that `cargo xtask test` made, or built once for each test program.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(built) = std::env::var_os("PLIMSOLL_BINARY") {
            return PathBuf::from(built);
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .current_dir(root())
            .args(["build", "--quiet", "--package", "plimsoll", "--message-format", "json-render-diagnostics"])
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "plimsoll does not build");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
            .find(|path| path.file_stem().is_some_and(|name| name == "plimsoll"))
            .expect("cargo names the binary")
    })
}

/// The binary with nothing of the caller's environment.
#[must_use]
pub fn plimsoll() -> Command {
    let mut command = Command::new(binary());
    command.env_clear().env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs the binary in a folder.
#[must_use]
pub fn run(folder: &Path, args: &[&str]) -> Run {
    Run::of(plimsoll().current_dir(folder).args(args).output().expect("plimsoll runs"))
}

/// Runs the binary with text on standard input.
#[must_use]
pub fn run_with_stdin(args: &[&str], text: &[u8]) -> Run {
    let mut child = plimsoll()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("plimsoll runs");
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_vec();
    let writer = std::thread::spawn(move || {
        // The tool stops reading past its limit; then the pipe is closed on purpose.
        let _closed_early = stdin.write_all(&text);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run::of(output)
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("errors are UTF-8"),
        }
    }

    /// Standard output as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

/// A project on disk.
#[must_use]
pub fn project(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::Builder::new().prefix("plimsoll test ").tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Every file of a folder, by relative name.
#[must_use]
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The gallery's stacks: name (`larashop/vulnerable`) and folder.
#[must_use]
pub fn gallery() -> Vec<(String, PathBuf)> {
    let folder = root().join("web/gallery");
    let mut stacks = Vec::new();
    for stack in fs::read_dir(&folder).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        for kind in ["vulnerable", "hardened"] {
            let path = stack.path().join(kind);
            assert!(path.is_dir(), "{} is missing", path.display());
            stacks.push((format!("{}/{kind}", stack.file_name().to_string_lossy()), path));
        }
    }
    stacks.sort();
    stacks
}

/// Sources of files, as every door makes them.
#[must_use]
pub fn sources(files: &BTreeMap<String, Vec<u8>>) -> Sources {
    let mut sources = Sources::new();
    for (path, bytes) in files {
        sources.add_bytes(path, bytes);
    }
    sources
}

/// The JSON report of files, made in this process.
#[must_use]
pub fn native_json(files: &BTreeMap<String, Vec<u8>>) -> String {
    let sources = sources(files);
    report::json::render(&native_report(files), &sources)
}

/// The report of files, made in this process, with the advisories where they are wanted.
#[must_use]
pub fn native_report(files: &BTreeMap<String, Vec<u8>>) -> plimsoll_core::Report {
    check(&sources(files), &Options { today: Date::parse(TODAY).unwrap(), facts: &native_facts(files) })
}

/// What is known of the world outside, with the advisories where they are wanted.
#[must_use]
pub fn native_facts(files: &BTreeMap<String, Vec<u8>>) -> Facts {
    match advisories_for(files) {
        Some(text) => Facts::default().with_advisories(advisories::Pack::parse(&text).unwrap()),
        None => Facts::default(),
    }
}

/// The advisories, as the terminal and the page hand them in: when a file asks for them.
#[must_use]
pub fn advisories_for(files: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let wanted = files.keys().any(|path| advisories::is_wanted_for(path));
    wanted.then(|| fs::read_to_string(root().join("core/data/advisories.json")).unwrap())
}

//! Plug-ins in other languages than Rust: their compilers from the registries, and their examples built and run.
//!
//! The examples lie in `plugins/languages`. They are copied to `target/languages`, and each gets its compiler there, of the version
//! and by the hashes that its own lock file names: nothing is installed in the checkout or on the machine. The ordinary tests do this
//! for JavaScript; Python and C download 50 and 90 MB, so they have the command `cargo xtask languages`.

use crate::{root, say, tools};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A language whose compiler can be installed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// npm: componentize-qjs.
    JavaScript,
    /// PyPI: componentize-py.
    Python,
    /// PyPI: ziglang.
    C,
}

/// What an installation leaves, and the copied example keeps when it is copied again.
const KEPT: [&str; 4] = ["node_modules", ".venv", "__pycache__", INSTALLED];

/// The lock file that was installed last.
const INSTALLED: &str = ".installed";

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::JavaScript, Self::Python, Self::C];

    /// What `plimsoll plugin new --lang` calls it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JavaScript => "js",
            Self::Python => "python",
            Self::C => "c",
        }
    }

    /// A language by that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == name)
    }

    /// The folder of its example.
    #[must_use]
    pub fn example(self) -> PathBuf {
        root().join("plugins/languages").join(match self {
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::C => "c",
        })
    }

    /// The folder that its compiler is installed into, beside the plug-in.
    #[must_use]
    pub fn compiler(self) -> &'static str {
        match self {
            Self::JavaScript => "node_modules",
            Self::Python | Self::C => ".venv",
        }
    }

    fn lock(self) -> &'static str {
        match self {
            Self::JavaScript => "package-lock.json",
            Self::Python | Self::C => "requirements.txt",
        }
    }
}

/// The example of a language, copied and with its compiler; its folder.
///
/// # Errors
/// When it cannot be copied, or the compiler cannot be installed.
pub fn prepare(language: Language) -> Result<PathBuf> {
    let all = root().join("target/languages");
    let folder = all.join(language.as_str());
    fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
    // Tests ask for it at the same time.
    let lock = fs::File::create(all.join(".lock")).context("target/languages cannot be locked")?;
    lock.lock().context("target/languages cannot be locked")?;
    refresh(&language.example(), &folder)
        .with_context(|| format!("{} could not be copied to {}", language.example().display(), folder.display()))?;
    install(language, &folder)?;
    Ok(folder)
}

/// Installs what a plug-in's lock file names, unless that was done.
///
/// # Errors
/// When a package manager is missing or fails.
pub fn install(language: Language, folder: &Path) -> Result<()> {
    let wanted = fs::read(folder.join(language.lock())).with_context(|| format!("{} is missing", language.lock()))?;
    let stamp = folder.join(INSTALLED);
    if folder.join(language.compiler()).is_dir() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    match language {
        Language::JavaScript => {
            let Some(npm) = tools::find(&["npm"]) else {
                bail!(
                    "plug-ins in JavaScript need Node 18 or later with npm on PATH (Debian: apt-get install -y nodejs npm)"
                )
            };
            let mut command = Command::new(npm);
            command.args(["ci", "--no-fund", "--no-audit", "--silent"]);
            tools::run("installing componentize-qjs (npm ci)", quiet(&mut command, folder))?;
        }
        Language::Python | Language::C => {
            let Some(python) = tools::find(&["python3", "python"]) else {
                bail!(
                    "plug-ins in Python and C need Python 3.9 or later on PATH (Debian: apt-get install -y python3 python3-venv)"
                )
            };
            let mut venv = Command::new(python);
            venv.args(["-m", "venv", "--clear", ".venv"]);
            tools::run("making .venv (python3 -m venv)", quiet(&mut venv, folder))?;
            let mut pip = Command::new(folder.join(".venv/bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]);
            pip.arg(language.lock());
            tools::run("installing what requirements.txt names (pip install)", quiet(&mut pip, folder))?;
        }
    }
    fs::write(&stamp, wanted).with_context(|| format!("{} could not be written", stamp.display()))
}

/// The examples of some languages, all if none is named: compilers, builds, and the tests that run them.
///
/// # Errors
/// When a language is not known, a compiler cannot be installed, or a test fails.
pub fn languages(names: impl Iterator<Item = String>) -> Result<()> {
    let mut chosen = Vec::new();
    for name in names {
        let Some(language) = Language::named(&name) else {
            bail!("there is no language `{name}` here; there are js, python and c")
        };
        chosen.push(language);
    }
    if chosen.is_empty() {
        chosen.extend(Language::ALL);
    }
    for &language in &chosen {
        prepare(language)?;
    }
    // Compiling CPython's 18 MB takes a quick build's own compiler minutes.
    tools::run(
        "compiling plimsoll with optimisation, some minutes",
        tools::cargo().args(["build", "--release", "-p", "plimsoll"]),
    )?;
    let binary = root().join("target/release").join(format!("plimsoll{}", std::env::consts::EXE_SUFFIX));
    let mut tests = tools::cargo();
    tests
        .args([
            "test",
            "--package",
            "plimsoll-tests",
            "--test",
            "plugin_languages",
            "--",
            "--include-ignored",
            "--nocapture",
        ])
        .args(chosen.iter().map(|language| format!("{}::", language.as_str())))
        .env("PLIMSOLL_BINARY", binary);
    tools::run("building and running the examples", &mut tests)?;
    say("all examples passed");
    Ok(())
}

fn quiet<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null())
}

/// Makes a folder what another is, but for what was installed into it. Nothing is touched when it is that already.
fn refresh(from: &Path, to: &Path) -> std::io::Result<()> {
    let (wanted, present) = (files(from)?, files(to)?);
    for file in present.keys().filter(|file| !wanted.contains_key(*file)) {
        fs::remove_file(to.join(file))?;
    }
    for (file, bytes) in wanted.iter().filter(|(file, bytes)| present.get(*file) != Some(*bytes)) {
        let path = to.join(file);
        fs::create_dir_all(path.parent().unwrap_or(to))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// The files of a plug-in's folder, by their path in it.
fn files(folder: &Path) -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if KEPT.iter().any(|kept| entry.file_name() == *kept) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                files.insert(path, fs::read(entry.path())?);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]

    use super::*;

    #[test]
    fn every_language_has_an_example_with_a_lock_file() {
        for language in Language::ALL {
            assert_eq!(Language::named(language.as_str()), Some(language));
            let lock = fs::read_to_string(language.example().join(language.lock())).unwrap();
            assert!(lock.contains("sha512-") || lock.contains("--hash=sha256:"), "{lock}");
        }
        assert_eq!(Language::named("cobol"), None);
        let error = languages(["cobol".to_owned()].into_iter()).unwrap_err().to_string();
        assert_eq!(error, "there is no language `cobol` here; there are js, python and c");
    }

    #[test]
    fn a_copy_keeps_what_was_installed_and_nothing_else() {
        let world = root().join(format!("target/languages-test-{}", std::process::id()));
        let (from, to) = (world.join("from"), world.join("to"));
        for folder in [from.join("tests"), to.join("node_modules"), to.join("old")] {
            fs::create_dir_all(folder).unwrap();
        }
        for (file, text) in [(from.join("tests/a"), "new"), (to.join("node_modules/b"), "b"), (to.join("old/c"), "c")] {
            fs::write(file, text).unwrap();
        }
        refresh(&from, &to).unwrap();
        assert_eq!(files(&to).unwrap(), files(&from).unwrap());
        assert!(to.join("node_modules/b").is_file() && !to.join("old/c").exists());
        fs::remove_dir_all(world).unwrap();
    }
}

//! Plug-ins in Python: componentize-py, which puts CPython and the program into one component.

use super::interface::{Wit, said};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The module that defines the class `Rules`. It may not be called as the world is: that name is taken by what is generated.
const MODULE: &str = "app";

/// Builds a plug-in; its component.
pub(super) fn build(folder: &Path) -> Result<Vec<u8>> {
    let folder = std::fs::canonicalize(folder).with_context(|| format!("{} is not there", folder.display()))?;
    let source = folder.join(format!("{MODULE}.py"));
    if !source.is_file() {
        bail!("{} is not there; it is the module that defines the class `Rules`", source.display());
    }
    let own = own(&folder);
    let compiler = own.clone().unwrap_or_else(|| PathBuf::from("componentize-py"));
    let scratch = tempfile::tempdir().context("no temporary folder could be made")?;
    let wit = Wit::of(&folder, scratch.path())?;
    let out = scratch.path().join("plugin.wasm");
    let mut command = Command::new(&compiler);
    command
        .args(["--quiet", "--wit-path"])
        .arg(wit.path())
        // Imports nothing: what is left of WASI in the interpreter stops the plug-in when it is called.
        .args(["--world", "plugin", "componentize", MODULE, "--stub-wasi", "--python-path"])
        .arg(&folder)
        .arg("--output")
        .arg(&out)
        .current_dir(&folder)
        .stdin(Stdio::null());
    if own.is_some() {
        // Modules that were installed there are the plug-in's, and no others.
        command.env("VIRTUAL_ENV", folder.join(".venv"));
    }
    let run = command.output().with_context(|| missing(&folder))?;
    if !run.status.success() {
        bail!("{} does not compile:\n{}", source.display(), said(&run));
    }
    std::fs::read(&out).with_context(|| format!("componentize-py wrote nothing:\n{}", said(&run)))
}

/// The compiler that was installed for this plug-in.
fn own(folder: &Path) -> Option<PathBuf> {
    ["bin/componentize-py", "Scripts/componentize-py.exe"]
        .iter()
        .map(|path| folder.join(".venv").join(path))
        .find(|path| path.is_file())
}

fn missing(folder: &Path) -> String {
    format!(
        "{} has no compiler: run `python3 -m venv .venv` and `.venv/bin/pip install --require-hashes -r requirements.txt` there, \
         which installs the componentize-py that requirements.txt names",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = build(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("app.py is not there; it is the module that defines the class `Rules`"), "{error}");
        assert!(missing(folder.path()).contains("pip install --require-hashes -r requirements.txt"));
    }

    #[test]
    fn the_plug_in_s_own_compiler_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(own(folder.path()), None);
        let compiler = folder.path().join(".venv/bin/componentize-py");
        std::fs::create_dir_all(compiler.parent().unwrap()).unwrap();
        std::fs::write(&compiler, "").unwrap();
        assert_eq!(own(folder.path()), Some(compiler));
    }
}

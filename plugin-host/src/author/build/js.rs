//! Plug-ins in JavaScript: componentize-qjs, which puts QuickJS and the program into one component.

use super::interface::Wit;
use anyhow::{Context as _, Result, bail};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// The compiler in a folder that `npm ci` filled. Started through Node, since the links in `.bin` differ between systems.
const COMPILER: &str = "node_modules/componentize-qjs/bin/componentize-qjs";

/// The file that Plimsoll's template has; `main` of package.json names another.
const ENTRY: &str = "plugin.js";

/// Builds a plug-in; its component.
pub(super) fn build(folder: &Path) -> Result<Vec<u8>> {
    let folder = std::fs::canonicalize(folder).with_context(|| format!("{} is not there", folder.display()))?;
    let entry = entry(&folder)?;
    let compiler = folder.join(COMPILER);
    if !compiler.is_file() {
        bail!(
            "{} has no compiler: run `npm ci` there (with Node 18 or later), which installs the componentize-qjs of its \
             package-lock.json",
            folder.display()
        );
    }
    let scratch = tempfile::tempdir().context("no temporary folder could be made")?;
    let wit = Wit::of(&folder, scratch.path())?;
    let out = scratch.path().join("plugin.wasm");
    let run = Command::new("node")
        .arg(&compiler)
        .arg("--wit")
        .arg(wit.path())
        .args(["--world", "plugin", "--module-root"])
        .arg(&folder)
        .arg("--js")
        .arg(folder.join(&entry))
        .arg("--output")
        .arg(&out)
        // Imports nothing, and needs none of the component model's asynchronous part.
        .args(["--stub-wasi", "--sync"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .context("Node could not be started: install Node 18 or later, so that `node` is on PATH")?;
    if !run.status.success() {
        bail!("{entry} does not compile:\n{}", super::interface::said(&run));
    }
    std::fs::read(&out).with_context(|| format!("componentize-qjs wrote nothing:\n{}", super::interface::said(&run)))
}

/// The module that exports `rules`.
fn entry(folder: &Path) -> Result<String> {
    let manifest = folder.join("package.json");
    let text =
        std::fs::read_to_string(&manifest).with_context(|| format!("{} could not be read", manifest.display()))?;
    let package: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON", manifest.display()))?;
    let entry = package.get("main").and_then(serde_json::Value::as_str).unwrap_or(ENTRY);
    let path = PathBuf::from(entry);
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        bail!("{}: `main` leads out of the folder: {entry}", manifest.display());
    }
    if !folder.join(&path).is_file() {
        bail!(
            "{} is not there; `main` in package.json names the module that exports `rules`",
            folder.join(&path).display()
        );
    }
    Ok(entry.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_entry_is_where_package_json_says() {
        let plain = folder(&[("package.json", "{}"), ("plugin.js", "")]);
        assert_eq!(entry(plain.path()).unwrap(), "plugin.js");
        let named = folder(&[("package.json", r#"{"main": "./rules.js"}"#), ("rules.js", "")]);
        assert_eq!(entry(named.path()).unwrap(), "./rules.js");
        for (manifest, want) in [
            (r#"{"main": "../rules.js"}"#, "`main` leads out of the folder: ../rules.js"),
            (r#"{"main": "/etc/passwd"}"#, "`main` leads out of the folder: /etc/passwd"),
            (r#"{"main": "none.js"}"#, "`main` in package.json names the module that exports `rules`"),
            ("{", "is no JSON"),
        ] {
            let folder = folder(&[("package.json", manifest)]);
            let error = format!("{:#}", entry(folder.path()).unwrap_err());
            assert!(error.contains(want), "{error}");
        }
    }

    #[test]
    fn a_missing_compiler_says_how_to_get_it() {
        let folder = folder(&[("package.json", "{}"), ("plugin.js", "")]);
        let error = build(folder.path()).unwrap_err().to_string();
        assert!(error.contains("has no compiler: run `npm ci` there"), "{error}");
    }
}

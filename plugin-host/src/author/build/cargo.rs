//! Plug-ins in Rust: cargo.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the profile `plugin` of our own workspace says, for crates outside of it: small, and a panic is a trap.
const PROFILE: [&str; 6] = [
    "profile.plugin.inherits=\"release\"",
    "profile.plugin.opt-level=\"s\"",
    "profile.plugin.lto=\"fat\"",
    "profile.plugin.codegen-units=1",
    "profile.plugin.panic=\"abort\"",
    "profile.plugin.strip=true",
];

/// Builds a crate; its module.
pub(super) fn build(folder: &Path) -> Result<Vec<u8>> {
    let module = compile(folder)?;
    std::fs::read(&module).with_context(|| format!("{} could not be read", module.display()))
}

/// Compiles a crate; the path of its module. Cargo's own progress goes to standard error.
fn compile(folder: &Path) -> Result<PathBuf> {
    let manifest = std::fs::canonicalize(folder.join("Cargo.toml"))
        .with_context(|| format!("{} holds no Cargo.toml", folder.display()))?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "build",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            "plugin",
            "--message-format",
            "json-render-diagnostics",
            "--manifest-path",
        ])
        .arg(&manifest);
    for line in PROFILE {
        cargo.args(["--config", line]);
    }
    let output = cargo
        .stderr(Stdio::inherit())
        .stdin(Stdio::null())
        .output()
        .context("cargo could not be started; plug-ins in Rust are compiled with it: see https://rustup.rs")?;
    if !output.status.success() {
        bail!(
            "the plug-in does not compile (see above); the target is added with `rustup target add wasm32-unknown-unknown`"
        );
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    let artefact = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let ours = message.get("reason")? == "compiler-artifact"
            && std::fs::canonicalize(message.get("manifest_path")?.as_str()?).ok()? == manifest;
        let files = message.get("filenames").filter(|_| ours)?.as_array()?;
        files.iter().filter_map(|file| file.as_str()).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
    };
    let found = stdout.lines().filter_map(artefact).next_back();
    found.context("the crate makes no module: its Cargo.toml needs `[lib] crate-type = [\"cdylib\", \"rlib\"]`")
}

//! `plimsoll plugin build`: cargo, then [`crate::seal`].

use crate::seal::seal;
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

/// A finished plug-in.
#[derive(Debug)]
pub struct Built {
    /// Bytes of the core module.
    pub module_bytes: usize,
    /// Bytes of the component.
    pub component_bytes: usize,
    /// Functions in it.
    pub functions: usize,
    /// Its compile cost: the costliest function, and all together.
    pub cost: (u64, u64),
}

/// Builds a plug-in crate and writes the component.
///
/// # Errors
/// When the crate does not compile, is no plug-in, or the file cannot be written.
pub fn build(folder: &Path, out: &Path) -> Result<Built> {
    let module_file = compile(folder)?;
    let module = std::fs::read(&module_file).with_context(|| format!("{} could not be read", module_file.display()))?;
    let (component, inspection) = seal(&module).with_context(|| format!("{} is no plug-in", module_file.display()))?;
    std::fs::write(out, &component).with_context(|| format!("{} could not be written", out.display()))?;
    Ok(Built {
        module_bytes: module.len(),
        component_bytes: component.len(),
        functions: inspection.functions,
        cost: (inspection.function_cost, inspection.file_cost),
    })
}

/// Compiles a crate; its module. Cargo's own progress goes to standard error.
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
        .context("cargo could not be started; plug-ins are compiled with it")?;
    if !output.status.success() {
        bail!("the plug-in does not compile (see above)");
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

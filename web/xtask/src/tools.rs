//! Programs of this machine that the tasks need.

use crate::{root, say};
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Cargo, in the workspace: the one that started this task.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a step and fails with its name.
///
/// # Errors
/// When the program cannot be started or ends with a failure.
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    say(what);
    let status = command
        .status()
        .with_context(|| format!("{what}: {} could not be started", command.get_program().display()))?;
    if !status.success() {
        bail!("{what}: failed");
    }
    Ok(())
}

/// Where a program is, by the first of its names on PATH.
#[must_use]
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Makes sure that the browser tests have a browser and its driver. They are never skipped in silence.
///
/// # Errors
/// When one is missing and cannot be installed from here.
pub fn ensure_browser() -> Result<()> {
    let present = || find(BROWSERS).is_some() && find(&["chromedriver"]).is_some();
    if present() {
        return Ok(());
    }
    if can_install() {
        install(
            "no browser here: installing chromium and chromium-driver, about 100 MB",
            &["chromium", "chromium-driver"],
        )?;
        if present() {
            return Ok(());
        }
    }
    bail!(
        "the browser tests need Chromium and chromedriver on PATH (Debian: apt-get install -y chromium chromium-driver)"
    )
}

/// Makes sure that a registry for plug-ins can be started.
///
/// # Errors
/// When it is missing and cannot be installed from here.
pub fn ensure_registry() -> Result<()> {
    let present = || find(&["docker-registry"]).is_some();
    if !present() && can_install() {
        install("no registry here: installing docker-registry", &["docker-registry"])?;
    }
    if present() {
        return Ok(());
    }
    bail!("the registry tests need docker-registry on PATH (Debian: apt-get install -y docker-registry)")
}

/// Whether Debian's packages can be installed from here.
#[must_use]
pub fn can_install() -> bool {
    find(&["apt-get"]).is_some() && is_root()
}

/// Installs Debian's packages.
///
/// # Errors
/// When they cannot be had.
pub fn install(why: &str, packages: &[&str]) -> Result<()> {
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        command
    };
    run("reading the package lists (apt-get update)", apt().arg("update"))?;
    run(why, apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Makes sure that cargo-deny is there.
///
/// # Errors
/// When it cannot be installed.
pub fn ensure_deny() -> Result<()> {
    ensure_cargo("deny", "0.20.2")
}

/// Makes sure that cargo-fuzz is there.
///
/// # Errors
/// When it cannot be installed.
pub fn ensure_fuzz(version: &str) -> Result<()> {
    ensure_cargo("fuzz", version)
}

/// Makes sure that a subcommand of cargo is there.
fn ensure_cargo(command: &str, version: &str) -> Result<()> {
    let present = cargo().args([command, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if present.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    run(
        &format!("installing cargo-{command}, some minutes"),
        cargo().args(["install", &format!("cargo-{command}"), "--locked", "--version", version]),
    )
}

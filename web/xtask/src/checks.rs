//! What CI runs and what people run: the same commands.

use crate::{build, say, tools};
use anyhow::Result;
use std::process::Stdio;

/// Every test of the workspace, the browser's included.
///
/// # Errors
/// When something they need is missing, or one fails.
pub fn test(arguments: &[String]) -> Result<()> {
    build::ensure_target()?;
    tools::ensure_browser()?;
    tools::run(
        "running the tests (the first time compiles everything, some minutes)",
        tools::cargo().args(["test", "--workspace"]).args(arguments),
    )?;
    say("all tests passed");
    Ok(())
}

/// Formatting and clippy, for this machine and for the browser.
///
/// # Errors
/// When one of them complains.
pub fn lint() -> Result<()> {
    build::ensure_target()?;
    tools::run("formatting", tools::cargo().args(["fmt", "--all", "--check"]))?;
    tools::run(
        "clippy, this machine",
        tools::cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    )?;
    let browser = [
        "clippy",
        "--quiet",
        "-p",
        "plimsoll-core",
        "-p",
        "plimsoll-web",
        "-p",
        "plimsoll-web-plugin-runner",
        "--target",
        "wasm32-unknown-unknown",
        "--",
        "-D",
        "warnings",
    ];
    tools::run("clippy, the browser", tools::cargo().args(browser))?;
    say("nothing to complain about");
    Ok(())
}

/// Licences, sources and duplicates of the dependencies; known vulnerabilities where their list can be fetched.
///
/// # Errors
/// When cargo-deny cannot be had, or complains.
pub fn deny() -> Result<()> {
    tools::ensure_deny()?;
    tools::run(
        "bans, licences and sources of the dependencies",
        tools::cargo().args(["deny", "check", "bans", "licenses", "sources"]),
    )?;
    // The list of vulnerabilities is a repository elsewhere. That it cannot be reached is no fault of the dependencies.
    let fetched = tools::cargo().args(["deny", "fetch", "db"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if fetched.is_ok_and(|status| status.success()) {
        tools::run("known vulnerabilities", tools::cargo().args(["deny", "check", "advisories"]))?;
    } else {
        say("known vulnerabilities: not checked, their list is not reachable from here");
    }
    Ok(())
}

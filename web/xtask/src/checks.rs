//! What CI runs and what people run: the same commands.

use crate::{build, say, tools};
use anyhow::Result;
use std::path::Path;
use std::process::Stdio;

/// Every test of the workspace, the browser's included.
///
/// # Errors
/// When something they need is missing, or one fails.
pub fn test(arguments: &[String]) -> Result<()> {
    build::ensure_target()?;
    tools::ensure_browser()?;
    let binary = compile_tests()?;
    let mut tests = tools::cargo();
    tests.args(["test", "--workspace"]).args(arguments);
    // The end-to-end tests would build it themselves, with other features of its dependencies: minutes for nothing.
    tests.envs(binary.map(|binary| ("PLIMSOLL_BINARY", binary)));
    tools::run("running the tests", &mut tests)?;
    say("all tests passed");
    Ok(())
}

/// Compiles every test; where the command line's binary is that was made on the way.
fn compile_tests() -> Result<Option<String>> {
    say("compiling the tests (the first time compiles everything, some minutes)");
    let output = tools::cargo()
        .args(["test", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "compiling the tests: failed");
    let messages = String::from_utf8_lossy(&output.stdout);
    let executables = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(str::to_owned)
    });
    Ok(executables.into_iter().find(|path| Path::new(path).file_stem().is_some_and(|name| name == "plimsoll")))
}

/// Formatting and clippy, for this machine and for the browser.
///
/// # Errors
/// When one of them complains.
pub fn lint() -> Result<()> {
    build::ensure_target()?;
    tools::run("formatting", tools::cargo().args(["fmt", "--all", "--check"]))?;
    let fuzz = ["fmt", "--manifest-path", "core/fuzz/Cargo.toml", "--check"];
    tools::run("formatting of the fuzz targets", tools::cargo().args(fuzz))?;
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

/// Plug-ins in registries: the feature that the ordinary build does without, against a registry started by the test.
///
/// # Errors
/// When the registry cannot be had, or a test fails.
pub fn oci() -> Result<()> {
    tools::ensure_registry()?;
    let features = ["--package", "plimsoll", "--features", "oci"];
    let mut clippy = tools::cargo();
    clippy.args(["clippy", "--quiet"]).args(features).args(["--all-targets", "--", "-D", "warnings"]);
    tools::run("clippy, with the registry client", &mut clippy)?;
    // The unit tests of the client by their module's name; the registry's by theirs.
    for tests in [["--lib", "oci::"], ["--test=oci", ""]] {
        let mut command = tools::cargo();
        command.arg("test").args(features).args(tests.into_iter().filter(|one| !one.is_empty()));
        tools::run("running the registry tests", &mut command)?;
    }
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

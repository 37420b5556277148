//! Fuzzing: every target in `core/fuzz` for a share of the time that is given.

use crate::{root, say, tools};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How long all targets together run when nothing is said: enough to see that none is broken.
const SECONDS: u64 = 60;
/// The version of cargo-fuzz that is installed where there is none.
const VERSION: &str = "0.13.2";
/// Where the targets are, from the workspace's folder.
const FOLDER: &str = "core/fuzz";

/// What is asked for.
struct Wanted {
    seconds: u64,
    targets: Vec<String>,
}

impl Wanted {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut wanted = Self { seconds: SECONDS, targets: Vec::new() };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--seconds" => {
                    let value = arguments.next().context("--seconds needs a number")?;
                    wanted.seconds = value.parse().context("--seconds needs a number")?;
                }
                flag if flag.starts_with('-') => bail!("`{flag}` is not understood here; there is --seconds"),
                target => wanted.targets.push(target.to_owned()),
            }
        }
        Ok(wanted)
    }
}

/// Builds the targets and runs each for its share of the time.
///
/// # Errors
/// When they cannot be built, or one finds an input that it should not: then the command that shows it again is printed.
pub fn fuzz(arguments: impl Iterator<Item = String>) -> Result<()> {
    let mut wanted = Wanted::read(arguments)?;
    tools::ensure_fuzz(VERSION)?;
    let known = targets()?;
    if let Some(unknown) = wanted.targets.iter().find(|target| !known.contains(target)) {
        bail!("there is no target `{unknown}`; there are {}", known.join(", "));
    }
    if wanted.targets.is_empty() {
        wanted.targets = known;
    }
    let mut build = cargo_fuzz("build");
    // One target alone builds quicker than all of them.
    if let [target] = wanted.targets.as_slice() {
        build.arg(target);
    }
    tools::run("building the fuzz targets (the first time some minutes)", &mut build)?;
    let share = (wanted.seconds / wanted.targets.len().max(1) as u64).max(1);
    let mut failed = Vec::new();
    for target in &wanted.targets {
        if !run(target, share)? {
            failed.push(target.as_str());
        }
    }
    if !failed.is_empty() {
        bail!("fuzzing failed: {}", failed.join(", "));
    }
    say(format!("{} targets, {share} s each: nothing found", wanted.targets.len()));
    Ok(())
}

/// Runs one target; whether it found nothing.
fn run(target: &str, seconds: u64) -> Result<bool> {
    let folder = root().join(FOLDER);
    let artifacts = folder.join("artifacts").join(target);
    let corpus = folder.join("corpus").join(target);
    for made in [&artifacts, &corpus] {
        std::fs::create_dir_all(made).with_context(|| format!("{} cannot be made", made.display()))?;
    }
    let before = files(&artifacts);
    let mut command = cargo_fuzz("run");
    command.arg(target).arg(&corpus).arg(folder.join("seeds").join(target)).arg("--").args([
        format!("-max_total_time={seconds}"),
        "-timeout=10".to_owned(),
        "-rss_limit_mb=2048".to_owned(),
        "-print_final_stats=1".to_owned(),
    ]);
    if let Some(words) = dictionary(&folder, target) {
        command.arg(format!("-dict={}", words.display()));
    }
    let output = command.stdin(Stdio::null()).output().context("cargo fuzz could not be started")?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        let runs = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        say(format!("{target}: {} inputs", runs.unwrap_or("?").trim()));
        return Ok(true);
    }
    say(format!("{target}: failed"));
    for line in told.lines().filter(|line| line.contains("panicked at") || line.contains("ERROR: libFuzzer")) {
        say(line);
    }
    let new: Vec<PathBuf> = files(&artifacts).into_iter().filter(|file| !before.contains(file)).collect();
    if new.is_empty() {
        say(told);
    }
    for file in new {
        let file = file.strip_prefix(root()).map(Path::to_path_buf).unwrap_or(file);
        say(format!("again with: cargo fuzz run -s none --fuzz-dir {FOLDER} {target} {}", file.display()));
    }
    Ok(false)
}

/// Words that the fuzzer may put in; some targets share them.
fn dictionary(folder: &Path, target: &str) -> Option<PathBuf> {
    let name = match target {
        "compose_project" | "fixes" | "suppress" | "merge" | "interpolate" => "project",
        other => other,
    };
    Some(folder.join("dictionaries").join(format!("{name}.dict"))).filter(|file| file.is_file())
}

fn targets() -> Result<Vec<String>> {
    let output = cargo_fuzz_plain("list").output().context("cargo fuzz could not be started")?;
    if !output.status.success() {
        bail!("the fuzz targets cannot be listed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect())
}

fn cargo_fuzz_plain(command: &str) -> Command {
    let mut cargo = tools::cargo();
    cargo.args(["fuzz", command, "--fuzz-dir", FOLDER]);
    cargo
}

/// Sanitizers need a nightly compiler. Nothing here is unsafe, so coverage and the assertions of the targets are what counts.
fn cargo_fuzz(command: &str) -> Command {
    let mut cargo = cargo_fuzz_plain(command);
    cargo.args(["--sanitizer", "none"]);
    cargo
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

//! `plimsoll plugin bench`: what a plug-in costs, with the analysis without it beside it.

use super::numbers::{grouped, milliseconds, size, time};
use crate::plugin::{Cache, Compiler, Host, Input, Limits, Plugin, PluginError, Setup, measure};
use plimsoll_core::engine;
use plimsoll_core::project::Project;
use plimsoll_core::text::{count, shorten};
use plimsoll_core::{Date, Sources};
use serde_json::{Value, json as object};
use std::time::{Duration, Instant};

/// What loading a plug-in costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loading {
    /// Bytes of the file.
    pub bytes: usize,
    /// Looking at the file, before anything is compiled.
    pub inspect: Duration,
    /// Compiling it.
    pub compile: Duration,
    /// Bytes of what was compiled.
    pub compiled_bytes: usize,
    /// Loading what was compiled before, with what the plug-in says of itself; `None` where nothing can be kept.
    pub cached: Option<Duration>,
}

/// What a plug-in costs on one project. Times are medians.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cost {
    /// The project, as it was named.
    pub name: String,
    /// Files of it.
    pub files: usize,
    /// Bytes of them.
    pub bytes: usize,
    /// The analysis without the plug-in.
    pub without: Duration,
    /// Describing the project, once for all plug-ins.
    pub describe: Duration,
    /// A fresh store, and an instance in it.
    pub instantiate: Duration,
    /// A look at the project, in an instance of its own as always.
    pub check: Duration,
    /// One more look of the same instance: what is left when nothing has to be set up.
    pub warm: Duration,
    /// The fuel of one.
    pub fuel: u64,
    /// The most memory of one.
    pub memory_bytes: u64,
    /// What it finds.
    pub findings: usize,
}

/// A project to measure on.
#[derive(Clone, Debug)]
pub struct Subject {
    /// How it was named.
    pub name: String,
    /// Its files.
    pub sources: Sources,
    /// The plug-in's settings.
    pub settings: String,
}

/// Compiles a plug-in and loads it from what is kept; the plug-in, ready to run.
///
/// # Errors
/// When it is none.
pub fn loading(bytes: &[u8], limits: &Limits, cache: Option<Cache>) -> Result<(Host, Plugin, Loading), PluginError> {
    let begun = Instant::now();
    crate::plugin::inspect::inspect(bytes, limits)?.fits()?;
    let inspect = begun.elapsed();
    let fresh = Host::new(Setup { limits: limits.clone(), compiler: Compiler::InProcess, cache: None })?;
    let plugin = fresh.load(bytes)?;
    let mut loading = Loading {
        bytes: bytes.len(),
        inspect,
        compile: plugin.compile_time.unwrap_or_default(),
        compiled_bytes: plugin.compiled_bytes,
        cached: None,
    };
    if cache.is_some() {
        let keeping = Host::new(Setup { limits: limits.clone(), compiler: Compiler::InProcess, cache })?;
        // The first fills the cache, unless it is full already.
        keeping.load(bytes)?;
        let begun = Instant::now();
        let again = keeping.load(bytes)?;
        loading.cached = again.from_cache.then(|| begun.elapsed());
    }
    Ok((fresh, plugin, loading))
}

/// Runs a plug-in on a project, and the analysis without it.
///
/// # Errors
/// When the plug-in fails.
pub fn cost(host: &Host, plugin: &Plugin, subject: &Subject, today: Date, rounds: usize) -> Result<Cost, PluginError> {
    let begun = Instant::now();
    let project = Project::new(&subject.sources, today);
    let parsed = begun.elapsed();
    let begun = Instant::now();
    let input = Input::of(&project);
    let describe = begun.elapsed();
    let rounds = rounds.max(1);
    let (mut checks, mut instances, mut without) = (Vec::new(), Vec::new(), Vec::new());
    let ran = host.run_on(plugin, &project, &input, &subject.settings)?;
    for _ in 0..rounds {
        let begun = Instant::now();
        host.run_on(plugin, &project, &input, &subject.settings)?;
        checks.push(begun.elapsed());
        instances.push(measure::instantiate(host, plugin)?);
        let begun = Instant::now();
        let report = engine::report(&project, Vec::new());
        without.push(parsed + begun.elapsed());
        drop(report);
    }
    let warm = measure::warm(host, plugin, &input, &subject.settings, rounds)?;
    Ok(Cost {
        name: subject.name.clone(),
        files: subject.sources.len(),
        bytes: subject.sources.iter().map(|(_, source)| source.text().len()).sum(),
        without: median(without),
        describe,
        instantiate: median(instances),
        check: median(checks),
        warm: median(warm),
        fuel: ran.fuel,
        memory_bytes: ran.memory_bytes,
        findings: ran.accepted.findings.len(),
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Two small tables.
#[must_use]
pub fn human(plugin: &Plugin, loading: &Loading, costs: &[Cost]) -> String {
    let metadata = &plugin.metadata;
    let mut out = format!("{} {}\n", metadata.name, shorten(&metadata.version, 40));
    let cached = loading.cached.map_or_else(|| "nothing is kept here".to_owned(), time);
    for (what, value) in [
        ("file", size(loading.bytes as u64)),
        ("inspect", time(loading.inspect)),
        ("compile", format!("{}, to {}", time(loading.compile), size(loading.compiled_bytes as u64))),
        ("cached load", cached),
    ] {
        out.push_str(&format!("  {what:<12}  {value}\n"));
    }
    for cost in costs {
        out.push_str(&format!(
            "\n{}: {}, {}, {}\n",
            shorten(&cost.name, 100),
            count(cost.files, "file"),
            size(cost.bytes as u64),
            count(cost.findings, "finding")
        ));
        for (what, value) in [
            ("without it", time(cost.without)),
            ("describe", time(cost.describe)),
            ("instantiate", time(cost.instantiate)),
            ("check", time(cost.check)),
            ("warm check", time(cost.warm)),
            ("fuel", grouped(cost.fuel)),
            ("memory", size(cost.memory_bytes)),
        ] {
            out.push_str(&format!("  {what:<12}  {value}\n"));
        }
    }
    out
}

/// The same as JSON.
#[must_use]
pub fn json(plugin: &Plugin, loading: &Loading, costs: &[Cost]) -> Value {
    let projects: Vec<Value> = costs
        .iter()
        .map(|cost| {
            object!({
                "project": cost.name,
                "files": cost.files,
                "bytes": cost.bytes,
                "findings": cost.findings,
                "without_milliseconds": milliseconds(cost.without),
                "describe_milliseconds": milliseconds(cost.describe),
                "instantiate_milliseconds": milliseconds(cost.instantiate),
                "check_milliseconds": milliseconds(cost.check),
                "warm_milliseconds": milliseconds(cost.warm),
                "fuel": cost.fuel,
                "memory_bytes": cost.memory_bytes,
            })
        })
        .collect();
    object!({
        "name": plugin.metadata.name,
        "version": plugin.metadata.version,
        "bytes": loading.bytes,
        "inspect_milliseconds": milliseconds(loading.inspect),
        "compile_milliseconds": milliseconds(loading.compile),
        "compiled_bytes": loading.compiled_bytes,
        "cached_load_milliseconds": loading.cached.map(milliseconds),
        "projects": projects,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_one_counts() {
        let of = |numbers: &[u64]| median(numbers.iter().copied().map(Duration::from_millis).collect());
        assert_eq!(of(&[9, 1, 5]), Duration::from_millis(5));
        assert_eq!(of(&[7]), Duration::from_millis(7));
        assert_eq!(of(&[]), Duration::ZERO);
    }
}

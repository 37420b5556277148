//! What plug-ins cost: `cargo bench -p plimsoll --bench plugins [-- [--quick] [FILE.wasm]]`.
//!
//! Prints three tables: getting one plug-in ready, one look at a document of 20 KB, and a hundred plug-ins on a thousand documents,
//! each with the analysis without plug-ins beside it. Without a file the example `base-image-allowlist` is built and measured.
//! Processor time is of the whole process and all its threads; on a busy machine it is the number to compare.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends when it cannot"
)]

use plimsoll::plugin::{Cache, Compiler, Host, Input, Limits, Plugin, Setup, inspect, measure};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources, engine};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Few images of the documents are forbidden by it, so that reports stay about as large as without plug-ins.
const SETTINGS: &str = r#"{"allowed": ["docker.io/library/*", "ghcr.io/acme/*"]}"#;

struct Size {
    rounds: usize,
    plugins: usize,
    documents: usize,
}

fn main() {
    // Cargo adds `--bench`.
    let given: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let quick = given.iter().any(|one| one == "--quick");
    let size = if quick {
        Size { rounds: 20, plugins: 10, documents: 100 }
    } else {
        Size { rounds: 200, plugins: 100, documents: 1000 }
    };
    let file = given.iter().find(|one| !one.starts_with("--")).map(PathBuf::from);
    let (bytes, settings) = match file {
        Some(file) => (std::fs::read(file).unwrap(), "{}"),
        None => (plimsoll::author::build::component(&example()).unwrap().0, SETTINGS),
    };
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("plugins"));
    ready(&bytes, &cache, &size);
    let host = Host::new(setup(Compiler::InProcess, Some(cache))).unwrap();
    one_document(&host, &bytes, settings, &size);
    many(&host, &bytes, settings, &size);
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/examples/base-image-allowlist")
}

fn setup(compiler: Compiler, cache: Option<Cache>) -> Setup {
    Setup { limits: Limits::default(), compiler, cache }
}

/// From the file to a plug-in that could run.
fn ready(bytes: &[u8], cache: &Cache, size: &Size) {
    let found = inspect::inspect(bytes, &Limits::default()).unwrap();
    println!(
        "plug-in: {} bytes, {} functions, compile cost {} at most, {} in all\n",
        bytes.len(),
        found.functions,
        found.function_cost,
        found.file_cost
    );
    println!("{:<44}{:>14}{:>14}", "getting ready", "time", "processor");
    row("inspect the file", median(size.rounds, || drop(black_box(inspect::inspect(bytes, &Limits::default())))));
    let host = Host::new(setup(Compiler::InProcess, None)).unwrap();
    row("compile and describe, in this process", median(3, || drop(black_box(host.load(bytes).unwrap()))));
    let child = Host::new(setup(Compiler::Child(env!("CARGO_BIN_EXE_plimsoll").into()), None)).unwrap();
    let mut plugin = None;
    row("compile and describe, in a child process *", median(3, || plugin = Some(child.load(bytes).unwrap())));
    let keeping = Host::new(setup(Compiler::InProcess, Some(cache.clone()))).unwrap();
    assert!(!keeping.load(bytes).unwrap().from_cache);
    row(
        "load what was compiled before, and describe",
        median(size.rounds, || assert!(black_box(keeping.load(bytes).unwrap()).from_cache)),
    );
    let plugin = plugin.unwrap();
    let times = (0..size.rounds).map(|_| measure::instantiate(&child, &plugin).unwrap()).collect();
    println!("{:<44}{:>14}", "instantiate, in a fresh store", shown(middle(times)));
    println!("* processor time of the child is not in it; machine code: {} bytes\n", plugin.compiled_bytes);
}

/// One look at a large document.
fn one_document(host: &Host, bytes: &[u8], settings: &str, size: &Size) {
    let mut sources = Sources::new();
    sources.add("Dockerfile", dockerfile(20_000, 0));
    let plugin = host.load(bytes).unwrap();
    let project = Project::new(&sources, today());
    let input = Input::of(&project);
    let ran = host.run_on(&plugin, &project, &input, settings).unwrap();
    println!("{:<44}{:>14}{:>14}", format!("a document of {} bytes", input.bytes()), "time", "processor");
    let without = median(size.rounds, || {
        let project = Project::new(&sources, today());
        drop(black_box(engine::report(&project, Vec::new())));
    });
    row("the analysis without plug-ins", without);
    row("describe the project, once for all plug-ins", median(size.rounds, || drop(black_box(Input::of(&project)))));
    row(
        "fresh check: instantiate, call, accept",
        median(size.rounds, || drop(black_box(host.run_on(&plugin, &project, &input, settings).unwrap()))),
    );
    let warm = measure::warm(host, &plugin, &input, settings, size.rounds).unwrap();
    println!("{:<44}{:>14}", "warm check: a further call of one instance", shown(middle(warm)));
    println!("fuel {}, memory {} KiB, findings {}\n", ran.fuel, ran.memory_bytes / 1024, ran.accepted.findings.len());
}

/// Many plug-ins on many documents, ten of them to a project.
fn many(host: &Host, bytes: &[u8], settings: &str, size: &Size) {
    let (plugins, loading) = timed(|| (0..size.plugins).map(|_| host.load(bytes).unwrap()).collect::<Vec<Plugin>>());
    let projects: Vec<Sources> = (0..size.documents / 10).map(project).collect();
    println!(
        "{:<44}{:>14}{:>14}",
        format!("{} plug-ins x {} documents", plugins.len(), size.documents),
        "time",
        "processor"
    );
    row("load all plug-ins, compiled before", loading);
    let (findings, without) = timed(|| {
        let reports = projects.iter().map(|sources| engine::report(&Project::new(sources, today()), Vec::new()));
        reports.map(|report| report.findings.len()).sum::<usize>()
    });
    row("the analysis without plug-ins", without);
    let mut fuel = 0;
    let (more, with) = timed(|| {
        let mut count = 0;
        for sources in &projects {
            let project = Project::new(sources, today());
            let input = Input::of(&project);
            let mut found = Vec::new();
            for plugin in &plugins {
                let ran = host.run_on(plugin, &project, &input, settings).unwrap();
                fuel += ran.fuel;
                found.extend(ran.accepted.findings);
            }
            count += engine::report(&project, found).findings.len();
        }
        count
    });
    row("the analysis with all plug-ins", with);
    let checks = u32::try_from(plugins.len() * projects.len()).unwrap();
    row(
        "each plug-in on each project",
        (with.0.saturating_sub(without.0) / checks, with.1.saturating_sub(without.1) / checks),
    );
    println!("fuel {} for each, findings {findings} without plug-ins, {more} with them", fuel / u64::from(checks));
}

/// A project of ten documents of 4 KB.
fn project(number: usize) -> Sources {
    let mut sources = Sources::new();
    for index in 0..9 {
        sources.add(&format!("service{index}/Dockerfile"), dockerfile(4_000, number * 10 + index));
    }
    let mut compose = "services:\n".to_owned();
    for index in 0..9 {
        compose.push_str(&format!(
            "  service{index}:\n    build: service{index}\n    networks: [inner]\n    environment:\n      APP_ENV: production\n      NUMBER: \"{number}\"\n    deploy:\n      resources:\n        limits:\n          memory: 256M\n"
        ));
        for label in 0..6 {
            compose.push_str(&format!("    # label {label}: org.example.owner=team-{label}\n"));
        }
    }
    compose.push_str("networks:\n  inner:\n    internal: true\n");
    sources.add("compose.yaml", &compose);
    sources
}

/// A Dockerfile of about this size.
fn dockerfile(bytes: usize, number: usize) -> String {
    let mut text = format!("FROM ghcr.io/acme/base:1.{number} AS base\n");
    let mut line = 0;
    while text.len() < bytes {
        line += 1;
        match line % 8 {
            0 => text.push_str(&format!("FROM php:8.4-fpm AS stage{line}\n")),
            1 => text.push_str(&format!(
                "RUN set -eux; apt-get update && apt-get install -y --no-install-recommends lib{line}\n"
            )),
            2 => text.push_str(&format!("COPY --chown=www-data:www-data src/part{line} /app/part{line}\n")),
            3 => text.push_str(&format!("ENV PART_{line}=\"value {line}\"\n")),
            4 => text.push_str(&format!("LABEL org.example.part{line}=\"{line}\"\n")),
            5 => text.push_str(&format!("# a remark about part {line}\n")),
            6 => text.push_str(&format!("WORKDIR /app/part{line}\n")),
            _ => text.push_str("USER www-data\n"),
        }
    }
    text
}

fn today() -> Date {
    Date::new(2026, 11, 24)
}

type Cost = (Duration, Duration);

/// Time by the clock, and of the processor.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (begun, used) = (Instant::now(), processor());
    let result = work();
    (result, (begun.elapsed(), processor().saturating_sub(used)))
}

fn median(rounds: usize, mut work: impl FnMut()) -> Cost {
    let costs: Vec<Cost> = (0..rounds).map(|_| timed(&mut work).1).collect();
    (middle(costs.iter().map(|cost| cost.0).collect()), middle(costs.iter().map(|cost| cost.1).collect()))
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn processor() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap_or(0), now.tv_nsec.try_into().unwrap_or(0))
}

fn row(name: &str, cost: Cost) {
    println!("{name:<44}{:>14}{:>14}", shown(cost.0), shown(cost.1));
}

fn shown(time: Duration) -> String {
    if time < Duration::from_millis(10) {
        format!("{:.1} us", time.as_secs_f64() * 1e6)
    } else if time < Duration::from_secs(10) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

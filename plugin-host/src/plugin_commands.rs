//! `plimsoll plugin`: what plug-ins' authors and users do with them.

mod registry;

use crate::plugin_cli::{Add, Bench, Build, Config, Inspect, New, PluginCommand, Seen, Test, Update, Verify};
use anyhow::Context as _;
use plimsoll::author::scaffold::Language;
use plimsoll::author::subject::{Subject, SubjectError, subject};
use plimsoll::author::{bench, browser, build, fixtures, inspect, scaffold};
use plimsoll::plugin::config::{Configuration, Environment};
use plimsoll::plugin::source::Store;
use plimsoll::plugin::{Cache, Compiler, Host, Limits, Plugin, PluginError, Setup, lock};
use plimsoll::seal::SealError;
use plimsoll::{exit, plugin, walk};
use plimsoll_core::project::Project;
use plimsoll_core::text::{count, visible};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Runs a command; its exit code.
pub(crate) fn run(command: &PluginCommand) -> anyhow::Result<u8> {
    match command {
        PluginCommand::New(options) => new(options),
        PluginCommand::Build(options) => build(options),
        PluginCommand::Test(options) => test(options),
        PluginCommand::Inspect(options) => inspect(options),
        PluginCommand::Bench(options) => bench(options),
        PluginCommand::Project(options) => project(options),
        PluginCommand::Add(options) => add(options),
        PluginCommand::Update(options) => update(options),
        PluginCommand::Verify(options) => verify(options),
        PluginCommand::Push(options) => registry::push(options),
        PluginCommand::Pull(options) => registry::pull(options),
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// A host as `plimsoll check` has it: plug-ins are compiled in a process of their own, and once.
fn host(limits: Limits) -> anyhow::Result<Host> {
    let compiler = std::env::current_exe().map_or(Compiler::InProcess, Compiler::Child);
    let cache = Cache::of_user(|name| std::env::var_os(name));
    let host = Host::new(Setup { limits, compiler, cache });
    host.map_err(|error| anyhow::anyhow!("plug-ins cannot be run here: {error}"))
}

/// Says why a file is no plug-in.
fn refuse(path: &Path, error: &PluginError) -> u8 {
    anstream::eprintln!("error: {}: {error}; {}", visible(&path.display().to_string()), error.help());
    exit::PLUGIN
}

/// A file, or what a folder was built to; or the exit code.
fn found(path: &Path) -> anyhow::Result<Result<Subject, u8>> {
    if path.is_dir() {
        anstream::eprintln!("building {}", visible(&path.display().to_string()));
    }
    match subject(path) {
        Ok(subject) => Ok(Ok(subject)),
        // It compiles, and what comes of it is no plug-in.
        Err(SubjectError::Build(error)) if error.downcast_ref::<SealError>().is_some() => {
            anstream::eprintln!("error: {error:#}");
            Ok(Err(exit::PLUGIN))
        }
        Err(SubjectError::Build(error)) => Err(error),
        Err(SubjectError::File(error)) => Ok(Err(refuse(path, &error))),
    }
}

/// The same, loaded.
fn loaded(host: &Host, path: &Path) -> anyhow::Result<Result<(Subject, Plugin), u8>> {
    Ok(found(path)?.and_then(|subject| {
        host.load(&subject.bytes).map(|plugin| (subject, plugin)).map_err(|error| refuse(path, &error))
    }))
}

fn new(options: &New) -> anyhow::Result<u8> {
    let language = options.lang.language();
    let folder = options.into.clone().unwrap_or_else(|| PathBuf::from(&options.name));
    let files = scaffold::write(language, &options.name, &folder)?;
    let tools = match language {
        Language::Rust => "",
        Language::JavaScript => "  npm ci\n",
        Language::Python | Language::C => {
            "  python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt\n"
        }
    };
    let path = visible(&folder.display().to_string());
    print(&format!(
        "{}: a plug-in in {language}, {} in {path}\nnext:\n  cd {}\n{tools}  plimsoll plugin test\n",
        options.name,
        count(files.len(), "file"),
        quoted(&path)
    ))?;
    Ok(exit::CLEAN)
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '-');
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn build(options: &Build) -> anyhow::Result<u8> {
    let host = host(Limits::default())?;
    anyhow::ensure!(options.folder.is_dir(), "{} is no folder", options.folder.display());
    let (subject, plugin) = match loaded(&host, &options.folder)? {
        Ok(both) => both,
        Err(code) => return Ok(code),
    };
    let metadata = &plugin.metadata;
    let out = options.out.clone().unwrap_or_else(|| subject.beside(&format!("{}.wasm", metadata.name)));
    let built = subject.built.context("nothing was built")?;
    std::fs::write(&out, &subject.bytes).with_context(|| format!("{} could not be written", out.display()))?;
    if options.json {
        print_json(&build::json(&built, metadata, &out))?;
    } else {
        print(&build::human(&built, metadata, &out, host.limits()))?;
    }
    Ok(exit::CLEAN)
}

fn test(options: &Test) -> anyhow::Result<u8> {
    let host = host(Limits::default())?;
    let (subject, plugin) = match loaded(&host, &options.plugin)? {
        Ok(both) => both,
        Err(code) => return Ok(code),
    };
    let tests = options.tests.clone().unwrap_or_else(|| subject.beside("tests"));
    let cases = fixtures::cases(&tests, options.case.as_deref())?;
    let asked = fixtures::Options { bless: options.bless, partial: options.case.is_some() };
    let mut outcome = fixtures::run(&host, &plugin, &cases, asked)?;
    if options.browser {
        let page = options.page.as_deref().context("--browser needs --page DIR, the folder the page was built into")?;
        browser::compare(page, &subject.bytes, &plugin, host.limits(), &cases, &mut outcome)?;
    }
    if options.json {
        print_json(&fixtures::json(&outcome, options.strict))?;
    } else {
        print(&fixtures::human(&outcome, options.strict))?;
    }
    Ok(if outcome.is_clean(options.strict) { exit::CLEAN } else { exit::FINDINGS })
}

fn inspect(options: &Inspect) -> anyhow::Result<u8> {
    let subject = match found(&options.plugin)? {
        Ok(subject) => subject,
        Err(code) => return Ok(code),
    };
    let limits = Limits::default();
    let file = match plugin::inspect::inspect(&subject.bytes, &limits) {
        Ok(file) => file,
        Err(error) => return Ok(refuse(&options.plugin, &error)),
    };
    // Without what was compiled before: how long it takes is what is asked.
    let compiler = std::env::current_exe().map_or(Compiler::InProcess, Compiler::Child);
    let loaded = file
        .fits()
        .and_then(|()| Host::new(Setup { limits: limits.clone(), compiler, cache: None })?.load(&subject.bytes));
    let look = inspect::Look { file: &file, plugin: loaded.as_ref().ok(), limits: &limits };
    if options.json {
        print_json(&look.json())?;
    } else {
        print(&look.human())?;
    }
    Ok(loaded.map_or_else(|error| refuse(&options.plugin, &error), |_| exit::CLEAN))
}

fn bench(options: &Bench) -> anyhow::Result<u8> {
    let subject = match found(&options.plugin)? {
        Ok(subject) => subject,
        Err(code) => return Ok(code),
    };
    let cache = Cache::of_user(|name| std::env::var_os(name));
    let (host, plugin, loading) = match bench::loading(&subject.bytes, &Limits::default(), cache) {
        Ok(loaded) => loaded,
        Err(error) => return Ok(refuse(&options.plugin, &error)),
    };
    let mut costs = Vec::new();
    for project in bench_projects(options, &subject.beside("tests"))? {
        match bench::cost(&host, &plugin, &project, fixtures::day(), options.rounds.into()) {
            Ok(cost) => costs.push(cost),
            // A case may be about an error.
            Err(_) if options.projects.is_empty() => {}
            Err(error) => return Ok(refuse(&options.plugin, &error)),
        }
    }
    if options.json {
        print_json(&bench::json(&plugin, &loading, &costs))?;
    } else {
        print(&bench::human(&plugin, &loading, &costs))?;
    }
    Ok(exit::CLEAN)
}

/// The projects that are named; without any, the plug-in's cases, where it has some.
fn bench_projects(options: &Bench, tests: &Path) -> anyhow::Result<Vec<bench::Subject>> {
    let settings = options.settings.as_deref().map_or(Ok("{}".to_owned()), settings_text)?;
    let named = options.projects.iter().map(|path| (path.display().to_string(), path.clone(), settings.clone()));
    let mut all: Vec<(String, PathBuf, String)> = named.collect();
    if all.is_empty() && tests.is_dir() {
        let cases = fixtures::cases(tests, None)?;
        all = cases.into_iter().map(|case| (case.name, case.project, case.settings)).collect();
    }
    all.into_iter()
        .map(|(name, path, settings)| {
            let mut walked = walk::Walked::default();
            walked.add(&path);
            match walked.unreadable.first() {
                Some(missing) => anyhow::bail!("{}: {}", visible(&missing.path), missing.error),
                None => Ok(bench::Subject { name, sources: walked.sources, settings }),
            }
        })
        .collect()
}

fn settings_text(given: &str) -> anyhow::Result<String> {
    if given.trim_start().starts_with('{') {
        return Ok(given.to_owned());
    }
    std::fs::read_to_string(given).with_context(|| format!("the settings {given} could not be read"))
}

fn project(options: &Seen) -> anyhow::Result<u8> {
    let mut walked = walk::Walked::default();
    let here = vec![PathBuf::from(".")];
    for path in if options.paths.is_empty() { &here } else { &options.paths } {
        walked.add(path);
    }
    for missing in &walked.unreadable {
        anstream::eprintln!("error: {}: {}", visible(&missing.path), missing.error);
    }
    let project = Project::new(&walked.sources, options.today.unwrap_or_else(fixtures::day));
    print(&(serde_json::to_string_pretty(&plimsoll_core::plugin::describe(&project))? + "\n"))?;
    Ok(if walked.unreadable.is_empty() && !walked.cut_short { exit::CLEAN } else { exit::INPUT })
}

/// Does something with a configuration and its lock file.
fn manage<T>(config: &Config, act: impl FnOnce(&lock::Manage<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let path = &config.config;
    let limits = if path.exists() { Configuration::read(path)?.plugins.limits() } else { Limits::default() };
    let store = Store::of_user(&Environment::of_process());
    act(&lock::Manage { config: path.clone(), host: &host(limits)?, store })
}

fn add(options: &Add) -> anyhow::Result<u8> {
    print(&manage(&options.config, |manage| lock::add(manage, &options.source))?)?;
    Ok(exit::CLEAN)
}

fn update(options: &Update) -> anyhow::Result<u8> {
    print(&manage(&options.config, |manage| lock::update(manage, options.name.as_deref()))?)?;
    Ok(exit::CLEAN)
}

fn verify(options: &Verify) -> anyhow::Result<u8> {
    let verified = manage(&options.config, lock::verify)?;
    print(&verified.text)?;
    Ok(if verified.ok { exit::CLEAN } else { exit::USAGE })
}

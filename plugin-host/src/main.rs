//! The command line.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the terminal")]

mod check_plugins;
mod cli;
mod graph_commands;
mod plugin_cli;
mod plugin_commands;

use anyhow::Context as _;
use check_plugins::Plugins;
use clap::Parser as _;
use cli::{Check, Cli, Command, Format, Inventory, InventoryFormat, Score};
use plimsoll::plugin;
use plimsoll::{apply, exit, facts, human, inventory, manual, score, walk};
use plimsoll_core::project::Project;
use plimsoll_core::report::{answers, json, sarif};
use plimsoll_core::{Date, Options, Report, Safety, Severity, Sources, engine, rules};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Check(options) => run_check(&options),
        Command::Inventory(options) => run_inventory(&options),
        Command::Score(options) => run_score(&options),
        Command::Map(options) => graph_commands::run_map(&options),
        Command::Breach(options) => graph_commands::run_breach(&options),
        Command::Boundaries(options) => graph_commands::run_boundaries(&options),
        Command::Plan(options) => graph_commands::run_plan(&options),
        Command::Rules => print(&manual::list()).map(|()| exit::CLEAN),
        Command::Explain { rule } => explain(&rule),
        Command::Plugin { command } => plugin_commands::run(&command),
        Command::Compile => plugin::compile::child(),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(exit::USAGE)
        }
    }
}

/// `plimsoll check | head` ends early on purpose.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

fn explain(name: &str) -> anyhow::Result<u8> {
    let rule = rules::find(name).or_else(|| rules::RULES.iter().copied().find(|rule| rule.name() == name));
    match rule {
        Some(rule) => print(&manual::explain(rule)).map(|()| exit::CLEAN),
        None => {
            let near = manual::similar(name);
            let hint = if near.is_empty() {
                "`plimsoll rules` lists them".to_owned()
            } else {
                format!("did you mean {}?", near.join(", "))
            };
            anyhow::bail!("there is no rule `{}`; {hint}", plimsoll_core::text::shorten(name, 60))
        }
    }
}

fn run_inventory(options: &Inventory) -> anyhow::Result<u8> {
    if options.collector {
        return print(plimsoll_core::inventory::COLLECTOR).map(|()| exit::CLEAN);
    }
    let today = options.today.map_or_else(today, Ok)?;
    let (walked, _) = read_paths(&options.paths, "running.txt")?;
    let facts = facts::load(&[], &[], &walked.sources)?;
    let answers = answers::answer(&Project::with_facts(&walked.sources, today, &facts));
    print(&match options.format {
        InventoryFormat::Human => inventory::render(&answers),
        InventoryFormat::Json => serde_json::to_string_pretty(&answers)? + "\n",
    })?;
    Ok(if walked.unreadable.is_empty() && !walked.cut_short { exit::CLEAN } else { exit::INPUT })
}

fn run_score(options: &Score) -> anyhow::Result<u8> {
    let today = options.today.map_or_else(today, Ok)?;
    let (walked, _) = read_paths(&options.paths, &options.stdin_name)?;
    let facts = facts::load(&[], &[], &walked.sources)?;
    let mut report = plimsoll_core::check(&walked.sources, &Options { today, facts: &facts });
    print(&match options.format {
        InventoryFormat::Human => score::render(&report),
        InventoryFormat::Json => serde_json::to_string_pretty(&json::score(&report.score))? + "\n",
    })?;
    report.minimum_score = options.minimum.or(report.minimum_score);
    let failures = exit::Failures { plugin: false, input: !walked.unreadable.is_empty() || walked.cut_short };
    Ok(exit::code(&report, None, failures))
}

/// Reads what was named, the current folder when nothing was, and says what could not be read.
fn read_paths(named: &[PathBuf], stdin_name: &str) -> anyhow::Result<(walk::Walked, Vec<PathBuf>)> {
    let mut walked = walk::Walked::default();
    let paths = if named.is_empty() { vec![".".into()] } else { named.to_vec() };
    for path in &paths {
        if path.as_os_str() == "-" {
            walked.stdin(stdin_name).context("standard input could not be read")?;
        } else {
            walked.add(path);
            walked.policy_above(path);
        }
    }
    for missing in &walked.unreadable {
        anstream::eprintln!("error: {}: {}", plimsoll_core::text::visible(&missing.path), missing.error);
    }
    if walked.cut_short {
        anstream::eprintln!(
            "error: not everything was read: more than {} files, or a folder that cannot be opened; name a smaller folder",
            walk::MAX_FILES
        );
    }
    Ok((walked, paths))
}

fn run_check(options: &Check) -> anyhow::Result<u8> {
    let today = options.today.map_or_else(today, Ok)?;
    let (mut walked, paths) = read_paths(&options.paths, &options.stdin_name)?;
    let configuration = check_plugins::configuration(options, &paths)?;
    if let (Some(_), Some(configuration)) = (&options.config, &configuration) {
        plugin::config::make_policy(&mut walked.sources, configuration, &paths);
    }
    let sources = &walked.sources;
    let facts = facts::load(&options.facts, &options.eol_file, sources)?;
    let basis = Options { today, facts: &facts };
    let plugins = Plugins::load(options, configuration.as_ref(), &paths)?;
    if options.fix || options.diff {
        return mend(options, sources, &basis, &plugins, paths.first().map(std::path::PathBuf::as_path));
    }
    let project = Project::with_facts(sources, today, &facts);
    let plugins = plugins.into_outcome(&project);
    let mut report = engine::report(&project, plugins.findings.clone());
    plugins.tell(&mut report, sources);
    check_plugins::say_what_was_not_loaded(&mut report, &paths);
    check_plugins::say_what_failed(&plugins.failed);
    for format in &options.formats() {
        write_report(&report, sources, format, options)?;
    }
    let failures =
        exit::Failures { plugin: !plugins.failed.is_empty(), input: !walked.unreadable.is_empty() || walked.cut_short };
    let fail_on = options.fail_on.map_or(report.fail_on.or(Some(Severity::Low)), cli::FailOn::severity);
    Ok(exit::code(&report, fail_on, failures))
}

fn write_report(report: &Report, sources: &Sources, format: &Format, options: &Check) -> anyhow::Result<()> {
    let text = match format.name {
        cli::FormatName::Human => {
            let width = terminal_size::terminal_size().map_or(120, |(width, _)| usize::from(width.0).clamp(60, 200));
            human::render(
                report,
                sources,
                human::Style { colour: format.file.is_none() && options.colour.wanted(), width },
            )
        }
        cli::FormatName::Json => json::render(report, sources),
        cli::FormatName::Sarif => sarif::render(&json::wire(report, sources)),
    };
    match &format.file {
        Some(path) => std::fs::write(path, text).with_context(|| format!("{} could not be written", path.display())),
        None => {
            options.colour.apply();
            print(&text)
        }
    }
}

fn mend(
    options: &Check,
    sources: &Sources,
    basis: &Options<'_>,
    plugins: &Plugins,
    root: Option<&Path>,
) -> anyhow::Result<u8> {
    let least = if options.suggested { Safety::Suggested } else { Safety::Safe };
    let applied = apply::with(sources, least, |now| {
        let project = Project::with_facts(now, basis.today, basis.facts);
        engine::report(&project, plugins.findings(&project))
    });
    check_plugins::say_what_failed(plugins.failed());
    let done = if plugins.failed().is_empty() { exit::CLEAN } else { exit::PLUGIN };
    if options.diff {
        print(&apply::diff(sources, &applied))?;
        return Ok(done);
    }
    write_files(&applied, root)?;
    for (rule, title) in &applied.done {
        anstream::eprintln!("{rule}: {title}");
    }
    anstream::eprintln!(
        "{} applied in {}",
        plimsoll_core::text::count(applied.done.len(), "fix").replace("fixs", "fixes"),
        plimsoll_core::text::count(applied.changed.len(), "file")
    );
    Ok(done)
}

/// Writes changed files where they were read from.
fn write_files(applied: &apply::Applied, root: Option<&Path>) -> anyhow::Result<()> {
    let root = root.filter(|root| root.is_dir());
    for (path, text) in &applied.changed {
        let target = root.map_or_else(|| Path::new(path).to_path_buf(), |root| root.join(path));
        std::fs::write(&target, text).with_context(|| format!("{} could not be written", target.display()))?;
    }
    Ok(())
}

fn today() -> anyhow::Result<Date> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock stands before 1970; set it, or pass --today")?
        .as_secs();
    Ok(Date::from_days_since_epoch(i64::try_from(seconds / 86_400).unwrap_or(0)))
}

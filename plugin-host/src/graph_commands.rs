//! The commands about connections: `map`, `breach` and `plan`. What they find is no failure of the run.

use crate::cli::{Boundaries, Breach, InventoryFormat, Map, MapFormat, Plan, PlanFormat, Preset, Stack};
use crate::{print, read_paths, today, write_files};
use anyhow::Context as _;
use plimsoll::{boundaries, breach, exit, facts, map, plan, walk};
use plimsoll_core::finding::NoticeLevel;
use plimsoll_core::project::Project;
use plimsoll_core::report::stack::{self, StackV1, Wanted};
use plimsoll_core::text::{count, shorten, visible};
use std::path::PathBuf;

/// What was read and what it comes to.
struct Run {
    walked: walk::Walked,
    paths: Vec<PathBuf>,
    document: StackV1,
    code: u8,
}

/// Reads, joins and computes what is wanted.
fn run(options: &Stack, wanted: &Wanted) -> anyhow::Result<Run> {
    let today = options.today.map_or_else(today, Ok)?;
    let (walked, paths) = read_paths(&options.paths, &options.stdin_name)?;
    let facts = facts::load(&[], &[], &walked.sources)?;
    let project = Project::with_facts(&walked.sources, today, &facts);
    let wanted = Wanted { view: options.view.clone(), ..wanted.clone() };
    let document = stack::wire(&project, &wanted);
    if let Some(name) = options.view.as_deref().filter(|_| document.views.is_empty()) {
        let names = map::names(project.views.iter().map(|view| view.name.as_str()));
        let names = if names.is_empty() { "no deployment".to_owned() } else { names };
        anyhow::bail!("there is no deployment `{}`; the files describe {names}", shorten(name, 60));
    }
    let mut code = if walked.unreadable.is_empty() && !walked.cut_short { exit::CLEAN } else { exit::INPUT };
    for notice in project.notices.iter().filter(|notice| notice.level == NoticeLevel::Incomplete) {
        anstream::eprintln!("incomplete: {}: {}", visible(&notice.path), visible(&notice.message));
        code = exit::INCOMPLETE;
    }
    Ok(Run { walked, paths, document, code })
}

/// The document as JSON.
fn json(document: &StackV1) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

/// A deployment to say something about; without one there is nothing to print for people. What could not be read has been said
/// already, and is why there is none.
fn ensure_any(run: &Run) -> anyhow::Result<bool> {
    let is_empty = run.document.views.is_empty();
    anyhow::ensure!(!is_empty || run.code != exit::CLEAN, "the files describe no deployment");
    Ok(!is_empty)
}

pub(crate) fn run_map(options: &Map) -> anyhow::Result<u8> {
    let run = run(&options.stack, &Wanted::default())?;
    if options.format != MapFormat::Json && !ensure_any(&run)? {
        return Ok(run.code);
    }
    let picture = |kind| -> anyhow::Result<String> {
        Ok(map::picture(map::only(&run.document).map_err(anyhow::Error::msg)?, kind))
    };
    let text = match options.format {
        MapFormat::Text => map::text(&run.document),
        MapFormat::Svg => picture(map::Picture::Svg)?,
        MapFormat::Dot => picture(map::Picture::Dot)?,
        MapFormat::Mermaid => picture(map::Picture::Mermaid)?,
        MapFormat::Json => json(&run.document)?,
    };
    match &options.out {
        Some(path) => std::fs::write(path, text).with_context(|| format!("{} could not be written", path.display()))?,
        None => print(&text)?,
    }
    Ok(run.code)
}

pub(crate) fn run_breach(options: &Breach) -> anyhow::Result<u8> {
    let from = options.from.clone().unwrap_or_else(|| "*".to_owned());
    let mut run = run(&options.stack, &Wanted { breach: vec![from], ..Wanted::default() })?;
    if options.format != InventoryFormat::Json && !ensure_any(&run)? {
        return Ok(run.code);
    }
    if let Some(from) = options.from.as_deref() {
        ensure_service(&run.document, from)?;
        // Deployments without that service have nothing to say.
        run.document.views.retain(|view| !view.breaches.is_empty());
    }
    print(&match options.format {
        InventoryFormat::Human => breach::render(&run.document),
        InventoryFormat::Json => json(&run.document)?,
    })?;
    Ok(run.code)
}

pub(crate) fn run_boundaries(options: &Boundaries) -> anyhow::Result<u8> {
    let mut run = run(&options.stack, &Wanted { boundaries: true, ..Wanted::default() })?;
    if options.format != InventoryFormat::Json && !ensure_any(&run)? {
        return Ok(run.code);
    }
    if let Some(service) = options.service.as_deref() {
        ensure_service(&run.document, service)?;
        run.document.views.iter_mut().for_each(|view| view.boundaries.retain(|sheet| sheet.service == service));
    }
    print(&match options.format {
        InventoryFormat::Human => boundaries::render(&run.document),
        InventoryFormat::Json => json(&run.document)?,
    })?;
    Ok(run.code)
}

/// A service that somebody names is one of those that there are.
fn ensure_service(document: &StackV1, wanted: &str) -> anyhow::Result<()> {
    let services = || document.views.iter().flat_map(|view| &view.services);
    if services().any(|service| service.name == wanted) {
        return Ok(());
    }
    let mut names: Vec<&str> = services().map(|service| service.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let names = if names.is_empty() { "none".to_owned() } else { map::names(names.into_iter()) };
    anyhow::bail!("there is no service `{}`; there are: {names}", shorten(wanted, 60))
}

pub(crate) fn run_plan(options: &Plan) -> anyhow::Result<u8> {
    let mut run = run(&options.stack, &Wanted { plan: true, ..Wanted::default() })?;
    let preset = options.preset.unwrap_or(Preset::Balanced).as_str();
    if options.format != PlanFormat::Json && !ensure_any(&run)? {
        return Ok(run.code);
    }
    if options.write {
        return write(&run, preset);
    }
    print(&match options.format {
        PlanFormat::Human => plan::render(&run.document, preset, &run.walked.sources),
        PlanFormat::Diff => {
            complain(&run.document, preset);
            plan::diff(&run.document, preset, &run.walked.sources)
        }
        PlanFormat::Json => {
            if options.preset.is_some() {
                run.document.views.iter_mut().for_each(|view| view.plans.retain(|plan| plan.preset == preset));
            }
            json(&run.document)?
        }
    })?;
    Ok(run.code)
}

/// Says which deployments have no patch, so that an empty one is understood.
fn complain(document: &StackV1, preset: &str) {
    for view in &document.views {
        let why = match plan::of(view, preset) {
            None => "nothing tells who has to talk to whom",
            Some(plan) => match &plan.refused {
                Some(why) => why.as_str(),
                None => continue,
            },
        };
        anstream::eprintln!("no patch for {}: {}", visible(&view.name), visible(why));
    }
}

/// Applies the plan of the only deployment to its files.
fn write(run: &Run, preset: &str) -> anyhow::Result<u8> {
    let has_stdin = run.paths.iter().any(|path| path.as_os_str() == "-");
    anyhow::ensure!(!has_stdin, "standard input cannot be written to; name the files");
    let view = map::only(&run.document).map_err(anyhow::Error::msg)?;
    let name = visible(&view.name);
    let plan = plan::of(view, preset)
        .with_context(|| format!("nothing in {name} tells who has to talk to whom, so nothing is planned"))?;
    let applied = plan::applied(plan, &run.walked.sources)
        .map_err(|why| anyhow::anyhow!("the plan for {name} cannot be written: {}", visible(&why)))?;
    write_files(&applied, run.paths.first().map(PathBuf::as_path))?;
    for path in applied.changed.keys() {
        anstream::eprintln!("written: {}", visible(path));
    }
    anstream::eprintln!("the {preset} plan of {name} is in {}", count(applied.changed.len(), "file"));
    Ok(run.code)
}

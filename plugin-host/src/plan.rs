//! Plans of networks for people to read, with their patch as a diff, and the files as they would be.

use crate::apply::{self, Applied};
use plimsoll_core::fix::{Edit, Fix, NewFile};
use plimsoll_core::report::json::FixV1;
use plimsoll_core::report::stack::{PlanV1, StackV1, ViewV1};
use plimsoll_core::span::Span;
use plimsoll_core::text::{count, visible};
use plimsoll_core::{Safety, Sources};
use std::fmt::Write as _;

/// The plan of a preset.
#[must_use]
pub fn of<'a>(view: &'a ViewV1, preset: &str) -> Option<&'a PlanV1> {
    view.plans.iter().find(|plan| plan.preset == preset)
}

/// The files as a patch leaves them.
///
/// # Errors
/// Why there are none.
pub fn applied(plan: &PlanV1, sources: &Sources) -> Result<Applied, String> {
    let Some(fix) = &plan.fix else {
        return Err(plan.refused.clone().unwrap_or_else(|| "it would change nothing".to_owned()));
    };
    let changed = fix_of(fix, sources).and_then(|fix| fix.outcome(sources));
    let changed = changed.ok_or_else(|| "its edits do not fit the files".to_owned())?;
    Ok(Applied { changed, done: vec![("plan".to_owned(), fix.title.clone())] })
}

/// A patch as the core applies it; `None` when a file is not there.
fn fix_of(wire: &FixV1, sources: &Sources) -> Option<Fix> {
    let mut fix = Fix::new(Safety::Suggested, wire.title.clone());
    for edit in &wire.edits {
        fix.edits.push(Edit {
            source: sources.id(&edit.location.path)?,
            span: Span { start: edit.location.start, end: edit.location.end },
            replacement: edit.replacement.clone(),
        });
    }
    fix.creates =
        wire.creates.iter().map(|file| NewFile { path: file.path.clone(), text: file.text.clone() }).collect();
    Some(fix)
}

/// The patches of every deployment that has one as a unified diff.
#[must_use]
pub fn diff(document: &StackV1, preset: &str, sources: &Sources) -> String {
    let plans = document.views.iter().filter_map(|view| of(view, preset));
    plans.filter_map(|plan| applied(plan, sources).ok()).map(|applied| apply::diff(sources, &applied)).collect()
}

/// Renders the plan of a preset for every deployment.
#[must_use]
pub fn render(document: &StackV1, preset: &str, sources: &Sources) -> String {
    let views: Vec<String> = document.views.iter().map(|view| deployment(view, preset, sources)).collect();
    views.join("\n")
}

fn deployment(view: &ViewV1, preset: &str, sources: &Sources) -> String {
    let Some(plan) = of(view, preset) else {
        return format!("{}: nothing tells who has to talk to whom, so nothing is planned\n", visible(&view.name));
    };
    let mut out = heading(view, plan);
    networks(&mut out, plan);
    if plan.excess.is_empty() {
        out.push_str("\nNo pair can talk without having to\n");
    } else {
        let pairs: Vec<String> = plan.excess.iter().map(|(a, b)| format!("{} – {}", visible(a), visible(b))).collect();
        let _ = writeln!(out, "\nStill can talk without having to: {}", pairs.join(", "));
    }
    if !plan.alone.is_empty() {
        let names: Vec<String> = plan.alone.iter().map(|name| visible(name)).collect();
        let _ = writeln!(out, "Has nobody to talk to: {}", names.join(", "));
    }
    if !plan.unpublished.is_empty() {
        out.push_str("\nNo longer published\n");
        for one in &plan.unpublished {
            let at = one.location.as_ref().map(|at| format!("  {}:{}", visible(&at.path), at.line)).unwrap_or_default();
            let _ = writeln!(out, "  {}{at}", visible(&one.label));
        }
    }
    if !plan.remarks.is_empty() {
        out.push_str("\nTo know\n");
        for remark in &plan.remarks {
            let _ = writeln!(out, "  {}", visible(remark));
        }
    }
    others(&mut out, view, preset);
    patch(&mut out, plan, sources);
    out
}

fn heading(view: &ViewV1, plan: &PlanV1) -> String {
    let blast = match plan.blast_after {
        Some(after) => format!("blast radius {} → {after} of 100", plan.blast_before),
        None => format!("blast radius {} of 100", plan.blast_before),
    };
    let found = if plan.exact { "no better one exists by its own measure" } else { "found step by step" };
    format!(
        "{}: {} plan, {} ({found})\nSegmentation index {} → {} of 100, {blast}\n",
        visible(&view.name),
        visible(&plan.preset),
        count(plan.networks.len(), "network"),
        plan.index_before,
        plan.index_after
    )
}

fn networks(out: &mut String, plan: &PlanV1) {
    if plan.networks.is_empty() {
        return;
    }
    out.push_str("\nNetworks\n");
    for network in &plan.networks {
        let members: Vec<String> = network.members.iter().map(|name| visible(name)).collect();
        let kind = if network.internal { "internal" } else { "with a way out" };
        let _ = writeln!(out, "  {}: {} ({kind})", visible(&network.name), members.join(", "));
        if !network.why.is_empty() {
            let _ = writeln!(out, "    {}", visible(&network.why));
        }
    }
}

fn others(out: &mut String, view: &ViewV1, preset: &str) {
    let mut first = true;
    for plan in view.plans.iter().filter(|plan| plan.preset != preset) {
        out.push_str(if first { "\nOther presets\n" } else { "" });
        first = false;
        let _ = writeln!(
            out,
            "  {}: {}, segmentation index {}{}, {} too many",
            visible(&plan.preset),
            count(plan.networks.len(), "network"),
            plan.index_after,
            plan.blast_after.map_or_else(String::new, |blast| format!(", blast radius {blast}")),
            count(plan.excess.len(), "pair")
        );
    }
}

/// The diff, each line made visible: this goes to a terminal, the format for tools is the raw one.
fn patch(out: &mut String, plan: &PlanV1, sources: &Sources) {
    match applied(plan, sources) {
        Err(why) => {
            let _ = writeln!(out, "\nNo patch: {}", visible(&why));
        }
        Ok(applied) => {
            let diff = apply::diff(sources, &applied);
            out.push_str("\nPatch (--write applies it, --format diff prints it alone)\n");
            for line in diff.lines() {
                let _ = writeln!(out, "{}", visible(line));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test says what went wrong by panicking")]
#[path = "plan_tests.rs"]
mod tests;

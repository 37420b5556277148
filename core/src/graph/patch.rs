//! A plan of networks as edits of the Compose files, and what is left of a breach once they are made.
//!
//! Compose joins the networks of a service over all files, `extends` and merge keys, so writing is only half of it: the result is
//! read again, and a fix is offered only when every service is on exactly the networks that were planned.

mod check;
mod members;
mod ports;
mod top;
mod writer;

#[cfg(test)]
mod tests;

use super::model::{Graph, ServiceId};
use super::outcome::Plan;
use super::segment::segmentation;
use super::walk;
use crate::fix::Fix;
use crate::project::{Project, View};
use crate::source::Sources;
use crate::text::shorten;
use writer::Writer;

/// What the fix is called.
const TITLE: &str = "Give each conversation its own network";

/// The plan as edits.
///
/// # Errors
/// Why it cannot be written, and what to do by hand.
pub fn patch(project: &Project<'_>, view: &View, graph: &Graph, plan: &Plan) -> Result<Fix, String> {
    if graph.is_running || view.standalone || project.is_running(view) {
        return Err("no Compose file describes this deployment: change what it is started from".to_owned());
    }
    if let Some(broken) = view.files.iter().find(|file| project.is_broken(**file)) {
        return Err(format!("{} has a syntax error: mend it first", shown(project.path(*broken))));
    }
    if let Some(lost) = lost(graph, plan) {
        return Err(format!("nothing says whom {} talks to: the plan would cut it off", shown(lost)));
    }
    let (before, after) = plan.index;
    if after < before {
        return Err(format!("today's networks keep more services apart ({before} against {after}): leave them"));
    }
    let mut writer = Writer::new(project, view);
    for service in &view.services {
        let Some(id) = graph.service(&service.spec.name).filter(|_| service.spec.network_mode.is_none()) else {
            continue;
        };
        members::write(&mut writer, service, &networks_of(plan, id))?;
    }
    top::write(&mut writer, graph, plan)?;
    ports::write(&mut writer, plan)?;
    let fix = writer.finish(TITLE)?;
    if fix.edits.is_empty() {
        return Err("the files say this already".to_owned());
    }
    check::check(project, view, graph, plan, &fix)?;
    Ok(fix)
}

/// A service that nobody talks to under the plan, though it is there for others to use it or hands requests on to others: what the
/// files do not tell has to be known first.
fn lost<'g>(graph: &'g Graph, plan: &Plan) -> Option<&'g str> {
    let is_lost = |id: &&ServiceId| match graph.services.get(**id).map(|node| node.group) {
        Some("edge") => true,
        Some("app" | "data") => networks_of(plan, **id).is_empty(),
        _ => false,
    };
    let lost = plan.alone.iter().find(is_lost)?;
    graph.services.get(*lost).map(|node| node.name.as_str())
}

/// The networks of a service under a plan, in its order.
fn networks_of(plan: &Plan, id: ServiceId) -> Vec<&str> {
    plan.networks.iter().filter(|network| network.members.contains(&id)).map(|network| network.name.as_str()).collect()
}

/// The plan applied and analysed again: the index and the blast radius.
#[must_use]
pub fn after(project: &Project<'_>, view: &View, fix: &Fix) -> Option<(u8, u8)> {
    let sources = changed(project, fix)?;
    let project = Project::with_facts(&sources, project.today, project.facts);
    let view = same_view(&project, view)?;
    let graph = super::of(&project, view);
    Some((segmentation(&graph).index, walk::stack(&graph).blast))
}

/// The texts after a fix.
fn changed(project: &Project<'_>, fix: &Fix) -> Option<Sources> {
    let mut sources = project.sources.clone();
    for (path, text) in fix.outcome(project.sources)? {
        sources.add(&path, text);
    }
    Some(sources)
}

/// The same deployment in another analysis.
fn same_view<'p>(project: &'p Project<'_>, view: &View) -> Option<&'p View> {
    let same =
        |other: &&View| other.name == view.name && other.folder == view.folder && other.files.len() == view.files.len();
    project.views.iter().find(same)
}

/// A name as messages show it.
fn shown(name: &str) -> String {
    shorten(name, 40)
}

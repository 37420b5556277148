//! The steps of a walk and the paths they make, each with what shows that it works and what would show that it happens.

use super::grip::Grip;
use super::search::{Effort, Found, Via, origin};
use super::ways::{By, Goal, Key, Move, NAME, Ways};
use crate::graph::model::{Evidence, Level, Link, ServiceId};
use crate::graph::outcome::{Path, Position, Step, Verb};
use crate::graph::visibility;
use crate::text::shorten;

/// The easiest path to each thing that is had, the easiest first. Nothing is listed that another path gives anyway, and nothing
/// that takes the host first: whoever has that has everything.
pub(super) fn paths(ways: &Ways<'_>, found: &Found) -> Vec<Path> {
    let mut ends = ends(ways, found);
    ends.sort_by_key(|&(effort, place, goal)| (effort, place, goal));
    ends.into_iter()
        .filter_map(|((cost, _), _, goal)| Some(Path { to: position(goal), cost, steps: trace(ways, found, goal)? }))
        .collect()
}

/// Where the paths lead, and how hard each is.
pub(in crate::graph) fn ends(ways: &Ways<'_>, found: &Found) -> Vec<(Effort, usize, Goal)> {
    let mut ends = Vec::new();
    for service in 0..ways.graph.services.len() {
        let place = ways.rank.get(service).copied().unwrap_or(service);
        let mut easiest: Option<Effort> = None;
        for level in [Level::Root, Level::User, Level::Data] {
            let Some((effort, grip)) = found.easiest(service, |grip| grip.level() == level) else { continue };
            let is_start = service == found.start && (effort.0 == 0 || !grip.executes());
            if !is_start && easiest.is_none_or(|known| effort < known) {
                ends.push((effort, place, Goal::At(service, grip)));
            }
            easiest = Some(easiest.map_or(effort, |known| known.min(effort)));
        }
    }
    let services = ways.graph.services.len();
    ends.extend(found.effort(Goal::Host).map(|effort| (effort, services, Goal::Host)));
    for external in 0..ways.graph.externals.len() {
        let place = services + 1 + ways.external_rank.get(external).copied().unwrap_or(external);
        ends.extend(found.effort(Goal::External(external)).map(|effort| (effort, place, Goal::External(external))));
    }
    ends
}

/// The last step to something; `None` for the start.
pub(super) fn last(ways: &Ways<'_>, found: &Found, goal: Goal) -> Option<Step> {
    let (cost, _) = found.effort(goal)?;
    let via = found.via(goal)?;
    let before = found.effort(origin(via))?.0;
    let mut step = match via {
        Via::Move { from, index } => by_move(ways, from, goal, ways.from.get(from.0)?.moves.get(index)?),
        Via::Key { from, holder, index } => by_key(ways, from, holder, ways.from.get(holder)?.keys.get(index)?),
    };
    step.cost = u8::try_from(cost.saturating_sub(before)).unwrap_or(u8::MAX);
    step.shown_by = visibility::shows(ways.graph, step.verb, step.from, step.to);
    Some(step)
}

/// What is had, as the outcome says it.
pub(super) fn position(goal: Goal) -> Position {
    match goal {
        Goal::At(service, grip) => Position::At(service, grip.level()),
        Goal::Host => Position::Host,
        Goal::External(external) => Position::External(external),
    }
}

fn trace(ways: &Ways<'_>, found: &Found, goal: Goal) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut at = goal;
    while let Some(via) = found.via(at) {
        steps.push(last(ways, found, at)?);
        at = origin(via);
    }
    steps.reverse();
    Some(steps)
}

fn by_move(ways: &Ways<'_>, from: (ServiceId, Grip), goal: Goal, one: &Move<'_>) -> Step {
    let (reason, evidence, cause) = match one.by {
        By::Door(door) => (door.reason.clone(), &door.evidence, &door.cause),
        By::Influence(influence) => (influence.reason.clone(), &influence.evidence, &influence.cause),
        By::Escape(escape) => (escape.reason.clone(), &escape.evidence, &escape.cause),
        By::Secret(secret) => {
            let name = shorten(&secret.name, NAME);
            let reason = match goal {
                Goal::At(service, _) => format!("{} logs in at {} with {name}", ways.name(from.0), ways.name(service)),
                Goal::External(external) => {
                    let system = ways.graph.externals.get(external).map_or("", |one| one.name.as_str());
                    format!("{name} opens {}", shorten(system, NAME))
                }
                Goal::Host => name,
            };
            (reason, &secret.evidence, &secret.cause)
        }
    };
    let verb = match goal {
        Goal::Host => Verb::Escape,
        Goal::At(_, grip) if grip.executes() => Verb::Execute,
        _ => Verb::Access,
    };
    let cause = cause.clone().or_else(|| one.link.and_then(|link| link.cause.clone()));
    Step { reason, cause, ..bare(from, goal, verb, one.link, evidence) }
}

fn by_key(ways: &Ways<'_>, from: (ServiceId, Grip), holder: ServiceId, key: &Key<'_>) -> Step {
    let secret = shorten(&key.secret.name, NAME);
    let read = if holder == from.0 { String::new() } else { format!(", read in {},", ways.name(holder)) };
    let who = if key.secret.superuser { " as an administrator" } else { "" };
    let link = ways.hop(from.0, key.opens, None).map(|hop| hop.link);
    let goal = Goal::At(key.opens, key.grip);
    Step {
        reason: format!("{secret}{read} logs in at {}{who}", ways.name(key.opens)),
        cause: key.secret.cause.clone().or_else(|| link.and_then(|link| link.cause.clone())),
        ..bare(from, goal, Verb::Access, link, &key.secret.evidence)
    }
}

/// A step without what only its kind knows.
fn bare(from: (ServiceId, Grip), goal: Goal, verb: Verb, link: Option<&Link>, evidence: &[Evidence]) -> Step {
    let shown = link.map_or(&[][..], |link| &link.evidence);
    Step {
        from: Position::At(from.0, from.1.level()),
        to: position(goal),
        verb,
        cost: 0,
        reason: String::new(),
        link: link.map(|link| link.kind),
        networks: link.map(|link| link.networks.clone()).unwrap_or_default(),
        evidence: shown.iter().chain(evidence).cloned().collect(),
        cause: None,
        shown_by: Vec::new(),
    }
}

//! Which single change cuts the most: for each cause that breaches lean on, the stack is walked again as if it were not there.

use super::blast;
use super::model::{Cause, Graph, ServiceId};
use super::outcome::Cut;
use super::walk;
use super::walk::search::{Effort, Found, causes_of, origin, search};
use super::walk::steps::ends;
use super::walk::ways::{CauseId, Goal, Ways};

/// How many causes are tried, and how many are told.
const TRIED: usize = 40;
const TOLD: usize = 3;
/// How many moves all walks together may look at, so that a very large stack takes no longer than a large one.
const MOVES: usize = 4_000_000;

/// The three changes that cut the most, the best first.
#[must_use]
pub fn cuts(graph: &Graph) -> Vec<Cut> {
    of(&Ways::of(graph), &walk::starts(graph))
}

/// A walk from one start: how much is lost, and how hard it is to get to each end.
struct Before {
    start: ServiceId,
    score: u8,
    ends: Vec<(Goal, u32)>,
    causes: Vec<CauseId>,
}

/// The same, from what is worked out already.
pub(super) fn of(ways: &Ways<'_>, starts: &[ServiceId]) -> Vec<Cut> {
    let mut on_paths: Vec<CauseId> = Vec::new();
    let mut walks = Vec::with_capacity(starts.len());
    for &start in starts {
        let found = search(ways, start, None);
        let ends = ends(ways, &found);
        on_paths.extend(ends.iter().flat_map(|&(_, _, goal)| along(ways, &found, goal)));
        walks.push(Before {
            start,
            score: blast::score(ways, &found, None),
            ends: ends.into_iter().map(|((cost, _), _, goal)| (goal, cost)).collect(),
            causes: found.causes(ways),
        });
    }
    let before = blast::of_stack(ways.graph, &walks.iter().map(|walk| (walk.start, walk.score)).collect::<Vec<_>>());
    let mut cuts: Vec<Cut> = candidates(ways, &walks, on_paths)
        .into_iter()
        .filter_map(|cause| cut(ways, &walks, before, cause))
        .filter(|cut| cut.after < before || cut.paths_cut > 0)
        .collect();
    cuts.sort_by(|a, b| (a.after, b.paths_cut, text(&a.cause)).cmp(&(b.after, a.paths_cut, text(&b.cause))));
    cuts.truncate(TOLD);
    cuts
}

fn text(cause: &Cause) -> (&str, &Cause) {
    (&cause.change, cause)
}

/// Causes to try: those on the paths that were found first, each once.
fn candidates(ways: &Ways<'_>, walks: &[Before], mut on_paths: Vec<CauseId>) -> Vec<CauseId> {
    on_paths.sort_unstable();
    on_paths.dedup();
    let mut others: Vec<CauseId> = walks.iter().flat_map(|walk| walk.causes.iter().copied()).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|cause| on_paths.binary_search(cause).is_err());
    let moves: usize = ways.from.iter().map(|from| from.moves.len() + from.keys.len() + 1).sum();
    let tried = (MOVES / moves.saturating_mul(walks.len()).max(1)).clamp(TOLD, TRIED);
    on_paths.into_iter().chain(others).take(tried).collect()
}

/// What a change takes away.
fn cut(ways: &Ways<'_>, walks: &[Before], before: u8, cause: CauseId) -> Option<Cut> {
    let mut paths_cut = 0;
    let mut scores = Vec::with_capacity(walks.len());
    for walk in walks {
        if walk.causes.binary_search(&cause).is_err() {
            scores.push((walk.start, walk.score));
            continue;
        }
        let after = search(ways, walk.start, Some(cause));
        let is_cut = |&&(goal, cost): &&(Goal, u32)| effort(&after, goal).is_none_or(|now| now.0 > cost);
        paths_cut += walk.ends.iter().filter(is_cut).count();
        scores.push((walk.start, blast::score(ways, &after, Some(cause))));
    }
    let cause = ways.causes.get(usize::try_from(cause).ok()?)?;
    Some(Cut { cause: (*cause).clone(), paths_cut, before, after: blast::of_stack(ways.graph, &scores) })
}

/// How hard it is to have as much as that, or more.
fn effort(found: &Found, goal: Goal) -> Option<Effort> {
    match goal {
        Goal::At(service, grip) => {
            found.easiest(service, |other| other.level() >= grip.level()).map(|(effort, _)| effort)
        }
        _ => found.effort(goal),
    }
}

/// The causes along the easiest path to something.
pub(super) fn along(ways: &Ways<'_>, found: &Found, goal: Goal) -> Vec<CauseId> {
    let mut causes = Vec::new();
    let mut at = goal;
    while let Some(via) = found.via(at) {
        causes.extend(causes_of(ways, via).into_iter().flatten());
        at = origin(via);
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::super::model::{Door, DoorKind, Level, Tier};
    use super::super::walk::stack;
    use super::super::walk::tests::{cause, door, escape, shop};
    use super::*;

    #[test]
    fn the_change_that_cuts_the_most_comes_first() {
        let cuts = cuts(&shop());
        let changes: Vec<&str> = cuts.iter().map(|cut| cut.cause.change.as_str()).collect();
        assert_eq!(changes, ["Mend: redis has no password", "Mend: the engine's socket is mounted"]);
        assert!(cuts[0].after < cuts[0].before);
        assert!(cuts[0].paths_cut > cuts[1].paths_cut || cuts[0].after < cuts[1].after);
    }

    #[test]
    fn what_a_cut_promises_is_what_a_stack_without_it_has() {
        let graph = shop();
        for cut in cuts(&graph) {
            assert_eq!(stack(&graph.without(&cut.cause)).blast, cut.after);
        }
    }

    #[test]
    fn one_change_may_close_several_doors() {
        let mut graph = shop();
        let both = cause("Turn it on everywhere");
        graph.services[2].doors[0].cause = Some(both.clone());
        graph.services[3].doors.push(Door { cause: Some(both.clone()), ..door(DoorKind::AdminApi, Level::User, "a") });
        graph.services[4].escapes.push(escape(Tier::T3, "far from everything"));
        let cuts = cuts(&graph);
        assert_eq!(cuts[0].cause, both);
        assert!(cuts.iter().all(|cut| cut.cause.change != "Mend: far from everything"));
    }

    #[test]
    fn nothing_to_cut_is_no_cut() {
        let mut graph = shop();
        graph.influences.clear();
        graph.services[2].doors.clear();
        graph.services[3].escapes.clear();
        assert!(cuts(&graph).is_empty());
    }
}

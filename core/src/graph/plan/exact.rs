//! The best groups, searched for: each needed pair goes into one of the groups or starts a new one, and what cannot become cheaper
//! than the best known choice is not looked at.

use super::field::{Field, NETWORK, Set, bits};

/// Services up to which the search is tried.
const MOST: usize = 12;
/// Prices that one search may ask for.
const BUDGET: u32 = 2_000_000;
/// What a pair costs where none is allowed.
const NEVER: u32 = 100_000;

/// Better groups than those found greedily, where there are any, and whether no better ones exist. With `strict` no pair may be
/// joined that does not have to.
pub(super) fn improve(field: &Field, greedy: Vec<Set>, strict: bool) -> (Vec<Set>, bool) {
    if field.len() > MOST {
        return (greedy, false);
    }
    let mut search = Search::new(field, strict);
    search.best = field.cost(&greedy);
    search.go(0, &mut Vec::new(), search.free, 0);
    let exact = search.left > 0;
    match search.found {
        Some(found) => (found.into_iter().map(Set::from).collect(), exact),
        None => (greedy, exact),
    }
}

/// Pairs of services, one bit each.
type Pairs = u128;

struct Search {
    /// Needed pairs, each as the set of its two services.
    edges: Vec<u16>,
    /// The pairs of every set of services.
    pairs: Vec<Pairs>,
    /// What each pair costs.
    weights: Vec<u32>,
    /// Pairs that cost nothing.
    free: Pairs,
    best: u32,
    found: Option<Vec<u16>>,
    left: u32,
}

impl Search {
    fn new(field: &Field, strict: bool) -> Self {
        let mut weights = Vec::new();
        let mut free: Pairs = 0;
        let mut edges = Vec::new();
        let open = field.free();
        for b in 0..field.len() {
            for a in 0..b {
                if open.get(a).is_some_and(|row| row & (1 << b) != 0) {
                    free |= 1 << weights.len();
                }
                if field.needs(a) & (1 << b) != 0 {
                    edges.push((1 << a) | (1 << b));
                }
                weights.push(if strict { NEVER } else { field.weight(a, b) });
            }
        }
        edges.sort_unstable_by_key(|edge: &u16| edge.reverse_bits());
        edges.reverse();
        Self { edges, pairs: pairs_of_sets(field.len()), weights, free, best: u32::MAX, found: None, left: BUDGET }
    }

    fn pairs_of(&self, set: u16) -> Pairs {
        self.pairs.get(usize::from(set)).copied().unwrap_or(0)
    }

    /// What it costs to put a pair of services into a group.
    fn price(&mut self, group: u16, edge: u16, joined: Pairs) -> u32 {
        self.left = self.left.saturating_sub(1);
        let new = self.pairs_of(group | edge) & !joined;
        bits(new).filter_map(|pair| self.weights.get(pair)).sum()
    }

    fn go(&mut self, from: usize, groups: &mut Vec<u16>, joined: Pairs, cost: u32) {
        let held = |edge: &u16| groups.iter().any(|group| group & edge == *edge);
        let next = (from..self.edges.len()).find(|&at| self.edges.get(at).is_some_and(|edge| !held(edge)));
        let Some(at) = next else {
            if cost < self.best {
                self.best = cost;
                self.found = Some(groups.clone());
            }
            return;
        };
        if self.left == 0 || cost + self.least(at, groups, joined, self.best.saturating_sub(cost)) >= self.best {
            return;
        }
        let edge = self.edges.get(at).copied().unwrap_or(0);
        let mut choices: Vec<(u32, usize)> = (0..groups.len())
            .map(|place| (self.price(groups.get(place).copied().unwrap_or(0), edge, joined), place))
            .collect();
        choices.push((NETWORK, groups.len()));
        choices.sort_unstable();
        for (price, place) in choices {
            if cost + price >= self.best {
                return;
            }
            let before = groups.get(place).copied();
            match groups.get_mut(place) {
                Some(group) => *group |= edge,
                None => groups.push(edge),
            }
            let joined = joined | self.pairs_of(groups.get(place).copied().unwrap_or(0));
            self.go(at + 1, groups, joined, cost + price);
            match (before, groups.get_mut(place)) {
                (Some(before), Some(group)) => *group = before,
                _ => {
                    groups.pop();
                }
            }
        }
    }

    /// What the pairs that are left cost at least: a network for each of those that neither fit a group nor go together.
    fn least(&mut self, from: usize, groups: &[u16], joined: Pairs, limit: u32) -> u32 {
        let mut apart: Vec<u16> = Vec::new();
        for at in from..self.edges.len() {
            let edge = self.edges.get(at).copied().unwrap_or(0);
            let fits = groups.iter().chain(&apart).any(|&group| self.price(group, edge, joined) < limit);
            if !fits {
                apart.push(edge);
            }
        }
        NETWORK * u32::try_from(apart.len()).unwrap_or(u32::MAX / NETWORK)
    }
}

/// The pairs of every set of so many services; a pair's place is that of its larger member's row.
fn pairs_of_sets(services: usize) -> Vec<Pairs> {
    let mut all: Vec<Pairs> = vec![0; 1 << services];
    for set in 1..all.len() {
        let Some(top) = set.checked_ilog2().map(|top| top as usize) else { continue };
        let rest = set & !(1 << top);
        let row = top * top.saturating_sub(1) / 2;
        let mut pairs = all.get(rest).copied().unwrap_or(0);
        for other in 0..top {
            if rest & (1 << other) != 0 {
                pairs |= 1 << (row + other);
            }
        }
        if let Some(entry) = all.get_mut(set) {
            *entry = pairs;
        }
    }
    all
}

//! Groups of services that together hold every needed pair, and how they are joined to fewer.

use super::field::{Field, NETWORK, Set, bit, bits, join};
use std::collections::BTreeMap;

/// Groups up to which every two of them are compared.
const COMPARED: usize = 64;

/// Groups in which everybody needs everybody, that together hold every needed pair.
pub(super) fn cover(field: &Field) -> Vec<Set> {
    let mut open = field.needed.clone();
    let mut groups = Vec::new();
    for first in 0..field.len() {
        while let Some(second) = open.get(first).and_then(|row| bits(*row).next()) {
            let mut group = bit(first) | bit(second);
            for other in bits(field.needs(first) & field.needs(second)) {
                let fits = group & !field.needs(other) == 0;
                if fits && open.get(other).is_some_and(|row| row & group != 0) {
                    group |= bit(other);
                }
            }
            for member in bits(group) {
                if let Some(row) = open.get_mut(member) {
                    *row &= !group;
                }
            }
            groups.push(group);
        }
    }
    drop_spare(field, &mut groups);
    groups
}

/// Joins two groups as long as that lowers the cost.
pub(super) fn merge(field: &Field, groups: &mut Vec<Set>) {
    shrink(field, groups);
    while let Some((a, b, _)) = cheapest(field, groups, NETWORK) {
        unite(groups, a, b);
    }
    drop_spare(field, groups);
}

/// Joins the groups that cost least until there are few enough.
pub(super) fn fit(field: &Field, groups: &mut Vec<Set>, most: usize) {
    shrink(field, groups);
    while groups.len() > most.max(1) {
        let Some((a, b, _)) = cheapest(field, groups, u32::MAX) else { return };
        unite(groups, a, b);
        drop_spare(field, groups);
    }
}

/// The two groups that are joined at the least cost, below a limit.
fn cheapest(field: &Field, groups: &[Set], limit: u32) -> Option<(usize, usize, u32)> {
    let mut joined = field.free();
    for &group in groups {
        join(&mut joined, group);
    }
    let mut best: Option<(usize, usize, u32)> = None;
    for (i, &a) in groups.iter().enumerate() {
        for (j, &b) in groups.iter().enumerate().skip(i + 1) {
            let limit = best.map_or(limit, |(_, _, cost)| cost);
            if let Some(cost) = price(field, &joined, a, b, limit) {
                best = Some((i, j, cost));
            }
        }
    }
    best
}

/// What the new pairs of two joined groups cost; `None` when that reaches the limit.
fn price(field: &Field, joined: &[Set], a: Set, b: Set, limit: u32) -> Option<u32> {
    let mut cost = 0;
    for from in bits(a & !b) {
        for to in bits(b & !a & !joined.get(from).copied().unwrap_or(0)) {
            cost += field.weight(from, to);
            if cost >= limit {
                return None;
            }
        }
    }
    (cost < limit).then_some(cost)
}

fn unite(groups: &mut Vec<Set>, a: usize, b: usize) {
    let taken = groups.remove(b);
    if let Some(group) = groups.get_mut(a) {
        *group |= taken;
    }
}

/// Removes groups whose needed pairs others hold as well.
fn drop_spare(field: &Field, groups: &mut Vec<Set>) {
    if groups.len() > COMPARED {
        return;
    }
    let mut at = groups.len();
    while at > 0 {
        at -= 1;
        let Some(&group) = groups.get(at) else { continue };
        let others = || groups.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, set)| *set);
        let held = |a: usize| others().filter(|set| set & bit(a) != 0).fold(0, |all, set| all | set);
        if bits(group).all(|a| field.needs(a) & group & !held(a) == 0) {
            groups.remove(at);
        }
    }
}

/// Brings very many groups down to a number that can be compared: those around the same service first, then whichever stand
/// next to each other.
fn shrink(field: &Field, groups: &mut Vec<Set>) {
    if groups.len() <= COMPARED {
        return;
    }
    let mut around: BTreeMap<usize, Set> = BTreeMap::new();
    for &group in groups.iter() {
        let busiest = bits(group).max_by_key(|&place| (field.needs(place).count_ones(), usize::MAX - place));
        *around.entry(busiest.unwrap_or(0)).or_default() |= group;
    }
    *groups = around.into_values().collect();
    if groups.len() > COMPARED {
        *groups = groups.chunks(2).map(|pair| pair.iter().fold(0, |all, group| all | group)).collect();
    }
}

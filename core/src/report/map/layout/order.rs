//! Which column a service stands in, and in which order: neighbours near each other, few lines across others, members of a network
//! together.

use super::small;
use crate::report::stack::ViewV1;

/// Groups of services and the titles of their columns, from left to right.
const GROUPS: [(&str, &str); 4] =
    [("edge", "Edge"), ("app", "Application"), ("data", "Data"), ("operations", "Operations")];
/// Where a service goes that nothing is known of.
const APP: usize = 1;
/// Times that every column is sorted anew.
const SWEEPS: usize = 8;
/// More pairs than this are sorted without counting crossings.
const MOST_COUNTED: usize = 300;
/// More services or pairs than this are not improved swap by swap.
const MOST_SWAPPED: (usize, usize) = (40, 80);

/// Pairs and networks that an order is judged by.
struct Judge<'a> {
    pairs: &'a [(usize, usize)],
    networks: &'a [(usize, Vec<usize>)],
    services: usize,
}

/// The columns that hold services, each in its order. `pairs` are those that a line is drawn for because they need each other.
pub(super) fn columns(
    view: &ViewV1,
    pairs: &[(usize, usize)],
    networks: &[(usize, Vec<usize>)],
) -> Vec<(&'static str, Vec<usize>)> {
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); GROUPS.len()];
    for (id, service) in view.services.iter().enumerate() {
        let group = GROUPS.iter().position(|(name, _)| *name == service.group).unwrap_or(APP);
        if let Some(column) = columns.get_mut(group) {
            column.push(id);
        }
    }
    let judge = Judge { pairs, networks, services: view.services.len() };
    GROUPS.iter().map(|(_, title)| *title).zip(judge.order(columns)).filter(|(_, column)| !column.is_empty()).collect()
}

impl Judge<'_> {
    fn order(&self, columns: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let neighbours = self.neighbours();
        let counts = self.pairs.len() <= MOST_COUNTED;
        let mut best = columns.clone();
        let mut least = if counts { self.cost(&best) } else { usize::MAX };
        let mut now = columns;
        for sweep in 0..SWEEPS {
            for step in 0..now.len() {
                let column = if sweep % 2 == 0 { step } else { now.len() - 1 - step };
                self.sort(&mut now, column, &neighbours);
            }
            let cost = if counts { self.cost(&now) } else { 0 };
            if cost < least || !counts {
                (best, least) = (now.clone(), cost);
            }
        }
        if self.services <= MOST_SWAPPED.0 && self.pairs.len() <= MOST_SWAPPED.1 {
            self.swap(&mut best, least);
        }
        best
    }

    fn neighbours(&self) -> Vec<Vec<usize>> {
        let mut neighbours = vec![Vec::new(); self.services];
        for &(a, b) in self.pairs {
            for (one, other) in [(a, b), (b, a)] {
                if let Some(list) = neighbours.get_mut(one) {
                    list.push(other);
                }
            }
        }
        neighbours
    }

    /// Column and height of every service: rows above or below the middle, since columns are centred.
    fn heights(&self, columns: &[Vec<usize>]) -> Vec<(usize, f64)> {
        let mut heights = vec![(0, 0.0); self.services];
        for (column, members) in columns.iter().enumerate() {
            for (row, &service) in members.iter().enumerate() {
                if let Some(height) = heights.get_mut(service) {
                    *height = (column, small(row) - (small(members.len()) - 1.0) / 2.0);
                }
            }
        }
        heights
    }

    /// Sorts a column by the mean height of what each service needs or is needed by in the others.
    fn sort(&self, columns: &mut [Vec<usize>], column: usize, neighbours: &[Vec<usize>]) {
        let heights = self.heights(columns);
        let height = |service: usize| heights.get(service).copied().unwrap_or_default();
        let wanted = |service: usize| {
            let list = neighbours.get(service).map_or(&[][..], Vec::as_slice);
            let others: Vec<f64> = list
                .iter()
                .map(|&other| height(other))
                .filter(|(at, _)| *at != column)
                .map(|(_, height)| height)
                .collect();
            if others.is_empty() { height(service).1 } else { others.iter().sum::<f64>() / small(others.len()) }
        };
        if let Some(members) = columns.get_mut(column) {
            let mut keyed: Vec<(f64, usize)> = members.iter().map(|&service| (wanted(service), service)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *members = keyed.into_iter().map(|(_, service)| service).collect();
        }
    }

    /// Crossings count twice, each run of a network once: it is a hull of its own.
    fn cost(&self, columns: &[Vec<usize>]) -> usize {
        let heights = self.heights(columns);
        let height = |service: usize| heights.get(service).copied().unwrap_or_default();
        let lines: Vec<((usize, f64), (usize, f64))> = (self.pairs.iter())
            .map(|&(a, b)| (height(a), height(b)))
            .map(|(a, b)| if a.0 <= b.0 { (a, b) } else { (b, a) })
            .collect();
        let crossings = lines
            .iter()
            .enumerate()
            .map(|(index, a)| lines.iter().skip(index + 1).filter(|b| cross(*a, **b)).count())
            .sum::<usize>();
        2 * crossings + self.runs(columns)
    }

    fn runs(&self, columns: &[Vec<usize>]) -> usize {
        let mut runs = 0;
        for (_, members) in self.networks {
            for column in columns {
                let mut before = false;
                for service in column {
                    let here = members.contains(service);
                    runs += usize::from(here && !before);
                    before = here;
                }
            }
        }
        runs
    }

    /// Swaps neighbours in a column as long as that helps.
    fn swap(&self, columns: &mut [Vec<usize>], mut least: usize) {
        for _ in 0..4 {
            let before = least;
            for column in 0..columns.len() {
                for row in 1..columns.get(column).map_or(0, Vec::len) {
                    swap_rows(columns, column, row);
                    let cost = self.cost(columns);
                    if cost < least {
                        least = cost;
                    } else {
                        swap_rows(columns, column, row);
                    }
                }
            }
            if least == before {
                return;
            }
        }
    }
}

fn swap_rows(columns: &mut [Vec<usize>], column: usize, row: usize) {
    if let Some(members) = columns.get_mut(column) {
        members.swap(row - 1, row);
    }
}

/// Whether two lines between the same two columns cross.
fn cross(a: ((usize, f64), (usize, f64)), b: ((usize, f64), (usize, f64))) -> bool {
    a.0.0 == b.0.0 && a.1.0 == b.1.0 && a.0.0 != a.1.0 && (a.0.1 - b.0.1) * (a.1.1 - b.1.1) < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossed_lines_are_uncrossed() {
        let judge = Judge { pairs: &[(0, 3), (1, 2)], networks: &[], services: 4 };
        let columns = judge.order(vec![vec![0, 1], vec![2, 3]]);
        assert_eq!(judge.cost(&columns), 0);
        assert_eq!(judge.cost(&[vec![0, 1], vec![2, 3]]), 2);
    }

    #[test]
    fn members_of_a_network_stand_together() {
        let networks = [(0, vec![0, 2])];
        let judge = Judge { pairs: &[], networks: &networks, services: 3 };
        assert_eq!(judge.runs(&judge.order(vec![vec![0, 1, 2]])), 1);
    }
}

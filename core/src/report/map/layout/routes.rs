//! Lines between boxes. One that has to get past a column goes through the space between two of its boxes, so that it never looks
//! as if it ended at a box on its way.

use super::{BOX_HEIGHT, BOX_WIDTH, Frame, LineKind, MOST_EXCESS, PlacedLine, Rect, Sub, coordinate, small};
use crate::report::stack::{MapServiceV1, ViewV1};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How far a line between two boxes of one column swings out at most.
pub(super) const BULGE: f64 = 48.0;

/// An end of a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Internet,
    Service(usize),
}

struct Line {
    kind: LineKind,
    from: Node,
    to: Node,
}

/// What lines there are, the important ones first: they choose their way first.
pub(super) struct Lines {
    lines: Vec<Line>,
    /// Excess pairs that get none.
    pub(super) hidden_excess: usize,
}

impl Lines {
    /// Services that have to talk.
    pub(super) fn pairs(&self) -> Vec<(usize, usize)> {
        let pair = |line: &Line| match (line.kind, line.from, line.to) {
            (LineKind::Needed | LineKind::Missing, Node::Service(from), Node::Service(to)) => Some((from, to)),
            _ => None,
        };
        self.lines.iter().filter_map(pair).collect()
    }

    /// Whether anything can be reached from outside.
    pub(super) fn exposes(&self) -> bool {
        self.lines.iter().any(|line| line.kind == LineKind::Exposed)
    }
}

/// The lines of a view.
pub(super) fn wanted(view: &ViewV1, ids: &BTreeMap<&str, usize>) -> Lines {
    let id = |name: &str| ids.get(name).copied();
    let ordered = |(a, b): &(String, String)| Some(order(id(a)?, id(b)?));
    let missing: BTreeSet<(usize, usize)> = view.segmentation.missing.iter().filter_map(ordered).collect();
    let mut seen: BTreeSet<(Node, Node)> = BTreeSet::new();
    let mut lines = Vec::new();
    for need in view.needs.iter().filter(|need| need.needed) {
        let (Some(from), Some(to)) = (id(&need.from), id(&need.to)) else { continue };
        if from != to && seen.insert((Node::Service(from), Node::Service(to))) {
            let kind = if missing.contains(&order(from, to)) { LineKind::Missing } else { LineKind::Needed };
            lines.push(Line { kind, from: Node::Service(from), to: Node::Service(to) });
        }
    }
    for link in view.links.iter().filter(|link| link.from == "internet") {
        let Some(to) = id(&link.to) else { continue };
        if seen.insert((Node::Internet, Node::Service(to))) {
            lines.push(Line { kind: LineKind::Exposed, from: Node::Internet, to: Node::Service(to) });
        }
    }
    let mut excess: Vec<(usize, usize)> = view.segmentation.excess.iter().filter_map(ordered).collect();
    let all = excess.len();
    if all > MOST_EXCESS {
        excess.sort_by_cached_key(|&(a, b)| Reverse(danger(view.services.get(a), view.services.get(b))));
        excess.truncate(MOST_EXCESS);
    }
    let hidden_excess = all - excess.len();
    lines.extend(excess.into_iter().map(|(a, b)| Line {
        kind: LineKind::Excess,
        from: Node::Service(a),
        to: Node::Service(b),
    }));
    Lines { lines, hidden_excess }
}

fn order(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

/// How much it matters that two services can talk without having to: which pairs are drawn when not all are.
fn danger(a: Option<&MapServiceV1>, b: Option<&MapServiceV1>) -> usize {
    let (Some(a), Some(b)) = (a, b) else { return 0 };
    let precious = |one: &MapServiceV1| matches!(one.group.as_str(), "data" | "operations");
    4 * usize::from((a.exposed && precious(b)) || (b.exposed && precious(a)))
        + 2 * usize::from(precious(a) || precious(b))
        + usize::from(a.group != b.group)
}

/// A side of a box where lines end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
}

/// An end of a line at a box.
struct Stop {
    node: Node,
    side: Side,
    /// Middle of the box at the other end: ends at a side are in the order of where they come from.
    other: f64,
    line: usize,
    is_start: bool,
}

/// Draws the lines, the unimportant ones first.
pub(super) fn draw(view: &ViewV1, frame: &Frame, lines: &Lines) -> Vec<PlacedLine> {
    let heights = heights(frame, &lines.lines);
    let mut used: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let name = |node: Node| match node {
        Node::Internet => "internet".to_owned(),
        Node::Service(id) => view.services.get(id).map(|service| service.name.clone()).unwrap_or_default(),
    };
    let mut placed: Vec<PlacedLine> = (lines.lines.iter().zip(&heights))
        .map(|(line, ends)| PlacedLine {
            kind: line.kind,
            from: name(line.from),
            to: name(line.to),
            d: path(frame, line, *ends, &mut used),
        })
        .collect();
    placed.sort_by_key(|line| line.kind);
    placed
}

/// Columns are counted from 1, so that the machines outside stand in 0.
fn column(frame: &Frame, node: Node) -> usize {
    match node {
        Node::Internet => 0,
        Node::Service(id) => frame.column(id) + 1,
    }
}

fn rect(frame: &Frame, node: Node) -> Rect {
    match node {
        Node::Internet => frame.internet.unwrap_or_default(),
        Node::Service(id) => frame.rect(id),
    }
}

/// Which sides a line leaves from and comes to.
fn sides(frame: &Frame, line: &Line) -> (Side, Side) {
    match column(frame, line.from).cmp(&column(frame, line.to)) {
        std::cmp::Ordering::Less => (Side::Right, Side::Left),
        std::cmp::Ordering::Greater => (Side::Left, Side::Right),
        std::cmp::Ordering::Equal => (Side::Right, Side::Right),
    }
}

/// Where each line starts and ends: spread over the side of the box.
fn heights(frame: &Frame, lines: &[Line]) -> Vec<(f64, f64)> {
    let mut stops = Vec::with_capacity(2 * lines.len());
    for (index, line) in lines.iter().enumerate() {
        let (start, end) = sides(frame, line);
        for (node, side, other, is_start) in [(line.from, start, line.to, true), (line.to, end, line.from, false)] {
            stops.push(Stop { node, side, other: rect(frame, other).middle(), line: index, is_start });
        }
    }
    stops.sort_by(|a, b| {
        (a.node, a.side).cmp(&(b.node, b.side)).then(a.other.total_cmp(&b.other)).then(a.line.cmp(&b.line))
    });
    let mut heights = vec![(0.0, 0.0); lines.len()];
    for group in stops.chunk_by(|a, b| (a.node, a.side) == (b.node, b.side)) {
        for (place, stop) in group.iter().enumerate() {
            let y = rect(frame, stop.node).y + 6.0 + (BOX_HEIGHT - 12.0) * small(place + 1) / small(group.len() + 1);
            match heights.get_mut(stop.line) {
                Some(ends) if stop.is_start => ends.0 = y,
                Some(ends) => ends.1 = y,
                None => {}
            }
        }
    }
    heights
}

fn path(frame: &Frame, line: &Line, ends: (f64, f64), used: &mut BTreeMap<(usize, usize), usize>) -> String {
    let (from, to) = (column(frame, line.from), column(frame, line.to));
    let right = |node| rect(frame, node).right();
    if from == to {
        let rows = (rect(frame, line.from).y - rect(frame, line.to).y).abs() / (BOX_HEIGHT + frame.gap);
        let out = right(line.from) + (16.0 + 6.0 * rows).min(BULGE);
        return format!(
            "M{edge} {y1}C{out} {y1} {out} {y2} {edge} {y2}",
            edge = coordinate(right(line.from)),
            out = coordinate(out),
            y1 = coordinate(ends.0),
            y2 = coordinate(ends.1)
        );
    }
    let forward = from < to;
    let (first, last) = if forward { (line.from, line.to) } else { (line.to, line.from) };
    let (y1, y2) = if forward { ends } else { (ends.1, ends.0) };
    let (start, end) = ((right(first), y1), (rect(frame, last).x, y2));
    let mut points = vec![start];
    // Columns of services strictly between: their own count starts at 0.
    for index in from.min(to)..from.max(to) - 1 {
        let Some(sub) = frame.subs.get(index) else { continue };
        let share = (sub.x + BOX_WIDTH / 2.0 - start.0) / (end.0 - start.0);
        let y = passage(frame, (index, sub), y1 + (y2 - y1) * share, used);
        points.extend([(sub.x, y), (sub.x + BOX_WIDTH, y)]);
    }
    points.push(end);
    if !forward {
        points.reverse();
    }
    through(&points)
}

/// The height at which a line passes a column: through the space between two boxes that is nearest to the straight line, beside
/// the lines that are there already, or outside of all boxes.
fn passage(frame: &Frame, (index, sub): (usize, &Sub), ideal: f64, used: &mut BTreeMap<(usize, usize), usize>) -> f64 {
    let half = frame.gap / 2.0;
    let rects: Vec<Rect> = sub.members.iter().map(|&service| frame.rect(service)).collect();
    let (Some(first), Some(last)) = (rects.first(), rects.last()) else { return ideal };
    if ideal < first.y - frame.gap || ideal > last.bottom() + frame.gap {
        return ideal;
    }
    let spaces = std::iter::once(first.y - half).chain(rects.iter().map(|rect| rect.bottom() + half));
    let nearest = spaces.enumerate().min_by(|(_, a), (_, b)| (a - ideal).abs().total_cmp(&(b - ideal).abs()));
    let Some((space, middle)) = nearest else { return ideal };
    let before = used.entry((index, space)).or_insert(0);
    let step = before.div_ceil(2) % 4;
    let offset = 4.0 * small(step) * if before.is_multiple_of(2) { 1.0 } else { -1.0 };
    *before += 1;
    middle + offset
}

/// Curves between columns, straight past them.
fn through(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (index, pair) in points.windows(2).enumerate() {
        let [(x1, y1), (x2, y2)] = pair else { continue };
        if index == 0 {
            let _ = write!(d, "M{} {}", coordinate(*x1), coordinate(*y1));
        }
        if index % 2 == 1 {
            let _ = write!(d, "H{}", coordinate(*x2));
            continue;
        }
        let [middle, y1, x2, y2] = [(x1 + x2) / 2.0, *y1, *x2, *y2].map(coordinate);
        let _ = write!(d, "C{middle} {y1} {middle} {y2} {x2} {y2}");
    }
    d
}

//! The map of a deployment as text and pictures: who can reach whom, who has to, and what is open to the outside. Each renderer
//! needs nothing but a view of the document, so the page and the command line show the same.

pub mod dot;
pub mod layout;
pub mod matrix;
pub mod mermaid;
pub mod svg;
#[cfg(test)]
mod testing;

use crate::report::stack::ViewV1;
use layout::LineKind;
use std::collections::BTreeSet;

/// Excess pairs that a graph language gets: with more, nothing of the picture could be read.
const MOST_EXCESS: usize = 60;

/// Services that can be reached from outside, each once.
fn outside(view: &ViewV1) -> impl Iterator<Item = &str> {
    let mut seen = BTreeSet::new();
    let links = view.links.iter().filter(|link| link.from == "internet" && !link.to.starts_with("external:"));
    links.map(|link| link.to.as_str()).filter(move |name| seen.insert(*name))
}

/// Conversations to draw: needed ones with their direction, then excess pairs.
fn edges(view: &ViewV1) -> Vec<(LineKind, &str, &str)> {
    let missing = &view.segmentation.missing;
    let is_missing =
        |from: &str, to: &str| missing.iter().any(|(a, b)| (a == from && b == to) || (a == to && b == from));
    let needed = view.needs.iter().filter(|need| need.needed).map(|need| {
        let kind = if is_missing(&need.from, &need.to) { LineKind::Missing } else { LineKind::Needed };
        (kind, need.from.as_str(), need.to.as_str())
    });
    let excess = view.segmentation.excess.iter().take(MOST_EXCESS);
    needed.chain(excess.map(|(a, b)| (LineKind::Excess, a.as_str(), b.as_str()))).collect()
}

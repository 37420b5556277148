//! Networks around their members: tracks, drops and hulls, or numbered tabs with a key.

use super::{
    BOX_WIDTH, DROP, Frame, Layout, MARGIN, MOST_HULLS, PAD, PlacedNetwork, PlacedTab, Rect, TITLE, TRACK, coordinate,
    rounded, small,
};
use crate::report::stack::ViewV1;
use std::fmt::Write as _;

/// Size of a tab.
const TAB: (f64, f64) = (16.0, 12.0);

/// Draws the networks of a view.
pub(super) fn draw(view: &ViewV1, frame: &Frame, layout: &mut Layout) {
    if frame.has_hulls() {
        layout.networks = (0..frame.networks.len()).filter_map(|slot| hull(view, frame, slot)).collect();
    } else {
        tabs(view, frame, layout);
    }
}

/// The network of a slot: the largest is outermost.
fn hull(view: &ViewV1, frame: &Frame, slot: usize) -> Option<PlacedNetwork> {
    let (index, members) = frame.networks.get(slot)?;
    let network = view.networks.get(*index)?;
    let inner = small(frame.networks.len() - 1 - slot);
    let pad = 7.0 + PAD * inner;
    let track = MARGIN + TITLE + TRACK * (small(slot) + 0.5);
    let (mut d, mut spine, mut end) = (String::new(), String::new(), MARGIN);
    for sub in &frame.subs {
        let runs = runs(&sub.members, members);
        let Some(last) = runs.last() else { continue };
        // The outermost hull has the nearest drop, so that its stub crosses no other.
        let drop = sub.x - frame.pad - DROP * small(slot + 1);
        let stub = |rect: &Rect| rect.middle() + 4.0 * (inner - small(frame.networks.len() - 1) / 2.0);
        let rect_of = |run: &(usize, usize)| {
            let (first, last) = (frame.rect(run.0), frame.rect(run.1));
            Rect { height: last.bottom() - first.y, ..first }
        };
        let _ = write!(spine, "M{} {}V{}", coordinate(drop), coordinate(track), coordinate(stub(&rect_of(last))));
        for run in &runs {
            let rect = rect_of(run);
            d.push_str(&rounded(rect.grown(pad), 8.0 + pad / 2.0));
            let _ = write!(spine, "M{} {}H{}", coordinate(drop), coordinate(stub(&rect)), coordinate(sub.x - pad));
        }
        end = end.max(drop);
    }
    let _ = write!(spine, "M{} {}H{}", coordinate(MARGIN), coordinate(track), coordinate(end));
    Some(PlacedNetwork {
        name: network.name.clone(),
        internal: network.internal,
        d,
        spine,
        label: (MARGIN, track - 4.0),
        colour: colour(slot),
        number: slot + 1,
    })
}

/// Members that stand next to each other in a column: the first and the last of each run.
fn runs(column: &[usize], members: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    for &service in column {
        if !members.contains(&service) {
            open = false;
            continue;
        }
        match runs.last_mut() {
            Some(run) if open => run.1 = service,
            _ => runs.push((service, service)),
        }
        open = true;
    }
    runs
}

fn tabs(view: &ViewV1, frame: &Frame, layout: &mut Layout) {
    let mut of_service: Vec<Vec<usize>> = vec![Vec::new(); view.services.len()];
    for (slot, (_, members)) in frame.networks.iter().enumerate() {
        for &member in members {
            if let Some(slots) = of_service.get_mut(member) {
                slots.push(slot);
            }
        }
    }
    for (service, slots) in of_service.iter().enumerate() {
        let rect = frame.rect(service);
        let step = TAB.0.min((BOX_WIDTH - 12.0 - TAB.0) / small(slots.len().max(2) - 1));
        for (place, &slot) in slots.iter().enumerate() {
            let at =
                Rect { x: rect.x + 6.0 + step * small(place), y: rect.y - TAB.1 / 2.0, width: TAB.0, height: TAB.1 };
            let service = view.services.get(service).map(|one| one.name.clone());
            layout.tabs.push(PlacedTab { number: slot + 1, colour: colour(slot), service, rect: at });
        }
    }
    key(view, frame, layout);
}

/// The key below the boxes: a tab and a name for each network.
fn key(view: &ViewV1, frame: &Frame, layout: &mut Layout) {
    let (mut right, mut bottom) = (MARGIN + BOX_WIDTH, frame.top);
    for one in &layout.boxes {
        (right, bottom) = (right.max(one.rect.right()), bottom.max(one.rect.bottom()));
    }
    let (mut x, mut y) = (MARGIN, bottom + frame.pad + 24.0);
    for (slot, (index, _)) in frame.networks.iter().enumerate() {
        let Some(network) = view.networks.get(*index) else { continue };
        if x + BOX_WIDTH > right {
            (x, y) = (MARGIN, y + TRACK);
        }
        let rect = Rect { x, y, width: TAB.0, height: TAB.1 };
        layout.tabs.push(PlacedTab { number: slot + 1, colour: colour(slot), service: None, rect });
        layout.networks.push(PlacedNetwork {
            name: network.name.clone(),
            internal: network.internal,
            d: String::new(),
            spine: String::new(),
            label: (x + TAB.0 + 6.0, y + TAB.1 - 2.0),
            colour: colour(slot),
            number: slot + 1,
        });
        x += BOX_WIDTH + MARGIN;
    }
}

fn colour(slot: usize) -> u8 {
    u8::try_from(slot % MOST_HULLS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn neighbours_in_a_column_make_one_run() {
        assert_eq!(runs(&[4, 1, 7, 2], &[1, 2, 4]), [(4, 1), (2, 2)]);
        assert!(runs(&[3], &[1]).is_empty());
    }
}

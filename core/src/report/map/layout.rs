//! Where services and networks stand on the map: the same for the page and for `--format svg`. Pure, deterministic; units are
//! SVG user units.
//!
//! Services stand in columns by what they are for, from the machines outside on the left to data and operations on the right; a
//! column of many wraps. Networks are drawn like buses: each has a track of its own above the boxes with its name at the left, a
//! drop beside each column it reaches, and a hull around each run of its members. More networks than colours are shown as
//! numbered tabs on the boxes, with a key below.

mod hulls;
mod order;
mod routes;
#[cfg(test)]
mod tests;

use crate::report::stack::ViewV1;
use std::collections::BTreeMap;

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    fn right(&self) -> f64 {
        self.x + self.width
    }

    fn bottom(&self) -> f64 {
        self.y + self.height
    }

    fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }

    fn grown(&self, by: f64) -> Self {
        Self { x: self.x - by, y: self.y - by, width: self.width + 2.0 * by, height: self.height + 2.0 * by }
    }
}

/// What a box is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoxKind {
    /// The machines outside.
    Internet,
    /// A service.
    Service,
}

/// A box: a service, or the internet.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedBox {
    /// Kind.
    pub kind: BoxKind,
    /// The service's name; `internet`.
    pub name: String,
    /// Where.
    pub rect: Rect,
}

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LineKind {
    /// Possible and not needed.
    Excess,
    /// From outside to a published port.
    Exposed,
    /// Needed and possible.
    Needed,
    /// Needed and not possible.
    Missing,
}

impl LineKind {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Excess => "excess",
            Self::Exposed => "exposed",
            Self::Needed => "needed",
            Self::Missing => "missing",
        }
    }
}

/// A line between two boxes, as a polyline or the control points of a curve, ready for SVG's `d`.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedLine {
    /// Kind.
    pub kind: LineKind,
    /// From which box.
    pub from: String,
    /// To which box. An excess pair has no direction.
    pub to: String,
    /// The path's `d`.
    pub d: String,
}

/// A network: rounded hulls around its members, drawn behind them, or a number in the key.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedNetwork {
    /// Its name.
    pub name: String,
    /// Whether it has no way out.
    pub internal: bool,
    /// The hulls' `d`, to be filled; empty when membership is shown by tabs.
    pub d: String,
    /// The `d` of what joins the hulls: a track above the boxes with a drop and stubs beside each column, to be stroked and not
    /// filled. Empty when membership is shown by tabs.
    pub spine: String,
    /// Where its name stands: left end of the text, on its baseline.
    pub label: (f64, f64),
    /// 0 to 7: its colour.
    pub colour: u8,
    /// 1, 2 …: what its tabs say.
    pub number: usize,
}

/// A small tab at the top edge of a box: the service is on the network of that number.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedTab {
    /// The network's number.
    pub number: usize,
    /// The network's colour.
    pub colour: u8,
    /// The service, or nothing for the tab in the key.
    pub service: Option<String>,
    /// Where.
    pub rect: Rect,
}

/// Everything on the map.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Layout {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Titles of the columns, with the middle of each. They stand at [`Self::title_y`].
    pub columns: Vec<(String, f64)>,
    /// Baseline of the columns' titles.
    pub title_y: f64,
    /// Boxes.
    pub boxes: Vec<PlacedBox>,
    /// Lines; excess ones first, so that needed ones lie over them.
    pub lines: Vec<PlacedLine>,
    /// Networks, the largest first.
    pub networks: Vec<PlacedNetwork>,
    /// Tabs, when there are more networks than colours; then no network has a hull.
    pub tabs: Vec<PlacedTab>,
    /// Excess pairs that are not drawn, so that the map stays readable; the matrix has all.
    pub hidden_excess: usize,
}

/// Width of a box: a name of 24 characters fits at 12 units.
const BOX_WIDTH: f64 = 184.0;
/// Height of a box: two lines of text.
const BOX_HEIGHT: f64 = 46.0;
/// Rows of a column before it wraps.
const ROWS: usize = 12;
/// Around everything.
const MARGIN: f64 = 20.0;
/// Height of the columns' titles.
const TITLE: f64 = 26.0;
/// Height of a network's track.
const TRACK: f64 = 20.0;
/// Room of a network's drop beside a column.
const DROP: f64 = 6.0;
/// How much further out the hull of the next larger network is.
const PAD: f64 = 5.0;
/// Networks that are drawn as hulls.
const MOST_HULLS: usize = 8;
/// Excess pairs that are drawn.
const MOST_EXCESS: usize = 40;

/// A column, or a part of one that wrapped.
struct Sub {
    x: f64,
    members: Vec<usize>,
}

/// Boxes in their places, before anything is drawn between them.
struct Frame {
    /// Columns of services, from left to right.
    subs: Vec<Sub>,
    /// Column and box of each service.
    places: Vec<(usize, Rect)>,
    /// The box of the machines outside.
    internet: Option<Rect>,
    /// Networks that are drawn: their place in the view and their members, the largest first.
    networks: Vec<(usize, Vec<usize>)>,
    /// Top of the highest box.
    top: f64,
    /// Between two boxes of a column.
    gap: f64,
    /// From the edge of a box to the edge of the outermost hull.
    pad: f64,
}

impl Frame {
    fn has_hulls(&self) -> bool {
        self.networks.len() <= MOST_HULLS
    }

    fn rect(&self, service: usize) -> Rect {
        self.places.get(service).map_or_else(Rect::default, |(_, rect)| *rect)
    }

    fn column(&self, service: usize) -> usize {
        self.places.get(service).map_or(0, |(column, _)| *column)
    }
}

/// Lays a view out.
#[must_use]
pub fn layout(view: &ViewV1) -> Layout {
    if view.services.is_empty() {
        return Layout::default();
    }
    let ids: BTreeMap<&str, usize> =
        view.services.iter().enumerate().map(|(id, one)| (one.name.as_str(), id)).collect();
    let lines = routes::wanted(view, &ids);
    let networks = networks(view, &ids);
    // Tabs do not care who stands beside whom.
    let hulls = if networks.len() <= MOST_HULLS { networks.as_slice() } else { &[] };
    let columns = order::columns(view, &lines.pairs(), hulls);
    let (frame, titles) = place(view, columns, networks, lines.exposes());
    let mut layout = Layout {
        columns: titles,
        title_y: MARGIN + TITLE - 10.0,
        boxes: boxes(view, &frame),
        hidden_excess: lines.hidden_excess,
        ..Layout::default()
    };
    layout.lines = routes::draw(view, &frame, &lines);
    hulls::draw(view, &frame, &mut layout);
    measure(&frame, &mut layout);
    layout
}

/// Networks with members, the largest first.
fn networks(view: &ViewV1, ids: &BTreeMap<&str, usize>) -> Vec<(usize, Vec<usize>)> {
    let mut networks: Vec<(usize, Vec<usize>)> = (view.networks.iter().enumerate())
        .map(|(index, network)| {
            (index, network.members.iter().filter_map(|name| ids.get(name.as_str()).copied()).collect())
        })
        .filter(|(_, members): &(usize, Vec<usize>)| !members.is_empty())
        .collect();
    networks.sort_by_key(|(index, members)| (std::cmp::Reverse(members.len()), *index));
    networks
}

/// Gives each service its box, and the columns their titles.
fn place(
    view: &ViewV1,
    columns: Vec<(&'static str, Vec<usize>)>,
    networks: Vec<(usize, Vec<usize>)>,
    exposes: bool,
) -> (Frame, Vec<(String, f64)>) {
    let hulls = if networks.len() <= MOST_HULLS { networks.len() } else { 0 };
    let hulls_f = small(hulls);
    let pad = if hulls == 0 { 4.0 } else { 7.0 + PAD * (hulls_f - 1.0) };
    let gap = (pad + 12.0).max(30.0);
    let gutter = 2.0 * pad + DROP * hulls_f + 56.0;
    let top = MARGIN + TITLE + TRACK * hulls_f + pad + 12.0;
    let mut frame = Frame {
        subs: Vec::new(),
        places: vec![(0, Rect::default()); view.services.len()],
        internet: None,
        networks,
        top,
        gap,
        pad,
    };
    let most = columns.iter().map(|(_, members)| rows(members.len())).max().unwrap_or(1);
    let height = |rows: usize| small(rows) * (BOX_HEIGHT + gap) - gap;
    let mut titles = Vec::new();
    let mut x = MARGIN;
    // The names of the tracks stand to the left of every drop, over the box of the machines outside.
    if exposes || hulls > 0 {
        if exposes {
            let y = top + (height(most) - BOX_HEIGHT) / 2.0;
            frame.internet = Some(Rect { x, y, width: BOX_WIDTH, height: BOX_HEIGHT });
            titles.push(("Internet".to_owned(), x + BOX_WIDTH / 2.0));
        }
        x += BOX_WIDTH + gutter;
    }
    for (title, members) in columns {
        let left = x;
        for chunk in members.chunks(rows(members.len())) {
            let mut y = top + (height(most) - height(chunk.len())) / 2.0;
            for &service in chunk {
                let rect = Rect { x, y, width: BOX_WIDTH, height: BOX_HEIGHT };
                if let Some(place) = frame.places.get_mut(service) {
                    *place = (frame.subs.len(), rect);
                }
                y += BOX_HEIGHT + gap;
            }
            frame.subs.push(Sub { x, members: chunk.to_vec() });
            x += BOX_WIDTH + gutter;
        }
        titles.push((title.to_owned(), (left + x - gutter) / 2.0));
    }
    (frame, titles)
}

/// Rows of a column of so many: at most [`ROWS`], the parts of one that wraps as long as each other.
fn rows(members: usize) -> usize {
    members.div_ceil(members.div_ceil(ROWS).max(1)).max(1)
}

fn boxes(view: &ViewV1, frame: &Frame) -> Vec<PlacedBox> {
    let outside = frame.internet.map(|rect| PlacedBox { kind: BoxKind::Internet, name: "internet".to_owned(), rect });
    let services = view.services.iter().enumerate().map(|(id, service)| PlacedBox {
        kind: BoxKind::Service,
        name: service.name.clone(),
        rect: frame.rect(id),
    });
    outside.into_iter().chain(services).collect()
}

/// The outer size: everything that is placed fits, curves and hulls too.
fn measure(frame: &Frame, layout: &mut Layout) {
    let right = layout.boxes.iter().map(|one| one.rect.right()).fold(0.0, f64::max);
    let mut bottom = layout.boxes.iter().map(|one| one.rect.bottom()).fold(0.0, f64::max) + frame.pad;
    bottom = layout.tabs.iter().map(|tab| tab.rect.bottom()).fold(bottom, f64::max);
    layout.width = right + frame.pad + routes::BULGE + MARGIN;
    layout.height = bottom + MARGIN;
}

/// A small number as a coordinate.
fn small(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A coordinate as text: one decimal at most, so that the same map is the same text everywhere.
fn coordinate(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A rounded rectangle as a closed part of a path.
fn rounded(rect: Rect, radius: f64) -> String {
    let [left, top, right, bottom, r] = [rect.x, rect.y, rect.right(), rect.bottom(), radius].map(coordinate);
    let [inner_left, inner_right] = [rect.x + radius, rect.right() - radius].map(coordinate);
    let [inner_top, inner_bottom] = [rect.y + radius, rect.bottom() - radius].map(coordinate);
    format!(
        "M{inner_left} {top}H{inner_right}A{r} {r} 0 0 1 {right} {inner_top}V{inner_bottom}A{r} {r} 0 0 1 {inner_right} \
         {bottom}H{inner_left}A{r} {r} 0 0 1 {left} {inner_bottom}V{inner_top}A{r} {r} 0 0 1 {inner_left} {top}Z"
    )
}

//! What the map and the matrix are drawn from: pairs, steps, arrows, and what shows a line or a box.

use plimsoll_core::report::map::layout::Rect;
use plimsoll_core::report::stack::{BreachV1, EvidenceV1, LinkV1, MapServiceV1, PositionV1, StepV1, ViewV1};
use std::collections::{BTreeMap, BTreeSet};

/// How two services stand to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pair {
    Needed,
    /// The other one needs it: only a cell of the matrix has a direction.
    NeededBy,
    Excess,
    Missing,
    Blocked,
}

impl Pair {
    pub(crate) const ALL: [Self; 5] = [Self::Needed, Self::NeededBy, Self::Excess, Self::Missing, Self::Blocked];

    /// Its sign: colours alone say nothing to some.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Needed => "●",
            Self::NeededBy => "←",
            Self::Excess => "○",
            Self::Missing => "✕",
            Self::Blocked => "·",
        }
    }

    /// What it means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::NeededBy => "needed by the column",
            Self::Excess => "possible, not needed",
            Self::Missing => "needed, not possible",
            Self::Blocked => "blocked",
        }
    }

    /// The end of its class names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::NeededBy => "needed-by",
            Self::Excess => "excess",
            Self::Missing => "missing",
            Self::Blocked => "blocked",
        }
    }
}

/// Every pair of a deployment that is not blocked.
pub(crate) struct Pairs<'a> {
    pairs: BTreeMap<(&'a str, &'a str), Pair>,
    /// How many needed and how many unneeded connections a service has.
    counts: BTreeMap<&'a str, (usize, usize)>,
    /// Who has to open a connection to whom.
    needs: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Pairs<'a> {
    pub(crate) fn new(view: &'a ViewV1) -> Self {
        let mut pairs = BTreeMap::new();
        let lists = [
            (&view.segmentation.needed, Pair::Needed),
            (&view.segmentation.excess, Pair::Excess),
            // A needed pair that cannot talk is on both lists; this one has the last word.
            (&view.segmentation.missing, Pair::Missing),
        ];
        for (list, pair) in lists {
            for (a, b) in list {
                pairs.insert(ordered(a, b), pair);
            }
        }
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (&(a, b), pair) in &pairs {
            for name in [a, b] {
                let count = counts.entry(name).or_default();
                match pair {
                    Pair::Needed | Pair::NeededBy => count.0 += 1,
                    Pair::Excess => count.1 += 1,
                    Pair::Missing | Pair::Blocked => {}
                }
            }
        }
        let needs = view.needs.iter().filter(|need| need.needed);
        let needs = needs.map(|need| (need.from.as_str(), need.to.as_str())).collect();
        Self { pairs, counts, needs }
    }

    /// How many needed and how many unneeded connections a service has.
    pub(crate) fn counts(&self, service: &str) -> (usize, usize) {
        self.counts.get(service).copied().unwrap_or_default()
    }

    /// How two services stand to each other.
    pub(crate) fn of(&self, a: &str, b: &str) -> Pair {
        self.pairs.get(&ordered(a, b)).copied().unwrap_or(Pair::Blocked)
    }

    /// How the service of a row stands to that of a column.
    pub(crate) fn cell(&self, row: &str, column: &str) -> Pair {
        match self.of(row, column) {
            Pair::Needed if !self.needs.contains(&(row, column)) => Pair::NeededBy,
            pair => pair,
        }
    }
}

fn ordered<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    if a <= b { (a, b) } else { (b, a) }
}

/// The steps of a breach, each once, in an order in which each is possible: the easiest path first.
pub(crate) fn steps(breach: &BreachV1) -> Vec<&StepV1> {
    let mut steps: Vec<&StepV1> = Vec::new();
    for step in breach.paths.iter().flat_map(|path| &path.steps) {
        if !steps.iter().any(|one| one.from == step.from && one.to == step.to && one.verb == step.verb) {
            steps.push(step);
        }
    }
    steps
}

/// A place in words.
pub(crate) fn place(position: &PositionV1) -> String {
    let name = end(&position.place);
    match position.level.as_deref() {
        Some("reached") | None => name,
        Some("data") => format!("{name} (its data)"),
        Some("user") => format!("{name} (code)"),
        Some(level) => format!("{name} ({level})"),
    }
}

/// An end of a connection in words.
pub(crate) fn end(name: &str) -> String {
    match name {
        "internet" => "the internet".to_owned(),
        "host" => "the host".to_owned(),
        "host-loopback" => "the host's 127.0.0.1".to_owned(),
        "metadata" => "the cloud's metadata service".to_owned(),
        name => name.strip_prefix("external:").unwrap_or(name).to_owned(),
    }
}

/// An arrow from one box to another, as a path: it begins and ends at their borders, bowed so that the way back is another line.
pub(crate) fn arrow(from: Rect, to: Rect) -> String {
    let (a, b) = (middle(from), middle(to));
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let bow = (length * 0.12).min(28.0);
    let bend = (f64::midpoint(a.0, b.0) - dy / length * bow, f64::midpoint(a.1, b.1) + dx / length * bow);
    let (start, stop) = (border(from, bend, 0.0), border(to, bend, 5.0));
    format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", start.0, start.1, bend.0, bend.1, stop.0, stop.1)
}

fn middle(rect: Rect) -> (f64, f64) {
    (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0)
}

/// Where the line from a box's middle to a point leaves the box, so far beyond its border.
fn border(rect: Rect, point: (f64, f64), beyond: f64) -> (f64, f64) {
    let (x, y) = middle(rect);
    let (dx, dy) = (point.0 - x, point.1 - y);
    let (half_width, half_height) = (rect.width / 2.0 + beyond, rect.height / 2.0 + beyond);
    let scale = (half_width / dx.abs().max(0.01)).min(half_height / dy.abs().max(0.01)).min(1.0);
    (x + dx * scale, y + dy * scale)
}

/// A text cut to a number of characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Something about a line or a box, and what shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fact {
    pub(crate) text: String,
    pub(crate) evidence: Vec<EvidenceV1>,
}

impl Fact {
    fn new(text: String, evidence: Vec<EvidenceV1>) -> Self {
        Self { text, evidence }
    }
}

/// What is known about a line between two boxes.
pub(crate) fn line_facts(view: &ViewV1, from: &str, to: &str) -> Vec<Fact> {
    let joins = |a: &str, b: &str| (a == from && b == to) || (a == to && b == from);
    let mut facts: Vec<Fact> = Vec::new();
    if from == "internet" || to == "internet" {
        let name = if from == "internet" { to } else { from };
        facts.extend(view.services.iter().filter(|service| service.name == name).flat_map(published));
    }
    facts.extend(view.needs.iter().filter(|need| need.needed && joins(&need.from, &need.to)).map(|need| {
        let text = format!("{} needs {} (certainty {} %)", end(&need.from), end(&need.to), need.confidence);
        Fact::new(text, vec![need.evidence.clone()])
    }));
    facts.extend(view.links.iter().filter(|link| joins(&link.from, &link.to)).map(link_fact));
    facts.dedup();
    facts
}

fn published(service: &MapServiceV1) -> impl Iterator<Item = Fact> {
    service.published.iter().map(|port| {
        let target = port.target.map_or_else(String::new, |target| format!(" to {target}"));
        let location = Some(port.location.clone());
        let evidence = EvidenceV1 { label: "published here".to_owned(), location };
        let text = format!("{} publishes {}{target}: {} can open it", service.name, port.host, port.reach);
        Fact::new(text, vec![evidence])
    })
}

fn link_fact(link: &LinkV1) -> Fact {
    let mut text = format!("{} can connect to {}", end(&link.from), end(&link.to));
    if !link.ports.is_empty() {
        let ports: Vec<String> = link.ports.iter().take(8).map(ToString::to_string).collect();
        text = format!("{text} on {}", ports.join(", "));
    }
    let over = match link.networks.as_slice() {
        [] => format!(" ({})", link.kind.replace('-', " ")),
        networks => format!(" over {}", networks.join(", ")),
    };
    Fact::new(text + &over, link.evidence.clone())
}

/// What is known about a service.
pub(crate) fn service_facts(view: &ViewV1, name: &str) -> Vec<Fact> {
    let Some(service) = view.services.iter().find(|service| service.name == name) else { return Vec::new() };
    let mut facts: Vec<Fact> = published(service).collect();
    facts.extend(service.doors.iter().map(|door| Fact::new(door.reason.clone(), door.evidence.clone())));
    facts.extend(service.entries.iter().map(|entry| Fact::new(entry.label.clone(), vec![entry.clone()])));
    facts.extend(
        view.needs
            .iter()
            .filter(|need| need.needed && (need.from == name || need.to == name))
            .map(|need| Fact::new(format!("{} needs {}", end(&need.from), end(&need.to)), vec![need.evidence.clone()])),
    );
    facts.dedup();
    facts
}

/// A service in words, for those who do not see the map. What its box says comes first: who speaks to the page says what they see.
pub(crate) fn service_label(pairs: &Pairs<'_>, service: &MapServiceV1, line: &str) -> String {
    let (needed, excess) = pairs.counts(&service.name);
    let exposed = if service.exposed { "Reachable from the internet. " } else { "" };
    let networks = match service.networks.as_slice() {
        [] => "On no network".to_owned(),
        networks => format!("On {}", networks.join(", ")),
    };
    format!(
        "{} {line}. {exposed}{networks}, {needed} needed and {excess} unneeded connections, blast radius {}",
        service.name, service.blast,
    )
}

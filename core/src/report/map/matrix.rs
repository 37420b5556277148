//! The map as text: a matrix of who can reach whom and who has to, then the networks, the open ports and what the needs rest on.
//! Fits a terminal of 100 columns; more services than that become lists.

use crate::report::stack::{EvidenceV1, MapServiceV1, ViewV1};
use crate::text::{count, shorten};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Services that a matrix is drawn for: three columns for each.
const MOST: usize = 23;
/// Characters of a name in the matrix.
const NAME: usize = 24;

/// How a service stands towards another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cell {
    Same,
    Needed,
    NeededBy,
    Excess,
    ThroughHost,
    Missing,
    Blocked,
}

impl Cell {
    /// Those that the key explains.
    const KEY: [Self; 6] =
        [Self::Needed, Self::NeededBy, Self::Excess, Self::ThroughHost, Self::Missing, Self::Blocked];

    fn symbol(self) -> char {
        match self {
            Self::Same => ' ',
            Self::Needed => '●',
            Self::NeededBy => '←',
            Self::Excess => '○',
            Self::ThroughHost => '◇',
            Self::Missing => '✗',
            Self::Blocked => '·',
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Needed => "the row can reach the column, and has to",
            Self::NeededBy => "the column has to reach the row",
            Self::Excess => "the row can reach the column without having to",
            Self::ThroughHost => "only by way of the host: through a published port or the host's network",
            Self::Missing => "the row has to reach the column and cannot",
            Self::Blocked => "out of reach",
        }
    }
}

/// What decides a cell.
struct Reach<'a> {
    needs: BTreeSet<(&'a str, &'a str)>,
    possible: BTreeSet<(&'a str, &'a str)>,
    host: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Reach<'a> {
    fn of(view: &'a ViewV1) -> Self {
        let needs = view.needs.iter().filter(|need| need.needed);
        let host =
            view.links.iter().filter(|link| matches!(link.kind.as_str(), "hairpin" | "host-network" | "loopback"));
        let both = |(a, b): &'a (String, String)| [(a.as_str(), b.as_str()), (b.as_str(), a.as_str())];
        Self {
            needs: needs.map(|need| (need.from.as_str(), need.to.as_str())).collect(),
            possible: view.segmentation.possible.iter().flat_map(both).collect(),
            host: host.map(|link| (link.from.as_str(), link.to.as_str())).collect(),
        }
    }

    fn cell(&self, from: &str, to: &str) -> Cell {
        let pair = (from, to);
        let possible = self.possible.contains(&pair);
        if from == to {
            Cell::Same
        } else if self.needs.contains(&pair) {
            if possible || self.host.contains(&pair) { Cell::Needed } else { Cell::Missing }
        } else if possible && self.needs.contains(&(to, from)) {
            Cell::NeededBy
        } else if possible {
            Cell::Excess
        } else if self.host.contains(&pair) {
            Cell::ThroughHost
        } else {
            Cell::Blocked
        }
    }
}

/// Renders.
#[must_use]
pub fn render(view: &ViewV1) -> String {
    let mut out = heading(view);
    let services: Vec<&MapServiceV1> = view.services.iter().filter(|service| service.stays).collect();
    let reach = Reach::of(view);
    if services.is_empty() {
        out.push_str("\nNo service stays.\n");
    } else if services.len() <= MOST {
        matrix(&mut out, &services, &reach);
    } else {
        lists(&mut out, &services, &reach);
    }
    jobs(&mut out, view);
    networks(&mut out, view);
    ports(&mut out, view);
    needs(&mut out, view);
    out
}

fn heading(view: &ViewV1) -> String {
    format!(
        "{}: {}, {}\n{}\nBlast radius {} of 100, grade {}\n",
        shorten(&view.name, 60),
        count(view.services.len(), "service"),
        count(view.networks.len(), "network"),
        pairs(view),
        view.blast,
        view.grade
    )
}

/// How many pairs can talk and have to. Where no file tells who has to, a number of unneeded ones would be a guess.
fn pairs(view: &ViewV1) -> String {
    let all = &view.segmentation;
    let possible = count(all.possible.len(), "pair");
    match (all.possible.len(), all.needed.len()) {
        (0, 0) => "No two services can talk".to_owned(),
        (_, 0) => format!("{possible} can talk; nothing tells which of them have to"),
        (_, needed) => format!(
            "{possible} can talk, {} to, {} without having to: segmentation index {} of 100",
            if needed == 1 { "1 has".to_owned() } else { format!("{needed} have") },
            all.excess.len(),
            all.index
        ),
    }
}

fn matrix(out: &mut String, services: &[&MapServiceV1], reach: &Reach<'_>) {
    let width = services.iter().map(|service| shorten(&service.name, NAME).chars().count()).max().unwrap_or(0);
    let _ = write!(out, "\n{:w$}", "", w = width + 6);
    for number in 1..=services.len() {
        let _ = write!(out, "{number:>3}");
    }
    out.push('\n');
    let mut seen: Vec<Cell> = Vec::new();
    for (index, from) in services.iter().enumerate() {
        let mark = if from.exposed { '*' } else { ' ' };
        let _ = write!(out, "{:>3} {mark}{:width$} ", index + 1, shorten(&from.name, NAME));
        for to in services {
            let cell = reach.cell(&from.name, &to.name);
            seen.push(cell);
            let _ = write!(out, "  {}", cell.symbol());
        }
        while out.ends_with(' ') {
            out.pop();
        }
        out.push('\n');
    }
    out.push('\n');
    for cell in Cell::KEY.iter().filter(|cell| seen.contains(cell)) {
        let _ = writeln!(out, "  {} {}", cell.symbol(), cell.meaning());
    }
    if services.iter().any(|service| service.exposed) {
        out.push_str("  * reached from outside\n");
    }
}

/// For each service whom it reaches, in words.
fn lists(out: &mut String, services: &[&MapServiceV1], reach: &Reach<'_>) {
    for from in services {
        let exposed = if from.exposed { " (reached from outside)" } else { "" };
        let _ = writeln!(out, "\n{}{exposed}", shorten(&from.name, 60));
        let cells: Vec<(Cell, &str)> =
            services.iter().map(|to| (reach.cell(&from.name, &to.name), to.name.as_str())).collect();
        let of = |wanted: Cell| -> Vec<&str> {
            cells.iter().filter(|(cell, _)| *cell == wanted).map(|(_, name)| *name).collect()
        };
        for (wanted, title) in [
            (Cell::Needed, "has to reach"),
            (Cell::NeededBy, "is needed by"),
            (Cell::Missing, "has to reach and cannot"),
            (Cell::ThroughHost, "reaches by way of the host"),
        ] {
            let names = of(wanted);
            if !names.is_empty() {
                let _ = writeln!(out, "  {title}: {}", several(&names, names.len()));
            }
        }
        let names = of(Cell::Excess);
        if !names.is_empty() {
            let _ = writeln!(out, "  can reach {} without having to: {}", names.len(), several(&names, 8));
        }
    }
}

/// At most so many names.
fn several(names: &[&str], most: usize) -> String {
    let shown: Vec<String> = names.iter().take(most).map(|name| shorten(name, 60)).collect();
    let more = names.len().saturating_sub(most);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn jobs(out: &mut String, view: &ViewV1) {
    let jobs: Vec<&str> =
        view.services.iter().filter(|service| !service.stays).map(|service| service.name.as_str()).collect();
    if !jobs.is_empty() {
        let _ = writeln!(out, "\nJobs that end, not counted: {}", several(&jobs, jobs.len()));
    }
}

fn networks(out: &mut String, view: &ViewV1) {
    if view.networks.is_empty() {
        return;
    }
    out.push_str("\nNetworks\n");
    let width = view.networks.iter().map(|network| shorten(&network.name, 40).chars().count()).max().unwrap_or(0);
    for network in &view.networks {
        let mut kind = vec![if network.internal { "internal" } else { "with a way out" }];
        if network.external {
            kind.push("shared with other deployments");
        }
        if network.isolated {
            kind.push("members cannot talk to each other");
        }
        let members: Vec<&str> = network.members.iter().map(String::as_str).collect();
        let members = if members.is_empty() { "nobody".to_owned() } else { several(&members, members.len()) };
        let _ = writeln!(out, "  {:width$}  {members} ({})", shorten(&network.name, 40), kind.join(", "));
    }
    let apart: Vec<String> = (view.services.iter())
        .filter_map(|service| Some((service, service.network_mode.as_deref()?)))
        .map(|(service, mode)| format!("{} has network_mode {}", shorten(&service.name, 60), shorten(mode, 60)))
        .collect();
    for line in apart {
        let _ = writeln!(out, "  {line}");
    }
}

fn ports(out: &mut String, view: &ViewV1) {
    let all: Vec<_> =
        view.services.iter().flat_map(|service| service.published.iter().map(move |port| (service, port))).collect();
    if all.is_empty() {
        return;
    }
    out.push_str("\nPublished ports\n");
    for (service, port) in all {
        let target = port.target.map_or_else(String::new, |target| format!(" → {target}"));
        let _ = writeln!(
            out,
            "  {}  {}{target}, reached by {}  {}:{}",
            shorten(&service.name, 60),
            shorten(&port.host, 60),
            port.reach,
            shorten(&port.location.path, 80),
            port.location.line
        );
    }
}

fn needs(out: &mut String, view: &ViewV1) {
    if view.needs.is_empty() {
        out.push_str("\nNothing tells who has to talk to whom.\n");
        return;
    }
    out.push_str("\nWho has to talk to whom, and what tells\n");
    let mut by_from: BTreeMap<usize, Vec<&crate::report::stack::NeedV1>> = BTreeMap::new();
    let places: BTreeMap<&str, usize> =
        view.services.iter().enumerate().map(|(place, service)| (service.name.as_str(), place)).collect();
    for need in &view.needs {
        by_from.entry(places.get(need.from.as_str()).copied().unwrap_or(usize::MAX)).or_default().push(need);
    }
    for need in by_from.values().flatten() {
        let unsure = if need.needed { String::new() } else { format!(", only probable ({} %)", need.confidence) };
        let _ = writeln!(
            out,
            "  {} → {}: {}{unsure}{}",
            shorten(&need.from, 60),
            shorten(&need.to, 60),
            shorten(&need.evidence.label, 160),
            at(&need.evidence)
        );
    }
}

fn at(evidence: &EvidenceV1) -> String {
    let location = evidence.location.as_ref();
    location.map_or_else(String::new, |at| format!("  {}:{}", shorten(&at.path, 80), at.line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::map::testing::view;
    use crate::report::stack::LinkV1;

    fn shop() -> ViewV1 {
        view(
            &[("nginx", "edge"), ("app", "app"), ("redis", "data"), ("mail", "operations")],
            &[("front", &["nginx", "app"]), ("back", &["app", "redis"])],
            &[("nginx", "app"), ("app", "mail")],
            &["nginx"],
        )
    }

    fn link(from: &str, to: &str, kind: &str) -> LinkV1 {
        LinkV1 {
            from: from.to_owned(),
            to: to.to_owned(),
            kind: kind.to_owned(),
            ports: Vec::new(),
            networks: Vec::new(),
            evidence: Vec::new(),
            rule: None,
        }
    }

    #[test]
    fn a_matrix_with_its_key() {
        let mut view = shop();
        view.links.push(link("mail", "nginx", "hairpin"));
        let text = render(&view);
        for part in [
            "compose.yaml: 4 services, 2 networks\n2 pairs can talk, 2 have to, 1 without having to",
            "             1  2  3  4\n",
            "  1 *nginx      ●  ·  ·\n",
            "  2  app     ←     ○  ✗\n",
            "  3  redis   ·  ○     ·\n",
            "  4  mail    ◇  ·  ·\n",
            "  ● the row can reach the column, and has to\n",
            "  * reached from outside\n",
            "  back   app, redis (with a way out)\n",
            "  nginx → app: a variable names it  compose.yaml:3\n",
        ] {
            assert!(text.contains(part), "{part:?} in\n{text}");
        }
    }

    #[test]
    fn the_key_explains_only_what_is_there() {
        let text = render(&view(&[("a", "app"), ("b", "app")], &[("default", &["a", "b"])], &[], &[]));
        assert!(text.contains("○ the row can reach") && !text.contains("●") && !text.contains("* reached"));
        assert!(text.contains("Nothing tells who has to talk to whom."));
    }

    #[test]
    fn many_services_become_lists() {
        let names: Vec<String> = (0..30).map(|index| format!("s{index}")).collect();
        let services: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "app")).collect();
        let members: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = render(&view(&services, &[("default", &members)], &[("s0", "s1")], &["s0"]));
        assert!(
            text.contains("\ns0 (reached from outside)\n  has to reach: s1\n  can reach 28 without having to: s2, s3")
        );
        assert!(text.contains(" and 20 more\n") && text.contains("\ns1\n  is needed by: s0\n"));
    }

    #[test]
    fn jobs_and_odd_networks() {
        let mut view = shop();
        view.services[3].stays = false;
        view.services[2].network_mode = Some("host\u{1b}[2J".to_owned());
        view.networks[0].internal = true;
        view.networks[1].isolated = true;
        let text = render(&view);
        assert!(text.contains("Jobs that end, not counted: mail\n") && !text.contains("  4 "));
        assert!(text.contains("redis has network_mode host") && !text.contains('\u{1b}'));
        assert!(text.contains("(internal)") && text.contains("(with a way out, members cannot talk to each other)"));
    }

    #[test]
    fn nothing_stays() {
        assert!(render(&view(&[], &[], &[], &[])).contains("No service stays."));
    }
}

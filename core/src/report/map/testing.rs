//! Views made by hand, for tests.

use crate::report::json::LocationV1;
use crate::report::stack::{EvidenceV1, LinkV1, MapNetworkV1, MapServiceV1, NeedV1, SegmentationV1, ViewV1};
use std::collections::BTreeSet;

/// A place that means nothing.
pub(super) fn nowhere() -> LocationV1 {
    LocationV1 {
        path: "compose.yaml".to_owned(),
        start: 0,
        end: 0,
        start_utf16: 0,
        end_utf16: 0,
        line: 3,
        column: 1,
        end_line: 3,
        end_column: 1,
    }
}

/// A service of a group.
pub(super) fn service(name: &str, group: &str) -> MapServiceV1 {
    MapServiceV1 {
        name: name.to_owned(),
        role: "unknown".to_owned(),
        group: group.to_owned(),
        image: format!("{name}:1"),
        location: nowhere(),
        exposed: false,
        stays: true,
        networks: Vec::new(),
        network_mode: None,
        published: Vec::new(),
        doors: Vec::new(),
        tier: "T4".to_owned(),
        blast: 0,
        grade: "A".to_owned(),
        duties: Vec::new(),
        entries: Vec::new(),
    }
}

/// A view of these services on these networks, with needs and what is open to everybody.
pub(super) fn view(
    services: &[(&str, &str)],
    networks: &[(&str, &[&str])],
    needs: &[(&str, &str)],
    open: &[&str],
) -> ViewV1 {
    let mut services: Vec<MapServiceV1> = services.iter().map(|(name, group)| service(name, group)).collect();
    for one in &mut services {
        one.exposed = open.contains(&one.name.as_str());
        let of = networks.iter().filter(|(_, members)| members.contains(&one.name.as_str()));
        one.networks = of.map(|(name, _)| (*name).to_owned()).collect();
    }
    let segmentation = segmentation(&services, needs);
    ViewV1 {
        name: "compose.yaml".to_owned(),
        context: "unknown".to_owned(),
        running: false,
        networks: networks.iter().map(|(name, members)| network(name, members)).collect(),
        links: open.iter().map(|name| exposed(name)).collect(),
        needs: needs.iter().map(|(from, to)| need(from, to)).collect(),
        externals: Vec::new(),
        segmentation,
        blast: 0,
        grade: "A".to_owned(),
        starts: Vec::new(),
        cuts: Vec::new(),
        breaches: Vec::new(),
        plans: Vec::new(),
        boundaries: Vec::new(),
        services,
    }
}

fn network(name: &str, members: &[&str]) -> MapNetworkV1 {
    MapNetworkV1 {
        name: name.to_owned(),
        internal: false,
        external: false,
        isolated: false,
        location: None,
        members: members.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn exposed(name: &str) -> LinkV1 {
    LinkV1 {
        from: "internet".to_owned(),
        to: name.to_owned(),
        kind: "expose".to_owned(),
        ports: vec![80],
        networks: Vec::new(),
        evidence: Vec::new(),
        rule: None,
    }
}

fn need(from: &str, to: &str) -> NeedV1 {
    NeedV1 {
        from: from.to_owned(),
        to: to.to_owned(),
        confidence: 95,
        needed: true,
        evidence: EvidenceV1 { label: "a variable names it".to_owned(), location: Some(nowhere()) },
    }
}

fn segmentation(services: &[MapServiceV1], needs: &[(&str, &str)]) -> SegmentationV1 {
    let mut all = SegmentationV1::default();
    let pairs: BTreeSet<(&str, &str)> = needs.iter().copied().collect();
    for (index, a) in services.iter().enumerate() {
        for b in services.iter().skip(index + 1) {
            let pair = || (a.name.clone(), b.name.clone());
            let possible = a.networks.iter().any(|name| b.networks.contains(name));
            let is = |from: &MapServiceV1, to: &MapServiceV1| pairs.contains(&(from.name.as_str(), to.name.as_str()));
            let needed = is(a, b) || is(b, a);
            let lists = [
                (possible, &mut all.possible),
                (needed, &mut all.needed),
                (possible && !needed, &mut all.excess),
                (needed && !possible, &mut all.missing),
            ];
            for (holds, list) in lists {
                if holds {
                    list.push(pair());
                }
            }
        }
    }
    all
}

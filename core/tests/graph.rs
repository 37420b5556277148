//! The graph of the gallery's stacks: who can talk to whom, who has to, and how far the two are apart, in numbers that were counted
//! by hand from the files.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its files, and says what went wrong by panicking"
)]

#[allow(dead_code, reason = "each test takes what it needs")]
mod common;

use common::with_graph;
use plimsoll_core::graph::{model::Graph, model::LinkKind, segment};

/// What is expected of the first view of a stack.
struct Expected {
    stack: &'static str,
    services: usize,
    possible: usize,
    needed: usize,
    excess: usize,
    index: u8,
}

const EXPECTED: [Expected; 6] = [
    Expected { stack: "larashop/vulnerable", services: 9, possible: 36, needed: 11, excess: 25, index: 0 },
    Expected { stack: "larashop/hardened", services: 5, possible: 6, needed: 5, excess: 1, index: 80 },
    Expected { stack: "invoice-hub/vulnerable", services: 10, possible: 36, needed: 9, excess: 27, index: 25 },
    // The addresses come from secrets that the host's environment holds; each server has a network of its own with its clients.
    Expected { stack: "invoice-hub/hardened", services: 6, possible: 8, needed: 7, excess: 1, index: 88 },
    // What runs WordPress's cron is not told of the database: it shares the application's files.
    Expected { stack: "agency-host/vulnerable", services: 9, possible: 28, needed: 5, excess: 23, index: 26 },
    Expected { stack: "agency-host/hardened", services: 4, possible: 3, needed: 3, excess: 0, index: 100 },
];

fn names(graph: &Graph, pairs: &[(usize, usize)]) -> Vec<String> {
    let name = |id: usize| graph.services[id].name.clone();
    pairs.iter().map(|(a, b)| format!("{}-{}", name(*a), name(*b))).collect()
}

#[test]
fn pairs_that_can_talk_and_have_to() {
    for expected in EXPECTED {
        with_graph(expected.stack, |graph| {
            let found = segment::segmentation(graph);
            let staying = graph.services.iter().filter(|service| service.stays).count();
            let numbers = (staying, found.possible.len(), found.needed.len(), found.excess.len(), found.index);
            let wanted = (expected.services, expected.possible, expected.needed, expected.excess, expected.index);
            let needed = names(graph, &found.needed);
            assert_eq!(numbers, wanted, "{}: needed {needed:?}", expected.stack);
            assert_eq!(names(graph, &found.missing), Vec::<String>::new(), "{}", expected.stack);
        });
    }
}

#[test]
fn what_leads_around_the_networks() {
    with_graph("larashop/hardened", |graph| {
        let around = graph.links.iter().filter(|link| link.kind == LinkKind::Hairpin);
        let ends: Vec<(String, String)> = around
            .filter_map(|link| Some((link.from.service()?, link.to.service()?)))
            .map(|(from, to)| (graph.services[from].name.clone(), graph.services[to].name.clone()))
            .collect();
        // The worker has a way out and so reaches the web server by the host's address; the data stores have none.
        assert_eq!(ends, [("worker".to_owned(), "nginx".to_owned())]);
    });
}

#[test]
fn every_link_between_services_is_shown_by_a_file() {
    for expected in EXPECTED {
        with_graph(expected.stack, |graph| {
            for link in graph.links.iter().filter(|link| link.from.service().is_some()) {
                assert!(link.evidence.iter().any(|evidence| evidence.at.is_some()), "{}: {link:?}", expected.stack);
            }
        });
    }
}

//! The graph of the gallery's stacks: who can talk to whom, who has to, and how far the two are apart, in numbers that were counted
//! by hand from the files.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its files, and says what went wrong by panicking"
)]

use plimsoll_core::graph::{self, model::Graph, model::LinkKind, segment};
use plimsoll_core::project::Project;
use plimsoll_core::{Date, Sources};
use std::fs;
use std::path::{Path, PathBuf};

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

fn read(folder: &Path) -> Sources {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(&next).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut sources = Sources::new();
    for path in files {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
        sources.add_bytes(&name, &fs::read(&path).unwrap());
    }
    sources
}

fn with<T>(stack: &str, question: impl Fn(&Graph) -> T) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/gallery").join(stack);
    let sources = read(&folder);
    let project = Project::new(&sources, Date::new(2026, 11, 24));
    let view = project.views.iter().find(|view| view.name == "default").or(project.views.first()).unwrap();
    question(&graph::of(&project, view))
}

fn names(graph: &Graph, pairs: &[(usize, usize)]) -> Vec<String> {
    let name = |id: usize| graph.services[id].name.clone();
    pairs.iter().map(|(a, b)| format!("{}-{}", name(*a), name(*b))).collect()
}

#[test]
fn pairs_that_can_talk_and_have_to() {
    for expected in EXPECTED {
        with(expected.stack, |graph| {
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
    with("larashop/hardened", |graph| {
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
        with(expected.stack, |graph| {
            for link in graph.links.iter().filter(|link| link.from.service().is_some()) {
                assert!(link.evidence.iter().any(|evidence| evidence.at.is_some()), "{}: {link:?}", expected.stack);
            }
        });
    }
}

//! Breaches of the gallery's stacks against reference results: how much is lost with a service, how near to the host it comes, what
//! is controlled, what is reached, what is read. Where a reference was wrong, `data/reach.json` says why it was changed.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reads its files, and says what went wrong by panicking"
)]

#[allow(dead_code, reason = "each test takes what it needs")]
mod common;

use common::with_graph;
use plimsoll_core::graph::{model::Graph, model::ServiceId, outcome::Breach, outcome::Position, walk};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn reference() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reach.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn stacks(reference: &Value) -> impl Iterator<Item = (&String, &Value)> {
    reference.as_object().unwrap().iter().filter(|(stack, _)| stack.contains('/'))
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Services that are had without taking the host first, and those of them in which code runs.
fn held(breach: &Breach) -> (BTreeSet<ServiceId>, BTreeSet<ServiceId>) {
    let at = |code: bool| {
        let ends = breach.paths.iter().filter_map(move |path| match path.to {
            Position::At(service, level) if level.executes() || !code => Some(service),
            _ => None,
        });
        ends.filter(|&service| service != breach.start).collect()
    };
    (at(false), at(true))
}

/// What is not as expected, a line for each.
fn differences(graph: &Graph, start: &str, expected: &Value, tolerance: u64) -> Vec<String> {
    let breach = walk::breach(graph, graph.service(start).unwrap());
    let name = |service: ServiceId| graph.services[service].name.clone();
    let has_host = breach.paths.iter().any(|path| path.to == Position::Host);
    let (held, executed) = held(&breach);
    let controls: BTreeSet<String> = held.iter().map(|&service| name(service)).collect();
    let reaches: BTreeSet<String> = breach.reached.iter().map(|one| name(one.service)).collect();
    let is_read = |service: &ServiceId| *service == breach.start || executed.contains(service);
    let secrets = breach.secrets.iter().filter(|secret| secret.services.iter().any(is_read));
    let secrets: BTreeSet<String> = secrets.map(|secret| secret.name.clone()).collect();
    let mut lines = Vec::new();
    let score = u64::from(breach.blast.score);
    let wanted = expected["blast"].as_u64().unwrap();
    if score.abs_diff(wanted) > tolerance {
        let items: Vec<String> =
            breach.blast.items.iter().map(|item| format!("{} {:.2}", item.what, item.weight)).collect();
        lines.push(format!("blast {score}, not {wanted}: {}", items.join("; ")));
    }
    if breach.tier.as_str() != expected["tier"].as_str().unwrap() {
        let why = breach.escapes.first().map(|(service, why, _)| format!("{}: {why}", name(*service)));
        lines.push(format!("{}, not {}: {why:?}", breach.tier.as_str(), expected["tier"]));
    }
    let mut sets = vec![("controls", &controls), ("secrets", &secrets)];
    if !has_host {
        sets.push(("reaches", &reaches));
    } else if reaches.len() + 1 != graph.services.iter().filter(|service| service.stays).count() {
        lines.push("from the host not everything is reached".to_owned());
    }
    for (what, found) in sets {
        let wanted = names(&expected[what]);
        let more: Vec<&String> = found.difference(&wanted).collect();
        let less: Vec<&String> = wanted.difference(found).collect();
        if !more.is_empty() || !less.is_empty() {
            lines.push(format!("{what}: more {more:?}, less {less:?}"));
        }
    }
    for one in &breach.reached {
        if held.contains(&one.service) {
            let path = breach.paths.iter().find(|path| matches!(path.to, Position::At(at, _) if at == one.service));
            let steps = path.into_iter().flat_map(|path| &path.steps);
            let steps: Vec<&str> = steps.map(|step| step.reason.as_str()).collect();
            if !names(&expected["controls"]).contains(&name(one.service)) {
                lines.push(format!("  {} by {}", name(one.service), steps.join(" → ")));
            }
        }
    }
    lines.into_iter().map(|line| format!("{start}: {line}")).collect()
}

#[test]
fn breaches_are_as_the_reference_says() {
    let reference = reference();
    let tolerance = reference["_meta"]["tolerance"].as_u64().unwrap();
    let mut lines = Vec::new();
    for (stack, starts) in stacks(&reference) {
        with_graph(stack, |graph| {
            let starts = starts.as_object().unwrap().iter();
            starts.flat_map(|(start, expected)| differences(graph, start, expected, tolerance)).collect::<Vec<_>>()
        })
        .into_iter()
        .for_each(|line| lines.push(format!("{stack}: {line}")));
    }
    assert!(lines.is_empty(), "{} differences:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn hardening_makes_every_start_lose_less() {
    for stack in ["larashop", "invoice-hub", "agency-host"] {
        let blast = |variant: &str| with_graph(&format!("{stack}/{variant}"), |graph| walk::stack(graph).blast);
        let (hardened, vulnerable) = (blast("hardened"), blast("vulnerable"));
        assert!(hardened + 20 < vulnerable, "{stack}: {hardened} and {vulnerable}");
    }
}

#[test]
fn every_step_is_shown_by_a_file() {
    for (stack, _) in stacks(&reference()) {
        with_graph(stack, |graph| {
            for breach in walk::stack(graph).breaches {
                for step in breach.paths.iter().flat_map(|path| &path.steps) {
                    assert!(
                        step.evidence.iter().any(|evidence| evidence.at.is_some()),
                        "{stack}: {} has no evidence",
                        step.reason
                    );
                }
            }
        });
    }
}

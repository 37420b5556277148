//! What holds for every graph, on a few dozen that a small generator makes: the same ones each time.

use super::tests::{cause, door, escape, influence, secret};
use super::*;
use crate::graph::model::{Door, DoorKind, End, HeldSecret, InfluenceKind, Link, SecretClass};
use crate::graph::outcome::Position;
use crate::graph::testing::{graph, service};

/// A linear congruential generator: enough for variety, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

const ROLES: [(&str, &str); 8] = [
    ("web", "edge"),
    ("php-fpm", "app"),
    ("php-cli", "app"),
    ("cache", "data"),
    ("db", "data"),
    ("db-admin", "operations"),
    ("mail-dev", "operations"),
    ("unknown", "unknown"),
];

const NAMES: [&str; 9] = ["ivy", "ash", "elm", "oak", "fir", "yew", "bay", "box", "may"];

fn random_door(dice: &mut Dice, number: usize) -> Door {
    let (kind, gives) = match dice.roll(9) {
        0..=3 => (DoorKind::OpenStore, Level::Data),
        4..=6 => (DoorKind::FastCgi, Level::User),
        7 => (DoorKind::AdminApi, Level::Root),
        _ => (DoorKind::EngineApi, Level::Root),
    };
    let mut door = door(kind, gives, &format!("door {number}"));
    if dice.one_in(3) {
        door.cause = None;
    }
    door
}

fn random_secret(dice: &mut Dice, services: usize, number: usize) -> HeldSecret {
    let classes = [SecretClass::Critical, SecretClass::ApplicationKey, SecretClass::Credential, SecretClass::Other];
    let opens: Vec<ServiceId> = if dice.one_in(2) { vec![dice.roll(services)] } else { Vec::new() };
    let mut secret = secret(&format!("SECRET_{number}"), classes[dice.roll(4)], &opens);
    secret.root_only = dice.one_in(4);
    secret.superuser = dice.one_in(3);
    secret.cause = dice.one_in(2).then(|| cause(&format!("take away {number}")));
    secret
}

fn random(seed: u64) -> Graph {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let count = 3 + dice.roll(NAMES.len() - 3);
    let mut services = Vec::new();
    for (number, name) in NAMES.iter().enumerate().take(count) {
        let (role, group) = ROLES[dice.roll(ROLES.len())];
        let mut node = service(name, role, group);
        node.is_exposed = dice.one_in(3);
        node.root_for_requests = dice.one_in(4);
        node.stays = !dice.one_in(9);
        if dice.one_in(2) {
            node.doors.push(random_door(&mut dice, number));
        }
        for more in 0..dice.roll(3) {
            node.secrets.push(random_secret(&mut dice, count, number * 10 + more));
        }
        if dice.one_in(5) {
            let tier = [Tier::T0, Tier::T1, Tier::T2, Tier::T3][dice.roll(4)];
            node.escapes.push(escape(tier, &format!("escape {number}")));
        }
        services.push(node);
    }
    let members = |dice: &mut Dice| NAMES.into_iter().take(count).filter(|_| dice.one_in(2)).collect::<Vec<_>>();
    let (a, b) = (members(&mut dice), members(&mut dice));
    let mut graph = graph(services, &[("a", dice.one_in(2), a.as_slice()), ("b", true, b.as_slice())], &[]);
    for number in 0..dice.roll(4) {
        let kinds =
            [InfluenceKind::Queue, InfluenceKind::CodeVolume, InfluenceKind::RedisFile, InfluenceKind::DatabaseCommand];
        let needs = if dice.one_in(2) { Level::Data } else { Level::User };
        let mut one = influence(dice.roll(count), dice.roll(count), kinds[dice.roll(4)], needs);
        one.cause = dice.one_in(2).then(|| cause(&format!("stop {number}")));
        graph.influences.push(one);
    }
    for (number, link) in graph.links.iter_mut().enumerate() {
        if dice.one_in(6) {
            link.cause = Some(cause(&format!("close {}", number % 3)));
        }
    }
    graph
}

/// A connection over a network.
fn over(network: &str, from: ServiceId, to: ServiceId) -> Link {
    Link {
        from: End::Service(from),
        to: End::Service(to),
        kind: LinkKind::Network,
        ports: Vec::new(),
        networks: vec![network.to_owned()],
        evidence: Vec::new(),
        cause: None,
    }
}

fn graphs() -> impl Iterator<Item = Graph> {
    (1..=60).map(random)
}

/// What is reached, and the most that is had there; the host as the service after the last.
fn reach(graph: &Graph, breach: &Breach) -> Vec<Level> {
    let mut levels = vec![Level::Reached; graph.services.len() * 2 + 1];
    for reached in &breach.reached {
        levels[reached.service * 2] = Level::Data;
        levels[reached.service * 2 + 1] = reached.level;
    }
    if breach.paths.iter().any(|path| path.to == Position::Host) {
        levels[graph.services.len() * 2] = Level::Root;
    }
    levels
}

fn is_no_less(more: &[Level], less: &[Level]) -> bool {
    more.iter().zip(less).all(|(more, less)| more >= less)
}

#[test]
fn a_network_more_never_takes_reach_away() {
    for graph in graphs() {
        let mut more = graph.clone();
        let all = more.services.len();
        for from in 0..all {
            for to in (0..all).filter(|&to| to != from && (from + to) % 2 == 0) {
                more.links.push(over("more", from, to));
            }
        }
        for start in 0..all {
            let (before, after) = (breach(&graph, start), breach(&more, start));
            assert!(is_no_less(&reach(&more, &after), &reach(&graph, &before)));
            assert!(after.blast.score >= before.blast.score);
        }
    }
}

#[test]
fn a_fault_less_never_makes_it_worse_and_is_what_a_cut_counts() {
    for graph in graphs() {
        let before = stack(&graph);
        for fault in graph.causes() {
            let without = graph.without(&fault);
            let after = stack(&without);
            assert!(after.blast <= before.blast);
            for (after, before) in after.breaches.iter().zip(&before.breaches) {
                assert!(after.blast.score <= before.blast.score);
                assert!(is_no_less(&reach(&graph, before), &reach(&without, after)));
            }
            if let Some(cut) = before.cuts.iter().find(|cut| cut.cause == fault) {
                assert_eq!((cut.before, cut.after), (before.blast, after.blast));
            }
        }
    }
}

#[test]
fn a_door_more_never_makes_it_better() {
    for graph in graphs() {
        let mut more = graph.clone();
        for service in more.services.iter_mut().step_by(2) {
            service.doors.push(door(DoorKind::OpenStore, Level::Data, "a door more"));
        }
        for start in 0..graph.services.len() {
            let (before, after) = (breach(&graph, start), breach(&more, start));
            assert!(is_no_less(&reach(&more, &after), &reach(&graph, &before)));
            assert!(after.blast.score >= before.blast.score);
        }
    }
}

#[test]
fn the_order_of_connections_changes_nothing() {
    for graph in graphs() {
        let once = stack(&graph);
        assert_eq!(once, stack(&graph));
        let mut other = graph.clone();
        other.links.reverse();
        other.influences.reverse();
        assert_eq!(once, stack(&other));
    }
}

#[test]
fn a_path_costs_what_its_steps_cost_and_hangs_together() {
    for graph in graphs() {
        for breach in stack(&graph).breaches {
            for path in &breach.paths {
                assert_eq!(path.cost, path.steps.iter().map(|step| u32::from(step.cost)).sum::<u32>());
                assert_eq!(path.steps.first().unwrap().from, Position::At(breach.start, breach.level));
                assert_eq!(path.steps.last().unwrap().to, path.to);
                assert!(path.steps.windows(2).all(|pair| pair[0].to == pair[1].from));
            }
        }
    }
}

/// Five hundred services on one network, a third of them PHP behind open FastCGI, each with a fault of its own.
fn crowd() -> Graph {
    let mut services = Vec::new();
    for number in 0..500 {
        let (role, group) = ROLES[number % 3 + 1];
        let mut node = service(&format!("s{number}"), role, group);
        node.is_exposed = number % 10 == 0;
        if role == "php-fpm" {
            node.doors.push(door(DoorKind::FastCgi, Level::User, &format!("door {number}")));
        }
        services.push(node);
    }
    let all = services.len();
    let mut graph = graph(services, &[], &[]);
    for from in 0..all {
        graph.links.extend((0..all).filter(|&to| to != from).map(|to| over("all", from, to)));
    }
    graph
}

#[test]
fn a_crowd_is_looked_at_from_its_usual_starts() {
    let graph = crowd();
    let stack = stack(&graph);
    assert_eq!(stack.starts.len(), 60);
    assert_eq!(stack.breaches.len(), 60);
    assert!(stack.starts.iter().filter(|&&start| graph.services[start].is_exposed).count() == 50);
    assert!(stack.cuts.len() <= 3);
}

//! How much is lost with one service, as a number: what is reached weighs, and the weights of several things add up as chances do,
//! so that no heap of trifles makes a catastrophe. The number compares before with after; the items are what it says.

use super::model::{Graph, Level, SecretClass, ServiceId, ServiceNode, Tier};
use super::outcome::{Blast, BlastItem, Hold};
use super::walk::search::Found;
use super::walk::ways::{CauseId, NAME, Ways, kept};
use crate::text::shorten;

/// How many secrets of each class count, and what each weighs, in per cent.
const CRITICAL: (usize, u8) = (2, 25);
const APPLICATION_KEY: (usize, u8) = (2, 10);
const OTHER: (usize, u8) = (5, 4);

/// One thing that is lost.
#[derive(Clone, Copy, Debug)]
enum Item<'g> {
    Escape(Tier),
    Service(ServiceId, Hold),
    Secret(&'g str, SecretClass, u8),
    Egress,
    Root,
}

impl Item<'_> {
    /// Its weight in per cent.
    fn weight(&self, graph: &Graph) -> u8 {
        match *self {
            Self::Escape(tier) => of_tier(tier),
            Self::Service(service, hold) => graph.services.get(service).map_or(0, |node| of_service(node, hold)),
            Self::Secret(_, _, weight) => weight,
            Self::Egress | Self::Root => 5,
        }
    }

    fn what(&self, ways: &Ways<'_>, start: ServiceId) -> String {
        let name = |service: ServiceId| ways.name(service);
        match *self {
            Self::Escape(tier) => tier.meaning().to_owned(),
            Self::Service(service, Hold::Executes) => format!("code runs in {}", name(service)),
            Self::Service(service, Hold::Controls) => format!("{} is controlled", name(service)),
            Self::Service(service, Hold::Uses) => format!("{} is used with its own login", name(service)),
            Self::Service(service, Hold::Reaches) => format!("{} can be connected to", name(service)),
            Self::Secret(secret, SecretClass::Critical, _) => {
                format!("{} opens something outside", shorten(secret, NAME))
            }
            Self::Secret(secret, SecretClass::ApplicationKey, _) => {
                format!("{} is the application's key", shorten(secret, NAME))
            }
            Self::Secret(secret, ..) => format!("{} is read", shorten(secret, NAME)),
            Self::Egress => "connections out are free".to_owned(),
            Self::Root => format!("root in {}", name(start)),
        }
    }
}

/// The blast radius of what a walk found.
#[must_use]
pub(super) fn blast(ways: &Ways<'_>, found: &Found) -> Blast {
    let items = items(ways, found, None);
    let score = total(ways.graph, &items);
    let mut items: Vec<BlastItem> = items
        .iter()
        .map(|item| (item, item.weight(ways.graph)))
        .filter(|&(_, weight)| weight > 0)
        .map(|(item, weight)| BlastItem { what: item.what(ways, found.start), weight: f64::from(weight) / 100.0 })
        .collect();
    items.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.what.cmp(&b.what)));
    Blast { score, grade: grade(score), items }
}

/// Only the number, as if one cause were not there.
#[must_use]
pub(super) fn score(ways: &Ways<'_>, found: &Found, without: Option<CauseId>) -> u8 {
    total(ways.graph, &items(ways, found, without))
}

/// The grade of a blast radius.
#[must_use]
pub fn grade(score: u8) -> char {
    match score {
        0..=25 => 'A',
        26..=45 => 'B',
        46..=65 => 'C',
        66..=85 => 'D',
        _ => 'F',
    }
}

/// The blast radius of a stack, from those of the services that breaches start at: 0.7 of the worst that is exposed, 0.3 of the
/// mean over PHP. Where nothing is exposed the worst start counts, and where nothing is PHP the worst counts whole.
#[must_use]
pub(super) fn of_stack(graph: &Graph, scores: &[(ServiceId, u8)]) -> u8 {
    let all = |wanted: fn(&ServiceNode) -> bool| -> Vec<u8> {
        let is = |id: ServiceId| graph.services.get(id).is_some_and(wanted);
        scores.iter().filter(|&&(id, _)| is(id)).map(|&(_, score)| score).collect()
    };
    let exposed = all(|node| node.is_exposed).into_iter().max();
    let Some(worst) = exposed.or_else(|| scores.iter().map(|&(_, score)| score).max()) else { return 0 };
    let worst = f64::from(worst);
    let php = all(|node| node.is_php);
    let mean = match u32::try_from(php.len()) {
        Ok(count @ 1..) => php.iter().map(|&score| f64::from(score)).sum::<f64>() / f64::from(count),
        _ => worst,
    };
    rounded(0.7 * worst + 0.3 * mean)
}

/// What is lost. What only the host gives is in the tier's weight already.
fn items<'g>(ways: &Ways<'g>, found: &Found, without: Option<CauseId>) -> Vec<Item<'g>> {
    let mut items = vec![Item::Escape(found.tier(ways, without))];
    for (id, node) in ways.graph.services.iter().enumerate() {
        if id == found.start || !node.stays {
            continue;
        }
        match found.firmest(id) {
            Some(grip) => items.push(Item::Service(id, grip.hold())),
            None if found.near.has(id) => items.push(Item::Service(id, Hold::Reaches)),
            None => {}
        }
    }
    secrets(ways, found, without, &mut items);
    let executed = || found.executed.iter().filter_map(|&service| ways.from.get(service));
    if executed().any(|from| from.egress.iter().any(|&cause| kept(cause, without))) {
        items.push(Item::Egress);
    }
    if ways.graph.services.get(found.start).is_some_and(|node| node.start_level() == Level::Root) {
        items.push(Item::Root);
    }
    items
}

/// Secrets that are read where code runs: a few of each class, each name once. A login counts at what it opens.
fn secrets<'g>(ways: &Ways<'g>, found: &Found, without: Option<CauseId>, items: &mut Vec<Item<'g>>) {
    let mut read: Vec<(SecretClass, &'g str)> = Vec::new();
    for &service in &found.executed {
        let is_root = found.is_root(service);
        for &(secret, cause) in ways.from.get(service).map_or(&[][..], |from| &from.secrets) {
            let is_login = secret.class == SecretClass::Credential && !secret.opens.is_empty();
            if (is_root || !secret.root_only) && !is_login && kept(cause, without) {
                read.push((secret.class, &secret.name));
            }
        }
    }
    read.sort_unstable_by_key(|&(class, name)| (name, class));
    read.dedup_by_key(|&mut (_, name)| name);
    read.sort_unstable();
    let mut counts = [CRITICAL, APPLICATION_KEY, OTHER];
    for (class, name) in read {
        let [critical, key, other] = &mut counts;
        let (left, weight) = match class {
            SecretClass::Critical => critical,
            SecretClass::ApplicationKey => key,
            SecretClass::Credential | SecretClass::Other => other,
        };
        if *left > 0 {
            *left -= 1;
            items.push(Item::Secret(name, class, *weight));
        }
    }
}

fn of_tier(tier: Tier) -> u8 {
    match tier {
        Tier::T0 => 100,
        Tier::T1 => 85,
        Tier::T2 => 60,
        Tier::T3 => 30,
        Tier::T4 => 5,
        Tier::T5 => 0,
    }
}

/// What a service weighs, by what it is and how it is held. A firmer hold never weighs less.
fn of_service(node: &ServiceNode, hold: Hold) -> u8 {
    if node.group == "data" {
        return match hold {
            Hold::Executes | Hold::Controls => 30,
            Hold::Uses => 12,
            Hold::Reaches => 8,
        };
    }
    if matches!(
        node.role,
        "db-admin" | "docker-admin" | "socket-proxy" | "admin" | "ci" | "dind" | "registry" | "secrets"
    ) {
        return match hold {
            Hold::Executes | Hold::Controls => 42,
            Hold::Uses | Hold::Reaches => 12,
        };
    }
    let reached = match node.role {
        "monitor" => 4,
        "web" | "proxy" => 2,
        _ => 5,
    };
    match hold {
        Hold::Executes => 20,
        Hold::Controls if !matches!(node.role, "mail-dev" | "dev" | "monitor") => 12,
        _ => reached,
    }
}

fn total(graph: &Graph, items: &[Item<'_>]) -> u8 {
    let mut weights: Vec<u8> = items.iter().map(|item| item.weight(graph)).collect();
    weights.sort_unstable();
    let safe: f64 = weights.iter().map(|&weight| 1.0 - f64::from(weight.min(100)) / 100.0).product();
    rounded(100.0 * (1.0 - safe))
}

/// Rounds half up, and takes no notice of what a sum of fractions leaves behind its tenth digit.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what the type holds")]
fn rounded(value: f64) -> u8 {
    ((value * 1e8).round() / 1e8).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use super::super::model::HeldSecret;
    use super::super::testing::{graph, service};
    use super::super::walk::breach;
    use super::super::walk::tests::{escape, secret};
    use super::*;

    fn pair(other: ServiceNode) -> Graph {
        let mut app = service("app", "php-fpm", "app");
        app.escapes.clear();
        graph(vec![app, other], &[("inner", true, &["app", "other"])], &[])
    }

    fn with_secrets(secrets: Vec<HeldSecret>) -> u8 {
        let mut graph = pair(service("other", "web", "edge"));
        graph.services[0].secrets = secrets;
        breach(&graph, 0).blast.score
    }

    #[test]
    fn what_is_reached_weighs_by_what_it_is() {
        for (role, group, score) in [
            ("db", "data", 8),
            ("db-admin", "operations", 12),
            ("php-fpm", "app", 5),
            ("mail-dev", "operations", 5),
            ("monitor", "operations", 4),
            ("web", "edge", 2),
        ] {
            let breach = breach(&pair(service("other", role, group)), 0);
            assert_eq!(breach.blast.score, score, "{role}");
            assert_eq!(breach.blast.items.len(), 1);
            assert_eq!(breach.blast.items[0].what, "other can be connected to");
        }
    }

    #[test]
    fn a_firmer_hold_never_weighs_less() {
        for role in ["db", "db-admin", "docker-admin", "php-fpm", "mail-dev", "monitor", "web", "unknown"] {
            let node = service("other", role, if role == "db" { "data" } else { "unknown" });
            let holds = [Hold::Reaches, Hold::Uses, Hold::Controls, Hold::Executes];
            let weights: Vec<u8> = holds.into_iter().map(|hold| of_service(&node, hold)).collect();
            assert!(weights.is_sorted(), "{role}: {weights:?}");
        }
    }

    #[test]
    fn secrets_count_by_class_and_only_so_many() {
        let many = |class, count: usize| (0..count).map(|i| secret(&format!("S{i}"), class, &[])).collect();
        assert_eq!(with_secrets(Vec::new()), 2);
        assert_eq!(with_secrets(many(SecretClass::Critical, 1)), 27);
        assert_eq!(with_secrets(many(SecretClass::Critical, 2)), with_secrets(many(SecretClass::Critical, 9)));
        assert_eq!(with_secrets(many(SecretClass::Other, 1)), 6);
        assert_eq!(with_secrets(many(SecretClass::Other, 5)), with_secrets(many(SecretClass::Other, 6)));
        // a login weighs where it logs in, not once more
        assert_eq!(with_secrets(vec![secret("OWN", SecretClass::Credential, &[0])]), 2);
    }

    #[test]
    fn tiers_weigh_once_the_nearest() {
        let mut graph = pair(service("other", "web", "edge"));
        for (tier, score) in [(Tier::T4, 7), (Tier::T3, 31), (Tier::T2, 61), (Tier::T1, 85), (Tier::T0, 100)] {
            graph.services[0].escapes.push(escape(tier, "a reason"));
            assert_eq!(breach(&graph, 0).blast.score, score, "{tier:?}");
        }
    }

    #[test]
    fn a_stack_is_its_worst_entry_and_the_mean_of_its_php() {
        let mut graph = pair(service("other", "web", "edge"));
        assert_eq!(of_stack(&graph, &[]), 0);
        assert_eq!(of_stack(&graph, &[(0, 40)]), 40);
        graph.services[1].is_exposed = true;
        assert_eq!(of_stack(&graph, &[(0, 40), (1, 50)]), 47);
        graph.services[0].is_php = false;
        assert_eq!(of_stack(&graph, &[(1, 50)]), 50);
    }

    #[test]
    fn grades_end_where_they_should() {
        let grades: String = [0, 25, 26, 45, 46, 65, 66, 85, 86, 100].into_iter().map(grade).collect();
        assert_eq!(grades, "AABBCCDDFF");
    }
}

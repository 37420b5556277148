//! Which services of a deployment can talk to each other, which have to, and how far the two are apart.

use super::model::{End, Graph, LinkKind, ServiceId};
use super::outcome::Segmentation;
use std::collections::BTreeSet;

/// Two services, the smaller place first.
type Pair = (ServiceId, ServiceId);

/// Compares the pairs of services that share a network or a namespace with those that have to talk. Jobs that end do not count.
#[must_use]
pub fn segmentation(graph: &Graph) -> Segmentation {
    let stays = |id: ServiceId| graph.services.get(id).is_some_and(|service| service.stays);
    let count = graph.services.iter().filter(|service| service.stays).count();
    let wanted = graph.needs.iter().filter(|need| need.is_needed() && need.from != need.to);
    let wanted: BTreeSet<Pair> =
        wanted.filter(|need| stays(need.from) && stays(need.to)).map(|need| (need.from, need.to)).collect();
    let needed: BTreeSet<Pair> = wanted.iter().map(|(from, to)| pair(*from, *to)).collect();

    let mut possible: Vec<Pair> = Vec::new();
    // A published port or the host's network makes a conversation possible too, though not one that networks part.
    let mut around: BTreeSet<Pair> = BTreeSet::new();
    for link in &graph.links {
        let (End::Service(from), End::Service(to)) = (link.from, link.to) else { continue };
        if from == to || !stays(from) || !stays(to) {
            continue;
        }
        match link.kind {
            LinkKind::Network | LinkKind::Namespace => possible.push(pair(from, to)),
            _ => around.extend(wanted.get(&(from, to)).map(|_| pair(from, to))),
        }
    }
    possible.sort_unstable();
    possible.dedup();

    let excess: Vec<Pair> = possible.iter().copied().filter(|pair| !needed.contains(pair)).collect();
    let missing = needed.iter().copied().filter(|pair| possible.binary_search(pair).is_err() && !around.contains(pair));
    let missing = missing.collect();
    let all = count * count.saturating_sub(1) / 2;
    let index = index(all.saturating_sub(needed.len()), excess.len());
    Segmentation { possible, needed: needed.into_iter().collect(), excess, missing, index }
}

/// 100 × (1 − excess ÷ apart), rounded, where `apart` is how many pairs could be kept apart.
fn index(apart: usize, excess: usize) -> u8 {
    let kept = apart.saturating_sub(excess);
    let index = if apart == 0 { 100 } else { (200 * kept + apart) / (2 * apart) };
    u8::try_from(index).unwrap_or(100)
}

fn pair(a: ServiceId, b: ServiceId) -> Pair {
    (a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::model::{Link, ServiceNode};
    use crate::graph::testing::{graph, service};

    fn stack() -> Vec<ServiceNode> {
        vec![
            service("nginx", "web", "edge"),
            service("app", "php-fpm", "app"),
            service("mysql", "db", "data"),
            service("redis", "cache", "data"),
        ]
    }

    const NEEDS: [(&str, &str); 3] = [("nginx", "app"), ("app", "mysql"), ("app", "redis")];

    #[test]
    fn a_flat_network_keeps_nobody_apart() {
        let flat = graph(stack(), &[("default", false, &["nginx", "app", "mysql", "redis"])], &NEEDS);
        let found = segmentation(&flat);
        assert_eq!(found.possible.len(), 6);
        assert_eq!(found.needed, [(0, 1), (1, 2), (1, 3)]);
        assert_eq!(found.excess, [(0, 2), (0, 3), (2, 3)]);
        assert_eq!((found.missing.len(), found.index), (0, 0));
    }

    #[test]
    fn networks_for_each_conversation() {
        let networks: [(&str, bool, &[&str]); 2] =
            [("front", false, &["nginx", "app"]), ("data", true, &["app", "mysql", "redis"])];
        let found = segmentation(&graph(stack(), &networks, &NEEDS));
        assert_eq!(found.excess, [(2, 3)]);
        assert_eq!(found.index, 67);
    }

    #[test]
    fn a_pair_on_two_networks_counts_once() {
        let networks: [(&str, bool, &[&str]); 2] = [("a", true, &["nginx", "app"]), ("b", true, &["nginx", "app"])];
        assert_eq!(segmentation(&graph(stack(), &networks, &NEEDS)).possible, [(0, 1)]);
    }

    #[test]
    fn what_has_to_talk_and_cannot() {
        let mut parted = graph(stack(), &[("front", false, &["nginx", "app"])], &NEEDS);
        assert_eq!(segmentation(&parted).missing, [(1, 2), (1, 3)]);
        // A published port carries the conversation as well; one in the other direction does not.
        for (from, to, kind) in [(1, 2, LinkKind::Hairpin), (3, 1, LinkKind::Hairpin)] {
            parted.links.push(Link {
                from: End::Service(from),
                to: End::Service(to),
                kind,
                ports: vec![3306],
                networks: Vec::new(),
                evidence: Vec::new(),
                cause: None,
            });
        }
        let found = segmentation(&parted);
        assert_eq!(found.missing, [(1, 3)]);
        assert_eq!((found.possible.len(), found.index), (1, 100));
    }

    #[test]
    fn jobs_and_guesses_do_not_count() {
        let mut services = stack();
        services.push(ServiceNode { stays: false, ..service("migrate", "php-cli", "app") });
        let all = ["nginx", "app", "mysql", "redis", "migrate"];
        let mut flat = graph(services, &[("default", false, &all)], &[("migrate", "mysql"), ("app", "mysql")]);
        if let Some(need) = flat.needs.last_mut() {
            need.confidence = 40;
        }
        let found = segmentation(&flat);
        assert_eq!((found.possible.len(), found.needed.len(), found.excess.len()), (6, 0, 6));
    }

    #[test]
    fn nothing_to_separate() {
        assert_eq!(segmentation(&graph(Vec::new(), &[], &[])).index, 100);
        let two = vec![service("app", "php-fpm", "app"), service("mysql", "db", "data")];
        let found = segmentation(&graph(two, &[("default", false, &["app", "mysql"])], &[("app", "mysql")]));
        assert_eq!((found.index, found.excess.len()), (100, 0));
        assert_eq!([index(45, 11), index(36, 27), index(8, 1), index(3, 3)], [76, 25, 88, 0]);
    }
}

//! A plan of networks in which every needed pair shares one and few others do.
//!
//! The needed pairs are covered with groups in which everybody needs everybody, then groups are joined while a network less is
//! worth the pairs that come with it.

use super::network::pair;
use super::{Group, Need, Project, ServiceRef, View};
use crate::fix::{Fix, Safety};
use crate::source::Location;
use crate::syntax::yaml::edit::{self, TextEdit};
use std::collections::{BTreeMap, BTreeSet};

/// Views with more services get no plan: nobody would read it.
const MAX_SERVICES: usize = 24;

/// What a network costs, against the weights of pairs that do not need to talk.
const NETWORK_COST: f64 = 1.5;

/// One network of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedNetwork {
    /// Its key.
    pub name: String,
    /// Its members, in the order of the file.
    pub members: Vec<String>,
    /// Whether it has no way out.
    pub internal: bool,
}

impl<'a> Project<'a> {
    /// Networks for the services of a view; `None` when there are too many services, or nothing tells which ones talk.
    #[must_use]
    pub fn plan_networks(&self, view: &View) -> Option<Vec<PlannedNetwork>> {
        let services: Vec<ServiceRef<'_, 'a>> =
            self.services_of(view).filter(|service| service.network_mode.is_none()).collect();
        if services.len() > MAX_SERVICES {
            return None;
        }
        let names: Vec<&str> = services.iter().map(|service| service.spec.name.as_str()).collect();
        let mut needed = self.needed_pairs(view);
        needed.retain(|(a, b)| names.contains(&a.as_str()) && names.contains(&b.as_str()));
        if needed.is_empty() {
            return None;
        }
        let mut groups = cover(&names, &needed);
        join_groups(&mut groups, &|a, b| if needed.contains(&pair(a, b)) { 0.0 } else { weight(&services, a, b) });
        let needs: Vec<Need> = services.iter().flat_map(|service| service.needs().to_vec()).collect();
        Some(named(&services, &groups, &needs))
    }

    /// Writes a plan into a Compose file that has no networks yet.
    ///
    /// `None` where the text cannot be written: several files, services that share one mapping, networks that are there already.
    #[must_use]
    pub fn write_plan(&self, view: &View, plan: &[PlannedNetwork]) -> Option<Fix> {
        let &[file] = view.files.as_slice() else { return None };
        let mut nodes = BTreeSet::new();
        let fresh = view.networks.is_empty()
            && view.services.iter().all(|service| {
                service.networks.is_empty() && service.node.source == file && nodes.insert(service.node.id)
            });
        if !fresh {
            return None;
        }
        let mut of_service: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for network in plan {
            for member in &network.members {
                of_service.entry(member).or_default().push(&network.name);
            }
        }
        let (tree, text) = (self.tree(file)?, self.text(file));
        let mut edits: Vec<TextEdit> = Vec::new();
        for service in view.services.iter().filter(|service| service.network_mode.is_none()) {
            let networks = of_service.get(service.spec.name.as_str())?;
            let list = format!("[{}]", networks.join(", "));
            edits.extend(edit::insert_key(tree, text, service.spec.node.id, "networks", &list)?);
        }
        let mut block = String::new();
        for network in plan {
            block.push_str(&format!(
                "\n  {}: {{{}}}",
                network.name,
                if network.internal { "internal: true" } else { "" }
            ));
        }
        let &[root] = tree.documents.as_slice() else { return None };
        edits.extend(edit::insert_key(tree, text, root, "networks", &block)?);
        self.yaml_fix(Safety::Suggested, "Give each conversation its own network", file, edits)
    }

    /// Where a view's default network comes from: the `services` key of its first file.
    #[must_use]
    pub fn services_key(&self, view: &View) -> Option<Location> {
        view.files.iter().find_map(|&file| {
            let tree = self.tree(file)?;
            let (key, _) = tree.documents.iter().find_map(|document| tree.get(*document, "services"))?;
            Some(Location::new(file, tree.node(key).span))
        })
    }
}

/// Gives the groups names, after who answers in them, and adds the ways out.
fn named(services: &[ServiceRef<'_, '_>], groups: &[Vec<&str>], needs: &[Need]) -> Vec<PlannedNetwork> {
    let mut plan: Vec<PlannedNetwork> = Vec::new();
    for group in groups {
        let within = |name: &str| group.contains(&name);
        let members: Vec<&ServiceRef<'_, '_>> = services.iter().filter(|service| within(&service.spec.name)).collect();
        let of = |wanted: &dyn Fn(&ServiceRef<'_, '_>) -> bool| -> Vec<String> {
            members.iter().filter(|service| wanted(service)).map(|service| service.spec.name.clone()).take(2).collect()
        };
        let mut heads = of(&|service| service.role.group() == Group::Data);
        if heads.is_empty() {
            heads = of(&|service| needs.iter().any(|need| need.to == service.spec.name && within(&need.from)));
            heads.truncate(1);
        }
        let mut name = heads.join("_");
        for member in &members {
            if !name.is_empty() && name != "default" && !plan.iter().any(|network| network.name == name) {
                break;
            }
            if !heads.contains(&member.spec.name) {
                name = if name.is_empty() { member.spec.name.clone() } else { format!("{name}_{}", member.spec.name) };
            }
        }
        plan.push(PlannedNetwork {
            name,
            members: members.iter().map(|service| service.spec.name.clone()).collect(),
            internal: true,
        });
    }
    // An internal network has no way out, so what publishes a port or may call out gets a network of its own.
    let mut edges = 0;
    for service in services {
        let publishes = !service.ports.is_empty();
        if !publishes && service.role.group() == Group::Data {
            continue;
        }
        let web = publishes && service.role.is_web_entry();
        let name = if web && edges == 0 { "edge".to_owned() } else { format!("egress_{}", service.spec.name) };
        edges += usize::from(web);
        plan.push(PlannedNetwork { name, members: vec![service.spec.name.clone()], internal: false });
    }
    plan
}

/// Groups in which everybody needs everybody, that together hold every needed pair.
fn cover<'n>(names: &[&'n str], needed: &BTreeSet<(String, String)>) -> Vec<Vec<&'n str>> {
    let needs = |a: &str, b: &str| needed.contains(&pair(a, b));
    let mut open: BTreeSet<(String, String)> = needed.clone();
    let mut groups = Vec::new();
    while let Some((a, b)) = open.pop_first() {
        let mut group: Vec<&str> = names.iter().copied().filter(|name| *name == a || *name == b).collect();
        for &other in names {
            let fits = !group.contains(&other) && group.iter().all(|member| needs(member, other));
            if fits && group.iter().any(|member| open.contains(&pair(member, other))) {
                group.push(other);
            }
        }
        for (at, &member) in group.iter().enumerate() {
            for &other in group.iter().skip(at + 1) {
                open.remove(&pair(member, other));
            }
        }
        groups.push(group);
    }
    groups
}

/// Joins two groups as long as that lowers the cost.
fn join_groups(groups: &mut Vec<Vec<&str>>, excess: &dyn Fn(&str, &str) -> f64) {
    let union = |a: &[&str], b: &[&str]| -> f64 {
        let new: Vec<&str> = b.iter().copied().filter(|member| !a.contains(member)).collect();
        let old: Vec<&str> = a.iter().copied().filter(|member| !b.contains(member)).collect();
        old.iter().flat_map(|x| new.iter().map(move |y| excess(x, y))).sum()
    };
    loop {
        let mut best: Option<(usize, usize, f64)> = None;
        for (i, a) in groups.iter().enumerate() {
            for (j, b) in groups.iter().enumerate().skip(i + 1) {
                let gain = NETWORK_COST - union(a, b);
                if gain > 0.0 && best.is_none_or(|(_, _, known)| gain > known) {
                    best = Some((i, j, gain));
                }
            }
        }
        let Some((i, j, _)) = best else { return };
        let taken = groups.remove(j);
        if let Some(group) = groups.get_mut(i) {
            for member in taken {
                if !group.contains(&member) {
                    group.push(member);
                }
            }
        }
    }
}

/// How much is lost when two services that do not need to talk can.
fn weight(services: &[ServiceRef<'_, '_>], a: &str, b: &str) -> f64 {
    let find = |name: &str| services.iter().find(|service| service.spec.name == name);
    let (Some(a), Some(b)) = (find(a), find(b)) else { return 0.0 };
    let has = |name: &str| a.role.name == name || b.role.name == name;
    let groups =
        |x: Group, y: Group| (a.role.group(), b.role.group()) == (x, y) || (b.role.group(), a.role.group()) == (x, y);
    let any = |group: Group| a.role.group() == group || b.role.group() == group;
    let same_build = a.image_use.text == b.image_use.text && a.image_use.is_base == b.image_use.is_base;
    if has("docker-admin") || has("socket-proxy") {
        50.0
    } else if groups(Group::Edge, Group::Data) {
        20.0
    } else if any(Group::Operations) || has("processor") {
        10.0
    } else if groups(Group::Data, Group::Data) {
        1.0
    } else if any(Group::Data) {
        8.0
    } else if same_build {
        if has("php-fpm") { 2.0 } else { 0.3 }
    } else {
        4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    const STACK: &str = "services:
  nginx:
    image: nginx:1.30.4
    ports: [\"80:80\"]
    depends_on: [app]
  app:
    image: registry.example.net/shop:1.0
    command: php-fpm
    environment: {DB_HOST: mysql, REDIS_HOST: redis, MAIL_HOST: mail}
  worker:
    image: registry.example.net/shop:1.0
    command: php artisan queue:work
    environment: {DB_HOST: mysql, REDIS_HOST: redis, MAIL_HOST: mail}
  redis:
    image: redis:8.2.9
  mysql:
    image: mysql:8.4.11
  mail:
    image: axllent/mailpit:v1.30.0
  pma:
    image: phpmyadmin:5.2.3
    environment: {PMA_HOST: mysql}
";

    #[test]
    fn every_needed_pair_and_little_else() {
        let sources = sources(&[("compose.yaml", STACK)]);
        let project = Project::new(&sources, TODAY);
        let view = &project.views[0];
        let plan = project.plan_networks(view).unwrap();
        let shares = |a: &str, b: &str| {
            plan.iter().any(|network| network.members.iter().any(|m| m == a) && network.members.iter().any(|m| m == b))
        };
        for (a, b) in project.needed_pairs(view) {
            assert!(shares(&a, &b), "{a} and {b}: {plan:?}");
        }
        assert!(
            !shares("nginx", "redis")
                && !shares("pma", "redis")
                && !shares("app", "worker")
                && !shares("mail", "mysql"),
            "{plan:?}"
        );
        let names: BTreeSet<&str> = plan.iter().map(|network| network.name.as_str()).collect();
        assert_eq!(names.len(), plan.len(), "names are unique: {plan:?}");
        assert!(plan.iter().any(|network| network.name == "edge" && !network.internal && network.members == ["nginx"]));
    }

    #[test]
    fn the_plan_is_written() {
        let files = sources(&[("compose.yaml", STACK)]);
        let project = Project::new(&files, TODAY);
        let view = &project.views[0];
        let fix = project.write_plan(view, &project.plan_networks(view).unwrap()).unwrap();
        let after = fix.outcome(&files).unwrap().remove("compose.yaml").unwrap();
        let files = sources(&[("compose.yaml", &after)]);
        let project = Project::new(&files, TODAY);
        assert!(project.notices.is_empty(), "{after}");
        let view = &project.views[0];
        for (a, b) in project.needed_pairs(view) {
            assert!(
                project.service(view, &a).unwrap().shares_network(project.service(view, &b).unwrap()),
                "{a} {b}\n{after}"
            );
        }
        let redis = project.service(view, "redis").unwrap();
        assert!(redis.unneeded_neighbours().iter().all(|other| other.role.group() == Group::Data), "{after}");
    }
}

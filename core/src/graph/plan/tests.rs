use super::super::model::{Evidence, Graph, NeededPath, Published, ServiceId};
use super::super::outcome::{Plan, Preset};
use super::super::testing::{graph, nowhere, service};
use super::field::{Field, Set, bits, join};
use super::{POOLS, cover, exact, field, plan};

/// The stack of the worked example.
fn shop() -> Graph {
    let worker = |name| {
        let mut worker = service(name, "php-cli", "app");
        worker.build = "context .".to_owned();
        worker
    };
    let mut nginx = service("nginx", "web", "edge");
    nginx.published = vec![port("0.0.0.0:80", "everyone")];
    let mut app = service("app", "php-fpm", "app");
    app.build = "context .".to_owned();
    let mut mysql = service("mysql", "db", "data");
    mysql.published = vec![port("0.0.0.0:3306", "everyone")];
    let services = vec![
        nginx,
        app,
        worker("worker"),
        worker("scheduler"),
        service("redis", "cache", "data"),
        mysql,
        service("phpmyadmin", "db-admin", "operations"),
        service("mailhog", "mail-dev", "operations"),
        service("portainer", "docker-admin", "operations"),
    ];
    let all: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut needs = vec![("nginx", "app"), ("phpmyadmin", "mysql")];
    for client in ["app", "worker", "scheduler"] {
        needs.extend([(client, "mysql"), (client, "redis"), (client, "mailhog")]);
    }
    graph(services, &[("default", false, &all)], &needs)
}

fn port(host: &str, reach: &'static str) -> Published {
    Published { host: host.to_owned(), target: None, reach, at: nowhere() }
}

fn names(graph: &Graph, ids: &[ServiceId]) -> Vec<String> {
    ids.iter().map(|id| graph.services[*id].name.clone()).collect()
}

fn shown(graph: &Graph, plan: &Plan) -> Vec<String> {
    let line = |network: &super::PlannedNetwork| {
        let kind = if network.internal { "internal" } else { "open" };
        format!("{} {kind}: {}", network.name, names(graph, &network.members).join(" "))
    };
    plan.networks.iter().map(line).collect()
}

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn random(dice: &mut Dice, most: usize) -> Graph {
    const ROLES: [(&str, &str); 9] = [
        ("web", "edge"),
        ("php-fpm", "app"),
        ("php-cli", "app"),
        ("db", "data"),
        ("cache", "data"),
        ("db-admin", "operations"),
        ("docker-admin", "operations"),
        ("processor", "app"),
        ("unknown", "unknown"),
    ];
    let count = 2 + dice.roll(most - 1);
    let mut services: Vec<_> = (0..count)
        .map(|number| {
            let (role, group) = ROLES[dice.roll(ROLES.len())];
            let mut node = service(&format!("s{number}"), role, group);
            if dice.roll(2) == 0 {
                node.build = "context .".to_owned();
            }
            if dice.roll(4) == 0 {
                node.published = vec![port("0.0.0.0:80", "everyone")];
            }
            if dice.roll(5) == 0 {
                node.egress_needed = vec![Evidence::known("a key of a payment service")];
            }
            node.stays = dice.roll(9) != 0;
            node
        })
        .collect();
    if count > 3 && dice.roll(3) == 0 {
        services[1].network_mode = Some("service:s0".to_owned());
    }
    let all: Vec<String> = services.iter().map(|node| node.name.clone()).collect();
    let all: Vec<&str> =
        all.iter().map(String::as_str).filter(|name| services[find(&services, name)].network_mode.is_none()).collect();
    let mut result = graph(services.clone(), &[("default", false, &all)], &[]);
    for _ in 0..dice.roll(3 * count) {
        let (from, to) = (dice.roll(count), dice.roll(count));
        if from != to && !result.needs.iter().any(|need| (need.from, need.to) == (from, to)) {
            let confidence = [95, 95, 60, 50, 20][dice.roll(5)];
            result.needs.push(NeededPath { from, to, confidence, evidence: Evidence::known("a variable names it") });
        }
    }
    result
}

fn find(services: &[super::super::model::ServiceNode], name: &str) -> usize {
    services.iter().position(|node| node.name == name).unwrap()
}

#[test]
fn the_worked_example() {
    let graph = shop();
    let plan = plan(&graph, Preset::Balanced).unwrap();
    assert!(plan.exact);
    let field = Field::of(&graph, &super::ways::foreign(&graph)).unwrap();
    let greedy = {
        let mut groups = cover::cover(&field);
        cover::merge(&field, &mut groups);
        groups
    };
    // The reference: 6 networks, mysql–redis and worker–scheduler beside them.
    assert_eq!(field.cost(&greedy), 6 * 15 + 10 + 3);
    assert_eq!(
        shown(&graph, &plan),
        [
            "app_nginx internal: nginx app",
            "redis_mysql_app internal: app redis mysql",
            "mailhog_app internal: app mailhog",
            "redis_mysql internal: worker scheduler redis mysql",
            "mailhog internal: worker scheduler mailhog",
            "mysql_phpmyadmin internal: mysql phpmyadmin",
            "edge open: nginx",
        ]
    );
    assert_eq!(plan.networks[3].why, "worker and scheduler talk to redis and mysql.");
}

#[test]
fn strict_joins_nobody_else() {
    let graph = shop();
    let plan = plan(&graph, Preset::Strict).unwrap();
    assert_eq!(plan.excess, []);
    assert_eq!(plan.index.1, 100);
}

#[test]
fn every_plan_holds_what_it_promises() {
    let mut dice = Dice(7);
    for round in 0..400 {
        let graph = random(&mut dice, if round % 4 == 0 { 45 } else { 12 });
        for preset in Preset::ALL {
            let Some(plan) = plan(&graph, preset) else { continue };
            assert_eq!(Some(&plan), super::plan(&graph, preset).as_ref(), "the same again");
            check(&graph, &plan, round);
        }
    }
}

fn check(graph: &Graph, plan: &Plan, round: usize) {
    for (a, b) in field::needed_pairs(graph) {
        assert!(plan.joins(a, b), "round {round}: {a} and {b} in {:#?}", plan.networks);
    }
    assert!(plan.networks.len() <= POOLS, "round {round}: {}", plan.networks.len());
    let mut seen: Vec<&str> = plan.networks.iter().map(|network| network.name.as_str()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), plan.networks.len(), "round {round}: names are unique");
    let crowded = plan.remarks.iter().any(|remark| remark.contains("default address pools hold"));
    let has_guests = graph.services.iter().any(|service| service.network_mode.is_some());
    if plan.preset == Preset::Strict && !crowded && !has_guests {
        let kept = field::needed_pairs(graph);
        assert!(plan.excess.iter().all(|pair| kept.contains(pair)), "round {round}: {:?}", plan.excess);
    }
    for (id, service) in graph.services.iter().enumerate() {
        let own: Vec<_> = plan.networks.iter().filter(|network| network.members.contains(&id)).collect();
        let publishes = super::ways::publishes(service) || !service.egress_needed.is_empty();
        if service.network_mode.is_some() {
            assert!(own.is_empty(), "round {round}");
        } else if publishes {
            assert!(own.iter().any(|network| !network.internal), "round {round}: {} needs a way out", service.name);
        }
        if service.group == "data" && service.egress_needed.is_empty() && service.stays {
            assert!(own.iter().all(|network| network.internal), "round {round}: {} needs none", service.name);
        }
    }
}

#[test]
fn the_search_is_never_worse() {
    let mut dice = Dice(11);
    for round in 0..300 {
        let graph = random(&mut dice, 12);
        let Some(field) = Field::of(&graph, &super::ways::foreign(&graph)) else { continue };
        let mut greedy = cover::cover(&field);
        cover::merge(&field, &mut greedy);
        let (best, exact) = exact::improve(&field, greedy.clone(), false);
        assert!(field.cost(&best) <= field.cost(&greedy), "round {round}");
        if exact && field.len() <= 5 {
            assert_eq!(field.cost(&best), by_force(&field), "round {round}");
        }
    }
}

fn go(field: &Field, edges: &[Set], groups: &mut Vec<Set>) -> u32 {
    let Some((edge, rest)) = edges.split_first() else { return field.cost(groups) };
    groups.push(*edge);
    let mut best = go(field, rest, groups);
    groups.pop();
    for at in 0..groups.len() {
        let before = groups[at];
        groups[at] |= edge;
        best = best.min(go(field, rest, groups));
        groups[at] = before;
    }
    best
}

/// The least cost over every way to put the needed pairs into groups.
fn by_force(field: &Field) -> u32 {
    let mut edges: Vec<Set> = Vec::new();
    for a in 0..field.len() {
        edges.extend(bits(field.needs(a)).filter(|b| a < *b).map(|b| (1 << a) | (1 << b)));
    }
    go(field, &edges, &mut Vec::new())
}

#[test]
fn many_services_take_no_time() {
    let services: Vec<_> = (0..120)
        .map(|number| {
            let (role, group) = if number % 2 == 0 { ("php-cli", "app") } else { ("db", "data") };
            let mut node = service(&format!("s{number}"), role, group);
            node.egress_needed = vec![Evidence::known("a key of a payment service")];
            node
        })
        .collect();
    let mut graph = graph(services, &[], &[]);
    for from in (0..120).step_by(2) {
        for to in (1..120).step_by(2) {
            graph.needs.push(NeededPath { from, to, confidence: 95, evidence: Evidence::known("x") });
        }
    }
    for preset in Preset::ALL {
        let plan = plan(&graph, preset).unwrap();
        check(&graph, &plan, 0);
        assert!(!plan.exact || preset == Preset::Tiered);
    }
}

#[test]
fn nobody_talks() {
    assert!(
        plan(&graph(vec![service("a", "web", "edge"), service("b", "db", "data")], &[], &[]), Preset::Balanced)
            .is_none()
    );
}

#[test]
fn names_that_fit_are_kept() {
    let graph = graph(
        vec![service("web", "web", "edge"), service("app", "php-fpm", "app"), service("db", "db", "data")],
        &[("front", false, &["web", "app"]), ("back", true, &["app", "db"])],
        &[("web", "app"), ("app", "db")],
    );
    let plan = plan(&graph, Preset::Balanced).unwrap();
    assert_eq!(shown(&graph, &plan), ["front internal: web app", "back internal: app db"]);
    assert!(
        plan.remarks
            .iter()
            .any(|remark| remark == "web and app have no way out any more: nothing says that they call other machines"),
        "{:?}",
        plan.remarks
    );
    assert_eq!(plan.networks[0].why, "web talks to app.");
}

#[test]
fn a_way_out_that_somebody_made_stays() {
    let mut graph = graph(
        vec![service("web", "web", "edge"), service("app", "php-fpm", "app"), service("db", "db", "data")],
        &[("calls", false, &["app"]), ("all", false, &["web", "app", "db"]), ("db_out", false, &["db"])],
        &[("web", "app"), ("app", "db")],
    );
    let plan = plan(&graph, Preset::Balanced).unwrap();
    assert_eq!(shown(&graph, &plan), ["app_web internal: web app", "db internal: app db", "calls open: app"]);
    assert_eq!(plan.networks[2].why, "app has a way out of its own today.");
    graph.services[1].stays = false;
    graph.services[1].egress_needed = vec![Evidence::known("a key of a payment service")];
    let plan = super::plan(&graph, Preset::Balanced).unwrap();
    assert_eq!(plan.networks[2].why, "app calls other machines (a key of a payment service).");
}

#[test]
fn networks_of_others_stay() {
    let mut graph = graph(
        vec![service("web", "web", "edge"), service("app", "php-fpm", "app"), service("db", "db", "data")],
        &[("proxy", false, &["web", "app"]), ("default", false, &["app", "db"])],
        &[("web", "app"), ("app", "db")],
    );
    graph.networks[0].external = true;
    let plan = plan(&graph, Preset::Balanced).unwrap();
    assert_eq!(shown(&graph, &plan), ["app_web internal: web app", "db internal: app db", "proxy open: web"]);
    assert!(plan.remarks.iter().any(|remark| remark.starts_with("app leaves proxy, on which other projects")));
    // What calls out may use somebody there: then the two meet there anyway.
    graph.services[1].egress_needed = vec![Evidence::known("a host of somebody else")];
    let plan = super::plan(&graph, Preset::Balanced).unwrap();
    assert_eq!(shown(&graph, &plan), ["db internal: app db", "proxy open: web app"]);
}

#[test]
fn a_namespace_carries_the_conversations_of_its_guests() {
    let mut app = service("app", "php-fpm", "app");
    app.network_mode = Some("service:web".to_owned());
    let mut tool = service("tool", "monitor", "operations");
    tool.network_mode = Some("host".to_owned());
    let graph = graph(
        vec![service("web", "web", "edge"), app, service("db", "db", "data"), tool],
        &[("default", false, &["web", "db"])],
        &[("web", "app"), ("app", "db"), ("tool", "db")],
    );
    let plan = plan(&graph, Preset::Balanced).unwrap();
    assert_eq!(shown(&graph, &plan), ["db internal: web db"]);
    assert!(plan.remarks.iter().any(|remark| remark.starts_with("app stays in the network namespace of web")));
    assert!(plan.remarks.iter().any(|remark| remark.starts_with("tool stays on the host's network")));
}

#[test]
fn probable_needs_are_named_and_not_kept() {
    let mut graph = shop();
    let find = |graph: &Graph, name: &str| graph.service(name).unwrap();
    let (pma, portainer, redis) = (find(&graph, "phpmyadmin"), find(&graph, "portainer"), find(&graph, "redis"));
    for from in [pma, portainer] {
        let evidence = Evidence::known("a probe asks it");
        graph.needs.push(NeededPath { from, to: redis, confidence: 50, evidence });
    }
    let plan = plan(&graph, Preset::Balanced).unwrap();
    assert!(!plan.joins(pma, redis) && !plan.joins(portainer, redis));
    for name in ["phpmyadmin", "portainer"] {
        let remark = format!("{name} may need redis (a probe asks it); the plan does not keep this");
        assert!(plan.remarks.contains(&remark), "{:?}", plan.remarks);
    }
    assert_eq!(plan.alone, [portainer]);
    assert!(plan.remarks.iter().any(|remark| remark == "portainer gets no network: nothing says whom it talks to"));
    assert_eq!(plan.unpublished.len(), 1);
}

#[test]
fn who_has_no_sure_need_keeps_the_probable_ones() {
    let mut graph = graph(
        vec![service("app", "php-fpm", "app"), service("db", "db", "data"), service("redis", "cache", "data")],
        &[("default", false, &["app", "db", "redis"])],
        &[("app", "db")],
    );
    graph.needs.push(NeededPath { from: 0, to: 2, confidence: 40, evidence: Evidence::known("its usual partner") });
    let made = plan(&graph, Preset::Strict).unwrap();
    assert!(made.joins(0, 2) && !made.joins(1, 2));
    assert!(made.remarks.iter().any(|remark| remark.contains("keeps this, though nothing is sure")));
    graph.needs.remove(0);
    assert!(plan(&graph, Preset::Strict).is_none(), "nothing is sure");
}

#[test]
fn ports_of_this_machine_are_kept() {
    let mut graph = shop();
    let mysql = graph.service("mysql").unwrap();
    graph.services[mysql].published = vec![port("127.0.0.1:3306", "loopback")];
    let plan = plan(&graph, Preset::Balanced).unwrap();
    assert!(plan.unpublished.is_empty());
    assert!(plan.networks.iter().any(|network| network.name == "egress_mysql" && !network.internal));
}

#[test]
fn tiers_have_four_names() {
    let graph = shop();
    let plan = plan(&graph, Preset::Tiered).unwrap();
    let names: Vec<&str> = plan.networks.iter().map(|network| network.name.as_str()).collect();
    assert_eq!(names, ["edge", "data", "ops"]);
    assert!(!plan.networks[0].internal && plan.networks[1].internal);
    assert!(!plan.excess.is_empty());
}

#[test]
fn the_price_of_groups() {
    let graph = shop();
    let field = Field::of(&graph, &super::ways::foreign(&graph)).unwrap();
    let everybody: Set = (1 << field.len()) - 1;
    assert!(field.cost(&[everybody]) > 1000);
    let mut rows = vec![0; 3];
    join(&mut rows, 0b101);
    assert_eq!(rows, [0b100, 0, 0b1]);
}

//! Breaches on graphs made by hand.

use super::*;
use crate::graph::model::{
    Cause, Door, DoorKind, End, EscapeReason, External, HeldSecret, Influence, InfluenceKind, Link, SecretClass,
};
use crate::graph::outcome::{Hold, Position, Reached, Verb};
use crate::graph::testing::{graph, nowhere, service};

pub(in crate::graph) fn cause(change: &str) -> Cause {
    Cause { rule: Some("a/rule"), change: change.to_owned(), at: nowhere() }
}

pub(in crate::graph) fn door(kind: DoorKind, gives: Level, reason: &str) -> Door {
    Door {
        kind,
        gives,
        cost: 1,
        ports: Vec::new(),
        loopback_only: false,
        reason: reason.to_owned(),
        evidence: vec![Evidence::known("a line of its configuration")],
        cause: Some(cause(&format!("Mend: {reason}"))),
    }
}

pub(in crate::graph) fn secret(name: &str, class: SecretClass, opens: &[ServiceId]) -> HeldSecret {
    HeldSecret {
        name: name.to_owned(),
        class,
        root_only: false,
        opens: opens.to_vec(),
        opens_external: Vec::new(),
        superuser: false,
        evidence: Vec::new(),
        cause: None,
    }
}

pub(in crate::graph) fn influence(from: ServiceId, to: ServiceId, kind: InfluenceKind, needs: Level) -> Influence {
    Influence {
        from,
        needs,
        to,
        gives: Level::User,
        kind,
        cost: 3,
        reason: kind.as_str().to_owned(),
        evidence: Vec::new(),
        cause: None,
    }
}

pub(in crate::graph) fn escape(tier: Tier, reason: &str) -> EscapeReason {
    EscapeReason {
        tier,
        reason: reason.to_owned(),
        evidence: Vec::new(),
        cause: Some(cause(&format!("Mend: {reason}"))),
    }
}

fn link(from: ServiceId, to: ServiceId, kind: LinkKind, ports: &[u16]) -> Link {
    Link {
        from: End::Service(from),
        to: End::Service(to),
        kind,
        ports: ports.to_vec(),
        networks: Vec::new(),
        evidence: Vec::new(),
        cause: None,
    }
}

/// nginx and app on one network, redis and worker with app on another; redis has no password, the worker takes jobs from it and
/// holds the engine's socket.
pub(in crate::graph) fn shop() -> Graph {
    let mut app = service("app", "php-fpm", "app");
    app.doors.push(Door { cause: None, ..door(DoorKind::FastCgi, Level::User, "FastCGI asks nobody") });
    let mut redis = service("redis", "cache", "data");
    redis.doors.push(door(DoorKind::OpenStore, Level::Data, "redis has no password"));
    let mut worker = service("worker", "php-cli", "app");
    worker.escapes.push(escape(Tier::T0, "the engine's socket is mounted"));
    let mut nginx = service("nginx", "web", "edge");
    nginx.is_exposed = true;
    let mail = service("mail", "mail-dev", "operations");
    let mut graph = graph(
        vec![nginx, app, redis, worker, mail],
        &[("edge", false, &["nginx", "app"]), ("data", true, &["app", "redis", "worker"]), ("mail", true, &["mail"])],
        &[("nginx", "app"), ("app", "redis"), ("worker", "redis")],
    );
    graph.influences.push(influence(2, 3, InfluenceKind::Queue, Level::Data));
    graph
}

fn level(breach: &Breach, service: ServiceId) -> Option<Level> {
    breach.reached.iter().find(|reached| reached.service == service).map(|reached| reached.level)
}

fn of(breach: &Breach, service: ServiceId) -> &Reached {
    breach.reached.iter().find(|reached| reached.service == service).unwrap()
}

fn story(breach: &Breach, to: Position) -> Vec<&str> {
    let path = breach.paths.iter().find(|path| path.to == to).unwrap();
    path.steps.iter().map(|step| step.reason.as_str()).collect()
}

#[test]
fn the_easiest_path_leads_from_the_web_server_to_the_host() {
    let graph = shop();
    let breach = breach(&graph, 0);
    assert_eq!(
        story(&breach, Position::Host),
        ["FastCGI asks nobody", "redis has no password", "queue", "the engine's socket is mounted"]
    );
    let host = breach.paths.iter().find(|path| path.to == Position::Host).unwrap();
    assert_eq!(host.cost, 1 + 1 + 3 + 1);
    assert_eq!(host.cost, host.steps.iter().map(|step| u32::from(step.cost)).sum::<u32>());
    let verbs: Vec<Verb> = host.steps.iter().map(|step| step.verb).collect();
    assert_eq!(verbs, [Verb::Execute, Verb::Access, Verb::Execute, Verb::Escape]);
    assert_eq!(host.steps[0].networks, ["edge"]);
    assert_eq!(host.steps[0].link, Some(LinkKind::Network));
    assert_eq!(host.steps[2].link, None);
    assert_eq!(breach.tier, Tier::T0);
    assert_eq!(breach.blast.score, 100);
    assert_eq!(breach.level, Level::User);
    assert_eq!(breach.enumerated, ["app"]);
    assert!(breach.egress);
    assert!(!breach.metadata);
    assert_eq!(breach.escapes[0].1, "the engine's socket is mounted");
    assert!(breach.escapes.iter().skip(1).all(|(_, reason, _)| reason.contains("a fault in the kernel")));
}

#[test]
fn from_the_host_everything_is_reached() {
    let breach = breach(&shop(), 0);
    assert!(breach.spared.is_empty());
    for service in 1..=4 {
        assert_eq!(level(&breach, service), Some(Level::Root));
    }
    assert_eq!(of(&breach, 4).reason, "root on the host controls every container");
    assert_eq!(of(&breach, 2).reason, "redis has no password, and root on the host controls every container");
    assert!(!breach.paths.iter().any(|path| matches!(path.to, Position::At(4, _))));
}

#[test]
fn data_alone_leads_nowhere() {
    let mut graph = shop();
    graph.influences.clear();
    let breach = breach(&graph, 0);
    assert_eq!(level(&breach, 2), Some(Level::Data));
    assert_eq!(of(&breach, 2).hold, Hold::Controls);
    assert_eq!(of(&breach, 3).hold, Hold::Reaches);
    assert_eq!(of(&breach, 3).reason, "from app over the network data");
    assert_eq!(breach.tier, Tier::T4);
    let spared: Vec<(ServiceId, &str)> = breach.spared.iter().map(|one| (one.service, one.why.as_str())).collect();
    assert_eq!(spared, [(4, "it shares no network with what falls, and publishes no port")]);
    // from mail nothing is reached
    let breach = super::breach(&graph, 4);
    assert!(breach.reached.is_empty() && breach.paths.is_empty());
    assert!(!breach.egress);
}

#[test]
fn jobs_that_end_are_no_neighbours() {
    let mut graph = shop();
    graph.services[2].stays = false;
    let breach = breach(&graph, 0);
    assert_eq!(level(&breach, 2), None);
    assert!(breach.spared.iter().all(|one| one.service != 2));
}

#[test]
fn ports_of_a_connection_have_to_be_those_of_the_door() {
    let mut graph = shop();
    graph.services[2].doors[0].ports = vec![6379];
    graph.links.push(link(4, 2, LinkKind::Hairpin, &[8001]));
    let spared = breach(&graph, 4);
    assert_eq!(of(&spared, 2).hold, Hold::Reaches);
    assert_eq!(of(&spared, 2).reason, "from mail through its published port 8001");
    graph.links.push(link(4, 2, LinkKind::Hairpin, &[6379]));
    assert_eq!(of(&breach(&graph, 4), 2).hold, Hold::Executes);
}

#[test]
fn a_door_on_the_loopback_address_needs_its_namespace() {
    let mut graph = shop();
    graph.services[1].doors[0].loopback_only = true;
    assert_eq!(of(&breach(&graph, 0), 1).hold, Hold::Reaches);
    graph.links.push(link(0, 1, LinkKind::HostNetwork, &[]));
    assert_eq!(of(&breach(&graph, 0), 1).hold, Hold::Reaches);
    graph.services[1].network_mode = Some("host".to_owned());
    assert_eq!(of(&breach(&graph, 0), 1).hold, Hold::Executes);
    graph.services[1].network_mode = None;
    graph.links.push(link(0, 1, LinkKind::Namespace, &[]));
    assert_eq!(of(&breach(&graph, 0), 1).hold, Hold::Executes);
}

#[test]
fn a_login_is_used_where_it_is_read_or_from_where_a_connection_is() {
    let mut graph = shop();
    graph.influences.clear();
    graph.services[2].doors.clear();
    assert_eq!(of(&breach(&graph, 1), 2).reason, "from app over the network data");
    graph.services[1].secrets.push(secret("REDIS_PASSWORD", SecretClass::Credential, &[2]));
    let own = breach(&graph, 1);
    assert_eq!(of(&own, 2).hold, Hold::Uses);
    assert_eq!(of(&own, 2).reason, "REDIS_PASSWORD logs in at redis");
    assert_eq!(own.secrets.len(), 1);
    // the web server holds it, only the application reaches redis
    let mut held = graph.services[1].secrets.pop().unwrap();
    held.cause = Some(cause("Take it away from nginx"));
    graph.services[0].secrets.push(held);
    let foreign = breach(&graph, 0);
    assert_eq!(of(&foreign, 2).hold, Hold::Controls);
    assert_eq!(of(&foreign, 2).reason, "REDIS_PASSWORD, read in nginx, logs in at redis");
    let app = breach(&graph, 1);
    assert_eq!(of(&app, 2).hold, Hold::Reaches);
    assert_eq!(
        of(&app, 2).reason,
        "from app over the network data, but it asks for a password that nothing reached holds"
    );
}

#[test]
fn what_only_root_reads_takes_root() {
    let mut graph = shop();
    graph.services[2].doors.clear();
    let mut key = secret("/root/redis", SecretClass::Credential, &[2]);
    key.root_only = true;
    graph.services[1].secrets.push(key);
    assert_eq!(of(&breach(&graph, 1), 2).hold, Hold::Reaches);
    assert!(breach(&graph, 1).secrets.is_empty());
    graph.services[1].root_for_requests = true;
    assert_eq!(of(&breach(&graph, 1), 2).hold, Hold::Executes);
    assert_eq!(
        of(&breach(&graph, 1), 2).reason,
        "/root/redis logs in at redis, and root on the host controls every container"
    );
}

#[test]
fn only_an_administrator_has_a_store_run_commands() {
    let mut graph = shop();
    graph.influences = vec![influence(2, 2, InfluenceKind::DatabaseCommand, Level::Data)];
    graph.services[2].doors.clear();
    graph.services[1].secrets.push(secret("DB_PASSWORD", SecretClass::Credential, &[2]));
    assert_eq!(of(&breach(&graph, 1), 2).hold, Hold::Uses);
    graph.services[1].secrets[0].superuser = true;
    let admin = breach(&graph, 1);
    assert_eq!(of(&admin, 2).hold, Hold::Executes);
    assert_eq!(
        story(&admin, Position::At(2, Level::User)),
        ["DB_PASSWORD logs in at redis as an administrator", "database-command"]
    );
}

#[test]
fn the_engines_api_and_a_console_with_its_socket_are_the_host() {
    let mut graph = shop();
    graph.influences.clear();
    graph.services[4].role = "docker-admin";
    graph.services[4].escapes.push(escape(Tier::T0, "the engine's socket is mounted"));
    graph.links.push(link(0, 4, LinkKind::Network, &[]));
    assert_eq!(breach(&graph, 0).tier, Tier::T4);
    graph.services[4].doors.push(door(DoorKind::Console, Level::Data, "the console logs in by itself"));
    let console = breach(&graph, 0);
    assert_eq!(console.tier, Tier::T0);
    assert_eq!(story(&console, Position::Host), ["the console logs in by itself", "the engine's socket is mounted"]);
    graph.services[4].escapes.clear();
    graph.services[4].doors = vec![door(DoorKind::EngineApi, Level::Data, "the engine's API is read")];
    assert_eq!(breach(&graph, 0).tier, Tier::T4);
    graph.services[4].doors = vec![door(DoorKind::EngineApi, Level::Root, "the engine's API asks nobody")];
    let api = breach(&graph, 0);
    assert_eq!(story(&api, Position::Host), ["the engine's API asks nobody"]);
    assert_eq!(api.escapes[0].0, 4);
    assert_eq!(api.tier, Tier::T0);
    graph.services[4].role = "dind";
    let nested = breach(&graph, 0);
    assert_eq!((level(&nested, 4), nested.tier), (Some(Level::Root), Tier::T4));
}

#[test]
fn an_open_console_of_a_database_uses_its_own_login_for_anybody() {
    let mut graph = shop();
    graph.influences.clear();
    graph.services[2].doors.clear();
    graph.services[4].role = "db-admin";
    graph.services[4].secrets.push(secret("PMA_PASSWORD", SecretClass::Credential, &[2]));
    graph.links.push(link(0, 4, LinkKind::Network, &[]));
    graph.links.push(link(4, 2, LinkKind::Network, &[]));
    let closed = breach(&graph, 0);
    assert_eq!((of(&closed, 4).hold, of(&closed, 2).hold), (Hold::Reaches, Hold::Reaches));
    graph.services[4].doors.push(door(DoorKind::Console, Level::Data, "the console logs in by itself"));
    let open = breach(&graph, 0);
    assert_eq!((of(&open, 4).hold, of(&open, 2).hold), (Hold::Controls, Hold::Controls));
    assert_eq!(of(&open, 2).reason, "mail logs in at redis with PMA_PASSWORD");
    assert!(open.secrets.is_empty());
}

#[test]
fn a_second_tier_escape_costs_more_and_a_third_leads_nowhere() {
    let mut graph = shop();
    graph.services[0].escapes.push(escape(Tier::T2, "the host's keys are mounted"));
    graph.influences.clear();
    let near = breach(&graph, 0);
    assert_eq!(near.tier, Tier::T2);
    assert!(near.paths.iter().all(|path| path.to != Position::Host));
    assert_eq!(near.escapes[0].1, "the host's keys are mounted");
    graph.services[0].escapes.push(escape(Tier::T1, "CAP_DAC_READ_SEARCH is added"));
    let host = breach(&graph, 0);
    assert_eq!(host.paths.iter().find(|path| path.to == Position::Host).unwrap().cost, 2);
}

#[test]
fn a_secret_opens_what_is_outside() {
    let mut graph = shop();
    graph.externals.push(External { name: "aws".to_owned(), evidence: Evidence::known("a variable names it") });
    let mut key = secret("AWS_SECRET_ACCESS_KEY", SecretClass::Critical, &[]);
    key.opens_external = vec![0];
    graph.services[0].secrets.push(key);
    graph.influences.clear();
    let breach = breach(&graph, 0);
    assert_eq!(breach.externals, [0]);
    assert_eq!(story(&breach, Position::External(0)), ["AWS_SECRET_ACCESS_KEY opens aws"]);
    assert_eq!(super::breach(&graph, 2).externals, Vec::<usize>::new());
}

#[test]
fn networks_that_keep_apart_are_said() {
    let mut graph = shop();
    graph.influences.clear();
    graph.networks[2].isolated = true;
    graph.services[0].networks.push("mail".to_owned());
    let breach = breach(&graph, 0);
    assert_eq!(breach.spared[0].why, "members of the network mail cannot talk to each other");
}

#[test]
fn a_service_that_is_not_there_breaches_nothing() {
    let breach = breach(&shop(), 99);
    assert!(breach.reached.is_empty() && breach.paths.is_empty());
}

#[test]
fn a_stack_starts_where_it_is_exposed_and_where_php_runs() {
    let graph = shop();
    let stack = stack(&graph);
    assert_eq!(stack.starts, [0, 1, 3]);
    assert_eq!(stack.breaches.len(), 5);
    assert_eq!((stack.blast, stack.grade), (100, 'F'));
    assert!(!stack.cuts.is_empty());
}

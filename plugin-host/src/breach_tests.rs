use super::*;
use plimsoll_core::report::json::LocationV1;
use plimsoll_core::report::stack::{BlastItemV1, EscapeV1, ReachedV1, ReadSecretV1, SegmentationV1, SparedV1};

fn at(line: u32) -> LocationV1 {
    LocationV1 {
        path: "compose.yaml".to_owned(),
        start: 0,
        end: 0,
        start_utf16: 0,
        end_utf16: 0,
        line,
        column: 1,
        end_line: line,
        end_column: 1,
    }
}

fn shows(label: &str, line: u32) -> EvidenceV1 {
    EvidenceV1 { label: label.to_owned(), location: Some(at(line)) }
}

fn spot(place: &str, level: Option<&str>) -> PositionV1 {
    PositionV1 { place: place.to_owned(), level: level.map(str::to_owned) }
}

fn sample(start: &str) -> BreachV1 {
    let step = |from: PositionV1, to: PositionV1, link: Option<&str>, shown: Vec<EvidenceV1>| StepV1 {
        from,
        to,
        verb: "access".to_owned(),
        cost: 1,
        reason: "redis has no password".to_owned(),
        link: link.map(str::to_owned),
        networks: if link == Some("network") { vec!["default".to_owned()] } else { Vec::new() },
        evidence: vec![shows("no requirepass", 7)],
        rule: None,
        shown_by: shown,
    };
    BreachV1 {
        start: start.to_owned(),
        level: "user".to_owned(),
        enumerated: vec!["redis".to_owned(), "evil\u{1b}[2J".to_owned()],
        paths: vec![PathV1 {
            to: spot("host", None),
            cost: 2,
            steps: vec![
                step(spot(start, Some("user")), spot("redis", Some("data")), Some("network"), Vec::new()),
                step(
                    spot("redis", Some("data")),
                    spot("host", None),
                    Some("hairpin"),
                    vec![shows("the log of redis", 9)],
                ),
            ],
        }],
        reached: vec![ReachedV1 {
            service: "redis".to_owned(),
            level: "data".to_owned(),
            hold: "controls".to_owned(),
            reason: "redis has no password".to_owned(),
        }],
        secrets: vec![ReadSecretV1 {
            name: "APP_KEY".to_owned(),
            services: vec![start.to_owned()],
            class: "application-key".to_owned(),
        }],
        externals: vec!["aws".to_owned()],
        spared: vec![SparedV1 {
            service: "db".to_owned(),
            why: "no network is shared".to_owned(),
            evidence: vec![shows("its networks", 12)],
        }],
        tier: "T0".to_owned(),
        tier_meaning: "controls the host by design, without an exploit".to_owned(),
        escapes: vec![EscapeV1 {
            service: "worker".to_owned(),
            reason: "the engine's socket is mounted".to_owned(),
            evidence: vec![shows("the mount", 20)],
        }],
        egress: true,
        metadata: false,
        blast: 97,
        grade: "F".to_owned(),
        items: vec![BlastItemV1 { what: "redis is controlled".to_owned(), weight: 30 }],
    }
}

fn view(breaches: Vec<BreachV1>) -> ViewV1 {
    ViewV1 {
        name: "compose.yaml".to_owned(),
        context: "production".to_owned(),
        running: false,
        services: Vec::new(),
        networks: Vec::new(),
        links: Vec::new(),
        needs: Vec::new(),
        externals: Vec::new(),
        segmentation: SegmentationV1::default(),
        blast: 97,
        grade: "F".to_owned(),
        starts: Vec::new(),
        cuts: vec![CutV1 {
            rule: Some("datastores/redis-without-auth".to_owned()),
            change: "Give redis a password".to_owned(),
            location: at(7),
            paths_cut: 4,
            before: 97,
            after: 40,
        }],
        breaches,
        plans: Vec::new(),
        boundaries: Vec::new(),
    }
}

#[test]
fn one_breach_in_full() {
    let text = deployment(&view(vec![sample("app")]));
    for part in [
        "compose.yaml: blast radius 97 of 100, grade F\n",
        "When app falls, code runs in it as its unprivileged user\n",
        "Names it finds without a connection: redis, evil␛[2J\n",
        "    1. the host (root), cost 2\n",
        "       1. app → redis (its data) (cost 1, over default): redis has no password\n",
        "          compose.yaml:7 no requirepass\n          nothing here would show it\n",
        "       2. redis → the host (root) (cost 1, over a published port of the host)",
        "          would show: the log of redis\n",
        "  Controls\n    redis: redis has no password\n",
        "  Falls with it outside: aws\n",
        "    APP_KEY in app, the application's key\n",
        "    db: no network is shared  compose.yaml:12\n",
        "  The host: T0, controls the host by design, without an exploit\n    worker: the engine's socket is mounted  compose.yaml:20\n",
        "    It may call out to other machines\n",
        "     30 %  redis is controlled\n",
        "  1. Give redis a password  compose.yaml:7  datastores/redis-without-auth\n     4 paths gone or harder; blast radius 97 → 40\n",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    assert!(!text.contains("WHEN IT FALLS") && !text.contains("metadata"));
}

#[test]
fn several_start_with_a_table() {
    let mut second = sample("worker");
    second.paths = vec![second.paths[0].clone(); 7];
    second.level = "root".to_owned();
    let text = deployment(&view(vec![sample("app"), second]));
    assert!(text.contains("\n  WHEN IT FALLS  HOST  BLAST  RUNS CODE IN  CONTROLS  USES  CAN CONNECT TO  SECRETS\n"));
    assert!(
        text.contains("\n  app            T0    97 F   0             1         0     0               1\n"),
        "{text}"
    );
    assert!(
        text.contains("When worker falls, code runs in it as root\n")
            && text.contains("and 2 more paths; --format json")
    );
}

#[test]
fn nothing_to_start_from() {
    assert!(deployment(&view(Vec::new())).contains("name a service with --from"));
}

#[test]
fn places_in_words() {
    let said = |place: &str, level: Option<&str>| position(&spot(place, level));
    assert_eq!(said("app", Some("root")), "app (runs code as root)");
    assert_eq!(said("external:aws", None), "aws (outside)");
    assert_eq!(said("db", Some("reached")), "db (a connection)");
    for link in ["expose", "loopback", "namespace", "host-network", "hairpin", "gateway", "egress"] {
        assert_ne!(carrier(link), carrier("network"));
    }
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use crate::DataResidency;
use plimsoll_plugin_sdk::testing::{Outcome, check};

const DB: &str = "services:\n  db:\n    image: mariadb:11\n    volumes:\n      - data:/var/lib/mysql\n";

fn run(files: &[(&str, &str)], settings: &str) -> Outcome {
    check::<DataResidency>(files, settings).unwrap_or_else(|error| panic!("{error}"))
}

fn lines(text: &str, settings: &str) -> Vec<String> {
    let strip = |line: String| line.replace("data-residency/", "").replace("compose.yaml:", "");
    run(&[("compose.yaml", text)], settings).lines().into_iter().map(strip).collect()
}

fn silent(text: &str, settings: &str) {
    assert_eq!(lines(text, settings), Vec::<String>::new(), "{text}");
}

#[test]
fn nothing_is_wrong_unless_said() {
    silent(&format!("{DB}volumes:\n  data:\n    driver: anything\n    labels: {{region: mars}}\n"), "{}");
    silent("services:\n  db:\n    image: mariadb:11\n    volumes: [/tmp/x:/var/lib/mysql]\n", "{}");
}

#[test]
fn drivers_of_volumes_with_data() {
    let settings = r#"{ "drivers": ["eu-block"] }"#;
    assert_eq!(
        lines(&format!("{DB}volumes:\n  data:\n    driver: rexray\n"), settings),
        ["8 volume-driver: The volume `data` holds data and has the driver `rexray`; allowed are `eu-block`"]
    );
    assert_eq!(
        lines(&format!("{DB}volumes:\n  data:\n"), settings),
        ["7 volume-driver: The volume `data` holds data and has the driver `local`; allowed are `eu-block`"]
    );
    silent(&format!("{DB}volumes:\n  data:\n    driver: eu-block\n"), settings);
    silent(&format!("{DB}volumes:\n  data:\n    driver: ${{DRIVER}}\n"), settings);
    silent(&format!("{DB}volumes:\n  data:\n    external: true\n"), settings);
    let views = [
        ("compose.yaml", format!("{DB}volumes:\n  data:\n")),
        ("compose.prod.yaml", "volumes:\n  data:\n    driver: eu-block\n".to_owned()),
    ];
    let views: Vec<(&str, &str)> = views.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(run(&views, settings).lines(), Vec::<String>::new());
}

#[test]
fn what_holds_data_is_told_by_role_name_or_label() {
    let settings = r#"{ "drivers": ["eu-block"], "data_volumes": ["*-uploads"], "data_classes": ["personal"] }"#;
    let cache = |name: &str, more: &str| {
        format!(
            "services:\n  cache:\n    image: redis:7\n    volumes:\n      - {name}:/data\nvolumes:\n  {name}:\n    driver: other\n{more}"
        )
    };
    silent(&cache("store", ""), settings);
    silent(&cache("store", "    labels: {data-class: public}\n"), settings);
    assert_eq!(lines(&cache("shop-uploads", ""), settings).len(), 1);
    assert_eq!(lines(&cache("store", "    labels: {data-class: personal}\n"), settings).len(), 1);
    let labelled = cache("store", "").replace("redis:7\n", "redis:7\n    labels: {data-class: personal}\n");
    assert_eq!(lines(&labelled, settings).len(), 1);
    // What a database mounts elsewhere, or only reads, is configuration.
    silent(
        &format!(
            "{DB}      - conf:/etc/mysql/conf.d\nvolumes:\n  data: {{driver: eu-block}}\n  conf: {{driver: other}}\n"
        ),
        settings,
    );
    silent(
        &format!(
            "{DB}      - seed:/var/lib/seed:ro\nvolumes:\n  data: {{driver: eu-block}}\n  seed: {{driver: other}}\n"
        ),
        settings,
    );
}

#[test]
fn devices_and_file_servers() {
    let settings = r#"{ "host_paths": ["/srv/eu"], "file_servers": ["*.eu.example.net"] }"#;
    let volume = |options: &str| format!("{DB}volumes:\n  data:\n    driver_opts:\n{options}");
    assert_eq!(
        lines(&volume("      type: none\n      o: bind\n      device: /srv/us/db\n"), settings),
        ["11 volume-device: The volume `data` holds data and lies in `/srv/us/db`; allowed are `/srv/eu`"]
    );
    assert_eq!(
        lines(&volume("      type: nfs\n      o: addr=nas.us.example.net,rw\n      device: ':/export'\n"), settings),
        [
            "11 volume-device: The volume `data` holds data and lies on the server `nas.us.example.net`; allowed are `*.eu.example.net`"
        ]
    );
    for options in [
        "      type: none\n      o: bind\n      device: /srv/eu/db\n",
        "      type: none\n      o: bind\n      device: ./data\n",
        "      type: none\n      o: bind\n      device: ${PLACE}/db\n",
        "      type: nfs\n      o: addr=nas.eu.example.net\n      device: ':/export'\n",
        "      type: cifs\n      device: //files.eu.example.net/share\n",
        "      type: nfs\n      device: ':/export'\n",
    ] {
        silent(&volume(options), settings);
    }
}

#[test]
fn regions_of_volumes() {
    let settings = r#"{ "regions": ["eu-*"] }"#;
    assert_eq!(
        lines(&format!("{DB}volumes:\n  data:\n    labels:\n      region: us-east\n"), settings),
        ["9 volume-region: The volume `data` holds data and is in the region `us-east`; allowed are `eu-*`"]
    );
    assert_eq!(lines(&format!("{DB}volumes:\n  data:\n    driver_opts: {{region: us-east}}\n"), settings).len(), 1);
    silent(&format!("{DB}volumes:\n  data:\n    labels: {{region: eu-west}}\n"), settings);
    silent(&format!("{DB}volumes:\n  data:\n    labels: {{region: \"${{REGION}}\"}}\n"), settings);
    silent(&format!("{DB}volumes:\n  data:\n"), settings);
}

#[test]
fn a_region_may_be_required() {
    let settings = r#"{ "regions": ["eu-west"], "require_region": true }"#;
    let fixed = |text: &str| {
        let outcome = run(&[("compose.yaml", text)], settings);
        assert_eq!(outcome.findings.len(), 1, "{:?}", outcome.lines());
        outcome.fixed(0).map(|files| files["compose.yaml"].clone())
    };
    let empty = format!("{DB}volumes:\n  data: # all of it\n");
    assert_eq!(fixed(&empty).unwrap(), format!("{empty}    labels:\n      region: eu-west\n"));
    let named = format!("{DB}volumes:\n  data:\n    name: shop\n");
    assert_eq!(fixed(&named).unwrap(), format!("{named}    labels:\n      region: eu-west\n"));
    let list = format!("{DB}volumes:\n  data:\n    labels:\n      - a=b\n");
    assert_eq!(fixed(&list).unwrap(), format!("{list}      - \"region=eu-west\"\n"));
    assert_eq!(fixed(&format!("{DB}volumes:\n  data: {{}}\n")), None);
    silent(&format!("{DB}volumes:\n  data:\n    external: true\n"), settings);
    silent(&format!("{DB}volumes:\n  data:\n    labels:\n      - region=eu-west\n"), settings);
}

#[test]
fn folders_of_the_host() {
    let settings = r#"{ "host_paths": ["/srv/eu"] }"#;
    let db = |mount: &str| format!("services:\n  db:\n    image: mariadb:11\n    volumes:\n      - {mount}\n");
    assert_eq!(
        lines(&db("/mnt/backup:/var/lib/mysql"), settings),
        ["5 bind-path: `db` keeps its data in `/mnt/backup`; allowed are `/srv/eu`"]
    );
    for mount in [
        "/srv/eu/mysql:/var/lib/mysql",
        "./data:/var/lib/mysql",
        "~/data:/var/lib/mysql",
        "${PLACE}:/var/lib/mysql",
        "/mnt/conf:/etc/mysql/conf.d",
        "/mnt/seed:/var/lib/seed:ro",
    ] {
        silent(&db(mount), settings);
    }
    silent("services:\n  web:\n    image: nginx:1.29\n    volumes:\n      - /mnt/x:/var/lib/x\n", settings);
    assert_eq!(lines(&db("./data:/var/lib/mysql"), r#"{ "relative_paths": false }"#).len(), 1);
}

const SHARED: &str = "services:\n  db:\n    image: mariadb:11\n    networks: [back]\n  report:\n    image: php:8.4-cli\n    networks: [back]\n    labels:\n      region: us-east\nnetworks:\n  back:\n";

#[test]
fn services_of_other_regions() {
    let settings = r#"{ "regions": ["eu-*"] }"#;
    let outcome = run(&[("compose.yaml", SHARED)], settings);
    assert_eq!(
        outcome.lines(),
        [
            "compose.yaml:9 data-residency/shared-network: `report` in the region `us-east` reaches `db`, which holds data, over the network `back`"
        ]
    );
    assert_eq!(outcome.findings[0].services, ["report", "db"]);
    silent(&SHARED.replace("us-east", "eu-west"), settings);
    silent(&SHARED.replace("  back:\n", "  back:\n    internal: true\n"), settings);
    silent(&SHARED.replace("mariadb:11", "nginx:1.29"), settings);
    let network = SHARED.replace("us-east", "eu-west").replace("  back:\n", "  back:\n    labels: {region: us-west}\n");
    assert_eq!(
        lines(&network, settings),
        ["12 shared-network: The network `back` is in the region `us-west`, and `db` on it holds data"]
    );
}

#[test]
fn networks_may_have_to_be_internal() {
    let settings = r#"{ "require_internal": true }"#;
    let outcome = run(&[("compose.yaml", SHARED)], settings);
    assert_eq!(
        outcome.lines(),
        ["compose.yaml:11 data-residency/open-network: The network `back` has a way out, and `db` on it holds data"]
    );
    assert_eq!(outcome.fixed(0).unwrap()["compose.yaml"], format!("{SHARED}    internal: true\n"));
    let written = format!("{SHARED}    internal: false\n");
    let outcome = run(&[("compose.yaml", &written)], settings);
    assert_eq!(outcome.fixed(0).unwrap()["compose.yaml"], format!("{SHARED}    internal: true\n"));
    let published = SHARED.replace("php:8.4-cli\n", "php:8.4-cli\n    ports: [\"8080:80\"]\n");
    let outcome = run(&[("compose.yaml", &published)], settings);
    assert_eq!((outcome.findings.len(), outcome.findings[0].fixes.len()), (1, 0));
    silent(&format!("{SHARED}    internal: true\n"), settings);
    silent(&format!("{SHARED}    external: true\n"), settings);
}

#[test]
fn development_is_left_alone_unless_asked_for() {
    let files = [("compose.dev.yaml", SHARED)];
    assert!(run(&files, r#"{ "require_internal": true }"#).findings.is_empty());
    assert_eq!(run(&files, r#"{ "require_internal": true, "contexts": ["development"] }"#).findings.len(), 1);
}

#[test]
fn settings_are_held_to_their_shape() {
    for path in ["srv", "/srv/../etc"] {
        let settings = format!(r#"{{ "host_paths": ["{path}"] }}"#);
        assert_eq!(
            check::<DataResidency>(&[], &settings).unwrap_err(),
            format!("host_paths: `{path}` is no absolute path without `..`")
        );
    }
}

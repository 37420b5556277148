//! Limits, scaling, logging, restarting, profiles.

use crate::{default, it, notices, service, slice};

#[test]
fn limits_of_the_service_itself() {
    let body = "image: x\nmem_limit: 512m\nmemswap_limit: 1g\nmem_reservation: 64m\ncpus: 1.5\ncpu_quota: 50000\ncpu_shares: 512\ncpuset: 0-1\npids_limit: 100\nshm_size: 64m";
    it(body, |it| {
        let limits = &it.limits;
        assert_eq!(limits.memory.as_ref().unwrap().value, Some(536_870_912.0));
        assert_eq!(limits.memory_and_swap.as_ref().unwrap().value, Some(1_073_741_824.0));
        assert_eq!(limits.memory_reservation.as_ref().unwrap().value, Some(67_108_864.0));
        assert_eq!(limits.cpus.as_ref().unwrap().value, Some(1.5));
        assert_eq!(limits.cpu_quota.as_ref().unwrap().value, Some(50_000.0));
        assert_eq!(limits.cpu_shares.as_ref().unwrap().value, Some(512.0));
        assert_eq!(limits.cpuset.as_ref().unwrap().text, "0-1");
        assert_eq!(limits.pids.as_ref().unwrap().is_limit(), Some(true));
        assert_eq!(limits.shared_memory.as_ref().unwrap().value, Some(67_108_864.0));
        assert_eq!(slice(it.project(), limits.memory.as_ref().unwrap().text.at), "512m");
    });
}

#[test]
fn limits_of_deploy() {
    let body = "image: x\ndeploy:\n  resources:\n    limits: {cpus: '0.5', memory: 50M, pids: 1}\n    reservations: {cpus: '0.25', memory: 20M}";
    it(body, |it| {
        assert_eq!(it.limits.memory.as_ref().unwrap().value, Some(52_428_800.0));
        assert_eq!(it.limits.cpus.as_ref().unwrap().value, Some(0.5));
        assert_eq!(it.limits.pids.as_ref().unwrap().value, Some(1.0));
        assert_eq!(it.limits.memory_reservation.as_ref().unwrap().value, Some(20_971_520.0));
    });
}

#[test]
fn no_limit_and_unknown_limits() {
    it("image: x\npids_limit: -1\nmem_limit: ${M}", |it| {
        assert_eq!(it.limits.pids.as_ref().unwrap().is_limit(), Some(false));
        assert_eq!(it.limits.memory.as_ref().unwrap().is_limit(), None);
        assert!(it.limits.cpus.is_none());
    });
}

#[test]
fn limits_in_both_places_must_agree() {
    let found = |own: &str, deploy: &str| {
        let text =
            format!("services:\n  it:\n    image: x\n    {own}\n    deploy: {{resources: {{limits: {{{deploy}}}}}}}\n");
        notices(&[("compose.yaml", &text)], "compose/conflict").len()
    };
    assert_eq!(found("mem_limit: 512m", "memory: 256m"), 1);
    assert_eq!(found("mem_limit: 1g", "memory: 1024m"), 0);
    assert_eq!(found("cpus: 1", "cpus: '2'"), 1);
    assert_eq!(found("cpus: 1.0", "cpus: '1'"), 0);
    assert_eq!(found("mem_limit: ${M}", "memory: 256m"), 0);
}

#[test]
fn replicas_and_scale() {
    it("image: x\ndeploy: {mode: replicated, replicas: 3, labels: [a=b], restart_policy: {condition: any}}", |it| {
        let deploy = it.deploy.as_ref().unwrap();
        assert_eq!(it.replicas(), Some(3));
        assert_eq!(deploy.mode.as_ref().unwrap().text, "replicated");
        assert_eq!(deploy.labels[0].key, "a");
        assert_eq!(deploy.restart.as_ref().unwrap().text, "any");
    });
    it("image: x\nscale: 2", |it| assert_eq!(it.replicas(), Some(2)));
    it("image: x\ndeploy: {replicas: \"${N}\"}", |it| assert_eq!(it.replicas(), None));
    let files = [("compose.yaml", "services:\n  it: {image: x, scale: 2, deploy: {replicas: 3}}\n")];
    assert_eq!(notices(&files, "compose/conflict").len(), 1);
}

#[test]
fn a_container_name_is_for_one_container() {
    for body in ["scale: 2", "deploy: {replicas: 2}"] {
        let text = format!("services:\n  it: {{image: x, container_name: c, {body}}}\n");
        assert_eq!(notices(&[("compose.yaml", &text)], "compose/conflict").len(), 1, "{body}");
    }
    let files =
        [("compose.yaml", "services:\n  a: {image: x, container_name: c}\n  b: {image: x, container_name: c}\n")];
    assert_eq!(notices(&files, "compose/conflict").len(), 1);
}

#[test]
fn logging() {
    it("image: x\nlogging: {driver: json-file, options: {max-size: 10m, max-file: \"3\"}}", |it| {
        let logging = it.logging.as_ref().unwrap();
        assert_eq!(logging.driver.as_ref().unwrap().text, "json-file");
        assert_eq!(logging.option("max-size").unwrap().text, "10m");
        assert_eq!(logging.option("max-file").unwrap().text, "3");
        assert!(logging.option("tag").is_none());
    });
    it("image: x\nlogging: {options: {max-size: 10m}}", |it| assert!(it.logging.as_ref().unwrap().driver.is_none()));
}

#[test]
fn profiles() {
    let text = "services:\n  always: {image: x}\n  debug: {image: x, profiles: [debug, dev]}\n";
    for (active, debug) in [
        ("", false),
        ("COMPOSE_PROFILES=debug\n", true),
        ("COMPOSE_PROFILES=a,dev\n", true),
        ("COMPOSE_PROFILES=*\n", true),
        ("COMPOSE_PROFILES=a\n", false),
    ] {
        default(&[(".env", active), ("compose.yaml", text)], |project, view| {
            assert!(project.service(view, "always").unwrap().is_enabled(), "{active}");
            assert_eq!(project.service(view, "debug").unwrap().is_enabled(), debug, "{active}");
        });
    }
    default(&[("compose.yaml", text)], |_, view| {
        assert!(service(view, "debug").runs_with(&["*"]) && !service(view, "debug").runs_with(&[]));
    });
}

#[test]
fn a_platform_is_among_those_it_is_built_for() {
    let files =
        [("compose.yaml", "services:\n  it: {platform: linux/arm64, build: {context: ., platforms: [linux/amd64]}}\n")];
    assert_eq!(notices(&files, "compose/conflict").len(), 1);
}

//! Keys that Compose does not know.

use crate::{codes, notices};
use plimsoll_core::finding::NoticeLevel;
use plimsoll_core::model::compose::schema;
use std::fs;
use std::path::Path;

fn unknown(text: &str) -> Vec<(String, String)> {
    notices(&[("compose.yaml", text)], "compose/unknown-key")
}

#[test]
fn a_misspelt_key_is_noted_where_it_stands() {
    for (text, key, place) in [
        ("services:\n  it: {image: x, enviroment: {A: b}}\n", "enviroment", "services.it"),
        ("services:\n  it: {image: x, build: {contxt: .}}\n", "contxt", "services.it.build"),
        ("services:\n  it: {image: x, ports: [{targt: 80}]}\n", "targt", "services.it.ports"),
        ("service:\n  it: {image: x}\nservices: {}\n", "service", "at the top"),
        ("services: {it: {image: x}}\nnetworks: {n: {intern: true}}\n", "intern", "networks.n"),
        (
            "services:\n  it: {image: x, deploy: {resources: {limit: {cpus: '1'}}}}\n",
            "limit",
            "services.it.deploy.resources",
        ),
    ] {
        let found = unknown(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].1, key);
        assert!(found[0].0.contains(place), "{}", found[0].0);
    }
}

#[test]
fn the_notice_says_what_was_meant_and_loses_nothing() {
    let files = [("compose.yaml", "services:\n  it: {image: x, previleged: true, context: ., retries: 3}\n")];
    crate::project(&files, |project| {
        let help: Vec<&str> = project.notices.iter().filter_map(|notice| notice.help.as_deref()).collect();
        assert_eq!(
            help,
            [
                "did you mean `privileged`?",
                "it belongs in `build` of a service",
                "it belongs in `healthcheck` of a service"
            ]
        );
        assert!(project.notices.iter().all(|notice| notice.level == NoticeLevel::Note));
    });
}

#[test]
fn a_file_of_the_first_format_is_told_where_services_go() {
    let text = "web:\n  image: x\nservices: {a: {image: x}}\n";
    assert_eq!(unknown(text).len(), 1);
}

#[test]
fn own_keys_are_allowed_everywhere() {
    let text = "x-top: 1\nservices:\n  x-shared: &a {image: x}\n  it: {<<: *a, x-own: 1, build: {context: ., x-b: 1}, healthcheck: {x-h: 1}}\nnetworks: {n: {x-n: 1}}\nvolumes: {v: {x-v: 1}}\n";
    assert_eq!(unknown(text), []);
}

#[test]
fn free_maps_hold_any_key() {
    let text = "services:\n  it:\n    image: x\n    environment: {anything: 1}\n    labels: {a.b: c}\n    sysctls: {net.x: 1}\n    ulimits: {nofile: {soft: 1, hard: 2}}\n    logging: {driver: x, options: {y: z}}\n";
    assert_eq!(codes(&[("compose.yaml", text)]), Vec::<&str>::new());
}

#[test]
fn values_of_the_wrong_kind() {
    for (text, at) in [
        ("services:\n  it: {image: [x]}\n", "[x]"),
        ("services:\n  it: {image: x, ports: \"80:80\"}\n", "\"80:80\""),
        ("services:\n  it: {image: x, cap_add: ALL}\n", "ALL"),
        ("services:\n  it: {image: x, privileged: maybe}\n", "maybe"),
        ("services:\n  it: {image: x, privileged: 1}\n", "1"),
        ("services:\n  it: {image: x, healthcheck: {interval: 30}}\n", "30"),
        ("services:\n  it: {image: x, cpuset: 0}\n", "0"),
        ("services: [it]\n", "[it]"),
    ] {
        let found = notices(&[("compose.yaml", text)], "compose/value");
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].1, at, "{text}");
    }
}

#[test]
fn texts_that_compose_knows() {
    for (text, at) in [
        ("services:\n  it: {image: x, volumes: [{type: bnd, source: ., target: /x}]}\n", "bnd"),
        ("services:\n  it: {image: x, env_file: [{path: a, required: false, format: cooked}]}\n", "cooked"),
        ("services:\n  it: {image: x, develop: {watch: [{path: ., action: synch, target: /x}]}}\n", "synch"),
        ("services:\n  it: {image: x, cgroup: hosts}\n", "hosts"),
    ] {
        let found = notices(&[("compose.yaml", text)], "compose/value");
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].1, at, "{text}");
    }
}

/// Every Compose file below a folder.
#[allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "reads the project's own examples")]
fn examples(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            examples(&path, found);
        } else if name.contains("compose") && (name.ends_with(".yml") || name.ends_with(".yaml")) {
            found.push((path.display().to_string(), fs::read_to_string(&path).expect("a text")));
        }
    }
}

#[test]
fn every_key_of_the_gallery_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut found = Vec::new();
    for folder in ["web/gallery", "tests/fixtures"] {
        examples(&root.join(folder), &mut found);
    }
    assert!(found.len() > 4);
    for (path, text) in found {
        for code in ["compose/unknown-key", "compose/value"] {
            assert_eq!(notices(&[("compose.yaml", &text)], code), [], "{path}");
        }
    }
}

#[test]
fn every_key_that_the_model_reads_is_known() {
    for (place, keys) in [
        (
            "services.*",
            "image build user command entrypoint privileged cap_add cap_drop devices device_cgroup_rules pid ipc uts userns_mode cgroup network_mode ports volumes tmpfs volumes_from environment env_file networks links depends_on restart profiles healthcheck labels secrets configs pre_start post_start pre_stop use_api_socket group_add security_opt read_only init tty stdin_open oom_kill_disable sysctls ulimits mem_limit memswap_limit mem_reservation cpus cpu_quota cpu_shares cpuset pids_limit shm_size logging deploy scale extra_hosts dns dns_opt dns_search expose external_links pull_policy platform working_dir hostname container_name runtime cgroup_parent isolation storage_opt credential_spec gpus stop_signal stop_grace_period develop label_file annotations provider models extends blkio_config domainname mac_address attach pull_refresh_after oom_score_adj mem_swappiness cpu_count cpu_percent cpu_period cpu_rt_period cpu_rt_runtime",
        ),
        (
            "services.*.build",
            "context dockerfile dockerfile_inline target args secrets ssh privileged entitlements network cache_from cache_to additional_contexts extra_hosts labels tags platforms pull no_cache provenance sbom shm_size ulimits",
        ),
        ("services.*.ports[]", "target published host_ip protocol mode app_protocol name"),
        ("services.*.volumes[]", "type source target read_only bind volume tmpfs image consistency"),
        ("services.*.secrets[]", "source target uid gid mode"),
        ("services.*.healthcheck", "test interval timeout retries start_period start_interval disable"),
        ("services.*.deploy", "mode replicas resources restart_policy labels placement update_config rollback_config"),
        (
            "services.*.networks.*",
            "aliases ipv4_address ipv6_address mac_address priority gw_priority interface_name link_local_ips driver_opts",
        ),
        ("networks.*", "internal external driver driver_opts name attachable enable_ipv4 enable_ipv6 ipam labels"),
        ("volumes.*", "driver driver_opts external name labels"),
        ("secrets.*", "file environment external driver driver_opts name"),
        ("configs.*", "file environment content external name"),
        ("include[]", "path project_directory env_file"),
    ] {
        for key in keys.split(' ') {
            assert!(schema::knows(place, key), "{place}.{key}");
        }
    }
}

//! What an override does to each kind of key.

use crate::{default, merged, notices, service, show};

/// Base, override, what results.
fn check(cases: &[(&str, &str, &str)]) {
    for (base, over, want) in cases {
        assert_eq!(merged(&format!("image: i, {base}"), over), format!("{{image:i,{want}}}"), "{base} + {over}");
    }
}

#[test]
fn mappings_merge_deeply() {
    check(&[
        (
            "healthcheck: {interval: 1s, timeout: 2s}",
            "healthcheck: {timeout: 3s}",
            "healthcheck:{interval:1s,timeout:3s}",
        ),
        (
            "deploy: {resources: {limits: {cpus: '1'}}}",
            "deploy: {resources: {limits: {memory: 1g}}}",
            "deploy:{resources:{limits:{cpus:1,memory:1g}}}",
        ),
    ]);
}

#[test]
fn scalars_are_replaced() {
    check(&[("user: a", "user: b", "user:b"), ("privileged: true", "privileged: false", "privileged:false")]);
}

#[test]
fn a_null_override_leaves_the_base() {
    check(&[
        ("user: a", "user: null", "user:a"),
        ("cap_add: [A]", "cap_add:", "cap_add:[A]"),
        ("environment: {A: '1'}", "environment:", "environment:{A:1}"),
        ("ports: ['80:80']", "ports: ~", "ports:[80:80]"),
    ]);
}

#[test]
fn a_null_command_or_entrypoint_goes_back_to_the_images() {
    check(&[("command: [a]", "command:", "command:null"), ("entrypoint: /e", "entrypoint: null", "entrypoint:null")]);
}

#[test]
fn other_sequences_append() {
    check(&[
        ("volumes_from: [a]", "volumes_from: [b]", "volumes_from:[a,b]"),
        ("security_opt: [a]", "security_opt: [b]", "security_opt:[a,b]"),
        ("group_add: [a]", "group_add: [b]", "group_add:[a,b]"),
        (
            "device_cgroup_rules: ['c 1:3 r']",
            "device_cgroup_rules: ['c 7:* r']",
            "device_cgroup_rules:[c 1:3 r,c 7:* r]",
        ),
        ("post_start: [{command: a}]", "post_start: [{command: b}]", "post_start:[{command:a},{command:b}]"),
    ]);
}

#[test]
fn mapping_over_list_is_a_located_clash() {
    let files = [
        ("compose.yaml", "services:\n  it:\n    image: x\n    cap_add: [A]\n"),
        ("compose.override.yaml", "services:\n  it:\n    cap_add: {B: 1}\n"),
    ];
    let found = notices(&files, "compose/merge");
    assert_eq!(found.len(), 1);
    assert!(found[0].0.contains("services.it.cap_add"), "{}", found[0].0);
    assert_eq!(found[0].1, "{B: 1}");
    let files = [
        ("compose.yaml", "services:\n  it:\n    image: x\n    healthcheck: {interval: 1s}\n"),
        ("compose.override.yaml", "services:\n  it:\n    healthcheck: [a]\n"),
    ];
    assert_eq!(notices(&files, "compose/merge").len(), 1);
}

#[test]
fn command_entrypoint_and_test_are_replaced_wholly() {
    check(&[
        ("command: [a, b]", "command: [c]", "command:[c]"),
        ("command: [a, b]", "command: c d", "command:c d"),
        ("entrypoint: [a, b]", "entrypoint: [c]", "entrypoint:[c]"),
        ("healthcheck: {test: [CMD, a, b]}", "healthcheck: {test: [CMD, c]}", "healthcheck:{test:[CMD,c]}"),
    ]);
}

#[test]
fn logging_is_replaced_when_the_drivers_differ() {
    check(&[
        (
            "logging: {driver: json-file, options: {max-size: 1m}}",
            "logging: {driver: syslog}",
            "logging:{driver:syslog}",
        ),
        (
            "logging: {driver: json-file, options: {max-size: 1m}}",
            "logging: {driver: json-file, options: {max-file: '2'}}",
            "logging:{driver:json-file,options:{max-size:1m,max-file:2}}",
        ),
        ("logging: {driver: syslog}", "logging: {options: {tag: x}}", "logging:{driver:syslog,options:{tag:x}}"),
    ]);
}

#[test]
fn list_or_map_by_key() {
    for key in ["environment", "labels", "annotations", "sysctls"] {
        check(&[(
            &format!("{key}: [A=1, B=2]"),
            &format!("{key}: {{B: '3', C: '4'}}"),
            &format!("{key}:{{A:1,B:3,C:4}}"),
        )]);
    }
    check(&[
        ("build: {args: [A=1]}", "build: {args: {A: '2'}}", "build:{args:{A:2}}"),
        ("build: {labels: [A=1]}", "build: {labels: {A: '2'}}", "build:{labels:{A:2}}"),
        (
            "build: {additional_contexts: [a=./x]}",
            "build: {additional_contexts: {a: ./y}}",
            "build:{additional_contexts:{a:./y}}",
        ),
        ("deploy: {labels: [A=1]}", "deploy: {labels: {B: '2'}}", "deploy:{labels:{A:1,B:2}}"),
    ]);
}

#[test]
fn a_bare_name_replaces_a_value_in_environment() {
    check(&[
        ("environment: {A: '1'}", "environment: [A]", "environment:{A:null}"),
        ("environment: {A: '1'}", "environment: {A: null}", "environment:{A:null}"),
    ]);
}

#[test]
fn labels_of_networks_and_volumes_by_key() {
    let files = [
        (
            "compose.yaml",
            "services: {it: {image: x}}\nnetworks: {n: {labels: [A=1]}}\nvolumes: {v: {labels: {A: '1'}}}\n",
        ),
        (
            "compose.override.yaml",
            "networks: {n: {labels: {A: '2'}, internal: true}}\nvolumes: {v: {labels: [A=2, B=3]}}\n",
        ),
    ];
    default(&files, |_, view| {
        assert!(view.network("n").unwrap().internal);
        assert_eq!(view.volumes.len(), 1);
    });
    assert!(notices(&files, "compose/merge").is_empty());
}

#[test]
fn extra_hosts_append_without_duplicates() {
    check(&[
        (
            "extra_hosts: [\"a:1.1.1.1\"]",
            "extra_hosts: [\"a:1.1.1.1\", \"b=2.2.2.2\"]",
            "extra_hosts:[a:1.1.1.1,b=2.2.2.2]",
        ),
        ("extra_hosts: [\"a:1.1.1.1\"]", "extra_hosts: {a: 3.3.3.3}", "extra_hosts:[a:1.1.1.1,a=3.3.3.3]"),
    ]);
}

#[test]
fn string_or_list_appends() {
    for key in ["dns", "dns_search", "env_file", "label_file", "tmpfs"] {
        check(&[(&format!("{key}: /a"), &format!("{key}: [/b]"), &format!("{key}:[/a,/b]"))]);
    }
    check(&[("dns_opt: [a]", "dns_opt: [b]", "dns_opt:[a,b]"), ("dns: a", "dns: b", "dns:[a,b]")]);
}

#[test]
fn depends_on_lists_become_mappings() {
    check(&[
        (
            "depends_on: [x]",
            "depends_on: {y: {condition: service_healthy}}",
            "depends_on:{x:{condition:service_started,required:true},y:{condition:service_healthy}}",
        ),
        (
            "depends_on: {x: {condition: service_healthy}}",
            "depends_on: [x]",
            "depends_on:{x:{condition:service_started,required:true}}",
        ),
    ]);
}

#[test]
fn network_and_model_lists_become_mappings() {
    check(&[
        ("networks: [a]", "networks: {a: {aliases: [x]}, b: null}", "networks:{a:{aliases:[x]},b:null}"),
        ("networks: {a: {priority: 1}}", "networks: [a, b]", "networks:{a:{priority:1},b:null}"),
        ("models: [m]", "models: {n: {endpoint_var: E}}", "models:{m:null,n:{endpoint_var:E}}"),
    ]);
}

#[test]
fn a_build_text_is_its_context() {
    check(&[
        ("build: ./a", "build: {target: prod}", "build:{context:./a,target:prod}"),
        ("build: {context: ., target: dev}", "build: ./b", "build:{context:./b,target:dev}"),
    ]);
}

#[test]
fn ulimits_are_replaced() {
    check(&[("ulimits: {nofile: {soft: 1, hard: 2}}", "ulimits: {nofile: 5, nproc: 6}", "ulimits:{nofile:5,nproc:6}")]);
}

#[test]
fn subnets_merge_by_subnet() {
    let files = [
        (
            "compose.yaml",
            "services: {it: {image: x}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/24}, {subnet: 10.1.0.0/24}]}}}\n",
        ),
        (
            "compose.override.yaml",
            "networks: {n: {ipam: {config: [{subnet: 10.1.0.0/24, gateway: 10.1.0.9}, {subnet: 10.2.0.0/24}]}}}\n",
        ),
    ];
    default(&files, |_, view| {
        let subnets: Vec<&str> = view.network("n").unwrap().subnets.iter().map(|subnet| subnet.text.as_str()).collect();
        assert_eq!(subnets, ["10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24"]);
    });
}

#[test]
fn unique_by_target_path() {
    check(&[
        ("volumes: ['./a:/x', 'v:/y']", "volumes: ['./b:/x:ro']", "volumes:[./b:/x:ro,v:/y]"),
        (
            "volumes: ['./a:/x']",
            "volumes: [{type: bind, source: ./b, target: /x}]",
            "volumes:[{type:bind,source:./b,target:/x}]",
        ),
        ("devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x:r']", "devices:[/dev/b:/dev/x:r]"),
    ]);
}

#[test]
fn secrets_and_configs_are_unique_by_target() {
    check(&[
        ("secrets: [a, b]", "secrets: [{source: a, mode: 0400}]", "secrets:[{source:a,mode:0400},b]"),
        (
            "secrets: [a]",
            "secrets: [{source: b, target: /run/secrets/a}]",
            "secrets:[{source:b,target:/run/secrets/a}]",
        ),
        ("configs: [a]", "configs: [{source: b, target: /a}]", "configs:[{source:b,target:/a}]"),
    ]);
}

#[test]
fn ports_are_unique_after_they_are_read() {
    check(&[
        ("ports: ['8080:80']", "ports: ['8080:81']", "ports:[8080:80,8080:81]"),
        ("ports: ['8080:80']", "ports: ['8080:80/tcp']", "ports:[8080:80/tcp]"),
        ("ports: ['8080:80']", "ports: ['0.0.0.0:8080:80']", "ports:[0.0.0.0:8080:80]"),
        ("ports: ['8080:80']", "ports: ['127.0.0.1:8080:80']", "ports:[8080:80,127.0.0.1:8080:80]"),
        ("ports: ['8080:80']", "ports: ['8080:80/udp']", "ports:[8080:80,8080:80/udp]"),
        ("ports: ['8080:80']", "ports: [{target: 80, published: '8080'}]", "ports:[{target:80,published:8080}]"),
        ("ports: [80]", "ports: ['80']", "ports:[80]"),
    ]);
}

#[test]
fn ports_that_variables_decide_are_kept_apart() {
    check(&[("ports: ['${A}:80']", "ports: ['${B}:80']", "ports:[${A}:80,${B}:80]")]);
    check(&[("ports: ['${A}:80']", "ports: ['${A}:80']", "ports:[${A}:80]")]);
}

#[test]
fn unique_by_text() {
    for key in ["expose", "cap_add", "cap_drop", "profiles", "links"] {
        check(&[(&format!("{key}: [a, b]"), &format!("{key}: [b, c]"), &format!("{key}:[a,b,c]"))]);
    }
    check(&[
        ("env_file: [a.env]", "env_file: [{path: a.env, required: false}]", "env_file:[{path:a.env,required:false}]"),
        ("networks: {n: {aliases: [a]}}", "networks: {n: {aliases: [a, b]}}", "networks:{n:{aliases:[a,b]}}"),
    ]);
}

#[test]
fn a_repeated_security_opt_is_refused() {
    let files = [
        ("compose.yaml", "services:\n  it:\n    image: x\n    security_opt: [\"no-new-privileges:true\"]\n"),
        ("compose.override.yaml", "services:\n  it:\n    security_opt: [\"no-new-privileges:true\"]\n"),
    ];
    let found = notices(&files, "compose/repeated");
    assert_eq!(found.len(), 1);
    assert!(found[0].0.contains("refuses"), "{}", found[0].0);
    assert_eq!(found[0].1, "\"no-new-privileges:true\"");
}

#[test]
fn lists_of_one_file_hold_each_entry_once_too() {
    let files = [(
        "compose.yaml",
        "services:\n  it:\n    image: x\n    volumes: [\"./a:/x\", \"./b:/x\"]\n    cap_add: [A, A]\n",
    )];
    default(&files, |_, view| {
        let node = &service(view, "it").node;
        assert_eq!(show(node.get("volumes").unwrap()), "[./b:/x]");
        assert_eq!(show(node.get("cap_add").unwrap()), "[A]");
    });
    assert_eq!(notices(&files, "compose/repeated").len(), 1);
}

#[test]
fn override_tags_replace_and_reset_tags_remove() {
    check(&[
        ("ports: ['80:80']", "ports: !override ['81:81']", "ports:[81:81]"),
        ("environment: {A: '1'}", "environment: !override {B: '2'}", "environment:{B:2}"),
        ("ports: ['80:80'], user: u", "ports: !reset []", "user:u"),
        ("user: u, command: a", "user: !reset null", "command:a"),
    ]);
}

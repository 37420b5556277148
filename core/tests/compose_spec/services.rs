//! What a service runs: image, build, provider, and the plain keys.

use crate::{default, it, notices, service, slice};

#[test]
fn an_image() {
    it("image: php:8.4-fpm", |it| assert_eq!(it.image.as_ref().unwrap().text, "php:8.4-fpm"));
}

#[test]
fn a_build_as_text() {
    it("build: ./app", |it| {
        let build = it.build.as_ref().unwrap();
        assert_eq!((build.context.as_str(), build.dockerfile.as_deref()), ("./app", None));
    });
}

#[test]
fn a_build_as_mapping_with_everything() {
    let body = r#"build:
  context: ./app
  dockerfile: docker/Dockerfile
  target: prod
  args: [A=1, B]
  secrets: [npm, {source: composer, target: auth.json, mode: 0400}]
  ssh: [default, "key=./id"]
  cache_from: ["type=registry,ref=x"]
  cache_to: ["type=local,dest=y"]
  network: host
  privileged: true
  entitlements: [security.insecure]
  platforms: [linux/amd64]
  pull: true
  no_cache: false
  tags: ["x:1"]
  extra_hosts: ["h:10.0.0.1"]
  shm_size: 64m
  ulimits: {nofile: 5}
  provenance: mode=max
  sbom: true
  additional_contexts: {lib: ../lib, base: "docker-image://php"}
  labels: {a: b}
  isolation: default
secrets: []"#;
    it(body, |it| {
        let build = it.build.as_ref().unwrap();
        assert_eq!(build.dockerfile.as_deref(), Some("docker/Dockerfile"));
        assert_eq!(build.target.as_ref().unwrap().text, "prod");
        assert_eq!(build.args.len(), 2);
        assert!(build.args[1].value.is_none(), "passed through");
        let options = &build.options;
        assert_eq!(options.secrets[0].target, "/run/secrets/npm");
        assert_eq!((options.secrets[1].source.as_str(), options.secrets[1].mode), ("composer", Some(0o400)));
        assert_eq!(options.ssh.iter().map(|ssh| ssh.text.as_str()).collect::<Vec<_>>(), ["default", "key=./id"]);
        assert_eq!(options.network.as_ref().unwrap().text, "host");
        assert!(options.privileged.unwrap().value && options.pull.unwrap().value && !options.no_cache.unwrap().value);
        assert_eq!(slice(it.project(), options.privileged.unwrap().at), "true");
        assert_eq!(options.entitlements[0].text, "security.insecure");
        assert_eq!(options.cache_from[0].text, "type=registry,ref=x");
        assert_eq!(options.cache_to[0].text, "type=local,dest=y");
        assert_eq!(options.platforms[0].text, "linux/amd64");
        assert_eq!(options.tags[0].text, "x:1");
        assert_eq!(options.extra_hosts[0].address, "10.0.0.1");
        assert_eq!(options.provenance.as_ref().unwrap().text, "mode=max");
        assert_eq!(options.sbom.as_ref().unwrap().text, "true");
        assert_eq!(options.additional_contexts[1].value.as_ref().unwrap().text, "docker-image://php");
        assert_eq!(options.labels[0].key, "a");
    });
}

#[test]
fn ssh_as_a_mapping() {
    it("build: {context: ., ssh: {key: ./id}}", |it| {
        assert_eq!(it.build.as_ref().unwrap().options.ssh[0].text, "key=./id")
    });
}

#[test]
fn contexts_that_are_no_folders() {
    for context in ["https://example.net/x.git", "git@example.net:x.git", "service:base"] {
        it(&format!("build: \"{context}\""), |it| {
            assert_eq!(it.build_use.as_ref().unwrap().context, None, "{context}");
        });
    }
}

#[test]
fn a_dockerfile_lies_below_its_context() {
    let files = [
        ("compose.yaml", "services:\n  it: {build: {context: app, dockerfile: ../docker/D}}\n"),
        ("docker/D", "FROM php:8.4\n"),
    ];
    default(&files, |_, view| {
        let used = service(view, "it").build_use.as_ref().unwrap();
        assert_eq!(used.dockerfile_path.as_deref(), Some("docker/D"));
    });
}

#[test]
fn one_of_image_build_and_provider_is_required() {
    let files = [("compose.yaml", "services:\n  it: {user: x}\n")];
    assert_eq!(notices(&files, "compose/no-image").len(), 1);
    for body in ["image: x", "build: .", "provider: {type: model}"] {
        let text = format!("services:\n  it: {{{body}}}\n");
        assert!(notices(&[("compose.yaml", &text)], "compose/no-image").is_empty(), "{body}");
    }
}

#[test]
fn a_dockerfile_or_an_inline_one() {
    let files =
        [("compose.yaml", "services:\n  it:\n    build:\n      dockerfile: D\n      dockerfile_inline: FROM x\n")];
    assert_eq!(notices(&files, "compose/conflict").len(), 1);
}

#[test]
fn a_provider_is_no_container() {
    it("provider: {type: awesomecloud, options: {type: mysql}}", |it| {
        assert_eq!(it.provider.as_ref().unwrap().text, "awesomecloud");
    });
}

#[test]
fn commands_as_text_and_as_list() {
    it("image: x\ncommand: sh -c 'echo a b'\nentrypoint: [\"/e\", \"-x\"]", |it| {
        assert_eq!(it.command.as_ref().unwrap().words, ["sh", "-c", "echo a b"]);
        assert_eq!(it.entrypoint.as_ref().unwrap().words, ["/e", "-x"]);
    });
}

#[test]
fn plain_keys_have_places() {
    let body = "image: x\nworking_dir: /app\nhostname: h\ncontainer_name: c\nplatform: linux/arm64\npull_policy: daily\nruntime: runc\ncgroup_parent: /p\nisolation: hyperv\nstop_signal: SIGQUIT\nstop_grace_period: 1m30s\nrestart: unless-stopped";
    it(body, |it| {
        for (text, want) in [
            (&it.working_dir, "/app"),
            (&it.hostname, "h"),
            (&it.container_name, "c"),
            (&it.platform, "linux/arm64"),
            (&it.pull_policy, "daily"),
            (&it.runtime, "runc"),
            (&it.cgroup_parent, "/p"),
            (&it.isolation, "hyperv"),
            (&it.stop_signal, "SIGQUIT"),
            (&it.stop_grace_period, "1m30s"),
            (&it.restart, "unless-stopped"),
        ] {
            let text = text.as_ref().unwrap_or_else(|| panic!("{want}"));
            assert_eq!(text.text, want);
            assert_eq!(slice(it.project(), text.at), want);
        }
    });
}

#[test]
fn switches() {
    it(
        "image: x\ninit: true\ntty: true\nstdin_open: false\nread_only: true\noom_kill_disable: true\nuse_api_socket: true",
        |it| {
            assert!(it.init.unwrap().value && it.tty.unwrap().value && it.read_only.unwrap().value);
            assert!(it.oom_kill_disable.unwrap().value && it.use_api_socket.unwrap().value);
            assert!(!it.stdin_open.unwrap().value);
        },
    );
}

#[test]
fn health_checks() {
    it(
        "image: x\nhealthcheck: {test: curl -f http://x, interval: 1m30s, timeout: 10s, retries: 3, start_period: 40s, start_interval: 5s}",
        |it| {
            let probe = it.probe.as_ref().unwrap();
            assert_eq!((probe.words.as_slice(), probe.shell), (["curl -f http://x".to_owned()].as_slice(), true));
            assert_eq!(probe.interval.as_ref().unwrap().text, "1m30s");
            assert_eq!(probe.timeout.as_ref().unwrap().text, "10s");
            assert_eq!(probe.retries.as_ref().unwrap().text, "3");
            assert_eq!(probe.start_period.as_ref().unwrap().text, "40s");
            assert_eq!(probe.start_interval.as_ref().unwrap().text, "5s");
        },
    );
    it("image: x\nhealthcheck: {test: [CMD, a, b]}", |it| {
        let probe = it.probe.as_ref().unwrap();
        assert_eq!((probe.words.len(), probe.shell), (2, false));
    });
    it("image: x\nhealthcheck: {test: [CMD-SHELL, a || b]}", |it| {
        let probe = it.probe.as_ref().unwrap();
        assert_eq!((probe.words.as_slice(), probe.shell), (["a || b".to_owned()].as_slice(), true));
    });
    use plimsoll_core::model::compose::Healthcheck;
    for off in ["{test: [NONE]}", "{disable: true}"] {
        it(&format!("image: x\nhealthcheck: {off}"), |it| {
            assert!(matches!(it.healthcheck, Some(Healthcheck::Disabled(_))), "{off}");
        });
    }
    it("image: x\nhealthcheck: {interval: 5s}", |it| assert!(it.healthcheck.is_none(), "the image's own probe runs"));
}

#[test]
fn models_as_list_and_mapping() {
    it("image: x\nmodels: [a, b]", |it| assert_eq!(it.models.len(), 2));
    it("image: x\nmodels: {a: {endpoint_var: U}}", |it| assert_eq!(it.models[0].text, "a"));
}

#[test]
fn labels_annotations_and_label_files() {
    let files = [
        (
            "compose.yaml",
            "services:\n  it:\n    image: x\n    labels: [a=1, b=2]\n    annotations: {c: d}\n    label_file: [one.labels, two.labels]\n",
        ),
        ("one.labels", "b=9\ne=1\n"),
        ("two.labels", "e=2\n"),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        let label = |key: &str| {
            it.labels
                .iter()
                .find(|label| label.key == key)
                .and_then(|label| label.value.as_ref())
                .map(|value| value.text.as_str())
        };
        assert_eq!((label("a"), label("b"), label("e")), (Some("1"), Some("2"), Some("2")));
        assert_eq!(it.annotations[0].key, "c");
    });
}

//! Every key by which a container gets more, or less, than usual.

use crate::{it, slice};

#[test]
fn security_options() {
    for (text, name, value, nnp, unconfined) in [
        ("no-new-privileges", "no-new-privileges", None, true, false),
        ("no-new-privileges:true", "no-new-privileges", Some("true"), true, false),
        ("no-new-privileges=true", "no-new-privileges", Some("true"), true, false),
        ("no-new-privileges:false", "no-new-privileges", Some("false"), false, false),
        ("seccomp:unconfined", "seccomp", Some("unconfined"), false, true),
        ("seccomp=unconfined", "seccomp", Some("unconfined"), false, true),
        ("seccomp=./chrome.json", "seccomp", Some("./chrome.json"), false, false),
        ("seccomp:C:\\x.json", "seccomp", Some("C:\\x.json"), false, false),
        ("apparmor=unconfined", "apparmor", Some("unconfined"), false, true),
        ("apparmor:docker-default", "apparmor", Some("docker-default"), false, false),
        ("label=disable", "label", Some("disable"), false, true),
        ("label:disable", "label", Some("disable"), false, true),
        ("label=user:USER", "label", Some("user:USER"), false, false),
        ("systempaths=unconfined", "systempaths", Some("unconfined"), false, true),
    ] {
        it(&format!("image: x\nsecurity_opt: ['{text}']"), |it| {
            let option = &it.security_opt[0];
            assert_eq!((option.name.as_str(), option.value.as_deref()), (name, value), "{text}");
            assert_eq!((option.is_no_new_privileges(), option.is_unconfined()), (nnp, unconfined), "{text}");
            assert_eq!(slice(it.project(), option.text.at), format!("'{text}'"));
        });
    }
}

#[test]
fn capabilities_devices_and_groups() {
    let body = "image: x\ncap_add: [SYS_ADMIN]\ncap_drop: [ALL]\ndevices: [\"/dev/kvm:/dev/kvm:r\"]\ndevice_cgroup_rules: [\"c 1:3 mr\"]\ngroup_add: [docker, 999]";
    it(body, |it| {
        assert_eq!(it.cap_add[0].text, "SYS_ADMIN");
        assert_eq!(it.cap_drop[0].text, "ALL");
        assert_eq!(it.devices[0].text, "/dev/kvm:/dev/kvm:r");
        assert_eq!(it.device_cgroup_rules[0].text, "c 1:3 mr");
        assert_eq!(it.group_add.iter().map(|group| group.text.as_str()).collect::<Vec<_>>(), ["docker", "999"]);
    });
}

#[test]
fn namespaces() {
    it("image: x\npid: host\nipc: shareable\nuts: host\nuserns_mode: host\ncgroup: host", |it| {
        let all: Vec<(&str, &str)> = it.namespaces.iter().map(|(key, mode)| (*key, mode.text.as_str())).collect();
        assert_eq!(
            all,
            [("pid", "host"), ("ipc", "shareable"), ("uts", "host"), ("userns_mode", "host"), ("cgroup", "host")]
        );
    });
}

#[test]
fn the_user_is_text() {
    it("image: x\nuser: \"1000:1000\"", |it| assert_eq!(it.user.as_ref().unwrap().text, "1000:1000"));
    let files = [("compose.yaml", "services:\n  it: {image: x, user: 0}\n")];
    assert_eq!(
        crate::notices(&files, "compose/value"),
        [("`user` should be a text; Compose refuses this value".to_owned(), "0".to_owned())]
    );
    it("image: x\nuser: 0", |it| assert_eq!(it.user.as_ref().unwrap().text, "0", "what was meant is still read"));
}

#[test]
fn sysctls_and_ulimits() {
    for body in ["sysctls: {net.core.somaxconn: 1024}", "sysctls: [net.core.somaxconn=1024]"] {
        it(&format!("image: x\n{body}"), |it| {
            assert_eq!(it.sysctls[0].key, "net.core.somaxconn");
            assert_eq!(it.sysctls[0].value.as_ref().unwrap().text, "1024");
        });
    }
    it("image: x\nulimits: {nproc: 65535, nofile: {soft: 20000, hard: -1}}", |it| {
        assert_eq!((it.ulimits[0].soft, it.ulimits[0].hard), (Some(65_535), Some(65_535)));
        assert_eq!((it.ulimits[1].soft, it.ulimits[1].hard), (Some(20_000), Some(-1)));
        assert_eq!(slice(it.project(), it.ulimits[1].at), "nofile");
    });
}

#[test]
fn gpus_credentials_and_storage() {
    for gpus in ["all", "[{driver: nvidia, count: 1, capabilities: [gpu]}]"] {
        it(&format!("image: x\ngpus: {gpus}"), |it| assert!(it.gpus.is_some(), "{gpus}"));
    }
    for (body, want) in [("{file: c.json}", "c.json"), ("{registry: r}", "r"), ("{config: k}", "k")] {
        it(&format!("image: x\ncredential_spec: {body}"), |it| {
            assert_eq!(it.credential_spec.as_ref().unwrap().text, want);
        });
    }
    it("image: x\nstorage_opt: {size: 1G}", |it| assert_eq!(it.storage_opt[0].key, "size"));
}

#[test]
fn hooks_have_their_own_user_and_privileges() {
    let body = "image: x\npost_start: [{command: [chown, a], user: root, privileged: true, environment: [A=1]}]\npre_stop: [{command: b}]\npre_start: [{command: c}]";
    it(body, |it| {
        let kinds: Vec<&str> = it.hooks.iter().map(|hook| hook.kind).collect();
        assert_eq!(kinds, ["pre_start", "post_start", "pre_stop"]);
        let hook = &it.hooks[1];
        assert_eq!(hook.user.as_ref().unwrap().text, "root");
        assert!(hook.privileged.unwrap().value);
        assert_eq!(hook.command.as_ref().unwrap().words, ["chown", "a"]);
        assert_eq!(hook.environment[0].key, "A");
    });
}

#[test]
fn what_a_watch_runs_has_its_own_user_and_privileges() {
    let body = "image: x\ndevelop:\n  watch:\n    - {path: ./src, action: sync+exec, target: /app, exec: {command: make, user: root, privileged: true}}\n    - {path: composer.json, action: rebuild, ignore: [vendor/]}";
    it(body, |it| {
        let watch = &it.watch[0];
        assert_eq!((watch.path.text.as_str(), watch.action.as_ref().unwrap().text.as_str()), ("./src", "sync+exec"));
        assert_eq!(watch.target.as_ref().unwrap().text, "/app");
        let exec = watch.exec.as_ref().unwrap();
        assert!(exec.privileged.unwrap().value);
        assert_eq!(exec.command.as_ref().unwrap().words, ["make"]);
        assert!(it.watch[1].exec.is_none());
    });
}

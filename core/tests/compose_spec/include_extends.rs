//! `include` and `extends`.

use crate::{codes, default, notices, service, show};

#[test]
fn include_forms() {
    for include in [
        "[sub/compose.yaml]",
        "[{path: sub/compose.yaml}]",
        "[{path: [sub/compose.yaml, sub/more.yaml]}]",
        "[{path: sub/compose.yaml, project_directory: sub, env_file: sub/.env}]",
    ] {
        let text = format!("include: {include}\nservices:\n  own: {{image: o}}\n");
        let files = [
            ("compose.yaml", text.as_str()),
            ("sub/compose.yaml", "services:\n  it: {image: \"x:${TAG:-none}\"}\n"),
            ("sub/more.yaml", "services:\n  it: {user: u}\n"),
            ("sub/.env", "TAG=1\n"),
        ];
        default(&files, |_, view| {
            let it = service(view, "it");
            assert_eq!(it.image.as_ref().unwrap().text, "x:1", "{include}");
            assert_eq!(it.user.is_some(), include.contains("more"), "{include}");
            assert_eq!(service(view, "own").image.as_ref().unwrap().text, "o");
        });
    }
}

#[test]
fn an_included_file_has_its_own_folder() {
    let files = [
        ("compose.yaml", "include: [sub/compose.yaml]\n"),
        (
            "sub/compose.yaml",
            "services:\n  it:\n    build: ./app\n    env_file: it.env\n    volumes: [\"./data:/data:ro\", \"../shared:/s\", \"named:/n\", \"/etc:/e\"]\nsecrets:\n  s: {file: ./s.txt}\nvolumes: {named: {}}\n",
        ),
        ("sub/it.env", "A=1\n"),
        ("sub/app/Dockerfile", "FROM php:8.4\n"),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        assert_eq!(it.build_use.as_ref().unwrap().dockerfile_path.as_deref(), Some("sub/app/Dockerfile"));
        assert!(it.build_use.as_ref().unwrap().dockerfile.is_some());
        assert_eq!(it.variable("A").unwrap().value.as_ref().unwrap().text, "1");
        let sources: Vec<&str> = it.mounts.iter().filter_map(|mount| mount.source.as_deref()).collect();
        assert_eq!(sources, ["./sub/data", "./shared", "named", "/etc"]);
        assert!(it.mounts[0].read_only);
        assert_eq!(view.secrets[0].file.as_ref().unwrap().text, "./sub/s.txt");
    });
}

#[test]
fn a_project_directory_moves_the_paths() {
    let files = [
        ("compose.yaml", "include: [{path: sub/compose.yaml, project_directory: .}]\n"),
        ("sub/compose.yaml", "services:\n  it: {image: x, env_file: it.env}\n"),
        ("it.env", "A=top\n"),
        ("sub/it.env", "A=sub\n"),
    ];
    default(&files, |_, view| {
        assert_eq!(service(view, "it").variable("A").unwrap().value.as_ref().unwrap().text, "top");
    });
}

#[test]
fn the_including_project_wins_over_the_included_env_file() {
    let files = [
        (".env", "TAG=outer\n"),
        ("compose.yaml", "include: [sub/compose.yaml]\n"),
        ("sub/compose.yaml", "services:\n  it: {image: \"x:${TAG}-${OWN}\"}\n"),
        ("sub/.env", "TAG=inner\nOWN=own\n"),
    ];
    default(&files, |_, view| assert_eq!(service(view, "it").image.as_ref().unwrap().text, "x:outer-own"));
}

#[test]
fn the_including_file_wins() {
    let files = [
        ("compose.yaml", "include: [sub/compose.yaml]\nservices:\n  it: {image: mine}\n"),
        ("sub/compose.yaml", "services:\n  it: {image: theirs, user: u}\n"),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        assert_eq!((it.image.as_ref().unwrap().text.as_str(), it.user.as_ref().unwrap().text.as_str()), ("mine", "u"));
    });
}

#[test]
fn includes_nest_and_their_paths_add_up() {
    let files = [
        ("compose.yaml", "include: [a/compose.yaml]\n"),
        ("a/compose.yaml", "include: [b/compose.yaml]\n"),
        ("a/b/compose.yaml", "services:\n  it: {image: x, volumes: [\"./d:/d\"]}\n"),
    ];
    default(&files, |_, view| {
        assert_eq!(service(view, "it").mounts[0].source.as_deref(), Some("./a/b/d"));
    });
}

#[test]
fn circles_of_includes_end() {
    let files = [
        ("compose.yaml", "include: [other.yaml]\nservices:\n  it: {image: x}\n"),
        ("other.yaml", "include: [compose.yaml]\nservices:\n  b: {image: x}\n"),
    ];
    default(&files, |_, view| assert_eq!(view.services.len(), 2));
}

#[test]
fn a_missing_include_leaves_the_model_open() {
    let files = [(
        "compose.yaml",
        "include: [gone.yaml]\nservices:\n  it: {image: x, networks: [theirs], depends_on: [them]}\n",
    )];
    assert_eq!(codes(&files), ["compose/missing-file"], "what is not defined may be defined there");
    default(&files, |_, view| assert!(view.open));
}

#[test]
fn extends_forms() {
    for extends in ["base", "{service: base}"] {
        let text =
            format!("services:\n  base: {{image: x, cap_add: [A]}}\n  it: {{extends: {extends}, cap_add: [B]}}\n");
        default(&[("compose.yaml", &text)], |_, view| {
            assert_eq!(show(&service(view, "it").node), "{image:x,cap_add:[A,B]}");
        });
    }
    let files = [
        ("compose.yaml", "services:\n  it: {extends: {file: common/c.yml, service: base}, user: u}\n"),
        ("common/c.yml", "services:\n  base: {image: x, user: b}\n"),
    ];
    default(&files, |_, view| assert_eq!(show(&service(view, "it").node), "{image:x,user:u}"));
}

#[test]
fn extends_follow_one_another() {
    let files = [
        ("compose.yaml", "services:\n  it: {extends: {file: a.yml, service: a}}\n"),
        ("a.yml", "services:\n  a: {extends: aa, user: a}\n  aa: {extends: {file: b/b.yml, service: b}}\n"),
        ("b/b.yml", "services:\n  b: {image: x, env_file: b.env}\n"),
        ("b/b.env", "B=1\n"),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        assert_eq!(show(&it.node), "{image:x,env_file:./b/b.env,user:a}");
        assert_eq!(it.variable("B").unwrap().value.as_ref().unwrap().text, "1");
    });
}

#[test]
fn an_extended_service_keeps_its_own_folder() {
    let files = [
        ("compose.yaml", "services:\n  it: {extends: {file: common/c.yml, service: base}}\n"),
        (
            "common/c.yml",
            "services:\n  base: {build: {context: ., additional_contexts: {l: ./lib}}, volumes: [{type: bind, source: ./d, target: /d}]}\n",
        ),
        ("common/Dockerfile", "FROM php:8.4\n"),
    ];
    default(&files, |_, view| {
        let it = service(view, "it");
        assert!(it.build_use.as_ref().unwrap().dockerfile.is_some());
        assert_eq!(it.mounts[0].source.as_deref(), Some("./common/d"));
        let contexts = &it.build.as_ref().unwrap().options.additional_contexts;
        assert_eq!(contexts[0].value.as_ref().unwrap().text, "./common/lib");
    });
}

#[test]
fn extends_does_not_import_networks_volumes_and_secrets() {
    let files = [
        ("compose.yaml", "services:\n  it: {extends: {file: c.yml, service: base}}\n"),
        (
            "c.yml",
            "services:\n  base: {image: x, networks: [n], volumes: [\"data:/v\"]}\nnetworks: {n: {}}\nvolumes: {data: {}}\n",
        ),
    ];
    default(&files, |_, view| assert!(view.networks.is_empty() && view.volumes.is_empty()));
    assert_eq!(notices(&files, "compose/undefined").len(), 2);
}

#[test]
fn circles_of_extends_are_noted() {
    for text in [
        "services:\n  it: {image: x, extends: it}\n",
        "services:\n  it: {image: x, extends: b}\n  b: {image: x, extends: it}\n",
        "services:\n  it: {image: x, extends: {file: compose.yaml, service: it}}\n",
    ] {
        let found = notices(&[("compose.yaml", text)], "compose/extends");
        assert!(!found.is_empty(), "{text}");
        assert!(found[0].0.contains("extends itself"), "{}", found[0].0);
        default(&[("compose.yaml", text)], |_, view| assert!(service(view, "it").image.is_some()));
    }
}

#[test]
fn a_service_that_is_not_there_cannot_be_extended() {
    let files = [("compose.yaml", "services:\n  it: {image: x, extends: {service: gone}}\n")];
    assert_eq!(notices(&files, "compose/extends").len(), 1);
}

#[test]
fn a_missing_file_to_extend_is_said() {
    let files = [("compose.yaml", "services:\n  it: {extends: {file: gone.yml, service: a}}\n")];
    assert_eq!(codes(&files), ["compose/missing-file"]);
}

#[test]
fn many_services_that_extend_a_large_one_end() {
    let large: String = (0..1000).map(|n| format!("      - A{n}=1\n")).collect();
    let many: String = (0..2000).map(|n| format!("  s{n}: {{extends: base}}\n")).collect();
    let text = format!("services:\n  base:\n    image: x\n    environment:\n{large}{many}");
    assert_eq!(codes(&[("compose.yaml", &text)]), ["compose/too-many-nodes"]);
}

#[test]
fn many_includes_end() {
    let list: String = (0..5000).map(|_| "  - b.yaml\n".to_owned()).collect();
    let text = format!("include:\n{list}services:\n  it: {{image: x}}\n");
    let files = [("compose.yaml", text.as_str()), ("b.yaml", "services:\n  b: {image: x}\n")];
    default(&files, |_, view| assert_eq!(view.services.len(), 2));
}

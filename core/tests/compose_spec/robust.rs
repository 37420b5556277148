//! Broken and hostile files.

use crate::{TODAY, project};
use plimsoll_core::Sources;
use plimsoll_core::project::Project;

const RICH: &str = r#"name: shop
include: [{path: [b.yaml], project_directory: ., env_file: .env}]
x-a: &a {image: "x:${TAG:-1}", cap_drop: [ALL]}
services:
  é:
    <<: *a
    extends: {file: b.yaml, service: b}
    build: {context: ., args: [A=1], secrets: [s], additional_contexts: {l: ./l}, ssh: [default]}
    ports: ["127.0.0.1:80:80/udp", {target: 80, published: "1-2"}]
    volumes: ["./a:/b:ro,z", {type: bind, source: ., target: /x, bind: {selinux: z}}]
    environment: {A: , B: "${C:?no}"}
    env_file: [{path: .env, format: raw}]
    networks: {n: {aliases: [q]}}
    depends_on: {f: {condition: service_healthy}}
    healthcheck: {test: [CMD, a], interval: 1m30s}
    deploy: {replicas: 2, resources: {limits: {memory: 1g}}}
    ulimits: {nofile: {soft: 1, hard: 2}}
    extra_hosts: {h: 1.1.1.1}
    develop: {watch: [{path: ., action: sync, target: /, exec: {command: x}}]}
  f: {extends: é, ports: !reset [], network_mode: "service:é"}
networks: {n: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}
secrets: {s: {file: ./s}}
---
services: {f: {cap_add: !override [X]}}
"#;

fn survives(text: &str) {
    project(
        &[("compose.yaml", text), ("b.yaml", RICH), (".env", "TAG=2\nCOMPOSE_FILE=compose.yaml:b.yaml\n")],
        |project| {
            for notice in &project.notices {
                if let Some(at) = notice.at {
                    let _ = project.slice(at);
                }
            }
        },
    );
}

#[test]
fn every_prefix_is_survived() {
    for (end, _) in RICH.char_indices().step_by(3) {
        survives(&RICH[..end]);
    }
}

#[test]
fn removed_and_changed_characters_are_survived() {
    let chars: Vec<char> = RICH.chars().collect();
    let mut seed = 7u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize
    };
    for _ in 0..300 {
        let mut text = chars.clone();
        for _ in 0..1 + next() % 4 {
            let at = next() % text.len();
            match next() % 3 {
                0 => drop(text.remove(at)),
                1 => text[at] = ['{', '}', '$', ':', '\n', '&', '*', '-', '"', ' '][next() % 10],
                _ => text.insert(at, ['[', ']', '!', '|', '#', '\t', '\'', ',', '0', 'é'][next() % 10]),
            }
        }
        survives(&text.into_iter().collect::<String>());
    }
}

#[test]
fn windows_lines_and_a_mark_at_the_start_change_nothing() {
    let read = |text: &str| {
        project(&[("compose.yaml", text)], |project| {
            project.views.iter().flat_map(|view| &view.services).map(|one| crate::show(&one.node)).collect::<Vec<_>>()
        })
    };
    let plain = read(RICH);
    assert_eq!(read(&RICH.replace('\n', "\r\n")), plain);
    assert_eq!(read(&format!("\u{feff}{RICH}")), plain);
}

/// Reading ends, however the file is made.
fn ends(files: &[(&str, String)]) {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path, text.clone());
    }
    assert!(!Project::new(&sources, TODAY).views.is_empty());
}

#[test]
fn hostile_sizes_end() {
    let list = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let one = |body: String| vec![("compose.yaml", format!("services:\n  it:\n    image: x\n{body}"))];
    ends(&one(format!("    ports:\n{}", list(30_000, &|n| format!("    - \"{n}:{n}\"\n")))));
    ends(&one(format!("    volumes:\n{}", list(30_000, &|n| format!("    - v{n}:/v{n}\n")))));
    ends(&one(format!("    security_opt:\n{}", list(30_000, &|_| "    - a\n".to_owned()))));
    ends(&one(list(30_000, &|n| format!("    key{n}: 1\n"))));
    ends(&one(format!("    links:\n{}", list(20_000, &|n| format!("    - s{n}\n")))));
    ends(&[(
        "compose.yaml",
        format!("services:\n{}", list(5_000, &|n| format!("  s{n}: {{image: x, extends: s{}}}\n", n + 1))),
    )]);
    ends(&[(
        "compose.yaml",
        format!("services:\n{}", list(5_000, &|n| format!("  s{n}: {{image: x, depends_on: [s{}]}}\n", n / 2))),
    )]);
    let documents = list(3_000, &|n| format!("---\nservices:\n  s{n}: {{image: x}}\n"));
    ends(&[("compose.yaml", documents)]);
    let names = list(20_000, &|n| format!("A{n}=${{A{}}}x\n", n.saturating_sub(1)));
    ends(&[
        ("compose.yaml", "services: {it: {image: x, env_file: a.env}}\n".to_owned()),
        ("a.env", format!("A0=y\n{names}")),
    ]);
}

//! From a merged mapping to [`ServiceSpec`]. Each helper reads one shape that Compose allows.

use super::{
    Build, Command, Dependency, EnvFile, EnvOrigin, EnvVar, Grant, Healthcheck, Hook, Membership, Network, Resource,
    ServiceSpec, Text, mounts, ports,
};
use crate::model::Spanned;
use crate::model::merge::{key_value, to_mapping};
use crate::model::node::{Entry, Node, Value};
use crate::syntax::shell;

/// Reads one service.
#[must_use]
pub fn service(entry: &Entry) -> ServiceSpec {
    let node = &entry.node;
    let texts = |key: &str| list(node.get(key));
    ServiceSpec {
        name: entry.key.clone(),
        at: entry.key_at,
        image: node.get("image").and_then(text),
        build: node.get("build").and_then(build),
        user: node.get("user").and_then(text),
        command: node.get("command").and_then(command),
        entrypoint: node.get("entrypoint").and_then(command),
        privileged: node.get("privileged").and_then(boolean),
        cap_add: texts("cap_add"),
        cap_drop: texts("cap_drop"),
        devices: texts("devices"),
        device_cgroup_rules: texts("device_cgroup_rules"),
        namespaces: ["pid", "ipc", "uts", "userns_mode", "cgroup"]
            .into_iter()
            .filter_map(|key| Some((key, node.get(key).and_then(text)?)))
            .collect(),
        network_mode: node.get("network_mode").and_then(text),
        ports: node.get("ports").map(|node| node.items().iter().filter_map(ports::read).collect()).unwrap_or_default(),
        mounts: all_mounts(node),
        volumes_from: texts("volumes_from"),
        environment: variables(node.get("environment"), EnvOrigin::Compose),
        env_files: node
            .get("env_file")
            .map(|node| node.one_or_many().iter().filter_map(env_file).collect())
            .unwrap_or_default(),
        networks: memberships(node.get("networks")),
        links: texts("links"),
        depends_on: dependencies(node.get("depends_on")),
        restart: node.get("restart").and_then(text),
        profiles: texts("profiles"),
        healthcheck: node.entry("healthcheck").and_then(healthcheck),
        labels: variables(node.get("labels"), EnvOrigin::Compose),
        secrets: grants(node.get("secrets"), "/run/secrets/"),
        configs: grants(node.get("configs"), "/"),
        hooks: hooks(node),
        use_api_socket: node.get("use_api_socket").and_then(boolean),
        group_add: texts("group_add"),
        one_shot: None,
        node: node.clone(),
    }
}

fn text(node: &Node) -> Option<Text> {
    let scalar = node.scalar()?;
    Some(Text {
        text: scalar.text.clone(),
        certainty: scalar.certainty,
        variables: scalar.variables.clone(),
        at: node.at(),
    })
}

fn boolean(node: &Node) -> Option<Spanned<bool>> {
    node.as_bool().map(|value| Spanned::new(value, node.at()))
}

fn list(node: Option<&Node>) -> Vec<Text> {
    node.map(|node| node.one_or_many().iter().filter_map(text).collect()).unwrap_or_default()
}

/// A string is split into words as a shell would, but no shell runs it; a list is taken word by word.
fn command(node: &Node) -> Option<Command> {
    let words = match &node.value {
        Value::Scalar(scalar) => words(&scalar.text),
        Value::Sequence(items) => items.iter().filter_map(|item| item.text().map(str::to_owned)).collect(),
        _ => return None,
    };
    let known = node.one_or_many().iter().all(|item| item.scalar().is_none_or(crate::model::node::Scalar::is_known));
    Some(Command { words, at: node.at(), known })
}

fn words(text: &str) -> Vec<String> {
    let script = shell::parse(text);
    let mut words: Vec<String> = Vec::new();
    for command in &script.commands {
        words.extend(command.assignments.iter().chain(&command.words).map(|word| word.text.clone()));
    }
    if words.is_empty() { text.split_whitespace().map(str::to_owned).collect() } else { words }
}

fn variables(node: Option<&Node>, origin: EnvOrigin) -> Vec<EnvVar> {
    let Some(node) = node else { return Vec::new() };
    to_mapping(node.clone(), key_value)
        .entries()
        .iter()
        .map(|entry| EnvVar { key: entry.key.clone(), key_at: entry.key_at, value: text(&entry.node), origin })
        .collect()
}

fn build(node: &Node) -> Option<Build> {
    if let Some(context) = node.text() {
        return Some(Build {
            context: context.to_owned(),
            dockerfile: None,
            inline: false,
            target: None,
            args: Vec::new(),
            at: node.at(),
        });
    }
    if node.entries().is_empty() {
        return None;
    }
    Some(Build {
        context: node.get("context").and_then(Node::text).unwrap_or(".").to_owned(),
        dockerfile: node.get("dockerfile").and_then(Node::text).map(str::to_owned),
        inline: node.get("dockerfile_inline").is_some(),
        target: node.get("target").and_then(text),
        args: variables(node.get("args"), EnvOrigin::Compose),
        at: node.at(),
    })
}

fn all_mounts(node: &Node) -> Vec<mounts::Mount> {
    let mut all: Vec<mounts::Mount> =
        node.get("volumes").map(|node| node.items().iter().filter_map(mounts::read).collect()).unwrap_or_default();
    for item in node.get("tmpfs").map(Node::one_or_many).unwrap_or_default() {
        if let Some(scalar) = item.scalar() {
            all.push(mounts::Mount {
                kind: mounts::MountKind::Tmpfs,
                source: None,
                target: scalar.text.split(':').next().unwrap_or("").to_owned(),
                read_only: false,
                propagation: None,
                at: item.at(),
                known: scalar.is_known(),
            });
        }
    }
    all
}

fn env_file(node: &Node) -> Option<EnvFile> {
    match node.scalar() {
        Some(_) => Some(EnvFile { path: text(node)?, required: true }),
        None => Some(EnvFile {
            path: node.get("path").and_then(text)?,
            required: node.get("required").and_then(Node::as_bool).unwrap_or(true),
        }),
    }
}

fn memberships(node: Option<&Node>) -> Vec<Membership> {
    let Some(node) = node else { return Vec::new() };
    let mut all: Vec<Membership> = node
        .items()
        .iter()
        .filter_map(|item| Some(Membership { network: item.text()?.to_owned(), aliases: Vec::new(), at: item.at() }))
        .collect();
    all.extend(node.entries().iter().map(|entry| Membership {
        network: entry.key.clone(),
        aliases: list(entry.node.get("aliases")).into_iter().map(|alias| alias.text).collect(),
        at: entry.key_at,
    }));
    all
}

fn dependencies(node: Option<&Node>) -> Vec<Dependency> {
    let Some(node) = node else { return Vec::new() };
    let started = || "service_started".to_owned();
    let mut all: Vec<Dependency> = node
        .items()
        .iter()
        .filter_map(|item| Some(Dependency { service: item.text()?.to_owned(), condition: started(), at: item.at() }))
        .collect();
    all.extend(node.entries().iter().map(|entry| Dependency {
        service: entry.key.clone(),
        condition: entry.node.get("condition").and_then(Node::text).map_or_else(started, str::to_owned),
        at: entry.key_at,
    }));
    all
}

fn healthcheck(entry: &Entry) -> Option<Healthcheck> {
    let node = &entry.node;
    let disabled = node.get("disable").and_then(Node::as_bool) == Some(true);
    let none = node.get("test").is_some_and(|test| test.one_or_many().first().and_then(Node::text) == Some("NONE"));
    if disabled || none {
        return Some(Healthcheck::Disabled(entry.key_at));
    }
    // Only timings: the image's own probe, if any, keeps running.
    node.get("test").map(|test| Healthcheck::Probe(test.at()))
}

fn grants(node: Option<&Node>, folder: &str) -> Vec<Grant> {
    let Some(node) = node else { return Vec::new() };
    let absolute = |target: &str| if target.starts_with('/') { target.to_owned() } else { format!("{folder}{target}") };
    node.items()
        .iter()
        .filter_map(|item| match item.text() {
            Some(name) => Some(Grant { source: name.to_owned(), target: absolute(name), at: item.at() }),
            None => {
                let source = item.get("source")?.text()?;
                let target = item.get("target").and_then(Node::text).unwrap_or(source);
                Some(Grant { source: source.to_owned(), target: absolute(target), at: item.at() })
            }
        })
        .collect()
}

fn hooks(node: &Node) -> Vec<Hook> {
    let mut all = Vec::new();
    for kind in ["pre_start", "post_start", "pre_stop"] {
        for item in node.get(kind).map(Node::items).unwrap_or_default() {
            all.push(Hook {
                kind,
                user: item.get("user").and_then(text),
                privileged: item.get("privileged").and_then(boolean),
                at: item.at(),
            });
        }
    }
    all
}

/// Reads the top-level `networks`.
#[must_use]
pub fn networks(node: Option<&Node>) -> Vec<Network> {
    let Some(node) = node else { return Vec::new() };
    node.entries()
        .iter()
        .map(|entry| {
            let flag = |key: &str| {
                entry.node.get(key).is_some_and(|node| node.as_bool() == Some(true) || !node.entries().is_empty())
            };
            Network {
                name: entry.key.clone(),
                at: Some(entry.key_at),
                internal: flag("internal"),
                external: flag("external"),
                driver: entry.node.get("driver").and_then(Node::text).map(str::to_owned),
                options: entry
                    .node
                    .get("driver_opts")
                    .map(|node| {
                        node.entries().iter().filter_map(|e| Some((e.key.clone(), e.node.text()?.to_owned()))).collect()
                    })
                    .unwrap_or_default(),
            }
        })
        .collect()
}

/// Reads the top-level `volumes`, `secrets` or `configs`.
#[must_use]
pub fn resources(node: Option<&Node>) -> Vec<Resource> {
    let Some(node) = node else { return Vec::new() };
    node.entries()
        .iter()
        .map(|entry| {
            let options = entry.node.get("driver_opts");
            let binds = options
                .and_then(|node| node.get("o"))
                .and_then(Node::text)
                .is_some_and(|o| o.split(',').any(|part| part.ends_with("bind")));
            Resource {
                name: entry.key.clone(),
                at: entry.key_at,
                file: entry.node.get("file").and_then(text),
                content: entry.node.get("content").and_then(text),
                device: options.filter(|_| binds).and_then(|node| node.get("device")).and_then(text),
            }
        })
        .collect()
}

//! From a merged mapping to [`ServiceSpec`]. Each helper reads one shape that Compose allows.

use super::limits::limits;
use super::settings;
use super::{
    Build, BuildOptions, Command, Dependency, EnvFile, EnvOrigin, EnvVar, Grant, Healthcheck, Hook, Membership,
    Network, Resource, ServiceSpec, Text, mounts, ports,
};
use crate::model::Spanned;
use crate::model::merge::{key_value, to_mapping};
use crate::model::node::{Entry, Node, Value};
use crate::syntax::shell;
use crate::syntax::yaml::Type;

/// Reads one service.
#[must_use]
pub fn service(entry: &Entry) -> ServiceSpec {
    let node = &entry.node;
    let texts = |key: &str| list(node.get(key));
    let field = |key: &str| node.get(key).and_then(text);
    let flag = |key: &str| node.get(key).and_then(boolean);
    let pairs = |key: &str| variables(node.get(key), EnvOrigin::Compose);
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
        env_files: env_files(node.get("env_file")),
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
        security_opt: settings::security_opts(node.get("security_opt")),
        read_only: flag("read_only"),
        init: flag("init"),
        tty: flag("tty"),
        stdin_open: flag("stdin_open"),
        oom_kill_disable: flag("oom_kill_disable"),
        sysctls: pairs("sysctls"),
        ulimits: settings::ulimits(node.get("ulimits")),
        limits: limits(node),
        logging: node.get("logging").and_then(settings::logging),
        deploy: node.get("deploy").and_then(settings::deploy),
        scale: node.get("scale").and_then(settings::count),
        extra_hosts: settings::extra_hosts(node.get("extra_hosts")),
        dns: texts("dns"),
        expose: texts("expose"),
        external_links: texts("external_links"),
        pull_policy: field("pull_policy"),
        platform: field("platform"),
        working_dir: field("working_dir"),
        hostname: field("hostname"),
        container_name: field("container_name"),
        runtime: field("runtime"),
        cgroup_parent: field("cgroup_parent"),
        isolation: field("isolation"),
        storage_opt: pairs("storage_opt"),
        credential_spec: node.get("credential_spec").and_then(settings::credential_spec),
        gpus: node.get("gpus").filter(|gpus| !gpus.is_null()).map(Node::at),
        stop_signal: field("stop_signal"),
        stop_grace_period: field("stop_grace_period"),
        probe: node.get("healthcheck").and_then(settings::probe),
        watch: settings::watch(node.get("develop")),
        label_files: env_files(node.get("label_file")),
        annotations: pairs("annotations"),
        provider: node.get("provider").and_then(|provider| provider.get("type")).and_then(text),
        models: words_of(node.get("models")),
        one_shot: None,
        node: node.clone(),
    }
}

pub(super) fn text(node: &Node) -> Option<Text> {
    let scalar = node.scalar()?;
    Some(Text {
        text: scalar.text.clone(),
        certainty: scalar.certainty,
        variables: scalar.variables.clone(),
        at: node.at(),
    })
}

pub(super) fn boolean(node: &Node) -> Option<Spanned<bool>> {
    node.as_bool().map(|value| Spanned::new(value, node.at()))
}

pub(super) fn list(node: Option<&Node>) -> Vec<Text> {
    node.map(|node| node.one_or_many().iter().filter_map(text).collect()).unwrap_or_default()
}

/// The items of a list, or the keys of a mapping, `key=value` where there is a value.
pub(super) fn words_of(node: Option<&Node>) -> Vec<Text> {
    let Some(node) = node else { return Vec::new() };
    let mut all = list(Some(node));
    all.extend(node.entries().iter().map(|entry| match text(&entry.node) {
        Some(value) => Text { text: format!("{}={}", entry.key, value.text), ..value },
        None => Text {
            text: entry.key.clone(),
            certainty: crate::model::interpolate::Certainty::Known,
            variables: Vec::new(),
            at: entry.key_at,
        },
    }));
    all
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

pub(super) fn variables(node: Option<&Node>, origin: EnvOrigin) -> Vec<EnvVar> {
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
            inline: None,
            target: None,
            args: Vec::new(),
            options: BuildOptions::default(),
            at: node.at(),
        });
    }
    if node.entries().is_empty() {
        return None;
    }
    Some(Build {
        context: node.get("context").and_then(Node::text).unwrap_or(".").to_owned(),
        dockerfile: node.get("dockerfile").and_then(Node::text).map(str::to_owned),
        inline: node.get("dockerfile_inline").map(Node::at),
        target: node.get("target").and_then(text),
        args: variables(node.get("args"), EnvOrigin::Compose),
        options: settings::build_options(node),
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
                options: scalar.text.split_once(':').map(|(_, options)| words_at_commas(options)).unwrap_or_default(),
                creates_source: false,
                at: item.at(),
                known: scalar.is_known(),
            });
        }
    }
    all
}

fn words_at_commas(text: &str) -> Vec<String> {
    text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn env_files(node: Option<&Node>) -> Vec<EnvFile> {
    node.map(|node| node.one_or_many().iter().filter_map(env_file).collect()).unwrap_or_default()
}

fn env_file(node: &Node) -> Option<EnvFile> {
    match node.scalar() {
        Some(_) => Some(EnvFile { path: text(node)?, required: true, raw: false }),
        None => Some(EnvFile {
            path: node.get("path").and_then(text)?,
            required: node.get("required").and_then(Node::as_bool).unwrap_or(true),
            raw: node.get("format").and_then(Node::text) == Some("raw"),
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
        .filter_map(|item| {
            Some(Dependency { service: item.text()?.to_owned(), condition: started(), required: true, at: item.at() })
        })
        .collect();
    all.extend(node.entries().iter().map(|entry| Dependency {
        service: entry.key.clone(),
        condition: entry.node.get("condition").and_then(Node::text).map_or_else(started, str::to_owned),
        required: entry.node.get("required").and_then(Node::as_bool).unwrap_or(true),
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

pub(super) fn grants(node: Option<&Node>, folder: &str) -> Vec<Grant> {
    let Some(node) = node else { return Vec::new() };
    let absolute = |target: &str| if target.starts_with('/') { target.to_owned() } else { format!("{folder}{target}") };
    node.items()
        .iter()
        .filter_map(|item| {
            let source = item.text().or_else(|| item.get("source")?.text())?;
            let target = item.get("target").and_then(Node::text).unwrap_or(source);
            Some(Grant {
                source: source.to_owned(),
                target: absolute(target),
                mode: item.get("mode").and_then(mode),
                owner: (item.get("uid").and_then(text), item.get("gid").and_then(text)),
                at: item.at(),
            })
        })
        .collect()
}

/// Permissions: `0440` is octal to YAML already, `"0440"` is to Compose.
fn mode(node: &Node) -> Option<u32> {
    let scalar = node.scalar().filter(|scalar| scalar.is_known())?;
    match scalar.ty {
        Type::Int(number) => u32::try_from(number).ok(),
        _ => u32::from_str_radix(scalar.text.trim_start_matches("0o"), 8).ok(),
    }
}

fn hooks(node: &Node) -> Vec<Hook> {
    let mut all = Vec::new();
    for kind in ["pre_start", "post_start", "pre_stop"] {
        all.extend(node.get(kind).map(Node::items).unwrap_or_default().iter().map(|item| hooks_of(kind, item)));
    }
    all
}

pub(super) fn hooks_of(kind: &'static str, node: &Node) -> Hook {
    Hook {
        kind,
        user: node.get("user").and_then(text),
        privileged: node.get("privileged").and_then(boolean),
        command: node.get("command").and_then(command),
        environment: variables(node.get("environment"), EnvOrigin::Compose),
        at: node.at(),
    }
}

/// The options of a driver, as text.
fn driver_options(node: &Node) -> Vec<(String, String)> {
    let options = node.get("driver_opts").map(Node::entries).unwrap_or_default();
    options.iter().filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned()))).collect()
}

/// Whether a top-level entry is made outside of the project: `external: true`, or the old `external: {name: x}`.
fn is_external(node: &Node) -> bool {
    node.get("external").is_some_and(|node| node.as_bool() == Some(true) || !node.entries().is_empty())
}

/// What the engine calls a top-level entry.
fn own_name(node: &Node) -> Option<Text> {
    node.get("name").or_else(|| node.get("external")?.get("name")).and_then(text)
}

/// Reads the top-level `networks`.
#[must_use]
pub fn networks(node: Option<&Node>) -> Vec<Network> {
    let Some(node) = node else { return Vec::new() };
    node.entries()
        .iter()
        .map(|entry| {
            let node = &entry.node;
            let flag = |key: &str| node.get(key).and_then(boolean);
            let subnets = node.get("ipam").and_then(|ipam| ipam.get("config")).map(Node::items).unwrap_or_default();
            Network {
                name: entry.key.clone(),
                at: Some(entry.key_at),
                internal: node.get("internal").and_then(Node::as_bool) == Some(true),
                external: is_external(node),
                driver: node.get("driver").and_then(Node::text).map(str::to_owned),
                options: driver_options(node),
                own_name: own_name(node),
                attachable: flag("attachable"),
                enable_ipv4: flag("enable_ipv4"),
                enable_ipv6: flag("enable_ipv6"),
                subnets: subnets.iter().filter_map(|config| config.get("subnet").and_then(text)).collect(),
                labels: variables(node.get("labels"), EnvOrigin::Compose),
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
            let node = &entry.node;
            let options = node.get("driver_opts");
            let binds = options
                .and_then(|node| node.get("o"))
                .and_then(Node::text)
                .is_some_and(|o| o.split(',').any(|part| part.ends_with("bind")));
            let field = |key: &str| node.get(key).and_then(text);
            Resource {
                name: entry.key.clone(),
                at: entry.key_at,
                file: field("file"),
                content: field("content"),
                environment: field("environment"),
                external: is_external(node),
                driver: field("driver"),
                options: driver_options(node),
                own_name: own_name(node),
                device: options.filter(|_| binds).and_then(|node| node.get("device")).and_then(text),
                labels: variables(node.get("labels"), EnvOrigin::Compose),
            }
        })
        .collect()
}

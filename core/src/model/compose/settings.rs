//! What surrounds the process of a service: confinement, logging, scaling, health, names of other hosts, and how it is built.

use super::read::{boolean, hooks_of, list, text, variables, words_of};
use super::{EnvOrigin, EnvVar, Grant, Hook, Text};
use crate::model::Spanned;
use crate::model::merge::hosts_list;
use crate::model::node::{Node, Value};
use crate::source::Location;
use crate::syntax::yaml::Type;

/// One `security_opt`: `name`, `name=value` or `name:value`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecurityOpt {
    /// `no-new-privileges`, `seccomp`, `apparmor`, `label`, `systempaths`, …
    pub name: String,
    /// What it is set to.
    pub value: Option<String>,
    /// The whole text.
    pub text: Text,
}

impl SecurityOpt {
    /// Whether processes cannot gain privileges.
    #[must_use]
    pub fn is_no_new_privileges(&self) -> bool {
        self.name == "no-new-privileges" && matches!(self.value.as_deref(), None | Some("true"))
    }

    /// Whether it switches a confinement off: `seccomp`, `apparmor`, `systempaths`, SELinux labels.
    #[must_use]
    pub fn is_unconfined(&self) -> bool {
        match self.name.as_str() {
            "seccomp" | "apparmor" | "systempaths" => self.value.as_deref() == Some("unconfined"),
            "label" => self.value.as_deref() == Some("disable"),
            _ => false,
        }
    }
}

/// One `ulimits` entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ulimit {
    /// `nofile`, `nproc`, …
    pub name: String,
    /// The limit a process starts with; `-1` means none.
    pub soft: Option<i64>,
    /// The limit it may raise it to.
    pub hard: Option<i64>,
    /// Where the name is written.
    pub at: Location,
}

/// `logging`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logging {
    /// `driver`; the engine's default when absent.
    pub driver: Option<Text>,
    /// `options`.
    pub options: Vec<EnvVar>,
    /// Where it is written.
    pub at: Location,
}

impl Logging {
    /// An option.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&Text> {
        self.options.iter().find(|option| option.key == name)?.value.as_ref()
    }
}

/// `deploy`, but for its resources.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deploy {
    /// `mode`.
    pub mode: Option<Text>,
    /// `replicas`.
    pub replicas: Option<Spanned<u64>>,
    /// `restart_policy.condition`.
    pub restart: Option<Text>,
    /// `labels`.
    pub labels: Vec<EnvVar>,
    /// Where it is written.
    pub at: Location,
}

/// One `extra_hosts` entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExtraHost {
    /// The name.
    pub host: String,
    /// The address, or `host-gateway`.
    pub address: String,
    /// Where it is written.
    pub at: Location,
}

/// What `healthcheck` says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// The words it runs; for a shell form the text as one word. Empty when only timings are given.
    pub words: Vec<String>,
    /// Whether a shell runs it.
    pub shell: bool,
    /// `interval`.
    pub interval: Option<Text>,
    /// `timeout`.
    pub timeout: Option<Text>,
    /// `retries`.
    pub retries: Option<Text>,
    /// `start_period`.
    pub start_period: Option<Text>,
    /// `start_interval`.
    pub start_interval: Option<Text>,
    /// Where it is written.
    pub at: Location,
}

/// One `develop.watch` entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watch {
    /// The path that is watched.
    pub path: Text,
    /// `rebuild`, `sync`, `restart`, `sync+restart`, `sync+exec`.
    pub action: Option<Text>,
    /// Where changes go in the container.
    pub target: Option<Text>,
    /// What is run in the container.
    pub exec: Option<Hook>,
    /// Where it is written.
    pub at: Location,
}

/// What a build may do and see.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BuildOptions {
    /// `secrets`.
    pub secrets: Vec<Grant>,
    /// `ssh`.
    pub ssh: Vec<Text>,
    /// `privileged`, where it is known.
    pub privileged: Option<Spanned<bool>>,
    /// `entitlements`.
    pub entitlements: Vec<Text>,
    /// `network`.
    pub network: Option<Text>,
    /// `cache_from`.
    pub cache_from: Vec<Text>,
    /// `cache_to`.
    pub cache_to: Vec<Text>,
    /// `additional_contexts`.
    pub additional_contexts: Vec<EnvVar>,
    /// `extra_hosts`.
    pub extra_hosts: Vec<ExtraHost>,
    /// `labels`.
    pub labels: Vec<EnvVar>,
    /// `tags`.
    pub tags: Vec<Text>,
    /// `platforms`.
    pub platforms: Vec<Text>,
    /// `pull`, where it is known.
    pub pull: Option<Spanned<bool>>,
    /// `no_cache`, where it is known.
    pub no_cache: Option<Spanned<bool>>,
    /// `provenance`.
    pub provenance: Option<Text>,
    /// `sbom`.
    pub sbom: Option<Text>,
}

pub(super) fn security_opts(node: Option<&Node>) -> Vec<SecurityOpt> {
    let parse = |text: Text| {
        // `=` decides where it stands; `seccomp:profile.json` is the old spelling.
        let split = text.text.split_once('=').or_else(|| text.text.split_once(':'));
        let (name, value) = match split {
            Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
            None => (text.text.trim().to_owned(), None),
        };
        SecurityOpt { name, value, text }
    };
    list(node).into_iter().map(parse).collect()
}

pub(super) fn ulimits(node: Option<&Node>) -> Vec<Ulimit> {
    let number = |node: &Node| match node.scalar()?.ty {
        Type::Int(number) => Some(number),
        _ => node.text()?.trim().parse().ok(),
    };
    node.map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|entry| {
            let (soft, hard) = match &entry.node.value {
                Value::Mapping(_) => (entry.node.get("soft").and_then(number), entry.node.get("hard").and_then(number)),
                _ => (number(&entry.node), number(&entry.node)),
            };
            Ulimit { name: entry.key.clone(), soft, hard, at: entry.key_at }
        })
        .collect()
}

pub(super) fn logging(node: &Node) -> Option<Logging> {
    let Value::Mapping(_) = node.value else { return None };
    Some(Logging {
        driver: node.get("driver").and_then(text),
        options: variables(node.get("options"), EnvOrigin::Compose),
        at: node.at(),
    })
}

pub(super) fn count(node: &Node) -> Option<Spanned<u64>> {
    let scalar = node.scalar().filter(|scalar| scalar.is_known())?;
    Some(Spanned::new(scalar.text.trim().parse().ok()?, node.at()))
}

pub(super) fn deploy(node: &Node) -> Option<Deploy> {
    let Value::Mapping(_) = node.value else { return None };
    Some(Deploy {
        mode: node.get("mode").and_then(text),
        replicas: node.get("replicas").and_then(count),
        restart: node.get("restart_policy").and_then(|policy| policy.get("condition")).and_then(text),
        labels: variables(node.get("labels"), EnvOrigin::Compose),
        at: node.at(),
    })
}

pub(super) fn extra_hosts(node: Option<&Node>) -> Vec<ExtraHost> {
    let Some(node) = node else { return Vec::new() };
    let entry = |item: &Node| {
        let text = item.text()?;
        let (host, address) = text.split_once('=').or_else(|| text.split_once(':'))?;
        let address = address.trim_matches(['[', ']']);
        Some(ExtraHost { host: host.to_owned(), address: address.to_owned(), at: item.at() })
    };
    hosts_list(node.clone()).items().iter().filter_map(entry).collect()
}

pub(super) fn probe(node: &Node) -> Option<Probe> {
    let Value::Mapping(_) = node.value else { return None };
    let (words, shell) = match node.get("test").map(|test| &test.value) {
        Some(Value::Scalar(line)) => (vec![line.text.clone()], true),
        Some(Value::Sequence(items)) => {
            let words: Vec<String> = items.iter().filter_map(|item| item.text().map(str::to_owned)).collect();
            match words.split_first() {
                Some((kind, rest)) if kind == "CMD-SHELL" => (rest.to_vec(), true),
                Some((kind, rest)) if kind == "CMD" => (rest.to_vec(), false),
                _ => (Vec::new(), false),
            }
        }
        _ => (Vec::new(), false),
    };
    let field = |key: &str| node.get(key).and_then(text);
    Some(Probe {
        words,
        shell,
        interval: field("interval"),
        timeout: field("timeout"),
        retries: field("retries"),
        start_period: field("start_period"),
        start_interval: field("start_interval"),
        at: node.at(),
    })
}

pub(super) fn watch(node: Option<&Node>) -> Vec<Watch> {
    let items = node.and_then(|develop| develop.get("watch")).map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| {
            Some(Watch {
                path: item.get("path").and_then(text)?,
                action: item.get("action").and_then(text),
                target: item.get("target").and_then(text),
                exec: item.get("exec").map(|exec| hooks_of("exec", exec)),
                at: item.at(),
            })
        })
        .collect()
}

/// `credential_spec`: whichever source it names.
pub(super) fn credential_spec(node: &Node) -> Option<Text> {
    ["config", "file", "registry"].iter().find_map(|key| node.get(key).and_then(text))
}

pub(super) fn build_options(node: &Node) -> BuildOptions {
    let pairs = |key: &str| variables(node.get(key), EnvOrigin::Compose);
    BuildOptions {
        secrets: super::read::grants(node.get("secrets"), "/run/secrets/"),
        ssh: words_of(node.get("ssh")),
        privileged: node.get("privileged").and_then(boolean),
        entitlements: list(node.get("entitlements")),
        network: node.get("network").and_then(text),
        cache_from: list(node.get("cache_from")),
        cache_to: list(node.get("cache_to")),
        additional_contexts: pairs("additional_contexts"),
        extra_hosts: extra_hosts(node.get("extra_hosts")),
        labels: pairs("labels"),
        tags: list(node.get("tags")),
        platforms: list(node.get("platforms")),
        pull: node.get("pull").and_then(boolean),
        no_cache: node.get("no_cache").and_then(boolean),
        provenance: node.get("provenance").and_then(text),
        sbom: node.get("sbom").and_then(text),
    }
}

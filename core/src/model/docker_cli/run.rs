//! `docker run` and `docker create` as the Compose service that would be the same container.

use super::flags::Flags;
use super::words::Arg;
use crate::model::compose::Text;
use crate::model::interpolate::Certainty;
use crate::model::node::{Entry, Node, Scalar, Value};
use crate::source::{Location, Sources, file_name};
use crate::span::Span;
use crate::syntax::yaml::{Id, Type};

/// A container that a command line makes.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    /// The image; `None` when a variable without a value may hold it together with options.
    pub image: Option<Text>,
    /// What stands behind the image.
    pub command: Vec<Arg>,
    /// The options.
    pub flags: Flags,
    /// The whole line.
    pub at: Location,
    /// `docker run`.
    pub verb_at: Location,
    /// `create`: not started.
    pub only_created: bool,
}

impl Run {
    /// The container's name.
    #[must_use]
    pub fn name(&self) -> Option<&Text> {
        self.flags.value("name")
    }

    /// Whether it goes on in the background.
    #[must_use]
    pub fn is_detached(&self) -> bool {
        self.flags.on("detach").is_some() || self.only_created
    }

    /// What says that it runs once and ends: `--rm`, or a terminal, without `-d`.
    #[must_use]
    pub fn ends(&self) -> Option<Location> {
        if self.is_detached() {
            return None;
        }
        let said = self.flags.on("rm").or_else(|| self.flags.on("tty")).or_else(|| self.flags.on("interactive"));
        said.map(|flag| flag.at)
    }

    /// Whether it is a tool that is used and thrown away, and is given nothing of the host but files to work on:
    /// `docker run --rm -v "$PWD:/app" composer install`.
    #[must_use]
    pub fn is_throwaway(&self) -> bool {
        self.ends().is_some() && !self.is_given_host()
    }

    /// Whether it is given something of the host that a container by itself does not have: more rights, devices, namespaces, a
    /// socket, folders of the system.
    #[must_use]
    pub fn is_given_host(&self) -> bool {
        const HOST: [&str; 9] =
            ["privileged", "cap-add", "device", "pid", "ipc", "uts", "userns", "use-api-socket", "volumes-from"];
        let given = HOST.iter().any(|name| self.flags.on(name).is_some());
        let open = ["security-opt", "network", "net"]
            .iter()
            .any(|name| self.flags.values(name).any(|value| value.text.contains("unconfined") || value.text == "host"));
        let mounts = self.flags.values("volume").chain(self.flags.values("mount"));
        given || open || mounts.into_iter().any(|mount| shows_host(&mount.text))
    }
}

/// Whether a mount shows more of the host than files of the project or a cache: a socket, or a folder of the system.
fn shows_host(mount: &str) -> bool {
    let source = mount
        .split(',')
        .find_map(|part| part.strip_prefix("source=").or_else(|| part.strip_prefix("src=")))
        .unwrap_or_else(|| mount.split(':').next().unwrap_or(""));
    mount.contains(".sock")
        || ["/", "/etc", "/root", "/proc", "/sys", "/boot", "/dev", "/run", "/usr", "/lib", "/bin", "/sbin"]
            .iter()
            .any(|path| source == *path || *path != "/" && source.starts_with(&format!("{path}/")))
        || source.starts_with("/var/lib/docker")
        || source.starts_with("/var/run")
}

/// Makes nodes whose places are those of words.
struct Nodes<'s> {
    sources: &'s Sources,
}

impl Nodes<'_> {
    fn node(&self, at: Location, value: Value) -> Node {
        // No node of any tree: edits of YAML find nothing to change.
        Node { source: at.source, id: Id(u32::MAX), parent: None, span: at.span, value, tag: None }
    }

    fn scalar(&self, text: &Text) -> Node {
        let written = self.sources.slice(text.at);
        let raw = ['"', '\'']
            .iter()
            .find_map(|quote| written.strip_prefix(*quote)?.strip_suffix(*quote))
            .unwrap_or(written)
            .to_owned();
        let scalar = Scalar {
            text: text.text.clone(),
            raw,
            ty: Type::Str,
            certainty: text.certainty,
            variables: text.variables.clone(),
        };
        self.node(text.at, Value::Scalar(scalar))
    }

    fn known(&self, text: &str, at: Location) -> Node {
        self.scalar(&Text { text: text.to_owned(), certainty: Certainty::Known, variables: Vec::new(), at })
    }

    fn entry(&self, key: &str, at: Location, node: Node) -> Entry {
        Entry { key: key.to_owned(), key_at: at, node }
    }

    fn list(&self, items: Vec<Node>) -> Option<Node> {
        let (first, last) = (items.first()?, items.last()?);
        let at = Location::new(first.source, first.span.to(last.span));
        Some(self.node(at, Value::Sequence(items)))
    }

    fn mapping(&self, at: Location, entries: Vec<Entry>) -> Node {
        self.node(at, Value::Mapping(entries))
    }
}

/// Options whose values become a list of the same meaning: the option and the key.
const LISTS: [(&str, &str); 15] = [
    ("publish", "ports"),
    ("env", "environment"),
    ("env-file", "env_file"),
    ("cap-add", "cap_add"),
    ("cap-drop", "cap_drop"),
    ("security-opt", "security_opt"),
    ("device", "devices"),
    ("device-cgroup-rule", "device_cgroup_rules"),
    ("tmpfs", "tmpfs"),
    ("volumes-from", "volumes_from"),
    ("label", "labels"),
    ("link", "links"),
    ("add-host", "extra_hosts"),
    ("group-add", "group_add"),
    ("dns", "dns"),
];

/// Options whose last value becomes a scalar of the same meaning.
const SCALARS: [(&str, &str); 19] = [
    ("user", "user"),
    ("restart", "restart"),
    ("hostname", "hostname"),
    ("workdir", "working_dir"),
    ("pid", "pid"),
    ("ipc", "ipc"),
    ("uts", "uts"),
    ("userns", "userns_mode"),
    ("cgroupns", "cgroup"),
    ("name", "container_name"),
    ("memory", "mem_limit"),
    ("memory-reservation", "mem_reservation"),
    ("cpus", "cpus"),
    ("pids-limit", "pids_limit"),
    ("shm-size", "shm_size"),
    ("platform", "platform"),
    ("pull", "pull_policy"),
    ("runtime", "runtime"),
    ("stop-signal", "stop_signal"),
];

/// Switches that become a boolean.
const SWITCHES: [(&str, &str); 4] =
    [("privileged", "privileged"), ("read-only", "read_only"), ("init", "init"), ("use-api-socket", "use_api_socket")];

/// The Compose service that would be the same container. `name` is its key.
#[must_use]
pub fn service_entry(name: &str, run: &Run, sources: &Sources) -> Entry {
    let nodes = Nodes { sources };
    let flags = &run.flags;
    let mut entries: Vec<Entry> = Vec::new();
    let mut put = |key: &str, node: Node| entries.push(nodes.entry(key, node.at(), node));
    if let Some(image) = &run.image {
        put("image", nodes.scalar(image));
    }
    if let Some(command) = nodes.list(run.command.iter().map(|arg| nodes.scalar(&arg.value)).collect()) {
        put("command", command);
    }
    if let Some(entrypoint) = flags.value("entrypoint") {
        let items = if entrypoint.text.is_empty() { Vec::new() } else { vec![nodes.scalar(entrypoint)] };
        put("entrypoint", nodes.node(entrypoint.at, Value::Sequence(items)));
    }
    for (option, key) in LISTS {
        if let Some(list) = nodes.list(flags.values(option).map(|text| nodes.scalar(text)).collect()) {
            put(key, list);
        }
    }
    for (option, key) in SCALARS {
        if let Some(text) = flags.value(option) {
            put(key, nodes.scalar(text));
        }
    }
    for (option, key) in SWITCHES {
        if let Some(flag) = flags.last(option) {
            match &flag.value {
                Some(value) => put(key, nodes.scalar(value)),
                None => put(key, nodes.known("true", flag.at)),
            }
        }
    }
    let mounts: Vec<Node> = flags
        .flags
        .iter()
        .filter_map(|flag| match (flag.name.as_str(), &flag.value) {
            ("volume", Some(value)) => Some(nodes.scalar(value)),
            ("mount", Some(value)) => Some(mount(&nodes, value)),
            _ => None,
        })
        .collect();
    if let Some(list) = nodes.list(mounts) {
        put("volumes", list);
    }
    for entry in networks(&nodes, run) {
        put(&entry.key, entry.node);
    }
    if let Some(node) = healthcheck(&nodes, flags) {
        put("healthcheck", node);
    }
    if let Some(driver) = flags.value("log-driver") {
        let entry = nodes.entry("driver", driver.at, nodes.scalar(driver));
        put("logging", nodes.mapping(driver.at, vec![entry]));
    }
    // An option that stands twice for different keys is kept once, the last one.
    let key_at = run.name().or(run.image.as_ref()).map_or(run.verb_at, |text| text.at);
    nodes.entry(name, key_at, nodes.mapping(run.at, entries))
}

/// The name for a container without one: its image's last part.
#[must_use]
pub fn name_of_image(image: &str) -> String {
    let name = file_name(image).split(['@', ':']).next().unwrap_or("");
    let name = name.replace("${", "").replace('}', "");
    if name.is_empty() { "container".to_owned() } else { name.to_ascii_lowercase() }
}

/// `type=bind,source=/a,target=/b,readonly` as the long form of a mount.
fn mount(nodes: &Nodes<'_>, value: &Text) -> Node {
    let mut entries = Vec::new();
    let mut at = 0usize;
    for part in value.text.split(',') {
        let (key, text) = part.split_once('=').unwrap_or((part, "true"));
        let place = sub(value, at + part.len() - text.len().min(part.len()), text.len());
        at += part.len() + 1;
        let scalar = |text: &str| nodes.scalar(&Text { text: text.to_owned(), at: place, ..value.clone() });
        let key = match key {
            "src" | "source" => "source",
            "dst" | "destination" | "target" => "target",
            "ro" | "readonly" => "read_only",
            "bind-propagation" => {
                let inner = vec![nodes.entry("propagation", place, scalar(text))];
                entries.push(nodes.entry("bind", place, nodes.mapping(place, inner)));
                continue;
            }
            other => other,
        };
        entries.push(nodes.entry(key, place, scalar(text)));
    }
    // Without a type it is a volume.
    if !entries.iter().any(|entry| entry.key == "type") {
        entries.push(nodes.entry("type", value.at, nodes.known("volume", value.at)));
    }
    nodes.mapping(value.at, entries)
}

/// A stretch of a value's text, where it is written without quotes; the whole value otherwise.
fn sub(value: &Text, from: usize, length: usize) -> Location {
    let span = value.at.span;
    if span.len() != value.text.len() || !value.variables.is_empty() {
        return value.at;
    }
    let start = span.range().start + from;
    Location::new(value.at.source, Span::new(start, start + length))
}

/// `network_mode`, or `networks`. Without either the container is on Docker's own bridge, where names are not resolved: that is not
/// Compose's default network.
fn networks(nodes: &Nodes<'_>, run: &Run) -> Vec<Entry> {
    let given: Vec<&Text> = run.flags.values("network").chain(run.flags.values("net")).collect();
    let Some(first) = given.first() else {
        return vec![nodes.entry("network_mode", run.verb_at, nodes.known("bridge", run.verb_at))];
    };
    let name = |text: &str| -> String {
        let named = text.split(',').find_map(|part| part.strip_prefix("name="));
        named.unwrap_or(text.split(',').next().unwrap_or(text)).to_owned()
    };
    let plain = name(&first.text);
    let mode = matches!(plain.as_str(), "host" | "none" | "bridge" | "default" | "private" | "slirp4netns" | "pasta")
        || plain.starts_with("container:")
        || !matches!(first.certainty, Certainty::Known | Certainty::Defaulted);
    if mode {
        return vec![nodes.entry("network_mode", first.at, nodes.scalar(&Text { text: plain, ..(*first).clone() }))];
    }
    let aliases: Vec<Node> = run.flags.values("network-alias").map(|text| nodes.scalar(text)).collect();
    let entries = given
        .iter()
        .map(|text| {
            let inner = match nodes.list(aliases.clone()) {
                Some(list) => nodes.mapping(text.at, vec![nodes.entry("aliases", list.at(), list)]),
                None => nodes.node(text.at, Value::Null),
            };
            nodes.entry(&name(&text.text), text.at, inner)
        })
        .collect();
    vec![nodes.entry("networks", first.at, nodes.mapping(first.at, entries))]
}

fn healthcheck(nodes: &Nodes<'_>, flags: &Flags) -> Option<Node> {
    if let Some(off) = flags.on("no-healthcheck") {
        let entry = nodes.entry("disable", off.at, nodes.known("true", off.at));
        return Some(nodes.mapping(off.at, vec![entry]));
    }
    let probe = flags.value("health-cmd")?;
    let test = nodes.list(vec![nodes.known("CMD-SHELL", probe.at), nodes.scalar(probe)])?;
    Some(nodes.mapping(probe.at, vec![nodes.entry("test", probe.at, test)]))
}

//! A running container as the Compose service that would make it: every node stands where the output says so, so that the same
//! questions get answers. What the output does not tell is an unknown text, as a variable without a value is in a Compose file.

use crate::model::Spanned;
use crate::model::compose::ports::Port;
use crate::model::interpolate::Certainty;
use crate::model::inventory::{Container, Details, Mount, Pair, Snapshot, Words};
use crate::model::node::{Entry, Node, Scalar, Value};
use crate::source::Location;
use crate::syntax::yaml::{Id, resolve_plain};

/// Keys whose absence means something: where nothing tells of them they must not look absent.
const UNKNOWN: [&str; 8] = ["user", "read_only", "restart", "mem_limit", "cpus", "pids_limit", "privileged", "init"];

/// The service that a container runs, under a name.
pub(super) fn service(snapshot: &Snapshot, container: &Container, name: &str) -> Entry {
    let at = container.at();
    let mut map = Map::new(at);
    if let Some(image) = &container.image {
        // An id says less than a name that the image still has.
        let named = snapshot.image_of(container).filter(|_| container.image_name().is_none());
        let text = named.and_then(|image| image.tags.first()).map_or(&image.value, |tag| &tag.value);
        map.put("image", image.at, text_node(text, image.at));
    }
    match &container.details {
        Some(details) => inspected(&mut map, snapshot, container, details),
        None => listed(&mut map, container),
    }
    if let Some(ports) = &container.ports {
        map.list("ports", at, ports.iter().map(port_node).collect());
    }
    if let Some(mounts) = &container.mounts {
        map.list("volumes", at, mounts.iter().filter_map(mount_node).collect());
    }
    networks(&mut map, snapshot, container);
    if let Some(labels) = &container.labels {
        let own = labels
            .iter()
            .filter(|label| !label.key.starts_with("com.docker.compose.") && !label.key.starts_with("io.podman."));
        let entries = own.map(|label| entry(&label.key, label.at, text_node(&label.value, label.value_at)));
        map.mapping("labels", at, entries.collect());
    }
    dependencies(&mut map, container);
    entry(name, at, map.node())
}

/// What only `inspect` tells.
fn inspected(map: &mut Map, snapshot: &Snapshot, container: &Container, details: &Details) {
    let at = details.host_at;
    if let Some(user) = details.user.as_ref().filter(|user| !user.value.is_empty()) {
        map.text("user", user);
    }
    // Entrypoint and command are the image's where nobody set them; they are what runs either way.
    map.words("entrypoint", details.entrypoint.as_ref());
    map.words("command", details.command.as_ref());
    for (key, flag) in [("privileged", &details.privileged), ("read_only", &details.read_only), ("init", &details.init)]
    {
        if let Some(flag) = flag {
            map.put(key, flag.at, text_node(&flag.value.to_string(), flag.at));
        }
    }
    for (key, list) in [
        ("cap_add", &details.cap_add),
        ("cap_drop", &details.cap_drop),
        ("security_opt", &details.security_opt),
        ("devices", &details.devices),
        ("device_cgroup_rules", &details.device_cgroup_rules),
        ("group_add", &details.group_add),
        ("extra_hosts", &details.extra_hosts),
        ("dns", &details.dns),
    ] {
        map.list(key, at, list.iter().map(|text| text_node(&text.value, text.at)).collect());
    }
    for (key, mode) in &details.modes {
        let text = mode.value.as_str();
        let meant = match *key {
            "network_mode" if matches!(text, "host" | "none") => text.to_owned(),
            "network_mode" | "pid" | "ipc" if text.starts_with("container:") => {
                other_service(snapshot, container, text)
            }
            "network_mode" => continue,
            _ if matches!(text, "private" | "shareable" | "default") => continue,
            _ => text.to_owned(),
        };
        map.put(key, mode.at, text_node(&meant, mode.at));
    }
    let tmpfs = details.tmpfs.iter().map(|pair| {
        let text = if pair.value.is_empty() { pair.key.clone() } else { format!("{}:{}", pair.key, pair.value) };
        text_node(&text, pair.at)
    });
    map.list("tmpfs", at, tmpfs.collect());
    limits(map, details);
    let restart = details.restart.as_ref().map(|policy| if policy.value.is_empty() { "no" } else { &policy.value });
    if let (Some(text), Some(policy)) = (restart, &details.restart) {
        map.put("restart", policy.at, text_node(text, policy.at));
    }
    if let Some(driver) = &details.log_driver {
        let mut logging = Map::new(driver.at);
        logging.text("driver", driver);
        logging.mapping("options", driver.at, details.log_options.iter().map(pair_entry).collect());
        map.put("logging", driver.at, logging.node());
    }
    map.mapping("sysctls", at, details.sysctls.iter().map(pair_entry).collect());
    map.mapping("ulimits", at, details.ulimits.iter().map(ulimit).collect());
    if let Some(runtime) = details.runtime.as_ref().filter(|runtime| runtime.value != "runc") {
        map.text("runtime", runtime);
    }
    if let Some(size) = &details.shm_size {
        map.put("shm_size", size.at, text_node(&size.value.to_string(), size.at));
    }
    if let Some(probe) = &details.healthcheck {
        let mut check = Map::new(probe.at);
        check.list("test", probe.at, probe.words.iter().map(|word| text_node(word, probe.at)).collect());
        map.put("healthcheck", probe.at, check.node());
    }
    let variables = details.env.iter().map(|variable| {
        let value = variable.told.as_ref().map_or_else(|| null(variable.at), |told| text_node(told, variable.at));
        entry(&variable.key, variable.at, value)
    });
    map.mapping("environment", details.config_at, variables.collect());
}

fn limits(map: &mut Map, details: &Details) {
    if let Some(memory) = &details.memory {
        map.put("mem_limit", memory.at, text_node(&memory.value.to_string(), memory.at));
    }
    if let Some(pids) = &details.pids {
        map.put("pids_limit", pids.at, text_node(&pids.value.to_string(), pids.at));
    }
    if let Some(cpus) = &details.nano_cpus {
        let (whole, rest) = (cpus.value / 1_000_000_000, cpus.value % 1_000_000_000);
        let text = format!("{whole}.{rest:09}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        map.put("cpus", cpus.at, text_node(text, cpus.at));
    }
}

fn ulimit(pair: &Pair) -> Entry {
    let (soft, hard) = pair.value.split_once(':').unwrap_or((&pair.value, &pair.value));
    let mut map = Map::new(pair.at);
    map.put("soft", pair.at, text_node(soft, pair.at));
    map.put("hard", pair.at, text_node(hard, pair.at));
    entry(&pair.key, pair.at, map.node())
}

/// What `ps` leaves open is unknown, not absent.
fn listed(map: &mut Map, container: &Container) {
    let at = container.at();
    for key in UNKNOWN {
        map.put(key, at, unknown(at));
    }
    for key in ["security_opt", "cap_drop"] {
        map.list(key, at, vec![unknown(at)]);
    }
    let mut logging = Map::new(at);
    logging.put("driver", at, unknown(at));
    map.put("logging", at, logging.node());
    match &container.command_line {
        // Entrypoint and command in one, each perhaps in Go's quotes.
        Some(line) => {
            let text = line.value.trim_matches('"').replace("\\\"", "\"");
            let words = text.split_whitespace().map(|word| text_node(word.trim_matches(['"', '\'']), line.at));
            map.list("entrypoint", line.at, words.collect());
        }
        None => map.list("command", at, vec![unknown(at)]),
    }
}

/// `container:<id>` as `service:<name>` where the other belongs to the same project.
fn other_service(snapshot: &Snapshot, container: &Container, text: &str) -> String {
    let id = text.strip_prefix("container:").unwrap_or(text);
    let Some(other) = snapshot.container(id) else { return text.to_owned() };
    let same = |a: Option<&str>, b: Option<&str>| a.is_some() && a == b;
    let project = |container: &Container| container.project().map(|label| label.value.clone());
    match other.service() {
        Some(service) if same(project(other).as_deref(), project(container).as_deref()) => {
            format!("service:{}", service.value)
        }
        _ => format!("container:{}", other.name()),
    }
}

fn networks(map: &mut Map, snapshot: &Snapshot, container: &Container) {
    let Some(networks) = &container.networks else { return };
    let at = container.at();
    // Without its own network the container has its host's or none: `network_mode` says so.
    if map.has("network_mode") {
        return;
    }
    if let [only] = networks.as_slice()
        && matches!(only.network.as_str(), "host" | "none")
    {
        map.put("network_mode", only.at, text_node(&only.network, only.at));
        return;
    }
    let entries = networks.iter().map(|attachment| {
        let mut network = Map::new(attachment.at);
        let aliases = attachment.aliases.iter().map(|alias| text_node(alias, attachment.at)).collect();
        network.list("aliases", attachment.at, aliases);
        entry(&key_of_network(snapshot, &attachment.network), attachment.at, network.node())
    });
    map.mapping("networks", at, entries.collect());
}

/// A network's key in Compose, by its label; else its name.
pub(super) fn key_of_network(snapshot: &Snapshot, name: &str) -> String {
    let network = snapshot.networks.iter().find(|network| network.name.value == name);
    let label = network.and_then(|network| network.label("com.docker.compose.network"));
    label.map_or_else(|| name.to_owned(), |label| label.value.clone())
}

/// `depends_on` as Compose notes it in a label: `db:service_healthy:false,redis:service_started:false`.
fn dependencies(map: &mut Map, container: &Container) {
    let Some(label) = container.label("com.docker.compose.depends_on") else { return };
    let entries = label.value.split(',').filter(|part| !part.is_empty()).map(|part| {
        let mut words = part.split(':');
        let name = words.next().unwrap_or("");
        let mut dependency = Map::new(label.value_at);
        let condition = words.next().filter(|word| word.starts_with("service_")).unwrap_or("service_started");
        dependency.put("condition", label.value_at, text_node(condition, label.value_at));
        entry(name, label.value_at, dependency.node())
    });
    map.mapping("depends_on", label.value_at, entries.collect());
}

fn port_node(port: &Port) -> Node {
    let range = |(from, to): (u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    let mut map = Map::new(port.at);
    map.put("target", port.at, text_node(&range(port.target), port.at));
    if let Some(published) = port.published {
        map.put("published", port.at, text_node(&range(published), port.at));
    }
    if let Some(ip) = &port.host_ip {
        map.put("host_ip", port.at, text_node(ip, port.at));
    }
    map.put("protocol", port.at, text_node(&port.protocol, port.at));
    map.node()
}

/// A mount; `None` for what only a path in the container is known of.
fn mount_node(mount: &Mount) -> Option<Node> {
    let kind = mount.kind.as_deref()?;
    let mut map = Map::new(mount.at);
    map.put("type", mount.at, text_node(kind, mount.at));
    let anonymous = |name: &str| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let source = match kind {
        "volume" => mount.name.as_deref().filter(|name| !anonymous(name)),
        _ => mount.source.as_deref(),
    };
    if let Some(source) = source {
        map.put("source", mount.at, text_node(source, mount.at));
    }
    match &mount.target {
        Some(target) => map.put("target", mount.at, text_node(target, mount.at)),
        None => map.put("target", mount.at, unknown(mount.at)),
    }
    match mount.writable {
        Some(writable) => map.put("read_only", mount.at, text_node(&(!writable).to_string(), mount.at)),
        None => map.put("read_only", mount.at, unknown(mount.at)),
    }
    let propagation = mount.propagation.as_deref().filter(|mode| !mode.is_empty() && *mode != "rprivate");
    if let Some(propagation) = propagation {
        let mut bind = Map::new(mount.at);
        bind.put("propagation", mount.at, text_node(propagation, mount.at));
        map.put("bind", mount.at, bind.node());
    }
    Some(map.node())
}

fn pair_entry(pair: &Pair) -> Entry {
    entry(&pair.key, pair.at, text_node(&pair.value, pair.at))
}

pub(super) fn entry(key: &str, key_at: Location, node: Node) -> Entry {
    Entry { key: key.to_owned(), key_at, node }
}

fn bare(at: Location, value: Value) -> Node {
    // No tree holds these nodes: edits look the file up and find none.
    Node { source: at.source, id: Id(u32::MAX), parent: None, span: at.span, value, tag: None }
}

pub(super) fn text_node(text: &str, at: Location) -> Node {
    let (text, ty) = (text.to_owned(), resolve_plain(text));
    bare(
        at,
        Value::Scalar(Scalar {
            raw: text.clone(),
            text,
            ty,
            certainty: Certainty::Known,
            variables: Vec::new(),
            required: Vec::new(),
        }),
    )
}

/// A text that the output does not tell.
fn unknown(at: Location) -> Node {
    let mut node = text_node("?", at);
    if let Value::Scalar(scalar) = &mut node.value {
        scalar.certainty = Certainty::Unknown;
    }
    node
}

fn null(at: Location) -> Node {
    bare(at, Value::Null)
}

/// A mapping in the making.
pub(super) struct Map {
    at: Location,
    entries: Vec<Entry>,
}

impl Map {
    pub(super) fn new(at: Location) -> Self {
        Self { at, entries: Vec::new() }
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    pub(super) fn put(&mut self, key: &str, at: Location, node: Node) {
        self.entries.push(entry(key, at, node));
    }

    fn text(&mut self, key: &str, text: &Spanned<String>) {
        self.put(key, text.at, text_node(&text.value, text.at));
    }

    /// A list, unless it is empty.
    fn list(&mut self, key: &str, at: Location, items: Vec<Node>) {
        if let Some(first) = items.first() {
            let place = if items.len() == 1 { first.at() } else { at };
            self.put(key, place, bare(place, Value::Sequence(items)));
        }
    }

    fn words(&mut self, key: &str, words: Option<&Words>) {
        if let Some(words) = words {
            let items = words.words.iter().map(|word| text_node(word, words.at)).collect();
            self.put(key, words.at, bare(words.at, Value::Sequence(items)));
        }
    }

    /// A mapping, unless it is empty.
    fn mapping(&mut self, key: &str, at: Location, entries: Vec<Entry>) {
        if !entries.is_empty() {
            self.put(key, at, bare(at, Value::Mapping(entries)));
        }
    }

    pub(super) fn node(self) -> Node {
        bare(self.at, Value::Mapping(self.entries))
    }
}

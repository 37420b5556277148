//! Images, volumes, networks, the daemon and the disk they take.

use super::container::{Label, labels, set};
use super::details::{EnvKey, Pair, Probe, Words, environment, probe, words};
use super::value::{Moment, Reader, size_bytes};
use crate::date::Date;
use crate::model::Spanned;
use crate::source::Location;
use crate::syntax::inventory::Change;
use crate::syntax::json::{Kind, Value};

/// An image on the machine.
#[derive(Clone, PartialEq, Debug)]
pub struct Image {
    /// Its id, `sha256:…` where printed in full.
    pub id: Spanned<String>,
    /// Its names with tags.
    pub tags: Vec<Spanned<String>>,
    /// Its names with digests; none when it was never pushed or pulled.
    pub digests: Vec<Spanned<String>>,
    /// Whether tags and digests are known to be all there are.
    pub names_complete: bool,
    /// When it was built. Dates before 2000 are those of reproducible builds and say nothing.
    pub created: Option<Spanned<Moment>>,
    /// Its size in bytes.
    pub bytes: Option<Spanned<u64>>,
    /// How many containers use it, where Docker counted.
    pub containers: Option<Spanned<i64>>,
    /// Its labels.
    pub labels: Option<Vec<Label>>,
    /// Its user; empty is root. `None` when it was not inspected.
    pub user: Option<Spanned<String>>,
    /// Its environment, without values; `None` when it was not inspected.
    pub env: Option<Vec<EnvKey>>,
    /// Its command.
    pub command: Option<Words>,
    /// Its entrypoint.
    pub entrypoint: Option<Words>,
    /// Its health check.
    pub healthcheck: Option<Probe>,
    /// Paths it declares as volumes.
    pub volumes: Vec<String>,
    /// The comment that `docker commit` and `docker import` leave.
    pub comment: Option<Spanned<String>>,
    /// Who it says made it.
    pub author: Option<Spanned<String>>,
    /// Every place that tells of it.
    pub evidence: Vec<Location>,
}

impl Image {
    pub(super) fn new(id: Spanned<String>) -> Self {
        Self {
            id,
            tags: Vec::new(),
            digests: Vec::new(),
            names_complete: false,
            created: None,
            bytes: None,
            containers: None,
            labels: None,
            user: None,
            env: None,
            command: None,
            entrypoint: None,
            healthcheck: None,
            volumes: Vec::new(),
            comment: None,
            author: None,
            evidence: Vec::new(),
        }
    }

    /// Its first name, else the beginning of its id.
    #[must_use]
    pub fn name(&self) -> &str {
        self.tags.first().map_or_else(|| super::short(&self.id.value), |tag| tag.value.as_str())
    }

    /// Whether it has no name: a build or a pull took its name over.
    #[must_use]
    pub fn is_dangling(&self) -> bool {
        self.tags.is_empty()
    }

    /// Whether it was inspected.
    #[must_use]
    pub fn is_inspected(&self) -> bool {
        self.env.is_some()
    }

    /// Its age in days; `None` when it is not known.
    #[must_use]
    pub fn age_days(&self, today: Date) -> Option<i64> {
        Some(self.created.as_ref()?.value.date().days_until(today).max(0))
    }

    /// A label of the OCI set: `source`, `revision`, `base.name`.
    #[must_use]
    pub fn oci(&self, key: &str) -> Option<&Label> {
        let labels = self.labels.as_ref()?;
        labels.iter().find(|label| label.key.strip_prefix("org.opencontainers.image.") == Some(key))
    }

    /// What tells that it was made from a container by hand.
    #[must_use]
    pub fn made_by_hand(&self) -> Option<Location> {
        // BuildKit leaves a comment of its own.
        let comment = self.comment.as_ref().filter(|comment| !comment.value.starts_with("buildkit."));
        comment.map(|comment| comment.at)
    }

    pub(super) fn line(&mut self, reader: Reader<'_>, value: &Value) {
        self.evidence.push(reader.at(value));
        let repository = reader.filled(value.get("Repository"));
        let tag = reader.filled(value.get("Tag"));
        if let (Some(repository), Some(tag)) = (&repository, tag) {
            add(&mut self.tags, Spanned::new(format!("{}:{}", repository.value, tag.value), repository.at));
        }
        if let (Some(repository), Some(digest)) = (&repository, reader.filled(value.get("Digest"))) {
            add(&mut self.digests, Spanned::new(format!("{}@{}", repository.value, digest.value), digest.at));
        }
        set(&mut self.created, real(reader.moment(value.get("CreatedAt"))));
        set(&mut self.bytes, reader.size(value.get("Size")));
        set(&mut self.containers, reader.integer(value.get("Containers")).filter(|count| count.value >= 0));
    }

    pub(super) fn inspect(&mut self, reader: Reader<'_>, value: &Value) {
        self.evidence.push(reader.at(value));
        for tag in reader.strings(value.get("RepoTags")).into_iter().filter(|tag| !tag.value.starts_with("<none>")) {
            add(&mut self.tags, tag);
        }
        for digest in reader.strings(value.get("RepoDigests")).into_iter().filter(|d| !d.value.starts_with("<none>")) {
            add(&mut self.digests, digest);
        }
        self.names_complete = true;
        set(&mut self.created, real(reader.moment(value.get("Created"))));
        set(&mut self.bytes, reader.size(value.get("Size")));
        set(&mut self.containers, reader.integer(value.get("Containers")).filter(|count| count.value >= 0));
        set(&mut self.comment, reader.filled(value.get("Comment")));
        set(&mut self.author, reader.filled(value.get("Author")));
        set(&mut self.labels, labels(reader, value.get("Labels")));
        if let Some(config) = value.get("Config").filter(|config| config.is_object()) {
            set(&mut self.labels, labels(reader, config.get("Labels")));
            self.user = Some(
                reader.string(config.get("User")).unwrap_or_else(|| Spanned::new(String::new(), reader.at(config))),
            );
            self.env = Some(environment(reader, config.get("Env")));
            self.command = words(reader, config.get("Cmd"));
            self.entrypoint = words(reader, config.get("Entrypoint"));
            self.healthcheck = probe(reader, config.get("Healthcheck"));
            self.volumes =
                config.get("Volumes").map(Value::members).unwrap_or_default().iter().map(|m| m.key.clone()).collect();
        }
    }
}

/// Reproducible builds carry a date of 1970 or 1980.
fn real(moment: Option<Spanned<Moment>>) -> Option<Spanned<Moment>> {
    moment.filter(|moment| moment.value.date().year >= 2000)
}

fn add(list: &mut Vec<Spanned<String>>, text: Spanned<String>) {
    // The bound keeps an image of very many names from costing their square.
    if !list.iter().take(256).any(|known| known.value == text.value) {
        list.push(text);
    }
}

/// A volume.
#[derive(Clone, PartialEq, Debug)]
pub struct Volume {
    /// Its name.
    pub name: Spanned<String>,
    /// Its driver.
    pub driver: Option<Spanned<String>>,
    /// Where it is on the host.
    pub mountpoint: Option<Spanned<String>>,
    /// Its labels; `None` when nothing tells of them.
    pub labels: Option<Vec<Label>>,
    /// Options of its driver.
    pub options: Vec<Pair>,
    /// How many containers use it, where Docker counted.
    pub links: Option<Spanned<i64>>,
    /// Its size in bytes.
    pub bytes: Option<Spanned<u64>>,
    /// When it was made.
    pub created: Option<Spanned<Moment>>,
    /// Every place that tells of it.
    pub evidence: Vec<Location>,
}

impl Volume {
    pub(super) fn new(name: Spanned<String>) -> Self {
        Self {
            name,
            driver: None,
            mountpoint: None,
            labels: None,
            options: Vec::new(),
            links: None,
            bytes: None,
            created: None,
            evidence: Vec::new(),
        }
    }

    /// A label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&Label> {
        self.labels.as_ref()?.iter().find(|label| label.key == key)
    }

    /// Whether nobody named it: 64 hexadecimal digits, or so labelled.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        let hex = self.name.value.len() == 64 && self.name.value.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex || self.label("com.docker.volume.anonymous").is_some()
    }

    pub(super) fn take(&mut self, reader: Reader<'_>, value: &Value) {
        self.evidence.push(reader.at(value));
        set(&mut self.driver, reader.filled(value.get("Driver")));
        set(&mut self.mountpoint, reader.filled(value.get("Mountpoint")));
        set(&mut self.labels, labels(reader, value.get("Labels")));
        if self.labels.is_none() && value.get("Labels").is_some() {
            self.labels = Some(Vec::new());
        }
        let count = value.get("Links").or_else(|| value.get("UsageData").and_then(|usage| usage.get("RefCount")));
        set(&mut self.links, reader.integer(count).filter(|links| links.value >= 0));
        set(&mut self.bytes, reader.size(value.get("Size")));
        set(&mut self.created, reader.moment(value.get("CreatedAt")));
        for member in value.get("Options").map(Value::members).unwrap_or_default() {
            if let Some(text) = member.value.text() {
                self.options.retain(|pair| pair.key != member.key);
                self.options.push(Pair {
                    key: member.key.clone(),
                    value: text.to_owned(),
                    at: reader.at(&member.value),
                });
            }
        }
    }
}

/// A network.
#[derive(Clone, PartialEq, Debug)]
pub struct Network {
    /// Its name.
    pub name: Spanned<String>,
    /// Its id.
    pub id: Option<Spanned<String>>,
    /// Its driver.
    pub driver: Option<Spanned<String>>,
    /// Whether it has no way out.
    pub internal: Option<Spanned<bool>>,
    /// Its address ranges.
    pub subnets: Vec<Spanned<String>>,
    /// Options of its driver.
    pub options: Vec<Pair>,
    /// Names of running containers on it; `None` when it was not inspected.
    pub members: Option<Vec<Spanned<String>>>,
    /// Its labels; `None` when nothing tells of them.
    pub labels: Option<Vec<Label>>,
    /// When it was made.
    pub created: Option<Spanned<Moment>>,
    /// Every place that tells of it.
    pub evidence: Vec<Location>,
}

impl Network {
    pub(super) fn new(name: Spanned<String>) -> Self {
        Self {
            name,
            id: None,
            driver: None,
            internal: None,
            subnets: Vec::new(),
            options: Vec::new(),
            members: None,
            labels: None,
            created: None,
            evidence: Vec::new(),
        }
    }

    /// A label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&Label> {
        self.labels.as_ref()?.iter().find(|label| label.key == key)
    }

    /// Whether every Docker makes it by itself.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        matches!(self.name.value.as_str(), "bridge" | "host" | "none" | "ingress" | "docker_gwbridge" | "podman")
    }

    pub(super) fn take(&mut self, reader: Reader<'_>, value: &Value) {
        self.evidence.push(reader.at(value));
        let either = |upper: &str, lower: &str| value.get(upper).or_else(|| value.get(lower));
        set(&mut self.id, reader.filled(value.get("Id").or_else(|| either("ID", "id"))));
        set(&mut self.driver, reader.filled(either("Driver", "driver")));
        set(&mut self.internal, reader.boolean(either("Internal", "internal")));
        set(&mut self.labels, labels(reader, either("Labels", "labels")));
        set(&mut self.created, reader.moment(value.get("Created").or_else(|| either("CreatedAt", "created"))));
        let ranges = value.get("IPAM").and_then(|ipam| ipam.get("Config")).or_else(|| value.get("subnets"));
        for range in ranges.map(Value::items).unwrap_or_default() {
            let subnet = range.get("Subnet").or_else(|| range.get("subnet"));
            self.subnets
                .extend(reader.filled(subnet).filter(|new| !self.subnets.iter().any(|old| old.value == new.value)));
        }
        for member in either("Options", "options").map(Value::members).unwrap_or_default() {
            if let Some(text) = member.value.text() {
                self.options.retain(|pair| pair.key != member.key);
                self.options.push(Pair {
                    key: member.key.clone(),
                    value: text.to_owned(),
                    at: reader.at(&member.value),
                });
            }
        }
        if let Some(containers) = either("Containers", "containers").filter(|value| value.is_object()) {
            let name = |member: &crate::syntax::json::Member| {
                let name = member.value.get("Name").or_else(|| member.value.get("name"));
                reader.filled(name)
            };
            self.members = Some(containers.members().iter().filter_map(name).collect());
        }
    }
}

/// What `docker diff` says of a container.
#[derive(Clone, PartialEq, Debug)]
pub struct Diff {
    /// The container as the header or the file names it; `None` when nothing does.
    pub container: Option<Spanned<String>>,
    /// The changes in order.
    pub changes: Vec<(Change, Location)>,
    /// Where it starts.
    pub at: Location,
    /// Whether it was cut off.
    pub cut: bool,
}

/// A row of `docker system df`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageRow {
    /// `Images`, `Containers`, `Local Volumes`, `Build Cache`.
    pub kind: String,
    /// How many there are.
    pub total: Option<i64>,
    /// How many are in use.
    pub active: Option<i64>,
    /// Bytes they take.
    pub bytes: Option<u64>,
    /// Bytes that could be freed.
    pub reclaimable: Option<u64>,
    /// Where it is written.
    pub at: Location,
}

pub(super) fn usage_row(reader: Reader<'_>, value: &Value) -> Option<UsageRow> {
    let number = |key: &str| reader.integer(value.get(key)).map(|number| number.value);
    let size = |key: &str| size_bytes(value.get(key)?.text()?);
    Some(UsageRow {
        kind: value.get("Type")?.text()?.to_owned(),
        total: number("TotalCount").or_else(|| number("Total")),
        active: number("Active"),
        bytes: size("Size"),
        reclaimable: size("Reclaimable"),
        at: reader.at(value),
    })
}

/// The daemon: from `version`, `info` and `daemon.json`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Daemon {
    /// Whether it is Podman.
    pub podman: bool,
    /// The engine's version.
    pub version: Option<Spanned<String>>,
    /// `containerd`, `runc` and others with their versions.
    pub components: Vec<Pair>,
    /// `apparmor`, `seccomp`, `rootless`, `userns`, `cgroupns`, each with what follows it; `None` when `info` was not supplied.
    pub security: Option<Vec<Spanned<String>>>,
    /// Whether containers outlive a restart of the daemon.
    pub live_restore: Option<Spanned<bool>>,
    /// Registries that are spoken to without TLS, the loopback range left out.
    pub insecure_registries: Vec<Spanned<String>>,
    /// The log driver of containers that name none.
    pub log_driver: Option<Spanned<String>>,
    /// `Docker Desktop`, `Ubuntu 24.04.3 LTS`.
    pub operating_system: Option<Spanned<String>>,
    /// When `info` was printed.
    pub time: Option<Spanned<Moment>>,
    /// Keys of daemon.json with their values as written.
    pub settings: Vec<Pair>,
    /// Where daemon.json stands.
    pub file: Option<Location>,
}

impl Daemon {
    /// Whether a security option is on; `None` when `info` was not supplied.
    #[must_use]
    pub fn has_security(&self, name: &str) -> Option<bool> {
        let options = self.security.as_ref()?;
        Some(options.iter().any(|option| option.value.split(',').next() == Some(name)))
    }

    /// Whether it is Docker Desktop, where containers run in a virtual machine.
    #[must_use]
    pub fn is_desktop(&self) -> Option<bool> {
        Some(self.operating_system.as_ref()?.value.contains("Docker Desktop"))
    }

    /// A key of daemon.json.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&Pair> {
        self.settings.iter().find(|pair| pair.key == key)
    }

    pub(super) fn version_object(&mut self, reader: Reader<'_>, value: &Value) {
        let server = value.get("Server").unwrap_or(value);
        let client = value.get("Client");
        self.podman |= client
            .and_then(|client| client.get("Version"))
            .is_some_and(|_| client.is_some_and(|client| client.get("APIVersion").is_some()));
        let version = server.get("Version").or_else(|| client.and_then(|client| client.get("Version")));
        set(&mut self.version, reader.filled(version));
        for component in server.get("Components").map(Value::items).unwrap_or_default() {
            let text = |key: &str| component.get(key).and_then(Value::str);
            if let (Some(name), Some(version)) = (text("Name"), text("Version")) {
                let at = component.get("Version").map_or(reader.at(component), |version| reader.at(version));
                self.components.retain(|pair| pair.key != name);
                self.components.push(Pair { key: name.to_owned(), value: version.to_owned(), at });
            }
        }
    }

    pub(super) fn info(&mut self, reader: Reader<'_>, value: &Value) {
        set(&mut self.version, reader.filled(value.get("ServerVersion")));
        set(&mut self.live_restore, reader.boolean(value.get("LiveRestoreEnabled")));
        set(&mut self.log_driver, reader.filled(value.get("LoggingDriver")));
        set(&mut self.operating_system, reader.filled(value.get("OperatingSystem")));
        set(&mut self.time, reader.moment(value.get("SystemTime")));
        if let Some(options) = value.get("SecurityOptions") {
            let strip = |option: Spanned<String>| {
                let text = option.value.strip_prefix("name=").unwrap_or(&option.value).to_owned();
                Spanned::new(text, option.at)
            };
            self.security = Some(reader.strings(Some(options)).into_iter().map(strip).collect());
        }
        let registries = value.get("RegistryConfig");
        let ranges = reader.strings(registries.and_then(|config| config.get("InsecureRegistryCIDRs")));
        self.insecure(ranges);
        for member in registries.and_then(|config| config.get("IndexConfigs")).map(Value::members).unwrap_or_default() {
            if member.value.get("Secure").and_then(Value::bool) == Some(false) {
                self.insecure(vec![Spanned::new(member.key.clone(), reader.place(member.key_span))]);
            }
        }
        if let Some(host) = value.get("host") {
            self.podman_info(reader, value, host);
        }
    }

    fn podman_info(&mut self, reader: Reader<'_>, value: &Value, host: &Value) {
        self.podman = true;
        set(&mut self.version, reader.filled(value.at(&["version", "Version"])));
        set(&mut self.log_driver, reader.filled(host.get("logDriver")));
        if let Some(security) = host.get("security") {
            let on = [
                ("apparmorEnabled", "apparmor"),
                ("seccompEnabled", "seccomp"),
                ("rootless", "rootless"),
                ("selinuxEnabled", "selinux"),
            ];
            let option = |(key, name): (&str, &str)| {
                let flag = reader.boolean(security.get(key)).filter(|flag| flag.value)?;
                Some(Spanned::new(name.to_owned(), flag.at))
            };
            self.security = Some(on.into_iter().filter_map(option).collect());
        }
    }

    fn insecure(&mut self, registries: Vec<Spanned<String>>) {
        let new =
            registries.into_iter().filter(|name| !name.value.starts_with("127.") && !name.value.starts_with("::1"));
        for registry in new {
            if !self.insecure_registries.iter().any(|known| known.value == registry.value) {
                self.insecure_registries.push(registry);
            }
        }
    }

    /// The keys of daemon.json.
    pub(super) fn file(&mut self, reader: Reader<'_>, value: &Value) {
        self.file = Some(reader.at(value));
        for member in value.members() {
            let written = member.value.span.slice(reader.text);
            let text = member.value.str().unwrap_or(written).to_owned();
            self.settings.push(Pair {
                key: member.key.clone(),
                value: text,
                at: reader.place(member.key_span.to(member.value.span)),
            });
        }
        set(&mut self.live_restore, reader.boolean(value.get("live-restore")));
        set(&mut self.log_driver, reader.filled(value.get("log-driver")));
        if let Some(Kind::Array(_)) = value.get("insecure-registries").map(|value| &value.kind) {
            let registries = reader.strings(value.get("insecure-registries"));
            self.insecure(registries);
        }
    }
}

//! A container: what `ps` says in a line, and what `inspect` says in full.

use super::value::{Moment, Reader, age_hours, label_pieces};
use crate::model::Spanned;
use crate::model::compose::ports::Port;
use crate::source::Location;
use crate::syntax::inventory::Shape;
use crate::syntax::json::{Kind, Value};

/// What a container is doing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// Made, never started.
    Created,
    /// Its process runs.
    Running,
    /// Its process is frozen.
    Paused,
    /// It ended and is about to be started again.
    Restarting,
    /// It is being removed.
    Removing,
    /// Its process ended.
    Exited,
    /// It could not be removed.
    Dead,
}

impl State {
    /// Its name in Docker's output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }

    /// Reads Docker's or Podman's name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "created" | "configured" | "initialized" => Self::Created,
            "running" | "up" => Self::Running,
            "paused" => Self::Paused,
            "restarting" => Self::Restarting,
            "removing" | "removal" => Self::Removing,
            "exited" | "stopped" | "stopping" => Self::Exited,
            "dead" => Self::Dead,
            _ => return None,
        })
    }

    /// Whether its process exists: it has ports open and holds its networks.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }
}

/// What the health check says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// The last probe passed.
    Healthy,
    /// Probes fail.
    Unhealthy,
    /// Too early to tell.
    Starting,
}

impl Health {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "healthy" => Self::Healthy,
            "unhealthy" => Self::Unhealthy,
            "starting" | "health: starting" => Self::Starting,
            _ => return None,
        })
    }

    /// Its name in Docker's output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Starting => "starting",
        }
    }
}

/// One label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where key and value are written.
    pub at: Location,
    /// Where the value is written.
    pub value_at: Location,
}

/// A mount as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`; `None` where only `ps` tells of it.
    pub kind: Option<String>,
    /// The volume's name.
    pub name: Option<String>,
    /// Path on the host.
    pub source: Option<String>,
    /// Path in the container; `None` where only `ps` tells of it.
    pub target: Option<String>,
    /// Whether the container may write; `None` where only `ps` tells of it.
    pub writable: Option<bool>,
    /// Bind propagation.
    pub propagation: Option<String>,
    /// Where it is written.
    pub at: Location,
}

/// A network a container is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attachment {
    /// The network's name.
    pub network: String,
    /// Further names of the container on it.
    pub aliases: Vec<String>,
    /// Its address.
    pub address: Option<String>,
    /// Where it is written.
    pub at: Location,
}

/// A port that the image declares and nobody publishes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exposed {
    /// First and last port.
    pub ports: (u16, u16),
    /// `tcp` or `udp`.
    pub protocol: String,
    /// Where it is written.
    pub at: Location,
}

/// A container.
#[derive(Clone, PartialEq, Debug)]
pub struct Container {
    /// Its id, as long as it was printed.
    pub id: Spanned<String>,
    /// Its names.
    pub names: Vec<Spanned<String>>,
    /// The image it was made from, as named then; an id when the name has moved on.
    pub image: Option<Spanned<String>>,
    /// The id of the image it runs.
    pub image_id: Option<Spanned<String>>,
    /// When it was made.
    pub created: Option<Spanned<Moment>>,
    /// What it is doing.
    pub state: Option<Spanned<State>>,
    /// The same in words: `Up 3 weeks (healthy)`.
    pub status: Option<Spanned<String>>,
    /// What its health check says.
    pub health: Option<Spanned<Health>>,
    /// How its process ended last.
    pub exit_code: Option<Spanned<i64>>,
    /// When it was started last.
    pub started: Option<Spanned<Moment>>,
    /// When it ended last.
    pub finished: Option<Spanned<Moment>>,
    /// How often it was started again.
    pub restarts: Option<Spanned<i64>>,
    /// Whether it was ended for want of memory.
    pub out_of_memory: Option<Spanned<bool>>,
    /// Its labels; `None` when nothing tells of them.
    pub labels: Option<Vec<Label>>,
    /// Its published ports; `None` when nothing tells of them.
    pub ports: Option<Vec<Port>>,
    /// Ports that it only declares.
    pub exposed: Vec<Exposed>,
    /// Its mounts; `None` when nothing tells of them.
    pub mounts: Option<Vec<Mount>>,
    /// Its networks; `None` when nothing tells of them.
    pub networks: Option<Vec<Attachment>>,
    /// Its command line as `ps` prints it, when that is complete.
    pub command_line: Option<Spanned<String>>,
    /// Bytes of its writable layer.
    pub layer_bytes: Option<Spanned<u64>>,
    /// What `inspect` says.
    pub details: Option<Box<super::Details>>,
    /// Every place that tells of it, the most detailed last.
    pub evidence: Vec<Location>,
}

impl Container {
    pub(super) fn new(id: Spanned<String>) -> Self {
        Self {
            id,
            names: Vec::new(),
            image: None,
            image_id: None,
            created: None,
            state: None,
            status: None,
            health: None,
            exit_code: None,
            started: None,
            finished: None,
            restarts: None,
            out_of_memory: None,
            labels: None,
            ports: None,
            exposed: Vec::new(),
            mounts: None,
            networks: None,
            command_line: None,
            layer_bytes: None,
            details: None,
            evidence: Vec::new(),
        }
    }

    /// Its name, or the beginning of its id.
    #[must_use]
    pub fn name(&self) -> &str {
        self.names.first().map_or_else(|| super::short(&self.id.value), |name| name.value.as_str())
    }

    /// Where its name is written.
    #[must_use]
    pub fn at(&self) -> Location {
        self.names.first().map_or(self.id.at, |name| name.at)
    }

    /// A label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&Label> {
        self.labels.as_ref()?.iter().find(|label| label.key == key)
    }

    fn compose(&self, key: &str) -> Option<&Label> {
        let is = |label: &&Label| {
            ["com.docker.compose.", "io.podman.compose."]
                .iter()
                .any(|prefix| label.key.strip_prefix(prefix) == Some(key))
        };
        self.labels.as_ref()?.iter().find(is).filter(|label| !label.value.is_empty())
    }

    /// The Compose project it belongs to.
    #[must_use]
    pub fn project(&self) -> Option<&Label> {
        self.compose("project")
    }

    /// The Compose service it belongs to.
    #[must_use]
    pub fn service(&self) -> Option<&Label> {
        self.compose("service")
    }

    /// The hash of the service as it was when the container was made.
    #[must_use]
    pub fn config_hash(&self) -> Option<&Label> {
        self.compose("config-hash")
    }

    /// The Compose files it was made from: absolute paths, in the order they were merged.
    #[must_use]
    pub fn config_files(&self) -> Vec<&str> {
        let files = self.compose("project.config_files").map_or("", |label| label.value.as_str());
        files.split(',').map(str::trim).filter(|file| !file.is_empty()).collect()
    }

    /// The folder that the project's relative paths start from.
    #[must_use]
    pub fn working_dir(&self) -> Option<&Label> {
        self.compose("project.working_dir")
    }

    /// Whether `docker compose run` made it.
    #[must_use]
    pub fn is_one_off(&self) -> bool {
        self.compose("oneoff").is_some_and(|label| label.value.eq_ignore_ascii_case("true"))
    }

    /// Whether it runs a lifecycle hook.
    #[must_use]
    pub fn is_hook(&self) -> bool {
        self.compose("hook").is_some()
    }

    /// Whether Compose or another orchestrator made it; `None` when its labels are not known.
    #[must_use]
    pub fn is_managed(&self) -> Option<bool> {
        const PREFIXES: [&str; 6] = [
            "com.docker.compose.project",
            "com.docker.stack.",
            "com.docker.swarm.",
            "io.kubernetes.",
            "com.hashicorp.nomad.",
            "org.testcontainers",
        ];
        let labels = self.labels.as_ref()?;
        Some(labels.iter().any(|label| {
            PREFIXES.iter().any(|prefix| label.key.starts_with(prefix)) || label.key == "io.podman.compose.project"
        }))
    }

    /// Whether its process exists; `None` when nothing tells.
    #[must_use]
    pub fn is_active(&self) -> Option<bool> {
        self.state.as_ref().map(|state| state.value.is_active())
    }

    /// Hours since it was started, where it runs; by the time stamp, else by what `ps` says in words.
    #[must_use]
    pub fn uptime_hours(&self, now: Moment) -> Option<i64> {
        self.is_active().filter(|active| *active)?;
        let by_stamp = self.started.as_ref().map(|started| started.value.hours_until(now).max(0));
        by_stamp.or_else(|| age_hours(&self.status.as_ref()?.value))
    }

    /// Hours since it ended, or since it was made when it never ran.
    #[must_use]
    pub fn stopped_hours(&self, now: Moment) -> Option<i64> {
        if self.is_active() != Some(false) {
            return None;
        }
        let since = |moment: &Option<Spanned<Moment>>| Some(moment.as_ref()?.value.hours_until(now).max(0));
        since(&self.finished).or_else(|| age_hours(&self.status.as_ref()?.value)).or_else(|| since(&self.created))
    }

    /// Whether the name is one that Docker makes up: `adjective_surname`.
    #[must_use]
    pub fn has_made_up_name(&self) -> bool {
        let name = self.name();
        let words: Vec<&str> = name.split('_').collect();
        let plain = |word: &&str| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        words.len() == 2 && words.iter().all(plain) && self.service().is_none()
    }

    /// The image's name, where it is one and not an id.
    #[must_use]
    pub fn image_name(&self) -> Option<&Spanned<String>> {
        self.image.as_ref().filter(|image| !is_id(&image.value))
    }

    /// Takes in what one object says of it. Objects come in the order of their detail.
    pub(super) fn take(&mut self, reader: Reader<'_>, shape: Shape, value: &Value) {
        self.evidence.push(reader.at(value));
        match shape {
            Shape::Container => self.inspect(reader, value),
            Shape::PodmanPs => self.podman(reader, value),
            _ => self.line(reader, value),
        }
    }

    /// A line of `docker ps`, `docker compose ps` or `system df -v`.
    fn line(&mut self, reader: Reader<'_>, value: &Value) {
        let names = reader.list(value.get("Names").or_else(|| value.get("Name")));
        replace(&mut self.names, names);
        set(&mut self.image, reader.filled(value.get("Image")));
        set(&mut self.created, reader.moment(value.get("CreatedAt")).or_else(|| reader.moment(value.get("Created"))));
        if let Some(status) = reader.filled(value.get("Status")) {
            self.read_status(&status);
            set(&mut self.status, Some(status));
        }
        let state = reader.string(value.get("State"));
        set(&mut self.state, state.and_then(|text| Some(Spanned::new(State::parse(&text.value)?, text.at))));
        for key in ["HealthStatus", "Health"] {
            let health = reader.string(value.get(key));
            set(&mut self.health, health.and_then(|text| Some(Spanned::new(Health::parse(&text.value)?, text.at))));
        }
        if self.is_active() == Some(false) {
            set(&mut self.exit_code, reader.integer(value.get("ExitCode")));
        }
        set(&mut self.labels, labels(reader, value.get("Labels")));
        match value.get("Publishers") {
            Some(publishers) => self.publishers(reader, publishers),
            None => self.port_text(reader, value.get("Ports")),
        }
        if value.get("Mounts").is_some() {
            self.mounts = Some(reader.list(value.get("Mounts")).into_iter().map(mount_name).collect());
        }
        if let Some(networks) = value.get("Networks") {
            self.networks = Some(attachments(reader.list(Some(networks))));
        }
        let complete = |text: &Spanned<String>| !text.value.contains('…') && !text.value.contains("...");
        set(&mut self.command_line, reader.filled(value.get("Command")).filter(complete));
        let size = value.get("Size").and_then(Value::str).is_some_and(|text| text.contains("virtual"));
        set(&mut self.layer_bytes, reader.size(value.get("Size")).filter(|_| size));
        self.service_labels(reader, value);
    }

    /// `docker compose ps` names project and service without labels.
    fn service_labels(&mut self, reader: Reader<'_>, value: &Value) {
        for (key, label) in [("Project", "com.docker.compose.project"), ("Service", "com.docker.compose.service")] {
            let Some(text) = reader.filled(value.get(key)) else { continue };
            let labels = self.labels.get_or_insert_with(Vec::new);
            if !labels.iter().any(|known| known.key == label) {
                labels.push(Label { key: label.to_owned(), value: text.value, at: text.at, value_at: text.at });
            }
        }
    }

    /// `Up 3 days (healthy)`, `Exited (137) 7 months ago`: what older versions tell nowhere else.
    fn read_status(&mut self, status: &Spanned<String>) {
        let text = status.value.as_str();
        let state = match text.split([' ', '(']).next().unwrap_or("") {
            "Up" if text.contains("(Paused)") => Some(State::Paused),
            "Up" => Some(State::Running),
            "Exited" => Some(State::Exited),
            word => State::parse(word),
        };
        set(&mut self.state, state.map(|state| Spanned::new(state, status.at)));
        let bracket = text.split_once('(').and_then(|(_, rest)| rest.split(')').next()).unwrap_or("");
        set(&mut self.health, Health::parse(bracket).map(|health| Spanned::new(health, status.at)));
        if text.starts_with("Exited") || text.starts_with("Restarting") {
            set(&mut self.exit_code, bracket.parse().ok().map(|code| Spanned::new(code, status.at)));
        }
    }

    /// The text form of ports.
    fn port_text(&mut self, reader: Reader<'_>, value: Option<&Value>) {
        let Some(Kind::String(_)) = value.map(|value| &value.kind) else { return };
        let mut ports = Vec::new();
        self.exposed.clear();
        for piece in reader.list(value) {
            match super::ports::read(&piece.value, piece.at) {
                Some(super::ports::Read::Published(port)) => super::ports::add(&mut ports, port),
                Some(super::ports::Read::Exposed(exposed)) => self.exposed.push(exposed),
                None => {}
            }
        }
        self.ports = Some(ports);
    }

    fn publishers(&mut self, reader: Reader<'_>, publishers: &Value) {
        let mut ports = Vec::new();
        self.exposed.clear();
        for item in publishers.items() {
            let number = |key: &str| reader.integer(item.get(key)).and_then(|port| u16::try_from(port.value).ok());
            let Some(target) = number("TargetPort").filter(|port| *port > 0) else { continue };
            let protocol = item.get("Protocol").and_then(Value::str).unwrap_or("tcp").to_owned();
            match number("PublishedPort").filter(|port| *port > 0) {
                Some(port) => {
                    let ip = item.get("URL").and_then(Value::str).unwrap_or("");
                    super::ports::add(
                        &mut ports,
                        super::ports::published(ip, (port, port), (target, target), &protocol, reader.at(item)),
                    );
                }
                None => self.exposed.push(Exposed { ports: (target, target), protocol, at: reader.at(item) }),
            }
        }
        self.ports = Some(ports);
    }

    /// An item of `podman ps --format json`.
    fn podman(&mut self, reader: Reader<'_>, value: &Value) {
        replace(&mut self.names, reader.strings(value.get("Names")));
        set(&mut self.image, reader.filled(value.get("Image")));
        set(&mut self.image_id, reader.filled(value.get("ImageID")));
        set(&mut self.created, reader.moment(value.get("Created")).or_else(|| reader.moment(value.get("CreatedAt"))));
        if let Some(status) = reader.filled(value.get("Status")) {
            self.read_status(&status);
            set(&mut self.status, Some(status));
        }
        let state = reader.string(value.get("State"));
        set(&mut self.state, state.and_then(|text| Some(Spanned::new(State::parse(&text.value)?, text.at))));
        set(&mut self.started, reader.moment(value.get("StartedAt")));
        if self.is_active() == Some(false) {
            set(&mut self.exit_code, reader.integer(value.get("ExitCode")));
            set(&mut self.finished, reader.moment(value.get("ExitedAt")));
        }
        set(&mut self.labels, labels(reader, value.get("Labels")));
        if self.labels.is_none() && value.get("Labels").is_some_and(Value::is_null) {
            self.labels = Some(Vec::new());
        }
        let mut ports = Vec::new();
        for item in value.get("Ports").map(Value::items).unwrap_or_default() {
            let number = |key: &str| reader.integer(item.get(key)).and_then(|port| u16::try_from(port.value).ok());
            let Some(target) = number("container_port") else { continue };
            let range = number("range").unwrap_or(1).max(1) - 1;
            let host = number("host_port").unwrap_or(target);
            let (last, host_last) = (target.saturating_add(range), host.saturating_add(range));
            let ip = item.get("host_ip").and_then(Value::str).unwrap_or("");
            let protocol = item.get("protocol").and_then(Value::str).unwrap_or("tcp");
            super::ports::add(
                &mut ports,
                super::ports::published(ip, (host, host_last), (target, last), protocol, reader.at(item)),
            );
        }
        self.ports = Some(ports);
        if let Some(mounts) = value.get("Mounts") {
            // Podman lists paths in the container here.
            let mount = |target: Spanned<String>| Mount { target: Some(target.value), ..empty_mount(target.at) };
            self.mounts = Some(reader.strings(Some(mounts)).into_iter().map(mount).collect());
        }
        if let Some(networks) = value.get("Networks") {
            self.networks = Some(attachments(reader.strings(Some(networks))));
        }
        let words: Vec<String> = reader.strings(value.get("Command")).into_iter().map(|word| word.value).collect();
        let line = value.get("Command").filter(|_| !words.is_empty());
        set(&mut self.command_line, line.map(|value| Spanned::new(words.join(" "), reader.at(value))));
    }
}

/// Whether a text is an image's id: hexadecimal digits, or `sha256:` and some.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex && (text.starts_with("sha256:") || matches!(digits.len(), 12 | 64))
}

fn empty_mount(at: Location) -> Mount {
    Mount { kind: None, name: None, source: None, target: None, writable: None, propagation: None, at }
}

/// `ps` tells a host path or a volume's name, cut to 15 characters by older versions.
fn mount_name(text: Spanned<String>) -> Mount {
    let mut mount = empty_mount(text.at);
    if text.value.starts_with('/') {
        mount.kind = Some("bind".to_owned());
        mount.source = Some(text.value).filter(|path| !path.ends_with('…'));
    } else {
        mount.kind = Some("volume".to_owned());
        mount.name = Some(text.value);
    }
    mount
}

fn attachments(names: Vec<Spanned<String>>) -> Vec<Attachment> {
    let attach =
        |name: Spanned<String>| Attachment { network: name.value, aliases: Vec::new(), address: None, at: name.at };
    names.into_iter().map(attach).collect()
}

/// Labels: an object, or one text of `k=v` joined by commas. `None` for anything else.
pub(super) fn labels(reader: Reader<'_>, value: Option<&Value>) -> Option<Vec<Label>> {
    let value = value?;
    match &value.kind {
        Kind::Object(members) => Some(
            members
                .iter()
                .filter_map(|member| {
                    Some(Label {
                        key: member.key.clone(),
                        value: member.value.text()?.to_owned(),
                        at: reader.place(member.key_span.to(member.value.span)),
                        value_at: reader.at(&member.value),
                    })
                })
                .collect(),
        ),
        Kind::String(text) => {
            let inside = reader.inside(value);
            let label = |range: std::ops::Range<usize>| {
                let piece = text.get(range.clone())?;
                let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
                let value_start = range.end - value.len();
                Some(Label {
                    key: key.to_owned(),
                    value: value.to_owned(),
                    at: reader.place(inside.span(range.clone())),
                    value_at: reader.place(inside.span(value_start..range.end)),
                })
            };
            Some(label_pieces(text).into_iter().filter_map(label).collect())
        }
        _ => None,
    }
}

/// A later value replaces an earlier one; none leaves it.
pub(super) fn set<T>(place: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *place = value;
    }
}

pub(super) fn replace<T>(place: &mut Vec<T>, value: Vec<T>) {
    if !value.is_empty() {
        *place = value;
    }
}

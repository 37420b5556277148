//! What `inspect` says of a container: all that its making and its image decided.

use super::container::{Attachment, Container, Exposed, Health, Mount, State, labels, set};
use super::ports;
use super::value::{Reader, token};
use crate::facts::secrets::{KeyStrength, dsn_password, key_is_secret};
use crate::model::Spanned;
use crate::source::Location;
use crate::syntax::json::Value;

/// An environment variable without its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvKey {
    /// Its name.
    pub key: String,
    /// Equal for equal values; `None` where the value was left out before. See [`token`].
    pub token: Option<u64>,
    /// Whether the name announces a secret, or the value is a connection string with a password.
    pub looks_secret: bool,
    /// The value, where it only names an environment, a host or a port (`APP_ENV`, `DB_HOST`), or the address without user and
    /// password of a connection string. No other value is kept.
    pub told: Option<String>,
    /// Where it is written.
    pub at: Location,
}

/// Words of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words {
    /// The words.
    pub words: Vec<String>,
    /// Where the list is written.
    pub at: Location,
}

/// A health check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// Its words, `CMD` or `CMD-SHELL` first; `NONE` switches it off.
    pub words: Vec<String>,
    /// Nanoseconds between two probes; 0 is the default.
    pub interval: i64,
    /// Where it is written.
    pub at: Location,
}

impl Probe {
    /// Whether it switches the image's check off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.words.first().is_some_and(|word| word == "NONE")
    }
}

/// A key and a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// The value as text.
    pub value: String,
    /// Where the value is written.
    pub at: Location,
}

/// What `inspect` says of a container beyond what `ps` does.
#[derive(Clone, PartialEq, Debug)]
pub struct Details {
    /// Its environment: the image's and its own, without values.
    pub env: Vec<EnvKey>,
    /// Its user; empty is root. The image's `USER` is contained.
    pub user: Option<Spanned<String>>,
    /// Its command.
    pub command: Option<Words>,
    /// Its entrypoint.
    pub entrypoint: Option<Words>,
    /// The folder it starts in.
    pub working_dir: Option<Spanned<String>>,
    /// Its health check; the image's is contained.
    pub healthcheck: Option<Probe>,
    /// Whether it has every right of the host.
    pub privileged: Option<Spanned<bool>>,
    /// Added capabilities, without `CAP_`.
    pub cap_add: Vec<Spanned<String>>,
    /// Dropped capabilities, without `CAP_`.
    pub cap_drop: Vec<Spanned<String>>,
    /// `seccomp=…`, `no-new-privileges` and the like.
    pub security_opt: Vec<Spanned<String>>,
    /// `pid`, `ipc`, `uts`, `userns_mode`, `cgroup`, `network_mode`: those that are not empty.
    pub modes: Vec<(&'static str, Spanned<String>)>,
    /// Devices, `host:container:permissions`.
    pub devices: Vec<Spanned<String>>,
    /// Rules for devices.
    pub device_cgroup_rules: Vec<Spanned<String>>,
    /// Further groups of its processes.
    pub group_add: Vec<Spanned<String>>,
    /// Whether its root file system is read-only.
    pub read_only: Option<Spanned<bool>>,
    /// Paths in memory, with their options.
    pub tmpfs: Vec<Pair>,
    /// Bytes of memory; `None` is no limit.
    pub memory: Option<Spanned<i64>>,
    /// Billionths of a processor; `None` is no limit.
    pub nano_cpus: Option<Spanned<i64>>,
    /// Processes; `None` is no limit.
    pub pids: Option<Spanned<i64>>,
    /// Restart policy: `no`, `always`, `unless-stopped`, `on-failure`.
    pub restart: Option<Spanned<String>>,
    /// Log driver.
    pub log_driver: Option<Spanned<String>>,
    /// Options of the log driver.
    pub log_options: Vec<Pair>,
    /// Entries of its hosts file.
    pub extra_hosts: Vec<Spanned<String>>,
    /// Name servers.
    pub dns: Vec<Spanned<String>>,
    /// Links to other containers.
    pub links: Vec<Spanned<String>>,
    /// Containers whose mounts it has.
    pub volumes_from: Vec<Spanned<String>>,
    /// Kernel parameters.
    pub sysctls: Vec<Pair>,
    /// Limits of its processes, `soft:hard`.
    pub ulimits: Vec<Pair>,
    /// The runtime; `runc` is the default.
    pub runtime: Option<Spanned<String>>,
    /// Whether a small init process runs first.
    pub init: Option<Spanned<bool>>,
    /// Bytes of `/dev/shm`.
    pub shm_size: Option<Spanned<i64>>,
    /// Its AppArmor profile.
    pub apparmor: Option<Spanned<String>>,
    /// Open `docker exec` sessions.
    pub exec_ids: Vec<Spanned<String>>,
    /// Ports bound by its making, whether it runs or not.
    pub bindings: Vec<crate::model::compose::ports::Port>,
    /// Paths that the image declares as volumes.
    pub image_volumes: Vec<String>,
    /// Where its `Config` is written.
    pub config_at: Location,
    /// Where its `HostConfig` is written; where `Config` is when there is none.
    pub host_at: Location,
}

impl Details {
    /// A variable.
    #[must_use]
    pub fn env(&self, key: &str) -> Option<&EnvKey> {
        self.env.iter().find(|variable| variable.key == key)
    }

    /// A mode: `pid`, `network_mode` and so on.
    #[must_use]
    pub fn mode(&self, name: &str) -> Option<&Spanned<String>> {
        self.modes.iter().find(|(known, _)| *known == name).map(|(_, mode)| mode)
    }

    /// Whether it runs as uid 0.
    #[must_use]
    pub fn runs_as_root(&self) -> Option<bool> {
        let name = self.user.as_ref()?.value.split(':').next().unwrap_or("");
        Some(name.is_empty() || name == "root" || name.bytes().all(|byte| byte == b'0'))
    }
}

impl Container {
    /// An item of `docker inspect`.
    pub(super) fn inspect(&mut self, reader: Reader<'_>, value: &Value) {
        if let Some(name) = reader.filled(value.get("Name")) {
            let name = Spanned::new(name.value.trim_start_matches('/').to_owned(), name.at);
            self.names = vec![name];
        }
        let id = reader.filled(value.get("Id"));
        if let Some(id) = id.filter(|id| id.value.len() >= self.id.value.len()) {
            self.id = id;
        }
        set(&mut self.image_id, reader.filled(value.get("Image")));
        set(&mut self.created, reader.moment(value.get("Created")));
        set(&mut self.restarts, reader.integer(value.get("RestartCount")));
        set(&mut self.layer_bytes, reader.size(value.get("SizeRw")));
        if let Some(state) = value.get("State") {
            self.state_object(reader, state);
        }
        let empty = Value { kind: crate::syntax::json::Kind::Null, span: value.span };
        let config = value.get("Config").unwrap_or(&empty);
        let host = value.get("HostConfig").unwrap_or(config);
        set(&mut self.image, reader.filled(config.get("Image")).or_else(|| reader.filled(value.get("ImageName"))));
        self.labels = labels(reader, config.get("Labels")).or_else(|| Some(Vec::new()));
        self.read_mounts(reader, value.get("Mounts"));
        self.read_networks(reader, value.get("NetworkSettings"));
        let details = details(reader, value, config, host);
        let live = value.get("NetworkSettings").and_then(|settings| settings.get("Ports"));
        let live = live.filter(|ports| !ports.members().is_empty());
        self.ports = Some(match live {
            Some(live) => bindings(reader, Some(live)),
            None => details.bindings.clone(),
        });
        let bound = |exposed: &Exposed| {
            self.ports.iter().flatten().any(|port| port.target == exposed.ports && port.protocol == exposed.protocol)
        };
        let exposed: Vec<Exposed> =
            exposed(reader, config.get("ExposedPorts")).into_iter().filter(|e| !bound(e)).collect();
        self.exposed = exposed;
        self.details = Some(Box::new(details));
    }

    fn state_object(&mut self, reader: Reader<'_>, state: &Value) {
        let status = reader.string(state.get("Status"));
        set(&mut self.state, status.and_then(|text| Some(Spanned::new(State::parse(&text.value)?, text.at))));
        set(&mut self.started, reader.moment(state.get("StartedAt")));
        set(&mut self.out_of_memory, reader.boolean(state.get("OOMKilled")));
        if self.is_active() == Some(false) {
            set(&mut self.exit_code, reader.integer(state.get("ExitCode")));
            set(&mut self.finished, reader.moment(state.get("FinishedAt")));
        }
        let health = state.get("Health").or_else(|| state.get("Healthcheck")).and_then(|health| health.get("Status"));
        let health = reader.string(health).and_then(|text| {
            let health = match text.value.as_str() {
                "healthy" => Health::Healthy,
                "unhealthy" => Health::Unhealthy,
                "starting" => Health::Starting,
                _ => return None,
            };
            Some(Spanned::new(health, text.at))
        });
        set(&mut self.health, health);
    }

    fn read_mounts(&mut self, reader: Reader<'_>, value: Option<&Value>) {
        let text = |item: &Value, key: &str| {
            item.get(key).and_then(Value::str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let items = value.map(Value::items).unwrap_or_default().iter();
        let mounts = items.map(|item| Mount {
            kind: text(item, "Type"),
            name: text(item, "Name"),
            source: text(item, "Source"),
            target: text(item, "Destination"),
            writable: item.get("RW").and_then(Value::bool),
            propagation: text(item, "Propagation"),
            at: reader.at(item),
        });
        self.mounts = Some(mounts.collect());
    }

    fn read_networks(&mut self, reader: Reader<'_>, settings: Option<&Value>) {
        let Some(networks) = settings.and_then(|settings| settings.get("Networks")) else { return };
        let own = self.id.value.get(..12).unwrap_or("").to_owned();
        let attach = |member: &crate::syntax::json::Member| {
            let aliases = reader.strings(member.value.get("Aliases")).into_iter().map(|alias| alias.value);
            Attachment {
                network: member.key.clone(),
                aliases: aliases.filter(|alias| *alias != own).collect(),
                address: member
                    .value
                    .get("IPAddress")
                    .and_then(Value::str)
                    .filter(|ip| !ip.is_empty())
                    .map(str::to_owned),
                at: reader.place(member.key_span),
            }
        };
        self.networks = Some(networks.members().iter().map(attach).collect());
    }
}

/// `{"80/tcp": [{"HostIp": "", "HostPort": "80"}]}`.
pub(super) fn bindings(reader: Reader<'_>, value: Option<&Value>) -> Vec<crate::model::compose::ports::Port> {
    let mut out = Vec::new();
    for member in value.map(Value::members).unwrap_or_default() {
        let (port, protocol) = member.key.split_once('/').unwrap_or((&member.key, "tcp"));
        let Some(target) = ports::range(port) else { continue };
        for item in member.value.items() {
            let ip = item.get("HostIp").and_then(Value::str).unwrap_or("");
            let host = item.get("HostPort").and_then(Value::str).and_then(ports::range);
            let at = reader.place(member.key_span.to(member.value.span));
            let mut port = ports::published(ip, host.unwrap_or((0, 0)), target, protocol, at);
            port.published = host.filter(|(from, _)| *from > 0);
            ports::add(&mut out, port);
        }
    }
    out
}

fn exposed(reader: Reader<'_>, value: Option<&Value>) -> Vec<Exposed> {
    let read = |member: &crate::syntax::json::Member| {
        let (port, protocol) = member.key.split_once('/').unwrap_or((&member.key, "tcp"));
        Some(Exposed { ports: ports::range(port)?, protocol: protocol.to_owned(), at: reader.place(member.key_span) })
    };
    value.map(Value::members).unwrap_or_default().iter().filter_map(read).collect()
}

/// `["K=V"]` without the values.
pub(super) fn environment(reader: Reader<'_>, value: Option<&Value>) -> Vec<EnvKey> {
    reader
        .strings(value)
        .into_iter()
        .map(|item| {
            let (key, value) = item.value.split_once('=').unwrap_or((&item.value, ""));
            let left_out = value == "<redacted>" || (!value.is_empty() && value.bytes().all(|byte| byte == b'*'));
            let strength = key_is_secret(key);
            let looks_secret = match strength {
                Some(KeyStrength::Dsn) | None => dsn_password(value).is_some(),
                Some(_) => !key.ends_with("_FILE"),
            };
            EnvKey {
                key: key.to_owned(),
                token: (!left_out).then(|| token(value)),
                looks_secret,
                told: told(key, value).filter(|_| !left_out),
                at: item.at,
            }
        })
        .collect()
}

/// What may be kept of a value: names of environments, hosts and ports, and where a connection string leads.
fn told(key: &str, value: &str) -> Option<String> {
    const NAMES: [&str; 6] = ["APP_ENV", "APP_DEBUG", "WP_ENV", "WP_ENVIRONMENT_TYPE", "SYMFONY_ENV", "NODE_ENV"];
    if value.is_empty() || value.len() > 200 || key_is_secret(key).is_some_and(|strength| strength != KeyStrength::Dsn)
    {
        return None;
    }
    if let Some((scheme, rest)) = value.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let host = authority.rsplit('@').next().unwrap_or("");
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:+,".contains(&b));
        return (plain(scheme) && plain(host)).then(|| format!("{scheme}://{host}"));
    }
    let names = NAMES.contains(&key)
        || ["HOST", "HOSTS", "HOSTNAME", "PORT", "SERVER", "SERVERS"].iter().any(|end| key.ends_with(end));
    let plain = value.len() <= 60 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:,".contains(&b));
    (names && plain).then(|| value.to_owned())
}

/// `{"Test": […], "Interval": …}`.
pub(super) fn probe(reader: Reader<'_>, value: Option<&Value>) -> Option<Probe> {
    let value = value?;
    let words: Vec<String> = reader.strings(value.get("Test")).into_iter().map(|word| word.value).collect();
    let interval = reader.integer(value.get("Interval")).map_or(0, |interval| interval.value);
    (!words.is_empty()).then(|| Probe { words, interval, at: reader.at(value) })
}

pub(super) fn words(reader: Reader<'_>, value: Option<&Value>) -> Option<Words> {
    let value = value.filter(|value| !value.is_null())?;
    let list = match value.str() {
        // Podman prints an entrypoint as one text.
        Some("") => return None,
        Some(text) => vec![text.to_owned()],
        None => reader.strings(Some(value)).into_iter().map(|word| word.value).collect(),
    };
    (!list.is_empty()).then(|| Words { words: list, at: reader.at(value) })
}

fn pairs(reader: Reader<'_>, value: Option<&Value>) -> Vec<Pair> {
    let members = value.map(Value::members).unwrap_or_default().iter();
    members
        .filter_map(|member| {
            let value = member.value.text()?.to_owned();
            Some(Pair { key: member.key.clone(), value, at: reader.place(member.key_span.to(member.value.span)) })
        })
        .collect()
}

fn capabilities(reader: Reader<'_>, value: Option<&Value>) -> Vec<Spanned<String>> {
    let strip = |cap: Spanned<String>| {
        let name = cap.value.to_ascii_uppercase();
        Spanned::new(name.strip_prefix("CAP_").unwrap_or(&name).to_owned(), cap.at)
    };
    reader.strings(value).into_iter().map(strip).collect()
}

fn details(reader: Reader<'_>, whole: &Value, config: &Value, host: &Value) -> Details {
    let positive = |key: &str| reader.integer(host.get(key)).filter(|limit| limit.value > 0);
    let modes = [
        ("network_mode", "NetworkMode"),
        ("pid", "PidMode"),
        ("ipc", "IpcMode"),
        ("uts", "UTSMode"),
        ("userns_mode", "UsernsMode"),
        ("cgroup", "CgroupnsMode"),
    ];
    let devices = host.get("Devices").map(Value::items).unwrap_or_default().iter().map(|device| {
        let part = |key: &str| device.get(key).and_then(Value::str).unwrap_or("");
        let text = format!("{}:{}:{}", part("PathOnHost"), part("PathInContainer"), part("CgroupPermissions"));
        Spanned::new(text, reader.at(device))
    });
    let ulimits = host.get("Ulimits").map(Value::items).unwrap_or_default().iter().filter_map(|limit| {
        let name = limit.get("Name").and_then(Value::str)?.to_owned();
        let number = |key: &str| limit.get(key).and_then(Value::text).unwrap_or("");
        Some(Pair { key: name, value: format!("{}:{}", number("Soft"), number("Hard")), at: reader.at(limit) })
    });
    let log = host.get("LogConfig");
    Details {
        env: environment(reader, config.get("Env")),
        user: reader.string(config.get("User")),
        command: words(reader, config.get("Cmd")),
        entrypoint: words(reader, config.get("Entrypoint")),
        working_dir: reader.filled(config.get("WorkingDir")),
        healthcheck: probe(reader, config.get("Healthcheck")),
        privileged: reader.boolean(host.get("Privileged")),
        cap_add: capabilities(reader, host.get("CapAdd")),
        cap_drop: capabilities(reader, host.get("CapDrop")),
        security_opt: reader.strings(host.get("SecurityOpt")),
        modes: modes.into_iter().filter_map(|(name, key)| Some((name, reader.filled(host.get(key))?))).collect(),
        devices: devices.collect(),
        device_cgroup_rules: reader.strings(host.get("DeviceCgroupRules")),
        group_add: reader.strings(host.get("GroupAdd")),
        read_only: reader.boolean(host.get("ReadonlyRootfs")),
        tmpfs: pairs(reader, host.get("Tmpfs")),
        memory: positive("Memory"),
        nano_cpus: positive("NanoCpus").or_else(|| {
            let (quota, period) = (positive("CpuQuota")?, positive("CpuPeriod")?);
            Some(Spanned::new(quota.value.saturating_mul(1_000_000_000) / period.value, quota.at))
        }),
        pids: positive("PidsLimit"),
        restart: reader.string(host.get("RestartPolicy").and_then(|policy| policy.get("Name"))),
        log_driver: reader.filled(log.and_then(|log| log.get("Type"))),
        log_options: pairs(reader, log.and_then(|log| log.get("Config"))),
        extra_hosts: reader.strings(host.get("ExtraHosts")),
        dns: reader.strings(host.get("Dns")),
        links: reader.strings(host.get("Links")),
        volumes_from: reader.strings(host.get("VolumesFrom")),
        sysctls: pairs(reader, host.get("Sysctls")),
        ulimits: ulimits.collect(),
        runtime: reader.filled(host.get("Runtime")),
        init: reader.boolean(host.get("Init")),
        shm_size: positive("ShmSize"),
        apparmor: reader.filled(whole.get("AppArmorProfile")),
        exec_ids: reader.strings(whole.get("ExecIDs")),
        bindings: bindings(reader, host.get("PortBindings")),
        image_volumes: config
            .get("Volumes")
            .map(Value::members)
            .unwrap_or_default()
            .iter()
            .map(|m| m.key.clone())
            .collect(),
        config_at: reader.at(config),
        host_at: reader.at(host),
    }
}

//! A service with its ports and mounts.

use super::model::{Model, Shared};
use super::properties::Properties;
use crate::image::ImageRef;
use crate::model::compose::mounts::{Mount, MountKind};
use crate::model::compose::ports::Port;
use crate::model::compose::{Amount, Healthcheck, Text};
use crate::project::{HealthSource, Privilege, Reach, ServiceRef};
use crate::source::Location;

/// Adds a service, and what it publishes, mounts and is granted; its index.
pub(super) fn describe(model: &mut Model<'_, '_>, service: ServiceRef<'_, '_>, shared: &Shared) -> u32 {
    let properties = limits(process(identity(service), service), service);
    let properties = listed(properties, service);
    let index = model.entity("service", &service.name, Some(service.at), properties);
    if let (Some(image), None) = (&service.image, &service.build_use) {
        let target = model.image(&image.text, image.is_known(), Some(image.at));
        model.relate("runs", index, target, Some(image.at), Properties::default());
    }
    for at in &service.ports {
        port(model, service, index, at);
    }
    for at in &service.mounts {
        mount(model, service, index, at, shared);
    }
    let grants =
        [("reads-secret", &service.secrets, &shared.secrets), ("reads-config", &service.configs, &shared.configs)];
    for (relation, grants, known) in grants {
        for grant in grants {
            if let Some(&target) = known.get(&grant.source) {
                let properties = Properties::default().add("target", &grant.target);
                model.relate(relation, index, target, Some(grant.at), properties);
            }
        }
    }
    index
}

/// What it is and what it is made of.
fn identity(service: ServiceRef<'_, '_>) -> Properties {
    let mut properties = Properties::default()
        .add("view", &service.view().name)
        .add("context", service.context.as_str())
        .add("role", service.role.name)
        .add("group", service.role.group().as_str());
    if let Some(image) = &service.image {
        let digest =
            image.is_known().then(|| ImageRef::parse(&image.text).ok()).flatten().and_then(|image| image.digest);
        properties = properties
            .at("image", &image.text, image.at)
            .flag("image-known", image.is_known())
            .maybe("image-digest", digest);
    }
    if let Some(build) = &service.build {
        properties = properties.at("build-context", &build.context, build.at);
        if let Some(dockerfile) = &build.dockerfile {
            properties = properties.at("build-dockerfile", dockerfile, build.at);
        }
        properties = properties.text("build-target", build.target.as_ref()).pairs("build-arg", &build.args);
    }
    properties
}

/// What its processes are and may do.
fn process(properties: Properties, service: ServiceRef<'_, '_>) -> Properties {
    let user = service.effective_user();
    let (health, health_at) = health(service);
    let mut properties = properties
        .maybe("user", user.name.clone())
        .at("privilege", privilege(user.privilege), user.at)
        .switch("privileged", service.privileged.as_ref())
        .switch("read-only", service.read_only.as_ref())
        .switch("init", service.init.as_ref())
        .switch("tty", service.tty.as_ref())
        .switch("stdin-open", service.stdin_open.as_ref())
        .texts("security-opt", service.security_opt.iter().map(|opt| &opt.text))
        .texts("cap-add", &service.cap_add)
        .texts("cap-drop", &service.cap_drop)
        .texts("device", &service.devices)
        .texts("device-cgroup-rule", &service.device_cgroup_rules)
        .texts("group-add", &service.group_add)
        .words("command", service.command.as_ref())
        .words("entrypoint", service.entrypoint.as_ref())
        .told("health-check", health, health_at);
    for (name, mode) in &service.namespaces {
        if let Some(key) = namespace(name) {
            properties = properties.at(key, &mode.text, mode.at);
        }
    }
    let texts: [(&str, &Option<Text>); 12] = [
        ("network-mode", &service.network_mode),
        ("cgroup-parent", &service.cgroup_parent),
        ("runtime", &service.runtime),
        ("platform", &service.platform),
        ("pull-policy", &service.pull_policy),
        ("restart", &service.restart),
        ("working-dir", &service.working_dir),
        ("hostname", &service.hostname),
        ("container-name", &service.container_name),
        ("stop-signal", &service.stop_signal),
        ("stop-grace-period", &service.stop_grace_period),
        ("logging-driver", &service.logging.as_ref().and_then(|logging| logging.driver.clone())),
    ];
    texts.into_iter().fold(properties, |properties, (key, text)| properties.text(key, text.as_ref()))
}

/// What it may take.
fn limits(properties: Properties, service: ServiceRef<'_, '_>) -> Properties {
    let limits = &service.limits;
    let amounts = [
        ("memory-limit", &limits.memory),
        ("memory-reservation", &limits.memory_reservation),
        ("cpu-limit", &limits.cpus),
        ("pids-limit", &limits.pids),
        ("shm-size", &limits.shared_memory),
    ];
    let properties = amounts.into_iter().fold(properties, |properties, (key, amount)| match amount {
        Some(amount) => properties.at(key, plain(amount), amount.text.at),
        None => properties,
    });
    properties.maybe("replicas", service.replicas().map(|count| count.to_string()))
}

/// What stands in lists.
fn listed(properties: Properties, service: ServiceRef<'_, '_>) -> Properties {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let properties = service.ulimits.iter().fold(properties, |properties, limit| {
        properties.at("ulimit", format!("{}={}:{}", limit.name, number(limit.soft), number(limit.hard)), limit.at)
    });
    let properties = service.extra_hosts.iter().fold(properties, |properties, host| {
        properties.at("extra-host", format!("{}={}", host.host, host.address), host.at)
    });
    let options = service.logging.as_ref().map(|logging| logging.options.as_slice()).unwrap_or_default();
    properties
        .pairs("sysctl", &service.sysctls)
        .pairs("logging-option", options)
        .texts("profile", &service.profiles)
        .texts("env-file", service.env_files.iter().map(|file| &file.path))
        .pairs("environment", &service.variables)
        .pairs("label", &service.labels)
        .pairs("annotation", &service.annotations)
        .texts("dns", &service.dns)
        .texts("expose", &service.expose)
}

fn port(model: &mut Model<'_, '_>, service: ServiceRef<'_, '_>, own: u32, port: &Port) {
    let range = |(from, to): (u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    let target = range(port.target);
    let properties = Properties::default()
        .add("view", &service.view().name)
        .add("service", &service.name)
        .maybe("host-ip", port.host_ip.clone())
        .maybe("published", port.published.map(range))
        .add("target", &target)
        .add("protocol", &port.protocol)
        .flag("known", port.known)
        .add("reach", reach(service.reach(port)));
    let name = format!("{}:{target}/{}", port.host_side(), port.protocol);
    let index = model.entity("port", &name, Some(port.at), properties);
    model.relate("publishes", own, index, Some(port.at), Properties::default());
}

fn mount(model: &mut Model<'_, '_>, service: ServiceRef<'_, '_>, own: u32, mount: &Mount, shared: &Shared) {
    let kind = match mount.kind {
        MountKind::Bind => "bind",
        MountKind::Volume => "volume",
        MountKind::Anonymous => "anonymous",
        MountKind::Tmpfs => "tmpfs",
        MountKind::Other => "other",
    };
    let properties = Properties::default()
        .add("view", &service.view().name)
        .add("service", &service.name)
        .add("type", kind)
        .maybe("source", mount.source.clone())
        .add("target", &mount.target)
        .flag("read-only", mount.read_only)
        .maybe("propagation", mount.propagation.clone())
        .flag("known", mount.known);
    let properties = mount.options.iter().fold(properties, |properties, option| properties.add("option", option));
    let index = model.entity("mount", &mount.target, Some(mount.at), properties);
    model.relate("mounts", own, index, Some(mount.at), Properties::default());
    let named = mount.source.as_ref().filter(|_| mount.kind == MountKind::Volume);
    if let Some(&volume) = named.and_then(|source| shared.volumes.get(source)) {
        model.relate("mounts", index, volume, Some(mount.at), Properties::default());
    }
}

/// Its health check, and where that is written.
fn health(service: ServiceRef<'_, '_>) -> (&'static str, Option<Location>) {
    match service.health_source() {
        HealthSource::Off(at) => ("disabled", Some(at)),
        HealthSource::None => ("none", None),
        HealthSource::Unknown => ("unknown", None),
        HealthSource::Probe => ("command", probe_at(service)),
    }
}

/// Where a probe is written: in Compose, else in the Dockerfile.
fn probe_at(service: ServiceRef<'_, '_>) -> Option<Location> {
    if let Some(Healthcheck::Probe(at)) = &service.healthcheck {
        return Some(*at);
    }
    let used = service.build_use.as_ref()?;
    let (source, stage) = (used.dockerfile?, used.stage?);
    let (index, _) = used.model.healthcheck(stage)?;
    let instruction = service.project().dockerfile(source)?.instructions.get(index)?.effective();
    Some(Location::new(source, instruction.header_span))
}

fn namespace(name: &str) -> Option<&'static str> {
    Some(match name {
        "pid" => "pid",
        "ipc" => "ipc",
        "uts" => "uts",
        "userns_mode" => "userns-mode",
        "cgroup" => "cgroup",
        _ => return None,
    })
}

/// The number, else the text.
fn plain(amount: &Amount) -> String {
    amount.value.map_or_else(|| amount.text.text.clone(), |value| value.to_string())
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Everyone => "everyone",
        Reach::Private => "private",
        Reach::Loopback => "loopback",
        Reach::Nobody => "nobody",
        Reach::Ignored => "ignored",
        Reach::Unknown => "unknown",
    }
}

fn privilege(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Root => "root",
        Privilege::RootMaster => "root-master",
        Privilege::Drops => "drops",
        Privilege::NonRoot => "non-root",
        Privilege::Sudo => "sudo",
        Privilege::Unknown => "unknown",
    }
}

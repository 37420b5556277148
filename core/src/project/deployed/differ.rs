//! Field by field: what the Compose files say, what the container has.

use super::Deployment;
use super::compare::{cpus, mode_is_default, mounts, networks, number, ports, set};
use crate::finding::Severity;
use crate::model::compose::{Command, Text};
use crate::model::inventory::{Details, EnvKey, Image, Words, token, with_tag};
use crate::model::node::Node;
use crate::project::ServiceRef;
use crate::source::Location;
use std::collections::BTreeSet;

/// Which side allows more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// What runs allows more than what is declared.
    Weaker,
    /// What runs allows less.
    Stricter,
    /// Neither more nor less, only other.
    Other,
}

/// One field that is declared otherwise than it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The field as Compose calls it.
    pub field: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Which side allows more.
    pub direction: Direction,
    /// What is declared; `None` when nothing is.
    pub declared: Option<String>,
    /// What runs; `None` when it is missing there. Values of environment variables are left out.
    pub running: Option<String>,
    /// Where it is declared: the field, else the service.
    pub declared_at: Location,
    /// Where the output says what runs.
    pub running_at: Location,
}

/// Collects differences of one service.
pub(super) struct Out<'s, 'p, 'a> {
    pub(super) service: ServiceRef<'p, 'a>,
    pub(super) deployment: &'s Deployment<'p, 'a>,
    found: Vec<Difference>,
}

impl Out<'_, '_, '_> {
    pub(super) fn add(
        &mut self,
        field: &'static str,
        severity: Severity,
        direction: Direction,
        declared: Option<(String, Location)>,
        running: Option<(String, Location)>,
    ) {
        let declared_at = declared.as_ref().map_or(self.service.at, |(_, at)| *at);
        let running_at = running.as_ref().map_or_else(|| self.deployment.container.at(), |(_, at)| *at);
        self.found.push(Difference {
            field,
            severity,
            direction,
            declared: declared.map(|(text, _)| text),
            running: running.map(|(text, _)| text),
            declared_at,
            running_at,
        });
    }
}

/// Every difference, in the order of the fields.
pub(super) fn all(deployment: &Deployment<'_, '_>, service: ServiceRef<'_, '_>) -> Vec<Difference> {
    let mut out = Out { service, deployment, found: Vec::new() };
    image(&mut out);
    ports(&mut out);
    networks(&mut out);
    if let Some(details) = &deployment.container.details {
        let image = deployment.project.inventory.image_of(deployment.container).filter(|image| image.is_inspected());
        user(&mut out, details, image);
        environment(&mut out, details, image);
        commands(&mut out, details, image);
        modes(&mut out, details);
        mounts(&mut out, details, image);
        rights(&mut out, details);
        file_system(&mut out, details);
        limits(&mut out, details);
        upkeep(&mut out, details, image);
        labels(&mut out, image);
    }
    replicas(&mut out);
    out.found
}

fn image(out: &mut Out<'_, '_, '_>) {
    let container = out.deployment.container;
    let snapshot = &out.deployment.project.inventory;
    let Some(declared) = out.service.image.as_ref().filter(|image| image.is_known()) else { return };
    let (Some(running), text) = (container.image_name(), declared.text.as_str()) else { return };
    let bare = |name: &str| with_tag(name.split('@').next().unwrap_or(name));
    let digest = |name: &str| name.split_once('@').map(|(_, digest)| digest.to_owned());
    let sides = (Some((declared.text.clone(), declared.at)), Some((running.value.clone(), running.at)));
    let digests_differ = match (digest(text), digest(&running.value)) {
        (Some(a), Some(b)) => a != b,
        (Some(wanted), None) => {
            let image = snapshot.image_of(container).filter(|image| image.names_complete && !image.digests.is_empty());
            image.is_some_and(|image| !image.digests.iter().any(|digest| digest.value.ends_with(&wanted)))
        }
        _ => false,
    };
    if (bare(text) != bare(&running.value) && digest(text).is_none()) || digests_differ {
        out.add("image", Severity::High, Direction::Other, sides.0, sides.1);
        return;
    }
    // The name is the same; does it still mean this image?
    if let (Some(id), Some(current)) = (&container.image_id, snapshot.image(&running.value))
        && !crate::model::inventory::same_id(&id.value, &current.id.value)
    {
        out.add("image id", Severity::Medium, Direction::Other, sides.0, Some((id.value.clone(), id.at)));
    }
}

fn user(out: &mut Out<'_, '_, '_>, details: &Details, image: Option<&Image>) {
    let Some(running) = &details.user else { return };
    let same = |a: &str, b: &str| a == b || (is_root(a) && is_root(b));
    let declared = out.service.user.as_ref().filter(|user| !user.text.is_empty());
    if declared.is_some_and(|user| !user.is_known()) {
        return;
    }
    let expected = declared.map(|user| user.text.as_str()).or_else(|| Some(image?.user.as_ref()?.value.as_str()));
    let Some(expected) = expected.filter(|expected| !same(expected, &running.value)) else { return };
    let direction = match (is_root(expected), is_root(&running.value)) {
        (false, true) => Direction::Weaker,
        (true, false) => Direction::Stricter,
        _ => Direction::Other,
    };
    let shown = if running.value.is_empty() { "root".to_owned() } else { running.value.clone() };
    let sides = (declared.map(|user| (user.text.clone(), user.at)), Some((shown, running.at)));
    out.add("user", severity(Severity::High, direction), direction, sides.0, sides.1);
}

fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("" | "root" | "0"))
}

/// Less than declared is worth knowing, no more.
fn severity(severity: Severity, direction: Direction) -> Severity {
    if direction == Direction::Stricter { Severity::Info } else { severity }
}

fn environment(out: &mut Out<'_, '_, '_>, details: &Details, image: Option<&Image>) {
    const OWN: [&str; 5] = ["PATH", "HOSTNAME", "HOME", "TERM", "container"];
    let declared: Vec<_> = out.service.service.variables.iter().collect();
    let running = |key: &str| details.env(key);
    let complete = out.service.env_files.iter().all(|file| {
        let path = crate::source::join(&out.service.view().folder, &file.path.text);
        file.path.is_known() && out.deployment.project.sources.id(&path).is_some()
    });
    let from_image: Option<BTreeSet<(&str, Option<u64>)>> =
        image.and_then(|image| image.env.as_ref()).map(|env| env.iter().map(|v| (v.key.as_str(), v.token)).collect());
    for variable in &declared {
        let known = variable.value.as_ref().filter(|value| value.is_known());
        match running(&variable.key) {
            None if variable.value.is_some() => {
                let declared = Some((variable.key.clone(), variable.key_at));
                out.add("environment", Severity::Medium, Direction::Other, declared, None);
            }
            Some(EnvKey { token: Some(there), at, .. }) if known.is_some_and(|value| token(&value.text) != *there) => {
                let sides = (variable.key.clone(), format!("{} with another value", variable.key));
                out.add(
                    "environment",
                    Severity::Medium,
                    Direction::Other,
                    Some((sides.0, variable.key_at)),
                    Some((sides.1, *at)),
                );
            }
            _ => {}
        }
    }
    let Some(from_image) = from_image.filter(|_| complete) else { return };
    let names: BTreeSet<&str> = declared.iter().map(|variable| variable.key.as_str()).collect();
    for variable in &details.env {
        let own = OWN.contains(&variable.key.as_str()) || names.contains(variable.key.as_str());
        let of_image = from_image.iter().any(|(key, value)| {
            *key == variable.key && (value.is_none() || variable.token.is_none() || *value == variable.token)
        });
        if !own && !of_image {
            out.add("environment", Severity::Medium, Direction::Other, None, Some((variable.key.clone(), variable.at)));
        }
    }
}

fn commands(out: &mut Out<'_, '_, '_>, details: &Details, image: Option<&Image>) {
    let own = out.service.service;
    let mut side = |field, declared: Option<&Command>, running: Option<&Words>, of_image: Option<Option<&Words>>| {
        let there = running.map(|words| words.words.as_slice()).unwrap_or_default();
        let expected: &[String] = match (declared, of_image) {
            (Some(command), _) if command.known => &command.words,
            (Some(_), _) | (None, None) => return,
            (None, Some(words)) => words.map(|words| words.words.as_slice()).unwrap_or_default(),
        };
        if expected != there {
            let declared = declared.map(|command| (command.text(), command.at));
            let running = running.map(|words| (words.words.join(" "), words.at));
            out.add(field, Severity::Medium, Direction::Other, declared, running);
        }
    };
    let of_image = |pick: fn(&Image) -> Option<&Words>| image.map(pick);
    side(
        "entrypoint",
        own.entrypoint.as_ref(),
        details.entrypoint.as_ref(),
        of_image(|image| image.entrypoint.as_ref()),
    );
    // An entrypoint of the service's own takes the image's command away.
    let command = if own.entrypoint.is_some() { Some(None) } else { of_image(|image| image.command.as_ref()) };
    side("command", own.command.as_ref(), details.command.as_ref(), command);
}

fn modes(out: &mut Out<'_, '_, '_>, details: &Details) {
    let own = out.service.service;
    let declared = |name: &str| -> Option<&Text> {
        if name == "network_mode" {
            return own.network_mode.as_ref();
        }
        own.namespaces.iter().find(|(key, _)| *key == name).map(|(_, text)| text)
    };
    let names = ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"];
    for name in names {
        let (wanted, there) = (declared(name), details.mode(name));
        if wanted.is_some_and(|text| !text.is_known()) {
            continue;
        }
        let running = there.map_or("", |mode| mode.value.as_str());
        let default = mode_is_default(name, running, out.deployment.container);
        let same = match wanted.map(|text| text.text.as_str()) {
            None => default,
            Some(text) if text.starts_with("service:") || text.starts_with("container:") => {
                running.starts_with("container:")
            }
            Some(text) => text == running || (default && mode_is_default(name, text, out.deployment.container)),
        };
        if !same {
            let weaker = running == "host" || running.starts_with("container:");
            let direction = if weaker { Direction::Weaker } else { Direction::Other };
            let sides =
                (wanted.map(|text| (text.text.clone(), text.at)), there.map(|mode| (mode.value.clone(), mode.at)));
            out.add(name, Severity::High, direction, sides.0, sides.1);
        }
    }
}

fn rights(out: &mut Out<'_, '_, '_>, details: &Details) {
    let own = out.service.service;
    let declared = own.privileged.as_ref().is_some_and(|flag| flag.value);
    let open = own.node.get("privileged").is_some() && own.privileged.is_none();
    if let Some(running) = details.privileged.as_ref().filter(|flag| flag.value != declared && !open) {
        let direction = if running.value { Direction::Weaker } else { Direction::Stricter };
        let wanted = own.privileged.as_ref().map(|flag| (flag.value.to_string(), flag.at));
        let there = Some((running.value.to_string(), running.at));
        out.add("privileged", severity(Severity::High, direction), direction, wanted, there);
    }
    let texts = |key: &str| own.node.get(key).map(Node::one_or_many).unwrap_or_default().to_vec();
    set(out, "cap_add", Severity::High, Direction::Weaker, &texts("cap_add"), &details.cap_add, &|text| {
        let upper = text.to_ascii_uppercase();
        upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
    });
    set(out, "cap_drop", Severity::High, Direction::Stricter, &texts("cap_drop"), &details.cap_drop, &|text| {
        let upper = text.to_ascii_uppercase();
        upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
    });
    let (loose, tight): (Vec<_>, Vec<_>) =
        details.security_opt.iter().cloned().partition(|option| loosens(&option.value));
    let (want_loose, want_tight): (Vec<_>, Vec<_>) =
        texts("security_opt").into_iter().partition(|node| node.text().is_some_and(loosens));
    set(out, "security_opt", Severity::High, Direction::Weaker, &want_loose, &loose, &option_key);
    set(out, "security_opt", Severity::High, Direction::Stricter, &want_tight, &tight, &option_key);
    set(out, "devices", Severity::High, Direction::Weaker, &texts("devices"), &details.devices, &|text| {
        let mut parts = text.split(':');
        let host = parts.next().unwrap_or("");
        format!("{host}:{}", parts.next().filter(|path| path.starts_with('/')).unwrap_or(host))
    });
    set(out, "group_add", Severity::High, Direction::Weaker, &texts("group_add"), &details.group_add, &str::to_owned);
    let runtime = own.node.get("runtime").and_then(Node::text).unwrap_or("runc");
    if let Some(running) = details.runtime.as_ref().filter(|running| {
        !matches!(running.value.as_str(), "runc" | "io.containerd.runc.v2" | "crun" | "oci") || runtime != "runc"
    }) && running.value != runtime
    {
        let declared = own.node.get("runtime").map(|node| (runtime.to_owned(), node.at()));
        out.add("runtime", Severity::High, Direction::Other, declared, Some((running.value.clone(), running.at)));
    }
}

/// Whether a security option takes protection away.
fn loosens(option: &str) -> bool {
    option.ends_with("unconfined")
        || option.ends_with("label:disable")
        || option.ends_with("label=disable")
        || option.ends_with("no-new-privileges:false")
}

/// `no-new-privileges`, `:true` and `=true` are one; profiles are compared by name, since Docker puts their text in its place.
fn option_key(option: &str) -> String {
    let option = option.replacen('=', ":", 1);
    match option.split_once(':') {
        Some(("no-new-privileges", _)) => "no-new-privileges".to_owned(),
        Some(("seccomp", profile)) if profile != "unconfined" => "seccomp:a profile".to_owned(),
        _ => option,
    }
}

fn file_system(out: &mut Out<'_, '_, '_>, details: &Details) {
    let own = out.service.service;
    let (mut flag, host_at) = (Vec::new(), details.host_at);
    for (key, running) in [("read_only", &details.read_only), ("init", &details.init)] {
        let node = own.node.get(key);
        let declared = node.and_then(Node::as_bool);
        if node.is_some() && declared.is_none() {
            continue;
        }
        let there = running.as_ref().is_some_and(|flag| flag.value);
        if there != declared.unwrap_or(false) {
            let at = running.as_ref().map_or(host_at, |flag| flag.at);
            flag.push((
                key,
                node.map(|node| (declared.unwrap_or(false).to_string(), node.at())),
                (there.to_string(), at),
                there,
            ));
        }
    }
    for (key, declared, running, there) in flag {
        let direction = if there { Direction::Stricter } else { Direction::Weaker };
        out.add(key, severity(Severity::Medium, direction), direction, declared, Some(running));
    }
    let declared_shm = own.node.get("shm_size");
    let wanted = declared_shm.map_or(Some(67_108_864), |node| node.text().and_then(number));
    if let (Some(wanted), Some(size)) = (wanted, &details.shm_size)
        && wanted != size.value
    {
        let declared = declared_shm.map(|node| (node.text().unwrap_or("").to_owned(), node.at()));
        out.add("shm_size", Severity::Medium, Direction::Other, declared, Some((size.value.to_string(), size.at)));
    }
}

fn limits(out: &mut Out<'_, '_, '_>, details: &Details) {
    let node = &out.service.service.spec.node;
    let deployed = |key: &str| node.get("deploy")?.get("resources")?.get("limits")?.get(key);
    let memory = node.get("mem_limit").or_else(|| deployed("memory"));
    let cpu = node.get("cpus").or_else(|| deployed("cpus"));
    let pids = node.get("pids_limit").or_else(|| deployed("pids"));
    let read = |node: Option<&Node>, parse: &dyn Fn(&str) -> Option<i64>| {
        node.map(|node| (node.text().and_then(parse), node.text().unwrap_or("").to_owned(), node.at()))
    };
    let sides = [
        ("mem_limit", read(memory, &number), &details.memory),
        ("cpus", read(cpu, &cpus), &details.nano_cpus),
        ("pids_limit", read(pids, &|text| text.trim().parse().ok()), &details.pids),
    ];
    for (field, declared, running) in sides {
        let (severity, direction) = match (&declared, running) {
            // A text that is no number says nothing.
            (Some((None, ..)), _) => continue,
            (Some((Some(wanted), ..)), None) if *wanted > 0 => (Severity::Medium, Direction::Weaker),
            (Some((Some(wanted), ..)), Some(there)) if *wanted > 0 && *wanted != there.value => {
                (Severity::Low, if there.value > *wanted { Direction::Weaker } else { Direction::Stricter })
            }
            (None, Some(_)) => (Severity::Info, Direction::Stricter),
            _ => continue,
        };
        let declared = declared.map(|(_, text, at)| (text, at));
        let running = running.as_ref().map(|limit| (limit.value.to_string(), limit.at));
        out.add(field, severity, direction, declared, running.or(Some(("no limit".to_owned(), details.host_at))));
    }
}

fn upkeep(out: &mut Out<'_, '_, '_>, details: &Details, image: Option<&Image>) {
    let own = out.service.service;
    let policy = |text: &str| match text.split(':').next().unwrap_or("") {
        "" => "no".to_owned(),
        word => word.to_owned(),
    };
    let by_deploy = own.node.get("deploy").is_some_and(|node| node.get("restart_policy").is_some());
    let open = own.restart.as_ref().is_some_and(|text| !text.is_known());
    if let Some(running) = details.restart.as_ref().filter(|_| !by_deploy && !open) {
        let wanted = own.restart.as_ref().map_or_else(|| "no".to_owned(), |text| policy(&text.text));
        if wanted != policy(&running.value) {
            let declared = own.restart.as_ref().map(|text| (text.text.clone(), text.at));
            out.add("restart", Severity::Low, Direction::Other, declared, Some((policy(&running.value), running.at)));
        }
    }
    use crate::model::compose::Healthcheck;
    let (wanted, at) = match &own.healthcheck {
        Some(Healthcheck::Disabled(at)) => (Some(false), Some(*at)),
        Some(Healthcheck::Probe(at)) => (Some(true), Some(*at)),
        None => (image.map(|image| image.healthcheck.as_ref().is_some_and(|probe| !probe.is_off())), None),
    };
    let running = details.healthcheck.as_ref().filter(|probe| !probe.is_off());
    if wanted.is_some_and(|wanted| wanted != running.is_some()) {
        let direction = if running.is_some() { Direction::Stricter } else { Direction::Weaker };
        let declared = at.map(|at| (if wanted == Some(true) { "a probe" } else { "off" }.to_owned(), at));
        out.add(
            "healthcheck",
            Severity::Low,
            direction,
            declared,
            running.map(|probe| (probe.words.join(" "), probe.at)),
        );
    }
    let daemon = out.deployment.project.inventory.daemon.as_ref();
    let node = own.node.get("logging").and_then(|node| node.get("driver"));
    let wanted = match node {
        Some(node) => node.scalar().filter(|scalar| scalar.is_known()).map(|scalar| scalar.text.clone()),
        None => daemon.and_then(|daemon| Some(daemon.log_driver.as_ref()?.value.clone())),
    };
    if let (Some(wanted), Some(running)) = (wanted, &details.log_driver)
        && wanted != running.value
    {
        let declared = node.map(|node| (wanted, node.at()));
        out.add("logging", Severity::Low, Direction::Other, declared, Some((running.value.clone(), running.at)));
    }
    let texts = |key: &str| own.node.get(key).map(Node::one_or_many).unwrap_or_default().to_vec();
    let mapping = own.node.get("extra_hosts").is_some_and(|node| !node.entries().is_empty());
    if !mapping {
        let host = |text: &str| text.replacen('=', ":", 1);
        set(out, "extra_hosts", Severity::Low, Direction::Other, &texts("extra_hosts"), &details.extra_hosts, &host);
    }
    set(out, "dns", Severity::Medium, Direction::Other, &texts("dns"), &details.dns, &str::to_owned);
}

fn labels(out: &mut Out<'_, '_, '_>, image: Option<&Image>) {
    let own = out.service.service;
    let there = out.deployment.container.labels.as_deref().unwrap_or_default();
    for label in &own.labels {
        let wanted = label.value.as_ref().filter(|value| value.is_known());
        let found = there.iter().find(|known| known.key == label.key);
        let same = match (wanted, found) {
            (Some(wanted), Some(found)) => wanted.text == found.value,
            (_, found) => found.is_some(),
        };
        if !same {
            let running = found.map(|label| (label.key.clone(), label.at));
            out.add("labels", Severity::Low, Direction::Other, Some((label.key.clone(), label.key_at)), running);
        }
    }
    let Some(of_image) = image.map(|image| image.labels.as_deref().unwrap_or_default()) else { return };
    if own.node.get("label_file").is_some() {
        return;
    }
    for label in there {
        let made = ["com.docker.", "desktop.docker.", "io.podman.", "com.containers."]
            .iter()
            .any(|prefix| label.key.starts_with(prefix));
        let known =
            own.labels.iter().any(|own| own.key == label.key) || of_image.iter().any(|own| own.key == label.key);
        if !made && !known {
            out.add("labels", Severity::Low, Direction::Other, None, Some((label.key.clone(), label.at)));
        }
    }
}

fn replicas(out: &mut Out<'_, '_, '_>) {
    let container = out.deployment.container;
    // Told once, with the first replica.
    let number = container.label("com.docker.compose.container-number").map(|label| label.value.as_str());
    let (Some(project), Some(service), Some("1")) = (container.project(), container.service(), number) else { return };
    let snapshot = &out.deployment.project.inventory;
    if !snapshot.lists.containers {
        return;
    }
    let node = &out.service.service.spec.node;
    let scale = node.get("scale").or_else(|| node.get("deploy").and_then(|deploy| deploy.get("replicas")));
    let wanted = match scale {
        Some(node) => node.text().and_then(|text| text.parse::<usize>().ok()),
        None => Some(1),
    };
    let there = snapshot
        .containers
        .iter()
        .filter(|other| other.is_active() == Some(true) && !other.is_one_off())
        .filter(|other| {
            other.service().is_some_and(|label| label.value == service.value)
                && other.project().is_some_and(|label| label.value == project.value)
        })
        .count();
    if wanted.is_some_and(|wanted| wanted != there) && container.is_active() == Some(true) {
        let declared = scale.map(|node| (node.text().unwrap_or("").to_owned(), node.at()));
        out.add("replicas", Severity::Low, Direction::Other, declared, Some((there.to_string(), container.at())));
    }
}

//! One service as a node: what it is, what it runs as, where it listens and what it publishes.

use crate::graph::model::{External, Published, ServiceNode};
use crate::graph::reach::own_networks;
use crate::graph::{doors, entries, escape, holdings, visibility};
use crate::model::compose::ports::Port;
use crate::project::{BuildUse, FpmListen, Privilege, Reach, ServiceRef};
use crate::text::shorten;
use std::collections::BTreeSet;

/// Ports of a range, and servers of a configuration, that are looked at one by one.
const MAX_LISTENERS: usize = 64;

/// The node of a service; who reaches it from outside is not known yet.
pub(super) fn node(
    service: ServiceRef<'_, '_>,
    services: &[ServiceRef<'_, '_>],
    externals: &[External],
) -> ServiceNode {
    let privilege = service.effective_user().privilege;
    ServiceNode {
        name: service.name.clone(),
        role: service.role.name,
        group: service.role.group().as_str(),
        image: image(service),
        build: build(service),
        at: service.at,
        is_php: service.role.is_php(),
        is_processor: service.role.name == "processor",
        is_exposed: false,
        root_for_requests: privilege.is_root() || privilege == Privilege::RootMaster && has_root_pool(service),
        root_for_jobs: privilege.is_root() || privilege == Privilege::RootMaster,
        stays: service.runs_here() && service.provider.is_none(),
        networks: networks(service),
        network_mode: service.network_mode.as_ref().map(|mode| mode.text.clone()),
        hostnames: hostnames(service),
        ports: ports(service),
        published: service.service().spec.ports.iter().map(|port| published(service, port)).collect(),
        egress_needed: entries::egress_needed(service),
        duties: entries::duties(service),
        doors: doors::doors(service),
        escapes: escape::escapes(service),
        secrets: holdings::secrets(service, services, externals),
        entries: entries::entries(service),
        watches: visibility::watches(service),
    }
}

fn networks(service: ServiceRef<'_, '_>) -> Vec<String> {
    if service.network_mode.is_some() {
        return Vec::new();
    }
    own_networks(service).into_iter().map(str::to_owned).collect()
}

fn hostnames(service: ServiceRef<'_, '_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in service.hostnames() {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Its image as written; without one, what it is built from.
fn image(service: ServiceRef<'_, '_>) -> String {
    if let Some(image) = &service.image {
        return shorten(&image.text, 120);
    }
    match &service.build_use {
        Some(used) => match (stage_name(used), source(service, used)) {
            (Some(stage), source) => format!("{} ({})", shorten(&source, 100), shorten(stage, 40)),
            (None, source) => shorten(&source, 120),
        },
        None => shorten(&service.image_use.text, 120),
    }
}

/// A text that is the same for services of the same Dockerfile and stage, or of the same image.
fn build(service: ServiceRef<'_, '_>) -> String {
    let builder = service.image_source();
    match &builder.service().build_use {
        Some(used) => {
            let stage = used.stage.map_or_else(|| "?".to_owned(), |stage| stage.to_string());
            let file = source(builder, used);
            match used.context.as_deref().filter(|context| !file.starts_with(context)) {
                Some(context) => format!("build {file} in {context}, stage {stage}"),
                None => format!("build {file}, stage {stage}"),
            }
        }
        None => format!("image {}", service.image_use.text),
    }
}

/// The Dockerfile; for one that is not a file of the project, what stands for it.
fn source(service: ServiceRef<'_, '_>, used: &BuildUse) -> String {
    match (&used.dockerfile_path, &service.build) {
        (Some(path), _) => path.clone(),
        (None, Some(build)) if build.inline.is_none() => build.context.clone(),
        _ => format!("the Dockerfile of {}", service.name),
    }
}

fn stage_name(used: &BuildUse) -> Option<&str> {
    used.model.stages.get(used.stage?)?.alias.as_ref().map(|(name, _)| name.as_str())
}

/// Whether PHP-FPM is allowed to run workers as root, and a pool does.
fn has_root_pool(service: ServiceRef<'_, '_>) -> bool {
    let root = |user: &str| matches!(user.trim(), "root" | "0");
    service.fpm_root_option().is_some() && service.fpm_pools().iter().any(|pool| pool.value("user").is_some_and(root))
}

/// Ports that it listens on: as its configuration says, else as its image usually does; and those that its files name.
fn ports(service: ServiceRef<'_, '_>) -> Vec<u16> {
    let mut found: BTreeSet<u16> = BTreeSet::new();
    for port in &service.service().spec.ports {
        found.extend((port.target.0..=port.target.1).take(MAX_LISTENERS));
    }
    for expose in &service.expose {
        found.extend(exposed_range(&expose.text));
    }
    if let Some(used) = &service.image_source().service().build_use {
        let stages = used.final_chain().into_iter().filter_map(|stage| used.model.stages.get(stage));
        let named = stages.flat_map(|stage| &stage.exposed).filter(|exposed| exposed.value.known);
        found.extend(named.flat_map(|exposed| exposed_range(&exposed.value.text)));
    }
    match configured(service) {
        Some(ports) => found.extend(ports),
        // A worker that is made of the image of a server does not serve.
        None => {
            let row = service.image_source().service().image_use.row().filter(|row| row.role == service.role.name);
            found.extend(row.into_iter().flat_map(|row| row.ports.iter()));
        }
    }
    found.into_iter().collect()
}

/// The ports that a server's configuration names; `None` when it names none.
fn configured(service: ServiceRef<'_, '_>) -> Option<Vec<u16>> {
    let mut found: Vec<u16> = Vec::new();
    if let Some(web) = service.web_server() {
        let listens = web.own_servers().take(MAX_LISTENERS).flat_map(|server| &server.listens);
        found.extend(listens.filter_map(|listen| listen.port));
    }
    if service.is_fpm() {
        match service.fpm_listen() {
            FpmListen::Port(port, _) => found.push(port),
            FpmListen::Local(_) => return Some(found),
        }
    }
    if service.is_redis() {
        let settings = service.redis_settings();
        let port = settings.port.unwrap_or(6379);
        return Some(if port == 0 || settings.loopback_only { Vec::new() } else { vec![port] });
    }
    (!found.is_empty()).then_some(found)
}

/// `9000`, `9000/tcp`, `9000-9010`; nothing where a variable decides.
fn exposed_range(text: &str) -> Vec<u16> {
    let text = text.split('/').next().unwrap_or(text);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).take(MAX_LISTENERS).collect(),
        _ => Vec::new(),
    }
}

fn published(service: ServiceRef<'_, '_>, port: &Port) -> Published {
    let reach = match service.reach(port) {
        Reach::Everyone => "everyone",
        Reach::Private => "private",
        Reach::Loopback => "loopback",
        Reach::Nobody | Reach::Ignored => "nobody",
        Reach::Unknown => "unknown",
    };
    Published { host: port.host_side(), target: Some(port.target.0), reach, at: port.at }
}

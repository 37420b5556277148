//! What runs, seen as deployments: one view for each Compose project on the machine, one for what nobody manages. Their services
//! are the containers that are active, so that every rule judges what is, beside what is declared. Nothing can be edited there.

mod nodes;
#[cfg(test)]
mod tests;

use super::{Context, Evidence, HealthSource, Privilege, Project, Service, ServiceRef, View, build};
use super::{DecidedBy, EffectiveUser};
use crate::detect::Kind;
use crate::facts::images::Exec;
use crate::finding::{Confidence, Notice, NoticeLevel, Question};
use crate::fix::Fix;
use crate::model::compose::{self, Network, Resource};
use crate::model::inventory::{Container, Input, Moment, Snapshot, snapshot};
use crate::project::Parsed;
use crate::source::{Location, SourceId};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the names of these views start with.
const PREFIX: &str = "running:";
/// The view of containers that no orchestrator made.
const UNMANAGED: &str = "unmanaged";

/// Reads everything that commands have recorded.
pub(super) fn read(project: &Project<'_>) -> Snapshot {
    let mut inputs: Vec<(SourceId, &str, &str, Input<'_>)> = Vec::new();
    for (id, source) in project.sources.iter() {
        let input = match (&project.file(id).parsed, project.file(id).kind) {
            (Parsed::Inventory(inventory), _) => Input::Recorded(inventory),
            (Parsed::Json(json), Kind::DaemonJson) => match json.root() {
                Some(root) => Input::DaemonJson(root),
                None => continue,
            },
            _ => continue,
        };
        inputs.push((id, source.path(), source.text(), input));
    }
    snapshot(&inputs)
}

/// Makes the views of what runs.
pub(super) fn views(project: &Project<'_>) -> Vec<View> {
    let snapshot = &project.inventory;
    let mut groups: Vec<(&String, &BTreeMap<String, Vec<usize>>)> = project.running.iter().collect();
    groups.sort_by_key(|(group, _)| *group == UNMANAGED);
    let of = |replicas: &Vec<usize>| best(snapshot, replicas);
    let services = |services: &BTreeMap<String, Vec<usize>>| -> BTreeMap<String, &Container> {
        services.iter().filter_map(|(name, replicas)| Some((name.clone(), of(replicas)?))).collect()
    };
    groups.into_iter().map(|(group, members)| view(project, group, &services(members))).collect()
}

/// Containers that are active, by view and service: indices into the snapshot.
pub(super) type Index = BTreeMap<String, BTreeMap<String, Vec<usize>>>;

/// Sorts the containers into views and services.
pub(super) fn index(snapshot: &Snapshot) -> Index {
    let mut index = Index::new();
    for (nth, container) in snapshot.containers.iter().enumerate() {
        // A stopped container has no port open and runs nothing.
        if container.is_active() != Some(false) && !container.is_one_off() {
            let (group, name) = place(container);
            index.entry(group).or_default().entry(name).or_default().push(nth);
        }
    }
    index
}

/// Replicas are one service; the one that is known best stands for them.
fn best<'s>(snapshot: &'s Snapshot, replicas: &[usize]) -> Option<&'s Container> {
    let containers = || replicas.iter().filter_map(|nth| snapshot.containers.get(*nth));
    containers().find(|container| container.details.is_some()).or_else(|| containers().next())
}

/// The view and the service that a container belongs to.
fn place(container: &Container) -> (String, String) {
    match (container.project(), container.service()) {
        (Some(project), Some(service)) => (project.value.clone(), service.value.clone()),
        (Some(project), None) => (project.value.clone(), container.name().to_owned()),
        (None, _) => (UNMANAGED.to_owned(), container.name().to_owned()),
    }
}

fn view(project: &Project<'_>, group: &str, services: &BTreeMap<String, &Container>) -> View {
    let snapshot = &project.inventory;
    let name = format!("{PREFIX}{group}");
    let containers: Vec<&Container> = services.values().copied().collect();
    let (context, context_evidence) = context(snapshot, group, &containers);
    let mut files: Vec<SourceId> =
        containers.iter().flat_map(|container| &container.evidence).map(|at| at.source).collect();
    files.sort_unstable();
    files.dedup();
    let services = services.iter().map(|(name, container)| {
        let spec = compose::service(&nodes::service(snapshot, container, name));
        let image_use = build::image_use(project.facts, spec.image.as_ref(), None);
        let variables = spec.environment.clone();
        Service { context_evidence: context_evidence.clone(), variables, ..Service::new(spec, context, image_use) }
    });
    View {
        services: services.collect(),
        networks: networks(snapshot, &containers),
        volumes: volumes(snapshot, &containers),
        folder: name.clone(),
        name,
        files,
        context,
        context_evidence: context_evidence.clone(),
        project_name: None,
        active_profiles: Vec::new(),
        open: false,
        secrets: Vec::new(),
        configs: Vec::new(),
        standalone: false,
        built: BTreeMap::new(),
    }
}

/// What the Compose files, the application and the project's name say of the kind of deployment, in this order; and what told it.
fn context(snapshot: &Snapshot, group: &str, containers: &[&Container]) -> (Context, Option<Evidence>) {
    let files: Vec<(Context, Evidence)> = containers
        .iter()
        .flat_map(|container| container.config_files().into_iter().map(|path| (path, container.at())))
        .filter_map(|(path, at)| {
            let name = crate::source::file_name(path);
            Some((Context::of_name(name)?, Evidence::new(format!("it was started from {name}"), Some(at))))
        })
        .collect();
    let told: Vec<(Context, Evidence)> = containers
        .iter()
        .filter_map(|container| {
            let details = container.details.as_ref()?;
            let names = ["APP_ENV", "WP_ENV", "WP_ENVIRONMENT_TYPE"];
            let (key, value) = names.into_iter().find_map(|key| Some((key, details.env(key)?.told.as_deref()?)))?;
            Some((Context::of_word(value)?, Evidence::new(format!("`{key}` is `{value}`"), Some(container.at()))))
        })
        .collect();
    let serves = |(context, _): &&(Context, Evidence)| !context.is_development();
    if let Some(found) = files.iter().find(serves).or(told.iter().find(serves)).or(told.first()) {
        return (found.0, Some(found.1.clone()));
    }
    let desktop = snapshot.daemon.as_ref().and_then(crate::model::inventory::Daemon::is_desktop);
    if desktop == Some(true) {
        return (Context::Development, Some(Evidence::new("the engine is Docker Desktop", None)));
    }
    match files.into_iter().next() {
        Some((context, evidence)) => (context, Some(evidence)),
        None => match Context::of_name(group) {
            Some(context) => (context, Some(Evidence::new(format!("the project is called {group}"), None))),
            None => (Context::Unknown, None),
        },
    }
}

fn networks(snapshot: &Snapshot, containers: &[&Container]) -> Vec<Network> {
    let mut out: Vec<Network> = Vec::new();
    for attachment in containers.iter().flat_map(|container| container.networks.iter().flatten()) {
        let key = nodes::key_of_network(snapshot, &attachment.network);
        if out.iter().any(|known| known.name == key) {
            continue;
        }
        let network = snapshot.networks.iter().find(|network| network.name.value == attachment.network);
        let flag = network.and_then(|network| network.internal.as_ref()).is_some_and(|flag| flag.value);
        out.push(Network {
            internal: flag,
            driver: network.and_then(|network| Some(network.driver.as_ref()?.value.clone())),
            options: network
                .map(|network| network.options.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect())
                .unwrap_or_default(),
            ..Network::new(key, Some(network.map_or(attachment.at, |network| network.name.at)))
        });
    }
    out
}

fn volumes(snapshot: &Snapshot, containers: &[&Container]) -> Vec<Resource> {
    let mut names: Vec<(&str, Location)> = containers
        .iter()
        .flat_map(|container| container.mounts.iter().flatten())
        .filter_map(|mount| Some((mount.name.as_deref()?, mount.at)))
        .collect();
    names.sort_unstable();
    names.dedup_by(|a, b| a.0 == b.0);
    let resource = |(name, at): (&str, Location)| {
        let volume = snapshot.volumes.iter().find(|volume| volume.name.value == name);
        let options = volume.map(|volume| volume.options.as_slice()).unwrap_or_default();
        let binds =
            options.iter().any(|pair| pair.key == "o" && pair.value.split(',').any(|part| part.ends_with("bind")));
        let device = options.iter().find(|pair| pair.key == "device" && binds);
        Resource {
            name: name.to_owned(),
            at: volume.map_or(at, |volume| volume.name.at),
            file: None,
            content: None,
            environment: None,
            external: false,
            driver: None,
            options: Vec::new(),
            own_name: None,
            device: device.map(|pair| compose::Text {
                text: pair.value.clone(),
                certainty: crate::model::interpolate::Certainty::Known,
                variables: Vec::new(),
                at: pair.at,
            }),
            labels: Vec::new(),
        }
    };
    names.into_iter().map(resource).collect()
}

impl View {
    /// The Compose project that it shows running; `unmanaged` for what no orchestrator made. Ask [`Project::is_running`] first.
    #[must_use]
    pub fn running_project(&self) -> Option<&str> {
        self.name.strip_prefix(PREFIX)
    }
}

impl<'a> Project<'a> {
    /// Whether a view shows what runs, not what is declared.
    #[must_use]
    pub fn is_running(&self, view: &View) -> bool {
        view.running_project().is_some()
            && view.files.first().is_some_and(|file| self.file(*file).kind == Kind::Inventory)
    }

    /// Services of what runs.
    pub fn running_services(&self) -> impl Iterator<Item = ServiceRef<'_, 'a>> {
        self.views.iter().filter(|view| self.is_running(view)).flat_map(|view| self.services_of(view))
    }

    /// Services of what is declared.
    pub fn declared_services(&self) -> impl Iterator<Item = ServiceRef<'_, 'a>> {
        self.views.iter().filter(|view| !self.is_running(view)).flat_map(|view| self.services_of(view))
    }

    /// When the inventory was recorded; the day of the analysis when it does not say.
    #[must_use]
    pub fn inventory_time(&self) -> Moment {
        let taken = self.inventory.taken.as_ref().map(|taken| taken.value);
        taken.unwrap_or_else(|| Moment::of_day(self.today))
    }

    /// Whether a fix changes only texts that somebody writes: what a command has recorded cannot be mended there.
    #[must_use]
    pub fn is_editable(&self, fix: &Fix) -> bool {
        let recorded = |source: SourceId| matches!(self.file(source).kind, Kind::Inventory | Kind::ScanReport);
        !fix.edits.iter().any(|edit| recorded(edit.source))
    }

    /// Whether a place stands in what a command has recorded.
    #[must_use]
    pub fn is_recorded(&self, at: Location) -> bool {
        matches!(self.file(at.source).kind, Kind::Inventory | Kind::ScanReport)
    }
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// Whether it is a container that runs, not a declared service.
    #[must_use]
    pub fn is_running(self) -> bool {
        self.project.is_running(self.view)
    }

    /// The containers it runs as; none for a declared service.
    #[must_use]
    pub fn containers(self) -> Vec<&'p Container> {
        if !self.is_running() {
            return Vec::new();
        }
        let containers = &self.project.inventory.containers;
        self.replicas().iter().filter_map(|nth| containers.get(*nth)).collect()
    }

    fn replicas(self) -> &'p [usize] {
        let group = self.view.running_project().and_then(|group| self.project.running.get(group));
        group.and_then(|services| services.get(&self.service.spec.name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The container that stands for it: the one that is known best.
    #[must_use]
    pub fn container(self) -> Option<&'p Container> {
        if self.is_running() { best(&self.project.inventory, self.replicas()) } else { None }
    }

    /// Whether it runs and only `ps` tells of it: then its user, its rights and its limits are unknown.
    #[must_use]
    pub fn is_partly_known(self) -> bool {
        self.is_running() && self.container().is_none_or(|container| container.details.is_none())
    }

    /// The user its container runs as, where `inspect` says; `None` for a declared service.
    pub(super) fn running_user(self) -> Option<EffectiveUser> {
        let container = self.container()?;
        let unknown = EffectiveUser {
            name: None,
            privilege: Privilege::Unknown,
            decided_by: DecidedBy::Assumed,
            at: container.at(),
            confidence: Confidence::Low,
            based_on: None,
        };
        let Some(user) = container.details.as_ref().and_then(|details| details.user.as_ref()) else {
            return Some(unknown);
        };
        let text = user.value.as_str();
        let root = super::users::is_root_name(text);
        let row = self.service.image_use.row.as_ref();
        let sudo = row.is_some_and(|row| row.exec == Exec::Sudo && row.default_user == text);
        // The image's own user is contained; what differs from it was asked for.
        let image = self.project.inventory.image_of(container).and_then(|image| image.user.as_ref());
        let own = match image {
            Some(image) => image.value != text,
            None => !text.is_empty() && row.is_some_and(|row| row.exec == Exec::NonRoot && root),
        };
        Some(EffectiveUser {
            name: Some(if text.is_empty() { "root".to_owned() } else { text.to_owned() }),
            privilege: match (root, sudo) {
                (true, _) => Privilege::Root,
                (false, true) => Privilege::Sudo,
                (false, false) => Privilege::NonRoot,
            },
            decided_by: if own { DecidedBy::Compose } else { DecidedBy::Image },
            at: user.at,
            confidence: Confidence::High,
            based_on: None,
        })
    }

    /// Its health check as it is, the image's contained; `None` for a declared service.
    pub(super) fn running_health(self) -> Option<HealthSource> {
        let container = self.container()?;
        if container.health.is_some() {
            return Some(HealthSource::Probe);
        }
        if let Some(details) = &container.details {
            return Some(match &details.healthcheck {
                Some(probe) if probe.is_off() => HealthSource::Off(probe.at),
                Some(_) => HealthSource::Probe,
                None => HealthSource::None,
            });
        }
        // `ps` names the health of every running container that has a check.
        let told = container.status.as_ref().is_some_and(|status| status.value.starts_with("Up "));
        Some(if told && container.is_active() == Some(true) { HealthSource::None } else { HealthSource::Unknown })
    }
}

/// What the supplied output leaves open, each with the one command that answers it.
pub(super) fn questions(project: &Project<'_>) -> Vec<Question> {
    let snapshot = &project.inventory;
    if snapshot.containers.is_empty() && snapshot.images.is_empty() && snapshot.diffs.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut ask = |question: &str, answer: &str| {
        out.push(Question {
            rule: Cow::Borrowed("project/inventory"),
            question: question.to_owned(),
            answer: answer.to_owned(),
        });
    };
    if !snapshot.lists.containers {
        ask(
            "Which containers are stopped? Only a part of the containers was listed",
            "docker ps -a --no-trunc --format '{{json .}}'",
        );
    }
    let active = || snapshot.containers.iter().filter(|container| container.is_active() != Some(false));
    if active().any(|container| container.details.is_none()) {
        ask(
            "Who do the containers run as, and with which rights? They were listed, not inspected",
            "docker inspect $(docker ps -aq)",
        );
    }
    if !snapshot.containers.is_empty() && snapshot.images.is_empty() {
        ask(
            "How old are the images, and which of them are not used?",
            "docker images --digests --no-trunc --format '{{json .}}'",
        );
    } else if !snapshot.images.is_empty() && !snapshot.images.iter().any(crate::model::inventory::Image::is_inspected) {
        ask(
            "Where do the images come from? They were listed, not inspected",
            "docker image inspect $(docker images -q)",
        );
    }
    if snapshot.volumes.iter().all(|volume| volume.links.is_none()) {
        ask("Which volumes does nobody use, and how large are they?", "docker system df -v --format '{{json .}}'");
    }
    if snapshot.networks.is_empty() {
        ask(
            "Which networks are internal, and which does nobody use?",
            "docker network inspect $(docker network ls -q)",
        );
    }
    let undiffed: Vec<&Container> = active().filter(|container| snapshot.diff_of(container).is_none()).collect();
    if let Some(first) = undiffed.first() {
        let name = crate::text::shorten(first.name(), 60);
        let others = undiffed.len() - 1;
        let question = match others {
            0 => format!("Was anything changed inside of `{name}`?"),
            _ => format!(
                "Was anything changed inside of `{name}` and {}?",
                crate::text::count(others, "other container")
            ),
        };
        ask(&question, &format!("docker diff {name}"));
    }
    if snapshot.daemon.is_none() {
        ask("How is the daemon set up?", "docker info --format '{{json .}}'");
    }
    out
}

/// What the inventory itself gives rise to.
pub(super) fn notices(project: &Project<'_>) -> Vec<Notice> {
    let mut out = Vec::new();
    for (id, source) in project.sources.iter() {
        let Parsed::Inventory(inventory) = &project.file(id).parsed else { continue };
        if inventory.truncated {
            out.push(Notice {
                level: NoticeLevel::Incomplete,
                code: "inventory/cut",
                path: source.path().to_owned(),
                at: inventory.comments.last().map(|span| Location::new(id, *span)),
                message: "this inventory is not complete: it is longer than is recorded or read".to_owned(),
                help: Some("record less at once: `MOST=50 sh collect.sh`".to_owned()),
            });
        }
    }
    if let Some(at) = project.inventory.at().filter(|_| project.inventory.truncated) {
        out.push(Notice {
            level: NoticeLevel::Incomplete,
            code: "inventory/too-many",
            path: project.path(at.source).to_owned(),
            at: Some(at),
            message: "there are more than 2000 containers, images, volumes or networks; the rest is not analysed"
                .to_owned(),
            help: Some("record less at once: `MOST=50 sh collect.sh`".to_owned()),
        });
    }
    out
}

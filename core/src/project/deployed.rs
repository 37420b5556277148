//! What is declared against what runs: which container belongs to which service, and where the two differ.

mod compare;
mod differ;
#[cfg(test)]
mod tests;

pub use differ::{Difference, Direction};

use super::{Project, ServiceRef, View};
use crate::model::inventory::{Container, ServiceHash};
use crate::source::{file_name, folder, join};
use crate::syntax::yaml;
use std::collections::BTreeSet;

/// How a container stands to what is declared.
#[derive(Clone, Debug)]
pub enum Standing<'p, 'a> {
    /// A service declares it.
    Declared(ServiceRef<'p, 'a>),
    /// Its project is declared, its service is not.
    Orphan {
        /// A view of the project.
        view: &'p View,
        /// Whether every Compose file that it was made from was supplied, as far as its labels tell.
        certain: bool,
    },
    /// Made by `docker compose run`, or by a lifecycle hook.
    OneOff,
    /// Its project is not among the supplied files.
    OtherProject,
    /// No orchestrator made it.
    Unmanaged,
    /// Its labels are not known.
    Unknown,
}

/// A container and what declares it.
#[derive(Clone, Debug)]
pub struct Deployment<'p, 'a> {
    /// The project.
    pub project: &'p Project<'a>,
    /// The container.
    pub container: &'p Container,
    /// How it stands to what is declared.
    pub standing: Standing<'p, 'a>,
}

impl<'p, 'a> Deployment<'p, 'a> {
    /// The service that declares it.
    #[must_use]
    pub fn declared(&self) -> Option<ServiceRef<'p, 'a>> {
        match self.standing {
            Standing::Declared(service) => Some(service),
            _ => None,
        }
    }

    /// Compose files it was made from that were not supplied, as its label names them.
    #[must_use]
    pub fn files_not_supplied(&self) -> Vec<&'p str> {
        self.container.config_files().into_iter().filter(|file| !self.project.has_end_of(file)).collect()
    }

    /// Compose files it was made from whose names say that they are for development.
    #[must_use]
    pub fn development_files(&self) -> Vec<&'p str> {
        let development =
            |file: &&str| super::Context::of_name(file_name(file)).is_some_and(super::Context::is_development);
        self.container.config_files().into_iter().filter(development).collect()
    }

    /// The declared hash of its service, when it is not the one the container was made with: the container is older than the files.
    #[must_use]
    pub fn outdated_hash(&self) -> Option<&'p ServiceHash> {
        let (made, service) = (self.container.config_hash()?, self.container.service()?);
        let declared = self.project.inventory.hash_of(&service.value)?;
        (declared.hash.value != made.value).then_some(declared)
    }

    /// Where declared and running differ. Nothing that one side leaves open is a difference.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        self.declared().map(|service| differ::all(self, service)).unwrap_or_default()
    }
}

impl<'a> Project<'a> {
    /// Every container with what declares it.
    #[must_use]
    pub fn deployments(&self) -> Vec<Deployment<'_, 'a>> {
        self.inventory
            .containers
            .iter()
            .map(|container| Deployment { project: self, container, standing: self.standing(container) })
            .collect()
    }

    /// Declared services of a view that no active container runs, when containers of its project are listed in full.
    #[must_use]
    pub fn declared_but_missing<'p>(&'p self, view: &'p View) -> Vec<ServiceRef<'p, 'a>> {
        if !self.inventory.lists.containers || self.is_running(view) || view.standalone {
            return Vec::new();
        }
        let own = self
            .inventory
            .containers
            .iter()
            .filter(|container| container.is_active() == Some(true) && self.belongs(container, view));
        let up: BTreeSet<&str> = own.filter_map(|container| Some(container.service()?.value.as_str())).collect();
        if up.is_empty() {
            return Vec::new();
        }
        let expected = |service: &ServiceRef<'p, 'a>| {
            service.profiles.is_empty() && !service.is_one_shot() && !up.contains(service.service.spec.name.as_str())
        };
        self.services_of(view).filter(expected).collect()
    }

    /// Whether a file of the project is the end of an absolute path on the machine.
    fn has_end_of(&self, absolute: &str) -> bool {
        let ends = absolute.match_indices('/').filter_map(|(at, _)| absolute.get(at + 1..));
        ends.chain(std::iter::once(absolute)).filter(|end| !end.is_empty()).any(|end| self.sources.knows(end))
    }

    fn belongs(&self, container: &Container, view: &View) -> bool {
        self.fit(container, view) > 0
    }

    fn standing<'p>(&'p self, container: &'p Container) -> Standing<'p, 'a> {
        if container.is_one_off() || container.is_hook() {
            return Standing::OneOff;
        }
        let Some(service) = container.service() else {
            return match container.is_managed() {
                Some(true) => Standing::OtherProject,
                Some(false) => self.by_name(container).map_or(Standing::Unmanaged, Standing::Declared),
                None => self.by_name(container).map_or(Standing::Unknown, Standing::Declared),
            };
        };
        let views = self.views.iter().filter(|view| !view.standalone && !self.is_running(view));
        let mut fitting: Vec<(u32, &View)> =
            views.map(|view| (self.fit(container, view), view)).filter(|(fit, _)| *fit > 0).collect();
        // The best first; of equal ones the first of the files.
        fitting.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
        let declared = fitting.iter().find_map(|(_, view)| self.service(view, &service.value));
        match (declared, fitting.first()) {
            (Some(declared), _) => Standing::Declared(declared),
            (None, Some((_, view))) => {
                let files = container.config_files();
                Standing::Orphan { view, certain: !files.is_empty() && files.iter().all(|file| self.has_end_of(file)) }
            }
            (None, None) => Standing::OtherProject,
        }
    }

    /// How well a view fits to the project a container was made in; 0 is not at all.
    fn fit(&self, container: &Container, view: &View) -> u32 {
        let files = container.config_files();
        let own: Vec<&str> = view.files.iter().map(|file| self.path(*file)).collect();
        if !files.is_empty() {
            let common = files.iter().filter(|file| own.iter().any(|path| is_end_of(path, file))).count();
            let exact = common == files.len() && common == own.len();
            let common = u32::try_from(common).unwrap_or(0);
            return if exact { 1000 } else { common };
        }
        let Some(project) = container.project() else { return 0 };
        u32::from(self.project_name(view).is_some_and(|name| name == project.value))
    }

    /// The name Compose gives to the project of a view: `name`, `COMPOSE_PROJECT_NAME`, or its folder's name. `None` when the files
    /// do not show the folder's name.
    #[must_use]
    pub fn project_name(&self, view: &View) -> Option<String> {
        let by_env = self.sources.id(&join(&view.folder, ".env")).and_then(|id| self.env_file(id)).and_then(|file| {
            file.entries.iter().find(|entry| entry.key == "COMPOSE_PROJECT_NAME").and_then(|entry| entry.value.clone())
        });
        let by_file = view.files.iter().rev().find_map(|&file| {
            let tree = self.tree(file)?;
            let (_, value) = tree.documents.iter().find_map(|document| tree.get(*document, "name"))?;
            scalar(tree, value).filter(|name| !name.contains('$'))
        });
        let by_folder = || Some(normalised(file_name(&view.folder))).filter(|name| !name.is_empty());
        by_env.filter(|name| !name.is_empty()).or(by_file).or_else(by_folder)
    }

    /// Without labels: the service that asks for this container's name, or whose containers have names like it.
    fn by_name<'p>(&'p self, container: &'p Container) -> Option<ServiceRef<'p, 'a>> {
        let name = container.name();
        let asked = |service: &ServiceRef<'p, 'a>| {
            service.node.get("container_name").and_then(crate::model::node::Node::text) == Some(name)
        };
        if let Some(service) = self.declared_services().find(asked) {
            return Some(service);
        }
        if container.labels.is_some() {
            return None;
        }
        // `shop-app-1`, `shop_app_1`, where nothing tells of labels.
        self.declared_services().find(|service| {
            let Some(project) = self.project_name(service.view()) else { return false };
            let rest = name.strip_prefix(project.as_str()).and_then(|rest| rest.strip_prefix(['-', '_']));
            let number = rest
                .and_then(|rest| rest.strip_prefix(service.name.as_str()))
                .and_then(|rest| rest.strip_prefix(['-', '_']));
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        })
    }
}

fn scalar(tree: &yaml::Tree, id: yaml::Id) -> Option<String> {
    tree.str(id).map(str::to_owned)
}

/// Whether a path of the project is the end of an absolute path on the machine: `docker/compose.yaml` of `/srv/shop/docker/compose.yaml`.
fn is_end_of(path: &str, absolute: &str) -> bool {
    let absolute = absolute.trim();
    absolute == path || absolute.strip_suffix(path).is_some_and(|rest| rest.ends_with(['/', '\\']))
}

/// A folder's name as Compose makes a project's of it.
fn normalised(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let kept: String = lower.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// The absolute path that a relative one means, from a working folder.
pub(super) fn absolute(working_dir: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.trim_end_matches('/').to_owned();
    }
    format!("/{}", join(working_dir.trim_start_matches('/'), path))
}

/// The folder of the first Compose file, where no label tells the working folder.
pub(super) fn working_dir(container: &Container) -> Option<String> {
    let label = container.working_dir().map(|label| label.value.clone());
    label.or_else(|| container.config_files().first().map(|file| folder(file).to_owned()))
}

//! The resolved model as entities and relations.

use super::describe::Documents;
use super::properties::Properties;
use super::stages::Stages;
use super::{containers, packages, reach, services};
use crate::image::ImageRef;
use crate::model::compose::{Network, Resource};
use crate::project::{Project, ServiceRef, View};
use crate::source::Location;
use plimsoll_plugin_abi as abi;
use std::collections::BTreeMap;

/// Entities and relations of a project.
pub(super) fn describe(project: &Project<'_>, documents: &Documents) -> (Vec<abi::Entity>, Vec<abi::Relation>) {
    let mut model = Model { project, documents, entities: Vec::new(), relations: Vec::new(), images: BTreeMap::new() };
    let mut stages = Stages::default();
    let containers = containers::describe(&mut model);
    for view in &project.views {
        model.view(view, &mut stages, &containers);
    }
    stages.finish(&mut model);
    packages::describe(&mut model);
    (model.entities, model.relations)
}

/// The model in the making.
pub(super) struct Model<'p, 'a> {
    pub(super) project: &'p Project<'a>,
    documents: &'p Documents,
    pub(super) entities: Vec<abi::Entity>,
    relations: Vec<abi::Relation>,
    images: BTreeMap<(Option<Location>, String), u32>,
}

/// The entities of what services of one view share, by name.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) networks: BTreeMap<String, u32>,
    pub(super) volumes: BTreeMap<String, u32>,
    pub(super) secrets: BTreeMap<String, u32>,
    pub(super) configs: BTreeMap<String, u32>,
}

impl<'p> Model<'p, '_> {
    /// Adds an entity; its index.
    pub(super) fn entity(&mut self, kind: &str, name: &str, at: Option<Location>, properties: Properties) -> u32 {
        let index = u32::try_from(self.entities.len()).unwrap_or(u32::MAX);
        let origin = self.place(at);
        let properties = self.properties(properties);
        self.entities.push(abi::Entity { kind: kind.to_owned(), name: name.to_owned(), origin, properties });
        index
    }

    /// Adds a relation.
    pub(super) fn relate(
        &mut self,
        kind: &str,
        source: u32,
        target: u32,
        at: Option<Location>,
        properties: Properties,
    ) {
        let origin = self.place(at);
        let properties = self.properties(properties);
        self.relations.push(abi::Relation { kind: kind.to_owned(), source, target, origin, properties });
    }

    /// Adds a property to an entity that stands already.
    pub(super) fn amend(&mut self, entity: u32, key: &str, value: &str) {
        if let Some(entity) = self.entities.get_mut(entity as usize) {
            entity.properties.push(abi::Property { key: key.to_owned(), value: value.to_owned(), origin: None });
        }
    }

    /// The entity of an image reference: one for each place where one is written.
    pub(super) fn image(&mut self, text: &str, known: bool, at: Option<Location>) -> u32 {
        let key = (at, text.to_owned());
        if let Some(&index) = self.images.get(&key) {
            return index;
        }
        let mut properties = Properties::default().flag("known", known);
        if let Some(image) = known.then(|| ImageRef::parse(text).ok()).flatten() {
            let registry = image.registry.clone().unwrap_or_else(|| "docker.io".to_owned());
            let official = if image.is_official() { "library/" } else { "" };
            properties = properties
                .add("repository", format!("{registry}/{official}{}", image.path))
                .add("registry", registry)
                .maybe("tag", image.tag.clone())
                .maybe("digest", image.digest.clone());
        }
        let index = self.entity("image", text, at, properties);
        self.images.insert(key, index);
        index
    }

    fn view(&mut self, view: &'p View, stages: &mut Stages, containers: &[u32]) {
        let running = self.project.is_running(view);
        let mut properties = Properties::default()
            .add("folder", &view.folder)
            .add("context", view.context.as_str())
            .flag("standalone", view.standalone)
            .flag("running", running)
            .text("project-name", view.project_name.as_ref());
        for &file in &view.files {
            properties = properties.add("file", self.project.path(file));
        }
        for profile in &view.active_profiles {
            properties = properties.add("profile", profile);
        }
        let own = self.entity("view", &view.name, None, properties);
        let mut shared = Shared {
            networks: view
                .networks
                .iter()
                .map(|network| (network.name.clone(), self.network(own, view, network)))
                .collect(),
            volumes: self.all(&view.volumes, |model, one| model.volume(own, view, one)),
            secrets: self.all(&view.secrets, |model, one| model.granted("secret", own, view, one)),
            configs: self.all(&view.configs, |model, one| model.granted("config", own, view, one)),
        };
        let mut services: BTreeMap<&str, u32> = BTreeMap::new();
        for service in self.project.services_of(view) {
            let index = services::describe(self, service, &shared);
            self.relate("contains", own, index, None, Properties::default());
            services.insert(&service.service().spec.name, index);
            stages.service(self, service, index);
            self.networks(service, index, &mut shared.networks, own);
            for container in service.containers() {
                let nth = self.project.inventory.containers.iter().position(|known| std::ptr::eq(known, container));
                if let Some(&container) = nth.and_then(|nth| containers.get(nth)) {
                    self.relate("runs-as", index, container, None, Properties::default());
                }
            }
        }
        reach::describe(self, view, &services);
    }

    fn all(
        &mut self,
        resources: &[Resource],
        mut add: impl FnMut(&mut Self, &Resource) -> u32,
    ) -> BTreeMap<String, u32> {
        resources.iter().map(|resource| (resource.name.clone(), add(self, resource))).collect()
    }

    fn network(&mut self, own: u32, view: &View, network: &Network) -> u32 {
        let properties = Properties::default()
            .add("view", &view.name)
            .flag("internal", network.internal)
            .flag("external", network.external)
            .maybe("driver", network.driver.clone())
            .options("driver-option", &network.options)
            .pairs("label", &network.labels)
            .text("engine-name", network.own_name.as_ref())
            .switch("attachable", network.attachable.as_ref())
            .switch("enable-ipv6", network.enable_ipv6.as_ref())
            .texts("subnet", &network.subnets);
        let index = self.entity("network", &network.name, network.at, properties);
        self.relate("contains", own, index, None, Properties::default());
        index
    }

    fn volume(&mut self, own: u32, view: &View, volume: &Resource) -> u32 {
        let properties = Properties::default()
            .add("view", &view.name)
            .flag("external", volume.external)
            .text("driver", volume.driver.as_ref())
            .options("driver-option", &volume.options)
            .pairs("label", &volume.labels)
            .text("engine-name", volume.own_name.as_ref())
            .text("device", volume.device.as_ref());
        let index = self.entity("volume", &volume.name, Some(volume.at), properties);
        self.relate("contains", own, index, None, Properties::default());
        index
    }

    fn granted(&mut self, kind: &str, own: u32, view: &View, one: &Resource) -> u32 {
        let properties = Properties::default()
            .add("view", &view.name)
            .flag("external", one.external)
            .text("file", one.file.as_ref())
            .text("environment", one.environment.as_ref())
            .text("driver", one.driver.as_ref())
            .pairs("label", &one.labels)
            .text("engine-name", one.own_name.as_ref());
        let index = self.entity(kind, &one.name, Some(one.at), properties);
        self.relate("contains", own, index, None, Properties::default());
        index
    }

    fn networks(&mut self, service: ServiceRef<'_, '_>, own: u32, networks: &mut BTreeMap<String, u32>, view: u32) {
        for name in service.network_names() {
            let index = match networks.get(name) {
                Some(&index) => index,
                // Compose makes the default network by itself; any other must be declared.
                None if name == "default" => {
                    let index = self.network(view, service.view(), &Network::new(name.to_owned(), None));
                    networks.insert(name.to_owned(), index);
                    index
                }
                None => continue,
            };
            let membership = service.networks.iter().find(|membership| membership.network == name);
            let mut properties = Properties::default();
            for alias in membership.iter().flat_map(|membership| &membership.aliases) {
                properties = properties.add("alias", alias);
            }
            self.relate("uses-network", own, index, membership.map(|membership| membership.at), properties);
        }
    }

    fn place(&self, at: Option<Location>) -> Option<abi::Location> {
        self.documents.location(self.project, at?)
    }

    fn properties(&self, properties: Properties) -> Vec<abi::Property> {
        properties
            .into_list()
            .into_iter()
            .map(|(key, value, at)| abi::Property { key: key.to_owned(), value, origin: self.place(at) })
            .collect()
    }
}

//! The resolved model as entities and relations.

use super::describe::Documents;
use super::stages::Stages;
use crate::image::ImageRef;
use crate::model::compose::mounts::{Mount, MountKind};
use crate::model::compose::ports::Port;
use crate::model::compose::{EnvVar, Resource, Text};
use crate::project::{Privilege, Project, ServiceRef, View};
use crate::source::Location;
use plimsoll_plugin_abi as abi;
use std::collections::BTreeMap;

/// Entities and relations of a project.
pub(super) fn describe(project: &Project<'_>, documents: &Documents) -> (Vec<abi::Entity>, Vec<abi::Relation>) {
    let mut model = Model { project, documents, entities: Vec::new(), relations: Vec::new(), images: BTreeMap::new() };
    let mut stages = Stages::default();
    for view in &project.views {
        model.view(view, &mut stages);
    }
    stages.finish(&mut model);
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

impl Model<'_, '_> {
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

    fn view(&mut self, view: &View, stages: &mut Stages) {
        let mut properties = Properties::default()
            .add("folder", &view.folder)
            .add("context", view.context.as_str())
            .flag("standalone", view.standalone);
        for &file in &view.files {
            properties = properties.add("file", self.project.path(file));
        }
        let own = self.entity("view", &view.name, None, properties);
        let mut networks: BTreeMap<String, u32> = BTreeMap::new();
        for network in &view.networks {
            let properties = Properties::default()
                .add("view", &view.name)
                .flag("internal", network.internal)
                .flag("external", network.external)
                .maybe("driver", network.driver.clone());
            let index = self.entity("network", &network.name, network.at, properties);
            self.relate("contains", own, index, None, Properties::default());
            networks.insert(network.name.clone(), index);
        }
        let volumes = self.resources(own, view, "volume", &view.volumes, |volume| ("device", volume.device.as_ref()));
        let secrets = self.resources(own, view, "secret", &view.secrets, |secret| ("file", secret.file.as_ref()));
        let mut services: BTreeMap<String, u32> = BTreeMap::new();
        for service in self.project.services_of(view) {
            let index = self.service(service);
            self.relate("contains", own, index, None, Properties::default());
            services.insert(service.name.clone(), index);
            stages.service(self, service, index);
            self.networks(service, index, &mut networks, own);
            for port in &service.ports {
                self.port(service, index, port);
            }
            for mount in &service.mounts {
                self.mount(service, index, mount, &volumes);
            }
            for grant in &service.secrets {
                if let Some(&secret) = secrets.get(&grant.source) {
                    self.relate(
                        "reads-secret",
                        index,
                        secret,
                        Some(grant.at),
                        Properties::default().add("target", &grant.target),
                    );
                }
            }
        }
        for service in self.project.services_of(view) {
            for need in service.needs() {
                if let (Some(&from), Some(&to)) = (services.get(&need.from), services.get(&need.to)) {
                    self.relate("needs", from, to, Some(need.at), Properties::default());
                }
            }
        }
    }

    fn resources(
        &mut self,
        own: u32,
        view: &View,
        kind: &str,
        all: &[Resource],
        extra: fn(&Resource) -> (&'static str, Option<&Text>),
    ) -> BTreeMap<String, u32> {
        let mut indices = BTreeMap::new();
        for resource in all {
            let (key, text) = extra(resource);
            let mut properties = Properties::default().add("view", &view.name);
            if let Some(text) = text {
                properties = properties.at(key, &text.text, text.at);
            }
            let index = self.entity(kind, &resource.name, Some(resource.at), properties);
            self.relate("contains", own, index, None, Properties::default());
            indices.insert(resource.name.clone(), index);
        }
        indices
    }

    fn service(&mut self, service: ServiceRef<'_, '_>) -> u32 {
        let user = service.effective_user();
        let mut properties = Properties::default()
            .add("view", &service.view().name)
            .add("context", service.context.as_str())
            .add("role", service.role.name)
            .add("group", service.role.group().as_str())
            .maybe("user", user.name.clone())
            .at("privilege", privilege(user.privilege), user.at);
        if let Some(image) = &service.image {
            properties = properties.at("image", &image.text, image.at).flag("image-known", image.is_known());
        }
        if let Some(privileged) = &service.privileged {
            properties = properties.at("privileged", if privileged.value { "true" } else { "false" }, privileged.at);
        }
        let texts = |key: &'static str, texts: &[Text]| {
            texts.iter().map(|text| (key, text.text.clone(), text.at)).collect::<Vec<_>>()
        };
        let mut listed: Vec<(&'static str, String, Location)> = Vec::new();
        listed.extend(service.network_mode.iter().map(|text| ("network-mode", text.text.clone(), text.at)));
        listed.extend(service.restart.iter().map(|text| ("restart", text.text.clone(), text.at)));
        listed.extend(texts("profile", &service.profiles));
        listed.extend(texts("cap-add", &service.cap_add));
        listed.extend(texts("cap-drop", &service.cap_drop));
        let variables = |key: &'static str, all: &[EnvVar]| {
            let line = |one: &EnvVar| match &one.value {
                Some(value) => (key, format!("{}={}", one.key, value.text), value.at),
                None => (key, one.key.clone(), one.key_at),
            };
            all.iter().map(line).collect::<Vec<_>>()
        };
        listed.extend(variables("environment", &service.variables));
        listed.extend(variables("label", &service.labels));
        for (key, value, at) in listed {
            properties = properties.at(key, value, at);
        }
        let index = self.entity("service", &service.name, Some(service.at), properties);
        if let (Some(image), None) = (&service.image, &service.build_use) {
            let target = self.image(&image.text, image.is_known(), Some(image.at));
            self.relate("runs", index, target, Some(image.at), Properties::default());
        }
        index
    }

    fn networks(&mut self, service: ServiceRef<'_, '_>, own: u32, networks: &mut BTreeMap<String, u32>, view: u32) {
        for name in service.network_names() {
            let index = match networks.get(name) {
                Some(&index) => index,
                // Compose makes the default network by itself; any other must be declared.
                None if name == "default" => {
                    let properties = Properties::default()
                        .add("view", &service.view().name)
                        .flag("internal", false)
                        .flag("external", false);
                    let index = self.entity("network", name, None, properties);
                    self.relate("contains", view, index, None, Properties::default());
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

    fn port(&mut self, service: ServiceRef<'_, '_>, own: u32, port: &Port) {
        let range = |(from, to): (u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
        let target = range(port.target);
        let properties = Properties::default()
            .add("view", &service.view().name)
            .add("service", &service.name)
            .maybe("host-ip", port.host_ip.clone())
            .maybe("published", port.published.map(range))
            .add("target", &target)
            .add("protocol", &port.protocol)
            .flag("known", port.known);
        let index =
            self.entity("port", &format!("{}:{target}/{}", port.host_side(), port.protocol), Some(port.at), properties);
        self.relate("publishes", own, index, Some(port.at), Properties::default());
    }

    fn mount(&mut self, service: ServiceRef<'_, '_>, own: u32, mount: &Mount, volumes: &BTreeMap<String, u32>) {
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
            .flag("read-only", mount.read_only)
            .maybe("propagation", mount.propagation.clone())
            .flag("known", mount.known);
        let index = self.entity("mount", &mount.target, Some(mount.at), properties);
        self.relate("mounts", own, index, Some(mount.at), Properties::default());
        if let Some(&volume) =
            mount.source.as_ref().filter(|_| mount.kind == MountKind::Volume).and_then(|source| volumes.get(source))
        {
            self.relate("mounts", index, volume, Some(mount.at), Properties::default());
        }
    }

    fn place(&self, at: Option<Location>) -> Option<abi::Location> {
        self.documents.location(self.project, at?)
    }

    fn properties(&self, properties: Properties) -> Vec<abi::Property> {
        properties
            .0
            .into_iter()
            .map(|(key, value, at)| abi::Property { key: key.to_owned(), value, origin: self.place(at) })
            .collect()
    }
}

/// Keys and values in the making.
#[derive(Default)]
pub(super) struct Properties(Vec<(&'static str, String, Option<Location>)>);

impl Properties {
    pub(super) fn add(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.push((key, value.into(), None));
        self
    }

    fn at(mut self, key: &'static str, value: impl Into<String>, at: Location) -> Self {
        self.0.push((key, value.into(), Some(at)));
        self
    }

    fn maybe(self, key: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.add(key, value),
            None => self,
        }
    }

    pub(super) fn flag(self, key: &'static str, value: bool) -> Self {
        self.add(key, if value { "true" } else { "false" })
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

//! Dockerfile stages: made once for each Dockerfile and set of build arguments, however many services are built from it.

use super::model::Model;
use super::properties::Properties;
use crate::model::dockerfile::{Base, BuildModel, Expanded, LinkSource, Stage};
use crate::project::ServiceRef;
use crate::source::{Location, SourceId};
use crate::syntax::dockerfile::Keyword;
use plimsoll_plugin_abi as abi;
use std::collections::BTreeSet;

/// The stages added so far.
#[derive(Default)]
pub(super) struct Stages {
    builds: Vec<Build>,
}

/// One Dockerfile with one set of build arguments.
struct Build {
    source: SourceId,
    model: BuildModel,
    /// Index of the entity of the first stage; the others follow.
    first: u32,
    used: BTreeSet<usize>,
    deployed: BTreeSet<usize>,
}

impl Stages {
    /// Adds the stages a service is built from, and relates it to the one it runs.
    pub(super) fn service(&mut self, model: &mut Model<'_, '_>, service: ServiceRef<'_, '_>, own: u32) {
        let Some(used) = &service.build_use else { return };
        let Some(source) = used.dockerfile else { return };
        let at = self.builds.iter().position(|build| build.source == source && build.model == used.model);
        let at = at.unwrap_or_else(|| self.add(model, source, &used.model));
        let Some(build) = self.builds.get_mut(at) else { return };
        build.used.extend(&used.stages_used);
        build.deployed.extend(used.final_chain());
        if let Some(stage) = used.stage.and_then(|stage| index(build.first, stage)) {
            let at = service.build.as_ref().map(|build| build.at);
            model.relate("builds-from", own, stage, at, Properties::default());
        }
    }

    fn add(&mut self, model: &mut Model<'_, '_>, source: SourceId, build: &BuildModel) -> usize {
        let first = u32::try_from(model.entities.len()).unwrap_or(u32::MAX);
        let at = |span| Some(Location::new(source, span));
        for stage in &build.stages {
            let (kind, base, known) = match &stage.base {
                Base::Image(image) => ("image", image.text.clone(), image.known),
                Base::Stage(number) => ("stage", name(build, *number), true),
                Base::Scratch => ("scratch", "scratch".to_owned(), true),
            };
            let properties = Properties::default()
                .add("index", stage.index.to_string())
                .add("base", base)
                .add("base-kind", kind)
                .flag("base-known", known);
            let properties = self::own(properties, stage, source);
            let properties = labels(properties, model, stage, source);
            model.entity("stage", &name(build, stage.index), at(stage.base_span), properties);
        }
        for stage in &build.stages {
            let Some(own) = index(first, stage.index) else { continue };
            let target = match &stage.base {
                Base::Image(image) => Some(self::image(model, image, at(stage.base_span))),
                Base::Stage(number) => index(first, *number),
                Base::Scratch => None,
            };
            if let Some(target) = target {
                model.relate("builds-from", own, target, at(stage.base_span), Properties::default());
            }
            for link in &stage.links {
                let target = match &link.source {
                    LinkSource::Image(image) => Some(self::image(model, image, at(link.span))),
                    LinkSource::Stage(number) => index(first, *number),
                };
                if let Some(target) = target {
                    model.relate("copies-from", own, target, at(link.span), Properties::default());
                }
            }
        }
        self.builds.push(Build {
            source,
            model: build.clone(),
            first,
            used: BTreeSet::new(),
            deployed: BTreeSet::new(),
        });
        self.builds.len() - 1
    }

    /// Which stages are used is known when all services have been seen.
    pub(super) fn finish(self, model: &mut Model<'_, '_>) {
        for build in &self.builds {
            for stage in 0..build.model.stages.len() {
                let entity = index(build.first, stage).and_then(|at| model.entities.get_mut(at as usize));
                if let Some(entity) = entity {
                    let flag = |key: &str, set: &BTreeSet<usize>| abi::Property {
                        key: key.to_owned(),
                        value: set.contains(&stage).to_string(),
                        origin: None,
                    };
                    entity.properties.push(flag("used", &build.used));
                    entity.properties.push(flag("deployed", &build.deployed));
                }
            }
        }
    }
}

/// What the stage itself sets.
fn own(properties: Properties, stage: &Stage, source: SourceId) -> Properties {
    let at = |span| Location::new(source, span);
    let mut properties = properties.maybe("platform", stage.platform.as_ref().map(|platform| platform.text.clone()));
    if let Some(user) = &stage.user {
        properties = properties.at("user", &user.value.text, at(user.span));
    }
    properties = properties.maybe("working-dir", stage.workdir.as_ref().map(|folder| folder.text.clone()));
    for (key, all) in [("expose", &stage.exposed), ("volume", &stage.volumes)] {
        properties = all.iter().fold(properties, |properties, one| properties.at(key, &one.value.text, at(one.span)));
    }
    properties
}

/// Its labels, as written.
fn labels(mut properties: Properties, model: &Model<'_, '_>, stage: &Stage, source: SourceId) -> Properties {
    let Some(file) = model.project.dockerfile(source) else { return properties };
    for instruction in file.instructions.get(stage.instructions.clone()).unwrap_or_default() {
        for pair in instruction.pairs.iter().filter(|_| instruction.keyword == Keyword::Label) {
            let value = format!("{}={}", pair.key, pair.value.as_deref().unwrap_or_default());
            properties = properties.at("label", value, Location::new(source, pair.span()));
        }
    }
    properties
}

fn index(first: u32, stage: usize) -> Option<u32> {
    first.checked_add(u32::try_from(stage).ok()?)
}

fn name(build: &BuildModel, stage: usize) -> String {
    let alias = build.stages.get(stage).and_then(|stage| stage.alias.as_ref());
    alias.map_or_else(|| stage.to_string(), |(name, _)| name.clone())
}

fn image(model: &mut Model<'_, '_>, image: &Expanded, at: Option<Location>) -> u32 {
    model.image(&image.text, image.known, at)
}

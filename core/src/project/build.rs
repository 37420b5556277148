//! From a service to the Dockerfile stage it is built from, its build context and its base image.

use super::Project;
use crate::facts::Facts;
use crate::facts::images::ImageRow;
use crate::image::ImageRef;
use crate::model::compose::{Build, Text};
use crate::model::dockerfile::{BuildModel, model};
use crate::source::{Location, SourceId, folder, join};
use crate::syntax::dockerfile::{Dockerfile, Instruction, Keyword};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The Dockerfile a service is built from.
#[derive(Debug)]
pub struct BuildUse {
    /// The build context's folder; `None` when it is not a folder of the project.
    pub context: Option<String>,
    /// The Dockerfile's name, whether it was supplied or not; `None` for one written inside a Compose file.
    pub dockerfile_path: Option<String>,
    /// The Dockerfile.
    pub dockerfile: Option<SourceId>,
    /// Its stages with the service's build arguments.
    pub model: BuildModel,
    /// The stage that is built.
    pub stage: Option<usize>,
    /// Every stage whose result the built stage takes, itself included.
    pub stages_used: BTreeSet<usize>,
    /// The ignore file that applies.
    pub ignore: Option<SourceId>,
}

impl BuildUse {
    /// The built stage and the stages it is `FROM`, nearest first: what ends up in the image.
    #[must_use]
    pub fn final_chain(&self) -> Vec<usize> {
        self.stage.map(|stage| self.model.chain(stage)).unwrap_or_default()
    }

    /// Whether a stage's layers are part of the image.
    #[must_use]
    pub fn is_final(&self, stage: usize) -> bool {
        self.final_chain().contains(&stage)
    }

    /// Instructions of every stage the build runs, with their stage, in file order. A stage begins with the ONBUILD triggers of the
    /// stage it is based on, as the instructions they are.
    pub fn instructions<'d>(&self, file: &'d Dockerfile) -> impl Iterator<Item = (usize, &'d Instruction)> {
        self.of_stages(file, self.stages_used.iter().copied())
    }

    /// Instructions whose effect is in the image, oldest first, ONBUILD triggers included.
    pub fn final_instructions<'d>(&self, file: &'d Dockerfile) -> impl Iterator<Item = (usize, &'d Instruction)> {
        self.of_stages(file, self.final_chain().into_iter().rev())
    }

    fn of_stages<'d>(
        &self,
        file: &'d Dockerfile,
        stages: impl Iterator<Item = usize>,
    ) -> std::vec::IntoIter<(usize, &'d Instruction)> {
        let steps = stages.flat_map(|stage| self.model.steps(file, stage).map(move |step| (stage, step.instruction)));
        steps.collect::<Vec<_>>().into_iter()
    }
}

/// The image a service runs, or that its stage starts from.
#[derive(Clone, Debug, Default)]
pub struct ImageUse {
    /// The reference, when it can be read.
    pub reference: Option<ImageRef>,
    /// Its text.
    pub text: String,
    /// Where it is written.
    pub at: Option<Location>,
    /// Whether the service is built: then this is its base.
    pub is_base: bool,
    pub(super) row: Option<Cow<'static, ImageRow>>,
}

impl ImageUse {
    /// What is known of the image.
    #[must_use]
    pub fn row(&self) -> Option<&ImageRow> {
        self.row.as_deref()
    }
}

/// Finds what a service's `build` refers to.
pub(super) fn link(project: &Project<'_>, view_folder: &str, build: &Build) -> BuildUse {
    let remote = build.context.contains("://")
        || build.context.starts_with("git@")
        || build.context.contains("${")
        || build.context.starts_with("service:");
    let context = (!remote).then(|| join(view_folder, &build.context));
    let path = context
        .as_ref()
        .filter(|_| build.inline.is_none())
        .map(|context| join(context, build.dockerfile.as_deref().unwrap_or("Dockerfile")));
    let dockerfile = match build.inline {
        Some(at) => project.sources.embedded_at(at),
        None => path.as_ref().and_then(|path| project.sources.id(path)),
    };
    let args: BTreeMap<String, String> = build
        .args
        .iter()
        .filter_map(|arg| Some((arg.key.clone(), arg.value.as_ref().filter(|value| value.is_known())?.text.clone())))
        .collect();
    let target = build.target.as_ref().filter(|target| target.is_known()).map(|target| target.text.as_str());
    let ignore = ignore_file(project, path.as_deref(), context.as_deref());
    with_model(project, context, path, dockerfile, target, &args, ignore)
}

/// A Dockerfile on its own: its folder is the likely context.
pub(super) fn standalone(project: &Project<'_>, id: SourceId) -> BuildUse {
    let path = project.path(id);
    let above = || std::iter::successors(Some(folder(path)), |place| (!place.is_empty()).then(|| folder(place)));
    // `docker/php/Dockerfile` is usually built from the top: the nearest folder in which what it copies exists is the context.
    let copied = project.dockerfile(id).map(copied_names).unwrap_or_default();
    let found = |place: &&str| copied.iter().filter(|name| project.sources.has(&join(place, name))).count();
    let most = above().map(|place| found(&place)).max().unwrap_or(0);
    let by_copies = above().find(|place| most > 0 && found(place) == most);
    let by_files = || {
        above().find(|place| {
            ["composer.json", ".dockerignore"].iter().any(|name| project.sources.knows(&join(place, name)))
        })
    };
    let context = by_copies.or_else(by_files).unwrap_or(folder(path));
    let ignore = ignore_file(project, Some(path), Some(context));
    with_model(project, Some(context.to_owned()), Some(path.to_owned()), Some(id), None, &BTreeMap::new(), ignore)
}

/// A Dockerfile as a pipeline or a script builds it.
pub(super) fn piped(project: &Project<'_>, built: &super::PipelineBuild) -> BuildUse {
    let args: BTreeMap<String, String> = built
        .args
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_ref().filter(|value| value.is_known())?.text.clone())))
        .collect();
    let target = built.target.as_ref().filter(|target| target.is_known()).map(|target| target.text.as_str());
    let ignore = ignore_file(project, built.dockerfile_path.as_deref(), built.context.as_deref());
    let (context, path) = (built.context.clone(), built.dockerfile_path.clone());
    with_model(project, context, path, built.dockerfile, target, &args, ignore)
}

/// Names that a Dockerfile copies out of its context: those that say where the context is.
fn copied_names(file: &Dockerfile) -> Vec<&str> {
    file.instructions
        .iter()
        .filter(|instruction| {
            matches!(instruction.keyword, Keyword::Copy | Keyword::Add) && instruction.flag("from").is_none()
        })
        .flat_map(|instruction| instruction.args.split_last().map_or(&[][..], |(_, sources)| sources))
        .map(|source| source.text.trim_matches('"').trim_start_matches("./"))
        .filter(|name| !name.is_empty() && !name.contains(['$', '*', '?', ':', '<']) && *name != ".")
        .take(40)
        .collect()
}

fn with_model(
    project: &Project<'_>,
    context: Option<String>,
    dockerfile_path: Option<String>,
    dockerfile: Option<SourceId>,
    target: Option<&str>,
    args: &BTreeMap<String, String>,
    ignore: Option<SourceId>,
) -> BuildUse {
    let file = dockerfile.and_then(|id| project.dockerfile(id));
    let empty = crate::syntax::dockerfile::parse("");
    let built = model(file.unwrap_or(&empty), args);
    let stage = built.stage(target);
    let stages_used = stage.map(|stage| built.used_by(stage)).unwrap_or_default();
    BuildUse { context, dockerfile_path, dockerfile, model: built, stage, stages_used, ignore }
}

/// `<Dockerfile>.dockerignore` wins over the context's `.dockerignore`.
fn ignore_file(project: &Project<'_>, dockerfile: Option<&str>, context: Option<&str>) -> Option<SourceId> {
    let own = dockerfile.and_then(|path| project.sources.id(&format!("{path}.dockerignore")));
    own.or_else(|| project.sources.id(&join(context?, ".dockerignore")))
}

/// The image a service runs or is based on.
pub(super) fn image_use(facts: &Facts, image: Option<&Text>, build: Option<&BuildUse>) -> ImageUse {
    if let Some(used) = build {
        let base = used.stage.and_then(|stage| used.model.external_base(stage));
        let (Some((expanded, span)), Some(source)) = (base, used.dockerfile) else {
            return ImageUse { is_base: true, ..ImageUse::default() };
        };
        let reference = if expanded.known { ImageRef::parse(&expanded.text).ok() } else { None };
        let row = reference.as_ref().and_then(|image| facts.image(image));
        return ImageUse {
            reference,
            text: expanded.text.clone(),
            at: Some(Location::new(source, span)),
            is_base: true,
            row,
        };
    }
    let Some(image) = image else { return ImageUse::default() };
    let reference = reference_of(image);
    let row = reference.as_ref().and_then(|image| facts.image(image));
    ImageUse { reference, text: image.text.clone(), at: Some(image.at), is_base: false, row }
}

/// A reference whose name is known; an unknown tag leaves the name readable.
fn reference_of(image: &Text) -> Option<ImageRef> {
    if image.is_known() {
        return ImageRef::parse(&image.text).ok();
    }
    let name = image.text.split("${").next().unwrap_or("").trim_end_matches([':', '@']);
    ImageRef::parse(name).ok().filter(|_| !name.is_empty() && !name.ends_with('/'))
}

//! Base images only from the registries and paths an organisation allows.
//!
//! It looks at every `FROM` of a stage that some service needs, at every `COPY --from` and `RUN --mount=from=` of an image, and at
//! every `image:` of a service. Stages nobody builds are left alone, and so is the name that a service gives to the image it builds
//! itself. A reference with a variable that has no value in the files is left alone too: nothing can be said of it.
//!
//! README.md is its manual.

mod settings;

#[cfg(test)]
mod tests;

use plimsoll_plugin_sdk::prelude::*;
use settings::Allowlist;
use std::collections::BTreeSet;

const NOT_ALLOWED: &str = "image-not-allowed";
const NO_DIGEST: &str = "image-without-digest";

/// The plug-in.
pub struct BaseImageAllowlist;

impl Plugin for BaseImageAllowlist {
    fn metadata() -> Metadata {
        plimsoll_plugin_sdk::metadata!()
            .rule(
                rule(
                    NOT_ALLOWED,
                    "Image is not from an allowed place",
                    Severity::High,
                    "Whoever controls a base image controls everything built on it. Images that the organisation mirrors and scans \
                     are known; any other may be abandoned, taken over or replaced.",
                )
                .help("Use an image from an allowed registry, or have this one added to the list.")
                .kinds(&["dockerfile", "compose"])
                .tags(&["supply-chain"]),
            )
            .rule(
                rule(
                    NO_DIGEST,
                    "Image is not pinned to a digest",
                    Severity::Medium,
                    "A tag can be moved to another image at any time; a digest cannot.",
                )
                .help("Add the digest that `docker buildx imagetools inspect` prints.")
                .kinds(&["dockerfile", "compose"])
                .tags(&["supply-chain"]),
            )
            .settings_schema(settings::SCHEMA)
    }

    fn check(project: &Project, settings: Settings<'_>) -> Result<Vec<Finding>, Error> {
        let list: Allowlist = settings.parse()?;
        list.validate()?;
        let judge = Judge { project, list: &list };
        let own = own_images(project);
        let mut found = Vec::new();
        let judged = |service: &Service<'_>| list.contexts.contains(&service.context());
        for service in project.services().filter(judged) {
            let pulled = service.image().filter(|image| !own.contains(image.text()));
            found.extend(pulled.and_then(|image| judge.image(image)).map(|finding| finding.on(service)));
            for image in images_of(service) {
                found.extend(judge.image(image).map(|finding| finding.on(service)));
            }
        }
        Ok(found)
    }
}

/// Names that services give to what they build: another service may run it, and no registry is asked for it.
fn own_images(project: &Project) -> BTreeSet<&str> {
    let builds = project.services().filter(|service| service.image().is_none());
    builds.filter_map(|service| service.property("image")).collect()
}

/// The images that a service is built from, in every stage it needs.
fn images_of(service: Service<'_>) -> Vec<Image<'_>> {
    let mut open: Vec<Stage<'_>> = service.stage().into_iter().collect();
    let (mut seen, mut images) = (BTreeSet::new(), Vec::new());
    while let Some(stage) = open.pop() {
        if !seen.insert(stage.index()) {
            continue;
        }
        match stage.base() {
            Base::Image(image) => images.push(image),
            Base::Stage(base) => open.push(base),
            Base::Scratch | Base::Unknown => {}
        }
        open.extend(stage.copied_stages());
        images.extend(stage.copied_images());
    }
    images
}

/// What judges one reference.
struct Judge<'j> {
    project: &'j Project,
    list: &'j Allowlist,
}

impl Judge<'_> {
    fn image(&self, image: Image<'_>) -> Option<Finding> {
        // Without a place there is nothing to show, without a name nothing to judge.
        let (at, repository) = (image.origin()?, image.repository()?);
        if !self.list.allows(repository) {
            let message = format!(
                "`{}` is not from an allowed place: {repository} matches none of the allowed patterns",
                image.text()
            );
            return Some(finding(NOT_ALLOWED, at, message).fix(self.replacement(image, at, repository)));
        }
        if self.list.needs_digest(repository) && image.digest().is_none() {
            let message = format!("`{}` can change without notice: it has no digest", image.text());
            return Some(finding(NO_DIGEST, at, message));
        }
        None
    }

    /// Puts the allowed name in the place of this one; only where the reference is written out, not where a variable makes it.
    fn replacement(&self, image: Image<'_>, at: Location, repository: &str) -> Option<Fix> {
        let new = self.list.replacements.get(repository)?;
        let start = self.project.text_at(at).find(image.text())?;
        let name = image.written_name().len();
        Some(fix(format!("Use {new}")).replace(part(at, start, start + name), new.as_str()))
    }
}

plimsoll_plugin_sdk::export!(BaseImageAllowlist);

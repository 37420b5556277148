//! Which images are the project's own: those it builds, and what else lies in the namespaces it pushes to.

use super::Project;
use crate::image::ImageRef;
use std::collections::BTreeSet;

/// Names of a project's own images and namespaces.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OwnImages {
    names: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl OwnImages {
    fn add(&mut self, text: &str) {
        // A tag is often a variable of the pipeline; the name before it is enough.
        let known = text.split('$').next().unwrap_or("").trim_end_matches([':', '@', '-']);
        if let Ok(image) = ImageRef::parse(known) {
            self.names.insert(image.name());
            self.namespaces.extend(image.publisher());
        }
    }

    /// Whether an image is one of them.
    #[must_use]
    pub fn contains(&self, image: &ImageRef) -> bool {
        self.names.contains(&image.name())
            || image.publisher().is_some_and(|publisher| self.namespaces.contains(&publisher))
    }
}

impl ImageRef {
    /// Who publishes it: everything before the last part of its name, `acme`, `ghcr.io/acme`; `None` for the official
    /// images.
    #[must_use]
    pub fn publisher(&self) -> Option<String> {
        self.name().rsplit_once('/').map(|(publisher, _)| publisher.to_owned())
    }
}

impl Project<'_> {
    /// The images that its pipelines, scripts and Compose files build.
    #[must_use]
    pub fn own_images(&self) -> OwnImages {
        let mut own = OwnImages::default();
        for build in self.pipeline_builds() {
            for tag in &build.tags {
                own.add(&tag.text);
            }
        }
        for service in self.declared_services().filter(|service| service.build.is_some()) {
            if let Some(image) = &service.image {
                own.add(&image.text);
            }
        }
        own
    }

    /// The tag of an image with the digest that the machine has for it: `8.2.9@sha256:…`. `None` when no output tells
    /// of one.
    #[must_use]
    pub fn tag_with_digest(&self, image: &ImageRef) -> Option<String> {
        let known = self.inventory.image(&image.familiar())?;
        let repository = image.name();
        let digest = known.digests.iter().find_map(|digest| {
            let (name, digest) = digest.value.rsplit_once('@')?;
            ImageRef::parse(name).is_ok_and(|named| named.name() == repository).then_some(digest)
        })?;
        Some(format!("{}@{digest}", image.tag_or_latest()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn built_by_compose_and_by_pipelines() {
        let sources = sources(&[
            ("compose.yaml", "services:\n  app:\n    build: .\n    image: acme/shop:1\n"),
            (".gitlab-ci.yml", "build:\n  script:\n    - docker build -t ghcr.io/acme-labs/base:$CI_COMMIT_SHA .\n"),
        ]);
        let own = Project::new(&sources, TODAY).own_images();
        let is = |text: &str| own.contains(&ImageRef::parse(text).unwrap());
        assert!(is("acme/shop:2") && is("acme/worker:1") && is("ghcr.io/acme-labs/tools:1"));
        assert!(!is("php:8.4") && !is("other/shop:1") && !is("ghcr.io/acme/x:1"));
    }
}

//! Every image a service takes something from: what it runs, what its stages start from, what files are copied out of.

use super::{Project, ServiceRef, View};
use crate::date::Date;
use crate::facts::images::ImageRow;
use crate::facts::tags::{Precision, ProductVersion};
use crate::facts::{Facts, eol};
use crate::fix::{Fix, Safety};
use crate::image::ImageRef;
use crate::model::compose::EnvVar;
use crate::model::dockerfile::{Base, Expanded, LinkSource};
use crate::source::Location;
use crate::syntax::dockerfile::Keyword;
use std::borrow::Cow;

/// What an image is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImagePart {
    /// The service runs it as it is.
    Runs,
    /// The deployed stage is based on it.
    Base,
    /// A stage that only builds is based on it.
    Builder,
    /// Files are taken from it.
    Files,
}

/// One image in use.
#[derive(Clone, Debug)]
pub struct UsedImage {
    /// The reference.
    pub reference: ImageRef,
    /// Where it is written.
    pub at: Location,
    /// What for.
    pub part: ImagePart,
    row: Option<Cow<'static, ImageRow>>,
    versions: Vec<ProductVersion>,
    precision: Precision,
}

impl UsedImage {
    pub(super) fn new(facts: &Facts, reference: ImageRef, at: Location, part: ImagePart) -> Self {
        let row = facts.image(&reference);
        let (versions, precision) = (facts.versions(&reference), facts.precision(&reference));
        Self { reference, at, part, row, versions, precision }
    }

    /// What is known of it.
    #[must_use]
    pub fn row(&self) -> Option<&ImageRow> {
        self.row.as_deref()
    }

    /// Product versions that its tag names.
    #[must_use]
    pub fn versions(&self) -> &[ProductVersion] {
        &self.versions
    }

    /// How tightly its reference holds one image.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The role of the image itself, `unknown` when nothing is known of it.
    #[must_use]
    pub fn role(&self) -> &'static str {
        self.row().map_or("unknown", |row| row.role)
    }

    /// The version of its own product that its tag names.
    #[must_use]
    pub fn own_version(&self) -> Option<ProductVersion> {
        let product = self.row()?.eol_product?;
        self.versions.iter().find(|version| version.product == product).cloned()
    }
}

impl ServiceRef<'_, '_> {
    /// Every image it uses whose reference is known, in the order of the files.
    #[must_use]
    pub fn images(self) -> Vec<UsedImage> {
        let mut found = Vec::new();
        let facts = self.project.facts;
        // `additional_contexts` give names to folders and other builds; with such a name nothing is pulled.
        let contexts: &[EnvVar] =
            self.build.as_ref().map(|build| build.options.additional_contexts.as_slice()).unwrap_or_default();
        let mut add = |text: &Expanded, at: Location, part| {
            let named = contexts.iter().any(|context| context.key == text.text);
            let reference =
                Some(text).filter(|text| text.known && !named).and_then(|text| ImageRef::parse(&text.text).ok());
            found.extend(
                reference.filter(|image| image.path != "scratch").map(|image| UsedImage::new(facts, image, at, part)),
            );
        };
        // What a script builds and then runs is its own, too.
        let own = |image: &str| {
            self.view.builds(image)
                || self.project.is_scripted(self.view) && self.project.line_that_builds(image).is_some()
        };
        if let Some(image) = self.image.as_ref().filter(|image| image.is_known() && !own(&image.text)) {
            add(&Expanded::known(image.text.as_str()), image.at, ImagePart::Runs);
        }
        let Some((used, source)) = self.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else {
            return found;
        };
        for &index in &used.stages_used {
            let Some(stage) = used.model.stages.get(index) else { continue };
            if let Base::Image(image) = &stage.base {
                let part = if used.is_final(index) { ImagePart::Base } else { ImagePart::Builder };
                add(image, Location::new(source, stage.base_span), part);
            }
            for link in &stage.links {
                if let LinkSource::Image(image) = &link.source {
                    let flags = self
                        .project
                        .dockerfile(source)
                        .and_then(|file| Some(file.instructions.get(link.instruction)?.effective()));
                    let flag =
                        flags.and_then(|instruction| instruction.flags.iter().find(|flag| flag.span == link.span));
                    // In `--mount=type=bind,from=x` the name is a part of the value only.
                    let copy = flags.is_some_and(|instruction| instruction.keyword == Keyword::Copy);
                    let span = flag.and_then(|flag| flag.value_span).filter(|_| copy).unwrap_or(link.span);
                    add(image, Location::new(source, span), ImagePart::Files);
                }
            }
        }
        found
    }
}

impl View {
    /// Whether a service of the view builds the image of this name: then the name is its own.
    #[must_use]
    pub fn builds(&self, image: &str) -> bool {
        // The bound keeps a file with very many services from costing their square.
        self.services
            .iter()
            .take(1000)
            .any(|service| service.build.is_some() && service.image.as_ref().is_some_and(|own| own.text == image))
    }
}

impl Project<'_> {
    /// The newest tag that is known for an image: the same line of releases where its tag names one, else the newest supported
    /// line, with the same variant. `None` where the tag scheme is not known.
    #[must_use]
    pub fn newest_tag(&self, image: &UsedImage) -> Option<String> {
        const MOVING: [&str; 12] = [
            "lts", "stable", "mainline", "current", "edge", "nightly", "main", "master", "beta", "rc", "unstable",
            "dev",
        ];
        let product = self.tag_product(image)?;
        let tag = image.reference.tag_or_latest();
        match image.own_version() {
            Some(version) => {
                let latest = product.cycle(&version.cycle_hint)?.latest.as_ref()?;
                Some(format!("{}{latest}{}", tag.get(..version.span.start)?, tag.get(version.span.end..)?))
            }
            None if tag == "latest" => product.newest_supported(self.today)?.latest.as_ref().map(ToString::to_string),
            None if tag.split('-').any(|part| MOVING.contains(&part)) || !image.versions.is_empty() => None,
            None => product.newest_supported(self.today)?.latest.as_ref().map(|latest| format!("{latest}-{tag}")),
        }
    }

    /// The newest tag of the nearest line that is supported for at least half a year, with the same variant.
    ///
    /// An operating system in the tag is kept: where that has ended too, the author has to choose the next one.
    #[must_use]
    pub fn supported_tag(&self, image: &UsedImage, allowed: &dyn Fn(&str) -> bool) -> Option<String> {
        let product = self.tag_product(image)?;
        let version = image.own_version()?;
        let tag = image.reference.tag.as_deref()?;
        let other_ended = image.versions.iter().any(|other| {
            let cycle = self.facts.product(other.product).and_then(|product| product.cycle(&other.cycle_hint));
            other.product != version.product && !other.implied && cycle.is_some_and(|cycle| cycle.is_over(self.today))
        });
        if other_ended {
            return None;
        }
        let latest = nearest_supported(product, &version.cycle_hint, self.today, allowed)?.latest.as_ref()?;
        Some(format!("{}{latest}{}", tag.get(..version.span.start)?, tag.get(version.span.end..)?))
    }

    /// The day on which the releases were known that the newest and the supported tag of an image are taken from.
    #[must_use]
    pub fn tags_known_on(&self, image: &UsedImage) -> Date {
        self.tag_product(image).map_or(eol::AS_OF, |product| product.basis().as_of)
    }

    /// The product whose releases an official image's tags follow.
    fn tag_product(&self, image: &UsedImage) -> Option<&eol::Product> {
        // `wordpress:cli` counts WP-CLI's versions.
        let cli = image.reference.path == "wordpress" && image.reference.tag_or_latest().starts_with("cli");
        let follows = image.reference.is_official() && image.reference.digest.is_none() && !cli;
        self.facts.product(image.row()?.eol_product.filter(|_| follows)?)
    }

    /// Writes another tag in the place of an image reference. `None` where a variable takes part in the text.
    #[must_use]
    pub fn retag(&self, safety: Safety, title: impl Into<String>, image: &UsedImage, tag: &str) -> Option<Fix> {
        let written = self.slice(image.at);
        let bare = written.trim_matches(['"', '\'']);
        let parsed = ImageRef::parse(bare).ok().filter(|parsed| *parsed == image.reference)?;
        let name = bare.get(..parsed.path_span.end)?;
        let value = format!("{name}:{tag}");
        if self.tree(image.at.source).is_some() {
            self.replace(safety, title, image.at, &value)
        } else {
            self.replace_text(safety, title, image.at, &value)
        }
    }
}

/// The lowest line above a version that is supported for at least half a year more; the newest when there is none.
#[must_use]
pub fn nearest_supported<'f>(
    product: &'f eol::Product,
    version: &str,
    today: Date,
    allowed: &dyn Fn(&str) -> bool,
) -> Option<&'f eol::Cycle> {
    let lasts = |cycle: &&eol::Cycle| cycle.eol.date().is_none_or(|end| today.days_until(end) > 180);
    let above: Vec<&eol::Cycle> = product
        .supported(today)
        .filter(|cycle| eol::compare_versions(&cycle.cycle, version).is_gt() && allowed(&cycle.cycle))
        .collect();
    above.iter().rev().copied().find(|cycle| lasts(cycle)).or_else(|| above.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let used: Vec<UsedImage> = project.services().flat_map(ServiceRef::images).collect();
        used.iter().map(|image| format!("{} {:?}", image.reference, image.part)).collect()
    }

    #[test]
    fn every_image_of_a_build() {
        let text = "FROM node:26.7.0 AS assets\nFROM unused:1 AS unused\nFROM php:8.4-fpm AS base\nCOPY --from=composer:2 /usr/bin/composer /usr/bin/\nFROM base\nCOPY --from=assets /a /a\nRUN --mount=type=bind,from=golang:1.26,target=/go true\n";
        assert_eq!(
            of(&[("Dockerfile", text)]),
            ["node:26.7.0 Builder", "php:8.4-fpm Base", "composer:2 Files", "golang:1.26 Files"]
        );
    }

    #[test]
    fn own_and_unknown_images_are_left_out() {
        let text = "services:\n  app:\n    build: .\n    image: shop:latest\n  worker:\n    image: shop:latest\n  redis:\n    image: redis:${TAG}\n  db:\n    image: mysql:${TAG:-8.4}\n";
        assert_eq!(of(&[("compose.yaml", text)]), ["mysql:8.4 Runs"]);
    }

    #[test]
    fn named_contexts_are_no_images() {
        let compose =
            "services:\n  app:\n    build:\n      context: .\n      additional_contexts:\n        shared: ../shared\n";
        let dockerfile = "FROM php:8.4-fpm\nCOPY --from=shared /a /a\nCOPY --from=other /b /b\n";
        assert_eq!(of(&[("compose.yaml", compose), ("Dockerfile", dockerfile)]), ["php:8.4-fpm Base", "other Files"]);
    }

    #[test]
    fn tags_that_are_known() {
        let tag = |text: &str| {
            let compose = format!("services:\n  a:\n    image: {text}\n");
            let sources = sources(&[("compose.yaml", &compose)]);
            let project = Project::new(&sources, TODAY);
            let image = project.services().next().unwrap().images().remove(0);
            (
                project.newest_tag(&image).unwrap_or_default(),
                project.supported_tag(&image, &|_| true).unwrap_or_default(),
            )
        };
        for (image, newest, supported) in [
            ("redis:5-alpine", "5.0.14-alpine", "7.2.16-alpine"),
            ("redis", "8.10.1", ""),
            ("php:fpm-alpine", "8.5.9-fpm-alpine", ""),
            ("php:8.1-fpm", "8.1.34-fpm", "8.3.33-fpm"),
            ("php:8.1-fpm-buster", "8.1.34-fpm-buster", ""),
            ("node:lts", "", ""),
            ("wordpress:cli", "", ""),
            ("bitnami/redis:latest", "", ""),
        ] {
            assert_eq!(tag(image), (newest.to_owned(), supported.to_owned()), "{image}");
        }
    }
}

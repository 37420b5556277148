//! Packages of PHP, from each composer.lock.

use super::model::Model;
use super::properties::Properties;
use crate::detect::Kind;
use crate::model::composer;
use crate::project::Parsed;

/// Packages of one file that are described; the largest real lock files have a few hundred.
const MAX_PACKAGES: usize = 5_000;

/// Adds the packages of every composer.lock.
pub(super) fn describe(model: &mut Model<'_, '_>) {
    for file in model.project.files_of(Kind::ComposerLock) {
        let Parsed::Json(json) = &file.parsed else { continue };
        for package in composer::lock(file.source, json).packages.into_iter().take(MAX_PACKAGES) {
            let url = |url: Option<crate::model::Spanned<String>>| url.filter(|url| !url.value.is_empty());
            let mut properties = Properties::default()
                .at("version", &package.version, package.at)
                .flag("dev", package.dev)
                .maybe("type", Some(package.kind).filter(|kind| !kind.is_empty()))
                .recorded("source-url", url(package.source).as_ref())
                .recorded("dist-url", url(package.dist).as_ref());
            if let Some(abandoned) = package.abandoned {
                let by = abandoned.value.unwrap_or_else(|| "true".to_owned());
                properties = properties.at("abandoned", by, abandoned.at);
            }
            model.entity("package", &package.name, Some(package.name_at), properties);
        }
    }
}

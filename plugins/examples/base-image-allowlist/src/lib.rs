//! Base images only from the registries and paths an organisation allows.
//!
//! It looks at every `FROM` of a stage that some service needs, at every `COPY --from` and `RUN --mount=from=` of an image, and at
//! every `image:` of a service. Stages nobody builds are left alone. A reference with a variable that has no value in the files is
//! left alone too: nothing can be said of it.
//!
//! ```text
//! plimsoll plugin build plugins/examples/base-image-allowlist -o base-image-allowlist.wasm
//! plimsoll check --plugin base-image-allowlist.wasm --plugin-settings allowlist.json .
//! ```
//!
//! Settings, all optional:
//!
//! ```json
//! {
//!   "allowed": ["docker.io/library/*", "registry.example.net/base/**"],
//!   "require_digest": true,
//!   "replacements": { "docker.io/library/php": "registry.example.net/base/php" }
//! }
//! ```
//!
//! A pattern is compared with the full name without tag and digest (`docker.io/library/php`): `*` stands for one part between
//! slashes or a piece of it, `**` at the end for any number of parts. Without `allowed`, Docker Hub's official images are allowed.
//! `replacements` gives a fix: the name is replaced, tag and digest stay as they are.

mod settings;

#[cfg(test)]
mod tests;

use plimsoll_plugin_sdk::prelude::*;
use settings::Allowlist;

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
        let mut found = Vec::new();
        for service in project.services() {
            for image in service.targets("runs") {
                judge(project, &list, image, Some(service), &mut found);
            }
        }
        for stage in project.stages().filter(|stage| stage.is("used")) {
            for image in
                stage.targets("builds-from").chain(stage.targets("copies-from")).filter(|image| image.kind() == "image")
            {
                judge(project, &list, image, None, &mut found);
            }
        }
        Ok(found)
    }
}

fn judge(
    project: &Project,
    list: &Allowlist,
    image: EntityRef<'_>,
    service: Option<EntityRef<'_>>,
    found: &mut Vec<Finding>,
) {
    // Without a place there is nothing to show, without a name nothing to judge.
    let (Some(at), Some(repository)) = (image.origin(), image.property("repository")) else { return };
    let on = |finding: Finding| match service {
        Some(service) => finding.on(service),
        None => finding,
    };
    if !list.allows(repository) {
        let message = format!(
            "`{}` is not from an allowed place: {repository} matches none of the allowed patterns",
            image.name()
        );
        let finding = finding(NOT_ALLOWED, at, message);
        found.push(on(finding.fix(replacement(project, list, image, at, repository))));
    } else if list.require_digest && image.property("digest").is_none() {
        found.push(on(finding(
            NO_DIGEST,
            at,
            format!("`{}` can change without notice: it has no digest", image.name()),
        )));
    }
}

/// Puts the allowed name in the place of this one; only where the reference is written out, not where a variable makes it.
fn replacement(
    project: &Project,
    list: &Allowlist,
    image: EntityRef<'_>,
    at: Location,
    repository: &str,
) -> Option<Fix> {
    let new = list.replacements.get(repository)?;
    let written = project.text_at(at);
    let start = written.find(image.name())?;
    let digest = image.property("digest").map_or(0, |digest| digest.len() + 1);
    let tag = image.property("tag").map_or(0, |tag| tag.len() + 1);
    let name = image.name().len().checked_sub(digest + tag)?;
    Some(fix(format!("Use {new}")).replace(part(at, start, start + name), new.as_str()))
}

plimsoll_plugin_sdk::export!(BaseImageAllowlist);

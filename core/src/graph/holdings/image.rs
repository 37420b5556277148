//! Secrets that the image brings along: written in its Dockerfile, or copied out of the build context.

use super::Held;
use super::classes::{is_for_builds, is_secret};
use super::files::{class_of_file, of_file};
use crate::graph::doors::{cause, name_of};
use crate::graph::influence::told::Told;
use crate::graph::model::{Evidence, SecretClass};
use crate::project::{BakedBy, Leak, LeakKind, ServiceRef};
use crate::source::Location;
use crate::syntax::dockerfile::Keyword;
use crate::text::shorten;

/// Variables that the Dockerfile sets. A variable of the container with the same name hides it. Only what builds need is needless
/// in a container: the rest has to come from elsewhere, and is held all the same.
pub(super) fn baked(service: ServiceRef<'_, '_>) -> Vec<Held> {
    let set = |key: &str| service.variable(key).is_some();
    let mut found = Vec::new();
    for baked in service.image_source().baked_secrets() {
        if !baked.in_image || baked.instruction.keyword != Keyword::Env {
            continue;
        }
        let (BakedBy::Pair(pair, _) | BakedBy::Argument(pair, _)) = &baked.by else { continue };
        if set(&pair.key) {
            continue;
        }
        let key = shorten(&pair.key, 80);
        let change = format!("Take {key} out of the Dockerfile of {}", name_of(service));
        let needless = is_for_builds(&pair.key);
        let known = matches!(baked.by, BakedBy::Pair(..));
        found.push(Held {
            name: key.clone(),
            key: pair.key.clone(),
            value: pair.value.clone().filter(|_| known),
            root_only: false,
            granted: None,
            evidence: Evidence::new(baked.at, format!("the Dockerfile sets {key}")),
            cause: needless.then(|| cause("secrets/secret-in-dockerfile", baked.at, change)),
        });
    }
    found
}

/// Files that the build copies: the environment file that its own application reads, and keys.
pub(super) fn copied(service: ServiceRef<'_, '_>, told: &[Told]) -> Vec<Held> {
    let builder = service.image_source();
    if builder.build_use.is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let leaks = builder.leaks();
    for leak in leaks.iter().filter(|leak| leak.in_image && leak.deleted.is_none()) {
        match leak.kind {
            LeakKind::Environment => found.extend(environment(builder, leak, told)),
            LeakKind::Sensitive => found.extend(key_file(builder, service, leak)),
            LeakKind::History => {}
        }
    }
    found
}

/// What the application reads from an environment file of its image.
fn environment(builder: ServiceRef<'_, '_>, leak: &Leak<'_>, told: &[Told]) -> Vec<Held> {
    let used = builder.service().build_use.as_ref();
    let Some(id) = used.and_then(|used| used.context_source(builder.project(), &leak.path)) else { return Vec::new() };
    let file = builder.project().env_file(id);
    let read = told.iter().filter(|one| one.from_application && one.at.source == id);
    read.filter(|one| is_secret(&one.key, &one.value))
        .map(|one| {
            let key_at = file.and_then(|file| file.get(&one.key)).map(|entry| Location::new(id, entry.key_span));
            Held {
                name: shorten(&one.key, 80),
                key: one.key.clone(),
                value: Some(one.value.clone()),
                root_only: false,
                granted: None,
                evidence: Evidence::new(key_at.unwrap_or(leak.at), "this file is copied into the image"),
                cause: None,
            }
        })
        .collect()
}

/// A key in the image. No application needs one that lies beside its code.
fn key_file(builder: ServiceRef<'_, '_>, service: ServiceRef<'_, '_>, leak: &Leak<'_>) -> Option<Held> {
    class_of_file(&leak.path).filter(|class| *class == SecretClass::Critical)?;
    let path = shorten(&leak.path, 60);
    let change = format!("Keep {path} out of the image of {}", name_of(service));
    let needless = cause("secrets/sensitive-files-in-build-context", leak.at, change);
    let label = format!("{} takes {path} into the image", leak.written());
    Some(of_file(&destination(builder, leak), leak.at, &label, Some(needless)))
}

/// Where a copied file stands in the image.
fn destination(builder: ServiceRef<'_, '_>, leak: &Leak<'_>) -> String {
    let used = builder.service().build_use.as_ref();
    let stage = used.and_then(|used| used.model.stages.get(used.stage?));
    let workdir = stage.and_then(|stage| stage.workdir.as_ref()).filter(|workdir| workdir.known);
    let workdir = workdir.map_or("", |workdir| workdir.text.trim_end_matches('/'));
    let to = leak.instruction.args.last().map_or("", |arg| arg.text.as_str());
    let below = leak.path.strip_prefix(leak.source.trim_start_matches("./").trim_matches('/')).unwrap_or(&leak.path);
    let below = if leak.source == "." { leak.path.as_str() } else { below.trim_start_matches('/') };
    let folder = match to.trim_end_matches('/') {
        "." => workdir.to_owned(),
        absolute if to.starts_with('/') => absolute.to_owned(),
        relative => format!("{workdir}/{}", relative.trim_start_matches("./")),
    };
    match (leak.named, to.ends_with('/') || to == ".") {
        (true, false) => folder,
        (true, true) => format!("{folder}/{}", crate::source::file_name(&leak.path)),
        (false, _) => format!("{folder}/{below}"),
    }
}

//! Files that Compose files name: they are what they are named as, whatever they are called, and what is only a part of another
//! deployment is none of its own.

use super::{File, Parsed, Project};
use crate::detect::Kind;
use crate::model::interpolate::{Certainty, interpolate};
use crate::source::{SourceId, Sources, file_name, folder, join};
use crate::syntax::yaml::{self, Id, Tree};
use crate::syntax::{dotenv, yaml::Kind as NodeKind};
use std::collections::BTreeSet;

/// Names that one file may give.
const MAX_NAMES: usize = 2_000;

/// As what a file is named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    Included,
    Extended,
    Environment,
}

/// Reads files as what Compose files take them for: targets of `include`, `extends` and `COMPOSE_FILE` as Compose files, targets of
/// `env_file` as files of variables.
pub(super) fn recognise(sources: &Sources, files: &mut [File]) {
    let mut pending: Vec<SourceId> =
        files.iter().filter(|file| file.kind == Kind::Compose).map(|file| file.source).collect();
    pending.extend(listed(sources, files));
    let mut seen: BTreeSet<SourceId> = BTreeSet::new();
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        let Some(file) = files.get_mut(id.0 as usize) else { continue };
        if file.kind == Kind::Other {
            let text = sources.get(id).text();
            *file = File {
                kind: Kind::Compose,
                parsed: Parsed::Yaml(yaml::parse(text, &yaml::Limits::default())),
                ..*file
            };
        }
        let Parsed::Yaml(tree) = &file.parsed else { continue };
        for (named, target) in names(tree, sources.get(id).path()) {
            let Some(target) = sources.id(&target) else { continue };
            match named {
                As::Included | As::Extended => pending.push(target),
                As::Environment => {
                    if let Some(file) = files.get_mut(target.0 as usize).filter(|file| file.kind == Kind::Other) {
                        let parsed = Parsed::DotEnv(dotenv::parse(sources.get(target).text()));
                        *file = File { kind: Kind::DotEnv, parsed, ..*file };
                    }
                }
            }
        }
    }
}

/// Files that `COMPOSE_FILE` of a `.env` names.
fn listed(sources: &Sources, files: &[File]) -> Vec<SourceId> {
    let mut found = Vec::new();
    for (id, source) in sources.iter().filter(|(_, source)| file_name(source.path()) == ".env") {
        let Some(Parsed::DotEnv(file)) = files.get(id.0 as usize).map(|file| &file.parsed) else { continue };
        let Some(list) = file.get("COMPOSE_FILE").and_then(|entry| entry.value.as_deref()) else { continue };
        let separator = file.get("COMPOSE_PATH_SEPARATOR").and_then(|entry| entry.value.as_deref()).unwrap_or("");
        let names = list.split(|c: char| matches!(c, ':' | ';') || separator.contains(c));
        found.extend(names.take(64).filter_map(|name| sources.id(&join(folder(source.path()), name.trim()))));
    }
    found
}

/// Files that are part of another file's deployment: it includes them, or takes services of them.
pub(super) fn parts(project: &Project<'_>) -> BTreeSet<SourceId> {
    let mut edges: Vec<(SourceId, SourceId)> = Vec::new();
    let mut named: BTreeSet<SourceId> = BTreeSet::new();
    for file in project.files_of(Kind::Compose) {
        let Parsed::Yaml(tree) = &file.parsed else { continue };
        let path = project.path(file.source);
        for (how, target) in names(tree, path) {
            let Some(id) = project.sources.id(&target).filter(|id| *id != file.source) else { continue };
            let own = super::views::is_conventional(file_name(&target));
            // `extends` of the file that is deployed anyway does not make it a part.
            let part = match how {
                As::Included => !own || folder(&target) != folder(path),
                As::Extended => !own,
                As::Environment => false,
            };
            if part {
                edges.push((file.source, id));
                named.insert(id);
            }
        }
    }
    // Files in a circle name each other; what nobody outside names stays a deployment.
    let mut parts: BTreeSet<SourceId> = BTreeSet::new();
    let mut pending: Vec<SourceId> = edges.iter().map(|(from, _)| *from).filter(|from| !named.contains(from)).collect();
    edges.sort_unstable();
    while let Some(from) = pending.pop() {
        let first = edges.partition_point(|edge| edge.0 < from);
        for (_, to) in edges.iter().skip(first).take_while(|edge| edge.0 == from) {
            if parts.insert(*to) {
                pending.push(*to);
            }
        }
    }
    parts
}

/// The files that a Compose file names, as far as it says by itself which they are.
fn names(tree: &Tree, path: &str) -> Vec<(As, String)> {
    let place = folder(path);
    let mut found = Vec::new();
    let mut add = |how: As, id: Id| {
        let id = tree.deref(id);
        let Some(text) = tree.str(id).filter(|_| found.len() < MAX_NAMES) else { return };
        let read = interpolate(text, &|_| None);
        if read.certainty != Certainty::Unknown && !read.text.is_empty() {
            found.push((how, join(place, &read.text)));
        }
    };
    let value = |map: Id, key: &str| tree.get(map, key).map(|(_, value)| value);
    for &document in &tree.documents {
        for item in value(document, "include").map(|list| one_or_many(tree, list)).unwrap_or_default() {
            match value(item, "path") {
                Some(path) => one_or_many(tree, path).into_iter().for_each(|path| add(As::Included, path)),
                None => add(As::Included, item),
            }
        }
        let services = value(document, "services").map(|services| tree.pairs(services)).unwrap_or_default();
        for &(_, service) in services {
            if let Some(file) = value(service, "extends").and_then(|extends| value(extends, "file")) {
                add(As::Extended, file);
            }
            for item in value(service, "env_file").map(|list| one_or_many(tree, list)).unwrap_or_default() {
                add(As::Environment, value(item, "path").unwrap_or(item));
            }
        }
    }
    found
}

fn one_or_many(tree: &Tree, id: Id) -> Vec<Id> {
    match &tree.node(tree.deref(id)).kind {
        NodeKind::Sequence { items, .. } => items.clone(),
        _ => vec![id],
    }
}

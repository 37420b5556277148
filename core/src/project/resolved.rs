//! The output of `docker compose config --format json`: a deployment with everything filled in, and every path absolute.

use super::Project;
use crate::model::compose::paths;
use crate::model::node::Node;
use crate::source::{SourceId, folder, join};
use std::collections::BTreeSet;

/// Paths that are looked at to find the project's folder.
const MAX_PATHS: usize = 64;

/// Whether a file is such an output; a Compose file may be written in braces too, but then it has a name of one.
pub(super) fn is_output(project: &Project<'_>, id: SourceId) -> bool {
    let path = project.path(id);
    let named = path.ends_with(".yaml") || path.ends_with(".yml");
    !named && project.text(id).trim_start_matches('\u{feff}').trim_start().starts_with('{')
}

/// Makes paths below the project's folder relative to it: the others are paths of the machine.
pub(super) fn make_relative(project: &Project<'_>, id: SourceId, root: &mut Node) {
    let mut all: BTreeSet<String> = BTreeSet::new();
    paths::change_all(root, &mut |path| {
        if let Some(path) = unix(path).filter(|_| all.len() < MAX_PATHS) {
            all.insert(path);
        }
        None
    });
    let contexts = build_contexts(root);
    let name = root.get("name").and_then(Node::text).unwrap_or("");
    let place = folder(project.path(id));
    let Some(home) = home(project, place, &all, &contexts, name) else { return };
    paths::change_all(root, &mut |path| {
        let path = unix(path)?;
        let rest = if path == home { "" } else { path.strip_prefix(&home)?.strip_prefix('/')? };
        Some(paths::dotted(rest))
    });
}

/// An absolute path, `/`-separated, without a slash at its end; `C:\x` as `C:/x`.
fn unix(path: &str) -> Option<String> {
    let drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && path.as_bytes().get(1) == Some(&b':');
    let path = path.replace('\\', "/");
    (drive || path.starts_with('/')).then(|| path.trim_end_matches('/').to_owned()).filter(|path| !path.is_empty())
}

fn build_contexts(root: &Node) -> BTreeSet<String> {
    let services = root.get("services").map(Node::entries).unwrap_or_default();
    let context = |service: &Node| {
        let build = service.get("build")?;
        unix(build.text().or_else(|| build.get("context")?.text())?)
    };
    services.iter().filter_map(|service| context(&service.node)).take(MAX_PATHS).collect()
}

/// The project's folder on the machine that printed it: of all folders above the paths the one below which most of them exist among
/// the files; else the one with the project's name; else the one above every build context.
fn home(
    project: &Project<'_>,
    place: &str,
    paths: &BTreeSet<String>,
    contexts: &BTreeSet<String>,
    name: &str,
) -> Option<String> {
    let above = |path: &str| -> Vec<String> {
        std::iter::successors(Some(path.to_owned()), |path| {
            path.rsplit_once('/').map(|(above, _)| above.to_owned()).filter(|above| !above.is_empty())
        })
        .take(32)
        .collect()
    };
    let mut best: Option<((usize, bool, usize), String)> = None;
    let candidates: BTreeSet<String> = paths.iter().flat_map(|path| above(path)).collect();
    for candidate in candidates {
        let hits = paths
            .iter()
            .filter_map(|path| path.strip_prefix(&candidate)?.strip_prefix('/'))
            .filter(|rest| project.sources.has(&join(place, rest)))
            .count();
        let named = !name.is_empty() && candidate.rsplit('/').next().is_some_and(|last| normal_name(last) == name);
        let holds = contexts.iter().filter(|context| is_below(context, &candidate)).count();
        let score = (hits, named, if named || hits > 0 { holds } else { 0 });
        if best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, candidate));
        }
    }
    match best {
        Some(((hits, named, _), candidate)) if hits > 0 || named => Some(candidate),
        _ => {
            let first = contexts.first()?;
            above(first).into_iter().find(|folder| contexts.iter().all(|context| is_below(context, folder)))
        }
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A folder's name as Compose makes a project's name of it.
pub(super) fn normal_name(folder: &str) -> String {
    let lower = folder.to_lowercase();
    let kept: String =
        lower.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')).collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

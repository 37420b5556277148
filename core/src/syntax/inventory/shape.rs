//! Which command prints an object of these keys.

use super::{Change, ChangeKind};
use crate::span::Span;
use crate::syntax::json::{Kind, Value};

/// What an object of the output describes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Shape {
    /// A line of `docker ps`, or a row of its table.
    Ps,
    /// A line of `docker compose ps`.
    ComposePs,
    /// An item of `podman ps`.
    PodmanPs,
    /// An item of `docker inspect`.
    Container,
    /// A line of `docker images`, one for each tag.
    ImageTag,
    /// An item of `docker image inspect`, or of `podman images`.
    Image,
    /// A volume, as a line of `docker volume ls` or an item of `docker volume inspect`.
    Volume,
    /// A line of `docker network ls`.
    NetworkLine,
    /// An item of `docker network inspect`.
    Network,
    /// The one object of `docker system df -v`.
    Usage,
    /// A row of `docker system df`.
    UsageRow,
    /// An entry of the build cache.
    BuildCache,
    /// `docker version`.
    Version,
    /// `docker info`.
    Info,
}

/// The shape of an object; `None` when no command that is read prints it.
pub(super) fn of(value: &Value) -> Option<Shape> {
    if !value.is_object() {
        return None;
    }
    let has = |key: &str| value.get(key).is_some();
    let object = |key: &str| value.get(key).is_some_and(Value::is_object);
    let list = |key: &str| value.get(key).is_some_and(|value| matches!(value.kind, Kind::Array(_)));
    let id = has("Id") || has("ID") || has("id");
    Some(if list("Images") && (list("Volumes") || list("BuildCache") || list("Containers")) {
        Shape::Usage
    } else if has("Type") && has("Reclaimable") {
        Shape::UsageRow
    } else if has("CacheType") {
        Shape::BuildCache
    } else if has("Service") && (has("Publishers") || has("Project") || has("Status")) {
        Shape::ComposePs
    } else if id && object("State") && (object("Config") || object("HostConfig")) {
        Shape::Container
    } else if id && list("Names") && has("Image") {
        Shape::PodmanPs
    } else if has("ID") && has("Names") && (has("Image") || has("Status")) {
        Shape::Ps
    } else if has("Repository") && (has("Tag") || has("ID")) {
        Shape::ImageTag
    } else if id && (has("RepoTags") || has("RepoDigests") || object("RootFS")) {
        Shape::Image
    } else if (has("Id") && has("Name") && has("IPAM")) || (has("id") && has("name") && has("driver")) {
        Shape::Network
    } else if has("ID") && has("Name") && has("Driver") && !has("ServerVersion") && !has("DockerRootDir") {
        Shape::NetworkLine
    } else if has("Name") && (has("Mountpoint") || has("Links") || has("Driver")) && !has("DockerRootDir") {
        Shape::Volume
    } else if has("ServerVersion") || has("DockerRootDir") || (object("host") && object("store")) {
        Shape::Info
    } else if object("Client") || object("Server") {
        Shape::Version
    } else {
        return None;
    })
}

/// The changes that an object of the API (`{"Path", "Kind"}`) or of `podman diff` (`{"changed": […]}`) lists.
pub(super) fn changes(value: &Value) -> Option<Vec<Change>> {
    if let (Some(path), Some(kind)) = (value.get("Path"), value.get("Kind").and_then(Value::integer)) {
        let kind = match kind {
            0 => ChangeKind::Changed,
            1 => ChangeKind::Added,
            2 => ChangeKind::Deleted,
            _ => return None,
        };
        return Some(vec![Change { kind, path: path.str()?.to_owned(), path_span: inner(path) }]);
    }
    let lists = [("changed", ChangeKind::Changed), ("added", ChangeKind::Added), ("deleted", ChangeKind::Deleted)];
    let known = |member: &crate::syntax::json::Member| lists.iter().any(|(key, _)| *key == member.key);
    if value.members().is_empty() || !value.members().iter().all(known) {
        return None;
    }
    let mut changes = Vec::new();
    for (key, kind) in lists {
        for item in value.get(key).map(Value::items).unwrap_or_default() {
            if let Some(path) = item.str() {
                changes.push(Change { kind, path: path.to_owned(), path_span: inner(item) });
            }
        }
    }
    Some(changes)
}

/// The place of a string without its quotes.
fn inner(value: &Value) -> Span {
    let (start, end) = (value.span.start as usize, value.span.end as usize);
    Span::new(start + 1, end.saturating_sub(1))
}

/// Adds the places of the values of environment variables.
pub(super) fn environment(text: &str, shape: Shape, value: &Value, out: &mut Vec<Span>) {
    if !matches!(shape, Shape::Container | Shape::Image) {
        return;
    }
    let config = ["Config", "ContainerConfig"].into_iter().filter_map(|key| value.get(key));
    let lists = config.flat_map(|config| ["Env", "CreateCommand"].into_iter().filter_map(|key| config.get(key)));
    for item in lists.flat_map(Value::items) {
        let written = item.span.slice(text);
        let closed = written.len() > 1 && written.ends_with('"');
        let end = item.span.end as usize - usize::from(closed);
        if let Some(at) = written.find('=') {
            out.push(Span::new(item.span.start as usize + at + 1, end));
        }
    }
}

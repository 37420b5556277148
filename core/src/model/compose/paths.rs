//! The values of a Compose file that are paths of the machine: what has to change when a file is read as part of another one's project.

use super::mounts::{is_path, split_short};
use crate::model::node::{Node, Scalar, Value};
use crate::source::{join, normalise};

/// What a path becomes; `None` leaves it.
type Change<'f> = &'f mut dyn FnMut(&str) -> Option<String>;

/// Every path of a file's tree.
pub fn change_all(root: &mut Node, change: Change<'_>) {
    let Value::Mapping(sections) = &mut root.value else { return };
    for section in sections {
        let Value::Mapping(entries) = &mut section.node.value else { continue };
        for entry in entries {
            match section.key.as_str() {
                "services" => change_service(&mut entry.node, change),
                "secrets" | "configs" => at(&mut entry.node, &["file"], change),
                "volumes" => at(&mut entry.node, &["driver_opts", "device"], change),
                _ => {}
            }
        }
    }
}

/// Every path of one service.
pub fn change_service(service: &mut Node, change: Change<'_>) {
    let Value::Mapping(entries) = &mut service.value else { return };
    for entry in entries {
        let node = &mut entry.node;
        match entry.key.as_str() {
            "build" => {
                context(node, change);
                if let Some(node) = child(node, "context") {
                    context(node, change);
                }
                if let Some(named) = child(node, "additional_contexts") {
                    additional(named, change);
                }
            }
            "env_file" | "label_file" => {
                scalar(node, change);
                for item in children(node) {
                    scalar(item, change);
                    at(item, &["path"], change);
                }
            }
            "volumes" => children(node).iter_mut().for_each(|item| volume(item, change)),
            "develop" => {
                for item in child(node, "watch").map(children).unwrap_or_default() {
                    at(item, &["path"], change);
                }
            }
            _ => {}
        }
    }
}

/// `path`, written for the folder `from`, as it has to be written for the folder `to`.
#[must_use]
pub fn moved(path: &str, from: &str, to: &str) -> Option<String> {
    if from == to || !is_relative(path) {
        return None;
    }
    Some(dotted(&relative(to, &join(from, path))))
}

/// A path below a folder, with the `./` that tells it from a name.
#[must_use]
pub fn dotted(path: &str) -> String {
    match path {
        "" => ".".to_owned(),
        path if path == ".." || path.starts_with("../") => path.to_owned(),
        path => format!("./{path}"),
    }
}

/// `path` as seen from the folder `from`, both normalised.
fn relative(from: &str, path: &str) -> String {
    let from: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let common = from.iter().zip(&path).take_while(|(a, b)| a == b && **a != "..").count();
    let up = from.len() - common;
    let parts: Vec<&str> = std::iter::repeat_n("..", up).chain(path.into_iter().skip(common)).collect();
    normalise(&parts.join("/"))
}

fn is_relative(path: &str) -> bool {
    let remote = path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/");
    let drive = path.as_bytes().get(1) == Some(&b':');
    !(path.is_empty() || remote || drive || path.starts_with(['/', '~', '\\', '$']))
}

fn child<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Value::Mapping(entries) = &mut node.value else { return None };
    entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
}

fn children(node: &mut Node) -> &mut [Node] {
    match &mut node.value {
        Value::Sequence(items) => items,
        _ => &mut [],
    }
}

fn at(node: &mut Node, path: &[&str], change: Change<'_>) {
    match path.split_first() {
        None => scalar(node, change),
        Some((key, rest)) => {
            if let Some(node) = child(node, key) {
                at(node, rest, change);
            }
        }
    }
}

fn scalar(node: &mut Node, change: Change<'_>) {
    if let Value::Scalar(Scalar { text, .. }) = &mut node.value
        && let Some(changed) = change(text)
    {
        *text = changed;
    }
}

/// A build context may name a service or a remote repository instead of a folder.
fn context(node: &mut Node, change: Change<'_>) {
    let folder = node.text().is_some_and(is_folder);
    if folder {
        scalar(node, change);
    }
}

fn is_folder(context: &str) -> bool {
    !["service:", "docker-image:", "oci-layout:", "target:"].iter().any(|kind| context.starts_with(kind))
}

fn additional(node: &mut Node, change: Change<'_>) {
    match &mut node.value {
        Value::Mapping(entries) => entries.iter_mut().for_each(|entry| context(&mut entry.node, change)),
        Value::Sequence(items) => {
            for item in items {
                let Value::Scalar(Scalar { text, .. }) = &mut item.value else { continue };
                let Some((name, folder)) = text.split_once('=').filter(|(_, folder)| is_folder(folder)) else {
                    continue;
                };
                if let Some(changed) = change(folder) {
                    *text = format!("{name}={changed}");
                }
            }
        }
        _ => {}
    }
}

fn volume(item: &mut Node, change: Change<'_>) {
    if let Value::Scalar(Scalar { text, .. }) = &mut item.value {
        let Some(source) = split_short(text).source.filter(|source| is_path(source)) else { return };
        if let (Some(changed), Some(rest)) = (change(&source), text.strip_prefix(&source)) {
            *text = format!("{changed}{rest}");
        }
        return;
    }
    let bind = match item.get("type").and_then(Node::text) {
        Some(kind) => kind == "bind",
        None => item.get("source").and_then(Node::text).is_some_and(is_path),
    };
    if bind {
        at(item, &["source"], change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_move_between_folders() {
        for (path, from, to, want) in [
            ("./x", "sub", "", Some("./sub/x")),
            (".", "sub", "", Some("./sub")),
            ("../x", "a/b", "a", Some("./x")),
            ("./x", "shared", "app", Some("../shared/x")),
            ("x.env", "", "app", Some("../x.env")),
            ("/etc", "sub", "", None),
            ("~/x", "sub", "", None),
            ("https://example.net/x.git", "sub", "", None),
            ("${X}/y", "sub", "", None),
            ("./x", "a", "a", None),
        ] {
            assert_eq!(moved(path, from, to).as_deref(), want, "{path} from {from} to {to}");
        }
    }
}

//! Volumes, binds, tmpfs: what of the outside a container sees.

use crate::model::node::{Node, Scalar};
use crate::source::Location;

/// What a mount shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A named volume.
    Volume,
    /// A volume without a name.
    Anonymous,
    /// Memory.
    Tmpfs,
    /// Anything newer: cluster, npipe, image.
    Other,
}

/// One mount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    /// What it shows.
    pub kind: MountKind,
    /// Host path as written, or volume name.
    pub source: Option<String>,
    /// Path in the container.
    pub target: String,
    /// Whether the container cannot write.
    pub read_only: bool,
    /// Bind propagation, where one is asked for.
    pub propagation: Option<String>,
    /// Everything else that is asked for, as the short syntax spells it: `nocopy`, `z`, `noexec`, `size=64m`, `subpath=x`.
    pub options: Vec<String>,
    /// Whether a missing host path is made, which leaves an empty folder that belongs to root.
    pub creates_source: bool,
    /// Where it is written: the whole item.
    pub at: Location,
    /// Whether every part of it is known.
    pub known: bool,
}

/// The parts of the short syntax.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Short {
    /// Before the first colon.
    pub source: Option<String>,
    /// The path in the container.
    pub target: String,
    /// The options.
    pub options: Vec<String>,
}

/// Splits `[SOURCE:]TARGET[:OPTIONS]`. A colon inside `${…}` and the one of a Windows drive separate nothing.
#[must_use]
pub fn split_short(text: &str) -> Short {
    let mut parts: Vec<String> = Vec::new();
    let (mut depth, mut part) = (0usize, String::new());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let drive = part.len() == 1
            && part.starts_with(|c: char| c.is_ascii_alphabetic())
            && matches!(chars.peek(), Some('\\' | '/'));
        // `v:/data` is a volume named v; only a backslash tells a drive for sure.
        let drive = drive && chars.peek() == Some(&'\\');
        if c == ':' && depth == 0 && !drive {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    let mut parts = parts.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(target), None, _) => Short { source: None, target, options: Vec::new() },
        (source, Some(target), options) => Short {
            source,
            target,
            options: options.map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default(),
        },
        (None, None, _) => Short { source: None, target: String::new(), options: Vec::new() },
    }
}

/// Reads one item of `volumes`.
#[must_use]
pub fn read(item: &Node) -> Option<Mount> {
    match item.scalar() {
        Some(scalar) => Some(short(scalar, item.at())),
        None => long(item),
    }
}

fn short(scalar: &Scalar, at: Location) -> Mount {
    let Short { source, target, options } = split_short(&scalar.text);
    let kind = match source.as_deref() {
        None => MountKind::Anonymous,
        Some(source) if is_path(source) => MountKind::Bind,
        Some(_) => MountKind::Volume,
    };
    let read_only = options.iter().any(|option| option == "ro");
    let propagates = |option: &&String| ["shared", "slave", "private"].iter().any(|how| option.ends_with(how));
    let propagation = options.iter().find(propagates).cloned();
    Mount {
        kind,
        source,
        target,
        read_only,
        options: options
            .into_iter()
            .filter(|word| word != "ro" && word != "rw" && Some(word) != propagation.as_ref())
            .collect(),
        creates_source: kind == MountKind::Bind,
        propagation,
        at,
        known: scalar.is_known(),
    }
}

/// Whether Compose takes a source for a path of the host.
#[must_use]
pub fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~', '\\'])
        || source.starts_with("${PWD}")
        || source.starts_with("${HOME}")
        || source.as_bytes().get(1) == Some(&b':') && source.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
}

fn long(item: &Node) -> Option<Mount> {
    let text = |key: &str| item.get(key).and_then(Node::text);
    let inner = |group: &str, key: &str| item.get(group).and_then(|group| group.get(key));
    let source = text("source").or_else(|| text("src")).map(str::to_owned);
    let target = text("target").or_else(|| text("dst")).or_else(|| text("destination"))?.to_owned();
    let kind = match text("type") {
        Some("bind") => MountKind::Bind,
        Some("tmpfs") => MountKind::Tmpfs,
        Some("volume") if source.is_none() => MountKind::Anonymous,
        Some("volume") => MountKind::Volume,
        Some(_) => MountKind::Other,
        None if source.as_deref().is_some_and(is_path) => MountKind::Bind,
        None => MountKind::Volume,
    };
    Some(Mount {
        kind,
        source,
        target,
        read_only: item.get("read_only").and_then(Node::as_bool).unwrap_or(false),
        propagation: inner("bind", "propagation").and_then(Node::text).map(str::to_owned),
        options: long_options(item),
        creates_source: kind == MountKind::Bind
            && inner("bind", "create_host_path").and_then(Node::as_bool).unwrap_or(true),
        at: item.at(),
        known: item.entries().iter().all(|entry| entry.node.scalar().is_none_or(Scalar::is_known)),
    })
}

/// The options of the long syntax, spelt as in the short one.
fn long_options(item: &Node) -> Vec<String> {
    let inner = |group: &str, key: &str| item.get(group)?.get(key);
    let named = |name: &str, node: Option<&Node>| Some(format!("{name}={}", node?.text()?));
    let nocopy = inner("volume", "nocopy").and_then(Node::as_bool) == Some(true);
    [
        nocopy.then(|| "nocopy".to_owned()),
        inner("bind", "selinux").and_then(Node::text).map(str::to_owned),
        named("recursive", inner("bind", "recursive")),
        named("subpath", inner("volume", "subpath").or_else(|| inner("image", "subpath"))),
        named("size", inner("tmpfs", "size")),
        named("mode", inner("tmpfs", "mode")),
        named("consistency", item.get("consistency")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_syntax() {
        let split = |text: &str| {
            let short = split_short(text);
            (short.source.unwrap_or_default(), short.target, short.options.join(","))
        };
        for (text, source, target, options) in [
            ("/data", "", "/data", ""),
            ("v:/data", "v", "/data", ""),
            ("./a:/b:ro,z", "./a", "/b", "ro,z"),
            ("${DIR:-./x}:/b", "${DIR:-./x}", "/b", ""),
            ("C:\\x:/b", "C:\\x", "/b", ""),
        ] {
            assert_eq!(split(text), (source.into(), target.into(), options.into()), "{text}");
        }
        assert!(is_path("~/.ssh") && is_path("./") && is_path("C:\\x") && !is_path("vol"));
    }
}

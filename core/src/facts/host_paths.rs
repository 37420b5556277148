//! Host paths that should not be mounted into a container. Own table (`core/data/host_paths.json`, 2026-08-23), after CIS 5.6.

use super::{Level, tables};
use crate::date::Date;

/// Date of the table.
pub const AS_OF: Date = tables::host_paths::META.as_of;

/// What a mounted path gives away.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PathCategory {
    /// Files of the host.
    Host,
    /// A socket that controls a container runtime, or a directory that holds one.
    ControlPlane,
    /// Keys and tokens of a person.
    Credentials,
    /// A single device.
    Device,
    /// Commonly mounted and harmless when read-only.
    Benign,
}

/// How a row's path is compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PathMatch {
    /// The path itself.
    Exact,
    /// The path and everything below.
    Prefix,
    /// Every path that starts with these characters.
    StringPrefix,
    /// Like `Prefix`, below any home directory; the row's path starts with `~/`.
    Home,
}

/// One row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HostPathRow {
    /// The path.
    pub path: &'static str,
    /// How it is compared.
    pub matching: PathMatch,
    /// What it gives away.
    pub category: PathCategory,
    /// How bad a writable mount is.
    pub read_write: Option<Level>,
    /// How bad a read-only mount is; `None` when harmless.
    pub read_only: Option<Level>,
    /// Why.
    pub why: &'static str,
}

/// The row for the source of a bind mount: the longest match. Benign rows match too, and so end the search.
///
/// The caller has resolved `.`, `..` and variables; the path is absolute or starts with `~`.
#[must_use]
pub fn judge(path: &str) -> Option<&'static HostPathRow> {
    let path = squeeze(path);
    // /var/run is a link to /run on every current distribution: both names are tried.
    let alias = match path.strip_prefix("/var/run/") {
        Some(rest) => Some(format!("/run/{rest}")),
        None => path.strip_prefix("/run/").map(|rest| format!("/var/run/{rest}")),
    };
    let mut best: Option<(usize, &'static HostPathRow)> = None;
    for name in std::iter::once(path.as_str()).chain(alias.as_deref()) {
        for row in tables::host_paths::ROWS {
            if let Some(length) = matched(row, name)
                && best.is_none_or(|(longest, _)| length > longest)
            {
                best = Some((length, row));
            }
        }
    }
    best.map(|(_, row)| row)
}

/// All rows, by path.
#[must_use]
pub fn rows() -> &'static [HostPathRow] {
    tables::host_paths::ROWS
}

/// How many bytes of `path` the row accounts for.
fn matched(row: &HostPathRow, path: &str) -> Option<usize> {
    let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    match row.matching {
        PathMatch::Exact if row.path == "~" => (home(path) == Some(path.len())).then_some(path.len()),
        PathMatch::Exact => (row.path == path).then_some(path.len()),
        PathMatch::Prefix => path.strip_prefix(row.path).is_some_and(below).then_some(row.path.len()),
        PathMatch::StringPrefix => path.starts_with(row.path).then_some(row.path.len()),
        PathMatch::Home => {
            let home = home(path)?;
            let suffix = row.path.strip_prefix('~')?;
            path[home..].strip_prefix(suffix).is_some_and(below).then_some(home + suffix.len())
        }
    }
}

/// Length of the home directory that the path starts with. `/root` has rows of its own as a whole, but its files are a home's.
fn home(path: &str) -> Option<usize> {
    if path == "~" || path.starts_with("~/") {
        return Some(1);
    }
    if path.starts_with("/root/") {
        return Some("/root".len());
    }
    ["/home/", "/Users/"].into_iter().find_map(|parent| {
        let name = path.strip_prefix(parent)?.split('/').next()?;
        (!name.is_empty()).then_some(parent.len() + name.len())
    })
}

/// One slash between components, none at the end: `//var/run/docker.sock` is how Windows shells are told not to rewrite a path.
fn squeeze(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    if out.len() > 1 && out.ends_with('/') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(&'static str, Option<Level>, Option<Level>)> {
        judge(path).map(|row| (row.path, row.read_write, row.read_only))
    }

    #[test]
    fn the_longest_match_wins() {
        use Level::{Critical, High, Low, Medium};
        for (path, row, rw, ro) in [
            ("/", "/", Some(Critical), Some(Critical)),
            ("/var/run/docker.sock", "/var/run/docker.sock", Some(Critical), Some(Critical)),
            ("//var/run/docker.sock", "/var/run/docker.sock", Some(Critical), Some(Critical)),
            ("/etc/", "/etc", Some(Critical), Some(High)),
            ("/etc/ssl/certs/ca.pem", "/etc/ssl/certs", Some(Low), None),
            ("/etc/localtime", "/etc/localtime", Some(Low), None),
            ("/root", "/root", Some(Critical), Some(High)),
            ("/root/.ssh/id_rsa", "/root/.ssh", Some(Critical), Some(Critical)),
            ("/root/.aws", "~/.aws", Some(High), Some(High)),
            ("/home/ann/.ssh", "~/.ssh", Some(High), Some(High)),
            ("~/.config/gcloud/x.json", "~/.config/gcloud", Some(High), Some(High)),
            ("/Users/ann/.kube/config", "~/.kube", Some(High), Some(High)),
            ("/home/ann", "~", Some(High), Some(High)),
            ("~", "~", Some(High), Some(High)),
            ("/dev/sda1", "/dev/sd", Some(Critical), Some(Critical)),
            ("/dev/nvidia0", "/dev/nvidia", Some(Low), Some(Low)),
            ("/run/user/1000/docker.sock", "/run/user", Some(High), Some(High)),
            ("/var/run/crio/crio.sock", "/run/crio/crio.sock", Some(Critical), Some(Critical)),
            ("/var/lib/docker/volumes/x", "/var/lib/docker", Some(Critical), Some(High)),
            ("/proc/sys/kernel", "/proc/sys", Some(Critical), Some(Medium)),
            ("/data/app", "/data", Some(Low), None),
        ] {
            assert_eq!(of(path), Some((row, rw, ro)), "{path}");
        }
        for free in [
            "/home/ann/project",
            "/srv/app",
            "/etc/nginx",
            "/etcetera",
            "/host",
            "~/project",
            "/var/www/shop",
            "",
            "relative",
        ] {
            assert_eq!(of(free), None, "{free}");
        }
    }
}

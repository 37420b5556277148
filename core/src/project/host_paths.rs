//! Which path of the host a mount or a device shows, however it is written, and how bad that is.

use super::{Project, ServiceRef};
use crate::facts::Level;
use crate::facts::host_paths::{HostPathRow, PathCategory, judge};
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::compose::mounts::{Mount, MountKind, split_short};
use crate::source::{Location, file_name};

/// A path of the host that a container sees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostMount<'p> {
    /// The path: absolute, or below a home directory and then with `~`.
    pub path: String,
    /// Whether this container cannot write.
    pub read_only: bool,
    /// Where the path is written: the mount, or the named volume that binds it.
    pub at: Location,
    /// The mount that names it.
    pub mount: &'p Mount,
    /// Where the container gets it from, when that is not `at`, with what stands there.
    pub through: Option<(Location, &'static str)>,
}

impl<'p> ServiceRef<'p, '_> {
    /// Every path of the host it sees: binds, named volumes that bind a path, and what `volumes_from` takes over.
    #[must_use]
    pub fn host_mounts(self) -> Vec<HostMount<'p>> {
        let mut all = self.own_host_mounts();
        for text in &self.service.spec.volumes_from {
            let mut parts = text.text.split(':').peekable();
            parts.next_if(|part| matches!(*part, "container" | "service"));
            let (Some(name), options) = (parts.next(), parts.next()) else { continue };
            let other = self.others().find(|other| other.hostnames().contains(&name));
            all.extend(other.into_iter().flat_map(ServiceRef::own_host_mounts).map(|mount| HostMount {
                read_only: mount.read_only || options == Some("ro"),
                through: Some((text.at, "taken over here")),
                ..mount
            }));
        }
        all
    }

    fn own_host_mounts(self) -> Vec<HostMount<'p>> {
        let (service, view) = (self.service, self.view);
        let mounts = service.spec.mounts.iter().filter_map(|mount| {
            let source = mount.source.as_deref()?;
            match mount.kind {
                // A volume's name has no slash: `${XDG_RUNTIME_DIR}/docker.sock` is a path.
                MountKind::Bind | MountKind::Volume if mount.kind == MountKind::Bind || source.contains('/') => {
                    Some(HostMount {
                        path: host_path(source)?,
                        read_only: mount.read_only,
                        at: mount.at,
                        mount,
                        through: None,
                    })
                }
                MountKind::Volume => {
                    let device = view.volumes.iter().find(|volume| volume.name == source)?.device.as_ref()?;
                    let through = Some((mount.at, "mounted here"));
                    Some(HostMount {
                        path: host_path(&device.text)?,
                        read_only: mount.read_only,
                        at: device.at,
                        mount,
                        through,
                    })
                }
                _ => None,
            }
        });
        mounts.collect()
    }
}

impl HostMount<'_> {
    /// What is known of the path when it is one that should stay on the host. Sockets that control a container runtime, single
    /// devices and what is harmless have no row here.
    #[must_use]
    pub fn sensitive(&self) -> Option<&'static HostPathRow> {
        let row =
            judge(&self.path).filter(|row| matches!(row.category, PathCategory::Host | PathCategory::Credentials))?;
        // Public halves of keys, and the list of hosts that were seen.
        let public = self.path.ends_with(".pub") || file_name(&self.path) == "known_hosts";
        (!public && self.control_socket().is_none()).then_some(row)
    }

    /// How bad it is when the path is a socket that controls a container runtime, or a directory that holds one.
    #[must_use]
    pub fn control_socket(&self) -> Option<Severity> {
        let name = file_name(&self.path);
        let by_name = matches!(
            name,
            "docker.sock" | "docker.sock.raw" | "podman.sock" | "containerd.sock" | "crio.sock" | "buildkitd.sock"
        );
        let Some(row) = judge(&self.path).filter(|row| row.category == PathCategory::ControlPlane) else {
            return by_name.then_some(Severity::Critical);
        };
        // Below /run/user/<uid> only the sockets and the directories that hold them count: the rest is sound, display, bus.
        let below =
            self.path.strip_prefix("/run/user").map(|rest| rest.split('/').filter(|part| !part.is_empty()).count());
        let counts = below.is_none_or(|depth| depth <= 1) || by_name || matches!(name, "docker" | "podman");
        row.read_write.filter(|_| counts).map(severity_of)
    }

    /// What a row says of the path.
    #[must_use]
    pub fn gives_away(row: &HostPathRow) -> &'static str {
        match row.category {
            PathCategory::Credentials => "a person's keys and tokens",
            _ => row.why,
        }
    }

    /// Whether the path is a directory that holds the socket among other things.
    #[must_use]
    pub fn is_directory_of_sockets(&self) -> bool {
        !file_name(&self.path).contains(".sock")
    }

    /// Whether changes of the host's mounts show up in the container's, and the other way round.
    #[must_use]
    pub fn is_shared_both_ways(&self) -> bool {
        matches!(self.mount.propagation.as_deref(), Some("shared" | "rshared"))
    }
}

impl Project<'_> {
    /// Makes a mount in the short syntax read-only; nothing when it has options already or the long syntax.
    #[must_use]
    pub fn mount_read_only(&self, safety: Safety, title: impl Into<String>, mount: &Mount) -> Option<Fix> {
        let written = self.slice(mount.at).trim_matches(['"', '\'']);
        let short = split_short(written);
        (short.source.is_some() && short.options.is_empty() && !written.contains(['\n', '{'])).then_some(())?;
        self.replace(safety, title, mount.at, &format!("{written}:ro"))
    }
}

/// What a table says first; the rest of its text is detail.
#[must_use]
pub fn first_clause(text: &'static str) -> &'static str {
    text.split([';', ':']).next().unwrap_or(text)
}

/// How bad it is to hand out a device, as `devices` names it: raw disks and memory. `None` for every other device.
#[must_use]
pub fn raw_device(text: &str) -> Option<Severity> {
    let path = host_path(text.split(':').next()?)?;
    let name = path.strip_prefix("/dev/")?;
    if ["hd", "vd", "xvd", "mmcblk", "dm-", "md", "loop"]
        .iter()
        .any(|disk| name.strip_prefix(disk).is_some_and(|rest| !rest.is_empty()))
    {
        return Some(Severity::Critical);
    }
    judge(&path).filter(|row| row.category == PathCategory::Host).and_then(|row| row.read_write).map(severity_of)
}

/// The severity that a level of the tables stands for.
#[must_use]
pub fn severity_of(level: Level) -> Severity {
    match level {
        Level::Info => Severity::Info,
        Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High => Severity::High,
        Level::Critical => Severity::Critical,
    }
}

/// The source of a bind as a path of the host: `~` for a home directory, no `.` and `..`. `None` for what lies in the project, and
/// where a variable leaves it open.
fn host_path(source: &str) -> Option<String> {
    let mut source = source.replace("${USER}", "user").replace("${XDG_RUNTIME_DIR}", "/run/user/1000");
    for home in ["${HOME}", "$HOME", "${USERPROFILE}"] {
        if let Some(rest) = source.strip_prefix(home) {
            source = format!("~{rest}");
            break;
        }
    }
    if source.contains("${") || !(source.starts_with('/') || source == "~" || source.starts_with("~/")) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.as_slice() == ["~"] => parts = vec!["home"],
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    Some(if path.starts_with('~') { path } else { format!("/{path}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::Date;
    use crate::source::Sources;

    #[test]
    fn paths_however_written() {
        for (source, want) in [
            ("/", Some("/")),
            ("//var/run/docker.sock", Some("/var/run/docker.sock")),
            ("/srv/../etc/", Some("/etc")),
            ("~", Some("~")),
            ("~/.ssh", Some("~/.ssh")),
            ("${HOME}/.aws", Some("~/.aws")),
            ("/home/${USER}/.ssh", Some("/home/user/.ssh")),
            ("${XDG_RUNTIME_DIR}/docker.sock", Some("/run/user/1000/docker.sock")),
            ("~/../", Some("/home")),
            ("./etc", None),
            ("../..", None),
            (".", None),
            ("${PWD}/x", None),
            ("/srv/${SITE}", None),
            ("C:\\x", None),
        ] {
            assert_eq!(host_path(source).as_deref(), want, "{source}");
        }
    }

    /// Path, sensitive row and socket of every mount of service `a`.
    fn mounts(text: &str) -> Vec<(String, bool, Option<&'static str>, Option<Severity>)> {
        let mut sources = Sources::new();
        sources.add("docker/compose.yaml", text);
        let project = Project::new(&sources, Date::new(2026, 11, 24));
        let service = project.service(&project.views[0], "a").expect("service a");
        service
            .host_mounts()
            .iter()
            .map(|mount| {
                (mount.path.clone(), mount.read_only, mount.sensitive().map(|row| row.path), mount.control_socket())
            })
            .collect()
    }

    fn one(volume: &str) -> (Option<&'static str>, Option<Severity>) {
        let found = mounts(&format!("services:\n  a:\n    image: x:1\n    volumes: [\"{volume}\"]\n"));
        found.first().map_or((None, None), |(_, _, row, socket)| (*row, *socket))
    }

    #[test]
    fn what_a_mount_gives_away() {
        let critical = Some(Severity::Critical);
        for (volume, row, socket) in [
            ("/:/host", Some("/"), None),
            ("/var/run/docker.sock:/tmp/docker.sock:ro", None, critical),
            ("/var/run:/var/run", None, critical),
            ("~/.docker/run/docker.sock:/var/run/docker.sock", None, critical),
            ("/run/user/1000/podman/podman.sock:/x", None, Some(Severity::High)),
            ("/run/user/1000:/x", None, Some(Severity::High)),
            ("${XDG_RUNTIME_DIR}/docker.sock:/x", None, Some(Severity::High)),
            ("/run/user/1000/pulse/native:/x", None, None),
            ("~/.ssh/known_hosts:/root/.ssh/known_hosts", None, None),
            ("~/.ssh:/root/.ssh", Some("~/.ssh"), None),
            ("/etc/localtime:/etc/localtime", None, None),
            ("../../etc:/etc", None, None),
            ("etc:/etc", None, None),
        ] {
            assert_eq!(one(volume), (row, socket), "{volume}");
        }
    }

    #[test]
    fn volumes_that_bind_and_mounts_taken_over() {
        let bound = "services:\n  a:\n    image: x:1\n    volumes: [\"v:/v:ro\", \"w:/w\"]\nvolumes:\n  v:\n    driver_opts: {type: none, o: bind, device: /etc}\n  w: {}\n";
        assert_eq!(mounts(bound), [("/etc".to_owned(), true, Some("/etc"), None)]);
        let taken = "services:\n  b:\n    image: x:1\n    volumes: [\"/etc:/e\"]\n  a:\n    image: x:1\n    volumes_from: [\"b:ro\", \"container:other\"]\n";
        assert_eq!(mounts(taken), [("/etc".to_owned(), true, Some("/etc"), None)]);
    }

    #[test]
    fn devices() {
        for (text, want) in [
            ("/dev/sda:/dev/sda", Some(Severity::Critical)),
            ("/dev/vda1", Some(Severity::Critical)),
            ("/dev/mem:/dev/mem:r", Some(Severity::Critical)),
            ("/dev/kmsg", Some(Severity::Medium)),
            ("/dev/net/tun", None),
            ("/dev/dri", None),
            ("/dev/ttyUSB0", None),
            ("nvidia.com/gpu=all", None),
        ] {
            assert_eq!(raw_device(text), want, "{text}");
        }
    }
}

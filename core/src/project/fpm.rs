//! Where a PHP-FPM pool listens: the image's port 9000, unless a pool file of the project says otherwise.

use super::{Parsed, ServiceRef};
use crate::detect::Kind;
use crate::source::{Location, SourceId, join};

/// Where a pool listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FpmListen {
    /// On a TCP port of every address of the container.
    Port(u16, Option<Location>),
    /// On a Unix socket, or on the container's own loopback address only.
    Local(Location),
}

impl ServiceRef<'_, '_> {
    /// Whether it answers FastCGI: by its image or command, or because a web server hands requests to it.
    #[must_use]
    pub fn is_fpm(self) -> bool {
        self.role.name == "php-fpm"
            || self.role.is_php()
                && super::roles::fastcgi_hosts(self.project)
                    .iter()
                    .any(|(host, _)| self.hostnames().contains(&host.as_str()))
    }

    /// Where its pool listens.
    #[must_use]
    pub fn fpm_listen(self) -> FpmListen {
        let mut found = FpmListen::Port(9000, None);
        for file in self.project.files_of(Kind::FpmPool).filter(|file| self.reads_pool(file.source)) {
            let Parsed::Ini(ini) = &file.parsed else { continue };
            let Some(entry) = ini.get("listen") else { continue };
            let at = Location::new(file.source, entry.value_span);
            found = match entry.value.rsplit_once(':') {
                _ if entry.value.starts_with('/') => FpmListen::Local(at),
                Some((address, _)) if address.starts_with("127.") || address == "[::1]" || address == "localhost" => {
                    FpmListen::Local(at)
                }
                Some((_, port)) => port.parse().map_or(found, |port| FpmListen::Port(port, Some(at))),
                None => entry.value.parse().map_or(found, |port| FpmListen::Port(port, Some(at))),
            };
        }
        found
    }

    /// Whether a pool file is mounted into the container or copied into the image, at a place where FPM reads it.
    fn reads_pool(self, id: SourceId) -> bool {
        let path = self.project.path(id);
        let pool_folder = |target: &str| ["php-fpm", "/fpm/", "pool.d"].iter().any(|part| target.contains(part));
        let within =
            |folder: &str| path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let mounted = self.mounts.iter().any(|mount| {
            let source = mount.source.as_deref().filter(|source| source.starts_with('.'));
            pool_folder(&mount.target) && source.is_some_and(|source| within(&join(&self.view.folder, source)))
        });
        let copied = self.build_use.as_ref().is_some_and(|used| {
            let context = used.context.as_deref().unwrap_or("");
            let relative = if context.is_empty() {
                Some(path)
            } else {
                path.strip_prefix(context).and_then(|rest| rest.strip_prefix('/'))
            };
            let copies = used.copies(self.project);
            copies.iter().any(|copy| {
                used.is_final(copy.stage)
                    && pool_folder(&copy.destination)
                    && relative.is_some_and(|path| copy.taking(path).is_some())
            })
        });
        mounted || copied
    }
}

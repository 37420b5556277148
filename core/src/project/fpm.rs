//! PHP-FPM: the pools of a service as FPM reads them, in the order of its files, with what the image ships and what overrides it.

use super::container_files::{ContainerFile, ContainerFiles};
use super::container_ini::{self, IniEvent};
use super::php_image::Layout;
use super::{Parsed, ServiceRef};
use crate::detect::Kind;
use crate::facts::glob;
use crate::source::{Location, SourceId, file_name, folder, join};
use std::collections::BTreeMap;

/// Files that `include` may lead to.
const MAX_INCLUDED: usize = 256;

/// Where a pool listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FpmListen {
    /// On a TCP port of every address of the container.
    Port(u16, Option<Location>),
    /// On a Unix socket, or on the container's own loopback address only.
    Local(Location),
}

/// What FPM of a service reads.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FpmConfiguration {
    /// The `[global]` section.
    pub global: BTreeMap<String, Directive>,
    /// The pools in order.
    pub pools: Vec<FpmPool>,
    /// Paths of the files that are read, in order.
    pub files: Vec<String>,
    /// Files for FPM that stand where FPM does not read them, and what put them there.
    pub unread: Vec<(String, Location)>,
    /// Something that was not supplied may set anything: where it comes from.
    pub unseen: Option<Location>,
}

/// One pool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FpmPool {
    /// Its name; `None` when a variable without a known value names it.
    pub name: Option<String>,
    /// Where its section is written first; `None` when the image ships it.
    pub at: Option<Location>,
    /// Its directives.
    pub directives: BTreeMap<String, Directive>,
    /// `php_value`, `php_flag` and their admin forms, in order.
    pub php: Vec<PoolSetting>,
    /// `env[…]`: name, value, place.
    pub environment: Vec<PoolSetting>,
    /// Whether all files that FPM reads are known, so that what none of them sets is as FPM itself has it.
    pub complete: bool,
}

/// The effective value of a directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// The value; `None` when it is not known.
    pub value: Option<String>,
    /// Where it is set; `None` for what the image ships.
    pub at: Option<Location>,
    /// Where the project set it before, without effect: oldest first.
    pub overridden: Vec<Location>,
}

/// `php_value[name] = value`, `env[NAME] = value`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PoolSetting {
    /// The name in brackets.
    pub name: String,
    /// The value; `None` when it is not known.
    pub value: Option<String>,
    /// Whether it is an admin form, which nothing overrides.
    pub admin: bool,
    /// Where the value is written; `None` for what the image ships.
    pub at: Option<Location>,
}

/// What FPM does without a directive.
const DEFAULTS: [(&str, &str); 22] = [
    ("access.suppress_path", ""),
    ("catch_workers_output", "no"),
    ("chroot", ""),
    ("clear_env", "yes"),
    ("daemonize", "yes"),
    ("decorate_workers_output", "yes"),
    ("listen.backlog", "511"),
    ("listen.mode", "0660"),
    ("listen.allowed_clients", ""),
    ("listen.acl_users", ""),
    ("ping.path", ""),
    ("ping.response", "pong"),
    ("pm.max_requests", "0"),
    ("pm.process_idle_timeout", "10s"),
    ("pm.status_listen", ""),
    ("pm.status_path", ""),
    ("process.dumpable", "no"),
    ("request_slowlog_timeout", "0"),
    ("request_terminate_timeout", "0"),
    ("security.limit_extensions", ".php .phar"),
    ("access.log", ""),
    ("slowlog", ""),
];

impl FpmPool {
    /// A directive that something sets.
    #[must_use]
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.get(name)
    }

    /// The effective value of a directive, FPM's own where nothing sets it; `None` when it is not known or has no default. Of an image
    /// that is not known, only what the project sets is known.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.directives.get(name) {
            Some(directive) => directive.value.as_deref(),
            None if !self.complete => None,
            None => DEFAULTS.iter().find(|(known, _)| *known == name).map(|(_, value)| *value),
        }
    }

    /// A directive as a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.trim().parse().ok()
    }

    /// Whether workers see the container's environment; `None` when it is not known.
    #[must_use]
    pub fn clears_environment(&self) -> Option<bool> {
        self.value("clear_env").map(super::php_bool)
    }

    /// The extensions that it executes; empty for all.
    #[must_use]
    pub fn limit_extensions(&self) -> Option<Vec<&str>> {
        self.value("security.limit_extensions")
            .map(|value| value.split([' ', ',']).filter(|part| !part.is_empty()).collect())
    }

    /// Whether it listens on a TCP port of every address, on which one; `None` for sockets, loopback, and what is not known.
    #[must_use]
    pub fn open_port(&self) -> Option<u16> {
        port_of(self.value("listen")?)
    }

    /// Directives of the project that another file overrides: the name, where it is set without effect, and where the winner is.
    #[must_use]
    pub fn ineffective(&self) -> Vec<(&str, Location, Option<Location>)> {
        let each = self.directives.iter().flat_map(|(name, directive)| {
            directive.overridden.iter().map(move |at| (name.as_str(), *at, directive.at))
        });
        each.filter(|(_, at, winner)| winner.is_none_or(|winner| winner.source != at.source)).collect()
    }
}

/// The TCP port that a `listen` opens on every address.
fn port_of(listen: &str) -> Option<u16> {
    let listen = listen.trim();
    if listen.starts_with('/') {
        return None;
    }
    match listen.rsplit_once(':') {
        Some((address, _)) if address.starts_with("127.") || address == "[::1]" || address == "localhost" => None,
        Some((_, port)) => port.parse().ok(),
        None => listen.parse().ok(),
    }
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

    /// Its pools.
    #[must_use]
    pub fn fpm_pools(self) -> Vec<FpmPool> {
        self.fpm_configuration().pools
    }

    /// What its FPM reads. Empty when the image is not known and the project puts no pool into it.
    #[must_use]
    pub fn fpm_configuration(self) -> FpmConfiguration {
        let files = self.container_files();
        let layout = self.php_layout();
        let mut reader =
            FpmReader { service: self, files: &files, out: FpmConfiguration::default(), current: None, prefix: "" };
        let main = match &layout {
            Layout::Official | Layout::ServersideUp => {
                reader.prefix = "/usr/local";
                Some("/usr/local/etc/php-fpm.conf".to_owned())
            }
            Layout::Bitnami => Some("/opt/bitnami/php/etc/php-fpm.conf".to_owned()),
            Layout::Debian(version) => Some(format!("/etc/php/{version}/fpm/php-fpm.conf")),
            Layout::Alpine(version) => Some(format!("/etc/php{version}/php-fpm.conf")),
            Layout::Unknown => None,
        };
        match main.as_deref().and_then(|path| files.files.get(path)) {
            Some(file) => reader.file(file),
            None => {
                let pools: Vec<&ContainerFile> = files.files.values().filter(|file| is_pool_file(&file.path)).collect();
                for file in pools {
                    reader.file(file);
                }
            }
        }
        let FpmReader { mut out, .. } = reader;
        let complete =
            main.is_some_and(|path| files.files.contains_key(&path)) && out.unseen.is_none() && !files.incomplete;
        out.pools.iter_mut().for_each(|pool| pool.complete = complete);
        let stray = files.files.values().filter(|file| is_pool_file(&file.path) && !out.files.contains(&file.path));
        out.unread = stray.filter_map(|file| Some((file.path.clone(), file.at?))).collect();
        out
    }

    /// Where its pool listens.
    #[must_use]
    pub fn fpm_listen(self) -> FpmListen {
        let pools = self.fpm_pools();
        let listening = pools.iter().filter_map(|pool| pool.directive("listen"));
        let mut found = None;
        for directive in listening {
            let place = directive.at;
            match (directive.value.as_deref().and_then(port_of), &directive.value) {
                (Some(port), _) => return FpmListen::Port(port, place),
                (None, Some(_)) => found = place.map(FpmListen::Local).or(found),
                (None, None) => {}
            }
        }
        found.unwrap_or_else(|| self.listen_by_name())
    }

    /// Where the project's pool files say that it listens, when nothing tells what becomes of them in the container.
    fn listen_by_name(self) -> FpmListen {
        let mut found = FpmListen::Port(9000, None);
        for file in self.project.files_of(Kind::FpmPool).filter(|file| self.reads_pool(file.source)) {
            let Parsed::Ini(ini) = &file.parsed else { continue };
            let Some(entry) = ini.get("listen") else { continue };
            let at = Location::new(file.source, entry.value_span);
            found = match port_of(&entry.value) {
                Some(port) => FpmListen::Port(port, Some(at)),
                None if entry.value.contains('$') => found,
                None => FpmListen::Local(at),
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

/// Whether a path of a container is one that a pool file of some image has.
fn is_pool_file(path: &str) -> bool {
    path.ends_with(".conf")
        && (matches!(file_name(folder(path)), "php-fpm.d" | "pool.d") || file_name(path) == "php-fpm.conf")
}

struct FpmReader<'f, 'p, 'a> {
    service: ServiceRef<'p, 'a>,
    files: &'f ContainerFiles,
    out: FpmConfiguration,
    /// The pool at hand; `None` in `[global]`.
    current: Option<usize>,
    prefix: &'static str,
}

impl FpmReader<'_, '_, '_> {
    fn file(&mut self, file: &ContainerFile) {
        if self.out.files.len() >= MAX_INCLUDED || self.out.files.contains(&file.path) {
            return;
        }
        self.out.files.push(file.path.clone());
        for event in container_ini::events(self.service.project, file) {
            match event {
                IniEvent::Section { name, at } => self.section(&name, at),
                IniEvent::Setting { key, value, interpolates, at, .. } => {
                    let value = value.and_then(|value| self.service.ini_value(&value, interpolates));
                    if key == "include" {
                        self.include(&file.path, value.as_deref());
                    } else {
                        self.set(&key, value, at);
                    }
                }
                IniEvent::Edited { key: Some(key), at } => self.edited(&key, at),
                IniEvent::Edited { key: None, at } => self.out.unseen = Some(at),
                IniEvent::Unseen(at) => self.out.unseen = at.or(file.at).or(self.out.unseen),
            }
        }
    }

    fn section(&mut self, name: &str, at: Option<Location>) {
        if name.eq_ignore_ascii_case("global") {
            self.current = None;
            return;
        }
        let name = self.service.ini_value(name, true);
        let known = self.out.pools.iter().position(|pool| pool.name.is_some() && pool.name == name);
        self.current = Some(known.unwrap_or_else(|| {
            self.out.pools.push(FpmPool { name, at, ..FpmPool::default() });
            self.out.pools.len() - 1
        }));
    }

    fn include(&mut self, from: &str, pattern: Option<&str>) {
        let Some(pattern) = pattern else { return };
        let patterns: Vec<String> = if pattern.starts_with('/') {
            vec![pattern.to_owned()]
        } else {
            vec![format!("{}/{pattern}", self.prefix), format!("{}/{pattern}", folder(from))]
        };
        for pattern in patterns {
            let place = folder(&pattern).to_owned();
            let name = file_name(&pattern).to_owned();
            if let Some(at) = self.files.unseen_at(&place) {
                self.out.unseen = Some(at);
            }
            let files = self.files;
            for file in files.in_folder(&place).filter(|file| glob::name(&name, file_name(&file.path))) {
                self.file(file);
            }
        }
    }

    fn set(&mut self, key: &str, value: Option<String>, at: Option<Location>) {
        let subscript = key.split_once('[').and_then(|(key, rest)| Some((key.trim(), rest.strip_suffix(']')?.trim())));
        let Some(pool) = self.current.and_then(|index| self.out.pools.get_mut(index)) else {
            put(&mut self.out.global, key, value, at);
            return;
        };
        match subscript {
            Some((kind @ ("php_value" | "php_flag" | "php_admin_value" | "php_admin_flag"), name)) => {
                pool.php.push(PoolSetting { name: name.to_owned(), value, admin: kind.contains("admin"), at });
            }
            Some(("env", name)) => {
                pool.environment.push(PoolSetting { name: name.to_owned(), value, admin: false, at });
            }
            _ => put(&mut pool.directives, key, value, at),
        }
    }

    /// An edit of the file changes a directive wherever the file sets it.
    fn edited(&mut self, key: &str, at: Location) {
        for pool in &mut self.out.pools {
            if key == "listen" || pool.directives.contains_key(key) {
                put(&mut pool.directives, key, None, Some(at));
            }
        }
    }
}

fn put(directives: &mut BTreeMap<String, Directive>, key: &str, value: Option<String>, at: Option<Location>) {
    let mut overridden = Vec::new();
    if let Some(before) = directives.remove(key) {
        overridden = before.overridden;
        overridden.extend(before.at);
    }
    directives.insert(key.to_owned(), Directive { value, at, overridden });
}

#[cfg(test)]
#[path = "fpm_tests.rs"]
mod tests;

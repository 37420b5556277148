//! Hosts that configuration files of frameworks and collectors name: `wp-config.php`, `config/database.php`, `settings.php`,
//! Magento's `env.php`, the targets of Prometheus.

use crate::facts::needed_paths::is_host_key;
use crate::model::php::Configured;
use crate::project::{Project, ServiceRef};
use crate::source::{Location, SourceId, join};
use crate::span::Span;
use std::collections::BTreeMap;

/// An entry or a constant that is for a host.
pub(super) struct ConfiguredHost {
    path: String,
    /// Its name: `DB_HOST`, `host`.
    pub(super) key: String,
    /// The host that is written: a literal, or the default of a variable.
    pub(super) text: String,
    /// The variable that decides it, when it is set.
    pub(super) variable: Option<String>,
    /// Where.
    pub(super) at: Location,
}

/// Constants of WordPress and its plug-ins that name a host.
const CONSTANTS: [&str; 4] = ["DB_HOST", "WP_REDIS_HOST", "WP_REDIS_SERVERS", "MEMCACHED_HOST"];

/// Entries of one file that are looked at.
const MAX_ENTRIES: usize = 2000;

impl ConfiguredHost {
    /// Whether its file is one that the application in one of the folders reads.
    pub(super) fn is_of(&self, folders: &[String]) -> bool {
        folders.iter().any(|folder| {
            let rest = match folder.as_str() {
                "" | "." => Some(self.path.as_str()),
                folder => self.path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')),
            };
            rest.is_some_and(is_own_configuration)
        })
    }
}

/// Whether a path below an application's folder is one of its own configuration: the folder of a whole repository holds those of
/// other applications too.
fn is_own_configuration(rest: &str) -> bool {
    const FOLDERS: [&str; 9] = [
        "config/",
        "app/etc/",
        "app/config/",
        "sites/",
        "web/sites/",
        "docroot/sites/",
        "typo3conf/",
        "public/",
        "html/",
    ];
    let known = || FOLDERS.iter().any(|folder| rest.starts_with(folder));
    !rest.contains('/') || known() && rest.matches('/').count() <= 4
}

/// Every host that a PHP file of the project configures.
pub(super) fn hosts(project: &Project<'_>) -> Vec<ConfiguredHost> {
    let mut found = Vec::new();
    for (path, config) in project.php_configs() {
        if path.contains("vendor/") || path.contains("node_modules/") {
            continue;
        }
        let mut add = |key: &str, configured: Configured| {
            let Some(text) = configured.written().filter(|text| !text.is_empty()) else { return };
            found.push(ConfiguredHost {
                path: path.to_owned(),
                key: key.to_owned(),
                text: text.to_owned(),
                variable: configured.variable().map(str::to_owned),
                at: configured.at,
            });
        };
        for name in CONSTANTS {
            if let Some(constant) = config.constant(name) {
                add(name, constant);
            }
        }
        for (names, configured) in config.entries().into_iter().take(MAX_ENTRIES) {
            if let Some(key) = names.last().filter(|key| is_host_key(key)) {
                add(key, configured);
            }
        }
    }
    found
}

impl ServiceRef<'_, '_> {
    /// Folders of the project that hold its application's code: what is mounted, and what its image is built from.
    pub(super) fn code_folders(self) -> Vec<String> {
        let mounted = self.service.mounts.iter().filter_map(|mount| self.project_folder(mount));
        // A file that is mounted alone stands for itself.
        let folder_of = |path: String| match path.strip_suffix("wp-config.php") {
            Some(folder) => folder.trim_end_matches('/').to_owned(),
            None => path,
        };
        let built = self.image_source().service.build_use.as_ref().and_then(|used| used.context.clone());
        let mut folders: Vec<String> = mounted.map(folder_of).chain(built).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Hosts with a port in the YAML files that a collector is given: what it scrapes.
    pub(super) fn scraped(self) -> Vec<(String, Location)> {
        let mut found: BTreeMap<String, Location> = BTreeMap::new();
        let sources = self.project.sources;
        for mount in &self.service.mounts {
            let Some(path) = self.project_folder(mount) else { continue };
            let files = [path.clone(), join(&path, "prometheus.yml"), join(&path, "prometheus.yaml")];
            let yaml = |path: &&String| path.ends_with(".yml") || path.ends_with(".yaml");
            for id in files.iter().filter(yaml).filter_map(|path| sources.id(path)) {
                for (target, at) in targets(self.project.text(id), id) {
                    found.entry(target).or_insert(at);
                }
            }
        }
        found.into_iter().collect()
    }
}

/// `app:9253` of each line.
fn targets(text: &str, id: SourceId) -> Vec<(String, Location)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or("");
        let words = code.split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | ',' | '"' | '\''));
        for word in words {
            let port = word.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
            if port.is_some() {
                let start = at + line.len() - line.trim_start().len();
                found.push((word.to_owned(), Location::new(id, Span::new(start, start + code.trim().len()))));
            }
        }
        at += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_configuration() {
        assert!(is_own_configuration("wp-config.php") && is_own_configuration("config/database.php"));
        assert!(is_own_configuration("web/sites/default/settings.php") && is_own_configuration("app/etc/env.php"));
        assert!(!is_own_configuration("apps/shop/config/database.php") && !is_own_configuration("legacy/config.php"));
    }

    #[test]
    fn scrape_targets() {
        let text = "scrape_configs:\n  - job_name: app\n    static_configs:\n      - targets: ['app:9253', \"db:9104\"] # x:1\n";
        let found = targets(text, SourceId(0));
        assert_eq!(found.iter().map(|(host, _)| host.as_str()).collect::<Vec<_>>(), ["app:9253", "db:9104"]);
        assert!(found.iter().all(|(_, at)| at.span.slice(text).starts_with("- targets")));
    }
}

//! Where an organisation keeps its data.

use plimsoll_plugin_sdk::pattern;
use plimsoll_plugin_sdk::prelude::{Context, Error, Variable, settings_error};
use serde::Deserialize;

/// The settings as a schema, for editors and `plimsoll plugin inspect`.
pub(crate) const SCHEMA: &str = include_str!("../settings.schema.json");

/// The settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Residency {
    data_label: String,
    data_classes: Vec<String>,
    data_volumes: Vec<String>,
    data_roles: Vec<String>,
    data_paths: Vec<String>,
    pub(crate) drivers: Vec<String>,
    pub(crate) host_paths: Vec<String>,
    pub(crate) relative_paths: bool,
    pub(crate) file_servers: Vec<String>,
    pub(crate) region_label: String,
    pub(crate) region_options: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) require_region: bool,
    pub(crate) require_internal: bool,
    contexts: Vec<Context>,
}

impl Default for Residency {
    fn default() -> Self {
        let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Self {
            data_label: "data-class".to_owned(),
            data_classes: Vec::new(),
            data_volumes: Vec::new(),
            data_roles: own(&["db"]),
            data_paths: own(&[
                "/var/lib/*",
                "/var/opt/*",
                "/data",
                "/data/*",
                "/bitnami/*",
                "/usr/share/elasticsearch/data",
            ]),
            drivers: Vec::new(),
            host_paths: Vec::new(),
            relative_paths: true,
            file_servers: Vec::new(),
            region_label: "region".to_owned(),
            region_options: own(&["region"]),
            regions: Vec::new(),
            require_region: false,
            require_internal: false,
            contexts: Context::deployed(),
        }
    }
}

impl Residency {
    /// Refuses what can only be a slip.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        match self.host_paths.iter().find(|path| !path.starts_with('/') || path.split('/').any(|part| part == "..")) {
            Some(path) => Err(settings_error(format!("host_paths: `{path}` is no absolute path without `..`"))),
            None => Ok(()),
        }
    }

    /// Whether the rules hold in a context.
    pub(crate) fn hold_in(&self, context: Context) -> bool {
        self.contexts.contains(&context)
    }

    /// Whether one of the labels names a class of data that the rules look at.
    pub(crate) fn is_classed<'v>(&self, mut labels: impl Iterator<Item = Variable<'v>>) -> bool {
        let class = labels.find(|label| label.name == self.data_label).and_then(Variable::known);
        class.is_some_and(|class| self.data_classes.is_empty() || self.data_classes.iter().any(|one| one == class))
    }

    /// Whether a volume of this name holds data.
    pub(crate) fn names_data(&self, volume: &str) -> bool {
        any(&self.data_volumes, volume)
    }

    /// Whether services of a role hold data.
    pub(crate) fn is_data_role(&self, role: &str) -> bool {
        self.data_roles.iter().any(|one| one == role)
    }

    /// Whether data lies at a path of a container.
    pub(crate) fn is_data_path(&self, path: &str) -> bool {
        any(&self.data_paths, path.trim_end_matches('/'))
    }

    /// Whether data may be in a region.
    pub(crate) fn allows_region(&self, region: &str) -> bool {
        self.regions.is_empty() || any(&self.regions, region)
    }

    /// Whether data may lie in a folder of the host; `None` when the path does not say where it is.
    pub(crate) fn allows_path(&self, path: &str) -> Option<bool> {
        if !path.starts_with('/') || path.contains('$') {
            return None;
        }
        let path = parts(path);
        let allowed =
            self.host_paths.is_empty() || self.host_paths.iter().any(|folder| path.starts_with(&parts(folder)));
        Some(allowed)
    }
}

/// The parts of an absolute path, `.` and `..` followed.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts
}

/// Whether some pattern matches a name; `*` stands for any text.
pub(crate) fn any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern::matches(pattern, name))
}

#[cfg(test)]
mod tests {
    use super::Residency;

    #[test]
    fn paths_are_compared_part_by_part() {
        let list = Residency { host_paths: vec!["/srv/eu".to_owned()], ..Residency::default() };
        for (path, want) in [
            ("/srv/eu", Some(true)),
            ("/srv/eu/db/", Some(true)),
            ("/srv/./eu//db", Some(true)),
            ("/srv/europe", Some(false)),
            ("/srv/eu/../us", Some(false)),
            ("/", Some(false)),
            ("./data", None),
            ("~/data", None),
            ("/srv/$REGION", None),
        ] {
            assert_eq!(list.allows_path(path), want, "{path}");
        }
        assert_eq!(Residency::default().allows_path("/anywhere"), Some(true));
    }
}

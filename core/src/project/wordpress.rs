//! How WordPress is configured: `wp-config.php` of the project, and what `WORDPRESS_CONFIG_EXTRA` adds to that of the official image.

use super::ServiceRef;
use crate::model::compose::EnvVar;
use crate::model::php::Configured;
use crate::source::{Location, join};
use crate::syntax::php::{self, ValueKind};

/// The variable whose value the official image runs as PHP at the end of its `wp-config.php`.
const EXTRA: &str = "WORDPRESS_CONFIG_EXTRA";

/// Where WordPress is configured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WordpressConfig {
    /// In `wp-config.php` of the project.
    File(Location),
    /// In the variable for the official image, which is set here.
    Extra(Location),
    /// By the official image, and the variable is not set.
    Image,
}

/// What is known of a constant of WordPress.
#[derive(Clone, PartialEq, Debug)]
pub struct WordpressConstant {
    /// Its value.
    pub value: ValueKind,
    /// Where it is written.
    pub at: Location,
}

impl WordpressConstant {
    /// What it is as a boolean; `None` when it is not known.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        self.value.truth()
    }
}

impl<'p> ServiceRef<'p, '_> {
    /// Where its WordPress is configured; `None` when it runs none, or nothing that was supplied tells.
    #[must_use]
    pub fn wordpress_config(self) -> Option<WordpressConfig> {
        if let Some(folder) = self.application_folder().or_else(|| self.wordpress_folder())
            && let Some(config) = self.project().php_config(&join(&folder, "wp-config.php"))
        {
            return Some(WordpressConfig::File(Location::new(config.source, crate::span::Span::at(0))));
        }
        if self.packaged_application() != Some("wordpress") || self.is_partly_known() {
            return None;
        }
        match self.wordpress_extra() {
            Some(extra) => Some(WordpressConfig::Extra(extra.value.as_ref().map_or(extra.key_at, |value| value.at))),
            None => Some(WordpressConfig::Image),
        }
    }

    /// The variable that adds to the configuration of the official image.
    #[must_use]
    pub fn wordpress_extra(self) -> Option<&'p EnvVar> {
        self.service().variable(EXTRA)
    }

    /// Whether what that variable holds is not all known: a constant may be in it.
    #[must_use]
    pub fn wordpress_extra_is_open(self) -> bool {
        self.wordpress_extra().is_some_and(|extra| !extra.value.as_ref().is_some_and(|value| value.is_known()))
    }

    /// A constant of its WordPress.
    #[must_use]
    pub fn wordpress_constant(self, name: &str) -> Option<WordpressConstant> {
        match self.wordpress_config()? {
            WordpressConfig::File(at) => {
                let found = self.project().php_config(self.project().path(at.source))?.constant(name)?;
                let Configured { value, at, .. } = found;
                Some(WordpressConstant { value, at })
            }
            WordpressConfig::Extra(at) => {
                let text = self.wordpress_extra()?.value.as_ref()?.text.as_str();
                let read = php::parse(&format!("<?php {text}"));
                let value = read.constant(name)?.value.kind.clone();
                Some(WordpressConstant { value, at })
            }
            WordpressConfig::Image => None,
        }
    }

    /// The folder of the view, when a `wp-config.php` lies there and is mounted.
    fn wordpress_folder(self) -> Option<String> {
        self.service().spec.mounts.iter().find_map(|mount| {
            let source = mount.source.as_deref().filter(|source| source.starts_with('.'))?;
            let folder = source.strip_suffix("wp-config.php")?;
            Some(join(&self.view().folder, folder))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn constant(files: &[(&str, &str)], name: &str) -> Option<Option<bool>> {
        let files = sources(files);
        let project = Project::new(&files, TODAY);
        let found = project.services().next().unwrap().wordpress_constant(name);
        found.map(|found| found.truth())
    }

    #[test]
    fn the_variable_of_the_image() {
        let compose = "services:\n  wp:\n    image: wordpress:6\n    environment:\n      WORDPRESS_CONFIG_EXTRA: |\n        define('DISALLOW_FILE_MODS', true);\n        define( \"WP_DEBUG_DISPLAY\", false );\n";
        assert_eq!(constant(&[("compose.yaml", compose)], "DISALLOW_FILE_MODS"), Some(Some(true)));
        assert_eq!(constant(&[("compose.yaml", compose)], "WP_DEBUG_DISPLAY"), Some(Some(false)));
        assert_eq!(constant(&[("compose.yaml", compose)], "FORCE_SSL_ADMIN"), None);
    }

    #[test]
    fn a_file_of_the_project() {
        let compose = "services:\n  wp:\n    image: wordpress:6\n    volumes: [\"./wp-config.php:/var/www/html/wp-config.php:ro\"]\n";
        let config = "<?php\ndefine('DISALLOW_FILE_EDIT', true);\n";
        let files = [("compose.yaml", compose), ("wp-config.php", config)];
        assert_eq!(constant(&files, "DISALLOW_FILE_EDIT"), Some(Some(true)));
    }
}

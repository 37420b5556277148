//! How images and frameworks read a secret from a file. Source: docker-library/docs and vendors' documentation (`core/data/secret_files.json`, 2026-08-21).

use super::{glob, images, tables};
use crate::date::Date;
use crate::image::ImageRef;

/// Date of the table.
pub const AS_OF: Date = tables::secret_files::META.as_of;

/// One image or framework.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecretFileSupport {
    /// Image or framework.
    pub name: &'static str,
    /// Whether it is a framework.
    pub framework: bool,
    /// Image names (patterns) that the row is for.
    pub images: &'static [&'static str],
    /// Variables that name a file, `*` standing for anything; empty when the image has none.
    pub vars: &'static [&'static str],
    /// What to do instead, or besides; may be empty.
    pub how: &'static str,
}

impl SecretFileSupport {
    /// The variable that takes a file instead of the value of `key`, when the image has one.
    #[must_use]
    pub fn file_variable(&self, key: &str) -> Option<String> {
        ["_FILE", "__FILE"].iter().map(|suffix| format!("{key}{suffix}")).find(|name| {
            // GF_X_FILE must not pass for GF_*__FILE, nor the other way round.
            let double = name.ends_with("__FILE");
            self.vars.iter().any(|pattern| pattern.ends_with("__FILE") == double && glob::name(pattern, name))
        })
    }
}

/// What is known about an image's secret files.
#[must_use]
pub fn support(image: &ImageRef) -> Option<&'static SecretFileSupport> {
    let name = images::name(image);
    tables::secret_files::ROWS.iter().find(|row| row.images.iter().any(|pattern| glob::name(pattern, &name)))
}

/// What is known about a framework: `symfony`, `laravel`, `drupal` …
#[must_use]
pub fn framework(name: &str) -> Option<&'static SecretFileSupport> {
    tables::secret_files::ROWS.iter().find(|row| row.framework && row.name.eq_ignore_ascii_case(name))
}

/// All rows, by name.
#[must_use]
pub fn rows() -> &'static [SecretFileSupport] {
    tables::secret_files::ROWS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(image: &str, key: &str) -> Option<String> {
        support(&ImageRef::parse(image).unwrap())?.file_variable(key)
    }

    #[test]
    fn file_variables() {
        assert_eq!(variable("mysql:8.4", "MYSQL_ROOT_PASSWORD").as_deref(), Some("MYSQL_ROOT_PASSWORD_FILE"));
        assert_eq!(variable("mariadb", "MARIADB_PASSWORD").as_deref(), Some("MARIADB_PASSWORD_FILE"));
        assert_eq!(
            variable("wordpress:php8.3", "WORDPRESS_DB_PASSWORD").as_deref(),
            Some("WORDPRESS_DB_PASSWORD_FILE")
        );
        assert_eq!(
            variable("grafana/grafana", "GF_SECURITY_ADMIN_PASSWORD").as_deref(),
            Some("GF_SECURITY_ADMIN_PASSWORD__FILE")
        );
        assert_eq!(variable("mysql", "APP_SECRET"), None);
        assert_eq!(variable("redis:8", "REDIS_PASSWORD"), None);
        assert!(support(&ImageRef::parse("redis:8").unwrap()).is_some_and(|row| row.how.contains("aclfile")));
        assert!(support(&ImageRef::parse("acme/app").unwrap()).is_none());
        assert!(framework("Symfony").is_some_and(|row| row.how.contains("%env(file:")));
        assert!(framework("typo3").is_some() && framework("redis").is_none());
    }
}

//! Frameworks that took options of theirs from the query string, by the versions that `composer.lock` installs.

use super::ServiceRef;
use crate::facts::versions::{Ranges, Version};
use crate::source::Location;

/// Packages, the weakness, and the versions that have it: GHSA-gv7v-rgg6-548h and GHSA-x8vp-gf4q-mw5j.
const ROWS: [(&str, &str, &str); 2] = [
    (
        "laravel/framework",
        "CVE-2024-52301",
        "<6.20.45|>=7.0,<7.30.7|>=8.0,<8.83.28|>=9.0,<9.52.17|>=10.0,<10.48.23|>=11.0,<11.31.0",
    ),
    ("symfony/runtime", "CVE-2024-50340", ">=5.3,<5.4.46|>=6.0,<6.4.14|>=7.0,<7.1.7"),
];

/// What a framework makes of arguments that come with a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestArguments {
    /// It takes options from them.
    Taken {
        /// The package.
        package: &'static str,
        /// Its version.
        version: String,
        /// The weakness.
        weakness: &'static str,
        /// Where the version is written.
        at: Location,
    },
    /// It ignores them.
    Ignored,
    /// Nothing tells: no lock file, or a version that is no number.
    Unknown,
}

impl ServiceRef<'_, '_> {
    /// What the framework of its application makes of arguments that come with a request.
    #[must_use]
    pub fn request_arguments(self) -> RequestArguments {
        let lock = self.application_folder().and_then(|folder| self.project.composer_lock(&folder));
        let Some(lock) = lock else { return RequestArguments::Unknown };
        let mut verdict = RequestArguments::Unknown;
        for (name, weakness, affected) in ROWS {
            let Some(package) = lock.package(name).filter(|package| !package.dev) else { continue };
            let version = Version::parse(&package.version);
            let (Some(version), Ok(ranges)) = (version, Ranges::parse(affected)) else { continue };
            if ranges.contains(&version) {
                return RequestArguments::Taken {
                    package: name,
                    version: package.version.clone(),
                    weakness,
                    at: package.at,
                };
            }
            verdict = RequestArguments::Ignored;
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn verdict(package: &str, version: &str) -> RequestArguments {
        let lock = format!("{{\"packages\": [{{\"name\": \"{package}\", \"version\": \"{version}\"}}]}}");
        let sources = sources(&[("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\n"), ("composer.lock", &lock)]);
        let project = Project::new(&sources, TODAY);
        project.services().next().unwrap().request_arguments()
    }

    #[test]
    fn versions_decide() {
        let taken = |found: &RequestArguments| matches!(found, RequestArguments::Taken { .. });
        assert!(taken(&verdict("laravel/framework", "v11.20.0")));
        assert!(taken(&verdict("symfony/runtime", "v6.4.3")));
        assert_eq!(verdict("laravel/framework", "v11.31.0"), RequestArguments::Ignored);
        assert_eq!(verdict("symfony/runtime", "v7.1.7"), RequestArguments::Ignored);
        assert_eq!(verdict("laravel/framework", "dev-master"), RequestArguments::Unknown);
        assert_eq!(verdict("slim/slim", "4.0.0"), RequestArguments::Unknown);
    }
}

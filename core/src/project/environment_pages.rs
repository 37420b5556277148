//! Pages of an application that print the environment its PHP runs in.

use super::{ExposedFile, ModeKind, RiskyMode, ServiceRef};
use crate::source::file_name;

/// Names of pages that call `phpinfo()`, whose text may not be supplied.
const NAMES: [&str; 2] = ["phpinfo.php", "info.php"];

impl ServiceRef<'_, '_> {
    /// Pages with `phpinfo()` that its web server runs, in its own container or in front of it.
    #[must_use]
    pub fn environment_pages(self) -> Vec<ExposedFile> {
        let fronts = self.others().filter(|other| other.fastcgi_services().iter().any(|to| to.name == self.name));
        let files = std::iter::once(self).chain(fronts).flat_map(ServiceRef::exposed_files);
        files.filter(|file| self.prints_environment(file)).collect()
    }

    fn prints_environment(self, exposed: &ExposedFile) -> bool {
        let text = self.project.sources.id(&exposed.file.path).map(|id| self.project.text(id));
        match text.filter(|text| !text.trim().is_empty()) {
            Some(text) => text.contains("phpinfo("),
            None => NAMES.contains(&file_name(&exposed.file.below)),
        }
    }

    /// The switch that makes its error pages print the environment: `APP_DEBUG`.
    #[must_use]
    pub fn environment_on_error_pages(self) -> Option<RiskyMode> {
        self.risky_modes().into_iter().find(|mode| mode.kind == ModeKind::Debug && mode.source.name == "APP_DEBUG")
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn pages_behind_a_web_server() {
        let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\", \"./src:/srv:ro\"]\n  app:\n    image: php:8.4-fpm\n    volumes: [\"./src:/srv:ro\"]\n    environment: {APP_DEBUG: \"true\"}\n  other:\n    image: php:8.4-fpm\n";
        let site = "server {\n  root /srv;\n  location ~ \\.php$ { fastcgi_pass app:9000; }\n}\n";
        let files = [
            ("compose.yaml", compose),
            ("site.conf", site),
            ("src/check.php", "<?php phpinfo();"),
            ("src/dump.sql", "x"),
        ];
        let sources = sources(&files);
        let project = Project::new(&sources, TODAY);
        let of = |name: &str| project.services().find(|service| service.name == name).unwrap();
        let pages = of("app").environment_pages();
        assert_eq!(pages.iter().map(|page| page.file.below.as_str()).collect::<Vec<_>>(), ["check.php"]);
        assert!(of("other").environment_pages().is_empty());
        assert!(of("app").environment_on_error_pages().is_some());
        assert!(of("other").environment_on_error_pages().is_none());
    }
}

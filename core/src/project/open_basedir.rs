//! Which files PHP of a service may open: `open_basedir`, and what there is besides the application.

use super::{FpmPool, Layout, PhpSettings, ServiceRef};
use crate::source::Location;
use std::collections::BTreeSet;

impl PhpSettings {
    /// Whether PHP may open every file that its user may; `None` when that is not known.
    #[must_use]
    pub fn opens_every_file(&self) -> Option<bool> {
        let text = self.setting("open_basedir").text?;
        Some(matches!(text.trim().to_ascii_lowercase().as_str(), "" | "none" | "off" | "no" | "false" | "null"))
    }
}

impl FpmPool {
    /// A line of the project that is in this pool; `None` when the image alone makes it.
    #[must_use]
    pub fn own_line(&self) -> Option<Location> {
        let setting = self.php.iter().rev().find_map(|setting| setting.at);
        self.at.or(setting).or_else(|| self.directives.values().find_map(|directive| directive.at))
    }
}

impl ServiceRef<'_, '_> {
    /// The folder of its application in the container, by the working directory of its build or its image.
    #[must_use]
    pub fn folder_of_code(self) -> Option<String> {
        let of_build = self.build_use.as_ref().and_then(|used| used.model.stages.get(used.stage?)?.workdir.as_ref());
        let folder = match of_build.filter(|workdir| !workdir.text.is_empty()) {
            Some(workdir) => workdir.known.then_some(workdir.text.as_str())?,
            None if self.php_layout() == Layout::Official => "/var/www/html",
            None => return None,
        };
        let folder = folder.trim_end_matches('/');
        let folder = ["/public", "/web"].iter().find_map(|end| folder.strip_suffix(end)).unwrap_or(folder);
        (folder.matches('/').count() > 1 || folder == "/app").then(|| folder.to_owned())
    }

    /// What its PHP could read that is not of one application: the host's files, or another site in the same container.
    #[must_use]
    pub fn foreign_files(self) -> Option<(Location, &'static str)> {
        let mounts = self.host_mounts();
        let host = mounts.iter().find(|mount| mount.sensitive().is_some() || mount.control_socket().is_some());
        if let Some(mount) = host {
            return Some((mount.at, "files of the host are mounted"));
        }
        let pools = self.fpm_pools();
        let named: BTreeSet<&str> = pools.iter().filter_map(|pool| pool.name.as_deref()).collect();
        let second = pools.iter().skip(1).find_map(FpmPool::own_line).filter(|_| named.len() > 1);
        if let Some(at) = second {
            return Some((at, "another pool for another site"));
        }
        let roots = self.web_server()?.config.own_servers().filter_map(|server| server.root.as_ref());
        let mut roots = roots.filter(|root| root.is_known());
        let first = roots.next()?;
        let other = roots.find(|root| root.text.trim_end_matches('/') != first.text.trim_end_matches('/'))?;
        Some((other.at, "another site with a folder of its own"))
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn where_the_code_is() {
        let folder = |text: &str| {
            let sources = sources(&[("Dockerfile", text)]);
            Project::new(&sources, TODAY).services().next().and_then(|service| service.folder_of_code())
        };
        assert_eq!(folder("FROM php:8.4-fpm\n").as_deref(), Some("/var/www/html"));
        assert_eq!(folder("FROM php:8.4-fpm\nWORKDIR /srv/shop/public\n").as_deref(), Some("/srv/shop"));
        assert_eq!(folder("FROM php:8.4-fpm\nWORKDIR /\n"), None);
        assert_eq!(folder("FROM example/php:1\n"), None);
    }
}

//! Who else can talk FastCGI to PHP-FPM of a service.

use super::{FpmPool, Group, ServiceRef};

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// Services that reach its FPM over a network and have nothing to do with it, those first that may run foreign
    /// code. Web servers only where another one is known to be its front.
    #[must_use]
    pub fn fpm_strangers(self) -> Vec<ServiceRef<'p, 'a>> {
        let fronted = self
            .neighbours()
            .any(|other| other.role.group() == Group::Edge && other.needs().iter().any(|need| need.to == self.name));
        let group = |other: &ServiceRef<'p, 'a>| match other.role.group() {
            Group::App if self.is_same_build(*other) => Some(2),
            Group::Operations | Group::App => Some(0),
            Group::Edge if fronted => Some(0),
            Group::Data => Some(1),
            Group::Edge | Group::Unknown => None,
        };
        let mut strangers = self.unneeded_neighbours();
        strangers.retain(|other| group(other).is_some());
        strangers.sort_by_key(group);
        strangers
    }

    /// Whether another service runs what it runs: the same image, or one of the same Dockerfile.
    #[must_use]
    pub fn is_same_build(self, other: ServiceRef<'_, '_>) -> bool {
        let built = |service: ServiceRef<'_, '_>| {
            let used = service.image_source().service.build_use.as_ref();
            used.map(|used| (used.context.clone(), used.dockerfile_path.clone()))
        };
        match (built(self), built(other)) {
            (None, None) => self.image_use.text == other.image_use.text,
            (own, others) => own == others,
        }
    }
}

impl FpmPool {
    /// Whether it answers only some addresses: `listen.allowed_clients`; `None` when that is not known.
    #[must_use]
    pub fn limits_clients(&self) -> Option<bool> {
        match self.directive("listen.allowed_clients") {
            Some(directive) => Some(!matches!(directive.value.as_deref()?.trim(), "" | "any")),
            None => Some(false),
        }
    }

    /// The permissions of its Unix socket, where it has one and they are set.
    #[must_use]
    pub fn socket_mode(&self) -> Option<u32> {
        self.value("listen").filter(|listen| listen.trim().starts_with('/'))?;
        u32::from_str_radix(self.directive("listen.mode")?.value.as_deref()?.trim(), 8).ok()
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn strangers(body: &str) -> Vec<String> {
        let text = format!("services:\n  app:\n    image: php:8.4-fpm\n    environment: {{DB_HOST: db}}\n{body}");
        let sources = sources(&[("compose.yaml", text.as_str())]);
        let project = Project::new(&sources, TODAY);
        let app = project.services().next().unwrap();
        app.fpm_strangers().iter().map(|other| other.name.clone()).collect()
    }

    #[test]
    fn who_has_nothing_to_do_with_it() {
        let front = "  web:\n    image: nginx:1.28\n    depends_on: [app]\n";
        let db = "  db:\n    image: mysql:8.4\n";
        let redis = "  redis:\n    image: redis:8\n";
        let admin = "  admin:\n    image: phpmyadmin:5.2\n    environment: {PMA_HOST: db}\n";
        assert_eq!(strangers(&format!("{front}{db}")), Vec::<String>::new());
        assert_eq!(strangers(&format!("{front}{redis}{db}{admin}")), ["admin", "redis"]);
        let other = "  proxy:\n    image: traefik:v3.5\n";
        assert_eq!(strangers(&format!("{front}{other}")), ["proxy"]);
        assert_eq!(strangers(other), Vec::<String>::new());
    }
}

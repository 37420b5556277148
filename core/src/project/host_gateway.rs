//! Names that a service is given for its host.

use super::ServiceRef;
use super::needs::names_host;
use crate::model::compose::{EnvVar, ExtraHost};

/// A name of the host among a service's `extra_hosts`.
#[derive(Clone, Debug)]
pub struct GatewayName<'p> {
    /// The entry.
    pub entry: &'p ExtraHost,
    /// The variable that looks for a data store there.
    pub store: Option<&'p EnvVar>,
}

impl<'p> ServiceRef<'p, '_> {
    /// The names of the host in its `extra_hosts`: `host-gateway`, or the address that Docker gives the host by
    /// default.
    #[must_use]
    pub fn gateway_names(self) -> Vec<GatewayName<'p>> {
        let service = self.service();
        let is_host = |entry: &&ExtraHost| matches!(entry.address.as_str(), "host-gateway" | "172.17.0.1");
        let store = |entry: &ExtraHost| {
            service.variables.iter().find(|variable| {
                let named = variable.value.as_ref().is_some_and(|value| names_host(&value.text, &entry.host));
                named && is_store_key(&variable.key)
            })
        };
        service
            .spec
            .extra_hosts
            .iter()
            .filter(is_host)
            .map(|entry| GatewayName { entry, store: store(entry) })
            .collect()
    }
}

/// Whether a variable's key is for a data store.
fn is_store_key(key: &str) -> bool {
    const STORES: [&str; 12] = [
        "DB",
        "DATABASE",
        "MYSQL",
        "MARIADB",
        "POSTGRES",
        "POSTGRESQL",
        "PGHOST",
        "MONGO",
        "MONGODB",
        "REDIS",
        "MEMCACHED",
        "ELASTICSEARCH",
    ];
    let key = key.to_ascii_uppercase();
    key.split('_').any(|word| STORES.contains(&word))
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn names(hosts: &str, variables: &str) -> Vec<(String, bool)> {
        let text = format!(
            "services:\n  a:\n    image: x:1\n    extra_hosts: [\"{hosts}\"]\n    environment: {{{variables}}}\n"
        );
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        service.gateway_names().iter().map(|name| (name.entry.host.clone(), name.store.is_some())).collect()
    }

    #[test]
    fn the_host_by_name() {
        let host = || "host.docker.internal".to_owned();
        assert_eq!(names("host.docker.internal:host-gateway", ""), [(host(), false)]);
        assert_eq!(names("host.docker.internal=172.17.0.1", ""), [(host(), false)]);
        assert_eq!(names("db:10.0.0.5", ""), []);
        let found = names("host.docker.internal:host-gateway", "DATABASE_URL: \"mysql://u@host.docker.internal/app\"");
        assert_eq!(found, [(host(), true)]);
        let found = names("host.docker.internal:host-gateway", "XDEBUG_CONFIG: \"client_host=host.docker.internal\"");
        assert_eq!(found, [(host(), false)]);
    }
}

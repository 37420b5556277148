//! Networks that could do without a way out, and which of their members would miss it.

use super::{Group, Project, ServiceRef, View};
use crate::fix::{Fix, Safety};
use crate::model::compose::Network;
use crate::source::Location;
use crate::syntax::yaml::edit;

impl Project<'_> {
    /// Whether a declared network holds data stores and nobody on it would miss its way out: the stores publish nothing
    /// and send nothing elsewhere, and everybody else has another way.
    #[must_use]
    pub fn could_be_internal(&self, view: &View, network: &Network) -> bool {
        if network.internal || network.external || network.name == "default" || network.at.is_none() {
            return false;
        }
        let members = self.members(view, &network.name);
        let stores = members.iter().filter(|member| member.role.group() == Group::Data).count();
        stores > 0
            && members.len() > stores
            && members.iter().all(|member| match member.role.group() {
                Group::Data => !member.needs_a_way_out(),
                _ => member.has_another_way_out(&network.name),
            })
    }

    /// Makes a declared network internal.
    #[must_use]
    pub fn make_internal(&self, network: &Network) -> Option<Fix> {
        let Location { source, span } = network.at?;
        let (tree, text) = (self.tree(source)?, self.text(source));
        let (_, networks) = tree.documents.iter().find_map(|document| tree.get(*document, "networks"))?;
        let (_, value) = tree.get(networks, &network.name).filter(|(key, _)| tree.node(*key).span == span)?;
        let edits = edit::insert_key(tree, text, value, "internal", "true")?;
        self.yaml_fix(Safety::Suggested, format!("Make the network `{}` internal", network.name), source, edits)
    }
}

impl ServiceRef<'_, '_> {
    /// Whether a data store has business with other machines: a published port, replication, backups to an object
    /// store.
    fn needs_a_way_out(self) -> bool {
        let starts = ["AWS_", "S3_", "BACKUP", "WALG_", "WALE_", "PGBACKREST"];
        let mut variables = self.service.variables.iter();
        let backs_up = variables.any(|variable| starts.iter().any(|start| variable.key.starts_with(start)));
        !self.ports.is_empty() || self.replicates().is_some() || backs_up
    }

    /// Whether it is on a network with a way out besides this one.
    fn has_another_way_out(self, network: &str) -> bool {
        let out = |name: &&str| *name != network && !self.view.network(name).is_some_and(|network| network.internal);
        self.network_names().iter().any(out)
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn could(db: &str, app: &str, network: &str) -> bool {
        let text = format!(
            "services:\n  app:\n    image: php:8.4-fpm\n    networks: [{app}]\n  db:\n    image: mysql:8.4\n    networks: [data]\n{db}networks:\n  data: {{{network}}}\n  front: {{}}\n"
        );
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let view = &project.views[0];
        project.could_be_internal(view, view.network("data").unwrap())
    }

    #[test]
    fn who_would_miss_it() {
        assert!(could("", "data, front", ""));
        assert!(!could("", "data", ""), "the application may call out");
        assert!(!could("    ports: [\"127.0.0.1:3306:3306\"]\n", "data, front", ""));
        assert!(!could("    command: mysqld --server-id=2\n", "data, front", ""));
        assert!(!could("    environment: {AWS_ACCESS_KEY_ID: x}\n", "data, front", ""));
        assert!(!could("", "data, front", "internal: true"));
        assert!(!could("", "data, front", "external: true"));
    }
}

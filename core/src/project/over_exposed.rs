//! Secrets that a service can read without a use for them.

use super::secret_delivery::is_secret_variable;
use super::{Group, ServiceRef};
use crate::model::compose::EnvOrigin;
use crate::model::node::Node;
use crate::source::{Location, SourceId, join};

/// How a service comes to secrets that are not its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Exposed {
    /// It reads the environment file of an application.
    SharedFile {
        /// The application, or another service of it.
        with: String,
        /// Keys in the file that it has no use for.
        keys: Vec<String>,
    },
    /// An application is given the database's root password.
    RootPassword(String),
    /// A web server, proxy or console is granted the secret of a data service.
    ForeignGrant {
        /// The secret.
        secret: String,
        /// The data service.
        with: String,
    },
    /// A secret is granted and nothing in the service names it.
    Unused(String),
}

/// A secret in the wrong hands.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// How.
    pub how: Exposed,
    /// Where to change it.
    pub at: Location,
    /// The item that may be removed; `None` where that needs more thought.
    pub removable: Option<Location>,
}

impl<'p> ServiceRef<'p, '_> {
    /// Secrets that it can read without a use for them.
    #[must_use]
    pub fn over_exposed(self) -> Vec<Exposure> {
        if !self.view().is_comparable() {
            return Vec::new();
        }
        let mut found = self.shared_files();
        found.extend(self.root_password());
        found.extend(self.needless_grants());
        found
    }

    /// Environment files that it shares with an application, without being part of one.
    fn shared_files(self) -> Vec<Exposure> {
        let group = self.role.group();
        if matches!(group, Group::App | Group::Unknown) || self.role.is_php() {
            return Vec::new();
        }
        let project = self.project();
        let mut found = Vec::new();
        for file in &self.service.spec.env_files {
            let Some(id) = project.sources.id(&join(&self.view().folder, &file.path.text)) else { continue };
            let Some(other) = self.others().find(|other| other.role.group() == Group::App && other.reads_file(id))
            else {
                continue;
            };
            let keys: Vec<String> = self
                .service
                .variables
                .iter()
                .filter(|variable| {
                    variable.origin == EnvOrigin::EnvFile
                        && variable.key_at.source == id
                        && is_secret_variable(variable)
                        && !(group == Group::Data && self.is_own(&variable.key))
                })
                .map(|variable| variable.key.clone())
                .collect();
            if !keys.is_empty() {
                let item = self.env_file_item(file.path.at);
                let how = Exposed::SharedFile { with: other.name.clone(), keys };
                found.push(Exposure { how, at: file.path.at, removable: item });
            }
        }
        found
    }

    fn reads_file(self, id: SourceId) -> bool {
        self.env_files
            .iter()
            .any(|file| self.project().sources.id(&join(&self.view().folder, &file.path.text)) == Some(id))
    }

    /// The whole item of `env_file`, or its only value.
    fn env_file_item(self, at: Location) -> Option<Location> {
        let node = self.service.spec.node.get("env_file")?;
        let item = node.items().iter().find(|item| item.span.contains(at.span)).map(Node::at);
        Some(item.unwrap_or(node.at()))
    }

    /// Whether a variable is one of its own image's: `MYSQL_…` of a MySQL server.
    fn is_own(self, key: &str) -> bool {
        let name = self.data_product().map(|product| product.name().to_ascii_uppercase()).unwrap_or_default();
        let more: &[&str] = match name.as_str() {
            "MARIADB" | "MYSQL" => &["MYSQL", "MARIADB", "DB_", "DATABASE"],
            "POSTGRESQL" => &["POSTGRES", "PG", "DB_", "DATABASE"],
            "MONGODB" => &["MONGO", "DB_", "DATABASE"],
            "MEILISEARCH" => &["MEILI"],
            "ELASTICSEARCH" => &["ELASTIC", "xpack"],
            _ => &["REDIS", "VALKEY"],
        };
        !name.is_empty() && key.starts_with(&name) || more.iter().any(|start| key.starts_with(start))
    }

    fn root_password(self) -> Option<Exposure> {
        let tool = self.is_one_shot() || self.main_command().words.iter().any(|word| word.contains("migrat"));
        if self.role.group() != Group::App || tool || self.data_product().is_some() {
            return None;
        }
        let variable = self.service.variables.iter().find(|variable| {
            let root =
                ["MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD", "DB_ROOT_PASSWORD"].contains(&variable.key.as_str());
            root && variable.value.as_ref().is_none_or(|value| !value.text.trim().is_empty())
        })?;
        // Shared variables of an environment file are one thing to split; the file's line is where to begin.
        Some(Exposure { how: Exposed::RootPassword(variable.key.clone()), at: variable.key_at, removable: None })
    }

    fn needless_grants(self) -> Vec<Exposure> {
        let mut found = Vec::new();
        let group = self.role.group();
        let outside = matches!(group, Group::Edge | Group::Operations) && self.build.is_none();
        for grant in &self.service.spec.secrets {
            let owner = self.others().find(|other| {
                other.role.group() == Group::Data && other.secrets.iter().any(|theirs| theirs.source == grant.source)
            });
            if let Some(owner) = owner.filter(|_| outside && self.role.name != "db-admin" && !self.names(&grant.target))
            {
                let (secret, with) = (grant.source.clone(), owner.name.clone());
                found.push(Exposure {
                    how: Exposed::ForeignGrant { secret, with },
                    at: grant.at,
                    removable: Some(grant.at),
                });
            } else if self.reads_only_what_it_names() && !self.names(&grant.target) {
                found.push(Exposure {
                    how: Exposed::Unused(grant.source.clone()),
                    at: grant.at,
                    removable: Some(grant.at),
                });
            }
        }
        found
    }

    /// Whether it is a known image without files of the project: then what it reads is named by its variables and its
    /// command.
    fn reads_only_what_it_names(self) -> bool {
        let project_files = self
            .mounts
            .iter()
            .any(|mount| mount.source.as_deref().is_some_and(|source| source.starts_with(['.', '/', '~', '$'])));
        self.build.is_none()
            && !self.image_use.is_base
            && matches!(self.role.group(), Group::Data | Group::Edge)
            && self.image_use.row().is_some()
            && !project_files
            && self.configs.is_empty()
            && self.environment_is_supplied()
    }

    /// Whether a path of a secret stands in its variables, commands or labels.
    fn names(self, path: &str) -> bool {
        let name = crate::source::file_name(path);
        let spec = &self.service.spec;
        let mut variables =
            self.service.variables.iter().chain(&spec.labels).filter_map(|variable| variable.value.as_ref());
        let mut commands = [&spec.command, &spec.entrypoint].into_iter().flatten();
        let health = spec.node.get("healthcheck").map_or("", |node| self.project().slice(node.at()));
        variables.any(|value| value.text.contains(name))
            || commands.any(|command| command.text().contains(name))
            || health.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::Exposed;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn a_data_service_may_have_its_own() {
        let text = "services:\n  app:\n    image: php:8.4-fpm\n    env_file: .env\n  db:\n    image: mysql:8.4\n    env_file: .env\n";
        for (file, keys) in [
            ("MYSQL_ROOT_PASSWORD=Zq81kdWinter77\n", vec![]),
            ("MYSQL_ROOT_PASSWORD=Zq81kdWinter77\nMAIL_PASSWORD=Zq81kdWinter78\n", vec!["MAIL_PASSWORD".to_owned()]),
        ] {
            let sources = sources(&[("compose.yaml", text), (".env", file)]);
            let project = Project::new(&sources, TODAY);
            let Some(db) = project.services().find(|service| service.name == "db") else { panic!("no db") };
            let found: Vec<Exposed> = db.over_exposed().into_iter().map(|exposure| exposure.how).collect();
            let want: Vec<Exposed> =
                if keys.is_empty() { vec![] } else { vec![Exposed::SharedFile { with: "app".to_owned(), keys }] };
            assert_eq!(found, want, "{file}");
        }
    }
}

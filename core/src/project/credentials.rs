//! The logins of data services and consoles: passwords that anybody would guess, and applications that connect as a
//! superuser.

use super::{DataProduct, Group, ServiceRef};
use crate::facts::secrets::{KeyStrength, is_weak, key_is_secret};
use crate::finding::Confidence;
use crate::model::compose::{EnvVar, Text};
use crate::model::interpolate::Certainty;
use crate::source::{Location, join};

/// Shorter passwords are found by trying.
const SHORTEST: usize = 12;

/// Why a password is no protection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weakness {
    /// It is in every list of passwords.
    Common,
    /// It is the name of the user, the database or the service.
    Name,
    /// It is short.
    Short,
    /// None is set, so the product's own default holds: the user and the product.
    Default(&'static str, &'static str),
}

/// A password that is no protection.
#[derive(Clone, Debug)]
pub struct WeakCredential {
    /// The variable that holds it, or that should be set.
    pub key: String,
    /// Why it is weak.
    pub weakness: Weakness,
    /// Where the value is written; for a missing one, the image.
    pub at: Location,
    /// Where the value is used, when it is written elsewhere.
    pub used_at: Option<Location>,
}

/// A connection of an application with the rights of a superuser.
#[derive(Clone, Debug)]
pub struct SuperuserLogin<'p> {
    /// The user.
    pub user: String,
    /// Where it is written.
    pub at: Location,
    /// The database service, when it is one of the view.
    pub server: Option<&'p str>,
    /// What makes the user a superuser, where the server says so.
    pub granted_at: Option<Location>,
    /// Whether it is the only user that the image creates: convenient, and so common.
    pub by_image: bool,
    /// How sure.
    pub confidence: Confidence,
}

struct Login {
    user: String,
    host: Option<String>,
    product: Option<DataProduct>,
    at: Location,
    confidence: Confidence,
}

impl<'p> ServiceRef<'p, '_> {
    /// Its own passwords that are no protection. Those it uses as a client are told where they are set.
    #[must_use]
    pub fn weak_credentials(self) -> Vec<WeakCredential> {
        let console = matches!(self.role.name, "db-admin" | "monitor" | "admin" | "docker-admin");
        if self.role.group() != Group::Data && self.data_product().is_none() && !console {
            return Vec::new();
        }
        let mut found: Vec<WeakCredential> = Vec::new();
        for variable in &self.service.variables {
            let Some(value) = variable.value.as_ref().filter(|value| value.certainty == Certainty::Known) else {
                continue;
            };
            if let Some(weakness) = self.weakness(&variable.key, value.text.trim()) {
                let at = self.written_at(variable);
                let used_at = (at != variable.key_at).then_some(variable.key_at);
                found.push(WeakCredential { key: variable.key.clone(), weakness, at, used_at });
            }
        }
        found.extend(self.default_credential());
        found
    }

    fn weakness(self, key: &str, value: &str) -> Option<Weakness> {
        let upper = key.to_ascii_uppercase();
        let password = ["PASS", "PWD"].iter().any(|word| upper.contains(word))
            && key_is_secret(key).is_some_and(|strength| strength >= KeyStrength::Pattern);
        let switch = ["RANDOM", "ALLOW", "EXPIRE", "ONETIME", "GENERATE"].iter().any(|word| upper.contains(word));
        // What a console logs in with elsewhere is that service's own password.
        let of_others = upper.starts_with("PMA_") || upper.starts_with("ME_CONFIG_MONGODB");
        if !password || switch || of_others || value.is_empty() || value.contains("${") || value.starts_with('/') {
            return None;
        }
        let names = self.service.variables.iter().filter(|variable| {
            let key = variable.key.to_ascii_uppercase();
            ["_USER", "_USERNAME", "_DATABASE", "_DB", "_DEFAULT_VHOST"].iter().any(|ending| key.ends_with(ending))
        });
        let mut names = names.filter_map(|variable| Some(variable.value.as_ref()?.text.as_str()));
        if is_weak(value) {
            Some(Weakness::Common)
        } else if value.eq_ignore_ascii_case(&self.name) || names.any(|name| name.eq_ignore_ascii_case(value)) {
            Some(Weakness::Name)
        } else {
            (value.chars().count() < SHORTEST).then_some(Weakness::Short)
        }
    }

    /// The login that a product starts with when none is set.
    fn default_credential(self) -> Option<WeakCredential> {
        let product = self.data_product();
        let image = self.image_use.reference.as_ref().map(|image| crate::source::file_name(&image.path).to_owned());
        let grafana = image.is_some_and(|name| name.starts_with("grafana") && !name.contains("agent"));
        let (key, user, name, folder) = match product {
            Some(DataProduct::RabbitMq) => ("RABBITMQ_DEFAULT_PASS", "guest", "RabbitMQ", "/etc/rabbitmq"),
            Some(DataProduct::Minio) => ("MINIO_ROOT_PASSWORD", "minioadmin", "MinIO", "/etc/config.env"),
            None if grafana => ("GF_SECURITY_ADMIN_PASSWORD", "admin", "Grafana", "/etc/grafana"),
            _ => return None,
        };
        let others = ["MINIO_SECRET_KEY", "MINIO_CONFIG_ENV_FILE", "GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"];
        let grants = self.configs.iter().chain(&self.secrets).map(|grant| grant.target.as_str());
        let configured = self.mounts.iter().map(|mount| mount.target.as_str()).chain(grants).any(|target| {
            target.starts_with(folder) && !target.contains("/provisioning") && !target.contains("/plugins")
        });
        let set =
            self.sets_any(&[key]) || self.sets_any(&others) || self.service.variable(&format!("{key}__FILE")).is_some();
        if set || configured || self.image_use.is_base || !self.environment_is_supplied() || self.entrypoint.is_some() {
            return None;
        }
        // Bitnami's images ask for a password or make one.
        if self.image_use.text.contains("bitnami") {
            return None;
        }
        let at = self.image_use.at.unwrap_or(self.at);
        Some(WeakCredential { key: key.to_owned(), weakness: Weakness::Default(user, name), at, used_at: None })
    }

    /// Where the value of a variable is written: in the `.env` it is taken from, else where the variable is set.
    #[must_use]
    pub fn written_at(self, variable: &EnvVar) -> Location {
        let own = variable.key_at;
        let Some(value) = &variable.value else { return own };
        let [name] = value.variables.as_slice() else { return own };
        let entry = self.project.sources.id(&join(&self.view.folder, ".env")).and_then(|id| {
            let entry = self.project.env_file(id)?.get(name)?;
            (entry.value.as_deref() == Some(value.text.as_str())).then(|| Location::new(id, entry.key_span))
        });
        entry.unwrap_or(own)
    }

    /// Connections of an application with the rights of a superuser. A service that only migrates may be the owner.
    #[must_use]
    pub fn superuser_logins(self) -> Vec<SuperuserLogin<'p>> {
        let tool = matches!(self.role.group(), Group::Data | Group::Operations);
        let words = format!("{} {}", self.name, self.main_command().words.join(" "));
        let migrates = ["migrat", "backup", "dump", "restore"].iter().any(|word| words.contains(word));
        if tool || migrates || self.is_one_shot() || self.is_short_lived() {
            return Vec::new();
        }
        self.logins().into_iter().filter_map(|login| self.superuser(login)).collect()
    }

    fn superuser(self, login: Login) -> Option<SuperuserLogin<'p>> {
        let host = login.host.as_deref().filter(|_| self.view().is_comparable());
        let server = host.and_then(|host| {
            self.others().find(|other| other.hostnames().contains(&host)).map(|other| (other, other.service))
        });
        let product = server.and_then(|(server, _)| server.data_product()).or(login.product);
        let root_user = |key: &str| {
            let variable = server?.1.variable(key)?;
            let value = variable.value.as_ref().filter(|value| value.is_known())?;
            (value.text == login.user).then_some(variable.key_at)
        };
        let (granted_at, by_image) = match (product, login.user.as_str()) {
            (Some(DataProduct::Postgres), user) => {
                let granted = root_user("POSTGRES_USER");
                if granted.is_none() && user != "postgres" {
                    return None;
                }
                (granted, true)
            }
            (Some(DataProduct::MongoDb), _) => (Some(root_user("MONGO_INITDB_ROOT_USERNAME")?), false),
            (Some(DataProduct::Elasticsearch), "elastic")
            | (Some(DataProduct::MySql | DataProduct::MariaDb) | None, "root")
            | (None, "sa") => (None, false),
            _ => return None,
        };
        Some(SuperuserLogin {
            user: login.user,
            at: login.at,
            server: server.map(|(_, service)| service.name.as_str()),
            granted_at,
            by_image,
            confidence: login.confidence,
        })
    }

    /// What its environment, or the environment file of its application, says of connections.
    fn logins(self) -> Vec<Login> {
        let mut found: Vec<Login> = Vec::new();
        let application = self
            .php_application()
            .map(|application| self.project.application_environment(&application.folder))
            .unwrap_or_default();
        let own = |key: &str| self.service.variables.iter().any(|variable| variable.key == key);
        let mut values: Vec<(&str, &str, Location, Confidence)> = Vec::new();
        for variable in &self.service.variables {
            if let Some(value) = variable.value.as_ref().filter(|value| value.is_known()) {
                values.push((&variable.key, &value.text, self.written_at(variable), Confidence::High));
            }
        }
        for variable in application.variables.values().filter(|variable| !own(&variable.key)) {
            if let Some(value) = &variable.value {
                values.push((&variable.key, value, variable.at, Confidence::Medium));
            }
        }
        let value_of = |wanted: &str| values.iter().find(|(key, ..)| *key == wanted).map(|(_, value, ..)| *value);
        for &(key, value, at, confidence) in &values {
            if let Some((product, user, host)) = address(value) {
                found.push(Login { user, host: Some(host), product: Some(product), at, confidence });
                continue;
            }
            let Some(prefix) = ["USERNAME", "USER"].iter().find_map(|ending| key.strip_suffix(ending)) else {
                continue;
            };
            if !["DB_", "DATABASE_", "MYSQL_", "MARIADB_", "POSTGRES_", "PGSQL_", "PG"]
                .iter()
                .any(|start| prefix == *start || prefix.ends_with(&format!("_{start}")))
            {
                continue;
            }
            let host = value_of(&format!("{prefix}HOST")).map(|host| host.split(':').next().unwrap_or(host).to_owned());
            let product = match value_of(&format!("{prefix}CONNECTION")).unwrap_or(prefix) {
                "pgsql" | "POSTGRES_" | "PGSQL_" | "PG" => Some(DataProduct::Postgres),
                "mysql" | "MYSQL_" => Some(DataProduct::MySql),
                "mariadb" | "MARIADB_" => Some(DataProduct::MariaDb),
                _ => None,
            };
            found.push(Login { user: value.to_owned(), host, product, at, confidence });
        }
        found
    }

    /// A variable of MySQL that lets root log in from every address, as far as it is said.
    #[must_use]
    pub fn remote_root(self) -> Option<Location> {
        let mysql = matches!(self.data_product(), Some(DataProduct::MySql | DataProduct::MariaDb));
        let keys = ["MYSQL_ROOT_HOST", "MARIADB_ROOT_HOST"];
        let everywhere = |value: &Text| value.is_known() && value.text == "%";
        let variable = self.variables.iter().find(|variable| {
            keys.contains(&variable.key.as_str()) && variable.value.as_ref().is_some_and(everywhere)
        })?;
        mysql.then_some(variable.key_at)
    }
}

/// The product, user and host of a connection string.
fn address(value: &str) -> Option<(DataProduct, String, String)> {
    let (scheme, rest) = value.split_once("://")?;
    let product = match scheme {
        "mysql" | "mysqli" | "mysql2" | "pdo-mysql" => DataProduct::MySql,
        "mariadb" => DataProduct::MariaDb,
        "postgres" | "postgresql" | "pgsql" | "pdo-pgsql" => DataProduct::Postgres,
        "mongodb" | "mongodb+srv" => DataProduct::MongoDb,
        "elasticsearch" => DataProduct::Elasticsearch,
        _ => return None,
    };
    let authority = rest.split(['/', '?']).next()?;
    let (login, host) = authority.rsplit_once('@')?;
    let user = login.split(':').next()?;
    Some((product, user.to_owned(), host.split([':', ',']).next()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{DataProduct, Weakness, address};
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn connection_strings() {
        let read = address("postgresql://postgres:x@db:5432/shop?serverVersion=17");
        assert_eq!(read, Some((DataProduct::Postgres, "postgres".into(), "db".into())));
        assert_eq!(address("redis://cache:6379"), None);
        assert_eq!(address("mysql://db/shop"), None);
    }

    #[test]
    fn weaknesses() {
        let text = "services:\n  db:\n    image: mysql:8.4\n    environment:\n      MYSQL_ROOT_PASSWORD: ${ROOT}\n      MYSQL_DATABASE: webshop\n      MYSQL_PASSWORD: webshop\n      MYSQL_RANDOM_ROOT_PASSWORD: \"yes\"\n";
        let sources = sources(&[("compose.yaml", text), (".env", "ROOT=root\n")]);
        let project = Project::new(&sources, TODAY);
        let Some(db) = project.services().next() else { panic!("no service") };
        let found = db.weak_credentials();
        assert_eq!(found.iter().map(|weak| weak.weakness).collect::<Vec<_>>(), [Weakness::Common, Weakness::Name]);
        assert_eq!(project.slice(found[0].at), "ROOT");
    }
}

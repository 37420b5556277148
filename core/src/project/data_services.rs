//! Data services by product, and what lets everyone into them: a switch that turns the login off, or a login that was
//! never set up.

use super::{Project, ServiceRef};
use crate::finding::Confidence;
use crate::fix::{Fix, Safety};
use crate::model::compose::EnvVar;
use crate::model::node::Node;
use crate::source::{Location, file_name, join};
use crate::span::Span;
use crate::syntax::shell;

/// A data service whose login the files can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataProduct {
    /// MySQL and Percona Server.
    MySql,
    /// MariaDB.
    MariaDb,
    /// PostgreSQL and what is built on it.
    Postgres,
    /// MongoDB.
    MongoDb,
    /// Elasticsearch.
    Elasticsearch,
    /// OpenSearch.
    OpenSearch,
    /// Meilisearch.
    Meilisearch,
    /// Solr.
    Solr,
    /// Neo4j.
    Neo4j,
    /// ClickHouse.
    ClickHouse,
    /// RabbitMQ.
    RabbitMq,
    /// NATS.
    Nats,
    /// MinIO.
    Minio,
}

impl DataProduct {
    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
            Self::Postgres => "PostgreSQL",
            Self::MongoDb => "MongoDB",
            Self::Elasticsearch => "Elasticsearch",
            Self::OpenSearch => "OpenSearch",
            Self::Meilisearch => "Meilisearch",
            Self::Solr => "Solr",
            Self::Neo4j => "Neo4j",
            Self::ClickHouse => "ClickHouse",
            Self::RabbitMq => "RabbitMQ",
            Self::Nats => "NATS",
            Self::Minio => "MinIO",
        }
    }

    fn of_image(name: &str) -> Option<Self> {
        Some(match name {
            "mysql" | "mysql-server" | "percona" | "percona-server" => Self::MySql,
            "mariadb" | "mariadb-galera" => Self::MariaDb,
            "postgres" | "postgresql" | "postgis" | "timescaledb" | "timescaledb-ha" | "pgvector" => Self::Postgres,
            "mongo" | "mongodb" | "mongodb-community-server" | "percona-server-mongodb" => Self::MongoDb,
            "elasticsearch" => Self::Elasticsearch,
            "opensearch" => Self::OpenSearch,
            "meilisearch" => Self::Meilisearch,
            "solr" => Self::Solr,
            "neo4j" => Self::Neo4j,
            "clickhouse-server" | "clickhouse" => Self::ClickHouse,
            "rabbitmq" => Self::RabbitMq,
            "nats" => Self::Nats,
            "minio" => Self::Minio,
            _ => return None,
        })
    }
}

/// How a data service lets everyone in.
#[derive(Clone, Debug)]
pub struct OpenDoor<'p> {
    /// What is so, as the end of a sentence: "`NEO4J_AUTH` switches the login off".
    pub what: String,
    /// Where to change it.
    pub at: Location,
    /// How sure.
    pub confidence: Confidence,
    /// Whether the service holds messages on their way and no store of data.
    pub passing: bool,
    /// The variable that opens it, and the value that closes it; without a value, it has to go.
    pub switch: Option<(&'p EnvVar, Option<&'static str>)>,
}

impl<'p> ServiceRef<'p, '_> {
    /// Which data service it is, by the name of its image.
    #[must_use]
    pub fn data_product(self) -> Option<DataProduct> {
        let product = DataProduct::of_image(file_name(&self.image_use.reference.as_ref()?.path))?;
        // The images hold the clients too.
        let other = self.main_command().words.iter().any(|word| {
            let program = file_name(word);
            ["mysqldump", "mariadb-dump", "pg_dump", "pg_dumpall", "mongodump", "mysql", "mariadb", "psql"]
                .contains(&program)
                || program == "mongosh"
        });
        (!other && !matches!(self.role.name, "db-admin" | "monitor")).then_some(product)
    }

    /// What lets everyone in, when a supplied file says so or nothing that could close it is left out.
    #[must_use]
    pub fn open_door(self) -> Option<OpenDoor<'p>> {
        let product = self.data_product()?;
        let command = self.main_command();
        if matches!(product, DataProduct::MySql | DataProduct::MariaDb)
            && command.words.iter().any(|word| word.contains("skip-grant-tables") && !word.contains("=0"))
        {
            let at = command.at.unwrap_or(self.at);
            return Some(door("`skip-grant-tables` switches every login off", at, Confidence::High));
        }
        self.switched_off(product).or_else(|| self.trusting_rule(product)).or_else(|| self.never_set_up(product))
    }

    /// A variable that opens it.
    fn switched_off(self, product: DataProduct) -> Option<OpenDoor<'p>> {
        use DataProduct::{ClickHouse, Elasticsearch, MariaDb, MySql, Neo4j, OpenSearch, Postgres};
        let bitnami = self.image_use.text.contains("bitnami");
        let root = ["MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"];
        let passwords: &[&str] = match product {
            MySql | MariaDb => &root,
            _ => &["POSTGRESQL_PASSWORD", "POSTGRES_PASSWORD", "MONGODB_ROOT_PASSWORD"],
        };
        let random = ["MARIADB_RANDOM_ROOT_PASSWORD"];
        let protected = self.sets_any(passwords) || self.sets_any(&random);
        for variable in &self.service.variables {
            let Some(value) = variable.value.as_ref().filter(|value| value.is_known()) else { continue };
            let text = value.text.trim();
            let on = ["yes", "true", "1"].iter().any(|word| text.eq_ignore_ascii_case(word));
            let (opens, closed) = match (product, variable.key.as_str()) {
                // These images look whether there is a value, not at it: "no" opens too.
                (MySql, "MYSQL_ALLOW_EMPTY_PASSWORD")
                | (
                    MariaDb,
                    "MYSQL_ALLOW_EMPTY_PASSWORD" | "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD" | "MARIADB_ALLOW_EMPTY_PASSWORD",
                ) if !bitnami => (!text.is_empty() && !protected, None),
                (MySql | MariaDb | Postgres | DataProduct::MongoDb, "ALLOW_EMPTY_PASSWORD") if bitnami => {
                    (on && !protected, None)
                }
                (Postgres, "POSTGRES_HOST_AUTH_METHOD") => (text == "trust", Some("scram-sha-256")),
                (Elasticsearch, "xpack.security.enabled" | "XPACK_SECURITY_ENABLED") => {
                    (text.eq_ignore_ascii_case("false"), Some("true"))
                }
                (OpenSearch, "DISABLE_SECURITY_PLUGIN" | "plugins.security.disabled") => (on, Some("false")),
                (Neo4j, "NEO4J_AUTH") => (text.eq_ignore_ascii_case("none"), None),
                (ClickHouse, "CLICKHOUSE_SKIP_USER_SETUP") => (on, None),
                (ClickHouse, "CLICKHOUSE_PASSWORD") => (text.is_empty(), None),
                _ => (false, None),
            };
            if opens {
                let what = format!("`{}` lets it start without a login", crate::text::shorten(&variable.key, 60));
                return Some(OpenDoor {
                    switch: Some((variable, closed)),
                    ..door(what, variable.key_at, Confidence::High)
                });
            }
        }
        None
    }

    /// A rule of `pg_hba.conf` that trusts other machines.
    fn trusting_rule(self, product: DataProduct) -> Option<OpenDoor<'p>> {
        if product != DataProduct::Postgres {
            return None;
        }
        let project = self.project();
        let mut targets =
            self.mounts.iter().map(|mount| &mount.target).chain(self.configs.iter().map(|grant| &grant.target));
        let path = targets.find(|target| target.ends_with("pg_hba.conf"))?;
        let id = project.sources.id(&self.file_in_container(path)?)?;
        let text = project.text(id);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let words: Vec<&str> = line.split('#').next().unwrap_or("").split_whitespace().collect();
            let remote = words.first().is_some_and(|kind| kind.starts_with("host"))
                && words
                    .get(3)
                    .is_some_and(|from| !from.starts_with("127.") && !from.starts_with("::1") && *from != "localhost");
            if remote && words.iter().skip(4).take(2).any(|method| *method == "trust") {
                let span = Span::new(start, start + line.trim_end().len());
                return Some(door("a rule trusts other machines", Location::new(id, span), Confidence::High));
            }
            start += line.len();
        }
        None
    }

    /// A login that has to be asked for, and is not.
    fn never_set_up(self, product: DataProduct) -> Option<OpenDoor<'p>> {
        let known = self.command.as_ref().is_none_or(|command| command.known)
            && self.entrypoint.is_none()
            && !self.image_use.is_base
            && self.environment_is_supplied();
        let words = self.main_command().words.join(" ");
        let told = |options: &[&str]| options.iter().any(|option| words.contains(option));
        let configured = |folders: &[&str]| {
            let mounts = self.mounts.iter().map(|mount| mount.target.as_str());
            let grants = self.configs.iter().chain(&self.secrets).map(|grant| grant.target.as_str());
            mounts.chain(grants).any(|target| folders.iter().any(|folder| target.starts_with(folder)))
        };
        let tag = self.image_use.reference.as_ref().and_then(|image| image.tag.as_deref()).unwrap_or("");
        let (open, what, passing) = match product {
            DataProduct::MongoDb => (
                !self.sets_any(&[
                    "MONGO_INITDB_ROOT_USERNAME",
                    "MONGODB_ROOT_PASSWORD",
                    "MONGODB_INITDB_ROOT_USERNAME",
                ]) && !told(&["--auth", "--keyFile", "--config", "-f "])
                    && !configured(&["/etc/mongo", "/docker-entrypoint-initdb.d"]),
                "no root user is set and `--auth` is not given",
                false,
            ),
            DataProduct::Elasticsearch => (
                ["5.", "6.", "7."].iter().any(|major| tag.starts_with(major))
                    && !self.sets_any(&["xpack.security.enabled", "XPACK_SECURITY_ENABLED"])
                    && !configured(&["/usr/share/elasticsearch/config"]),
                "before version 8 its security is off unless `xpack.security.enabled` is set",
                false,
            ),
            DataProduct::Meilisearch => (
                !self.sets_any(&["MEILI_MASTER_KEY", "MEILI_CONFIG_FILE_PATH"])
                    && !self.variable("MEILI_ENV").is_some_and(|variable| {
                        variable.value.as_ref().is_none_or(|value| !value.is_known() || value.text == "production")
                    })
                    && !told(&["--master-key", "--config-file-path", "--env"])
                    && !configured(&["/config.toml", "/meili"]),
                "it has no master key",
                false,
            ),
            DataProduct::Solr => (
                !self.sets_any(&["SOLR_AUTH_TYPE", "SOLR_AUTHENTICATION_OPTS"])
                    && !configured(&["/var/solr/data/security.json", "/opt/solr/server/solr/security.json"])
                    && !self.mounts.iter().any(|mount| mount.target.ends_with("security.json")),
                "it has no `security.json`",
                false,
            ),
            DataProduct::Nats => (
                !told(&["--user", "--auth", "--config", "-c ", "--tlsverify"]) && !configured(&["/etc/nats", "/nats"]),
                "neither a user nor a configuration file is given",
                true,
            ),
            _ => return None,
        };
        (known && open)
            .then(|| OpenDoor { passing, ..door(what, self.image_use.at.unwrap_or(self.at), Confidence::Medium) })
    }

    /// Whether one of these variables, or its `…_FILE`, has a value or one that only the shell knows.
    #[must_use]
    pub fn sets_any(self, keys: &[&str]) -> bool {
        self.service.variables.iter().any(|variable| {
            let key = variable.key.strip_suffix("_FILE").unwrap_or(&variable.key).trim_end_matches('_');
            let empty = variable.value.as_ref().is_some_and(|value| value.is_known() && value.text.trim().is_empty());
            keys.contains(&key) && !empty
        })
    }

    /// Whether every file that it reads variables from was supplied.
    #[must_use]
    pub fn environment_is_supplied(self) -> bool {
        self.env_files.iter().all(|file| {
            file.path.is_known() && self.project().sources.id(&join(&self.view().folder, &file.path.text)).is_some()
        })
    }

    /// Gives a variable of its `environment` another value.
    #[must_use]
    pub fn set_variable(self, safety: Safety, title: &str, variable: &EnvVar, value: &str) -> Option<Fix> {
        let at = variable.value.as_ref()?.at;
        // A list item is one scalar, `NAME=value`.
        let items = self.service.node.get("environment")?.items();
        match items.iter().find(|item| item.span.contains(at.span)).map(Node::at) {
            Some(item) => self.project().replace(safety, title, item, &format!("{}={value}", variable.key)),
            None => self.project().replace(safety, title, at, value),
        }
    }

    /// Takes a variable out of its `environment`.
    #[must_use]
    pub fn unset_variable(self, safety: Safety, title: &str, variable: &EnvVar) -> Option<Fix> {
        let node = self.service.node.get("environment")?;
        let item = node.items().iter().find(|item| item.span.contains(variable.key_at.span)).map(Node::at);
        // The last one takes the mapping along.
        let alone = self.service.spec.environment.len() == 1;
        self.project().remove(safety, title, if alone { node.at() } else { item.unwrap_or(variable.key_at) })
    }

    /// Where one of its commands lets everyone write to a bucket: `mc anonymous set public`.
    #[must_use]
    pub fn opens_bucket(self) -> Option<Location> {
        let commands = [&self.service.spec.entrypoint, &self.service.spec.command];
        commands.into_iter().flatten().find(|command| opens_bucket(&command.text())).map(|command| command.at)
    }
}

impl Project<'_> {
    /// Where scripts let everyone write to a bucket.
    #[must_use]
    pub fn opened_buckets(&self) -> Vec<Location> {
        let mut found = Vec::new();
        for unit in self.shell_units() {
            for (_, command) in unit.commands() {
                if let Some(first) = command.words.first()
                    && opens_bucket(&command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "))
                {
                    found.push(Location::new(unit.source, first.span));
                }
            }
        }
        found
    }
}

fn door(what: impl Into<String>, at: Location, confidence: Confidence) -> OpenDoor<'static> {
    OpenDoor { what: what.into(), at, confidence, passing: false, switch: None }
}

fn opens_bucket(line: &str) -> bool {
    shell::parse(line).commands.iter().any(|command| {
        let words: Vec<&str> = command.unwrapped().iter().map(|word| file_name(&word.text)).collect();
        matches!(words.as_slice(), ["mc" | "mcli", "anonymous" | "policy", "set", "public", ..])
    })
}

#[cfg(test)]
mod tests {
    use super::opens_bucket;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn door(image: &str, body: &str) -> Option<String> {
        let text = format!("services:\n  db:\n    image: {image}\n{body}");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        project.services().next()?.open_door().map(|door| door.what)
    }

    #[test]
    fn by_product() {
        for (image, body) in [
            ("mysql:8.4", "    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: \"no\"}\n"),
            ("mariadb:11.8", "    environment: [MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1]\n"),
            ("bitnami/postgresql:17", "    environment: {ALLOW_EMPTY_PASSWORD: \"yes\"}\n"),
            ("postgis/postgis:17-3.5", "    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n"),
            ("mongo:8", ""),
            ("elasticsearch:7.17.29", ""),
            ("elasticsearch:9.1.0", "    environment: [xpack.security.enabled=false]\n"),
            ("getmeili/meilisearch:v1.20", ""),
            ("solr:9", ""),
            ("neo4j:5", "    environment: {NEO4J_AUTH: none}\n"),
            ("nats:2.11", ""),
            ("mysql:8.4", "    command: mysqld --skip-grant-tables\n"),
        ] {
            assert!(door(image, body).is_some(), "{image} {body}");
        }
    }

    #[test]
    fn closed_or_unknown() {
        for (image, body) in [
            ("mysql:8.4", "    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: \"\"}\n"),
            ("mysql:8.4", "    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 1, MYSQL_ROOT_PASSWORD: \"${P}\"}\n"),
            (
                "mysql:8.4",
                "    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 1, MYSQL_ROOT_PASSWORD_FILE: /run/secrets/p}\n",
            ),
            ("mongo:8", "    command: mongod --auth\n"),
            ("mongo:8", "    env_file: missing.env\n"),
            (
                "mongo:8",
                "    environment: [MONGO_INITDB_ROOT_USERNAME=a, MONGO_INITDB_ROOT_PASSWORD_FILE=/run/secrets/p]\n",
            ),
            ("elasticsearch:9.1.0", ""),
            ("getmeili/meilisearch:v1.20", "    environment: {MEILI_ENV: production}\n"),
            ("nats:2.11", "    command: -c /etc/nats.conf\n"),
            ("mysql:8.4", "    command: mysqldump -h db\n    environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 1}\n"),
        ] {
            assert_eq!(door(image, body), None, "{image} {body}");
        }
    }

    #[test]
    fn buckets() {
        assert!(opens_bucket("sh -c 'x' && /usr/bin/mc anonymous set public local/media"));
        assert!(!opens_bucket("mc anonymous set download local/media"));
    }
}

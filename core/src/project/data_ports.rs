//! What the ports of data stores give access to, and which stores need to be reached from outside.

use super::{Role, ServiceRef};
use crate::facts::ports::PortRow;
use crate::source::{Location, file_name};

impl PortRow {
    /// Whether a data store of this role shows a console or figures on the port, not its data. Object stores share port
    /// 9001 with other programs, so the role decides.
    #[must_use]
    pub fn console_of(&self, role: &str) -> bool {
        match self.class {
            "admin-ui" => self.ambiguous_with.is_empty() || role == "object" && self.port == 9001,
            "monitor" => true,
            _ => false,
        }
    }
}

impl Role {
    /// What a data store of this role holds, for messages.
    #[must_use]
    pub fn data_name(self) -> &'static str {
        match self.name {
            "cache" => "a cache",
            "queue" => "a message queue",
            "search" => "a search index",
            "object" => "an object store",
            _ => "a database",
        }
    }
}

impl ServiceRef<'_, '_> {
    /// Whether it is Memcached, which asks nobody for a password.
    #[must_use]
    pub fn is_memcached(self) -> bool {
        let image = self.image_use.reference.as_ref().is_some_and(|image| file_name(&image.path) == "memcached");
        let words = self.main_command().words;
        let login = words.iter().any(|word| word == "-S" || word == "--enable-sasl" || word.starts_with("--auth-file"));
        image && !login && self.role.name == "cache"
    }

    /// What says that it is replicated to other servers, which may be on other machines.
    #[must_use]
    pub fn replicates(self) -> Option<Location> {
        let main = self.main_command();
        let options = ["server-id", "server_id", "wsrep", "--replSet", "--replication"];
        if main.words.iter().any(|word| options.iter().any(|option| word.contains(option))) {
            return main.at;
        }
        let keys = ["REPLICATION_MODE", "REPLICATION_USER", "MASTER_HOST", "GALERA_CLUSTER", "REPLICA_SET"];
        let mut variables = self.service.variables.iter();
        variables.find(|variable| keys.iter().any(|key| variable.key.contains(key))).map(|variable| variable.key_at)
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::ports::by_port;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn ask<T>(lines: &str, question: impl Fn(crate::project::ServiceRef<'_, '_>) -> T) -> T {
        let text = format!("services:\n  db:\n    image: {lines}\n");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        question(project.services().next().unwrap())
    }

    #[test]
    fn consoles() {
        let console = |port, role| by_port(port, false).first().is_some_and(|row| row.console_of(role));
        assert!(console(15672, "queue") && console(9001, "object"));
        assert!(!console(5672, "queue") && !console(9001, "db") && !console(3306, "db"));
    }

    #[test]
    fn memcached_without_a_password() {
        assert!(ask("memcached:1.6", |service| service.is_memcached()));
        assert!(!ask("memcached:1.6\n    command: memcached -S", |service| service.is_memcached()));
        assert!(!ask("mysql:8.4", |service| service.is_memcached()));
    }

    #[test]
    fn replication() {
        assert!(ask("mysql:8.4\n    command: mysqld --server-id=2", |service| service.replicates().is_some()));
        assert!(ask("bitnami/mysql:8.4\n    environment: {MYSQL_REPLICATION_MODE: slave}", |s| s
            .replicates()
            .is_some()));
        assert!(!ask("mysql:8.4", |service| service.replicates().is_some()));
    }
}

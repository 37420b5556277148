//! What a service may take of its host, and how it keeps its log: what is open of it.

use super::{ContainerVariable, Project, Sapi, ServiceRef};
use crate::model::compose::Amount;
use crate::source::Location;

/// A limit on what a service takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Limit {
    /// Memory.
    Memory,
    /// The number of processes.
    Processes,
    /// Processors.
    Processors,
}

impl Limit {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Processes => "processes",
            Self::Processors => "processors",
        }
    }

    /// The service's own key that sets it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Memory => "mem_limit",
            Self::Processes => "pids_limit",
            Self::Processors => "cpus",
        }
    }
}

/// What becomes of what a service writes to its log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogKeeping {
    /// It is rotated, or sent elsewhere.
    Bounded,
    /// It grows without an end: where that is set, when it is.
    Unbounded(Option<Location>),
    /// It is thrown away.
    None(Location),
    /// Something decides that the files do not say.
    Unknown,
}

impl ServiceRef<'_, '_> {
    /// Limits that nothing sets, the gravest first. What a variable decides counts as set.
    #[must_use]
    pub fn open_limits(self) -> Vec<Limit> {
        let limits = &self.limits;
        let open = |amount: &Option<Amount>, keys: &[&str]| match amount {
            Some(amount) => amount.is_limit() == Some(false),
            None => keys.iter().all(|key| self.unknown(key).is_none()),
        };
        let mut found = Vec::new();
        if open(&limits.memory, &["mem_limit", "deploy"]) {
            found.push(Limit::Memory);
        }
        if open(&limits.pids, &["pids_limit", "deploy"]) {
            found.push(Limit::Processes);
        }
        let otherwise = limits.cpu_quota.is_some() || limits.cpuset.is_some();
        if open(&limits.cpus, &["cpus", "deploy"]) && !otherwise {
            found.push(Limit::Processors);
        }
        found
    }

    /// The bytes that all children of its PHP-FPM together may take, and a quarter on top; `None` where the number or
    /// the size of the children is not known.
    #[must_use]
    pub fn fpm_memory(self) -> Option<u64> {
        if self.php_sapi() != Sapi::Fpm {
            return None;
        }
        let mut total: u64 = 0;
        let pools = self.fpm_pools();
        for pool in &pools {
            let each = self.php_settings_of(Sapi::Fpm, Some(pool)).bytes("memory_limit")?;
            let each = u64::try_from(each).ok()?;
            total = total.checked_add(pool.number("pm.max_children")?.checked_mul(each)?)?;
        }
        total.checked_add(total / 4).filter(|_| !pools.is_empty())
    }

    /// What becomes of its log, by its own `logging`, else by what is known of the daemon.
    #[must_use]
    pub fn log_keeping(self) -> LogKeeping {
        let at = self.logging.as_ref().map(|logging| logging.at);
        let driver = self.logging.as_ref().and_then(|logging| logging.driver.as_ref());
        if driver.is_some_and(|driver| !driver.is_known()) {
            return LogKeeping::Unknown;
        }
        if self.logging.as_ref().is_some_and(|logging| logging.option("max-size").is_some()) {
            return LogKeeping::Bounded;
        }
        let own = driver.map(|driver| driver.text.as_str());
        let driver_at = driver.map(|driver| driver.at);
        match (own.or_else(|| self.project.daemon_log_driver()), driver_at) {
            (Some("none"), Some(at)) => LogKeeping::None(at),
            // A driver set for all is no matter of one service.
            (Some("none"), None) => LogKeeping::Unknown,
            // What the daemon is told for its own driver holds for services that name none, or the same.
            (Some("json-file") | None, _) if self.project.daemon_rotates_logs() => LogKeeping::Bounded,
            (Some("json-file") | None, _) => LogKeeping::Unbounded(at),
            (Some(_), _) => LogKeeping::Bounded,
        }
    }

    /// The value of an environment variable of its container, where it is known.
    #[must_use]
    pub fn known_variable(self, name: &str) -> Option<(String, Option<Location>)> {
        match self.container_variable(name) {
            ContainerVariable::Value(value, at) => Some((value, at)),
            ContainerVariable::Unset | ContainerVariable::Unknown => None,
        }
    }
}

impl Project<'_> {
    /// The log driver that the daemon gives to services that name none, where the daemon is known.
    #[must_use]
    pub fn daemon_log_driver(&self) -> Option<&str> {
        let daemon = self.inventory.daemon.as_ref()?;
        match &daemon.log_driver {
            Some(driver) => Some(driver.value.as_str()),
            None if daemon.podman => Some("journald"),
            None => None,
        }
    }

    /// Whether the daemon's own settings bound every log.
    #[must_use]
    pub fn daemon_rotates_logs(&self) -> bool {
        let options = self.inventory.daemon.as_ref().and_then(|daemon| daemon.setting("log-opts"));
        options.is_some_and(|options| options.value.contains("max-size"))
    }

    /// Whether the daemon's own settings are known: then a log option that is missing there is not set anywhere else.
    #[must_use]
    pub fn daemon_settings_known(&self) -> bool {
        self.inventory.daemon.as_ref().is_some_and(|daemon| daemon.file.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn with<T>(files: &[(&str, &str)], ask: fn(ServiceRef<'_, '_>) -> T) -> T {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        ask(project.services().next().unwrap())
    }

    #[test]
    fn limits_that_are_open() {
        let open = |body: &str| {
            with(&[("compose.yaml", &format!("services:\n  a:\n    image: x:1\n{body}"))], |service| {
                service.open_limits()
            })
        };
        assert_eq!(open(""), [Limit::Memory, Limit::Processes, Limit::Processors]);
        assert_eq!(open("    mem_limit: 1g\n    cpuset: \"0\"\n"), [Limit::Processes]);
        assert_eq!(open("    mem_limit: ${M}\n    pids_limit: 0\n    cpus: 1\n"), [Limit::Processes]);
    }

    #[test]
    fn logs_of_a_service() {
        let kept = |body: &str, daemon: &str| {
            let text = format!("services:\n  a:\n    image: x:1\n{body}");
            let mut files = vec![("compose.yaml", text.as_str())];
            if !daemon.is_empty() {
                files.push(("daemon.json", daemon));
            }
            format!("{:?}", with(&files, |service| service.log_keeping()))
                .split('(')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(kept("", ""), "Unbounded");
        assert_eq!(kept("", "{\"log-driver\": \"local\"}\n"), "Bounded");
        assert_eq!(kept("", "{\"log-opts\": {\"max-size\": \"10m\"}, \"log-driver\": \"json-file\"}\n"), "Bounded");
        assert_eq!(kept("    logging: {driver: local}\n", ""), "Bounded");
        assert_eq!(kept("    logging: {driver: json-file}\n", ""), "Unbounded");
        assert_eq!(kept("    logging: {options: {max-size: 10m}}\n", ""), "Bounded");
        assert_eq!(kept("    logging: {driver: none}\n", ""), "None");
        assert_eq!(kept("    logging: {driver: \"${D}\"}\n", ""), "Unknown");
    }
}

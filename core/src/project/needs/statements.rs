//! What a service is told about others, statement by statement: its environment, secrets, configuration, commands and probes.

use super::configured::ConfiguredHost;
use super::text::{command_names, lists_others, names_host, names_no_host};
use crate::facts::needed_paths::{Evidence, is_host_key, is_replica_key};
use crate::model::compose::EnvOrigin;
use crate::project::{Group, ServiceRef};
use crate::source::{Location, join};
use std::borrow::Cow;

/// One text that may name other services.
pub(super) struct Statement<'s> {
    /// What kind of evidence it is.
    pub(super) evidence: Evidence,
    /// The variable, entry or secret.
    pub(super) key: Option<Cow<'s, str>>,
    /// What it says.
    said: Said<'s>,
    /// Where.
    pub(super) at: Location,
}

enum Said<'s> {
    Value(Cow<'s, str>),
    Words(Cow<'s, [String]>),
}

impl<'s> Statement<'s> {
    fn value(evidence: Evidence, key: impl Into<Cow<'s, str>>, value: impl Into<Cow<'s, str>>, at: Location) -> Self {
        Self { evidence, key: Some(key.into()), said: Said::Value(value.into()), at }
    }

    fn words(evidence: Evidence, words: impl Into<Cow<'s, [String]>>, at: Location) -> Self {
        Self { evidence, key: None, said: Said::Words(words.into()), at }
    }

    /// Whether it names one of the hosts.
    pub(super) fn names(&self, hosts: &[&str]) -> bool {
        let key = self.key.as_deref().unwrap_or("");
        hosts.iter().any(|host| match &self.said {
            Said::Value(value) => names_host(value, host) && !(value == host && names_no_host(key)),
            Said::Words(words) => command_names(words, host),
        })
    }

    /// The value, where it has one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.said {
            Said::Value(value) => Some(value),
            Said::Words(_) => None,
        }
    }

    /// How well it tells among statements of one weight: the address itself before the name of a driver.
    fn rank(&self) -> u8 {
        let key = self.key.as_deref().unwrap_or("");
        let url = self.text().is_some_and(|text| text.contains("://"));
        u8::from(!(url || is_host_key(key)))
    }
}

impl<'p> ServiceRef<'p, '_> {
    /// Everything that it is told about other services.
    ///
    /// A web server or a database that shares the application's `env_file` does not need what the application needs: of such a
    /// service only its own `environment` counts, its command and its probe.
    pub(super) fn statements<'s>(self, configured: &'s [ConfiguredHost]) -> Vec<Statement<'s>>
    where
        'p: 's,
    {
        let mut found: Vec<Statement<'s>> = Vec::new();
        self.by_environment(&mut found);
        if !self.has_own_values_only() {
            self.by_env_file(&mut found);
            self.by_secrets(&mut found);
            self.by_configuration(configured, &mut found);
        }
        found.sort_by_key(Statement::rank);
        self.by_commands(&mut found);
        if let Some(probe) = &self.service.probe {
            found.push(Statement::words(Evidence::Healthcheck, probe.words.as_slice(), probe.at));
        }
        found
    }

    /// Whether only what its own `environment` says counts.
    pub(super) fn has_own_values_only(self) -> bool {
        matches!(self.role.group(), Group::Edge | Group::Data)
    }

    fn by_environment<'s>(self, found: &mut Vec<Statement<'s>>)
    where
        'p: 's,
    {
        let own_only = self.has_own_values_only();
        for variable in &self.service.variables {
            let Some(value) = variable.value.as_ref() else { continue };
            if (own_only && variable.origin != EnvOrigin::Compose) || lists_others(&variable.key) {
                continue;
            }
            found.push(Statement::value(
                kind(&variable.key, &value.text),
                variable.key.as_str(),
                value.text.as_str(),
                value.at,
            ));
        }
    }

    /// The `.env` that PHP frameworks read themselves.
    fn by_env_file<'s>(self, found: &mut Vec<Statement<'s>>)
    where
        'p: 's,
    {
        let service = self.service;
        if !self.role.is_php() || !service.spec.env_files.is_empty() {
            return;
        }
        let context = service.build_use.as_ref().and_then(|used| used.context.as_deref()).unwrap_or(&self.view.folder);
        let Some(id) = self.project.sources.id(&join(context, ".env")) else { return };
        let Some(file) = self.project.env_file(id) else { return };
        for entry in &file.entries {
            let shadowed = service.variables.iter().any(|variable| variable.key == entry.key);
            if let (false, Some(value)) = (shadowed || lists_others(&entry.key), entry.value.as_deref()) {
                let at = Location::new(id, entry.value_span.unwrap_or(entry.key_span));
                found.push(Statement::value(kind(&entry.key, value), entry.key.as_str(), value, at));
            }
        }
    }

    /// Secrets whose file is supplied and holds a URL. The place is where the service is given it, not its content.
    fn by_secrets<'s>(self, found: &mut Vec<Statement<'s>>)
    where
        'p: 's,
    {
        for grant in &self.service.spec.secrets {
            let declared = self.view.secrets.iter().find(|secret| secret.name == grant.source);
            let Some(file) = declared.and_then(|secret| secret.file.as_ref()).filter(|file| file.is_known()) else {
                continue;
            };
            let Some(id) = self.project.sources.id(&join(&self.view.folder, &file.text)) else { continue };
            let text = self.project.text(id).trim();
            if text.contains("://") && !text.contains('\n') {
                found.push(Statement::value(Evidence::EnvUrl, grant.source.as_str(), text, grant.at));
            }
        }
    }

    /// Files in which frameworks and collectors are configured.
    fn by_configuration<'s>(self, configured: &'s [ConfiguredHost], found: &mut Vec<Statement<'s>>)
    where
        'p: 's,
    {
        if self.role.is_php() && !configured.is_empty() {
            let folders = self.code_folders();
            let set = |host: &ConfiguredHost| {
                host.variable.as_ref().is_some_and(|name| self.service.variable(name).is_some())
            };
            let own = configured.iter().filter(|host| host.is_of(&folders) && !set(host));
            found.extend(own.map(|host| {
                Statement::value(Evidence::FrameworkConfig, host.key.as_str(), host.text.as_str(), host.at)
            }));
        }
        if self.role.name == "monitor" {
            let targets = self.scraped().into_iter();
            found.extend(
                targets.map(|(text, at)| Statement::value(Evidence::FrameworkConfig, "a scrape target", text, at)),
            );
        }
    }

    /// Its command, and what its start script waits for.
    fn by_commands<'s>(self, found: &mut Vec<Statement<'s>>)
    where
        'p: 's,
    {
        if let Some(command) = self.own_command() {
            found.push(Statement::words(Evidence::Command, command.words.as_slice(), command.at));
        }
        let started = self.start_commands().into_iter().filter(|command| waits(command.program()));
        found.extend(started.map(|command| {
            let (words, at) = (with_ports(command.words), command.at);
            Statement::words(Evidence::Command, words, at)
        }));
    }
}

/// The kind of evidence that a variable is.
fn kind(key: &str, value: &str) -> Evidence {
    if key == "WORDPRESS_CONFIG_EXTRA" {
        Evidence::FrameworkConfig
    } else if is_replica_key(key) {
        Evidence::EnvReplica
    } else if value.contains("://") {
        Evidence::EnvUrl
    } else {
        Evidence::EnvHost
    }
}

/// Whether a program waits for another service or asks it.
fn waits(program: &str) -> bool {
    let name = program.strip_suffix(".sh").unwrap_or(program);
    matches!(
        name,
        "wait-for-it"
            | "wait-for"
            | "wait4x"
            | "wait"
            | "wait4ports"
            | "dockerize"
            | "nc"
            | "ncat"
            | "netcat"
            | "mysqladmin"
            | "mariadb-admin"
            | "mysql"
            | "mariadb"
            | "pg_isready"
            | "psql"
            | "redis-cli"
            | "curl"
            | "wget"
    )
}

/// `nc -z db 3306` with host and port in one word, as other programs have them.
fn with_ports(mut words: Vec<String>) -> Vec<String> {
    let port = |word: &str| word.parse::<u16>().is_ok();
    let joined: Vec<String> = words
        .windows(2)
        .filter_map(|pair| match pair {
            [host, number] if port(number) && !port(host) && !host.starts_with('-') => Some(format!("{host}:{number}")),
            _ => None,
        })
        .collect();
    words.extend(joined);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_variables() {
        assert_eq!(kind("DATABASE_URL", "mysql://db/x"), Evidence::EnvUrl);
        assert_eq!(kind("DB_HOST", "db"), Evidence::EnvHost);
        assert_eq!(kind("REDIS_SENTINEL_HOSTS", "s1,s2"), Evidence::EnvReplica);
        assert_eq!(kind("WORDPRESS_CONFIG_EXTRA", "define('WP_REDIS_HOST', 'redis');"), Evidence::FrameworkConfig);
    }

    #[test]
    fn host_and_port_in_two_words() {
        let words = ["nc", "-z", "-w", "5", "db", "3306"].map(str::to_owned).to_vec();
        assert!(with_ports(words).contains(&"db:3306".to_owned()));
        assert!(waits("wait-for-it.sh") && !waits("php"));
    }
}

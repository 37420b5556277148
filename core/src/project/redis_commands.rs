//! Which commands of a Redis server its users may run, as far as its configuration, command line and ACL file tell.

use super::{Parsed, Project, ServiceRef};
use crate::fix::{Fix, Safety};
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::redis_acl::{self, RuleKind, User};
use crate::syntax::redis_conf;

/// Commands that are tools for an attacker; who has taken these away has thought of the rest.
const TOOLS: [&str; 3] = ["config", "module", "debug"];
/// Switches that open what Redis keeps closed.
const SWITCHES: [&str; 3] = ["enable-debug-command", "enable-module-command", "enable-protected-configs"];
/// Users by whose name a person administers the server.
const ADMINISTRATORS: [&str; 4] = ["admin", "administrator", "root", "ops"];

/// A switch that opens commands which Redis keeps closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSwitch {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub at: Location,
    /// Where its value stands, when that is a file's.
    pub value_at: Option<Location>,
}

/// A user who may run the commands of administration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PowerfulUser {
    /// Its name.
    pub name: String,
    /// Its line.
    pub at: Location,
}

/// What a Redis server lets its users run.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct RedisCommands {
    /// Switches that are on.
    pub switches: Vec<OpenSwitch>,
    /// Users that may do too much.
    pub users: Vec<PowerfulUser>,
    /// Whether any user is defined.
    pub has_users: bool,
    /// Whether commands are renamed or taken away.
    pub renames: bool,
}

impl RedisCommands {
    fn user(&mut self, user: &User, at: Location) {
        self.has_users = true;
        let denied =
            |tool: &str| user.rules.iter().any(|rule| matches!(&rule.kind, RuleKind::Deny(name) if name == tool));
        let limited = user.allows_category("dangerous").is_none()
            || user.allows_category("admin").is_none()
            || TOOLS.iter().all(|tool| denied(tool));
        if user.enabled().is_some() && !limited && !ADMINISTRATORS.contains(&user.name.as_str()) {
            self.users.push(PowerfulUser { name: user.name.clone(), at });
        }
    }
}

impl ServiceRef<'_, '_> {
    /// What its users may run, when it is a Redis server.
    #[must_use]
    pub fn redis_commands(self) -> RedisCommands {
        let mut found = RedisCommands::default();
        let main = self.main_command();
        let words: Vec<String> =
            main.words.iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect();
        for (name, args) in redis_conf::from_args(&words) {
            let on = args.first().is_some_and(|value| matches!(value.trim_matches(['"', '\'']), "yes" | "local"));
            if SWITCHES.contains(&name.as_str()) && on {
                found.switches.push(OpenSwitch { name: name.clone(), at: main.at.unwrap_or(self.at), value_at: None });
            }
            found.renames |= name == "rename-command";
        }
        for word in words.iter().filter(|word| word.starts_with('/')) {
            if let Some(id) = self.file_in_container(word).and_then(|name| self.project().sources.id(&name)) {
                self.read_commands(id, &mut found);
            }
        }
        found
    }

    /// Adds what a configuration file or an ACL file says, and the ACL file that a configuration names.
    fn read_commands(self, id: SourceId, found: &mut RedisCommands) {
        let project = self.project();
        match &project.file(id).parsed {
            Parsed::RedisConf(conf) => {
                for line in &conf.directives {
                    let at = Location::new(id, line.span);
                    let value = line.args.first();
                    if SWITCHES.contains(&line.name.as_str())
                        && let Some((_, span)) = value.filter(|(text, _)| matches!(text.as_str(), "yes" | "local"))
                    {
                        let value_at = Some(Location::new(id, *span));
                        found.switches.push(OpenSwitch { name: line.name.clone(), at, value_at });
                    }
                    found.renames |= line.name == "rename-command";
                    if let Some(user) = redis_acl::user_of_directive(line, project.text(id)) {
                        found.user(&user, at);
                    }
                    if let (true, Some((path, _))) = (line.name == "aclfile", value) {
                        let file = self.file_in_container(path).and_then(|name| project.sources.id(&name));
                        file.into_iter().for_each(|file| acl(project, file, found));
                    }
                }
            }
            Parsed::RedisAcl(_) => acl(project, id, found),
            _ => {}
        }
    }
}

/// The users of an ACL file.
fn acl(project: &Project<'_>, id: SourceId, found: &mut RedisCommands) {
    if let Parsed::RedisAcl(acl) = &project.file(id).parsed {
        acl.users.iter().for_each(|user| found.user(user, Location::new(id, user.span)));
    }
}

impl Project<'_> {
    /// Switches off what a line of Redis' configuration opens.
    #[must_use]
    pub fn close_switch(&self, switch: &OpenSwitch) -> Option<Fix> {
        let at = switch.value_at?;
        Some(Fix::new(Safety::Suggested, format!("Set {} to no", switch.name)).replace(at.source, at.span, "no"))
    }

    /// Takes the commands of administration from a user; `INFO`, which applications ask for, stays.
    #[must_use]
    pub fn limit_user(&self, user: &PowerfulUser) -> Fix {
        let end = Span::at(user.at.span.end as usize);
        Fix::new(Safety::Suggested, "Take the commands of administration away").replace(
            user.at.source,
            end,
            " -@admin -@dangerous +info",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn commands(body: &str, others: &[(&str, &str)]) -> RedisCommands {
        let text = format!("services:\n  redis:\n    image: redis:8.2.9\n{body}");
        let mut files = vec![("compose.yaml", text.as_str())];
        files.extend_from_slice(others);
        let sources = sources(&files);
        let project = Project::new(&sources, TODAY);
        project.services().next().unwrap().redis_commands()
    }

    const CONF: &str = "    command: redis-server /r/redis.conf\n    volumes: [\"./redis.conf:/r/redis.conf:ro\", \"./users.acl:/r/users.acl:ro\"]\n";

    #[test]
    fn switches() {
        let of = |conf: &str| commands(CONF, &[("redis.conf", conf)]).switches.len();
        assert_eq!(of("enable-debug-command yes\nenable-module-command local\n"), 2);
        assert_eq!(of("enable-debug-command no\n"), 0);
        let words = "    command: redis-server --enable-protected-configs yes\n";
        assert_eq!(commands(words, &[]).switches.len(), 1);
    }

    #[test]
    fn users() {
        let of =
            |acl: &str| commands(CONF, &[("redis.conf", "aclfile /r/users.acl\n"), ("users.acl", acl)]).users.len();
        assert_eq!(of("user app on >x ~* &* +@all\n"), 1);
        for limited in [
            "user app on >x ~* +@all -@dangerous\n",
            "user app on >x ~* +@all -@admin\n",
            "user app on >x ~* +@all -config -module -debug\n",
            "user app on >x ~* +@read +@write\n",
            "user app off >x ~* +@all\n",
            "user admin on >x ~* +@all\n",
        ] {
            assert_eq!(of(limited), 0, "{limited}");
        }
    }

    #[test]
    fn renamed_commands() {
        assert!(commands(CONF, &[("redis.conf", "rename-command CONFIG \"\"\n")]).renames);
        assert!(!commands(CONF, &[("redis.conf", "port 6379\n")]).renames);
    }
}

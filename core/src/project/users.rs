//! Who a container's processes run as, and what tells.

use super::ServiceRef;
use crate::facts::images::Exec;
use crate::finding::Confidence;
use crate::model::compose::Command;
use crate::source::{Location, file_name};
use crate::syntax::dockerfile::{Form, Instruction};

/// What a container's processes may do as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Privilege {
    /// The main process is uid 0.
    Root,
    /// A master process is uid 0, its workers are not.
    RootMaster,
    /// Starts as uid 0 and gives it up before serving.
    Drops,
    /// Never uid 0.
    NonRoot,
    /// Not uid 0 by name, but may become it without a password.
    Sudo,
    /// A variable without a value decides.
    Unknown,
}

impl Privilege {
    /// Whether code executed in the main process runs as uid 0.
    #[must_use]
    pub fn is_root(self) -> bool {
        matches!(self, Self::Root | Self::Sudo)
    }
}

/// What decided the user.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecidedBy {
    /// `user` of the service.
    Compose,
    /// The last `USER` of the stage.
    Dockerfile,
    /// What is known of the image.
    Image,
    /// Nothing: an image without `USER` runs as root.
    Assumed,
}

/// The user a container starts as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EffectiveUser {
    /// Its name or number, when it is known.
    pub name: Option<String>,
    /// What it may do as.
    pub privilege: Privilege,
    /// What decided it.
    pub decided_by: DecidedBy,
    /// Where that is written.
    pub at: Location,
    /// How sure.
    pub confidence: Confidence,
}

/// The process a container starts, entrypoint and command together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MainCommand {
    /// Its words.
    pub words: Vec<String>,
    /// Where it is written; `None` when it is the image's own.
    pub at: Option<Location>,
}

/// Whether a user as written is uid 0.
#[must_use]
pub fn is_root_name(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or("").trim();
    name.is_empty() || name == "root" || (name.bytes().all(|byte| byte == b'0'))
}

impl<'p> ServiceRef<'p, '_> {
    /// The user its container starts as, and what its processes may do as.
    #[must_use]
    pub fn effective_user(self) -> EffectiveUser {
        let mut user = self.configured_user();
        if user.privilege == Privilege::Root {
            user.privilege = self.start_privilege();
            if user.decided_by == DecidedBy::Assumed && user.privilege == Privilege::Root {
                user.confidence = Confidence::Low;
            }
        }
        user
    }

    /// The user as configured, before looking at what the entrypoint does.
    #[must_use]
    pub fn configured_user(self) -> EffectiveUser {
        if let Some(user) = &self.user {
            let privilege = if !user.is_known() {
                Privilege::Unknown
            } else if is_root_name(&user.text) {
                Privilege::Root
            } else {
                Privilege::NonRoot
            };
            return EffectiveUser { name: user.is_known().then(|| user.text.clone()), privilege, decided_by: DecidedBy::Compose, at: user.at, confidence: Confidence::High };
        }
        self.image_user()
    }

    /// The user the image is built with.
    #[must_use]
    pub fn image_user(self) -> EffectiveUser {
        if let Some((used, source)) = self.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?)))
            && let Some(stage) = used.stage
            && let Some(user) = used.model.user(stage)
        {
            let privilege = if !user.value.known {
                Privilege::Unknown
            } else if is_root_name(&user.value.text) {
                Privilege::Root
            } else if self.image_use.row.is_some_and(|row| row.exec == Exec::Sudo) {
                Privilege::Sudo
            } else {
                Privilege::NonRoot
            };
            return EffectiveUser {
                name: user.value.known.then(|| user.value.text.clone()),
                privilege,
                decided_by: DecidedBy::Dockerfile,
                at: Location::new(source, user.span),
                confidence: Confidence::High,
            };
        }
        let at = self.image_use.at.unwrap_or(self.at);
        let unsupplied = self.build_use.as_ref().is_some_and(|used| used.dockerfile.is_none());
        match self.image_use.row {
            Some(row) => EffectiveUser {
                name: Some(row.default_user.to_owned()),
                privilege: match row.exec {
                    Exec::NonRoot => Privilege::NonRoot,
                    Exec::Sudo => Privilege::Sudo,
                    Exec::Root | Exec::RootMaster | Exec::Drops => Privilege::Root,
                },
                decided_by: DecidedBy::Image,
                at,
                confidence: if row.verified { Confidence::High } else { Confidence::Medium },
            },
            None if unsupplied || (self.image_use.text.is_empty() && !self.image_use.is_base) || self.image_use.text.contains("${") => {
                EffectiveUser { name: None, privilege: Privilege::Unknown, decided_by: DecidedBy::Assumed, at, confidence: Confidence::Low }
            }
            None => EffectiveUser { name: Some("root".to_owned()), privilege: Privilege::Root, decided_by: DecidedBy::Assumed, at, confidence: Confidence::Low },
        }
    }

    /// What a container that starts as root serves as.
    fn start_privilege(self) -> Privilege {
        let main = self.main_command();
        if self.entrypoint_drops() {
            return Privilege::Drops;
        }
        let text = main.words.join(" ");
        if let Some(privilege) = by_command(&main.words, &text) {
            // The official entrypoints of data stores drop for their own server only.
            if privilege == Privilege::Root && self.image_use.row.is_some_and(|row| row.exec == Exec::Drops) && starts_own_server(&main.words) {
                return Privilege::Drops;
            }
            return privilege;
        }
        match self.image_use.row.map(|row| row.exec) {
            Some(Exec::RootMaster) => Privilege::RootMaster,
            Some(Exec::Drops) if main.at.is_none() || starts_own_server(&main.words) => Privilege::Drops,
            Some(Exec::Sudo) => Privilege::Sudo,
            _ => Privilege::Root,
        }
    }

    /// Entrypoint and command as Docker joins them.
    #[must_use]
    pub fn main_command(self) -> MainCommand {
        let built = self.built_command();
        let mut words = Vec::new();
        let mut at = None;
        match (&self.entrypoint, &self.command) {
            (Some(entrypoint), command) => {
                words.extend(entrypoint.words.clone());
                words.extend(command.iter().flat_map(|command| command.words.clone()));
                at = Some(command.as_ref().map_or(entrypoint.at, |command| command.at));
            }
            (None, Some(command)) => {
                words.extend(built.entrypoint.iter().flat_map(|(words, _)| words.clone()));
                words.extend(command.words.clone());
                at = Some(command.at);
            }
            (None, None) => {
                for (part, place) in built.entrypoint.iter().chain(&built.command) {
                    words.extend(part.clone());
                    at = Some(*place);
                }
            }
        }
        MainCommand { words, at }
    }

    /// The command a service sets itself, without the image's entrypoint.
    #[must_use]
    pub fn own_command(self) -> Option<&'p Command> {
        let service = self.service;
        service.spec.command.as_ref().or(service.spec.entrypoint.as_ref())
    }

    fn built_command(self) -> BuiltCommand {
        let mut out = BuiltCommand::default();
        let Some((used, source)) = self.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else { return out };
        let (Some(stage), Some(file)) = (used.stage, self.project.dockerfile(source)) else { return out };
        let words = |index: usize| {
            let instruction = file.instructions.get(index)?;
            Some((instruction_words(instruction), Location::new(source, instruction.header_span)))
        };
        out.entrypoint = used.model.entrypoint(stage).and_then(|(index, _)| words(index));
        out.command = used.model.cmd(stage).and_then(|(index, _)| words(index));
        out
    }

    /// Whether a script of the project that is the entrypoint ends by giving up root.
    #[must_use]
    pub fn entrypoint_drops(self) -> bool {
        let main = self.main_command();
        if drops(&main.words.join(" ")) {
            return true;
        }
        main.words.iter().take(3).filter(|word| word.contains('/') || word.ends_with(".sh") || word.contains("entrypoint")).any(|word| {
            let name = file_name(word);
            self.project.sources.iter().any(|(_, source)| file_name(source.path()) == name && source.text().lines().any(|line| drops(line.trim_start())))
        })
    }
}

#[derive(Default)]
struct BuiltCommand {
    entrypoint: Option<(Vec<String>, Location)>,
    command: Option<(Vec<String>, Location)>,
}

fn instruction_words(instruction: &Instruction) -> Vec<String> {
    match instruction.form {
        Form::Json => instruction.args.iter().map(|arg| arg.text.clone()).collect(),
        _ => {
            let text = instruction.body.as_ref().map_or_else(|| instruction.args.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" "), |body| body.text.clone());
            vec!["/bin/sh".to_owned(), "-c".to_owned(), text]
        }
    }
}

/// Tools that start a program as another user.
const DROPPERS: [&str; 6] = ["gosu", "su-exec", "runuser", "s6-setuidgid", "chpst", "setpriv"];

/// Whether a line runs its program as a user that is not root.
fn drops(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.iter().enumerate().any(|(at, word)| {
        let tool = file_name(word.trim_matches(['"', '\'']));
        let first = at == 0 || matches!(words.get(at - 1), Some(&"exec" | &"&&" | &";" | &"-c" | &"--" | &"then" | &"else"));
        let next = words.iter().skip(at + 1).find(|word| !word.starts_with('-'));
        let to_root = next.is_some_and(|user| is_root_name(user));
        first && (DROPPERS.contains(&tool) || tool == "su" && words.len() > at + 2) && next.is_some() && !to_root
    })
}

fn by_command(words: &[String], text: &str) -> Option<Privilege> {
    if words.is_empty() {
        return None;
    }
    let shell = words.iter().any(|word| word == "-c") && words.first().is_some_and(|word| matches!(file_name(word), "sh" | "bash" | "ash" | "dash"));
    let programs: Vec<&str> = if shell {
        text.split(['&', '|', ';']).filter_map(|part| part.split_whitespace().find(|word| !matches!(*word, "exec" | "/bin/sh" | "sh" | "bash" | "/bin/bash" | "-c"))).collect()
    } else {
        words.iter().filter(|word| !file_name(word).contains("entrypoint")).take(1).map(String::as_str).collect()
    };
    let is = |names: &[&str]| programs.iter().any(|program| names.contains(&file_name(program)));
    if is(&["sudo"]) {
        return Some(Privilege::Sudo);
    }
    if is(&["php-fpm", "apache2-foreground", "httpd-foreground", "nginx", "apache2ctl", "apachectl"]) {
        let others = is(&["service", "cron", "crond", "sshd", "supervisord"]);
        return Some(if others { Privilege::Root } else { Privilege::RootMaster });
    }
    if programs.is_empty() { None } else { Some(Privilege::Root) }
}

/// Servers whose official entrypoint gives up root, named as the command or implied by an option.
fn starts_own_server(words: &[String]) -> bool {
    const SERVERS: [&str; 14] = [
        "redis-server", "valkey-server", "keydb-server", "mysqld", "mariadbd", "postgres", "mongod", "rabbitmq-server", "memcached", "redis-sentinel",
        "elasticsearch", "eswrapper", "clickhouse-server", "dragonfly",
    ];
    words.iter().filter(|word| !file_name(word).contains("entrypoint")).take(1).all(|word| word.starts_with('-') || SERVERS.contains(&file_name(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_by_any_spelling() {
        for user in ["root", "0", "0:0", "root:root", ":0", "00", ""] {
            assert!(is_root_name(user), "{user}");
        }
        for user in ["www-data", "1001:0", "33:33", "10"] {
            assert!(!is_root_name(user), "{user}");
        }
    }

    #[test]
    fn droppers() {
        for line in ["exec gosu www-data \"$@\"", "su-exec app:app php", "exec setpriv --reuid=1000 php", "su -s /bin/sh www-data -c 'x'", "s6-setuidgid abc php"] {
            assert!(drops(line), "{line}");
        }
        for line in ["gosu root php", "echo gosu www-data", "sudo -E php-fpm", "exec \"$@\""] {
            assert!(!drops(line), "{line}");
        }
    }

    #[test]
    fn commands_tell() {
        let tell = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            by_command(&words, text)
        };
        assert_eq!(tell("php-fpm"), Some(Privilege::RootMaster));
        assert_eq!(tell("docker-php-entrypoint php-fpm -F"), Some(Privilege::RootMaster));
        assert_eq!(tell("php artisan queue:work"), Some(Privilege::Root));
        assert_eq!(tell("sudo -E php-fpm"), Some(Privilege::Sudo));
        assert_eq!(by_command(&["sh".into(), "-c".into(), "service ssh start && apache2-foreground".into()], "sh -c service ssh start && apache2-foreground"), Some(Privilege::Root));
        assert_eq!(by_command(&[], ""), None);
    }
}

//! Who a container's processes run as, and what tells.

use super::ServiceRef;
use super::start::{self, Start, Verdict};
use crate::facts::Basis;
use crate::facts::images::{Exec, ImageRow};
use crate::finding::Confidence;
use crate::model::compose::{Command, Text};
use crate::source::{Location, SourceId, file_name};
use crate::syntax::dockerfile::{Form, Instruction};
use crate::syntax::shell;

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
    /// Something decides that the files do not say: a variable without a value, an image nobody knows, a script not supplied.
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
    /// Nothing: the image is not known, and one without `USER` runs as root.
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
    /// How sure, when the facts are not old.
    pub confidence: Confidence,
    /// The table that decided it, when one did.
    pub based_on: Option<Basis>,
}

/// The process a container starts, entrypoint and command together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MainCommand {
    /// Its words.
    pub words: Vec<String>,
    /// Where it is written; `None` when it is the image's own.
    pub at: Option<Location>,
}

impl EffectiveUser {
    /// Whether its processes run as uid 0 for a reason that is written somewhere, not for want of knowledge.
    #[must_use]
    pub fn is_known_root(&self) -> bool {
        self.privilege.is_root() && self.decided_by != DecidedBy::Assumed
    }
}

impl Text {
    /// Whether it names uid 0, as a user.
    #[must_use]
    pub fn is_root_user(&self) -> bool {
        self.is_known() && !self.text.is_empty() && is_root_name(&self.text)
    }
}

/// Whether a user as written is uid 0.
#[must_use]
pub(super) fn is_root_name(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or("").trim();
    name.is_empty() || name == "root" || (name.bytes().all(|byte| byte == b'0'))
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// The user its container starts as, and what its processes may do as.
    #[must_use]
    pub fn effective_user(self) -> EffectiveUser {
        let mut user = self.configured_user();
        match user.privilege {
            Privilege::Root => {
                user.privilege = self.start_privilege();
                // That its workers are somebody else is known of the image.
                let told = self.row().filter(|_| user.privilege == Privilege::RootMaster);
                user.based_on = user.based_on.or(told.map(ImageRow::basis));
            }
            // `CMD ["sudo", "php-fpm"]`: not root by name, root in the end.
            Privilege::NonRoot if self.start_verdict().is_some_and(|verdict| verdict.start == Start::Sudo) => {
                user.privilege = Privilege::Sudo
            }
            _ => {}
        }
        user
    }

    /// The user as configured, before looking at what the start command does.
    #[must_use]
    pub fn configured_user(self) -> EffectiveUser {
        if let Some(user) = self.running_user() {
            return user;
        }
        // An empty `user` is none: Docker takes the image's.
        let Some(user) = self.user.as_ref().filter(|user| !user.text.is_empty()) else { return self.image_user() };
        let privilege = if !user.is_known() {
            Privilege::Unknown
        } else if is_root_name(&user.text) {
            Privilege::Root
        } else if self.row().is_some_and(|row| row.exec == Exec::Sudo && row.default_user == name_of(&user.text)) {
            Privilege::Sudo
        } else {
            Privilege::NonRoot
        };
        EffectiveUser {
            name: user.is_known().then(|| user.text.clone()),
            privilege,
            decided_by: DecidedBy::Compose,
            at: user.at,
            confidence: Confidence::High,
            based_on: None,
        }
    }

    /// The user the image is built with.
    #[must_use]
    pub fn image_user(self) -> EffectiveUser {
        let builder = self.image_source();
        let unknown = |at| EffectiveUser {
            name: None,
            privilege: Privilege::Unknown,
            decided_by: DecidedBy::Assumed,
            at,
            confidence: Confidence::Low,
            based_on: None,
        };
        if let Some(used) = &builder.build_use {
            let target_unknown =
                builder.build.as_ref().and_then(|build| build.target.as_ref()).is_some_and(|target| !target.is_known());
            // No Dockerfile, no such stage, or a stage that only a variable names.
            let (Some(source), Some(stage)) = (used.dockerfile, used.stage.filter(|_| !target_unknown)) else {
                return unknown(builder.at);
            };
            if let Some(user) = used.model.user(stage) {
                let privilege = if !user.value.known {
                    Privilege::Unknown
                } else if is_root_name(&user.value.text) {
                    Privilege::Root
                } else if self
                    .row()
                    .is_some_and(|row| row.exec == Exec::Sudo && row.default_user == name_of(&user.value.text))
                {
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
                    based_on: None,
                };
            }
        }
        let image = &builder.image_use;
        let at = image.at.unwrap_or(builder.at);
        match self.row() {
            Some(row) => EffectiveUser {
                name: Some(row.default_user.to_string()),
                privilege: match row.exec {
                    Exec::NonRoot => Privilege::NonRoot,
                    Exec::Sudo => Privilege::Sudo,
                    Exec::Root | Exec::RootMaster | Exec::Drops => Privilege::Root,
                },
                decided_by: DecidedBy::Image,
                at,
                confidence: if row.verified { Confidence::High } else { Confidence::Medium },
                based_on: Some(row.basis()),
            },
            // An image from elsewhere may end with any user; one built here without `USER` most likely inherits root.
            None if !image.is_base || image.text.contains("${") => unknown(at),
            None => EffectiveUser {
                name: Some("root".to_owned()),
                privilege: Privilege::Root,
                decided_by: DecidedBy::Assumed,
                at,
                confidence: Confidence::Low,
                based_on: None,
            },
        }
    }

    /// The service that its image is built by: itself, or the one of its view that builds an image of the same name.
    #[must_use]
    pub fn image_source(self) -> ServiceRef<'p, 'a> {
        let Some(image) = self.image.as_ref().filter(|_| self.build_use.is_none()) else { return self };
        let builder = self.view.built.get(&image.text).and_then(|at| self.view.services.get(*at));
        builder.map_or(self, |service| Self { service, ..self })
    }

    /// What is known of the image it runs, or that its stage starts from.
    fn row(self) -> Option<&'p ImageRow> {
        self.image_source().service.image_use.row()
    }

    /// What a container that starts as root serves as.
    fn start_privilege(self) -> Privilege {
        let exec = self.row().map(|row| row.exec);
        let own = match exec {
            Some(Exec::RootMaster) => Privilege::RootMaster,
            Some(Exec::Drops) => Privilege::Drops,
            Some(Exec::Sudo) => Privilege::Sudo,
            _ => Privilege::Root,
        };
        let verdict = match self.start_command() {
            StartCommand::Own => return own,
            StartCommand::Unseen(_) => return Privilege::Unknown,
            StartCommand::Judged(verdict) => verdict,
        };
        match verdict.start {
            Start::GivesUp => Privilege::Drops,
            Start::Master => Privilege::RootMaster,
            Start::Sudo => Privilege::Sudo,
            Start::PassesOn => own,
            Start::Keeps => match exec {
                // The official entrypoints of data stores give up root for their own server only.
                Some(Exec::Drops) if verdict.official && SERVERS.contains(&verdict.program.as_str()) => {
                    Privilege::Drops
                }
                Some(Exec::Drops) if verdict.official && !stays_root(&verdict.program) => Privilege::Unknown,
                Some(Exec::RootMaster) if matches!(verdict.program.as_str(), "supervisord" | "init" | "s6-svscan") => {
                    Privilege::RootMaster
                }
                _ => Privilege::Root,
            },
        }
    }

    fn start_verdict(self) -> Option<Verdict> {
        match self.start_command() {
            StartCommand::Judged(verdict) => Some(verdict),
            StartCommand::Own | StartCommand::Unseen(_) => None,
        }
    }

    /// The script that decides what its processes run as, when it was not supplied.
    #[must_use]
    pub fn unseen_start_script(self) -> Option<String> {
        match self.start_command() {
            StartCommand::Unseen(name) => Some(name),
            StartCommand::Own | StartCommand::Judged(_) => None,
        }
    }

    /// Entrypoint and command, followed through scripts of the project to what serves in the end.
    fn start_command(self) -> StartCommand {
        let main = self.main_command();
        // The image's own entrypoint stands in front of a command unless something replaces it.
        let mut official = self.entrypoint.is_none() && self.built_command().entrypoint.is_none();
        let mut rest = start::program_words(&main.words);
        for _ in 0..6 {
            let Some(first) = rest.first() else { break };
            let name = file_name(first);
            let texts: Vec<&str> = rest.iter().map(String::as_str).collect();
            if shell::is_shell(first) {
                if let Some(text) = shell::command_string(&texts).and_then(|at| rest.get(at)) {
                    return match start::judge(&start::commands_of(text)) {
                        Some(verdict) => StartCommand::Judged(verdict),
                        None => StartCommand::Judged(Verdict {
                            start: Start::Keeps,
                            program: name.to_owned(),
                            official: false,
                        }),
                    };
                }
                let script = rest.iter().skip(1).position(|word| !word.starts_with('-'));
                let Some(at) = script else { break };
                rest = rest.get(at + 1..).unwrap_or(&[]);
                if self.script(rest.first().map_or("", String::as_str)).is_none() {
                    return StartCommand::Unseen(rest.first().cloned().unwrap_or_default());
                }
                continue;
            }
            if let Some(text) = self.script(first) {
                match start::judge(&start::commands_of(text)) {
                    Some(verdict) if verdict.start != Start::PassesOn => return StartCommand::Judged(verdict),
                    Some(verdict) => official = verdict.official,
                    None => {}
                }
            } else if start::is_official_entrypoint(name) {
                official = true;
            } else if name.ends_with(".sh") || name.contains("entrypoint") {
                return StartCommand::Unseen(first.clone());
            } else {
                break;
            }
            rest = start::program_words(rest.get(1..).unwrap_or(&[]));
        }
        // Options alone are for the image's entrypoint.
        if rest.first().is_none_or(|word| word.starts_with('-')) {
            return StartCommand::Own;
        }
        match start::judge(&[rest.to_vec()]) {
            Some(verdict) => StartCommand::Judged(Verdict { official: verdict.official || official, ..verdict }),
            None => StartCommand::Judged(Verdict {
                start: Start::Keeps,
                program: rest.first().map_or("", |word| file_name(word)).to_owned(),
                official,
            }),
        }
    }

    /// The text of a shell script of the project that stands at a path of the container.
    fn script(self, path: &str) -> Option<&'a str> {
        self.start_script(path).map(|id| self.project.text(id))
    }

    /// The shell script of the project that stands at a path of the container: by mount or copy, else by its name.
    #[must_use]
    pub fn start_script(self, path: &str) -> Option<SourceId> {
        let name = file_name(path);
        if name.is_empty() {
            return None;
        }
        let known = self.file_in_container(path).and_then(|path| self.project.sources.id(&path));
        let is_script = |id: SourceId| {
            let first = self.project.text(id).lines().next().unwrap_or("");
            let interpreter = first.strip_prefix("#!").and_then(|line| line.split_whitespace().next_back());
            interpreter
                .map_or_else(|| name.ends_with(".sh"), |program| first.contains("sh ") || shell::is_shell(program))
        };
        known
            .or_else(|| {
                self.project.sources.iter().find(|(_, source)| file_name(source.path()) == name).map(|(id, _)| id)
            })
            .filter(|id| is_script(*id))
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
        let builder = self.image_source();
        let Some((used, source)) = builder.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else {
            return out;
        };
        let (Some(stage), Some(file)) = (used.stage, self.project.dockerfile(source)) else { return out };
        let words = |index: usize| {
            let instruction = file.instructions.get(index)?.effective();
            Some((instruction_words(instruction), Location::new(source, instruction.header_span)))
        };
        out.entrypoint = used.model.entrypoint(stage).and_then(|(index, _)| words(index));
        out.command = used.model.cmd(stage).and_then(|(index, _)| words(index));
        out
    }

    /// Whether what starts its container gives up root before it serves.
    #[must_use]
    pub fn entrypoint_drops(self) -> bool {
        self.start_verdict().is_some_and(|verdict| verdict.start == Start::GivesUp)
    }
}

/// What starts a container.
enum StartCommand {
    /// The image's own command.
    Own,
    /// A script that was not supplied.
    Unseen(String),
    /// Commands that could be read.
    Judged(Verdict),
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
            let text = instruction.body.as_ref().map_or_else(
                || instruction.args.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" "),
                |body| body.text.clone(),
            );
            vec!["/bin/sh".to_owned(), "-c".to_owned(), text]
        }
    }
}

/// The part of `user:group` that names the user.
fn name_of(user: &str) -> &str {
    user.split(':').next().unwrap_or(user)
}

/// Servers for which the official entrypoint of their image gives up root.
const SERVERS: [&str; 22] = [
    "redis-server",
    "redis-sentinel",
    "valkey-server",
    "valkey-sentinel",
    "keydb-server",
    "dragonfly",
    "mysqld",
    "mariadbd",
    "postgres",
    "mongod",
    "mongos",
    "rabbitmq-server",
    "elasticsearch",
    "eswrapper",
    "clickhouse-server",
    "couchdb",
    "neo4j",
    "influxd",
    "vault",
    "server",
    "envoy",
    "searchd",
];

/// Programs for which no official entrypoint gives up root.
fn stays_root(program: &str) -> bool {
    shell::is_shell(program)
        || matches!(
            program,
            "php"
                | "cron"
                | "crond"
                | "supervisord"
                | "tail"
                | "sleep"
                | "redis-cli"
                | "mysqldump"
                | "mariadb-dump"
                | "pg_dump"
                | ""
        )
}

#[cfg(test)]
#[path = "users_tests.rs"]
mod tests;

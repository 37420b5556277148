//! The processes that a container runs under a supervisor: supervisord's programs, s6's services.

use super::container_files::{ContainerFiles, Piece};
use super::{Parsed, ServiceRef, start};
use crate::facts::glob;
use crate::model::supervisor::{self, Program, Supervisor};
use crate::source::{Location, SourceId, file_name, folder};
use crate::syntax::{ini, shell};

/// Files that are read as parts of one configuration.
const MAX_PARTS: usize = 200;

/// What starts a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessManager {
    /// supervisord.
    Supervisord,
    /// s6-overlay.
    S6,
}

/// A process that a supervisor starts in the container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// What starts it.
    pub manager: ProcessManager,
    /// Its command line.
    pub command: String,
    /// Where the command is written.
    pub at: Location,
    /// The user it runs as; `None` when something decides that the files do not say.
    pub user: Option<String>,
    /// Where the user is written; `None` when the container's user is inherited.
    pub user_at: Option<Location>,
    /// How many of it are started; `None` when the number is computed.
    pub count: Option<u64>,
    /// Whether it is started with the container.
    pub starts_by_itself: bool,
}

impl Process {
    /// The program that serves in the end, without its directory.
    #[must_use]
    pub fn program(&self) -> Option<String> {
        program_of(&self.command, 0)
    }

    /// Whether it runs as root; `None` when that is not known.
    #[must_use]
    pub fn runs_as_root(&self) -> Option<bool> {
        self.user.as_deref().map(super::users::is_root_name)
    }
}

/// The program that serves in the end in a piece of shell text: behind `exec`, `gosu user`, `sh -c`.
fn program_of(text: &str, level: u8) -> Option<String> {
    let commands = start::commands_of(text);
    let serving = start::serving(&commands)?;
    let script = shell::parse(text);
    let words = |command: &shell::Command| command.words.iter().map(|word| word.text.clone()).collect::<Vec<_>>();
    let command = script.commands.iter().rev().find(|command| words(command) == *serving)?;
    let texts: Vec<&str> = command.unwrapped().iter().map(|word| word.text.as_str()).collect();
    match shell::command_string(&texts).and_then(|at| texts.get(at)) {
        Some(inner) if level < 3 => program_of(inner, level + 1),
        _ => texts.first().map(|word| file_name(word).to_owned()),
    }
}

/// supervisord of a container.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SupervisorUse {
    /// Its configuration: the main file and what it includes.
    pub parts: Vec<Supervisor>,
    /// A part of it that was not supplied.
    pub unseen: Option<String>,
}

impl SupervisorUse {
    /// All programs.
    pub fn programs(&self) -> impl Iterator<Item = &Program> {
        self.parts.iter().flat_map(|part| &part.programs)
    }

    /// `[supervisord] user`.
    fn user(&self) -> Option<(String, Location)> {
        let user = self.parts.iter().rev().find_map(|part| part.user.as_ref())?;
        Some((user.value.clone(), user.at))
    }
}

impl ServiceRef<'_, '_> {
    /// The processes that its container runs under supervisord or s6. Empty when it runs one process of its own.
    #[must_use]
    pub fn processes(self) -> Vec<Process> {
        let files = self.container_files();
        let mut found = Vec::new();
        if let Some(used) = self.supervisor() {
            let inherited = used.user();
            for program in used.programs() {
                let Some(command) = program.command() else { continue };
                let own = program.get("user").map(|user| (user.value.clone(), Some(user.at)));
                let user = own.or_else(|| inherited.clone().map(|(name, at)| (name, Some(at))));
                // `su`, `gosu` and the like in the command itself.
                let switched = start::commands_of(&command.value)
                    .iter()
                    .find_map(|words| start::switched_to(words).map(str::to_owned))
                    .map(|user| (user, Some(command.at)));
                let (user, user_at) = match switched.or(user) {
                    Some((name, _)) if name.contains("%(") || name.contains('$') => (None, None),
                    Some((name, at)) => (Some(name), at),
                    None => (self.configured_user().name, None),
                };
                found.push(Process {
                    name: program.name.clone(),
                    manager: ProcessManager::Supervisord,
                    command: command.value.clone(),
                    at: command.at,
                    user,
                    user_at,
                    count: program.processes(),
                    starts_by_itself: program.starts_by_itself(),
                });
            }
        }
        found.extend(self.s6_services(&files));
        found
    }

    /// supervisord's configuration, when its container starts supervisord.
    #[must_use]
    pub fn supervisor(self) -> Option<SupervisorUse> {
        let words = self.supervisord_command()?;
        let files = self.container_files();
        let option = |names: &[&str]| {
            words.iter().enumerate().find_map(|(at, word)| {
                let glued = names.iter().find_map(|name| word.strip_prefix(name)?.strip_prefix('='));
                let apart = || names.contains(&word.as_str()).then(|| words.get(at + 1).map(String::as_str)).flatten();
                glued.or_else(apart)
            })
        };
        let defaults = ["/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"];
        let path = match option(&["-c", "--configuration"]) {
            Some(path) => super::container_files::absolute("/", path),
            None => defaults.iter().find(|path| files.files.contains_key(**path)).unwrap_or(&"").to_string(),
        };
        let mut used = SupervisorUse::default();
        if files.files.contains_key(&path) {
            self.supervisor_part(&files, &path, &mut used);
        } else {
            // The packages' own file includes what lies in these folders.
            let packaged = matches!(path.as_str(), "" | "/etc/supervisord.conf" | "/etc/supervisor/supervisord.conf");
            let folders = ["/etc/supervisor/conf.d", "/etc/supervisor.d", "/etc/supervisord.d"];
            let parts: Vec<String> = folders
                .iter()
                .flat_map(|folder| files.in_folder(folder))
                .filter(|_| packaged)
                .map(|file| file.path.clone())
                .collect();
            if parts.is_empty() {
                used.unseen = Some(if path.is_empty() { "supervisord.conf".to_owned() } else { path });
            }
            for part in parts {
                self.supervisor_part(&files, &part, &mut used);
            }
        }
        if let (Some(user), Some(part)) = (option(&["-u", "--user"]), used.parts.first_mut()) {
            let at = self.main_command().at.unwrap_or(self.at);
            part.user = Some(crate::model::Spanned::new(user.to_owned(), at));
        }
        Some(used)
    }

    /// The words of the command that starts supervisord, from its options on.
    fn supervisord_command(self) -> Option<Vec<String>> {
        let main = self.main_command();
        let mut texts = vec![start::program_words(&main.words).to_vec()];
        // Through shells and scripts of the project, but not for ever.
        for _ in 0..4 {
            let mut next = Vec::new();
            for words in texts {
                let words = start::program_words(&words).to_vec();
                let Some(first) = words.first() else { continue };
                if file_name(first) == "supervisord" {
                    return Some(words.get(1..).unwrap_or_default().to_vec());
                }
                // `python3 /usr/bin/supervisord -c …`, and an entrypoint in front of the command.
                if let Some(at) = words.iter().position(|word| file_name(word) == "supervisord") {
                    return Some(words.get(at + 1..).unwrap_or_default().to_vec());
                }
                let refs: Vec<&str> = words.iter().map(String::as_str).collect();
                if let Some(text) = shell::command_string(&refs).and_then(|at| words.get(at)) {
                    next.extend(start::commands_of(text));
                } else if let Some(id) = words.iter().take(2).find_map(|word| self.start_script(word)) {
                    next.extend(start::commands_of(self.project().text(id)).into_iter().take(500));
                }
            }
            texts = next;
        }
        None
    }

    fn supervisor_part(self, files: &ContainerFiles, path: &str, used: &mut SupervisorUse) {
        let known = |id: SourceId| used.parts.iter().any(|part| part.source == Some(id));
        let Some(file) = files.files.get(path) else { return };
        if used.parts.len() >= MAX_PARTS {
            return;
        }
        let part = match file.pieces.as_slice() {
            [Piece::Project(id)] if known(*id) => return,
            [Piece::Project(id)] => match &self.project().file(*id).parsed {
                Parsed::Ini(read) if self.project().file(*id).kind == crate::detect::Kind::Supervisord => {
                    supervisor::read(*id, read)
                }
                _ => supervisor::read(*id, &ini::parse_supervisor(self.project().text(*id))),
            },
            [Piece::Written { text, at, verbatim: true }] => {
                let mut read = ini::parse_supervisor(text);
                let moved = |span: &mut crate::span::Span| {
                    span.start += at.span.start;
                    span.end += at.span.start;
                };
                for section in &mut read.sections {
                    section.name.iter_mut().for_each(|(_, span)| moved(span));
                    for entry in &mut section.entries {
                        moved(&mut entry.key_span);
                        moved(&mut entry.value_span);
                    }
                }
                supervisor::read(at.source, &read)
            }
            _ => {
                used.unseen = Some(path.to_owned());
                return;
            }
        };
        let includes = part.includes.clone();
        used.parts.push(part);
        for include in includes {
            let pattern = super::container_files::absolute(folder(path), &include.value);
            let (place, name) = (folder(&pattern).to_owned(), file_name(&pattern).to_owned());
            if files.unseen_at(&place).is_some() {
                used.unseen = Some(pattern.clone());
            }
            let parts: Vec<String> = files
                .in_folder(&place)
                .filter(|file| glob::name(&name, file_name(&file.path)) && file.path != path)
                .map(|file| file.path.clone())
                .collect();
            for part in parts {
                self.included_part(files, &part, used);
            }
        }
    }

    /// supervisord follows no includes of included files.
    fn included_part(self, files: &ContainerFiles, path: &str, used: &mut SupervisorUse) {
        let before = used.parts.len();
        let mut alone = SupervisorUse::default();
        let shown = files.files.get(path).cloned().map(|file| {
            let mut only = ContainerFiles::default();
            only.files.insert(path.to_owned(), file);
            only
        });
        if let Some(only) = shown.filter(|_| before < MAX_PARTS) {
            self.supervisor_part(&only, path, &mut alone);
        }
        used.unseen = alone.unseen.or(used.unseen.take());
        used.parts.extend(alone.parts);
    }

    /// Services of s6-overlay that the project brings along: `/etc/services.d/NAME/run`, `/etc/s6-overlay/s6-rc.d/NAME/run`.
    fn s6_services(self, files: &ContainerFiles) -> Vec<Process> {
        let mut found = Vec::new();
        for file in files.files.values().filter(|file| file_name(&file.path) == "run") {
            let place = folder(&file.path);
            let (parent, name) = (folder(place), file_name(place));
            if !matches!(parent, "/etc/services.d" | "/etc/s6-overlay/s6-rc.d" | "/etc/s6/services" | "/etc/s6.d") {
                continue;
            }
            let [Piece::Project(id)] = file.pieces.as_slice() else { continue };
            let text = self.project().text(*id);
            let script = shell::parse(text);
            let commands = start::commands_of(text);
            let Some(words) = start::serving(&commands) else { continue };
            let serving = script.commands.iter().rev().find(|command| {
                command.words.iter().map(|word| word.text.as_str()).eq(words.iter().map(String::as_str))
            });
            let at = Location::new(*id, serving.map_or(crate::span::Span::at(0), |command| command.span));
            let switched = start::switched_to(words).map(str::to_owned);
            let command = match start::switched_to(words) {
                Some(user) => {
                    let rest =
                        words.iter().skip_while(|word| word.as_str() != user).skip(1).cloned().collect::<Vec<_>>();
                    if rest.is_empty() { words.join(" ") } else { rest.join(" ") }
                }
                None => words.join(" "),
            };
            found.push(Process {
                name: name.to_owned(),
                manager: ProcessManager::S6,
                command,
                at,
                user_at: switched.is_some().then_some(at),
                user: switched.or_else(|| self.configured_user().name),
                count: Some(1),
                starts_by_itself: true,
            });
        }
        found
    }

    /// RoadRunner's configuration, when its container starts RoadRunner and the file is one of the project.
    #[must_use]
    pub fn roadrunner(self) -> Option<crate::model::roadrunner::RoadRunner> {
        let main = self.main_command();
        let text = main.words.join(" ");
        let starts = start::commands_of(&text).iter().any(|words| {
            let words = start::program_words(words);
            words.first().is_some_and(|word| file_name(word) == "rr")
                || words.iter().any(|word| word.starts_with("octane:start")) && text.contains("roadrunner")
        });
        let image = self.image_source().image_use.text.contains("roadrunner");
        if !(starts || image && main.at.is_none()) {
            return None;
        }
        let id = self.roadrunner_file(&main.words)?;
        let Parsed::Yaml(tree) = &self.project().file(id).parsed else { return None };
        Some(crate::model::roadrunner::read(id, tree))
    }

    fn roadrunner_file(self, words: &[String]) -> Option<SourceId> {
        let named = words.iter().enumerate().find_map(|(at, word)| match word.as_str() {
            "-c" | "--config" => words.get(at + 1).cloned(),
            word => word.strip_prefix("--config=").map(str::to_owned),
        });
        let name = named.unwrap_or_else(|| ".rr.yaml".to_owned());
        let files = self.container_files();
        let in_container = files.files.values().find(|file| file_name(&file.path) == file_name(&name));
        let of_container = in_container.and_then(|file| match file.pieces.as_slice() {
            [Piece::Project(id)] => Some(*id),
            _ => None,
        });
        of_container.or_else(|| {
            let context = self.build_use.as_ref()?.context.as_deref()?;
            self.project().sources.id(&crate::source::join(context, file_name(&name)))
        })
    }
}

#[cfg(test)]
#[path = "processes_tests.rs"]
mod tests;

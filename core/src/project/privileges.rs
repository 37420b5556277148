//! How code in a container comes to be root beside its user: setuid programs, sudo, cron, supervised programs, PHP-FPM
//! told to.

use super::processes::ProcessManager;
use super::start::{commands_of, is_official_entrypoint, program_words};
use super::{Parsed, Process, Project, ServiceRef};
use crate::fix::{Fix, Safety};
use crate::model::commands::PackageAction;
use crate::source::{Location, file_name};
use crate::span::Span;
use crate::syntax::dockerfile::{Instruction, Keyword};
use crate::syntax::shell::{self, Command};

/// The line that takes set-user-ID and set-group-ID from every program of an image.
const STRIP: &str = "RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} + || true";

/// Something in an image that makes root of whoever runs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrivilegeGain {
    /// What is so, in words that follow "its image": `installs sudo`.
    pub what: &'static str,
    /// Where it is written.
    pub at: Location,
    instruction: Location,
}

/// A cron daemon that a container starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CronStart {
    /// The program: `cron`, `crond`.
    pub program: String,
    /// Where it is written.
    pub at: Location,
    /// Whether the container starts nothing else.
    pub alone: bool,
}

/// The option that lets PHP-FPM run its workers as root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FpmRootOption {
    /// Where the command is written.
    pub at: Location,
    /// The option as written.
    pub option: String,
}

impl ServiceRef<'_, '_> {
    /// What its image holds that makes root of whoever runs it: sudo, programs with the setuid bit, a password for
    /// root. What a later step of the build takes away again is left out.
    #[must_use]
    pub fn privilege_gains(self) -> Vec<PrivilegeGain> {
        let project = self.project();
        let builder = self.image_source().service();
        let Some((used, id)) = builder.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?))) else {
            return Vec::new();
        };
        let Some(file) = project.dockerfile(id) else { return Vec::new() };
        let mut found: Vec<PrivilegeGain> = Vec::new();
        for (_, instruction) in used.final_instructions(file) {
            let whole = Location::new(id, instruction.span);
            let gain = |what, span| PrivilegeGain { what, at: Location::new(id, span), instruction: whole };
            match instruction.keyword {
                Keyword::Copy | Keyword::Add => {
                    let flag = instruction.flag("chmod");
                    let mode = flag.and_then(|flag| u32::from_str_radix(flag.value.as_deref()?, 8).ok());
                    if let (Some(flag), Some(mode)) = (flag, mode)
                        && mode & 0o4000 != 0
                    {
                        found.push(gain("copies a program in with the setuid bit", flag.span));
                    }
                }
                Keyword::Run => {
                    let scripts = instruction.scripts(project.text(id));
                    for command in scripts.iter().flat_map(|script| &script.script.commands) {
                        found.extend(gained(command).map(|what| gain(what, command.span)));
                        if let Some(removed) = taken_away(command) {
                            found.retain(|found| !found.what.contains(removed));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Takes set-user-ID from every program of the image, behind the step that brought it in.
    #[must_use]
    pub fn strip_setuid(self, after: &PrivilegeGain) -> Option<Fix> {
        self.project().insert_instruction(
            Safety::Suggested,
            "Take the setuid bit from every program",
            after.instruction,
            STRIP,
        )
    }

    /// The cron daemon that its container starts: by its command, or by supervisord.
    #[must_use]
    pub fn starts_cron(self) -> Option<CronStart> {
        let supervised = self.processes().into_iter().find_map(|process| {
            let commands = commands_of(&process.command);
            let program = commands.iter().find_map(|words| cron_of(words))?;
            let root = process.runs_as_root() == Some(true) && process.manager == ProcessManager::Supervisord;
            root.then_some(CronStart { program, at: process.at, alone: false })
        });
        supervised.or_else(|| {
            let main = self.main_command();
            let commands = self.started_commands();
            let program = commands.iter().find_map(|words| cron_of(words))?;
            let idle = ["tail", "touch", "sleep", "env", "printenv", "echo", "exec"];
            let alone = commands.iter().all(|words| {
                let words = program_words(words);
                cron_of(words).is_some() || words.first().is_none_or(|word| idle.contains(&file_name(word)))
            });
            Some(CronStart { program, at: main.at.unwrap_or(self.at), alone })
        })
    }

    /// The commands that it starts, through `sh -c` and through scripts of the project.
    fn started_commands(self) -> Vec<Vec<String>> {
        let mut texts = vec![self.main_command().words];
        for _ in 0..3 {
            let mut next = Vec::new();
            for words in texts {
                let mut words = program_words(&words).to_vec();
                if words.first().is_some_and(|word| is_official_entrypoint(file_name(word))) {
                    words.remove(0);
                }
                let refs: Vec<&str> = words.iter().map(String::as_str).collect();
                if let Some(text) = shell::command_string(&refs).and_then(|at| words.get(at)) {
                    next.extend(commands_of(text));
                } else if let Some(id) = words.iter().take(2).find_map(|word| self.start_script(word)) {
                    next.extend(commands_of(self.project().text(id)).into_iter().take(500));
                    next.extend(words.get(1..).map(<[String]>::to_vec).filter(|rest| !rest.is_empty()));
                } else {
                    next.push(words);
                }
            }
            texts = next;
        }
        texts
    }

    /// Programs that supervisord starts as root and that do not hand their work to another user themselves.
    #[must_use]
    pub fn root_programs(self) -> Vec<Process> {
        const HAND_OVER: [&str; 9] =
            ["nginx", "apache2", "apache2-foreground", "httpd", "apachectl", "cron", "crond", "redis-server", "mysqld"];
        self.processes()
            .into_iter()
            .filter(|process| process.manager == ProcessManager::Supervisord && process.runs_as_root() == Some(true))
            .filter(|process| {
                process
                    .program()
                    .is_some_and(|program| !HAND_OVER.contains(&program.as_str()) && !program.starts_with("php-fpm"))
            })
            .collect()
    }

    /// The option that lets its PHP-FPM run workers as root.
    #[must_use]
    pub fn fpm_root_option(self) -> Option<FpmRootOption> {
        let option_of = |words: &[String]| {
            let words = program_words(words);
            words.first().filter(|word| file_name(word).starts_with("php-fpm"))?;
            words.iter().skip(1).find(|word| is_root_option(word)).cloned()
        };
        let own = self.started_commands().iter().find_map(|words| option_of(words));
        let main = self.main_command().at.unwrap_or(self.at);
        own.map(|option| FpmRootOption { at: main, option }).or_else(|| {
            self.processes().into_iter().find_map(|process| {
                let option = commands_of(&process.command).iter().find_map(|words| option_of(words))?;
                Some(FpmRootOption { at: process.at, option })
            })
        })
    }
}

impl Project<'_> {
    /// Takes an option out of the `CMD` or `ENTRYPOINT` that names it.
    #[must_use]
    pub fn remove_start_option(&self, safety: Safety, title: &str, found: &FpmRootOption) -> Option<Fix> {
        if let Some(file) = self.dockerfile(found.at.source) {
            let holds = |instruction: &&Instruction| {
                instruction.span.start <= found.at.span.start && found.at.span.end <= instruction.span.end
            };
            let instruction = file.instructions.iter().find(holds)?.effective();
            let at = instruction.args.iter().position(|arg| arg.text == found.option)?;
            let before = instruction.args.get(at.checked_sub(1)?)?;
            let span = Span { start: before.span.end, end: instruction.args.get(at)?.span.end };
            return self.replace_text(safety, title, Location::new(found.at.source, span), "");
        }
        let written = self.slice(found.at).trim_matches(['"', '\'']);
        let words: Vec<&str> = written.split(' ').filter(|word| *word != found.option).collect();
        (words.len() > 1 || written.starts_with("php-fpm")).then_some(())?;
        self.replace(safety, title, found.at, &words.join(" "))
    }

    /// Writes another value in the place of one in a configuration file; nothing where it is a text inside another
    /// file.
    #[must_use]
    pub fn replace_setting(&self, safety: Safety, title: &str, at: Location, value: &str) -> Option<Fix> {
        self.is_ini_file(at).then(|| Fix::new(safety, title).replace(at.source, at.span, value))
    }

    /// Lets supervisord run a program as a user.
    #[must_use]
    pub fn run_program_as(&self, process: &Process, user: &str) -> Option<Fix> {
        let title = format!("Run {} as {user}", crate::text::shorten(&process.name, 40));
        let at = process.at;
        let text = self.text(at.source);
        let start = text.get(..at.span.start as usize)?.rfind('\n').map_or(0, |feed| feed + 1);
        let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
        // A `user` of the program's own is not written twice.
        let below = text.get(start..)?;
        let section = below.get(..below.find("\n[").unwrap_or(below.len()))?;
        let above = text.get(..start)?;
        let above = above.get(above.rfind('[').unwrap_or(0)..)?;
        let named = |part: &str| part.lines().any(|line| line.trim_start().starts_with("user"));
        if !self.is_ini_file(at) || named(section) || named(above) {
            return None;
        }
        Some(Fix::new(Safety::Suggested, title).replace(at.source, Span::at(start), format!("user={user}{feed}")))
    }

    /// Whether a place is in an ini file that somebody writes.
    fn is_ini_file(&self, at: Location) -> bool {
        let own = matches!(self.file(at.source).parsed, Parsed::Ini(_));
        own && self.sources.embedded_text(at.source).is_none() && !self.is_recorded(at)
    }
}

/// What a command of a build brings in that makes root of whoever runs it.
fn gained(command: &Command) -> Option<&'static str> {
    if let Some(package) = command.package_command().filter(|package| package.action == PackageAction::Install) {
        let tool = |name: &str| matches!(name, "sudo" | "doas" | "opendoas" | "sudo-rs");
        return package.packages.iter().any(|named| tool(named.name)).then_some("installs sudo");
    }
    if let Some(chmod) = command.chmod() {
        let user = match chmod.octal() {
            Some(mode) => mode & 0o4000 != 0,
            None => chmod.sets_id() && !chmod.mode.text.starts_with("g+") && !chmod.mode.text.starts_with("g="),
        };
        // On a folder the bit of the group only hands the group down.
        let program = chmod.paths.iter().any(|path| path.text.contains("/bin/") || path.text.contains("/sbin/"));
        return (user || (chmod.sets_id() && program)).then_some("sets the setuid bit on a program");
    }
    if command.words.iter().any(|word| word.text.contains("NOPASSWD")) {
        return Some("lets a user become root with sudo without a password");
    }
    let echoes = matches!(command.name(), Some("echo" | "printf"));
    let root = command.args().iter().any(|word| word.text.starts_with("root:") && word.text.len() > "root:".len());
    (echoes && root && command.redirects.is_empty()).then_some("sets a password for root")
}

/// What a command of a build takes away again: what has this word in it, which is everything for `""`.
fn taken_away(command: &Command) -> Option<&'static str> {
    let strips = |text: &str| matches!(text, "a-s" | "-s" | "u-s" | "ug-s" | "ugo-s");
    if command.program() == Some("find") && command.words.iter().any(|word| strips(&word.text)) {
        return Some("");
    }
    let package = command.package_command().filter(|package| package.action == PackageAction::Remove)?;
    package.packages.iter().any(|named| matches!(named.name, "sudo" | "doas" | "opendoas")).then_some("sudo")
}

/// The cron daemon that a command starts.
fn cron_of(words: &[String]) -> Option<String> {
    let words = program_words(words);
    let first = file_name(words.first()?);
    let service = |name: &str| words.iter().skip(1).any(|word| word == name);
    match first {
        "cron" | "crond" => Some(first.to_owned()),
        "busybox" if service("crond") => Some("crond".to_owned()),
        "service" if service("cron") && service("start") => Some("cron".to_owned()),
        _ if words.first()?.starts_with("/etc/init.d/cron") => Some("cron".to_owned()),
        _ => None,
    }
}

fn is_root_option(word: &str) -> bool {
    let letters = |rest: &str| !rest.is_empty() && rest.chars().all(|c| matches!(c, 'F' | 'R' | 'O' | 'n' | 'D'));
    word == "--allow-to-run-as-root" || word.strip_prefix('-').is_some_and(|rest| rest.contains('R') && letters(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn gains(lines: &str) -> Vec<&'static str> {
        let text = format!("FROM php:8.4-fpm\n{lines}\n");
        let sources = sources(&[("Dockerfile", &text)]);
        let project = Project::new(&sources, TODAY);
        project.services().next().unwrap().privilege_gains().into_iter().map(|gain| gain.what).collect()
    }

    #[test]
    fn ways_to_become_root() {
        for (lines, count) in [
            ("RUN apt-get update && apt-get install -y --no-install-recommends sudo", 1),
            ("RUN apk add --no-cache sudo git", 1),
            ("RUN echo 'www-data ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers", 1),
            ("RUN chmod u+s /usr/bin/tool", 1),
            ("RUN chmod 4755 /usr/bin/tool", 1),
            ("RUN chmod 2755 /usr/local/bin/tool", 1),
            ("RUN echo 'root:secret' | chpasswd", 1),
            ("COPY --chmod=4755 tool /usr/bin/tool", 1),
            ("RUN chmod g+s /var/www/html/storage", 0),
            ("RUN chmod 2775 /var/www/html/storage", 0),
            ("RUN chmod +x /usr/bin/tool", 0),
            ("RUN apk add --no-cache su-exec", 0),
            ("RUN apk add sudo && apk del sudo", 0),
            ("RUN apk add sudo\nRUN find / -xdev -perm /6000 -type f -exec chmod a-s {} + || true", 0),
        ] {
            assert_eq!(gains(lines).len(), count, "{lines}");
        }
    }

    #[test]
    fn only_what_is_in_the_image() {
        let text = "FROM php:8.4-cli AS b\nRUN apt-get install -y sudo\nFROM php:8.4-fpm\nCOPY --from=b /x /x\n";
        let sources = sources(&[("Dockerfile", text)]);
        let project = Project::new(&sources, TODAY);
        assert!(project.services().next().unwrap().privilege_gains().is_empty());
    }

    fn cron(command: &str) -> Option<(String, bool)> {
        let text = format!("services:\n  a:\n    image: php:8.4-fpm\n    command: {command}\n");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        project.services().next().unwrap().starts_cron().map(|cron| (cron.program, cron.alone))
    }

    #[test]
    fn cron_daemons() {
        assert_eq!(cron("cron -f"), Some(("cron".to_owned(), true)));
        assert_eq!(cron("[crond, -f]"), Some(("crond".to_owned(), true)));
        assert_eq!(cron("sh -c \"cron && tail -f /var/log/cron.log\""), Some(("cron".to_owned(), true)));
        assert_eq!(cron("sh -c \"service cron start && php-fpm\""), Some(("cron".to_owned(), false)));
        assert_eq!(cron("supercronic /etc/crontab"), None);
        assert_eq!(cron("php artisan schedule:work"), None);
    }

    #[test]
    fn options_of_fpm() {
        for word in ["-R", "-FR", "--allow-to-run-as-root"] {
            assert!(is_root_option(word), "{word}");
        }
        for word in ["-F", "-y", "-Read", "R"] {
            assert!(!is_root_option(word), "{word}");
        }
    }
}

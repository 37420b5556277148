//! Extensions of PHP that belong on a developer's machine, and servers that do.

use super::{ContainerVariable, Project, ServiceRef, start};
use crate::fix::{Fix, Safety};
use crate::model::commands::PhpExtensions;
use crate::source::{Location, file_name};
use crate::span::Span;
use crate::syntax::dockerfile::Keyword;
use crate::syntax::shell::Command;

/// What Xdebug does in a container.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum XdebugMode {
    /// A condition of the build decides whether it is there.
    Conditional,
    /// It is loaded and switched off, by a default that the environment may change.
    OffByDefault,
    /// It is loaded and switched off, or only built.
    Off,
    /// It is loaded, and nothing says what it does, or something that does not talk to anybody.
    Loaded,
    /// It opens a debugging connection, or shows its own pages.
    Debugs,
}

/// Xdebug in an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Xdebug {
    /// What installs it, or switches it on.
    pub at: Location,
    /// What it does.
    pub mode: XdebugMode,
    /// What says so.
    pub mode_at: Option<Location>,
    /// What lets it connect to whoever asks.
    pub connects_back: Option<Location>,
}

/// A server for development that a container starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DevelopmentServer {
    /// What it is called: `php -S`.
    pub name: &'static str,
    /// Where it is started.
    pub at: Location,
}

impl ServiceRef<'_, '_> {
    /// Xdebug, where its image has it or a file of the project loads it.
    #[must_use]
    pub fn xdebug(self) -> Option<Xdebug> {
        let settings = self.php_settings();
        let loaded = || {
            let setting = settings.setting("zend_extension");
            setting.at.filter(|_| setting.text.is_some_and(|text| file_name(&text).trim_end_matches(".so") == "xdebug"))
        };
        let at = settings.extension("xdebug").or_else(loaded)?;
        let back = ["xdebug.discover_client_host", "xdebug.remote_connect_back"]
            .into_iter()
            .find_map(|name| settings.set_at(name).filter(|_| settings.flag(name) == Some(true)));
        let (mode, mode_at) = self.xdebug_mode(&settings);
        let only_built = settings.layout == super::Layout::Official
            && mode != XdebugMode::Debugs
            && !settings.drop_ins.iter().any(|path| path.contains("xdebug"))
            && loaded().is_none();
        let mode = match mode {
            _ if self.is_conditional(at) => XdebugMode::Conditional,
            _ if only_built => XdebugMode::Off,
            mode => mode,
        };
        Some(Xdebug { at, mode, mode_at, connects_back: back })
    }

    /// Whether a place in a Dockerfile stands in a command that an `if` or `case` may skip.
    fn is_conditional(self, at: Location) -> bool {
        let Some(file) = self.project.dockerfile(at.source) else { return false };
        let holds = |span: Span| span.start <= at.span.start && at.span.end <= span.end;
        let Some(run) = file.instructions.iter().find(|instruction| holds(instruction.span)) else { return false };
        let before = Span { start: run.span.start, end: at.span.start }.slice(self.project.text(at.source));
        let words = before.split([' ', '\t', '\n', ';', '&', '|']);
        let depth = words.fold(0i32, |depth, word| match word {
            "if" | "case" => depth + 1,
            "fi" | "esac" => depth - 1,
            _ => depth,
        });
        depth > 0
    }

    /// `XDEBUG_MODE` over `xdebug.mode`.
    fn xdebug_mode(self, settings: &super::PhpSettings) -> (XdebugMode, Option<Location>) {
        let judge = |text: &str| match text.trim() {
            "off" => XdebugMode::Off,
            text if text.split(',').any(|part| matches!(part.trim(), "debug" | "develop")) => XdebugMode::Debugs,
            _ => XdebugMode::Loaded,
        };
        match self.container_variable("XDEBUG_MODE") {
            ContainerVariable::Value(text, at) if !text.is_empty() => {
                let own = self.variable("XDEBUG_MODE").and_then(|variable| variable.value.as_ref());
                let default = own.is_some_and(|value| !value.variables.is_empty());
                match judge(&text) {
                    XdebugMode::Off if default => (XdebugMode::OffByDefault, at),
                    mode => (mode, at),
                }
            }
            ContainerVariable::Unknown if self.variable("XDEBUG_MODE").is_some() => (XdebugMode::Loaded, None),
            _ => {
                let setting = settings.setting("xdebug.mode");
                match (setting.at, setting.text) {
                    (Some(at), Some(text)) => (judge(&text), Some(at)),
                    _ => (XdebugMode::Loaded, None),
                }
            }
        }
    }

    /// A server for development that it starts on an address that others reach.
    #[must_use]
    pub fn development_server(self) -> Option<DevelopmentServer> {
        let command = self.main_command();
        let place = command.at;
        let on_host = self.host_network().is_some();
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        let script = crate::syntax::shell::command_string(&words).and_then(|at| command.words.get(at));
        let own = match script {
            Some(text) => start::commands_of(text),
            None => vec![command.words.clone()],
        };
        let own = own.iter().find_map(|words| serves_for_development(words, on_host));
        if let (Some(name), Some(at)) = (own, place) {
            return Some(DevelopmentServer { name, at });
        }
        let started = self.processes().into_iter().filter(|process| process.starts_by_itself).find_map(|process| {
            let commands = start::commands_of(&process.command);
            let name = commands.iter().find_map(|words| serves_for_development(words, on_host))?;
            Some(DevelopmentServer { name, at: process.at })
        });
        started.or_else(|| {
            // Laravel Sail starts what this variable says.
            let ContainerVariable::Value(text, Some(at)) = self.container_variable("SUPERVISOR_PHP_COMMAND") else {
                return None;
            };
            let commands = start::commands_of(&text);
            let name = commands.iter().find_map(|words| serves_for_development(words, on_host))?;
            Some(DevelopmentServer { name, at })
        })
    }

    /// Starts the server that its image is made for: drops a command of the Compose file, or replaces the one of the
    /// Dockerfile.
    #[must_use]
    pub fn start_own_server(self, title: impl Into<String>, at: Location) -> Option<Fix> {
        let image = self.php_image()?;
        let tag = image.tag_or_latest();
        let has = |wanted: &str| tag.split('-').any(|part| part == wanted);
        let command = match image.path.as_str() {
            "php" if has("fpm") => "CMD [\"php-fpm\"]",
            "php" if has("apache") => "CMD [\"apache2-foreground\"]",
            _ => return None,
        };
        if self.project.tree(at.source).is_some() {
            return self.project.remove(Safety::Suggested, title, at);
        }
        let file = self.project.dockerfile(at.source)?;
        let instruction = file.instructions.iter().find(|instruction| instruction.header_span == at.span)?;
        (instruction.keyword == Keyword::Cmd)
            .then(|| self.project.replace_text(Safety::Suggested, title, at, command))
            .flatten()
    }
}

/// The name of the development server that a command starts, unless it listens on loopback. `on_host`: loopback is the
/// host's.
fn serves_for_development(words: &[String], on_host: bool) -> Option<&'static str> {
    let words: Vec<&str> = start::program_words(words).iter().map(String::as_str).collect();
    let program = file_name(words.first()?);
    let has = |wanted: &str| words.iter().any(|word| file_name(word) == wanted);
    let (name, open_by_default) = if program.starts_with("php") && words.contains(&"-S") {
        ("php -S", true)
    } else if has("artisan") && has("serve") {
        ("artisan serve", false)
    } else if program == "symfony" && (has("serve") || has("server:start") || has("local:server:start")) {
        ("symfony serve", false)
    } else if has("console") && (has("server:run") || has("server:start")) {
        ("server:run", false)
    } else if has("cake") && has("server") || has("cake.php") && has("server") {
        ("cake server", false)
    } else if has("spark") && has("serve") {
        ("spark serve", false)
    } else if has("yii") && has("serve") {
        ("yii serve", false)
    } else if program == "wp" && has("server") {
        ("wp server", false)
    } else {
        return None;
    };
    let local = words.iter().any(|word| is_loopback(address(word)));
    let named = words.iter().any(|word| is_open(address(word)) || *word == "--allow-all-ip");
    let reached = if local { on_host } else { named || open_by_default || on_host };
    reached.then_some(name)
}

/// `--host=0.0.0.0`, `-H0.0.0.0`, `0.0.0.0:8000`: the address.
fn address(word: &str) -> &str {
    let value = word.split_once('=').filter(|_| word.starts_with('-')).map_or(word, |(_, value)| value);
    let value = value.strip_prefix("-H").unwrap_or(value).trim_matches(['"', '\'']);
    value.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(value, |(host, _)| host)
}

fn is_loopback(host: &str) -> bool {
    host.starts_with("127.") || matches!(host, "localhost" | "[::1]" | "::1")
}

fn is_open(host: &str) -> bool {
    matches!(host, "0.0.0.0" | "[::]" | "::" | "*" | "0")
}

impl Project<'_> {
    /// Takes an extension out of the command of a Dockerfile that installs it: the whole instruction when it does
    /// nothing else.
    #[must_use]
    pub fn without_extension(&self, title: impl Into<String>, at: Location, extension: &str) -> Option<Fix> {
        let file = self.dockerfile(at.source)?;
        let within = |span: Span| span.start <= at.span.start && at.span.end <= span.end;
        let instruction = file.instructions.iter().find(|instruction| within(instruction.span))?;
        if instruction.keyword != Keyword::Run {
            return None;
        }
        let text = self.text(at.source);
        let scripts = instruction.scripts(text);
        let commands = || scripts.iter().flat_map(|script| &script.script.commands);
        let names = |call: &PhpExtensions<'_>| call.extensions.iter().any(|one| one.name == extension);
        let alone = |call: &PhpExtensions<'_>| call.extensions.iter().all(|one| one.name == extension);
        if commands().all(|command| command.php_extensions().is_some_and(|call| names(&call) && alone(&call))) {
            return self.remove_instruction(Safety::Suggested, title, Location::new(at.source, instruction.span));
        }
        let calls: Vec<PhpExtensions<'_>> = commands().filter_map(Command::php_extensions).filter(names).collect();
        if calls.is_empty() || calls.iter().any(alone) {
            return None;
        }
        // `install-php-extensions gd xdebug intl`: one word of several.
        let words = calls.iter().flat_map(|call| &call.extensions).filter(|one| one.name == extension);
        let mut spans: Vec<Span> = words.map(|one| one.word.span).collect();
        spans.sort_by_key(|span| span.start);
        let mut kept = String::new();
        let mut from = instruction.span.start as usize;
        for span in spans {
            let before = text.get(from..span.start as usize)?;
            kept.push_str(before.strip_suffix(' ').unwrap_or(before));
            from = span.end as usize;
        }
        kept.push_str(text.get(from..instruction.span.end as usize)?);
        self.replace_text(Safety::Suggested, title, Location::new(at.source, instruction.span), &kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_for_development() {
        for (line, want) in [
            ("php -S 0.0.0.0:8000 -t public", Some("php -S")),
            ("exec php -d x=1 -S [::]:80", Some("php -S")),
            ("php -S localhost:8000", None),
            ("php artisan serve --host=0.0.0.0 --port=80", Some("artisan serve")),
            ("php artisan serve --host 0.0.0.0", Some("artisan serve")),
            ("php artisan serve", None),
            ("symfony serve --allow-all-ip", Some("symfony serve")),
            ("bin/console server:run 0.0.0.0:8000", Some("server:run")),
            ("bin/cake server -H 0.0.0.0", Some("cake server")),
            ("php spark serve --host 0.0.0.0", Some("spark serve")),
            ("php yii serve 0.0.0.0", Some("yii serve")),
            ("wp server --host=0.0.0.0", Some("wp server")),
            ("php-fpm", None),
            ("php artisan queue:work", None),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(serves_for_development(&words, false), want, "{line}");
        }
    }

    #[test]
    fn loopback_of_the_host_is_reached_from_it() {
        let words: Vec<String> = ["php", "artisan", "serve"].map(str::to_owned).to_vec();
        assert_eq!(serves_for_development(&words, true), Some("artisan serve"));
    }
}

//! What a container runs when it starts, command by command: its own command line, the script that this names, what a supervisor starts.

use super::scripts::judge;
use super::{Change, Parsed, ServiceRef};
use crate::source::Location;
use crate::span::Span;
use crate::syntax::shell::{self, Command, Place};

/// A command that runs when a container starts.
#[derive(Clone, Debug)]
pub struct StartCommand {
    /// The program with its arguments, without `exec`, `sudo`, `gosu user` and the like.
    pub words: Vec<String>,
    /// The program in front of those wrappers, as written: all words.
    pub text: String,
    /// Where it is written; for what a command line holds, the command line.
    pub at: Location,
    /// The test that it stands behind, where a script has one: the text between `if` and `then`.
    pub condition: Option<String>,
    /// Whether a supervisor starts it.
    pub supervised: bool,
}

/// Programs that serve, by the names they are started with, and what they are.
const RUNNING: [(&str, &str); 38] = [
    ("nginx", "nginx"),
    ("caddy", "caddy"),
    ("apache2", "apache"),
    ("apache2-foreground", "apache"),
    ("apache2ctl", "apache"),
    ("apachectl", "apache"),
    ("httpd", "apache"),
    ("httpd-foreground", "apache"),
    ("frankenphp", "frankenphp"),
    ("rr", "roadrunner"),
    ("mysqld", "mysqld"),
    ("mysqld_safe", "mysqld"),
    ("mysql", "mysqld"),
    ("mariadbd", "mysqld"),
    ("mariadb", "mysqld"),
    ("postgres", "postgres"),
    ("postgresql", "postgres"),
    ("redis-server", "redis"),
    ("redis", "redis"),
    ("valkey-server", "redis"),
    ("memcached", "memcached"),
    ("mongod", "mongod"),
    ("rabbitmq-server", "rabbitmq"),
    ("elasticsearch", "elasticsearch"),
    ("meilisearch", "meilisearch"),
    ("cron", "cron"),
    ("crond", "cron"),
    ("supercronic", "cron"),
    ("node", "node"),
    ("sshd", "sshd"),
    ("ssh", "sshd"),
    ("dropbear", "sshd"),
    ("varnishd", "varnish"),
    ("haproxy", "haproxy"),
    ("postfix", "mail"),
    ("sendmail", "mail"),
    ("exim4", "mail"),
    ("rsyslogd", "rsyslog"),
];

impl StartCommand {
    fn of(command: &Command, at: Location, condition: Option<String>, supervised: bool) -> Self {
        let words = command.unwrapped().iter().map(|word| word.text.clone()).collect();
        let text = command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        Self { words, text, at, condition, supervised }
    }

    /// The program, without its directory.
    #[must_use]
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| crate::source::file_name(word))
    }

    /// The words after the program.
    #[must_use]
    pub fn args(&self) -> &[String] {
        self.words.get(1..).unwrap_or(&[])
    }

    /// The program that installs packages or fetches code by this command.
    #[must_use]
    pub fn installs(&self) -> Option<String> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let (change, program) = judge(&words)?;
        matches!(change, Change::Packages | Change::Code).then_some(program)
    }

    /// Whether it changes the schema of a database.
    #[must_use]
    pub fn migrates(&self) -> bool {
        self.args().iter().any(|arg| {
            matches!(arg.as_str(), "migrate" | "doctrine:migrations:migrate" | "d:m:m" | "migrations:migrate")
                || arg == "updatedb"
        }) && matches!(self.program(), "php" | "artisan" | "console" | "drush" | "cake" | "spark" | "yii")
    }

    /// Whether it starts a service the way a machine does: `service cron start`.
    #[must_use]
    pub fn is_by_service(&self) -> bool {
        matches!(self.program(), "service" | "rc-service" | "systemctl")
    }

    /// The program that goes on running by this command, by the name that its kind has: `mysqld`, `php-fpm`, `nginx`, `cron`.
    #[must_use]
    pub fn long_running(&self) -> Option<&'static str> {
        let program = match self.program() {
            "service" | "rc-service" | "systemctl" if self.has("start") || self.has("restart") => {
                self.args().iter().map(String::as_str).find(|arg| !matches!(*arg, "start" | "restart"))?
            }
            program => program,
        };
        // A client has the name of the service: `mysql -e …` serves nobody.
        let client =
            matches!(program, "mysql" | "mariadb" | "redis" | "ssh" | "postgresql") && program == self.program();
        RUNNING
            .iter()
            .filter(|_| !client)
            .find(|(name, _)| *name == program)
            .map(|(_, kind)| *kind)
            .or_else(|| program.starts_with("php-fpm").then_some("php-fpm"))
    }

    /// Whether one of its arguments is a word.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.args().iter().any(|arg| arg == word)
    }
}

impl ServiceRef<'_, '_> {
    /// The commands that its container runs when it starts, as far as the files tell. What official images do by themselves is
    /// left out.
    #[must_use]
    pub fn start_commands(self) -> Vec<StartCommand> {
        let mut found = Vec::new();
        let main = self.main_command();
        if let Some(at) = main.at {
            let words: Vec<&str> = main.words.iter().map(String::as_str).collect();
            match shell::command_string(&words).and_then(|index| words.get(index)) {
                Some(text) => found.extend(of_text(text, at, false)),
                None => found.extend(of_text(&quoted(&words), at, false)),
            }
            for word in &words {
                found.extend(self.of_script(word));
            }
        }
        for process in self.processes() {
            found.extend(of_text(&process.command, process.at, true));
        }
        found
    }

    /// The commands of a script that the project puts into the image, or that the service itself names.
    fn of_script(self, word: &str) -> Vec<StartCommand> {
        let is_path = word.ends_with(".sh") || word.starts_with('/') || word.contains("entrypoint");
        let own =
            [&self.command, &self.entrypoint].into_iter().flatten().any(|own| own.words.iter().any(|own| own == word));
        let built = self.image_source().service().build_use.is_some();
        let script = self.start_script(word).filter(|_| is_path && (own || built));
        let Some(id) = script else { return Vec::new() };
        let project = self.project();
        let Parsed::Script(script) = &project.file(id).parsed else { return Vec::new() };
        let text = project.text(id);
        let mut found = Vec::new();
        for piece in script.pieces.iter().filter(|piece| piece.place == Place::Here) {
            let mut test: Option<&Command> = None;
            for command in &piece.script.commands {
                if matches!(command.name(), Some("[" | "[[" | "test" | "grep")) {
                    test = Some(command);
                    continue;
                }
                let behind = test.filter(|test| is_open(text, test.span, command.span));
                let condition = behind.map(|test| test.span.slice(text).to_owned());
                found.push(StartCommand::of(command, Location::new(id, command.span), condition, false));
            }
        }
        found
    }
}

/// Whether the block that a test opens is still open where a command stands.
fn is_open(text: &str, test: Span, command: Span) -> bool {
    let between = text.get(test.end as usize..command.start as usize).unwrap_or("");
    let ends = |word: &&str| matches!(*word, "fi" | "done" | "}");
    let words = || between.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty());
    if words().any(|word| matches!(word, "then" | "do")) {
        return !words().any(|word| ends(&word));
    }
    // `[ -d vendor ] || composer install`
    !between.contains('\n') && (between.contains("||") || between.contains("&&"))
}

fn of_text(text: &str, at: Location, supervised: bool) -> Vec<StartCommand> {
    let script = shell::parse(text);
    script
        .commands
        .iter()
        .filter(|command| !command.words.is_empty())
        .flat_map(|command| {
            let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
            let own = StartCommand::of(command, at, None, supervised);
            match shell::command_string(&words).and_then(|index| words.get(index)) {
                Some(inner) => shell::parse(inner)
                    .commands
                    .iter()
                    .filter(|command| !command.words.is_empty())
                    .map(|command| StartCommand::of(command, at, None, supervised))
                    .collect(),
                None => vec![own],
            }
        })
        .collect()
}

/// Words as one line that a shell reads as the same words.
fn quoted(words: &[&str]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    let quote = |word: &&str| {
        if !word.is_empty() && word.chars().all(plain) {
            (*word).to_owned()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn started(files: &[(&str, &str)]) -> Vec<String> {
        let files = sources(files);
        let project = Project::new(&files, TODAY);
        let service = project.services().next().unwrap();
        let all = service.start_commands();
        all.into_iter()
            .map(|command| match command.condition {
                Some(condition) => format!("{} if {condition}", command.words.join(" ")),
                None => command.words.join(" "),
            })
            .collect()
    }

    #[test]
    fn command_lines() {
        let with = |command: &str| {
            let compose = format!("services:\n  app:\n    image: php:8.4-cli\n    command: {command}\n");
            started(&[("compose.yaml", &compose)])
        };
        let line = with("sh -c 'composer install && exec php artisan serve'");
        assert!(
            line.contains(&"composer install".to_owned()) && line.contains(&"php artisan serve".to_owned()),
            "{line:?}"
        );
        assert!(with("[php, artisan, \"queue:work\"]").iter().any(|line| line.contains("artisan queue:work")));
    }

    #[test]
    fn scripts_of_the_image() {
        let entry = "#!/bin/sh\nif [ \"$APP_ENV\" = dev ]; then\n  composer install\nfi\nphp bin/console cache:warmup\n[ -d x ] || npm ci\nexec \"$@\"\n";
        let docker =
            "FROM php:8.4-fpm\nCOPY entrypoint.sh /entrypoint.sh\nENTRYPOINT [\"/entrypoint.sh\"]\nCMD [\"php-fpm\"]\n";
        let found = started(&[("Dockerfile", docker), ("entrypoint.sh", entry)]);
        assert!(found.iter().any(|line| line.starts_with("composer install if [")), "{found:?}");
        assert!(found.contains(&"php bin/console cache:warmup".to_owned()), "{found:?}");
        assert!(found.iter().any(|line| line.starts_with("npm ci if [")), "{found:?}");
    }
}

//! Root where it need not be: put back by an override, kept by a PHP worker; and what running without it takes.

use super::start;
use super::{DecidedBy, EffectiveUser, Privilege, ServiceRef};
use crate::facts::images::Exec;
use crate::finding::Confidence;
use crate::fix::{Fix, Safety};
use crate::source::{Location, file_name};
use crate::syntax::dockerfile::Keyword;
use crate::syntax::shell;

/// A user setting that makes root of an image that does not run as root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RootOverride {
    /// The setting.
    pub at: Location,
    /// Who it would be without.
    pub otherwise: EffectiveUser,
}

/// A PHP process that no server starts: its code runs as the user the container starts as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhpWorker {
    /// The command, shortened to what tells: `php artisan queue:work`.
    pub what: String,
    /// Where it is written.
    pub at: Location,
}

impl ServiceRef<'_, '_> {
    /// The setting that puts root back into an image that is built to run without it, when its processes end up as root.
    #[must_use]
    pub fn root_override(self) -> Option<RootOverride> {
        let configured = self.configured_user();
        if configured.privilege != Privilege::Root || !self.effective_user().privilege.is_root() {
            return None;
        }
        match configured.decided_by {
            DecidedBy::Compose => {
                let otherwise = self.image_user();
                (otherwise.privilege == Privilege::NonRoot).then_some(RootOverride { at: configured.at, otherwise })
            }
            DecidedBy::Dockerfile => {
                let image = &self.image_source().service.image_use;
                let row = image.row().filter(|row| row.exec == Exec::NonRoot)?;
                let otherwise = EffectiveUser {
                    name: Some(row.default_user.to_string()),
                    privilege: Privilege::NonRoot,
                    decided_by: DecidedBy::Image,
                    at: image.at?,
                    confidence: if row.verified { Confidence::High } else { Confidence::Medium },
                    based_on: Some(row.basis()),
                };
                Some(RootOverride { at: configured.at, otherwise })
            }
            DecidedBy::Image | DecidedBy::Assumed => None,
        }
    }

    /// The PHP worker it runs as root: a queue consumer, a scheduler, a console command. Servers that run PHP are none.
    #[must_use]
    pub fn php_worker_as_root(self) -> Option<PhpWorker> {
        let commands = self.main_commands();
        let words = start::program_words(start::serving(&commands)?);
        let words = if words.first().is_some_and(|word| start::is_official_entrypoint(file_name(word))) {
            words.get(1..)?
        } else {
            words
        };
        let what = php_code(words)?;
        let at = self.main_command().at?;
        let user = self.effective_user();
        (user.is_known_root() && self.root_override().is_none()).then_some(PhpWorker { what, at })
    }

    /// Whether it ends by itself after preparing something: changing owners, making folders, copying.
    #[must_use]
    pub fn only_prepares(self) -> bool {
        let restarts =
            self.restart.as_ref().is_some_and(|policy| policy.text != "no" && !policy.text.starts_with("on-failure"));
        let commands = self.main_commands();
        !restarts && (self.is_one_shot() || !commands.is_empty() && start::serving(&commands).is_none())
    }

    /// What its container starts, the text of a `sh -c` as its commands.
    fn main_commands(self) -> Vec<Vec<String>> {
        let words = self.main_command().words;
        let program = start::program_words(&words);
        let texts: Vec<&str> = program.iter().map(String::as_str).collect();
        match shell::command_string(&texts)
            .filter(|_| texts.first().is_some_and(|first| shell::is_shell(first)))
            .and_then(|at| texts.get(at))
        {
            Some(text) => start::commands_of(text),
            None if program.is_empty() => Vec::new(),
            None => vec![program.to_vec()],
        }
    }

    /// The unprivileged user that its image has for PHP.
    #[must_use]
    pub fn php_user(self) -> Option<&'static str> {
        let image = &self.image_source().service.image_use;
        let official = image.reference.as_ref().is_some_and(|image| {
            image.registry.is_none() && matches!(image.path.as_str(), "php" | "dunglas/frankenphp")
        });
        let row = image.row()?;
        let workers = row.role.starts_with("php") && row.runtime_user.as_deref() == Some("www-data");
        (official || workers).then_some("www-data")
    }

    /// Ends the stage it is built from with another user, behind everything in it that may need root.
    #[must_use]
    pub fn end_with_user(self, title: impl Into<String>, user: &str) -> Option<Fix> {
        let project = self.project();
        let used = self.image_source().service.build_use.as_ref()?;
        let (source, stage) = (used.dockerfile?, used.model.stages.get(used.stage?)?);
        let file = project.dockerfile(source)?;
        let own = file.instructions.get(stage.instructions.clone()).unwrap_or_default();
        let needs_root =
            |keyword: Keyword| matches!(keyword, Keyword::Run | Keyword::Copy | Keyword::Add | Keyword::Workdir);
        let last_user = own.iter().rposition(|instruction| instruction.keyword == Keyword::User);
        if let Some(at) = last_user
            && !own.iter().skip(at + 1).any(|instruction| needs_root(instruction.keyword))
        {
            let argument = own.get(at)?.args.first()?;
            return project.replace_text(Safety::Suggested, title, Location::new(source, argument.span), user);
        }
        let last = own
            .iter()
            .rfind(|instruction| needs_root(instruction.keyword))
            .or_else(|| file.instructions.get(stage.from))?;
        project.insert_instruction(Safety::Suggested, title, Location::new(source, last.span), &format!("USER {user}"))
    }

    /// Sets `user` of the service, where nothing sets it yet.
    #[must_use]
    pub fn set_user(self, title: impl Into<String>, user: &str) -> Option<Fix> {
        if self.view.standalone || self.user.is_some() {
            return None;
        }
        self.project().insert_key(Safety::Suggested, title, &self.service.spec.node, "user", user)
    }
}

/// The PHP code a command runs, unless it starts a server.
fn php_code(words: &[String]) -> Option<String> {
    let (program, args) = words.split_first()?;
    let program = file_name(program);
    let mut operands = args.iter().enumerate().filter(|(at, word)| {
        !word.starts_with('-') && !matches!(args.get(at.wrapping_sub(1)).map(String::as_str), Some("-d" | "-c"))
    });
    let (script, action) = match program {
        "php" | "php8" => {
            if args.iter().any(|word| word == "-S") {
                return None;
            }
            let script = operands.next()?.1;
            (Some(if script.starts_with('/') { file_name(script) } else { script.as_str() }), operands.next())
        }
        "artisan" | "console" | "wp" | "drush" => (None, operands.next()),
        _ => return None,
    };
    let action = action.map(|(_, word)| word.as_str());
    let written = script.unwrap_or(program);
    let code = file_name(written);
    if matches!(code, "artisan" | "console")
        && action.is_some_and(|action| {
            matches!(action, "serve" | "server:run" | "server:start" | "reverb:start") || action.starts_with("octane")
        })
    {
        return None;
    }
    let shown = matches!(code, "artisan" | "console" | "wp" | "drush").then_some(action).flatten();
    Some([script.map(|_| program), Some(written), shown].into_iter().flatten().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::php_code;

    #[test]
    fn php_code_and_servers() {
        let of = |text: &str| php_code(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for (text, want) in [
            ("php artisan queue:work --tries=3", "php artisan queue:work"),
            ("php -d memory_limit=1G /var/www/html/artisan horizon", "php artisan horizon"),
            ("php bin/console messenger:consume async -vv", "php bin/console messenger:consume"),
            ("/app/bin/console messenger:consume async", "console messenger:consume"),
            ("php worker.php --secret=x", "php worker.php"),
            ("wp cron event run --due-now", "wp cron"),
        ] {
            assert_eq!(of(text).as_deref(), Some(want), "{text}");
        }
        for text in [
            "php artisan octane:start",
            "php artisan serve",
            "php -S 0.0.0.0:80",
            "php-fpm",
            "frankenphp run",
            "rr serve",
            "cron -f",
            "php",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}

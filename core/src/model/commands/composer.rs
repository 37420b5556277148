//! Composer's commands.

use super::Named;
use crate::source::file_name;
use crate::syntax::shell::{Command, Word};

/// What Composer is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ComposerAction {
    /// Install what the lock file says.
    Install,
    /// Look for newer versions and install those.
    Update,
    /// Add packages.
    Require,
    /// Make a new project of a package.
    CreateProject,
    /// Write the autoloader.
    DumpAutoload,
    /// Anything else.
    Other,
}

/// A call of Composer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ComposerCommand<'c> {
    /// What it does.
    pub action: ComposerAction,
    /// The word that says so.
    pub action_word: &'c Word,
    /// Whether it concerns the user's own packages: `composer global`.
    pub global: bool,
    /// The packages named, with their constraints: `name:^1.0`, `name=1.0`.
    pub packages: Vec<Named<'c>>,
    args: &'c [Word],
    no_dev: bool,
}

impl<'c> ComposerCommand<'c> {
    /// The word of an option of Composer: `--no-scripts`, `-o`, also within `-no`.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&'c Word> {
        self.args.iter().find(|word| {
            let text = word.text.as_str();
            let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            text == name
                || name.starts_with("--") && text.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
                || name.len() == 2 && letters.is_some_and(|rest| rest.contains(name.trim_start_matches('-')))
        })
    }

    /// Whether packages for development are left out, by option or by `COMPOSER_NO_DEV=1` in front of the command.
    #[must_use]
    pub fn no_dev(&self) -> bool {
        self.no_dev || self.flag("--no-dev").is_some() || self.flag("--update-no-dev").is_some()
    }

    /// Whether scripts of packages and of the project do not run.
    #[must_use]
    pub fn no_scripts(&self) -> bool {
        self.flag("--no-scripts").is_some()
    }

    /// Whether plug-ins of packages do not run.
    #[must_use]
    pub fn no_plugins(&self) -> bool {
        self.flag("--no-plugins").is_some()
    }

    /// Whether the autoloader is made for production.
    #[must_use]
    pub fn optimizes_autoloader(&self) -> bool {
        ["--optimize-autoloader", "-o", "--classmap-authoritative", "-a", "--optimize", "--apcu-autoloader"]
            .iter()
            .any(|flag| self.flag(flag).is_some())
    }

    /// The option that makes it ignore the PHP version and extensions that packages ask for.
    #[must_use]
    pub fn ignores_platform(&self) -> Option<&'c Word> {
        self.flag("--ignore-platform-reqs").or_else(|| self.flag("--ignore-platform-req"))
    }
}

/// Options of Composer whose value may be the next word.
const VALUED: [&str; 8] = [
    "-d",
    "--working-dir",
    "--repository",
    "--stability",
    "-s",
    "--ignore-platform-req",
    "--prefer-install",
    "--format",
];

impl Command {
    /// This command as a call of Composer, also through `php composer.phar`.
    #[must_use]
    pub fn composer_command(&self) -> Option<ComposerCommand<'_>> {
        let args = composer_args(self)?;
        let mut words = Vec::new();
        let mut at = args.iter();
        while let Some(word) = at.next() {
            let text = word.text.as_str();
            if text.len() < 2 || !text.starts_with('-') {
                words.push(word);
            } else if VALUED.contains(&text) {
                at.next();
            }
        }
        let global = words.first().is_some_and(|word| word.text == "global");
        let mut words = words.into_iter().skip(usize::from(global));
        let action_word = words.next()?;
        let action = match action_word.text.as_str() {
            "install" | "i" => ComposerAction::Install,
            "update" | "u" | "upgrade" => ComposerAction::Update,
            "require" | "r" => ComposerAction::Require,
            "create-project" => ComposerAction::CreateProject,
            "dump-autoload" | "dumpautoload" | "du" => ComposerAction::DumpAutoload,
            _ => ComposerAction::Other,
        };
        let named = !matches!(action, ComposerAction::Other | ComposerAction::DumpAutoload);
        let packages = words.filter(|word| named && word.text.contains('/')).map(|word| Named::cut(word, &[':', '=']));
        let no_dev = self.assignments.iter().chain(&self.words).any(|word| word.text == "COMPOSER_NO_DEV=1");
        Some(ComposerCommand { action, action_word, global, packages: packages.collect(), args, no_dev })
    }
}

/// The words after Composer.
fn composer_args(command: &Command) -> Option<&[Word]> {
    let is_composer = |word: &str| matches!(file_name(word), "composer" | "composer.phar" | "composer2");
    let args = command.program_args();
    match command.program()? {
        program if is_composer(program) => Some(args),
        "php" => {
            let at = args.iter().position(|word| is_composer(&word.text))?;
            // `php -d memory_limit=-1 composer`: what stands before are options of PHP and their values.
            let options = args.get(..at)?.iter().all(|word| word.text.starts_with('-') || word.text.contains('='));
            args.get(at + 1..).filter(|_| options)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::command;
    use super::*;

    #[test]
    fn calls() {
        let text = "COMPOSER_ALLOW_SUPERUSER=1 composer --working-dir=/app install -no --no-dev --no-scripts --ignore-platform-req=php";
        let install = command(text);
        let call = install.composer_command().unwrap();
        assert_eq!((call.action, call.global), (ComposerAction::Install, false));
        assert!(call.no_dev() && call.no_scripts() && !call.no_plugins() && call.optimizes_autoloader());
        assert_eq!(call.ignores_platform().unwrap().span.slice(text), "--ignore-platform-req=php");
        assert_eq!(call.action_word.span.slice(text), "install");
        let require = command("php -d memory_limit=-1 /usr/local/bin/composer global require -d /x a/b:^1.0 c/d=2 e/f");
        let call = require.composer_command().unwrap();
        assert!(call.global && !call.no_dev());
        let packages: Vec<(&str, Option<&str>)> = call.packages.iter().map(|one| (one.name, one.version)).collect();
        assert_eq!(packages, [("a/b", Some("^1.0")), ("c/d", Some("2")), ("e/f", None)]);
        assert!(command("COMPOSER_NO_DEV=1 composer install").composer_command().unwrap().no_dev());
        assert!(command("env COMPOSER_NO_DEV=1 composer i").composer_command().unwrap().no_dev());
        let create = command("composer create-project drupal/recommended-project:11.0.5 .");
        let call = create.composer_command().unwrap();
        assert_eq!((call.action, call.packages[0].version), (ComposerAction::CreateProject, Some("11.0.5")));
    }

    #[test]
    fn no_calls() {
        for text in ["php artisan composer", "echo composer install", "composer", "php composer-setup.php"] {
            assert_eq!(command(text).composer_command(), None, "{text}");
        }
    }
}

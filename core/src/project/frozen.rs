//! Configuration that a build freezes into the image, together with the values of the environment at that moment.

use super::secret_delivery::is_secret_key;
use super::{LeakKind, ServiceRef};
use crate::facts::secrets::is_placeholder;
use crate::source::{Location, file_name};
use crate::syntax::dockerfile::Keyword;
use crate::syntax::shell::Command;

/// Where the values come from that are frozen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FrozenWith {
    /// An environment file that is copied before.
    File(String, Location),
    /// A build argument or `ENV` with a secret.
    Variable(String),
    /// The command writes secrets in any case.
    Itself,
    /// Nothing is known to be there: then the configuration is frozen without values.
    Nothing,
}

/// A command of a build that writes configuration with values in it.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// The command: `artisan config:cache`.
    pub what: &'static str,
    /// Where.
    pub at: Location,
    /// Where the values come from.
    pub with: FrozenWith,
    /// Whether the stage is part of the image, or what it makes may be.
    pub in_image: bool,
}

impl ServiceRef<'_, '_> {
    /// Commands of its build that freeze the environment into a file.
    #[must_use]
    pub fn frozen_configuration(self) -> Vec<Frozen> {
        let mut found = Vec::new();
        let Some(used) = &self.service.build_use else { return found };
        let Some((id, file)) = used.dockerfile.and_then(|id| Some((id, self.project().dockerfile(id)?))) else {
            return found;
        };
        let text = self.project().text(id);
        let leaks = self.leaks();
        for (stage, instruction) in used.instructions(file).filter(|(_, one)| one.keyword == Keyword::Run) {
            for script in instruction.scripts(text) {
                for command in &script.script.commands {
                    let Some((what, itself)) = freezes(command) else { continue };
                    let here = Location::new(id, command.span);
                    let leak = leaks.iter().find(|leak| {
                        leak.kind == LeakKind::Environment
                            && !leak.keys.is_empty()
                            && is_read_by(command, &leak.path)
                            && leak.at.span.start < here.span.start
                    });
                    let declared = used.model.stages.get(stage);
                    let variable = declared.and_then(|stage| {
                        let known = |name: &&String| is_secret_key(name);
                        let empty = |value: &str| value.trim().is_empty() || is_placeholder("", value);
                        let set = stage.env.iter().filter(|(_, value)| !empty(&value.value.text)).map(|(name, _)| name);
                        let given = stage.args.iter().filter(|(_, argument)| {
                            argument.value.as_ref().is_none_or(|value| !value.known || !empty(&value.text))
                        });
                        set.chain(given.map(|(name, _)| name)).find(known).cloned()
                    });
                    let with = match (itself, leak, variable) {
                        (true, ..) => FrozenWith::Itself,
                        (_, Some(leak), _) => FrozenWith::File(leak.path.clone(), leak.at),
                        (_, None, Some(name)) => FrozenWith::Variable(name),
                        _ => FrozenWith::Nothing,
                    };
                    found.push(Frozen { what, at: here, with, in_image: used.is_final(stage) });
                }
            }
        }
        found
    }
}

/// Whether a command reads a file of variables: `composer dump-env prod` reads those of no environment and of that one.
fn is_read_by(command: &Command, path: &str) -> bool {
    let mut words = command.unwrapped().iter().map(|word| word.text.as_str());
    if !words.any(|word| word == "dump-env") {
        return true;
    }
    let Some(environment) = words.find(|word| !word.starts_with('-') && !word.contains('$')) else { return true };
    let name = file_name(path);
    let name = name.strip_suffix(".local").unwrap_or(name);
    name == ".env" || name.strip_prefix(".env.") == Some(environment)
}

/// The command, and whether it writes secrets whatever the environment is.
fn freezes(command: &Command) -> Option<(&'static str, bool)> {
    let words: Vec<&str> = command.unwrapped().iter().map(|word| word.text.as_str()).collect();
    let has = |wanted: &str| words.contains(&wanted);
    let artisan = words.iter().any(|word| word.ends_with("artisan"));
    let starts = |start: &str| words.iter().any(|word| word.strip_prefix(start).is_some_and(|rest| rest.contains('$')));
    if artisan && has("config:cache") {
        Some(("artisan config:cache", false))
    } else if artisan && has("optimize") {
        Some(("artisan optimize", false))
    } else if matches!(command.program(), Some("composer" | "composer.phar")) && has("dump-env") {
        Some(("composer dump-env", false))
    } else if has("secrets:decrypt-to-local") {
        Some(("secrets:decrypt-to-local", true))
    } else if has("config") && has("create") && starts("--dbpass=") {
        Some(("wp config create", true))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::FrozenWith;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn with(dockerfile: &str, env: &str) -> Vec<FrozenWith> {
        let sources = sources(&[("Dockerfile", dockerfile), (".env", env), ("artisan", "#!/usr/bin/env php\n")]);
        let project = Project::new(&sources, TODAY);
        project.services().flat_map(|service| service.frozen_configuration()).map(|frozen| frozen.with).collect()
    }

    #[test]
    fn the_files_that_dump_env_reads() {
        let of = |name: &str| {
            let files = sources(&[
                ("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\nRUN composer dump-env prod\n"),
                (name, "DB_PASSWORD=Zq81kdWinter77\n"),
            ]);
            let project = Project::new(&files, TODAY);
            let found: Vec<_> = project.services().flat_map(|service| service.frozen_configuration()).collect();
            matches!(found.first().map(|frozen| &frozen.with), Some(FrozenWith::File(..)))
        };
        assert!(of(".env") && of(".env.prod") && of(".env.prod.local") && of(".env.local"));
        assert!(!of(".env.dev"));
    }

    #[test]
    fn where_the_values_come_from() {
        let run = "RUN php artisan config:cache\n";
        let secret = "DB_PASSWORD=Zq81kdWinter77\n";
        assert!(
            matches!(with(&format!("FROM php:8.4\nCOPY . .\n{run}"), secret).as_slice(), [FrozenWith::File(path, _)] if path == ".env")
        );
        assert_eq!(with(&format!("FROM php:8.4\nCOPY app app\n{run}"), secret), [FrozenWith::Nothing]);
        assert_eq!(
            with(&format!("FROM php:8.4\nARG DB_PASSWORD\n{run}"), ""),
            [FrozenWith::Variable("DB_PASSWORD".to_owned())]
        );
        assert!(with("FROM php:8.4\nRUN php artisan route:cache\n", "").is_empty());
    }
}

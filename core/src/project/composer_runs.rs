//! Composer's calls in a build and in what deploys: in which stage, as whom, with which lock file, and what of it ends
//! up in the image.

use super::{BuildUse, Context, Project, ServiceRef};
use crate::detect::Kind;
use crate::image::ImageRef;
use crate::model::commands::{ComposerAction, ComposerCommand};
use crate::model::dockerfile::{LinkKind, LinkSource};
use crate::source::{Location, SourceId, file_name, folder, join, normalise};
use crate::span::Span;
use crate::syntax::dockerfile::{Instruction, Keyword};
use crate::syntax::shell::Command;

/// A call of Composer in a `RUN` instruction of a build.
#[derive(Clone, Debug)]
pub struct ComposerRun<'p> {
    /// The stage it runs in.
    pub stage: usize,
    /// The command.
    pub at: Location,
    /// The instruction.
    pub instruction: &'p Instruction,
    /// The command itself.
    pub command: Command,
}

impl ComposerRun<'_> {
    /// What Composer is asked.
    #[must_use]
    pub fn call(&self) -> Option<ComposerCommand<'_>> {
        self.command.composer_command()
    }

    /// What Composer is asked to do.
    #[must_use]
    pub fn action(&self) -> ComposerAction {
        self.call().map_or(ComposerAction::Other, |call| call.action)
    }

    /// Where the word stands that says what to do.
    #[must_use]
    pub fn action_at(&self) -> Location {
        let span = self.call().map_or(self.command.span, |call| call.action_word.span);
        Location::new(self.at.source, span)
    }

    /// Whether a word of the command is a version or a constraint on one.
    #[must_use]
    pub fn names_version(&self) -> bool {
        let version = |text: &str| {
            text.trim_start_matches(['^', '~', 'v', '=', '>', '<']).starts_with(|c: char| c.is_ascii_digit())
        };
        let call = self.call();
        let named = call.as_ref().is_some_and(|call| call.packages.iter().any(|package| package.version.is_some()));
        named || self.command.program_args().iter().any(|word| version(&word.text))
    }

    /// Whether it installs nothing: only the lock file is written, or only told what would be done.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        let flags = ["--lock", "--dry-run", "--no-install", "--no-update"];
        self.call().is_some_and(|call| flags.iter().any(|flag| call.flag(flag).is_some()))
    }

    /// The setting that `composer config` writes: its key and value.
    #[must_use]
    pub fn configures(&self) -> Option<(&str, &str)> {
        let word = self.call()?.action_word.span;
        let mut words = self.command.program_args().iter().skip_while(|one| one.span != word).skip(1);
        if self.call()?.action_word.text != "config" {
            return None;
        }
        let mut next = || words.find(|one| !one.text.starts_with('-')).map(|one| one.text.as_str());
        Some((next()?, next()?))
    }

    /// Whether the instruction is given a build secret or an SSH agent.
    #[must_use]
    pub fn sees_secret(&self) -> bool {
        let secret = |value: &str| value.contains("type=secret") || value.contains("type=ssh");
        self.mounts().any(secret)
    }

    fn mounts(&self) -> impl Iterator<Item = &str> {
        self.instruction.flags.iter().filter(|flag| flag.name == "mount").filter_map(|flag| flag.value.as_deref())
    }

    /// Whether files are mounted into the instruction: then its folder holds more than what was copied.
    fn sees_files(&self) -> bool {
        self.mounts().any(|value| {
            !["cache", "secret", "ssh", "tmpfs"].iter().any(|kind| value.contains(&format!("type={kind}")))
        })
    }
}

/// What an install finds of `composer.lock`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LockUse {
    /// It is there.
    Found,
    /// `composer.json` is copied without it: the source that names it.
    NotCopied(Location),
    /// An ignore file keeps it out.
    Ignored(Location),
    /// The project has none.
    Missing,
    /// The files do not tell.
    Unknown,
}

/// Words of the name of a script or job that puts an application into service.
const DEPLOYS: [&str; 6] = ["deploy", "deployment", "release", "entrypoint", "production", "prod"];

impl Project<'_> {
    /// Calls of Composer in scripts and jobs that put an application into service, and in entrypoints.
    #[must_use]
    pub fn deployment_composer_commands(&self) -> Vec<(Location, &Command)> {
        let says = |text: &str| {
            text.split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| DEPLOYS.contains(&word.to_ascii_lowercase().as_str()))
        };
        let units = self.shell_units().iter().filter(|unit| {
            let named = unit.name.as_deref().map_or_else(|| says(file_name(self.path(unit.source))), says);
            !unit.context.is_development() && (named || unit.context == Context::Production)
        });
        units
            .flat_map(|unit| unit.commands().map(|(_, command)| (Location::new(unit.source, command.span), command)))
            .filter(|(_, command)| command.composer_command().is_some())
            .collect()
    }
}

impl<'p> ServiceRef<'p, '_> {
    /// The calls of Composer in its build, in the order of the file. Stages that are named as ones for development or
    /// tests are left out.
    #[must_use]
    pub fn composer_runs(self) -> Vec<ComposerRun<'p>> {
        let mut found = Vec::new();
        let Some((used, source, file)) = self.built() else { return found };
        let text = self.project.text(source);
        for (stage, instruction) in used.instructions(file) {
            if instruction.keyword != Keyword::Run || is_for_development(used, stage) {
                continue;
            }
            for command in instruction.scripts(text).into_iter().flat_map(|script| script.script.commands) {
                if command.composer_command().is_some() {
                    found.push(ComposerRun { stage, at: Location::new(source, command.span), instruction, command });
                }
            }
        }
        found
    }

    /// What an install of its build finds of the lock file.
    #[must_use]
    pub fn lock_for(self, run: &ComposerRun<'_>) -> LockUse {
        let Some(used) = self.service.build_use.as_ref().filter(|_| !run.sees_files()) else { return LockUse::Unknown };
        let chain = used.model.chain(run.stage);
        let copies: Vec<_> = used
            .copies(self.project)
            .into_iter()
            .filter(|copy| chain.contains(&copy.stage) && copy.instruction.span.start < run.instruction.span.start)
            .collect();
        let named = copies
            .iter()
            .flat_map(|copy| &copy.sources)
            .find(|source| file_name(&normalise(&source.path)) == "composer.json");
        if let Some(source) = named {
            let lock = join(folder(&normalise(&source.path)), "composer.lock");
            if !copies.iter().any(|copy| copy.taking(&lock).is_some()) {
                return LockUse::NotCopied(source.at);
            }
            return LockUse::Found;
        }
        let Some(context) = used.context.as_deref() else { return LockUse::Unknown };
        if !copies.iter().any(|copy| copy.taking("composer.json").is_some()) {
            return LockUse::Unknown;
        }
        let lock = join(context, "composer.lock");
        if let Some(ignore) = used.ignore.filter(|_| self.ignores("composer.lock")) {
            return LockUse::Ignored(Location::new(ignore, Span::at(0)));
        }
        if self.project.sources.knows(&lock) {
            return LockUse::Found;
        }
        if let Some(at) = self.project.git_ignoring(&lock).and_then(|ignoring| ignoring.by) {
            return LockUse::Ignored(at);
        }
        // Files that nobody supplies on purpose are there when the whole folder is.
        let whole = used.context_files(self.project).into_iter().any(|path| {
            let source = used.context_source(self.project, path);
            source.is_none_or(|id| matches!(self.project.file(id).kind, Kind::Other | Kind::PhpSource))
        });
        let listed = whole && self.project.sources.knows(&join(context, "composer.json"));
        if listed { LockUse::Missing } else { LockUse::Unknown }
    }

    /// Whether a call leaves the packages for development out, by option or by the stage's environment.
    #[must_use]
    pub fn leaves_out_dev(self, run: &ComposerRun<'_>) -> bool {
        let stage = self.service.build_use.as_ref().and_then(|used| used.model.stages.get(run.stage));
        let on = |text: &str| !matches!(text, "" | "0" | "false");
        let env = stage.and_then(|stage| stage.env.get("COMPOSER_NO_DEV")).is_some_and(|value| on(&value.value.text));
        let argument = stage.and_then(|stage| stage.args.get("COMPOSER_NO_DEV")?.value.as_ref());
        env || argument.is_some_and(|value| on(&value.text)) || run.call().is_some_and(|call| call.no_dev())
    }

    /// The calls that install packages for development into the image that is deployed.
    #[must_use]
    pub fn dev_package_installs(self) -> Vec<ComposerRun<'p>> {
        let Some(used) = &self.service.build_use else { return Vec::new() };
        let runs = self.composer_runs();
        let installs = |run: &ComposerRun<'_>| {
            matches!(run.action(), ComposerAction::Install | ComposerAction::Update)
                && run.call().is_some_and(|call| !call.global)
                && !run.is_dry()
        };
        let cleaned = |run: &ComposerRun<'_>| {
            runs.iter().any(|later| {
                later.at.span.start > run.at.span.start
                    && used.model.chain(later.stage).contains(&run.stage)
                    && (installs(later) || later.action() == ComposerAction::DumpAutoload)
                    && self.leaves_out_dev(later)
            })
        };
        let shipped = |run: &ComposerRun<'_>| {
            installs(run) && !self.leaves_out_dev(run) && !cleaned(run) && self.ships_vendor(used, run.stage)
        };
        runs.iter().filter(|run| shipped(run)).cloned().collect()
    }

    /// Whether its image holds packages for development: `None` when no install was seen.
    #[must_use]
    pub fn ships_dev_packages(self) -> Option<bool> {
        let installs = self.composer_runs().iter().any(|run| run.action() == ComposerAction::Install);
        installs.then(|| !self.dev_package_installs().is_empty())
    }

    /// Whether Composer's folder of a stage ends up in the image: the image is based on the stage, or the folder is
    /// copied.
    fn ships_vendor(self, used: &BuildUse, stage: usize) -> bool {
        if used.is_final(stage) {
            return true;
        }
        let Some((_, _, file)) = self.built() else { return false };
        used.final_chain().into_iter().filter_map(|index| used.model.stages.get(index)).any(|taking| {
            taking.links.iter().any(|link| {
                let LinkSource::Stage(from) = link.source else { return false };
                let workdir = used.model.workdir(from);
                let instruction = file.instructions.get(link.instruction).map(Instruction::effective);
                let sources = instruction.and_then(|one| one.args.split_last()).map_or(&[][..], |(_, sources)| sources);
                let holds = |path: &str| {
                    let path = normalise(path);
                    let whole = path == normalise(workdir.text.trim_start_matches('/'))
                        || normalise(workdir.text.trim_start_matches('/')).starts_with(&format!("{path}/"));
                    path.split('/').any(|part| part == "vendor") || path.is_empty() || whole
                };
                link.kind == LinkKind::Copy
                    && used.model.chain(from).contains(&stage)
                    && sources.iter().any(|source| holds(source.text.trim_start_matches('/')))
            })
        })
    }

    /// Whether a call of Composer in its build runs as root; `None` when that is not known.
    #[must_use]
    pub fn composer_is_root(self, run: &ComposerRun<'_>) -> Option<bool> {
        let (used, _, file) = self.built()?;
        for index in used.model.chain(run.stage) {
            let stage = used.model.stages.get(index)?;
            let before = |nth: &usize| {
                let own = file.instructions.get(*nth);
                own.is_some_and(|one| {
                    one.keyword == Keyword::User && (index != run.stage || one.span.start < run.at.span.start)
                })
            };
            if let Some(user) = stage.instructions.clone().rev().find(before) {
                let name = used.model.instructions.get(user)?.args.first()?;
                return name.known.then(|| super::users::is_root_name(&name.text));
            }
        }
        let (base, _) = used.model.external_base(run.stage)?;
        let image = ImageRef::parse(&base.text).ok().filter(|_| base.known)?;
        Some(super::users::is_root_name(&self.project.facts.image(&image)?.default_user))
    }

    /// Where the image that is deployed lets Composer run plug-ins as root: `COMPOSER_ALLOW_SUPERUSER`.
    #[must_use]
    pub fn superuser_allowed(self) -> Option<Location> {
        let (used, source, _) = self.built()?;
        let set = used.model.stages.get(used.stage?)?.env.get("COMPOSER_ALLOW_SUPERUSER")?;
        (set.value.text == "1").then(|| Location::new(source, set.span))
    }

    fn built(self) -> Option<(&'p BuildUse, SourceId, &'p crate::syntax::dockerfile::Dockerfile)> {
        let used = self.service.build_use.as_ref()?;
        let source = used.dockerfile?;
        Some((used, source, self.project.dockerfile(source)?))
    }
}

/// Whether a stage's name says that it is for development, tests or a pipeline.
fn is_for_development(used: &BuildUse, stage: usize) -> bool {
    let alias = used.model.stages.get(stage).and_then(|stage| stage.alias.as_ref());
    let context = alias.and_then(|(name, _)| Context::of_name(name));
    matches!(context, Some(Context::Development | Context::Ci))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn lock(dockerfile: &str, more: &[(&str, &str)]) -> String {
        let mut files = vec![("Dockerfile", dockerfile), ("composer.json", "{}\n")];
        files.extend(more);
        let sources = sources(&files);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        let runs = service.composer_runs();
        let found = format!("{:?}", service.lock_for(runs.last().unwrap()));
        found.split(['(', ' ']).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_an_install_finds_of_the_lock() {
        let with = |lines: &str| format!("FROM php:8.4-cli\nWORKDIR /app\n{lines}\nRUN composer install\n");
        let there = [("composer.lock", "{\"packages\": []}\n")];
        assert_eq!(lock(&with("COPY composer.json ./"), &there), "NotCopied");
        assert_eq!(lock(&with("COPY composer.json composer.lock ./"), &there), "Found");
        assert_eq!(lock(&with("COPY composer.* ./"), &there), "Found");
        assert_eq!(lock(&with("COPY . ."), &there), "Found");
        assert_eq!(lock(&with("COPY app/composer.json app/composer.lock ./"), &there), "Found");
        assert_eq!(lock(&with("COPY . ."), &[("src/Kernel.php", "<?php\n")]), "Missing");
        assert_eq!(lock(&with("COPY . ."), &[]), "Unknown");
        assert_eq!(lock(&with("COPY . ."), &[(".gitignore", "/vendor\n/composer.lock\n")]), "Ignored");
        assert_eq!(lock(&with("COPY . ."), &[there[0], (".dockerignore", "composer.lock\n")]), "Ignored");
        let mounted = "FROM php:8.4-cli\nCOPY composer.json ./\nRUN --mount=type=bind,source=composer.lock,target=composer.lock composer install\n";
        assert_eq!(lock(mounted, &there), "Unknown");
    }

    fn shipped(dockerfile: &str) -> (usize, Option<bool>) {
        let sources = sources(&[("Dockerfile", dockerfile)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        (service.dev_package_installs().len(), service.ships_dev_packages())
    }

    #[test]
    fn development_packages_in_the_image() {
        for (text, want) in [
            ("FROM php:8.4-cli\nRUN composer install\n", (1, Some(true))),
            ("FROM php:8.4-cli\nRUN composer install --no-dev\n", (0, Some(false))),
            ("FROM php:8.4-cli\nENV COMPOSER_NO_DEV=1\nRUN composer install\n", (0, Some(false))),
            (
                "FROM php:8.4-cli\nRUN composer install && vendor/bin/phpunit && composer install --no-dev\n",
                (0, Some(false)),
            ),
            (
                "FROM composer:2 AS vendor\nWORKDIR /app\nRUN composer install\nFROM php:8.4-fpm\nCOPY --from=vendor /app/vendor /app/vendor\n",
                (1, Some(true)),
            ),
            (
                "FROM composer:2 AS vendor\nWORKDIR /app\nRUN composer install\nFROM php:8.4-fpm\nCOPY --from=vendor /app/public/build /app/public/build\n",
                (0, Some(false)),
            ),
            (
                "FROM composer:2 AS vendor\nWORKDIR /app\nRUN composer install\nFROM php:8.4-fpm\nCOPY --from=vendor /app /app\n",
                (1, Some(true)),
            ),
            ("FROM php:8.4-fpm AS dev\nRUN composer install\n", (0, None)),
            ("FROM php:8.4-fpm\nRUN true\n", (0, None)),
        ] {
            assert_eq!(shipped(text), want, "{text}");
        }
    }

    #[test]
    fn who_runs_composer() {
        let root = |lines: &str| {
            let text = format!("{lines}\nRUN composer install\n");
            let sources = sources(&[("Dockerfile", &text)]);
            let project = Project::new(&sources, TODAY);
            let service = project.services().next().unwrap();
            let runs = service.composer_runs();
            service.composer_is_root(&runs[0])
        };
        assert_eq!(root("FROM php:8.4-fpm"), Some(true));
        assert_eq!(root("FROM php:8.4-fpm\nUSER www-data"), Some(false));
        assert_eq!(root("FROM php:8.4-fpm\nUSER www-data\nUSER root"), Some(true));
        assert_eq!(root("FROM registry.example.net/base:1"), None);
        assert_eq!(root("FROM php:8.4-fpm AS a\nUSER app\nFROM a"), Some(false));
    }

    #[test]
    fn scripts_that_deploy() {
        let sources = sources(&[
            ("deploy.sh", "#!/bin/sh\ncomposer update --no-dev\n"),
            ("update.sh", "#!/bin/sh\ncomposer update\n"),
        ]);
        let project = Project::new(&sources, TODAY);
        let found = project.deployment_composer_commands();
        assert_eq!(found.len(), 1);
        assert_eq!(project.path(found[0].0.source), "deploy.sh");
    }
}

//! `supply-chain/composer-lock-not-honoured`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::model::commands::ComposerAction;
use crate::project::{ComposerRun, LockUse, Project, ServiceRef};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A build or a deployment that does not install what `composer.lock` names: `composer update` or `require`, an
    /// install that `composer.json` reaches without the lock file, a lock file that is ignored or missing,
    /// `create-project` without a version, `--ignore-platform-reqs`.
    ///
    /// # Why it matters
    /// Without the lock file the day of the build decides which releases of a hundred packages are installed. A release
    /// that was taken over an hour ago is then in production, and nobody has seen a change.
    ///
    /// `--ignore-platform-reqs` installs packages for a PHP that the image does not have: *medium*, and *low* in a
    /// stage that only builds, where Composer's own image lacks the extensions. Stages for development and tests are
    /// not looked at, nor are libraries, installs with the files mounted, and lock files of which nothing tells.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// WORKDIR /app
    /// COPY composer.json ./
    /// RUN composer update --no-dev
    /// COPY . .
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// WORKDIR /app
    /// COPY composer.json composer.lock ./
    /// RUN composer install --no-dev --no-interaction
    /// COPY . .
    /// ```
    ///
    /// # How to fix
    /// Commit `composer.lock`, copy it beside `composer.json`, and run `composer install`. Updates are made by a
    /// developer or a bot, as a change of the lock file that is reviewed; `composer validate --strict` in the pipeline
    /// tells when the two do not fit.
    ///
    /// # References
    /// NIST SP 800-190 3.1.1 and 4.1.1, CWE-829, CWE-1357, CWE-494, Composer documentation "Commit your composer.lock
    /// file".
    id: "supply-chain/composer-lock-not-honoured",
    title: "Dependencies are installed without their lock file",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Without the lock file the day of the build decides which releases are installed, so a hijacked one reaches production and no change shows it.",
    help: "Copy composer.json and composer.lock, and run `composer install`.",
    references: ["NIST SP 800-190 3.1.1", "NIST SP 800-190 4.1.1", "CWE-829", "CWE-1357", "CWE-494", "Composer, Commit your composer.lock file to version control"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.declared_services().filter(|service| !service.context.is_development()) {
        let runs = service.composer_runs();
        for run in &runs {
            match run.action() {
                ComposerAction::Update | ComposerAction::Require if !run.is_dry() && !is_global(run) => {
                    out.report(updated(service, run));
                }
                ComposerAction::CreateProject if !run.names_version() => {
                    let message =
                        format!("the build of `{}` starts from whatever version of a project is newest", service.name);
                    let draft = Draft::new(run.at, message).severity(Severity::Medium).on(service).aspect("project");
                    out.report(draft.help("Name the version that `create-project` installs."));
                }
                ComposerAction::Install if !is_global(run) && is_last_install(&runs, run) => {
                    unlocked(service, run, out);
                }
                _ => {}
            }
            ignoring_platform(service, run, out);
        }
    }
    for (at, command) in project.deployment_composer_commands() {
        let updates = command.composer_command().filter(|call| call.action == ComposerAction::Update && !call.global);
        if let Some(call) = updates {
            let message = "a deployment updates the dependencies instead of installing those of `composer.lock`";
            let draft = Draft::new(at, message).confidence(Confidence::Medium);
            let word = crate::source::Location::new(at.source, call.action_word.span);
            out.report(draft.fix(project.replace_text(
                Safety::Suggested,
                "Install what the lock file names",
                word,
                "install",
            )));
        }
    }
}

fn is_global(run: &ComposerRun<'_>) -> bool {
    run.call().is_some_and(|call| call.global)
}

/// What an earlier install of the stage put there, the last one puts right.
fn is_last_install(runs: &[ComposerRun<'_>], run: &ComposerRun<'_>) -> bool {
    let installs = |other: &&ComposerRun<'_>| other.stage == run.stage && other.action() == ComposerAction::Install;
    runs.iter().rfind(installs).is_some_and(|last| last.at == run.at)
}

fn updated(service: ServiceRef<'_, '_>, run: &ComposerRun<'_>) -> Draft {
    let update = run.action() == ComposerAction::Update;
    let what = if update { "updates its dependencies" } else { "adds dependencies that no lock file names" };
    let message = format!("the build of `{}` {what}, to whatever is newest on the day", service.name);
    let draft = Draft::new(run.at, message).on(service);
    if update {
        let title = "Install what the lock file names";
        return draft.fix(service.project().replace_text(Safety::Suggested, title, run.action_at(), "install"));
    }
    draft.help("Require the package in composer.json, commit the lock file, and run `composer install`.")
}

fn unlocked(service: ServiceRef<'_, '_>, run: &ComposerRun<'_>, out: &mut Findings) {
    let project = service.project();
    let library = service
        .build_use
        .as_ref()
        .and_then(|used| project.composer_manifest(used.context.as_deref()?))
        .is_some_and(|manifest| manifest.is_library());
    if library {
        return;
    }
    let name = &service.name;
    let draft = match service.lock_for(run) {
        LockUse::Found | LockUse::Unknown => return,
        LockUse::NotCopied(at) => {
            let message = format!("the build of `{name}` copies composer.json without composer.lock, then installs");
            Draft::new(at, message).because(run.at, "installed here").fix(copied(project, at))
        }
        LockUse::Ignored(at) => {
            let message = format!("the build of `{name}` never sees composer.lock: this file keeps it out");
            Draft::new(at, message)
                .because(run.at, "installed here")
                .help("Delete the pattern that matches composer.lock, and commit the file.")
        }
        LockUse::Missing => {
            let message = format!("the build of `{name}` installs dependencies, and the project has no composer.lock");
            Draft::new(run.at, message)
                .confidence(Confidence::Medium)
                .help("Run `composer update` once, and commit the composer.lock it writes.")
        }
    };
    out.report(draft.on(service));
}

/// The lock file beside the file that is copied.
fn copied(project: &Project<'_>, at: crate::source::Location) -> Option<Fix> {
    let written = project.slice(at);
    let lock = written.strip_suffix(".json").map(|stem| format!("{written} {stem}.lock"))?;
    project.replace_text(Safety::Suggested, "Copy composer.lock, too", at, &lock)
}

fn ignoring_platform(service: ServiceRef<'_, '_>, run: &ComposerRun<'_>, out: &mut Findings) {
    if run.call().is_none_or(|call| call.flag("--ignore-platform-reqs").is_none()) {
        return;
    }
    let builds = service.build_use.as_ref().is_some_and(|used| !used.is_final(run.stage));
    let message = format!("the build of `{}` installs packages whatever PHP and extensions they ask for", service.name);
    let draft = Draft::new(run.at, message)
        .severity(if builds { Severity::Low } else { Severity::Medium })
        .on(service)
        .aspect("platform")
        .help("Install in a stage with the PHP of the image, or name the extensions: `--ignore-platform-req=ext-gd`.");
    out.report(draft);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/composer-lock-not-honoured";

    fn said(lines: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\nWORKDIR /app\n{lines}\n");
        findings(RULE, &[("Dockerfile", text.as_str())]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn severities() {
        for (lines, want) in [
            ("COPY . .\nRUN composer update", vec!["high"]),
            ("COPY . .\nRUN composer require predis/predis", vec!["high"]),
            ("COPY composer.json ./\nRUN composer install --no-dev", vec!["high"]),
            ("RUN composer create-project laravel/laravel shop", vec!["medium"]),
            ("COPY composer.* ./\nRUN composer install --ignore-platform-reqs", vec!["medium"]),
        ] {
            assert_eq!(said(lines), want, "{lines}");
        }
        let builder = "FROM composer:2 AS vendor\nCOPY composer.* ./\nRUN composer install --ignore-platform-reqs\nFROM php:8.4-fpm\nCOPY --from=vendor /app/vendor /app/vendor\n";
        assert_eq!(findings(RULE, &[("Dockerfile", builder)])[0].severity.as_str(), "low");
    }

    #[test]
    fn the_lock_file_is_used() {
        for lines in [
            "COPY composer.json composer.lock ./\nRUN composer install",
            "COPY composer.* symfony.* ./\nRUN composer install",
            "COPY . .\nRUN composer install",
            "RUN composer install",
            "COPY composer.json ./\nRUN composer install --no-scripts\nCOPY . .\nCOPY composer.lock ./\nRUN composer install",
            "RUN --mount=type=bind,target=. composer install",
            "COPY composer.* ./\nRUN composer install --ignore-platform-req=ext-gd",
        ] {
            assert_eq!(said(lines), Vec::<String>::new(), "{lines}");
        }
    }

    #[test]
    fn calls_that_install_nothing_of_the_application() {
        for lines in [
            "RUN composer global require hirak/prestissimo",
            "COPY . .\nRUN composer update --lock",
            "RUN composer create-project laravel/laravel . 11.6.1",
            "RUN composer create-project drupal/recommended-project:11.2.0 /app",
        ] {
            assert_eq!(said(lines), Vec::<String>::new(), "{lines}");
        }
    }

    #[test]
    fn development_is_not_looked_at() {
        let update = "FROM php:8.4-fpm AS dev\nRUN composer update\n";
        clean(RULE, &[("Dockerfile", update)]);
        clean(
            RULE,
            &[
                ("compose.dev.yaml", "services:\n  app:\n    build: .\n"),
                ("Dockerfile", "FROM php:8.4-fpm\nRUN composer update\n"),
            ],
        );
    }

    #[test]
    fn a_library_has_no_lock_file() {
        let dockerfile = ("Dockerfile", "FROM php:8.4-cli\nCOPY composer.json ./\nRUN composer install\n");
        assert_eq!(findings(RULE, &[dockerfile, ("composer.json", "{\"type\": \"project\"}\n")]).len(), 1);
        clean(RULE, &[dockerfile, ("composer.json", "{\"type\": \"library\"}\n")]);
    }

    #[test]
    fn a_lock_file_that_is_kept_out() {
        let dockerfile = ("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\nRUN composer install\n");
        let files = [
            dockerfile,
            ("composer.json", "{}\n"),
            ("composer.lock", "{\"packages\": []}\n"),
            (".dockerignore", "composer.lock\n"),
        ];
        assert!(findings(RULE, &files)[0].message.contains("keeps it out"));
        clean(RULE, &files[..3]);
        let missing = [dockerfile, ("composer.json", "{}\n"), ("src/Kernel.php", "<?php\n")];
        assert!(findings(RULE, &missing)[0].message.contains("has no composer.lock"));
        clean(RULE, &missing[..2]);
    }

    #[test]
    fn deployments_install() {
        assert_eq!(findings(RULE, &[("deploy.sh", "#!/bin/sh\ncomposer update --no-dev\n")]).len(), 1);
        clean(RULE, &[("deploy.sh", "#!/bin/sh\ncomposer install --no-dev\n")]);
        clean(RULE, &[("update.sh", "#!/bin/sh\ncomposer update\n")]);
    }
}

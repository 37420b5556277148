//! `supply-chain/composer-dev-dependencies-in-production`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::project::{ComposerRun, Context, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// `composer install` without `--no-dev` (and without `COMPOSER_NO_DEV`) in a build whose image, or whose copied
    /// `vendor/`, is deployed, with no later install that leaves the packages for development out.
    ///
    /// # Why it matters
    /// Test runners, debug bars, profilers and fixtures are written for a laptop: some run code that a request brings,
    /// others show queries, sessions and settings. PHPUnit's `eval-stdin.php` is still asked for by every scanner of
    /// the internet.
    ///
    /// *High* when the lock file holds one of those packages in a version that is known to be attacked. Not reported:
    /// stages named for development or tests, stages of which no `vendor/` is copied, a `composer.json` without
    /// `require-dev`.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24 AS prod
    /// WORKDIR /app
    /// COPY composer.json composer.lock ./
    /// RUN composer install --no-interaction
    /// COPY . .
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24 AS prod
    /// WORKDIR /app
    /// COPY composer.json composer.lock ./
    /// RUN composer install --no-dev --classmap-authoritative --no-interaction
    /// COPY . .
    /// ```
    ///
    /// # How to fix
    /// Add `--no-dev`. What needs the packages for development, tests and static analysis, runs in a stage of its own
    /// or in the pipeline. The edit is safe where the stage or the deployment says that it is for production; where the
    /// build itself runs tests it needs a look.
    ///
    /// # References
    /// CIS Docker Benchmark 4.3, CWE-489, CWE-1104, Symfony documentation "How to Deploy a Symfony Application",
    /// Laravel documentation "Deployment".
    id: "supply-chain/composer-dev-dependencies-in-production",
    title: "Packages for development are in the image",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Test runners, debug bars and profilers run code and show data for whoever finds them, and production needs none of them.",
    help: "Add `--no-dev` to the install.",
    references: ["CIS Docker Benchmark 4.3", "CWE-489", "CWE-1104", "Symfony, How to Deploy a Symfony Application", "Laravel, Deployment"],
}

/// Programs of packages for development: a build that runs one needs them.
const TEST_PROGRAMS: [&str; 8] = ["phpunit", "pest", "phpstan", "psalm", "behat", "phpcs", "codecept", "paratest"];

fn check(project: &Project<'_>, out: &mut Findings) {
    let deployed = |service: &ServiceRef<'_, '_>| !matches!(service.context, Context::Development | Context::Ci);
    for service in project.declared_services().filter(deployed) {
        let folder = service.build_use.as_ref().and_then(|used| used.context.as_deref());
        let manifest = folder.and_then(|folder| project.composer_manifest(folder));
        if manifest.as_ref().is_some_and(|manifest| manifest.require_dev.is_empty()) {
            continue;
        }
        let mut named: Vec<&str> = Vec::new();
        if let Some(manifest) = &manifest {
            named.extend(manifest.require_dev.iter().take(3).map(|required| required.package.as_str()));
        }
        for run in service.dev_package_installs() {
            out.report(shipped(service, folder, &named, &run));
        }
    }
}

fn shipped(service: ServiceRef<'_, '_>, folder: Option<&str>, named: &[&str], run: &ComposerRun<'_>) -> Draft {
    let project = service.project();
    let such = if named.is_empty() { String::new() } else { format!(", such as {}", shorten(&list(named), 120)) };
    let message = format!("the build of `{}` installs packages for development{such}", service.name);
    let mut draft = Draft::new(run.at, message).on(service);
    let attacked = folder.map(|folder| project.attacked_dev_packages(folder)).unwrap_or_default();
    if let Some(package) = attacked.first() {
        draft = draft.severity(Severity::High).because(package.at, format!("{} is known to be attacked", package.name));
    }
    let named = service.build_use.as_ref().and_then(|used| used.model.stages.get(run.stage)?.alias.as_ref());
    let production = |context: Context| matches!(context, Context::Production | Context::Staging);
    let sure =
        production(service.context) || named.and_then(|(name, _)| Context::of_name(name)).is_some_and(production);
    let tested = TEST_PROGRAMS.iter().any(|program| service.build_runs(program));
    let safety = if sure && !tested { Safety::Safe } else { Safety::Suggested };
    let written = format!("{} --no-dev", project.slice(run.action_at()));
    draft.fix(project.replace_text(safety, "Leave packages for development out", run.action_at(), &written))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/composer-dev-dependencies-in-production";

    fn said(text: &str) -> usize {
        findings(RULE, &[("Dockerfile", text)]).len()
    }

    #[test]
    fn installs_that_are_deployed() {
        for text in [
            "FROM php:8.4-fpm\nRUN composer install\n",
            "FROM composer:2 AS vendor\nWORKDIR /app\nRUN composer install\nFROM php:8.4-fpm\nCOPY --from=vendor /app/vendor /app/vendor\n",
        ] {
            assert_eq!(said(text), 1, "{text}");
        }
    }

    #[test]
    fn installs_that_are_not() {
        for text in [
            "FROM php:8.4-fpm\nRUN composer install --no-dev\n",
            "FROM php:8.4-fpm\nENV COMPOSER_NO_DEV=1\nRUN composer install\n",
            "FROM php:8.4-fpm\nRUN composer install && composer dump-autoload --no-dev\n",
            "FROM php:8.4-fpm AS dev\nRUN composer install\n",
            "FROM composer:2 AS vendor\nWORKDIR /app\nRUN composer install\nFROM nginx:1.28\nCOPY --from=vendor /app/public /srv\n",
        ] {
            assert_eq!(said(text), 0, "{text}");
        }
    }

    #[test]
    fn a_project_without_such_packages() {
        let dockerfile = ("Dockerfile", "FROM php:8.4-fpm\nRUN composer install\n");
        clean(RULE, &[dockerfile, ("composer.json", "{\"require\": {\"php\": \"^8.4\"}}\n")]);
        let found =
            findings(RULE, &[dockerfile, ("composer.json", "{\"require-dev\": {\"phpunit/phpunit\": \"^12\"}}\n")]);
        assert!(found[0].message.contains("phpunit/phpunit"), "{}", found[0].message);
    }

    #[test]
    fn attacked_packages_are_high() {
        let lock = "{\"packages\": [], \"packages-dev\": [{\"name\": \"phpunit/phpunit\", \"version\": \"5.6.2\"}]}\n";
        let found =
            findings(RULE, &[("Dockerfile", "FROM php:8.4-fpm\nRUN composer install\n"), ("composer.lock", lock)]);
        assert_eq!(found[0].severity.as_str(), "high");
    }

    #[test]
    fn a_build_that_runs_tests_needs_a_look() {
        let safety = |line: &str| {
            let text = format!("FROM php:8.4-fpm AS prod\nRUN {line}\n");
            findings(RULE, &[("Dockerfile", text.as_str())])[0].fixes[0].safety.as_str()
        };
        assert_eq!(safety("composer install"), "safe");
        assert_eq!(safety("composer install && vendor/bin/phpunit"), "suggested");
    }

    #[test]
    fn development_and_tests_are_not_looked_at() {
        let dockerfile = ("Dockerfile", "FROM php:8.4-fpm\nRUN composer install\n");
        clean(RULE, &[dockerfile, ("compose.dev.yaml", "services:\n  app:\n    build: .\n")]);
    }
}

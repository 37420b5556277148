//! `secrets/composer-credentials-exposed`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{PipelineBuild, Project, ServiceRef, unseen_secret_arguments};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// Composer's credentials where others can read them: `COMPOSER_AUTH` as a build argument or in the environment of
    /// a service that runs, `composer config github-oauth.…` with a token in a build step, a login in the address of a
    /// repository or under `config` of a `composer.json`, and `auth.json` or `~/.composer` mounted into a service.
    ///
    /// # Why it matters
    /// Such a token usually opens all private repositories of the company, and often may write to them. In an image, a
    /// build cache or a Git repository it is open to everyone who can read those, for as long as it is valid.
    ///
    /// In the image or in `composer.json` it is *critical*; as an argument or in a build stage that is not part of the
    /// image, and in a running service, *high*. A secret mount leaves nothing behind and is not reported. An `ENV` that
    /// keeps the argument, a literal token, and an `auth.json` that is copied into the image are other rules'.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM composer:2.8 AS vendor
    /// ARG COMPOSER_AUTH
    /// COPY composer.json composer.lock ./
    /// RUN composer install --no-dev
    ///
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY --from=vendor /app/vendor /app/vendor
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM composer:2.8 AS vendor
    /// COPY composer.json composer.lock ./
    /// RUN --mount=type=secret,id=composer_auth,env=COMPOSER_AUTH composer install --no-dev
    ///
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY --from=vendor /app/vendor /app/vendor
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// `RUN --mount=type=secret,id=composer_auth,env=COMPOSER_AUTH composer install --no-dev`, or mount a whole
    /// `auth.json` with `target=/root/.composer/auth.json`. Hand it over with `--secret
    /// id=composer_auth,env=COMPOSER_AUTH`. A container that runs needs no credentials of Composer. Revoke the token
    /// that was exposed, and give the next one the right to read only.
    ///
    /// # References
    /// CIS Docker Benchmark 4.10, CWE-522, CWE-798, Composer's documentation "Authentication for privately hosted
    /// packages", Docker's documentation "Build secrets".
    id: "secrets/composer-credentials-exposed",
    title: "Composer's credentials are left where others can read them",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "The token opens the company's private packages to everyone who can read the image, its cache or the repository.",
    help: "Mount the credentials for the one command that needs them: RUN --mount=type=secret,id=composer_auth,env=COMPOSER_AUTH composer install --no-dev. Then revoke the old token.",
    references: ["CIS Docker Benchmark 4.10", "CWE-522", "CWE-798", "Composer: Authentication for privately hosted packages", "Docker: Build secrets"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let builds = project.pipeline_builds();
    for service in project.services() {
        in_build(service, &builds, out);
        at_run_time(service, out);
    }
    for (name, at) in unseen_secret_arguments(&builds) {
        if name == "COMPOSER_AUTH" {
            let message = "a build is given Composer's credentials as an argument";
            out.report(Draft::new(at, message).severity(Severity::High));
        }
    }
    for login in project.manifest_logins() {
        out.report(
            Draft::new(login.at, format!("in `composer.json`, {}", login.what))
                .help("Take it out, and keep it in an auth.json that is not committed, or in COMPOSER_AUTH. Then revoke it: it is in the repository's history."),
        );
    }
}

fn in_build(service: ServiceRef<'_, '_>, builds: &[PipelineBuild], out: &mut Findings) {
    for argument in service.secret_arguments(builds).iter().filter(|argument| argument.is_composer()) {
        // One that is written out is read by whoever has the file; else it takes the history of the stage.
        let severity = if argument.literal.is_some() { Severity::Critical } else { Severity::High };
        let Some(at) = argument.at() else { continue };
        out.report(
            Draft::new(at, format!("the build of `{}` takes Composer's credentials as an argument", service.name))
                .severity(severity)
                .on(service)
                .because_of(argument.passed.filter(|passed| *passed != at), "handed over here")
                .fix(service.as_build_secret(argument)),
        );
    }
    for login in service.composer_logins() {
        let (severity, place) =
            if login.in_image { (Severity::Critical, "the image") } else { (Severity::High, "a build stage") };
        let message = format!("{} into {place} of `{}`", login.what, service.name);
        out.report(Draft::new(login.at, message).severity(severity).on(service));
    }
}

/// Nothing is installed where requests are served.
fn at_run_time(service: ServiceRef<'_, '_>, out: &mut Findings) {
    if service.context.is_development() || service.is_one_shot() || service.is_short_lived() {
        return;
    }
    let literal = service.literal_secrets();
    let variable = service.service().spec.environment.iter().find(|variable| {
        let written = literal.iter().any(|found| found.at == variable.key_at);
        let empty = variable.value.as_ref().is_some_and(|value| value.text.is_empty());
        variable.key == "COMPOSER_AUTH" && !written && !empty
    });
    if let Some(variable) = variable {
        let message = format!("`{}` runs with Composer's credentials in its environment", service.name);
        out.report(Draft::new(variable.key_at, message).severity(Severity::High).on(service));
    }
    if let Some(at) = service.mounts_composer_login() {
        let message = format!("`{}` runs with Composer's credentials mounted", service.name);
        out.report(Draft::new(at, message).severity(Severity::High).on(service));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/composer-credentials-exposed";

    fn severity(files: &[(&str, &str)]) -> String {
        findings(RULE, files).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn in_a_build() {
        let run = "FROM php:8.4\nARG TOKEN_OF_CI\nRUN composer config -g github-oauth.github.com $TOKEN_OF_CI && composer install\n";
        assert_eq!(severity(&[("Dockerfile", run)]), "critical");
        let stage = format!("{run}FROM php:8.4\n").replace("FROM php:8.4\nARG", "FROM php:8.4 AS build\nARG");
        let stage = stage.replace("\nFROM php:8.4\n", "\nFROM php:8.4\nCOPY --from=build /app /app\n");
        assert_eq!(severity(&[("Dockerfile", &stage)]), "high");
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4\nARG COMPOSER_AUTH\nRUN composer install\n")]), "high");
    }

    #[test]
    fn what_leaves_nothing_behind() {
        for run in [
            "RUN --mount=type=secret,id=c,env=COMPOSER_AUTH composer install",
            "RUN --mount=type=secret,id=c,target=/root/.composer/auth.json composer install",
            "RUN composer config -g github-oauth.github.com $T && composer install && rm ~/.composer/auth.json",
            "RUN composer config platform.php 8.4",
        ] {
            clean(RULE, &[("Dockerfile", &format!("FROM php:8.4\n{run}\n"))]);
        }
        // Another rule's.
        clean(RULE, &[("Dockerfile", "FROM php:8.4\nARG COMPOSER_AUTH\nENV COMPOSER_AUTH=$COMPOSER_AUTH\n")]);
    }

    #[test]
    fn in_the_manifest() {
        let file = |url: &str| format!("{{\"repositories\":[{{\"type\":\"composer\",\"url\":\"{url}\"}}]}}");
        assert_eq!(severity(&[("composer.json", &file("https://bob:Winter2023!@repo.test"))]), "critical");
        clean(RULE, &[("composer.json", &file("https://repo.test"))]);
        let config =
            "{\"config\":{\"http-basic\":{\"repo.test\":{\"username\":\"bob\",\"password\":\"Winter2023!\"}}}}";
        assert_eq!(severity(&[("composer.json", config)]), "critical");
        clean(RULE, &[("composer.json", "{\"config\":{\"platform\":{\"php\":\"8.4\"}}}")]);
    }

    #[test]
    fn in_a_service_that_runs() {
        let compose = |body: &str| format!("services:\n  app:\n    image: registry.example.net/shop:1\n{body}");
        let variable = compose("    environment: {COMPOSER_AUTH: \"${COMPOSER_AUTH}\"}\n");
        assert_eq!(severity(&[("compose.yaml", &variable)]), "high");
        assert_eq!(severity(&[("compose.dev.yaml", &variable)]), "none");
        let mount = compose("    volumes: [\"~/.composer:/root/.composer\"]\n");
        assert_eq!(severity(&[("compose.yaml", &mount)]), "high");
    }
}

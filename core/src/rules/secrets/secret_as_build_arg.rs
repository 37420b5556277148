//! `secrets/secret-as-build-arg`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Project, SecretArgument, ServiceRef, unseen_secret_arguments};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A secret that is given to a build as an argument: `ARG GITHUB_TOKEN` in a stage that is built, `build.args` of a
    /// Compose file, `--build-arg` and `build-args` of a script or pipeline.
    ///
    /// # Why it matters
    /// Build arguments are part of the history of the stage (`docker history`), of provenance attestations with
    /// `mode=max`, of the build cache that is pushed to a registry, and of the log. Everyone who can pull one of them
    /// reads the token.
    ///
    /// It is *high*, and *critical* when the value itself is written out in the Compose file or pipeline. Composer's
    /// `COMPOSER_AUTH`, and arguments that an `ENV` keeps, are other rules'. Names of ids, paths and hosts are not
    /// reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build:
    ///       context: .
    ///       args:
    ///         GITHUB_TOKEN: ${GITHUB_TOKEN}
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// ARG GITHUB_TOKEN
    /// RUN fetch-private-assets "$GITHUB_TOKEN"
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     build:
    ///       context: .
    ///       secrets: [github_token]
    /// secrets:
    ///   github_token:
    ///     environment: GITHUB_TOKEN
    /// ```
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN --mount=type=secret,id=github_token,env=GITHUB_TOKEN fetch-private-assets "$GITHUB_TOKEN"
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Mount it for the one command that needs it: `RUN --mount=type=secret,id=github_token,env=GITHUB_TOKEN …`. Hand
    /// it over with `build.secrets` in Compose, `--secret id=github_token,env=GITHUB_TOKEN` on a command line, or the
    /// `secrets` input of `docker/build-push-action`. Then change the token: old images and caches keep it.
    ///
    /// # References
    /// CIS Docker Benchmark 4.10, OWASP Docker Security Cheat Sheet rule 12, CWE-214, CWE-532, CWE-798, Docker's build
    /// check SecretsUsedInArgOrEnv, Docker's documentation "Build secrets".
    id: "secrets/secret-as-build-arg",
    title: "Secret is given to a build as an argument",
    severity: High,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Build arguments stay in the history of the stage, in attestations, in pushed caches and in logs. Everyone who can read one of them has the secret.",
    help: "Use RUN --mount=type=secret,id=…,env=… in the Dockerfile, and hand the secret over with build.secrets, --secret or the secrets input; then change it.",
    references: ["CIS Docker Benchmark 4.10", "OWASP Docker Security Cheat Sheet rule 12", "CWE-214", "CWE-532", "CWE-798", "Docker build check SecretsUsedInArgOrEnv", "Docker: Build secrets"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let builds = project.pipeline_builds();
    for service in project.services() {
        for argument in service.secret_arguments(&builds).iter().filter(|argument| !argument.is_composer()) {
            if let Some(at) = argument.at() {
                out.report(taken(service, argument, at));
            }
        }
    }
    for (name, at) in unseen_secret_arguments(&builds) {
        if name != "COMPOSER_AUTH" {
            let message = format!("a build is given the secret `{}` as an argument", shorten(name, 60));
            out.report(Draft::new(at, message).aspect(name));
        }
    }
}

fn taken(service: ServiceRef<'_, '_>, argument: &SecretArgument, at: Location) -> Draft {
    let name = shorten(&argument.name, 60);
    let (severity, message) = match &argument.literal {
        Some(secret) => (
            Severity::Critical,
            format!(
                "the build of `{}` is given {} as an argument, written out: `{name}`",
                service.name,
                secret.describe()
            ),
        ),
        None => (Severity::High, format!("the build of `{}` takes the secret `{name}` as an argument", service.name)),
    };
    Draft::new(at, message)
        .severity(severity)
        .on(service)
        .because_of(argument.declared.filter(|declared| *declared != at), "declared here")
        .because_of(argument.passed.filter(|passed| *passed != at), "handed over here")
        .fix(service.as_build_secret(argument))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/secret-as-build-arg";
    const COMPOSE: &str = "services:\n  app:\n    build: .\n";

    fn severities(args: &str) -> Vec<String> {
        let text = format!("services:\n  app:\n    build:\n      context: .\n      args: {args}\n");
        let found = findings(RULE, &[("compose.yaml", &text), ("Dockerfile", "FROM php:8.4\n")]);
        found.into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn by_argument() {
        assert_eq!(severities("{NPM_TOKEN: \"${NPM_TOKEN}\"}"), ["high"]);
        assert_eq!(severities("[NPM_TOKEN]"), ["high"]);
        assert_eq!(severities("{DB_PASSWORD: Winter2023!}"), ["critical"]);
        for public in [
            "{UID: 1000}",
            "{VERSION: \"${VERSION}\"}",
            "{GITHUB_SECRET_ID: x}",
            "{COMPOSER_ALLOW_SUPERUSER: 1}",
            "{NPM_TOKEN: \"\"}",
        ] {
            assert!(severities(public).is_empty(), "{public}");
        }
    }

    #[test]
    fn declared_in_a_dockerfile() {
        let file = "FROM php:8.4 AS build\nARG NPM_TOKEN\nRUN npm ci --token=$NPM_TOKEN\nFROM php:8.4\nCOPY --from=build /app /app\n";
        let found = findings(RULE, &[("compose.yaml", COMPOSE), ("Dockerfile", file)]);
        assert_eq!((found.len(), found[0].fixes.len()), (1, 1));
        // A stage that is not built, a secret mount, Composer's own rule.
        clean(RULE, &[("compose.yaml", COMPOSE), ("Dockerfile", "FROM php:8.4 AS x\nARG NPM_TOKEN\nFROM php:8.4\n")]);
        clean(RULE, &[("Dockerfile", "FROM php:8.4\nRUN --mount=type=secret,id=t,env=NPM_TOKEN npm ci\n")]);
        clean(RULE, &[("Dockerfile", "FROM php:8.4\nARG COMPOSER_AUTH\nRUN composer install\n")]);
    }

    #[test]
    fn what_an_environment_keeps_is_another_rules() {
        clean(RULE, &[("Dockerfile", "FROM php:8.4\nARG NPM_TOKEN\nENV NPM_TOKEN=$NPM_TOKEN\n")]);
    }

    #[test]
    fn pipelines_and_scripts() {
        let workflow = "on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: elsewhere\n          build-args: |\n            REPO=${{ secrets.DEPLOY }}\n            VERSION=1\n";
        assert_eq!(findings(RULE, &[(".github/workflows/build.yml", workflow)]).len(), 1);
        let script = "#!/bin/sh\ndocker build --build-arg NPM_TOKEN=$NPM_TOKEN --build-arg UID=1000 other\n";
        assert_eq!(findings(RULE, &[("build.sh", script)]).len(), 1);
        let both = findings(
            RULE,
            &[
                ("build.sh", "#!/bin/sh\ndocker build --build-arg NPM_TOKEN=$NPM_TOKEN .\n"),
                ("Dockerfile", "FROM php:8.4\nARG NPM_TOKEN\nRUN npm ci\n"),
            ],
        );
        assert_eq!((both.len(), both[0].related.len()), (1, 1));
    }
}

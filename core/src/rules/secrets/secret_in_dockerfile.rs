//! `secrets/secret-in-dockerfile`

use crate::declare_rule;
use crate::facts::secrets::is_guarded_path;
use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::project::{BakedBy, BakedSecret, Project, Secret, SecretKind, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::span::Span;
use crate::syntax::dockerfile::{Keyword, Pair};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A secret in a Dockerfile: a literal value in `ENV`, in `LABEL` or as the default of an `ARG`; an `ENV` that keeps a secret
    /// build argument; a command with a credential in it (`curl -u`, an `Authorization` header, `git clone https://user:token@…`,
    /// `composer config http-basic…`, `mysql -p…`, `echo … | chpasswd`, `echo … > auth.json`); a provider's token anywhere.
    ///
    /// # Why it matters
    /// `ENV`, `ARG` and `RUN` are kept in the configuration and history of the image: `docker history --no-trunc` and
    /// `docker inspect` print them to everyone who can pull it. They also lie in every registry, build cache and backup it went
    /// through. A later instruction that unsets or deletes them changes nothing.
    ///
    /// Tokens of providers, database passwords and copied build arguments are *critical*, other secrets *high*. In a build stage
    /// that is not part of the image it is one step lower: history and cache of that stage still have it.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// ENV DB_PASSWORD=Winter2023!
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY composer.json composer.lock ./
    /// RUN --mount=type=secret,id=composer_auth,target=/root/.composer/auth.json composer install --no-dev
    /// ENV DB_PASSWORD_FILE=/run/secrets/db_password
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Give what the build needs with `RUN --mount=type=secret,id=…`, and what the application needs when it starts, as a secret
    /// file or variable. Then change the value: in registries, CI caches, backups and on developers' machines it stays readable.
    ///
    /// # References
    /// CIS Docker Benchmark 4.10, OWASP Docker Security Cheat Sheet rule 12, NIST SP 800-190 3.1.4 and 4.1.4, CWE-798, CWE-312,
    /// CWE-526, Docker's build check SecretsUsedInArgOrEnv, Docker's documentation "Build secrets".
    id: "secrets/secret-in-dockerfile",
    title: "Secret is written into the image",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "ENV, ARG and RUN are kept in the configuration and history of the image, which everyone who pulls it can print. Deleting or unsetting the value in a later instruction does not remove it.",
    help: "Use RUN --mount=type=secret for the build and secrets at run time for the application; then change the value, because old images and caches keep it.",
    references: ["CIS Docker Benchmark 4.10", "OWASP Docker Security Cheat Sheet rule 12", "NIST SP 800-190 3.1.4", "NIST SP 800-190 4.1.4", "CWE-798", "CWE-312", "CWE-526", "Docker build check SecretsUsedInArgOrEnv", "Docker: Build secrets"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for found in service.baked_secrets() {
            let severity = severity(&found);
            // In documentation and tests only what is certainly somebody's token counts.
            if severity == Severity::Critical && is_token(&found) || !is_guarded_path(project.path(found.at.source)) {
                let severity = if found.in_image { severity } else { severity.lowered(1) };
                out.report(baked(service, &found, severity));
            }
        }
    }
}

fn secret<'f>(found: &'f BakedSecret<'_>) -> Option<&'f Secret> {
    match &found.by {
        BakedBy::Pair(_, secret) => Some(secret),
        BakedBy::Argument(..) => None,
        BakedBy::Command(command) => Some(&command.secret),
    }
}

fn is_token(found: &BakedSecret<'_>) -> bool {
    secret(found).is_some_and(|secret| matches!(secret.kind, SecretKind::Token(_)))
}

fn severity(found: &BakedSecret<'_>) -> Severity {
    match secret(found) {
        None => Severity::Critical,
        Some(secret) if secret.kind == SecretKind::Database && !secret.weak => Severity::Critical,
        Some(secret) => secret.severity,
    }
}

fn baked(service: ServiceRef<'_, '_>, found: &BakedSecret<'_>, severity: Severity) -> Draft {
    let place = if found.in_image { "the image" } else { "a build stage" };
    let name = &service.name;
    let message = match &found.by {
        BakedBy::Pair(pair, secret) => {
            let keyword = keyword(found.instruction.keyword);
            format!("`{keyword} {}` writes {} into {place} of `{name}`", shorten(&pair.key, 60), secret.describe())
        }
        BakedBy::Argument(pair, argument) => {
            format!(
                "`ENV {}` keeps the build argument `{}` in {place} of `{name}`",
                shorten(&pair.key, 60),
                shorten(argument, 60)
            )
        }
        BakedBy::Command(command) => {
            format!("a command in {place} of `{name}` gives away a credential: {}", command.what)
        }
    };
    let draft = Draft::new(found.at, message)
        .severity(severity)
        .confidence(secret(found).map_or(Confidence::High, |secret| secret.confidence))
        .on(service)
        .fix(removal(service.project(), found));
    match &found.by {
        BakedBy::Argument(_, argument) => draft.because_of(service.argument_at(argument), "the build argument"),
        _ => draft,
    }
}

fn keyword(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Arg => "ARG",
        Keyword::Label => "LABEL",
        _ => "ENV",
    }
}

/// Takes the value out. Needs a look: the build or the application has to get it in another way.
fn removal(project: &Project<'_>, found: &BakedSecret<'_>) -> Option<Fix> {
    let (BakedBy::Pair(pair, _) | BakedBy::Argument(pair, _)) = &found.by else { return None };
    let at = |span: Span| Location::new(found.at.source, span);
    let key = shorten(&pair.key, 60);
    if !found.editable {
        return None;
    }
    if found.instruction.keyword == Keyword::Arg {
        return project.replace_text(
            Safety::Suggested,
            format!("Remove the default of `{key}`"),
            at(pair.span()),
            &pair.key,
        );
    }
    let title = format!("Remove `{key}` and set it at run time");
    let pairs = &found.instruction.pairs;
    let index = pairs.iter().position(|other| other.key_span == pair.key_span)?;
    let neighbour = |index: Option<usize>| index.and_then(|index| pairs.get(index)).map(Pair::span);
    // With its white space, up to the pair before or behind it.
    let span = match (neighbour(index.checked_sub(1)), neighbour(index.checked_add(1))) {
        (None, None) => return project.remove_instruction(Safety::Suggested, title, at(found.instruction.span)),
        (Some(before), _) => Span { start: before.end, end: pair.span().end },
        (None, Some(after)) => Span { start: pair.span().start, end: after.start },
    };
    project.replace_text(Safety::Suggested, title, at(span), "")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/secret-in-dockerfile";

    fn said(body: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\n{body}\n");
        findings(RULE, &[("Dockerfile", text.as_str())])
            .into_iter()
            .map(|finding| finding.severity.to_string())
            .collect()
    }

    #[test]
    fn every_way_in() {
        let token = ["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
        for (body, want) in [
            ("ENV DB_PASSWORD=Winter2023!", "critical"),
            ("ENV DB_PASSWORD Winter2023!", "critical"),
            ("ENV DATABASE_URL=mysql://app:Winter2023!@db/app", "critical"),
            ("ENV APP_ENV=prod \\\n    API_TOKEN=Zq81kdWinter77", "high"),
            ("ENV API_TOKEN=Zq81kdWinter77 APP_ENV=prod", "high"),
            ("ENV MYSQL_ROOT_PASSWORD=root", "high"),
            ("ARG API_TOKEN=Zq81kdWinter77", "high"),
            (&format!("LABEL net.acme.build={token}"), "critical"),
            ("ARG COMPOSER_AUTH\nENV COMPOSER_AUTH=$COMPOSER_AUTH", "critical"),
            ("ARG T\nENV NPM_TOKEN=${T}", "critical"),
            ("RUN curl -u bob:hunter22 https://repo.test/x", "high"),
            (&format!("RUN git clone https://oauth2:{token}@github.com/a/b"), "critical"),
            ("RUN apt-get update && echo 'root:agency2019' | chpasswd", "high"),
            ("RUN <<EOF\nmysql -uroot -phunter22 app\nEOF", "high"),
            (&format!("COPY <<EOF /root/.netrc\nmachine github.com login x password {token}\nEOF"), "critical"),
            ("CMD [\"redis-server\", \"--requirepass\", \"Winter2023!\"]", "high"),
            ("HEALTHCHECK CMD mysqladmin ping -uroot -pWinter2023", "high"),
            ("ONBUILD ENV DB_PASSWORD=Winter2023!", "critical"),
        ] {
            assert_eq!(said(body), [want], "{body}");
        }
    }

    #[test]
    fn what_is_no_secret() {
        for body in [
            "ENV PUSHER_APP_KEY=a1b2c3d4e5f6a7b8c9d0 GPG_KEYS=528995BFEDFBA7191D46839EF9BA0ADA31CBD89E PHP_SHA256=9f86d081884c7d659a2feaa0c55ad015",
            "ENV DB_PASSWORD_FILE=/run/secrets/db DB_PASSWORD=changeme",
            "ENV APP_KEY=base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "ENV AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "ENV COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=/tmp",
            "ARG GITHUB_TOKEN",
            "ARG VERSION\nENV APP_VERSION=$VERSION",
            "ENV A=1\nENV DB_PASSWORD=$A",
            "ARG TOKEN\nRUN composer config -g github-oauth.github.com $TOKEN",
            "RUN --mount=type=secret,id=t curl -H \"Authorization: Bearer $(cat /run/secrets/t)\" https://repo.test",
            "RUN DATABASE_URL=mysql://root:root@127.0.0.1/x php bin/console cache:warmup",
        ] {
            assert_eq!(said(body), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn a_build_stage_is_one_step_lower_and_an_unused_one_nothing() {
        let text = "FROM php:8.4 AS build\nENV DB_PASSWORD=Winter2023!\nFROM php:8.4-fpm\nCOPY --from=build /a /a\n";
        assert_eq!(findings(RULE, &[("Dockerfile", text)])[0].severity.as_str(), "high");
        clean(RULE, &[("Dockerfile", "FROM php:8.4 AS dev\nENV DB_PASSWORD=Winter2023!\nFROM php:8.4-fpm\n")]);
    }

    #[test]
    fn documentation_and_tests_only_with_a_providers_token() {
        clean(RULE, &[("tests/Dockerfile", "FROM a:1\nENV DB_PASSWORD=Winter2023!\n")]);
        let token = ["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
        assert_eq!(findings(RULE, &[("tests/Dockerfile", &format!("FROM a:1\nENV T={token}\n"))]).len(), 1);
    }

    #[test]
    fn the_kept_argument_is_shown() {
        let found =
            findings(RULE, &[("Dockerfile", "FROM a:1\nARG COMPOSER_AUTH\nENV COMPOSER_AUTH=$COMPOSER_AUTH\n")]);
        assert_eq!((found[0].related.len(), found[0].fixes.len()), (1, 1));
    }
}

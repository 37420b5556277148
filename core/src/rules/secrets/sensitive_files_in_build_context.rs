//! `secrets/sensitive-files-in-build-context`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{Leak, LeakKind, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A `COPY` or `ADD` that takes a private key, a credentials file (`auth.json`, `.netrc`, `.npmrc` with a token), a database
    /// dump, a configuration file with passwords, or the `.git` folder into the image. Also a `COPY` of the whole context where no
    /// ignore file says what to leave out.
    ///
    /// # Why it matters
    /// A layer keeps what was copied, for everyone who can pull the image, also when a later instruction deletes it. `.git` holds
    /// the whole history, and often a remote address with a token. What the context contains is also sent to a remote builder.
    ///
    /// Keys and credentials files are *critical*, dumps and `.git` *medium*, a missing ignore file *medium*. Certificates, public
    /// keys, samples, tests, `vendor` and encrypted files are not reported; where the text was supplied it decides, not the name.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . .
    /// USER www-data
    /// ```
    /// ```sql file:dump.sql
    /// INSERT INTO customer VALUES (1, 'Ada');
    /// ```
    ///
    /// # Bad: the key is deleted too late
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY deploy_key /root/.ssh/id_rsa
    /// RUN composer install --no-dev && rm /root/.ssh/id_rsa
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . .
    /// RUN --mount=type=ssh composer install --no-dev
    /// USER www-data
    /// ```
    /// ```dockerignore file:.dockerignore
    /// .git
    /// .env
    /// .env.*
    /// !.env.example
    /// auth.json
    /// *.sql
    /// ```
    /// ```sql file:dump.sql
    /// INSERT INTO customer VALUES (1, 'Ada');
    /// ```
    ///
    /// # How to fix
    /// Leave the files out of the build context with a `.dockerignore`. For the build itself use `RUN --mount=type=ssh` for a git
    /// key and `RUN --mount=type=secret` for `auth.json` or `.npmrc`: they exist only while that command runs. Then change every
    /// key that an image was pushed with.
    ///
    /// # References
    /// CIS Docker Benchmark 4.10, OWASP Docker Security Cheat Sheet rule 12, NIST SP 800-190 3.1.4, CWE-538, CWE-312, Docker's
    /// documentation "Build secrets: SSH mounts".
    id: "secrets/sensitive-files-in-build-context",
    title: "Sensitive files are copied into the image",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "A layer keeps what was copied into it, for everyone who can pull the image, also when a later instruction deletes it. Keys, dumps and the history in .git do not belong there.",
    help: "Leave the files out with a .dockerignore, and use RUN --mount=type=ssh or --mount=type=secret for what the build needs; then change keys that were pushed.",
    references: ["CIS Docker Benchmark 4.10", "OWASP Docker Security Cheat Sheet rule 12", "NIST SP 800-190 3.1.4", "CWE-538", "CWE-312", "Docker: Build secrets, SSH mounts"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let all = service.leaks();
        let leaks: Vec<&Leak<'_>> =
            all.iter().filter(|leak| leak.kind != LeakKind::Environment && (leak.in_image || leak.named)).collect();
        let mut places: Vec<Location> = leaks.iter().map(|leak| leak.at).collect();
        places.dedup();
        for at in places {
            let here: Vec<&Leak<'_>> = leaks.iter().copied().filter(|leak| leak.at == at).collect();
            out.report(copied(service, at, &here));
        }
        // One cause, one finding: what is taken already says that the ignore file is missing.
        if all.iter().all(|leak| leak.severity < Severity::Medium || leak.named) {
            unguarded(service, out);
        }
    }
}

/// A build stage's cache keeps a file that does not get into the image.
fn severity(leak: &Leak<'_>) -> Severity {
    if leak.in_image { leak.severity } else { leak.severity.lowered(1) }
}

fn copied(service: ServiceRef<'_, '_>, at: Location, leaks: &[&Leak<'_>]) -> Draft {
    let mut shown: Vec<String> = leaks.iter().take(3).map(|leak| format!("`{}`", shorten(&leak.path, 60))).collect();
    if leaks.len() > shown.len() {
        shown.push(format!("{} more", leaks.len() - shown.len()));
    }
    let names = list(&shown.iter().map(String::as_str).collect::<Vec<_>>());
    let place = if leaks.iter().any(|leak| leak.in_image) { "the image" } else { "a build stage" };
    let written = leaks.first().map(|leak| leak.written()).unwrap_or_default();
    let later =
        if leaks.iter().any(|leak| leak.deleted.is_some()) { "; deleting it later leaves it in its layer" } else { "" };
    let message = format!("`{written}` takes {names} into {place} of `{}`{later}", service.name);
    let worst = leaks.iter().max_by_key(|leak| severity(leak));
    let mut draft = Draft::new(at, message)
        .severity(worst.map_or(Severity::Medium, |leak| severity(leak)))
        .confidence(worst.map_or(Confidence::Medium, |leak| leak.confidence))
        .on(service);
    for leak in leaks {
        draft = draft.because_of(leak.deleted, "deleted here, but the layer before keeps it");
        if let Some((place, label)) = service.ignore_evidence(&leak.path).filter(|_| !leak.named) {
            draft = draft.because(place, label);
        }
    }
    draft.fix(service.leak_fix(at, leaks))
}

/// Nothing sensitive is known, and nothing would keep it out.
fn unguarded(service: ServiceRef<'_, '_>, out: &mut Findings) {
    let Some(source) = service.unguarded_copy() else { return };
    let copy = shorten(&source.path, 60);
    if !service.context_is_listed() {
        out.ask(
            format!("What does `COPY {copy}` of `{}` take? No ignore file was supplied", service.name),
            "add the .dockerignore, or the folder's files",
        );
        return;
    }
    let safety = if service.build_runs("git") { Safety::Suggested } else { Safety::Safe };
    out.report(
        Draft::new(
            source.at,
            format!(
                "`COPY {copy}` of `{}` takes the whole folder, and no .dockerignore leaves anything out",
                service.name
            ),
        )
        .severity(Severity::Medium)
        .confidence(Confidence::Medium)
        .on(service)
        .fix(service.ignoring(safety, "Create a .dockerignore that keeps secrets out", &[".git"])),
    );
}

#[cfg(test)]
mod tests {
    use crate::finding::Finding;
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/sensitive-files-in-build-context";
    const WHOLE: (&str, &str) = ("Dockerfile", "FROM php:8.4\nCOPY . .\n");
    const AUTH: (&str, &str) = ("auth.json", "{\"bearer\":{\"repo.test\":\"hunter22x\"}}");

    fn one(files: &[(&str, &str)]) -> Finding {
        let mut found = findings(RULE, files);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn severity(files: &[(&str, &str)]) -> &'static str {
        one(files).severity.as_str()
    }

    #[test]
    fn by_what_is_taken() {
        assert_eq!(severity(&[WHOLE, AUTH]), "critical");
        assert_eq!(severity(&[WHOLE, ("docker/id_rsa", "x")]), "critical");
        assert_eq!(severity(&[WHOLE, ("secrets/db_password", "x")]), "high");
        assert_eq!(severity(&[WHOLE, (".git/HEAD", "ref: x")]), "medium");
        let token = ["url = https://x:ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8@github.com/a/b"].concat();
        assert_eq!(severity(&[WHOLE, (".git/config", &token)]), "high");
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4\nCOPY dump.sql /var/www/html/\n")]), "medium");
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4\nCOPY key /root/.ssh/id_rsa\n")]), "critical");
    }

    #[test]
    fn a_missing_ignore_file() {
        assert_eq!(severity(&[WHOLE, ("composer.json", "{}")]), "medium");
        clean(RULE, &[WHOLE, ("composer.json", "{}"), (".dockerignore", "")]);
        // Only what was pasted is known.
        clean(RULE, &[WHOLE]);
        clean(RULE, &[("Dockerfile", "FROM php:8.4\nCOPY src/ /app/\n"), ("composer.json", "{}")]);
        // One cause, one finding: the environment file is another rule's.
        clean(RULE, &[WHOLE, ("composer.json", "{}"), (".env", "DB_PASSWORD=Winter2023!\n")]);
    }

    #[test]
    fn the_fix_is_safe_unless_the_file_may_be_needed() {
        assert_eq!(one(&[WHOLE, ("dump.sql", "INSERT INTO a")]).fixes[0].safety.as_str(), "safe");
        assert_eq!(one(&[WHOLE, ("composer.json", "{}")]).fixes[0].safety.as_str(), "safe");
        assert_eq!(one(&[WHOLE, AUTH]).fixes[0].safety.as_str(), "suggested");
        let git = ("Dockerfile", "FROM php:8.4\nCOPY . .\nRUN git describe > version\n");
        assert_eq!(one(&[git, (".git/HEAD", "")]).fixes[0].safety.as_str(), "suggested");
    }

    #[test]
    fn deleting_it_later_does_not_help() {
        let found = one(&[(
            "Dockerfile",
            "FROM php:8.4\nCOPY deploy_key /root/.ssh/id_rsa\nRUN composer install && rm /root/.ssh/id_rsa\n",
        )]);
        assert_eq!((found.severity.as_str(), found.related.len()), ("critical", 1));
        assert!(found.message.ends_with("leaves it in its layer"));
    }

    #[test]
    fn a_build_stage() {
        let stage = |copy: &str| {
            format!(
                "FROM php:8.4 AS build\nWORKDIR /app\n{copy}\nFROM php:8.4\nCOPY --from=build /app/public /app/public\n"
            )
        };
        assert_eq!(severity(&[("Dockerfile", &stage("COPY auth.json ./")), AUTH]), "high");
        clean(RULE, &[("Dockerfile", &stage("COPY . .")), AUTH]);
        clean(
            RULE,
            &[
                ("Dockerfile", "FROM php:8.4\nRUN --mount=type=secret,id=auth,target=auth.json composer install\n"),
                AUTH,
            ],
        );
    }

    #[test]
    fn certificates_and_encrypted_files_are_public() {
        let rest = (".dockerignore", "");
        clean(RULE, &[WHOLE, rest, ("ca.pem", "-----BEGIN CERTIFICATE-----\n")]);
        clean(RULE, &[WHOLE, rest, ("secrets/prod.yml", "$ANSIBLE_VAULT;1.1;AES256\n")]);
        clean(RULE, &[WHOLE, rest, ("vendor/acme/id_rsa", "x")]);
        clean(RULE, &[WHOLE, (".dockerignore", "auth.json\n"), AUTH]);
    }

    #[test]
    fn development_is_two_steps_lower() {
        let compose = "services:\n  app:\n    build: .\n";
        assert_eq!(severity(&[("compose.dev.yaml", compose), WHOLE, AUTH]), "medium");
    }
}

//! `secrets/env-file-in-image`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{Leak, LeakKind, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A `COPY` or `ADD` that takes an environment file (`.env`, `.env.local`, `.env.prod`, `.env.local.php`, `backup.env`) into the
    /// image: by name, or because it takes a folder and the ignore file that applies does not leave the file out.
    ///
    /// # Why it matters
    /// Everyone who can pull the image can read the file: application key, database password, mail and payment tokens, in every
    /// tag that was ever pushed. Deleting it in a later instruction leaves it in its layer. Inside a document root it is one wrong
    /// server setting away from the public.
    ///
    /// It is *critical* when a value in it is a secret, *high* when its values are weak or not known, *low* when it holds defaults
    /// and placeholders only, as Symfony commits it. A Laravel or Symfony project whose ignore file forgets the file is *medium*,
    /// even when the file is not there now. Samples and test files are not reported, nor a build stage from which only other
    /// folders are copied on.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . .
    /// USER www-data
    /// ```
    /// ```dotenv file:.env
    /// APP_ENV=production
    /// DB_PASSWORD=Winter2023!
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY . .
    /// USER www-data
    /// ```
    /// ```dockerignore file:.dockerignore
    /// .git
    /// .env
    /// .env.*
    /// !.env.example
    /// ```
    /// ```dotenv file:.env
    /// APP_ENV=production
    /// DB_PASSWORD=Winter2023!
    /// ```
    ///
    /// # How to fix
    /// Leave the files out of the build context with a `.dockerignore`, and give the values when the container starts: secrets,
    /// `env_file`, or the platform's own variables. A Symfony image gets its defaults from `composer dump-env prod`. Then change
    /// every secret that an image was pushed with.
    ///
    /// # References
    /// CIS Docker Benchmark 4.10, OWASP Docker Security Cheat Sheet rule 12, NIST SP 800-190 3.1.4, CWE-538, CWE-540, Docker's
    /// documentation "Build context: .dockerignore files".
    id: "secrets/env-file-in-image",
    title: "Environment file is copied into the image",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Safe,
    why: "Everyone who can pull the image can read the file with its passwords and keys, in every tag that was pushed. Deleting it in a later instruction leaves it in its layer.",
    help: "Leave it out with a .dockerignore and give the values when the container starts; then change the secrets that were in it.",
    references: ["CIS Docker Benchmark 4.10", "OWASP Docker Security Cheat Sheet rule 12", "NIST SP 800-190 3.1.4", "CWE-538", "CWE-540", "Docker: Build context, .dockerignore files"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        let leaks: Vec<Leak<'_>> = service
            .leaks()
            .into_iter()
            .filter(|leak| leak.kind == LeakKind::Environment && (leak.in_image || leak.named))
            .collect();
        let mut places: Vec<Location> = leaks.iter().map(|leak| leak.at).collect();
        places.dedup();
        for at in places {
            let here: Vec<&Leak<'_>> = leaks.iter().filter(|leak| leak.at == at).collect();
            out.report(copied(service, at, &here));
        }
        if leaks.is_empty() {
            forgotten(service, out);
        }
    }
}

/// A build stage's cache keeps a file that does not get into the image.
fn severity(leak: &Leak<'_>) -> Severity {
    if leak.in_image { leak.severity } else { leak.severity.lowered(2) }
}

fn copied(service: ServiceRef<'_, '_>, at: Location, leaks: &[&Leak<'_>]) -> Draft {
    let paths: Vec<&str> = leaks.iter().map(|leak| leak.path.as_str()).collect();
    let shown: Vec<String> = paths.iter().take(3).map(|path| format!("`{}`", shorten(path, 60))).collect();
    let names = list(&shown.iter().map(String::as_str).collect::<Vec<_>>());
    let keys: Vec<String> =
        leaks.iter().flat_map(|leak| &leak.keys).take(3).map(|key| format!("`{}`", shorten(key, 40))).collect();
    let inside = match list(&keys.iter().map(String::as_str).collect::<Vec<_>>()) {
        keys if !keys.is_empty() => format!(", with {keys} in it"),
        _ if leaks.iter().all(|leak| leak.severity == Severity::Low) => ", which holds no secret now".to_owned(),
        _ => String::new(),
    };
    let place = if leaks.iter().any(|leak| leak.in_image) { "the image" } else { "a build stage" };
    let written = leaks.first().map(|leak| leak.written()).unwrap_or_default();
    let message = format!("`{written}` takes {names} into {place} of `{}`{inside}", service.name);
    let worst = leaks.iter().map(|leak| severity(leak)).max().unwrap_or(Severity::Low);
    let confidence = leaks.iter().map(|leak| leak.confidence).max().unwrap_or(Confidence::Medium);
    let mut draft = Draft::new(at, message).severity(worst).confidence(confidence).on(service);
    for leak in leaks {
        if let Some((place, key)) = service.leaked_key(leak) {
            draft = draft.because(place, format!("`{}` is set here", shorten(key, 40)));
        }
        draft = draft.because_of(leak.deleted, "deleted here, but the layer before keeps it");
        if let Some((place, label)) = service.ignore_evidence(&leak.path).filter(|_| !leak.named) {
            draft = draft.because(place, label);
        }
    }
    draft.fix(service.leak_fix(at, leaks))
}

/// The ignore file of a project that keeps its secrets in such a file does not name it.
fn forgotten(service: ServiceRef<'_, '_>, out: &mut Findings) {
    let path = if service.needs_dot_env() { ".env.local" } else { ".env" };
    if !service.uses_dot_env() || service.ignores(path) {
        return;
    }
    let Some((source, ignore)) = service.whole_copy(path).zip(service.ignore_evidence(path)) else { return };
    let message = format!(
        "`COPY {}` of `{}` would take `{path}` into the image: the ignore file does not leave it out",
        shorten(&source.path, 60),
        service.name
    );
    out.report(
        Draft::new(source.at, message)
            .severity(Severity::Medium)
            .confidence(Confidence::Medium)
            .on(service)
            .because(ignore.0, ignore.1)
            .fix(service.ignoring(Safety::Safe, &format!("Leave `{path}` out of the build context"), &[path])),
    );
}

#[cfg(test)]
mod tests {
    use crate::finding::Finding;
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/env-file-in-image";
    const WHOLE: (&str, &str) = ("Dockerfile", "FROM php:8.4\nCOPY . .\n");
    const SECRET: &str = "DB_PASSWORD=Winter2023!\n";

    fn one(files: &[(&str, &str)]) -> Finding {
        let mut found = findings(RULE, files);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn severity(files: &[(&str, &str)]) -> &'static str {
        one(files).severity.as_str()
    }

    #[test]
    fn by_what_the_file_holds() {
        assert_eq!(severity(&[WHOLE, (".env", SECRET)]), "critical");
        assert_eq!(severity(&[WHOLE, (".env", "DB_PASSWORD=root\n")]), "high");
        assert_eq!(severity(&[WHOLE, (".env", "APP_ENV=prod\nAPP_SECRET=\nDB_PASSWORD=changeme\n")]), "low");
        assert_eq!(severity(&[WHOLE, ("docker/app.env", SECRET)]), "critical");
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4\nCOPY .env.prod .env\n")]), "critical");
        assert_eq!(
            severity(&[("Dockerfile", "FROM php:8.4\nCOPY .env.prod .env\n"), (".env.prod", "APP_ENV=prod\n")]),
            "low"
        );
    }

    #[test]
    fn the_fix_is_safe_unless_the_framework_needs_the_file() {
        assert_eq!(one(&[WHOLE, (".env", SECRET)]).fixes[0].safety.as_str(), "safe");
        assert_eq!(
            one(&[WHOLE, (".env", SECRET), (".dockerignore", "vendor\n!.env\n")]).fixes[0].safety.as_str(),
            "safe"
        );
        assert_eq!(one(&[WHOLE, (".env", SECRET), ("bin/console", "")]).fixes[0].safety.as_str(), "suggested");
        assert_eq!(one(&[WHOLE, (".env.local", SECRET), ("bin/console", "")]).fixes[0].safety.as_str(), "safe");
    }

    #[test]
    fn an_ignore_file_that_forgets_it() {
        assert_eq!(severity(&[WHOLE, ("artisan", ""), (".dockerignore", "vendor\n")]), "medium");
        assert_eq!(severity(&[WHOLE, ("bin/console", ""), (".dockerignore", "vendor\n")]), "medium");
        clean(RULE, &[WHOLE, ("artisan", ""), (".dockerignore", ".env*\n")]);
        clean(RULE, &[WHOLE, ("package.json", ""), (".dockerignore", "vendor\n")]);
        clean(
            RULE,
            &[
                ("Dockerfile", "FROM php:8.4\nCOPY --exclude=.env . .\n"),
                ("artisan", ""),
                (".dockerignore", "vendor\n"),
            ],
        );
    }

    #[test]
    fn what_does_not_get_into_the_image() {
        for dockerfile in [
            "FROM php:8.4\nCOPY --exclude=.env . .\n",
            "FROM php:8.4\nCOPY src/ .\n",
            "FROM node:22 AS assets\nWORKDIR /app\nCOPY . .\nFROM php:8.4\nCOPY --from=assets /app/public /app/public\n",
            "FROM php:8.4\nCOPY .env.example .env\n",
        ] {
            clean(RULE, &[("Dockerfile", dockerfile), (".env", SECRET), (".env.example", SECRET)]);
        }
        clean(RULE, &[WHOLE, (".env.example", SECRET), (".env.test", SECRET)]);
        clean(RULE, &[WHOLE, (".env", SECRET), (".dockerignore", ".env\n")]);
    }

    #[test]
    fn deleting_it_later_does_not_help() {
        let found = one(&[("Dockerfile", "FROM php:8.4\nCOPY . .\nRUN rm .env\n"), (".env", SECRET)]);
        assert!(found.related.iter().any(|related| related.label.contains("layer")));
    }

    #[test]
    fn a_named_file_in_a_build_stage_is_two_steps_lower() {
        let text =
            "FROM node:22 AS assets\nCOPY .env /app/.env\nFROM php:8.4\nCOPY --from=assets /app/public /app/public\n";
        assert_eq!(severity(&[("Dockerfile", text), (".env", SECRET)]), "medium");
    }
}

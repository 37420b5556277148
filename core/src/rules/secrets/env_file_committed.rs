//! `secrets/env-file-committed`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Committed, Project};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A file with real secrets that the repository takes in, because no `.gitignore` names it: an environment file,
    /// `auth.json`, a private key, `wp-config.php`, a file under `secrets/`. And a Laravel application whose
    /// `.gitignore` does not name `.env`.
    ///
    /// # Why it matters
    /// What is committed once is in every clone, on every laptop and in every pipeline, and stays there after it was
    /// deleted. A repository that is made public, or a token that may read it, then gives away production.
    ///
    /// Where neither a `.gitignore` nor a `.git` folder was supplied, nothing is known of a repository, and nothing is
    /// reported. Symfony's committed `.env` counts only with values that are no placeholders and no weak local
    /// passwords. Examples, files for tests and development, and encrypted files are left out.
    ///
    /// # Bad
    /// ```text file:.gitignore
    /// /vendor/
    /// /node_modules/
    /// ```
    /// ```env file:.env
    /// APP_ENV=production
    /// DB_PASSWORD=9fK2mQ7xLr4TzW1c
    /// ```
    ///
    /// # Good
    /// ```text file:.gitignore
    /// /vendor/
    /// /node_modules/
    /// .env
    /// .env.*.local
    /// ```
    /// ```env file:.env
    /// APP_ENV=production
    /// DB_PASSWORD=9fK2mQ7xLr4TzW1c
    /// ```
    ///
    /// # How to fix
    /// Add the file to `.gitignore`, take it out with `git rm --cached`, and change every secret in it. Rewriting the
    /// history (`git filter-repo`) helps only before anybody has cloned it. Let a scanner look at every commit from now
    /// on.
    ///
    /// # References
    /// CWE-540, CWE-538, CWE-312, OWASP Secrets Management Cheat Sheet.
    id: "secrets/env-file-committed",
    title: "File with secrets is not kept out of the repository",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "What is committed is in every clone and stays in the history after it was deleted.",
    help: "Name the file in .gitignore, take it out with `git rm --cached`, and change every secret in it.",
    references: ["CWE-540", "CWE-538", "CWE-312", "OWASP Secrets Management Cheat Sheet"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for committed in project.committed_secrets() {
        out.report(taken_in(project, &committed));
    }
    for at in project.forgotten_dot_env() {
        out.report(
            Draft::new(at, "this file does not name `.env`, where the application keeps its secrets")
                .severity(Severity::Medium)
                .confidence(Confidence::Medium)
                .help("Add the line `.env`."),
        );
    }
}

fn taken_in(project: &Project<'_>, committed: &Committed) -> Draft {
    let shown: Vec<String> = committed.keys.iter().take(3).map(|key| format!("`{}`", shorten(key, 40))).collect();
    let path = shorten(project.path(committed.source), 80);
    let what = match shown.as_slice() {
        [] => "a secret".to_owned(),
        keys => list(&keys.iter().map(String::as_str).collect::<Vec<_>>()),
    };
    Draft::new(committed.at, format!("`{path}` holds {what}, and no `.gitignore` keeps it out of the repository"))
        .severity(committed.severity.min(Severity::High))
        // Whether it was committed is not in the files; that the next `git add .` takes it in is.
        .confidence(Confidence::Medium)
        .because_of(committed.ignore, "this file does not name it")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/env-file-committed";
    const IGNORE: (&str, &str) = (".gitignore", "/vendor/\n");
    const REAL: &str = "DB_PASSWORD=9fK2mQ7xLr4TzW1c\n";

    #[test]
    fn every_kind_of_file() {
        let key = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", "MIIEvQIBADAN".repeat(8));
        for (path, text) in [
            (".env", REAL),
            ("docker/app.env", REAL),
            ("auth.json", "{\"bearer\":{\"repo.test\":\"hunter22xyzzy\"}}"),
            ("docker/tls.key", key.as_str()),
            ("secrets/db_password", "9fK2mQ7xLr4TzW1c"),
        ] {
            assert_eq!(findings(RULE, &[IGNORE, (path, text)]).len(), 1, "{path}");
        }
        let found = findings(RULE, &[IGNORE, (".env", REAL)]);
        assert_eq!((found[0].severity.as_str(), found[0].related.len()), ("high", 1));
        assert!(!found[0].message.contains("9fK2"));
    }

    #[test]
    fn ignored_or_unknown() {
        clean(RULE, &[(".gitignore", ".env\n"), (".env", REAL)]);
        clean(RULE, &[(".gitignore", ".env*\n!.env.example\n"), (".env", REAL)]);
        clean(RULE, &[(".env", REAL)]);
        assert_eq!(findings(RULE, &[(".git/HEAD", "ref: refs/heads/main\n"), (".env", REAL)]).len(), 1);
    }

    #[test]
    fn what_holds_no_real_secret() {
        for (path, text) in [
            (".env", "APP_SECRET=\nDB_PASSWORD=app\nDATABASE_URL=\"postgresql://app:!ChangeMe!@127.0.0.1:5432/app\"\n"),
            (".env.example", REAL),
            ("wp-config.php", "<?php\ndefine('DB_PASSWORD', 'wordpress');\n"),
            (".env.test", REAL),
            (".env.dev", REAL),
            ("secrets/prod.yml", "$ANSIBLE_VAULT;1.1;AES256\n"),
            ("tests/.env", REAL),
            ("docker/ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
        ] {
            clean(RULE, &[IGNORE, (path, text)]);
        }
    }

    #[test]
    fn laravel_keeps_its_secrets_in_dot_env() {
        let artisan = ("artisan", "#!/usr/bin/env php\n<?php\ndefine('LARAVEL_START', microtime(true));\n");
        assert_eq!(findings(RULE, &[IGNORE, artisan])[0].severity.as_str(), "medium");
        clean(RULE, &[(".gitignore", "/.env\n"), artisan]);
        clean(RULE, &[artisan]);
    }
}

//! `mounts/code-owned-by-runtime-user`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Framework, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A build that gives the application's code to the user that runs it: `COPY --chown=www-data . /var/www/html`, or
    /// `chown -R www-data` of the whole folder.
    ///
    /// # Why it matters
    /// A hole that lets an attacker write one file is bad luck; where PHP may write its own code, it is a web shell.
    /// Code that belongs to root can be read and run by `www-data` all the same, and only the folders for state need to
    /// be writable.
    ///
    /// It is *medium*, and *info* where the root file system is read-only and nothing writable is mounted over the
    /// code: then nobody can write. Folders for state, such as `storage`, `var` and `uploads`, are not meant.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY --chown=www-data:www-data . /var/www/html
    /// USER www-data
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4.24-fpm-alpine3.24
    /// COPY . /var/www/html
    /// RUN chown -R www-data:www-data /var/www/html/var
    /// USER www-data
    /// ```
    ///
    /// # How to fix
    /// Copy without `--chown`, and give the user only the folders it writes to: `storage` and `bootstrap/cache` for
    /// Laravel, `var` for Symfony, `wp-content/uploads` for WordPress. An application that updates itself has to own
    /// its code; switch that off and build a new image instead (`DISALLOW_FILE_MODS` in WordPress).
    ///
    /// # References
    /// OWASP Docker Security Cheat Sheet rule 8, CWE-732, CWE-276, Symfony documentation "Setting up or fixing file
    /// permissions".
    id: "mounts/code-owned-by-runtime-user",
    title: "The application can overwrite its own code",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "PHP runs as the owner of its files, so a hole that writes one file becomes code that runs, and stays.",
    help: "Copy the code without `--chown`, and give the user only the folders that the application writes to.",
    references: ["OWASP Docker Security Cheat Sheet rule 8", "CWE-732", "CWE-276"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| service.role.is_php() && !service.is_short_lived()) {
        if let Some(draft) = found(service) {
            out.report(draft.on(service));
        }
    }
}

fn found(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let steps = service.owned_code();
    let (first, others) = steps.split_first()?;
    let owner = shorten(&first.owner, 40);
    let message = format!(
        "the code of `{}` in {} belongs to {owner}, the user that runs it",
        service.name,
        shorten(&first.path, 60)
    );
    let mut draft = Draft::new(first.at, message).confidence(Confidence::Medium);
    for other in others.iter().take(5) {
        draft = draft.because(other.at, format!("so does {}", shorten(&other.path, 60)));
    }
    draft = draft.because_of(service.code_user().and_then(|(_, at)| at), "this is the user that runs it");
    if service.code_is_closed() {
        let closed = service.read_only.map(|closed| closed.at);
        draft =
            draft.severity(Severity::Info).because_of(closed, "the root file system is read-only: nobody can write");
    }
    let framework = service.php_application().and_then(|application| application.framework);
    if framework == Some(Framework::WordPress) {
        draft = draft.help("Copy the code without `--chown`, give the user only wp-content/uploads, and set `DISALLOW_FILE_MODS`: updates come with a new image.");
    }
    Some(draft.fix(service.project().leave_to_root(first)))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "mounts/code-owned-by-runtime-user";

    fn said(lines: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\n{lines}\n");
        findings(RULE, &[("Dockerfile", &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn code_of_its_user() {
        assert_eq!(said("COPY --chown=www-data:www-data . /var/www/html"), ["medium"]);
        assert_eq!(said("COPY . /var/www/html\nRUN chown -R www-data:www-data /var/www/html"), ["medium"]);
        assert_eq!(said("COPY --chown=www-data src src\nCOPY --chown=www-data public public"), ["medium"]);
    }

    #[test]
    fn guards() {
        for lines in [
            "COPY . /var/www/html\nRUN chown -R www-data storage bootstrap/cache",
            "COPY . /var/www/html\nRUN chown -R www-data /var/www/html/var",
            "COPY --chown=deploy:deploy . /var/www/html",
        ] {
            assert!(said(lines).is_empty(), "{lines}");
        }
        clean(RULE, &[("Dockerfile", "FROM nginx:1.28\nCOPY --chown=nginx . /var/www/html\nUSER nginx\n")]);
    }

    #[test]
    fn a_closed_root_file_system() {
        let dockerfile = ("Dockerfile", "FROM php:8.4-fpm\nCOPY --chown=www-data . /var/www/html\n");
        for (volumes, want) in [("\"up:/var/www/html/uploads\"", "info"), ("\"code:/var/www/html\"", "medium")] {
            let text = format!("services:\n  a:\n    build: .\n    read_only: true\n    volumes: [{volumes}]\n");
            let found = findings(RULE, &[dockerfile, ("compose.yaml", &text)]);
            assert_eq!(found[0].severity.as_str(), want, "{volumes}");
        }
    }
}

//! `drift/php-file-added-at-runtime`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{AddedCode, AddedKind, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::{count, shorten};

declare_rule! {
    /// # What it finds
    /// `docker diff` shows files in a running container that were not in its image and that PHP or the system executes: `.php`,
    /// `.phtml` and `.phar` files below the application or in `/tmp`, `.htaccess` and `.user.ini`, SSH keys, cron jobs, a preloaded
    /// library, names of known miners.
    ///
    /// # Why it matters
    /// This is how a web shell looks: an upload form or a vulnerable plug-in lets a visitor write one file, and opening its
    /// address runs it. The image is built once, so nothing of the application has to add PHP files later.
    ///
    /// Caches that frameworks write are left out. Dozens of files of one plug-in, or of the whole application, are *high*: code
    /// was changed through the admin pages or deployed by hand. New `.htaccess` and `.user.ini` files outside of upload folders
    /// are *high* too.
    ///
    /// # Bad
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.2","Status":"Up 3 days"}
    ///
    /// ### docker diff shop-app-1
    /// C /var/www/html/public/uploads
    /// A /var/www/html/public/uploads/avatar.php
    /// ```
    ///
    /// # Good
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.2","Status":"Up 3 days"}
    ///
    /// ### docker diff shop-app-1
    /// C /var/www/html/storage/framework/views
    /// A /var/www/html/storage/framework/views/0c9b2f.php
    /// ```
    ///
    /// # How to fix
    /// Treat it as an incident until the file is explained: take the container off its networks (`docker network disconnect`), keep
    /// a copy (`docker export`), compare the file with the repository, change every secret the container knew, and start a new one
    /// from a clean image. A read-only file system and a web server that executes no PHP in upload folders prevent the next one.
    ///
    /// # References
    /// NIST SP 800-190 3.4.4, 4.4.4 and 4.4.5, CWE-434, CWE-506.
    id: "drift/php-file-added-at-runtime",
    title: "An executable file was added to a running container",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Described,
    why: "A PHP file that appears in a running container is how web shells look: whoever requests it runs code as the application.",
    help: "Treat it as an incident: isolate the container, keep a copy, change its secrets, and replace it from a clean image.",
    references: ["NIST SP 800-190 3.4.4", "NIST SP 800-190 4.4.4", "NIST SP 800-190 4.4.5", "CWE-434", "CWE-506"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.running_services() {
        for drift in service.drifts() {
            for added in drift.added_code() {
                out.report(report(service, &added));
            }
        }
    }
}

fn report(service: ServiceRef<'_, '_>, added: &AddedCode<'_>) -> Draft {
    let name = &service.name;
    let first = added.files.first();
    let at = first.map_or(service.at, |change| change.at);
    let path = shorten(first.map_or("", |change| change.change.path.as_str()), 80);
    let more = match added.files.len() {
        0 | 1 => String::new(),
        all => format!(", and {} more", all - 1),
    };
    let mut draft = match added.kind {
        AddedKind::Malware => {
            let message = format!("{path} in the running `{name}` is what malware leaves behind{more}");
            let confidence = if added.telling { Confidence::High } else { Confidence::Medium };
            Draft::new(at, message).confidence(confidence).aspect("malware")
        }
        AddedKind::Executable => {
            let message = format!("{path} was added to the running `{name}`{more}: PHP executes it");
            let confidence = if added.telling { Confidence::High } else { Confidence::Medium };
            Draft::new(at, message).confidence(confidence).aspect("executable")
        }
        AddedKind::Directives => {
            let message = format!("{path} was added to the running `{name}`{more}: it changes what is executed");
            let help = "WordPress and its plug-ins write `.htaccess` themselves; put it into the image, or find out what wrote it.";
            let draft = Draft::new(at, message).severity(Severity::High).confidence(Confidence::Medium);
            draft.help(help).aspect("directives")
        }
        AddedKind::Bulk => {
            let message = format!(
                "{} were added below {} of the running `{name}`: code was changed outside of a build",
                count(added.files.len(), "PHP file"),
                shorten(&added.folder, 80)
            );
            let help = "Put plug-ins and code into the image, forbid changes through the admin pages, and replace the container.";
            let draft = Draft::new(at, message).severity(Severity::High).confidence(Confidence::Medium);
            return draft.help(help).aspect("bulk").on(service);
        }
    };
    for change in added.files.iter().skip(1).take(4) {
        draft = draft.because(change.at, format!("also added: {}", shorten(&change.change.path, 80)));
    }
    draft.on(service)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/php-file-added-at-runtime";
    const PS: &str = r#"{"ID":"0123456789ab","Names":"shop-app-1","Image":"shop","Status":"Up 1 day"}"#;

    fn said(diff: &str) -> Vec<(String, String)> {
        let diff = format!("### shop-app-1\n{diff}");
        let found = findings(RULE, &[("ps.json", PS), ("diff.txt", &diff)]);
        found.into_iter().map(|one| (one.severity.to_string(), one.confidence.as_str().to_owned())).collect()
    }

    fn one(severity: &str, confidence: &str) -> Vec<(String, String)> {
        vec![(severity.to_owned(), confidence.to_owned())]
    }

    #[test]
    fn severities() {
        assert_eq!(said("A /var/www/html/public/test.php\n"), one("critical", "medium"));
        assert_eq!(said("A /var/www/html/public/.cache.php\n"), one("critical", "high"));
        assert_eq!(said("A /var/www/html/wp-content/uploads/x.phtml\n"), one("critical", "high"));
        assert_eq!(said("A /tmp/x.php\n"), one("critical", "high"));
        assert_eq!(said("A /tmp/run.sh\n"), one("critical", "medium"));
        assert_eq!(said("C /etc/ld.so.preload\n"), one("critical", "high"));
        assert_eq!(said("A /var/www/html/public/.user.ini\n"), one("high", "medium"));
    }

    #[test]
    fn a_plugin_installed_through_the_admin_pages_is_high() {
        let diff: String = (0..30).map(|n| format!("A /var/www/html/wp-content/plugins/shop/f{n}.php\n")).collect();
        assert_eq!(said(&diff), one("high", "medium"));
        let core: String = (0..30).map(|n| format!("A /var/www/html/wp-includes/f{n}.php\n")).collect();
        assert_eq!(said(&core), one("high", "medium"));
    }

    #[test]
    fn caches_changes_and_composer_are_none() {
        for diff in [
            "A /app/var/cache/prod/x.php\n",
            "A /var/www/html/bootstrap/cache/routes.php\n",
            "A /var/www/html/wp-content/cache/x.php\n",
            "C /var/www/html/public/index.php\n",
            "A /app/vendor/composer/installed.json\nA /app/vendor/acme/x.php\n",
        ] {
            clean(RULE, &[("ps.json", PS), ("diff.txt", &format!("### shop-app-1\n{diff}"))]);
        }
    }
}

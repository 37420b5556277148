//! `drift/container-filesystem-modified`

use crate::declare_rule;
use crate::facts::Level;
use crate::facts::drift::DriftClass;
use crate::finding::{Confidence, Severity};
use crate::project::{Drift, DriftChange, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::syntax::inventory::ChangeKind;
use crate::text::{count, shorten};

declare_rule! {
    /// # What it finds
    /// `docker diff` lists files of a running container that were changed, added or deleted since it was made: settings, programs,
    /// application code, traces of a shell session. Caches, logs, process ids and what the image itself writes when it starts are
    /// left out, and so is what lies in a volume. Installed packages and added PHP files have rules of their own.
    ///
    /// # Why it matters
    /// A container that was edited is no longer the image that was reviewed and scanned. The edit is in no repository, and the next
    /// deployment removes it without a word; or nobody of the team made it, and it is the trace of an intruder.
    ///
    /// Settings, programs, code and session histories are *high*, very many changed owners or modes *medium*, other files *low*.
    /// Without `docker diff`, more than 50 MB in the container's own layer are *low*.
    ///
    /// # Bad
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.2","Status":"Up 3 days"}
    ///
    /// ### docker diff shop-app-1
    /// C /usr
    /// C /usr/local
    /// C /usr/local/etc
    /// C /usr/local/etc/php-fpm.d
    /// C /usr/local/etc/php-fpm.d/www.conf
    /// ```
    ///
    /// # Good
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.3","Status":"Up 3 days"}
    ///
    /// ### docker diff shop-app-1
    /// C /run
    /// A /run/php-fpm.pid
    /// ```
    ///
    /// # How to fix
    /// Find out who made the change. If it was wanted, write it into the Dockerfile or the Compose file, build, and replace the
    /// container; then `read_only: true` keeps the next one as it was built. If nobody knows it, keep the container for analysis
    /// first: `docker export`, or `docker commit` to a tag that nothing starts.
    ///
    /// # References
    /// CIS Docker Benchmark 5.13, NIST SP 800-190 4.4.3 and 4.5.5, CWE-1188, CWE-778.
    id: "drift/container-filesystem-modified",
    title: "Files of a running container were changed",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "An edited container is no longer the image that was reviewed: the next deployment silently loses the change, or the change is an intruder's.",
    help: "Move the change into the Dockerfile or the Compose file, rebuild and replace the container; `read_only: true` prevents the next one.",
    references: ["CIS Docker Benchmark 5.13", "NIST SP 800-190 4.4.3", "NIST SP 800-190 4.5.5", "CWE-1188", "CWE-778"],
}

/// A writable layer above this size holds more than process ids and caches.
const LAYER_BYTES: u64 = 50_000_000;

/// Classes this rule reports, with what to call their files and how sure they tell of an edit.
const CLASSES: [(DriftClass, &str, Confidence); 6] = [
    (DriftClass::Binaries, "a program or library", Confidence::High),
    (DriftClass::ApplicationCode, "application code", Confidence::High),
    (DriftClass::RuntimeConfig, "a setting", Confidence::Medium),
    (DriftClass::InteractiveSession, "a trace of a shell session", Confidence::High),
    (DriftClass::StateOutsideVolume, "data outside of a volume", Confidence::Medium),
    (DriftClass::Other, "a file", Confidence::Medium),
];

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.running_services() {
        let drifts = service.drifts();
        for drift in &drifts {
            of_diff(service, drift, out);
        }
        if drifts.is_empty()
            && let Some(size) = service
                .containers()
                .iter()
                .find_map(|one| one.layer_bytes.as_ref().filter(|size| size.value > LAYER_BYTES))
        {
            let message = format!("`{}` has written {} MB into its own layer", service.name, size.value / 1_000_000);
            let help =
                "Run `docker diff` to see what was written; data belongs in a volume, everything else in the image.";
            out.report(
                Draft::new(size.at, message)
                    .severity(Severity::Low)
                    .confidence(Confidence::Medium)
                    .help(help)
                    .on(service),
            );
        }
    }
}

fn of_diff(service: ServiceRef<'_, '_>, drift: &Drift<'_>, out: &mut Findings) {
    for (class, what, confidence) in CLASSES {
        let changes: Vec<&DriftChange<'_>> = drift.of(class).filter(|change| !of_packages(drift, change)).collect();
        let Some(worst) = changes.iter().max_by_key(|change| (change.level, std::cmp::Reverse(change.at.span.start)))
        else {
            continue;
        };
        let verb = match worst.change.kind {
            ChangeKind::Added => "was added",
            ChangeKind::Changed => "was changed",
            ChangeKind::Deleted => "was deleted",
        };
        let path = shorten(&worst.change.path, 80);
        let more = match changes.len() {
            1 => String::new(),
            all => format!(", and {} more of this kind", all - 1),
        };
        let message = format!("{what} of the running `{}` {verb}: {path}{more}", service.name);
        let mut draft =
            Draft::new(worst.at, message).severity(severity(worst.level)).confidence(confidence).on(service);
        let others = changes.iter().filter(|change| change.at != worst.at).take(4);
        for other in others {
            draft = draft.because(other.at, format!("also: {}", shorten(&other.change.path, 80)));
        }
        out.report(draft);
    }
    for mass in &drift.mass {
        let message = format!(
            "owners or modes of {} below {} were changed in the running `{}`",
            count(mass.count, "file"),
            shorten(&mass.folder, 60),
            service.name
        );
        let help = "Set owners and modes in the Dockerfile (`COPY --chown`, `--chmod`) instead of running `chmod -R` in the container.";
        let draft = Draft::new(mass.at, message).severity(Severity::Medium).confidence(Confidence::Medium);
        out.report(draft.help(help).aspect("mass").on(service));
    }
}

/// What comes with an installed package is told by `drift/packages-installed-at-runtime`.
fn of_packages(drift: &Drift<'_>, change: &DriftChange<'_>) -> bool {
    change.change.kind == ChangeKind::Added
        && matches!(change.class, DriftClass::Binaries | DriftClass::Other)
        && ["/usr/", "/tmp/pear", "/var/"].iter().any(|folder| change.change.path.starts_with(folder))
        && drift.of(DriftClass::Packages).next().is_some()
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Info | Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High | Level::Critical => Severity::High,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/container-filesystem-modified";
    const PS: &str = r#"{"ID":"0123456789ab","Names":"shop-app-1","Image":"nginx:1.28","Status":"Up 1 day"}"#;

    fn said(diff: &str) -> Vec<(String, String)> {
        let diff = format!("### shop-app-1\n{diff}");
        let found = findings(RULE, &[("ps.json", PS), ("diff.txt", &diff)]);
        found.into_iter().map(|finding| (finding.severity.to_string(), finding.message)).collect()
    }

    #[test]
    fn severities() {
        for (diff, severity) in [
            ("C /etc/passwd\n", "high"),
            ("C /usr/local/bin/php\n", "high"),
            ("C /var/www/html/src/Cart.php\n", "high"),
            ("A /root/.bash_history\n", "high"),
            ("A /srv/notes\n", "low"),
        ] {
            let found = said(diff);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].0, severity, "{diff}");
        }
    }

    #[test]
    fn a_class_is_one_finding() {
        let found = said("C /etc/passwd\nC /etc/group\nC /usr/bin/env\n");
        assert_eq!(found.len(), 2);
        assert!(found.iter().any(|(_, message)| message.contains("and 1 more")), "{found:?}");
    }

    #[test]
    fn mass_changes_are_medium() {
        let diff: String = (0..60).map(|n| format!("C /var/www/html/src/f{n}.php\n")).collect();
        let found = said(&diff);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "medium");
    }

    #[test]
    fn a_large_layer_without_a_diff() {
        let ps = |size: &str| {
            format!(
                r#"{{"ID":"0123456789ab","Names":"shop-app-1","Image":"shop","Status":"Up 1 day","Size":"{size} (virtual 500MB)"}}"#
            )
        };
        assert_eq!(findings(RULE, &[("ps.json", &ps("80MB"))])[0].severity.as_str(), "low");
        clean(RULE, &[("ps.json", &ps("2MB"))]);
        clean(RULE, &[("ps.json", &ps("80MB")), ("diff.txt", "### shop-app-1\nC /run\nA /run/x.pid\n")]);
    }

    #[test]
    fn noise_packages_and_start_files_are_none() {
        clean(RULE, &[("ps.json", PS), ("diff.txt", "### shop-app-1\nC /etc/nginx/conf.d/default.conf\nA /tmp\n")]);
        clean(RULE, &[("ps.json", PS), ("diff.txt", "### shop-app-1\nA /usr/bin/vim\nC /var/lib/dpkg/status\n")]);
    }

    #[test]
    fn development_is_lower() {
        let ps = PS.replace(
            "\"Status\"",
            "\"Labels\":\"com.docker.compose.project=shop-dev,com.docker.compose.service=app\",\"Status\"",
        );
        let found = findings(RULE, &[("ps.json", &ps), ("diff.txt", "### shop-app-1\nC /etc/passwd\n")]);
        assert_eq!(found[0].severity.as_str(), "low");
    }
}

//! `supply-chain/imported-scan-findings`

use crate::declare_rule;
use crate::finding::Severity;
use crate::model::scans::{Format, Vulnerability};
use crate::project::{Project, Reach, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::{count, shorten};
use std::collections::BTreeSet;

declare_rule! {
    /// # What it finds
    /// What a scanner has found in the image of a service: the supplied reports of Trivy, Grype, Docker Scout,
    /// OSV-Scanner or any other that writes SARIF, joined with the services by image id, digest, name or lock file. And
    /// scans older than 30 days.
    ///
    /// # Why it matters
    /// A list of a thousand numbers says nothing. What counts is which service has them, who reaches it, and whether
    /// there is a version without them: that is the order in which to update.
    ///
    /// *Critical* where a critical one with a fix is in a service that everybody reaches, *high* for critical and high
    /// ones with a fix elsewhere, *low* for lesser ones, *info* where nothing has a fix yet. `composer audit` is judged
    /// package by package with the lock file.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.30.4-alpine
    ///     ports: ["443:443"]
    /// ```
    /// ```json file:trivy.json
    /// {
    ///   "SchemaVersion": 2,
    ///   "CreatedAt": "2026-11-20T08:00:00Z",
    ///   "ArtifactName": "nginx:1.30.4-alpine",
    ///   "ArtifactType": "container_image",
    ///   "Results": [{"Target": "nginx", "Class": "os-pkgs", "Vulnerabilities": [
    ///     {"VulnerabilityID": "CVE-2026-0001", "PkgName": "libssl3", "InstalledVersion": "3.5.0",
    ///      "FixedVersion": "3.5.1", "Severity": "CRITICAL", "Title": "reads past a buffer"}
    ///   ]}]
    /// }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.30.4-alpine
    ///     ports: ["443:443"]
    /// ```
    /// ```json file:trivy.json
    /// {
    ///   "SchemaVersion": 2,
    ///   "CreatedAt": "2026-11-20T08:00:00Z",
    ///   "ArtifactName": "nginx:1.30.4-alpine",
    ///   "ArtifactType": "container_image",
    ///   "Results": [{"Target": "nginx", "Class": "os-pkgs", "Vulnerabilities": []}]
    /// }
    /// ```
    ///
    /// # How to fix
    /// Build or pull the image anew first: most fixes are in its base. Then raise what is left, worst first, in the
    /// services that everybody reaches. What does not concern you belongs into a VEX statement or an ignore file of the
    /// scanner, with a reason and an end.
    ///
    /// # References
    /// CIS Docker Benchmark 4.4, OWASP Docker Security Cheat Sheet rule 9, NIST SP 800-190 3.1.1 and 4.1.1, CWE-1395.
    id: "supply-chain/imported-scan-findings",
    title: "Scanner found vulnerabilities in the image",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "These vulnerabilities are in what runs, and their numbers tell everybody what to try.",
    help: "Build or pull the image anew, then raise what is left, worst first.",
    references: ["CIS Docker Benchmark 4.4", "OWASP Docker Security Cheat Sheet rule 9", "NIST SP 800-190 3.1.1", "NIST SP 800-190 4.1.1", "CWE-1395"],
}

/// Older scans do not know what was published since.
const STALE_DAYS: i64 = 30;

fn check(project: &Project<'_>, out: &mut Findings) {
    if project.scans.iter().all(|report| report.format == Format::ComposerAudit) {
        return;
    }
    for service in project.services().filter(|service| !service.view().standalone) {
        let reports: Vec<_> =
            service.scan_reports().into_iter().filter(|report| report.format != Format::ComposerAudit).collect();
        let Some(newest) = reports.first() else {
            if !service.context.is_development() && service.runs_here() {
                let what =
                    service.image.as_ref().map_or_else(|| service.name.clone(), |image| shorten(&image.text, 80));
                out.ask(
                    format!("Whether the image of `{}` has known vulnerabilities", service.name),
                    format!("trivy image --format json {what}"),
                );
            }
            continue;
        };
        let at = service.image_use.at.unwrap_or(service.at);
        let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
        let all = reports.iter().flat_map(|report| &report.vulnerabilities);
        let found: Vec<&Vulnerability> = all.filter(|one| seen.insert((&one.id, &one.package))).collect();
        if !found.is_empty() {
            out.report(joined(service, at, &found, newest.at));
        }
        if let Some(days) = service.scan_age_days().filter(|days| *days > STALE_DAYS) {
            let message = format!("the newest scan of `{}` is {days} days old", service.name);
            let made = newest.made.as_ref().map_or(newest.at, |made| made.at);
            let draft = Draft::new(made, message).severity(Severity::Low).on(service).aspect("stale");
            out.report(draft.help("Scan each week, and after each build."));
        }
    }
}

fn joined(service: ServiceRef<'_, '_>, at: Location, found: &[&Vulnerability], report: Location) -> Draft {
    let fixable =
        |severity: Severity| found.iter().filter(|one| one.fixed.is_some() && one.severity == Some(severity)).count();
    let (critical, high) = (fixable(Severity::Critical), fixable(Severity::High));
    let open = service.ports.iter().find(|port| service.reach(port) == Reach::Everyone);
    let mended = found.iter().filter(|one| one.fixed.is_some()).count();
    let severity = match (critical, critical + high, mended) {
        (1.., _, _) if open.is_some() => Severity::Critical,
        (_, 1.., _) => Severity::High,
        (_, _, 1..) => Severity::Low,
        _ => Severity::Info,
    };
    let all = if found.len() == 1 {
        "1 known vulnerability".to_owned()
    } else {
        format!("{} known vulnerabilities", found.len())
    };
    let fixes = match mended {
        0 => "none with a fix yet".to_owned(),
        _ => format!("{mended} with a fix: {critical} critical, {high} high"),
    };
    let mut draft = Draft::new(at, format!("the image of `{}` has {all}, {fixes}", service.name))
        .severity(severity)
        .on(service)
        .because(report, "reported here")
        .aspect("scan");
    if severity > Severity::Info {
        draft = draft.because_of(open.map(|port| port.at), "everybody reaches it here");
    }
    match updates(found) {
        list if list.is_empty() => draft.help("Nothing to update yet; scan again next week."),
        list => draft.help(format!("Build or pull the image anew; then update {list}.")),
    }
}

/// The worst packages with a fix, each once.
fn updates(found: &[&Vulnerability]) -> String {
    let mut worst: Vec<&&Vulnerability> = found.iter().filter(|one| one.fixed.is_some()).collect();
    worst.sort_by(|a, b| (b.severity, &a.package).cmp(&(a.severity, &b.package)));
    let mut seen = BTreeSet::new();
    worst.retain(|one| seen.insert(&one.package));
    let one = |one: &&Vulnerability| {
        let to = one.fixed.as_deref().map(|fixed| format!(" to {}", shorten(fixed, 40))).unwrap_or_default();
        format!("{}{to}", shorten(&one.package, 60))
    };
    let more = worst.len().saturating_sub(5);
    let mut text = worst.iter().take(5).map(|each| one(each)).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {}", count(more, "more package")));
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/imported-scan-findings";

    fn report(severity: &str, fixed: &str, day: &str) -> String {
        format!(
            "{{\"SchemaVersion\": 2, \"CreatedAt\": \"{day}T08:00:00Z\", \"ArtifactName\": \"redis:8.2.9\", \"ArtifactType\": \"container_image\", \"Results\": [{{\"Target\": \"redis\", \"Class\": \"os-pkgs\", \"Vulnerabilities\": [{{\"VulnerabilityID\": \"CVE-2026-1\", \"PkgName\": \"libssl3\", \"InstalledVersion\": \"3.5.0\", {fixed} \"Severity\": \"{severity}\"}}]}}]}}\n"
        )
    }

    fn said(ports: &str, severity: &str, fixed: &str) -> String {
        let compose = format!("services:\n  redis:\n    image: redis:8.2.9\n{ports}");
        let report = report(severity, fixed, "2026-11-20");
        let found = findings(RULE, &[("compose.yaml", &compose), ("trivy.json", &report)]);
        found.iter().map(|one| one.severity.to_string()).collect::<Vec<_>>().join(" ")
    }

    const FIXED: &str = "\"FixedVersion\": \"3.5.1\",";
    const OPEN: &str = "    ports: [\"6379:6379\"]\n";

    #[test]
    fn severities() {
        assert_eq!(said(OPEN, "CRITICAL", FIXED), "critical");
        assert_eq!(said("", "CRITICAL", FIXED), "high");
        assert_eq!(said(OPEN, "HIGH", FIXED), "high");
        assert_eq!(said(OPEN, "LOW", FIXED), "low");
        assert_eq!(said(OPEN, "CRITICAL", ""), "info");
    }

    #[test]
    fn old_scans_are_said_to_be_old() {
        let compose = ("compose.yaml", "services:\n  redis:\n    image: redis:8.2.9\n");
        let old = report("LOW", "", "2026-09-01");
        let found = findings(RULE, &[compose, ("trivy.json", &old)]);
        assert!(found.iter().any(|one| one.message.contains("84 days old")), "{found:?}");
    }

    #[test]
    fn reports_about_others_do_not_count() {
        let report = report("CRITICAL", FIXED, "2026-11-20");
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: mysql:8.4.11\n"), ("trivy.json", &report)]);
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    image: mysql:8.4.11\n")]);
    }
}

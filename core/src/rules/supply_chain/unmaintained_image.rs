//! `supply-chain/unmaintained-image`

use crate::declare_rule;
use crate::facts::reputation::{self, Unmaintained};
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::image::ImageRef;
use crate::project::{Project, ServiceRef, UsedImage, severity_of};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// An image that nobody maintains any more: `mailhog/mailhog`, `containrrr/watchtower`, `minio/minio`,
    /// `bitnamilegacy/*`, versioned tags of `bitnami/*`, `openjdk`, `mongo-express` and others, each with the day and
    /// the source of the table.
    ///
    /// # Why it matters
    /// The tag still answers, so nothing looks wrong. But no build takes up the fixes of the libraries inside, and the
    /// next vulnerability of the program itself stays.
    ///
    /// A development view is lower. Not reported: a copy in another registry, whose owner keeps it.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   mail:
    ///     image: mailhog/mailhog:v1.0.1
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   mail:
    ///     image: axllent/mailpit:v1.30.0
    /// ```
    ///
    /// # How to fix
    /// Move to the image that took its place; where the table knows it, the edit names it, and its version has to be
    /// added. Where there is none, choose another program, or build the image yourself on a base that is maintained.
    ///
    /// # References
    /// CIS Docker Benchmark 4.2 and 4.4, NIST SP 800-190 3.1.1 and 3.2.2, CWE-1104.
    id: "supply-chain/unmaintained-image",
    title: "Image is not maintained any more",
    severity: Medium,
    lowered_in_development: 1,
    fixes: Suggested,
    why: "Nobody builds the image anew, so neither the program nor the libraries inside get fixes, while the tag still answers.",
    help: "Move to an image that is maintained, or build it yourself on such a base.",
    references: ["CIS Docker Benchmark 4.2", "CIS Docker Benchmark 4.4", "NIST SP 800-190 3.1.1", "NIST SP 800-190 3.2.2", "CWE-1104"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        for image in service.images() {
            let Some(row) = reputation::unmaintained(&image.reference) else { continue };
            // What is only worth knowing is not worth saying on a laptop.
            let severity = severity_of(row.level);
            if severity > Severity::Info || !service.context.is_development() {
                out.report(unmaintained(service, &image, row, severity));
            }
        }
    }
}

fn unmaintained(service: ServiceRef<'_, '_>, image: &UsedImage, row: &Unmaintained, severity: Severity) -> Draft {
    let name = shorten(&image.reference.name(), 80);
    let since = row.since.map_or_else(String::new, |since| format!(" since {since}"));
    let note = row.note.map_or_else(String::new, |note| format!(": {note}"));
    let message = if severity == Severity::Info {
        format!("the image `{name}` has a successor or is meant for development only{note}")
    } else {
        format!("the image `{name}` is not maintained{since}{note}")
    };
    let mut draft = Draft::new(image.at, message).severity(severity).based_on(reputation::BASIS).on(service);
    if let Some(replace) = row.replace {
        draft = draft.help(format!("Move to `{replace}`, with its version as the tag."));
    }
    draft.fix(row.replace.and_then(|replace| replaced(service.project(), image, replace)))
}

/// The name of the image that took its place, where no variable takes part in the text.
fn replaced(project: &Project<'_>, image: &UsedImage, replace: &str) -> Option<Fix> {
    let written = project.slice(image.at).trim_matches(['"', '\'']);
    if ImageRef::parse(written).ok()? != image.reference {
        return None;
    }
    let title = format!("Use `{replace}`; then name its version");
    if project.tree(image.at.source).is_some() {
        project.replace(Safety::Suggested, title, image.at, replace)
    } else {
        project.replace_text(Safety::Suggested, title, image.at, replace)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/unmaintained-image";

    fn severity(name: &str, image: &str) -> String {
        let text = format!("services:\n  a:\n    image: {image}\n");
        findings(RULE, &[(name, text.as_str())]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn severities() {
        for (image, want) in [
            ("mailhog/mailhog", "medium"),
            ("bitnami/redis:7.2", "medium"),
            ("bitnami/redis:latest", "none"),
            ("jwilder/nginx-proxy:1.9", "low"),
            ("phpmyadmin/phpmyadmin:5.2", "info"),
            ("registry.example.net/mailhog/mailhog:v1.0.1", "none"),
            ("redis:8.2.9", "none"),
        ] {
            assert_eq!(severity("compose.yaml", image), want, "{image}");
        }
    }

    #[test]
    fn development_is_lower() {
        assert_eq!(severity("compose.dev.yaml", "mailhog/mailhog"), "low");
        assert_eq!(severity("compose.dev.yaml", "phpmyadmin/phpmyadmin:5.2"), "none");
    }

    #[test]
    fn bases_count() {
        let found = findings(RULE, &[("Dockerfile", "FROM openjdk:17\n")]);
        assert!(found[0].fixes[0].edits[0].replacement.contains("eclipse-temurin"), "{found:?}");
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }
}

//! `supply-chain/no-digest-pin`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Edit, Fix, Safety};
use crate::image::Precision;
use crate::project::{Context, Project, UsedImage};
use crate::rule::{Draft, Findings};
use crate::source::SourceId;
use crate::text::{count, shorten};
use std::collections::BTreeMap;

declare_rule! {
    /// # What it finds
    /// Images of a deployment that a tag names and no digest, all those of a file as one finding.
    ///
    /// # Why it matters
    /// A tag can be moved, even one that looks exact: `8.2.9-alpine` is built anew when its base gets fixes, and
    /// whoever holds the publisher's account can put anything behind it. A digest names one image for ever.
    ///
    /// For most projects that is *info*: tags with a full version and automatic updates come first. Each image is *low*
    /// when `plimsoll.toml` asks for digests (`require-digest = true`); with `require-digest = false`, for a registry
    /// whose tags cannot be moved, nothing is reported. Development and pipelines are not looked at.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   redis:
    ///     image: redis:8.2.9-alpine
    /// ```
    /// ```json file:images.json
    /// [{"Id": "sha256:89abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567",
    ///   "RepoTags": ["redis:8.2.9-alpine"],
    ///   "RepoDigests": ["redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
    ///   "Created": "2026-11-20T09:14:20Z"}]
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   redis:
    ///     # 8.2.9-alpine
    ///     image: redis:8.2.9-alpine@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    /// ```
    ///
    /// # How to fix
    /// Let Renovate write the digests (`"extends": ["docker:pinDigests"]`) and raise them; by hand they rot. `docker
    /// buildx imagetools inspect redis:8.2.9-alpine` shows one, and where the output of `docker image inspect` was
    /// supplied, the edit takes it from there. Docker Content Trust is no answer any more; to prove who built an image,
    /// sign it with cosign or Notation.
    ///
    /// # References
    /// CIS Docker Benchmark 4.5 and 4.12, OWASP Docker Security Cheat Sheet rule 13, NIST SP 800-190 4.1.5, CWE-353.
    id: "supply-chain/no-digest-pin",
    title: "Images are named by tag, not by digest",
    severity: Info,
    lowered_in_development: 1,
    fixes: Suggested,
    why: "A tag can be moved, even one that looks exact; only a digest names one image for ever.",
    help: "Let Renovate pin the digests and raise them.",
    references: ["CIS Docker Benchmark 4.5", "CIS Docker Benchmark 4.12", "OWASP Docker Security Cheat Sheet rule 13", "NIST SP 800-190 4.1.5", "CWE-353"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let required = project.policy().require_digest;
    if required == Some(false) {
        return;
    }
    let deployed =
        project.declared_services().filter(|service| !matches!(service.context, Context::Development | Context::Ci));
    let mut files: BTreeMap<SourceId, Vec<(_, UsedImage)>> = BTreeMap::new();
    for service in deployed {
        for image in service.images().into_iter().filter(|image| image.precision() != Precision::Digest) {
            if required == Some(true) {
                let message = format!(
                    "`{}` has no digest, and the policy asks for one",
                    shorten(&image.reference.to_string(), 80)
                );
                let draft = Draft::new(image.at, message).severity(Severity::Low).on(service);
                let draft = draft.because_of(project.policy().location(), "the policy");
                out.report(draft.fix(pinned(project, &[&image])));
            } else {
                files.entry(image.at.source).or_default().push((service, image));
            }
        }
    }
    for images in files.into_values() {
        let mut places: Vec<_> = images.iter().map(|(_, image)| image.at).collect();
        places.sort_unstable();
        places.dedup();
        let Some(first) = places.first() else { continue };
        let message = format!("{} named by tag in this file, not by digest", counted(places.len()));
        let fix = pinned(project, &images.iter().map(|(_, image)| image).collect::<Vec<_>>());
        for (service, _) in &images {
            out.report(Draft::new(*first, message.clone()).on(*service).fix(fix.clone()));
        }
    }
}

/// The digests that the machine has for these tags, written behind them.
fn pinned(project: &Project<'_>, images: &[&UsedImage]) -> Option<Fix> {
    let title = "Pin to the digest that is on the machine";
    let mut all: Option<Fix> = None;
    for image in images {
        let Some(tag) = project.tag_with_digest(&image.reference) else { continue };
        let Some(one) = project.retag(Safety::Suggested, title, image, &tag) else { continue };
        let fix = all.get_or_insert_with(|| Fix::new(Safety::Suggested, title));
        // Services that share a mapping or a stage name one place.
        let new = |edit: &Edit| !fix.edits.contains(edit);
        let edits: Vec<Edit> = one.edits.into_iter().filter(new).collect();
        fix.edits.extend(edits);
    }
    all
}

fn counted(number: usize) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!("{} {verb}", count(number, "image"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "supply-chain/no-digest-pin";
    const STACK: &str = "services:\n  a:\n    image: redis:8.2.9\n  b:\n    image: nginx:1.30.4\n";

    #[test]
    fn one_finding_for_a_file() {
        let found = findings(RULE, &[("compose.yaml", STACK)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity.as_str(), "info");
        assert_eq!(found[0].services, ["a", "b"]);
    }

    #[test]
    fn the_policy_decides() {
        let found = findings(RULE, &[("compose.yaml", STACK), ("plimsoll.toml", "[policy]\nrequire-digest = true\n")]);
        assert_eq!(found.iter().map(|one| one.severity.as_str()).collect::<Vec<_>>(), ["low", "low"]);
        clean(RULE, &[("compose.yaml", STACK), ("plimsoll.toml", "[policy]\nrequire-digest = false\n")]);
    }

    #[test]
    fn digests_of_the_machine_are_offered() {
        let id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let images = format!(
            "[{{\"Id\": \"sha256:{id}\", \"RepoTags\": [\"redis:8.2.9\"], \"RepoDigests\": [\"redis@sha256:{id}\"], \"Created\": \"2026-11-20T09:14:20Z\"}}]\n"
        );
        let found = findings(RULE, &[("compose.yaml", STACK), ("images.json", &images)]);
        assert!(found[0].fixes[0].edits[0].replacement.contains(&format!("redis:8.2.9@sha256:{id}")), "{found:?}");
        assert!(findings(RULE, &[("compose.yaml", STACK)])[0].fixes.is_empty());
    }

    #[test]
    fn development_is_not_looked_at() {
        clean(RULE, &[("compose.dev.yaml", STACK)]);
    }

    #[test]
    fn what_the_project_builds_is_not_pulled() {
        clean(RULE, &[("compose.yaml", "services:\n  a:\n    build: .\n    image: shop:1\n  b:\n    image: shop:1\n")]);
    }
}

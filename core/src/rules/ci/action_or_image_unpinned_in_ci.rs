//! `ci/action-or-image-unpinned-in-ci`

use crate::declare_rule;
use crate::facts::tags::Precision;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::model::ci::{Include, RefKind, Use, ref_kind};
use crate::project::{Project, UsedImage};
use crate::rule::{Draft, Findings};
use crate::text::shorten;
use std::collections::BTreeMap;

declare_rule! {
    /// # What it finds
    /// What a pipeline takes from others without naming one version of it: actions and reusable workflows of GitHub by a branch or a
    /// tag, `docker://` actions without a digest, GitLab's `include` of a remote file, of another project's branch or of a
    /// component's moving version, and images of jobs whose tag names no version.
    ///
    /// Actions of `actions`, `github` and `docker` by a tag are left out: the runner and the engine are theirs anyway.
    ///
    /// # Why it matters
    /// Whoever moves a branch or a tag decides what the next run executes, next to every secret of the pipeline. In March 2025 the
    /// tags of `tj-actions/changed-files` were moved to code that printed those secrets into public logs.
    ///
    /// Branches of actions and remote files are *medium*; tags, reusable workflows and images are *low*. Each action is reported once.
    ///
    /// # Bad
    /// ```yaml file:.github/workflows/test.yml
    /// on: { push: { branches: [main] } }
    /// permissions: { contents: read }
    /// jobs:
    ///   test:
    ///     runs-on: ubuntu-24.04
    ///     container: node:latest
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///       - uses: docker/login-action@master
    ///         with: { username: acme, password: "${{ secrets.REGISTRY_TOKEN }}" }
    /// ```
    ///
    /// # Good
    /// ```yaml file:.github/workflows/test.yml
    /// on: { push: { branches: [main] } }
    /// permissions: { contents: read }
    /// jobs:
    ///   test:
    ///     runs-on: ubuntu-24.04
    ///     container: node:24.11.1
    ///     steps:
    ///       - uses: actions/checkout@v5
    ///       - uses: docker/login-action@5e57cd118135c172c3672efd75eb46360885c0ef # v3.6.0
    ///         with: { username: acme, password: "${{ secrets.REGISTRY_TOKEN }}" }
    /// ```
    ///
    /// # How to fix
    /// Name the full hash of the commit and keep the version as a comment; Dependabot (`package-ecosystem: github-actions`) and
    /// Renovate raise both together. For images the edit writes the newest version that is known.
    ///
    /// # References
    /// OWASP Top 10 CI/CD Security Risks CICD-SEC-3, CWE-829, CWE-1357, GitHub documentation "Security hardening for GitHub Actions".
    id: "ci/action-or-image-unpinned-in-ci",
    title: "Pipeline runs code of others that can be replaced",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Who can move a branch or a tag decides what the next run executes, next to every secret that the pipeline has.",
    help: "Pin to the full hash of a commit, or the digest of an image, with the version in a comment, and let Dependabot or Renovate raise it.",
    references: ["OWASP Top 10 CI/CD Security Risks CICD-SEC-3", "CWE-829", "CWE-1357"],
}

/// Uses that are shown in one finding.
const SHOWN: usize = 10;

fn check(project: &Project<'_>, out: &mut Findings) {
    let mut uses: BTreeMap<String, Vec<&Use>> = BTreeMap::new();
    for used in project.actions().filter(|used| !used.is_local()) {
        let name = format!("{}@{}", used.action, used.reference.as_deref().unwrap_or(""));
        uses.entry(name).or_default().push(used);
    }
    for places in uses.values() {
        let Some((first, others)) = places.split_first() else { continue };
        let Some((severity, what)) = judged(first) else { continue };
        let message = format!("`{}` is taken {what}", shorten(&first.action, 80));
        let draft = Draft::new(first.at, message).severity(severity);
        let others = others.iter().filter(|other| other.at != first.at).take(SHOWN);
        out.report(others.fold(draft, |draft, other| draft.because(other.at, "used here, too")));
    }
    for include in project.pipelines().iter().flat_map(|pipeline| &pipeline.includes) {
        if let Some((severity, what)) = included(include) {
            let message = format!("`{}` is taken {what}", shorten(&include.what.text, 80));
            out.report(Draft::new(include.what.at, message).severity(severity));
        }
    }
    for image in project.job_images().iter().filter(|image| image.precision() <= Precision::Floating) {
        out.report(of_image(project, image));
    }
}

/// How bad a use is, and what it is taken by.
fn judged(used: &Use) -> Option<(Severity, &'static str)> {
    if used.action.starts_with("docker://") {
        return (used.kind != RefKind::Commit).then_some((Severity::Low, "without a digest"));
    }
    let owner = used.action.split('/').next().unwrap_or("").to_ascii_lowercase();
    let first_party = matches!(owner.as_str(), "actions" | "github" | "docker");
    match used.kind {
        RefKind::Branch if used.is_workflow => Some((Severity::Low, "by a branch")),
        RefKind::Branch => Some((Severity::Medium, "by a branch")),
        RefKind::Tag if !first_party => Some((Severity::Low, "by a tag that can be moved")),
        RefKind::Tag | RefKind::Commit | RefKind::None => None,
    }
}

fn included(include: &Include) -> Option<(Severity, &'static str)> {
    let reference = include.reference.as_ref();
    if reference.is_some_and(|reference| !reference.is_known()) {
        return None;
    }
    let kind = ref_kind(reference.map(|reference| reference.text.as_str()));
    match include.kind.as_str() {
        "remote" => Some((Severity::Medium, "from another server, whatever stands there")),
        "project" if matches!(kind, RefKind::Branch | RefKind::None) => Some((Severity::Low, "by a branch")),
        "component" => {
            let version = include.what.text.rsplit_once('@').map_or("", |(_, version)| version);
            let moves = matches!(version, "~latest" | "main" | "master");
            moves.then_some((Severity::Low, "in whatever version is the newest"))
        }
        _ => None,
    }
}

fn of_image(project: &Project<'_>, image: &UsedImage) -> Draft {
    let name = shorten(&image.reference.familiar(), 80);
    let draft = Draft::new(image.at, format!("Jobs run in `{name}`, whose tag names no version"))
        .severity(Severity::Low)
        .confidence(Confidence::High);
    let Some(tag) = project.newest_tag(image) else { return draft };
    draft.fix(project.retag(Safety::Suggested, format!("Use {tag}"), image, &tag))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "ci/action-or-image-unpinned-in-ci";

    fn told(path: &str, text: &str) -> Vec<String> {
        findings(RULE, &[(path, text)]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    fn uses(used: &str) -> Vec<String> {
        told(
            ".github/workflows/a.yml",
            &format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: {used}\n"),
        )
    }

    #[test]
    fn actions() {
        for (used, want) in [
            ("acme/x@main", vec!["medium"]),
            ("acme/x@v2", vec!["low"]),
            ("acme/x@1234567890123456789012345678901234567890 # v2", vec![]),
            ("docker/login-action@master", vec!["medium"]),
            ("docker/login-action@v3", vec![]),
            ("actions/checkout@v5", vec![]),
            ("./.github/actions/x", vec![]),
            ("docker://alpine:3.22", vec!["low"]),
        ] {
            assert_eq!(uses(used), want, "{used}");
        }
    }

    #[test]
    fn one_finding_for_each_action() {
        let text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: acme/x@v2\n      - uses: acme/x@v2\n  b:\n    uses: acme/flows/.github/workflows/x.yml@main\n";
        assert_eq!(told(".github/workflows/a.yml", text), ["low", "low"]);
    }

    #[test]
    fn includes_of_gitlab() {
        for (include, want) in [
            ("{remote: 'https://example.org/ci.yml'}", vec!["medium"]),
            ("{project: a/b, file: /x.yml, ref: main}", vec!["low"]),
            ("{project: a/b, file: /x.yml}", vec!["low"]),
            ("{project: a/b, file: /x.yml, ref: v1.2.0}", vec![]),
            ("{local: /x.yml}", vec![]),
            ("{template: Jobs/SAST.gitlab-ci.yml}", vec![]),
        ] {
            assert_eq!(
                told(".gitlab-ci.yml", &format!("include:\n  - {include}\na:\n  script: [x]\n")),
                want,
                "{include}"
            );
        }
    }

    #[test]
    fn images_of_jobs() {
        let of = |image: &str| {
            told(
                ".gitlab-ci.yml",
                &format!("a:\n  image: {image}\n  script: [x]\nb:\n  image: {image}\n  script: [x]\n"),
            )
        };
        assert_eq!(of("php:8.4-cli"), Vec::<String>::new());
        assert_eq!(of("$CI_REGISTRY_IMAGE/php"), Vec::<String>::new());
        let text = "default:\n  image: docker:latest\na:\n  script: [x]\nb:\n  script: [x]\n";
        assert_eq!(told(".gitlab-ci.yml", text), ["low"]);
    }
}

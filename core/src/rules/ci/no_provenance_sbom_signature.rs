//! `ci/no-provenance-sbom-signature`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::{BuiltBy, Context, PipelineBuild, Project};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::shorten;
use std::collections::BTreeSet;

declare_rule! {
    /// # What it finds
    /// Pipelines that push images of which nobody can prove later which commit they were built from: a build that switches its
    /// provenance off, or that is pushed by `docker push` without provenance or a bill of materials, while nothing signs or attests
    /// images.
    ///
    /// `docker/build-push-action` writes provenance unless it is switched off, and counts as enough. Images whose stage or tag is
    /// for development are left out.
    ///
    /// # Why it matters
    /// After an incident the first question is which commit runs. Without provenance a tag is all there is, and whoever can write to
    /// the registry can put anything behind it. A bill of materials tells within a minute whether a new hole concerns you.
    ///
    /// # Bad
    /// ```yaml file:.github/workflows/build.yml
    /// on: { push: { branches: [main] } }
    /// permissions: { contents: read, packages: write }
    /// jobs:
    ///   image:
    ///     runs-on: ubuntu-24.04
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    ///           provenance: false
    ///           tags: ghcr.io/acme/shop:1.4.2
    /// ```
    ///
    /// # Good
    /// ```yaml file:.github/workflows/build.yml
    /// on: { push: { branches: [main] } }
    /// permissions: { contents: read, packages: write }
    /// jobs:
    ///   image:
    ///     runs-on: ubuntu-24.04
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    ///           provenance: mode=max
    ///           sbom: true
    ///           tags: ghcr.io/acme/shop:1.4.2
    /// ```
    ///
    /// # How to fix
    /// `provenance: mode=max` and `sbom: true`, or `docker buildx build --provenance=mode=max --sbom=true --push`. The mode `max`
    /// writes build arguments down, so secrets have to leave them first; with build arguments the edit offers `mode=min`. Sign the
    /// digest with `cosign sign`, and check it where you deploy with `cosign verify`.
    ///
    /// # References
    /// CIS Docker Benchmark 4.12, OWASP Docker Security Cheat Sheet rule 13, NIST SP 800-190 4.1.5, CWE-345, CWE-353, Docker
    /// documentation "Build attestations".
    id: "ci/no-provenance-sbom-signature",
    title: "Pushed image proves nothing about its origin",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Without provenance or a signature nobody can prove which commit built an image, or notice that another one was put behind its tag.",
    help: "Write provenance and a bill of materials with the build, sign the digest, and verify it where you deploy.",
    references: ["CIS Docker Benchmark 4.12", "OWASP Docker Security Cheat Sheet rule 13", "NIST SP 800-190 4.1.5", "CWE-345", "CWE-353"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    if project.signs_images() {
        return;
    }
    let builds: Vec<PipelineBuild> =
        project.pipeline_builds().into_iter().filter(|build| build.in_pipeline && !is_for_development(build)).collect();
    for build in &builds {
        let off = build.provenance.as_ref().filter(|text| text.text == "false");
        if let (Some(off), Some(push)) = (off, build.push) {
            let image = build.tags.first().map_or("An image".to_owned(), |tag| format!("`{}`", shorten(&tag.text, 80)));
            let draft = Draft::new(off.at, format!("{image} is pushed with its provenance switched off"));
            out.report(draft.because(push, "pushed here").fix(switched_on(project, build, off.at)));
        }
    }
    // What `docker build` makes is pushed by a line of its own.
    let plain = builds
        .iter()
        .find(|build| build.by == BuiltBy::CommandLine && build.provenance.is_none() && build.sbom.is_none());
    let pushed = project.pushed_images();
    let by_build: BTreeSet<Location> = builds.iter().filter_map(|build| build.push).collect();
    let lines = pushed.iter().filter(|pushed| pushed.image.is_some() && !by_build.contains(&pushed.at));
    let mut lines = lines.filter(|pushed| pushed.parts().is_none_or(|(_, tag)| !is_development(tag)));
    if let (Some(build), Some(push)) = (plain, lines.next()) {
        let image = push.image.as_ref().map_or(String::new(), |image| shorten(&image.text, 80));
        let message = format!("`{image}` is pushed without provenance, bill of materials or signature");
        let draft = Draft::new(push.at, message).severity(Severity::Low).confidence(Confidence::Medium);
        out.report(draft.because(build.at, "built here"));
    }
}

fn switched_on(project: &Project<'_>, build: &PipelineBuild, at: Location) -> Option<crate::fix::Fix> {
    let mode = if build.args.is_empty() { "mode=max" } else { "mode=min" };
    // On a command line it is a part of a word.
    let yaml = build.by == BuiltBy::Action;
    yaml.then(|| project.replace(Safety::Suggested, format!("Write provenance with {mode}"), at, mode)).flatten()
}

fn is_for_development(build: &PipelineBuild) -> bool {
    let target = build.target.as_ref().is_some_and(|target| is_development(&target.text));
    let tag = |text: &str| text.rsplit_once(':').is_some_and(|(_, tag)| is_development(tag));
    target || !build.tags.is_empty() && build.tags.iter().all(|text| tag(&text.text))
}

fn is_development(name: &str) -> bool {
    matches!(Context::of_name(name), Some(Context::Development | Context::Ci))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "ci/no-provenance-sbom-signature";

    fn action(with: &str, more: &str) -> usize {
        let text = format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {{{with}}}\n{more}"
        );
        findings(RULE, &[(".github/workflows/a.yml", &text)]).len()
    }

    #[test]
    fn provenance_that_is_switched_off() {
        assert_eq!(action("push: true, provenance: false, tags: 'a/b:1'", ""), 1);
        assert_eq!(action("push: true, provenance: false, build-args: A=1, tags: 'a/b:1'", ""), 1);
        assert_eq!(action("push: true, tags: 'a/b:1'", ""), 0, "it is on by itself");
        assert_eq!(action("push: false, provenance: false, tags: 'a/b:1'", ""), 0, "not pushed");
    }

    #[test]
    fn images_for_development() {
        assert_eq!(action("push: true, provenance: false, target: dev, tags: 'a/b:1'", ""), 0);
        assert_eq!(action("push: true, provenance: false, tags: 'a/b:dev'", ""), 0);
    }

    #[test]
    fn what_signs() {
        for step in ["run: cosign sign a/b:1", "uses: actions/attest-build-provenance@v3"] {
            assert_eq!(
                action("push: true, provenance: false, tags: 'a/b:1'", &format!("      - {step}\n")),
                0,
                "{step}"
            );
        }
        assert_eq!(action("push: true, provenance: false, tags: 'a/b:1'", "      - run: cosign verify a/b:1\n"), 1);
    }

    #[test]
    fn lines_of_docker() {
        let count = |build: &str, push: &str| {
            let text = format!("build:\n  script:\n    - docker {build} -t a/b:1 .\n    - docker push {push}\n");
            findings(RULE, &[(".gitlab-ci.yml", &text)]).len()
        };
        assert_eq!(count("build", "a/b:1"), 1);
        assert_eq!(count("build", "a/b:dev"), 0);
        assert_eq!(count("buildx build --sbom=true --provenance=mode=max", "a/b:1"), 0);
    }
}

//! `ci/mutable-tag-only-push`

use crate::declare_rule;
use crate::fix::{Fix, Safety};
use crate::image::ImageRef;
use crate::model::compose::Text;
use crate::project::{BuiltBy, ImagePart, Project, PushedImage};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::shorten;
use std::collections::{BTreeMap, BTreeSet};

declare_rule! {
    /// # What it finds
    /// An image that pipelines push only under tags that the next push moves: `latest`, `stable`, the name of a branch. A deployment
    /// that runs this tag is named with it.
    ///
    /// Where a tag is made of the commit, of a version or of anything that is not known here, nothing is said.
    ///
    /// # Why it matters
    /// When only the newest build has a name, there is nothing to roll back to, and nobody can tell which build a server pulled
    /// and when: two servers with the same tag may run different code.
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
    ///           tags: ghcr.io/acme/shop:latest
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
    ///           tags: ghcr.io/acme/shop:latest,ghcr.io/acme/shop:${{ github.sha }}
    /// ```
    ///
    /// # How to fix
    /// Push a tag with the commit (`${{ github.sha }}`, `$CI_COMMIT_SHA`) or the version beside the moving one, and deploy that tag or
    /// the digest.
    ///
    /// # References
    /// CIS Docker Benchmark 5.28, NIST SP 800-190 4.2.2 and 4.4.3.
    id: "ci/mutable-tag-only-push",
    title: "Image is pushed only under a tag that moves",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Without a tag for each build there is nothing to roll back to, and nobody can tell which build runs.",
    help: "Push a tag with the commit or the version, too, and deploy that one or the digest.",
    references: ["CIS Docker Benchmark 5.28", "NIST SP 800-190 4.2.2", "NIST SP 800-190 4.4.3"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let pushed = project.pushed_images();
    // What is pushed under a name that is not read here may be any of them.
    if pushed.iter().any(|pushed| pushed.parts().is_none()) {
        return;
    }
    let mut repositories: BTreeMap<&str, Vec<&PushedImage>> = BTreeMap::new();
    for image in &pushed {
        if let Some((repository, _)) = image.parts() {
            repositories.entry(repository).or_default().push(image);
        }
    }
    let (deployed, single) = (deployed(project), single_tags(project));
    for images in repositories.values().filter(|images| images.iter().all(|image| image.is_floating() == Some(true))) {
        let Some((first, others)) = images.split_first() else { continue };
        let Some(image) = &first.image else { continue };
        let message = format!("`{}` is pushed, and no tag that stays", shorten(&image.text, 80));
        let mut draft = Draft::new(image.at, message);
        for other in others.iter().filter_map(|other| other.image.as_ref()).filter(|other| other.at != image.at) {
            draft = draft.because(other.at, "also pushed");
        }
        let name = ImageRef::parse(&image.text).ok().map(|image| image.familiar());
        let at = name.and_then(|name| deployed.get(&name).copied());
        draft = draft.because_of(at, "deployed by this tag");
        out.report(draft.fix(if single.contains(&image.at) { with_commit(project, image) } else { None }));
    }
}

/// Where declared services run images, by the images' names.
fn deployed(project: &Project<'_>) -> BTreeMap<String, Location> {
    let services = project.declared_services().filter(|service| !service.context.is_development());
    let images = services.flat_map(|service| service.images()).filter(|image| image.part == ImagePart::Runs);
    images.map(|image| (image.reference.familiar(), image.at)).collect()
}

/// Places that hold the only tag of an action that builds.
fn single_tags(project: &Project<'_>) -> BTreeSet<Location> {
    let builds = project.pipeline_builds().into_iter().filter(|build| build.by == BuiltBy::Action);
    builds.filter(|build| build.tags.len() == 1).flat_map(|build| build.tags).map(|tag| tag.at).collect()
}

/// A second tag beside the only one.
fn with_commit(project: &Project<'_>, image: &Text) -> Option<Fix> {
    let (repository, _) = image.text.rsplit_once(':').filter(|_| !image.text.contains('$'))?;
    let both = format!("{},{repository}:${{{{ github.sha }}}}", image.text);
    project.replace(Safety::Suggested, "Push a tag with the commit, too", image.at, &both)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "ci/mutable-tag-only-push";

    fn count(tags: &str) -> usize {
        let text = format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: {tags}\n"
        );
        findings(RULE, &[(".github/workflows/a.yml", &text)]).len()
    }

    #[test]
    fn by_tag() {
        for (tags, want) in [
            ("acme/app:latest", 1),
            ("acme/app", 1),
            ("acme/app:main", 1),
            ("acme/app:${{ github.ref_name }}", 1),
            ("acme/app:latest,acme/app:stable", 1),
            ("acme/app:latest,acme/app:1.4.2", 0),
            ("acme/app:${{ github.sha }}", 0),
            ("${{ steps.meta.outputs.tags }}", 0),
            ("acme/app:1.4.2", 0),
        ] {
            assert_eq!(count(tags), want, "{tags}");
        }
    }

    #[test]
    fn lines_and_jobs_count_together() {
        let text = "build:\n  script:\n    - docker push r.example.net/shop:latest\nrelease:\n  script:\n    - docker push r.example.net/shop:$CI_COMMIT_TAG\n";
        clean(RULE, &[(".gitlab-ci.yml", text)]);
        let text = "build:\n  script:\n    - docker push r.example.net/shop:latest\n";
        let compose = "services:\n  app:\n    image: r.example.net/shop:latest\n";
        let found = findings(RULE, &[(".gitlab-ci.yml", text), ("compose.yaml", compose)]);
        assert_eq!((found.len(), found[0].related.len()), (1, 1));
    }

    #[test]
    fn another_push_that_is_not_read() {
        let text = "build:\n  script:\n    - docker push r.example.net/shop:latest\n    - docker compose push\n";
        clean(RULE, &[(".gitlab-ci.yml", text)]);
    }
}

//! `inventory/running-image-not-current`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::model::inventory::{Container, Image, Snapshot, same_id, short};
use crate::project::Project;
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A container that runs another image than the one its tag names on the machine now, and a container that names its image by
    /// an id: mostly because the image has lost its name.
    ///
    /// Both images have to be known by their ids. Where the id is the digest of the image that carries the tag, as with containerd's
    /// image store, the two are the same. Containers that Swarm, Kubernetes or Nomad made are left out: they name images by digest.
    ///
    /// # Why it matters
    /// A newer image was built or pulled, and the container was not replaced: the fixes lie on the disk and do not run. An image
    /// without a name cannot be traced to a build at all.
    ///
    /// A tag that has moved on and an image without a name are *medium*; *low* where the container was made by the id of an image
    /// that still has a name.
    ///
    /// # Bad
    /// ```json file:docker-inspect.json
    /// [{"Id":"0a1b2c3d4e5f0a1b","Created":"2026-11-02T09:14:20Z","Path":"php-fpm","Args":[],
    ///   "State":{"Status":"running","Running":true},"Image":"sha256:4be2d0c1a9f84be2","Name":"/shop-app-1",
    ///   "Config":{"Image":"shop-app:latest"},"HostConfig":{}},
    ///  {"Id":"sha256:91aa77c0d2e391aa","RepoTags":["shop-app:latest"],"Created":"2026-11-20T09:14:20Z"},
    ///  {"Id":"sha256:4be2d0c1a9f84be2","RepoTags":[],"Created":"2026-11-02T09:10:20Z"}]
    /// ```
    ///
    /// # Good
    /// ```json file:docker-inspect.json
    /// [{"Id":"0a1b2c3d4e5f0a1b","Created":"2026-11-20T09:20:20Z","Path":"php-fpm","Args":[],
    ///   "State":{"Status":"running","Running":true},"Image":"sha256:91aa77c0d2e391aa","Name":"/shop-app-1",
    ///   "Config":{"Image":"shop-app:latest"},"HostConfig":{}},
    ///  {"Id":"sha256:91aa77c0d2e391aa","RepoTags":["shop-app:latest"],"Created":"2026-11-20T09:14:20Z"}]
    /// ```
    ///
    /// # How to fix
    /// `docker compose up -d` replaces containers whose image has changed. Tag each build with its commit, push it to a registry and
    /// deploy that tag or its digest, so that what runs can be traced.
    ///
    /// # References
    /// CIS Docker Benchmark 5.28, NIST SP 800-190 3.1.5 and 4.1.5.
    id: "inventory/running-image-not-current",
    title: "Container runs an image that its tag no longer names",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "A newer image lies on the machine and does not run, so its fixes do not count; an image without a name cannot be traced to a build.",
    help: "Replace the container with `docker compose up -d`, and deploy tags that name a commit, or digests.",
    references: ["CIS Docker Benchmark 5.28", "NIST SP 800-190 3.1.5", "NIST SP 800-190 4.1.5"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let inventory = &project.inventory;
    for service in project.running_services() {
        for container in service.containers().into_iter().filter(|container| !container.is_of_cluster()) {
            let Some(named) = &container.image else { continue };
            let name = shorten(container.name(), 60);
            if let Some((old, new)) = moved_on(inventory, container) {
                let tag = shorten(&named.value, 60);
                let (old, now) = (short(&old.id.value), short(&new.id.value));
                let message = format!("`{name}` runs {old}, and `{tag}` names {now} now");
                let draft = Draft::new(named.at, message).on(service).confidence(Confidence::Medium);
                out.report(draft.because(new.evidence_at(), "the image that carries the tag now"));
            } else if container.image_name().is_none() {
                let known = inventory.image_of(container);
                // Somebody may have started it by its id, which is rare; that its tag was taken over is the rule.
                let kept = known.is_some_and(|image| !image.is_dangling());
                let severity = if kept { Severity::Low } else { Severity::Medium };
                let id = shorten(short(&named.value), 20);
                let what = if kept { "names its image by an id" } else { "runs an image without a name" };
                let message = format!("`{name}` {what}, {id}");
                out.report(Draft::new(named.at, message).on(service).severity(severity).confidence(Confidence::Medium));
            }
        }
    }
}

/// The image it runs and the one that its tag names now, when those are two.
fn moved_on<'s>(inventory: &'s Snapshot, container: &Container) -> Option<(&'s Image, &'s Image)> {
    let named = container.image_name()?;
    let id = &container.image_id.as_ref()?.value;
    let (old, new) = (inventory.image_of(container)?, inventory.image(&named.value)?);
    // In containerd's store an id may be the digest of an index: the same image, seen for another platform.
    let same = |image: &Image| {
        let mut digests = image.digests.iter().filter_map(|digest| digest.value.rsplit('@').next());
        same_id(&image.id.value, id) || digests.any(|digest| same_id(digest, id))
    };
    let shared = old.digests.iter().any(|digest| new.digests.iter().any(|other| other.value == digest.value));
    (!same(new) && !shared).then_some((old, new))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "inventory/running-image-not-current";

    fn container(image: &str, id: &str, labels: &str) -> String {
        format!(
            "[{{\"Id\":\"0a1b2c3d4e5f0a1b\",\"Created\":\"2026-11-02T09:14:20Z\",\"Path\":\"php-fpm\",\"Args\":[],\"State\":{{\"Status\":\"running\",\"Running\":true}},\"Image\":\"{id}\",\"Name\":\"/shop-app-1\",\"Config\":{{\"Image\":\"{image}\",\"Labels\":{{{labels}}}}},\"HostConfig\":{{}}}}]\n"
        )
    }

    fn image(id: &str, tags: &str, digests: &str) -> String {
        format!(
            "[{{\"Id\":\"{id}\",\"RepoTags\":[{tags}],\"RepoDigests\":[{digests}],\"Created\":\"2026-11-20T09:14:20Z\"}}]\n"
        )
    }

    fn count(text: &str) -> usize {
        findings(RULE, &[("inspect.json", text)]).len()
    }

    const OLD: &str = "sha256:4be2d0c1a9f84be2";
    const NEW: &str = "sha256:91aa77c0d2e391aa";

    #[test]
    fn a_tag_that_moved_on() {
        let new = image(NEW, "\"shop:latest\"", "");
        assert_eq!(count(&(container("shop:latest", OLD, "") + &new + &image(OLD, "", ""))), 1);
        assert_eq!(count(&(container("shop:latest", NEW, "") + &new + &image(OLD, "", ""))), 0);
        assert_eq!(count(&(container("shop:latest", OLD, "") + &new)), 0, "what it runs is not listed");
    }

    #[test]
    fn digests_of_one_image() {
        let digest = "\"shop@sha256:4be2d0c1a9f84be2\"";
        let new = image(NEW, "\"shop:latest\"", digest);
        assert_eq!(count(&(container("shop:latest", OLD, "") + &new + &image(OLD, "", ""))), 0);
        let both = "\"shop@sha256:77777777777777777\"";
        let (new, old) = (image(NEW, "\"shop:latest\"", both), image(OLD, "", both));
        assert_eq!(count(&(container("shop:latest", OLD, "") + &new + &old)), 0);
    }

    #[test]
    fn an_image_without_a_name() {
        let severity = |tags: &str| {
            let text = container(OLD, OLD, "") + &image(OLD, tags, "");
            findings(RULE, &[("inspect.json", &text)])[0].severity.to_string()
        };
        assert_eq!((severity(""), severity("\"shop:1\"")), ("medium".to_owned(), "low".to_owned()));
        assert_eq!(count(&container(OLD, OLD, "\"io.kubernetes.pod.name\":\"x\"")), 0);
    }
}

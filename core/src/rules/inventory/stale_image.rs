//! `inventory/stale-image`

use crate::declare_rule;
use crate::facts::tags::Precision;
use crate::finding::{Confidence, Severity};
use crate::model::inventory::Image;
use crate::project::{Group, ImagePart, Project, ServiceRef, UsedImage};
use crate::rule::{Draft, Findings};
use crate::text::{count, shorten};

declare_rule! {
    /// # What it finds
    /// A container that runs an image built more than 30 days ago, and a container that has not been replaced for more than 90 days.
    ///
    /// An official image at the newest release of its line that is known is left out: there is nothing newer. So are build dates before
    /// 2000, which reproducible builds write.
    ///
    /// # Why it matters
    /// An image gets fixes for PHP, OpenSSL and the system only by being built again. One that was not rebuilt for months misses all
    /// of them, whatever its code does. A container that nobody has replaced for as long may hold changes made by hand, and
    /// nobody knows whether a fresh one would start.
    ///
    /// More than 180 days are *high*, more than 90 days *medium*, more than 30 days *low*; one step lower for data stores and for
    /// images of others. A policy file can set another limit for the lowest step. A container that runs for long is *low*.
    ///
    /// # Bad
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-app-1","Image":"shop-app:1.2","State":"running","Status":"Up 3 weeks"}
    /// {"ID":"1f2e3d4c5b6a","Repository":"shop-app","Tag":"1.2","CreatedAt":"2026-02-01 09:10:00 +0000 UTC",
    ///  "Size":"192MB","Containers":"1"}
    /// ```
    ///
    /// # Good
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-app-1","Image":"shop-app:1.4","State":"running","Status":"Up 3 weeks"}
    /// {"ID":"1f2e3d4c5b6a","Repository":"shop-app","Tag":"1.4","CreatedAt":"2026-11-02 09:10:00 +0000 UTC",
    ///  "Size":"192MB","Containers":"1"}
    /// ```
    ///
    /// # How to fix
    /// Build weekly with `docker build --pull --no-cache`, or let Renovate raise the base image's digest, and deploy the result with
    /// `docker compose up -d`.
    ///
    /// # References
    /// CIS Docker Benchmark 4.4 and 5.28, NIST SP 800-190 3.1.1, 3.2.2 and 4.1.1, CWE-1104.
    id: "inventory/stale-image",
    title: "Running image was not rebuilt for long",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "Fixes for PHP, its libraries and the system reach a container only with a new image, so an old one misses all of them since its build.",
    help: "Rebuild weekly with `--pull --no-cache` and deploy the result.",
    references: ["CIS Docker Benchmark 4.4", "CIS Docker Benchmark 5.28", "NIST SP 800-190 3.1.1", "NIST SP 800-190 3.2.2", "NIST SP 800-190 4.1.1", "CWE-1104"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let now = project.inventory_time();
    for service in project.running_services() {
        let used = service.images().into_iter().find(|image| image.part == ImagePart::Runs);
        let newest = used.as_ref().is_some_and(|image| is_newest(project, image));
        for container in service.containers() {
            let image = project.inventory.image_of(container);
            let age = image.and_then(|image| image.age_days(now.date()));
            let severity = age.and_then(|days| severity(project, days)).filter(|_| !newest);
            if let (Some(image), Some(days), Some(severity)) = (image, age, severity) {
                out.report(of_image(service, used.as_ref(), image, days, severity));
            } else if let Some(hours) = container.uptime_hours(now).filter(|hours| *hours > 90 * 24) {
                let at = container.status.as_ref().map_or(container.at(), |status| status.at);
                let name = shorten(container.name(), 60);
                let message = format!("`{name}` has not been replaced for {} days", hours / 24);
                let draft = Draft::new(at, message).severity(Severity::Low).on(service).aspect("uptime");
                out.report(draft.help("Replace it with `docker compose up -d --force-recreate`, to see that it starts and to drop what was changed in it by hand."));
            }
        }
    }
}

fn of_image(
    service: ServiceRef<'_, '_>,
    used: Option<&UsedImage>,
    image: &Image,
    days: i64,
    severity: Severity,
) -> Draft {
    let data = service.role.group() == Group::Data;
    let others = used.is_some_and(|used| used.row().is_some());
    let severity = severity.lowered(u8::from(data || others));
    let age = count(usize::try_from(days).unwrap_or(0), "day");
    let message = format!("The image `{}` was built {age} ago", shorten(image.name(), 60));
    let at = image.created.as_ref().map_or(image.evidence_at(), |created| created.at);
    let draft = Draft::new(at, message).severity(severity).on(service);
    let draft = draft.because_of(service.container().map(|container| container.at()), "runs it");
    if others {
        // When its publisher has built it again is not known here.
        return draft
            .confidence(Confidence::Medium)
            .help("Pull the tag again, or the next patch release, and deploy it with `docker compose up -d`.");
    }
    draft
}

/// How bad an age is; the policy may set the first step.
fn severity(project: &Project<'_>, days: i64) -> Option<Severity> {
    let first = project.policy().stale_image_days.unwrap_or(30);
    match days {
        _ if days <= first => None,
        181.. => Some(Severity::High),
        91.. => Some(Severity::Medium),
        _ => Some(Severity::Low),
    }
}

/// Whether its tag names the newest release of its line, in full.
fn is_newest(project: &Project<'_>, image: &UsedImage) -> bool {
    let newest = || project.newest_tag(image).is_some_and(|tag| image.reference.tag.as_ref() == Some(&tag));
    image.precision() >= Precision::Patch && newest()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "inventory/stale-image";

    fn told(image: &str, created: &str, status: &str) -> Vec<String> {
        let (repository, tag) = image.split_once(':').unwrap();
        let text = format!(
            "{{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"a\",\"Image\":\"{image}\",\"State\":\"running\",\"Status\":\"{status}\"}}\n{{\"ID\":\"1f2e3d4c5b6a\",\"Repository\":\"{repository}\",\"Tag\":\"{tag}\",\"CreatedAt\":\"{created} 09:10:00 +0000 UTC\",\"Size\":\"192MB\",\"Containers\":\"1\"}}\n"
        );
        findings(RULE, &[("running.ndjson", &text)]).iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn by_age() {
        for (created, want) in [
            ("2026-11-02", vec![]),
            ("2026-10-01", vec!["low"]),
            ("2026-08-01", vec!["medium"]),
            ("2026-02-01", vec!["high"]),
            ("1980-01-01", vec![]),
        ] {
            assert_eq!(told("shop:1.2", created, "Up 3 days"), want, "{created}");
        }
    }

    #[test]
    fn images_of_others_and_data_stores_are_lower() {
        assert_eq!(told("redis:8.0.1", "2026-02-01", "Up 3 days"), ["medium"]);
        assert_eq!(told("nginx:1.28.0", "2026-08-01", "Up 3 days"), ["low"]);
    }

    #[test]
    fn the_newest_release_is_as_new_as_it_gets() {
        assert_eq!(told("redis:8.10.1", "2026-02-01", "Up 3 days"), Vec::<String>::new());
        assert_eq!(
            told("redis:8.10", "2026-02-01", "Up 3 days"),
            ["medium"],
            "its tag moves, so it was not pulled again"
        );
    }

    #[test]
    fn containers_that_nobody_replaces() {
        assert_eq!(told("shop:1.2", "2026-11-02", "Up 5 months"), ["low"]);
        assert_eq!(told("shop:1.2", "2026-11-02", "Up 5 weeks"), Vec::<String>::new());
    }

    #[test]
    fn containers_of_one_image_are_one_finding() {
        let row = |nth: u8| {
            format!(
                "{{\"ID\":\"0a1b2c3d4e5{nth}\",\"Names\":\"a{nth}\",\"Image\":\"shop:1\",\"State\":\"running\",\"Status\":\"Up 3 days\"}}\n"
            )
        };
        let image = "{\"ID\":\"1f2e3d4c5b6a\",\"Repository\":\"shop\",\"Tag\":\"1\",\"CreatedAt\":\"2026-02-01 09:10:00 +0000 UTC\",\"Size\":\"1MB\",\"Containers\":\"2\"}\n";
        let found = findings(RULE, &[("running.ndjson", &(row(1) + &row(2) + image))]);
        assert_eq!((found.len(), found[0].services.len()), (1, 2));
    }
}

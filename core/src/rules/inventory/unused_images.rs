//! `inventory/unused-images`

use crate::declare_rule;
use crate::finding::Severity;
use crate::model::inventory::{Image, UsageRow, with_tag};
use crate::project::{Project, is_kept};
use crate::rule::{Draft, Findings};
use crate::text::{count, shorten};
use std::collections::{BTreeMap, BTreeSet};

declare_rule! {
    /// # What it finds
    /// Images of a recorded machine that no container uses, stopped ones counted, and that are older than 30 days; images without a
    /// name that are older than a day; and repositories of which more than 20 tags are kept. One finding names all unused images.
    ///
    /// Left out are images that a supplied Compose file or Dockerfile runs, builds on or copies from, images with the label
    /// `keep=true`, and dates before 2000, which reproducible builds write.
    ///
    /// # Why it matters
    /// Old images hold old code, old libraries and the secrets that were once baked in, and a typing error or a rollback starts
    /// them again. They also fill the disk on which the databases write.
    ///
    /// It is *low*; *medium* when more than half of the space of all images, and more than 5 GB, could be freed.
    ///
    /// # Bad
    /// ```json file:docker-images.json
    /// {"ID":"1f2e3d4c5b6a","Repository":"php","Tag":"7.4-fpm","CreatedAt":"2022-11-15 04:06:57 +0000 UTC",
    ///  "Size":"443MB","Containers":"0"}
    /// ```
    ///
    /// # Good
    /// ```json file:docker-images.json
    /// {"ID":"9a8b7c6d5e4f","Repository":"shop-app","Tag":"1.4.2","CreatedAt":"2026-11-02 09:10:00 +0000 UTC",
    ///  "Size":"192MB","Containers":"2"}
    /// ```
    ///
    /// # How to fix
    /// `docker image prune -a --filter "until=720h"` removes what no container has used and is older than 30 days. Run it on a
    /// schedule, and let the registry keep what a rollback needs.
    ///
    /// # References
    /// CIS Docker Benchmark 6.1, NIST SP 800-190 3.2.2 and 4.2.2.
    id: "inventory/unused-images",
    title: "Images that nothing uses are kept",
    severity: Low,
    lowered_in_development: 2,
    fixes: Described,
    why: "Unused images keep old vulnerabilities and old secrets within reach of the next `docker run`, and take the disk that the data needs.",
    help: "Remove them with `docker image prune -a --filter \"until=720h\"`, on a schedule.",
    references: ["CIS Docker Benchmark 6.1", "NIST SP 800-190 3.2.2", "NIST SP 800-190 4.2.2"],
}

/// Images that are named in one finding.
const SHOWN: usize = 20;

fn check(project: &Project<'_>, out: &mut Findings) {
    let today = project.inventory_time().date();
    let wanted = project.declared_image_names();
    let mut unused: Vec<(i64, &Image)> = project
        .unused_images()
        .into_iter()
        .filter(|image| !is_wanted(image, &wanted) && !is_kept(image.labels.as_deref()))
        .filter_map(|image| Some((image.age_days(today)?, image)))
        .filter(|(days, image)| *days > if image.is_dangling() { 1 } else { 30 })
        .collect();
    unused.sort_by_key(|(days, _)| std::cmp::Reverse(*days));
    if let Some((days, first)) = unused.first() {
        let age = count(usize::try_from(*days).unwrap_or(0), "day");
        let oldest = format!("`{}` is {age} old", shorten(first.name(), 60));
        let message = match unused.len() - 1 {
            0 => format!("{oldest} and no container uses it"),
            others => format!("{oldest}, and no container uses it and {}", count(others, "other image")),
        };
        let wasteful = project.inventory.usage.iter().find(|row| is_wasteful(row));
        let severity = if wasteful.is_some() { Severity::Medium } else { Severity::Low };
        let mut draft = Draft::new(first.evidence_at(), message).severity_in_context(project.on_this_machine(severity));
        draft = draft.because_of(wasteful.map(|row| row.at), "so much of the disk could be freed");
        for (days, image) in unused.iter().skip(1).take(SHOWN) {
            let age = count(usize::try_from(*days).unwrap_or(0), "day");
            draft = draft.because(image.evidence_at(), format!("`{}`, {age} old", shorten(image.name(), 60)));
        }
        out.report(draft);
    }
    hoarded(project, out);
}

/// Repositories of which very many tags are kept.
fn hoarded(project: &Project<'_>, out: &mut Findings) {
    let mut repositories: BTreeMap<&str, (usize, &Image)> = BTreeMap::new();
    for image in &project.inventory.images {
        for tag in &image.tags {
            let repository = tag.value.rsplit_once(':').map_or(tag.value.as_str(), |(repository, _)| repository);
            repositories.entry(repository).or_insert((0, image)).0 += 1;
        }
    }
    for (repository, (tags, image)) in repositories.into_iter().filter(|(_, (tags, _))| *tags > 20) {
        let message = format!("{tags} tags of `{}` are kept on this machine", shorten(repository, 60));
        let draft = Draft::new(image.evidence_at(), message).aspect("tags");
        out.report(draft.severity_in_context(project.on_this_machine(Severity::Low)));
    }
}

/// Whether a supplied file asks for one of its names.
fn is_wanted(image: &Image, wanted: &BTreeSet<String>) -> bool {
    image.tags.iter().any(|tag| wanted.contains(&with_tag(&tag.value)))
}

fn is_wasteful(row: &UsageRow) -> bool {
    let (Some(bytes), Some(free)) = (row.bytes, row.reclaimable) else { return false };
    row.kind == "Images" && free > 5_000_000_000 && free > bytes / 2
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "inventory/unused-images";

    fn row(nth: usize, name: &str, tag: &str, created: &str, containers: &str) -> String {
        format!(
            "{{\"ID\":\"{nth:012x}\",\"Repository\":\"{name}\",\"Tag\":\"{tag}\",\"CreatedAt\":\"{created} 09:10:00 +0000 UTC\",\"Size\":\"192MB\",\"Containers\":\"{containers}\"}}\n"
        )
    }

    fn count(rows: &str) -> usize {
        findings(RULE, &[("images.ndjson", rows)]).len()
    }

    #[test]
    fn by_use_age_and_name() {
        assert_eq!(count(&row(1, "shop", "1.0", "2026-01-02", "0")), 1);
        assert_eq!(count(&row(1, "shop", "1.0", "2026-01-02", "2")), 0, "in use");
        assert_eq!(count(&row(1, "shop", "1.0", "2026-01-02", "N/A")), 0, "nobody counted");
        assert_eq!(count(&row(1, "shop", "1.0", "2026-11-02", "0")), 0, "young");
        assert_eq!(count(&row(1, "shop", "1.0", "1980-01-01", "0")), 0, "reproducible");
        assert_eq!(count(&row(1, "<none>", "<none>", "2026-11-10", "0")), 1, "without a name");
        assert_eq!(count(&row(1, "<none>", "<none>", "2026-11-24", "0")), 0, "just built");
    }

    #[test]
    fn a_complete_list_of_containers_tells_too() {
        let images = row(1, "shop", "1.0", "2026-01-02", "N/A") + &row(2, "old", "1.0", "2026-01-02", "N/A");
        let text = format!(
            "### docker ps -a\n{{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"a\",\"Image\":\"shop:1.0\",\"State\":\"exited\",\"Status\":\"Exited (0) 3 days ago\"}}\n### docker images\n{images}"
        );
        let found = findings(RULE, &[("running.txt", &text)]);
        assert_eq!((found.len(), found[0].message.contains("`old:1.0`")), (1, true));
    }

    #[test]
    fn images_that_files_ask_for_stay() {
        let rows = row(1, "php", "8.2-fpm", "2026-01-02", "0");
        clean(RULE, &[("images.ndjson", &rows), ("Dockerfile", "FROM php:8.2-fpm\n")]);
        clean(RULE, &[("images.ndjson", &rows), ("compose.yaml", "services:\n  a:\n    image: php:8.2-fpm\n")]);
        assert_eq!(findings(RULE, &[("images.ndjson", &rows), ("Dockerfile", "FROM php:8.4-fpm\n")]).len(), 1);
    }

    #[test]
    fn much_of_the_disk_is_medium() {
        let rows = row(1, "shop", "1.0", "2026-01-02", "0");
        let usage = |free: &str| {
            format!(
                "{{\"Type\":\"Images\",\"TotalCount\":\"12\",\"Active\":\"3\",\"Size\":\"10GB\",\"Reclaimable\":\"{free} (60%)\"}}\n"
            )
        };
        let severity = |free: &str| {
            findings(RULE, &[("images.ndjson", &rows), ("df.ndjson", &usage(free))])[0].severity.to_string()
        };
        assert_eq!((severity("6GB"), severity("4GB")), ("medium".to_owned(), "low".to_owned()));
    }

    #[test]
    fn very_many_tags_of_one_name() {
        let rows = |most: usize| -> String {
            (1..=most).map(|nth| row(nth, "shop", &format!("1.{nth}"), "2026-11-20", "1")).collect()
        };
        assert_eq!((count(&rows(21)), count(&rows(20))), (1, 0));
    }
}

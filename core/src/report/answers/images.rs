//! Which images are outdated?

use crate::facts::eol;
use crate::image::Precision;
use crate::project::{ImagePart, Project, ServiceRef, UsedImage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An image in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImageRow {
    /// Its name.
    pub image: String,
    /// Services and containers that use it.
    pub used_by: Vec<String>,
    /// How old its build is, in days.
    pub age_days: Option<i64>,
    /// The product line that has ended, and when.
    pub end_of_life: Option<String>,
    /// A newer release of the same line.
    pub newer: Option<String>,
    /// Whether its tag moves.
    pub floating: bool,
    /// Whether anything of this makes it outdated.
    pub outdated: bool,
}

pub(super) fn rows<'p, 'a: 'p>(
    project: &'p Project<'a>,
    services: impl Iterator<Item = ServiceRef<'p, 'a>>,
) -> Vec<ImageRow> {
    let mut rows: BTreeMap<String, ImageRow> = BTreeMap::new();
    for service in services {
        for used in service.images().iter().filter(|used| matches!(used.part, ImagePart::Runs | ImagePart::Base)) {
            let name = used.reference.to_string();
            let row = rows.entry(name.clone()).or_insert_with(|| image_row(project, service, used, name));
            if !row.used_by.contains(&service.name) && row.used_by.len() < 1000 {
                row.used_by.push(service.name.clone());
            }
        }
    }
    let mut rows: Vec<ImageRow> = rows.into_values().collect();
    // Ended lines first, then age, then patches behind, then moving tags.
    rows.sort_by_key(|row| {
        let old = row.age_days.is_some_and(|days| days > 180);
        (
            row.end_of_life.is_none(),
            !old,
            row.newer.is_none(),
            !row.floating,
            std::cmp::Reverse(row.age_days),
            row.image.clone(),
        )
    });
    rows
}

fn image_row(project: &Project<'_>, service: ServiceRef<'_, '_>, used: &UsedImage, image: String) -> ImageRow {
    let built = service.container().and_then(|container| project.inventory.image_of(container));
    let built = built.or_else(|| project.inventory.image(&image));
    let age_days = built.and_then(|image| image.age_days(project.today));
    let ended = used.reference.versions().into_iter().find_map(|version| {
        let product = eol::product(version.product)?;
        let cycle = product.cycle(&version.cycle_hint)?;
        let when = cycle.eol.date().map_or_else(String::new, |date| format!(" on {date}"));
        cycle.is_over(project.today).then(|| format!("{} {} ended{when}", product.title, version.cycle_hint))
    });
    let newer = project.newest_tag(used).filter(|tag| {
        let exact = used.reference.precision() == Precision::Patch;
        exact && used.reference.tag.as_deref() != Some(tag.as_str())
    });
    let floating = matches!(used.reference.precision(), Precision::None | Precision::Floating);
    let outdated = ended.is_some() || newer.is_some() || age_days.is_some_and(|days| days > 180);
    ImageRow { image, used_by: Vec::new(), age_days, end_of_life: ended, newer, floating, outdated }
}

//! What an image tag says: how tightly it pins, and which product versions it names (`core/data/tags.json`, 2026-08-23).

use std::ops::Range;

use super::images::{self, ImageRow};
use super::{Basis, tables};
use crate::date::Date;
use crate::image::ImageRef;

/// Date of the table.
pub const AS_OF: Date = tables::tags::META.as_of;

/// What a finding that leans on the table is based on.
pub const BASIS: Basis = tables::tags::META.basis();

/// How tightly a reference holds one image, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Precision {
    /// No tag: Docker takes `latest`.
    None,
    /// A word: moves with every release.
    Floating,
    /// A tag that cannot be read.
    Other,
    /// `X`: moves with minor releases.
    Major,
    /// `X.Y`: moves with patches.
    Minor,
    /// A full version, a date or a commit: moves only when it is rebuilt.
    Patch,
    /// A digest: cannot move.
    Digest,
}

/// A product version that a tag names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductVersion {
    /// Product in [`super::eol`].
    pub product: &'static str,
    /// Version as far as the tag gives it; [`super::eol::Product::cycle`] finds its cycle.
    pub cycle_hint: String,
    /// Whether the tag does not say so itself: a default of its publisher, or a name that only resembles a known image.
    pub implied: bool,
    /// Bytes of the tag that say it.
    pub span: Range<usize>,
}

/// A tag, split at `-`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagParts<'a> {
    /// Each part with its bytes in the tag.
    pub parts: Vec<(Range<usize>, &'a str)>,
}

impl<'a> TagParts<'a> {
    /// Splits a tag.
    #[must_use]
    pub fn new(tag: &'a str) -> Self {
        let mut at = 0;
        let parts = tag.split('-').map(|part| {
            let span = at..at + part.len();
            at = span.end + 1;
            (span, part)
        });
        Self { parts: parts.collect() }
    }

    /// The first part that is a version, with its place in `parts`; `skip` parts are passed over.
    fn version(&self, skip: &[usize]) -> Option<(usize, &'a str)> {
        let numbered = self.parts.iter().enumerate().filter(|(at, _)| !skip.contains(at));
        numbered.filter_map(|(at, (_, part))| Some((at, version(part)?))).next()
    }

    /// The version behind a prefix within one part: `php8.3`, `pg16`.
    fn prefixed(&self, prefix: &str) -> Option<(usize, &'a str)> {
        let parts = self.parts.iter().enumerate();
        parts.filter_map(|(at, (_, part))| Some((at, version(part.strip_prefix(prefix)?)?))).next()
    }
}

/// Whether a tag is only words, so that it names no version: `latest`, `fpm-alpine`, `lts`.
#[must_use]
pub fn is_floating(tag: &str) -> bool {
    let parts = TagParts::new(tag);
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let listed = |part: &str| tables::tags::FLOATING.binary_search(&part.to_ascii_lowercase().as_str()).is_ok();
    parts.version(&[]).is_none()
        && !is_stamp(tag)
        && (parts.parts.iter().any(|(_, part)| listed(part)) || parts.parts.iter().all(|(_, part)| word(part)))
}

/// How tightly a reference holds one image.
#[must_use]
pub fn precision(image: &ImageRef) -> Precision {
    precision_as(image, images::row(image).and_then(|row| row.eol_product))
}

/// The same of an image whose product is known.
pub(super) fn precision_as(image: &ImageRef, product: Option<&str>) -> Precision {
    if image.digest.is_some() {
        return Precision::Digest;
    }
    let Some(tag) = image.tag.as_deref() else { return Precision::None };
    if is_stamp(tag) {
        return Precision::Patch;
    }
    let parts = TagParts::new(tag);
    if let Some((_, version)) = parts.version(&[]) {
        let mut numbers = version.split('.');
        let major: u32 = numbers.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        return match numbers.count() {
            0 => Precision::Major,
            // PostgreSQL's second number is its patch since 10.
            1 if product == Some("postgresql") && major >= 10 => Precision::Patch,
            1 => Precision::Minor,
            _ => Precision::Patch,
        };
    }
    // The code name of a distribution is its major version, in the distribution's own image.
    if parts.parts.iter().any(|(_, part)| os_suffix(part).is_some_and(|row| product == Some(row.product))) {
        return Precision::Major;
    }
    // `php8.3` alone fixes PHP but neither the application nor the image around it.
    if let Some(product) = product
        && parts.prefixed("php").is_some()
    {
        return if product == "php" { Precision::Major } else { Precision::Floating };
    }
    if is_floating(tag) { Precision::Floating } else { Precision::Other }
}

/// Product versions that a reference names: the image's own product, an embedded PHP, the operating system below.
///
/// Only images with a row in [`images`] are read, and images called `php` with a tag like the official ones (those are
/// `implied`). Data stores name their product only. A digest beside the tag does not change what the tag says.
#[must_use]
pub fn versions(image: &ImageRef) -> Vec<ProductVersion> {
    versions_as(image, images::row(image))
}

/// The same of an image with a row.
pub(super) fn versions_as(image: &ImageRef, row: Option<&ImageRow>) -> Vec<ProductVersion> {
    let Some(tag) = image.tag.as_deref() else { return Vec::new() };
    let parts = TagParts::new(tag);
    let last = image.path.rsplit('/').next().unwrap_or_default();
    let repackaged = || tables::tags::REPACKAGED.iter().find(|(name, _)| *name == last).map(|&(_, product)| product);
    // Whose image it is knows what its tags count.
    let told = row.is_some_and(|row| row.own.is_some());
    let product = row.and_then(|row| row.eol_product.or_else(|| if row.role == "other" { repackaged() } else { None }));
    let resembles_php = row.is_none() && matches!(last, "php" | "php-fpm" | "php-apache" | "php-cli" | "php-nginx");
    if row.is_none() && !resembles_php {
        return Vec::new();
    }

    let mut found = Vec::new();
    let mut add = |product, (at, version): (usize, &str), implied| {
        let span = parts.parts[at].0.clone();
        found.push(ProductVersion { product, cycle_hint: version.to_owned(), implied, span });
    };
    let systems = systems(&parts);
    let taken: Vec<usize> = systems.iter().map(|&(_, at, _)| at).collect();
    let own = parts.version(&taken);
    let php = parts.prefixed("php");
    match product {
        // Composer's own PHP is of no consequence to what it builds.
        Some("composer") => own.into_iter().for_each(|version| add("composer", version, false)),
        Some("php") => {
            let version = php.or(own.filter(|_| told || names_php(&image.path, last)));
            version.into_iter().for_each(|version| add("php", version, false));
        }
        Some(product) => {
            // `wordpress:cli-2.12` counts WP-CLI's versions; `timescaledb:2.17-pg16` counts TimescaleDB's.
            let version = match product {
                "wordpress" if tag.starts_with("cli") => None,
                "postgresql" => parts.prefixed("pg").or(own.filter(|_| last != "timescaledb")),
                _ => own,
            };
            let named_system = systems.iter().any(|&(system, _, _)| system == product);
            version.filter(|_| !named_system).into_iter().for_each(|version| add(product, version, false));
            php.into_iter().for_each(|version| add("php", version, false));
        }
        None if resembles_php => {
            let version = own
                .filter(|(at, version)| *at == 0 && ["5.", "7.", "8."].iter().any(|major| version.starts_with(major)));
            version.into_iter().for_each(|version| add("php", version, true));
        }
        None => {}
    }
    if resembles_php && found.is_empty() || product.is_some_and(|product| tables::tags::PRODUCT_ONLY.contains(&product))
    {
        return found;
    }
    let named = !systems.is_empty();
    for (product, at, version) in systems {
        let span = parts.parts[at].0.clone();
        found.push(ProductVersion { product, cycle_hint: version, implied: resembles_php, span });
    }
    // php:8.4-fpm has been on Debian 13 since August 2025; older lines were not rebuilt, and a digest may be of any age.
    let official_php = image.is_official() && image.path == "php" && image.digest.is_none();
    if official_php && !named && !parts.parts.iter().any(|(_, part)| part.starts_with("alpine")) {
        let current = found.iter().find(|version| super::eol::compare_versions(&version.cycle_hint, "8.1").is_ge());
        if let Some(span) = current.map(|version| version.span.clone()) {
            found.push(ProductVersion { product: "debian", cycle_hint: "13".to_owned(), implied: true, span });
        }
    }
    found
}

/// Whether the first version of the tag is PHP's: not for images that count their own releases.
fn names_php(path: &str, last: &str) -> bool {
    path == "hyperf/hyperf" || (path != "trafex/php-nginx" && !path.starts_with("laradock/") && last.starts_with("php"))
}

/// Operating systems that the tag names: product, part, version.
fn systems(parts: &TagParts<'_>) -> Vec<(&'static str, usize, String)> {
    let mut found = Vec::new();
    for (at, (_, part)) in parts.parts.iter().enumerate() {
        if let Some(row) = os_suffix(part) {
            found.push((row.product, at, row.cycle.to_owned()));
            continue;
        }
        let prefixed = tables::tags::OS_PREFIXES
            .iter()
            .find_map(|&(prefix, product)| Some((product, version(part.strip_prefix(prefix)?)?)));
        if let Some((product, version)) = prefixed {
            // alpine319 is how some publishers write 3.19.
            let dotted = match version.strip_prefix('3') {
                Some(minor) if product == "alpine-linux" && (1..=2).contains(&minor.len()) && !minor.contains('.') => {
                    format!("3.{minor}")
                }
                _ => version.to_owned(),
            };
            found.push((product, at, dotted));
            continue;
        }
        // Bitnami writes `debian-12`, Hyperf `alpine-v3.19`.
        let Some(next) = parts.parts.get(at + 1).and_then(|(_, next)| version(next)) else { continue };
        let product = match *part {
            "alpine" if next.starts_with("3.") => "alpine-linux",
            "debian" if next.len() <= 2 => "debian",
            "ubuntu" if next.len() == 5 => "ubuntu",
            _ => continue,
        };
        found.push((product, at + 1, next.to_owned()));
    }
    found
}

fn os_suffix(part: &str) -> Option<&'static OsSuffix> {
    let rows = tables::tags::OS_SUFFIXES;
    rows.binary_search_by(|row| row.suffix.cmp(part)).ok().map(|at| &rows[at])
}

/// A code name that tags use for a release of a distribution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OsSuffix {
    /// The code name.
    pub suffix: &'static str,
    /// Product in [`super::eol`].
    pub product: &'static str,
    /// Its cycle.
    pub cycle: &'static str,
}

/// The version in a part: up to four dotted numbers, after an optional `v`, before an optional pre-release such as `RC1`.
fn version(part: &str) -> Option<&str> {
    let part = part.strip_prefix(['v', 'V']).unwrap_or(part);
    let end = part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
    let (numbers, rest) = part.split_at(end);
    let sound = numbers.split('.').all(|number| !number.is_empty())
        && numbers.split('.').next().is_some_and(|first| first.len() <= 4);
    let word = rest.trim_start_matches(['_', '+', '.']).trim_end_matches(|c: char| c.is_ascii_digit());
    let pre = ["", "rc", "beta", "alpha", "a", "b", "p", "m", "dev", "snapshot"]
        .iter()
        .any(|name| word.eq_ignore_ascii_case(name));
    (sound && pre).then_some(numbers)
}

/// Whether a tag carries a date or a commit, so that one build has it.
fn is_stamp(tag: &str) -> bool {
    let parts: Vec<&str> = tag.split('-').collect();
    let number = |text: &str, length: usize, range: std::ops::RangeInclusive<u32>| {
        text.len() == length && text.parse().is_ok_and(|number| range.contains(&number))
    };
    let day = |part: &&str| {
        part.len() == 8
            && part.is_ascii()
            && number(&part[..4], 4, 2000..=2099)
            && number(&part[4..6], 2, 1..=12)
            && number(&part[6..], 2, 1..=31)
    };
    let commit = |part: &&str| {
        (7..=64).contains(&part.len())
            && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    let dashed = parts.windows(3).any(|date| {
        let year = date[0].rsplit('.').next().unwrap_or_default(); // RELEASE.2024-01-31T…
        number(year, 4, 2000..=2099)
            && number(date[1], 2, 1..=12)
            && date[2].get(..2).is_some_and(|day| number(day, 2, 1..=31))
    });
    dashed || parts.iter().any(|part| day(part) || commit(part))
}

#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;

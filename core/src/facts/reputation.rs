//! Who publishes an image, and whether anybody still does. Sources per row (`core/data/reputation.json`, 2026-08-23).

use super::{Basis, Level, glob, images, tables};
use crate::date::Date;
use crate::image::ImageRef;

/// Date of the table.
pub const AS_OF: Date = tables::reputation::META.as_of;

/// What a finding that leans on the table is based on.
pub const BASIS: Basis = tables::reputation::META.basis();

/// An image that nobody maintains any more, or only slowly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unmaintained {
    /// Name as [`ImageRef::name`] gives it; `*` stands for anything.
    pub pattern: &'static str,
    /// Tags, patterns joined by `|`; empty for all, `<versioned>` for all but `latest`.
    pub tag: &'static str,
    /// Since when: a year, a month or a day.
    pub since: Option<&'static str>,
    /// Who says so.
    pub source: Option<&'static str>,
    /// What to use instead.
    pub replace: Option<&'static str>,
    /// How bad it is.
    pub level: Level,
    /// What else to know.
    pub note: Option<&'static str>,
}

/// Why a name looks borrowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookalike {
    /// One slip of the keyboard away from this name.
    Typo(&'static str),
    /// This official image's name, in a namespace that nobody vouches for.
    ForeignNamespace(&'static str),
}

/// The row for an image that is unmaintained; the most specific pattern wins.
#[must_use]
pub fn unmaintained(image: &ImageRef) -> Option<&'static Unmaintained> {
    let name = images::name(image);
    let tag_fits = |row: &Unmaintained| match row.tag {
        "" => true,
        // A digest without a tag is one fixed image too.
        "<versioned>" => image.tag.as_deref().map_or(image.digest.is_some(), |tag| tag != "latest"),
        patterns => patterns.split('|').any(|pattern| glob::name(pattern, image.tag_or_latest())),
    };
    let rows = tables::reputation::UNMAINTAINED.iter();
    rows.filter(|row| glob::name(row.pattern, &name) && tag_fits(row))
        .max_by_key(|row| (!row.pattern.contains('*'), row.pattern.len()))
}

/// All unmaintained images, by pattern.
#[must_use]
pub fn unmaintained_rows() -> &'static [Unmaintained] {
    tables::reputation::UNMAINTAINED
}

/// Publishers that are trusted unless a policy says otherwise, by name.
#[must_use]
pub fn publishers() -> &'static [&'static str] {
    tables::reputation::PUBLISHERS
}

/// Whether the image is an official one or comes from a trusted publisher.
///
/// Docker Hub lets nobody but its own team publish names without a slash; one that merely resembles an official name does
/// not exist there, and [`lookalike`] tells.
#[must_use]
pub fn is_trusted(image: &ImageRef) -> bool {
    let name = images::name(image);
    let published =
        |publisher: &str| name.strip_prefix(publisher).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !name.contains('/') || tables::reputation::PUBLISHERS.iter().any(|publisher| published(publisher))
}

/// Whether the name imitates a known one. Docker Hub only: other registries have owners of their own.
#[must_use]
pub fn lookalike(image: &ImageRef) -> Option<Lookalike> {
    if image.registry.is_some() || images::row(image).is_some() {
        return None;
    }
    let official = tables::reputation::OFFICIAL_NAMES;
    let Some((namespace, repository)) = image.path.split_once('/') else {
        return near(&image.path, official).map(Lookalike::Typo);
    };
    if is_trusted(image) {
        return None;
    }
    // The name behind a namespace is free: `collabora/code` is no misspelt `node`.
    near(namespace, official)
        .or_else(|| near(namespace, tables::reputation::PUBLISHERS))
        .map(Lookalike::Typo)
        .or_else(|| official.iter().find(|name| **name == repository).map(|name| Lookalike::ForeignNamespace(name)))
}

/// The known name that is one edit away. Short names are near to everything, so four letters are the least.
fn near(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    if name.len() < 4 || known.contains(&name) {
        return None;
    }
    known.iter().copied().find(|other| one_edit(name.as_bytes(), other.as_bytes()))
}

/// Whether one insertion, deletion, replacement or swap of neighbours turns `a` into `b`.
fn one_edit(a: &[u8], b: &[u8]) -> bool {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    match (a, b) {
        ([_, rest @ ..], b) if rest == b => true,
        (a, [_, rest @ ..]) if a == rest => true,
        ([x, y, a @ ..], [p, q, b @ ..]) if x == q && y == p && a == b => true,
        ([_, a @ ..], [_, b @ ..]) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<&'static Unmaintained> {
        unmaintained(&ImageRef::parse(text).unwrap())
    }

    #[test]
    fn unmaintained_images() {
        assert_eq!(of("mailhog/mailhog:v1.0.1").and_then(|row| row.replace), Some("axllent/mailpit"));
        assert_eq!(of("containrrr/watchtower").map(|row| row.level), Some(Level::Medium));
        assert_eq!(of("bitnami/redis:7.2").map(|row| row.tag), Some("<versioned>"));
        assert!(of("bitnami/redis:latest").is_none() && of("bitnami/redis").is_none());
        assert!(of("bitnamilegacy/redis").is_some());
        assert!(of("elasticsearch:7.17.0").is_some() && of("elasticsearch:8.15.0").is_none());
        assert!(of("php:8.4").is_none());
    }

    #[test]
    fn publishers_and_lookalikes() {
        let image = |text: &str| ImageRef::parse(text).unwrap();
        for text in [
            "php",
            "bitnami/redis",
            "gcr.io/distroless/base",
            "docker.elastic.co/kibana/kibana",
            "public.ecr.aws/docker/library/php",
        ] {
            assert!(is_trusted(&image(text)), "{text}");
        }
        for text in ["acme/shop", "ghcr.io/acme/shop", "bitnamix/redis"] {
            assert!(!is_trusted(&image(text)), "{text}");
        }
        for (text, want) in [
            ("ngnix", Some(Lookalike::Typo("nginx"))),
            ("alpline", Some(Lookalike::Typo("alpine"))),
            ("ngnix/nginx", Some(Lookalike::Typo("nginx"))),
            ("bitnam/redis", Some(Lookalike::Typo("bitnami"))),
            ("phpp/php", Some(Lookalike::Typo("php"))),
            ("docker-php/php", Some(Lookalike::ForeignNamespace("php"))),
            ("offical/php", Some(Lookalike::ForeignNamespace("php"))),
            ("collabora/code", None),
            ("nginx", None),
            ("acme/shop", None),
            ("ghcr.io/acme/php", None),
            ("valkey/valkey", None),
        ] {
            assert_eq!(lookalike(&image(text)), want, "{text}");
        }
    }
}

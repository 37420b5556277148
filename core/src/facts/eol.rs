//! When products end. Source: endoflife.date (MIT), products/*.md as of 2026-08-22 (`core/data/eol.json`).

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Basis, tables};
use crate::date::Date;

/// Date of the table.
pub const AS_OF: Date = tables::eol::META.as_of;

/// When something ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// On this day.
    On(Date),
    /// It has ended; the day is not recorded.
    Ended,
    /// No end is announced.
    NotAnnounced,
}

impl End {
    /// Whether it is over on `today`. The last day still counts as supported.
    #[must_use]
    pub fn is_over(self, today: Date) -> bool {
        match self {
            End::On(date) => date < today,
            End::Ended => true,
            End::NotAnnounced => false,
        }
    }

    /// The day, when there is one.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        match self {
            End::On(date) => Some(date),
            End::Ended | End::NotAnnounced => None,
        }
    }
}

/// A line of releases with one end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle {
    /// Name, always dotted numbers: `8.1`, `24.04`.
    pub cycle: Cow<'static, str>,
    /// First release.
    pub released: Date,
    /// End of security fixes for everybody.
    pub eol: End,
    /// End of active support: from then on, security fixes only.
    pub active_until: Option<End>,
    /// End of extended, long-term or paid support.
    pub extended_until: Option<End>,
    /// Newest release of the line, as of the table's date.
    pub latest: Option<Cow<'static, str>>,
    /// Whether upstream marks the end as an estimate.
    pub estimated: bool,
}

impl Cycle {
    /// Whether upstream's support for everybody is over.
    #[must_use]
    pub fn is_over(&self, today: Date) -> bool {
        self.eol.is_over(today)
    }
}

/// A product with its cycles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Name at endoflife.date: `php`, `alpine-linux`.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Page with the source of the dates.
    pub url: &'static str,
    /// Cycles, highest version first.
    pub cycles: Cow<'static, [Cycle]>,
    /// The day of the data, when it is not the built-in table's: the user handed in some of its cycles.
    pub own: Option<Date>,
}

/// A product of the built-in table by its name at endoflife.date. A rule asks [`super::Facts::product`] instead, which knows what
/// the user handed in.
#[must_use]
pub fn product(name: &str) -> Option<&'static Product> {
    let products = tables::eol::PRODUCTS;
    products.binary_search_by(|product| product.name.cmp(name)).ok().map(|at| &products[at])
}

/// All products, by name.
#[must_use]
pub fn products() -> &'static [Product] {
    tables::eol::PRODUCTS
}

impl Product {
    /// What a finding that leans on the product's dates is based on.
    #[must_use]
    pub fn basis(&self) -> Basis {
        Basis { table: tables::eol::META.table, as_of: self.own.unwrap_or(AS_OF) }
    }

    /// The cycle that a version belongs to: the longest that the version starts with (`8.1.27` is in `8.1`).
    ///
    /// A version shorter than every cycle moves along with them, so it stands for the newest that starts with it:
    /// `rabbitmq:3` is `3.13`.
    #[must_use]
    pub fn cycle(&self, version: &str) -> Option<&Cycle> {
        let version = numbers(version);
        if version.is_empty() {
            return None;
        }
        let within = |whole: &[u32], start: &[u32]| whole.starts_with(start);
        self.cycles
            .iter()
            .filter(|cycle| within(&version, &numbers(&cycle.cycle)))
            .max_by_key(|cycle| numbers(&cycle.cycle).len())
            .or_else(|| self.cycles.iter().find(|cycle| within(&numbers(&cycle.cycle), &version)))
    }

    /// Cycles that are released and not over, highest version first.
    pub fn supported(&self, today: Date) -> impl Iterator<Item = &Cycle> {
        self.cycles.iter().filter(move |cycle| cycle.released <= today && !cycle.is_over(today))
    }

    /// The highest version that is supported on `today`.
    #[must_use]
    pub fn newest_supported(&self, today: Date) -> Option<&Cycle> {
        self.supported(today).next()
    }
}

/// Compares dotted versions as numbers: `8.10` is after `8.9`. What is not a number counts as nothing.
#[must_use]
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    numbers(a).cmp(&numbers(b))
}

/// The dotted numbers that a version starts with, after an optional `v`.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    version[..end].split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::new(2026, 11, 23);

    fn cycle(product_name: &str, version: &str) -> Option<&'static str> {
        product(product_name).and_then(|product| product.cycle(version)).map(|cycle| cycle.cycle.as_ref())
    }

    #[test]
    fn versions_find_their_cycle() {
        for (name, version, want) in [
            ("php", "8.1.27", Some("8.1")),
            ("php", "8.1", Some("8.1")),
            ("php", "8.5.0RC1", Some("8.5")),
            ("php", "8", Some("8.5")),
            ("php", "5.6.40", Some("5.6")),
            ("php", "10.1", None),
            ("rabbitmq", "3", Some("3.13")),
            ("rabbitmq", "v3.9.1", Some("3.9")),
            ("redis", "8", Some("8.10")),
            ("mysql", "8", Some("8.4")),
            ("debian", "12.5", Some("12")),
            ("ubuntu", "24.04", Some("24.04")),
            ("jenkins", "2.440.1", Some("2.440")),
            ("amazon-linux", "2.0.20240131.0", Some("2")),
            ("drupal", "10", Some("10.6")),
            ("postgresql", "16.3", Some("16")),
            ("postgresql", "9", Some("9.6")),
            ("php", "latest", None),
            ("php", "", None),
            ("nosuch", "1", None),
        ] {
            assert_eq!(cycle(name, version), want, "{name} {version}");
        }
    }

    #[test]
    fn ends_as_of_the_catalogue() {
        let php = product("php").unwrap();
        assert_eq!(php.newest_supported(TODAY).map(|cycle| cycle.cycle.as_ref()), Some("8.5"));
        let supported: Vec<_> = php.supported(TODAY).map(|cycle| cycle.cycle.as_ref()).collect();
        assert_eq!(supported, ["8.5", "8.4", "8.3", "8.2"]);
        let old = php.cycle("8.1").unwrap();
        assert_eq!(old.eol, End::On(Date::new(2025, 12, 31)));
        assert!(!old.is_over(Date::new(2025, 12, 31)) && old.is_over(Date::new(2026, 1, 1)));
        let debian = product("debian").unwrap().cycle("11").unwrap();
        assert_eq!(
            (debian.eol.date(), debian.extended_until),
            (Some(Date::new(2024, 8, 14)), Some(End::On(Date::new(2026, 8, 31))))
        );
        assert_eq!(
            product("alpine-linux").unwrap().newest_supported(TODAY).map(|cycle| cycle.cycle.as_ref()),
            Some("3.24")
        );
        assert!(product("mysql").unwrap().cycle("9.7").unwrap().estimated);
        assert_eq!(product("nginx").unwrap().cycle("1.31").unwrap().eol, End::NotAnnounced);
        assert_eq!(php.newest_supported(Date::new(1990, 1, 1)), None);
        assert_eq!(php.cycle("8.4").unwrap().latest.as_deref(), Some("8.4.24"));
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(compare_versions("8.10", "8.9.1"), Ordering::Greater);
        assert_eq!(compare_versions("v1.2", "1.2"), Ordering::Equal);
    }
}

//! What Plimsoll knows about the world outside a project: images, end-of-life dates, ports, paths, capabilities, secrets.
//!
//! Every table is generated from `core/data/*.json`, where each file names its source, licence and date. Facts age: a rule
//! that leans on one asks [`FactDate::is_stale`] and lowers its confidence.

pub mod capabilities;
pub mod eol;
pub(crate) mod glob;
pub mod host_paths;
pub mod images;
pub mod mask;
pub mod ports;
pub mod reputation;
pub mod secret_files;
pub mod secrets;
mod tables;
pub mod tags;
mod tokens;

use crate::date::Date;

/// How bad a fact is on its own, before the context is known. Rules turn it into a severity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// A small weakness.
    Low,
    /// A weakness that helps an attacker.
    Medium,
    /// Likely to be used.
    High,
    /// Enough on its own.
    Critical,
}

/// Where a table comes from and how old it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FactDate {
    /// Name of the file in `core/data`, without `.json`.
    pub table: &'static str,
    /// Day on which the facts were read.
    pub as_of: Date,
    /// Where they were read.
    pub source: &'static str,
    /// Under which terms.
    pub licence: &'static str,
}

impl FactDate {
    /// After so many days a table no longer supports high confidence.
    pub const STALE_AFTER_DAYS: i64 = 120;

    /// Age in days; 0 when `today` is earlier.
    #[must_use]
    pub fn age_days(&self, today: Date) -> i64 {
        self.as_of.days_until(today).max(0)
    }

    /// Whether the table is too old for high confidence.
    #[must_use]
    pub fn is_stale(&self, today: Date) -> bool {
        self.age_days(today) > Self::STALE_AFTER_DAYS
    }
}

/// All tables with their dates, by name.
#[must_use]
pub fn dates() -> &'static [FactDate] {
    &tables::META
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_age() {
        let eol = dates().iter().find(|table| table.table == "eol").unwrap();
        assert!(!eol.is_stale(Date::new(2026, 11, 23)));
        assert!(eol.is_stale(Date::new(2026, 12, 31)));
        assert_eq!(eol.age_days(Date::new(2020, 1, 1)), 0);
        assert!(dates().is_sorted_by_key(|table| table.table));
        assert!(Level::Info < Level::Critical);
    }
}

//! What Plimsoll knows about the world outside a project: images, end-of-life dates, ports, paths, capabilities, secrets.
//!
//! Every table is generated from `core/data/*.json`, where each file names its source, licence and date. What a user knows better
//! or newer is handed in as [`Facts`]. Facts age: a finding that leans on a table says so ([`crate::rule::Draft::based_on`]), its
//! report names the date, and an old table lowers its confidence.

pub mod advisories;
pub mod capabilities;
pub mod drift;
pub mod eol;
mod glob;
pub mod host_paths;
pub mod images;
pub mod known_exploited;
pub mod mask;
pub mod needed_paths;
mod own;
pub mod ports;
mod read;
pub mod reputation;
pub mod secret_files;
pub mod secrets;
mod tables;
pub mod tags;
mod tokens;
pub mod versions;

pub use own::Facts;
pub use read::FactsError;

use crate::date::Date;

/// Whether a text matches a pattern in which `*` stands for any run of characters.
#[must_use]
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    glob::name(pattern, text)
}

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

/// Which table a finding leans on, and of which day what it took from there is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Basis {
    /// Name of the table, as in [`FactDate::table`].
    pub table: &'static str,
    /// The day of the data.
    pub as_of: Date,
}

impl Basis {
    /// Whether the data is too old on `today` to be fully sure of what it says.
    #[must_use]
    pub fn is_stale(self, today: Date) -> bool {
        self.as_of.days_until(today) > FactDate::STALE_AFTER_DAYS
    }

    /// The table's name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        title(self.table)
    }
}

/// A table's name for people; the name itself where there is none.
#[must_use]
pub fn title(table: &str) -> &str {
    match table {
        "advisories" => "security advisories",
        "eol" => "ends of life",
        "known_exploited" => "exploited vulnerabilities",
        "reputation" => "publishers",
        "tags" => "image tags",
        other => other,
    }
}

impl FactDate {
    /// After so many days a table no longer supports full confidence.
    pub const STALE_AFTER_DAYS: i64 = 120;

    /// What a finding that leans on the table is based on.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        Basis { table: self.table, as_of: self.as_of }
    }

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

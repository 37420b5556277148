//! Calendar dates without a time or a zone. "Today" is always an argument: the core has no clock.

use std::fmt;

/// A day of the (proleptic) Gregorian calendar. Orders by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    /// Year, astronomical numbering.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

impl Date {
    /// A date from its parts, unchecked: for constants. Text goes through [`Date::parse`].
    #[must_use]
    pub const fn new(year: i32, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// Reads `YYYY-MM-DD` exactly; anything else, or a day that does not exist, is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return None;
        }
        let date = Self::new(text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?);
        date.is_valid().then_some(date)
    }

    /// Whether the month and the day exist.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.month >= 1 && self.month <= 12 && self.day >= 1 && self.day <= days_in_month(self.year, self.month)
    }

    /// Days since 1970-01-01; negative before.
    ///
    /// Counts years from March, so that the leap day is the last of its year (Howard Hinnant's `days_from_civil`).
    #[must_use]
    pub const fn days_since_epoch(self) -> i64 {
        let year = self.year as i64 - (self.month <= 2) as i64;
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month as i64 + 9) % 12) + 2) / 5 + self.day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The date so many days after 1970-01-01. Days beyond the range of years (about ± 10^11 days) stop at its ends.
    #[must_use]
    pub fn from_days_since_epoch(days: i64) -> Self {
        let days = days.clamp(-100_000_000_000, 100_000_000_000) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Self {
            year: i32::try_from(year).unwrap_or(i32::MAX),
            month: u8::try_from(month).unwrap_or(1),
            day: u8::try_from(day).unwrap_or(1),
        }
    }

    /// Days from here to `other`; negative when `other` is earlier.
    #[must_use]
    pub const fn days_until(self, other: Date) -> i64 {
        other.days_since_epoch() - self.days_since_epoch()
    }
}

const fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        let date = Date::parse("2026-11-23").unwrap();
        assert_eq!(date, Date::new(2026, 11, 23));
        assert_eq!(date.to_string(), "2026-11-23");
        assert!(Date::new(2026, 9, 30) < date);
        assert_eq!(Date::parse("2024-02-29").map(|d| d.day), Some(29));
        for bad in [
            "",
            "2026-11-31",
            "2023-02-29",
            "1900-02-29",
            "2026-1-01",
            "2026-13-01",
            "2026-00-10",
            "2026/11/23",
            "2026-11-2é",
            " 2026-11-23",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_count_both_ways() {
        assert_eq!(Date::new(1970, 1, 1).days_since_epoch(), 0);
        assert_eq!(Date::new(2000, 3, 1).days_since_epoch(), 11_017);
        assert_eq!(Date::new(1969, 12, 31).days_since_epoch(), -1);
        let mut before = Date::from_days_since_epoch(-800_001);
        for days in -800_000..800_000 {
            let date = Date::from_days_since_epoch(days);
            assert!(date.is_valid() && date > before, "{days}");
            assert_eq!(date.days_since_epoch(), days);
            before = date;
        }
        assert_eq!(Date::new(2026, 8, 22).days_until(Date::new(2026, 11, 23)), 93);
        assert!(Date::from_days_since_epoch(i64::MAX) > Date::from_days_since_epoch(i64::MIN));
    }
}

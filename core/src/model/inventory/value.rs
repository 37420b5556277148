//! Values as Docker's formatters write them: joined labels, ages in words, sizes with units, three kinds of time stamp.

use crate::date::Date;
use crate::model::Spanned;
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::json::{Kind, Value};
use std::ops::Range;

/// A point in time, in seconds since 1970. Docker's "never" (year 1) is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment(pub i64);

impl Moment {
    /// The day, in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date::from_days_since_epoch(self.0.div_euclid(86_400))
    }

    /// Whole hours from here to `other`; negative when `other` is earlier.
    #[must_use]
    pub fn hours_until(self, other: Moment) -> i64 {
        (other.0 - self.0).div_euclid(3600)
    }

    /// The beginning of a day.
    #[must_use]
    pub fn of_day(date: Date) -> Self {
        Self(date.days_since_epoch() * 86_400)
    }

    /// Reads `2026-11-02T09:14:21.5Z`, `2026-11-02 09:14:21 +0100 CET`, a bare day, or seconds since 1970.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some(day) = text.get(..10).and_then(Date::parse) else {
            let seconds: i64 = text.parse().ok()?;
            return (seconds > 0 && seconds < 1 << 40).then_some(Self(seconds));
        };
        if day.year < 1900 {
            return None;
        }
        let rest = text.get(10..).unwrap_or("").trim_start_matches(['T', 't', ' ']);
        let part = |range: Range<usize>| rest.get(range).and_then(|part| part.parse::<i64>().ok());
        let (Some(hours), Some(minutes), Some(seconds)) = (part(0..2), part(3..5), part(6..8)) else {
            return Some(Self::of_day(day));
        };
        let zone = rest.get(8..).unwrap_or("").trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()).trim();
        Some(Self(Self::of_day(day).0 + hours * 3600 + minutes * 60 + seconds - offset(zone)))
    }
}

/// Seconds that a zone (`+0100`, `+01:00`, `Z`) is ahead of UTC.
fn offset(zone: &str) -> i64 {
    let sign = match zone.bytes().next() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return 0,
    };
    let digits: Vec<i64> =
        zone.bytes().skip(1).filter(u8::is_ascii_digit).take(4).map(|byte| i64::from(byte - b'0')).collect();
    match digits.as_slice() {
        [a, b, c, d] => sign * ((a * 10 + b) * 3600 + (c * 10 + d) * 60),
        _ => 0,
    }
}

/// The hours that an age in words stands for: `3 weeks`, `About an hour`, `Less than a second`.
#[must_use]
pub fn age_hours(text: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.windows(2).find_map(|pair| {
        let [count, unit] = pair else { return None };
        let count: i64 = match *count {
            "a" | "an" => 1,
            number => number.parse().ok().filter(|count| *count < 100_000)?,
        };
        Some(match unit.trim_end_matches(',').trim_end_matches('s') {
            "second" | "minute" => 0,
            "hour" => count,
            "day" => count * 24,
            "week" => count * 24 * 7,
            "month" => count * 24 * 30,
            "year" => count * 24 * 365,
            _ => return None,
        })
    })
}

/// The bytes that a size stands for: `1.09kB`, `192MB`, `4.1GiB`; what follows is left aside.
#[must_use]
pub fn size_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text.get(..end)?.parse().ok()?;
    let unit: String = text.get(end..)?.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    let factor: f64 = match unit.as_str() {
        "" | "B" => 1.0,
        "kB" | "KB" | "k" => 1e3,
        "MB" | "M" => 1e6,
        "GB" | "G" => 1e9,
        "TB" => 1e12,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        "TiB" => 1_099_511_627_776.0,
        _ => return None,
    };
    // Sizes are shown with four digits at most; the cast saturates.
    Some((number * factor).round() as u64)
}

/// A token that is equal for equal texts: to tell whether two hold the same value without keeping it.
///
/// FNV-1a is no protection: whoever has the token can try likely values. It is kept in memory only, never written to a report.
#[must_use]
pub fn token(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The pieces of `k=v,k=v`. Values may hold commas: a comma separates only where the next piece looks like `key=`.
#[must_use]
pub(super) fn label_pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (comma, _) in text.match_indices(',') {
        if starts_label(text.get(comma + 1..).unwrap_or("")) {
            pieces.push(start..comma);
            start = comma + 1;
        }
    }
    if start < text.len() {
        pieces.push(start..text.len());
    }
    pieces
}

/// Whether a text starts like `key=`. Keys are shorter than 200 bytes.
fn starts_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'-');
    let length = bytes.iter().take(200).take_while(|byte| is_key(byte)).count();
    length > 0 && bytes.first().is_some_and(u8::is_ascii_alphanumeric) && bytes.get(length) == Some(&b'=')
}

/// Reads values of one text with their places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'t> {
    pub(super) source: SourceId,
    pub(super) text: &'t str,
}

impl Reader<'_> {
    pub(super) fn at(self, value: &Value) -> Location {
        self.place(value.span)
    }

    pub(super) fn place(self, span: Span) -> Location {
        Location::new(self.source, span)
    }

    /// A text or a number, with its place.
    pub(super) fn string(self, value: Option<&Value>) -> Option<Spanned<String>> {
        let value = value?;
        Some(Spanned::new(value.text()?.to_owned(), self.at(value)))
    }

    /// The same, when it says something: not empty, not `<none>`, not `N/A`.
    pub(super) fn filled(self, value: Option<&Value>) -> Option<Spanned<String>> {
        self.string(value).filter(|text| !matches!(text.value.as_str(), "" | "<none>" | "N/A" | "<no value>"))
    }

    /// `true`, or `"true"` as the formatters write it.
    pub(super) fn boolean(self, value: Option<&Value>) -> Option<Spanned<bool>> {
        let value = value?;
        let truth = match (&value.kind, value.str()) {
            (Kind::Bool(truth), _) => *truth,
            (_, Some("true")) => true,
            (_, Some("false")) => false,
            _ => return None,
        };
        Some(Spanned::new(truth, self.at(value)))
    }

    /// A whole number, or a text that is one.
    pub(super) fn integer(self, value: Option<&Value>) -> Option<Spanned<i64>> {
        let value = value?;
        Some(Spanned::new(value.text()?.trim().parse().ok()?, self.at(value)))
    }

    pub(super) fn moment(self, value: Option<&Value>) -> Option<Spanned<Moment>> {
        let value = value?;
        Some(Spanned::new(Moment::parse(value.text()?)?, self.at(value)))
    }

    pub(super) fn size(self, value: Option<&Value>) -> Option<Spanned<u64>> {
        let value = value?;
        Some(Spanned::new(size_bytes(value.text()?)?, self.at(value)))
    }

    /// The texts of a list.
    pub(super) fn strings(self, value: Option<&Value>) -> Vec<Spanned<String>> {
        value.map(Value::items).unwrap_or_default().iter().filter_map(|item| self.string(Some(item))).collect()
    }

    /// The texts of a list, or the pieces of a text joined by commas.
    pub(super) fn list(self, value: Option<&Value>) -> Vec<Spanned<String>> {
        match value {
            Some(Value { kind: Kind::String(text), .. }) => self.pieces(value, text.split(',')),
            _ => self.strings(value),
        }
    }

    fn pieces<'s>(self, value: Option<&Value>, pieces: impl Iterator<Item = &'s str>) -> Vec<Spanned<String>> {
        let Some((value, whole)) = value.and_then(|value| Some((value, value.str()?))) else { return Vec::new() };
        let inside = self.inside(value);
        let base = whole.as_ptr() as usize;
        pieces
            .map(|piece| (piece.trim(), piece))
            .filter(|(piece, _)| !piece.is_empty())
            .map(|(piece, _)| {
                let start = (piece.as_ptr() as usize).saturating_sub(base);
                Spanned::new(piece.to_owned(), self.place(inside.span(start..start + piece.len())))
            })
            .collect()
    }

    /// Where the decoded bytes of a string stand in the text.
    pub(super) fn inside(self, value: &Value) -> Inside {
        let written = value.span.slice(self.text);
        let quoted = usize::from(written.starts_with('"'));
        let start = value.span.start as usize + quoted;
        let plain = written.get(quoted..).unwrap_or("");
        let escapes = if plain.contains('\\') { escapes(plain) } else { Vec::new() };
        Inside { start, escapes, whole: value.span }
    }
}

/// Where decoded bytes of a string stand.
pub(super) struct Inside {
    start: usize,
    /// After each escape: decoded offset, written offset.
    escapes: Vec<(usize, usize)>,
    whole: Span,
}

impl Inside {
    /// The place of decoded bytes.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        let find = |offset: usize| {
            let passed = self.escapes.partition_point(|(decoded, _)| *decoded <= offset);
            match passed.checked_sub(1).and_then(|nth| self.escapes.get(nth)) {
                Some((decoded, written)) => self.start + written + (offset - decoded),
                None => self.start + offset,
            }
        };
        let span = Span::new(find(range.start), find(range.end));
        if self.whole.contains(span) { span } else { self.whole }
    }
}

/// What escapes add up to; surrogate pairs count as written, six and six bytes for four.
fn escapes(written: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut decoded, mut at) = (0, 0);
    while let Some(rest) = written.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(plain) = rest.find('\\') else { break };
        decoded += plain;
        at += plain;
        let code = |from: usize| {
            let digits = written.get(from + 2..from + 6).filter(|_| written.get(from..from + 2) == Some("\\u"))?;
            u32::from_str_radix(digits, 16).ok()
        };
        let (length, width) = match code(at) {
            Some(first) if (0xd800..0xdc00).contains(&first) && code(at + 6).is_some() => (12, 4),
            Some(first) => (6, char::from_u32(first).map_or(3, char::len_utf8)),
            None => (2, 1),
        };
        decoded += width;
        at += length;
        out.push((decoded, at));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_of_time() {
        let at =
            |text: &str| Moment::parse(text).map(|moment| (moment.date().to_string(), moment.0.rem_euclid(86_400)));
        let want = |date: &str, seconds| Some((date.to_owned(), seconds));
        assert_eq!(at("2026-11-02T09:14:21.123456789Z"), want("2026-11-02", 33_261));
        assert_eq!(at("2026-11-02 09:14:21 +0000 UTC"), want("2026-11-02", 33_261));
        assert_eq!(at("2026-11-02 00:30:00.5 +0100 CET"), want("2026-11-01", 84_600));
        assert_eq!(at("2026-11-02T09:14:21-05:00"), want("2026-11-02", 51_261));
        assert_eq!(at("2026-11-02"), want("2026-11-02", 0));
        assert_eq!(at("86400"), want("1970-01-02", 0));
        for never in ["0001-01-01T00:00:00Z", "", "soon", "-5", "2026-13-01T00:00:00Z"] {
            assert_eq!(at(never), None, "{never}");
        }
    }

    #[test]
    fn ages_and_sizes_in_words() {
        for (text, want) in [
            ("Up 3 weeks (healthy)", Some(504)),
            ("Exited (137) 7 months ago", Some(5040)),
            ("Up About an hour", Some(1)),
            ("Up Less than a second", Some(0)),
            ("Up 2 minutes", Some(0)),
            ("Created", None),
        ] {
            assert_eq!(age_hours(text), want, "{text}");
        }
        for (text, want) in [
            ("1.09kB (virtual 192MB)", Some(1090)),
            ("0B", Some(0)),
            ("4.1GB", Some(4_100_000_000)),
            ("1.5GiB", Some(1_610_612_736)),
            ("N/A", None),
            ("12", Some(12)),
            ("...", None),
        ] {
            assert_eq!(size_bytes(text), want, "{text}");
        }
    }

    #[test]
    fn labels_whose_values_hold_commas() {
        let text = "com.docker.compose.depends_on=db:service_healthy:false,redis:service_started:false,com.docker.compose.project.config_files=/srv/a.yml,/srv/b.yml,x=,y=1";
        let pieces: Vec<&str> = label_pieces(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(
            pieces,
            [
                "com.docker.compose.depends_on=db:service_healthy:false,redis:service_started:false",
                "com.docker.compose.project.config_files=/srv/a.yml,/srv/b.yml",
                "x=",
                "y=1"
            ]
        );
        assert!(label_pieces("").is_empty());
    }

    #[test]
    fn places_inside_of_strings_with_escapes() {
        let text = "{\"L\":\"a=\\u003cx\\u003e,\\\"é\\ud83d\\ude00,b=1\"}";
        let read = crate::syntax::json::parse(text);
        let value = read.root().unwrap().get("L").unwrap();
        let decoded = value.str().unwrap();
        let reader = Reader { source: SourceId(0), text };
        let inside = reader.inside(value);
        let at = decoded.find("b=1").unwrap();
        assert_eq!(inside.span(at..at + 3).slice(text), "b=1");
        let at = decoded.find('x').unwrap();
        assert_eq!(inside.span(at..at + 1).slice(text), "x");
    }
}

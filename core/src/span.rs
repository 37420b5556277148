//! Where something stands in a text: half-open ranges of UTF-8 bytes, and the line table that turns them into lines and columns.

use std::ops::Range;

/// A half-open range of UTF-8 byte offsets into one text.
///
/// Offsets are `u32`: no text larger than 4 GiB is ever analysed (see [`crate::source::MAX_BYTES`]).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from two byte offsets; an end before the start is moved to the start.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX).max(start);
        Self { start, end }
    }

    /// The empty span at `offset`.
    #[must_use]
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// As a range for slicing. Prefer [`Span::slice`], which cannot panic.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text under the span, or `""` when the span does not fit the text.
    #[must_use]
    pub fn slice(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same span, both ends moved onto character boundaries of `text` and into its length.
    #[must_use]
    pub fn clamp(self, text: &str) -> Span {
        let floor = |offset: u32| {
            let mut offset = (offset as usize).min(text.len());
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        Span::new(floor(self.start), floor(self.end))
    }
}

/// A place for people: 1-based line, 1-based column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, counted in characters.
    pub column: u32,
}

/// Byte offset of each line's first byte. Lines end at `\n`, as in every format read here.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the line starts of `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, byte)| byte == b'\n')
                .map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)),
        );
        Self { starts }
    }

    /// How many lines there are; an empty text has one.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// 0-based line of a byte offset.
    #[must_use]
    pub fn line(&self, offset: u32) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// First byte of a 0-based line; past the last line, that line's start.
    #[must_use]
    pub fn start(&self, line: usize) -> u32 {
        let last = self.starts.len() - 1;
        self.starts[line.min(last)]
    }

    /// Line and column, the column in characters.
    #[must_use]
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let line = self.line(offset);
        let before = Span { start: self.starts[line], end: offset.max(self.starts[line]) }.clamp(text);
        LineColumn {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(before.slice(text).chars().count() + 1).unwrap_or(u32::MAX),
        }
    }
}

/// Turns byte offsets, asked for in any order, into UTF-16 code units from the start of the text: what a browser editor counts in.
#[derive(Clone, Debug)]
pub struct Utf16Index {
    /// Byte offset and UTF-16 offset after each non-ASCII character.
    steps: Vec<(u32, u32)>,
}

impl Utf16Index {
    /// Reads the non-ASCII characters of `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut steps = Vec::new();
        let mut saved = 0u32; // bytes minus UTF-16 units so far
        for (at, c) in text.char_indices() {
            if !c.is_ascii() {
                let (bytes, units) = (c.len_utf8(), c.len_utf16());
                saved += u32::try_from(bytes - units).unwrap_or(0);
                steps.push((u32::try_from(at + bytes).unwrap_or(u32::MAX), saved));
            }
        }
        Self { steps }
    }

    /// UTF-16 offset of a byte offset that lies on a character boundary.
    #[must_use]
    pub fn offset(&self, byte: u32) -> u32 {
        let passed = self.steps.partition_point(|&(end, _)| end <= byte);
        byte - if passed == 0 { 0 } else { self.steps[passed - 1].1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let text = "aé\n😀b\r\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.lines(), 3);
        assert_eq!(lines.line_column(text, 3), LineColumn { line: 1, column: 3 });
        assert_eq!(lines.line_column(text, 8), LineColumn { line: 2, column: 2 });
    }

    #[test]
    fn utf16_counts_as_the_editor_does() {
        let text = "aé😀b";
        let index = Utf16Index::new(text);
        for (byte, _) in text.char_indices() {
            let want = text[..byte].encode_utf16().count();
            assert_eq!(index.offset(u32::try_from(byte).unwrap()) as usize, want, "at byte {byte}");
        }
        assert_eq!(index.offset(8), 5);
    }

    #[test]
    fn clamp_never_leaves_a_character_cut() {
        let text = "é";
        assert_eq!(Span::new(1, 9).clamp(text), Span::new(0, 2));
        assert_eq!(Span::new(0, 1).slice(text), "");
    }
}

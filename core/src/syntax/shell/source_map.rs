//! Where the bytes of a derived text (joined lines, a decoded string) stand in the text it came from.

use std::ops::Range;

use crate::span::Span;

/// Maps byte offsets of a derived text to byte spans of its source.
///
/// The derived text is a row of pieces. A piece as long as its source is a verbatim copy and maps byte by byte; any other (an escape
/// sequence, say) maps as a whole. A span never reaches into source that lies between two pieces unless the range does so too.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceMap {
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    /// First byte in the derived text.
    start: usize,
    len: usize,
    source: Span,
}

impl Piece {
    fn verbatim(&self) -> bool {
        self.len == self.source.len()
    }
}

impl SourceMap {
    /// A map with one verbatim piece.
    #[must_use]
    pub fn verbatim(source: Span) -> Self {
        let mut map = Self::default();
        map.push(source.len(), source);
        map
    }

    /// Length of the derived text.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.last().map_or(0, |piece| piece.start + piece.len)
    }

    /// Whether the derived text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends `len` bytes that come from `source`.
    pub fn push(&mut self, len: usize, source: Span) {
        let start = self.len();
        // An empty piece maps nothing, except that the first one says where an empty text stands.
        if len > 0 || self.pieces.is_empty() {
            self.pieces.push(Piece { start, len, source });
        }
    }

    /// Appends what another map describes, behind this one.
    pub fn append(&mut self, other: &SourceMap) {
        for piece in &other.pieces {
            self.push(piece.len, piece.source);
        }
    }

    /// The source of a range of the derived text.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.start(range.start);
        if range.is_empty() {
            return Span::at(start);
        }
        Span::new(start, self.end(range.end))
    }

    /// At a seam between two pieces, a start belongs to the later one.
    fn start(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.start <= at);
        let Some(piece) = self.pieces.get(after.saturating_sub(1)) else {
            return 0;
        };
        let within = at.saturating_sub(piece.start);
        let source = piece.source.range();
        if within >= piece.len {
            source.end
        } else if piece.verbatim() {
            source.start + within
        } else {
            source.start
        }
    }

    /// At a seam between two pieces, an end belongs to the earlier one.
    fn end(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.start < at);
        let Some(piece) = self.pieces.get(after.saturating_sub(1)) else {
            return 0;
        };
        let within = at.saturating_sub(piece.start);
        let source = piece.source.range();
        if within < piece.len && piece.verbatim() { source.start + within } else { source.end }
    }

    /// The map of a part of the derived text.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> SourceMap {
        let mut out = SourceMap::default();
        self.copy_into(range, &mut out);
        out
    }

    /// The map of a text derived from this map's derived text by `inner`.
    #[must_use]
    pub fn compose(&self, inner: &SourceMap) -> SourceMap {
        let mut out = SourceMap::default();
        for piece in &inner.pieces {
            if piece.verbatim() {
                self.copy_into(piece.source.range(), &mut out);
            } else {
                out.push(piece.len, self.span(piece.source.range()));
            }
        }
        out
    }

    fn copy_into(&self, range: Range<usize>, out: &mut SourceMap) {
        if range.is_empty() {
            out.push(0, self.span(range));
            return;
        }
        let first = self.pieces.partition_point(|piece| piece.start + piece.len <= range.start);
        for piece in self.pieces.iter().skip(first) {
            if piece.start >= range.end {
                break;
            }
            let start = piece.start.max(range.start);
            let end = (piece.start + piece.len).min(range.end);
            out.push(end.saturating_sub(start), self.span(start..end));
        }
    }
}

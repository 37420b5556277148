//! Shell text of an instruction.

use std::ops::Range;

use crate::span::Span;
use crate::syntax::shell::SourceMap;

/// Text for a shell, continued lines joined, with the way back to the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body {
    /// The joined text.
    pub text: String,
    pub(super) map: SourceMap,
}

impl Body {
    /// Where a byte range of `text` stands in the file. Across continued lines the span covers what was left out in between.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        self.map.span(range)
    }
}

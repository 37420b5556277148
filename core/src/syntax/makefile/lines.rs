//! Lines as make reads them: a backslash at the end joins the next one.

use crate::span::Span;

/// A line with those that are joined to it, without its line feed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Logical {
    /// Where it is written.
    pub(super) span: Span,
}

/// The lines of a text.
pub(super) fn logical_lines(text: &str) -> impl Iterator<Item = Logical> {
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        loop {
            let rest = text.get(at..).unwrap_or("");
            let length = rest.find('\n').unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or("");
            at = (at + length + 1).min(text.len());
            let content = line.strip_suffix('\r').unwrap_or(line);
            // An even number of backslashes is a row of escaped ones.
            let slashes = content.len() - content.trim_end_matches('\\').len();
            let last = length == rest.len();
            if slashes % 2 == 0 || last || at >= text.len() {
                let end = start + (at - start - usize::from(!last && text.as_bytes().get(at - 1) == Some(&b'\n')));
                let end = if text.get(start..end).is_some_and(|line| line.ends_with('\r')) { end - 1 } else { end };
                return Some(Logical { span: Span::new(start, end) });
            }
        }
    })
}

//! `docker run --env-file` and Compose's `format: raw`: whatever stands behind `=` is the value.

use super::{Parser, Quote};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn raw_variable(&mut self) {
        let (start, end) = (self.at, self.content_end());
        let line = self.text.get(start..end).unwrap_or("");
        let length = line.find('=').unwrap_or(line.len());
        let name = line.get(..length).unwrap_or("");
        let key_span = Span::new(start, start + length);
        self.at = self.line_end();
        if name.is_empty() {
            self.error(Span::new(start, start + 1), "there is no name before this", "write NAME=value");
            return;
        }
        if name.contains(char::is_whitespace) {
            let help = if name.starts_with("export") { "remove `export`" } else { "write NAME=value without blanks" };
            self.error(key_span, "a variable's name cannot contain a space", help);
            return;
        }
        let value = line.get(length + 1..).map(|value| (value.to_owned(), Span::new(start + length + 1, end)));
        self.push(start, key_span, value, Quote::Raw, false);
    }
}

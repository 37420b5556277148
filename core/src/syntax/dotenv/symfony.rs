//! Symfony's dialect: its Dotenv component.

use super::{Parser, Quote, is_space};
use crate::span::Span;

/// The value at hand.
#[derive(Default)]
struct Value {
    text: String,
    computed: bool,
    quotes: Vec<Quote>,
}

impl Parser<'_> {
    pub(super) fn symfony_variable(&mut self) {
        let start = self.at;
        self.step_over_export();
        let key_start = self.at;
        let end = self.content_end();
        let line = self.text.get(key_start..end).unwrap_or("");
        let length = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(line.len());
        let key_span = Span::new(key_start, key_start + length);
        let rest = line.get(length..).unwrap_or("");
        let named = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if named && rest.trim_end_matches(is_space).is_empty() && start < key_start {
            // `export NAME` passes a variable on.
            self.push(start, key_span, None, Quote::None, false);
            self.at = self.line_end();
            return;
        }
        let problem = if !named {
            Some(("a variable's name begins with a letter here", "write NAME=value"))
        } else if rest.starts_with(is_space) {
            Some(("a blank cannot follow the name", "write NAME=value without blanks around `=`"))
        } else if !rest.starts_with('=') {
            Some(("`=` is expected behind the name", "write NAME=value"))
        } else {
            None
        };
        if let Some((message, help)) = problem {
            let bad = key_start + length;
            let width = self.text.get(bad..end).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let at = if width == 0 { key_span } else { Span::new(bad, bad + width) };
            self.error(at, message, help);
            self.at = self.line_end();
            return;
        }
        self.at = key_start + length + 1;
        if let Some((value, span)) = self.symfony_value() {
            let quote = match value.quotes.as_slice() {
                [] => Quote::None,
                [one] => *one,
                _ => Quote::Mixed,
            };
            self.push(start, key_span, Some((value.text, span)), quote, value.computed);
        }
        self.at = self.line_end();
    }

    /// Quoted and unquoted parts up to the end of the line or a comment.
    fn symfony_value(&mut self) -> Option<(Value, Span)> {
        let start = self.at;
        let mut value = Value::default();
        let line = self.text.get(start..self.content_end()).unwrap_or("");
        let text = line.trim_start_matches(is_space);
        if text.is_empty() || text.starts_with('#') && text.len() < line.len() || line.starts_with('#') {
            if text.starts_with('#') {
                let from = start + line.len() - text.len();
                self.out.comments.push(Span::new(from, start + line.len()));
            }
            return Some((value, Span::at(start)));
        }
        if text.len() < line.len() {
            let blanks = Span::new(start, start + line.len() - text.len());
            self.error(blanks, "a blank cannot stand before the value", "write NAME=value without blanks around `=`");
            return None;
        }
        let mut end = start;
        while self.at < self.content_end() {
            let c = self.rest().chars().next();
            match c {
                None => break,
                Some('\'') => self.symfony_single(&mut value)?,
                Some('"') => self.symfony_double(&mut value)?,
                Some(_) => {
                    let comment = self.symfony_unquoted(&mut value, &mut end);
                    if comment {
                        break;
                    }
                    continue;
                }
            }
            end = self.at;
        }
        if value.quotes.as_slice() == [Quote::Single] {
            value.text = value.text.replace("$$", "$");
        }
        Some((value, Span::new(start, end)))
    }

    /// `'…'`: everything in it is itself.
    fn symfony_single(&mut self, value: &mut Value) -> Option<()> {
        let start = self.at;
        let inside = self.text.get(start + 1..).unwrap_or("");
        let searched = self.no_close_before.first().copied().unwrap_or(0);
        let length = if start < searched { None } else { inside.find('\'') };
        let Some(length) = length else {
            if let Some(known) = self.no_close_before.first_mut() {
                *known = self.text.len();
            }
            self.never_closed(start);
            return None;
        };
        value.text.push_str(&inside.get(..length).unwrap_or("").replace('$', "$$"));
        value.quotes.push(Quote::Single);
        self.at = start + 1 + length + 1;
        Some(())
    }

    /// `"…"`: `\"`, `\n`, `\r`, `\\` and `\$` are escapes.
    fn symfony_double(&mut self, value: &mut Value) -> Option<()> {
        let start = self.at;
        let Some(end) = self.closing_quote(b'"') else {
            self.never_closed(start);
            return None;
        };
        let inside = self.text.get(start + 1..end).unwrap_or("");
        let mut chars = inside.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek()) {
                ('\\', Some('"')) => value.text.push('"'),
                ('\\', Some('n')) => value.text.push('\n'),
                ('\\', Some('r')) => value.text.push('\r'),
                ('\\', Some('\\')) => value.text.push('\\'),
                ('\\', Some('$')) => value.text.push_str("$$"),
                (c, next) => {
                    value.computed |= c == '$' && next == Some(&'(');
                    value.text.push(c);
                    continue;
                }
            }
            chars.next();
        }
        value.quotes.push(Quote::Double);
        self.at = end + 1;
        Some(())
    }

    fn never_closed(&mut self, start: usize) {
        let open = Span::new(start, start + 1);
        self.error(open, "this quote is never closed", "add the closing quote at the end of the value");
    }

    /// Text without quotes; `true` when a comment ended it.
    fn symfony_unquoted(&mut self, value: &mut Value, end: &mut usize) -> bool {
        let (start, line_end) = (self.at, self.content_end());
        let line = self.text.get(start..line_end).unwrap_or("");
        let mut text = String::new();
        let mut previous = ' ';
        let (mut at, mut comment, mut open) = (0, false, 0usize);
        let mut chars = line.char_indices().peekable();
        while let Some((place, c)) = chars.next() {
            at = place;
            let next = chars.peek().map(|(_, next)| *next);
            let first = place == 0;
            match c {
                '\'' | '"' if open == 0 => break,
                '#' if matches!(previous, ' ' | '\t') && !first => {
                    comment = true;
                    break;
                }
                '\\' if matches!(next, Some('"' | '\'' | '\\')) => {
                    text.extend(next);
                    chars.next();
                }
                '\\' if next == Some('$') => {
                    text.push_str("$$");
                    chars.next();
                }
                '$' if next == Some('(') => {
                    value.computed = true;
                    open += 1;
                    text.push_str("$(");
                    chars.next();
                }
                ')' if open > 0 => {
                    open -= 1;
                    text.push(c);
                }
                c => text.push(c),
            }
            previous = c;
            at = chars.peek().map_or(line.len(), |(next, _)| *next);
        }
        let written = line.get(..at).unwrap_or("");
        let kept = written.trim_end_matches(is_space);
        if comment {
            self.out.comments.push(Span::new(start + at, line_end));
        }
        let text = text.trim_end_matches(is_space);
        if text.contains(is_space) && !text.contains('$') {
            let message = "a value with blanks must be quoted for Symfony";
            self.error(Span::new(start, start + kept.len()), message, "put the value in double quotes");
        }
        if !kept.is_empty() {
            value.text.push_str(text);
            value.quotes.push(Quote::None);
            *end = start + kept.len();
        }
        self.at = start + at;
        comment
    }
}

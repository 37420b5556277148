//! Finds every span in a value, and makes sure that each is a stretch of its text.
//!
//! The spans are read from what `Debug` prints: every tree has it, so a new format, or a new field of an old one, is looked at without
//! a line of code that could be forgotten.

use plimsoll_core::span::Span;
use std::fmt::{self, Debug, Write};

/// Panics when a span in `value` does not fit `text`.
pub fn check(text: &str, value: &impl Debug) {
    let mut printed = Printed { text, state: State::Code, word: String::new(), numbers: Vec::new(), start: None };
    write!(printed, "{value:?}").unwrap();
}

/// Panics when a span does not fit `text`.
pub fn check_span(text: &str, span: Span) {
    let range = span.range();
    assert!(text.get(range.clone()).is_some(), "span {range:?} is no stretch of a text of {} bytes", text.len());
}

/// Reads what is printed, character by character: strings are stepped over, `start: 1` and `end: 2` remembered.
struct Printed<'t> {
    text: &'t str,
    state: State,
    word: String,
    numbers: Vec<usize>,
    start: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    /// Inside quotes of this kind; `true` behind a backslash.
    Quoted(char, bool),
    /// Behind `Span {`.
    Span,
}

impl Write for Printed<'_> {
    fn write_str(&mut self, printed: &str) -> fmt::Result {
        for c in printed.chars() {
            self.state = match (self.state, c) {
                (State::Quoted(quote, false), '\\') => State::Quoted(quote, true),
                (State::Quoted(quote, true), _) => State::Quoted(quote, false),
                (State::Quoted(quote, false), c) if c == quote => State::Code,
                (State::Quoted(quote, _), _) => State::Quoted(quote, false),
                (State::Span, '}') => {
                    self.number();
                    let [start, end] = self.numbers[..] else { panic!("a span of {} numbers", self.numbers.len()) };
                    check_span(self.text, Span { start: start as u32, end: end as u32 });
                    self.numbers.clear();
                    State::Code
                }
                (State::Span, c) => {
                    match (c.to_digit(10), self.start) {
                        (Some(digit), number) => self.start = Some(number.unwrap_or(0) * 10 + digit as usize),
                        (None, _) => self.number(),
                    }
                    State::Span
                }
                (State::Code, quote @ ('"' | '\'')) => State::Quoted(quote, false),
                (State::Code, '{') if self.word == "Span" => State::Span,
                (State::Code, ' ') => State::Code,
                (State::Code, c) => {
                    if !c.is_alphanumeric() {
                        self.word.clear();
                    } else {
                        self.word.push(c);
                    }
                    State::Code
                }
            };
            if c == '{' {
                self.word.clear();
            }
        }
        Ok(())
    }
}

impl Printed<'_> {
    fn number(&mut self) {
        self.numbers.extend(self.start.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    #[allow(dead_code, reason = "only printed")]
    struct Tree {
        name: &'static str,
        quote: char,
        at: Vec<Span>,
    }

    fn tree(at: Vec<Span>) -> Tree {
        Tree { name: "\"Span { start: 9, end: 8 }'", quote: '"', at }
    }

    #[test]
    fn spans_that_fit() {
        check("abé", &tree(vec![Span { start: 0, end: 4 }, Span { start: 2, end: 2 }]));
    }

    #[test]
    #[should_panic(expected = "no stretch")]
    fn a_span_that_cuts_a_character() {
        check("abé", &tree(vec![Span { start: 0, end: 1 }, Span { start: 0, end: 3 }]));
    }
}

//! Reads a file of facts that a user hands in. What cannot be read is refused with its place: half a table would be believed.

use crate::date::Date;
use crate::span::{LineIndex, Span};
use crate::syntax::json::{self, Json, Kind, Value};
use std::fmt;

/// Why a file of facts was refused, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FactsError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for FactsError {}

/// A JSON text with the questions that reading a table asks.
pub(super) struct Reader<'t> {
    text: &'t str,
    json: Json,
}

impl<'t> Reader<'t> {
    /// Parses; a syntax error refuses the file.
    pub(super) fn new(text: &'t str) -> Result<Self, FactsError> {
        let json = json::parse(text);
        let reader = Self { text, json };
        if let Some(first) = reader.json.errors.first() {
            let help = first.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            return Err(reader.error(first.span, format!("{}{help}", first.message)));
        }
        if reader.json.documents.len() != 1 {
            return Err(reader.error(Span::at(0), "this is not one JSON value"));
        }
        Ok(reader)
    }

    pub(super) fn root(&self) -> &Value {
        // `new` refused a text without one.
        static NOTHING: Value = Value { kind: Kind::Null, span: Span { start: 0, end: 0 } };
        self.json.root().unwrap_or(&NOTHING)
    }

    pub(super) fn error(&self, span: Span, message: impl Into<String>) -> FactsError {
        let at = LineIndex::new(self.text).line_column(self.text, span.start);
        FactsError { line: at.line, column: at.column, message: message.into() }
    }

    /// The day in `_meta.as_of`.
    pub(super) fn as_of(&self) -> Result<Date, FactsError> {
        let root = self.root();
        let Some(value) = root.at(&["_meta", "as_of"]) else {
            let message = "the date is missing: write \"_meta\": {\"as_of\": \"YYYY-MM-DD\"} with the day of the data";
            return Err(self.error(Span::at(root.span.start as usize), message));
        };
        self.date(value)
    }

    pub(super) fn date(&self, value: &Value) -> Result<Date, FactsError> {
        value
            .str()
            .and_then(Date::parse)
            .ok_or_else(|| self.error(value.span, "this is no day; write it as \"YYYY-MM-DD\""))
    }

    pub(super) fn text<'v>(&self, value: &'v Value) -> Result<&'v str, FactsError> {
        value.str().ok_or_else(|| self.error(value.span, "a text in quotes belongs here"))
    }

    pub(super) fn items<'v>(&self, value: &'v Value) -> Result<&'v [Value], FactsError> {
        match &value.kind {
            Kind::Array(items) => Ok(items),
            _ => Err(self.error(value.span, "a list in brackets belongs here")),
        }
    }

    fn need<'v>(&self, row: &'v Value, key: &str) -> Result<&'v Value, FactsError> {
        row.get(key).ok_or_else(|| self.error(Span::at(row.span.start as usize), format!("`{key}` is missing")))
    }

    /// A text that has to be there.
    pub(super) fn field<'v>(&self, row: &'v Value, key: &str) -> Result<&'v str, FactsError> {
        self.text(self.need(row, key)?)
    }

    /// A text that may be there.
    pub(super) fn optional<'v>(&self, row: &'v Value, key: &str) -> Result<Option<&'v str>, FactsError> {
        row.get(key).filter(|value| !value.is_null()).map(|value| self.text(value)).transpose()
    }

    /// `true` or `false`; false when it is missing.
    pub(super) fn flag(&self, row: &Value, key: &str) -> Result<bool, FactsError> {
        let Some(value) = row.get(key) else { return Ok(false) };
        value.bool().ok_or_else(|| self.error(value.span, "true or false belongs here"))
    }

    /// A list that has to be there.
    pub(super) fn list<'v>(&self, row: &'v Value, key: &str) -> Result<&'v [Value], FactsError> {
        self.items(self.need(row, key)?)
    }

    /// A list that may be there.
    pub(super) fn optional_list<'v>(&self, row: &'v Value, key: &str) -> Result<&'v [Value], FactsError> {
        row.get(key).map_or(Ok(&[]), |value| self.items(value))
    }

    /// An object that has to be there.
    pub(super) fn object<'v>(&self, row: &'v Value, key: &str) -> Result<&'v Value, FactsError> {
        let value = self.need(row, key)?;
        if value.is_object() { Ok(value) } else { Err(self.error(value.span, "an object in braces belongs here")) }
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&self, row: &Value, key: &str, words: &[(&str, T)]) -> Result<T, FactsError> {
        let value = self.need(row, key)?;
        let text = self.text(value)?;
        words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.error(value.span, format!("this is none of {}", known.join(", ")))
        })
    }
}

//! Keys and values of an entity in the making.

use crate::model::Spanned;
use crate::model::compose::{Command, EnvVar, Text};
use crate::source::Location;

/// Keys and values, each with its place.
#[derive(Default)]
pub(super) struct Properties(Vec<(&'static str, String, Option<Location>)>);

impl Properties {
    /// The collected keys and values.
    pub(super) fn into_list(self) -> Vec<(&'static str, String, Option<Location>)> {
        self.0
    }

    pub(super) fn add(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.push((key, value.into(), None));
        self
    }

    pub(super) fn at(mut self, key: &'static str, value: impl Into<String>, at: Location) -> Self {
        self.0.push((key, value.into(), Some(at)));
        self
    }

    /// A value whose place may not be known.
    pub(super) fn told(mut self, key: &'static str, value: impl Into<String>, at: Option<Location>) -> Self {
        self.0.push((key, value.into(), at));
        self
    }

    pub(super) fn maybe(self, key: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.add(key, value),
            None => self,
        }
    }

    pub(super) fn flag(self, key: &'static str, value: bool) -> Self {
        self.add(key, word(value))
    }

    /// A switch that may not be set.
    pub(super) fn switch(self, key: &'static str, value: Option<&Spanned<bool>>) -> Self {
        match value {
            Some(value) => self.at(key, word(value.value), value.at),
            None => self,
        }
    }

    /// A text that may not be set.
    pub(super) fn text(self, key: &'static str, text: Option<&Text>) -> Self {
        match text {
            Some(text) => self.at(key, &text.text, text.at),
            None => self,
        }
    }

    /// A key for each text.
    pub(super) fn texts<'t>(self, key: &'static str, texts: impl IntoIterator<Item = &'t Text>) -> Self {
        texts.into_iter().fold(self, |own, text| own.at(key, &text.text, text.at))
    }

    /// Something that a command has recorded, which may not be told.
    pub(super) fn recorded<T: ToString>(self, key: &'static str, value: Option<&Spanned<T>>) -> Self {
        match value {
            Some(value) => self.at(key, value.value.to_string(), value.at),
            None => self,
        }
    }

    /// A key for each thing that a command has recorded.
    pub(super) fn all_recorded<'s>(
        self,
        key: &'static str,
        values: impl IntoIterator<Item = &'s Spanned<String>>,
    ) -> Self {
        values.into_iter().fold(self, |own, value| own.at(key, &value.value, value.at))
    }

    /// `NAME=value` for each variable; the name alone when it is passed through.
    pub(super) fn pairs(self, key: &'static str, variables: &[EnvVar]) -> Self {
        variables.iter().fold(self, |own, one| match &one.value {
            Some(value) => own.at(key, format!("{}={}", one.key, value.text), value.at),
            None => own.at(key, &one.key, one.key_at),
        })
    }

    /// `NAME=value` for each option.
    pub(super) fn options(self, key: &'static str, options: &[(String, String)]) -> Self {
        options.iter().fold(self, |own, (name, value)| own.add(key, format!("{name}={value}")))
    }

    /// A command's words.
    pub(super) fn words(self, key: &'static str, command: Option<&Command>) -> Self {
        match command {
            Some(command) => self.at(key, command.text(), command.at),
            None => self,
        }
    }
}

fn word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

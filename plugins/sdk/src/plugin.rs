//! What a plug-in implements.

use crate::abi::{Error, ErrorKind, Finding, Metadata};
use crate::access::Project;
use serde::de::DeserializeOwned;

/// A plug-in.
pub trait Plugin {
    /// What it is, and its rules.
    fn metadata() -> Metadata;

    /// What its rules find.
    ///
    /// # Errors
    /// When the settings are not understood, or the plug-in cannot judge the project.
    fn check(project: &Project, settings: Settings<'_>) -> Result<Vec<Finding>, Error>;
}

/// The settings a user gave, as JSON text.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'s> {
    text: &'s str,
}

impl<'s> Settings<'s> {
    /// Settings from JSON text; nothing at all is `{}`.
    #[must_use]
    pub fn new(text: &'s str) -> Self {
        Self { text: if text.trim().is_empty() { "{}" } else { text } }
    }

    /// The text.
    #[must_use]
    pub fn text(self) -> &'s str {
        self.text
    }

    /// Reads them. Derive `Deserialize` with `deny_unknown_fields`, so that a slip in a name is an error and not a silent default.
    ///
    /// # Errors
    /// Says what is wrong at which line and column of the settings.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, Error> {
        serde_json::from_str(self.text).map_err(|error| settings_error(error.to_string()))
    }
}

/// An error about the settings.
#[must_use]
pub fn settings_error(message: impl Into<String>) -> Error {
    Error { kind: ErrorKind::Settings, message: message.into() }
}

//! A plug-in as the browser keeps it: its module in one place, everything else as JSON text in another.

use super::about::About;
use super::shelf::{Kept, Plugin};
use crate::stack::Shared;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything but the module.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Record {
    /// Its place among the others.
    place: usize,
    settings: String,
    on: bool,
    off: BTreeSet<String>,
    /// What it said of itself, so that it can be shown while it is switched off.
    about: String,
    digest: String,
    interface: String,
}

/// A plug-in's record.
pub(crate) fn write(plugin: &Plugin, place: usize) -> String {
    let about = plugin.about.as_ref();
    let record = Record {
        place,
        settings: plugin.settings.to_string(),
        on: plugin.on,
        off: plugin.off.clone(),
        about: about.map(|about| about.text.clone()).unwrap_or_default(),
        digest: about.map(|about| about.digest.clone()).unwrap_or_default(),
        interface: about.map(|about| about.interface.clone()).unwrap_or_default(),
    };
    serde_json::to_string(&record).unwrap_or_default()
}

/// Reads a record, and the place it had; `None` when it is none.
pub(crate) fn read(file: &str, text: &str, bytes: Vec<u8>) -> Option<(usize, Kept)> {
    let record: Record = serde_json::from_str(text).ok()?;
    let object: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(&record.settings);
    let kept = Kept {
        file: file.into(),
        bytes: Shared::new(bytes),
        settings: if object.is_ok() { record.settings.as_str().into() } else { "{}".into() },
        on: record.on,
        off: record.off,
        about: About::read(&record.about, &record.digest, &record.interface).ok().map(Shared::new),
    };
    Some((record.place, kept))
}

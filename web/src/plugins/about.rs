//! What a plug-in says of itself and why it failed: text of a stranger, read, judged, and cut to what can be shown.

use plimsoll_core::plugin::{judge, shown};
use plimsoll_core::text::shorten;
use plimsoll_plugin_abi::{Limits, Metadata};
use serde::Deserialize;

/// A plug-in's own description.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct About {
    /// As it may be shown.
    pub(crate) metadata: Metadata,
    /// SHA-256 of its file, in hex.
    pub(crate) digest: String,
    /// The version of the interface it was made for.
    pub(crate) interface: String,
    /// The metadata as they came: JSON text.
    pub(crate) text: String,
}

impl About {
    /// Reads and judges a description.
    pub(crate) fn read(text: &str, digest: &str, interface: &str) -> Result<Self, Failure> {
        let metadata: Metadata = serde_json::from_str(text).map_err(|error| {
            Failure::new("metadata", &format!("what it says of itself cannot be read: {error}"), "Build it again.")
        })?;
        judge(&metadata, &Limits::default()).map_err(|refusal| {
            Failure::new("refused", &refusal.to_string(), "Give it another name or other rules, and build it again.")
        })?;
        Ok(Self {
            metadata: shown(&metadata),
            digest: digest.chars().filter(char::is_ascii_hexdigit).take(64).collect(),
            interface: shorten(interface, 80),
            text: text.to_owned(),
        })
    }

    /// The first digits of the digest: enough to tell builds apart.
    pub(crate) fn short_digest(&self) -> &str {
        self.digest.get(..12).unwrap_or(&self.digest)
    }
}

/// Why a plug-in gives no findings.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Failure {
    /// A name for programs.
    pub(crate) code: String,
    pub(crate) message: String,
    /// What to do next.
    pub(crate) help: String,
    /// What is wrong in its settings.
    pub(crate) faults: Vec<Fault>,
}

/// One fault of the settings.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Fault {
    /// Where, as a JSON Pointer.
    pub(crate) pointer: String,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: &str, message: &str, help: &str) -> Self {
        Self { code: code.to_owned(), message: message.to_owned(), help: help.to_owned(), faults: Vec::new() }
    }

    /// The same, fit to be shown.
    pub(crate) fn cleaned(mut self) -> Self {
        self.code = shorten(&self.code, 40);
        self.message = shorten(&self.message, 600);
        self.help = shorten(&self.help, 400);
        self.faults.truncate(50);
        for fault in &mut self.faults {
            fault.message = shorten(&fault.message, 300);
        }
        self
    }
}

impl Fault {
    /// The setting it is about: the first part of the pointer. `None` when it is about all of them.
    pub(crate) fn key(&self) -> Option<String> {
        let first = self.pointer.strip_prefix('/')?.split('/').next()?;
        Some(first.replace("~1", "/").replace("~0", "~"))
    }
}

/// A size for people.
pub(crate) fn size(bytes: usize) -> String {
    // Sizes of files are far below 2^52.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let bytes = bytes as f64;
    match bytes {
        few if few < 1024.0 => format!("{few} bytes"),
        some if some < 1024.0 * 1024.0 => format!("{:.0} KiB", some / 1024.0),
        many => format!("{:.1} MiB", many / (1024.0 * 1024.0)).replace(".0 MiB", " MiB"),
    }
}

/// A longer text of a plug-in: what could steer is made visible, line breaks stay, and it ends somewhere.
pub(crate) fn prose(text: &str, limit: usize) -> Vec<String> {
    let mut room = limit;
    let mut paragraphs = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if room == 0 {
            break;
        }
        let line = shorten(line, room);
        room = room.saturating_sub(line.chars().count());
        paragraphs.push(line);
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_at_a_glance() {
        assert_eq!([12, 2048, 64 << 20, 1_600_000].map(size), ["12 bytes", "2 KiB", "64 MiB", "1.5 MiB"]);
    }

    #[test]
    fn faults_belong_to_a_setting() {
        let at = |pointer: &str| Fault { pointer: pointer.to_owned(), message: String::new() }.key();
        assert_eq!(at("/allowed/0").as_deref(), Some("allowed"));
        assert_eq!(at("/a~1b~0c").as_deref(), Some("a/b~c"));
        assert_eq!(at(""), None);
    }

    #[test]
    fn a_strangers_text_is_made_visible_and_cut() {
        assert_eq!(prose("one\n\n two\u{202e}\u{1b}[1m \n", 100), ["one", "two\u{fffd}\u{241b}[1m"]);
        assert_eq!(prose(&"x".repeat(50), 10), ["xxxxxxxxx…"]);
        assert_eq!(prose("abcde\nfghij\nklm", 10), ["abcde", "fghij"]);
        let failure = Failure { message: "m".repeat(5000), faults: vec![Fault::default(); 80], ..Failure::default() };
        let failure = failure.cleaned();
        assert_eq!((failure.message.chars().count(), failure.faults.len()), (600, 50));
    }

    #[test]
    fn a_description_is_judged() {
        let text = |name: &str| {
            format!(
                r#"{{"name":"{name}","version":"1","description":"","license":"","rules":[{{"id":"a","title":"t","description":"","severity":"low","kinds":[],"tags":[],"help-url":null,"properties":[]}}],"settings-schema":null,"properties":[]}}"#
            )
        };
        let about = About::read(&text("mine"), "0123456789abcdef<b>", "0.1.0").unwrap();
        assert_eq!((about.short_digest(), about.digest.as_str()), ("0123456789ab", "0123456789abcdefb"));
        assert_eq!(About::read(&text("network"), "", "").unwrap_err().code, "refused");
        assert_eq!(About::read("{", "", "").unwrap_err().code, "metadata");
    }
}

//! `plimsoll.lock`: which plug-ins a configuration means, down to the byte, and which rules they have.
//!
//! The tool writes it, beside the configuration; people read it in reviews. A run with `--locked` takes nothing else than what stands
//! there.

mod manage;

pub use manage::{Manage, Verified, add, update, verify};

use super::config::{ConfigError, Configuration};
use super::run::Loaded;
use super::{Plugin, PluginError, source};
use plimsoll_core::text::{shorten, visible};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// The file's name.
pub const FILE_NAME: &str = "plimsoll.lock";

/// The version of the format.
const VERSION: i64 = 1;

/// Bytes of a lock file: 64 plug-ins with 1,000 rules each have less.
const MAX_BYTES: u64 = 8 << 20;

/// What stands above the entries.
const HEADER: &str = "# Written by `plimsoll plugin add` and `plimsoll plugin update`; belongs into version control.\n";

/// What a lock file says.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Lock {
    /// The plug-ins, by name.
    pub list: Vec<Locked>,
}

/// A plug-in as it was when it was written down.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Where it comes from, as the configuration says.
    pub source: String,
    /// Its version.
    pub version: String,
    /// Its digest.
    pub sha256: String,
    /// The interface it exports.
    pub interface: String,
    /// Its rules: id and severity.
    pub rules: BTreeMap<String, String>,
}

impl Locked {
    /// A plug-in as it is now.
    #[must_use]
    pub fn of(plugin: &Plugin, sha256: &str, source: &str) -> Self {
        let metadata = &plugin.metadata;
        Self {
            name: metadata.name.clone(),
            source: source.to_owned(),
            version: shorten(&metadata.version, 100),
            sha256: sha256.to_owned(),
            interface: shorten(&plugin.interface, 100),
            rules: metadata.rules.iter().map(|rule| (rule.id.clone(), severity(rule.severity).to_owned())).collect(),
        }
    }

    /// What is different now, one line each.
    #[must_use]
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        let pairs = [
            ("name", &self.name, &now.name),
            ("version", &self.version, &now.version),
            ("sha256", &self.sha256, &now.sha256),
            ("interface", &self.interface, &now.interface),
        ];
        for (what, before, after) in pairs {
            if before != after {
                lines.push(format!("{what} {} → {}", shorten(before, 100), shorten(after, 100)));
            }
        }
        for (id, severity) in &now.rules {
            match self.rules.get(id) {
                None => lines.push(format!("+ rule {id} ({severity})")),
                Some(before) if before != severity => {
                    lines.push(format!("~ rule {id}: {} → {severity}", shorten(before, 20)));
                }
                Some(_) => {}
            }
        }
        for (id, severity) in self.rules.iter().filter(|(id, _)| !now.rules.contains_key(*id)) {
            lines.push(format!("- rule {} ({})", shorten(id, 64), shorten(severity, 20)));
        }
        lines
    }
}

fn severity(severity: plimsoll_plugin_abi::Severity) -> &'static str {
    use plimsoll_plugin_abi::Severity;
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

impl Lock {
    /// Where the lock file of a configuration stands.
    #[must_use]
    pub fn path(configuration: &Path) -> PathBuf {
        configuration.with_file_name(FILE_NAME)
    }

    /// Reads the lock file of a configuration; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is not what this tool writes.
    pub fn read(configuration: &Path) -> Result<Option<Self>, ConfigError> {
        let path = Self::path(configuration);
        let fail = |message: &str| ConfigError(vec![format!("{}: {message}", visible(&path.display().to_string()))]);
        let bytes = match source::read(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(PluginError::Unreadable(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(&error.to_string())),
        };
        let text = String::from_utf8(bytes).map_err(|_| fail("this lock file is not UTF-8"))?;
        Self::parse(&text).map(Some).map_err(|error| {
            fail(&format!("this is no lock file of this tool ({error}); restore it, or run `plimsoll plugin update`"))
        })
    }

    /// Reads the text of a lock file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: DocumentMut =
            text.parse().map_err(|error: toml_edit::TomlError| shorten(error.message(), 200))?;
        if document.get("version").and_then(Item::as_integer) != Some(VERSION) {
            return Err(format!("its `version` is not {VERSION}"));
        }
        let mut lock = Self::default();
        for table in document.get("plugin").and_then(Item::as_array_of_tables).into_iter().flatten() {
            let text = |key: &str| {
                let found = table.get(key).and_then(Item::as_str).map(str::to_owned);
                found.ok_or_else(|| format!("a plug-in has no `{key}`"))
            };
            let rules = table.get("rules").and_then(Item::as_table_like);
            let rules = rules.map(|rules| {
                let rule = |(id, severity): (&str, &Item)| Some((id.to_owned(), severity.as_str()?.to_owned()));
                rules.iter().filter_map(rule).collect()
            });
            lock.list.push(Locked {
                name: text("name")?,
                source: text("source")?,
                version: text("version")?,
                sha256: text("sha256")?,
                interface: text("interface")?,
                rules: rules.unwrap_or_default(),
            });
        }
        lock.list.sort();
        Ok(lock)
    }

    /// The text of the lock file: the same plug-ins always give the same text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut document = DocumentMut::new();
        document.insert("version", value(VERSION));
        let mut list = ArrayOfTables::new();
        let mut sorted: Vec<&Locked> = self.list.iter().collect();
        sorted.sort();
        for locked in sorted {
            let mut table = Table::new();
            let pairs = [
                ("name", &locked.name),
                ("version", &locked.version),
                ("source", &locked.source),
                ("sha256", &locked.sha256),
                ("interface", &locked.interface),
            ];
            for (key, text) in pairs {
                table.insert(key, value(text.as_str()));
            }
            let mut rules = Table::new();
            for (id, severity) in &locked.rules {
                rules.insert(id, value(severity.as_str()));
            }
            table.insert("rules", Item::Table(rules));
            list.push(table);
        }
        document.insert("plugin", Item::ArrayOfTables(list));
        format!("{HEADER}{document}")
    }

    /// What is written down of a source.
    #[must_use]
    pub fn of_source(&self, source: &str) -> Option<&Locked> {
        self.list.iter().find(|locked| locked.source == source)
    }

    /// How a configuration's plug-ins differ from what is written down, in lines; none when they do not.
    #[must_use]
    pub fn drift(&self, configuration: &Configuration, loaded: &Loaded) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |name: &str, source: &str, changes: Vec<String>| {
            if !changes.is_empty() {
                lines.push(format!("{} ({})", shorten(name, 64), shorten(source, 200)));
                lines.extend(changes.into_iter().map(|change| format!("  {change}")));
            }
        };
        for entry in &configuration.plugins.list {
            let source = entry.source.as_str();
            let ready = loaded.ready.iter().find(|ready| ready.request.source() == Some(source));
            let failed = loaded.failed.iter().find(|failed| failed.source.as_deref() == Some(source));
            match (self.of_source(source), ready, failed) {
                (None, Some(ready), _) => {
                    say(&ready.plugin.metadata.name, source, vec!["is not written down".to_owned()]);
                }
                (None, None, _) => say("a plug-in", source, vec!["is not written down".to_owned()]),
                (Some(locked), Some(ready), _) => {
                    say(&locked.name, source, locked.changes(&Locked::of(&ready.plugin, &ready.digest, source)));
                }
                (Some(locked), None, Some(failed)) => {
                    let other = failed.digest.as_ref().filter(|digest| **digest != locked.sha256);
                    let change = other.map(|now| format!("sha256 {} → {now}, and it cannot be loaded", locked.sha256));
                    say(&locked.name, source, change.into_iter().collect());
                }
                (Some(_), None, None) => {}
            }
        }
        for locked in &self.list {
            if !configuration.plugins.list.iter().any(|entry| entry.source == locked.source) {
                say(
                    &locked.name,
                    &locked.source,
                    vec!["is written down, and no longer in the configuration".to_owned()],
                );
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]

    use super::*;

    fn locked(name: &str, rules: &[(&str, &str)]) -> Locked {
        Locked {
            name: name.to_owned(),
            source: format!("rules/{name}.wasm"),
            version: "0.1.0".to_owned(),
            sha256: "a".repeat(64),
            interface: plimsoll_plugin_abi::INTERFACE.to_owned(),
            rules: rules.iter().map(|(id, severity)| ((*id).to_owned(), (*severity).to_owned())).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let lock = Lock { list: vec![locked("b", &[]), locked("a", &[("x", "low"), ("y", "high")])] };
        let text = lock.render();
        assert!(
            text.starts_with("# Written by ") && text.find("\"a\"").unwrap() < text.find("\"b\"").unwrap(),
            "{text}"
        );
        assert!(text.contains("[plugin.rules]\nx = \"low\"\ny = \"high\"\n"), "{text}");
        let read = Lock::parse(&text).unwrap();
        assert_eq!(read.list.len(), 2);
        assert_eq!(read.of_source("rules/a.wasm"), lock.list.get(1));
        assert_eq!(read.render(), text);
        assert_eq!(Lock::parse(&Lock::default().render()), Ok(Lock::default()));
        let odd = Lock { list: vec![Locked { source: "a\"b\n\\c\u{1b}".to_owned(), ..locked("c", &[]) }] };
        assert_eq!(Lock::parse(&odd.render()), Ok(odd));
    }

    #[test]
    fn what_is_no_lock_file() {
        for text in ["", "version = 2\n", "[[plugin", "version = 1\n[[plugin]]\nname = \"a\"\n"] {
            assert!(Lock::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_change_is_a_line() {
        let before = locked("a", &[("gone", "low"), ("same", "low"), ("worse", "low")]);
        let mut now = locked("a", &[("new", "high"), ("same", "low"), ("worse", "high")]);
        assert!(before.changes(&before).is_empty());
        now.version = "0.2.0".to_owned();
        now.sha256 = "b".repeat(64);
        assert_eq!(
            before.changes(&now),
            [
                "version 0.1.0 → 0.2.0".to_owned(),
                format!("sha256 {} → {}", "a".repeat(64), "b".repeat(64)),
                "+ rule new (high)".to_owned(),
                "~ rule worse: low → high".to_owned(),
                "- rule gone (low)".to_owned(),
            ]
        );
    }
}

//! The plug-ins that a `plimsoll.toml` names: plain data with places. Nothing here loads one, and nothing may load one because a file
//! of the checked tree says so: a door uses this only from a file that its user named.

use super::read::{Reader, Value};
use crate::finding::{Notice, NoticeLevel, Severity};
use crate::source::Location;
use crate::text::{count, shorten};
use plimsoll_plugin_abi::Limits;
use serde_json::{Map, Number};
use std::collections::BTreeMap;
use toml::de::DeValue;

/// The notice about plug-ins that are named in a file of the checked tree.
pub const NOT_LOADED: &str = "plugin/not-loaded";

/// Plug-ins that are read from one file; the limit of a run is lower, and told to the user.
const MAX_PLUGINS: usize = 1_000;
/// Levels of settings.
const MAX_DEPTH: usize = 32;
/// Characters of a source.
const MAX_SOURCE: usize = 1_000;

/// What a file says of plug-ins.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Plugins {
    /// Public keys; when there are any, each plug-in has to be signed by one of them.
    pub trusted_keys: Vec<(String, Location)>,
    /// Limits other than the defaults, by their keys.
    pub limits: BTreeMap<String, u64>,
    /// The plug-ins, in their order.
    pub list: Vec<Entry>,
}

/// One plug-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Where it comes from: a file, relative to this one, or `oci://…`.
    pub source: String,
    /// Where that stands.
    pub source_at: Location,
    /// The digest it must have, in lower-case hexadecimal digits.
    pub sha256: Option<(String, Location)>,
    /// Its settings, an object.
    pub settings: serde_json::Value,
    /// Where each part of the settings stands, by JSON Pointer; the empty one is the settings as a whole.
    pub settings_at: BTreeMap<String, Location>,
    /// What is to happen with some of its rules, by their ids.
    pub rules: BTreeMap<String, (Override, Location)>,
    /// Where the entry stands.
    pub at: Location,
}

/// What a user says of a plug-in's rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Override {
    /// Its findings do not count.
    Off,
    /// Its findings have this severity.
    Severity(Severity),
}

impl Plugins {
    /// The limits that hold: the defaults, and what the file says.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        for (key, value) in &self.limits {
            limits.set(key, *value);
        }
        limits
    }
}

impl Entry {
    /// Where a part of the settings stands: the part itself, or the nearest one around it.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Location {
        let mut pointer = pointer;
        loop {
            if let Some(at) = self.settings_at.get(pointer) {
                return *at;
            }
            match pointer.rsplit_once('/') {
                Some((above, _)) => pointer = above,
                None => return self.at,
            }
        }
    }
}

impl Reader<'_> {
    pub(super) fn not_loaded(&mut self, at: Location, plugins: usize) {
        self.notices.push(Notice {
            level: NoticeLevel::Note,
            code: NOT_LOADED,
            path: self.path.to_owned(),
            at: Some(at),
            message: format!(
                "this file names {}; what is checked cannot load them by itself",
                count(plugins, "plug-in")
            ),
            help: Some(format!("pass `--config {}` to load them", shorten(self.path, 200))),
        });
    }

    pub(super) fn plugins(&mut self, value: &Value<'_>, plugins: &mut Plugins) {
        for (key, value) in self.table(value).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "trusted-keys" => {
                    let keys = self.strings(value);
                    plugins.trusted_keys = keys.into_iter().map(|(name, range)| (name, self.at(range))).collect();
                    // An empty list would read like "nobody", and mean "everybody".
                    if value.get_ref().as_array().is_some_and(|list| list.iter().next().is_none()) {
                        self.say(
                            value.span(),
                            "no key is listed here".to_owned(),
                            "list a public key, or remove this line",
                        );
                    }
                }
                "limits" => {
                    for (key, value) in self.table(value).into_iter().flatten() {
                        self.limit(key.get_ref(), key.span(), value, plugins);
                    }
                }
                _ => self.unknown(key.span(), key.get_ref(), "`trusted-keys` and `limits`"),
            }
        }
    }

    fn limit(&mut self, key: &str, range: std::ops::Range<usize>, value: &Value<'_>, plugins: &mut Plugins) {
        if Limits::default().get(key).is_none() {
            let names: Vec<String> = Limits::ALL.iter().map(|(name, _, _)| format!("`{name}`")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return self.unknown(range, key, &crate::text::list(&names));
        }
        if let Some(number) = self.number(value, 1..=i64::MAX).and_then(|number| u64::try_from(number).ok()) {
            plugins.limits.insert(key.to_owned(), number);
        }
    }

    pub(super) fn plugin_list(&mut self, value: &Value<'_>, plugins: &mut Plugins) {
        let Some(list) = value.get_ref().as_array() else {
            self.say(
                value.span(),
                "a list of plug-ins is expected here".to_owned(),
                "write each one under `[[plugin]]`, with two brackets",
            );
            return;
        };
        for entry in list.iter() {
            if plugins.list.len() >= MAX_PLUGINS {
                self.say(entry.span(), format!("there are more than {MAX_PLUGINS} plug-ins"), "remove some");
                return;
            }
            plugins.list.extend(self.entry(entry));
        }
    }

    fn entry(&mut self, value: &Value<'_>) -> Option<Entry> {
        let at = self.at(value.span());
        let mut entry = Entry {
            source: String::new(),
            source_at: at,
            sha256: None,
            settings: serde_json::Value::Object(Map::new()),
            settings_at: BTreeMap::new(),
            rules: BTreeMap::new(),
            at,
        };
        let before = self.notices.len();
        for (key, value) in self.table(value)? {
            match key.get_ref().as_ref() {
                "source" => {
                    entry.source = self.source(value).unwrap_or_default();
                    entry.source_at = self.at(value.span());
                }
                "sha256" => entry.sha256 = self.digest(value).map(|digest| (digest, self.at(value.span()))),
                "settings" => {
                    if self.table(value).is_some() {
                        entry.settings = self.json(value, String::new(), &mut entry.settings_at)?;
                    }
                }
                "rules" => {
                    for (rule, value) in self.table(value).into_iter().flatten() {
                        if let Some(wanted) = self.overridden(value) {
                            entry.rules.insert(rule.get_ref().to_string(), (wanted, self.at(rule.span())));
                        }
                    }
                }
                _ => self.unknown(key.span(), key.get_ref(), "`source`, `sha256`, `settings` and `rules`"),
            }
        }
        if entry.source.is_empty() {
            if self.notices.len() == before {
                self.say(
                    value.span(),
                    "this plug-in does not count: it needs `source`".to_owned(),
                    "write `source = \"rules/allowed.wasm\"`",
                );
            }
            return None;
        }
        Some(entry)
    }

    fn source(&mut self, value: &Value<'_>) -> Option<String> {
        let source = self.string(value)?;
        let fits = !source.trim().is_empty() && source.len() <= MAX_SOURCE && !source.contains('\0');
        if !fits {
            self.say(value.span(), "a file or `oci://…` is expected here".to_owned(), "write `\"rules/allowed.wasm\"`");
        }
        fits.then_some(source)
    }

    fn digest(&mut self, value: &Value<'_>) -> Option<String> {
        let digest = self.string(value)?;
        let fits = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !fits {
            self.say(
                value.span(),
                "64 hexadecimal digits are expected here".to_owned(),
                "`plimsoll plugin inspect` and `sha256sum` print them",
            );
        }
        fits.then(|| digest.to_ascii_lowercase())
    }

    fn overridden(&mut self, value: &Value<'_>) -> Option<Override> {
        let text = value.get_ref().as_str();
        let wanted = match text {
            Some("off") => Some(Override::Off),
            Some(text) => Severity::parse(text).map(Override::Severity),
            None => None,
        };
        if wanted.is_none() {
            self.say(
                value.span(),
                "a severity or `off` is expected here".to_owned(),
                "write `\"critical\"`, `\"high\"`, `\"medium\"`, `\"low\"`, `\"info\"` or `\"off\"`",
            );
        }
        wanted
    }

    /// A value as the JSON that plug-ins read: a date is its text. Every part's place is kept.
    fn json(
        &mut self,
        value: &Value<'_>,
        pointer: String,
        places: &mut BTreeMap<String, Location>,
    ) -> Option<serde_json::Value> {
        if pointer.matches('/').count() > MAX_DEPTH {
            self.say(value.span(), format!("settings are nested deeper than {MAX_DEPTH} levels"), "make them flatter");
            return None;
        }
        let found = match value.get_ref() {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Boolean(flag) => (*flag).into(),
            DeValue::Datetime(when) => when.to_string().into(),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => number.into(),
                Err(_) => {
                    self.say(value.span(), "this number is too large".to_owned(), "write it as a text");
                    return None;
                }
            },
            DeValue::Float(number) => match number.as_str().parse().ok().and_then(Number::from_f64) {
                Some(number) => serde_json::Value::Number(number),
                None => {
                    self.say(value.span(), "this number has no form in JSON".to_owned(), "write a finite number");
                    return None;
                }
            },
            DeValue::Array(list) => {
                let mut out = Vec::new();
                for (index, value) in list.iter().enumerate() {
                    out.push(self.json(value, format!("{pointer}/{index}"), places)?);
                }
                serde_json::Value::Array(out)
            }
            DeValue::Table(table) => {
                let mut out = Map::new();
                for (key, value) in table {
                    let part = key.get_ref().replace('~', "~0").replace('/', "~1");
                    let inner = format!("{pointer}/{part}");
                    out.insert(key.get_ref().to_string(), self.json(value, inner.clone(), places)?);
                    // A fault of a value and a key that is not known are both found at the key.
                    places.insert(inner, self.at(key.span().start..value.span().end.max(key.span().end)));
                }
                serde_json::Value::Object(out)
            }
        };
        let at = self.at(value.span());
        places.entry(pointer).or_insert(at);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FILE_NAME, Policy, read};
    use super::*;
    use crate::source::SourceId;
    use serde_json::json;

    fn read_text(text: &str) -> (Policy, Vec<String>) {
        let (policy, notices) = read(SourceId(0), FILE_NAME, text);
        let shown = notices.iter().filter(|notice| notice.code != NOT_LOADED).map(|notice| {
            let at = notice.at.expect("a place").span;
            format!("{}: {}", at.slice(text), notice.message)
        });
        (policy, shown.collect())
    }

    const FULL: &str = "[plugins]\ntrusted-keys = [\"RWQa\"]\n[plugins.limits]\nmemory-bytes = 134217728\n\
        [[plugin]]\nsource = \"rules/allowed.wasm\"\n\
        sha256 = \"AA00000000000000000000000000000000000000000000000000000000000000\"\n\
        rules = { image-not-allowed = \"low\", image-without-digest = \"off\" }\n\
        [plugin.settings]\nallowed = [\"docker.io/library/*\", \"b\"]\n\"a/b\" = { since = 2026-01-31, share = 0.5, n = 0x10, on = true }\n\
        [[plugin]]\nsource = \"oci://registry.example.net/rules:1\"\n";

    #[test]
    fn everything_that_can_be_said() {
        let (policy, notices) = read_text(FULL);
        assert!(notices.is_empty(), "{notices:?}");
        let plugins = &policy.plugins;
        assert_eq!(plugins.trusted_keys[0].0, "RWQa");
        assert_eq!(plugins.limits().memory_bytes, 134_217_728);
        assert_eq!(plugins.limits().fuel, Limits::default().fuel);
        let [first, second] = &plugins.list[..] else { panic!("{plugins:?}") };
        assert_eq!(first.source, "rules/allowed.wasm");
        assert_eq!(first.sha256.as_ref().map(|(digest, _)| &digest[..4]), Some("aa00"));
        assert_eq!(
            first.settings,
            json!({"allowed": ["docker.io/library/*", "b"], "a/b": {"since": "2026-01-31", "share": 0.5, "n": 16, "on": true}})
        );
        assert_eq!(first.rules["image-not-allowed"].0, Override::Severity(Severity::Low));
        assert_eq!(first.rules["image-without-digest"].0, Override::Off);
        let text = |pointer: &str| first.place(pointer).span.slice(FULL);
        assert_eq!(text("/allowed/1"), "\"b\"");
        assert!(text("/allowed").starts_with("allowed = ["));
        assert!(text("/a~1b/share").starts_with("share = 0.5"));
        assert_eq!(text("/allowed/1/further/down"), "\"b\"", "the nearest around it");
        assert_eq!(second.settings, json!({}));
        assert_eq!(second.place("/x"), second.at);
    }

    #[test]
    fn a_slip_is_named_and_the_rest_counts() {
        let (policy, mut notices) = read_text(
            "[plugins]\ntrusted_keys = []\ntrusted-keys = []\n[plugins.limits]\nfuels = 1\nfuel = 0\n\
             [[plugin]]\nsource = \"a.wasm\"\nsha256 = \"abc\"\nsetting = 1\nrules = { a = \"of\", b = \"high\" }\n\
             [[plugin]]\nsource = 1\n[[plugin]]\nsettings = { a = nan }\n[[plugin]]\nsha256 = \"abc\"\n[[plugin]]\n",
        );
        notices.sort();
        let said = |part: &str| notices.iter().any(|notice| notice.contains(part));
        for part in [
            "trusted_keys: `trusted_keys` is no key of this table",
            "[]: no key is listed here",
            "fuels: `fuels` is no key of this table",
            "0: a number from 1 to",
            "\"abc\": 64 hexadecimal digits are expected here",
            "setting: `setting` is no key of this table",
            "\"of\": a severity or `off` is expected here",
            "1: a text is expected here",
            "nan: this number has no form in JSON",
            "this plug-in does not count: it needs `source`",
        ] {
            assert!(said(part), "{part}: {notices:#?}");
        }
        assert_eq!(policy.plugins.list.len(), 1);
        assert_eq!(policy.plugins.list[0].rules.len(), 1);
        assert!(policy.plugins.limits.is_empty());
        let (_, notices) = read_text("[plugin]\nsource = \"a\"\n");
        assert!(notices[0].contains("a list of plug-ins is expected here"), "{notices:?}");
    }

    #[test]
    fn deep_settings_are_refused() {
        let text = format!("[[plugin]]\nsource = \"a\"\nsettings = {{ a = {}{} }}\n", "[".repeat(40), "]".repeat(40));
        let (policy, notices) = read_text(&text);
        assert!(policy.plugins.list.is_empty());
        assert!(notices[0].contains("nested deeper"), "{notices:?}");
    }

    #[test]
    fn a_file_of_the_tree_loads_nothing() {
        let (_, notices) = read(SourceId(0), "sub/plimsoll.toml", FULL);
        let [notice] = &notices[..] else { panic!("{notices:?}") };
        assert_eq!((notice.code, notice.level), (NOT_LOADED, NoticeLevel::Note));
        assert_eq!(notice.message, "this file names 2 plug-ins; what is checked cannot load them by itself");
        assert_eq!(notice.help.as_deref(), Some("pass `--config sub/plimsoll.toml` to load them"));
        assert!(read(SourceId(0), FILE_NAME, "[plugins.limits]\nfuel = 5\n").1.is_empty());
    }

    #[test]
    fn rules_of_plug_ins_are_no_unknown_rules() {
        let (policy, notices) = read_text(
            "[rules]\nignore = [\"allowed/image-not-allowed\"]\n[rules.severity]\n\"allowed/other\" = \"low\"\n\
             [[exceptions]]\nrule = \"allowed/third\"\nowner = \"web\"\nuntil = 2027-01-31\nreason = \"x\"\n",
        );
        assert!(notices.is_empty(), "{notices:?}");
        assert_eq!(policy.exceptions.len(), 1);
    }
}

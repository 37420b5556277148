//! From the text of `plimsoll.toml` to a [`Policy`], with a located notice for each thing that is not understood.

use super::{Exception, Policy};
use crate::date::Date;
use crate::finding::{Notice, NoticeLevel, Severity};
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::text::shorten;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Larger files are not read; a real one is a kilobyte.
const MAX_BYTES: usize = 1 << 20;
/// Further notices are not listed.
const MAX_NOTICES: usize = 64;

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// Reads a policy. Never fails: what is wrong is said, and the rest counts.
#[must_use]
pub fn read(source: SourceId, path: &str, text: &str) -> (Policy, Vec<Notice>) {
    let mut reader = Reader { source, path, notices: Vec::new() };
    let mut policy = Policy { source: Some(source), ..Policy::default() };
    if text.len() > MAX_BYTES {
        reader.say(0..0, "this policy is larger than a megabyte and was not read".to_owned(), "make it smaller");
        return (policy, reader.notices);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        reader.say(error.span().unwrap_or(0..0), error.message().to_owned(), "write it as TOML 1.1 asks");
    }
    for (key, value) in root.get_ref() {
        match key.get_ref().as_ref() {
            "rules" => reader.rules(value, &mut policy),
            "policy" => reader.policy(value, &mut policy),
            "thresholds" => reader.thresholds(value, &mut policy),
            "exceptions" => reader.exceptions(value, &mut policy),
            "plugins" => reader.plugins(value, &mut policy.plugins),
            "plugin" => reader.plugin_list(value, &mut policy.plugins),
            _ => reader.unknown(
                key.span(),
                key.get_ref(),
                "`rules`, `policy`, `thresholds`, `exceptions`, `plugins` and `plugin`",
            ),
        }
    }
    if let Some(first) = policy.plugins.list.first() {
        reader.not_loaded(first.at, policy.plugins.list.len());
    }
    (policy, reader.notices)
}

pub(super) struct Reader<'p> {
    source: SourceId,
    pub(super) path: &'p str,
    pub(super) notices: Vec<Notice>,
}

impl Reader<'_> {
    pub(super) fn at(&self, range: Range<usize>) -> Location {
        Location::new(self.source, Span::new(range.start, range.end))
    }

    pub(super) fn say(&mut self, range: Range<usize>, message: String, help: &str) {
        if self.notices.len() < MAX_NOTICES {
            self.notices.push(Notice {
                level: NoticeLevel::Recovered,
                code: "policy/malformed",
                path: self.path.to_owned(),
                at: Some(self.at(range)),
                message,
                help: Some(help.to_owned()),
            });
        }
    }

    pub(super) fn unknown(&mut self, range: Range<usize>, key: &str, known: &str) {
        self.say(range, format!("`{}` is no key of this table", shorten(key, 40)), &format!("the keys are {known}"));
    }

    pub(super) fn table<'v, 'i>(&mut self, value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.say(value.span(), "a table is expected here".to_owned(), "write it as `[name]` with keys below it");
        }
        table
    }

    fn rules(&mut self, value: &Value<'_>, policy: &mut Policy) {
        for (key, value) in self.table(value).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "ignore" => {
                    for (rule, range) in self.strings(value) {
                        let at = self.at(range.clone());
                        self.known_rule(&rule, range);
                        policy.ignored_rules.push((rule, at));
                    }
                }
                "severity" => {
                    for (rule, value) in self.table(value).into_iter().flatten() {
                        self.known_rule(rule.get_ref(), rule.span());
                        if let Some(severity) = self.severity(value) {
                            policy.severities.insert(rule.get_ref().to_string(), severity);
                        }
                    }
                }
                _ => self.unknown(key.span(), key.get_ref(), "`ignore` and `severity`"),
            }
        }
    }

    fn policy(&mut self, value: &Value<'_>, policy: &mut Policy) {
        for (key, value) in self.table(value).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "allowed-registries" => policy.allowed_registries = self.names(value),
                "allowed-publishers" => policy.allowed_publishers = self.names(value),
                "require-digest" => policy.require_digest = self.flag(value),
                "external-observability" => policy.external_observability = self.flag(value).unwrap_or(false),
                "registry-scanning" => policy.registry_scanning = self.flag(value).unwrap_or(false),
                "not-suppressible" => {
                    for (rule, range) in self.strings(value) {
                        self.known_rule(&rule, range);
                        policy.not_suppressible.push(rule);
                    }
                }
                _ => self.unknown(
                    key.span(),
                    key.get_ref(),
                    "`allowed-registries`, `allowed-publishers`, `require-digest`, `external-observability`, `registry-scanning` and `not-suppressible`",
                ),
            }
        }
    }

    fn thresholds(&mut self, value: &Value<'_>, policy: &mut Policy) {
        for (key, value) in self.table(value).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "fail-on" => policy.fail_on = self.severity(value),
                "minimum-score" => {
                    policy.minimum_score = self.number(value, 0..=100).and_then(|number| u8::try_from(number).ok());
                }
                "stale-image-days" => policy.stale_image_days = self.number(value, 1..=3650),
                _ => self.unknown(key.span(), key.get_ref(), "`fail-on`, `minimum-score` and `stale-image-days`"),
            }
        }
    }

    fn exceptions(&mut self, value: &Value<'_>, policy: &mut Policy) {
        let Some(list) = value.get_ref().as_array() else {
            self.say(
                value.span(),
                "a list of exceptions is expected here".to_owned(),
                "write each one under `[[exceptions]]`",
            );
            return;
        };
        for entry in list.iter() {
            policy.exceptions.extend(self.exception(entry));
        }
    }

    fn exception(&mut self, entry: &Value<'_>) -> Option<Exception> {
        let (mut rule, mut owner, mut reason) = (None, None, None);
        let (mut until, mut path, mut services) = (None, None, Vec::new());
        let before = self.notices.len();
        for (key, value) in self.table(entry)? {
            match key.get_ref().as_ref() {
                "rule" => {
                    rule = self.string(value);
                    if let Some(rule) = &rule {
                        self.known_rule(rule, value.span());
                    }
                }
                "path" => path = self.string(value),
                "services" => services = self.names(value),
                "owner" => owner = self.string(value),
                "reason" => reason = self.string(value),
                "until" => until = self.date(value),
                _ => {
                    self.unknown(key.span(), key.get_ref(), "`rule`, `owner`, `until`, `reason`, `path` and `services`")
                }
            }
        }
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        match (filled(rule), filled(owner), until, filled(reason)) {
            (Some(rule), Some(owner), Some(until), Some(reason)) => Some(Exception {
                rule,
                path,
                services,
                owner: shorten(owner.trim(), 60),
                until,
                reason: shorten(reason.trim(), 200),
                at: self.at(entry.span()),
            }),
            _ => {
                if self.notices.len() == before {
                    self.say(
                        entry.span(),
                        "this exception does not count: it needs `rule`, `owner`, `until` and `reason`".to_owned(),
                        "write who answers for it, its last day as 2027-01-31, and why",
                    );
                }
                None
            }
        }
    }

    /// A plug-in's rule cannot be known here; one of this program can be misspelt.
    fn known_rule(&mut self, rule: &str, range: Range<usize>) {
        let pillar = rule.split('/').next().unwrap_or(rule);
        let ours = crate::rules::RULES.iter().any(|known| known.pillar() == pillar);
        if !rule.contains('/') || ours && crate::rules::find(rule).is_none() {
            self.say(range, format!("there is no rule `{}`", shorten(rule, 60)), "`plimsoll rules` lists them");
        }
    }

    pub(super) fn names(&mut self, value: &Value<'_>) -> Vec<String> {
        self.strings(value).into_iter().map(|(name, _)| name).collect()
    }

    pub(super) fn strings(&mut self, value: &Value<'_>) -> Vec<(String, Range<usize>)> {
        let Some(list) = value.get_ref().as_array() else {
            self.say(value.span(), "a list of texts is expected here".to_owned(), "write `[\"one\", \"two\"]`");
            return Vec::new();
        };
        list.iter().filter_map(|item| Some((self.string(item)?, item.span()))).collect()
    }

    pub(super) fn string(&mut self, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.say(value.span(), "a text is expected here".to_owned(), "put it in quotes");
        }
        text
    }

    pub(super) fn flag(&mut self, value: &Value<'_>) -> Option<bool> {
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.say(value.span(), "`true` or `false` is expected here".to_owned(), "write `true` or `false`");
        }
        flag
    }

    pub(super) fn number(&mut self, value: &Value<'_>, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let number =
            value.get_ref().as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let expected = format!("a number from {} to {} is expected here", range.start(), range.end());
            self.say(value.span(), expected, "write it without quotes");
        }
        number
    }

    pub(super) fn severity(&mut self, value: &Value<'_>) -> Option<Severity> {
        let severity = value.get_ref().as_str().and_then(Severity::parse);
        if severity.is_none() {
            self.say(
                value.span(),
                "a severity is expected here".to_owned(),
                "write `\"critical\"`, `\"high\"`, `\"medium\"`, `\"low\"` or `\"info\"`",
            );
        }
        severity
    }

    /// A TOML date or a text of the same form.
    fn date(&mut self, value: &Value<'_>) -> Option<Date> {
        let date = match value.get_ref() {
            DeValue::Datetime(when) => when.date.and_then(|date| Date::parse(&date.to_string())),
            other => other.as_str().and_then(Date::parse),
        };
        if date.is_none() {
            self.say(value.span(), "a day is expected here".to_owned(), "write it as 2027-01-31");
        }
        date
    }
}

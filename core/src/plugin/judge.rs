//! What a plug-in says of itself, judged before any file is shown to it.

use super::words::{is_kebab, is_web, prose};
use crate::rules::RULES;
use crate::text::shorten;
use plimsoll_plugin_abi as abi;
use plimsoll_plugin_abi::Limits;
use std::collections::BTreeSet;
use std::fmt;

/// Why nothing of a plug-in is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Its name is not kebab-case.
    Name(String),
    /// Its name is a pillar of the built-in rules.
    NameTaken(String),
    /// A rule's id is not kebab-case.
    RuleId(String),
    /// Two rules have the same id.
    RuleTwice(String),
    /// It declares no rules, or too many.
    RuleCount {
        /// How many.
        count: usize,
        /// How many it may.
        limit: u64,
    },
    /// It gave more findings than one plug-in may.
    FindingCount {
        /// How many.
        count: usize,
        /// How many it may.
        limit: u64,
    },
    /// A text of its description is too long, or a list has too many entries: what, and the limit.
    TooMuch(&'static str, u64),
    /// A rule's address is none of the web.
    HelpUrl(String),
    /// Its settings schema is no JSON object.
    Schema,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => {
                write!(f, "its name `{}` is not kebab-case (lower-case letters, digits and hyphens)", shorten(name, 60))
            }
            Self::NameTaken(name) => {
                write!(f, "its name `{name}` is that of built-in rules; a plug-in needs a name of its own")
            }
            Self::RuleId(id) => write!(
                f,
                "the id `{}` of a rule is not kebab-case (lower-case letters, digits and hyphens)",
                shorten(id, 60)
            ),
            Self::RuleTwice(id) => write!(f, "it declares the rule `{id}` twice"),
            Self::RuleCount { count: 0, .. } => write!(f, "it declares no rules"),
            Self::RuleCount { count, limit } => write!(f, "it declares {count} rules; the limit is {limit}"),
            Self::FindingCount { count, limit } => write!(f, "it gave {count} findings; the limit is {limit}"),
            Self::TooMuch(what, limit) => write!(f, "its description has {what} beyond the limit of {limit}"),
            Self::HelpUrl(id) => {
                write!(f, "the help-url of its rule `{id}` does not start with https:// or http://, or holds blanks")
            }
            Self::Schema => write!(f, "its settings schema is not the text of a JSON object"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Names of pillars without rules today, and of what the tool itself says: a plug-in must not take them either.
const RESERVED: [&str; 13] = [
    "application",
    "ci",
    "drift",
    "file",
    "images",
    "input",
    "inventory",
    "plimsoll",
    "plugin",
    "policy",
    "suppression",
    "syntax",
    "web",
];

/// Whether a plug-in's own description can be used.
///
/// # Errors
/// When its name or a rule's id cannot stand in a rule's name, or is taken; when there is too much of something; when what should be
/// an address or a schema is none.
pub fn judge(metadata: &abi::Metadata, limits: &Limits) -> Result<(), Refusal> {
    if !is_kebab(&metadata.name) {
        return Err(Refusal::Name(metadata.name.clone()));
    }
    if RULES.iter().any(|rule| rule.pillar() == metadata.name) || RESERVED.contains(&metadata.name.as_str()) {
        return Err(Refusal::NameTaken(metadata.name.clone()));
    }
    let count = metadata.rules.len();
    if count == 0 || !Limits::holds(limits.rules, count) {
        return Err(Refusal::RuleCount { count, limit: limits.rules });
    }
    short("a version", &metadata.version, limits)?;
    short("a description", &metadata.description, limits)?;
    short("a licence", &metadata.license, limits)?;
    properties(&metadata.properties, limits)?;
    let mut ids = BTreeSet::new();
    for rule in &metadata.rules {
        judge_rule(rule, limits)?;
        if !ids.insert(rule.id.as_str()) {
            return Err(Refusal::RuleTwice(rule.id.clone()));
        }
    }
    metadata.settings_schema.as_ref().map_or(Ok(()), |schema| judge_schema(schema, limits))
}

fn judge_rule(rule: &abi::Rule, limits: &Limits) -> Result<(), Refusal> {
    if !is_kebab(&rule.id) {
        return Err(Refusal::RuleId(rule.id.clone()));
    }
    short("a title", &rule.title, limits)?;
    short("a description", &rule.description, limits)?;
    few("tags", rule.tags.len(), limits)?;
    few("kinds", rule.kinds.len(), limits)?;
    for word in rule.tags.iter().chain(&rule.kinds) {
        short("a tag", word, limits)?;
    }
    properties(&rule.properties, limits)?;
    match &rule.help_url {
        Some(url) => {
            short("an address", url, limits)?;
            if is_web(url) { Ok(()) } else { Err(Refusal::HelpUrl(rule.id.clone())) }
        }
        None => Ok(()),
    }
}

fn judge_schema(schema: &str, limits: &Limits) -> Result<(), Refusal> {
    if !Limits::holds(limits.settings_bytes, schema.len()) {
        return Err(Refusal::TooMuch("a settings schema", limits.settings_bytes));
    }
    match serde_json::from_str::<serde_json::Value>(schema) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        _ => Err(Refusal::Schema),
    }
}

fn properties(all: &[abi::Property], limits: &Limits) -> Result<(), Refusal> {
    few("properties", all.len(), limits)?;
    all.iter().try_for_each(|one| short("a key", &one.key, limits).and_then(|()| short("a value", &one.value, limits)))
}

fn short(what: &'static str, text: &str, limits: &Limits) -> Result<(), Refusal> {
    match Limits::holds(limits.message_bytes, text.len()) {
        true => Ok(()),
        false => Err(Refusal::TooMuch(what, limits.message_bytes)),
    }
}

fn few(what: &'static str, count: usize, limits: &Limits) -> Result<(), Refusal> {
    if Limits::holds(limits.parts, count) { Ok(()) } else { Err(Refusal::TooMuch(what, limits.parts)) }
}

/// A plug-in's description as it may be shown: nothing in it steers a terminal, hides, or leads elsewhere than to the web.
///
/// Only texts for people change; a settings schema is JSON text that nobody prints.
#[must_use]
pub fn shown(metadata: &abi::Metadata) -> abi::Metadata {
    abi::Metadata {
        name: prose(&metadata.name),
        version: prose(&metadata.version),
        description: prose(&metadata.description),
        license: prose(&metadata.license),
        rules: metadata.rules.iter().map(shown_rule).collect(),
        settings_schema: metadata.settings_schema.clone(),
        properties: shown_properties(&metadata.properties),
    }
}

fn shown_rule(rule: &abi::Rule) -> abi::Rule {
    let words = |words: &[String]| words.iter().map(|word| prose(word)).collect();
    abi::Rule {
        id: prose(&rule.id),
        title: prose(if rule.title.trim().is_empty() { &rule.id } else { &rule.title }),
        description: prose(&rule.description),
        severity: rule.severity,
        kinds: words(&rule.kinds),
        tags: words(&rule.tags),
        help_url: rule.help_url.clone().filter(|url| is_web(url)),
        properties: shown_properties(&rule.properties),
    }
}

fn shown_properties(all: &[abi::Property]) -> Vec<abi::Property> {
    all.iter().map(|one| abi::Property { key: prose(&one.key), value: prose(&one.value), origin: one.origin }).collect()
}

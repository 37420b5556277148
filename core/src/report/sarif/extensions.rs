//! Plug-ins in SARIF: each is an extension of the tool with its own rules, and its results say so.

use super::{level, score};
use crate::report::json::{PluginRuleV1, PluginV1};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a rule of a plug-in stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'r> {
    plugin: &'r str,
    extension: usize,
    rule: usize,
}

/// The plug-ins of a report, by the rules they declare.
pub(super) struct Extensions<'r> {
    plugins: &'r [PluginV1],
    places: BTreeMap<&'r str, Place<'r>>,
}

impl<'r> Extensions<'r> {
    pub(super) fn new(plugins: &'r [PluginV1]) -> Self {
        let mut places = BTreeMap::new();
        for (extension, plugin) in plugins.iter().enumerate() {
            for (rule, declared) in plugin.rules.iter().enumerate() {
                places.entry(declared.id.as_str()).or_insert(Place { plugin: &plugin.name, extension, rule });
            }
        }
        Self { plugins, places }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.plugins.is_empty()
    }

    /// Whether a rule is one of a plug-in that took part.
    pub(super) fn has(&self, rule: &str) -> bool {
        self.places.contains_key(rule)
    }

    /// Says of a result that its rule is one of an extension.
    pub(super) fn refer(&self, rule: &str, result: &mut serde_json::Map<String, Value>) {
        let Some(place) = self.places.get(rule) else { return };
        result.insert("ruleIndex".to_owned(), json!(place.rule));
        result.insert(
            "rule".to_owned(),
            json!({
                "id": rule,
                "index": place.rule,
                "toolComponent": { "name": place.plugin, "index": place.extension },
            }),
        );
    }

    /// `tool.extensions`.
    pub(super) fn components(&self) -> Vec<Value> {
        let component = |plugin: &PluginV1| {
            json!({
                "name": plugin.name,
                "version": plugin.version,
                "rules": plugin.rules.iter().map(descriptor).collect::<Vec<_>>(),
                "properties": { "sha256": plugin.digest },
            })
        };
        self.plugins.iter().map(component).collect()
    }
}

fn descriptor(rule: &PluginRuleV1) -> Value {
    let tags: Vec<&str> = std::iter::once("security")
        .chain(rule.tags.iter().map(String::as_str).filter(|tag| *tag != "security"))
        .collect();
    let mut value = json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": if rule.description.is_empty() { &rule.title } else { &rule.description } },
        "help": { "text": rule.help.as_ref().unwrap_or(&rule.title) },
        "defaultConfiguration": { "level": level(&rule.severity) },
        "properties": { "tags": tags, "security-severity": score(&rule.severity) },
    });
    if let (Some(object), Some(url)) = (value.as_object_mut(), &rule.help_url) {
        object.insert("helpUri".to_owned(), json!(url));
    }
    value
}

//! What a report says of the plug-ins that took part.

use super::judge::shown;
use plimsoll_plugin_abi as abi;

/// A plug-in that took part in an analysis. Its texts may be shown as they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PluginInfo {
    /// Its name: the first part of its rules' names.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file, in hexadecimal.
    pub digest: String,
    /// Its rules, as declared.
    pub rules: Vec<RuleInfo>,
}

/// A rule of a plug-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleInfo {
    /// Its name in a report: `<plug-in>/<rule>`.
    pub id: String,
    /// The fault in a few words.
    pub title: String,
    /// Why it matters.
    pub description: String,
    /// How bad its findings are, unless they say otherwise.
    pub severity: crate::finding::Severity,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// Where more is said: an address of the web.
    pub help_url: Option<String>,
}

impl PluginInfo {
    /// Of a plug-in's own description.
    #[must_use]
    pub fn new(metadata: &abi::Metadata, digest: &str) -> Self {
        let metadata = shown(metadata);
        let rule = |rule: abi::Rule| RuleInfo {
            id: format!("{}/{}", metadata.name, rule.id),
            title: rule.title,
            description: rule.description,
            severity: super::accept::severity(rule.severity),
            tags: rule.tags,
            help: rule.properties.into_iter().find(|property| property.key == "help").map(|property| property.value),
            help_url: rule.help_url,
        };
        Self {
            version: metadata.version,
            digest: digest.to_owned(),
            rules: metadata.rules.into_iter().map(rule).collect(),
            name: metadata.name,
        }
    }
}

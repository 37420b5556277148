//! The answers of plug-ins, judged as in the terminal: what counts goes into the report.

use plimsoll_core::finding::Finding;
use plimsoll_core::plugin::{PluginInfo, accept, judge, shown};
use plimsoll_core::project::Project;
use plimsoll_core::text::shorten;
use plimsoll_plugin_abi::{self as abi, Limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What one plug-in found, as it comes from its worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct PluginAnswer {
    /// What it says of itself: JSON text.
    pub(crate) about: String,
    pub(crate) digest: String,
    /// JSON text.
    pub(crate) findings: String,
    /// Ids of its rules that are switched off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) off: Vec<String>,
}

/// What is taken of all answers.
#[derive(Default)]
pub(crate) struct Accepted {
    pub(crate) findings: Vec<Finding>,
    pub(crate) infos: Vec<PluginInfo>,
    /// For each answer, why findings of it were left out.
    pub(crate) problems: Vec<Vec<String>>,
    /// For each answer, why nothing of it was taken.
    pub(crate) refused: Vec<Option<String>>,
}

/// Judges the answers in their order. None can spoil the next.
pub(crate) fn accept_all(project: &Project<'_>, answers: &[PluginAnswer]) -> Accepted {
    let mut all = Accepted::default();
    let mut names = BTreeSet::new();
    for answer in answers {
        match one(project, answer, &mut names) {
            Ok((info, findings, problems)) => {
                all.findings.extend(findings);
                all.infos.push(info);
                all.problems.push(problems);
                all.refused.push(None);
            }
            Err(why) => {
                all.problems.push(Vec::new());
                all.refused.push(Some(why));
            }
        }
    }
    all
}

fn one(
    project: &Project<'_>,
    answer: &PluginAnswer,
    names: &mut BTreeSet<String>,
) -> Result<(PluginInfo, Vec<Finding>, Vec<String>), String> {
    let unread =
        |what: &str, error: serde_json::Error| format!("{what} cannot be read: {}", shorten(&error.to_string(), 300));
    let metadata: abi::Metadata =
        serde_json::from_str(&answer.about).map_err(|error| unread("what it says of itself", error))?;
    judge(&metadata, &Limits::default()).map_err(|refusal| refusal.to_string())?;
    let metadata = shown(&metadata);
    if !names.insert(metadata.name.clone()) {
        return Err(format!("another plug-in has its name `{}`", shorten(&metadata.name, 60)));
    }
    let findings: Vec<abi::Finding> =
        serde_json::from_str(&answer.findings).map_err(|error| unread("its answer", error))?;
    let accepted = accept(project, &metadata, findings, &Limits::default()).map_err(|refusal| refusal.to_string())?;
    let off: BTreeSet<String> = answer.off.iter().map(|id| format!("{}/{id}", metadata.name)).collect();
    let findings = accepted.findings.into_iter().filter(|finding| !off.contains(&*finding.rule)).collect();
    let problems = accepted.problems.iter().map(ToString::to_string).collect();
    Ok((PluginInfo::new(&metadata, &answer.digest), findings, problems))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_core::plugin::describe;
    use plimsoll_core::{Date, Sources};

    fn answer(name: &str, rule: &str, document: u32) -> PluginAnswer {
        let about = format!(
            r#"{{"name":"{name}","version":"1","description":"","license":"","rules":[{{"id":"a","title":"t","description":"","severity":"low","kinds":[],"tags":[],"help-url":null,"properties":[]}}],"settings-schema":null,"properties":[]}}"#
        );
        let findings = format!(
            r#"[{{"rule":"{rule}","location":{{"document":{document},"span":{{"start":0,"end":8}}}},"message":"m","severity":null,"confidence":null,"related":[],"fixes":[],"properties":[]}}]"#
        );
        PluginAnswer { about, digest: "d1".to_owned(), findings, off: Vec::new() }
    }

    #[test]
    fn each_answer_is_judged_for_itself() {
        let mut sources = Sources::new();
        sources.add("compose.yaml", "services:\n  a:\n    image: php:8.4\n");
        let project = Project::new(&sources, Date::new(2026, 11, 24));
        assert!(!describe(&project).documents.is_empty());
        let off = PluginAnswer { off: vec!["a".to_owned()], ..answer("off", "a", 0) };
        let broken = PluginAnswer { findings: "[".to_owned(), ..answer("broken", "a", 0) };
        let unread = PluginAnswer { about: "{".to_owned(), ..answer("unread", "a", 0) };
        let all = accept_all(
            &project,
            &[
                answer("good", "a", 0),
                broken,
                unread,
                answer("network", "a", 0),
                answer("good", "a", 0),
                answer("partly", "b", 0),
                answer("lost", "a", 99),
                off,
            ],
        );
        assert_eq!(all.findings.iter().map(|finding| &*finding.rule).collect::<Vec<_>>(), ["good/a"]);
        let refused: Vec<bool> = all.refused.iter().map(Option::is_some).collect();
        assert_eq!(refused, [false, true, true, true, true, false, false, false]);
        let problems: Vec<usize> = all.problems.iter().map(Vec::len).collect();
        assert_eq!(problems, [0, 0, 0, 0, 0, 1, 1, 0]);
        let infos: Vec<&str> = all.infos.iter().map(|info| info.name.as_str()).collect();
        assert_eq!(infos, ["good", "partly", "lost", "off"]);
    }
}

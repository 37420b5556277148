//! A policy at work: severities, rules that are off, exceptions, and what may not be switched off.

use super::Policy;
use crate::finding::{Finding, Notice, NoticeLevel};
use crate::project::Project;
use crate::suppress::Suppressed;

/// Gives findings the severities of the policy. The context has spoken before: an organisation's word is the last.
fn rate(policy: &Policy, findings: &mut [Finding]) {
    for finding in findings {
        if let Some(severity) = policy.severities.get(finding.rule.as_ref()) {
            finding.severity = *severity;
        }
    }
}

/// Parts findings from those that the policy switches off. Nothing vanishes: those are listed with the reason it gives.
pub(crate) fn apply(project: &Project<'_>, mut findings: Vec<Finding>) -> (Vec<Finding>, Vec<Suppressed>, Vec<Notice>) {
    let policy = project.policy();
    rate(policy, &mut findings);
    let (mut kept, mut suppressed) = (Vec::new(), Vec::new());
    let mut used = vec![false; policy.exceptions.len()];
    for finding in findings {
        let path = project.path(finding.primary.source);
        let exception = policy
            .exceptions
            .iter()
            .position(|exception| exception.until >= project.today && exception.covers(&finding, path));
        if let Some(used) = exception.and_then(|index| used.get_mut(index)) {
            *used = true;
        }
        if policy.not_suppressible.iter().any(|rule| *rule == finding.rule) {
            kept.push(finding);
        } else if let Some(exception) = exception.and_then(|index| policy.exceptions.get(index)) {
            let reason = format!("{} (until {}, {})", exception.reason, exception.until, exception.owner);
            suppressed.push(Suppressed { finding, at: exception.at, reason });
        } else if let Some((_, at)) = policy.ignored_rules.iter().find(|(rule, _)| *rule == finding.rule) {
            suppressed.push(Suppressed { finding, at: *at, reason: "the policy switches this rule off".to_owned() });
        } else {
            kept.push(finding);
        }
    }
    let notices = policy.exceptions.iter().zip(used).filter_map(|(exception, used)| {
        let (code, message, help) = if exception.until < project.today {
            (
                "policy/expired",
                format!("this exception ended on {}", exception.until),
                "mend the finding, or set a new day",
            )
        } else if used || !is_built_in(&exception.rule) {
            // Whether the plug-in of this rule was there to find anything is not known here.
            return None;
        } else {
            ("policy/unused", "this exception is not needed".to_owned(), "remove it")
        };
        Some(Notice {
            level: NoticeLevel::Note,
            code,
            path: project.path(exception.at.source).to_owned(),
            at: Some(exception.at),
            message,
            help: Some(help.to_owned()),
        })
    });
    (kept, suppressed, notices.collect())
}

fn is_built_in(rule: &str) -> bool {
    crate::rules::find(rule).is_some()
}

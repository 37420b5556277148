//! SARIF 2.1.0, as code-scanning services read it: rules, results with related locations, fixes, fingerprints, notifications.

use super::json::{FindingV1, FixV1, LocationV1, NoticeV1, ReportV1};
use crate::rule::Rule;
use crate::rules;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A report as SARIF text with a final line feed.
#[must_use]
pub fn render(report: &ReportV1) -> String {
    let mut ids: Vec<&str> = report
        .findings
        .iter()
        .chain(report.suppressed.iter().map(|one| &one.finding))
        .map(|finding| finding.rule.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let index: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| result(finding, &index, None))
        .chain(report.suppressed.iter().map(|one| result(&one.finding, &index, Some(&one.reason))))
        .collect();
    let notifications: Vec<Value> = report
        .notices
        .iter()
        .map(|notice| {
            let level = match notice.level.as_str() {
                level if level == "incomplete" || is_failure(notice) => "error",
                "recovered" => "warning",
                _ => "note",
            };
            let physical = match &notice.location {
                Some(location) => physical(location),
                None => json!({ "artifactLocation": artifact(&notice.path) }),
            };
            json!({
                "level": level,
                "message": { "text": notice.message },
                "descriptor": { "id": notice.code },
                "locations": [{ "physicalLocation": physical }],
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": report.tool.name,
                "semanticVersion": report.tool.version,
                "informationUri": "https://example.org/plimsoll",
                "rules": ids.iter().map(|id| descriptor(id)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.coverage.complete && !report.notices.iter().any(is_failure),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

/// A plug-in that failed: the files were all read, yet the run was not what was asked for.
fn is_failure(notice: &NoticeV1) -> bool {
    notice.code == "plugin/failed"
}

fn descriptor(id: &str) -> Value {
    match rules::find(id) {
        Some(rule) => built_in(rule),
        None => json!({ "id": id }),
    }
}

fn built_in(rule: &'static Rule) -> Value {
    json!({
        "id": rule.id,
        "name": rule.name(),
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.help },
        "defaultConfiguration": { "level": level(rule.severity.as_str()) },
        "properties": { "tags": ["security", rule.pillar()], "security-severity": score(rule.severity.as_str()) },
    })
}

fn level(severity: &str) -> &'static str {
    match severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    }
}

/// The number that code scanning sorts by.
fn score(severity: &str) -> &'static str {
    match severity {
        "critical" => "9.5",
        "high" => "8.0",
        "medium" => "5.5",
        "low" => "3.0",
        _ => "0.5",
    }
}

fn result(finding: &FindingV1, index: &BTreeMap<&str, usize>, suppressed: Option<&str>) -> Value {
    let mut value = json!({
        "ruleId": finding.rule,
        "ruleIndex": index.get(finding.rule.as_str()),
        "level": level(&finding.severity),
        "message": { "text": format!("{}. {}", finding.message, finding.help) },
        "locations": [{ "physicalLocation": physical(&finding.location) }],
        "relatedLocations": finding.related.iter().enumerate().map(|(id, related)| json!({
            "id": id,
            "physicalLocation": physical(&related.location),
            "message": { "text": related.label },
        })).collect::<Vec<_>>(),
        "partialFingerprints": { "plimsoll/v1": finding.fingerprint },
        "properties": {
            "severity": finding.severity,
            "confidence": finding.confidence,
            "services": finding.services,
            "views": finding.views,
            "basedOn": finding.based_on,
        },
    });
    let fixes: Vec<Value> = finding.fixes.iter().filter(|fix| !fix.edits.is_empty()).map(fix).collect();
    if let Some(object) = value.as_object_mut() {
        if !fixes.is_empty() {
            object.insert("fixes".to_owned(), Value::Array(fixes));
        }
        if let Some(reason) = suppressed {
            object.insert("suppressions".to_owned(), json!([{ "kind": "inSource", "justification": reason }]));
        }
    }
    value
}

fn fix(fix: &FixV1) -> Value {
    let mut by_file: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        by_file.entry(&edit.location.path).or_default().push(json!({
            "deletedRegion": region(&edit.location),
            "insertedContent": { "text": edit.replacement },
        }));
    }
    json!({
        "description": { "text": fix.title },
        "artifactChanges": by_file.into_iter().map(|(path, replacements)| json!({
            "artifactLocation": artifact(path),
            "replacements": replacements,
        })).collect::<Vec<_>>(),
    })
}

fn physical(location: &LocationV1) -> Value {
    json!({ "artifactLocation": artifact(&location.path), "region": region(location) })
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
}

fn region(location: &LocationV1) -> Value {
    json!({
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
        "byteOffset": location.start,
        "byteLength": location.end - location.start,
    })
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::report::json::{self, NoticeV1, ReportV1};
    use crate::{Date, Options, Sources, check};
    use serde_json::Value;

    #[test]
    fn a_failed_plug_in_is_a_failed_run() {
        let mut sources = Sources::new();
        sources.add("Dockerfile", "FROM php:8.4-fpm\n");
        let mut report = json::wire(&check(&sources, &Options::new(Date::new(2026, 11, 24))), &sources);
        let invocation = |report: &ReportV1| {
            let log: Value = serde_json::from_str(&super::render(report)).unwrap_or_default();
            log["runs"][0]["invocations"][0].clone()
        };
        assert_eq!(invocation(&report)["executionSuccessful"], true);
        let notice = |code: &str| NoticeV1 {
            level: "recovered".to_owned(),
            code: code.to_owned(),
            path: "bad.wasm".to_owned(),
            location: None,
            message: "the plug-in gave no findings: it panicked".to_owned(),
            help: None,
        };
        report.notices = vec![notice("another/code")];
        assert_eq!(invocation(&report)["executionSuccessful"], true);
        assert_eq!(invocation(&report)["toolExecutionNotifications"][0]["level"], "warning");
        report.notices = vec![notice("plugin/failed")];
        assert_eq!(invocation(&report)["executionSuccessful"], false);
        assert_eq!(invocation(&report)["toolExecutionNotifications"][0]["level"], "error");
        assert_eq!(invocation(&report)["toolExecutionNotifications"][0]["descriptor"]["id"], "plugin/failed");
    }

    #[test]
    fn paths_are_uri_references() {
        assert_eq!(super::uri("a b/ü.yaml"), "a%20b/%C3%BC.yaml");
    }
}

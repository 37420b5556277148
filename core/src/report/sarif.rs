//! SARIF 2.1.0, as code-scanning services read it: rules, results with related locations, fixes, fingerprints, notifications.

mod extensions;

use self::extensions::Extensions;
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
    let extensions = Extensions::new(&report.plugins);
    ids.retain(|id| !extensions.has(id));
    let index: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| (finding, None))
        .chain(report.suppressed.iter().map(|one| (&one.finding, Some(one.reason.as_str()))))
        .map(|(finding, suppressed)| result(finding, &index, &extensions, suppressed))
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
    let mut tool = json!({ "driver": {
        "name": report.tool.name,
        "semanticVersion": report.tool.version,
        "informationUri": "https://example.org/plimsoll",
        "rules": ids.iter().map(|id| descriptor(id)).collect::<Vec<_>>(),
    }});
    if let (Some(tool), false) = (tool.as_object_mut(), extensions.is_empty()) {
        tool.insert("extensions".to_owned(), Value::Array(extensions.components()));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": tool,
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

fn result(
    finding: &FindingV1,
    index: &BTreeMap<&str, usize>,
    extensions: &Extensions<'_>,
    suppressed: Option<&str>,
) -> Value {
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
        extensions.refer(&finding.rule, object);
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
    fn plug_ins_are_extensions() {
        let mut sources = Sources::new();
        sources.add("Dockerfile", "FROM php:8.4-fpm\n");
        let mut report = check(&sources, &Options::new(Date::new(2026, 11, 24)));
        let read = |report: &crate::Report| -> Value {
            serde_json::from_str(&super::render(&json::wire(report, &sources))).unwrap_or_default()
        };
        assert_eq!(read(&report)["runs"][0]["tool"].get("extensions"), None);
        assert_eq!(serde_json::to_value(json::wire(&report, &sources)).unwrap().get("plugins"), None);
        let rule = |id: &str, url: Option<&str>| crate::plugin::RuleInfo {
            id: id.to_owned(),
            title: "No x".to_owned(),
            description: String::new(),
            severity: crate::finding::Severity::High,
            tags: vec!["registry".to_owned(), "security".to_owned()],
            help: None,
            help_url: url.map(str::to_owned),
        };
        report.plugins = vec![crate::plugin::PluginInfo {
            name: "acme".to_owned(),
            version: "1.2".to_owned(),
            digest: "ab".to_owned(),
            rules: vec![rule("acme/other", Some("https://rules.example/other")), rule("acme/no-x", None)],
        }];
        let built_in = report.findings.len();
        let mut own = report.findings[0].clone();
        own.rule = "acme/no-x".into();
        report.findings.push(own.clone());
        own.rule = "gone/rule".into();
        report.findings.push(own);
        let log = read(&report);
        let run = &log["runs"][0];
        let extension = &run["tool"]["extensions"][0];
        assert_eq!((&extension["name"], &extension["version"]), (&"acme".into(), &"1.2".into()));
        assert_eq!(extension["properties"]["sha256"], "ab");
        assert_eq!(extension["rules"][0]["helpUri"], "https://rules.example/other");
        assert_eq!(extension["rules"][1].get("helpUri"), None);
        assert_eq!(extension["rules"][1]["properties"]["tags"], serde_json::json!(["security", "registry"]));
        assert_eq!(extension["rules"][1]["fullDescription"]["text"], "No x");
        let result = &run["results"][built_in];
        assert_eq!((&result["ruleId"], &result["ruleIndex"]), (&"acme/no-x".into(), &1.into()));
        assert_eq!(
            result["rule"],
            serde_json::json!({ "id": "acme/no-x", "index": 1, "toolComponent": { "name": "acme", "index": 0 } })
        );
        // Of a plug-in that no longer takes part, and of built-in rules: the driver's.
        let driver = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in [&run["results"][built_in + 1], &run["results"][0]] {
            assert_eq!(result.get("rule"), None);
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(driver[index]["id"], result["ruleId"]);
        }
        assert!(driver.iter().all(|rule| rule["id"] != "acme/no-x"));
    }

    #[test]
    fn paths_are_uri_references() {
        assert_eq!(super::uri("a b/ü.yaml"), "a%20b/%C3%BC.yaml");
    }
}

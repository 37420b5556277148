//! Plug-ins of every published version of the interface, never built again, give what they always gave.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::{TODAY, root, run};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// What of a finding a plug-in decides; a report may gain keys.
const KEYS: [&str; 9] = ["rule", "severity", "confidence", "message", "why", "help", "services", "views", "fixes"];

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

/// The one plug-in of a version.
fn plugin(version: &Path) -> PathBuf {
    let is_plugin = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "wasm");
    let found: Vec<PathBuf> =
        fs::read_dir(version).unwrap().map(|entry| entry.unwrap().path()).filter(is_plugin).collect();
    let [one] = found.as_slice() else { panic!("{} has {} plug-ins", version.display(), found.len()) };
    one.clone()
}

fn place(location: &Value) -> Value {
    let part = |key: &str| location[key].to_string().trim_matches('"').to_owned();
    json!(format!("{}:{}:{}-{}:{}", part("path"), part("line"), part("column"), part("end_line"), part("end_column")))
}

fn finding(report: &Value) -> Value {
    let mut out: Map<String, Value> = KEYS.iter().map(|key| ((*key).to_owned(), report[*key].clone())).collect();
    out.insert("at".to_owned(), place(&report["location"]));
    let related = report["related"].as_array().unwrap().iter();
    out.insert("related".to_owned(), related.map(|one| json!([place(&one["location"]), one["label"]])).collect());
    let edit = |edit: &Value| json!([place(&edit["location"]), edit["replacement"]]);
    let fix = |fix: &Value| {
        let edits: Vec<Value> = fix["edits"].as_array().unwrap().iter().map(edit).collect();
        json!({ "title": fix["title"], "safety": fix["safety"], "edits": edits })
    };
    out.insert("fixes".to_owned(), report["fixes"].as_array().unwrap().iter().map(fix).collect());
    Value::Object(out)
}

/// What a plug-in gives for a case, as the terminal reports it.
fn outcome(plugin: &Path, case: &Path) -> Value {
    let settings = fs::read_to_string(case.join("settings.json")).unwrap_or_else(|_| "{}".to_owned());
    let plugin = plugin.to_str().unwrap();
    let args = ["check", "--plugin", plugin, "--plugin-settings", &settings, "--today", TODAY, "-f", "json", "."];
    let run = run(&case.join("project"), &args);
    let report = run.json();
    let failed: Vec<Value> = (report["notices"].as_array().unwrap().iter())
        .filter(|notice| notice["code"] == "plugin/failed")
        .map(|notice| notice["message"].clone())
        .collect();
    assert_eq!(failed.is_empty(), run.code != 3, "{}: {run:?}", case.display());
    let name = report["plugins"][0]["name"].as_str().map(|name| format!("{name}/")).unwrap_or_default();
    let own = |finding: &&Value| !name.is_empty() && finding["rule"].as_str().unwrap().starts_with(&name);
    let mut about = report["plugins"][0].clone();
    if let Some(about) = about.as_object_mut() {
        about.remove("digest");
    }
    json!({
        "about": about,
        "failed": failed,
        "findings": report["findings"].as_array().unwrap().iter().filter(own).map(finding).collect::<Vec<_>>(),
    })
}

#[test]
fn published_plugins_give_what_they_gave() {
    let versions = folders(&root().join("tests/golden"));
    assert!(!versions.is_empty());
    let mut different = Vec::new();
    for version in versions {
        let plugin = plugin(&version);
        for case in folders(&version.join("cases")) {
            let is = outcome(&plugin, &case);
            let file = case.join("expect.json");
            let want: Value =
                fs::read_to_string(&file).map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
            if is == want {
                continue;
            }
            if std::env::var_os("PLIMSOLL_BLESS").is_some() {
                fs::write(&file, serde_json::to_string_pretty(&is).unwrap() + "\n").unwrap();
            }
            different.push(format!("{}\n{}", case.display(), difference(&want, &is)));
        }
    }
    assert!(different.is_empty(), "a published plug-in gives something else than it did:\n{}", different.join("\n"));
}

fn validate(schema: &str, document: &str) {
    let schema: Value = serde_json::from_str(&fs::read_to_string(root().join(schema)).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn reports_with_plugins_keep_to_their_schemas() {
    let version = root().join("tests/golden/rules-0.1.0");
    let plugin = plugin(&version);
    let print = |format: &str| {
        let args = ["check", "--plugin", plugin.to_str().unwrap(), "--today", TODAY, "-f", format, "."];
        run(&version.join("cases/answers/project"), &args).out
    };
    let (json, sarif) = (print("json"), print("sarif"));
    validate("core/schemas/report-v1.json", &json);
    validate("tests/vendor/sarif-2.1.0.json", &sarif);
    let json: Value = serde_json::from_str(&json).unwrap();
    let about = &json["plugins"][0];
    assert_eq!((&about["name"], &about["version"]), (&json!("witness"), &json!("0.1.0")));
    assert_eq!(about["digest"].as_str().unwrap().len(), 64);
    assert_eq!(about["rules"].as_array().unwrap().len(), 5);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let extension = &sarif["runs"][0]["tool"]["extensions"][0];
    assert_eq!(extension["properties"]["sha256"], about["digest"]);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let own: Vec<&Value> =
        results.iter().filter(|result| result["ruleId"].as_str().unwrap().starts_with("witness/")).collect();
    assert!(own.len() > 15);
    for result in own {
        let index = usize::try_from(result["rule"]["index"].as_u64().unwrap()).unwrap();
        assert_eq!(extension["rules"][index]["id"], result["ruleId"]);
        assert_eq!(result["rule"]["toolComponent"]["index"], 0);
    }
}

/// The findings of one side only, one a line.
fn difference(want: &Value, is: &Value) -> String {
    let lines = |value: &Value| -> Vec<String> {
        let findings = value["findings"].as_array().into_iter().flatten().map(Value::to_string);
        findings.chain([value["failed"].to_string(), value["about"].to_string()]).collect()
    };
    let (want, is) = (lines(want), lines(is));
    let gone = want.iter().filter(|line| !is.contains(line)).map(|line| format!("- {line}"));
    let new = is.iter().filter(|line| !want.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).take(40).collect::<Vec<_>>().join("\n")
}

/// The witness sees every kind it knows in the case that is made for it, apart from what has no place there.
#[test]
fn the_witness_sees_its_kinds() {
    let case = root().join("tests/golden/rules-0.1.0/cases/answers/expect.json");
    let expect: Value = serde_json::from_str(&fs::read_to_string(case).unwrap()).unwrap();
    let messages: Vec<&str> =
        expect["findings"].as_array().unwrap().iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    for kind in
        ["service", "stage", "image", "network", "volume", "secret", "config", "port", "mount", "package", "view"]
    {
        assert!(!messages.contains(&format!("{kind}: 0").as_str()), "{kind} is not seen");
    }
    for relation in ["needs", "can-reach", "depends-on", "reads-config", "copies-from"] {
        assert!(!messages.contains(&format!("{relation}: 0").as_str()), "{relation} is not seen");
    }
    for severity in ["info", "low", "medium", "high", "critical"] {
        let of = |finding: &&Value| finding["severity"] == severity && finding["rule"] == "witness/answers";
        assert!(expect["findings"].as_array().unwrap().iter().filter(of).count() >= 3, "{severity}");
    }
}

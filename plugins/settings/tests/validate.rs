//! What a user is told, and what a stranger's schema cannot do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll_plugin_settings::{Fault, MAX_FAULTS, check_schema, validate};
use std::time::{Duration, Instant};

const SCHEMA: &str = r#"{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "required": ["owner"],
    "properties": {
        "owner": {"type": "string", "minLength": 1, "pattern": "^[a-z-]+$"},
        "allowed": {"type": "array", "uniqueItems": true, "items": {"type": "string", "minLength": 3}},
        "level": {"enum": ["low", "high"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 90},
        "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "zones": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": false, "properties": {"to": {"type": "boolean"}}}}
    }
}"#;

fn faults(schema: &str, settings: &str) -> Vec<(String, String)> {
    let faults = validate(schema, settings).err().unwrap_or_default();
    faults.into_iter().map(|Fault { pointer, message }| (pointer, message)).collect()
}

fn one(settings: &str) -> (String, String) {
    let mut all = faults(SCHEMA, settings);
    assert_eq!(all.len(), 1, "{settings}: {all:?}");
    all.remove(0)
}

#[test]
fn what_fits_is_silent() {
    for settings in [
        r#"{"owner": "web"}"#,
        r#"{"owner": "web", "allowed": ["abc", "def"], "level": "low", "days": 90.0, "either": null, "zones": {"eu": {"to": true}}}"#,
    ] {
        assert_eq!(validate(SCHEMA, settings), Ok(()));
    }
}

#[test]
fn each_slip_has_its_place_and_its_words() {
    let say = |settings: &str, pointer: &str, message: &str| {
        assert_eq!(one(settings), (pointer.to_owned(), message.to_owned()));
    };
    say(
        r#"{"owner": "web", "alowed": []}"#,
        "/alowed",
        "`alowed` is not a setting; there are `allowed`, `days`, `either`, `level`, `owner`, `zones`",
    );
    say(r#"{"owner": "web", "allowed": "abc"}"#, "/allowed", "allowed: expected an array, found a string");
    say(r#"{"owner": "web", "allowed": ["abc", "a"]}"#, "/allowed/1", "allowed[1]: needs at least 3 characters");
    say(r#"{"owner": "web", "allowed": ["abc", "abc"]}"#, "/allowed/1", "allowed[1]: is there twice");
    say("{}", "", "`owner` is missing");
    say(r#"{"owner": ""}"#, "/owner", "owner: must not be empty");
    say(r#"{"owner": "Web"}"#, "/owner", "owner: does not match the pattern `^[a-z-]+$`");
    say(r#"{"owner": "web", "level": "mid"}"#, "/level", "level: expected one of `low`, `high`");
    say(r#"{"owner": "web", "days": 0}"#, "/days", "days: must be at least 1");
    say(r#"{"owner": "web", "days": 1.5}"#, "/days", "days: expected a whole number, found a number");
    say(r#"{"owner": "web", "either": 1}"#, "/either", "either: expected a string or null");
    say(
        r#"{"owner": "web", "zones": {"a/b": {"too": true}}}"#,
        "/zones/a~1b/too",
        "`too` is not a setting of `zones.a/b`; there are `to`",
    );
    say("[]", "", "expected an object, found an array");
    assert!(one("{not json").1.starts_with("the settings are no JSON ("));
}

#[test]
fn a_strangers_text_is_cut_and_cleaned() {
    let (_, message) = one(&format!("{{\"owner\": \"web\", \"a\\u001b[31m{}\": 1}}", "x".repeat(500)));
    assert!(message.chars().count() < 300 && !message.contains('\u{1b}'), "{message}");
    let many: Vec<String> = (0..100).map(|index| format!("\"k{index}\": 1")).collect();
    assert_eq!(faults(SCHEMA, &format!("{{\"owner\": \"web\", {}}}", many.join(","))).len(), MAX_FAULTS);
}

#[test]
fn a_schema_that_cannot_be_used_says_so() {
    for (schema, part) in [
        ("", "it is no JSON"),
        ("3", "a schema is an object, true or false"),
        (r#"{"type": "text"}"#, "`type` is \"text\"; it needs a type or a list of types"),
        (r#"{"properties": []}"#, "an object of schemas is expected (at `/properties`)"),
        (r#"{"properties": {"a": {"minLength": -1}}}"#, "(at `/properties/a`)"),
        (r#"{"anyOf": []}"#, "a list of schemas is expected"),
        (r#"{"items": [{}]}"#, "a schema is an object, true or false (at `/items`)"),
        (r#"{"pattern": "(?=x)"}"#, "look-around and back references are not supported"),
        (r#"{"patternProperties": {"(": {}}}"#, "the pattern `(` cannot be used"),
        (r#"{"pattern": "(((a{1000}){1000}){1000})"}"#, "cannot be used"),
        (r#"{"$ref": "https://example.com/s.json"}"#, "it may only lead into the schema itself"),
        (r#"{"$ref": "file:///etc/passwd"}"#, "it may only lead into the schema itself"),
        (r##"{"$ref": "#/nothing"}"##, "which is not there"),
        (
            r##"{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "other.json"}}}"##,
            "it may only lead into the schema itself",
        ),
        (r##"{"$ref": "#/examples/0", "examples": [{"type": 7}]}"##, "`type` is 7"),
        (
            r#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#,
            "plug-ins write https://json-schema.org/draft/2020-12",
        ),
        (r##"{"$dynamicRef": "#a"}"##, "`$dynamicRef` is not supported"),
        (r#"{"properties": {"a": {"$id": "x"}}}"#, "`$id` inside a schema is not supported"),
    ] {
        let fault = check_schema(schema).expect_err(schema);
        assert!(fault.message.starts_with("the plug-in's settings schema cannot be used: "), "{}", fault.message);
        assert!(fault.message.contains(part), "{schema}: {}", fault.message);
        assert_eq!(validate(schema, "{}"), Err(vec![fault]));
    }
    assert!(check_schema(&"[".repeat(100)).is_err() && check_schema(&"x".repeat(300 << 10)).is_err());
    let deep = format!("{}{{}}{}", r#"{"not":"#.repeat(100), "}".repeat(100));
    assert!(check_schema(&deep).unwrap_err().message.contains("nested deeper"));
}

/// Schemas that would keep a validator busy for ever, or take its stack.
#[test]
fn a_hostile_schema_costs_little() {
    let mut doubling = String::from(r##"{"$ref": "#/$defs/d0", "$defs": {"d60": {"type": "string"}"##);
    for level in 0..60 {
        let next = level + 1;
        doubling +=
            &format!(r##", "d{level}": {{"anyOf": [{{"$ref": "#/$defs/d{next}"}}, {{"$ref": "#/$defs/d{next}"}}]}}"##);
    }
    doubling += "}}";
    let endless = [
        r##"{"$ref": "#"}"##.to_owned(),
        r##"{"allOf": [{"$ref": "#"}]}"##.to_owned(),
        r##"{"not": {"$ref": "#"}}"##.to_owned(),
        r##"{"if": {"$ref": "#"}, "anyOf": [{"$ref": "#"}, true]}"##.to_owned(),
        r##"{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}"##.to_owned(),
        doubling,
    ];
    for schema in endless {
        let began = Instant::now();
        let said = faults(&schema, r#"{"a": 1}"#);
        assert_eq!(said.len(), 1, "{schema}: {said:?}");
        assert!(said[0].1.starts_with("the plug-in's settings schema cannot be used: "), "{said:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{schema}");
    }
    let began = Instant::now();
    let text = format!("{{\"a\": \"{}\"}}", "a".repeat(200_000));
    let _ = faults(r#"{"additionalProperties": {"pattern": "^(a+)+$|(a|aa)+b"}}"#, &text);
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn settings_are_bounded_too() {
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    assert!(faults("true", &deep)[0].1.contains("nested deeper than"));
    assert!(faults("true", &format!("\"{}\"", "x".repeat(300 << 10)))[0].1.contains("the limit is"));
    assert_eq!(validate("true", "{}"), Ok(()));
    assert_eq!(faults("false", "{}"), [(String::new(), "nothing is allowed here".to_owned())]);
}

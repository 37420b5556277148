//! Held against the established implementation: both call the same settings right and wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll_plugin_settings::validate;
use serde_json::{Value, json};

/// Schemas for every keyword, alone and beside others.
fn schemas() -> Vec<Value> {
    vec![
        json!(true),
        json!(false),
        json!({}),
        json!({"type": "object"}),
        json!({"type": ["string", "null", "integer"]}),
        json!({"type": "number", "minimum": 1, "exclusiveMaximum": 3}),
        json!({"exclusiveMinimum": 0, "maximum": 2.5}),
        json!({"multipleOf": 0.5}),
        json!({"multipleOf": 2}),
        json!({"enum": ["a", 1, null, [1], {"a": 1}]}),
        json!({"const": 1}),
        json!({"const": {"a": [1.0]}}),
        json!({"minLength": 2, "maxLength": 3}),
        json!({"pattern": "^a.c$"}),
        json!({"pattern": "\\d"}),
        json!({"minItems": 1, "maxItems": 2}),
        json!({"uniqueItems": true}),
        json!({"items": {"type": "integer"}}),
        json!({"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}),
        json!({"prefixItems": [{"const": 1}]}),
        json!({"contains": {"const": 1}}),
        json!({"contains": {"const": 1}, "minContains": 0}),
        json!({"contains": {"type": "integer"}, "minContains": 2, "maxContains": 2}),
        json!({"minProperties": 1, "maxProperties": 1}),
        json!({"required": ["a"]}),
        json!({"properties": {"a": {"type": "integer"}, "b": false}}),
        json!({"properties": {"a": true}, "additionalProperties": false}),
        json!({"properties": {"a": true}, "additionalProperties": {"type": "string"}}),
        json!({"patternProperties": {"^b": {"type": "string"}}, "additionalProperties": {"type": "integer"}}),
        json!({"propertyNames": {"maxLength": 1}}),
        json!({"dependentRequired": {"a": ["b"]}}),
        json!({"dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"type": "string"}}}}}),
        json!({"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]}),
        json!({"anyOf": [{"type": "string"}, {"required": ["b"]}]}),
        json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]}),
        json!({"not": {"type": "object"}}),
        json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"type": "array"}}),
        json!({"if": {"type": "integer"}, "then": {"minimum": 2}}),
        json!({"$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}}),
        json!({"$ref": "#x", "$defs": {"y": {"$anchor": "x", "type": ["object", "string"]}}, "maxProperties": 1, "maxLength": 1}),
        json!({"type": ["object", "integer"], "additionalProperties": {"$ref": "#"}}),
        json!({"properties": {"a": true}, "unevaluatedProperties": false}),
        json!({"allOf": [{"properties": {"a": true}}], "properties": {"b": true}, "unevaluatedProperties": false}),
        json!({"anyOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": true}}], "unevaluatedProperties": {"type": "null"}}),
        json!({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": true}}, "unevaluatedProperties": false}),
        json!({"not": {"not": {"properties": {"a": true}}}, "unevaluatedProperties": false}),
        json!({"allOf": [{"additionalProperties": {"type": "string"}}], "unevaluatedProperties": false}),
        json!({"prefixItems": [true], "unevaluatedItems": {"type": "string"}}),
        json!({"contains": {"const": 1}, "unevaluatedItems": {"type": "string"}}),
        json!({"allOf": [{"prefixItems": [true, true]}], "unevaluatedItems": false}),
        json!({"anyOf": [{"items": {"type": "integer"}}, {"prefixItems": [{"type": "string"}]}], "unevaluatedItems": false}),
        json!({"$ref": "#/$defs/one", "unevaluatedProperties": false, "$defs": {"one": {"properties": {"a": true}}}}),
        json!({"format": "email", "contentEncoding": "base64", "title": "t", "default": 1, "x-own": {"type": 7}}),
    ]
}

fn instances() -> Vec<Value> {
    let mut all = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(2),
        json!(3),
        json!(-4),
        json!(2.5),
        json!(""),
        json!("a"),
        json!("ab"),
        json!("abc"),
        json!("äöü€"),
        json!("a\nc"),
        json!("x1"),
        json!("٣"),
        json!([]),
        json!([1]),
        json!([1, 1]),
        json!([1, 1.0]),
        json!([1, "1"]),
        json!(["a", 1]),
        json!(["a", 1, 2]),
        json!([{"a": 1}, {"a": 1.0}]),
        json!([1, "b", null]),
        json!([[1], [1]]),
        json!(["a", "b", "c"]),
        json!({}),
        json!({"a": 1}),
        json!({"a": [1]}),
        json!({"a": "x"}),
        json!({"b": "y"}),
        json!({"b": 2}),
        json!({"bb": "x"}),
        json!({"c": null}),
    ];
    all.push(json!({"a": 1, "b": "x"}));
    all.push(json!({"a": 1, "b": 2, "c": 3}));
    all.push(json!({"a": {"a": {"b": 1}}}));
    all.push(json!({"a": "x", "c": "y"}));
    all
}

#[test]
fn both_say_the_same() {
    let mut pairs = 0;
    for schema in schemas() {
        let theirs = jsonschema::draft202012::new(&schema).unwrap();
        for instance in instances() {
            let ours = validate(&schema.to_string(), &instance.to_string());
            assert_eq!(ours.is_ok(), theirs.is_valid(&instance), "{schema} with {instance}: {ours:?}");
            pairs += 1;
        }
    }
    assert!(pairs > 2_000);
}

/// Two of the schemas at once, in every way to put them together.
#[test]
fn both_say_the_same_of_schemas_put_together() {
    let plain: Vec<Value> = schemas().into_iter().filter(|schema| !schema.to_string().contains("$ref")).collect();
    for (index, first) in plain.iter().enumerate() {
        let second = &plain[(index * 7 + 3) % plain.len()];
        for schema in [
            json!({"allOf": [first, second]}),
            json!({"anyOf": [first, second], "unevaluatedProperties": false}),
            json!({"oneOf": [first, second], "unevaluatedItems": false}),
            json!({"if": first, "then": second, "else": {"not": second}}),
            json!({"properties": {"a": first}, "additionalProperties": second, "items": first}),
        ] {
            let theirs = jsonschema::draft202012::new(&schema).unwrap();
            for instance in instances() {
                let ours = validate(&schema.to_string(), &instance.to_string());
                assert_eq!(ours.is_ok(), theirs.is_valid(&instance), "{schema} with {instance}: {ours:?}");
            }
        }
    }
}

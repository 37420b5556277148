//! The form that a schema asks for: one field for each setting. What cannot be drawn is edited as JSON, so a form always covers
//! every setting.

use crate::refer::target;
use crate::{MAX_SCHEMA_BYTES, shown};
use serde_json::{Map, Value};

/// Levels of a schema.
pub const MAX_DEPTH: usize = 64;

/// Fields of a form. A schema with more has no form.
const MAX_FIELDS: usize = 200;

/// Choices of one field; with more it is edited as JSON.
const MAX_CHOICES: usize = 200;

/// The settings of a plug-in as fields: those that are required first, then by name.
#[derive(Clone, PartialEq, Debug)]
pub struct Form {
    /// One for each setting.
    pub fields: Vec<Field>,
}

/// One setting.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Its key in the settings.
    pub key: String,
    /// What it is called: its title, or its key.
    pub label: String,
    /// What it does; empty when the schema does not say.
    pub description: String,
    /// Whether it has to be given.
    pub required: bool,
    /// How it is edited.
    pub kind: Kind,
    /// What counts when it is not given.
    pub default: Option<Value>,
}

/// How a setting is edited.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// A line of text.
    Text {
        /// What it has to match.
        pattern: Option<String>,
    },
    /// A number.
    Number {
        /// Least value.
        min: Option<f64>,
        /// Largest value.
        max: Option<f64>,
        /// Whether it has no fraction.
        whole: bool,
    },
    /// On or off.
    Flag,
    /// One of these texts.
    Choice(Vec<String>),
    /// A list of texts.
    Texts,
    /// Names, each with a text.
    Map,
    /// Anything else, as JSON text.
    Json,
}

impl Form {
    /// The form of a schema; `None` when the schema does not list its settings, so that they are edited as one JSON text.
    #[must_use]
    pub fn of(schema: &str) -> Option<Self> {
        if schema.len() > MAX_SCHEMA_BYTES {
            return None;
        }
        let root: Value = serde_json::from_str(schema).ok()?;
        let top = resolved(&root, &root)?;
        // Whatever else it asks for, a form could not say: which settings there are has to stand in one place.
        let plain = ["allOf", "anyOf", "oneOf", "patternProperties", "if"].iter().all(|key| !top.contains_key(*key));
        let properties = top.get("properties").filter(|_| plain)?.as_object()?;
        if properties.is_empty() || properties.len() > MAX_FIELDS {
            return None;
        }
        let required: Vec<&str> =
            top.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut fields: Vec<Field> = properties
            .iter()
            .map(|(key, schema)| field(&root, key, schema, required.contains(&key.as_str())))
            .collect();
        fields.sort_by(|a, b| (!a.required, &a.key).cmp(&(!b.required, &b.key)));
        Some(Self { fields })
    }
}

fn field(root: &Value, key: &str, schema: &Value, required: bool) -> Field {
    let own = schema.as_object();
    let target = resolved(root, schema);
    // What stands beside a reference speaks of this use of it.
    let said = |name: &str| own.and_then(|own| own.get(name)).or_else(|| target?.get(name));
    let text = |name: &str, limit: usize| said(name).and_then(Value::as_str).map(|text| shown(text, limit));
    Field {
        key: key.to_owned(),
        label: text("title", 100).filter(|title| !title.trim().is_empty()).unwrap_or_else(|| shown(key, 100)),
        description: text("description", 2_000).unwrap_or_default(),
        required,
        kind: target.map_or(Kind::Json, |schema| kind(root, schema)),
        default: said("default").cloned(),
    }
}

/// A schema behind its references; `None` when it is no object, or leads nowhere.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> Option<&'s Map<String, Value>> {
    let mut schema = schema;
    for _ in 0..8 {
        let map = schema.as_object()?;
        match map.get("$ref") {
            None => return Some(map),
            // Asks for more than what it refers to.
            Some(_) if map.keys().any(|key| !ANNOTATIONS.contains(&key.as_str()) && key != "$ref") => return None,
            Some(reference) => schema = target(root, reference.as_str()?)?,
        }
    }
    None
}

/// Keywords that ask for nothing.
const ANNOTATIONS: [&str; 12] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// Keywords that a field cannot keep while someone types, but a validation can afterwards.
const CHECKED: [&str; 14] = [
    "type",
    "enum",
    "const",
    "pattern",
    "minLength",
    "maxLength",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "oneOf",
    "$anchor",
];

fn kind(root: &Value, schema: &Map<String, Value>) -> Kind {
    if let Some(choices) = choices(schema) {
        return Kind::Choice(choices);
    }
    let others = |allowed: &[&str]| {
        schema.keys().all(|key| {
            let key = key.as_str();
            ANNOTATIONS.contains(&key)
                || CHECKED.contains(&key) && key != "oneOf" && key != "enum" && key != "const"
                || allowed.contains(&key)
        })
    };
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    match schema.get("type").and_then(Value::as_str) {
        Some("string") if others(&[]) => {
            Kind::Text { pattern: schema.get("pattern").and_then(Value::as_str).map(str::to_owned) }
        }
        Some("boolean") if others(&[]) => Kind::Flag,
        Some("integer") if others(&[]) => Kind::Number {
            min: number("minimum").or_else(|| Some(number("exclusiveMinimum")?.floor() + 1.0)),
            max: number("maximum").or_else(|| Some(number("exclusiveMaximum")?.ceil() - 1.0)),
            whole: true,
        },
        Some("number") if others(&[]) => Kind::Number {
            min: number("minimum").or_else(|| number("exclusiveMinimum")),
            max: number("maximum").or_else(|| number("exclusiveMaximum")),
            whole: false,
        },
        Some("array")
            if others(&["items", "minItems", "maxItems", "uniqueItems"]) && is_text(root, schema.get("items")) =>
        {
            Kind::Texts
        }
        Some("object")
            if others(&["additionalProperties", "propertyNames", "minProperties", "maxProperties"])
                && is_text(root, schema.get("additionalProperties")) =>
        {
            Kind::Map
        }
        _ => Kind::Json,
    }
}

/// Texts of which one is chosen, written as `enum`, `const` or `oneOf` of `const`.
fn choices(schema: &Map<String, Value>) -> Option<Vec<String>> {
    let texts = |list: Vec<&Value>| -> Option<Vec<String>> {
        let all: Option<Vec<String>> = list.iter().map(|value| value.as_str().map(str::to_owned)).collect();
        all.filter(|all| !all.is_empty() && all.len() <= MAX_CHOICES)
    };
    let found = if let Some(list) = schema.get("enum") {
        texts(list.as_array()?.iter().collect())
    } else if let Some(only) = schema.get("const") {
        texts(vec![only])
    } else {
        let consts: Option<Vec<&Value>> = schema.get("oneOf")?.as_array()?.iter().map(|one| one.get("const")).collect();
        texts(consts?)
    };
    let string = schema.get("type").is_none_or(|name| name == "string");
    found.filter(|_| string)
}

/// Whether a schema is about texts.
fn is_text(root: &Value, schema: Option<&Value>) -> bool {
    let Some(schema) = schema.and_then(|schema| resolved(root, schema)) else { return false };
    schema.get("type").is_some_and(|name| name == "string")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r##"{
        "type": "object", "additionalProperties": false, "required": ["owner"],
        "$defs": {"name": {"type": "string", "pattern": "^[a-z]+$", "title": "Name"}},
        "properties": {
            "allowed": {"type": "array", "items": {"type": "string", "minLength": 1}, "default": ["docker.io/*"]},
            "digest": {"type": "boolean", "title": "Pin by digest", "description": "Whether images are pinned"},
            "owner": {"$ref": "#/$defs/name", "description": "Who answers"},
            "level": {"enum": ["low", "high"]},
            "zone": {"oneOf": [{"const": "eu", "title": "Europe"}, {"const": "us"}]},
            "days": {"type": "integer", "exclusiveMinimum": 0, "maximum": 90},
            "ratio": {"type": "number"},
            "replacements": {"type": "object", "additionalProperties": {"type": "string"}},
            "labels": {"type": "array", "items": {"type": "object"}},
            "either": {"type": ["string", "null"]},
            "mixed": {"enum": ["a", 1]},
            "far": {"$ref": "https://example.com/schema"},
            "anything": true
        }
    }"##;

    #[test]
    fn every_setting_has_a_field() {
        let form = Form::of(SCHEMA).unwrap();
        let field = |key: &str| form.fields.iter().find(|field| field.key == key).unwrap();
        assert_eq!(form.fields.len(), 13);
        assert_eq!(form.fields[0].key, "owner", "what is required comes first");
        assert_eq!(field("owner").kind, Kind::Text { pattern: Some("^[a-z]+$".to_owned()) });
        assert_eq!((field("owner").label.as_str(), field("owner").description.as_str()), ("Name", "Who answers"));
        assert!(field("owner").required && !field("days").required);
        assert_eq!(field("allowed").kind, Kind::Texts);
        assert_eq!(field("allowed").default, Some(serde_json::json!(["docker.io/*"])));
        assert_eq!((&field("digest").kind, field("digest").label.as_str()), (&Kind::Flag, "Pin by digest"));
        assert_eq!(field("level").kind, Kind::Choice(vec!["low".to_owned(), "high".to_owned()]));
        assert_eq!(field("zone").kind, Kind::Choice(vec!["eu".to_owned(), "us".to_owned()]));
        assert_eq!(field("days").kind, Kind::Number { min: Some(1.0), max: Some(90.0), whole: true });
        assert_eq!(field("ratio").kind, Kind::Number { min: None, max: None, whole: false });
        assert_eq!(field("replacements").kind, Kind::Map);
        for json in ["labels", "either", "mixed", "far", "anything"] {
            assert_eq!(field(json).kind, Kind::Json, "{json}");
        }
    }

    #[test]
    fn without_a_list_of_settings_there_is_no_form() {
        for schema in [
            "",
            "[]",
            "true",
            "{}",
            r#"{"properties": {}}"#,
            r##"{"$ref": "#"}"##,
            r#"{"properties": {"a": {}}, "anyOf": [{}]}"#,
        ] {
            assert_eq!(Form::of(schema), None, "{schema}");
        }
    }

    #[test]
    fn a_form_behind_a_reference() {
        let form =
            Form::of(r##"{"$ref": "#/$defs/all", "$defs": {"all": {"properties": {"a\u001b": {"type": "string"}}}}}"##);
        let field = &form.unwrap().fields[0];
        assert_eq!((field.key.as_str(), field.label.as_str()), ("a\u{1b}", "a\u{fffd}"));
    }
}

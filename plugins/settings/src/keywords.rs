//! The keywords of a schema that hold further schemas, and the form each keyword must have.

use serde_json::Value;

/// How a keyword holds schemas.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// One.
    One,
    /// A list of them.
    List,
    /// An object whose values are schemas.
    Map,
}

/// What a keyword's value has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Types,
    List,
    Strings,
    StringLists,
    Count,
    Number,
    Positive,
    Flag,
    Any,
}

/// Keywords with subschemas. What stands in the first two counts only where a schema refers to it.
pub(crate) const HOLDERS: [(&str, Holds); 19] = [
    ("$defs", Holds::Map),
    ("definitions", Holds::Map),
    ("properties", Holds::Map),
    ("patternProperties", Holds::Map),
    ("dependentSchemas", Holds::Map),
    ("allOf", Holds::List),
    ("anyOf", Holds::List),
    ("oneOf", Holds::List),
    ("prefixItems", Holds::List),
    ("additionalProperties", Holds::One),
    ("unevaluatedProperties", Holds::One),
    ("propertyNames", Holds::One),
    ("items", Holds::One),
    ("unevaluatedItems", Holds::One),
    ("contains", Holds::One),
    ("not", Holds::One),
    ("if", Holds::One),
    ("then", Holds::One),
    ("else", Holds::One),
];

/// Keywords that assert, with the form they need.
pub(crate) const FORMS: [(&str, Form); 19] = [
    ("type", Form::Types),
    ("enum", Form::List),
    ("const", Form::Any),
    ("required", Form::Strings),
    ("dependentRequired", Form::StringLists),
    ("minLength", Form::Count),
    ("maxLength", Form::Count),
    ("minItems", Form::Count),
    ("maxItems", Form::Count),
    ("minContains", Form::Count),
    ("maxContains", Form::Count),
    ("minProperties", Form::Count),
    ("maxProperties", Form::Count),
    ("minimum", Form::Number),
    ("maximum", Form::Number),
    ("exclusiveMinimum", Form::Number),
    ("exclusiveMaximum", Form::Number),
    ("multipleOf", Form::Positive),
    ("uniqueItems", Form::Flag),
];

/// Keywords whose meaning this does not have: better no schema than one that says less than it seems to.
pub(crate) const REFUSED: [&str; 7] = [
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "$vocabulary",
    "dependencies",
    "additionalItems",
];

/// The types of JSON Schema.
pub(crate) const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

impl Form {
    /// Whether a value has this form.
    pub(crate) fn fits(self, value: &Value) -> bool {
        let name = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
        let strings = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
        match self {
            Self::Types => {
                name(value) || value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(name))
            }
            Self::List => value.is_array(),
            Self::Strings => strings(value),
            Self::StringLists => value.as_object().is_some_and(|map| map.values().all(strings)),
            Self::Count => value.as_number().and_then(crate::number::whole).is_some_and(|count| count >= 0),
            Self::Number => value.is_number(),
            Self::Positive => value.as_f64().is_some_and(|number| number > 0.0),
            Self::Flag => value.is_boolean(),
            Self::Any => true,
        }
    }

    /// What is expected, in words.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Types => "a type or a list of types",
            Self::List => "a list",
            Self::Strings => "a list of strings",
            Self::StringLists => "an object of lists of strings",
            Self::Count => "a whole number from 0 on",
            Self::Number => "a number",
            Self::Positive => "a number above 0",
            Self::Flag => "true or false",
            Self::Any => "a value",
        }
    }
}

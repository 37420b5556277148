//! What keywords ask of a value alone, without further schemas.

use crate::Fault;
use crate::number::{compare, is_multiple, same, whole};
use crate::place::{MAX_NAMES, Place};
use crate::shown;
use serde_json::{Map, Value};
use std::cmp::Ordering;

pub(crate) fn kind(map: &Map<String, Value>, value: &Value, at: &Place, faults: &mut Vec<Fault>) {
    let one = map.get("type").map(std::slice::from_ref);
    let types = map.get("type").and_then(Value::as_array).map(Vec::as_slice).or(one).unwrap_or(&[]);
    let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
    if !types.is_empty() && !types.iter().any(|name| is(name, value)) {
        let expected: Vec<&str> = types.iter().map(|name| called(name)).collect();
        return at.fault(faults, &format!("expected {}, found {}", expected.join(" or "), called(type_of(value))));
    }
    if let Some(allowed) = map.get("enum").and_then(Value::as_array)
        && !allowed.iter().any(|one| same(one, value))
    {
        let names: Vec<String> = allowed.iter().take(MAX_NAMES).map(quoted).collect();
        let more = if allowed.len() > MAX_NAMES { ", …" } else { "" };
        at.fault(faults, &format!("expected one of {}{more}", names.join(", ")));
    }
    if let Some(only) = map.get("const")
        && !same(only, value)
    {
        at.fault(faults, &format!("expected {}", quoted(only)));
    }
}

fn quoted(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("`{}`", shown(&text, 40))
}

fn is(name: &str, value: &Value) -> bool {
    match value {
        Value::Number(number) => name == "number" || name == "integer" && whole(number).is_some(),
        other => name == type_of(other),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn called(name: &str) -> &'static str {
    match name {
        "null" => "null",
        "boolean" => "true or false",
        "object" => "an object",
        "array" => "an array",
        "number" => "a number",
        "integer" => "a whole number",
        _ => "a string",
    }
}

pub(crate) fn amount(map: &Map<String, Value>, number: &serde_json::Number, at: &Place, faults: &mut Vec<Fault>) {
    let limits: [(&str, &[Ordering], &str); 4] = [
        ("minimum", &[Ordering::Less], "must be at least"),
        ("maximum", &[Ordering::Greater], "must be at most"),
        ("exclusiveMinimum", &[Ordering::Less, Ordering::Equal], "must be more than"),
        ("exclusiveMaximum", &[Ordering::Greater, Ordering::Equal], "must be less than"),
    ];
    for (key, wrong, words) in limits {
        if let Some(limit) = map.get(key).and_then(Value::as_number)
            && compare(number, limit).is_some_and(|order| wrong.contains(&order))
        {
            at.fault(faults, &format!("{words} {limit}"));
        }
    }
    if let Some(of) = map.get("multipleOf").and_then(Value::as_number)
        && !is_multiple(number, of)
    {
        at.fault(faults, &format!("must be a multiple of {of}"));
    }
}

pub(crate) fn counted(
    map: &Map<String, Value>,
    least: &str,
    most: &str,
    count: usize,
    noun: &str,
    at: &Place,
    faults: &mut Vec<Fault>,
) {
    if let Some(least) = limit(map, least).filter(|least| count < *least) {
        at.fault(
            faults,
            &if least == 1 { "must not be empty".to_owned() } else { format!("needs at least {least} {noun}") },
        );
    }
    if let Some(most) = limit(map, most).filter(|most| count > *most) {
        at.fault(faults, &format!("has {count} {noun}; at most {most} are allowed"));
    }
}

pub(crate) fn required(
    names: Option<&Value>,
    object: &Map<String, Value>,
    beside: &str,
    at: &Place,
    faults: &mut Vec<Fault>,
) {
    for name in names.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            at.fault(faults, &format!("`{}` is missing{beside}", shown(name, 60)));
        }
    }
}

/// A count that a schema names; one that is larger than anything can be is none.
pub(crate) fn limit(map: &Map<String, Value>, key: &str) -> Option<usize> {
    map.get(key).and_then(Value::as_number).and_then(whole).and_then(|count| usize::try_from(count).ok())
}

pub(crate) fn text_length(map: &Map<String, Value>, text: &str, at: &Place, faults: &mut Vec<Fault>) {
    let length = text.chars().count();
    if let Some(least) = limit(map, "minLength").filter(|least| length < *least) {
        let empty = least == 1;
        at.fault(
            faults,
            &if empty { "must not be empty".to_owned() } else { format!("needs at least {least} characters") },
        );
    }
    if let Some(most) = limit(map, "maxLength").filter(|most| length > *most) {
        at.fault(faults, &format!("has {length} characters; at most {most} are allowed"));
    }
}

//! Settings held against a schema, with every step counted.

use crate::number::canonical;
use crate::place::{Place, none_fits};
use crate::refer::target;
use crate::schema::Schema;
use crate::values::{amount, counted, kind, limit, required, text_length};
use crate::{Fault, MAX_SETTINGS_BYTES, shown};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Steps of one validation: schemas looked at, entries compared. Real ones take hundreds.
const MAX_STEPS: usize = 300_000;

/// Levels of schemas within schemas within settings. A schema that leads back to itself ends here.
const MAX_LEVELS: usize = 64;

/// Levels of settings.
const MAX_SETTINGS_DEPTH: usize = 32;

/// Holds settings against a schema; both are JSON text.
///
/// # Errors
/// What is wrong, each with its place; at most [`crate::MAX_FAULTS`]. A schema that cannot be used is one fault, which says so.
pub fn validate(schema: &str, settings: &str) -> Result<(), Vec<Fault>> {
    let schema = Schema::parse(schema).map_err(|fault| vec![fault])?;
    let whole = |message: String| vec![Fault { pointer: String::new(), message }];
    if settings.len() > MAX_SETTINGS_BYTES {
        return Err(whole(format!("the settings have {} bytes; the limit is {MAX_SETTINGS_BYTES}", settings.len())));
    }
    let value: Value = serde_json::from_str(settings)
        .map_err(|error| whole(format!("the settings are no JSON ({})", shown(&error.to_string(), 100))))?;
    if deeper(&value, MAX_SETTINGS_DEPTH) {
        return Err(whole(format!("the settings are nested deeper than {MAX_SETTINGS_DEPTH} levels")));
    }
    let mut run = Run { schema: &schema, steps: MAX_STEPS, level: 0, endless: false };
    let mut faults = Vec::new();
    run.check(&schema.root, &value, &Place::default(), &mut faults);
    if run.endless || run.steps == 0 {
        let why = if run.endless {
            "it is nested too deep, or leads back to itself"
        } else {
            "holding the settings against it takes too long"
        };
        return Err(whole(format!("the plug-in's settings schema cannot be used: {why}")));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn deeper(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return true };
    match value {
        Value::Array(list) => list.iter().any(|value| deeper(value, below)),
        Value::Object(map) => map.values().any(|value| deeper(value, below)),
        _ => false,
    }
}

/// Which parts of a value schemas have spoken of: `unevaluated…` is about the others.
#[derive(Default)]
struct Seen {
    keys: BTreeSet<String>,
    items: BTreeSet<usize>,
}

struct Run<'s> {
    schema: &'s Schema,
    steps: usize,
    level: usize,
    endless: bool,
}

impl<'s> Run<'s> {
    /// Counts a step; `false` when there are none left.
    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0 && !self.endless
    }

    fn check(&mut self, schema: &'s Value, value: &Value, at: &Place, faults: &mut Vec<Fault>) -> Seen {
        let mut seen = Seen::default();
        if !self.step() {
            return seen;
        }
        if self.level >= MAX_LEVELS {
            self.endless = true;
            return seen;
        }
        match schema {
            Value::Bool(false) => at.fault(faults, "nothing is allowed here"),
            Value::Object(map) => {
                self.level += 1;
                self.keywords(map, value, at, faults, &mut seen);
                self.level -= 1;
            }
            _ => {}
        }
        seen
    }

    /// Whether a value fits, without a word about why not.
    fn fits(&mut self, schema: &'s Value, value: &Value, at: &Place) -> Option<Seen> {
        let mut faults = Vec::new();
        let seen = self.check(schema, value, at, &mut faults);
        faults.is_empty().then_some(seen)
    }

    fn keywords(
        &mut self,
        map: &'s Map<String, Value>,
        value: &Value,
        at: &Place,
        faults: &mut Vec<Fault>,
        seen: &mut Seen,
    ) {
        if let Some(reference) = map.get("$ref").and_then(Value::as_str)
            && let Some(schema) = target(&self.schema.root, reference)
        {
            seen.add(self.check(schema, value, at, faults));
        }
        let before = faults.len();
        kind(map, value, at, faults);
        // What a string would have to match is no news to someone who wrote a number.
        if faults.len() == before {
            match value {
                Value::String(text) => self.text(map, text, at, faults),
                Value::Number(number) => amount(map, number, at, faults),
                Value::Array(list) => self.array(map, list, at, faults, seen),
                Value::Object(object) => self.object(map, object, at, faults, seen),
                Value::Null | Value::Bool(_) => {}
            }
        }
        self.combined(map, value, at, faults, seen);
        self.unevaluated(map, value, at, faults, seen);
    }

    fn text(&mut self, map: &'s Map<String, Value>, text: &str, at: &Place, faults: &mut Vec<Fault>) {
        let before = faults.len();
        text_length(map, text, at, faults);
        // Of an empty text one thing is said, not two.
        if faults.len() == before
            && let Some(pattern) = map.get("pattern").and_then(Value::as_str)
            && !self.matches(pattern, text)
        {
            at.fault(faults, &format!("does not match the pattern `{}`", shown(pattern, 80)));
        }
    }

    /// Matching takes time that grows with the text, so the text counts.
    fn matches(&mut self, pattern: &str, text: &str) -> bool {
        self.steps = self.steps.saturating_sub(text.len() / 4);
        self.step() && self.schema.patterns.get(pattern).is_some_and(|pattern| pattern.is_match(text))
    }

    fn array(
        &mut self,
        map: &'s Map<String, Value>,
        list: &[Value],
        at: &Place,
        faults: &mut Vec<Fault>,
        seen: &mut Seen,
    ) {
        counted(map, "minItems", "maxItems", list.len(), "entries", at, faults);
        if map.get("uniqueItems") == Some(&Value::Bool(true)) {
            let mut known = BTreeSet::new();
            if let Some(index) = list.iter().position(|value| !known.insert(canonical(value))) {
                at.item(index).fault(faults, "is there twice");
            }
        }
        let first = map.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (index, (schema, value)) in first.iter().zip(list).enumerate() {
            self.check(schema, value, &at.item(index), faults);
            seen.items.insert(index);
        }
        if let Some(schema) = map.get("items") {
            for (index, value) in list.iter().enumerate().skip(first.len()) {
                self.check(schema, value, &at.item(index), faults);
                seen.items.insert(index);
            }
        }
        if let Some(schema) = map.get("contains") {
            let mut found = 0;
            for (index, value) in list.iter().enumerate() {
                if self.fits(schema, value, &at.item(index)).is_some() {
                    found += 1;
                    seen.items.insert(index);
                }
            }
            let least = limit(map, "minContains").unwrap_or(1);
            if found < least {
                at.fault(faults, &format!("lacks an entry of the form that is asked for ({found} of {least})"));
            }
            if limit(map, "maxContains").is_some_and(|most| found > most) {
                at.fault(faults, "has too many entries of one form");
            }
        }
    }

    fn object(
        &mut self,
        map: &'s Map<String, Value>,
        object: &Map<String, Value>,
        at: &Place,
        faults: &mut Vec<Fault>,
        seen: &mut Seen,
    ) {
        counted(map, "minProperties", "maxProperties", object.len(), "keys", at, faults);
        required(map.get("required"), object, "", at, faults);
        for (key, names) in map.get("dependentRequired").and_then(Value::as_object).into_iter().flatten() {
            if object.contains_key(key) {
                required(Some(names), object, &format!(" beside `{}`", shown(key, 60)), at, faults);
            }
        }
        let declared = map.get("properties").and_then(Value::as_object);
        let patterns = map.get("patternProperties").and_then(Value::as_object);
        for (key, value) in object {
            if !self.step() {
                return;
            }
            let place = at.key(key);
            let mut known = false;
            if let Some(schema) = declared.and_then(|declared| declared.get(key)) {
                self.check(schema, value, &place, faults);
                known = true;
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                if self.matches(pattern, key) {
                    self.check(schema, value, &place, faults);
                    known = true;
                }
            }
            match map.get("additionalProperties").filter(|_| !known) {
                Some(Value::Bool(false)) => place.stranger(faults, key, at, declared),
                Some(schema) => {
                    self.check(schema, value, &place, faults);
                    known = true;
                }
                None => {}
            }
            if known {
                seen.keys.insert(key.clone());
            }
            if let Some(schema) = map.get("propertyNames") {
                self.check(schema, &Value::from(key.as_str()), &place, faults);
            }
        }
    }

    /// The keywords that hold a value against further schemas.
    fn combined(
        &mut self,
        map: &'s Map<String, Value>,
        value: &Value,
        at: &Place,
        faults: &mut Vec<Fault>,
        seen: &mut Seen,
    ) {
        for schema in list(map, "allOf") {
            seen.add(self.check(schema, value, at, faults));
        }
        if map.contains_key("anyOf") {
            let mut tried = Vec::new();
            let mut fits = false;
            for schema in list(map, "anyOf") {
                let mut why = Vec::new();
                let more = self.check(schema, value, at, &mut why);
                if why.is_empty() {
                    fits = true;
                    seen.add(more);
                }
                tried.push(why);
            }
            if !fits {
                none_fits(&tried, at, faults);
            }
        }
        if map.contains_key("oneOf") {
            let mut tried = Vec::new();
            let mut fitting = Vec::new();
            for schema in list(map, "oneOf") {
                let mut why = Vec::new();
                let more = self.check(schema, value, at, &mut why);
                if why.is_empty() {
                    fitting.push(more);
                }
                tried.push(why);
            }
            match fitting.len() {
                0 => none_fits(&tried, at, faults),
                1 => fitting.into_iter().for_each(|more| seen.add(more)),
                several => at.fault(faults, &format!("fits {several} of the allowed forms; only one may fit")),
            }
        }
        if let Some(schema) = map.get("not")
            && self.fits(schema, value, at).is_some()
        {
            at.fault(faults, "has a form that is not allowed");
        }
        if let Some(schema) = map.get("if") {
            let then = match self.fits(schema, value, at) {
                Some(more) => {
                    seen.add(more);
                    map.get("then")
                }
                None => map.get("else"),
            };
            if let Some(schema) = then {
                seen.add(self.check(schema, value, at, faults));
            }
        }
        if let (Some(object), Some(schemas)) =
            (value.as_object(), map.get("dependentSchemas").and_then(Value::as_object))
        {
            for (_, schema) in schemas.iter().filter(|(key, _)| object.contains_key(*key)) {
                seen.add(self.check(schema, value, at, faults));
            }
        }
    }

    fn unevaluated(
        &mut self,
        map: &'s Map<String, Value>,
        value: &Value,
        at: &Place,
        faults: &mut Vec<Fault>,
        seen: &mut Seen,
    ) {
        if let (Some(schema), Some(list)) = (map.get("unevaluatedItems"), value.as_array()) {
            for (index, value) in list.iter().enumerate() {
                if seen.items.insert(index) {
                    self.check(schema, value, &at.item(index), faults);
                }
            }
        }
        if let (Some(schema), Some(object)) = (map.get("unevaluatedProperties"), value.as_object()) {
            for (key, value) in object {
                if !seen.keys.insert(key.clone()) {
                    continue;
                }
                let place = at.key(key);
                if schema == &Value::Bool(false) {
                    place.stranger(faults, key, at, map.get("properties").and_then(Value::as_object));
                } else {
                    self.check(schema, value, &place, faults);
                }
            }
        }
    }
}

impl Seen {
    fn add(&mut self, more: Self) {
        self.keys.extend(more.keys);
        self.items.extend(more.items);
    }
}

fn list<'s>(map: &'s Map<String, Value>, key: &str) -> &'s [Value] {
    map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

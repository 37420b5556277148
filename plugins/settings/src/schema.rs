//! Whether a schema can be used at all, found out before any settings are held against it.

use crate::keywords::{FORMS, HOLDERS, Holds, REFUSED};
use crate::refer::target;
use crate::{Fault, MAX_SCHEMA_BYTES, escape, form::MAX_DEPTH, shown};
use regex_lite::{Regex, RegexBuilder};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Values in a schema.
const MAX_NODES: usize = 20_000;

/// Bytes that a pattern may take once it is compiled: its matching time is this times the text.
const MAX_PATTERN_BYTES: usize = 64 << 10;

/// Patterns in a schema.
const MAX_PATTERNS: usize = 200;

/// The dialect that plug-ins write in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A schema that can be used: its patterns are compiled, its references lead somewhere.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) root: Value,
    pub(crate) patterns: BTreeMap<String, Regex>,
}

/// Whether a schema can be used: JSON, of a bounded size, JSON Schema 2020-12, with references into itself only and patterns of
/// linear time.
///
/// # Errors
/// The first thing that is wrong with it. The message says that it is the schema that is at fault.
pub fn check_schema(schema: &str) -> Result<(), Fault> {
    Schema::parse(schema).map(|_| ())
}

fn fault(message: &str) -> Fault {
    Fault { pointer: String::new(), message: format!("the plug-in's settings schema cannot be used: {message}") }
}

impl Schema {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > MAX_SCHEMA_BYTES {
            return Err(fault(&format!("it has {} bytes; the limit is {MAX_SCHEMA_BYTES}", text.len())));
        }
        let root: Value = serde_json::from_str(text)
            .map_err(|error| fault(&format!("it is no JSON ({})", shown(&error.to_string(), 100))))?;
        let mut nodes = 0;
        bounded(&root, 0, &mut nodes)?;
        let mut judge = Judge { root: &root, patterns: BTreeMap::new(), seen: BTreeSet::new() };
        judge.schema(&root, "")?;
        let patterns = judge.patterns;
        Ok(Self { root, patterns })
    }
}

fn bounded(value: &Value, depth: usize, nodes: &mut usize) -> Result<(), Fault> {
    *nodes += 1;
    if depth > MAX_DEPTH {
        return Err(fault(&format!("it is nested deeper than {MAX_DEPTH} levels")));
    }
    if *nodes > MAX_NODES {
        return Err(fault(&format!("it has more than {MAX_NODES} values")));
    }
    match value {
        Value::Array(list) => list.iter().try_for_each(|value| bounded(value, depth + 1, nodes)),
        Value::Object(map) => map.values().try_for_each(|value| bounded(value, depth + 1, nodes)),
        _ => Ok(()),
    }
}

struct Judge<'s> {
    root: &'s Value,
    patterns: BTreeMap<String, Regex>,
    /// Schemas that were looked at, by their address: references may lead in circles.
    seen: BTreeSet<*const Value>,
}

impl<'s> Judge<'s> {
    fn schema(&mut self, schema: &'s Value, at: &str) -> Result<(), Fault> {
        if !self.seen.insert(std::ptr::from_ref(schema)) {
            return Ok(());
        }
        let map = match schema {
            Value::Bool(_) => return Ok(()),
            Value::Object(map) => map,
            _ => return Err(fault_at(at, "a schema is an object, true or false")),
        };
        Self::dialect(map, at)?;
        for (key, form) in FORMS {
            if let Some(value) = map.get(key).filter(|value| !form.fits(value)) {
                let found = shown(&value.to_string(), 40);
                return Err(fault_at(at, &format!("`{key}` is {found}; it needs {}", form.expected())));
            }
        }
        if let Some(pattern) = map.get("pattern") {
            let pattern = pattern.as_str().ok_or_else(|| fault_at(at, "`pattern` needs a string"))?;
            self.pattern(pattern, at)?;
        }
        for (key, holds) in HOLDERS {
            if let Some(value) = map.get(key) {
                self.holder(key, holds, value, &format!("{at}/{}", escape(key)))?;
            }
        }
        match map.get("$ref") {
            None => Ok(()),
            Some(reference) => self.reference(reference, at),
        }
    }

    fn dialect(map: &serde_json::Map<String, Value>, at: &str) -> Result<(), Fault> {
        if let Some(dialect) = map.get("$schema") {
            let known = dialect.as_str().is_some_and(|name| name.trim_end_matches('#') == DIALECT);
            if !known {
                let found = shown(&dialect.to_string(), 80);
                return Err(fault_at(at, &format!("`$schema` is {found}; plug-ins write {DIALECT}")));
            }
        }
        if !at.is_empty() && map.contains_key("$id") {
            return Err(fault_at(at, "`$id` inside a schema is not supported"));
        }
        match REFUSED.iter().find(|key| map.contains_key(**key)) {
            Some(key) => Err(fault_at(at, &format!("`{key}` is not supported"))),
            None => Ok(()),
        }
    }

    fn holder(&mut self, key: &str, holds: Holds, value: &'s Value, at: &str) -> Result<(), Fault> {
        match (holds, value) {
            (Holds::One, value) => self.schema(value, at),
            (Holds::List, Value::Array(list)) if !list.is_empty() => {
                list.iter().enumerate().try_for_each(|(index, value)| self.schema(value, &format!("{at}/{index}")))
            }
            (Holds::List, _) => Err(fault_at(at, "a list of schemas is expected")),
            (Holds::Map, Value::Object(map)) => map.iter().try_for_each(|(name, value)| {
                if key == "patternProperties" {
                    self.pattern(name, at)?;
                }
                self.schema(value, &format!("{at}/{}", escape(name)))
            }),
            (Holds::Map, _) => Err(fault_at(at, "an object of schemas is expected")),
        }
    }

    fn reference(&mut self, reference: &Value, at: &str) -> Result<(), Fault> {
        let text = reference.as_str().ok_or_else(|| fault_at(at, "`$ref` needs a string"))?;
        if !text.starts_with('#') {
            let name = shown(text, 80);
            return Err(fault_at(at, &format!("`$ref` leads to `{name}`; it may only lead into the schema itself")));
        }
        match target(self.root, text) {
            Some(schema) => self.schema(schema, text.trim_start_matches('#')),
            None => Err(fault_at(at, &format!("`$ref` leads to `{}`, which is not there", shown(text, 80)))),
        }
    }

    fn pattern(&mut self, pattern: &str, at: &str) -> Result<(), Fault> {
        if self.patterns.contains_key(pattern) {
            return Ok(());
        }
        if self.patterns.len() >= MAX_PATTERNS {
            return Err(fault_at(at, &format!("it has more than {MAX_PATTERNS} patterns")));
        }
        let compiled = RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).nest_limit(50).build();
        let compiled = compiled.map_err(|error| {
            let (pattern, error) = (shown(pattern, 60), shown(&error.to_string(), 100));
            fault_at(at, &format!("the pattern `{pattern}` cannot be used ({error}); look-around and back references are not supported"))
        })?;
        self.patterns.insert(pattern.to_owned(), compiled);
        Ok(())
    }
}

fn fault_at(at: &str, message: &str) -> Fault {
    let place = if at.is_empty() { String::new() } else { format!(" (at `{}`)", shown(at, 100)) };
    fault(&format!("{message}{place}"))
}

//! Damaged schemas and settings: whatever they say, the answer is short and there is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll_plugin_settings::form::Form;
use plimsoll_plugin_settings::{MAX_FAULTS, validate};

const SCHEMA: &str = r##"{"type": "object", "required": ["a"], "minProperties": 1, "additionalProperties": false,
    "$defs": {"n": {"type": ["string", "null"], "pattern": "^[a-z]{1,9}(x|y)*$", "minLength": 1}},
    "properties": {
        "a": {"$ref": "#/$defs/n"}, "b": {"type": "array", "items": {"$ref": "#"}, "uniqueItems": true, "contains": {"const": 1}},
        "c": {"anyOf": [{"type": "integer", "multipleOf": 3}, {"enum": ["p", 1.5]}]}, "d": {"oneOf": [{"const": "x"}, {"not": {}}]},
        "e": {"patternProperties": {"^x": {"maximum": 9}}, "propertyNames": {"maxLength": 3}, "unevaluatedProperties": false},
        "f": {"if": {"minItems": 1}, "then": {"prefixItems": [true, false]}, "else": {"dependentRequired": {"g": ["h"]}}}
    }}"##;

const SETTINGS: &str =
    r#"{"a": "abc", "b": [1, {"a": null}, 1.0], "c": 1.5, "d": "x", "e": {"x1": 4, "yy": 10}, "f": [1, 2], "z": {}}"#;

/// A sequence of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }
}

/// A text with some of its parts cut, doubled, swapped or replaced.
fn damaged(text: &str, dice: &mut Dice) -> String {
    let parts = [
        "\"$ref\": \"#\",",
        "-1",
        "{}",
        "[",
        "]",
        "}",
        "\"\"",
        "null",
        "1e308",
        "\"#/properties/b\"",
        "\u{1b}",
        "(((",
        "\\u0000",
        "99999999999999999999",
    ];
    let mut bytes: Vec<char> = text.chars().collect();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len());
        match dice.roll(4) {
            0 => {
                bytes.remove(at);
            }
            1 => {
                let end = (at + dice.roll(30)).min(bytes.len());
                let piece: Vec<char> = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            2 => {
                let other = dice.roll(bytes.len());
                bytes.swap(at, other);
            }
            _ => {
                let part = parts[dice.roll(parts.len())];
                bytes.splice(at..at, part.chars());
            }
        }
    }
    bytes.into_iter().collect()
}

#[test]
fn there_is_always_a_short_answer() {
    let mut dice = Dice(7);
    let (mut usable, mut drawn) = (0, 0);
    for _ in 0..6_000 {
        let schema = damaged(SCHEMA, &mut dice);
        let settings = if dice.roll(2) == 0 { SETTINGS.to_owned() } else { damaged(SETTINGS, &mut dice) };
        let faults = validate(&schema, &settings).err().unwrap_or_default();
        usable += usize::from(faults.iter().all(|fault| !fault.message.contains("schema cannot be used")));
        assert!(faults.len() <= MAX_FAULTS);
        for fault in faults {
            assert!(!fault.message.is_empty() && fault.message.chars().count() < 1_000, "{}", fault.message);
            assert!(fault.message.chars().all(|c| !c.is_control()), "{:?}", fault.message);
        }
        drawn += usize::from(Form::of(&schema).is_some());
    }
    assert!(
        usable > 200 && drawn > 200,
        "{usable} schemas could be used, {drawn} drawn: the damage is too great to tell anything"
    );
}

//! Settings as a form: what a field shows, what was typed made a value, faults at their fields. The schema decides which fields
//! there are; what a field cannot show faithfully is edited as JSON.

use super::about::Fault;
use plimsoll_plugin_settings::form::{Field, Kind};
use serde_json::{Map, Value};

/// Settings: a JSON object.
pub(crate) type Settings = Map<String, Value>;

/// Reads settings; what is no object counts as none.
pub(crate) fn parse(text: &str) -> Settings {
    serde_json::from_str(text).unwrap_or_default()
}

/// Reads settings that were typed as JSON.
pub(crate) fn parse_typed(text: &str) -> Result<Settings, String> {
    if text.trim().is_empty() {
        return Ok(Settings::new());
    }
    serde_json::from_str(text).map_err(|error| format!("This is no JSON object: {error}"))
}

/// How a field is edited, given its present value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Editing {
    Line,
    Number {
        whole: bool,
    },
    Flag,
    Choice(Vec<String>),
    /// One text a line.
    Lines,
    /// One `name = value` a line.
    Pairs,
    Json,
}

/// Chooses how a field is edited.
pub(crate) fn editing(field: &Field, value: Option<&Value>) -> Editing {
    let wanted = match &field.kind {
        Kind::Text { .. } => Editing::Line,
        Kind::Number { whole, .. } => Editing::Number { whole: *whole },
        Kind::Flag => Editing::Flag,
        Kind::Choice(choices) => Editing::Choice(choices.clone()),
        Kind::Texts => Editing::Lines,
        Kind::Map => Editing::Pairs,
        Kind::Json => Editing::Json,
    };
    if value.is_none_or(|value| fits(&wanted, value)) { wanted } else { Editing::Json }
}

/// Whether a value survives being shown and read again.
fn fits(editing: &Editing, value: &Value) -> bool {
    let one_line = |text: &str| text.trim() == text && !text.contains(['\n', '\r']);
    let plain = |text: &str| !text.is_empty() && one_line(text);
    match editing {
        Editing::Line => value.as_str().is_some_and(plain),
        Editing::Number { .. } => value.is_number(),
        Editing::Flag => value.is_boolean(),
        Editing::Choice(choices) => value.as_str().is_some_and(|text| choices.iter().any(|choice| choice == text)),
        Editing::Lines => value.as_array().is_some_and(|all| all.iter().all(|one| one.as_str().is_some_and(plain))),
        Editing::Pairs => value.as_object().is_some_and(|all| {
            all.iter().all(|(key, value)| plain(key) && !key.contains('=') && value.as_str().is_some_and(one_line))
        }),
        Editing::Json => true,
    }
}

/// What a field shows for a value.
pub(crate) fn shown(editing: &Editing, value: Option<&Value>) -> String {
    let Some(value) = value else { return String::new() };
    match (editing, value) {
        (Editing::Json, value) => serde_json::to_string_pretty(value).unwrap_or_default(),
        (Editing::Lines, Value::Array(all)) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        (Editing::Pairs, Value::Object(all)) => {
            let pair = |(key, value): (&String, &Value)| format!("{key} = {}", value.as_str().unwrap_or_default());
            all.iter().map(pair).collect::<Vec<_>>().join("\n")
        }
        (_, Value::String(text)) => text.clone(),
        (_, value) => value.to_string(),
    }
}

/// What was typed, as a value; `None` when nothing was: then the plug-in takes its default.
pub(crate) fn read(editing: &Editing, typed: &str) -> Result<Option<Value>, String> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = match editing {
        Editing::Line | Editing::Choice(_) => Value::from(text),
        Editing::Flag => Value::from(text == "true"),
        Editing::Number { whole: true } => {
            let number = text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from));
            number.map_err(|_| "This is not a whole number".to_owned())?
        }
        Editing::Number { whole: false } => {
            let number = text.parse::<i64>().map(Value::from).ok();
            let number = number.or_else(|| text.parse::<f64>().ok().filter(|one| one.is_finite()).map(Value::from));
            number.ok_or_else(|| "This is not a number".to_owned())?
        }
        Editing::Lines => lines(text).map(Value::from).collect::<Vec<_>>().into(),
        Editing::Pairs => Value::Object(pairs(text)?),
        Editing::Json => serde_json::from_str(text).map_err(|error| format!("This is not JSON: {error}"))?,
    };
    Ok(Some(value))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn pairs(text: &str) -> Result<Settings, String> {
    let mut all = Settings::new();
    for line in lines(text) {
        let (key, value) = line.split_once('=').ok_or_else(|| format!("`{line}` has no `=`: write name = value"))?;
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() {
            return Err(format!("`{line}` has no name before the `=`"));
        }
        if all.insert(key.to_owned(), Value::from(value)).is_some() {
            return Err(format!("`{key}` is there twice"));
        }
    }
    Ok(all)
}

/// Settings with one changed, as text.
pub(crate) fn with(settings: &str, key: &str, value: Option<Value>) -> String {
    let mut settings = parse(settings);
    match value {
        Some(value) => drop(settings.insert(key.to_owned(), value)),
        None => drop(settings.remove(key)),
    }
    Value::Object(settings).to_string()
}

/// What is wrong with one setting; `None` asks for what belongs to no field of the form.
pub(crate) fn faults_at(faults: &[Fault], fields: &[Field], key: Option<&str>) -> Vec<String> {
    let here = |fault: &&Fault| {
        let owner = fault.key().filter(|key| fields.iter().any(|field| field.key == *key));
        owner.as_deref() == key
    };
    faults.iter().filter(here).map(|fault| fault.message.clone()).collect()
}

/// What may be typed: limits and the default, in words.
pub(crate) fn hint(field: &Field, editing: &Editing) -> String {
    let mut parts = Vec::new();
    match editing {
        Editing::Lines => parts.push("One per line".to_owned()),
        Editing::Pairs => parts.push("One per line: name = value".to_owned()),
        Editing::Json => parts.push("JSON".to_owned()),
        Editing::Number { .. } => {
            if let Kind::Number { min, max, .. } = &field.kind {
                match (min, max) {
                    (Some(min), Some(max)) => parts.push(format!("{min} to {max}")),
                    (Some(min), None) => parts.push(format!("{min} or more")),
                    (None, Some(max)) => parts.push(format!("{max} or less")),
                    (None, None) => {}
                }
            }
        }
        Editing::Line | Editing::Flag | Editing::Choice(_) => {}
    }
    if let Some(default) = field.default.as_ref().filter(|_| *editing != Editing::Flag) {
        let default = match editing {
            Editing::Json => default.to_string(),
            _ => shown(editing, Some(default)).replace('\n', ", "),
        };
        let default = plimsoll_core::text::shorten(&default, 120);
        parts.push(if default.is_empty() { "Default: none".to_owned() } else { format!("Default: {default}") });
    }
    parts.join(". ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(key: &str, kind: Kind, default: Option<Value>) -> Field {
        Field { key: key.to_owned(), label: key.to_owned(), description: String::new(), required: false, kind, default }
    }

    #[test]
    fn what_is_shown_is_what_is_read() {
        let cases = [
            (Kind::Text { pattern: None }, json!("one two")),
            (Kind::Number { min: None, max: None, whole: true }, json!(-12)),
            (Kind::Number { min: None, max: None, whole: true }, json!(u64::MAX)),
            (Kind::Number { min: None, max: None, whole: false }, json!(1.5)),
            (Kind::Number { min: None, max: None, whole: false }, json!(2)),
            (Kind::Flag, json!(true)),
            (Kind::Flag, json!(false)),
            (Kind::Choice(vec!["a".to_owned(), "b".to_owned()]), json!("b")),
            (Kind::Texts, json!(["docker.io/*", "a = b"])),
            (Kind::Map, json!({ "quay.io/a": "docker.io/b=c", "x": "y", "z": "" })),
            (Kind::Json, json!({ "deep": [1, { "a": null }] })),
        ];
        for (kind, value) in cases {
            let field = field("key", kind, None);
            let editing = editing(&field, Some(&value));
            assert_eq!(editing == Editing::Json, field.kind == Kind::Json, "{value}");
            assert_eq!(read(&editing, &shown(&editing, Some(&value))), Ok(Some(value.clone())), "{value}");
        }
    }

    #[test]
    fn what_a_field_cannot_show_is_edited_as_json() {
        let cases = [
            (Kind::Text { pattern: None }, json!("two\nlines")),
            (Kind::Text { pattern: None }, json!("")),
            (Kind::Number { min: None, max: None, whole: false }, json!("1")),
            (Kind::Flag, json!("true")),
            (Kind::Choice(vec!["a".to_owned()]), json!("b")),
            (Kind::Texts, json!(["a", 1])),
            (Kind::Texts, json!([" a"])),
            (Kind::Map, json!({ "a=b": "c" })),
            (Kind::Map, json!({ "a": 1 })),
        ];
        for (kind, value) in cases {
            let editing = editing(&field("key", kind, None), Some(&value));
            assert_eq!(editing, Editing::Json, "{value}");
            assert_eq!(read(&editing, &shown(&editing, Some(&value))), Ok(Some(value)));
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let says = |editing: Editing, typed: &str| read(&editing, typed).unwrap_err();
        assert_eq!(says(Editing::Number { whole: true }, "1.5"), "This is not a whole number");
        assert_eq!(says(Editing::Number { whole: false }, "much"), "This is not a number");
        assert_eq!(says(Editing::Number { whole: false }, "inf"), "This is not a number");
        assert_eq!(says(Editing::Pairs, "a"), "`a` has no `=`: write name = value");
        assert_eq!(says(Editing::Pairs, "= a"), "`= a` has no name before the `=`");
        assert_eq!(says(Editing::Pairs, "a = 1\na = 2"), "`a` is there twice");
        assert!(says(Editing::Json, "{").starts_with("This is not JSON: "));
        for editing in [Editing::Line, Editing::Lines, Editing::Json, Editing::Number { whole: true }] {
            assert_eq!(read(&editing, " \n"), Ok(None));
        }
        assert!(parse_typed("[]").is_err() && parse_typed("{").is_err());
        assert_eq!(parse_typed("  ").map(|settings| settings.len()), Ok(0));
    }

    #[test]
    fn one_setting_changes_and_the_others_stay() {
        let text = with(r#"{"a":1,"other":[2]}"#, "a", Some(json!("x")));
        assert_eq!(parse(&text), parse(r#"{"a":"x","other":[2]}"#));
        assert_eq!(with(&text, "a", None), r#"{"other":[2]}"#);
        assert_eq!(with("no json", "a", Some(json!(true))), r#"{"a":true}"#);
    }

    #[test]
    fn faults_stand_at_their_fields() {
        let fields = [field("a", Kind::Texts, None), field("b", Kind::Flag, None)];
        let fault = |pointer: &str, message: &str| Fault { pointer: pointer.to_owned(), message: message.to_owned() };
        let faults = [fault("/a/0", "one"), fault("", "all"), fault("/unknown", "lost"), fault("/a", "two")];
        assert_eq!(faults_at(&faults, &fields, Some("a")), ["one", "two"]);
        assert_eq!(faults_at(&faults, &fields, Some("b")), Vec::<String>::new());
        assert_eq!(faults_at(&faults, &fields, None), ["all", "lost"]);
    }

    #[test]
    fn hints_say_what_may_be_typed() {
        let of = |field: &Field| hint(field, &editing(field, None));
        assert_eq!(of(&field("a", Kind::Texts, Some(json!(["x", "y"])))), "One per line. Default: x, y");
        assert_eq!(of(&field("a", Kind::Texts, Some(json!([])))), "One per line. Default: none");
        assert_eq!(of(&field("a", Kind::Json, Some(json!([1, "b"])))), r#"JSON. Default: [1,"b"]"#);
        let number = |min, max| field("a", Kind::Number { min, max, whole: true }, None);
        assert_eq!(of(&number(Some(0.0), Some(10.0))), "0 to 10");
        assert_eq!(of(&number(Some(1.0), None)), "1 or more");
        assert_eq!(of(&number(None, Some(2.5))), "2.5 or less");
        assert_eq!(of(&field("a", Kind::Flag, Some(json!(true)))), "");
    }
}

//! Settings before a plug-in sees them.

use crate::failure::Failure;
use plimsoll_plugin_abi::{Limits, Metadata};
use plimsoll_plugin_settings::{Fault, validate};

/// The settings that a plug-in is called with: those that were typed, held against its schema; `{}` for blank text.
pub(crate) fn checked(typed: &str, metadata: &Metadata, limits: &Limits) -> Result<String, Failure> {
    let settings = if typed.trim().is_empty() { "{}" } else { typed };
    let fault = |message: String| Failure::settings(&[Fault { pointer: String::new(), message }]);
    if !Limits::holds(limits.settings_bytes, settings.len()) {
        return Err(fault(format!(
            "the settings have {} bytes; the limit is {}",
            settings.len(),
            limits.settings_bytes
        )));
    }
    let object: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(settings);
    object.map_err(|error| fault(format!("the settings are no JSON object: {error}")))?;
    if let Some(schema) = &metadata.settings_schema {
        validate(schema, settings).map_err(|faults| Failure::settings(&faults))?;
    }
    Ok(settings.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn metadata(schema: Option<&str>) -> Metadata {
        Metadata {
            name: "n".to_owned(),
            version: "1".to_owned(),
            description: String::new(),
            license: String::new(),
            rules: Vec::new(),
            settings_schema: schema.map(str::to_owned),
            properties: Vec::new(),
        }
    }

    #[test]
    fn settings_are_held_against_the_schema() {
        let limits = Limits::default();
        let schema = r#"{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}"#;
        let with = |typed: &str| checked(typed, &metadata(Some(schema)), &limits);
        assert_eq!(with(" \n").unwrap(), "{}");
        assert_eq!(with(r#"{"a": "b"}"#).unwrap(), r#"{"a": "b"}"#);
        let wrong = with(r#"{"a": 1}"#).unwrap_err();
        assert_eq!(wrong.code, "settings");
        assert_eq!(wrong.faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/a"], "{wrong:?}");
        assert!(with(r#"{"b": 1}"#).is_err() && with("{").is_err());
        // Whatever the schema says, they are an object.
        assert!(checked("[]", &metadata(Some("true")), &limits).is_err());
    }

    #[test]
    fn without_a_schema_they_are_an_object() {
        let limits = Limits { settings_bytes: 10, ..Limits::default() };
        let without = |typed: &str| checked(typed, &metadata(None), &limits);
        assert_eq!(without(r#"{"a":1}"#).unwrap(), r#"{"a":1}"#);
        assert!(without("[1]").unwrap_err().message.contains("no JSON object"));
        assert!(without(r#"{"a": "long"}"#).unwrap_err().message.contains("the limit is 10"));
    }
}

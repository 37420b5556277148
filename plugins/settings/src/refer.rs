//! References: only into the schema itself.

use serde_json::Value;

/// What a `$ref` of a schema leads to: `#`, a JSON Pointer behind `#`, or an anchor.
pub(crate) fn target<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    let fragment = reference.strip_prefix('#')?;
    if fragment.is_empty() {
        return Some(root);
    }
    let fragment = decoded(fragment)?;
    if fragment.starts_with('/') { root.pointer(&fragment) } else { anchor(root, &fragment, 0) }
}

/// The subschema that carries an anchor. Where subschemas stand does not matter here: an object with this anchor is meant.
fn anchor<'s>(value: &'s Value, name: &str, depth: usize) -> Option<&'s Value> {
    if depth > crate::form::MAX_DEPTH {
        return None;
    }
    match value {
        Value::Object(map) if map.get("$anchor").and_then(Value::as_str) == Some(name) => Some(value),
        Value::Object(map) => map.values().find_map(|value| anchor(value, name, depth + 1)),
        Value::Array(list) => list.iter().find_map(|value| anchor(value, name, depth + 1)),
        _ => None,
    }
}

/// A fragment of a URI as the text it stands for.
fn decoded(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let code = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(code).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_into_the_schema() {
        let schema = json!({"$defs": {"a b": {"type": "string"}, "x/y": {"$anchor": "here", "type": "number"}}});
        assert_eq!(target(&schema, "#"), Some(&schema));
        assert_eq!(target(&schema, "#/$defs/a%20b"), schema.pointer("/$defs/a b"));
        assert_eq!(target(&schema, "#/$defs/x~1y"), schema.pointer("/$defs/x~1y"));
        assert_eq!(target(&schema, "#here"), schema.pointer("/$defs/x~1y"));
        for other in
            ["#/nothing", "#nothing", "https://example.com/#", "file:///etc/passwd", "other.json", "", "#/%zz", "#/%"]
        {
            assert_eq!(target(&schema, other), None, "{other}");
        }
    }
}

//! Numbers and equality as JSON Schema means them: 1 and 1.0 are the same.

use serde_json::{Number, Value};

/// Whether two values are the same value.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare(a, b) == Some(std::cmp::Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// A text that two values share exactly when they are the same.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => match whole(number) {
            Some(whole) => whole.to_string(),
            None => number.to_string(),
        },
        Value::Array(list) => format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(map) => {
            let mut entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value))).collect();
            entries.sort_unstable();
            format!("{{{}}}", entries.join(","))
        }
        other => other.to_string(),
    }
}

/// A number without fraction, whether or not it is written with one.
pub(crate) fn whole(number: &Number) -> Option<i128> {
    if let Some(number) = number.as_i64() {
        return Some(i128::from(number));
    }
    if let Some(number) = number.as_u64() {
        return Some(i128::from(number));
    }
    let number = number.as_f64()?;
    (number.fract() == 0.0 && number.abs() < 1e30).then_some(number as i128)
}

/// Which of two numbers is larger.
pub(crate) fn compare(a: &Number, b: &Number) -> Option<std::cmp::Ordering> {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// Whether a number is a multiple of another.
pub(crate) fn is_multiple(number: &Number, of: &Number) -> bool {
    match (whole(number), whole(of)) {
        (_, Some(0)) => false,
        (Some(number), Some(of)) => number % of == 0,
        _ => {
            let (Some(number), Some(of)) = (number.as_f64(), of.as_f64()) else { return false };
            let times = number / of;
            // A tenth has no exact binary form; a schema means the decimal.
            times.is_finite() && (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_is_one() {
        assert!(same(&json!({"a": [1, 2.0]}), &json!({"a": [1.0, 2]})));
        assert!(!same(&json!(1), &json!(1.5)) && !same(&json!(1), &json!("1")) && !same(&json!([1]), &json!([1, 1])));
        assert_eq!(canonical(&json!([1.0, {"b": 2, "a": "x"}])), canonical(&json!([1, {"a": "x", "b": 2.0}])));
        assert_ne!(canonical(&json!(["1"])), canonical(&json!([1])));
    }

    #[test]
    fn multiples() {
        let number = |value: Value| value.as_number().unwrap().clone();
        assert!(is_multiple(&number(json!(0.3)), &number(json!(0.1))));
        assert!(is_multiple(&number(json!(10)), &number(json!(5))));
        assert!(
            !is_multiple(&number(json!(10)), &number(json!(3))) && !is_multiple(&number(json!(1)), &number(json!(0)))
        );
    }
}

//! Reading and writing JavaScript values.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

pub(crate) fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED)
}

/// Setting a key of a plain object cannot fail.
pub(crate) fn put(object: &Object, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(key), value);
}

/// The words of an exception.
pub(crate) fn said(error: &JsValue) -> String {
    let message = get(error, "message").as_string();
    let message = message.or_else(|| error.as_string()).unwrap_or_else(|| "the browser does not say why".to_owned());
    message.chars().take(300).collect()
}

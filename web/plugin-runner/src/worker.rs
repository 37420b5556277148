//! The worker's side of the protocol.

use crate::guest::Guest;
use js_sys::{Array, Object, Reflect, Uint8Array};
use plimsoll_core::plugin::{accept, describe, judge};
use plimsoll_core::project::Project;
use plimsoll_core::report::json;
use plimsoll_core::source::Unread;
use plimsoll_core::{Date, Sources, engine};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

/// Answers one request; never throws.
#[wasm_bindgen]
#[must_use]
#[allow(unreachable_pub, reason = "wasm-bindgen exports public functions")]
pub fn answer(request: &JsValue) -> JsValue {
    let out = Object::new();
    put(&out, "id", &get(request, "id"));
    if let Err(error) = run(request, &out) {
        put(&out, "error", &JsValue::from_str(&error));
    }
    out.into()
}

fn run(request: &JsValue, out: &Object) -> Result<(), String> {
    let today =
        get(request, "today").as_string().and_then(|text| Date::parse(&text)).ok_or("the request has no date")?;
    let settings =
        get(request, "settings").as_string().filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "{}".to_owned());
    let bytes: Uint8Array = get(request, "bytes").dyn_into().map_err(|_| "the request has no plug-in")?;
    let sources = sources(&get(request, "files"));
    let guest = Guest::new(&bytes.to_vec())?;
    let metadata = guest.describe()?;
    judge(&metadata).map_err(|refusal| refusal.to_string())?;
    let plugin = Object::new();
    put(&plugin, "name", &JsValue::from_str(&metadata.name));
    put(&plugin, "version", &JsValue::from_str(&plimsoll_core::text::shorten(&metadata.version, 40)));
    put(&plugin, "rules", &JsValue::from(u32::try_from(metadata.rules.len()).unwrap_or(u32::MAX)));
    put(out, "plugin", &plugin);
    let project = Project::new(&sources, today);
    let findings = match guest.check(&describe(&project), &settings)? {
        Ok(findings) => findings,
        Err(error) => return Err(format!("it gave up: {}", plimsoll_core::text::shorten(&error.message, 500))),
    };
    let accepted = accept(&project, &metadata, findings).map_err(|refusal| refusal.to_string())?;
    let problems: Array = accepted.problems.iter().map(|problem| JsValue::from_str(&problem.to_string())).collect();
    put(out, "problems", &problems);
    let report = engine::report(&project, accepted.findings);
    put(out, "json", &JsValue::from_str(&json::render(&report, &sources)));
    Ok(())
}

fn sources(files: &JsValue) -> Sources {
    let mut sources = Sources::new();
    for file in Array::from(files).iter() {
        let Some(path) = get(&file, "path").as_string() else { continue };
        if let Some(text) = get(&file, "text").as_string() {
            sources.add(&path, text);
        } else if let Ok(bytes) = get(&file, "bytes").dyn_into::<Uint8Array>() {
            sources.add_bytes(&path, &bytes.to_vec());
        } else {
            sources.add_unread(&path, Unread::NotNeeded);
        }
    }
    sources
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED)
}

/// Setting a key of a plain object cannot fail.
fn put(object: &Object, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(key), value);
}

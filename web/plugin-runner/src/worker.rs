//! The worker's side of the protocol.

use crate::digest::digest;
use crate::failure::Failure;
use crate::js::{get, put};
use crate::program::Program;
use crate::settings::checked;
use js_sys::{Array, Function, Object, Uint8Array};
use plimsoll_plugin_abi::Project;
use plimsoll_plugin_linker::{Bounds, Limits, LinkError, canonical, plan, shorten};
use plimsoll_plugin_settings::Fault;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

/// Answers one request: `say` is called with each message. Never throws.
#[wasm_bindgen]
#[allow(unreachable_pub, reason = "wasm-bindgen exports public functions")]
pub async fn answer(request: JsValue, say: Function) {
    let id = get(&request, "id");
    let tell = |parts: &[(&str, JsValue)]| {
        let message = Object::new();
        put(&message, "id", &id);
        for (key, value) in parts {
            put(&message, key, value);
        }
        let _ = say.call1(&JsValue::NULL, &message);
    };
    if let Err(Failure { code, message, help, faults }) = run(&request, &tell).await {
        let error = Object::new();
        put(&error, "code", &code.into());
        put(&error, "message", &message.into());
        put(&error, "help", &help.into());
        if !faults.is_empty() {
            let faults: Array = faults.iter().map(fault).collect();
            put(&error, "faults", &faults);
        }
        tell(&[("error", error.into())]);
    }
}

fn fault(fault: &Fault) -> JsValue {
    let out = Object::new();
    put(&out, "pointer", &JsValue::from_str(&fault.pointer));
    put(&out, "message", &JsValue::from_str(&shorten(&fault.message, 200)));
    out.into()
}

async fn run(request: &JsValue, tell: &impl Fn(&[(&str, JsValue)])) -> Result<(), Failure> {
    let limits = Limits::default();
    let bytes: Uint8Array =
        get(request, "bytes").dyn_into().map_err(|_| Failure::request("the request has no plug-in"))?;
    // Before it is copied.
    let length = u64::from(bytes.length());
    if length > limits.file_bytes {
        return Err(LinkError::TooLarge { bytes: length, limit: limits.file_bytes }.into());
    }
    let (plan, digest) = {
        let bytes = bytes.to_vec();
        (plan(&bytes, &limits, &Bounds::default())?, digest(&bytes))
    };
    let interface = plan.interface.clone();
    let program = Program::compile(plan, limits.memory_bytes).await?;
    let metadata = program.describe(|guest| canonical::describe(guest, limits.describe_bytes))?;
    tell(&[("about", json(&metadata)?), ("digest", digest.into()), ("interface", interface.into())]);

    let Some(project) = get(request, "project").as_string() else { return Ok(()) };
    let project: Project = serde_json::from_str(&project)
        .map_err(|error| Failure::request(&format!("the project cannot be read: {error}")))?;
    let settings = checked(&get(request, "settings").as_string().unwrap_or_default(), &metadata, &limits)?;
    let said = program.check(|guest| canonical::check(guest, &project, &settings, limits.result_bytes))?;
    let findings = said.map_err(|error| Failure::said(&error))?;
    tell(&[("findings", json(&findings)?)]);
    Ok(())
}

fn json(value: &impl Serialize) -> Result<JsValue, Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::request(&error.to_string()))?;
    Ok(JsValue::from_str(&text))
}

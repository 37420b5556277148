//! The analysis as a worker. It can be ended when it hangs, which is why it is one.
//!
//! The protocol, which the end-to-end tests speak too:
//!
//! - The worker says `{ready: true}` once, when it can take requests.
//! - A request is `{id, today: "YYYY-MM-DD", files: [{path, text} | {path, bytes: Uint8Array} | {path}], advisories?: text,
//!   wants?: {view?, breach: [service], plan, boundaries, inventory}, describe?: bool, plugins?: [{about, digest, findings, off?:
//!   [rule id]}]}`; a file without a text is known by name only. The advisories are sent with the first request that needs them, and
//!   kept. `wants` comes while the stack section is shown. `plugins` are answers of `plugin-worker.js` about these files: what a
//!   plug-in says of itself and its findings, both JSON text. One request at a time: whoever asks again before the answer waits in
//!   the queue.
//! - The answer is `{id, json, stack?, inventory?, project?, problems?, refused?}`, or `{id, error}` when the request is malformed.
//!   `json` is the text of `plimsoll check --format json`, with the findings of the plug-ins. With `wants` there are also `stack`,
//!   the maps of all deployments and what is wanted of one of them, and, when it is wanted, `inventory`, the answers about what is
//!   running. With `describe` there is `project`: the files and their model as plug-ins see them, JSON text. With `plugins` there
//!   are, one entry for each of them, `problems`, why findings were left out, and `refused`, why nothing was taken, or null.

use crate::plugins::{PluginAnswer, accept_all};
use crate::stack::{self, Wants};
use plimsoll_core::facts::Facts;
use plimsoll_core::facts::advisories::Pack;
use plimsoll_core::plugin::describe;
use plimsoll_core::project::Project;
use plimsoll_core::report::{answers, json};
use plimsoll_core::source::Unread;
use plimsoll_core::{Date, Sources, engine};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// What is to be analysed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Comes back with the answer; below 2^53, as JavaScript counts.
    pub(crate) id: f64,
    pub(crate) today: String,
    pub(crate) files: Vec<RequestFile>,
    /// A pack of advisories, for this request and all after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) advisories: Option<String>,
    /// What the stack section shows; absent while it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wants: Option<Wants>,
    /// Whether the project is told as plug-ins see it.
    #[serde(default)]
    pub(crate) describe: bool,
    /// What plug-ins found in these files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) plugins: Vec<PluginAnswer>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RequestFile {
    pub(crate) path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<Bytes>,
}

/// Bytes that cross as a `Uint8Array`, not as a list of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a Uint8Array")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// What the worker says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ready: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) json: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stack: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inventory: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) refused: Vec<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

thread_local! {
    /// What was handed in so far.
    static FACTS: RefCell<Rc<Facts>> = RefCell::default();
}

/// A request's answer: the same in the worker and, where there is none, in the page.
pub(crate) fn answer(request: &Request) -> Answer {
    let id = Some(request.id);
    let Some(today) = Date::parse(&request.today) else {
        return Answer { id, error: Some("`today` is no date".to_owned()), ..Answer::default() };
    };
    let mut sources = Sources::new();
    for file in &request.files {
        match (&file.text, &file.bytes) {
            (Some(text), _) => sources.add(&file.path, text.as_str()),
            (None, Some(bytes)) => sources.add_bytes(&file.path, &bytes.0),
            (None, None) => sources.add_unread(&file.path, Unread::NotNeeded),
        }
    }
    if let Some(text) = &request.advisories {
        match Pack::parse(text) {
            Ok(pack) => FACTS.set(Rc::new(Facts::default().with_advisories(pack))),
            Err(error) => return Answer { id, error: Some(format!("advisories:{error}")), ..Answer::default() },
        }
    }
    let facts = FACTS.with_borrow(Rc::clone);
    // One project for everything: reading the files is most of the work.
    let project = Project::with_facts(&sources, today, &facts);
    let plugins = accept_all(&project, &request.plugins);
    let mut report = engine::report(&project, plugins.findings);
    report.plugins = plugins.infos;
    let wants = request.wants.as_ref();
    Answer {
        id,
        json: Some(json::render(&report, &sources)),
        stack: wants.and_then(|wants| serde_json::to_string(&stack::answer(&project, wants)).ok()),
        inventory: wants
            .filter(|wants| wants.inventory)
            .and_then(|_| serde_json::to_string(&answers::answer(&project)).ok()),
        project: request.describe.then(|| serde_json::to_string(&describe(&project)).ok()).flatten(),
        problems: plugins.problems,
        refused: plugins.refused,
        ..Answer::default()
    }
}

/// Takes requests until the page ends the worker. A panic reaches the page as the worker's `error` event.
pub(crate) fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let replies = scope.clone();
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let answer = match serde_wasm_bindgen::from_value::<Request>(event.data()) {
            Ok(request) => answer(&request),
            Err(error) => Answer { id: id_of(&event.data()), error: Some(error.to_string()), ..Answer::default() },
        };
        send(&replies, &answer);
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    // It has to live as long as the worker does.
    listen.forget();
    // Said last: a request that comes before it would find nobody listening.
    send(&scope, &Answer { ready: Some(true), ..Answer::default() });
}

fn id_of(request: &JsValue) -> Option<f64> {
    js_sys::Reflect::get(request, &"id".into()).ok()?.as_f64()
}

fn send(scope: &DedicatedWorkerGlobalScope, answer: &Answer) {
    if let Ok(message) = serde_wasm_bindgen::to_value(answer) {
        // Plain strings and numbers can always be sent.
        let _ = scope.post_message(&message);
    }
}

//! The few things of the browser that the page needs, with the sharp edges taken off.

use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, MediaQueryList, Response, Window};

const DARK: &str = "(prefers-color-scheme: dark)";

/// The window; `None` in a worker.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// Milliseconds since the page was opened.
pub(crate) fn now() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Today in UTC, `YYYY-MM-DD`: what the terminal takes too.
pub(crate) fn today() -> String {
    let text: String = js_sys::Date::new_0().to_iso_string().into();
    text.split('T').next().unwrap_or("").to_owned()
}

fn matches(query: &str) -> Option<MediaQueryList> {
    window()?.match_media(query).ok().flatten()
}

/// Whether the system asks for a dark page.
pub(crate) fn is_dark() -> bool {
    matches(DARK).is_some_and(|query| query.matches())
}

/// Calls back when the system's wish changes.
pub(crate) fn on_dark_change(call: impl Fn(bool) + 'static) -> Option<Listener> {
    let query = matches(DARK)?;
    Some(Listener::new(&query, "change", false, move |_| call(is_dark())))
}

/// Reads a kept setting. Storage throws in private windows and sandboxed frames; then nothing was kept.
pub(crate) fn kept(key: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a setting where that is possible.
pub(crate) fn keep(key: &str, value: &str) {
    if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
        // A full or forbidden storage loses a preference, no work.
        let _ = storage.set_item(key, value);
    }
}

/// Puts a text on the clipboard; `false` where the browser does not let a page do so.
pub(crate) async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let navigator = window.navigator();
    // Outside of a secure context there is no clipboard, and asking for it throws.
    let there = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|value| value.is_object());
    there && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Selects the text of an element.
pub(crate) fn select(element: &Element) {
    if let Some(selection) = window().and_then(|window| window.get_selection().ok().flatten()) {
        // Fails only for an element that is no longer in the page.
        let _ = selection.select_all_children(element);
    }
}

/// Sets an attribute of `<html>`, or takes it away.
pub(crate) fn mark_root(name: &str, value: Option<&str>) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Both fail only for names that are no names.
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Gives the focus to the first element that a selector finds.
pub(crate) fn focus(selector: &str) {
    let found = document().and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Fails only in documents without a window.
        let _ = element.focus();
    }
}

/// Gives the focus to the editor.
pub(crate) fn focus_editor() {
    focus("#editor .cm-content");
}

/// What has the focus.
pub(crate) fn focused() -> Option<Element> {
    document()?.active_element()
}

/// Calls a function once, later; never when it is dropped before.
pub(crate) struct Timeout {
    id: i32,
    _call: Closure<dyn FnMut()>,
}

impl Timeout {
    pub(crate) fn new(millis: i32, call: impl FnOnce() + 'static) -> Self {
        let mut call = Some(call);
        let closure = Closure::<dyn FnMut()>::new(move || {
            if let Some(call) = call.take() {
                call();
            }
        });
        let id = window()
            .and_then(|window| {
                window
                    .set_timeout_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), millis)
                    .ok()
            })
            .unwrap_or_default();
        Self { id, _call: closure }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        if let Some(window) = window() {
            window.clear_timeout_with_handle(self.id);
        }
    }
}

/// Listens to an event until it is dropped.
pub(crate) struct Listener {
    target: EventTarget,
    kind: &'static str,
    capture: bool,
    call: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub(crate) fn new(
        target: &EventTarget,
        kind: &'static str,
        capture: bool,
        call: impl FnMut(Event) + 'static,
    ) -> Self {
        let call = Closure::<dyn FnMut(Event)>::new(call);
        // Neither fails for a target and a function that exist.
        let _ = target.add_event_listener_with_callback_and_bool(kind, call.as_ref().unchecked_ref(), capture);
        Self { target: target.clone(), kind, capture, call }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback_and_bool(
            self.kind,
            self.call.as_ref().unchecked_ref(),
            self.capture,
        );
    }
}

/// A promise out of a pair of callbacks, as older interfaces want them.
pub(crate) async fn awaited(start: impl FnOnce(&js_sys::Function, &js_sys::Function)) -> Result<JsValue, JsValue> {
    let start = Rc::new(RefCell::new(Some(start)));
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        if let Some(start) = start.borrow_mut().take() {
            start(&resolve, &reject);
        }
    });
    wasm_bindgen_futures::JsFuture::from(promise).await
}

/// The text of a file that belongs to the page; `None` when it is not to be had.
pub(crate) async fn fetch_text(address: &str) -> Option<String> {
    let answer = JsFuture::from(web_sys::window()?.fetch_with_str(address)).await.ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

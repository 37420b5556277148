//! Runs one dropped plug-in, in a worker that does nothing else and that the page ends when it takes too long.
//!
//! # The protocol of `plugin-worker.js`
//!
//! - The worker says `{ready: true}` once; `{error}` without an id instead when it cannot start.
//! - A request is `{id, bytes: Uint8Array, project?: string, settings?: string}`. `project` is the JSON text of what a plug-in sees of
//!   the files, as the analysis worker's answer to `describe` holds it; without it the plug-in is only asked what it is. `settings` is
//!   JSON text; blank text is `{}`.
//! - The first answer is `{id, about, digest, interface}`: JSON text of what the plug-in says of itself, SHA-256 of the file in hex, and
//!   the export that was used, with its version.
//! - The second answer, when there is a project, is `{id, findings}`: JSON text of the findings as the plug-in gave them.
//! - Instead of either, `{id, error: {code, message, help, faults?: [{pointer, message}]}}` ends the request. Codes, and for the same mistake also the words, are those
//!   of `PluginError` in the terminal; `request` and `runner` are the page's own fault.
//!
//! The core is not in here: what a plug-in sees, whether what it says of itself can be used, and which of its findings count, is decided
//! in the analysis worker by `plimsoll_core::plugin`, as in the terminal. What a browser cannot give is fuel: time is bounded by the page
//! ending the worker. As in the terminal, each call has instances of its own: nothing of one is left for the next.

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "natively only the tests use most of it"))]

mod digest;
mod failure;
#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(target_arch = "wasm32")]
mod js;
#[cfg(target_arch = "wasm32")]
mod program;
mod settings;
#[cfg(target_arch = "wasm32")]
mod worker;

/// The module does nothing by itself: `plugin-worker.js` calls what it exports.
fn main() {}

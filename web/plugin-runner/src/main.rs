//! Runs one dropped plug-in, in a worker that does nothing else and that the page ends when it takes too long.
//!
//! The protocol of `plugin-worker.js`:
//!
//! - The worker says `{ready: true}` once.
//! - A request is `{id, bytes: Uint8Array, settings, today: "YYYY-MM-DD", files: [{path, text} | {path, bytes: Uint8Array} | {path}]}`;
//!   a file without a text is known by name only.
//! - The answer is `{id, json, plugin: {name, version, rules}, problems: […]}` with the report of the plug-in's findings together with
//!   the built-in ones, as `plimsoll check --format json` prints it; or `{id, error}`.
//!
//! What a plug-in sees and what of its findings counts is decided by [`plimsoll_core::plugin`], as in the terminal. What a browser
//! cannot give is fuel: time is bounded by the page ending the worker.

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "natively only the tests use the canonical ABI"))]

mod canonical;
#[cfg(target_arch = "wasm32")]
mod guest;
mod memory;
#[cfg(target_arch = "wasm32")]
mod worker;

/// The module does nothing by itself: `plugin-worker.js` calls what it exports.
fn main() {}

//! The playground. One module serves as the page and as the worker that analyses: it starts as a page where there is a window.
//!
//! What the page decides ([`state`], [`stack`], [`plugins`], [`edits`], [`intake`], [`listing`]) is plain Rust and tested natively;
//! what touches the browser exists for wasm only.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "natively only the tests use the deciding half"))]

mod edits;
mod gallery;
mod intake;
mod listing;
mod manual;
mod plugins;
mod stack;
mod state;
mod words;

#[cfg(target_arch = "wasm32")]
mod advisories;
#[cfg(target_arch = "wasm32")]
mod analysis;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod editor;
#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(target_arch = "wasm32")]
mod worker;

fn main() {
    #[cfg(target_arch = "wasm32")]
    match web_sys::window() {
        Some(_) => app::start(),
        None => worker::start(),
    }
}

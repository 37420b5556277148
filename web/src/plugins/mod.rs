//! Plug-ins on the page: an organisation's own rules as WebAssembly, dropped like any other file.
//!
//! [`shelf`] decides, and is part of the page's state. [`runner`] gives each plug-in a worker of its own, [`store`] keeps them in the
//! browser for the next visit, [`panel`] shows them. Their findings are judged by the analysis ([`answers`]) and stand in its report
//! like all others. A plug-in never sees the page, and nothing of it leaves the page.

pub(crate) mod about;
mod answers;
pub(crate) mod fields;
mod record;
pub(crate) mod shelf;

#[cfg(target_arch = "wasm32")]
mod card;
#[cfg(target_arch = "wasm32")]
mod form;
#[cfg(target_arch = "wasm32")]
pub(crate) mod notices;
#[cfg(target_arch = "wasm32")]
pub(crate) mod panel;
#[cfg(target_arch = "wasm32")]
mod run;
#[cfg(target_arch = "wasm32")]
pub(crate) mod runner;
#[cfg(target_arch = "wasm32")]
pub(crate) mod store;

#[cfg(test)]
mod tests;

#[cfg(target_arch = "wasm32")]
pub(crate) use answers::{PluginAnswer, accept_all};
pub(crate) use shelf::{Act, Shelf, Told};

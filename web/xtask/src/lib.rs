//! The project's own tool: builds the playground, serves it, and runs what CI runs. `cargo xtask` lists the commands.
//!
//! It stands in for Trunk and the wasm-bindgen tool: both would have to be installed first, and the one that fits the pinned
//! compiler is not always to be had. The build is a library, so that the browser tests make the very page that people get.

pub mod build;
pub mod checks;
pub mod fuzz;
pub mod html;
pub mod languages;
pub mod server;
pub mod sizes;
pub mod tools;
pub mod watch;

pub use build::{BuildOptions, Built, build};

use std::path::{Path, PathBuf};

/// The workspace's folder.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// One line on what is being done, for the person who waits.
#[allow(clippy::print_stderr, reason = "progress belongs on the terminal")]
pub fn say(line: impl std::fmt::Display) {
    eprintln!("xtask: {line}");
}

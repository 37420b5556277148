//! Runs a plug-in component where there is no component runtime: the browser.
//!
//! A browser runs core modules only. A component is core modules plus a plan of how to put them together; this crate reads the plan
//! from the bytes and writes it down as a flat list of steps, which a few lines of JavaScript calls can follow. It is much smaller
//! than a component runtime because a plug-in imports nothing: every call out of it is a stub that fails. So is a call from one
//! component inside of it to another: toolchains only put stubs there that fail as well, in the place of a system's interfaces.
//!
//! - [`scan`](mod@scan) looks at a file before anything of it is compiled; the terminal's host does the same through it.
//! - [`plan`] looks at the file ([`LinkError`] has the host's codes and words), holds its exported functions against the interface type
//!   by type, and gives each memory and table a maximum.
//! - [`canonical`] is how values lie in a plug-in's memory: it writes a project there and reads findings back, whatever the plug-in
//!   claims about addresses and lengths.
//!
//! Pure: bytes in, [`Plan`] out. Nothing here panics on any bytes, and every loop is bounded by [`Limits`] and [`Bounds`].

pub mod canonical;
mod error;
mod items;
mod module;
mod plan;
mod read;
mod run;
pub mod scan;
mod shape;
mod text;
mod types;

pub use error::LinkError;
pub use module::PAGE_BYTES;
pub use plan::{Core, Imports, LiftedFunction, Plan, Step};
pub use plimsoll_plugin_abi::Limits;
pub use run::{During, Stop};
pub use text::shorten;

/// What only the linker bounds: the terminal's host counts memory as it grows, and its runtime bounds its own work.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Memories that the modules define, all instances together. Each may grow to the limit, since a browser counts none of them.
    pub memories: u64,
    /// Components inside of components.
    pub depth: usize,
    /// Items read, those of a component once for each instance of it: a small file can ask for a great many.
    pub items: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { memories: 4, depth: 8, items: 1_000_000 }
    }
}

/// Reads a component and plans how to put its modules together.
///
/// # Errors
/// When it is no plug-in, or beyond a limit.
pub fn plan(bytes: &[u8], limits: &Limits, bounds: &Bounds) -> Result<Plan, LinkError> {
    plan::plan(bytes, limits, bounds)
}

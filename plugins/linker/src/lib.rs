//! Runs a plug-in component where there is no component runtime: the browser.
//!
//! A browser runs core modules only. A component is core modules plus a plan of how to put them together; this crate reads the plan
//! from the bytes and writes it down as a flat list of steps, which a few lines of JavaScript calls can follow. It is much smaller
//! than a component runtime because a plug-in imports nothing: every call out of it is a stub that fails.
//!
//! Pure: bytes in, [`Plan`] out. Nothing here panics on any bytes, and every loop is bounded by [`Limits`].

mod items;
mod memory;
mod plan;
mod read;

pub use memory::{PAGE_BYTES, cap_memories};
pub use plan::{Core, Imports, LiftedFunction, Plan, Step};

use plimsoll_plugin_abi::{INTERFACE_NAME, INTERFACE_VERSION};
use std::fmt;

/// What a component may be made of.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file: as natively.
    pub file_bytes: usize,
    /// Pages of 64 KiB that each memory may grow to: a browser has no limit of its own.
    pub memory_pages: u64,
    /// Instances of core modules: Python's linking makes 38.
    pub instances: usize,
    /// Memories that the modules define, all instances together.
    pub memories: usize,
    /// Components inside components.
    pub depth: usize,
    /// Items read, those of a component once for each instance of it: a small file can ask for a great many.
    pub items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 32 << 20, memory_pages: 1024, instances: 200, memories: 4, depth: 8, items: 1_000_000 }
    }
}

/// Why a file cannot be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// It is larger than a plug-in may be.
    TooLarge(usize),
    /// It is no WebAssembly.
    NotWasm,
    /// It is a core module.
    CoreModule,
    /// It is cut short or damaged.
    Malformed(String),
    /// It wants something from the host.
    Imports(Vec<String>),
    /// It does not export the interface.
    NoInterface,
    /// It is made for another version.
    Version(String),
    /// It uses something that plug-ins do not need and this linker does not know.
    Unsupported(&'static str),
    /// It is made of more parts than a plug-in may be.
    TooMuch(&'static str),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => write!(f, "it has {bytes} bytes, more than a plug-in may have"),
            Self::NotWasm => write!(f, "it is not a WebAssembly file"),
            Self::CoreModule => {
                write!(f, "it is a core module, not a component: make one with `plimsoll plugin build`")
            }
            Self::Malformed(reason) => write!(f, "it is damaged: {reason}"),
            Self::Imports(names) => write!(f, "it wants {}; a plug-in may import nothing", names.join(", ")),
            Self::NoInterface => write!(f, "it does not export {INTERFACE_NAME}@{INTERFACE_VERSION}"),
            Self::Version(found) => {
                let older = plan::numbers(found) < plan::numbers(INTERFACE_VERSION);
                let hint = if older { "the plug-in is too old" } else { "this page is too old" };
                write!(
                    f,
                    "it exports version {found} of {INTERFACE_NAME}, and {INTERFACE_VERSION} is read here: {hint}"
                )
            }
            Self::Unsupported(what) => write!(f, "it uses {what}, which a plug-in cannot"),
            Self::TooMuch(what) => write!(f, "it has more {what} than a plug-in may have"),
        }
    }
}

impl std::error::Error for LinkError {}

/// Reads a component and plans how to put its modules together.
///
/// # Errors
/// When it is no plug-in, or beyond a limit.
pub fn plan(bytes: &[u8], limits: &Limits) -> Result<Plan, LinkError> {
    plan::plan(bytes, limits)
}

//! Looks at a plug-in file before anything of it is compiled: what it is, what it wants, what it offers, what compiling it would cost.
//!
//! A compiler takes time and memory that no fuel counts, so what a stranger's file may ask of it is bounded first: by the file's size,
//! by the cost of each function, by the number of parts, and by leaving out every feature of WebAssembly that plug-ins do not need. The
//! page looks with the same eyes ([`plimsoll_plugin_linker::scan`]), so a file is refused in both or in neither.

use super::adapters;
use super::error::PluginError;
use plimsoll_core::text::shorten;
use plimsoll_plugin_abi::{INTERFACE_NAME, Limits};
use plimsoll_plugin_linker::LinkError;
use plimsoll_plugin_linker::scan::{Depth, scan};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What a file says without being run.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Inspection {
    /// Bytes of the file.
    pub bytes: usize,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Names of what it imports.
    pub imports: Vec<String>,
    /// Names of what it exports.
    pub exports: Vec<String>,
    /// The interface it is run through, with its version: the newest that both sides know, or what it has of this name instead.
    pub interface: Option<String>,
    /// Core modules in it.
    pub modules: usize,
    /// Components inside it.
    pub components: usize,
    /// Functions in all its modules.
    pub functions: usize,
    /// Largest cost of one function: locals and parameters × control operators.
    pub function_cost: u64,
    /// The sum of these costs.
    pub file_cost: u64,
    /// What it was made with, as its tools wrote it down.
    pub producers: Vec<Producer>,
}

/// A language, compiler or kit that took part in making a file. Nobody checks what is said here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Looks at a component.
///
/// # Errors
/// When it is no component, is damaged, is beyond a limit, or uses a feature that is off.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Inspection, PluginError> {
    look(bytes, limits, Depth::Everything)
}

/// Looks at a component that was inspected before under the same limits: functions are not read again.
pub(super) fn outline(bytes: &[u8], limits: &Limits) -> Result<Inspection, PluginError> {
    look(bytes, limits, Depth::Outline)
}

fn look(bytes: &[u8], limits: &Limits, depth: Depth) -> Result<Inspection, PluginError> {
    let found = scan(bytes, limits, depth).map_err(refused)?;
    let interface = match adapters::of(&found.exports) {
        Ok(chosen) => Some(chosen.export),
        Err(_) => found.exports.iter().find(|name| name.starts_with(INTERFACE_NAME)).cloned(),
    };
    let producer = |one: &plimsoll_plugin_linker::scan::Producer| Producer {
        role: shorten(&one.role, 40),
        name: shorten(&one.name, 80),
        version: shorten(&one.version, 80),
    };
    Ok(Inspection {
        bytes: bytes.len(),
        sha256: digest(bytes),
        interface,
        modules: found.modules,
        components: found.components,
        functions: found.functions,
        function_cost: found.function_cost,
        file_cost: found.file_cost,
        producers: found.producers.iter().map(producer).collect(),
        imports: found.imports,
        exports: found.exports,
    })
}

/// The same mistake in the words of this side.
fn refused(error: LinkError) -> PluginError {
    match error {
        LinkError::TooLarge { bytes, limit } => PluginError::TooLarge { bytes, limit },
        LinkError::NotWasm => PluginError::NotWasm,
        LinkError::CoreModule => PluginError::CoreModule,
        LinkError::Malformed(reason) => PluginError::Malformed(reason),
        LinkError::CompileCost { cost, limit } => PluginError::CompileCost { cost, limit },
        LinkError::TooMany(what, found, limit) => PluginError::TooMany(what, found, limit),
        LinkError::Feature(feature) => PluginError::Feature(feature),
        // The rest is of linking, which wasmtime does here.
        other => PluginError::Malformed(other.to_string()),
    }
}

/// SHA-256 of a file, in hexadecimal digits: how plug-ins are pinned and reported.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Inspection {
    /// Whether it is a plug-in for this host.
    ///
    /// # Errors
    /// When it imports something, or exports another interface or version.
    pub fn fits(&self) -> Result<(), PluginError> {
        if !self.imports.is_empty() {
            return Err(PluginError::Imports(self.imports.clone()));
        }
        adapters::of(&self.exports).map(drop)
    }
}

#[cfg(test)]
mod tests;

//! `plimsoll plugin build`: the toolchain of the language, then [`crate::seal`]: one file that imports nothing.

mod c;
mod cargo;
mod imports;
mod interface;
mod js;
mod python;
mod render;

#[cfg(test)]
mod tests;

pub use render::{human, json};

use super::scaffold::Language;
use crate::plugin::inspect::{self, Inspection};
use crate::plugin::{Limits, PluginError};
use crate::seal::{SealError, seal};
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// How a component begins: version 13 of layer 1. A module has layer 0.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// What is said of a finished plug-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Built {
    /// What it is written in.
    pub language: Language,
    /// Bytes of what its toolchain made.
    pub module_bytes: usize,
    /// Bytes of the component.
    pub component_bytes: usize,
    /// Functions in it.
    pub functions: usize,
    /// Its compile cost: the costliest function, and all together.
    pub cost: (u64, u64),
    /// The interface it exports.
    pub interface: String,
    /// SHA-256 of the component, in hexadecimal digits.
    pub digest: String,
}

/// The language of a plug-in's folder, by the file that each of them needs.
#[must_use]
pub fn language(folder: &Path) -> Option<Language> {
    let has = |name: &str| folder.join(name).is_file();
    if has("Cargo.toml") {
        Some(Language::Rust)
    } else if has("package.json") {
        Some(Language::JavaScript)
    } else if has("pyproject.toml") {
        Some(Language::Python)
    } else if has("plugin.c") {
        Some(Language::C)
    } else {
        None
    }
}

/// Builds a plug-in in memory.
///
/// # Errors
/// When the folder holds none, it does not compile, or what comes of it is no plug-in.
pub fn component(folder: &Path) -> Result<(Vec<u8>, Built)> {
    let Some(language) = language(folder) else {
        bail!(
            "{} holds no plug-in: neither Cargo.toml, package.json, pyproject.toml nor plugin.c; `plimsoll plugin new` makes one",
            folder.display()
        )
    };
    let made = match language {
        Language::Rust => cargo::build(folder),
        Language::JavaScript => js::build(folder),
        Language::Python => python::build(folder),
        Language::C => c::build(folder),
    }?;
    let (component, inspection) = sealed(&made).with_context(|| format!("{} makes no plug-in", folder.display()))?;
    let built = Built {
        language,
        module_bytes: made.len(),
        component_bytes: component.len(),
        functions: inspection.functions,
        cost: (inspection.function_cost, inspection.file_cost),
        interface: inspection.interface.unwrap_or_default(),
        digest: inspection.sha256,
    };
    Ok((component, built))
}

/// Builds a plug-in and writes the component.
///
/// # Errors
/// As [`component`], and when the file cannot be written.
pub fn build(folder: &Path, out: &Path) -> Result<Built> {
    let (component, built) = component(folder)?;
    std::fs::write(out, &component).with_context(|| format!("{} could not be written", out.display()))?;
    Ok(built)
}

/// A module is wrapped; a component only has to be a plug-in.
fn sealed(made: &[u8]) -> Result<(Vec<u8>, Inspection), SealError> {
    if !made.starts_with(COMPONENT) {
        let wanted = imports::imports(made);
        return if wanted.is_empty() { seal(made) } else { Err(SealError::Plugin(PluginError::Imports(wanted))) };
    }
    let inspection = inspect::inspect(made, &Limits::default())
        .and_then(|inspection| inspection.fits().map(|()| inspection))
        .map_err(SealError::Plugin)?;
    Ok((made.to_vec(), inspection))
}

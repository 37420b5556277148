//! What was built, for people and for programs.

use super::Built;
use crate::author::numbers::{grouped, size};
use crate::plugin::Limits;
use plimsoll_core::text::{count, shorten};
use plimsoll_plugin_abi::Metadata;
use serde_json::{Value, json as object};
use std::path::Path;

/// A few lines.
#[must_use]
pub fn human(built: &Built, metadata: &Metadata, file: &Path, limits: &Limits) -> String {
    format!(
        "{}: {} {}, {}\n  size          {} ({} as {} makes it), {}\n  compile cost  {} in one function (of {}), {} in all (of {})\n  \
         interface     {}, imports nothing\n  sha256        {}\n",
        shorten(&file.display().to_string(), 200),
        metadata.name,
        shorten(&metadata.version, 40),
        count(metadata.rules.len(), "rule"),
        size(built.component_bytes as u64),
        size(built.module_bytes as u64),
        built.language,
        count(built.functions, "function"),
        grouped(built.cost.0),
        grouped(limits.function_cost),
        grouped(built.cost.1),
        grouped(limits.file_cost),
        built.interface,
        built.digest,
    )
}

/// The same as JSON.
#[must_use]
pub fn json(built: &Built, metadata: &Metadata, file: &Path) -> Value {
    let rules: Vec<String> = metadata.rules.iter().map(|rule| format!("{}/{}", metadata.name, rule.id)).collect();
    object!({
        "file": file.display().to_string(),
        "name": metadata.name,
        "version": metadata.version,
        "language": built.language.as_str(),
        "rules": rules,
        "module_bytes": built.module_bytes,
        "component_bytes": built.component_bytes,
        "functions": built.functions,
        "function_cost": built.cost.0,
        "file_cost": built.cost.1,
        "interface": built.interface,
        "sha256": built.digest,
    })
}

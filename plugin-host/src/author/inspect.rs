//! `plimsoll plugin inspect`: everything a file says, without and with being run.

use super::numbers::{grouped, milliseconds, size, time};
use crate::plugin::inspect::{Inspection, Producer};
use crate::plugin::{Limits, Plugin};
use plimsoll_core::text::{count, shorten, visible};
use plimsoll_plugin_abi as abi;
use serde_json::{Value, json as object};

/// What is shown of one line of a plug-in's own words.
const WORDS: usize = 200;

/// A plug-in: the file, and what it says when it is run; `None` when it cannot be.
#[derive(Clone, Copy, Debug)]
pub struct Look<'l> {
    /// The file.
    pub file: &'l Inspection,
    /// What was loaded of it.
    pub plugin: Option<&'l Plugin>,
    /// What is allowed.
    pub limits: &'l Limits,
}

impl Look<'_> {
    /// For people.
    #[must_use]
    pub fn human(&self) -> String {
        let mut out = String::new();
        if let Some(plugin) = self.plugin {
            out.push_str(&head(&plugin.metadata));
        }
        let file = self.file;
        let made = made_with(&file.producers);
        let mut rows = vec![
            ("sha256", file.sha256.clone()),
            (
                "size",
                format!(
                    "{}, {}, {}",
                    size(file.bytes as u64),
                    count(file.modules, "module"),
                    count(file.functions, "function")
                ),
            ),
            ("interface", file.interface.as_deref().map_or_else(|| "none of Plimsoll's".to_owned(), short)),
            ("imports", if file.imports.is_empty() { "none".to_owned() } else { names(&file.imports) }),
            ("made with", if made.is_empty() { "the file does not say".to_owned() } else { made }),
            (
                "compile cost",
                format!(
                    "{} in one function (of {}), {} in all (of {})",
                    grouped(file.function_cost),
                    grouped(self.limits.function_cost),
                    grouped(file.file_cost),
                    grouped(self.limits.file_cost)
                ),
            ),
        ];
        if let Some(plugin) = self.plugin {
            let took = plugin.compile_time.map_or_else(|| "before".to_owned(), |took| format!("in {}", time(took)));
            rows.push(("compiled", format!("{took}, to {}", size(plugin.compiled_bytes as u64))));
        }
        for (name, value) in rows {
            out.push_str(&format!("  {name:<12}  {value}\n"));
        }
        if let Some(plugin) = self.plugin {
            out.push_str(&rules(&plugin.metadata));
            out.push_str(&schema(plugin.metadata.settings_schema.as_deref()));
        }
        out
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let file = self.file;
        let metadata = self.plugin.map(|plugin| &plugin.metadata);
        let producers: Vec<Value> = file
            .producers
            .iter()
            .map(|one| object!({ "role": one.role, "name": one.name, "version": one.version }))
            .collect();
        object!({
            "sha256": file.sha256,
            "bytes": file.bytes,
            "interface": file.interface,
            "imports": file.imports,
            "exports": file.exports,
            "producers": producers,
            "modules": file.modules,
            "functions": file.functions,
            "compile_cost": {
                "function": file.function_cost,
                "function_limit": self.limits.function_cost,
                "file": file.file_cost,
                "file_limit": self.limits.file_cost,
            },
            "compile_milliseconds": self.plugin.and_then(|plugin| plugin.compile_time).map(milliseconds),
            "compiled_bytes": self.plugin.map(|plugin| plugin.compiled_bytes),
            "name": metadata.map(|one| &one.name),
            "version": metadata.map(|one| &one.version),
            "description": metadata.map(|one| &one.description),
            "license": metadata.map(|one| &one.license),
            "rules": metadata.map(|one| &one.rules),
            "settings_schema": metadata.and_then(|one| one.settings_schema.as_deref()).map(parsed),
        })
    }
}

fn short(text: &str) -> String {
    shorten(text, WORDS)
}

fn head(metadata: &abi::Metadata) -> String {
    let licence =
        if metadata.license.trim().is_empty() { String::new() } else { format!(", {}", short(&metadata.license)) };
    let what = if metadata.description.trim().is_empty() { String::new() } else { short(&metadata.description) + "\n" };
    format!("{} {}{licence}\n{what}\n", short(&metadata.name), short(&metadata.version))
}

fn names(all: &[String]) -> String {
    all.iter().map(|name| short(name)).collect::<Vec<_>>().join(", ")
}

fn made_with(producers: &[Producer]) -> String {
    let one = |producer: &Producer| {
        if producer.version.is_empty() {
            producer.name.clone()
        } else {
            format!("{} {}", producer.name, producer.version)
        }
    };
    producers.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn rules(metadata: &abi::Metadata) -> String {
    let name = |rule: &abi::Rule| short(&format!("{}/{}", metadata.name, rule.id));
    let width = metadata.rules.iter().map(|rule| name(rule).chars().count()).max().unwrap_or(0);
    let mut out = String::from("\nRules\n");
    for rule in &metadata.rules {
        let severity = match rule.severity {
            abi::Severity::Info => "info",
            abi::Severity::Low => "low",
            abi::Severity::Medium => "medium",
            abi::Severity::High => "high",
            abi::Severity::Critical => "critical",
        };
        let kinds = if rule.kinds.is_empty() { String::new() } else { format!(" ({})", names(&rule.kinds)) };
        out.push_str(&format!("  {:<width$}  {severity:<8}  {}{kinds}\n", name(rule), short(&rule.title)));
    }
    out
}

/// The schema as its author laid it out, or laid out here when it stands on one line.
fn schema(text: Option<&str>) -> String {
    let Some(text) = text else { return "\nIt takes no settings.\n".to_owned() };
    let on_one_line = !text.trim().contains('\n');
    let parsed = serde_json::from_str::<Value>(text).ok().filter(|_| on_one_line);
    let lines = parsed.and_then(|schema| serde_json::to_string_pretty(&schema).ok()).unwrap_or_else(|| text.to_owned());
    let lines: Vec<String> = lines.lines().map(|line| format!("  {}\n", visible(line))).collect();
    format!("\nSettings schema\n{}", lines.concat())
}

/// The schema as JSON; a text when it is none.
fn parsed(schema: &str) -> Value {
    serde_json::from_str(schema).unwrap_or_else(|_| Value::String(schema.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn producer(role: &str, name: &str, version: &str) -> Producer {
        Producer { role: role.to_owned(), name: name.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn a_file_that_cannot_run_is_shown_all_the_same() {
        let file = Inspection {
            bytes: 70_950,
            sha256: "ab".repeat(32),
            imports: vec!["wasi:cli/exit\u{1b}@0.2.0".to_owned()],
            modules: 38,
            functions: 1,
            function_cost: 29_631,
            file_cost: 1_000_000,
            producers: vec![producer("language", "Rust", ""), producer("processed-by", "rustc", "1.95.0")],
            ..Inspection::default()
        };
        let limits = Limits::default();
        let look = Look { file: &file, plugin: None, limits: &limits };
        assert_eq!(
            look.human(),
            format!(
                "  sha256        {}\n  size          70.9 KB, 38 modules, 1 function\n  \
                 interface     none of Plimsoll's\n  imports       wasi:cli/exit\u{241b}@0.2.0\n  \
                 made with     Rust, rustc 1.95.0\n  \
                 compile cost  29,631 in one function (of 500,000), 1,000,000 in all (of 16,000,000)\n",
                "ab".repeat(32)
            )
        );
        let json = look.json();
        assert_eq!((json["bytes"].clone(), json["name"].clone()), (70_950.into(), Value::Null));
        assert_eq!(json["compile_cost"]["function_limit"], 500_000);
    }

    #[test]
    fn schemas_are_laid_out() {
        assert_eq!(schema(None), "\nIt takes no settings.\n");
        assert_eq!(schema(Some(r#"{"a":1}"#)), "\nSettings schema\n  {\n    \"a\": 1\n  }\n");
        assert_eq!(
            schema(Some("{\n    \"b\": 1, \"a\": 2\n}\n")),
            "\nSettings schema\n  {\n      \"b\": 1, \"a\": 2\n  }\n"
        );
        assert_eq!(schema(Some("{\u{7}")), "\nSettings schema\n  {\u{2407}\n");
        assert_eq!((parsed("{}"), parsed("x")), (object!({}), object!("x")));
    }
}

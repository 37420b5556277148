//! Looks at a plug-in file before anything of it is compiled: what it is, what it wants, what it offers, what compiling it would cost.

use super::error::PluginError;
use super::limits::Limits;
use plimsoll_plugin_abi::{INTERFACE_NAME, INTERFACE_VERSION};
use wasmparser::{ComponentTypeRef, Encoding, Operator, Parser, Payload, WasmFeatures};

/// What a file says without being run.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Inspection {
    /// Names of what it imports.
    pub imports: Vec<String>,
    /// Names of what it exports.
    pub exports: Vec<String>,
    /// Functions in all its modules.
    pub functions: usize,
    /// Largest product of locals and control operators of one function.
    pub function_cost: u64,
    /// The sum of these products.
    pub file_cost: u64,
}

/// Looks at a component.
///
/// # Errors
/// When it is no component, is damaged, or is beyond a limit.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Inspection, PluginError> {
    if bytes.len() > limits.file_bytes {
        return Err(PluginError::TooLarge { bytes: bytes.len(), limit: limits.file_bytes });
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(PluginError::NotWasm);
    }
    let mut found = Inspection::default();
    let mut depth = 0usize;
    let mut parser = Parser::new(0);
    parser.set_features(WasmFeatures::all());
    for payload in parser.parse_all(bytes) {
        match payload.map_err(malformed)? {
            Payload::Version { encoding, .. } => {
                depth += 1;
                if depth == 1 && encoding == Encoding::Module {
                    return Err(PluginError::CoreModule);
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(reader) if depth == 1 => {
                for import in reader {
                    let import = import.map_err(malformed)?;
                    // A type that is only named gives nothing to call.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        found.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(reader) if depth == 1 => {
                for export in reader {
                    found.exports.push(export.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::CodeSectionEntry(body) => {
                let cost = cost(&body).map_err(malformed)?;
                found.functions += 1;
                found.function_cost = found.function_cost.max(cost);
                found.file_cost = found.file_cost.saturating_add(cost);
                for (cost, limit) in [(cost, limits.function_cost), (found.file_cost, limits.file_cost)] {
                    if cost > limit {
                        return Err(PluginError::CompileCost { cost, limit });
                    }
                }
            }
            _ => {}
        }
    }
    Ok(found)
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
        let versions: Vec<&str> =
            self.exports.iter().filter_map(|name| name.strip_prefix(INTERFACE_NAME)?.strip_prefix('@')).collect();
        match versions.first() {
            None => Err(PluginError::NoInterface),
            Some(_) if versions.iter().any(|version| compatible(version)) => Ok(()),
            Some(version) => Err(PluginError::Version {
                found: (*version).to_owned(),
                plugin_is_older: numbers(version) < numbers(INTERFACE_VERSION),
            }),
        }
    }
}

/// While the major number is 0, the minor number breaks.
fn compatible(version: &str) -> bool {
    numbers(version).get(..2) == numbers(INTERFACE_VERSION).get(..2)
}

fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

/// What a compiler's time grows with. Ordinary functions have few locals or few branches.
fn cost(body: &wasmparser::FunctionBody<'_>) -> wasmparser::Result<u64> {
    let mut locals = 0u64;
    for group in body.get_locals_reader()? {
        locals = locals.saturating_add(u64::from(group?.0));
    }
    let mut control = 1u64;
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        match operators.read()? {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::BrIf { .. } => {
                control += 1
            }
            Operator::BrTable { targets } => control = control.saturating_add(u64::from(targets.len())),
            _ => {}
        }
    }
    Ok(locals.saturating_mul(control))
}

#[allow(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn malformed(error: wasmparser::BinaryReaderError) -> PluginError {
    PluginError::Malformed(format!("{} (at byte {})", error.message(), error.offset()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_who_is_old() {
        let of = |version: &str| {
            Inspection { exports: vec![format!("{INTERFACE_NAME}@{version}")], ..Inspection::default() }.fits()
        };
        assert!(of("0.1.0").is_ok() && of("0.1.7").is_ok());
        assert!(matches!(of("0.0.9"), Err(PluginError::Version { plugin_is_older: true, .. })));
        assert!(matches!(of("0.2.0"), Err(PluginError::Version { plugin_is_older: false, .. })));
        assert!(matches!(of("1.0.0"), Err(PluginError::Version { plugin_is_older: false, .. })));
        assert!(matches!(Inspection::default().fits(), Err(PluginError::NoInterface)));
    }
}

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
use super::*;

fn look(text: &str) -> Result<Inspection, PluginError> {
    inspect(&wat::parse_str(text).unwrap(), &Limits::default())
}

#[test]
fn tells_what_a_file_is_made_of() {
    let found = look(
        "(component
           (core module $m (func (local i32 i64) (block) (block)) (func))
           (core instance (instantiate $m))
           (component $c (core module))
           (instance (instantiate $c)))",
    )
    .unwrap();
    assert_eq!((found.modules, found.components, found.functions), (2, 1, 2));
    assert_eq!((found.function_cost, found.file_cost), (6, 6), "two locals, two blocks and the function itself");
    assert_eq!(found.sha256.len(), 64);
    assert!(found.imports.is_empty() && found.exports.is_empty() && found.interface.is_none());
}

#[test]
fn who_made_it_is_read_once_and_made_visible() {
    let module = "(core module (@producers (language \"Rust\" \"\") (processed-by \"rustc\" \"1.95\\1b[31m\")))";
    let found = look(&format!("(component {module} {module})")).unwrap();
    let made: Vec<_> = found.producers.iter().map(|one| (one.role.as_str(), one.name.as_str())).collect();
    assert_eq!(made, [("language", "Rust"), ("processed-by", "rustc")]);
    assert!(!found.producers[1].version.contains('\u{1b}'), "{:?}", found.producers);
}

#[test]
fn an_outline_does_not_read_functions() {
    let locals = "i64 ".repeat(1000);
    let bomb = format!("(component (core module (func (local {locals}) {})))", "(block)".repeat(600));
    let bytes = wat::parse_str(&bomb).unwrap();
    assert!(matches!(inspect(&bytes, &Limits::default()), Err(PluginError::CompileCost { .. })));
    let outline = outline(&bytes, &Limits::default()).unwrap();
    assert_eq!((outline.functions, outline.function_cost), (1, 0));
    let limits = Limits { function_cost: u64::MAX, ..Limits::default() };
    assert_eq!(outline.sha256, inspect(&bytes, &limits).unwrap().sha256);
}

#[test]
fn what_is_no_component_is_told_apart() {
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    assert!(matches!(inspect(&[0; 11], &limits), Err(PluginError::TooLarge { bytes: 11, limit: 10 })));
    assert!(matches!(inspect(b"", &limits), Err(PluginError::NotWasm)));
    assert!(matches!(inspect(b"(module)", &limits), Err(PluginError::NotWasm)));
    let module = wat::parse_str("(module)").unwrap();
    assert!(matches!(inspect(&module, &limits), Err(PluginError::CoreModule)));
    let mut cut = wat::parse_str("(component (core module (func)))").unwrap();
    cut.truncate(cut.len() - 3);
    assert!(matches!(inspect(&cut, &Limits::default()), Err(PluginError::Malformed(_))));
}

#[test]
fn imports_come_before_the_interface() {
    let wants = look("(component (import \"wasi:cli/environment@0.2.0\" (instance)) (import \"f\" (func)))").unwrap();
    let Err(PluginError::Imports(names)) = wants.fits() else { panic!("{wants:?}") };
    assert_eq!(names, ["wasi:cli/environment@0.2.0", "f"]);
    assert!(matches!(Inspection::default().fits(), Err(PluginError::NoInterface)));
    let other = Inspection { exports: vec![format!("{INTERFACE_NAME}@7.0.0")], ..Inspection::default() };
    assert!(matches!(other.fits(), Err(PluginError::Version { plugin_is_older: false, .. })));
}

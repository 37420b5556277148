//! Tests of the scan.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use super::*;

fn look(text: &str) -> Result<Scan, LinkError> {
    scan(&wat::parse_str(text).unwrap(), &Limits::default(), Depth::Everything)
}

fn in_module(fields: &str) -> Result<Scan, LinkError> {
    look(&format!("(component (core module {fields}))"))
}

fn off(fields: &str) -> &'static str {
    match in_module(fields) {
        Err(LinkError::Feature(feature)) => feature,
        other => panic!("{fields}: {other:?}"),
    }
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
    assert!(found.imports.is_empty() && found.exports.is_empty());
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
fn what_is_on_passes() {
    let fields = "
        (memory 1) (table 1 funcref) (table 1 externref) (global (mut i64) (i64.const 0))
        (func $f (result v128) (i32x4.splat (i32.const 1)))
        (func (return_call $g)) (func $g)
        (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))
        (func (drop (i32.trunc_sat_f32_s (f32.const 1))))";
    assert_eq!(in_module(fields).unwrap().functions, 5);
}

#[test]
fn what_is_off_is_refused_by_its_name() {
    assert_eq!(off("(memory i64 1)"), "64-bit memories or tables");
    assert_eq!(off("(table i64 1 funcref)"), "64-bit memories or tables");
    assert_eq!(off("(memory 1 2 shared)"), "threads or shared memory");
    assert_eq!(off("(memory 1) (func (drop (i32.atomic.load (i32.const 0))))"), "threads or shared memory");
    assert_eq!(off("(memory 1) (memory 1)"), "several memories in one module");
    assert_eq!(off("(import \"a\" \"b\" (memory 1)) (memory 1)"), "several memories in one module");
    assert_eq!(off("(memory 1 (pagesize 1))"), "memory pages of another size");
    assert_eq!(off("(tag)"), "exceptions");
    assert_eq!(off("(import \"a\" \"b\" (tag))"), "exceptions");
    assert_eq!(off("(func (try_table))"), "exceptions");
    assert_eq!(off("(type (struct))"), "garbage collection or typed references");
    assert_eq!(off("(rec (type (func)) (type (func)))"), "garbage collection or typed references");
    assert_eq!(off("(func (local anyref))"), "garbage collection or typed references");
    assert_eq!(off("(func (param i31ref))"), "garbage collection or typed references");
    assert_eq!(off("(global anyref (ref.null any))"), "garbage collection or typed references");
    assert_eq!(off("(func (drop (ref.as_non_null (ref.null func))))"), "garbage collection or typed references");
    assert_eq!(
        off("(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))"),
        "relaxed SIMD"
    );
    assert_eq!(
        off("(func (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)) (drop) (drop))"),
        "the proposal wide_arithmetic"
    );
    let utf16 = look(
        "(component
           (core module $m (memory (export \"m\") 1)
             (func (export \"r\") (param i32 i32 i32 i32) (result i32) (i32.const 0)) (func (export \"f\") (param i32 i32)))
           (core instance $i (instantiate $m))
           (alias core export $i \"m\" (core memory $memory))
           (alias core export $i \"r\" (core func $realloc))
           (alias core export $i \"f\" (core func $f))
           (func (export \"f\") (param \"a\" string)
             (canon lift (core func $f) (memory $memory) (realloc $realloc) string-encoding=utf16)))",
    );
    assert!(matches!(utf16, Err(LinkError::Feature("strings in another encoding than UTF-8"))), "{utf16:?}");
    let asynchronous = look("(component (core func (canon waitable-set.new)))");
    assert!(matches!(asynchronous, Err(LinkError::Feature("asynchronous functions"))), "{asynchronous:?}");
}

#[test]
fn parameters_and_values_of_blocks_cost_like_locals() {
    let parameters = "i64 ".repeat(900);
    let blocks = "(block)".repeat(600);
    let found = in_module(&format!("(func (param {parameters}) {blocks})"));
    assert!(matches!(found, Err(LinkError::CompileCost { cost: 540_900, limit: 500_000 })), "{found:?}");
    let values = "i64 ".repeat(900);
    let push = "(i64.const 0)".repeat(900);
    let blocks = format!("(block (param {values}) (result {values}))").repeat(300);
    let drops = "(drop)".repeat(900);
    let found = in_module(&format!("(func {push} {blocks} {drops})"));
    assert!(matches!(found, Err(LinkError::CompileCost { cost: 540_000, .. })), "{found:?}");
}

#[test]
fn parts_are_counted() {
    let too_many = |found: Result<Scan, LinkError>, expected: &str| match found {
        Err(LinkError::TooMany(what, count, limit)) => {
            assert_eq!(what, expected);
            assert!(count > limit);
        }
        other => panic!("{expected}: {other:?}"),
    };
    too_many(in_module(&"(func)".repeat(200_001)), "functions");
    too_many(in_module(&"(type (func))".repeat(100_001)), "types");
    too_many(in_module(&"(global i32 (i32.const 0))".repeat(200_001)), "globals and tables");
    too_many(in_module(&"(data \"\")".repeat(100_001)), "data and element segments");
    too_many(look(&format!("(component {})", "(core module)".repeat(1_001))), "modules and components");
    let nested = (0..9).fold(String::new(), |inner, _| format!("(component {inner})"));
    too_many(look(&nested), "levels of components");
    // 100,000 functions, and 200 instances of them.
    let functions = "(func)".repeat(100_000);
    let instances = "(core instance (instantiate $m))".repeat(200);
    too_many(
        look(&format!("(component (core module $m {functions}) {instances})")),
        "functions and globals in all its instances",
    );
    // One inside of a component may be meant often.
    let nested = format!("(component (component (core module $m {functions}) (core instance (instantiate $m))))");
    too_many(look(&nested), "functions and globals in all its instances");
    let instances = "(core instance (instantiate $m))".repeat(201);
    too_many(look(&format!("(component (core module $m) {instances})")), "instances of modules");
    let shim = "(component $c) (instance (instantiate $c))";
    assert!(look(&format!("(component (core module $m {functions}) (core instance (instantiate $m)) {shim})")).is_ok());
}

#[test]
fn an_outline_does_not_read_functions() {
    let locals = "i64 ".repeat(1000);
    let bomb = format!("(component (core module (func (local {locals}) {})))", "(block)".repeat(600));
    let bytes = wat::parse_str(&bomb).unwrap();
    assert!(matches!(scan(&bytes, &Limits::default(), Depth::Everything), Err(LinkError::CompileCost { .. })));
    let outline = scan(&bytes, &Limits::default(), Depth::Outline).unwrap();
    assert_eq!((outline.functions, outline.function_cost), (1, 0));
}

#[test]
fn what_is_no_component_is_told_apart() {
    let inspect = |bytes: &[u8], limits: &Limits| scan(bytes, limits, Depth::Everything);
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    assert!(matches!(inspect(&[0; 11], &limits), Err(LinkError::TooLarge { bytes: 11, limit: 10 })));
    assert!(matches!(inspect(b"", &limits), Err(LinkError::NotWasm)));
    assert!(matches!(inspect(b"(module)", &limits), Err(LinkError::NotWasm)));
    let module = wat::parse_str("(module)").unwrap();
    assert!(matches!(inspect(&module, &limits), Err(LinkError::CoreModule)));
    let mut cut = wat::parse_str("(component (core module (func)))").unwrap();
    cut.truncate(cut.len() - 3);
    assert!(matches!(inspect(&cut, &Limits::default()), Err(LinkError::Malformed(_))));
}

#[test]
fn imports_and_exports_are_named() {
    let wants = look(
        "(component (import \"wasi:cli/environment@0.2.0\" (instance)) (import \"f\" (func)) (instance $i) (export \"i\" (instance $i)))",
    );
    let wants = wants.unwrap();
    assert_eq!(
        (wants.imports, wants.exports),
        (vec!["wasi:cli/environment@0.2.0".to_owned(), "f".to_owned()], vec!["i".to_owned()])
    );
}

//! Plans of real components, and of files that are none or want too much.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test; other tests use the rest")]

mod fuzzed;

use plimsoll_plugin_linker::{Bounds, Core, Limits, LinkError, Plan, Stop, plan};
use plimsoll_tests::guests::Guest;
use std::path::Path;
use std::sync::OnceLock;

/// The example plug-in's component.
fn example() -> &'static [u8] {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("linker-{}.wasm", std::process::id()));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/base-image-allowlist");
        plimsoll::author::build::build(&folder, &out).unwrap();
        std::fs::read(out).unwrap()
    })
}

fn planned(bytes: &[u8]) -> Result<Plan, LinkError> {
    let limits = Limits::default();
    let planned = plan(bytes, &limits, &Bounds::default());
    if let Ok(plan) = &planned {
        fuzzed::check_plan(plan, &limits);
    }
    planned
}

fn text(component: &str) -> Result<Plan, LinkError> {
    planned(&wat::parse_str(component).unwrap())
}

/// A component that is no plug-in, around a module of these fields, instantiated so many times.
fn around(fields: &str, times: usize) -> String {
    format!(
        "(component (core module $m {fields}) {} (instance $i) (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))",
        "(core instance (instantiate $m))".repeat(times)
    )
}

/// What such a component is refused for when its modules are right.
fn no_functions() -> LinkError {
    LinkError::Shape("describe is missing".to_owned())
}

#[test]
fn the_example_is_one_module() {
    let plan = planned(example()).unwrap();
    assert_eq!((plan.modules.len(), plan.steps.len(), plan.steps[0].imports.len()), (1, 1, 0));
    assert_eq!(plan.interface, "plimsoll:plugin/rules@0.1.0");
    assert!(matches!(&plan.check.function, Core::Export { instance: 0, name } if name.ends_with("#check")));
    assert!(plan.check.realloc.is_some() && plan.check.post_return.is_some());
    assert_eq!((plan.describe.parameters, plan.check.parameters), (0, 10));
    let with = |limits: Limits| plimsoll_plugin_linker::plan(example(), &limits, &Bounds::default());
    let two_pages = Limits { memory_bytes: 2 << 16, ..Limits::default() };
    assert_eq!(with(two_pages), Err(LinkError::Start(Stop::Memory)));
    let small = Limits { file_bytes: 1000, ..Limits::default() };
    assert_eq!(with(small), Err(LinkError::TooLarge { bytes: example().len() as u64, limit: 1000 }));
    let cheap = Limits { function_cost: 100, ..Limits::default() };
    assert!(matches!(with(cheap), Err(LinkError::CompileCost { cost: 101.., limit: 100 })));
}

#[test]
fn what_is_no_plug_in_is_refused() {
    let refused = |bytes: &[u8]| planned(bytes).unwrap_err();
    assert_eq!(refused(b""), LinkError::NotWasm);
    assert_eq!(refused(b"\0asm\x01\0\0\0"), LinkError::CoreModule);
    assert_eq!(refused(b"\0asm\x0d\0\x01\0"), LinkError::NoInterface);
    assert_eq!(
        text("(component (import \"wasi:cli/environment@0.2.0\" (instance)) (import \"f\" (func)))"),
        Err(LinkError::Imports(vec!["wasi:cli/environment@0.2.0".to_owned(), "f".to_owned()]))
    );
    for end in (0..example().len()).step_by(997) {
        planned(&example()[..end]).unwrap_err();
    }
    assert!(LinkError::Version("0.0.1".to_owned()).help().starts_with("the plug-in is too old"));
    assert!(LinkError::Version("2.0.0".to_owned()).help().starts_with("this Plimsoll is too old"));
}

#[test]
fn versions_that_fit_are_taken() {
    let of = |version: &str| {
        planned(&Guest::new("guest").interface("plugin@0.1.0", &format!("plugin@{version}")).component())
    };
    assert_eq!(of("0.1.7").unwrap().interface, "plimsoll:plugin/rules@0.1.7");
    assert_eq!(of("0.0.9"), Err(LinkError::Version("0.0.9".to_owned())));
    assert_eq!(of("0.2.0"), Err(LinkError::Version("0.2.0".to_owned())));
    assert_eq!(of("1.1.0"), Err(LinkError::Version("1.1.0".to_owned())));
}

#[test]
fn further_interfaces_do_not_matter() {
    let more = Guest::new("guest")
        .interface("world plugin {\n", "interface more { ping: func(); }\n\nworld plugin {\n  export more;\n")
        .with("(func (export \"plimsoll:plugin/more@0.1.0#ping\"))");
    assert_eq!(planned(&more.component()).unwrap().steps.len(), 1);
}

#[test]
fn what_is_off_is_named() {
    for (fields, feature) in [
        ("(memory 1 2 shared)", "threads or shared memory"),
        ("(memory i64 1)", "64-bit memories or tables"),
        ("(memory 1) (memory 1)", "several memories in one module"),
        ("(tag (param i32))", "exceptions"),
        ("(type (struct (field i32)))", "garbage collection or typed references"),
        ("(memory 1) (func (drop (i32.atomic.load (i32.const 0))))", "threads or shared memory"),
        ("(func (result v128) (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))", "relaxed SIMD"),
    ] {
        assert_eq!(text(&around(fields, 1)), Err(LinkError::Feature(feature)), "{fields}");
    }
    // What toolchains emit by default stays on.
    for fields in [
        "(func (result v128) (i8x16.add (v128.const i64x2 0 0) (v128.const i64x2 0 0)))",
        "(func $f (return_call $f))",
        "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
    ] {
        assert_eq!(text(&around(fields, 1)), Err(no_functions()), "{fields}");
    }
}

/// Changes the options of `check`: they stand as memory, realloc, UTF-8.
fn with_options(options: [u8; 5]) -> Result<Plan, LinkError> {
    let mut bytes = Guest::new("guest").component();
    let lift = bytes.windows(6).rposition(|bytes| matches!(bytes, [3, 3, 0, 4, _, 0])).unwrap();
    bytes[lift + 1..lift + 6].copy_from_slice(&options);
    planned(&bytes)
}

#[test]
fn canonical_options() {
    with_options([3, 0, 4, 2, 0]).unwrap();
    assert_eq!(with_options([3, 0, 4, 2, 1]), Err(LinkError::Feature("strings in another encoding than UTF-8")));
    assert_eq!(with_options([3, 0, 4, 2, 2]), Err(LinkError::Feature("strings in another encoding than UTF-8")));
    assert_eq!(with_options([3, 0, 4, 2, 6]), Err(LinkError::Feature("asynchronous functions")));
    let twice = LinkError::Compile("a canonical option is given twice".to_owned());
    assert_eq!(with_options([3, 0, 3, 0, 0]), Err(twice));
    let missing = LinkError::Compile("the canonical option `realloc` of check is missing".to_owned());
    assert_eq!(with_options([3, 0, 5, 2, 0]), Err(missing));
}

#[test]
fn what_wants_too_much_from_the_start() {
    assert_eq!(text(&around("(memory 1025)", 1)), Err(LinkError::Start(Stop::Memory)));
    assert_eq!(text(&around("(memory 400)", 2)), Err(no_functions()));
    assert_eq!(text(&around("(memory 400)", 3)), Err(LinkError::Start(Stop::Memory)));
    assert_eq!(text(&around("(memory 1)", 5)), Err(LinkError::TooMany("memories", 5, 4)));
    assert_eq!(text(&around("(table 200001 funcref)", 1)), Err(LinkError::Start(Stop::Table)));
    assert_eq!(text(&around("(table 90000 funcref)", 3)), Err(LinkError::Start(Stop::Table)));
    assert_eq!(text(&around("(table 1 funcref)", 65)), Err(LinkError::TooMany("tables", 65, 64)));
    assert!(matches!(text(&around("", 201)), Err(LinkError::TooMany(_, 201, 200))));
    // A component in the component, instantiated again and again.
    let inner = "(component $c (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)))";
    let many = "(instance (instantiate $c))".repeat(101);
    let component =
        format!("(component {inner} {many} (instance $i) (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))");
    assert_eq!(text(&component), Err(LinkError::TooMany("instances", 201, 200)));
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [vec![id], leb(body.len()), body.to_vec()].concat()
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

/// A component of these sections that exports its last instance as the interface.
fn component(sections: &[Vec<u8>], instance: usize) -> Vec<u8> {
    let name = b"plimsoll:plugin/rules@0.1.0";
    let export = [&[1, 0][..], &leb(name.len()), name, &[5], &leb(instance), &[0]].concat();
    [b"\0asm\x0d\0\x01\0".to_vec(), sections.concat(), section(11, &export)].concat()
}

/// Instances in instances, types in types: deep, and dropped again without a stack as deep.
#[test]
fn depth_is_no_recursion() {
    let depth = 100_000;
    let mut instances = leb(depth);
    instances.extend([1, 0]);
    for index in 0..depth - 1 {
        instances.extend([1, 1, 0, 1, b'a', 5]);
        instances.extend(leb(index));
    }
    assert_eq!(planned(&component(&[section(5, &instances)], depth - 1)), Err(no_functions()));

    // `list<…>` of the type before, starting with `list<u32>`; then a function that gives the last.
    let mut types = leb(depth);
    types.extend([0x70, 0x79]);
    for index in 0..depth - 2 {
        types.push(0x70);
        types.extend(signed(index));
    }
    types.extend([0x40, 0, 0]);
    types.extend(signed(depth - 2));
    let bytes = component(&[section(7, &types), section(5, &[1, 1, 0])], 0);
    assert!(matches!(planned(&bytes), Err(LinkError::Shape(_) | LinkError::TooMany(..))), "{:?}", planned(&bytes));
}

/// A signed number that is none below zero.
fn signed(value: usize) -> Vec<u8> {
    let mut out = leb(value);
    if out.last().is_some_and(|byte| byte & 0x40 != 0) {
        let last = out.len() - 1;
        out[last] |= 0x80;
        out.push(0);
    }
    out
}

/// The same names asked for again and again: bounded by items, not by patience.
#[test]
fn work_is_counted() {
    let bounds = Bounds { items: 1_000, ..Bounds::default() };
    let bytes = wat::parse_str(around("", 150)).unwrap();
    let few = plan(&bytes, &Limits::default(), &bounds);
    assert_eq!(few, Err(no_functions()));
    let nested = "(component $c (type u32) (type u32) (type u32) (type u32))";
    let component = format!(
        "(component {nested} {} (instance $i) (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))",
        "(instance (instantiate $c))".repeat(300)
    );
    let bytes = wat::parse_str(component).unwrap();
    assert!(matches!(plan(&bytes, &Limits::default(), &bounds), Err(LinkError::TooMany("definitions", _, 1_000))));
}

/// A component inside of it may take types, modules and components from around it.
#[test]
fn what_is_around_may_be_named() {
    let component = "(component
        (core module $m (memory 1))
        (component $inner (core instance (instantiate $m)))
        (component $c
          (alias outer 1 $inner (component $other))
          (alias outer 1 $m (core module $n))
          (core instance (instantiate $n))
          (instance (instantiate $other)))
        (instance (instantiate $c))
        (instance $i) (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))";
    // That both are instantiated shows in what they take together.
    assert_eq!(text(component), Err(no_functions()));
    assert_eq!(text(&component.replace("(memory 1)", "(memory 600)")), Err(LinkError::Start(Stop::Memory)));
}

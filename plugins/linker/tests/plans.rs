//! Plans of real components, and of damaged ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use plimsoll_plugin_linker::{Core, Imports, Limits, LinkError, Plan, plan};
use std::path::Path;
use std::sync::OnceLock;

/// The example plug-in's component.
fn example() -> &'static [u8] {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("linker-{}.wasm", std::process::id()));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/base-image-allowlist");
        plimsoll::plugin::build::build(&folder, &out).unwrap();
        std::fs::read(out).unwrap()
    })
}

/// Whether every reference of a plan leads to an earlier step.
fn holds_together(plan: &Plan) -> bool {
    let core = |core: &Core, before: usize| match core {
        Core::Export { instance, .. } => *instance < before,
        Core::Refused => true,
    };
    let steps = plan.steps.iter().enumerate().all(|(index, step)| {
        step.module < plan.modules.len()
            && step.imports.iter().all(|(_, imports)| match imports {
                Imports::Instance(instance) => *instance < index,
                Imports::Items(items) => items.iter().all(|(_, item)| core(item, index)),
            })
    });
    let end = plan.steps.len();
    let functions = [&plan.describe, &plan.check];
    steps
        && functions.iter().all(|one| {
            [Some(&one.function), one.memory.as_ref(), one.realloc.as_ref(), one.post_return.as_ref()]
                .into_iter()
                .flatten()
                .all(|item| core(item, end))
        })
}

#[test]
fn the_example_is_one_module() {
    let plan = plan(example(), &Limits::default()).unwrap();
    assert_eq!((plan.modules.len(), plan.steps.len(), plan.steps[0].imports.len()), (1, 1, 0));
    assert!(holds_together(&plan));
    assert!(matches!(&plan.check.function, Core::Export { instance: 0, name } if name.ends_with("#check")));
    assert!(plan.check.memory.is_some() && plan.check.realloc.is_some() && plan.check.post_return.is_some());
    let two_pages = Limits { memory_pages: 2, ..Limits::default() };
    assert_eq!(plimsoll_plugin_linker::plan(example(), &two_pages), Err(LinkError::TooMuch("memory")));
    let small = Limits { file_bytes: 1000, ..Limits::default() };
    assert!(matches!(plimsoll_plugin_linker::plan(example(), &small), Err(LinkError::TooLarge(_))));
}

#[test]
fn what_is_no_plug_in_is_refused() {
    let refused = |bytes: &[u8]| plan(bytes, &Limits::default()).unwrap_err();
    assert_eq!(refused(b""), LinkError::NotWasm);
    assert_eq!(refused(b"\0asm\x01\0\0\0"), LinkError::CoreModule);
    assert_eq!(refused(b"\0asm\x0d\0\x01\0"), LinkError::NoInterface);
    // (component (import "f" (func)))
    let import = b"\0asm\x0d\0\x01\0\x07\x05\x01\x40\0\x01\0\x0a\x06\x01\0\x01f\x01\0";
    assert_eq!(refused(import), LinkError::Imports(vec!["f".to_owned()]));
    for end in (0..example().len()).step_by(997) {
        plan(&example()[..end], &Limits::default()).unwrap_err();
    }
    assert!(LinkError::Version("0.0.1".to_owned()).to_string().ends_with("the plug-in is too old"));
    assert!(LinkError::Version("2.0.0".to_owned()).to_string().ends_with("this page is too old"));
}

/// Bytes changed at random: a plan that holds together, or an error, never a panic.
#[test]
fn damaged_components_do_no_harm() {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let limits = Limits { items: 20_000, ..Limits::default() };
    // The code is one large module that is only copied: most changes go where the structure is, at both ends.
    let length = example().len();
    for _ in 0..2_000 {
        let mut bytes = example().to_vec();
        for _ in 0..=random(4) {
            let at = match random(4) {
                0 => random(length),
                1 => random(4_000),
                _ => length - 1 - random(6_000),
            };
            bytes[at] = u8::try_from(random(256)).unwrap();
        }
        if random(4) == 0 {
            bytes.truncate(random(length));
        }
        if let Ok(plan) = plan(&bytes, &limits) {
            assert!(holds_together(&plan));
        }
    }
}

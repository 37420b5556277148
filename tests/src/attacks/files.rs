//! Files that are no plug-in.

use super::{Attack, Expect::Refused, Group, attack};
use crate::guests::Guest;

pub(super) fn group() -> Group {
    Group {
        title: "Files that are no plug-in",
        promise: "They are refused before anything of them is compiled.",
        attacks: vec![
            attack("empty-file", "is empty", Refused("not-wasm"), Vec::new),
            attack("garbage", "is no WebAssembly", Refused("not-wasm"), || b"not wasm at all".to_vec()),
            attack("text-format", "is a component written as text", Refused("not-wasm"), || b"(component)".to_vec()),
            attack("truncated", "ends in the middle", Refused("malformed"), || {
                let whole = Guest::new("truncated").component();
                whole[..whole.len() / 2].to_vec()
            }),
            attack("trailing", "goes on behind its end", Refused("malformed"), || {
                let mut bytes = Guest::new("trailing").component();
                bytes.extend(b"\xff\xff\xff\xff\x7f");
                bytes
            }),
            attack("core-module", "is a module, not a component", Refused("core-module"), || {
                Guest::new("core-module").module()
            }),
            attack("empty-component", "exports nothing", Refused("no-interface"), || {
                wat::parse_str("(component)").unwrap()
            }),
            attack("wasi", "imports an interface of WASI and a function", Refused("imports"), || {
                wat::parse_str("(component (import \"wasi:cli/environment@0.2.0\" (instance)) (import \"f\" (func)))")
                    .unwrap()
            }),
            attack("older", "exports an older version of the interface", Refused("interface-version"), || {
                Guest::new("older").interface("plugin@0.1.0", "plugin@0.0.9").component()
            }),
            attack("newer", "exports a newer version of the interface", Refused("interface-version"), || {
                Guest::new("newer").interface("plugin@0.1.0", "plugin@0.2.0").component()
            }),
            too_large(),
        ],
    }
}

fn too_large() -> Attack {
    attack("too-large", "is larger than 32 MiB", Refused("file-too-large"), || {
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        bytes.resize((32 << 20) + 1, 0);
        bytes
    })
}

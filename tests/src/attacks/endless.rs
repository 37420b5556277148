//! What does not end.

use super::{Expect::Refused, Group, attack};
use crate::guests::Guest;

const ENDLESS: &str = "(loop $again (br $again))";

pub(super) fn group() -> Group {
    Group {
        title: "What does not end",
        promise: "Fuel ends it in the terminal, at the same instruction on every machine; the page ends the worker.",
        attacks: vec![
            attack("endless-check", "loops when it is asked to check", Refused("fuel"), || {
                Guest::new("endless-check").checking(ENDLESS).component()
            })
            .in_page(Refused("time")),
            attack("endless-describe", "loops when it is asked what it is", Refused("fuel"), || {
                Guest::new("endless-describe").describing(ENDLESS).component()
            })
            .in_page(Refused("time")),
            attack("endless-start", "loops while it is set up", Refused("fuel"), || {
                Guest::new("endless-start").with(&format!("(func $s {ENDLESS}) (start $s)")).component()
            })
            .in_page(Refused("time")),
            attack("endless-room", "loops when it is asked for room for the project", Refused("fuel"), || {
                Guest::new("endless-room").allocating(ENDLESS).component()
            })
            .in_page(Refused("time")),
            attack("endless-goodbye", "loops when its result has been read", Refused("fuel"), || {
                let post = "plimsoll:plugin/rules@0.1.0#check";
                Guest::new("endless-goodbye")
                    .with(&format!("(func (export \"cabi_post_{post}\") (param i32) {ENDLESS})"))
                    .component()
            })
            .in_page(Refused("time")),
            attack("filling", "fills all its memory again and again", Refused("fuel"), || {
                Guest::new("filling")
                    .checking(
                        "(drop (memory.grow (i32.const 1000)))
                         (loop $again (memory.fill (i32.const 65536) (i32.const 0) (i32.const 65536000)) (br $again))",
                    )
                    .component()
            })
            .in_page(Refused("time")),
            attack("recursion", "calls itself without end", Refused("stack"), || {
                Guest::new("recursion")
                    .with("(func $r (param i32) (result i32) (i32.add (call $r (local.get 0)) (i32.const 1)))")
                    .checking("(drop (call $r (i32.const 0)))")
                    .component()
            }),
            attack("panic", "gives up", Refused("panic"), || Guest::new("panic").checking("unreachable").component()),
            attack("division", "divides by zero", Refused("trap"), || {
                Guest::new("division").checking("(drop (i32.div_u (i32.const 1) (i32.const 0)))").component()
            }),
        ],
    }
}

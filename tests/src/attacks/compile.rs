//! Files that are small and take long to compile.

use super::{Expect::Refused, Group, attack};
use crate::guests::Guest;

fn function(locals: usize, blocks: usize) -> String {
    format!("(func (local {}) {})", "i64 ".repeat(locals), "(block (nop))".repeat(blocks))
}

pub(super) fn group() -> Group {
    Group {
        title: "Compile bombs",
        promise: "The cost of compiling is counted before anything is compiled; what that does not foresee ends with the process \
                  that compiles, which has 2 GiB and two minutes.",
        attacks: vec![
            attack(
                "locals-and-blocks",
                "has a function of a thousand locals and forty thousand blocks",
                Refused("compile-cost"),
                || Guest::new("locals-and-blocks").with(&function(1_000, 40_000)).component(),
            ),
            attack(
                "nested-loops",
                "has nine hundred loops inside each other and five hundred locals",
                Refused("compile-cost"),
                || {
                    let body = format!("{}{}", "(loop ".repeat(900), ")".repeat(900));
                    Guest::new("nested-loops")
                        .with(&format!("(func (local {}) {body}{body})", "i64 ".repeat(500)))
                        .component()
                },
            ),
            attack("many-costly", "has forty functions just below the limit of one", Refused("compile-cost"), || {
                Guest::new("many-costly").with(&function(1_000, 440).repeat(40)).component()
            }),
        ],
    }
}

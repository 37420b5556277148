//! What takes more than there is for it.

use super::{
    Expect::{Refused, Taken},
    Group, attack,
};
use crate::guests::{Guest, Place, rule};
use std::fmt::Write as _;

pub(super) fn group() -> Group {
    Group {
        title: "What takes too much",
        promise: "Memory, tables, instances and what is read of an answer are counted while they grow.",
        attacks: vec![
            attack("memory-bomb", "grows its memory without end", Refused("memory"), || {
                Guest::new("memory-bomb")
                    .checking(
                        "(loop $more (if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable)) (br $more))",
                    )
                    .component()
            }),
            attack("memory-from-the-start", "wants 3 GiB of memory from the start", Refused("memory"), || {
                Guest::new("memory-from-the-start").memory("(memory $m (export \"memory\") 49152)").component()
            }),
            attack("table-bomb", "grows a table without end", Refused("table"), || {
                Guest::new("table-bomb")
                    .with("(table $t 1 funcref)")
                    .checking(
                        "(loop $more (if (i32.eq (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1)) (then unreachable)) \
                         (br $more))",
                    )
                    .component()
            })
            .in_page(Refused("panic")),
            attack("table-from-the-start", "wants a table of ten million elements", Refused("table"), || {
                Guest::new("table-from-the-start").with("(table $t 10000000 funcref)").component()
            }),
            attack("instances", "instantiates one module five hundred times", Refused("too-many-parts"), || {
                let mut text = "(component (core module $m)".to_owned();
                for _ in 0..500 {
                    text.push_str("(core instance (instantiate $m))");
                }
                text.push_str("(instance $i) (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))");
                wat::parse_str(text).unwrap()
            }),
            attack("nesting", "holds a component in a component, fifty deep", Refused("too-many-parts"), || {
                let inner = format!("{}{}", "(component ".repeat(50), ")".repeat(50));
                wat::parse_str(format!("(component {inner} (instance $i) (export \"plimsoll:plugin/rules@0.1.0\" (instance $i)))"))
                    .unwrap()
            }),
            attack("one-string-a-million-times", "gives a million findings that share one long text", Refused("result-size"), || {
                Guest::new("one-string-a-million-times")
                    .saying(|finding| finding.message = "x".repeat(50_000))
                    .checking(COPIES)
                    .component()
            }),
            attack("endless-list", "says that it gives four billion findings", Refused("value"), || {
                Guest::new("endless-list").poke(Place::Answer, 8, &u32::MAX.to_le_bytes()).component()
            }),
            attack("ten-thousand", "gives as many findings as it may", Taken(10_000), || {
                Guest::new("ten-thousand").times(10_000).component()
            }),
            attack("ten-thousand-and-one", "gives one finding more than it may", Refused("refused"), || {
                Guest::new("ten-thousand-and-one").times(10_001).component()
            }),
            attack("many-rules", "declares a thousand and one rules", Refused("refused"), || {
                Guest::new("many-rules")
                    .being(|metadata| metadata.rules = (0..1_001).map(|index| rule(&format!("many-{index}"))).collect())
                    .component()
            }),
            attack("long-description", "describes itself with a megabyte", Refused("result-size"), || {
                Guest::new("long-description").being(|metadata| metadata.description = "x".repeat(1 << 20)).component()
            }),
            attack("many-functions", "holds two hundred thousand functions", Refused("too-many-parts"), || {
                Guest::new("many-functions")
                    .with(&(0..200_000).fold(String::new(), |mut text, _| {
                        let _ = write!(text, "(func)");
                        text
                    }))
                    .component()
            }),
        ],
    }
}

/// Makes a million copies of the first finding behind the free memory, and says they are the answer.
const COPIES: &str = "
    (drop (memory.grow (i32.const 900)))
    (local.set 0 (i32.const 0))
    (loop $copy
      (memory.copy (i32.add (i32.const 131072) (i32.mul (local.get 0) (i32.const 56))) (i32.const @finding) (i32.const 56))
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (br_if $copy (i32.lt_u (local.get 0) (i32.const 1000000))))
    (i32.store (i32.add (i32.const @answer) (i32.const 4)) (i32.const 131072))
    (i32.store (i32.add (i32.const @answer) (i32.const 8)) (i32.const 1000000))";

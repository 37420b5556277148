//! Bytes changed, cut, copied and put in at random: a plan that holds together, or an error; never a panic, never much time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test; other tests use the rest")]

mod fuzzed;

use plimsoll_tests::guests::Guest;
use std::time::{Duration, Instant};

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        // Small numbers are indices and counts, large ones the ends of ranges.
        match self.below(4) {
            0 => u8::try_from(self.below(256)).unwrap(),
            1 => [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
            _ => u8::try_from(self.below(24)).unwrap(),
        }
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        // The first eight bytes decide whether it is looked at.
        if bytes.len() < 10 {
            return;
        }
        let at = 8 + self.below(bytes.len() - 8);
        match self.below(16) {
            0 => bytes.truncate(at.max(9)),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, self.byte()),
            3 => {
                let end = (at + self.below(64)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = 8 + self.below(bytes.len() - 8);
                bytes.splice(to..to, copy);
            }
            4 => bytes[at] ^= 1 << self.below(8),
            _ => bytes[at] = self.byte(),
        }
    }
}

fn mutants(bytes: &[u8], count: usize, target: fn(&[u8])) {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut longest = Duration::ZERO;
    for _ in 0..count {
        let mut mutant = bytes.to_vec();
        for _ in 0..=random.below(4) {
            random.damage(&mut mutant);
        }
        let start = Instant::now();
        target(&mutant);
        longest = longest.max(start.elapsed());
    }
    // Milliseconds; this only fails when something grows that should not.
    assert!(longest < Duration::from_secs(5), "{longest:?}");
}

#[test]
fn components() {
    let plain = Guest::new("guest").component();
    mutants(&plain, 6_000, fuzzed::linker);
    let more =
        Guest::new("guest").with("(table 3 funcref) (func $f (param i32) (loop (br_if 0 (local.get 0))))").component();
    mutants(&more, 2_000, fuzzed::linker);
}

/// Components in components, with aliases between them.
#[test]
fn nested_components() {
    let nested = "(component
        (core module $m (memory (export \"m\") 1) (func (export \"f\")))
        (type $t (record (field \"a\" u32)))
        (component $c
          (import \"t\" (type $t (eq 0)))
          (alias outer 1 $m (core module $n))
          (core instance $i (instantiate $n))
          (alias core export $i \"f\" (core func $f))
          (type $ft (func))
          (func $g (type $ft) (canon lift (core func $f)))
          (export \"g\" (func $g)))
        (instance $one (instantiate $c (with \"t\" (type $t))))
        (instance $two (export \"one\" (instance $one)))
        (export \"plimsoll:plugin/rules@0.1.0\" (instance $one)))";
    // Not valid in every point, which does not matter to bytes that are changed anyway.
    let Ok(bytes) = wat::parse_str(nested.replace("(import \"t\" (type $t (eq 0)))", "")) else {
        panic!("the text is no component")
    };
    mutants(&bytes, 6_000, fuzzed::linker);
}

#[test]
fn values() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/fuzz/seeds/canonical");
    for seed in std::fs::read_dir(seeds).unwrap() {
        mutants(&std::fs::read(seed.unwrap().path()).unwrap(), 4_000, fuzzed::canonical);
    }
}

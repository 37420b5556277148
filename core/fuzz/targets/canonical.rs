#![no_main]

#[path = "../../../plugins/linker/tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::canonical(data));

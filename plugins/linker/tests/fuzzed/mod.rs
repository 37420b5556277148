//! What the fuzz targets `linker` and `canonical` do with their bytes. `cargo test` runs every seed through the same code.
//!
//! What has to hold for any input: no panic, no work without bound, a plan only refers to what is there and its modules are capped, and
//! nothing is read or written outside of a guest's memory.
#![allow(dead_code, reason = "each of its users needs a part of it")]

use plimsoll_plugin_abi::{Document, Entity, Project, Property};
use plimsoll_plugin_linker::canonical::{self, Guest};
use plimsoll_plugin_linker::{Bounds, Core, Imports, Limits, PAGE_BYTES, Plan, Stop, plan};
use wasmparser::{Parser, Payload};

/// Plans a component.
pub fn linker(data: &[u8]) {
    // Fewer than a plug-in may have, so that a run is short.
    let bounds = Bounds { items: 20_000, ..Bounds::default() };
    let limits = Limits::default();
    match plan(data, &limits, &bounds) {
        Ok(plan) => check_plan(&plan, &limits),
        Err(error) => {
            assert!(!error.code().is_empty() && !error.help().is_empty());
            assert!(error.to_string().chars().count() < 1_000, "{error}");
        }
    }
}

/// Whether every reference of a plan leads to an earlier step, and every memory and table has a maximum.
pub fn check_plan(plan: &Plan, limits: &Limits) {
    let core = |core: &Core, before: usize| match core {
        Core::Export { instance, .. } => assert!(*instance < before),
        Core::Refused => {}
    };
    for (index, step) in plan.steps.iter().enumerate() {
        assert!(step.module < plan.modules.len());
        for (_, imports) in &step.imports {
            match imports {
                Imports::Instance(instance) => assert!(*instance < index),
                Imports::Items(items) => items.iter().for_each(|(_, item)| core(item, index)),
            }
        }
    }
    for function in [&plan.describe, &plan.check] {
        core(&function.function, plan.steps.len());
        core(&function.memory, plan.steps.len());
        for item in [&function.realloc, &function.post_return].into_iter().flatten() {
            core(item, plan.steps.len());
        }
    }
    plan.modules.iter().for_each(|module| check_module(module, limits));
}

fn check_module(module: &[u8], limits: &Limits) {
    for payload in Parser::new(0).parse_all(module) {
        // What else is wrong with a module is the browser's to say.
        match payload {
            Ok(Payload::MemorySection(memories)) => {
                for memory in memories.into_iter().map_while(Result::ok) {
                    assert!(memory.maximum.is_some_and(|pages| pages <= limits.memory_bytes / PAGE_BYTES));
                }
            }
            Ok(Payload::TableSection(tables)) => {
                for table in tables.into_iter().map_while(Result::ok) {
                    assert!(table.ty.maximum.is_some_and(|elements| elements <= limits.table_elements));
                }
            }
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// Reads values out of a guest whose memory and answers are the bytes: address of the result, four bytes that say how it lies about the
/// room it makes, one that says what is called; then its memory.
pub fn canonical(data: &[u8]) {
    let Some((header, memory)) = data.split_at_checked(9) else { return };
    let result = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
    let lies = [header[4], header[5], header[6], header[7]];
    let mut guest = Liar { memory: memory.to_vec(), result, lies, asked: 0 };
    // As much as is read anyway: a list may be the same bytes again and again.
    let budget = 1 << 16;
    let stop = if header[8] % 2 == 0 {
        canonical::describe(&mut guest, budget).err()
    } else {
        canonical::check(&mut guest, &project(), "{}", budget).err()
    };
    if let Some(stop) = stop {
        assert!(!stop.code().is_empty() && stop.to_string().chars().count() < 400, "{stop}");
    }
}

struct Liar {
    memory: Vec<u8>,
    result: u32,
    lies: [u8; 4],
    asked: usize,
}

impl Guest for Liar {
    fn call(&mut self, _: &[u32]) -> Result<u32, Stop> {
        Ok(self.result)
    }

    fn finish(&mut self, _: u32) -> Result<(), Stop> {
        Ok(())
    }

    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, Stop> {
        let lie = self.lies[self.asked % 4];
        self.asked += 1;
        match lie {
            0 => {
                let at = self.memory.len().next_multiple_of(align as usize);
                self.memory.resize(at + size as usize, 0);
                Ok(u32::try_from(at).unwrap_or(u32::MAX))
            }
            0xff => Err(Stop::Panic),
            lie => Ok(u32::from(lie) << (lie % 24)),
        }
    }

    fn size(&mut self) -> u64 {
        self.memory.len() as u64
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        let place = self.memory.get_mut(at as usize..at as usize + bytes.len());
        place.expect("written inside of the memory").copy_from_slice(bytes);
    }

    fn read(&mut self, at: u32, length: u32) -> Vec<u8> {
        let place = self.memory.get(at as usize..at as usize + length as usize);
        place.expect("read inside of the memory").to_vec()
    }
}

fn project() -> Project {
    let property = Property { key: "today".to_owned(), value: "2026-11-24".to_owned(), origin: None };
    Project {
        documents: vec![Document {
            path: "Dockerfile".to_owned(),
            kind: "dockerfile".to_owned(),
            text: "FROM php:8.4\n".to_owned(),
            nodes: Vec::new(),
            properties: Vec::new(),
        }],
        entities: vec![Entity {
            kind: "view".to_owned(),
            name: String::new(),
            origin: None,
            properties: vec![property.clone()],
        }],
        relations: Vec::new(),
        properties: vec![property],
    }
}

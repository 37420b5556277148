//! The analysis as a bare WebAssembly module: the host writes files into memory and reads reports out of it.
//!
//! Both ways it is a list of chunks, each with its length before it (four bytes, little-endian). In: the day, the
//! advisories (none when empty), `all` or `map`, then a path and a content for each file. Out: the report as JSON, then as SARIF, then
//! the document of the map, with breaches, plans and boundary sheets for `all`, then the answers of the inventory. No glue is
//! generated, so that what runs is the analysis alone.
#![allow(unsafe_code, reason = "a function that a host calls by name needs its name kept, which counts as unsafe")]

use plimsoll_core::facts::Facts;
use plimsoll_core::facts::advisories::Pack;
use plimsoll_core::project::Project;
use plimsoll_core::report::stack::{self, Wanted};
use plimsoll_core::report::{answers, json, sarif};
use plimsoll_core::{Date, Sources, engine};
use std::sync::{Mutex, PoisonError};

/// What the host writes before a call, and what it reads after one.
static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Makes room for the next input; where it begins.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *const u8 {
    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    *buffer = vec![0; bytes];
    buffer.as_ptr()
}

/// Analyses the input; where the reports begin.
#[unsafe(no_mangle)]
pub extern "C" fn analyse() -> *const u8 {
    let mut buffer = BUFFER.lock().unwrap_or_else(PoisonError::into_inner);
    *buffer = reports(&buffer);
    buffer.as_ptr()
}

/// How long the reports are.
#[unsafe(no_mangle)]
pub extern "C" fn length() -> usize {
    BUFFER.lock().unwrap_or_else(PoisonError::into_inner).len()
}

fn reports(input: &[u8]) -> Vec<u8> {
    let mut rest = input;
    let mut next = || {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (chunk, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = behind;
        Some(chunk)
    };
    let today = next().and_then(|day| Date::parse(std::str::from_utf8(day).ok()?));
    let mut facts = Facts::default();
    if let Some(pack) = next().and_then(|text| Pack::parse(std::str::from_utf8(text).ok()?).ok()) {
        facts = facts.with_advisories(pack);
    }
    let wanted = match next() {
        Some(b"all") => Wanted { view: None, breach: vec!["*".to_owned()], plan: true, boundaries: true },
        _ => Wanted::default(),
    };
    let mut sources = Sources::new();
    while let (Some(path), Some(content)) = (next(), next()) {
        sources.add_bytes(&String::from_utf8_lossy(path), content);
    }
    let Some(today) = today else { return Vec::new() };
    let project = Project::with_facts(&sources, today, &facts);
    let report = engine::report(&project, Vec::new());
    let texts = [
        json::render(&report, &sources),
        sarif::render(&json::wire(&report, &sources)),
        serde_json::to_string(&stack::wire(&project, &wanted)).unwrap_or_default(),
        serde_json::to_string(&answers::answer(&project)).unwrap_or_default(),
    ];
    let mut out = Vec::new();
    for text in texts {
        out.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(text.as_bytes());
    }
    out
}

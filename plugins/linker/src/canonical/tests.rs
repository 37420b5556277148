//! Round trips, and guests that lie.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use super::*;

/// A guest that is nothing but memory; what it answers is put there before.
struct Flat {
    memory: Vec<u8>,
    /// Where the result is.
    result: u32,
    /// What the function was called with.
    arguments: Vec<u32>,
    /// Every size it was asked to make room for.
    asked: Vec<u32>,
    finished: bool,
    /// What it does with an address before it gives it.
    shift: fn(u32) -> u32,
}

impl Flat {
    fn new() -> Self {
        let memory = vec![0; 16];
        Self { memory, result: 0, arguments: Vec::new(), asked: Vec::new(), finished: false, shift: |at| at }
    }

    /// A guest that answers with a value.
    fn answering<T: Canonical>(value: &T) -> Self {
        let mut flat = Self::new();
        flat.put(value);
        flat
    }

    fn put<T: Canonical>(&mut self, value: &T) {
        let mut heap = Heap { guest: self, budget: 0 };
        let at = heap.allocate(T::ALIGN, T::SIZE).unwrap();
        let mut bytes = vec![0; T::SIZE as usize];
        value.store(&mut heap, &mut bytes).unwrap();
        self.write(at, &bytes);
        self.result = at;
    }

    /// A guest that answers `check` with findings, or with an error.
    fn saying<T: Canonical>(which: u8, value: &T) -> Self {
        let mut flat = Self::answering(value);
        let inner = flat.read(flat.result, T::SIZE);
        let at = flat.allocate(4, 16).unwrap();
        flat.write(at, &[which, 0, 0, 0]);
        flat.write(at + 4, &inner);
        flat.result = at;
        flat
    }
}

impl Guest for Flat {
    fn call(&mut self, arguments: &[u32]) -> Result<u32, Stop> {
        self.arguments = arguments.to_vec();
        Ok(self.result)
    }

    fn finish(&mut self, result: u32) -> Result<(), Stop> {
        assert_eq!(result, self.result);
        self.finished = true;
        Ok(())
    }

    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, Stop> {
        self.asked.push(size);
        let at = aligned(u32::try_from(self.memory.len()).unwrap(), align);
        self.memory.resize((at + size) as usize, 0xaa);
        Ok((self.shift)(at))
    }

    fn size(&mut self) -> u64 {
        self.memory.len() as u64
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        self.memory[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
    }

    fn read(&mut self, at: u32, length: u32) -> Vec<u8> {
        self.memory[at as usize..(at + length) as usize].to_vec()
    }
}

const LOCATION: abi::Location = abi::Location { document: 1, span: abi::Span { start: 2, end: 3 } };

fn property(value: &str) -> abi::Property {
    abi::Property { key: "k".to_owned(), value: value.to_owned(), origin: Some(LOCATION) }
}

fn finding(rule: &str) -> abi::Finding {
    abi::Finding {
        rule: rule.to_owned(),
        location: LOCATION,
        message: "ü".to_owned(),
        severity: Some(abi::Severity::High),
        confidence: None,
        related: vec![abi::Related { location: LOCATION, message: String::new() }],
        fixes: vec![abi::Fix {
            title: "t".to_owned(),
            safety: abi::FixSafety::Suggested,
            edits: vec![abi::Edit { location: LOCATION, replacement: "x".to_owned() }],
        }],
        properties: vec![property("a"), property("b")],
    }
}

fn metadata() -> abi::Metadata {
    let rule = abi::Rule {
        id: "id".to_owned(),
        title: "t".to_owned(),
        description: String::new(),
        severity: abi::Severity::Critical,
        kinds: vec!["compose".to_owned()],
        tags: Vec::new(),
        help_url: Some("https://example.org".to_owned()),
        properties: Vec::new(),
    };
    abi::Metadata {
        name: "n".to_owned(),
        version: "1".to_owned(),
        description: "d".to_owned(),
        license: "MIT".to_owned(),
        rules: vec![rule],
        settings_schema: None,
        properties: vec![property("p")],
    }
}

fn project() -> abi::Project {
    let node = abi::Node {
        parent: 0,
        kind: abi::NodeKind::Comment,
        key: String::new(),
        value: "# ü".to_owned(),
        span: LOCATION.span,
        value_span: LOCATION.span,
    };
    abi::Project {
        documents: vec![abi::Document {
            path: "Dockerfile".to_owned(),
            kind: "dockerfile".to_owned(),
            text: "# ü".to_owned(),
            nodes: vec![node],
            properties: Vec::new(),
        }],
        entities: vec![abi::Entity {
            kind: "view".to_owned(),
            name: String::new(),
            origin: None,
            properties: vec![property("v")],
        }],
        relations: vec![abi::Relation {
            kind: "needs".to_owned(),
            source: 0,
            target: 0,
            origin: Some(LOCATION),
            properties: Vec::new(),
        }],
        properties: vec![property("today")],
    }
}

#[test]
fn what_is_said_is_read() {
    let mut guest = Flat::answering(&metadata());
    assert_eq!(describe(&mut guest, 1 << 20).unwrap(), metadata());
    assert!(guest.finished && guest.arguments.is_empty());

    let findings = vec![finding("a"), finding("b")];
    let mut guest = Flat::saying(0, &findings);
    assert_eq!(check(&mut guest, &project(), "{}", 1 << 20).unwrap(), Ok(findings));
    assert!(guest.finished && guest.arguments.len() == 10);

    let error = abi::Error { kind: abi::ErrorKind::Settings, message: "no".to_owned() };
    let mut guest = Flat::saying(1, &error);
    assert_eq!(check(&mut guest, &project(), "{}", 1 << 20).unwrap(), Err(error));
    let mut guest = Flat::saying(2, &vec![finding("a")]);
    assert!(matches!(check(&mut guest, &project(), "{}", 1 << 20), Err(Stop::Value(_))));
}

#[test]
fn what_is_given_arrives() {
    let mut guest = Flat::saying(0, &Vec::<abi::Finding>::new());
    check(&mut guest, &project(), "{\"a\": 1}", 0).unwrap().unwrap();
    let given = guest.arguments.clone();
    let mut heap = Heap { guest: &mut guest, budget: 1 << 20 };
    let bytes: Vec<u8> = given.iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(abi::Project::load(&mut heap, &bytes[..32]).unwrap(), project());
    assert_eq!(String::load(&mut heap, &bytes[32..]).unwrap(), "{\"a\": 1}");
    // Even for what is empty.
    assert!(guest.asked.contains(&0));
}

#[test]
fn a_place_that_is_not_fit_is_not_used() {
    let stopped = |shift: fn(u32) -> u32| {
        let mut guest = Flat { shift, ..Flat::saying(0, &Vec::<abi::Finding>::new()) };
        check(&mut guest, &project(), "{}", 1 << 20).unwrap_err()
    };
    assert!(matches!(stopped(|at| at + 2), Stop::Value(reason) if reason.contains("aligned")));
    assert!(matches!(stopped(|_| u32::MAX - 3), Stop::Value(reason) if reason.contains("outside")));
    assert!(matches!(stopped(|at| at + 4096), Stop::Value(reason) if reason.contains("outside")));
    let mut guest = Flat { result: 17, ..Flat::saying(0, &vec![finding("a")]) };
    assert!(matches!(check(&mut guest, &project(), "{}", 1 << 20), Err(Stop::Value(_))));
    let mut guest = Flat { result: u32::MAX - 3, ..Flat::saying(0, &vec![finding("a")]) };
    assert!(matches!(check(&mut guest, &project(), "{}", 1 << 20), Err(Stop::Value(_))));
}

/// A list of `length` elements at `at`, as `check` would answer with it.
fn list(at: u32, length: u32) -> Flat {
    let mut guest = Flat::saying(0, &vec![finding("a")]);
    let pair = guest.result as usize + 4;
    guest.memory[pair..pair + 4].copy_from_slice(&at.to_le_bytes());
    guest.memory[pair + 4..pair + 8].copy_from_slice(&length.to_le_bytes());
    guest
}

#[test]
fn lists_that_cannot_be() {
    let empty = abi::Project { documents: vec![], entities: vec![], relations: vec![], properties: vec![] };
    let said = |mut guest: Flat, budget: u64| check(&mut guest, &empty, "", budget);
    assert!(matches!(said(list(0, u32::MAX), 1 << 30), Err(Stop::Value(_))));
    assert!(matches!(said(list(u32::MAX, 1), 1 << 30), Err(Stop::Value(_))));
    // The product of length and size is larger than 32 bits.
    assert!(matches!(said(list(0, 0x1000_0001), 1 << 30), Err(Stop::Value(_))));
    assert!(matches!(said(list(2, 1), 1 << 30), Err(Stop::Value(reason)) if reason.contains("aligned")));
    // No elements are nowhere, but not outside.
    assert_eq!(said(list(0, 0), 0), Ok(Ok(vec![])));
    assert!(matches!(said(list(1 << 20, 0), 0), Err(Stop::Value(_))));
}

/// Every element is the same bytes: they are counted each time.
#[test]
fn what_is_shared_is_counted_each_time() {
    let text = "x".repeat(100_000);
    let mut guest = Flat::answering(&vec![finding(&text)]);
    let one = u32::from_le_bytes(guest.memory[guest.result as usize..][..4].try_into().unwrap());
    let element = guest.read(one, abi::Finding::SIZE);
    let at = guest.allocate(4, abi::Finding::SIZE * 1000).unwrap();
    for index in 0..1000 {
        guest.write(at + index * abi::Finding::SIZE, &element);
    }
    let result = guest.allocate(4, 16).unwrap();
    guest.write(result, &[0u32, at, 1000].map(u32::to_le_bytes).concat());
    guest.result = result;
    assert_eq!(check(&mut guest, &project(), "{}", 16 << 20), Err(Stop::Result));
    assert!(!guest.finished);
}

#[test]
fn the_budget_is_what_the_host_counts() {
    // A list of one finding, its three texts, and everything in its lists, at the sizes of the terminal's host.
    let findings = vec![finding("rule")];
    let texts = ["rule", "ü", "", "t", "x", "k", "a", "k", "b"].iter().map(|text| text.len()).sum::<usize>();
    let lists = size_of::<abi::Finding>()
        + size_of::<abi::Related>()
        + size_of::<abi::Fix>()
        + size_of::<abi::Edit>()
        + 2 * size_of::<abi::Property>();
    let cost = (texts + lists) as u64;
    assert_eq!(check(&mut Flat::saying(0, &findings), &project(), "{}", cost), Ok(Ok(findings.clone())));
    assert_eq!(check(&mut Flat::saying(0, &findings), &project(), "{}", cost - 1), Err(Stop::Result));
}

#[test]
fn texts_and_cases_that_cannot_be() {
    let mut guest = Flat::answering(&metadata());
    let name = u32::from_le_bytes(guest.memory[guest.result as usize..][..4].try_into().unwrap());
    guest.memory[name as usize] = 0xff;
    assert_eq!(describe(&mut guest, 1 << 20), Err(Stop::Text));
    // The option of the schema stands behind four texts and a list.
    let mut guest = Flat::answering(&metadata());
    let schema = guest.result as usize + 40;
    guest.memory[schema] = 2;
    assert!(matches!(describe(&mut guest, 1 << 20), Err(Stop::Value(reason)) if reason.contains("optional")));
    let mut guest = Flat::answering(&metadata());
    let rules = u32::from_le_bytes(guest.memory[guest.result as usize + 32..][..4].try_into().unwrap());
    guest.memory[rules as usize + 24] = 5;
    assert!(matches!(describe(&mut guest, 1 << 20), Err(Stop::Value(reason)) if reason.contains("Severity")));
}

/// Any byte may be wrong, and any length: an error, or another value.
#[test]
fn damage_is_no_harm() {
    let whole = Flat::saying(0, &vec![finding("a"), finding("b")]);
    let mut refused = 0;
    for index in 0..whole.memory.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut guest = Flat { memory: whole.memory.clone(), result: whole.result, ..Flat::new() };
            guest.memory[index] ^= flip;
            refused += usize::from(check(&mut guest, &project(), "{}", 1 << 20).is_err());
        }
    }
    assert!(refused > whole.memory.len() / 4, "{refused}");
    for length in 16..whole.memory.len() {
        let mut guest = Flat { memory: whole.memory[..length].to_vec(), result: whole.result, ..Flat::new() };
        let _ = check(&mut guest, &project(), "{}", 1 << 20);
    }
}

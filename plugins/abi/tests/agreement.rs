//! The WIT and the Rust types say the same: every name, every field in order, every type.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;

/// A type as a list of `field: type` or cases.
type Types = BTreeMap<String, Vec<String>>;

/// Reads the records and enums of the WIT: this text is ours, so a tiny reader is enough.
fn of_wit(text: &str) -> Types {
    let plain: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let mut types = Types::new();
    for (keyword, _) in plain.match_indices("record ").chain(plain.match_indices("enum ")) {
        let rest = &plain[keyword..];
        let (head, body) = rest.split_once('{').unwrap();
        let name = head.split_whitespace().nth(1).unwrap();
        let body = body.split_once('}').unwrap().0;
        let fields = body
            .split(',')
            .map(|field| field.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|field| !field.is_empty())
            .collect();
        assert!(types.insert(name.to_owned(), fields).is_none(), "{name} twice");
    }
    types
}

/// `ValueSpan`, `value_span` → `value-span`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '_' => out.push('-'),
            c if c.is_ascii_uppercase() && !out.is_empty() => out.extend(['-', c.to_ascii_lowercase()]),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

/// `Vec < Node >` → `list<node>`.
fn wit_type(rust: &str) -> String {
    let rust: String = rust.split_whitespace().collect();
    match rust.strip_suffix('>').and_then(|rust| rust.split_once('<')) {
        Some(("Vec", inner)) => format!("list<{}>", wit_type(inner)),
        Some(("Option", inner)) => format!("option<{}>", wit_type(inner)),
        _ => kebab(&rust),
    }
}

macro_rules! collect {
    ([$types:ident] $( $what:ident $name:ident { $($body:tt)* } )+) => {
        $( $types.insert(kebab(stringify!($name)), collect!(@ $what $($body)*)); )+
    };
    (@ record $( $field:ident : $ty:ty ),*) => {
        vec![$( format!("{}: {}", kebab(stringify!($field)), wit_type(stringify!($ty))) ),*]
    };
    (@ enumeration $( $case:ident ),*) => { vec![$( kebab(stringify!($case)) ),*] };
}

#[test]
fn types_and_wit_agree() {
    let mut ours = Types::new();
    plimsoll_plugin_abi::for_every_type! { collect, ours }
    assert_eq!(ours, of_wit(plimsoll_plugin_abi::WIT));
}

/// That the list is the types' own order and complete is checked by the compiler: every field is taken apart by name, and the
/// derived comparison of two values built from the list would miss nothing.
#[test]
fn the_list_and_the_types_agree() {
    macro_rules! take_apart {
        ([] $( $what:ident $name:ident { $($body:tt)* } )+) => { $( take_apart!(@ $what $name { $($body)* }); )+ };
        (@ record $name:ident { $( $field:ident : $ty:ty ),* }) => {
            #[allow(dead_code, reason = "that it compiles is the test")]
            const _: fn(plimsoll_plugin_abi::$name) = |value| {
                #[allow(unused_imports, reason = "some records hold none of our types")]
                use plimsoll_plugin_abi::*;
                let plimsoll_plugin_abi::$name { $($field),* } = value;
                $( let _: $ty = $field; )*
            };
        };
        (@ enumeration $name:ident { $( $case:ident ),* }) => {
            const _: fn(plimsoll_plugin_abi::$name) = |value| match value { $( plimsoll_plugin_abi::$name::$case => (), )* };
        };
    }
    plimsoll_plugin_abi::for_every_type! { take_apart }
}

#[test]
fn constants_agree() {
    use plimsoll_plugin_abi::{INTERFACE, INTERFACE_NAME, INTERFACE_VERSION, WIT, WORLD};
    assert_eq!(INTERFACE, format!("{INTERFACE_NAME}@{INTERFACE_VERSION}"));
    assert!(WIT.starts_with(&format!("package plimsoll:plugin@{INTERFACE_VERSION};")));
    assert!(WIT.contains("\ninterface rules {") && WIT.contains(&format!("\nworld {WORLD} {{")));
}

//! Whether the functions that a component exports have the types of the interface, part by part.
//!
//! The expected shape is written by [`plimsoll_plugin_abi::for_every_type!`], so that it cannot differ from the types that everyone else
//! uses. As in a component runtime, the names and order of fields and cases count, names of types and parameters do not.

use crate::types::{Type, TypeId, Types, Value};
use plimsoll_plugin_abi as abi;
use wasmparser::PrimitiveValType;

/// A type of the interface. Names are those of Rust.
enum Want {
    U32,
    Text,
    List(&'static Want),
    Option(&'static Want),
    Enum(&'static str, &'static [&'static str]),
    Record(&'static str, &'static [(&'static str, &'static Want)]),
    Result(&'static Want, &'static Want),
}

trait Wanted {
    const WANT: &'static Want;
}

impl Wanted for u32 {
    const WANT: &'static Want = &Want::U32;
}

impl Wanted for String {
    const WANT: &'static Want = &Want::Text;
}

impl<T: Wanted> Wanted for Vec<T> {
    const WANT: &'static Want = &Want::List(T::WANT);
}

impl<T: Wanted> Wanted for Option<T> {
    const WANT: &'static Want = &Want::Option(T::WANT);
}

macro_rules! wanted {
    ([] $( $what:ident $name:ident { $($body:tt)* } )+) => { $( wanted!(@ $what $name { $($body)* }); )+ };
    (@ enumeration $name:ident { $( $case:ident ),* }) => {
        impl Wanted for abi::$name {
            const WANT: &'static Want = &Want::Enum(stringify!($name), &[$( stringify!($case) ),*]);
        }
    };
    (@ record $name:ident { $( $field:ident : $ty:ty ),* }) => {
        const _: () = {
            #[allow(unused_imports, reason = "some records hold none of our types")]
            use abi::*;
            const FIELDS: &[(&str, &Want)] = &[$( (stringify!($field), <$ty as Wanted>::WANT) ),*];
            impl Wanted for abi::$name {
                const WANT: &'static Want = &Want::Record(stringify!($name), FIELDS);
            }
        };
    };
}

plimsoll_plugin_abi::for_every_type! { wanted }

/// A function of the interface.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// Parameters of the core function.
    pub(crate) flat: u32,
    parameters: &'static [&'static Want],
    result: &'static Want,
}

/// `describe: func() -> metadata`.
pub(crate) const DESCRIBE: Function =
    Function { name: "describe", flat: 0, parameters: &[], result: abi::Metadata::WANT };

/// `check: func(project: project, settings: string) -> result<list<finding>, error>`.
pub(crate) const CHECK: Function = Function {
    name: "check",
    // Four lists and a text, each an address and a length.
    flat: 10,
    parameters: &[abi::Project::WANT, String::WANT],
    result: &Want::Result(<Vec<abi::Finding>>::WANT, abi::Error::WANT),
};

/// Whether a declared type is that of a function; else how they differ.
pub(crate) fn compare(types: &Types<'_>, id: TypeId, wanted: &Function) -> Result<(), String> {
    let name = wanted.name;
    let Some(Type::Function { is_async, parameters, result }) = types.get(id) else {
        return Err(format!("{name}: expected a function"));
    };
    if *is_async {
        return Err(format!("{name}: expected a function that is not async"));
    }
    if parameters.len() != wanted.parameters.len() {
        return Err(format!(
            "{name}: expected {}, found {}",
            counted(wanted.parameters.len(), "parameter"),
            parameters.len()
        ));
    }
    for (index, (found, want)) in parameters.iter().zip(wanted.parameters).enumerate() {
        fits(types, *found, want, &format!("{name}: parameter {}", index + 1))?;
    }
    match result {
        Some(found) => fits(types, *found, wanted.result, &format!("{name}: result")),
        None => Err(format!("{name}: expected {}, found no result", described(wanted.result))),
    }
}

/// Goes no deeper than the interface's own types do, whatever the component declares.
fn fits(types: &Types<'_>, found: Value, want: &Want, place: &str) -> Result<(), String> {
    let declared = match found {
        Value::Primitive(primitive) => return primitive_fits(primitive, want, place),
        Value::Defined(id) => types.get(id),
    };
    match (declared, want) {
        (Some(Type::Primitive(primitive)), want) => primitive_fits(*primitive, want, place),
        (Some(Type::List(found)), Want::List(want)) => fits(types, *found, want, &format!("{place}, each")),
        (Some(Type::Option(found)), Want::Option(want)) => fits(types, *found, want, place),
        (Some(Type::Enum(found)), Want::Enum(name, want)) => names(found, name, want, "an enum", "case"),
        (Some(Type::Record(found)), Want::Record(name, want)) => {
            let found_names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
            let want_names: Vec<&str> = want.iter().map(|(name, _)| *name).collect();
            names(&found_names, name, &want_names, "a record", "field")?;
            found.iter().zip(*want).try_for_each(|((field, found), (_, want))| {
                fits(types, *found, want, &format!("{}.{field}", kebab(name)))
            })
        }
        (Some(Type::Result(ok, err)), Want::Result(want_ok, want_err)) => {
            [(ok, want_ok, "ok"), (err, want_err, "error")].into_iter().try_for_each(|(found, want, which)| match found
            {
                Some(found) => fits(types, *found, want, &format!("{place}, {which}")),
                None => Err(format!("{place}, {which}: expected {}, found nothing", described(want))),
            })
        }
        (found, want) => {
            let found = match found {
                Some(Type::Record(_)) => "a record",
                Some(Type::Enum(_)) => "an enum",
                Some(Type::List(_)) => "a list",
                Some(Type::Option(_)) => "an option",
                Some(Type::Result(..)) => "a result",
                Some(Type::Other(name)) => *name,
                Some(Type::Function { .. } | Type::Primitive(_)) | None => "no type of a value",
            };
            Err(format!("{place}: expected {}, found {found}", described(want)))
        }
    }
}

fn primitive_fits(found: PrimitiveValType, want: &Want, place: &str) -> Result<(), String> {
    match (found, want) {
        (PrimitiveValType::U32, Want::U32) | (PrimitiveValType::String, Want::Text) => Ok(()),
        (found, want) => Err(format!("{place}: expected {}, found {found}", described(want))),
    }
}

/// Compares the names of fields or cases, in order.
fn names(found: &[&str], of: &str, want: &[&str], what: &str, each: &str) -> Result<(), String> {
    let of = kebab(of);
    if found.len() != want.len() {
        return Err(format!("{of}: expected {what} of {}, found {}", counted(want.len(), each), found.len()));
    }
    for (found, want) in found.iter().zip(want) {
        let want = kebab(want);
        if **found != *want {
            let found: String = found.chars().take(80).collect();
            return Err(format!("{of}: expected the {each} `{want}`, found `{found}`"));
        }
    }
    Ok(())
}

fn described(want: &Want) -> String {
    match want {
        Want::U32 => "u32".to_owned(),
        Want::Text => "string".to_owned(),
        Want::List(_) => "a list".to_owned(),
        Want::Option(_) => "an option".to_owned(),
        Want::Enum(name, _) => format!("the enum `{}`", kebab(name)),
        Want::Record(name, _) => format!("the record `{}`", kebab(name)),
        Want::Result(..) => "a result".to_owned(),
    }
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `NodeKind`, `value_span` → `node-kind`, `value-span`.
fn kebab(rust: &str) -> String {
    let mut out = String::with_capacity(rust.len() + 4);
    for c in rust.chars() {
        match c {
            '_' => out.push('-'),
            c if c.is_ascii_uppercase() && !out.is_empty() => out.extend(['-', c.to_ascii_lowercase()]),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

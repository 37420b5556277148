//! Features of WebAssembly that are off for plug-ins: each is refused by name before anything is compiled.
//!
//! What stays on is what toolchains emit by default and every engine runs alike: numbers, SIMD, bulk memory, reference types, tail
//! calls. What is off would be attack surface without a use (threads, garbage collection, 64-bit memories), or gives results that
//! depend on the processor (relaxed SIMD).

use super::malformed;
use crate::LinkError;
use wasmparser::{
    CanonicalFunction, CanonicalOption, CompositeInnerType, GlobalType, MemoryType, Operator, RecGroup, RefType,
    TableType, TypeRef, ValType,
};

const GC: &str = "garbage collection or typed references";
const THREADS: &str = "threads or shared memory";
const EXCEPTIONS: &str = "exceptions";
const MEMORY64: &str = "64-bit memories or tables";

/// The name of a proposal as wasmparser groups operators, to what is said about it; `None` for what is on.
macro_rules! proposal {
    (mvp) => {
        None
    };
    (sign_extension) => {
        None
    };
    (saturating_float_to_int) => {
        None
    };
    (bulk_memory) => {
        None
    };
    (reference_types) => {
        None
    };
    (tail_call) => {
        None
    };
    (simd) => {
        None
    };
    (relaxed_simd) => {
        Some("relaxed SIMD")
    };
    (threads) => {
        Some(THREADS)
    };
    (shared_everything_threads) => {
        Some(THREADS)
    };
    (acquire_release_atomics) => {
        Some(THREADS)
    };
    (exceptions) => {
        Some(EXCEPTIONS)
    };
    (legacy_exceptions) => {
        Some(EXCEPTIONS)
    };
    (gc) => {
        Some(GC)
    };
    (function_references) => {
        Some(GC)
    };
    (custom_descriptors) => {
        Some(GC)
    };
    ($other:ident) => {
        Some(concat!("the proposal ", stringify!($other)))
    };
}

macro_rules! operators {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        /// The feature that an operator needs, when it is off.
        #[allow(unreachable_patterns, reason = "which operators there are depends on wasmparser's own features")]
        pub(super) fn operator(operator: &Operator<'_>) -> Option<&'static str> {
            match operator {
                $( Operator::$op { .. } => proposal!($proposal), )*
                _ => Some("unknown instructions"),
            }
        }
    };
}
wasmparser::for_each_operator!(operators);

/// A function type of a module: how many values go in and out.
pub(super) fn function_type(group: &RecGroup) -> Result<Vec<u32>, LinkError> {
    if group.is_explicit_rec_group() {
        return Err(LinkError::Feature(GC));
    }
    let mut values = Vec::new();
    for ty in group.types() {
        let composite = &ty.composite_type;
        if composite.shared {
            return Err(LinkError::Feature(THREADS));
        }
        let CompositeInnerType::Func(function) = &composite.inner else {
            return Err(LinkError::Feature(match composite.inner {
                CompositeInnerType::Cont(_) => "stack switching",
                _ => GC,
            }));
        };
        if !ty.is_final || !ty.supertype_idxs.is_empty() {
            return Err(LinkError::Feature(GC));
        }
        for ty in function.params().iter().chain(function.results()) {
            value(*ty)?;
        }
        let count = function.params().len().saturating_add(function.results().len());
        values.push(u32::try_from(count).unwrap_or(u32::MAX));
    }
    Ok(values)
}

/// A type of a local, a parameter or a global.
pub(super) fn value(ty: ValType) -> Result<(), LinkError> {
    match ty {
        ValType::Ref(reference) => self::reference(reference),
        _ => Ok(()),
    }
}

fn reference(ty: RefType) -> Result<(), LinkError> {
    if ty == RefType::FUNCREF || ty == RefType::EXTERNREF { Ok(()) } else { Err(LinkError::Feature(GC)) }
}

/// A memory of a module that has so many others.
pub(super) fn memory(ty: &MemoryType, others: u32) -> Result<(), LinkError> {
    let off = if ty.memory64 {
        MEMORY64
    } else if ty.shared {
        THREADS
    } else if ty.page_size_log2.is_some() {
        "memory pages of another size"
    } else if others > 0 {
        "several memories in one module"
    } else {
        return Ok(());
    };
    Err(LinkError::Feature(off))
}

/// A table of a module.
pub(super) fn table(ty: &TableType) -> Result<(), LinkError> {
    if ty.table64 {
        return Err(LinkError::Feature(MEMORY64));
    }
    if ty.shared {
        return Err(LinkError::Feature(THREADS));
    }
    reference(ty.element_type)
}

/// A global of a module.
pub(super) fn global(ty: &GlobalType) -> Result<(), LinkError> {
    if ty.shared {
        return Err(LinkError::Feature(THREADS));
    }
    value(ty.content_type)
}

/// An import of a module; whether it is a memory.
pub(super) fn import(ty: &TypeRef, memories: u32) -> Result<bool, LinkError> {
    match ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => {}
        TypeRef::Table(ty) => table(ty)?,
        TypeRef::Global(ty) => global(ty)?,
        TypeRef::Tag(_) => return Err(LinkError::Feature(EXCEPTIONS)),
        TypeRef::Memory(ty) => {
            memory(ty, memories)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// A module's exceptions.
pub(super) fn tags(count: u32) -> Result<(), LinkError> {
    if count > 0 { Err(LinkError::Feature(EXCEPTIONS)) } else { Ok(()) }
}

/// The crossings between components and modules.
pub(super) fn canonical(section: wasmparser::ComponentCanonicalSectionReader<'_>) -> Result<(), LinkError> {
    for function in section {
        match function.map_err(malformed)? {
            CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => {
                for one in &options {
                    option(one)?;
                }
            }
            CanonicalFunction::ResourceNew { .. }
            | CanonicalFunction::ResourceDrop { .. }
            | CanonicalFunction::ResourceRep { .. } => {}
            CanonicalFunction::ThreadSpawnRef { .. }
            | CanonicalFunction::ThreadSpawnIndirect { .. }
            | CanonicalFunction::ThreadAvailableParallelism => return Err(LinkError::Feature(THREADS)),
            _ => return Err(LinkError::Feature("asynchronous functions")),
        }
    }
    Ok(())
}

fn option(option: &CanonicalOption) -> Result<(), LinkError> {
    let off = match option {
        CanonicalOption::UTF8
        | CanonicalOption::Memory(_)
        | CanonicalOption::Realloc(_)
        | CanonicalOption::PostReturn(_) => return Ok(()),
        CanonicalOption::UTF16 | CanonicalOption::CompactUTF16 => "strings in another encoding than UTF-8",
        CanonicalOption::Async | CanonicalOption::Callback(_) => "asynchronous functions",
        CanonicalOption::CoreType(_) | CanonicalOption::Gc => GC,
    };
    Err(LinkError::Feature(off))
}

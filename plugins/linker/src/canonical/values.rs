//! How each type of the interface lies in memory.

use super::{Guest, Heap, Memory, lower_list, lower_text, wrong};
use crate::run::Stop;
use plimsoll_plugin_abi as abi;

/// A type with a place in memory.
pub trait Canonical: Sized {
    /// Its alignment.
    const ALIGN: u32;
    /// Its size.
    const SIZE: u32;
    /// Its alignment, its size, and whether `Option` needs no byte of its own, all of them in the terminal's host: a Rust program of 64
    /// bits, whatever this one is. The host's budget for results counts these sizes.
    const HOST: (u32, u32, bool);

    /// Writes the value into its own `SIZE` bytes; what it refers to goes to the memory.
    ///
    /// # Errors
    /// When there is no room.
    fn store<M: Memory>(&self, memory: &mut M, out: &mut [u8]) -> Result<(), Stop>;

    /// Reads the value from its own `SIZE` bytes.
    ///
    /// # Errors
    /// When it is none.
    fn load<G: Guest>(heap: &mut Heap<'_, G>, bytes: &[u8]) -> Result<Self, Stop>;
}

/// The next multiple.
pub(super) const fn aligned(offset: u32, align: u32) -> u32 {
    offset.div_ceil(align) * align
}

pub(super) const fn larger(a: u32, b: u32) -> u32 {
    if a > b { a } else { b }
}

fn short() -> Stop {
    wrong("a value is cut short")
}

/// The part of a record's bytes that a field has.
pub(super) fn field<T: Canonical>(bytes: &[u8], at: u32) -> Result<&[u8], Stop> {
    bytes.get(at as usize..(at + T::SIZE) as usize).ok_or_else(short)
}

fn field_mut<T: Canonical>(bytes: &mut [u8], at: u32) -> Result<&mut [u8], Stop> {
    bytes.get_mut(at as usize..(at + T::SIZE) as usize).ok_or_else(short)
}

impl Canonical for u32 {
    const ALIGN: u32 = 4;
    const SIZE: u32 = 4;
    const HOST: (u32, u32, bool) = (4, 4, false);

    fn store<M: Memory>(&self, _: &mut M, out: &mut [u8]) -> Result<(), Stop> {
        *out.first_chunk_mut::<4>().ok_or_else(short)? = self.to_le_bytes();
        Ok(())
    }

    fn load<G: Guest>(_: &mut Heap<'_, G>, bytes: &[u8]) -> Result<Self, Stop> {
        bytes.first_chunk::<4>().map(|bytes| Self::from_le_bytes(*bytes)).ok_or_else(short)
    }
}

/// Address and length of a string or list.
fn store_pair(memory: &mut impl Memory, out: &mut [u8], (at, length): (u32, u32)) -> Result<(), Stop> {
    at.store(memory, field_mut::<u32>(out, 0)?)?;
    length.store(memory, field_mut::<u32>(out, 4)?)
}

fn load_pair<G: Guest>(heap: &mut Heap<'_, G>, bytes: &[u8]) -> Result<(u32, u32), Stop> {
    Ok((u32::load(heap, field::<u32>(bytes, 0)?)?, u32::load(heap, field::<u32>(bytes, 4)?)?))
}

impl Canonical for String {
    const ALIGN: u32 = 4;
    const SIZE: u32 = 8;
    const HOST: (u32, u32, bool) = (8, 24, true);

    fn store<M: Memory>(&self, memory: &mut M, out: &mut [u8]) -> Result<(), Stop> {
        let pair = lower_text(memory, self)?;
        store_pair(memory, out, pair)
    }

    fn load<G: Guest>(heap: &mut Heap<'_, G>, bytes: &[u8]) -> Result<Self, Stop> {
        let pair = load_pair(heap, bytes)?;
        Self::from_utf8(heap.copy(pair, 1, 1, 1)?).map_err(|_| Stop::Text)
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    const ALIGN: u32 = 4;
    const SIZE: u32 = 8;
    const HOST: (u32, u32, bool) = (8, 24, true);

    fn store<M: Memory>(&self, memory: &mut M, out: &mut [u8]) -> Result<(), Stop> {
        let pair = lower_list(memory, self)?;
        store_pair(memory, out, pair)
    }

    fn load<G: Guest>(heap: &mut Heap<'_, G>, bytes: &[u8]) -> Result<Self, Stop> {
        let pair = load_pair(heap, bytes)?;
        let buffer = heap.copy(pair, T::ALIGN, T::SIZE, T::HOST.1)?;
        buffer.chunks_exact(T::SIZE as usize).map(|item| T::load(heap, item)).collect()
    }
}

impl<T: Canonical> Canonical for Option<T> {
    const ALIGN: u32 = T::ALIGN;
    const SIZE: u32 = aligned(aligned(1, T::ALIGN) + T::SIZE, T::ALIGN);
    const HOST: (u32, u32, bool) = {
        let (align, size, niche) = T::HOST;
        (align, if niche { size } else { size + align }, niche)
    };

    fn store<M: Memory>(&self, memory: &mut M, out: &mut [u8]) -> Result<(), Stop> {
        *out.first_mut().ok_or_else(short)? = u8::from(self.is_some());
        match self {
            Some(value) => value.store(memory, field_mut::<T>(out, aligned(1, T::ALIGN))?),
            None => Ok(()),
        }
    }

    fn load<G: Guest>(heap: &mut Heap<'_, G>, bytes: &[u8]) -> Result<Self, Stop> {
        match bytes.first() {
            Some(0) => Ok(None),
            Some(1) => T::load(heap, field::<T>(bytes, aligned(1, T::ALIGN))?).map(Some),
            _ => Err(wrong("an optional value is neither there nor absent")),
        }
    }
}

macro_rules! canonical {
    ([] $( $what:ident $name:ident { $($body:tt)* } )+) => { $( canonical!(@ $what $name { $($body)* }); )+ };
    (@ enumeration $name:ident { $( $case:ident ),* }) => {
        impl Canonical for abi::$name {
            const ALIGN: u32 = 1;
            const SIZE: u32 = 1;
            const HOST: (u32, u32, bool) = (1, 1, true);

            fn store<M: Memory>(&self, _: &mut M, out: &mut [u8]) -> Result<(), Stop> {
                *out.first_mut().ok_or_else(short)? = *self as u8;
                Ok(())
            }

            fn load<G: Guest>(_: &mut Heap<'_, G>, bytes: &[u8]) -> Result<Self, Stop> {
                let byte = *bytes.first().ok_or_else(short)?;
                $( if byte == Self::$case as u8 { return Ok(Self::$case); } )*
                Err(wrong(concat!("a case that ", stringify!($name), " does not have")))
            }
        }
    };
    (@ record $name:ident { $( $field:ident : $ty:ty ),* }) => {
        const _: () = {
            #[allow(unused_imports, reason = "some records hold none of our types")]
            use abi::*;
            impl Canonical for abi::$name {
                const ALIGN: u32 = {
                    let mut align = 1;
                    $( align = larger(align, <$ty as Canonical>::ALIGN); )*
                    align
                };
                const SIZE: u32 = {
                    let mut size = 0;
                    $( size = aligned(size, <$ty as Canonical>::ALIGN) + <$ty as Canonical>::SIZE; )*
                    aligned(size, Self::ALIGN)
                };
                // Rust orders fields so that only the end is filled up.
                const HOST: (u32, u32, bool) = {
                    let (mut align, mut size, mut niche) = (1, 0, false);
                    $(
                        let (field_align, field_size, field_niche) = <$ty as Canonical>::HOST;
                        align = larger(align, field_align);
                        size += field_size;
                        niche = niche || field_niche;
                    )*
                    (align, aligned(size, align), niche)
                };

                fn store<M: Memory>(&self, memory: &mut M, out: &mut [u8]) -> Result<(), Stop> {
                    let mut at = 0;
                    $(
                        at = aligned(at, <$ty as Canonical>::ALIGN);
                        self.$field.store(memory, field_mut::<$ty>(out, at)?)?;
                        at += <$ty as Canonical>::SIZE;
                    )*
                    let _ = at;
                    Ok(())
                }

                fn load<G: Guest>(heap: &mut Heap<'_, G>, bytes: &[u8]) -> Result<Self, Stop> {
                    let mut at = 0;
                    $(
                        at = aligned(at, <$ty as Canonical>::ALIGN);
                        let $field = <$ty as Canonical>::load(heap, field::<$ty>(bytes, at)?)?;
                        at += <$ty as Canonical>::SIZE;
                    )*
                    let _ = at;
                    Ok(Self { $( $field ),* })
                }
            }
        };
    };
}

plimsoll_plugin_abi::for_every_type! { canonical }

/// Sizes of every type here and in this program, which is the terminal's host when it has 64 bits.
#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;

    macro_rules! sizes {
        ([] $( $what:ident $name:ident { $($body:tt)* } )+) => {
            fn sizes() -> Vec<(&'static str, usize, usize)> {
                vec![$( (stringify!($name), <abi::$name as Canonical>::HOST.1 as usize, size_of::<abi::$name>()) ),+]
            }
        };
    }
    plimsoll_plugin_abi::for_every_type! { sizes }

    #[test]
    fn the_host_counts_as_much() {
        for (name, ours, hosts) in sizes() {
            assert_eq!(ours, hosts, "{name}");
        }
    }

    /// What wasmtime and wit-bindgen say of the same records.
    #[test]
    fn sizes_are_those_of_the_canonical_abi() {
        assert_eq!((abi::Span::SIZE, abi::Location::SIZE, abi::Node::SIZE), (8, 12, 40));
        assert_eq!((abi::Property::SIZE, abi::Finding::SIZE, abi::Rule::SIZE, abi::Metadata::SIZE), (32, 56, 64, 60));
        assert_eq!((Option::<abi::Severity>::SIZE, Option::<String>::SIZE), (2, 12));
    }
}

//! The canonical ABI for exactly the types of the interface: how their values lie in a guest's memory.

use crate::memory::Memory;
use plimsoll_plugin_abi as abi;

type Result<T> = std::result::Result<T, String>;

/// A type with a place in memory.
pub(crate) trait Canonical: Sized {
    /// Its alignment.
    const ALIGN: u32;
    /// Its size.
    const SIZE: u32;

    /// Writes the value into its own `SIZE` bytes; what it refers to goes to the guest.
    fn store(&self, memory: &mut impl Memory, out: &mut [u8]) -> Result<()>;

    /// Reads the value from its own `SIZE` bytes.
    fn load(memory: &mut impl Memory, bytes: &[u8]) -> Result<Self>;
}

/// The next multiple.
pub(crate) const fn aligned(offset: u32, align: u32) -> u32 {
    offset.div_ceil(align) * align
}

const fn larger(a: u32, b: u32) -> u32 {
    if a > b { a } else { b }
}

fn short() -> String {
    "a value of the plug-in is cut short".to_owned()
}

/// The part of a record's bytes that a field has.
fn field<T: Canonical>(bytes: &[u8], at: u32) -> Result<&[u8]> {
    bytes.get(at as usize..(at + T::SIZE) as usize).ok_or_else(short)
}

fn field_mut<T: Canonical>(bytes: &mut [u8], at: u32) -> Result<&mut [u8]> {
    bytes.get_mut(at as usize..(at + T::SIZE) as usize).ok_or_else(short)
}

impl Canonical for u32 {
    const ALIGN: u32 = 4;
    const SIZE: u32 = 4;

    fn store(&self, _: &mut impl Memory, out: &mut [u8]) -> Result<()> {
        out.get_mut(..4).ok_or_else(short)?.copy_from_slice(&self.to_le_bytes());
        Ok(())
    }

    fn load(_: &mut impl Memory, bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.first_chunk::<4>().ok_or_else(short)?;
        Ok(Self::from_le_bytes(*bytes))
    }
}

/// Address and length of a string or list.
fn store_pair(memory: &mut impl Memory, out: &mut [u8], at: u32, length: u32) -> Result<()> {
    at.store(memory, field_mut::<u32>(out, 0)?)?;
    length.store(memory, field_mut::<u32>(out, 4)?)
}

fn load_pair(memory: &mut impl Memory, bytes: &[u8]) -> Result<(u32, u32)> {
    Ok((u32::load(memory, field::<u32>(bytes, 0)?)?, u32::load(memory, field::<u32>(bytes, 4)?)?))
}

fn size(length: usize, each: u32) -> Result<(u32, u32)> {
    let length = u32::try_from(length).map_err(|_| "the project is too large for a plug-in".to_owned())?;
    let bytes = length.checked_mul(each).ok_or("the project is too large for a plug-in")?;
    Ok((length, bytes))
}

/// Writes a string or list to the guest; address and length, as they are passed to a function.
pub(crate) fn lower_text(memory: &mut impl Memory, text: &str) -> Result<(u32, u32)> {
    let (length, _) = size(text.len(), 1)?;
    let at = memory.allocate(1, length)?;
    memory.write(at, text.as_bytes())?;
    Ok((at, length))
}

/// The same for a list.
pub(crate) fn lower_list<T: Canonical>(memory: &mut impl Memory, items: &[T]) -> Result<(u32, u32)> {
    let (length, bytes) = size(items.len(), T::SIZE)?;
    let at = memory.allocate(T::ALIGN, bytes)?;
    let mut buffer = vec![0u8; bytes as usize];
    for (item, out) in items.iter().zip(buffer.chunks_exact_mut(T::SIZE as usize)) {
        item.store(memory, out)?;
    }
    memory.write(at, &buffer)?;
    Ok((at, length))
}

impl Canonical for String {
    const ALIGN: u32 = 4;
    const SIZE: u32 = 8;

    fn store(&self, memory: &mut impl Memory, out: &mut [u8]) -> Result<()> {
        let (at, length) = lower_text(memory, self)?;
        store_pair(memory, out, at, length)
    }

    fn load(memory: &mut impl Memory, bytes: &[u8]) -> Result<Self> {
        let (at, length) = load_pair(memory, bytes)?;
        Self::from_utf8(memory.read(at, length)?).map_err(|_| "a text of the plug-in is not UTF-8".to_owned())
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    const ALIGN: u32 = 4;
    const SIZE: u32 = 8;

    fn store(&self, memory: &mut impl Memory, out: &mut [u8]) -> Result<()> {
        let (at, length) = lower_list(memory, self)?;
        store_pair(memory, out, at, length)
    }

    fn load(memory: &mut impl Memory, bytes: &[u8]) -> Result<Self> {
        let (at, length) = load_pair(memory, bytes)?;
        let bytes = length.checked_mul(T::SIZE).ok_or("a list of the plug-in is too long")?;
        let buffer = memory.read(at, bytes)?;
        buffer.chunks_exact(T::SIZE as usize).map(|item| T::load(memory, item)).collect()
    }
}

impl<T: Canonical> Canonical for Option<T> {
    const ALIGN: u32 = T::ALIGN;
    const SIZE: u32 = aligned(aligned(1, T::ALIGN) + T::SIZE, T::ALIGN);

    fn store(&self, memory: &mut impl Memory, out: &mut [u8]) -> Result<()> {
        *out.first_mut().ok_or_else(short)? = u8::from(self.is_some());
        match self {
            Some(value) => value.store(memory, field_mut::<T>(out, aligned(1, T::ALIGN))?),
            None => Ok(()),
        }
    }

    fn load(memory: &mut impl Memory, bytes: &[u8]) -> Result<Self> {
        match bytes.first() {
            Some(0) => Ok(None),
            Some(1) => T::load(memory, field::<T>(bytes, aligned(1, T::ALIGN))?).map(Some),
            _ => Err("an optional value of the plug-in is neither there nor absent".to_owned()),
        }
    }
}

/// `result`: a byte says which, the payload stands behind it.
pub(crate) fn load_result<T: Canonical, E: Canonical>(
    memory: &mut impl Memory,
    at: u32,
) -> Result<std::result::Result<T, E>> {
    let align = larger(T::ALIGN, E::ALIGN);
    let payload = aligned(1, align);
    let bytes = memory.read(at, aligned(payload + larger(T::SIZE, E::SIZE), align))?;
    match bytes.first() {
        Some(0) => Ok(Ok(T::load(memory, field::<T>(&bytes, payload)?)?)),
        Some(1) => Ok(Err(E::load(memory, field::<E>(&bytes, payload)?)?)),
        _ => Err("the plug-in's result is neither findings nor an error".to_owned()),
    }
}

/// A value at an address.
pub(crate) fn load_at<T: Canonical>(memory: &mut impl Memory, at: u32) -> Result<T> {
    let bytes = memory.read(at, T::SIZE)?;
    T::load(memory, &bytes)
}

macro_rules! canonical {
    ([] $( $what:ident $name:ident { $($body:tt)* } )+) => { $( canonical!(@ $what $name { $($body)* }); )+ };
    (@ enumeration $name:ident { $( $case:ident ),* }) => {
        impl Canonical for abi::$name {
            const ALIGN: u32 = 1;
            const SIZE: u32 = 1;

            fn store(&self, _: &mut impl Memory, out: &mut [u8]) -> Result<()> {
                *out.first_mut().ok_or_else(short)? = *self as u8;
                Ok(())
            }

            fn load(_: &mut impl Memory, bytes: &[u8]) -> Result<Self> {
                let byte = *bytes.first().ok_or_else(short)?;
                $( if byte == Self::$case as u8 { return Ok(Self::$case); } )*
                Err(concat!("the plug-in gave no ", stringify!($name)).to_owned())
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

                fn store(&self, memory: &mut impl Memory, out: &mut [u8]) -> Result<()> {
                    let mut at = 0;
                    $(
                        at = aligned(at, <$ty as Canonical>::ALIGN);
                        self.$field.store(memory, field_mut::<$ty>(out, at)?)?;
                        at += <$ty as Canonical>::SIZE;
                    )*
                    let _ = at;
                    Ok(())
                }

                fn load(memory: &mut impl Memory, bytes: &[u8]) -> Result<Self> {
                    let mut at = 0;
                    $(
                        at = aligned(at, <$ty as Canonical>::ALIGN);
                        let $field = <$ty as Canonical>::load(memory, field::<$ty>(bytes, at)?)?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    /// A guest that is nothing but memory.
    struct Flat(Vec<u8>);

    impl Memory for Flat {
        fn allocate(&mut self, align: u32, size: u32) -> Result<u32> {
            let at = aligned(u32::try_from(self.0.len()).unwrap(), align);
            self.0.resize((at + size) as usize, 0);
            Ok(at)
        }

        fn write(&mut self, at: u32, bytes: &[u8]) -> Result<()> {
            self.0[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
            Ok(())
        }

        fn read(&mut self, at: u32, length: u32) -> Result<Vec<u8>> {
            self.0.get(at as usize..at as usize + length as usize).map(<[u8]>::to_vec).ok_or_else(short)
        }
    }

    /// What wasmtime and wit-bindgen say of the same records.
    #[test]
    fn sizes_are_those_of_the_canonical_abi() {
        assert_eq!((abi::Span::SIZE, abi::Location::SIZE, abi::Node::SIZE), (8, 12, 40));
        assert_eq!((abi::Property::SIZE, abi::Finding::SIZE, abi::Rule::SIZE, abi::Metadata::SIZE), (32, 56, 64, 60));
        assert_eq!((Option::<abi::Severity>::SIZE, Option::<String>::SIZE), (2, 12));
    }

    #[test]
    fn what_is_stored_is_loaded() {
        let location = abi::Location { document: 1, span: abi::Span { start: 2, end: 3 } };
        let property =
            |value: &str| abi::Property { key: "k".to_owned(), value: value.to_owned(), origin: Some(location) };
        let finding = abi::Finding {
            rule: "r".to_owned(),
            location,
            message: "ü".to_owned(),
            severity: Some(abi::Severity::High),
            confidence: None,
            related: vec![abi::Related { location, message: String::new() }],
            fixes: vec![abi::Fix {
                title: "t".to_owned(),
                safety: abi::FixSafety::Suggested,
                edits: vec![abi::Edit { location, replacement: "x".to_owned() }],
            }],
            properties: vec![property("a"), property("b")],
        };
        let mut memory = Flat(vec![0; 16]);
        let (at, length) = lower_list(&mut memory, std::slice::from_ref(&finding)).unwrap();
        assert_eq!(length, 1);
        assert_eq!(load_at::<abi::Finding>(&mut memory, at).unwrap(), finding);
        // Any byte of it may be wrong: an error, or another value.
        for index in 0..memory.0.len() {
            let mut damaged = Flat(memory.0.clone());
            damaged.0[index] ^= 0xff;
            let _ = load_at::<abi::Finding>(&mut damaged, at);
        }
    }
}

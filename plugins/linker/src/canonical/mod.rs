//! The canonical ABI for exactly the types of the interface: how their values lie in a plug-in's memory.
//!
//! A plug-in is given as a [`Guest`]: memory, and functions to call. It is not believed: every address, length, alignment, discriminant
//! and text is checked before it is used, where a component runtime checks it, and everything copied out counts against one budget,
//! as much as the terminal's host counts for it.

#[cfg(test)]
mod tests;
mod values;

use crate::run::Stop;
use plimsoll_plugin_abi as abi;
use values::{aligned, field, larger};

pub use values::Canonical;

/// Memory that values are written to.
pub trait Memory {
    /// Makes room for new bytes; their address.
    ///
    /// # Errors
    /// When there is none.
    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, Stop>;

    /// Writes bytes where [`Memory::allocate`] made room.
    fn write(&mut self, at: u32, bytes: &[u8]);
}

/// Writes a text; address and length, as they are passed to a function.
///
/// # Errors
/// When there is no room for it.
pub fn lower_text(memory: &mut impl Memory, text: &str) -> Result<(u32, u32), Stop> {
    let length = u32::try_from(text.len()).map_err(|_| too_large())?;
    let at = memory.allocate(1, length)?;
    memory.write(at, text.as_bytes());
    Ok((at, length))
}

/// Writes a list; address and length, as they are passed to a function.
///
/// # Errors
/// When there is no room for it.
pub fn lower_list<T: Canonical>(memory: &mut impl Memory, items: &[T]) -> Result<(u32, u32), Stop> {
    let length = u32::try_from(items.len()).map_err(|_| too_large())?;
    let size = length.checked_mul(T::SIZE).ok_or_else(too_large)?;
    let at = memory.allocate(T::ALIGN, size)?;
    let mut buffer = vec![0u8; size as usize];
    for (item, out) in items.iter().zip(buffer.chunks_exact_mut(T::SIZE as usize)) {
        item.store(memory, out)?;
    }
    memory.write(at, &buffer);
    Ok((at, length))
}

/// A plug-in's memory, and the functions that go with one function of the interface.
pub trait Guest {
    /// Calls the function itself; the address of its result.
    ///
    /// # Errors
    /// When it traps.
    fn call(&mut self, arguments: &[u32]) -> Result<u32, Stop>;

    /// Tells the plug-in that its result has been read.
    ///
    /// # Errors
    /// When it traps.
    fn finish(&mut self, result: u32) -> Result<(), Stop>;

    /// Has the plug-in make room for new bytes; their address, as the plug-in gives it.
    ///
    /// # Errors
    /// When it traps.
    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, Stop>;

    /// How many bytes of memory there are now.
    fn size(&mut self) -> u64;

    /// Writes inside of [`Guest::size`].
    fn write(&mut self, at: u32, bytes: &[u8]);

    /// Copies bytes inside of [`Guest::size`].
    fn read(&mut self, at: u32, length: u32) -> Vec<u8>;
}

/// Calls `describe`.
///
/// # Errors
/// When it traps, or what it gives is none or more than `budget` bytes.
pub fn describe(guest: &mut impl Guest, budget: u64) -> Result<abi::Metadata, Stop> {
    let at = guest.call(&[])?;
    let mut heap = Heap { guest, budget };
    let bytes = heap.result(at, abi::Metadata::ALIGN, abi::Metadata::SIZE)?;
    let metadata = abi::Metadata::load(&mut heap, &bytes)?;
    heap.guest.finish(at)?;
    Ok(metadata)
}

/// Calls `check`.
///
/// # Errors
/// When it traps, cannot take the project, or what it gives is none or more than `budget` bytes.
pub fn check(
    guest: &mut impl Guest,
    project: &abi::Project,
    settings: &str,
    budget: u64,
) -> Result<Result<Vec<abi::Finding>, abi::Error>, Stop> {
    let mut heap = Heap { guest, budget };
    let abi::Project { documents, entities, relations, properties } = project;
    let pairs = [
        lower_list(&mut heap, documents)?,
        lower_list(&mut heap, entities)?,
        lower_list(&mut heap, relations)?,
        lower_list(&mut heap, properties)?,
        lower_text(&mut heap, settings)?,
    ];
    let arguments: Vec<u32> = pairs.into_iter().flat_map(|(at, length)| [at, length]).collect();
    let at = heap.guest.call(&arguments)?;
    let said = heap.outcome(at)?;
    heap.guest.finish(at)?;
    Ok(said)
}

/// A guest's memory, checked.
#[derive(Debug)]
pub struct Heap<'g, G> {
    guest: &'g mut G,
    /// Bytes that may still be copied out.
    budget: u64,
}

fn wrong(reason: &str) -> Stop {
    Stop::Value(reason.to_owned())
}

fn too_large() -> Stop {
    Stop::Trap("the project is too large for a plug-in".to_owned())
}

impl<G: Guest> Memory for Heap<'_, G> {
    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, Stop> {
        // As in a component runtime, a plug-in is asked even for no bytes at all.
        let at = self.guest.allocate(align, size)?;
        if !at.is_multiple_of(align) {
            return Err(wrong("it made room at an address that is not aligned"));
        }
        if !self.holds(at, u64::from(size)) {
            return Err(wrong("it made room outside of its memory"));
        }
        Ok(at)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        self.guest.write(at, bytes);
    }
}

impl<G: Guest> Heap<'_, G> {
    /// Whether bytes are inside of the memory as it is now.
    fn holds(&mut self, at: u32, length: u64) -> bool {
        u64::from(at).checked_add(length).is_some_and(|end| end <= self.guest.size())
    }

    /// The bytes of a result at the address that a function gave.
    fn result(&mut self, at: u32, align: u32, size: u32) -> Result<Vec<u8>, Stop> {
        if !at.is_multiple_of(align) {
            return Err(wrong("the address of its result is not aligned"));
        }
        if !self.holds(at, u64::from(size)) {
            return Err(wrong("the address of its result is outside of its memory"));
        }
        Ok(self.guest.read(at, size))
    }

    /// What stands at the address of a list or text. `copied`: what each element takes here.
    fn copy(&mut self, (at, length): (u32, u32), align: u32, each: u32, copied: u32) -> Result<Vec<u8>, Stop> {
        let bytes = u64::from(length) * u64::from(each);
        let (true, Ok(size)) = (self.holds(at, bytes), u32::try_from(bytes)) else {
            return Err(wrong("a list or text is outside of its memory"));
        };
        let cost = u64::from(length) * u64::from(copied);
        self.budget = self.budget.checked_sub(cost).ok_or(Stop::Result)?;
        if !at.is_multiple_of(align) {
            return Err(wrong("the address of a list is not aligned"));
        }
        Ok(self.guest.read(at, size))
    }

    /// `result<list<finding>, error>`: a byte says which, the payload stands behind it.
    fn outcome<T: Canonical, E: Canonical>(&mut self, at: u32) -> Result<Result<T, E>, Stop> {
        let align = larger(T::ALIGN, E::ALIGN);
        let payload = aligned(1, align);
        let bytes = self.result(at, align, aligned(payload + larger(T::SIZE, E::SIZE), align))?;
        match bytes.first() {
            Some(0) => Ok(Ok(T::load(self, field::<T>(&bytes, payload)?)?)),
            Some(1) => Ok(Err(E::load(self, field::<E>(&bytes, payload)?)?)),
            _ => Err(wrong("its result is neither findings nor an error")),
        }
    }
}

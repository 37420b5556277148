//! A guest's memory, as the canonical ABI needs it.

/// Reads and writes the memory of a guest.
pub(crate) trait Memory {
    /// Makes room; the address.
    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, String>;
    /// Writes bytes at an address that [`Memory::allocate`] gave.
    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), String>;
    /// Copies bytes out. Everything read counts against one budget: lists may share one string.
    fn read(&mut self, at: u32, length: u32) -> Result<Vec<u8>, String>;
}

/// Bytes that may be copied out of a guest for one call: as natively.
pub(crate) const RESULT_BYTES: usize = 16 << 20;

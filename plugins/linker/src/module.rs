//! Gives every memory and table of a module a maximum: in a browser nothing else stops a plug-in from taking all there is.

use crate::LinkError;
use crate::run::Stop;
use plimsoll_plugin_abi::Limits;
use wasmparser::{BinaryReader, Table, WasmFeatures};

/// Bytes of one page of memory.
pub const PAGE_BYTES: u64 = 64 << 10;

const TABLE_SECTION: u8 = 4;
const MEMORY_SECTION: u8 = 5;
const HAS_MAXIMUM: u8 = 1;

/// A module with its maxima.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Capped {
    pub(crate) bytes: Vec<u8>,
    /// Memories it defines.
    pub(crate) memories: u64,
    /// Pages they all start with.
    pub(crate) pages: u64,
    /// Tables it defines.
    pub(crate) tables: u64,
    /// Elements they all start with.
    pub(crate) elements: u64,
}

/// The same module, every memory and table capped.
pub(crate) fn cap(module: &[u8], limits: &Limits) -> Result<Capped, LinkError> {
    let mut capped = Capped { bytes: Vec::with_capacity(module.len() + 16), ..Capped::default() };
    capped.bytes.extend_from_slice(module.get(..8).ok_or_else(cut)?);
    let mut rest = Reader { bytes: module, at: 8 };
    while rest.at < module.len() {
        let start = rest.at;
        let id = rest.byte()?;
        let length = rest.number()?;
        let body = rest.take(length)?;
        let replaced = match id {
            MEMORY_SECTION => capped.memories(body, limits.memory_bytes / PAGE_BYTES)?,
            TABLE_SECTION => capped.tables(body, limits.table_elements)?,
            _ => {
                capped.bytes.extend_from_slice(module.get(start..rest.at).ok_or_else(cut)?);
                continue;
            }
        };
        capped.bytes.push(id);
        put(&mut capped.bytes, replaced.len() as u64);
        capped.bytes.extend_from_slice(&replaced);
    }
    Ok(capped)
}

impl Capped {
    fn memories(&mut self, body: &[u8], limit: u64) -> Result<Vec<u8>, LinkError> {
        let mut reader = Reader { bytes: body, at: 0 };
        let count = reader.number()?;
        let mut out = Vec::with_capacity(body.len() + 8);
        put(&mut out, count);
        for _ in 0..count {
            let pages = reader.limits(&mut out, limit, memory_feature, Stop::Memory)?;
            self.memories += 1;
            self.pages = self.pages.saturating_add(pages);
        }
        reader.end()?;
        Ok(out)
    }

    fn tables(&mut self, body: &[u8], limit: u64) -> Result<Vec<u8>, LinkError> {
        // Where one table ends is known to the parser only: one may carry an expression for its elements.
        let mut parser = BinaryReader::new_features(body, 0, WasmFeatures::all());
        let count = parser.read_var_u32().map_err(|_| cut())?;
        let mut out = Vec::with_capacity(body.len() + 16);
        put(&mut out, u64::from(count));
        for _ in 0..count {
            let start = usize::try_from(parser.original_position()).map_err(|_| cut())?;
            parser.read::<Table<'_>>().map_err(|error| LinkError::Malformed(error.message().to_owned()))?;
            let end = usize::try_from(parser.original_position()).map_err(|_| cut())?;
            let mut reader = Reader { bytes: body.get(..end).ok_or_else(cut)?, at: start };
            reader.element_type()?;
            out.extend_from_slice(body.get(start..reader.at).ok_or_else(cut)?);
            let elements = reader.limits(&mut out, limit, table_feature, Stop::Table)?;
            out.extend_from_slice(body.get(reader.at..end).ok_or_else(cut)?);
            self.tables += 1;
            self.elements = self.elements.saturating_add(elements);
        }
        if parser.eof() { Ok(out) } else { Err(cut()) }
    }
}

fn memory_feature(flags: u8) -> &'static str {
    match flags {
        flags if flags & 2 != 0 => "threads or shared memory",
        flags if flags & 4 != 0 => "64-bit memories or tables",
        _ => "memory pages of another size",
    }
}

fn table_feature(flags: u8) -> &'static str {
    if flags & 2 != 0 { "threads or shared memory" } else { "64-bit memories or tables" }
}

fn cut() -> LinkError {
    LinkError::Malformed("a module ends too early".to_owned())
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Result<u8, LinkError> {
        let byte = *self.bytes.get(self.at).ok_or_else(cut)?;
        self.at += 1;
        Ok(byte)
    }

    /// An unsigned LEB128 number of at most 32 bits: sizes and pages.
    fn number(&mut self) -> Result<u64, LinkError> {
        let mut value = 0u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(LinkError::Malformed("a number in a module is too long".to_owned()))
    }

    fn take(&mut self, length: u64) -> Result<&'b [u8], LinkError> {
        let length = usize::try_from(length).map_err(|_| cut())?;
        let end = self.at.checked_add(length).ok_or_else(cut)?;
        let body = self.bytes.get(self.at..end).ok_or_else(cut)?;
        self.at = end;
        Ok(body)
    }

    /// Copies minimum and maximum, the maximum being at most `limit`; the minimum.
    fn limits(
        &mut self,
        out: &mut Vec<u8>,
        limit: u64,
        feature: fn(u8) -> &'static str,
        stop: Stop,
    ) -> Result<u64, LinkError> {
        let flags = self.byte()?;
        if flags & !HAS_MAXIMUM != 0 {
            return Err(LinkError::Feature(feature(flags)));
        }
        let minimum = self.number()?;
        let maximum = if flags == HAS_MAXIMUM { self.number()? } else { limit };
        if minimum > limit {
            return Err(LinkError::Start(stop));
        }
        out.push(HAS_MAXIMUM);
        put(out, minimum);
        // A maximum below the minimum stays what it is: the browser refuses it.
        put(out, maximum.min(limit));
        Ok(minimum)
    }

    /// Steps over the type of a table's elements, and the mark of an expression before it.
    fn element_type(&mut self) -> Result<(), LinkError> {
        let mut byte = self.byte()?;
        if byte == 0x40 {
            self.byte()?;
            byte = self.byte()?;
        }
        // `(ref …)` and `(ref null …)` name their heap type.
        if matches!(byte, 0x63 | 0x64) {
            self.number()?;
        }
        Ok(())
    }

    fn end(&self) -> Result<(), LinkError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(cut()) }
    }
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn module(id: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([id, u8::try_from(body.len()).unwrap()]);
        bytes.extend(body);
        bytes.extend([0, 2, 1, b'x']);
        bytes
    }

    fn capped(id: u8, body: &[u8]) -> Result<Capped, LinkError> {
        cap(&module(id, body), &Limits { table_elements: 1000, ..Limits::default() })
    }

    #[test]
    fn memories_get_a_maximum() {
        let memory =
            |body: &[u8]| capped(MEMORY_SECTION, body).map(|capped| (capped.bytes, capped.memories, capped.pages));
        let one = |body: &[u8]| module(MEMORY_SECTION, body);
        assert_eq!(memory(&[1, 0, 17]), Ok((one(&[1, 1, 17, 0x80, 8]), 1, 17)));
        assert_eq!(memory(&[1, 1, 17, 20]), Ok((one(&[1, 1, 17, 20]), 1, 17)));
        assert_eq!(memory(&[2, 1, 17, 0x80, 0x80, 4, 0, 1]), Ok((one(&[2, 1, 17, 0x80, 8, 1, 1, 0x80, 8]), 2, 18)));
        assert_eq!(memory(&[1, 0, 0x81, 8]), Err(LinkError::Start(Stop::Memory)));
        assert_eq!(memory(&[1, 3, 1, 1]), Err(LinkError::Feature("threads or shared memory")));
        assert_eq!(memory(&[1, 4, 1]), Err(LinkError::Feature("64-bit memories or tables")));
        assert_eq!(memory(&[1, 8, 1, 0]), Err(LinkError::Feature("memory pages of another size")));
        assert_eq!(memory(&[9, 0, 1]), Err(cut()));
        assert_eq!(memory(&[1, 0, 1, 0]), Err(cut()));
        assert!(matches!(memory(&[1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), Err(LinkError::Malformed(_))));
        assert_eq!(cap(b"\0asm", &Limits::default()), Err(cut()));
    }

    #[test]
    fn tables_get_a_maximum() {
        let table =
            |body: &[u8]| capped(TABLE_SECTION, body).map(|capped| (capped.bytes, capped.tables, capped.elements));
        let one = |body: &[u8]| module(TABLE_SECTION, body);
        assert_eq!(table(&[1, 0x70, 0, 5]), Ok((one(&[1, 0x70, 1, 5, 0xe8, 7]), 1, 5)));
        assert_eq!(table(&[1, 0x70, 1, 5, 6]), Ok((one(&[1, 0x70, 1, 5, 6]), 1, 5)));
        assert_eq!(
            table(&[2, 0x6f, 1, 5, 0xff, 0x7f, 0x63, 0x70, 0, 1]),
            Ok((one(&[2, 0x6f, 1, 5, 0xe8, 7, 0x63, 0x70, 1, 1, 0xe8, 7]), 2, 6))
        );
        // (table 3 funcref (ref.null func))
        assert_eq!(
            table(&[1, 0x40, 0, 0x70, 0, 3, 0xd0, 0x70, 0x0b]),
            Ok((one(&[1, 0x40, 0, 0x70, 1, 3, 0xe8, 7, 0xd0, 0x70, 0x0b]), 1, 3))
        );
        assert_eq!(table(&[1, 0x70, 0, 0xe9, 7]), Err(LinkError::Start(Stop::Table)));
        assert_eq!(table(&[1, 0x70, 4, 1]), Err(LinkError::Feature("64-bit memories or tables")));
        assert!(matches!(table(&[2, 0x70, 0, 5]), Err(LinkError::Malformed(_))));
        assert_eq!(table(&[1, 0x70, 0, 5, 9]), Err(cut()));
    }
}

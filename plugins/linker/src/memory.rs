//! Gives every memory of a module a maximum: in a browser nothing else stops a plug-in from taking all there is.

use crate::LinkError;

/// Bytes of one page.
pub const PAGE_BYTES: u64 = 64 << 10;

const MEMORY_SECTION: u8 = 5;
const HAS_MAXIMUM: u8 = 1;

/// The same module with every memory capped, and how many memories it defines.
///
/// # Errors
/// When the module is damaged, a memory is shared or 64 bits wide, or it wants more from the start.
pub fn cap_memories(module: &[u8], pages: u64) -> Result<(Vec<u8>, usize), LinkError> {
    let mut out = Vec::with_capacity(module.len() + 8);
    out.extend_from_slice(module.get(..8).ok_or_else(cut)?);
    let mut memories = 0;
    let mut rest = Reader { bytes: module, at: 8 };
    while rest.at < module.len() {
        let start = rest.at;
        let id = rest.byte()?;
        let length = rest.number()?;
        let body = rest.take(length)?;
        if id == MEMORY_SECTION {
            let (capped, count) = cap_section(body, pages)?;
            memories += count;
            out.push(id);
            put(&mut out, capped.len() as u64);
            out.extend_from_slice(&capped);
        } else {
            out.extend_from_slice(module.get(start..rest.at).ok_or_else(cut)?);
        }
    }
    Ok((out, memories))
}

fn cap_section(body: &[u8], pages: u64) -> Result<(Vec<u8>, usize), LinkError> {
    let mut reader = Reader { bytes: body, at: 0 };
    let count = reader.number()?;
    let mut out = Vec::with_capacity(body.len() + 8);
    put(&mut out, count);
    let mut read = 0usize;
    for _ in 0..count {
        let flags = reader.byte()?;
        if flags & !HAS_MAXIMUM != 0 {
            return Err(LinkError::Unsupported("a shared or 64-bit memory"));
        }
        let minimum = reader.number()?;
        let maximum = if flags == HAS_MAXIMUM { reader.number()?.min(pages) } else { pages };
        if minimum > maximum {
            return Err(LinkError::TooMuch("memory"));
        }
        out.push(HAS_MAXIMUM);
        put(&mut out, minimum);
        put(&mut out, maximum);
        read += 1;
    }
    Ok((out, read))
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
mod tests {
    use super::*;

    fn module(memories: &[u8]) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([MEMORY_SECTION, memories.len() as u8]);
        bytes.extend(memories);
        bytes.extend([0, 2, 1, b'x']);
        bytes
    }

    #[test]
    fn memories_get_a_maximum() {
        assert_eq!(cap_memories(&module(&[1, 0, 17]), 1024), Ok((module(&[1, 1, 17, 0x80, 8]), 1)));
        assert_eq!(cap_memories(&module(&[1, 1, 17, 20]), 1024), Ok((module(&[1, 1, 17, 20]), 1)));
        assert_eq!(cap_memories(&module(&[1, 1, 17, 0x80, 0x80, 4]), 1024), Ok((module(&[1, 1, 17, 0x80, 8]), 1)));
        assert_eq!(cap_memories(&module(&[1, 0, 0x81, 8]), 1024), Err(LinkError::TooMuch("memory")));
        assert_eq!(
            cap_memories(&module(&[1, 3, 1, 1]), 1024),
            Err(LinkError::Unsupported("a shared or 64-bit memory"))
        );
        assert!(matches!(cap_memories(&module(&[9, 0, 1]), 1024), Err(LinkError::Malformed(_))));
        assert!(matches!(cap_memories(b"\0asm", 1024), Err(LinkError::Malformed(_))));
    }
}

//! What a core module wants from whoever runs it: its import section, read by hand since nothing else of the module is of interest.

/// The names of a module's imports. A damaged module is left to the encoder, which says what is damaged.
pub(super) fn imports(module: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    // Behind the magic number and the version.
    let mut rest = Reader { bytes: module.get(8..).unwrap_or_default() };
    while let Some((id, section)) = rest.section() {
        if id == 2 {
            // What was read before the damage is as true as without it.
            let _damaged = read(&mut Reader { bytes: section }, &mut names);
        }
    }
    names
}

fn read(section: &mut Reader<'_>, names: &mut Vec<String>) -> Option<()> {
    for _ in 0..section.number()? {
        let (module, name) = (section.text()?, section.text()?);
        section.skip_type()?;
        names.push(format!("{module}::{name}"));
    }
    Some(())
}

/// The bytes that are left.
struct Reader<'m> {
    bytes: &'m [u8],
}

impl<'m> Reader<'m> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    /// An unsigned number in LEB128, as far as it has 64 bits.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self) -> Option<&'m [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<&'m str> {
        std::str::from_utf8(self.take()?).ok()
    }

    fn section(&mut self) -> Option<(u8, &'m [u8])> {
        Some((self.byte()?, self.take()?))
    }

    /// A function, table, memory, global or tag.
    fn skip_type(&mut self) -> Option<()> {
        match self.byte()? {
            0 => self.number().map(drop),
            1 => self.skip_value_type().and_then(|()| self.skip_limits()),
            2 => self.skip_limits(),
            3 => self.skip_value_type().and_then(|()| self.byte()).map(drop),
            4 => self.byte().and_then(|_| self.number()).map(drop),
            _ => None,
        }
    }

    fn skip_value_type(&mut self) -> Option<()> {
        match self.byte()? {
            // A reference to a type that is named behind it.
            0x63 | 0x64 => self.number().map(drop),
            _ => Some(()),
        }
    }

    fn skip_limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 != 0 {
            self.number()?;
        }
        if flags & 8 != 0 {
            self.number()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]

    use super::imports;

    #[test]
    fn every_kind_of_import_is_named() {
        let text = r#"(module
            (import "env" "now" (func (param i32)))
            (import "env" "table" (table 1 9 funcref))
            (import "env" "memory" (memory 1 300))
            (import "env" "global" (global (mut i64)))
            (import "wasi_snapshot_preview1" "fd_write" (func)))"#;
        assert_eq!(
            imports(&wat::parse_str(text).unwrap()),
            ["env::now", "env::table", "env::memory", "env::global", "wasi_snapshot_preview1::fd_write"]
        );
        assert!(imports(&wat::parse_str("(module (memory 1) (func))").unwrap()).is_empty());
    }

    #[test]
    fn damage_is_left_to_others() {
        let whole = wat::parse_str(r#"(module (import "env" "now" (func)) (import "env" "then" (func)))"#).unwrap();
        for end in 0..whole.len() {
            assert!(imports(&whole[..end]).len() <= 2);
        }
        for junk in [
            &b""[..],
            b"junk",
            b"\0asm\x01\0\0\0\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\0asm\x01\0\0\0\x02\x01\x09",
        ] {
            assert!(imports(junk).is_empty());
        }
    }
}

//! What a guest's memory holds from the start.

use plimsoll_plugin_abi::{Error, Finding};
use plimsoll_plugin_linker::Stop;
use plimsoll_plugin_linker::canonical::{Canonical, Memory, lower_list};
use std::fmt::Write as _;

/// Bytes from [`Image::BASE`] on.
#[derive(Default)]
pub(super) struct Image {
    bytes: Vec<u8>,
}

impl Image {
    /// Where it begins: address 0 is nobody's.
    pub(super) const BASE: u32 = 1024;

    /// One past its last byte, rounded up.
    pub(super) fn end(&self) -> u32 {
        (Self::BASE + u32::try_from(self.bytes.len()).unwrap()).next_multiple_of(8)
    }

    /// Puts a value; its address.
    pub(super) fn put<T: Canonical>(&mut self, value: &T) -> u32 {
        let at = self.allocate(T::ALIGN, T::SIZE).unwrap();
        let mut own = vec![0; T::SIZE as usize];
        value.store(self, &mut own).unwrap();
        self.overwrite(at, &own);
        at
    }

    /// Puts the result of `check`; its address, and the first finding's.
    pub(super) fn answer(&mut self, answer: &Result<Vec<Finding>, Error>) -> (u32, u32) {
        let mut out = vec![0; 4 + (Error::SIZE as usize).max(8)];
        let first = match answer {
            Ok(findings) => {
                let (at, length) = lower_list(self, findings).unwrap();
                out[4..8].copy_from_slice(&at.to_le_bytes());
                out[8..12].copy_from_slice(&length.to_le_bytes());
                at
            }
            Err(error) => {
                out[0] = 1;
                error.store(self, &mut out[4..4 + Error::SIZE as usize]).unwrap();
                0
            }
        };
        let at = self.allocate(4, u32::try_from(out.len()).unwrap()).unwrap();
        self.overwrite(at, &out);
        (at, first)
    }

    /// Other bytes at an address.
    pub(super) fn overwrite(&mut self, at: u32, bytes: &[u8]) {
        let start = (at - Self::BASE) as usize;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// As a string of the text format.
    pub(super) fn escaped(&self) -> String {
        self.bytes.iter().fold(String::with_capacity(self.bytes.len() * 3), |mut text, byte| {
            let _ = write!(text, "\\{byte:02x}");
            text
        })
    }
}

impl Memory for Image {
    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, Stop> {
        let at = (Self::BASE + u32::try_from(self.bytes.len()).unwrap()).next_multiple_of(align);
        self.bytes.resize((at - Self::BASE + size) as usize, 0);
        Ok(at)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        self.overwrite(at, bytes);
    }
}

//! What the two processes say to each other.

use std::io::{self, Read, Write};

/// In front of an order: who is meant, and which version of this module.
const ORDER: &[u8; 8] = b"plimcmp1";

/// In front of a reply.
const REPLY: &[u8; 8] = b"plimcode";

/// Bytes of a reason.
const REASON: u64 = 4 << 10;

/// Goes to the child, in front of the component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Order {
    /// Bytes of address space it may take.
    pub(super) bytes: u64,
    /// Seconds of processor time, all threads together.
    pub(super) cpu_seconds: u64,
    /// Bytes of the component.
    pub(super) length: u64,
}

/// Comes back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    /// Machine code.
    Compiled(Vec<u8>),
    /// Why there is none.
    Refused(String),
    /// The compiler itself failed.
    Crashed(String),
}

impl Order {
    pub(super) fn encode(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let parts = [u64::from_le_bytes(*ORDER), self.bytes, self.cpu_seconds, self.length];
        for (place, part) in bytes.chunks_exact_mut(8).zip(parts) {
            place.copy_from_slice(&part.to_le_bytes());
        }
        bytes
    }

    /// Reads an order, and nothing behind it.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        let [mark, bytes, cpu_seconds, length] = [number(from)?, number(from)?, number(from)?, number(from)?];
        if mark != u64::from_le_bytes(*ORDER) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no order to compile"));
        }
        Ok(Self { bytes, cpu_seconds, length })
    }
}

impl Reply {
    /// The largest reply of a process with so much address space.
    pub(super) fn most(address_space: u64) -> u64 {
        address_space / 4
    }

    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (kind, payload) = match self {
            Self::Compiled(artefact) => (0u64, artefact.as_slice()),
            Self::Refused(reason) => (1, reason.as_bytes()),
            Self::Crashed(reason) => (2, reason.as_bytes()),
        };
        let most = if kind == 0 { payload.len() } else { payload.len().min(usize::try_from(REASON).unwrap_or(0)) };
        let payload = payload.get(..most).unwrap_or_default();
        to.write_all(REPLY)?;
        to.write_all(&kind.to_le_bytes())?;
        to.write_all(&u64::try_from(payload.len()).unwrap_or(u64::MAX).to_le_bytes())?;
        to.write_all(payload)?;
        to.flush()
    }

    /// Reads a reply of at most so many bytes; `None` when it is not whole.
    pub(super) fn read(mut from: impl Read, most: u64) -> Option<Self> {
        if number(&mut from).ok()? != u64::from_le_bytes(*REPLY) {
            return None;
        }
        let (kind, length) = (number(&mut from).ok()?, number(&mut from).ok()?);
        if length > if kind == 0 { most } else { REASON } {
            return None;
        }
        let mut payload = Vec::new();
        from.take(length).read_to_end(&mut payload).ok()?;
        if u64::try_from(payload.len()).ok()? != length {
            return None;
        }
        let reason = || String::from_utf8_lossy(&payload).into_owned();
        match kind {
            1 => Some(Self::Refused(reason())),
            2 => Some(Self::Crashed(reason())),
            0 => Some(Self::Compiled(payload)),
            _ => None,
        }
    }
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn an_order_arrives_as_it_was_sent() {
        let order = Order { bytes: 1, cpu_seconds: 2, length: 3 };
        let mut bytes = order.encode().to_vec();
        bytes.extend(b"abc");
        let mut from = bytes.as_slice();
        assert_eq!(Order::read(&mut from).unwrap(), order);
        assert_eq!(from, b"abc");
        assert!(Order::read(&mut b"plim".as_slice()).is_err());
        assert!(Order::read(&mut [0u8; 32].as_slice()).is_err());
    }

    #[test]
    fn a_reply_counts_only_when_it_is_whole() {
        let replies = [
            Reply::Compiled(vec![7; 1000]),
            Reply::Compiled(Vec::new()),
            Reply::Refused("no".to_owned()),
            Reply::Crashed("oh".to_owned()),
        ];
        for reply in replies {
            let mut bytes = Vec::new();
            reply.write(&mut bytes).unwrap();
            assert_eq!(Reply::read(bytes.as_slice(), 1000), Some(reply));
            for cut in 0..bytes.len() {
                assert_eq!(Reply::read(&bytes[..cut], 1000), None, "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_reply_is_no_longer_than_it_may_be() {
        let mut bytes = Vec::new();
        Reply::Compiled(vec![7; 1001]).write(&mut bytes).unwrap();
        assert_eq!(Reply::read(bytes.as_slice(), 1000), None);
        let mut bytes = Vec::new();
        Reply::Refused("é".repeat(10_000)).write(&mut bytes).unwrap();
        let Some(Reply::Refused(reason)) = Reply::read(bytes.as_slice(), 1000) else { panic!("it is shortened") };
        assert!(reason.len() <= 4 << 10);
        let mut unknown = REPLY.to_vec();
        unknown.extend(9u64.to_le_bytes());
        unknown.extend(0u64.to_le_bytes());
        assert_eq!(Reply::read(unknown.as_slice(), 1000), None);
    }
}

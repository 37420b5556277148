//! Signatures of plug-ins, in minisign's format: who made a file, where a digest only says which file it is.

use super::source::SourceError;
use minisign_verify::{Error, PublicKey, Signature};

/// Bytes of a signature file: four lines.
pub const MAX_BYTES: u64 = 4 << 10;

/// The keys of those whose plug-ins are taken. Without any, nothing has to be signed.
#[derive(Clone, Default, Debug)]
pub struct Keys(Vec<PublicKey>);

impl Keys {
    /// Adds a key as `minisign` prints it: the second line of a `.pub` file.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn add(&mut self, text: &str) -> Result<(), &'static str> {
        let key = PublicKey::from_base64(text.trim()).map_err(|_| "this is no minisign public key")?;
        self.0.push(key);
        Ok(())
    }

    /// Whether plug-ins have to be signed.
    #[must_use]
    pub fn are_asked_for(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether a file may be used: no keys are asked for, or one of them signed it.
    ///
    /// # Errors
    /// When it is not signed, not by one of these keys, or was changed since.
    pub fn verify(&self, file: &[u8], signature: Option<&str>) -> Result<(), SourceError> {
        if !self.are_asked_for() {
            return Ok(());
        }
        let signature = signature.ok_or(SourceError::Unsigned)?;
        let signature =
            Signature::decode(signature).map_err(|_| SourceError::BadSignature("it is no signature of minisign"))?;
        for key in &self.0 {
            match key.verify(file, &signature, false) {
                Ok(()) => return Ok(()),
                Err(Error::UnexpectedKeyId) => {}
                Err(Error::UnsupportedLegacyMode | Error::UnsupportedAlgorithm | Error::UnexpectedAlgorithm) => {
                    return Err(SourceError::BadSignature("it was made the old way, without hashing the file first"));
                }
                Err(_) => return Err(SourceError::BadSignature("it does not belong to this file")),
            }
        }
        Err(SourceError::OtherKey)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]

    use super::*;
    use minisign::KeyPair;
    use std::io::Cursor;

    fn signed(pair: &KeyPair, file: &[u8]) -> String {
        minisign::sign(Some(&pair.pk), &pair.sk, Cursor::new(file), Some("of a test"), None).unwrap().to_string()
    }

    #[test]
    fn only_a_trusted_key_counts() {
        let (ours, other) =
            (KeyPair::generate_unencrypted_keypair().unwrap(), KeyPair::generate_unencrypted_keypair().unwrap());
        let mut keys = Keys::default();
        assert_eq!(keys.verify(b"file", None), Ok(()), "without keys nothing has to be signed");
        keys.add(&KeyPair::generate_unencrypted_keypair().unwrap().pk.to_base64()).unwrap();
        keys.add(&format!(" {}\n", ours.pk.to_base64())).unwrap();
        assert_eq!(keys.verify(b"file", Some(&signed(&ours, b"file"))), Ok(()));
        assert_eq!(keys.verify(b"file", None), Err(SourceError::Unsigned));
        assert_eq!(keys.verify(b"file", Some(&signed(&other, b"file"))), Err(SourceError::OtherKey));
        let moved = signed(&ours, b"another file");
        assert_eq!(
            keys.verify(b"file", Some(&moved)),
            Err(SourceError::BadSignature("it does not belong to this file"))
        );
        for damaged in ["", "a\nb\nc\nd\n", &signed(&ours, b"file")[..60]] {
            assert!(matches!(keys.verify(b"file", Some(damaged)), Err(SourceError::BadSignature(_))), "{damaged}");
        }
    }

    #[test]
    fn a_key_is_a_line_of_base64() {
        for text in ["", "RWQ", "not base64!", &"A".repeat(56), &"RW".repeat(1000)] {
            assert!(Keys::default().add(text).is_err(), "{text}");
        }
    }
}

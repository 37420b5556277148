//! What was compiled before, kept in the user's own folder.
//!
//! Machine code is run as it is, so only what this program wrote itself may come back: the folder and each file belong to the user
//! alone, no link is followed, a file names the plug-in, the compiler and the limits it was made for, and carries a digest of its
//! content. Whatever does not fit is not used and not complained about; the plug-in is compiled again.

#[cfg(unix)]
mod folder;

use plimsoll_plugin_abi::Limits;
use sha2::{Digest as _, Sha256};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// Bytes of all files together; the ones that were used longest ago go first.
const MOST: u64 = 1 << 30;

/// In front of every file.
const MARK: &[u8; 16] = b"plimsoll cwasm 1";

/// A folder of compiled plug-ins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cache {
    folder: PathBuf,
    most: u64,
}

/// What an artefact was made of and for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// The key of a file for a compiler. The limits of its inspection belong to it: what they allow is not looked at again.
    pub(super) fn new(fingerprint: impl Hash, sha256: &str, limits: &Limits) -> Self {
        let mut hash = Digester(Sha256::new());
        (env!("CARGO_PKG_VERSION"), sha256, limits.function_cost, limits.file_cost, limits.instances).hash(&mut hash);
        fingerprint.hash(&mut hash);
        Self(hash.0.finalize().into())
    }

    fn file(&self) -> String {
        format!("{}.cwasm", super::inspect::hex(&self.0))
    }
}

/// Hashes whatever can be hashed by SHA-256.
struct Digester(Sha256);

impl Hasher for Digester {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(self.0.clone().finalize());
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

impl Cache {
    /// The folder for compiled plug-ins that these variables of the environment name: `$XDG_CACHE_HOME/plimsoll/plugins`, or below
    /// `~/.cache`.
    #[must_use]
    pub fn of_user(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Option<Self> {
        let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
        Some(Self::at(caches.join("plimsoll").join("plugins")))
    }

    /// A cache in this folder, which is made when something is kept for the first time. A folder that cannot be trusted is not used.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder, most: MOST }
    }

    /// The same cache with another size, in bytes.
    #[must_use]
    pub fn with_size(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was kept, when it is whole and can be trusted.
    #[cfg(unix)]
    pub(super) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let folder = folder::Folder::open(&self.folder)?;
        let bytes = folder.read(&key.file(), self.most)?;
        let artefact = unwrap(key, bytes)?;
        folder.used(&key.file());
        Some(artefact)
    }

    /// Keeps an artefact. That this fails is nobody's business: it is compiled again.
    #[cfg(unix)]
    pub(super) fn put(&self, key: &Key, artefact: &[u8]) {
        let size = u64::try_from(artefact.len().saturating_add(HEAD)).unwrap_or(u64::MAX);
        if size > self.most {
            return;
        }
        if let Some(folder) = folder::Folder::make(&self.folder) {
            folder.write(&key.file(), &[MARK, &key.0, &Sha256::digest(artefact), artefact]);
            folder.shrink(self.most);
        }
    }

    /// Elsewhere nobody can say whose a file is.
    #[cfg(not(unix))]
    pub(super) fn get(&self, _: &Key) -> Option<Vec<u8>> {
        None
    }

    #[cfg(not(unix))]
    pub(super) fn put(&self, _: &Key, _: &[u8]) {}
}

/// Bytes in front of the artefact.
const HEAD: usize = MARK.len() + 32 + 32;

/// The artefact of a file, when mark, key and digest are right.
#[cfg_attr(not(unix), allow(dead_code, reason = "used with the cache"))]
fn unwrap(key: &Key, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (head, artefact) = bytes.split_at_checked(HEAD)?;
    let mut expected = MARK.to_vec();
    expected.extend(key.0);
    expected.extend(Sha256::digest(artefact));
    if head != expected.as_slice() {
        return None;
    }
    bytes.drain(..HEAD);
    Some(bytes)
}

#[cfg(all(test, unix))]
mod tests;

//! Where plug-ins come from: files, and registries with what was once got from them kept at hand.
//!
//! Nothing is used before its digest and its signature are what the user asks for.

use super::config::Environment;
use super::signature;
use super::{Limits, PluginError};
use plimsoll_core::text::shorten;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Why a plug-in's file cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceError {
    /// It is not the file that is pinned.
    Digest {
        /// What is pinned.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A source that is neither a file nor in a registry.
    Scheme(String),
    /// It comes from a registry, and nothing says which file it has to be.
    NotPinned,
    /// This build reads no registries.
    NoRegistries,
    /// The registry did not give it: why, and what to do.
    Registry(String, &'static str),
    /// Keys are trusted, and it has no signature.
    Unsigned,
    /// It is signed with another key.
    OtherKey,
    /// Its signature is not right.
    BadSignature(&'static str),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest { expected, found } => {
                write!(f, "it is not the file that is pinned: its sha256 is {found}, not {expected}")
            }
            Self::Scheme(scheme) => write!(f, "`{}://` is no source of plug-ins", shorten(scheme, 40)),
            Self::NotPinned => write!(f, "it comes from a registry, and no digest says which file it has to be"),
            Self::NoRegistries => write!(f, "this build of Plimsoll reads no registries"),
            Self::Registry(reason, _) => write!(f, "{}", shorten(reason, 400)),
            Self::Unsigned => write!(f, "it is not signed, and only plug-ins of the trusted keys are taken"),
            Self::OtherKey => write!(f, "it is signed with a key that is not trusted"),
            Self::BadSignature(reason) => write!(f, "its signature cannot be used: {reason}"),
        }
    }
}

impl std::error::Error for SourceError {}

impl SourceError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Digest { .. } => "find out why it changed; if that is meant, run `plimsoll plugin update`",
            Self::Scheme(_) => "name a file, or `oci://registry/repository:tag`",
            Self::NotPinned => "run `plimsoll plugin add`, which writes the digest down, or give `sha256`",
            Self::NoRegistries => "get the file by other means and name it, or use a build with the feature `oci`",
            Self::Registry(_, help) => help,
            Self::Unsigned => "sign it with `minisign -S`, which writes FILE.minisig beside it",
            Self::OtherKey => "add its public key to `trusted-keys` if you trust its owner",
            Self::BadSignature(_) => "get the file and its signature again",
        }
    }

    /// The kind of mistake, in a word that does not change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Digest { .. } => "digest",
            Self::Scheme(_) => "source-scheme",
            Self::NotPinned => "not-pinned",
            Self::NoRegistries => "no-registries",
            Self::Registry(..) => "registry",
            Self::Unsigned => "unsigned",
            Self::OtherKey => "untrusted-key",
            Self::BadSignature(_) => "signature",
        }
    }

    /// Whether the run must not go on: what is there is not what the user asks for, or the configuration cannot mean anything. A
    /// registry that is down is a plug-in that failed, like any other.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        !matches!(self, Self::Registry(..))
    }
}

/// Where a plug-in comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// A reference into a registry, without `oci://`.
    Registry(String),
}

impl Origin {
    /// What a configuration in this folder means by a source.
    ///
    /// # Errors
    /// When it is neither a file nor in a registry.
    pub fn of(source: &str, folder: &Path) -> Result<Self, SourceError> {
        match source.split_once("://") {
            Some(("oci", reference)) => Ok(Self::Registry(reference.to_owned())),
            Some((scheme, _)) => Err(SourceError::Scheme(scheme.to_owned())),
            None => Ok(Self::File(folder.join(source))),
        }
    }
}

/// A plug-in's file, as it was got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    /// The component.
    pub bytes: Vec<u8>,
    /// Its SHA-256, in hexadecimal digits.
    pub digest: String,
    /// The text of its signature, when it has one.
    pub signature: Option<String>,
}

impl Fetched {
    fn new(bytes: Vec<u8>, signature: Option<String>) -> Self {
        Self { digest: digest(&bytes), bytes, signature }
    }

    /// Whether it is the file that is meant.
    ///
    /// # Errors
    /// When it is another.
    pub fn is(&self, pin: Option<&str>) -> Result<(), SourceError> {
        match pin {
            Some(pin) if pin != self.digest => {
                Err(SourceError::Digest { expected: pin.to_owned(), found: self.digest.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// The digest by which files are told apart.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Gets a plug-in's file. One from a registry that is pinned is asked for there only once.
///
/// # Errors
/// When it cannot be had, is too large, or is not the one that is pinned.
pub fn fetch(
    origin: &Origin,
    pin: Option<&str>,
    store: Option<&Store>,
    limits: &Limits,
) -> Result<Fetched, PluginError> {
    let fetched = match origin {
        Origin::File(path) => {
            let bytes = read(path, limits.file_bytes)?;
            Fetched::new(bytes, signature_beside(path)?)
        }
        Origin::Registry(reference) => {
            if let Some(kept) = pin.and_then(|pin| store?.get(pin, limits.file_bytes)) {
                return Ok(kept);
            }
            pull(reference, limits).map_err(PluginError::Source)?
        }
    };
    fetched.is(pin).map_err(PluginError::Source)?;
    if let (Origin::Registry(_), Some(store)) = (origin, store) {
        // Without it the registry is asked again next time.
        let _kept = store.put(&fetched);
    }
    Ok(fetched)
}

#[cfg(feature = "oci")]
fn pull(reference: &str, limits: &Limits) -> Result<Fetched, SourceError> {
    let pulled =
        super::oci::pull(reference, limits).map_err(|error| SourceError::Registry(error.to_string(), error.help()))?;
    Ok(Fetched::new(pulled.bytes, pulled.signature))
}

#[cfg(not(feature = "oci"))]
fn pull(_: &str, _: &Limits) -> Result<Fetched, SourceError> {
    Err(SourceError::NoRegistries)
}

/// Reads a file that may be larger than memory, or no file at all: only as much as tells that it is too large.
///
/// # Errors
/// When it cannot be read, or is too large.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, PluginError> {
    // A pipe or a device could keep the run waiting for ever.
    let meta = fs::metadata(path).map_err(PluginError::Unreadable)?;
    if !meta.is_file() {
        return Err(PluginError::Unreadable(io::Error::other("it is no file")));
    }
    if meta.len() > limit {
        return Err(PluginError::TooLarge { bytes: meta.len(), limit });
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(path).map_err(PluginError::Unreadable)?;
    opened.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(PluginError::Unreadable)?;
    if Limits::holds(limit, bytes.len()) {
        Ok(bytes)
    } else {
        Err(PluginError::TooLarge { bytes: bytes.len().try_into().unwrap_or(u64::MAX), limit })
    }
}

/// Where the signature of a file stands.
#[must_use]
pub fn signature_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

/// The signature beside a file; `None` when there is none. What is there and is no text is no signature either, and says so later.
fn signature_beside(path: &Path) -> Result<Option<String>, PluginError> {
    match read(&signature_file(path), signature::MAX_BYTES) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(PluginError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(PluginError::TooLarge { .. }) => Err(PluginError::Source(SourceError::BadSignature("it is too large"))),
        Err(error) => Err(error),
    }
}

/// Plug-ins that were got from registries, by their digests. A file here is taken only when it still has its digest, so it does not
/// matter who may write here.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The user's own.
    #[must_use]
    pub fn of_user(environment: &Environment) -> Option<Self> {
        Some(Self::at(environment.cache.as_ref()?.join("registry")))
    }

    /// A store in this folder, which is made when something is kept for the first time.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn file(&self, digest: &str) -> Option<PathBuf> {
        let plain = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| self.folder.join(format!("{digest}.wasm")))
    }

    /// What is kept under a digest.
    #[must_use]
    pub fn get(&self, digest: &str, limit: u64) -> Option<Fetched> {
        let path = self.file(digest)?;
        let fetched = Fetched::new(read(&path, limit).ok()?, signature_beside(&path).ok()?);
        (fetched.digest == digest).then_some(fetched)
    }

    /// Keeps a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, fetched: &Fetched) -> io::Result<()> {
        let Some(path) = self.file(&fetched.digest) else { return Ok(()) };
        fs::create_dir_all(&self.folder)?;
        if let Some(signature) = &fetched.signature {
            write(&signature_file(&path), signature.as_bytes())?;
        }
        write(&path, &fetched.bytes)
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link is written through, not replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = fs::write(&new, bytes).and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        let _gone = fs::remove_file(&new);
    }
    written
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

    use super::*;

    #[test]
    fn what_a_source_means() {
        let folder = Path::new("/etc/plimsoll");
        assert_eq!(Origin::of("rules/a.wasm", folder), Ok(Origin::File("/etc/plimsoll/rules/a.wasm".into())));
        assert_eq!(Origin::of("/opt/a.wasm", folder), Ok(Origin::File("/opt/a.wasm".into())));
        assert_eq!(Origin::of("oci://r.example.net/a:1", folder), Ok(Origin::Registry("r.example.net/a:1".to_owned())));
        assert_eq!(Origin::of("https://example.net/a.wasm", folder), Err(SourceError::Scheme("https".to_owned())));
    }

    #[test]
    fn a_file_is_read_up_to_its_limit_and_held_against_its_pin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wasm");
        fs::write(&path, b"abc").unwrap();
        let origin = Origin::File(path.clone());
        let limits = Limits { file_bytes: 3, ..Limits::default() };
        let fetched = fetch(&origin, None, None, &limits).unwrap();
        assert_eq!((fetched.bytes.as_slice(), &fetched.signature), (&b"abc"[..], &None));
        assert_eq!(fetched.digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(fetch(&origin, Some(&fetched.digest), None, &limits).is_ok());
        let wrong = fetch(&origin, Some(&"0".repeat(64)), None, &limits);
        assert!(matches!(wrong, Err(PluginError::Source(SourceError::Digest { .. }))), "{wrong:?}");
        let small = Limits { file_bytes: 2, ..limits.clone() };
        assert!(matches!(fetch(&origin, None, None, &small), Err(PluginError::TooLarge { bytes: 3, limit: 2 })));
        let gone = Origin::File(folder.path().join("b.wasm"));
        assert!(matches!(fetch(&gone, None, None, &limits), Err(PluginError::Unreadable(_))));
        let no_file = Origin::File(folder.path().to_path_buf());
        assert!(matches!(fetch(&no_file, None, None, &limits), Err(PluginError::Unreadable(_))));
        fs::write(folder.path().join("a.wasm.minisig"), "signature").unwrap();
        assert_eq!(fetch(&origin, None, None, &limits).unwrap().signature.as_deref(), Some("signature"));
        fs::write(folder.path().join("a.wasm.minisig"), "x".repeat(5000)).unwrap();
        let large = fetch(&origin, None, None, &limits);
        assert!(matches!(large, Err(PluginError::Source(SourceError::BadSignature(_)))), "{large:?}");
    }

    #[test]
    fn the_store_gives_only_what_has_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("a/b"));
        let fetched = Fetched::new(b"abc".to_vec(), Some("signature".to_owned()));
        assert_eq!(store.get(&fetched.digest, 10), None);
        store.put(&fetched).unwrap();
        assert_eq!(store.get(&fetched.digest, 10), Some(fetched.clone()));
        assert_eq!(store.get(&fetched.digest, 2), None);
        // What is at hand is not asked for again.
        let origin = Origin::Registry("registry.invalid/a:1".to_owned());
        let limits = Limits::default();
        assert_eq!(fetch(&origin, Some(&fetched.digest), Some(&store), &limits).unwrap(), fetched);
        fs::write(folder.path().join(format!("a/b/{}.wasm", fetched.digest)), "abd").unwrap();
        assert_eq!(store.get(&fetched.digest, 10), None);
        for name in ["../../../etc/passwd", "", &"g".repeat(64)] {
            assert_eq!(store.get(name, 10), None);
        }
    }

    #[cfg(not(feature = "oci"))]
    #[test]
    fn a_build_without_registries_says_so() {
        let origin = Origin::Registry("registry.invalid/a:1".to_owned());
        let error = fetch(&origin, None, None, &Limits::default()).unwrap_err();
        assert!(matches!(&error, PluginError::Source(SourceError::NoRegistries)), "{error:?}");
    }

    #[test]
    fn writing_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(write(&folder.path().join("no/such"), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn every_error_says_what_to_do() {
        let all = [
            SourceError::Digest { expected: "a".to_owned(), found: "b".to_owned() },
            SourceError::Scheme("https".to_owned()),
            SourceError::NotPinned,
            SourceError::NoRegistries,
            SourceError::Registry("it is down".to_owned(), "try again"),
            SourceError::Unsigned,
            SourceError::OtherKey,
            SourceError::BadSignature("x"),
        ];
        let codes: std::collections::BTreeSet<&str> = all.iter().map(SourceError::code).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.iter().all(|error| !error.help().is_empty() && !error.to_string().is_empty()));
        assert_eq!(all.iter().filter(|error| !error.ends_the_run()).count(), 1);
    }
}

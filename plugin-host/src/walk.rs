//! From paths to [`Sources`]: which files of a tree are read, and which are only known by name.

use ignore::WalkBuilder;
use plimsoll_core::detect;
use plimsoll_core::source::{MAX_BYTES, Sources, Unread};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Files one run takes at most. Past it a tree is named incomplete instead of being read for minutes.
pub const MAX_FILES: usize = 50_000;

/// Bytes one run reads at most.
pub const MAX_TOTAL_BYTES: u64 = 256 << 20;

/// A file of no known format is read up to this size, to look for keys and credentials in it.
const MAX_OTHER_BYTES: u64 = 64 << 10;

/// A file whose ending says that it is configuration is read up to this size: a full php.ini has 75 kilobytes.
const MAX_CONFIGURATION_BYTES: u64 = 1 << 20;

/// A path that was named and could not be read at all.
#[derive(Debug)]
pub struct Unreadable {
    /// The path as given.
    pub path: String,
    /// The system's reason.
    pub error: io::Error,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Walked {
    /// Names and texts.
    pub sources: Sources,
    /// Named paths that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Set when the tree is larger than a run takes.
    pub cut_short: bool,
    read: u64,
    files: usize,
}

impl Walked {
    /// Adds a file or a whole tree. Names in a tree are relative to it; a file keeps the path it was named by.
    pub fn add(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.tree(path),
            Ok(_) => self.file(path, &path.to_string_lossy()),
            Err(error) => self.unreadable.push(Unreadable { path: path.display().to_string(), error }),
        }
    }

    /// Adds the policy of a folder above, up to the repository's root, when the folder itself has none: a part of a repository is
    /// checked by the repository's rules.
    pub fn policy_above(&mut self, folder: &Path) {
        let name = plimsoll_core::policy::FILE_NAME;
        let Ok(folder) = folder.canonicalize() else { return };
        if !folder.is_dir() || folder.join(name).exists() {
            return;
        }
        let mut up = String::new();
        for above in folder.ancestors() {
            let file = above.join(name);
            if !up.is_empty() && file.is_file() {
                self.file(&file, &format!("{up}{name}"));
                return;
            }
            if above.join(".git").exists() {
                return;
            }
            up.push_str("../");
        }
    }

    /// Adds a text read from standard input.
    ///
    /// # Errors
    /// When standard input cannot be read.
    pub fn stdin(&mut self, name: &str) -> io::Result<()> {
        let mut bytes = Vec::new();
        io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        self.sources.add_bytes(name, &bytes);
        Ok(())
    }

    /// Ignore files decide about folders and about files of no known format. A `.env` or key that git ignores is still part of
    /// the build context, so files with a telling name are read wherever their folder is.
    fn tree(&mut self, root: &Path) {
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
        let walker = WalkBuilder::new(root)
            .hidden(false)
            .follow_links(false)
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != ".git" || entry.depth() == 0)
            .sort_by_file_name(Ord::cmp)
            .build();
        for entry in walker {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.walk_error(root, &error);
                    continue;
                }
            };
            let path = entry.path();
            match entry.file_type() {
                Some(kind) if kind.is_dir() => {
                    folders.insert(path.to_path_buf());
                }
                Some(kind) if kind.is_file() => {
                    seen.insert(path.to_path_buf());
                    if !self.file_in(root, path) {
                        return;
                    }
                }
                _ => {}
            }
        }
        for folder in folders {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            let mut ignored: Vec<PathBuf> = entries
                .flatten()
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
                .map(|entry| entry.path())
                .filter(|path| !seen.contains(path) && tells(path))
                .collect();
            ignored.sort();
            for path in ignored {
                if !self.file_in(root, &path) {
                    return;
                }
            }
        }
        if root.join(".git").exists() {
            // What a `COPY . .` would take; its history is not read.
            self.sources.add_unread(".git/HEAD", Unread::NotNeeded);
        }
    }

    fn walk_error(&mut self, root: &Path, error: &ignore::Error) {
        let path = match error {
            ignore::Error::WithPath { path, .. } => Some(path.clone()),
            ignore::Error::WithDepth { err, .. } => match err.as_ref() {
                ignore::Error::WithPath { path, .. } => Some(path.clone()),
                _ => None,
            },
            _ => None,
        };
        // A broken or circular link leads nowhere that could be analysed; an unreadable folder does.
        if let Some(path) = path.filter(|path| !path.is_symlink()) {
            let reason = error.io_error().map_or_else(|| error.to_string(), plain_reason);
            self.sources.add_unread(&relative(root, &path), Unread::Unreadable { reason });
            self.cut_short = true;
        }
    }

    fn file_in(&mut self, root: &Path, path: &Path) -> bool {
        self.files += 1;
        if self.files > MAX_FILES || self.read > MAX_TOTAL_BYTES {
            self.cut_short = true;
            return false;
        }
        self.file(path, &relative(root, path));
        true
    }

    fn file(&mut self, path: &Path, name: &str) {
        let size = match fs::metadata(path) {
            Ok(meta) => meta.len(),
            Err(error) => return self.sources.add_unread(name, Unread::Unreadable { reason: plain_reason(&error) }),
        };
        let known = detect::by_name(name).is_some() || is_named_directly(path, name);
        if size > MAX_BYTES as u64 {
            return self.sources.add_unread(name, Unread::TooLarge { bytes: size });
        }
        let configuration = size <= MAX_CONFIGURATION_BYTES && is_configuration(name);
        if !known && size > MAX_OTHER_BYTES && !configuration && !is_recorded(path) {
            return self.sources.add_unread(name, Unread::NotNeeded);
        }
        match fs::read(path) {
            Ok(bytes) => {
                self.read += bytes.len() as u64;
                self.sources.add_bytes(name, &bytes);
            }
            Err(error) => self.sources.add_unread(name, Unread::Unreadable { reason: plain_reason(&error) }),
        }
    }
}

fn is_named_directly(path: &Path, name: &str) -> bool {
    path.to_string_lossy() == name
}

/// Whether a file's ending says that it is configuration, whatever its name.
fn is_configuration(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".ini", ".conf", ".cnf", ".yaml", ".yml", ".nginx", ".vhost", ".template"].iter().any(|end| name.ends_with(end))
}

/// Whether a large file of no known name holds output of `docker` commands or a scan report: their beginning tells.
fn is_recorded(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let may_be = !name.contains('.')
        || [".json", ".ndjson", ".jsonl", ".txt", ".log", ".out", ".sarif"].iter().any(|end| name.ends_with(end));
    let mut head = Vec::new();
    let read = |head: &mut Vec<u8>| fs::File::open(path).and_then(|file| file.take(4096).read_to_end(head)).is_ok();
    may_be && read(&mut head) && detect::sniff(&String::from_utf8_lossy(&head))
}

/// Whether a file's name tells that it belongs to a stack or holds a secret.
fn tells(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    detect::by_name(&name).is_some() || plimsoll_core::facts::secrets::secret_file(&name).is_some()
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// The reason without the system's number, so that it reads the same everywhere.
fn plain_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        _ => error.to_string(),
    }
}

//! A folder that is the user's alone. It is opened once and everything is done through that handle, so nothing can be put in its
//! place between a look at it and its use.

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use rustix::fs::{fstat, futimens, open, openat, renameat, statat, unlinkat};
use std::fs::{DirBuilder, File};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How the names of unfinished files begin.
const UNFINISHED: &str = ".unfinished-";

/// After this time nobody finishes a file any more.
const STALE: Duration = Duration::from_secs(3600);

/// Files that are looked at when the cache is made smaller.
const FILES: usize = 20_000;

pub(super) struct Folder(OwnedFd);

struct Entry {
    name: String,
    bytes: u64,
    used: i64,
}

impl Folder {
    /// Opens a folder, when it is there and the user's alone.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = open(path, flags, Mode::empty()).ok()?;
        private(&fstat(&folder).ok()?, FileType::Directory).then_some(Self(folder))
    }

    /// Opens a folder, and makes it when it is not there.
    pub(super) fn make(path: &Path) -> Option<Self> {
        // What is there is left as it is: a folder that others can write to is not made right by closing it now.
        let _ = DirBuilder::new().recursive(true).mode(0o700).create(path);
        Self::open(path)
    }

    /// A file's content, when the file is the user's alone and no larger than this.
    pub(super) fn read(&self, name: &str, most: u64) -> Option<Vec<u8>> {
        // Without NONBLOCK a pipe in its place would wait for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.0, name, flags, Mode::empty()).ok()?;
        let stat = fstat(&file).ok()?;
        let size = u64::try_from(stat.st_size).ok()?;
        if !private(&stat, FileType::RegularFile) || size > most {
            return None;
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(usize::try_from(size).ok()?).ok()?;
        File::from(file).take(size).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Writes a file as a whole or not at all.
    pub(super) fn write(&self, name: &str, parts: &[&[u8]]) -> Option<()> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let unfinished = format!("{UNFINISHED}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, &unfinished, flags, Mode::RUSR | Mode::WUSR).ok()?);
        let written = parts.iter().try_for_each(|part| file.write_all(part));
        drop(file);
        let moved = written.is_ok() && renameat(&self.0, &unfinished, &self.0, name).is_ok();
        if !moved {
            let _ = unlinkat(&self.0, &unfinished, AtFlags::empty());
        }
        moved.then_some(())
    }

    /// Remembers that a file was used now.
    pub(super) fn used(&self, name: &str) {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        if let Ok(file) = openat(&self.0, name, flags, Mode::empty()) {
            let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
            let same = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
            let _ = futimens(&file, &Timestamps { last_access: same, last_modification: now });
        }
    }

    /// Removes files until all of them together have at most so many bytes: the ones used longest ago first.
    pub(super) fn shrink(&self, most: u64) {
        let mut entries = self.entries();
        entries.sort_by(|a, b| (a.used, &a.name).cmp(&(b.used, &b.name)));
        let mut total = entries.iter().fold(0u64, |total, entry| total.saturating_add(entry.bytes));
        for entry in entries {
            if total <= most {
                break;
            }
            if unlinkat(&self.0, entry.name.as_str(), AtFlags::empty()).is_ok() {
                total = total.saturating_sub(entry.bytes);
            }
        }
    }

    /// The finished files. Unfinished ones that nobody finishes are removed on the way.
    fn entries(&self) -> Vec<Entry> {
        let Ok(listing) = Dir::read_from(&self.0) else { return Vec::new() };
        let mut entries = Vec::new();
        for entry in listing.take(FILES).map_while(Result::ok) {
            let Ok(name) = entry.file_name().to_str() else { continue };
            let Ok(stat) = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let used = stat.st_mtime;
            if name.ends_with(".cwasm") {
                entries.push(Entry { name: name.to_owned(), bytes: u64::try_from(stat.st_size).unwrap_or(0), used });
            } else if name.starts_with(UNFINISHED) && stale(used) {
                let _ = unlinkat(&self.0, name, AtFlags::empty());
            }
        }
        entries
    }
}

/// Whether something is what it should be, belongs to this user, and nobody else may read or write it.
fn private(stat: &Stat, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.st_mode) == kind
        && stat.st_uid == rustix::process::geteuid().as_raw()
        && stat.st_mode & 0o077 == 0
}

fn stale(used: i64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let used = u64::try_from(used).unwrap_or(0);
    now.saturating_sub(used) > STALE.as_secs()
}

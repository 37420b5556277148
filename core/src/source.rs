//! What a door hands in: names and their texts, and names whose text could not be had, with the reason.

use crate::span::{LineColumn, LineIndex, Span, Utf16Index};
use crate::syntax::shell::SourceMap;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Largest text that is analysed, in bytes. Real stack files are a few kilobytes; a larger one is reported, not read.
pub const MAX_BYTES: usize = 4 << 20;

/// Which of the [`Sources`] something stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SourceId(pub(crate) u32);

/// A span in one source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Location {
    /// The source.
    pub source: SourceId,
    /// Where in it.
    pub span: Span,
}

impl Location {
    /// A span in a source.
    #[must_use]
    pub fn new(source: SourceId, span: Span) -> Self {
        Self { source, span }
    }
}

/// Why a file is known by name only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unread {
    /// It holds NUL bytes, so it is no text.
    Binary,
    /// It is larger than [`MAX_BYTES`].
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
    },
    /// The system refused to read it.
    Unreadable {
        /// The system's reason.
        reason: String,
    },
    /// Nothing asks for its content; that it exists is enough.
    NotNeeded,
}

/// One text.
#[derive(Clone, Debug)]
pub struct Source {
    path: String,
    text: String,
    lines: LineIndex,
    replaced: Option<u32>,
}

impl Source {
    /// Its name: relative, `/`-separated.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its line table.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// Line and column of a byte offset.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> LineColumn {
        self.lines.line_column(&self.text, offset)
    }

    /// Where the first byte sequence stood that was not UTF-8, when there was one.
    #[must_use]
    pub fn first_replaced(&self) -> Option<u32> {
        self.replaced
    }

    /// The editor's way of counting in this text.
    #[must_use]
    pub fn utf16(&self) -> Utf16Index {
        Utf16Index::new(&self.text)
    }
}

/// All names and texts of one analysis, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    by_path: BTreeMap<String, SourceId>,
    unread: BTreeMap<String, Unread>,
    /// The file that counts as the policy, when a user named one.
    policy: Option<String>,
    /// Texts that stand inside another one, found when the files are read.
    embedded: OnceLock<Vec<Embedded>>,
}

/// A text of another format inside a file: the Dockerfile in a Compose file's `dockerfile_inline`.
///
/// It is read as if it were a file, so it has a [`SourceId`] of its own, which no [`Sources::iter`] shows. What is found in it is
/// said of the file around it: see [`Sources::origin`].
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    /// Its text, under the name of the file around it.
    source: Source,
    /// The file around it, and the value there.
    pub(crate) at: Location,
    /// Where each byte of it stands in that file.
    pub(crate) map: SourceMap,
}

impl Sources {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under a name; the same name again replaces the text. Too large a text is kept by name only.
    pub fn add(&mut self, path: &str, text: impl Into<String>) {
        self.insert(path, text.into(), None);
    }

    /// Adds a file as read from disk: decides whether it is text, and replaces what is not UTF-8.
    pub fn add_bytes(&mut self, path: &str, bytes: &[u8]) {
        if bytes.len() > MAX_BYTES {
            self.add_unread(path, Unread::TooLarge { bytes: bytes.len() as u64 });
        } else if bytes.iter().take(8192).any(|&byte| byte == 0) {
            self.add_unread(path, Unread::Binary);
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) => self.insert(path, text.to_owned(), None),
                Err(error) => {
                    let at = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
                    self.insert(path, String::from_utf8_lossy(bytes).into_owned(), Some(at));
                }
            }
        }
    }

    /// Adds a name whose text is not at hand.
    pub fn add_unread(&mut self, path: &str, why: Unread) {
        let path = normalise(path);
        if !self.by_path.contains_key(&path) {
            self.unread.insert(path, why);
        }
    }

    /// Names the file that counts as the policy of this analysis, whatever it is called and wherever others are.
    pub fn name_policy(&mut self, path: &str) {
        self.policy = Some(normalise(path));
    }

    /// The file that was named with [`Sources::name_policy`], when its text is there.
    #[must_use]
    pub fn named_policy(&self) -> Option<SourceId> {
        self.by_path.get(self.policy.as_ref()?).copied()
    }

    fn insert(&mut self, path: &str, text: String, replaced: Option<u32>) {
        if text.len() > MAX_BYTES {
            self.add_unread(path, Unread::TooLarge { bytes: text.len() as u64 });
            return;
        }
        let path = normalise(path);
        self.embedded = OnceLock::new();
        self.unread.remove(&path);
        let source = Source { lines: LineIndex::new(&text), path: path.clone(), text, replaced };
        match self.by_path.get(&path) {
            Some(id) => self.files[id.0 as usize] = source,
            None => {
                let id = source_id(self.files.len());
                self.files.push(source);
                self.by_path.insert(path, id);
            }
        }
    }

    /// The source of an id.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        match self.embedded_text(id) {
            Some(embedded) => &embedded.source,
            None => &self.files[id.0 as usize],
        }
    }

    /// Sets the texts inside others, once for these files: the value's place, its text, and the way back.
    pub(crate) fn embed(&self, find: impl FnOnce() -> Vec<(Location, String, SourceMap)>) {
        self.embedded.get_or_init(|| {
            let found = find().into_iter().map(|(at, text, map)| {
                let path = self.get(at.source).path.clone();
                Embedded { source: Source { lines: LineIndex::new(&text), path, text, replaced: None }, at, map }
            });
            found.collect()
        });
    }

    /// The texts inside others, in the order they were found.
    pub(crate) fn embedded(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        let all = self.embedded.get().map_or(&[][..], Vec::as_slice);
        (self.files.len()..).zip(all).map(|(index, embedded)| (source_id(index), &embedded.source))
    }

    /// What is known of a text inside another; `None` for a file.
    pub(crate) fn embedded_text(&self, id: SourceId) -> Option<&Embedded> {
        self.embedded.get()?.get((id.0 as usize).checked_sub(self.files.len())?)
    }

    /// The text that a value of a file holds.
    #[must_use]
    pub fn embedded_at(&self, at: Location) -> Option<SourceId> {
        let index = self.embedded.get()?.iter().position(|embedded| embedded.at == at)?;
        Some(source_id(self.files.len() + index))
    }

    /// Where something stands for people: in a text inside another file, the place in that file.
    #[must_use]
    pub fn origin(&self, at: Location) -> Location {
        match self.embedded_text(at.source) {
            None => at,
            Some(embedded) => {
                let host = embedded.at.source;
                Location::new(host, embedded.map.span(at.span.range()).clamp(self.get(host).text()))
            }
        }
    }

    /// The id of a name.
    #[must_use]
    pub fn id(&self, path: &str) -> Option<SourceId> {
        self.by_path.get(&normalise(path)).copied()
    }

    /// Every text, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.by_path.values().map(|&id| (id, self.get(id)))
    }

    /// Names known without a text, in order, with the reason.
    pub fn unread(&self) -> impl Iterator<Item = (&str, &Unread)> {
        self.unread.iter().map(|(path, why)| (path.as_str(), why))
    }

    /// Every known name, read or not.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let mut all: Vec<&str> = self.by_path.keys().chain(self.unread.keys()).map(String::as_str).collect();
        all.sort_unstable();
        all.into_iter()
    }

    /// Whether the name is known, read or not.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        let path = normalise(path);
        self.by_path.contains_key(&path) || self.unread.contains_key(&path)
    }

    /// Whether the name is a file, or a folder with files in it.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let path = normalise(path);
        let below = format!("{path}/");
        self.by_path.contains_key(&path)
            || self.unread.contains_key(&path)
            || self.by_path.range(below.clone()..).next().is_some_and(|(name, _)| name.starts_with(&below))
            || self.unread.range(below.clone()..).next().is_some_and(|(name, _)| name.starts_with(&below))
    }

    /// How many texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text under a location.
    #[must_use]
    pub fn slice(&self, at: Location) -> &str {
        at.span.slice(self.get(at.source).text())
    }
}

fn source_id(index: usize) -> SourceId {
    SourceId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// A name as it is kept: `/` between parts, no `.`, no empty part, `..` resolved where it can be.
#[must_use]
pub fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `name` as seen from the folder `base`, both normalised: what a relative path in a file in `base` means.
#[must_use]
pub fn join(base: &str, name: &str) -> String {
    if base.is_empty() { normalise(name) } else { normalise(&format!("{base}/{name}")) }
}

/// The folder of a name; `""` for a name at the top.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a name.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        assert_eq!(normalise("./a//b/../c\\d"), "a/c/d");
        assert_eq!(normalise("../x"), "../x");
        assert_eq!(join("docker/php", "../nginx/a.conf"), "docker/nginx/a.conf");
        assert_eq!(folder("a/b"), "a");
        assert_eq!(file_name("b"), "b");
    }

    #[test]
    fn what_is_not_text_is_kept_by_name() {
        let mut sources = Sources::new();
        sources.add_bytes("a.png", b"\x89PNG\0");
        sources.add_bytes("Dockerfile", b"FROM a\nRUN \xff\n");
        sources.add("huge", "x".repeat(MAX_BYTES + 1));
        assert_eq!(sources.len(), 1);
        assert!(sources.knows("a.png") && sources.knows("huge"));
        let id = sources.id("./Dockerfile").unwrap();
        assert_eq!(sources.get(id).first_replaced(), Some(11));
    }
}

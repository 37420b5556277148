//! How large the page is. What is downloaded before the first finding is held to a limit.

use crate::say;
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a first visit should download at most, compressed with gzip.
pub const GOAL_GZIP: u64 = 450 * 1024;

/// What it may download. Raised on purpose only, with the reason in the commit; lowered whenever the page got smaller.
pub const MOST_GZIP: u64 = 2080 * 1024;

/// One file of the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Size {
    /// Its address from the page.
    pub name: String,
    /// As it is.
    pub raw: u64,
    /// Whether it is fetched only when it is needed.
    pub later: bool,
    /// As gzip makes it, where there is a gzip.
    pub gzip: Option<u64>,
}

/// Every file of the page that a first visit downloads.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sizes {
    /// By name.
    pub files: Vec<Size>,
}

impl Sizes {
    /// Measures a folder. What belongs to `lazy` modules is fetched later, if at all, and does not count.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of(folder: &Path, lazy: &[String]) -> Result<Self> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path
                    .extension()
                    .is_some_and(|ending| ["html", "js", "css", "wasm", "json"].iter().any(|kind| ending == *kind))
                {
                    let name = path.strip_prefix(folder)?.display().to_string();
                    let later = lazy.iter().any(|module| name.starts_with(module.as_str()));
                    files.push(Size { later, name, raw: fs::metadata(&path)?.len(), gzip: gzip(&path) });
                }
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { files })
    }

    /// Compressed bytes of the whole; `None` where there is no gzip.
    #[must_use]
    pub fn gzip(&self) -> Option<u64> {
        self.files.iter().filter(|file| !file.later).map(|file| file.gzip).sum()
    }

    /// Refuses a page that outgrew its limit.
    ///
    /// # Errors
    /// When it is too large.
    pub fn check(&self) -> Result<()> {
        match self.gzip() {
            Some(bytes) if bytes > MOST_GZIP => {
                bail!("the page takes {bytes} bytes compressed, {} more than it may", bytes - MOST_GZIP)
            }
            Some(bytes) if bytes > GOAL_GZIP => {
                say(format!("the page takes {bytes} bytes compressed; the goal is {GOAL_GZIP}, the limit {MOST_GZIP}"));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let cell = |bytes: Option<u64>| bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        let raw = self.files.iter().filter(|file| !file.later).map(|file| file.raw).sum();
        let total = Size { name: "first visit".to_owned(), raw, later: false, gzip: self.gzip() };
        let rows = self.files.iter().chain([&total]).map(|file| {
            format!(
                "{:>10} {:>10}  {}{}\n",
                file.raw,
                cell(file.gzip),
                file.name,
                if file.later { " (later)" } else { "" }
            )
        });
        format!("{:>10} {:>10}\n{}", "bytes", "gzip", rows.collect::<String>())
    }
}

/// Asks the gzip on this machine: a compressor as a dependency would be compiled by everyone to print one number.
fn gzip(path: &Path) -> Option<u64> {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(path).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output.stdout.len() as u64)
}

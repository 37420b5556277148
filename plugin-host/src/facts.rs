//! Facts from files: the advisories that this program carries along, and what `--facts` and `--eol-file` name.

use plimsoll_core::facts::advisories::{self, Pack};
use plimsoll_core::facts::{Facts, FactsError};
use plimsoll_core::source::Sources;
use plimsoll_core::text::visible;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The advisories of this version.
pub const ADVISORIES: &str = include_str!("../../core/data/advisories.json");

/// Why facts cannot be used.
#[derive(Debug)]
pub enum LoadError {
    /// A file or folder cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A file has a fault.
    Fault(PathBuf, FactsError),
    /// A folder has no file of a known name.
    Nothing(PathBuf),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| visible(&path.display().to_string());
        match self {
            Self::Unreadable(path, error) => write!(f, "the facts {} could not be read: {error}", shown(path)),
            Self::Fault(path, error) => write!(f, "{}:{error}", shown(path)),
            Self::Nothing(path) => {
                write!(f, "{} holds no eol.json, images.json or advisories.json; name a folder that does", shown(path))
            }
        }
    }
}

impl std::error::Error for LoadError {}

/// The facts of a run: the built-in ones, the advisories when something asks for them, then what was named, in its order.
///
/// # Errors
/// When a named file cannot be read or has a fault.
pub fn load(paths: &[PathBuf], eol_files: &[PathBuf], sources: &Sources) -> Result<Facts, LoadError> {
    let mut facts = Facts::default();
    if sources.iter().any(|(_, source)| advisories::is_wanted_for(source.path()))
        && let Ok(pack) = Pack::parse(ADVISORIES)
    {
        facts = facts.with_advisories(pack);
    }
    for path in paths {
        if !path.is_dir() {
            read(path, |text| facts.read(&name(path), text))?;
            continue;
        }
        let entries = fs::read_dir(path).map_err(|error| LoadError::Unreadable(path.clone(), error))?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.is_file() && file.extension().is_some_and(|ending| ending == "json"));
        files.sort();
        if files.is_empty() {
            return Err(LoadError::Nothing(path.clone()));
        }
        for file in files {
            read(&file, |text| facts.read(&name(&file), text))?;
        }
    }
    for path in eol_files {
        read(path, |text| facts.read_eol(&name(path), text))?;
    }
    Ok(facts)
}

fn read(path: &Path, take: impl FnOnce(&str) -> Result<(), FactsError>) -> Result<(), LoadError> {
    let text = fs::read_to_string(path).map_err(|error| LoadError::Unreadable(path.to_path_buf(), error))?;
    take(&text).map_err(|error| LoadError::Fault(path.to_path_buf(), error))
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test says so by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_carried_advisories_are_those_of_the_core() {
        assert_eq!(advisories::digest(ADVISORIES), advisories::BUILT_IN_DIGEST);
        let mut sources = Sources::new();
        assert!(load(&[], &[], &sources).unwrap().advisories().is_none());
        sources.add("app/composer.lock", "{}");
        let facts = load(&[], &[], &sources).unwrap();
        assert!(
            facts.advisories().unwrap().affected("laravel/framework", "v11.20.0").any(|one| one.id == "CVE-2024-52301")
        );
    }
}

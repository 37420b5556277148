//! What a command about a plug-in is pointed at: its folder, which is built first, or a finished file.

use super::build;
use crate::plugin::source::read;
use crate::plugin::{Limits, PluginError};
use std::path::{Path, PathBuf};

/// A plug-in, and where its author's files are.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The component.
    pub bytes: Vec<u8>,
    /// The folder of its sources and fixtures.
    pub folder: PathBuf,
    /// What is said of the build, when it was built for this.
    pub built: Option<build::Built>,
}

impl Subject {
    /// Something in its folder, as people write it.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        if self.folder == Path::new(".") { PathBuf::from(name) } else { self.folder.join(name) }
    }
}

/// Why there is nothing to look at.
#[derive(Debug)]
pub enum SubjectError {
    /// The file is none.
    File(PluginError),
    /// It cannot be built.
    Build(anyhow::Error),
}

/// Builds a folder, or reads a file.
///
/// # Errors
/// When it cannot be built or read.
pub fn subject(path: &Path) -> Result<Subject, SubjectError> {
    if path.is_dir() {
        let (bytes, built) = build::component(path).map_err(SubjectError::Build)?;
        return Ok(Subject { bytes, folder: path.to_path_buf(), built: Some(built) });
    }
    let bytes = read(path, Limits::default().file_bytes).map_err(SubjectError::File)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Subject { bytes, folder: folder.to_path_buf(), built: None })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.wasm");
        std::fs::write(&file, b"\0asm").unwrap();
        let found = subject(&file).unwrap();
        assert_eq!((found.bytes.as_slice(), found.folder.as_path()), (b"\0asm".as_slice(), folder.path()));
        assert_eq!(found.beside("tests"), folder.path().join("tests"));
        assert_eq!(Subject { folder: ".".into(), ..found }.beside("tests"), Path::new("tests"));
        assert!(matches!(read(&file, 3), Err(PluginError::TooLarge { bytes: 4, limit: 3 })));
        assert!(matches!(subject(&folder.path().join("b.wasm")), Err(SubjectError::File(PluginError::Unreadable(_)))));
        assert!(matches!(subject(folder.path()), Err(SubjectError::Build(_))));
    }
}

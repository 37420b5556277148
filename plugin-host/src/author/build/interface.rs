//! What the compilers of other languages are given: the interface as WIT.

use anyhow::{Context as _, Result};
use plimsoll_core::text::visible;
use plimsoll_plugin_abi as abi;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Lines of a compiler's output that are worth showing: its errors stand at the end.
const LINES: usize = 40;

/// The folder with the interface's WIT.
pub(super) struct Wit(PathBuf);

impl Wit {
    /// The plug-in's own, as `plimsoll plugin new` put it there; without one, this version's, written to a scratch folder.
    pub(super) fn of(plugin: &Path, scratch: &Path) -> Result<Self> {
        let own = plugin.join("wit");
        if own.is_dir() {
            return Ok(Self(own));
        }
        let folder = scratch.join("wit");
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join("plimsoll-plugin.wit"), abi::WIT))
            .context("the interface could not be written to a temporary folder")?;
        Ok(Self(folder))
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

/// The end of what a compiler printed, safe for a terminal.
pub(super) fn said(run: &Output) -> String {
    let text = [run.stdout.as_slice(), run.stderr.as_slice()].map(String::from_utf8_lossy).concat();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
    last.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

    use super::*;

    #[test]
    fn a_plug_in_may_bring_the_interface() {
        let (plugin, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ours = Wit::of(plugin.path(), scratch.path()).unwrap();
        assert_eq!(std::fs::read_to_string(ours.path().join("plimsoll-plugin.wit")).unwrap(), abi::WIT);
        std::fs::create_dir(plugin.path().join("wit")).unwrap();
        assert_eq!(Wit::of(plugin.path(), scratch.path()).unwrap().path(), plugin.path().join("wit"));
    }

    #[cfg(unix)]
    #[test]
    fn the_end_of_the_output_is_shown() {
        use std::os::unix::process::ExitStatusExt as _;
        let stdout = (0..100).map(|line| format!("line {line}\n\n")).collect::<String>().into_bytes();
        let output =
            Output { status: std::process::ExitStatus::from_raw(0), stdout, stderr: b"\x1b[31merror\n".to_vec() };
        let said = said(&output);
        assert!(said.starts_with("line 61\n") && said.ends_with("error"), "{said}");
        assert!(!said.contains('\x1b'), "{said}");
    }
}
